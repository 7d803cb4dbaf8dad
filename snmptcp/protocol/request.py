"""Requests: PDUs encoded except for the request-id, and the checks of their responses.

A request is encoded once and can be sent any number of times, on any connection.

Contains: building requests, splitting names by size, checking the names of a response.
Does not contain: request-ids, messages, sending.
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
    "split_names",
)

_NULL = Null()
_NO_ERROR = ber.encode_integer(0) * 2
_GET_BULK = PduType.GET_BULK
_GET_NEXT = PduType.GET_NEXT
_SET = PduType.SET

#: A response to a GETNEXT or GETBULK may have so many variable bindings more than twice as many as were asked for.
TOLERATED_EXCESS = 64

_ENCODED_NULL = bytes((Null.tag, 0))


class Request:
    """A request, encoded except for its request-id.

    Attributes:
        type: the type of the PDU.
        names: the names it asks about.
        tail: the octets of the PDU after the request-id.
        repeatable: whether it may be sent again after a lost connection: any request but a SET (RFC 3430 section 2.3).
        non_repeaters: of a GetBulkRequest; else 0.
        max_repetitions: of a GetBulkRequest; else 0.
        most: how many variable bindings a response may have.
        tolerated: how many it may have if what is too much is ignored; the same for a GET, whose answer is compared
            name by name, and for a SET.
    """

    __slots__ = ("max_repetitions", "most", "names", "non_repeaters", "repeatable", "tail", "tolerated", "type")

    def __init__(
        self, pdu_type: PduType, names: tuple[OID, ...], tail: bytes, non_repeaters: int = 0, max_repetitions: int = 0
    ) -> None:
        self.type = pdu_type
        self.names = names
        self.tail = tail
        self.repeatable = pdu_type is not _SET
        self.non_repeaters = non_repeaters
        self.max_repetitions = max_repetitions
        self.most = len(names)
        if pdu_type is _GET_BULK:
            self.most = non_repeaters + (len(names) - non_repeaters) * max_repetitions
        self.tolerated = self.most
        if self.follows:
            self.tolerated = 2 * self.most + TOLERATED_EXCESS

    @property
    def follows(self) -> bool:
        """Whether it asks for what follows its names, not for what has them."""
        return self.type is _GET_NEXT or self.type is _GET_BULK

    def __repr__(self) -> str:
        first = f" of {self.names[0]}" if self.names else ""
        more = f" and {len(self.names) - 1} more" if len(self.names) > 1 else ""
        bulk = f" (max-repetitions {self.max_repetitions})" if self.type is _GET_BULK else ""
        return f"{self.type.name}{first}{more}{bulk}"

    def check(self, varbinds: tuple[VarBind, ...]) -> ResponseMismatch | None:
        """Check the names of a response without an error-status; return the mismatch, or ``None``.

        RFC 3416 requires the same names in the same order for GET and SET (4.2.1, 4.2.5), the same number
        for GETNEXT (4.2.2), and for GETBULK 1 to N + M * R, which may end in the middle of a row (4.2.3).
        """
        names = self.names
        expected = len(names)
        found = len(varbinds)
        if self.type is _GET_BULK:
            if found > self.most:
                return ResponseMismatch(f"{found} variable bindings in the response, {self.most} requested", varbinds)
            if not found and (self.non_repeaters or self.max_repetitions):
                return ResponseMismatch("a response without variable bindings", varbinds)
            return None
        if found != expected:
            text = f"{found} variable bindings in the response, {expected} requested"
            return ResponseMismatch(text, varbinds, max(0, expected - found))
        if expected == 1 and names[0].key == varbinds[0][0].key:
            return None
        if self.type is not PduType.GET_NEXT:
            for name, varbind in zip(names, varbinds, strict=True):
                if name.key != varbind.oid.key:
                    return ResponseMismatch(f"the response has {varbind.oid} in the place of {name}", varbinds)
        return None


@functools.lru_cache(maxsize=512)
def get_request(names: tuple[OidLike, ...]) -> Request:
    """Return a GetRequest (RFC 3416 section 4.2.1); cached, because polls repeat.

    Raises:
        ConfigurationError: no names, or a name that is not a whole object identifier.
    """
    return _plain(PduType.GET, _oids(names))


@functools.lru_cache(maxsize=512)
def get_next_request(names: tuple[OidLike, ...]) -> Request:
    """Return a GetNextRequest (RFC 3416 section 4.2.2); cached.

    Raises:
        ConfigurationError: as for :func:`get_request`.
    """
    return _plain(PduType.GET_NEXT, _oids(names))


def bulk_request(names: tuple[OidLike, ...], non_repeaters: int, max_repetitions: int) -> Request:
    """Return a GetBulkRequest (RFC 3416 section 4.2.3).

    Args:
        names: the names.
        non_repeaters: how many of the first names to ask for once; at most all.
        max_repetitions: how many successors to ask for of each other name; 0 to 2**31 - 1.

    Raises:
        ConfigurationError: a number out of range, or as for :func:`get_request`.
    """
    oids = _oids(names)
    if not 0 <= non_repeaters <= len(oids):
        raise ConfigurationError(
            f"non_repeaters of {len(oids)} names is a number from 0 to {len(oids)}, not {non_repeaters}"
        )
    if not 0 <= max_repetitions <= 0x7FFFFFFF:
        raise ConfigurationError(f"max_repetitions is a number from 0 to 2147483647, not {max_repetitions}")
    tail = _counts(non_repeaters, max_repetitions) + _encode_names(oids)
    return Request(PduType.GET_BULK, oids, tail, non_repeaters, max_repetitions)


@functools.lru_cache(maxsize=512)
def _counts(non_repeaters: int, max_repetitions: int) -> bytes:
    return ber.encode_integer(non_repeaters) + ber.encode_integer(max_repetitions)


def set_request(varbinds: Iterable[VarBind]) -> Request:
    """Return a SetRequest (RFC 3416 section 4.2.5).

    Raises:
        ConfigurationError: no variable bindings, or a name that is not a whole object identifier.
    """
    return _with_values(PduType.SET, tuple(varbinds))


def inform_request(varbinds: Iterable[VarBind]) -> Request:
    """Return an InformRequest (RFC 3416 section 4.2.7).

    Raises:
        ConfigurationError: as for :func:`set_request`.
    """
    return _with_values(PduType.INFORM, tuple(varbinds))


def _with_values(pdu_type: PduType, pairs: tuple[VarBind, ...]) -> Request:
    if not pairs:
        raise ConfigurationError("a request needs at least one name")
    return Request(pdu_type, tuple(pair.oid for pair in pairs), _NO_ERROR + encode_varbinds(pairs))


@functools.cache
def nothing_request() -> Request:
    """Return a GetRequest without names, the probe of engine discovery (RFC 3414 section 4)."""
    return _plain(PduType.GET, ())


def split_names(names: tuple[OID, ...], octets: int, count: int | None = None) -> list[tuple[OID, ...]]:
    """Split names into parts, in order.

    A name that does not fit alone gets a part of its own.

    Args:
        names: the names.
        octets: how long the variable bindings of each part may be, with NULL values.
        count: how many names a part may have; ``None`` for any number.
    """
    runs: list[tuple[OID, ...]] = []
    run: list[OID] = []
    size = 0
    for name in names:
        length = len(encode_varbind(name, _NULL))
        if run and (size + length > octets or len(run) == count):
            runs.append(tuple(run))
            run, size = [], 0
        run.append(name)
        size += length
    if run:
        runs.append(tuple(run))
    return runs


def _plain(pdu_type: PduType, oids: tuple[OID, ...]) -> Request:
    return Request(pdu_type, oids, _NO_ERROR + _encode_names(oids))


def _encode_names(oids: tuple[OID, ...]) -> bytes:
    """Return the encoded VarBindList of names with NULL values."""
    if len(oids) == 1:
        name = oids[0].ber
        size = len(name)
        if size < 0x7A:  # fast path: every length in one octet
            return bytes((0x30, size + 6, 0x30, size + 4, 0x06, size)) + name + _ENCODED_NULL
    return encode_varbinds((oid, _NULL) for oid in oids)


def _oids(names: tuple[OidLike, ...]) -> tuple[OID, ...]:
    if not names:
        raise ConfigurationError("a request needs at least one name")
    return tuple(map(OID, names))
