"""``snmptcp explain``: packets in words.

What may live here: hex to octets, and octets to packets.  What may not: reading a packet, which is
:mod:`snmptcp.explain`'s.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from snmptcp.codec.framer import Framer
from snmptcp.errors import ConfigurationError
from snmptcp.explain.keys import explain

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

__all__ = ("run",)


def run(arguments: argparse.Namespace) -> int:
    """Explain packets; return 1 where something is wrong with one of them, and 0 otherwise."""
    octets = _from_hex(" ".join(arguments.words) if arguments.words else sys.stdin.read())
    users = () if arguments.usm_user is None else (arguments.usm_user,)
    sound = True
    for position, packet in enumerate(_packets(octets)):
        if position:
            print()
        text = explain(packet, users=users, show_secrets=arguments.show_secrets)
        print(text.rstrip().encode("ascii", "backslashreplace").decode("ascii"))
        sound = sound and not any(line.startswith("!") for line in text.splitlines())
    return 0 if sound else 1


def _from_hex(text: str) -> bytes:
    digits = re.sub(r"0[xX]|[\s:,]", "", text)
    if not digits:
        raise ConfigurationError("no octets to explain")
    if not re.fullmatch("[0-9a-fA-F]+", digits):
        raise ConfigurationError("not octets in hex: there is something else than hexadecimal digits")
    if len(digits) % 2:
        raise ConfigurationError(f"not octets in hex: {len(digits)} digits are half an octet too many")
    return bytes.fromhex(digits)


def _packets(octets: bytes) -> Iterator[bytes]:
    """Return packet after packet, as on a stream, and at last what is none."""
    framer = Framer()
    offset = 0
    for packet in framer.feed(octets):
        yield packet
        offset += len(packet)
    if offset < len(octets):
        yield octets[offset:]
