"""Which process this is: a child has another number, and so has its child."""

from __future__ import annotations

import os

import pytest

from snmptcp.net import process

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


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
