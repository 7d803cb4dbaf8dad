"""The codes and texts of errors."""

from __future__ import annotations

import asyncio
import errno
import socket

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
    import socket

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
    assert translated.__cause__ is error
    assert translated.message.startswith(f"[{code}] ") is (code >= 10000)


def test_an_error_of_the_facade_is_not_translated_again() -> None:
    error = Error(1, "one")
    assert translate(error) is error
    assert str(error) == "one"


@pytest.mark.parametrize("text", ["Connection refused", "Permission denied"])
def test_the_text_of_an_error_does_not_decide_its_code(text) -> None:
    assert translate(ConnectFailed(f"cannot connect: {text}")).code == 10060


def test_every_error_status_has_a_text() -> None:
    assert len({status_text(status) for status in range(19)}) == 19
    assert status_text(19) == "Unknown error-status 19."
