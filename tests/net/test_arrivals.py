"""Octets that have arrived on a connection, as the system counts them."""

from __future__ import annotations

import select
import socket
import sys

import pytest

from snmptcp.net import arrivals
from snmptcp.net.arrivals import octets_arrived


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux alone tells")
def test_octets_count_when_they_have_arrived_and_not_when_they_are_read() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        peer, _ = server.accept()
        with peer:
            assert octets_arrived(client) == 0
            peer.send(b"x" * 37)
            select.select([client], [], [], 10)
            assert octets_arrived(client) == 37
            client.send(b"y")
            client.recv(100)
            assert octets_arrived(client) == 37


def test_what_is_no_tcp_connection_or_closed_has_no_count() -> None:
    one, other = socket.socketpair()
    with one, other:
        assert octets_arrived(one) is None
    assert octets_arrived(one) is None


def test_elsewhere_the_count_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals, "_TCP_INFO", None)
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert octets_arrived(client) is None


def test_an_earlier_linux_tells_less(monkeypatch: pytest.MonkeyPatch) -> None:
    class Early:
        def getsockopt(self, *_: object) -> bytes:
            return bytes(104)

    monkeypatch.setattr(arrivals, "_TCP_INFO", 11)
    assert octets_arrived(Early()) is None  # type: ignore[arg-type]
