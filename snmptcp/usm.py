"""The users of an agent's SNMPv3 engine, read and changed over the network: usmUserTable (RFC 3414 section 5).

::

    async with Manager("192.0.2.1", credentials=user) as manager:
        table = UserTable(manager)
        for entry in await table.users():
            print(entry.name, entry.auth_protocol, entry.priv_protocol, entry.status.name)
        user = await table.change_passwords(user, auth_password="...", priv_password="...", own=True)
        manager.use(user)

Contains: requests for the rows of the table.
Does not contain: the values that carry new keys (:mod:`snmptcp.security.usm_key_change`), and access rights: agents
have those in other tables (RFC 3415).
"""

from __future__ import annotations

import enum
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from snmptcp.arguments import FLAG, OCTETS, TEXT_OR_OCTETS, check_arguments, instance_of, optional
from snmptcp.credentials import AuthProtocol, PrivProtocol, UsmUser
from snmptcp.errors import (
    AgentError,
    AuthorizationError,
    ConfigurationError,
    InconsistentValue,
    NoAccess,
    NoCreation,
    NoSuchName,
    NotWritable,
    ReadOnly,
    SnmpError,
)
from snmptcp.manager.manager import Manager
from snmptcp.oid import OID
from snmptcp.security.engine_clock import check_peer_engine_id
from snmptcp.security.usm_key_change import key_change
from snmptcp.security.usm_keys import localized_keys
from snmptcp.values import Integer32, OctetString, VarBind

if TYPE_CHECKING:
    from snmptcp.manager import TableRow
    from snmptcp.values import Value

__all__ = ("AUTH_PROTOCOLS", "PRIV_PROTOCOLS", "RowStatus", "UserEntry", "UserTable")

#: usmUserSpinLock.0, and usmUserEntry with its columns.
SPIN_LOCK = OID("1.3.6.1.6.3.15.1.2.1.0")
USER_ENTRY = OID("1.3.6.1.6.3.15.1.2.2.1")


class _Column(enum.IntEnum):
    """The columns of usmUserTable."""

    SECURITY_NAME = 3
    CLONE_FROM = 4
    AUTH_PROTOCOL = 5
    AUTH_KEY_CHANGE = 6
    OWN_AUTH_KEY_CHANGE = 7
    PRIV_PROTOCOL = 8
    PRIV_KEY_CHANGE = 9
    OWN_PRIV_KEY_CHANGE = 10
    PUBLIC = 11
    STORAGE_TYPE = 12
    STATUS = 13


#: The columns of a :class:`UserEntry`.
_SHOWN = (
    _Column.SECURITY_NAME,
    _Column.AUTH_PROTOCOL,
    _Column.PRIV_PROTOCOL,
    _Column.STORAGE_TYPE,
    _Column.STATUS,
)


class RowStatus(enum.IntEnum):
    """The state of a row, and what can be asked of it (RFC 2579, RowStatus)."""

    active = 1
    notInService = 2
    notReady = 3
    createAndGo = 4
    createAndWait = 5
    destroy = 6


_STATES: dict[int, RowStatus] = {int(status): status for status in RowStatus}

#: The protocols by their names in the table: RFC 3414, RFC 7860.
AUTH_PROTOCOLS: dict[OID, AuthProtocol | None] = {
    OID(f"1.3.6.1.6.3.10.1.1.{arc}"): protocol for arc, protocol in enumerate((None, *AuthProtocol), 1)
}

#: RFC 3414, the draft of 3DES, RFC 3826, and the names of net-snmp and Cisco for longer keys.
PRIV_PROTOCOLS: dict[OID, PrivProtocol | None] = {
    OID("1.3.6.1.6.3.10.1.2.1"): None,
    OID("1.3.6.1.6.3.10.1.2.2"): PrivProtocol.DES,
    OID("1.3.6.1.6.3.10.1.2.3"): PrivProtocol.DES3,
    OID("1.3.6.1.6.3.10.1.2.4"): PrivProtocol.AES,
    OID("1.3.6.1.4.1.14832.1.3"): PrivProtocol.AES_192,
    OID("1.3.6.1.4.1.14832.1.4"): PrivProtocol.AES_256,
    OID("1.3.6.1.4.1.9.12.6.1.1"): PrivProtocol.AES_192_C,
    OID("1.3.6.1.4.1.9.12.6.1.2"): PrivProtocol.AES_256_C,
}

#: An agent's refusal of the lock that does not mean that another program holds it.
_LOCK_IS_NOT_OURS = (NoAccess, NotWritable, ReadOnly, NoCreation, NoSuchName)

#: The most octets of usmUserPublic (RFC 3414 section 5).
_MAX_PUBLIC = 32

#: The hint of an error after which it is not known whether keys have changed.
_UNCERTAIN = "the keys may or may not have been changed: try the new ones, then the old ones"
_LOCKED = "another program has changed users at the same time; nothing was changed: try again"

_USER = instance_of("a UsmUser", UsmUser)


@dataclass(frozen=True, slots=True)
class UserEntry:
    """A row of usmUserTable.

    Attributes:
        engine_id: the engine that the keys are for: the agent's own, or one that it sends notifications to.
        name: the user name.
        security_name: the name that access rights are given to; usually the same.
        auth_protocol: ``None`` for no authentication; an :class:`OID` if the protocol is unknown here.
        priv_protocol: ``None`` for no privacy; an :class:`OID` if the protocol is unknown here.
        status: only an active user can be used; ``None`` if the agent does not tell.
        storage_type: how the row is kept (RFC 2579, StorageType): 3 is nonVolatile; ``None`` if not told.
    """

    engine_id: bytes
    name: bytes
    security_name: bytes
    auth_protocol: AuthProtocol | OID | None
    priv_protocol: PrivProtocol | OID | None
    status: RowStatus | None
    storage_type: int | None


class _KeyColumns(NamedTuple):
    """The columns that take new keys."""

    auth: _Column
    priv: _Column


_ANY_USER = _KeyColumns(_Column.AUTH_KEY_CHANGE, _Column.PRIV_KEY_CHANGE)
_OWN = _KeyColumns(_Column.OWN_AUTH_KEY_CHANGE, _Column.OWN_PRIV_KEY_CHANGE)


class UserTable:
    """The users of an agent.

    Each method takes as long as its requests do, which have the manager's timeout.  A SET whose answer is lost is not
    sent again.  Every method also raises what :meth:`Manager.get` and :meth:`Manager.set` raise.

    Args:
        manager: a manager of the agent, with credentials that may write the table (SNMPv3).
        engine_id: the engine that the users' keys are for (usmUserEngineID); optional; default the agent's own.

    Raises:
        ConfigurationError: not an engine ID.
    """

    def __init__(self, manager: Manager, *, engine_id: bytes | None = None) -> None:
        check_arguments(
            {"manager": instance_of("a Manager", Manager), "engine_id": optional(OCTETS)},
            {"manager": manager, "engine_id": engine_id},
        )
        self._manager = manager
        self._engine_id = None if engine_id is None else check_peer_engine_id(engine_id)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._manager!r}>"

    # ------------------------------------------------------------------------------------- reading

    async def users(self) -> tuple[UserEntry, ...]:
        """Read the table: the users of all engines, as far as the agent shows them.

        Returns:
            The users in the order of the table.  Rows whose index is not an engine ID and a name are left out.

        Safe to cancel.
        """
        rows = self._manager.table(USER_ENTRY[:-1], _SHOWN)
        return tuple([entry async for row in rows if (entry := _entry(row)) is not None])

    async def status(self, name: str | bytes) -> RowStatus | None:
        """Read the state of a user's row.

        Args:
            name: the user.

        Returns:
            The state; ``None`` if there is no such user, or the agent does not show it.

        Safe to cancel.
        """
        instance = await self._instance(_Column.STATUS, _name(name))
        value = await self._manager.get_value(instance, default=None)
        return _row_status(value)

    # ---------------------------------------------------------------------------------------- rows

    async def create(
        self,
        name: str | bytes,
        clone_from: str | bytes | None = None,
        *,
        wait: bool = False,
        public: str | bytes | None = None,
    ) -> None:
        """Create a user, with the protocols and keys of another one.

        Args:
            name: the new user.
            clone_from: the user whose protocols and keys it gets; optional; default none, and then :meth:`clone` has to
                follow before the user can be used.
            wait: leave the user inactive until :meth:`activate`.
            public: a note that all may read (usmUserPublic), up to 32 octets; optional; default none.

        Raises:
            ConfigurationError: ``public`` is too long.
            AgentError: :class:`InconsistentValue` if the user exists; :class:`InconsistentName` if the other one does
                not, or is not active.

        Cancelling it before the SET has left keeps it from being sent.
        """
        check_arguments(
            {"clone_from": optional(TEXT_OR_OCTETS), "wait": FLAG, "public": optional(TEXT_OR_OCTETS)},
            {"clone_from": clone_from, "wait": wait, "public": public},
        )
        note = None if public is None else OctetString(public)
        if note is not None and len(note) > _MAX_PUBLIC:
            raise ConfigurationError(f"public must have at most {_MAX_PUBLIC} octets, not {len(note)}")
        wanted = RowStatus.createAndWait if wait else RowStatus.createAndGo
        varbinds = [VarBind(await self._instance(_Column.STATUS, _name(name)), Integer32(wanted))]
        if clone_from is not None:
            varbinds.append(await self._cloning(name, clone_from))
        if note is not None:
            varbinds.append(VarBind(await self._instance(_Column.PUBLIC, _name(name)), note))
        await self._manager.set(*varbinds)

    async def clone(self, name: str | bytes, clone_from: str | bytes) -> None:
        """Give a user the protocols and keys of another one.

        That works once in a user's life: later calls succeed and change nothing (RFC 3414, usmUserCloneFrom).

        Args:
            name: the user.
            clone_from: the user whose protocols and keys it gets.

        Raises:
            AgentError: :class:`InconsistentName` if the other user does not exist, or is not active.

        Cancelling it before the SET has left keeps it from being sent.
        """
        await self._manager.set(await self._cloning(name, clone_from))

    async def activate(self, name: str | bytes) -> None:
        """Let a user be used.

        Args:
            name: the user.

        Raises:
            AgentError: the user does not exist, or has no keys yet.

        Cancelling it before the SET has left keeps it from being sent.
        """
        await self._set_status(name, RowStatus.active)

    async def deactivate(self, name: str | bytes) -> None:
        """Keep a user from being used, until :meth:`activate`.

        Args:
            name: the user.

        Raises:
            AgentError: the user does not exist.

        Cancelling it before the SET has left keeps it from being sent.
        """
        await self._set_status(name, RowStatus.notInService)

    async def delete(self, name: str | bytes) -> None:
        """Remove a user.  To remove one that does not exist is no error (RFC 2579, RowStatus).

        Args:
            name: the user.

        Cancelling it before the SET has left keeps it from being sent.
        """
        await self._set_status(name, RowStatus.destroy)

    # ---------------------------------------------------------------------------------------- keys

    async def change_passwords(
        self,
        user: UsmUser,
        *,
        auth_password: str | bytes | None = None,
        priv_password: str | bytes | None = None,
        own: bool = False,
    ) -> UsmUser:
        """Change the passwords of a user, as :meth:`change_keys` does.

        Args:
            user: the user with its present passwords or keys.
            auth_password: the new authentication password; optional; default unchanged.
            priv_password: the new privacy password; optional; default unchanged.
            own: as for :meth:`change_keys`.

        Returns:
            The user with the new passwords, for :meth:`Manager.use`.

        Raises:
            ConfigurationError: no new password, one of fewer than eight characters, or one for a key that the user does
                not have.
            AgentError, RequestTimeout, TransportError: as :meth:`change_keys`.

        Cancelling it before the SET has left keeps it from being sent; later than that the keys may be changed.
        """
        check_arguments({"user": _USER, "own": FLAG}, {"user": user, "own": own})
        if auth_password is None and priv_password is None:
            raise ConfigurationError("no new password: give auth_password=, priv_password= or both")
        for kind, password, source in (
            ("authentication", auth_password, user.auth),
            ("privacy", priv_password, user.priv),
        ):
            if password is not None and not source:
                raise ConfigurationError(f"the user has no {kind} key to change: give its present one")
        new = user.with_keys(auth_password=auth_password, priv_password=priv_password)
        await self.change_keys(user, new, own=own)
        return new

    async def change_keys(self, old: UsmUser, new: UsmUser, *, own: bool = False) -> None:
        """Replace a user's keys, in one SET that changes all of them or none (RFC 3414 section 5, KeyChange).

        The SET does not contain the keys, but a reader who knows the old keys can compute the new ones: use privacy.

        **The agent cannot check the old keys.**  It computes the new key from the key that it has and the value that it
        receives.  If ``old`` is wrong, the result is another key than that of ``new``, and the user is locked out.
        Send a request as the old user first, and one as the new user afterwards.

        The manager itself goes on with its credentials: after a change of its own user call :meth:`Manager.use`.

        Args:
            old: the user with its present passwords or keys.
            new: the same user with others; of a key that is the same in both, nothing is sent.
            own: whether the manager's own user is changed: agents may allow that to users who may write nothing else
                (usmUserOwnAuthKeyChange, usmUserOwnPrivKeyChange).

        Raises:
            ConfigurationError: the two are not the same user with the same protocols, one has a key that the other has
                not, or no key differs; nothing was sent.
            InconsistentValue: with a hint if another program has changed users at the same time (usmUserSpinLock).
            AgentError: the agent refuses; nothing was changed.
            RequestTimeout, TransportError: as :meth:`Manager.set`.  If ``error.uncertain``, the keys may or may not
                have been changed: try a request with the new ones, then one with the old ones.  The hint says so.

        Cancelling it before the SET has left keeps it from being sent; later than that the keys may be changed.
        """
        check_arguments({"old": _USER, "new": _USER, "own": FLAG}, {"old": old, "new": new, "own": own})
        _check_same_user(old, new)
        changes = await self._key_changes(old, new, _OWN if own else _ANY_USER)
        lock = await self._lock()
        try:
            await self._write(lock, changes)
        except SnmpError as error:
            if error.uncertain:
                error.hint = f"{error.hint}; {_UNCERTAIN}" if error.hint else _UNCERTAIN
            raise

    async def _key_changes(self, old: UsmUser, new: UsmUser, columns: _KeyColumns) -> list[VarBind]:
        engine_id = await self._engine()
        pairs = zip(columns, localized_keys(old, engine_id), localized_keys(new, engine_id), strict=True)
        changes = [
            VarBind(
                await self._instance(column, old.name),
                OctetString(key_change(old.auth_protocol, before, after, secrets.token_bytes(len(before)))),
            )
            for column, before, after in pairs
            if before is not None and after is not None and before != after
        ]
        if not changes:
            raise ConfigurationError("the new keys are the old ones: there is nothing to change")
        return changes

    async def _lock(self) -> VarBind | None:
        """Return what takes the table's lock; ``None`` if the agent does not show it to us."""
        try:
            value = await self._manager.get_value(SPIN_LOCK, default=None)
        except AuthorizationError:
            return None
        return VarBind(SPIN_LOCK, value) if isinstance(value, Integer32) else None

    async def _write(self, lock: VarBind | None, changes: list[VarBind]) -> None:
        """Set the keys, under the lock if there is one that we may take."""
        if lock is not None:
            try:
                await self._manager.set(lock, *changes)
            except AgentError as error:
                if error.index != 1 or not isinstance(error, (*_LOCK_IS_NOT_OURS, InconsistentValue)):
                    raise
                if isinstance(error, InconsistentValue):
                    error.hint = _LOCKED
                    raise
            else:
                return
        await self._manager.set(*changes)  # what the agent has refused with the lock has changed nothing

    # --------------------------------------------------------------------------------------- names

    async def _engine(self) -> bytes:
        if self._engine_id is not None:
            return self._engine_id
        known = self._manager.engine
        return (known or await self._manager.discover()).engine_id

    async def _instance(self, column: _Column, name: bytes) -> OID:
        """Return the name of a column's instance: its index has the engine ID and the name, each behind its length."""
        engine_id = await self._engine()
        return OID((*USER_ENTRY, column, len(engine_id), *engine_id, len(name), *name))

    async def _cloning(self, name: str | bytes, clone_from: str | bytes) -> VarBind:
        """Return what clones a user; a row is named by the first of its columns that can be read."""
        source = await self._instance(_Column.SECURITY_NAME, _name(clone_from, "clone_from"))
        return VarBind(await self._instance(_Column.CLONE_FROM, _name(name)), source)

    async def _set_status(self, name: str | bytes, status: RowStatus) -> None:
        await self._manager.set(VarBind(await self._instance(_Column.STATUS, _name(name)), Integer32(status)))


def _check_same_user(old: UsmUser, new: UsmUser) -> None:
    if old.name != new.name:
        raise ConfigurationError("the old and the new keys must be those of one user")
    if not old.auth or bool(old.auth) != bool(new.auth) or bool(old.priv) != bool(new.priv):
        raise ConfigurationError("a change replaces keys: give an old and a new one of each kind, or none")
    if old.auth_protocol != new.auth_protocol or (old.priv and old.priv_protocol != new.priv_protocol):
        raise ConfigurationError("a change of keys cannot change protocols: those of both users must be the same")


def _name(name: str | bytes, argument: str = "name") -> bytes:
    check_arguments({argument: TEXT_OR_OCTETS}, {argument: name})
    return UsmUser(name).name


def _row_status(value: Value | None) -> RowStatus | None:
    return _STATES.get(value) if isinstance(value, Integer32) else None


def _entry(row: TableRow) -> UserEntry | None:
    """Return a row as an entry; ``None`` if its index is not an engine ID and a name."""
    index = tuple(row.index)
    try:
        engine_id, rest = _counted(index)
        name, rest = _counted(rest)
    except ValueError:
        return None
    if rest:
        return None
    security_name, storage = row.get(_Column.SECURITY_NAME), row.get(_Column.STORAGE_TYPE)
    auth, priv = row.get(_Column.AUTH_PROTOCOL), row.get(_Column.PRIV_PROTOCOL)
    return UserEntry(
        engine_id,
        name,
        bytes(security_name) if isinstance(security_name, OctetString) else name,
        AUTH_PROTOCOLS.get(auth, auth) if isinstance(auth, OID) else None,
        PRIV_PROTOCOLS.get(priv, priv) if isinstance(priv, OID) else None,
        _row_status(row.get(_Column.STATUS)),
        int(storage) if isinstance(storage, Integer32) else None,
    )


def _counted(arcs: tuple[int, ...]) -> tuple[bytes, tuple[int, ...]]:
    """Return the octets that stand behind their number, and the arcs behind them.

    Raises:
        ValueError: there are fewer, or one is no octet.
    """
    if not arcs or arcs[0] >= len(arcs):
        raise ValueError("too few arcs")
    return bytes(arcs[1 : arcs[0] + 1]), arcs[arcs[0] + 1 :]
