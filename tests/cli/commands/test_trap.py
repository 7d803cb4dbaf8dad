"""``snmptcp trap`` against a receiver."""

from __future__ import annotations

import json
import socket
import time
from typing import TYPE_CHECKING

import pytest

from snmptcp import (
    Community,
    IpAddress,
    OctetString,
    SnmpVersion,
    VarBind,
)
from snmptcp.cli.main import main
from snmptcp.codec.pdu import TrapV1Pdu
from snmptcp.oid import OID
from tests.cli.helpers import SENDER_KEYS, next_of, receiver, tls_receiver, where

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Cli
    from tests.support.certificates import Certificates

pytestmark = pytest.mark.anyio

ENTERPRISE = "1.3.6.1.4.1.8072.9999"
TRAP_OID = f"{ENTERPRISE}.0.17"
SYS_NAME = "1.3.6.1.2.1.1.5.0"
SNMP_TRAP_ENTERPRISE = OID("1.3.6.1.6.3.1.1.4.3.0")
ENGINE_ID = bytes.fromhex("8000000001020304")
NAME = (SYS_NAME, "s", "dev1")
NAMED = (VarBind(OID(SYS_NAME), OctetString("dev1")),)


async def test_a_trap_carries_its_arguments(cli: Cli) -> None:
    async with receiver() as listener:
        assert await cli("trap", "-c", "public", where(listener), "4242", TRAP_OID, *NAME) == (0, "", "")
        found = await next_of(listener)
    assert (found.version, found.is_inform, found.community) == (SnmpVersion.V2C, False, b"public")
    assert (str(found.trap_oid), found.uptime, found.varbinds) == (TRAP_OID, 4242, NAMED)


async def test_an_uptime_that_is_left_empty_is_that_of_this_machine(cli: Cli) -> None:
    async with receiver() as listener:
        before = time.clock_gettime(time.CLOCK_BOOTTIME)
        assert (await cli("trap", where(listener), "", TRAP_OID)).code == 0
        after = time.clock_gettime(time.CLOCK_BOOTTIME)
        found = await next_of(listener)
    assert int(before * 100) <= found.uptime <= int(after * 100)


async def test_a_trap_of_version_1_keeps_its_words(cli: Cli) -> None:
    async with receiver() as listener:
        words = (ENTERPRISE, "192.0.2.7", "6", "17", "4242", *NAME)
        assert await cli("trap", "-v1", where(listener), *words) == (0, "", "")
        found = await next_of(listener)
    pdu = found.pdu
    assert isinstance(pdu, TrapV1Pdu)
    assert (str(pdu.enterprise), pdu.agent_address) == (ENTERPRISE, IpAddress("192.0.2.7"))
    assert (pdu.generic_trap, pdu.specific_trap, pdu.timestamp, pdu.varbinds) == (6, 17, 4242, NAMED)


async def test_a_generic_trap_of_version_1_carries_its_enterprise_as_rfc_3584_says(cli: Cli) -> None:
    async with receiver() as listener:
        assert (await cli("trap", "-v1", where(listener), ENTERPRISE, "", "2", "0", "5", *NAME)).code == 0
        told = (await next_of(listener)).pdu
        assert (await cli("trap", "-v1", where(listener), "", "", "6", "1", "5")).code == 0
        default = (await next_of(listener)).pdu
    assert isinstance(told, TrapV1Pdu)
    assert isinstance(default, TrapV1Pdu)
    assert (str(told.enterprise), told.generic_trap, told.specific_trap) == (ENTERPRISE, 2, 0)
    assert told.agent_address == IpAddress("0.0.0.0")
    assert told.varbinds == (*NAMED, VarBind(SNMP_TRAP_ENTERPRISE, OID(ENTERPRISE)))
    assert (str(default.enterprise), default.varbinds) == ("1.3.6.1.4.1.3.1.1", ())


async def test_a_user_s_trap_is_from_the_given_engine(cli: Cli) -> None:
    async with receiver() as listener:
        words = ("-e", ENGINE_ID.hex(), "-Z", "3,400", "-n", "side")
        assert await cli("trap", *SENDER_KEYS, *words, where(listener), "5", TRAP_OID, *NAME) == (0, "", "")
        found = await next_of(listener)
    assert (found.security_name, found.security_level.name, found.context_name) == (b"bert", "authPriv", b"side")
    assert (found.engine_id, found.context_engine_id, found.varbinds) == (ENGINE_ID, ENGINE_ID, NAMED)


async def test_an_engine_file_counts_the_boots_of_our_traps(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "engine.json"
    async with receiver() as listener:
        for boots in (1, 2):
            words = ("--engine-file", file, where(listener), "5", TRAP_OID)
            assert await cli("trap", *SENDER_KEYS, *words) == (0, "", "")
            kept = json.loads(file.read_text())
            assert kept["boots"] == boots
            assert (await next_of(listener)).engine_id == bytes.fromhex(kept["engine_id"])
        wrong = await cli("trap", *SENDER_KEYS, "-e", ENGINE_ID.hex(), *words)
    assert (wrong.code, wrong.out) == (1, "")
    assert f"is the file of engine {kept['engine_id']}, not of {ENGINE_ID.hex()}" in wrong.err


async def test_what_version_1_cannot_carry_is_told(cli: Cli) -> None:
    async with receiver() as listener:
        outcome = await cli("trap", "-v1", where(listener), "", "", "6", "1", "5", SYS_NAME, "C", "5")
    assert outcome == (1, "", f"snmptcp: {where(listener)}: SNMPv1 cannot carry the Counter64 of {SYS_NAME}\n")


async def test_a_refused_connection_is_one_line_on_stderr(cli: Cli) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but not listening
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        outcome = await cli("trap", address, "5", TRAP_OID)
    assert outcome == (1, "", f"snmptcp: cannot connect to {address}: Connection refused\n")


async def test_notifications_go_over_tls_in_the_name_of_the_certificate(
    cli: Cli, certificates: Certificates, files: Path
) -> None:
    own = ("--tls-ca", f"{files}/ca.pem", "--tls-cert", f"{files}/client.pem")
    async with tls_receiver(certificates) as listener:
        for command in ("trap", "inform"):
            outcome = await cli(command, *own, "-e", ENGINE_ID.hex(), f"tlstcp:{where(listener)}", "5", TRAP_OID, *NAME)
            assert outcome == (0, "", "")
            found = await next_of(listener)
            assert (found.is_inform, found.security_name, found.varbinds) == (command == "inform", b"manager", NAMED)
        refused = await cli("inform", *own[:2], f"tlstcp:{where(listener)}", "5", TRAP_OID)
    assert refused.code == 1
    assert "the peer rejected our certificate or requires one" in refused.err


async def test_a_trap_of_version_1_goes_inside_tls(cli: Cli, certificates: Certificates, files: Path) -> None:
    own = ("--tls-ca", f"{files}/ca.pem", "--tls-cert", f"{files}/client.pem")
    async with tls_receiver(certificates, Community("public", "1")) as listener:
        words = ("-v1", "-c", "public", f"tlstcp:{where(listener)}", ENTERPRISE, "", "6", "17", "5")
        assert await cli("trap", *own, *words) == (0, "", "")
        assert str((await next_of(listener)).trap_oid) == TRAP_OID


def test_the_help_of_a_trap_tells_whose_engine_e_names(capsys: pytest.CaptureFixture[str]) -> None:
    for command, whose in (("trap", "our own engine ID"), ("inform", "engine ID of the receiver")):
        assert main([command, "--help"]) == 0
        assert f"-e HEX {whose}" in " ".join(capsys.readouterr().out.split())


async def test_behind_the_host_nothing_is_an_option(cli: Cli) -> None:
    async with receiver() as listener:
        for command in ("trap", "inform"):
            outcome = await cli(command, "-c", "public", where(listener), "4242", TRAP_OID, SYS_NAME, "s", "-V")
            assert outcome == (0, "", "")
            assert (await next_of(listener)).varbinds == (VarBind(OID(SYS_NAME), OctetString("-V")),)
