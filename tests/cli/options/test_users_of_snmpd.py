"""The same words for ``snmptcp get`` and net-snmp's ``snmpget``, and the same answer from a real agent."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from typing import TYPE_CHECKING

import pytest

from snmptcp.credentials import parse_auth_protocol
from snmptcp.security.keys import localize_key, password_to_key
from tests.support.snmpd import AUTH_PASSWORD, PRIV_PASSWORD, Snmpd, SnmpdUser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.conftest import Cli

pytestmark = [pytest.mark.anyio, pytest.mark.interop]

SYS_LOCATION = "1.3.6.1.2.1.1.6.0"
EXPECTED = f'.{SYS_LOCATION} = STRING: "a shelf in the lab"\n'

SHA_AES = SnmpdUser("shaaes", "SHA", "AES")
SHA256_AES = SnmpdUser("sha256aes", "SHA-256", "AES")
SHA_ONLY = SnmpdUser("shaonly", "SHA")
NOBODY = SnmpdUser("nobody")

PASSWORDS = ("-A", AUTH_PASSWORD, "-X", PRIV_PASSWORD)


@pytest.fixture(scope="module")
def snmpd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snmpd]:
    agent = Snmpd(tmp_path_factory.mktemp("snmpd"), users=(SHA_AES, SHA256_AES, SHA_ONLY, NOBODY))
    agent.start()
    yield agent
    agent.stop()


async def snmpget(*words: str) -> str:
    path = shutil.which("snmpget")
    if path is None:
        pytest.skip("net-snmp's snmpget is not installed (Debian: apt-get install snmp)")
    process = await asyncio.create_subprocess_exec(
        *(path, "-On", *words),
        env={**os.environ, "MIBS": "", "SNMPCONFPATH": "/nonexistent"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    output, _ = await process.communicate()
    return output.decode()


@pytest.mark.parametrize(
    "words",
    [
        ("-v3", "-u", "nobody", "-l", "noAuthNoPriv"),
        ("-v3", "-unobody", "-lnanp"),
        ("-v3", "-u", "nobody", "-l", "nanp", "-a", "MD5", "-A", "unneeded"),
        ("-v3", "-u", "shaonly", "-l", "authNoPriv", "-a", "SHA", "-A", AUTH_PASSWORD),
        ("-v3", "-u", "shaonly", "-l", "ANP", "-a", "sha", "-A", AUTH_PASSWORD, "-x", "AES", "-X", PRIV_PASSWORD),
        ("-v3", "-u", "shaaes", "-l", "authPriv", "-a", "SHA", "-x", "AES", *PASSWORDS),
        ("-v3", "-u", "sha256aes", "-l", "ap", "-a", "SHA-256", "-x", "AES", *PASSWORDS),
        ("-v3", "-u", "sha256aes", "-l", "AuthPriv", "-a", "SHA-256", "-x", "aes", *PASSWORDS),
    ],
    ids=" ".join,
)
async def test_the_same_words_have_the_same_answer(cli: Cli, snmpd: Snmpd, words: tuple[str, ...]) -> None:
    assert await cli("get", *words, snmpd.address, SYS_LOCATION) == (0, EXPECTED, "")
    assert await snmpget(*words, snmpd.address, SYS_LOCATION) == EXPECTED


async def test_the_same_keys_have_the_same_answer(cli: Cli, snmpd: Snmpd) -> None:
    engine_id = json.loads((await cli("discover", "--json", snmpd.address)).out)["engine_id"]
    sha = parse_auth_protocol("SHA")
    masters = [password_to_key(sha, password.encode()) for password in (AUTH_PASSWORD, PRIV_PASSWORD)]
    localized = [localize_key(sha, key, bytes.fromhex(engine_id)) for key in masters]
    for letters, (auth, priv) in (("mM", masters), ("kK", localized)):
        keys = (f"-3{letters[0]}", f"0x{auth.hex()}", f"-3{letters[1]}", f"0x{priv.hex()}")
        words = ("-v3", "-u", "shaaes", "-l", "authPriv", "-a", "SHA", "-x", "AES", *keys, "-e", f"0x{engine_id}")
        assert await cli("get", *words, snmpd.address, SYS_LOCATION) == (0, EXPECTED, "")
        assert await snmpget(*words, snmpd.address, SYS_LOCATION) == EXPECTED


async def test_a_wrong_privacy_password_is_met_by_silence_and_the_line_says_so(cli: Cli, snmpd: Snmpd) -> None:
    words = ("-u", "shaaes", "-a", "SHA", "-A", AUTH_PASSWORD, "-X", "wrong wrong")
    outcome = await cli("get", "-t1", *words, snmpd.address, SYS_LOCATION)
    assert (outcome.code, outcome.out) == (1, "")
    assert "(many agents do not answer a wrong privacy password or protocol: check -X, and -x: AES)" in outcome.err
