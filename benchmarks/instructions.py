"""A check against slowdowns that does not depend on the machine's load: instructions, counted by callgrind.

    python -m benchmarks.instructions            # compare with benchmarks/instructions.json
    python -m benchmarks.instructions --record   # replace the recorded counts

Each work runs under valgrind's callgrind, which counts only inside libffi's ``ffi_call``.  Only ``ctypes`` uses that
function, and here only for a lookup by libc whose comparison does the work.  Counts are recorded for each build of
Python, because another compiler makes other instructions; without a record for this build nothing fails.
"""

from __future__ import annotations

import argparse
import ctypes
import ctypes.util
import gc
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.cases import response
from snmptcp import OID, Community, SnmpVersion, UsmUser
from snmptcp.codec import COMPILED
from snmptcp.codec.message import decode_message, encode_message
from snmptcp.protocol.deadline import Deadline
from snmptcp.protocol.ids import RandomIds
from snmptcp.protocol.request import get_request
from snmptcp.protocol.session import Session
from snmptcp.protocol.walk import WalkCursor
from snmptcp.security.community import CommunitySecurity
from snmptcp.security.engine_clock import EngineInfo
from snmptcp.security.remote_engine import Engine
from snmptcp.security.usm import UsmSecurity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ("main",)

BASELINE = Path(__file__).with_name("instructions.json")

#: The allowed growth of a count.
TOLERANCE = 1.05

#: How often each work is done while instructions are counted, and before.
ROUNDS = 100
WARM_UP = 100

Work = tuple[str, "Callable[[], object]"]


# -------------------------------------------------------------------------------------------- works


def works() -> Iterator[Work]:
    """Yield the works with their names, always in the same order."""
    # The ignored complaints are that mypy infers no default of a lambda; a partial would count less than what is kept.
    for size, shape in ((1, "counters"), (50, "counters"), (50, "strings"), (50, "mixed")):
        message = response(shape, size)
        octets = encode_message(message)
        yield f"decode {size} x {shape}", lambda octets=octets: decode_message(octets)  # type: ignore[misc]
        if shape != "strings":
            yield f"encode {size} x {shape}", lambda message=message: encode_message(message)  # type: ignore[misc]
    yield "walk: one answer of 50", _walk_step()
    yield "session: one GET, v2c", _exchange(CommunitySecurity(Community("public")), 0xA0)
    yield "session: one GET, authPriv, our side", _protection()


def _walk_step() -> Callable[[], object]:
    answer = response("counters", 50).pdu.varbinds
    root, before = OID("1.3.6.1.2.1.2.2.1.10"), OID("1.3.6.1.2.1.2.2.1.10.100")

    def step() -> None:
        cursor = WalkCursor(root, SnmpVersion.V2C, max_repetitions=50, start=before)
        cursor.request()
        cursor.receive(answer)

    return step


def _exchange(security: CommunitySecurity, get: int) -> Callable[[], object]:
    """Return one request and its response in memory: the request itself becomes the response."""
    session = Session(security, request_ids=RandomIds(0x01000001))
    request = get_request(("1.3.6.1.2.1.1.3.0",))

    def exchange() -> None:
        session.start(request, Deadline(5.0, 5.0), 0.0)
        (message,) = session.data_to_send()
        at = message.index(get)
        session.receive_data(message[:at] + b"\xa2" + message[at + 1 :], 0.0)
        session.events()

    exchange()
    if session.pending:
        raise AssertionError("the answer was not taken")
    return exchange


def _protection() -> Callable[[], object]:
    """Return the protection of one request, and the opening of a message: of our own, which comes back."""
    user = UsmUser("somebody", "SHA-256", "benchmark-authentication", "AES", "benchmark-privacy")
    engine = Engine(EngineInfo(bytes.fromhex("80001f8804736e6d70746370"), 7, 1000), 0.0)
    security = UsmSecurity(user, engine, 65507)
    tail = get_request(("1.3.6.1.2.1.1.3.0",)).tail

    def both_ways() -> None:
        message = security.protect(0xA2, 0x12345678, b"\x12\x34\x56\x78", tail, 1.0)
        origin = security.open(message).origin
        if origin is not None:
            security.accept(origin, engine.engine_id, 1.0)

    return both_ways


# ----------------------------------------------------------------------------------------- counting


def count_all() -> dict[str, int]:
    """Return the instructions of each work, per round.

    Raises:
        RuntimeError: callgrind fails.
    """
    with tempfile.TemporaryDirectory(prefix="snmptcp-instructions-") as directory:
        dumps = Path(directory) / "counts"
        command = [
            *("valgrind", "--tool=callgrind", "--toggle-collect=ffi_call", "--dump-after=ffi_call"),
            f"--callgrind-out-file={dumps}",
            *(sys.executable, "-m", "benchmarks.instructions", "--work"),
        ]
        environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONPATH": str(BASELINE.parents[1])}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"callgrind failed: {done.stderr[-1000:]}")
        names = done.stdout.split("\n")[:-1]
        counts = [_total(Path(f"{dumps}.{number}")) for number in range(1, len(names) + 1)]
    return {name: round(total / ROUNDS) for name, total in zip(names, counts, strict=True)}


def _total(dump: Path) -> int:
    found = re.search(r"^(?:totals|summary): (\d+)", dump.read_text(), re.MULTILINE)
    if found is None or not int(found[1]):
        raise RuntimeError(f"callgrind has counted nothing in {dump.name}")
    return int(found[1])


def _work() -> None:
    """Do each work inside one foreign call, under callgrind."""
    libc = ctypes.CDLL(ctypes.util.find_library("c"))
    compare_type = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
    element = (ctypes.c_char * 1)()
    gc.disable()
    for name, work in works():
        for _ in range(WARM_UP):
            work()
        gc.collect()

        def compare(_key: int, _element: int, work: Callable[[], object] = work) -> int:
            for _ in range(ROUNDS):
                work()
            return 0

        libc.bsearch(element, element, ctypes.c_size_t(1), ctypes.c_size_t(1), compare_type(compare))
        print(name)


# -------------------------------------------------------------------------------------------- words


def build() -> str:
    """Return the build of Python: all that its instructions depend on."""
    optimised = "optimised" if "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or "") else "plain"
    facts = [platform.python_implementation(), platform.python_version(), platform.python_compiler(), optimised]
    return ", ".join([*facts, platform.machine(), "compiled codec" if COMPILED else "pure"])


def main() -> None:
    """Count and compare; fail if a count has grown."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.instructions", description=__doc__)
    parser.add_argument("--record", action="store_true", help="record these counts for this build of Python")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        _work()
        return
    if shutil.which("valgrind") is None:
        print("valgrind is not installed: cannot count instructions")
        return
    kept = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    before = kept.get(build(), {})
    counts = count_all()
    print(build(), f"{'instructions per operation':40}{'now':>10}{'kept':>10}{'ratio':>8}", sep="\n")
    for name, count in counts.items():
        old = before.get(name)
        print(f"{name:40}{count:>10,}" + (f"{old:>10,}{count / old:>8.3f}" if old else ""))
    if arguments.record:
        BASELINE.write_text(json.dumps({**kept, build(): counts}, indent=1, sort_keys=True) + "\n")
    elif not before:
        print("no counts are recorded for this build of Python; --record writes these")
    else:
        grown = [name for name, count in counts.items() if count > TOLERANCE * before.get(name, count)]
        if grown:
            sys.exit(f"more instructions than {TOLERANCE - 1:.0%} above what is kept: {', '.join(grown)}")


if __name__ == "__main__":
    try:
        main()
    except RuntimeError as error:
        sys.exit(str(error))
