"""The methods of one object.

Contains: putting the parts of an object together, and what its methods do with them.
Does not contain: the documented names (:mod:`snmptcp.ipworks.mgr`), connections (:mod:`snmptcp.ipworks.endpoint`).
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, TypeAlias

from snmptcp.errors import AgentError, ClosedError, ConnectFailed, RequestTimeout, SnmpError
from snmptcp.ipworks.advice import advised
from snmptcp.ipworks.agent import FOREVER
from snmptcp.ipworks.emit import Emitter
from snmptcp.ipworks.endpoint import Endpoint
from snmptcp.ipworks.engine import RemoteEngine
from snmptcp.ipworks.errors import INVALID, IPWorksSNMPError, switched_off, translate
from snmptcp.ipworks.fields import credential_fields
from snmptcp.ipworks.objects import ObjectArrays, to_oid
from snmptcp.ipworks.options.tls import TlsProfile
from snmptcp.ipworks.options.users import PasswordCache
from snmptcp.ipworks.pump import Pump
from snmptcp.ipworks.receive import Reception
from snmptcp.ipworks.rows import Parts, make_store
from snmptcp.ipworks.store import Values
from snmptcp.manager import CountedIds, Response, VarBinds

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence

    from snmptcp.codec.pdu import PduType
    from snmptcp.ipworks.agent import Conversation
    from snmptcp.ipworks.pump import Handlers, Method
    from snmptcp.ipworks.timeouts import Limit
    from snmptcp.oid import OID
    from snmptcp.values import VarBind

__all__ = ("Core",)

#: What a method does in the loop; it may return the last thing to deliver.
Work: TypeAlias = "Callable[[], Coroutine[Any, Any, Callable[[], None] | None]]"


class Core:
    """Everything behind one object.

    Args:
        handlers: the handlers of events.

    Attributes:
        arrays: the object arrays.
        store: reads and writes properties and settings.
    """

    def __init__(self, handlers: Handlers) -> None:
        self._values = values = Values()
        self._pump = Pump(handlers)
        self.arrays = ObjectArrays()
        self._emitter = Emitter(self._pump, self.arrays, values)
        self._engine = RemoteEngine()
        self._passwords = PasswordCache(self._emitter.hash_password)
        self._ids = CountedIds(1)
        profile = TlsProfile(values, self._emitter.tls_record)
        self._endpoint = Endpoint(
            values,
            self._pump,
            self._emitter,
            profile=profile,
            engine=self._engine,
            passwords=self._passwords,
            ids=self._ids,
            reception=Reception(values, self._emitter),
        )
        self.store = make_store(
            Parts(
                values,
                self.arrays,
                self._ids,
                self._engine,
                profile,
                self._emitter,
                self._endpoint,
            )
        )

    @property
    def codec(self) -> str:
        """The codec of the code page, for names and values of objects."""
        return self._values.codec

    def dispose(self) -> None:
        """Close everything: the object has been garbage collected."""
        self._endpoint.dispose()

    def interrupt(self) -> None:
        """Interrupt the methods in progress."""
        self._pump.interrupt()

    # ------------------------------------------------------------------------- running and limiting

    def _ready(self) -> Conversation:
        """Return the conversation for a method that begins."""
        try:
            conversation = self._endpoint.conversation()
        except SnmpError as error:
            raise translate(error) from None
        conversation.refusal = None
        if conversation.closed:  # by a handler of on_hash_password
            raise switched_off()
        return conversation

    def _run(self, conversation: Conversation, work: Work) -> None:
        """Do the work of a method: wait for its end, or leave it to the background if ``timeout`` is 0.

        Args:
            conversation: what the method waits for.
            work: what it does.
        """
        try:
            if self._values.limits.waits:
                error = self._pump.perform(lambda method: self._attempt(conversation, work, method))
                if error is not None:
                    raise self._told(conversation, error)  # here: its traceback shows nothing of the event loop
            else:
                self._pump.spawn(self._report(conversation, work))
        finally:
            # A handler may have set active to False meanwhile; the loop could not be closed under a waiting method.
            if not self._endpoint.active and self._pump.is_open and not self._pump.blocked:
                self._pump.close()

    async def _attempt(
        self, conversation: Conversation, work: Work, method: Method | None = None
    ) -> SnmpError | OSError | IPWorksSNMPError | None:
        """Do some work within the time limit, and return what it failed with; ``None`` if it did not.

        Connecting does not count if ConnectionTimeout limits it.  Exceptions of handlers do not pass here: handlers run
        outside the loop.

        Args:
            conversation: what the work waits for.
            work: what is done.
            method: the method that waits for it; ``None`` for none.
        """
        conversation.users += 1
        limit: Limit | None = None
        last: Callable[[], None] | None = None
        try:
            limits = self._values.limits
            if limits.connects_apart:
                await conversation.connect()
            task = asyncio.current_task() if method is None else method.task
            limit = conversation.timeouts.begin(task, limits.seconds, is_absolute=limits.is_absolute)
            last = await work()
        except ConnectFailed as error:
            conversation.tell_connect_failed(error)
            return error
        except (SnmpError, OSError, IPWorksSNMPError) as error:
            return error
        except asyncio.CancelledError:
            if limit is None or not limit.has_cancelled():
                raise
            return RequestTimeout(limit.seconds, conversation.refusal)
        finally:
            if limit is not None:
                conversation.timeouts.end(limit)
            conversation.users -= 1
            if method is not None:
                method.end(last)
            elif last is not None:
                self._emitter.when_delivered(last)
        return None

    def _told(self, conversation: Conversation, error: SnmpError | OSError | IPWorksSNMPError) -> IPWorksSNMPError:
        """Return the exception that a method raises for what its work has failed with."""
        if isinstance(error, IPWorksSNMPError):
            return error.with_traceback(None)
        return switched_off() if conversation.closed else advised(error, self._values)

    async def _report(self, conversation: Conversation, work: Work) -> None:
        """Do some work in the background, whose failure becomes an event, unless the program has closed everything."""
        error = await self._attempt(conversation, work)
        if error is not None and not conversation.closed:
            self._emitter.failed(error)

    # ----------------------------------------------------------------------------------- requests

    def request(self, kind: PduType, varbinds: Sequence[VarBind], **bulk: int) -> None:
        """Send a request.

        Args:
            kind: its type.
            varbinds: its objects.
            bulk: the numbers of a GetBulkRequest.
        """
        entrance = self._pump.enter()
        try:
            conversation = self._ready()
            request_id = self._ids.take(())
            limits = self._values.limits
            if not limits.waits:
                seconds = limits.seconds
                self._pump.run(conversation.background.send(kind, varbinds, seconds, request_id=request_id, **bulk))
                return

            async def work() -> Callable[[], None]:
                response = await conversation.exchange(kind, varbinds, request_id=request_id, **bulk)
                return self._emitter.responding(response, conversation.peer, conversation.credentials)

            self._run(conversation, work)
        finally:
            entrance.release()

    def discover(self) -> None:
        """Discover the agent's engine."""
        if self._values["snmp_version"] != 3:
            raise IPWorksSNMPError(INVALID, "discovery needs SNMPv3: set snmp_version to 3")
        with self._pump.alone():
            if self._engine.preset:
                self._engine.assign_id(b"")
            conversation = self._ready()
            limit = FOREVER if self._values.timeout else self._values.request_timeout

            async def work() -> None:
                info = await conversation.discover(limit)
                self._engine.learn(info, settled=conversation.engine_settled)
                fields = credential_fields(conversation.credentials)
                told = {name: fields[name] for name in ("user", "security_level")}
                self._emitter.discovered(info, conversation.peer, **told)

            self._run(conversation, work)

    def walk(self, table: str) -> None:
        """Read a table."""
        root = to_oid("the table", table)
        start = self._values["WalkStartOID"]
        first = to_oid("WalkStartOID", start) if start else None
        if not self._values["WalkInsideRange"]:
            root, first = root[:1], first or root
        with self._pump.alone():
            self.arrays.resize(0)
            self._emitter.clear_status()
            conversation = self._ready()
            self._run(conversation, lambda: self._walk(conversation, root, first))

    async def _walk(self, conversation: Conversation, root: OID, first: OID | None) -> None:
        """Deliver the objects of a table one by one, and leave them in the arrays."""
        keep = self._values["store_walk_objects"]
        kept: list[VarBind] = []
        walk = conversation.walk(
            root, start=first, limit=self._values["walk_limit"] or None, timeout=self._values.request_timeout
        )
        try:
            await conversation.connect()  # the time that this takes is none of a request's
            async with contextlib.aclosing(walk):
                async for objects in walk:
                    if self._pump.wants("on_response"):
                        await self._tell(conversation, objects, kept)
                    else:
                        kept.extend(varbind for varbind, _ in objects)
                    if not keep:
                        kept.clear()
                    if conversation.closed:
                        break  # the handler has set active to False, which ends the walk as any other end does
        except ClosedError:
            if not conversation.closed:
                raise
        except AgentError as error:
            response = Response(0, int(error.status), error.index, VarBinds(error.varbinds))
            with conversation.timeouts.held():
                await self._emitter.ask_response(response, conversation.peer, conversation.credentials)
        finally:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                self.arrays.fill(kept if keep else ())  # what is queued now is not delivered by this method any more
            else:
                self._emitter.when_delivered(lambda: self.arrays.fill(kept))

    async def _tell(
        self, conversation: Conversation, objects: Iterable[tuple[VarBind, int]], told: list[VarBind]
    ) -> None:
        """Deliver objects of a walk, each as if it were a response of its own, until a handler ends the walk."""

        def each() -> Iterator[tuple[VarBind, int]]:
            for varbind, request_id in objects:
                if conversation.closed:
                    return
                told.append(varbind)
                yield varbind, request_id

        with conversation.timeouts.held():  # handlers may take as long as they like
            await self._emitter.ask_objects(each(), conversation.peer, conversation.credentials)

    # -------------------------------------------------------------------------------------- others

    def hash_passwords(self) -> None:
        """Hash the passwords again."""
        try:
            self._passwords.fill(self._values)
        except SnmpError as error:
            raise translate(error) from None

    def do_events(self) -> None:
        """Deliver the events that have happened."""
        with self._pump.alone():
            if self._endpoint.active:
                self._endpoint.prepare_reception()
            self._pump.do_events(self._values["SelectWaitMillis"] / 1000)
            self._endpoint.sweep()
