"""Where a symbol comes from that a module does not import, or that it imports from a module which does not have it.

Vendors forget imports (``enterprises``), misspell modules (``FROM RFC-1213``), import what another module only imports
itself, or split a module and leave the importers as they were.

A symbol without an import is looked for in the modules of the SMI, then in those that the module imports from, then in
the standard modules, then in the folders: the first of these that has it counts, if one module alone defines it there.
A symbol that is imported from a module that is not there may only come from a module with a similar name, or from the
SMI or a standard module: among the folders' modules another vendor's could have the same name at another place.

Contains: that search.  Does not contain: the texts (:mod:`snmptcp.mib.sources`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from snmptcp.mib.sources import definitions
from snmptcp.mib.standard import STANDARD_MODULES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from snmptcp.mib.sources import Sources

__all__ = ("ImportSearch", "Known", "is_built_in")

#: The modules that define the SMI and its textual conventions, the newest first.
_SMI = ("SNMPv2-SMI", "SNMPv2-TC", "SNMPv2-CONF", "RFC1155-SMI")

#: The standard modules whose definitions others have taken over.
_OLD = ("RFC1213-MIB",)

#: The macros and types that are part of the language, wherever they are imported from.
_BUILT_IN = frozenset(
    (
        *("AGENT-CAPABILITIES", "ApplicationSyntax", "BITS", "Bits", "Counter", "Counter32", "Counter64", "Gauge"),
        *("Gauge32", "INTEGER", "Integer32", "IpAddress", "MODULE-COMPLIANCE", "MODULE-IDENTITY", "NOTIFICATION-GROUP"),
        *("NOTIFICATION-TYPE", "NetworkAddress", "NotificationName", "OBJECT-GROUP", "OBJECT-IDENTITY", "OBJECT-TYPE"),
        *("ObjectName", "ObjectSyntax", "Opaque", "SimpleSyntax", "TEXTUAL-CONVENTION", "TRAP-TYPE", "TimeTicks"),
        *("UInteger32", "Unsigned32", "iso", "MANDATORY-GROUPS", "ExtUTCTime"),
    )
)

#: How many modules are followed that import a symbol from one another.
_LONGEST_CHAIN = 8

_ENDING = re.compile("(?:mib|smi|tc)$")


class Known(Protocol):
    """What is known of a module that has been parsed."""

    @property
    def imports(self) -> Mapping[str, Collection[str]]:
        """The symbols of each module that it imports from."""

    @property
    def defines(self) -> Collection[str]:
        """The symbols that it defines."""


def is_built_in(symbol: str) -> bool:
    """Whether a symbol is part of the language, so that it need not be found."""
    return symbol in _BUILT_IN


class ImportSearch:
    """Looks for symbols.

    Args:
        sources: the modules' texts.
        parsed: the modules that have been parsed, which may become more.
    """

    def __init__(self, sources: Sources, parsed: Mapping[str, Known]) -> None:
        self._sources = sources
        self._parsed = parsed
        self._standard: dict[str, list[str]] | None = None

    def unresolved(self, module: str) -> dict[str, str]:
        """Return the symbols that a module imports from modules that do not have them, and those modules."""
        known = self._parsed[module]
        return {
            symbol: source
            for source, symbols in known.imports.items()
            for symbol in symbols
            if not is_built_in(symbol) and not self._has(source, symbol)
        }

    def find(self, module: str, symbol: str, source: str | None) -> str | None:
        """Return the module that a symbol comes from; ``None`` if that is not clear.

        Args:
            module: the module that uses it.
            symbol: the symbol.
            source: the module that it is imported from, which does not have it; ``None`` if it is not imported.
        """
        if symbol in self._parsed[module].defines:
            return module
        if source is not None:
            if self._seems_to_define(source, symbol):  # in a way that cannot be read
                return None
            found = self._passed_on(source, symbol) or self._similar(source, symbol)
            if found is not None:
                return found
        for places in self._places(module, symbol, imported=source is not None):
            if len(places) > 1:
                return None
            if places:
                return places[0]
        return None

    def _has(self, module: str, symbol: str) -> bool:
        return module in self._parsed and symbol in self._parsed[module].defines

    def _passed_on(self, source: str, symbol: str) -> str | None:
        """Return the module that another one imports a symbol from."""
        for _ in range(_LONGEST_CHAIN):
            known = self._parsed.get(source)
            if known is None:
                return None
            source = next((name for name, symbols in known.imports.items() if symbol in symbols), "")
            if self._has(source, symbol):
                return source
        return None

    def _similar(self, source: str, symbol: str) -> str | None:
        """Return the only module whose name is nearly that of another, and that defines a symbol."""
        plain = _plain(source)
        names = dict.fromkeys((*self._sources.names(), *self._sources.bundled_names()))
        found = [
            name for name in names if name != source and _plain(name) == plain and self._defines(name, symbol)
        ]  # fmt: skip
        return found[0] if len(found) == 1 else None

    def _defines(self, module: str, symbol: str) -> bool:
        if module in self._parsed:
            return symbol in self._parsed[module].defines
        return self._seems_to_define(module, symbol)

    def _seems_to_define(self, module: str, symbol: str) -> bool:
        source = self._sources.find(module)
        return source is not None and symbol in definitions(source.text)

    def _places(self, module: str, symbol: str, *, imported: bool) -> Iterable[list[str]]:
        """Yield the modules that define a symbol, the likeliest first."""
        standard = self._standard_modules().get(symbol, [])
        yield [name for name in _SMI if name in standard][:1]
        if not imported:
            yield [name for name in self._parsed[module].imports if self._has(name, symbol)]
        standard = [name for name in standard if name != module]
        newer = [name for name in standard if name not in _OLD]
        yield newer or standard
        if not imported:
            yield [name for name in self._sources.defining(symbol) if name != module]

    def _standard_modules(self) -> dict[str, list[str]]:
        """Return the standard modules that define each symbol."""
        if self._standard is None:
            self._standard = {}
            for name in dict.fromkeys((*_SMI, *STANDARD_MODULES)):
                source = self._sources.find(name)
                for symbol in definitions(source.text) if source is not None else ():
                    self._standard.setdefault(symbol, []).append(name)
        return self._standard


def _plain(name: str) -> str:
    letters = "".join(char for char in name.lower() if char.isalnum())
    return _ENDING.sub("", letters) or letters
