"""Any octets pushed on a manager's connection: session and inbox do not raise, and no request is answered."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from snmptcp import Community, EngineInfo
from snmptcp.codec import ber
from snmptcp.codec.message import CommunityMessage, encode_message
from snmptcp.codec.pdu import Pdu, PduType, TrapV1Pdu
from snmptcp.credentials import SnmpVersion, Tsm
from snmptcp.manager.notifications import Inbox
from snmptcp.protocol.exchange import Exchange
from snmptcp.protocol.ids import RandomIds
from snmptcp.protocol.notification import trap_varbinds
from snmptcp.protocol.request import get_request
from snmptcp.protocol.session import Session, Unsolicited
from snmptcp.protocol.statistics import Statistics
from snmptcp.protocol.tolerance import UNREADABLE
from snmptcp.security.community import CommunitySecurity
from snmptcp.security.remote_engine import Engine
from snmptcp.security.tsm import TsmSecurity
from snmptcp.security.usm import UsmSecurity
from snmptcp.values import Integer32, IpAddress, TimeTicks, VarBind
from tests.properties.strategies import int32, messages, octets, oids, varbind_lists, varbinds_v1
from tests.support.deadlines import within
from tests.support.senders import ALICE, BOB, EVERYBODY, RECEIVER_ENGINE, SENDER_ENGINE, UsmSender, tsm_message
from tests.support.wire import answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.net.connection import Connection
    from snmptcp.security.model import SecurityModel

NAME = "1.3.6.1.2.1.1.3.0"
FEW = settings(max_examples=120, deadline=None)


class WrittenTo:
    """A connection that records what is written to it."""

    def __init__(self, *, blocked: bool, behind_tls: bool) -> None:
        self.blocked = blocked
        self.tls_session = SecuredByTls() if behind_tls else None
        self.peer = "an agent"
        self.written: list[bytes] = []

    def answer(self, message: bytes) -> None:
        if not self.blocked:
            self.written.append(message)

    def note_accepted(self) -> None:
        """It counts nothing."""

    def note_refused(self, octets: int, reason: object, *, weight: float = UNREADABLE) -> None:
        assert octets > 0
        assert str(reason)
        assert weight > 0


class SecuredByTls:
    """A TLS session with a verified agent."""

    verified_name = "agent.test"


SECURITY: dict[Any, Callable[[], SecurityModel]] = {
    Community("public"): lambda: CommunitySecurity(Community("public")),
    Community("public", "1"): lambda: CommunitySecurity(Community("public", "1")),
    ALICE: lambda: UsmSecurity(ALICE, Engine(EngineInfo(SENDER_ENGINE, 3, 1000)), 65507),
    BOB: lambda: UsmSecurity(BOB, Engine(), 65507),
    Tsm(): lambda: TsmSecurity(Tsm(), Engine(), 65507),
}
credentials = st.sampled_from(list(SECURITY))

notification_pdus: st.SearchStrategy[Any] = st.builds(
    lambda kind, number, trap_oid, rest: Pdu(kind, number, 0, 0, trap_varbinds(trap_oid, rest, TimeTicks(7))),
    st.sampled_from([PduType.TRAP_V2, PduType.INFORM, PduType.RESPONSE, PduType.REPORT, PduType.GET]),
    int32,
    oids,
    varbind_lists(),
)
traps_v1 = st.builds(
    lambda enterprise, generic, specific, rest: TrapV1Pdu(
        enterprise, IpAddress("192.0.2.1"), generic, specific, TimeTicks(7), rest
    ),
    oids,
    int32,
    int32,
    varbind_lists(varbinds_v1),
)
names = st.sampled_from([b"public", b"private", b""])
from_communities = st.builds(CommunityMessage, st.just(SnmpVersion.V1), names, traps_v1) | st.builds(
    CommunityMessage, st.sampled_from([SnmpVersion.V1, SnmpVersion.V2C]), names, notification_pdus
)
from_users = st.builds(
    lambda user, engine_id, boots, time, pdu: UsmSender(user=user, engine_id=engine_id, boots=boots, time=time).message(
        pdu
    ),
    st.sampled_from(EVERYBODY),
    st.sampled_from([SENDER_ENGINE, RECEIVER_ENGINE, b"", b"\0" * 5]),
    st.integers(0, 5) | st.just(2147483647),
    st.sampled_from([0, 849, 1000, 1151, 2147483647]),
    notification_pdus,
)
behind_tls = st.builds(
    lambda pdu, context, flags: tsm_message(pdu, context_engine_id=context, flags=flags),
    notification_pdus,
    st.sampled_from([SENDER_ENGINE, RECEIVER_ENGINE, bytes.fromhex("8000000006"), b""]),
    st.integers(0, 7),
)
whole = st.one_of(from_communities.map(encode_message), messages.map(encode_message), from_users, behind_tls)
edits = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 3), st.binary(max_size=3)), max_size=2)


def damaged(message: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    """Change the contents of a message, but not its framing."""
    _, start, stop = ber.read_header(message, 0, len(message))
    contents = message[start:stop]
    for position, length, replacement in changes:
        begin = position * len(contents) // 301
        contents = contents[:begin] + replacement + contents[begin + length :]
    return ber.tlv(ber.SEQUENCE, contents)


pushed = whole | st.builds(damaged, whole, edits) | octets.map(lambda contents: ber.tlv(ber.SEQUENCE, contents))


def accepted(who: Any) -> st.SearchStrategy[bytes]:
    """Messages, most of them valid with these credentials."""
    kinds = st.sampled_from([PduType.TRAP_V2, PduType.INFORM])
    pdus = st.builds(
        lambda kind, number, oid: Pdu(kind, number, 0, 0, trap_varbinds(oid, (), TimeTicks(7))), kinds, int32, oids
    )
    if isinstance(who, Community):
        of_version = traps_v1 if who.version is SnmpVersion.V1 else pdus
        return of_version.map(lambda pdu: encode_message(CommunityMessage(who.version, who.name, pdu)))
    if isinstance(who, Tsm):
        return pdus.map(tsm_message)
    engines = {PduType.TRAP_V2: SENDER_ENGINE, PduType.INFORM: RECEIVER_ENGINE}
    return pdus.map(lambda pdu: UsmSender(user=who, engine_id=engines[pdu.type]).message(pdu))


pushed_to = credentials.flatmap(lambda who: st.tuples(st.just(who), st.lists(accepted(who) | pushed, max_size=8)))


@FEW
@given(what=pushed_to, takes=st.sampled_from([True, True, True, False]), blocked=st.booleans())
def test_nothing_that_is_pushed_makes_session_or_inbox_raise(what, takes, blocked):
    who, chunks = what

    async def scenario() -> None:
        statistics = Statistics()
        session = Session(SECURITY[who](), statistics, max_message_size=65536)
        session.receptive = takes
        inbox = Inbox(who, EngineInfo(RECEIVER_ENGINE, 3, 1000), 65536, statistics)
        stream = inbox.open(3)
        connection = WrittenTo(blocked=blocked, behind_tls=isinstance(who, Tsm))
        told = 0
        for chunk in chunks:
            session.receive_data(chunk, 1.0)
            for event in session.events():
                if isinstance(event, Unsolicited):
                    told += 1
                    inbox.receive(event.message, cast("Connection", connection), "192.0.2.1", 161)
            session.data_to_send()
        assert session.closed is None
        received = inbox.statistics
        assert received.messages == told
        assert takes or not told
        # Each message has one outcome.
        answered = received.notifications + received.repeated_informs + received.probes + sum(received.refused.values())
        assert answered >= told
        assert statistics.notifications <= 3
        acknowledged = received.informs + received.repeated_informs if not blocked else 0
        assert len(connection.written) <= acknowledged + received.reports + received.probes + received.levels_too_low
        inbox.close()
        taken = [notification async for notification in stream]
        assert len(taken) == statistics.notifications
        assert len(taken) + statistics.notifications_dropped == received.notifications

    asyncio.run(scenario())


@FEW
@given(chunks=st.lists(whole, max_size=6), takes=st.booleans(), kind=st.sampled_from(["1", "2c"]))
def test_a_request_gets_its_own_answer_whatever_whole_messages_come_before_it(chunks, takes, kind):
    session = Session(CommunitySecurity(Community("public", kind)), request_ids=RandomIds(0x7F000001))
    session.receptive = takes
    exchange = session.start(get_request((NAME,)), within(5.0), 0.0)
    (request,) = session.data_to_send()
    for chunk in chunks:
        session.receive_data(chunk, 1.0)
    session.receive_data(answer(request), 1.0)
    assert [event for event in session.events() if isinstance(event, Exchange)] == [exchange]
    assert exchange.varbinds == (VarBind(request_name(), Integer32(7)),)


def request_name() -> Any:
    return get_request((NAME,)).names[0]
