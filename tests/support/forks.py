"""Child processes made by fork, within one test."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


def in_child(act: Callable[[], object]) -> str:
    """Return what something returns in a child process, as text; the child then exits as an interpreter does."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            told = str(act())
        except BaseException as error:
            told = repr(error)
        gc.collect()
        os.write(writing, told.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    return told
