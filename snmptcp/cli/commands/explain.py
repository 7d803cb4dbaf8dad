"""``snmptcp explain``: explains packets.

Contains: reading the words, the files or stdin, and printing.  Does not contain: finding packets in text and captures,
and explaining them (:mod:`snmptcp.explain`).
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from snmptcp.cli.options.mibs import add_mib_options, read_names
from snmptcp.cli.options.users import add_key_options, read_optional_user
from snmptcp.errors import ConfigurationError
from snmptcp.explain import explain, find_packets
from snmptcp.explain.pasted import pasted_lines

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from snmptcp.cli.names import Names
    from snmptcp.credentials import UsmUser
    from snmptcp.explain import Pasted

__all__ = ("ExplainCommand", "add_arguments", "read_arguments", "run")


@dataclass(frozen=True, slots=True)
class ExplainCommand:
    """The arguments of the command.

    Attributes:
        words: octets in hex, or the names of files; none to read stdin.
        user: the user whose packets to decrypt.
        names: the MIB modules.
        show_secrets: whether to show communities.
    """

    words: tuple[str, ...]
    user: UsmUser | None
    names: Names
    show_secrets: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("--show-secrets", action="store_true", help="show communities, too (never passwords or keys)")
    add_mib_options(parser)
    add_key_options(parser.add_argument_group("SNMPv3 user, to decrypt packets and check their digests"))
    parser.add_argument(
        "words",
        metavar="HEX|FILE",
        nargs="*",
        default=None,
        help="octets in hex, or files: captures, hex dumps, octets in any form that programs print (default: stdin)",
    )


def read_arguments(arguments: argparse.Namespace) -> ExplainCommand:
    """Return the parsed arguments; ConfigurationError is wrong usage."""
    return ExplainCommand(
        tuple(arguments.words or ()), read_optional_user(arguments), read_names(arguments), arguments.show_secrets
    )


def run(command: ExplainCommand) -> int:
    """Explain packets; return 1 if one of them is broken or there is none, and 0 otherwise."""
    users = () if command.user is None else (command.user,)
    mib = command.names.at_hand
    sound = True
    paragraphs = 0
    for name, pasted in _sources(command.words):
        lines = [f"# {name}: {line}" if name else f"# {line}" for line in pasted_lines(pasted)]
        sound = sound and bool(pasted.messages)
        if lines:
            print("\n" * bool(paragraphs) + "\n".join(map(_ascii, lines)))
            paragraphs += 1
        for message in pasted.messages:
            if paragraphs:
                print()
            paragraphs += 1
            if message.where:
                print(_ascii(f"# {message.where}{', cut off' if message.is_cut else ''}"))
            text = explain(message.octets, users=users, show_secrets=command.show_secrets, mib=mib)
            print(_ascii(text.rstrip()))
            sound = sound and not any(line.startswith("!") for line in text.splitlines())
    return 0 if sound else 1


def _ascii(text: str) -> str:
    return text.encode("ascii", "backslashreplace").decode("ascii")


def _sources(words: tuple[str, ...]) -> Iterator[tuple[str, Pasted]]:
    """Yield the messages of each file, with its name if there are several; or those of the words or of stdin."""
    files = [_file(word) for word in words]
    if not words:
        yield "", find_packets(_stdin())
    elif all(file is not None for file in files):
        for file in files:
            assert file is not None  # noqa: S101 - as above
            name = str(file) if len(files) > 1 else ""
            try:
                pasted = find_packets(file.read_bytes())
            except ConfigurationError as error:
                raise ConfigurationError(f"{file}: {error}") from None
            yield name, pasted
    else:
        missing = next((word for word in words if _looks_like_a_file(word)), None)
        try:
            pasted = find_packets(" ".join(words))
        except ConfigurationError:
            if missing is None:
                raise
            raise ConfigurationError(f"{missing}: no such file, and not octets in hex") from None
        yield "", pasted


def _file(word: str) -> Path | None:
    """Return the file that a word names; hexadecimal digits are octets, even if a file has such a name."""
    if re.fullmatch("[0-9a-fA-F:]*", word) or len(word) > 1000 or "\0" in word:
        return None
    path = Path(word)
    return path if path.is_file() or path.is_fifo() else None


def _looks_like_a_file(word: str) -> bool:
    return len(word) < 1000 and bool(re.fullmatch(r"[\w./\\~-]*[./\\][\w./\\~-]*", word)) and not word.startswith("\\x")


def _stdin() -> bytes | str:
    """Return what stdin contains: octets, because it may be a capture."""
    buffer = getattr(sys.stdin, "buffer", None)
    return sys.stdin.read() if buffer is None else buffer.read()
