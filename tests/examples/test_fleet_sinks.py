"""The sinks of the examples, against stand-ins for their servers."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import importlib
import json
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import Counter64, OctetString
from snmptcp.fleet.sinks import sample_object
from tests.support.polls import NOON, make_poll, make_sample, make_target

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

pytestmark = pytest.mark.anyio

ODD = make_target("a\0\udcff", {"site\0": "\udcff"})

BATCH = [
    make_poll(Counter64(2**64 - 1), OctetString(b"\0\xff")),
    make_poll(make_sample(OctetString("text"), target=ODD), target=ODD),
]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Return what imports an example with a stand-in for the library that it needs."""

    def load_example(name: str, library: str, **names: object) -> Any:
        stand_in = ModuleType(library)
        vars(stand_in).update(names)
        monkeypatch.setitem(sys.modules, library, stand_in)
        monkeypatch.delitem(sys.modules, f"examples.{name}", raising=False)
        return importlib.import_module(f"examples.{name}")

    yield load_example
    for name in ("examples.fleet_kafka", "examples.fleet_timescaledb"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize(("name", "library"), [("fleet_kafka", "aiokafka"), ("fleet_timescaledb", "asyncpg")])
async def test_a_script_explains_itself(
    load: Callable[..., Any],
    name: str,
    library: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    example = load(name, library, AIOKafkaProducer=object)
    monkeypatch.setattr(sys, "argv", [f"{name}.py", "--help"])
    with pytest.raises(SystemExit) as ended:
        await example.main()
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: {name}.py")


# -------------------------------------------------------------------------------------------- Kafka


class Cluster:
    """What is in Kafka: the messages of transactions that were committed."""

    def __init__(self) -> None:
        self.committed: list[tuple[str, bytes, bytes]] = []
        self.fails: str = ""
        self.running = 0

    def make_producer(self, **options: Any) -> Producer:
        assert options["transactional_id"] == "test-1"
        return Producer(self)


class Producer:
    """A producer as aiokafka's, which is of no more use after an error."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._pending: list[tuple[str, bytes, bytes]] = []
        self._broken = False

    async def start(self) -> None:
        self._cluster.running += 1
        if self._cluster.fails == "start":
            raise ConnectionError("no broker")

    async def stop(self) -> None:
        self._cluster.running -= 1

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        assert not self._broken
        try:
            yield
            self._commit()
        except BaseException:
            self._broken = True
            raise

    def _commit(self) -> None:
        if self._cluster.fails == "commit":
            raise ConnectionError("no coordinator")
        self._cluster.committed += self._pending
        self._pending = []

    async def send(self, topic: str, value: bytes, *, key: bytes) -> asyncio.Future[None]:
        sent: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pending.append((topic, key, value))
        if self._cluster.fails == "deliver":
            sent.set_exception(ConnectionError("the leader is gone"))
        else:
            sent.set_result(None)
        return sent


async def test_each_sample_is_a_message_with_the_variable_as_its_key(load: Callable[..., Any]) -> None:
    cluster = Cluster()
    example = load("fleet_kafka", "aiokafka", AIOKafkaProducer=cluster.make_producer)
    sink = example.KafkaSink("broker:9092", "snmp", "test-1")
    await sink.open()
    await sink.write(BATCH)
    await sink.aclose()
    samples = [sample for poll in BATCH for sample in poll.samples]
    assert [json.loads(value) for _, _, value in cluster.committed] == [sample_object(sample) for sample in samples]
    assert {topic for topic, _, _ in cluster.committed} == {"snmp"}
    assert cluster.committed[0][1] == b"switch-1 1.3.6.1.2.1.31.1.1.1.6.1"
    assert cluster.running == 0


@pytest.mark.parametrize("fault", ["deliver", "commit"])
async def test_a_batch_that_kafka_did_not_take_comes_again_once(load: Callable[..., Any], fault: str) -> None:
    cluster = Cluster()
    example = load("fleet_kafka", "aiokafka", AIOKafkaProducer=cluster.make_producer)
    sink = example.KafkaSink("broker:9092", "snmp", "test-1")
    await sink.open()
    cluster.fails = fault
    with pytest.raises(ConnectionError):
        await sink.write(BATCH)
    assert (cluster.committed, cluster.running) == ([], 0)
    cluster.fails = "start"
    with pytest.raises(ConnectionError, match="no broker"):
        await sink.write(BATCH)
    assert cluster.running == 0
    cluster.fails = ""
    await sink.write(BATCH)
    await sink.aclose()
    assert (len(cluster.committed), cluster.running) == (3, 0)


# -------------------------------------------------------------------------------------- TimescaleDB


class Database:
    """What is in PostgreSQL."""

    def __init__(self) -> None:
        self.rows: dict[tuple[object, ...], tuple[object, ...]] = {}
        self.statements: list[str] = []
        self.connections = 0
        self.fails = False

    async def connect(self, dsn: str) -> Connection:
        assert dsn == "postgresql:///test"
        self.connections += 1
        return Connection(self)


class Connection:
    """A connection as asyncpg's, with as much of PostgreSQL as the example needs."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._batch: list[tuple[Any, ...]] | None = None
        self._closed = False

    def is_closed(self) -> bool:
        return self._closed

    async def close(self) -> None:
        self._closed = True

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        before = dict(self._database.rows)
        try:
            yield
            self._commit()
        except BaseException:
            self._database.rows = before
            raise
        finally:
            self._batch = None  # ON COMMIT DROP

    def _commit(self) -> None:
        if self._database.fails:
            self._closed = True
            raise ConnectionError("the server is gone")

    async def execute(self, statement: str) -> None:
        self._database.statements.append(statement.split("(", maxsplit=1)[0].strip())
        if statement.startswith("CREATE TEMPORARY TABLE batch"):
            assert self._batch is None
            self._batch = []
        elif statement.startswith("INSERT INTO samples SELECT * FROM batch ON CONFLICT DO NOTHING"):
            assert self._batch is not None
            for row in self._batch:
                time, target, oid = row[:3]
                self._database.rows.setdefault((target, oid, time), row)

    async def copy_records_to_table(self, table: str, *, records: list[tuple[Any, ...]]) -> None:
        assert table == "batch"
        assert self._batch is not None
        for row in records:
            for text in row:
                assert not isinstance(text, str) or ("\0" not in text and text.encode())
        self._batch += records


async def test_each_sample_is_a_row_of_the_hypertable(load: Callable[..., Any]) -> None:
    database = Database()
    example = load("fleet_timescaledb", "asyncpg", connect=database.connect)
    sink = example.TimescaleSink("postgresql:///test")
    await sink.open()
    assert database.statements == ["CREATE TABLE IF NOT EXISTS samples", "SELECT create_hypertable"]
    await sink.write(BATCH)
    await sink.aclose()
    rows = list(database.rows.values())
    assert rows[0] == (
        dt.datetime.fromtimestamp(NOON, dt.UTC),
        "switch-1",
        "1.3.6.1.2.1.31.1.1.1.6.1",
        "interfaces",
        "ifHCInOctets",
        "1",
        2**64 - 1,
        "18446744073709551615",
        None,
        '{"site": "Lyon"}',
    )
    assert [row[6:8] for row in rows[1:]] == [(None, "0x00ff"), (None, "text")]
    assert (rows[2][1], rows[2][9]) == (r"a\udcff", r'{"site": "\\udcff"}')


async def test_a_batch_that_the_database_did_not_take_comes_again_on_a_new_connection(load: Callable[..., Any]) -> None:
    database = Database()
    example = load("fleet_timescaledb", "asyncpg", connect=database.connect)
    sink = example.TimescaleSink("postgresql:///test")
    await sink.open()
    database.fails = True
    with pytest.raises(ConnectionError, match="the server is gone"):
        await sink.write(BATCH)
    assert database.rows == {}
    database.fails = False
    for _ in range(2):  # the same batch twice is there once
        await sink.write(BATCH)
    await sink.aclose()
    assert (len(database.rows), database.connections) == (3, 2)
