"""PDUs and their variable bindings (RFC 3416 section 3, RFC 1157 section 4.1.6).

Contains: encoding and decoding of PDUs.  Does not contain: versions, communities, users, and the meaning of
a response.

Readers have a fast path for the form that agents usually send (every length in one octet), and a strict
general path that reports where a PDU is malformed.  Both return the same result.
"""

from __future__ import annotations

import enum
import struct
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, Union

from snmptcp.codec import ber
from snmptcp.codec.varbinds import decode_ip_address, decode_oid, decode_varbind, decode_varbinds
from snmptcp.errors import BrokenVariable, DecodeError
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
    from collections.abc import Callable, Iterable, Mapping

    from snmptcp.values import Value

__all__ = (
    "AnyPdu",
    "Pdu",
    "PduHeader",
    "PduType",
    "TrapV1Pdu",
    "check_exact",
    "check_fits_v1",
    "decode_pdu",
    "decode_varbinds",
    "encode_pdu",
    "encode_varbind",
    "encode_varbinds",
    "has_more_varbinds",
    "read_pdu_header",
    "salvage_varbinds",
)


class PduType(enum.IntEnum):
    """The tag of a PDU (RFC 3416 section 3; for the Trap-PDU RFC 1157 section 4.1)."""

    GET = 0xA0
    GET_NEXT = 0xA1
    RESPONSE = 0xA2
    SET = 0xA3
    TRAP_V1 = 0xA4
    GET_BULK = 0xA5
    INFORM = 0xA6
    TRAP_V2 = 0xA7
    REPORT = 0xA8


class Pdu(NamedTuple):
    """Any PDU except the Trap-PDU of SNMPv1.

    In a GetBulkRequest, ``error_status`` is non-repeaters and ``error_index`` is max-repetitions.
    """

    type: PduType
    request_id: int
    error_status: int = 0
    error_index: int = 0
    varbinds: tuple[VarBind, ...] = ()

    @property
    def non_repeaters(self) -> int:
        """The number of names that a GetBulkRequest asks for once."""
        return self.error_status

    @property
    def max_repetitions(self) -> int:
        """The most successors that a GetBulkRequest asks for of each other name."""
        return self.error_index


class TrapV1Pdu(NamedTuple):
    """The Trap-PDU of SNMPv1 (RFC 1157 section 4.1.6)."""

    enterprise: OID
    agent_address: IpAddress
    generic_trap: int
    specific_trap: int
    timestamp: TimeTicks
    varbinds: tuple[VarBind, ...] = ()

    @property
    def type(self) -> PduType:
        """Always :attr:`PduType.TRAP_V1`."""
        return PduType.TRAP_V1


AnyPdu: TypeAlias = Union[Pdu, TrapV1Pdu]


class PduHeader(NamedTuple):
    """The fields before the variable bindings of a PDU, and the offsets of the variable bindings."""

    tag: int
    request_id: int
    error_status: int
    error_index: int
    varbinds_start: int
    varbinds_end: int


_new_int = int.__new__
_new_tuple = tuple.__new__
_from_bytes = int.from_bytes

#: More than the offset of anything.
MAX_OFFSET = 1 << 62

#: The tags of the PDUs with a request-id.
_PDU_TAGS = frozenset(map(int, PduType)) - {PduType.TRAP_V1}

#: Values that SNMPv2 allows and SNMPv1 does not (RFC 3584 section 4.2.2).
_NOT_IN_V1 = (Counter64, NoSuchObject, NoSuchInstance, EndOfMibView)

# -------------------------------------------------------------------------------- variable bindings


#: The fewest octets of a variable binding: a name of one octet, and a value of none.
MIN_VARBIND_SIZE = 7


def has_more_varbinds(data: bytes, offset: int, end: int, most: int) -> bool:
    """Return whether there are more variable bindings than allowed between two offsets.

    Looks at ``most`` + 1 headers at most and decodes nothing, so a list that cannot be right costs next to nothing.

    Args:
        data: the message.
        offset: the offset of the first variable binding.
        end: the offset just past the last one.
        most: how many are allowed.
    """
    if end - offset <= most * MIN_VARBIND_SIZE:
        return False
    count = 0
    while offset + 1 < end and count <= most:
        if data[offset + 1] < 0x80:
            offset += 2 + data[offset + 1]
        else:
            try:
                offset = ber.read_header(data, offset, end)[2]
            except DecodeError:
                return False  # decoding ends here, too, and tells why
        count += 1
    return count > most


def salvage_varbinds(
    data: bytes, offset: int, end: int, error: DecodeError, names: tuple[OID, ...] = (), *, follow: bool = True
) -> BrokenVariable:
    """Return what can be read of a list that :func:`decode_varbinds` has refused.

    Args:
        data: the message.
        offset: the offset of the first variable binding.
        end: the offset just past the last one.
        error: why it was refused.
        names: the names that were asked for; optional.
        follow: whether what follows them was asked for; otherwise the list has these names, in this order.
    """
    varbinds: list[VarBind] = []
    broken: list[tuple[int, OID | None]] = []
    first = error
    place = 0
    while offset < end:
        stop = end  # if it cannot be told where this one ends, nothing behind it can be read
        try:
            stop = ber.read_header(data, offset, end)[2]
            varbinds.append(decode_varbind(data, offset, stop)[0])
        except DecodeError as problem:
            if not broken:
                first = problem.with_traceback(None)  # it refers to this frame, which refers to it
            name = _find_name(data, offset, end)
            if name is None and not follow and place < len(names):
                name = names[place]
            broken.append((place, name))
            # If its parts do not fill it, its length may be wrong, and a walk may not jump over what it claims.
            if follow and name is not None and not _is_filled(data, offset, stop):
                break
        place += 1
        offset = stop
    after = names[0] if names and follow else None
    return BrokenVariable(first.problem, first.offset, first.octets, tuple(varbinds), tuple(broken), after)


def _is_filled(data: bytes, offset: int, stop: int) -> bool:
    """Return whether a variable binding that ends at ``stop`` has two fields that end there, too."""
    try:
        start = ber.read_header(data, offset, stop)[1]
        name_stop = ber.read_header(data, start, stop)[2]
        return ber.read_header(data, name_stop, stop)[2] == stop
    except DecodeError:
        return False


def _find_name(data: bytes, offset: int, end: int) -> OID | None:
    """Return the name of a variable binding of which other parts cannot be read; ``None`` if it cannot be read."""
    try:
        start = ber.read_header(data, offset, MAX_OFFSET)[1]  # its own length may be what is wrong
        name_start, name_stop = ber.read_tagged(data, start, end, ber.OBJECT_IDENTIFIER, "a variable binding's name")
        return decode_oid(data, name_start, name_stop)
    except (DecodeError, IndexError):
        return None


def check_exact(data: bytes, offset: int, end: int, varbinds: Iterable[VarBind]) -> None:
    """Check that names and values are encoded as the rules demand; for managers that tolerate nothing else.

    Args:
        data: the message.
        offset: the offset of the first variable binding.
        end: the offset just past the last one.
        varbinds: what :func:`decode_varbinds` has made of them.

    Raises:
        DecodeError: a name or value is longer than its shortest form, or is not what was read.
    """
    for name, value in varbinds:
        start, stop = ber.read_tagged(data, offset, end, ber.SEQUENCE, "a variable binding")
        name_start, name_stop = ber.read_tagged(data, start, stop, ber.OBJECT_IDENTIFIER, "a variable binding's name")
        if data[name_start:name_stop] != name.key:
            raise DecodeError(f"the name {name} is not encoded in its shortest form", name_start, data)
        _, value_start, value_stop = ber.read_header(data, name_stop, stop)
        encoded = _ENCODERS[value.tag](value)
        if data[value_start:value_stop] != encoded[ber.read_header(encoded, 0, len(encoded))[1] :]:
            raise DecodeError(f"the {value.name} of {name} is not encoded in its shortest form", value_start, data)
        offset = stop


def _encode_octets(value: OctetString | Opaque | NsapAddress | IpAddress) -> bytes:
    return ber.tlv(value.tag, value)


def _encode_unsigned(value: Counter32 | Gauge32 | TimeTicks | UInteger32 | Counter64) -> bytes:
    return ber.encode_unsigned(value, value.tag)


def _encode_empty(value: Null | NoSuchObject | NoSuchInstance | EndOfMibView) -> bytes:
    return bytes((value.tag, 0))


_ENCODERS: Mapping[int, Callable[..., bytes]] = {
    Integer32.tag: ber.encode_integer,
    OID.tag: lambda value: ber.tlv(OID.tag, value.ber),
    **{kind.tag: _encode_octets for kind in (OctetString, Opaque, NsapAddress, IpAddress)},
    **{kind.tag: _encode_unsigned for kind in (Counter32, Gauge32, TimeTicks, UInteger32, Counter64)},
    **{kind.tag: _encode_empty for kind in (Null, NoSuchObject, NoSuchInstance, EndOfMibView)},
}


def encode_varbind(oid: OID, value: Value) -> bytes:
    """Return an encoded variable binding.

    Raises:
        ConfigurationError: the name is a fragment of an OID.
    """
    return ber.tlv(ber.SEQUENCE, ber.tlv(ber.OBJECT_IDENTIFIER, oid.ber) + _ENCODERS[value.tag](value))


def encode_varbinds(varbinds: Iterable[tuple[OID, Value]]) -> bytes:
    """Return an encoded VarBindList.

    Raises:
        ConfigurationError: a name is a fragment of an OID.
    """
    return ber.tlv(ber.SEQUENCE, b"".join([encode_varbind(oid, value) for oid, value in varbinds]))


# --------------------------------------------------------------------------------------------- PDUs


#: Tag and length of the PDU; tag, length and value of request-id, error-status and error-index; tag and length of the
#: variable bindings.
_SHORT_HEADER = struct.Struct(">BBHiHBHBBB")
_SHORT_HEADER_SIZE = _SHORT_HEADER.size
_unpack_short_header = _SHORT_HEADER.unpack_from
_SHORT_TAIL = struct.Struct(">HBHBBB")  # behind the request-id
_SHORT_TAIL_SIZE = _SHORT_TAIL.size
_unpack_short_tail = _SHORT_TAIL.unpack_from

#: As the short one; the lengths of the PDU and of the variable bindings in two octets.
_LONG_HEADER = struct.Struct(">BBHHiHBHBHH")
_LONG_HEADER_SIZE = _LONG_HEADER.size
_unpack_long_header = _LONG_HEADER.unpack_from


def read_pdu_header(data: bytes, offset: int, end: int, *, exact: bool = True) -> PduHeader:
    """Read a PDU up to its variable bindings.

    Args:
        data: the message.
        offset: the offset of the PDU.
        end: where the PDU must end.
        exact: whether to refuse octets behind the PDU, or behind its variable bindings; otherwise they are ignored.

    Raises:
        DecodeError: the PDU is malformed, does not end at ``end``, or is a Trap-PDU of SNMPv1.
    """
    if offset + _SHORT_HEADER_SIZE <= end <= offset + 0x81:
        # Fast path: every length in one octet, a request-id in four, as ours always are, and two small numbers.
        tag, size, first, request_id, second, error_status, third, error_index, fourth, rest = _unpack_short_header(
            data, offset
        )
        start = offset + _SHORT_HEADER_SIZE
        if (
            tag in _PDU_TAGS
            and offset + 2 + size == end == start + rest
            and first == 0x0204
            and second == third == 0x0201
            and error_status | error_index < 0x80
            and fourth == ber.SEQUENCE
        ):
            return _new_tuple(PduHeader, (tag, request_id, error_status, error_index, start, end))
        # The same with a shorter request-id, as counted ones are.
        middle = offset + 4 + (first & 0xFF)
        if 0x0200 < first < 0x0204 and middle + _SHORT_TAIL_SIZE <= end:
            second, error_status, third, error_index, fourth, rest = _unpack_short_tail(data, middle)
            start = middle + _SHORT_TAIL_SIZE
            if (
                tag in _PDU_TAGS
                and offset + 2 + size == end == start + rest
                and second == third == 0x0201
                and error_status | error_index < 0x80
                and fourth == ber.SEQUENCE
            ):
                request_id = _from_bytes(data[offset + 4 : middle], "big", signed=True)
                return _new_tuple(PduHeader, (tag, request_id, error_status, error_index, start, end))
    elif end > offset + 0x81 and data[offset + 1] == 0x82:
        # The same with many variable bindings.
        tag, _, size, first, request_id, second, error_status, third, error_index, fourth, rest = _unpack_long_header(
            data, offset
        )
        start = offset + _LONG_HEADER_SIZE
        if (
            tag in _PDU_TAGS
            and offset + 4 + size == end == start + rest
            and first == 0x0204
            and second == third == 0x0201
            and error_status | error_index < 0x80
            and fourth == 0x3082
        ):
            return _new_tuple(PduHeader, (tag, request_id, error_status, error_index, start, end))
    tag, start, stop = ber.read_header(data, offset, end)
    if stop != end:
        if exact:
            raise DecodeError("octets follow the PDU", stop, data)
        end = stop
    if tag not in _PDU_TAGS:
        raise DecodeError(f"no PDU has tag 0x{tag:02x}", offset, data)
    offset = start
    start, offset = ber.read_tagged(data, offset, end, ber.INTEGER, "request-id")
    request_id = ber.read_integer(data, start, offset)
    start, offset = ber.read_tagged(data, offset, end, ber.INTEGER, "error-status")
    error_status = ber.read_integer(data, start, offset)
    start, offset = ber.read_tagged(data, offset, end, ber.INTEGER, "error-index")
    error_index = ber.read_integer(data, start, offset)
    start, stop = ber.read_tagged(data, offset, end, ber.SEQUENCE, "the list of variable bindings")
    if stop != end and exact:
        raise DecodeError("octets follow the list of variable bindings", stop, data)
    return _new_tuple(PduHeader, (tag, request_id, error_status, error_index, start, stop))


def decode_pdu(data: bytes, offset: int, end: int, most: int | None = None) -> AnyPdu:
    """Decode the PDU between two offsets.

    Args:
        data: the message.
        offset: the offset of the PDU.
        end: where the PDU must end.
        most: how many variable bindings are allowed; optional; default any number.

    Raises:
        DecodeError: the PDU is malformed, does not end at ``end``, or has too many variable bindings.
    """
    if offset < end and data[offset] == PduType.TRAP_V1:
        return _decode_trap_v1(data, offset, end, most)
    header = read_pdu_header(data, offset, end)
    _check_count(data, header.varbinds_start, header.varbinds_end, most)
    varbinds = decode_varbinds(data, header.varbinds_start, header.varbinds_end)
    return Pdu(PduType(header.tag), header.request_id, header.error_status, header.error_index, varbinds)


def _check_count(data: bytes, offset: int, end: int, most: int | None) -> None:
    """Refuse too many variable bindings before any of them is decoded."""
    if most is not None and has_more_varbinds(data, offset, end, most):
        raise DecodeError(f"more than {most} variable bindings", offset, data)


def _decode_trap_v1(data: bytes, offset: int, end: int, most: int | None) -> TrapV1Pdu:
    """Decode a Trap-PDU (RFC 1157 section 4.1.6)."""
    start, stop = ber.read_tagged(data, offset, end, PduType.TRAP_V1, "a Trap-PDU")
    if stop != end:
        raise DecodeError("octets follow the PDU", stop, data)
    start, offset = ber.read_tagged(data, start, end, ber.OBJECT_IDENTIFIER, "enterprise")
    enterprise = decode_oid(data, start, offset)
    start, offset = ber.read_tagged(data, offset, end, IpAddress.tag, "agent-addr")
    address = decode_ip_address(data, start, offset)
    start, offset = ber.read_tagged(data, offset, end, ber.INTEGER, "generic-trap")
    generic = ber.read_integer(data, start, offset)
    start, offset = ber.read_tagged(data, offset, end, ber.INTEGER, "specific-trap")
    specific = ber.read_integer(data, start, offset)
    start, offset = ber.read_tagged(data, offset, end, TimeTicks.tag, "time-stamp")
    timestamp = _new_int(TimeTicks, ber.read_unsigned(data, start, offset, 32))
    start, stop = ber.read_tagged(data, offset, end, ber.SEQUENCE, "the list of variable bindings")
    if stop != end:
        raise DecodeError("octets follow the list of variable bindings", stop, data)
    _check_count(data, start, stop, most)
    return TrapV1Pdu(enterprise, address, generic, specific, timestamp, decode_varbinds(data, start, stop))


def check_fits_v1(varbinds: Iterable[VarBind], data: bytes) -> None:
    """Check that SNMPv1 has the types of all values.

    Args:
        varbinds: the variable bindings.
        data: the message, for the error.

    Raises:
        DecodeError: a Counter64, or an exception value of SNMPv2.
    """
    for oid, value in varbinds:
        if isinstance(value, _NOT_IN_V1):
            named = max(data.find(ber.tlv(OID.tag, oid.key)), 0)
            raise DecodeError(f"SNMPv1 cannot carry the {value.name} of {oid}", named, data)


def encode_pdu(pdu: AnyPdu) -> bytes:
    """Return an encoded PDU.

    Raises:
        ConfigurationError: a name is a fragment of an OID.
    """
    if isinstance(pdu, TrapV1Pdu):
        return ber.tlv(
            PduType.TRAP_V1,
            b"".join(
                (
                    ber.tlv(ber.OBJECT_IDENTIFIER, pdu.enterprise.ber),
                    ber.tlv(IpAddress.tag, pdu.agent_address),
                    ber.encode_integer(pdu.generic_trap),
                    ber.encode_integer(pdu.specific_trap),
                    ber.encode_unsigned(pdu.timestamp, TimeTicks.tag),
                    encode_varbinds(pdu.varbinds),
                )
            ),
        )
    return ber.tlv(
        pdu.type,
        b"".join(
            (
                ber.encode_integer(pdu.request_id),
                ber.encode_integer(pdu.error_status),
                ber.encode_integer(pdu.error_index),
                encode_varbinds(pdu.varbinds),
            )
        ),
    )
