"""What all programs of net-snmp have in common: finding them, running them, waiting for what they log."""

from __future__ import annotations

import itertools
import os
import shutil
import socket
import subprocess
import time
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

#: Seconds that a program may take to start or to log something, on a machine that is busy with other things.
PATIENCE = 30.0

_ports = itertools.count(20000 + os.getpid() % 2000 * 5)


def missing(what: str) -> NoReturn:
    """Skip a test that lacks a peer, or let it fail where all peers must be there."""
    if os.environ.get("SNMPTCP_REQUIRE_INTEROP"):
        pytest.fail(what)
    pytest.skip(what)


def require_program(name: str, package: str) -> str:
    """Return the path of one of the system's programs of net-snmp."""
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if path is None:
        missing(f"net-snmp's {name} is not installed (Debian: apt-get install {package})")
    return path


def free_port() -> int:
    """Return a loopback TCP port below the ephemeral range that nobody listens on, and never the same again."""
    for port in _ports:
        if port >= 32700:
            break
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError("no free port below 32700")


def environment(persistent: Path, configuration: Path | None = None) -> dict[str, str]:
    """Return the environment of a program that reads no MIBs and nothing of the machine's own configuration.

    Args:
        persistent: the folder for what it keeps.
        configuration: the folder in which it looks for configuration files and certificates; none by default.
    """
    folders = {"SNMP_PERSISTENT_DIR": str(persistent), "SNMPCONFPATH": str(configuration or persistent / "none")}
    return {**os.environ, "MIBS": "", **folders}


def run(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run one of the tools to its end, whatever its end is."""
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE)


class Daemon:
    """A daemon of net-snmp that stays in the foreground and writes a log.

    Args:
        log: the file that the daemon has been told to log to.
        ready: what the log says as soon as the daemon listens.
    """

    def __init__(self, log: Path, ready: str) -> None:
        self._log = log
        self._ready = ready
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """All that it has logged since it was started."""
        return self._log.read_text(errors="replace")

    @property
    def is_running(self) -> bool:
        """Whether it was started and has neither been stopped nor ended by itself."""
        return self._process is not None and self._process.poll() is None

    def start(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start it and wait until it listens."""
        self._log.write_text("")
        self._process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            self.wait_for(lambda: self._ready in self.log)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop it at once; all its connections end."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Wait until the log, or whatever else the daemon writes, is as it should be."""
        if not self.comes_to(condition, PATIENCE):
            pytest.fail(f"waited in vain for a daemon of net-snmp; its log: {self.log}")

    def comes_to(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait at most this long until a condition holds; return whether it does."""
        deadline = time.monotonic() + seconds
        while not condition():
            if not self.is_running or time.monotonic() > deadline:
                return False
            time.sleep(0.02)  # another process: there is nothing to wait on but what it writes
        return True
