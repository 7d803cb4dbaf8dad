"""Walks of a subtree: the next request, the variable bindings inside the subtree, and the end.

Contains: the cursor of one walk.  Does not contain: sending, and the size of its requests
(:mod:`snmptcp.protocol.repetitions`).

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
    LimitExceeded,
    NoSuchName,
    OidNotIncreasing,
    ResponseMismatch,
    SnmpError,
)
from snmptcp.oid import OID, precedes
from snmptcp.protocol.answer_sizes import MOST_REPETITIONS
from snmptcp.protocol.repetitions import DEFAULT_MAX_REPETITIONS, GrowingControl, RepetitionControl
from snmptcp.protocol.request import bulk_request, get_next_request
from snmptcp.values import EndOfMibView, NoSuchInstance, NoSuchObject, Null, VarBind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snmptcp.protocol.answer_sizes import AnswerSizes
    from snmptcp.protocol.request import Request
    from snmptcp.protocol.trial import Trial
    from snmptcp.values import Value

__all__ = ("WalkCursor", "named_varbinds")

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


class WalkCursor:
    """A position in a subtree.

    Send :meth:`request`, then pass its response to :meth:`receive` or its error to :meth:`failed`, until
    :attr:`finished`.  Then raise :attr:`fault`, if there is one.

    Args:
        root: the subtree; a fragment without arcs for everything.
        version: the SNMP version; version 1 has no GETBULK.
        max_repetitions: the most variable bindings in one response; 0 to 2**31 - 1; 0 means GETNEXT; ``None`` for as
            many as the agent has shown that it can answer.
        limit: the most variable bindings of the walk; ``None`` for all.
        start: the name after which to begin; optional; default ``root``.
        tolerate_non_increasing: accept names that do not follow the previous one, but no name twice; keeps
            every name of the walk in memory, :data:`MAX_REMEMBERED_NAMES` at most.  Like net-snmp's option ``-Cc``,
            which has no end if the agent goes in a circle.
        skip_broken: go on past variables that cannot be decoded, as far as names behind them can be.
        strict: take nothing but endOfMibView for the end of the MIB; by default also noSuchObject and noSuchInstance
            under the name that was asked for, the last one, or one outside the subtree, as net-snmp does.
        hasty: wait only half of the timeout for the answer to a GETBULK, since smaller requests can follow.
        sizes: what the agent has shown, for ``max_repetitions=None``; without it, that means the default.
        enough: how many names are wanted if it is less than all, as the rows of a table; no request asks for more than
            that, but for the default number.

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
        "growing",
        "root",
        "skip_broken",
    )

    def __init__(
        self,
        root: OID,
        version: SnmpVersion,
        *,
        max_repetitions: int | None = DEFAULT_MAX_REPETITIONS,
        limit: int | None = None,
        start: OID | None = None,
        tolerate_non_increasing: bool = False,
        skip_broken: bool = False,
        strict: bool = False,
        hasty: bool = False,
        sizes: AnswerSizes | None = None,
        enough: int | None = None,
    ) -> None:
        if max_repetitions is not None and not 0 <= max_repetitions <= 0x7FFFFFFF:
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
        #: What makes its requests larger; ``None`` with a fixed number, and in SNMPv1.
        self.growing: GrowingControl | None = None
        self._control: RepetitionControl
        if version == SnmpVersion.V1:
            self._control = RepetitionControl(0)
        elif max_repetitions is not None:
            self._control = RepetitionControl(max_repetitions)
        elif sizes is None:
            self._control = RepetitionControl(DEFAULT_MAX_REPETITIONS)
        else:
            self._control = self.growing = GrowingControl(sizes, MOST_REPETITIONS if enough is None else enough)
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

    def receive(self, varbinds: Sequence[VarBind], *, ahead: bool = False) -> Sequence[VarBind]:
        """Process a response; return its variable bindings that belong to the walk.

        Args:
            varbinds: its variable bindings.
            ahead: whether they were asked for ahead, and not by the last request.
        """
        if not ahead:
            self._control.succeeded()
            growing = self.growing
            if growing is not None and growing.trial is not None:
                growing.trial.follow(varbinds)
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

    # ------------------------------------------------------------------------------- the size of requests

    def measured(self, got: int, octets: int, seconds: float, timeout: float, *, exact: bool) -> None:
        """Take note of the size and the time of the answer that was processed last; the next request may be larger.

        Args:
            got: how many variable bindings it had.
            octets: the size of its message.
            seconds: how long it took.
            timeout: how long the request might have taken, in seconds.
            exact: whether it took that long; otherwise that long at most.
        """
        if self.growing is not None and self._asked:
            self.growing.sizes.note(self._asked, got, octets, seconds, timeout, exact=exact)
            if not self.finished:
                self.growing.answered(self._asked, got)

    @property
    def looks_ahead(self) -> bool:
        """Whether answers that were asked for ahead may be taken.

        With a limit they could exceed it, and what goes on past broken variables or names out of order has to see each
        answer itself.
        """
        return self.growing is not None and self._remaining is None and not (self._tolerant or self.skip_broken)

    def adopt(self, repetitions: int) -> None:
        """Take a request that was sent ahead for the last one: it asks for what follows the last name.

        Args:
            repetitions: its max-repetitions.
        """
        self._asked_for = self._last
        self._asked = repetitions

    @property
    def last(self) -> OID:
        """The last name, after which the next request begins."""
        return self._last

    def begin_trial(self) -> Trial | None:
        """Return a large answer to ask for beside the next request, if the agent has not shown yet that it can.

        To be called after :meth:`request`.
        """
        if self.growing is None or self._tolerant or self.finished:
            return None
        return self.growing.begin_trial(self._asked_for, self._asked, self._remaining)

    def leave(self) -> None:
        """Take note that the walk was left before its end."""
        if self.growing is not None and self.growing.trial is not None:
            self.growing.trial.leave()

    # --------------------------------------------------------------------------------------- answers

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

    def outlives(self, error: SnmpError) -> bool:
        """Process an error or the loss of a connection; return whether another request may succeed."""
        return self._control.failed(self._asked, error)

    def failed(self, error: SnmpError) -> None:
        """Process an error: the next request is smaller, or the walk ends."""
        if self.outlives(error):
            return
        if isinstance(error, NoSuchName):  # in SNMPv1: no name follows (RFC 1157 section 4.1.3)
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
