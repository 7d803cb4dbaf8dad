"""Sessions that come about: whom they are with, what is told of them, and how they are taken up again."""

from __future__ import annotations

import contextlib
import gc
import itertools
import ssl
import time
import weakref
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from snmptcp.errors import ConfigurationError, TlsFailed, TlsFailure
from snmptcp.net.tls import ClientCertificates, ClientTls, ServerTls, TlsOptions
from snmptcp.security.tls_names import CertificateMap, MapType
from tests.support.certificates import DAY, PASSWORD, certificates
from tests.support.tls import FRAME, VERSIONS, TlsServer, connect, options

pytestmark = pytest.mark.anyio

C = certificates()


@pytest.fixture(params=VERSIONS, ids=lambda version: f"TLS {version}")
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


async def once(server: TlsServer, tls: ClientTls):
    """Connect, ask, leave; return what either side knows of the session."""
    client = await connect(tls, "127.0.0.1", server.server.port)
    try:
        assert await client.echo() == FRAME
        await server.until(lambda: server.opened)
        return client.session, server.opened[-1].tls
    finally:
        await client.aclose()


# -------------------------------------------------------------------------------- what is reported


async def test_both_sides_tell_what_was_negotiated(version):
    async with TlsServer(options(version, certificate=C.server.pem, ca_pem=C.ca_pem)) as server:
        tls = ClientTls(options(version, ca_pem=C.ca_pem, certificate=C.client.pem), "127.0.0.1")
        mine, theirs = await once(server, tls)
    for session, issued in ((mine, C.server), (theirs, C.client)):
        assert session.version == f"TLSv{version}"
        assert session.bits >= 128
        assert session.peer_certificate == issued.der
        assert session.fingerprint == issued.fingerprint
        assert session.chain == (issued.der, C.authority.der)
        assert session.security_name is None
        assert not session.resumed
        assert session.key_exchange == ("ECDHE" if version == "1.2" else None)
    assert mine.cipher == theirs.cipher


async def test_a_chain_with_an_intermediate_authority_is_verified_and_told(version):
    async with TlsServer(options(version, certificate=C.server_of_intermediate.pem)) as server:
        mine, theirs = await once(server, ClientTls(options(version, ca_pem=C.ca_pem), "127.0.0.1"))
    assert mine.chain == (C.server_of_intermediate.der, C.intermediate.der, C.authority.der)
    assert theirs.peer_certificate is None
    assert theirs.chain == ()
    assert theirs.fingerprint is None


async def test_an_intermediate_authority_can_be_trusted_by_itself(version):
    async with TlsServer(options(version, certificate=C.server_of_intermediate.pem)) as server:
        mine, _ = await once(server, ClientTls(options(version, ca_pem=C.intermediate.pem), "127.0.0.1"))
    assert mine.chain == (C.server_of_intermediate.der, C.intermediate.der)


# ------------------------------------------------------------------------------------ who is accepted


@pytest.mark.parametrize(
    "accepted",
    [
        {"fingerprints": C.self_signed_and_expired.fingerprint},
        {"fingerprints": ("ab" * 32, b"\x04" + bytes.fromhex(C.self_signed_and_expired.fingerprint))},
        {"accepted_certificates": C.self_signed_and_expired.certificate_pem},
        {"accepted_certificates": (C.client.der, C.self_signed_and_expired.der)},
        {"accepted_certificates": C.client.certificate_pem + C.self_signed_and_expired.certificate_pem},
        {"verify": False},
    ],
    ids=["fingerprint", "one of several", "PEM", "one of several in DER", "one of several in PEM", "anybody"],
)
async def test_a_single_certificate_is_accepted_whatever_else_is_wrong_with_it(version, accepted):
    async with TlsServer(options(version, certificate=C.self_signed_and_expired.pem)) as server:
        mine, _ = await once(server, ClientTls(options(version, **accepted), "no.such.name"))
    assert mine.fingerprint == C.self_signed_and_expired.fingerprint
    assert mine.chain == (C.self_signed_and_expired.der,)


async def test_a_name_is_not_checked_if_the_check_is_off(version):
    async with TlsServer(options(version, certificate=C.elsewhere.pem)) as server:
        await once(server, ClientTls(options(version, ca_pem=C.ca_pem, check_host_name=False), "127.0.0.1"))
        await once(server, ClientTls(options(version, ca_pem=C.ca_pem, server_name="elsewhere.test"), "127.0.0.1"))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "agent.test", "agent.test.", "::1", "::1%lo"])
async def test_names_and_addresses_are_found_in_the_certificate(version, host):
    async with TlsServer(options(version, certificate=C.server.pem)) as server:
        await once(server, ClientTls(options(version, ca_pem=C.ca_pem), host))


async def test_a_certificate_that_is_not_on_the_revocation_list_is_accepted(version):
    async with TlsServer(options(version, certificate=C.server.pem)) as server:
        await once(server, ClientTls(options(version, ca_pem=C.ca_pem, crl=C.crl_pem), "127.0.0.1"))


async def test_a_client_that_is_accepted_by_its_certificate_may_be_self_signed_and_expired(version):
    asking = options(version, certificate=C.server.pem, accepted_certificates=C.self_signed_and_expired.certificate_pem)
    async with TlsServer(asking) as server:
        tls = ClientTls(options(version, ca_pem=C.ca_pem, certificate=C.self_signed_and_expired.pem), "127.0.0.1")
        _, theirs = await once(server, tls)
    assert theirs.fingerprint == C.self_signed_and_expired.fingerprint


@pytest.mark.parametrize(
    ("asked", "own", "seen"),
    [
        (ClientCertificates.NOT_ASKED, True, False),
        (ClientCertificates.OPTIONAL, True, True),
        (ClientCertificates.OPTIONAL, False, False),
        (ClientCertificates.REQUIRED, True, True),
    ],
)
async def test_a_server_asks_for_certificates_as_it_is_told(version, asked, own, seen):
    asking = options(version, certificate=C.server.pem, ca_pem=C.ca_pem, client_certificates=asked)
    async with TlsServer(asking) as server:
        given = {"certificate": C.client.pem} if own else {}
        _, theirs = await once(server, ClientTls(options(version, ca_pem=C.ca_pem, **given), "127.0.0.1"))
    assert theirs.peer_certificate == (C.client.der if seen else None)


# ----------------------------------------------------------------------------------- where it comes from


@pytest.fixture
def folder(tmp_path):
    C.write(tmp_path)
    (tmp_path / "both.pem").write_text(C.client.pem)
    (tmp_path / "locked.key").write_text(C.client.encrypted_key_pem)
    (tmp_path / "open.p12").write_bytes(C.client.pkcs12(None))
    return tmp_path


@pytest.mark.parametrize(
    "given",
    [
        {"certificate": C.client.pem},
        {"certificate": C.client.pem.encode()},
        {"certificate": C.client.certificate_pem, "key": C.client.key_pem},
        {"certificate": C.client.certificate_pem, "key": C.client.encrypted_key_pem, "password": PASSWORD},
        {"certificate": C.client.certificate_pem, "key": C.client.key_pem, "password": "not needed"},
        {"certificate": "both.pem"},
        {"certificate": "client.pem", "key": "client.key"},
        {"certificate": "client.pem", "key": "locked.key", "password": PASSWORD.encode()},
        {"certificate": "client.pem", "key": C.client.key_pem},
        {"certificate": C.client.certificate_pem, "key": "client.key"},
        {"pkcs12": "client.p12", "password": PASSWORD},
        {"pkcs12": C.client.pkcs12(), "password": PASSWORD.encode()},
        {"pkcs12": "open.p12"},
        {"certificate": C.client.der, "key": C.client.key_pem},
    ],
)
async def test_an_identity_comes_from_wherever_it_is(version, folder, given, monkeypatch):
    monkeypatch.chdir(folder)
    asking = options(version, certificate="server.pem", key="server.key", ca_file="ca.pem")
    async with TlsServer(asking) as server:
        _, theirs = await once(server, ClientTls(options(version, ca_file=folder / "ca.pem", **given), "127.0.0.1"))
    assert theirs.peer_certificate == C.client.der


async def test_a_pkcs12_brings_its_chain_whatever_the_order_in_it(version):
    issued = C.intermediate.issue("far manager")
    asking = options(version, certificate=C.server.pem, ca_pem=C.ca_pem)
    async with TlsServer(asking) as server:
        tls = ClientTls(options(version, ca_pem=C.ca_pem, pkcs12=issued.pkcs12(), password=PASSWORD), "127.0.0.1")
        _, theirs = await once(server, tls)
    assert theirs.chain == (issued.der, C.intermediate.der, C.authority.der)


@pytest.mark.parametrize("hashed", [True, False])
async def test_authorities_come_from_a_directory(version, tmp_path, hashed):
    (tmp_path / (f"{_subject_hash()}.0" if hashed else "mine.pem")).write_text(C.ca_pem)
    async with TlsServer(options(version, certificate=C.server.pem)) as server:
        await once(server, ClientTls(options(version, ca_directory=tmp_path), "127.0.0.1"))


def _subject_hash() -> str:
    """Return OpenSSL's name for the authority's file."""
    from OpenSSL import crypto

    return f"{crypto.X509.from_cryptography(C.authority.certificate).subject_name_hash():08x}"


async def test_the_key_log_gets_the_secrets(version, tmp_path):
    async with TlsServer(options(version, certificate=C.server.pem)) as server:
        tls = ClientTls(options(version, ca_pem=C.ca_pem, key_log=tmp_path / "keys"), "127.0.0.1")
        await once(server, tls)
    assert ("CLIENT_RANDOM" if version == "1.2" else "CLIENT_TRAFFIC_SECRET_0") in (tmp_path / "keys").read_text()


async def test_a_context_of_the_users_decides_itself(version):
    context = ssl.create_default_context(cadata=C.authority.certificate.public_bytes(Encoding.DER))
    async with TlsServer(options(version, certificate=C.server.pem)) as server:
        mine, _ = await once(server, ClientTls(context, "127.0.0.1"))
        assert mine.version == f"TLSv{version}"
        with pytest.raises(TlsFailed) as caught:
            await connect(ClientTls(context, "127.0.0.2"), "127.0.0.1", server.server.port)
        assert caught.value.failure is TlsFailure.HOST_NAME


# ------------------------------------------------------------------------------------ security names


async def test_the_maps_give_a_client_its_name(version):
    maps = (
        CertificateMap(C.other_client.fingerprint, MapType.SPECIFIED, "somebody else"),
        CertificateMap(C.authority.fingerprint, MapType.SAN_ANY),
    )
    asking = options(version, certificate=C.server.pem, ca_pem=C.ca_pem, certificate_maps=maps)
    async with TlsServer(asking) as server:
        for issued, name in ((C.client, b"Manager@example.com"), (C.other_client, b"somebody else")):
            tls = ClientTls(options(version, ca_pem=C.ca_pem, certificate=issued.pem), "127.0.0.1")
            for _ in range(2):  # a session that is taken up gives the same name
                _, theirs = await once(server, tls)
                assert theirs.security_name == name


async def test_a_client_without_a_certificate_has_no_name_if_it_is_allowed(version):
    maps = (CertificateMap(C.authority.fingerprint, MapType.SAN_ANY),)
    asking = options(
        version,
        certificate=C.server.pem,
        ca_pem=C.ca_pem,
        certificate_maps=maps,
        client_certificates=ClientCertificates.OPTIONAL,
    )
    async with TlsServer(asking) as server:
        _, theirs = await once(server, ClientTls(options(version, ca_pem=C.ca_pem), "127.0.0.1"))
    assert theirs.security_name is None


# --------------------------------------------------------------------------------------- taking up


@pytest.mark.parametrize(
    "trust",
    [{"ca_pem": C.ca_pem}, {"fingerprints": C.server.fingerprint}, {"verify": False}],
    ids=["authority", "fingerprint", "anybody"],
)
async def test_a_next_connection_takes_the_session_up(version, trust):
    async with TlsServer(options(version, certificate=C.server.pem)) as server:
        tls = ClientTls(options(version, **trust), "127.0.0.1")
        first, _ = await once(server, tls)
        assert not first.resumed
        for _ in range(3):
            mine, theirs = await once(server, tls)
            assert mine.resumed
            assert theirs.resumed
            assert (mine.chain, mine.fingerprint) == (first.chain, first.fingerprint)


async def test_a_session_is_not_resumed_if_resumption_is_off(version):
    async with TlsServer(options(version, certificate=C.server.pem)) as server:
        tls = ClientTls(options(version, ca_pem=C.ca_pem, reuse_sessions=False), "127.0.0.1")
        for _ in range(3):
            assert not (await once(server, tls))[0].resumed


async def test_a_session_is_taken_up_with_its_own_host_alone(version):
    async with TlsServer(options(version, certificate=C.server.pem)) as server:
        tls = ClientTls(options(version, ca_pem=C.ca_pem), "127.0.0.1")
        await once(server, tls)
        offered = tls.context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="127.0.0.1").session
        assert offered is not None
        assert tls.context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="localhost").session is None
        other = ClientTls(options(version, ca_pem=C.ca_pem), "localhost")
        assert not (await once(server, other))[0].resumed


async def test_a_server_that_has_forgotten_the_session_makes_a_new_one(version):
    tls = ClientTls(options(version, ca_pem=C.ca_pem), "127.0.0.1")
    for _ in range(2):
        async with TlsServer(options(version, certificate=C.server.pem)) as server:
            mine, _ = await once(server, tls)
            assert not mine.resumed


async def test_after_a_failure_nothing_is_taken_up(version):
    async with TlsServer(options(version, certificate=C.server.pem)) as server:
        tls = ClientTls(options(version, ca_pem=C.ca_pem), "127.0.0.1")
        await once(server, tls)
        tls.failure(ConnectionResetError(), "agent")
        assert not (await once(server, tls))[0].resumed


async def test_a_server_that_gives_out_no_sessions_is_seldom_asked_for_one():
    """CPython loses memory with each look."""
    tls = ClientTls(options("1.3", ca_pem=C.ca_pem), "127.0.0.1")
    looks: list[int] = []
    numbers = itertools.count()

    class Peer:
        context = tls.context
        session_reused = False
        gives: object = None
        number = 0

        @property
        def session(self) -> object:
            looks.append(self.number)
            return self.gives

    peer = Peer()
    tls._good = peer  # type: ignore[assignment]
    for peer.number in itertools.islice(numbers, 100):
        assert tls._session_for("127.0.0.1") is None
    assert looks == [0, 2, 5, 10, 19, 36, 69]
    peer.gives = SimpleNamespace(id=b"1", has_ticket=True)
    for peer.number in itertools.islice(numbers, 100):
        tls._session_for("127.0.0.1")
    assert looks[7:] == list(range(134, 200))  # from then on, before every connection


async def test_a_session_that_was_resumed_is_offered_again_until_half_of_its_lifetime_is_over(version, monkeypatch):
    """CPython loses memory with each look for a newer one."""
    looks: list[object] = []
    session = ssl.SSLObject.session
    assert isinstance(session, property)
    look = session.fget
    assert look is not None

    def counted(ssl_object: ssl.SSLObject) -> object:
        looks.append(ssl_object)
        return look(ssl_object)

    monkeypatch.setattr(ssl.SSLObject, "session", property(counted, session.fset))
    async with TlsServer(options(version, certificate=C.server.pem)) as server:
        tls = ClientTls(options(version, ca_pem=C.ca_pem), "127.0.0.1")
        resumed = [(await once(server, tls))[0].resumed for _ in range(6)]
        assert resumed == [False, True, True, True, True, True]
        assert len(looks) == 1
        kept = tls._kept
        assert kept is not None
        monkeypatch.setattr(time, "time", lambda: kept.time + kept.timeout / 2 + 1)
        assert tls._session_for("127.0.0.1") is not None
        assert len(looks) == 2


async def test_a_certificate_is_looked_at_again_by_a_server_that_judges_clients():
    """With TLS 1.3 no ticket is given out; what is revoked or expires meanwhile does not get in again."""
    async with TlsServer(options("1.3", certificate=C.server.pem, ca_pem=C.ca_pem)) as server:
        tls = ClientTls(options("1.3", ca_pem=C.ca_pem, certificate=C.client.pem), "127.0.0.1")
        for _ in range(2):
            _, theirs = await once(server, tls)
            assert not theirs.resumed


async def test_a_client_and_its_sessions_are_freed_without_the_collector():
    async with TlsServer(options("1.3", certificate=C.server.pem)) as server:
        tls = ClientTls(options("1.3", ca_pem=C.ca_pem), "127.0.0.1")
        await once(server, tls)
        found = weakref.ref(tls)
        gc.collect()
        gc.disable()
        try:
            del tls
            # asyncio's own objects of the closed connection may still have to go.
            gone = found() is None
        finally:
            gc.enable()
    gc.collect()
    assert found() is None
    assert gone


def test_options_can_be_used_for_many_agents():
    given = TlsOptions(ca_pem=C.ca_pem)
    assert ClientTls(given, "a.test").context is not ClientTls(given, "b.test").context


async def test_a_handshake_that_offered_a_session_may_begin_afresh_once(version):
    async with TlsServer(options(version, certificate=C.server.pem)) as server:
        tls = ClientTls(options(version, ca_pem=C.ca_pem), "127.0.0.1")
        tls.failure(ConnectionResetError(), "agent")
        assert not tls.may_begin_afresh()
        await once(server, tls)
        tls.context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="127.0.0.1")
        tls.failure(ConnectionResetError(), "agent")
        assert tls.may_begin_afresh()
        assert not tls.may_begin_afresh()
        for _ in range(2):  # and no session is offered any more
            assert not (await once(server, tls))[0].resumed


# ------------------------------------------------------------------------------- arguments and defaults


def test_a_context_for_the_other_side_is_refused():
    with pytest.raises(ConfigurationError, match="is for servers"):
        ClientTls(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), "h")
    with pytest.raises(ConfigurationError, match="is for clients"):
        ServerTls(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


@pytest.mark.parametrize("nonsense", [False, None, "yes"])
def test_what_is_no_tls_is_refused(nonsense):
    with pytest.raises(ConfigurationError, match="tls must be True"):
        ClientTls(nonsense, "h")


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("agent.test", "agent.test"),
        ("agent.test.", "agent.test"),
        ("192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_the_name_to_be_found_in_the_certificate_is_the_hosts(host, name):
    assert ClientTls(TlsOptions(), host).server_hostname == name
    assert ClientTls(TlsOptions(server_name="other.test"), host).server_hostname == "other.test"


@pytest.mark.parametrize("host", ["", ".", ".test"])
def test_a_host_that_no_certificate_can_be_for_is_refused(host):
    with pytest.raises(ConfigurationError, match="is not a host name or address that a certificate can have"):
        ClientTls(TlsOptions(), host)


def test_a_context_of_the_users_is_taken_as_it_is():
    context = ssl.create_default_context()
    context.check_hostname = False
    tls = ClientTls(context, "agent.test")
    assert tls.context is context
    assert tls.server_hostname == "agent.test"
    assert not context.check_hostname


def test_the_defaults_are_the_systems_trust_todays_versions_and_the_host_name():
    for tls in (ClientTls(True, "h"), ClientTls(TlsOptions(), "h")):
        assert tls.context.verify_mode is ssl.CERT_REQUIRED
        assert tls.context.check_hostname
        assert tls.context.minimum_version is ssl.TLSVersion.TLSv1_2
        assert tls.context.maximum_version is ssl.TLSVersion.TLSv1_3
        assert tls.context.cert_store_stats() == _systems_store_stats()


def _systems_store_stats() -> dict[str, int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_default_certs()
    return context.cert_store_stats()


@pytest.mark.parametrize("name", ["a" * 64 + ".test", "agent..test", "agent\0.test", "é" * 70])
def test_a_name_that_no_certificate_can_have_is_refused_before_there_is_a_socket(name: str) -> None:
    with pytest.raises(ConfigurationError, match="is not a host name or address that a certificate can have"):
        ClientTls(TlsOptions(server_name=name), "127.0.0.1")


# ------------------------------------------------------------- certificates that expire between sessions


async def test_a_client_that_has_expired_does_not_get_in_with_an_earlier_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """TLS 1.2 takes sessions up by their ids, whatever is said about tickets."""
    async with TlsServer(options("1.2", certificate=C.server.pem, ca_pem=C.ca_pem)) as server:
        # Its own side of the matter is the next test's: this client does not look at dates.
        trust = options("1.2", fingerprints=C.server.fingerprint, certificate=C.client.pem)
        tls = ClientTls(trust, "127.0.0.1")
        for resumed in (False, True):
            client = await connect(tls, "127.0.0.1", server.server.port)
            assert await client.echo()
            assert client.session is not None
            assert client.session.resumed is resumed
            await client.aclose()
        later = SimpleNamespace(time=lambda: time.time() + 2 * DAY.total_seconds())
        monkeypatch.setattr("snmptcp.net.tls.session.time", later)
        with contextlib.suppress(TlsFailed):  # the client may or may not see the end before it goes on
            late = await connect(tls, "127.0.0.1", server.server.port)
            await late.end()
        await server.until(lambda: server.failed)
        assert [failed.failure for failed in server.failed] == [TlsFailure.EXPIRED]


async def test_a_server_that_has_expired_is_not_believed_because_of_an_earlier_session(
    version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with TlsServer(options(version, certificate=C.server.pem)) as server:
        tls = ClientTls(options(version, ca_pem=C.ca_pem), "127.0.0.1")
        client = await connect(tls, "127.0.0.1", server.server.port)
        assert await client.echo()
        await client.aclose()
        later = SimpleNamespace(time=lambda: time.time() + 2 * DAY.total_seconds())
        monkeypatch.setattr("snmptcp.net.tls.session.time", later)
        with pytest.raises(TlsFailed) as caught:
            await connect(tls, "127.0.0.1", server.server.port)
        assert caught.value.failure is TlsFailure.EXPIRED
        # And with a handshake from the beginning it is OpenSSL that decides, by its own clock.
        await (await connect(tls, "127.0.0.1", server.server.port)).aclose()


async def test_a_pinned_server_may_expire_between_two_sessions(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with TlsServer(options(version, certificate=C.server.pem)) as server:
        tls = ClientTls(options(version, fingerprints=C.server.fingerprint), "127.0.0.1")
        for resumed in (False, True):
            client = await connect(tls, "127.0.0.1", server.server.port)
            assert client.session is not None
            assert client.session.resumed is resumed
            assert await client.echo()
            await client.aclose()
            monkeypatch.setattr("snmptcp.net.tls.session.time", SimpleNamespace(time=lambda: time.time() + 1e9))
