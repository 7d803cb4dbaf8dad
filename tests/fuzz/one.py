"""Fuzzes one target with atheris: ``python -m tests.fuzz.one TARGET [options of libFuzzer]``.

The library is imported while atheris instruments it, so that libFuzzer sees which branches and comparisons an input
reaches.  Inputs that broke a promise are written to ``tests/vectors/crashes/TARGET``; the ordinary tests run them.
"""

from __future__ import annotations

import hashlib
import sys
import zlib
from pathlib import Path

import atheris

ROOT = Path(__file__).resolve().parents[2]

#: One input of so many is run a second time to measure its memory; which one depends on its octets alone.
MEASURED = 64

#: How many seconds one input may take.
SLOWEST = 5


def main(name: str, *options: str) -> None:
    """Fuzz a target until the time is over, or an input breaks a promise."""
    with atheris.instrument_imports(include=["snmptcp"]):
        from tests.fuzz import targets
    from tests.fuzz.seeds import MAX_SIZE, SEEDS

    target = targets.TARGETS[name]

    def run(data: bytes) -> None:
        target(data)
        if zlib.crc32(data) % MEASURED == 0:
            targets.run_measured(target, data)

    work = ROOT / ".fuzz" / name
    found, seeds = work / "corpus", work / "seeds"
    crashes = ROOT / "tests" / "vectors" / "crashes" / name
    for folder in (found, seeds, crashes):
        folder.mkdir(parents=True, exist_ok=True)
    for data in SEEDS[name]():
        (seeds / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)

    arguments = [
        sys.argv[0],
        f"-artifact_prefix={crashes}/",
        f"-timeout={SLOWEST}",
        f"-max_len={MAX_SIZE + 4}",
        *options,
        str(found),
        str(seeds),
        str(crashes),
    ]
    atheris.Setup(arguments, run)
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
