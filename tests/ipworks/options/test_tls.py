"""TLS contexts, made of the properties and settings."""

from __future__ import annotations

import ssl

import pytest

from snmptcp import cautions
from snmptcp.ipworks import IPWorksSNMPError, NotHonouredWarning
from snmptcp.ipworks.options import tls
from snmptcp.ipworks.options.certificates import CertificateChoice
from snmptcp.ipworks.options.tls import make_client_tls
from snmptcp.ipworks.store import Values
from tests.ipworks.proofs import proves
from tests.ipworks.support import Peer, answered, ask, choose_port, record, refused, server_context, trust
from tests.ipworks.support import values as values_of
from tests.support.certificates import certificates
from tests.support.mibs import SYS_DESCR
from tests.support.renegotiation import RenegotiatingAgent

ALL = certificates()


@proves("ssl_enabled", "SSLServerCACerts")
def test_a_server_is_trusted_through_its_authority(serve, idle) -> None:
    agent = serve()
    refused(idle, 275, "issuer is not trusted")
    trust(idle)
    answered(idle)
    assert agent.call(lambda: agent.agent._server.connections[0].tls.version) == "TLSv1.3"


@proves("OpenSSLCAFile")
def test_authorities_come_from_a_file(serve, idle, tmp_path) -> None:
    serve()
    path = tmp_path / "ca.pem"
    path.write_text(ALL.ca_pem)
    idle.config(f"OpenSSLCAFile={path}")
    answered(idle)


@proves("OpenSSLCADir")
def test_authorities_come_from_a_directory(serve, idle, tmp_path) -> None:
    serve()
    (tmp_path / "ca.pem").write_text(ALL.ca_pem)
    idle.config(f"OpenSSLCADir={tmp_path}")
    answered(idle)


@proves("SSLCACertFilePaths")
def test_authorities_come_from_several_files(serve, idle, tmp_path) -> None:
    serve()
    paths = [tmp_path / "one.pem", tmp_path / "two.pem"]
    paths[0].write_text(ALL.other_authority.pem)
    paths[1].write_text(ALL.ca_pem)
    idle.config(f"SSLCACertFilePaths={paths[0]}")
    refused(idle, 275)
    idle.config(f"SSLCACertFilePaths={';'.join(map(str, paths))}")
    answered(idle)


@proves("OpenSSLCipherList")
def test_the_cipher_list_has_openssls_format(serve, idle) -> None:
    agent = serve(server_context(maximum_version=ssl.TLSVersion.TLSv1_2))
    trust(idle)
    idle.config("OpenSSLCipherList=ECDHE+CHACHA20")
    answered(idle)
    assert "CHACHA20" in agent.call(lambda: agent.agent._server.connections[0].tls.cipher)


@proves("SSLEnabledCipherSuites")
@pytest.mark.parametrize(
    ("suite", "negotiated"),
    [
        ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256;TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "AES128-GCM-SHA256"),
        ("ECDHE-ECDSA-AES256-GCM-SHA384;ECDHE-RSA-AES256-GCM-SHA384", "AES256-GCM-SHA384"),
        ("TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384"),
    ],
)
def test_only_enabled_suites_are_negotiated(suite, negotiated, serve, idle) -> None:
    serve()
    trust(idle)
    idle.config(f"SSLEnabledCipherSuites={suite}")
    answered(idle)
    assert idle.config("SSLNegotiatedCipher").endswith(negotiated)


@proves("SSLCipherStrength")
def test_weaker_ciphers_are_not_negotiated(serve, idle) -> None:
    agent = serve(server_context(maximum_version=ssl.TLSVersion.TLSv1_2))
    trust(idle)
    idle.config("SSLCipherStrength=256")
    answered(idle)
    assert agent.call(lambda: agent.agent._server.connections[0].tls.bits) == 256


CHACHA = "ECDHE-RSA-CHACHA20-POLY1305"
AES = "ECDHE-RSA-AES128-GCM-SHA256"


@pytest.mark.parametrize(
    ("settings", "enabled"),
    [
        ({"OpenSSLCipherList": CHACHA}, {CHACHA}),
        ({"OpenSSLCipherList": CHACHA, "SSLEnabledProtocols": 4032}, {CHACHA}),
        ({"OpenSSLCipherList": f"{CHACHA}:{AES}", "SSLEnabledCipherSuites": f"{AES};AES128-SHA"}, {AES}),
        ({"OpenSSLCipherList": f"{CHACHA}:{AES}", "SSLCipherStrength": 256}, {CHACHA}),
        ({"SSLEnabledCipherSuites": f"{AES};{CHACHA}", "SSLCipherStrength": 256}, {CHACHA}),
        ({"SSLEnabledCipherSuites": f"{AES};{CHACHA}", "SSLEnabledProtocols": 4032}, {AES, CHACHA}),
    ],
)
def test_a_suite_is_enabled_if_every_setting_enables_it(settings, enabled) -> None:
    values = Values()
    for name, value in settings.items():
        values.put(name, value)
    context = make_client_tls(values, CertificateChoice(), "agent").context
    assert {suite["name"] for suite in context.get_ciphers() if not suite["name"].startswith("TLS_")} == enabled


def test_settings_without_a_suite_in_common_are_an_error(serve, idle) -> None:
    serve()
    idle.config(f"OpenSSLCipherList={CHACHA}")
    idle.config(f"SSLEnabledCipherSuites={AES}")
    refused(idle, 10022, "OpenSSLCipherList and SSLEnabledCipherSuites have no suite in common")


@proves("SSLEnabledProtocols", "SSLNegotiatedVersion")
@pytest.mark.parametrize(
    ("number", "version"), [(3072, "TLSv1.2"), (12288, "TLSv1.3"), (15360, "TLSv1.3"), (4032, "TLSv1.2")]
)
def test_only_enabled_protocols_are_negotiated(number, version, serve, idle) -> None:
    serve()
    trust(idle)
    idle.config(f"SSLEnabledProtocols={number}")
    answered(idle)
    assert idle.config("SSLNegotiatedVersion") == version


def test_an_old_protocol_can_be_asked_for(serve, idle) -> None:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context = server_context(minimum_version=ssl.TLSVersion.TLSv1, maximum_version=ssl.TLSVersion.TLSv1)
    context.set_ciphers("ALL:@SECLEVEL=0")
    serve(context)
    trust(idle)
    refused(idle, 276)
    idle.config("SSLEnabledProtocols=192")
    answered(idle)
    assert idle.config("SSLNegotiatedVersion") == "TLSv1"


@pytest.mark.parametrize(("number", "code"), [(48, 10045), (12, 10045), (60, 10045), (0, 10022)])
def test_protocols_that_are_not_available_are_an_error(number, code, idle) -> None:
    with pytest.raises(IPWorksSNMPError) as caught:
        idle.config(f"SSLEnabledProtocols={number}")
    assert caught.value.code == code


@proves("SSLEnableRenegotiation")
@pytest.mark.parametrize("value", [False, True])
def test_renegotiation_is_refused_unless_it_is_enabled(value, idle, tmp_path) -> None:
    agent = RenegotiatingAgent(tmp_path, connections=1 if value else 2)  # a request whose connection ends is sent again
    agent.start()
    trust(idle)
    idle.remote_host, idle.remote_port, idle.ssl_enabled, idle.timeout = "127.0.0.1", agent.port, True, 20
    idle.config(f"SSLEnableRenegotiation={value}")
    ask(idle, SYS_DESCR)
    if value:
        idle.send_get_request()
        assert values_of(idle) == [b""]  # the request's NULL, back again
    else:
        refused(idle, 1120, "renegotiation")
    idle.active = False
    agent.join(20)
    assert agent.renegotiations == value


@proves("ReuseSSLSession")
@pytest.mark.parametrize("value", [False, True])
def test_a_session_is_resumed_if_set(value, serve, idle) -> None:
    agent = serve()
    trust(idle)
    idle.config(f"ReuseSSLSession={value}")
    answered(idle)
    idle.active = False
    answered(idle)
    agent.wait_until(lambda: agent.agent.connections == 1)
    assert agent.call(lambda: agent.agent._server.connections[0].tls.resumed) is value


@proves("LogSSLPackets")
def test_each_tls_record_is_told_of_if_set(serve, idle) -> None:
    agent = serve()
    trust(idle)
    told = record(idle, "on_ssl_status")
    answered(idle)
    assert [event.message for event in told if event.message.startswith("TLS record")] == []
    idle.config("LogSSLPackets=True")  # as of every setting of TLS, from the next connection on, which it makes
    told.clear()
    answered(idle)
    lines = [event.message for event in told]
    assert lines[0].startswith("TLS record sent: Handshake, TLS 1.0, ")
    assert lines[1].startswith("TLS record received: Handshake, TLS 1.2, ")
    told.clear()
    answered(idle)
    assert [event.message.rpartition(",")[0] for event in told] == [
        "TLS record sent: ApplicationData, TLS 1.2",  # as TLS 1.3 calls itself in records (RFC 8446 section 5.1)
        "TLS record received: ApplicationData, TLS 1.2",
    ]
    assert {(event.remote_address, event.remote_port) for event in told} == {(agent.host, agent.port)}
    idle.config("LogSSLPackets=False")
    answered(idle)
    told.clear()
    answered(idle)
    assert told == []


def test_the_records_of_a_peer_that_connects_are_told_of_with_its_address(idle) -> None:
    choose_port(idle)
    idle.ssl_enabled = True
    idle.ssl_cert_encoded = ALL.server.chain_pem + ALL.server.key_pem
    idle.config("LogSSLPackets=True")
    idle.active = True
    told = record(idle, "on_ssl_status")
    peer = Peer(idle, ssl.create_default_context(cadata=ALL.ca_pem))
    port = peer.port
    peer.close()
    assert told[0].message.startswith("TLS record received: Handshake, TLS 1.0, ")
    assert {(event.remote_address, event.remote_port) for event in told} == {("127.0.0.1", port)}


def test_records_that_python_does_not_show_are_warned_of(idle, monkeypatch) -> None:
    cautions.forget()
    monkeypatch.setattr(tls, "CAN_WATCH", False)
    with pytest.warns(NotHonouredWarning, match="LogSSLPackets: this version of Python"):
        idle.config("LogSSLPackets=True")
    cautions.forget()


def test_without_records_connections_are_made_all_the_same(serve, idle, monkeypatch) -> None:
    monkeypatch.setattr(tls, "CAN_WATCH", False)
    serve()
    trust(idle)
    answered(idle)
    assert idle.config("SSLNegotiatedKeyExchange") == idle.config("SSLNegotiatedKeyExchange[1]") == ""
    assert idle.config("SSLNegotiatedKeyExchangeStrength") == "0"
