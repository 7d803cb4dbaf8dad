"""The labels of rows: indexes, look-ups, chains, and labels that are dropped."""

from __future__ import annotations

from typing import Any

import pytest

from snmptcp import OctetString
from snmptcp.exporter.config import Index, Labels, Lookup
from snmptcp.exporter.labels import combined_type, row_labels, whole_number
from snmptcp.values import Counter64, Integer32, IpAddress, Opaque

ETH0 = OctetString("eth0")


def labels(index: tuple[int, ...], indexes: list[Index], lookups: list[Lookup], **variables: Any) -> dict[str, str]:
    names = {tuple(map(int, name.strip("_").split("_"))): value for name, value in variables.items()}
    return row_labels(index, Labels(tuple(indexes), tuple(lookups)), names)


def test_a_row_without_an_index_has_no_labels() -> None:
    assert labels((), [], []) == {}


def test_each_index_takes_its_arcs() -> None:
    indexes = [Index("a", "gauge"), Index("b", "DisplayString"), Index("c", "gauge")]
    assert labels((3, 2, 65, 66), indexes, []) == {"a": "3", "b": "AB", "c": "0"}


def test_a_lookup_finds_its_value_by_several_labels() -> None:
    indexes = [Index("a", "gauge"), Index("b", "gauge")]
    lookup = Lookup(("a", "b"), "l", (1, 2), "DisplayString")
    assert labels((3, 4), indexes, [lookup], _1_2_3_4=ETH0) == {"a": "3", "b": "4", "l": "eth0"}


def test_a_lookup_may_replace_its_own_index() -> None:
    assert labels((4,), [Index("l", "gauge")], [Lookup(("l",), "l", (1, 2), "DisplayString")], _1_2_4=ETH0) == {
        "l": "eth0"
    }


def test_a_lookup_that_finds_nothing_is_empty() -> None:
    assert labels((4,), [Index("l", "gauge")], [Lookup(("l",), "m", (1, 2))]) == {"l": "4", "m": ""}


def test_a_lookup_by_a_label_that_there_is_not_is_empty() -> None:
    assert labels((4,), [Index("l", "gauge")], [Lookup(("x",), "m", (1, 2))], _1_2=ETH0) == {"l": "4", "m": ""}


@pytest.mark.parametrize(
    ("kind", "octets", "text"),
    [
        ("InetAddressIPv4", b"\x05\x06\x07\x08", "5.6.7.8"),
        ("", b"\x05\x06\x07\x08", "0x05060708"),
        ("PhysAddress48", b"\x05\x06\x07\x08\x09\x0a", "05:06:07:08:09:0A"),
    ],
)
def test_a_lookup_has_a_type(kind: str, octets: bytes, text: str) -> None:
    lookup = Lookup(("l",), "m", (1, 2), kind)
    assert labels((4,), [Index("l", "gauge")], [lookup], _1_2_4=OctetString(octets))["m"] == text


def test_a_dropped_label_can_still_be_looked_up_with() -> None:
    lookups = [Lookup((), "l"), Lookup(("l",), "m", (1, 2), "DisplayString")]
    assert labels((4,), [Index("l", "gauge")], lookups, _1_2_4=ETH0) == {"m": "eth0"}


def test_lookups_are_chained_by_their_values() -> None:
    indexes = [Index("policy", "gauge"), Index("object", "gauge"), Index("config", "gauge")]
    lookups = [
        Lookup(("policy", "object"), "config", (1, 5), "gauge"),
        Lookup(("config",), "name", (1, 7), "DisplayString"),
    ]
    found = labels((18, 131), indexes, lookups, _1_5_18_131=Integer32(77), _1_7_77=OctetString("gold"))
    assert found == {"policy": "18", "object": "131", "config": "77", "name": "gold"}


def test_a_lookup_of_an_enumeration_has_its_names() -> None:
    lookup = Lookup(("l",), "m", (1, 2), "EnumAsInfo", {1: "up"})
    assert labels((4,), [Index("l", "gauge")], [lookup], _1_2_4=Integer32(1))["m"] == "up"
    assert labels((4,), [Index("l", "gauge")], [lookup], _1_2_4=Integer32(9))["m"] == "9"
    assert labels((4,), [Index("l", "gauge")], [lookup], _1_2_4=ETH0)["m"] == "0x65746830"


def test_a_lookup_of_an_address_asks_the_object_before_it() -> None:
    lookup = Lookup(("l",), "m", (1, 42), "InetAddress")
    address = OctetString(b"\x04\x05\x06\x07")
    index = [Index("l", "gauge")]
    assert labels((2,), index, [lookup], _1_42_2=address, _1_41_2=Integer32(1))["m"] == "4.5.6.7"
    assert labels((2,), index, [lookup], _1_42_2=address)["m"] == "0x04050607"


def test_a_lookup_with_a_hint_is_shown_by_it() -> None:
    lookup = Lookup(("l",), "m", (1, 2), "OctetString", {}, "1d-")
    assert labels((4,), [Index("l", "gauge")], [lookup], _1_2_4=OctetString(b"\x01\x02"))["m"] == "1-2"


def test_the_type_of_an_address_is_before_it() -> None:
    variables: dict[tuple[int, ...], Any] = {(1, 41, 2): Integer32(2), (1, 0, 2): Integer32(1)}
    assert combined_type("InetAddress", (1, 42), (2,), variables) == "InetAddressIPv6"
    assert combined_type("LldpPortId", (1, 42), (2,), variables) == "DisplayString"
    assert combined_type("InetAddress", (1, 42), (3,), variables) is None
    assert combined_type("InetAddress", (1, 0), (2,), variables) is None
    assert combined_type("InetAddress", (1, 42), (2,), {(1, 41, 2): ETH0}) is None


def test_numbers_are_whole_and_others_are_none() -> None:
    assert whole_number(Counter64(2**64 - 1)) == 2**64 - 1
    assert whole_number(Opaque(b"\x9f\x78\x04\x40\x60\x00\x00")) == 3
    assert whole_number(Opaque(b"\x9f\x78\x04\x7f\x80\x00\x00")) is None  # infinite
    assert whole_number(Opaque(b"\x9f\x78\x04\x7f\xc0\x00\x00")) is None  # not a number
    assert whole_number(IpAddress("1.2.3.4")) is None
    assert whole_number(ETH0) is None
