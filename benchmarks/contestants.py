"""One contestant in its own process: ``python -m benchmarks.contestants NAME PORT``.

It prints its version.  For each line ``WORK SECONDS`` that it reads, it does that work for this time and prints
``OPERATIONS CPU_SECONDS WALL_SECONDS``, or ``-`` if it cannot do it.  The works:

=========  ==========================================================  ==================
``get``    GET of sysUpTime.0, one at a time                           a request
``many``   the same, :data:`WINDOW` in flight                          a request
``walk``   GETBULK walk of the table, max-repetitions 50               a variable binding
``plain``  walk of the table as each does it by default                a variable binding
``get3``   as ``get``, SNMPv3 with SHA-256 and AES-128 (authPriv)      a request
``many3``  as ``many``, so                                             a request
``walk3``  as ``walk``, so                                             a variable binding
=========  ==========================================================  ==================

Their results differ: names as text or objects, values with or without their type (see ``docs/performance.md``).
"""

from __future__ import annotations

import asyncio
import functools
import importlib
import importlib.metadata
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeAlias

HOST = "127.0.0.1"
UPTIME = "1.3.6.1.2.1.1.3.0"
TABLE = "1.3.6.1.4.1.58888.1"
COMMUNITY = "public"
USER = "sha256aes"
AUTH = "benchmark-authentication"
PRIV = "benchmark-privacy"

WINDOW = 100
MAX_REPETITIONS = 50

#: GETs in one batch; the time is checked after each batch.
BATCH = 200

#: Does a batch and returns the number of operations.
Blocking: TypeAlias = Callable[[], int]
Awaitable: TypeAlias = Callable[[], Coroutine[Any, Any, int]]


# ------------------------------------------------------------------------------------------ snmptcp


async def snmptcp(port: int) -> dict[str, Awaitable]:
    """This library over TCP, with the loop and codec of this process."""
    from snmptcp import Community, Manager, UsmUser  # noqa: PLC0415 - contestants import nothing of each other's

    def works(manager: Manager, mark: str) -> dict[str, Awaitable]:
        async def get(count: int = BATCH) -> int:
            for _ in range(count):
                await manager.get(UPTIME)
            return count

        async def many() -> int:
            await asyncio.gather(*(get(10) for _ in range(WINDOW)))
            return 10 * WINDOW

        async def walk() -> int:
            found = 0
            async for _ in manager.walk(TABLE, max_repetitions=MAX_REPETITIONS):
                found += 1
            return found

        async def as_default() -> int:
            found = 0
            async for _ in manager.walk(TABLE):
                found += 1
            return found

        return {f"get{mark}": get, f"many{mark}": many, f"walk{mark}": walk, f"plain{mark}": as_default}

    plain = Manager(HOST, port, credentials=Community(COMMUNITY), timeout=30.0)
    user = UsmUser(USER, "SHA-256", AUTH, "AES", PRIV)
    return {**works(plain, ""), **works(Manager(HOST, port, credentials=user, timeout=30.0), "3")}


def snmptcp_blocking(port: int) -> dict[str, Blocking]:
    """This library's blocking calls."""
    from snmptcp import Community, UsmUser  # noqa: PLC0415 - contestants import nothing of each other's
    from snmptcp.sync import SyncManager  # noqa: PLC0415

    works: dict[str, Blocking] = {}
    for mark, credentials in (("", Community(COMMUNITY)), ("3", UsmUser(USER, "SHA-256", AUTH, "AES", PRIV))):
        manager = SyncManager(HOST, port, credentials=credentials, timeout=30.0)
        works[f"get{mark}"] = _repeated(functools.partial(manager.get, UPTIME))
        works[f"walk{mark}"] = functools.partial(_count_walk, manager, max_repetitions=MAX_REPETITIONS)
        works[f"plain{mark}"] = functools.partial(_count_walk, manager)
    return works


def _count_walk(manager: Any, **options: int) -> int:
    return sum(1 for _ in manager.walk(TABLE, **options))


# --------------------------------------------------------------------------------------------- wire


def wire(port: int) -> dict[str, Blocking]:
    """The limit: recorded octets of this library, sent again; responses are counted, not decoded."""
    from benchmarks.wire import Wire, split_messages  # noqa: PLC0415
    from snmptcp import Community, Manager, UsmUser  # noqa: PLC0415

    async def record(mark: str, work: str) -> list[bytes]:
        chunks: list[bytes] = []
        user = UsmUser(USER, "SHA-256", AUTH, "AES", PRIV) if mark else Community(COMMUNITY)
        manager = Manager(
            HOST, port, credentials=user, packet_trace=lambda way, data: chunks.append(data) if way == "sent" else None
        )
        async with manager:
            await manager.get(UPTIME)
            chunks.clear()
            if work == "walk":
                async for _ in manager.walk(TABLE, max_repetitions=MAX_REPETITIONS):
                    pass
            else:
                await asyncio.gather(*(manager.get(UPTIME) for _ in range(5 * WINDOW)))
        return split_messages(chunks)

    connection = Wire(HOST, port)
    works: dict[str, Blocking] = {}
    for mark in ("", "3"):
        gets, walk = asyncio.run(record(mark, "get")), asyncio.run(record(mark, "walk"))

        def replay(messages: list[bytes], window: int, operations: int) -> Blocking:
            def batch() -> int:
                connection.replay(messages, window)
                return operations

            return batch

        works[f"get{mark}"] = replay(gets[:BATCH], 1, BATCH)
        works[f"many{mark}"] = replay(gets, WINDOW, len(gets))
        works[f"walk{mark}"] = replay(walk, 1, MAX_REPETITIONS * len(walk))
    return works


# -------------------------------------------------------------------------------------------- peers


async def gufo(port: int) -> dict[str, Awaitable]:
    """gufo_snmp: Rust, UDP; one request at a time per session, so many in flight need many sessions."""
    works: dict[str, Awaitable] = {}
    for mark in ("", "3"):
        works[f"get{mark}"] = _Gufo(port, mark).get
        works[f"many{mark}"] = _Gufo(port, mark, WINDOW).many
        works[f"walk{mark}"] = _Gufo(port, mark, max_repetitions=MAX_REPETITIONS).walk
        works[f"plain{mark}"] = _Gufo(port, mark).walk
    return works


class _Gufo:
    """Sessions of one work; they are made when it begins, since with SNMPv3 they take no answer 150 s later."""

    def __init__(self, port: int, mark: str, count: int = 1, **options: int) -> None:
        self._port = port
        self._protected = bool(mark)
        self._count = count
        self._options = options
        self._sessions: list[Any] = []

    async def _begun(self) -> list[Any]:
        session_class: Any = importlib.import_module("gufo.snmp.aio").SnmpSession
        while len(self._sessions) < self._count:
            options = {"user": _gufo_user()} if self._protected else {"community": COMMUNITY}
            self._sessions.append(await session_class(HOST, port=self._port, **options).__aenter__())
        return self._sessions

    async def get(self) -> int:
        return await self._get((await self._begun())[0])

    async def many(self) -> int:
        await asyncio.gather(*(self._get(session, 10) for session in await self._begun()))
        return 10 * WINDOW

    async def walk(self) -> int:
        found = 0
        async for _ in (await self._begun())[0].getbulk(TABLE, **self._options):
            found += 1
        return found

    @staticmethod
    async def _get(session: Any, count: int = BATCH) -> int:
        for _ in range(count):
            await session.get(UPTIME)
        return count


def _gufo_user() -> Any:
    users: Any = importlib.import_module("gufo.snmp.user")
    return users.User(USER, auth_key=users.Sha256Key(AUTH.encode()), priv_key=users.Aes128Key(PRIV.encode()))


def gufo_sync(port: int) -> dict[str, Blocking]:
    """gufo_snmp without an event loop."""
    session_class: Any = importlib.import_module("gufo.snmp.sync").SnmpSession
    works: dict[str, Blocking] = {}
    for mark, options in (("", {"community": COMMUNITY}), ("3", {"user": _gufo_user()})):
        made = functools.partial(session_class, HOST, port=port, **options)
        works[f"get{mark}"] = _begun_late(made, _get)
        works[f"walk{mark}"] = _begun_late(made, functools.partial(_count, max_repetitions=MAX_REPETITIONS))
        works[f"plain{mark}"] = _begun_late(made, _count)
    return works


def _begun_late(made: Callable[[], Any], work: Callable[[Any], int]) -> Blocking:
    """Return a work whose session is made when it begins, as those of asyncio."""
    sessions: list[Any] = []

    def batch() -> int:
        if not sessions:
            sessions.append(made().__enter__())
        return work(sessions[0])

    return batch


def _get(session: Any) -> int:
    for _ in range(BATCH):
        session.get(UPTIME)
    return BATCH


def _count(session: Any, **options: int) -> int:
    return sum(1 for _ in session.getbulk(TABLE, **options))


async def aiosnmp(port: int) -> dict[str, Awaitable]:
    """aiosnmp: a Rust codec, UDP."""
    module: Any = importlib.import_module("aiosnmp")
    session = await module.Snmp(
        host=HOST, port=port, community=COMMUNITY, timeout=30, max_repetitions=MAX_REPETITIONS
    ).__aenter__()

    async def walk() -> int:
        return len(await session.bulk_walk(TABLE))

    return _asynchronous(lambda: session.get(UPTIME), walk)


async def puresnmp(port: int) -> dict[str, Awaitable]:
    """puresnmp: pure Python, UDP."""
    module: Any = importlib.import_module("puresnmp")
    client = module.PyWrapper(module.Client(HOST, module.V2C(COMMUNITY), port=port))

    async def walk() -> int:
        found = 0
        async for _ in client.bulkwalk([TABLE + ".1.3"], bulk_size=MAX_REPETITIONS):
            found += 1
        return found

    return _asynchronous(lambda: client.get(UPTIME), walk)


async def pysnmp(port: int) -> dict[str, Awaitable]:
    """pysnmp: pure Python, UDP."""
    hlapi: Any = importlib.import_module("pysnmp.hlapi.v3arch.asyncio")
    engine, context = hlapi.SnmpEngine(), hlapi.ContextData()
    community = hlapi.CommunityData(COMMUNITY)
    target = await hlapi.UdpTransportTarget.create((HOST, port), timeout=30)

    def name(oid: str) -> Any:
        return hlapi.ObjectType(hlapi.ObjectIdentity(oid))

    async def walk() -> int:
        found = 0
        async for answer in hlapi.bulk_walk_cmd(
            *(engine, community, target, context, 0, MAX_REPETITIONS, name(TABLE + ".1.3")),
            lexicographicMode=False,
            lookupMib=False,
        ):
            found += len(answer[3])
        return found

    return _asynchronous(lambda: hlapi.get_cmd(engine, community, target, context, name(UPTIME), lookupMib=False), walk)


def snmp(port: int) -> dict[str, Blocking]:
    """``snmp``: pure Python, UDP, blocking; it has no walk, so this module loops over GETBULK."""
    module: Any = importlib.import_module("snmp")
    engine = module.Engine(defaultVersion=module.SNMPv2c, defaultCommunity=COMMUNITY.encode())
    manager = engine.Manager((HOST, port))

    def walk() -> int:
        found, at = 0, TABLE + ".1.3"
        while True:
            names = [str(varbind.name) for varbind in manager.getBulk(at, maxRepetitions=MAX_REPETITIONS)]
            inside = [name for name in names if name.startswith(TABLE + ".1.3.")]
            found += len(inside)
            if len(inside) < len(names):
                return found
            at = names[-1]

    def get(_keep: object = engine) -> object:  # keeps the engine, without which the manager closes
        return manager.get(UPTIME)

    return {"get": _repeated(get), "walk": walk}


def easysnmp(port: int) -> dict[str, Blocking]:
    """easysnmp: libsnmp in C, TCP, blocking."""
    module: Any = importlib.import_module("easysnmp")
    plain = module.Session(hostname=HOST, version=2, community=COMMUNITY, use_numeric=True)
    plain.hostname, plain.remote_port = f"tcp:{HOST}", port  # its parser does not accept a transport
    plain.update_session()
    works: dict[str, Blocking] = {"get": _repeated(lambda: plain.get(UPTIME))}
    works["walk"] = lambda: len(plain.bulkwalk(TABLE, 0, MAX_REPETITIONS))
    works["plain"] = lambda: len(plain.bulkwalk(TABLE))
    return works


def ezsnmp(port: int) -> dict[str, Blocking]:
    """ezsnmp: libsnmp in C, TCP, blocking."""
    module: Any = importlib.import_module("ezsnmp")
    plain, default = (
        module.Session(hostname=f"tcp:{HOST}:{port}", version="2c", community=COMMUNITY, **options)
        for options in ({"set_max_repeaters_to_num": str(MAX_REPETITIONS)}, {})
    )
    return {
        "get": _repeated(lambda: plain.get(UPTIME)),
        "walk": lambda: len(plain.bulk_walk(TABLE)),
        "plain": lambda: len(default.bulk_walk(TABLE)),
    }


# ------------------------------------------------------------------------------------------- shared


def _repeated(get: Callable[[], object]) -> Blocking:
    def batch() -> int:
        for _ in range(BATCH):
            get()
        return BATCH

    return batch


def _asynchronous(get: Callable[[], Coroutine[Any, Any, object]], walk: Awaitable) -> dict[str, Awaitable]:
    """Return the works of a peer that can have several requests in flight."""

    async def turn(count: int = BATCH) -> int:
        for _ in range(count):
            await get()
        return count

    async def many() -> int:
        await asyncio.gather(*(turn(2) for _ in range(WINDOW)))
        return 2 * WINDOW

    return {"get": turn, "many": many, "walk": walk}


#: Name -> the factory of its works, and the distribution whose version is printed.
CONTESTANTS: dict[str, tuple[Any, str]] = {
    "snmptcp": (snmptcp, "snmptcp"),
    "snmptcp blocking": (snmptcp_blocking, "snmptcp"),
    "raw wire": (wire, ""),
    "gufo_snmp asyncio": (gufo, "gufo_snmp"),
    "gufo_snmp sync": (gufo_sync, "gufo_snmp"),
    "aiosnmp": (aiosnmp, "aiosnmp"),
    "puresnmp": (puresnmp, "puresnmp"),
    "pysnmp": (pysnmp, "pysnmp"),
    "snmp": (snmp, "snmp"),
    "easysnmp": (easysnmp, "easysnmp"),
    "ezsnmp": (ezsnmp, "ezsnmp"),
}


def _serve(works: dict[str, Blocking], version: str) -> None:
    """Do the works that standard input asks for."""
    print(version, flush=True)
    for line in sys.stdin:
        work, seconds = line.split()
        batch = works.get(work)
        if batch is None:
            print("-", flush=True)
            continue
        operations = 0
        cpu, began = time.process_time(), time.perf_counter()
        while time.perf_counter() - began < float(seconds):
            operations += batch()
        print(operations, time.process_time() - cpu, time.perf_counter() - began, flush=True)


def _blocking(runner: asyncio.Runner, batch: Callable[[], Coroutine[Any, Any, Any]]) -> Callable[[], Any]:
    """Return a function that runs a coroutine function to its end."""
    return lambda: runner.run(batch())


def main() -> None:
    """Run one contestant."""
    name, port, loop = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    make, distribution = CONTESTANTS[name]
    try:
        version = importlib.metadata.version(distribution) if distribution else "1"
    except importlib.metadata.PackageNotFoundError:
        version = "source"
    if not asyncio.iscoroutinefunction(make):
        _serve(make(port), version)
        return
    factory: Any = importlib.import_module("uvloop").new_event_loop if loop == "uvloop" else None
    with asyncio.Runner(loop_factory=factory) as runner:
        works = runner.run(make(port))
        _serve({work: _blocking(runner, batch) for work, batch in works.items()}, version)


if __name__ == "__main__":
    main()
