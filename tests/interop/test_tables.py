"""The lines of ``snmptcp table -Cf``, compared with those of net-snmp's snmptable on the same device."""

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
    from collections.abc import Iterator

pytestmark = pytest.mark.interop

MODULES = "SNMPv2-MIB:IF-MIB:IP-MIB:SNMP-VIEW-BASED-ACM-MIB"


@pytest.fixture(scope="module")
def switch() -> Iterator[ThreadedAgent]:
    with ThreadedAgent(load_switch()) as agent:
        yield agent


@pytest.mark.parametrize(
    "words",
    [
        ("-CiHf", ",", "ifTable"),
        ("-Cbf", ";", "-Oe", "ifXTable"),
        ("-Cif", "|", "-Os", "ipNetToMediaTable"),
        ("-Cf", " ", "-Ob", "-Ci", "-CB", "vacmViewTreeFamilyTable"),
        ("-Cf", "\t", "-OX", "-Ci", "-Cr", "5", "ipAddrTable"),
    ],
)
def test_tables_with_a_delimiter_are_those_of_snmptable(
    words: tuple[str, ...],
    switch: ThreadedAgent,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    spec = find_spec("pysmi")
    assert spec is not None
    assert spec.origin is not None
    command = [require_program("snmptable", "snmp"), "-v2c", "-cpublic", *words[:-1]]
    theirs = subprocess.run(
        [*command, f"tcp:127.0.0.1:{switch.port}", words[-1]],
        env={**environment(tmp_path), "MIBDIRS": str(Path(spec.origin).parent / "mibs" / "asn1"), "MIBS": MODULES},
        capture_output=True,
        check=True,
        timeout=PATIENCE,
        text=True,
    )
    monkeypatch.delenv("MIBS")
    assert main(["table", *words[:-1], f"127.0.0.1:{switch.port}", words[-1]]) == 0
    assert capsys.readouterr().out == theirs.stdout
