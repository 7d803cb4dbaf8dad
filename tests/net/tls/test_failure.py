"""Every reason for which there is no TLS session: named on both sides, and nothing of SNMP is taken or sent.

Real handshakes over the loopback, each with TLS 1.2 and 1.3.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import socket
import ssl
from typing import Any

import pytest

from snmptcp.errors import ConnectFailed, FramingError, TlsFailed, TlsFailure
from snmptcp.net.server import Server
from snmptcp.net.tls import ClientTls, CrlCheck, ServerTls, TlsOptions
from snmptcp.net.tls.failure import tls_failed
from snmptcp.security.tls_names import CertificateMap, MapType
from tests.support.certificates import certificates
from tests.support.tls import FRAME, TIMEOUT, VERSIONS, TlsServer, connect, options

pytestmark = pytest.mark.anyio

C = certificates()
F = TlsFailure


@pytest.fixture(params=VERSIONS, ids=lambda version: f"TLS {version}")
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def refused_by_client(server: TlsServer, tls: ClientTls) -> TlsFailed:
    """Return why the client refuses the server; no SNMP was sent or received."""
    with pytest.raises(TlsFailed) as caught:
        await connect(tls, "127.0.0.1", server.server.port)
    await server.until(lambda: server.failed or server.closed)
    assert server.messages == []
    assert isinstance(caught.value, ConnectFailed)
    assert f"127.0.0.1:{server.server.port}" in str(caught.value)
    return caught.value


async def refused_by_server(server: TlsServer, tls: ClientTls) -> tuple[TlsFailed, TlsFailed]:
    """Return what either side says, when the client is refused; its message has not been taken."""
    try:
        client = await connect(tls, "127.0.0.1", server.server.port)
    except TlsFailed as failed:
        told = failed
    else:  # TLS 1.3: the server sees the certificate after the client is done
        assert await client.echo() == b""
        ended = await client.end()
        assert ended is not None
        told = tls.failure(ended, "agent")
    await server.until(lambda: server.failed)
    assert server.messages == []
    assert server.opened == []
    assert server.server.handshake_failures == {server.failed[0].failure: 1}
    return server.failed[0], told


# ------------------------------------------------------------------------- what is wrong with the server


@pytest.mark.parametrize(
    ("who", "failure", "words"),
    [
        ("expired", F.EXPIRED, "expired"),
        ("not_yet_valid", F.NOT_YET_VALID, "not yet valid"),
        ("of_other_authority", F.UNKNOWN_CA, "unable to get local issuer"),
        ("self_signed", F.SELF_SIGNED, "self-signed"),
        ("elsewhere", F.HOST_NAME, "127.0.0.1"),
    ],
)
async def test_a_certificate_that_cannot_be_trusted_is_refused_with_its_reason(version, who, failure, words):
    async with TlsServer(options(version, certificate=getattr(C, who).pem)) as server:
        failed = await refused_by_client(server, ClientTls(options(version, ca_pem=C.ca_pem), "127.0.0.1"))
    assert failed.failure is failure
    assert words in failed.detail
    assert isinstance(failed.__cause__, ssl.SSLCertVerificationError)


@pytest.mark.parametrize("name", ["elsewhere.test", "127.0.0.2", "::2"])
async def test_a_certificate_for_another_name_or_address_is_refused(version, name):
    async with TlsServer(options(version, certificate=C.server.pem)) as server:
        failed = await refused_by_client(server, ClientTls(options(version, ca_pem=C.ca_pem, server_name=name), "h"))
    assert failed.failure is F.HOST_NAME
    assert name in failed.detail


async def test_the_systems_authorities_do_not_know_ours(version):
    async with TlsServer(options(version, certificate=C.server.pem)) as server:
        failed = await refused_by_client(server, ClientTls(True, "127.0.0.1"))
    assert failed.failure is F.UNKNOWN_CA


async def test_a_revoked_certificate_is_refused(version):
    async with TlsServer(options(version, certificate=C.revoked.pem)) as server:
        tls = ClientTls(options(version, ca_pem=C.ca_pem, crl=C.crl_pem), "127.0.0.1")
        assert (await refused_by_client(server, tls)).failure is F.REVOKED


@pytest.mark.parametrize(
    ("crl", "words"),
    [
        (C.other_authority.crl_pem(), "unable to get certificate CRL"),
        (C.authority.crl_pem(ends=-dt.timedelta(hours=1)), "CRL has expired"),
    ],
    ids=["of another authority", "of yesterday"],
)
async def test_without_a_good_revocation_list_no_peer_is_trusted(version, crl, words):
    async with TlsServer(options(version, certificate=C.server.pem)) as server:
        tls = ClientTls(options(version, ca_pem=C.ca_pem, crl=crl), "127.0.0.1")
        failed = await refused_by_client(server, tls)
    assert failed.failure is F.NO_CRL
    assert words in failed.detail


async def test_the_lists_of_all_authorities_are_needed_if_the_chain_is_checked(version):
    lists = C.intermediate.crl_pem()
    async with TlsServer(options(version, certificate=C.server_of_intermediate.pem)) as server:
        leaf = ClientTls(options(version, ca_pem=C.ca_pem, crl=lists), "127.0.0.1")
        client = await connect(leaf, "127.0.0.1", server.server.port)
        await client.aclose()
        chain = options(version, ca_pem=C.ca_pem, crl=lists, crl_check=CrlCheck.CHAIN)
        with pytest.raises(TlsFailed) as caught:
            await connect(ClientTls(chain, "127.0.0.1"), "127.0.0.1", server.server.port)
        assert caught.value.failure is F.NO_CRL
        both = options(version, ca_pem=C.ca_pem, crl=lists + C.authority.crl_pem(), crl_check=CrlCheck.CHAIN)
        client = await connect(ClientTls(both, "127.0.0.1"), "127.0.0.1", server.server.port)
        await client.aclose()


async def test_a_certificate_for_another_purpose_is_refused(version):
    from cryptography.x509.oid import ExtendedKeyUsageOID

    from tests.support.certificates import LOOPBACK

    mail = C.authority.issue("mail", *LOOPBACK, usages=(ExtendedKeyUsageOID.EMAIL_PROTECTION,))
    async with TlsServer(options(version, certificate=mail.pem)) as server:
        failed = await refused_by_client(server, ClientTls(options(version, ca_pem=C.ca_pem), "127.0.0.1"))
    assert failed.failure is F.BAD_CERTIFICATE
    assert "purpose" in failed.detail


@pytest.mark.parametrize("accept", ["fingerprints", "accepted_certificates"])
async def test_a_certificate_that_is_not_accepted_is_refused_even_if_an_authority_vouches_for_it(version, accept):
    accepted = C.self_signed.fingerprint if accept == "fingerprints" else C.self_signed.certificate_pem
    async with TlsServer(options(version, certificate=C.server.pem)) as server:
        tls = ClientTls(options(version, **{accept: accepted}), "127.0.0.1")
        failed = await refused_by_client(server, tls)
    assert failed.failure is F.FINGERPRINT
    assert C.server.fingerprint in failed.detail


async def test_where_authorities_are_given_too_both_must_be_content(version):
    right = {"ca_pem": C.ca_pem, "fingerprints": C.server.fingerprint}
    wrong_pin = {"ca_pem": C.ca_pem, "fingerprints": C.self_signed.fingerprint}
    wrong_authority = {"ca_pem": C.other_authority.pem, "fingerprints": C.server.fingerprint}
    async with TlsServer(options(version, certificate=C.server.pem)) as server:
        client = await connect(ClientTls(options(version, **right), "127.0.0.1"), "127.0.0.1", server.server.port)
        await client.aclose()
        for given, failure in ((wrong_pin, F.FINGERPRINT), (wrong_authority, F.UNKNOWN_CA)):
            with pytest.raises(TlsFailed) as caught:
                await connect(ClientTls(options(version, **given), "127.0.0.1"), "127.0.0.1", server.server.port)
            assert caught.value.failure is failure


# ------------------------------------------------------------------------- what is wrong with the client


@pytest.mark.parametrize(
    ("who", "failure"),
    [
        (None, F.NO_CERTIFICATE),
        ("of_other_authority", F.UNKNOWN_CA),
        ("self_signed", F.SELF_SIGNED),
        ("expired", F.EXPIRED),
        ("not_yet_valid", F.NOT_YET_VALID),
        ("revoked", F.REVOKED),
    ],
)
async def test_a_client_that_cannot_be_trusted_is_refused_and_told(version, who, failure):
    asking = options(version, certificate=C.server.pem, ca_pem=C.ca_pem, crl=C.crl_pem)
    own: dict[str, Any] = {} if who is None else {"certificate": getattr(C, who).pem}
    async with TlsServer(asking) as server:
        tls = ClientTls(options(version, ca_pem=C.ca_pem, **own), "127.0.0.1")
        said, told = await refused_by_server(server, tls)
    assert said.failure is failure
    assert told.failure is F.REFUSED_BY_PEER
    assert "alert" in told.detail


async def test_of_pinned_clients_the_others_are_refused(version):
    asking = options(version, certificate=C.server.pem, accepted_certificates=C.self_signed.certificate_pem)
    async with TlsServer(asking) as server:
        tls = ClientTls(options(version, ca_pem=C.ca_pem, certificate=C.client.pem), "127.0.0.1")
        said, told = await refused_by_server(server, tls)
    assert said.failure is F.UNKNOWN_CA
    assert told.failure is F.REFUSED_BY_PEER


async def test_an_authority_that_is_accepted_as_a_client_does_not_vouch_for_others(version):
    asking = options(version, certificate=C.server.pem, accepted_certificates=C.authority.der)
    async with TlsServer(asking) as server:
        tls = ClientTls(options(version, ca_pem=C.ca_pem, certificate=C.client.pem), "127.0.0.1")
        client = await connect(tls, "127.0.0.1", server.server.port)
        await client.end()
        await server.until(lambda: server.failed)
        assert server.failed[0].failure is F.FINGERPRINT
        assert server.opened == []


async def test_a_client_that_no_map_gives_a_name_is_refused(version):
    maps = (CertificateMap(C.authority.fingerprint, MapType.SAN_IP_ADDRESS),)
    asking = options(version, certificate=C.server.pem, ca_pem=C.ca_pem, certificate_maps=maps)
    async with TlsServer(asking) as server:
        tls = ClientTls(options(version, ca_pem=C.ca_pem, certificate=C.client.pem), "127.0.0.1")
        client = await connect(tls, "127.0.0.1", server.server.port)
        assert await client.echo() == b""
        await server.until(lambda: server.failed)
    assert server.failed[0].failure is F.FINGERPRINT
    assert "no certificate map" in str(server.failed[0])
    assert server.messages == []
    assert server.opened == []


async def test_an_authority_that_is_merely_sent_along_gives_no_name(version):
    """Only what has verified the client counts, not what it claims (RFC 6353 section 7, rule 2)."""
    maps = (CertificateMap(C.other_authority.fingerprint, MapType.SAN_ANY),)
    asking = options(version, certificate=C.server.pem, ca_pem=C.ca_pem, certificate_maps=maps)
    claims = C.client.certificate_pem + C.other_authority.pem + C.client.key_pem
    async with TlsServer(asking) as server:
        tls = ClientTls(options(version, ca_pem=C.ca_pem, certificate=claims), "127.0.0.1")
        client = await connect(tls, "127.0.0.1", server.server.port)
        await client.end()
        await server.until(lambda: server.failed)
    assert server.failed[0].failure is F.FINGERPRINT
    assert server.opened == []


# ---------------------------------------------------------------------------------- nothing in common


async def test_no_version_in_common_is_called_that_on_both_sides(version):
    other = "1.3" if version == "1.2" else "1.2"
    async with TlsServer(options(other, certificate=C.server.pem)) as server:
        failed = await refused_by_client(server, ClientTls(options(version, ca_pem=C.ca_pem), "127.0.0.1"))
    assert failed.failure is F.VERSION
    assert server.failed[0].failure is F.VERSION


async def test_no_cipher_in_common_is_called_that_on_both_sides():
    one = options("1.2", certificate=C.server.pem, ciphers="ECDHE-ECDSA-AES128-GCM-SHA256")
    async with TlsServer(one) as server:
        other = options("1.2", ca_pem=C.ca_pem, ciphers="ECDHE-ECDSA-AES256-GCM-SHA384")
        failed = await refused_by_client(server, ClientTls(other, "127.0.0.1"))
    assert failed.failure is F.CIPHER
    assert server.failed[0].failure is F.CIPHER


async def test_a_cipher_that_does_not_encrypt_is_refused_by_either_side():
    def null_context(kind: int) -> ssl.SSLContext:
        context = ssl.SSLContext(kind)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("ECDHE-ECDSA-NULL-SHA:@SECLEVEL=0")
        return context

    careless_server = null_context(ssl.PROTOCOL_TLS_SERVER)
    _load(careless_server)
    careless_client = null_context(ssl.PROTOCOL_TLS_CLIENT)
    careless_client.load_verify_locations(cadata=C.ca_pem)
    async with TlsServer(careless_server) as server:
        with pytest.raises(TlsFailed) as caught:
            await connect(ClientTls(careless_client, "127.0.0.1"), "127.0.0.1", server.server.port)
        assert caught.value.failure is F.CIPHER
        assert "does not encrypt" in str(caught.value)
        await server.until(lambda: server.failed)
        assert server.failed[0].failure is F.CIPHER
        assert server.opened == []


def _load(context: ssl.SSLContext) -> None:
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "server.pem"
        path.write_text(C.server.pem)
        context.load_cert_chain(path)


# ------------------------------------------------------------------------------- peers without TLS


async def test_a_client_that_speaks_plain_snmp_is_called_that(caplog):
    async with TlsServer(options("1.3", certificate=C.server.pem)) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.server.port)
        writer.write(FRAME)
        async with asyncio.timeout(TIMEOUT):
            assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()
        await server.until(lambda: server.failed)
    assert server.failed[0].failure is F.NOT_TLS
    assert "it speaks SNMP without TLS" in str(server.failed[0])
    assert "SNMP without TLS" in caplog.text
    assert server.messages == []
    assert server.closed == []


@pytest.mark.parametrize("octets", [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x07\x00\x00\x01\x00", b"\x16\x03\x01\xff\xff"])
async def test_a_client_that_speaks_something_else_is_called_that(octets):
    async with TlsServer(options("1.3", certificate=C.server.pem)) as server:
        _, writer = await asyncio.open_connection("127.0.0.1", server.server.port)
        writer.write(octets)
        await server.until(lambda: server.failed)
        writer.close()
        await writer.wait_closed()
    assert server.failed[0].failure is F.NOT_TLS


async def test_a_server_that_speaks_plain_snmp_ends_the_handshake_with_a_hint(version):
    closed: list[Exception | None] = []
    plain = Server(lambda *_: None, "127.0.0.1", 0, on_close=lambda _, reason: closed.append(reason))
    await plain.start()
    try:
        with pytest.raises(TlsFailed) as caught:
            await connect(ClientTls(options(version), "127.0.0.1"), "127.0.0.1", plain.port)
    finally:
        await plain.aclose()
    assert caught.value.failure is F.CLOSED
    assert "does this port speak TLS?" in str(caught.value)
    assert isinstance(closed[0], FramingError)


async def test_a_server_that_answers_in_something_else_does_not_speak_tls(version):
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"\x30\x26\x02\x01\x01\x04\x06public")
        await reader.read()
        writer.close()

    plain = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with plain:
        with pytest.raises(TlsFailed) as caught:
            await connect(ClientTls(options(version), "127.0.0.1"), *plain.sockets[0].getsockname()[:2])
    assert caught.value.failure is F.NOT_TLS


async def test_a_server_that_says_nothing_runs_into_the_time_limit():
    tls = ClientTls(TlsOptions(), "127.0.0.1")
    loop = asyncio.get_running_loop()
    with socket.create_server(("127.0.0.1", 0)) as listener:  # the kernel accepts; no answer comes
        port = listener.getsockname()[1]
        with pytest.raises(ConnectionAbortedError) as caught:
            await loop.create_connection(
                asyncio.Protocol, "127.0.0.1", port, ssl=tls.context, server_hostname="h", ssl_handshake_timeout=0.5
            )
    assert tls.failure(caught.value, "agent").failure is F.TIMEOUT


# ------------------------------------------------------------------------- what cannot be had on the loopback


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (TimeoutError(), F.TIMEOUT),
        (ConnectionResetError(104, "Connection reset by peer"), F.CLOSED),
        (EOFError(), F.CLOSED),
        (ssl.SSLEOFError(8, "EOF occurred in violation of protocol"), F.CLOSED),
        (ssl.SSLZeroReturnError(6, "TLS/SSL connection has been closed (EOF)"), F.CLOSED),
        (ssl.SSLError(1, "[SSL] ssl/tls alert certificate unknown (_ssl.c:1)"), F.REFUSED_BY_PEER),
        (ssl.SSLError(1, "[SSL] tlsv1 alert access denied (_ssl.c:1)"), F.REFUSED_BY_PEER),
        (ssl.SSLError(1, "[SSL] tlsv1 alert insufficient security (_ssl.c:1)"), F.CIPHER),
        (ssl.SSLError(1, "[SSL] tlsv1 alert internal error (_ssl.c:1)"), F.OTHER),
        (ssl.SSLError(1, "[SSL] bad signature (_ssl.c:1)"), F.OTHER),
        (OSError(5, "Input/output error"), F.OTHER),
        (RuntimeError("what?"), F.OTHER),
    ],
)
def test_everything_else_has_a_reason_and_words(error, failure):
    failed = tls_failed(error, "agent:10161")
    assert failed.failure is failure
    assert failed.__cause__ is error
    assert str(failed).startswith("no TLS session with agent:10161: ")


@pytest.mark.parametrize(("answered", "failure"), [(True, F.REFUSED_BY_PEER), (False, F.CIPHER), (None, F.OTHER)])
def test_a_handshake_failure_is_about_what_comes_next(answered, failure):
    error = ssl.SSLError(1, "[SSL] sslv3 alert handshake failure (_ssl.c:1)")
    assert tls_failed(error, "agent", answered=answered).failure is failure


@pytest.mark.parametrize("words", ["sslv3 alert handshake failure", "tlsv1 alert no renegotiation"])
def test_a_handshake_that_is_refused_in_a_session_of_tls_1_2_is_renegotiation(words):
    error = ssl.SSLError(1, f"[SSL] {words} (_ssl.c:1)")
    assert tls_failed(error, "agent", answered=True, renegotiable=True).failure is F.RENEGOTIATION
    other = ssl.SSLError(1, "[SSL] tlsv1 alert internal error (_ssl.c:1)")
    assert tls_failed(other, "agent", answered=True, renegotiable=True).failure is F.OTHER


def test_a_failure_stays_what_it_is():
    failed = TlsFailed("agent", F.REVOKED)
    assert tls_failed(failed, "agent") is failed
    assert ClientTls(TlsOptions(), "h").failure(failed, "agent") is failed
    assert ServerTls(TlsOptions(certificate=C.server.pem)).failure(failed, "agent") is failed
