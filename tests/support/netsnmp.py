"""net-snmp's programs: finding them, running them, waiting for their logs."""

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
    """Skip a test whose peer is missing; fail it if SNMPTCP_REQUIRE_INTEROP is set."""
    if os.environ.get("SNMPTCP_REQUIRE_INTEROP"):
        pytest.fail(what)
    pytest.skip(what)


def require_program(name: str, package: str) -> str:
    """Return the path of a net-snmp program of the system."""
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if path is None:
        missing(f"net-snmp's {name} is not installed (Debian: apt-get install {package})")
    return path


def free_port() -> int:
    """Return a free loopback TCP port below the ephemeral range; each port is returned once."""
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
    """Return the environment for a program; it reads no MIBs and none of the machine's configuration.

    Args:
        persistent: the folder for its persistent data.
        configuration: the folder for configuration files and certificates; optional, default none.
    """
    folders = {"SNMP_PERSISTENT_DIR": str(persistent), "SNMPCONFPATH": str(configuration or persistent / "none")}
    return {**os.environ, "MIBS": "", **folders}


def run(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a tool to its end, whatever its exit status."""
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=PATIENCE)


class Daemon:
    """A net-snmp daemon in the foreground that writes a log.

    Args:
        log: the log file.
        ready: the text in the log that shows that the daemon listens.
    """

    def __init__(self, log: Path, ready: str) -> None:
        self._log = log
        self._ready = ready
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """The log since the last start."""
        return self._log.read_text(errors="replace")

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
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
        """Wait until a condition on what the daemon writes holds; fail the test if it does not."""
        if not self.comes_to(condition, PATIENCE):
            pytest.fail(f"a net-snmp daemon did not get ready in {PATIENCE:g} s or has ended; its log: {self.log}")

    def comes_to(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait at most this long until a condition holds; return whether it does."""
        deadline = time.monotonic() + seconds
        while not condition():
            if not self.is_running or time.monotonic() > deadline:
                return False
            time.sleep(0.02)  # another process: its log is the only event
        return True
