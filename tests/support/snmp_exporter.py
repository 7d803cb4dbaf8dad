"""The original: snmp_exporter of Debian on a free loopback port, started and stopped by the test that needs it."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp.exporter.document import to_yaml
from tests.support.netsnmp import PATIENCE, free_port, missing

if TYPE_CHECKING:
    from pathlib import Path


class SnmpExporter:
    """One running snmp_exporter.

    Args:
        directory: a folder for its configuration and log.
        modules: the modules of its snmp.yml.
    """

    def __init__(self, directory: Path, modules: dict[str, Any]) -> None:
        program = shutil.which("prometheus-snmp-exporter")
        if program is None:
            missing("snmp_exporter is not installed (Debian: apt-get install prometheus-snmp-exporter)")
        told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
        version = re.search(r"version 0\.(\d+)", told.stdout + told.stderr)
        assert version is not None
        # Up to 0.22 the modules are the document.
        is_old = int(version[1]) < 23
        document = modules if is_old else {"auths": {"public_v2": {"version": 2}}, "modules": modules}
        path = directory / "original.yml"
        path.write_text(to_yaml(document), encoding="utf-8")
        self._log = directory / "original.log"
        port = free_port()
        self._url = f"http://127.0.0.1:{port}"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [program, f"--config.file={path}", f"--web.listen-address=127.0.0.1:{port}"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                self._get("/metrics")
            except urllib.error.URLError:
                time.sleep(0.05)  # another process: whether it answers is the only event
            else:
                return
        pytest.fail(f"snmp_exporter does not listen; its log: {self._log.read_text(errors='replace')}")

    def _get(self, path: str) -> str:
        with urllib.request.urlopen(f"{self._url}{path}", timeout=PATIENCE) as response:
            return str(response.read().decode())

    def scrape(self, target: str, module: str) -> str:
        """Return the metrics of an agent."""
        return self._get(f"/snmp?target={target}&module={module}")

    def stop(self) -> None:
        """Stop it at once."""
        self._process.kill()
        self._process.wait()
