"""The listening port: its address, its sockets, and the certificates of peers that connect."""

from __future__ import annotations

import contextlib
import functools
import socket
import ssl
import struct

import pytest

from snmptcp.ipworks import IPWorksSNMPError
from snmptcp.listener.admission import Admission
from tests.ipworks.proofs import proves
from tests.ipworks.support import (
    Peer,
    choose_port,
    open_socket,
    pump_until,
    record,
)
from tests.support.certificates import PASSWORD, certificates
from tests.support.netsnmp import free_port
from tests.support.senders import trap

ALL = certificates()


@pytest.fixture
def secured(idle):
    """An object that listens with TLS and asks for certificates."""
    choose_port(idle)
    idle.ssl_enabled = True
    idle.ssl_cert_store_type = 3
    idle.ssl_cert_store = ALL.server.pkcs12()
    idle.ssl_cert_store_password = PASSWORD
    idle.ssl_cert_subject = "*"
    idle.ssl_authenticate_clients = True
    idle.config(f"SSLCACerts={ALL.ca_pem}")
    idle.active = True
    return idle


def client_context(tmp_path, issued=None) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=ALL.ca_pem)
    if issued is not None:
        path = tmp_path / "client.pem"
        path.write_text(issued.pem)
        context.load_cert_chain(path)
    return context


@proves("local_port")
def test_an_active_object_listens_on_its_port(listening, peer) -> None:
    told = record(listening, "on_connected", "on_disconnected")
    pump_until(listening, lambda: told)
    assert (told[0].status_code, told[0].remote_port) == (0, peer.port)
    peer.close()
    pump_until(listening, lambda: len(told) == 2)
    assert told[1].status_code == 0
    port = listening.local_port
    listening.active = False
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=20)


def test_without_a_port_it_does_not_listen(idle) -> None:
    idle.active = True
    assert idle.local_port == 0


@proves("ForceLocalPort")
def test_a_port_in_use_is_an_error_unless_another_port_is_allowed(idle) -> None:
    with socket.create_server(("127.0.0.1", 0)) as busy:
        idle.local_host = "127.0.0.1"
        idle.local_port = port = busy.getsockname()[1]
        idle.config("ForceLocalPort=True")
        with pytest.raises(IPWorksSNMPError) as caught:
            idle.active = True
        assert caught.value.code == 10048
        assert idle.active is False
        idle.config("ForceLocalPort=False")
        idle.active = True
        assert idle.local_port not in (0, port)


def test_without_accept_data_connections_are_not_read(listening, peer) -> None:
    told = record(listening, "on_trap", "on_connected")
    pump_until(listening, lambda: told)
    listening.accept_data = False
    peer.send(trap())
    for _ in range(5):
        listening.do_events()
    assert len(told) == 1
    listening.accept_data = True
    pump_until(listening, lambda: len(told) == 2)


def test_accepted_sockets_have_the_options_of_the_settings(idle) -> None:
    for text in ("TcpNoDelay=True", "KeepAliveTime=45000", "Linger=False"):
        idle.config(text)
    choose_port(idle)
    idle.active = True
    told = record(idle, "on_connected")
    peer = Peer(idle)
    pump_until(idle, lambda: told)
    with open_socket(idle.local_port, peer.port) as sock:
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 45
        assert struct.unpack("ii", sock.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)) == (1, 0)
    idle.active = False
    for name in ("TcpNoDelay", "TCPKeepAlive", "Linger"):
        idle.config(f"{name}={name == 'Linger'}")
    idle.active = True
    told.clear()
    with socket.create_connection(("127.0.0.1", idle.local_port), timeout=20) as theirs:
        pump_until(idle, lambda: told)
        with open_socket(idle.local_port, theirs.getsockname()[1]) as sock:
            assert not sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            assert not sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    peer.close()


def test_a_reset_by_a_peer_fires_on_disconnected_with_its_code(listening) -> None:
    told = record(listening, "on_connected", "on_disconnected")
    with socket.create_connection(("127.0.0.1", listening.local_port), timeout=20) as peer:
        pump_until(listening, lambda: told)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    pump_until(listening, lambda: len(told) == 2)
    assert told[1].status_code == 10054


@proves("on_ssl_client_authentication", "ssl_authenticate_clients", "SSLCACerts")
def test_a_handler_decides_on_the_certificate_of_a_client(secured, tmp_path) -> None:
    told = record(secured, "on_ssl_client_authentication", "on_trap")
    peer = Peer(secured, client_context(tmp_path, ALL.client))
    peer.send(trap())
    pump_until(secured, lambda: len(told) == 2)
    event = told[0]
    assert (event.cert_subject, event.status, event.accept) == ("CN=manager", "OK", True)
    assert (event.remote_address, event.remote_port) == ("127.0.0.1", peer.port)
    assert ssl.PEM_cert_to_DER_cert(event.cert_encoded.decode()) == ALL.client.der
    peer.close()


def test_a_client_that_the_handler_does_not_accept_is_closed(secured, tmp_path) -> None:
    traps = record(secured, "on_trap")

    def refuse(e) -> None:
        e.accept = False

    secured.on_ssl_client_authentication = refuse
    peer = Peer(secured, client_context(tmp_path, ALL.client))
    with pytest.raises((ConnectionError, ssl.SSLError)):
        peer.send(trap())
        peer.answer()
    assert traps == []
    peer.close()


@pytest.mark.parametrize("accept", [False, True])
def test_a_client_without_a_certificate_is_refused_unless_the_handler_accepts_it(accept, secured, tmp_path) -> None:
    told = []
    traps = record(secured, "on_trap")

    def decide(e) -> None:
        told.append((e.status, e.accept))
        e.accept = accept

    secured.on_ssl_client_authentication = decide
    peer = Peer(secured, client_context(tmp_path))
    peer.send(trap())
    pump_until(secured, lambda: told)
    if accept:
        pump_until(secured, lambda: traps)
    else:
        with pytest.raises((ConnectionError, ssl.SSLError)):
            peer.answer()
        assert traps == []
    assert told == [("the client has no certificate", False)]
    peer.close()


def test_openssl_refuses_a_client_of_another_authority_and_an_event_fires(secured, tmp_path) -> None:
    told = record(secured, "on_ssl_client_authentication")
    stranger = ALL.other_authority.issue("stranger")
    with pytest.raises((ConnectionError, ssl.SSLError)):
        peer = Peer(secured, client_context(tmp_path, stranger))
        peer.send(trap())
        peer.answer()
    pump_until(secured, lambda: told)
    assert told[0].accept is False
    assert "not trusted" in told[0].status
    peer.close()


def test_a_client_whose_revocation_status_is_unknown_is_refused_if_it_must_be_known(secured, tmp_path) -> None:
    secured.active = False
    secured.config("SSLCheckCRL=1")
    secured.active = True
    told = record(secured, "on_ssl_client_authentication", "on_trap")
    with pytest.raises((ConnectionError, ssl.SSLError)):
        peer = Peer(secured, client_context(tmp_path, ALL.client))
        peer.send(trap())
        peer.answer()
    pump_until(secured, lambda: told)
    assert [event.accept for event in told] == [False]
    assert "revocation" in told[0].status
    peer.close()


def test_a_client_with_a_cipher_suite_that_is_not_enabled_is_refused(secured, tmp_path) -> None:
    secured.active = False
    secured.config("SSLEnabledCipherSuites=TLS_AES_128_GCM_SHA256")
    secured.active = True
    told = record(secured, "on_ssl_status", "on_connected", "on_disconnected", "on_trap")
    peer = Peer(secured, client_context(tmp_path, ALL.client))
    with pytest.raises((ConnectionError, ssl.SSLError)):
        peer.send(trap())
        peer.answer()
    assert ["not enabled" in event.message for event in told] == [True]
    peer.close()


def test_data_that_arrives_with_the_handshake_of_a_refused_client_is_dropped(secured, tmp_path) -> None:
    secured.active = False
    secured.config("SSLEnabledCipherSuites=TLS_AES_128_GCM_SHA256")
    secured.active = True
    told = record(secured, "on_ssl_status", "on_trap")
    received, to_send = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context(tmp_path, ALL.client).wrap_bio(received, to_send, server_hostname="localhost")
    with socket.create_connection(("127.0.0.1", secured.local_port), timeout=0.01) as sock:
        for _ in range(500):
            try:
                client.do_handshake()
                break
            except ssl.SSLWantReadError:
                sock.sendall(to_send.read())
            secured.do_events()
            with contextlib.suppress(TimeoutError):
                received.write(sock.recv(65536))
        client.write(trap())
        sock.sendall(to_send.read())
        pump_until(secured, lambda: told)
        for _ in range(5):
            secured.do_events()
    assert ["not enabled" in getattr(event, "message", "a trap") for event in told] == [True]


def test_listening_with_tls_needs_a_certificate(idle) -> None:
    idle.local_port = free_port()
    idle.ssl_enabled = True
    with pytest.raises(IPWorksSNMPError, match="certificate") as caught:
        idle.active = True
    assert caught.value.code == 272


# ------------------------------------------------------------------------------------------- limits


def test_the_oldest_connection_without_a_notification_gives_way(idle, monkeypatch) -> None:
    monkeypatch.setattr("snmptcp.ipworks.listen.Admission", functools.partial(Admission, max_connections=2))
    choose_port(idle)
    idle.active = True
    told = record(idle, "on_trap", "on_disconnected")
    with contextlib.closing(Peer(idle)) as proved:
        proved.send(trap(1))
        pump_until(idle, lambda: told)
        with contextlib.closing(Peer(idle)) as silent, contextlib.closing(Peer(idle)) as newcomer:
            newcomer.send(trap(2))
            pump_until(idle, lambda: len(told) == 3)
            (ended,) = (each for each in told if each.event_name == "on_disconnected")
            assert ended.remote_port == silent.port
            assert "too many connections" in ended.description


def test_a_connection_without_a_notification_is_closed_after_a_while(idle, monkeypatch) -> None:
    monkeypatch.setattr("snmptcp.ipworks.listen.Admission", functools.partial(Admission, first_message_timeout=0.02))
    choose_port(idle)
    idle.active = True
    told = record(idle, "on_disconnected")
    with contextlib.closing(Peer(idle)) as peer:
        pump_until(idle, lambda: told)
        assert told[0].remote_port == peer.port


def test_while_many_octets_wait_for_handlers_nothing_more_is_read(listening, peer, monkeypatch) -> None:
    monkeypatch.setattr("snmptcp.ipworks.listen.MAX_WAITING_OCTETS", 5 * len(trap(1)))
    waiting: list[int] = []
    seen: list[int] = []

    def on_trap(event) -> None:
        waiting.append(sum(bool(posted.name) for posted in listening._core._pump._posted))
        seen.append(event.request_id)

    listening.on_trap = on_trap
    peer.send(*(trap(number) for number in range(1, 101)))
    pump_until(listening, lambda: len(seen) == 100)
    assert seen == list(range(1, 101))
    assert max(waiting) < 10


def test_traps_that_a_peer_sent_before_it_ended_its_tls_session_are_delivered(secured, tmp_path, monkeypatch) -> None:
    secured.active = False
    secured.ssl_authenticate_clients = False
    secured.active = True
    monkeypatch.setattr("snmptcp.net.turns.TURN", 1e-6)  # a turn of the loop has time for one batch
    monkeypatch.setattr("snmptcp.net.turns.SLICE", 0.0)
    told = record(secured, "on_trap", "on_disconnected")
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context(tmp_path).wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
    with socket.create_connection(("127.0.0.1", secured.local_port), timeout=0.05) as peer:

        def shake_hands() -> bool:
            try:
                client.do_handshake()
                peer.sendall(outgoing.read())
            except ssl.SSLWantReadError:
                with contextlib.suppress(TimeoutError):
                    peer.sendall(outgoing.read())
                    incoming.write(peer.recv(65536))
                return False
            return True

        pump_until(secured, shake_hands)
        client.write(b"".join(trap(number) for number in range(1, 201)))
        with contextlib.suppress(ssl.SSLWantReadError):
            client.unwrap()
        peer.sendall(outgoing.read())
        pump_until(secured, lambda: len(told) == 201)
    assert [event.request_id for event in told[:-1]] == list(range(1, 201))


def test_a_peer_that_waits_for_approval_is_not_read_when_data_is_accepted_again(secured, tmp_path) -> None:
    asked = []

    def decide(event) -> None:
        secured.accept_data = False
        secured.accept_data = True
        asked.append(event)
        event.accept = False

    secured.on_ssl_client_authentication = decide
    told = record(secured, "on_trap", "on_ssl_status")
    with contextlib.closing(Peer(secured, client_context(tmp_path, ALL.client))) as peer:
        peer.send(trap(1))
        pump_until(secured, lambda: asked and told)
        for _ in range(5):
            secured.do_events()
    assert [event for event in told if event.event_name == "on_trap"] == []
