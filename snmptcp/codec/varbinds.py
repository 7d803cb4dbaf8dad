"""Variable bindings and their values (RFC 3416 section 3, RFC 2578 section 7.1), octets to objects.

Contains: decoding of one variable binding, and of a list of them.  Does not contain: what surrounds the list, and
encoding.

The innermost loop of the library: compiled, it is C that creates names, values and pairs (``varbinds.pxd``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.codec import COMPILED, ber, makers
from snmptcp.codec.runs import MIN_RUN_SIZE, SMALL_INTEGERS, read_runs
from snmptcp.errors import DecodeError
from snmptcp.oid import OID
from snmptcp.values import (
    Counter32,
    Counter64,
    EndOfMibView,
    Gauge32,
    Integer32,
    IpAddress,
    NoSuchInstance,
    NoSuchObject,
    NsapAddress,
    Null,
    OctetString,
    Opaque,
    TimeTicks,
    UInteger32,
    VarBind,
)

if TYPE_CHECKING:
    from snmptcp.values import Value

__all__ = ("decode_ip_address", "decode_oid", "decode_varbind", "decode_varbinds")

# ------------------------------------------------------------------------------------------- values

_UNSIGNED: dict[int, type[Counter32 | Gauge32 | TimeTicks | UInteger32 | Counter64]] = {
    kind.tag: kind for kind in (Counter32, Gauge32, TimeTicks, UInteger32, Counter64)
}
_KINDS = [_UNSIGNED.get(tag, Counter32) for tag in range(256)]
_OCTETS: list[type[OctetString | IpAddress]] = [IpAddress if tag == 0x40 else OctetString for tag in range(256)]
#: The size of an unsigned type in octets, by tag; 0 for other types.
_WIDTHS = [8 if tag == Counter64.tag else 4 if tag in _UNSIGNED else 0 for tag in range(256)]
_STRINGS: dict[int, type[OctetString | Opaque | NsapAddress]] = {
    kind.tag: kind for kind in (OctetString, Opaque, NsapAddress)
}
_EMPTY = {kind.tag: kind() for kind in (Null, NoSuchObject, NoSuchInstance, EndOfMibView)}


def decode_value(data: bytes, at: int, start: int, stop: int) -> Value:
    """Decode a value whose header has been read.

    Args:
        data: the message.
        at: the offset of the tag.
        start: the offset of the first value octet.
        stop: the offset just past the last one.

    Raises:
        DecodeError: an unknown tag, or contents that the type does not allow.
    """
    tag = data[at]
    unsigned = _UNSIGNED.get(tag)
    if unsigned is not None:
        return makers.new_int(unsigned, ber.read_unsigned(data, start, stop, 8 * _WIDTHS[tag]))
    if tag == ber.INTEGER:
        return makers.new_int(Integer32, ber.read_integer(data, start, stop))
    string = _STRINGS.get(tag)
    if string is not None:
        return makers.new_bytes(string, data[start:stop])
    if tag == ber.OBJECT_IDENTIFIER:
        return decode_oid(data, start, stop)
    empty = _EMPTY.get(tag)
    if empty is not None:
        if start != stop:
            raise DecodeError(f"{empty} of {stop - start} octets", start, data)
        return empty
    if tag == IpAddress.tag:
        return decode_ip_address(data, start, stop)
    ber.read_header(data, at, stop)  # refuses a high tag number, which the fast path has not looked for
    raise DecodeError(f"no SNMP type has tag 0x{tag:02x}", at, data)


def decode_ip_address(data: bytes, start: int, stop: int) -> IpAddress:
    """Decode an IpAddress.

    Raises:
        DecodeError: not four octets.
    """
    if stop - start != 4:
        raise DecodeError(f"an IpAddress of {stop - start} octets", start, data)
    return makers.new_bytes(IpAddress, data[start:stop])


def decode_oid(data: bytes, start: int, stop: int) -> OID:
    """Decode an OID; devices send an empty one for "no object" (lextudio/pysnmp issue 159)."""
    octets = data[start:stop]
    if not octets:
        return OID.from_ber(b"\0")
    return OID.from_ber(ber.shortest_oid(octets, data, start))


# -------------------------------------------------------------------------------- variable bindings


def decode_varbinds(data: bytes, offset: int, end: int) -> tuple[VarBind, ...]:
    """Decode the variable bindings between two offsets (the contents of a VarBindList).

    Raises:
        DecodeError: a malformed variable binding.
    """
    varbinds: list[VarBind] = []
    checked = b""  # all but the last octet of the name checked last: usually its column
    octets = data
    at = offset
    if COMPILED or end - at >= MIN_RUN_SIZE:
        at = _read_first(data, at, end, varbinds)
    while at < end:
        # Fast path: 30 length 06 length name tag length value, each length in one octet.
        if at + 6 < end:
            stop = at + 2 + octets[at + 1]
            name_stop = at + 4 + octets[at + 3]
            length = stop - name_stop - 2
            if (
                length >= 0
                and at + 4 < name_stop
                and stop <= end
                and octets[name_stop + 1] == length
                and octets[at] == 0x30
                and octets[at + 2] == 0x06
                and stop - at < 0x82
            ):
                name = octets[at + 4 : name_stop]
                if not name.isascii() and (octets[at + 4 : name_stop - 1] != checked or octets[name_stop - 1] & 0x80):
                    name = ber.shortest_oid(name, data, at + 4)
                    checked = name[:-1] if len(name) > 5 else b""
                oid = makers.new_oid(OID)
                oid.key = name
                tag = octets[name_stop]
                value: Value
                width = _WIDTHS[tag]
                if 0 < length <= width or (length == width + 1 and width and not octets[name_stop + 2]):
                    value = makers.new_int(_KINDS[tag], makers.read_unsigned(octets[name_stop + 2 : stop]))
                elif tag == 0x04 or (tag == 0x40 and length == 4):
                    value = makers.new_bytes(_OCTETS[tag], octets[name_stop + 2 : stop])
                elif tag == 0x02 and length == 1 and octets[name_stop + 2] < 0x80:
                    value = SMALL_INTEGERS[octets[name_stop + 2]]
                elif tag == 0x02 and 0 < length <= 4:
                    value = makers.new_int(Integer32, makers.read_signed(octets[name_stop + 2 : stop]))
                else:
                    value = decode_value(data, name_stop, name_stop + 2, stop)
                varbind = makers.new_tuple(VarBind, (oid, value))
                if stop == end and not varbinds:  # the answer to a GET of one name
                    return (varbind,)
                varbinds.append(varbind)
                at = stop
                continue
        varbind, at = decode_varbind(data, at, end)
        varbinds.append(varbind)
    return tuple(varbinds)


def _read_first(data: bytes, offset: int, end: int, varbinds: list[VarBind]) -> int:
    """Read what a list begins with, where one step does it; return the offset of the rest."""
    if not COMPILED:
        return read_runs(data, offset, end, varbinds)
    if end > len(data):  # nothing in C would prevent reading behind it
        raise DecodeError("a list of variable bindings runs past the end of the message", offset, data)
    return offset


def decode_varbind(data: bytes, offset: int, end: int) -> tuple[VarBind, int]:
    """Decode one variable binding in any legal form; return it and the offset just past it."""
    start, stop = ber.read_tagged(data, offset, end, ber.SEQUENCE, "a variable binding")
    name_start, name_stop = ber.read_tagged(data, start, stop, ber.OBJECT_IDENTIFIER, "a variable binding's name")
    name = decode_oid(data, name_start, name_stop)
    _, value_start, value_stop = ber.read_header(data, name_stop, stop)
    if value_stop != stop:
        raise DecodeError("octets follow the value of a variable binding", value_stop, data)
    return VarBind(name, decode_value(data, name_stop, value_start, value_stop)), stop
