"""Groups of the key exchange: which are offered, by how many attempts, and what was negotiated."""

from __future__ import annotations

import datetime as dt
import ssl
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from snmptcp import cautions
from snmptcp.ipworks import IPWorksSNMPError, NotHonouredWarning
from snmptcp.ipworks.options import groups
from snmptcp.ipworks.options.groups import allows_group, exchange_bits, exchange_name, group_offers, offer_groups
from snmptcp.ipworks.store import Values
from tests.ipworks.proofs import proves
from tests.ipworks.support import Peer, answered, choose_port, record, refused, server_context, trust
from tests.support.certificates import certificates

ALL = certificates()

TLS_1_2, TLS_1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3

NEEDS_CHOICE = pytest.mark.skipif(not groups._has("X25519"), reason="this Python cannot choose every group of OpenSSL")


@pytest.fixture(autouse=True)
def nothing_is_given_yet():
    cautions.forget()
    yield
    cautions.forget()


def server_of(curve: str, version: ssl.TLSVersion) -> ssl.SSLContext:
    """Return a server's context with one group and one version."""
    context = server_context(maximum_version=version, minimum_version=version)
    context.set_ecdh_curve(curve)
    context.set_ciphers("ECDHE+AESGCM")
    return context


@proves("TLS12SupportedGroups", "TLS13SupportedGroups")
@pytest.mark.parametrize(
    ("setting", "version", "curve", "groups", "bits"),
    [
        ("TLS12", TLS_1_2, "prime256v1", "ecdhe_secp256r1", 256),
        ("TLS12", TLS_1_2, "prime256v1", "ecdhe_secp384r1, ecdhe_secp521r1; ecdhe_secp256r1", 256),
        pytest.param(
            *("TLS12", TLS_1_2, "prime256v1", "ecdhe_x448, ecdhe_secp521r1; ecdhe_secp256r1", 256), marks=NEEDS_CHOICE
        ),
        ("TLS13", TLS_1_3, "secp384r1", "ECDHE_SECP384R1", 384),
        pytest.param(
            *("TLS13", TLS_1_3, "ffdhe3072", "ecdhe_x25519,ecdhe_secp256r1,ffdhe_3072", 3072), marks=NEEDS_CHOICE
        ),
    ],
)
def test_one_of_the_groups_is_negotiated(setting, version, curve, groups, bits, serve, idle) -> None:
    serve(server_of(curve, version))
    trust(idle)
    told = record(idle, "on_connected", "on_ssl_server_authentication")
    idle.config(f"{setting}SupportedGroups={groups}")
    answered(idle)
    assert idle.config("SSLNegotiatedKeyExchangeStrength") == str(bits)
    assert idle.config("SSLNegotiatedKeyExchange") == ("DHE" if bits == 3072 else "ECDHE")
    assert len(told) == 2  # attempts with other groups are not told of


@pytest.mark.parametrize(("setting", "version"), [("TLS12", TLS_1_2), ("TLS13", TLS_1_3)])
def test_a_server_with_none_of_the_groups_is_refused(setting, version, serve, idle) -> None:
    agent = serve(server_of("prime256v1", version))
    trust(idle)
    idle.config(f"{setting}SupportedGroups=ecdhe_secp384r1,ecdhe_secp521r1")
    refused(idle, 276, "no cipher in common")
    assert agent.agent.statistics.messages_in == 0


def test_the_groups_that_the_server_took_come_first_from_then_on(serve, idle) -> None:
    agent = serve(server_of("secp384r1", TLS_1_3))
    trust(idle)
    told = record(idle, "on_ssl_status")
    idle.config("LogSSLPackets=True")
    idle.config("TLS13SupportedGroups=ecdhe_secp521r1,ecdhe_secp384r1")

    def hellos() -> int:
        return sum(event.message.startswith("TLS record sent: Handshake, TLS 1.0") for event in told)

    answered(idle)
    assert hellos() == 2
    agent.call(lambda: [connection.close() for connection in agent.agent._server.connections])
    answered(idle)
    assert hellos() == 3


def test_a_session_is_resumed_with_the_groups_that_it_began_with(serve, idle) -> None:
    agent = serve(server_of("secp384r1", TLS_1_3))
    trust(idle)
    idle.config("ReuseSSLSession=True")
    idle.config("TLS13SupportedGroups=ecdhe_secp521r1,ecdhe_secp384r1")
    for resumed in (False, True, True):
        answered(idle)
        assert agent.call(lambda: agent.agent._server.connections[-1].tls.resumed) is resumed
        idle.active = False


def test_a_group_of_another_version_is_refused_before_anything_is_sent(serve, idle) -> None:
    agent = serve(server_of("prime256v1", TLS_1_2))
    trust(idle)
    idle.config("TLS13SupportedGroups=ecdhe_secp256r1")
    idle.config("TLS12SupportedGroups=ecdhe_secp384r1")
    refused(idle, 276, "no cipher in common|TLS12SupportedGroups: secp256r1 is not enabled")
    assert agent.agent.statistics.messages_in == 0


def test_settings_that_forgive_a_certificate_do_so_with_each_group(serve, idle) -> None:
    context = server_context(ALL.self_signed_and_expired)
    context.set_ecdh_curve("secp384r1")
    serve(context)
    idle.config("TLS13SupportedGroups=ecdhe_secp521r1,ecdhe_secp384r1")
    idle.config("SSLSecurityFlags=0x11")
    answered(idle)
    assert idle.config("SSLNegotiatedKeyExchangeStrength") == "384"


def test_a_listening_port_takes_the_first_group_and_says_so(idle) -> None:
    choose_port(idle)
    idle.ssl_enabled = True
    idle.ssl_cert_encoded = ALL.server.chain_pem + ALL.server.key_pem
    idle.config("TLS13SupportedGroups=ecdhe_secp384r1,ecdhe_secp521r1")
    with pytest.warns(NotHonouredWarning, match="TLS13SupportedGroups while listening: .* takes secp384r1 only"):
        idle.active = True
    told = record(idle, "on_connected")
    client = ssl.create_default_context(cadata=ALL.ca_pem)
    client.set_ecdh_curve("secp521r1")
    with pytest.raises(ssl.SSLError):
        Peer(idle, client)
    client.set_ecdh_curve("secp384r1")
    peer = Peer(idle, client)
    peer.close()
    assert [event.status_code for event in told] == [0]


@pytest.mark.parametrize("text", ["TLS12SupportedGroups=secp256r1", "TLS13SupportedGroups=ecdhe_x25519,sect163k1"])
def test_a_name_that_is_not_documented_is_an_error(text, idle) -> None:
    with pytest.raises(IPWorksSNMPError, match="has groups of ecdhe_x25519, .*; not (secp256r1|sect163k1)") as caught:
        idle.config(text)
    assert caught.value.code == 10022


def test_groups_that_cannot_be_offered_are_left_out(idle, monkeypatch) -> None:
    monkeypatch.setattr(groups, "_has", lambda name: name == "X25519")
    with pytest.warns(NotHonouredWarning, match="this Python cannot offer ffdhe_2048; the other groups are offered"):
        idle.config("TLS13SupportedGroups=ecdhe_x25519,ffdhe_2048")
    with pytest.raises(IPWorksSNMPError, match="this Python cannot offer ffdhe_2048") as caught:
        idle.config("TLS13SupportedGroups=ffdhe_2048")
    assert caught.value.code == 10045


def given(**settings: object) -> Values:
    values = Values()
    for name, value in settings.items():
        values.put(name, value)
    return values


@pytest.mark.parametrize(
    ("settings", "offers"),
    [
        ({}, [()]),
        ({"TLS13KeyShareGroups": "ecdhe_x25519"}, [()]),
        ({"TLS13SupportedGroups": "ecdhe_x25519"}, [("X25519",)]),
        ({"TLS13SupportedGroups": "ecdhe_x25519,ecdhe_x448"}, [("X25519",), ("X448",)]),
        (
            {"TLS13SupportedGroups": "ecdhe_x25519,ecdhe_x448", "TLS13KeyShareGroups": "ecdhe_x448"},
            [("X448",), ("X25519",)],
        ),
        (  # those of both versions come first
            {
                "TLS13SupportedGroups": "ffdhe_2048,ecdhe_secp256r1",
                "TLS12SupportedGroups": "ecdhe_secp384r1,ecdhe_secp256r1",
            },
            [("prime256v1",), ("ffdhe2048",), ("secp384r1",)],
        ),
        (  # the list of a version that is not enabled does not count
            {
                "TLS13SupportedGroups": "ecdhe_x25519",
                "TLS12SupportedGroups": "ecdhe_secp384r1",
                "SSLEnabledProtocols": 3072,
            },
            [("secp384r1",)],
        ),
    ],
)
def test_each_attempt_offers_one_group_and_the_best_first(settings, offers, monkeypatch) -> None:
    monkeypatch.setattr(groups, "_has", lambda _: True)
    monkeypatch.setattr(groups, "_SEVERAL", False)
    assert group_offers(given(**settings)) == offers
    monkeypatch.setattr(groups, "_SEVERAL", True)
    assert group_offers(given(**settings)) == [tuple(group for offer in offers for group in offer)]


def test_several_groups_are_offered_at_once_if_python_can() -> None:
    calls: list[Any] = []
    context: Any = SimpleNamespace(set_groups=calls.append, set_ecdh_curve=calls.append)
    offer_groups(context, ())
    offer_groups(context, ("X25519",))
    offer_groups(context, ("X25519", "secp384r1"))
    assert calls == ["X25519", "X25519:secp384r1"]


def session(version: str, group: str | None, cipher: str = "", exchange: str | None = None, der: bytes = b"") -> Any:
    """Return a session with what the functions here look at."""
    return SimpleNamespace(
        version=version, group=group, cipher=cipher, key_exchange=exchange, peer_certificate=der or None
    )


def rsa_certificate(bits: int) -> bytes:
    """Return a certificate (DER) with an RSA key."""
    key = rsa.generate_private_key(65537, bits)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "agent")])
    begins, ends = (dt.datetime(year, 1, 1, tzinfo=dt.UTC) for year in (2026, 2036))
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, begins, ends)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


@pytest.mark.parametrize(
    ("negotiated", "allowed"),
    [
        (session("TLSv1.3", "x25519"), True),
        (session("TLSv1.3", "X25519MLKEM768"), False),
        (session("TLSv1.3", "secp384r1"), False),
        (session("TLSv1.2", "secp384r1"), True),
        (session("TLSv1.2", "x25519"), False),
        (session("TLSv1.2", None), True),
        (session("TLSv1.2", "dh2048"), True),
    ],
)
def test_the_negotiated_group_must_be_in_the_list_of_its_version(negotiated, allowed, monkeypatch) -> None:
    monkeypatch.setattr(groups, "_has", lambda _: True)
    values = given(TLS13SupportedGroups="ecdhe_x25519", TLS12SupportedGroups="ecdhe_secp384r1")
    assert allows_group(values, negotiated) is allowed
    assert allows_group(given(), negotiated)


@pytest.mark.parametrize(
    ("negotiated", "name", "bits"),
    [
        (session("TLSv1.3", "x25519"), "ECDHE", 253),
        (session("TLSv1.3", "ffdhe3072"), "DHE", 3072),
        (session("TLSv1.3", "X25519MLKEM768"), "X25519MLKEM768", 253),
        (session("TLSv1.3", "brainpoolP384r1tls13"), "ECDHE", 384),
        (session("TLSv1.3", "group 9"), "ECDHE", 0),
        (session("TLSv1.3", None), "", 0),
        (session("TLSv1.2", "secp521r1", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE"), "ECDHE", 521),
        (session("TLSv1.2", "dh2048", "DHE-RSA-AES128-GCM-SHA256", "DHE"), "DHE", 2048),
        (session("TLSv1.2", None, "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE"), "ECDHE", 0),
        (session("TLSv1.2", None, "AES128-GCM-SHA256", der=rsa_certificate(2048)), "RSA", 2048),
        (session("TLSv1.2", None, "AES128-GCM-SHA256"), "RSA", 0),
        (session("TLSv1", None, "ECDHE-RSA-AES128-SHA"), "ECDHE", 0),
    ],
)
def test_the_key_exchange_is_told_as_far_as_it_is_known(negotiated, name, bits) -> None:
    assert (exchange_name(negotiated), exchange_bits(negotiated)) == (name, bits)


def test_a_group_that_cannot_be_offered_is_told_apart() -> None:
    assert [groups._has(name) for name in ("prime256v1", "no-such-curve")] == [True, False]
