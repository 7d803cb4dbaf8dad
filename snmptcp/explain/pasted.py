"""Everything that people have of a conversation, to messages: text, captures, octets.

Contains: :func:`find_packets`, and :func:`explain` for all of these.
Does not contain: reading text (:mod:`~snmptcp.explain.dumps`) and captures (:mod:`~snmptcp.explain.captures`), and
explaining one message (:mod:`~snmptcp.explain.keys`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from snmptcp.arguments import FLAG, MIB, TEXT_OR_OCTETS, check_arguments, optional, several_of
from snmptcp.credentials import UsmUser
from snmptcp.errors import ConfigurationError
from snmptcp.explain import keys
from snmptcp.explain.captures import is_capture, read_frames
from snmptcp.explain.dumps import read_text
from snmptcp.explain.frames import Defragmenter, decode_frame, guess_frame
from snmptcp.explain.guesses import guesses
from snmptcp.explain.streams import Conversation, FoundMessage, begins_message, find_messages, is_whole
from snmptcp.explain.values import counted

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snmptcp.mib.mib import Mib

__all__ = ("Pasted", "explain", "find_packets", "pasted_lines")

_KINDS = {
    "packet": TEXT_OR_OCTETS,
    "users": several_of("a UsmUser", UsmUser),
    "show_secrets": FLAG,
    "mib": optional(MIB),
}

#: More octets are refused.
MAX_INPUT: Final = 256 * 1024 * 1024

#: Longer text is read in one way only.
MAX_GUESSED: Final = 1024 * 1024

#: The most characters of an explanation of several messages; further messages are counted.
MAX_TEXT: Final = 500_000


@dataclass(frozen=True, slots=True)
class Pasted:
    """The messages in a text or a file, and what it was understood as.

    Attributes:
        form: what it was understood as, for people; empty for octets and plain hexadecimal digits.
        messages: the messages, or octets that are none.
        notes: what else there was, for people.
    """

    form: str
    messages: tuple[FoundMessage, ...]
    notes: tuple[str, ...] = ()


def find_packets(source: bytes | str) -> Pasted:
    """Return the messages in a text or a file.

    Args:
        source: a capture (pcap, pcapng), octets of messages, or text with octets in any form: ``tcpdump -x``,
            Wireshark, ``xxd``, ``hexdump -C``, ``od -tx1``, net-snmp's ``-d``, arrays and strings of programs, base64,
            hexadecimal digits.  Headers of IP, TCP and UDP are removed, and TCP streams put together.

    Raises:
        ConfigurationError: there are no octets in it, or it is a capture and dpkt is not installed.
    """
    if len(source) > MAX_INPUT:
        raise ConfigurationError(f"at most {MAX_INPUT >> 20} MiB can be explained, not {len(source):,} octets")
    if isinstance(source, str):
        return _from_text(source)
    if is_capture(source):
        return _from_capture(source)
    if begins_message(source):
        return Pasted("", tuple(_split(source)))
    text = _as_text(source)
    if text is not None:
        return _from_text(text)
    found = _from_blocks("", (source,))
    return found or Pasted("", (FoundMessage(source),))


_TERMINAL = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_CONTROLS = frozenset(range(0x20)) - frozenset(b"\t\n\v\f\r\x1b")


def _as_text(octets: bytes) -> str | None:
    """Return octets as text; ``None`` if they are none.  Text beside a dump may have any encoding."""
    for mark in (b"\xff\xfe", b"\xfe\xff"):
        if octets.startswith(mark):
            try:
                text = octets.decode("utf-16")
            except UnicodeDecodeError:
                return None
            return None if any(ord(character) in _CONTROLS for character in text) else text
    if not _CONTROLS.isdisjoint(octets):
        return None
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def _from_text(text: str) -> Pasted:
    text = _TERMINAL.sub("", text)
    text = "".join(" " if character.isspace() and character > "\x7f" else character for character in text)
    refused: ConfigurationError | None = None
    best = first = None
    try:
        dump = read_text(text)
        found = _from_blocks(dump.form, dump.blocks)
        if found is None and dump.swapped:
            found = _from_blocks(f"{dump.form}, in words of the other byte order", dump.swapped)
        best = found
        first = found or Pasted(dump.form, tuple(FoundMessage(block) for block in dump.blocks))
    except ConfigurationError as error:
        refused = error
    if (best is None or not _all_whole(best)) and len(text) <= MAX_GUESSED:
        least = 0 if best is None else len(best.messages)
        for guess in guesses(text):
            found = _from_blocks(guess.form, guess.blocks)
            if found is not None and len(found.messages) >= least and _all_whole(found):
                return found
    if first is None:
        assert refused is not None  # noqa: S101 - one of both
        raise refused
    return first


def _all_whole(pasted: Pasted) -> bool:
    return bool(pasted.messages) and all(is_whole(message.octets) for message in pasted.messages)


def _from_blocks(form: str, blocks: tuple[bytes, ...]) -> Pasted | None:
    """Find the messages in blocks that are messages, frames, IP packets, or contain messages; ``None`` for none."""
    if all(begins_message(block) for block in blocks):
        return Pasted(form, tuple(message for block in blocks for message in _split(block)))
    conversation, fragments = Conversation(), Defragmenter()
    loose: list[FoundMessage] = []
    skipped = frames = 0
    for number, block in enumerate(blocks, 1):
        segment = None if begins_message(block) else guess_frame(block, fragments)
        if segment is not None:
            frames += 1
            conversation.add(number, segment)
            continue
        inside = list(find_messages(block))
        skipped += len(block) - sum(len(message) for _, message, _ in inside)
        loose += [FoundMessage(message, "", is_cut, number) for _, message, is_cut in inside]
    messages = sorted((*conversation.messages(), *loose), key=lambda message: message.packet)
    notes = conversation.notes()
    if not messages and not notes:
        return None
    if skipped:
        notes.append(f"{counted(skipped, 'octet')} beside the messages skipped")
    kind = f"{form}, with {counted(frames, 'packet')}" if form and frames else form
    return Pasted(kind or "packets", tuple(messages), tuple(notes))


def _split(octets: bytes) -> list[FoundMessage]:
    """Split octets into messages that follow each other; what follows the last one stays as it is."""
    messages = []
    offset = 0
    while offset < len(octets):
        length = begins_message(octets, offset)
        if not length or offset + length > len(octets):
            messages.append(FoundMessage(octets[offset:], is_cut=bool(length)))
            break
        messages.append(FoundMessage(octets[offset : offset + length]))
        offset += length
    return messages


def _from_capture(octets: bytes) -> Pasted:
    conversation, fragments = Conversation(), Defragmenter()
    frames = strange = 0
    for frames, (link, frame) in enumerate(read_frames(octets), 1):
        segment = decode_frame(link, frame, fragments)
        if segment is None:
            strange += 1
        else:
            conversation.add(frames, segment)
    messages = conversation.messages()
    notes = conversation.notes()
    if strange:
        notes.append(f"{counted(strange, 'packet')} without TCP or UDP")
    return Pasted(f"a capture of {counted(frames, 'packet')}", tuple(messages), tuple(notes))


def explain(
    packet: bytes | str, *, users: Iterable[UsmUser] = (), show_secrets: bool = False, mib: Mib | None = None
) -> str:
    """Explain a packet: one line per field, where it is malformed, and what was expected there.

    Accepts any octets (malformed, truncated, or not SNMP), captures, and text as people paste it; see
    :func:`find_packets`.  No octets and no text make it raise.  The result is for people and may change.  Its length is
    bounded, newlines are its only control characters, and it never shows keys or passwords.

    Args:
        packet: one message, as :class:`snmptcp.codec.framer.Framer` returns it; a capture file's octets; or text.
        users: users whose keys to try on SNMPv3 messages.  A message of one of them is decrypted and its
            digest is checked.  Of several users with the same name, the first with the right digest is used.
        show_secrets: show communities; by default they are ``***``.
        mib: names and definitions, a :class:`snmptcp.mib.Mib`; optional.  Names stand behind OIDs, and behind values
            what their definitions say; by default the variables that SNMP itself needs have names.

    Returns:
        Lines without a final newline.  First a summary; then the offset of each field, its octets in hex, its name,
        type and value; lines that begin with ``!`` report problems.  For text and captures, each message has a line
        with ``#`` in front that tells where it was found.

    Raises:
        ArgumentTypeError: an argument of a wrong type.
    """
    check_arguments(_KINDS, locals())
    if isinstance(packet, bytearray):
        packet = bytes(packet)
    if isinstance(packet, bytes) and not is_capture(packet):
        return keys.explain_with_keys(packet, users=users, show_secrets=show_secrets, mib=mib)
    try:
        pasted = find_packets(packet)
    except ConfigurationError as error:
        return f"! {error}"
    known = tuple(users)
    parts = [f"# {line}" for line in pasted_lines(pasted)]
    room = MAX_TEXT
    for number, message in enumerate(pasted.messages):
        if room < 0:
            parts.append(f"# {len(pasted.messages) - number:,} more messages, not shown")
            break
        if message.where:
            parts.append(f"# {message.where}")
        parts.append(keys.explain_with_keys(message.octets, users=known, show_secrets=show_secrets, mib=mib))
        room -= len(parts[-1])
    return "\n".join(parts)


def pasted_lines(pasted: Pasted) -> list[str]:
    """Return what was understood, and what else there was."""
    if not pasted.form and not pasted.notes:
        return []
    count = counted(len(pasted.messages), "message")
    return [f"{pasted.form or 'octets'}: {count}", *pasted.notes]
