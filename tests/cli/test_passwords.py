"""A change of passwords by ``snmptcp usm``: what is checked, what is set, and what is said if an answer is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp import Manager, OctetString, UsmUser
from snmptcp.errors import NoAccess
from snmptcp.testing import Agent, Close, Computed, Drop
from tests.cli.helpers import SYS_NAME, where
from tests.cli.users import AS_BOSS, BOSS, agent_fixture

if TYPE_CHECKING:
    from snmptcp.testing import Request
    from tests.cli.conftest import Cli

pytestmark = pytest.mark.anyio

__all__ = ("agent_fixture",)

CHANGED = "SNMPv3 Key(s) successfully changed.\n"


async def works(agent: Agent, user: UsmUser) -> bool:
    async with Manager(agent.host, agent.port, credentials=user, timeout=10) as manager:
        return await manager.get_value(SYS_NAME) == b"sw1"


def is_set(request: Request) -> bool:
    return request.pdu.type.name == "SET"


async def test_a_word_for_old_and_new_changes_both_passwords_of_the_own_user(cli: Cli) -> None:
    same = UsmUser("same", "SHA-256", "same-old-1", "AES", "same-old-1")
    async with Agent({SYS_NAME: OctetString("sw1")}, users=[same], user_table=True) as agent:
        keys = ("-u", "same", "-A", "same-old-1", "-X", "same-old-1")
        outcome = await cli("usm", *keys, where(agent), "passwd", "same-old-1", "same-new-1")
        assert outcome == (0, CHANGED, "")
        assert await works(agent, UsmUser("same", "SHA-256", "same-new-1", "AES", "same-new-1"))


async def test_the_action_may_stand_before_the_agent(cli: Cli, agent: Agent) -> None:
    outcome = await cli("usm", *AS_BOSS, "-Ca", "passwd", where(agent), "boss-auth-1", "boss-auth-2")
    assert outcome == (0, CHANGED, "")
    assert await works(agent, UsmUser("boss", "SHA-256", "boss-auth-2", "AES", "boss-priv-1"))


async def test_passwords_come_from_the_environment(cli: Cli, agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OLD_AUTH", "OLD_PRIV", "NEW_AUTH", "NEW_PRIV"):
        age = "1" if name.startswith("OLD") else "2"
        monkeypatch.setenv(f"SNMPTCP_{name}_PASSWORD", f"bert-{name[4:].lower()}-{age}")
    outcome = await cli("usm", *AS_BOSS, where(agent), "passwd", "bert")
    assert outcome == (0, CHANGED, "")
    assert await works(agent, UsmUser("bert", "SHA", "bert-auth-2", "AES-256", "bert-priv-2"))


async def test_passwords_are_asked_for_on_a_terminal(cli: Cli, agent: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    answers = {"present authentication": "ernie-auth-1", "new authentication": "ernie-auth-2"}

    def answer(prompt: str) -> str:
        asked.append(prompt)
        return answers[prompt.partition(" password")[0]]

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", answer)
    outcome = await cli("usm", *AS_BOSS, where(agent), "passwd", "ernie")
    assert outcome == (0, CHANGED, "")
    assert asked == [
        "present authentication password of ernie: ",
        "new authentication password of ernie: ",
        "new authentication password of ernie, once more: ",
    ]
    assert await works(agent, UsmUser("ernie", "SHA-512", "ernie-auth-2"))


async def test_a_wrong_old_password_of_another_user_changes_nothing(cli: Cli, agent: Agent) -> None:
    outcome = await cli(
        "usm", "-t", "0.5", *AS_BOSS, "-Ca", where(agent), "passwd", "wrong-old-1", "ernie-auth-2", "ernie"
    )
    assert (outcome.code, outcome.out) == (1, "")
    assert "nothing was changed: the agent does not accept the old password" in outcome.err
    assert "wrong digest" in outcome.err
    assert not [request for request in agent.requests if is_set(request)]


async def test_a_wrong_privacy_password_is_told_by_the_answer_without_privacy(
    cli: Cli, agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("AUTH", "bert-auth-1"), ("PRIV", "wrong-priv-1")):
        monkeypatch.setenv(f"SNMPTCP_OLD_{name}_PASSWORD", value)
        monkeypatch.setenv(f"SNMPTCP_NEW_{name}_PASSWORD", "something-new")
    outcome = await cli("usm", "-t", "0.5", *AS_BOSS, where(agent), "passwd", "bert")
    assert outcome.code == 1
    assert "nothing was changed: the agent does not accept the old password" in outcome.err


async def test_a_privacy_key_of_another_user_is_changed_without_a_check(cli: Cli, agent: Agent) -> None:
    """net-snmp's words have no place for the user's authentication password."""
    outcome = await cli("usm", *AS_BOSS, "-Cx", where(agent), "passwd", "bert-priv-1", "bert-priv-2", "bert")
    assert outcome == (0, CHANGED, "snmptcp: warning: the passwords of bert are not checked\n")
    assert await works(agent, UsmUser("bert", "SHA", "bert-auth-1", "AES-256", "bert-priv-2"))


async def test_a_user_without_keys_has_no_password(cli: Cli) -> None:
    async with Agent({SYS_NAME: OctetString("sw1")}, users=[BOSS, UsmUser("open")], user_table=True) as agent:
        outcome = await cli("usm", *AS_BOSS, where(agent), "passwd", "old-password", "new-password", "open")
    assert (outcome.code, outcome.out) == (1, "")
    assert "nothing was changed: user open has no authentication key, and so no password" in outcome.err


async def test_localized_keys_can_be_old_and_new(cli: Cli, agent: Agent) -> None:
    key = "0x" + "5a" * 64
    to_key = await cli("usm", *AS_BOSS, "-Cka", where(agent), "passwd", "ernie-auth-1", key, "ernie")
    assert to_key == (0, CHANGED, "")
    assert await works(agent, UsmUser("ernie", "SHA-512", auth_localized_key=b"\x5a" * 64))
    back = await cli("usm", *AS_BOSS, "-Cka", where(agent), "passwd", key, "ernie-auth-3", "ernie")
    assert back == (0, CHANGED, "")
    assert await works(agent, UsmUser("ernie", "SHA-512", "ernie-auth-3"))


async def test_an_old_word_that_is_not_the_own_password_is_refused(cli: Cli, agent: Agent) -> None:
    outcome = await cli("usm", *AS_BOSS, where(agent), "passwd", "boss-auth-1", "boss-auth-2")
    assert outcome.code == 1
    assert "OLD is not the password of -X; if the two passwords are different" in outcome.err
    assert "boss-" not in outcome.err


@pytest.mark.parametrize(
    ("fault", "lands", "code", "said"),
    [
        (Drop(), True, 0, "no answer within 0.5 s; the agent accepts the new passwords"),
        (Close(), True, 0, "the agent accepts the new passwords"),
        (Drop(), False, 1, "nothing was changed: the agent accepts the old passwords"),
    ],
    ids=["silence", "lost connection", "silence before the change"],
)
async def test_after_a_lost_answer_the_agent_is_asked_which_password_it_has(
    cli: Cli, agent: Agent, fault: Drop | Close, lands: bool, code: int, said: str
) -> None:
    if not lands:
        for oid in list(agent.mib):
            if oid.arcs[:12] == (1, 3, 6, 1, 6, 3, 15, 1, 2, 2, 1, 7):
                agent.mib[oid] = Computed(lambda: OctetString(b""), lambda value: None)
    agent.inject(fault, when=is_set)
    outcome = await cli("usm", "-t", "0.5", *AS_BOSS, "-Ca", where(agent), "passwd", "boss-auth-1", "boss-auth-2")
    assert outcome.code == code
    assert said in outcome.err
    assert len([request for request in agent.requests if is_set(request)]) == 1


async def test_after_a_lost_answer_without_checks_the_state_is_unknown(cli: Cli, agent: Agent) -> None:
    agent.inject(Drop(), when=is_set)
    words = ("--unchecked", "-t", "0.5", "-Ca", where(agent), "passwd", "ernie-auth-1", "ernie-auth-2", "ernie")
    outcome = await cli("usm", *AS_BOSS, *words)
    assert outcome.code == 1
    assert "the passwords may or may not have been changed: try the new ones, then the old ones" in outcome.err


async def test_a_change_that_the_agent_acknowledges_and_forgets_is_a_failure(cli: Cli, agent: Agent) -> None:
    for oid in list(agent.mib):
        if oid.arcs[:12] == (1, 3, 6, 1, 6, 3, 15, 1, 2, 2, 1, 7):
            agent.mib[oid] = Computed(lambda: OctetString(b""), lambda value: None)
    outcome = await cli("usm", "-t", "0.5", *AS_BOSS, "-Ca", where(agent), "passwd", "boss-auth-1", "boss-auth-2")
    assert outcome.code == 1
    assert "the agent has acknowledged the change, but does not accept the new passwords" in outcome.err


async def test_a_refusal_of_the_agent_changes_nothing(cli: Cli, agent: Agent) -> None:
    def refuse(value: object) -> None:
        raise NoAccess

    key_changes = [oid for oid in agent.mib if oid.arcs[:12] == (1, 3, 6, 1, 6, 3, 15, 1, 2, 2, 1, 7)]
    for oid in key_changes:
        agent.mib[oid] = Computed(lambda: OctetString(b""), refuse)
    outcome = await cli("usm", *AS_BOSS, "-Ca", where(agent), "passwd", "boss-auth-1", "boss-auth-2")
    assert (outcome.code, outcome.out) == (1, "")
    assert "noAccess" in outcome.err
    assert await works(agent, BOSS)


async def test_a_user_that_is_not_there_is_told(cli: Cli, agent: Agent) -> None:
    for words in (("passwd", "old-password", "new-password", "nobody"), ("delete", "nobody"), ("activate", "nobody")):
        outcome = await cli("usm", *AS_BOSS, where(agent), *words)
        assert outcome.code == 1
        assert "nothing was changed: the agent shows no user nobody" in outcome.err


async def test_a_user_without_privacy_has_no_privacy_key(cli: Cli, agent: Agent) -> None:
    outcome = await cli("usm", *AS_BOSS, "-Cx", where(agent), "passwd", "old-password", "new-password", "ernie")
    assert outcome.code == 1
    assert "user ernie has no privacy key to change" in outcome.err


async def test_without_words_environment_and_terminal_the_variable_is_named(cli: Cli, agent: Agent) -> None:
    outcome = await cli("usm", *AS_BOSS, where(agent), "passwd")
    assert outcome.code == 1
    assert "no new authentication password of boss: give it in the environment variable SNMPTCP_NEW_AUTH" in outcome.err
