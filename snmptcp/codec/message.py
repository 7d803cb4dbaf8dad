"""SNMP messages: SNMPv1 and SNMPv2c (RFC 1157, RFC 1901) and SNMPv3 (RFC 3412 section 6).

Contains: encoding and decoding, with the offsets that security models need.
Does not contain: checks of communities, users and digests.

Readers have a fast path for the form that agents usually send, and a strict general path that reports where
a message is malformed.  Both return the same result.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias, Union

from snmptcp.codec import ber
from snmptcp.codec.pdu import AnyPdu, check_fits_v1, decode_pdu, encode_pdu
from snmptcp.credentials import SnmpVersion
from snmptcp.errors import DecodeError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = (
    "CommunityMessage",
    "Message",
    "MsgFlags",
    "ScopedPdu",
    "V3Header",
    "V3Message",
    "community_header",
    "decode_message",
    "decode_scoped_pdu",
    "encode_context",
    "encode_message",
    "encode_scoped_pdu",
    "head_before_id",
    "read_community",
    "read_scoped_pdu",
    "read_v3_header",
    "read_version",
)


_from_bytes = int.from_bytes
_new_tuple = tuple.__new__


class MsgFlags:
    """The bits of msgFlags (RFC 3412 section 6.4)."""

    AUTH: Final = 0x01
    PRIV: Final = 0x02
    REPORTABLE: Final = 0x04


class CommunityMessage(NamedTuple):
    """A message of SNMPv1 or SNMPv2c."""

    version: SnmpVersion
    community: bytes
    pdu: AnyPdu

    def __repr__(self) -> str:
        """Return the message without its community."""
        return f"CommunityMessage(version={self.version!r}, pdu={self.pdu!r})"


class ScopedPdu(NamedTuple):
    """A PDU and its context (RFC 3412 section 6.8)."""

    context_engine_id: bytes
    context_name: bytes
    pdu: AnyPdu


class V3Message(NamedTuple):
    """A message of SNMPv3.

    Exactly one of ``scoped_pdu`` and ``encrypted_pdu`` is set, whatever ``msg_flags`` says.
    ``security_parameters_start`` is the offset of the security parameters in the message; the digest is
    computed over the whole message.
    """

    msg_id: int
    msg_max_size: int
    msg_flags: int
    security_model: int
    security_parameters: bytes
    scoped_pdu: ScopedPdu | None = None
    encrypted_pdu: bytes | None = None
    security_parameters_start: int = 0

    @property
    def version(self) -> SnmpVersion:
        """Always :attr:`SnmpVersion.V3`."""
        return SnmpVersion.V3


Message: TypeAlias = Union[CommunityMessage, V3Message]


def read_version(data: bytes) -> tuple[int, int, int]:
    """Read the outermost header and the version of a message.

    Returns:
        The version number, the offset of the next field, and the end of the message.

    Raises:
        DecodeError: not a message, or octets follow the message.
    """
    size = len(data)
    if size >= 5:
        # Fast path: a length in one to three octets, and a version in one.
        first = data[1]
        if first < 0x80:
            start, length = 2, first
        elif first == 0x81:
            start, length = 3, data[2]
        elif first == 0x82:
            start, length = 4, data[2] << 8 | data[3]
        else:
            start, length = 0, -1
        if (
            start + length == size >= start + 3
            and data[0] == 0x30
            and data[start] == 0x02
            and data[start + 1] == 1
            and data[start + 2] < 0x80
        ):
            return data[start + 2], start + 3, size
    start, end = ber.read_tagged(data, 0, len(data), ber.SEQUENCE, "a message")
    if end != len(data):
        raise DecodeError("octets follow the message", end, data)
    start, offset = ber.read_tagged(data, start, end, ber.INTEGER, "the version")
    return ber.read_integer(data, start, offset), offset, end


def read_community(data: bytes, offset: int, end: int) -> tuple[bytes, int]:
    """Read the community, which follows the version; return it and the offset of the PDU."""
    start, stop = ber.read_tagged(data, offset, end, ber.OCTET_STRING, "the community")
    return data[start:stop], stop


def decode_message(data: bytes) -> Message:
    """Decode a message of any version.

    Raises:
        DecodeError: the message is malformed: a length, tag or number that is not allowed.
    """
    version, offset, end = read_version(data)
    if version == SnmpVersion.V3:
        return _decode_v3(data, offset, end)
    if version not in (SnmpVersion.V1, SnmpVersion.V2C):
        raise DecodeError(f"no SNMP version has number {version}", offset - 1, data)
    community, offset = read_community(data, offset, end)
    pdu = decode_pdu(data, offset, end)
    if version == SnmpVersion.V1:
        check_fits_v1(pdu.varbinds, data)
    return CommunityMessage(SnmpVersion(version), community, pdu)


class V3Header(NamedTuple):
    """The fields before msgData in an SNMPv3Message, and the offsets of the security parameters and of the end."""

    msg_id: int
    msg_max_size: int
    msg_flags: int
    security_model: int
    security_start: int
    security_stop: int
    end: int


def _global_data(size: int) -> tuple[Callable[[bytes, int], tuple[Any, ...]], int, int]:
    """Return, for a msgMaxSize of ``size`` octets: the unpacker of msgGlobalData, ``size``, and the total length."""
    parts = struct.Struct(f">BBHIH{size}sHBHB")
    return parts.unpack_from, size, parts.size


#: The unpackers of msgGlobalData, by its length octet.
_GLOBAL_DATA = {14 + size: _global_data(size) for size in (1, 2, 3, 4)}


def read_v3_header(data: bytes, offset: int, end: int) -> V3Header:
    """Read the fields between msgVersion and msgData (RFC 3412 section 6).

    Raises:
        DecodeError: a malformed field, or a number out of range.
    """
    if offset + 22 <= end and data[offset + 1] in _GLOBAL_DATA:
        # Fast path: a msgID in four octets, as ours always are, and all other fields in their shortest form.
        unpack, size, length = _GLOBAL_DATA[data[offset + 1]]
        tag, _, first, msg_id, second, octets, third, msg_flags, fourth, model = unpack(data, offset)
        if (
            tag == ber.SEQUENCE
            and first == 0x0204
            and msg_id < 0x80000000
            and second == 0x0200 | size
            and third == 0x0401
            and fourth == 0x0201
            and 0 < model < 0x80
        ):
            msg_max_size = _from_bytes(octets, "big", signed=True)
            if msg_max_size >= 484:  # RFC 3412 section 6.3
                start, stop = ber.read_tagged(data, offset + length, end, ber.OCTET_STRING, "msgSecurityParameters")
                return _new_tuple(V3Header, (msg_id, msg_max_size, msg_flags, model, start, stop, end))
    start, stop = ber.read_tagged(data, offset, end, ber.SEQUENCE, "msgGlobalData")
    msg_id, start = _read_bounded(data, start, stop, 0, "msgID")
    msg_max_size, start = _read_bounded(data, start, stop, 484, "msgMaxSize")
    flags_start, start = ber.read_tagged(data, start, stop, ber.OCTET_STRING, "msgFlags")
    if start - flags_start != 1:
        raise DecodeError(f"msgFlags of {start - flags_start} octets", flags_start, data)
    security_model, start = _read_bounded(data, start, stop, 1, "msgSecurityModel")
    if start != stop:
        raise DecodeError("octets follow msgSecurityModel", start, data)
    security_start, offset = ber.read_tagged(data, stop, end, ber.OCTET_STRING, "msgSecurityParameters")
    return V3Header(msg_id, msg_max_size, data[flags_start], security_model, security_start, offset, end)


def _decode_v3(data: bytes, offset: int, end: int) -> V3Message:
    """Decode the fields after msgVersion of an SNMPv3Message (RFC 3412 section 6)."""
    header = read_v3_header(data, offset, end)
    offset = header.security_stop
    scoped_pdu = encrypted_pdu = None
    if offset < end and data[offset] == ber.OCTET_STRING:
        start, stop = ber.read_tagged(data, offset, end, ber.OCTET_STRING, "encryptedPDU")
        encrypted_pdu = data[start:stop]
    else:
        scoped_pdu, stop = decode_scoped_pdu(data, offset, end)
    if stop != end:
        raise DecodeError("octets follow msgData", stop, data)
    return V3Message(
        header.msg_id,
        header.msg_max_size,
        header.msg_flags,
        header.security_model,
        data[header.security_start : header.security_stop],
        scoped_pdu,
        encrypted_pdu,
        header.security_start,
    )


def read_scoped_pdu(data: bytes, offset: int, end: int) -> tuple[bytes, bytes, int, int]:
    """Read a ScopedPDU up to its PDU.

    Returns:
        contextEngineID, contextName, the offset of the PDU and its end.  Padding of the cipher may follow
        (RFC 3414 section 8.1.1.2).
    """
    start, stop = offset + 2, -1
    if start <= end and data[offset] == ber.SEQUENCE and data[offset + 1] < 0x80:
        stop = start + data[offset + 1]  # the same as below, for a length in one octet
    if not 0 <= stop <= end:
        start, stop = ber.read_tagged(data, offset, end, ber.SEQUENCE, "a ScopedPDU")
    if start + 4 <= stop:
        # Fast path: two strings with lengths in one octet.
        engine_stop = start + 2 + data[start + 1]
        name_start = engine_stop + 2
        if name_start <= stop and data[start] == data[engine_stop] == ber.OCTET_STRING:
            name_stop = name_start + data[engine_stop + 1]
            if name_stop <= stop and data[start + 1] < 0x80 and data[engine_stop + 1] < 0x80:
                return data[start + 2 : engine_stop], data[name_start:name_stop], name_stop, stop
    engine_start, offset = ber.read_tagged(data, start, stop, ber.OCTET_STRING, "contextEngineID")
    name_start, name_stop = ber.read_tagged(data, offset, stop, ber.OCTET_STRING, "contextName")
    return data[engine_start:offset], data[name_start:name_stop], name_stop, stop


def decode_scoped_pdu(data: bytes, offset: int, end: int) -> tuple[ScopedPdu, int]:
    """Decode a ScopedPDU; return it and its end.  Padding of the cipher may follow."""
    engine_id, name, start, stop = read_scoped_pdu(data, offset, end)
    return ScopedPdu(engine_id, name, decode_pdu(data, start, stop)), stop


def _read_bounded(data: bytes, offset: int, end: int, minimum: int, what: str) -> tuple[int, int]:
    """Read an INTEGER (minimum..2147483647); return its value and the offset just past it."""
    start, stop = ber.read_tagged(data, offset, end, ber.INTEGER, what)
    if not 0 < stop - start <= 5:  # five: one needless leading zero octet
        raise DecodeError(f"{what} of {stop - start} octets", start, data)
    value = int.from_bytes(data[start:stop], "big", signed=True)
    if not minimum <= value <= 0x7FFFFFFF:
        raise DecodeError(f"{what} is {value}, not in the range {minimum} to 2147483647", start, data)
    return value, stop


def head_before_id(fields: bytes, pdu_type: int, id_size: int, tail_size: int) -> bytes:
    """Return the octets before a request-id in a SEQUENCE of other fields and a PDU: a message, or a ScopedPDU.

    Args:
        fields: the encoded fields before the PDU.
        pdu_type: the tag of the PDU.
        id_size: the size of the request-id, in octets.
        tail_size: the size of the PDU from the error-status on, in octets.
    """
    pdu_size = 2 + id_size + tail_size
    pdu_head = bytes((pdu_type,)) + ber.encode_length(pdu_size) + bytes((ber.INTEGER, id_size))
    whole = len(fields) + len(pdu_head) - 2 + pdu_size
    return bytes((ber.SEQUENCE,)) + ber.encode_length(whole) + fields + pdu_head


def community_header(version: SnmpVersion, community: bytes) -> bytes:
    """Return the encoded version and community, the fields before the PDU."""
    return ber.encode_integer(version) + ber.tlv(ber.OCTET_STRING, community)


def encode_scoped_pdu(scoped_pdu: ScopedPdu) -> bytes:
    """Return an encoded ScopedPDU."""
    context = encode_context(scoped_pdu.context_engine_id, scoped_pdu.context_name)
    return ber.tlv(ber.SEQUENCE, context + encode_pdu(scoped_pdu.pdu))


def encode_context(engine_id: bytes, name: bytes) -> bytes:
    """Return the encoded contextEngineID and contextName, the fields before the PDU in a ScopedPDU."""
    return ber.tlv(ber.OCTET_STRING, engine_id) + ber.tlv(ber.OCTET_STRING, name)


def encode_message(message: Message) -> bytes:
    """Return an encoded message, with all lengths in their shortest form."""
    if isinstance(message, CommunityMessage):
        body = community_header(message.version, message.community) + encode_pdu(message.pdu)
        return ber.tlv(ber.SEQUENCE, body)
    header = (
        ber.encode_integer(message.msg_id)
        + ber.encode_integer(message.msg_max_size)
        + ber.tlv(ber.OCTET_STRING, bytes((message.msg_flags,)))
        + ber.encode_integer(message.security_model)
    )
    if message.scoped_pdu is not None:
        data = encode_scoped_pdu(message.scoped_pdu)
    else:
        data = ber.tlv(ber.OCTET_STRING, message.encrypted_pdu or b"")
    return ber.tlv(
        ber.SEQUENCE,
        ber.encode_integer(SnmpVersion.V3)
        + ber.tlv(ber.SEQUENCE, header)
        + ber.tlv(ber.OCTET_STRING, message.security_parameters)
        + data,
    )
