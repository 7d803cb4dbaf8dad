"""The modules of one :class:`snmptcp.mib.mib.Mib`: found, compiled if need be, kept, and loaded with their imports.

Contains: which compiled module belongs to which text, and where the cache is.  Does not contain: the compiler
(:mod:`snmptcp.mib.compiler`), the search for texts (:mod:`snmptcp.mib.sources`), the file (:mod:`snmptcp.mib.store`).
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import logging
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from snmptcp.errors import MibError
from snmptcp.mib.objects import AvailableModule, Module, Problem
from snmptcp.mib.standard import STANDARD_MODULES
from snmptcp.mib.store import FORMAT, BrokenStore, Failure, Origin, Store
from snmptcp.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from snmptcp.mib.basis import Basis
    from snmptcp.mib.compiler import CompiledModule, FailedModule
    from snmptcp.mib.objects import IndexPart, Syntax
    from snmptcp.mib.sources import Source, Sources

__all__ = ("ALL_MODULES", "Library", "cache_path", "hint_at")

logger = logging.getLogger("snmptcp.mib")

T = TypeVar("T")

#: The path of the modules that come with the compiler.
_BUNDLE = "pysnmp-pysmi"

#: The environment variable that names the file of compiled modules.
CACHE_VARIABLE = "SNMPTCP_MIB_CACHE"

#: What the name of a module is made of.
_MODULE = re.compile("[A-Za-z0-9][A-Za-z0-9_.-]*", re.ASCII)

#: The word for all modules of the folders, as in net-snmp.
ALL_MODULES = "ALL"


def cache_path() -> Path:
    """Return where compiled modules are kept unless a program says otherwise."""
    given = os.environ.get(CACHE_VARIABLE)
    if given:
        return Path(given)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "snmptcp" / f"mib-{FORMAT}.sqlite"


class Library:
    """Finds, compiles and loads modules.

    Args:
        store: the file of compiled modules.
        folders: where to look for modules.
        sealed: whether the file is all there is: nothing is looked for elsewhere, or compiled.

    Raises:
        MibError: a folder cannot be used.
    """

    def __init__(self, store: Store, folders: Iterable[str | Path] = (), *, sealed: bool = False) -> None:
        self.store = store
        self._folders = [Path(folder) for folder in folders]
        self._sealed = sealed
        self._sources_of_folders: Sources | None = None
        self._problems: dict[str, Problem] = {}
        self._compiler: str | None = None
        self._texts: _Texts | None = None
        self._ids: dict[str, int | None] = {}  # what is up to date, while one call lasts
        self._paths: dict[int, str] = {}  # where the texts of compiled modules are now
        if self._folders:
            self._sources()  # says at once if a folder does not exist

    @classmethod
    def with_cache(cls, folders: Iterable[str | Path], cache: str | Path | None) -> Library:
        """Return the library that keeps what it compiles in a file; ``None`` for the user's cache."""
        return cls(_open_cache(Path(cache) if cache is not None else cache_path()), folders)

    @classmethod
    def has_standard(cls, cache: str | Path | None) -> bool:
        """Whether a file has the standard modules; ``None`` for the user's cache.  Nothing is written."""
        path = Path(cache) if cache is not None else cache_path()
        if not path.is_file():
            return False
        try:
            store = Store(path, read_only=not os.access(path, os.W_OK))
        except MibError:
            return False
        with contextlib.closing(store):
            return cls(store)._standard_from_store() is not None  # noqa: SLF001 - its own

    @classmethod
    def of_file(cls, path: Path) -> Library:
        """Return the library of a file that was saved, all loaded; nothing can be added to it."""
        if not path.is_file():
            raise MibError(f"there is no file {path}; snmptcp mib compile -o FILE makes one")
        try:
            library = cls(Store(path, read_only=True), sealed=True)
        except BrokenStore as error:
            raise MibError(str(error)) from error
        library.store.load(library.store.module_ids())
        return library

    @property
    def modules(self) -> tuple[Module, ...]:
        """The loaded modules; one whose text is the same in two files has the path of the file that counts now."""
        return tuple(map(self._module, self.store.loaded()))

    def _module(self, identity: int) -> Module:
        module = self.store.module(identity)
        path = self._paths.get(identity, module.path)
        return module if path == module.path else dataclasses.replace(module, path=path)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The modules that could not be read."""
        return tuple(self._problems.values())

    def add_folder(self, path: str | Path) -> None:
        """Look for modules in a folder, too."""
        self._refuse_if_sealed("folder")
        self._sources().add_folder(Path(path))
        self._look_again()
        self._folders.append(Path(path))

    def add_file(self, path: str | Path) -> tuple[str, ...]:
        """Look for modules in a file, too; return their names."""
        self._refuse_if_sealed("file")
        self._look_again()
        return self._sources().add_file(Path(path))

    def _refuse_if_sealed(self, what: str) -> None:
        if self._sealed:
            raise MibError(f"{self.store.path} is a file of compiled modules, to which no {what} can be added")

    def available(self) -> tuple[AvailableModule, ...]:
        """Return the modules that can be loaded, by their names."""
        self._look_again()
        return tuple(map(self._available, sorted(self._known_names())))

    def _available(self, name: str) -> AvailableModule:
        identity = self._present(name)
        if identity is not None:
            module = self._module(identity)
            return AvailableModule(
                name, module.path, module.revision, is_compiled=True, counts=self.store.counts(identity)
            )
        source = self._source(name)
        path, revision = ("", "") if source is None else (source.path, source.revision)
        return AvailableModule(name, path, revision, is_compiled=False)

    def save(self, path: Path) -> None:
        """Write the loaded modules into a file, which appears when it is whole."""
        if not path.parent.is_dir():
            raise MibError(f"cannot write {path}: there is no folder {path.parent}")
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            temporary.unlink(missing_ok=True)  # of an earlier process with this number
            self.store.copy(self.store.loaded(), temporary)
            temporary.replace(path)
        except OSError as error:
            raise MibError(f"cannot write {path}: {error.strerror}") from error
        finally:
            with contextlib.suppress(OSError):  # it has been renamed, or could not be made
                temporary.unlink()

    # -------------------------------------------------------------------------------------- loading

    def load_standard(self) -> None:
        """Load the standard modules of the bundle, whatever the folders have; they may have to be compiled first."""
        identities = self._standard_from_store()
        if identities is None:
            texts = self._bundled_texts()
            self._compile([source for name in STANDARD_MODULES if (source := texts.find(name))], texts)
            identities = self._standard_from_store(partial=True) or []
        self.store.load(identities)

    def load_compiled_standard(self) -> None:
        """Load those standard modules that have been compiled."""
        self.store.load(self._standard_from_store(partial=True) or [])

    def _standard_from_store(self, *, partial: bool = False) -> list[int] | None:
        """Return the ids of the standard modules; ``None`` if one has not been compiled by the present compiler."""
        compiler = self._compiler_version()
        found = self.store.bundled(compiler, _BUNDLE) if compiler else self.store.newest_of(_BUNDLE)
        missing = [name for name in STANDARD_MODULES if name not in found]
        if missing and not partial:
            return None
        return [found[name] for name in STANDARD_MODULES if name in found]

    def load(
        self,
        modules: Sequence[str],
        on_progress: Callable[[int, int], object] | None = None,
        *,
        again: bool = False,
    ) -> tuple[Problem, ...]:
        """Load modules with their imports; return those that cannot be read."""
        self._look_again()
        names = list(dict.fromkeys(modules))
        unreadable = {} if self._sealed else {problem.module: problem for problem in self._sources().problems()}
        if ALL_MODULES in names:
            names = [name for name in names if name != ALL_MODULES]
            names += [] if self._sealed else self._sources().names()
            names += [name for name in unreadable if name not in names]
        before = dict(self._problems)
        self._problems |= {name: problem for name, problem in unreadable.items() if name in names}
        self._compile_missing(names, on_progress, again=again)
        for name in names:
            identity = self._present(name)
            if identity is not None:
                self.load_compiled(identity)
            elif name not in self._problems:
                self._problems[name] = Problem(name, "", 0, self._nowhere(name))
        return tuple(problem for name, problem in self._problems.items() if name in names or name not in before)

    def load_compiled(self, identity: int) -> None:
        """Load a compiled module and what it imports from."""
        wanted, waiting = [], [identity]
        while waiting:
            current = waiting.pop()
            if current in wanted:
                continue
            wanted.append(current)
            imports = map(self._present, self.store.module(current).imports)
            waiting += [found for found in imports if found is not None]
        self.store.load(wanted)

    def identity_of(self, module: str) -> int | None:
        """Return the id of a module, compiled now if it has to be; ``None`` if there is none."""
        self._look_again()
        identity = self._present(module)
        if identity is None and not self._sealed:
            try:
                self._compile_missing([module])
            except MibError as error:  # no compiler
                raise MibError(f"the MIB module {module} has not been compiled: {error}") from error
            identity = self._present(module)
        return identity

    def missing(self, module: str) -> str:
        """Return why there is no such module."""
        problem = self._problems.get(module)
        return str(problem) if problem is not None else f"there is no MIB module {module}: {self._nowhere(module)}"

    def _nowhere(self, module: str) -> str:
        """Return why a module is not found, with names of similar ones."""
        if _MODULE.fullmatch(module) is None:
            return "no module can have this name: such names have letters, digits, hyphens, dots and underscores only"
        known = {name.upper(): name for name in self._known_names()}
        count = 1 if module.upper() in known else 2
        import difflib  # noqa: PLC0415 - only for the text of an error

        names = [known[found] for found in difflib.get_close_matches(module.upper(), known, n=count, cutoff=0.85)]
        if self._sealed:
            return f"{self.store.path} does not have it{hint_at(names)}"
        where = ", ".join(map(str, self._folders))
        places = f"it is not in {where}, and" if where else "it"
        hint = hint_at(names) if names or where else "; add the folder that has it"
        return f"{places} does not come with the compiler{hint}"

    def _known_names(self) -> set[str]:
        """Return the names of all modules that can be loaded."""
        names = set() if self._sealed else {*self._sources().names(), *self._sources().bundled_names()}
        if not names or not self._compiler_version():
            names |= {self.store.module(identity).name for identity in self.store.module_ids()}
        return names

    # ------------------------------------------------------------------------------------ compiling

    def _sources(self) -> Sources:
        if self._sources_of_folders is None:
            from snmptcp.mib.sources import Sources  # noqa: PLC0415 - not needed if all is compiled

            self._sources_of_folders = Sources(self._folders)
        return self._sources_of_folders

    def _compiler_version(self) -> str:
        """Return the compiler's name and version; ``""`` if it is not installed."""
        if self._compiler is None:
            self._compiler = _seen_compiler() or _installed_compiler()
        return self._compiler

    def _present(self, name: str) -> int | None:
        """Return the id of a compiled module that is up to date: its text and its imports are the same as then."""
        if name not in self._ids:
            self._ids[name] = self._up_to_date(name)
        return self._ids[name]

    def _up_to_date(self, name: str) -> int | None:
        if self._sealed:
            return self.store.newest(name)
        source = self._source(name)
        compiler = self._compiler_version()
        if source is None or not compiler:  # nothing to compare with: what was compiled last is all there is
            return self.store.newest(name)
        for made in self.store.made_of(name, source.digest, compiler):
            if self._all_texts().fingerprint(made.basis) == made.fingerprint:
                self._paths[made.identity] = source.path
                return made.identity
        return None

    def _failure(self, source: Source) -> FailedModule | None:
        """Return how the compilation of a text has failed; ``None`` if something has changed since."""
        from snmptcp.mib.compiler import FailedModule  # noqa: PLC0415 - needed once

        for failure in self.store.failures(source.module, source.digest, self._compiler_version()):
            if self._all_texts().fingerprint(failure.basis) == failure.fingerprint:
                problem = dataclasses.replace(failure.problem, path=source.path)
                return FailedModule(problem, source, failure.basis, failure.stage)
        return None

    def _all_texts(self) -> _Texts:
        """Return the texts of the folders and of the bundle."""
        if self._texts is None:
            self._texts = _Texts(self._sources())
        return self._texts

    def _bundled_texts(self) -> _Texts:
        """Return the texts of the bundle."""
        from snmptcp.mib.sources import Sources  # noqa: PLC0415 - not needed if all is compiled

        return _Texts(Sources())

    def _source(self, name: str) -> Source | None:
        """Return the text of a module, which is read once for each call of :meth:`load` or :meth:`identity_of`."""
        return self._all_texts().find(name)

    def _look_again(self) -> None:
        """Forget what files have, because they may have changed."""
        self._texts = None
        self._ids.clear()

    def _compile_missing(
        self,
        names: Iterable[str],
        on_progress: Callable[[int, int], object] | None = None,
        *,
        again: bool = False,
    ) -> None:
        """Compile modules that are not compiled; those that could not be only if something has changed, or again."""
        if self._sealed:
            return
        sources = []
        for source in [self._source(name) for name in names if self._present(name) is None]:
            failed = None if source is None or again else self._failure(source)
            if failed is not None:
                self._problems[failed.problem.module] = failed.problem
            elif source is not None:
                sources.append(source)
        self._compile(sources, self._all_texts(), on_progress, again=again)

    def _compile(
        self,
        sources: Sequence[Source],
        texts: _Texts,
        on_progress: Callable[[int, int], object] | None = None,
        *,
        again: bool = False,
    ) -> None:
        """Compile modules, and keep what comes out."""
        from snmptcp.mib.compiler import FailedModule, check_compiler, compile_modules  # noqa: PLC0415 - needed once

        if not sources and self._compiler_version():
            return
        compiler = check_compiler()
        plural = "" if len(sources) == 1 else "s"
        kept = "" if self.store.path is None else ", which are kept: this happens once"
        logger.info("compiling %d MIB module%s%s", len(sources), plural, kept)
        ids: dict[str, int] = {}
        begun = itertools.count()

        def begin(_: str) -> None:
            if on_progress is not None:
                on_progress(next(begun), len(sources))

        known = None if again else self._failure
        for item in compile_modules(sources, texts.sources, on_progress=begin, known=known):
            if isinstance(item, FailedModule):
                self._problems[item.problem.module] = item.problem
                self._keep_failure(item, compiler, texts)
                logger.warning("%s", item.problem)
            else:
                self._problems.pop(item.source.module, None)
                ids[item.source.module] = self._keep(item, compiler, ids, texts)
        self._ids.clear()

    def _keep_failure(self, item: FailedModule, compiler: str, texts: _Texts) -> None:
        """Keep why a module cannot be compiled, so that the next process need not try."""
        if item.source is not None and item.lasting:
            fingerprint = texts.fingerprint(item.basis)
            failure = Failure(item.problem, item.source.digest, item.basis, fingerprint, item.stage)
            self._written(lambda: self.store.write_failure(failure, compiler))

    def _keep(self, item: CompiledModule, compiler: str, ids: dict[str, int], texts: _Texts) -> int:
        from snmptcp.mib.flatten import flatten  # noqa: PLC0415 - needed once

        source = item.source
        rows = flatten(source.module, source.text, item.document, item.superseded, _Kept(self, ids))
        module = Module(source.module, source.path, source.digest, item.imports, item.repairs, rows.revision)
        origin = Origin(item.basis, texts.fingerprint(item.basis))
        standard = source.path == _BUNDLE and texts.are_bundled(item.basis)
        return self._written(lambda: self.store.write(module, compiler, rows, origin, standard=standard))

    def _written(self, write: Callable[[], T]) -> T:
        """Write into the file; where that fails, as on a full disk, what is compiled stays in memory from now on."""
        try:
            return write()
        except MibError as error:
            if isinstance(error, BrokenStore) or self.store.path is None:
                raise
            logger.warning("compiled MIB modules are not kept: %s", printable(str(error), None))
            self.store.move_to_memory()
            return write()

    def kept(self, module: str, ids: dict[str, int]) -> int | None:
        """Return the id of a module that another imports from."""
        identity = ids.get(module)
        return identity if identity is not None else self._present(module)


def _seen_compiler() -> str:
    """Return the compiler's name and version by the name of a folder; ``""`` if it is not seen.

    Asking for the metadata of distributions takes longer than the first name that is looked up.
    """
    for folder in map(Path, sys.path):
        for found in folder.glob("pysnmp_pysmi-*.dist-info"):
            return f"{_BUNDLE} {found.stem.removeprefix('pysnmp_pysmi-')}"
    return ""


def _installed_compiler() -> str:
    """Return the compiler's name and version by the metadata of distributions; ``""`` if it is not installed."""
    from snmptcp.mib.compiler import compiler_version  # noqa: PLC0415 - costs 20 ms

    return compiler_version() or ""


class _Texts:
    """Texts of modules, each of which is read once."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self._found: dict[str, Source | None] = {}

    def find(self, name: str) -> Source | None:
        """Return the best text of a module."""
        if name not in self._found:
            self._found[name] = self.sources.find(name)
        return self._found[name]

    def fingerprint(self, basis: Basis) -> str:
        """Return what tells whether the texts that a module was made of have changed."""
        return basis.fingerprint(self._digest, self.sources.defining)

    def are_bundled(self, basis: Basis) -> bool:
        """Whether all that a module was made of comes with the compiler."""
        found = [source for name in basis.modules if (source := self.find(name)) is not None]
        return all(source.path == _BUNDLE for source in found) and not any(map(self.sources.defining, basis.symbols))

    def _digest(self, name: str) -> str:
        source = self.find(name)
        return "" if source is None else source.digest


class _Kept:
    """What the modules that are compiled already say of their types and objects."""

    def __init__(self, library: Library, ids: dict[str, int]) -> None:
        self._library = library
        self._ids = ids

    def type_of(self, module: str, name: str) -> Syntax | None:
        """Return a type of a module."""
        identity = self._library.kept(module, self._ids)
        return None if identity is None else self._library.store.type_of(identity, name)

    def syntax_of(self, module: str, label: str) -> Syntax | None:
        """Return the syntax of an object."""
        identity = self._library.kept(module, self._ids)
        node = None if identity is None else self._library.store.node_of(identity, label)
        return None if node is None else node.syntax

    def index_of(self, module: str, label: str) -> tuple[IndexPart, ...]:
        """Return the index of a row."""
        identity = self._library.kept(module, self._ids)
        node = None if identity is None else self._library.store.node_of(identity, label)
        return () if node is None else node.index


def _open_cache(path: Path) -> Store:
    """Open the file of compiled modules.

    One that is broken is replaced; where nothing can be written, what is compiled stays in memory.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and not os.access(path, os.W_OK):
            return Store.copy_in_memory(path)
        return Store(path)
    except BrokenStore as error:
        logger.warning("%s; a new file takes its place", printable(str(error), None))
        return _replaced(path)
    except (OSError, MibError) as error:
        _tell_not_kept(error)
        return Store(None)


def _replaced(path: Path) -> Store:
    """Set a broken file aside, and begin a new one; in memory, if the folder cannot be written."""
    try:
        path.replace(path.with_suffix(".broken"))
        return Store(path)
    except (OSError, MibError) as error:
        _tell_not_kept(error)
        return Store(None)


def _tell_not_kept(error: OSError | MibError) -> None:
    reason = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else str(error)
    text = "compiled MIB modules are not kept, and each start compiles them again: %s; name another file in %s"
    logger.warning(text, printable(reason, None), CACHE_VARIABLE)


def hint_at(names: Sequence[str]) -> str:
    """Return the end of an error about an unknown name: the similar ones, if there are any."""
    return f"; there is {' and '.join(names)}" if names else ""
