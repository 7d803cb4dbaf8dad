"""TLS: R22 (peers to refuse before any SNMP), R23 (net-snmp of sid), R24 (clients to refuse)."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import itertools
import ssl
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from snmptcp import Community, EngineInfo, Manager, Tsm
from snmptcp.errors import SnmpError
from snmptcp.listener import NotificationListener
from snmptcp.values import OctetString
from tests.scorecard.programs import find_program
from tests.scorecard.row import Figure, Missing, Outcome, Row, Scale, share
from tests.support.certificates import LOOPBACK, Issued
from tests.support.mibs import SYS_NAME
from tests.support.netsnmp import free_port
from tests.support.notifications import TlsSnmptrapd
from tests.support.senders import notification_pdu, tsm_message
from tests.support.sid import CertificateTree, TlsSnmpd, TlsTools
from tests.support.tls import TlsServer
from tests.support.tls_agents import C, Recorder, agent_options, manager_options, open_options, tsm_agent

if TYPE_CHECKING:
    import subprocess
    from collections.abc import AsyncIterator

    from snmptcp import TlsOptions

HERE = "127.0.0.1"
VERSIONS = ("1.2", "1.3")
TRAP = "1.3.6.1.4.1.8072.9999.0.17"
SENDER = bytes.fromhex("80001f8804") + b"sender"

# -------------------------------------------------------------------------- R22: peers that are refused


class _Bad(NamedTuple):
    """A server's certificate that a manager must refuse, and the manager's options beside the usual ones."""

    issued: Issued
    given: dict[str, Any] = {}  # noqa: RUF012 - never changed


def _issue(*names: x509.GeneralName, **given: Any) -> Issued:
    return C.authority.issue("agent", *names, **given)


def _bad_servers() -> dict[str, _Bad]:
    wildcard = _issue(x509.DNSName("*.example.com"))
    return {
        "expired": _Bad(C.expired),
        "not yet valid": _Bad(C.not_yet_valid),
        "unknown authority": _Bad(C.of_other_authority),
        "self-signed": _Bad(C.self_signed),
        "self-signed and expired": _Bad(C.self_signed_and_expired),
        "another host": _Bad(C.elsewhere),
        "another name": _Bad(C.server, {"server_name": "elsewhere.test"}),
        "another address": _Bad(C.server, {"server_name": "127.0.0.2"}),
        "wildcard, no label": _Bad(wildcard, {"server_name": "example.com"}),
        "wildcard, two labels": _Bad(wildcard, {"server_name": "a.b.example.com"}),
        "part of a label": _Bad(_issue(x509.DNSName("a*.example.com")), {"server_name": "ab.example.com"}),
        "common name alone": _Bad(C.authority.issue("agent.test"), {"server_name": "agent.test"}),
        "for clients alone": _Bad(_issue(*LOOPBACK, usages=(ExtendedKeyUsageOID.CLIENT_AUTH,))),
        "for mail": _Bad(_issue(*LOOPBACK, usages=(ExtendedKeyUsageOID.EMAIL_PROTECTION,))),
        "revoked": _Bad(C.revoked, {"crl": C.crl_pem}),
        "no revocation list of its authority": _Bad(C.server, {"crl": C.other_authority.crl_pem()}),
        "another fingerprint": _Bad(C.server, {"ca_pem": None, "fingerprints": C.self_signed.fingerprint}),
        "fingerprint beside the authority": _Bad(C.server, {"fingerprints": C.self_signed.fingerprint}),
        "the system's authorities": _Bad(C.server, {"ca_pem": None}),
        "intermediate not sent": _Bad(
            Issued(C.server_of_intermediate.certificate, C.server_of_intermediate.private_key)
        ),
    }


#: What openssl's server may offer, and a manager must not take.
WEAK = {
    "TLS 1.1": ("-tls1_1", "-cipher", "ALL:@SECLEVEL=0"),
    "TLS 1.0": ("-tls1", "-cipher", "ALL:@SECLEVEL=0"),
    "no encryption": ("-tls1_2", "-cipher", "eNULL:@SECLEVEL=0"),
    "no authentication": ("-tls1_2", "-cipher", "aNULL:@SECLEVEL=0"),
}

#: What a peer says that does not speak TLS.
PLAIN = {"SNMP": bytes.fromhex("300302010130030201"), "HTTP": b"HTTP/1.1 400 Bad Request\r\n\r\n", "nothing": b""}


def _note(sent: list[bytes], _: str, octets: bytes) -> None:
    """Keep what a manager hands over to be sent."""
    sent.append(octets)


async def _is_refused(port: int, tls: TlsOptions) -> bool:
    """Ask in every version; return whether each request failed, and nothing of SNMP was handed over to be sent."""
    for credentials in (Community("public"), Tsm()):
        sent: list[bytes] = []
        async with Manager(
            HERE,
            port,
            credentials=credentials,
            tls=tls,
            timeout=1.0,
            packet_trace=functools.partial(_note, sent),
        ) as manager:
            try:
                await manager.get(SYS_NAME)
            except SnmpError:
                if sent:
                    return False
            else:
                return False
    return True


async def _bad_certificates(version: str) -> tuple[dict[str, bool], int]:
    """Return which bad servers were refused, and how many octets of SNMP they received."""
    refused, octets = {}, 0
    for name, (issued, given) in _bad_servers().items():
        async with TlsServer(open_options(version, certificate=issued.pem)) as server:
            refused[name] = await _is_refused(server.server.port, manager_options(version, **given))
        octets += sum(map(len, server.messages))
    return refused, octets


@contextlib.asynccontextmanager
async def _s_server(folder: Path, *words: str) -> AsyncIterator[tuple[int, Path]]:
    """Run openssl's server; yields its port, and the file that gets what it receives."""
    program = find_program("openssl")
    assert program is not None
    port, received = free_port(), folder / "received"
    (folder / "server.pem").write_text(C.server.pem)
    with received.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            *(program, "s_server", "-quiet", "-accept", f"{HERE}:{port}", "-cert", str(folder / "server.pem"), *words),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=asyncio.subprocess.DEVNULL,
        )
    try:
        async with asyncio.timeout(20):
            while process.returncode is None:
                try:
                    _, writer = await asyncio.open_connection(HERE, port)
                except OSError:
                    await asyncio.sleep(0.02)
                else:
                    writer.close()
                    break
        if process.returncode is not None:
            raise RuntimeError(f"openssl s_server {' '.join(words)} ended with status {process.returncode}")
        yield port, received
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _weak_servers(folder: Path) -> tuple[dict[str, bool], int]:
    refused, octets = {}, 0
    for name, words in WEAK.items():
        async with _s_server(folder, *words) as (port, received):
            refused[name] = await _is_refused(port, manager_options())
        octets += received.stat().st_size
    return refused, octets


async def _plain_peers() -> tuple[dict[str, bool], int]:
    """Return which peers without TLS were refused, and how many octets they got that are no record of a handshake."""
    refused, octets = {}, 0
    for name, reply in PLAIN.items():
        async with Recorder(reply) as peer:
            refused[name] = await _is_refused(peer.port, manager_options())
        octets += len(_beside_handshakes(peer.received))
    return refused, octets


def _beside_handshakes(octets: bytes) -> bytes:
    """Return what is left of octets without the records of handshakes and alerts."""
    while len(octets) >= 5 and octets[0] in (21, 22):
        octets = octets[5 + int.from_bytes(octets[3:5], "big") :]
    return octets


async def refused_peers(scale: Scale) -> Outcome:
    """R22: bad certificates with TLS 1.2 and 1.3, weak servers of openssl, and peers without TLS."""
    results = [await _bad_certificates(version) for version in VERSIONS] + [await _plain_peers()]
    missing: tuple[str, ...] = ()
    if find_program("openssl"):
        with tempfile.TemporaryDirectory() as folder:
            results.append(await _weak_servers(Path(folder)))
    else:
        missing = ("TLS 1.1 and weak ciphers: openssl is not installed",)
    refused = [(name, good) for found, _ in results for name, good in found.items()]
    return Outcome(
        (
            Figure("peers", len(refused), least=20),
            share("refused", sum(good for _, good in refused), len(refused)),
            Figure("octets of SNMP that they received", sum(octets for _, octets in results), most=0),
        ),
        missing,
        notes=tuple(f"not refused: {name}" for name, good in refused if not good),
    )


# ------------------------------------------------------------------------------------ R23: net-snmp of sid


def _tree(folder: Path) -> CertificateTree:
    tree = CertificateTree(folder / "tree")
    tree.add_authority("authority", C.ca_pem)
    tree.add("agent", C.server.certificate_pem, C.server.key_pem)
    tree.add("manager", C.client.certificate_pem, C.client.key_pem)
    return tree


def _room(folder: Path, name: str) -> Path:
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    return place


async def _works(call: Any) -> bool:
    try:
        await call
    except SnmpError:
        return False
    return True


async def _we_ask(agent: TlsSnmpd, version: str) -> dict[str, bool]:
    tls = manager_options(version)
    async with Manager(agent.host, agent.tls_port, credentials=Tsm(), tls=tls, timeout=20) as manager:
        return {
            "GET": await _works(manager.get(SYS_NAME)),
            "SET": await _works(manager.set((SYS_NAME, f"named {version}")))
            and await manager.get_value(SYS_NAME) == OctetString(f"named {version}"),
            "GETBULK": len(await manager.get_bulk("1.3.6.1.2.1.1", max_repetitions=20)) == 20,
            "version": manager.tls is not None and manager.tls.version.endswith(version),
        }


async def _run(tools: TlsTools, name: str, address: str, *words: str) -> subprocess.CompletedProcess[str]:
    return await asyncio.to_thread(tools.run, name, address, *words, their_identity="agent")


async def _they_ask(tools: TlsTools, version: str) -> dict[str, bool]:
    async with tsm_agent(version) as agent:
        address = f"tlstcp:{agent.host}:{agent.port}"
        run = functools.partial(_run, tools)
        return {
            "snmpget": "core" in (await run("snmpget", address, SYS_NAME)).stdout,
            "snmpset": (await run("snmpset", address, SYS_NAME, "s", "renamed")).returncode == 0
            and agent.mib[SYS_NAME] == b"renamed",
            "snmpbulkwalk": "renamed" in (await run("snmpbulkwalk", address, "1.3.6.1.2.1.1")).stdout,
        }


async def _we_notify(receiver: TlsSnmptrapd, version: str) -> dict[str, bool]:
    before = len(receiver.received)
    async with Manager(
        receiver.host,
        receiver.tls_port,
        credentials=Tsm(),
        tls=manager_options(version),
        timeout=20,
        local_engine=EngineInfo(SENDER, 3, 500),
    ) as manager:
        trap = await _works(manager.send_trap(TRAP, (SYS_NAME, "dev")))
        inform = await _works(manager.inform(TRAP, (SYS_NAME, "dev")))
        received = await asyncio.to_thread(receiver.has, before + 2, 10)
    return {"trap": trap and received, "inform": inform}


async def _they_notify(tools: TlsTools, version: str) -> dict[str, bool]:
    results = {}
    options = agent_options(version)
    async with NotificationListener(HERE, 0, credentials=Tsm(), tls=options) as listener:
        address = f"tlstcp:{HERE}:{listener.addresses[0][1]}"
        for name in ("snmptrap", "snmpinform"):
            arguments = ("4242", TRAP, SYS_NAME, "s", "dev")
            ended = await _run(tools, name, address, *arguments)
            async with asyncio.timeout(20):
                notification = await anext(listener)
            results[name] = ended.returncode == 0 and notification.security_name == b"boss"
    return results


async def tlstm_with_net_snmp(scale: Scale) -> Outcome:
    """R23: the Transport Security Model both ways, with TLS 1.2 and 1.3."""
    results: dict[str, bool] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tree = _tree(folder)
        usual = {"identity": "agent", "trusted": ["authority"], "names": {"manager": "--sn boss"}}
        agent = TlsSnmpd(_room(folder, "snmpd"), tree, users=["boss"], **usual)  # type: ignore[arg-type]
        receiver = TlsSnmptrapd(_room(folder, "trapd"), tree, accepted=["boss"], **usual)  # type: ignore[arg-type]
        tools = TlsTools(_room(folder, "tools"), tree, identity="manager", trusted="authority")
        await asyncio.to_thread(agent.start)
        await asyncio.to_thread(receiver.start)
        try:
            for version in VERSIONS:
                found = await _we_ask(agent, version) | await _they_ask(tools, version)
                found |= await _we_notify(receiver, version) | await _they_notify(tools, version)
                results |= {f"{what} over TLS {version}": good for what, good in found.items()}
        finally:
            agent.stop()
            receiver.stop()
    failed = [what for what, good in results.items() if not good]
    return Outcome(
        (Figure("exchanges", len(results)), share("worked", len(results) - len(failed), len(results))),
        notes=tuple(f"failed: {what}" for what in failed),
    )


# ----------------------------------------------------------------------------- R24: clients that are refused


def _context(version: str, issued: Issued | None, folder: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=C.ca_pem)
    context.check_hostname = False
    number = ssl.TLSVersion.TLSv1_2 if version == "1.2" else ssl.TLSVersion.TLSv1_3
    context.minimum_version = context.maximum_version = number
    if issued is not None:
        (folder / "client.pem").write_text(issued.pem)
        context.load_cert_chain(folder / "client.pem")
    return context


async def _sends_by_python(address: tuple[str, int], context: ssl.SSLContext, message: bytes) -> None:
    """Send a message as soon as the handshake allows, and wait for the end."""
    with contextlib.suppress(OSError, ssl.SSLError):
        reader, writer = await asyncio.open_connection(*address, ssl=context, server_hostname="localhost")
        try:
            writer.write(message)
            await writer.drain()
            await reader.read()
        finally:
            writer.close()


async def _sends_by_openssl(address: tuple[str, int], words: tuple[str, ...], message: bytes) -> None:
    program = find_program("openssl")
    assert program is not None
    process = await asyncio.create_subprocess_exec(
        *(program, "s_client", "-quiet", "-connect", f"{address[0]}:{address[1]}", *words),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    async with asyncio.timeout(20):
        await process.communicate(message)


async def refused_clients(scale: Scale) -> Outcome:
    """R24: traps from clients without a certificate, with a wrong one, and with one that no map names."""
    message = tsm_message(notification_pdu())
    wrong = {
        "none": None,
        "unknown authority": C.other_authority.issue("manager"),
        "self-signed": C.self_signed,
        "expired": C.expired,
        "no security name": C.other_client,
    }
    turns = scale.count(5)
    tried = accepted = counted = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for version, issued in itertools.product(VERSIONS, wrong.values()):
            async with NotificationListener(HERE, 0, credentials=Tsm(), tls=agent_options(version)) as listener:
                address = listener.addresses[0]
                for _ in range(turns):
                    await _sends_by_python(address, _context(version, issued, folder), message)
                    tried += 1
                if find_program("openssl"):
                    words: tuple[str, ...] = (f"-tls{version.replace('.', '_')}",)
                    words += ("-cert", str(folder / "client.pem")) if issued is not None else ()
                    await _sends_by_openssl(address, words, message)
                    tried += 1
                statistics = listener.statistics
                accepted += statistics.messages
                counted += statistics.failed_handshakes
    if not tried:
        raise Missing("no client")
    return Outcome(
        (
            Figure("clients", tried),
            Figure("messages accepted", accepted, most=0),
            share("counted as failed handshakes", counted, tried),
        ),
        missing=() if find_program("openssl") else ("openssl s_client: openssl is not installed",),
    )


ROWS = (
    Row(
        "R22",
        "peers over TLS that are not who they must be, or too weak",
        "refused before any octet of SNMP is sent",
        refused_peers,
    ),
    Row(
        "R23",
        "TLSTM with net-snmp of sid",
        "GET, GETBULK, SET, trap and inform both ways, with TLS 1.2 and 1.3",
        tlstm_with_net_snmp,
    ),
    Row(
        "R24",
        "clients without a certificate, or with a wrong one, at a listener",
        "no message accepted; each counted",
        refused_clients,
    ),
)
