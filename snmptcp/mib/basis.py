"""What a compiled module was made of besides its own text, so that it can be told whether it is still up to date.

A module has its types and OIDs from those that it imports from.  If the text of one of them changes, or one that was
missing is found, the module is compiled again.

Contains: the names, and their fingerprint.  Does not contain: the texts (:mod:`snmptcp.mib.sources`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ("Basis",)


@dataclass(frozen=True, slots=True)
class Basis:
    """What a module is made of but for its own text.

    Attributes:
        modules: the names of the modules that it imports from, and of those that these import from, and so on, sorted;
            also of those that were not found.
        symbols: the symbols that were looked for in all modules, sorted.
    """

    modules: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()

    def fingerprint(self, digest: Callable[[str], str], defining: Callable[[str], Iterable[str]]) -> str:
        """Return a digest that changes if one of the texts does, or if a symbol is defined elsewhere.

        Args:
            digest: returns the digest of a module's text; ``""`` if there is none.
            defining: returns the modules that define a symbol.
        """
        import hashlib  # noqa: PLC0415 - loads OpenSSL, and modules that were compiled once have their fingerprint

        lines = [f"{name} {digest(name)}" for name in self.modules]
        lines += [f"{symbol}: {' '.join(defining(symbol))}" for symbol in self.symbols]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()
