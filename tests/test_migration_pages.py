"""docs/migrating-from-*.md: every piece of code of ours runs, and every name of the other library is there."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import inspect
import re
import warnings
from pathlib import Path
from types import AsyncGeneratorType, GeneratorType
from typing import TYPE_CHECKING, Any

import pytest

import snmptcp
import snmptcp.fleet
from snmptcp import (
    OID,
    AgentError,
    Community,
    Integer32,
    Manager,
    Notification,
    NotificationListener,
    ObjectIdentifier,
    OctetString,
    Opaque,
    SecurityWarning,
    TimeTicks,
    UsmUser,
    VarBind,
    errors,
)
from snmptcp.cli.parser import COMMANDS
from snmptcp.mib import Mib
from snmptcp.sync import SyncManager
from tests.support.threaded import LoopThread, ThreadedAgent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[1]

#: The names of each other library, read from its package once: pysnmp 7.1.30, the net-snmp binding 1.1a2, easysnmp
#: 0.2.6, ezsnmp 2.5.0, gufo_snmp 0.13.0.
NAMES = {
    "pysnmp": """
        get_cmd next_cmd bulk_cmd walk_cmd bulk_walk_cmd set_cmd send_notification is_end_of_mib
        getCmd nextCmd bulkCmd walkCmd bulkWalkCmd setCmd sendNotification isEndOfMib Slim SnmpDispatcher
        lookupMib lexicographicMode ignoreNonIncreasingOid maxRows maxCalls
        CommunityData UsmUserData ContextData SnmpEngine UdpTransportTarget Udp6TransportTarget
        mpModel authProtocol privProtocol authKeyType securityEngineId securityName communityIndex tag
        contextName contextEngineId set_local_address tagList close_dispatcher timeout retries
        USM_AUTH_NONE USM_AUTH_HMAC96_MD5 USM_AUTH_HMAC96_SHA USM_AUTH_HMAC128_SHA224 USM_AUTH_HMAC192_SHA256
        USM_AUTH_HMAC256_SHA384 USM_AUTH_HMAC384_SHA512 USM_PRIV_NONE USM_PRIV_CBC56_DES USM_PRIV_CBC168_3DES
        USM_PRIV_CFB128_AES USM_PRIV_CFB192_AES USM_PRIV_CFB256_AES USM_PRIV_CFB192_AES_BLUMENTHAL
        USM_PRIV_CFB256_AES_BLUMENTHAL USM_KEY_TYPE_PASSPHRASE USM_KEY_TYPE_MASTER USM_KEY_TYPE_LOCALIZED
        usmNoAuthProtocol usmHMACMD5AuthProtocol usmHMACSHAAuthProtocol usmHMAC128SHA224AuthProtocol
        usmHMAC192SHA256AuthProtocol usmHMAC256SHA384AuthProtocol usmHMAC384SHA512AuthProtocol usmNoPrivProtocol
        usmDESPrivProtocol usm3DESEDEPrivProtocol usmAesCfb128Protocol usmAesCfb192Protocol usmAesCfb256Protocol
        usmAesBlumenthalCfb192Protocol usmAesBlumenthalCfb256Protocol usmKeyTypePassphrase usmKeyTypeMaster
        usmKeyTypeLocalized
        ObjectIdentity ObjectType NotificationType get_oid get_label get_mib_symbol get_mib_node is_fully_resolved
        resolve_with_mib load_mibs loadMibs add_asn1_mib_source addAsn1MibSource add_mib_source addMibSource
        prettyPrint add_varbinds to_varbinds
        Bits Counter32 Counter64 EndOfMibView Gauge32 Integer Integer32 IpAddress NoSuchInstance NoSuchObject Null
        ObjectIdentifier OctetString Opaque TimeTicks Unsigned32
        errorIndication errorStatus errorIndex PySnmpError SmiError MibNotFoundError RequestTimedOut UnknownUserName
        UnknownSecurityName WrongDigest AuthenticationFailure DecryptionError NotInTimeWindow UnknownEngineID
        UnsupportedSecurityLevel NoSuchContext UnknownCommunityName OidNotIncreasing TooBig
        add_transport add_v1_system add_v3_user add_vacm_user NotificationReceiver add_target_parameters
        add_target_address add_notification_target
    """,
    "netsnmp-python": """
        Version DestHost Community Timeout Retries RemotePort LocalPort SecLevel SecName PrivProto PrivPass AuthProto
        AuthPass ContextEngineId SecEngineId Context Engineboots Enginetime UseNumeric OurIdentity TheirIdentity
        TheirHostname TrustCert UseLongNames UseSprintValue UseEnums BestGuess RetryNoSuch ErrorStr ErrorNum ErrorInd
        get getnext getbulk walk set snmpget snmpgetnext snmpgetbulk snmpset snmpwalk Varbind VarList tag iid val type
        print_str verbose Error
    """,
    "easysnmp": """
        hostname version community timeout retries remote_port local_port security_level security_username
        privacy_protocol privacy_password auth_protocol auth_password context_engine_id security_engine_id context
        engine_boots engine_time our_identity their_identity their_hostname trust_cert use_long_names use_numeric
        use_sprint_value use_enums best_guess retry_no_such abort_on_nonexistent
        get get_next get_bulk walk bulkwalk set set_multiple update_session
        snmp_get snmp_set snmp_set_multiple snmp_get_next snmp_get_bulk snmp_walk snmp_bulkwalk
        SNMPVariable SNMPVariableList oid oid_index value snmp_type
        EasySNMPError EasySNMPConnectionError EasySNMPTimeoutError EasySNMPUnknownObjectIDError
        EasySNMPNoSuchNameError EasySNMPNoSuchObjectError EasySNMPNoSuchInstanceError EasySNMPUndeterminedTypeError
        port_number auth_passphrase privacy_passphrase boots_time load_mibs mib_directories print_enums_numerically
        print_full_oids print_oids_numerically print_timeticks_numerically print_hex_strings set_max_repeaters_to_num
        bulk_get bulk_walk close args to_dict snmpget snmpgetnext snmpbulkget snmpset snmpwalk snmpbulkwalk snmptrap
        Result index converted_value GenericError ConnectionError NoSuchInstanceError NoSuchNameError
        NoSuchObjectError PacketError ParseError TimeoutError UndeterminedTypeError UnknownObjectIDError
    """,
    "gufo-snmp": """
        get get_many getnext getbulk fetch refresh get_engine_id
        addr port community engine_id user version timeout tos send_buffer recv_buffer max_repetitions allow_bulk
        policer limit_rps RPSPolicer BasePolicer SnmpVersion User Md5Key Sha1Key Sha224Key Sha256Key Sha384Key
        Sha512Key DesKey Aes128Key Aes192Key Aes256Key KeyType KeyExpansion
        NoSuchInstance SnmpAuthError SnmpDecodeError SnmpEncodeError SnmpError TimeoutError OSError ValueError
    """,
}

#: The pages whose calls block.
BLOCKING = {"netsnmp-python", "easysnmp"}

#: What may take the options that the pages name.
TAKERS: tuple[Callable[..., object], ...] = (
    Manager, NotificationListener, UsmUser, Manager.walk, Manager.get_value, Manager.get_bulk,
)  # fmt: skip
OPTIONS = {name for taker in TAKERS for name in inspect.signature(taker).parameters}

#: Words of Python that stand alone in a cell.
WORDS = {"with", "async with", "async for", "await"}

USER = UsmUser("monitor", "SHA-256", "authentic!", "AES", "privately!")

VARIABLES: dict[str, Any] = {
    "1.3.6.1.2.1.1.1.0": "a switch",
    "1.3.6.1.2.1.1.2.0": ObjectIdentifier("1.3.6.1.4.1.9999"),
    "1.3.6.1.2.1.1.3.0": TimeTicks(4711),
    "1.3.6.1.2.1.1.5.0": "sw1",
    "1.3.6.1.2.1.1.6.0": "room 1",
} | {
    f"1.3.6.1.2.1.2.2.1.{column}.{row}": value
    for row, name in ((1, "lo"), (2, "eth0"))
    for column, value in ((1, row), (2, name), (3, 6), (4, 1500), (7, 1), (8, 2))
}


def page(name: str) -> str:
    return (ROOT / "docs" / f"migrating-from-{name}.md").read_text(encoding="utf-8")


def cells(name: str) -> list[list[str]]:
    """Return the rows of a page's tables, whose last column is ours."""
    rows = [line.strip("|").split("|") for line in page(name).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows]


def codes(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def blocks(name: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", page(name), re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def agent() -> Iterator[ThreadedAgent]:
    with ThreadedAgent(VARIABLES, users=[USER], writable_communities=["public"]) as found:
        yield found


@pytest.fixture(scope="module")
def receiver_port() -> Iterator[int]:
    async def forget(_: Notification) -> None:
        pass

    thread = LoopThread()
    listener = thread.call(
        lambda: NotificationListener("127.0.0.1", 0, credentials=Community("public"), handler=forget)
    )
    thread.run(listener.start())
    yield listener.port
    thread.run(listener.aclose())
    thread.close()


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what the code in the tables uses, without the managers."""
    mib = Mib()
    folder = tmp_path_factory.mktemp("mibs")
    mib.save(folder / "all.mib")
    oid = "1.3.6.1.2.1.1.5.0"
    return {
        **{name: getattr(snmptcp, name) for name in snmptcp.__all__},
        **{name: getattr(errors, name) for name in errors.__all__},
        "snmptcp": snmptcp,
        "Mib": Mib,
        "SyncManager": SyncManager,
        "mib": mib,
        "user": USER,
        "oid": oid,
        "oids": ("1.3.6.1.2.1.1.1.0", oid),
        "path": folder / "all.mib",
        "folder": folder,
        "engine_id": b"\x80\0\x1f\x88\4shelf",
        "varbind": VarBind(mib.oid("ifOperStatus.1"), Integer32(2)),
        "row": {"ifOperStatus": Integer32(2)},
        "value": mib.oid("ifDescr"),
        "octets": OctetString(b"text"),
        "opaque": Opaque(b""),
        "error": AgentError(2, 1, ()),
        "fingerprint": "ab" * 32,
    }


def manager_for(name: str, agent: ThreadedAgent, mib: Mib) -> Any:
    kind = SyncManager if name in BLOCKING else Manager
    return kind(agent.host, agent.port, credentials=Community("public"), mib=mib)


# ---------------------------------------------------------------------------------------- the tables


@pytest.mark.parametrize("name", NAMES)
def test_every_name_of_the_other_library_is_in_a_table(name: str) -> None:
    theirs = " ".join(code for row in cells(name) for cell in row[:-1] for code in codes(cell))
    assert set(NAMES[name].split()) - set(re.findall(r"\w+", theirs)) == set()


def check(code: str, value: object, mib: Mib) -> None:
    """Check a value that is a name, or a name with a value, by the definitions of the modules."""
    if isinstance(value, str) and "::" in code:
        mib.oid(value)
    elif isinstance(value, tuple) and len(value) == 2 and re.match(r'\("[a-z]', code):
        mib.varbind(*value)


async def run(code: str, scope: dict[str, Any]) -> None:
    """Run an expression, which may await; read an iterator to its end."""
    compiled = compile(code, "<cell>", "eval", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    value = eval(compiled, scope)
    if compiled.co_flags & inspect.CO_COROUTINE:
        value = await value
    if isinstance(value, AsyncGeneratorType):
        value = [item async for item in value]
    elif isinstance(value, GeneratorType):
        value = list(value)
    check(code, value, scope["mib"])


async def run_awaiting(code: str, scope: dict[str, Any], agent: ThreadedAgent, receiver_port: int) -> None:
    async with (
        manager_for("pysnmp", agent, scope["mib"]) as manager,
        Manager("127.0.0.1", receiver_port, credentials=Community("public"), mib=scope["mib"]) as receiver,
        Manager(agent.host, agent.port, credentials=USER) as v3,
    ):
        if "v3" in code:
            await v3.get("1.3.6.1.2.1.1.1.0")
        if "session.inform" in code:
            manager = receiver  # noqa: PLW2901 - the agent receives no informs
        await run(code, {**scope, "manager": manager, "session": manager, "receiver": receiver, "v3": v3})


def run_blocking(code: str, scope: dict[str, Any], agent: ThreadedAgent, receiver_port: int) -> None:
    with (
        manager_for("easysnmp", agent, scope["mib"]) as session,
        SyncManager("127.0.0.1", receiver_port, credentials=Community("public"), mib=scope["mib"]) as receiver,
    ):
        value = eval(code, {**scope, "session": session, "receiver": receiver})
        check(code, list(value) if isinstance(value, GeneratorType) else value, scope["mib"])


@pytest.mark.parametrize("name", NAMES)
def test_all_code_of_ours_in_the_tables_runs(
    name: str, agent: ThreadedAgent, receiver_port: int, names: dict[str, Any]
) -> None:
    failures: list[str] = []
    found = [code for row in cells(name) for code in codes(row[-1])]
    assert len(found) > 30
    for code in dict.fromkeys(found):
        if code in WORDS or hasattr(Manager, code):  # a method without its arguments
            continue
        if option := re.fullmatch(r"(\w+)=", code):
            if option[1] not in OPTIONS:
                failures.append(f"{code}: there is no such option")
            continue
        if command := re.fullmatch(r"snmptcp (\w+)(?: .*)?", code):
            if command[1] not in COMMANDS:
                failures.append(f"{code}: there is no such command")
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SecurityWarning)
                if name in BLOCKING:
                    run_blocking(code, names, agent, receiver_port)
                else:
                    asyncio.run(run_awaiting(code, names, agent, receiver_port))
        except Exception as error:  # all of them are shown at once
            failures.append(f"{code}: {type(error).__name__}: {error}")
    assert not failures, "\n".join(failures)


# -------------------------------------------------------------------------------------- the programs


def execute(code: str, agent: ThreadedAgent) -> dict[str, Any]:
    scope: dict[str, Any] = {}
    exec(compile(code.replace('"192.0.2.1"', f'"{agent.host}", {agent.port}'), "<block>", "exec"), scope)
    return scope


@pytest.fixture
def public_agent() -> Iterator[ThreadedAgent]:
    with ThreadedAgent(VARIABLES) as found:
        yield found


DESCR = "SNMPv2-MIB::sysDescr.0 = STRING: a switch"
IF_DESCR = ["IF-MIB::ifDescr.1 = STRING: lo", "IF-MIB::ifDescr.2 = STRING: eth0"]


@pytest.mark.parametrize(
    ("name", "block", "output"),
    [
        ("pysnmp", 0, [DESCR]),
        ("pysnmp", 1, ["a switch", "lo down", "eth0 down"]),
        ("netsnmp-python", 0, ["a switch", "4711", *IF_DESCR]),
        ("easysnmp", 0, ["a switch", *IF_DESCR]),
        ("gufo-snmp", 0, ["a switch", "1.3.6.1.2.1.2.2.1.2.1 lo", "1.3.6.1.2.1.2.2.1.2.2 eth0"]),
    ],
)
def test_a_program_of_ours_prints_what_the_other_does(
    name: str, block: int, output: list[str], public_agent: ThreadedAgent, capsys: pytest.CaptureFixture[str]
) -> None:
    execute(blocks(name)[block], public_agent)
    assert capsys.readouterr().out.splitlines() == output
    if name == "easysnmp":
        assert public_agent.call(public_agent.agent.mib.read, OID("1.3.6.1.2.1.1.5.0")) == b"core"


def test_every_program_is_run_here() -> None:
    assert {name: len(blocks(name)) for name in NAMES} == {
        "pysnmp": 3,
        "netsnmp-python": 1,
        "easysnmp": 1,
        "gufo-snmp": 2,
    }


def test_the_receiver_prints_a_trap_and_an_inform(agent: ThreadedAgent, capsys: pytest.CaptureFixture[str]) -> None:
    code = blocks("pysnmp")[2].replace("port=1162", 'host="127.0.0.1", port=0')
    scope = execute(code, agent)
    listeners: list[NotificationListener] = []

    def make(*arguments: Any, **options: Any) -> NotificationListener:
        listeners.append(NotificationListener(*arguments, **options))
        return listeners[0]

    scope["NotificationListener"] = make

    async def notify() -> None:
        receiving = asyncio.create_task(scope["receive"]())
        while not (listeners and listeners[0].port):
            await asyncio.sleep(0)
        for credentials in (Community("public"), USER):
            async with Manager("127.0.0.1", listeners[0].port, credentials=credentials) as manager:
                await manager.inform("1.3.6.1.6.3.1.1.5.3", ("1.3.6.1.2.1.2.2.1.8.1", 2))
        await listeners[0].aclose()
        await receiving

    asyncio.run(notify())
    heard = ["IF-MIB::linkDown from 127.0.0.1", "  IF-MIB::ifOperStatus.1 = INTEGER: down(2)"]
    assert capsys.readouterr().out.splitlines() == heard * 2


def test_requests_are_spaced(agent: ThreadedAgent) -> None:
    paced = execute(blocks("gufo-snmp")[1], agent)["paced"]
    names = ["1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.1.6.0"]

    async def ask() -> float:
        loop = asyncio.get_running_loop()
        async with Manager(agent.host, agent.port, credentials=Community("public")) as manager:
            await manager.connect()
            began = loop.time()
            async with contextlib.aclosing(paced(manager, names, 100)) as answers:
                assert [len(answer) async for answer in answers] == [1, 1, 1]
            return loop.time() - began

    assert asyncio.run(ask()) >= 0.02


# ------------------------------------------------------------------------------------------ the links


def anchors(path: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", [*(f"migrating-from-{name}" for name in NAMES), "mibs"])
def test_every_link_leads_to_a_page_and_a_heading(name: str) -> None:
    source = ROOT / "docs" / f"{name}.md"
    for target in re.findall(r"\]\(([^)]+)\)", source.read_text(encoding="utf-8")):
        file, _, anchor = target.partition("#")
        path = (source.parent / file).resolve() if file else source
        assert path.is_file(), target
        assert not anchor or anchor in anchors(path), target
