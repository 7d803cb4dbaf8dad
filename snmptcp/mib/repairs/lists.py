"""The lists of a definition: named numbers, names, columns, ranges, and the arcs of an OID, however they are written.

Contains: reading them with missing or additional commas, braces and brackets.  Does not contain: where they stand in a
definition (:mod:`snmptcp.mib.repairs.clauses`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from snmptcp.mib.repairs.words import CLAUSES, is_label, is_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from snmptcp.mib.repairs.lexer import Token
    from snmptcp.mib.repairs.stand_ins import StandIns

__all__ = ("Listed", "read_arcs", "read_columns", "read_names", "read_numbers", "read_ranges")

#: The greatest number that the compiler takes.
_MOST = 2**64 - 1

#: The roots of all OIDs by their names, but for iso (X.660).
_ROOTS = {"ccitt": "0", "itu-t": "0", "joint-iso-ccitt": "2", "joint-iso-itu-t": "2"}

#: The first words of the types that have two.
_PAIRS = {"OCTET": "STRING", "OBJECT": "IDENTIFIER", "BIT": "STRING"}


class Listed(NamedTuple):
    """A list as the compiler reads it, and the position behind it in the tokens.

    Attributes:
        text: the list in the form of the grammar; ``""`` if there is nothing in it.
        end: the position behind it.
        left_out: what could not be read, as text.
    """

    text: str
    end: int
    left_out: tuple[str, ...] = ()


def ends_list(token: Token) -> bool:
    """Whether a list without its closing brace has ended before this token."""
    return token.text == "::=" or (token.first and token.text in CLAUSES)


def number_of(token: Token) -> int | None:
    """Return the value of a number, however it is written; ``None`` if it is none."""
    text, value = token.text, None
    try:
        if token.kind == "number":
            value = int(text)
        elif token.kind == "literal":
            value = int("".join(text[1:-2].split()), 16 if text[-1] in "hH" else 2)
        elif token.kind == "word" and text[:2] in ("0x", "0X"):
            value = int(text, 0)
        elif token.kind == "string":
            value = int(text[1:-1])
    except ValueError:
        return None
    return value if value is not None and abs(value) <= _MOST else None


# ---------------------------------------------------------------------------------------- named numbers


def read_numbers(tokens: Sequence[Token], start: int, stand_ins: StandIns, least: int = -_MOST) -> Listed:
    """Read named numbers, ``{ up(1), down(2) }``, whose opening brace is here; bits are 0 at least."""
    items: list[str] = []
    left_out: list[str] = []
    position = start + 1
    while position < len(tokens) and tokens[position].text != "}":
        if ends_list(tokens[position]) and not _is_named(tokens, position):
            return Listed(", ".join(items), position, tuple(left_out))
        label, position = _read_label(tokens, position)
        number, position = _read_number(tokens, position)
        name = _label_of(label)
        if name and number is not None and number >= least:
            items.append(f"{name if is_label(name) else stand_ins.name(name)}({number})")
        elif name:
            left_out.append(name)
    return Listed(", ".join(items), position + 1, tuple(left_out))


def _is_named(tokens: Sequence[Token], position: int) -> bool:
    return position + 1 < len(tokens) and tokens[position + 1].text == "("


def _read_label(tokens: Sequence[Token], position: int) -> tuple[list[Token], int]:
    """Return the tokens up to an opening bracket, or to what ends a label without one."""
    label: list[Token] = []
    while position < len(tokens) and tokens[position].text not in ("(", "}"):
        token = tokens[position]
        if token.text in (",", ";", "|", ")"):
            position += 1
            if label:
                break
            continue
        if ends_list(token) and not _is_named(tokens, position):
            break
        if label and token.line > label[-1].line:
            label = []  # a line between two names
        label.append(token)
        position += 1
    return label, position


def _read_number(tokens: Sequence[Token], position: int) -> tuple[int | None, int]:
    """Return the number in brackets, the second of which may be missing."""
    if position >= len(tokens) or tokens[position].text != "(":
        return None, position
    position += 1
    number = number_of(tokens[position]) if position < len(tokens) else None
    if number is not None:
        position += 1
    while position < len(tokens) and tokens[position].text in ("(", ")"):
        position += 1
    return number, position


def _label_of(tokens: Sequence[Token]) -> str:
    """Return a label as it is written: words that stand side by side belong together."""
    label, end = "", None
    for token in tokens:
        text = token.text[1:-1].strip() if token.kind == "string" else token.text
        label += text if end in (None, token.start) or not label else f"-{text}"
        end = token.start + len(token.text)
    return "-".join("".join(char if char.isprintable() else " " for char in label).split()).strip("-")


# ------------------------------------------------------------------------------------------------ names


def read_names(tokens: Sequence[Token], start: int, stand_ins: StandIns) -> Listed:
    """Read names, ``{ IMPLIED a, b }``, from the brace or the first name on."""
    items: list[str] = []
    left_out: list[str] = []
    braced = tokens[start].text == "{" if start < len(tokens) else False
    position = start + braced
    implied = ""
    while position < len(tokens) and tokens[position].text != "}":
        token = tokens[position]
        if ends_list(token) or (not braced and token.text in CLAUSES):
            return Listed(", ".join(items), position, tuple(left_out))
        position += 1
        if token.text == "IMPLIED":
            implied = "IMPLIED "
        elif token.text in _PAIRS and tokens[position : position + 1] and tokens[position].text == _PAIRS[token.text]:
            items.append(f"{token.text} {tokens[position].text}")
            position += 1
        elif token.kind == "word":
            legal = is_name(token.text) or token.text in ("INTEGER", "IpAddress", "NetworkAddress")
            items.append(implied + (token.text if legal else stand_ins.name(token.text)))
            implied = ""
        elif token.text != ",":
            left_out.append(token.text[:40])
    return Listed(", ".join(items), min(position + 1, len(tokens)), tuple(left_out))


def read_columns(tokens: Sequence[Token], start: int, stand_ins: StandIns) -> Listed:
    """Read the columns of a SEQUENCE, ``{ ifIndex INTEGER, ... }``, whose opening brace is here.

    Only their names matter: their types are those of the objects.
    """
    items: list[str] = []
    position = start + 1
    while position < len(tokens) and tokens[position].text != "}":
        token = tokens[position]
        position += 1
        if token.kind not in ("word", "string"):
            continue
        name = token.text.strip('"')
        if position < len(tokens) and tokens[position].text == ",":  # a name without a type
            position += 1
        else:
            position = _skip_type(tokens, position)
        items.append(f"{name if is_label(name) else stand_ins.name(name)} INTEGER")
    return Listed(", ".join(items), position + 1)


def _skip_type(tokens: Sequence[Token], position: int) -> int:
    """Return the position behind a type, with its constraint."""
    if position < len(tokens) and tokens[position].text in _PAIRS:
        position += 1
    if position < len(tokens) and tokens[position].kind == "word":
        position += 1
    opened: list[str] = []
    while position < len(tokens):
        text = tokens[position].text
        if text in ("(", "{"):
            opened.append(text)
        elif opened and text in (")", "}"):
            opened.pop()
        elif not opened or (opened[-1] == "(" and text == ","):  # a bracket that is not closed
            break
        position += 1
    return position


# ----------------------------------------------------------------------------------------------- ranges


def read_ranges(tokens: Sequence[Token], start: int) -> Listed:
    """Read ``(0..255)``, ``(SIZE (0..255))`` or ``SIZE (0..255)``, which begins here."""
    position, depth, sized = start, 0, False
    bounds: list[list[str]] = [[]]
    readable = True
    while position < len(tokens):
        token = tokens[position]
        position += 1
        if token.text in ("(", ")"):
            depth += 1 if token.text == "(" else -1
            if depth <= 0:
                break
        elif token.text == "SIZE":
            sized = True
        elif token.text in ("|", ","):
            bounds.append([])
        elif token.text in ("MIN", "MAX") or number_of(token) is not None:
            bound = _bound(token, sized=sized)
            joined = bounds[-1] and number_of(tokens[position - 2]) is not None  # 0-5
            bounds[-1].append(bound.removeprefix("-") if joined else bound)
        elif token.text in CLAUSES or token.text == "::=":
            position -= 1
            break
        elif not token.text.startswith("..") and token.text.lower() not in ("to", "-"):
            readable = False
    ranges = [pair for pair in bounds if pair]
    if not readable or not ranges or any(len(pair) > 2 for pair in ranges):
        return Listed("", position, ("".join(token.text for token in tokens[start:position])[:60],))
    text = f"({' | '.join('..'.join(pair) for pair in ranges)})"
    return Listed(f"(SIZE {text})" if sized else text, position)


def _bound(token: Token, *, sized: bool) -> str:
    if token.text == "MIN":
        return "0" if sized else "-2147483648"
    if token.text == "MAX":
        return "MAX"
    return str(number_of(token))


# --------------------------------------------------------------------------------------------------- OIDs


def read_arcs(tokens: Iterable[Token], stand_ins: StandIns) -> str:
    """Return the arcs of an OID, ``enterprises 9 1`` for the tokens of ``{ enterprises 9 1 }``; ``""`` without any."""
    arcs: list[str] = []
    bracket = False
    for token in tokens:
        if token.text == "}":
            break
        if token.kind == "number" and not token.text.startswith("-"):
            if bracket and arcs:
                arcs[-1] += f"({token.text})"
            else:
                arcs.append(token.text)
        elif token.kind == "word":
            arcs.append(_ROOTS.get(token.text, token.text if is_name(token.text) else stand_ins.name(token.text)))
        elif token.text == "(":
            bracket = bool(arcs)  # otherwise it stands for a brace
        elif token.text == ")":
            bracket = False
        elif token.text not in ("{", ".", ",", ";"):
            return ""
    return " ".join(arcs)
