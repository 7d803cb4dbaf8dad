"""The text of whole devices, compared with net-snmp's snmpbulkwalk: each letter of -O, and many pairs of letters."""

from __future__ import annotations

import itertools
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from snmptcp.cli.main import main
from snmptcp.codec import ber
from snmptcp.mib import Mib
from snmptcp.mib.standard import STANDARD_MODULES
from snmptcp.mib.text import TextFormatter, TextStyle
from snmptcp.oid import OID
from snmptcp.testing import Mib as Variables
from snmptcp.testing import load_recording
from snmptcp.testing.mib import Binding
from snmptcp.values import (
    EndOfMibView,
    Gauge32,
    Integer32,
    NsapAddress,
    OctetString,
    Opaque,
    UInteger32,
    VarBind,
)
from tests.support.devices.builder import double
from tests.support.devices.kinds import DEVICES, device
from tests.support.devices.modules import VENDOR_MODULES, write_vendor_modules
from tests.support.netsnmp import PATIENCE, environment, require_program
from tests.support.threaded import ThreadedAgent
from tests.support.vectors import VECTORS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from snmptcp.values import Value

pytestmark = pytest.mark.interop

#: Recordings of devices, and variables of them that are in DIFFERENCES in their kind.
RECORDINGS: dict[str, tuple[str, ...]] = {
    # Identifiers of odd lengths:
    "network__switch__maipu-sm4200-16gef8ge-ac": ("1.3.6.1.2.1.55.1.5.1.6.4999", "1.3.6.1.2.1.55.1.5.1.6.9000"),
    "network__switch__cts-media-converter": ("1.3.6.1.2.1.1.5.0",),  # a name in ISO 8859-2
    "UPS__huawei-gse200m": (),
    "os__linux__unknown-005": (),
}

LETTERS = ("", *"nfsSuqQebtTxaEXUv0", "p.2")

#: Letters that change one another's effect.
PAIRS = (
    "fX qX XE bX nq qe sX uX fE sb XQ Xt X0 vX vx nX Qn Qb Qt Qe Qx QT tT UT xT aT qU vU ve vt uq fQ aq ax 0q qvt QvXe "
    "fXE sqU ueb XX bb ee qq QQ qQ Qq"
)

#: The device and the letters of each walk: all letters for the device with the objects of all types, and the pairs for
#: all devices in turn.
WALKS = [
    *(("firewall", letters) for letters in LETTERS),
    *((name, "") for name in (*DEVICES, *RECORDINGS) if name != "firewall"),
    *zip(itertools.cycle(DEVICES), PAIRS.split(), strict=False),
    *zip(itertools.cycle(RECORDINGS), ("X", "f", "Q", "sE", "q", "u", "e", "x"), strict=False),
]


class Difference(NamedTuple):
    """A text that is not net-snmp's, on purpose.

    Attributes:
        row: the row of docs/cli.md that says so.
        name: the variable: an object and arcs, or numbers.
        value: its value; octets are the value as the agent encodes it.
        letters: the letters of ``-O``.
        theirs: net-snmp's text.
        ours: our text.
    """

    row: str
    name: str
    value: Value | bytes
    letters: str
    theirs: str
    ours: str


CONTROL = "form feeds, vertical tabs and single carriage returns in strings without a display hint"
LINE_ENDS = "line ends and tabs in the text behind hex (`-OT`)"
ESCAPES = "text that a display hint shows: control characters, octets that are not UTF-8"
CUT_OFF = "a number of a display hint that is cut off"
LARGE = "a number of a display hint of more than eight octets"
BITS = "names of bits behind a bit that has none"
KEYWORDS = "names of numbers that are words of the SMI, such as `current`"
NESTED = "names of numbers and display hints of a textual convention that is made of another one"
FORGOTTEN = "the same of a textual convention that the module does not import"
INDEX_TYPE = "an InetAddress in an index whose type is not right before it in the module"
SHORT_OID = "an OID with less than two arcs in an index (`-OX`)"
EMPTY_OID = "an OID of no octets"
FLOATS = "floats of more than 127 characters"
TRAPS = "traps of SMIv1 modules (`-Of`, `-Ou`)"
OLD_TYPES = "the types UInteger32 and NsapAddress of RFC 1442"
TWO_MODULES = "a node that two modules define"

ACME = "1.3.6.1.4.1.9996"
OLD = "enterprises.acmeOld"
KIND = "acdValue16.ipv4"
FAMILY = "vacmViewTreeFamilyType"
VIEWS = ".iso.org.dod.internet.snmpV2.snmpModules.snmpVacmMIB.vacmMIBObjects.vacmMIBViews"
FULL = f"{VIEWS}.vacmViewTreeFamilyTable.vacmViewTreeFamilyEntry.{FAMILY}"

PAGES = OctetString(b"a\x0cb\r")
SIXTEEN = bytes(range(16))
LARGE_FLOAT = f"{1e200:.0f}"
NO_OID = b"\x06\x00"

DIFFERENCES = [
    Difference(CONTROL, "acdOctets.1", PAGES, "vU", 'STRING: "a\x0cb\r"', "Hex-STRING: 61 0C 62 0D "),
    Difference(CONTROL, "acdOctets.1", PAGES, "vUa", 'STRING: "a\x0cb\r"', 'STRING: "a.b."'),
    Difference(LINE_ENDS, "acdHidden.1", OctetString(b"\0\t\n"), "vqT", '"00 09 0A   [.\t\n]"', '"00 09 0A   [...]"'),
    Difference(ESCAPES, "acdName.1", OctetString(b"\x1b[1m\xe9"), "v", "STRING: \x1b[1m\udce9", r"STRING: \x1b[1m\xe9"),
    Difference(CUT_OFF, "acdPairs.1", OctetString(b"\1\2\3"), "v", "STRING: 102:300", "STRING: 102:3"),
    Difference(LARGE, "acdLong.1", OctetString(SIXTEEN), "v", "STRING: 8090a0b0c0d0e0f", f"STRING: {SIXTEEN.hex()}"),
    Difference(BITS, "acdGaps.1", OctetString(b"\x20\x40"), "v", "BITS: 20 40 2 9 ", "BITS: 20 40 2 far(9) "),
    Difference(KEYWORDS, "acdKeyword.1", Integer32(1), "v", "INTEGER: 1", "INTEGER: current(1)"),
    Difference(NESTED, "acdSettled.1", Integer32(1), "v", "INTEGER: 1", "INTEGER: true(1)"),
    Difference(FORGOTTEN, "acdForgotten.1", Integer32(2), "v", "INTEGER: 2", "INTEGER: volatile(2)"),
    Difference(EMPTY_OID, "acdOid.1", NO_OID, "v", "OID: ccitt", "OID: SNMPv2-SMI::zeroDotZero"),
    Difference(EMPTY_OID, "acdOid.1", NO_OID, "vn", "OID: .0", "OID: .0.0"),
    Difference(FLOATS, "acdOpaque.1", double(1e200), "vqUp.0", LARGE_FLOAT[:127], LARGE_FLOAT),
    Difference(OLD_TYPES, f"{ACME}.1.0", UInteger32(5), "v", "5", "UInteger32: 5"),
    Difference(OLD_TYPES, f"{ACME}.2.0", NsapAddress(b"I\1"), "v", "Variable has bad type", "NsapAddress: 49 01 "),
    Difference(INDEX_TYPE, "acdValue16.1.4.172.16.0.1", Gauge32(1), "sq", f'{KIND}."...." 1', f'{KIND}."172.16.0.1" 1'),
    Difference(SHORT_OID, f"{FAMILY}.1.97.0", Integer32(1), "sXqe", f"{FAMILY}[a][ccitt] 1", f"{FAMILY}[a][] 1"),
    Difference(SHORT_OID, f"{FAMILY}.1.97.1.3", Integer32(1), "uXqe", f"{FULL}[a][. [TRUNCATED]", f"{FULL}[a][.3] 1"),
    Difference(TRAPS, "acmeOld.0.3.1", Integer32(1), "uq", f"{OLD}.acmeOld#.oldAlarm.1 1", f"{OLD}.0.oldAlarm.1 1"),
    Difference(TWO_MODULES, "1.3.6.1.2.1.3.9", Integer32(1), "q", "RFC1158-MIB::at.9 1", "RFC1213-MIB::at.9 1"),
]


class NetSnmp:
    """net-snmp's tools with the standard modules and the vendor's, and an agent with all devices.

    Args:
        agent: the agent; the community is the device's name.
        folder: the folder of the vendor's modules, where the tools may write.

    Attributes:
        address: the address of the agent.
        ours: the options of our commands for the same modules.
    """

    def __init__(self, agent: ThreadedAgent, folder: Path) -> None:
        self.ours = ("-M", str(folder), "-m", "+" + ":".join(VENDOR_MODULES))
        (folder / "persistent" / "cert_indexes").mkdir(parents=True)  # or the first one that runs says that it makes it
        self.address = f"tcp:{agent.host}:{agent.port}"
        self._environment = environment(folder / "persistent")
        names = ":".join((*STANDARD_MODULES, *VENDOR_MODULES))
        self._options = ("-v2c", "-t20", "-M", f"{folder}:{bundle()}", "-m", names)

    def walk(self, name: str, letters: str) -> list[str]:
        """Return the lines of a walk over all variables of a device."""
        return self._run("snmpbulkwalk", name, _style(letters), ".1", "-Cc", "-Cr50").split("\n")

    def get(self, name: str, letters: str, oid: OID) -> str:
        """Return the text of one variable."""
        return self._run("snmpget", name, _style(letters), f".{oid}")

    def table(self, name: str, options: Sequence[str], table: str) -> str:
        """Return the text of a table."""
        return self._run("snmptable", name, options, table) + "\n"

    def _run(self, program: str, community: str, style: Sequence[str], name: str, *options: str) -> str:
        command = (require_program(program, "snmp"), *self._options, "-c", community, *style, *options)
        done = subprocess.run(
            [*command, self.address, name], env=self._environment, capture_output=True, check=False, timeout=PATIENCE
        )
        assert done.stderr == b""
        return done.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")


def _style(letters: str) -> tuple[str, ...]:
    return (f"-O{letters}",) if letters else ()


def bundle() -> Path:
    """Return the folder of the modules that come with the compiler."""
    spec = find_spec("pysmi")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "mibs" / "asn1"


@pytest.fixture(scope="module")
def mib(tmp_path_factory: pytest.TempPathFactory) -> Mib:
    folder = tmp_path_factory.mktemp("vendor")
    write_vendor_modules(folder)
    mib = Mib(folders=[folder])
    assert mib.load(*VENDOR_MODULES) == ()
    return mib


@pytest.fixture(scope="module")
def devices(mib: Mib) -> dict[str, Variables]:
    """The variables of all devices, and of one with all differences."""
    found = {name: Variables(device(name, mib)) for name in DEVICES}
    for name, others in RECORDINGS.items():
        found[name] = load_recording(VECTORS / "recordings" / f"{name}.snmprec").variables
        for other in others:
            del found[name][other]
    found["different"] = Variables()
    for difference in DIFFERENCES:
        add_difference(found["different"], where(mib, difference), difference.value)
    return found


def where(mib: Mib, difference: Difference) -> OID:
    label, _, arcs = difference.name.partition(".")
    return OID(difference.name) if label.isdigit() else mib.oid(label) + OID.fragment(map(int, arcs.split(".")))


def add_difference(variables: Variables, oid: OID, value: Value | bytes) -> None:
    if not isinstance(value, bytes) or isinstance(value, OctetString | Opaque | NsapAddress):
        variables[oid] = value
        return
    variables[oid] = OID("0.0")
    variable = variables.variable(oid)
    assert variable is not None
    octets = ber.tlv(ber.SEQUENCE, ber.tlv(ber.OBJECT_IDENTIFIER, oid.ber) + value)
    variable.constant = Binding(oid, OID("0.0"), octets)


@pytest.fixture(scope="module")
def net_snmp(devices: dict[str, Variables], tmp_path_factory: pytest.TempPathFactory) -> Iterator[NetSnmp]:
    folder = tmp_path_factory.mktemp("net-snmp")
    write_vendor_modules(folder)
    with ThreadedAgent(communities=devices) as agent:
        yield NetSnmp(agent, folder)


def test_the_devices_have_hundreds_of_variables_of_all_kinds(devices: dict[str, Variables]) -> None:
    assert len(devices) >= 11
    assert all(len(devices[name]) >= 250 for name in (*DEVICES, *RECORDINGS))
    kinds = {type(devices[name].read(oid)) for name in DEVICES for oid in devices[name]}
    assert len(kinds) == 10


@pytest.mark.parametrize(("name", "letters"), WALKS)
def test_a_walk_is_printed_as_net_snmp_prints_it(
    mib: Mib, devices: dict[str, Variables], net_snmp: NetSnmp, name: str, letters: str
) -> None:
    variables = devices[name]
    formatter = TextFormatter(mib, TextStyle().with_letters(letters))
    varbinds = [VarBind(oid, variables.read(oid)) for oid in variables]
    varbinds.append(VarBind(varbinds[-1].oid, EndOfMibView()))
    lines = "\n".join(map(formatter.varbind, varbinds)).split("\n")
    assert lines == net_snmp.walk(name, letters)


@pytest.mark.parametrize(("name", "letters"), list(zip(DEVICES, ("", "n", "X", "sq", "fE", "uT", "e0"), strict=True)))
def test_the_command_walk_prints_what_snmpbulkwalk_prints(
    mib: Mib, net_snmp: NetSnmp, capsys: pytest.CaptureFixture[str], name: str, letters: str
) -> None:
    assert main(("walk", "-v2c", "-c", name, *_style(letters), *net_snmp.ours, net_snmp.address, ".")) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert printed.out.split("\n")[:-1] == net_snmp.walk(name, letters)[:-1]


#: The device, the options, and the table.
TABLES = [
    ("switch", ("-Cf", ";", "-Cb"), "dot1dBasePortTable"),
    ("switch", ("-Cf", "|", "-Cib", "-OX"), "dot1dTpFdbTable"),
    ("switch", ("-Cf", "|"), "dot1qVlanCurrentTable"),
    ("router", ("-Cf", "|", "-Ci"), "inetCidrRouteTable"),
    ("firewall", ("-Cf", "|", "-Oq"), "acdTable3"),
    ("printer", ("-CHf", "|", "-OeU"), "prtMarkerSuppliesTable"),
]


@pytest.mark.parametrize(("name", "options", "table"), TABLES)
def test_the_lines_of_a_table_are_those_of_snmptable(
    net_snmp: NetSnmp, capsys: pytest.CaptureFixture[str], name: str, options: tuple[str, ...], table: str
) -> None:
    assert main(("table", "-v2c", "-c", name, *options, *net_snmp.ours, net_snmp.address, table)) == 0
    assert capsys.readouterr().out == net_snmp.table(name, options, table)


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda each: f"{each.name}-{each.letters}")
def test_what_differs_from_net_snmp_on_purpose_does(
    mib: Mib, devices: dict[str, Variables], net_snmp: NetSnmp, difference: Difference
) -> None:
    oid = where(mib, difference)
    formatter = TextFormatter(mib, TextStyle().with_letters(difference.letters))
    assert net_snmp.get("different", difference.letters, oid) == difference.theirs
    assert formatter.varbind(VarBind(oid, devices["different"].read(oid))) == difference.ours


def test_the_page_has_a_row_for_each_difference() -> None:
    page = (Path(__file__).parents[2] / "docs" / "cli.md").read_text()
    section = page.partition("### Differences from net-snmp's text")[2].partition("\n#")[0]
    rows = [line.split(" | ")[0].removeprefix("| ") for line in section.splitlines() if line.startswith("| ")]
    assert rows[1:] == list(dict.fromkeys(difference.row for difference in DIFFERENCES))
