"""Each setting of SNMP, of the methods and of the class: its effect on the wire, on methods and on events."""

from __future__ import annotations

import asyncio
import time

import pytest

from snmptcp.codec.message import decode_message
from snmptcp.ipworks import IPWorksSNMPError
from snmptcp.ipworks.tables.settings import SETTINGS
from snmptcp.testing import Delay, Hold
from tests.ipworks.conftest import AUTH, ask, be, names, pump_until, put, record, values
from tests.ipworks.rows import proves
from tests.support.mibs import BIG_TABLE, IF_TABLE, LAST, SYS_DESCR, SYS_NAME
from tests.support.senders import trap


@pytest.mark.parametrize("entry", SETTINGS.values(), ids=lambda entry: entry.name)
def test_a_setting_reads_as_its_default_first(entry, idle) -> None:
    if entry.name in ("BuildInfo", "LicenseInfo"):
        assert idle.config(entry.name)
    else:
        assert idle.config(entry.name) == str(entry.default)


@pytest.mark.parametrize("entry", [e for e in SETTINGS.values() if not e.writable], ids=lambda entry: entry.name)
def test_a_read_only_setting_cannot_be_set(entry, idle) -> None:
    with pytest.raises(IPWorksSNMPError, match="read-only"):
        idle.config(f"{entry.name}=1")


@pytest.mark.parametrize("entry", [e for e in SETTINGS.values() if e.writable], ids=lambda entry: entry.name)
def test_a_setting_takes_its_own_default(entry, idle) -> None:
    assert idle.config(f"{entry.name}={entry.default}") == ""
    assert idle.config(entry.name) == str(entry.default)


@proves(
    "LogSSLPackets",
    "ProcessIdleEvents",
    "SSLProvider",
    "TLS12SignatureAlgorithms",
    "TLS13KeyShareGroups",
    "TLS13SignatureAlgorithms",
    "UseInternalSecurityAPI",
)
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("LogSSLPackets=True", "on_packet_trace"),
        ("ProcessIdleEvents=True", "do_events"),
        ("SSLProvider=Internal", "OpenSSL"),
        ("TLS12SignatureAlgorithms=rsa-sha512", "cannot choose"),
        ("TLS13KeyShareGroups=ecdhe_x25519", "cannot choose"),
        ("TLS13SignatureAlgorithms=ed25519", "cannot choose"),
        ("UseInternalSecurityAPI=True", "OpenSSL"),
    ],
)
def test_what_this_platform_cannot_honour_is_an_error_that_says_why(text, why, idle) -> None:
    name = text.partition("=")[0]
    before = idle.config(name)
    with pytest.raises(IPWorksSNMPError, match=why) as caught:
        idle.config(text)
    assert caught.value.code == 10045
    assert idle.config(name) == before


@pytest.mark.parametrize(
    "text", ["MsgMaxSize=8191", "UseIPv6=3", "FirewallType=4", "FirewallPort=65536", "SSLCheckCRL=3"]
)
def test_a_number_out_of_its_range_is_an_error(text, idle) -> None:
    with pytest.raises(IPWorksSNMPError, match=text.partition("=")[0]) as caught:
        idle.config(text)
    assert caught.value.code == 10022


# ------------------------------------------------------------------------------------------- SNMP


@proves("CompatibilityMode")
@pytest.mark.parametrize(
    ("mode", "algorithm", "user"), [(0, 4, "aes192c"), (0, 5, "aes256c"), (1, 4, "aes192"), (1, 5, "aes256")]
)
def test_the_compatibility_mode_chooses_how_keys_are_made_longer(mode, algorithm, user, mgr) -> None:
    mgr.config(f"CompatibilityMode={mode}")
    be(mgr, user, 2, algorithm)
    mgr.send_get_request()
    assert values(mgr) == [b"a switch"]


@proves("ContextName")
def test_the_context_name_is_asked_about(mgr, agent) -> None:
    be(mgr, "sha", 2)
    mgr.config("ContextName=other")
    mgr.send_get_request()
    assert values(mgr) == [b"another context"]
    assert agent.requests[-1].context_name == b"other"


@proves("ContextEngineId")
@pytest.mark.parametrize(
    ("text", "octets"),
    [("engine of text", b"engine of text"), ("0x8000000001020304", bytes.fromhex("8000000001020304"))],
)
def test_the_context_engine_id_is_in_the_scoped_pdu(text, octets, mgr) -> None:
    be(mgr, "open")
    mgr.config(f"ContextEngineId={text}")
    told = record(mgr, "on_packet_trace")
    mgr.timeout = 2
    with pytest.raises(IPWorksSNMPError):  # the agent does not answer for that engine
        mgr.send_get_request()
    last = [decode_message(event.packet) for event in told if event.direction == 2][-1]
    assert last.scoped_pdu.context_engine_id == octets  # type: ignore[union-attr]


@pytest.mark.parametrize("text", ["0xyz", "0x123"])
def test_a_context_engine_id_that_is_not_hexadecimal_is_an_error(text, idle) -> None:
    with pytest.raises(IPWorksSNMPError, match="hexadecimal"):
        idle.config(f"ContextEngineId={text}")


@proves("DecryptLogPackets")
def test_decrypted_packets_are_traced(mgr) -> None:
    be(mgr, "aes", 2, 2)
    mgr.config("DecryptLogPackets=True")
    told = record(mgr, "on_packet_trace")
    mgr.send_get_request()
    assert [decode_message(event.packet).encrypted_pdu for event in told] == [None] * len(told)  # type: ignore[union-attr]
    assert len(told) == 4


@proves("MsgMaxSize")
def test_the_message_size_is_told_to_agents_and_kept_to(mgr, agent) -> None:
    be(mgr, "open")
    mgr.config("MsgMaxSize=9000")
    told = record(mgr, "on_packet_trace")
    mgr.send_get_request()
    assert {decode_message(event.packet).msg_max_size for event in told if event.direction == 2} == {9000}  # type: ignore[union-attr]
    mgr.snmp_version = 2
    agent.call(lambda: agent.agent.mib.__setitem__(f"{SYS_DESCR}.9", b"x" * 9000))
    ask(mgr, f"{SYS_DESCR}.9")
    with pytest.raises(IPWorksSNMPError, match="exceeds the limit of 9000"):
        mgr.send_get_request()


@proves("SourceAddress", "SourcePort")
def test_the_source_of_the_last_packet_is_read(mgr, agent) -> None:
    mgr.send_get_request()
    assert mgr.config("SourceAddress") == "127.0.0.1"
    assert mgr.config("SourcePort") == str(agent.port)


@proves("TimeoutInMilliseconds")
def test_the_timeout_may_count_milliseconds(mgr, agent) -> None:
    mgr.send_get_request()
    mgr.config("TimeoutInMilliseconds=True")
    mgr.timeout = 600
    agent.inject(Delay(20))
    begun = time.monotonic()
    with pytest.raises(IPWorksSNMPError, match=r"within 0\.6 s") as caught:
        mgr.send_get_request()
    assert caught.value.code == 201
    assert time.monotonic() - begun >= 0.6


@proves("WalkInsideRange")
def test_a_walk_ends_with_its_table_or_with_the_mib(mgr) -> None:
    mgr.walk(f"{IF_TABLE}.1.10")
    assert all(name.startswith(IF_TABLE) for name in names(mgr))
    assert mgr.obj_count == 3
    mgr.config("WalkInsideRange=False")
    mgr.walk(f"{IF_TABLE}.1.10")
    assert names(mgr)[-1] == "1.3.6.1.6.3.15.1.1.6.0" or names(mgr)[-1] > LAST
    assert mgr.obj_count > 900


@proves("WalkStartOID")
def test_a_walk_may_start_inside_its_table(mgr) -> None:
    mgr.config(f"WalkStartOID={BIG_TABLE}.1.3.298")
    mgr.walk(BIG_TABLE)
    assert names(mgr) == [f"{BIG_TABLE}.1.3.{row}" for row in (299, 300)]


def test_a_walk_cannot_start_outside_its_table(mgr) -> None:
    mgr.config(f"WalkStartOID={SYS_DESCR}")
    with pytest.raises(IPWorksSNMPError, match="must be inside the subtree"):
        mgr.walk(BIG_TABLE)


# ---------------------------------------------------------------------------------------- timeouts


@proves("AbsoluteTimeout")
@pytest.mark.parametrize(("absolute", "answered"), [("False", True), ("True", False)])
def test_what_is_received_starts_the_timeout_anew_unless_it_is_absolute(absolute, answered, mgr, agent) -> None:
    """Two answers, each within the time, together longer than it: the walk is one method."""
    mgr.send_get_request()
    mgr.config(f"AbsoluteTimeout={absolute}")
    mgr.timeout = 3
    agent.inject(Delay(2), times=2)
    mgr.snmp_version = 1
    mgr.walk_limit = 2
    if answered:
        mgr.walk(BIG_TABLE)
        assert mgr.obj_count == 2
    else:
        with pytest.raises(IPWorksSNMPError) as caught:
            mgr.walk(BIG_TABLE)
        assert caught.value.code == 201


@pytest.mark.parametrize("absolute", [False, True])
def test_whatever_is_received_keeps_one_request_waiting_unless_the_timeout_is_absolute(absolute, mgr, agent) -> None:
    mgr.send_get_request()
    mgr.config(f"AbsoluteTimeout={absolute}")
    mgr.timeout = 2
    agent.inject(Hold())

    async def chatter() -> None:
        for number in range(30):
            await asyncio.sleep(0.1)
            for connection in agent.agent._server.connections:
                connection.send(trap(number))
        agent.agent.release()

    chattering = asyncio.run_coroutine_threadsafe(chatter(), agent.thread.loop)
    ask(mgr, SYS_DESCR)
    if absolute:
        with pytest.raises(IPWorksSNMPError) as caught:
            mgr.send_get_request()
        assert caught.value.code == 201
    else:
        mgr.send_get_request()
        assert values(mgr) == [b"a switch"]
    chattering.result(20)


@proves("SelectWaitMillis")
def test_do_events_waits_as_long_as_told_where_nothing_happens(mgr) -> None:
    mgr.send_get_request()
    mgr.config("SelectWaitMillis=300")
    begun = time.monotonic()
    mgr.do_events()
    assert time.monotonic() - begun >= 0.29


# ------------------------------------------------------------------------------------ text and facts


@proves("CodePage")
def test_text_is_made_octets_by_the_code_page(mgr, agent) -> None:
    mgr.community = "private"
    mgr.config("CodePage=1252")
    put(mgr, SYS_NAME, 4, "Zürich €")
    mgr.send_set_request()
    assert agent.call(lambda: bytes(agent.agent.mib[SYS_NAME])) == "Zürich €".encode("cp1252")
    mgr.send_get_request()
    assert mgr.value(SYS_NAME) == "Zürich €"


def test_a_code_page_that_there_is_not_and_one_that_lacks_the_letters(idle) -> None:
    with pytest.raises(IPWorksSNMPError, match="4711") as caught:
        idle.config("CodePage=4711")
    assert caught.value.code == 434
    idle.config("CodePage=20127")
    idle.obj_count = 1
    with pytest.raises(IPWorksSNMPError, match="ascii") as caught:
        idle.set_obj_value(0, "Zürich")
    assert caught.value.code == 434


@proves("BuildInfo", "LicenseInfo")
def test_the_library_tells_what_it_is(idle) -> None:
    import snmptcp

    assert f"snmptcp {snmptcp.__version__}" in idle.config("BuildInfo")
    assert "OpenSSL" in idle.config("BuildInfo")
    assert "MIT" in idle.config("LicenseInfo")


@proves("LocalHost", "LocalPort")
def test_the_settings_of_the_local_end_are_the_properties(mgr, agent) -> None:
    mgr.config("LocalHost=127.0.0.9")
    assert mgr.local_host == "127.0.0.9"
    mgr.send_get_request()
    peers = agent.call(lambda: [connection.peer[0] for connection in agent.agent._server.connections])
    assert peers == ["127.0.0.9"]
    assert mgr.config("LocalPort") == str(mgr.local_port) != "0"
    with pytest.raises(IPWorksSNMPError) as caught:
        mgr.config("LocalPort=1620")
    assert caught.value.code == 106


@proves("MaxLineLength")
def test_no_message_is_cut_by_the_line_length_which_is_frozen_while_connected(mgr, agent) -> None:
    mgr.config("MaxLineLength=256")
    agent.call(lambda: agent.agent.mib.__setitem__(SYS_NAME, b"x" * 5000))
    ask(mgr, SYS_NAME)
    mgr.send_get_request()
    assert values(mgr) == [b"x" * 5000]
    with pytest.raises(IPWorksSNMPError) as caught:
        mgr.config("MaxLineLength=512")
    assert caught.value.code == 112
    with pytest.raises(IPWorksSNMPError, match="at least 256"):
        mgr.config("MaxLineLength=255")


@proves("OpenSSLPrngSeedData")
def test_seed_data_is_given_to_openssl(idle, monkeypatch) -> None:
    given = []
    monkeypatch.setattr("ssl.RAND_add", lambda octets, entropy: given.append((octets, entropy)))
    idle.config("OpenSSLPrngSeedData=some noise")
    assert given == [(b"some noise", 0.0)]


def test_a_password_that_is_too_short_is_an_error(mgr) -> None:
    be(mgr, "sha", 2)
    mgr.authentication_password = AUTH[:7]
    with pytest.raises(IPWorksSNMPError, match="8 characters"):
        mgr.send_get_request()


def test_events_of_a_background_request_reach_the_handlers_in_order(mgr) -> None:
    told = record(mgr, "on_connected", "on_packet_trace", "on_response")
    mgr.timeout = 0
    mgr.send_get_request()
    pump_until(mgr, lambda: len(told) == 4)
    kinds = [type(event).__name__.removeprefix("SNMPTCPMgr").removesuffix("EventParams") for event in told]
    assert kinds == ["Connected", "PacketTrace", "PacketTrace", "Response"]
