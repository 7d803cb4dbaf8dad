"""Compiles MIB modules in a child process with limits, and yields the compiler's documents.

The compiler is the distribution pysnmp-pysmi (the extra ``mib``).  Another distribution, pysmi, has an import package
of the same name, so the distribution is checked before anything is compiled.

Contains: the order of the modules, the child process, the check of its answers.  Does not contain: the calls of the
compiler (:mod:`snmptcp.mib.worker`), the search for texts (:mod:`snmptcp.mib.sources`), the meaning of a document
(:mod:`snmptcp.mib.flatten`).
"""

from __future__ import annotations

import dataclasses
import importlib.metadata
import importlib.util
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snmptcp.errors import MibError
from snmptcp.mib.basis import Basis
from snmptcp.mib.imports import ImportSearch
from snmptcp.mib.objects import Problem
from snmptcp.mib.sources import definitions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from snmptcp.mib.sources import Source, Sources

__all__ = ("CompiledModule", "FailedModule", "Limits", "check_compiler", "compile_modules", "compiler_version")

_DISTRIBUTION = "pysnmp-pysmi"
_OTHER_DISTRIBUTION = "pysmi"
_SCHEMA = 1
_INSTALL = "pip install 'snmptcp[mib]'"

#: How many repairs of one module are told.
_MOST_REPAIRS = 200


@dataclass(frozen=True, slots=True)
class Limits:
    """What one module may take.

    Attributes:
        cpu_seconds: processor time, in seconds.
        memory: memory of the child process, in octets.
        text_size: length of its text, in characters.
        document_size: length of the compiler's answer, in octets.
    """

    cpu_seconds: float = 30.0
    memory: int = 1024 * 1024 * 1024
    text_size: int = 16 * 1024 * 1024
    document_size: int = 128 * 1024 * 1024

    @property
    def wall_seconds(self) -> float:
        """The time after which the child is ended although it has not used its processor time."""
        return self.cpu_seconds * (10 if _counts_processor_time() else 2) + 10


@dataclass(frozen=True, slots=True)
class CompiledModule:
    """A module as the compiler has it.

    Attributes:
        source: the text that it was made of.
        imports: the modules that it imports from, sorted.
        document: the compiler's document, of schema 1: a dictionary for each symbol.
        repairs: what was repaired, in lines of the form of a :class:`Problem`.
        superseded: the labels whose OID another module has taken over (``sysUpTime`` of RFC1213-MIB).
        basis: what else it was made of.
    """

    source: Source
    imports: tuple[str, ...]
    document: Mapping[str, Any]
    repairs: tuple[str, ...]
    superseded: frozenset[str]
    basis: Basis


@dataclass(frozen=True, slots=True)
class FailedModule:
    """A module that cannot be compiled.

    Attributes:
        problem: why.
        source: its text; ``None`` if there is none.
        basis: what else could make a difference.
        stage: what failed: ``"parse"``, ``"link"`` or ``"generate"``.  Modules that import from one that could be
            parsed and linked know its names.
        lasting: whether it would fail again: not if the compiler was killed, for instance.
    """

    problem: Problem
    source: Source | None = None
    basis: Basis = field(default_factory=Basis)
    stage: str = "parse"
    lasting: bool = True


def _counts_processor_time() -> bool:
    return importlib.util.find_spec("resource") is not None


def _installed(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def compiler_version() -> str | None:
    """Return the compiler's name and version, as ``"pysnmp-pysmi 6.0.1"``; ``None`` if it is not installed."""
    version = _installed(_DISTRIBUTION)
    return f"{_DISTRIBUTION} {version}" if version is not None else None


def check_compiler() -> str:
    """Return :func:`compiler_version`, if that version can be used.

    Raises:
        MibError: the compiler is not installed, another distribution owns its import package, or its version is not
            supported; the text says what to install.
    """
    version = _installed(_DISTRIBUTION)
    other = _installed(_OTHER_DISTRIBUTION)
    if version is None and other is None:
        raise MibError(f"compiling MIB modules needs {_DISTRIBUTION} 6: {_INSTALL}")
    if other is not None:
        both = f"both {_DISTRIBUTION} {version} and" if version is not None else "the distribution"
        raise MibError(
            f"{both} {_OTHER_DISTRIBUTION} {other} is installed, whose import package has the same name: "
            f"pip uninstall {_OTHER_DISTRIBUTION}, then pip install --force-reinstall '{_DISTRIBUTION}>=6,<7'"
        )
    if version is None or version.partition(".")[0] != "6":
        raise MibError(f"{_DISTRIBUTION} {version} is not supported; {_DISTRIBUTION} 6 is: {_INSTALL}")
    return f"{_DISTRIBUTION} {version}"


class _ChildEnded(Exception):
    """The child process has ended, or had to be ended; the text says why.

    Attributes:
        lasting: whether it would end so again.
    """

    def __init__(self, reason: str, *, lasting: bool = False) -> None:
        super().__init__(reason)
        self.lasting = lasting


class _Child:
    """A child process that compiles.

    Its answers are read by a thread, because not all platforms can wait for a pipe and a clock at once.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.parsed: set[str] = set()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        self._process = subprocess.Popen(  # noqa: S603 - our own command
            _command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=_environment(),
            cwd=os.path.abspath(os.sep),  # noqa: PTH100 - the root of the current drive
        )
        self._requests: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._talk, daemon=True, name="snmptcp-mib-compiler")
        self._thread.start()
        try:
            self.ask({"memory": limits.memory, "cpu": limits.cpu_seconds})
        except _ChildEnded as exc:
            self.close()
            raise MibError(f"the MIB compiler cannot be started: {exc}") from None
        except BaseException:
            self.close()
            raise

    def ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Send a request and return its answer.

        Raises:
            _ChildEnded: there is no answer, or it is none.
        """
        self._requests.put(json.dumps(request).encode() + b"\n")
        try:
            line = self._answers.get(timeout=self._limits.wall_seconds)
        except queue.Empty:
            lasting = not _counts_processor_time()  # otherwise the machine was busy, or slept
            raise _ChildEnded(f"it takes more than {self._limits.wall_seconds:g} seconds", lasting=lasting) from None
        if not line:
            raise self._explain_end()
        if len(line) > self._limits.document_size:
            reason = f"the compiler's answer is longer than {self._limits.document_size} octets"
            raise _ChildEnded(reason, lasting=True)
        try:
            answer = json.loads(line)
        except (ValueError, RecursionError):
            raise _ChildEnded("the compiler's answer is not JSON") from None
        if not isinstance(answer, dict):
            raise _ChildEnded("the compiler's answer is not a dictionary")
        if "exhausted" in answer:
            raise _ChildEnded(f"it needs more than {self._limits.memory // 2**20} MiB of memory", lasting=True)
        return answer

    def _talk(self) -> None:
        """Write each request and read its answer; an empty answer is the end."""
        writer, reader = self._process.stdin, self._process.stdout
        assert writer is not None  # noqa: S101 - for mypy: both are pipes
        assert reader is not None  # noqa: S101
        try:
            while (request := self._requests.get()) is not None:
                writer.write(request)
                writer.flush()
                self._answers.put(reader.readline(self._limits.document_size + 1))
        except (OSError, ValueError):
            self._answers.put(b"")

    def _explain_end(self) -> _ChildEnded:
        status = self._process.wait()
        if status < 0:
            if -status == getattr(signal, "SIGXCPU", None):
                reason = f"it takes more than {self._limits.cpu_seconds:g} seconds of processor time"
                return _ChildEnded(reason, lasting=True)
            lasting = -status == getattr(signal, "SIGSEGV", None)
            return _ChildEnded(f"the compiler was ended by signal {-status}", lasting=lasting)
        self._errors.seek(0)
        lines = self._errors.read(65536).decode("utf-8", "replace").strip().splitlines()
        return _ChildEnded(f"the compiler ended with status {status}" + (f": {lines[-1]}" if lines else ""))

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        self._requests.put(None)
        self._thread.join()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    continue  # an unsent rest of a request: the process has gone
        self._errors.close()


#: Packages are made without their ``__init__``, which would import the manager and its network for nothing.
_START = """\
import sys, types
for name, folder in {packages!r}.items():
    package = types.ModuleType(name)
    package.__path__ = [folder]
    sys.modules[name] = package
sys.path.extend({folders!r})
from snmptcp.mib.worker import main
sys.exit(main())
"""


def _command() -> list[str]:
    """Return the command of the child.

    It is isolated from the user's current folder, variables and site (``-I -S``): it finds the standard library, our
    own modules, and the folders that the compiler and its parser are installed in.
    """
    if not sys.executable:
        raise MibError("compiling MIB modules needs a child process, but this Python does not know its executable")
    here = Path(__file__).resolve().parent
    packages = {"snmptcp": str(here.parent), "snmptcp.mib": str(here)}
    specs = [importlib.util.find_spec(name) for name in ("pysmi", "ply")]
    places = [place for spec in specs if spec is not None for place in spec.submodule_search_locations or ()]
    folders = list(dict.fromkeys(str(Path(place).resolve().parent) for place in places))
    return [sys.executable, "-I", "-S", "-B", "-c", _START.format(packages=packages, folders=folders)]


def _environment() -> dict[str, str]:
    """Return what a Python needs to start, and no more."""
    needed = ("SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "__PYVENV_LAUNCHER__")
    return {name: os.environ[name] for name in needed if name in os.environ}


@dataclass(slots=True)
class _Parsed:
    """A module that has been parsed."""

    source: Source
    imports: dict[str, tuple[str, ...]] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    defines: frozenset[str] = frozenset()
    missing: tuple[str, ...] = ()
    repairs: dict[tuple[int, str], None] = field(default_factory=dict)
    #: What was said of the places of symbols when it was linked; ``None`` if it was not.
    links: dict[str, str] | None = None
    #: The symbols that were looked for in all modules.
    searched: tuple[str, ...] = ()
    #: All modules that it has been found to need, also those that others have taken the place of.
    named: set[str] = field(default_factory=set)

    def read(self, answer: Mapping[str, Any]) -> None:
        """Take over an answer of the child."""
        imports = answer.get("imports")
        if not isinstance(imports, dict):
            raise _ChildEnded("the compiler's answer is not understood")
        self.imports = {module: _read_texts(imports, module) for module in imports}
        self.needs = _read_texts(answer, "needs")
        self.defines = frozenset(_read_texts(answer, "defines"))
        self.missing = _read_texts(answer, "missing")
        self.repairs |= dict.fromkeys(_read_repairs(answer))
        self.named.update(self.imports, self.needs)


class _Batch:
    """Compiles modules one after another: what each imports first, each once."""

    def __init__(self, sources: Sources, limits: Limits, known: Callable[[Source], FailedModule | None]) -> None:
        self._sources = sources
        self._limits = limits
        self._known = known
        self._child: _Child | None = None
        self._parsed: dict[str, _Parsed] = {}
        self._failed: set[str] = set()
        self._done: set[str] = set()
        self._linked: set[str] = set()
        self._search = ImportSearch(sources, self._parsed)

    def compile(self, source: Source) -> Iterator[CompiledModule | FailedModule]:
        """Yield what this module needs, then the module."""
        yield from self._parse_all([source])
        yield from self._link_all(source.module)
        for name in self._order(source.module):
            if name not in self._done:
                self._done.add(name)
                yield self._generate(name)

    def close(self) -> None:
        if self._child is not None:
            self._child.close()
            self._child = None

    # -------------------------------------------------------------------------------------- parsing

    def _parse_all(self, first: Sequence[Source | str]) -> Iterator[FailedModule]:
        """Parse modules and all that they need."""
        waiting: list[Source | str] = list(reversed(first))
        while waiting:
            source = waiting.pop()
            name = source if isinstance(source, str) else source.module
            if name in self._parsed or name in self._failed:
                continue
            copies = self._sources.copies(name) if isinstance(source, str) else (source,)
            for copy in copies:
                failed = self._parse(copy)
                if failed is None:
                    waiting += reversed(self._parsed[name].needs)
                    break
                yield failed
            if name not in self._parsed:
                self._failed.add(name)

    def _parse(self, source: Source) -> FailedModule | None:
        if len(source.text) > self._limits.text_size:
            reason = f"its text has {len(source.text)} characters, more than the limit of {self._limits.text_size}"
            return FailedModule(Problem(source.module, source.path, 0, reason), source)
        known = self._known(source)
        if known is not None and known.stage == "parse":
            return known
        parsed = _Parsed(source)
        try:
            answer = self._ask({"parse": source.module, "text": source.text})
            if "failed" in answer:
                return FailedModule(_read_failure(source, answer), source)
            parsed.read(answer)
        except _ChildEnded as exc:
            self.close()
            return FailedModule(Problem(source.module, source.path, 0, str(exc)), source, lasting=exc.lasting)
        self._parsed[source.module] = parsed
        if self._child is not None:
            self._child.parsed.add(source.module)
        return None

    # -------------------------------------------------------------------------------------- linking

    def _link_all(self, first: str) -> Iterator[FailedModule]:
        """Look for what a module and those that it needs do not import, or import from where it is not."""
        while waiting := [name for name in self._order(first) if name not in self._linked]:
            for name in waiting:
                self._linked.add(name)
                failed = self._link(name)
                if failed is None:
                    yield from self._parse_all(self._parsed[name].needs)
                else:
                    self._failed.add(name)
                    yield failed

    def _link(self, name: str) -> FailedModule | None:
        parsed = self._parsed[name]
        known = self._known(parsed.source)
        if known is not None and known.stage == "link":
            return known
        # What the module itself defines in a way that cannot be read is not what another module calls so.
        missing = set(parsed.missing) - definitions(parsed.source.text)
        wanted: dict[str, str | None] = {**self._search.unresolved(name), **dict.fromkeys(missing)}
        if not wanted and not parsed.missing:
            return None
        found = {symbol: self._search.find(name, symbol, source) for symbol, source in wanted.items()}
        parsed.searched = parsed.missing  # others are not looked for in the folders
        links = {symbol: source for symbol, source in found.items() if source is not None}
        if not links and not parsed.missing:
            return None
        parsed.links = links
        try:
            self._parse_again(name)
        except _ChildEnded as exc:
            return self._ended(exc, name, "link")
        except _Refused as refused:
            return FailedModule(refused.problem, parsed.source, self._basis(name), "link")
        return None

    def _ended(self, exc: _ChildEnded, name: str, stage: str) -> FailedModule:
        """Return what has ended the child."""
        self.close()
        source = self._parsed[name].source
        problem = Problem(name, source.path, 0, str(exc))
        return FailedModule(problem, source, self._basis(name), stage, lasting=exc.lasting)

    # ----------------------------------------------------------------------------------- generating

    def _order(self, name: str) -> list[str]:
        """Return a module and all that it needs, the needed first."""
        found: dict[str, None] = {}
        open_modules: set[str] = set()
        stack = [(name, False)]
        while stack:
            current, closed = stack.pop()
            if closed:
                found.setdefault(current)
            elif current in self._parsed and current not in self._failed and current not in open_modules:
                open_modules.add(current)
                stack.append((current, True))
                stack += [(needed, False) for needed in reversed(self._parsed[current].needs)]
        return list(found)

    def _basis(self, name: str) -> Basis:
        """Return what a module is made of."""
        found: set[str] = set()
        symbols: set[str] = set()
        waiting = [name]
        while waiting:
            parsed = self._parsed.get(waiting.pop())
            if parsed is not None:
                symbols.update(parsed.searched)
                new = parsed.named - found
                found |= new
                waiting += new
        return Basis(tuple(sorted(found - {name})), tuple(sorted(symbols)))

    def _generate(self, name: str) -> CompiledModule | FailedModule:
        parsed = self._parsed[name]
        known = self._known(parsed.source)
        if known is not None:
            return known
        try:
            for needed in self._order(name):
                if self._child is None or needed not in self._child.parsed:
                    self._parse_again(needed)
            answer = self._ask({"generate": name})
            if "failed" in answer:
                problem = self._explain(_read_failure(parsed.source, answer), name)
                return FailedModule(problem, parsed.source, self._basis(name), "generate")
            return CompiledModule(
                parsed.source,
                tuple(sorted(module for module in parsed.imports if module != name)),
                _read_document(answer),
                _lines(parsed.source, (*parsed.repairs, *_read_repairs(answer))),
                frozenset(_read_texts(answer, "superseded")),
                self._basis(name),
            )
        except _ChildEnded as exc:
            return self._ended(exc, name, "generate")
        except _Refused as refused:
            return FailedModule(refused.problem, parsed.source, self._basis(name), "generate")

    def _parse_again(self, name: str) -> None:
        """Parse a module that an earlier child had parsed, and link it."""
        parsed = self._parsed[name]
        if self._child is None or name not in self._child.parsed:
            answer = self._ask({"parse": name, "text": parsed.source.text})
            if "failed" in answer or self._child is None:
                raise _ChildEnded(f"the compiler does not read {name} a second time")
            self._child.parsed.add(name)
        if parsed.links is not None:
            answer = self._ask({"link": name, "from": parsed.links})
            if "failed" in answer:
                raise _Refused(_read_failure(parsed.source, answer))
            parsed.read(answer)

    def _explain(self, problem: Problem, name: str) -> Problem:
        """Name the imports that were not found, if there are any: they are the likely cause."""
        missing = sorted(needed for needed in self._parsed[name].needs if needed in self._failed)
        if not missing:
            return problem
        reason = f"it imports from {', '.join(missing)}, which cannot be read, or is not at hand"
        if not problem.reason.startswith(tuple(missing)):
            reason = f"{reason}: {problem.reason}"
        return dataclasses.replace(problem, reason=reason)

    def _ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        if self._child is None:
            self._child = _Child(self._limits)
        return self._child.ask(request)


class _Refused(Exception):
    """The compiler refuses a module that it has parsed."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.reason)
        self.problem = problem


def _read_failure(source: Source, answer: Mapping[str, Any]) -> Problem:
    reason, line = answer.get("failed"), answer.get("line")
    if not isinstance(reason, str) or not isinstance(line, int):
        raise _ChildEnded("the compiler's answer is not understood")
    return Problem(source.module, source.path, line, " ".join(reason.split())[:500])


def _read_texts(answer: Mapping[str, Any], key: str) -> tuple[str, ...]:
    texts = answer.get(key)
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise _ChildEnded("the compiler's answer is not understood")
    return tuple(texts)


def _read_repairs(answer: Mapping[str, Any]) -> tuple[tuple[int, str], ...]:
    repairs = answer.get("repairs")
    if not isinstance(repairs, list) or not all(_is_repair(item) for item in repairs):
        raise _ChildEnded("the compiler's answer is not understood")
    return tuple((line, text) for line, text in repairs)


def _is_repair(item: object) -> bool:
    return isinstance(item, list) and len(item) == 2 and isinstance(item[0], int) and isinstance(item[1], str)


def _lines(source: Source, repairs: Sequence[tuple[int, str]]) -> tuple[str, ...]:
    """Return repairs as lines, in the order of the text."""
    lines = [
        str(Problem(source.module, source.path, line, " ".join(text.split())[:500]))
        for line, text in sorted(dict.fromkeys(repairs))[:_MOST_REPAIRS]
    ]
    if len(repairs) > _MOST_REPAIRS:
        more = f"{len(repairs) - _MOST_REPAIRS} more repairs"
        lines.append(str(Problem(source.module, source.path, 0, more)))
    return (*source.repairs, *lines)


def _read_document(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    document = answer.get("document")
    if not isinstance(document, dict) or not all(isinstance(entry, dict) for entry in document.values()):
        raise _ChildEnded("the compiler's document is not understood")
    schema = document.get("meta", {}).get("schema")
    if schema != _SCHEMA:
        raise MibError(f"the compiler's documents have schema {schema!r}; {_SCHEMA} is supported: {_INSTALL}")
    return document


def compile_modules(
    modules: Sequence[Source],
    sources: Sources,
    *,
    limits: Limits | None = None,
    on_progress: Callable[[str], object] | None = None,
    known: Callable[[Source], FailedModule | None] | None = None,
) -> Iterator[CompiledModule | FailedModule]:
    """Compile modules and all that they import.

    Args:
        modules: what to compile.
        sources: where imports are looked for.
        limits: what one module may take.
        on_progress: called with the name of each given module before it is compiled.
        known: returns how the compilation of a text has failed before, so that it is not tried again; ``None`` if it
            has not.

    Yields:
        Each module once, what it imports before it; a :class:`FailedModule` for each that cannot be compiled.  What
        does not need such a module is compiled nevertheless.

    Raises:
        MibError: the compiler cannot be used; see :func:`check_compiler`.
    """
    check_compiler()
    batch = _Batch(sources, limits if limits is not None else Limits(), known or (lambda _: None))
    try:
        for source in modules:
            if on_progress is not None:
                on_progress(source.module)
            yield from batch.compile(source)
    finally:
        batch.close()
