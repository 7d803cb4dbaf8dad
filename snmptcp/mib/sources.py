"""Where the texts of MIB modules come from: folders of files, and the bundle of the compiler's distribution.

A module is found by the name in its text (``IF-MIB DEFINITIONS ::= BEGIN``), never by the name of its file; one file
may hold several.  Where there are several copies of a module, they are ranked:

1. the copy with the newest LAST-UPDATED, if all copies have one that is a date;
2. then the copy of the folder that was added last, as in net-snmp; in one folder, the path that sorts first;
3. then the bundle's copy.

The modules that define the SMI itself (SNMPv2-SMI, RFC1155-SMI, ...) come from the bundle first: their text is fixed,
and the copies of vendors are often edited.

Contains: reading, decoding and splitting of files.  Does not contain: changing a text (:mod:`snmptcp.mib.repairs`).
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from snmptcp.errors import MibError
from snmptcp.mib.objects import Problem
from snmptcp.mib.repairs.html import is_page, text_of_page

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ("BUNDLE_PATH", "LARGEST_FILE", "Source", "Sources", "decode_text", "definitions")

#: The :attr:`Source.path` of the modules that come with the compiler.
BUNDLE_PATH = "pysnmp-pysmi"

#: Larger files are not read, in octets.  The largest modules of vendors have about 3,000,000.
LARGEST_FILE = 16 * 1024 * 1024

#: These are taken from the bundle first.
_SMI_MODULES = frozenset(
    (
        "RFC1065-SMI",
        "RFC1155-SMI",
        "RFC1158-MIB",
        "RFC-1212",
        "RFC1213-MIB",
        "RFC-1215",
        "SNMPv2-CONF",
        "SNMPv2-SMI",
        "SNMPv2-TC",
    )
)

#: It begins with letters alone, because such a pattern is searched for ten times faster.
_KEYWORD = re.compile(r"DEFINITIONS(?![A-Za-z0-9_-])")
_BEFORE_KEYWORD = re.compile(r"(?:\A|[^A-Za-z0-9_-])(?:PIB-)?\Z")
_COMMENT = re.compile(r"--[^\n]*")
_NAME_BEFORE = re.compile(r"([A-Za-z0-9][A-Za-z0-9_.-]{0,127})\s*(?:\{[^{}]*\}\s*)?\Z")
_BEGIN_AFTER = re.compile(r"\s*(?:(?:EXPLICIT|IMPLICIT|AUTOMATIC)\s+TAGS\s*)?::=\s*BEGIN\b")
_END_BEFORE = re.compile(r"\bEND\W*\Z")
_LAST_UPDATED = re.compile(r'LAST-UPDATED\s*"\s*(\d{12}|\d{10})Z?\s*"')
_DEFINED = re.compile(
    r"^[ \t]*([A-Za-z][\w-]*)\s+(?:::=|OBJECT\s+IDENTIFIER\s*::=|(?:MODULE|OBJECT)-IDENTITY\s"
    r"|(?:OBJECT|NOTIFICATION|TRAP)-TYPE\s|(?:OBJECT|NOTIFICATION)-GROUP\s)",
    re.MULTILINE,
)

#: How far around DEFINITIONS the rest of a module's first line is looked for, and how many are looked at in one file.
_WINDOW = 2000
_MOST_HEADERS = 2000

#: How many symbols are searched for one by one; looking at all symbols takes five times as long.
_MOST_SEARCHES = 4

#: How many files with several modules are kept.
_MOST_KEPT = 4


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a module, as found.

    Attributes:
        module: its name.
        path: the file; :data:`BUNDLE_PATH` for those of the bundle.
        text: the text; each line ends with a newline character alone.  Lines are counted as in the file: the second
            module of a file begins with empty lines.
        digest: the SHA-256, in hex, of the file's octets, or of the module's part of a file with several.
        repairs: what was done to the file to find the module in it, in lines of the form of a :class:`Problem`.
    """

    module: str
    path: str
    text: str
    digest: str
    repairs: tuple[str, ...] = ()

    @property
    def revision(self) -> str:
        """The day of its LAST-UPDATED, as ``"2000-06-14"``; ``""`` if there is none that is a date."""
        date = _read_date(self.text)
        return f"{date[:4]}-{date[4:6]}-{date[6:8]}" if date else ""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a module stands: a file, and which module of that file it is."""

    path: Path
    module: str


def decode_text(octets: bytes) -> str:
    """Return the text of a file: UTF-8, UTF-16 or Windows-1252; each line ends with a newline character alone."""
    text = _decode(octets)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _decode(octets: bytes) -> str:
    if octets.startswith((b"\xff\xfe", b"\xfe\xff")):
        return octets.decode("utf-16", "replace")
    head = octets[:400]
    if head[1::2].count(0) > len(head) // 3:
        return octets.decode("utf-16-le", "replace")
    if head[::2].count(0) > len(head) // 3:
        return octets.decode("utf-16-be", "replace")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return octets.decode(encoding)
        except UnicodeDecodeError:
            continue
    return octets.decode("latin-1")


def _find_headers(text: str) -> list[tuple[str, int]]:
    """Return the names of a text's modules, and where each begins."""
    found: list[tuple[str, int]] = []
    quotes = _QuoteCount(text)
    for count, keyword in enumerate(_KEYWORD.finditer(text)):
        if count == _MOST_HEADERS:
            break
        prefix = _BEFORE_KEYWORD.search(text[max(0, keyword.start() - 5) : keyword.start()])
        line_start = text.rfind("\n", 0, keyword.start()) + 1
        if prefix is None or "--" in text[line_start : keyword.start()]:
            continue
        after = _COMMENT.sub("", text[keyword.end() : keyword.end() + _WINDOW])
        if not _BEGIN_AFTER.match(after):
            continue
        window_start = max(0, keyword.start() - _WINDOW)
        before = _COMMENT.sub(_blank, text[window_start : keyword.start()].removesuffix("PIB-"))
        name = _NAME_BEFORE.search(before)
        if name is None:
            continue
        start = window_start + name.start(1)
        if found and not _is_header(text, found[-1][1], start, quotes):
            continue
        quotes.begin(start)
        found.append((name[1], start))
    return found


def _blank(comment: re.Match[str]) -> str:
    return " " * (comment.end() - comment.start())


class _QuoteCount:
    """Counts the quotes of a text outside of comments, from the beginning of a module on; each once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._end = 0
        self._count = 0

    def begin(self, start: int) -> None:
        """Count from here on."""
        self._end, self._count = start, 0

    def up_to(self, end: int) -> int:
        """Return the count up to here."""
        self._count += _COMMENT.sub("", self._text[self._end : end]).count('"')
        self._end = end
        return self._count


def _is_header(text: str, previous: int, start: int, quotes: _QuoteCount) -> bool:
    """Whether a header after another is not text of a DESCRIPTION: behind END, or outside of all strings."""
    before = _COMMENT.sub("", text[max(previous, start - _WINDOW) : start])
    return _END_BEFORE.search(before) is not None or quotes.up_to(start) % 2 == 0


def _split(text: str, octets: bytes) -> Iterator[tuple[str, str, str]]:
    """Yield name, text and digest of each module of a file."""
    headers = _find_headers(text)
    ends = [*(start for _, start in headers[1:]), len(text)]
    line = begun = 0
    for (name, start), end in zip(headers, ends, strict=True):
        line, begun = line + text.count("\n", begun, start), start
        part = text[start:end]
        whole = octets if len(headers) == 1 else part.encode("utf-8", "surrogatepass")
        yield name, "\n" * line + part, hashlib.sha256(whole).hexdigest()


def _find_bundle() -> Path | None:
    """Return the folder of the modules that come with the compiler; ``None`` if it is not installed.

    Nothing of the compiler is imported for that.
    """
    try:
        importlib.metadata.distribution(BUNDLE_PATH)
    except importlib.metadata.PackageNotFoundError:
        return None
    spec = importlib.util.find_spec("pysmi")
    for location in (spec.submodule_search_locations if spec is not None else None) or ():
        folder = Path(location) / "mibs" / "asn1"
        if folder.is_dir():
            return folder
    return None


class Sources:
    """The module texts of some folders and of the bundle.

    Files of a folder are read when a module is first asked for.  Folders within a folder are searched too; those whose
    name begins with a dot are not.

    Args:
        folders: where to look; see :meth:`add_folder`.
        bundled: whether the bundle of the compiler's distribution is used too.

    Raises:
        MibError: a folder does not exist or cannot be read.
    """

    def __init__(self, folders: Iterable[Path | str] = (), *, bundled: bool = True) -> None:
        self._folders: list[Path] = []
        self._unread: list[Path] = []
        self._places: dict[str, list[_Place]] = {}
        self._problems: list[Problem] = []
        self._with_several: tuple[tuple[tuple[Path, int, int], tuple[Source, ...]], ...] = ()  # the last ones
        self._defining: dict[str, tuple[str, ...]] = {}  # the modules of the first symbols that were asked for
        self._symbols: dict[str, set[str]] | None = None  # the modules of all symbols, once there are many
        self._bundle = _find_bundle() if bundled else None
        self._bundled: tuple[str, ...] = ()
        if self._bundle is not None:
            self._bundled = tuple(sorted(entry.name for entry in os.scandir(self._bundle) if _is_bundled(entry)))
        for folder in folders:
            self.add_folder(folder)

    def add_folder(self, path: Path | str) -> None:
        """Look for modules in this folder too.

        Raises:
            MibError: it is no folder, or cannot be read.
        """
        folder = Path(path).expanduser()
        try:
            with os.scandir(folder):
                pass
        except OSError as exc:
            raise MibError(f"cannot read the MIB folder {str(folder)!r}: {exc.strerror or exc}") from exc
        self._folders.append(folder)
        self._unread.append(folder)

    def add_file(self, path: Path | str) -> tuple[str, ...]:
        """Use the modules of this file too, and return their names.

        Raises:
            MibError: it cannot be read, or holds no module.
        """
        file = Path(path).expanduser()
        before = len(self._problems)
        places = self._read_places(file)
        if not places:
            reason = self._problems.pop().reason if len(self._problems) > before else "there is no MIB module in it"
            raise MibError(f"cannot use {str(file)!r}: {reason}")
        self._index(places)
        return tuple(place.module for place in places)

    def names(self) -> tuple[str, ...]:
        """Return the names of all modules of the folders, sorted; not those of the bundle."""
        self._read_folders()
        return tuple(sorted(self._places))

    def bundled_names(self) -> tuple[str, ...]:
        """Return the names of the bundle's modules, sorted; empty without the compiler."""
        return self._bundled

    def problems(self) -> tuple[Problem, ...]:
        """Return the files that look like a module but cannot be read: too large, not permitted, a page of HTML."""
        self._read_folders()
        return tuple(self._problems)

    def defining(self, symbol: str) -> tuple[str, ...]:
        """Return the names of the folders' modules whose text seems to define a symbol, sorted.

        All files are read for that: once for each of the first symbols, then once for all others.
        """
        self._read_folders()
        if symbol not in self._defining and self._symbols is None:
            if len(self._defining) < _MOST_SEARCHES:
                sources = (source for source in self._all_sources() if symbol in source.text)
                names = {source.module for source in sources if symbol in definitions(source.text)}
                self._defining[symbol] = tuple(sorted(names))
            else:
                self._symbols = {}
                for source in self._all_sources():
                    for defined in definitions(source.text):
                        self._symbols.setdefault(defined, set()).add(source.module)
        known = self._defining.get(symbol)
        return known if known is not None else tuple(sorted((self._symbols or {}).get(symbol, ())))

    def _all_sources(self) -> Iterator[Source]:
        """Yield the modules of all folders."""
        for file in dict.fromkeys(place.path for places in self._all_places() for place in places):
            yield from _read_sources(file)

    def _all_places(self) -> Iterable[list[_Place]]:
        self._read_folders()
        return self._places.values()

    def find(self, module: str) -> Source | None:
        """Return the best copy of a module; ``None`` if there is none."""
        return next(iter(self.copies(module)), None)

    def copies(self, module: str) -> tuple[Source, ...]:
        """Return all copies of a module, best first; those with the same text once."""
        self._read_folders()
        found = [source for place in self._places.get(module, ()) if (source := self._read(place)) is not None]
        bundled = self._read_bundled(module)
        if bundled is not None and module in _SMI_MODULES:
            found.insert(0, bundled)
        elif bundled is not None:
            found.append(bundled)
        return tuple({source.digest: source for source in reversed(_rank(found))}.values())[::-1]

    def _read(self, place: _Place) -> Source | None:
        """Read a module again; ``None`` if it has gone since the folder was read.

        A file with several modules is read once for all of them, unless it has changed.
        """
        try:
            status = place.path.stat()
        except OSError:
            return None
        key = (place.path, status.st_mtime_ns, status.st_size)
        sources = dict(self._with_several).get(key)
        if sources is None:
            sources = _read_sources(place.path)
            if len(sources) > 1:
                self._with_several = (*self._with_several[1 - _MOST_KEPT :], (key, sources))
        return next((source for source in sources if source.module == place.module), None)

    def _read_bundled(self, module: str) -> Source | None:
        if self._bundle is None or module not in self._bundled:
            return None
        octets = (self._bundle / module).read_bytes()
        return Source(module, BUNDLE_PATH, decode_text(octets), hashlib.sha256(octets).hexdigest())

    def _read_folders(self) -> None:
        while self._unread:
            folder = self._unread.pop(0)
            self._index([place for file in _list_files(folder) for place in self._read_places(file)])

    def _index(self, places: list[_Place]) -> None:
        """Put these before what was added earlier, and leave their own order."""
        self._symbols = None
        self._defining.clear()
        for place in reversed(places):
            self._places.setdefault(place.module, []).insert(0, place)

    def _read_places(self, file: Path) -> list[_Place]:
        try:
            size = file.stat().st_size
            with file.open("rb") as stream:
                octets = stream.read(min(size, LARGEST_FILE))
        except OSError as exc:
            self._problems.append(Problem(file.stem, str(file), 0, f"cannot be read: {exc.strerror or exc}"))
            return []
        text = decode_text(octets)
        is_html = is_page(text)
        headers = _find_headers(text_of_page(text) if is_html else text)
        if size > LARGEST_FILE and headers:
            reason = f"the file has {size} octets, more than the limit of {LARGEST_FILE}"
            self._problems.append(Problem(headers[0][0], str(file), 0, reason))
            return []
        if not headers and is_html:
            self._problems.append(Problem(file.stem, str(file), 1, "this is a page of HTML without a MIB module in it"))
        return [_Place(file, name) for name, _ in headers]


def _is_bundled(entry: os.DirEntry[str]) -> bool:
    return entry.is_file() and not entry.name.startswith(("_", ".")) and not entry.name.endswith((".py", ".pyc"))


def _list_files(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            file = Path(parent) / name
            if not name.startswith(".") and file.is_file():
                yield file


def _read_sources(file: Path) -> tuple[Source, ...]:
    """Read the modules of a file; none if it has gone since the folder was read."""
    try:
        octets = file.read_bytes()
    except OSError:
        return ()
    text = decode_text(octets)
    is_html = is_page(text)
    found: dict[str, Source] = {}
    for name, part, digest in _split(text_of_page(text) if is_html else text, octets):
        if name in found:
            line = len(part) - len(part.lstrip("\n")) + 1
            problem = Problem(name, str(file), line, "a second module of this name in the file is left out")
            found[name] = replace(found[name], repairs=(*found[name].repairs, str(problem)))
            continue
        problem = Problem(name, str(file), 1, "the tags of a page of HTML are left out")
        found[name] = Source(name, str(file), part, digest, (str(problem),) if is_html else ())
    return tuple(found.values())


def _rank(copies: list[Source]) -> list[Source]:
    """Put the newest first if all have a date; otherwise leave the order."""
    if len(copies) < 2 or copies[0].module in _SMI_MODULES:
        return copies
    dates = [_read_date(source.text) for source in copies]
    if not all(dates):
        return copies
    order = sorted(range(len(copies)), key=lambda number: dates[number], reverse=True)
    return [copies[number] for number in order]


def definitions(text: str) -> set[str]:
    """Return the names that a text seems to define: those that begin a line before a macro or ``::=``."""
    return set(_DEFINED.findall(text))


def _read_date(text: str) -> str:
    """Return the LAST-UPDATED as YYYYMMDDHHMM; ``""`` if there is none that is a date (RFC 2578 section 2)."""
    found = _LAST_UPDATED.search(_COMMENT.sub("", text))
    if found is None:
        return ""
    date = found[1] if len(found[1]) == 12 else ("19" if found[1] >= "70" else "20") + found[1]
    return date if "01" <= date[4:6] <= "12" and "01" <= date[6:8] <= "31" and date[:2] in ("19", "20") else ""
