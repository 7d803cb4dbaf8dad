"""``snmptcp explain``."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pytest

from snmptcp.mib import Mib
from tests.support.pasted import ethernet, ipv4_tcp, pasted_forms, pcap, pcapng
from tests.support.vectors import load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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


async def test_names_are_shown_if_modules_have_been_compiled_or_are_asked_for(
    cli: Cli, acme_mib: Mib, acme_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("MIBS")  # which turns names off in tests
    assert "= 1.3.6.1.2.1 (SNMPv2-SMI::mib-2)\n" in (await cli("explain", REQUEST)).out
    saved = tmp_path / "acme.mib"
    acme_mib.save(saved)
    monkeypatch.setenv("SNMPTCP_MIB_CACHE", str(tmp_path / "none.sqlite"))
    assert "= 1.3.6.1.2.1\n" in (await cli("explain", REQUEST)).out
    assert not (tmp_path / "none.sqlite").exists()
    assert "(SNMPv2-SMI::mib-2)" in (await cli("explain", "--mib-file", saved, REQUEST)).out


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


async def test_files_and_what_was_understood_are_named(cli: Cli, tmp_path: Path) -> None:
    octets = bytes.fromhex(REQUEST.replace(" ", ""))
    dump, binary = tmp_path / "dump.txt", tmp_path / "packet.bin"
    dump.write_text(pasted_forms(octets)["xxd"] + "\n" + pasted_forms(octets)["xxd"])
    binary.write_bytes(octets)
    one = await cli("explain", dump)
    assert (one.code, one.err) == (0, "")
    assert one.out.startswith("# a dump with offsets: 2 messages\n\nSNMPv2c get-request")
    both = await cli("explain", dump, binary)
    assert both.out.startswith(f"# {dump}: a dump with offsets: 2 messages\n")
    assert both.out.count("SNMPv2c get-request") == 3
    assert (await cli("explain", binary)).out.startswith("SNMPv2c get-request")


@pytest.mark.parametrize("make", [pcap, pcapng])
async def test_a_capture_is_explained(cli: Cli, tmp_path: Path, make: Callable[[list[bytes]], bytes]) -> None:
    pytest.importorskip("dpkt")
    file = tmp_path / "capture"
    octets = bytes.fromhex(REQUEST.replace(" ", ""))
    file.write_bytes(make([ethernet(ipv4_tcp(octets[:20], 1)), ethernet(ipv4_tcp(octets[20:], 21))]))
    outcome = await cli("explain", file)
    assert (outcome.code, outcome.err) == (0, "")
    head = "# a capture of 2 packets: 1 message\n\n# packet 1, TCP 192.0.2.1:40000 > 192.0.2.2:161\nSNMPv2c get-request"
    assert outcome.out.startswith(head)
    assert "public" not in outcome.out


async def test_a_capture_without_messages_is_a_failure_that_says_why(cli: Cli, tmp_path: Path) -> None:
    pytest.importorskip("dpkt")
    file = tmp_path / "capture.pcap"
    file.write_bytes(pcap([ethernet(ipv4_tcp(b"\x16\x03\x01\0\5hello"))]))
    outcome = await cli("explain", file)
    assert (outcome.code, outcome.err) == (1, "")
    assert outcome.out.startswith("# a capture of 1 packet: 0 messages\n# TLS between ")


async def test_octets_on_stdin_may_be_binary(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    octets = bytes.fromhex(REQUEST.replace(" ", ""))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(octets)))
    assert (await cli("explain")).out.startswith("SNMPv2c get-request")


async def test_a_file_that_is_not_there_is_named(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "missing.pcap"
    assert await cli("explain", file) == (1, "", f"snmptcp: {file}: no such file, and not octets in hex\n")
    (tmp_path / "empty.txt").write_text("\n")
    assert (
        await cli("explain", tmp_path / "empty.txt")
    ).err == f"snmptcp: {tmp_path}/empty.txt: no octets to explain\n"
