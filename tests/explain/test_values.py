"""The text of single values: bounded, safe for a terminal, and read as the codec reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyasn1.type import univ

from snmptcp.codec import ber
from snmptcp.errors import DecodeError
from snmptcp.explain import schema
from snmptcp.explain.types import VALUE_KINDS
from snmptcp.explain.values import (
    MAX_SHOWN_OCTETS,
    OBJECTS,
    Leaf,
    counted,
    leaf_text,
    read_leaf,
    status_text,
    string_text,
)
from snmptcp.oid import OID
from snmptcp.values import Counter32, Counter64, IpAddress, NsapAddress, Opaque, TimeTicks

# ------------------------------------------------------------------------------------------ names


@pytest.mark.parametrize(("number", "text"), [(0, "0 octets"), (1, "1 octet"), (2, "2 octets")])
def test_a_number_has_its_noun_in_singular_or_plural(number: int, text: str) -> None:
    assert counted(number, "octet") == text


@pytest.mark.parametrize(
    ("status", "text"),
    [(0, "noError"), (None, "noError"), (5, "genErr"), (18, "inconsistentName"), (19, "unknown error-status 19")],
)
def test_an_error_status_is_named(status: int | None, text: str) -> None:
    assert status_text(status) == text


def test_every_name_belongs_to_a_valid_oid() -> None:
    assert all(str(OID(oid)) == oid for oid in OBJECTS)
    assert len(set(OBJECTS.values())) == len(OBJECTS)


# ---------------------------------------------------------------------------------------- strings


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"", '""'),
        (b"core-switch", '"core-switch"'),
        ("Zürich".encode(), '"Zürich"'),
        (b'say "hi" \\', '"say \\"hi\\" \\\\"'),
        (b"two\r\nlines", '"two\\r\\nlines"'),
        (b"name\0", '"name\\x00"'),
        (b"a\0b", "0x610062"),
        (b"\x1b[31mred", "0x1b5b33316d726564"),
        (b"\xff\xfe", "0xfffe"),
        ("a\u202eb".encode(), "0x61e280ae62"),
    ],
)
def test_octets_are_quoted_text_or_hex(octets: bytes, text: str) -> None:
    assert string_text(octets) == text


def test_a_long_string_is_cut_and_its_size_told() -> None:
    assert string_text(b"x" * 500) == f'"{"x" * MAX_SHOWN_OCTETS}..." (500 octets)'
    assert string_text(b"\xff" * 500) == f"0x{'ff' * MAX_SHOWN_OCTETS}... (500 octets)"


@given(st.binary(max_size=300))
def test_any_octets_give_bounded_text_that_a_terminal_can_take(octets: bytes) -> None:
    text = string_text(octets)
    assert text.isprintable()
    assert len(text) < 4 * MAX_SHOWN_OCTETS + 32


# ----------------------------------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("name", "tag", "value", "text"),
    [
        ("value", ber.INTEGER, -5, "-5"),
        ("value", Counter64.tag, 2**64 - 1, "18446744073709551615"),
        ("value", TimeTicks.tag, 9006107, "9006107 (1 day, 1:01:01.07)"),
        ("value", TimeTicks.tag, 0, "0 (0:00:00.00)"),
        ("value", ber.OBJECT_IDENTIFIER, OID("1.3.6.1.6.3.1.1.5.3"), "1.3.6.1.6.3.1.1.5.3 (linkDown)"),
        ("value", ber.OBJECT_IDENTIFIER, OID("1.3.6.1.4.1"), "1.3.6.1.4.1"),
        ("value", ber.NULL, None, ""),
        ("value", IpAddress.tag, b"\xc0\x00\x02\x07", "192.0.2.7"),
        ("value", NsapAddress.tag, b"ab", "0x6162"),
        ("value", Opaque.tag, bytes.fromhex("9f780440490fdb"), "0x9f780440490fdb (Float 3.141593)"),
        ("value", Opaque.tag, bytes.fromhex("9f79084008000000000000"), "0x9f79084008000000000000 (Double 3.0)"),
        ("value", Opaque.tag, b"\x02\x01\x05", "0x020105 (holds INTEGER 5)"),
        ("value", Opaque.tag, b"\x02\x09\x05", "0x020905"),
        ("value", Opaque.tag, b"\x44\x03\x44\x01\x00", "0x4403440100"),
        ("msgFlags", ber.OCTET_STRING, b"\x04", "0x04 (noAuthNoPriv, reportable)"),
        ("msgFlags", ber.OCTET_STRING, b"\x03", "0x03 (authPriv)"),
        ("msgFlags", ber.OCTET_STRING, b"\x02", "0x02 (privacy without authentication, which is not allowed)"),
        ("msgFlags", ber.OCTET_STRING, b"\x09", "0x09 (authNoPriv, reserved bits set)"),
        ("msgFlags", ber.OCTET_STRING, b"\x01\x02", "0x0102"),
        ("contextEngineID", ber.OCTET_STRING, bytes.fromhex("8000000006"), "0x8000000006 (localEngineID)"),
        ("contextEngineID", ber.OCTET_STRING, b"abc", "0x616263"),
        ("msgPrivacyParameters", ber.OCTET_STRING, b"abcdefgh", "0x6162636465666768"),
        ("encryptedPDU", ber.OCTET_STRING, bytes(48), "48 encrypted octets"),
        ("msgUserName", ber.OCTET_STRING, b"monitor", '"monitor"'),
    ],
)  # fmt: skip
def test_a_value_is_text_by_its_type_and_the_name_of_its_field(name: str, tag: int, value: Leaf, text: str) -> None:
    assert leaf_text(name, tag, value) == text


@pytest.mark.parametrize(
    ("tag", "contents", "value"),
    [
        (ber.INTEGER, "ff", -1),
        (Counter32.tag, "ff", 255),
        (Counter32.tag, "0100000005", 5),
        (Counter64.tag, "", 0),
        (ber.OCTET_STRING, "6162", b"ab"),
        (ber.OBJECT_IDENTIFIER, "2b06", OID("1.3.6")),
        (ber.OBJECT_IDENTIFIER, "", OID("0.0")),
        (IpAddress.tag, "c0000207", b"\xc0\x00\x02\x07"),
        (ber.NULL, "", None),
    ],
)
def test_a_value_is_read_as_the_codec_reads_it(tag: int, contents: str, value: Leaf) -> None:
    octets = bytes.fromhex(contents)
    assert read_leaf(b"\xee" + octets + b"\xee", tag, (1, 1 + len(octets)), VALUE_KINDS[tag].type) == value


@pytest.mark.parametrize(
    ("tag", "contents", "problem"),
    [
        (ber.INTEGER, "", "an integer of 0 octets"),
        (ber.OBJECT_IDENTIFIER, "2b80", "sub-identifier"),
        (IpAddress.tag, "c00002", "an IpAddress of 3 octets"),
        (0x80, "00", "NoSuchObject of 1 octet"),
    ],
)
def test_contents_that_the_type_does_not_allow_are_refused(tag: int, contents: str, problem: str) -> None:
    octets = bytes.fromhex(contents)
    with pytest.raises(DecodeError, match=problem):
        read_leaf(octets, tag, (0, len(octets)), VALUE_KINDS[tag].type)


@pytest.mark.parametrize("kind", [schema.ObjectName(), univ.ObjectIdentifier()])
def test_empty_and_padded_names_and_values_are_read_as_the_codec_reads_them(kind: univ.ObjectIdentifier) -> None:
    assert read_leaf(b"", ber.OBJECT_IDENTIFIER, (0, 0), kind) == OID("0.0")
    assert read_leaf(b"\x2b\x80\x01", ber.OBJECT_IDENTIFIER, (0, 3), kind) == OID("1.3.1")
