"""The testing agent's users as its managers see and change them: usmUserTable (RFC 3414 section 5).

Contains: the rows of an engine's users, and changes of their keys under usmUserSpinLock.
Does not contain: creating and deleting users, and access rights: who may write may write every row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.errors import InconsistentValue, WrongLength
from snmptcp.oid import OID
from snmptcp.security.usm_key_change import apply_key_change
from snmptcp.security.usm_keys import localized_keys
from snmptcp.testing.mib import Computed, Variation
from snmptcp.usm import AUTH_PROTOCOLS, PRIV_PROTOCOLS
from snmptcp.values import Integer32, OctetString

if TYPE_CHECKING:
    from snmptcp.credentials import UsmUser
    from snmptcp.testing.mib import Effects, Mib
    from snmptcp.testing.usm_engine import AgentEngine
    from snmptcp.values import Value

__all__ = ("serve_user_table",)

_SPIN_LOCK = OID("1.3.6.1.6.3.15.1.2.1.0")
_USER_ENTRY = OID("1.3.6.1.6.3.15.1.2.2.1")

_AUTH_NAMES = {protocol: name for name, protocol in AUTH_PROTOCOLS.items()}
_PRIV_NAMES = {protocol: name for name, protocol in PRIV_PROTOCOLS.items()}

#: RFC 2579: StorageType nonVolatile, RowStatus active.
_NON_VOLATILE, _ACTIVE = 3, 1

_MAX_LOCK = 0x7FFFFFFF


def serve_user_table(engine: AgentEngine, mib: Mib) -> None:
    """Add usmUserSpinLock and a row for each user to a MIB.

    Args:
        engine: the engine, whose users' keys change.
        mib: the MIB.
    """
    mib[_SPIN_LOCK] = _SpinLock()
    for user in engine.users:
        index = (len(engine.engine_id), *engine.engine_id, len(user.name), *user.name)
        auth_change, priv_change = (_KeyChange(engine, user.name, privacy=privacy) for privacy in (False, True))
        row: dict[int, object] = {
            3: OctetString(user.name),
            4: OID("0.0"),
            5: _AUTH_NAMES[user.auth_protocol if user.auth else None],
            6: auth_change,
            7: auth_change,
            8: _PRIV_NAMES[user.priv_protocol if user.priv else None],
            9: priv_change,
            10: priv_change,
            11: OctetString(b""),
            12: Integer32(_NON_VOLATILE),
            13: Integer32(_ACTIVE),
        }
        for column, source in row.items():
            is_settable = isinstance(source, Variation) or column == 11
            mib[(*_USER_ENTRY, column, *index)] = source if is_settable else _constant(source)


def _constant(value: object) -> Computed:
    """Return a variable that cannot be written."""
    return Computed(lambda: value)


class _SpinLock(Variation):
    """usmUserSpinLock: a SET needs the present value, and makes it the next one (RFC 2579, TestAndIncr)."""

    kind = Integer32
    is_writable = True

    def __init__(self) -> None:
        self._value = 0

    def get(self, effects: Effects) -> Value:  # noqa: ARG002 - the base class's signature
        return self.peek()

    def peek(self) -> Value:
        return Integer32(self._value)

    def set(self, value: Value, effects: Effects) -> None:  # noqa: ARG002 - the base class's signature
        if value != self._value:
            raise InconsistentValue
        self._value = 0 if self._value == _MAX_LOCK else self._value + 1

    def restore(self, value: Value) -> None:
        self._value = int(value) if isinstance(value, Integer32) else 0


class _KeyChange(Variation):
    """A KeyChange object: a SET changes one key of a user; what is read is always empty.

    Args:
        engine: the engine.
        name: the user.
        privacy: whether it is the privacy key.
    """

    kind = OctetString
    is_writable = True

    def __init__(self, engine: AgentEngine, name: bytes, *, privacy: bool) -> None:
        self._engine = engine
        self._name = name
        self._privacy = privacy
        self._before: UsmUser | None = None

    def get(self, effects: Effects) -> Value:  # noqa: ARG002 - the base class's signature
        return self.peek()

    def peek(self) -> Value:
        return OctetString(b"")

    def set(self, value: Value, effects: Effects) -> None:  # noqa: ARG002 - the base class's signature
        user = self._engine.user(self._name)
        keys = localized_keys(user, self._engine.engine_id)
        old = keys.priv if self._privacy else keys.auth
        octets = value if isinstance(value, OctetString) else b""
        if old is None or len(octets) != 2 * len(old):
            raise WrongLength
        new = apply_key_change(user.auth_protocol, old, octets)
        self._before = user
        self._engine.replace_user(user.with_keys(**{f"{'priv' if self._privacy else 'auth'}_localized_key": new}))

    def restore(self, value: Value) -> None:  # noqa: ARG002 - the keys are not what is read
        if self._before is not None:
            self._engine.replace_user(self._before)
