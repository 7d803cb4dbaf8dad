"""What was said to an agent: kept within limits, and explained without secrets."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snmptcp import Community, Manager, OctetString, RequestTimeout, UsmUser
from snmptcp.codec.message import CommunityMessage, encode_message
from snmptcp.codec.pdu import Pdu, PduType
from snmptcp.credentials import SnmpVersion
from snmptcp.errors import ConfigurationError, ConnectionLost, GenErr
from snmptcp.oid import OID
from snmptcp.testing import Agent, Conversation, Delay, Drip, Drop, FailWith, Hold, MessageFault, WrongCommunity
from snmptcp.testing.conversation import MAX_LINE, MAX_TEXT, fault_text
from snmptcp.values import VarBind
from tests.support.mibs import SYS_NAME

NAME = OID(SYS_NAME)


def get(*varbinds: VarBind, request_id: int = 7, kind: PduType = PduType.RESPONSE) -> bytes:
    return encode_message(CommunityMessage(SnmpVersion.V2C, b"secret", Pdu(kind, request_id, varbinds=varbinds)))


def clock(*times: float):
    return iter(times).__next__


def test_each_entry_tells_its_time_its_connection_and_what_was_said():
    conversation = Conversation(clock=clock(100.0, 100.25, 100.5, 101.0, 102.0, 103.0))
    conversation.opened(1, ("127.0.0.1", 4711))
    conversation.received(1, get(kind=PduType.GET))
    conversation.sent(1, get(VarBind(NAME, OctetString("core"))), "in 3 pieces")
    conversation.note(0, "something else", "and more")
    conversation.closed(1, ConnectionLost("reset by the peer"))
    assert conversation.text().splitlines() == [
        "    0.250 s  #1    connection from 127.0.0.1:4711",
        "    0.500 s  #1    received: SNMPv2c get-request, 0 variable bindings, 26 octets, request-id 7",
        "    1.000 s  #1    sent in 3 pieces: SNMPv2c get-response, 1 variable binding, 44 octets, request-id 7",
        '                   1.3.6.1.2.1.1.5.0 (sysName.0) = "core"',
        "    2.000 s        something else",
        "                   and more",
        "    3.000 s  #1    connection closed: reset by the peer",
    ]


def test_peers_are_told_however_the_socket_names_them():
    conversation = Conversation()
    for peer in (("::1", 1, 0, 0), "127.0.0.1:2", None):
        conversation.opened(1, peer)
    ends = [line.partition("from ")[2] for line in conversation.text().splitlines()]
    assert ends == ["[::1]:1", "127.0.0.1:2", "a peer that has gone already"]


def test_a_conversation_that_never_began_says_so():
    assert Conversation().text() == "nobody has connected"


def test_the_latest_entries_are_kept_and_the_others_counted():
    conversation = Conversation(kept=3)
    for number in range(5):
        conversation.note(1, f"entry {number}")
    assert len(conversation) == 5
    assert [line.split()[-1] for line in conversation.text().splitlines()] == ["entries", "2", "3", "4"]
    assert conversation.text(shown=1).splitlines()[0] == "the latest 1 of 5 entries"


def test_long_messages_push_out_older_ones():
    conversation = Conversation()
    for _ in range(100):
        conversation.received(1, bytes(65507))
    assert "the latest 50 of 100 entries" in conversation.text()
    assert sum(len(entry.message) for entry in conversation._entries) < 4 * 1024 * 1024


def test_many_variable_bindings_and_long_values_are_cut():
    conversation = Conversation()
    many = [VarBind(OID(f"1.3.6.1.4.1.9.{number}"), OctetString("x" * 1000)) for number in range(60)]
    for _ in range(50):
        conversation.sent(1, get(*many))
    brief, full = conversation.text(), conversation.text(full=True)
    assert "... 55 more lines, not shown" in brief
    for text in (brief, full):
        assert len(text) < MAX_TEXT + 200 * MAX_LINE
        assert max(map(len, text.splitlines())) <= MAX_LINE
    assert "more entries, not shown" in full
    assert "variable-bindings: SEQUENCE OF VarBind" in full


def test_problems_are_shown_whole_behind_whatever_number_of_values():
    conversation = Conversation()
    many = get(*(VarBind(OID(f"1.3.6.1.4.1.9.{number}"), OctetString("x" * 90)) for number in range(20)))
    conversation.received(1, many + b"rest of it")
    lines = [line.strip() for line in conversation.text().splitlines()]
    assert lines[-2] == "... 15 more lines, not shown"
    assert lines[-1] == f"! offset {len(many)}: 10 octets after the end of the message"
    assert max(map(len, lines[1:-2])) == 100


@given(st.lists(st.binary(max_size=80) | st.just(get(VarBind(NAME, OctetString("core")))), max_size=5), st.booleans())
@settings(max_examples=50)
def test_any_octets_have_a_text(messages, full):
    conversation = Conversation((UsmUser("alice", "SHA-256", "open sesame 1"),))
    for message in messages:
        conversation.received(1, message)
    text = conversation.text(full=full)
    assert "secret" not in text
    assert all(line.isprintable() for line in text.splitlines())


@pytest.mark.parametrize(
    ("options", "text"),
    [({"kept": 0}, "kept must be at least 1"), ({"users": "x"}, "users"), ({"clock": 1}, "clock")],
)
def test_wrong_arguments_are_refused(options, text):
    with pytest.raises(ConfigurationError, match=text):
        Conversation(**options)
    with pytest.raises(ConfigurationError, match="shown must be at least 1"):
        Conversation().text(shown=0)


@dataclass(frozen=True)
class Long(MessageFault):
    data: bytes = bytes(1000)

    def change(self, request, message, response):
        return message


class Plain(MessageFault):
    def change(self, request, message, response):
        return message


def test_faults_are_told_with_their_arguments_but_without_communities():
    assert fault_text(Delay(2.5)) == "Delay(seconds=2.5)"
    assert fault_text(Drop()) == "Drop()"
    assert fault_text(WrongCommunity(b"secret")) == "WrongCommunity(community=***)"
    assert fault_text(Plain()) == "Plain"
    assert len(fault_text(Long())) < 80


@pytest.mark.anyio
async def test_an_agent_notes_what_it_gets_what_it_does_and_why():
    conversation = Conversation()
    async with Agent({SYS_NAME: "core"}, conversation=conversation) as agent:
        async with Manager(agent.host, agent.port, credentials=Community("public")) as manager:
            await manager.get(NAME)
            agent.inject(FailWith(5, 1))
            agent.inject(Drip())
            agent.inject(Hold())
            with pytest.raises(GenErr):
                await manager.get(NAME)
            await manager.get(NAME)
            with pytest.raises(RequestTimeout):
                await manager.get(NAME, timeout=0.01)
        async with Manager(agent.host, agent.port, credentials=Community("stranger")) as manager:
            with pytest.raises(RequestTimeout):
                await manager.get(NAME, timeout=0.01)
    lines = [line[12:].strip() for line in conversation.text().splitlines() if "s  #" in line]
    words = [line.partition(",")[0] for line in lines]
    assert words[:3] == [words[0], "#1    received: SNMPv2c get-request", "#1    sent: SNMPv2c get-response"]
    assert "#1    fault in the next response: FailWith(status=5" in words
    assert any(word.startswith("#1    sent in ") for word in words)
    assert "#1    fault in the next response: Hold()" in words
    assert "#2    dropped it: unknown community" in words
    assert words[-1] == "#2    connection closed"
    assert "stranger" not in conversation.text()
