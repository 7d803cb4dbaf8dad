"""The codes and texts of errors."""

from __future__ import annotations

import asyncio
import copy
import errno
import pickle
import socket
import ssl
import traceback

import pytest

from snmptcp.errors import (
    ClosedError,
    ConfigurationError,
    ConnectFailed,
    ConnectionLost,
    DecodeError,
    ProxyFailed,
    RequestTimeout,
    SecurityError,
    SnmpError,
    TlsFailed,
    TlsFailure,
    WrongDigest,
)
from snmptcp.ipworks import IPWorksSNMPError
from snmptcp.ipworks.errors import IPWorksSNMPError as Error
from snmptcp.ipworks.errors import status_text, translate
from snmptcp.testing import Close


def test_a_refused_connection_raises_with_its_code_and_text(mgr) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        mgr.remote_port = closed.getsockname()[1]
    with pytest.raises(IPWorksSNMPError, match=r"\[10061\].*refused") as caught:
        mgr.send_get_request()
    assert caught.value.code == 10061
    assert caught.value.message == str(caught.value)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a..b", "a" * 300])
def test_an_unknown_host_raises_11001(host, mgr) -> None:
    mgr.remote_host = host
    with pytest.raises(IPWorksSNMPError) as caught:
        mgr.send_get_request()
    assert caught.value.code == 11001


def test_a_connection_that_the_agent_closes_raises_when_it_closes_again(mgr, agent) -> None:
    agent.inject(Close(), times=2)
    with pytest.raises(IPWorksSNMPError, match="closed") as caught:
        mgr.send_get_request()
    assert caught.value.code == 1120


def caused(error: Exception, cause: BaseException) -> Exception:
    error.__cause__ = cause
    return error


REFUSED = OSError(errno.ECONNREFUSED, "refused")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RequestTimeout(5), 201),
        (RequestTimeout(5, WrongDigest("the agent reports a wrong digest")), 1302),
        (TlsFailed("peer", TlsFailure.EXPIRED), 275),
        (TlsFailed("peer", TlsFailure.HOST_NAME), 280),
        (TlsFailed("peer", TlsFailure.NO_CERTIFICATE), 282),
        (TlsFailed("peer", TlsFailure.REFUSED_BY_PEER), 281),
        (TlsFailed("peer", TlsFailure.TIMEOUT), 201),
        (TlsFailed("peer", TlsFailure.VERSION), 276),
        (caused(ProxyFailed("no"), REFUSED), 1301),
        (ConnectFailed("no reason"), 10060),
        (caused(ConnectFailed("no"), REFUSED), 10061),
        (caused(ConnectFailed("no"), caused(ConnectFailed("no"), REFUSED)), 10061),
        (caused(ConnectFailed("no"), ExceptionGroup("both", [REFUSED, OSError(errno.ENETUNREACH, "no")])), 10061),
        (caused(ConnectFailed("no"), ExceptionGroup("none", [OSError("no number")])), 10060),
        (caused(ConnectFailed("no"), socket.gaierror(-2, "unknown")), 11001),
        (caused(ConnectFailed("no"), TimeoutError()), 201),
        (ConnectionLost("closed"), 1120),
        (caused(ConnectionLost("lost"), OSError(errno.ECONNRESET, "reset")), 10054),
        (caused(ConnectionLost("lost"), ssl.SSLError(1, "alert")), 1120),
        (ClosedError("closed"), 10004),
        (asyncio.CancelledError(), 10004),
        (SecurityError("no"), 1302),
        (DecodeError("no"), 1303),
        (ConfigurationError("no"), 10022),
        (RuntimeError("not now"), 211),
        (SnmpError("what"), 10022),
        (KeyError("what"), 10022),
    ],
)
def test_each_error_has_its_code_whatever_its_text(error, code) -> None:
    translated = translate(error)
    assert translated.code == code
    assert translated.cause is error
    assert translated.__cause__ is None
    assert translated.message.startswith(f"[{code}] ") is (code >= 10000 and code != 10022)


def test_an_error_of_the_facade_is_not_translated_again() -> None:
    error = Error(1, "one")
    assert translate(error) is error
    assert str(error) == "one"


@pytest.mark.parametrize("text", ["Connection refused", "Permission denied"])
def test_the_text_of_an_error_does_not_decide_its_code(text) -> None:
    assert translate(ConnectFailed(f"cannot connect: {text}")).code == 10060


def test_a_traceback_shows_one_exception_and_nothing_of_the_event_loop(mgr) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        mgr.remote_port = closed.getsockname()[1]
    with pytest.raises(IPWorksSNMPError) as caught:
        mgr.send_get_request()
    lines = "".join(traceback.format_exception(caught.value)).splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-1].startswith("snmptcp.ipworks.IPWorksSNMPError: [10061] cannot connect")
    assert len([line for line in lines if line.startswith("Traceback")]) == 1
    assert not [line for line in lines if "asyncio" in line or "await" in line]
    assert isinstance(caught.value.cause, ConnectFailed)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda mgr: mgr.walk("no name"),
        lambda mgr: mgr.config("CodePage=12345"),
        lambda mgr: setattr(mgr, "local_engine_id", "abcd"),
        lambda mgr: setattr(mgr, "ssl_accept_server_cert_encoded", "no certificate"),
        lambda mgr: mgr.hash_passwords(),
    ],
)
def test_an_error_without_a_connection_is_shown_alone(wrong, idle) -> None:
    idle.authentication_password = "short"
    with pytest.raises(IPWorksSNMPError) as caught:
        wrong(idle)
    text = "".join(traceback.format_exception(caught.value))
    assert text.count("Traceback") == 1


@pytest.mark.parametrize("again", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
def test_an_error_is_copied_and_pickled_without_its_cause(again) -> None:
    other = again(translate(TlsFailed("peer", TlsFailure.EXPIRED)))
    assert (type(other), other.code, other.cause) == (IPWorksSNMPError, 275, None)
    assert "expired" in other.message


def test_every_error_status_has_its_documented_text() -> None:
    assert [status_text(status) for status in range(19)] == [
        "No error.",
        "The response cannot fit in a single SNMP message.",
        "Variable does not exist.",
        "Invalid value or syntax.",
        "Variable is read-only.",
        "Other error (SNMPv1).",
        "Access denied.",
        "Wrong object type.",
        "Wrong length.",
        "Wrong encoding.",
        "Wrong value.",
        "No creation.",
        "Inconsistent value.",
        "Resource unavailable.",
        "Commit failed.",
        "Undo failed.",
        "Authorization error.",
        "Variable is not writable.",
        "Inconsistent name.",
    ]
    assert status_text(19) == "Unknown error-status 19."
