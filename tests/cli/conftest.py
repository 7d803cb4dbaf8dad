"""Runs the command in this process, while an agent answers on the test's own event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, NamedTuple

import pytest

from snmptcp.cli import main


class Outcome(NamedTuple):
    """What became of a command."""

    code: int
    out: str
    err: str


Cli = Callable[..., Coroutine[Any, Any, Outcome]]


@pytest.fixture(autouse=True)
def no_secrets_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SNMPTCP_COMMUNITY", "SNMPTCP_AUTH_PASSWORD", "SNMPTCP_PRIV_PASSWORD"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Return a coroutine function that runs a command in a thread with a loop of its own."""

    async def run(*words: object) -> Outcome:
        code = await asyncio.to_thread(main, [str(word) for word in words])
        return Outcome(code, *capsys.readouterr())

    return run
