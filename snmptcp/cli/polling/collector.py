"""Python's cyclic garbage collector in a program that polls thousands of targets.

Contains: how often it runs.  Each sleeping target has objects that live for an interval.  With Python's defaults they
make the collector look at all objects of all targets again and again, which stops the event loop for a second.
"""

from __future__ import annotations

import contextlib
import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("THRESHOLDS", "collected_seldom")

#: By how many objects more must be made than freed until the collector looks at the young ones (Python's default: 700),
#: and how often it looks at older ones then.
THRESHOLDS = (50_000, 20, 50)


@contextlib.contextmanager
def collected_seldom() -> Iterator[None]:
    """Let the collector run seldom in a block; afterwards as before, and enabled."""
    before = gc.get_threshold()
    gc.set_threshold(*THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.enable()
