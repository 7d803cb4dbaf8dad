"""Many agents: asked once (:func:`ask_all`), or polled again and again.

::

    results = await ask_all(managers, lambda manager: manager.get("1.3.6.1.2.1.1.3.0"))
"""

from snmptcp.fleet.asking import DEFAULT_LIMIT, ask_all, asking
from snmptcp.fleet.jobs import DEFAULT_INTERVAL, Get, Job, Table, Walk
from snmptcp.fleet.sample import Poll, Sample
from snmptcp.fleet.target import Target

__all__ = (
    "DEFAULT_INTERVAL",
    "DEFAULT_LIMIT",
    "Get",
    "Job",
    "Poll",
    "Sample",
    "Table",
    "Target",
    "Walk",
    "ask_all",
    "asking",
)
