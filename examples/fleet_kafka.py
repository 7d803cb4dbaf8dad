"""A sink for Kafka, with aiokafka: ``python examples/fleet_kafka.py --bootstrap broker:9092 192.0.2.1 192.0.2.2``.

Each sample is a message: its key is the target and the variable, its value the JSON object of ``NdjsonSink``.  A batch
is a transaction, so that consumers with ``isolation_level="read_committed"`` see each sample once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from typing import TYPE_CHECKING

from aiokafka import AIOKafkaProducer

from snmptcp import Community
from snmptcp.fleet import Fleet, Get, Target
from snmptcp.fleet.sinks import Sink, sample_object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snmptcp.fleet import Poll, Sample


class KafkaSink(Sink):
    """Sends each sample to a topic.

    Args:
        bootstrap: a broker of the cluster, as ``host:port``.
        topic: where the messages go.
        transactional_id: different for each program that runs at a time, and the same when one starts again.
    """

    name = "kafka"

    def __init__(self, bootstrap: str, topic: str, transactional_id: str) -> None:
        self._bootstrap = bootstrap
        self._topic = topic
        self._transactional_id = transactional_id
        self._producer: AIOKafkaProducer | None = None

    async def open(self) -> None:
        """Connect, so that a wrong address is told before anything is polled."""
        producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap, transactional_id=self._transactional_id, compression_type="gzip"
        )
        try:
            await producer.start()
        except BaseException:
            await producer.stop()
            raise
        self._producer = producer

    async def write(self, polls: Sequence[Poll]) -> None:
        """Send a batch in one transaction, which an error aborts: the fleet gives the same polls again."""
        if self._producer is None:  # the last batch failed
            await self.open()
        producer = self._producer
        assert producer is not None  # noqa: S101 - for type checkers
        try:
            async with producer.transaction():
                sent = [
                    await producer.send(self._topic, json.dumps(sample_object(sample)).encode(), key=make_key(sample))
                    for poll in polls
                    for sample in poll.samples
                ]
                await asyncio.gather(*sent)
        except BaseException:  # also if it is cancelled: a producer in the middle of a transaction is of no more use
            await self.aclose()
            raise

    async def aclose(self) -> None:
        """Disconnect."""
        producer, self._producer = self._producer, None
        if producer is not None:
            await producer.stop()


def make_key(sample: Sample) -> bytes:
    """Return the same key for all values of one variable, so that they stay in order."""
    return f"{sample.target.name} {sample.oid}".encode(errors="backslashreplace")


async def main() -> None:
    """Parse the command line, and poll until Ctrl-C."""
    parser = argparse.ArgumentParser(description="Poll agents, and send what they answer to Kafka.")
    parser.add_argument("hosts", nargs="+", metavar="HOST")
    parser.add_argument("--community", default="public")
    parser.add_argument("--bootstrap", default="127.0.0.1:9092", metavar="HOST:PORT")
    parser.add_argument("--topic", default="snmp")
    options = parser.parse_args()
    targets = [Target(host, credentials=Community(options.community)) for host in options.hosts]
    sink = KafkaSink(options.bootstrap, options.topic, transactional_id="snmptcp-1")
    async with Fleet(targets, jobs=[Get("1.3.6.1.2.1.1.3.0", interval=10)], sinks=[sink]):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
