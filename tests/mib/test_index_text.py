"""The text of INDEX values.  The texts are those of net-snmp 5.9.3."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.errors import MibError
from snmptcp.mib.indexes import decode_index, encode_index
from tests.support.indexes import SYNTAXES, V6, V6_TEXT, arcs, format_index, parts

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    ("net str", "1.10.0.0.1.2.97.98", '.1.10.0.0.1."ab"', '[1.10.0.0.1]["ab"]'),
    ("net str", "2.10.0.0.1.2.97.98", ".2.10.0.0.1.2.97.98", "[2.10.0.0.1.2.97.98"),
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
