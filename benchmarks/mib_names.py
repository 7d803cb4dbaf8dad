"""Names of MIB modules: what they cost beside decoding, at the start, and in memory; and beside pysnmp and net-snmp.

    python -m benchmarks.mib_names [--pysnmp PYTHON]

Prints CPU times of one run, and ratios.  Needs the extra ``mib``.  pysnmp 7 needs an environment of its own, since its
compiler and ours have the same package name: PYTHON is the interpreter there.  Peers that are missing are left out.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from snmptcp.codec.pdu import decode_varbinds, encode_varbinds
from snmptcp.mib import Mib
from snmptcp.oid import OID
from snmptcp.values import Counter32, VarBind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: How many instances of each of the ten columns 10 to 19 of ifTable.
ROWS = 10_000
PER_ANSWER = 50


def answers() -> list[bytes]:
    """Return the variable bindings of a walk over 100,000 counters, as they come in answers."""
    walked = [
        VarBind(OID(f"1.3.6.1.2.1.2.2.1.{column}.{row}"), Counter32(row))
        for column in range(10, 20)
        for row in range(1, ROWS + 1)
    ]
    parts = [walked[start : start + PER_ANSWER] for start in range(0, len(walked), PER_ANSWER)]
    lists = [encode_varbinds(part) for part in parts]
    return [octets[2 + (octets[1] & 0x7F if octets[1] & 0x80 else 0) :] for octets in lists]  # without their headers


def cpu(work: Callable[[], object]) -> float:
    """Return the CPU time of some work of this process, in seconds: the median of five."""
    times = []
    for _ in range(5):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return statistics.median(times)


def child_cpu(words: Sequence[str], given: bytes = b"", **environment: str) -> tuple[float, bytes]:
    """Return the CPU time of a program in seconds, and its output.

    A Python keeps the bytecode of what it imports, as it does for users, whatever this process was told.
    """
    environment = {**os.environ, **environment, "PYTHONDONTWRITEBYTECODE": ""}
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = subprocess.run(words, input=given, capture_output=True, check=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, result.stdout


def naming(mib: Mib) -> None:
    """Print what it costs to name the variable bindings of a walk, beside decoding them."""
    octets = answers()
    decoded = [varbind for answer in octets for varbind in decode_varbinds(answer, 0, len(answer))]
    decoding = cpu(lambda: [decode_varbinds(answer, 0, len(answer)) for answer in octets])
    names = cpu(lambda: [mib.name(varbind.oid) for varbind in decoded])
    texts = cpu(lambda: [mib.format(varbind) for varbind in decoded])
    each = 1e6 / len(decoded)
    print(f"decoding {len(decoded):,} variable bindings: {decoding * each:.2f} us each")
    print(f"their names: {names * each:.2f} us each, {names / decoding:.2f} of decoding")
    print(f"their names, types and values as net-snmp prints them: {texts * each:.2f} us each")


_FIRST_NAME = """
import time, snmptcp
start = time.process_time()
from snmptcp.mib import Mib
mib = Mib()
mib.name("1.3.6.1.2.1.2.2.1.2.1")
print(time.process_time() - start)
"""

_MEMORY = """
from pathlib import Path
from snmptcp.mib import Mib
def resident():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024
start = resident()
mib = Mib()
def look(oid):
    for node in mib.children(oid):
        mib.find(node.oid)
        look(node.oid)
for root in ("ccitt", "iso", "joint-iso-ccitt"):
    look(root)
print(resident() - start)
"""


def starting() -> None:
    """Print when the first name is there, and the memory of all names."""
    first = statistics.median(float(child_cpu([sys.executable, "-c", _FIRST_NAME])[1]) for _ in range(5))
    print(f"the first name of a process, behind import snmptcp: {first * 1000:.0f} ms of CPU")
    if not Path("/proc/self/status").exists():
        return
    megabytes = float(child_cpu([sys.executable, "-c", _MEMORY])[1])
    print(f"all nodes of the standard modules in memory: {megabytes:.1f} MiB")


def compiling() -> None:
    """Print what the first use on a machine costs."""
    with tempfile.TemporaryDirectory() as folder:
        code = "from snmptcp.mib import Mib; print(len(Mib().modules))"
        seconds, count = child_cpu([sys.executable, "-c", code], SNMPTCP_MIB_CACHE=f"{folder}/mib.sqlite")
    print(f"compiling the {int(count)} standard modules, once: {seconds:.1f} s of CPU")


_PYSNMP = """
import importlib.metadata, sys, time
from pysnmp.smi import builder, compiler, view
from pysnmp.smi.rfc1902 import ObjectIdentity
names = [tuple(map(int, line.split("."))) for line in sys.stdin]
mibs = builder.MibBuilder()
compiler.add_mib_compiler(mibs, sources=[f"file://{sys.argv[1]}"], destination=sys.argv[2])
mibs.load_modules("SNMPv2-MIB", "IF-MIB")
found = view.MibViewController(mibs)
start = time.process_time()
texts = [ObjectIdentity(name).resolve_with_mib(found).prettyPrint() for name in names]
taken = time.process_time() - start
assert texts[0] == "IF-MIB::ifInOctets.1", texts[0]
print(importlib.metadata.version("pysnmp"), taken)
"""


def bundle() -> Path | None:
    """Return the folder of the module texts that come with the compiler."""
    spec = importlib.util.find_spec("pysmi")
    return None if spec is None or spec.origin is None else Path(spec.origin).parent / "mibs" / "asn1"


def peers(mib: Mib, pysnmp: str | None) -> None:
    """Print what peers take for 2,000 names of the same walk."""
    oids = [OID(f"1.3.6.1.2.1.2.2.1.10.{row}") for row in range(1, 2001)]
    ours = cpu(lambda: [mib.name(oid) for oid in oids])
    folder = bundle()
    if folder is not None and pysnmp is not None:
        given = "\n".join(map(str, oids)).encode()
        with tempfile.TemporaryDirectory() as compiled:
            words = [pysnmp, "-c", _PYSNMP, str(folder), compiled]
            version, taken = child_cpu(words, given, PYTHONPATH="")[1].decode().split()
        theirs = float(taken)
        print(f"pysnmp {version}: {theirs / len(oids) * 1e6:.1f} us a name, {theirs / ours:.0f} times ours")
    program = shutil.which("snmptranslate")
    if program is not None and folder is not None:
        words = [program, "-M", str(folder), "-m", "IF-MIB"]
        one = min(child_cpu([*words, "1.3.6.1.2.1.2.2.1.10.1"])[0] for _ in range(5))
        many = min(child_cpu([*words, *map(str, oids)])[0] for _ in range(5))
        theirs = many - one
        print(
            f"net-snmp's snmptranslate: {theirs / len(oids) * 1e6:.1f} us a name, {theirs / ours:.1f} times ours;"
            f" its start with IF-MIB: {one * 1000:.0f} ms of CPU"
        )


def main() -> None:
    """Run all of it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mib_names", description="What names cost.")
    parser.add_argument("--pysnmp", metavar="PYTHON", help="the interpreter of an environment with pysnmp 7")
    options = parser.parse_args()
    mib = Mib()
    naming(mib)
    starting()
    compiling()
    peers(mib, options.pysnmp)


if __name__ == "__main__":
    main()
