"""Samples on stdout."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from typing import TYPE_CHECKING

import pytest

from snmptcp.cli.polling.stdout import StdoutSink
from tests.cli.polling.making import poll, sample

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.anyio


@contextlib.contextmanager
def piped(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Make stdout a pipe, and yield its other end; pytest itself replaces it between fixtures and test."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as stdout, monkeypatch.context() as patches:
        patches.setattr(sys, "stdout", stdout)
        yield reading


async def test_each_sample_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[None] = []
    with piped(monkeypatch) as reader:
        sink = StdoutSink(lambda: closed.append(None))
        await sink.open()
        await sink.write([poll(samples=(sample(), sample()))])
        await sink.aclose()
        lines = os.read(reader, 100_000).decode().splitlines()
        os.close(reader)
    assert [json.loads(line)["name"] for line in lines] == ["ifHCInOctets"] * 2
    assert closed == []


async def test_a_reader_that_goes_away_is_told_and_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[None] = []
    with piped(monkeypatch) as reader:
        sink = StdoutSink(lambda: closed.append(None))
        await sink.open()
        os.close(reader)
        await sink.write([poll(samples=(sample(),))])
        await sink.aclose()
    assert closed == [None]
