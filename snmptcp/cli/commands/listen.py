"""``snmptcp listen``: traps and informs, printed as they come.

What may live here: a listener from options, and notifications as text and JSON.  What may not: how values look
(:mod:`~snmptcp.cli.output.varbinds`).
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import sys
from typing import TYPE_CHECKING

from snmptcp.cli.options.addresses import Address
from snmptcp.cli.options.tls import options_at_fault, tls_options
from snmptcp.cli.output.varbinds import PLAIN, format_value, format_varbind, varbind_object
from snmptcp.cli.stopping import stop_signals
from snmptcp.credentials import SnmpVersion
from snmptcp.listener.listener import NotificationListener

if TYPE_CHECKING:
    import argparse

    from snmptcp.cli.output.varbinds import Style
    from snmptcp.protocol.notification import Notification

__all__ = ("format_notification", "format_notification_json", "run")


def run(arguments: argparse.Namespace) -> int:
    """Print notifications until a signal or the limit ends it; return the exit code."""
    asyncio.run(_listen(arguments))
    return 0


async def _listen(arguments: argparse.Namespace) -> None:
    with options_at_fault():
        listener = NotificationListener(
            arguments.addresses,
            credentials=arguments.credentials,
            tls=arguments.uses_tls and tls_options(arguments),
            engine_file=arguments.engine_file,
        )
    transport = "tlstcp" if arguments.uses_tls else "tcp"
    with stop_signals() as stop:
        await listener.start()
        where = ", ".join(f"{transport}:{Address(host, port)}" for host, port in listener.addresses)
        print(f"listening at {where} (Ctrl-C ends it)", file=sys.stderr, flush=True)
        printing = asyncio.create_task(_print(listener, arguments))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait((printing, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            await listener.aclose()
            stopping.cancel()
            await printing  # what has been acknowledged is printed
    print(_summary(listener), file=sys.stderr, flush=True)


async def _print(listener: NotificationListener, arguments: argparse.Namespace) -> None:
    count = 0
    show = format_notification_json if arguments.json else format_notification
    async for notification in listener:
        text = show(notification, dt.datetime.now(dt.UTC), arguments.style)
        # A name that stdout's encoding lacks must not end it all: whoever sends chooses it.
        encoding = sys.stdout.encoding or "ascii"
        print(text.encode(encoding, "backslashreplace").decode(encoding), flush=True)
        count += 1
        if count == arguments.limit:
            return


def _summary(listener: NotificationListener) -> str:
    statistics = listener.statistics
    text = f"{statistics.notifications:,} notifications"
    refused = ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in statistics.refused.items())
    text = f"{text}; refused: {refused}" if refused else text
    return f"{text}; failed handshakes {statistics.failed_handshakes:,}" if statistics.failed_handshakes else text


# --------------------------------------------------------------------------------------------- text


def format_notification(notification: Notification, when: dt.datetime, style: Style = PLAIN) -> str:
    """Return a notification in words: one line, and one for each variable binding, indented."""
    what = "inform" if notification.is_inform else "trap"
    words = [
        when.isoformat(timespec="seconds"),
        str(notification.source or "-"),
        f"v{notification.version}",
        what,
        f".{notification.trap_oid}",
        f"uptime {format_value(notification.uptime, style).removeprefix('Timeticks: ')}",
    ]
    if notification.agent is not None and notification.source is not None:
        words += [f"agent {notification.agent}"] if notification.agent != notification.source.host else []
    if notification.version is SnmpVersion.V3:
        words += [f"from {_text(notification.security_name or b'')}", notification.security_level.name]
        words += [f"context {_text(notification.context_name)}"] if notification.context_name else []
        words += [] if notification.engine_id is None else [f"engine {notification.engine_id.hex()}"]
    lines = [" ".join(words)]
    for varbind in notification.varbinds:
        lines += [f"  {line}" for line in format_varbind(varbind, style).splitlines()]
    return "\n".join(lines)


def _text(octets: bytes) -> str:
    """Return a name as text that cannot drive a terminal."""
    text = octets.decode(errors="backslashreplace")
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


# --------------------------------------------------------------------------------------------- JSON


def format_notification_json(notification: Notification, when: dt.datetime, style: Style = PLAIN) -> str:
    """Return a notification as a JSON object on one line; a community is a secret, and not in it."""
    named: dict[str, object] = {
        "time": when.isoformat(timespec="milliseconds"),
        "source": None if notification.source is None else str(notification.source),
        "agent": notification.agent,
        "version": str(notification.version),
        "type": "inform" if notification.is_inform else "trap",
        "trap_oid": str(notification.trap_oid),
        "uptime": int(notification.uptime),
    }
    if notification.version is SnmpVersion.V1:
        named["enterprise"] = str(notification.enterprise)
        named["generic_trap"] = notification.generic_trap
        named["specific_trap"] = notification.specific_trap
    if notification.version is SnmpVersion.V3:
        named["security_name"] = _text(notification.security_name or b"")
        named["security_level"] = notification.security_level.name
        named["context_name"] = _text(notification.context_name)
        named["context_engine_id"] = (notification.context_engine_id or b"").hex()
        named["engine_id"] = None if notification.engine_id is None else notification.engine_id.hex()
    named["varbinds"] = [varbind_object(varbind, style) for varbind in notification.varbinds]
    return json.dumps(named)
