"""``demo``, ``explain`` and what is wrong with ``agent``."""

from __future__ import annotations

import io
import re
import socket
from typing import TYPE_CHECKING

import pytest

from snmptcp.cli.commands.agent import load_switch

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Cli

pytestmark = pytest.mark.anyio

#: GetRequest of SNMPv2c for 1.3.6.1.2.1, community "public"; made by hand.
REQUEST = "3026020101 0406 7075626c6963 a019 02046b8b4567 020100 020100 300b 3009 06052b06010201 0500"


async def test_the_demonstration_shows_a_walk_a_table_and_how_fast_it_was(cli: Cli) -> None:
    outcome = await cli("demo")
    assert (outcome.code, outcome.err) == (0, "")
    assert '.1.3.6.1.2.1.1.5.0 = STRING: "DUMSYS-09"\n' in outcome.out
    assert re.search(
        r"^index +ifDescr +ifType +ifSpeed +ifOperStatus +ifInOctets +ifOutOctets$", outcome.out, re.MULTILINE
    )
    assert re.search(
        r"^ +1 +Ethernet1/1 +ethernetCsmacd\(6\) +1000000000 +up\(1\) +2091305722", outcome.out, re.MULTILINE
    )
    assert f"\n{len(load_switch())}\n" in outcome.out
    assert re.search(r"[0-9,]+ variable bindings per second", outcome.out)
    assert "1,000 GETs" in outcome.out


async def test_a_table_of_the_demonstration_is_cut_to_the_terminal(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("snmptcp.cli.commands.demo.terminal_width", lambda: 30)
    outcome = await cli("demo")
    (title,) = (line for line in outcome.out.splitlines() if line.startswith("index"))
    assert len(title) == 30


# -------------------------------------------------------------------------------------------- explain


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


async def test_secrets_are_shown_where_that_is_asked_for(cli: Cli) -> None:
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
        (["xyz"], "something else than hexadecimal digits"),
        (["302"], "3 digits are half an octet too many"),
        (["0x"], "no octets to explain"),
        (["٣٣"], "something else than hexadecimal digits"),
    ],
)
async def test_what_is_not_hex_is_refused(cli: Cli, words: list[str], complaint: str) -> None:
    outcome = await cli("explain", *words)
    assert (outcome.code, outcome.out) == (1, "")
    assert complaint in outcome.err
    assert outcome.err.count("\n") == 1


# ---------------------------------------------------------------------------------------------- agent


async def test_a_recording_that_is_not_there_is_named(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "missing.snmprec"
    assert await cli("agent", file) == (1, "", f"snmptcp: {file}: No such file or directory\n")


async def test_a_recording_that_cannot_be_read_is_named_with_its_line(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "broken.snmprec"
    file.write_text("1.3.6.1.2.1.1.7.0|2|6\nnonsense\n")
    outcome = await cli("agent", file)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith(f"snmptcp: {file}, line 2: ")
    assert outcome.err.count("\n") == 1


async def test_a_port_that_is_taken_is_named(cli: Cli) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        outcome = await cli("agent", "--port", port)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith(f"snmptcp: cannot listen on 127.0.0.1:{port}")
    assert outcome.err.count("\n") == 1
