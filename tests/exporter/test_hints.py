"""Octet strings by a DISPLAY-HINT."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.exporter.hints import by_hint


@pytest.mark.parametrize(
    ("hint", "value", "shown"),
    [
        ("1d.1d.1d.1d", b"\xc0\xa8\x01\x01", b"192.168.1.1"),
        ("1x:", b"\x00\x1a\x2b\x3c\x4d\x5e", b"00:1A:2B:3C:4D:5E"),
        ("2x:", b"\x20\x01\x0d\xb8", b"2001:0DB8"),
        ("255a", b"Hello", b"Hello"),
        ("64t", "é".encode(), "é".encode()),
        ("2d-1d-1d,1d:1d:1d.1d", bytes((7, 226, 8, 15, 8, 1, 15, 0)), b"2018-8-15,8:1:15.0"),
        ("1o", b"\x08\x09", b"1011"),
        ("*1d.:1x-", b"\x02\x01\x02\xff\xfe", b"1.2:FF-FE"),
        ("1d.2d", b"\x01\x02\x03\x04\x05", b"1.5151029"),  # the last specification is repeated
    ],
)
def test_a_value_is_shown_by_its_hint(hint: str, value: bytes, shown: bytes) -> None:
    assert by_hint(hint, value) == shown


@pytest.mark.parametrize("hint", ["", "d", "1y", "x1", "0a", "1d.0a", "9999999d", "1d.*"])
def test_what_is_no_hint_shows_nothing(hint: str) -> None:
    assert by_hint(hint, b"ab") is None


def test_numbers_of_more_than_eight_octets_are_not_shown() -> None:
    assert by_hint("9d", bytes(9)) is None
    assert by_hint("8d", b"\xff" * 8) == b"18446744073709551615"


@given(st.text(st.sampled_from("*0123456789dxoat.:-"), max_size=12), st.binary(max_size=40))
def test_any_hint_and_value_end(hint: str, value: bytes) -> None:
    shown = by_hint(hint, value)
    assert shown is None or len(shown) <= 40 * len(value) + 1
