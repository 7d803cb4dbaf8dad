"""Which connection or handshake is refused or gives way when a limit is reached."""

from __future__ import annotations

import asyncio
import os
import weakref

import pytest

from snmptcp.net import limits
from snmptcp.net.limits import Limits, Shortage, within_descriptors


class Door:
    """Limits, and a record of what they do."""

    def __init__(self, *args, **kwargs) -> None:
        self.aborted: list[str] = []
        self.refused: list[bool] = []
        self.shortages: list[tuple[Shortage, str]] = []
        self.limits = Limits(*args, on_refused=self._on_refused, **kwargs)

    def _on_refused(self, shortage: Shortage, host: str) -> None:
        self.refused.append(shortage is Shortage.HOST)
        self.shortages.append((shortage, host))

    def connect(self, who: str, host: str = "a") -> bool:
        """Let a proved connection in."""
        return self.limits.enter(who, host, lambda _: self.aborted.append(who), proved=True)

    def connect_unproved(self, who: str, host: str = "a") -> bool:
        return self.limits.enter(who, host, lambda _: self.aborted.append(who))

    def shake_hands(self, who: str, host: str = "a") -> bool:
        return self.limits.enter(who, host, lambda _: self.aborted.append(who), handshake=True)

    def establish(self, who: str) -> None:
        """End a handshake, whose connection is proved at once."""
        self.limits.establish(who)
        self.limits.prove(who)


def test_without_limits_everything_enters():
    door = Door()
    assert all(door.connect(f"connection {number}") for number in range(2000))
    assert len(door.limits) == 2000
    assert door.refused == []


def test_a_connection_beyond_the_limit_is_refused_until_another_leaves():
    door = Door(2)
    assert door.connect("1")
    assert door.connect("2")
    assert not door.connect("3")
    assert door.refused == [False]
    door.limits.leave("1")
    assert door.connect("4")
    assert len(door.limits) == 2


def test_leaving_twice_or_without_having_entered_frees_no_second_place():
    door = Door(1)
    assert door.connect("1")
    assert not door.connect("2")
    door.limits.leave("2")
    assert not door.connect("3")
    door.limits.leave("1")
    door.limits.leave("1")
    assert len(door.limits) == 0
    assert door.connect("4")
    assert not door.connect("5")


def test_the_oldest_handshake_gives_way():
    door = Door(2)
    assert all(door.shake_hands(str(number)) for number in range(5))
    assert door.aborted == ["0", "1", "2"]
    assert door.refused == [False] * 3
    assert len(door.limits) == 2


def test_an_established_connection_does_not_give_way():
    door = Door(2)
    for who in "12":
        door.shake_hands(who)
        door.establish(who)
    assert not door.shake_hands("3")
    assert door.aborted == []
    assert len(door.limits) == 2


def test_handshakes_have_a_limit_of_their_own():
    door = Door(max_handshakes=1)
    assert door.shake_hands("1")
    assert door.shake_hands("2")
    assert door.aborted == ["1"]
    door.establish("2")
    assert door.shake_hands("3")
    assert door.connect("4")
    assert door.aborted == ["1"]


def test_a_host_at_its_limit_gives_way_to_itself():
    door = Door(10, max_connections_per_host=1)
    assert door.shake_hands("1", "a")
    assert door.shake_hands("2", "b")
    assert door.shake_hands("3", "b")
    assert door.aborted == ["2"]
    assert door.refused == [True]
    door.establish("3")
    assert not door.shake_hands("4", "b")
    assert door.refused == [True, True]
    assert door.aborted == ["2"]


def test_a_host_that_has_gone_is_forgotten():
    door = Door(max_connections_per_host=1)
    for number in range(3):
        assert door.connect(str(number), "a")
        door.limits.leave(str(number))
    assert door.limits._hosts == {}


# ----------------------------------------------------------------------------------------------- proof


def test_the_oldest_unproved_connection_gives_way_and_a_proved_one_never():
    door = Door(3)
    assert all(door.connect_unproved(who) for who in "123")
    door.limits.prove("1")
    assert door.connect_unproved("4")
    assert door.aborted == ["2"]
    for who in "34":
        door.limits.prove(who)
    assert not door.connect_unproved("5")
    assert door.aborted == ["2"]
    assert door.shortages == [(Shortage.CONNECTIONS, "a")] * 2


def test_a_handshake_and_an_unproved_connection_give_way_in_the_order_of_arrival():
    door = Door(3)
    door.connect_unproved("1")
    door.shake_hands("2")
    door.shake_hands("3")
    door.limits.establish("2")
    assert all(door.shake_hands(who) for who in "456")
    assert door.aborted == ["1", "2", "3"]


def test_at_the_limit_of_a_host_only_its_own_connections_give_way():
    door = Door(10, max_connections_per_host=2)
    door.connect_unproved("1", "a")
    door.connect_unproved("2", "b")
    door.connect_unproved("3", "b")
    assert door.connect_unproved("4", "b")
    assert door.aborted == ["2"]
    assert door.shortages == [(Shortage.HOST, "b")]


def test_proving_twice_or_without_a_place_has_no_effect():
    door = Door(1)
    door.limits.prove("1")
    door.connect_unproved("1")
    door.limits.prove("1")
    door.limits.prove("1")
    door.limits.leave("1")
    door.limits.prove("1")
    assert door.connect("2")
    assert door.limits._unproved == {}
    assert door.limits._unproved_of == {}


# ---------------------------------------------------------------------------------------------- octets


def test_the_connection_with_the_most_octets_gives_way():
    door = Door(max_octets=100)
    for who, octets in (("1", 20), ("2", 50), ("3", 30)):
        door.connect_unproved(who)
        door.limits.hold(who, octets)
    assert door.aborted == []
    door.limits.hold("1", 30)
    assert door.aborted == ["2"]
    assert door.limits.octets == 60
    assert door.shortages == [(Shortage.OCTETS, "a")]


def test_the_connection_that_takes_too_much_alone_gives_way_itself():
    door = Door(max_octets=100)
    door.connect_unproved("1")
    door.limits.hold("1", 101)
    assert door.aborted == ["1"]
    assert len(door.limits) == door.limits.octets == 0


def test_proved_and_unproved_connections_do_not_take_each_others_room():
    door = Door(max_octets=100)
    door.connect("proved")
    door.limits.hold("proved", 100)
    door.connect_unproved("1")
    door.limits.hold("1", 100)
    assert door.aborted == []
    door.connect_unproved("2")
    door.limits.hold("2", 1)
    assert door.aborted == ["1"]
    door.limits.prove("2")
    assert door.aborted == ["1"]
    door.limits.hold("2", 2)
    assert door.aborted == ["1", "proved"]


def test_octets_of_what_has_left_do_not_count():
    door = Door(max_octets=100)
    for who in "123":
        door.connect_unproved(who)
        door.limits.hold(who, 90)
        door.limits.hold(who, 5)
        door.limits.hold(who, 90)
        door.limits.leave(who)
        door.limits.hold(who, 90)
    assert door.aborted == []
    assert door.limits.octets == 0


# ----------------------------------------------------------------------------------------- descriptors


@pytest.mark.skipif(os.name != "posix", reason="a limit of POSIX systems")
@pytest.mark.parametrize(
    ("descriptors", "wanted", "allowed"),
    [
        (1024, 1000, 896),
        (256, 1000, 128),
        (64, 1000, 32),
        (1024, 500, 500),
        (1024, None, None),
        (1048576, 1000, 1000),
        (-1, 1000, 1000),
    ],
)
def test_there_are_file_descriptors_left_for_the_rest_of_the_program(descriptors, wanted, allowed, monkeypatch):
    monkeypatch.setattr("resource.getrlimit", lambda _: (descriptors, descriptors))
    assert within_descriptors(wanted) == allowed


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no limits but those of the test, and six descriptors."""
    monkeypatch.setattr(limits, "_sharing", weakref.WeakSet())
    monkeypatch.setattr(limits, "_usable_descriptors", lambda: 6)


@pytest.mark.usefixtures("alone")
def test_limits_of_one_process_share_its_descriptors() -> None:
    crowded, other = Door(100), Door(100)
    assert crowded.connect("proved")
    assert all(crowded.connect_unproved(f"silent {number}") for number in range(5))
    assert crowded.aborted == []
    assert other.connect_unproved("honest")
    assert crowded.aborted == ["silent 0"]
    assert crowded.shortages == [(Shortage.CONNECTIONS, "a")]
    assert other.aborted == []
    assert len(crowded.limits) + len(other.limits) == 6


@pytest.mark.usefixtures("alone")
def test_a_connection_of_another_event_loop_does_not_give_way_and_counts_until_that_is_closed() -> None:
    async def fill() -> None:
        assert all(theirs.connect_unproved(f"theirs {number}") for number in range(6))

    theirs, ours = Door(100), Door(100)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(fill())
    assert ours.connect_unproved("1")
    assert ours.connect_unproved("2")
    assert ours.aborted == ["1"]
    assert theirs.aborted == []
    loop.close()
    assert ours.connect_unproved("3")
    assert ours.aborted == ["1"]
