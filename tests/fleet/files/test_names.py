"""Names in jobs: whether they exist."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from snmptcp.errors import ConfigurationError, MibError
from snmptcp.fleet import Get, Table, Walk
from snmptcp.fleet.files.names import check_names, names_of
from snmptcp.mib.objects import NodeKind
from snmptcp.oid import OID
from tests.fleet.files.helpers import PUBLIC, SMALL, loaded

if TYPE_CHECKING:
    from pathlib import Path


def test_the_names_of_a_job_have_its_keys() -> None:
    assert list(names_of(Get("a", "b"))) == [("get", "a"), ("get", "b")]
    assert list(names_of(Walk("a"))) == [("walk", "a")]
    assert list(names_of(Table("a", "b", 3))) == [("table", "a"), ("columns", "b")]


def test_without_modules_only_numbers_exist(tmp_path: Path) -> None:
    check_names(loaded(tmp_path, SMALL), None)
    file = loaded(tmp_path, f'{SMALL}[jobs.x]\ntable = "ifTable"\ncolumns = ["ifDescr", 1]')
    with pytest.raises(ConfigurationError) as caught:
        check_names(file, None)
    assert str(caught.value).replace(f"{tmp_path}/", "").splitlines() == [
        "fleet.toml: jobs.x.table: 'ifTable' is a name, and there are no MIB modules; give its number",
        "fleet.toml: jobs.x.columns: 'ifDescr' is a name, and there are no MIB modules; give its number",
    ]


class Modules:
    """MIB modules with a few names."""

    kinds: ClassVar = {
        "sysUpTime": ("1.3.6.1.2.1.1.3", NodeKind.SCALAR),
        "ifTable": ("1.3.6.1.2.1.2.2", NodeKind.TABLE),
        "ifEntry": ("1.3.6.1.2.1.2.2.1", NodeKind.ROW),
        "ifDescr": ("1.3.6.1.2.1.2.2.1.2", NodeKind.COLUMN),
        "system": ("1.3.6.1.2.1.1", NodeKind.NODE),
    }

    def oid(self, name: Any) -> OID:
        label, _, index = str(name).partition(".")
        if label.isdecimal():
            return OID(name)
        if label not in self.kinds:
            raise MibError(f"no loaded MIB module defines {name!r}")
        return OID(f"{self.kinds[label][0]}{f'.{index}' if index else ''}")

    def find(self, oid: OID) -> tuple[Any, OID]:
        found = [(OID(text), kind) for text, kind in self.kinds.values() if oid[: len(OID(text))] == OID(text)]
        if not found:
            return None, oid
        deepest, kind = max(found)
        return SimpleNamespace(oid=deepest, kind=kind), oid[len(deepest) :]


@pytest.mark.parametrize(
    "job",
    [
        'get = ["sysUpTime.0", "ifDescr.1", "1.3.6.1.2.1.1.5.0"]',
        'walk = "system"',
        'walk = "ifDescr"',
        'table = "ifTable"\ncolumns = ["ifDescr", 10]',
        'table = "ifEntry"',
        'table = "1.3.6.1.4.1.9999.1"\ncolumns = [1]',
    ],
)
def test_names_that_modules_define_are_right(job: str, tmp_path: Path) -> None:
    modules: Any = Modules()
    check_names(loaded(tmp_path, f"{PUBLIC}[jobs.x]\n{job}"), modules)


@pytest.mark.parametrize(
    ("job", "mistakes"),
    [
        ('walk = "sysTem"', ["walk: no loaded MIB module defines 'sysTem'"]),
        (
            'get = ["sysUpTime", "ifDescr", "ifTable", "ifEntry"]',
            [
                "get: sysUpTime is an object, not its instance: sysUpTime.0 is right",
                "get: ifDescr is a column: give an instance such as ifDescr.1, or use walk or table",
                "get: ifTable is a table: table is right in the place of get",
                "get: ifEntry is a table: table is right in the place of get",
            ],
        ),
        ('table = "ifDescr"', ["table: ifDescr is no table: walk is right in the place of table"]),
        ('table = "sysUpTime"', ["table: sysUpTime is no table: walk is right in the place of table"]),
        (
            'table = "ifTable"\ncolumns = ["ifDescr", 2]',
            ["columns: two columns have the same number; read them as two tables"],
        ),
    ],
)
def test_names_that_read_nothing_are_told_with_what_is_right(job: str, mistakes: list[str], tmp_path: Path) -> None:
    modules: Any = Modules()
    with pytest.raises(ConfigurationError) as caught:
        check_names(loaded(tmp_path, f"{PUBLIC}[jobs.x]\n{job}"), modules)
    lines = str(caught.value).replace(f"{tmp_path}/", "").splitlines()
    assert lines == [f"fleet.toml: jobs.x.{mistake}" for mistake in mistakes]
