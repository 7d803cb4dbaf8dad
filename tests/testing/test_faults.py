"""Faults in what a response says and in its octets, as a raw client sees them."""

from __future__ import annotations

import pytest

from snmptcp.codec.framer import Framer
from snmptcp.codec.pdu import Pdu, PduType
from snmptcp.errors import ConfigurationError
from snmptcp.oid import OID
from snmptcp.testing import (
    Agent,
    BrokenValue,
    Cycle,
    Delay,
    EmptyVarbinds,
    ExtraVarbind,
    FailWith,
    Garbage,
    Indefinite,
    LyingLength,
    MissingVarbind,
    NonIncreasing,
    Prepend,
    Truncate,
    WrongCommunity,
    WrongNames,
    WrongRequestId,
    WrongVersion,
)
from snmptcp.values import Integer32, Null, OctetString, VarBind
from tests.support.rawclient import V1, V2C, RawClient, message

pytestmark = pytest.mark.anyio

GET = PduType.GET
NEXT = PduType.GET_NEXT
BULK = PduType.GET_BULK
A, B, C = "1.3.6.1.1.0", "1.3.6.1.2.0", "1.3.6.1.3.0"
MIB = {A: 1, B: 2, C: 3}


@pytest.fixture
async def agent():
    async with Agent(MIB) as agent:
        yield agent


@pytest.fixture
async def manager(agent):
    async with RawClient(agent.host, agent.port) as manager:
        yield manager


async def correct(agent: Agent, octets: bytes) -> bytes:
    """Return the correct response, from another connection."""
    async with RawClient(agent.host, agent.port) as witness:
        witness.send(octets)
        return await witness.frame()


async def ids(manager: RawClient, count: int) -> list[int]:
    pdus = [(await manager.answer()).pdu for _ in range(count)]
    return [pdu.request_id for pdu in pdus if isinstance(pdu, Pdu)]


# ------------------------------------------------------------------------------- message faults


async def test_the_error_status_comes_with_the_varbinds_of_the_request(agent, manager):
    agent.inject(FailWith(5, 2))
    pdu = await manager.request(GET, A, B)
    assert (pdu.error_status, pdu.error_index) == (5, 2)
    assert pdu.varbinds == (VarBind(OID(A), Null()), VarBind(OID(B), Null()))
    agent.inject(FailWith(99))
    assert (await manager.request(GET, A)).error_status == 99


async def test_varbinds_can_be_empty_missing_or_too_many(agent, manager):
    agent.inject(EmptyVarbinds())
    assert (await manager.request(GET, A, B)).varbinds == ()
    agent.inject(MissingVarbind())
    assert [varbind.oid for varbind in (await manager.request(GET, A, B)).varbinds] == [OID(A)]
    agent.inject(ExtraVarbind(OID(C), OctetString("more")))
    assert (await manager.request(GET, A)).varbinds == (
        VarBind(OID(A), Integer32(1)),
        VarBind(OID(C), OctetString("more")),
    )


async def test_names_can_be_others(agent, manager):
    agent.inject(WrongNames())
    pdu = await manager.request(GET, A, "1.3.6.4294967295")
    assert [str(varbind.oid) for varbind in pdu.varbinds] == ["1.3.6.1.1.1", "1.3.6.0"]


async def test_the_request_id_wraps_at_32_bits(agent, manager):
    agent.inject(WrongRequestId(1))
    assert (await manager.ask(message(GET, A, request_id=2**31 - 1))).request_id == -(2**31)


async def test_community_and_version_can_be_others(agent, manager):
    agent.inject(WrongCommunity(b"elsewhere"))
    manager.send(message(GET, A))
    assert (await manager.answer()).community == b"elsewhere"
    agent.inject(WrongVersion(), times=2)
    manager.send(message(GET, A) + message(GET, A, version=V1))
    assert [(await manager.answer()).version for _ in range(2)] == [V1, V2C]


async def test_a_walk_can_stand_still(agent, manager):
    agent.inject(NonIncreasing(), times=None)
    assert (await manager.request(NEXT, A)).varbinds == (VarBind(OID(A), Integer32(2)),)
    pdu = await manager.request(BULK, "1.3.5", A, B, first=1, second=2)
    assert [str(varbind.oid) for varbind in pdu.varbinds] == ["1.3.5", A, B, A, B]


async def test_a_walk_can_go_round(agent, manager):
    agent.inject(Cycle((OID(A), OID(B))), times=None)
    oid = OID("1.3")
    seen = []
    for _ in range(5):
        oid = (await manager.request(NEXT, oid)).varbinds[0].oid
        seen.append(str(oid))
    assert seen == [A, B, A, B, A]
    pdu = await manager.request(BULK, A, C, second=2)
    assert [str(varbind.oid) for varbind in pdu.varbinds] == [B, A, A, B]
    pdu = await manager.request(NEXT, C, version=V1)  # the end, without the fault
    assert (pdu.error_status, pdu.varbinds) == (0, (VarBind(OID(A), Null()),))


# --------------------------------------------------------------------------------- octet faults


async def test_octets_can_be_others_or_come_first(agent, manager):
    request = message(GET, A)
    answer = await correct(agent, request)
    agent.inject(Garbage(b"xyz"))
    agent.inject(Prepend(b"\x30\x00"))
    manager.send(request * 2)
    assert await manager.reader.readexactly(3 + 2 + len(answer)) == b"xyz\x30\x00" + answer


@pytest.mark.parametrize(
    ("claimed", "header"),
    [(5, b"\x30\x05"), (200, b"\x30\x81\xc8"), (2**32 - 1, b"\x30\x84\xff\xff\xff\xff")],
)
async def test_the_length_can_lie(agent, manager, claimed, header):
    request = message(GET, A)
    answer = await correct(agent, request)
    agent.inject(LyingLength(claimed))
    manager.send(request)
    assert await manager.reader.readexactly(len(header) + len(answer) - 2) == header + answer[2:]


async def test_the_length_can_be_indefinite(agent, manager):
    request = message(GET, A)
    answer = await correct(agent, request)
    agent.inject(Indefinite())
    manager.send(request)
    assert await manager.reader.readexactly(len(answer) + 2) == b"\x30\x80" + answer[2:] + b"\0\0"


async def test_a_broken_value_changes_the_tag_of_one_variable(agent, manager):
    request = message(GET, A, B)
    answer = await correct(agent, request)
    agent.inject(BrokenValue(OID(B)), 2)
    manager.send(request)
    broken = await manager.reader.readexactly(len(answer))
    name = b"\x06" + bytes((len(OID(B).ber),)) + OID(B).ber
    at = answer.index(name) + len(name)
    assert broken == answer[:at] + b"\x0a" + answer[at + 1 :]

    assert BrokenValue(OID(B)).change(b"another message") == b"another message"
    with pytest.raises(ConfigurationError, match="a tag is a number"):
        BrokenValue(OID(B), 256)


def test_faults_are_values():
    assert Delay(1.0) == Delay(1.0)
    assert hash(Truncate(3)) == hash(Truncate(3, close=False))
    assert Cycle(("1.3.1",)) == Cycle((OID("1.3.1"),))  # type: ignore[arg-type]


def test_garbage_cannot_begin_a_message():
    framer = Framer()
    assert framer.feed(Garbage().change(b"")) == []
    assert framer.failure is not None
