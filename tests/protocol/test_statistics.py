"""Counters: they begin at zero, are told by name, and are documented."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from snmptcp.protocol import statistics as statistics_module
from snmptcp.protocol.statistics import Statistics


def test_statistics_begin_at_zero_and_are_told_by_name() -> None:
    counters = Statistics().as_dict()

    assert {"requests", "responses", "octets_received"} <= set(counters)
    assert list(counters) == sorted(counters)
    assert set(counters.values()) == {0}


def test_the_text_of_statistics_shows_what_is_not_zero() -> None:
    statistics = Statistics()
    assert repr(statistics) == "Statistics()"

    statistics.late = 2
    statistics.requests = 5

    assert repr(statistics) == "Statistics(late=2, requests=5)"


def test_every_counter_is_documented() -> None:
    # From the source, which lies beside a compiled module too: that has no docstrings.
    source = Path(statistics_module.__file__).with_name("statistics.py").read_text(encoding="utf-8")
    classes = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)}
    documented = re.findall(r"^    (\w+): ", ast.get_docstring(classes["Statistics"]) or "", re.MULTILINE)
    assert set(documented) == set(Statistics().as_dict())
