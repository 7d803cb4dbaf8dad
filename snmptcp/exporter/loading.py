"""The files of an exporter: found, read, and put together.

Contains: names with wildcards, several files, environment variables.  Does not contain: the fields of the files
(:mod:`snmptcp.exporter.reading`).
"""

from __future__ import annotations

import glob
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from snmptcp.arguments import FLAG, PATH, check_arguments, wrong_type
from snmptcp.errors import ConfigurationError
from snmptcp.exporter.auths import expanded
from snmptcp.exporter.cache import cache_folder, parse_cached
from snmptcp.exporter.config import Config
from snmptcp.exporter.document import MAX_LENGTH
from snmptcp.exporter.fields import Section
from snmptcp.exporter.reading import SECRETS, Reader, shown_document

if TYPE_CHECKING:
    from snmptcp.exporter.config import Auth, Module
    from snmptcp.exporter.document import Data

__all__ = ("load_config", "read_text", "several_files")


def several_files(files: str | Path | Iterable[str | Path]) -> tuple[str | Path, ...]:
    """Return the names of files, given as one or several.

    Raises:
        ArgumentTypeError: they are something else.
    """
    if isinstance(files, str | Path):
        return (files,)
    given: object = files
    if not isinstance(given, Iterable) or isinstance(given, bytes):
        raise wrong_type("files", "the name of a file (str or Path), or several", given)
    names = tuple(files)
    for name in names:
        check_arguments({"files": PATH}, {"files": name})
    return names


def load_config(files: str | Path | Iterable[str | Path], *, expand_environment: bool = False) -> Config:
    """Return the configuration in one or more files of snmp_exporter's format (``snmp.yml``).

    Args:
        files: their names; ``*``, ``?`` and ``[...]`` stand for several.
        expand_environment: whether ``$NAME`` and ``${NAME}`` in the fields ``username``, ``password`` and
            ``priv_password`` are environment variables.

    Raises:
        ConfigurationError: a file cannot be read or has what is wrong; a module or an auth is there twice; there are
            no modules or no auths.
    """
    check_arguments({"expand_environment": FLAG}, {"expand_environment": expand_environment})
    auths: dict[str, Auth] = {}
    modules: dict[str, Module] = {}
    document: dict[str, dict[str, Data]] = {"auths": {}, "modules": {}}
    reader = Reader()
    found = _files(several_files(files))
    for path in found:
        where = str(path)
        data = parse_cached(read_text(path), where, cache_folder())
        if expand_environment:
            data = _expanded(data, where)
        _read(Section(data, where, ""), reader, auths, modules)
        shown = shown_document(data) if isinstance(data, dict) else {}
        for key, entries in document.items():
            given = shown.get(key)
            entries.update(given if isinstance(given, dict) else {})
    names = ", ".join(map(str, found))
    if not modules:
        raise ConfigurationError(f"there is no module in {names}: the key modules is missing or empty")
    if not auths:
        raise ConfigurationError(f"there is no auth in {names}: the key auths is missing or empty")
    return Config(auths, modules, document)


def _expanded(data: Data, where: str) -> Data:
    """Return a document with environment variables in its auths."""
    auths = data.get("auths") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(auths, dict):
        return data
    return {**data, "auths": {name: expanded(auth, f"{where}: auths.{name}") for name, auth in auths.items()}}


def _files(names: Iterable[str | Path]) -> list[Path]:
    """Return the files that names stand for."""
    found: list[Path] = []
    for name in names:
        matches = sorted(glob.glob(str(name)))  # noqa: PTH207 - the name may be absolute
        if not matches and not glob.has_magic(str(name)):
            if not Path(name).exists():
                raise ConfigurationError(
                    f"there is no file {name}: name one with --config.file; snmptcp exporter generate makes one"
                )
            matches = [str(name)]
        if not matches:
            raise ConfigurationError(f"no file has a name like {name}")
        found += [Path(match) for match in matches if Path(match) not in found]
    if not found:
        raise ConfigurationError("no file with a configuration is given")
    return found


def read_text(path: Path) -> str:
    """Return the text of a file.

    Raises:
        ConfigurationError: it cannot be read, is too long, or is no UTF-8.
    """
    try:
        with path.open("rb") as file:
            octets = file.read(MAX_LENGTH + 1)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror or error}") from None
    if len(octets) > MAX_LENGTH:
        raise ConfigurationError(f"{path} has more than {MAX_LENGTH:,} octets; that much is not read")
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} is no UTF-8: octet {error.start} is {octets[error.start]:#04x}") from None


def _read(root: Section, reader: Reader, auths: dict[str, Auth], modules: dict[str, Module]) -> None:
    """Add the entries of a file."""
    root.skip("version")
    sections = [*root.named_sections("auths", secret=SECRETS)]
    for name, section in sections:
        if name in auths:
            raise section.fault("", "another file has an auth of this name, too")
        auths[name] = reader.auth(section)
    named = [*root.named_sections("modules")]
    if not named and any(isinstance(entry, dict) and "metrics" in entry for entry in root.data.values()):
        raise root.fault(
            "", "this form is older than snmp_exporter 0.23: its modules must be below the key modules, beside auths"
        )
    for name, section in named:
        if name in modules:
            raise section.fault("", "another file has a module of this name, too")
        modules[name] = reader.module(name, section)
    root.end()
