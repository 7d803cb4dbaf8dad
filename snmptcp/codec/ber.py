"""The subset of the Basic Encoding Rules that SNMP uses: headers, integers, object identifiers.

Contains: conversions between octets and Python's ``int``, ``bytes`` and arc tuples.
Does not contain: messages, clocks, sockets.

The rules are ITU-T X.690 chapter 8, restricted by RFC 3417 section 8: definite lengths and primitive
strings only.  Reading is by offset into one ``bytes`` object.  Every length is checked against the end of
its container before use, and nothing recurses, so hostile input costs no more than its own size.
"""

from __future__ import annotations

from snmptcp.errors import DecodeError

__all__ = (
    "MAX_ARC",
    "MAX_ARCS",
    "OBJECT_IDENTIFIER",
    "check_oid",
    "decode_arcs",
    "encode_arcs",
    "encode_integer",
    "encode_length",
    "encode_unsigned",
    "read_header",
    "read_integer",
    "read_tagged",
    "read_unsigned",
    "shortest_oid",
    "tlv",
)

INTEGER = 0x02
OCTET_STRING = 0x04
NULL = 0x05
OBJECT_IDENTIFIER = 0x06
SEQUENCE = 0x30

#: RFC 2578 section 3.5: at most 128 sub-identifiers, each at most 2**32 - 1.
MAX_ARCS = 128
MAX_ARC = 0xFFFFFFFF

#: The most octets that a long-form length may have.  Four express 4 GiB; net-snmp accepts eight.
MAX_LENGTH_OCTETS = 4

_LOW_OCTETS = bytes(range(0x80))
_CUT_OFF = "an object identifier ends inside a sub-identifier"

#: Padding is taken out of an OID of at most so many octets: five for each sub-identifier, and as many for padding.
MAX_PADDED_OCTETS = 10 * MAX_ARCS

# ----------------------------------------------------------------------------------------- headers


def read_header(data: bytes, offset: int, end: int) -> tuple[int, int, int]:
    """Read one tag and length (X.690 8.1.2, 8.1.3).

    Args:
        data: the message.
        offset: the offset of the tag.
        end: the end of the container; the value must not run past it.

    Returns:
        The tag, the offset of the first value octet, and the offset just past the last one.

    Raises:
        DecodeError: a high tag number, an indefinite length, a length in more than four octets, or a
            length that runs past the container.
    """
    if offset + 2 > end:
        raise DecodeError(f"a tag and length are cut off by the end of the container ({end})", offset, data)
    tag = data[offset]
    if tag & 0x1F == 0x1F:  # more tag octets follow (X.690 8.1.2.4); no SNMP type has such a tag
        raise DecodeError(f"tag 0x{tag:02x} has a high tag number", offset, data)
    length = data[offset + 1]
    start = offset + 2
    if length >= 0x80:
        count = length - 0x80
        if count == 0:  # RFC 3417 section 8 (1) prohibits it
            raise DecodeError("an indefinite length", offset + 1, data)
        if count > MAX_LENGTH_OCTETS:
            raise DecodeError(f"a length in {count} octets", offset + 1, data)
        start += count
        if start > end:
            raise DecodeError(f"a length is cut off by the end of the container ({end})", offset + 1, data)
        length = int.from_bytes(data[start - count : start], "big")
    stop = start + length
    if stop > end:
        # Do not show a large number: after lost alignment, its octets may be part of a community.
        claim = f"a length of {length}" if length <= 0xFFFF else "a length"
        raise DecodeError(f"{claim} runs past the end of the container ({end})", offset + 1, data)
    return tag, start, stop


def read_tagged(data: bytes, offset: int, end: int, tag: int, what: str) -> tuple[int, int]:
    """Read the header of a field that must have a given tag.

    Args:
        data: the message.
        offset: the offset of the tag.
        end: the end of the container.
        tag: the tag required.
        what: the name of the field, for the error text.

    Returns:
        The offset of the first value octet, and the offset just past the last one.

    Raises:
        DecodeError: another tag, or as :func:`read_header`.
    """
    found, start, stop = read_header(data, offset, end)
    if found != tag:
        raise DecodeError(f"{what} has tag 0x{found:02x}, not 0x{tag:02x}", offset, data)
    return start, stop


def encode_length(length: int) -> bytes:
    """Return a definite length in its shortest form (X.690 8.1.3)."""
    if length < 0x80:
        return bytes((length,))
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((0x80 | len(octets),)) + octets


def tlv(tag: int, value: bytes) -> bytes:
    """Return an encoded field: tag, length in its shortest form, value."""
    length = len(value)
    if length < 0x80:
        return bytes((tag, length)) + value
    return bytes((tag,)) + encode_length(length) + value


# ---------------------------------------------------------------------------------------- integers


def read_integer(data: bytes, start: int, stop: int) -> int:
    """Read the value of an INTEGER as a signed 32-bit number.

    Accepts one to eight octets and keeps the lowest 32 bits, as net-snmp does (docs/leniency.md).

    Raises:
        DecodeError: no octets, or more than eight.
    """
    length = stop - start
    if length == 1:
        value = data[start]
        return value - 0x100 if value & 0x80 else value
    if not 0 < length <= 8:
        raise DecodeError(f"an integer of {length} octets", start, data)
    value = int.from_bytes(data[start:stop], "big", signed=True)
    if length > 4 and not -0x80000000 <= value <= 0x7FFFFFFF:
        value = ((value & 0xFFFFFFFF) ^ 0x80000000) - 0x80000000
    return value


def read_unsigned(data: bytes, start: int, stop: int, bits: int) -> int:
    """Read the value of an unsigned type of 32 or 64 bits.

    Accepts up to eight octets, or nine with a leading zero, and keeps the lowest ``bits``.  A missing
    leading zero octet does not make the number negative: devices omit it (etingof/pysnmp issues 114, 190).
    An empty Counter64 is zero; an empty 32-bit value is an error.  net-snmp does the same (docs/leniency.md).

    Args:
        data: the message.
        start: the offset of the first value octet.
        stop: the offset just past the last one.
        bits: 32 or 64.

    Raises:
        DecodeError: too many octets, or none.
    """
    length = stop - start
    if length > 8 and not (length == 9 and data[start] == 0):
        raise DecodeError(f"an unsigned integer of {length} octets", start, data)
    if length == 0 and bits == 32:
        raise DecodeError("an unsigned integer of 0 octets", start, data)
    return int.from_bytes(data[start:stop], "big") & ((1 << bits) - 1)


def encode_integer(value: int, tag: int = INTEGER) -> bytes:
    """Return an encoded INTEGER, in the fewest octets (X.690 8.3.2)."""
    bits = (value if value >= 0 else ~value).bit_length()
    octets = value.to_bytes((bits + 8) // 8, "big", signed=True)
    return bytes((tag, len(octets))) + octets


def encode_unsigned(value: int, tag: int) -> bytes:
    """Return an encoded unsigned integer; a leading zero octet keeps it non-negative if the top bit is set."""
    octets = value.to_bytes((value.bit_length() + 8) // 8, "big")
    return bytes((tag, len(octets))) + octets


# ------------------------------------------------------------------------------ object identifiers


def encode_arcs(arcs: tuple[int, ...]) -> bytes:
    """Return sub-identifiers encoded in base 128, each in the fewest octets (X.690 8.19.2)."""
    octets = bytearray()
    for arc in arcs:
        if arc < 0x80:
            octets.append(arc)
        else:
            for shift in range((arc.bit_length() - 1) // 7 * 7, 0, -7):
                octets.append(0x80 | (arc >> shift) & 0x7F)
            octets.append(arc & 0x7F)
    return bytes(octets)


def decode_arcs(octets: bytes) -> list[int]:
    """Return the sub-identifiers of octets that :func:`check_oid` has accepted."""
    if octets.isascii():
        return list(octets)
    arcs = []
    arc = 0
    for octet in octets:
        if octet & 0x80:
            arc = arc << 7 | octet & 0x7F
        else:
            arcs.append(arc << 7 | octet)
            arc = 0
    return arcs


def check_oid(octets: bytes, data: bytes, start: int) -> None:
    """Check the value of an OBJECT IDENTIFIER (X.690 8.19, RFC 2578 section 3.5).

    Args:
        octets: the value.
        data: the message, for the error.
        start: the offset of the value in the message.

    Raises:
        DecodeError: no octets, a last sub-identifier that is cut off, one that is padded with 0x80 or has
            more than 32 bits, or more than 128 sub-identifiers.
    """
    length = len(octets)
    # Fast path, for nearly every name on the wire: no padding, and at most three octets above 0x7f, which
    # cannot encode more than 28 bits.
    if (
        0 < length < MAX_ARCS
        and octets[-1] < 0x80
        and (octets.isascii() or (0x80 not in octets and len(octets.translate(None, _LOW_OCTETS)) < 4))
    ):
        return
    if not length:
        raise DecodeError("an object identifier of 0 octets", start, data)
    count = 1  # the first sub-identifier encodes two arcs (X.690 8.19.4)
    arc = 0
    inside = False
    for position, octet in enumerate(octets):
        # Names are compared by their octets, so each must have one encoding; see shortest_oid.
        if octet == 0x80 and not inside:
            raise DecodeError("a sub-identifier begins with 0x80", start + position, data)
        arc = arc << 7 | octet & 0x7F
        inside = octet >= 0x80
        if arc > MAX_ARC and (count > 1 or arc > MAX_ARC + 80):  # the first is 40 * arc 1 + arc 2, so up to 80 more
            raise DecodeError("a sub-identifier of more than 32 bits", start + position, data)
        if not inside:
            count += 1
            arc = 0
            if count > MAX_ARCS:
                raise DecodeError("an object identifier of more than 128 sub-identifiers", start + position, data)
    if inside:
        raise DecodeError(_CUT_OFF, start + length - 1, data)


def shortest_oid(octets: bytes, data: bytes, start: int) -> bytes:
    """Return the value of an OBJECT IDENTIFIER with each sub-identifier in its shortest form.

    Devices pad sub-identifiers with 0x80 (etingof/pysnmp issue 119), which X.690 8.19.2 does not allow; net-snmp reads
    them.

    Args:
        octets: the value.
        data: the message, for the error.
        start: the offset of the value in the message.

    Raises:
        DecodeError: as :func:`check_oid`, except for padding.
    """
    if 0x80 in octets and len(octets) <= MAX_PADDED_OCTETS:
        if octets[-1] >= 0x80:
            raise DecodeError(_CUT_OFF, start + len(octets) - 1, data)
        shortest = bytearray()
        inside = False
        for octet in octets:
            if octet != 0x80 or inside:
                shortest.append(octet)
                inside = octet >= 0x80
        octets = bytes(shortest)
    check_oid(octets, data, start)
    return octets
