"""Which requests a dropped reply may concern that names none of them."""

from __future__ import annotations

from snmptcp.errors import DecodeError, WrongCommunity
from snmptcp.protocol.exchange import Exchange
from snmptcp.protocol.reasons import Reasons
from snmptcp.protocol.request import get_request
from tests.support.deadlines import within

GET = get_request(("1.3.6.1.2.1.1.3.0",))
FIRST = WrongCommunity("first")
SECOND = DecodeError("second", 0, b"")


def begun(reasons: Reasons) -> Exchange:
    exchange = Exchange(GET, 6, within(20.0), 6)
    reasons.begin(exchange)
    return exchange


def left(reasons: Reasons, exchange: Exchange) -> Exchange:
    exchange.sent = True
    reasons.leave(exchange)
    return exchange


def test_a_request_is_told_the_last_reason_since_it_left() -> None:
    reasons = Reasons()
    exchange = left(reasons, begun(reasons))
    assert reasons.reason_for(exchange) is None
    reasons.keep(FIRST, asked=False)
    reasons.keep(SECOND, asked=False)
    assert reasons.reason_for(exchange) is SECOND


def test_one_reason_may_concern_every_request_that_has_left() -> None:
    reasons = Reasons()
    exchanges = [left(reasons, begun(reasons)) for _ in range(3)]
    reasons.keep(FIRST, asked=False)
    assert [reasons.reason_for(exchange) for exchange in exchanges] == [FIRST] * 3


def test_what_came_before_a_request_began_does_not_concern_it() -> None:
    reasons = Reasons()
    reasons.keep(FIRST, asked=True)
    exchange = begun(reasons)
    assert reasons.reason_for(exchange) is None
    assert reasons.reason_for(left(reasons, exchange)) is None


def test_what_came_before_a_request_left_does_not_concern_it() -> None:
    reasons = Reasons()
    exchange = begun(reasons)
    reasons.keep(FIRST, asked=False)
    assert reasons.reason_for(exchange) is None
    assert reasons.reason_for(left(reasons, exchange)) is None


def test_what_came_while_a_request_waited_for_a_probe_concerns_it_before_it_leaves_and_behind_that() -> None:
    reasons = Reasons()
    exchange = begun(reasons)
    reasons.keep(FIRST, asked=True)
    assert reasons.reason_for(exchange) is FIRST
    assert reasons.reason_for(left(reasons, exchange)) is FIRST


def test_a_request_that_waits_is_not_told_what_only_concerns_those_that_have_left() -> None:
    reasons = Reasons()
    waiting = begun(reasons)
    sent = left(reasons, begun(reasons))
    reasons.keep(FIRST, asked=False)
    assert reasons.reason_for(waiting) is None
    assert reasons.reason_for(sent) is FIRST
