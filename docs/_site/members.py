"""The members of a public class that the reference shows."""

from __future__ import annotations

import enum
import inspect
from dataclasses import is_dataclass
from typing import TYPE_CHECKING, Any

from _site.docstrings import described_arguments, described_attributes
from _site.public import CALLED_BY_THE_LIBRARY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ("members_of",)


def members_of(kind: type, is_public: Callable[[type], bool]) -> list[str]:
    """Return the names of the members that the reference shows, in the order of the source.

    Methods and properties with a docstring of their own, members of enumerations, and attributes that the class has
    besides its arguments.  What bases that are not public define belongs to the class.  Methods that only get or set a
    property (``get_x``, ``set_x``) are left out.

    Args:
        kind: the class.
        is_public: whether the reference describes another class.
    """
    owners = [kind, *(base for base in kind.__mro__[1:] if _is_ours(base) and not is_public(base))]
    shown = dict.fromkeys(name for owner in owners for name in _own_members(owner, kind))
    hidden = CALLED_BY_THE_LIBRARY.get(kind.__name__, set())
    return [name for name in shown if name not in hidden and not _is_accessor(kind, name)]


def _is_accessor(kind: type, name: str) -> bool:
    """Return whether a method only gets or sets a property."""
    return name.startswith(("get_", "set_")) and isinstance(inspect.getattr_static(kind, name[4:], None), property)


def _is_ours(kind: type) -> bool:
    return kind.__module__.split(".")[0] == "snmptcp"


def _own_members(owner: type, kind: type) -> Iterable[str]:
    names = dict.fromkeys([*inspect.get_annotations(owner), *vars(owner)])
    if issubclass(kind, enum.Enum):
        names = dict.fromkeys([*getattr(owner, "__members__", {}), *names])
    described, arguments = described_attributes(owner), described_arguments(owner)
    for name in names:
        if name.startswith("_"):
            continue
        item = inspect.getattr_static(owner, name, None)
        if _documents_itself(item):
            if inspect.getdoc(item) and _own_docstring(item):
                yield name
        elif (
            name in described
            or (issubclass(kind, enum.Enum) and name in kind.__members__)
            or ((is_dataclass(owner) or _is_named_tuple(owner)) and name not in arguments)
        ):
            yield name


def _documents_itself(item: object) -> bool:
    return inspect.isroutine(item) or isinstance(item, property | classmethod | staticmethod)


def _own_docstring(item: Any) -> bool:
    return bool(getattr(getattr(item, "__func__", item), "__doc__", None))


def _is_named_tuple(kind: type) -> bool:
    return issubclass(kind, tuple) and hasattr(kind, "_fields")
