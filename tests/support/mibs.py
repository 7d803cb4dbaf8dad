"""Small MIBs for embedded agents."""

from __future__ import annotations

import functools

from snmptcp import OID, Counter32, Counter64, Gauge32, Integer32, IpAddress, OctetString, TimeTicks
from snmptcp.testing import Mib
from snmptcp.testing.mib import Variable
from snmptcp.values import Value

SYSTEM = "1.3.6.1.2.1.1"
SYS_DESCR = f"{SYSTEM}.1.0"
SYS_UPTIME = f"{SYSTEM}.3.0"
SYS_NAME = f"{SYSTEM}.5.0"
IF_TABLE = "1.3.6.1.2.1.2.2"
BIG_TABLE = "1.3.6.1.4.1.58888.1"
BIG_ROWS = 300
LAST = "1.3.6.1.6.3.1.0"


def small_mib() -> dict[OID, Value]:
    """Return a system group, a table with a missing cell, a long table, and a Counter64."""
    return _small_mib().copy()


def small_agent_mib() -> Mib:
    """Return the same for an agent, in order already: thousands of tests have an agent of their own."""
    made = _sorted_mib()
    return Mib.of_sorted(made._keys.copy(), [Variable(known.oid, known.source) for known in made._order])


@functools.cache
def _sorted_mib() -> Mib:
    mib = Mib(_small_mib())
    mib.sort()
    return mib


@functools.cache
def _small_mib() -> dict[OID, Value]:
    mib: dict[OID, Value] = {
        OID(SYS_DESCR): OctetString("a switch"),
        OID(f"{SYSTEM}.2.0"): OID("1.3.6.1.4.1.58888"),
        OID(SYS_UPTIME): TimeTicks(4752),
        OID(f"{SYSTEM}.4.0"): OctetString("nobody"),
        OID(SYS_NAME): OctetString("core"),
        OID(f"{SYSTEM}.7.0"): Integer32(72),
        OID("1.3.6.1.2.1.4.20.1.1.10.0.0.1"): IpAddress("10.0.0.1"),
        OID("1.3.6.1.2.1.31.1.1.1.6.1"): Counter64(2**63),
        OID("1.3.6.1.2.1.31.1.1.1.15.1"): Gauge32(1000),
        OID(LAST): Integer32(1),
    }
    for row in (1, 2, 7, 300):
        mib[OID(f"{IF_TABLE}.1.1.{row}")] = Integer32(row)
        mib[OID(f"{IF_TABLE}.1.2.{row}")] = OctetString(f"port {row}")
        if row != 7:
            mib[OID(f"{IF_TABLE}.1.10.{row}")] = Counter32(row * 1000)
    for row in range(1, BIG_ROWS + 1):
        mib[OID(f"{BIG_TABLE}.1.1.{row}")] = Integer32(row)
        mib[OID(f"{BIG_TABLE}.1.2.{row}")] = OctetString(f"GigE0/{row}")
        mib[OID(f"{BIG_TABLE}.1.3.{row}")] = Counter32(row * 7)
    return mib
