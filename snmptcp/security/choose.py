"""The choice of the security model for credentials.

Contains: that choice.  SNMPv3's models are imported when they are needed: a program that polls with communities
starts without loading ciphers.
Does not contain: the security models.
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

#: What a manager presents to an agent.
Credentials: TypeAlias = Union[Community, UsmUser, Tsm]


def security_of(
    credentials: Credentials,
    engine: Engine | None,
    max_message_size: int,
    *,
    any_community: bool = False,
    strict: bool = False,
) -> CommunitySecurity | UsmSecurity | TsmSecurity:
    """Return the security model for credentials.

    Args:
        credentials: the credentials.
        engine: what is known about the agent's engine; needed for SNMPv3.
        max_message_size: the longest message to accept, in octets.
        any_community: whether replies of SNMPv1 and SNMPv2c may have any community.
        strict: whether the RFCs are taken to the letter (SNMPv3's discovery and time synchronization).

    Raises:
        ConfigurationError: not credentials, or SNMPv3 credentials without an engine.
    """
    if isinstance(credentials, Community):
        return CommunitySecurity(credentials, any_community=any_community)
    if engine is None or not isinstance(credentials, UsmUser | Tsm):
        kind = type(credentials).__name__
        raise ConfigurationError(f"credentials must be a Community, a UsmUser or a Tsm, not {kind}")
    if isinstance(credentials, UsmUser):
        from snmptcp.security.usm import UsmSecurity  # noqa: PLC0415 - see above

        return UsmSecurity(credentials, engine, max_message_size, strict=strict)
    from snmptcp.security.tsm import TsmSecurity  # noqa: PLC0415 - see above

    return TsmSecurity(credentials, engine, max_message_size, strict=strict)
