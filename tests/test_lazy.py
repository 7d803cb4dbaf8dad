"""Names of a package that are imported on first use."""

from __future__ import annotations

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
