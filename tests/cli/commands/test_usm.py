"""``snmptcp usm``: its words, and what it makes of what the agent answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from snmptcp.cli.commands.usm import UsmCommand
from snmptcp.cli.options.key_words import KeyWord
from snmptcp.testing import Agent
from tests.cli.helpers import parsed, where
from tests.cli.users import AS_BOSS, agent_fixture

if TYPE_CHECKING:
    from tests.cli.conftest import Cli

pytestmark = pytest.mark.anyio

__all__ = ("agent_fixture",)


async def test_the_users_are_a_table(cli: Cli, agent: Agent) -> None:
    outcome = await cli("usm", *AS_BOSS, where(agent), "list")
    assert outcome == (
        0,
        (
            "user   auth     priv     status\n"
            "bert   SHA      AES-256  active\n"
            "boss   SHA-256  AES      active\n"
            "ernie  SHA-512  -        active\n"
        ),
        "",
    )


async def test_json_has_an_object_for_each_user(cli: Cli, agent: Agent) -> None:
    outcome = await cli("usm", *AS_BOSS, "--json", where(agent), "list")
    assert json.loads(outcome.out.splitlines()[2]) == {
        "user": "ernie",
        "security_name": "ernie",
        "engine_id": agent.engine_id.hex(),
        "auth_protocol": "SHA-512",
        "priv_protocol": None,
        "status": "active",
    }


# -------------------------------------------------------------------------------------------- words


def usm(*words: str) -> UsmCommand:
    return parsed(UsmCommand, "usm", "-u", "boss", "-A", "boss-auth-1", *words)


def test_the_words_are_those_of_snmpusm() -> None:
    create = usm("-Cw", "-Cp", "a note", "-CE", "0x8000000001020304", "h", "create", "new", "boss")
    assert (create.action, create.user, create.clone_from, create.wait) == ("create", b"new", b"boss", True)
    assert (create.public, create.engine_id) == (b"a note", bytes.fromhex("8000000001020304"))
    assert usm("h", "CLONEFROM", "a", "b").action == usm("clone", "h", "a", "b").action == "cloneFrom"
    assert usm("h", "passwd", "wes").user == b"wes"
    two = usm("-Cax", "h", "passwd", "old-password", "new-password")
    assert (two.user, two.kinds) == (None, ("auth", "priv"))
    assert (two.old, two.new) == (KeyWord(b"old-password"), KeyWord(b"new-password"))
    assert usm("-E", "8000000001020305", "h", "list").engine_id == bytes.fromhex("8000000001020305")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("h", "frobnicate"), "the action is one of passwd, create, cloneFrom, activate, deactivate, delete, list"),
        (("h", "changekey"), "changekey needs the Diffie-Hellman objects of RFC 2786"),
        (("h", "delete"), "delete takes USER, not 0 words"),
        (("h", "passwd", "a", "b", "c", "d"), r"passwd takes [OLD NEW] [USER], not 4 words"),
        (("h", "passwd", "short", "new-password"), "OLD: a password needs at least 8 characters, not 5"),
        (("-Ck", "h", "passwd", "old-password", "new-password"), "-Ck needs one of -Ca and -Cx"),
        (("-Cka", "h", "passwd", "old-password", "0x5"), "NEW: a key is given in hex"),
        (("h", "create", "x" * 33), "a user name has 1 to 32 octets, not 33"),
    ],
)
async def test_wrong_words_are_told_without_showing_them(cli: Cli, words: tuple[str, ...], said: str) -> None:
    outcome = await cli("usm", "-u", "boss", "-A", "boss-auth-1", *words)
    assert outcome.code == 2
    assert said in outcome.err
    assert "frobnicate" not in outcome.err
    assert "old-password" not in outcome.err


async def test_a_community_cannot_change_users(cli: Cli) -> None:
    outcome = await cli("usm", "-c", "private", "h", "list")
    assert outcome.code == 2
    assert "users can be changed with SNMPv3 alone: give -u USER, or a certificate" in outcome.err
