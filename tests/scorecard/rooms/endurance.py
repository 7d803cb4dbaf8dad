"""Endurance: many agents with faults are asked for a long time, and nothing grows, hangs or is wrong.

Contains: R29, a soak.

Does not contain: the soak (:mod:`tests.soak`), which runs for an hour by itself.
"""

from __future__ import annotations

from tests.scorecard.row import Figure, Outcome, Row, Scale
from tests.soak.plan import Plan
from tests.soak.run import soak


async def endurance(scale: Scale) -> Outcome:
    """R29: requests at a rate to 200 agents with faults, and a listener beside them."""
    plan = Plan(minutes=scale.seconds(45, least=12) / 60, agents=scale.count(200, least=20, most=200), rate=200.0)
    result = await soak(plan, tell=lambda _: None)
    figures = [Figure("requests", result.requests)]
    figures += [Figure(mark.what, mark.value, mark.unit, most=mark.most) for mark in result.marks]
    short = () if plan.is_long else ("growth in an hour: nox -s soak measures it, and a run of half an hour and more",)
    return Outcome(tuple(figures), notes=(*short, *(text for texts in result.texts.values() for text in texts[:3])))


ROWS = (
    Row(
        "R29",
        "a soak: 200 agents, 1 % of the answers faulty and 1 % of the agents down each minute, a listener beside them",
        "memory grows by less than 1 MB an hour, files and tasks do not; every request ends by its deadline, no answer "
        "is wrong, no SET is carried out twice, no notification is lost",
        endurance,
        limit=240,
    ),
)
