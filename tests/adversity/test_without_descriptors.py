"""A process that has no file descriptor left: every call says that it cannot connect, and nothing worse."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import asyncio, os, resource
from snmptcp import Community, ConnectFailed, Manager

async def main():
    manager = Manager("127.0.0.1", 9, credentials=Community("public"), reconnect_interval=0)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) - 1,) * 2)
    for call in (
        lambda: manager.inform("1.3.6.1.6.3.1.1.5.1"),
        lambda: manager.send_trap("1.3.6.1.6.3.1.1.5.1"),
        lambda: manager.get("1.3.6.1.2.1.1.1.0"),
        lambda: manager.connect(),
    ):
        try:
            await call()
        except ConnectFailed as error:
            print(error)

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the number of open descriptors is read from /proc")
def test_every_call_fails_to_connect_and_says_why() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        timeout=50,
        check=False,
    )

    assert done.stdout.splitlines() == ["cannot connect to 127.0.0.1:9: Too many open files"] * 4, done.stderr
