"""USM on the receiving side of traps, whose senders are authoritative (RFC 3414 section 3.2).

Contains: the users that may send traps, the local notion of each sender's clock, and the memory of recent messages
that detects replays.
Does not contain: messages that this engine is authoritative for (:mod:`snmptcp.security.authority`), and reading a
clock: ``now`` is an argument, in seconds of any monotonic clock.

Memory is bounded, so that invented engine IDs cannot fill it.  Nothing is kept of a message until its digest has been
verified; then the most recent engines and messages are kept.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from snmptcp.credentials import SecurityLevel
from snmptcp.errors import ConfigurationError, DecryptionFailed, WrongDigest
from snmptcp.security.engine_clock import TIME_WINDOW, EngineClock, check_engine_id
from snmptcp.security.reports import LocalCounter, NotAccepted, ReportCounter, wrong_digest_reason
from snmptcp.security.usm_keys import user_authenticator, user_keys
from snmptcp.security.usm_message import open_scoped_pdu, verify_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from snmptcp.codec.message import V3Header
    from snmptcp.credentials import UsmUser
    from snmptcp.security.usm_keys import Authenticator, UserKeys
    from snmptcp.security.usm_message import PlainPdu, UsmParameters

__all__ = (
    "INFORM_AGE",
    "MAX_ENGINES",
    "MAX_SAME_NAME",
    "MAX_SEEN",
    "RemoteEngines",
    "SeenMessages",
    "TakenInform",
    "check_sender_engine_id",
    "is_odd_engine_id",
)

#: How many engines are remembered with their clocks.
MAX_ENGINES = 4096

#: How many users of one name may send from any engine: a message in this name may cost as many digests.
MAX_SAME_NAME = 16

#: How many authenticated messages are remembered to detect replays; of traps, this takes about 10 megabytes.
MAX_SEEN = 65536

#: After how many seconds an inform that was taken is too old to be accepted again: its time can have been a time window
#: ahead of the receiver's, and it is accepted until a time window behind it; and a second for rounding.
INFORM_AGE = 2 * TIME_WINDOW + 1


_PADDING = b"\0\xff"


class TakenInform:
    """An inform that was taken, and how it was acknowledged.

    Attributes:
        answer: the error-status and error-index of the acknowledgement; ``None`` before it.
        repeats: how often the inform has come again.
        waiting: called with the acknowledgement: the ways back to those who sent the inform again before it.
    """

    __slots__ = ("answer", "repeats", "waiting")

    def __init__(self) -> None:
        self.answer: tuple[int, int] | None = None
        self.repeats = 0
        self.waiting: list[Callable[[bytes], None]] = []


class SeenMessages:
    """The most recent messages, to detect replays.

    USM's time window alone lets a message be replayed for 150 seconds.  A message that was pushed out of this memory
    by newer ones can still be replayed within the window.

    Args:
        most: how many messages are remembered.
        seconds: how long each is remembered at least, and twice as long at most; ``None`` for no limit.
    """

    __slots__ = ("_earlier", "_most", "_seconds", "_seen", "_since")

    def __init__(self, most: int = MAX_SEEN, seconds: float | None = None) -> None:
        self._most = most
        self._seconds = seconds
        self._seen: OrderedDict[bytes, TakenInform | None] = OrderedDict()  # a dict takes long to find its first key
        # With a limit of time, those of the time span before; a span is as long as the limit.
        self._earlier: OrderedDict[bytes, TakenInform | None] = OrderedDict()
        self._since = -inf

    def __len__(self) -> int:
        return len(self._seen) + len(self._earlier)

    def add(self, message: bytes, inform: TakenInform | None = None, now: float = 0.0) -> bool:
        """Remember a message; return whether it is new.

        Args:
            message: the whole message.
            inform: what to remember with it, if it is an inform.
            now: the time; needed with a limit of time alone.
        """
        if self._seconds is not None and now - self._since > self._seconds:
            self._earlier = self._seen if now - self._since <= 2 * self._seconds else OrderedDict()
            self._seen = OrderedDict()
            self._since = now
        digest = hashlib.blake2b(message, digest_size=16).digest()
        if digest in self._seen or digest in self._earlier:
            return False
        if len(self) >= self._most:
            (self._earlier or self._seen).popitem(last=False)
        self._seen[digest] = inform
        return True

    def inform(self, message: bytes) -> TakenInform | None:
        """Return what was remembered with an inform; ``None`` if the message is new or a trap."""
        digest = hashlib.blake2b(message, digest_size=16).digest()
        return self._seen.get(digest) or self._earlier.get(digest)

    def forget(self, message: bytes) -> None:
        """Forget a message, so that it is accepted when it comes again; for a full queue."""
        digest = hashlib.blake2b(message, digest_size=16).digest()
        self._seen.pop(digest, None)
        self._earlier.pop(digest, None)


def is_odd_engine_id(engine_id: bytes) -> bool:
    """Return whether an engine ID breaks RFC 3411 section 5: fewer than 5 octets, or all of them 0x00 or 0xff."""
    if len(engine_id) < 5:
        return True
    return engine_id[0] in _PADDING and engine_id.count(engine_id[0]) == len(engine_id)


def check_sender_engine_id(engine_id: bytes, *, strict: bool) -> bytes:
    """Return an engine ID if a sender may have it.

    Raises:
        ConfigurationError: it does not have 1 to 32 octets; if strict, it breaks RFC 3411 section 5.
    """
    if strict:
        return check_engine_id(engine_id)
    if not 1 <= len(engine_id) <= 32:
        raise ConfigurationError(f"the engine ID of a sender has 1 to 32 octets, not {len(engine_id)}")
    return engine_id


class _RemoteEngine(NamedTuple):
    """An engine that has sent an authentic message.

    Attributes:
        clock: its boots and time.
        keys: the keys of the users that it has authenticated.
        latest: for each name, the user that it has authenticated last.
    """

    clock: EngineClock
    keys: dict[UsmUser, UserKeys]
    latest: dict[bytes, UsmUser]


class RemoteEngines:
    """Accepts messages of other authoritative engines.

    Several users may have one name, with other keys or protocols, if all of them authenticate: the digest tells which
    of them has sent a message.  The one that an engine has used last is tried first.

    Args:
        users: the users that may send, each with its engine ID, or with ``None`` for any engine.
        max_engines: how many engines are remembered; the one that was silent longest is forgotten first.
        frozen: the engines whose clocks may stand still or fall back: boots must not decrease, and the time is not
            checked.  ``True`` for all engines, ``False`` for none.
        strict: refuse engine IDs that break RFC 3411 section 5.

    Raises:
        ConfigurationError: an invalid engine ID, a user given twice, two users of one name at one engine, too many of
            one name or one of them without authentication, or a localized key without its engine ID.
    """

    def __init__(
        self,
        users: Iterable[tuple[UsmUser, bytes | None]],
        *,
        max_engines: int = MAX_ENGINES,
        frozen: bool | Iterable[bytes] = False,
        strict: bool = False,
    ) -> None:
        self._users: dict[tuple[bytes | None, bytes], tuple[UsmUser, ...]] = {}
        self._max_engines = max_engines
        self._engines: OrderedDict[bytes, _RemoteEngine] = OrderedDict()
        self._strict = strict
        self._frozen: bool | frozenset[bytes] = frozen if isinstance(frozen, bool) else frozenset(frozen)
        if not isinstance(self._frozen, bool):
            for frozen_id in self._frozen:
                check_sender_engine_id(frozen_id, strict=strict)
        for user, engine_id in users:
            if engine_id is not None:
                check_sender_engine_id(engine_id, strict=strict)
            elif user.is_localized:
                raise ConfigurationError(f"user {user.name!r} has localized keys: give (user, engine ID)")
            self._add(user, engine_id)
        self._for_any = any(engine_id is None for engine_id, _ in self._users)
        self._named = frozenset(engine_id for engine_id, _ in self._users if engine_id is not None)

    def _add(self, user: UsmUser, engine_id: bytes | None) -> None:
        others = self._users.get((engine_id, user.name), ())
        if others and engine_id is not None:
            raise ConfigurationError(f"two users are named {user.name!r} at engine {engine_id.hex()}")
        if user in others:
            raise ConfigurationError(f"user {user.name!r} is given twice")
        if SecurityLevel.noAuthNoPriv in {each.security_level for each in (*others, user)} and others:
            raise ConfigurationError(
                f"two users are named {user.name!r}, one without authentication: anyone could send in the other's name"
            )
        if len(others) >= MAX_SAME_NAME:
            raise ConfigurationError(
                f"more than {MAX_SAME_NAME} users are named {user.name!r}: give (user, engine ID) for each engine"
            )
        self._users[engine_id, user.name] = (*others, user)

    def __len__(self) -> int:
        """How many engines are remembered."""
        return len(self._engines)

    def is_frozen(self, engine_id: bytes) -> bool:
        """Return whether an engine's clock may stand still or fall back."""
        return self._frozen if isinstance(self._frozen, bool) else engine_id in self._frozen

    def open(
        self, message: bytes, header: V3Header, parameters: UsmParameters, level: SecurityLevel, now: float
    ) -> PlainPdu:
        """Return the ScopedPDU of an acceptable message (RFC 3414 section 3.2, steps 3 to 8).

        Args:
            message: the message.
            header: its header.
            parameters: its security parameters.
            level: the security level in its flags.
            now: the time.

        Raises:
            NotAccepted: the message is not acceptable.
            DecodeError: the message is malformed.
        """
        # Steps 3 and 4: the engine and the users of this name.
        users = self._find_users(parameters)
        known = self._engines.get(parameters.engine_id)
        # Step 5: the level.
        candidates = _at_level(users, level, parameters.user)
        if level == SecurityLevel.noAuthNoPriv:
            return open_scoped_pdu(message, header, parameters, None)
        latest = None if known is None else known.latest.get(parameters.user)
        if latest is not None and latest is not candidates[0]:
            candidates.sort(key=lambda user: user is not latest)
        wrong: WrongDigest | None = None
        undecrypted: DecryptionFailed | None = None
        for user in candidates:
            # Step 6: the digest.  Until an engine's first authentic message, derive only the authentication key.
            keys = None if known is None else known.keys.get(user)
            authenticator = user_authenticator(user, parameters.engine_id) if keys is None else keys.authenticator
            try:
                self._authenticate(message, parameters, authenticator)
            except WrongDigest as error:
                wrong = error
                continue
            if keys is None:
                keys = user_keys(user, parameters.engine_id)
            known = self._remember(parameters.engine_id, user, keys)
            # Step 7b: update the local notion of the engine's clock, then check the time window.
            if not known.clock.accept(parameters.boots, parameters.time, now):
                raise NotAccepted(
                    ReportCounter.usmStatsNotInTimeWindows, "older than 150 s or predates the engine's last start"
                )
            # Step 8: decrypt.  If that fails, another user of this name may have the privacy key.
            try:
                plain = open_scoped_pdu(message, header, parameters, keys.privacy)
            except DecryptionFailed as error:
                undecrypted = error
                continue
            known.latest[user.name] = user
            return plain
        if undecrypted is not None:
            raise NotAccepted(
                ReportCounter.usmStatsDecryptionErrors, str(undecrypted), digests=len(candidates)
            ) from undecrypted
        reason = wrong_digest_reason(wrong, len(candidates))
        raise NotAccepted(ReportCounter.usmStatsWrongDigests, reason, digests=len(candidates)) from wrong

    def _find_users(self, parameters: UsmParameters) -> tuple[UsmUser, ...]:
        """RFC 3414 section 3.2 steps 3 and 4: return the users of a name at the engine that sent a message."""
        # Keys are cached by engine ID, so a long invented one would occupy memory.
        engine_id = parameters.engine_id
        if not 1 <= len(engine_id) <= 32 or (self._strict and is_odd_engine_id(engine_id)):
            raise NotAccepted(
                ReportCounter.usmStatsUnknownEngineIDs,
                f"an engine ID of {len(engine_id)} octets, not 5 to 32, or of equal octets",
            )
        users = self._users.get((engine_id, parameters.user)) or self._users.get((None, parameters.user))
        if users is not None:
            return users
        if not self._for_any and engine_id not in self._named:
            raise NotAccepted(ReportCounter.usmStatsUnknownEngineIDs, f"no user is known at engine {engine_id.hex()}")
        raise NotAccepted(ReportCounter.usmStatsUnknownUserNames, f"unknown user {parameters.user!r}")

    @staticmethod
    def _authenticate(message: bytes, parameters: UsmParameters, authenticator: Authenticator | None) -> None:
        """RFC 3414 section 3.2 step 6.

        Raises:
            WrongDigest: the digest is of another key.
        """
        if authenticator is None:  # cannot happen: the user's level requires the key
            raise NotAccepted(ReportCounter.usmStatsUnsupportedSecLevels, "no key to check the digest with")
        verify_digest(message, parameters, authenticator)

    def _remember(self, engine_id: bytes, user: UsmUser, keys: UserKeys) -> _RemoteEngine:
        """Return the entry of an engine that has just sent an authentic message."""
        known = self._engines.get(engine_id)
        if known is None:
            if len(self._engines) >= self._max_engines:
                self._engines.popitem(last=False)
            # Its first authentic message sets boots and time (RFC 3414 section 2.3).
            known = self._engines[engine_id] = _RemoteEngine(
                EngineClock(0, 0, 0.0, frozen=self.is_frozen(engine_id)), {}, {}
            )
        self._engines.move_to_end(engine_id)
        known.keys[user] = keys
        return known


def _at_level(users: tuple[UsmUser, ...], level: SecurityLevel, name: bytes) -> list[UsmUser]:
    """RFC 3414 section 3.2 step 5: return the users whose highest level is that of a message.

    A lower level than the user's would make forging easy.

    Raises:
        NotAccepted: there is none.
    """
    found = [user for user in users if user.security_level == level]
    if found:
        return found
    if all(user.security_level < level for user in users):
        raise NotAccepted(ReportCounter.usmStatsUnsupportedSecLevels, f"user {name!r} has no keys for {level.name}")
    raise NotAccepted(LocalCounter.LEVEL_TOO_LOW, f"{level.name}, below the level of user {name!r}")
