"""The public names: complete, in order, and importable from a documented place."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import pkgutil
import subprocess
import sys
import typing
from pathlib import Path

import pytest

import snmptcp

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "snmptcp"

MODULES = sorted(
    module.name for module in pkgutil.walk_packages(snmptcp.__path__, "snmptcp.") if module.name != "snmptcp.__main__"
)

#: Where users import from; `docs/design.md` lists them.
DOCUMENTED = (
    "snmptcp",
    "snmptcp.credentials",
    "snmptcp.errors",
    "snmptcp.explain",
    "snmptcp.exporter",
    "snmptcp.fleet",
    "snmptcp.fleet.dask",
    "snmptcp.fleet.files",
    "snmptcp.fleet.sinks",
    "snmptcp.instrumentation",
    "snmptcp.listener",
    "snmptcp.manager",
    "snmptcp.mib",
    "snmptcp.net.tls",
    "snmptcp.oid",
    "snmptcp.sync",
    "snmptcp.testing",
    "snmptcp.usm",
    "snmptcp.values",
    "snmptcp.web",
)

#: What programs are given and what the library alone makes and calls.
CALLED_BY_THE_LIBRARY = {
    "Connection": {"__init__", "own", "start", "abandon", "use_security"},
    "KnownEngines": {"engine"},
    "Page": {"client"},
}


def source_of(name: str) -> ast.Module:
    path = PACKAGE.parent / Path(*name.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(file.read_text(encoding="utf-8"))


def imports_of(tree: ast.Module) -> list[tuple[str, str]]:
    """Every ``from snmptcp... import name`` of a module, as (module, name)."""
    return [
        (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module is not None and node.module.startswith("snmptcp")
        for alias in node.names
    ]


@pytest.mark.parametrize("name", MODULES)
def test_a_module_lists_names_that_it_has_once_and_in_order(name: str) -> None:
    module = importlib.import_module(name)
    listed = getattr(module, "__all__", ())

    assert isinstance(listed, tuple)
    assert len(set(listed)) == len(listed)
    assert [each for each in listed if not hasattr(module, each)] == []
    # The order that ruff keeps (RUF022): constants, classes, everything else.
    assert list(listed) == sorted(listed, key=lambda each: (not each.isupper(), not each[0].isupper(), each))


@pytest.mark.parametrize("name", ["snmptcp", *MODULES])
def test_a_name_that_another_module_imports_is_listed_where_it_comes_from(name: str) -> None:
    unlisted = []
    for module_name, imported in imports_of(source_of(name)):
        module = importlib.import_module(module_name)
        if hasattr(module, "__path__") and importlib.util.find_spec(f"{module_name}.{imported}") is not None:
            continue  # a submodule, imported already or not
        if imported not in getattr(module, "__all__", ()) and imported != "__version__":
            unlisted.append(f"{module_name}.{imported}")

    assert unlisted == []


def test_a_program_finds_what_most_programs_need_at_the_top() -> None:
    assert len(snmptcp.__all__) <= 45
    assert all(hasattr(snmptcp, name) for name in snmptcp.__all__)
    assert snmptcp.ObjectIdentifier is snmptcp.OID


def _classes() -> list[type]:
    return sorted(
        {
            item
            for name in DOCUMENTED
            for item in (getattr(importlib.import_module(name), each) for each in importlib.import_module(name).__all__)
            if inspect.isclass(item)
        },
        key=lambda kind: (kind.__module__, kind.__name__),
    )


@pytest.mark.parametrize("kind", _classes(), ids=lambda kind: kind.__name__)
def test_what_has_a_text_of_its_own_can_be_formatted_as_that_text(kind: type) -> None:
    """`f"{oid:<30}"` is a TypeError for a class without a `__format__` of its own."""
    own_text = getattr(kind, "__str__") is not object.__str__  # noqa: B009 - mypy sees no way to be equal
    own_format = getattr(kind, "__format__") is not object.__format__  # noqa: B009
    assert own_format or not own_text


def _named_types(annotation: object) -> set[type]:
    """The classes of this package that an annotation names, however deep."""
    if isinstance(annotation, type) and annotation.__module__.startswith("snmptcp"):
        return {annotation}
    return {found for argument in typing.get_args(annotation) for found in _named_types(argument)} | {
        found
        for argument in typing.get_args(annotation)
        if isinstance(argument, list)
        for part in argument
        for found in _named_types(part)
    }


def _signatures(item: object) -> list[object]:
    """The public functions of what a documented module offers."""
    if inspect.isclass(item):
        if issubclass(item, BaseException):
            return [item.__init__]
        hidden = CALLED_BY_THE_LIBRARY.get(item.__name__, set())
        members = [
            member
            for name, member in vars(item).items()
            if (not name.startswith("_") or name == "__init__") and name not in hidden
        ]
        return [
            member.fget if isinstance(member, property) else getattr(member, "__func__", member)
            for member in members
            if isinstance(member, property | classmethod | staticmethod) or inspect.isfunction(member)
        ]
    return [item] if inspect.isfunction(item) else []


def _namespace() -> dict[str, object]:
    """Names of annotations that are imported for type checkers alone."""
    import collections.abc
    import datetime as dt
    import ipaddress
    import os
    import pathlib
    import socket
    import ssl
    import types

    import distributed
    import opentelemetry.metrics
    import opentelemetry.trace

    names: dict[str, object] = {"os": os, "socket": socket, "ssl": ssl, "Path": pathlib.Path}
    names |= {"dt": dt, "ipaddress": ipaddress}
    names |= {"MeterProvider": opentelemetry.metrics.MeterProvider}
    names |= {"TracerProvider": opentelemetry.trace.TracerProvider}
    names |= {"Client": distributed.Client, "Security": distributed.Security, "Cluster": distributed.deploy.Cluster}
    names |= {name: getattr(collections.abc, name) for name in collections.abc.__all__}
    names |= {name: getattr(types, name) for name in ("TracebackType", "ModuleType")}
    names |= {name: getattr(typing, name) for name in ("Any", "Self", "TypeAlias", "Literal", "ClassVar", "Final")}
    for module_name in ["snmptcp", *DOCUMENTED, *MODULES]:  # of two of one name, the public one is meant
        module = importlib.import_module(module_name)
        for name in getattr(module, "__all__", ()):
            names.setdefault(name, getattr(module, name))
    return names


@pytest.mark.parametrize("name", DOCUMENTED)
def test_everything_that_a_public_signature_names_can_be_imported_from_a_documented_place(name: str) -> None:
    documented = {
        id(getattr(importlib.import_module(place), each))
        for place in DOCUMENTED
        for each in getattr(importlib.import_module(place), "__all__", ())
    }
    module = importlib.import_module(name)
    namespace = _namespace()
    missing = set()
    for each in module.__all__:
        for function in _signatures(getattr(module, each)):
            own = vars(sys.modules[function.__module__]) if hasattr(function, "__module__") else {}
            hints = typing.get_type_hints(function, {**namespace, **own})
            missing |= {
                f"{each}: {found.__module__}.{found.__qualname__}"
                for hint in hints.values()
                for found in _named_types(hint)
                if id(found) not in documented and not found.__name__.startswith("_")
            }

    assert sorted(missing) == []


def test_the_documented_modules_are_listed_in_the_design() -> None:
    page = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")

    assert [name for name in (*DOCUMENTED, "snmptcp.ipworks") if f"`{name}`" not in page] == []


def test_importing_the_package_imports_neither_pyasn1_nor_the_test_kit() -> None:
    unwanted = ("pyasn1", "snmptcp.testing", "snmptcp.cli", "snmptcp.listener", "cryptography")
    seen = f"print([name for name in sys.modules if name.startswith({unwanted!r})])"
    loaded = subprocess.run(
        [sys.executable, "-c", f"import sys, snmptcp; {seen}"], capture_output=True, text=True, check=True
    )

    assert loaded.stdout.strip() == "[]"
