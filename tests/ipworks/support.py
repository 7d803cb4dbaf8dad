"""Steps that the facade's tests share: what a program does with an object, and what a peer does to it."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import UsmUser
from snmptcp.codec.framer import Framer
from snmptcp.ipworks import IPWorksSNMPError
from snmptcp.net.tls import ServerTls, TlsOptions
from tests.support.certificates import certificates
from tests.support.netsnmp import free_port

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

    from snmptcp.ipworks import SNMPTCPMgr

ROOT = Path(__file__).parents[2]

#: The documented names, by kind.
NAMES: dict[str, list[str]] = json.loads((ROOT / "tests" / "ipworks_names.json").read_text())

AUTH = "authpass123"
PRIV = "privpass123"

USERS = (
    UsmUser("open"),
    UsmUser("md5", "MD5", AUTH),
    UsmUser("sha", "SHA", AUTH),
    UsmUser("sha256", "SHA-256", AUTH),
    UsmUser("sha512", "SHA-512", AUTH),
    UsmUser("des", "MD5", AUTH, "DES", PRIV),
    UsmUser("aes", "SHA", AUTH, "AES", PRIV),
    UsmUser("3des", "SHA", AUTH, "3DES", PRIV),
    UsmUser("aes192c", "SHA", AUTH, "AES-192-C", PRIV),
    UsmUser("aes256c", "SHA", AUTH, "AES-256-C", PRIV),
    UsmUser("aes192", "SHA", AUTH, "AES-192", PRIV),
    UsmUser("aes256", "SHA", AUTH, "AES-256", PRIV),
)

UP = "1.3.6.1.2.1.1.3.0"
TRAP_OID = "1.3.6.1.6.3.1.1.4.1.0"


def ask(mgr: SNMPTCPMgr, *names: str) -> None:
    """Put names into the arrays."""
    mgr.obj_count = 0
    mgr.obj_count = len(names)
    for index, name in enumerate(names):
        mgr.set_obj_id(index, name)


def put(mgr: SNMPTCPMgr, name: str, kind: int, value: Any) -> None:
    """Put one object with a value into the arrays."""
    ask(mgr, name)
    mgr.set_obj_type(0, kind)
    mgr.set_obj_value(0, value)


def be(mgr: SNMPTCPMgr, user: str, authentication: int = 0, encryption: int = 0) -> None:
    """Use SNMPv3 as a user."""
    mgr.snmp_version = 3
    mgr.user = user
    mgr.authentication_password = AUTH if authentication else ""
    mgr.authentication_protocol = authentication or 1
    mgr.encryption_password = PRIV if encryption else ""
    mgr.encryption_algorithm = encryption or 1


def record(mgr: SNMPTCPMgr, *names: str) -> list[Any]:
    """Return a list that these events' handlers append their arguments to."""
    told: list[Any] = []
    for name in names:
        setattr(mgr, name, told.append)
    return told


def pump_until(mgr: SNMPTCPMgr, condition: Callable[[], object]) -> None:
    """Deliver events until a condition is true; the agent, in its own thread, may need some time on a busy machine."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if condition():
            return
        mgr.do_events()
    raise AssertionError("the condition did not become true")


def names(mgr: SNMPTCPMgr) -> list[str]:
    """Return the names in the arrays."""
    return [mgr.get_obj_id(index) for index in range(mgr.obj_count)]


def values(mgr: SNMPTCPMgr) -> list[bytes]:
    """Return the values in the arrays."""
    return [mgr.get_obj_value(index) for index in range(mgr.obj_count)]


class Clock:
    """Moves on the clock of an object's event loop, which must exist."""

    def __init__(self, mgr) -> None:
        loop = mgr._core._pump._private.loop
        self._real = loop.time
        self._skipped = 0.0
        loop.time = lambda: self._real() + self._skipped

    def skip(self, seconds: float) -> None:
        self._skipped += seconds


# -------------------------------------------------------------------------------------------- sockets


@contextlib.contextmanager
def open_socket(local_port: int, remote_port: int) -> Iterator[socket.socket]:
    """Give this process's own end of a connection, found by its two ports."""
    for path in Path("/proc/self/fd").iterdir():
        with contextlib.ExitStack() as stack:
            try:
                candidate = stack.enter_context(_socket_of(os.dup(int(path.name))))
                ports = candidate.getsockname()[1], candidate.getpeername()[1]
            except (OSError, IndexError):
                continue  # closed meanwhile, or no TCP connection
            if ports == (local_port, remote_port):
                yield candidate
                return
    raise AssertionError(f"no connection from port {local_port} to port {remote_port}")


def _socket_of(descriptor: int) -> socket.socket:
    try:
        return socket.socket(fileno=descriptor)
    except OSError:
        os.close(descriptor)
        raise


def choose_port(mgr: SNMPTCPMgr) -> None:
    """Choose a port to listen on; the object takes another one if it is in use by then."""
    mgr.local_host = "127.0.0.1"
    mgr.local_port = free_port()
    mgr.config("ForceLocalPort=False")


class Peer:
    """A connection to a listening object; it cuts what the object sends into messages."""

    def __init__(self, mgr: SNMPTCPMgr, tls: ssl.SSLContext | None = None) -> None:
        self._mgr = mgr
        self._framer = Framer()
        self._messages: list[bytes] = []
        self._socket: socket.socket = socket.create_connection(("127.0.0.1", mgr.local_port), timeout=20)
        try:
            if tls is not None:
                self._shake_hands(tls)
            self._socket.settimeout(0.01)
        except BaseException:
            self._socket.close()
            raise

    def _shake_hands(self, tls: ssl.SSLContext) -> None:
        """Shake hands in another thread, while the object runs its loop here."""
        failed: list[BaseException] = []

        def work() -> None:
            try:
                self._socket = tls.wrap_socket(self._socket, server_hostname="localhost")
            except OSError as error:
                failed.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        while thread.is_alive():
            self._mgr.do_events()
        if failed:
            raise failed[0]

    @property
    def port(self) -> int:
        port: int = self._socket.getsockname()[1]
        return port

    def send(self, *messages: bytes) -> None:
        self._socket.settimeout(20)
        self._socket.sendall(b"".join(messages))
        self._socket.settimeout(0.01)

    def answer(self) -> bytes:
        """Return the next message that the object sends."""
        deadline = time.monotonic() + 20
        while not self._messages and time.monotonic() < deadline:
            self._mgr.do_events()
            with contextlib.suppress(TimeoutError):
                self._receive()
        return self._messages.pop(0)

    def sent(self) -> bytes:
        """Return the next message that the object has sent, without a call of the object."""
        self._socket.settimeout(5)
        while not self._messages:
            self._receive()
        self._socket.settimeout(0.01)
        return self._messages.pop(0)

    def _receive(self) -> None:
        data = self._socket.recv(65536)
        if not data:
            raise ConnectionError("closed")
        self._messages += self._framer.feed(data)

    def close(self) -> None:
        self._socket.close()


# ------------------------------------------------------------------------------------------------ TLS


def server_context(issued: Any = None, **changes: object) -> ssl.SSLContext:
    """Return a server's context, with attributes changed."""
    issued = certificates().server if issued is None else issued
    context = ServerTls(TlsOptions(certificate=issued.chain_pem, key=issued.key_pem)).context
    for name, value in changes.items():
        setattr(context, name, value)
    return context


def trust(mgr: SNMPTCPMgr) -> None:
    """Trust the authority of the tests' certificates."""
    mgr.config(f"SSLServerCACerts={certificates().ca_pem}")


def refused(mgr: SNMPTCPMgr, code: int, match: str | None = None) -> None:
    """Check that a request fails."""
    with pytest.raises(IPWorksSNMPError, match=match) as caught:
        mgr.send_get_request()
    assert caught.value.code == code


def answered(mgr: SNMPTCPMgr) -> None:
    """Check that a request is answered."""
    mgr.send_get_request()
    assert values(mgr) == [b"a switch"]
