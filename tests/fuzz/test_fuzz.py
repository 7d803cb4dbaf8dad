"""Each fuzz target keeps its promises on its first inputs, and on every input that has ever broken one."""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING

import pytest

from tests.fuzz.seeds import SEEDS
from tests.fuzz.targets import TARGETS, run_measured
from tests.support import attacker
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
                run_measured(TARGETS[name], data)


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("data", [b"", b"\0", b"\xff", b"\x30", b"\0\0\0\0\x30\x84\x7f\xff\xff\xff"], ids=bytes.hex)
def test_a_target_keeps_its_promises_on_hardly_any_octets(name: str, data: bytes) -> None:
    run_measured(TARGETS[name], data)


SO_LONG = 4000
LARGE_NUMBER = attacker.integer(1 << 8 * SO_LONG)  # more digits than Python converts to text
LARGE_NAME = attacker.tlv(attacker.OBJECT_IDENTIFIER, b"\x2b" + b"\xff" * SO_LONG + b"\x7f")

LARGE = {
    "empty messages": b"\x30\x00" * (SO_LONG // 2),
    "half a message": b"\x30\x82\x0f\xff" + b"\x30" * SO_LONG,
    "nested SEQUENCEs": functools.reduce(lambda inner, _: attacker.sequence(inner), range(SO_LONG // 4), b""),
    "many variables": attacker.community_message(attacker.pdu(attacker.RESPONSE, 1, [("1.3", attacker.null())] * 500)),
    "many variables in a trap": attacker.community_message(
        attacker.pdu(attacker.TRAP_V2, 1, attacker.notification("1.3", *[("1.3", attacker.null())] * 500))
    ),
    "a long name": attacker.community_message(
        attacker.pdu(attacker.RESPONSE, 1, [("1.3" + ".1" * SO_LONG, attacker.null())])
    ),
    "a large sub-identifier": attacker.community_message(
        attacker.pdu(attacker.RESPONSE, 1, raw_list=attacker.sequence(attacker.sequence(LARGE_NAME + attacker.null())))
    ),
    "a large integer": attacker.community_message(attacker.pdu(attacker.RESPONSE, 1, [("1.3", LARGE_NUMBER)])),
    "a large Counter64": attacker.community_message(
        attacker.pdu(attacker.RESPONSE, 1, [("1.3", attacker.counter64(1 << 8 * SO_LONG))])
    ),
    "a large request-id": attacker.community_message(attacker.pdu(attacker.RESPONSE, 1 << 8 * SO_LONG)),
    "a large error-status": attacker.community_message(
        attacker.pdu(attacker.RESPONSE, 1, error_status=1 << 8 * SO_LONG)
    ),
    "a large version": attacker.community_message(attacker.pdu(attacker.RESPONSE, 1), version=1 << 8 * SO_LONG),
    "a large msgID": attacker.usm_message(attacker.scoped_pdu(b""), message_id=1 << 8 * SO_LONG),
    "a large engine time": attacker.usm_message(attacker.scoped_pdu(b""), message_id=1, time=1 << 8 * SO_LONG),
    "a large security model": attacker.usm_message(attacker.scoped_pdu(b""), message_id=1, model=1 << 8 * SO_LONG),
    "a long engine ID": attacker.usm_message(attacker.scoped_pdu(b""), message_id=1, engine_id=bytes(SO_LONG)),
}


#: The octets that precede the stream, by target.
CONTROLS = {
    "decoder": [b""],
    "framer": [b"\0\xff", b"\2\xff"],
    "usm_open": [b"\2", b"\x0a"],
    "usm_manager": [b"\x12", b"\x1a"],
    "usm_authority": [b"\x08"],
    "session": [b"\0\0\0\0", b"\0\1\0\0", b"\2\2\x0b\1", b"\4\0\3\0", b"\7\0\0\0"],
    "receiver": [b"\0", b"\3"],
    "explain": [b"\0", b"\x09"],
}


@pytest.mark.parametrize("octets", LARGE.values(), ids=LARGE)
@pytest.mark.parametrize(
    ("name", "control"),
    [(name, control) for name, controls in CONTROLS.items() for control in controls],
    ids=lambda part: part if isinstance(part, str) else part.hex(),
)
def test_memory_and_work_grow_no_faster_than_the_input(name: str, control: bytes, octets: bytes) -> None:
    run_measured(TARGETS[name], control + octets)


@pytest.mark.parametrize("name", TARGETS)
def test_what_once_broke_a_promise_breaks_none_now(name: str) -> None:
    for path in sorted((CRASHES / name).glob("*")):
        data = path.read_bytes()
        with noted(f"the input: {path.name}"):
            run_measured(TARGETS[name], data)


def test_every_crash_belongs_to_a_target() -> None:
    assert {path.parent.name for path in CRASHES.glob("*/*")} <= TARGETS.keys()
