"""A network of this process alone, in which packets can be dropped: Linux, root, ``ip`` and ``nft``."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess

#: CLONE_NEWNET of <sched.h>.
_NEW_NETWORK = 0x40000000

_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


def enter_own_network() -> str:
    """Move the calling thread, and what it starts, into a network of its own with a loopback device.

    There is no way back: it is for a process that does nothing else.

    Returns:
        Why that was not possible; empty if it was.
    """
    if missing := [name for name in ("ip", "nft") if shutil.which(name, path=_PATH) is None]:
        return f"{missing[0]} is not installed"
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "unshare"):
        return "this system has no network namespaces"
    if libc.unshare(_NEW_NETWORK):
        return f"no network namespace: {os.strerror(ctypes.get_errno())}"
    _run("ip", "link", "set", "lo", "up")
    _run("nft", "add table inet holes")
    _run("nft", "add chain inet holes input { type filter hook input priority 0; }")
    return ""


def drop_packets(port: int) -> None:
    """Drop all packets from and to a TCP port, without a word to either end."""
    for direction in ("sport", "dport"):
        _run("nft", f"add rule inet holes input tcp {direction} {port} drop")


def _run(program: str, *words: str) -> None:
    path = shutil.which(program, path=_PATH)
    assert path is not None
    subprocess.run([path, *words], check=True, capture_output=True)
