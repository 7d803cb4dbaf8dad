"""Words that the compiler can read, in the place of those that it cannot; in its answer they are put back.

So ``packet/attack(3)`` keeps its name although no grammar has it.

Contains: the words, and putting back.  Does not contain: which words need it (:mod:`snmptcp.mib.repairs.definitions`).
"""

from __future__ import annotations

from typing import Any

from snmptcp.mib.repairs.lexer import INNER_QUOTE

__all__ = ("StandIns",)


class StandIns:
    """The stand-ins of one definition."""

    def __init__(self) -> None:
        self._originals: dict[str, str] = {}

    def name(self, original: str) -> str:
        """Return a word that begins with a small letter, as names of objects and numbers do."""
        return self._add(f"snmptcp-stand-in-{len(self._originals)}", original)

    def type(self, original: str) -> str:
        """Return a word that begins with a capital, as names of types do."""
        return self._add(f"Snmptcp-stand-in-{len(self._originals)}", original)

    def _add(self, word: str, original: str) -> str:
        original = self.shown(original)
        for known, meant in self._originals.items():
            if meant == original and known[0] == word[0]:
                return known
        self._originals[word] = original
        return word

    def shown(self, text: str) -> str:
        """Return a text of this definition with the original words."""
        for word, original in reversed(self._originals.items()):
            text = text.replace(word, original)
        return text.replace(INNER_QUOTE, '"')

    def restore(self, tree: Any) -> Any:
        """Return the compiler's syntax tree with the original words, and quotes within texts."""
        if isinstance(tree, str):
            return self._originals.get(tree, tree).replace(INNER_QUOTE, '"')
        if isinstance(tree, tuple):
            return tuple(map(self.restore, tree))
        if isinstance(tree, list):
            return list(map(self.restore, tree))
        return tree
