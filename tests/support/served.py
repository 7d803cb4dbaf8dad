"""What a real snmpd serves for a test: variables of any type, by a program that its directive pass_persist runs.

snmpd runs this file with the name of a JSON file: a list of OIDs, types and values as snmpd.conf(5) has them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path


def arcs(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.strip().strip(".").split(".")))


def answer(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def serve(path: str) -> None:
    """Answer snmpd's questions until it closes the pipe."""
    rows = sorted((arcs(oid), kind, value) for oid, kind, value in json.loads(Path(path).read_text()))
    while line := sys.stdin.readline():
        word = line.strip()
        if word == "PING":
            answer("PONG")
            continue
        asked = arcs(sys.stdin.readline())
        found = [row for row in rows if (row[0] == asked if word == "get" else row[0] > asked)]
        if found:
            answer("." + ".".join(map(str, found[0][0])), found[0][1], found[0][2])
        else:
            answer("NONE")


if __name__ == "__main__":
    serve(sys.argv[1])
