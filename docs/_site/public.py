"""The public names: where the reference describes each of them, whatever a docstring or an annotation calls it.

An object has a home (``snmptcp.net.tls.options.TlsOptions``) and one or more public places (``snmptcp.TlsOptions``,
``snmptcp.net.tls.TlsOptions``).  The reference describes it at the first of these.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from typing import TYPE_CHECKING, Any, TypeVar

from _site.docstrings import described_attributes

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator
    from types import ModuleType

__all__ = ("CALLED_BY_THE_LIBRARY", "DOCUMENTED", "PublicNames", "describing_places", "is_alias", "package_modules")

#: The modules that programs import from.  A name that several of them have is described in the first one.
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
    "snmptcp.ipworks",
)

#: What the library alone calls of objects that it gives to programs.
CALLED_BY_THE_LIBRARY = {
    "Connection": {"own", "start", "abandon", "use_security"},
    "KnownEngines": {"engine"},
    "Page": {"client"},
}


def is_alias(item: object) -> bool:
    """Return whether an object is an alias of types, such as ``int | str``."""
    kind = type(item).__module__
    return kind in {"typing", "types", "collections.abc"} and not (inspect.isclass(item) or inspect.isroutine(item))


def package_modules() -> list[ModuleType]:
    """Return the modules of the package that have been imported."""
    return [module for name, module in list(sys.modules.items()) if name.split(".")[0] == "snmptcp"]


def describing_places() -> dict[str, str]:
    """Return where the reference describes each public name: ``{"snmptcp.manager.Proxy": "snmptcp.Proxy", ...}``."""
    first: dict[Hashable, str] = {}
    places: dict[str, str] = {}
    for name in DOCUMENTED:
        module = importlib.import_module(name)
        for each in module.__all__:
            place = f"{name}.{each}"
            places[place] = first.setdefault(_identity(each, getattr(module, each)), place)
    return places


def _knows_its_name(item: object) -> bool:
    """Return whether an object is a class or a function; constants and aliases of types are known by their places."""
    return inspect.isclass(item) or inspect.isfunction(item)


def _identity(name: str, item: Any) -> Hashable:
    return item if _knows_its_name(item) else (name, repr(item))


class PublicNames:
    """Finds the place where the reference describes what a text calls by any of its names."""

    def __init__(self) -> None:
        self.places = describing_places()
        self._described = set(self.places.values())
        self._definitions: dict[int, str] = {}
        self._named: dict[str, set[str]] = {}
        for place, described in self.places.items():
            module, _, name = place.rpartition(".")
            item = getattr(importlib.import_module(module), name)
            self._named.setdefault(name, set()).add(described)
            if _knows_its_name(item):
                self._definitions[id(item)] = described

    def place_of(self, item: object) -> str | None:
        """Return where an object is described; ``None`` if it is not public."""
        if id(item) in self._definitions:
            return self._definitions[id(item)]
        own = f"{item.__module__}.{item.__qualname__}" if inspect.isclass(item) else ""
        return own if own in self._described else None  # a class that stands in for an alias of types

    def find(self, target: str, module: str | None, owner: str | None) -> str | None:
        """Return the place where the reference describes what a text means.

        Args:
            target: what the text says: a name, or names with dots between them.
            module: the public module of the object whose description says so.
            owner: the class in it.
        """
        for scope, parts in _readings(target, module, owner):
            found = self._below(scope, parts)
            if found is not None:
                return found
        named = self._named.get(target, set())
        return next(iter(named)) if len(named) == 1 else None

    def is_internal(self, target: str, module: str | None, owner: str | None) -> bool:
        """Return whether a text means something of the package that is not public, or a type variable."""
        for scope, parts in _readings(target, module, owner):
            item = scope
            try:
                for part in parts:
                    item = getattr(item, part)
            except AttributeError:
                continue
            home = item.__name__ if inspect.ismodule(item) else getattr(item, "__module__", "")
            if isinstance(item, TypeVar) or home.split(".")[0] == "snmptcp" or is_alias(item):
                return True
        return False

    def _below(self, scope: Any, parts: list[str]) -> str | None:
        """Return the place of what these names mean below a module or a class."""
        item, place = scope, _module_place(scope) or self.place_of(scope)
        for part in parts:
            is_member = inspect.isclass(item)
            try:
                item = inspect.getattr_static(item, part) if is_member else getattr(item, part)
            except AttributeError:
                # Some attributes are those of objects alone.
                return f"{place}.{part}" if is_member and place and part in described_attributes(item) else None
            member = f"{place}.{part}" if is_member and place else None
            place = _module_place(item) or self.place_of(item) or member
        return place


def _module_place(item: object) -> str | None:
    return item.__name__ if inspect.ismodule(item) and item.__name__ in DOCUMENTED else None


def _readings(target: str, module: str | None, owner: str | None) -> Iterator[tuple[object, list[str]]]:
    """Return what a text may mean: names below the class, its own module, the public module; or a full name."""
    parts = target.split(".")
    if module is not None:
        public = importlib.import_module(module)
        if owner is not None:
            item: Any = public
            for part in owner.split("."):
                item = getattr(item, part)
            yield item, parts
            if _knows_its_name(item):
                yield sys.modules[item.__module__], parts
        yield public, parts
    for length in range(len(parts), 0, -1):
        found = sys.modules.get(".".join(parts[:length]))
        if found is not None:
            yield found, parts[length:]
            return
