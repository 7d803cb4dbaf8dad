"""The arguments of a manager and its methods: their types, and their conversion.

Contains: checks that need no connection.  What a request needs is in :mod:`snmptcp.protocol.request`, what a connection
needs in :mod:`snmptcp.net.options`.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from typing import TYPE_CHECKING

from snmptcp.arguments import (
    FLAG,
    INTEGER,
    MIB,
    PLAIN_FUNCTION,
    Kind,
    check_arguments,
    instance_of,
    optional,
    wrong_type,
)
from snmptcp.codec.pdu import PduType
from snmptcp.credentials import Community, Tsm, UsmUser
from snmptcp.errors import ArgumentTypeError, ConfigurationError
from snmptcp.oid import OID
from snmptcp.security.engine_clock import EngineInfo
from snmptcp.security.remote_engine import KnownEngines
from snmptcp.values import VarBind, to_value

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from snmptcp.mib.mib import Mib
    from snmptcp.net.tls.options import Tls
    from snmptcp.net.tls.session import ClientTls
    from snmptcp.oid import OidLike
    from snmptcp.security.choose import Credentials

__all__ = (
    "BULK_KINDS",
    "EXCHANGE_KINDS",
    "KINDS",
    "STREAM_KINDS",
    "TABLE_KINDS",
    "USE_KINDS",
    "WALK_KINDS",
    "check_credentials",
    "check_exchange",
    "client_tls",
    "column_oids",
    "to_varbinds",
)


#: What the arguments of a manager may be that are not among the options of its connections.
KINDS: Mapping[str, Kind] = {
    "credentials": instance_of("a Community, UsmUser or Tsm", Community, UsmUser, Tsm),
    "max_names": optional(INTEGER),
    "engine": optional(instance_of("an EngineInfo", EngineInfo)),
    "engines": optional(instance_of("KnownEngines", KnownEngines)),
    "volatile_engine": FLAG,
    "frozen_clock": FLAG,
    "any_community": FLAG,
    "local_engine": optional(instance_of("an EngineInfo", EngineInfo)),
    "mib": optional(MIB),
    "on_unsolicited": optional(PLAIN_FUNCTION),
}

#: What the arguments of its methods may be; names, values and seconds have checks of their own.
USE_KINDS: Mapping[str, Kind] = {"credentials": KINDS["credentials"], "engine": KINDS["engine"], "afresh": FLAG}
BULK_KINDS: Mapping[str, Kind] = {"non_repeaters": INTEGER, "max_repetitions": INTEGER}
EXCHANGE_KINDS: Mapping[str, Kind] = {
    "kind": instance_of("a PduType", PduType),
    **BULK_KINDS,
    "request_id": optional(INTEGER),
}
STREAM_KINDS: Mapping[str, Kind] = {
    "queue_size": INTEGER,
    "queue_octets": optional(INTEGER),
    "on_refused": optional(PLAIN_FUNCTION),
}
CURSOR_KINDS: Mapping[str, Kind] = {
    "max_repetitions": optional(INTEGER),
    "limit": optional(INTEGER),
    "tolerate_non_increasing": FLAG,
    "skip_broken": FLAG,
}
WALK_KINDS: Mapping[str, Kind] = {**CURSOR_KINDS, "instance": FLAG, "hasty": FLAG}
TABLE_KINDS: Mapping[str, Kind] = {**CURSOR_KINDS, "max_columns": INTEGER}


def check_credentials(credentials: Credentials, tls: ClientTls | None, *, has_engine: bool) -> None:
    """Refuse credentials that cannot work with the other arguments.

    Raises:
        ConfigurationError: a community with an engine, or TSM without TLS.
    """
    if isinstance(credentials, Community) and has_engine:
        raise ConfigurationError("only SNMPv3 knows engines")
    if isinstance(credentials, Tsm) and tls is None:
        raise ConfigurationError("the Transport Security Model needs TLS: give tls=")


def client_tls(tls: Tls | ClientTls, host: str) -> ClientTls | None:
    """Return what to speak TLS with; without TLS, nothing of it is imported."""
    if not tls:
        return None
    from snmptcp.net.tls.options import TlsOptions  # noqa: PLC0415
    from snmptcp.net.tls.session import ClientTls  # noqa: PLC0415

    if isinstance(tls, ClientTls):
        return tls
    if not isinstance(tls, bool | TlsOptions | ssl.SSLContext):
        raise wrong_type("tls", "True, TlsOptions, an ssl.SSLContext or a ClientTls", tls)
    return ClientTls(tls, host)


def check_exchange(kind: PduType, non_repeaters: int, max_repetitions: int, request_id: int | None) -> None:
    """Check the arguments of one request; those of the usual types need one look.

    Raises:
        ArgumentTypeError: an argument is of another type.
    """
    usual = type(kind) is PduType and type(non_repeaters) is type(max_repetitions) is int
    if not usual or (request_id is not None and type(request_id) is not int):
        check_arguments(EXCHANGE_KINDS, locals())


def to_varbinds(varbinds: Iterable[VarBind | tuple[OidLike, object]], mib: Mib | None = None) -> list[VarBind]:
    """Return variable bindings and pairs as variable bindings.

    Args:
        varbinds: what was given.
        mib: the names and definitions of MIB modules; optional.

    Raises:
        ConfigurationError: an impossible name or value.
    """
    given: object = varbinds
    if type(given) is not list and (not isinstance(given, Iterable) or isinstance(given, str | bytes)):
        raise wrong_type("varbinds", "several: a list of pairs (name, value)", given)
    pairs: list[VarBind] = []
    for pair in given:
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise ArgumentTypeError(
                f"a variable binding is a VarBind or a pair (name, value), not {type(pair).__name__}"
                + (f" of {len(pair)}" if isinstance(pair, tuple | list) else "")
            )
        name, value = pair
        if mib is not None:
            pairs.append(mib.varbind(name, value))
        elif type(pair) is VarBind and type(name) is OID and to_value(value) is value:
            pairs.append(pair)
        else:
            pairs.append(VarBind(OID(name), to_value(value)))
    return pairs


def column_oids(table: OID, columns: Iterable[int | OidLike], to_oid: Callable[[OidLike], OID] = OID) -> list[OID]:
    """Return the OIDs of columns that were given by number, by OID or, if ``to_oid`` knows names, by name."""
    if isinstance(columns, str):
        raise ConfigurationError(f"columns are several: a list of numbers or OIDs, not {columns!r}")
    if not hasattr(columns, "__iter__"):
        raise wrong_type("columns", "several: a list of numbers or OIDs", columns)
    entry = table + 1
    roots = [entry + column if isinstance(column, int) else to_oid(column) for column in columns]
    if not roots:
        raise ConfigurationError("a table is read by at least one column")
    if any(len(root) < 2 for root in roots):
        raise ConfigurationError("a column is a number or the OID of a column")
    if len({root[-1] for root in roots}) < len(roots):
        raise ConfigurationError("two columns have the same number; read them as two tables")
    return roots
