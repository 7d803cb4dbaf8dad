"""``snmptcp discover``: who an agent's engine is, and what time it has.

What may live here: an :class:`~snmptcp.security.engine_clock.EngineInfo` to the output.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from snmptcp.cli.commands.requests import open_manager
from snmptcp.codec.engine_id import read_engine_id
from snmptcp.credentials import UsmUser

if TYPE_CHECKING:
    import argparse

    from snmptcp.security.engine_clock import EngineInfo

__all__ = ("run",)

#: Who asks where no user is given: the agent tells who it is before it looks at that.
NOBODY = UsmUser("discover")


def run(arguments: argparse.Namespace) -> int:
    """Discover an engine and print what is known of it; return the exit code."""
    if arguments.usm_user is None and arguments.tsm is None:
        arguments.usm_user = NOBODY
    info = asyncio.run(_discover(arguments))
    authenticated = arguments.usm_user is None or bool(arguments.usm_user.auth)  # a certificate vouches, too
    print(_as_json(info, authenticated=authenticated) if arguments.json else _as_text(info))
    return 0


async def _discover(arguments: argparse.Namespace) -> EngineInfo:
    async with open_manager(arguments) as manager:
        info: EngineInfo = await manager.discover()
        return info


def _as_text(info: EngineInfo) -> str:
    minutes, second = divmod(info.time, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    parts = read_engine_id(info.engine_id)
    return "\n".join(
        (
            f"engine ID: 0x{info.engine_id.hex()}",
            f"made of:   {parts}",
            f"boots:     {info.boots}",
            f"time:      {info.time} s ({days}:{hour:02}:{minute:02}:{second:02})",
        )
    )


def _as_json(info: EngineInfo, *, authenticated: bool) -> str:
    parts = read_engine_id(info.engine_id)
    return json.dumps(
        {
            "engine_id": info.engine_id.hex(),
            **({} if parts is None else parts._asdict()),
            "boots": info.boots,
            "time": info.time,
            "authenticated": authenticated,
        }
    )
