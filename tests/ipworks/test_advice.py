"""Errors name the property or setting that a program can change."""

from __future__ import annotations

import socket
import ssl

import pytest

from snmptcp.errors import ConnectFailed, ConnectionLost, SnmpError, TlsFailed, TlsFailure
from snmptcp.ipworks.advice import advised
from snmptcp.ipworks.store import Values
from tests.ipworks.support import ask, record, refused, server_context, trust
from tests.support.mibs import SYS_DESCR
from tests.support.renegotiation import RenegotiatingAgent


def advice(error: SnmpError, **settings: object) -> str:
    """Return what is advised for an error."""
    values = Values()
    for name, value in settings.items():
        values.put(name, value)
    return advised(error, values).message


def of(failure: TlsFailure) -> TlsFailed:
    return TlsFailed("peer", failure)


def unknown_host() -> ConnectFailed:
    error = ConnectFailed("cannot connect to switch")
    error.__cause__ = socket.gaierror(-2, "unknown")
    return error


@pytest.mark.parametrize(
    ("error", "settings", "expected"),
    [
        (unknown_host(), {}, "(UseIPv6=0 takes IPv4 addresses only, UseIPv6=2 either)"),
        (unknown_host(), {"UseIPv6": 1}, "(UseIPv6=1 takes IPv6 addresses only, UseIPv6=2 either)"),
        (unknown_host(), {"UseIPv6": 2}, "cannot connect to switch"),
        (of(TlsFailure.UNKNOWN_CA), {}, "on_ssl_server_authentication may accept it)"),
        (of(TlsFailure.SELF_SIGNED), {}, "(ssl_accept_server_cert_encoded accepts one certificate; a handler"),
        (of(TlsFailure.HOST_NAME), {}, "(set remote_host to a name in the certificate; a handler"),
        (of(TlsFailure.NO_CRL), {}, "SSLCheckCRL=2 needs none)"),
        (of(TlsFailure.REFUSED_BY_PEER), {}, "(ssl_cert_store and ssl_cert_subject choose"),
        (of(TlsFailure.VERSION), {}, "(SSLEnabledProtocols enables versions)"),
        (of(TlsFailure.RENEGOTIATION), {}, "(SSLEnableRenegotiation=True allows it)"),
        (of(TlsFailure.CIPHER), {}, "none strong enough"),
        (
            of(TlsFailure.CIPHER),
            {"SSLCipherStrength": 256, "TLS12SupportedGroups": "ecdhe_x448"},
            "(SSLCipherStrength and TLS12SupportedGroups restrict the choice)",
        ),
        (of(TlsFailure.EXPIRED), {}, "has expired"),
    ],
)
def test_a_failure_names_what_can_be_changed(error, settings, expected) -> None:
    text = advice(error, **settings)
    assert text.endswith(expected) or expected in text
    assert text.endswith(")") is (expected != "has expired" and not expected.startswith(("cannot", "none")))
    assert advised(error, Values()).cause is error


def test_the_reason_of_tls_is_found_among_the_causes() -> None:
    lost = ConnectionLost("lost")
    lost.__cause__ = of(TlsFailure.RENEGOTIATION)
    assert advice(lost) == "lost (SSLEnableRenegotiation=True allows it)"


def test_an_ipv6_address_without_ipv6_is_told_which_setting_allows_it(mgr) -> None:
    mgr.remote_host = "::1"
    refused(mgr, 11001, "UseIPv6=0 takes IPv4 addresses only, UseIPv6=2 either")
    mgr.timeout = 0
    told = record(mgr, "on_error")
    mgr.send_get_request()
    mgr.do_events()
    for _ in range(100):
        if told:
            break
        mgr.do_events()
    assert "UseIPv6=2" in told[0].description


def test_a_server_that_asks_for_renegotiation_is_told_which_setting_allows_it(idle, tmp_path) -> None:
    server = RenegotiatingAgent(tmp_path, connections=2)  # the request is sent again
    server.start()
    trust(idle)
    idle.remote_host, idle.remote_port, idle.ssl_enabled, idle.timeout = "127.0.0.1", server.port, True, 20
    ask(idle, SYS_DESCR)
    refused(idle, 1120, r"asked for renegotiation, which is not allowed\) \(SSLEnableRenegotiation=True allows it\)")
    server.join(20)
    assert server.renegotiations == 0


def test_a_restriction_that_no_server_meets_is_named(serve, idle) -> None:
    serve(server_context(maximum_version=ssl.TLSVersion.TLSv1_2))
    trust(idle)
    idle.config("OpenSSLCipherList=DHE+AESGCM")
    refused(idle, 276, r"\(OpenSSLCipherList restrict")
