"""The properties and settings that are more than a stored value."""

from __future__ import annotations

import ssl

import pytest

from snmptcp.ipworks import IPWorksSNMPError
from snmptcp.ipworks.options.suites import standard_suite_name
from snmptcp.testing import FailWith
from tests.ipworks.proofs import proves
from tests.ipworks.support import answered, ask, names, record, server_context, trust
from tests.support.certificates import certificates
from tests.support.mibs import SYS_DESCR

ALL = certificates()


@proves("error_description", "error_index", "error_status")
def test_an_error_status_does_not_raise_and_is_read_afterwards(mgr, agent) -> None:
    agent.inject(FailWith(16, 1))
    mgr.send_get_request()
    assert (mgr.error_status, mgr.error_index) == (16, 0)
    assert mgr.error_description == "Authorization error."
    mgr.send_get_request()
    assert (mgr.error_status, mgr.error_index, mgr.error_description) == (0, 0, "")


def test_the_error_index_is_that_of_the_arrays_and_the_event_has_the_agents(mgr, agent) -> None:
    told = record(mgr, "on_response")
    mgr.snmp_version = 1
    ask(mgr, SYS_DESCR, "1.3.6.1.2.1.1.99.0")
    mgr.send_get_request()
    assert (mgr.error_status, mgr.error_index) == (2, 1)
    assert names(mgr) == [SYS_DESCR, "1.3.6.1.2.1.1.99.0"]
    assert mgr.get_obj_id(mgr.error_index) == "1.3.6.1.2.1.1.99.0"
    agent.inject(FailWith(5, 0))
    mgr.send_get_request()
    assert (mgr.error_status, mgr.error_index) == (5, -1)
    assert [(event.error_status, event.error_index) for event in told] == [(2, 2), (5, 0)]


@proves("obj_count")
def test_new_objects_are_null_and_a_smaller_count_removes_the_last(idle) -> None:
    idle.obj_count = 2
    assert [idle.get_obj_type(index) for index in (0, 1)] == [5, 5]
    assert names(idle) == ["", ""]
    idle.set_obj_id(0, "1.3")
    idle.set_obj_count(1)
    idle.obj_count = 3
    assert names(idle) == ["1.3", "", ""]


@proves("request_id")
def test_the_request_id_is_that_of_the_next_packet_and_counts_up(mgr, agent) -> None:
    told = record(mgr, "on_response")
    assert mgr.request_id == 1
    mgr.send_get_request()
    assert mgr.request_id == 2
    mgr.request_id = 0x12345
    mgr.send_get_request()
    mgr.send_get_request()
    assert [request.pdu.request_id for request in agent.requests] == [1, 0x12345, 0x12346]
    assert [event.request_id for event in told] == [1, 0x12345, 0x12346]


def test_the_last_request_id_is_followed_by_the_first(mgr, agent) -> None:
    mgr.request_id = 0x7FFFFFFF
    mgr.send_get_request()
    assert agent.requests[-1].pdu.request_id == 0x7FFFFFFF
    assert mgr.request_id == 1


@proves("BuildInfo", "LicenseInfo")
def test_the_library_tells_its_version_and_licence(idle) -> None:
    import snmptcp

    assert f"snmptcp {snmptcp.__version__}" in idle.config("BuildInfo")
    assert "OpenSSL" in idle.config("BuildInfo")
    assert "MIT" in idle.config("LicenseInfo")


@proves("OpenSSLPrngSeedData")
def test_seed_data_is_given_to_openssl(idle, monkeypatch) -> None:
    given = []
    monkeypatch.setattr("ssl.RAND_add", lambda octets, entropy: given.append((octets, entropy)))
    idle.config("OpenSSLPrngSeedData=some noise")
    assert given == [(b"some noise", 0.0)]


@pytest.mark.parametrize("engine_id", ["abcd", "x" * 33, b"\0" * 8])
def test_an_invalid_engine_id_is_an_error(engine_id, idle) -> None:
    with pytest.raises(IPWorksSNMPError, match="local_engine_id"):
        idle.local_engine_id = engine_id


@proves("ssl_server_cert_encoded")
def test_the_certificate_of_the_server_is_read(serve, idle) -> None:
    serve()
    trust(idle)
    answered(idle)
    assert ssl.PEM_cert_to_DER_cert(idle.ssl_server_cert_encoded.decode()) == ALL.server.der


@proves(
    "SSLNegotiatedCipher",
    "SSLNegotiatedCipherStrength",
    "SSLNegotiatedCipherSuite",
    "SSLNegotiatedKeyExchange",
    "SSLNegotiatedKeyExchangeStrength",
)
def test_what_was_negotiated_is_read(serve, idle) -> None:
    agent = serve(server_context(maximum_version=ssl.TLSVersion.TLSv1_2))
    trust(idle)
    answered(idle)
    theirs = agent.call(lambda: agent.agent._server.connections[0].tls)
    assert idle.config("SSLNegotiatedCipher") == theirs.cipher
    assert idle.config("SSLNegotiatedCipher[1]") == theirs.cipher
    assert idle.config("SSLNegotiatedCipherStrength") == str(theirs.bits)
    assert idle.config("SSLNegotiatedCipherSuite") == standard_suite_name(theirs.cipher)
    assert idle.config("SSLNegotiatedKeyExchange") == "ECDHE"
    assert idle.config("SSLNegotiatedKeyExchangeStrength") == "253"  # of x25519
