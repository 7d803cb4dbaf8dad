"""docs/notifications.md: its code is valid, its names exist, and what it promises happens."""

from __future__ import annotations

import ast
import asyncio
import importlib
import inspect
import re
from contextlib import asynccontextmanager
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
from tests.support.certificates import certificates
from tests.support.clock import until
from tests.support.odd import BROKEN, UP, community, pdu
from tests.support.rawclient import RawClient
from tests.support.senders import (
    SENDER_ENGINE,
    UsmSender,
    acknowledged,
    community_message,
    inform,
    notification_pdu,
    trap,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

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
        elif name[:1].isupper() and isinstance(call.func, ast.Name):
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


# ----------------------------------------------------------------------------- every block is run


def block(*, having: str) -> str:
    """Return the only block with this text."""
    found: list[str] = [code for code in BLOCKS if having in code]
    assert len(found) == 1
    return found[0]


@asynccontextmanager
async def running(code: str, monkeypatch: pytest.MonkeyPatch, **places: object) -> AsyncIterator[dict[str, Any]]:
    """Run a block as a program, on this event loop.

    Args:
        code: the block.
        monkeypatch: undoes what is changed for the block.
        places: what to listen on or connect to in place of the page's addresses.
    """
    changed = re.sub(r"port=\d+", "port=0", code).replace('"192.0.2.1"', '"127.0.0.1", port')
    names: dict[str, Any] = {**places}
    programs: list[Any] = []
    monkeypatch.setattr(asyncio, "run", programs.append)
    exec(compile(changed.replace('"192.0.2.9", 162', '"127.0.0.1", port'), "notifications.md", "exec"), names)
    tasks = [asyncio.ensure_future(program) for program in programs]
    try:
        yield names
    finally:
        for task in tasks:
            if task.done():
                task.result()
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
def listeners(monkeypatch: pytest.MonkeyPatch) -> list[NotificationListener]:
    """Return the listeners that have been started, as they are."""
    started: list[NotificationListener] = []
    start = NotificationListener.start

    async def noting(self: NotificationListener) -> NotificationListener:
        found = await start(self)
        started.append(found)
        return found

    monkeypatch.setattr(NotificationListener, "start", noting)
    return started


@asynccontextmanager
async def client_of(listeners: list[NotificationListener]) -> AsyncIterator[RawClient]:
    """Return a connection to the first listener."""
    await until(lambda: listeners)
    async with RawClient("127.0.0.1", listeners[0].port) as client:
        yield client


async def said(capsys: pytest.CaptureFixture[str], *texts: str) -> str:
    """Return what was printed when it contains some texts."""
    found = ""

    def complete() -> bool:
        nonlocal found
        found += capsys.readouterr().out
        return all(text in found for text in texts)

    await until(complete)
    return found


async def test_the_first_block_prints_what_arrives(monkeypatch, listeners, capsys) -> None:
    async with (
        running(block(having="for varbind in notification.varbinds"), monkeypatch),
        client_of(listeners) as client,
    ):
        client.send(trap())
        text = await said(capsys, "1.3.6.1.2.1.1.5.0")
    assert text.startswith("127.0.0.1 1.3.6.1.4.1.8072.9999.0.17\n")


async def test_the_block_about_odd_notifications_reports_them(monkeypatch, capsys) -> None:
    async with (
        running(block(having="for oddity in"), monkeypatch) as names,
        NotificationListener("127.0.0.1", 0, credentials=Community("public")) as listener,
        RawClient("127.0.0.1", listener.port) as client,
    ):
        client.send(community(pdu(0xA7, UP, BROKEN)))
        names["report"](await anext(listener))
    text = capsys.readouterr().out
    assert "NO_TRAP_OID - snmpTrapOID.0 is missing\n" in text
    assert f"1 1.3.6.1.2.1.1.5.0 {BROKEN.hex()} an IpAddress of 3 octets" in text
    assert pdu(0xA7, UP, BROKEN).hex() in text


async def test_the_block_about_refused_messages_explains_them(monkeypatch, listeners, capsys) -> None:
    async with running(block(having="on_refused=tell"), monkeypatch), client_of(listeners) as client:
        client.send(community_message(notification_pdu(), Community("other")) + trap())
        text = await said(capsys, "unknown community", "1.3.6.1.4.1.8072.9999.0.17\n")
    assert "snmpV2-trap" in text or "SNMPv2-Trap" in text


async def test_the_block_about_users_of_one_name_accepts_both(monkeypatch) -> None:
    async with (
        running(block(having="the old password"), monkeypatch) as names,
        names["listener"] as listener,
        RawClient("127.0.0.1", listener.port) as client,
    ):
        for number, user in enumerate(block_users(names)):
            client.send(UsmSender(user=user, message_id=number).trap(number))
            assert (await anext(listener)).security_name == b"traps"


def block_users(names: dict[str, Any]) -> list[Any]:
    return [
        names["UsmUser"]("traps", auth, f"the {age} password", "AES", f"the {age} privacy")
        for auth, age in (("SHA", "old"), ("SHA-256", "new"))
    ]


async def test_the_block_about_frozen_clocks_accepts_one(monkeypatch) -> None:
    code = block(having="frozen_clock=").replace("80001f8804646576696365", SENDER_ENGINE.hex())
    async with running(code, monkeypatch) as names, names["listener"] as listener:
        user = names["UsmUser"]("traps", "SHA-256", "the password", "AES", "the privacy")
        async with RawClient("127.0.0.1", listener.port) as client:
            for number, time in enumerate((5000, 0)):
                client.send(UsmSender(user=user, time=time).trap(number))
                assert (await anext(listener)).engine_id == SENDER_ENGINE


async def test_the_block_with_a_handler_acknowledges_as_it_decides(monkeypatch, listeners) -> None:
    code = block(having="handler=store").replace("maxsize=1000", "maxsize=1")
    async with running(code, monkeypatch) as names, client_of(listeners) as client:
        client.send(inform(1))
        assert acknowledged(await client.frame()).error_status == 0
        client.send(inform(2))
        assert acknowledged(await client.frame()).error_status == 13  # resourceUnavailable
        assert names["stored"].qsize() == 1


async def test_the_block_with_an_engine_file_counts_starts(monkeypatch, tmp_path) -> None:
    monkeypatch.chdir(tmp_path)
    for boots in (1, 2):
        async with running(block(having='engine_file="'), monkeypatch) as names, names["listener"] as listener:
            assert listener.engine_boots == boots


async def test_the_block_with_tls_listens(monkeypatch, tmp_path) -> None:
    found = certificates()
    found.write(tmp_path)
    (tmp_path / "collector.pem").write_text(found.server.pem, encoding="ascii")
    (tmp_path / "collector.pem").chmod(0o600)
    monkeypatch.chdir(tmp_path)
    async with running(block(having="certificate_maps="), monkeypatch) as names, names["listener"] as listener:
        assert listener.port


async def test_the_stream_of_a_manager_is_iterated_over_while_it_asks(monkeypatch, capsys) -> None:
    uptime = "1.3.6.1.2.1.1.3.0"
    code = block(having="manager.notifications()")
    assert uptime in code
    code = code.replace("connect()  #", f"get('{uptime}')  #")
    async with Agent({uptime: 7}) as agent, running(code, monkeypatch, port=agent.port):
        await until(lambda: agent.requests)
        agent.send_trap("1.3.6.1.6.3.1.1.5.3")
        agent.send_trap("1.3.6.1.6.3.1.1.5.4")
        text = await said(capsys, "1.3.6.1.6.3.1.1.5.4")
    assert [line.split()[0] for line in text.splitlines()] == ["1.3.6.1.6.3.1.1.5.3", "1.3.6.1.6.3.1.1.5.4"]
    assert "7" in text


async def test_the_blocks_that_send_reach_a_listener(monkeypatch, tmp_path) -> None:
    monkeypatch.chdir(tmp_path)
    user = snmptcp.UsmUser("traps", "SHA-256", "the password", "AES", "the privacy")
    async with NotificationListener("127.0.0.1", 0, credentials=[Community("public"), user]) as listener:
        async with running(block(having="await manager.inform("), monkeypatch, port=listener.port):
            found = [await anext(listener) for _ in range(2)]
        assert [each.is_inform for each in found] == [True, False]
        async with running(block(having="local_engine="), monkeypatch, port=listener.port):
            assert (await anext(listener)).security_name == b"traps"


def test_no_block_is_without_a_test() -> None:
    assert len(BLOCKS) == 11
