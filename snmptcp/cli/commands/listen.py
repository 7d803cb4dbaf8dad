"""``snmptcp listen``: prints traps and informs as they arrive.

Contains: a listener from options, and telling what it refuses.
Does not contain: formatting (:mod:`snmptcp.cli.output.notifications`).
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import functools
import logging
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snmptcp.cli.options.addresses import Address, parse_address
from snmptcp.cli.options.credentials import COMMUNITY_VARIABLE, community_name
from snmptcp.cli.options.mibs import add_mib_options
from snmptcp.cli.options.printing import OutputOptions, add_output_options, read_output_options
from snmptcp.cli.options.snmp_conf import add_names_conf_option
from snmptcp.cli.options.tls import add_server_tls_options, read_server_tls, tls_options
from snmptcp.cli.options.users import add_key_options, add_sender_engine_option, read_key_options
from snmptcp.cli.options.words import checked, whole_number
from snmptcp.cli.output.notifications import format_notification, format_notification_json
from snmptcp.cli.stopping import hangups, stop_signals
from snmptcp.credentials import Community, SnmpVersion, Tsm
from snmptcp.errors import ConfigurationError, SnmpError
from snmptcp.listener import NotificationListener
from snmptcp.net.limited_log import LimitedLog
from snmptcp.printable import printable

if TYPE_CHECKING:
    import argparse

    from snmptcp.cli.options.tls_words import TlsWords
    from snmptcp.listener import ReceiverCredentials, RefusedMessage
    from snmptcp.mib.text import TextFormatter

__all__ = ("ListenCommand", "add_arguments", "read_arguments", "run")

#: The ports of notification receivers (RFC 3430 section 2.2, RFC 6353 section 9).
DEFAULT_PORT = 162
DEFAULT_TLS_PORT = 10162

#: How a TLS session begins: a handshake record of version 3.x (RFC 8446 section 5.1).
_TLS_HANDSHAKE = b"\x16\x03"


@dataclass(frozen=True, slots=True)
class ListenCommand:
    """The arguments of the command.

    Attributes:
        addresses: hosts and ports to listen on.
        credentials: the accepted senders.
        tls: the options of TLS; ``None`` for plain TCP.
        engine_file: the file with our engine ID and boots.
        limit: stop after this many notifications.
        strict: refuse notifications that break a rule.
        frozen_clock: take traps of engines whose clock stands still.
        output: how to print them.
    """

    addresses: tuple[tuple[str, int], ...]
    credentials: tuple[ReceiverCredentials, ...]
    tls: TlsWords | None
    engine_file: str | None
    limit: int | None
    strict: bool
    frozen_clock: bool
    output: OutputOptions


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_output_options(parser)
    add_mib_options(parser)
    add_names_conf_option(parser)
    parser.add_argument(
        "addresses",
        metavar="ADDRESS",
        nargs="*",
        type=checked(parse_address),
        help="ADDRESS, ADDRESS:PORT or [IPV6]:PORT to listen on, optionally after tcp: or tlstcp: "
        "(default: all addresses of this machine)",
    )
    parser.add_argument(
        "--port",
        metavar="PORT",
        type=whole_number(0, "a port"),
        help=f"TCP port of addresses without one (default {DEFAULT_PORT}; {DEFAULT_TLS_PORT} with TLS); "
        "0 for a free one",
    )
    parser.add_argument("--limit", metavar="N", type=whole_number(1, "a limit"), help="stop after N notifications")
    parser.add_argument(
        "--strict",
        action="store_true",
        help="refuse notifications that break a rule (default: print them, and what is odd)",
    )
    group = parser.add_argument_group("accepted communities")
    group.add_argument(
        "-c",
        "--community",
        dest="communities",
        metavar="COMMUNITY",
        action="append",
        help="community, for SNMPv1 and SNMPv2c; can be repeated "
        f"(default: the environment variable {COMMUNITY_VARIABLE}, or else public; none with -u or TLS)",
    )
    group = parser.add_argument_group("accepted SNMPv3 user")
    add_key_options(group)
    add_sender_engine_option(group)
    group.add_argument(
        "--frozen-clock",
        action="store_true",
        help="accept traps of engines whose clock stands still or falls back: less protection from replays",
    )
    group.add_argument(
        "--engine-file",
        metavar="FILE",
        help="keep our engine ID and boots, for informs, in this file (default: a new engine ID each time)",
    )
    add_server_tls_options(parser)


def read_arguments(arguments: argparse.Namespace) -> ListenCommand:
    """Return the parsed arguments; ConfigurationError is wrong usage."""
    addresses: list[Address] = arguments.addresses or [Address("")]
    tls = read_server_tls(arguments, addresses)
    port = arguments.port
    if port is None:
        port = DEFAULT_PORT if tls is None else DEFAULT_TLS_PORT
    if port > 0xFFFF:
        raise ConfigurationError(f"a port is a number from 0 to 65535, not {port}")
    return ListenCommand(
        addresses=tuple((address.host, port if address.port is None else address.port) for address in addresses),
        credentials=_credentials(arguments, tls),
        tls=tls,
        engine_file=arguments.engine_file,
        limit=arguments.limit,
        strict=arguments.strict,
        frozen_clock=arguments.frozen_clock,
        output=read_output_options(arguments),
    )


def _credentials(arguments: argparse.Namespace, tls: TlsWords | None) -> tuple[ReceiverCredentials, ...]:
    """Return the accepted senders."""
    keys = read_key_options(arguments)
    if keys.name is None and (keys.gives_keys or arguments.engine_id is not None):
        raise ConfigurationError("a password, a key or an engine ID needs a user: -u USER")
    names = [os.fsencode(name) for name in arguments.communities or ()]
    if arguments.communities is None and keys.name is None and tls is None:
        names = [community_name(None)]
    found: list[ReceiverCredentials] = [Community(name, version) for name in names for version in ("1", "2c")]
    if keys.name is not None:
        user = keys.user()
        found.append(user if arguments.engine_id is None else (user, arguments.engine_id))
    if tls is not None and tls.maps:
        found.append(Tsm())
    if not found:
        raise ConfigurationError(
            "with TLS, give the accepted senders: certificates (--tls-map WHOSE=HOW), communities (-c), or a user (-u)"
        )
    return tuple(found)


def run(command: ListenCommand) -> int:
    """Print notifications until a signal or the limit; return the exit code."""
    asyncio.run(_listen(command))
    return 0


async def _listen(command: ListenCommand) -> None:
    formatter = command.output.formatter()  # opens MIB modules before anything is waited for
    refusals = LimitedLog(_StderrLogger("refusals"), "messages were refused")
    listener = NotificationListener(
        command.addresses,
        credentials=command.credentials,
        tls=tls_options(command.tls),
        engine_file=command.engine_file,
        on_refused=functools.partial(_tell, refusals),
        strict=command.strict,
        frozen_clock=command.frozen_clock,
    )
    transport = "tcp" if command.tls is None else "tlstcp"
    with contextlib.ExitStack() as stack:
        stop = stack.enter_context(stop_signals())
        if command.tls is not None:
            stack.enter_context(hangups(functools.partial(_reload, listener, command)))
        await listener.start()
        where = ", ".join(f"{transport}:{Address(host, port)}" for host, port in listener.addresses)
        print(f"listening at {where} (Ctrl-C ends it)", file=sys.stderr, flush=True)
        printing = asyncio.create_task(_print(listener, command, formatter))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait((printing, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            await listener.aclose()
            stopping.cancel()
            await printing  # print what has been acknowledged
            refusals.close()
    print(_summary(listener), file=sys.stderr, flush=True)


class _StderrLogger(logging.Logger):
    """A logger apart from those of the program: each warning is one line on stderr."""

    def __init__(self, name: str) -> None:
        super().__init__(name, logging.WARNING)
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("snmptcp: %(message)s"))
        self.addHandler(handler)


def _tell(refusals: LimitedLog, refused: RefusedMessage) -> None:
    """Say that a message was refused, and why; if there are many, say how many."""
    what = "closed the connection"
    if refused.counter == "cut_off":
        what = "lost a message"
    elif refused.counter != "lost_framings":
        what = "refused a message" if refused.version is None else f"refused a v{refused.version} message"
    text = f"{what} of {refused.source or '-'}: {printable(refused.reason, None)}{_hint(refused)}"
    host = "-" if refused.source is None else refused.source.host
    refusals.tell(text, reason=refused.counter.replace("_", " "), host=host)


def _hint(refused: RefusedMessage) -> str:
    """Return which option accepts what was refused; empty if none does."""
    if refused.counter == "bad_communities":
        return " (-c COMMUNITY accepts it)"
    if refused.counter == "unsupported_versions" and refused.version is SnmpVersion.V3:
        return " (-u USER accepts SNMPv3)"
    if refused.counter == "lost_framings" and refused.octets.startswith(_TLS_HANDSHAKE):
        return " (the peer speaks TLS: listen with --tls-cert, or have it send without TLS)"
    return ""


def _reload(listener: NotificationListener, command: ListenCommand) -> None:
    """Read the files of TLS again; say what came of it."""
    try:
        listener.reload(tls_options(command.tls) or None)
    except (SnmpError, OSError) as error:
        said = f"the files of TLS were not read again, and the old ones stay in force: {error}"
    else:
        said = "the files of TLS were read again"
    print(f"snmptcp: {printable(said, None)}", file=sys.stderr, flush=True)


async def _print(listener: NotificationListener, command: ListenCommand, formatter: TextFormatter) -> None:
    count = 0
    show = format_notification_json if command.output.json else format_notification
    async for notification in listener:
        text = show(notification, dt.datetime.now(dt.UTC), formatter)
        # The sender chooses the names: one that stdout's encoding lacks must not end the command.
        encoding = sys.stdout.encoding or "ascii"
        print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)
        count += 1
        if count == command.limit:
            return


def _summary(listener: NotificationListener) -> str:
    statistics = listener.statistics
    text = f"{statistics.notifications:,} notifications"
    refused = ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in statistics.refused.items())
    text = f"{text}; refused: {refused}" if refused else text
    text = f"{text}; lost framings {statistics.lost_framings:,}" if statistics.lost_framings else text
    text = f"{text}; cut off {statistics.cut_off:,}" if statistics.cut_off else text
    return f"{text}; failed handshakes {statistics.failed_handshakes:,}" if statistics.failed_handshakes else text
