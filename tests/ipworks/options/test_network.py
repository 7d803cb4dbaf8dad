"""Socket options and firewalls, made of the settings."""

from __future__ import annotations

import socket
import struct
import threading
import time

import pytest

from snmptcp.ipworks import IPWorksSNMPError
from tests.ipworks.proofs import proves
from tests.ipworks.support import (
    ask,
    open_socket,
    record,
    values,
)
from tests.support.mibs import BIG_TABLE, SYS_DESCR
from tests.support.proxies import dante, microsocks, tinyproxy
from tests.support.threaded import ThreadedAgent


def option(mgr, level: int, name: int, size: int = 0):
    """Return an option of the connection's socket."""
    with open_socket(mgr.local_port, mgr.remote_port) as sock:
        return sock.getsockopt(level, name, size) if size else sock.getsockopt(level, name)


def tcp(mgr, name: int) -> int:
    number: int = option(mgr, socket.IPPROTO_TCP, name)
    return number


@proves("TcpNoDelay")
@pytest.mark.parametrize("value", [False, True])
def test_nagle_is_on_unless_it_is_disabled(value, mgr) -> None:
    mgr.config(f"TcpNoDelay={value}")
    mgr.send_get_request()
    assert bool(tcp(mgr, socket.TCP_NODELAY)) is value


@proves("TCPKeepAlive")
@pytest.mark.parametrize("value", [False, True])
def test_keep_alive_is_set_on_the_socket(value, mgr) -> None:
    mgr.config(f"TCPKeepAlive={value}")
    mgr.send_get_request()
    assert bool(option(mgr, socket.SOL_SOCKET, socket.SO_KEEPALIVE)) is value


@proves("KeepAliveTime", "KeepAliveInterval")
def test_the_times_of_keep_alive_enable_it_and_are_set_on_the_socket(mgr) -> None:
    mgr.config("KeepAliveTime=45000")
    assert mgr.config("TCPKeepAlive") == "True"
    mgr.config("KeepAliveInterval=7000")
    mgr.send_get_request()
    assert option(mgr, socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    assert tcp(mgr, socket.TCP_KEEPIDLE) == 45
    assert tcp(mgr, socket.TCP_KEEPINTVL) == 7


def linger(mgr) -> tuple[int, int]:
    on, seconds = struct.unpack("ii", option(mgr, socket.SOL_SOCKET, socket.SO_LINGER, 8))
    return on, seconds


@proves("Linger")
def test_without_linger_a_connection_ends_with_a_reset(mgr, agent) -> None:
    mgr.send_get_request()
    assert linger(mgr) == (0, 0)
    mgr.config("Linger=False")
    mgr.send_get_request()
    assert linger(mgr) == (1, 0)
    mgr.active = False
    agent.wait_until(lambda: agent.agent.connections == 0)


@proves("LingerTime")
def test_the_time_to_linger_is_set_on_the_socket(mgr) -> None:
    mgr.config("LingerTime=3")
    mgr.send_get_request()
    assert linger(mgr) == (1, 3)


@proves("InBufferSize", "OutBufferSize")
def test_the_sizes_of_the_buffers_are_set_on_the_socket(mgr) -> None:
    mgr.config("InBufferSize=40000")
    mgr.config("OutBufferSize=50000")
    mgr.send_get_request()
    assert option(mgr, socket.SOL_SOCKET, socket.SO_RCVBUF) == 80000  # the kernel doubles it
    assert option(mgr, socket.SOL_SOCKET, socket.SO_SNDBUF) == 100000


@proves("UseIPv6")
def test_the_kind_of_addresses_is_chosen(idle) -> None:
    with ThreadedAgent(host="::1") as agent:
        idle.remote_host, idle.remote_port = "::1", agent.port
        idle.timeout = 20
        ask(idle, SYS_DESCR)
        with pytest.raises(IPWorksSNMPError):
            idle.send_get_request()
        for choice in (1, 2):
            idle.config(f"UseIPv6={choice}")
            idle.send_get_request()
            assert values(idle) == [b"a switch"]
            assert idle.config("SourceAddress") == "::1"
        idle.active = False


def test_with_ipv6_only_an_ipv4_agent_is_not_reached(mgr) -> None:
    mgr.config("UseIPv6=1")
    with pytest.raises(IPWorksSNMPError):
        mgr.send_get_request()


@proves("MaxTransferRate")
def test_no_more_is_received_and_sent_than_the_rate_allows(mgr) -> None:
    mgr.walk(BIG_TABLE)  # some 25,000 octets
    begun = time.monotonic()
    mgr.config("MaxTransferRate=10000")
    told = record(mgr, "on_packet_trace")
    mgr.walk(BIG_TABLE)
    received = sum(len(event.packet) for event in told if event.direction == 1)
    assert mgr.obj_count == 900
    assert time.monotonic() - begun >= received / 10000 - 0.5
    assert received > 15000


def test_requests_beyond_the_rate_wait(mgr, agent) -> None:
    told = record(mgr, "on_response")
    traced: list[bytes] = []
    mgr.on_packet_trace = lambda e: traced.append(e.packet if e.direction == 2 else b"")
    mgr.config("MaxTransferRate=1000")
    mgr.timeout = 0
    begun = time.monotonic()
    ask(mgr, *(f"{SYS_DESCR}.{number}" for number in range(40)))
    for _ in range(3):
        mgr.send_get_request()
    while len(told) < 3 and time.monotonic() - begun < 30:
        mgr.do_events()
    sent = sum(map(len, traced))
    assert len(told) == 3
    assert time.monotonic() - begun >= (sent / 3 * 2) / 1000 - 0.2


class HeadProxy:
    """An HTTP proxy for one connection, which records the head of the request."""

    def __init__(self) -> None:
        self.head = b""
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        client, _ = self._server.accept()
        with client:
            while not self.head.endswith(b"\r\n\r\n"):
                self.head += client.recv(1)
            host, port = self.head.split()[1].decode().rsplit(":", 1)
            with socket.create_connection((host, int(port)), timeout=20) as upstream:
                client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                while data := client.recv(65536):
                    upstream.sendall(data)
                    client.sendall(upstream.recv(65536))

    def close(self) -> None:
        self._server.close()
        self._thread.join(20)


@pytest.fixture
def proxy():
    proxy = HeadProxy()
    yield proxy
    proxy.close()


def through(mgr, kind: int, port: int, **settings: object) -> None:
    for name, value in {"Type": kind, "Host": "127.0.0.1", "Port": port, **settings}.items():
        mgr.config(f"Firewall{name}={value}")


@proves("FirewallData")
def test_firewall_data_become_header_lines_of_the_connect_request(mgr, proxy) -> None:
    through(mgr, 1, proxy.port, Data="X-Site: lab\r\nX-Room: 7")
    mgr.send_get_request()
    assert values(mgr) == [b"a switch"]
    assert b"\r\nX-Site: lab\r\nX-Room: 7\r\n" in proxy.head
    mgr.active = False


def test_firewall_data_that_are_not_header_lines_are_an_error(mgr) -> None:
    with pytest.raises(IPWorksSNMPError, match="Name: value") as caught:
        through(mgr, 1, 1, Data="nothing like that")
    assert caught.value.code == 1301


@proves("FirewallHost", "FirewallPort")
def test_a_connection_through_a_firewall_fires_its_own_event(mgr, tmp_path, agent) -> None:
    told = record(mgr, "on_connection_status")
    with tinyproxy(tmp_path) as port:
        through(mgr, 1, port)
        mgr.send_get_request()
        assert values(mgr) == [b"a switch"]
        peers = agent.call(lambda: [connection.peer[1] for connection in agent.agent._server.connections])
        assert peers != [mgr.local_port]  # the firewall has connected to the agent
        mgr.active = False
    assert [event.connection_event for event in told][:2] == [
        "Firewall connection complete.",
        "Remote host connection complete.",
    ]


@proves("FirewallType", "FirewallUser", "FirewallPassword")
@pytest.mark.parametrize(("kind", "server"), [(1, tinyproxy), (3, microsocks)])
def test_a_firewall_authenticates_its_user(kind, server, mgr, tmp_path) -> None:
    with server(tmp_path, user="somebody", password="secret") as port:
        through(mgr, kind, port)
        with pytest.raises(IPWorksSNMPError) as caught:
            mgr.send_get_request()
        assert caught.value.code == 1301
        through(mgr, kind, port, User="somebody", Password="secret")
        mgr.send_get_request()
        assert values(mgr) == [b"a switch"]
        mgr.active = False


@pytest.mark.parametrize("kind", [2, 3, 10])
def test_the_kinds_of_socks(kind, mgr, tmp_path) -> None:
    with dante(tmp_path) as port:
        through(mgr, kind, port)
        mgr.send_get_request()
        assert values(mgr) == [b"a switch"]
        mgr.active = False


def test_a_firewall_that_is_unreachable_or_has_no_host_is_an_error(mgr) -> None:
    mgr.config("FirewallType=1")
    with pytest.raises(IPWorksSNMPError, match="needs FirewallHost") as caught:
        mgr.send_get_request()
    assert caught.value.code == 1301
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    through(mgr, 1, port)
    with pytest.raises(IPWorksSNMPError, match="refused") as caught:
        mgr.send_get_request()
    assert caught.value.code == 1301


@proves("ProxyExceptionsList")
def test_excepted_hosts_are_reached_without_the_firewall(mgr) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    through(mgr, 1, port)
    mgr.config("ProxyExceptionsList=localhost;127.0.*")
    mgr.send_get_request()
    assert values(mgr) == [b"a switch"]


@proves("FirewallAutoDetect")
def test_the_proxy_of_the_environment_is_found(mgr, proxy, monkeypatch) -> None:
    for name in (
        "all_proxy",
        "ALL_PROXY",
        "https_proxy",
        "HTTPS_PROXY",
        "http_proxy",
        "HTTP_PROXY",
        "no_proxy",
        "NO_PROXY",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{proxy.port}")
    mgr.send_get_request()
    assert proxy.head == b""
    mgr.config("FirewallAutoDetect=True")
    mgr.send_get_request()
    assert values(mgr) == [b"a switch"]
    assert proxy.head.startswith(b"CONNECT 127.0.0.1:")
    mgr.active = False
