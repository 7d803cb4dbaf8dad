"""Which server certificates are accepted: by verification, settings and handlers."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from typing import NoReturn

import pytest

from snmptcp.ipworks import IPWorksSNMPError
from snmptcp.ipworks import emit as emit_module
from snmptcp.ipworks.options.certificates import certificate_facts, rsa_bits
from tests.ipworks.proofs import proves
from tests.ipworks.support import answered, ask, record, refused, trust
from tests.support.certificates import certificates
from tests.support.mibs import SYS_DESCR

ALL = certificates()


@proves("ssl_accept_server_cert_encoded")
@pytest.mark.parametrize("framed", [True, False])
def test_an_assigned_server_certificate_is_accepted_without_verification(framed, serve, idle) -> None:
    serve(issued=ALL.self_signed_and_expired)
    refused(idle, 275)
    text = ALL.self_signed_and_expired.certificate_pem
    idle.ssl_accept_server_cert_encoded = text if framed else "".join(text.splitlines()[1:-1])
    answered(idle)
    idle.ssl_accept_server_cert_encoded = ALL.self_signed.certificate_pem
    refused(idle, 275)
    with pytest.raises(IPWorksSNMPError, match="certificate"):
        idle.ssl_accept_server_cert_encoded = "no certificate"


@proves("on_ssl_server_authentication")
def test_a_handler_may_accept_a_server_that_is_not_trusted(serve, idle) -> None:
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


def test_accept_is_preset_to_the_result_and_nothing_is_sent_without_acceptance(serve, idle) -> None:
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
    refused(idle, 280, r"the certificate was not accepted \(by the handler of on_ssl_server_authentication\)")
    assert told == [(True, "OK")]
    assert agent.agent.statistics.messages_in == 0


def odd_certificate(fault: str) -> bytes:
    """Return a certificate (DER) that OpenSSL reads, and cryptography does not, or only with a warning."""
    der = bytearray(ALL.server.der)
    version = der.index(b"\xa0\x03\x02\x01\x02\x02")
    if fault == "negative serial number":
        der[version + 7] |= 0x80
    elif fault == "unknown version":
        der[version + 4] = 5
    else:
        date = der.index(b"\x17\x0d")
        der[date + 2 : date + 15] = b"99x9999999999"
    return bytes(der)


@pytest.mark.parametrize("fault", ["negative serial number", "unknown version", "no date"])
def test_a_server_whose_certificate_only_openssl_can_read_is_verified_as_any_other(fault, idle, tmp_path) -> None:
    der = odd_certificate(fault)
    path = tmp_path / "server.pem"
    path.write_text(ssl.DER_cert_to_PEM_cert(der) + ALL.server.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    received: list[bytes] = []

    def serve_all(server: socket.socket) -> None:
        with contextlib.suppress(OSError):  # the server is closed
            while True:
                client, _ = server.accept()
                with client, contextlib.suppress(OSError), context.wrap_socket(client, server_side=True) as secured:
                    received.append(secured.recv(1000))

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve_all, args=(server,))
        thread.start()
        idle.remote_host, idle.remote_port = "localhost", server.getsockname()[1]
        idle.ssl_enabled, idle.timeout = True, 20
        ask(idle, SYS_DESCR)
        told = record(idle, "on_ssl_server_authentication")
        refused(idle, 275, "issuer is not trusted")
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
    assert not any(received)
    assert [(event.accept, event.cert_encoded) for event in told] == [(False, ssl.DER_cert_to_PEM_cert(der).encode())]
    assert certificate_facts(der)["cert_subject"] in ("CN=agent", "")
    assert rsa_bits(der) == 0


@pytest.mark.parametrize("handler", [None, lambda e: setattr(e, "accept", True)])
def test_a_certificate_that_cannot_be_examined_is_not_accepted(handler, serve, idle, monkeypatch) -> None:
    def fail(der: bytes) -> NoReturn:
        raise RuntimeError("a fault")

    monkeypatch.setattr(emit_module, "certificate_facts", fail)
    agent = serve()
    trust(idle)
    idle.on_ssl_server_authentication = handler
    refused(idle, 280, "it could not be examined: RuntimeError: a fault")
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
def test_a_handshake_and_its_failure_fire_on_ssl_status(serve, idle) -> None:
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


@proves("SSLIncludeCertChain")
def test_the_whole_chain_is_in_the_event_if_set(serve, idle) -> None:
    serve(issued=ALL.server_of_intermediate)
    trust(idle)
    told = record(idle, "on_ssl_server_authentication")
    answered(idle)
    assert told[0].cert_encoded.count(b"BEGIN CERTIFICATE") == 1
    idle.active = False
    idle.config("SSLIncludeCertChain=True")
    answered(idle)
    assert told[1].cert_encoded.count(b"BEGIN CERTIFICATE") >= 2


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
def test_each_flag_forgives_its_own_fault(issued, flag, serve, idle) -> None:
    serve(issued=getattr(ALL, issued))
    trust(idle)
    refused(idle, 280 if issued == "elsewhere" else 275)
    idle.config(f"SSLSecurityFlags={flag}")
    answered(idle)


def test_a_flag_forgives_no_other_fault(serve, idle) -> None:
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


@proves("SSLCheckCRL")
def test_revocation_is_checked_if_set(serve, idle, tmp_path) -> None:
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


def test_a_suite_of_tls_13_that_is_not_enabled_is_refused_once_negotiated(serve, idle) -> None:
    agent = serve()
    trust(idle)
    idle.config("SSLEnabledCipherSuites=TLS_AES_128_GCM_SHA256")
    refused(idle, 276, "not enabled")
    assert agent.agent.statistics.messages_in == 0
