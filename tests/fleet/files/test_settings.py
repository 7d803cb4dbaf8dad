"""The tables of a fleet's own settings and of its MIB modules."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp.errors import ConfigurationError
from snmptcp.fleet import BackOff, Fleet
from snmptcp.fleet.files.settings import FLEET_FIELDS, MibModules, read_mib, read_settings
from tests.fleet.files.helpers import place

if TYPE_CHECKING:
    from pathlib import Path


def test_every_setting_but_the_interval_is_an_argument_of_a_fleet() -> None:
    arguments = set(inspect.signature(Fleet).parameters)
    assert set(FLEET_FIELDS) - arguments == {"interval"}
    assert arguments - set(FLEET_FIELDS) == {"targets", "jobs", "sinks", "mib", "observer", "since"}


def test_settings_become_arguments_of_a_fleet() -> None:
    here = place()
    table: dict[str, Any] = {"interval": 30, "max_polls": 5, "grace": 0, "back_off": {"first": 1, "jitter": 0}}
    found = read_settings(table, here)
    assert found == {"interval": 30.0, "max_polls": 5, "grace": 0.0, "back_off": BackOff(first=1.0, jitter=0.0)}
    del found["interval"]
    Fleet(**found)
    here.mistakes.tell()


def test_wrong_settings_are_noted_by_their_keys() -> None:
    here = place()
    read_settings({"max_poll": 5, "max_waiting": 0, "back_off": {"jitter": 2, "least": 3}}, here)
    read_settings({"back_off": 7}, here)
    with pytest.raises(ConfigurationError) as caught:
        here.mistakes.tell()
    assert str(caught.value).splitlines() == [
        "here: there is no key 'max_poll'; did you mean 'max_polls'?",
        "here.max_waiting: a whole number from 1 on is right, not 0",
        "here.back_off.jitter: a number from 0 to 1 is right, not 2",
        "here.back_off: there is no key 'least'; there are first, most, jitter",
        "here.back_off: a table is right, not an integer",
    ]


def test_modules_are_named_with_their_files_and_folders(tmp_path: Path) -> None:
    (tmp_path / "mibs").mkdir()
    (tmp_path / "ACME").write_text("")
    here = place(tmp_path)
    table: dict[str, object] = {"modules": ["ACME-MIB"], "folders": "mibs", "files": ["ACME"], "standard": False}
    assert read_mib(table, here) == MibModules(
        standard=False, modules=("ACME-MIB",), files=(tmp_path / "ACME",), folders=(tmp_path / "mibs",)
    )
    assert read_mib({"compiled": "ACME"}, here) == MibModules(compiled=tmp_path / "ACME")
    here.mistakes.tell()
    assert read_mib({"compiled": "ACME", "modules": "X"}, here) is None
    with pytest.raises(ConfigurationError, match="compiled has all modules that are used: remove the other keys"):
        here.mistakes.tell()
