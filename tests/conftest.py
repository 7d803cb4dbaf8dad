"""What every test shares: asyncio as the one backend of anyio's plugin, on a loop that can skip time."""

from __future__ import annotations

import pytest

from tests.support.clock import ClockLoop


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    return "asyncio", {"loop_factory": ClockLoop, "debug": True}
