"""An agent with three users, for the tests that show and change them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp import OctetString, UsmUser
from snmptcp.testing import Agent, Computed
from tests.cli.helpers import SYS_NAME

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SYS_UP_TIME = "1.3.6.1.2.1.1.3.0"
BOSS = UsmUser("boss", "SHA-256", "boss-auth-1", "AES", "boss-priv-1")
BERT = UsmUser("bert", "SHA", "bert-auth-1", "AES-256", "bert-priv-1")
ERNIE = UsmUser("ernie", "SHA-512", "ernie-auth-1")
AS_BOSS = ("-u", "boss", "-A", "boss-auth-1", "-X", "boss-priv-1")


@pytest.fixture(name="agent")
async def agent_fixture(anyio_backend: object) -> AsyncIterator[Agent]:
    """An agent whose table of users has boss, bert and ernie."""
    variables = {SYS_UP_TIME: Computed(lambda: 0), SYS_NAME: OctetString("sw1")}
    async with Agent(variables, users=[BOSS, BERT, ERNIE], user_table=True) as agent:
        yield agent
