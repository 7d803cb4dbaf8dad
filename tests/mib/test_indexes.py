"""INDEX values in both directions.  The texts are those of net-snmp 5.9.3."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from snmptcp.errors import ArgumentTypeError, MibError
from snmptcp.mib import IndexPart, Syntax
from snmptcp.mib.indexes import decode_index, encode_index, format_index, parse_index
from snmptcp.oid import OID
from snmptcp.values import Gauge32, Integer32, IpAddress, OctetString, TimeTicks

if TYPE_CHECKING:
    from collections.abc import Sequence


def octets(name: str = "OCTET STRING", hint: str = "", *sizes: tuple[int, int]) -> Syntax:
    return Syntax(name, "OCTET STRING", hint, sizes=sizes, conventions=(name,) if name != "OCTET STRING" else ())


SYNTAXES = {
    "int": Syntax("Integer32", "INTEGER"),
    "enum": Syntax("INTEGER", "INTEGER", labels={1: "up", 2: "down", -1: "minus", 300: "big"}),
    "uns": Syntax("Unsigned32", "Unsigned32"),
    "gauge": Syntax("Gauge32", "Gauge32"),
    "counter": Syntax("Counter32", "Counter32"),
    "tick": Syntax("TimeTicks", "TimeTicks"),
    "str": octets(),
    "text": octets("SnmpAdminString", "255t", (0, 255)),
    "fix": octets("OCTET STRING", "", (4, 4)),
    "mac": octets("MacAddress", "1x:", (6, 6)),
    "phys": octets("PhysAddress", "1x:"),
    "date": octets("DateAndTime", "2d-1d-1d,1d:1d:1d.1d,1a1d:1d", (8, 8), (11, 11)),
    "odd": octets("OddString", "1z"),
    "oid": Syntax("OBJECT IDENTIFIER", "OBJECT IDENTIFIER"),
    "ip": Syntax("IpAddress", "IpAddress"),
    "net": Syntax("NetworkAddress", "IpAddress"),
    "bits": Syntax("BITS", "BITS", labels={0: "a", 1: "b", 9: "c"}),
    "type": Syntax(
        "InetAddressType",
        "INTEGER",
        labels={0: "unknown", 1: "ipv4", 2: "ipv6", 3: "ipv4z", 4: "ipv6z", 16: "dns"},
        conventions=("InetAddressType",),
    ),
    "inet": octets("InetAddress", "", (0, 255)),
    "own": Syntax("AcmeAddress", "OCTET STRING", conventions=("AcmeAddress", "InetAddress")),
    "what": Syntax("Whatever", ""),
}


def parts(names: str) -> tuple[IndexPart, ...]:
    """Return the objects of an INDEX: ``"int str!"``, with ``!`` for IMPLIED."""
    return tuple(
        IndexPart(name.rstrip("!"), "ACME-MIB", SYNTAXES[name.rstrip("!")], implied=name.endswith("!"))
        for name in names.split()
    )


def arcs(text: str) -> list[int]:
    return [int(arc) for arc in text.split(".")] if text else []


V6 = "32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1"
V6_TEXT = "20:01:0d:b8:00:00:00:00:00:00:00:00:00:00:00:01"

#: The objects, the arcs, and net-snmp's text by default and with -OX.
TEXTS = [
    ("int", "", "", ""),
    ("int", "1", ".1", "[1]"),
    ("int", "1.2", ".1.2", "[1].2"),
    ("int", "4294967295", ".4294967295", "[4294967295]"),
    ("enum", "2", ".down", "[down]"),
    ("enum", "4294967295", ".minus", "[minus]"),
    ("enum", "7", ".7", "[7]"),
    ("uns", "4294967295", ".4294967295", "[4294967295]"),
    ("gauge int", "4.5", ".4.5", "[4][5]"),
    ("counter int", "4.5", ".4.5", "[.4.5"),
    ("tick", "12345", ".12345", "[0:02:03.45]"),
    ("tick", "4294967295", ".4294967295", "[497 days, 2:27:52.95]"),
    ("str", "0", '.""', '[""]'),
    ("str", "2.97.98", '."ab"', '["ab"]'),
    ("str", "2.97", ".2.97", "[.2.97"),
    ("str", "2.97.98.99", '."ab".99', '["ab"].99'),
    ("str", "2.97.300", '."a."', '["a."]'),
    ("str", "4.34.92.10.200", '.""\\.."', '[""\\.."]'),
    ("str int", "2.97.98.5", '."ab".5', '["ab"][5]'),
    ("str!", "97.98", ".'ab'", "['ab']"),
    ("text", "2.195.169", '.".."', "[STRING: é]"),
    ("fix", "97.98.1.2", ".'ab..'", "['ab..']"),
    ("fix", "97.98.99", ".97.98.99", "[.97.98.99"),
    ("fix!", "97.98", ".'ab'", "['ab']"),
    ("mac", "0.1.2.10.11.12", ".'......'", "[STRING: 0:1:2:a:b:c]"),
    ("mac", "0.1.2.10.11.300", ".'......'", "[STRING: 0:1:2:a:b:2c]"),
    ("phys", "0", '.""', "[STRING: ]"),
    ("date", "8.7.218.1.2.3.4.5.6", '."........"', "[STRING: 2010-1-2,3:4:5.6]"),
    ("oid", "3.1.3.6", ".3.1.3.6", "[.1.3.6]"),
    ("oid int", "2.1.3.5", ".2.1.3.5", "[.1.3][5]"),
    ("oid", "200.1.3", ".200.1.3", "[.200.1.3"),
    ("oid!", "1.3.6", ".1.3.6", "[.1.3.6]"),
    ("ip int", "1.2.3.4.5", ".1.2.3.4.5", "[1.2.3.4][5]"),
    ("ip", "10.0.0", ".10.0.0", "[.10.0.0"),
    ("int net", "1.1.10.0.0.1", ".1.1.10.0.0.1", "[1][1.10.0.0.1]"),
    ("int net", "1.1.10.0", ".1.1.10.0", "[1][1.10.0"),
    ("str bits int", "1.97.1.128.4", '."a".1.128.4', '["a"][.1.128.4'),
    ("what", "1.2", ".1.2", "[.1.2"),
    ("type inet", "1.4.10.0.0.1", '.ipv4."10.0.0.1"', '[ipv4]["10.0.0.1"]'),
    ("type inet", f"2.16.{V6}", f'.ipv6."{V6_TEXT}"', f'[ipv6]["{V6_TEXT}"]'),
    ("type inet", "3.8.10.0.0.1.0.0.0.5", '.ipv4z."10.0.0.1%5"', '[ipv4z]["10.0.0.1%5"]'),
    ("type inet", f"4.20.{V6}.255.2.3.4", f'.ipv6z."{V6_TEXT}%4278321924"', f'[ipv6z]["{V6_TEXT}%4278321924"]'),
    ("type inet", "16.5.97.46.99.111.109", '.dns."a.com"', '[dns]["a.com"]'),
    ("type inet", "0.0", '.unknown.""', '[unknown][""]'),
    ("type inet", "2.4.10.0.0.1", '.ipv6."...."', '[ipv6]["...."]'),
    ("type inet", "1.4.10.0.0.300", '.ipv4."...."', '[ipv4]["...."]'),
    ("type inet", "1.4.10.0.0", ".ipv4.4.10.0.0", "[ipv4][.4.10.0.0"),
    ("type inet int", "1.4.10.0.0.1.24", '.ipv4."10.0.0.1".24', '[ipv4]["10.0.0.1"][24]'),
    ("inet", "4.10.0.0.1", '."10.0.0.1"', '["10.0.0.1"]'),  # by the arc of the column before it, 1
    ("int inet", "1.4.10.0.0.1", '.1."...."', '[1]["...."]'),  # no object tells its type
    ("type inet inet", "1.4.10.0.0.1.4.10.0.0.1", '.ipv4."10.0.0.1"."...."', '[ipv4]["10.0.0.1"]["...."]'),
    ("type own", "1.4.10.0.0.1", '.ipv4."...."', '[ipv4]["...."]'),  # a convention of its own
    ("int str ip mac", "1.2.97.98.10.0.0.1.0.1.2", '.1."ab".10.0.0.1.0.1.2', '[1]["ab"][10.0.0.1][.0.1.2'),
    ("int str ip mac", "1", ".1", "[1]"),
]


@pytest.mark.parametrize(("names", "numbers", "quoted", "extended"), TEXTS)
def test_an_index_has_the_text_of_net_snmp(names: str, numbers: str, quoted: str, extended: str) -> None:
    index = parts(names)
    assert format_index(index, arcs(numbers), before=1) == quoted
    assert format_index(index, arcs(numbers), before=1, style="extended") == extended
    assert format_index(index, arcs(numbers), style="numeric") == (f".{numbers}" if numbers else "")


def test_the_letters_of_net_snmp_change_the_text_of_an_index() -> None:
    assert format_index(parts("str fix"), arcs("1.97.97.98.99.100"), style="escaped") == ".\\\"a\\\".\\'abcd\\'"
    assert format_index(parts("str"), arcs("1.97"), style="extended-escaped") == '[\\"a\\"]'
    assert format_index(parts("type inet"), arcs("1.4.10.0.0.1"), style="escaped") == '.ipv4."10.0.0.1"'
    assert format_index(parts("mac"), arcs("0.1.2.3.4.5"), style="extended", quick=True) == "[0:1:2:3:4:5]"
    assert format_index(parts("tick"), arcs("4294967295"), style="extended", quick=True) == "[497:2:27:52.95]"
    assert format_index(parts("tick"), arcs("12345"), style="extended", raw_ticks=True) == "[12345]"
    assert format_index(parts("oid"), arcs("2.1.3"), style="extended", name_of=lambda oid: f"<{len(oid)}>") == "[<2>]"


def test_a_hint_that_cannot_be_read_is_told_as_net_snmp_tells_it() -> None:
    text = format_index(parts("odd"), arcs("2.97.98"), style="extended")
    assert text == '[(Bad hint ignored: 1z) STRING: "ab"]'


# ------------------------------------------------------------------------------------------ values


@pytest.mark.parametrize(
    ("names", "numbers", "values"),
    [
        ("int", "5", (Integer32(5),)),
        ("enum", "4294967295", (Integer32(-1),)),
        ("uns", "4294967295", (Gauge32(4294967295),)),
        ("tick", "5", (TimeTicks(5),)),
        ("str", "0", (OctetString(b""),)),
        ("str str!", "1.97.98.99", (OctetString(b"a"), OctetString(b"bc"))),
        ("str!", "", (OctetString(b""),)),
        ("mac int", "0.1.2.3.4.5.6", (OctetString(bytes(range(6))), Integer32(6))),
        ("ip", "10.0.0.1", (IpAddress("10.0.0.1"),)),
        ("int net", "1.1.10.0.0.1", (Integer32(1), IpAddress("10.0.0.1"))),
        ("oid int", "2.1.3.5", (OID("1.3"), Integer32(5))),
        ("oid!", "1.3.6", (OID("1.3.6"),)),
        ("bits", "2.160.64", (OctetString(b"\xa0\x40"),)),
        ("type inet", "1.4.10.0.0.1", (Integer32(1), OctetString(b"\n\0\0\1"))),
    ],
)
def test_an_index_is_decoded_into_typed_values_and_back(names: str, numbers: str, values: tuple[object, ...]) -> None:
    decoded = decode_index(parts(names), arcs(numbers))
    assert decoded == values
    assert decoded is not None
    assert list(map(type, decoded)) == list(map(type, values))
    assert encode_index(parts(names), decoded).arcs == tuple(arcs(numbers))


@pytest.mark.parametrize(
    ("names", "numbers"),
    [
        ("int", ""),
        ("int", "1.2"),
        ("str", "2.97"),
        ("str", "1.300"),
        ("str", "4294967295.97"),
        ("mac", "0.1.2.3.4"),
        ("mac", "0.1.2.3.4.5.6"),
        ("ip", "10.0.0"),
        ("ip", "10.0.0.256"),
        ("net", "2.10.0.0.1"),
        ("oid", "3.1.3"),
        ("what", "1"),
    ],
)
def test_arcs_that_do_not_fit_have_no_values(names: str, numbers: str) -> None:
    assert decode_index(parts(names), arcs(numbers)) is None


def test_values_may_be_text_or_python_values() -> None:
    assert encode_index(parts("type inet"), ("ipv4", "10.0.0.1")) == OID.fragment("1.4.10.0.0.1")
    assert encode_index(parts("type inet"), (2, ipaddress.ip_address("2001:db8::1"))) == OID.fragment(f"2.16.{V6}")
    assert encode_index(parts("mac int"), ("0:1:2:a:b:c", 7)) == OID.fragment("0.1.2.10.11.12.7")
    assert encode_index(parts("int text"), ("2", "public")) == OID.fragment("2.6.112.117.98.108.105.99")
    assert encode_index(parts("ip enum"), (ipaddress.IPv4Address("10.0.0.1"), "down")) == OID.fragment("10.0.0.1.2")


@pytest.mark.parametrize(
    ("names", "values", "reason"),
    [
        ("int str", (1,), "the index is int, str: 2 values, not 1"),
        ("enum", ("dwn",), r"enum is one of up\(1\), down\(2\), minus\(-1\), big\(300\), not 'dwn'"),
        ("mac", ("0:1",), "mac has 6 octets, not 2"),
        ("type inet", ("ipv4", "::1"), "inet is an IPv4 address, as its type is ipv4, not '::1'"),
        ("str", (b"a" * 200,), "the index is too long"),
        ("uns", (-1,), "uns is a number from 0 to 4294967295, not -1"),
    ],
)
def test_values_that_an_object_cannot_have_are_refused(names: str, values: tuple[object, ...], reason: str) -> None:
    with pytest.raises(MibError, match=reason):
        encode_index(parts(names), values)


def test_a_python_value_of_a_wrong_type_is_refused_by_name() -> None:
    with pytest.raises(ArgumentTypeError, match="mac takes text or bytes, not float"):
        encode_index(parts("mac"), (1.5,))


# -------------------------------------------------------------------------------------------- text


@pytest.mark.parametrize(
    ("names", "text", "numbers"),
    [
        ("int", ".5", "5"),
        ("int", "[5]", "5"),
        ("int", ".0x10", "16"),
        ("int", ".-1", "4294967295"),
        ("int", ".5.6", "5.6"),
        ("int", "[5].6", "5.6"),
        ("enum", ".up", "1"),
        ("enum", "[down]", "2"),
        ("enum", ".minus", "4294967295"),
        ("enum", ".7", "7"),
        ("str", '."ab"', "2.97.98"),
        ("str", '["ab"]', "2.97.98"),
        ("str", '.""', "0"),
        ("str", '."a\\"b"', "3.97.34.98"),
        ("str", '."a\\\\b"', "3.97.92.98"),
        ("str", '."a\'b"', "3.97.39.98"),
        ("str", '."a.b[c]"', "6.97.46.98.91.99.93"),
        ("str", '["a]b"]', "3.97.93.98"),
        ("str", '."é"', "2.195.169"),
        ("str", ".2.97", "2.97"),
        ("str int", '."ab".5', "2.97.98.5"),
        ("str!", ".'ab'", "97.98"),
        ("str!", ".''", ""),
        ("str!", "['ab']", "97.98"),
        ("str!", ".'a\\'b'", "97.39.98"),
        ("fix", ".'abcd'", "97.98.99.100"),
        ("mac", ".'0:1:2:a:b:c'", "0.1.2.10.11.12"),
        ("mac", "[STRING: 0:1:2:a:b:c]", "0.1.2.10.11.12"),
        ("mac", "[0:1:2:a:b:c]", "0.1.2.10.11.12"),
        ("date", '."2010-1-2,3:4:5.6"', "8.7.218.1.2.3.4.5.6"),
        ("int text", '.2."public"', "2.6.112.117.98.108.105.99"),
        ("int text!", ".2.'public'", "2.112.117.98.108.105.99"),
        ("int text", '[2]["public"]', "2.6.112.117.98.108.105.99"),
        ("ip", ".10.0.0.1", "10.0.0.1"),
        ("ip int", "[10.0.0.1][5]", "10.0.0.1.5"),
        ("int net", "[1][1.10.0.0.1]", "1.1.10.0.0.1"),
        ("oid", ".3.1.3.6", "3.1.3.6"),
        ("oid int", "[.1.3.6].5", "3.1.3.6.5"),
        ("oid!", "[1.3.6]", "1.3.6"),
        ("tick", "[0:02:03.45]", "12345"),
        ("tick", "[497 days, 2:27:52.95]", "4294967295"),
        ("type inet", '.ipv4."10.0.0.1"', "1.4.10.0.0.1"),
        ("type inet", '[ipv4]["10.0.0.1"]', "1.4.10.0.0.1"),
        ("type inet", '[1]["10.0.0.1"]', "1.4.10.0.0.1"),
        ("type inet", "[ipv4].4.10.0.0.1", "1.4.10.0.0.1"),
        ("type inet", f'.ipv6."{V6_TEXT}"', f"2.16.{V6}"),
        ("type inet", '.ipv6."2001:db8::1"', f"2.16.{V6}"),
        ("type inet", '.ipv4z."10.0.0.1%5"', "3.8.10.0.0.1.0.0.0.5"),
        ("type inet", f'[ipv6z]["{V6_TEXT}%4278321924"]', f"4.20.{V6}.255.2.3.4"),
        ("type inet", '.dns."a.com"', "16.5.97.46.99.111.109"),
        ("type inet int", '.ipv4."10.0.0.1"[24]', "1.4.10.0.0.1.24"),
        ("int str ip mac", "[1].2.97.98[10.0.0.1].'0:1:2:3:4:5'", "1.2.97.98.10.0.0.1.0.1.2.3.4.5"),
        ("int", '.5."a"', "5.1.97"),
        ("int", ".5.'a'", "5.97"),
        ("", ".0", "0"),
        ("", "", ""),
        ("what", ".1.2", "1.2"),
    ],
)
def test_the_text_of_an_index_is_read(names: str, text: str, numbers: str) -> None:
    assert parse_index(parts(names), text).arcs == tuple(arcs(numbers))


def test_an_oid_may_be_named() -> None:
    names = {"IF-MIB::ifDescr[5]": OID("1.3.6.1.2.1.2.2.1.2.5")}
    parsed = parse_index(parts("oid"), "[IF-MIB::ifDescr[5]]", resolve=names.__getitem__)
    assert parsed == OID.fragment("11.1.3.6.1.2.1.2.2.1.2.5")


@pytest.mark.parametrize(
    ("names", "text", "reason"),
    [
        ("str", ".'ab'", "str has its length in the index: its quotes are \", not ': 'ab'"),
        ("str!", '."ab"', 'str is IMPLIED: its quotes are \', not ": "ab"'),
        ("fix", '."abcd"', 'fix is of one length: its quotes are \', not ": "abcd"'),
        ("fix", ".'abc'", "fix has 4 octets, not 3"),
        ("str", '."ab', 'the closing " is missing'),
        ("str", '."ab"x', "'.' or '\\[' should be where x is"),
        ("str", ".ab", 'str is a string: write it as "...", not ab'),
        ("str", '["ab"', "the closing ] is missing"),
        ("int", "[5", "the closing ] is missing"),
        ("int", "[]", "there is nothing in the brackets"),
        ("int", ".", "should follow the dot"),
        ("int", "..5", "should follow the dot"),
        ("int", "5", "should be where 5 is"),
        ("int", ".up", "int is a number, not 'up'"),
        ("int", '."5"', "int is a number or a label without quotes"),
        ("int", ".5.up", "behind int there are numbers or strings in quotes, not up"),
        ("int", ".4294967296", "an arc is a number from 0 to 4294967295, not 4294967296"),
        ("enum", ".nope", "enum is one of up\\(1\\)"),
        ("mac", ".'0:1'", "mac has 6 octets, not 2"),
        ("mac", ".'zz'", "mac: 'zz' does not fit the display hint '1x:'"),
        ("type inet", '.ipv4."::1"', "inet is an IPv4 address"),
        ("ip", "[10.0.0]", "ip is an IPv4 address, not '10.0.0'"),
        ("", ".up", "behind an object without an index"),
        ("what", '."a"', "no module says what what is"),
    ],
)
def test_text_that_is_no_index_is_refused_with_the_reason(names: str, text: str, reason: str) -> None:
    with pytest.raises(MibError, match=reason):
        parse_index(parts(names), text)


# -------------------------------------------------------------------------------------- properties

NAMES = st.lists(st.sampled_from(sorted(SYNTAXES)), max_size=4).map(" ".join)
ARCS = st.lists(
    st.one_of(st.integers(0, 4), st.integers(0, 255), st.sampled_from([256, 300, 2**31, 2**32 - 1])), max_size=24
)


@given(NAMES, ARCS, st.integers(0, 4))
def test_any_arcs_have_a_text_and_those_that_fit_come_back(names: str, numbers: Sequence[int], before: int) -> None:
    index = parts(names)
    for style in ("quoted", "escaped", "extended", "extended-escaped", "numeric"):
        assert isinstance(format_index(index, numbers, style=style, before=before), str)
    values = decode_index(index, numbers)
    if values is not None and len(numbers) <= 128:
        try:
            encoded = encode_index(index, values)
        except MibError:  # a length or a label that the agent may send, and that the MIB does not have
            return
        assert list(encoded) == list(numbers)


def counted(strings: st.SearchStrategy[bytes]) -> st.SearchStrategy[tuple[int, ...]]:
    return strings.map(lambda string: (len(string), *string))


#: The arcs of some objects whose extended text tells them all.
READABLE: dict[str, st.SearchStrategy[tuple[int, ...]]] = {
    "int": st.tuples(st.integers(0, 2**32 - 1)),
    "enum": st.tuples(st.sampled_from([1, 2, 300, 7, 2**32 - 1])),
    "tick": st.tuples(st.integers(0, 2**32 - 1)),
    "mac": st.binary(min_size=6, max_size=6).map(tuple),
    "ip": st.binary(min_size=4, max_size=4).map(tuple),
    "phys": counted(st.binary(max_size=8)),
    "text": counted(st.text(st.characters(codec="utf-8", exclude_characters="[]\0"), max_size=6).map(str.encode)),
    "oid": st.lists(st.integers(0, 39), min_size=3, max_size=6).map(lambda arcs: (len(arcs) + 1, 1, *arcs)),
    "type inet": st.binary(min_size=16, max_size=16).map(lambda octets: (2, 16, *octets)),
}


@given(st.data(), st.lists(st.sampled_from(sorted(READABLE)), max_size=4))
def test_the_extended_text_of_an_index_can_be_read_back(data: st.DataObject, names: list[str]) -> None:
    index = parts(" ".join(names))
    numbers = [arc for name in names for arc in data.draw(READABLE[name])]
    text = format_index(index, numbers, style="extended")
    assert list(parse_index(index, text)) == numbers


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20), st.integers(0, 99))
def test_printable_strings_in_quotes_can_be_read_back(text: str, number: int) -> None:
    index = parts("str int")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    numbers = [len(text), *text.encode(), number]
    assert list(parse_index(index, f'."{escaped}".{number}')) == numbers
    if escaped == text:
        assert format_index(index, numbers) == f'."{text}".{number}'


@given(NAMES, st.one_of(st.text(".[]\"'\\ab1:0x-é", max_size=24), st.text(max_size=12)))
@example("str", ".99999999999999999999999")
@example("oid", "[" * 200)
@example("str", ".4294967295.1.2")
def test_hostile_text_breaks_nothing(names: str, text: str) -> None:
    try:
        parsed = parse_index(parts(names), text)
    except MibError:
        return
    assert isinstance(parsed, OID)
