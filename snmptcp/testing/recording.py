"""Recordings of devices: files of any form to variables that an agent can serve.

Contains: telling the forms apart, collecting the variables in their order, and the lines that cannot be read.
Does not contain: the lines of each form (:mod:`~snmptcp.testing.snmprec`, :mod:`~snmptcp.testing.walk_text`,
:mod:`~snmptcp.testing.foreign`), opening files (:mod:`~snmptcp.testing.reading`).

The values stay encoded until an agent reads them first.
"""

from __future__ import annotations

import enum
import itertools
import logging
import os
import random
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from snmptcp.codec import ber
from snmptcp.codec.pdu import encode_varbind
from snmptcp.errors import ConfigurationError
from snmptcp.oid import OID
from snmptcp.testing.foreign import parse_dump_line, parse_json_line, parse_sap_line
from snmptcp.testing.mib import Mib, Variable, Variation, sort_key
from snmptcp.testing.reading import FAILURES, RecordingSource, lines_of
from snmptcp.testing.snmprec import parse_fields, shown
from snmptcp.testing.variation import World
from snmptcp.testing.walk_text import IS_TYPED, MARGIN, START, numbered, parse_walk_value, walk_records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from snmptcp.testing.reading import Progress
    from snmptcp.values import Value

__all__ = (
    "BadLine",
    "Recording",
    "RecordingForm",
    "RecordingSource",
    "load_recording",
    "load_snmprec",
    "read_recording",
)

logger = logging.getLogger(__name__)

#: How many lines decide about the form.
_SAMPLE = 200

#: How many prefixes of names, and how many values, are remembered while a file is read.
_REMEMBERED = 100_000

#: A longer value is not remembered.
_SHORT = 48

#: How many bad lines the log names.
_LOGGED = 3


class RecordingForm(enum.Enum):
    """The form of a recording."""

    #: snmpsim's own: ``oid|tag|value``.
    SNMPREC = "snmprec"
    #: What net-snmp's ``snmpwalk -On`` prints, and ``snmptcp walk``.
    WALK = "walk"
    #: SimpleAgentPro's: ``oid, type, value``.
    SAPWALK = "sapwalk"
    #: ``oid|tag|value`` with tags from 0 to 9.
    DUMP = "dump"
    #: What ``snmptcp walk --json`` prints: one object on each line.
    JSON = "json"


class BadLine(NamedTuple):
    """A line that cannot be read.

    Attributes:
        line: its number, from 1.
        text: the line, shortened.
        reason: why.
    """

    line: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording that has been read.

    Attributes:
        variables: the variables, in the order of their names; ready for an :class:`~snmptcp.testing.Agent`.
        skipped: the lines that cannot be read.
        form: the form that was recognized.
        duplicates: how many lines named a variable again; the last one counts.
        name: the file's name; empty if it is unknown.
    """

    variables: Mib
    skipped: tuple[BadLine, ...]
    form: RecordingForm
    duplicates: int
    name: str = ""

    def complaint(self) -> str:
        """Return one line about what was skipped: the total, and the first lines with their reasons."""
        first_ones = "; ".join(f"line {each.line}: {each.reason}" for each in self.skipped[:_LOGGED])
        more = f"; and {len(self.skipped) - _LOGGED:,} more" if len(self.skipped) > _LOGGED else ""
        lines = "line" if len(self.skipped) == 1 else "lines"
        return f"{self.name or 'the recording'}: skipped {len(self.skipped):,} {lines}: {first_ones}{more}"


# ----------------------------------------------------------------------------------------- loading


def load_recording(
    source: RecordingSource,
    strict: bool = False,  # noqa: FBT001, FBT002 - used by name, or as in load_recording(path, True)
    *,
    form: RecordingForm | str | None = None,
    seed: int | None = None,
    now: Callable[[], float] = time.time,
    progress: Progress | None = None,
) -> Recording:
    """Read a recording of any form, and put its variables in order.

    The file may be compressed by gzip, bzip2, xz, or (from Python 3.14 on) Zstandard.  It blocks: with a large file,
    call it before the event loop starts or in a thread.

    Args:
        source: the file's path, the open file, or lines.
        strict: whether the first line that cannot be read is an error.  Otherwise such lines are skipped: the result
            has them, and a warning in the log names the first ones.
        form: the form; optional, default what the content and the name say.
        seed: of the random numbers of variation modules; optional.
        now: returns the time of variation modules, in seconds since 1970.
        progress: called now and then with the octets that have been read, and the size of the file (0 if unknown).

    Raises:
        ConfigurationError: with ``strict``, a line cannot be read; always, if no line can be read, or if the walk has
            no types.  The text names the file and the line.
        OSError: the file cannot be read, or its compression is broken.
    """
    recording = read_recording(source, strict=strict, form=form, seed=seed, now=now, progress=progress)
    if recording.skipped:
        logger.warning("%s", recording.complaint())
    return recording


def read_recording(
    source: RecordingSource,
    *,
    strict: bool = False,
    form: RecordingForm | str | None = None,
    seed: int | None = None,
    now: Callable[[], float] = time.time,
    progress: Progress | None = None,
) -> Recording:
    """Read a recording as :func:`load_recording` does, without the log."""
    where = _name_of(source)
    collector = _Collector(World(now, random.Random(seed), now()), f"{where}, " if where else "", strict=strict)  # noqa: S311 - not for secrets
    try:
        with lines_of(source, progress) as lines:
            sample = list(itertools.islice(lines, _SAMPLE))
            found = RecordingForm(form) if form is not None else _recognize(sample, where)
            _READERS[found](collector, itertools.chain(sample, lines))
    except FAILURES as error:
        raise OSError(f"{where or 'the recording'}: {error}") from error
    recording = collector.finish(found, where)
    if recording.skipped and not recording.variables:
        first = recording.skipped[0]
        raise ConfigurationError(f"{where}{', ' if where else ''}line {first.line}: {first.reason}")
    return recording


def load_snmprec(source: RecordingSource) -> Mib:
    """Read a recording in snmpsim's format; one line that cannot be read is an error.

    Args:
        source: as for :func:`load_recording`.

    Raises:
        ConfigurationError: a line cannot be read; the text names the file and the line.
        OSError: the file cannot be read.
    """
    return load_recording(source, strict=True, form=RecordingForm.SNMPREC).variables


def _name_of(source: RecordingSource) -> str:
    """Return the name of a file; empty if there is none."""
    if isinstance(source, (str, os.PathLike)):
        return os.fspath(source)
    name = getattr(source, "name", "")
    return name if isinstance(name, str) else ""


# ----------------------------------------------------------------------------------------- the form

_PATTERNS: tuple[tuple[RecordingForm, re.Pattern[bytes]], ...] = (
    (RecordingForm.DUMP, re.compile(rb"\.?[0-9.]+\|[013789]\|")),
    (RecordingForm.SNMPREC, re.compile(rb"\.?[0-9.]+\|[0-9]*[xe]?(?::\w+)?\|")),
    (RecordingForm.SAPWALK, re.compile(rb"(?:OID=)?\.?[0-9.]+\s*,\s*(?:Type=)?[A-Za-z]+[0-9]*\s*,")),
    (RecordingForm.JSON, re.compile(rb"\s*\{")),
    (RecordingForm.WALK, re.compile(MARGIN.pattern + START.pattern)),
)

#: Tags of snmpsim's format that the one with tags from 0 to 9 does not have.
_SNMPREC_ONLY = re.compile(rb"\.?[0-9.]+\|(?:[0-9]{2,3}[xe]?|[0-9][xe])?(?::\w+)?\|")

_QUICK = re.compile(rb"\.[0-9]+(?:\.[0-9]+)+ \S")

_SUFFIXES = {
    ".dump": RecordingForm.DUMP,
    ".mvc": RecordingForm.DUMP,
    ".sapwalk": RecordingForm.SAPWALK,
    ".snmpwalk": RecordingForm.WALK,
    ".snmprec": RecordingForm.SNMPREC,
}


def _recognize(sample: list[bytes], name: str) -> RecordingForm:
    """Return the form that most lines have; if two are equally frequent, that of the name."""
    counts = dict.fromkeys(RecordingForm, 0)
    for line in sample:
        form = next((form for form, pattern in _PATTERNS if pattern.match(line)), None)
        if form is not None:
            counts[form] += 1
    by_name = next((_SUFFIXES[suffix] for suffix in reversed(Path(name).suffixes) if suffix in _SUFFIXES), None)
    if counts[RecordingForm.DUMP]:  # tags that snmpsim's format does not have: a bad line, or the other form
        snmprec_only = sum(bool(_SNMPREC_ONLY.match(line)) for line in sample)
        decided = by_name if by_name in {RecordingForm.DUMP, RecordingForm.SNMPREC} else None
        is_dump = decided is RecordingForm.DUMP or (decided is None and counts[RecordingForm.DUMP] > snmprec_only)
        one, other = RecordingForm.DUMP, RecordingForm.SNMPREC
        if not is_dump:
            one, other = other, one
        counts[one] += counts.pop(other)
    elif by_name is RecordingForm.DUMP:
        return by_name
    best = max(counts, key=lambda form: (counts[form], form is by_name, form is RecordingForm.SNMPREC))
    if best is RecordingForm.WALK and not _has_types(sample):
        raise _without_types(name)
    if not counts[best]:
        if any(_QUICK.match(line) for line in sample):
            raise _without_types(name)
        return by_name or RecordingForm.SNMPREC
    return best


def _has_types(sample: Iterable[bytes]) -> bool:
    """Whether a walk has types: strings in quotes look the same without."""
    neutral = 0
    untyped = 0
    for line in sample:
        match = START.match(line.lstrip(b" \t>"))
        if match is None:
            continue
        text = line.lstrip(b" \t>")[match.end() :].strip()
        if IS_TYPED.match(text):
            return True
        if text.startswith((b'"', b"No ")) or text == b"NULL":
            neutral += 1
        else:
            untyped += 1
    return bool(neutral) and not untyped


def _without_types(name: str) -> ConfigurationError:
    return ConfigurationError(
        f"{name or 'the recording'}: a walk without the types of its values: print it without -Oq and -OQ"
    )


# ------------------------------------------------------------------------------------ the variables


class _Head(NamedTuple):
    """All arcs of a name but the last one."""

    ber: bytes
    sort_key: bytes
    arcs: int


class _Tail(NamedTuple):
    """The last arc of a name."""

    ber: bytes
    sort_key: bytes


class _Collector:
    """Collects variables, and the lines that cannot be read.

    Names in a table share their heads, and many values are the same: both are remembered.
    """

    def __init__(self, world: World, where: str, *, strict: bool) -> None:
        self.world = world
        self._where = where
        self._strict = strict
        self._bad: list[BadLine] = []
        self._keys: list[bytes] = []
        self._order: list[Variable] = []
        self._in_order = True
        self._last = b""
        self._heads: dict[bytes, _Head] = {}
        self._tails: dict[bytes, _Tail] = {}
        self._values: dict[bytes, bytes] = {}

    def add(self, name: bytes, value: Value | Variation) -> None:
        """Add a variable; ConfigurationError if the name is none."""
        key, sorted_by = self._name(name)
        self._put(
            key,
            sorted_by,
            Variable(OID.from_ber(key), value)
            if isinstance(value, Variation)
            else Variable.encoded(key, _encode(value)),
        )

    def add_record(self, name: bytes, fields: bytes) -> None:
        """Add the variable of ``name|fields``; ValueError if it cannot be read."""
        key, sorted_by = self._name(name)
        encoded = self._values.get(fields)
        if encoded is None:
            tag, bar, text = fields.partition(b"|")
            if not bar:
                raise ConfigurationError("a record is oid|tag|value; the second | is missing")
            value = parse_fields(tag, text, self.world)
            if isinstance(value, Variation):
                self._put(key, sorted_by, Variable(OID.from_ber(key), value))
                return
            encoded = _encode(value)
            if len(fields) < _SHORT:
                if len(self._values) > _REMEMBERED:
                    self._values.clear()
                self._values[fields] = encoded
        self._put(key, sorted_by, Variable.encoded(key, encoded))

    def _put(self, key: bytes, sorted_by: bytes, variable: Variable) -> None:
        if sorted_by > self._last:
            self._last = sorted_by
        else:
            self._in_order = False
        if len(key) == len(sorted_by):
            variable.key = sorted_by  # one object for both
        self._keys.append(sorted_by)
        self._order.append(variable)

    def bad(self, line: int, text: bytes, error: Exception | str) -> None:
        """Skip a line; with ``strict``, raise ConfigurationError."""
        reason = str(error)
        if self._strict:
            raise ConfigurationError(f"{self._where}line {line}: {reason}") from (
                error if isinstance(error, Exception) else None
            )
        self._bad.append(BadLine(line, shown(text, 80), reason))

    def finish(self, form: RecordingForm, name: str) -> Recording:
        """Return what was collected."""
        keys, order, found = self._keys, self._order, len(self._order)
        if not self._in_order:
            by_key = dict(zip(keys, order, strict=True))  # the last one of a name counts
            keys = sorted(by_key)
            order = [by_key[key] for key in keys]
        return Recording(Mib.of_sorted(keys, order), tuple(self._bad), form, found - len(order), name)

    # Names

    def _name(self, name: bytes) -> tuple[bytes, bytes]:
        """Return the BER contents and the sort key of a name."""
        head, _, last = name.rpartition(b".")
        known = self._heads.get(head)
        if known is None:
            renamed = numbered(name.decode("latin-1")).encode("latin-1")
            if renamed != name:
                return self._name(renamed)
            if head.find(b".", 1) < 0:  # of two arcs
                if not re.match(rb"\.?(?:iso|[0-9]+)\b", name):
                    raise _no_oid(name)
                key = _oid(name).ber
                return key, sort_key(key)
            known = self._read_head(name, head)
        tail = self._tails.get(last) or self._read_tail(name, last)
        return known.ber + tail.ber, known.sort_key + tail.sort_key

    def _read_head(self, name: bytes, head: bytes) -> _Head:
        """Read all arcs but the last one; those of more than two are read from the left, with what is known."""
        before, _, last = head.rpartition(b".")
        known = self._heads.get(before)
        if known is None and before.count(b".") > 1:
            known = self._read_head(name, before)
        if known is not None:
            tail = self._tails.get(last) or self._read_tail(name, last)
            found = _Head(known.ber + tail.ber, known.sort_key + tail.sort_key, known.arcs + 1)
        else:
            try:
                oid = _oid(head)
            except ConfigurationError:
                raise _no_oid(name) from None
            found = _Head(oid.key, sort_key(oid.key), len(oid))
        if found.arcs >= ber.MAX_ARCS:
            raise ConfigurationError(f"an object identifier has at most {ber.MAX_ARCS} arcs: {shown(name)}")
        if len(self._heads) > _REMEMBERED:
            self._heads.clear()
        self._heads[head] = found
        return found

    def _read_tail(self, name: bytes, last: bytes) -> _Tail:
        if not last.isdigit() or len(last) > 10 or int(last) > ber.MAX_ARC:
            raise _no_oid(name)
        octets = ber.encode_arcs((int(last),))
        found = _Tail(octets, sort_key(octets))
        if len(self._tails) > _REMEMBERED:
            self._tails.clear()
        self._tails[last] = found
        return found


def _oid(name: bytes) -> OID:
    return OID(re.sub(r"^\.?iso\b", "1", name.decode("latin-1")))


def _no_oid(name: bytes) -> ConfigurationError:
    hint = ": record with -On" if re.match(rb"[A-Za-z]", name) else ""
    return ConfigurationError(f"not an object identifier in numbers: {shown(name)}{hint}")


def _encode(value: Value) -> bytes:
    """Return an encoded value, with its tag and length."""
    octets = encode_varbind(_ANY, value)
    _, start, _ = ber.read_header(octets, 0, len(octets))
    return octets[start + _ANY_SIZE :]


_ANY = OID("1.3")
_ANY_SIZE = len(ber.tlv(ber.OBJECT_IDENTIFIER, _ANY.ber))

# ---------------------------------------------------------------------------------------- the forms


def _read_snmprec(collector: _Collector, lines: Iterable[bytes]) -> None:
    add = collector.add_record
    for number, line in enumerate(lines, 1):
        name, bar, fields = line.strip().partition(b"|")
        if not bar:
            if name and not name.startswith(b"#"):
                collector.bad(number, line, f"a record is oid|tag|value, not {shown(name)}")
            continue
        try:
            add(name, fields)
        except ValueError as error:
            if not name.startswith(b"#"):
                collector.bad(number, line, error)


def _read_walk(collector: _Collector, lines: Iterable[bytes]) -> None:
    for number, name, text in walk_records(list(lines)):
        if not name:
            collector.bad(number, text, f"no variable: {shown(text)}")
            continue
        try:
            value = parse_walk_value(text)
            if value is not None:
                collector.add(name, value)
        except ValueError as error:
            collector.bad(number, name + b" = " + text, error)


def _read_each(
    parse: Callable[[bytes], tuple[bytes, Value | None]],
) -> Callable[[_Collector, Iterable[bytes]], None]:
    """Return a reader of a form with one variable on each line."""

    def read(collector: _Collector, lines: Iterable[bytes]) -> None:
        for number, line in enumerate(lines, 1):
            if not line.strip() or line.lstrip().startswith(b"#"):
                continue
            try:
                name, value = parse(line.rstrip())
                if value is not None:
                    collector.add(name.strip(), value)
            except ValueError as error:
                collector.bad(number, line, error)

    return read


_READERS: dict[RecordingForm, Callable[[_Collector, Iterator[bytes]], None]] = {
    RecordingForm.SNMPREC: _read_snmprec,
    RecordingForm.WALK: _read_walk,
    RecordingForm.SAPWALK: _read_each(parse_sap_line),
    RecordingForm.DUMP: _read_each(parse_dump_line),
    RecordingForm.JSON: _read_each(parse_json_line),
}
