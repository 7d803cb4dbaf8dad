"""docs/mibs.md: its code runs, its results are right, and its problems are those of the compiler."""

from __future__ import annotations

import asyncio
import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import OID, Community, Integer32, Manager, NotificationListener, TimeTicks, VarBind
from snmptcp.cli.parser import parse_command
from snmptcp.errors import MibError
from snmptcp.mib import Mib, NamedRow
from snmptcp.mib.library import cache_path
from snmptcp.testing import Agent
from tests.mib.acme import ACME

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.anyio

PAGE = (Path(__file__).parents[1] / "docs" / "mibs.md").read_text(encoding="utf-8")

IF = "1.3.6.1.2.1.2.2.1"
VARIABLES: dict[str, Any] = {
    "1.3.6.1.2.1.1.1.0": "a switch",
    "1.3.6.1.2.1.1.3.0": TimeTicks(4711),
    "1.3.6.1.2.1.1.5.0": "sw1",
    **{f"{IF}.1.{row}": row for row in (1, 2)},
    **{f"{IF}.2.{row}": f"port {row}" for row in (1, 2)},
    **{f"{IF}.7.{row}": 1 for row in (1, 2)},
    **{f"{IF}.8.{row}": row for row in (1, 2)},
}

#: Modules that cannot be read, by their names.
BROKEN = {
    "GRAMMAR-MIB": "thing OBJECT-TYPE ]\nother [",
    "CHARACTER-MIB": "IMPORTS enterprises FROM SNMPv2-SMI;\n?",
    "IMPORTING-MIB": """IMPORTS OBJECT-TYPE, Integer32 FROM SNMPv2-SMI acme FROM ACME-SMI;
thing OBJECT-TYPE
    SYNTAX Integer32 MAX-ACCESS read-only STATUS current DESCRIPTION "." ::= { acme 1 }""",
    "PARENT-MIB": """IMPORTS OBJECT-TYPE, Integer32 FROM SNMPv2-SMI;
thing OBJECT-TYPE
    SYNTAX Integer32 MAX-ACCESS read-only STATUS current DESCRIPTION "." ::= { acmeNothing 1 }""",
}

#: A module with the mistakes that are repaired.
REPAIRED = """
IMPORTS OBJECT-TYPE Integer32 FROM SNMPv2-SMI
    DisplayString, TEXTUAL-CONVENTION, RowStatus FROM SNMPv2-TC
    mib-2 FROM RFC-1213
acme OBJECT IDENTIFIER ::= { enterprises.9999.7 }
acmeMode OBJECT-TYPE
    -- how --
    SYNTAX
        INTEGER { packet(1), packet/attack(2) }
    MAX-ACCESS read-only STATUS current DESCRIPTION "." ::= { acme 1 }
acmeTable OBJECT-TYPE SYNTAX SEQUENCE OF AcmeEntry ACCESS not-accessible STATUS current ::= { acme 2 }
acmeEntry OBJECT-TYPE SYNTAX AcmeEntry ACCESS not-accessible STATUS current
    INDEX { acmeIndex acmeMode } ::= { acmeTable 1 }
AcmeEntry ::= SEQUENCE { acmeIndex INTEGER }
acmeIndex OBJECT-TYPE SYNTAX InterfaceIndex -- it -- ACCESS read-only STATUS current ::= { acmeEntry 1 }
acmeText OBJECT-TYPE SYNTAX Integer32 ACCESS read-only STATUS current DESCRIPTION "open ::= { acme 3 }
acmeMore OBJECT-TYPE SYNTAX Integer32 ACCESS read-only STATUS current DESCRIPTION "." more ::= { acme 4 }
acmeSaid OBJECT-TYPE SYNTAX Integer32 ACCESS read-only STATUS current DESCRIPTION "a "b" c" ::= { acme 5 }
acmeOrder OBJECT-TYPE SYNTAX Integer32 STATUS current MAXACCESS read-only DESCRIPTION "." ::= { acme 6 }
acmeLess OBJECT-TYPE SYNTAX Integer32 ACCESS read-only DESCRIPTION "." ::= { acme 7 }
acmeType OBJECT-TYPE SYNTAX AcmeNoType ACCESS read-only STATUS current DESCRIPTION "." ::= { acme 8 }
acmeType OBJECT IDENTIFIER ::= { acme 9 }
acmeFlags OBJECT-TYPE SYNTAX BITS { a(0) } ACCESS read-only STATUS current DEFVAL { { b } } ::= { acme 10 }
acmeGroup AGENT-CAPABILITIES what ::= { acme 11 }
acmeLost OBJECT-TYPE SYNTAX Integer32 ACCESS read-only STATUS current DESCRIPTION "." ::= { $ }
acmeBelow OBJECT IDENTIFIER ::= { acmeLost 1 }
acmeRow OBJECT-TYPE SYNTAX SEQUENCE { a INTEGER } ACCESS not-accessible STATUS current ::= { acme 14 }
acmeSame OBJECT-TYPE SYNTAX Integer32 ACCESS read-only STATUS current DESCRIPTION "." ::= { acme }
acmeGlued OBJECT-TYPE SYNTAX Integer32--it
    ACCESS read-only STATUS current DESCRIPTION "." ::= { acme 15 }
acmeTwice OBJECT-TYPE SYNTAX Integer32 STATUS current STATUS current DESCRIPTION "." ::= { acme 13 }
Acme Inc.                  [Page 1]
acmeStandard OBJECT IDENTIFIER ::= { mib-2 9999 }
acmeMIB OBJECT IDENTIFIER ::= { acme 12 }
acmeSmall OBJECT IDENTIFIER ::= { acmeMib 1 }
"""


@pytest.fixture(scope="module")
def page() -> dict[str, Any]:
    """Return what the page's Python defines."""
    names: dict[str, Any] = {}
    found = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert len(found) == 4
    for position, code in enumerate(found, 1):
        exec(compile(code, f"mibs.md, block {position}", "exec"), names)
    return names


@pytest.fixture(scope="module")
def mib() -> Mib:
    return Mib()


@pytest.fixture
def vendor(tmp_path: Path) -> Path:
    folder = tmp_path / "mibs"
    folder.mkdir()
    (folder / "any name.txt").write_text(ACME)
    return folder


def rows(title: str) -> list[list[str]]:
    """Return the cells of the table whose first column has this title."""
    lines = PAGE.partition(f"\n| {title} |")[2].partition("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


async def test_the_first_program_shows_an_agent(page: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    async with Agent(VARIABLES) as agent:
        await page["show"](agent.host, agent.port)
        assert agent.mib.read(OID(f"{IF}.7.2")) == 2
    assert capsys.readouterr().out.splitlines() == [
        "a switch",
        "sw1 4711",
        "IF-MIB::ifDescr.1 = STRING: port 1",
        "IF-MIB::ifDescr.2 = STRING: port 2",
        "1 port 1 up",
        "2 port 2 down",
    ]


def test_every_form_of_a_name_is_understood(mib: Mib) -> None:
    names = [code for row in rows("a name") for code in re.findall(r"`(.+?)`", row[0])]
    assert len(names) == 10
    for name in names:
        assert isinstance(mib.oid(eval(name)), OID)


def test_a_module_is_compiled_when_a_name_needs_it() -> None:
    (name,) = re.findall(r"`\"(.*?)\"` works without", PAGE)
    assert Mib().oid(name)


def test_every_call_has_the_result_that_the_page_shows(mib: Mib) -> None:
    scope = {"mib": mib, "OID": OID, "Integer32": Integer32, "varbind": VarBind(OID(f"{IF}.8.2"), Integer32(2))}
    table = rows("call")
    assert len(table) > 8
    for call, result in table:
        found = eval(call.strip("`"), scope)
        assert (type(found), found) == (type(eval(result.strip("`"), scope)), eval(result.strip("`"), scope)), call


def test_what_no_module_defines_stays_numeric(mib: Mib) -> None:
    (text,) = re.findall(r"stays numeric: `(.*?)`", PAGE)
    assert mib.name("1.3.6.1.4.1.9999.1.0") == text


def test_a_wrong_value_is_told_as_the_page_says(mib: Mib) -> None:
    with pytest.raises(MibError) as caught:
        mib.value("ifAdminStatus.2", "dwn")
    assert f"```text\n{caught.value}\n```" in PAGE


async def test_a_row_has_numbers_that_show_their_names(mib: Mib) -> None:
    async with (
        Agent(VARIABLES) as agent,
        Manager(agent.host, agent.port, credentials=Community("public"), mib=mib) as manager,
    ):
        (_, row) = [row async for row in manager.table("ifTable", columns=["ifOperStatus"])]
    assert isinstance(row, NamedRow)
    assert row["ifOperStatus"] == 2
    assert {name: str(value) for name, value in row.named.items()} == {"ifIndex": "2", "ifOperStatus": "down"}


async def test_a_notification_is_shown_with_its_names(
    page: dict[str, Any], mib: Mib, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    listeners: list[NotificationListener] = []

    def make(**options: Any) -> NotificationListener:
        listeners.append(NotificationListener("127.0.0.1", **options))
        return listeners[0]

    monkeypatch.setitem(page, "NotificationListener", make)
    receiving = asyncio.create_task(page["receive"](mib, 0))
    while not (listeners and listeners[0].port):
        await asyncio.sleep(0)
    async with Manager("127.0.0.1", listeners[0].port, credentials=Community("public"), mib=mib) as manager:
        await manager.inform("linkDown", ("ifOperStatus.2", "down"))
    await listeners[0].aclose()
    await receiving
    assert capsys.readouterr().out.splitlines() == [
        "IF-MIB::linkDown down ('IF-MIB::ifIndex', 'IF-MIB::ifAdminStatus')",
        "  IF-MIB::ifOperStatus.2 = INTEGER: down(2)",
    ]


def test_a_folder_is_read_and_its_problems_are_lines(
    page: dict[str, Any], vendor: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, body in BROKEN.items():
        (vendor / f"{name}.txt").write_text(f"{name} DEFINITIONS ::= BEGIN\n{body}\nEND\n")
    (vendor / "PAGE-MIB.txt").write_text("<html>Not found</html>")
    mib = page["with_vendor"](str(vendor))
    assert mib.name(mib.oid("acmeState.0")) == "ACME-MIB::acmeState.0"
    lines = [*sorted(capsys.readouterr().out.splitlines()), *map(str, mib.load("NOWHERE-MIB"))]
    assert [line.replace(str(vendor), "/opt/mibs").split(": ")[0] for line in lines] == [
        *("/opt/mibs/CHARACTER-MIB.txt:3", "/opt/mibs/GRAMMAR-MIB.txt:2", "/opt/mibs/IMPORTING-MIB.txt:2"),
        *("/opt/mibs/PAGE-MIB.txt:1", "/opt/mibs/PARENT-MIB.txt:4", "NOWHERE-MIB"),
    ]
    (example,) = re.findall(r"```text\n(/opt/mibs/.*reads?: .*|/opt/mibs/.*it imports from .*)\n```", PAGE)
    assert example == lines[2].replace(f"{vendor}/IMPORTING-MIB.txt", "/opt/mibs/acme.txt").replace("IMPORTING", "ACME")
    reasons = [code for row in rows("reason") for code in re.findall(r"`(.*?)`", row[0])]
    assert len(reasons) == len(lines)
    for reason in reasons:
        assert any(re.search(f": {pattern(reason)}$", line) for line in lines), reason


def pattern(text: str) -> str:
    """Return the regular expression of a text of the page, in which three dots stand for anything."""
    return re.escape(text).replace(r"\.\.\.", ".*")


def test_repairs_are_lines(tmp_path: Path) -> None:
    file = tmp_path / "acme.txt"
    file.write_text(f"ACME-MIB DEFINITIONS ::= BEGIN{REPAIRED}")
    mib = Mib(folders=[tmp_path])
    assert mib.load("ACME-MIB") == ()
    (module,) = [module for module in mib.modules if module.name == "ACME-MIB"]
    assert module.path == str(file)
    (example,) = re.findall(r"```text\n(/opt/mibs/.*SYNTAX is read.*)\n```", PAGE)
    assert example in [line.replace(str(tmp_path), "/opt/mibs") for line in module.repairs]
    (tmp_path / "twice").write_text("TWICE-MIB DEFINITIONS ::= BEGIN\nEND\n" * 2)
    (tmp_path / "page").write_text("<html><pre>PAGE-MIB DEFINITIONS ::= BEGIN\nEND</pre></html>")
    mib = Mib(folders=[tmp_path])
    assert mib.load("ALL") == ()
    said = [line for found in mib.modules for line in found.repairs]
    for repair in [code for row in rows("repair") for code in re.findall(r"`(.*?)`", row[0])]:
        assert any(re.fullmatch(f".*:\\d+: [A-Z]+-MIB: {pattern(repair)}", line) for line in said), repair
    mode = mib.node("acmeMode").syntax
    assert mode is not None
    assert mode.labels == {1: "packet", 2: "packet/attack"}
    assert [part.label for part in mib.node("acmeEntry").index] == ["acmeIndex", "acmeMode"]
    assert mib.name("1.3.6.1.4.1.9999.7.11") == "ACME-MIB::acmeGroup"


def test_a_file_of_compiled_modules_answers_alone(page: dict[str, Any], vendor: Path, tmp_path: Path) -> None:
    path = str(tmp_path / "acme.mib")
    page["make"](str(vendor), path)
    mib = page["use"](path)
    assert str(mib.oid("ACME-MIB::acmeState.0")) == "1.3.6.1.4.1.9999.1.1.0"
    assert mib.name("1.3.6.1.2.1.1.1.0") == "SNMPv2-MIB::sysDescr.0"
    with pytest.raises(MibError, match="no folder can be added"):
        mib.add_folder(vendor)


def test_every_command_line_of_the_page_is_understood(
    vendor: Path, acme_mib: Mib, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MIBS")  # which turns names off in tests
    monkeypatch.chdir(tmp_path)
    acme_mib.save("acme.mib")
    lines = re.findall(r"^(?:\$|RUN) snmptcp (.*)$", PAGE, re.MULTILINE)
    assert len(lines) == 9
    for line in lines:
        parse_command(shlex.split(line.replace("/opt/mibs", str(vendor))))  # ends the process if it does not


@pytest.mark.skipif(sys.platform == "win32", reason="another place")
def test_the_cache_is_where_the_page_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    places: dict[str, Callable[[], Path]] = {
        "SNMPTCP_MIB_CACHE": cache_path,
        "XDG_CACHE_HOME": lambda: cache_path().parents[1],
        "HOME": lambda: cache_path().parents[2],
    }
    for name, found in places.items():
        monkeypatch.setenv(name, str(tmp_path / name))
        assert found() == tmp_path / name
        monkeypatch.delenv(name)
    text = " ".join(cell for row in rows("system") for cell in row)
    assert "`~/.cache/snmptcp/`" in text
    assert "`SNMPTCP_MIB_CACHE`" in text
