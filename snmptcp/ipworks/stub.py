"""Writes what is made of the tables: the stub that type checkers and editors read, and the tables of the docs page.

``python -m snmptcp.ipworks.stub`` writes the stub; given the path of ``docs/ipworks.md`` it writes the tables there.
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from snmptcp.ipworks.mgr import SNMPTCPMgr
from snmptcp.ipworks.objects import TYPE_NAMES
from snmptcp.ipworks.tables.events import EVENTS
from snmptcp.ipworks.tables.properties import PROPERTIES
from snmptcp.ipworks.tables.settings import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from snmptcp.ipworks.tables.events import Event
    from snmptcp.ipworks.tables.properties import Property
    from snmptcp.ipworks.tables.settings import Setting

__all__ = ("METHODS", "STUB", "docs_tables", "stub_text", "with_tables")

STUB = Path(__file__).with_name("__init__.pyi")

#: What a setter takes beside what its getter gives.
_TAKEN = {"bool": "bool | int | str", "int": "int | str", "str": "str | bytes", "bytes": "bytes | str | int"}

_BEGIN = "<!-- {name}: made by `python -m snmptcp.ipworks.stub docs/ipworks.md` -->"
_END = "<!-- end of {name} -->"


def _own_methods() -> dict[str, Callable[..., object]]:
    generated = {f"{verb}_{name}" for name in PROPERTIES for verb in ("get", "set")}
    return {
        name: member
        for name, member in vars(SNMPTCPMgr).items()
        if inspect.isfunction(member) and not name.startswith("_") and name not in generated
    }


#: The methods by their names.
METHODS = _own_methods()


# ------------------------------------------------------------------------------------------- the stub


def stub_text() -> str:
    """Return the whole stub."""
    return "\n".join((*_head(), *_event_classes(), *_manager(), ""))


def _head() -> Iterator[str]:
    names = ["IPWorksSNMPError", "SNMPTCPMgr", *sorted(event.class_name for event in EVENTS.values())]
    yield "# Made by `python -m snmptcp.ipworks.stub` of the tables of this package."
    yield "from collections.abc import Callable"
    yield ""
    yield f"__all__ = [{', '.join(map(repr, names))}]".replace("'", '"')
    yield ""
    yield "class IPWorksSNMPError(Exception):"
    yield "    code: int"
    yield "    message: str"
    yield '    def __init__(self, code: int = 0, message: str = "") -> None: ...'


def _event_classes() -> Iterator[str]:
    for event in EVENTS.values():
        yield ""
        yield f"class {event.class_name}:"
        parameters = "".join(f", {attribute.name}: {attribute.kind} = ..." for attribute in event.attributes)
        yield f"    def __init__(self{', *' if parameters else ''}{parameters}) -> None: ..."
        yield "    @property"
        yield "    def event_name(self) -> str: ..."
        for attribute in event.attributes:
            yield "    @property"
            yield f"    def {attribute.name}(self) -> {attribute.kind}: ..."
            if attribute.writable:
                yield f"    @{attribute.name}.setter"
                yield f"    def {attribute.name}(self, value: {_TAKEN[attribute.kind]}) -> None: ..."


def _manager() -> Iterator[str]:
    yield ""
    yield "class SNMPTCPMgr:"
    yield "    def __init__(self) -> None: ..."
    for name, method in METHODS.items():
        yield f"    def {name}{_signature(method)}: ..."
    for entry in PROPERTIES.values():
        yield from _row_members(entry) if entry.indexed else _value_members(entry)
    for event in EVENTS.values():
        yield from _event_members(event)


def _signature(method: Callable[..., object]) -> str:
    return str(inspect.signature(method)).replace("'", "")


def _row_members(entry: Property) -> Iterator[str]:
    yield f"    def get_{entry.name}(self, index: int) -> {entry.kind}: ..."
    if entry.writable:
        yield f"    def set_{entry.name}(self, index: int, value: {_TAKEN[entry.kind]}) -> None: ..."


def _value_members(entry: Property) -> Iterator[str]:
    yield f"    def get_{entry.name}(self) -> {entry.kind}: ..."
    if entry.writable:
        yield f"    def set_{entry.name}(self, value: {_TAKEN[entry.kind]}) -> None: ..."
    yield "    @property"
    yield f"    def {entry.name}(self) -> {entry.kind}: ..."
    if entry.writable:
        yield f"    @{entry.name}.setter"
        yield f"    def {entry.name}(self, value: {_TAKEN[entry.kind]}) -> None: ..."


def _event_members(event: Event) -> Iterator[str]:
    handler = f"Callable[[{event.class_name}], object] | None"
    yield "    @property"
    yield f"    def {event.name}(self) -> {handler}: ..."
    yield f"    @{event.name}.setter"
    yield f"    def {event.name}(self, handler: {handler}) -> None: ..."


# -------------------------------------------------------------------------------------------- the docs


def docs_tables() -> dict[str, str]:
    """Return the tables of the docs page by their names."""
    return {
        "properties": _table(
            ("property", "type", "default", "what it does here", "state"), map(_property_cells, PROPERTIES.values())
        ),
        "methods": _table(("method", "what it does here", "state"), map(_method_cells, METHODS.items())),
        "events": _table(("event", "attributes of its argument", "when", "state"), map(_event_cells, EVENTS.values())),
        "settings": _table(
            ("setting", "type", "default", "what it does here", "state"), map(_setting_cells, SETTINGS.values())
        ),
        "types": _table(("obj_type", "obj_type_string"), ((str(number), name) for number, name in TYPE_NAMES.items())),
    }


def with_tables(page: str) -> str:
    """Return the docs page with its tables made anew."""
    for name, table in docs_tables().items():
        begin, end = _BEGIN.format(name=name), _END.format(name=name)
        head, found, rest = page.partition(begin)
        _, also_found, tail = rest.partition(end)
        if not (found and also_found):
            raise ValueError(f"the page has no place for the table of {name}")
        page = f"{head}{begin}\n\n{table}\n{end}{tail}"
    return page


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n" for cells in lines)


def _property_cells(entry: Property) -> tuple[str, ...]:
    facts = [entry.doc]
    if entry.indexed:
        facts.append("Methods only, which take an index from 0.")
    if not entry.writable:
        facts.append("Read-only.")
    if entry.frozen:
        facts.append(f"Error {entry.frozen} while active.")
    return f"`{entry.name}`", entry.kind, f"`{entry.default!r}`", " ".join(facts), "works"


def _method_cells(item: tuple[str, Callable[..., object]]) -> tuple[str, ...]:
    name, method = item
    signature = str(inspect.signature(method)).replace("'", "").replace("(self, ", "(").replace("(self)", "()")
    return f"`{name}{signature}`", _one_line(method.__doc__), "works"


def _event_cells(event: Event) -> tuple[str, ...]:
    attributes = ", ".join(
        f"`{attribute.name}`{' (may be set)' * attribute.writable}" for attribute in event.attributes
    )
    return f"`{event.name}`", attributes or "none", event.doc, "works"


def _setting_cells(entry: Setting) -> tuple[str, ...]:
    doc = entry.doc if entry.writable else f"{entry.doc} Read-only."
    state = "works"
    if entry.otherwise:
        state = f"only as it is: {entry.otherwise}; any other value raises an error"
    return f"`{entry.name}`", entry.kind, f"`{entry.default!s}`" if entry.default != "" else "empty", doc, state


def _one_line(doc: str | None) -> str:
    return " ".join((doc or "").split())


def main(arguments: list[str]) -> None:
    """Write the stub, and the tables into the pages that are named."""
    STUB.write_text(stub_text())
    for path in map(Path, arguments):
        path.write_text(with_tables(path.read_text()))


if __name__ == "__main__":
    main(sys.argv[1:])
