"""The words of ``snmptcp trap`` and ``snmptcp inform``, which are net-snmp's.

Contains: parsing them.  Does not contain: sending the notification.
"""

from __future__ import annotations

import ipaddress
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snmptcp.cli.options.assignments import parse_assignments, parse_name
from snmptcp.cli.options.literal import add_literal_words, read_literal_words, refuse_options
from snmptcp.cli.options.mibs import read_names
from snmptcp.credentials import SnmpVersion
from snmptcp.errors import ConfigurationError
from snmptcp.oid import OID
from snmptcp.protocol.notification import SNMP_TRAP_ENTERPRISE, SNMP_TRAPS
from snmptcp.values import VarBind

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from snmptcp.cli.names import Names

__all__ = ("UPTIME_HELP", "NotificationWords", "add_notification_words", "read_notification_words")

#: net-snmp's default enterprise.
DEFAULT_ENTERPRISE = OID("1.3.6.1.4.1.3.1.1")

UPTIME_HELP = "UPTIME in hundredths of a second ('' for this machine's), TRAP-OID, and the variable bindings"

_ENTERPRISE_SPECIFIC = 6
_V1_WORDS = 5
_V2_WORDS = 2


@dataclass(frozen=True, slots=True)
class NotificationWords:
    """The contents of a notification.

    Attributes:
        trap_oid: the kind of event.
        varbinds: its variable bindings.
        uptime: in hundredths of a second.
        agent_address: the agent-addr of an SNMPv1 trap; ``None`` for 0.0.0.0.
    """

    trap_oid: OID
    varbinds: tuple[VarBind, ...]
    uptime: int
    agent_address: str | None = None


def add_notification_words(parser: argparse.ArgumentParser, text: str) -> None:
    """Add the words, with a help text."""
    add_literal_words(parser, "UPTIME TRAP-OID [OID TYPE VALUE ...]", text)


def read_notification_words(arguments: argparse.Namespace, version: SnmpVersion) -> NotificationWords:
    """Return the words that :func:`add_notification_words` added.

    Args:
        arguments: the parsed arguments.
        version: decides which words come first.

    Raises:
        ConfigurationError: a missing or an invalid word.
    """
    words: Sequence[str] = read_literal_words(arguments, "UPTIME TRAP-OID")
    names = read_names(arguments)
    refuse_options(words[: _V1_WORDS if version is SnmpVersion.V1 else _V2_WORDS])
    if version is SnmpVersion.V1:
        return _read_v1(words, names)
    if len(words) < _V2_WORDS:
        raise ConfigurationError("a notification needs UPTIME ('' for this machine's) and TRAP-OID after HOST")
    uptime, trap_oid, *rest = words
    varbinds = tuple(parse_assignments(rest, names))
    return NotificationWords(parse_name(trap_oid, names), varbinds, _uptime(uptime))


def _read_v1(words: Sequence[str], names: Names) -> NotificationWords:
    """Parse the words of SNMPv1, and translate them as a receiver does (RFC 3584 section 3.1)."""
    if len(words) < _V1_WORDS:
        raise ConfigurationError("an SNMPv1 trap needs ENTERPRISE AGENT GENERIC SPECIFIC UPTIME after HOST")
    enterprise_text, agent, generic_text, specific_text, uptime, *rest = words
    enterprise = parse_name(enterprise_text, names) if enterprise_text else DEFAULT_ENTERPRISE
    generic = _number("generic-trap", generic_text, _ENTERPRISE_SPECIFIC)
    specific = _number("specific-trap", specific_text, 0x7FFFFFFF)
    varbinds = parse_assignments(rest, names)
    if generic == _ENTERPRISE_SPECIFIC:
        trap_oid = enterprise + 0 + specific
    else:
        if specific:
            raise ConfigurationError(f"SPECIFIC must be 0 unless GENERIC is {_ENTERPRISE_SPECIFIC}, not {specific}")
        trap_oid = SNMP_TRAPS + (generic + 1)
        if enterprise != SNMP_TRAPS:
            # RFC 3584 section 3.2 step 1: a translator to SNMPv1 takes the enterprise of a generic trap from here.
            varbinds.append(VarBind(SNMP_TRAP_ENTERPRISE, enterprise))
    return NotificationWords(trap_oid, tuple(varbinds), _uptime(uptime), _agent_address(agent))


def _agent_address(text: str) -> str | None:
    if not text:
        return None
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        raise ConfigurationError(f"AGENT is an IPv4 address or '', not {text!r}") from None


def _uptime(text: str) -> int:
    return _number("UPTIME", text, 0xFFFFFFFF) if text else _uptime_of_this_machine()


def _uptime_of_this_machine() -> int:
    clock = getattr(time, "CLOCK_BOOTTIME", None)  # only Linux counts the time spent in suspend
    seconds = time.monotonic() if clock is None else time.clock_gettime(clock)
    return int(seconds * 100) & 0xFFFFFFFF


def _number(what: str, text: str, most: int) -> int:
    if not re.fullmatch("[0-9]{1,10}", text) or int(text) > most:
        raise ConfigurationError(f"{what} is a number from 0 to {most}, not {text!r}")
    return int(text)
