"""Text whose form is not certain: the reading with messages counts."""

from __future__ import annotations

import base64
import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.errors import ConfigurationError
from snmptcp.explain import find_packets
from snmptcp.explain.guesses import guesses
from snmptcp.explain.streams import is_whole

MESSAGE = bytes.fromhex("302902010104067075626c6963a01c02047f3a2b1c020100020100300e300c06082b060102010103000500")
RESPONSE = bytes.fromhex(
    "302d02010104067075626c6963a22002047f3a2b1c0201000201003012301006082b0601020101030043040a1b2c3d"
)


def lines(octets: bytes, width: int = 16) -> list[str]:
    return [octets[at : at + width].hex(" ") for at in range(0, len(octets), width)]


def ascii_or(octets: bytes, escape: str) -> str:
    return "".join(chr(octet) if 0x20 <= octet < 0x7F and octet not in b'"\\' else escape % octet for octet in octets)


def decimal(between: str) -> str:
    return between.join(map(str, MESSAGE))


def each(form: str, between: str = ", ") -> str:
    return between.join(form % octet for octet in MESSAGE)


FORMS = {
    "Go %v": f"2020/01/01 10:00:00 packet [{decimal(' ')}]",
    "Go %v alone": f"[{decimal(' ')}]",
    "Erlang": f"<<{decimal(',')}>>",
    "Erlang with a string": '<<48,41,2,1,1,4,6,"public",' + ",".join(map(str, MESSAGE[13:])) + ">>",
    "Erlang of a socket": f"{{udp,#Port<0.5>,{{10,0,0,2}},161,\n     <<{decimal(',' + chr(10))}>>}}",
    "Erlang in base 16": f"<<{each('16#%02X')}>>",
    "Elixir": f"<<{each('0x%02X')}>>",
    "Rust with types": f"let p: [u8; 43] = [{each('0x%02xu8')}];",
    "Rust {:x?}": f"[{each('%x')}]",
    "Rust {:02X?}": f"[{each('%02X')}]",
    "Python tuple": f"pkt = ({decimal(', ')})",
    "Python hex()": str([hex(octet) for octet in MESSAGE]),
    "Visual Basic": f"{{{each('&H%02X')}}}",
    "Pascal": f"({each('$%02X')})",
    "assembler": each("%02Xh", " "),
    "Java with casts": f"new byte[] {{{each('(byte) %d')}}}",
    "a browser's Uint8Array": f"Uint8Array(43) [{decimal(', ')}, buffer: ArrayBuffer(43), byteLength: 43]",
    "Arduino, HEX": each("%X", " "),
    "Arduino, DEC": decimal(" "),
    "a number on each line": decimal("\r\n"),
    "octal escapes": f'"{each(chr(92) + "%03o", "")}"',
    "gdb": f'$1 = "{ascii_or(MESSAGE, chr(92) + "%03o")}"',
    "strace": f'sendto(3, "{ascii_or(MESSAGE, chr(92) + "%03o")}", 43, 0, {{sa_family=AF_INET}}, 16) = 43',
    "gdb x/43xb": "\n".join(
        f"0x7fffffffe0{at:02x} <buf+{at}>:\t" + "\t".join(f"0x{octet:02x}" for octet in MESSAGE[at : at + 8])
        for at in range(0, len(MESSAGE), 8)
    ),
    "JSON": json.dumps(MESSAGE.decode("latin-1")),
    "JavaScript": f'"{each(chr(92) + "u{%x}", "")}"',
    "Perl": f'"{each(chr(92) + "x{%02x}", "")}"',
    "curly quotes": f"\u201c{each(chr(92) + 'x%02x', '')}\u201d",
    "URL": each("%%%02x", ""),
    "YAML of Wireshark": f"packets:\n  - packet: 1\n    data: !!binary |\n      {base64.b64encode(MESSAGE).decode()}\n",
    "base64 in a log": f"INFO payload={base64.b64encode(MESSAGE).decode()} from 192.0.2.1",
    "lines with blanks at their ends": "Length = 43 bytes  \n" + "  \n".join(lines(MESSAGE)).upper(),
    "lines of HTML": "<br>".join(lines(MESSAGE)),
    "numbered lines": "\n".join(f"{number}  {line}" for number, line in enumerate(lines(MESSAGE), 1)),
    "an old tcpdump": "IP a > b\n" + "\n".join(f"\t\t\t {MESSAGE[at : at + 16].hex(' ', 2)}" for at in (0, 16, 32)),
    "colours of a terminal": "\x1b[32m" + "\x1b[0m \x1b[32m".join(lines(MESSAGE)) + "\x1b[0m\n",
    "blanks of HTML": "\n".join(
        f"{at:04x}  {line}" for at, line in zip((0, 16, 32), lines(MESSAGE), strict=True)
    ).replace(" ", "\u00a0"),
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_a_form_without_a_clear_look_is_read(text):
    for source in (text, text.encode()):
        assert [message.octets for message in find_packets(source).messages] == [MESSAGE]


def test_text_beside_a_dump_may_have_any_encoding():
    rows = zip(range(0, 48, 16), lines(RESPONSE), strict=True)
    text = "".join(
        f"{at:04x}:   {line:<47}    {RESPONSE[at : at + 16].decode('cp1252', 'replace')}\n".replace("\0", ".")
        for at, line in rows
    )
    shown = "".join(character if character.isprintable() or character == "\n" else "." for character in text)
    source = shown.encode("cp1252", "replace")
    assert any(octet > 0x7F for octet in source)
    assert [message.octets for message in find_packets(source).messages] == [RESPONSE]


def test_several_messages_are_found_in_one_list_each():
    text = f"sent [{' '.join(map(str, MESSAGE))}]\nreceived [{' '.join(map(str, RESPONSE))}]\n"
    assert [message.octets for message in find_packets(text).messages] == [MESSAGE, RESPONSE]


def test_a_guess_never_replaces_a_broken_message_by_fewer():
    broken = RESPONSE[:16] + b"\x7f" + RESPONSE[17:]
    assert not is_whole(broken)
    text = f"Sending\n{MESSAGE.hex(' ')}\n\nReceived\n{broken.hex(' ')}\n"
    assert [message.octets for message in find_packets(text).messages] == [MESSAGE, broken]


@pytest.mark.parametrize(
    "text", ["version: v2c (1)", "[1, 2, 3, 4, 5, 6, 7, 8, 9]", "100 % of 50 %", "dead beef", "\\d+"]
)
def test_text_without_a_message_is_refused_or_taken_as_it_is(text):
    try:
        found = find_packets(text)
    except ConfigurationError:
        return
    assert not any(is_whole(message.octets) for message in found.messages)


def test_whole_means_that_the_parts_fit():
    assert is_whole(MESSAGE)
    assert not is_whole(MESSAGE[:-1])
    assert not is_whole(MESSAGE + b"\0")
    for at in (1, 6, 14, 30, 32):  # lengths of constructed and other values
        assert not is_whole(MESSAGE[:at] + bytes((MESSAGE[at] + 1,)) + MESSAGE[at + 1 :])


@pytest.mark.parametrize(
    "unit",
    ["[", "<<a", "30 ", "48 ", "A" * 20 + "\n", '"\\', "b'\\", "\\x3", "%3", "1 30 \n", "(48 ", "(byte) ", "0000 "],
)
def test_each_character_is_looked_at_a_few_times_only(unit):
    text = unit * (200_000 // len(unit)) + "z"
    list(guesses(text))  # the time limit of the tests would end it
    with contextlib.suppress(ConfigurationError):
        find_packets(text)


@given(st.text(alphabet="[]<>(){}\"'\\%x0b48, 30\n", max_size=200))
def test_no_text_breaks_the_guesses(text):
    for guess in guesses(text):
        assert guess.blocks
