"""Samples of ifTable and ifXTable to rows: names, states, speeds, rates, and what happens when rows go."""

from __future__ import annotations

import pytest

from snmptcp import Counter32, Gauge32, Integer32, OctetString, RequestTimeout
from snmptcp.web.interfaces import Interfaces
from tests.web.making import IF_ENTRY, IF_X_ENTRY, flows, poll, sample


@pytest.fixture
def interfaces() -> Interfaces:
    return Interfaces(points=5, most=3)


def row(interfaces: Interfaces, index: str = "1") -> dict[str, object]:
    return interfaces.rows[index].as_json()


def test_a_row_has_the_values_of_both_tables(interfaces: Interfaces) -> None:
    assert interfaces.take(
        poll(
            sample(f"{IF_ENTRY}.2.1", OctetString("port 1")),
            sample(f"{IF_ENTRY}.3.1", Integer32(6)),
            sample(f"{IF_ENTRY}.5.1", Gauge32(2**32 - 1)),
            sample(f"{IF_ENTRY}.7.1", Integer32(1)),
            sample(f"{IF_ENTRY}.8.1", Integer32(7)),
            sample(f"{IF_ENTRY}.14.1", Counter32(1), rate=0.5),
            sample(f"{IF_X_ENTRY}.1.1", OctetString("eth1")),
            sample(f"{IF_X_ENTRY}.15.1", Gauge32(100_000)),
            sample(f"{IF_X_ENTRY}.18.1", OctetString("uplink")),
            *flows(10.0, 4.0),
        )
    )
    assert row(interfaces) == {
        "index": "1",
        "name": "eth1",
        "description": "port 1",
        "alias": "uplink",
        "type": "6",
        "admin": "up",
        "oper": "lowerLayerDown",
        "speed": 100_000_000_000,
        "in": 10.0,
        "out": 4.0,
        "in_errors": 0.5,
        "out_errors": None,
    }


def test_a_speed_of_both_tables_is_that_of_ifhighspeed_in_any_order(interfaces: Interfaces) -> None:
    interfaces.take(poll(sample(f"{IF_X_ENTRY}.15.1", Gauge32(10_000))))
    interfaces.take(poll(sample(f"{IF_ENTRY}.5.1", Gauge32(2**32 - 1))))
    assert row(interfaces)["speed"] == 10_000_000_000


def test_an_interface_without_a_name_has_its_description_or_its_index(interfaces: Interfaces) -> None:
    interfaces.take(poll(sample(f"{IF_ENTRY}.8.1", Integer32(1)), sample(f"{IF_ENTRY}.2.2", OctetString("port"))))
    assert (row(interfaces)["name"], row(interfaces, "2")["name"]) == ("1", "port")


def test_counters_of_64_bits_count_before_those_of_32(interfaces: Interfaces) -> None:
    narrow = sample(f"{IF_ENTRY}.10.1", Counter32(1), rate=7.0)
    interfaces.take(poll(narrow))
    assert row(interfaces)["in"] == 7.0
    interfaces.take(poll(*flows(8.0, 8.0, job="wide")))
    interfaces.take(poll(narrow))
    assert row(interfaces)["in"] == 8.0


def test_only_one_of_the_jobs_that_read_counters_makes_points(interfaces: Interfaces) -> None:
    narrow = sample(f"{IF_ENTRY}.10.1", Counter32(1), rate=7.0, job="narrow")
    for at in (1.0, 2.0):
        interfaces.take(poll(narrow, at=at))
        interfaces.take(poll(*flows(8.0, 8.0, job="wide"), at=at + 0.5))
    assert list(interfaces.history.times) == [1.0, 1.5, 2.5]


def test_an_agent_without_counters_of_64_bits_makes_points_with_those_of_32(interfaces: Interfaces) -> None:
    for at in (1.0, 2.0):
        interfaces.take(poll(sample(f"{IF_ENTRY}.10.1", Counter32(1), rate=7.0), at=at))
        interfaces.take(poll(at=at, job="wide"))
    assert list(interfaces.history.times) == [1.0, 2.0]


def test_an_interface_that_no_job_reads_any_more_is_forgotten(interfaces: Interfaces) -> None:
    interfaces.take(poll(*flows(1.0, 1.0, 1), *flows(1.0, 1.0, 2)))
    interfaces.take(poll(sample(f"{IF_ENTRY}.8.2", Integer32(1), job="states")))
    interfaces.take(poll(*flows(1.0, 1.0, 1)))
    assert list(interfaces.rows) == ["1", "2"]  # another job still reads it
    interfaces.take(poll(sample(f"{IF_ENTRY}.8.1", Integer32(1), job="states")))
    assert list(interfaces.rows) == ["1"]


def test_a_poll_that_failed_in_the_middle_forgets_no_interface(interfaces: Interfaces) -> None:
    interfaces.take(poll(*flows(1.0, 1.0, 1), *flows(1.0, 1.0, 2)))
    interfaces.take(poll(*flows(1.0, 1.0, 1), error=RequestTimeout(5.0)))
    assert list(interfaces.rows) == ["1", "2"]


def test_rates_are_unknown_while_the_agent_fails(interfaces: Interfaces) -> None:
    interfaces.take(poll(*flows(1.0, 1.0), at=1.0))
    assert interfaces.fail(2.0)
    assert row(interfaces)["in"] is None
    assert interfaces.history.totals() == [[1.0, None], [1.0, None]]


def test_an_agent_without_interfaces_has_none_that_fail(interfaces: Interfaces) -> None:
    assert not interfaces.fail(1.0)


def test_too_many_interfaces_are_counted_and_left_out(interfaces: Interfaces) -> None:
    interfaces.take(poll(*(part for index in range(1, 6) for part in flows(1.0, 1.0, index))))
    assert (list(interfaces.rows), interfaces.omitted) == (["1", "2", "3"], 2)


def test_other_variables_are_passed_over(interfaces: Interfaces) -> None:
    assert not interfaces.take(poll(sample("1.3.6.1.2.1.1.3.0", Integer32(1)), sample(IF_ENTRY, Integer32(1))))
    assert interfaces.rows == {}


def test_what_an_agent_says_is_escaped_and_cut_and_nonsense_is_not_believed(interfaces: Interfaces) -> None:
    interfaces.take(
        poll(
            sample(f"{IF_X_ENTRY}.18.1", OctetString("\x1b[2J\u202e<b>" + "x" * 1000)),
            sample(f"{IF_ENTRY}.8.1", OctetString("up")),
            sample(f"{IF_ENTRY}.7.1", Integer32(-5)),
            sample(f"{IF_ENTRY}.5.1", OctetString("fast")),
        )
    )
    found = row(interfaces)
    alias = found["alias"]
    assert isinstance(alias, str)
    assert alias.isprintable()
    assert len(alias) < 300
    assert (found["oper"], found["admin"], found["speed"]) == (None, "-5", None)


def test_the_total_is_that_of_known_rates(interfaces: Interfaces) -> None:
    assert interfaces.total() == (None, None)
    interfaces.take(poll(*flows(1.5, None, 1), *flows(2.0, None, 2)))
    assert interfaces.total() == (3.5, None)
