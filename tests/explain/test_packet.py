"""Explanations of packets: every field, where a packet is malformed, and never a community."""

from __future__ import annotations

import pytest

from snmptcp.codec import ber
from snmptcp.codec.message import CommunityMessage, ScopedPdu, V3Message, encode_message
from snmptcp.codec.pdu import Pdu, PduType, encode_varbind
from snmptcp.credentials import SnmpVersion
from snmptcp.explain import packet as explain_module
from snmptcp.explain.packet import explain_message as explain
from snmptcp.explain.packet import outline_message
from snmptcp.oid import OID
from snmptcp.values import (
    Counter64,
    Integer32,
    NoSuchInstance,
    NsapAddress,
    Null,
    OctetString,
    Opaque,
    TimeTicks,
    UInteger32,
    VarBind,
)

# net-snmp 5.9.3's snmpd over TCP: sysLocation, sysUpTime, sysObjectID and a noSuchInstance
RESPONSE = bytes.fromhex(
    "306902010104067075626c6963a25c02045624cf81020100020100304e301606082b06010201010600040a766563746f722d6c6162300e06"
    "082b0601020101030043021313301606082b06010201010200060a2b06010401bf0803020a300c06082b060102010107008100"
)
# net-snmp 5.9.3's snmpd over TCP: noSuchName for the fourth name
NO_SUCH_NAME = bytes.fromhex(
    "305302010004067075626c6963a24602044598970d0201020201043038300c06082b06010201010600050"
    "0300c06082b06010201010300"
    "0500300c06082b060102010102000500300c06082b060102010107000500"
)
# net-snmp 5.9.3's snmptrap over TCP: snmptrap -v1 ... 1.3.6.1.4.1.8072.9999 192.0.2.7 6 17 4242
TRAP_V1 = bytes.fromhex(
    "303c02010004067075626c6963a42f06092b06010401bf08ce0f4004c00002070201060201114302109230123010"
    "06082b06010201010500040464657631"
)
# net-snmp 5.9.3's snmpd over TCP: the report of engine discovery
REPORT = bytes.fromhex(
    "306c0201033012"
    "02043a6a6ffc02047fffffff04010002010304"
    "1e301c040e80001f8804766563746f726c6162020101020134040004000400"
    "3033040e80001f8804766563746f726c61620400"
    "a81f0204666ab829020100020100301130"
    "0f060a2b060106030f01010400410105"
)
# net-snmp 5.10.pre2 inside TLS: engine discovery by RFC 5343
TSM = bytes.fromhex(
    "30440201033012020452d6e30202047fffffff04010402010404003029040580000000060400a01e020460a4a4b2"
    "0201000201003010300e060a2b060106030a020101000500"
)


def v2c(*varbinds: tuple[str, object], community: bytes = b"public", **fields: int) -> bytes:
    bound = tuple(VarBind(OID(oid), value) for oid, value in varbinds)  # type: ignore[arg-type]
    pdu = Pdu(PduType.RESPONSE, fields.get("request_id", 1), fields.get("status", 0), fields.get("index", 0), bound)
    return encode_message(CommunityMessage(SnmpVersion.V2C, community, pdu))


def summary(packet: bytes) -> str:
    return explain(packet).split("\n", 1)[0]


def field(packet: bytes, name: str, *, show_secrets: bool = False) -> str:
    """Return the text from a field's name on, for the first field of that name."""
    lines = explain(packet, show_secrets=show_secrets).split("\n")
    return next(line[line.index(f"{name}:") :] for line in lines if f"{name}:" in line)


# ----------------------------------------------------------------------------------- sound packets


def test_a_response_is_explained_field_by_field():
    assert explain(RESPONSE).split("\n") == [
        "SNMPv2c get-response, 4 variable bindings, 107 octets",
        "      0  30 69                            message: SEQUENCE, 105 octets",
        "      2  02 01 01                           version: INTEGER = 1 (SNMPv2c)",
        "      5  04 06 ***                          community: OCTET STRING = ***, 6 octets",
        "     13  a2 5c                              data: Response-PDU, 92 octets (get-response)",
        "     15  02 04 56 24 cf 81                    request-id: INTEGER = 1445252993",
        "     21  02 01 00                             error-status: INTEGER = 0 (noError)",
        "     24  02 01 00                             error-index: INTEGER = 0",
        "     27  30 4e                                variable-bindings: SEQUENCE OF VarBind, 78 octets",
        "     29  30 16                                  VarBind 1: SEQUENCE, 22 octets",
        "     31  06 08 2b 06 01 02 01 01 06 00            name: OBJECT IDENTIFIER = 1.3.6.1.2.1.1.6.0 (sysLocation.0)",
        '     41  04 0a 76 65 63 74 6f 72 2d 6c ..         value: OCTET STRING = "vector-lab"',
        "     53  30 0e                                  VarBind 2: SEQUENCE, 14 octets",
        "     55  06 08 2b 06 01 02 01 01 03 00            name: OBJECT IDENTIFIER = 1.3.6.1.2.1.1.3.0 (sysUpTime.0)",
        "     65  43 02 13 13                              value: TimeTicks = 4883 (0:00:48.83)",
        "     69  30 16                                  VarBind 3: SEQUENCE, 22 octets",
        "     71  06 08 2b 06 01 02 01 01 02 00            name: OBJECT IDENTIFIER = 1.3.6.1.2.1.1.2.0 (sysObjectID.0)",
        "     81  06 0a 2b 06 01 04 01 bf 08 03 ..         value: OBJECT IDENTIFIER = 1.3.6.1.4.1.8072.3.2.10",
        "     93  30 0c                                  VarBind 4: SEQUENCE, 12 octets",
        "     95  06 08 2b 06 01 02 01 01 07 00            name: OBJECT IDENTIFIER = 1.3.6.1.2.1.1.7.0",
        "    105  81 00                                    value: noSuchInstance",
    ]


def test_the_variable_binding_that_the_error_index_points_at_is_marked():
    refused = "SNMPv1 get-response, noSuchName at variable binding 4, 4 variable bindings, 85 octets"
    assert summary(NO_SUCH_NAME) == refused
    marked = [line for line in explain(NO_SUCH_NAME).split("\n") if "<-- noSuchName" in line]
    assert [line.split()[3:5] for line in marked] == [["VarBind", "4:"]]


def test_an_enterprise_trap_of_snmpv1_is_named_as_snmpv2_would():
    assert summary(TRAP_V1) == "SNMPv1 trap, 1.3.6.1.4.1.8072.9999 specific-trap 17, 1 variable binding, 62 octets"
    assert field(TRAP_V1, "agent-addr") == "agent-addr: IpAddress = 192.0.2.7"
    assert field(TRAP_V1, "generic-trap") == "generic-trap: INTEGER = 6 (enterpriseSpecific)"
    assert field(TRAP_V1, "specific-trap") == "specific-trap: INTEGER = 17 (for SNMPv2 1.3.6.1.4.1.8072.9999.0.17)"
    assert field(TRAP_V1, "time-stamp") == "time-stamp: TimeTicks = 4242 (0:00:42.42)"


def test_a_report_names_its_counter_and_the_engine():
    assert summary(REPORT) == "SNMPv3 report, noAuthNoPriv, usmStatsUnknownEngineIDs.0, 1 variable binding, 110 octets"
    engine = 'OCTET STRING = 0x80001f8804766563746f726c6162 (enterprise 8072 (net-snmp), text "vectorlab")'
    assert field(REPORT, "msgAuthoritativeEngineID") == f"msgAuthoritativeEngineID: {engine}"
    assert field(REPORT, "contextEngineID") == f"contextEngineID: {engine}"
    assert field(REPORT, "msgAuthoritativeEngineTime") == "msgAuthoritativeEngineTime: INTEGER = 52"
    assert field(REPORT, "msgSecurityModel") == "msgSecurityModel: INTEGER = 3 (USM)"


def test_a_message_inside_tls_has_flags_and_a_security_model_in_words():
    assert summary(TSM) == "SNMPv3 get-request, noAuthNoPriv, 1 variable binding, 70 octets"
    assert field(TSM, "msgFlags") == "msgFlags: OCTET STRING = 0x04 (noAuthNoPriv, reportable)"
    assert field(TSM, "msgSecurityModel") == "msgSecurityModel: INTEGER = 4 (TSM)"
    assert field(TSM, "contextEngineID") == "contextEngineID: OCTET STRING = 0x8000000006 (localEngineID)"
    assert "UsmSecurityParameters" not in explain(TSM)


def test_an_encrypted_pdu_is_only_counted():
    message = V3Message(1, 65507, 7, 3, ber.tlv(0x30, bytes.fromhex("0400020100020100040175040c" + 12 * "ab" + "0400")))
    packet = encode_message(message._replace(encrypted_pdu=bytes(48)))
    assert summary(packet) == f'SNMPv3, authPriv, user "u", 48 encrypted octets, {len(packet)} octets'
    assert field(packet, "encryptedPDU") == "encryptedPDU: OCTET STRING = 48 encrypted octets"


def test_flags_that_contradict_the_data_are_remarked():
    pdu = ScopedPdu(b"", b"", Pdu(PduType.GET, 1))
    plaintext = encode_message(V3Message(1, 484, 3, 9, b"", pdu))
    assert field(plaintext, "plaintext").endswith("(although msgFlags says that it is encrypted)")
    encrypted = encode_message(V3Message(1, 484, 1, 9, b"", None, b"12345678"))
    assert field(encrypted, "encryptedPDU").endswith("(although msgFlags says that it is not encrypted)")


@pytest.mark.parametrize(
    ("engine_id", "text"),
    [
        ("80001f8801c0000207", "enterprise 8072 (net-snmp), IPv4 192.0.2.7"),
        ("80001f880220010db8000000000000000000000001", "enterprise 8072 (net-snmp), IPv6 2001:db8::1"),
        ("8000000903aabbccddeeff", "enterprise 9 (Cisco), MAC aa:bb:cc:dd:ee:ff"),
        ("80001f88800bbdbc008ce4026b00000000", "enterprise 8072 (net-snmp), own format 0bbdbc008ce4026b00000000"),
        ("000000090102030405060708", "enterprise 9 (Cisco), own format 0102030405060708"),
    ],
)
def test_an_engine_id_is_taken_apart(engine_id, text):
    packet = encode_message(V3Message(1, 484, 0, 9, b"", ScopedPdu(bytes.fromhex(engine_id), b"", Pdu(PduType.GET, 1))))
    assert field(packet, "contextEngineID") == f"contextEngineID: OCTET STRING = 0x{engine_id} ({text})"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Integer32(-5), "INTEGER = -5"),
        (TimeTicks(100 * (86400 + 3661) + 7), "TimeTicks = 9006107 (1 day, 1:01:01.07)"),
        (TimeTicks(0xFFFFFFFF), "TimeTicks = 4294967295 (497 days, 2:27:52.95)"),
        (Counter64(2**64 - 1), "Counter64 = 18446744073709551615"),
        (UInteger32(7), "UInteger32 = 7"),
        (NsapAddress(b"\x01\x02"), "NsapAddress = 0x0102"),
        (Null(), "NULL"),
        (NoSuchInstance(), "noSuchInstance"),
        (OctetString(b""), 'OCTET STRING = ""'),
        (OctetString('"ä"\\\t'), 'OCTET STRING = "\\"ä\\"\\\\\\t"'),
        (OctetString(b"name\0"), 'OCTET STRING = "name\\x00"'),
        (OctetString(b"\x00\x1b\xff"), "OCTET STRING = 0x001bff"),
        (OctetString("a\u202eb"), "OCTET STRING = 0x61e280ae62"),
        (Opaque(bytes.fromhex("9f780440490fdb")), "Opaque = 0x9f780440490fdb (Float 3.141593)"),
        (Opaque(b"\x02\x01\x05"), "Opaque = 0x020105 (holds INTEGER 5)"),
        (Opaque(b"\x02\x09\x05"), "Opaque = 0x020905"),
        (OID("1.3.6.1.6.3.1.1.5.3"), "OBJECT IDENTIFIER = 1.3.6.1.6.3.1.1.5.3 (linkDown)"),
    ],
)
def test_a_value_is_printed_with_its_type(value, text):
    packet = v2c(("1.3.6.1.4.1.1", value))
    assert field(packet, "value") == f"value: {text}"
    assert "broken" not in explain(packet)


def test_a_number_that_the_codec_reduces_is_explained_as_reduced():
    packet = bytearray(v2c(("1.3.6.1.4.1.1", Counter64(2**40 + 5))))
    packet[packet.index(b"\x46\x06")] = 0x41
    reduced = "(the octets say 1099511627781; only the lowest bits count)"
    assert field(bytes(packet), "value") == f"value: Counter32 = 5 {reduced}"


def test_a_pdu_of_another_version_is_remarked_and_explained():
    packet = encode_message(CommunityMessage(SnmpVersion.V1, b"public", Pdu(PduType.GET_BULK, 1, 0, 10)))
    assert field(packet, "data").endswith("(get-bulk-request, which SNMPv1 does not have)")
    assert field(packet, "max-repetitions") == "max-repetitions: INTEGER = 10"
    assert "broken" not in explain(packet)


# --------------------------------------------------------------------------------- broken packets


def test_a_packet_cut_short_is_explained_as_far_as_it_goes():
    text = explain(RESPONSE[:60])
    assert text.startswith("SNMPv2c get-response, 2 variable bindings, 60 octets, broken at offset 1\n")
    assert "!     1  message claims 105 octets, and its packet has 58 left\n" in text
    assert '= "vector-lab"\n' in text
    assert text.endswith(
        "!    56  name claims 8 octets, and its VarBind 2 has 3 left\n"
        "         where:    message > data > variable-bindings > VarBind 2 > name\n"
        "         expected: OBJECT IDENTIFIER (06)\n"
        "         found:    06 08 2b 06 01 (5 octets to the end)"
    )


def test_a_wrong_tag_is_named_beside_the_one_that_was_expected():
    packet = bytearray(RESPONSE)
    packet[21] = 0x41
    text = explain(bytes(packet))
    assert text.split("\n")[0].endswith("broken at offset 21")
    assert "!    21  unexpected tag 0x41 (Counter32)\n" in text
    assert "where:    message > data > error-status\n" in text
    assert "expected: INTEGER (02)\n" in text
    assert "found:    41 01 00 02 01 00 30 4e 30 16 06 08 2b 06 01 02 .. (86 octets to the end)" in text


def test_an_unknown_type_of_value_is_listed_against_all_types_of_values():
    packet = bytearray(RESPONSE)
    packet[41] = 0x4F
    text = explain(bytes(packet))
    assert "!    41  unexpected tag 0x4f\n" in text
    assert "expected: one of INTEGER (02), OCTET STRING (04), OBJECT IDENTIFIER (06)" in text
    assert "endOfMibView (82)" in text


def test_contents_that_a_type_does_not_allow_do_not_end_the_explanation():
    packet = bytearray(RESPONSE)
    packet[65:67] = b"\x40\x02"
    text = explain(bytes(packet))
    assert "!    67  an IpAddress of 2 octets\n" in text
    assert text.endswith("value: noSuchInstance")


def test_octets_between_fields_do_not_end_the_explanation():
    varbind = ber.tlv(0x30, bytes.fromhex("06032b0601050002010a"))
    body = bytes.fromhex("020101020100020100") + ber.tlv(0x30, varbind * 2)
    text = explain(ber.tlv(0x30, bytes.fromhex("0201010400") + ber.tlv(0xA2, body)))
    assert text.count("3 octets after value, the last field of VarBind") == 2


def test_snmpv1_with_a_counter64_is_broken_at_the_counter():
    packet = encode_message(
        CommunityMessage(SnmpVersion.V1, b"c", Pdu(PduType.RESPONSE, 1, 0, 0, (VarBind(OID("1.3.6"), Counter64(1)),)))
    )
    assert summary(packet).endswith(f"broken at offset {packet.index(0x46)}")
    assert "SNMPv1 has no Counter64" in explain(packet)


def test_a_header_that_only_the_codec_refuses_is_broken_in_its_words():
    packet = encode_message(V3Message(1, 483, 0, 9, b"", None, b"12345678"))
    assert "msgMaxSize: INTEGER = 483 (outside the range that the RFC allows)" in explain(packet)
    assert explain(packet).endswith("msgMaxSize is 483, not in the range 484 to 2147483647")


def test_broken_usm_parameters_do_not_hide_the_pdu():
    packet = encode_message(V3Message(1, 484, 0, 3, b"\x30\x02\x04\x05", ScopedPdu(b"", b"", Pdu(PduType.GET, 77))))
    text = explain(packet)
    assert "where:    message > msgSecurityParameters > UsmSecurityParameters > msgAuthoritativeEngineID\n" in text
    assert "request-id: INTEGER = 77" in text


def test_the_next_message_of_a_stream_is_recognized():
    text = explain(RESPONSE + RESPONSE)
    assert "!   107  107 octets after the end of the message\n" in text
    assert "hint:     maybe the next message of a stream" in text


def test_an_unknown_version_ends_the_explanation():
    text = explain(bytes.fromhex("3003020102"))
    assert text.split("\n")[0] == "Unreadable message, 5 octets, broken at offset 2"
    assert "no SNMP version has number 2: 0 is SNMPv1, 1 is SNMPv2c, 3 is SNMPv3" in text


@pytest.mark.parametrize(
    ("packet", "told"),
    [
        (b"", "no octets"),
        (b"\x30", "a tag and length are cut off"),
        (b"\x30\x80\x02\x01", "an indefinite length"),
        (b"\x30\x85\x00\x00\x00\x00\x00", "a length in 5 octets"),
        (b"\x30\x84\xff\xff\xff\xff\x02", "claims 4294967295 octets, and its packet has 1 left"),
        (b"\x1f\x81\x01\x00", "high tag number"),
        (b"\x24\x00", "a message begins with 0x30, not 0x24"),
        (b"\x30\x05\x22\x03\x02\x01\x01", "unexpected tag 0x22"),
        (b"\x30\x07\x02\x01\x01\x04\x80\x00\x00", "SNMP allows definite lengths only"),
        (b"\x30\x08\x02\x01\x01\x24\x03\x04\x01a", "SNMP allows primitive strings only"),
        (b"GET / HTTP/1.1\r\n\r\n", "this is an HTTP request"),
        (b"HTTP/1.1 400 Bad Request\r\n", "this is an HTTP response"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "this is an SSH banner"),
        (b"\x16\x03\x01\x02\x00\x01\x00", "the peer speaks TLS"),
        (b"\x15\x03\x03\x00\x02\x02\x28", "the peer speaks TLS"),
        (b"\x30\x80" * 50_000, "an indefinite length"),
        (b"\x30\x82\x10\x00" * 50_000, "unexpected tag 0x30"),
    ],
)
def test_what_is_no_message_gets_a_helpful_text(packet, told):
    text = explain(packet)
    assert told in text
    assert "broken at offset" in text.split("\n")[0]
    assert len(text) < 1500


def test_every_truncation_is_explained_and_called_broken():
    for packet in (RESPONSE, NO_SUCH_NAME, TRAP_V1, REPORT, TSM):
        assert "broken" not in summary(packet)
        for length in range(len(packet)):
            assert ", broken at offset " in summary(packet[:length])


# ------------------------------------------------------------------------------------------ bounds


def test_many_variable_bindings_are_counted_and_not_shown():
    packet = v2c(*[(f"1.3.6.1.4.1.{number}", Integer32(number)) for number in range(1000)])
    text = explain(packet)
    assert text.startswith("SNMPv2c get-response, 1000 variable bindings, ")
    assert f"VarBind {explain_module.MAX_VARBINDS}:" in text
    assert f"VarBind {explain_module.MAX_VARBINDS + 1}:" not in text
    first = packet.index(encode_varbind(OID("1.3.6.1.4.1.200"), Integer32(200)))
    assert text.endswith(f"(800 variable bindings in {len(packet) - first} octets, not shown)")


def test_the_variable_bindings_at_fault_and_malformed_are_always_shown():
    packet = v2c(*[("1.3.6.1.4.1.5", Integer32(5))] * 1000, status=5, index=700)
    text = explain(packet)
    assert "VarBind 700: SEQUENCE, 11 octets <-- genErr" in text
    assert "(499 variable bindings in 6487 octets, not shown)" in text
    assert "(300 variable bindings in 3900 octets, not shown)" in text
    broken = bytearray(packet)
    broken[-2:] = b"\x02\x05"
    assert "where:    message > data > variable-bindings > VarBind 1000 > value" in explain(bytes(broken))


def test_a_packet_full_of_problems_ends_in_time():
    varbind = ber.tlv(0x30, bytes.fromhex("06032b0601400161"))
    body = bytes.fromhex("020101020100020100") + ber.tlv(0x30, varbind * 5000)
    text = explain(ber.tlv(0x30, bytes.fromhex("0201010400") + ber.tlv(0xA2, body)))
    assert text.count("an IpAddress of 1 octet") == explain_module.MAX_PROBLEMS
    assert text.endswith("hint:     more problems follow, not shown")


def test_a_long_string_is_elided_with_its_length():
    assert field(v2c(("1.3.6", OctetString(b"x" * 60000))), "value").endswith('xxx..." (60000 octets)')
    assert field(v2c(("1.3.6", OctetString(b"\xff" * 60000))), "value").endswith("ffff... (60000 octets)")


def test_a_character_cut_by_the_elision_leaves_text():
    text = field(v2c(("1.3.6", OctetString("x" + "ä" * 100))), "value")
    assert text == f'value: OCTET STRING = "x{"ä" * 47}..." (201 octets)'


# ----------------------------------------------------------------------------------------- secrets


SECRET = b"Zq7\xe9WvKx"


def leaks(text: str) -> bool:
    """Whether the text shows three successive octets of the secret, as hex, text or a number."""
    pieces = [SECRET[start : start + 3] for start in range(len(SECRET) - 2)]
    shown = text.replace(" ", "")
    return any(
        piece.hex() in shown or piece.decode("latin-1") in text or str(int.from_bytes(piece, "big")) in shown
        for piece in pieces
    )


def test_a_community_is_shown_only_when_asked_for():
    packet = v2c(community=SECRET)
    assert field(packet, "community") == "community: OCTET STRING = ***, 8 octets"
    assert not leaks(explain(packet))
    assert field(packet, "community", show_secrets=True) == "community: OCTET STRING = 0x5a7137e957764b78"
    assert leaks(explain(packet, show_secrets=True))


def test_a_community_that_travels_as_a_value_is_hidden_too():
    for oid in ("1.3.6.1.6.3.18.1.4.0", "1.3.6.1.6.3.18.1.1.1.2.3.97.98.99"):  # snmpTrapCommunity, snmpCommunityName
        packet = v2c((oid, OctetString(SECRET)))
        assert field(packet, "value") == "value: OCTET STRING = ***, 8 octets"
        assert not leaks(explain(packet))
        assert leaks(explain(packet, show_secrets=True))


def test_no_single_wrong_octet_brings_a_community_to_light():
    packet = v2c(("1.3.6.1.2.1.1.3.0", TimeTicks(5)), community=SECRET)
    for position in range(len(packet)):
        for octet in range(256):
            changed = packet[:position] + bytes((octet,)) + packet[position + 1 :]
            assert not leaks(explain(changed)), changed.hex()


def test_no_truncation_or_missing_beginning_brings_a_community_to_light():
    packet = v2c(("1.3.6.1.2.1.1.3.0", TimeTicks(5)), community=SECRET)
    for position in range(len(packet)):
        assert not leaks(explain(packet[:position]))
        assert not leaks(explain(packet[position:]))
        assert not leaks(explain(packet + packet[position:]))


# ------------------------------------------------------------------------------------------------ outlines


def test_an_outline_has_the_summary_the_request_id_and_the_variable_bindings() -> None:
    first, *names = outline_message(NO_SUCH_NAME)
    assert first.startswith("SNMPv1 get-response, noSuchName at variable binding 4, 4 variable bindings, 85 octets, ")
    assert first.endswith(" octets, request-id 1167628045")
    assert names == [
        "1.3.6.1.2.1.1.6.0 (sysLocation.0)",
        "1.3.6.1.2.1.1.3.0 (sysUpTime.0)",
        "1.3.6.1.2.1.1.2.0 (sysObjectID.0)",
        "1.3.6.1.2.1.1.7.0",
    ]
    _, location, *_, missing = outline_message(RESPONSE)
    assert location == '1.3.6.1.2.1.1.6.0 (sysLocation.0) = "vector-lab"'
    assert missing.endswith("= noSuchInstance")


def test_the_outline_of_a_getbulk_has_its_numbers() -> None:
    pdu = Pdu(PduType.GET_BULK, 7, 1, 25, (VarBind(OID("1.3.6.1"), Null()),))
    first, *names = outline_message(encode_message(CommunityMessage(SnmpVersion.V2C, b"public", pdu)))
    assert first.endswith("request-id 7, non-repeaters 1, max-repetitions 25")
    assert names == ["1.3.6.1"]


def test_an_outline_names_the_problems_and_what_it_may_be_instead() -> None:
    assert outline_message(b"GET / HTTP/1.0\r\n")[1:] == (
        "! offset 0: a message begins with 0x30, not 0x47",
        "! this is an HTTP request",
    )
    cut = outline_message(RESPONSE[:-3])
    assert "broken at offset" in cut[0]
    assert cut[-1].startswith("! offset ")


def test_an_outline_shows_no_community() -> None:
    communities = v2c(("1.3.6.1.6.3.18.1.4.0", OctetString("hidden")), community=b"secret")
    assert "secret" not in "".join(outline_message(communities))
    assert "hidden" not in "".join(outline_message(communities))
    assert "hidden" in "".join(outline_message(communities, show_secrets=True))
