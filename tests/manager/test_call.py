"""A request on its way: what may leave again after its connection was lost, and how often."""

from __future__ import annotations

import pytest

from snmptcp import OID, ConnectionLost, OctetString, VarBind
from snmptcp.manager.call import MAX_FREE_REPEATS, Call
from snmptcp.net.connection import Connection
from snmptcp.protocol.exchange import NOT_RESENT, Resend
from snmptcp.protocol.request import get_request, set_request
from tests.support.deadlines import within
from tests.support.mibs import SYS_NAME
from tests.support.wire import new_session

pytestmark = pytest.mark.anyio

READ = get_request((SYS_NAME,))
WRITE = set_request([VarBind(OID(SYS_NAME), OctetString("x"))])


def lose(call: Call, *, sent: bool, resent: Resend = NOT_RESENT, answered: bool = False) -> None:
    """Start a request on a connection that is lost then."""
    connection = Connection(new_session(), "agent")
    exchange = call.start(connection)
    exchange.sent = sent
    exchange.resent = resent
    connection.session.answered = answered
    connection.close(ConnectionLost("gone"))


@pytest.mark.parametrize(
    ("request_", "sent", "resent", "may"),
    [
        (READ, True, NOT_RESENT, True),
        (READ, False, Resend.ENGINE, True),
        (WRITE, False, NOT_RESENT, True),
        (WRITE, True, NOT_RESENT, False),
        (WRITE, False, Resend.ENGINE, False),
        (WRITE, False, Resend.TIME, False),
    ],
    ids=["get", "get once more", "set that never left", "set", "set to another engine", "set at another time"],
)
async def test_a_set_that_has_ever_left_is_not_retried(request_, sent: bool, resent: Resend, may: bool) -> None:
    call = Call(request_, within(5.0), 1)
    lose(call, sent=sent, resent=resent)

    assert call.take_retry() is may
    assert call.take_retry() is False  # its one retry is used


async def test_a_connection_that_has_answered_something_takes_no_retry_as_often_as_the_limit_says() -> None:
    call = Call(READ, within(5.0), 1)
    for _ in range(MAX_FREE_REPEATS):
        lose(call, sent=True, answered=True)
        assert call.take_retry()
    for may in (True, False):  # its one retry
        lose(call, sent=True, answered=True)
        assert call.take_retry() is may


@pytest.mark.parametrize("request_", [READ, WRITE], ids=["get", "set"])
async def test_what_has_not_left_waits_for_the_next_connection_while_connections_answer_others(request_) -> None:
    call = Call(request_, within(5.0), 0)
    lose(call, sent=False, answered=True)
    assert call.take_retry()
    lose(call, sent=False)
    assert not call.take_retry()
