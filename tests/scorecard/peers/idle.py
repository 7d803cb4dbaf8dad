"""Connections that say nothing: ``idle PORT COUNT``, from 100 addresses.  It says when all are open."""

from __future__ import annotations

import socket
import sys

from tests.scorecard.peers import say

_HOSTS = 100


def _idle(port: int, count: int) -> None:
    opened = []
    for number in range(count):
        sock = socket.socket()
        sock.bind((f"127.0.1.{number % _HOSTS + 1}", 0))
        sock.connect(("127.0.0.1", port))
        opened.append(sock)
    say("open")
    sys.stdin.readline()


if __name__ == "__main__":
    _idle(int(sys.argv[1]), int(sys.argv[2]))
