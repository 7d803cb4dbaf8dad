"""docs/testing.md: its files run as a user's test suite, and it lists every fault."""

from __future__ import annotations

import ast
import inspect
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

import snmptcp.testing
from snmptcp.testing import DeliveryFault, Fault, Forgery, MessageFault, OctetFault

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")

#: A block of code whose first line is the name of its file.
FILES: dict[str, str] = dict(re.findall(r"^```python\n# (\S+\.py)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE))

#: The plugins that the page uses; no others are loaded, and an installed snmptcp is none of them.
PLUGINS = ("-p", "anyio.pytest_plugin", "-p", "pytest_snmptcp", "-p", "no:cacheprovider")

ENVIRONMENT = {
    "PYTEST_ADDOPTS": "",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "PYTHONPATH": str(ROOT),
    "PYTHONDONTWRITEBYTECODE": "1",
}

TESTS = [
    (name, function.name)
    for name, code in FILES.items()
    for function in ast.walk(ast.parse(code))
    if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)) and function.name.startswith("test_")
]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], str]:
    """Run the page's files in their own directory and process; return the outcome of each test."""
    suite = tmp_path_factory.mktemp("suite")
    for name, code in FILES.items():
        (suite / name).write_text(code, encoding="utf-8")
    report = suite / "report.xml"
    process = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", *PLUGINS, f"--junitxml={report}"],
        cwd=suite,
        env={
            **os.environ,
            "PYTEST_ADDOPTS": "",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONPATH": str(ROOT),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert report.exists(), process.stdout + process.stderr
    return {
        (f"{case.attrib['classname']}.py", case.attrib["name"]): "\n".join(f"{part.tag}: {part.text}" for part in case)
        for case in ET.parse(report).getroot().iter("testcase")
    }


def test_every_block_of_code_names_its_file():
    assert PAGE.count("```python\n") == len(FILES)
    assert {"conftest.py"} < set(FILES)


@pytest.mark.parametrize(("name", "test"), TESTS)
def test_a_documented_test_passes_as_it_stands(outcomes, name, test):
    assert outcomes[name, test] == ""


def test_no_documented_test_runs_twice_or_is_left_out(outcomes):
    assert sorted(outcomes) == sorted(TESTS)


def test_the_table_of_faults_names_every_fault_with_its_arguments():
    kinds = (Fault, MessageFault, OctetFault, DeliveryFault, Forgery)
    exported = [getattr(snmptcp.testing, name) for name in snmptcp.testing.__all__]
    faults = [kind for kind in exported if isinstance(kind, type) and issubclass(kind, Fault) and kind not in kinds]
    table = re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE)
    written = {name: arguments for row in table for name, arguments in re.findall(r"`(\w+)\((.*?)\)`", row)}
    assert written == {kind.__name__: ", ".join(inspect.signature(kind).parameters) for kind in faults}
