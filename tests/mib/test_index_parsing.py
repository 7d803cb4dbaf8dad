"""The arcs of the text of INDEX values."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from snmptcp.errors import MibError
from snmptcp.mib.index_parsing import parse_index
from snmptcp.oid import OID
from tests.support.indexes import SYNTAXES, V6, V6_TEXT, arcs, format_index, parts


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
        ("int", "\x1b[31m", r"the index \\x1b\[31m cannot be read: .* where \\x1b\[31m is"),
        ("", "[a\x1b]", r"in quotes, not \[a\\x1b\]"),
    ],
)
def test_text_that_is_no_index_is_refused_with_the_reason(names: str, text: str, reason: str) -> None:
    with pytest.raises(MibError, match=reason):
        parse_index(parts(names), text)


# -------------------------------------------------------------------------------------- properties

NAMES = st.lists(st.sampled_from(sorted(SYNTAXES)), max_size=4).map(" ".join)


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
