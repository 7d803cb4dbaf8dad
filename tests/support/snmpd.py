"""A real agent: net-snmp's snmpd on a free loopback port, started and stopped by the test that needs it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

CONFIGURATION = """
rocommunity public 127.0.0.1
rwcommunity private 127.0.0.1
rocommunity6 public ::1
maxGetbulkResponses 20000
dontLogTCPWrappersConnects yes
sysLocation a shelf in the lab
sysContact nobody@example.com
setenv MIBS ""
"""


def require_snmpd() -> str:
    """Return the path of snmpd; skip where it is missing, or fail where it must be there."""
    path = shutil.which("snmpd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if path is None:
        missing = "net-snmp's snmpd is not installed (Debian: apt-get install snmpd snmp)"
        if os.environ.get("SNMPTCP_REQUIRE_INTEROP"):
            pytest.fail(missing)
        pytest.skip(missing)
    return path


def free_port() -> int:
    """Return a loopback TCP port below the ephemeral range that nobody listens on."""
    for port in range(20000 + os.getpid() % 2000 * 5, 32700):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError("no free port below 32700")


class Snmpd:
    """One running snmpd.

    Args:
        directory: an empty folder for its configuration, log and persistent data.
        extra: more configuration lines.
    """

    def __init__(self, directory: Path, extra: str = "") -> None:
        self.host = "127.0.0.1"
        self.port = free_port()
        self._path = require_snmpd()
        self._directory = directory
        self._log = directory / "snmpd.log"
        (directory / "snmpd.conf").write_text(CONFIGURATION + extra)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """The address as net-snmp's tools take it."""
        return f"tcp:{self.host}:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers connections."""
        addresses = [self.address]
        if _has_ipv6():
            addresses.append(f"tcp6:[::1]:{self.port}")
        self._log.write_text("")
        self._process = subprocess.Popen(
            [
                *(self._path, "-f", "-I", "-smux", "-C", "-c", str(self._directory / "snmpd.conf")),
                *("-Lf", str(self._log)),
                *addresses,
            ],
            env={**os.environ, "MIBS": "", "SNMP_PERSISTENT_DIR": str(self._directory / "persist")},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 20
        while "NET-SNMP version" not in self._log.read_text():
            if self._process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"snmpd did not start: {self._log.read_text()}")
            time.sleep(0.02)  # another process: there is nothing to wait on but its log

    def stop(self) -> None:
        """Stop it; all its connections end."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True
