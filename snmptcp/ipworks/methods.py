"""What is behind an object of the facade: its values, its conversations, and the methods' work.

What may live here: putting the library's rooms together as properties and settings say.  What may not: protocol.
"""

from __future__ import annotations

import _thread
import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, TypeVar

from snmptcp.credentials import UsmUser
from snmptcp.errors import (
    AgentError,
    ConnectFailed,
    RequestTimeout,
    SnmpError,
)
from snmptcp.ipworks.agent import Conversation, credential_fields
from snmptcp.ipworks.errors import (
    CERTIFICATE_NOT_FOUND,
    INVALID,
    REMOTE_HOST_MISSING,
    REMOTE_PORT_ZERO,
    IPWorksSNMPError,
    translate,
)
from snmptcp.ipworks.options.network import make_proxy, make_socket_options
from snmptcp.ipworks.options.tls import (
    make_server_tls,
)
from snmptcp.ipworks.options.users import make_credentials, make_user
from snmptcp.ipworks.receive import Listening, Reception
from snmptcp.ipworks.securing import Securing
from snmptcp.ipworks.store import Values
from snmptcp.ipworks.tables.events import EVENT_CLASSES
from snmptcp.manager.manager import Manager, Response
from snmptcp.oid import OID

if TYPE_CHECKING:
    from collections.abc import Coroutine, Sequence

    from snmptcp.codec.pdu import PduType
    from snmptcp.credentials import Community
    from snmptcp.ipworks.pump import Handlers
    from snmptcp.security.engine_clock import EngineInfo
    from snmptcp.values import VarBind

__all__ = ("Core",)

T = TypeVar("T")

#: Seconds that stand for no limit.
FOREVER = 1e9

#: How long connecting may take where neither ConnectionTimeout nor timeout says, in seconds.
DEFAULT_CONNECT_TIMEOUT = 60.0


class Core(Values):
    """The state of one object and what its methods do.

    Args:
        handlers: who is told of events.
    """

    def __init__(self, handlers: Handlers) -> None:
        super().__init__(handlers)
        self.tls = Securing(self)
        self.reception = Reception(self)
        #: Whose keys packets that we receive of themselves are decrypted with.
        self.receiving_user: UsmUser | None = None
        self._retired: list[Conversation] = []
        self._clocks: list[tuple[asyncio.Timeout, float]] = []

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
        if self.pump.is_open:
            self.pump.check()
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
        """Close everything, whatever happens: the object is not used any more.

        Garbage is collected wherever the program happens to be, inside a running event loop too, on whose thread no
        other loop can turn: there, what is left is closed by a thread.  Nobody waits for it, because the collector may
        have struck while a lock was held that the thread needs; nor is it one of ``threading``'s, which have locks.
        """
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            self._dispose()
        else:
            _thread.start_new_thread(self._dispose, ())

    def _dispose(self) -> None:
        with contextlib.suppress(Exception):
            self.deactivate()
        if self.pump.is_open and not self.pump.blocked:
            self.pump.close()

    def hold(self, *, held: bool) -> None:
        """Stop reading, so that TCP holds what peers send, or go on."""
        for conversation in self._conversations():
            conversation.manager.hold(held=held)
        if self._listening is not None:
            self._listening.hold(held=held)

    def _conversations(self) -> list[Conversation]:
        current = [] if self._conversation is None else [self._conversation]
        return current + self._retired

    def _present(self) -> Conversation:
        """Return the conversation that the properties mean: the present one, or another."""
        if self.values["remote_host"] in ("", "0.0.0.0"):  # noqa: S104 - a comparison
            raise IPWorksSNMPError(
                REMOTE_HOST_MISSING, f"remote_host is {self.values['remote_host']!r}: there is nobody to send to"
            )
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
        conversation.manager.connect_timeout = self._connect_timeout()
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
            else:
                limit = seconds if limited or self.settings["AbsoluteTimeout"] else 0
                timed = self._timed(limit, conversation, coroutine)
                self.pump.perform(self._translated(self._counted(conversation, timed)))
        finally:
            if self.pump.is_open and not self.pump.blocked and not self.values["active"]:
                self.pump.close()

    async def _translated(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Let what fails be the facade's exception; what handlers raise does not come this way."""
        try:
            return await coroutine
        except (SnmpError, OSError) as error:
            raise translate(error) from error

    async def _counted(self, conversation: Conversation, coroutine: Coroutine[Any, Any, T]) -> T:
        try:
            return await coroutine
        except ConnectFailed as error:
            self.tell.failure(conversation, error)
            raise
        finally:
            conversation.users -= 1

    async def _timed(self, limit: float, conversation: Conversation, coroutine: Coroutine[Any, Any, T]) -> T:
        """Give something its time; connecting does not count where it has a time of its own."""
        if not limit or (self.settings["ConnectionTimeout"] and not self.settings["AbsoluteTimeout"]):
            try:
                await self.tls.connect(conversation)
                await conversation.manager.connect()
            except BaseException:
                coroutine.close()
                raise
        return await (self._within(limit, conversation, coroutine) if limit else coroutine)

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
        level = int(fields["security_level"])  # type: ignore[call-overload]  # the fields of events are objects
        self.tell.discovery(conversation, info, str(fields["user"]), level)

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
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                self.arrays.fill(kept)  # nothing that is queued is delivered by this walk any more
            else:
                self.pump.post_action(lambda: self.arrays.fill(kept))

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


def _oid(what: str, text: str) -> OID:
    try:
        return OID(text.strip().removeprefix("."))
    except (SnmpError, ValueError) as error:
        raise IPWorksSNMPError(INVALID, f"{what} is no object identifier: {text!r}") from error
