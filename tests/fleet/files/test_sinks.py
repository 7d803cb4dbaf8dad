"""Sinks of a fleet's file."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp.errors import ConfigurationError
from snmptcp.fleet.files.sinks import SINKS, has_headers, keys_of, read_sink
from snmptcp.fleet.sinks import NdjsonSink, OtlpSink, SqliteSink
from tests.fleet.files.helpers import place
from tests.support.certificates import certificates

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


def test_files_of_options_are_beside_the_file_and_a_sink_that_wants_modules_gets_them(tmp_path: Path) -> None:
    here = place(tmp_path)
    table: dict[str, object] = {"type": "otlp", "endpoint": "https://h.test", "certificate_file": "ca.pem"}
    certificates().write(tmp_path)
    found = read_sink({**table, "headers": {"Authorization": "Bearer x"}}, here)
    here.mistakes.tell()
    assert found is not None
    assert found.options["certificate_file"] == f"{tmp_path}/ca.pem"
    assert "Bearer" not in repr(found)
    assert isinstance(found.make(None), OtlpSink)
    assert "mib" not in keys_of("otlp")
    assert has_headers({"headers": {}})
    assert not has_headers(table)


def test_equal_descriptions_are_equal_wherever_they_stand(tmp_path: Path) -> None:
    one, other = (read_sink({"type": "sqlite", "path": "/a"}, place(tmp_path / name)) for name in "ab")
    assert one == other


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ({}, "here: type is missing; there are sqlite, ndjson, parquet, prometheus, otlp"),
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
