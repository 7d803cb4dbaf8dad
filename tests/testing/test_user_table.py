"""usmUserTable of the testing agent: what reads of it show, and what a SET needs."""

from __future__ import annotations

import pytest

from snmptcp import OID, Manager, OctetString, UsmUser
from snmptcp.errors import InconsistentValue, NotWritable, WrongLength, WrongType
from snmptcp.testing import Agent
from snmptcp.values import Integer32

pytestmark = pytest.mark.anyio

LOCK = "1.3.6.1.6.3.15.1.2.1.0"
ENGINE_ID = b"\x80\x00\x1f\x88\x04x"
INDEX = (len(ENGINE_ID), *ENGINE_ID, 4, *b"bert")
BERT = UsmUser("bert", "SHA", "bert-auth-1")


def of(column: int) -> OID:
    return OID((1, 3, 6, 1, 6, 3, 15, 1, 2, 2, 1, column, *INDEX))


async def test_keys_are_never_shown_and_protocols_cannot_be_changed() -> None:
    async with (
        Agent(users=[BERT], user_table=True, engine_id=ENGINE_ID) as agent,
        Manager(agent.host, agent.port, credentials=BERT) as manager,
    ):
        answer = await manager.get(*map(of, (6, 7, 9, 10, 11)))
        assert {varbind.value for varbind in answer} == {b""}
        with pytest.raises(NotWritable):
            await manager.set((of(5), OID("1.3.6.1.6.3.10.1.1.1")))
        await manager.set((of(11), "a note"))
        assert await manager.get_value(of(11)) == b"a note"


async def test_a_key_needs_its_length_and_the_user_must_have_it() -> None:
    async with (
        Agent(users=[BERT], user_table=True, engine_id=ENGINE_ID) as agent,
        Manager(agent.host, agent.port, credentials=BERT) as manager,
    ):
        for column, size in ((6, 39), (6, 0), (9, 32)):
            with pytest.raises(WrongLength):
                await manager.set((of(column), OctetString(bytes(size))))
        with pytest.raises(WrongType):
            await manager.set((of(6), Integer32(1)))


async def test_the_lock_is_taken_once_for_each_value() -> None:
    async with (
        Agent(users=[BERT], user_table=True, engine_id=ENGINE_ID) as agent,
        Manager(agent.host, agent.port, credentials=BERT) as manager,
    ):
        await manager.set((LOCK, 0))
        with pytest.raises(InconsistentValue):
            await manager.set((LOCK, 0))
        assert await manager.get_value(LOCK) == 1


async def test_an_agent_serves_the_table_only_if_it_is_asked_to() -> None:
    async with (
        Agent(users=[BERT], engine_id=ENGINE_ID) as agent,
        Manager(agent.host, agent.port, credentials=BERT) as manager,
    ):
        assert await manager.get_value(LOCK, default=None) is None
