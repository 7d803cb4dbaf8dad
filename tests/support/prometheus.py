"""A real Prometheus server on a free loopback port, started and stopped by the test that needs it."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from tests.support.netsnmp import PATIENCE, free_port, missing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Prometheus:
    """One running server.

    Args:
        directory: an empty folder for its configuration, log and data.
        configuration: the text of its configuration.
    """

    def __init__(self, directory: Path, configuration: str) -> None:
        program = shutil.which("prometheus")
        if program is None:
            missing("Prometheus is not installed (Debian: apt-get install prometheus)")
        self._log = directory / "prometheus.log"
        path = directory / "prometheus.yml"
        path.write_text(configuration, encoding="utf-8")
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    program,
                    f"--config.file={path}",
                    f"--storage.tsdb.path={directory / 'data'}",
                    f"--web.listen-address=127.0.0.1:{port}",
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def query(self, path: str, **parameters: str) -> Any:
        """Return the data of an answer of its API; ``None`` as long as it does not listen."""
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.get(f"{self.url}/api/v1/{path}", params=parameters) as response,
            ):
                return (await response.json())["data"]
        except aiohttp.ClientError:
            return None

    async def vector(self, expression: str) -> list[tuple[dict[str, str], float]]:
        """Return the labels and the values of an expression now."""
        data = await self.query("query", query=expression)
        return [] if data is None else [(item["metric"], float(item["value"][1])) for item in data["result"]]

    async def until(self, expression: str, holds: Callable[[list[tuple[dict[str, str], float]]], object]) -> None:
        """Wait until the values of an expression are right."""
        for _ in range(int(PATIENCE / 0.1)):
            found = await self.vector(expression)
            if holds(found):
                return
            if self._process.poll() is not None:
                break
            await asyncio.sleep(0.1)  # another process: its answers are the only event
        pytest.fail(f"{expression} is {found}; the log of Prometheus: {self._log.read_text(errors='replace')}")

    async def errors(self) -> dict[str, str]:
        """Return the last error of each target, by its job."""
        data = await self.query("targets")
        return {target["scrapePool"]: target["lastError"] for target in data["activeTargets"]}

    def stop(self) -> None:
        """Stop it at once."""
        self._process.kill()
        self._process.wait()
