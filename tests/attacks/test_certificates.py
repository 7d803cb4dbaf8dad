"""A peer with the wrong certificate, with none, or with one that says more than an authority has checked."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509

from snmptcp import Community, Manager, SecurityLevel, TlsOptions, Tsm
from snmptcp.errors import TlsFailed, TlsFailure
from snmptcp.listener import NotificationListener
from tests.support.attacker import (
    ENGINE_A,
    TRAP_V2,
    HostileEngine,
    HostileServer,
    RawConnection,
    notification,
    pdu,
    scoped_pdu,
    tsm_message,
)
from tests.support.certificates import Issued, certificates
from tests.support.tls import TlsServer

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.anyio

C = certificates()
HERE = "127.0.0.1"
OF_A = Tsm(context_engine_id=ENGINE_A)
SYS_NAME = "1.3.6.1.2.1.1.5.0"
TRAP = tsm_message(
    scoped_pdu(pdu(TRAP_V2, 7, notification("1.3.6.1.6.3.1.1.5.3")), context_engine_id=ENGINE_A), message_id=7
)


def server_context(issued: Issued, tmp_path: Any) -> ssl.SSLContext:
    """Return the context of a server that has nothing of the library's."""
    file = tmp_path / "hostile.pem"
    file.write_text(issued.pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


async def until(condition: Callable[[], object]) -> None:
    """Let the loop run until something is so; the test's own time limit ends it otherwise."""
    while not condition():
        await asyncio.sleep(0)


# ------------------------------------------------------------------------------ no verified identity


@pytest.mark.parametrize(
    "trust",
    [{"verify": False}, {"ca_pem": C.ca_pem, "check_host_name": False}],
    ids=["not verified", "name not checked"],
)
async def test_an_agent_whose_name_was_not_proved_has_no_security_name_and_its_traps_are_refused(
    tmp_path: Any, trust: dict[str, Any]
) -> None:
    engine = HostileEngine(engine_id=ENGINE_A)

    def script(connection: RawConnection, octets: bytes) -> list[bytes]:
        return [engine.honest(octets) or b"", TRAP]

    async with (
        HostileServer(script, ssl=server_context(C.elsewhere, tmp_path)) as server,
        Manager(server.host, server.port, credentials=OF_A, tls=TlsOptions(**trust)) as manager,
    ):
        stream = manager.notifications()
        await manager.get(SYS_NAME)
        await until(lambda: manager.notification_statistics.messages >= 1)
        assert manager.notification_statistics.refused == {
            "tsm_invalid_caches": manager.notification_statistics.messages
        }
        assert manager.tls is not None
        assert manager.tls.verified is ("verify" not in trust)
        assert manager.tls.verified_name is None
        await manager.aclose()
        assert [found async for found in stream] == []


async def test_an_agent_whose_name_was_proved_may_notify(tmp_path: Any) -> None:
    engine = HostileEngine(engine_id=ENGINE_A)

    def script(connection: RawConnection, octets: bytes) -> list[bytes]:
        return [engine.honest(octets) or b"", TRAP]

    async with (
        HostileServer(script, ssl=server_context(C.server, tmp_path)) as server,
        Manager(server.host, server.port, credentials=OF_A, tls=TlsOptions(ca_pem=C.ca_pem)) as manager,
    ):
        stream = manager.notifications()
        await manager.get(SYS_NAME)
        trap = await anext(stream)
        assert (trap.security_name, trap.security_level) == (b"127.0.0.1", SecurityLevel.authPriv)


@pytest.mark.parametrize("own_context", [False, True], ids=["options", "own context"])
async def test_a_sender_without_a_verified_certificate_has_no_security_name(tmp_path: Any, own_context: bool) -> None:
    tls: Any = server_context(C.server, tmp_path)
    if not own_context:
        tls = TlsOptions(certificate=C.server.pem, verify=False)
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.load_verify_locations(cadata=C.ca_pem)
    identity = tmp_path / "client.pem"
    identity.write_text(C.client.pem)
    trusting.load_cert_chain(identity)
    async with (
        NotificationListener(HERE, 0, credentials=(Tsm(), Community("public")), tls=tls) as listener,
        await RawConnection.open(HERE, listener.port, ssl=trusting) as sender,
    ):
        sender.send(TRAP)
        await until(lambda: listener.statistics.refused)
        assert listener.statistics.refused == {"tsm_invalid_caches": 1}
        assert listener.statistics.notifications == 0


# ---------------------------------------------------------------------------------------- common names


async def connect_to(issued: Issued, **options: Any) -> TlsFailure | None:
    """Return why a manager refuses an agent that it dials as ``localhost``; ``None`` if it does not."""
    async with TlsServer(TlsOptions(certificate=issued.pem)) as server:
        tls = TlsOptions(ca_pem=C.ca_pem, **options)
        async with Manager("localhost", server.server.port, credentials=Community("public"), tls=tls) as manager:
            try:
                await manager.connect()
            except TlsFailed as failed:
                return failed.failure
            finally:
                assert server.messages == []
    return None


async def test_a_common_name_is_no_host_name() -> None:
    assert await connect_to(C.authority.issue("localhost")) is TlsFailure.HOST_NAME


async def test_a_common_name_is_a_host_name_on_request() -> None:
    assert await connect_to(C.authority.issue("localhost"), accept_common_name=True) is None


async def test_a_common_name_never_counts_beside_a_subject_alternative_name() -> None:
    issued = C.authority.issue("localhost", x509.DNSName("elsewhere.test"))
    assert await connect_to(issued, accept_common_name=True) is TlsFailure.HOST_NAME
