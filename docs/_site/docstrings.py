"""What docstrings in Google's style say about the attributes and the arguments of a class."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ("described_arguments", "described_attributes", "without_attributes")

#: The heading of a section.
_SECTION = re.compile(r"^(\w+):$")

#: An entry of such a section.
_ENTRY = re.compile(r"^ {4}\*{0,2}(\w+)(?: \([^)]*\))?: ?(.*)$")


def described_attributes(kind: type) -> dict[str, list[str]]:
    """Return what a class's docstring says about its attributes: lines, by the attribute's name."""
    return _entries(kind, "Attributes")


def described_arguments(kind: type) -> dict[str, list[str]]:
    """Return what a class's docstring says about its arguments."""
    return _entries(kind, "Args")


def _entries(kind: type, section: str) -> dict[str, list[str]]:
    """Return the entries of one section of a class's docstring: their texts, by their names."""
    found: dict[str, list[str]] = {}
    inside, name = False, ""
    for line in inspect.cleandoc(kind.__doc__ or "").splitlines():
        if heading := _SECTION.match(line):
            inside = heading[1] == section
        elif line and not line.startswith(" "):
            inside = False
        elif inside and (entry := _ENTRY.match(line)):
            name = entry[1]
            found[name] = [entry[2]]
        elif inside and name:
            found[name].append(line[8:])
    return found


def without_attributes(lines: list[str], names: Collection[str]) -> list[str]:
    """Return the lines of a class's docstring without some entries of the section about attributes."""
    left: list[str] = []
    inside = dropping = headed = False
    for line in lines:
        if heading := _SECTION.match(line):
            inside, dropping, headed = heading[1] == "Attributes", False, False
            left += [] if inside else ["", line]
            continue
        if line and not line.startswith(" "):
            inside = dropping = False
        elif inside and (entry := _ENTRY.match(line)):
            dropping = entry[1] in names
            if not (dropping or headed):
                headed = True
                left.append("Attributes:")
        if not dropping:
            left.append(line)
    return left
