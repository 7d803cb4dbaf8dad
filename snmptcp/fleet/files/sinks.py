"""The tables ``[[sinks]]`` of a fleet's file: where samples are written.

Contains: from a table to the description of a sink, and the sink of a description.  Does not contain: the sinks
(:mod:`snmptcp.fleet.sinks`), which are imported when a file names them.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from snmptcp.errors import ConfigurationError
from snmptcp.fleet import sinks
from snmptcp.fleet.files.fields import TEXT
from snmptcp.fleet.files.mistakes import alternatives

if TYPE_CHECKING:
    from collections.abc import Mapping

    from snmptcp.fleet.files.mistakes import Place
    from snmptcp.fleet.sinks import Sink
    from snmptcp.mib.mib import Mib

__all__ = ("SINKS", "SinkDescription", "SinkType", "has_headers", "keys_of", "read_sink")


class SinkType(NamedTuple):
    """A type of sink.

    Attributes:
        class_name: its class in :mod:`snmptcp.fleet.sinks`.
        path: the argument that is a file or a folder to write, whose key is ``path``; empty for none.
        files: further arguments that are names of files.
    """

    class_name: str
    path: str = ""
    files: frozenset[str] = frozenset()


#: The types of sinks by their names.
SINKS: Mapping[str, SinkType] = {
    "sqlite": SinkType("SqliteSink", "path"),
    "ndjson": SinkType("NdjsonSink", "output"),
    "parquet": SinkType("ParquetSink", "folder"),
    "prometheus": SinkType("PrometheusSink", "path"),
    "otlp": SinkType("OtlpSink", files=frozenset({"certificate_file", "client_certificate_file", "client_key_file"})),
}

#: The argument that a program gives, not a file.
_MIB = "mib"


@dataclass(frozen=True, slots=True)
class SinkDescription:
    """A sink that a file asks for.

    Attributes:
        type: its type, such as ``"sqlite"``.
        options: the arguments of its class.
        name: what health and messages call it; empty for the name that its class has.
        place: the file and the table, for errors.
    """

    type: str
    options: Mapping[str, Any] = field(repr=False)  # there may be secrets among them
    name: str
    place: str = field(compare=False)

    def make(self, mib: Mib | None = None) -> Sink:
        """Return the sink; it is not open.

        Args:
            mib: the MIB modules, for sinks that tell what objects mean; optional.

        Raises:
            ConfigurationError: an option is wrong, or a library that it needs is not installed.
        """
        try:
            kind = _class_of(self.type)
            modules = {_MIB: mib} if _MIB in inspect.signature(kind).parameters else {}
            sink: Sink = kind(**self.options, **modules)
        except ConfigurationError:
            raise
        except (ImportError, TypeError, ValueError) as error:
            raise ConfigurationError(str(error)) from error
        if self.name:
            sink.name = self.name
        return sink


def read_sink(table: Mapping[str, object], place: Place) -> SinkDescription | None:
    """Return the description of a table; ``None`` after a mistake.

    Args:
        table: what the file says.
        place: the table; takes unknown types and keys.
    """
    kind = table.get("type")
    if kind is None:
        place.add(f"type is missing{alternatives('', SINKS)}")
        return None
    if not isinstance(kind, str) or kind not in SINKS:
        shown = str(kind)[:60] if isinstance(kind, str) else type(kind).__name__
        place.key("type").add(f"{shown!r} is no type of sink{alternatives(shown, SINKS)}")
        return None
    before = len(place.mistakes)
    with place.noting():
        _check_keys(kind, table, place)
    options: dict[str, object] = {}
    name = ""
    for key, value in table.items():
        inside = place.key(key)
        with inside.noting():
            if key == "name":
                name = TEXT.value(value, inside)
            elif key == "path":
                options[SINKS[kind].path] = _path(TEXT.value(value, inside), inside)
            elif key in SINKS[kind].files:
                options[key] = str(inside.file(TEXT.value(value, inside)))
            elif key != "type":
                options[key] = value
    return SinkDescription(kind, options, name, place.name) if len(place.mistakes) == before else None


def _check_keys(kind: str, table: Mapping[str, object], place: Place) -> None:
    """Note unknown and missing keys.

    Raises:
        ConfigurationError: a library that the sink needs is not installed.
    """
    keys = keys_of(kind)
    for key in table:
        if key not in {"type", "name"} and key not in keys:
            place.add(f"a sink of type {kind} has no key {key[:60]!r}{alternatives(key, [*keys, 'name'])}")
    for key, is_needed in keys.items():
        if is_needed and key not in table:
            place.add(f"a sink of type {kind} needs the key {key!r}")


def keys_of(kind: str) -> dict[str, bool]:
    """Return the keys of a type of sink besides ``type`` and ``name``, and whether each must be given.

    Raises:
        ConfigurationError: a library that the sink needs is not installed.
    """
    try:
        parameters = inspect.signature(_class_of(kind)).parameters.values()
    except ImportError as error:
        raise ConfigurationError(str(error)) from error
    named = [each for each in parameters if each.kind in {each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY}]
    path = SINKS[kind].path
    keys = {"path" if each.name == path else each.name: each.default is each.empty for each in named}
    return {key: is_needed for key, is_needed in keys.items() if key != _MIB}


def has_headers(table: Mapping[str, object]) -> bool:
    """Whether a table has headers of HTTP, which may have a token or a password."""
    return "headers" in table


def _path(name: str, place: Place) -> str:
    """Return the path of a file; ``-`` stands for stdout."""
    return name if name == "-" else str(place.file(name))


def _class_of(kind: str) -> Any:
    """Return the class of a type of sink.

    Raises:
        ImportError: a library that it needs is not installed.
    """
    return getattr(sinks, SINKS[kind].class_name)
