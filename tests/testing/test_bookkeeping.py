"""An agent's records: requests, waiting for them, and counters."""

from __future__ import annotations

import asyncio

import pytest

from snmptcp.codec.pdu import Pdu, PduType
from snmptcp.credentials import SnmpVersion
from snmptcp.errors import ClosedError
from snmptcp.security.reports import LocalCounter, ReportCounter
from snmptcp.testing import Request, Statistics
from snmptcp.testing.bookkeeping import REMEMBERED_REQUESTS, RequestLog
from tests.support.clock import settle

pytestmark = pytest.mark.anyio


def request(connection: int = 1, request_id: int = 1) -> Request:
    return Request(SnmpVersion.V2C, b"public", Pdu(PduType.GET, request_id), connection)


def test_the_log_keeps_the_latest_requests():
    log = RequestLog()
    for number in range(REMEMBERED_REQUESTS + 5):
        log.add(request(request_id=number))
    assert len(log.requests) == REMEMBERED_REQUESTS
    assert log.requests[0].pdu.request_id == 5


def test_the_latest_request_of_a_connection_is_found():
    log = RequestLog()
    for connection, number in ((1, 1), (2, 2), (1, 3)):
        log.add(request(connection, number))
    latest = log.latest_on(1)
    assert latest is not None
    assert latest.pdu.request_id == 3
    assert log.latest_on(3) is None


async def test_each_waiter_waits_for_its_own_number_of_requests():
    log = RequestLog()
    waiting = [asyncio.ensure_future(log.wait_for(count)) for count in (1, 3, 2)]
    await settle()
    for finished in (1, 2, 3):
        log.add(request())
        await settle()
        assert sum(each.done() for each in waiting) == finished
    assert waiting[1].done()
    await log.wait_for(3)


async def test_waiting_can_be_cancelled_or_fail_and_later_requests_are_still_recorded():
    log = RequestLog()
    cancelled, failing = (asyncio.ensure_future(log.wait_for(1)) for _ in range(2))
    await settle()
    cancelled.cancel()
    log.fail_waiters()
    with pytest.raises(ClosedError):
        await failing
    log.add(request())
    await log.wait_for(1)
    assert cancelled.cancelled()


@pytest.mark.parametrize(
    "counter",
    [
        LocalCounter.MALFORMED,
        LocalCounter.UNSUPPORTED_VERSION,
        LocalCounter.BAD_COMMUNITY,
        LocalCounter.UNEXPECTED_PDU,
        *(counter for counter in ReportCounter if counter.field),
    ],
)
def test_statistics_have_a_field_for_every_reason_to_drop_or_report_a_message(counter):
    statistics = Statistics()
    assert statistics.count(counter) == 1
    assert getattr(statistics, counter.field) == 1
