r"""What people paste: text to octets.

Contains: dumps with offsets (``tcpdump -x``, Wireshark, ``xxd``, ``hexdump -C``, ``od -tx1``, net-snmp's ``-d``),
arrays of C and other languages, strings with escapes (``b'0)\x02'``, ``"\x30\x29"``), base64, and plain hexadecimal
digits.
Does not contain: what the octets say.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from snmptcp.errors import ConfigurationError
from snmptcp.explain.frames import guess_frame

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ("Dump", "read_text")


class Dump(NamedTuple):
    """What a text was understood as.

    Attributes:
        form: the form, for people; empty for plain hexadecimal digits.
        blocks: the octets, in as many blocks as the text has.
        swapped: the same in the other byte order, if the text has words of 16 bits; else empty.
    """

    form: str
    blocks: tuple[bytes, ...]
    swapped: tuple[bytes, ...] = ()


_LINE = re.compile(r"[\s>|*#;/]*(?:0[xX])?([0-9a-fA-F]{3,16})(:|(?=\s|$))(.*)")
_WORD = re.compile(r"\s*([0-9a-fA-F]{2,32})(?=[\s|>]|$)")

# A string whose end is missing ends with its line: each character is looked at once.
_PYTHON = re.compile(r"""\b[bB][rR]?(?:'((?:[^'\\\n]|\\.)*+)'?|"((?:[^"\\\n]|\\.)*+)"?)""")
_FROM_HEX = re.compile(r"""(?:fromhex|unhexlify|DecodeString|HexToBytes|from)\(\s*b?['"]([0-9a-fA-F\s:]*)['"]""")
_STRING = re.compile(r"""["']((?:[^"'\\\n]|\\.)*+)["']?""")
_BARE_ESCAPES = re.compile(r"(?:\\x[0-9a-fA-F]{2})+")
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|([0-7]{1,3})|(.))", re.DOTALL)
_ESCAPED: Final = {"a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11, "0": 0}
_LINE_COMMENT = re.compile(r"//[^\n]*|#[^\n]*")
_GROUP = re.compile(r"[{\[]([^{}\[\]]*)[}\]]")
_NUMBER = re.compile(r"0[xX]([0-9a-fA-F]{1,2})|(-?[0-9]{1,3})")
_NODE = re.compile(r"<Buffer((?: [0-9a-f]{2})*)")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_RUN = re.compile(r"(?<![0-9a-zA-Z])(?:(?:0[xX])?[0-9a-fA-F]{2}(?:[ \t:,-]|\r?\n)?){8,}(?![0-9a-zA-Z])")


def read_text(text: str) -> Dump:
    """Return the octets of a text.

    Raises:
        ConfigurationError: the text has none.
    """
    text = text.removeprefix("\ufeff")
    plain = re.sub(r"0[xX]|[\s:,]", "", text)
    if not plain:
        raise ConfigurationError("no octets to explain")
    dump = _offsets(text) or _strings(text) or _arrays(text)
    if dump is not None:
        return dump
    if re.fullmatch("[0-9a-fA-F]+", plain):
        if len(plain) % 2:
            raise ConfigurationError(f"not octets in hex: {len(plain)} is an odd number of digits")
        return Dump("", (bytes.fromhex(plain),))
    dump = _base64(text) or _runs(text)
    if dump is None:
        raise ConfigurationError("not octets in hex: the text contains other characters than hexadecimal digits")
    return dump


# ------------------------------------------------------------------------------- dumps with offsets


class _Row(NamedTuple):
    """One line of a dump."""

    offset: str
    rest: str
    words: list[tuple[str, int]]  # hexadecimal words, and where each ends in the rest

    @property
    def octets(self) -> int:
        return sum(len(word) for word, _ in self.words) // 2


def _row(line: str) -> _Row | None:
    match = _LINE.fullmatch(line)
    if match is None:
        return None
    rest = match[3]
    words: list[tuple[str, int]] = []
    end = 0
    while len(words) < 64:
        word = _WORD.match(rest, end)
        if word is None or len(word[1]) % 2:
            break
        end = word.end()
        words.append((word[1], end))
    if not match[2] and not words and len(match[1]) < 6:
        return None
    return _Row(match[1], rest, words)


def _offsets(text: str) -> Dump | None:
    """Read lines with offsets; a line of another kind, or a smaller offset, ends a block."""
    blocks: list[list[_Row]] = []
    lines = others = 0
    last: _Row | None = None
    repeated: list[tuple[list[_Row], int]] = []
    for line in text.splitlines():
        row = _row(line)
        if row is None:
            if line.strip() == "*" and last is not None:  # hexdump and od: the line before is repeated
                repeated.append((blocks[-1], len(blocks[-1])))
                continue
            others += bool(line.strip())
            last = None
            continue
        if last is None or _smaller(row.offset, last.offset):
            blocks.append([])
        blocks[-1].append(row)
        last = row
        lines += bool(row.words)
    if not lines:
        return None
    found = []
    for block in blocks:
        octets = _block(block, {at for of, at in repeated if of is block})
        if octets is None:
            return None
        if octets:
            found.append(octets)
    if not found:
        return None
    wide = all(len(word) == 4 for block in blocks for row in block for word, _ in row.words[:-1])
    swapped = tuple(map(_swap, found)) if wide else ()
    return Dump("a dump with offsets", tuple(found), swapped)


def _smaller(one: str, other: str) -> bool:
    return int(one, 16) <= int(other, 16)


def _swap(octets: bytes) -> bytes:
    swapped = bytearray(octets)
    even = len(octets) // 2 * 2
    swapped[0:even:2], swapped[1:even:2] = octets[1:even:2], octets[0:even:2]
    return bytes(swapped)


def _block(rows: Sequence[_Row], repeats: set[int]) -> bytes | None:
    """Return the octets of one dump; ``None`` if the numbers before the lines are no offsets."""
    base = _base(rows, repeats)
    if base is None:
        return None
    starts = [int(row.offset, base) for row in rows]
    octets = bytearray()
    column = 0
    for number, row in enumerate(rows):
        if not row.words:
            continue
        count = starts[number + 1] - starts[number] if number + 1 < len(rows) else None
        if number + 1 in repeats or count is None:
            taken = _last_line(row, column)
            octets += taken
            if number + 1 in repeats and count is not None and taken:
                missing = count - len(taken)
                octets += (taken * (missing // len(taken) + 1))[: min(missing, 1 << 20)]
        else:
            digits = "".join(word for word, _ in row.words)[: 2 * count]
            octets += bytes.fromhex(digits)
            column = max(column, _end_of(row, count))
    return bytes(octets)


def _base(rows: Sequence[_Row], repeats: set[int]) -> int | None:
    """Return the base of the offsets: in it, each line has as many octets as the next offset says."""
    if not rows[0].words:
        return None
    for base in (16, 10, 8):
        try:
            starts = [int(row.offset, base) for row in rows]
        except ValueError:
            continue
        steps = [
            (after - before, row.octets)
            for number, (row, before, after) in enumerate(zip(rows, starts, starts[1:], strict=False), 1)
            if number not in repeats
        ]
        if all(0 < step <= octets for step, octets in steps) and (len(rows) > 1 or starts[0] == 0):
            return base
    return None


def _end_of(row: _Row, count: int) -> int:
    """Return the column behind so many octets."""
    found = 0
    for word, end in row.words:
        found += len(word) // 2
        if found >= count:
            return end
    return 0


def _last_line(row: _Row, column: int) -> bytes:
    """Return the octets of a line whose length no other line tells.

    Text beside them could look like more of them.  So they end where those of the lines above end, or else where the
    rest of the line is their text.
    """
    words = [word for word, end in row.words if not column or end <= column]
    octets = bytes.fromhex("".join(words))
    if column:
        return octets
    for count in range(len(row.words), 0, -1):
        found = bytes.fromhex("".join(word for word, _ in row.words[:count]))
        beside = row.rest[row.words[count - 1][1] :].strip().strip("|<>").strip()
        shown = "".join(chr(octet) if 0x20 <= octet < 0x7F else "." for octet in found).strip().strip("|<>").strip()
        if beside and beside == shown:
            return found
    return octets


# ---------------------------------------------------------------------------------- source of programs


def _unescape(text: str) -> bytes:
    """Return a string's octets, as C and Python write them."""
    octets = bytearray()
    end = 0
    for match in _ESCAPE.finditer(text):
        octets += text[end : match.start()].encode("utf-8", "surrogatepass")
        if match[1] is not None:
            octets.append(int(match[1], 16))
        elif match[2] is not None:
            octets.append(int(match[2], 8) & 0xFF)
        elif match[3] in _ESCAPED:
            octets.append(_ESCAPED[match[3]])
        elif match[3] != "\n":
            octets += match[3].encode("utf-8", "surrogatepass")
        end = match.end()
    octets += text[end:].encode("utf-8", "surrogatepass")
    return bytes(octets)


def _joined(matches: Iterator[re.Match[str]], text: str) -> tuple[bytes, ...]:
    """Return the strings; those with nothing but white space between them are one."""
    blocks: list[bytes] = []
    end = -1
    for match in matches:
        octets = _unescape(next(group for group in match.groups() if group is not None))
        if blocks and not text[end : match.start()].strip().strip("\\").strip():
            blocks[-1] += octets
        else:
            blocks.append(octets)
        end = match.end()
    return tuple(block for block in blocks if block)


def _strings(text: str) -> Dump | None:
    found = [match[1] for match in _FROM_HEX.finditer(text)]
    blocks = [re.sub(r"[\s:]", "", digits) for digits in found]
    if blocks and not any(len(digits) % 2 for digits in blocks):
        return Dump("hex in a program's source", tuple(bytes.fromhex(digits) for digits in blocks if digits))
    nodes = tuple(bytes.fromhex(match[1].replace(" ", "")) for match in _NODE.finditer(text))
    if any(nodes):
        return Dump("a buffer of Node.js", tuple(node for node in nodes if node))
    strings = _joined(_PYTHON.finditer(text), text)
    if strings:
        return Dump("a string of Python", strings)
    strings = _joined((match for match in _STRING.finditer(text) if "\\x" in match[1]), text)
    if strings:
        return Dump("a string with escapes", strings)
    bare = tuple(_unescape(match[0]) for match in _BARE_ESCAPES.finditer(text))
    return Dump("a string with escapes", (b"".join(bare),)) if bare else None


def _arrays(text: str) -> Dump | None:
    """Read arrays of numbers: ``{ 0x30, 0x29 }``, ``[48, 41]``, or ``0x30, 0x29`` without brackets."""
    source = _LINE_COMMENT.sub(" ", _without_comments(text))
    blocks = [octets for octets in (_array(match[1]) for match in _GROUP.finditer(source)) if octets]
    if not blocks and "{" not in source and "[" not in source and re.search(r"0[xX][0-9a-fA-F]{1,2}\s*,", source):
        octets = _array(source)
        blocks = [octets] if octets else []
    return Dump("an array", tuple(blocks)) if blocks else None


def _without_comments(text: str) -> str:
    """Return a program's text without the comments of C; one that does not end stays."""
    parts: list[str] = []
    end = 0
    while True:
        start = text.find("/*", end)
        stop = text.find("*/", start + 2) if start >= 0 else -1
        if stop < 0:
            return "".join((*parts, text[end:]))
        parts += [text[end:start], " "]
        end = stop + 2


def _array(text: str) -> bytes | None:
    words = [word.strip().removeprefix("(byte)").strip() for word in text.split(",")]
    if words and not words[-1]:
        words.pop()
    if len(words) < 2:
        return None
    octets = bytearray()
    for word in words:
        match = _NUMBER.fullmatch(word)
        if match is None:
            return None
        number = int(match[1], 16) if match[1] is not None else int(match[2])
        if not -128 <= number <= 255:
            return None
        octets.append(number & 0xFF)
    return bytes(octets)


# ------------------------------------------------------------------------------------------- others


def _base64(text: str) -> Dump | None:
    digits = re.sub(r"\s", "", text)
    if not _BASE64.fullmatch(digits):
        return None
    digits = digits.rstrip("=").translate(str.maketrans("-_", "+/"))
    try:
        octets = base64.b64decode(digits + "=" * (-len(digits) % 4), validate=True)
    except binascii.Error:
        return None
    # Any word is base64; a message, a frame or an IP packet begins like this.
    known = octets[:1] in {b"\x30", b"\x45"} or guess_frame(octets) is not None
    return Dump("base64", (octets,)) if known and len(octets) > 8 else None


def _runs(text: str) -> Dump | None:
    """Read hexadecimal digits among other text."""
    blocks = []
    for match in _RUN.finditer(text):
        digits = re.sub(r"0[xX]|[^0-9a-fA-F]", "", match[0])
        if len(digits) % 2 == 0:
            blocks.append(bytes.fromhex(digits))
    return Dump("hex among other text", tuple(blocks)) if blocks else None
