"""Report counters: declared once, counted in fields of their own, and turned into errors."""

from __future__ import annotations

import dataclasses

import pytest

from snmptcp.codec.pdu import Pdu, PduType
from snmptcp.errors import SecurityError, UnknownUser
from snmptcp.oid import OID
from snmptcp.protocol.receiver import ReceiverStatistics
from snmptcp.security.reports import LocalCounter, ReportCounter, SecurityCounters, read_report, report_pdu
from snmptcp.testing import Statistics
from snmptcp.values import Counter32, VarBind
from tests.support.usm import COUNTERS

COUNTED = [counter for counter in ReportCounter if counter.field]
FIELDS = {field.name for field in dataclasses.fields(SecurityCounters)}


@pytest.mark.parametrize("counter", COUNTED)
@pytest.mark.parametrize("kind", [SecurityCounters, ReceiverStatistics, Statistics])
def test_every_counter_counts_in_a_field_of_its_own(kind: type[SecurityCounters], counter: ReportCounter) -> None:
    counters = kind()
    assert [counters.count(counter), counters.count(counter)] == [1, 2]
    assert [value for value in dataclasses.astuple(counters) if value] == [2]


@pytest.mark.parametrize("counter", LocalCounter)
def test_a_receiver_counts_what_no_mib_defines(counter: LocalCounter) -> None:
    counters = ReceiverStatistics()
    assert counters.count(counter) == 1
    assert counters.refused == {counter.field: 1}


def test_every_field_belongs_to_one_counter() -> None:
    assert sorted(counter.field for counter in COUNTED) == sorted(FIELDS)


def test_no_two_counters_share_an_oid() -> None:
    assert len({counter.value for counter in ReportCounter}) == len(ReportCounter.__members__)


@pytest.mark.parametrize(("name", "oid"), COUNTERS.items())
def test_the_oids_are_those_of_the_rfcs(name: str, oid: OID) -> None:
    (counter,) = (counter for counter in ReportCounter if counter.value == oid)
    assert counter.name.lower().endswith(name.lower())


@pytest.mark.parametrize("counter", ReportCounter)
def test_a_report_is_read_as_the_counter_that_it_was_built_for(counter: ReportCounter) -> None:
    pdu = report_pdu(counter, 7, 4711)
    assert pdu == Pdu(PduType.REPORT, 4711, 0, 0, (VarBind(counter.value, Counter32(7)),))
    found, error = read_report(pdu.varbinds)
    assert found is counter
    assert type(error) is counter.error
    assert str(error) == counter.text


def test_the_first_variable_binding_decides() -> None:
    counters = (ReportCounter.usmStatsUnknownUserNames, ReportCounter.usmStatsWrongDigests)
    found, error = read_report([VarBind(counter.value, Counter32(1)) for counter in counters])
    assert found is ReportCounter.usmStatsUnknownUserNames
    assert isinstance(error, UnknownUser)


def test_an_unknown_counter_is_named_in_the_error() -> None:
    found, error = read_report([VarBind(OID("1.3.6.1.6.3.15.1.1.99.0"), Counter32(1))])
    assert found is None
    assert type(error) is SecurityError
    assert "1.3.6.1.6.3.15.1.1.99.0" in str(error)


def test_a_report_without_a_counter_is_an_error_too() -> None:
    found, error = read_report(())
    assert found is None
    assert "without a counter" in str(error)


def test_a_counter_wraps_at_32_bits() -> None:
    pdu = report_pdu(ReportCounter.usmStatsUnknownEngineIDs, 1 << 32, 1)
    assert pdu.varbinds[0].value == Counter32(0)
