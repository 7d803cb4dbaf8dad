"""Where the files are, and the lines in them that are for us.

Contains: folders, files, sections, included files, comments.  Does not contain: what a token means
(:mod:`~snmptcp.cli.configuration.tokens`).

The form is net-snmp's (snmp_config(5)): one token and its value in each line, ``#`` before comments, ``[TYPE]`` before
the lines of another type of file.  The order of files, and with it which value wins, was found with net-snmp 5.9's
tools.
"""

from __future__ import annotations

import itertools
import os
import re
import stat
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ("SYSTEM_FOLDERS", "Line", "Place", "Problem", "folders", "read_host_lines", "read_inline", "read_lines")

#: net-snmp's folders of the system; ``~/.snmp`` follows.
SYSTEM_FOLDERS = ("/etc/snmp", "/usr/share/snmp", "/usr/lib/snmp")

#: Where net-snmp's programs keep what they have learned; the last folder.
_PERSISTENT_FOLDER = "/var/lib/snmp"

#: The names of files without ``.conf``, in order, and the section of the lines in them.  net-snmp's tools read
#: snmpapp.conf, too; snmptcp.conf has settings for this program alone.
_EVERY_TOOL = "snmpapp"
_KINDS = (("snmp", "snmp"), (_EVERY_TOOL, _EVERY_TOOL), ("snmptcp", "snmp"))

#: The sections whose lines are for us.
_OURS = frozenset({"snmp", "snmptcp"})

#: net-snmp's limit for files that include files.
_MAX_DEPTH = 16

#: How often one file and those in it include others.  The depth alone would let two lines include 65,536 files.
_MAX_INCLUSIONS = 1000

#: No configuration has so many octets: it is another file that was included.
_MAX_SIZE = 1 << 20

#: The blanks of ASCII, as for net-snmp: others belong to a value.
_BLANKS = " \t\n\r\v\f"
_SECTION = re.compile(r"\[(?P<name>[^\]\s]+)\](?:\s+(?P<rest>.*))?", re.ASCII | re.DOTALL)
_OPENING = re.compile(r"\[[^\]\s]*", re.ASCII)
_TOKEN = re.compile(r"(?P<token>\S+)(?:\s+(?P<value>.*))?", re.ASCII | re.DOTALL)

_INCLUDES = frozenset({"includefile", "includedir", "includesearch"})


class Place(NamedTuple):
    """Where a setting stands.

    Attributes:
        file: the file; ``-Y`` for the command line.
        line: the number of the line; 0 for the command line.
    """

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}: line {self.line}" if self.line else self.file


class Line(NamedTuple):
    """One setting.

    Attributes:
        token: its name, as it is written.
        value: the rest of the line, without the blanks around it.
        place: where it stands.
    """

    token: str
    value: str
    place: Place


class Problem(NamedTuple):
    """A line that cannot be used; the others are.

    Attributes:
        place: where it stands.
        text: what is wrong, without secrets.
        unknown: whether the token is unknown, which ``noTokenWarnings`` silences.
    """

    place: Place
    text: str
    unknown: bool = False

    def __str__(self) -> str:
        return f"{self.place}: {'Warning' if self.unknown else 'Error'}: {self.text}"


def folders() -> tuple[str, ...]:
    """Return the folders with configuration, in order: the last one wins.

    ``SNMPCONFPATH`` replaces them all; empty, it means none.
    """
    given = os.environ.get("SNMPCONFPATH")
    if given is not None:
        return tuple(folder for folder in given.split(os.pathsep) if folder)
    home = os.path.expanduser("~")  # noqa: PTH111 - pathlib raises if there is none
    own = (os.path.join(home, ".snmp"),) if home != "~" else ()  # noqa: PTH118 - the names appear in messages as given
    return (*SYSTEM_FOLDERS, *own, os.environ.get("SNMP_PERSISTENT_DIR") or _PERSISTENT_FOLDER)


def read_lines() -> Iterator[Line | Problem]:
    """Yield the settings of all files, the last of a token wins; and the lines that cannot be used."""
    for name, section in _KINDS:
        yield from _read_all(name, section)


def read_host_lines(host: str) -> Iterator[Line | Problem]:
    """Yield the settings for one agent, from ``hosts/HOST.conf`` in each folder.

    Args:
        host: the agent, as the command line names it.
    """
    if "/" not in host and host not in {".", ".."}:
        yield from _read_all(f"hosts/{host}", "snmp")


def read_inline(text: str) -> Line | Problem | None:
    """Return the setting of an option, ``TOKEN=VALUE`` or ``TOKEN VALUE``; ``None`` if it is of another section."""
    text = text.strip(_BLANKS)
    start = re.match(r"(?:\[[^\]\s]*\]\s+)?[^\s=]+", text)
    if start is not None and text[start.end() : start.end() + 1] == "=":
        text = f"{start[0]} {text[start.end() + 1 :]}"
    place = Place("-Y", 0)
    return next(_Reader("snmp").parse(text, place), None)


def _read_all(name: str, section: str) -> Iterator[Line | Problem]:
    for path in _places(name):
        yield from _Reader(section).read(path) or ()


def _places(name: str) -> list[str]:
    """Return the files of a name, in order, whether they exist or not."""
    return [f"{folder}/{name}{ending}" for folder in folders() for ending in (".conf", ".local.conf")]


class _Reader:
    """Reads one file, and those that it includes.

    Args:
        section: the section of its first lines.
        depth: how many files include it.
        inclusions: counts the inclusions; shared with the files that include it.
    """

    def __init__(self, section: str, depth: int = 0, inclusions: Iterator[int] | None = None) -> None:
        self._section = section
        self._depth = depth
        self._inclusions = itertools.count(1) if inclusions is None else inclusions

    def read(self, path: str) -> Iterator[Line | Problem] | None:
        """Return the settings of a file; ``None`` if it is not there, or not ours to read: as net-snmp does."""
        text = _read(path)
        return None if text is None else self._parse_all(text, path)

    def _parse_all(self, text: str, path: str) -> Iterator[Line | Problem]:
        for number, line in enumerate(text.split("\n"), 1):
            yield from self.parse(line, Place(path, number))

    def parse(self, text: str, place: Place) -> Iterator[Line | Problem]:
        """Yield what a line says: nothing, a setting, or those of an included file."""
        text = text.strip(_BLANKS)
        section = self._section
        if text.startswith("["):
            head = _SECTION.fullmatch(text)
            if head is None:
                opening = _OPENING.match(text)
                yield Problem(place, f"no ']' behind {opening[0] if opening else '['}: a section is [TYPE]")
                return
            text, section = head["rest"] or "", head["name"]
            if not text or text.startswith("#"):
                self._section = section
        found = _TOKEN.fullmatch(text)
        if found is None or text.startswith("#"):
            return
        token, value = found["token"], found["value"] or ""
        # An included file has sections of its own.
        if token.lower() in _INCLUDES:
            yield from self._include(token, value, place, section)
        elif section in _OURS:
            if value.startswith("#") or not value:
                yield Problem(place, f"{token} has no value")
            else:
                yield Line(token, value, place)

    def _include(self, token: str, value: str, place: Place, section: str) -> Iterator[Line | Problem]:
        problem: str | None = None
        if not place.line:
            problem = f"{token} is for files, not for {place}"
        elif not value:
            problem = f"{token} has no value"
        elif self._depth >= _MAX_DEPTH:
            problem = f"more than {_MAX_DEPTH} files include each other"
        elif next(self._inclusions) > _MAX_INCLUSIONS:
            problem = f"files include others more than {_MAX_INCLUSIONS} times"
        else:
            paths = _included(token.lower(), value, place)
            found = [_Reader(section, self._depth + 1, self._inclusions).read(path) for path in paths or ()]
            for lines in found:
                yield from lines or ()
            if paths is None:
                problem = f"{value} is no folder, or its name does not begin with /"
            elif found and found.count(None) == len(found):
                problem = f"the file {value} is not there, or cannot be read"
        if problem is not None and section in {*_OURS, _EVERY_TOOL}:
            yield Problem(place, problem)


def _included(token: str, value: str, place: Place) -> Sequence[str] | None:
    """Return the files that a line includes; ``None`` for a folder that is none."""
    if token == "includefile":  # noqa: S105 - a word of the file
        return [os.path.join(os.path.dirname(place.file), value)]  # noqa: PTH118, PTH120 - as given, for messages
    if token == "includesearch":  # noqa: S105 - a word of the file
        return _places(value.removesuffix(".conf"))
    if not os.path.isabs(value):  # noqa: PTH117
        return None
    try:
        names = sorted(os.listdir(value))  # noqa: PTH208
    except (OSError, ValueError):  # ValueError: a NUL in the name
        return None
    return [f"{value.rstrip('/')}/{name}" for name in names if name.endswith(".conf")]


def _read(path: str) -> str | None:
    """Return the text of a file; ``None`` if it cannot be read.  Octets that are no text stay what they are."""
    try:
        with open(path, "rb", opener=_open_file) as file:
            octets = file.read(_MAX_SIZE + 1)
        text = os.fsdecode(octets.removeprefix(b"\xef\xbb\xbf"))
    except (OSError, ValueError):  # ValueError: a NUL in an included name; no UTF-8 on Windows
        return None
    return text if len(octets) <= _MAX_SIZE else None


def _open_file(path: str, flags: int) -> int:
    """Open a file, but not a pipe or a device, whose reading might never end."""
    descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(f"{path} is no file")
    return descriptor
