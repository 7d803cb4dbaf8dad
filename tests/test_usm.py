"""The table of an agent's users: changes of keys, and what happens when something goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp import OID, ConnectionLost, Manager, OctetString, PrivProtocol, RequestTimeout, UsmUser
from snmptcp.credentials import AuthProtocol
from snmptcp.errors import ConfigurationError, InconsistentValue, NoCreation, NotWritable, WrongLength
from snmptcp.security.keys import localize_key, password_to_key
from snmptcp.testing import Agent, Computed
from snmptcp.usm import RowStatus, UserEntry, UserTable
from snmptcp.values import Integer32, VarBind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.anyio

SYS_NAME = "1.3.6.1.2.1.1.5.0"
SPIN_LOCK = "1.3.6.1.6.3.15.1.2.1.0"
ENTRY = OID("1.3.6.1.6.3.15.1.2.2.1")
BOSS = UsmUser("boss", "SHA-512", "boss-auth-1", "AES-256", "boss-priv-1")
BERT = UsmUser("bert", "SHA-256", "bert-auth-1", "AES", "bert-priv-1")
ERNIE = UsmUser("ernie", "SHA", "ernie-auth-1")


@pytest.fixture
async def agent(anyio_backend: object) -> AsyncIterator[Agent]:
    async with Agent({SYS_NAME: OctetString("sw1")}, users=[BOSS, BERT, ERNIE], user_table=True) as agent:
        yield agent


def manager_of(agent: Agent, user: UsmUser) -> Manager:
    return Manager(agent.host, agent.port, credentials=user, timeout=10)


def at(*arcs: int) -> OID:
    """Return the name of an instance in the table."""
    return OID((*ENTRY, *arcs))


async def works(agent: Agent, user: UsmUser) -> bool:
    async with manager_of(agent, user) as manager:
        try:
            await manager.get(SYS_NAME, timeout=0.3)
        except RequestTimeout:
            return False
    return True


async def test_both_passwords_of_the_own_user_change_in_one_set(agent: Agent) -> None:
    async with manager_of(agent, BERT) as manager:
        new = await UserTable(manager).change_passwords(
            BERT, auth_password="bert-auth-2", priv_password="bert-priv-2", own=True
        )
        manager.use(new)
        assert (await manager.get(SYS_NAME))[SYS_NAME] == b"sw1"
    sets = [request for request in agent.requests if request.pdu.type.name == "SET"]
    assert [[varbind.oid.arcs[11] for varbind in request.pdu.varbinds[1:]] for request in sets] == [[7, 10]]
    assert sets[0].pdu.varbinds[0].oid == SPIN_LOCK
    assert new.name == b"bert"
    assert not await works(agent, BERT)


async def test_another_user_changes_in_the_columns_of_all_users(agent: Agent) -> None:
    async with manager_of(agent, BOSS) as manager:
        new = await UserTable(manager).change_passwords(BERT, priv_password="bert-priv-2")
    (request,) = [request for request in agent.requests if request.pdu.type.name == "SET"]
    assert [varbind.oid.arcs[11] for varbind in request.pdu.varbinds[1:]] == [9]
    assert await works(agent, new)
    assert not await works(agent, BERT)


async def test_keys_can_be_master_keys_and_localized_keys(agent: Agent) -> None:
    master = password_to_key(AuthProtocol.SHA, b"ernie-auth-2")
    localized = localize_key(AuthProtocol.SHA, password_to_key(AuthProtocol.SHA, b"ernie-auth-3"), agent.engine_id)
    second, third = ERNIE.with_keys(auth_key=master), ERNIE.with_keys(auth_localized_key=localized)
    async with manager_of(agent, BOSS) as manager:
        table = UserTable(manager, engine_id=agent.engine_id)
        await table.change_keys(ERNIE, second)
        assert await works(agent, UsmUser("ernie", "SHA", "ernie-auth-2"))
        await table.change_keys(second, third)
    assert await works(agent, UsmUser("ernie", "SHA", "ernie-auth-3"))


async def test_the_table_tells_the_users_and_their_protocols(agent: Agent) -> None:
    engine = agent.engine_id
    async with manager_of(agent, BOSS) as manager:
        table = UserTable(manager)
        assert await table.users() == (
            UserEntry(engine, b"bert", b"bert", AuthProtocol.SHA_256, PrivProtocol.AES, RowStatus.active, 3),
            UserEntry(engine, b"boss", b"boss", AuthProtocol.SHA_512, PrivProtocol.AES_256, RowStatus.active, 3),
            UserEntry(engine, b"ernie", b"ernie", AuthProtocol.SHA, None, RowStatus.active, 3),
        )
        assert await table.status("ernie") is RowStatus.active
        assert await table.status("nobody") is None


async def test_rows_of_a_broken_index_are_left_out_and_unknown_protocols_are_names(agent: Agent) -> None:
    agent.mib[at(3, 5, 1, 2)] = OctetString("too short")
    agent.mib[at(3, 1, 256, 1, 65)] = OctetString("no octet")
    agent.mib[at(3, 1, 9, 1, 65, 7)] = OctetString("too long")
    agent.mib[at(5, 1, 9, 1, 65)] = OID("1.3.6.1.4.1.9.9.9")
    async with manager_of(agent, BOSS) as manager:
        (entry, *_) = await UserTable(manager).users()
    assert entry == UserEntry(b"\x09", b"A", b"A", OID("1.3.6.1.4.1.9.9.9"), None, None, None)


async def test_a_lock_that_another_program_has_taken_is_told(agent: Agent) -> None:
    values = iter((Integer32(7),))
    agent.mib[SPIN_LOCK] = Computed(lambda: next(values, Integer32(8)), _refuse_with(InconsistentValue))
    async with manager_of(agent, BOSS) as manager:
        with pytest.raises(InconsistentValue, match="another program has changed users at the same time"):
            await UserTable(manager).change_passwords(BERT, auth_password="bert-auth-2")
    assert await works(agent, BERT)


@pytest.mark.parametrize("lock", ["missing", "read-only"])
async def test_an_agent_without_a_lock_for_us_is_asked_without_it(agent: Agent, lock: str) -> None:
    if lock == "missing":
        del agent.mib[SPIN_LOCK]
    else:
        agent.mib[SPIN_LOCK] = Computed(lambda: Integer32(0), _refuse_with(NotWritable))
    async with manager_of(agent, BOSS) as manager:
        new = await UserTable(manager).change_passwords(BERT, auth_password="bert-auth-2")
    assert await works(agent, new)


def _refuse_with(error: type[Exception]):
    def setter(value: object) -> None:
        raise error

    return setter


async def test_if_one_key_is_refused_the_other_one_stays(agent: Agent) -> None:
    wrong = UsmUser("bert", "SHA-256", "bert-auth-1", "AES-256", "bert-priv-1")
    async with manager_of(agent, BOSS) as manager:
        with pytest.raises(WrongLength):
            await UserTable(manager).change_passwords(wrong, auth_password="bert-auth-2", priv_password="bert-priv-2")
        (lock,) = await manager.get(SPIN_LOCK)
    assert lock.value == 0
    assert await works(agent, BERT)


async def test_a_lost_answer_says_that_the_keys_may_have_changed(agent: Agent) -> None:
    async with manager_of(agent, BOSS) as manager:
        await manager.get(SYS_NAME)
        agent.mib[at(6, *_index(agent, b"bert"))] = Computed(
            lambda: OctetString(b""), lambda value: agent.drop_connections()
        )
        with pytest.raises(
            ConnectionLost, match="the keys may or may not have been changed: try the new ones"
        ) as raised:
            await UserTable(manager).change_passwords(BERT, auth_password="bert-auth-2")
    assert raised.value.uncertain
    assert sum(request.pdu.type.name == "SET" for request in agent.requests) == 1


def _index(agent: Agent, name: bytes) -> tuple[int, ...]:
    return (len(agent.engine_id), *agent.engine_id, len(name), *name)


async def test_rows_are_created_and_changed_with_the_values_of_row_status() -> None:
    """What the requests carry; what an agent does with them, snmpd shows."""
    engine = bytes.fromhex("80001f8804") + b"x"
    instance = at(13, 6, *engine, 3, *b"new")
    pointer = at(3, 6, *engine, 4, *b"boss")
    clone = at(4, 6, *engine, 3, *b"new")
    writable = {instance: Integer32(3), clone: OID("0.0")}
    async with Agent(writable, users=[BOSS], engine_id=engine) as agent, manager_of(agent, BOSS) as manager:
        table = UserTable(manager)
        await table.create("new", "boss", wait=True)
        await table.create("new")
        await table.clone("new", b"boss")
        await table.activate("new")
        await table.deactivate("new")
        await table.delete("new")
        sent = [request.pdu.varbinds for request in agent.requests if request.pdu.type.name == "SET"]
    assert [list(varbinds) for varbinds in sent] == [
        [VarBind(instance, Integer32(5)), VarBind(clone, pointer)],
        [VarBind(instance, Integer32(4))],
        [VarBind(clone, pointer)],
        [VarBind(instance, Integer32(1))],
        [VarBind(instance, Integer32(2))],
        [VarBind(instance, Integer32(6))],
    ]


async def test_what_cannot_be_changed_is_refused_before_anything_is_sent(agent: Agent) -> None:
    async with manager_of(agent, BOSS) as manager:
        table = UserTable(manager)
        with pytest.raises(ConfigurationError, match="no new password: give auth_password="):
            await table.change_passwords(BERT)
        with pytest.raises(ConfigurationError, match="the user has no privacy key to change"):
            await table.change_passwords(ERNIE, priv_password="something")
        with pytest.raises(ConfigurationError, match="the new keys are the old ones"):
            await table.change_passwords(BERT, auth_password="bert-auth-1")
        with pytest.raises(ConfigurationError, match="must be those of one user"):
            await table.change_keys(BERT, BOSS)
        with pytest.raises(ConfigurationError, match="cannot change protocols"):
            await table.change_keys(ERNIE, UsmUser("ernie", "MD5", "ernie-auth-2"))
        with pytest.raises(ConfigurationError, match="an old and a new one of each kind"):
            await table.change_keys(BERT, UsmUser("bert", "SHA-256", "bert-auth-2"))
        with pytest.raises(ConfigurationError, match="the engine ID of an agent has 1 to 255 octets, not 0"):
            UserTable(manager, engine_id=b"")
    assert all(request.pdu.type.name == "GET" for request in agent.requests)


async def test_a_user_that_the_agent_does_not_have_is_its_refusal(agent: Agent) -> None:
    async with manager_of(agent, BOSS) as manager:
        with pytest.raises(NoCreation):
            await UserTable(manager).change_passwords(UsmUser("nobody", "SHA", "nobody-auth"), auth_password="x" * 8)
