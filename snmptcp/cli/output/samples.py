"""Samples of a fleet as lines of text.

Contains: their text.  Does not contain: names and values as net-snmp prints them (:mod:`snmptcp.mib.text`), and JSON
(:mod:`snmptcp.fleet.sinks.ndjson`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.mib.values import plain_value
from snmptcp.printable import printable
from snmptcp.values import VarBind

if TYPE_CHECKING:
    from snmptcp.fleet import Poll, Sample
    from snmptcp.mib.text import TextFormatter

__all__ = ("format_sample", "poll_failure")


def format_sample(sample: Sample, formatter: TextFormatter) -> str:
    """Return a sample as a line: the target, and the variable as net-snmp prints it."""
    varbind = formatter.varbind(VarBind(sample.oid, plain_value(sample.value)))
    return f"{printable(sample.target.name)}: {varbind}"


def poll_failure(poll: Poll) -> str:
    """Return why a poll failed, in a line."""
    return f"{poll.target.name}, job {poll.job}: {poll.error}"
