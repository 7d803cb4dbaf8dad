"""Reads the PDU of a notification: as the RFCs have it, or else as net-snmp does, with a mark for what is odd.

Contains: reading PDUs that the codec refuses, and finding uptime and trap OID where they should not be.
Does not contain: which senders are accepted, and acknowledging (:mod:`snmptcp.protocol.receiver`).

The codec reads first; only what it refuses is read again here.  What cannot be read costs one variable binding.
Nothing is decoded of a PDU with too many of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from snmptcp.codec import ber
from snmptcp.codec.pdu import (
    Pdu,
    PduType,
    TrapV1Pdu,
    check_exact,
    check_fits_v1,
    decode_pdu,
    decode_varbinds,
    has_more_varbinds,
)
from snmptcp.credentials import SnmpVersion
from snmptcp.errors import ConfigurationError, DecodeError
from snmptcp.oid import OID
from snmptcp.protocol.notification import (
    NOTIFICATION_PDUS,
    SNMP_TRAP_OID,
    SNMP_TRAPS,
    SYS_UP_TIME,
    NotificationParameters,
    Reading,
    from_v1,
    read_parameters,
)
from snmptcp.protocol.oddities import Oddity, UnreadableVarBind
from snmptcp.values import (
    Counter32,
    Counter64,
    EndOfMibView,
    Gauge32,
    Integer32,
    IpAddress,
    NoSuchInstance,
    NoSuchObject,
    TimeTicks,
    UInteger32,
    VarBind,
)

if TYPE_CHECKING:
    from snmptcp.codec.pdu import AnyPdu

__all__ = ("NO_OID", "NotificationReader", "OddPdu")

#: zeroDotZero (RFC 2578 section 2): the trap OID of a notification that has none.
NO_OID: Final = OID("0.0")

_EXCEPTIONS = frozenset((NoSuchObject, NoSuchInstance, EndOfMibView))
_UNUSUAL = _EXCEPTIONS | {Counter64}

#: The types of numbers, by tag: signed, then unsigned with their size in bits.
_UNSIGNED_BITS = {kind.tag: 32 for kind in (Counter32, Gauge32, TimeTicks, UInteger32)} | {Counter64.tag: 64}

#: How many fields come before the list of variable bindings.
_FIELDS_V1, _FIELDS_V2 = 5, 3

#: What some agents send in place of an empty list (TritonDataCenter/node-snmpjs issue 32).
_NO_LIST = (b"", bytes((ber.SEQUENCE,)))

_NO_ODDITIES: frozenset[Oddity] = frozenset()


class OddPdu(NamedTuple):
    """A PDU that the codec refuses."""

    pdu: AnyPdu
    oddities: set[Oddity]
    unreadable: tuple[UnreadableVarBind, ...]


class NotificationReader:
    """Reads the PDUs of notifications.

    Args:
        max_varbinds: how many variable bindings a PDU may have.
        strict: refuse what breaks a rule.

    Attributes:
        strict: as given.
    """

    def __init__(self, max_varbinds: int, *, strict: bool) -> None:
        self.strict = strict
        self._max_varbinds = max_varbinds

    def decode(self, data: bytes, start: int, stop: int) -> tuple[AnyPdu, OddPdu | None]:
        """Decode a PDU of any type.

        Returns:
            The PDU, and what is odd about it if the codec has refused it.

        Raises:
            DecodeError: it cannot be read; if the reader is strict or the PDU no notification, the codec's reason.
        """
        try:
            pdu = decode_pdu(data, start, stop, self._max_varbinds)
        except DecodeError:
            if self.strict or start >= stop or data[start] not in NOTIFICATION_PDUS:
                raise
        else:
            if self.strict:
                check_encoding(data, start, stop, pdu)
            return pdu, None
        odd = read_odd_pdu(data, start, stop, self._max_varbinds)
        return odd.pdu, odd

    def read(self, pdu: AnyPdu, version: SnmpVersion, odd: OddPdu | None, data: bytes) -> Reading:
        """Return what a notification says.

        Args:
            pdu: its PDU.
            version: the version of its message.
            odd: what is odd about the PDU if the codec has refused it.
            data: the octets that it was decoded from, for errors.

        Raises:
            DecodeError: the reader is strict, and the notification breaks a rule.
        """
        if self.strict:
            if version is SnmpVersion.V1:
                check_fits_v1(pdu.varbinds, data)
            return Reading(read_strictly(pdu))
        if odd is None and type(pdu) is Pdu and version is not SnmpVersion.V1:
            sound = _read_sound(pdu)
            if sound is not None:
                return Reading(sound)
        oddities: set[Oddity] = set() if odd is None else odd.oddities
        if isinstance(pdu, TrapV1Pdu) is not (version is SnmpVersion.V1):
            oddities.add(Oddity.PDU_VERSION)
        unusual = _UNUSUAL.intersection([type(value) for _, value in pdu.varbinds])
        if unusual:
            _mark_values(unusual, pdu, version, oddities)
        parameters = _read_v1(pdu, oddities) if isinstance(pdu, TrapV1Pdu) else _read_v2(pdu, oddities)
        marks = frozenset(oddities) if oddities else _NO_ODDITIES
        return Reading(parameters, marks, () if odd is None else odd.unreadable)


def read_strictly(pdu: AnyPdu) -> NotificationParameters:
    """Return the parameters of a notification that breaks no rule.

    Raises:
        DecodeError: it breaks one.
    """
    if isinstance(pdu, TrapV1Pdu):
        if pdu.enterprise == NO_OID:
            raise DecodeError(Oddity.ENTERPRISE.value)
    elif pdu.error_status or pdu.error_index:
        raise DecodeError(Oddity.ERROR_FIELDS.value)
    if not _EXCEPTIONS.isdisjoint([type(value) for _, value in pdu.varbinds]):
        raise DecodeError(Oddity.EXCEPTION_VALUE.value)
    return read_parameters(pdu)


def check_encoding(data: bytes, start: int, stop: int, pdu: AnyPdu) -> None:
    """Check that the names and values of a PDU are encoded as the rules demand.

    Raises:
        DecodeError: the codec has read one that is not.
    """
    at = ber.read_header(data, start, stop)[1]
    for _ in range(_FIELDS_V1 if isinstance(pdu, TrapV1Pdu) else _FIELDS_V2):
        at = ber.read_header(data, at, stop)[2]
    check_exact(data, ber.read_header(data, at, stop)[1], stop, pdu.varbinds)


# -------------------------------------------------------------------------------- what a PDU says


def _mark_values(unusual: frozenset[type[object]], pdu: AnyPdu, version: SnmpVersion, oddities: set[Oddity]) -> None:
    """Mark types of values that do not belong here."""
    if not _EXCEPTIONS.isdisjoint(unusual):
        oddities.add(Oddity.EXCEPTION_VALUE)
    if version is SnmpVersion.V1 and isinstance(pdu, TrapV1Pdu):
        oddities.add(Oddity.NOT_IN_V1)


def _read_v1(pdu: TrapV1Pdu, oddities: set[Oddity]) -> NotificationParameters:
    """Translate a Trap-PDU (RFC 3584 section 3.1); mark what cannot be translated."""
    if pdu.enterprise == NO_OID:
        oddities.add(Oddity.ENTERPRISE)
    if 0 <= pdu.generic_trap <= 6:
        try:
            return from_v1(pdu)
        except DecodeError:  # the enterprise is too long
            oddities.add(Oddity.ENTERPRISE)
            return NotificationParameters(NO_OID, pdu.timestamp, pdu.varbinds)
    oddities.add(Oddity.GENERIC_TRAP)
    # As net-snmp does.
    return NotificationParameters(SNMP_TRAPS + ((pdu.generic_trap + 1) & 0xFFFFFFFF), pdu.timestamp, pdu.varbinds)


def _read_sound(pdu: Pdu) -> NotificationParameters | None:
    """Return the parameters of a notification of SNMPv2 that breaks no rule; ``None`` if it breaks one."""
    varbinds = pdu.varbinds
    if pdu.error_status or pdu.error_index or len(varbinds) < 2:
        return None
    first, uptime = varbinds[0]
    second, trap_oid = varbinds[1]
    if first != SYS_UP_TIME or second != SNMP_TRAP_OID or type(uptime) is not TimeTicks or type(trap_oid) is not OID:
        return None
    for _, value in varbinds:
        if type(value) in _EXCEPTIONS:
            return None
    return NotificationParameters(trap_oid, uptime, varbinds[2:])


def _read_v2(pdu: Pdu, oddities: set[Oddity]) -> NotificationParameters:
    """Return uptime and trap OID from wherever they are among the variable bindings."""
    if pdu.error_status or pdu.error_index:
        oddities.add(Oddity.ERROR_FIELDS)
    return _search(pdu.varbinds, oddities)


def _search(varbinds: tuple[VarBind, ...], oddities: set[Oddity]) -> NotificationParameters:
    uptime_at = _position(varbinds, SYS_UP_TIME, oddities)
    trap_oid_at = _position(varbinds, SNMP_TRAP_OID, oddities)
    if [at for at in (uptime_at, trap_oid_at) if at is not None] != list(
        range((uptime_at is not None) + (trap_oid_at is not None))
    ):
        oddities.add(Oddity.ORDER)
    used = set()
    uptime = TimeTicks(0)
    if uptime_at is None:
        oddities.add(Oddity.NO_UPTIME)
    else:
        value = varbinds[uptime_at].value
        if not isinstance(value, TimeTicks):
            oddities.add(Oddity.UPTIME_TYPE)
        if isinstance(value, int):
            uptime = TimeTicks(value & 0xFFFFFFFF)
            used.add(uptime_at)
    trap_oid = NO_OID
    if trap_oid_at is None:
        oddities.add(Oddity.NO_TRAP_OID)
    else:
        value = varbinds[trap_oid_at].value
        if isinstance(value, OID):
            trap_oid = value
            used.add(trap_oid_at)
        else:
            oddities.add(Oddity.TRAP_OID_TYPE)
    rest = tuple([varbind for position, varbind in enumerate(varbinds) if position not in used])
    return NotificationParameters(trap_oid, uptime, rest)


def _position(varbinds: tuple[VarBind, ...], name: OID, oddities: set[Oddity]) -> int | None:
    """Return where a name is, with its instance number or else without."""
    for position, (oid, _) in enumerate(varbinds):
        if oid == name:
            return position
    short = name[:-1]
    for position, (oid, _) in enumerate(varbinds):
        if oid == short:
            oddities.add(Oddity.INSTANCE)
            return position
    return None


# ------------------------------------------------------------------------- PDUs that the codec refuses


def read_odd_pdu(data: bytes, start: int, end: int, most: int) -> OddPdu:
    """Read the PDU of a notification that the codec refuses.

    Args:
        data: the message, or the decrypted part of it.
        start: the offset of the PDU.
        end: where it should end.
        most: how many variable bindings it may have.

    Raises:
        DecodeError: a header or a field that is needed cannot be read, or there are too many variable bindings.
    """
    tag, at, stop = ber.read_header(data, start, end)
    oddities: set[Oddity] = set()
    if stop != end:
        oddities.add(Oddity.TRAILING_OCTETS)
    if tag == PduType.TRAP_V1:
        return _read_odd_v1(data, at, stop, most, oddities)
    numbers = []
    for what in ("request-id", "error-status", "error-index"):
        value_start, value_stop = ber.read_tagged(data, at, stop, ber.INTEGER, what)
        numbers.append(ber.read_integer(data, value_start, value_stop))
        at = value_stop
    varbinds, unreadable = _read_odd_list(data, at, stop, most, oddities)
    return OddPdu(Pdu(PduType(tag), numbers[0], numbers[1], numbers[2], varbinds), oddities, unreadable)


def _read_odd_v1(data: bytes, at: int, stop: int, most: int, oddities: set[Oddity]) -> OddPdu:
    """Read a Trap-PDU (RFC 1157 section 4.1.6)."""
    tag, start, at = ber.read_header(data, at, stop)
    enterprise = NO_OID
    if tag == ber.OBJECT_IDENTIFIER and start < at:
        try:
            enterprise = OID.from_ber(ber.shortest_oid(data[start:at], data, start))
        except DecodeError:
            oddities.add(Oddity.ENTERPRISE)
    tag, start, at = ber.read_header(data, at, stop)
    address = IpAddress()
    if at - start == len(address):
        address = IpAddress(data[start:at])
    if tag != IpAddress.tag or at - start != len(address):
        oddities.add(Oddity.AGENT_ADDRESS)
    tag, generic, at = _read_number(data, at, stop, "generic-trap")
    if tag != Integer32.tag:
        oddities.add(Oddity.GENERIC_TRAP)
    tag, specific, at = _read_number(data, at, stop, "specific-trap")
    if tag != Integer32.tag:
        oddities.add(Oddity.SPECIFIC_TRAP)
    timestamp, at = _read_odd_uptime(data, at, stop, oddities)
    varbinds, unreadable = _read_odd_list(data, at, stop, most, oddities)
    pdu = TrapV1Pdu(enterprise, address, generic, specific, timestamp, varbinds)
    return OddPdu(pdu, oddities, unreadable)


def _read_number(data: bytes, at: int, end: int, what: str) -> tuple[int, int, int]:
    """Return the tag and value of a number of any type, and the offset just past it."""
    tag, start, stop = ber.read_header(data, at, end)
    if tag == Integer32.tag:
        return tag, ber.read_integer(data, start, stop), stop
    bits = _UNSIGNED_BITS.get(tag)
    if bits is None:
        raise DecodeError(f"{what} has tag 0x{tag:02x}, which is no number", at, data)
    return tag, ber.read_unsigned(data, start, stop, bits), stop


def _read_odd_uptime(data: bytes, at: int, end: int, oddities: set[Oddity]) -> tuple[TimeTicks, int]:
    """Return the uptime, 0 if it is no number, and the offset just past it."""
    stop = ber.read_header(data, at, end)[2]
    try:
        tag, number, _ = _read_number(data, at, end, "time-stamp")
    except DecodeError:
        tag, number = 0, 0
    if tag != TimeTicks.tag:
        oddities.add(Oddity.UPTIME_TYPE)
    return TimeTicks(number & 0xFFFFFFFF), stop


def _read_odd_list(
    data: bytes, at: int, end: int, most: int, oddities: set[Oddity]
) -> tuple[tuple[VarBind, ...], tuple[UnreadableVarBind, ...]]:
    """Read a VarBindList: return what can be read of it, and what cannot."""
    if data[at:end] in _NO_LIST:
        oddities.add(Oddity.NO_LIST)
        return (), ()
    at, stop = ber.read_tagged(data, at, end, ber.SEQUENCE, "the list of variable bindings")
    if stop != end:
        oddities.add(Oddity.TRAILING_OCTETS)
    if has_more_varbinds(data, at, stop, most):
        raise DecodeError(f"more than {most} variable bindings", at, data)
    varbinds: list[VarBind] = []
    unreadable: list[UnreadableVarBind] = []
    while at < stop:
        next_at = stop
        try:
            next_at = ber.read_header(data, at, stop)[2]
            varbinds += decode_varbinds(data, at, next_at)
        except DecodeError as error:
            position = len(varbinds) + len(unreadable)
            name = _name_of(data, at, next_at)
            unreadable.append(UnreadableVarBind(position, name, data[at:next_at], str(error)))
        at = next_at
    if unreadable:
        oddities.add(Oddity.UNREADABLE_VARBIND)
    return tuple(varbinds), tuple(unreadable)


def _name_of(data: bytes, at: int, end: int) -> OID | None:
    """Return the name of a variable binding that cannot be read; ``None`` if the name cannot be read either."""
    try:
        at, end = ber.read_tagged(data, at, end, ber.SEQUENCE, "a variable binding")
        start, stop = ber.read_tagged(data, at, end, ber.OBJECT_IDENTIFIER, "a name")
        return OID.from_ber(ber.shortest_oid(data[start:stop], data, start))
    except (DecodeError, ConfigurationError):
        return None
