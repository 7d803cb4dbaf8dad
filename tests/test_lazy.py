"""Names of a package that are imported on first use."""

from __future__ import annotations

import subprocess
import sys
import types

import pytest

from snmptcp.lazy import lazy_names


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """Return a package with one name of its own and one lazy name."""
    module = types.ModuleType("lazy_package")
    monkeypatch.setitem(sys.modules, "lazy_package", module)
    module.own = 1  # type: ignore[attr-defined]
    module.__getattr__, list_names = lazy_names("lazy_package", {"OrderedDict": "collections"})  # type: ignore[method-assign]
    module.__dir__ = list_names  # type: ignore[method-assign]
    return module


def test_a_name_is_imported_on_first_use_and_kept(package: types.ModuleType) -> None:
    assert "OrderedDict" not in vars(package)
    assert package.OrderedDict is sys.modules["collections"].OrderedDict
    assert vars(package)["OrderedDict"] is package.OrderedDict


def test_a_name_that_the_package_does_not_have_is_an_attribute_error(package: types.ModuleType) -> None:
    with pytest.raises(AttributeError, match="module 'lazy_package' has no attribute 'Missing'"):
        _ = package.Missing


def test_dir_lists_lazy_names_before_they_are_imported(package: types.ModuleType) -> None:
    assert {"own", "OrderedDict"} <= set(dir(package))
    assert dir(package) == sorted(dir(package))
    assert "OrderedDict" not in vars(package)


def test_commands_without_an_agent_load_neither_event_loops_nor_tls() -> None:
    code = """if True:
        import sys
        from snmptcp.cli.parser import parse_command
        for line in ("completion bash", "translate -On 1.3", "mib list", "explain 3000"):
            parse_command(line.split())
        print(sorted({"asyncio", "ssl", "snmptcp.manager.manager"} & set(sys.modules)))
    """
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"
