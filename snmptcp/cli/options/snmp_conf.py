"""``-Y``, ``-H`` and ``--no-config``: which defaults of ``snmp.conf`` a command uses.

Contains: these options, and the values for one command line.  Does not contain: reading files
(:mod:`snmptcp.cli.configuration`).

The options of a command are read first; a value that none of them gives comes from the environment, then from here.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from snmptcp.cli.configuration.conf import SnmpConf, read_snmp_conf
from snmptcp.cli.configuration.files import folders
from snmptcp.cli.configuration.tokens import IGNORED, TOKENS
from snmptcp.cli.options.addresses import Address
from snmptcp.cli.output.report import report

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ("add_names_conf_option", "add_snmp_conf_options", "snmp_conf", "spell_token")

#: Tokens that can be given as ``--TOKEN=VALUE``; --timeout and --retries are options of ours, with the same meaning.
_SPELLED_AS_OPTIONS = (IGNORED | set(TOKENS)) - {"timeout", "retries"}


def add_snmp_conf_options(parser: argparse.ArgumentParser) -> None:
    """Add ``-Y``, ``-H`` and ``--no-config``."""
    group = parser.add_argument_group("snmp.conf", "Defaults come from net-snmp's files, ~/.snmp/snmp.conf among them.")
    group.add_argument(
        "-Y",
        dest="inline_tokens",
        metavar="TOKEN=VALUE",
        action="append",
        default=[],
        help="a setting of snmp.conf that overrides the files; --TOKEN=VALUE means the same",
    )
    group.add_argument("--no-config", action="store_true", help="read no snmp.conf")
    group.add_argument("-H", action=_ListTokens, nargs=0, help="show the files and the tokens of snmp.conf, and exit")


def add_names_conf_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--no-config`` to a command that takes from the files only which MIB modules there are, and how to print."""
    group = parser.add_argument_group("snmp.conf", "MIB modules and the form of output come from net-snmp's files.")
    group.add_argument("--no-config", action="store_true", help="read no snmp.conf")
    parser.set_defaults(inline_tokens=[], only_names=True)


def spell_token(word: str) -> str | None:
    """Return ``--TOKEN=VALUE`` as ``-YTOKEN=VALUE``; ``None`` for another word."""
    token, equals, _ = word.removeprefix("--").partition("=")
    known = word.startswith("--") and token.lower() in _SPELLED_AS_OPTIONS
    return f"-Y{word[2:]}" if known and equals else None


def snmp_conf(arguments: argparse.Namespace) -> SnmpConf:
    """Return the values of ``snmp.conf`` for a command line; tell once what is wrong with the files.

    Args:
        arguments: the parsed arguments; a command without :func:`add_snmp_conf_options` gets no values, and one with
            :func:`add_names_conf_option` those for names and for printing.

    Raises:
        ConfigurationError: a setting of ``-Y`` cannot be used.
    """
    known: SnmpConf | None = getattr(arguments, "snmp_conf", None)
    if known is not None:
        return known
    if not hasattr(arguments, "no_config"):
        return SnmpConf()
    peer = getattr(arguments, "agent", None)
    # As for net-snmp, only a name without transport and port has a file of its own.
    host = peer.host if isinstance(peer, Address) and peer == Address(peer.host) else None
    conf = read_snmp_conf(inline=arguments.inline_tokens, host=host, files=not arguments.no_config)
    for problem in conf.problems:
        report(str(problem))
    if getattr(arguments, "only_names", False):
        conf = SnmpConf(mib=conf.mib, printing=conf.printing)
    arguments.snmp_conf = conf
    return conf


class _ListTokens(argparse.Action):
    """``-H``: prints the tokens and ends the process."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,  # noqa: ARG002 - argparse's signature
        values: str | Sequence[Any] | None,  # noqa: ARG002
        option_string: str | None = None,  # noqa: ARG002
    ) -> None:
        """Print the list; argparse calls this."""
        print("Files: snmp.conf, snmp.local.conf, snmpapp.conf, snmptcp.conf and hosts/HOST.conf in")
        for folder in folders():
            print(f"  {folder}")
        print("Tokens:")
        for token in sorted(TOKENS.values(), key=lambda token: token.name.lower()):
            print(f"  {token.name:<24} {token.argument}")
        parser.exit()
