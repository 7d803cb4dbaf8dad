"""Which connection or handshake is refused when a limit is reached."""

from __future__ import annotations

from snmptcp.net.limits import Limits


class Door:
    """Limits, and a record of what they do."""

    def __init__(self, *args, **kwargs) -> None:
        self.aborted: list[str] = []
        self.refused: list[bool] = []
        self.limits = Limits(*args, on_refused=self.refused.append, **kwargs)

    def connect(self, who: str, host: str = "a") -> bool:
        return self.limits.enter(who, host)

    def shake_hands(self, who: str, host: str = "a") -> bool:
        return self.limits.enter(who, host, lambda: self.aborted.append(who))


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
        door.limits.establish(who)
    assert not door.shake_hands("3")
    assert door.aborted == []
    assert len(door.limits) == 2


def test_handshakes_have_a_limit_of_their_own():
    door = Door(max_handshakes=1)
    assert door.shake_hands("1")
    assert door.shake_hands("2")
    assert door.aborted == ["1"]
    door.limits.establish("2")
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
    door.limits.establish("3")
    assert not door.shake_hands("4", "b")
    assert door.refused == [True, True]
    assert door.aborted == ["2"]


def test_a_host_that_has_gone_is_forgotten():
    door = Door(max_connections_per_host=1)
    for number in range(3):
        assert door.connect(str(number), "a")
        door.limits.leave(str(number))
    assert door.limits._hosts == {}
