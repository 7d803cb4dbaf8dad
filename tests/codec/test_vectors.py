"""The packets of tests/vectors: decoded, encoded again, truncated and damaged at every offset.

The expected contents come from other programs (tests/vectors/README.md).
"""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp.codec.message import CommunityMessage, Message, V3Message, decode_message, encode_message
from snmptcp.codec.pdu import AnyPdu, Pdu, PduType, TrapV1Pdu
from snmptcp.credentials import SnmpVersion
from snmptcp.errors import DecodeError
from snmptcp.oid import OID
from snmptcp.values import (
    Counter32,
    Counter64,
    EndOfMibView,
    Gauge32,
    Integer32,
    IpAddress,
    NoSuchInstance,
    NoSuchObject,
    OctetString,
    Opaque,
    TimeTicks,
    VarBind,
)
from tests.support.vectors import (
    VECTORS,
    Exchange,
    Packet,
    all_messages,
    exchanges,
    gosnmp_varbind,
    must_fail_messages,
    packets,
    recorded_varbinds,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

MESSAGES = tuple(all_messages())
MUST_FAIL = tuple(must_fail_messages())

#: Messages with a length or a number in more octets than needed; all others are encoded as they were recorded.
NOT_MINIMAL = {
    "gosnmp/packets.json:portOnIncoming1",
    "gosnmp/packets.json:portOffIncoming1",
    "puresnmp/packets.json:dummy",
    "captures/payloads.json:zeek/mixed.pcapng#72",
    "captures/payloads.json:zeek/mixed.pcapng#77",
    "captures/payloads.json:zeek/snmp-oid-subidentifier-too-long.pcap#1",  # a name is padded
}


def sources(*prefixes: str) -> list[Any]:
    """Return the packets of some files as test parameters with names."""
    return [pytest.param(packet, id=packet.name) for packet in MESSAGES if packet.name.startswith(prefixes)]


def pdu_of(message: Message) -> AnyPdu | None:
    if isinstance(message, CommunityMessage):
        return message.pdu
    return None if message.scoped_pdu is None else message.scoped_pdu.pdu


def community_pdu(octets: bytes) -> Pdu:
    """Return the PDU of an SNMPv1 or SNMPv2c message."""
    message = decode_message(octets)
    assert isinstance(message, CommunityMessage)
    assert isinstance(message.pdu, Pdu)
    return message.pdu


# ------------------------------------------------------------------------------------- all of them


def test_the_vectors_are_all_there_and_have_names_of_their_own():
    assert len(MESSAGES) == 1142
    assert len({packet.name for packet in MESSAGES + MUST_FAIL}) == len(MESSAGES + MUST_FAIL)
    assert len(MUST_FAIL) == 15
    assert {packet.name for packet in MESSAGES} >= NOT_MINIMAL


def test_every_message_is_read_and_a_minimal_one_is_written_back_octet_by_octet():
    not_minimal = set()
    for packet in MESSAGES:
        message = decode_message(packet.octets)
        written = encode_message(message)
        if written != packet.octets:
            not_minimal.add(packet.name)
            assert len(written) < len(packet.octets), packet.name
            assert decode_message(written) == message, packet.name
    assert not_minimal == NOT_MINIMAL


@pytest.mark.parametrize("packet", [pytest.param(packet, id=packet.name) for packet in MUST_FAIL])
def test_what_must_fail_is_refused_at_an_offset_inside(packet: Packet):
    with pytest.raises(DecodeError) as caught:
        decode_message(packet.octets)
    assert 0 <= caught.value.offset <= len(packet.octets)
    assert caught.value.octets == packet.octets
    assert len(str(caught.value)) < 200


def distinct(limit: int) -> list[Packet]:
    """Return messages of up to ``limit`` octets, one of each length and kind: many captures are alike."""
    chosen: dict[tuple[str, int], Packet] = {}
    for packet in MESSAGES:
        if len(packet.octets) <= limit:
            chosen.setdefault((packet.name.partition(":")[0], len(packet.octets)), packet)
    return list(chosen.values())


def test_a_message_cut_off_anywhere_is_refused():
    shapes = distinct(600)
    assert len(shapes) > 250
    for packet in shapes:
        for length in range(len(packet.octets)):
            cut = packet.octets[:length]
            with pytest.raises(DecodeError) as caught:
                decode_message(cut)
            assert 0 <= caught.value.offset <= length, packet.name


def test_a_message_whose_length_was_shortened_with_it_is_refused_too():
    """The outermost length matches the truncated message, so the inner lengths are wrong and must not be trusted."""
    for packet in distinct(127):
        octets = packet.octets
        if octets[1] >= 0x80:
            continue
        for length in range(2, len(octets)):
            cut = bytes((0x30, length - 2)) + octets[2:length]
            with pytest.raises(DecodeError):
                decode_message(cut)


def test_an_octet_damaged_anywhere_gives_a_message_or_a_decode_error():
    """Only a DecodeError is raised; what is decoded in spite of the damage survives encoding and decoding."""
    dice = random.Random(3430)
    read = refused = 0
    for packet in dice.sample(distinct(600), 40):
        for position in range(len(packet.octets)):
            for damage in {0x00, 0x80, 0xFF, packet.octets[position] ^ (1 << dice.randrange(8))}:
                damaged = packet.octets[:position] + bytes((damage,)) + packet.octets[position + 1 :]
                try:
                    message = decode_message(damaged)
                except DecodeError as error:
                    assert 0 <= error.offset <= len(damaged)  # noqa: PT017 - either outcome is right
                    refused += 1
                else:
                    read += 1
                    again = decode_message(encode_message(message))
                    assert pdu_of(again) == pdu_of(message)
                    str(pdu_of(message))
    assert read > 1000
    assert refused > 1000


# ------------------------------------------------------------------------------------------- gosnmp

_GOSNMP_TYPES = {
    "GetRequest": PduType.GET,
    "GetResponse": PduType.RESPONSE,
    "SetRequest": PduType.SET,
    "SNMPv2Trap": PduType.TRAP_V2,
    "Report": PduType.REPORT,
}
_GOSNMP_VERSIONS = {
    "Version1": SnmpVersion.V1,
    "Version2c": SnmpVersion.V2C,
    "v2c": SnmpVersion.V2C,
    "Version3": SnmpVersion.V3,
}


@pytest.mark.parametrize("packet", [param for param in sources("gosnmp/packets") if "expect" in param.values[0].record])
def test_packets_of_gosnmp_say_what_gosnmp_expects(packet: Packet):
    expect = packet.record["expect"]
    message = decode_message(packet.octets)
    assert message.version == _GOSNMP_VERSIONS[expect["Version"]]
    if isinstance(message, CommunityMessage):
        assert message.community == expect["Community"].encode()
    if isinstance(message, V3Message) and "MsgID" in expect:
        assert message.msg_id == expect["MsgID"]
    pdu = pdu_of(message)
    if pdu is None:
        assert expect["flags"] == "authPriv"
        return
    assert isinstance(pdu, Pdu)
    assert pdu.type is _GOSNMP_TYPES[expect["PDUType"]]
    assert pdu.request_id == expect["RequestID"]
    assert pdu.error_status == expect.get("Error", 0)
    assert pdu.error_index == expect.get("ErrorIndex", 0)
    for varbind, record in zip(pdu.varbinds, expect.get("Variables", pdu.varbinds), strict=True):
        if isinstance(record, dict):
            check_gosnmp_varbind(varbind, record)


def check_gosnmp_varbind(varbind: VarBind, record: Mapping[str, Any]) -> None:
    name, kind, value = gosnmp_varbind(record)
    assert varbind.oid == name
    if kind in ("OpaqueFloat", "OpaqueDouble"):
        assert isinstance(varbind.value, Opaque)
        assert varbind.value.number == value
    elif kind == "Opaque" and record["value"]["bytes_hex"] == "41f00000":
        # The octets of a Float of 30.0 without the Opaque around them.
        assert isinstance(varbind.value, Opaque)
        assert varbind.value.endswith(value)
    else:
        assert type(varbind.value) is type(value)
        assert varbind.value == value


@pytest.mark.parametrize(
    "packet", [param for param in sources("gosnmp/packets") if param.values[0].record.get("minimal")]
)
def test_packets_that_gosnmp_encodes_are_encoded_to_the_same_octets(packet: Packet):
    expect = packet.record["expect"]
    varbinds = []
    for record in expect["Variables"]:
        name, _, value = gosnmp_varbind(record)
        varbinds.append(VarBind(name, value))
    pdu = Pdu(_GOSNMP_TYPES[expect["PDUType"]], expect["RequestID"], varbinds=tuple(varbinds))
    message = CommunityMessage(_GOSNMP_VERSIONS[expect["Version"]], expect["Community"].encode(), pdu)
    assert encode_message(message) == packet.octets


@pytest.mark.parametrize("packet", sources("gosnmp/netsnmp_golden_set"))
def test_set_requests_are_read_and_written_as_libsnmp_wrote_them(packet: Packet):
    record = packet.record
    pdu = community_pdu(packet.octets)
    assert (pdu.type, pdu.request_id, len(pdu.varbinds)) == (PduType.SET, record["RequestID"], 1)
    check_gosnmp_varbind(pdu.varbinds[0], record)
    name, _, value = gosnmp_varbind(record)
    if isinstance(value, float):
        return
    rebuilt = CommunityMessage(SnmpVersion.V2C, b"public", Pdu(PduType.SET, 1, varbinds=(VarBind(name, value),)))
    assert encode_message(rebuilt) == packet.octets


# ------------------------------------------------------ packets whose contents pyasn1 has recorded


@pytest.mark.parametrize(
    "packet",
    [param for param in sources("puresnmp/", "rusticata/", "snmpio/") if "decoded" in param.values[0].record],
)
def test_packets_say_what_pyasn1_reads_in_them(packet: Packet):
    record = packet.record["decoded"]
    message = decode_message(packet.octets)
    assert message.version == record["version"]
    if isinstance(message, CommunityMessage):
        assert message.community.hex() == record["community"]
    else:
        assert message.msg_id == record["msg_id"]
        assert message.msg_max_size == record["msg_max_size"]
        assert f"{message.msg_flags:02x}" == record["msg_flags"]
        assert message.security_model == record["security_model"]
        assert message.security_parameters.hex() == record["security_parameters"]
        start = message.security_parameters_start
        assert packet.octets[start:].startswith(message.security_parameters)
        if message.encrypted_pdu is not None:
            assert message.encrypted_pdu.hex() == record["encrypted_pdu"]
            return
        assert message.scoped_pdu is not None
        assert message.scoped_pdu.context_engine_id.hex() == record["context_engine_id"]
        assert message.scoped_pdu.context_name.hex() == record["context_name"]
    pdu = pdu_of(message)
    assert isinstance(pdu, Pdu)
    assert f"{pdu.type:02x}" == record["type"]
    assert (pdu.request_id, pdu.error_status, pdu.error_index) == (
        record["request_id"],
        record["error_status"],
        record["error_index"],
    )
    expected = recorded_varbinds(record)
    assert pdu.varbinds == expected
    assert [type(varbind.value) for varbind in pdu.varbinds] == [type(varbind.value) for varbind in expected]


def test_a_request_id_of_five_octets_is_kept_to_32_bits():
    packet = next(packet for packet in MESSAGES if packet.name == "puresnmp/packets.json:dummy")
    pdu = community_pdu(packet.octets)
    assert packet.octets[16:23] == bytes.fromhex("020500c271e030")
    assert pdu.request_id & 0xFFFFFFFF == 0xC271E030
    assert str(pdu.varbinds[0]) == (
        "1.3.6.1.2.1.1.1.0 = Linux d24cf7f36138 4.4.0-28-generic #47-Ubuntu SMP Fri Jun 24 10:09:13 UTC 2016 x86_64"
    )


def test_the_cold_start_trap_of_rusticata_is_read():
    packet = next(packet for packet in MESSAGES if packet.name.endswith("snmpv1_trap_coldstart"))
    expected = TrapV1Pdu(
        OID("1.3.6.1.4.1.4.1.2.21"),
        IpAddress("127.0.0.1"),
        0,
        0,
        TimeTicks(0),
        (VarBind(OID("1.3.6.1.2.1.2.1.0"), Integer32(33)),),
    )
    assert decode_message(packet.octets) == CommunityMessage(SnmpVersion.V1, b"public", expected)


# ------------------------------------------------------------- captures, with the summaries of tshark

_TSHARK_TYPES = {
    "get-request": PduType.GET,
    "get-next-request": PduType.GET_NEXT,
    "get-response": PduType.RESPONSE,
    "set-request": PduType.SET,
    "getBulkRequest": PduType.GET_BULK,
    "report": PduType.REPORT,
    "trap": PduType.TRAP_V1,
}


@pytest.mark.parametrize("packet", sources("captures/"))
def test_captures_say_what_tshark_reads_in_them(packet: Packet):
    kind, *names = packet.record["tshark"].replace("itu-t.", "0.").replace("iso.", "1.").split()
    message = decode_message(packet.octets)
    if kind == "encryptedPDU:":
        assert isinstance(message, V3Message)
        assert message.encrypted_pdu
        return
    pdu = pdu_of(message)
    assert pdu is not None
    assert pdu.type is _TSHARK_TYPES[kind]
    if isinstance(pdu, TrapV1Pdu):
        assert names.pop(0) == str(pdu.enterprise)
    assert [str(varbind.oid) for varbind in pdu.varbinds] == names


# ------------------------------------------------------- exchanges over TCP, with net-snmp's own output

LINE = re.compile(r"\.(?P<name>[0-9.]+) = (?:(?P<kind>[A-Za-z0-9-]+): )?(?P<text>.*)", re.DOTALL)

_EXCEPTIONS = {
    "No Such Object": NoSuchObject,
    "No Such Instance": NoSuchInstance,
    "No more variables": EndOfMibView,
}
_NET_SNMP_TYPES = {
    "INTEGER": Integer32,
    "Counter32": Counter32,
    "Counter64": Counter64,
    "Gauge32": Gauge32,
    "Timeticks": TimeTicks,
    "STRING": OctetString,
    "Hex-STRING": OctetString,
    "IpAddress": IpAddress,
    "OID": OID,
}


def printed_lines(stdout: str) -> list[re.Match[str]]:
    """Return the variable bindings that a net-snmp tool printed; a string may contain line breaks."""
    lines = re.split(r"\n(?=\.[0-9])", stdout)
    return [match for match in map(LINE.fullmatch, lines) if match]


def agrees(varbind: VarBind, line: re.Match[str]) -> bool:
    """Whether net-snmp prints this variable binding like this."""
    if str(varbind.oid) != line["name"]:
        return False
    kind, text = line["kind"], line["text"]
    value = varbind.value
    if kind is None:
        if text == '""':
            return value == b""
        expected = next(exception for words, exception in _EXCEPTIONS.items() if text.startswith(words))
        return type(value) is expected
    if type(value) is not _NET_SNMP_TYPES[kind]:
        return False
    match value:
        case TimeTicks():
            return text.startswith(f"({value:d}) ")
        case OctetString():
            octets = bytes.fromhex(text) if kind == "Hex-STRING" else text.strip('"').replace('\\"', '"').encode()
            return value == octets
        case OID():
            return text == f".{value}"
        case _:
            return text == str(value)


PLAIN = [
    exchange for exchange in exchanges("netsnmp-tcp/manager_agent.json") if exchange.name.startswith(("v1", "v2c"))
]


@pytest.mark.parametrize("exchange", PLAIN, ids=lambda exchange: exchange.name)
def test_what_the_agent_answered_is_what_net_snmp_printed(exchange: Exchange):
    answers = [community_pdu(octets) for octets in exchange.server]
    varbinds = [varbind for pdu in answers if not pdu.error_status for varbind in pdu.varbinds]
    lines = printed_lines(exchange.record["stdout"])
    if "walk" in exchange.name:
        varbinds = varbinds[: len(lines)]  # net-snmp does not print names outside the subtree
    assert len(varbinds) == len(lines)
    for varbind, line in zip(varbinds, lines, strict=True):
        assert agrees(varbind, line), f"{varbind} and {line[0]}"
    for octets, answer in zip(exchange.client, answers, strict=False):
        assert community_pdu(octets).request_id == answer.request_id


@pytest.mark.parametrize(
    ("name", "status", "index"),
    [
        ("v1_set_denied", 2, 1),
        ("v1_set_readonly", 2, 1),
        ("v1_set_wrongtype", 3, 1),
        ("v2c_set_denied", 6, 1),
        ("v2c_set_readonly", 17, 1),
        ("v2c_set_wrongtype", 7, 1),
        ("v2c_set_ok", 0, 0),
    ],
)
def test_the_error_status_is_the_one_that_net_snmp_reported(name, status, index):
    exchange = next(exchange for exchange in PLAIN if exchange.name == name)
    answer = community_pdu(exchange.server[-1])
    assert (answer.error_status, answer.error_index) == (status, index)


def test_the_largest_answers_are_read_whole():
    by_name = {exchange.name: exchange for exchange in exchanges("netsnmp-tcp/large_messages.json")}
    assert [len(octets) for exchange in by_name.values() for octets in exchange.server] == [
        141_509,
        60_062,
        110,
        81_137,
    ]
    bulk = community_pdu(by_name["v2c_bulk_100k_reps"].server[0]).varbinds
    assert len(bulk) == 5000
    names = [varbind.oid for varbind in bulk]
    assert names == sorted(set(names))
    (text,) = community_pdu(by_name["v2c_get_60KB_string"].server[0]).varbinds
    assert text.value == b"A" * 60_000


# --------------------------------------------------------------------------------------- notifications


def test_traps_of_snmpv1_are_what_the_command_line_said():
    traps = [exchange for exchange in exchanges("netsnmp-tcp/notifications.json") if exchange.name.startswith("v1")]
    assert len(traps) == 7
    for exchange in traps:
        (octets,) = exchange.client
        message = decode_message(octets)
        assert isinstance(message, CommunityMessage)
        trap = message.pdu
        assert isinstance(trap, TrapV1Pdu)
        said = exchange.record["cmd"].partition("@T ")[2].split()
        assert [str(trap.enterprise), str(trap.agent_address)] == said[:2]
        assert [trap.generic_trap, trap.specific_trap, trap.timestamp] == list(map(int, said[2:5]))
        assert [str(part) for varbind in trap.varbinds for part in varbind] == [*said[5:6], *said[7:8]]


def test_a_trap_and_an_inform_of_snmpv2_carry_uptime_and_trap_oid_first():
    by_name = {exchange.name: exchange for exchange in exchanges("netsnmp-tcp/notifications.json")}
    trap = community_pdu(by_name["v2c_trap"].client[0])
    assert trap.type is PduType.TRAP_V2
    assert trap.varbinds == (
        VarBind(OID("1.3.6.1.2.1.1.3.0"), TimeTicks(4242)),
        VarBind(OID("1.3.6.1.6.3.1.1.4.1.0"), OID("1.3.6.1.4.1.8072.9999.0.17")),
        VarBind(OID("1.3.6.1.2.1.1.5.0"), OctetString(b"dev1")),
        VarBind(OID("1.3.6.1.2.1.2.2.1.1.3"), Integer32(3)),
        VarBind(OID("1.3.6.1.2.1.31.1.1.1.6.3"), Counter64(2**64 - 1)),
    )
    inform = community_pdu(by_name["v2c_inform"].client[0])
    answer = community_pdu(by_name["v2c_inform"].server[0])
    assert inform.type is PduType.INFORM
    assert answer == inform._replace(type=PduType.RESPONSE)


def test_messages_inside_tls_have_security_model_4_and_no_security_parameters():
    for packet in packets("netsnmp-tcp/tsm_frames.json", "frames"):
        message = decode_message(packet.octets)
        assert isinstance(message, V3Message)
        assert (message.security_model, message.security_parameters) == (4, b"")
        assert message.scoped_pdu is not None


# ------------------------------------------------------------------------------------------- the files


def test_every_folder_of_vectors_is_described_and_small_enough():
    readme = (VECTORS / "README.md").read_text(encoding="utf-8")
    files = [path for path in VECTORS.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 2_500_000
    for path in files:
        if path.name != "README.md":
            assert f"`{path.relative_to(VECTORS).as_posix()}`" in readme, path.name
