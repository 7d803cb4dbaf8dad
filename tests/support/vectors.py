"""The packets of tests/vectors, as octets.

Contains: reading the files, and converting their records to octets and values.
Does not contain: decoding a packet with the code under test.
"""

from __future__ import annotations

import base64
import functools
import json
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from snmptcp.oid import OID
from snmptcp.values import (
    Counter32,
    Counter64,
    EndOfMibView,
    Gauge32,
    Integer32,
    IpAddress,
    NoSuchInstance,
    NoSuchObject,
    Null,
    OctetString,
    Opaque,
    TimeTicks,
    UInteger32,
    VarBind,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from snmptcp.values import Value

__all__ = (
    "VECTORS",
    "Exchange",
    "Packet",
    "all_messages",
    "exchanges",
    "field_octets",
    "load",
    "must_fail_messages",
    "packets",
    "recorded_varbinds",
)

VECTORS = Path(__file__).resolve().parent.parent / "vectors"


class Packet(NamedTuple):
    """One packet: its name (unique among all vectors), its octets, and its record in the file."""

    name: str
    octets: bytes
    record: Mapping[str, Any]


class Exchange(NamedTuple):
    """A recorded exchange over TCP: the messages of each direction, in order."""

    name: str
    client: tuple[bytes, ...]
    server: tuple[bytes, ...]
    record: Mapping[str, Any]


@functools.cache
def load(path: str) -> Any:
    """Return the contents of a JSON file of tests/vectors; not to be modified."""
    return json.loads((VECTORS / path).read_text(encoding="utf-8"))


def packets(path: str, key: str = "packets") -> tuple[Packet, ...]:
    """Return the packets of a file whose records have ``hex``, and ``name`` or ``desc``."""
    return tuple(
        Packet(f"{path}:{record.get('name', number)}", bytes.fromhex(record["hex"]), record)
        for number, record in enumerate(load(path)[key])
    )


def exchanges(path: str) -> tuple[Exchange, ...]:
    """Return the exchanges of a file of tests/vectors/netsnmp-tcp."""
    return tuple(
        Exchange(case["name"], _messages(case, "c2s"), _messages(case, "s2c"), case) for case in load(path)["cases"]
    )


def _messages(case: Mapping[str, Any], direction: str) -> tuple[bytes, ...]:
    if direction in case:
        return tuple(map(bytes.fromhex, case[direction]))
    return tuple(zlib.decompress(base64.b64decode(text)) for text in case[f"{direction}_zlib"])


def all_messages() -> Iterator[Packet]:
    """Yield all messages of the vectors that a decoder must accept, from all sources."""
    for packet in packets("gosnmp/packets.json"):
        if not packet.record.get("must_fail"):
            yield packet
    yield from packets("gosnmp/netsnmp_golden_set.json")
    for path in ("puresnmp/packets.json", "rusticata/packets.json", "snmpio/packets.json"):
        yield from packets(path)
    for packet in packets("captures/payloads.json"):
        if packet.record["tshark"] is not None:
            yield packet
    yield from packets("netsnmp-tcp/tsm_frames.json", "frames")
    for name in ("manager_agent", "notifications", "large_messages"):
        for exchange in exchanges(f"netsnmp-tcp/{name}.json"):
            for direction, messages in (("client", exchange.client), ("server", exchange.server)):
                for number, octets in enumerate(messages):
                    name_of_it = f"netsnmp-tcp/{name}.json:{exchange.name}/{direction}{number}"
                    yield Packet(name_of_it, octets, exchange.record)
    yield from (
        Packet(f"usm/usm_vectors.json:{record['name']}", bytes.fromhex(record["hex"]), record)
        for record in load("usm/usm_vectors.json")["messages"]
    )


def must_fail_messages() -> Iterator[Packet]:
    """Yield all messages of the vectors that a decoder must refuse."""
    for packet in packets("gosnmp/packets.json"):
        if packet.record.get("must_fail"):
            yield packet
    for packet in packets("captures/payloads.json"):
        if packet.record["tshark"] is None:
            yield packet


def field_octets(name: str) -> bytes:
    """Return one of the single fields in snmpio/packets.json."""
    return next(bytes.fromhex(field["hex"]) for field in load("snmpio/packets.json")["fields"] if field["name"] == name)


def _octets(kind: Callable[[bytes], Value]) -> Callable[[Any], Value]:
    """Return a converter of ``{"bytes_hex": ...}``, of hex text, or of text in a record of gosnmp's."""

    def convert(value: Any) -> Value:
        return kind(bytes.fromhex(value["bytes_hex"] if isinstance(value, dict) else value))

    return convert


def _ip_address(value: str) -> Value:
    return IpAddress(value) if "." in value else IpAddress(bytes.fromhex(value))


_FROM_RECORD: Mapping[str, Callable[[Any], Value]] = {
    "Integer": Integer32,
    "Integer32": Integer32,
    "Counter32": Counter32,
    "Gauge32": Gauge32,
    "TimeTicks": TimeTicks,
    "Counter64": Counter64,
    "Uinteger32": UInteger32,
    "OctetString": _octets(OctetString),
    "Opaque": _octets(Opaque),
    "IPAddress": _ip_address,
    "IpAddress": _ip_address,
    "OID": OID,
    "ObjectIdentifier": OID,
    "Null": lambda _: Null(),
    "NoSuchObject": lambda _: NoSuchObject(),
    "NoSuchInstance": lambda _: NoSuchInstance(),
    "EndOfMibView": lambda _: EndOfMibView(),
}


def recorded_varbinds(record: Mapping[str, Any]) -> tuple[VarBind, ...]:
    """Return the variable bindings of a ``decoded`` record (see puresnmp/packets.json)."""
    return tuple(VarBind(OID(name), _FROM_RECORD[kind](value)) for name, kind, value in record["varbinds"])


def gosnmp_varbind(record: Mapping[str, Any]) -> tuple[OID, str, Any]:
    """Return the name, type and value of one variable binding of gosnmp's records.

    Floats have no value class here and stay ``float``.
    """
    kind, value = record["type"], record["value"]
    if kind in ("OpaqueFloat", "OpaqueDouble"):
        return OID(record["oid"]), kind, value
    if kind == "OctetString" and isinstance(value, str):
        return OID(record["oid"]), kind, OctetString(value)
    return OID(record["oid"]), kind, _FROM_RECORD[kind](value)
