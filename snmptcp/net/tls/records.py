"""TLS records and handshake messages as they pass: their headers, and the group of the key exchange.

Contains: reading them, and a kind of TLS object that watches its own.  Does not contain: what is done with them.

Python tells the group from version 3.15 on.  Before, it is read from ServerHello and ServerKeyExchange, which OpenSSL
shows to a callback that Python's ssl module has for debugging.
"""

from __future__ import annotations

import contextlib
import ssl
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ("CAN_WATCH", "WatchedObject", "record_text", "watch_records")

#: Whether this version of Python shows records.
CAN_WATCH = hasattr(ssl.SSLContext, "_msg_callback") and hasattr(ssl.SSLObject, "_create")

# Types of handshake messages (RFC 8446 appendix B.3, RFC 5246 section 7.4).
_SERVER_HELLO = 2
_SERVER_KEY_EXCHANGE = 12

_WITH_GROUP = (_SERVER_HELLO, _SERVER_KEY_EXCHANGE)

_KEY_SHARE = 51
_NAMED_CURVE = 3

#: What OpenSSL's callback calls the header of a record, and a handshake message.
_HEADER = 256
_HANDSHAKE = 22

_RECORDS = {20: "ChangeCipherSpec", 21: "Alert", 22: "Handshake", 23: "ApplicationData"}
_VERSIONS = {0x0300: "SSL 3.0", 0x0301: "TLS 1.0", 0x0302: "TLS 1.1", 0x0303: "TLS 1.2", 0x0304: "TLS 1.3"}

#: Names of IANA's registry "TLS Supported Groups", as Python 3.15 has them from OpenSSL.
_GROUPS = {
    23: "secp256r1",
    24: "secp384r1",
    25: "secp521r1",
    26: "brainpoolP256r1",
    27: "brainpoolP384r1",
    28: "brainpoolP512r1",
    29: "x25519",
    30: "x448",
    31: "brainpoolP256r1tls13",
    32: "brainpoolP384r1tls13",
    33: "brainpoolP512r1tls13",
    256: "ffdhe2048",
    257: "ffdhe3072",
    258: "ffdhe4096",
    259: "ffdhe6144",
    260: "ffdhe8192",
    4587: "SecP256r1MLKEM768",
    4588: "X25519MLKEM768",
    4589: "SecP384r1MLKEM1024",
}


class WatchedObject(ssl.SSLObject):
    """A TLS object that knows the group of its key exchange, as those of Python 3.15 do.

    Attributes:
        peer: the other end's address, if it is known.
    """

    _shared = b""  # the ServerHello of TLS 1.3 or the ServerKeyExchange of TLS 1.2
    peer: object = None

    @classmethod
    def _create(cls, *args: Any, context: ssl.SSLContext, **options: Any) -> Any:
        """Make an object while its context has the callback: OpenSSL asks for it then."""
        with _watching(context):
            return super()._create(*args, context=context, **options)  # type: ignore[misc]  # as SSLContext calls it

    def do_handshake(self) -> None:
        """Take part in the handshake; the standard library's contract."""
        with _watching(self.context):
            super().do_handshake()

    def group(self) -> str | None:
        """Return the group's name; ``None`` if it is not known, as of a resumed session of TLS 1.2."""
        if self.version() == "TLSv1.3":
            return _group_of_server_hello(self._shared)
        cipher = self.cipher()
        return _group_of_key_exchange(self._shared, cipher[0] if cipher else "")


def watch_records(context: ssl.SSLContext, on_record: Callable[[ssl.SSLObject, bool, bytes], object] | None) -> None:
    """Have the TLS objects of a context watch their records.

    Args:
        context: the context; objects that it makes from now on are :class:`WatchedObject`.
        on_record: called with each record's object, whether it is sent, and its header of five octets; ``None`` if only
            the group is of interest, so that nothing is called after the handshake.  It must not refer to the context:
            OpenSSL would keep both for ever.
    """

    def passed(watched: Any, direction: str, *message: Any) -> None:
        _note_handshake(watched, direction, *message)
        _, content, _, data = message
        if content == _HEADER and on_record is not None:
            on_record(watched, direction == "write", bytes(data))

    context.sslobject_class = WatchedObject
    if on_record is not None:
        _set_callback(context, passed)


def _note_handshake(watched: Any, _direction: str, *message: Any) -> None:
    """Keep the message that has the group; the arguments are those of OpenSSL's callback."""
    _, content, kind, data = message
    if content == _HANDSHAKE and kind in _WITH_GROUP and isinstance(watched, WatchedObject):
        watched._shared = bytes(data)  # noqa: SLF001 - the two belong together


@contextlib.contextmanager
def _watching(context: ssl.SSLContext) -> Iterator[None]:
    """Watch handshakes for a while, unless all records are watched."""
    if context._msg_callback is not None:  # type: ignore[attr-defined]  # noqa: SLF001 - there is no public name
        yield
        return
    _set_callback(context, _note_handshake)
    try:
        yield
    finally:
        _set_callback(context, None)


def _set_callback(context: ssl.SSLContext, callback: Callable[..., None] | None) -> None:
    context._msg_callback = callback  # type: ignore[attr-defined]  # noqa: SLF001 - there is no public name


def record_text(header: bytes, *, sent: bool) -> str:
    """Return a record's header as a line: its direction, type, version and length."""
    kind, version, length = header[0], int.from_bytes(header[1:3], "big"), int.from_bytes(header[3:5], "big")
    name = _RECORDS.get(kind, f"type {kind}")
    words = _VERSIONS.get(version, f"version {version:#06x}")
    return f"TLS record {'sent' if sent else 'received'}: {name}, {words}, {length} bytes"


def _group_of_server_hello(message: bytes) -> str | None:
    """Return the group of a ServerHello's key_share (RFC 8446 sections 4.1.3 and 4.2.8)."""
    if message[:1] != bytes((_SERVER_HELLO,)):
        return None
    at = 4 + 2 + 32  # the message's header, the version and the random octets
    at += 1 + message[at] if at < len(message) else 0  # the session ID
    at += 2 + 1 + 2  # the cipher suite, the compression method, and the extensions' length
    while at + 6 <= len(message):
        kind, size = (int.from_bytes(message[place : place + 2], "big") for place in (at, at + 2))
        if kind == _KEY_SHARE:
            return _name(int.from_bytes(message[at + 4 : at + 6], "big"))
        at += 4 + size
    return None


def _group_of_key_exchange(message: bytes, cipher: str) -> str | None:
    """Return the group of a ServerKeyExchange (RFC 8422 section 5.4, RFC 5246 section 7.4.3)."""
    if message[:1] != bytes((_SERVER_KEY_EXCHANGE,)):
        return None
    if cipher.startswith("ECDHE") and message[4:5] == bytes((_NAMED_CURVE,)):
        return _name(int.from_bytes(message[5:7], "big"))
    if cipher.startswith("DHE"):
        prime = message[6 : 6 + int.from_bytes(message[4:6], "big")]
        return f"dh{int.from_bytes(prime, 'big').bit_length()}"
    return None


def _name(number: int) -> str:
    return _GROUPS.get(number, f"group {number}")
