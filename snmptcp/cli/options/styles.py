"""``-O``, and the tokens of ``snmp.conf`` that mean the same: how a command prints names and values.

Contains: the style that they ask for.  Does not contain: what the letters do (:mod:`snmptcp.mib.text`), and printing
(:mod:`snmptcp.cli.options.printing`).

A letter of the command line wins over a token.  For net-snmp's tools a token wins.
"""

from __future__ import annotations

import argparse
import dataclasses
from typing import TYPE_CHECKING, Any

from snmptcp.cli.options.snmp_conf import snmp_conf
from snmptcp.errors import ConfigurationError
from snmptcp.mib.text import DEFAULT, OUTPUT_LETTERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snmptcp.cli.configuration.conf import PrintingConf
    from snmptcp.mib.text import TextStyle

__all__ = ("add_style_option", "read_style")

#: The letters for the form of names, of which the last counts.
_FORMS = frozenset("nsSfu")


class _StyleOption(argparse.Action):
    """``-Onq``: letters, which are checked and collected."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,  # noqa: ARG002 - argparse's signature
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,  # noqa: ARG002 - argparse's signature
    ) -> None:
        """Collect the letters; argparse calls this."""
        letters = str(values)
        try:
            DEFAULT.with_letters(letters)
        except ConfigurationError as error:
            raise argparse.ArgumentError(None, str(error)) from None
        namespace.style_letters = (*namespace.style_letters, letters)


def add_style_option(group: argparse._ArgumentGroup) -> None:
    """Add ``-O``."""
    letters = "; ".join(f"{letter} {meaning}" for letter, meaning in OUTPUT_LETTERS.items())
    group.add_argument("-O", dest="style_letters", metavar="LETTERS", action=_StyleOption, default=(), help=letters)


def read_style(arguments: argparse.Namespace) -> TextStyle:
    """Return the style of a command line; for a command without ``-O``, that of snmp.conf."""
    style = _style_of(snmp_conf(arguments).printing)
    given: tuple[str, ...] = getattr(arguments, "style_letters", ())
    mine = DEFAULT
    for letters in given:
        mine = mine.with_letters(letters)
    changes: dict[str, Any] = {
        field.name: getattr(mine, field.name)
        for field in dataclasses.fields(mine)
        if getattr(mine, field.name) != getattr(DEFAULT, field.name)
    }
    if mine.quick:
        changes["equals_sign"] = mine.equals_sign
    if any(_FORMS & set(letters.partition("p")[0]) for letters in given):
        changes["names"] = mine.names
    return dataclasses.replace(style, **changes)


def _style_of(conf: PrintingConf) -> TextStyle:
    style = DEFAULT.with_letters(conf.letters)
    if conf.precision is not None:
        style = dataclasses.replace(style, precision=conf.precision)
    if conf.hex_length is not None:
        style = dataclasses.replace(style, hex_length=conf.hex_length)
    return dataclasses.replace(style, names="none") if conf.oid_format == "none" else style
