"""Runs of variable bindings of one form: names of one length and values of one type, as in answers to GETBULK.

Contains: decoding of a whole run by one regular expression, which is twice as fast in Python as one variable binding
after the other.  Does not contain: variable bindings of any other form, and errors; :mod:`snmptcp.codec.pdu` has both.
"""

from __future__ import annotations

import functools
import operator
import re
from itertools import repeat
from typing import TYPE_CHECKING

from snmptcp.codec import makers
from snmptcp.oid import OID
from snmptcp.values import Counter32, Counter64, Gauge32, Integer32, IpAddress, OctetString, TimeTicks, VarBind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from snmptcp.values import Value

__all__ = ("MIN_RUN_SIZE", "SMALL_INTEGERS", "read_runs")

#: The fewest variable bindings for which a run is faster than one after the other.
MIN_RUN = 8

#: The fewest octets of a list that may begin with a run.
MIN_RUN_SIZE = 15 * MIN_RUN

#: The longest names and strings of a run, in octets; so every length is one octet.
MAX_NAME = 80
MAX_STRING = 40

#: How many octets one step looks at.  It copies them, and a run may be short: otherwise short runs of changing forms
#: would have the whole rest of the list copied for each.
STEP_SIZE = 16 * 1024

#: How often a form is met before its regular expression is made, which takes as long as ten runs.
USES_BEFORE_FORM = 8

_new_int = int.__new__
_new_bytes = bytes.__new__
_new_tuple = tuple.__new__

#: Marks octets that are not the last of their sub-identifier.
_CONTINUED = bytes(0x80) + b"\1" * 0x80
_FOUR_CONTINUED = b"\1" * 4

# ----------------------------------------------------------------------------------- values of a run

#: The values of enumerations: each one object, as numbers are immutable.
SMALL_INTEGERS = tuple(map(Integer32, range(0x80)))
_strip = operator.itemgetter(slice(1, None))


def _unsigned(kind: type[Counter32 | Gauge32 | TimeTicks | Counter64]) -> Callable[[list[bytes]], Iterable[Value]]:
    return lambda octets: map(_new_int, repeat(kind), map(int.from_bytes, octets))


def _integers(octets: list[bytes]) -> Iterable[Value]:
    joined = b"".join(octets)
    if len(joined) == len(octets) and joined.isascii():  # as enumerations are
        return map(SMALL_INTEGERS.__getitem__, joined)
    return [_new_int(Integer32, makers.read_signed(value)) for value in octets]


def _addresses(octets: list[bytes]) -> Iterable[Value]:
    return map(_new_bytes, repeat(IpAddress), octets)


def _strings(octets: list[bytes]) -> Iterable[Value]:
    return map(_new_bytes, repeat(OctetString), map(_strip, octets))  # each without its length


#: What makes values of the octets of a run, by their type.
_READERS: dict[int, Callable[[list[bytes]], Iterable[Value]]] = {
    Integer32.tag: _integers,
    OctetString.tag: _strings,
    IpAddress.tag: _addresses,
    **{kind.tag: _unsigned(kind) for kind in (Counter32, Gauge32, TimeTicks, Counter64)},
}

# ------------------------------------------------------------------------------------------- forms

#: The lengths of numbers and addresses, the most frequent ones first.
_LENGTHS: dict[int, tuple[int, ...]] = {
    Integer32.tag: (1, 2, 3, 4),
    IpAddress.tag: (4,),
    **dict.fromkeys((Counter32.tag, Gauge32.tag, TimeTicks.tag), (4, 5, 3, 2, 1)),
    Counter64.tag: (5, 4, 6, 3, 7, 2, 1, 8, 9),
}
#: The length of unsigned numbers that begin with a zero octet.
_PADDED = {**dict.fromkeys((Counter32.tag, Gauge32.tag, TimeTicks.tag), 5), Counter64.tag: 9}

_uses: dict[tuple[int, int], int] = {}


def _form(size: int, tag: int) -> re.Pattern[bytes] | None:
    """Return what splits a run into names and values; ``None`` for a form that is rare or has not been met often.

    Args:
        size: the length of the names.
        tag: the type of the values.
    """
    uses = _uses.get((size, tag), 0)
    if uses >= USES_BEFORE_FORM:
        return _compile_form(size, tag)
    _uses[size, tag] = uses + 1
    return None


@functools.cache  # at most one for each length of a name and type of a value
def _compile_form(size: int, tag: int) -> re.Pattern[bytes]:
    """Return a regular expression for one variable binding of a form, or else for all octets that are left.

    Its groups are the name and the value; of a string, the length precedes it.  What is in front of a value is compared
    with the lengths that belong to it.
    """
    if tag == OctetString.tag:
        value = b"(%b)" % b"|".join(
            rb"%b.{%d}(?<=%b.{%d})" % (_octet(length), length, _octet(size + 4 + length), size + 4 + length)
            for length in range(MAX_STRING + 1)
        )
    else:
        value = b".(%b)" % b"|".join(
            rb"(?<=%b.{%d}%b)%b"
            % (
                _octet(size + 4 + length),
                size + 3,
                _octet(length),
                rb"\x00.{%d}" % (length - 1) if length == _PADDED.get(tag) else b".{%d}" % length,
            )
            for length in _LENGTHS[tag]
        )
    return re.compile(rb"0.\x06%b(.{%d})%b%b|.+" % (_octet(size), size, _octet(tag), value), re.DOTALL)


def _octet(number: int) -> bytes:
    return b"\\x%02x" % number


def _are_plain(names: list[bytes], size: int) -> bool:
    """Whether names of one length need no look at each: no padding, no sub-identifier of more than four octets."""
    octets = b"".join(names)
    return octets.isascii() or (
        0x80 not in octets
        and octets[size - 1 :: size].isascii()
        and _FOUR_CONTINUED not in octets.translate(_CONTINUED)
    )


def read_runs(data: bytes, offset: int, end: int, varbinds: list[VarBind]) -> int:
    """Decode the runs that a list of variable bindings begins with, as far as their forms are frequent.

    Args:
        data: the message.
        offset: the offset of the first variable binding.
        end: the offset just past the last one.
        varbinds: where they go.

    Returns:
        The offset of the first variable binding that is not decoded.
    """
    while end - offset >= MIN_RUN_SIZE:
        size = data[offset + 3]
        if not 0 < size <= MAX_NAME:
            break
        tag = data[offset + 4 + size]
        following = offset + 2 + data[offset + 1] + 4 + size
        if tag not in _READERS or following >= end or data[following] != tag:
            break
        form = _form(size, tag)
        if form is None:
            break
        stop = end if end - offset <= STEP_SIZE else offset + STEP_SIZE
        fields = form.split(data[offset:stop])
        names = fields[1::3]
        octets = fields[2::3]
        whole = names[-1] is not None
        if not whole:  # another form follows, or the beginning of a variable binding
            del names[-1], octets[-1]
        if len(names) < MIN_RUN or not _are_plain(names, size):
            break
        oids = []
        for name in names:
            oid = makers.new_oid(OID)
            oid.key = name
            oids.append(oid)
        varbinds += map(_new_tuple, repeat(VarBind), zip(oids, _READERS[tag](octets), strict=True))
        if whole:
            offset = stop
        else:
            offset += len(names) * (size + 6) + sum(map(len, octets)) - (len(names) if tag == OctetString.tag else 0)
    return offset
