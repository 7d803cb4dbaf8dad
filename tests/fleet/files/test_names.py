"""Names in jobs: whether they exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from snmptcp.errors import ConfigurationError, MibError
from snmptcp.fleet import Get, Table, Walk
from snmptcp.fleet.files.names import check_names, names_of
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
    """MIB modules with one name."""

    def oid(self, name: str) -> OID:
        if name == "acmeTable":
            return OID("1.3.6.1.4.1.9999.1")
        raise MibError(f"no loaded MIB module defines {name!r}")


def test_modules_say_which_names_exist(tmp_path: Path) -> None:
    modules: Any = Modules()
    check_names(loaded(tmp_path, f'{PUBLIC}[jobs.x]\nwalk = "acmeTable"'), modules)
    file = loaded(tmp_path, f'{PUBLIC}[jobs.x]\nwalk = "acmeTabel"\n[jobs.y]\nget = ["acmeTable", "a"]')
    with pytest.raises(ConfigurationError) as caught:
        check_names(file, modules)
    assert str(caught.value).replace(f"{tmp_path}/", "").splitlines() == [
        "fleet.toml: jobs.x.walk: no loaded MIB module defines 'acmeTabel'",
        "fleet.toml: jobs.y.get: no loaded MIB module defines 'a'",
    ]
