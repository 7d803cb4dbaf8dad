"""The same snmp.conf for ``snmptcp get`` and net-snmp's ``snmpget``: the same message leaves, the same answer comes."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest

from snmptcp.cli.configuration.tokens import IGNORED, TOKENS
from snmptcp.codec.message import CommunityMessage, decode_message
from tests.support.netsnmp import environment, require_program, run
from tests.support.sid import TlsSnmpd
from tests.support.snmpd import AUTH_PASSWORD, PRIV_PASSWORD, Snmpd, SnmpdUser

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from tests.cli.configuration.helpers import ConfFiles
    from tests.cli.conftest import Cli
    from tests.support.certificates import Certificates
    from tests.support.sid import CertificateTree

pytestmark = [pytest.mark.anyio, pytest.mark.interop]

SYS_LOCATION = "1.3.6.1.2.1.1.6.0"
USER = SnmpdUser("bert", "SHA", "AES")


class Ear:
    """A server that keeps the version and the community of each first message, and hangs up."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.port = 0

    async def listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        octets = await reader.read(65536)
        if octets:
            message = decode_message(octets)
            community = message.community if isinstance(message, CommunityMessage) else b""
            self.heard.append((str(message.version), community))
        writer.close()


@pytest.fixture
async def ear(anyio_backend: object) -> AsyncIterator[Ear]:
    ear = Ear()
    server = await asyncio.start_server(ear.listen, "127.0.0.1", 0)
    ear.port = server.sockets[0].getsockname()[1]
    async with server:
        yield ear


async def snmpget(files: ConfFiles, folder: Path, *words: str) -> tuple[str, str]:
    """Return the output and the messages of net-snmp's program, with the same folders."""
    program = require_program("snmpget", "snmp")
    variables = {**environment(folder / "persist"), "SNMPCONFPATH": f"{files.system}:{files.user}"}
    done = await asyncio.to_thread(run, [program, *words], variables)
    return done.stdout, done.stderr


@pytest.mark.parametrize(
    "lines",
    [
        ["defVersion 2c", "defCommunity plain"],
        ["DEFVERSION 1", "\tdefcommunity  with blanks  # and more  "],
        ["defVersion v1", 'defCommunity "a \\"quoted\\" b\\\\c" rest'],
        ["defVersion 2C", 'defCommunity "open'],
        ["defVersion 1", 'defCommunity ""'],
        ["defVersion 1", "defCommunity 'single'"],
        ["defVersion 1", "defCommunity first", "defCommunity second\r"],
        ["defVersion 1", "defCommunity kept", "defCommunity", "defCommunity # nothing"],
        ["defVersion 1", "defCommunity kept", "defVersion 9", "[snmp", "[snmp]defCommunity x", "zork 1"],
        ["defVersion 1", "defCommunity \udce4\udcf6"],
        ["defVersion 1", "[snmpapp]", "defCommunity other", "[snmp] defCommunity ours", "defCommunity other"],
        ["defVersion 1", "includeFile part.conf", "defVersion 2c"],
        ["defVersion 1", "defCommunity before", "includeSearch part.conf"],
        ["defVersion 1", "defCommunity before", "includeSearch part"],
        ["defVersion 1", "defCommunity before", "includeFile nothing", "includeDir relative"],
        ["defVersion 1", "defCommunity before", "include part"],
        ["defVersion 1\\", "defVersion 2c", "defCommunity a\\", "b"],
        [" # a comment", "", "[snmp]", "defVersion 1", "defCommunity x # y"],
        ["defVersion 3", "disableSNMPv3 no"],
    ],
    ids=str,
)
async def test_the_same_message_leaves(
    lines: list[str], cli: Cli, conf_files: ConfFiles, ear: Ear, tmp_path: Path
) -> None:
    conf_files.write("defCommunity of the system", "defSecurityName bert", folder=conf_files.system)
    conf_files.write("[snmp]", "defCommunity included", "[snmpapp]", name="part.conf")
    conf_files.write(*lines)
    agent = f"tcp:127.0.0.1:{ear.port}"
    await snmpget(conf_files, tmp_path, "-r0", "-t", "1", agent, SYS_LOCATION)
    await cli("get", "-r0", "-t", "5", agent, SYS_LOCATION)
    theirs, ours = ear.heard[0], ear.heard[-1]
    assert len(ear.heard) > 1
    assert ours == theirs


async def test_files_win_in_the_same_order(cli: Cli, conf_files: ConfFiles, ear: Ear, tmp_path: Path) -> None:
    agent = f"tcp:127.0.0.1:{ear.port}"
    names = [
        (conf_files.system, "snmp.conf"),
        (conf_files.system, "snmp.local.conf"),
        (conf_files.user, "snmp.conf"),
        (conf_files.user, "snmp.local.conf"),
        (conf_files.system, "snmpapp.conf"),
        (conf_files.user, "snmpapp.conf"),
        (conf_files.user, "snmpapp.local.conf"),
    ]
    for folder, name in reversed(names):  # each file is outdone by those that were written before
        conf_files.write("[snmp] defVersion 2c", f"[snmp] defCommunity {folder.name}-{name}", folder=folder, name=name)
    for folder, name in reversed(names):
        ear.heard.clear()
        await snmpget(conf_files, tmp_path, "-r0", "-t", "1", agent, SYS_LOCATION)
        await cli("get", "-r0", agent, SYS_LOCATION)
        assert ear.heard == [("2c", f"{folder.name}-{name}".encode())] * 2
        (folder / name).unlink()


@pytest.mark.parametrize(
    "words",
    [
        ("-c", "given"),
        ("-v2c",),
        ("-YdefCommunity=inline",),
        ("-Y", "defCommunity=a=b"),
        ("-YdefCommunity inline",),
        ("--defCommunity=inline",),
        ("--DEFversion=2c", "--defCommunity=a b"),
        ("-Y", "[snmp] defCommunity x"),
        ("-c", "given", "--defCommunity=inline"),
    ],
    ids=str,
)
async def test_the_command_line_wins_in_the_same_way(
    words: tuple[str, ...], cli: Cli, conf_files: ConfFiles, ear: Ear, tmp_path: Path
) -> None:
    conf_files.write("defVersion 1", "defCommunity file")
    agent = f"tcp:127.0.0.1:{ear.port}"
    await snmpget(conf_files, tmp_path, "-r0", "-t", "1", *words, agent, SYS_LOCATION)
    await cli("get", "-r0", *words, agent, SYS_LOCATION)
    assert len(ear.heard) == 2
    assert ear.heard[1] == ear.heard[0]


async def test_the_same_lines_are_wrong(cli: Cli, conf_files: ConfFiles, ear: Ear, tmp_path: Path) -> None:
    conf_files.write(
        "defVersion 2c",
        "defCommunity",
        "zork 1",
        "timeout 0x10",
        "timeout 5x",
        "timeout 5 # seconds",
        "retries 1 2",
        "quickPrinting on",
        "quickPrinting YES # please",
        'quickPrinting "yes"',
        "defVersion 7",
        "defVersion V2C",
        "defAuthType none",
        "defAuthType sha256",
        "defPrivType none",
        "defSecurityLevel high",
        "defSecurityLevel AUTHPRIV",
        "[snmp",
        "[snmp]x y",
        "includeFile nothing",
        "includeSearch nothing",
        "includeDir relative",
        "includeDir /nonexistent",
        "clientaddr 192.0.2.1",
        "defTarget snmp tcp 192.0.2.1",
    )
    agent = f"tcp:127.0.0.1:{ear.port}"
    _, theirs = await snmpget(conf_files, tmp_path, "-c", "x", "-r0", "-t", "1", agent, SYS_LOCATION)
    ours = (await cli("get", "-c", "x", "-r0", agent, SYS_LOCATION)).err
    assert _told(ours) == _told(theirs)


def _told(text: str) -> list[tuple[str, str]]:
    """Return the number and the kind of each line that a program complains about."""
    found = set()
    for line in text.splitlines():
        place, _, kind = line.partition(": line ")
        if place and kind:
            number, kind = kind.split(": ")[:2]
            found.add((number, kind))
    return sorted(found, key=lambda one: int(one[0]))


def test_all_tokens_of_net_snmp_are_known(conf_files: ConfFiles, tmp_path: Path) -> None:
    done = run([require_program("snmpget", "snmp"), "-H"], environment(tmp_path / "persist"))
    listed = [line.split()[0] for line in (done.stdout + done.stderr).splitlines() if line.startswith("    ")]
    assert len(listed) > 70
    server_only = {"engineID", "engineIDType", "engineIDNic"}  # in snmpapp.conf
    assert [name for name in listed if name.lower() not in {*TOKENS, *IGNORED} and name not in server_only] == []


# ------------------------------------------------------------------------------------------ real agents


@pytest.fixture(scope="module")
def snmpd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snmpd]:
    agent = Snmpd(tmp_path_factory.mktemp("snmpd"), users=(USER,))
    agent.start()
    with contextlib.closing(contextlib.ExitStack()) as stack:
        stack.callback(agent.stop)
        yield agent


@pytest.mark.parametrize(
    "secrets",
    [
        [f"defAuthPassphrase {AUTH_PASSWORD}", f"defPrivPassphrase {PRIV_PASSWORD}"],
        [f"defPassphrase {AUTH_PASSWORD}", f'defPrivPassphrase "{PRIV_PASSWORD}"'],
        ["defPassphrase anything", f"defAuthPassphrase {AUTH_PASSWORD}", f"defPrivPassphrase {PRIV_PASSWORD}"],
        [
            f"defAuthLocalizedKey 0x{'00' * 20}",
            f"defPrivLocalizedKey 0x{'00' * 20}",
            f"defAuthPassphrase {AUTH_PASSWORD}",
            f"defPrivPassphrase {PRIV_PASSWORD}",
        ],
    ],
)
async def test_the_same_user_gets_the_same_answer(
    secrets: list[str], cli: Cli, conf_files: ConfFiles, snmpd: Snmpd, tmp_path: Path
) -> None:
    if not snmpd.knows(USER):
        pytest.skip("this build of snmpd lacks AES")
    conf_files.write(
        "defVersion 3",
        f"defSecurityName {USER.name}",
        "defSecurityLevel authPriv",
        "defAuthType SHA",
        "defPrivType AES",
        *secrets,
    )
    answer = f'.{SYS_LOCATION} = STRING: "a shelf in the lab"\n'
    assert (await snmpget(conf_files, tmp_path, "-On", snmpd.address, SYS_LOCATION))[0] == answer
    assert await cli("get", "-On", snmpd.address, SYS_LOCATION) == (0, answer, "")


async def test_certificates_of_the_file_are_enough(
    cli: Cli, conf_files: ConfFiles, tree: CertificateTree, certificates: Certificates, tmp_path: Path
) -> None:
    tree.add("agent", certificates.server.certificate_pem, certificates.server.key_pem)
    (tmp_path / "tls-snmpd").mkdir()
    agent = TlsSnmpd(
        tmp_path / "tls-snmpd",
        tree,
        identity="agent",
        trusted=["authority"],
        names={"manager": "--sn boss"},
        users=["boss"],
    )
    agent.start()
    try:
        lines = ("localCert manager", "trustCert authority", "peerCert agent")
        conf_files.write("defVersion 3", *lines, folder=tree.directory)
        answer = f'.{SYS_LOCATION} = STRING: "a shelf in the lab"\n'
        assert await cli("get", "-On", agent.tls_address, SYS_LOCATION) == (0, answer, "")
    finally:
        agent.stop()
