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
from typing import TYPE_CHECKING, NamedTuple

from snmptcp.credentials import SecurityLevel
from snmptcp.errors import ConfigurationError, DecryptionFailed, WrongDigest
from snmptcp.security.engine_clock import EngineClock, check_engine_id
from snmptcp.security.reports import LocalCounter, NotAccepted, ReportCounter
from snmptcp.security.usm_keys import user_authenticator, user_keys
from snmptcp.security.usm_message import open_scoped_pdu, verify_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from snmptcp.codec.message import V3Header
    from snmptcp.credentials import UsmUser
    from snmptcp.security.usm_keys import Authenticator, UserKeys
    from snmptcp.security.usm_message import PlainPdu, UsmParameters

__all__ = ("MAX_ENGINES", "MAX_SEEN", "RemoteEngines", "SeenMessages", "TakenInform")

#: How many engines are remembered with their clocks.
MAX_ENGINES = 4096

#: How many authenticated messages are remembered to detect replays; this takes about 10 megabytes.
MAX_SEEN = 65536


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
    """

    __slots__ = ("_most", "_seen")

    def __init__(self, most: int = MAX_SEEN) -> None:
        self._most = most
        self._seen: OrderedDict[bytes, TakenInform | None] = OrderedDict()  # a dict takes long to find its first key

    def __len__(self) -> int:
        return len(self._seen)

    def add(self, message: bytes, inform: TakenInform | None = None) -> bool:
        """Remember a message; return whether it is new.

        Args:
            message: the whole message.
            inform: what to remember with it, if it is an inform.
        """
        digest = hashlib.blake2b(message, digest_size=16).digest()
        if digest in self._seen:
            return False
        if len(self._seen) >= self._most:
            self._seen.popitem(last=False)
        self._seen[digest] = inform
        return True

    def inform(self, message: bytes) -> TakenInform | None:
        """Return what was remembered with an inform; ``None`` if the message is new or a trap."""
        return self._seen.get(hashlib.blake2b(message, digest_size=16).digest())

    def forget(self, message: bytes) -> None:
        """Forget a message, so that it is accepted when it comes again; for a full queue."""
        self._seen.pop(hashlib.blake2b(message, digest_size=16).digest(), None)


class _RemoteEngine(NamedTuple):
    """An engine that has sent an authentic message."""

    clock: EngineClock
    keys: dict[UsmUser, UserKeys]


class RemoteEngines:
    """Accepts messages of other authoritative engines.

    Args:
        users: the users that may send, each with its engine ID, or with ``None`` for any engine.
        max_engines: how many engines are remembered; the one that was silent longest is forgotten first.

    Raises:
        ConfigurationError: an invalid engine ID, two users of one name at one engine, or a localized key without
            its engine ID.
    """

    def __init__(self, users: Iterable[tuple[UsmUser, bytes | None]], *, max_engines: int = MAX_ENGINES) -> None:
        self._users: dict[tuple[bytes | None, bytes], UsmUser] = {}
        self._max_engines = max_engines
        self._engines: OrderedDict[bytes, _RemoteEngine] = OrderedDict()
        for user, engine_id in users:
            if engine_id is not None:
                check_engine_id(engine_id)
            elif user.is_localized:
                raise ConfigurationError(f"user {user.name!r} has localized keys: give (user, engine ID)")
            if (engine_id, user.name) in self._users:
                raise ConfigurationError(f"two users are named {user.name!r}")
            self._users[engine_id, user.name] = user
        self._for_any = any(engine_id is None for engine_id, _ in self._users)
        self._named = frozenset(engine_id for engine_id, _ in self._users if engine_id is not None)

    def __len__(self) -> int:
        """How many engines are remembered."""
        return len(self._engines)

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
        # Steps 3 and 4: the engine and the user.
        user = self._find_user(parameters)
        # Step 5: the user has keys for the level.  A lower level than the user's would make forging easy.
        if level > user.security_level:
            raise NotAccepted(
                ReportCounter.usmStatsUnsupportedSecLevels, f"user {user.name!r} has no keys for {level.name}"
            )
        if level < user.security_level:
            raise NotAccepted(LocalCounter.LEVEL_TOO_LOW, f"{level.name}, below the level of user {user.name!r}")
        if level == SecurityLevel.noAuthNoPriv:
            return open_scoped_pdu(message, header, parameters, None)
        known = self._engines.get(parameters.engine_id)
        keys = None if known is None else known.keys.get(user)
        # Step 6: the digest.  Until an engine's first authentic message, derive only the authentication key.
        authenticator = user_authenticator(user, parameters.engine_id) if keys is None else keys.authenticator
        self._authenticate(message, parameters, authenticator)
        if keys is None:
            keys = user_keys(user, parameters.engine_id)
        known = self._remember(parameters.engine_id, user, keys)
        # Step 7b: update the local notion of the engine's clock, then check the time window.
        if not known.clock.accept(parameters.boots, parameters.time, now):
            raise NotAccepted(
                ReportCounter.usmStatsNotInTimeWindows, "older than 150 s or predates the engine's last start"
            )
        # Step 8: decrypt.
        try:
            return open_scoped_pdu(message, header, parameters, keys.privacy)
        except DecryptionFailed as error:
            raise NotAccepted(ReportCounter.usmStatsDecryptionErrors, str(error)) from error

    def _find_user(self, parameters: UsmParameters) -> UsmUser:
        """RFC 3414 section 3.2 steps 3 and 4: return the user at the engine that sent a message."""
        # Keys are cached by engine ID, so a long invented one would occupy memory.
        if not 5 <= len(parameters.engine_id) <= 32:
            raise NotAccepted(
                ReportCounter.usmStatsUnknownEngineIDs,
                f"an engine ID of {len(parameters.engine_id)} octets, not 5 to 32",
            )
        user = self._users.get((parameters.engine_id, parameters.user)) or self._users.get((None, parameters.user))
        if user is not None:
            return user
        if not self._for_any and parameters.engine_id not in self._named:
            raise NotAccepted(
                ReportCounter.usmStatsUnknownEngineIDs, f"no user is known at engine {parameters.engine_id.hex()}"
            )
        raise NotAccepted(ReportCounter.usmStatsUnknownUserNames, f"unknown user {parameters.user!r}")

    @staticmethod
    def _authenticate(message: bytes, parameters: UsmParameters, authenticator: Authenticator | None) -> None:
        """RFC 3414 section 3.2 step 6."""
        if authenticator is None:  # cannot happen: the user's level requires the key
            raise NotAccepted(ReportCounter.usmStatsUnsupportedSecLevels, "no key to check the digest with")
        try:
            verify_digest(message, parameters, authenticator)
        except WrongDigest as error:
            raise NotAccepted(ReportCounter.usmStatsWrongDigests, str(error)) from error

    def _remember(self, engine_id: bytes, user: UsmUser, keys: UserKeys) -> _RemoteEngine:
        """Return the entry of an engine that has just sent an authentic message."""
        known = self._engines.get(engine_id)
        if known is None:
            if len(self._engines) >= self._max_engines:
                self._engines.popitem(last=False)
            # Its first authentic message sets boots and time (RFC 3414 section 2.3).
            known = self._engines[engine_id] = _RemoteEngine(EngineClock(0, 0, 0.0), {})
        self._engines.move_to_end(engine_id)
        known.keys[user] = keys
        return known
