"""The network side of an object: whether it is active, its conversation with the agent, its listening port.

Contains: which conversation serves the present properties, and when conversations and the port open and close.
Does not contain: what is said on them.
"""

from __future__ import annotations

import _thread
import asyncio
import contextlib
from typing import TYPE_CHECKING

from snmptcp.credentials import UsmUser
from snmptcp.errors import SnmpError
from snmptcp.ipworks.agent import Asker, Conversation
from snmptcp.ipworks.errors import REMOTE_HOST_MISSING, REMOTE_PORT_ZERO, IPWorksSNMPError, switched_off, translate
from snmptcp.ipworks.listen import Listening
from snmptcp.ipworks.options.network import connection_key
from snmptcp.ipworks.options.users import credentials_key, make_credentials, make_user
from snmptcp.net import process

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snmptcp.ipworks.emit import Emitter
    from snmptcp.ipworks.engine import RemoteEngine
    from snmptcp.ipworks.fields import Address
    from snmptcp.ipworks.options.tls import TlsProfile
    from snmptcp.ipworks.options.users import PasswordCache
    from snmptcp.ipworks.pump import Pump
    from snmptcp.ipworks.receive import Reception
    from snmptcp.ipworks.store import Values
    from snmptcp.manager import CountedIds

__all__ = ("Endpoint",)


class _Opened:
    """What one process has opened.

    Attributes:
        process: the number of the process.
        listening: the port that it listens on.
        current: the conversation that serves the present properties, or did when it was last asked for.
        serves: the state of the properties that the present conversation is known to serve.
        retired: earlier conversations, for which methods still wait.
    """

    __slots__ = ("current", "listening", "process", "retired", "serves")

    def __init__(self) -> None:
        self.process = process.number
        self.listening: Listening | None = None
        self.current: Conversation | None = None
        self.serves: tuple[object, ...] = ()
        self.retired: list[Conversation] = []

    @property
    def conversations(self) -> list[Conversation]:
        """All conversations."""
        return [*self.retired] if self.current is None else [self.current, *self.retired]


class Endpoint:
    """The conversations and the listening port of one object.

    Args:
        values: the properties and settings.
        pump: runs what opens and closes connections.
        emitter: queues the events.
        profile: the TLS side of the object.
        engine: the agent's engine, as the properties show it.
        passwords: the hashed passwords.
        ids: where request-ids come from.
        reception: receives messages that answer no request.
    """

    def __init__(
        self,
        values: Values,
        pump: Pump,
        emitter: Emitter,
        *,
        profile: TlsProfile,
        engine: RemoteEngine,
        passwords: PasswordCache,
        ids: CountedIds,
        reception: Reception,
    ) -> None:
        self._values = values
        self._pump = pump
        self._emitter = emitter
        self._profile = profile
        self._engine = engine
        self._passwords = passwords
        self._ids = ids
        self._reception = reception
        self.active = False
        self._opened = _Opened()
        self._received: tuple[int, int] | None = None  # the state of the properties that notifications are received by

    @property
    def _open(self) -> _Opened:
        """What is open in this process: the conversations and the port of a parent process are left to it."""
        if self._opened.process != process.number:
            inherited, self._opened = self._opened, _Opened()
            self._learn_from(inherited.current)
        return self._opened

    @property
    def connected(self) -> bool:
        """Whether there is a connection to the present agent."""
        current = self._open.current
        return current is not None and current.connected

    @property
    def address(self) -> Address:
        """The local address: of the listening port, or else of the connection; empty and 0 if there is neither."""
        if not self.active:
            return "", 0
        opened = self._open
        if opened.listening is not None:
            return opened.listening.address
        if opened.current is not None and opened.current.connected:
            return opened.current.local
        return "", 0

    # ------------------------------------------------------------------------- activation and its end

    def activate(self) -> None:
        """Begin to send and receive: listen, if ``local_port`` is set.

        Raises:
            IPWorksSNMPError: it cannot listen there.
        """
        if self.active:
            return
        with self._pump.alone():
            if self._values["local_port"]:
                self._open.listening = self._listen()
            self.active = True

    def _listen(self) -> Listening:
        try:
            self.prepare_reception()
            listening = Listening(self._values, self._profile, self._emitter, self._reception)
            self._pump.run(listening.start())
        except (SnmpError, OSError) as error:
            raise translate(error) from None
        return listening

    def deactivate(self) -> None:
        """Close everything, and deliver the events of that."""
        if not self.active:
            return
        with self._pump.alone():
            self._close_all()
            if not self._pump.blocked:
                self._pump.deliver()

    def _close_all(self) -> None:
        self.refresh_engine()
        self.active = False
        opened, self._opened = self._open, _Opened()
        if self._pump.is_open:
            self._pump.run(_close([*opened.conversations, *filter(None, (opened.listening,))]))
            if not self._pump.blocked:
                self._pump.close()

    def dispose(self) -> None:
        """Close everything without raising or calling handlers: the object was garbage collected, or the program ends.

        The collector may run inside an event loop, on whose thread no other loop can run: then a thread closes.  It is
        not waited for, because the collector may have interrupted code that holds a lock which the thread needs.
        ``threading`` is not used for it, because starting one of its threads takes locks.
        """
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            self._dispose()
        else:
            _thread.start_new_thread(self._dispose, ())

    def _dispose(self) -> None:
        with contextlib.suppress(Exception), self._pump.alone():
            if self.active:
                self._close_all()
        if self._pump.is_open and not self._pump.blocked:
            self._pump.close()

    def hold(self, *, held: bool) -> None:
        """Stop reading, so that TCP holds what peers send, or read again."""
        opened = self._open
        for conversation in opened.conversations:
            conversation.hold(held=held)
        if opened.listening is not None:
            opened.listening.hold(held=held)

    def prepare_reception(self) -> None:
        """Accept notifications from the SNMPv3 user that the properties name, if its credentials are possible."""
        state = (self._values.revision, self._passwords.revision)
        if state == self._received:
            return
        user = None
        if self._values["user"]:
            with contextlib.suppress(SnmpError):
                user = make_user(self._values, self._passwords)
        self._reception.prepare(user)
        self._received = state

    # ------------------------------------------------------------------------------ conversations

    def conversation(self) -> Conversation:
        """Return the conversation that serves the present properties; activate the object first.

        Raises:
            IPWorksSNMPError, ConfigurationError: a property or setting is missing or not possible.
        """
        opened, state = self._open, self._state()
        if opened.retired:
            self.sweep()
        if self.active and opened.current is not None and opened.serves == state:
            return opened.current
        if self._values["remote_host"] in ("", "0.0.0.0"):  # noqa: S104 - a comparison
            raise IPWorksSNMPError(
                REMOTE_HOST_MISSING, f"remote_host must be the agent's address, not {self._values['remote_host']!r}"
            )
        if not self._values["remote_port"]:
            raise IPWorksSNMPError(REMOTE_PORT_ZERO, "remote_port must be from 1 to 65535, not 0")
        self.activate()
        self.refresh_engine()
        current = self._serving()
        current.connect_timeout = self._values.connect_timeout
        self.prepare_reception()
        opened.serves = state
        return current

    def _state(self) -> tuple[object, ...]:
        """Return what changes whenever another conversation, or other credentials, may be needed."""
        revisions = self._values.revision, self._engine.revision, self._passwords.revision
        return (*revisions, self._profile.choice.identity)

    def _serving(self) -> Conversation:
        """Return a conversation that serves the present properties: the present one if it can."""
        opened = self._open
        key, asker_key, current = self._connection_key(), self._asker_key(), opened.current
        if current is not None and current.key == key:
            if current.asker.key == asker_key:
                return current
            if current.idle:  # other credentials go on the same connection, unless answers to the old ones are due
                current.use(self._asker(asker_key))
                return current
        created = self._create(key, self._asker(asker_key))
        if current is not None:
            opened.retired.append(current)
        opened.current = created
        self.sweep()  # the earlier one, if nothing waits for it
        return created

    def sweep(self) -> None:
        """Close earlier conversations for which no method waits any more."""
        retired = self._open.retired
        for conversation in [each for each in retired if each.idle]:
            retired.remove(conversation)
            self._pump.run(conversation.aclose())

    def _create(self, key: tuple[object, ...], asker: Asker) -> Conversation:
        return Conversation(
            key,
            asker,
            values=self._values,
            profile=self._profile,
            emitter=self._emitter,
            ids=self._ids,
            unsolicited=self._reception.receive,
        )

    def _asker(self, key: tuple[object, ...]) -> Asker:
        credentials = make_credentials(self._values, self._passwords)
        if not self.active:  # by a handler of on_hash_password
            raise switched_off()
        return Asker(key, credentials, self._engine.info if isinstance(credentials, UsmUser) else None)

    def _connection_key(self) -> tuple[object, ...]:
        return (*connection_key(self._values), self._profile.choice.identity)

    def _asker_key(self) -> tuple[object, ...]:
        return (*credentials_key(self._values), self._engine.revision, self._passwords.revision)

    def refresh_engine(self) -> None:
        """Take what the present conversation has learned of its agent's engine, if it still serves the properties."""
        self._learn_from(self._open.current)

    def _learn_from(self, current: Conversation | None) -> None:
        if current is None or self._engine.preset:
            return
        if current.asker.key == self._asker_key() and current.key == self._connection_key():
            known = current.engine
            if known is not None:
                self._engine.learn(known, settled=current.engine_settled)


async def _close(open_ones: Sequence[Conversation | Listening]) -> None:
    """Close conversations and the port side by side, since each may wait a moment for its peer."""
    await asyncio.gather(*(each.aclose() for each in open_ones))
