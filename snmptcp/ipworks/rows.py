"""The rows of properties and settings that are more than a stored value.

Contains: for each such row, the part of the object that reads it or acts on a change.
Does not contain: the rule for reading and writing (:mod:`snmptcp.ipworks.store`).
"""

from __future__ import annotations

import functools
import platform
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import snmptcp
from snmptcp.errors import ConfigurationError
from snmptcp.ipworks.coerce import code_page_codec
from snmptcp.ipworks.errors import INVALID, IPWorksSNMPError, status_text
from snmptcp.ipworks.objects import to_oid
from snmptcp.ipworks.options.authorities import (
    check_authority_directory,
    check_authority_file,
    check_authority_files,
    check_cipher_list,
    check_client_authorities,
    check_server_authorities,
)
from snmptcp.ipworks.options.certificates import check_store_type, ders_of, pem_of
from snmptcp.ipworks.options.groups import check_groups, check_key_shares, exchange_bits, exchange_name
from snmptcp.ipworks.options.network import check_header_lines, check_message_size, firewall_port
from snmptcp.ipworks.options.suites import check_cipher_suites, standard_suite_name
from snmptcp.ipworks.options.tls import check_protocols, check_record_log, check_security_flags
from snmptcp.ipworks.options.users import engine_octets
from snmptcp.ipworks.store import Store
from snmptcp.security.engine_clock import check_engine_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.ipworks.emit import Emitter
    from snmptcp.ipworks.endpoint import Endpoint
    from snmptcp.ipworks.engine import RemoteEngine
    from snmptcp.ipworks.objects import ObjectArrays
    from snmptcp.ipworks.options.tls import TlsProfile
    from snmptcp.ipworks.store import Values
    from snmptcp.manager import CountedIds
    from snmptcp.net.tls.session import TlsSession

__all__ = ("Parts", "make_store")


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one object that rows are read from, and that changes act on."""

    values: Values
    arrays: ObjectArrays
    ids: CountedIds
    engine: RemoteEngine
    profile: TlsProfile
    emitter: Emitter
    endpoint: Endpoint


_Reader: TypeAlias = "Callable[[Parts], Any]"
_Hook: TypeAlias = "Callable[[Parts, Any], object]"


class _Rows(NamedTuple):
    """Readers and hooks, as :class:`Store` takes them; all objects share them."""

    readers: dict[str, _Reader]
    hooks: dict[str, _Hook]


def make_store(parts: Parts) -> Store[Parts]:
    """Return the store of an object made of these parts."""
    return Store(
        parts.values,
        parts,
        _READERS,
        _HOOKS,
        is_active=lambda parts: parts.endpoint.active,
        is_connected=lambda parts: parts.endpoint.connected,
    )


# ---------------------------------------------------------------- a check beyond the table's, or an effect elsewhere


def _checked_by(check: Callable[[Any], object]) -> _Hook:
    return lambda _, value: check(value)


def _turn_keep_alive_on(parts: Parts, _: int) -> None:
    parts.values.put("TCPKeepAlive", value=True)


def _check_engine_id(engine_id: bytes) -> None:
    if engine_id:
        try:
            check_engine_id(engine_id)
        except ConfigurationError as error:
            raise IPWorksSNMPError(INVALID, f"local_engine_id: {error}", error) from None


def _check_start(name: str) -> None:
    if name:
        to_oid("WalkStartOID", name)


_CHECKED_ROWS = _Rows(
    {"FirewallPort": lambda parts: firewall_port(parts.values)},
    {
        "local_engine_id": _checked_by(_check_engine_id),
        "ssl_accept_server_cert_encoded": _checked_by(ders_of),
        "CodePage": _checked_by(code_page_codec),
        "ContextEngineId": _checked_by(engine_octets),
        "KeepAliveTime": _turn_keep_alive_on,
        "KeepAliveInterval": _turn_keep_alive_on,
        "FirewallData": _checked_by(check_header_lines),
        "MsgMaxSize": _checked_by(check_message_size),
        "OpenSSLCADir": _checked_by(check_authority_directory),
        "OpenSSLCAFile": _checked_by(check_authority_file),
        "OpenSSLCipherList": _checked_by(check_cipher_list),
        "SSLCACertFilePaths": _checked_by(check_authority_files),
        "SSLCACerts": _checked_by(check_client_authorities),
        "SSLServerCACerts": _checked_by(check_server_authorities),
        "SSLEnabledProtocols": _checked_by(check_protocols),
        "SSLSecurityFlags": _checked_by(check_security_flags),
        "SSLEnabledCipherSuites": _checked_by(check_cipher_suites),
        "LogSSLPackets": _checked_by(check_record_log),
        "TLS12SupportedGroups": _checked_by(functools.partial(check_groups, "TLS12SupportedGroups")),
        "TLS13SupportedGroups": _checked_by(functools.partial(check_groups, "TLS13SupportedGroups")),
        "TLS13KeyShareGroups": _checked_by(check_key_shares),
        "WalkStartOID": _checked_by(_check_start),
    },
)


# ------------------------------------------------------------------------------- the last packet and the next one


def _set_next_id(parts: Parts, request_id: int) -> None:
    parts.ids.next_id = request_id


def _error_index(parts: Parts) -> int:
    status, index = parts.emitter.status
    return index - 1 if status else 0


def _error_description(parts: Parts) -> str:
    status, _ = parts.emitter.status
    return status_text(status) if status else ""


_PACKET_ROWS = _Rows(
    {
        "obj_count": lambda parts: parts.arrays.count,
        "request_id": lambda parts: parts.ids.next_id,
        "error_status": lambda parts: parts.emitter.status[0],
        "error_index": _error_index,
        "error_description": _error_description,
        "SourceAddress": lambda parts: parts.emitter.source[0],
        "SourcePort": lambda parts: parts.emitter.source[1],
    },
    {"obj_count": lambda parts, count: parts.arrays.resize(count), "request_id": _set_next_id},
)


# ------------------------------------------- the agent's engine: first, what the conversation has learned is taken


def _engine(parts: Parts) -> RemoteEngine:
    parts.endpoint.refresh_engine()
    return parts.engine


_ENGINE_ROWS = _Rows(
    {
        "remote_engine_id": lambda parts: _engine(parts).engine_id,
        "remote_engine_boots": lambda parts: _engine(parts).boots,
        "remote_engine_time": lambda parts: _engine(parts).time,
    },
    {
        "remote_engine_id": lambda parts, engine_id: _engine(parts).assign_id(engine_id),
        "remote_engine_boots": lambda parts, boots: _engine(parts).assign_boots(boots),
        "remote_engine_time": lambda parts, seconds: _engine(parts).assign_time(seconds),
    },
)


# ------------------------------------------------------------------------------------- activity and addresses


def _set_active(parts: Parts, active: bool) -> None:  # noqa: FBT001 - a hook
    if active:
        parts.endpoint.activate()
    else:
        parts.endpoint.deactivate()


def _forgets_engine(name: str) -> _Hook:
    """Return the hook of a row whose other values mean another agent."""

    def hook(parts: Parts, value: object) -> None:
        if value != parts.values[name]:
            parts.engine.forget()

    return hook


_NETWORK_ROWS = _Rows(
    {
        "active": lambda parts: parts.endpoint.active,
        "local_host": lambda parts: parts.endpoint.address[0] or parts.values["local_host"],
        "local_port": lambda parts: parts.endpoint.address[1] or parts.values["local_port"],
    },
    {
        "active": _set_active,
        "accept_data": lambda parts, accept: parts.endpoint.hold(held=not accept),
        "remote_host": _forgets_engine("remote_host"),
        "remote_port": _forgets_engine("remote_port"),
    },
)


# -------------------------------------- the object's own certificate: a change of the store means that none is chosen


def _set_store_type(parts: Parts, number: int) -> None:
    check_store_type(number)
    parts.profile.choice.clear()


def _search(parts: Parts, subject: str) -> None:
    values = parts.values
    store = (values["ssl_cert_store_type"], values["ssl_cert_store"], values["ssl_cert_store_password"])
    parts.profile.choice.search(*store, subject)


_CERTIFICATE_ROWS = _Rows(
    {
        "ssl_cert_subject": lambda parts: parts.profile.choice.subject,
        "ssl_cert_encoded": lambda parts: parts.profile.choice.encoded,
    },
    {
        "ssl_cert_store_type": _set_store_type,
        "ssl_cert_store": lambda parts, _: parts.profile.choice.clear(),
        "ssl_cert_store_password": lambda parts, _: parts.profile.choice.clear(),
        "ssl_cert_subject": _search,
        "ssl_cert_encoded": lambda parts, text: parts.profile.choice.load(text),
    },
)


# --------------------------------------------------------------- the TLS session of the last connection to an agent


def _of_session(fact: Callable[[TlsSession], Any], without: object) -> _Reader:
    def read(parts: Parts) -> Any:
        session = parts.profile.session
        return without if session is None else fact(session)

    return read


_SESSION_ROWS = _Rows(
    {
        "ssl_server_cert_encoded": _of_session(lambda session: pem_of(session.peer_certificate), b""),
        "SSLNegotiatedCipher": _of_session(lambda session: session.cipher, ""),
        "SSLNegotiatedCipherStrength": _of_session(lambda session: session.bits, 0),
        "SSLNegotiatedCipherSuite": _of_session(lambda session: standard_suite_name(session.cipher), ""),
        "SSLNegotiatedKeyExchange": _of_session(exchange_name, ""),
        "SSLNegotiatedKeyExchangeStrength": _of_session(exchange_bits, 0),
        "SSLNegotiatedVersion": _of_session(lambda session: session.version, ""),
    },
    {},
)


# --------------------------------------------------------------------------------------------------- the library


def _build(_: Parts) -> str:
    return f"snmptcp {snmptcp.__version__}, Python {platform.python_version()}, {ssl.OPENSSL_VERSION}"


_LIBRARY_ROWS = _Rows(
    {
        "BuildInfo": _build,
        "LicenseInfo": lambda _: "snmptcp is free software under the MIT licence; no licence key is needed.",
    },
    {"OpenSSLPrngSeedData": lambda _, text: ssl.RAND_add(text.encode(), 0.0)},
)

_EVERY = (
    _CHECKED_ROWS,
    _PACKET_ROWS,
    _ENGINE_ROWS,
    _NETWORK_ROWS,
    _CERTIFICATE_ROWS,
    _SESSION_ROWS,
    _LIBRARY_ROWS,
)
_READERS = {name: reader for rows in _EVERY for name, reader in rows.readers.items()}
_HOOKS = {name: hook for rows in _EVERY for name, hook in rows.hooks.items()}
