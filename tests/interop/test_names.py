"""Names and values on the command line, and snmp.conf's tokens for printing, compared with net-snmp's tools."""

from __future__ import annotations

import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from snmptcp.cli.commands.agent import load_switch
from snmptcp.cli.main import main
from tests.support.netsnmp import PATIENCE, environment, require_program
from tests.support.threaded import ThreadedAgent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.interop

MODULES = "SNMPv2-MIB:IF-MIB:IP-MIB:SNMP-VIEW-BASED-ACM-MIB"

VARIABLES = (
    "ifOperStatus.1",
    "sysUpTime.0",
    "ifPhysAddress.1",
    "sysName.0",
    "sysObjectID.0",
    "ipAdEntAddr.127.0.0.1",
    'vacmViewTreeFamilyType."max".1.1',
)

#: Letters of ``-I``, and names that are read with them.
NAMES = {
    "": (
        "sysDescr.0",
        "SNMPv2-MIB::sysDescr",
        "SNMPv2-MIB:sysName.0",
        "system.sysName.0",
        ".iso.org.dod.internet.mgmt.mib-2.1.5.0",
        "iso.3.6.1.2.1.1.5.0",
        ".1.3.6.1.2.1.1.5.0",
        "1.3.6.1.2.1.1.5.0",
        "mib-2.2.2.1.2.3",
        "ifTable",
        "ifEntry.2.3",
        'vacmViewTreeFamilyType."max".1.1',
        "ipNetToMediaType.5.10.0.0.1",
    ),
    "R": ("sysDescr.0", "ifIndex.3", "SNMPv2-MIB::sysName.0"),
    "u": ("1.5.0", ".1.3.6.1.2.1.1.5.0", "2.2.1.2.3"),
    "b": ("sysDes", "^ifphys", "cisAdd?Nothing|ifHighSp"),
    "s0": ("sysName", ".1.3.6.1.2.1.1.5", "SNMPv2-MIB::sysDescr"),
    "s.0": ("sysName",),
    "Ssys": ("Name.0", "Descr"),
}

TOKENS = (
    "printNumericEnums yes",
    "printNumericOids yes",
    "oidOutputFormat 1",
    "oidOutputFormat 2",
    "oidOutputFormat 3",
    "oidOutputFormat 5",
    "oidOutputFormat 6",
    "suffixPrinting 2",
    "quickPrinting 1",
    "printValueOnly true",
    "numericTimeticks yes",
    "printHexText yes",
    "dontBreakdownOids yes",
    "extendedIndex yes",
    "hexOutputLength 4",
    "noDisplayHint yes",
)


@pytest.fixture(scope="module")
def switch() -> Iterator[ThreadedAgent]:
    with ThreadedAgent(load_switch()) as agent:
        yield agent


#: Values that snmpset takes, with the letters of ``-I``.
VALUES = {
    "": (
        *("ifAdminStatus.3", "i", "down"),
        *("ifAdminStatus.4", "=", "testing"),
        *("ifAdminStatus.5", "i", "1"),
        *("sysName.0", "s", "a name"),
        *("sysContact.0", "=", "somebody"),
        *("sysLocation.0", "x", "616263"),
        *("ifPhysAddress.1", "s", "0:1:2:3:4:5"),
        *("ifPhysAddress.2", "=", "a:b:c:d:e:f"),
        *("sysObjectID.0", "o", "IF-MIB::ifTable"),
        *("sysUpTime.0", "=", "500"),
        *("ifSpeed.1", "u", "7"),
        *("ipAdEntNetMask.127.0.0.1", "=", "255.0.0.0"),
    ),
    "r": (*("ifAdminStatus.3", "i", "9"), *("sysName.0", "s", "x" * 300)),
    "h": ("ifPhysAddress.1", "s", "0:1"),
}


@pytest.fixture
def both(
    switch: ThreadedAgent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[str, str]]:
    """Return a function that returns what a tool of net-snmp prints, and what ours prints."""
    spec = find_spec("pysmi")
    assert spec is not None
    assert spec.origin is not None
    theirs = {
        **environment(tmp_path, tmp_path),
        "MIBDIRS": str(Path(spec.origin).parent / "mibs" / "asn1"),
        "MIBS": MODULES,
    }
    monkeypatch.setenv("MIBS", MODULES)
    monkeypatch.setenv("SNMPCONFPATH", str(tmp_path))

    def run(options: tuple[str, ...], names: tuple[str, ...], tool: str = "get") -> tuple[str, str]:
        words = ("-v2c", "-cprivate", *options, f"tcp:127.0.0.1:{switch.port}", *names)
        command = [require_program(f"snmp{tool}", "snmp"), "-Pe", *words]
        printed = subprocess.run(
            command, env=theirs, capture_output=True, text=True, errors="surrogateescape", check=True, timeout=PATIENCE
        )
        assert main([tool, *words]) == 0
        return printed.stdout, capsys.readouterr().out

    return run


@pytest.mark.parametrize("letters", NAMES)
def test_names_are_read_as_snmpget_reads_them(letters: str, both: Callable[..., tuple[str, str]]) -> None:
    theirs, ours = both((f"-I{letters}", "-On") if letters else ("-On",), NAMES[letters])
    assert ours == theirs


@pytest.mark.parametrize("letters", VALUES)
def test_values_are_read_as_snmpset_reads_them(letters: str, both: Callable[..., tuple[str, str]]) -> None:
    theirs, ours = both((f"-I{letters}",) if letters else (), VALUES[letters], "set")
    assert ours == theirs


@pytest.mark.parametrize("token", TOKENS)
def test_tokens_of_snmp_conf_change_what_is_printed_as_for_snmpget(
    token: str, both: Callable[..., tuple[str, str]], tmp_path: Path
) -> None:
    (tmp_path / "snmp.conf").write_text(f"{token}\n")
    theirs, ours = both((), VARIABLES)
    assert ours == theirs
