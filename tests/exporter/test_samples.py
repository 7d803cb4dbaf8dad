"""Variables as samples: one test for each type and rule of snmp_exporter."""

from __future__ import annotations

import math
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from snmptcp import OID, OctetString
from snmptcp.exporter.config import Index, Labels, Lookup, Metric, RegexExtract
from snmptcp.exporter.families import Families
from snmptcp.exporter.labels import row_labels
from snmptcp.exporter.patterns import Pattern
from snmptcp.exporter.reading import TYPES
from snmptcp.exporter.samples import STEP, Conversion, MetricTree
from snmptcp.values import Counter32, Counter64, Gauge32, Integer32, IpAddress, Null, Opaque, TimeTicks

ROW = Labels((Index("i", "gauge"),))
STATES = {1: "up", 2: "down", 3: "testing"}


def convert(metrics: list[Metric], variables: dict[str, Any], *, wrap: bool = True) -> tuple[str, int]:
    """Return the text of variables without HELP lines, and how many values were not of the right kind."""
    unexpected = 0

    def count() -> None:
        nonlocal unexpected
        unexpected += 1

    families = Families()
    names = {OID(name).arcs: value for name, value in variables.items()}
    for _ in Conversion(names, wrap=wrap, on_unexpected=count).add_to(families, MetricTree(metrics)):
        pass
    lines = families.render().splitlines()
    return "\n".join(line for line in lines if not line.startswith("# HELP")), unexpected


def one(value: Any, kind: str, **fields: Any) -> str:
    """Return the text of one value of one metric."""
    return convert([Metric("m", (1, 3), kind, "Help.", ROW, **fields)], {"1.3.7": value})[0]


@pytest.mark.parametrize(
    ("value", "kind", "fields", "text"),
    [
        (Integer32(2), "gauge", {}, '# TYPE m gauge\nm{i="7"} 2'),
        (Integer32(-2), "gauge", {}, '# TYPE m gauge\nm{i="7"} -2'),
        (Gauge32(2**32 - 1), "gauge", {}, '# TYPE m gauge\nm{i="7"} 4294967295'),
        (TimeTicks(100), "gauge", {}, '# TYPE m gauge\nm{i="7"} 100'),
        (Counter32(2), "counter", {}, '# TYPE m counter\nm{i="7"} 2'),
        (Integer32(2), "counter", {}, '# TYPE m counter\nm{i="7"} 2'),
        (Counter64(19007199254740992), "counter", {}, '# TYPE m counter\nm{i="7"} 992800745259008'),
        (Integer32(420), "gauge", {"scale": 0.1}, '# TYPE m gauge\nm{i="7"} 42'),
        (Integer32(70), "gauge", {"offset": -1.0}, '# TYPE m gauge\nm{i="7"} 69'),
        (Integer32(2), "gauge", {"offset": 2.0, "scale": -1.0}, '# TYPE m gauge\nm{i="7"} 0'),
        (Opaque(b"\x9f\x78\x04" + struct.pack(">f", 3)), "gauge", {}, '# TYPE m gauge\nm{i="7"} 3'),
        (Opaque(b"\x9f\x78\x04" + struct.pack(">f", 2.5)), "Float", {}, '# TYPE m gauge\nm{i="7"} 2.5'),
        (Opaque(b"\x9f\x79\x08" + struct.pack(">d", 0.1)), "Double", {}, '# TYPE m gauge\nm{i="7"} 0.1'),
        (Opaque(b"\x9f\x79\x08" + struct.pack(">d", math.nan)), "Double", {}, '# TYPE m gauge\nm{i="7"} NaN'),
        (OctetString("sane"), "DisplayString", {}, '# TYPE m gauge\nm{i="7",m="sane"} 1'),
        (OctetString(b'a"b\\\n\xff\0'), "DisplayString", {}, '# TYPE m gauge\nm{i="7",m="a\\"b\\\\\\n\ufffd\0"} 1'),
        (OctetString(b"\x7f\0"), "OctetString", {}, '# TYPE m gauge\nm{i="7",m="0x7F00"} 1'),
        (OctetString(b"\x7f\0"), "OctetString", {"display_hint": "1d."}, '# TYPE m gauge\nm{i="7",m="127.0"} 1'),
        (OctetString(bytes(6)), "PhysAddress48", {}, '# TYPE m gauge\nm{i="7",m="00:00:00:00:00:00"} 1'),
        (IpAddress("10.0.0.1"), "InetAddressIPv4", {}, '# TYPE m gauge\nm{i="7",m="10.0.0.1"} 1'),
        (OctetString(b"\x0a\0\0\1"), "InetAddressIPv4", {}, '# TYPE m gauge\nm{i="7",m="10.0.0.1"} 1'),
        (IpAddress("10.0.0.1"), "IpAddr", {}, '# TYPE m gauge\nm{i="7",m="10.0.0.1"} 1'),
        (OID("1.3.6.1"), "OctetString", {}, '# TYPE m gauge\nm{i="7",m="1.3.6.1"} 1'),
        (Integer32(-2), "", {}, '# TYPE m gauge\nm{i="7",m="-2"} 1'),
        (OctetString("x"), "DisplayString", {"scale": 3.0, "offset": 1.0}, '# TYPE m gauge\nm{i="7",m="x"} 4'),
        (Null(), "DisplayString", {}, '# TYPE m gauge\nm{i="7",m=""} 1'),
        (Integer32(2), "EnumAsInfo", {"enum_values": STATES}, '# TYPE m_info gauge\nm_info{i="7",m="down"} 1'),
        (Integer32(9), "EnumAsInfo", {"enum_values": STATES}, '# TYPE m_info gauge\nm_info{i="7",m="9"} 1'),
        (OctetString(bytes((7, 226, 8, 15, 8, 1, 15, 0))), "DateAndTime", {}, '# TYPE m gauge\nm{i="7"} 1534320075'),
        (OctetString(b"\0"), "DateAndTime", {}, ""),
        (OctetString(bytes.fromhex("eb0677f630d10b3b")), "NTPTimeStamp", {}, '# TYPE m gauge\nm{i="7"} 1734080886'),
        (OctetString(bytes(4)), "NTPTimeStamp", {}, ""),
        (
            OctetString("Apr 01 2025"),
            "ParseDateAndTime",
            {"datetime_pattern": "%b %d %Y", "offset": 1.0},
            '# TYPE m gauge\nm{i="7"} 1743465601',
        ),
        (OctetString("ABC"), "ParseDateAndTime", {"datetime_pattern": "%b %d %Y"}, ""),
    ],
)
def test_a_value_becomes_a_sample(value: Any, kind: str, fields: dict[str, Any], text: str) -> None:
    assert one(value, kind, **fields) == text


def test_large_counters_can_be_given_as_they_are() -> None:
    variables = {"1.3.7": Counter64(2**64 - 1)}
    text, _ = convert([Metric("m", (1, 3), "counter")], variables, wrap=False)
    assert float(text.split()[-1]) == 2.0**64  # a double


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (OctetString("5"), "gauge"),
        (OctetString("5"), "counter"),
        (IpAddress("1.2.3.4"), "gauge"),
        (OID("1.3"), "Double"),
        (Null(), "gauge"),
        (Opaque(b"\x01\x02"), "Float"),
        (OctetString("1"), "EnumAsInfo"),
        (OctetString("1"), "EnumAsStateSet"),
        (Integer32(1), "Bits"),
        (Integer32(1), "DateAndTime"),
        (Integer32(1), "NTPTimeStamp"),
    ],
)
def test_a_value_of_another_kind_is_no_sample_and_is_counted(value: Any, kind: str) -> None:
    metric = Metric("m", (1, 3), kind, enum_values={0: "zero", 1: "one"})
    assert convert([metric], {"1.3.7": value}) == ("", 1)


def test_a_state_set_has_a_sample_for_each_state() -> None:
    assert one(Integer32(2), "EnumAsStateSet", enum_values=STATES).splitlines() == [
        "# TYPE m gauge",
        'm{i="7",m="down"} 1',
        'm{i="7",m="testing"} 0',
        'm{i="7",m="up"} 0',
    ]


def test_a_state_without_a_name_is_its_number() -> None:
    lines = one(Integer32(9), "EnumAsStateSet", enum_values=STATES).splitlines()
    assert lines[1] == 'm{i="7",m="9"} 1'
    assert len(lines) == 5


def test_bits_have_a_sample_for_each_name() -> None:
    names = {0: "first", 1: "second", 2: "third", 8: "ninth", 15: "sixteenth", 23: "last", 24: "missing", -1: "odd"}
    text = one(OctetString(b"\xc0\x80\x01"), "Bits", enum_values=names)
    assert sorted(text.splitlines()[1:]) == [
        'm{i="7",m="first"} 1',
        'm{i="7",m="last"} 1',
        'm{i="7",m="missing"} 0',
        'm{i="7",m="ninth"} 1',
        'm{i="7",m="odd"} 0',
        'm{i="7",m="second"} 1',
        'm{i="7",m="sixteenth"} 0',
        'm{i="7",m="third"} 0',
    ]


def test_an_address_is_of_the_type_that_the_object_before_it_tells() -> None:
    metric = Metric("m", (1, 3, 42), "InetAddress")
    assert convert([metric], {"1.3.42.2": OctetString(b"\4\5\6\7"), "1.3.41.2": Integer32(1)})[0].endswith(
        'm{m="4.5.6.7"} 1'
    )
    assert convert([metric], {"1.3.42.2": OctetString(b"\4\5\6\7"), "1.3.41.2": Integer32(3)})[0].endswith(
        'm{m="0x04050607"} 1'
    )
    assert convert([metric], {"1.3.42.2": OctetString(b"\4\5\6\7")})[0].endswith('m{m="0x04050607"} 1')
    metric = Metric("m", (1, 3, 42), "LldpPortId")
    assert convert([metric], {"1.3.42.2": OctetString(bytes(range(4, 10))), "1.3.41.2": Integer32(3)})[0].endswith(
        'm{m="04:05:06:07:08:09"} 1'
    )


def test_regular_expressions_extract_numbers() -> None:
    def extract(regex: str, value: str = "$1") -> RegexExtract:
        return RegexExtract(Pattern(regex, whole=True), value)

    extracts = (
        ("Blank", (extract("XXXX", "4"),)),
        ("Extension", (extract(".*", "5"),)),
        ("First", (extract("XXXX", "123"), extract("Test.*", "999"), extract(".*", "777"))),
        ("Template", (extract(r".*?(\d\.\d+).*"),)),
        ("NoNumber", (extract("(.*)"), extract("(Test).*"))),
    )
    text = one(OctetString("Test value 4.42 123 999"), "DisplayString", regex_extracts=extracts, scale=2.0)
    assert [line for line in text.splitlines() if not line.startswith("#")] == [
        'mExtension{i="7"} 10',
        'mFirst{i="7"} 1998',
        'mTemplate{i="7"} 8.84',
    ]
    assert "mX{" in one(Integer32(2), "", regex_extracts=(("X", (extract("2", "1"),)),))


def test_the_help_tells_what_became_of_the_values() -> None:
    metrics = [
        Metric("a", (1, 1), "EnumAsInfo", "A."),
        Metric("b", (1, 2), "EnumAsStateSet", "B."),
        Metric("c", (1, 3), "Bits", "C.", enum_values={0: "x"}),
        Metric("d", (1, 4), "", "D.", regex_extracts=(("E", (RegexExtract(Pattern(".*"), "1"),)),)),
    ]
    families = Families()
    variables: dict[tuple[int, ...], Any] = {
        (1, 1): Integer32(1),
        (1, 2): Integer32(1),
        (1, 3): OctetString(b""),
        (1, 4): Integer32(1),
    }
    for _ in Conversion(variables, on_unexpected=lambda: None).add_to(families, MetricTree(metrics)):
        pass
    helps = [line for line in families.render().splitlines() if line.startswith("# HELP")]
    assert helps == [
        "# HELP a_info A. (EnumAsInfo)",
        "# HELP b B. (EnumAsStateSet)",
        "# HELP c C. (Bits)",
        "# HELP dE D. (regex extracted)",
    ]


def test_a_label_that_the_row_has_already_is_not_added_again() -> None:
    row = Labels((Index("m", "DisplayString", implied=True),))
    text, _ = convert([Metric("m", (1, 3), "DisplayString", labels=row)], {"1.3.65": OctetString("B")})
    assert text.endswith('m{m="A"} 1')
    for kind in ("EnumAsInfo", "EnumAsStateSet"):
        assert convert([Metric("m", (1, 3), kind, labels=row)], {"1.3.65": Integer32(1)})[0] == ""


def test_a_metric_above_another_hides_it_and_the_last_of_one_oid_counts() -> None:
    metrics = [Metric("below", (1, 3, 1), "gauge"), Metric("old", (1, 3), "gauge"), Metric("new", (1, 3), "gauge")]
    text, _ = convert(metrics, {"1.3.1.0": Integer32(1), "1.4": Integer32(2), "1": Integer32(3)})
    assert text == "# TYPE new gauge\nnew 1"


def test_rows_with_equal_labels_are_looked_up_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from snmptcp.exporter import samples

    asked = []

    def counted(*arguments: Any) -> dict[str, str]:
        asked.append(arguments[0])
        return row_labels(*arguments)

    monkeypatch.setattr(samples, "row_labels", counted)
    row = Labels((Index("i", "gauge"),), (Lookup(("i",), "n", (1, 9), "DisplayString"),))
    metrics = [Metric(f"m{n}", (1, n), "gauge", labels=row) for n in range(1, 5)]
    variables = {f"1.{n}.{i}": Integer32(n) for n in range(1, 5) for i in (1, 2)}
    text, _ = convert(metrics, {**variables, "1.9.1": OctetString("x")})
    assert asked == [(1,), (2,)]
    assert 'm4{i="1",n="x"} 4' in text
    assert 'm4{i="2",n=""} 4' in text


def test_other_tasks_can_run_while_many_variables_are_converted() -> None:
    variables: dict[tuple[int, ...], Any] = {(1, 3, n): Integer32(n) for n in range(2 * STEP + 1)}
    conversion = Conversion(variables, on_unexpected=lambda: None)
    assert len(list(conversion.add_to(Families(), MetricTree([Metric("m", (1, 3), "gauge")])))) == 2


VALUES = st.one_of(
    st.integers(-(2**31), 2**31 - 1).map(Integer32),
    st.integers(0, 2**64 - 1).map(Counter64),
    st.binary(max_size=40).map(OctetString),
    st.text(max_size=20).filter(lambda text: text.isprintable()).map(OctetString),
    st.binary(max_size=12).map(Opaque),
    st.floats(width=32).map(lambda number: Opaque(b"\x9f\x78\x04" + struct.pack(">f", number))),
    st.floats().map(lambda number: Opaque(b"\x9f\x79\x08" + struct.pack(">d", number))),
    st.just(IpAddress("1.2.3.4")),
    st.just(Null()),
    st.just(OID("1.3.6")),
)


@settings(max_examples=50)
@given(
    st.dictionaries(
        st.tuples(st.integers(1, 4), st.lists(st.one_of(st.integers(0, 300), st.just(2**32 - 1)), max_size=20)).map(
            lambda name: (1, 3, name[0], *name[1])
        ),
        VALUES,
        max_size=8,
    ),
    st.sampled_from(TYPES),
    st.sampled_from(TYPES),
)
def test_any_values_of_any_type_are_text_that_prometheus_reads(
    variables: dict[tuple[int, ...], Any], kind: str, index: str
) -> None:
    labels = Labels((Index("i", index), Index("j", "DisplayString")), (Lookup(("i",), "k", (1, 3, 2), kind),))
    fields: dict[str, Any] = {"labels": labels, "enum_values": {0: "a", 5: "b"}, "datetime_pattern": "%Y"}
    metrics = [Metric(name, (1, 3, n), kind, "Help.", **fields) for n, name in enumerate("abcd", 1)]
    families = Families()
    for _ in Conversion(variables, on_unexpected=lambda: None).add_to(families, MetricTree(metrics)):
        pass
    text = families.render()
    text.encode()
    seen = set()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            key = (sample.name, frozenset(sample.labels.items()))
            assert key not in seen
            seen.add(key)
            assert {"i", "j", "k"} <= sample.labels.keys()
