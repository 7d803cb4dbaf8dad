"""Capture files: pcap and pcapng.

Contains: files to frames, with dpkt (``pip install snmptcp[pcap]``).
Does not contain: what the frames carry (:mod:`~snmptcp.explain.frames`).
"""

from __future__ import annotations

import importlib
import io
import struct
from typing import TYPE_CHECKING, Any, Final

from snmptcp.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("is_capture", "read_frames")

_PCAPNG: Final = b"\x0a\x0d\x0d\x0a"

#: Numbers at the start of a pcap file: with microseconds, with nanoseconds, and the variant of Linux patches.
_PCAP: Final = tuple(
    value.to_bytes(4, order) for value in (0xA1B2C3D4, 0xA1B23C4D, 0xA1B2CD34) for order in ("big", "little")
)


def is_capture(octets: bytes) -> bool:
    """Whether octets are a capture file."""
    return octets.startswith((_PCAPNG, *_PCAP))


def read_frames(octets: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the link layer's number and the octets of each frame; a file that is cut off ends early.

    Raises:
        ConfigurationError: dpkt is not installed, or the file's header is broken.
    """
    try:
        dpkt: Any = importlib.import_module("dpkt")
    except ImportError:
        raise ConfigurationError("captures need dpkt: pip install 'snmptcp[pcap]'") from None
    broken = (dpkt.Error, ValueError, IndexError, KeyError, OverflowError, struct.error, AttributeError, TypeError)
    kind = dpkt.pcapng.Reader if octets.startswith(_PCAPNG) else dpkt.pcap.Reader
    try:
        reader = kind(io.BytesIO(octets))
        link = int(reader.datalink())
    except broken as error:
        raise ConfigurationError(f"a broken capture: {error}") from None
    frames = iter(reader)
    while True:
        try:
            _, frame = next(frames)
        except (StopIteration, *broken):  # the rest cannot be read
            return
        yield link & 0xFFFF, bytes(frame)
