"""Every authentication protocol with every privacy protocol and every form of key, manager against agent.

The two sides share the derivation of keys, so each form of key is given to one side only and a password to the other:
a wrong one would not be understood.  That the passwords' keys are right is for the vectors and for snmpd to say.
"""

from __future__ import annotations

import pytest

from snmptcp import AuthProtocol, EngineInfo, Manager, PrivProtocol, SecurityLevel, UsmUser
from snmptcp.security.keys import localize_key, localize_priv_key, password_to_key
from snmptcp.testing import Agent
from tests.support.mibs import BIG_ROWS, BIG_TABLE, SYS_NAME, small_agent_mib

pytestmark = pytest.mark.anyio

ENGINE_ID = bytes.fromhex("80007ed904") + b"matrix"
AUTH_PASSWORD, PRIV_PASSWORD = "authpass-123", "privpass-456"
FORMS = ("password", "master", "localized")
PRIVACIES: tuple[PrivProtocol | None, ...] = (None, *PrivProtocol)


def user(auth: AuthProtocol, priv: PrivProtocol | None, form: str) -> UsmUser:
    """Return the same user, its keys in another form."""
    auth_master = password_to_key(auth, AUTH_PASSWORD.encode())
    priv_master = password_to_key(auth, PRIV_PASSWORD.encode())
    keys: dict[str, object] = {
        "password": {"auth_password": AUTH_PASSWORD, "priv_password": PRIV_PASSWORD},
        "master": {"auth_key": auth_master, "priv_key": priv_master},
        "localized": {
            "auth_localized_key": localize_key(auth, auth_master, ENGINE_ID),
            "priv_localized_key": localize_priv_key(auth, priv or PrivProtocol.AES, priv_master, ENGINE_ID),
        },
    }[form]  # type: ignore[assignment]
    wanted = {name: key for name, key in keys.items() if priv is not None or name.startswith("auth")}
    return UsmUser("matrix", auth, priv_protocol=priv or PrivProtocol.AES, **wanted)  # type: ignore[arg-type]


def name_of(protocol: object) -> str:
    return "no privacy" if protocol is None else str(protocol)


async def exchange(manager: Manager, agent: Agent, level: SecurityLevel) -> None:
    """Read, write and walk; nothing may go wrong on the way."""
    await manager.set((SYS_NAME, "written"))
    (varbind,) = await manager.get(SYS_NAME)
    assert varbind.value == b"written"
    walked = [varbind async for varbind in manager.walk(f"{BIG_TABLE}.1.2", max_repetitions=100)]
    assert len(walked) == BIG_ROWS
    assert {request.security_level for request in agent.requests} == {level}
    assert {request.user for request in agent.requests} == {b"matrix"}
    assert manager.statistics.refused == manager.statistics.malformed == manager.statistics.resent == 0
    assert agent.statistics.reports <= 1


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("priv", PRIVACIES, ids=name_of)
@pytest.mark.parametrize("auth", AuthProtocol, ids=name_of)
async def test_a_manager_with_any_form_of_key_and_an_agent_with_passwords(
    auth: AuthProtocol, priv: PrivProtocol | None, form: str
) -> None:
    level = SecurityLevel.authNoPriv if priv is None else SecurityLevel.authPriv
    async with (
        Agent(small_agent_mib(), users=[user(auth, priv, "password")], engine_id=ENGINE_ID) as agent,
        Manager(agent.host, agent.port, credentials=user(auth, priv, form)) as manager,
    ):
        await exchange(manager, agent, level)


@pytest.mark.parametrize("form", FORMS[1:])
@pytest.mark.parametrize("priv", PRIVACIES, ids=name_of)
@pytest.mark.parametrize("auth", AuthProtocol, ids=name_of)
async def test_an_agent_with_any_form_of_key_and_a_manager_with_passwords(
    auth: AuthProtocol, priv: PrivProtocol | None, form: str
) -> None:
    async with Agent({SYS_NAME: "core"}, users=[user(auth, priv, form)], engine_id=ENGINE_ID) as agent:
        info = EngineInfo(agent.engine_id, agent.engine_boots, agent.engine_time)
        async with Manager(agent.host, agent.port, credentials=user(auth, priv, "password"), engine=info) as manager:
            assert (await manager.get(SYS_NAME))[0].value == b"core"
        assert agent.statistics.reports == 0


async def test_a_user_without_keys() -> None:
    nobody = UsmUser("matrix")
    async with (
        Agent(small_agent_mib(), users=[nobody], engine_id=ENGINE_ID) as agent,
        Manager(agent.host, agent.port, credentials=nobody) as manager,
    ):
        await exchange(manager, agent, SecurityLevel.noAuthNoPriv)


@pytest.mark.parametrize(
    ("one", "other"),
    [(PrivProtocol.AES_192, PrivProtocol.AES_192_C), (PrivProtocol.AES_256, PrivProtocol.AES_256_C)],
    ids=name_of,
)
@pytest.mark.parametrize("auth", AuthProtocol, ids=name_of)
def test_the_two_ways_to_a_longer_key_differ_if_the_hash_is_too_short(
    auth: AuthProtocol, one: PrivProtocol, other: PrivProtocol
) -> None:
    master = password_to_key(auth, PRIV_PASSWORD.encode())
    same = localize_priv_key(auth, one, master, ENGINE_ID) == localize_priv_key(auth, other, master, ENGINE_ID)
    assert same == (auth.key_size >= one.key_size)
