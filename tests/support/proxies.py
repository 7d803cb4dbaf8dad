"""Proxies for tests: one that plays a script, right or wrong, and real ones as processes."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import os
import shutil
import signal
import socket
import subprocess
import time
from typing import TYPE_CHECKING, Self

import pytest

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator, Sequence
    from pathlib import Path

#: The end of the head of an HTTP request.
HEAD = b"\r\n\r\n"


class ScriptedProxy:
    """Plays a script on every connection: waits for octets, and sends others.

    After the script it sends back in upper case what it receives, like a peer behind the proxy.  With ``hang_up`` it
    closes instead, with ``reset`` it resets the connection.

    Args:
        script: pairs of what to wait for (a number of octets, or their end) and what to send then.
        drip: send each octet separately.
        hang_up: close after the script.
        reset: close with RST after the script.

    Attributes:
        received: the octets that arrived during the script, on all connections.
        connections: the number of connections.
    """

    def __init__(
        self,
        *script: tuple[int | bytes, bytes],
        drip: bool = False,
        hang_up: bool = False,
        reset: bool = False,
    ) -> None:
        self.received = b""
        self.connections = 0
        self._script = script
        self._drip = drip
        self._hang_up = hang_up
        self._reset = reset
        self._tasks: set[asyncio.Task[None]] = set()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]

    async def __aenter__(self) -> Self:
        self._start(self._serve())
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        results = await asyncio.gather(*self._tasks, return_exceptions=True)
        self._socket.close()
        for result in results:
            if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError | ConnectionError):
                raise result

    def _start(self, coroutine: Coroutine[None, None, None]) -> None:
        self._tasks.add(asyncio.ensure_future(coroutine))

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            sock, _ = await loop.sock_accept(self._socket)
            self.connections += 1
            self._start(self._play(sock))

    async def _play(self, sock: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        with sock:
            for expected, reply in self._script:
                received = b""
                while not (len(received) == expected if isinstance(expected, int) else received.endswith(expected)):
                    octet = await loop.sock_recv(sock, 1)
                    if not octet:
                        return
                    received += octet
                    self.received += octet
                await self._send(sock, reply)
            if self._reset:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            if self._reset or self._hang_up:
                return
            while octets := await loop.sock_recv(sock, 1000):
                await loop.sock_sendall(sock, octets.upper())

    async def _send(self, sock: socket.socket, octets: bytes) -> None:
        loop = asyncio.get_running_loop()
        if not self._drip:
            await loop.sock_sendall(sock, octets)
            return
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for octet in octets:
            await loop.sock_sendall(sock, bytes((octet,)))
            for _ in range(3):
                await asyncio.sleep(0)


# ----------------------------------------------------------------------------------------- real ones


def require_program(name: str, package: str) -> str:
    """Return the path of a proxy's program; skip the test if it is missing, or fail as ``missing`` does."""
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if path is None:
        missing = f"{name} is not installed (Debian: apt-get install {package})"
        if os.environ.get("SNMPTCP_REQUIRE_INTEROP"):
            pytest.fail(missing)
        pytest.skip(missing)
    return path


def free_port() -> int:
    """Return a free loopback port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def running(command: Sequence[str], port: int, log: Path) -> Iterator[None]:
    """Run a proxy; wait until it listens, and end it and its children afterwards."""
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True
        ) as process,
    ):
        try:
            _wait_until_it_listens(process, port, log)
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def _wait_until_it_listens(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"{process.args!r} does not listen on port {port}: {log.read_text(errors='replace')}")


@contextlib.contextmanager
def tinyproxy(folder: Path, *, user: str = "", password: str = "") -> Iterator[int]:
    """Run an HTTP proxy that connects to any port; yield its port."""
    program = require_program("tinyproxy", "tinyproxy")
    port = free_port()
    configuration = folder / "tinyproxy.conf"
    lines = [f"Port {port}", "Listen 127.0.0.1", "Timeout 60", "LogLevel Info", "MaxClients 20"]
    if user:
        lines.append(f"BasicAuth {user} {password}")
    configuration.write_text("\n".join(lines) + "\n")
    with running([program, "-d", "-c", str(configuration)], port, folder / "tinyproxy.log"):
        yield port


@contextlib.contextmanager
def microsocks(folder: Path, *, user: str = "", password: str = "") -> Iterator[int]:
    """Run a SOCKS5 proxy; yield its port."""
    program = require_program("microsocks", "microsocks")
    port = free_port()
    credentials = ["-u", user, "-P", password] if user else []
    with running([program, "-i", "127.0.0.1", "-p", str(port), *credentials], port, folder / "microsocks.log"):
        yield port


@contextlib.contextmanager
def dante(folder: Path) -> Iterator[int]:
    """Run a proxy for SOCKS4 and SOCKS5 that refuses to connect to 127.0.0.9; yield its port."""
    program = require_program("danted", "dante-server")
    port = free_port()
    configuration = folder / "danted.conf"
    configuration.write_text(f"""
logoutput: stderr
internal: 127.0.0.1 port = {port}
external: lo
clientmethod: none
socksmethod: none
client pass {{ from: 127.0.0.0/8 to: 0.0.0.0/0 }}
socks block {{ from: 0.0.0.0/0 to: 127.0.0.9/32 }}
socks pass {{ from: 127.0.0.0/8 to: 0.0.0.0/0 log: error connect }}
""")
    with running([program, "-f", str(configuration), "-p", str(folder / "danted.pid")], port, folder / "danted.log"):
        yield port


@contextlib.contextmanager
def squid(folder: Path) -> Iterator[int]:
    """Run an HTTP proxy that connects to any port; yield its port."""
    program = require_program("squid", "squid")
    port = free_port()
    folder.chmod(0o777)  # started by root, it gives up its rights
    configuration = folder / "squid.conf"
    configuration.write_text(f"""
http_port 127.0.0.1:{port}
http_access allow all
cache deny all
cache_log {folder}/cache.log
access_log none
pid_filename {folder}/squid.pid
coredump_dir {folder}
shutdown_lifetime 0 seconds
pinger_enable off
""")
    with running([program, "-N", "-f", str(configuration)], port, folder / "squid.log"):
        yield port


@contextlib.contextmanager
def ssh(folder: Path) -> Iterator[int]:
    """Run a SSH server, and a client whose option -D is a SOCKS5 proxy; yield the port of the proxy."""
    server, client = require_program("sshd", "openssh-server"), require_program("ssh", "openssh-client")
    keygen = require_program("ssh-keygen", "openssh-client")
    for name in ("host", "user"):
        subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    (folder / "authorized").write_text((folder / "user.pub").read_text())
    port, socks = free_port(), free_port()
    configuration = folder / "sshd.conf"
    configuration.write_text(f"""
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
AuthorizedKeysFile {folder}/authorized
PidFile {folder}/sshd.pid
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
""")
    login = ("-o", "StrictHostKeyChecking=no", "-o", f"UserKnownHostsFile={folder}/known", "-o", "BatchMode=yes")
    words = [client, "-N", "-F", "none", *login, "-i", str(folder / "user"), "-D", f"127.0.0.1:{socks}"]
    words += ["-p", str(port), f"{getpass.getuser()}@127.0.0.1"]
    if os.getuid() == 0:
        os.makedirs("/run/sshd", mode=0o755, exist_ok=True)  # noqa: PTH103 - sshd of root insists on it
    with (
        running([server, "-D", "-e", "-f", str(configuration)], port, folder / "sshd.log"),
        running(words, socks, folder / "ssh.log"),
    ):
        yield socks
