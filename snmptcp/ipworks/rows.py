"""The rows of properties and settings that are more than a stored value.

Contains: for each such row, the part of the object that reads it or acts on a change.
Does not contain: the rule for reading and writing (:mod:`snmptcp.ipworks.store`).
"""

from __future__ import annotations

import functools
import platform
import ssl
from typing import TYPE_CHECKING, Any, NamedTuple

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

__all__ = ("make_store",)


class _Rows(NamedTuple):
    """Readers and hooks, as :class:`Store` takes them."""

    readers: dict[str, Callable[[], Any]]
    hooks: dict[str, Callable[[Any], object]]


def make_store(
    values: Values,
    *,
    arrays: ObjectArrays,
    ids: CountedIds,
    engine: RemoteEngine,
    profile: TlsProfile,
    emitter: Emitter,
    endpoint: Endpoint,
) -> Store:
    """Return the store of an object made of these parts."""
    every = (
        _checked_rows(values),
        _packet_rows(arrays, ids, emitter),
        _engine_rows(engine, endpoint),
        _network_rows(values, engine, endpoint),
        _certificate_rows(values, profile),
        _session_rows(profile),
        _library_rows(),
    )
    readers = {name: reader for rows in every for name, reader in rows.readers.items()}
    hooks = {name: hook for rows in every for name, hook in rows.hooks.items()}
    return Store(
        values,
        readers,
        hooks,
        is_active=lambda: endpoint.active,
        is_connected=lambda: endpoint.connected,
    )


def _checked_rows(values: Values) -> _Rows:
    """Rows with a check beyond the table's, or with an effect on another row."""

    def turn_keep_alive_on(_: int) -> None:
        values.put("TCPKeepAlive", value=True)

    return _Rows(
        {"FirewallPort": lambda: firewall_port(values)},
        {
            "local_engine_id": _check_engine_id,
            "ssl_accept_server_cert_encoded": ders_of,
            "CodePage": code_page_codec,
            "ContextEngineId": engine_octets,
            "KeepAliveTime": turn_keep_alive_on,
            "KeepAliveInterval": turn_keep_alive_on,
            "FirewallData": check_header_lines,
            "MsgMaxSize": check_message_size,
            "OpenSSLCADir": check_authority_directory,
            "OpenSSLCAFile": check_authority_file,
            "OpenSSLCipherList": check_cipher_list,
            "SSLCACertFilePaths": check_authority_files,
            "SSLCACerts": check_client_authorities,
            "SSLServerCACerts": check_server_authorities,
            "SSLEnabledProtocols": check_protocols,
            "SSLSecurityFlags": check_security_flags,
            "SSLEnabledCipherSuites": check_cipher_suites,
            "LogSSLPackets": check_record_log,
            "TLS12SupportedGroups": functools.partial(check_groups, "TLS12SupportedGroups"),
            "TLS13SupportedGroups": functools.partial(check_groups, "TLS13SupportedGroups"),
            "TLS13KeyShareGroups": check_key_shares,
            "WalkStartOID": _check_start,
        },
    )


def _check_engine_id(engine_id: bytes) -> None:
    if engine_id:
        try:
            check_engine_id(engine_id)
        except ConfigurationError as error:
            raise IPWorksSNMPError(INVALID, f"local_engine_id: {error}", error) from None


def _check_start(name: str) -> None:
    if name:
        to_oid("WalkStartOID", name)


def _packet_rows(arrays: ObjectArrays, ids: CountedIds, emitter: Emitter) -> _Rows:
    """Rows about the last packet and the next one."""

    def set_next_id(request_id: int) -> None:
        ids.next_id = request_id

    return _Rows(
        {
            "obj_count": lambda: arrays.count,
            "request_id": lambda: ids.next_id,
            "error_status": lambda: emitter.status[0],
            "error_index": lambda: emitter.status[1] - 1 if emitter.status[0] else 0,
            "error_description": lambda: status_text(emitter.status[0]) if emitter.status[0] else "",
            "SourceAddress": lambda: emitter.source[0],
            "SourcePort": lambda: emitter.source[1],
        },
        {"obj_count": arrays.resize, "request_id": set_next_id},
    )


def _engine_rows(engine: RemoteEngine, endpoint: Endpoint) -> _Rows:
    """Rows about the agent's engine; each takes first what the conversation has learned."""

    def refreshed() -> RemoteEngine:
        endpoint.refresh_engine()
        return engine

    return _Rows(
        {
            "remote_engine_id": lambda: refreshed().engine_id,
            "remote_engine_boots": lambda: refreshed().boots,
            "remote_engine_time": lambda: refreshed().time,
        },
        {
            "remote_engine_id": lambda engine_id: refreshed().assign_id(engine_id),
            "remote_engine_boots": lambda boots: refreshed().assign_boots(boots),
            "remote_engine_time": lambda seconds: refreshed().assign_time(seconds),
        },
    )


def _network_rows(values: Values, engine: RemoteEngine, endpoint: Endpoint) -> _Rows:
    """Rows about activity and addresses."""

    def set_active(active: bool) -> None:  # noqa: FBT001 - a hook
        if active:
            endpoint.activate()
        else:
            endpoint.deactivate()

    def forget_engine_of_another(name: str) -> Callable[[object], None]:
        def hook(value: object) -> None:
            if value != values[name]:
                engine.forget()

        return hook

    return _Rows(
        {
            "active": lambda: endpoint.active,
            "local_host": lambda: endpoint.address[0] or values["local_host"],
            "local_port": lambda: endpoint.address[1] or values["local_port"],
        },
        {
            "active": set_active,
            "accept_data": lambda accept: endpoint.hold(held=not accept),
            "remote_host": forget_engine_of_another("remote_host"),
            "remote_port": forget_engine_of_another("remote_port"),
        },
    )


def _certificate_rows(values: Values, profile: TlsProfile) -> _Rows:
    """Rows about the object's own certificate: a change of the store means that none is chosen."""
    choice = profile.choice

    def set_store_type(number: int) -> None:
        check_store_type(number)
        choice.clear()

    def search(subject: str) -> None:
        store = (values["ssl_cert_store_type"], values["ssl_cert_store"], values["ssl_cert_store_password"])
        choice.search(*store, subject)

    return _Rows(
        {"ssl_cert_subject": lambda: choice.subject, "ssl_cert_encoded": lambda: choice.encoded},
        {
            "ssl_cert_store_type": set_store_type,
            "ssl_cert_store": lambda _: choice.clear(),
            "ssl_cert_store_password": lambda _: choice.clear(),
            "ssl_cert_subject": search,
            "ssl_cert_encoded": choice.load,
        },
    )


def _session_rows(profile: TlsProfile) -> _Rows:
    """Rows about the TLS session of the last connection to an agent."""

    def of_session(fact: Callable[[TlsSession], Any], without: object) -> Callable[[], Any]:
        return lambda: without if profile.session is None else fact(profile.session)

    return _Rows(
        {
            "ssl_server_cert_encoded": of_session(lambda session: pem_of(session.peer_certificate), b""),
            "SSLNegotiatedCipher": of_session(lambda session: session.cipher, ""),
            "SSLNegotiatedCipherStrength": of_session(lambda session: session.bits, 0),
            "SSLNegotiatedCipherSuite": of_session(lambda session: standard_suite_name(session.cipher), ""),
            "SSLNegotiatedKeyExchange": of_session(exchange_name, ""),
            "SSLNegotiatedKeyExchangeStrength": of_session(exchange_bits, 0),
            "SSLNegotiatedVersion": of_session(lambda session: session.version, ""),
        },
        {},
    )


def _library_rows() -> _Rows:
    """Rows about the library."""
    return _Rows(
        {
            "BuildInfo": lambda: (
                f"snmptcp {snmptcp.__version__}, Python {platform.python_version()}, {ssl.OPENSSL_VERSION}"
            ),
            "LicenseInfo": lambda: "snmptcp is free software under the MIT licence; no licence key is needed.",
        },
        {"OpenSSLPrngSeedData": lambda text: ssl.RAND_add(text.encode(), 0.0)},
    )
