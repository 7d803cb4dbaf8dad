"""Text to octets: every form that people paste, and those that look like others."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.errors import ConfigurationError
from snmptcp.explain.dumps import read_text
from tests.support.pasted import hex_dump, pasted_forms

REQUEST = bytes.fromhex("302602010104067075626c6963a01902046b8b4567020100020100300b300906052b060102010500")

#: Octets whose text looks like hexadecimal digits.
SLY = bytes.fromhex("303502010104") + b"\x06ab cd " + bytes.fromhex("a028") + b"deadbeef 0123 4567 face: |ab| 00 11 22"


@pytest.mark.parametrize("form", pasted_forms(REQUEST))
@pytest.mark.parametrize(
    "octets",
    [REQUEST, SLY, REQUEST * 5, SLY[:48], SLY[:33]],
    ids=["request", "sly", "long", "whole lines", "one more"],
)
def test_a_form_is_read_as_its_octets(form, octets):
    dump = read_text(pasted_forms(octets)[form])
    assert dump.blocks == (octets,)


@pytest.mark.parametrize("form", [form for form in pasted_forms(REQUEST) if form not in {"Python", "numbers"}])
@given(st.binary(min_size=9, max_size=70).map(lambda octets: b"0" + octets))
def test_any_octets_are_read(form, octets):
    assert read_text(pasted_forms(octets)[form]).blocks == (octets,)


@pytest.mark.parametrize("form", ["tcpdump -x", "wireshark", "xxd", "hexdump -C", "od -tx1", "net-snmp -d"])
def test_each_packet_of_a_dump_is_a_block(form):
    text = pasted_forms(REQUEST)[form] + "\n" + pasted_forms(SLY)[form]
    assert read_text(text).blocks == (REQUEST, SLY)


def test_several_arrays_strings_and_hex_words_are_blocks():
    for form in ("C array", "Go", "JSON", "fromhex", "Node.js"):
        text = pasted_forms(REQUEST)[form] + "\nand\n" + pasted_forms(SLY)[form]
        assert read_text(text).blocks == (REQUEST, SLY), form


def test_repeated_lines_of_hexdump_are_filled_in():
    octets = b"\x30" + bytes(15) + bytes(64) + b"end"
    lines = hex_dump(octets, "%08x  ", 1, "  ", "|%s|", middle=8).splitlines()
    text = "\n".join([lines[0], lines[1], "*", lines[5], f"{len(octets):08x}"])
    assert read_text(text).blocks == (octets,)


def test_words_of_sixteen_bits_have_a_second_reading():
    text = "0000000 2630 0102 0401 7006 6275 696c a063 0219\n0000020 6b04 458b 0267 0001 0102 3000 300b 0609\n"
    assert read_text(text).swapped == (REQUEST[:32],)
    assert read_text(pasted_forms(REQUEST)["wireshark"]).swapped == ()


def test_a_part_of_a_dump_is_read_from_where_it_begins():
    text = "\n".join(pasted_forms(REQUEST * 3)["xxd"].splitlines()[2:])
    assert read_text(text).blocks == ((REQUEST * 3)[32:],)


def test_hexadecimal_words_are_no_offsets():
    for text in ("30260201 01040670", "30260201\n01040670\n", "3026 0201\n0104 0670"):
        assert read_text(text) == ("", (bytes.fromhex("3026020101040670"),), ())


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "no octets to explain"),
        (" \n0x\n", "no octets to explain"),
        ("xyz", "other characters than hexadecimal digits"),
        ("302", "3 is an odd number of digits"),
        ("a message for you", "other characters"),
        ("٣٣", "other characters"),
        ("b''", "other characters"),
        ("[1, 2, 999]", "other characters"),
        ("[1, 2, x]", "other characters"),
        ("{}", "other characters"),
        ("bytes.fromhex('302')", "other characters"),
    ],
)
def test_a_text_without_octets_is_refused(text, problem):
    with pytest.raises(ConfigurationError, match=problem):
        read_text(text)


@given(st.text(st.sampled_from("0123456789abcdefxX \n\t:,|*><{}[]\\\"'b.-=/#"), max_size=200))
def test_any_text_is_read_or_refused(text):
    try:
        dump = read_text(text)
    except ConfigurationError:
        return
    assert all(isinstance(block, bytes) for block in dump.blocks)
    assert any(dump.blocks)


@pytest.mark.parametrize(
    "text",
    [
        '"' + "\\x41" * 100_000,
        "b'" + "\\x41" * 100_000,
        "/*" * 200_000,
        " " * 400_000 + "!",
        "0x" * 200_000,
        "aa " * 150_000 + "z",
        "a" * 400_001,
        "{" * 400_000,
        "[1," * 150_000,
        "0000: " + "30 " * 150_000,
        "0000 30\n" * 50_000,
        "\n".join(f"{number:x}: 30" for number in range(4096, 60_000)),
        "fromhex('" * 40_000,
        "<Buffer 30" * 40_000,
        "x" + "=" * 400_000,
    ],
    ids=lambda text: text[:12].strip(),
)
def test_the_work_grows_with_the_text_only(text):
    """With more than linear work, one of these takes minutes."""
    with contextlib.suppress(ConfigurationError):
        read_text(text)
