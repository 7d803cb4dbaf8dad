"""Certificates that were revoked, and keys that were renewed, while a listener runs."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import socket
import ssl
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import Community, ConfigurationError, Manager, TlsOptions, Tsm
from snmptcp.errors import TlsFailed, TlsFailure
from snmptcp.listener import NotificationListener
from snmptcp.net.tls import CertificateMap, ClientTls, ServerTls, TlsSession
from snmptcp.sync import SyncManager
from tests.support.attacker import ENGINE_A, TRAP_V2, RawConnection, notification, pdu, scoped_pdu, tsm_message
from tests.support.certificates import Authority, Issued, certificates
from tests.support.tls import FRAME, TlsServer, connect

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.anyio

C = certificates()
HERE = "127.0.0.1"
TRAP = tsm_message(
    scoped_pdu(pdu(TRAP_V2, 7, notification("1.3.6.1.6.3.1.1.5.3")), context_engine_id=ENGINE_A), message_id=7
)
VERSIONS = ["1.2", "1.3"]


def put(file: Path, text: str) -> None:
    """Replace a file as a renewal does: in one step."""
    new = file.with_name(f"{file.name}.new")
    new.write_text(text)
    new.chmod(0o600)
    new.replace(file)


class Files:
    """The files of a listener, and the client that its revocation list may name."""

    def __init__(self, folder: Path) -> None:
        self.certificate, self.key = folder / "own.pem", folder / "own.key"
        self.authority, self.crl = folder / "ca.pem", folder / "crl.pem"
        self.renew(C.server)
        put(self.authority, C.ca_pem)
        put(self.crl, C.authority.crl_pem())

    def renew(self, issued: Issued) -> None:
        put(self.certificate, issued.chain_pem)
        put(self.key, issued.key_pem)

    def options(self, **more: Any) -> TlsOptions:
        return TlsOptions(
            certificate=self.certificate,
            key=self.key,
            ca_file=self.authority,
            crl=self.crl,
            certificate_maps=(CertificateMap(C.client.fingerprint, name="device"),),
            **more,
        )


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def client_context(folder: Path, version: str = "1.3") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = context.maximum_version = (
        ssl.TLSVersion.TLSv1_2 if version == "1.2" else ssl.TLSVersion.TLSv1_3
    )
    context.load_verify_locations(cadata=C.ca_pem)
    put(folder / "client.pem", C.client.pem)
    context.load_cert_chain(folder / "client.pem")
    return context


async def until(condition: Callable[[], object]) -> None:
    """Let the loop run until something is so; the test's own time limit ends it otherwise."""
    while not condition():
        await asyncio.sleep(0)


async def certificate_of(listener: NotificationListener, context: ssl.SSLContext) -> bytes:
    """Return the certificate that a listener shows to a new connection, after the listener has accepted that."""
    accepted = listener.connections
    async with await RawConnection.open(HERE, listener.port, ssl=context) as connection:
        await until(lambda: listener.connections > accepted)
        shown: bytes = connection.writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    await until(lambda: listener.connections == accepted)
    return shown


async def is_refused(listener: NotificationListener, context: ssl.SSLContext) -> bool:
    """Return whether the listener refuses a new connection's handshake."""
    failed = listener.statistics.failed_handshakes
    accepted = listener.connections

    def dial() -> socket.socket:
        plain = socket.create_connection((HERE, listener.port))
        try:
            return context.wrap_socket(plain, server_hostname=HERE)
        except OSError:
            return plain

    with await asyncio.to_thread(dial):
        await until(lambda: listener.statistics.failed_handshakes > failed or listener.connections > accepted)
        refused = listener.statistics.failed_handshakes > failed
    await until(lambda: listener.connections == accepted)
    return refused


def listen(tls: TlsOptions) -> NotificationListener:
    return NotificationListener(HERE, 0, credentials=Tsm(), tls=tls)


# ------------------------------------------------------------------------------------- on request


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_revoked_sender_gets_in_no_more_after_reload(files: Files, tmp_path: Path, version: str) -> None:
    context = client_context(tmp_path, version)
    async with (
        listen(files.options()) as listener,
        await RawConnection.open(HERE, listener.port, ssl=context) as established,
    ):
        established.send(TRAP)
        await anext(listener)
        put(files.crl, C.authority.crl_pem(C.client))
        assert not await is_refused(listener, context)  # not read yet
        listener.reload()
        assert await is_refused(listener, context)
        established.send(TRAP)  # what is established stays
        await anext(listener)


async def test_a_tls_session_from_before_a_reload_is_not_resumed(files: Files, tmp_path: Path) -> None:
    context = client_context(tmp_path, "1.2")
    context.check_hostname = False
    tls = ServerTls(TlsOptions(certificate=files.certificate, key=files.key))  # no certificates, so it resumes

    def shake(session: ssl.SSLSession | None) -> tuple[ssl.SSLSession | None, bool]:
        ours = (ssl.MemoryBIO(), ssl.MemoryBIO())
        client = context.wrap_bio(*ours, session=session)
        server = tls.next_context().wrap_bio(ours[1], ours[0], server_side=True)
        ends = [client, server]
        while ends:
            for end in tuple(ends):
                try:
                    end.do_handshake()
                    ends.remove(end)
                except ssl.SSLWantReadError:
                    pass
        return client.session, bool(server.session_reused)

    session, _ = shake(None)
    assert session is not None
    assert shake(session)[1]
    tls.reload()
    assert not shake(session)[1]
    session, _ = shake(None)
    put(files.crl, C.authority.crl_pem(C.client))
    tls.reload(files.options())
    with pytest.raises(ssl.SSLError, match="(?i)revoked"):
        shake(session)


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_revoked_client_does_not_get_in_with_a_session_from_before_the_reload(
    files: Files, version: str
) -> None:
    """Over TLS 1.2 a server that verifies clients takes sessions up by their ids, without a look at its lists."""
    versions: dict[str, Any] = {"minimum_version": version, "maximum_version": version}
    async with TlsServer(files.options(**versions)) as server:
        tls = ClientTls(TlsOptions(ca_pem=C.ca_pem, certificate=C.client.pem, **versions), HERE)
        await once(server, tls)
        assert (await once(server, tls))[1].resumed is (version == "1.2")
        assert server.server.tls is not None
        server.server.tls.reload()
        assert not (await once(server, tls))[1].resumed
        put(files.crl, C.authority.crl_pem(C.client))
        server.server.tls.reload()
        with contextlib.suppress(TlsFailed):  # over TLS 1.3 the client may learn it later
            late = await connect(tls, HERE, server.server.port)
            await late.end()
        await server.until(lambda: server.failed)
        assert [failed.failure for failed in server.failed] == [TlsFailure.REVOKED]


async def test_a_renewed_certificate_and_a_new_authority_are_used_after_reload(files: Files, tmp_path: Path) -> None:
    context = client_context(tmp_path)
    renewed = C.authority.issue("renewed", *_names_of(C.server))
    async with listen(files.options()) as listener:
        assert await certificate_of(listener, context) == C.server.der
        files.renew(renewed)
        listener.reload()
        assert await certificate_of(listener, context) == renewed.der
        put(files.authority, Authority("another").pem)
        listener.reload()
        assert await is_refused(listener, context)


def _names_of(issued: Issued) -> Any:
    from cryptography import x509

    return tuple(issued.certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)


BREAKAGES: dict[str, tuple[Callable[[Files], None], str]] = {
    "a key of another certificate": (lambda files: put(files.key, C.client.key_pem), "own.pem"),
    "a certificate of another key": (lambda files: put(files.certificate, C.client.chain_pem), "own.pem"),
    "half a certificate": (lambda files: put(files.certificate, C.server.chain_pem[:300]), "own.pem"),
    "an empty key": (lambda files: put(files.key, ""), "own.key"),
    "no key": (lambda files: files.key.unlink(), "own.key"),
    "half a list": (lambda files: put(files.crl, C.authority.crl_pem()[:100]), "crl.pem"),
    "no list": (lambda files: files.crl.unlink(), "crl.pem"),
    "an empty authority": (lambda files: put(files.authority, ""), "ca.pem"),
}


@pytest.mark.parametrize("breakage", BREAKAGES)
async def test_broken_files_are_refused_by_name_and_the_old_ones_stay_in_force(
    files: Files, tmp_path: Path, breakage: str
) -> None:
    context = client_context(tmp_path)
    break_it, name = BREAKAGES[breakage]
    async with listen(files.options()) as listener:
        break_it(files)
        with pytest.raises(ConfigurationError, match=name):
            listener.reload()
        assert await certificate_of(listener, context) == C.server.der


async def test_there_is_nothing_to_reload_without_files(tmp_path: Path) -> None:
    put(tmp_path / "own.pem", C.server.pem)
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(tmp_path / "own.pem")
    for tls, words in ((None, "has no TLS"), (own, "an ssl.SSLContext is used as it is")):
        listener = NotificationListener(HERE, 0, credentials=Community("public"), tls=tls)
        with pytest.raises(ConfigurationError, match=words):
            listener.reload()


# --------------------------------------------------------------------------------------- by change


async def test_changed_files_are_used_by_the_next_handshake(files: Files, tmp_path: Path) -> None:
    context = client_context(tmp_path)
    async with listen(files.options(reload_on_change=True)) as listener:
        assert not await is_refused(listener, context)
        put(files.crl, C.authority.crl_pem(C.client))
        assert await is_refused(listener, context)
        put(files.crl, C.authority.crl_pem())
        assert not await is_refused(listener, context)


async def test_half_a_renewal_is_not_used_and_the_whole_is(
    files: Files, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "snmptcp.tls")
    context = client_context(tmp_path)
    renewed = C.authority.issue("renewed", *_names_of(C.server))
    async with listen(files.options(reload_on_change=True)) as listener:
        put(files.certificate, renewed.chain_pem)
        for _ in range(3):
            assert await certificate_of(listener, context) == C.server.der
        put(files.key, renewed.key_pem)
        assert await certificate_of(listener, context) == renewed.der
    told = [record.getMessage() for record in caplog.records if record.name == "snmptcp.tls"]
    assert len(told) == 2
    assert "own.pem: the key does not belong to the certificate" in told[0]


async def test_files_are_not_read_again_unless_asked_for(files: Files, tmp_path: Path) -> None:
    context = client_context(tmp_path)
    async with listen(files.options()) as listener:
        put(files.crl, C.authority.crl_pem(C.client))
        assert not await is_refused(listener, context)


# ----------------------------------------------------------------------------------------- clients


async def once(server: TlsServer, tls: ClientTls) -> tuple[TlsSession, TlsSession]:
    """Connect; return what the client and the server know of the session."""
    client = await connect(tls, HERE, server.server.port)
    assert await client.echo() == FRAME
    mine, theirs = client.session, server.opened[-1].tls
    await client.aclose()
    assert mine is not None
    assert theirs is not None
    return mine, theirs


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_client_uses_its_renewed_certificate_in_a_full_handshake(tmp_path: Path, version: str) -> None:
    own = tmp_path / "client.pem"
    put(own, C.client.pem)
    versions = {"minimum_version": version, "maximum_version": version}
    server_options = TlsOptions(certificate=C.server.pem, **versions)  # type: ignore[arg-type]
    async with TlsServer(server_options) as server:
        tls = ClientTls(TlsOptions(ca_pem=C.ca_pem, certificate=own, **versions), HERE)  # type: ignore[arg-type]
        await once(server, tls)
        assert (await once(server, tls))[0].resumed
        tls.reload()
        assert not (await once(server, tls))[0].resumed
    asking = TlsOptions(certificate=C.server.pem, ca_pem=C.ca_pem, **versions)  # type: ignore[arg-type]
    async with TlsServer(asking) as server:
        put(own, C.other_client.pem)
        assert (await once(server, tls))[1].peer_certificate == C.client.der
        tls.reload()
        assert (await once(server, tls))[1].peer_certificate == C.other_client.der
        put(own, "")
        with pytest.raises(ConfigurationError, match=r"client\.pem"):
            tls.reload()
        assert (await once(server, tls))[1].peer_certificate == C.other_client.der


async def test_a_client_uses_changed_files_for_its_next_connection(tmp_path: Path) -> None:
    own = tmp_path / "client.pem"
    put(own, C.client.pem)
    async with TlsServer(TlsOptions(certificate=C.server.pem, ca_pem=C.ca_pem)) as server:
        tls = TlsOptions(ca_pem=C.ca_pem, certificate=own, reload_on_change=True)
        seen = []
        async with Manager(HERE, server.server.port, credentials=Community("public"), tls=tls) as manager:
            for issued in (C.client, C.other_client):
                put(own, issued.pem)
                await manager.connect()
                await until(lambda: server.server.connections)
                (connection,) = server.server.connections
                assert connection.tls is not None
                seen.append(connection.tls.peer_certificate)
                connection.reset()
                await until(lambda: not manager.connected)
        assert seen == [C.client.der, C.other_client.der]


def test_managers_reload_and_say_if_there_is_nothing_to_reload(tmp_path: Path) -> None:
    own = tmp_path / "client.pem"
    put(own, C.client.pem)
    Manager(HERE, credentials=Community("public"), tls=TlsOptions(certificate=own)).reload_tls()
    with pytest.raises(ConfigurationError, match="has no TLS"):
        Manager(HERE, credentials=Community("public")).reload_tls()
    with SyncManager(HERE, credentials=Community("public"), tls=TlsOptions(certificate=own)) as manager:
        put(own, "")
        with pytest.raises(ConfigurationError, match=r"client\.pem"):
            manager.reload_tls()


# ----------------------------------------------------------------------------------------- others


OPENSSL = shutil.which("openssl")


@pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")
async def test_openssl_sees_the_renewed_certificate_and_that_it_was_revoked(files: Files, tmp_path: Path) -> None:
    client_context(tmp_path)  # writes client.pem

    def ask(port: int) -> str:
        done = subprocess.run(
            [
                *(str(OPENSSL), "s_client", "-connect", f"{HERE}:{port}", "-CAfile", str(files.authority)),
                *("-cert", str(tmp_path / "client.pem"), "-tls1_2", "-brief"),
            ],
            input=b"",
            capture_output=True,
            timeout=30,
            check=False,
        )
        return (done.stdout + done.stderr).decode()

    async with listen(files.options()) as listener:
        assert "CN = agent" in (said := await asyncio.to_thread(ask, listener.port)).replace(
            "CN=agent", "CN = agent"
        ), said
        files.renew(C.authority.issue("renewed", *_names_of(C.server)))
        listener.reload()
        assert "renewed" in await asyncio.to_thread(ask, listener.port)
        put(files.crl, C.authority.crl_pem(C.client))
        listener.reload()
        assert "certificate revoked" in await asyncio.to_thread(ask, listener.port)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGHUP")
async def test_a_hangup_makes_the_command_read_its_files_again(files: Files, tmp_path: Path) -> None:
    import signal

    context = client_context(tmp_path)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "snmptcp", "listen", f"tlstcp:{HERE}", "--port", "0", "--tls-ca", str(files.authority)),
        *("--tls-cert", str(files.certificate), "--tls-key", str(files.key), "-c", "public"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        port = int((await process.stderr.readline()).split(b":")[2].split()[0])

        async def shown() -> bytes:
            async with await RawConnection.open(HERE, port, ssl=context) as connection:
                found: bytes = connection.writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
                return found

        assert await shown() == C.server.der
        renewed = C.authority.issue("renewed", *_names_of(C.server))
        put(files.certificate, renewed.chain_pem)
        process.send_signal(signal.SIGHUP)
        said = (await process.stderr.readline()).decode()
        assert said.startswith("snmptcp: the files of TLS were not read again, and the old ones stay in force: ")
        assert await shown() == C.server.der
        put(files.key, renewed.key_pem)
        process.send_signal(signal.SIGHUP)
        assert await process.stderr.readline() == b"snmptcp: the files of TLS were read again\n"
        assert await shown() == renewed.der
        process.send_signal(signal.SIGTERM)
        await process.communicate()
        assert process.returncode == 0
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
