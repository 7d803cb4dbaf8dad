"""The child process that compiles MIB modules: ``main()`` answers one line of JSON with one line of JSON.

Texts of strangers can make a compiler run for ever, eat all memory or crash.  So the compiler runs here, in a process
that its parent (:mod:`snmptcp.mib.compiler`) ends when a limit is reached; nothing else of the program imports it.

Requests, each with its answer; what goes wrong with a module is ``{"failed": reason, "line": line}``::

    {"parse": name, "text": text}        {"parsed": name, "imports": {module: [symbols]}, "needs": [modules],
                                          "defines": [symbols], "missing": [symbols], "repairs": [...]}
    {"link": name, "from": {symbol: module}}    the same
    {"generate": name}                   {"document": {...}, "superseded": [...], "repairs": [...]}

``needs`` are the modules that must be parsed before the document is generated.  ``missing`` are the symbols that the
module uses and neither defines nor imports: it must be linked then, which tells where some symbols come from; what is
still missing is done without.  A repair is a pair of its line and what was done, in words.

Contains: the answers, and the limits.  Does not contain: the calls of the compiler (:mod:`snmptcp.mib.parsing`,
:mod:`snmptcp.mib.generating`), the search for texts, and trust in them.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from typing import TYPE_CHECKING, Any, TypeVar

from pysmi.error import PySmiError
from pysmi.mibs import successor_for

from snmptcp.mib.generating import UNKNOWN, Generator, words_of
from snmptcp.mib.parsing import ModuleParser
from snmptcp.mib.repairs.definitions import Refused

try:
    import resource
except ImportError:  # Windows: the parent's clock is the only limit
    resource = None  # type: ignore[assignment]  # mypy takes the name for the module alone

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

    from snmptcp.mib.generating import Table
    from snmptcp.mib.parsing import Tree

__all__ = ("Worker", "main")

T = TypeVar("T")

#: What the compiler blames: ``Unknown parent symbol: x``, ``no symbol "x" in module "Y"``.
_BLAMED = re.compile(r'(?:(?:symbol|module)(?:: | ")|\A(?=\S+ cannot be read))([A-Za-z][A-Za-z0-9_-]*)')

#: How many octets the process may write into a file: its last words, which the parent shows if it ends.
_MOST_WRITTEN = 65536

_WORD = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")


class _Failed(Exception):
    """A module that cannot be compiled, with the line of the fault (0 if it is not known)."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


class Worker:
    """The compiler's parts, and what they keep between modules: texts, syntax trees and symbol tables."""

    def __init__(self) -> None:
        self._parser = ModuleParser()
        self._generator = Generator()
        self._texts: dict[str, str] = {}
        self._trees: dict[str, Tree] = {}
        self._lines: dict[str, dict[str, int]] = {}  # where names are in texts, once that is asked for

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to one request."""
        try:
            if "parse" in request:
                return self._parse(request["parse"], request["text"])
            if "link" in request:
                return self._link(request["link"], request["from"])
            return self._generate(request["generate"])
        except _Failed as exc:
            name = request.get("parse") or request.get("link") or request.get("generate", "")
            return {"failed": exc.reason, "line": exc.line or self._line_of_symbol(name, exc.reason)}

    def _line_of_symbol(self, module: str, reason: str) -> int:
        """Return the line of the symbol or module that the compiler blames; 0 if it blames none."""
        blamed = _BLAMED.search(reason)
        return self._line(module, blamed[1]) if blamed is not None and module in self._texts else 0

    def _parse(self, name: str, text: str) -> dict[str, Any]:
        tree, notes = self._guard(lambda: self._parser.parse(name, text))
        self._texts[name] = text
        self._lines.pop(name, None)
        table = self._guard(lambda: self._generator.table(tree))
        return self._parsed(table, [list(note) for note in notes])

    def _link(self, name: str, sources: dict[str, str]) -> dict[str, Any]:
        tree, repairs = self._trees[name], []
        imports = {module: list(symbols) for module, symbols in (tree.imports or {}).items()}
        used = words_of(tree)
        for symbol, source in sorted(sources.items()):
            if symbol not in used:
                continue
            wrong = [module for module, symbols in imports.items() if symbol in symbols]
            for module in wrong:
                imports[module] = [other for other in imports[module] if other != symbol]
            if source != name:
                imports.setdefault(source, []).append(symbol)
            instead = f"not from {' or '.join(wrong)}" if wrong else "although it is not imported"
            repairs.append(self._remark(name, symbol, f"{symbol} is taken from {source}, {instead}"))
        tree = tree._replace(imports={module: symbols for module, symbols in imports.items() if symbols})
        table = self._guard(lambda: self._generator.table(tree, complete=True))
        return self._parsed(table, repairs)

    def _parsed(self, table: Table, repairs: list[list[Any]]) -> dict[str, Any]:
        tree = self._trees[table.tree.name] = table.tree
        return {
            "parsed": tree.name,
            "imports": {module: symbols for module, symbols in (tree.imports or {}).items() if module != UNKNOWN},
            "needs": table.needs,
            "defines": table.defines,
            "missing": table.missing,
            "repairs": repairs + [self._remark(tree.name, remark.name, remark.text) for remark in table.remarks],
        }

    def _remark(self, module: str, name: str, text: str) -> list[Any]:
        """Return a repair whose line is that of a name: where it begins a line, or else where it is first."""
        return [self._line(module, name), text]

    def _line(self, module: str, name: str) -> int:
        lines = self._lines.get(module)
        if lines is None:
            lines = self._lines[module] = _first_lines(self._texts[module])
        return lines.get(name, 0)

    def _generate(self, name: str) -> dict[str, Any]:
        tree = self._trees.pop(name)
        document, remarks = self._guard(lambda: self._generator.document(tree))
        superseded = [
            entry["name"]
            for entry in document.values()
            if "oid" in entry and successor_for(name, entry["oid"]) not in (None, name)
        ]
        repairs = [self._remark(name, remark.name, remark.text) for remark in remarks]
        return {"document": document, "superseded": superseded, "repairs": repairs}

    def _guard(self, action: Callable[[], T]) -> T:
        """Do what the compiler does with a text; all that goes wrong is the text's fault."""
        try:
            return action()
        except Refused as exc:
            raise _Failed(exc.reason, exc.line) from exc
        except PySmiError as exc:
            line = getattr(exc, "lineno", 0)
            raise _Failed(exc.msg, line if isinstance(line, int) else 0) from exc
        except RecursionError as exc:
            raise _Failed("its definitions are nested too deeply") from exc
        except (MemoryError, _Failed):
            raise
        except Exception as exc:
            raise _Failed(f"the compiler fails with {type(exc).__name__}: {exc}") from exc


def _first_lines(text: str) -> dict[str, int]:
    """Return the line of each word of a text: the first that it begins, or else the first that has it."""
    first: dict[str, int] = {}
    anywhere: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        words = _WORD.findall(line)
        for word in words:
            anywhere.setdefault(word, number)
        if words and line.lstrip().startswith(words[0]):
            first.setdefault(words[0], number)
    return {**anywhere, **first}


def _set_limit(name: str, value: int) -> None:
    """Set a limit of this process, where the platform has it; never above what the process may have."""
    if resource is None:
        return
    kind: int | None = getattr(resource, name, None)
    if kind is None:
        return
    _, most = resource.getrlimit(kind)
    if most != resource.RLIM_INFINITY:
        value = min(value, most)
    try:
        resource.setrlimit(kind, (value, most))
    except (OSError, ValueError):
        return  # macOS refuses some


def _spent() -> float:
    times = os.times()
    return times.user + times.system


def main() -> int:
    """Answer requests until the parent closes its end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this process
    options = json.loads(sys.stdin.buffer.readline())
    _set_limit("RLIMIT_AS", options["memory"])
    _set_limit("RLIMIT_CORE", 0)
    _set_limit("RLIMIT_FSIZE", _MOST_WRITTEN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    worker = Worker()
    _write(answers, {"ready": True})
    for line in sys.stdin.buffer:
        _set_limit("RLIMIT_CPU", int(_spent() + options["cpu"]) + 1)
        try:
            answer = worker.answer(json.loads(line))
        except MemoryError:
            answer = {"exhausted": "memory"}
        _write(answers, answer)
    return 0


def _write(answers: BinaryIO, answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer, separators=(",", ":")).encode() + b"\n")
    answers.flush()


if __name__ == "__main__":
    sys.exit(main())
