"""The words of the SMI: its keywords, macros and clauses, and how vendors misspell them.

Contains: the words.  Does not contain: where they may stand (:mod:`snmptcp.mib.repairs.definitions`).
"""

from __future__ import annotations

import difflib
import functools

__all__ = ("CLAUSES", "KEYWORDS", "MACROS", "closest", "is_label", "is_name", "spelled")

#: The macros that define an object: ``name MACRO ... ::= value``.
MACROS = frozenset(
    (
        "AGENT-CAPABILITIES",
        "MODULE-COMPLIANCE",
        "MODULE-IDENTITY",
        "NOTIFICATION-GROUP",
        "NOTIFICATION-TYPE",
        "OBJECT-GROUP",
        "OBJECT-IDENTITY",
        "OBJECT-TYPE",
        "TRAP-TYPE",
    )
)

#: The words with which a clause of a macro begins.
CLAUSES = frozenset(
    (
        "ACCESS",
        "AUGMENTS",
        "CONTACT-INFO",
        "CREATION-REQUIRES",
        "DEFVAL",
        "DESCRIPTION",
        "DISPLAY-HINT",
        "ENTERPRISE",
        "GROUP",
        "INCLUDES",
        "INDEX",
        "LAST-UPDATED",
        "MANDATORY-GROUPS",
        "MAX-ACCESS",
        "MIN-ACCESS",
        "MODULE",
        "NOTIFICATIONS",
        "OBJECT",
        "OBJECTS",
        "ORGANIZATION",
        "PRODUCT-RELEASE",
        "REFERENCE",
        "REVISION",
        "STATUS",
        "SUPPORTS",
        "SYNTAX",
        "UNITS",
        "VARIABLES",
        "VARIATION",
        "WRITE-SYNTAX",
    )
)

#: All words with a meaning of their own, which name nothing else.
KEYWORDS = (
    MACROS
    | CLAUSES
    | frozenset(
        (
            *("BEGIN", "BITS", "CHOICE", "DEFINITIONS", "END", "EXPORTS", "FROM", "IDENTIFIER", "IMPLICIT", "IMPLIED"),
            *("IMPORTS", "INTEGER", "MACRO", "OCTET", "OF", "PIB-DEFINITIONS", "SEQUENCE", "SIZE", "STRING"),
            *("TEXTUAL-CONVENTION", "UNIVERSAL", "APPLICATION"),
        )
    )
)

#: What the compiler's lexer takes for something else than a name.
_NO_LABELS = KEYWORDS | frozenset(
    (
        *("ABSENT", "ANY", "BIT", "BOOLEAN", "BY", "COMPONENT", "COMPONENTS", "DEFAULT", "DEFINED", "ENUMERATED"),
        *("EXPLICIT", "EXTENDS", "EXTERNAL", "FALSE", "INSTALL-ERRORS", "MAX", "MIN", "MINUS-INFINITY", "NULL"),
        *("OPTIONAL", "PIB-ACCESS", "PIB-INDEX", "PIB-MIN-ACCESS", "PIB-REFERENCES", "PIB-TAG", "PLUS-INFINITY"),
        *("POLICY-ACCESS", "PRESENT", "PRIVATE", "REAL", "SET", "SUBJECT-CATEGORIES", "TAGS", "TRUE", "UNIQUENESS"),
        *("VALUE", "WITH", "Counter", "Counter32", "Counter64", "Gauge", "Gauge32", "Integer32", "IpAddress"),
        *("NetworkAddress", "Opaque", "TimeTicks", "Unsigned32"),
    )
)


def is_label(word: str) -> bool:
    """Whether the compiler takes a word for the name of an object, a number or a bit."""
    stripped = word.lstrip("0123456789")
    return (
        bool(stripped)
        and stripped[0].islower()
        and stripped.isascii()
        and not word.endswith("-")
        and stripped.replace("-", "").replace("_", "").isalnum()
    )


def is_name(word: str) -> bool:
    """Whether the compiler takes a word for a name, which may begin with a capital."""
    return is_label(word) or (
        word[:1].isascii()
        and word[:1].isupper()
        and word not in _NO_LABELS
        and not word.startswith(("MACRO", "CHOICE", "EXPORTS"))
        and not word.endswith("-")
        and word.isascii()
        and word.replace("-", "").replace("_", "").isalnum()
    )


@functools.cache
def spelled(word: str) -> str | None:
    """Return the keyword that a word is but for its case and hyphens: ``Max-Access``, ``MAX_ACCESS``, ``MAXACCESS``.

    ``None`` if it is none, or is spelt as it should be.
    """
    if word in KEYWORDS or len(word) < 5:
        return None
    return _BY_LETTERS.get(_letters(word))


@functools.cache
def closest(word: str) -> str | None:
    """Return the keyword that a word in capitals is but for a letter or two: ``DESCRIPTON``; ``None`` if it is none."""
    found = spelled(word)
    if found is not None or word in KEYWORDS or len(word) < 5 or not word.isupper():
        return found
    close = difflib.get_close_matches(word, sorted(KEYWORDS), n=1, cutoff=0.85)
    return close[0] if close else None


def _letters(word: str) -> str:
    return word.replace("-", "").replace("_", "").upper()


_BY_LETTERS = {_letters(keyword): keyword for keyword in KEYWORDS if len(keyword) > 4}
