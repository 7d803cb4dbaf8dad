"""A change of a user's passwords: the present ones checked, the new ones set, and checked too.

Contains: the order of the steps, and what is said if an answer is lost.
Does not contain: the words of the command line (:mod:`snmptcp.cli.commands.usm`), the requests (:mod:`snmptcp.usm`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from snmptcp.cli.key_check import Verdict, check_keys
from snmptcp.cli.manager import open_manager
from snmptcp.cli.options.key_words import ask_for
from snmptcp.cli.output.report import report
from snmptcp.credentials import AuthProtocol, PrivProtocol, UsmUser
from snmptcp.errors import ConfigurationError, SnmpError
from snmptcp.oid import OID
from snmptcp.usm import RowStatus, UserTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snmptcp.cli.options.key_words import KeyKind, KeyWord
    from snmptcp.cli.options.request import RequestOptions
    from snmptcp.manager import Manager

__all__ = ("NotChanged", "PasswordChange", "change_passwords")

_MAYBE = "the passwords may or may not have been changed: try the new ones, then the old ones"


class NotChanged(SnmpError):
    """Nothing was changed at the agent, or it is not certain what was; the text tells which."""


@dataclass(frozen=True, slots=True)
class PasswordChange:
    """What to change.

    Attributes:
        request: the agent, and the credentials.
        user: the user; ``None`` for the one of the credentials.
        kinds: which of the user's keys; empty for all that it has.
        old: the present password or key; ``None`` for that of the credentials, the environment or a prompt.
        new: the new one; ``None`` for that of the environment or a prompt.
        engine_id: the engine that the keys are for; ``None`` for the agent's.
        unchecked: whether to skip the checks of the keys.
    """

    request: RequestOptions
    user: bytes | None
    kinds: tuple[KeyKind, ...]
    old: KeyWord | None
    new: KeyWord | None
    engine_id: bytes | None
    unchecked: bool


async def change_passwords(change: PasswordChange) -> None:
    """Change passwords.

    Raises:
        ConfigurationError: the passwords cannot be used; nothing was changed.
        NotChanged: the agent does not accept the old ones or the new ones, or its answer was lost.
        RequestFailed: the agent refuses; nothing was changed.
    """
    async with open_manager(change.request) as manager:
        table = UserTable(manager, engine_id=change.engine_id)
        user = await _present_user(change, manager, table)
        kinds = _kinds(change, user)
        old = _with_old_keys(change, user, kinds)
        new = _with_new_keys(change, old, kinds)
        can_authenticate = change.user is None or "auth" in kinds  # -Cx asks for no authentication password
        checks = not change.unchecked and user.can_be_used and can_authenticate
        if checks and change.user is not None:  # the manager's own requests check those of its own user
            await _check_old(change, old)
        elif not checks:
            report(f"warning: the passwords of {user.text} are not checked")
        lost = await _set(change, table, old, new)
    if checks:
        await _check_new(change, old, new, lost)
    elif lost:
        raise NotChanged(f"{lost}; {_MAYBE}")


@dataclass(frozen=True, slots=True)
class _PresentUser:
    """A user of the agent, as far as it is known without its keys.

    Attributes:
        name: its name.
        auth: its authentication protocol.
        priv: its privacy protocol; ``None`` for none.
        can_be_used: whether a request can be sent as this user: it is active, and one of the agent's own engine.
    """

    name: bytes
    auth: AuthProtocol
    priv: PrivProtocol | None
    can_be_used: bool = True

    @property
    def text(self) -> str:
        return self.name.decode("utf-8", "backslashreplace")


async def _present_user(change: PasswordChange, manager: Manager, table: UserTable) -> _PresentUser:
    credentials = change.request.credentials
    if change.user is None:
        if not isinstance(credentials, UsmUser) or not credentials.auth:
            raise ConfigurationError("whose password? Give USER, or -u with the user's present password")
        return _PresentUser(
            credentials.name, credentials.auth_protocol, credentials.priv_protocol if credentials.priv else None
        )
    users = await table.users()
    own_engine_id = None if manager.engine is None else manager.engine.engine_id
    engine_id = change.engine_id or own_engine_id
    shown = change.user.decode("utf-8", "backslashreplace")
    for entry in users:
        if entry.name == change.user and entry.engine_id == engine_id:
            break
    else:
        raise NotChanged(f"nothing was changed: the agent shows no user {shown}")
    if entry.auth_protocol is None:
        raise NotChanged(f"nothing was changed: user {shown} has no authentication key, and so no password")
    if not isinstance(entry.auth_protocol, AuthProtocol):
        raise NotChanged(f"nothing was changed: the authentication protocol of {shown} is {entry.auth_protocol}")
    if isinstance(entry.priv_protocol, OID):
        raise NotChanged(f"nothing was changed: the privacy protocol of {shown} is {entry.priv_protocol}")
    is_active = entry.status in {None, RowStatus.active}
    return _PresentUser(
        change.user, entry.auth_protocol, entry.priv_protocol, is_active and entry.engine_id == own_engine_id
    )


def _kinds(change: PasswordChange, user: _PresentUser) -> Sequence[KeyKind]:
    if "priv" in change.kinds and user.priv is None:
        raise ConfigurationError(f"user {user.text} has no privacy key to change (give -x and -X if it is your own)")
    if change.kinds:
        return change.kinds
    return ("auth",) if user.priv is None else ("auth", "priv")


def _with_old_keys(change: PasswordChange, user: _PresentUser, kinds: Sequence[KeyKind]) -> UsmUser:
    """Return the user with its present keys.

    An authentication key that is unknown, and does not change, is all zeros: nothing is sent of it.
    """
    credentials = change.request.credentials
    if change.user is None and isinstance(credentials, UsmUser):
        _check_old_word(change, credentials, kinds)
        return credentials
    keys: dict[str, bytes | None] = {} if "auth" in kinds else {"auth_localized_key": bytes(user.auth.key_size)}
    for kind in kinds:
        keys |= (change.old or ask_for(kind, "OLD", user.text)).arguments(kind)
    return UsmUser(user.name, user.auth, priv_protocol=user.priv or PrivProtocol.AES).with_keys(**keys)


def _check_old_word(change: PasswordChange, credentials: UsmUser, kinds: Sequence[KeyKind]) -> None:
    """Refuse an old password that is not the one which the request itself is made with."""
    if change.old is None or change.old.password is None:
        return
    for kind, letter in (("auth", "-A"), ("priv", "-X")):
        present = getattr(credentials, kind).password
        if kind in kinds and present is not None and present != change.old.password:
            raise ConfigurationError(
                f"OLD is not the password of {letter}; if the two passwords are different, change one after the other: "
                "-Ca, -Cx"
            )


def _with_new_keys(change: PasswordChange, old: UsmUser, kinds: Sequence[KeyKind]) -> UsmUser:
    name = old.name.decode("utf-8", "backslashreplace")
    keys: dict[str, bytes | None] = {}
    for kind in kinds:
        keys |= (change.new or ask_for(kind, "NEW", name)).arguments(kind)
    return old.with_keys(**keys)


async def _check_old(change: PasswordChange, old: UsmUser) -> None:
    verdict = await check_keys(change.request, old)
    if not verdict.accepted:
        raise NotChanged(
            f"nothing was changed: the agent does not accept the old password ({verdict.reason}); "
            "if it cannot be checked: --unchecked"
        )


async def _set(change: PasswordChange, table: UserTable, old: UsmUser, new: UsmUser) -> str:
    """Change the keys; return why the answer was lost, or an empty text."""
    try:
        await table.change_keys(old, new, own=change.user is None)
    except SnmpError as error:
        if not error.uncertain:
            raise  # it failed before anything was changed
        error.hint = ""  # the next reads tell more than it
        return str(error)
    return ""


async def _check_new(change: PasswordChange, old: UsmUser, new: UsmUser, lost: str) -> None:
    verdict = await check_keys(change.request, new)
    if verdict.accepted:
        if lost:
            report(f"{lost}; the agent accepts the new passwords")
        return
    before = await check_keys(change.request, old) if lost else Verdict(accepted=None)
    if before.accepted:
        raise NotChanged(f"{lost}; nothing was changed: the agent accepts the old passwords")
    if lost:
        raise NotChanged(f"{lost}; {_MAYBE}")
    raise NotChanged(f"the agent has acknowledged the change, but does not accept the new passwords: {verdict.reason}")
