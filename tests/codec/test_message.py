"""Messages of SNMPv1, v2c and v3: encoding, decoding, and the offset of each error."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.codec import ber
from snmptcp.codec.message import (
    CommunityMessage,
    MsgFlags,
    ScopedPdu,
    V3Message,
    community_header,
    decode_message,
    decode_scoped_pdu,
    encode_message,
    encode_scoped_pdu,
    read_community,
    read_scoped_pdu,
    read_v3_header,
    read_version,
)
from snmptcp.codec.pdu import Pdu, PduType, TrapV1Pdu, encode_pdu
from snmptcp.credentials import SnmpVersion
from snmptcp.errors import DecodeError
from snmptcp.oid import OID
from snmptcp.values import (
    Counter32,
    Counter64,
    EndOfMibView,
    IpAddress,
    NoSuchInstance,
    NoSuchObject,
    Null,
    OctetString,
    TimeTicks,
    VarBind,
)

V1, V2C = SnmpVersion.V1, SnmpVersion.V2C
NAME = OID("1.3.6.1.2.1.1.5.0")
GET = Pdu(PduType.GET, 1, 0, 0, (VarBind(NAME, Null()),))
TRAP = TrapV1Pdu(
    OID("1.3.6.1.4.1.8072"), IpAddress("192.0.2.7"), 6, 17, TimeTicks(42), (VarBind(NAME, OctetString(b"x")),)
)
PDU = encode_pdu(GET)
EMPTY_GET = "a00b 020101 020100 020100 3000"


def octets(text: str) -> bytes:
    return bytes.fromhex(text)


def sequence(*parts: bytes) -> bytes:
    return ber.tlv(0x30, b"".join(parts))


# ------------------------------------------------------------------------------- SNMPv1 and SNMPv2c


@pytest.mark.parametrize("version", [V1, V2C], ids=str)
@pytest.mark.parametrize("community", [b"", b"public", bytes(range(256))], ids=len)
@pytest.mark.parametrize("kind", [kind for kind in PduType if kind is not PduType.TRAP_V1], ids=lambda kind: kind.name)
def test_a_community_message_is_written_and_read(version, community, kind):
    message = CommunityMessage(version, community, GET._replace(type=kind))
    data = encode_message(message)
    body = bytes((2, 1, version)) + ber.tlv(0x04, community) + encode_pdu(message.pdu)
    assert data == sequence(body)
    back = decode_message(data)
    assert back == message
    assert isinstance(back, CommunityMessage)
    assert back.version is version


def test_a_trap_of_snmpv1_is_written_and_read():
    message = CommunityMessage(V1, b"public", TRAP)
    assert decode_message(encode_message(message)) == message


def test_the_header_of_a_community_message_is_version_and_community():
    assert community_header(V2C, b"public") == octets("020101 0406") + b"public"
    assert community_header(V1, b"") == octets("020100 0400")


def test_version_and_community_can_be_read_alone():
    data = encode_message(CommunityMessage(V2C, b"public", GET))
    version, offset, end = read_version(data)
    assert (version, end) == (1, len(data))
    community, offset = read_community(data, offset, end)
    assert community == b"public"
    assert data[offset:] == PDU


@pytest.mark.parametrize("version", ["020101", "02020001", "0204 00000001", "02810101"])
def test_a_version_in_more_octets_than_it_needs_is_read(version):
    message = decode_message(sequence(octets(version), octets("0400"), PDU))
    assert message == CommunityMessage(V2C, b"", GET)


BROKEN = [
    ("", 0, "a tag and length are cut off"),
    ("30", 0, "a tag and length are cut off"),
    ("3000", 2, "a tag and length are cut off"),
    ("3080 020101 0400 a000 0000", 1, "an indefinite length"),
    ("3003 0201", 1, "a length of 3 runs past"),
    ("3103 020101", 0, "a message has tag 0x31, not 0x30"),
    ("0403 020101", 0, "a message has tag 0x04, not 0x30"),
    ("3005 040101 0400", 2, "the version has tag 0x04, not 0x02"),
    ("3004 0200 0400", 4, "an integer of 0 octets"),
    ("3005 020102 0400", 4, "no SNMP version has number 2"),
    ("3005 020104 0400", 4, "no SNMP version has number 4"),
    ("3005 0201ff 0400", 4, "no SNMP version has number -1"),
    ("3003 020101", 5, "a tag and length are cut off"),
    ("3005 020101 2400", 5, "the community has tag 0x24, not 0x04"),
    ("3005 020101 0500", 5, "the community has tag 0x05, not 0x04"),
    ("3006 020101 0402 70", 6, "a length of 2 runs past"),
    ("3005 020101 0400", 7, "a tag and length are cut off"),
    (f"3012 020101 0400 {EMPTY_GET} 00", 20, "octets follow the message"),
    (f"3013 020101 0400 {EMPTY_GET} 00", 20, "octets follow the PDU"),
    ("3013 020101 0400 a00c 020101 020100 020100 3000 00", 20, "octets follow the list"),
]


@pytest.mark.parametrize(("text", "offset", "problem"), BROKEN, ids=[row[0] for row in BROKEN])
def test_a_broken_community_message_is_refused_where_it_breaks(text, offset, problem):
    data = octets(text)
    with pytest.raises(DecodeError) as caught:
        decode_message(data)
    assert problem in caught.value.problem
    assert caught.value.offset == offset
    assert caught.value.octets == data


def test_a_message_cut_off_anywhere_shows_no_two_octets_of_its_community():
    community = b"\xc0\xc1\xc2\xc3\xc4\xc5\xc6\xc7"
    pairs = [community[at : at + 2].hex(" ") for at in range(len(community) - 1)]
    data = encode_message(CommunityMessage(V2C, community, GET))
    for length in range(len(data)):
        for cut in (data[:length], bytes((0x30, max(0, length - 2))) + data[2:length]):
            with pytest.raises(DecodeError) as caught:
                decode_message(cut)
            text = str(caught.value) + repr(caught.value)
            assert not [pair for pair in pairs if pair in text]
            assert "xc1" not in text


@pytest.mark.parametrize("follow", [b"\0", b"\x05\x00", sequence()])
def test_octets_after_a_message_are_refused_in_every_version(follow):
    for message in (CommunityMessage(V1, b"x", GET), CommunityMessage(V2C, b"x", GET), V3):
        data = encode_message(message)
        with pytest.raises(DecodeError, match="octets follow the message") as caught:
            decode_message(data + follow)
        assert caught.value.offset == len(data)


@pytest.mark.parametrize("value", [Counter64(0), NoSuchObject(), NoSuchInstance(), EndOfMibView()], ids=str)
@pytest.mark.parametrize("pdu", [GET._replace(type=PduType.RESPONSE), TRAP], ids=["response", "trap"])
def test_snmpv1_has_no_counter64_and_no_exceptions(value, pdu):
    message = CommunityMessage(V1, b"public", pdu._replace(varbinds=(VarBind(NAME, Null()), VarBind(NAME + 1, value))))
    with pytest.raises(DecodeError, match=f"SNMPv1 cannot carry the {value.name} of {NAME + 1}"):
        decode_message(encode_message(message))
    if pdu is not TRAP:
        newer = message._replace(version=V2C)
        assert decode_message(encode_message(newer)) == newer


# --------------------------------------------------------------------------------------------- SNMPv3

SCOPED = ScopedPdu(octets("80001f8804766563"), b"context", GET)
V3 = V3Message(0x01020304, 65507, MsgFlags.REPORTABLE, 3, octets("3010040002010002010004000400 0400"), SCOPED)


def test_the_flags_have_the_bits_of_the_rfc():
    assert (MsgFlags.AUTH, MsgFlags.PRIV, MsgFlags.REPORTABLE) == (1, 2, 4)


def test_a_plain_v3_message_is_written_as_the_rfc_has_it():
    header = sequence(octets("020401020304 020300ffe3 040104 020103"))
    scoped = sequence(ber.tlv(4, SCOPED.context_engine_id), ber.tlv(4, b"context"), PDU)
    assert encode_scoped_pdu(SCOPED) == scoped
    assert encode_message(V3) == sequence(octets("020103"), header, ber.tlv(4, V3.security_parameters), scoped)


@pytest.mark.parametrize("kind", [kind for kind in PduType if kind is not PduType.TRAP_V1], ids=lambda kind: kind.name)
def test_a_plain_v3_message_is_written_and_read(kind):
    message = V3._replace(scoped_pdu=SCOPED._replace(pdu=GET._replace(type=kind)))
    data = encode_message(message)
    back = decode_message(data)
    assert isinstance(back, V3Message)
    assert back.version is SnmpVersion.V3
    assert back.encrypted_pdu is None
    assert back._replace(security_parameters_start=0) == message


@pytest.mark.parametrize("length", [0, 1, 16, 127, 128, 70_000])
def test_an_encrypted_v3_message_is_written_and_read(length):
    message = V3._replace(scoped_pdu=None, encrypted_pdu=b"\x30" * length, msg_flags=7)
    data = encode_message(message)
    back = decode_message(data)
    assert isinstance(back, V3Message)
    assert back.scoped_pdu is None
    assert back._replace(security_parameters_start=0) == message


@pytest.mark.parametrize("padding", [0, 100, 300])
def test_the_offset_of_the_security_parameters_is_returned(padding):
    message = V3._replace(security_parameters=b"\xaa" * padding + b"digest", msg_flags=5)
    data = encode_message(message)
    back = decode_message(data)
    assert isinstance(back, V3Message)
    start = back.security_parameters_start
    assert data[start : start + padding + 6] == message.security_parameters


@pytest.mark.parametrize("flags", range(256))
def test_any_flags_are_read_and_say_nothing_about_what_follows(flags):
    for message in (V3._replace(msg_flags=flags), V3._replace(msg_flags=flags, scoped_pdu=None, encrypted_pdu=b"x")):
        back = decode_message(encode_message(message))
        assert isinstance(back, V3Message)
        assert back.msg_flags == flags
        assert (back.scoped_pdu is None) is (message.scoped_pdu is None)


@pytest.mark.parametrize(
    ("msg_id", "max_size", "model"),
    [(0, 484, 1), (2**31 - 1, 2**31 - 1, 2**31 - 1), (128, 65507, 3), (1, 8192, 4)],
)
def test_the_numbers_of_the_header_are_read_to_their_limits(msg_id, max_size, model):
    back = decode_message(encode_message(V3._replace(msg_id=msg_id, msg_max_size=max_size, security_model=model)))
    assert isinstance(back, V3Message)
    assert (back.msg_id, back.msg_max_size, back.security_model) == (msg_id, max_size, model)


@pytest.mark.parametrize("padding", [0, 100, 300])
@pytest.mark.parametrize("encrypted", [False, True])
def test_the_header_of_a_v3_message_can_be_read_alone(padding, encrypted):
    message = V3._replace(security_parameters=b"\xaa" * padding, msg_flags=0xFF)
    if encrypted:
        message = message._replace(scoped_pdu=None, encrypted_pdu=b"secret")
    data = encode_message(message)
    version, offset, end = read_version(data)
    header = read_v3_header(data, offset, end)
    assert version == 3
    assert header[:4] == (message.msg_id, message.msg_max_size, 0xFF, message.security_model)
    assert data[header.security_start : header.security_stop] == message.security_parameters
    msg_data = ber.tlv(4, b"secret") if encrypted else encode_scoped_pdu(SCOPED)
    assert data[header.security_stop : header.end] == msg_data


def test_a_header_cut_off_anywhere_is_refused():
    data = encode_message(V3)
    _, offset, end = read_version(data)
    stop = read_v3_header(data, offset, end).security_stop
    for cut in range(offset, stop):
        with pytest.raises(DecodeError):
            read_v3_header(data, offset, cut)


@pytest.mark.parametrize("before", [0, 7])
@pytest.mark.parametrize("padding", [0, 1, 7])
def test_a_scoped_pdu_is_read_at_its_offset(before, padding):
    plain = bytes(before) + encode_scoped_pdu(SCOPED)
    data = plain + b"\xff" * padding
    engine_id, name, start, stop = read_scoped_pdu(data, before, len(data))
    assert (engine_id, name) == (SCOPED.context_engine_id, SCOPED.context_name)
    assert data[start:stop] == encode_pdu(SCOPED.pdu)
    assert stop == len(plain)


def test_a_scoped_pdu_cut_off_anywhere_is_refused():
    data = encode_scoped_pdu(SCOPED)
    for cut in range(len(data)):
        with pytest.raises(DecodeError):
            read_scoped_pdu(data, 0, cut)


def v3_octets(header: str, rest: str = "", tail: bytes | None = None) -> bytes:
    scoped = encode_scoped_pdu(SCOPED) if tail is None else tail
    return sequence(octets("020103"), octets(header), octets(rest or "0400"), scoped)


GOOD_HEADER = "300e 020101 020300ffe3 040104 020103"


@pytest.mark.parametrize("msg_id", ["020101", "02020001", "02050000000001"])
def test_a_number_of_the_header_may_have_leading_zeros(msg_id):
    header = sequence(octets(msg_id), octets("020300ffe3 040104 020103")).hex()
    back = decode_message(v3_octets(header))
    assert isinstance(back, V3Message)
    assert back.msg_id == 1


#: The header begins at offset 5, after 30 xx 02 01 03: these messages have a length in one octet.
BROKEN_HEADERS = [
    ("310e 020101 020300ffe3 040104 020103", 0, "msgGlobalData has tag 0x31, not 0x30"),
    ("3000", 2, "a tag and length are cut off"),
    ("300e 040101 020300ffe3 040104 020103", 2, "msgID has tag 0x04, not 0x02"),
    ("300d 0200 020300ffe3 040104 020103", 4, "msgID of 0 octets"),
    ("3013 0206000000000001 020300ffe3 040104 020103", 4, "msgID of 6 octets"),
    ("300e 0201ff 020300ffe3 040104 020103", 4, "msgID is -1, not in the range 0 to 2147483647"),
    ("3012 02050080000000 020300ffe3 040104 020103", 4, "msgID is 2147483648, not in the range 0 to"),
    ("300e 020101 040300ffe3 040104 020103", 5, "msgMaxSize has tag 0x04, not 0x02"),
    ("300b 020101 0200 040104 020103", 7, "msgMaxSize of 0 octets"),
    ("300d 020101 020201e3 040104 020103", 7, "msgMaxSize is 483, not in the range 484 to"),
    ("300c 020101 020100 040104 020103", 7, "msgMaxSize is 0, not in the range 484 to"),
    ("3010 020101 02050080000000 040104 020103", 7, "msgMaxSize is 2147483648"),
    ("300e 020101 020300ffe3 020104 020103", 10, "msgFlags has tag 0x02, not 0x04"),
    ("300d 020101 020300ffe3 0400 020103", 12, "msgFlags of 0 octets"),
    ("300f 020101 020300ffe3 04020400 020103", 12, "msgFlags of 2 octets"),
    ("300e 020101 020300ffe3 040104 040103", 13, "msgSecurityModel has tag 0x04, not 0x02"),
    ("300d 020101 020300ffe3 040104 0200", 15, "msgSecurityModel of 0 octets"),
    ("300e 020101 020300ffe3 040104 020100", 15, "msgSecurityModel is 0, not in the range 1 to"),
    ("300e 020101 020300ffe3 040104 0201ff", 15, "msgSecurityModel is -1, not in the range 1 to"),
    ("300f 020101 020300ffe3 040104 020103 00", 16, "octets follow msgSecurityModel"),
    ("300b 020101 020300ffe3 040104", 13, "a tag and length are cut off"),
    ("300e 020101 020300ffe3 040104 020203", 14, "a length of 2 runs past"),
]


@pytest.mark.parametrize(("header", "offset", "problem"), BROKEN_HEADERS, ids=[row[0] for row in BROKEN_HEADERS])
def test_a_broken_global_header_is_refused_where_it_breaks(header, offset, problem):
    data = v3_octets(header)
    with pytest.raises(DecodeError) as caught:
        decode_message(data)
    assert problem in caught.value.problem
    assert caught.value.offset == 5 + offset


@pytest.mark.parametrize(
    ("rest", "offset", "problem"),
    [
        ("0500", 0, "msgSecurityParameters has tag 0x05, not 0x04"),
        ("3000", 0, "msgSecurityParameters has tag 0x30, not 0x04"),
        ("0400 0500", 2, "a ScopedPDU has tag 0x05, not 0x30"),
        ("0400 2400", 2, "a ScopedPDU has tag 0x24, not 0x30"),
        ("0400 0401 ff 00", 5, "octets follow msgData"),
        ("0400", 2, "a tag and length are cut off"),
        ("0400 0405 ff", 3, "a length of 5 runs past"),
        ("0400 3000", 4, "a tag and length are cut off"),
        ("0400 3002 0500", 4, "contextEngineID has tag 0x05, not 0x04"),
        ("0400 3004 0400 0500", 6, "contextName has tag 0x05, not 0x04"),
        ("0400 3002 0400", 6, "a tag and length are cut off"),
        ("0400 3004 0400 0400", 8, "a tag and length are cut off"),
        (f"0400 3011 0400 0400 {EMPTY_GET} 00", 21, "octets follow msgData"),
        (f"0400 3012 0400 0400 {EMPTY_GET} 00", 21, "octets follow the PDU"),
    ],
)
def test_what_follows_the_header_is_refused_where_it_breaks(rest, offset, problem):
    data = v3_octets(GOOD_HEADER, rest, b"")
    assert data[1] < 0x80
    with pytest.raises(DecodeError) as caught:
        decode_message(data)
    assert problem in caught.value.problem
    assert caught.value.offset == 5 + 16 + offset


def test_a_scoped_pdu_ends_before_the_padding_of_a_cipher():
    plain = encode_scoped_pdu(SCOPED)
    scoped, stop = decode_scoped_pdu(plain + b"\0" * 7, 0, len(plain) + 7)
    assert scoped == SCOPED
    assert stop == len(plain)


def test_what_v1_lacks_is_at_home_in_v3():
    varbinds = tuple(
        VarBind(NAME, value) for value in (Counter64(2**64 - 1), NoSuchObject(), NoSuchInstance(), EndOfMibView())
    )
    message = V3._replace(scoped_pdu=SCOPED._replace(pdu=Pdu(PduType.RESPONSE, 1, varbinds=varbinds)))
    back = decode_message(encode_message(message))
    assert isinstance(back, V3Message)
    assert back.scoped_pdu is not None
    assert back.scoped_pdu.pdu.varbinds == varbinds


# ------------------------------------------------------------------------------------------ any octets


@given(st.binary(max_size=60))
def test_any_octets_are_a_message_or_a_decode_error_at_an_offset_inside(data):
    try:
        decode_message(data)
    except DecodeError as error:
        assert 0 <= error.offset <= len(data)  # noqa: PT017 - either outcome is right


@pytest.mark.parametrize("depth", [100, 10_000])
def test_deep_nesting_is_refused_without_recursion(depth):
    nested = b"".join(b"\x30\x84" + (6 * left).to_bytes(4, "big") for left in range(depth - 1, -1, -1))
    with pytest.raises(DecodeError, match="the version has tag 0x30"):
        decode_message(nested)
    value = b"".join(b"\x30\x84" + (6 * left).to_bytes(4, "big") for left in range(depth - 1, -1, -1))
    pdu = ber.tlv(0xA2, octets("020101 020100 020100") + ber.tlv(0x30, value))
    with pytest.raises(DecodeError, match="a variable binding's name has tag 0x30"):
        decode_message(sequence(octets("020101 0400"), pdu))


def test_counters_of_another_type_are_told_apart():
    message = CommunityMessage(V2C, b"", Pdu(PduType.RESPONSE, 1, varbinds=(VarBind(NAME, Counter32(7)),)))
    back = decode_message(encode_message(message))
    assert isinstance(back, CommunityMessage)
    assert type(back.pdu.varbinds[0].value) is Counter32
