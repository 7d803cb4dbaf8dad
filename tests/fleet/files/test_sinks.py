"""Sinks of a fleet's file."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp.errors import ConfigurationError
from snmptcp.fleet.files.sinks import SINKS, keys_of, read_sink
from snmptcp.fleet.sinks import NdjsonSink, SqliteSink
from tests.fleet.files.helpers import place

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("kind", SINKS)
def test_each_type_of_sink_has_a_class_whose_arguments_are_its_keys(kind: str) -> None:
    keys = keys_of(kind)
    assert ("path" in keys) == bool(SINKS[kind].path)


def test_a_description_makes_a_sink_beside_the_file(tmp_path: Path) -> None:
    here = place(tmp_path)
    found = read_sink({"type": "sqlite", "path": "snmp.db", "forget_after": 60, "name": "main"}, here)
    here.mistakes.tell()
    assert found is not None
    sink = found.make()
    assert isinstance(sink, SqliteSink)
    assert (sink.name, sink.path) == ("main", tmp_path / "snmp.db")
    assert not (tmp_path / "snmp.db").exists()  # it is not open
    assert SqliteSink.name == "sqlite"
    stdout = read_sink({"type": "ndjson", "path": "-", "failures": True}, here)
    assert stdout is not None
    assert stdout.options == {"output": "-", "failures": True}
    assert isinstance(stdout.make(), NdjsonSink)


def test_equal_descriptions_are_equal_wherever_they_stand(tmp_path: Path) -> None:
    one, other = (read_sink({"type": "sqlite", "path": "/a"}, place(tmp_path / name)) for name in "ab")
    assert one == other


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ({}, "here: type is missing; there are sqlite, ndjson, prometheus"),
        ({"type": "sqlit"}, "here.type: 'sqlit' is no type of sink; did you mean 'sqlite'?"),
        ({"type": 5}, "here.type: 'int' is no type of sink"),
        ({"type": "sqlite"}, "here: a sink of type sqlite needs the key 'path'"),
        ({"type": "sqlite", "path": "x", "forget": 5}, "has no key 'forget'; did you mean 'forget_after'?"),
        ({"type": "ndjson", "output": "x"}, "has no key 'output'"),
        ({"type": "sqlite", "path": 5}, "here.path: a text is right, not 5"),
    ],
)
def test_what_no_sink_takes_is_refused(table: dict[str, Any], text: str) -> None:
    here = place()
    assert read_sink(table, here) is None
    with pytest.raises(ConfigurationError) as caught:
        here.mistakes.tell()
    assert text in str(caught.value)


def test_options_of_a_wrong_type_are_told_when_the_sink_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    here = place()
    found = read_sink({"type": "sqlite", "path": "x", "timeout": "long"}, here)
    assert found is not None
    with pytest.raises(ConfigurationError, match="timeout must be a number of seconds"):
        found.make()
    assert "long" not in repr(found)
    monkeypatch.setitem(sys.modules, "snmptcp.fleet.sinks.sqlite", None)
    monkeypatch.delattr("snmptcp.fleet.sinks.SqliteSink")
    with pytest.raises(ConfigurationError):  # a library that a sink needs is not there
        found.make()
