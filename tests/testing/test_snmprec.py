"""Recordings: lines of the format, to values and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.errors import ConfigurationError
from snmptcp.oid import OID
from snmptcp.testing import Mib, dump_snmprec, load_snmprec
from snmptcp.values import (
    Counter32,
    Counter64,
    Gauge32,
    Integer32,
    IpAddress,
    NoSuchInstance,
    Null,
    OctetString,
    Opaque,
    TimeTicks,
    UInteger32,
)


def value_of(line: str):
    (value,) = load_snmprec([line]).values()
    return value


@pytest.mark.parametrize(
    ("field", "value"),
    [
        # As in the recordings of snmpsim-data 1.0.1 (BSD-2-Clause).
        ("2|-91", Integer32(-91)),
        (
            "4|2G-2S.0.2.F-BOX-PoE (M-PoE), fw:60.7050, PoEfw:118\r\n",
            OctetString("2G-2S.0.2.F-BOX-PoE (M-PoE), fw:60.7050, PoEfw:118"),
        ),
        ("4|", OctetString()),
        ("4|a|b", OctetString("a|b")),
        ("4|绿盟", OctetString("绿盟")),
        ("4x|56382e30202020", OctetString(b"V8.0   ")),
        ("5|", Null()),
        ("6|1.3.6.1.4.1.40614", OID("1.3.6.1.4.1.40614")),
        ("6|", OID("0.0")),
        ("64|10.106.229.72", IpAddress("10.106.229.72")),
        ("64|J}M}", IpAddress(b"J}M}")),
        ("64x|c0a83cd2", IpAddress("192.168.60.210")),
        ("65|4294967295", Counter32(4294967295)),
        ("66|7", Gauge32(7)),
        ("67|768597014", TimeTicks(768597014)),
        ("68x|9f780400000000", Opaque(b"\x9f\x78\x04\0\0\0\0")),
        ("70|18446744073709551615", Counter64(2**64 - 1)),
        ("71|3", UInteger32(3)),
        ("129|", NoSuchInstance()),
        # Python's escapes, as snmpsim's recorder writes them.
        (r"4e|tab\t quote\' back\\slash \x00\xff", OctetString(b"tab\t quote' back\\slash \x00\xff")),
        # Out of range: the lowest bits.
        ("65|-1", Counter32(2**32 - 1)),
        ("66|4294967296", Gauge32(0)),
        ("70|-2", Counter64(2**64 - 2)),
        ("2|4294967295", Integer32(-1)),
        # Some agents send a name of one octet.
        ("6|0", OID("0.0")),
        ("4x|0x00ff", OctetString(b"\0\xff")),
        ("2| 7 ", Integer32(7)),
    ],
)
def test_a_field_is_read_as_its_value(field, value):
    found = value_of(f"1.3.6.1.2.1.1.1.0|{field}")
    assert found == value
    assert type(found) is type(value)


def test_lines_in_any_order_give_names_in_order_and_the_last_of_two_counts():
    values = load_snmprec(["# a switch", "1.3.10|2|1", "", "1.3.9|2|2", "1.3.9.1|2|3\n", "1.3.10|2|4"])
    assert list(values.items()) == [(OID("1.3.9"), 2), (OID("1.3.9.1"), 3), (OID("1.3.10"), 4)]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("1.3.6.1|2", "a record is oid"),
        ("1.3.6.x|2|1", "not an object identifier"),
        ("1|2|1", "not a whole object identifier"),
        ("1.3.6.1|two|1", "a tag is like 4"),
        ("1.3.6.1|99|1", "no SNMP type has tag 99"),
        ("1.3.6.1|2|one", "not a whole number: 'one'"),
        ("1.3.6.1|2|1_0", "not a whole number"),
        ("1.3.6.1|66|", "not a whole number: ''"),
        ("1.3.6.1|4", "the second | is missing"),
        ("1.3.6.1|2x|01", "only the tag of a string"),
        ("1.3.6.1|4x|0g", "not octets in hex: '0g'"),
        (r"1.3.6.1|4e|\q", "unknown escape"),
        ("1.3.6.1|64|10.0.0", "not an IPv4 address"),
        ("1.3.6.1|6|5", "the first arc"),
        ("1.3.6.1|4x|" + "00" * 65536, "65535"),
    ],
)
def test_a_line_that_cannot_be_read_is_named_with_its_file_and_number(tmp_path, line, problem):
    path = tmp_path / "broken.snmprec"
    path.write_text(f"1.3.6.1.1|2|1\n{line}\n")
    with pytest.raises(ConfigurationError, match=problem) as caught:
        load_snmprec(path)
    assert str(caught.value).startswith(f"{path}, line 2: ")


def test_a_file_is_read_as_its_octets_even_if_they_are_no_utf8(tmp_path):
    path = tmp_path / "latin.snmprec"
    path.write_bytes(b"1.3.1|4|caf\xe9\n1.3.2|4|one\x85line\r\n")
    assert list(load_snmprec(path).values()) == [b"caf\xe9", b"one\x85line"]


oids = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=8).map(lambda arcs: OID((1, 3, *arcs)))
values = st.one_of(
    st.integers(-(2**31), 2**31 - 1).map(Integer32),
    st.integers(0, 2**32 - 1).map(Counter32),
    st.integers(0, 2**32 - 1).map(Gauge32),
    st.integers(0, 2**32 - 1).map(TimeTicks),
    st.integers(0, 2**64 - 1).map(Counter64),
    st.binary(max_size=20).map(OctetString),
    st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20).map(OctetString),
    st.binary(max_size=20).map(Opaque),
    st.binary(min_size=4, max_size=4).map(IpAddress),
    st.just(Null()),
    oids,
)


@given(st.dictionaries(oids, values, max_size=10))
def test_what_was_dumped_loads_as_the_same(recording):
    lines = dump_snmprec(recording)
    assert all("\n" not in line for line in lines)
    loaded = load_snmprec(lines)
    assert loaded == recording
    assert list(loaded) == sorted(recording)
    assert [type(loaded[oid]) for oid in loaded] == [type(recording[oid]) for oid in loaded]


def test_a_mib_is_dumped_with_what_its_getters_say_now():
    assert dump_snmprec(Mib({"1.3.2": lambda: TimeTicks(7), "1.3.1": "é"})) == ["1.3.1|4x|c3a9", "1.3.2|67|7"]
