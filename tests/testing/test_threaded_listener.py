"""A notification listener in a thread: for blocking code, and for code with an event loop of its own."""

from __future__ import annotations

import asyncio
import socket

import pytest

from snmptcp import Community, Manager, UsmUser
from snmptcp.errors import ClosedError, ConfigurationError, ErrorStatus, GenErr, RequestTimeout
from snmptcp.sync import SyncManager
from snmptcp.testing import ThreadedListener

LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"
IF_INDEX = "1.3.6.1.2.1.2.2.1.1.7"
ALICE = UsmUser("alice", "SHA-256", "open sesame 1", "AES", "open sesame 2")


def sender_to(listener, credentials=None, **options):
    return SyncManager(listener.host, listener.port, credentials=credentials or Community("public"), **options)


@pytest.fixture
def listener():
    with ThreadedListener() as listener:
        yield listener


@pytest.mark.parametrize("version", ["1", "2c"])
def test_a_trap_of_blocking_code_is_received(listener, version):
    with sender_to(listener, Community("public", version)) as sender:
        sender.send_trap(LINK_DOWN, (IF_INDEX, 7))
        [trap] = listener.wait_for()
    assert (trap.trap_oid, trap.varbinds[0].value, trap.is_inform) == (LINK_DOWN, 7, False)


def test_an_acknowledged_inform_is_among_the_received(listener):
    with sender_to(listener) as sender:
        sender.inform(LINK_DOWN, (IF_INDEX, 7))
        assert [each.is_inform for each in listener.received] == [True]
        assert listener.statistics.acknowledged >= 1
        listener.clear()
        assert listener.received == []
        sender.inform(LINK_DOWN, (IF_INDEX, 8))
    assert [each.varbinds[0].value for each in listener.wait_for(1)] == [8]


def test_a_coroutine_waits_for_notifications_without_blocking_its_loop(listener):
    async def send():
        async with Manager(listener.host, listener.port, credentials=Community("public")) as sender:
            waiting = asyncio.create_task(listener.wait_for_async(2))
            await sender.inform(LINK_DOWN)
            assert not waiting.done()
            await sender.send_trap(LINK_DOWN)
            return await waiting

    assert [each.is_inform for each in asyncio.run(send())] == [True, False]


def test_a_wait_that_is_in_vain_tells_what_was_refused(listener):
    with pytest.raises(TimeoutError, match=r"has received 0 notifications and not 1 in 0\.01 s$"):
        listener.wait_for(timeout=0.01)
    with sender_to(listener, Community("secret")) as sender, pytest.raises(RequestTimeout):
        sender.inform(LINK_DOWN, timeout=0.05)
    text = r"0 notifications and not 2 \(refused: 1 message, the latest because of: unknown community .*\) in 0\.01 s$"
    with pytest.raises(TimeoutError, match=text):
        asyncio.run(listener.wait_for_async(2, timeout=0.01))
    assert [refused.counter for refused in listener.refused] == ["bad_communities"]
    assert "secret" not in listener.conversation.text()
    with pytest.raises(ConfigurationError, match="count must be at least 1"):
        listener.wait_for(0)


def test_informs_of_version_3_are_received_and_the_conversation_tells_what_they_say():
    with ThreadedListener(credentials=(ALICE, Community("public"))) as listener:
        with sender_to(listener, ALICE) as sender:
            sender.inform(LINK_DOWN, *((f"1.3.6.1.4.1.9.{number}", number) for number in range(1, 13)))
        text = listener.conversation.text()
    lines = [line.strip() for line in text.splitlines()]
    assert lines[1].endswith(f"received: SNMPv3 inform {LINK_DOWN}, user 'alice'")
    values = [f"1.3.6.1.4.1.9.{number} = {number}" for number in range(1, 6)]
    assert lines[2:] == [*values, "... 7 more lines, not shown"]
    assert "sesame" not in text


def test_a_handler_chooses_the_error_status():
    async def refuse(notification):
        return ErrorStatus.genErr

    with ThreadedListener(handler=refuse) as listener, sender_to(listener) as sender:
        with pytest.raises(GenErr):
            sender.inform(LINK_DOWN)
        assert len(listener.received) == 1


def test_what_is_no_snmp_is_in_the_conversation(listener):
    with socket.create_connection((listener.host, listener.port)) as sock:
        sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert sock.recv(1) == b""
    text = listener.conversation.text()
    assert "! this is an HTTP request" in text
    assert "refused it: " in text


def test_it_ends_and_what_it_has_received_stays(listener):
    with sender_to(listener) as sender:
        sender.inform(LINK_DOWN)
    listener.close()
    listener.close()
    assert len(listener.received) == 1
    assert "closed" in repr(listener)
    with pytest.raises(ClosedError, match="is closed"):
        listener.wait_for()
    with pytest.raises(ClosedError, match="only once"):
        listener.start()


def test_wrong_arguments_are_refused_where_they_are_given():
    with pytest.raises(ConfigurationError, match="read refused"):
        ThreadedListener(on_refused=print)
    for credentials in ("public", [1], (1, 2)):
        with pytest.raises(ConfigurationError, match="credentials"):
            ThreadedListener(credentials=credentials)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="hosts"):
        ThreadedListener(hosts=1)
