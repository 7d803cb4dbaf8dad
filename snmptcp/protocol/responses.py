"""What a response says: the variable bindings that answer a request, or why it cannot be used.

Contains: the decoding of responses and reports, its limits, and what is read of a response that is broken in places.
Does not contain: which request a response belongs to, and whether it may be trusted (:mod:`snmptcp.protocol.session`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, final

from snmptcp.codec.pdu import check_exact, check_fits_v1, decode_varbinds, has_more_varbinds, salvage_varbinds
from snmptcp.credentials import SnmpVersion
from snmptcp.errors import DecodeError, ResponseMismatch, agent_error
from snmptcp.values import Null, VarBind

if TYPE_CHECKING:
    from snmptcp.codec.pdu import PduHeader
    from snmptcp.errors import SnmpError
    from snmptcp.protocol.request import Request
    from snmptcp.protocol.statistics import Statistics

__all__ = ("Responses", "Unusable", "decode_few")

#: A shorter list, of less than this for each variable binding that was asked for, is decoded without counting first:
#: it costs little, and the usual answer is not looked at twice.
PLAUSIBLE_SIZE = 64

#: How many variable bindings a report, or the answer to a probe, may have; RFC 3412 section 7.1 has one.
MAX_IN_REPORT = 16

_V1 = SnmpVersion.V1


@final
class Unusable:
    """What a request ends with whose response has no variable bindings for it.

    Attributes:
        error: what the request fails with.
        fault: what is wrong with the message; ``None`` if nothing is, and the agent has answered by an error.
        unreadable: whether its variable bindings cannot be decoded, or not in all places.
    """

    __slots__ = ("error", "fault", "unreadable")

    def __init__(self, error: SnmpError, fault: SnmpError | None = None, *, unreadable: bool = False) -> None:
        self.error = error
        self.fault = fault
        self.unreadable = unreadable


class Responses:
    """Reads the responses on one connection.

    Args:
        version: the version of their messages.
        statistics: where responses are counted that are not as they should be.
        strict: whether to refuse what breaks a rule of the RFCs without harm (docs/leniency.md).

    Attributes:
        version: the version of the messages that come next.
    """

    __slots__ = ("_statistics", "_strict", "version")

    def __init__(self, version: SnmpVersion, statistics: Statistics, *, strict: bool) -> None:
        self.version = version
        self._statistics = statistics
        self._strict = strict

    def read(self, request: Request, data: bytes, header: PduHeader) -> tuple[VarBind, ...] | Unusable:
        """Return what a response answers to a request.

        Args:
            request: what was asked.
            data: the octets that hold the PDU.
            header: the beginning of the PDU.
        """
        _, _, error_status, error_index, start, end = header
        strict = self._strict
        most = request.most
        if error_status:
            most = max(most, len(request.names))  # it repeats the names, however few were to be answered
        if end - start > most * PLAUSIBLE_SIZE and has_more_varbinds(
            data, start, end, most if strict or error_status else request.tolerated
        ):
            mismatch = ResponseMismatch(f"more than {most} variable bindings in the response, {most} requested")
            return Unusable(mismatch, mismatch)
        try:
            varbinds = decode_varbinds(data, start, end)
            if strict:
                self._check_strictly(varbinds, data, start, end)
        except DecodeError as error:
            # Its traceback refers to those who called this, who refer to the request, which will refer to the error.
            return self._read_broken(request, data, header, error.with_traceback(None))
        if error_status:
            return Unusable(agent_error(error_status, error_index, varbinds))
        wrong = request.check(varbinds)
        if wrong is not None and most < len(varbinds) <= request.tolerated and not strict:
            self._statistics.oversized += 1
            varbinds = varbinds[:most]
            wrong = request.check(varbinds)
        return varbinds if wrong is None else Unusable(wrong, wrong)

    def _check_strictly(self, varbinds: tuple[VarBind, ...], data: bytes, start: int, end: int) -> None:
        """Refuse variable bindings that only net-snmp and its like would read."""
        check_exact(data, start, end, varbinds)
        if self.version is _V1:
            check_fits_v1(varbinds, data)

    def _read_broken(self, request: Request, data: bytes, header: PduHeader, error: DecodeError) -> Unusable:
        """Return what can be read of a response that cannot be decoded as a whole."""
        _, _, error_status, error_index, start, end = header
        self._statistics.malformed += 1
        if self._strict:
            return Unusable(error, error, unreadable=True)
        if error_status:  # which name is to blame is told by its place in the request
            names = tuple(VarBind(name, Null()) for name in request.names)
            return Unusable(agent_error(error_status, error_index, names), error, unreadable=True)
        broken = salvage_varbinds(data, start, end, error, request.names, follow=request.follows)
        self._statistics.broken += len(broken.broken)
        return Unusable(broken, error, unreadable=True)


def decode_few(data: bytes, header: PduHeader) -> tuple[VarBind, ...]:
    """Decode the variable bindings of a report, or of the answer to a probe.

    Raises:
        DecodeError: they are malformed, or too many.
    """
    if has_more_varbinds(data, header.varbinds_start, header.varbinds_end, MAX_IN_REPORT):
        raise DecodeError(f"more than {MAX_IN_REPORT} variable bindings", header.varbinds_start, data)
    return decode_varbinds(data, header.varbinds_start, header.varbinds_end)
