"""The record of a refused message."""

from __future__ import annotations

import pytest

from snmptcp import Community, SnmpVersion
from snmptcp.codec.framer import CutOff
from snmptcp.errors import FramingError, MessageTooLarge
from snmptcp.protocol.notification import Source
from snmptcp.protocol.receiver import Receiver
from snmptcp.protocol.refused import MAX_OCTETS, RefusedMessage, cut_off_message, lost_stream, refused_message
from tests.support.senders import ALICE, RECEIVER_ENGINE, SENDER_ENGINE, UsmSender, community_message, inform, trap
from tests.support.senders import notification_pdu as pdu

SOURCE = Source("192.0.2.1", 4711)
INFORMER = UsmSender(engine_id=RECEIVER_ENGINE)


def told(message: bytes) -> RefusedMessage | None:
    receiver = Receiver((Community("public"), ALICE), engine_id=RECEIVER_ENGINE, boots=3, max_message_size=1_000_000)
    receiver.start(0)
    return refused_message(message, receiver.receive(message, 1000.0), SOURCE)


@pytest.mark.parametrize(
    ("message", "counter", "version", "answered"),
    [
        (community_message(pdu(), Community("Hidden!")), "bad_communities", SnmpVersion.V2C, False),
        (community_message(pdu(), Community("Hidden!", "1")), "bad_communities", SnmpVersion.V1, False),
        (trap().replace(b"\x02\x01\x01\x04", b"\x02\x01\x05\x04", 1), "unsupported_versions", None, False),
        (b"\x30\x00", "malformed", None, False),
        (UsmSender(keys_at=RECEIVER_ENGINE).trap(), "wrong_digests", SnmpVersion.V3, False),
        (INFORMER.at(keys_at=SENDER_ENGINE).inform(), "wrong_digests", SnmpVersion.V3, True),
        (INFORMER.at(time=5000).inform(), "not_in_time_windows", SnmpVersion.V3, True),
        (INFORMER.at(flags=5).inform(), "levels_too_low", SnmpVersion.V3, True),
    ],
    ids=["community", "community in v1", "version", "empty", "key of a trap", "key of an inform", "time", "level"],
)
def test_it_tells_peer_reason_version_and_octets(
    message: bytes, counter: str, version: SnmpVersion | None, answered: bool
) -> None:
    refused = told(message)
    assert refused is not None
    assert (refused.source, refused.counter, refused.version) == (SOURCE, counter, version)
    assert refused.answered == answered
    assert refused.reason
    assert (refused.octets, refused.size) == (message, len(message))
    assert "Hidden" not in repr(refused)


def test_octets_are_limited() -> None:
    message = community_message(pdu(text="x" * 65_535), Community("private"))
    refused = told(message)
    assert refused is not None
    assert refused.octets == message[:MAX_OCTETS]
    assert refused.size == len(message) > MAX_OCTETS


@pytest.mark.parametrize(
    "message",
    [
        trap(),
        inform(),
        INFORMER.inform(),
        INFORMER.at(engine_id=b"", flags=4).inform(),
        INFORMER.at(boots=0, time=0).inform(),
    ],
    ids=["trap", "inform", "inform of a user", "discovery of the engine", "discovery of the time"],
)
def test_what_is_accepted_and_the_steps_of_discovery_are_not_refused(message: bytes) -> None:
    assert told(message) is None


def test_a_stream_that_cannot_be_cut_has_a_record_too() -> None:
    refused = lost_stream(MessageTooLarge(5_000_000, 8192, b"\x30\x83"), SOURCE)
    assert (refused.source, refused.counter, refused.size, refused.octets) == (
        SOURCE,
        "lost_framings",
        5_000_000,
        b"\x30\x83",
    )
    assert lost_stream(FramingError("no message", 0, b"GET"), None).size == 3


@pytest.mark.parametrize(("length", "text"), [(88, "after 20 of 88 octets"), (None, "after 20 of an unknown number")])
def test_a_message_that_was_cut_off_has_a_record_too(length: int | None, text: str) -> None:
    refused = cut_off_message(CutOff(b"\x30\x56", 20, length), SOURCE)
    assert (refused.source, refused.counter, refused.size, refused.octets) == (SOURCE, "cut_off", 20, b"\x30\x56")
    assert text in refused.reason
