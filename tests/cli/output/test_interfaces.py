"""Rates of interfaces as text."""

from __future__ import annotations

import pytest

from snmptcp.cli.output.interfaces import interface_lines, interface_object, scaled
from snmptcp.cli.watch.interfaces import InterfaceRates

ETH0 = InterfaceRates(1, "eth0", "uplink", "up", 10**9, 2.5e8, 1234.0, 100.0, None, 0, 3, None, None)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (None, "-"),
        (0.0, "0"),
        (7.0, "7"),
        (0.256, "0.26"),
        (12.34, "12.3"),
        (999.4, "999"),
        (999.6, "1.00k"),
        (1234.0, "1.23k"),
        (99960.0, "100k"),
        (12345678.0, "12.3M"),
        (1e20, "100000P"),
    ],
)
def test_a_number_has_three_digits_and_a_prefix(number: float | None, text: str) -> None:
    assert scaled(number) == text


def test_the_table_has_a_line_for_each_interface() -> None:
    assert list(interface_lines([ETH0], None)) == [
        "interface  status  in bit/s  out bit/s  in pkt/s  out pkt/s  in err  out err  in drop  out drop    use",
        "eth0       up          250M      1.23k       100          -       0        3        -         -  25.0%",
    ]
    assert [line.split()[-2:] for line in interface_lines([ETH0], None, {1: (3e8, 2e3)})] == [
        ["max", "out"],
        ["300M", "2.00k"],
    ]


def test_json_has_plain_numbers() -> None:
    named = interface_object(ETH0, (3e8, 2e3))
    assert named["in_bits"] == 2.5e8
    assert named["out_packets"] is None
    assert named["use"] == 25.0
    assert (named["max_in_bits"], named["max_out_bits"]) == (3e8, 2e3)
    assert "max_in_bits" not in interface_object(ETH0)
