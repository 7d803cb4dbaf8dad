"""Tests of the buffers that connections read into."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from snmptcp.net.read_buffer import READ_BUFFER_SIZE, own_buffer, thread_buffer

if TYPE_CHECKING:
    import pytest


def test_each_thread_has_one_buffer() -> None:
    with ThreadPoolExecutor(1) as other:
        its = other.submit(thread_buffer).result()
        assert other.submit(thread_buffer).result() is its
    assert thread_buffer() is thread_buffer()
    assert thread_buffer() is not its
    assert len(its) == READ_BUFFER_SIZE


def test_a_connection_has_a_buffer_of_its_own_only_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (own_buffer(100) is None) is (sys.platform != "win32")
    monkeypatch.setattr(sys, "platform", "win32")
    own = own_buffer(100)
    assert own is not None
    assert len(own) == 100
