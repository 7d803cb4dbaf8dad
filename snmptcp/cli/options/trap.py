"""What ``snmptcp trap`` and ``snmptcp inform`` are told: net-snmp's words for a notification.

What may live here: words to what is sent.  What may not: sending it.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snmptcp.cli.options.assignments import parse_assignments, parse_name
from snmptcp.errors import ConfigurationError
from snmptcp.oid import OID
from snmptcp.protocol.notification import SNMP_TRAP_ENTERPRISE, SNMP_TRAPS
from snmptcp.values import VarBind

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

__all__ = ("Trap", "add_inform_words", "add_trap_words", "read_trap_words")

#: net-snmp's, for an enterprise that is not given.
DEFAULT_ENTERPRISE = OID("1.3.6.1.4.1.3.1.1")

_ENTERPRISE_SPECIFIC = 6
_V1_WORDS = 5
_V2_WORDS = 2


@dataclass(frozen=True)
class Trap:
    """What is told by a notification.

    Attributes:
        trap_oid: what has happened.
        varbinds: what belongs to it.
        uptime: in hundredths of a second; ``None`` for that of this machine.
        agent_address: who has noticed, in SNMPv1; ``None`` for nobody in particular.
    """

    trap_oid: OID
    varbinds: tuple[VarBind, ...]
    uptime: int | None = None
    agent_address: str | None = None


def add_trap_words(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of a trap."""
    parser.set_defaults(is_inform=False)
    parser.add_argument(
        "--engine-file",
        metavar="FILE",
        help="where our engine ID and boots are kept, in SNMPv3, in the place of -e and -Z "
        "(default: another engine ID each time)",
    )
    _add_words(
        parser,
        "UPTIME in hundredths of a second ('' for that of this machine), what has happened, and what belongs to it; "
        "SNMPv1 has other words for the former (AGENT '' for 0.0.0.0; GENERIC 0 to 5, or 6 and SPECIFIC)",
    )


def add_inform_words(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of an inform."""
    parser.set_defaults(is_inform=True, engine_file=None)
    _add_words(
        parser,
        "UPTIME in hundredths of a second ('' for that of this machine), what has happened, and what belongs to it",
    )


def _add_words(parser: argparse.ArgumentParser, text: str) -> None:
    parser.add_argument("words", metavar="UPTIME TRAP-OID [OID TYPE VALUE ...]", nargs="+", help=text)


def read_trap_words(words: Sequence[str], version: str) -> Trap:
    """Read what a notification tells.

    Args:
        words: what comes behind HOST.
        version: that of SNMP, which decides about the first of the words.

    Raises:
        ConfigurationError: what is wrong with them.
    """
    if version == "1":
        return _read_v1(words)
    if len(words) < _V2_WORDS:
        raise ConfigurationError("a notification needs UPTIME ('' for ours) and TRAP-OID behind HOST")
    uptime, trap_oid, *rest = words
    return Trap(parse_name(trap_oid), tuple(parse_assignments(rest)), _uptime(uptime))


def _read_v1(words: Sequence[str]) -> Trap:
    """Read SNMPv1's words, and translate them as a receiver does (RFC 3584 section 3.1)."""
    if len(words) < _V1_WORDS:
        raise ConfigurationError("a trap of SNMPv1 needs ENTERPRISE AGENT GENERIC SPECIFIC UPTIME behind HOST")
    enterprise_text, agent, generic_text, specific_text, uptime, *rest = words
    enterprise = parse_name(enterprise_text) if enterprise_text else DEFAULT_ENTERPRISE
    generic = _number("generic-trap", generic_text, _ENTERPRISE_SPECIFIC)
    specific = _number("specific-trap", specific_text, 0x7FFFFFFF)
    varbinds = parse_assignments(rest)
    if generic == _ENTERPRISE_SPECIFIC:
        trap_oid = enterprise + 0 + specific
    else:
        if specific:
            raise ConfigurationError(f"SPECIFIC belongs to GENERIC {_ENTERPRISE_SPECIFIC}; with {generic} it is 0")
        trap_oid = SNMP_TRAPS + (generic + 1)
        if enterprise != SNMP_TRAPS:
            # RFC 3584 section 3.2 step 1: this is where a generic trap has its enterprise from.
            varbinds.append(VarBind(SNMP_TRAP_ENTERPRISE, enterprise))
    return Trap(trap_oid, tuple(varbinds), _uptime(uptime), _agent_address(agent))


def _agent_address(text: str) -> str | None:
    if not text:
        return None
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        raise ConfigurationError(f"AGENT is an IPv4 address, or '' for none, not {text!r}") from None


def _uptime(text: str) -> int | None:
    return _number("UPTIME", text, 0xFFFFFFFF) if text else None


def _number(what: str, text: str, most: int) -> int:
    if not re.fullmatch("[0-9]{1,10}", text) or int(text) > most:
        raise ConfigurationError(f"{what} is a number from 0 to {most}, not {text!r}")
    return int(text)
