"""YAML documents as plain data: texts, lists and mappings, within limits.

Contains: safe reading of YAML, and errors of its syntax.  Does not contain: what the data means
(:mod:`snmptcp.exporter.reading`).

Scalars stay the text that the document has (``null`` and nothing are ``None``), so that a password such as ``0123`` or
``1e5`` is not changed; what needs a number converts it.  No tag of a document makes an object of any class.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from snmptcp.errors import ConfigurationError
from snmptcp.exporter.extra import missing_extra
from snmptcp.printable import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

__all__ = ("MAX_LENGTH", "Data", "Span", "parse", "parse_with_spans", "to_yaml")

#: What a document consists of.
Data: TypeAlias = "str | list[Data] | dict[str, Data] | None"

#: Where a value stands in its text: the first character, the character behind it, and the column of the first.
Span: TypeAlias = tuple[int, int, int]

#: How long a document may be, in characters, how many values it may have after its aliases are replaced, and how deep
#: they may lie in each other.  The largest known file has 2,100,000 characters and 70,000 values.
MAX_LENGTH = 64 * 1024 * 1024
MAX_VALUES = 4_000_000
MAX_DEPTH = 50

_NULLS = frozenset(("", "~", "null", "Null", "NULL"))


def _yaml() -> ModuleType:
    try:
        return importlib.import_module("yaml")
    except ImportError:
        raise missing_extra("reading YAML", "PyYAML") from None


def parse(text: str, where: str) -> Data:
    """Return a document.

    Args:
        text: the YAML.
        where: what to call it in errors: the name of its file.

    Raises:
        ConfigurationError: it is no YAML, has several documents, a key twice, an alias that contains itself, or more
            than this reads.
    """
    return parse_with_spans(text, where)[0]


def parse_with_spans(text: str, where: str) -> tuple[Data, Mapping[str, Span]]:
    """Return a document, and where the values of its first level are in the text.

    Args:
        text: the YAML.
        where: what to call it in errors.

    Returns:
        The data; and the spans by key, for a mapping, otherwise none.

    Raises:
        ConfigurationError: as for :func:`parse`.
    """
    if len(text) > MAX_LENGTH:
        raise ConfigurationError(f"{where} has {len(text):,} characters; at most {MAX_LENGTH:,} are read")
    yaml = _yaml()
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    composer = _Composer(where)
    try:
        # Events, because the library's own composer overflows the stack of C when a document is nested too deep.
        for event in yaml.parse(text, Loader=loader):
            composer.take(event, type(event).__name__)
    except (yaml.YAMLError, ValueError) as error:
        if isinstance(error, ConfigurationError):
            raise
        raise ConfigurationError(f"{where} is no YAML that can be read: {' '.join(str(error).split())}") from None
    return composer.data, composer.spans


@dataclass(slots=True)
class _Open:
    """A list or a mapping whose end has not come.

    Attributes:
        value: what it has so far.
        anchor: its name, for aliases.
        start: the mark of its first character.
        before: how many values the document had before it.
        key: the key whose value comes next, for a mapping; ``None`` if a key comes next.
        plain_key: whether that key stands without quotes.
        merged: what the merge keys of a mapping bring.
    """

    value: list[Data] | dict[str, Data]
    anchor: str | None
    start: Any
    before: int
    key: str | None = None
    plain_key: bool = False
    merged: dict[str, Data] = field(default_factory=dict)


class _Composer:
    """Makes data of the parser's events.

    Args:
        where: what to call the document in errors.

    Attributes:
        data: the document, after its last event.
        spans: where the values of the first level are.
    """

    def __init__(self, where: str) -> None:
        self.data: Data = None
        self.spans: dict[str, Span] = {}
        self._where = where
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Data, int]] = {}  # with the number of values in each
        self._count = 0
        self._documents = 0

    def take(self, event: Any, kind: str) -> None:
        """Take one event; ``kind`` is the name of its class."""
        take = getattr(self, f"_{kind}", None)
        if take is not None:
            take(event)

    def _fault(self, text: str, event: Any) -> ConfigurationError:
        return ConfigurationError(f"{self._where}, line {event.start_mark.line + 1}: {text}")

    def _counted(self, event: Any, values: int = 1) -> None:
        self._count += values
        if self._count > MAX_VALUES:
            raise self._fault(f"more than {MAX_VALUES:,} values, counting those of aliases (*name)", event)

    def _DocumentStartEvent(self, event: Any) -> None:
        self._documents += 1
        if self._documents > 1:
            raise self._fault("a second document (---) begins here; a file has one", event)

    def _ScalarEvent(self, event: Any) -> None:
        self._counted(event)
        is_plain = not event.style
        if self._open and self._wants_key():
            self._take_key(event.value, event, is_plain=is_plain)
            return
        value = None if is_plain and event.value in _NULLS else event.value
        self._name(event.anchor, value, 1)
        self._add(value, event, event.start_mark)

    def _AliasEvent(self, event: Any) -> None:
        if any(each.anchor == event.anchor for each in self._open):
            raise self._fault(f"the alias *{event.anchor} stands inside of what it names", event)
        if event.anchor not in self._anchors:
            raise self._fault(f"the alias *{event.anchor} names nothing above it (&{event.anchor})", event)
        value, values = self._anchors[event.anchor]
        self._counted(event, values)
        if self._open and self._wants_key():
            if not isinstance(value, str):
                raise self._fault("a key must be text", event)
            self._take_key(value, event, is_plain=False)
        else:
            self._add(value, event, event.start_mark)

    def _SequenceStartEvent(self, event: Any) -> None:
        self._begin([], event)

    def _MappingStartEvent(self, event: Any) -> None:
        self._begin({}, event)

    def _begin(self, value: list[Data] | dict[str, Data], event: Any) -> None:
        if self._open and self._wants_key():
            raise self._fault("a key must be text", event)
        if len(self._open) == MAX_DEPTH:
            raise self._fault(f"nested more than {MAX_DEPTH} deep", event)
        before = self._count
        self._counted(event)
        self._open.append(_Open(value, event.anchor, event.start_mark, before))

    def _SequenceEndEvent(self, event: Any) -> None:
        self._end(event)

    def _MappingEndEvent(self, event: Any) -> None:
        ended = self._open[-1]
        if isinstance(ended.value, dict):
            for key, value in ended.merged.items():
                ended.value.setdefault(key, value)
        self._end(event)

    def _end(self, event: Any) -> None:
        ended = self._open.pop()
        self._name(ended.anchor, ended.value, self._count - ended.before)
        self._add(ended.value, event, ended.start)

    def _name(self, anchor: str | None, value: Data, values: int) -> None:
        if anchor is not None:
            self._anchors[anchor] = (value, values)

    def _wants_key(self) -> bool:
        return isinstance(self._open[-1].value, dict) and self._open[-1].key is None

    def _take_key(self, key: str, event: Any, *, is_plain: bool) -> None:
        parent = self._open[-1]
        if key in parent.value:
            raise self._fault(f"the key {quoted(key)} stands twice in one place", event)
        parent.key, parent.plain_key = key, is_plain

    def _add(self, value: Data, event: Any, start: Any) -> None:
        """Add a value, which ends with an event, to what is open."""
        if not self._open:
            self.data = value
            return
        parent = self._open[-1]
        if isinstance(parent.value, list):
            parent.value.append(value)
            return
        key, parent.key = parent.key or "", None
        if key == "<<" and parent.plain_key:
            self._merge(parent.merged, value, event)
            return
        parent.value[key] = value
        if len(self._open) == 1:
            self.spans[key] = (start.index, event.end_mark.index, start.column)

    def _merge(self, merged: dict[str, Data], value: Data, event: Any) -> None:
        """Add what a merge key (``<<: *name``) brings; the first of several wins."""
        for each in value if isinstance(value, list) else [value]:
            if not isinstance(each, dict):
                raise self._fault("a merge (<<) takes a mapping, or a list of them", event)
            for key, item in each.items():
                merged.setdefault(key, item)


def to_yaml(data: object) -> str:
    """Return plain data as YAML, in the order and the style of snmp_exporter's own files."""
    yaml = _yaml()
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text: str = yaml.dump(data, Dumper=dumper, sort_keys=False, allow_unicode=True, width=80)
    return text
