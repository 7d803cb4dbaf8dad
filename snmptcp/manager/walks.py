"""Walks and tables as async generators of answers over one connector.

Contains the loops: which request is under way while its predecessor's answer is looked at.  What to ask next is
decided in :mod:`snmptcp.protocol.walk` and :mod:`snmptcp.protocol.table`.
"""

from __future__ import annotations

import logging
from collections import deque
from typing import TYPE_CHECKING

from snmptcp.errors import (
    AgentError,
    BrokenVariable,
    ConnectionLost,
    LimitExceeded,
    RequestTimeout,
    ResponseMismatch,
    SnmpError,
)
from snmptcp.manager.aside import Ahead, TrialAside
from snmptcp.net.clock import running_loop
from snmptcp.protocol.answer_sizes import DEFAULT_MAX_REPETITIONS
from snmptcp.protocol.deadline import Deadline
from snmptcp.protocol.request import get_next_request, get_request
from snmptcp.protocol.table import ColumnSearch, RowCollector, RowMerger, TableRow
from snmptcp.protocol.walk import named_varbinds
from snmptcp.values import EndOfMibView, NoSuchInstance, NoSuchObject

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from snmptcp.manager.call import Call
    from snmptcp.manager.connector import Connector
    from snmptcp.manager.names import ManyNames
    from snmptcp.manager.telling import WalkTelling
    from snmptcp.oid import OID
    from snmptcp.protocol.request import Request
    from snmptcp.protocol.walk import WalkCursor
    from snmptcp.values import VarBind

__all__ = ("table", "walk")

logger = logging.getLogger("snmptcp.walks")

#: What stands in the place of a value that the agent does not have.
_EXCEPTIONS = (NoSuchObject, NoSuchInstance, EndOfMibView)

#: How many columns of a table are read at once.  Answers of all of them may wait here, each up to ``max_message_size``.
COLUMNS_AT_ONCE = 32

#: How many octets of answers may wait for the other columns to become rows.
MAX_WAITING_OCTETS = 32 * 1024 * 1024


async def walk(
    connector: Connector,
    cursor: WalkCursor,
    timeout: float,
    telling: WalkTelling | None = None,
    *,
    instance: bool = False,
) -> AsyncGenerator[Sequence[VarBind], None]:
    """Yield the variable bindings of a subtree, those of one answer together.

    Args:
        connector: the way to the agent.
        cursor: what to ask.
        timeout: how long one request may take, in seconds.
        telling: tells an observer of it.
        instance: whether to read the root itself if nothing is below it.
    """
    if cursor.finished:
        return
    empty = True
    reader = _Reader(connector, cursor, timeout, telling)
    try:
        reader.begin()
        while not cursor.finished:
            items = await reader.next()
            if items:
                yield items
            empty = empty and not items
        if cursor.fault is not None:
            raise connector.failures.told(cursor.fault)
        if empty and instance:
            items = await _read_instance(connector, cursor, timeout, telling)
            if items:
                yield items
    finally:
        reader.abandon()
        del cursor, reader  # the traceback of a fault refers to this frame, and these to the fault


async def table(
    connector: Connector,
    names: ManyNames,
    roots: Sequence[OID] | ColumnSearch,
    cursor_of: Callable[[OID], WalkCursor],
    timeout: float,
    *,
    max_columns: int,
    limit: int | None,
    in_order: bool = True,
    telling: WalkTelling | None = None,
) -> AsyncGenerator[Sequence[TableRow], None]:
    """Yield the rows of a table, those that are complete at one time together; its columns are read side by side.

    Args:
        connector: the way to the agent.
        names: asks for the names of the search.
        roots: the columns, or the search for them.
        cursor_of: makes the cursor of a column.
        timeout: how long one request may take, in seconds.
        max_columns: how many columns the search may find.
        limit: how many rows to yield at most; ``None`` for all.
        in_order: whether each column arrives in the order of its indexes.
        telling: tells an observer of it.
    """
    if limit == 0:
        return
    # Or each column's first request would leave only when it is awaited.
    await connector.connect(_deadline(timeout), cause=None if telling is None else telling.trace)
    if isinstance(roots, ColumnSearch):
        roots = await _find_columns(connector, names, roots, timeout, max_columns, telling=telling)
    cursors = [cursor_of(root) for root in roots]
    merger = RowMerger(roots) if in_order else RowCollector(roots)
    columns = _Columns(connector, cursors, timeout, telling)
    count = 0
    try:
        columns.begin()
        while not all(cursor.finished for cursor in cursors):
            for position in range(len(cursors)):
                while merger.empty(position) and not cursors[position].finished:
                    varbinds, octets = await columns.advance(position)
                    merger.feed(position, varbinds, octets)
                    if merger.octets > MAX_WAITING_OCTETS:
                        raise connector.failures.told(
                            LimitExceeded(
                                f"more than {MAX_WAITING_OCTETS} octets of columns wait to become rows; read fewer "
                                "columns, or with fewer max_repetitions",
                                MAX_WAITING_OCTETS,
                            )
                        )
            rows = list(merger.rows([cursor.finished and cursor.fault is None for cursor in cursors]))
            if limit is not None:
                del rows[limit - count :]
            if rows:
                yield rows
            count += len(rows)
            if count == limit:
                return
            if any(cursor.fault is not None for cursor in cursors):
                raise connector.failures.told(next(cursor.fault for cursor in cursors if cursor.fault is not None))
    finally:
        columns.abandon()
        del columns, cursors  # as in a walk


class _Reader:
    """The requests of one walk: its own, one after the other, and those beside it.

    Args:
        connector: the way to the agent.
        cursor: what to ask.
        timeout: how long one request may take, in seconds.
        telling: tells an observer of them.
    """

    def __init__(self, connector: Connector, cursor: WalkCursor, timeout: float, telling: WalkTelling | None) -> None:
        self._connector = connector
        self._cursor = cursor
        self._timeout = timeout
        self._telling = telling
        self._call: Call | None = None  # the walk's own request
        self._trial: TrialAside | None = None
        self._ahead: Ahead | None = None
        # With a limit, those beside it would be in its way.
        self._beside = cursor.growing is not None and connector.options.max_in_flight is None
        if self._beside and cursor.looks_ahead:
            self._ahead = Ahead(connector, cursor, timeout, telling)

    def begin(self) -> Call:
        """Begin the walk's own next request, and return it."""
        cursor = self._cursor
        call = self._call = _begin(self._connector, cursor.request(), cursor.patience(self._timeout), self._telling)
        trial = cursor.begin_trial() if self._beside else None
        if trial is not None:
            self._trial = TrialAside(self._connector, trial, self._timeout, self._telling)
        return call

    async def next(self) -> Sequence[VarBind]:
        """Return what the walk takes next; the request behind it has begun."""
        cursor, ahead = self._cursor, self._ahead
        varbinds = None if ahead is None else await ahead.ready()
        if varbinds is None:
            call, self._call = self._call or self.begin(), None
            items = await _advance(self._connector, cursor, call)
            if call.timed_out:
                self._give_way()
        else:
            items = cursor.receive(varbinds, ahead=True)
        if not cursor.finished:
            self._go_on(items)
        return items

    def _go_on(self, items: Sequence[VarBind]) -> None:
        """Begin what is worth having under way while the walk's consumer looks at items."""
        ahead = self._ahead
        if ahead is not None:
            ahead.follow(items)
            if not ahead.decides:
                self._call = ahead.adopt()
        if self._call is None and (ahead is None or not ahead.decides):
            self.begin()
        if ahead is not None:
            ahead.begin_more()

    def _give_way(self) -> None:
        """Send nothing beside the walk's own requests any more: one of those was not answered in time."""
        if self._trial is not None:
            self._trial.clear_way()
        if self._ahead is not None:
            self._ahead.clear_way()

    def abandon(self) -> None:
        """Forget the requests that are under way."""
        if self._call is not None:
            self._call.abandon()
        if self._trial is not None:
            self._trial.abandon()
        if self._ahead is not None:
            self._ahead.abandon()


class _Columns:
    """The requests of a table's columns: :data:`COLUMNS_AT_ONCE` at most are under way.

    Args:
        connector: the way to the agent.
        cursors: the cursors of the columns.
        timeout: how long one request may take, in seconds.
        telling: tells an observer of them.
    """

    def __init__(
        self, connector: Connector, cursors: Sequence[WalkCursor], timeout: float, telling: WalkTelling | None = None
    ) -> None:
        self._telling = telling
        self._connector = connector
        self._cursors = cursors
        self._timeout = timeout
        self._trials: list[TrialAside] = []
        self._calls: dict[int, Call] = {}  # under way, by the position of their column
        self._waiting = deque(range(len(cursors)))  # the columns whose next request has not begun
        # A request that waits for its turn loses its own time.
        self._at_once = min(COLUMNS_AT_ONCE, connector.options.max_in_flight or COLUMNS_AT_ONCE)

    def begin(self) -> None:
        """Begin as many requests as may be under way, in the order in which the columns are needed."""
        while self._waiting and len(self._calls) < self._at_once:
            self._begin(self._waiting.popleft())

    async def advance(self, position: int) -> tuple[Sequence[VarBind], int]:
        """Return the next instances of the column at a position, and the size of the answer that they came with."""
        cursor = self._cursors[position]
        if position not in self._calls:
            self._waiting.remove(position)
            self._begin(position)
        call = self._calls[position]
        varbinds = await _advance(self._connector, cursor, call)
        if call.timed_out:
            for trial in self._trials:
                trial.clear_way()
        del self._calls[position]
        if not cursor.finished:
            self._waiting.append(position)
        self.begin()
        return varbinds, 0 if call.exchange is None else call.exchange.octets

    def _begin(self, position: int) -> None:
        cursor = self._cursors[position]
        self._calls[position] = _begin(self._connector, cursor.request(), self._timeout, self._telling)
        trial = cursor.begin_trial() if self._connector.options.max_in_flight is None else None
        if trial is not None:
            self._trials.append(TrialAside(self._connector, trial, self._timeout, self._telling))

    def abandon(self) -> None:
        """Forget the requests that are under way."""
        for trial in self._trials:
            trial.abandon()
        for call in self._calls.values():
            call.abandon()


async def _advance(connector: Connector, cursor: WalkCursor, call: Call) -> Sequence[VarBind]:
    """Give a cursor the answer to its request, or the error that it may know how to deal with."""
    connector.reclaim(call)
    # What has not left yet waited for the consumer, not for the agent: its time begins now.
    call.prolong(_deadline(call.deadline.timeout))
    if cursor.growing is not None and call.request.max_repetitions > DEFAULT_MAX_REPETITIONS:
        call.leave_once()  # the agent may have closed the connection because of it
    before = cursor.repetitions
    exchange = call.exchange
    waits = exchange is not None and not exchange.ended
    try:
        varbinds = await connector.complete(call)
    except BrokenVariable as error:
        if cursor.skip_broken:
            _log_skipped(connector, error)
        items = cursor.receive_broken(error.with_traceback(None))  # as below
        _log_size(connector, cursor, before, error)
        return items
    except (AgentError, RequestTimeout, ResponseMismatch) as error:
        cursor.failed(error.with_traceback(None))  # it refers to this frame, which refers to the cursor
        _log_size(connector, cursor, before, error)
        return ()
    except SnmpError as error:
        if not (isinstance(error, ConnectionLost) and cursor.outlives(error)):
            del exchange  # it refers to the error, whose traceback refers to this frame
            raise
        _log_size(connector, cursor, before, error)
        return ()
    items = cursor.receive(varbinds)
    answered = call.exchange
    if cursor.growing is not None and answered is not None:
        begun, timeout = call.deadline.at - call.deadline.timeout, call.deadline.timeout
        seconds = running_loop().time() - begun
        cursor.measured(len(varbinds), answered.octets, seconds, timeout, exact=waits and answered is exchange)
    if cursor.repetitions != before:
        _log_size(connector, cursor, before)
    return items


async def _read_instance(
    connector: Connector, cursor: WalkCursor, timeout: float, telling: WalkTelling | None
) -> Sequence[VarBind]:
    """Return the root of an empty walk if the agent has a variable of that name."""
    try:
        varbinds = await connector.complete(_begin(connector, get_request((cursor.root,)), timeout, telling))
    except (AgentError, ResponseMismatch):  # the walk is complete: what some agents say to such a name is no news
        return ()
    except BrokenVariable as error:
        if not cursor.skip_broken:
            raise
        _log_skipped(connector, error)
        return ()
    return [varbind for varbind in varbinds if not isinstance(varbind.value, _EXCEPTIONS)]


def _log_size(connector: Connector, cursor: WalkCursor, before: int, error: SnmpError | None = None) -> None:
    """Log that a walk asks for more or for less at once."""
    if cursor.repetitions != before and logger.isEnabledFor(logging.DEBUG):
        size = f"max-repetitions {cursor.repetitions}" if cursor.repetitions else "GETNEXT"
        why = "after an answer" if error is None else f"after {error.text}"
        text = "%s: the walk of %s goes on with %s instead of %s, %s"
        logger.debug(text, connector.options.peer, cursor.root, size, before or "GETNEXT", why)


def _log_skipped(connector: Connector, error: BrokenVariable) -> None:
    for _, name in error.broken:
        logger.debug("%s: skipped %s: %s", connector.options.peer, name or "a variable without a name", error.text)


async def _find_columns(
    connector: Connector,
    names: ManyNames,
    search: ColumnSearch,
    timeout: float,
    max_columns: int,
    *,
    telling: WalkTelling | None,
) -> list[OID]:
    """Return the columns of a table that the agent has.

    Raises:
        LimitExceeded: there are too many.
    """
    while not search.finished:
        try:
            request = search.request()
            search.receive(await names.ask(get_next_request, request, _deadline(timeout), telling))
        except BrokenVariable as error:  # only the names count; the columns' walks find it again
            search.receive(named_varbinds(error, request.names))
        except AgentError as error:
            if not search.failed(error):
                raise
        if len(search.columns) > max_columns:
            raise connector.failures.told(
                LimitExceeded(
                    f"the table {search.columns[0][:-2]} has more than {max_columns} columns; name the columns, or "
                    "raise max_columns",
                    max_columns,
                )
            )
    return search.columns


def _begin(connector: Connector, request: Request, timeout: float, telling: WalkTelling | None) -> Call:
    """Begin a request whose time starts now."""
    return connector.begin(request, _deadline(timeout), walk=telling)


def _deadline(timeout: float) -> Deadline:
    return Deadline(running_loop().time() + timeout, timeout)
