"""A fleet's file: TOML with targets, jobs, sinks and settings, and the CSV files that it names.

Contains: the file as a whole.  Does not contain: its tables; each has a module beside this one.
"""

from __future__ import annotations

import glob
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snmptcp.arguments import PATH, check_arguments, several_of
from snmptcp.cautions import caution_about_file
from snmptcp.errors import ConfigurationError
from snmptcp.fleet.files.credentials import has_secrets, read_credentials
from snmptcp.fleet.files.fields import Field, named_tables, read_values, table_of, text_of
from snmptcp.fleet.files.jobs import read_job
from snmptcp.fleet.files.mistakes import Mistakes, Place, alternatives
from snmptcp.fleet.files.reading import read_text
from snmptcp.fleet.files.rows import read_rows
from snmptcp.fleet.files.settings import MibModules, read_mib, read_settings
from snmptcp.fleet.files.sinks import has_headers, read_sink
from snmptcp.fleet.files.targets import (
    COMMON_FIELDS,
    TARGET_FIELDS,
    Collected,
    Known,
    has_proxy_password,
    make_target,
    settle,
)
from snmptcp.fleet.files.tls import has_password, read_tls
from snmptcp.fleet.jobs import DEFAULT_INTERVAL, Get, Table, Walk

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Mapping

    from snmptcp.fleet.files.sinks import SinkDescription
    from snmptcp.fleet.jobs import Job
    from snmptcp.fleet.sinks.sink import Sink
    from snmptcp.fleet.target import Target
    from snmptcp.mib.mib import Mib

__all__ = ("FILES_FIELDS", "TABLES", "FleetFile", "load")

#: The tables of a file.
TABLES = ("fleet", "mib", "credentials", "tls", "jobs", "defaults", "targets", "files", "sinks")


_KINDS = {"path": PATH, "jobs": several_of("Get, Walk and Table", Get, Walk, Table)}


def _patterns(value: object, _: Place) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(text_of(each) for each in values)


#: The keys of ``[[files]]``.
FILES_FIELDS: Mapping[str, Field] = {
    "csv": Field("the name of a CSV file, or an array of them", _patterns),
    **COMMON_FIELDS,
}


@dataclass(frozen=True, slots=True)
class FleetFile:
    """What a fleet's file says, checked.

    Attributes:
        path: the file.
        targets: the targets of the file and of the CSV files that it names, with their jobs.
        jobs: the jobs by their names, also those that no target has.
        sinks: the sinks; none is open.
        settings: the arguments of :class:`snmptcp.fleet.Fleet` that the table ``[fleet]`` gives.
        mib: the MIB modules that names come from; ``None`` if the file does not tell.
        files: this file, and the CSV files that it names.
    """

    path: Path
    targets: tuple[Target, ...]
    jobs: Mapping[str, Job]
    sinks: tuple[SinkDescription, ...]
    settings: Mapping[str, Any]
    mib: MibModules | None
    files: tuple[Path, ...]

    def make_sinks(self, mib: Mib | None = None) -> list[Sink]:
        """Return the sinks that the file asks for, new ones at each call; none is open.

        Args:
            mib: the MIB modules, for sinks that tell what objects mean; optional.

        Raises:
            ConfigurationError: options of sinks are wrong, or libraries that they need are not installed; each of these
                is a line of the text.
        """
        mistakes = Mistakes()
        sinks = []
        for description in self.sinks:
            with Place(description.place, self.path.parent, mistakes).noting():
                sinks.append(description.make(mib))
        mistakes.tell()
        return sinks


def load(path: str | os.PathLike[str], *, jobs: Iterable[Job] = ()) -> FleetFile:
    """Read a fleet's file, and the CSV files that it names.

    Args:
        path: the TOML file.
        jobs: the jobs of targets if the file has none; optional.

    Returns:
        What it says.

    Raises:
        ConfigurationError: it cannot be read, or something in it is wrong; each mistake is a line of the text, with
            the file, the table or the line, the value, and what would be right.
    """
    jobs = tuple(jobs)
    check_arguments(_KINDS, {"path": path, "jobs": jobs})
    file = Path(path)
    mistakes = Mistakes()
    place = Place(str(file), file.parent, mistakes, ": ")
    document = _parsed(file, place)
    mistakes.tell()
    found = _Reader(file, document, place, jobs).read()
    mistakes.tell()
    return found


def _parsed(path: Path, place: Place) -> dict[str, Any]:
    """Return the tables of a TOML file."""
    with place.noting():
        text = read_text(path)
        try:
            return tomllib.loads(text)
        except RecursionError:
            raise ConfigurationError("its arrays or tables are nested too deeply") from None
        except ValueError as error:  # TOMLDecodeError, or a number with too many digits
            raise ConfigurationError(f"is not TOML: {error}") from None
    return {}


class _Reader:
    """Reads the tables of one file, in the order in which they need each other."""

    def __init__(self, path: Path, document: dict[str, Any], place: Place, jobs: tuple[Job, ...]) -> None:
        self._path = path
        self._jobs_given = jobs
        self._document = document
        self._place = place
        self._files = [path]

    def read(self) -> FleetFile:
        for key in self._document:
            if key not in TABLES:
                self._place.add(f"there is no table [{key[:60]}]{alternatives(key, TABLES)}")
        settings = self._settings()
        jobs = self._jobs(settings.pop("interval", DEFAULT_INTERVAL))
        known = Known(self._credentials(), jobs, self._tls())
        targets = self._targets(known)
        sinks = [read_sink(table, place) for place, table in self._array("sinks")]
        table = self._table("mib")
        mib = None if table is None else read_mib(table, self._place.key("mib"))
        self._warn()
        return FleetFile(
            path=self._path,
            targets=tuple(targets),
            jobs={name: job for name, job in jobs.items() if job is not None},
            sinks=tuple(sink for sink in sinks if sink is not None),
            settings=settings,
            mib=mib,
            files=tuple(self._files),
        )

    # ------------------------------------------------------------------------------------- tables

    def _table(self, name: str) -> Mapping[str, object] | None:
        given = self._document.get(name)
        return None if given is None else table_of(given, self._place.key(name))

    def _named(self, name: str) -> Iterator[tuple[str, Place, Mapping[str, object]]]:
        """Yield the name, the place and the contents of each table ``[name.NAME]``."""
        place = self._place.key(name)
        tables = named_tables(self._document.get(name), place)
        return ((own, place.key(own), table) for own, table in tables.items())

    def _array(self, name: str) -> Iterator[tuple[Place, Mapping[str, object]]]:
        """Yield the place and the contents of each table ``[[name]]``."""
        given = self._document.get(name, [])
        if not isinstance(given, list):
            self._place.key(name).add(f"an array of tables is right: write [[{name}]]")
            return
        for number, each in enumerate(given, 1):
            place = self._place.key(f"{name}[{number}]")
            table = table_of(each, place)
            if table is not None:
                yield place, table

    def _settings(self) -> dict[str, Any]:
        table = self._table("fleet")
        return {} if table is None else read_settings(table, self._place.key("fleet"))

    def _jobs(self, interval: float) -> dict[str, Job | None]:
        return {name: read_job(name, table, place, interval) for name, place, table in self._named("jobs")}

    def _credentials(self) -> dict[str, Any]:
        return {name: read_credentials(table, place) for name, place, table in self._named("credentials")}

    def _tls(self) -> dict[str, Any]:
        return {name: read_tls(table, place) for name, place, table in self._named("tls")}

    # ------------------------------------------------------------------------------------ targets

    def _targets(self, known: Known) -> list[Target]:
        collected = Collected()
        defaults = self._defaults(known)
        for place, table in self._array("targets"):
            name = table.get("name") or table.get("host")
            shown = place.called(f"{place.name} ({name[:60]})") if isinstance(name, str) and name else place
            before = len(shown.mistakes)
            settled = settle(read_values(table, TARGET_FIELDS, shown), known, shown)
            if settled is not None and defaults is not None and len(shown.mistakes) == before:
                collected.add(make_target(_over(defaults, settled), shown), shown)
        for place, table in self._array("files"):
            self._add_files(table, place, defaults, known, collected)
        return collected.targets

    def _defaults(self, known: Known) -> dict[str, Any] | None:
        """Return what targets have unless they tell: without jobs of ``[defaults]``, all jobs."""
        table, place = self._table("defaults"), self._place.key("defaults")
        before = len(place.mistakes)
        settled = settle(read_values(table or {}, COMMON_FIELDS, place), known, place)
        if settled is None or len(place.mistakes) > before or (None in known.jobs.values() and "jobs" not in settled):
            return None
        return {"jobs": tuple(known.jobs.values()) or self._jobs_given, **settled}

    def _add_files(
        self,
        table: Mapping[str, object],
        place: Place,
        defaults: dict[str, Any] | None,
        known: Known,
        collected: Collected,
    ) -> None:
        before = len(place.mistakes)
        values = read_values(table, FILES_FIELDS, place)
        if "csv" not in table:
            place.add('csv = "devices.csv" is missing')
        patterns = values.pop("csv", ())
        settled = settle(values, known, place)
        common = None
        if settled is not None and defaults is not None and len(place.mistakes) == before:
            common = _over(defaults, settled)
        for pattern in patterns:
            for path in self._matching(pattern, place.key("csv")):
                read_rows(place, path, common, known, collected)

    def _matching(self, pattern: str, place: Place) -> list[Path]:
        """Return the files that a name stands for, each once: ``*`` and ``?`` stand for any characters."""
        with place.noting():
            path = place.file(pattern)
            if not glob.has_magic(pattern) or path.is_file():
                found = [path]
            else:
                names = glob.glob(str(Path(pattern).expanduser()), root_dir=place.folder, recursive=True)  # noqa: PTH207
                found = [place.folder / name for name in sorted(names)]
            if not found:
                raise ConfigurationError(f"there is no file {path}")
            new = [each for each in found if each not in self._files]
            self._files += new
            return new
        return []

    # ----------------------------------------------------------------------------------- warnings

    def _warn(self) -> None:
        """Warn if others can read passwords in the file."""
        checks = (
            ("credentials", has_secrets),
            ("tls", has_password),
        )
        secret = any(
            check(table)
            for name, check in checks
            for table in named_tables(self._document.get(name), replace(self._place, mistakes=Mistakes())).values()
        )
        tables = [self._document.get("defaults"), *self._rows("targets"), *self._rows("files")]
        secret = secret or any(has_proxy_password(table) for table in tables if isinstance(table, dict))
        if secret or any(has_headers(table) for table in self._rows("sinks") if isinstance(table, dict)):
            caution_about_file(self._path, "the passwords in")

    def _rows(self, name: str) -> list[Any]:
        given = self._document.get(name)
        return given if isinstance(given, list) else []


def _over(defaults: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values with those of the defaults for what is not given; labels are those of both."""
    labels = {**defaults.get("labels", {}), **values.get("labels", {})}
    return {**defaults, **values, "labels": labels}
