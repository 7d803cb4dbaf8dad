"""Whether an agent accepts a user's keys."""

from __future__ import annotations

import dataclasses

import pytest

from snmptcp import OctetString, UsmUser
from snmptcp.cli.key_check import Verdict, check_keys
from snmptcp.errors import ErrorStatus
from snmptcp.testing import Agent, Drop, FailWith
from tests.cli.helpers import parsed_get

pytestmark = pytest.mark.anyio

BERT = UsmUser("bert", "SHA", "bert-auth-1", "AES", "bert-priv-1")


async def verdict(agent: Agent, user: UsmUser) -> Verdict:
    request = parsed_get("-t", "0.5").request
    target = dataclasses.replace(request.target, host=agent.host, port=agent.port)
    return await check_keys(dataclasses.replace(request, target=target), user)


async def test_any_authenticated_answer_accepts_the_keys() -> None:
    async with Agent({"1.3.6.1.2.1.1.3.0": OctetString("x")}, users=[BERT]) as agent:
        assert await verdict(agent, BERT) == Verdict(accepted=True)
        agent.inject(FailWith(ErrorStatus.authorizationError), None)
        assert await verdict(agent, BERT) == Verdict(accepted=True)


async def test_reports_refuse_them_with_their_reason() -> None:
    async with Agent(users=[BERT]) as agent:
        wrong = await verdict(agent, BERT.with_keys(auth_password="bert-auth-2"))
        unknown = await verdict(agent, UsmUser("wes", "SHA", "bert-auth-1"))
    assert (wrong.accepted, unknown.accepted) == (False, False)
    assert "wrong digest" in wrong.reason
    assert "does not know the user" in unknown.reason


async def test_silence_about_privacy_alone_refuses_the_privacy_key() -> None:
    async with Agent(users=[BERT]) as agent:
        agent.inject(Drop(), None, lambda request: request.security_level == 3)
        found = await verdict(agent, BERT)
    assert found.accepted is False
    assert found.reason == "no answer within 0.5 s; without privacy the agent answers the user"


async def test_silence_and_no_connection_leave_it_open() -> None:
    async with Agent(users=[BERT]) as agent:
        agent.inject(Drop(), None)
        assert (await verdict(agent, BERT)).accepted is None
    assert (await verdict(agent, BERT)).accepted is None
