"""The command responder: a request in, the correct response out (RFC 3416 section 4.2, RFC 1157, RFC 3584).

Contains: GET, GETNEXT, GETBULK and SET, their error-statuses, and the size limits.
Does not contain: access rights (:mod:`~snmptcp.testing.access`), the variables (:mod:`~snmptcp.testing.mib`), faults
(:mod:`~snmptcp.testing.faults`).
"""

from __future__ import annotations

import itertools
import logging
from typing import TYPE_CHECKING, NamedTuple

from snmptcp.codec import ber
from snmptcp.codec.pdu import Pdu, PduType
from snmptcp.credentials import SnmpVersion
from snmptcp.errors import AgentError, ErrorStatus
from snmptcp.testing.mib import Binding, Effects, Mib, Variable, bind
from snmptcp.values import Counter64, EndOfMibView, NoSuchInstance, NoSuchObject, VarBind

if TYPE_CHECKING:
    from snmptcp.oid import OID
    from snmptcp.testing.bookkeeping import Request
    from snmptcp.values import Value

__all__ = ("Responder", "Response")

logger = logging.getLogger(__name__)

#: GETNEXT skips a variable whose getter returns one of these: it does not exist now.
_ABSENT: frozenset[type] = frozenset((NoSuchObject, NoSuchInstance, EndOfMibView))

#: SNMPv1 also skips Counter64, which it does not have (RFC 3584 section 4.2.2.1).
_INVISIBLE = {SnmpVersion.V1: _ABSENT | {Counter64}, SnmpVersion.V2C: _ABSENT, SnmpVersion.V3: _ABSENT}

#: The error-status in SNMPv1 (RFC 3584 section 4.4); genErr for all others.
_V1_STATUS = {
    **{status: status for status in range(6)},
    ErrorStatus.wrongValue: ErrorStatus.badValue,
    ErrorStatus.wrongEncoding: ErrorStatus.badValue,
    ErrorStatus.wrongType: ErrorStatus.badValue,
    ErrorStatus.wrongLength: ErrorStatus.badValue,
    ErrorStatus.inconsistentValue: ErrorStatus.badValue,
    ErrorStatus.noAccess: ErrorStatus.noSuchName,
    ErrorStatus.notWritable: ErrorStatus.noSuchName,
    ErrorStatus.noCreation: ErrorStatus.noSuchName,
    ErrorStatus.inconsistentName: ErrorStatus.noSuchName,
    ErrorStatus.authorizationError: ErrorStatus.noSuchName,
}

# ------------------------------------------------------------------------------------- the response


class _Refusal(Exception):
    """A request that is answered with an error-status."""

    def __init__(self, status: int, index: int) -> None:
        super().__init__(status, index)
        self.status = status
        self.index = index


class Response(NamedTuple):
    """A response with encoded variable bindings.

    Attributes:
        request_id: the request-id.
        error_status: the error-status; 0 for noError.
        error_index: the position of the variable binding in error, from 1; 0 for none.
        bindings: the variable bindings.
        effects: what its variables ask for, besides their values; ``None`` for nothing.
    """

    request_id: int
    error_status: int
    error_index: int
    bindings: list[Binding]
    effects: Effects | None = None

    def pdu(self) -> Pdu:
        """Return the response as a PDU, for a fault to change it."""
        varbinds = tuple(VarBind(binding.oid, binding.value) for binding in self.bindings)
        return Pdu(PduType.RESPONSE, self.request_id, self.error_status, self.error_index, varbinds)

    def encode(self, header: bytes) -> bytes:
        """Return the whole message or ScopedPDU; ``header`` is its part before the PDU."""
        numbers = (
            ber.encode_integer(self.request_id)
            + ber.encode_integer(self.error_status)
            + ber.encode_integer(self.error_index)
        )
        varbinds = ber.tlv(ber.SEQUENCE, b"".join([binding.octets for binding in self.bindings]))
        return ber.tlv(ber.SEQUENCE, header + ber.tlv(PduType.RESPONSE, numbers + varbinds))


def _field_size(length: int) -> int:
    """Return the length of a field whose value has this length."""
    return 1 + len(ber.encode_length(length)) + length


def _room_for_bindings(limit: int, header: bytes, request_id: int) -> int:
    """Return the most octets of variable bindings in a response with noError."""
    numbers = len(ber.encode_integer(request_id)) + 6
    room = limit
    while room > 0:
        excess = _field_size(len(header) + _field_size(numbers + _field_size(room))) - limit
        if excess <= 0:
            break
        room -= excess
    return room


# --------------------------------------------------------------------------------- the operations


class _Cursor:
    """The successors of a name, for one variable binding of a request."""

    __slots__ = ("_effects", "_index", "_invisible", "_oid", "_order", "_position", "ended")

    def __init__(self, mib: Mib, oid: OID, index: int, invisible: frozenset[type], effects: Effects) -> None:
        self._order, self._position = mib.following(oid)
        self._effects = effects
        self._oid = oid  # the last successor, or the requested name
        self._index = index
        self._invisible = invisible
        self.ended = False

    def next(self) -> Binding:
        """Return the binding of the next variable, or endOfMibView under the last name."""
        order = self._order
        while self._position < len(order):
            variable = order[self._position]
            self._position += 1
            binding = variable.constant or _read(variable, self._index, self._effects)
            if type(binding.value) not in self._invisible:
                self._oid = binding.oid
                return binding
        self.ended = True
        return bind(self._oid, EndOfMibView())


def _read(variable: Variable, index: int, effects: Effects | None = None) -> Binding:
    """Return a variable's binding; an exception of its getter becomes an error-status."""
    try:
        return variable.binding(effects)
    except AgentError as error:
        raise _Refusal(_status_of(error), index) from error
    except Exception as error:
        logger.exception("the getter of %s failed", variable.oid)
        raise _Refusal(ErrorStatus.genErr, index) from error


def _status_of(error: AgentError) -> int:
    """Return the error-status of an exception of a getter or setter.

    If its status is noError or no number, its class's status is used.
    """
    status: object = error.status
    return status if isinstance(status, int) and status > 0 else error.default_status


class Responder:
    """Carries out requests on variables (RFC 3416 section 4.2; for SNMPv1 as in RFC 3584)."""

    def __init__(self, mib: Mib, max_message_size: int, max_varbinds: int | None) -> None:
        self.mib = mib
        self._max_message_size = max_message_size
        self._max_varbinds = max_varbinds

    def respond(
        self, request: Request, header: bytes, *, may_write: bool, may_read: bool = True, limit: int | None = None
    ) -> tuple[Response, bytes] | None:
        """Return the response and its encoding; ``None`` if not even tooBig fits.

        Args:
            request: the request.
            header: the part before the PDU of the response's message or ScopedPDU.
            may_write: whether a SET is allowed.
            may_read: whether any request is allowed.
            limit: the most octets of the response; optional, default the longest message.
        """
        limit = self._max_message_size if limit is None else limit
        effects = Effects()
        try:
            if not may_read:
                raise _Refusal(ErrorStatus.authorizationError, 0)  # noqa: TRY301 - as every refusal below
            response = self._operate(request, header, limit, effects, may_write=may_write)
        except _Refusal as refusal:
            response = self._refuse(request, refusal)
        octets = response.encode(header)
        if len(octets) > limit and response.error_status != ErrorStatus.tooBig:
            response = self._refuse(request, _Refusal(ErrorStatus.tooBig, 0))
            octets = response.encode(header)
        if len(octets) > limit:
            logger.debug("not even tooBig fits into %d octets; request %d is dropped", limit, request.pdu.request_id)
            return None
        return response._replace(effects=effects) if effects.delay or effects.actions else response, octets

    def _operate(self, request: Request, header: bytes, limit: int, effects: Effects, *, may_write: bool) -> Response:
        pdu = request.pdu
        if pdu.type is PduType.GET_BULK:
            room = _room_for_bindings(limit, header, pdu.request_id)
            return Response(pdu.request_id, 0, 0, self._get_bulk(request, room, effects))
        if self._max_varbinds is not None and len(pdu.varbinds) > self._max_varbinds:
            raise _Refusal(ErrorStatus.tooBig, 0)
        if pdu.type is PduType.GET:
            return Response(pdu.request_id, 0, 0, self._get(request, effects))
        if pdu.type is PduType.GET_NEXT:
            return Response(pdu.request_id, 0, 0, self._get_next(request, effects))
        echo = [bind(oid, value) for oid, value in pdu.varbinds]
        self._check_set_fits(pdu, echo, header, limit)
        self._set(pdu, effects, may_write=may_write)
        return Response(pdu.request_id, 0, 0, echo)

    def _refuse(self, request: Request, refusal: _Refusal) -> Response:
        """Return the response with an error-status and the request's bindings; tooBig has none (RFC 3416 4.2.1)."""
        status = refusal.status
        varbinds = request.pdu.varbinds
        if request.version is SnmpVersion.V1:
            status = _V1_STATUS.get(status, ErrorStatus.genErr)
        elif status == ErrorStatus.tooBig:
            varbinds = ()
        return Response(request.pdu.request_id, status, refusal.index, [bind(oid, value) for oid, value in varbinds])

    # RFC 3416 section 4.2.1

    def _get(self, request: Request, effects: Effects) -> list[Binding]:
        bindings = []
        for index, (oid, _) in enumerate(request.pdu.varbinds, 1):
            variable = self.mib.variable(oid)
            binding = bind(oid, self._absence(oid)) if variable is None else _read(variable, index, effects)
            if request.version is SnmpVersion.V1 and type(binding.value) in _INVISIBLE[SnmpVersion.V1]:
                raise _Refusal(ErrorStatus.noSuchName, index)
            bindings.append(binding)
        return bindings

    def _absence(self, oid: OID) -> Value:
        """Return noSuchInstance or noSuchObject for a name that no variable has.

        Without a MIB's definitions, the end of the object type's name is unknown.  The rule here: the object type
        exists if a variable is below the name, or below all but its last arc.  So ``ifDescr.99`` and ``sysDescr.1``
        are noSuchInstance beside ``ifDescr.1`` and ``sysDescr.0``; rows with several index arcs are recognized if
        they differ in the last one only.
        """
        arcs = oid.arcs
        known = self.mib.has_below(arcs) or self.mib.has_below(arcs[:-1])
        return NoSuchInstance() if known else NoSuchObject()

    # RFC 3416 section 4.2.2

    def _get_next(self, request: Request, effects: Effects) -> list[Binding]:
        bindings = []
        for index, (oid, _) in enumerate(request.pdu.varbinds, 1):
            cursor = self._cursor(request, oid, index, effects)
            bindings.append(cursor.next())
            if cursor.ended and request.version is SnmpVersion.V1:
                raise _Refusal(ErrorStatus.noSuchName, index)
        return bindings

    def _cursor(self, request: Request, oid: OID, index: int, effects: Effects) -> _Cursor:
        return _Cursor(self.mib, oid, index, _INVISIBLE[request.version], effects)

    # RFC 3416 section 4.2.3

    def _get_bulk(self, request: Request, room: int, effects: Effects) -> list[Binding]:
        """Return the requested bindings, as many as exist and fit."""
        pdu = request.pdu
        cursors = [self._cursor(request, oid, index, effects) for index, (oid, _) in enumerate(pdu.varbinds, 1)]
        non_repeaters = min(max(pdu.non_repeaters, 0), len(cursors))
        repeaters = cursors[non_repeaters:]
        repetitions = max(pdu.max_repetitions, 0) if repeaters else 0
        rounds = itertools.chain((cursors[:non_repeaters],), itertools.repeat(repeaters, repetitions))
        bindings: list[Binding] = []
        for cursors in rounds:
            for cursor in cursors:
                binding = cursor.next()
                room -= len(binding.octets)
                if room < 0 or len(bindings) == self._max_varbinds:
                    return bindings
                bindings.append(binding)
            if cursors is repeaters and cursors[-1].ended and all(cursor.ended for cursor in cursors):
                break
        return bindings

    # RFC 3416 section 4.2.5

    def _check_set_fits(self, pdu: Pdu, echo: list[Binding], header: bytes, limit: int) -> None:
        """Refuse a SET whose response might not fit, before any change."""
        longest = Response(pdu.request_id, ErrorStatus.inconsistentName, len(echo), echo)
        if len(longest.encode(header)) > limit:
            raise _Refusal(ErrorStatus.tooBig, 0)

    def _set(self, pdu: Pdu, effects: Effects, *, may_write: bool) -> None:
        """Validate all assignments, then make all or none of them."""
        assignments = [
            (self._validate(index, varbind, may_write=may_write), varbind.value)
            for index, varbind in enumerate(pdu.varbinds, 1)
        ]
        undo: list[tuple[Variable, Value]] = []
        for index, ((variable, old), value) in enumerate(assignments, 1):
            try:
                variable.assign(value, effects)
            except Exception as error:
                self._undo(undo)
                if isinstance(error, AgentError):
                    raise _Refusal(_status_of(error), index) from error
                logger.exception("the setter of %s failed", variable.oid)
                raise _Refusal(ErrorStatus.commitFailed, index) from error
            undo.append((variable, old))

    def _validate(self, index: int, varbind: VarBind, *, may_write: bool) -> tuple[Variable, Value]:
        """Return the variable to assign to, and its current value."""
        if not may_write:
            raise _Refusal(ErrorStatus.noAccess, index)
        variable = self.mib.variable(varbind.oid)
        if variable is None:
            raise _Refusal(ErrorStatus.noCreation, index)
        if not variable.is_writable:
            raise _Refusal(ErrorStatus.notWritable, index)
        old = _read(variable, index).value
        if type(varbind.value) is not (variable.kind or type(old)):
            raise _Refusal(ErrorStatus.wrongType, index)
        return variable, old

    def _undo(self, done: list[tuple[Variable, Value]]) -> None:
        """Undo assignments, the last one first."""
        failed = False
        for variable, old in reversed(done):
            try:
                variable.assign(old)
            except Exception:
                logger.exception("cannot undo the assignment to %s", variable.oid)
                failed = True
        if failed:
            raise _Refusal(ErrorStatus.undoFailed, 0)
