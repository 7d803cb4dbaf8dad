"""The values behind an object of the facade: every property and setting, read and written as the tables say.

What may live here: checks, and the rows that are more than a value.  What may not: requests.
"""

from __future__ import annotations

import platform
import ssl
import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import snmptcp
from snmptcp.errors import ConfigurationError
from snmptcp.ipworks.coerce import COERCIONS, code_page_codec, to_bytes
from snmptcp.ipworks.emit import Telling
from snmptcp.ipworks.errors import INVALID, UNSUPPORTED, IPWorksSNMPError, status_text
from snmptcp.ipworks.objects import ObjectArrays
from snmptcp.ipworks.options.tls import (
    STORE_TYPES,
    check_cipher_suites,
    check_group,
    check_protocols,
    check_security_flags,
    ders_of,
    key_exchange_bits,
    pem_of,
    standard_suite_name,
)
from snmptcp.ipworks.options.users import PasswordCache, engine_octets
from snmptcp.ipworks.pump import Pump
from snmptcp.ipworks.tables.properties import PROPERTIES, Property
from snmptcp.ipworks.tables.settings import SETTINGS, Setting
from snmptcp.protocol.ids import CountedIds
from snmptcp.security.engine_clock import MAX_BOOTS, EngineInfo, check_engine_id

if TYPE_CHECKING:
    from snmptcp.ipworks.agent import Conversation
    from snmptcp.ipworks.pump import Handlers
    from snmptcp.ipworks.receive import Listening
    from snmptcp.ipworks.securing import Securing

__all__ = ("Values",)

#: What a connection depends on: a change means another one.
_CONNECTION_PROPERTIES = (
    "remote_host",
    "remote_port",
    "ssl_enabled",
    "ssl_accept_server_cert_encoded",
    "local_host",
)
_CONNECTION_SETTINGS = (
    "MsgMaxSize",
    "FirewallAutoDetect",
    "FirewallHost",
    "FirewallUser",
    "FirewallPassword",
    "FirewallPort",
    "FirewallType",
    "FirewallData",
    "ProxyExceptionsList",
    "KeepAliveTime",
    "KeepAliveInterval",
    "TCPKeepAlive",
    "Linger",
    "LingerTime",
    "TcpNoDelay",
    "UseIPv6",
    "InBufferSize",
    "OutBufferSize",
    "MaxTransferRate",
    "OpenSSLCADir",
    "OpenSSLCAFile",
    "OpenSSLCipherList",
    "ReuseSSLSession",
    "SSLCACertFilePaths",
    "SSLServerCACerts",
    "SSLCheckCRL",
    "SSLCipherStrength",
    "SSLEnabledCipherSuites",
    "SSLEnabledProtocols",
    "SSLEnableRenegotiation",
    "SSLSecurityFlags",
    "TLS12SupportedGroups",
    "TLS13SupportedGroups",
)

#: What the credentials depend on: a change goes without another connection.
_USER_PROPERTIES = (
    "snmp_version",
    "community",
    "user",
    "authentication_password",
    "authentication_protocol",
    "encryption_password",
    "encryption_algorithm",
)
_USER_SETTINGS = ("CompatibilityMode", "ContextEngineId", "ContextName", "CodePage")


class RemoteEngine:
    """What the remote_engine properties say: what was set, or else what was discovered."""

    def __init__(self) -> None:
        self.engine_id = b""
        self.boots = 0
        #: Changes whenever somebody sets one of the three.
        self.revision = 0
        #: Whether it was set, and so is good for any agent.
        self.preset = False
        self._time = 0
        self._at = 0.0

    @property
    def time(self) -> int:
        """Its time now."""
        if not self.engine_id:
            return self._time
        return min(self._time + int(time.monotonic() - self._at), MAX_BOOTS)

    def put(self, **values: Any) -> None:
        """Set what somebody has said."""
        for name, value in values.items():
            if name == "time":
                self._time, self._at = value, time.monotonic()
            else:
                setattr(self, name, value)
        self.preset = bool(self.engine_id)
        self.revision += 1

    def learn(self, info: EngineInfo) -> None:
        """Take what was discovered."""
        self.engine_id, self.boots, self._time = info
        self._at = time.monotonic()
        self.preset = False

    def forget(self) -> None:
        """Take note of another agent: what was discovered of the last one says nothing about it."""
        if not self.preset:
            self.engine_id, self.boots, self._time = b"", 0, 0

    @property
    def info(self) -> EngineInfo | None:
        """The same for a manager; ``None`` where it is not known."""
        return EngineInfo(self.engine_id, self.boots, self.time) if self.engine_id else None


class Values(ABC):
    """The values of one object, and what belongs to them."""

    #: The TLS side; its certificate and its last session are properties, too.
    tls: Securing

    def __init__(self, handlers: Handlers) -> None:
        self.pump = Pump(handlers)
        self.arrays = ObjectArrays()
        self.values: dict[str, Any] = {name: entry.default for name, entry in PROPERTIES.items() if not entry.indexed}
        self.settings: dict[str, Any] = {name: entry.default for name, entry in SETTINGS.items()}
        self.engine = RemoteEngine()
        self.ids = CountedIds(1)
        self.tell = Telling(self.pump, self.arrays, self.settings)
        self.passwords = PasswordCache(self.tell.now)
        self.codec = "utf-8"
        self.source = ("", 0)
        self._conversation: Conversation | None = None
        self._listening: Listening | None = None

    @abstractmethod
    def activate(self) -> None:
        """Begin to send and receive."""

    @abstractmethod
    def deactivate(self) -> None:
        """Close everything."""

    @abstractmethod
    def hold(self, *, held: bool) -> None:
        """Stop reading, or go on."""

    def read(self, name: str) -> Any:
        """Return a property's value."""
        reader = getattr(self, f"_read_{name}", None)
        return self.values[name] if reader is None else reader()

    def write(self, entry: Property, value: object) -> None:
        """Set a property.

        Raises:
            IPWorksSNMPError: the value is out of its range, or it cannot be set now.
        """
        if not entry.writable:
            raise IPWorksSNMPError(INVALID, f"{entry.name} is read-only")
        value = self._checked(entry, value)
        if entry.frozen and self.values["active"]:
            raise IPWorksSNMPError(entry.frozen, f"{entry.name} cannot be changed while the object is active")
        writer = getattr(self, f"_write_{entry.name}", None)
        if writer is None:
            self.values[entry.name] = value
        else:
            writer(value)

    def _checked(self, entry: Property | Setting, value: object) -> Any:
        """Return a value as the table wants it.

        Raises:
            IPWorksSNMPError: it is none of those that the table allows.
        """
        if entry.kind == "bytes":
            value = to_bytes(entry.name, value, self.codec)
        else:
            value = COERCIONS[entry.kind](entry.name, value)
        if entry.choices and value not in entry.choices:
            otherwise = getattr(entry, "otherwise", "")
            reason = otherwise or f"{entry.name} is one of {', '.join(map(str, entry.choices))}"
            raise IPWorksSNMPError(UNSUPPORTED if otherwise else INVALID, f"{entry.name} cannot be {value!r}: {reason}")
        if isinstance(value, int) and entry.least is not None and value < entry.least:
            raise IPWorksSNMPError(INVALID, f"{entry.name} is at least {entry.least}, not {value}")
        if isinstance(value, int) and entry.most is not None and value > entry.most:
            raise IPWorksSNMPError(INVALID, f"{entry.name} is at most {entry.most}, not {value}")
        return value

    def config(self, text: str) -> str:
        """Read a setting, or set it.

        Raises:
            IPWorksSNMPError: there is no such setting, or it cannot have this value here.
        """
        name, assigned, value = text.partition("=")
        name = name.strip()
        entry = _SETTING_NAMES.get(name.partition("[")[0].strip().lower())
        if entry is None:
            raise IPWorksSNMPError(INVALID, f"there is no configuration setting named {name!r}")
        if not assigned:
            return _as_text(self.setting(entry.name))
        if not entry.writable:
            raise IPWorksSNMPError(INVALID, f"{entry.name} is read-only")
        # Blanks belong to the line, not to the value; a certificate's own line ends do not matter either.
        if entry.property_name:
            self.write(PROPERTIES[entry.property_name], value.strip())
        else:
            self._put_setting(entry, self._checked(entry, value.strip()))
        return ""

    def setting(self, name: str) -> Any:
        """Return a setting's value."""
        entry = SETTINGS[name]
        if entry.property_name:
            return self.read(entry.property_name)
        reader = getattr(self, f"_setting_{name}", None)
        return self.settings[name] if reader is None else reader()

    def _put_setting(self, entry: Setting, value: Any) -> None:
        if entry.frozen and self._conversation is not None and self._conversation.connected:
            raise IPWorksSNMPError(entry.frozen, f"{entry.name} cannot be changed while connected")
        writer = getattr(self, f"_put_{entry.name}", None)
        if writer is not None:
            writer(value)
        self.settings[entry.name] = value

    # The properties that are more than a value.

    def _write_active(self, active: bool) -> None:  # noqa: FBT001
        if active:
            self.activate()
        else:
            self.deactivate()

    def _write_accept_data(self, accept: bool) -> None:  # noqa: FBT001
        self.values["accept_data"] = accept
        self.hold(held=not accept)

    def _write_local_engine_id(self, engine_id: bytes) -> None:
        if engine_id:
            try:
                check_engine_id(engine_id)
            except ConfigurationError as error:
                raise IPWorksSNMPError(INVALID, f"local_engine_id: {error}") from error
        self.values["local_engine_id"] = engine_id

    def _write_ssl_accept_server_cert_encoded(self, text: bytes) -> None:
        ders_of(text)
        self.values["ssl_accept_server_cert_encoded"] = text

    def _write_ssl_cert_store_type(self, number: int) -> None:
        if number not in STORE_TYPES:
            raise IPWorksSNMPError(
                UNSUPPORTED,
                f"certificate stores of type {number} are not available on this platform; "
                f"those of types {', '.join(map(str, STORE_TYPES))} are",
            )
        self.values["ssl_cert_store_type"] = number
        self.tls.choice.chosen = None

    def _write_ssl_cert_store(self, store: bytes) -> None:
        self.values["ssl_cert_store"] = store
        self.tls.choice.chosen = None

    def _write_ssl_cert_store_password(self, password: str) -> None:
        self.values["ssl_cert_store_password"] = password
        self.tls.choice.chosen = None

    def _write_ssl_cert_subject(self, subject: str) -> None:
        kind, store = self.values["ssl_cert_store_type"], self.values["ssl_cert_store"]
        self.tls.choice.search(kind, store, self.values["ssl_cert_store_password"], subject)

    def _read_ssl_cert_subject(self) -> str:
        return self.tls.choice.subject

    def _write_ssl_cert_encoded(self, text: bytes) -> None:
        self.tls.choice.load(text)

    def _read_ssl_cert_encoded(self) -> bytes:
        return self.tls.choice.encoded

    def _read_ssl_server_cert_encoded(self) -> bytes:
        return b"" if self.tls.session is None else pem_of(self.tls.session.peer_certificate)

    def _write_remote_host(self, host: str) -> None:
        if host != self.values["remote_host"]:
            self.engine.forget()
        self.values["remote_host"] = host

    def _write_remote_port(self, port: int) -> None:
        if port != self.values["remote_port"]:
            self.engine.forget()
        self.values["remote_port"] = port

    def _read_local_port(self) -> int:
        port: int = self.values["local_port"]
        return self._local_address()[1] or port

    def _read_local_host(self) -> str:
        host: str = self.values["local_host"]
        return self._local_address()[0] or host

    def _local_address(self) -> tuple[str, int]:
        if not self.values["active"]:
            return "", 0
        if self._listening is not None:
            host, port = self._listening.address
            return ("" if host in ("0.0.0.0", "::") else host), port  # noqa: S104 - a comparison
        conversation = self._conversation
        if conversation is not None and conversation.connected:
            return conversation.addresses[0]
        return "", 0

    def _read_obj_count(self) -> int:
        return len(self.arrays.rows)

    def _write_obj_count(self, count: int) -> None:
        self.arrays.resize(count)

    def _read_request_id(self) -> int:
        return self.ids.next_id

    def _write_request_id(self, request_id: int) -> None:
        self.ids.next_id = request_id

    def _read_error_status(self) -> int:
        return self.tell.status[0]

    def _read_error_index(self) -> int:
        return self.tell.status[1]

    def _read_error_description(self) -> str:
        return status_text(self.tell.status[0]) if self.tell.status[0] else ""

    def _read_remote_engine_id(self) -> bytes:
        self._refresh_engine()
        return self.engine.engine_id

    def _read_remote_engine_boots(self) -> int:
        self._refresh_engine()
        return self.engine.boots

    def _read_remote_engine_time(self) -> int:
        self._refresh_engine()
        return self.engine.time

    def _write_remote_engine_id(self, engine_id: bytes) -> None:
        self._refresh_engine()
        self.engine.put(engine_id=engine_id)

    def _write_remote_engine_boots(self, boots: int) -> None:
        self._refresh_engine()
        self.engine.put(boots=boots)

    def _write_remote_engine_time(self, seconds: int) -> None:
        self._refresh_engine()
        self.engine.put(time=seconds)

    def _refresh_engine(self) -> None:
        """Take what the present conversation knows of its agent's engine."""
        conversation = self._conversation
        if conversation is None or conversation.credentials_key != self._credentials_key():
            return
        known = conversation.manager.engine if conversation.key == self._connection_key() else None
        if known is not None and not self.engine.preset:
            self.engine.learn(known)

    # The settings that are more than a value.

    def _setting_SourceAddress(self) -> str:
        return self.source[0]

    def _setting_SourcePort(self) -> int:
        return self.source[1]

    def _setting_BuildInfo(self) -> str:
        return f"snmptcp {snmptcp.__version__}, Python {platform.python_version()}, {ssl.OPENSSL_VERSION}"

    def _setting_LicenseInfo(self) -> str:
        return "snmptcp is free software under the MIT licence; no licence key is needed."

    def _put_CodePage(self, number: int) -> None:
        self.codec = code_page_codec(number)

    def _put_ContextEngineId(self, text: str) -> None:
        engine_octets(text)

    def _put_KeepAliveTime(self, _: int) -> None:
        self.settings["TCPKeepAlive"] = True

    _put_KeepAliveInterval = _put_KeepAliveTime

    def _put_OpenSSLPrngSeedData(self, text: str) -> None:
        ssl.RAND_add(text.encode(), 0.0)

    def _put_SSLEnabledProtocols(self, value: int) -> None:
        check_protocols(value)

    def _put_SSLSecurityFlags(self, value: int) -> None:
        check_security_flags(value)

    def _put_SSLEnabledCipherSuites(self, value: str) -> None:
        check_cipher_suites(value)

    def _put_TLS12SupportedGroups(self, value: str) -> None:
        check_group(value)

    _put_TLS13SupportedGroups = _put_TLS12SupportedGroups

    def _setting_SSLNegotiatedCipher(self) -> str:
        return "" if self.tls.session is None else self.tls.session.cipher

    def _setting_SSLNegotiatedCipherStrength(self) -> int:
        return 0 if self.tls.session is None else self.tls.session.bits

    def _setting_SSLNegotiatedCipherSuite(self) -> str:
        return "" if self.tls.session is None else standard_suite_name(self.tls.session.cipher)

    def _setting_SSLNegotiatedKeyExchange(self) -> str:
        return "" if self.tls.session is None else self.tls.session.key_exchange or ""

    def _setting_SSLNegotiatedKeyExchangeStrength(self) -> int:
        return key_exchange_bits(self._setting_SSLNegotiatedKeyExchange())

    def _setting_SSLNegotiatedVersion(self) -> str:
        return "" if self.tls.session is None else self.tls.session.version

    def octets(self, what: str, value: object) -> bytes:
        """Return text as octets of the code page."""
        return to_bytes(what, value, self.codec)

    def text(self, octets: bytes) -> str:
        """Return octets as text by the code page."""
        return octets.decode(self.codec, "surrogateescape")

    def _connection_key(self) -> tuple[object, ...]:
        return (
            *(self.values[name] for name in _CONNECTION_PROPERTIES),
            *(self.settings[name] for name in _CONNECTION_SETTINGS),
            self.tls.choice.identity,
        )

    def _credentials_key(self) -> tuple[object, ...]:
        return (
            *(self.values[name] for name in _USER_PROPERTIES),
            *(self.settings[name] for name in _USER_SETTINGS),
            self.engine.revision,
            self.passwords.revision,
        )


def _as_text(value: object) -> str:
    return str(value)


_SETTING_NAMES = {name.lower(): entry for name, entry in SETTINGS.items()}
