"""The TLS properties, settings and events: what reaches OpenSSL, and whom it makes us believe."""

from __future__ import annotations

import base64
import json
import ssl
from pathlib import Path

import pytest

from snmptcp.ipworks import IPWorksSNMPError
from snmptcp.ipworks.options.tls import openssl_suite_name, standard_suite_name
from snmptcp.net.tls import ClientCertificates, TlsOptions
from tests.ipworks.conftest import ask, record, values
from tests.ipworks.rows import proves
from tests.support.certificates import PASSWORD, certificates
from tests.support.mibs import SYS_DESCR
from tests.support.threaded import ThreadedAgent

ALL = certificates()
VECTORS = Path(__file__).parents[1] / "vectors" / "jks"


def server_context(issued=None, **changes) -> ssl.SSLContext:
    """Return a server's context that can be changed before it is used."""
    from snmptcp.net.tls import ServerTls

    issued = ALL.server if issued is None else issued
    context = ServerTls(TlsOptions(certificate=issued.chain_pem, key=issued.key_pem)).context
    for name, value in changes.items():
        setattr(context, name, value)
    return context


@pytest.fixture
def serve(idle):
    """Start agents that speak TLS, and have the object ask them."""
    agents: list[ThreadedAgent] = []

    def start(tls=None, issued=None, **options):
        issued = ALL.server if issued is None else issued
        tls = TlsOptions(certificate=issued.chain_pem, key=issued.key_pem) if tls is None else tls
        agent = ThreadedAgent(tls=tls, **options)
        agents.append(agent)
        idle.remote_host, idle.remote_port = agent.host, agent.port
        idle.timeout = 20
        idle.ssl_enabled = True
        ask(idle, SYS_DESCR)
        return agent

    yield start
    idle.on_ssl_server_authentication = None
    idle.active = False
    for agent in agents:
        agent.close()


def trust(mgr) -> None:
    mgr.config(f"SSLServerCACerts={ALL.ca_pem}")


def refused(mgr, code: int, match: str | None = None) -> None:
    with pytest.raises(IPWorksSNMPError, match=match) as caught:
        mgr.send_get_request()
    assert caught.value.code == code


def answered(mgr) -> None:
    mgr.send_get_request()
    assert values(mgr) == [b"a switch"]


# -------------------------------------------------------------------------------------- properties


@proves("ssl_enabled", "SSLServerCACerts")
def test_tls_is_spoken_with_a_server_of_an_authority_that_is_trusted(serve, idle) -> None:
    agent = serve()
    refused(idle, 275, "issuer is not trusted")
    trust(idle)
    answered(idle)
    assert agent.call(lambda: agent.agent._server.connections[0].tls.version) == "TLSv1.3"


@proves("ssl_accept_server_cert_encoded")
@pytest.mark.parametrize("framed", [True, False])
def test_a_certificate_that_is_given_is_accepted_as_it_is(framed, serve, idle) -> None:
    serve(issued=ALL.self_signed_and_expired)
    refused(idle, 275)
    text = ALL.self_signed_and_expired.certificate_pem
    idle.ssl_accept_server_cert_encoded = text if framed else "".join(text.splitlines()[1:-1])
    answered(idle)
    idle.ssl_accept_server_cert_encoded = ALL.self_signed.certificate_pem
    refused(idle, 275)
    with pytest.raises(IPWorksSNMPError, match="certificate"):
        idle.ssl_accept_server_cert_encoded = "no certificate"


@proves("ssl_server_cert_encoded")
def test_the_certificate_of_the_server_is_read(serve, idle) -> None:
    serve()
    trust(idle)
    answered(idle)
    assert ssl.PEM_cert_to_DER_cert(idle.ssl_server_cert_encoded.decode()) == ALL.server.der


def with_clients(**options) -> TlsOptions:
    return TlsOptions(
        certificate=ALL.server.chain_pem,
        key=ALL.server.key_pem,
        ca_pem=ALL.ca_pem,
        client_certificates=ClientCertificates.REQUIRED,
        **options,
    )


def shown_to(agent) -> bytes | None:
    certificate: bytes | None = agent.call(lambda: agent.agent._server.connections[0].tls.peer_certificate)
    return certificate


@proves("ssl_cert_store", "ssl_cert_store_password", "ssl_cert_store_type", "ssl_cert_subject")
@pytest.mark.parametrize("blob", [False, True])
@pytest.mark.parametrize("kind", ["pfx", "pem", "auto"])
def test_the_own_certificate_comes_from_a_store(kind, blob, serve, idle, tmp_path) -> None:
    agent = serve(with_clients())
    trust(idle)
    refused(idle, 281)
    content = ALL.client.pem.encode() if kind == "pem" else ALL.client.pkcs12()
    path = tmp_path / "store"
    path.write_bytes(content)
    idle.ssl_cert_store_type = {"pfx": 2, "pem": 6, "auto": 99}[kind] + (blob and kind != "auto")
    idle.ssl_cert_store = content if blob else str(path)
    idle.ssl_cert_store_password = "" if kind == "pem" else PASSWORD
    idle.ssl_cert_subject = "*"
    assert idle.ssl_cert_subject == "CN=manager"
    answered(idle)
    assert shown_to(agent) == ALL.client.der


def test_subjects_are_searched_whole_and_in_part(idle, tmp_path) -> None:
    idle.ssl_cert_store_type = 3
    idle.ssl_cert_store = ALL.client.pkcs12()
    idle.ssl_cert_store_password = PASSWORD
    for subject, found in (
        ("CN=manager", "CN=manager"),
        ("anag", "CN=manager"),
        ("CN=nobody", ""),
        ("*", "CN=manager"),
    ):
        idle.ssl_cert_subject = subject
        assert idle.ssl_cert_subject == found
    assert idle.ssl_cert_encoded == ALL.client.certificate_pem.encode()
    idle.ssl_cert_store = ""
    assert idle.ssl_cert_subject == ""
    assert idle.ssl_cert_encoded == b""


def test_the_other_types_of_stores(idle) -> None:
    idle.ssl_cert_store_type = 5
    idle.ssl_cert_store = base64.b64decode(json.loads((VECTORS / "keytool.json").read_text())["store.jks"])
    idle.ssl_cert_store_password = "changeit"
    idle.ssl_cert_subject = "*"
    assert idle.ssl_cert_subject == "CN=agent.test, OU=lab, O=snmptcp, C=DE"
    idle.ssl_cert_store_type = 9
    idle.ssl_cert_store = ALL.client.certificate_pem
    idle.ssl_cert_subject = "*"
    assert idle.ssl_cert_subject == "CN=manager"
    idle.ssl_cert_store_type = 12
    from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

    idle.ssl_cert_store = pkcs7.serialize_certificates([ALL.client.certificate], Encoding.PEM)
    idle.ssl_cert_subject = "*"
    assert idle.ssl_cert_subject == "CN=manager"


@pytest.mark.parametrize("number", [0, 1, 10, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 50])
def test_stores_that_this_platform_does_not_have_are_an_error(number, idle) -> None:
    with pytest.raises(IPWorksSNMPError, match="not available") as caught:
        idle.ssl_cert_store_type = number
    assert caught.value.code == 10045


@pytest.mark.parametrize(("store", "password", "code"), [("/nowhere/at.all", "", 302), ("pfx", "wrong", 271)])
def test_a_store_that_cannot_be_opened_is_an_error(store, password, code, idle, tmp_path) -> None:
    idle.ssl_cert_store_type = 2
    if store == "pfx":
        path = tmp_path / "store.pfx"
        path.write_bytes(ALL.client.pkcs12())
        store = str(path)
    idle.ssl_cert_store = store
    idle.ssl_cert_store_password = password
    with pytest.raises(IPWorksSNMPError) as caught:
        idle.ssl_cert_subject = "*"
    assert caught.value.code == code


@proves("ssl_cert_encoded")
def test_the_own_certificate_may_be_given_itself(serve, idle) -> None:
    agent = serve(with_clients())
    trust(idle)
    idle.ssl_cert_encoded = ALL.client.pem
    assert idle.ssl_cert_encoded == ALL.client.certificate_pem.encode()
    assert idle.ssl_cert_subject == "CN=manager"
    answered(idle)
    assert shown_to(agent) == ALL.client.der
    idle.ssl_cert_encoded = ALL.client.certificate_pem
    refused(idle, 271, "no private key")
    idle.ssl_cert_encoded = ""
    assert idle.ssl_cert_encoded == b""


# ----------------------------------------------------------------------------------------- events


@proves("on_ssl_server_authentication")
def test_a_handler_sees_the_server_and_may_accept_it_all_the_same(serve, idle) -> None:
    agent = serve(issued=ALL.self_signed)
    told = []

    def decide(e) -> None:
        told.append(e)
        e.accept = 1

    idle.on_ssl_server_authentication = decide
    answered(idle)
    (event,) = told
    assert event.status == "the certificate is self-signed and not trusted"
    assert (event.cert_subject, event.cert_issuer) == ("CN=agent", "CN=agent")
    assert (event.remote_address, event.remote_port) == (agent.host, agent.port)
    assert ssl.PEM_cert_to_DER_cert(event.cert_encoded.decode()) == ALL.self_signed.der


def test_what_is_preset_is_the_verdict_and_nothing_is_sent_without_acceptance(serve, idle) -> None:
    agent = serve(issued=ALL.expired)
    trust(idle)
    told = record(idle, "on_ssl_server_authentication")
    refused(idle, 275, "expired")
    assert [(event.accept, event.status) for event in told] == [(False, "the certificate has expired")]
    assert agent.agent.statistics.messages_in == 0


def test_a_handler_may_refuse_a_server_that_is_trusted(serve, idle) -> None:
    agent = serve()
    trust(idle)
    told = []

    def decide(e) -> None:
        told.append((e.accept, e.status))
        e.accept = False

    idle.on_ssl_server_authentication = decide
    refused(idle, 280)
    assert told == [(True, "OK")]
    assert agent.agent.statistics.messages_in == 0


def test_a_handler_that_fails_accepts_nothing(serve, idle) -> None:
    agent = serve()
    trust(idle)

    def fail(e) -> None:
        raise LookupError("mine")

    idle.on_ssl_server_authentication = fail
    with pytest.raises(LookupError):
        idle.send_get_request()
    idle.active = False
    assert agent.agent.statistics.messages_in == 0


@proves("on_ssl_status")
def test_the_session_is_told_and_so_is_its_failure(serve, idle) -> None:
    agent = serve()
    told = record(idle, "on_ssl_status", "on_connection_status", "on_connected")
    refused(idle, 275)
    assert "not trusted" in told[0].message
    assert (told[0].remote_address, told[0].remote_port) == (agent.host, agent.port)
    assert told[1].status_code == 275
    told.clear()
    trust(idle)
    answered(idle)
    kinds = [getattr(event, "connection_event", "") or getattr(event, "message", "") for event in told]
    assert kinds[:2] == ["Remote host connection complete.", "SSL or S/Shell handshake complete (where applicable)."]
    assert kinds[2].startswith("TLSv1.3, TLS_AES_")


# ---------------------------------------------------------------------------------------- settings


@proves("OpenSSLCAFile")
def test_authorities_come_from_a_file(serve, idle, tmp_path) -> None:
    serve()
    path = tmp_path / "ca.pem"
    path.write_text(ALL.ca_pem)
    idle.config(f"OpenSSLCAFile={path}")
    answered(idle)
    idle.config(f"OpenSSLCAFile={tmp_path / 'missing.pem'}")
    refused(idle, 302)


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
def test_the_cipher_list_is_openssls(serve, idle) -> None:
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


def test_a_suite_of_tls_13_that_is_not_enabled_is_refused_once_negotiated(serve, idle) -> None:
    agent = serve()
    trust(idle)
    idle.config("SSLEnabledCipherSuites=TLS_AES_128_GCM_SHA256")
    refused(idle, 276, "not enabled")
    assert agent.agent.statistics.messages_in == 0


def test_a_suite_that_there_is_not_is_an_error(idle) -> None:
    with pytest.raises(IPWorksSNMPError, match="TLS_ROT13"):
        idle.config("SSLEnabledCipherSuites=TLS_ROT13")


@pytest.mark.parametrize("name", sorted(str(suite["name"]) for suite in ssl.create_default_context().get_ciphers()))
def test_the_names_of_suites_translate_there_and_back(name) -> None:
    assert openssl_suite_name(standard_suite_name(name)) == name


@pytest.mark.parametrize(
    ("standard", "openssl"),
    [
        ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"),
        ("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"),
        ("TLS_DHE_RSA_WITH_AES_128_CBC_SHA256", "DHE-RSA-AES128-SHA256"),
        ("TLS_RSA_WITH_AES_128_CBC_SHA", "AES128-SHA"),
        ("TLS_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256"),
    ],
)
def test_suites_have_two_names(standard, openssl) -> None:
    assert openssl_suite_name(standard) == openssl
    assert standard_suite_name(openssl) == standard


@proves("SSLCipherStrength")
def test_weaker_ciphers_are_not_negotiated(serve, idle) -> None:
    agent = serve(server_context(maximum_version=ssl.TLSVersion.TLSv1_2))
    trust(idle)
    idle.config("SSLCipherStrength=256")
    answered(idle)
    assert agent.call(lambda: agent.agent._server.connections[0].tls.bits) == 256


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


@pytest.mark.parametrize(("number", "code"), [(48, 10045), (12, 10045), (0, 10022), (4080, 10045)])
def test_protocols_that_do_not_exist_any_more_are_an_error(number, code, idle) -> None:
    with pytest.raises(IPWorksSNMPError) as caught:
        idle.config(f"SSLEnabledProtocols={number}")
    assert caught.value.code == code


@proves("SSLEnableRenegotiation")
@pytest.mark.parametrize("value", [False, True])
def test_renegotiation_is_refused_unless_it_is_enabled(value, serve, idle) -> None:
    serve()
    trust(idle)
    idle.config(f"SSLEnableRenegotiation={value}")
    answered(idle)
    context = idle._core._conversation.manager._connector.options.tls.context
    assert bool(context.options & ssl.OP_NO_RENEGOTIATION) is not value


@proves("SSLIncludeCertChain")
def test_the_whole_chain_is_told_if_wanted(serve, idle) -> None:
    serve(issued=ALL.server_of_intermediate)
    trust(idle)
    told = record(idle, "on_ssl_server_authentication")
    answered(idle)
    assert told[0].cert_encoded.count(b"BEGIN CERTIFICATE") == 1
    idle.active = False
    idle.config("SSLIncludeCertChain=True")
    answered(idle)
    assert told[1].cert_encoded.count(b"BEGIN CERTIFICATE") >= 2


@proves(
    "SSLNegotiatedCipher",
    "SSLNegotiatedCipherStrength",
    "SSLNegotiatedCipherSuite",
    "SSLNegotiatedKeyExchange",
    "SSLNegotiatedKeyExchangeStrength",
)
def test_what_was_negotiated_is_read(serve, idle) -> None:
    agent = serve(server_context(maximum_version=ssl.TLSVersion.TLSv1_2))
    trust(idle)
    answered(idle)
    theirs = agent.call(lambda: agent.agent._server.connections[0].tls)
    assert idle.config("SSLNegotiatedCipher") == theirs.cipher
    assert idle.config("SSLNegotiatedCipher[1]") == theirs.cipher
    assert idle.config("SSLNegotiatedCipherStrength") == str(theirs.bits)
    assert idle.config("SSLNegotiatedCipherSuite") == standard_suite_name(theirs.cipher)
    assert idle.config("SSLNegotiatedKeyExchange") == "ECDHE"
    assert idle.config("SSLNegotiatedKeyExchangeStrength") == "0"  # OpenSSL does not tell Python the group


@proves("ReuseSSLSession")
@pytest.mark.parametrize("value", [False, True])
def test_a_session_is_taken_up_again_if_wanted(value, serve, idle) -> None:
    agent = serve()
    trust(idle)
    idle.config(f"ReuseSSLSession={value}")
    answered(idle)
    idle.active = False
    answered(idle)
    agent.wait_until(lambda: agent.agent.connections == 1)
    assert agent.call(lambda: agent.agent._server.connections[0].tls.resumed) is value


@proves("SSLCheckCRL")
def test_revocation_is_looked_up(serve, idle, tmp_path) -> None:
    serve(issued=ALL.revoked)
    path = tmp_path / "ca.pem"
    path.write_text(ALL.ca_pem)
    idle.config(f"OpenSSLCAFile={path}")
    answered(idle)
    idle.config("SSLCheckCRL=1")
    refused(idle, 275, "no revocation list")
    idle.config("SSLCheckCRL=2")
    answered(idle)
    path.write_text(ALL.ca_pem + ALL.crl_pem)
    for value in (1, 2):
        idle.active = False
        idle.config(f"SSLCheckCRL={value}")
        idle.config(f"OpenSSLCAFile={path}")
        refused(idle, 275, "revoked")


@proves("SSLSecurityFlags")
@pytest.mark.parametrize(
    ("issued", "flag"),
    [
        ("expired", 0x1),
        ("not_yet_valid", 0x1),
        ("of_other_authority", 0x10),
        ("self_signed", 0x10),
        ("elsewhere", 0x80000000),
    ],
)
def test_each_flag_forgives_what_it_says(issued, flag, serve, idle) -> None:
    serve(issued=getattr(ALL, issued))
    trust(idle)
    refused(idle, 280 if issued == "elsewhere" else 275)
    idle.config(f"SSLSecurityFlags={flag}")
    answered(idle)


def test_a_flag_forgives_no_more_than_it_says(serve, idle) -> None:
    serve(issued=ALL.self_signed_and_expired)
    for flag in (0x1, 0x10):
        idle.config(f"SSLSecurityFlags={flag}")
        refused(idle, 275)
    idle.config("SSLSecurityFlags=0x11")
    answered(idle)


def test_an_unknown_revocation_may_be_forgiven(serve, idle) -> None:
    serve()
    trust(idle)
    idle.config("SSLCheckCRL=1")
    refused(idle, 275)
    idle.config("SSLSecurityFlags=0x100")
    answered(idle)


def test_a_wrong_usage_cannot_be_forgiven(idle) -> None:
    with pytest.raises(IPWorksSNMPError, match="0x20") as caught:
        idle.config("SSLSecurityFlags=0x20")
    assert caught.value.code == 10045


@proves("TLS12SupportedGroups", "TLS13SupportedGroups")
@pytest.mark.parametrize(
    ("setting", "version", "group", "curve", "other"),
    [
        ("TLS12", ssl.TLSVersion.TLSv1_2, "secp256r1", "prime256v1", "x448"),
        ("TLS13", ssl.TLSVersion.TLSv1_3, "secp384r1", "secp384r1", "secp521r1"),
    ],
)
def test_a_group_is_chosen(setting, version, group, curve, other, serve, idle) -> None:
    context = server_context(maximum_version=version)
    context.minimum_version = version
    context.set_ecdh_curve(curve)
    context.set_ciphers("ECDHE+AESGCM")
    serve(context)
    trust(idle)
    idle.config(f"{setting}SupportedGroups=ecdhe_{group}")
    answered(idle)
    idle.config(f"{setting}SupportedGroups=ecdhe_{other}")
    refused(idle, 276)
    with pytest.raises(IPWorksSNMPError, match="one group") as caught:
        idle.config(f"{setting}SupportedGroups=ecdhe_x25519,ecdhe_secp256r1")
    assert caught.value.code == 10045


def test_snmpv3_inside_tls(serve, idle) -> None:
    from tests.ipworks.conftest import USERS, be

    serve(users=USERS)
    trust(idle)
    be(idle, "aes", 2, 2)
    idle.discover()
    answered(idle)
