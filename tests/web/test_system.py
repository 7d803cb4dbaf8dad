"""What an agent tells of itself."""

from __future__ import annotations

from snmptcp import Integer32, OctetString, TimeTicks
from snmptcp.web.system import SYSTEM_NAMES, System
from tests.web.making import SYSTEM, sample


def test_the_facts_of_the_system_group_are_kept() -> None:
    system = System()
    assert system.take(sample(f"{SYSTEM}.5.0", OctetString("core")))
    assert system.take(sample(f"{SYSTEM}.3.0", TimeTicks(1000)))
    assert system.as_json() == {"name": "core", "up_since": 90.0}


def test_a_text_of_several_lines_is_shown_in_one() -> None:
    system = System()
    assert system.take(sample(f"{SYSTEM}.1.0", OctetString("Switch X\r\n  Version\t3.5\r\n")))
    assert system.as_json() == {"description": "Switch X Version 3.5", "up_since": None}


def test_other_variables_and_an_uptime_that_is_none_are_passed_over() -> None:
    system = System()
    assert not system.take(sample(f"{SYSTEM}.7.0", Integer32(72)))
    assert system.take(sample(f"{SYSTEM}.3.0", Integer32(1000)))
    assert system.as_json() == {"up_since": None}


def test_all_names_are_of_the_system_group() -> None:
    assert all(name.startswith(SYSTEM) for name in SYSTEM_NAMES)
