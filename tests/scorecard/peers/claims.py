"""Connections that claim a long message: ``claims PORT COUNT HOW``, in turn or at once.

It is told ``open`` and says that they are, and is told ``claim`` and says how many seconds each was open then.
"""

from __future__ import annotations

import socket
import sys
import time

from tests.scorecard.peers import say

#: A message of 64 MiB begins.
CLAIM = bytes.fromhex("308404000000")


def _claim(port: int, count: int, how: str) -> None:
    say("ready")
    sys.stdin.readline()
    at_once = how == "at once"
    opened = [socket.create_connection(("127.0.0.1", port)) for _ in range(count if at_once else 0)]
    say("open")
    sys.stdin.readline()
    seconds = []
    for number in range(count):
        connection = opened[number] if at_once else socket.create_connection(("127.0.0.1", port))
        connection.settimeout(10)
        began = time.monotonic()
        connection.send(CLAIM)
        assert connection.recv(1) == b""
        seconds.append(time.monotonic() - began)
        connection.close()
    say({"seconds": seconds})


if __name__ == "__main__":
    _claim(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
