"""The time inside and outside of an event loop."""

from __future__ import annotations

import asyncio
import time

import pytest

from snmptcp.net.clock import current_time
from tests.support.clock import skip


def test_outside_of_a_loop_it_is_the_monotonic_clock() -> None:
    before = time.monotonic()

    assert before <= current_time() <= time.monotonic()


@pytest.mark.anyio
async def test_in_a_loop_it_is_the_loops_time() -> None:
    skip(1000)

    assert abs(current_time() - asyncio.get_running_loop().time()) < 100
    assert current_time() - time.monotonic() > 900
