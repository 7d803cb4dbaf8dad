"""Devices that break rules: what is read all the same, what marks it, what ``strict`` refuses (docs/leniency.md)."""

from __future__ import annotations

import asyncio
import re
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import OID, Community, ConfigurationError, EngineInfo, Manager, RequestTimeout, UsmUser
from snmptcp.errors import (
    BrokenVariable,
    NoSuchName,
    OidNotIncreasing,
    ResponseMismatch,
    SnmpError,
    WrongCommunity,
    WrongVersion,
)
from snmptcp.security.remote_engine import KnownEngines
from snmptcp.sync import SyncManager
from snmptcp.values import Counter64, Integer32
from tests.support.attacker import (
    AUTH,
    GET,
    GET_BULK,
    REPORT,
    RESPONSE,
    HostileEngine,
    HostileServer,
    Message,
    RawConnection,
    User,
    community_message,
    counter64,
    integer,
    null,
    oid,
    pdu,
    sequence,
    tlv,
    varbind,
)
from tests.support.clock import skip, until

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.attacker import Script


pytestmark = pytest.mark.anyio

SYSTEM = "1.3.6.1.2.1.1"
UPTIME = f"{SYSTEM}.3.0"
COLUMN = "1.3.6.1.2.1.2.2.1.10"
TABLE = "1.3.6.1.2.1.2.2"
BROKEN = tlv(0x0A, b"\x01")  # an ENUMERATED, which SNMP does not have
SENDER = User("shaaes", "SHA-256", "authpass123", "AES", "privpass123")
CREDENTIALS = UsmUser("shaaes", "SHA-256", "authpass123", "AES", "privpass123")


def manager(server: HostileServer, version: str = "2c", **options: Any) -> Manager:
    options.setdefault("credentials", Community("public", version))
    options.setdefault("timeout", 30)
    return Manager(server.host, server.port, **options)


def usm(server: HostileServer, **options: Any) -> Manager:
    return manager(server, credentials=CREDENTIALS, **options)


def answering(variables: Callable[[Message], bytes], **changes: Any) -> Script:
    """Return an agent that answers with any octets as its variable bindings."""

    def script(_: RawConnection, octets: bytes) -> bytes:
        engine = HostileEngine()
        asked = engine.read(octets)
        return engine.seal(asked, pdu(RESPONSE, asked.request_id, raw_list=sequence(variables(asked))), **changes)

    return script


def arcs(name: str) -> tuple[int, ...]:
    return tuple(map(int, name.split(".")))


class Device:
    """An agent with variables in any encoding.

    Args:
        rows: names, and whole variable bindings or values as octets.
        excess: how many rows its answers to GETBULK, or to GETNEXT, have too many.
    """

    def __init__(self, rows: dict[str, bytes], *, version: int = 1, excess: int = 0, end: bytes | None = None) -> None:
        self.rows = sorted(rows.items(), key=lambda row: arcs(row[0]))
        self.excess = excess
        self.version = version
        self.end = null(0x82) if end is None else end
        self.asked: list[Message] = []

    def __call__(self, _: RawConnection, octets: bytes) -> bytes:
        asked = HostileEngine().read(octets)
        self.asked.append(asked)
        body = asked.opened
        repetitions = body.error_index if body.kind == GET_BULK else 1
        variables = b""
        for name in body.names:
            if body.kind == GET:
                found = [row for row in self.rows if row[0] == name] or [(name, null(0x81))]
            else:
                after = [row for row in self.rows if arcs(row[0]) > arcs(name)]
                found = after[: repetitions + self.excess] or [(name, self.end)]
            variables += b"".join(self.variable(*row) for row in found)
        return community_message(pdu(RESPONSE, asked.request_id, raw_list=sequence(variables)), version=self.version)

    @staticmethod
    def variable(name: str, value: bytes) -> bytes:
        return value if value[0] == 0x30 else varbind(name, value)

    @property
    def kinds(self) -> list[int]:
        return [message.opened.kind for message in self.asked]


def column(count: int = 60, column: str = COLUMN, **odd: bytes) -> dict[str, bytes]:
    """Return the instances of a column; ``odd`` are those with other octets, as ``_5=...``."""
    return {f"{column}.{n}": odd.get(f"_{n}", integer(n)) for n in range(1, count + 1)}


async def walked(asker: Manager, root: str = COLUMN, **options: Any) -> tuple[list[int], SnmpError | None]:
    """Return the last arcs of what a walk yields, and the error that it ends with."""
    found: list[int] = []
    try:
        async for varbind_ in asker.walk(root, **options):
            found.append(varbind_.oid[-1])
    except SnmpError as error:
        return found, error
    return found, None


# ------------------------------------------------------------------------- one variable that cannot be read


@pytest.mark.parametrize("max_repetitions", [0, 1, 2, 25, 100])
@pytest.mark.parametrize("broken", [1, 2, 24, 25, 26, 60])
async def test_a_walk_yields_what_comes_before_a_broken_variable_and_names_it(
    broken: int, max_repetitions: int
) -> None:
    device = Device({f"{COLUMN}.{n}": BROKEN if n == broken else integer(n) for n in range(1, 61)})
    async with HostileServer(device) as server, manager(server) as asker:
        found, error = await walked(asker, max_repetitions=max_repetitions)

    assert found == list(range(1, broken))
    assert isinstance(error, BrokenVariable)
    assert error.oid == OID(f"{COLUMN}.{broken}")
    assert error.after == OID(f"{COLUMN}.{broken - 1}" if broken > 1 else COLUMN)
    assert f"the value of {COLUMN}.{broken}" in str(error)
    assert f"after {error.after}" in str(error)
    assert "no SNMP type has tag 0x0a" in str(error)
    assert error.octets[error.offset : error.offset + 3] == BROKEN
    assert device.kinds[-1] == 0xA1  # it was asked for alone, too


@pytest.mark.parametrize("max_repetitions", [0, 1, 25, 100])
async def test_a_walk_goes_on_past_broken_variables_on_request(max_repetitions: int) -> None:
    device = Device(column(_1=BROKEN, _5=BROKEN, _6=tlv(0x40, b"abc"), _25=BROKEN, _26=BROKEN, _60=BROKEN))
    async with HostileServer(device) as server, manager(server) as asker:
        found, error = await walked(asker, max_repetitions=max_repetitions, skip_broken=True)
        assert asker.statistics.broken >= 6

    assert error is None
    assert found == [n for n in range(1, 61) if n not in {1, 5, 6, 25, 26, 60}]
    if max_repetitions == 25:
        assert device.kinds == [GET_BULK] * 4  # at full speed


async def test_broken_variables_that_are_skipped_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", "snmptcp.walks")
    async with HostileServer(Device(column(_5=BROKEN))) as server, manager(server) as asker:
        await walked(asker, skip_broken=True)
    (record,) = [record for record in caplog.records if record.name == "snmptcp.walks"]
    assert f"skipped {COLUMN}.5: " in record.getMessage()


NAMELESS = tlv(0x30, tlv(6, b"\x2b\x86") + integer(1))
OVERRUN = b"\x30\x81\xff" + oid(f"{COLUMN}.30") + integer(1)


@pytest.mark.parametrize("octets", [NAMELESS, tlv(0x31, b"\x05\x00"), b"\x30\x00"], ids=["name", "tag", "empty"])
async def test_a_variable_without_a_readable_name_is_skipped_if_others_come_behind_it(octets: bytes) -> None:
    device = Device(column(_30=octets if octets[0] == 0x30 else b"\x30\x02\x1f\x00"))
    async with HostileServer(device) as server, manager(server) as asker:
        assert (await walked(asker))[0] == list(range(1, 30))
        found, error = await walked(asker, skip_broken=True)
        assert error is None
        assert found == [n for n in range(1, 61) if n != 30]
        found, error = await walked(asker, skip_broken=True, max_repetitions=0)

    assert found == list(range(1, 30))  # nothing tells what comes behind it
    assert isinstance(error, BrokenVariable)
    assert error.oid is None
    assert f"the variable after {COLUMN}.29 cannot be read" in str(error)


async def test_behind_a_length_that_overruns_a_walk_goes_on_after_its_name() -> None:
    device = Device(column(_30=OVERRUN))
    async with HostileServer(device) as server, manager(server) as asker:
        found, error = await walked(asker, skip_broken=True)
    assert error is None
    assert found == [n for n in range(1, 61) if n != 30]


async def test_a_getbulk_that_is_broken_where_a_getnext_is_not_costs_nothing() -> None:
    class Shy(Device):
        """Breaks the tenth row of each GETBULK."""

        def __call__(self, connection: RawConnection, octets: bytes) -> bytes:
            answer = super().__call__(connection, octets)
            asked = self.asked[-1].opened
            if asked.kind == GET_BULK and asked.error_index >= 10:
                last = int(asked.names[0].rpartition(".")[2]) if asked.names[0] != COLUMN else 0
                row = varbind(f"{COLUMN}.{last + 10}", integer(last + 10))
                return answer.replace(row, row[:-3] + b"\x0a" + row[-2:])
            return answer

    device = Shy(column())
    async with HostileServer(device) as server, manager(server) as asker:
        assert await walked(asker) == (list(range(1, 61)), None)
    assert len(device.asked) < 25


async def test_a_walk_in_version_1_names_the_broken_variable_and_goes_past_it() -> None:
    device = Device(column(9, _5=BROKEN), version=0)
    async with HostileServer(device) as server, manager(server, "1") as asker:
        found, error = await walked(asker)
        assert (found, type(error)) == ([1, 2, 3, 4], BrokenVariable)
        assert await walked(asker, skip_broken=True) == ([1, 2, 3, 4, 6, 7, 8, 9], None)


async def test_a_walk_of_a_broken_instance_says_so() -> None:
    async with HostileServer(Device({UPTIME: BROKEN})) as server, manager(server) as asker:
        _, error = await walked(asker, UPTIME)
        assert isinstance(error, BrokenVariable)
        assert await walked(asker, UPTIME, skip_broken=True) == ([], None)


async def test_names_must_increase_even_behind_a_broken_variable() -> None:
    device = Device(column(9, _5=varbind(f"{COLUMN}.2", BROKEN)))
    async with HostileServer(device) as server, manager(server) as asker:
        found, error = await walked(asker, skip_broken=True)
    assert found == [1, 2, 3, 4]
    assert "not increasing" in str(error)


@pytest.mark.parametrize("version", ["1", "2c"])
@pytest.mark.parametrize("options", [{}, {"max_repetitions": 0}, {"tolerate_non_increasing": True}], ids=str)
async def test_a_broken_variable_behind_the_subtree_does_not_concern_a_walk(
    version: str, options: dict[str, Any]
) -> None:
    rows = table_rows(_2_1=BROKEN)
    async with (
        HostileServer(Device(rows, version=int(version != "1"))) as server,
        manager(server, version) as asker,
    ):
        assert await walked(asker, f"{TABLE}.1.1", **options) == (list(range(1, 9)), None)
        found = [row.index[-1] async for row in asker.table(TABLE, [1], **options)]
        assert await walked(asker, f"{TABLE}.1.1.8", **options) == ([8], None)  # nor that of an instance
    assert found == list(range(1, 9))


async def test_a_broken_variable_that_goes_back_out_of_the_subtree_is_an_error() -> None:
    device = Device(column(9), end=varbind(UPTIME, BROKEN))
    async with HostileServer(device) as server, manager(server) as asker:
        found, error = await walked(asker)
    assert (found, type(error)) == (list(range(1, 10)), BrokenVariable)


async def test_get_bulk_ends_before_the_first_broken_variable() -> None:
    async with HostileServer(Device(column(_4=BROKEN))) as server, manager(server) as asker:
        answer = await asker.get_bulk(COLUMN, max_repetitions=10)
        assert [varbind_.oid[-1] for varbind_ in answer] == [1, 2, 3]
        with pytest.raises(BrokenVariable) as caught:
            await asker.get_bulk(f"{COLUMN}.3", max_repetitions=3)
    assert caught.value.oid == OID(f"{COLUMN}.4")
    assert [varbind_.oid[-1] for varbind_ in caught.value.varbinds] == [5, 6]


async def test_the_error_of_a_get_has_the_values_that_could_be_read() -> None:
    device = Device(
        {UPTIME: integer(1), f"{SYSTEM}.4.0": BROKEN, f"{SYSTEM}.5.0": NAMELESS, f"{SYSTEM}.6.0": integer(4)}
    )
    async with HostileServer(device) as server, manager(server) as asker:
        with pytest.raises(BrokenVariable) as caught:
            await asker.get(*(name for name, _ in device.rows))
    error = caught.value
    assert [(str(name), value) for name, value in error.varbinds] == [(UPTIME, 1), (f"{SYSTEM}.6.0", 4)]
    assert error.broken == ((1, OID(f"{SYSTEM}.4.0")), (2, OID(f"{SYSTEM}.5.0")))  # a GET's answer has its names
    assert error.after == OID(UPTIME)


@pytest.mark.parametrize("max_names", [None, 1, 3, 7])
@pytest.mark.parametrize("octets", [BROKEN, b"\x04\x7fab", b"\x02\x06\x01"], ids=["tag", "overrun", "runs on"])
async def test_the_error_of_a_read_in_parts_has_all_values_that_could_be_read(
    octets: bytes, max_names: int | None
) -> None:
    broken = (5, 6, 17)
    device = Device(column(20, _5=octets, _6=octets, _17=octets))
    names = [name for name, _ in device.rows]
    async with HostileServer(device) as server, manager(server, max_names=max_names) as asker:
        for read, shift in ((asker.get, 0), (asker.get_next, 1)):
            with pytest.raises(BrokenVariable) as caught:
                await read(*(names if not shift else [COLUMN, *names[:-1]]))
            error = caught.value
            assert [varbind_.oid[-1] for varbind_ in error.varbinds] == [n for n in range(1, 21) if n not in broken]
            assert error.broken == tuple((n - 1, OID(f"{COLUMN}.{n}")) for n in broken)
            assert (error.position, error.oid, error.after) == (4, OID(names[4]), OID(names[3]))
            assert error.peer == f"{server.host}:{server.port}"


async def test_one_broken_value_does_not_make_later_reads_smaller() -> None:
    device = Device(column(20, _5=b"\x04\x7fab"))
    names = [name for name, _ in device.rows]
    async with HostileServer(device) as server, manager(server) as asker:
        with pytest.raises(BrokenVariable):
            await asker.get(*names)
        before = len(device.asked)
        await asker.get(*names[5:])
    assert len(device.asked) == before + 1


def table_rows(**odd: bytes) -> dict[str, bytes]:
    rows: dict[str, bytes] = {}
    for number in (1, 2, 10):
        base = f"{TABLE}.1.{number}"
        rows |= {f"{base}.{n}": odd.get(f"_{number}_{n}", integer(n)) for n in range(1, 9)}
    return rows


async def test_a_table_yields_the_rows_before_a_broken_variable_and_all_others_on_request() -> None:
    async with HostileServer(Device(table_rows(_2_4=BROKEN))) as server, manager(server) as asker:
        found = []
        with pytest.raises(BrokenVariable) as caught:
            async for row in asker.table(TABLE):
                found.append(row.index[-1])
        assert found == [1, 2, 3]
        assert caught.value.oid == OID(f"{TABLE}.1.2.4")

        rows = [row async for row in asker.table(TABLE, skip_broken=True)]
    assert [row.index[-1] for row in rows] == list(range(1, 9))
    assert [sorted(row) for row in rows] == [[1, 2, 10] if row.index[-1] != 4 else [1, 10] for row in rows]


async def test_the_search_for_columns_does_not_need_their_values() -> None:
    broken = {f"_{number}_1": BROKEN for number in (1, 2, 10)}
    async with HostileServer(Device(table_rows(**broken))) as server, manager(server) as asker:
        rows = [row async for row in asker.table(TABLE, skip_broken=True)]
    assert [row.index[-1] for row in rows] == list(range(2, 9))


@pytest.mark.parametrize("max_names", [None, 1, 3])
@pytest.mark.parametrize("octets", [b"\x04\x7fab", NAMELESS], ids=["overrun", "name"])
@pytest.mark.parametrize("place", ["_1_1", "_2_1", "_10_1"])
async def test_the_search_for_columns_passes_any_broken_variable(
    place: str, octets: bytes, max_names: int | None
) -> None:
    device = Device(table_rows(**{place: octets}))
    async with HostileServer(device) as server, manager(server, max_names=max_names) as asker:
        rows = [row async for row in asker.table(TABLE, skip_broken=True)]
        assert [len(row) for row in rows] == [2, *[3] * 7]
        with pytest.raises(BrokenVariable):
            async for _ in asker.table(TABLE):
                pass


async def test_blocking_walks_go_past_broken_variables() -> None:
    async with HostileServer(Device(column(9, _5=BROKEN))) as server:

        def walk() -> None:
            with SyncManager(server.host, server.port, credentials=Community("public")) as asker:
                assert [found.oid[-1] for found in asker.walk(COLUMN, skip_broken=True)] == [1, 2, 3, 4, 6, 7, 8, 9]
                with pytest.raises(BrokenVariable):
                    list(asker.walk(COLUMN))

        await asyncio.to_thread(walk)


# --------------------------------------------------------------------------------- rows that were not asked for


async def test_a_getbulk_answer_with_rows_too_many_is_cut_and_goes_on_with_getbulk() -> None:
    device = Device(column(408), excess=3)
    async with HostileServer(device) as server, manager(server) as asker:
        assert await walked(asker, max_repetitions=25) == (list(range(1, 409)), None)
        assert asker.statistics.oversized == 16
        assert device.kinds == [GET_BULK] * 18
        assert len(await asker.get_bulk(COLUMN, max_repetitions=5)) == 5
        assert await walked(asker, limit=10) == (list(range(1, 11)), None)
        assert await walked(asker, max_repetitions=0) == (list(range(1, 409)), None)
        assert len(await asker.get_next(COLUMN)) == 1
        rows = [row.index[-1] async for row in asker.table(TABLE, [10])]
    assert rows == list(range(1, 409))


@pytest.mark.parametrize("excess", [1, 66, 67, 1000])
async def test_only_far_too_many_rows_are_refused(excess: int) -> None:
    async with HostileServer(Device(column(2000), excess=excess)) as server, manager(server) as asker:
        if 2 + excess <= 2 * 2 + 64:
            assert len(await asker.get_bulk(COLUMN, max_repetitions=2)) == 2
            return
        with pytest.raises(ResponseMismatch, match="variable bindings in the response, 2 requested"):
            await asker.get_bulk(COLUMN, max_repetitions=2)


# ---------------------------------------------------------------------------------------- SNMPv1 and communities


@pytest.mark.parametrize("version", ["1", "2c"])
@pytest.mark.parametrize("end", [null(0x82), null(0x80), null(0x81)], ids=["endOfMibView", "object", "instance"])
async def test_a_walk_may_end_with_any_exception_in_any_version(version: str, end: bytes) -> None:
    rows = {UPTIME: integer(1), f"{SYSTEM}.4.0": counter64(2**40)}
    device = Device(rows, version=int(version != "1"), end=end)
    async with HostileServer(device) as server, manager(server, version) as asker:
        found = [tuple(varbind_) async for varbind_ in asker.walk(SYSTEM)]
        assert found == [(OID(UPTIME), Integer32(1)), (OID(f"{SYSTEM}.4.0"), Counter64(2**40))]
        assert [varbind_ async for varbind_ in asker.walk("1.3.6.1.2.1.2")] == []
        assert [row async for row in asker.table("1.3.6.1.2.1.2.2")] == []
    async with HostileServer(device) as server, manager(server, version, strict=True) as asker:
        if version == "2c" and end != null(0x82):
            _, error = await walked(asker, SYSTEM)
            assert isinstance(error, OidNotIncreasing)


@pytest.mark.parametrize("end", [0x80, 0x81])
@pytest.mark.parametrize("name", ["asked", "last", "root", "0.0", SYSTEM])
@pytest.mark.parametrize("options", [{}, {"tolerate_non_increasing": True}], ids=str)
async def test_a_getbulk_answer_may_end_a_walk_with_an_exception_under_an_old_name(
    name: str, end: int, options: dict[str, Any]
) -> None:
    class Filling(Device):
        """Fills its answers up with one exception."""

        def __call__(self, connection: RawConnection, octets: bytes) -> bytes:
            answer = super().__call__(connection, octets)
            asked, got = self.asked[-1], HostileEngine().read(answer).opened
            if asked.opened.kind != GET_BULK or len(got.names) == asked.opened.error_index:
                return answer
            last = {"asked": asked.opened.names[0], "last": got.names[-1], "root": COLUMN}.get(name, name)
            rows = b"".join(varbind(row, integer(1)) for row in got.names) + varbind(last, null(end))
            return community_message(pdu(RESPONSE, asked.request_id, raw_list=sequence(rows)))

    device = Filling(column(60))
    async with HostileServer(device) as server, manager(server) as asker:
        assert await walked(asker, **options) == (list(range(1, 61)), None)
    if not options:
        async with HostileServer(device) as server, manager(server, strict=True) as asker:
            assert isinstance((await walked(asker))[1], OidNotIncreasing)


async def test_an_exception_does_not_hide_a_name_that_goes_back() -> None:
    device = Device({UPTIME: integer(1), f"{SYSTEM}.4.0": integer(2)}, end=varbind(UPTIME, null(0x80)))
    async with HostileServer(device) as server, manager(server) as asker:
        _, error = await walked(asker, SYSTEM)
    assert isinstance(error, OidNotIncreasing)


@pytest.mark.parametrize("community", [b"", b"other", b"public@7"])
async def test_an_answer_in_another_community_is_taken_on_request(community: bytes) -> None:
    script = answering(lambda _: varbind(UPTIME, integer(7)), community=community)
    for version in ("1", "2c"):
        async with HostileServer(script) as server, manager(server, version, any_community=True) as asker:
            assert await asker.get_value(UPTIME) == 7
            asker.use(Community("private", version))
            assert await asker.get_value(UPTIME) == 7
        async with HostileServer(script) as server, manager(server, version) as asker:
            assert isinstance((await silence(asker)).reason, WrongCommunity)


async def test_any_community_is_no_other_version() -> None:
    def script(_: RawConnection, octets: bytes) -> bytes:
        return community_message(pdu(RESPONSE, HostileEngine().read(octets).request_id, [(UPTIME, integer(7))]), b"", 0)

    async with HostileServer(script) as server, manager(server, any_community=True) as asker:
        assert isinstance((await silence(asker)).reason, WrongVersion)


def test_strict_and_any_community_exclude_each_other() -> None:
    with pytest.raises(ConfigurationError, match="strict"):
        Manager("192.0.2.1", credentials=Community("public"), strict=True, any_community=True)


TRAILING = {"list": (b"\5\0", b""), "list, zeros": (bytes(15), b""), "PDU": (b"", b"\5\0"), "PDU, one": (b"", b"\0")}


@pytest.mark.parametrize("version", ["1", "2c"])
@pytest.mark.parametrize("octets", TRAILING.values(), ids=TRAILING)
async def test_octets_behind_the_variables_or_the_pdu_are_ignored(version: str, octets: tuple[bytes, bytes]) -> None:
    async with HostileServer(trailing(*octets)) as server:
        async with manager(server, version) as asker:
            for _ in range(3):
                assert await asker.get_value(UPTIME) == 7
            assert asker.statistics.malformed == asker.statistics.responses == 3
        async with manager(server, version, strict=True) as asker:
            task = asyncio.ensure_future(asker.get(UPTIME, timeout=1000))
            await until(lambda: asker.statistics.malformed > 0)
            skip(1001)
            with pytest.raises(RequestTimeout, match="octets follow the"):
                await task


async def silence(asker: Manager) -> RequestTimeout:
    """Return the timeout of a request whose answers are all refused."""
    task = asyncio.ensure_future(asker.get(UPTIME, timeout=1000))
    await until(lambda: asker.statistics.refused or task.done())
    skip(1001)
    with pytest.raises(RequestTimeout) as caught:
        await task
    return caught.value


async def test_a_stale_answer_is_the_reason_of_the_timeout() -> None:
    for version in ("1", "2c"):

        def script(_: RawConnection, octets: bytes) -> bytes:
            engine = HostileEngine()
            return engine.answer(octets, request_id=engine.read(octets).request_id ^ 1)

        async with HostileServer(script) as server, manager(server, version) as asker:
            task = asyncio.ensure_future(asker.get(UPTIME, timeout=1000))
            statistics = asker.statistics
            await until(partial(getattr, statistics, "unknown"))
            skip(1001)
            with pytest.raises(RequestTimeout, match="the reply has request-id [0-9]+, which no request has had"):
                await task


# -------------------------------------------------------------------------------------- engines and their clocks


def engine_script(change: Callable[[HostileEngine, Message], bytes | None], **fields: Any) -> Script:
    """Return an agent of SNMPv3 that answers honestly where ``change`` returns ``None``."""
    engine = HostileEngine(users=(SENDER,), **fields)

    def script(_: RawConnection, octets: bytes) -> bytes | None:
        asked = engine.read(octets)
        return change(engine, asked) or engine.honest(octets)

    return script


def discovery(counter: str | None, contents: bytes = b"") -> Callable[[HostileEngine, Message], bytes | None]:
    """Return an answer to a discovery message by a report: with a counter, or with octets."""

    def change(engine: HostileEngine, asked: Message) -> bytes | None:
        if asked.engine_id:
            return None
        if counter is not None:
            return engine.report(asked, counter)
        return engine.seal(asked, pdu(REPORT, asked.request_id, raw_list=sequence(contents)), flags=0)

    return change


def honestly(*_: object) -> None:
    """Change nothing."""


def clockless(engine: HostileEngine, asked: Message) -> bytes | None:
    """Tell (0, 0) in the discovery, and the true time in reports without a digest."""
    if not asked.engine_id:
        return engine.report(asked, "unknownEngineIDs", boots=0, time=0)
    if asked.flags & AUTH and (asked.boots != engine.boots or abs(asked.time - engine.time) > 150):
        return engine.report(asked, "notInTimeWindows")
    return None


async def test_an_agent_that_cannot_authenticate_its_time_is_asked_and_written_to() -> None:
    async with HostileServer(engine_script(clockless)) as server, usm(server) as asker:
        assert await asker.get_value(UPTIME) == 7
        assert asker.statistics.resent == 1
        await asker.set((UPTIME, 7))
    engine = HostileEngine(users=(SENDER,))
    assert [engine.read(octets).opened.kind for octets in server.received].count(0xA3) == 1


async def test_a_set_to_an_agent_that_cannot_authenticate_its_time_waits_for_its_proof() -> None:
    engine = HostileEngine(users=(SENDER,))
    async with HostileServer(engine_script(clockless)) as server, usm(server) as asker:
        await asker.set((UPTIME, 7))
    asked = [engine.read(octets) for octets in server.received]
    assert [(message.opened.kind, message.boots) for message in asked] == [(GET, 0), (GET, 0), (GET, 7), (0xA3, 7)]


async def test_an_agent_that_restarts_and_cannot_authenticate_its_time_is_followed_on_a_new_connection() -> None:
    engine = HostileEngine(users=(SENDER,))

    def script(_: RawConnection, octets: bytes) -> bytes | None:
        return clockless(engine, engine.read(octets)) or engine.honest(octets)

    async with HostileServer(script) as server, usm(server) as asker:
        assert await asker.get_value(UPTIME) == 7
        engine.boots, engine.time = 8, 3
        server.connections[-1].abort()
        await until(lambda: not asker.connected)
        assert await asker.get_value(UPTIME) == 7
        assert asker.engine is not None
        assert asker.engine.boots == 8


@pytest.mark.parametrize("version", ["USM", "KnownEngines"])
async def test_a_discovery_afresh_forgets_the_clock(version: str) -> None:
    engine = HostileEngine(users=(SENDER,))

    def script(_: RawConnection, octets: bytes) -> bytes | None:
        return clockless(engine, engine.read(octets)) or engine.honest(octets)

    engines = KnownEngines() if version == "KnownEngines" else None
    async with HostileServer(script) as server, usm(server, engines=engines) as asker:
        assert await asker.get_value(UPTIME) == 7
        engine.boots, engine.time = 2, 3  # back, which only a fresh discovery believes
        info = await asker.discover(afresh=True)
        assert (info.boots, info.time) == (2, 3)
        assert await asker.get_value(UPTIME) == 7


async def test_boots_that_were_given_stay_a_floor_in_a_discovery_afresh() -> None:
    engine = HostileEngine(users=(SENDER,), boots=3)
    script = engine_script(clockless, boots=3)
    given = EngineInfo(engine.engine_id, 9, 5000)
    async with HostileServer(script) as server, usm(server, engine=given) as asker:
        task = asyncio.ensure_future(asker.discover(afresh=True, timeout=1000))
        await until(lambda: asker.statistics.refused or task.done())
        skip(1001)
        with pytest.raises(RequestTimeout):
            await task
        assert asker.engine is not None
        assert asker.engine.boots == 9


ODD_ENGINE_IDS = [b"1", b"1234", bytes(5), b"\xff" * 12, b"x" * 33]


@pytest.mark.parametrize("engine_id", ODD_ENGINE_IDS, ids=bytes.hex)
async def test_an_odd_engine_id_serves_reads_writes_and_walks_and_is_logged_once(
    engine_id: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with HostileServer(engine_script(honestly, engine_id=engine_id)) as server, usm(server) as asker:
        info = await asker.discover()
        assert info.engine_id == engine_id
        assert await asker.get_value(UPTIME) == 7
        await asker.set((UPTIME, 7))
        await asker.discover(afresh=True)
    (record,) = [record for record in caplog.records if record.name == "snmptcp.engine"]
    assert f"port {server.port}" in record.getMessage() or f":{server.port}" in record.getMessage()

    async with (
        HostileServer(engine_script(honestly, engine_id=engine_id)) as server,
        usm(server, engine=info) as asker,
    ):
        assert await asker.get_value(UPTIME) == 7


# ------------------------------------------------------------------------------------------- docs/leniency.md


async def get_one(asker: Manager) -> None:
    task = asyncio.ensure_future(asker.get(UPTIME, timeout=1000))
    await until(lambda: asker.statistics.refused or asker.statistics.malformed or task.done())
    if not task.done() and not asker.statistics.resent:
        skip(1001)
    await task


async def walk_system(asker: Manager) -> None:
    assert [str(found.oid) async for found in asker.walk(SYSTEM)] == [UPTIME]


async def get_two(asker: Manager) -> None:
    try:
        await asker.get(UPTIME, f"{SYSTEM}.4.0")
    except BrokenVariable as error:
        readable = error.varbinds
    assert [str(found.oid) for found in readable] == [UPTIME]


async def bulk_of_one(asker: Manager) -> None:
    assert len(await asker.get_bulk(SYSTEM, max_repetitions=1)) == 1


async def next_of_one(asker: Manager) -> None:
    assert len(await asker.get_next(SYSTEM)) == 1


async def failing(asker: Manager) -> None:
    with pytest.raises(NoSuchName):
        await asker.get(UPTIME)


PADDED = tlv(0x30, tlv(6, bytes.fromhex("2b060102018001038000")) + integer(7))
TWO = varbind(UPTIME, integer(7)) + varbind(f"{SYSTEM}.4.0", integer(7))


def failed(_: RawConnection, octets: bytes) -> bytes:
    asked = HostileEngine().read(octets)
    variables = sequence(varbind(UPTIME, BROKEN))
    return community_message(pdu(RESPONSE, asked.request_id, error_status=2, error_index=1, raw_list=variables))


def other_version(_: RawConnection, octets: bytes) -> bytes:
    asked = HostileEngine().read(octets)
    return community_message(pdu(RESPONSE, asked.request_id, [(UPTIME, integer(7))]), version=0)


def one(value: bytes, **changes: Any) -> Script:
    return answering(lambda _: varbind(UPTIME, value), **changes)


def trailing(behind_list: bytes, behind_pdu: bytes) -> Script:
    """Return an agent that puts octets behind its variable bindings and its PDU."""

    def script(_: RawConnection, octets: bytes) -> bytes:
        engine = HostileEngine()
        asked = engine.read(octets)
        fields = integer(asked.request_id) + integer(0) * 2 + sequence(varbind(UPTIME, integer(7)))
        return engine.seal(asked, tlv(RESPONSE, fields + behind_list) + behind_pdu)

    return script


V1 = {"credentials": Community("public", "1")}
USM = {"credentials": CREDENTIALS}

#: What arrives, by the first cell of the page's row: an agent, the options of a manager, and what is asked of it.
SCENARIOS: dict[str, tuple[Any, dict[str, Any], Any]] = {
    "a Counter64 in SNMPv1": (one(counter64(2**40)), V1, get_one),
    "noSuchObject, noSuchInstance or endOfMibView in SNMPv1": (one(null(0x81)), V1, get_one),
    "a walk in SNMPv1 that ends with endOfMibView": (Device({UPTIME: integer(1)}, version=0), V1, walk_system),
    "a walk that ends with noSuchObject or noSuchInstance": (
        Device({UPTIME: integer(1)}, end=null(0x80)),
        {},
        walk_system,
    ),
    "a name or value with a padded sub-identifier": (answering(lambda _: PADDED), {}, get_one),
    "a number that is not in its shortest form": (one(tlv(0x41, b"\0\0\5")), {}, get_one),
    "one variable that cannot be decoded, among others": (
        answering(lambda _: varbind(UPTIME, integer(7)) + varbind(f"{SYSTEM}.4.0", BROKEN)),
        {},
        get_two,
    ),
    "an error-status beside variables that cannot be decoded": (failed, {}, failing),
    "octets behind the variable bindings, or behind the PDU": (trailing(b"", bytes(15)), {}, get_one),
    "more variables than asked for, to a GETBULK": (answering(lambda _: TWO), {}, bulk_of_one),
    "more variables than asked for, to a GETNEXT": (answering(lambda _: TWO), {}, next_of_one),
    "more variables than asked for, to a GET": (answering(lambda _: TWO), {}, get_one),
    "an empty community, or another one": (one(integer(7), community=b""), {}, get_one),
    "another version": (other_version, {}, get_one),
    "another name than that of a GET": (answering(lambda _: varbind(f"{SYSTEM}.4.0", integer(7))), {}, get_one),
    "a report of any counter to a discovery": (engine_script(discovery("unknownUserNames")), USM, get_one),
    "a report without variables to a discovery": (engine_script(discovery(None)), USM, get_one),
    "a report of broken variables to a discovery": (engine_script(discovery(None, b"\x30\0")), USM, get_one),
    "an engine ID of less than 5 or more than 32 octets, of zeros, or of 0xff": (
        engine_script(honestly, engine_id=b"\0\0\0"),
        USM,
        get_one,
    ),
    "the engine's time in a report without a digest": (engine_script(clockless), USM, get_one),
}

ROW = re.compile(
    r"\| (?P<what>[^|`]+) \| (?P<peer>[^|]+) \| (?P<ours>[^|]+) \| (?P<strict>[^|]+) \| (?P<mark>[^|]+) \|"
)


def documented() -> dict[str, dict[str, str]]:
    text = (Path(__file__).parents[2] / "docs" / "leniency.md").read_text(encoding="utf-8")
    _, _, rest = text.partition("\n## Answers\n")
    table, _, _ = rest.partition("\n## ")
    rows = [line for line in table.splitlines() if line.startswith("| ")][2:]
    matches = [ROW.fullmatch(row) for row in rows]
    assert all(matches)
    return {match["what"]: match.groupdict() for match in matches if match}


def test_docs_leniency_has_a_row_for_each_oddity_of_answers() -> None:
    assert set(documented()) == set(SCENARIOS)


@pytest.mark.parametrize("strict", [False, True], ids=["lenient", "strict"])
@pytest.mark.parametrize("what", SCENARIOS)
async def test_docs_leniency_answers_are_read_as_the_page_says(what: str, strict: bool) -> None:
    script, options, ask = SCENARIOS[what]
    async with HostileServer(script) as server, manager(server, strict=strict, **options) as asker:
        outcome = "read"
        try:
            await ask(asker)
        except SnmpError:
            outcome = "refused"
        statistics = asker.statistics.as_dict()
    row = documented()[what]
    assert re.split("[;:,]", row["strict" if strict else "ours"])[0] == outcome
    for counter in re.findall(r"`statistics\.([a-z_]+)`", row["mark"]):
        if outcome == "read" and counter in statistics:
            assert statistics[counter] > 0
