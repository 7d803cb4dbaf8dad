"""What is known of agents: states, errors, and which have changed."""

from __future__ import annotations

from typing import Any

import pytest

from snmptcp import Integer32, OctetString, RequestTimeout
from snmptcp.errors import GenErr
from snmptcp.web import Options
from snmptcp.web.board import Board
from tests.fleet.making import target
from tests.web.making import IF_ENTRY, SYSTEM, TARGET, flows, poll, sample


@pytest.fixture
def board() -> Board:
    made = Board(Options(history=3))
    made.follow({TARGET.name: TARGET})
    return made


def summary(board: Board) -> dict[str, Any]:
    return board.agents["core-1"].summary()


def test_an_agent_waits_until_its_first_poll(board: Board) -> None:
    assert summary(board)["state"] == "waiting"
    assert summary(board)["labels"] == {"site": "Lyon"}
    board.take(poll(sample(f"{SYSTEM}.5.0", OctetString("sw"))))
    found = summary(board)
    assert (found["state"], found["since"], found["polls"], found["error"]) == ("up", 100.0, 1, None)
    assert found["system"]["name"] == "sw"


def test_an_agent_that_cannot_be_reached_fails_since_then(board: Board) -> None:
    board.take(poll(*flows(1.0, 1.0)))
    for at in (200.0, 300.0):
        board.take(poll(error=RequestTimeout(5.0), at=at))
    found = summary(board)
    assert (found["state"], found["since"], found["failures"]) == ("failing", 200.0, 2)
    assert found["error"] == "RequestTimeout: no answer within 5 s"
    assert found["in"] is None
    board.take(poll(*flows(1.0, 1.0), at=400.0))
    found = summary(board)
    assert (found["state"], found["since"], found["error"], found["in"]) == ("up", 400.0, None, 1.0)


def test_an_agent_that_answers_with_an_error_is_up_and_its_error_shown_until_the_job_succeeds(board: Board) -> None:
    board.take(poll(error=GenErr(5, 1), job="one"))
    board.take(poll(sample(f"{SYSTEM}.5.0", OctetString("sw")), job="two"))
    assert summary(board)["state"] == "up"
    assert summary(board)["error"].startswith("GenErr: ")
    board.take(poll(job="one"))
    assert summary(board)["error"] is None


def test_interfaces_that_should_be_up_and_are_not_are_counted(board: Board) -> None:
    for index, (admin, oper) in enumerate([(1, 1), (1, 2), (2, 2), (1, 5), (1, 7)], 1):
        board.take(
            poll(
                sample(f"{IF_ENTRY}.7.{index}", Integer32(admin)),
                sample(f"{IF_ENTRY}.8.{index}", Integer32(oper)),
                job=str(index),
            )
        )
    assert (summary(board)["interfaces"], summary(board)["down"]) == (5, 2)


def test_changes_are_told_once(board: Board) -> None:
    assert board.take_changes() == ({"core-1"}, set())
    board.take(poll(sample(f"{SYSTEM}.5.0", OctetString("sw"))))
    assert board.take_changes() == ({"core-1"}, set())
    board.take(poll(*flows(1.0, 1.0)))
    assert board.take_changes() == ({"core-1"}, {"core-1"})
    assert board.take_changes() == (set(), set())


def test_targets_come_go_and_are_replaced(board: Board) -> None:
    board.take(poll(*flows(1.0, 1.0)))
    other, changed = target("edge-1"), target("core-1", labels={"site": "Graz"})
    assert board.follow({"core-1": changed, "edge-1": other}) == []
    assert [each["name"] for each in board.summaries()] == ["core-1", "edge-1"]
    assert summary(board)["state"] == "waiting"  # another agent of the same name
    board.take(poll(*flows(1.0, 1.0)))  # which was under way for the former one
    assert summary(board)["state"] == "waiting"
    assert board.follow({"edge-1": other}) == ["core-1"]
    board.take(poll(target=changed))
    assert list(board.agents) == ["edge-1"]


def test_details_have_all_rates_or_the_latest(board: Board) -> None:
    for at in (1.0, 2.0, 3.0, 4.0):
        board.take(poll(*flows(at, 0.5), at=at))
    agent = board.agents["core-1"]
    latest: Any = agent.details(history=False)
    assert latest["at"] == 4.0
    (row,) = latest["interfaces"]
    assert (row["in"], "history" in row) == (4.0, False)
    everything: Any = agent.details(history=True)
    assert everything["times"] == [2.0, 3.0, 4.0]
    assert everything["total"] == [[2.0, 3.0, 4.0], [0.5, 0.5, 0.5]]
    assert everything["interfaces"][0]["history"] == everything["total"]


def test_a_restart_is_told(board: Board) -> None:
    board.take(poll(*flows(None, None), restarted=True, up_since=90.0))
    assert (summary(board)["restarted_at"], summary(board)["system"]["up_since"]) == (90.0, 90.0)
