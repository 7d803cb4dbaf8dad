"""Notifications as text and as JSON.

Contains: formatting.  Does not contain: formatting values (:mod:`snmptcp.mib.text`), and printing.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from snmptcp.cli.output.varbinds import PLAIN, has_names, varbind_object
from snmptcp.credentials import SnmpVersion
from snmptcp.listener import Oddity
from snmptcp.printable import printable

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection

    from snmptcp.listener import Notification
    from snmptcp.mib.text import TextFormatter

__all__ = ("format_notification", "format_notification_json")

#: How many octets of an unreadable variable binding the text shows.
_MAX_SHOWN = 32

# --------------------------------------------------------------------------------------------- text


def format_notification(notification: Notification, when: dt.datetime, formatter: TextFormatter = PLAIN) -> str:
    """Return a notification as text: one line, and indented ones for what is odd and for each variable binding."""
    what = "inform" if notification.is_inform else "trap"
    words = [
        when.isoformat(timespec="seconds"),
        str(notification.source or "-"),
        f"v{notification.version}",
        what,
        formatter.name(notification.trap_oid),
        f"uptime {formatter.value(notification.uptime).removeprefix('Timeticks: ')}",
    ]
    if notification.agent is not None and notification.source is not None:
        words += [f"agent {notification.agent}"] if notification.agent != notification.source.host else []
    if notification.version is SnmpVersion.V3:
        words += [f"from {_text(notification.security_name or b'')}", notification.security_level.name]
        words += [f"context {_text(notification.context_name)}"] if notification.context_name else []
        words += [] if notification.engine_id is None else [f"engine {notification.engine_id.hex()}"]
    lines = [" ".join(words)]
    if notification.oddities:
        lines.append(f"  odd: {'; '.join(oddity.value for oddity in _in_order(notification.oddities))}")
    for varbind in notification.varbinds:
        lines += [f"  {line}" for line in formatter.varbind(varbind).splitlines()]
    for broken in notification.unreadable:
        name = "a variable binding" if broken.oid is None else formatter.name(broken.oid)
        lines.append(f"  unreadable: {name}: {broken.reason}; {_shortened(broken.octets)}")
    return "\n".join(lines)


def _in_order(oddities: Collection[Oddity]) -> list[Oddity]:
    return [oddity for oddity in Oddity if oddity in oddities]


def _shortened(octets: bytes) -> str:
    """Return octets in hex, cut if there are many."""
    text = octets[:_MAX_SHOWN].hex(" ")
    return text if len(octets) <= _MAX_SHOWN else f"{text} ... ({len(octets)} octets)"


def _text(octets: bytes) -> str:
    """Return a name as text, with escapes for control characters."""
    return printable(octets.decode(errors="backslashreplace"), None)


# --------------------------------------------------------------------------------------------- JSON


def format_notification_json(notification: Notification, when: dt.datetime, formatter: TextFormatter = PLAIN) -> str:
    """Return a notification as a JSON object on one line, without its community, which is a secret.

    What is odd, and the octets of the PDU, are there only if something is odd.
    """
    named: dict[str, object] = {
        "time": when.isoformat(timespec="milliseconds"),
        "source": None if notification.source is None else str(notification.source),
        "agent": notification.agent,
        "version": str(notification.version),
        "type": "inform" if notification.is_inform else "trap",
        "trap_oid": str(notification.trap_oid),
        **({"trap_name": formatter.name(notification.trap_oid)} if has_names(formatter) else {}),
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
    named["varbinds"] = [varbind_object(varbind, formatter) for varbind in notification.varbinds]
    if notification.oddities:
        named["oddities"] = [oddity.name for oddity in _in_order(notification.oddities)]
        named["octets"] = notification.octets.hex()
    if notification.unreadable:
        named["unreadable"] = [
            {
                "position": broken.position,
                "oid": None if broken.oid is None else str(broken.oid),
                "reason": broken.reason,
                "octets": broken.octets.hex(),
            }
            for broken in notification.unreadable
        ]
    return json.dumps(named)
