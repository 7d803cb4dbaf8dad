"""Reads of several names some of which fail: the others are shown, as by net-snmp's snmpget and snmpgetnext.

Contains: asking again without the name that failed, and alone for what cannot be decoded.  Does not contain: printing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.cli.manager import describe_failure, open_manager
from snmptcp.cli.output.report import report
from snmptcp.errors import AgentError, BrokenVariable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from snmptcp.cli.options.request import RequestOptions
    from snmptcp.errors import SnmpError
    from snmptcp.manager import Manager
    from snmptcp.oid import OID
    from snmptcp.values import VarBind

__all__ = ("KEEP_LETTER", "KEEP_MEANING", "LEFT_OUT", "read_and_tell", "read_what_works")

#: ``-Cf``, for the commands that read this way.
KEEP_LETTER = {"f": ("give_up", False)}
KEEP_MEANING = "f give up if one name fails, instead of asking for the others"

#: What ``--skip-broken`` tells at the end, if there were any.
LEFT_OUT = "variables that cannot be decoded are left out"


async def read_and_tell(
    request: RequestOptions,
    way: Callable[[Manager], Callable[..., Awaitable[Sequence[VarBind]]]],
    oids: Sequence[OID],
    *,
    give_up: bool,
) -> tuple[list[VarBind], bool]:
    """Return what an agent answers, and whether a name failed; tell each that did at once, whatever comes after it.

    Args:
        request: the agent, and the credentials.
        way: returns the manager's method that reads.
        oids: the names.
        give_up: whether to fail with the first name that does.
    """
    failed = False

    def tell(error: SnmpError) -> None:
        nonlocal failed
        failed = True
        report(describe_failure(error, request))

    async with open_manager(request) as manager:
        varbinds = await read_what_works(way(manager), oids, tell, give_up=give_up)
    return varbinds, failed


async def read_what_works(
    read: Callable[..., Awaitable[Sequence[VarBind]]],
    oids: Sequence[OID],
    failed: Callable[[SnmpError], None],
    *,
    give_up: bool,
) -> list[VarBind]:
    """Read names; if the agent blames one of them, or its value cannot be decoded, tell that, and read the others.

    Args:
        read: reads names, all or none.
        oids: the names.
        failed: told of each name that failed.
        give_up: whether to fail with the first one.

    Raises:
        AgentError: the agent blames no single name, or none is left.
        BrokenVariable: nothing can be decoded.
        SnmpError: as ``read``.
    """
    names = list(oids)
    while True:
        try:
            return list(await read(*names))
        except AgentError as error:
            if give_up or len(names) == 1 or not 0 < error.index <= len(names):
                raise
            failed(error)
            del names[error.index - 1]
        except BrokenVariable as error:
            if give_up or not error.varbinds:
                raise
            return await _read_the_broken(read, names, failed, error)


async def _read_the_broken(
    read: Callable[..., Awaitable[Sequence[VarBind]]],
    names: Sequence[OID],
    failed: Callable[[SnmpError], None],
    error: BrokenVariable,
) -> list[VarBind]:
    """Return what could be decoded, and ask alone for each of the others, which tells what is wrong with it."""
    readable = iter(error.varbinds)
    broken = {place for place, _ in error.broken}
    varbinds: list[VarBind] = []
    for place, name in enumerate(names):
        if place not in broken:
            varbinds.append(next(readable))
            continue
        try:
            varbinds += await read(name)
        except (AgentError, BrokenVariable) as alone:
            failed(alone)
    return varbinds
