"""TLS records and handshake messages as they pass: their headers, and the group of the key exchange.

Contains: reading them, and a kind of TLS object that watches its own.  Does not contain: what is done with them.

Python tells the group from version 3.15 on.  Before, it is read from ServerHello and ServerKeyExchange, which OpenSSL
shows to a callback that Python's ssl module has for debugging.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ("CAN_WATCH", "WatchedObject", "record_text", "watch_records")

#: Whether this version of Python shows records.
CAN_WATCH = hasattr(ssl.SSLContext, "_msg_callback")

# Types of handshake messages (RFC 8446 appendix B.3, RFC 5246 section 7.4).
_SERVER_HELLO = 2
_SERVER_KEY_EXCHANGE = 12

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
            the group is of interest.  It must not refer to the context: OpenSSL would keep both for ever.
    """

    def passed(watched: Any, direction: str, _version: object, content: int, message: int, data: bytes) -> None:
        if content == _HANDSHAKE:
            if message in (_SERVER_HELLO, _SERVER_KEY_EXCHANGE) and isinstance(watched, WatchedObject):
                watched._shared = bytes(data)  # noqa: SLF001 - the two belong together
        elif content == _HEADER and on_record is not None:
            on_record(watched, direction == "write", bytes(data))

    context.sslobject_class = WatchedObject
    context._msg_callback = passed  # type: ignore[attr-defined]  # noqa: SLF001 - there is no public name


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
