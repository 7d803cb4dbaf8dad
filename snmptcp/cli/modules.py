"""MIB modules that words of the command line name, loaded, and what was found out about each.

Contains: modules, files and folders as words; findings.  Does not contain: options that choose modules for names
(:mod:`snmptcp.cli.names`), and printing.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snmptcp.errors import MibError
from snmptcp.mib.sources import Sources

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from snmptcp.mib import Mib, Module, Problem

__all__ = ("Finding", "find_modules")

#: The word for all modules of the folders.
_ALL = "ALL"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found out about a module that a word names.

    Attributes:
        module: its name.
        loaded: the module; ``None`` if it cannot be read.
        problems: why it, or a copy of it, cannot be read.
        missing: the modules that it imports from and that cannot be found or read.
        unused: the files with copies of it that are not used: another one is newer.
    """

    module: str
    loaded: Module | None
    problems: tuple[Problem, ...] = ()
    missing: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        """Yield what was found out, in lines of the form of a problem."""
        if self.loaded is not None:
            yield f"{self._place}: {'repaired' if self.loaded.repairs else 'ok'}"
            yield from self.loaded.repairs
        yield from self.faults()
        for file in self.unused:
            used = "another copy" if self.loaded is None else self.loaded.path
            yield f"{file}: {self.module}: this copy is not used: {used} is newer, or was found first"

    def faults(self) -> Iterator[str]:
        """Yield what is wrong, in lines of the form of a problem."""
        yield from map(str, self.problems)
        for name in self.missing:
            yield f"{self._place}: it imports from {name}, which cannot be read"

    @property
    def _place(self) -> str:
        return self.module if self.loaded is None else f"{self.loaded.path}: {self.module}"

    def json(self) -> dict[str, Any]:
        """Return what was found out, without what is empty."""
        fields = {
            "module": self.module,
            "path": "" if self.loaded is None else self.loaded.path,
            "revision": "" if self.loaded is None else self.loaded.revision,
            "repairs": [] if self.loaded is None else list(self.loaded.repairs),
            "problems": [
                {"path": problem.path, "line": problem.line, "reason": problem.reason} for problem in self.problems
            ],
            "missing_imports": list(self.missing),
            "unused": list(self.unused),
        }
        return {"readable": self.loaded is not None, **{key: value for key, value in fields.items() if value}}


@dataclass(slots=True)
class _Asked:
    """The modules that words name.

    Attributes:
        names: their names, each with the files that words name it by.
        problems: files that cannot be read.
    """

    names: dict[str, list[str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def add(self, folders: Sequence[Path]) -> None:
        """Add all modules of folders.

        Raises:
            MibError: there are none.
        """
        sources = Sources(folders, bundled=False)
        for name in sources.names():
            self.names.setdefault(name, []).extend(copy.path for copy in sources.copies(name))
        problems = sources.problems()
        if not problems and not sources.names():
            raise MibError(f"there is no MIB module in {' or '.join(map(str, folders)) or 'the folders of -M'}")
        self.problems += problems


def find_modules(
    mib: Mib, words: Sequence[str], folders: Sequence[Path], on_progress: Callable[[int, int], object] | None = None
) -> list[Finding]:
    """Load the modules that words name, and return what was found out about each.

    What could not be compiled before is tried again.

    Args:
        mib: where they are loaded.
        words: names of modules, files and folders; ``ALL`` for all modules of the folders.
        folders: the folders that ``mib`` has already.
        on_progress: called as by :meth:`snmptcp.mib.Mib.load`.

    Raises:
        MibError: a file or a folder cannot be read or has no module, or the compiler is needed and not installed.
    """
    asked = _Asked()
    for word in words:
        _read_word(mib, word, folders, asked)
    mib.load(*asked.names, on_progress=on_progress, again=True)
    loaded = {module.name: module for module in mib.modules}
    found = [_finding(mib, name, files, loaded) for name, files in asked.names.items()]
    return found + [Finding(problem.module, None, (problem,)) for problem in asked.problems]


def _read_word(mib: Mib, word: str, folders: Sequence[Path], asked: _Asked) -> None:
    path = Path(word).expanduser()
    if word.upper() == _ALL:
        asked.add(folders)
    elif word and path.is_dir():
        mib.add_folder(path)
        asked.add([path])
    elif os.sep in word or path.is_file():
        for name in mib.add_file(path):
            asked.names.setdefault(name, []).append(str(path))
    else:
        asked.names.setdefault(word, [])


def _finding(mib: Mib, name: str, files: Sequence[str], loaded: dict[str, Module]) -> Finding:
    module = loaded.get(name)
    problems = tuple(problem for problem in mib.problems if problem.module == name)
    if module is None:
        return Finding(name, None, problems)
    missing = tuple(imported for imported in module.imports if imported not in loaded)
    seen = {module.path, *(problem.path for problem in problems)}
    return Finding(name, module, problems, missing, tuple(file for file in dict.fromkeys(files) if file not in seen))
