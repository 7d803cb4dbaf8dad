"""Whether an agent accepts a user's keys: before they are changed, and afterwards.

Contains: a read as that user, and what its outcome says.  Does not contain: changing keys (:mod:`snmptcp.usm`).
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from snmptcp.cli.manager import open_manager
from snmptcp.credentials import UsmUser
from snmptcp.errors import AgentError, RequestTimeout, SecurityError, SnmpError
from snmptcp.protocol.notification import SYS_UP_TIME

if TYPE_CHECKING:
    from snmptcp.cli.options.request import RequestOptions

__all__ = ("Verdict", "check_keys")


@dataclasses.dataclass(frozen=True, slots=True)
class Verdict:
    """What an agent makes of a user's keys.

    Attributes:
        accepted: ``True`` or ``False``; ``None`` if it cannot be told, such as without a connection.
        reason: why they are not accepted, for an error text.
    """

    accepted: bool | None
    reason: str = ""


async def check_keys(request: RequestOptions, user: UsmUser) -> Verdict:
    """Send a read as a user, on a connection of its own.

    The user needs no access rights: an authenticated refusal proves the keys as an answer does.

    Args:
        request: the agent.
        user: the user.
    """
    verdict = await _ask(request, user)
    if verdict.accepted is None and user.priv:
        # Agents do not answer what they cannot decrypt.  If the agent answers the same user without privacy, its
        # authentication key is right, and its privacy key is wrong.
        plain = await _ask(request, _without_privacy(user))
        if plain.accepted:
            return Verdict(accepted=False, reason=f"{verdict.reason}; without privacy the agent answers the user")
        if plain.accepted is False:
            return plain
    return verdict


async def _ask(request: RequestOptions, user: UsmUser) -> Verdict:
    asked = dataclasses.replace(request, credentials=user)
    try:
        async with open_manager(asked) as manager:
            try:
                await manager.get(SYS_UP_TIME)
            except AgentError:
                return Verdict(accepted=True)
            except SnmpError as error:
                reason = error.reason if isinstance(error, RequestTimeout) and error.reason else error
                return Verdict(accepted=False if isinstance(reason, SecurityError) else None, reason=reason.text)
    except SnmpError as error:
        return Verdict(accepted=None, reason=str(error))
    return Verdict(accepted=True)


def _without_privacy(user: UsmUser) -> UsmUser:
    return UsmUser(
        user.name,
        user.auth_protocol,
        user.auth.password,
        auth_key=user.auth.key,
        auth_localized_key=user.auth.localized_key,
    )
