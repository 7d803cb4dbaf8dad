"""Walks of a subtree: the next request, the variable bindings inside the subtree, and the end.

Contains: the cursor of one walk, and the size of its requests.  Does not contain: sending.

A walk always ends: each name must follow the previous one (RFC 3416 section 4.2.2), and each response
advances the cursor, makes the next request smaller, or ends the walk.  Devices do return the same names in
a loop (exhuma/puresnmp issue 94, gosnmp/gosnmp issue 401).
"""

from __future__ import annotations

from itertools import islice
from operator import lt
from typing import TYPE_CHECKING

from snmptcp.credentials import SnmpVersion
from snmptcp.errors import (
    BrokenVariable,
    ConfigurationError,
    GenErr,
    LimitExceeded,
    NoSuchName,
    OidNotIncreasing,
    RequestTimeout,
    ResponseMismatch,
    SnmpError,
    TooBig,
)
from snmptcp.oid import OID, precedes
from snmptcp.protocol.request import bulk_request, get_next_request
from snmptcp.values import EndOfMibView, NoSuchInstance, NoSuchObject, Null, VarBind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snmptcp.protocol.request import Request
    from snmptcp.values import Value

__all__ = ("DEFAULT_MAX_REPETITIONS", "RepetitionControl", "WalkCursor", "named_varbinds")

#: 25 counters fill most of an Ethernet frame.  Above 55, one switch skips rows (prometheus/snmp_exporter pull 13).
DEFAULT_MAX_REPETITIONS = 25

#: Responses in a row after which a size that failed before is tried again.
RUN_BEFORE_GROWTH = 16

#: How many names a walk remembers with ``tolerate_non_increasing``; they take about 100 MiB.
MAX_REMEMBERED_NAMES = 1_000_000

_END_OF_MIB_VIEW = EndOfMibView()
_NULL = Null()


def named_varbinds(error: BrokenVariable, asked: Sequence[OID] = ()) -> list[VarBind]:
    """Return the variable bindings of a response whose names can be read, with NULL for values that cannot be.

    Args:
        error: the response.
        asked: the names that were asked for; they stand in for names that cannot be read; optional.
    """
    readable = iter(error.varbinds)
    varbinds: list[VarBind] = []
    place = 0
    for broken, found in error.broken:
        name = found
        varbinds.extend(islice(readable, broken - place))
        if name is None and broken < len(asked):
            name = asked[broken]
        if name is not None:
            varbinds.append(VarBind(name, _NULL))
        place = broken + 1
    varbinds.extend(readable)
    return varbinds


class RepetitionControl:
    """Adapts max-repetitions to what the agent can answer.

    tooBig and genErr halve the number, a timeout quarters it; 0 means GETNEXT.  Each response doubles it,
    at first up to one below the number that failed, and after :data:`RUN_BEFORE_GROWTH` responses further.

    Args:
        maximum: the most repetitions to ask for; 0 means GETNEXT always.
    """

    __slots__ = ("_ceiling", "_proven", "_run", "maximum", "repetitions")

    def __init__(self, maximum: int) -> None:
        self.maximum = maximum
        #: The max-repetitions of the next request; 0 means GETNEXT.
        self.repetitions = maximum
        self._ceiling = maximum
        self._proven = False  # whether the agent has ever answered a GETBULK
        self._run = 0  # responses since the last failure

    def succeeded(self) -> None:
        """Record a response: the next request may be larger."""
        if self.repetitions == self.maximum:
            self._proven = True
            return
        self._proven = self._proven or self.repetitions > 0
        self._run += 1
        if not self._proven:
            return
        if self._run % RUN_BEFORE_GROWTH == 0:
            self._ceiling = min(max(self._ceiling, 1) * 2, self.maximum)
        if self.repetitions < self._ceiling:
            self.repetitions = min(max(self.repetitions * 2, 1), self._ceiling)

    def failed(self, asked: int, error: SnmpError) -> bool:
        """Record a failed request; return whether to try a smaller one.

        Args:
            asked: the max-repetitions of the request; a limit may have made it smaller than ``repetitions``.
            error: how the request failed.
        """
        if asked == 0:
            return False
        if isinstance(error, TooBig | GenErr):  # instead of a shorter response (RFC 3416 section 4.2.3)
            smaller = asked // 2
        elif isinstance(error, RequestTimeout) and self._proven:
            smaller = asked // 4
        elif isinstance(error, BrokenVariable):  # asked for alone, it may be readable
            smaller = 0
            self._proven = True
        elif isinstance(error, RequestTimeout | NoSuchName | ResponseMismatch):
            # The agent may not support GETBULK.  If it has never answered one, go to GETNEXT at once: trying
            # each smaller size would cost the caller of a dead agent one timeout each.
            smaller = 0
        else:
            return False
        self._run = 0
        self._ceiling = max(asked - 1, smaller)
        self.repetitions = smaller
        return True


class WalkCursor:
    """A position in a subtree.

    Send :meth:`request`, then pass its response to :meth:`receive` or its error to :meth:`failed`, until
    :attr:`finished`.  Then raise :attr:`fault`, if there is one.

    Args:
        root: the subtree; a fragment without arcs for everything.
        version: the SNMP version; version 1 has no GETBULK.
        max_repetitions: the most variable bindings in one response; 0 to 2**31 - 1; 0 means GETNEXT.
        limit: the most variable bindings of the walk; ``None`` for all.
        start: the name after which to begin; optional; default ``root``.
        tolerate_non_increasing: accept names that do not follow the previous one, but no name twice; keeps
            every name of the walk in memory, :data:`MAX_REMEMBERED_NAMES` at most.  Like net-snmp's option ``-Cc``,
            which has no end if the agent goes in a circle.
        skip_broken: go on past variables that cannot be decoded, as far as names behind them can be.
        strict: take nothing but endOfMibView for the end of the MIB; by default also noSuchObject and noSuchInstance
            under the name that was asked for, the last one, or one outside the subtree, as net-snmp does.
        hasty: wait only half of the timeout for the answer to a GETBULK, since smaller requests can follow.

    Raises:
        ConfigurationError: a number out of range, a ``start`` outside the subtree, or a ``root`` or ``start``
            that is not a whole object identifier.
    """

    __slots__ = (
        "_asked",
        "_asked_for",
        "_control",
        "_hasty",
        "_in_column",
        "_last",
        "_names",
        "_remaining",
        "_strict",
        "_tolerant",
        "fault",
        "finished",
        "root",
        "skip_broken",
    )

    def __init__(
        self,
        root: OID,
        version: SnmpVersion,
        *,
        max_repetitions: int = DEFAULT_MAX_REPETITIONS,
        limit: int | None = None,
        start: OID | None = None,
        tolerate_non_increasing: bool = False,
        skip_broken: bool = False,
        strict: bool = False,
        hasty: bool = False,
    ) -> None:
        if not 0 <= max_repetitions <= 0x7FFFFFFF:
            raise ConfigurationError(f"max_repetitions is a number from 0 to 2147483647, not {max_repetitions}")
        if limit is not None and limit < 0:
            raise ConfigurationError(f"limit must be at least 0, not {limit}")
        if start is not None and not start.startswith(root):
            raise ConfigurationError(f"start must be inside the subtree {root}, not {start}")
        self.root = root
        #: Whether the walk has ended.
        self.finished = limit == 0
        #: Why the walk ended early; ``None`` if it reached the end of the subtree or the limit.
        self.fault: SnmpError | None = None
        self._control = RepetitionControl(0 if version == SnmpVersion.V1 else max_repetitions)
        self._last = _sendable(root if start is None else start)
        self._asked_for = self._last  # the name of the last request
        self._asked = 0  # the max-repetitions of the last request
        self._remaining = limit
        self._tolerant = tolerate_non_increasing
        self._strict = strict
        self._hasty = hasty
        #: Whether it goes on past variables that cannot be decoded.
        self.skip_broken = skip_broken
        self._names: set[bytes] = set()  # the names seen; filled only with tolerate_non_increasing

    def patience(self, timeout: float) -> float:
        """Return how long to wait for the answer to the next request.

        Args:
            timeout: how long one request may take, in seconds.
        """
        return timeout / 2 if self._hasty and self._control.repetitions else timeout

    def request(self) -> Request:
        """Return the next request to send."""
        self._asked_for = self._last
        self._asked = self._control.repetitions
        if self._remaining is not None:
            self._asked = min(self._asked, self._remaining)
        if self._asked == 0:
            return get_next_request((self._last,))
        return bulk_request((self._last,), 0, self._asked)

    @property
    def repetitions(self) -> int:
        """The max-repetitions of the next request, unless a limit makes it smaller; 0 means GETNEXT."""
        return self._control.repetitions

    def receive(self, varbinds: Sequence[VarBind]) -> Sequence[VarBind]:
        """Process a response; return its variable bindings that belong to the walk."""
        self._control.succeeded()
        if self._remaining is not None:
            varbinds = varbinds[: self._remaining]
        items = varbinds if self._belong(varbinds) else self._take(varbinds)
        if self._remaining is not None:
            self._remaining -= len(items)
            self.finished = self.finished or self._remaining == 0
        # Without names, the next request would be the same, for ever (net-snmp/net-snmp issue 746).
        if not items and not self.finished:
            self._fail(ResponseMismatch("a response without variable bindings", tuple(varbinds)))
        return items

    def receive_broken(self, error: BrokenVariable) -> Sequence[VarBind]:
        """Process a response with variables that cannot be decoded; return those that belong to the walk.

        What comes before the first broken one is taken.  What comes behind it is asked for again, first by GETNEXT, or
        taken with ``skip_broken``, where broken ones count for the limit.  A broken one behind the subtree, asked for
        alone, ends the walk like any other.
        """
        varbinds = named_varbinds(error) if self.skip_broken else error.varbinds[: error.position]
        if not varbinds:
            if self._asked == 0 and self._is_behind(error.oid):
                self.finished = True
            elif not self._control.failed(self._asked, error):
                self._fail(error)
            return ()
        items = self.receive(varbinds)
        if not self.skip_broken:
            self._control.failed(self._asked, error)
            return items
        readable = set(map(id, error.varbinds))
        return [item for item in items if id(item) in readable]

    def _belong(self, varbinds: Sequence[VarBind]) -> bool:
        """Fast path: accept the whole response if it is ordered and inside the subtree; return whether it was.

        Compares octets, not arcs.  If the first and the last name differ in their last two octets only, and no
        name between is longer, the order of octets is that of arcs: a sub-identifier of two octets begins with a
        larger octet than any of one octet.  Names between two names of a subtree are inside it, too.
        """
        if self._tolerant or not varbinds:
            return False
        keys = [oid.key for oid, value in varbinds if value is not _END_OF_MIB_VIEW]
        last = keys[-1] if keys else b""
        head = last[:-2]
        if (
            len(keys) != len(varbinds)
            or not head.startswith(self.root.key)
            or not keys[0].startswith(head)
            or max(map(len, keys)) > len(last)
            or not all(map(lt, keys, keys[1:]))
            or not precedes(self._last.key, keys[0])
        ):
            return False
        self._last = varbinds[-1][0]
        return True

    def _take(self, varbinds: Sequence[VarBind]) -> Sequence[VarBind]:
        """Check each variable binding of a response; return those that belong to the walk."""
        items: list[VarBind] = []
        column: bytes | None = None  # all but the last octet of an instance's name
        for varbind in varbinds:
            oid, value = varbind
            key = oid.key
            # Fast path: the next row of the same column differs in its last octet only, which never has a
            # continuation bit.
            if key[:-1] != column or key[-1] <= self._last.key[-1] or value is _END_OF_MIB_VIEW:
                if value is _END_OF_MIB_VIEW or self._is_end(oid, value) or not self._moves_on_to(oid):
                    self.finished = True
                    break
                column = None if self._tolerant or len(key) <= len(self.root.key) else key[:-1]
            self._last = oid
            items.append(varbind)
        return items

    def failed(self, error: SnmpError) -> None:
        """Process an error: the next request is smaller, or the walk ends."""
        if self._control.failed(self._asked, error):
            return
        if isinstance(error, NoSuchName):
            # In SNMPv1: no name follows (RFC 1157 section 4.1.3).
            self.finished = True
        else:
            self._fail(error)

    def _is_end(self, oid: OID, value: Value) -> bool:
        """Whether the agent says that nothing follows a name by an exception that is meant for a GET.

        It comes under the name that was asked for, the last one or the root, or under one outside the subtree.
        """
        if self._strict or not isinstance(value, NoSuchObject | NoSuchInstance):
            return False
        return oid.key in {self._last.key, self._asked_for.key, self.root.key} or not oid.startswith(self.root)

    def _is_behind(self, oid: OID | None) -> bool:
        """Whether a name is known to be behind the subtree."""
        if oid is None or oid.startswith(self.root):
            return False
        return self._tolerant or precedes(self._last.key, oid.key)

    def _moves_on_to(self, oid: OID) -> bool:
        """Whether a name is inside the subtree and follows the previous one; if not, the walk ends."""
        if self._tolerant:
            return self._is_unseen(oid)
        if not precedes(self._last.key, oid.key):
            self._fail(OidNotIncreasing(self._last, oid))
            return False
        return oid.startswith(self.root)

    def _is_unseen(self, oid: OID) -> bool:
        """Whether a name is inside the subtree and new."""
        if not oid.startswith(self.root):
            return False
        if oid.key in self._names or oid.key == self._last.key:
            self._fail(OidNotIncreasing(self._last, oid, repeated=True))
            return False
        if len(self._names) >= MAX_REMEMBERED_NAMES:
            self._fail(
                LimitExceeded(
                    f"the walk of {self.root} has more than {MAX_REMEMBERED_NAMES} names, the most that it remembers "
                    "to tolerate names out of order; walk smaller subtrees",
                    MAX_REMEMBERED_NAMES,
                )
            )
            return False
        self._names.add(oid.key)
        return True

    def _fail(self, error: SnmpError) -> None:
        self.fault = error
        self.finished = True


def _sendable(oid: OID) -> OID:
    """Return the first name to send: a single arc has no encoding, but 1.0 precedes all names below 1.

    Of everything (no arc), 0.0 precedes all names.
    """
    if len(oid) == 0:
        return OID((0, 0))
    return OID.from_ber((oid + 0 if len(oid) == 1 else oid).ber)
