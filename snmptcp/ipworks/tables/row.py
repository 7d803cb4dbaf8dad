"""What the rows of the tables of properties and settings have in common."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ("PORT", "POSITIVE", "Row")

#: The greatest port number, and the greatest number of the tables (an Integer32).
PORT = 0xFFFF
POSITIVE = 0x7FFFFFFF


@dataclass(frozen=True)
class Row:
    """One property or setting.

    Attributes:
        name: its name.
        kind: the type of its value: ``bool``, ``int``, ``str`` or ``bytes``.
        default: its value in a new object.
        doc: what it does.
        writable: whether it can be set.
        least: the smallest number allowed.
        most: the greatest number allowed.
        choices: the values allowed, if they are not a range.
        otherwise: why other values than ``choices`` have no effect here, although they are accepted; empty if they are
            no values at all.
        without_effect: why it has no effect here, whatever its value; empty if it has one.
        partly: what of the row cannot be honoured here, for the docs; empty if nothing.
        words: whether a number may be given as True (1) or False (0), as in earlier editions.
        frozen: the code of the error if it is set while it is frozen; 0 if it is never frozen.
    """

    name: str
    kind: str
    default: object
    doc: str
    writable: bool = True
    least: int | None = None
    most: int | None = None
    choices: tuple[object, ...] = ()
    otherwise: str = ""
    without_effect: str = ""
    partly: str = ""
    words: bool = False
    frozen: int = 0
