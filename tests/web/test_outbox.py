"""The queue in front of a browser: bounded, and told everything anew after a loss."""

from __future__ import annotations

import asyncio

import pytest

from snmptcp.web.outbox import Outbox, event
from tests.support.clock import settle, skip

pytestmark = pytest.mark.anyio


def outbox(most: int = 100) -> Outbox:
    return Outbox(most, lambda _: b"everything;")


def test_an_event_is_one_line_of_ascii_whatever_is_in_it() -> None:
    octets = event("agents", {"name": "a\nb\r\u2028\ud800é"})
    assert octets.isascii()
    assert octets.startswith(b'event: agents\ndata: {"name":"a\\nb\\r')
    assert octets.count(b"\n") == 3
    assert octets.endswith(b"\n\n")


async def test_a_client_is_told_everything_first_and_then_what_comes() -> None:
    box = outbox()
    box.put(b"before;")  # is in everything
    assert await box.take(1) == b"everything;"
    box.put(b"1;")
    box.put(b"2;")
    assert await box.take(1) == b"1;2;"
    assert box.dropped == 0


async def test_a_slow_client_loses_what_waits_and_is_told_everything_anew() -> None:
    box = outbox(10)
    await box.take(1)
    box.put(b"12345;")
    box.put(b"67890;")  # more than 10 octets wait: both are lost
    box.put(b"abc;")  # told with everything, so not lost
    assert box.dropped == 2
    assert await box.take(1) == b"everything;"
    box.put(b"def;")
    assert await box.take(1) == b"def;"


async def test_one_event_above_the_limit_passes() -> None:
    box = outbox(10)
    await box.take(1)
    box.put(b"x" * 50)
    assert await box.take(1) == b"x" * 50


async def test_nothing_comes_within_the_patience() -> None:
    box = outbox()
    await box.take(1)
    waiting = asyncio.ensure_future(box.take(15))
    await settle()
    skip(16)
    assert await waiting == b""
    assert not box.closed


async def test_a_closed_queue_ends_who_waits() -> None:
    box = outbox()
    await box.take(1)
    waiting = asyncio.ensure_future(box.take(60))
    await settle()
    box.close()
    assert await waiting == b""
    assert box.closed
