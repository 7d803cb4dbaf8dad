"""Fields: what each value may be, and what is said about others."""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.errors import ConfigurationError
from snmptcp.fleet.files import fields
from snmptcp.fleet.files.fields import Field, named_tables, read_table, table_of
from tests.fleet.files.helpers import place

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("field", "value", "found"),
    [
        (fields.TEXT, "a", "a"),
        (fields.WORDS, ["a", "b c"], ("a", "b c")),
        (fields.WORDS, "a, b;c  d", ("a", "b", "c", "d")),
        (fields.FLAG, True, True),
        (fields.FLAG, "No", False),
        (fields.SECONDS, 5, 5.0),
        (fields.SECONDS, "0.5", 0.5),
        (fields.SECONDS_FROM_0, 0, 0.0),
        (fields.COUNT, "7", 7),
        (fields.COUNT, 7.0, 7),
        (fields.PORT, 65535, 65535),
        (fields.HOST, "::1", "::1"),
        (fields.LABELS, {"site": "Lyon"}, {"site": "Lyon"}),
        (fields.HEX, "0x80001f88", bytes.fromhex("80001f88")),
    ],
)
def test_right_values_are_read_from_toml_and_from_cells(field: Field, value: object, found: object) -> None:
    assert field.value(value, place()) == found


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        (fields.TEXT, "", "''"),
        (fields.TEXT, 5, "5"),
        (fields.WORDS, [], "an empty array"),
        (fields.WORDS, ["a", 5], "an array of other values"),
        (fields.WORDS, " ; ", "' ; '"),
        (fields.FLAG, "perhaps", "'perhaps'"),
        (fields.FLAG, 1, "1"),
        (fields.SECONDS, 0, "0"),
        (fields.SECONDS, float("nan"), "nan"),
        (fields.SECONDS, True, "true"),
        (fields.SECONDS, 1 << 5000, "an integer"),
        (fields.SECONDS, dt.date(1979, 5, 27), "1979-05-27"),
        (fields.SECONDS_FROM_0, -1, "-1"),
        (fields.COUNT, 1.5, "1.5"),
        (fields.COUNT, 0, "0"),
        (fields.PORT, 65536, "65536"),
        (fields.MESSAGE_SIZE, 100, "100"),
        (fields.HOST, "a b", "'a b'"),
        (fields.LABELS, {"site": 5}, "a table of other values"),
        (fields.LABELS, "site", "'site'"),
        (fields.HEX, "xyz", "a text"),
        (fields.SECRET, 12345678, "an integer"),
        (fields.TEXT, {}, "an empty table"),
        (fields.SECONDS, "x" * 100, f"'{'x' * 59}..."),
    ],
)
def test_wrong_values_are_shown_with_what_is_right_unless_they_are_secret(
    field: Field, value: object, shown: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        field.value(value, place())
    assert str(caught.value) == f"{field.right} is right, not {shown}"


def test_a_host_with_its_port_is_told_where_the_port_belongs() -> None:
    with pytest.raises(ConfigurationError, match=r"give the port apart: '10\.0\.0\.1', port=161"):
        fields.HOST.value("10.0.0.1:161", place())


def test_files_and_folders_must_exist(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    assert fields.PATH.value("a", place(tmp_path)) == tmp_path / "a"
    assert fields.PATHS.value(["a"], place(tmp_path)) == (tmp_path / "a",)
    assert fields.FOLDERS.value(str(tmp_path), place()) == (tmp_path,)
    for field, name in (
        (fields.PATH, "b"),
        (fields.PATHS, ["a", "b"]),
        (fields.FOLDERS, "a"),
        (fields.PATH, "x" * 999),
    ):
        with pytest.raises(ConfigurationError):
            field.value(name, place(tmp_path))


def test_a_table_is_read_by_its_fields_and_unknown_keys_are_noted() -> None:
    here = place()
    known = {"interval": fields.SECONDS, "name": fields.TEXT}
    assert read_table({"interval": 5, "name": "x"}, known, here) == {"interval": 5.0, "name": "x"}
    assert len(here.mistakes) == 0
    assert read_table({"intervall": 5, "name": 7}, known, here) is None
    with pytest.raises(ConfigurationError) as caught:
        here.mistakes.tell()
    assert str(caught.value).splitlines() == [
        "here: there is no key 'intervall'; did you mean 'interval'?",
        "here.name: a text is right, not 7",
    ]


def test_what_should_be_a_table_and_is_none_is_noted() -> None:
    here = place()
    assert table_of({"a": 1}, here) == {"a": 1}
    assert named_tables(None, here) == {}
    assert named_tables({"a": {}, "b": 5}, here) == {"a": {}}
    assert named_tables(5, here) == {}
    with pytest.raises(ConfigurationError, match=r"^here\.b: a table is right, not an integer\nhere: a table is right"):
        here.mistakes.tell()


_ALL = [field for name in fields.__all__ if isinstance(field := getattr(fields, name), Field)]

_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.datetimes() | st.times(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(field=st.sampled_from(_ALL), value=_VALUES)
def test_no_value_raises_anything_but_a_configuration_error(field: Field, value: object) -> None:
    with contextlib.suppress(ConfigurationError):
        field.value(value, place())
