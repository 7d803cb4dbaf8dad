"""The child process that compiles MIB modules: ``main()`` answers one line of JSON with one line of JSON.

Texts of strangers can make a compiler run for ever, eat all memory or crash.  So the compiler runs here, in a process
that its parent (:mod:`snmptcp.mib.compiler`) ends when a limit is reached; nothing else of the program imports it.

Requests, each with its answer; what goes wrong with a module is ``{"failed": reason, "line": line}``::

    {"parse": name, "text": text}   {"parsed": name, "imports": [...], "needs": [...], "repairs": [...]}
    {"generate": name}              {"document": {...}, "superseded": [...], "repairs": [...]}

``needs`` are the modules that must be parsed before the document is generated; ``imports`` those that the text names.

Contains: the calls of the compiler.  Does not contain: the search for texts, and trust in them.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import TYPE_CHECKING, Any

from pysmi.codegen.jsondoc import JsonCodeGen
from pysmi.codegen.symtable import SymtableCodeGen
from pysmi.error import PySmiError
from pysmi.mibs import successor_for
from pysmi.parser.smiv1compat import SmiV1CompatParser

try:
    import resource
except ImportError:  # Windows: the parent's clock is the only limit
    resource = None  # type: ignore[assignment]  # mypy takes the name for the module alone

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

__all__ = ("Worker", "main")


class _Failed(Exception):
    """A module that cannot be compiled, with the line of the fault (0 if it is not known)."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


class Worker:
    """The compiler's parts, and what they keep between modules: syntax trees and symbol tables."""

    def __init__(self) -> None:
        self._parser = SmiV1CompatParser()
        self._symbols = SymtableCodeGen()
        self._documents = JsonCodeGen()
        self._trees: dict[str, Any] = {}
        self._tables: dict[str, Any] = {}

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to one request."""
        try:
            if "parse" in request:
                return self._parse(request["parse"], request["text"])
            return self._generate(request["generate"])
        except _Failed as exc:
            return {"failed": exc.reason, "line": exc.line}

    def _parse(self, name: str, text: str) -> dict[str, Any]:
        tree = self._guard(lambda: self._find_tree(name, text))
        info, table = self._guard(lambda: self._symbols.gen_code(tree, self._tables))
        self._trees[name] = tree
        self._tables[name] = table
        imports = sorted(module for module in tree[2] or {} if module != name)
        needs = sorted(module for module in info.imported if module != name)
        return {"parsed": name, "imports": imports, "needs": needs, "repairs": []}

    def _find_tree(self, name: str, text: str) -> Any:
        self._parser.reset()
        trees = self._parser.parse(text)
        for tree in trees:
            if tree[0] == name:
                return tree
        raise _Failed("the text ends before the END of the module" if not trees else "it is not in its text")

    def _generate(self, name: str) -> dict[str, Any]:
        tree = self._trees.pop(name)
        _, text = self._guard(
            lambda: self._documents.gen_code(tree, self._tables, genTexts=True, textFilter=lambda _, text: text)
        )
        document = json.loads(text)
        superseded = [
            entry["name"]
            for entry in document.values()
            if "oid" in entry and successor_for(name, entry["oid"]) not in (None, name)
        ]
        return {"document": document, "superseded": superseded, "repairs": []}

    def _guard(self, action: Callable[[], Any]) -> Any:
        """Do what the compiler does with a text; all that goes wrong is the text's fault."""
        try:
            return action()
        except PySmiError as exc:
            line = getattr(exc, "lineno", 0)
            raise _Failed(exc.msg, line if isinstance(line, int) else 0) from exc
        except RecursionError as exc:
            raise _Failed("its definitions are nested too deeply") from exc
        except (MemoryError, _Failed):
            raise
        except Exception as exc:
            raise _Failed(f"the compiler fails with {type(exc).__name__}: {exc}") from exc


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
    _set_limit("RLIMIT_FSIZE", 0)
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
