"""The hosted workflows: their syntax, and that they say what the project says elsewhere."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.release.check import PYTHONS

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def read(path: Path) -> dict[Any, Any]:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(document, dict)
    return document


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_has_triggers_permissions_and_jobs_with_steps_and_limits(path: Path) -> None:
    workflow = read(path)
    assert workflow[True]  # "on" is YAML 1.1's true
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        assert job["runs-on"], name
        assert job["timeout-minutes"] <= 60, name
        assert all(("run" in step) != ("uses" in step) for step in job["steps"]), name
        assert all("@" in step["uses"] for step in job["steps"] if "uses" in step), name


def test_the_tests_run_on_all_systems_with_all_pythons() -> None:
    matrix = read(ROOT / ".github/workflows/ci.yml")["jobs"]["systems"]["strategy"]["matrix"]
    assert matrix["python"] == list(PYTHONS)
    assert {name.partition("-")[0] for name in matrix["os"]} == {"ubuntu", "macos", "windows"}


def test_every_session_that_a_workflow_runs_exists() -> None:
    sessions = re.findall(r'^def (\w+)\(session|name="([\w-]+)"', (ROOT / "noxfile.py").read_text(), re.MULTILINE)
    known = {name for pair in sessions for name in pair if name}
    text = "\n".join(path.read_text() for path in WORKFLOWS)
    wanted = {name.split("-$")[0] for name in re.findall(r"nox -s ([\w-]+(?:\$)?)", text)}
    assert wanted
    assert {name.rstrip("-$") for name in wanted} <= known


def test_the_metadata_list_the_pythons_that_are_tried() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    listed = [each.rpartition(" ")[2] for each in project["classifiers"] if re.search(r"Python :: 3\.\d+", each)]
    assert listed == list(PYTHONS[:3])
    assert "Operating System :: OS Independent" not in project["classifiers"]
