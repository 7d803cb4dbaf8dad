"""Walks: what to ask next, which answers belong to the subtree, and when and why it is over.

What may live here: the cursor of one subtree and the sizing of its requests.  What may not: sending them.

A walk cannot loop: every name must come after the one before it (RFC 3416 section 4.2.2 promises so), and
every answer either moves the cursor, makes the next request smaller, or ends the walk.
"""

from __future__ import annotations

from operator import lt
from typing import TYPE_CHECKING

from snmptcp.credentials import SnmpVersion
from snmptcp.errors import (
    ConfigurationError,
    GenErr,
    NoSuchName,
    OidNotIncreasing,
    RequestTimeout,
    ResponseMismatch,
    SnmpError,
    TooBig,
)
from snmptcp.oid import OID, precedes
from snmptcp.protocol.request import bulk_request, get_next_request
from snmptcp.values import EndOfMibView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snmptcp.protocol.request import Request
    from snmptcp.values import VarBind

__all__ = ("DEFAULT_MAX_REPETITIONS", "RepetitionControl", "WalkCursor")

#: Fills most of an Ethernet frame with counters, and no agent of note chokes on it.
DEFAULT_MAX_REPETITIONS = 25

#: After so many answers in a row, a size that failed before is worth trying again.
RUN_BEFORE_GROWTH = 16

_END_OF_MIB_VIEW = EndOfMibView()


class RepetitionControl:
    """How many repetitions to ask for: as many as allowed, fewer where the agent cannot answer them.

    tooBig and genErr halve the number, a timeout quarters it; below one there is only GETNEXT.  Answers
    double it again, at first up to one step below what failed, and after a run of them further.

    Args:
        maximum: the most repetitions that are ever asked for; 0 means GETNEXT always.
    """

    __slots__ = ("_ceiling", "_proven", "_run", "maximum", "repetitions")

    def __init__(self, maximum: int) -> None:
        self.maximum = maximum
        #: The number to ask for next; 0 means GETNEXT.
        self.repetitions = maximum
        self._ceiling = maximum
        self._proven = False  # whether the agent has ever answered a GETBULK
        self._run = 0  # answers since the last failure

    def succeeded(self) -> None:
        """Take note of an answer: the next request may be larger."""
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
        """Take note of the failure of a request; return whether a smaller one is worth trying.

        Args:
            asked: the repetitions of the request; a limit may have made them fewer than allowed.
            error: how it failed.
        """
        if asked == 0:
            return False
        if isinstance(error, TooBig | GenErr):
            smaller = asked // 2
        elif isinstance(error, RequestTimeout) and self._proven:
            smaller = asked // 4
        elif isinstance(error, RequestTimeout | NoSuchName | ResponseMismatch):
            # An agent that does not know GETBULK.  One that has never answered it is not asked for each
            # smaller size in turn: the caller of a dead agent would wait as often.
            smaller = 0
        else:
            return False
        self._run = 0
        self._ceiling = max(asked - 1, smaller)
        self.repetitions = smaller
        return True


class WalkCursor:
    """A position in one subtree.

    Ask :meth:`request` for what to send; give its answer to :meth:`receive` or its error to
    :meth:`failed`; stop when :attr:`finished`, and raise :attr:`fault` if there is one.

    Args:
        root: the subtree.
        version: of SNMP; version 1 has no GETBULK.
        max_repetitions: how many names one answer may bring; 0 means GETNEXT.
        limit: how many variable bindings are wanted at most; ``None`` for all.
        start: where to begin instead of at the root: the name before the first one wanted.
        tolerate_non_increasing: take names that do not come after the one before them, as long as no
            name comes twice; every name of the walk is then kept in memory.

    Raises:
        ConfigurationError: a number is out of range, ``start`` lies outside the subtree, or one of the
            two is only a fragment of an OID.
    """

    __slots__ = (
        "_asked",
        "_control",
        "_in_column",
        "_last",
        "_names",
        "_remaining",
        "_tolerant",
        "fault",
        "finished",
        "root",
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
    ) -> None:
        if not 0 <= max_repetitions <= 0x7FFFFFFF:
            raise ConfigurationError(f"max_repetitions is a number from 0 to 2147483647, not {max_repetitions}")
        if limit is not None and limit < 0:
            raise ConfigurationError(f"limit is a number from 0, not {limit}")
        if start is not None and not start.startswith(root):
            raise ConfigurationError(f"a walk of {root} cannot start at {start}, which lies outside")
        self.root = root
        #: Whether there is nothing more to ask.
        self.finished = limit == 0
        #: Why the walk ended early; ``None`` where it reached the end of its subtree.
        self.fault: SnmpError | None = None
        self._control = RepetitionControl(0 if version == SnmpVersion.V1 else max_repetitions)
        self._last = _sendable(root if start is None else start)
        self._asked = 0  # the repetitions of the last request
        self._remaining = limit
        self._tolerant = tolerate_non_increasing
        self._names: set[bytes] = set()  # kept only where names need not increase

    def request(self) -> Request:
        """Return what to send next."""
        self._asked = self._control.repetitions
        if self._remaining is not None:
            self._asked = min(self._asked, self._remaining)
        if self._asked == 0:
            return get_next_request((self._last,))
        return bulk_request((self._last,), 0, self._asked)

    def receive(self, varbinds: Sequence[VarBind]) -> Sequence[VarBind]:
        """Take an answer; return the variable bindings of it that belong to the walk."""
        self._control.succeeded()
        if self._remaining is not None:
            varbinds = varbinds[: self._remaining]
        items = varbinds if self._belong(varbinds) else self._take(varbinds)
        if self._remaining is not None:
            self._remaining -= len(items)
            self.finished = self.finished or self._remaining == 0
        if not items and not self.finished:  # an answer without names would be asked for again for ever
            self._fail(ResponseMismatch("a response without variable bindings", tuple(varbinds)))
        return items

    def _belong(self, varbinds: Sequence[VarBind]) -> bool:
        """Whether all of an answer is of the walk and moves it on, as far as that can be seen at once; take it so.

        Octets decide, not arcs.  Where the first and the last name differ in their last two octets alone, and no
        name between is longer, the order of the octets is that of the arcs: a sub-identifier of two octets begins
        with a larger one than any of one octet.  What lies between two names of a subtree lies in it too.
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
        """Look at one variable binding of an answer after the other; return those that belong to the walk."""
        items: list[VarBind] = []
        column: bytes | None = None  # all but the last octet of an instance's name
        for varbind in varbinds:
            oid, value = varbind
            key = oid.key
            # The straight path: the next row of the same column differs in its last octet alone, which is
            # never a continuation.
            if key[:-1] != column or key[-1] <= self._last.key[-1] or value is _END_OF_MIB_VIEW:
                if value is _END_OF_MIB_VIEW or not self._moves_on_to(oid):
                    self.finished = True
                    break
                column = None if self._tolerant or len(key) <= len(self.root.key) else key[:-1]
            self._last = oid
            items.append(varbind)
        return items

    def failed(self, error: SnmpError) -> None:
        """Take an error: a smaller request may follow, or the walk is over."""
        if self._control.failed(self._asked, error):
            return
        if isinstance(error, NoSuchName):
            # How SNMPv1 says that nothing comes after a name (RFC 1157 section 4.1.3).
            self.finished = True
        else:
            self._fail(error)

    def _moves_on_to(self, oid: OID) -> bool:
        """Whether a name is the subtree's and moves the walk on; if it does not, the walk is over."""
        if self._tolerant:
            return self._is_unseen(oid)
        if not precedes(self._last.key, oid.key):
            self._fail(OidNotIncreasing(self._last, oid))
            return False
        return oid.startswith(self.root)

    def _is_unseen(self, oid: OID) -> bool:
        """Whether a name is the subtree's and has not come before."""
        if not oid.startswith(self.root):
            return False
        if oid.key in self._names or oid.key == self._last.key:
            self._fail(OidNotIncreasing(self._last, oid))
            return False
        self._names.add(oid.key)
        return True

    def _fail(self, error: SnmpError) -> None:
        self.fault = error
        self.finished = True


def _sendable(oid: OID) -> OID:
    """Return the name to begin with: a single arc has no encoding, but 1.0 comes before all that is below 1."""
    return OID.from_ber((oid + 0 if len(oid) == 1 else oid).ber)
