"""Octet strings by a DISPLAY-HINT (RFC 2579 section 3.1), as snmp_exporter shows them: hex in capitals, with all zeros.

Contains: the octet-format.  Does not contain: net-snmp's forms (:mod:`snmptcp.mib.text`).
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

__all__ = ("by_hint",)

#: An octet-format specification: repeat indicator, length, format, separator, terminator.
_PART = re.compile(r"(\*?)([0-9]{1,5})([dxoat])([^0-9*]?)", re.DOTALL)
_TERMINATOR = re.compile(r"[^0-9*]", re.DOTALL)


class _Part(NamedTuple):
    """One specification of a hint."""

    repeats: bool
    length: int
    format: str
    separator: bytes
    terminator: bytes


@functools.lru_cache(maxsize=1024)
def _parts(hint: str) -> tuple[_Part, ...] | None:
    """Return the specifications of a hint; ``None`` if it is none for octets."""
    found = []
    place = 0
    while place < len(hint):
        match = _PART.match(hint, place)
        if match is None:
            return None
        place = match.end()
        repeats, terminator = bool(match[1]), ""
        if repeats and match[4]:
            end = _TERMINATOR.match(hint, place)
            if end is not None:
                terminator, place = end[0], end.end()
        found.append(_Part(repeats, int(match[2]), match[3], match[4].encode(), terminator.encode()))
    if not found or not (found[-1].length or found[-1].repeats):
        return None  # the last one is repeated until the octets end, which it would never reach
    return tuple(found)


def by_hint(hint: str, octets: bytes) -> bytes | None:
    """Return octets as a hint shows them; ``None`` if the hint cannot show them.

    Args:
        hint: the DISPLAY-HINT.
        octets: the value.
    """
    parts = _parts(hint)
    if parts is None or not octets:
        return None
    shown: list[bytes] = []
    place, number = 0, 0
    while place < len(octets):
        part = parts[min(number, len(parts) - 1)]
        number += 1
        times = 1
        if part.repeats:
            times, place = octets[place], place + 1
        for turn in range(times):
            if place >= len(octets):
                break
            piece = octets[place : place + part.length]
            if part.format in "do" and len(piece) > 8:
                return None
            shown.append(_piece(part.format, piece))
            place += len(piece)
            more = place < len(octets)
            if more and not (part.terminator and turn == times - 1):
                shown.append(part.separator)
            if not part.length:
                break
        if part.terminator and place < len(octets):
            shown.append(part.terminator)
    return b"".join(shown)


def _piece(form: str, octets: bytes) -> bytes:
    if form in "at":
        return octets
    if form == "x":
        return octets.hex().upper().encode()
    return format(int.from_bytes(octets, "big"), form).encode()
