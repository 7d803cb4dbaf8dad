"""docs/notifications.md, taken at its word: its first example runs, and its names and numbers are the library's."""

from __future__ import annotations

import ast
import asyncio
import dataclasses
import inspect
import re
from pathlib import Path
from typing import Any

import pytest

import snmptcp.listener
from snmptcp.engine.notification import Notification
from snmptcp.listener import NotificationListener
from snmptcp.security.remote import MAX_ENGINES, MAX_SEEN
from tests.support.rawclient import RawClient
from tests.support.senders import trap

pytestmark = pytest.mark.anyio

PAGE = (Path(__file__).parents[2] / "docs" / "notifications.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


async def test_the_first_example_prints_what_comes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made: list[NotificationListener] = []

    class Here(NotificationListener):
        """As in the example, on a free port."""

        def __init__(self, *, port: int, credentials: Any) -> None:
            assert port == 1162
            super().__init__("127.0.0.1", 0, credentials=credentials)
            made.append(self)

    monkeypatch.setattr(snmptcp.listener, "NotificationListener", Here)
    code, call, rest = BLOCKS[0].partition("\nasyncio.run(main())\n")
    assert call
    assert not rest
    names: dict[str, Any] = {}
    exec(compile(code, "notifications.md", "exec"), names)
    running = asyncio.create_task(names["main"]())
    while not (made and made[0].port):
        await asyncio.sleep(0)
    async with RawClient("127.0.0.1", made[0].port) as client:
        client.send(trap())
        while not made[0].statistics.notifications:
            await asyncio.sleep(0)
    await made[0].aclose()
    await running
    assert capsys.readouterr().out == "127.0.0.1 1.3.6.1.4.1.8072.9999.0.17\n  1.3.6.1.2.1.1.5.0 = dev1\n"


@pytest.mark.parametrize("code", BLOCKS)
def test_every_example_is_python(code: str) -> None:
    compile(code, "notifications.md", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


def test_every_option_that_an_example_gives_is_there() -> None:
    known = set(inspect.signature(NotificationListener).parameters)
    calls = [
        call
        for code in BLOCKS
        for call in ast.walk(compile(code, "", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | ast.PyCF_ONLY_AST))
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "NotificationListener"
    ]
    given = {keyword.arg for call in calls for keyword in call.keywords}
    assert {"credentials", "handler", "concurrency", "engine_file", "tls", "port"} <= given <= known


def test_every_attribute_of_a_notification_is_described() -> None:
    table = PAGE.partition("### What a notification says")[2].partition("\n\nTraps of SNMPv1")[0]
    described = set(re.findall(r"`(\w+)(?:\(name\))?`", "".join(re.findall(r"^\|([^|]*)\|", table, re.MULTILINE))))
    public = {name for name in dir(Notification) if not name.startswith("_")} - {"from_pdu", "proxy_varbinds", "to_v1"}
    assert {field.name for field in dataclasses.fields(Notification)} <= described
    assert described - {"attribute"} == public


def test_the_limits_are_those_of_the_page() -> None:
    defaults = {name: option.default for name, option in inspect.signature(NotificationListener).parameters.items()}
    assert f"`queue_size` notifications ({defaults['queue_size']})" in PAGE
    assert f"`max_connections` ({defaults['max_connections']})" in PAGE
    assert f"`max_message_size` ({defaults['max_message_size'] // 1024} KiB)" in PAGE
    assert f"`frame_timeout` ({defaults['frame_timeout']:g} s)" in PAGE
    assert defaults["idle_timeout"] is defaults["max_connections_per_host"] is None
    assert f"{MAX_SEEN:,}" in PAGE
    assert f"{MAX_ENGINES:,}" in PAGE
