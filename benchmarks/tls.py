"""TLS compared with TCP: the same agent with TSM over TLS 1.3, and with a community over TCP.

The agents are the library's own in another process, and the snmpd of net-snmp 5.9.5 or newer if the tests' folder of
Debian sid exists (``.ci/sid`` makes it).
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.agents import (
    COMMUNITY,
    HOST,
    ROWS,
    START_ATTEMPTS,
    UPTIME,
    answers,
    free_port,
    running,
    snmpd_configuration,
    snmpd_environment,
    synthetic_mib,
)
from benchmarks.cases import GETS, MAX_REPETITIONS, OURS, walk
from benchmarks.measure import Case, Subject
from snmptcp import Community, Manager, TlsOptions, Tsm
from snmptcp.net.tls import CertificateMap, ClientTls, MapType
from snmptcp.testing import Agent

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from contextlib import AbstractContextManager, ExitStack

__all__ = ("TlsAgent", "tls_agents", "tls_cases")

OVER_TCP = f"{OURS}, v2c over TCP"

WINDOW = 100

#: The name of the manager's certificate.
MANAGER = "manager"


@dataclass(frozen=True, slots=True)
class TlsAgent:
    """A running agent over TCP and TLS.

    Attributes:
        name: ``snmpd`` or ``embedded``.
        port: its TCP port.
        tls_port: its TLS port.
        folder: contains ``ca.pem`` and the manager's certificate and key.
        only_tsm: whether it accepts only TSM over TLS.
    """

    name: str
    port: int
    tls_port: int
    folder: Path
    only_tsm: bool

    @property
    def options(self) -> TlsOptions:
        """The manager's options: TLS 1.3."""
        names = (self.folder / f"{MANAGER}.{ending}" for ending in ("pem", "key"))
        certificate, key = map(str, names)
        return TlsOptions(ca_file=self.folder / "ca.pem", certificate=certificate, key=key, minimum_version="1.3")


@contextmanager
def tls_agents(cpus: set[int] | None) -> Iterator[list[Callable[[], AbstractContextManager[TlsAgent]]]]:
    """Make certificates, and yield a starter for each available agent."""
    with tempfile.TemporaryDirectory(prefix="snmptcp-benchmark-") as directory:
        folder = Path(directory)
        command = [sys.executable, "-m", "snmptcp", "certs", str(folder / "certs")]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        found: list[Callable[[], AbstractContextManager[TlsAgent]]] = [lambda: _embedded(folder / "certs", cpus)]
        program = _sid_program("snmpd")
        if program:
            found.append(lambda: _snmpd(program, folder, cpus))
        yield found


def tls_cases(agent: TlsAgent, runner: asyncio.Runner, stack: ExitStack) -> Iterator[Case]:
    """Return the cases; the limit is the library over TCP.

    Args:
        agent: the agent.
        runner: the event loop of asynchronous subjects.
        stack: closes the connections after the last case.
    """

    def manager(credentials: Community | Tsm, *, tls: bool) -> Manager:
        port = agent.tls_port if tls else agent.port
        made = Manager(HOST, port, credentials=credentials, tls=agent.options if tls else False, timeout=30.0)
        stack.callback(lambda: runner.run(made.aclose()))
        return made

    tsm = manager(Tsm(), tls=True)
    ways = {f"{OURS}, TSM over TLS 1.3": tsm}
    if not agent.only_tsm:
        ways[f"{OURS}, v2c over TLS 1.3"] = manager(Community(COMMUNITY), tls=True)
    ways[OVER_TCP] = manager(Community(COMMUNITY), tls=False)

    def subjects(work: Callable[[Manager], Coroutine[None, None, int]]) -> list[Subject]:
        def blocking(made: Manager) -> Callable[[], int]:
            return lambda: runner.run(work(made))

        return [Subject(name, blocking(made)) for name, made in ways.items()]

    yield Case(f"TLS, {agent.name}: GET, one at a time", "request", subjects(_get_in_turn), OVER_TCP)
    title = f"TLS, {agent.name}: GET, {WINDOW} in flight on one connection"
    yield Case(title, "request", subjects(_get_in_flight), OVER_TCP)
    title = f"TLS, {agent.name}: GETBULK walk, max-repetitions {MAX_REPETITIONS}"
    yield Case(title, "varbind", subjects(walk), OVER_TCP)


async def _get_in_turn(manager: Manager, count: int = GETS) -> int:
    for _ in range(count):
        await manager.get(UPTIME)
    return count


async def _get_in_flight(manager: Manager) -> int:
    await asyncio.gather(*(_get_in_turn(manager, GETS // 64) for _ in range(WINDOW)))
    return GETS // 64 * WINDOW


# --------------------------------------------------------------------------------------- the library's


@contextmanager
def _embedded(certificates: Path, cpus: set[int] | None) -> Iterator[TlsAgent]:
    """Run this module as a program: it prints its ports, and ends when its standard input does."""
    command = [sys.executable, "-m", "benchmarks.tls", str(ROWS["embedded"]), str(certificates)]
    with running(command, cpus, {**os.environ}) as process:
        ports = (process.stdout.readline() if process.stdout else "").split()
        if len(ports) != 2:
            raise RuntimeError("the embedded agent does not start")
        yield TlsAgent("embedded", int(ports[0]), int(ports[1]), certificates, only_tsm=False)


async def _serve(rows: int, certificates: Path) -> None:
    authority = ClientTls(TlsOptions(ca_file=certificates / "ca.pem"), HOST).context.get_ca_certs(binary_form=True)[0]
    tls = TlsOptions(
        ca_file=certificates / "ca.pem",
        certificate=str(certificates / "server.pem"),
        key=str(certificates / "server.key"),
        certificate_maps=(CertificateMap(_fingerprint(authority), MapType.COMMON_NAME),),
    )
    agent = Agent(synthetic_mib(rows), host=HOST, read_community=COMMUNITY)
    inside = Agent(agent.mib, host=HOST, read_community=COMMUNITY, tls=tls, tsm_names=[MANAGER])
    async with agent, inside:
        print(agent.port, inside.port, flush=True)
        await asyncio.to_thread(sys.stdin.read)


def _fingerprint(certificate: bytes) -> str:
    import hashlib  # noqa: PLC0415 - for the agent's process alone

    return hashlib.sha256(certificate).hexdigest()


# ----------------------------------------------------------------------------------------- net-snmp's


def _sid_program(name: str) -> list[str]:
    """Return the command that runs a program of Debian sid; empty if it does not exist."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(os.environ.get("SNMPTCP_SID") or Path(cache) / "snmptcp" / "sid")
    loaders = sorted(folder.glob("usr/lib*/ld-linux*.so.*")) + sorted(folder.glob("usr/lib/*/ld-linux*.so.*"))
    libraries = sorted(folder.glob("usr/lib/*/libnetsnmp.so.*"))
    program = folder / "usr" / "sbin" / name
    if not (loaders and libraries and program.exists()):
        return []
    return [str(loaders[0]), "--argv0", name, "--library-path", str(libraries[0].parent), str(program)]


@contextmanager
def _snmpd(program: list[str], folder: Path, cpus: set[int] | None) -> Iterator[TlsAgent]:
    certificates = folder / "certs"
    for room, name, source in (
        ("ca-certs", "ca.crt", "ca.pem"),
        ("certs", "server.crt", "server.pem"),
        ("certs", f"{MANAGER}.crt", f"{MANAGER}.pem"),
        ("private", "server.key", "server.key"),
    ):
        target = folder / "tls" / room / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((certificates / source).read_bytes())
        target.chmod(0o600)
    lines = ["[snmp] localCert server", "[snmp] trustCert ca", f"certSecName 10 {MANAGER} --cn"]
    lines += [f"rouser -s tsm {MANAGER} authpriv", *snmpd_configuration(ROWS["snmpd"])]
    (folder / "snmpd.conf").write_text("\n".join(lines) + "\n")
    for _ in range(START_ATTEMPTS):
        port, tls_port = free_port(), free_port()
        options = ["-f", "-I", "-smux", "-Lf", str(folder / "log"), "-C", "-c", str(folder / "snmpd.conf")]
        endpoints = [f"tcp:{HOST}:{port}", f"tlstcp:{HOST}:{tls_port}"]
        with running([*program, *options, *endpoints], cpus, snmpd_environment(folder)) as process:
            if answers(process, port):
                yield TlsAgent("snmpd", port, tls_port, certificates, only_tsm=True)
                return
    raise RuntimeError(f"snmpd does not start: {(folder / 'log').read_text()[-500:]}")


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(int(sys.argv[1]), Path(sys.argv[2])))
