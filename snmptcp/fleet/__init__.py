"""Many agents: asked once (:func:`ask_all`), or polled again and again (:class:`Fleet`).

::

    results = await ask_all(managers, lambda manager: manager.get("1.3.6.1.2.1.1.3.0"))

    targets = [Target(host, credentials=Community("public")) for host in hosts]
    async with Fleet(targets, jobs=[Get("1.3.6.1.2.1.1.3.0", interval=30)]) as fleet:
        async for sample in fleet:
            print(sample.target.name, sample.value)
"""

from snmptcp.fleet.asking import DEFAULT_LIMIT, ask_all, asking
from snmptcp.fleet.back_off import BackOff
from snmptcp.fleet.delivery.streams import PollStream, SampleStream
from snmptcp.fleet.delivery.writing import SinkHealth
from snmptcp.fleet.fleet import Fleet
from snmptcp.fleet.jobs import DEFAULT_INTERVAL, Get, Job, Table, Walk
from snmptcp.fleet.polling.roster import Changes
from snmptcp.fleet.sample import Poll, Sample
from snmptcp.fleet.source import Targets, TargetsFunction
from snmptcp.fleet.tally import Health, Lateness, TargetState
from snmptcp.fleet.target import Target

__all__ = (
    "DEFAULT_INTERVAL",
    "DEFAULT_LIMIT",
    "BackOff",
    "Changes",
    "Fleet",
    "Get",
    "Health",
    "Job",
    "Lateness",
    "Poll",
    "PollStream",
    "Sample",
    "SampleStream",
    "SinkHealth",
    "Table",
    "Target",
    "TargetState",
    "Targets",
    "TargetsFunction",
    "Walk",
    "ask_all",
    "asking",
)
