"""The names of MIB modules that a command's options ask for, opened when the first of them is needed.

Contains: :class:`Names`: names to OIDs, and the printer of names and values.  Does not contain: the options
(:mod:`snmptcp.cli.options.mibs`), and what MIB modules say (:mod:`snmptcp.mib`).

Numbers need none of it: a command with numbers alone neither opens nor imports what knows modules.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import re
import sys
from typing import TYPE_CHECKING

from snmptcp.cli.output.report import report
from snmptcp.errors import ConfigurationError, MibError
from snmptcp.mib.objects import Problem
from snmptcp.mib.text import DEFAULT, TextFormatter
from snmptcp.oid import OID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snmptcp.cli.options.mibs import InputStyle, MibOptions
    from snmptcp.mib import Mib, Node
    from snmptcp.mib.text import TextStyle

__all__ = ("Names", "told_once")

_NUMERIC = re.compile(r"\.?[0-9]+(?:\.[0-9]+)*\.?", re.ASCII)
_MODULE = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*)::?(?=[A-Za-z])", re.ASCII)

#: OIDs in a text: with more arcs than an address has octets.
_OIDS = re.compile(r"(?<![\w.])[012](?:\.[0-9]{1,10}){5,127}(?![.-]?\w)", re.ASCII)

#: Where numbers begin with -Iu.
_MIB_2 = OID("1.3.6.1.2.1")

_LIBRARY_LOG = logging.getLogger("snmptcp.mib")


class Names:
    """Names for OIDs, and OIDs for names, by the modules that options ask for.

    Args:
        options: the options; ``None`` for no names at all.
        style: how the command prints names and values.
    """

    def __init__(self, options: MibOptions | None = None, style: TextStyle = DEFAULT) -> None:
        self._options = options
        self._style = style
        self._mib: Mib | None = None
        self._is_open = options is None or options.off
        self._has_folders = False
        self._reason = ": names are turned off (-m '' or MIBS)"

    # -------------------------------------------------------------------------------------- modules

    @property
    def mib(self) -> Mib | None:
        """The modules; ``None`` if there are none.  The first use opens them, and compiles what has to be."""
        if not self._is_open and self._options is not None:
            self._is_open = True
            with told_once(problems=self._options.tell_problems) as told:
                self._mib = self._open(self._options, told)
        return self._mib

    @property
    def at_hand(self) -> Mib | None:
        """The modules, unless they have to be compiled, or names are numbers, although no option names any."""
        if self._is_open or self._is_used:
            return self.mib
        if self._style.names == "numeric":
            return None
        from snmptcp.mib import Mib  # noqa: PLC0415 - as below

        return self.mib if Mib.has_compiled_standard() else None

    def required(self) -> Mib:
        """Return the modules.

        Raises:
            MibError: there are none; the text says what to install, or to give.
        """
        mib = self.mib
        if mib is None:
            raise MibError(f"there are no MIB modules{self._reason}")
        return mib

    def _open(self, options: MibOptions, told: _Told) -> Mib | None:
        from snmptcp.mib import Mib  # noqa: PLC0415 - numbers need none of it

        try:
            if options.compiled is not None:
                return Mib.from_file(options.compiled)
            mib = Mib(standard=options.standard)
        except MibError as error:
            self._reason = f": {error}"
            if options.asked and told.problem(str(error)):
                self._reason = ""
            return None
        self._load(mib, options, told)
        return mib

    def _load(self, mib: Mib, options: MibOptions, told: _Told) -> None:
        """Load the modules and files that options name; tell those that cannot be read."""
        modules = list(options.modules)
        if not modules and not options.files:
            return
        self._add_folders(mib)
        for file in options.files:
            try:
                modules += mib.add_file(file)
            except MibError as error:
                told.problem(str(error))
        try:
            for problem in mib.load(*modules):
                told.problem(str(problem))
        except MibError as error:  # no compiler
            told.problem(str(error))

    def _add_folders(self, mib: Mib) -> None:
        """Let modules be found in the folders, which takes some time: not before a module is named."""
        if self._has_folders or self._options is None or self._options.compiled is not None:
            return
        self._has_folders = True
        for folder in self._options.folders:
            mib.add_folder(folder)

    # ------------------------------------------------------------------------------------- names in

    def oid(self, text: str) -> OID:
        """Return the OID of a name: of dotted numbers, or of a name as ``-I`` wants it read.

        Raises:
            MibError: no module defines it, or there are no modules.
            ConfigurationError: an impossible OID.
        """
        if self._options is None:
            return self._without_modules(text)
        style = self._options.input
        if style.suffix:
            text = f"{text}{'' if style.suffix.startswith('.') else '.'}{style.suffix}"
        text = f"{style.prefix}{text}"
        if _NUMERIC.fullmatch(text):
            relative = style.relative and not text.startswith(".")
            return _MIB_2 + OID.fragment(text.strip(".")) if relative else OID(text)
        return self._named(text, best_match=style.best_match)

    def _named(self, text: str, *, best_match: bool) -> OID:
        mib = self.mib
        if mib is None:
            return self._without_modules(text)
        module = _MODULE.match(text)
        if module is None:
            return _best_match(mib, text).oid if best_match else mib.oid(text)
        with told_once(problems=True):
            if module[1] not in {loaded.name for loaded in mib.modules}:
                self._add_folders(mib)
            return mib.oid(f"{module[1]}::{text[module.end() :]}")

    def _without_modules(self, text: str) -> OID:
        try:
            return OID(text)  # numbers, or iso.3.6.1
        except ConfigurationError:
            if not re.search("[A-Za-z]", text):
                raise
            raise MibError(f"{text!r} needs MIB modules{self._reason}; give numbers{self._other_modules}") from None

    @property
    def _other_modules(self) -> str:
        """The option for modules that need no compiler, unless options have chosen others."""
        chosen = self._options is None or self._options.off or self._options.compiled is not None
        return "" if chosen else ", or --mib-file FILE"

    def matching(self, pattern: str) -> Iterator[Node]:
        """Yield the nodes whose label matches a regular expression, in the order of their OIDs.

        Raises:
            MibError: the expression is invalid, or there are no modules.
        """
        return (node for _, node in _matches(self.required(), pattern))

    def object_at(self, oid: OID, *, needed: bool = False) -> Node | None:
        """Return the object that an instance belongs to; ``None`` if no module defines it, or there are none.

        Args:
            oid: the instance.
            needed: whether to open the modules for it; otherwise they are used if they are open, or an option names
                modules.
        """
        mib = self.mib if needed or self._is_used else None
        return None if mib is None else mib.object_of(oid)

    @property
    def input(self) -> InputStyle | None:
        """How names and values are read; ``None`` without options."""
        return None if self._options is None else self._options.input

    # ------------------------------------------------------------------------------------ names out

    @property
    def _is_used(self) -> bool:
        """Whether modules are open, or will be: an option names them."""
        return self._mib is not None or (self._options is not None and self._options.asked)

    def formatter(self, style: TextStyle | None = None) -> TextFormatter:
        """Return what prints names and values.

        Numbers do not open modules for the sake of values: with ``-On`` they are used if they are open, or if an
        option names modules.

        Args:
            style: how to print; optional, default as the command's ``-O`` says.
        """
        style = self._style if style is None else style
        if self.input is not None and not self.input.use_hints:
            style = dataclasses.replace(style, hints=False)
        mib = self.shown(style)
        if mib is None and style.names == "module":  # of no module: numbers
            style = dataclasses.replace(style, names="numeric")
        return TextFormatter(mib, style)

    def shown(self, style: TextStyle) -> Mib | None:
        """Return the modules that a style prints names of; ``None`` if it prints numbers, or none is loaded."""
        mib = self.mib if style.names != "numeric" or self._is_used else None
        return mib if mib is not None and mib.modules else None

    def in_text(self, text: str) -> str:
        """Return an error's text with names in the place of dotted OIDs, if the command prints names."""
        if not _OIDS.search(text):
            return text
        formatter = self.formatter()
        if formatter.style.names in {"numeric", "none"}:
            return text
        return _OIDS.sub(lambda match: _name_of(match[0], formatter), text)


def _name_of(numbers: str, formatter: TextFormatter) -> str:
    """Return the name of dotted numbers; the numbers if they are no OID."""
    try:
        return formatter.name(OID(numbers))
    except ConfigurationError:  # such as 1.99.1.1.1.1 in what a peer has sent
        return numbers


def _best_match(mib: Mib, pattern: str) -> Node:
    """Return the node whose label matches a regular expression best: at its start, and with the shortest label.

    Raises:
        MibError: no label matches, or the expression is invalid.
    """
    found = [(match.start(), len(node.label), node.oid, node) for match, node in _matches(mib, pattern)]
    if not found:
        raise MibError(f"no loaded MIB module defines a label that matches {pattern!r}")
    return min(found, key=lambda item: item[:3])[3]


def _matches(mib: Mib, pattern: str) -> Iterator[tuple[re.Match[str], Node]]:
    try:
        expression = re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        raise MibError(f"{pattern!r} is no regular expression: {error}") from None
    for node in mib.nodes():
        match = expression.search(node.label)
        if match is not None:
            yield match, node


# ------------------------------------------------------------------------------------------- telling


class _Told(logging.Handler):
    """Lines on stderr about modules, each once: what the library logs, and what else is wrong.

    Args:
        problems: whether modules that cannot be read are told.
    """

    def __init__(self, *, problems: bool) -> None:
        super().__init__(logging.INFO)
        self._problems = problems
        self._known: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Tell what the library logs: warnings, and on a terminal that it compiles."""
        text = record.getMessage()
        if isinstance(record.args, tuple) and any(isinstance(argument, Problem) for argument in record.args):
            self.problem(text)
        elif record.levelno >= logging.WARNING or sys.stderr.isatty():
            self._tell(text)

    def problem(self, text: str) -> bool:
        """Tell why a module cannot be read, unless that was told; return whether it is told."""
        if self._problems:
            self._tell(text)
        return self._problems

    def _tell(self, text: str) -> None:
        if text not in self._known:
            self._known.add(text)
            report(text)


@contextlib.contextmanager
def told_once(*, problems: bool) -> Iterator[_Told]:
    """Tell what the library logs about modules as single lines, while a block opens or loads them."""
    told = _Told(problems=problems)
    level, propagates = _LIBRARY_LOG.level, _LIBRARY_LOG.propagate
    _LIBRARY_LOG.addHandler(told)
    _LIBRARY_LOG.setLevel(logging.INFO)
    _LIBRARY_LOG.propagate = False
    try:
        yield told
    finally:
        _LIBRARY_LOG.removeHandler(told)
        _LIBRARY_LOG.setLevel(level)
        _LIBRARY_LOG.propagate = propagates
