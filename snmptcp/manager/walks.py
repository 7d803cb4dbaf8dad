"""Walks and tables as async generators over one connector.

Contains the loops: which request is under way while its predecessor's answer is looked at.  What to ask next is
decided in :mod:`snmptcp.protocol.walk` and :mod:`snmptcp.protocol.table`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from snmptcp.errors import AgentError, RequestTimeout, ResponseMismatch
from snmptcp.protocol.deadline import Deadline
from snmptcp.protocol.table import ColumnSearch, RowMerger, TableRow

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from snmptcp.manager.connector import Call, Connector
    from snmptcp.oid import OID
    from snmptcp.protocol.request import Request
    from snmptcp.protocol.walk import WalkCursor
    from snmptcp.values import VarBind

__all__ = ("table", "walk")


async def walk(connector: Connector, cursor: WalkCursor, timeout: float) -> AsyncGenerator[VarBind, None]:
    """Yield the variable bindings of a subtree.

    Args:
        connector: the way to the agent.
        cursor: what to ask.
        timeout: how long one request may take, in seconds.
    """
    if cursor.finished:
        return
    call = _begin(connector, cursor.request(), timeout)
    try:
        while True:
            items = await _advance(connector, cursor, call)
            if not cursor.finished:
                call = _begin(connector, cursor.request(), timeout)
            for item in items:
                yield item
            if cursor.finished:
                break
    finally:
        call.abandon()
    if cursor.fault is not None:
        raise cursor.fault


async def table(
    connector: Connector,
    roots: Sequence[OID] | ColumnSearch,
    cursor_of: Callable[[OID], WalkCursor],
    timeout: float,
) -> AsyncGenerator[TableRow, None]:
    """Yield the rows of a table; its columns are read side by side.

    Args:
        connector: the way to the agent.
        roots: the columns, or the search for them.
        cursor_of: makes the cursor of a column.
        timeout: how long one request may take, in seconds.
    """
    await connector.connect(_deadline(timeout))  # or each column's first request would leave only when it is awaited
    if isinstance(roots, ColumnSearch):
        roots = await _find_columns(connector, roots, timeout)
    cursors = [cursor_of(root) for root in roots]
    merger = RowMerger(roots)
    calls: list[Call] = []
    try:
        calls.extend(_begin(connector, cursor.request(), timeout) for cursor in cursors)
        while not all(cursor.finished for cursor in cursors):
            for position, cursor in enumerate(cursors):
                while merger.empty(position) and not cursor.finished:
                    merger.feed(position, await _advance(connector, cursor, calls[position]))
                    if not cursor.finished:
                        calls[position] = _begin(connector, cursor.request(), timeout)
            for row in merger.rows([cursor.finished and cursor.fault is None for cursor in cursors]):
                yield row
            for cursor in cursors:
                if cursor.fault is not None:
                    raise cursor.fault
    finally:
        for call in calls:
            call.abandon()


async def _advance(connector: Connector, cursor: WalkCursor, call: Call) -> Sequence[VarBind]:
    """Give a cursor the answer to its request, or the error that it may know how to deal with."""
    connector.reclaim(call)
    # What has not left yet waited for the consumer, not for the agent: its time begins now.
    call.prolong(_deadline(call.deadline.timeout))
    try:
        varbinds = await connector.complete(call)
    except (AgentError, RequestTimeout, ResponseMismatch) as error:
        cursor.failed(error)
        return ()
    return cursor.receive(varbinds)


async def _find_columns(connector: Connector, search: ColumnSearch, timeout: float) -> list[OID]:
    """Return the columns of a table that the agent has."""
    while not search.finished:
        try:
            search.receive(await connector.ask(search.request(), _deadline(timeout)))
        except AgentError as error:
            if not search.failed(error):
                raise
    return search.columns


def _begin(connector: Connector, request: Request, timeout: float) -> Call:
    """Begin a request whose time starts now."""
    return connector.begin(request, _deadline(timeout))


def _deadline(timeout: float) -> Deadline:
    return Deadline(asyncio.get_running_loop().time() + timeout, timeout)
