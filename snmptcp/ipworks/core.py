"""What is behind an object of the facade: its values, its conversations, and the methods' work.

What may live here: putting the library's rooms together as properties and settings say.  What may not: protocol.
"""

from __future__ import annotations

import asyncio
import contextlib
import platform
import ssl
import time
from typing import TYPE_CHECKING, Any, TypeVar

import snmptcp
from snmptcp.credentials import UsmUser
from snmptcp.engine.correlator import CountedIds
from snmptcp.errors import (
    AgentError,
    ConfigurationError,
    ConnectFailed,
    RequestTimeout,
    SnmpError,
)
from snmptcp.ipworks.coerce import COERCIONS, code_page_codec, to_bytes
from snmptcp.ipworks.conversation import Conversation, credential_fields
from snmptcp.ipworks.errors import (
    CERTIFICATE_NOT_FOUND,
    INVALID,
    REMOTE_HOST_MISSING,
    REMOTE_PORT_ZERO,
    UNSUPPORTED,
    IPWorksSNMPError,
    status_text,
    translate,
)
from snmptcp.ipworks.events import EVENT_CLASSES
from snmptcp.ipworks.listening import Listening, Reception
from snmptcp.ipworks.network import make_proxy, make_socket_options
from snmptcp.ipworks.objects import ObjectArrays
from snmptcp.ipworks.properties import PROPERTIES, Property
from snmptcp.ipworks.pump import Pump
from snmptcp.ipworks.securing import Securing
from snmptcp.ipworks.settings import SETTINGS, Setting
from snmptcp.ipworks.telling import Telling
from snmptcp.ipworks.tls import (
    STORE_TYPES,
    check_cipher_suites,
    check_group,
    check_protocols,
    check_security_flags,
    ders_of,
    key_exchange_bits,
    make_server_tls,
    openssl_suite_name,
    pem_of,
)
from snmptcp.ipworks.users import PasswordCache, engine_octets, make_credentials, make_user
from snmptcp.manager import Manager, Response
from snmptcp.oid import OID
from snmptcp.security.engine_clock import MAX_BOOTS, EngineInfo, check_engine_id

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from snmptcp.codec.pdu import PduType
    from snmptcp.credentials import Community
    from snmptcp.values import VarBind

__all__ = ("Core",)

T = TypeVar("T")

#: Seconds that stand for no limit.
FOREVER = 1e9

#: How long connecting may take where neither ConnectionTimeout nor timeout says, in seconds.
DEFAULT_CONNECT_TIMEOUT = 60.0

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


class Core:
    """The state of one object and what its methods do."""

    def __init__(self) -> None:
        self.pump = Pump()
        self.arrays = ObjectArrays()
        self.values: dict[str, Any] = {name: entry.default for name, entry in PROPERTIES.items() if not entry.indexed}
        self.settings: dict[str, Any] = {name: entry.default for name, entry in SETTINGS.items()}
        self.engine = RemoteEngine()
        self.ids = CountedIds(1)
        self.codec = "utf-8"
        self.source = ("", 0)
        self.tell = Telling(self.pump, self.arrays, self.settings)
        self.tls = Securing(self)
        self.passwords = PasswordCache(self.tell.now)
        self.reception = Reception(self)
        #: Whose keys packets that we receive of themselves are decrypted with.
        self.receiving_user: UsmUser | None = None
        self._listening: Listening | None = None
        self._conversation: Conversation | None = None
        self._retired: list[Conversation] = []
        self._clocks: list[tuple[asyncio.Timeout, float]] = []

    # ------------------------------------------------------------------------------------- values

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
        for conversation in self._conversations():
            conversation.manager.hold(held=not accept)
        if self._listening is not None:
            self._listening.hold(held=not accept)

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
        return "" if self.tls.session is None else openssl_suite_name(self.tls.session.cipher)

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

    # ------------------------------------------------------------------------------- connections

    def heard(self, source: tuple[str, int]) -> None:
        """Take note of a packet: where it came from, and that somebody is alive."""
        self.source = source
        if not self.settings["AbsoluteTimeout"]:
            now = asyncio.get_running_loop().time()
            for clock, seconds in self._clocks:
                if not clock.expired():
                    clock.reschedule(now + seconds)

    def activate(self) -> None:
        """Begin to send and receive."""
        if self.values["active"]:
            return
        if self.values["local_port"]:
            self.pump.check()
            try:
                self._listen()
            except (SnmpError, OSError) as error:
                raise translate(error) from error
        self.values["active"] = True

    def _listen(self) -> None:
        tls = None
        if self.values["ssl_enabled"]:
            if self.tls.choice.chosen is None:
                raise IPWorksSNMPError(
                    CERTIFICATE_NOT_FOUND, "listening inside TLS needs a certificate: see ssl_cert_subject"
                )
            tls = make_server_tls(self.settings, self.tls.choice, ask_clients=self.values["ssl_authenticate_clients"])
        self.prepare_reception()
        listening = Listening(self, self.reception, tls)
        host = self.values["local_host"] or ("0.0.0.0", "::", "")[self.settings["UseIPv6"]]  # noqa: S104 - documented
        any_port = not self.settings["ForceLocalPort"]
        self.pump.run(listening.start(host, self.values["local_port"], any_port=any_port))
        self._listening = listening

    def prepare_reception(self) -> None:
        """Take notifications of the user that the properties name, if they name one that there can be."""
        user = None
        if self.values["user"]:
            with contextlib.suppress(SnmpError):
                user = make_user(self.read, self.setting, self.octets, self.passwords)
        self.receiving_user = user
        self.reception.prepare(user)

    def deactivate(self) -> None:
        """Close everything."""
        if not self.values["active"]:
            return
        self._refresh_engine()
        self.values["active"] = False
        conversations = self._conversations()
        listening, self._listening = self._listening, None
        self._conversation = None
        self._retired.clear()
        if self.pump.is_open:
            for conversation in conversations:
                self.pump.run(conversation.manager.aclose())
            if listening is not None:
                self.pump.run(listening.aclose())
            if not self.pump.blocked:
                self.pump.close()
        if not self.pump.blocked:
            self.pump.deliver()

    def dispose(self) -> None:
        """Close everything, whatever happens: the object is not used any more."""
        with contextlib.suppress(Exception):
            self.deactivate()
        if self.pump.is_open and not self.pump.blocked:
            self.pump.close()

    def _conversations(self) -> list[Conversation]:
        current = [] if self._conversation is None else [self._conversation]
        return current + self._retired

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
        )

    def _present(self) -> Conversation:
        """Return the conversation that the properties mean: the present one, or another."""
        if not self.values["remote_host"]:
            raise IPWorksSNMPError(REMOTE_HOST_MISSING, "remote_host is empty: there is nobody to send to")
        if not self.values["remote_port"]:
            raise IPWorksSNMPError(REMOTE_PORT_ZERO, "remote_port cannot be zero")
        if not self.values["active"]:
            self.activate()
        self._refresh_engine()
        key, credentials_key = self._connection_key(), self._credentials_key()
        conversation = self._conversation
        if conversation is not None and conversation.key == key:
            if conversation.credentials_key == credentials_key:
                return conversation
            if conversation.idle:
                credentials = self._credentials()
                conversation.manager.use(credentials, engine=self._engine_for(credentials))
                conversation.credentials, conversation.credentials_key = credentials, credentials_key
                return conversation
        created = self._create(key)
        self._retire()
        self._conversation = created
        return created

    def _retire(self) -> None:
        """Let the present conversation end when nobody waits for it any more."""
        if self._conversation is not None:
            self._retired.append(self._conversation)
            self._conversation = None
        self.sweep()

    def sweep(self) -> None:
        """Close the conversations that are not wanted any more."""
        for conversation in [retired for retired in self._retired if retired.idle]:
            self._retired.remove(conversation)
            self.pump.run(conversation.manager.aclose())

    def _credentials(self) -> Community | UsmUser:
        return make_credentials(self.read, self.setting, self.octets, self.passwords)

    def _engine_for(self, credentials: Community | UsmUser) -> EngineInfo | None:
        return self.engine.info if isinstance(credentials, UsmUser) else None

    def _create(self, key: tuple[object, ...]) -> Conversation:
        host, port = self.values["remote_host"], self.values["remote_port"]
        conversation = Conversation(self, key, host, port)
        credentials = self._credentials()
        local_host = self.values["local_host"]
        conversation.credentials = credentials
        proxy = make_proxy(self.settings, host, port)
        conversation.proxied = proxy is not None
        if self.values["ssl_enabled"]:
            conversation.verifying = self.tls.client_tls(key, host)
        conversation.credentials_key = self._credentials_key()
        conversation.manager = Manager(
            host,
            port,
            credentials=credentials,
            timeout=FOREVER,
            connect_timeout=self._connect_timeout(),
            local_address=(local_host, 0) if local_host else None,
            proxy=proxy,
            socket_options=make_socket_options(self.settings),
            max_rate=self.settings["MaxTransferRate"] or None,
            tls=conversation.verifying or False,
            max_message_size=self.settings["MsgMaxSize"],
            engine=self._engine_for(credentials),
            request_ids=self.ids,
            observer=conversation,
            on_connect=conversation.made,
            on_unsolicited=conversation.unsolicited,
        )
        conversation.manager.hold(held=not self.values["accept_data"])
        return conversation

    def _connect_timeout(self) -> float:
        return float(self.settings["ConnectionTimeout"]) or self.timeout() or DEFAULT_CONNECT_TIMEOUT

    # ------------------------------------------------------------------------------------ methods

    def timeout(self) -> float:
        """Return how long methods wait, in seconds; 0 for not at all."""
        seconds: float = self.values["timeout"]
        return seconds / 1000 if self.settings["TimeoutInMilliseconds"] else seconds

    def request(self, kind: PduType, varbinds: Sequence[VarBind], **bulk: int) -> None:
        """Send a request of the arrays' objects; wait for its response where the timeout says so."""
        conversation = self._ready()
        request_id = self.ids.take(())
        self._do(conversation, self._ask(conversation, kind, varbinds, request_id, **bulk))

    def _ready(self) -> Conversation:
        self.pump.check()
        try:
            conversation = self._present()
        except SnmpError as error:
            raise translate(error) from error
        conversation.refusal = None
        self.prepare_reception()
        return conversation

    def _do(self, conversation: Conversation, coroutine: Coroutine[Any, Any, None], *, limited: bool = True) -> None:
        """Do something now, or let it go on in the background where the timeout is 0.

        Args:
            conversation: with whom.
            coroutine: what.
            limited: whether the timeout is one for all of it, and not one for each of its requests.
        """
        conversation.users += 1
        seconds = self.timeout()
        try:
            if not seconds:
                self.pump.spawn(self._reported(self._counted(conversation, coroutine)))
            elif limited or self.settings["AbsoluteTimeout"]:
                self.pump.perform(self._counted(conversation, self._within(seconds, conversation, coroutine)))
            else:
                self.pump.perform(self._counted(conversation, coroutine))
        except (SnmpError, OSError) as error:
            raise translate(error) from error
        finally:
            if self.pump.is_open and not self.pump.blocked and not self.values["active"]:
                self.pump.close()

    async def _counted(self, conversation: Conversation, coroutine: Coroutine[Any, Any, T]) -> T:
        try:
            return await coroutine
        except ConnectFailed as error:
            self.tell.failure(conversation, error)
            raise
        finally:
            conversation.users -= 1

    async def _within(self, seconds: float, conversation: Conversation, coroutine: Coroutine[Any, Any, T]) -> T:
        """Give something its time, which starts anew with whatever is received, unless it is absolute."""
        try:
            async with asyncio.timeout(seconds) as clock:
                entry = (clock, seconds)
                self._clocks.append(entry)
                try:
                    return await coroutine
                finally:
                    self._clocks.remove(entry)
        except TimeoutError as error:
            if not clock.expired():
                raise
            raise RequestTimeout(seconds, conversation.refusal) from error

    async def _reported(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Let what goes on in the background tell of its failure, for nobody waits for it."""
        try:
            await coroutine
        except (SnmpError, OSError) as error:
            told = translate(error)
            self.pump.post(EVENT_CLASSES["on_error"](error_code=told.code, description=told.message))

    async def _ask(
        self, conversation: Conversation, kind: PduType, varbinds: Sequence[VarBind], request_id: int, **bulk: int
    ) -> None:
        await self.tls.connect(conversation)
        response = await conversation.manager.exchange(kind, varbinds, request_id=request_id, **bulk)
        self.tell.responded(conversation, response)

    def discover(self) -> None:
        """Find out who the agent's engine is."""
        if self.values["snmp_version"] != 3:
            raise IPWorksSNMPError(INVALID, "only SNMPv3 has discovery: set snmp_version to 3")
        if self.engine.preset:
            self.engine.put(engine_id=b"")
        conversation = self._ready()
        self._do(conversation, self._discover(conversation))

    async def _discover(self, conversation: Conversation) -> None:
        conversation.discovering = True
        try:
            await self.tls.connect(conversation)
            info = await conversation.manager.discover(afresh=True)
        finally:
            conversation.discovering = False
        self.engine.learn(info)
        fields = credential_fields(conversation.credentials)
        self.tell.discovery(conversation, info, str(fields["user"]), int(fields["security_level"]))  # type: ignore[call-overload]

    def walk(self, table: str) -> None:
        """Read a table, object by object."""
        root = _oid("the table", table)
        start = self.settings["WalkStartOID"]
        first = _oid("WalkStartOID", start) if start else None
        if not self.settings["WalkInsideRange"]:
            root, first = root[:1], first or root
        self.arrays.resize(0)
        self.tell.status = (0, 0)
        conversation = self._ready()
        self._do(conversation, self._walk(conversation, root, first), limited=False)

    async def _walk(self, conversation: Conversation, root: OID, first: OID | None) -> None:
        kept: list[VarBind] = []
        conversation.answers.clear()
        await self.tls.connect(conversation)
        walk = conversation.manager.walk(
            root, start=first, limit=self.values["walk_limit"] or None, timeout=self.timeout() or FOREVER
        )
        keep = self.values["store_walk_objects"]
        try:
            async with contextlib.aclosing(walk):
                async for varbind in walk:
                    if keep:
                        kept.append(varbind)
                    await self._present_object(conversation, varbind)
        except AgentError as error:
            response = Response(0, int(error.status), error.index, error.varbinds)
            await self.pump.ask(*self.tell.response(conversation, response))
        finally:
            self.arrays.fill(kept)

    async def _present_object(self, conversation: Conversation, varbind: VarBind) -> None:
        if self.pump.wants("on_response"):
            response = Response(conversation.origin(varbind), 0, 0, (varbind,))
            await self.pump.ask(*self.tell.response(conversation, response))

    def hash_passwords(self) -> None:
        """Make keys of the passwords."""
        self.passwords.forget()
        algorithm = self.values["authentication_protocol"]
        for name in ("authentication_password", "encryption_password"):
            password = self.octets(name, self.values[name])
            if password:
                try:
                    self.passwords.key(algorithm, password)
                except SnmpError as error:
                    raise translate(error) from error

    def do_events(self) -> None:
        """Deliver what has happened."""
        if self.values["active"]:
            self.prepare_reception()
        self.pump.do_events(self.settings["SelectWaitMillis"] / 1000)
        if self._retired:
            self.sweep()


def _as_text(value: object) -> str:
    return str(value)


def _oid(what: str, text: str) -> OID:
    try:
        return OID(text.strip().removeprefix("."))
    except (SnmpError, ValueError) as error:
        raise IPWorksSNMPError(INVALID, f"{what} is no object identifier: {text!r}") from error


_SETTING_NAMES = {name.lower(): entry for name, entry in SETTINGS.items()}
