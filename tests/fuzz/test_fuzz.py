"""Each fuzz target keeps its promises on its first inputs, and on every input that has ever broken one."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from tests.fuzz.seeds import SEEDS
from tests.fuzz.targets import TARGETS, run_measured
from tests.support.vectors import VECTORS

if TYPE_CHECKING:
    from collections.abc import Iterator

CRASHES = VECTORS / "crashes"


@contextlib.contextmanager
def noted(note: str) -> Iterator[None]:
    """Add a note to every failure."""
    try:
        yield
    except BaseException as error:
        error.add_note(note)
        raise


def test_each_target_has_first_inputs() -> None:
    assert SEEDS.keys() == TARGETS.keys()


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_keeps_its_promises_on_its_first_inputs(name: str) -> None:
    seeds = list(dict.fromkeys(SEEDS[name]()))
    assert seeds
    for number, data in enumerate(seeds):
        with noted(f"the input: {data.hex()}"):
            if number % 10:
                TARGETS[name](data)
            else:
                run_measured(TARGETS[name], data, again=(data,))


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("data", [b"", b"\0", b"\xff", b"\x30", b"\0\0\0\0\x30\x84\x7f\xff\xff\xff"], ids=bytes.hex)
def test_a_target_keeps_its_promises_on_hardly_any_octets(name: str, data: bytes) -> None:
    run_measured(TARGETS[name], data, again=(data,))


@pytest.mark.parametrize("name", TARGETS)
def test_what_once_broke_a_promise_breaks_none_now(name: str) -> None:
    for path in sorted((CRASHES / name).glob("*")):
        data = path.read_bytes()
        with noted(f"the input: {path.name}"):
            run_measured(TARGETS[name], data)
            run_measured(TARGETS[name], data, again=(data,))


def test_every_crash_belongs_to_a_target() -> None:
    assert {path.name for path in CRASHES.glob("*")} <= TARGETS.keys()
