"""The manager that a command's options ask for.

Contains: from options to the library, and errors to a line of text.  Does not contain: requests.
"""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

from snmptcp.cli.options.tls import tls_options
from snmptcp.cli.output.dump import PacketDump
from snmptcp.cli.output.hints import describe_error
from snmptcp.credentials import UsmUser
from snmptcp.errors import SnmpError
from snmptcp.manager import Manager

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from snmptcp.cli.options.request import RequestOptions
    from snmptcp.manager import EngineInfo
    from snmptcp.mib import Mib

__all__ = ("RequestFailed", "describe_failure", "open_manager")

#: How long a request waits for a better answer than a report of a wrong user or password, in seconds: a person waits.
REPORT_GRACE = 1.0


class RequestFailed(SnmpError):
    """A request failed; the text names the peer and may hint at an option."""


@contextlib.asynccontextmanager
async def open_manager(
    options: RequestOptions, *, local_engine: EngineInfo | None = None, mib: Mib | None = None
) -> AsyncIterator[Manager]:
    """Open the manager for a block, and close it.

    Args:
        options: the peer and the credentials.
        local_engine: our own engine, as the sender of traps.
        mib: the names of what the manager reads; its answers have named values then.

    Raises:
        ConfigurationError: a file that an option names cannot be used; nothing was sent.
        OSError: a file that an option names cannot be read.
        RequestFailed: a request in the block failed.
    """
    target, credentials = options.target, options.credentials
    users = (credentials,) if isinstance(credentials, UsmUser) else ()
    dump = PacketDump(sys.stderr, users, lambda: options.names.at_hand) if target.dump else None
    manager = Manager(
        target.host,
        target.port,
        credentials=credentials,
        tls=tls_options(target.tls),
        proxy=target.proxy,
        timeout=target.timeout,
        retries=target.retries,
        max_in_flight=target.max_in_flight,
        max_names=target.max_names,
        engine=options.engine,
        frozen_clock=options.frozen_clock,
        local_engine=local_engine,
        any_community=target.any_community,
        strict=target.strict,
        report_grace=REPORT_GRACE,
        packet_trace=dump,
        mib=mib,
    )
    if dump is not None:
        dump.statistics = manager.statistics
    try:
        async with manager:
            yield manager
    except SnmpError as error:
        text = describe_failure(
            error,
            options,
            engine_known=manager.engine is not None,
            answered=bool(manager.statistics.responses or manager.statistics.reports),
        )
        raise RequestFailed(text) from error


def describe_failure(
    error: SnmpError, options: RequestOptions, *, engine_known: bool = True, answered: bool = True
) -> str:
    """Return an error in one line that names the peer, with a hint if there is one.

    Args:
        error: what a request raised.
        options: the options of the request.
        engine_known: whether the agent's engine was given or discovered (SNMPv3).
        answered: whether the agent has answered anything.
    """
    text = describe_error(error, options, engine_known=engine_known, answered=answered)
    text = options.names.in_text(text)
    if error.uncertain:
        text = f"{text}; the agent may or may not have made the change"
    peer = str(options.target.address)
    return text if peer in text else f"{peer}: {text}"
