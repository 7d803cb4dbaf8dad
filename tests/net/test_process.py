"""Which process this is: a child has another number, and so has its child; and which thread is its main one."""

from __future__ import annotations

import _thread
import os
import threading

from snmptcp.net import process
from tests.support.forks import needs_fork


@needs_fork
def test_a_child_process_has_another_number_and_the_parent_keeps_its_own() -> None:
    number = process.number
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, str(process.number).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = int(pipe.read())
    os.waitpid(child, 0)

    assert told == number + 1
    assert process.number == number


def test_the_main_thread_is_known_and_no_other_is_kept() -> None:
    """``threading`` keeps an object for a thread that it has not started once it is asked for it."""
    told: list[bool] = []
    ended = _thread.allocate_lock()
    ended.acquire()

    def ask() -> None:
        told.append(process.in_main_thread())
        ended.release()

    before = threading.active_count()
    _thread.start_new_thread(ask, ())
    assert ended.acquire(timeout=20)
    assert told == [False]
    assert process.in_main_thread()
    assert threading.active_count() == before
