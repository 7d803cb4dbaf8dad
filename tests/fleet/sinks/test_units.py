"""UNITS of MIB objects as UCUM."""

from __future__ import annotations

import pytest

from snmptcp.fleet.sinks.units import ucum


@pytest.mark.parametrize(
    ("units", "unit"),
    [
        ("", ""),
        ("octets", "By"),
        ("Seconds", "s"),
        ("bits per second", "bit/s"),
        ("hundredths of a\n        second", "cs"),
        ("packets", "{packets}"),
        ("dBm/10 {x} \x00é", "{dBm/10 x }"),
        ("x" * 300, "{" + "x" * 61 + "}"),
    ],
)
def test_a_unit_is_known_or_an_annotation(units: str, unit: str) -> None:
    assert ucum(units) == unit
