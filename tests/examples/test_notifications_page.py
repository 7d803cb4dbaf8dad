"""docs/notifications.md: its code is valid, its names exist, and what it promises happens."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import snmptcp
from snmptcp import Community, Manager
from snmptcp.listener import NotificationListener
from snmptcp.protocol.notification import Notification
from snmptcp.protocol.receiver import ReceiverStatistics
from snmptcp.protocol.statistics import Statistics
from snmptcp.testing import Agent

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.anyio

PAGE = (Path(__file__).parents[2] / "docs" / "notifications.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)

#: The calls whose arguments are checked.
CALLS: dict[str, Callable[..., Any]] = {
    "NotificationListener": NotificationListener,
    "Manager": Manager,
    "send_trap": Manager.send_trap,
    "inform": Manager.inform,
    "notifications": Manager.notifications,
}


@pytest.mark.parametrize("code", BLOCKS, ids=[f"block {number}" for number in range(1, len(BLOCKS) + 1)])
def test_every_block_is_python_and_calls_things_with_arguments_that_they_have(code: str) -> None:
    tree = compile(code, "notifications.md", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | ast.PyCF_ONLY_AST)
    imported: set[str] = set()
    for node in (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)):
        for alias in node.names:
            assert hasattr(importlib.import_module(node.module or ""), alias.name), alias.name
            imported.add(alias.asname or alias.name)
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        if name in CALLS:
            taken = inspect.signature(CALLS[name]).parameters
            assert {keyword.arg for keyword in call.keywords} <= set(taken), name
        elif name[:1].isupper():
            assert name in imported or hasattr(snmptcp, name), name


def test_every_counter_and_every_attribute_that_is_named_is_there() -> None:
    counters = {*re.findall(r"`manager\.statistics\.(\w+)`", PAGE)}
    assert {"notifications", "notifications_dropped", "unexpected"} <= counters
    assert counters <= set(Statistics.__slots__)
    assert isinstance(Manager.notification_statistics, property)
    [reasons] = re.findall(r"`(\{\"bad_communities\".*?\})`", PAGE)
    assert all(hasattr(ReceiverStatistics(), reason) for reason in ast.literal_eval(reasons))
    table = PAGE.split("| attribute | meaning |")[1].split("\n\n")[0]
    attributes = {
        name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)", row)
    }
    assert len(attributes) > 10
    assert all(hasattr(Notification, attribute) for attribute in attributes)


async def test_the_stream_of_a_manager_is_iterated_over_while_it_asks() -> None:
    [code] = [block for block in BLOCKS if "manager.notifications()" in block]
    uptime = "1.3.6.1.2.1.1.3.0"
    assert uptime in code
    async with Agent({uptime: 7}) as agent:
        seen = []
        async with Manager(agent.host, agent.port, credentials=Community("public")) as manager:
            notifications = manager.notifications()
            await manager.connect()
            await manager.get(uptime)
            agent.send_trap("1.3.6.1.6.3.1.1.5.3")
            agent.send_trap("1.3.6.1.6.3.1.1.5.4")
            async for notification in notifications:
                seen.append((str(notification.trap_oid), (await manager.get(uptime))[0].value))
                if len(seen) == 2:
                    break
        assert seen == [("1.3.6.1.6.3.1.1.5.3", 7), ("1.3.6.1.6.3.1.1.5.4", 7)]
