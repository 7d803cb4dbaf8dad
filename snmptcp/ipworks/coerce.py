"""Conversion of what a program assigns to the type of a property, a setting or an event's attribute.

Contains: one function for each type of the tables, and the codecs of code pages.
Does not contain: ranges and choices (:mod:`snmptcp.ipworks.store`), types of objects (:mod:`snmptcp.ipworks.objects`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.ipworks.errors import CANNOT_CONVERT, INVALID, IPWorksSNMPError
from snmptcp.ipworks.octets import OctetText

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ("COERCIONS", "code_page_codec", "is_secret", "to_bool", "to_bytes", "to_int", "to_str")

_TRUE = frozenset({"true", "1", "yes", "on"})
_FALSE = frozenset({"false", "0", "no", "off", ""})

#: Windows code pages whose Python codec is not named after the number.
_CODE_PAGES = {65001: "utf-8", 65000: "utf-7", 20127: "ascii", 1200: "utf-16-le", 1201: "utf-16-be", 0: "utf-8"}
_CODE_PAGES |= {28590 + part: f"iso8859-{part}" for part in (1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 15)}


def code_page_codec(number: int) -> str:
    """Return the codec of a Windows code page.

    Raises:
        IPWorksSNMPError: Python has no codec for it.
    """
    name = _CODE_PAGES.get(number, f"cp{number}")
    try:
        "".encode(name)
    except LookupError:
        raise IPWorksSNMPError(CANNOT_CONVERT, f"unknown code page {number}") from None
    return name


def is_secret(name: str) -> bool:
    """Return whether the value of a property, a setting or an attribute must not be shown."""
    return name.lower().endswith(("community", "password", "hash", "firewalldata", "store"))


def _shown(what: str, value: object) -> str:
    """Return a value for an error, unless it may be a password: passwords get into the wrong place, too."""
    hidden = is_secret(what) or what.lower().endswith(("protocol", "algorithm"))
    return type(value).__name__ if hidden else repr(value)


def to_bool(what: str, value: object) -> bool:
    """Return a bool for a bool, a number or a word."""
    if isinstance(value, str):
        word = value.strip().lower()
        if word in _TRUE or word in _FALSE:
            return word in _TRUE
    elif isinstance(value, int):
        return bool(value)
    raise IPWorksSNMPError(INVALID, f"{what} must be True or False, not {_shown(what, value)}")


def to_int(what: str, value: object) -> int:
    """Return an int for an int or for the decimal or hexadecimal (``0x``) text of one."""
    if isinstance(value, int):
        return int(value)
    text = value.decode("ascii", "replace") if isinstance(value, bytes | bytearray) else value
    if isinstance(text, str):
        text = text.strip()
        try:
            return int(text, 16 if text.lower().startswith("0x") else 10)
        except ValueError:
            pass
    raise IPWorksSNMPError(INVALID, f"{what} must be a number, not {_shown(what, value)}")


def to_str(what: str, value: object, codec: str = "utf-8") -> str:
    """Return a str for a str, for octets in the codec, for a number, or for ``None`` (empty)."""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode(codec, "surrogateescape")
    if isinstance(value, OctetText):
        return value.octets.decode(codec, "surrogateescape")
    if value is None:
        return ""
    if isinstance(value, str | int):
        return str(value)
    raise IPWorksSNMPError(INVALID, f"{what} must be text, not {_shown(what, value)}")


def to_bytes(what: str, value: object, codec: str = "utf-8") -> bytes:
    """Return octets for octets, for a str in the codec, for a number's digits, or for ``None`` (empty)."""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    if isinstance(value, OctetText):
        return value.octets
    if value is None:
        return b""
    if isinstance(value, str | int):
        try:
            return str(value).encode(codec, "surrogateescape")
        except UnicodeEncodeError as error:
            text = f"{what} cannot be encoded in code page {codec}: {error.reason}"
            raise IPWorksSNMPError(CANNOT_CONVERT, text) from None  # the error would show the value
    raise IPWorksSNMPError(INVALID, f"{what} must be octets or text, not {_shown(what, value)}")


COERCIONS: Mapping[str, Callable[[str, object], object]] = {
    "bool": to_bool,
    "int": to_int,
    "str": to_str,
    "bytes": to_bytes,
}
