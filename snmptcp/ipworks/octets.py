"""Octets that programs also use as text.

Contains: the class of values, engine IDs and other octets, as properties and events return them; that of their text.
Does not contain: where they come from, and conversion of what programs assign (:mod:`snmptcp.ipworks.coerce`).
"""

from __future__ import annotations

from typing import Any, SupportsIndex

__all__ = ("OctetText", "Octets")


class OctetText(str):
    r"""The text of octets that are not all text; it has ``\xNN`` for the others.

    A setter that takes it stores the octets, and not this text: what was read can be assigned again.  Copies and
    pickles are ``str``.

    Attributes:
        octets: the octets.
    """

    __slots__ = ("octets",)
    octets: bytes

    @classmethod
    def of(cls, octets: bytes, text: str) -> OctetText:
        """Return a text of octets."""
        made = cls(text)
        made.octets = octets
        return made

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        """Pickle and copy as ``str``."""
        return str, (str(self),)


class Octets(bytes):
    r"""Octets that are ``bytes``, and that can be used as text without ``decode()``.

    ``"..." + octets``, ``octets + "..."``, ``str(octets)``, ``"%s" % octets`` and ``f"{octets}"`` give their text:
    UTF-8 with ``\xNN`` for each octet that is not UTF-8.  :meth:`decode` gives the same text.  All else is as in
    ``bytes``: they are equal to the same ``bytes``, have the same hash, and ``repr()`` shows them so.  Pickles and
    copies are ``bytes``, so that a pickle can be read without this package.
    """

    __slots__ = ()

    def decode(self, encoding: str = "utf-8", errors: str = "backslashreplace") -> str:
        r"""Return the text.

        An engine ID is rarely text, and programs print it.  So octets that the encoding does not have become ``\xNN``,
        which every terminal and file takes; ``surrogateescape`` would fail there.  Setters know the octets of such a
        text (:class:`OctetText`).

        Args:
            encoding: the codec; optional; default: UTF-8.
            errors: what becomes of octets that the codec does not have; optional; ``"strict"`` raises, as in ``bytes``.
        """
        text = super().decode(encoding, errors)
        if errors == "backslashreplace" and "\\" in text:
            return OctetText.of(bytes(self), text)
        return text

    def __str__(self) -> str:
        return self.decode()

    def __format__(self, spec: str) -> str:
        """Return the text in a format for text."""
        return format(self.decode(), spec)

    def __add__(self, other: Any) -> Any:
        """Return text for text, octets for octets."""
        return self.decode() + other if isinstance(other, str) else Octets(super().__add__(other))

    def __radd__(self, other: Any) -> Any:
        """Return text for text, and what ``bytes`` give otherwise."""
        if isinstance(other, str):
            return other + self.decode()
        return Octets(other + bytes(self)) if isinstance(other, bytes) else NotImplemented

    def __getitem__(self, index: SupportsIndex | slice) -> Any:
        """Return a number for an index, octets for a slice."""
        item = super().__getitem__(index)
        return Octets(item) if isinstance(item, bytes) else item

    def __reduce__(self) -> tuple[type[bytes], tuple[bytes]]:
        """Pickle and copy as ``bytes``."""
        return bytes, (bytes(self),)
