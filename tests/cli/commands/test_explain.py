"""``snmptcp explain``."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pytest

from tests.support.vectors import load

if TYPE_CHECKING:
    from tests.cli.conftest import Cli

pytestmark = pytest.mark.anyio

#: GetRequest of SNMPv2c for 1.3.6.1.2.1, community "public"; made by hand.
REQUEST = "3026020101 0406 7075626c6963 a019 02046b8b4567 020100 020100 300b 3009 06052b06010201 0500"
(CAPTURED,) = (case for case in load("usm/usm_vectors.json")["messages"] if case["name"] == "pippo2_sha_des_resp")
PIPPO = ("-u", "pippo2", "-a", "SHA", "-A", "pippoxxx", "-x", "DES", "-X", "PIPPOxxx")


@pytest.mark.parametrize(
    "words",
    [[REQUEST], REQUEST.split(), [f"0x{REQUEST.replace(' ', '')}"], [re.sub("(..)", r"\1:", REQUEST.replace(" ", ""))]],
    ids=["one word", "words", "0x", "colons"],
)
async def test_a_packet_is_explained_without_its_community(cli: Cli, words: list[str]) -> None:
    outcome = await cli("explain", *words)
    assert (outcome.code, outcome.err) == (0, "")
    assert "get-request" in outcome.out
    assert "1.3.6.1.2.1" in outcome.out
    assert "public" not in outcome.out
    assert "7075626c6963" not in outcome.out.replace(" ", "")


async def test_secrets_are_shown_on_request(cli: Cli) -> None:
    assert "public" in (await cli("explain", "--show-secrets", REQUEST)).out


async def test_packets_are_read_from_stdin(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{REQUEST}\n{REQUEST}\n"))
    outcome = await cli("explain")
    assert outcome.code == 0
    assert outcome.out.count("SNMPv2c get-request") == 2


async def test_a_broken_packet_is_explained_and_the_exit_code_says_so(cli: Cli) -> None:
    outcome = await cli("explain", REQUEST, REQUEST[:-4])
    assert (outcome.code, outcome.err) == (1, "")
    assert outcome.out.count("get-request") >= 1
    assert "!" in outcome.out


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["xyz"], "other characters than hexadecimal digits"),
        (["302"], "3 is an odd number of digits"),
        (["0x"], "no octets to explain"),
        (["٣٣"], "other characters than hexadecimal digits"),
    ],
)
async def test_what_is_not_hex_is_refused(cli: Cli, words: list[str], complaint: str) -> None:
    outcome = await cli("explain", *words)
    assert (outcome.code, outcome.out) == (1, "")
    assert complaint in outcome.err
    assert outcome.err.count("\n") == 1


async def test_a_packet_of_a_user_is_decrypted(cli: Cli) -> None:
    outcome = await cli("explain", *PIPPO, CAPTURED["hex"])
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith('SNMPv3 get-response, authPriv, user "pippo2", decrypted, 4 variable bindings')
    assert "digest:   right for user pippo2 (SHA)" in outcome.out
    assert "1.3.6.1.2.1.1.1.0 (sysDescr.0)" in outcome.out


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ((*PIPPO, "-A", "wrong wrong"), "!        wrong digest: "),
        ((*PIPPO, "-X", "wrong wrong"), "!        not decrypted: "),
    ],
)
async def test_keys_that_do_not_fit_are_an_exit_code_too(cli: Cli, words: tuple[str, ...], complaint: str) -> None:
    outcome = await cli("explain", *words, CAPTURED["hex"])
    assert (outcome.code, outcome.err) == (1, "")
    assert complaint in outcome.out


async def test_without_a_user_a_packet_stays_encrypted(cli: Cli) -> None:
    outcome = await cli("explain", CAPTURED["hex"])
    assert outcome.code == 0
    assert "248 encrypted octets" in outcome.out
