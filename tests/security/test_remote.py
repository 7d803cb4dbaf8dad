"""Traps from authoritative senders: which are accepted, and how much is remembered."""

from __future__ import annotations

from typing import Any

import pytest

from snmptcp import ConfigurationError, SecurityLevel, UsmUser
from snmptcp.codec.message import MsgFlags, read_v3_header, read_version
from snmptcp.codec.pdu import decode_pdu
from snmptcp.security.keys import localize_key, password_to_key
from snmptcp.security.remote import MAX_SAME_NAME, RemoteEngines, SeenMessages, TakenInform, is_odd_engine_id
from snmptcp.security.reports import NotAccepted, ReportCounter
from snmptcp.security.usm_message import level_of, read_usm_parameters, verify_digest
from tests.support.senders import ALICE, BOB, CAROL, EVERYBODY, SENDER_ENGINE, UsmSender, notification_pdu

OTHER_ENGINE = SENDER_ENGINE + b"2"


@pytest.fixture
def remote():
    return RemoteEngines([(user, None) for user in EVERYBODY])


def take(remote: RemoteEngines, message: bytes, now: float = 5000.0):
    """Return the PDU of an accepted message."""
    _, offset, end = read_version(message)
    header = read_v3_header(message, offset, end)
    parameters = read_usm_parameters(message, header.security_start, header.security_stop)
    level = level_of(header.msg_flags)
    assert level is not None
    plain = remote.open(message, header, parameters, level, now)
    return decode_pdu(plain.data, plain.start, plain.stop)


def why_not(remote: RemoteEngines, message: bytes, now: float = 5000.0) -> str:
    """Return the counter of a message that is not accepted."""
    with pytest.raises(NotAccepted) as caught:
        take(remote, message, now)
    assert caught.value.reason
    return caught.value.counter.field


# ------------------------------------------------------------------------------------------ whose


@pytest.mark.parametrize("user", EVERYBODY, ids=lambda user: user.name.decode())
def test_a_trap_is_accepted_at_the_level_that_its_users_keys_allow(remote, user):
    assert take(remote, UsmSender(user=user).trap()) == notification_pdu()


def test_users_for_any_engine_are_at_every_engine(remote):
    assert take(remote, UsmSender(engine_id=OTHER_ENGINE).trap()) == notification_pdu()
    assert take(remote, UsmSender().trap()) == notification_pdu()
    assert len(remote) == 2


def test_a_user_of_one_engine_is_unknown_at_another():
    remote = RemoteEngines([(ALICE, SENDER_ENGINE), (BOB, OTHER_ENGINE)])
    assert take(remote, UsmSender().trap()) == notification_pdu()
    assert why_not(remote, UsmSender(engine_id=OTHER_ENGINE).trap()) == "unknown_user_names"
    assert why_not(remote, UsmSender(engine_id=OTHER_ENGINE + b"3").trap()) == "unknown_engine_ids"


def test_a_user_of_one_engine_comes_before_the_one_of_any_engine():
    other = UsmUser("alice", "SHA-512", "another secret")
    remote = RemoteEngines([(ALICE, None), (other, OTHER_ENGINE)])
    assert take(remote, UsmSender(user=other, engine_id=OTHER_ENGINE).trap()) == notification_pdu()
    assert why_not(remote, UsmSender(engine_id=OTHER_ENGINE).trap()) == "unsupported_sec_levels"
    assert take(remote, UsmSender().trap()) == notification_pdu()


def test_a_stranger_is_refused(remote):
    assert why_not(remote, UsmSender(user=UsmUser("mallory")).trap()) == "unknown_user_names"


def test_localized_keys_are_good_at_their_engine():
    master = password_to_key(BOB.auth_protocol, b"authentic bob")
    bob = UsmUser("bob", "SHA", auth_localized_key=localize_key(BOB.auth_protocol, master, SENDER_ENGINE))
    remote = RemoteEngines([(bob, SENDER_ENGINE)])
    assert take(remote, UsmSender(user=BOB).trap()) == notification_pdu()
    with pytest.raises(ConfigurationError, match=r"give \(user, engine ID\)"):
        RemoteEngines([(bob, None)])


@pytest.mark.parametrize("engine_id", [None, SENDER_ENGINE])
def test_two_users_of_one_name_at_one_engine_are_refused(engine_id):
    with pytest.raises(ConfigurationError, match="two users"):
        RemoteEngines([(CAROL, engine_id), (UsmUser("carol", "SHA", "authentic carol"), engine_id)])


@pytest.mark.parametrize("engine_id", [b"", b"x" * 33])
def test_an_impossible_engine_is_refused(engine_id):
    with pytest.raises(ConfigurationError, match="engine ID"):
        RemoteEngines([(CAROL, engine_id)])


@pytest.mark.parametrize("engine_id", [b"1234", bytes(12), b"\xff" * 12])
def test_an_engine_id_against_the_rules_is_refused_on_request(engine_id):
    RemoteEngines([(CAROL, engine_id)])
    with pytest.raises(ConfigurationError, match="engine ID"):
        RemoteEngines([(CAROL, engine_id)], strict=True)


# ----------------------------------------------------------------------------------------- how well


@pytest.mark.parametrize("level", [SecurityLevel.noAuthNoPriv, SecurityLevel.authNoPriv])
def test_a_level_below_the_users_is_refused(remote, level):
    assert why_not(remote, UsmSender(flags=int(level)).trap()) == "levels_too_low"


@pytest.mark.parametrize("user", [BOB, CAROL], ids=["no privacy key", "no key"])
def test_more_than_the_keys_allow_cannot_be(remote, user):
    flags = MsgFlags.AUTH | MsgFlags.PRIV
    assert why_not(remote, UsmSender(user=user, keys_of=ALICE, flags=flags).trap()) == "unsupported_sec_levels"


def test_a_digest_of_another_key_is_wrong_and_nothing_is_remembered(remote):
    impostor = UsmUser("alice", "SHA-256", "not alice at all", "AES", "private alice")
    assert why_not(remote, UsmSender(keys_of=impostor).trap()) == "wrong_digests"
    assert len(remote) == 0


@pytest.mark.parametrize("size", [0, 1, 12, 23, 25])
def test_a_digest_of_another_length_is_wrong(remote, size):
    message = UsmSender().trap()
    _, offset, end = read_version(message)
    header = read_v3_header(message, offset, end)
    parameters = read_usm_parameters(message, header.security_start, header.security_stop)
    cut = parameters._replace(auth_parameters=parameters.auth_parameters.ljust(size, b"\0")[:size])
    with pytest.raises(NotAccepted) as caught:
        remote.open(message, header, cut, SecurityLevel.authPriv, 5000.0)
    assert caught.value.counter is ReportCounter.usmStatsWrongDigests


def test_another_privacy_key_is_a_decryption_error(remote):
    other = UsmUser("alice", "SHA-256", "authentic alice", "AES", "another secret")
    assert why_not(remote, UsmSender(keys_of=other).trap()) == "decryption_errors"


# -------------------------------------------------------------------------------------------- when


@pytest.mark.parametrize(("boots", "time"), [(1, 0), (3, 1000), (2147483646, 2147483647)])
def test_the_first_authentic_message_sets_the_clock_wherever_it_is(remote, boots, time):
    assert take(remote, UsmSender(boots=boots, time=time).trap()) == notification_pdu()


def test_boots_at_their_end_are_refused(remote):
    assert why_not(remote, UsmSender(boots=2147483647).trap()) == "not_in_time_windows"


def test_a_trap_may_be_150_seconds_late_and_no_more(remote):
    sender = UsmSender()
    take(remote, sender.trap(), 5000)
    take(remote, sender.at(time=1300).trap(2), 5300)
    assert take(remote, sender.at(time=1150).trap(3), 5300) == notification_pdu(number=3)
    assert why_not(remote, sender.at(time=1149).trap(4), 5300) == "not_in_time_windows"


def test_the_clock_goes_on_by_itself(remote):
    take(remote, UsmSender().trap(), 5000)
    assert take(remote, UsmSender(message_id=2, time=1000).trap(2), 5150) == notification_pdu(number=2)
    assert why_not(remote, UsmSender(message_id=3, time=1000).trap(3), 5151) == "not_in_time_windows"


def test_a_clock_that_is_fast_moves_the_window_forward_only(remote):
    take(remote, UsmSender(time=9000).trap(), 5000)
    assert why_not(remote, UsmSender(time=8849).trap(2), 5000) == "not_in_time_windows"
    assert take(remote, UsmSender(time=8850).trap(3), 5000) == notification_pdu(number=3)


def test_a_restart_begins_a_new_time_and_ends_the_old_one(remote):
    take(remote, UsmSender().trap(), 5000)
    assert take(remote, UsmSender(boots=4, time=5).trap(2), 5010) == notification_pdu(number=2)
    assert why_not(remote, UsmSender(boots=3, time=1011).trap(3), 5011) == "not_in_time_windows"


def test_each_engine_has_a_time_of_its_own(remote):
    take(remote, UsmSender(boots=9, time=90000).trap(), 5000)
    assert take(remote, UsmSender(engine_id=OTHER_ENGINE, boots=1, time=3).trap(), 5000) == notification_pdu()


def test_what_is_not_authentic_moves_no_clock(remote):
    take(remote, UsmSender().trap(), 5000)
    impostor = UsmUser("alice", "SHA-256", "not alice at all", "AES", "private alice")
    assert why_not(remote, UsmSender(boots=2147483646, keys_of=impostor).trap()) == "wrong_digests"
    assert take(remote, UsmSender(time=1001).trap(2), 5001) == notification_pdu(number=2)


# --------------------------------------------------------------------------------------- how little


def test_made_up_engine_ids_leave_nothing_behind(remote):
    impostor = UsmUser("alice", "SHA-256", "not alice at all", "AES", "private alice")
    for number in range(500):
        engine_id = SENDER_ENGINE + number.to_bytes(4, "big")
        assert why_not(remote, UsmSender(engine_id=engine_id, keys_of=impostor).trap()) == "wrong_digests"
        take(remote, UsmSender(user=CAROL, engine_id=engine_id).trap())
    assert len(remote) == 0


def test_the_engine_that_was_silent_longest_is_forgotten_first():
    remote = RemoteEngines([(BOB, None)], max_engines=3)
    engines = [SENDER_ENGINE + bytes((number,)) for number in range(4)]
    for engine_id in engines[:3]:
        take(remote, UsmSender(user=BOB, engine_id=engine_id).trap(), 5000)
    take(remote, UsmSender(user=BOB, engine_id=engines[0], time=1001).trap(), 5001)
    take(remote, UsmSender(user=BOB, engine_id=engines[3]).trap(), 5002)
    assert len(remote) == 3
    old = [UsmSender(user=BOB, engine_id=engine_id, boots=1).trap() for engine_id in engines]
    assert why_not(remote, old[0], 5003) == "not_in_time_windows"
    assert why_not(remote, old[2], 5003) == "not_in_time_windows"
    take(remote, old[1], 5003)  # the oldest was forgotten: it starts again


# ------------------------------------------------------------------------------------------ replays


def test_a_message_is_new_once():
    seen = SeenMessages()
    assert [seen.add(message) for message in (b"one", b"two", b"one", b"two", b"three")] == [
        True,
        True,
        False,
        False,
        True,
    ]


def test_the_oldest_messages_are_forgotten_first():
    seen = SeenMessages(3)
    assert all(seen.add(bytes((number,))) for number in range(4))
    assert len(seen) == 3
    assert not seen.add(b"\1")
    assert seen.add(b"\0")
    assert len(seen) == 3


def test_messages_are_remembered_for_a_time_and_then_forgotten():
    seen = SeenMessages(seconds=300)
    assert seen.add(b"old", now=1000)
    assert seen.add(b"new", now=1300)
    assert not seen.add(b"old", now=1301)  # a new span has begun; the one before is still remembered
    assert seen.add(b"next", now=1302)
    assert not seen.add(b"new", now=1601)
    assert seen.add(b"later", now=1602)
    assert len(seen) == 2
    assert seen.add(b"old", now=1602)
    assert seen.add(b"after a long time", now=9000)
    assert len(seen) == 1


def test_an_inform_is_found_in_both_spans_and_may_be_forgotten():
    seen, one, two = SeenMessages(seconds=300), TakenInform(), TakenInform()
    seen.add(b"one", one, 0)
    seen.add(b"two", two, 400)
    assert (seen.inform(b"one"), seen.inform(b"two"), seen.inform(b"three")) == (one, two, None)
    seen.forget(b"one")
    assert seen.inform(b"one") is None
    assert seen.add(b"one", one, 401)


def test_the_oldest_span_is_forgotten_first():
    seen = SeenMessages(3, 300)
    for number, now in enumerate((0, 1, 400, 401)):
        assert seen.add(bytes((number,)), now=now)
    assert len(seen) == 3
    assert [seen.add(bytes((number,)), now=402) for number in (1, 2, 3, 0)] == [False, False, False, True]


# ------------------------------------------------------------------------------- users of one name

FIRST = UsmUser("alice", "SHA-256", "the first secret", "AES", "the first privacy")
SECOND = UsmUser("alice", "SHA-512", "the second secret", "AES-256", "the second privacy")
UNENCRYPTED = UsmUser("alice", "MD5", "a third secret")
OTHER_PRIVACY = UsmUser("alice", "SHA-256", "the first secret", "AES", "another privacy")


def several(*users: UsmUser, **options: Any) -> RemoteEngines:
    return RemoteEngines([(user, None) for user in users], **options)


@pytest.mark.parametrize("user", [FIRST, SECOND, UNENCRYPTED, OTHER_PRIVACY])
def test_the_digest_tells_which_user_of_a_name_has_sent_a_message(user):
    remote = several(FIRST, SECOND, UNENCRYPTED, OTHER_PRIVACY)
    for engine_id in (SENDER_ENGINE, OTHER_ENGINE):
        assert take(remote, UsmSender(user=user, engine_id=engine_id).trap()) == notification_pdu()


def test_an_engine_may_change_its_user_of_a_name():
    remote = several(FIRST, SECOND)
    for number, user in enumerate((FIRST, SECOND, SECOND, FIRST)):
        assert take(remote, UsmSender(user=user).trap(number)) == notification_pdu(number=number)


def test_the_user_that_an_engine_used_last_is_tried_first(monkeypatch):
    remote = several(FIRST, SECOND)
    take(remote, UsmSender(user=SECOND).trap())
    tried = []

    def counting(message, parameters, authenticator):
        tried.append(authenticator)
        verify_digest(message, parameters, authenticator)

    monkeypatch.setattr("snmptcp.security.remote.verify_digest", counting)
    take(remote, UsmSender(user=SECOND).trap(2))
    assert len(tried) == 1
    take(remote, UsmSender(user=FIRST).trap(3))
    assert len(tried) == 3


def test_a_stranger_costs_one_digest_for_each_user_of_the_name():
    remote = several(FIRST, SECOND, OTHER_PRIVACY)
    stranger = UsmUser("alice", "SHA-256", "who knows this", "AES", "who knows this")
    with pytest.raises(NotAccepted, match="none of the 3 users") as caught:
        take(remote, UsmSender(user=stranger).trap())
    assert caught.value.digests == 3
    assert caught.value.counter is ReportCounter.usmStatsWrongDigests
    assert len(remote) == 0


def test_a_privacy_key_of_no_user_of_the_name_is_a_decryption_error():
    remote = several(FIRST, OTHER_PRIVACY)
    stranger = UsmUser("alice", "SHA-256", "the first secret", "AES", "who knows this")
    assert why_not(remote, UsmSender(user=stranger).trap()) == "decryption_errors"


@pytest.mark.parametrize("flags", [0, MsgFlags.AUTH])
def test_no_user_of_a_name_is_accepted_below_its_level(flags):
    assert why_not(several(FIRST, SECOND), UsmSender(user=FIRST, flags=flags).trap()) == "levels_too_low"


def test_a_level_that_one_user_of_a_name_has_is_for_that_user_only():
    remote = several(FIRST, UNENCRYPTED)
    assert why_not(remote, UsmSender(user=FIRST, flags=MsgFlags.AUTH).trap()) == "wrong_digests"
    assert why_not(remote, UsmSender(user=UNENCRYPTED, flags=0).trap()) == "levels_too_low"
    take(remote, UsmSender(user=UNENCRYPTED).trap())


def test_a_user_without_authentication_shares_its_name_with_nobody():
    for users in ([FIRST, UsmUser("alice")], [UsmUser("alice"), FIRST]):
        with pytest.raises(ConfigurationError, match="without authentication"):
            several(*users)


def test_a_user_that_is_given_twice_is_a_mistake():
    with pytest.raises(ConfigurationError, match="given twice"):
        several(FIRST, FIRST)


def test_users_of_one_name_are_limited_in_number():
    users = [UsmUser("alice", "SHA", f"the secret number {number}") for number in range(MAX_SAME_NAME + 1)]
    take(several(*users[:-1]), UsmSender(user=users[-2]).trap())
    with pytest.raises(ConfigurationError, match=r"more than 16 users are named b'alice'"):
        several(*users)


def test_the_user_of_an_engine_comes_before_all_of_its_name():
    remote = RemoteEngines([(FIRST, None), (SECOND, None), (UNENCRYPTED, SENDER_ENGINE)])
    assert why_not(remote, UsmSender(user=FIRST).trap()) == "unsupported_sec_levels"
    take(remote, UsmSender(user=UNENCRYPTED).trap())
    take(remote, UsmSender(user=SECOND, engine_id=OTHER_ENGINE).trap())


def test_no_mistake_with_users_of_one_name_shows_a_secret():
    with pytest.raises(ConfigurationError) as caught:
        several(FIRST, FIRST)
    assert "secret" not in str(caught.value)


# ------------------------------------------------------------------------------------ frozen clocks


@pytest.mark.parametrize("frozen", [True, [SENDER_ENGINE]])
@pytest.mark.parametrize(
    ("clock", "later"),
    [((0, 0), (0, 0)), ((7, 1000), (7, 1000)), ((1, 90_000), (1, 3)), ((1, 5), (2, 5))],
    ids=["zero", "stands still", "starts again without counting", "counts starts only"],
)
def test_a_frozen_clock_is_accepted_on_request(frozen, clock, later):
    strict, remote = several(ALICE), several(ALICE, frozen=frozen)
    for each in (strict, remote):
        take(each, UsmSender(boots=clock[0], time=clock[1]).trap(1), 5000.0)
    message = UsmSender(boots=later[0], time=later[1]).trap(2)
    if later[0] == clock[0]:
        assert why_not(strict, message, 5000.0 + 86400) == "not_in_time_windows"
    take(remote, message, 5000.0 + 86400)


def test_a_frozen_clock_does_not_go_back_to_an_earlier_start():
    remote = several(ALICE, frozen=True)
    take(remote, UsmSender(boots=4).trap(1))
    assert why_not(remote, UsmSender(boots=3, time=10**6).trap(2)) == "not_in_time_windows"
    assert why_not(remote, UsmSender(boots=2**31 - 1).trap(2)) == "not_in_time_windows"
    take(remote, UsmSender(boots=4, time=0).trap(3))


def test_other_engines_are_checked_when_some_are_frozen():
    remote = several(ALICE, frozen=[OTHER_ENGINE])
    assert remote.is_frozen(OTHER_ENGINE)
    assert not remote.is_frozen(SENDER_ENGINE)
    take(remote, UsmSender().trap(1), 5000.0)
    assert why_not(remote, UsmSender().trap(2), 5151.0) == "not_in_time_windows"


def test_a_frozen_clock_needs_the_right_digest_all_the_same():
    remote = several(ALICE, frozen=True)
    assert why_not(remote, UsmSender(keys_of=BOB, flags=MsgFlags.AUTH | MsgFlags.PRIV).trap()) in {
        "wrong_digests",
        "decryption_errors",
    }


@pytest.mark.parametrize("engine_id", [b"", b"x" * 33])
def test_a_frozen_engine_has_an_id_that_senders_can_have(engine_id):
    with pytest.raises(ConfigurationError, match="1 to 32 octets"):
        several(ALICE, frozen=[engine_id])


# ------------------------------------------------------------------------------------ odd engine IDs

ODD_ENGINES = [b"\1", b"1234", bytes(5), bytes(12), b"\xff" * 12, b"\xff" * 32]


@pytest.mark.parametrize("engine_id", ODD_ENGINES, ids=bytes.hex)
@pytest.mark.parametrize("user", EVERYBODY, ids=lambda user: user.name.decode())
def test_an_engine_id_that_breaks_rules_is_used_as_it_comes(user, engine_id):
    assert is_odd_engine_id(engine_id)
    sender = UsmSender(user=user, engine_id=engine_id)
    assert take(several(*EVERYBODY), sender.trap()) == notification_pdu()
    assert take(RemoteEngines([(user, engine_id)]), sender.trap()) == notification_pdu()
    assert why_not(several(*EVERYBODY, strict=True), sender.trap()) == "unknown_engine_ids"


def test_localized_keys_are_good_at_a_short_engine_id():
    key = localize_key(BOB.auth_protocol, password_to_key(BOB.auth_protocol, b"authentic bob"), b"1234")
    bob = UsmUser("bob", "SHA", auth_localized_key=key)
    take(RemoteEngines([(bob, b"1234")]), UsmSender(user=BOB, engine_id=b"1234").trap())


@pytest.mark.parametrize("engine_id", [SENDER_ENGINE, b"12345", b"\0\0\0\0\1", b"\xff" * 11 + b"\xfe"], ids=bytes.hex)
def test_other_engine_ids_break_no_rule(engine_id):
    assert not is_odd_engine_id(engine_id)
