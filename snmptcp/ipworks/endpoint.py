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
from snmptcp.ipworks.errors import REMOTE_HOST_MISSING, REMOTE_PORT_ZERO, IPWorksSNMPError, translate
from snmptcp.ipworks.listen import Listening
from snmptcp.ipworks.options.network import connection_key
from snmptcp.ipworks.options.users import credentials_key, make_credentials, make_user

if TYPE_CHECKING:
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
        self._listening: Listening | None = None
        self._current: Conversation | None = None
        #: Earlier conversations, for which methods still wait.
        self._retired: list[Conversation] = []

    @property
    def connected(self) -> bool:
        """Whether there is a connection to the present agent."""
        return self._current is not None and self._current.connected

    @property
    def address(self) -> Address:
        """The local address: of the listening port, or else of the connection; empty and 0 if there is neither."""
        if not self.active:
            return "", 0
        if self._listening is not None:
            return self._listening.address
        if self._current is not None and self._current.connected:
            return self._current.local
        return "", 0

    # ------------------------------------------------------------------------- activation and its end

    def activate(self) -> None:
        """Begin to send and receive: listen, if ``local_port`` is set.

        Raises:
            IPWorksSNMPError: it cannot listen there.
        """
        if self.active:
            return
        if self._values["local_port"]:
            self._pump.check()
            try:
                self.prepare_reception()
                listening = Listening(self._values, self._profile, self._emitter, self._reception)
                self._pump.run(listening.start())
            except (SnmpError, OSError) as error:
                raise translate(error) from None
            self._listening = listening
        self.active = True

    def deactivate(self) -> None:
        """Close everything."""
        if not self.active:
            return
        if self._pump.is_open:
            self._pump.check()
        self.refresh_engine()
        self.active = False
        conversations = self._conversations()
        listening, self._listening = self._listening, None
        self._current = None
        self._retired.clear()
        if self._pump.is_open:
            for conversation in conversations:
                self._pump.run(conversation.aclose())
            if listening is not None:
                self._pump.run(listening.aclose())
            if not self._pump.blocked:
                self._pump.close()
        if not self._pump.blocked:
            self._pump.deliver()

    def dispose(self) -> None:
        """Close everything without raising: the object has been garbage collected.

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
        with contextlib.suppress(Exception):
            self.deactivate()
        if self._pump.is_open and not self._pump.blocked:
            self._pump.close()

    def hold(self, *, held: bool) -> None:
        """Stop reading, so that TCP holds what peers send, or read again."""
        for conversation in self._conversations():
            conversation.hold(held=held)
        if self._listening is not None:
            self._listening.hold(held=held)

    def prepare_reception(self) -> None:
        """Accept notifications from the SNMPv3 user that the properties name, if its credentials are possible."""
        user = None
        if self._values["user"]:
            with contextlib.suppress(SnmpError):
                user = make_user(self._values, self._passwords)
        self._reception.prepare(user)

    # ------------------------------------------------------------------------------ conversations

    def _conversations(self) -> list[Conversation]:
        return [*self._retired] if self._current is None else [self._current, *self._retired]

    def conversation(self) -> Conversation:
        """Return the conversation that serves the present properties; activate the object first.

        Raises:
            IPWorksSNMPError, ConfigurationError: a property or setting is missing or not possible.
        """
        if self._values["remote_host"] in ("", "0.0.0.0"):  # noqa: S104 - a comparison
            raise IPWorksSNMPError(
                REMOTE_HOST_MISSING, f"remote_host must be the agent's address, not {self._values['remote_host']!r}"
            )
        if not self._values["remote_port"]:
            raise IPWorksSNMPError(REMOTE_PORT_ZERO, "remote_port must be from 1 to 65535, not 0")
        self.activate()
        self.refresh_engine()
        key, asker_key, current = self._connection_key(), self._asker_key(), self._current
        if current is not None and current.key == key:
            if current.asker.key == asker_key:
                return current
            if current.idle:  # other credentials go on the same connection, unless answers to the old ones are due
                current.use(self._asker(asker_key))
                return current
        created = self._create(key, self._asker(asker_key))
        if current is not None:
            self._retired.append(current)
        self._current = created
        self.sweep()
        return created

    def sweep(self) -> None:
        """Close earlier conversations for which no method waits any more."""
        for conversation in [retired for retired in self._retired if retired.idle]:
            self._retired.remove(conversation)
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
        return Asker(key, credentials, self._engine.info if isinstance(credentials, UsmUser) else None)

    def _connection_key(self) -> tuple[object, ...]:
        return (*connection_key(self._values), self._profile.choice.identity)

    def _asker_key(self) -> tuple[object, ...]:
        return (*credentials_key(self._values), self._engine.revision, self._passwords.revision)

    def refresh_engine(self) -> None:
        """Take what the present conversation has learned of its agent's engine, if it still serves the properties."""
        current = self._current
        if current is None or self._engine.preset:
            return
        if current.asker.key == self._asker_key() and current.key == self._connection_key():
            known = current.engine
            if known is not None:
                self._engine.learn(known, settled=current.engine_settled)
