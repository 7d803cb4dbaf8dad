"""DISPLAY-HINTs in both directions.  The texts are those of net-snmp 5.9.3, unless a test says otherwise."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from snmptcp.errors import MibError
from snmptcp.mib.hints import format_integer, format_octets, is_text, parse_integer, parse_octets

DATE = "2d-1d-1d,1d:1d:1d.1d,1a1d:1d"
IPV6 = "2x:2x:2x:2x:2x:2x:2x:2x"


@pytest.mark.parametrize(
    ("hint", "value", "text"),
    [
        ("d", 5, "5"),
        ("d", -5, "-5"),
        ("d-2", 5, ".05"),
        ("d-2", -5, "-.05"),
        ("d-2", 123, "1.23"),
        ("d-2", -123, "-1.23"),
        ("d-2", 0, ".00"),
        ("d-1", 55, "5.5"),
        ("d-10", 5, ".0000000005"),
        ("d-0", 5, "5"),
        ("d-2", 4294967295, "42949672.95"),
        ("x", 255, "ff"),
        ("x", -1, "ffffffffffffffff"),
        ("o", 8, "10"),
        ("o", -8, "1777777777777777777770"),
        ("b", 5, "00000000000000000000000000000101"),
        ("b", -1, "11111111111111111111111111111111"),
        ("d-2 ", 512, "5.12"),
    ],
)
def test_numbers_are_shown_and_read_back(hint: str, value: int, text: str) -> None:
    assert format_integer(hint, value) == text
    if hint != "b" or value >= 0:
        assert parse_integer(hint, text) == value


@pytest.mark.parametrize("hint", ["", "z", "1d", "D-2", " d", "d-999999999999", "255a"])
def test_a_hint_that_is_none_for_numbers_shows_nothing(hint: str) -> None:
    assert format_integer(hint, 5) is None


def test_a_number_without_a_point_is_the_number_itself() -> None:
    assert parse_integer("d-2", "1234") == 1234
    assert parse_integer("d-2", "12.5") == 1250
    assert parse_integer("d-2", "-.5") == -50


@pytest.mark.parametrize(
    ("hint", "text"),
    [
        ("d", "x"),
        ("d", ""),
        ("d-2", "."),
        ("d-2", "1.234"),
        ("d-2", "1,2"),
        ("x", "g"),
        ("b", "2"),
        ("o", "8"),
        ("z", "1"),
    ],
)
def test_a_text_that_is_no_number_of_the_hint_is_refused(hint: str, text: str) -> None:
    with pytest.raises(MibError, match="display hint"):
        parse_integer(hint, text)


@pytest.mark.parametrize(
    ("hint", "octets", "text"),
    [
        ("1x:", b"", ""),
        ("1x:", b"\0\1\2\n\xff", "0:1:2:a:ff"),
        ("2x:", b"\1\2\3\4", "102:304"),
        ("255a", b"abc", "abc"),
        ("255a", b"a\nb", "a\nb"),
        ("255t", "café".encode(), "café"),
        (DATE, bytes((7, 218, 1, 2, 3, 4, 5, 6)), "2010-1-2,3:4:5.6"),
        (DATE, bytes((7, 218, 1, 2, 3, 4, 5, 6, 43, 1, 2)), "2010-1-2,3:4:5.6,+1:2"),
        (DATE, b"\7\xda\1", "2010-1"),
        ("*1x:/1d.", b"\2\1\2\3\4\5", "1:2:/3.4.5"),
        ("*1x:/1d.", b"\0\1\2", "/1.2"),
        ("*1d./1d", b"\4\1\2\3\4\5", "1.2.3.4./5"),
        ("1d.1d.1d.1d", b"\1\2\3\4", "1.2.3.4"),
        ("1d.1d.1d.1d%4d", b"\n\0\0\1\0\0\0\5", "10.0.0.1%5"),
        (IPV6, b"\x20\x01" + bytes(13) + b"\1", "2001:0:0:0:0:0:0:1"),
        ("1a1x", b"a\1b\2", "a016202"),
        ("4d", b"\xff\xff\xff\xff", "4294967295"),
        ("1o,", b"\x08@", "10,100"),
        ("x", b"abc", "616263"),
        ("a", b"abc", "abc"),
        ("1x", b"\1\2", "0102"),
        ("1x:1x", b"\1\2\3", "1:0203"),
        ("1x: 1d", b"\1\2\3", "1: 23"),
        ("1x::", b"\1\2\3", "1::2::3"),
        ("4a-2d", b"abcd\1\2", "abcd-258"),
        ("5a ", b"abcdefghijk", "abcde fghij k"),
        ("2a:1x;", b"ab\1cd\2", "ab:1;63;64;2"),
        ("99999999999a", b"abc", "abc"),
    ],
)
def test_octets_are_shown_as_net_snmp_shows_them(hint: str, octets: bytes, text: str) -> None:
    assert format_octets(hint, octets) == format_octets(hint, octets, net_snmp=True) == text


@pytest.mark.parametrize(
    ("hint", "octets", "by_the_rfc", "by_net_snmp"),
    [
        ("0a[2x:2x]0a:2d", b"\1\2\3\4\0\6", "[102:304]:6", "\1[203:400]\6"),
        ("*1x:", b"\1\1\1\2", "1:2", "1:1:2"),
        ("2x", b"\0\1\0\2", "00010002", "12"),
        ("4x-1x1x", b"\0\0\0\1\2\3", "1-0203", "1-203"),
        ("1d:2x", bytes(range(5)), "0:01020304", "0:102304"),
        ("8d", b"\xff" * 8, "18446744073709551615", "-1"),
        ("255a", b"a\0\1b", "a\0\1b", "a..b"),
        ("255a", b'\0"\\', '\0"\\', '.\\"\\\\'),
        ("255a", b"\xe9", "\\xe9", "\udce9"),
        ("1a", b"\0\1", "\0\1", ".\1"),
        ("2a", b"\1\1\0\1", "\1\1\0\1", "\1\1.."),
    ],
)
def test_net_snmp_reads_some_hints_in_its_own_way(hint: str, octets: bytes, by_the_rfc: str, by_net_snmp: str) -> None:
    assert format_octets(hint, octets) == by_the_rfc
    assert format_octets(hint, octets, net_snmp=True) == by_net_snmp


@pytest.mark.parametrize(
    ("hint", "octets", "text"),
    [
        ("2x:", b"\1\2\3", "102:3"),
        (DATE, b"\7", "7"),
        ("16x", bytes(range(16)), bytes(range(16)).hex()),
        ("253x", b"abc", "616263"),
        ("9d", b"\1" + bytes(8), str(1 << 64)),
        ("4o:", b"\0\x08", "10"),
    ],
)
def test_numbers_that_net_snmp_cannot_show_are_those_of_the_rfc(hint: str, octets: bytes, text: str) -> None:
    assert format_octets(hint, octets) == format_octets(hint, octets, net_snmp=True) == text


@pytest.mark.parametrize("hint", ["", "*", "1", "1z", "1b", "1A", "1X:", "-1x", "é"])
def test_a_hint_that_cannot_be_read_shows_nothing(hint: str) -> None:
    assert format_octets(hint, b"abc") is None
    with pytest.raises(MibError, match="cannot be read"):
        parse_octets(hint, "abc")


def test_what_cannot_be_read_in_a_hint_matters_only_if_it_is_needed() -> None:
    assert format_octets("1x-2", b"\1") == "1"
    assert format_octets("1x-2", b"\1\2") is None


def test_text_is_told_from_numbers() -> None:
    assert is_text("255a")
    assert is_text("255t")
    assert not is_text("1x:")
    assert not is_text(DATE)
    assert not is_text("")


@pytest.mark.parametrize(
    ("hint", "text", "octets"),
    [
        ("1x:", "0:1:2:a:b:c", bytes((0, 1, 2, 10, 11, 12))),
        ("1x:", "00:01:02:0A:0B:0C", bytes((0, 1, 2, 10, 11, 12))),
        ("1x:", "00-01-02-0a-0b-0c", bytes((0, 1, 2, 10, 11, 12))),
        ("1x:", "", b""),
        ("255a", "abc", b"abc"),
        ("255t", "café", "café".encode()),
        (DATE, "2010-1-2,3:4:5.6", bytes((7, 218, 1, 2, 3, 4, 5, 6))),
        (DATE, "2010-01-02,03:04:05.6,+01:02", bytes((7, 218, 1, 2, 3, 4, 5, 6, 43, 1, 2))),
        ("1d.1d.1d.1d", "10.0.0.1", b"\n\0\0\1"),
        ("1d.1d.1d.1d%4d", "10.0.0.1%5", b"\n\0\0\1\0\0\0\5"),
        ("*1x:/1d.", "1:2:/3.4.5", b"\2\1\2\3\4\5"),
        ("0a[2x:2x]0a:2d", "[102:304]:6", b"\1\2\3\4\0\6"),
        ("x", "616263", b"abc"),
        ("1o,", "10,100", b"\x08@"),
    ],
)
def test_text_is_read_by_its_hint(hint: str, text: str, octets: bytes) -> None:
    assert parse_octets(hint, text) == octets


@pytest.mark.parametrize(
    ("hint", "text", "reason"),
    [
        ("1x:", "0:1:zz", "hexadecimal digits should be where 'zz' is"),
        ("1x:", "0:100", "100 is too large for one octet"),
        ("1x:", "0:1:", "nothing follows the last ':'"),
        ("1x:", "0.1", "':' should be where '.1' is"),
        ("1d.1d.1d.1d", "10.0.0.256", "256 is too large for one octet"),
        (DATE, "today", "a decimal number should be where 'today' is"),
        ("255t", "\ud800", "UTF-8"),
        ("99999d", "1", "cannot be read back"),
    ],
)
def test_text_that_does_not_fit_its_hint_is_refused_with_the_reason(hint: str, text: str, reason: str) -> None:
    with pytest.raises(MibError, match=reason):
        parse_octets(hint, text)


#: Hints from which the octets can be told, with the lengths for which they can.
REVERSIBLE = [
    *((hint, (1, 24)) for hint in ("1x:", "1d.", "1o,", "1x", "*1x:/1d.", "16x", "4114x", "0x:")),
    ("2x:", (2, 12)),
    ("2d.", (2, 12)),
    ("2x", (2, 12)),
    ("4x-2x-2x-1x1x-6x", (16, 1)),
    ("4d ", (4, 5)),
    (IPV6, (16, 1)),
    ("1d.1d.1d.1d", (4, 1)),
    (DATE, (8, 1)),
]


@given(st.data(), st.sampled_from(REVERSIBLE))
def test_octets_can_be_read_back(data: st.DataObject, case: tuple[str, tuple[int, int]]) -> None:
    hint, (width, most) = case
    count = data.draw(st.integers(0, most))
    octets = data.draw(st.binary(min_size=count * width, max_size=count * width))
    if hint == "*1x:/1d.":
        octets = b"\2\1\2" + octets
    assert parse_octets(hint, format_octets(hint, octets) or "") == octets


@given(st.text(max_size=60))
def test_text_can_be_read_back(text: str) -> None:
    octets = text.encode()
    for hint in ("255a", "255t"):
        shown = format_octets(hint, octets)
        assert shown == text
        assert parse_octets(hint, shown) == octets


@given(st.sampled_from(["d", "d-1", "d-2", "d-9", "x", "o"]), st.integers(-(2**31), 2**32 - 1))
def test_numbers_can_be_read_back(hint: str, value: int) -> None:
    assert parse_integer(hint, format_integer(hint, value) or "") == value


HINTS = st.one_of(st.text("0129*adxotb-:.;/ ", max_size=12), st.text(max_size=6))


@given(HINTS, st.binary(max_size=40), st.text(max_size=20))
@example("999999999a", b"abc", "abc")
@example("*0x:", b"\xff" * 20, "::::")
@example("0a", b"abc", "abc")
@example("*999999999d.", b"\xff\1\2", "1.2")
def test_hostile_hints_break_nothing(hint: str, octets: bytes, text: str) -> None:
    for net_snmp in (False, True):
        shown = format_octets(hint, octets, net_snmp=net_snmp)
        assert shown is None or len(shown) <= 64 + 1000 * len(octets)
    format_integer(hint, len(octets))
    for parse in (parse_octets, parse_integer):
        try:
            parse(hint, text)
        except MibError:
            continue


def test_a_claimed_length_allocates_nothing() -> None:
    assert format_octets("9" * 5000 + "x", b"\1") == "01"
    assert format_octets("*65535x", b"\xff\1" * 200, net_snmp=True) is not None
