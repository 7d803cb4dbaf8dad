"""The command line over TLS against net-snmp's agent and trap receiver, with net-snmp's own words for certificates."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.support.notifications import TlsSnmptrapd
from tests.support.sid import TlsSnmpd, TlsTools

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.conftest import Cli
    from tests.support.certificates import Certificates
    from tests.support.sid import CertificateTree

pytestmark = [pytest.mark.anyio, pytest.mark.interop]

SYS_LOCATION = "1.3.6.1.2.1.1.6.0"
SYS_NAME = "1.3.6.1.2.1.1.5.0"
TRAP_OID = "1.3.6.1.4.1.8072.9999.0.17"
OWN = ("-Tour_identity=manager", "-Ttrust_cert=authority")


@pytest.fixture
def full_tree(tree: CertificateTree, certificates: Certificates) -> CertificateTree:
    tree.add("agent", certificates.server.certificate_pem, certificates.server.key_pem)
    return tree


@pytest.fixture
def snmpd(full_tree: CertificateTree, tmp_path: Path) -> Iterator[TlsSnmpd]:
    folder = tmp_path / "snmpd"
    folder.mkdir()
    agent = TlsSnmpd(
        folder, full_tree, identity="agent", trusted=["authority"], names={"manager": "--sn boss"}, users=["boss"]
    )
    agent.start()
    yield agent
    agent.stop()


@pytest.fixture
def snmptrapd(full_tree: CertificateTree, tmp_path: Path) -> Iterator[TlsSnmptrapd]:
    folder = tmp_path / "snmptrapd"
    folder.mkdir()
    receiver = TlsSnmptrapd(
        folder,
        full_tree,
        identity="agent",
        trusted=["authority"],
        names={"manager": "--sn sender"},
        accepted=["sender"],
    )
    receiver.start()
    yield receiver
    receiver.stop()


async def test_the_same_words_have_the_same_answer(
    cli: Cli, snmpd: TlsSnmpd, full_tree: CertificateTree, tmp_path: Path
) -> None:
    tools = TlsTools(tmp_path, full_tree, identity="manager", trusted="authority")
    for option, value in (("their_identity", "agent"), ("their_hostname", "agent.test")):
        theirs = tools.run("snmpget", snmpd.tls_address, SYS_LOCATION, **{option: value})
        assert '"a shelf in the lab"' in theirs.stdout
        ours = await cli("get", *OWN, f"-T{option}={value}", snmpd.tls_address, SYS_LOCATION)
        assert ours == (0, theirs.stdout, "")


@pytest.mark.parametrize("version", ["1.2", "1.3"])
async def test_requests_of_every_kind(cli: Cli, snmpd: TlsSnmpd, version: str) -> None:
    words = (*OWN, "--tls-version", version, snmpd.tls_address)
    assert (await cli("set", "-Oqv", *words, SYS_NAME, "s", f"named over {version}")).out == f'"named over {version}"\n'
    walked = await cli("walk", "-Oqv", *words, SYS_NAME)
    assert walked == (0, f'"named over {version}"\n', "")
    engine = json.loads((await cli("discover", "--json", *words)).out)
    assert engine["enterprise"] == 8072
    assert engine["authenticated"] is True


async def test_a_certificate_that_the_agent_does_not_trust_is_refused(
    cli: Cli, snmpd: TlsSnmpd, full_tree: CertificateTree, certificates: Certificates
) -> None:
    full_tree.add("selfie", certificates.self_signed.certificate_pem, certificates.self_signed.key_pem)
    words = ("-Tour_identity=selfie,trust_cert=authority", snmpd.tls_address)
    outcome = await cli("get", *words, SYS_LOCATION)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.count("\n") == 1


async def test_a_trap_and_an_inform_arrive(cli: Cli, snmptrapd: TlsSnmptrapd) -> None:
    for count, command in enumerate(("trap", "inform"), 1):
        words = ("4242", TRAP_OID, SYS_NAME, "s", command)
        assert await cli(command, *OWN, snmptrapd.tls_address, *words) == (0, "", "")
        received = snmptrapd.wait_for(count)[-1]
        assert (received.version, received.name) == ("3", "sender")
        assert received.varbinds[f".{SYS_NAME}"] == f'STRING: "{command}"'
