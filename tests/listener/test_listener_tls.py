"""The notification listener over TLS: security names from certificates; otherwise the same as over TCP."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import TYPE_CHECKING

import pytest

from snmptcp import Community, TlsOptions, Tsm
from snmptcp.codec.message import MsgFlags, V3Message, decode_message
from snmptcp.codec.pdu import Pdu, PduType
from snmptcp.errors import ConnectFailed
from snmptcp.listener import NotificationListener
from snmptcp.net.tls import CertificateMap, ClientTls
from snmptcp.oid import OID
from snmptcp.values import Null, VarBind
from tests.support.certificates import certificates
from tests.support.rawclient import RawClient
from tests.support.senders import acknowledged, inform, notification_pdu, trap, tsm_message
from tests.support.tls import connect, options

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tests.support.certificates import Issued
    from tests.support.tls import Client

pytestmark = pytest.mark.anyio

C = certificates()
LOCAL = bytes.fromhex("8000000006")


def server_tls(*maps: CertificateMap) -> TlsOptions:
    return TlsOptions(
        certificate=C.server.chain_pem, key=C.server.key_pem, ca_pem=C.ca_pem, certificate_maps=tuple(maps)
    )


DEVICE = CertificateMap(C.client.fingerprint, name="device")


def listen(tls: TlsOptions, **options: Any) -> NotificationListener:
    return NotificationListener("127.0.0.1", 0, **{"credentials": Tsm(), "tls": tls, **options})


async def sender(listener: NotificationListener, who: Issued = C.client) -> Client:
    tls = TlsOptions(ca_pem=C.ca_pem, certificate=who.chain_pem, key=who.key_pem)
    return await connect(ClientTls(tls, "127.0.0.1"), *listener.addresses[0])


async def until(condition: Callable[[], object]) -> None:
    """Let the loop run until something is so; the test's own time limit ends it otherwise."""
    while not condition():
        await asyncio.sleep(0)


async def test_a_sender_is_called_what_its_certificate_says():
    async with listen(server_tls(DEVICE)) as listener:
        client = await sender(listener)
        client.transport.write(tsm_message(notification_pdu()))
        notification = await anext(listener)
        assert notification.security_name == b"device"
        assert notification.engine_id is None
        await client.aclose()


async def test_an_inform_is_acknowledged_over_the_same_session():
    async with listen(server_tls(DEVICE)) as listener:
        client = await sender(listener)
        message = tsm_message(notification_pdu(PduType.INFORM, 4711), flags=7)
        answer = decode_message(await client.echo(message))  # an acknowledgement is as long as its inform
        assert isinstance(answer, V3Message)
        assert answer.scoped_pdu is not None
        assert isinstance(answer.scoped_pdu.pdu, Pdu)
        assert answer.scoped_pdu.pdu.type is PduType.RESPONSE
        assert answer.scoped_pdu.pdu.request_id == 4711
        await client.aclose()


async def test_senders_of_informs_may_ask_for_the_engine_id():
    name = OID("1.3.6.1.6.3.10.2.1.1.0")
    async with listen(server_tls(DEVICE)) as listener:
        client = await sender(listener)
        probe = Pdu(PduType.GET, 9, 0, 0, (VarBind(name, Null()),))
        client.transport.write(tsm_message(probe, flags=MsgFlags.REPORTABLE, context_engine_id=LOCAL))
        await until(lambda: client.received)
        answer = decode_message(client.received)
        assert isinstance(answer, V3Message)
        assert answer.scoped_pdu is not None
        assert answer.scoped_pdu.pdu.varbinds == (VarBind(name, answer.scoped_pdu.pdu.varbinds[0].value),)
        assert answer.scoped_pdu.pdu.varbinds[0].value == listener.engine_id
        await client.aclose()


async def test_without_maps_tsm_knows_no_peer():
    async with listen(server_tls(), credentials=[Tsm(), Community("public")]) as listener:
        client = await sender(listener)
        client.transport.write(tsm_message(notification_pdu()) + trap(7))
        assert (await anext(listener)).community == b"public"
        assert listener.statistics.refused == {"tsm_invalid_caches": 1}
        await client.aclose()


async def test_who_has_no_name_gets_no_session():
    async with listen(server_tls(DEVICE)) as listener:
        client = await sender(listener, C.other_client)
        client.transport.write(tsm_message(notification_pdu()))
        await client.end()
        await until(lambda: listener.statistics.failed_handshakes)
        assert listener.statistics.notifications == 0
        assert listener.connections == 0


async def test_a_certificate_of_another_authority_gets_no_session():
    async with listen(server_tls(DEVICE)) as listener:
        tls = TlsOptions(ca_pem=C.ca_pem, certificate=C.of_other_authority.chain_pem, key=C.of_other_authority.key_pem)
        try:
            client = await connect(ClientTls(tls, "127.0.0.1"), *listener.addresses[0])
        except ConnectFailed:
            pass  # TLS 1.2 refuses in the handshake, TLS 1.3 right after it
        else:
            await client.end()
        await until(lambda: listener.statistics.failed_handshakes)
        assert listener.connections == 0


async def test_snmp_without_tls_is_not_heard():
    async with listen(server_tls(), credentials=Community("public")) as listener:
        async with RawClient(*listener.addresses[0]) as client:
            client.send(inform())
            # Before the end there may be a TLS alert, but no message.
            while await client.reader.read(100):
                pass
        assert listener.statistics.failed_handshakes == 1
        assert listener.statistics.messages == 0


async def test_a_community_inside_of_tls_is_as_good_as_outside():
    async with listen(server_tls(), credentials=Community("public")) as listener:
        client = await sender(listener)
        assert acknowledged(await client.echo(inform(5))).request_id == 5
        await listener.aclose()
        await client.end()


async def test_a_flood_over_tls_waits_at_its_sender():
    async with listen(server_tls(DEVICE), queue_size=10) as listener:
        client = await sender(listener)
        client.transport.write(b"".join(tsm_message(notification_pdu(number=each)) for each in range(1, 2001)))
        await until(lambda: listener.waiting == 10)
        for expected in range(1, 2001):
            notification = await anext(listener)
            assert isinstance(notification.pdu, Pdu)
            assert notification.pdu.request_id == expected
            assert listener.waiting <= 10
        await client.aclose()


def test_the_port_is_that_of_rfc_6353():
    listener = NotificationListener(credentials=Tsm(), tls=server_tls(DEVICE))
    assert listener.addresses == (("", 10162),)


async def test_an_inform_that_comes_with_the_end_of_its_session_is_acknowledged_first() -> None:
    tls = TlsOptions(certificate=C.server.pem)
    async with NotificationListener("127.0.0.1", 0, credentials=Community("public"), tls=tls) as listener:
        host, port = listener.addresses[0]
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        trust = ClientTls(options("1.3", ca_pem=C.ca_pem), host)
        client = trust.context.wrap_bio(incoming, outgoing, server_hostname=trust.server_hostname)
        reader, writer = await asyncio.open_connection(host, port)
        while True:
            try:
                client.do_handshake()
                break
            except ssl.SSLWantReadError:
                writer.write(outgoing.read())
                incoming.write(await reader.read(65536))
        message = inform()
        client.write(message)
        with contextlib.suppress(ssl.SSLWantReadError):
            client.unwrap()
        writer.write(outgoing.read())  # the inform and close_notify, in one piece
        incoming.write(await asyncio.wait_for(reader.read(), 10))
        incoming.write_eof()
        assert acknowledged(client.read(65536))
        writer.close()
        await writer.wait_closed()
