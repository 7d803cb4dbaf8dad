"""Settings that are accepted, but that this platform cannot honour, or only in part.

Contains: the class of the warnings, and giving each once.  Does not contain: which settings these are
(:mod:`snmptcp.ipworks.store`, :mod:`snmptcp.ipworks.rows`).
"""

from __future__ import annotations

from snmptcp.cautions import caution

__all__ = ("NotHonouredWarning", "not_honoured")


class NotHonouredWarning(UserWarning):
    """A setting has a documented value that has no effect here, or not all of its effect.

    Each setting is warned of once in a process.  A value that would weaken security unnoticed is an error instead.
    ``warnings.filterwarnings("ignore", category=NotHonouredWarning)`` silences the warnings.
    """


NotHonouredWarning.__module__ = "snmptcp.ipworks"  # as programs import it, and as warnings show it


def not_honoured(name: str, why: str) -> None:
    """Warn of a setting, unless it was warned of in this process.

    Args:
        name: the setting.
        why: what has no effect, and the reason, in one line and without secrets.
    """
    caution("ipworks", name, f"{name}: {why}", NotHonouredWarning)
