"""The benchmarks' agents: net-snmp's snmpd, or the library's own in another process.

Both serve the same table (:data:`TABLE`) and sysUpTime, so each case runs against either.  An agent listens on a free
loopback port until its context ends.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from snmptcp import UsmUser
from snmptcp.testing import Agent
from snmptcp.values import Counter32, Counter64, Gauge32, Integer32, IpAddress, OctetString, TimeTicks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from snmptcp.values import Value

__all__ = (
    "COLUMNS",
    "COMMUNITY",
    "HOST",
    "ROWS",
    "START_ATTEMPTS",
    "TABLE",
    "UPTIME",
    "USERS",
    "RunningAgent",
    "answers",
    "available_agents",
    "build_native",
    "free_port",
    "running",
    "snmpd_configuration",
    "snmpd_environment",
    "start_agent",
    "synthetic_mib",
)

HOST = "127.0.0.1"
COMMUNITY = "public"
UPTIME = "1.3.6.1.2.1.1.3.0"
TABLE = "1.3.6.1.4.1.58888.1"
COLUMNS = 10

#: The SNMPv3 users, both at authPriv; all others are compared with the first.
USERS = (
    UsmUser("sha256aes", "SHA-256", "benchmark-authentication", "AES", "benchmark-privacy"),
    UsmUser("shaaes", "SHA", "benchmark-authentication", "AES", "benchmark-privacy"),
)

#: snmpd registers each instance separately, so its table is smaller.
ROWS = {"snmpd": 1000, "embedded": 4000}

#: Rows of the table of our snmpd module (``native/fast_table.c``), if it can be built.
FAST_ROWS = 1000

#: Linux assigns ports from 32768 up; a lower one stays free between the check and its use.
FIRST_PORT, LAST_PORT = 20_000, 32_000

START_ATTEMPTS = 5
START_SECONDS = 20.0
STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class RunningAgent:
    """A running agent.

    Attributes:
        name: ``snmpd`` or ``embedded``.
        version: the version of its software.
        port: its TCP port on the loopback.
        udp_port: its UDP port, for peers without TCP; ``None`` if it has none.
        rows: the rows of its table.
        users: its SNMPv3 users; empty without SNMPv3.
    """

    name: str
    version: str
    port: int
    udp_port: int | None
    rows: int
    host: str = HOST
    community: str = COMMUNITY
    users: tuple[UsmUser, ...] = ()

    @property
    def cells(self) -> int:
        """The number of instances in the table."""
        return self.rows * COLUMNS


def available_agents() -> list[str]:
    """Return the names of the agents that can be started, the better one first."""
    return ["snmpd", "embedded"] if _snmpd() else ["embedded"]


@contextmanager
def start_agent(name: str, cpus: set[int] | None) -> Iterator[RunningAgent]:
    """Run an agent until the context ends.

    Args:
        name: ``snmpd`` or ``embedded``.
        cpus: the CPUs it may use; ``None`` for any.

    Raises:
        RuntimeError: the agent does not start.
    """
    with _snmpd_agent(cpus) if name == "snmpd" else _embedded_agent(cpus) as agent:
        yield agent


# -------------------------------------------------------------------------------------- net-snmp's


def _snmpd() -> str | None:
    """Return the path of snmpd; on Debian it is outside an ordinary user's PATH."""
    return shutil.which("snmpd") or shutil.which("snmpd", path="/usr/sbin:/usr/local/sbin")


@contextmanager
def _snmpd_agent(cpus: set[int] | None) -> Iterator[RunningAgent]:
    command = _snmpd()
    if command is None:
        raise RuntimeError("there is no snmpd on this machine")
    with tempfile.TemporaryDirectory(prefix="snmptcp-benchmark-") as directory:
        folder = Path(directory)
        rows = ROWS["snmpd"]
        module = build_native("fast_table", folder / "fast_table.so", "-fPIC", "-shared")
        if module is not None:
            rows = FAST_ROWS
        (folder / "snmpd.conf").write_text("\n".join(snmpd_configuration(rows, module)) + "\n")
        for _ in range(START_ATTEMPTS):
            port = free_port()
            with running(_snmpd_command(command, folder, port), cpus, snmpd_environment(folder)) as process:
                if answers(process, port):
                    yield RunningAgent("snmpd", _snmpd_version(command), port, port, rows, users=USERS)
                    return
        raise RuntimeError(f"snmpd does not start: {(folder / 'log').read_text()[-500:]}")


def _snmpd_command(command: str, folder: Path, port: int) -> list[str]:
    log, configuration = str(folder / "log"), str(folder / "snmpd.conf")
    endpoints = [f"tcp:{HOST}:{port}", f"udp:{HOST}:{port}"]
    return [command, "-f", "-I", "-smux", "-Lf", log, "-C", "-c", configuration, *endpoints]


def snmpd_environment(folder: Path) -> dict[str, str]:
    """Return the environment of an snmpd that writes to a folder."""
    return {
        **os.environ,
        "SNMP_PERSISTENT_DIR": str(folder / "persistent"),
        "SNMPCONFPATH": str(folder),
        "MIBS": "",
        "FAST_TABLE_ROWS": str(FAST_ROWS),
    }


def _snmpd_version(command: str) -> str:
    text = subprocess.run([command, "-v"], capture_output=True, text=True, check=False).stdout
    return next((line.split()[-1] for line in text.splitlines() if "version" in line), "?")


def build_native(name: str, target: Path, *options: str) -> Path | None:
    """Compile one of the C sources; ``None`` without a compiler or net-snmp's headers."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return None
    source = str(Path(__file__).parent / "native" / f"{name}.c")
    done = subprocess.run(
        [compiler, "-O2", *options, "-o", str(target), source, "-lnetsnmp"], capture_output=True, check=False
    )
    return target if done.returncode == 0 else None


def snmpd_configuration(rows: int, module: Path | None = None) -> Iterator[str]:
    """Return configuration lines: the module of the fast table, or else ``override`` lines."""
    yield f"rocommunity {COMMUNITY} {HOST}"
    for user in USERS:
        keys = [(source.password or b"").decode() for source in (user.auth, user.priv)]
        yield f"createUser {user.name.decode()} {user.auth_protocol} {keys[0]} {user.priv_protocol} {keys[1]}"
        yield f"rouser {user.name.decode()} priv"
    yield "maxGetbulkResponses 1000"
    yield "dontLogTCPWrappersConnects yes"
    if module is not None:
        yield f"dlmod fast_table {module}"
        return
    shapes: list[tuple[str, Callable[[int], object]]] = [
        ("integer", lambda row: row),
        ("octet_str", lambda row: f'"GigabitEthernet0/{row}"'),
        ("counter", lambda row: row * 2_654_435_761 % 2**32),
        ("uinteger", lambda row: row * 1_000_003 % 2**32),
        ("timeticks", lambda row: row * 100),
        ("counter", lambda row: row),
        ("integer", lambda row: row % 2 + 1),
        ("object_id", lambda _: "1.3.6.1.4.1.8072.3.2.10"),
        ("octet_str", lambda row: f'"{row:06d}"'),
        ("uinteger", lambda row: row % 100),
    ]
    for column, (kind, value) in enumerate(shapes, 1):
        for row in range(1, rows + 1):
            yield f"override {TABLE}.1.{column}.{row} {kind} {value(row)}"


def free_port() -> int:
    """Return a port that is free in TCP and UDP."""
    while True:
        port = random.randint(FIRST_PORT, LAST_PORT)
        with (
            suppress(OSError),
            socket.socket(type=socket.SOCK_STREAM) as stream,
            socket.socket(type=socket.SOCK_DGRAM) as datagram,
        ):
            stream.bind((HOST, port))
            datagram.bind((HOST, port))
            return port


def answers(process: subprocess.Popen[str], port: int) -> bool:
    """Wait until a process accepts connections; return whether it does."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection((HOST, port), 1.0):
            return True
        time.sleep(0.02)
    return False


# ------------------------------------------------------------------------------------- the library's


@contextmanager
def _embedded_agent(cpus: set[int] | None) -> Iterator[RunningAgent]:
    """Run this module as a program: it prints its port, and ends when its standard input does."""
    rows = ROWS["embedded"]
    with running([sys.executable, "-m", "benchmarks.agents", str(rows)], cpus, {**os.environ}) as process:
        line = process.stdout.readline() if process.stdout else ""
        if not line.strip().isdigit():
            raise RuntimeError("the embedded agent does not start")
        yield RunningAgent("embedded", "snmptcp.testing", int(line), None, rows)


def synthetic_mib(rows: int) -> dict[str, Value]:
    shapes: list[Callable[[int], Value]] = [
        Integer32,
        lambda row: OctetString(f"GigabitEthernet0/{row}"),
        lambda row: Counter32(row * 2_654_435_761 % 2**32),
        lambda row: Gauge32(row * 1_000_003 % 2**32),
        lambda row: TimeTicks(row * 100),
        lambda row: Counter64(row * 2_654_435_761 << 16),
        lambda row: IpAddress(bytes((10, 0, row >> 8, row & 0xFF))),
        lambda row: Integer32(row % 2 + 1),
        lambda row: OctetString(bytes((2, 0, 0, 0, row >> 8, row & 0xFF))),
        lambda row: Counter64(2**64 - row),
    ]
    mib: dict[str, Value] = {UPTIME: TimeTicks(123_456_789)}
    for column, value in enumerate(shapes, 1):
        for row in range(1, rows + 1):
            mib[f"{TABLE}.1.{column}.{row}"] = value(row)
    return mib


async def _serve(rows: int) -> None:
    async with Agent(synthetic_mib(rows), host=HOST, read_community=COMMUNITY) as agent:
        print(agent.port, flush=True)
        await asyncio.to_thread(sys.stdin.read)


# -------------------------------------------------------------------------------------------- both


@contextmanager
def running(command: list[str], cpus: set[int] | None, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Run a process until the context ends."""
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=Path.cwd()
    )
    try:
        if cpus is not None and sys.platform not in ("win32", "darwin"):
            os.sched_setaffinity(process.pid, cpus)
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(int(sys.argv[1])))
