"""Fuzzes one target after the other, each in a process of its own: what `nox -s fuzz` runs."""

from __future__ import annotations

import argparse
import subprocess
import sys

from tests.fuzz.targets import TARGETS


def main() -> int:
    """Return how many targets have failed."""
    parser = argparse.ArgumentParser(prog="nox -s fuzz --", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"one of {', '.join(TARGETS)}; all by default")
    parser.add_argument("--seconds", type=int, default=60, help="how long each target runs (default: %(default)s)")
    arguments = parser.parse_args()
    if unknown := sorted(set(arguments.targets) - TARGETS.keys()):
        parser.error(f"unknown target {unknown[0]}; the targets are {', '.join(TARGETS)}")
    failed = []
    for name in arguments.targets or TARGETS:
        command = [sys.executable, "-m", "tests.fuzz.one", name, f"-max_total_time={arguments.seconds}"]
        print(f"=== {name}: {arguments.seconds} s", flush=True)
        if subprocess.run(command, check=False).returncode:
            failed.append(name)
    if failed:
        print(f"failed: {', '.join(failed)}; the inputs are in tests/vectors/crashes, and fail in tests/fuzz now")
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
