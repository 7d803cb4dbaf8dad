"""Values and indexes as text, type by type."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp import OID, OctetString
from snmptcp.exporter.reading import TYPES
from snmptcp.exporter.text import Taken, index_text, number_text, utf8, value_text
from snmptcp.values import Counter64, Gauge32, Integer32, IpAddress, NsapAddress, Null, Opaque, TimeTicks

FLOAT = Opaque(b"\x9f\x78\x04" + struct.pack(">f", 10.1))
DOUBLE = Opaque(b"\x9f\x79\x08" + struct.pack(">d", 10.1))


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (Integer32(-1), "", "-1"),
        (Gauge32(1), "DisplayString", "1"),
        (Counter64(2**64 - 1), "OctetString", "18446744073709551615"),
        (TimeTicks(5), "PhysAddress48", "5"),
        (OID("1.2.3.4"), "", "1.2.3.4"),
        (IpAddress("1.2.3.4"), "", "1.2.3.4"),
        (OctetString(b""), "", ""),
        (OctetString(b""), "DisplayString", ""),
        (OctetString(b"AB"), "DisplayString", "AB"),
        (OctetString(b"\x7f\x80\xff\x00"), "", "0x7F80FF00"),
        (OctetString(b"\x7f\x80\xff\x00"), "OctetString", "0x7F80FF00"),
        (OctetString(b"\x02\x00"), "Bits", "0x0200"),
        (OctetString(bytes(range(1, 5))), "InetAddressIPv4", "1.2.3.4"),
        (OctetString(bytes(range(1, 17))), "InetAddressIPv6", "0102:0304:0506:0708:090A:0B0C:0D0E:0F10"),
        (OctetString(bytes((0, 26, 43, 60, 77, 94))), "PhysAddress48", "00:1A:2B:3C:4D:5E"),
        (OctetString(bytes((1, 2))), "PhysAddress48", "01:02:00:00:00:00"),
        (OctetString(bytes(8)), "PhysAddress48", "00:00:00:00:00:00"),
        (OctetString(b"a"), "gauge", "97"),
        (OctetString(b"sane\xfd\xbe\xd6"), "DisplayString", "sane\ufffd"),
        (OctetString(b"\xff\xffa\xff"), "DisplayString", "\ufffda\ufffd"),
        (OctetString("zażółć\n\0".encode()), "DisplayString", "zażółć\n\0"),
        (OctetString(b"ab"), "DateAndTime", "0x6162"),
        (Opaque(b"\x01"), "", "0x01"),
        (NsapAddress(b"\x01"), "", "0x01"),
        (FLOAT, "", "10.1"),
        (DOUBLE, "DisplayString", "10.1"),
        (Null(), "", ""),
    ],
)
def test_a_value_becomes_text(value: object, kind: str, text: str) -> None:
    assert value_text(value, kind) == text  # type: ignore[arg-type]


def test_a_hint_shows_octet_strings_alone() -> None:
    value = OctetString(bytes((192, 168, 1, 100)))
    assert value_text(value, "OctetString", "1d.") == "192.168.1.100"
    assert value_text(value, "", "1d.") == "192.168.1.100"
    assert value_text(value, "", "no hint") == "0xC0A80164"
    assert value_text(value, "InetAddressIPv4", "1x:") == "192.168.1.100"
    assert value_text(OctetString(b"\xff"), "", "1a") == "\ufffd"


@pytest.mark.parametrize(
    ("number", "single", "text"),
    [
        (3.0, False, "3"),
        (0.1, False, "0.1"),
        (1e21, False, "1000000000000000000000"),
        (1e-7, False, "0.0000001"),
        (-0.5, False, "-0.5"),
        (struct.unpack(">f", struct.pack(">f", 3.4e38))[0], True, "340000000000000000000000000000000000000"),
        (struct.unpack(">f", struct.pack(">f", 16777217))[0], True, "16777216"),
        (float("nan"), False, "NaN"),
        (float("-inf"), True, "-Inf"),
        (7, False, "7"),
    ],
)
def test_a_number_has_its_shortest_text(number: float, single: bool, text: str) -> None:
    assert number_text(number, single=single) == text


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_the_text_of_a_single_is_that_single_again(number: float) -> None:
    assert struct.pack(">f", float(number_text(number, single=True))) == struct.pack(">f", number) or number == 0


@pytest.mark.parametrize(
    ("arcs", "kind", "options", "taken"),
    [
        ((4, 5), "gauge", {}, Taken("4", (4,), (5,))),
        ((), "gauge", {}, Taken("0", (0,), ())),
        ((4,), "Integer32", {}, Taken("4", (4,), ())),
        ((1, 255, 0, 0, 0, 16, 9), "PhysAddress48", {}, Taken("01:FF:00:00:00:10", (1, 255, 0, 0, 0, 16), (9,))),
        ((3, 65, 32, 255, 7), "OctetString", {}, Taken("0x4120FF", (3, 65, 32, 255), (7,))),
        ((65, 32, 255, 7), "OctetString", {"fixed_size": 3}, Taken("0x4120FF", (65, 32, 255), (7,))),
        ((65, 32, 255), "OctetString", {"implied": True}, Taken("0x4120FF", (65, 32, 255), ())),
        ((0, 7), "OctetString", {}, Taken("", (0,), (7,))),
        ((2, 65, 32), "DisplayString", {}, Taken("A ", (2, 65, 32), ())),
        ((65, 32), "DisplayString", {"fixed_size": 2}, Taken("A ", (65, 32), ())),
        ((65, 32), "DisplayString", {"implied": True}, Taken("A ", (65, 32), ())),
        ((2, 65, 255), "DisplayString", {}, Taken("A\ufffd", (2, 65, 255), ())),
        ((2, 65), "DisplayString", {}, Taken("A\0", (2, 65, 0), ())),
        ((10, 0, 0, 1, 3), "InetAddressIPv4", {}, Taken("10.0.0.1", (10, 0, 0, 1), (3,))),
        ((10, 0, 0, 1, 3), "IpAddr", {}, Taken("10.0.0.1", (10, 0, 0, 1), (3,))),
        ((0,), "EnumAsInfo", {"enum_values": {0: "foo"}}, Taken("foo", (0,), ())),
        ((3,), "EnumAsInfo", {"enum_values": {0: "foo"}}, Taken("3", (3,), ())),
        ((3,), "EnumAsStateSet", {"enum_values": {3: "x"}}, Taken("x", (3,), ())),
        ((1, 4, 192, 168, 1, 2, 9), "InetAddress", {}, Taken("192.168.1.2", (1, 4, 192, 168, 1, 2), (9,))),
        ((3, 2, 65, 66, 9), "InetAddress", {}, Taken("0x03024142", (3, 2, 65, 66), (9,))),
        ((1, 192, 168, 1, 2, 9), "InetAddressMissingSize", {}, Taken("192.168.1.2", (1, 192, 168, 1, 2), (9,))),
        ((3, 65, 66), "InetAddressMissingSize", {}, Taken("0x034142", (3, 65, 66), ())),
        ((3, 6, 1, 2, 3, 4, 5, 6), "LldpPortId", {}, Taken("01:02:03:04:05:06", (3, 6, 1, 2, 3, 4, 5, 6), ())),
        ((5, 2, 65, 66, 9), "LldpPortId", {}, Taken("AB", (5, 2, 65, 66), (9,))),
        ((5, 0, 9), "LldpPortId", {}, Taken("", (5, 0), (9,))),
        ((2, 0, 5), "DateAndTime", {}, Taken("0x0005", (2, 0, 5), ())),
    ],
)
def test_an_index_takes_its_arcs(arcs: tuple[int, ...], kind: str, options: dict[str, object], taken: Taken) -> None:
    assert index_text(arcs, kind, **options) == taken  # type: ignore[arg-type]


def test_an_ipv6_address_in_an_index_has_two_octets_in_a_group() -> None:
    taken = index_text((2, 16, *range(1, 17)), "InetAddress")
    assert taken == Taken("0102:0304:0506:0708:090A:0B0C:0D0E:0F10", (2, 16, *range(1, 17)), ())


def test_a_claimed_length_takes_no_memory() -> None:
    for kind in ("DisplayString", "OctetString", "InetAddress", "LldpPortId"):
        assert len(index_text((5, 4294967295, 65), kind).text) <= 2 * 140
        assert len(index_text((4294967295, 65), kind).text) <= 2 * 140
    assert len(index_text((65,), "OctetString", fixed_size=65535).arcs) == 128


@given(st.lists(st.integers(0, 2**32 - 1), max_size=128), st.sampled_from(TYPES), st.integers(0, 300), st.booleans())
def test_any_arcs_become_text_of_any_type(arcs: list[int], kind: str, fixed_size: int, implied: bool) -> None:
    taken = index_text(tuple(arcs), kind, fixed_size=fixed_size, implied=implied)
    taken.text.encode()
    assert taken.arcs[: len(arcs)] + taken.rest == tuple(arcs) or len(taken.arcs) > len(arcs)


@given(st.binary(max_size=50))
def test_any_octets_are_text(octets: bytes) -> None:
    text = utf8(octets)
    text.encode()
    assert "\ufffd\ufffd" not in text or b"\xef\xbf\xbd" in octets
