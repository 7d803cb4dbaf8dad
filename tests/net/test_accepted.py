"""Tests of accepted connections, beside those of servers, which make them."""

from __future__ import annotations

import sys

import pytest

from snmptcp.net.accepted import READ_SIZE, ServerConnection
from snmptcp.net.server import Server

pytestmark = pytest.mark.anyio


def accepted() -> ServerConnection:
    return ServerConnection(Server(lambda _connection, _message: None, "127.0.0.1", 0), 1)


@pytest.mark.skipif(sys.platform == "win32", reason="a proactor needs a buffer for each connection")
async def test_accepted_connections_share_the_buffer_that_they_read_into() -> None:
    first, second = accepted(), accepted()
    first.get_buffer(-1)[:4] = b"here"
    assert bytes(second.get_buffer(-1)[:4]) == b"here"
    assert len(first.get_buffer(-1)) == READ_SIZE


async def test_accepted_connections_of_a_proactor_loop_have_buffers_of_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as windows:
        windows.setattr(sys, "platform", "win32")
        first, second = accepted(), accepted()
    first.get_buffer(-1)[:4] = b"kept"
    second.get_buffer(-1)[:4] = b"this"
    assert bytes(first.get_buffer(-1)[:4]) == b"kept"


async def test_what_was_read_does_not_change_with_the_next_read_of_another_connection() -> None:
    messages: list[bytes] = []
    server = Server(lambda _connection, message: messages.append(message), "127.0.0.1", 0)
    first, second = ServerConnection(server, 1), ServerConnection(server, 2)
    for connection, octets in ((first, b"\x30\x04ab"), (second, b"\x30\x02xy"), (first, b"cd")):
        connection.get_buffer(-1)[: len(octets)] = octets
        connection.buffer_updated(len(octets))
    assert messages == [b"\x30\x02xy", b"\x30\x04abcd"]
