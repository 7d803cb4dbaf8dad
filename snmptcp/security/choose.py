"""Which security model belongs to which credentials.

What may live here: that choice.  SNMPv3's models are imported where they are wanted: a program that polls by
communities starts without ciphers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, Union

from snmptcp.credentials import Community, Tsm, UsmUser
from snmptcp.errors import ConfigurationError
from snmptcp.security.community import CommunitySecurity

if TYPE_CHECKING:
    from snmptcp.security.remote_engine import Engine
    from snmptcp.security.tsm import TsmSecurity
    from snmptcp.security.usm import UsmSecurity

__all__ = ("Credentials", "security_of")

#: Who asks.
Credentials: TypeAlias = Union[Community, UsmUser, Tsm]


def security_of(
    credentials: Credentials, engine: Engine | None, max_message_size: int
) -> CommunitySecurity | UsmSecurity | TsmSecurity:
    """Return what protects requests and opens replies.

    Args:
        credentials: who asks.
        engine: what is known of the agent's engine (SNMPv3).
        max_message_size: the longest message that is accepted, in octets.

    Raises:
        ConfigurationError: no credentials, or an engine where there is none.
    """
    if isinstance(credentials, Community):
        return CommunitySecurity(credentials)
    if engine is None or not isinstance(credentials, UsmUser | Tsm):
        kind = type(credentials).__name__
        raise ConfigurationError(f"credentials are a Community, a UsmUser or Tsm, not a {kind}")
    if isinstance(credentials, UsmUser):
        from snmptcp.security.usm import UsmSecurity  # noqa: PLC0415 - see above

        return UsmSecurity(credentials, engine, max_message_size)
    from snmptcp.security.tsm import TsmSecurity  # noqa: PLC0415 - see above

    return TsmSecurity(credentials, engine, max_message_size)
