"""``snmptcp inform``, and ``trap -Ci``, against a receiver."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp import (
    OctetString,
    VarBind,
)
from snmptcp.errors import ErrorStatus
from snmptcp.oid import OID
from tests.cli.helpers import SENDER_KEYS, next_of, receiver, where

if TYPE_CHECKING:
    from tests.cli.conftest import Cli

pytestmark = pytest.mark.anyio

ENTERPRISE = "1.3.6.1.4.1.8072.9999"
TRAP_OID = f"{ENTERPRISE}.0.17"
SYS_NAME = "1.3.6.1.2.1.1.5.0"
NAME = (SYS_NAME, "s", "dev1")
NAMED = (VarBind(OID(SYS_NAME), OctetString("dev1")),)


@pytest.mark.parametrize("command", [("inform",), ("trap", "-Ci")], ids=" ".join)
@pytest.mark.parametrize("who", [(), SENDER_KEYS], ids=["v2c", "v3"])
async def test_an_inform_ends_well_when_it_is_acknowledged(
    cli: Cli, command: tuple[str, ...], who: tuple[str, ...]
) -> None:
    async with receiver() as listener:
        assert await cli(*command, *who, where(listener), "4242", TRAP_OID, *NAME) == (0, "", "")
        found = await next_of(listener)
        assert listener.statistics.acknowledged == 1
    assert (found.is_inform, str(found.trap_oid), found.uptime, found.varbinds) == (True, TRAP_OID, 4242, NAMED)


async def test_a_receiver_that_does_not_accept_it_is_reported(cli: Cli) -> None:
    async def refuse(_: object) -> ErrorStatus:
        return ErrorStatus.resourceUnavailable

    async with receiver(handler=refuse) as listener:
        outcome = await cli("inform", where(listener), "5", TRAP_OID)
    assert (outcome.code, outcome.out) == (1, "")
    assert "resourceUnavailable (13)" in outcome.err


async def test_a_wrong_community_is_silence_and_the_silence_is_explained(cli: Cli) -> None:
    async with receiver() as listener:
        outcome = await cli("inform", "-t0.5", "-c", "guessed", where(listener), "5", TRAP_OID)
        assert listener.statistics.refused == {"bad_communities": 1}
    assert (outcome.code, outcome.out) == (1, "")
    assert "no answer within 0.5 s (agents do not answer a wrong community" in outcome.err
    assert "guessed" not in outcome.err
