"""Tests mirror modules: ``snmptcp/X/y.py`` has ``tests/X/test_y.py`` or ``tests/X/test_y_*.py``, or a reason not to."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "snmptcp"
TESTS = ROOT / "tests"

#: Modules without a test module of their name, and what tests them instead.
ELSEWHERE: dict[str, str] = {
    "__main__.py": "tests/cli/test_main.py runs it",
    "codec/makers.py": "an interface of constructors; tests/codec/test_varbinds.py makes values",
    "exporter/config.py": "an interface of facts without behaviour; tests/exporter/test_reading.py reads them",
    "manager/manager.py": "tests/manager/test_requests.py, tests/manager/test_walks.py, tests/manager/test_tls.py",
    "protocol/deadline.py": "an interface of two values",
    "protocol/exchange.py": "facts without behaviour; tests/protocol/test_correlator.py ends exchanges",
    "security/model.py": "interfaces alone; the security models implement them",
}

MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")


def mirrors_of(module: str) -> list[Path]:
    """Return the test modules of a module."""
    path = TESTS / module
    return [*path.parent.glob(f"test_{path.stem}.py"), *path.parent.glob(f"test_{path.stem}_*.py")]


@pytest.mark.parametrize("module", [module for module in MODULES if module not in ELSEWHERE])
def test_a_module_has_its_test_module(module: str) -> None:
    assert mirrors_of(module), f"write tests/{Path(module).parent}/test_{Path(module).stem}.py, or list why not"


@pytest.mark.parametrize("module", ELSEWHERE)
def test_a_module_that_is_tested_elsewhere_exists_and_has_no_test_module(module: str) -> None:
    assert (PACKAGE / module).is_file(), f"take {module} off the list: it does not exist"
    assert mirrors_of(module) == [], f"take {module} off the list: it has its test module"


@pytest.mark.parametrize("module", ELSEWHERE)
def test_the_tests_that_a_reason_names_exist(module: str) -> None:
    reason = ELSEWHERE[module]
    named = re.findall(r"tests/[\w/]+\.py", reason)
    assert [path for path in named if not (ROOT / path).is_file()] == []
    assert named or "interface" in reason


def test_the_metadata_names_the_licence_of_everything_in_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    others = sorted(path.relative_to(ROOT).as_posix() for path in PACKAGE.rglob("LICENSE*"))
    assert others == ["snmptcp/testing/recordings/LICENSE.txt", "snmptcp/web/static/uplot/LICENSE"]
    assert project["license"] == "MIT AND BSD-2-Clause"
    assert project["license-files"] == ["LICENSE", *others]
