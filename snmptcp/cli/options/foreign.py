"""net-snmp's options that this command line does not have: each is refused with the reason.

Contains: the letters and the texts.  Does not contain: letters of ``-O`` and ``-C``.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ("FOREIGN_OPTIONS", "add_foreign_options")

#: Why each of them is refused.
FOREIGN_OPTIONS: Mapping[str, str] = {
    "-p": "give the port with the address, HOST:PORT, or as --port PORT",
    "-L": "errors are on stderr; --debug shows the log there, too",
    "-D": "--debug shows the log on stderr, and -d explains every packet",
}


class _Refused(argparse.Action):
    """An option that is refused, whatever its value is."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,  # noqa: ARG002 - argparse's signature
        namespace: argparse.Namespace,  # noqa: ARG002
        values: str | Sequence[Any] | None,  # noqa: ARG002
        option_string: str | None = None,
    ) -> None:
        """Refuse it; argparse calls this."""
        letter = str(option_string)[:2]
        raise argparse.ArgumentError(None, f"{letter} is not supported: {FOREIGN_OPTIONS[letter]}")


def add_foreign_options(parser: argparse.ArgumentParser) -> None:
    """Add the options, without help: nothing but their refusal."""
    for option in FOREIGN_OPTIONS:
        parser.add_argument(option, action=_Refused, nargs="?", help=argparse.SUPPRESS)
