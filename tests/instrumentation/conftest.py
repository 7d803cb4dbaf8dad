"""Fixtures: what OpenTelemetry collects, and a manager that tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp import Community, Manager
from tests.support.telemetry import Telemetry

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from snmptcp.testing import Agent


@pytest.fixture
def telemetry() -> Telemetry:
    return Telemetry()


@pytest.fixture
async def watched(agent: Agent, telemetry: Telemetry) -> AsyncIterator[Manager]:
    observer = telemetry.observer()
    async with Manager(agent.host, agent.port, credentials=Community("private"), observer=observer) as manager:
        yield manager
    assert manager.statistics.callback_failures == 0
