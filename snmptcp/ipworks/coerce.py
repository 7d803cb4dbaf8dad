"""What users may write in place of a bool, a number, a text or octets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.ipworks.errors import CANNOT_CONVERT, INVALID, IPWorksSNMPError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ("COERCIONS", "code_page_codec", "to_bool", "to_bytes", "to_int", "to_str")

_TRUE = frozenset({"true", "1", "yes", "on"})
_FALSE = frozenset({"false", "0", "no", "off", ""})

#: Windows numbers of encodings that have no codec named after the number.
_CODE_PAGES = {65001: "utf-8", 65000: "utf-7", 20127: "ascii", 1200: "utf-16-le", 1201: "utf-16-be", 0: "utf-8"}
_CODE_PAGES |= {28590 + part: f"iso8859-{part}" for part in (1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 15)}


def code_page_codec(number: int) -> str:
    """Return the codec of a Windows code page.

    Raises:
        IPWorksSNMPError: there is none.
    """
    name = _CODE_PAGES.get(number, f"cp{number}")
    try:
        "".encode(name)
    except LookupError:
        raise IPWorksSNMPError(CANNOT_CONVERT, f"no code page has the number {number}") from None
    return name


def to_bool(what: str, value: object) -> bool:
    """Return a truth value: a bool, a number, or a word for one."""
    if isinstance(value, str):
        word = value.strip().lower()
        if word in _TRUE or word in _FALSE:
            return word in _TRUE
        raise IPWorksSNMPError(INVALID, f"{what} is True or False, not {value!r}")
    if isinstance(value, int):
        return bool(value)
    raise IPWorksSNMPError(INVALID, f"{what} is True or False, not {value!r}")


def to_int(what: str, value: object) -> int:
    """Return a number: an int, or its decimal text."""
    if isinstance(value, bytes | bytearray):
        value = value.decode("ascii", "replace")
    if isinstance(value, str):
        try:
            return int(value.strip(), 0) if value.strip().lower().startswith("0x") else int(value.strip())
        except ValueError:
            raise IPWorksSNMPError(INVALID, f"{what} is a number, not {value!r}") from None
    if isinstance(value, int):
        return int(value)
    raise IPWorksSNMPError(INVALID, f"{what} is a number, not {value!r}")


def to_str(what: str, value: object, codec: str = "utf-8") -> str:
    """Return text: a str, octets that are text, or a number."""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode(codec, "surrogateescape")
    if value is None:
        return ""
    if isinstance(value, str | int):
        return str(value)
    raise IPWorksSNMPError(INVALID, f"{what} is text, not {value!r}")


def to_bytes(what: str, value: object, codec: str = "utf-8") -> bytes:
    """Return octets: bytes, or the octets of a text or of a number's digits."""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    if value is None:
        return b""
    if isinstance(value, str | int):
        try:
            return str(value).encode(codec, "surrogateescape")
        except UnicodeEncodeError as error:
            raise IPWorksSNMPError(CANNOT_CONVERT, f"{what} cannot be written in code page {codec}: {error}") from error
    raise IPWorksSNMPError(INVALID, f"{what} is made of octets, not {value!r}")


COERCIONS: Mapping[str, Callable[[str, object], object]] = {
    "bool": to_bool,
    "int": to_int,
    "str": to_str,
    "bytes": to_bytes,
}
