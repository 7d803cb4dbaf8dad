"""The accounts of the soak: every operation ends once, and an error needs a fault of its agent that explains it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.soak.accounting import KEPT, Accounts, Failure
from tests.soak.troubles import BUSY_ERRORS, EVERY, Episode

DROP = Episode(7, "Drop()", 100.0, 100.4, ("RequestTimeout",))


def failure(**changes: Any) -> Failure:
    usual = Failure(7, "get", 99.0, 104.0, "RequestTimeout", "no answer within 5 s")
    return usual._replace(**changes)


def unexplained(*episodes: Episode, **changes: Any) -> int:
    accounts = Accounts()
    accounts.failed(failure(**changes))
    accounts.explain(episodes, 200.0)
    return accounts.unexplained


def test_an_error_with_a_fault_of_its_agent_in_its_time_is_explained() -> None:
    assert unexplained(DROP) == 0


@pytest.mark.parametrize(
    "changes",
    [{"device": 8}, {"error": "ConnectionLost"}, {"began": 101.0}, {"ended": 99.5}],
    ids=["another agent", "another error", "begun afterwards", "ended before"],
)
def test_an_error_with_another_fault_alone_is_not_explained(changes: dict[str, Any]) -> None:
    assert unexplained(DROP, **changes) == 1


def test_a_poll_that_ran_out_of_time_is_explained_by_what_makes_requests_time_out() -> None:
    assert unexplained(DROP, error="LimitExceeded") == 0
    assert unexplained(DROP._replace(errors=("ConnectionLost",)), error="LimitExceeded") == 1


def test_a_lost_connection_explains_that_the_time_was_not_enough_for_the_next_one() -> None:
    lost = DROP._replace(errors=("ConnectionLost",))
    assert unexplained(lost, error="ConnectFailed") == unexplained(lost, error="TlsFailed") == 0
    assert unexplained(DROP, error="ConnectFailed") == 1


def test_an_error_while_the_machine_was_too_busy_is_explained_and_counted() -> None:
    busy = Episode(EVERY, "agents busy", 100.0, 103.0, BUSY_ERRORS)
    for reasons, counted in (((busy,), 1), ((busy, DROP), 0)):
        accounts = Accounts()
        accounts.failed(failure())
        accounts.explain(reasons, 200.0)
        assert (accounts.unexplained, accounts.busy) == (0, counted)


def test_an_error_waits_until_the_faults_of_its_time_are_known() -> None:
    accounts = Accounts()
    accounts.failed(failure())
    accounts.explain([], 103.0)
    assert accounts.unexplained == 0
    accounts.explain([DROP], 105.0)
    assert accounts.unexplained == 0
    accounts.failed(failure())
    accounts.explain([], 106.0)  # the fault of the time before is remembered
    assert accounts.unexplained == 0


def test_a_fault_is_forgotten_when_no_request_can_have_seen_it() -> None:
    accounts = Accounts()
    accounts.explain([DROP], 105.0)
    accounts.explain([], 1000.0)
    accounts.failed(failure())
    accounts.explain([], 1000.0)
    assert accounts.unexplained == 1
    assert "faults: none" in accounts.texts["unexplained"][0]


def test_the_story_of_an_error_tells_the_faults_near_it() -> None:
    accounts = Accounts()
    accounts.failed(failure(error="GenErr", text="genErr"))
    accounts.explain([DROP], 200.0)
    assert accounts.texts["unexplained"] == [
        "device 7, get: GenErr after 5.0 s: genErr [faults: Drop() from +1.0 to +1.4]"
    ]


def test_what_has_begun_and_not_ended_is_unresolved() -> None:
    accounts = Accounts()
    accounts.begun["get"] += 6
    accounts.answered += 1
    accounts.wrong += 1
    accounts.cancelled += 1
    accounts.undocumented += 1
    accounts.failed(failure())
    assert accounts.unresolved == 1


def test_an_end_behind_the_deadline_counts_unless_the_event_loop_was_late() -> None:
    accounts = Accounts()
    accounts.check_deadline("get", -4.9, lag=0.0)
    accounts.check_deadline("get", 0.05, lag=0.0)
    accounts.check_deadline("get", 0.5, lag=0.45)
    assert accounts.late == 0
    accounts.check_deadline("get", 0.5, lag=0.2)
    assert accounts.late == 1
    assert accounts.worst == pytest.approx(0.3)


def test_the_texts_that_are_kept_are_limited() -> None:
    accounts = Accounts()
    for number in range(10 * KEPT):
        accounts.note("wrong", str(number))
    assert len(accounts.texts["wrong"]) == len(accounts.take_fresh()) == KEPT
    assert accounts.take_fresh() == []
