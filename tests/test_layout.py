"""Tests mirror modules: ``snmptcp/X/y.py`` has ``tests/X/test_y.py`` or ``tests/X/test_y_*.py``, or a reason not to."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "snmptcp"
TESTS = ROOT / "tests"

#: Modules without a test module of their name, and what tests them instead.
ELSEWHERE: dict[str, str] = {
    "__main__.py": "tests/cli/test_main.py runs it",
    "ipworks/agent.py": "tests/ipworks/test_methods.py, through the facade",
    "ipworks/coerce.py": "tests/ipworks/test_properties.py, through the facade",
    "ipworks/emit.py": "tests/ipworks/test_events.py, through the facade",
    "ipworks/errors.py": "tests/ipworks/test_methods.py, through the facade",
    "ipworks/mgr.py": "tests/ipworks/test_tables.py",
    "ipworks/objects.py": "tests/ipworks/test_methods.py, through the facade",
    "ipworks/options/network.py": "tests/ipworks/test_sockets.py, through the facade",
    "ipworks/options/tls.py": "tests/ipworks/test_tls.py, through the facade",
    "ipworks/options/users.py": "tests/ipworks/test_methods.py, through the facade",
    "ipworks/pump.py": "tests/ipworks/test_events.py, through the facade",
    "ipworks/receive.py": "tests/ipworks/test_listening.py, through the facade",
    "ipworks/securing.py": "tests/ipworks/test_tls.py, through the facade",
    "ipworks/store.py": "tests/ipworks/test_properties.py, through the facade",
    "ipworks/stub.py": "tests/ipworks/test_tables.py",
    "ipworks/tables/events.py": "tests/ipworks/test_events.py",
    "ipworks/tables/properties.py": "tests/ipworks/test_properties.py",
    "ipworks/tables/settings.py": "tests/ipworks/test_settings.py",
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
