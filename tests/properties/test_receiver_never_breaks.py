"""A receiver answers, refuses or accepts any message, and counts it; it never raises."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from snmptcp import OID, Community, IpAddress, TimeTicks, Tsm
from snmptcp.codec import ber
from snmptcp.codec.pdu import Pdu, PduType, TrapV1Pdu
from snmptcp.protocol.oddities import Oddity
from snmptcp.protocol.receiver import Incoming, Receiver, Refusal, Reply
from tests.support.odd import BROKEN, KIND, NAME, ODD, ODD_V1, UP, community, pdu, pdu_v1, tsm, usm
from tests.support.senders import (
    EVERYBODY,
    RECEIVER_ENGINE,
    SENDER_ENGINE,
    UsmSender,
    community_message,
    inform,
    notification_pdu,
    trap,
    tsm_message,
)

TRAP_V1 = TrapV1Pdu(OID("1.3.6.1.4.1.8072"), IpAddress("192.0.2.7"), 6, 17, TimeTicks(4242))
V1 = Community("public", "1")
HERE = UsmSender(engine_id=RECEIVER_ENGINE)

GOOD = [
    trap(),
    inform(),
    community_message(TRAP_V1, V1),
    *(UsmSender(user=user).trap() for user in EVERYBODY),
    *(HERE.at(user=user).inform() for user in EVERYBODY),
    UsmSender(engine_id=b"").message(Pdu(PduType.GET, 7)),
    tsm_message(notification_pdu()),
    tsm_message(notification_pdu(PduType.INFORM)),
]

ODD_MESSAGES = [
    *(community(odd.make(kind)) for odd in ODD.values() for kind in (PduType.TRAP_V2, PduType.INFORM)),
    *(community(octets, "1") for octets, _, _ in ODD_V1.values()),
    *(usm(odd.make(PduType.TRAP_V2)) for odd in ODD.values()),
    *(tsm(octets) for octets, _, _ in ODD_V1.values()),
]


def receive(message: bytes, now: float = 1000.0, **options: Any) -> None:
    """Give a message to a new receiver, and check its verdict."""
    credentials = (V1, Community("public"), *EVERYBODY, Tsm())
    receiver = Receiver(credentials, engine_id=RECEIVER_ENGINE, boots=3, max_message_size=65507, **options)
    receiver.start(0)
    outcome = receiver.receive(message, now, security_name=b"device")
    statistics = receiver.statistics
    assert statistics.messages == 1
    if isinstance(outcome, Incoming):
        assert (statistics.notifications, statistics.refused) == (1, {})
        notification = outcome.notification
        assert notification.is_inform == (outcome.acknowledge is not None)
        assert not (notification.oddities and options.get("strict"))
        assert bool(notification.unreadable) == (Oddity.UNREADABLE_VARBIND in notification.oddities)
        assert len(notification.varbinds) <= len(notification.pdu.varbinds)
        assert repr(notification)
        if outcome.acknowledge is not None:
            assert outcome.acknowledge(0, 0, now).startswith(b"\x30")
    elif isinstance(outcome, Reply):
        assert outcome.octets.startswith(b"\x30")
        assert statistics.probes + sum(statistics.refused.values()) == 1
    else:
        assert isinstance(outcome, Refusal)
        assert outcome.reason
        assert sum(statistics.refused.values()) == 1
    assert len(receiver._remote) <= 1


@given(st.binary(max_size=300))
def test_any_octets(octets):
    receive(octets)


@given(st.sampled_from(GOOD + ODD_MESSAGES), st.data(), st.booleans())
def test_a_good_message_with_some_octets_changed(message, data, strict):
    changed = bytearray(message)
    for _ in range(data.draw(st.integers(0, 3))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    receive(bytes(changed), strict=strict)


@given(
    st.sampled_from([PduType.TRAP_V2, PduType.INFORM]),
    st.lists(st.sampled_from([UP, KIND, NAME, BROKEN]) | st.binary(max_size=12), max_size=6),
    st.binary(max_size=4),
    st.booleans(),
)
def test_any_list_of_variable_bindings(kind, varbinds, after, strict):
    for wrap in (community, usm, tsm):
        receive(wrap(pdu(kind, *varbinds, after=after)), strict=strict)


@given(
    st.lists(st.sampled_from([NAME, BROKEN]) | st.binary(max_size=12), max_size=4),
    *[
        st.none()
        | st.builds(ber.tlv, st.sampled_from([2, 4, 5, 6, 0x40, 0x41, 0x42, 0x43, 0x46]), st.binary(max_size=17))
    ]
    * 5,
)
def test_any_fields_of_a_trap_of_version_1(varbinds, enterprise, address, generic, specific, uptime):
    octets = pdu_v1(
        *varbinds, enterprise=enterprise, address=address, generic=generic, specific=specific, uptime=uptime
    )
    receive(community(octets, "1"))
    receive(community(octets))
    receive(usm(octets))


@given(st.lists(st.sampled_from([UP, KIND, NAME]), max_size=6), st.integers(0, 5))
def test_a_variable_that_cannot_be_read_costs_no_other(varbinds, position):
    receiver = Receiver([Community("public")], max_message_size=65507)
    broken = [*varbinds[:position], BROKEN, *varbinds[position:]]
    readings = []
    for each in (varbinds, broken):
        outcome = receiver.receive(community(pdu(PduType.TRAP_V2, *each)), 0.0)
        assert isinstance(outcome, Incoming)
        readings.append(outcome.notification)
    good, bad = readings
    assert (good.trap_oid, good.uptime, good.varbinds) == (bad.trap_oid, bad.uptime, bad.varbinds)
    assert bad.oddities == good.oddities | {Oddity.UNREADABLE_VARBIND}
    assert [each.octets for each in bad.unreadable] == [BROKEN]


@given(st.sampled_from(GOOD), st.data())
def test_a_good_message_that_is_cut(message, data):
    receive(message[: data.draw(st.integers(0, len(message)))])


@given(
    st.sampled_from(EVERYBODY),
    st.sampled_from([RECEIVER_ENGINE, SENDER_ENGINE, b"", b"12345", b"\0" * 12, b"x" * 32]),
    st.integers(0, 2**31 - 1),
    st.integers(0, 2**31 - 1),
    st.integers(0, 7),
    st.sampled_from(list(PduType)),
    st.floats(0, 1e10),
)
def test_any_parameters_of_usm(user, engine_id, boots, time, flags, kind, now):
    sender = UsmSender(user=user, engine_id=engine_id, boots=boots, time=time, flags=flags)
    pdu = notification_pdu(PduType.GET if kind is PduType.TRAP_V1 else kind)
    receive(sender.message(pdu), now)
