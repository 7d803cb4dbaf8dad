"""How a manager's messages are protected: its credentials, and what is known of the agent's engine (SNMPv3).

Contains: which engine the next security model begins with.  Does not contain: the security models
(:mod:`snmptcp.security`), checks of arguments (:mod:`snmptcp.manager.arguments`).
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from snmptcp.credentials import Tsm, UsmUser
from snmptcp.net.clock import current_time
from snmptcp.security.choose import security_of
from snmptcp.security.remote_engine import Engine

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.net.options import ConnectionOptions
    from snmptcp.net.tls.session import ClientTls
    from snmptcp.security.choose import Credentials
    from snmptcp.security.engine_clock import EngineInfo
    from snmptcp.security.model import SecurityModel
    from snmptcp.security.remote_engine import KnownEngines

__all__ = ("Protection",)

logger = logging.getLogger("snmptcp.engine")


class Protection:
    """The credentials for one agent, and its engine.

    Args:
        credentials: the first ones.
        engines: engines that managers share; ``None`` for none.
        volatile_engine: whether the agent may change its engine ID.
        frozen_clock: whether the agent's time may stand still.
        any_community: whether replies of SNMPv1 and SNMPv2c may have any community.

    Attributes:
        credentials: the present ones.
        frozen_clock: as given.
    """

    def __init__(
        self,
        credentials: Credentials,
        engines: KnownEngines | None,
        *,
        volatile_engine: bool,
        frozen_clock: bool,
        any_community: bool,
    ) -> None:
        self.credentials = credentials
        self.frozen_clock = frozen_clock
        self._engines = engines
        self._volatile = volatile_engine
        self._any_community = any_community
        self._given: Engine | None = None  # it stays the agent's, whatever the credentials and TLS

    def use(self, credentials: Credentials, options: ConnectionOptions, info: EngineInfo | None) -> SecurityModel:
        """Return what protects requests and opens replies from now on.

        Args:
            credentials: the credentials.
            options: where the agent is, and how it is connected to.
            info: the agent's engine; optional, default the one that was given before, or what is known of it.

        Raises:
            ConfigurationError: not credentials.
        """
        model = security_of(
            credentials,
            self._engine(credentials, options, info),
            options.max_message_size,
            any_community=self._any_community,
            strict=options.strict,
        )
        self.credentials = credentials
        return model

    def forget_given(self) -> None:
        """Forget the engine that was given."""
        self._given = None

    def is_shared_alike(self, tls: ClientTls | None, other: ClientTls | None) -> bool:
        """Whether what is known of the engine is the same for two ways to speak TLS."""
        return self._engines is None or _trust(self.credentials, tls) == _trust(self.credentials, other)

    def _engine(self, credentials: Credentials, options: ConnectionOptions, info: EngineInfo | None) -> Engine:
        volatile, frozen, log = self._volatile, self.frozen_clock, _odd_engine(options.peer)
        if info is not None:
            engine = Engine(info, current_time(), volatile=volatile, frozen_clock=frozen, on_odd=log)
            self._given = None if volatile else engine
            return engine
        if self._given is not None:
            return self._given
        if self._engines is None:
            return Engine(volatile=volatile, frozen_clock=frozen, on_odd=log)
        trust = _trust(credentials, options.tls)
        return self._engines.engine(
            options.host, options.port, trust, volatile=volatile, frozen_clock=frozen, on_odd=log
        )


def _odd_engine(peer: str) -> Callable[[bytes], None]:
    """Return what logs an agent's engine ID that is not valid; it must not keep the manager alive."""

    def log(engine_id: bytes) -> None:
        logger.warning(
            "%s: the engine ID 0x%s is not valid (RFC 3411 section 5); it is used as it is", peer, engine_id.hex()
        )

    return log


def _trust(credentials: Credentials, tls: ClientTls | None) -> tuple[object, ...]:
    """Return how messages are protected, as far as it matters for trusting what was learned by them."""
    level = credentials.security_level if isinstance(credentials, UsmUser | Tsm) else None
    localized = isinstance(credentials, UsmUser) and credentials.is_localized
    return type(credentials), level, localized, tls is not None and bool(tls.context.verify_mode)
