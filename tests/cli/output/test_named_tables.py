"""Tables with the names and the values of their definition."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp import OID, Integer32, OctetString, TimeTicks
from snmptcp.cli.output.named_tables import TableStyle, TableText
from snmptcp.manager import TableRow
from snmptcp.mib import Mib, NamedRow, TextFormatter, TextStyle
from snmptcp.values import Value

GATES = OID("1.3.6.1.4.1.9999.1.4")

#: ipv4, 10.0.0.1, a MAC address, and a name to the end.
INDEX = OID.fragment("1.4.10.0.0.1.0.1.2.3.4.5.97.98")

ROW = TableRow(INDEX, {5: Integer32(2), 6: OctetString(bytes(15) + b"\x01"), 7: Integer32(1)})


def lines(
    mib: Mib | None, rows: list[TableRow], style: TableStyle | None = None, text: TextStyle | None = None
) -> list[str]:
    formatter = TextFormatter(mib, text or TextStyle(names="module" if mib else "numeric"))
    definition = None if mib is None else mib.table_names(GATES)
    if definition is not None:
        rows = [NamedRow(row.index, dict(row), definition) for row in rows]
    return list(TableText(GATES + 1, formatter, definition, style).lines(rows, None))


def test_each_object_of_the_index_is_a_column_before_the_others(acme_mib: Mib) -> None:
    assert [line.split() for line in lines(acme_mib, [ROW], TableStyle(brief=True))] == [
        ["Type", "Address", "Mac", "Name", "PeerType", "Peer", "State"],
        ["ipv4", "10.0.0.1", "0:1:2:3:4:5", "ab", "ipv6", "::1", "slow-start"],
    ]


def test_an_index_that_does_not_fit_its_definition_is_one_text(acme_mib: Mib) -> None:
    short = TableRow(OID.fragment("1.4"), {7: Integer32(9)})
    assert lines(acme_mib, [ROW, short])[0].split() == ["index", "acmeGatePeerType", "acmeGatePeer", "acmeGateState"]
    assert lines(acme_mib, [short]) == ["index   acmeGateState", "ipv4.4              9"]


def test_enumerations_can_be_numbers(acme_mib: Mib) -> None:
    _, row = lines(acme_mib, [ROW], text=TextStyle(numeric_enums=True))
    assert row.split()[0] == "1"
    assert row.split()[4] == "2"
    assert row.split()[-1] == "1"


def test_cells_can_be_shown_without_display_hints(acme_mib: Mib) -> None:
    definition = acme_mib.table_names("ifTable")
    assert definition is not None
    row = NamedRow(OID.fragment("7"), {6: OctetString(bytes(range(6))), 8: Integer32(1)}, definition)
    text = TableText(definition.entry, TextFormatter(acme_mib, TextStyle(hints=False)), definition)
    assert list(text.lines([row], [6, 8]))[1].split() == ["7", "00", "01", "02", "03", "04", "05", "up"]


def test_a_table_without_a_definition_has_numbers() -> None:
    row = TableRow(OID.fragment("7"), {1: TimeTicks(100), 3: OID("1.3.6"), 12: OctetString(b"\x00\xff")})
    assert lines(None, [row]) == ["index  1             3      12", "    7  0:0:00:01.00  1.3.6  00 FF"]


def test_a_heading_that_all_others_begin_with_keeps_its_last_word_but_not_in_net_snmps_lines(acme_mib: Mib) -> None:
    definition = acme_mib.table_names("dot1dBasePortTable")
    assert definition is not None
    row = NamedRow(OID.fragment("7"), {1: Integer32(7), 2: Integer32(9)}, definition)
    formatter = TextFormatter(acme_mib)
    ours = TableText(definition.entry, formatter, definition, TableStyle(brief=True))
    assert list(ours.lines([row], None)) == ["Port  PortIfIndex", "   7            9"]
    theirs = TableText(definition.entry, formatter, definition, TableStyle(brief=True, delimiter=","))
    assert list(theirs.lines([row], [1, 2]))[2:] == [",IfIndex", "7,9"]


def test_line_ends_in_cells_and_lines_of_hex_break_no_row(acme_mib: Mib) -> None:
    definition = acme_mib.table_names("ifTable")
    assert definition is not None
    row = NamedRow(OID.fragment("7"), {2: OctetString(b"a\nb"), 99: OctetString(bytes(18))}, definition)
    text = TableText(definition.entry, TextFormatter(acme_mib), definition, TableStyle(delimiter=",", headings=False))
    assert list(text.lines([row], [2, 99])) == ['a b,"' + "00 " * 16 + ' 00 00 "']


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        (
            TableStyle(delimiter=";"),
            [
                "SNMP table: ACME-MIB::acmeGateTable",
                "",
                "acmeGatePeerType;acmeGatePeer;acmeGateState",
                'ipv6;"00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01 ";slow-start',
            ],
        ),
        (TableStyle(delimiter=";", rows=False, brief=True), ["PeerType;Peer;State"]),
        (
            TableStyle(delimiter=";", headings=False, index=True),
            ['ipv4."10.0.0.1".\'.....\'."ab";ipv6;"00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01 ";slow-start'],
        ),
    ],
)
def test_lines_with_a_delimiter_are_net_snmps(style: TableStyle, expected: list[str], acme_mib: Mib) -> None:
    found = lines(acme_mib, [ROW], style)
    assert found[:-1] == expected[:-1]
    assert found[-1].split(";")[-3:] == expected[-1].split(";")[-3:]


_VALUES: st.SearchStrategy[Value] = (
    st.binary(max_size=20).map(OctetString)
    | st.integers(-5, 5).map(Integer32)
    | st.lists(st.integers(0, 2**32 - 1), max_size=5).map(lambda arcs: OID((1, 3, *arcs)))
)


@given(
    st.lists(
        st.tuples(
            st.lists(st.integers(0, 300), min_size=1, max_size=16),
            st.dictionaries(st.integers(1, 9), _VALUES, min_size=1),
        ),
        min_size=1,
        max_size=4,
    ),
    st.none() | st.integers(1, 100),
)
def test_any_rows_of_a_table_are_printable_lines(
    acme_mib: Mib, rows: list[tuple[list[int], dict[int, Value]]], width: int | None
) -> None:
    made = [TableRow(OID.fragment(tuple(index)), cells) for index, cells in rows]
    found = lines(acme_mib, made, TableStyle(width=width))
    assert all(line.isprintable() for line in found)
