"""Regular expressions as snmp_exporter has them: RE2's syntax, matched in linear time.

Contains: matching, and Go's templates for what was matched.  Does not contain: what is matched.

The values come from agents, which may send any text: Python's own ``re`` can take years for a text that does not match.
"""

from __future__ import annotations

import importlib
import re
from typing import Any

from snmptcp.errors import ConfigurationError
from snmptcp.exporter.extra import missing_extra
from snmptcp.printable import quoted

__all__ = ("Pattern", "number_of")

#: ``$1``, ``$name``, ``${1}``, ``${name}`` and ``$$``, as Go's regexp.Expand reads them.
_TEMPLATE = re.compile(r"\$(?:(\$)|(\w+)|\{(\w+)\})", re.ASCII)

_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_NAMED = frozenset(("inf", "infinity", "nan"))


class Pattern:
    """A regular expression.

    Args:
        text: the expression.
        whole: whether it must match a whole text instead of being found in it.

    Raises:
        ConfigurationError: it is none that RE2 takes, or RE2 is not installed.
    """

    __slots__ = ("_compiled", "text", "whole")

    def __init__(self, text: str, *, whole: bool = False) -> None:
        self.text = text
        self.whole = whole
        self._compiled = _compile(f"^(?:{text})$" if whole else text, text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and (self.text, self.whole) == (other.text, other.whole)

    def __hash__(self) -> int:
        return hash((self.text, self.whole))

    def __repr__(self) -> str:
        return f"Pattern({self.text!r}, whole={self.whole})"

    def found_in(self, text: str) -> bool:
        """Whether a text has what the expression describes."""
        return self._compiled.search(text) is not None

    def expand(self, text: str, template: str) -> str | None:
        """Return a template with the groups that a text has; ``None`` if it does not match.

        Args:
            text: the text.
            template: text with ``$1``, ``${1}`` or ``$name`` for groups; unknown groups are empty.
        """
        match = self._compiled.search(text)
        if match is None:
            return None

        def group(reference: re.Match[str]) -> str:
            if reference[1]:
                return "$"
            name = reference[2] or reference[3]
            if name.isdigit():
                number = int(name) if len(name) < 5 else len(match.groups()) + 1
                return str(match.group(number) or "") if number <= len(match.groups()) else ""
            return match.groupdict().get(name) or ""

        return _TEMPLATE.sub(group, template)


def _compile(expression: str, given: str) -> Any:
    try:
        re2 = importlib.import_module("re2")
    except ImportError:
        raise missing_extra("a regular expression of snmp.yml", "google-re2") from None
    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(expression, options=options)
    except (re2.error, UnicodeEncodeError) as error:
        reason = error.args[0] if error.args else error
        said = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        raise ConfigurationError(f"{quoted(given)} is no regular expression of RE2: {said}") from None


def number_of(text: str) -> float | None:
    """Return the number that a text is, as Go's strconv.ParseFloat reads it; ``None`` if it is none."""
    if _DECIMAL.fullmatch(text):
        number = float(text)
        return None if number in {float("inf"), float("-inf")} else number  # too large to be a number
    folded = text.lower()
    if folded.lstrip("+-") in _NAMED and len(folded) - len(folded.lstrip("+-")) <= (0 if "nan" in folded else 1):
        return float(folded)
    if folded.lstrip("+-").startswith("0x") and "p" in folded:
        try:
            return float.fromhex(text)
        except (ValueError, OverflowError):
            return None
    return None
