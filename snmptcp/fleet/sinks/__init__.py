"""Sinks: where a fleet writes what it has read."""

from typing import TYPE_CHECKING

from snmptcp.fleet.sinks.sink import BlockingSink, Sink
from snmptcp.lazy import lazy_names

if TYPE_CHECKING:
    from snmptcp.fleet.sinks.ndjson import NdjsonSink, sample_object
    from snmptcp.fleet.sinks.otlp import OtlpSink
    from snmptcp.fleet.sinks.parquet import ParquetSink
    from snmptcp.fleet.sinks.prometheus import PrometheusSink
    from snmptcp.fleet.sinks.sqlite import SqliteSink

__all__ = (
    "BlockingSink",
    "NdjsonSink",
    "OtlpSink",
    "ParquetSink",
    "PrometheusSink",
    "Sink",
    "SqliteSink",
    "sample_object",
)

# Each needs a library of its own.
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        **dict.fromkeys(("NdjsonSink", "sample_object"), "snmptcp.fleet.sinks.ndjson"),
        "OtlpSink": "snmptcp.fleet.sinks.otlp",
        "ParquetSink": "snmptcp.fleet.sinks.parquet",
        "PrometheusSink": "snmptcp.fleet.sinks.prometheus",
        "SqliteSink": "snmptcp.fleet.sinks.sqlite",
    },
)
