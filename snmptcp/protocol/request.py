"""What is asked: a PDU of which only the request-id is still open, and what its answer must look like.

A request is made once and can be sent any number of times, on any connection: everything in it that does
not change is encoded when it is made.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from snmptcp.codec import ber
from snmptcp.codec.pdu import PduType, encode_varbind, encode_varbinds
from snmptcp.errors import ConfigurationError, ResponseMismatch
from snmptcp.oid import OID
from snmptcp.values import Null, VarBind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snmptcp.oid import OidLike

__all__ = (
    "Request",
    "bulk_request",
    "get_next_request",
    "get_request",
    "inform_request",
    "nothing_request",
    "set_request",
    "split_by_size",
)

_NULL = Null()
_NO_ERROR = ber.encode_integer(0) * 2
_GET_BULK = PduType.GET_BULK
_ENCODED_NULL = bytes((Null.tag, 0))


class Request:
    """A request, ready to be sent.

    Attributes:
        type: the kind of PDU.
        names: the names it asks about.
        tail: the PDU's octets after the request-id.
        non_repeaters: of a GetBulkRequest.
        max_repetitions: of a GetBulkRequest.
    """

    __slots__ = ("max_repetitions", "names", "non_repeaters", "tail", "type")

    def __init__(
        self, pdu_type: PduType, names: tuple[OID, ...], tail: bytes, non_repeaters: int = 0, max_repetitions: int = 0
    ) -> None:
        self.type = pdu_type
        self.names = names
        self.tail = tail
        self.non_repeaters = non_repeaters
        self.max_repetitions = max_repetitions

    @property
    def repeatable(self) -> bool:
        """Whether carrying it out twice does no harm: everything but a SET."""
        return self.type is not PduType.SET

    def check(self, varbinds: tuple[VarBind, ...]) -> ResponseMismatch | None:
        """Return what is wrong with an answer that carries no error-status, if anything is.

        RFC 3416: a GET and a SET are answered with the same names in the same order (4.2.1, 4.2.5), a
        GETNEXT with as many (4.2.2), a GETBULK with at most N + M * R, and not with none (4.2.3).
        """
        names = self.names
        expected = len(names)
        found = len(varbinds)
        if self.type is _GET_BULK:
            repeated = expected - self.non_repeaters
            if found > self.non_repeaters + repeated * self.max_repetitions:
                return ResponseMismatch(f"{found} variable bindings are more than were asked for", varbinds)
            if not found and (self.non_repeaters or self.max_repetitions):
                return ResponseMismatch("a response without variable bindings", varbinds)
            return None
        if found != expected:
            return ResponseMismatch(f"{found} variable bindings answer a request for {expected}", varbinds)
        if expected == 1 and names[0].key == varbinds[0][0].key:
            return None
        if self.type is not PduType.GET_NEXT:
            for name, varbind in zip(names, varbinds, strict=True):
                if name.key != varbind.oid.key:
                    return ResponseMismatch(f"{varbind.oid} was answered where {name} was asked for", varbinds)
        return None


@functools.lru_cache(maxsize=512)
def get_request(names: tuple[OidLike, ...]) -> Request:
    """Return a GetRequest; the names of a poll that repeats are encoded once."""
    return _plain(PduType.GET, _oids(names))


@functools.lru_cache(maxsize=512)
def get_next_request(names: tuple[OidLike, ...]) -> Request:
    """Return a GetNextRequest."""
    return _plain(PduType.GET_NEXT, _oids(names))


def bulk_request(names: tuple[OidLike, ...], non_repeaters: int, max_repetitions: int) -> Request:
    """Return a GetBulkRequest.

    Raises:
        ConfigurationError: non_repeaters or max_repetitions is out of range.
    """
    oids = _oids(names)
    if not 0 <= non_repeaters <= len(oids):
        raise ConfigurationError(f"non_repeaters is a number from 0 to that of the names, not {non_repeaters}")
    if not 0 <= max_repetitions <= 0x7FFFFFFF:
        raise ConfigurationError(f"max_repetitions is a number from 0 to 2147483647, not {max_repetitions}")
    tail = _counts(non_repeaters, max_repetitions) + _encode_names(oids)
    return Request(PduType.GET_BULK, oids, tail, non_repeaters, max_repetitions)


@functools.lru_cache(maxsize=512)
def _counts(non_repeaters: int, max_repetitions: int) -> bytes:
    return ber.encode_integer(non_repeaters) + ber.encode_integer(max_repetitions)


def set_request(varbinds: Iterable[VarBind]) -> Request:
    """Return a SetRequest."""
    return _with_values(PduType.SET, tuple(varbinds))


def inform_request(varbinds: Iterable[VarBind]) -> Request:
    """Return an InformRequest (RFC 3416 section 4.2.7)."""
    return _with_values(PduType.INFORM, tuple(varbinds))


def _with_values(pdu_type: PduType, pairs: tuple[VarBind, ...]) -> Request:
    if not pairs:
        raise ConfigurationError("a request names at least one object")
    return Request(pdu_type, tuple(pair.oid for pair in pairs), _NO_ERROR + encode_varbinds(pairs))


@functools.cache
def nothing_request() -> Request:
    """Return a GetRequest without names: an agent that answers it has told who it is (RFC 3414 section 4)."""
    return _plain(PduType.GET, ())


def split_by_size(names: tuple[OID, ...], limit: int) -> list[tuple[OID, ...]]:
    """Return the names in runs whose variable bindings take at most ``limit`` octets (or one name)."""
    runs: list[tuple[OID, ...]] = []
    run: list[OID] = []
    size = 0
    for name in names:
        octets = len(encode_varbind(name, _NULL))
        if run and size + octets > limit:
            runs.append(tuple(run))
            run, size = [], 0
        run.append(name)
        size += octets
    if run:
        runs.append(tuple(run))
    return runs


def _plain(pdu_type: PduType, oids: tuple[OID, ...]) -> Request:
    return Request(pdu_type, oids, _NO_ERROR + _encode_names(oids))


def _encode_names(oids: tuple[OID, ...]) -> bytes:
    """Return the VarBindList of a request: names, each with NULL for a value."""
    if len(oids) == 1:
        name = oids[0].ber
        size = len(name)
        if size < 0x7A:  # the straight path: every length in one octet
            return bytes((0x30, size + 6, 0x30, size + 4, 0x06, size)) + name + _ENCODED_NULL
    return encode_varbinds((oid, _NULL) for oid in oids)


def _oids(names: tuple[OidLike, ...]) -> tuple[OID, ...]:
    if not names:
        raise ConfigurationError("a request names at least one object")
    return tuple(map(OID, names))
