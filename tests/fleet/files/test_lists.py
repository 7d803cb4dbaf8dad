"""Targets of files as lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import Community, ConfigurationError
from snmptcp.errors import ArgumentTypeError
from snmptcp.fleet import Get, Target
from snmptcp.fleet.files import targets_from_csv, targets_from_toml
from tests.fleet.files.helpers import SMALL, loaded

if TYPE_CHECKING:
    from pathlib import Path

PUBLIC, OPS = Community("public"), Community("ops")
ONE, TWO = Get("1.3.6", name="one"), Get("1.3.6.1", name="two")


def test_targets_of_toml_are_those_of_the_file(tmp_path: Path) -> None:
    file = loaded(tmp_path, f'{SMALL}[[targets]]\nhost = "a"\n[[targets]]\nhost = "b"')
    assert targets_from_toml(file.path) == list(file.targets)


def test_targets_of_csv_have_what_the_program_gives_unless_a_cell_tells(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("host,jobs,site\na,,\nb,two,Paris\n")
    found = targets_from_csv(path, credentials=PUBLIC, jobs=[ONE, TWO], labels={"site": "Lyon"}, timeout=2.0)
    assert found == [
        Target("a", credentials=PUBLIC, jobs=[ONE, TWO], labels={"site": "Lyon"}, timeout=2.0),
        Target("b", credentials=PUBLIC, jobs=[TWO], labels={"site": "Paris"}, timeout=2.0),
    ]


def test_cells_name_the_credentials_of_a_mapping(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("host,credentials\na,ops\n")
    (target,) = targets_from_csv(path, credentials={"ops": OPS}, jobs=iter([ONE]), tls={"x": True})
    assert (target.credentials, target.jobs, target.options) == (OPS, (ONE,), {})
    path.write_text("host,credentials\na,\nb,pos\n")
    with pytest.raises(ConfigurationError, match=r"line 2: a target needs credentials.*\n.*line 3, column credentials"):
        targets_from_csv(path, credentials={"ops": OPS}, jobs=[ONE])


@pytest.mark.parametrize("wrong", [{"path": 5}, {"credentials": "public"}, {"jobs": "x"}, {"labels": ["x"]}])
def test_arguments_of_a_wrong_type_are_refused(wrong: dict[str, Any]) -> None:
    arguments: dict[str, Any] = {"path": "x", "credentials": PUBLIC, "jobs": [ONE], **wrong}
    with pytest.raises(ArgumentTypeError):
        targets_from_csv(**arguments)


def test_options_that_no_target_has_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("host\na\n")
    with pytest.raises(ConfigurationError, match="a target has no option timout"):
        targets_from_csv(path, credentials=PUBLIC, jobs=[ONE], timout=5)
