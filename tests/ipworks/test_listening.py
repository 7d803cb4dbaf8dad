"""What peers send of themselves: to the port that the object listens on, and on the connection that it has made."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
import threading
import time

import pytest

from snmptcp import OID, Community, IpAddress, OctetString, TimeTicks, UsmUser, VarBind
from snmptcp.codec.framer import Framer
from snmptcp.codec.message import V3Message, decode_message
from snmptcp.codec.pdu import Pdu, PduType, TrapV1Pdu
from snmptcp.ipworks import IPWorksSNMPError
from snmptcp.security.usm_message import read_usm_parameters
from snmptcp.testing import Hold
from tests.ipworks.conftest import ask, names, pump_until, put, record, values
from tests.ipworks.rows import proves
from tests.support.certificates import PASSWORD, certificates
from tests.support.mibs import IF_TABLE, SYS_DESCR
from tests.support.netsnmp import free_port
from tests.support.notifications import Notifiers, as_community, as_user
from tests.support.senders import LINK_DOWN, acknowledged, community_message, inform, trap
from tests.support.snmpd import SnmpdUser

ALL = certificates()
UP = "1.3.6.1.2.1.1.3.0"
TRAP_OID = "1.3.6.1.6.3.1.1.4.1.0"


def choose_port(mgr) -> None:
    """Choose a port to listen on; another one will do should somebody else have taken it meanwhile."""
    mgr.local_host = "127.0.0.1"
    mgr.local_port = free_port()
    mgr.config("ForceLocalPort=False")


@pytest.fixture
def mgr(idle):
    """An object that listens."""
    choose_port(idle)
    idle.active = True
    return idle


class Peer:
    """A connection to the object, with what comes back on it cut into messages."""

    def __init__(self, mgr, tls: ssl.SSLContext | None = None) -> None:
        self._mgr = mgr
        self._framer = Framer()
        self._messages: list[bytes] = []
        self._socket: socket.socket = socket.create_connection(("127.0.0.1", mgr.local_port), timeout=20)
        if tls is not None:
            self._shake_hands(tls)
        self._socket.settimeout(0.01)

    def _shake_hands(self, tls: ssl.SSLContext) -> None:
        """Shake hands in another thread, while the object turns its loop here."""
        failed: list[BaseException] = []

        def work() -> None:
            try:
                self._socket = tls.wrap_socket(self._socket, server_hostname="localhost")
            except OSError as error:
                failed.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        while thread.is_alive():
            self._mgr.do_events()
        if failed:
            raise failed[0]

    @property
    def port(self) -> int:
        port: int = self._socket.getsockname()[1]
        return port

    def send(self, *messages: bytes) -> None:
        self._socket.settimeout(20)
        self._socket.sendall(b"".join(messages))
        self._socket.settimeout(0.01)

    def answer(self) -> bytes:
        """Return the next message that the object sends."""
        deadline = time.monotonic() + 20
        while not self._messages and time.monotonic() < deadline:
            self._mgr.do_events()
            try:
                data = self._socket.recv(65536)
            except TimeoutError:
                continue
            if not data:
                raise ConnectionError("closed")
            self._messages += self._framer.feed(data)
        return self._messages.pop(0)

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def peer(mgr):
    peer = Peer(mgr)
    yield peer
    peer.close()


@proves("local_port")
def test_an_active_object_listens_on_its_port(mgr, peer) -> None:
    told = record(mgr, "on_connected", "on_disconnected")
    pump_until(mgr, lambda: told)
    assert (told[0].status_code, told[0].remote_port) == (0, peer.port)
    peer.close()
    pump_until(mgr, lambda: len(told) == 2)
    assert told[1].status_code == 0
    port = mgr.local_port
    mgr.active = False
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=20)


def test_without_a_port_it_does_not_listen(idle) -> None:
    idle.active = True
    assert idle.local_port == 0


@proves("ForceLocalPort")
def test_a_port_that_is_busy_is_an_error_unless_another_will_do(idle) -> None:
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


@proves("on_trap")
@pytest.mark.parametrize("community", ["public", "whatever"])
def test_a_trap_is_told_while_the_arrays_hold_it(community, mgr, peer) -> None:
    told = []
    mgr.on_trap = lambda e: told.append((e, names(mgr), values(mgr)))
    pdu = Pdu(
        PduType.TRAP_V2,
        77,
        0,
        0,
        (
            VarBind(OID(UP), TimeTicks(4242)),
            VarBind(OID(TRAP_OID), LINK_DOWN),
            VarBind(OID("1.3.6.1.2.1.1.5.0"), OctetString("dev1")),
        ),
    )
    peer.send(community_message(pdu, Community(community)))
    pump_until(mgr, lambda: told)
    event, held, texts = told[0]
    assert (event.request_id, event.snmp_version, event.community) == (77, 2, community)
    assert (event.trap_oid, event.time_stamp) == (str(LINK_DOWN), 4242)
    assert (event.source_address, event.source_port, event.agent_address) == ("127.0.0.1", peer.port, "127.0.0.1")
    assert (event.user, event.security_level) == ("", 0)
    assert held == [UP, TRAP_OID, "1.3.6.1.2.1.1.5.0"]
    assert texts == [b"4242", str(LINK_DOWN).encode(), b"dev1"]


@pytest.mark.parametrize(
    ("enterprise", "generic", "specific", "trap_oid"),
    [
        ("1.3.6.1.6.3.1.1.5", 4, 0, "1.3.6.1.6.3.1.1.5.5"),
        ("1.3.6.1.4.1.9", 6, 7, "1.3.6.1.4.1.9.6.7"),
        ("1.3.6.1.4.1.9", 2, 0, "1.3.6.1.4.1.9.2.0"),
    ],
)
def test_the_trap_oid_of_version_1_is_made_as_documented(enterprise, generic, specific, trap_oid, mgr, peer) -> None:
    told = record(mgr, "on_trap")
    pdu = TrapV1Pdu(OID(enterprise), IpAddress("10.1.2.3"), generic, specific, TimeTicks(99), ())
    peer.send(community_message(pdu, Community("public", "1")))
    pump_until(mgr, lambda: told)
    (event,) = told
    assert (event.snmp_version, event.trap_oid, event.time_stamp) == (1, trap_oid, 99)
    assert event.agent_address == "10.1.2.3"


@proves("on_inform_request")
def test_an_inform_is_acknowledged_as_the_handler_says(mgr, peer) -> None:
    told = record(mgr, "on_inform_request")
    peer.send(inform(5))
    assert acknowledged(peer.answer()).error_status == 0
    assert (told[0].request_id, told[0].snmp_version, told[0].respond) == (5, 2, True)
    assert names(mgr)[:2] == [UP, TRAP_OID]

    def refuse(e) -> None:
        e.error_status = 16
        e.error_index = 1

    mgr.on_inform_request = refuse
    peer.send(inform(6))
    answer = acknowledged(peer.answer())
    assert (answer.request_id, answer.error_status, answer.error_index) == (6, 16, 1)


def test_an_inform_to_which_the_handler_does_not_respond_stays_unanswered(mgr, peer) -> None:
    def keep_silent(e) -> None:
        e.respond = e.request_id != 5

    mgr.on_inform_request = keep_silent
    peer.send(inform(5), inform(6))
    assert acknowledged(peer.answer()).request_id == 6


def test_what_is_sent_and_received_by_listening_is_traced(mgr, peer) -> None:
    told = record(mgr, "on_packet_trace")
    peer.send(inform(5))
    peer.answer()
    assert [event.direction for event in told] == [1, 2]
    assert mgr.config("SourcePort") == str(peer.port)


def discovery(message_id: int = 9) -> bytes:
    from snmptcp.security.remote_engine import Engine
    from snmptcp.security.usm import UsmSecurity

    return UsmSecurity(UsmUser("sha", "SHA", "authpass123"), Engine(), 65507).probe(message_id)


@proves("local_engine_id", "on_discovery_request")
def test_who_asks_is_told_who_we_are(idle) -> None:
    idle.local_engine_id = "MyEngineID"
    choose_port(idle)
    idle.active = True
    told = record(idle, "on_discovery_request")
    peer = Peer(idle)
    peer.send(discovery())
    answer = decode_message(peer.answer())
    assert isinstance(answer, V3Message)
    parameters = read_usm_parameters(answer.security_parameters, 0, len(answer.security_parameters))
    assert parameters.engine_id == b"MyEngineID"
    assert parameters.boots == 0
    assert abs(parameters.time - time.time()) < 30
    (event,) = told
    assert (event.engine_id, event.security_level, event.respond) == (b"", 0, True)
    assert event.source_port == peer.port

    def keep_silent(e) -> None:
        e.respond = False

    idle.on_discovery_request = keep_silent
    peer.send(discovery(10))
    idle.on_discovery_request = keep_silent
    peer.send(inform(6))
    assert acknowledged(peer.answer()).request_id == 6
    peer.close()


@pytest.mark.parametrize("engine_id", ["abcd", "x" * 33, b"\0" * 8])
def test_an_engine_id_that_cannot_be_one_is_an_error(engine_id, idle) -> None:
    with pytest.raises(IPWorksSNMPError, match="local_engine_id"):
        idle.local_engine_id = engine_id


def test_a_packet_that_makes_no_sense_is_told_and_nothing_is_sent_back(mgr, peer) -> None:
    told = record(mgr, "on_bad_packet")
    peer.send(b"\x30\x03\x02\x01\x01", inform(6))
    assert acknowledged(peer.answer()).request_id == 6
    (event,) = told
    assert event.packet == b"\x30\x03\x02\x01\x01"
    assert (event.error_code, event.source_port) == (1303, peer.port)


def wrong_user(mgr) -> bytes:
    """Return an authenticated message to the object of a user that it does not know."""
    from snmptcp.security.engine_clock import EngineInfo
    from snmptcp.security.remote_engine import Engine
    from snmptcp.security.usm import UsmSecurity

    engine = Engine(EngineInfo(mgr.local_engine_id, 0, int(time.time())), time.monotonic())
    security = UsmSecurity(UsmUser("stranger", "SHA", "authpass123"), engine, 65507)
    tail = b"\x02\x01\x00\x02\x01\x00\x30\x00"
    return security.protect(PduType.INFORM, b"\x11", tail, time.monotonic())


@pytest.mark.parametrize("report", [False, True])
def test_what_is_not_authentic_is_reported_only_if_the_handler_wants_it(report, idle) -> None:
    idle.local_engine_id = "MyEngineID"
    choose_port(idle)
    idle.active = True
    told = []

    def decide(e) -> None:
        told.append((e.report, e.error_code))
        e.report = report

    idle.on_bad_packet = decide
    peer = Peer(idle)
    peer.send(wrong_user(idle), inform(6))
    answer = decode_message(peer.answer())
    assert isinstance(answer, V3Message) is report
    assert told == [(False, 1302)]
    peer.close()


def test_without_accept_data_nothing_is_taken(mgr, peer) -> None:
    told = record(mgr, "on_trap", "on_connected")
    pump_until(mgr, lambda: told)
    mgr.accept_data = False
    peer.send(trap())
    for _ in range(5):
        mgr.do_events()
    assert len(told) == 1
    mgr.accept_data = True
    pump_until(mgr, lambda: len(told) == 2)


def test_a_trap_on_the_connection_that_we_have_made(agent, idle) -> None:
    told = record(idle, "on_trap", "on_response")
    idle.remote_host, idle.remote_port = agent.host, agent.port
    ask(idle, SYS_DESCR)
    idle.send_get_request()
    agent.call(lambda: agent.agent._server.connections[0].send(trap()))
    pump_until(idle, lambda: len(told) == 2)
    assert told[1].source_port == agent.port
    ask(idle, SYS_DESCR)
    idle.send_get_request()
    assert values(idle) == [b"a switch"]


@pytest.mark.parametrize("method", ["send_get_request", "walk"])
def test_when_a_method_returns_the_arrays_hold_its_answer_and_no_trap_that_came_later(method, agent, mgr, peer) -> None:
    mgr.remote_host, mgr.remote_port = agent.host, agent.port
    pump = mgr._core.pump
    sent: list[object] = []
    told = []

    async def queued() -> None:
        while not any(type(posted.params).__name__ == "SNMPTCPMgrTrapEventParams" for posted in posts()):
            await asyncio.sleep(0.005)

    def posts():
        return [posted for posted in pump._posted if hasattr(posted, "params")]

    def send_a_trap(e) -> None:
        """Have a trap arrive behind each answer, before anything of that answer is delivered."""
        if e.direction == 1 and e.packet_port == agent.port:
            peer.send(trap(len(sent)))
            sent.append(e)
            pump.run(queued())

    mgr.on_packet_trace = send_a_trap
    mgr.on_trap = lambda e: told.append(names(mgr))
    if method == "walk":
        mgr.walk(f"{IF_TABLE}.1.1")
        assert names(mgr) == [f"{IF_TABLE}.1.1.{row}" for row in (1, 2, 7, 300)]
    else:
        ask(mgr, SYS_DESCR)
        mgr.send_get_request()
        assert values(mgr) == [b"a switch"]
    assert sent
    pump_until(mgr, lambda: len(told) == len(sent))
    assert all(held[:2] == [UP, TRAP_OID] for held in told)


def test_sockets_that_are_accepted_are_set_as_the_settings_say(idle) -> None:
    for text in ("TcpNoDelay=True", "KeepAliveTime=45000", "Linger=False"):
        idle.config(text)
    choose_port(idle)
    idle.active = True
    told = record(idle, "on_connected")
    peer = Peer(idle)
    pump_until(idle, lambda: told)
    (connection,) = idle._core._listening.connections
    sock = connection._transport.get_extra_info("socket")
    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 45
    assert struct.unpack("ii", sock.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)) == (1, 0)
    idle.active = False
    for name in ("TcpNoDelay", "TCPKeepAlive", "Linger"):
        idle.config(f"{name}={name == 'Linger'}")
    idle.active = True
    told.clear()
    with socket.create_connection(("127.0.0.1", idle.local_port), timeout=20):
        pump_until(idle, lambda: told)
        sock = idle._core._listening.connections[0]._transport.get_extra_info("socket")
        assert not sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert not sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    peer.close()


@proves("CheckMessageOrigin")
@pytest.mark.parametrize("value", [True, False])
def test_a_response_that_comes_from_elsewhere_is_nobodys(value, agent, mgr, peer) -> None:
    mgr.config(f"CheckMessageOrigin={value}")
    mgr.remote_host, mgr.remote_port = agent.host, agent.port
    mgr.timeout = 0
    told = record(mgr, "on_response", "on_bad_packet")
    agent.inject(Hold())
    ask(mgr, SYS_DESCR)
    mgr.send_get_request()
    pump_until(mgr, lambda: agent.requests)
    forged = Pdu(PduType.RESPONSE, 1, 0, 0, (VarBind(OID(SYS_DESCR), OctetString("forged")),))
    peer.send(community_message(forged))
    pump_until(mgr, lambda: told)
    assert [type(event).__name__ for event in told] == ["SNMPTCPMgrBadPacketEventParams"]
    agent.call(agent.agent.release)
    pump_until(mgr, lambda: len(told) == 2)
    assert values(mgr) == [b"a switch"]


@proves("send_inform_request")
def test_informs_are_sent_and_acknowledged_between_two_objects(mgr) -> None:
    from snmptcp.ipworks import SNMPTCPMgr

    told = []
    mgr.on_inform_request = lambda e: told.append((e.community, values(mgr)))
    sender = SNMPTCPMgr()
    sender.remote_host, sender.remote_port = "127.0.0.1", mgr.local_port
    sender.timeout = 0
    sender.community = "traps"
    answers = record(sender, "on_response")
    put(sender, UP, 67, "100")
    sender.obj_count = 2
    sender.set_obj_id(1, TRAP_OID)
    sender.set_obj_type(1, 6)
    sender.set_obj_value(1, str(LINK_DOWN))
    sender.send_inform_request()
    while not answers:
        sender.do_events()
        mgr.do_events()
    sender.active = False
    assert told == [("traps", [b"100", str(LINK_DOWN).encode()])]
    assert answers[0].error_status == 0


def test_snmpv1_has_no_informs(idle, agent) -> None:
    idle.remote_host, idle.remote_port = agent.host, agent.port
    idle.snmp_version = 1
    put(idle, UP, 67, "1")
    with pytest.raises(IPWorksSNMPError, match="INFORM"):
        idle.send_inform_request()


# -------------------------------------------------------------------------------- net-snmp's senders


def while_it_runs(mgr, function):
    """Run a tool in a thread while the object turns its loop here; return its result."""
    results = []
    thread = threading.Thread(target=lambda: results.append(function()))
    thread.start()
    while thread.is_alive():
        mgr.do_events()
    return results[0]


def test_traps_and_informs_of_net_snmp_in_version_2c(mgr, tmp_path) -> None:
    told = record(mgr, "on_trap", "on_inform_request")
    address = f"tcp:127.0.0.1:{mgr.local_port}"
    notifiers = Notifiers(tmp_path)
    words = ("100", str(LINK_DOWN), "1.3.6.1.2.1.1.5.0", "s", "dev1")
    while_it_runs(mgr, lambda: notifiers.trap(as_community("2c"), address, *words))
    done = while_it_runs(mgr, lambda: notifiers.inform(as_community("2c", "other"), address, *words))
    assert done.returncode == 0
    assert [(type(event).__name__, event.community) for event in told] == [
        ("SNMPTCPMgrTrapEventParams", "public"),
        ("SNMPTCPMgrInformRequestEventParams", "other"),
    ]


def test_an_inform_of_net_snmp_in_version_3(idle, tmp_path) -> None:
    choose_port(idle)
    idle.user = "traveller"
    idle.authentication_protocol = 2
    idle.authentication_password = "authpass123"
    idle.encryption_algorithm = 2
    idle.encryption_password = "privpass123"
    idle.active = True
    told = record(idle, "on_discovery_request", "on_inform_request", "on_bad_packet")
    user = as_user(SnmpdUser("traveller", "SHA", "AES"))
    words = ("100", str(LINK_DOWN), "1.3.6.1.2.1.1.5.0", "s", "dev1")
    address = f"tcp:127.0.0.1:{idle.local_port}"
    done = while_it_runs(idle, lambda: Notifiers(tmp_path).inform(user, address, *words))
    assert done.returncode == 0
    assert [type(event).__name__ for event in told] == [
        "SNMPTCPMgrDiscoveryRequestEventParams",
        "SNMPTCPMgrInformRequestEventParams",
    ]
    assert (told[1].user, told[1].security_level) == ("traveller", 2)


def test_a_trap_of_net_snmp_in_version_3(idle, tmp_path) -> None:
    choose_port(idle)
    idle.user = "traveller"
    idle.authentication_protocol = 2
    idle.authentication_password = "authpass123"
    idle.active = True
    told = record(idle, "on_trap")
    user = as_user(SnmpdUser("traveller", "SHA"), b"\x80\x00\x1f\x88\x04sender")
    address = f"tcp:127.0.0.1:{idle.local_port}"
    while_it_runs(idle, lambda: Notifiers(tmp_path).trap(user, address, "100", str(LINK_DOWN)))
    pump_until(idle, lambda: told)
    assert (told[0].user, told[0].security_level, told[0].snmp_version) == ("traveller", 1, 3)


# ---------------------------------------------------------------------------------------------- TLS


@pytest.fixture
def secured(idle):
    """An object that listens inside TLS and asks for certificates."""
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


@proves("on_ssl_client_authentication", "ssl_authenticate_clients", "SSLCACerts")
def test_a_client_shows_its_certificate_and_a_handler_decides(secured, tmp_path) -> None:
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
def test_a_client_without_a_certificate_is_turned_away_unless_the_handler_accepts_it(accept, secured, tmp_path) -> None:
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


def test_a_client_of_another_authority_is_turned_away_by_openssl_and_told(secured, tmp_path) -> None:
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


def test_a_client_whose_revocation_nobody_knows_is_turned_away_where_that_must_be_known(secured, tmp_path) -> None:
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


def test_a_client_whose_cipher_suite_is_not_enabled_is_turned_away(secured, tmp_path) -> None:
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


def test_what_comes_in_one_piece_with_the_handshake_of_a_client_that_is_turned_away_is_dropped(
    secured, tmp_path
) -> None:
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


def test_listening_inside_tls_needs_a_certificate(idle) -> None:
    idle.local_port = free_port()
    idle.ssl_enabled = True
    with pytest.raises(IPWorksSNMPError, match="certificate") as caught:
        idle.active = True
    assert caught.value.code == 272


def test_a_reset_of_a_peer_is_told(mgr) -> None:
    told = record(mgr, "on_connected", "on_disconnected")
    with socket.create_connection(("127.0.0.1", mgr.local_port), timeout=20) as peer:
        pump_until(mgr, lambda: told)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    pump_until(mgr, lambda: len(told) == 2)
    assert told[1].status_code == 10054
