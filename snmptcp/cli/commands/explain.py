"""``snmptcp explain``: explains packets.

Contains: from hex to packets.  Does not contain: explaining a packet (:mod:`snmptcp.explain`).
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snmptcp.cli.options.users import add_key_options, read_optional_user
from snmptcp.codec.framer import Framer
from snmptcp.errors import ConfigurationError
from snmptcp.explain import explain

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from snmptcp.credentials import UsmUser

__all__ = ("ExplainCommand", "add_arguments", "read_arguments", "run")


@dataclass(frozen=True, slots=True)
class ExplainCommand:
    """The arguments of the command.

    Attributes:
        words: octets in hex; none to read stdin.
        user: the user whose packets to decrypt.
        show_secrets: whether to show communities.
    """

    words: tuple[str, ...]
    user: UsmUser | None
    show_secrets: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--show-secrets", action="store_true", help="show communities, too (never passwords or keys)")
    add_key_options(parser.add_argument_group("SNMPv3 user, to decrypt packets and check their digests"))
    parser.add_argument(
        "words",
        metavar="HEX",
        nargs="*",
        default=None,
        help="octets; blanks, line ends, colons and 0x are skipped (default: stdin)",
    )


def read_arguments(arguments: argparse.Namespace) -> ExplainCommand:
    """Return the parsed arguments; ConfigurationError is wrong usage."""
    return ExplainCommand(tuple(arguments.words or ()), read_optional_user(arguments), arguments.show_secrets)


def run(command: ExplainCommand) -> int:
    """Explain packets; return 1 if one of them is broken, and 0 otherwise."""
    octets = _from_hex(" ".join(command.words) if command.words else sys.stdin.read())
    users = () if command.user is None else (command.user,)
    sound = True
    for position, packet in enumerate(_packets(octets)):
        if position:
            print()
        text = explain(packet, users=users, show_secrets=command.show_secrets)
        print(text.rstrip().encode("ascii", "backslashreplace").decode("ascii"))
        sound = sound and not any(line.startswith("!") for line in text.splitlines())
    return 0 if sound else 1


def _from_hex(text: str) -> bytes:
    digits = re.sub(r"0[xX]|[\s:,]", "", text)
    if not digits:
        raise ConfigurationError("no octets to explain")
    if not re.fullmatch("[0-9a-fA-F]+", digits):
        raise ConfigurationError("not octets in hex: the text contains other characters than hexadecimal digits")
    if len(digits) % 2:
        raise ConfigurationError(f"not octets in hex: {len(digits)} is an odd number of digits")
    return bytes.fromhex(digits)


def _packets(octets: bytes) -> Iterator[bytes]:
    """Yield one packet after the other, and last the octets that are not a packet."""
    framer = Framer()
    offset = 0
    for packet in framer.feed(octets):
        yield packet
        offset += len(packet)
    if offset < len(octets):
        yield octets[offset:]
