"""The codec and pyasn1, which share no code, read each other's packets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pyasn1.codec.ber import decoder as ber_decoder
from pyasn1.codec.ber import encoder as ber_encoder
from pyasn1.codec.der import encoder as der_encoder
from pyasn1.type import univ

from snmptcp.codec import ber
from snmptcp.codec.message import CommunityMessage, ScopedPdu, V3Message, decode_message, encode_message
from snmptcp.codec.pdu import Pdu, PduType, TrapV1Pdu
from snmptcp.credentials import SnmpVersion
from snmptcp.errors import DecodeError
from snmptcp.explain import schema
from snmptcp.explain.packet import explain_message as explain
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
    NsapAddress,
    Null,
    OctetString,
    Opaque,
    TimeTicks,
    UInteger32,
    VarBind,
)
from tests.properties import strategies

if TYPE_CHECKING:
    from snmptcp.codec.message import Message
    from snmptcp.codec.pdu import AnyPdu
    from snmptcp.values import Value

SPECS = {
    SnmpVersion.V1: schema.MessageV1,
    SnmpVersion.V2C: schema.MessageV2c,
    SnmpVersion.V3: schema.SnmpV3Message,
}

PDU_NAMES = {
    PduType.GET: "get-request",
    PduType.GET_NEXT: "get-next-request",
    PduType.GET_BULK: "get-bulk-request",
    PduType.RESPONSE: "response",
    PduType.SET: "set-request",
    PduType.INFORM: "inform-request",
    PduType.TRAP_V2: "snmpV2-trap",
    PduType.REPORT: "report",
}
PDU_TYPES = {name: kind for kind, name in PDU_NAMES.items()} | {"get-response": PduType.RESPONSE}

#: The class of a value, and its way through the CHOICEs of each version.
PATHS_V1: dict[type, tuple[str, ...]] = {
    Integer32: ("simple", "number"),
    OctetString: ("simple", "string"),
    OID: ("simple", "object"),
    Null: ("simple", "empty"),
    IpAddress: ("application-wide", "address", "internet"),
    Counter32: ("application-wide", "counter"),
    Gauge32: ("application-wide", "gauge"),
    TimeTicks: ("application-wide", "ticks"),
    Opaque: ("application-wide", "arbitrary"),
    NsapAddress: ("obsolete", "nsapAddress-value"),
    UInteger32: ("obsolete", "uInteger-value"),
}
PATHS: dict[type, tuple[str, ...]] = {
    Integer32: ("value", "simple", "integer-value"),
    OctetString: ("value", "simple", "string-value"),
    OID: ("value", "simple", "objectID-value"),
    IpAddress: ("value", "application-wide", "ipAddress-value"),
    Counter32: ("value", "application-wide", "counter-value"),
    TimeTicks: ("value", "application-wide", "timeticks-value"),
    Opaque: ("value", "application-wide", "arbitrary-value"),
    Counter64: ("value", "application-wide", "big-counter-value"),
    Gauge32: ("value", "application-wide", "unsigned-integer-value"),
    NsapAddress: ("value", "obsolete", "nsapAddress-value"),
    UInteger32: ("value", "obsolete", "uInteger-value"),
    Null: ("unSpecified",),
    NoSuchObject: ("noSuchObject",),
    NoSuchInstance: ("noSuchInstance",),
    EndOfMibView: ("endOfMibView",),
}

# ------------------------------------------------------------------------------------ ours to pyasn1's


def plain(value: Value) -> Any:
    """Return the argument with which pyasn1 makes a value."""
    if isinstance(value, OID):
        return tuple(value.arcs)
    if isinstance(value, int):
        return int(value)
    return bytes(value) if isinstance(value, bytes) else b""


def fill_varbinds(varbind_list: Any, varbinds: tuple[VarBind, ...], paths: dict[type, tuple[str, ...]]) -> None:
    varbind_list.clear()
    for position, (oid, value) in enumerate(varbinds):
        varbind = varbind_list.getComponentByPosition(position)
        varbind["name"] = tuple(oid.arcs)
        *path, last = ("value", *paths[type(value)])
        place = varbind
        for name in path:
            place = place.getComponentByName(name)
        place[last] = plain(value)


def fill_pdu(pdus: Any, pdu: AnyPdu, version: SnmpVersion) -> None:
    paths = PATHS_V1 if version == SnmpVersion.V1 else PATHS
    if isinstance(pdu, TrapV1Pdu):
        place = pdus.getComponentByName("trap")
        place["enterprise"] = tuple(pdu.enterprise.arcs)
        place.getComponentByName("agent-addr")["internet"] = bytes(pdu.agent_address)
        place["generic-trap"] = pdu.generic_trap
        place["specific-trap"] = pdu.specific_trap
        place["time-stamp"] = int(pdu.timestamp)
        fill_varbinds(place.getComponentByName("variable-bindings"), pdu.varbinds, paths)
        return
    name = PDU_NAMES[pdu.type]
    place = pdus.getComponentByName("get-response" if name == "response" and version == SnmpVersion.V1 else name)
    for position, number in enumerate(pdu[1:4]):
        place.setComponentByPosition(position, number)
    fill_varbinds(place.getComponentByName("variable-bindings"), pdu.varbinds, paths)


def to_schema(message: Message) -> Any:
    """Return our message as an object of the schema."""
    if isinstance(message, CommunityMessage):
        made: Any = SPECS[message.version]()
        made["version"] = int(message.version)
        made["community"] = message.community
        fill_pdu(made.getComponentByName("data"), message.pdu, message.version)
        return made
    made = schema.SnmpV3Message()
    made["msgVersion"] = 3
    header = made.getComponentByName("msgGlobalData")
    header["msgID"] = message.msg_id
    header["msgMaxSize"] = message.msg_max_size
    header["msgFlags"] = bytes((message.msg_flags,))
    header["msgSecurityModel"] = message.security_model
    made["msgSecurityParameters"] = message.security_parameters
    data = made.getComponentByName("msgData")
    if message.scoped_pdu is None:
        data["encryptedPDU"] = message.encrypted_pdu
        return made
    scoped = data.getComponentByName("plaintext")
    scoped["contextEngineID"] = message.scoped_pdu.context_engine_id
    scoped["contextName"] = message.scoped_pdu.context_name
    fill_pdu(scoped.getComponentByName("data"), message.scoped_pdu.pdu, SnmpVersion.V3)
    return made


# ------------------------------------------------------------------------------------ pyasn1's to ours


def from_value(value: Any) -> Value:
    path: tuple[str, ...] = ()
    while isinstance(value, univ.Choice):
        path = (*path, value.getName())
        value = value.getComponent()
    kind: Any = {way: kind for paths in (PATHS, PATHS_V1) for kind, way in paths.items()}[path]
    made: Value
    if isinstance(value, univ.Null):
        made = kind()
    elif isinstance(value, univ.ObjectIdentifier):
        made = OID(tuple(value))
    else:
        made = kind(int(value) if isinstance(value, univ.Integer) else bytes(value))
    return made


def from_pdus(pdus: Any) -> AnyPdu:
    pdu = pdus.getComponent()
    varbinds = tuple(VarBind(OID(tuple(each["name"])), from_value(each["value"])) for each in pdu["variable-bindings"])
    if pdus.getName() != "trap":
        return Pdu(PDU_TYPES[pdus.getName()], int(pdu[0]), int(pdu[1]), int(pdu[2]), varbinds)
    return TrapV1Pdu(
        OID(tuple(pdu["enterprise"])),
        IpAddress(bytes(pdu["agent-addr"]["internet"])),
        int(pdu["generic-trap"]),
        int(pdu["specific-trap"]),
        TimeTicks(int(pdu["time-stamp"])),
        varbinds,
    )


def from_schema(made: Any) -> Message:
    """Return an object of the schema as our message."""
    if not isinstance(made, schema.SnmpV3Message):
        return CommunityMessage(SnmpVersion(int(made["version"])), bytes(made["community"]), from_pdus(made["data"]))
    header, data = made["msgGlobalData"], made["msgData"]
    scoped_pdu = encrypted_pdu = None
    if data.getName() == "encryptedPDU":
        encrypted_pdu = bytes(data.getComponent())
    else:
        scoped = data.getComponent()
        context = bytes(scoped["contextEngineID"]), bytes(scoped["contextName"])
        scoped_pdu = ScopedPdu(*context, from_pdus(scoped["data"]))
    return V3Message(
        int(header["msgID"]),
        int(header["msgMaxSize"]),
        bytes(header["msgFlags"])[0],
        int(header["msgSecurityModel"]),
        bytes(made["msgSecurityParameters"]),
        scoped_pdu,
        encrypted_pdu,
    )


def assert_same(first: Message, second: Message) -> None:
    """Check that messages are equal and of the same types; a Counter32 equals an Integer32 but has another repr."""
    assert first == second
    assert repr(first) == repr(second)


def decoded(data: bytes) -> Message:
    message = decode_message(data)
    return message._replace(security_parameters_start=0) if isinstance(message, V3Message) else message


# ------------------------------------------------------------------------------------------- the tests


@settings(max_examples=60)
@given(strategies.messages)
def test_pyasn1_reads_what_we_write(message: Message):
    made, rest = ber_decoder.decode(encode_message(message), asn1Spec=SPECS[message.version]())
    assert rest == b""
    assert_same(from_schema(made), message)


@settings(max_examples=60)
@given(strategies.messages)
def test_we_read_what_pyasn1_writes(message: Message):
    assert_same(decoded(ber_encoder.encode(to_schema(message))), message)


def is_padded_by_pyasn1(number: object) -> bool:
    """pyasn1 encodes -128, -32768 and so on with one octet too many (X.690 8.3.2)."""
    return isinstance(number, int) and number in (-0x80, -0x8000, -0x800000, -0x80000000)


@settings(max_examples=60)
@given(strategies.messages)
def test_we_write_the_very_octets_of_the_distinguished_encoding(message: Message):
    pdu = message.pdu if isinstance(message, CommunityMessage) else message.scoped_pdu and message.scoped_pdu.pdu
    if pdu is not None:
        numbers = (*pdu, *(value for _, value in pdu.varbinds))
        assume(not any(map(is_padded_by_pyasn1, numbers)))
    assert encode_message(message) == der_encoder.encode(to_schema(message))


@settings(max_examples=60)
@given(strategies.octets, strategies.uint31, strategies.uint31, st.binary(max_size=32), strategies.octets)
def test_usm_parameters_of_pyasn1_are_explained_without_complaint(
    engine_id: bytes, boots: int, time: int, user: bytes, digest: bytes
):
    parameters = schema.UsmSecurityParameters()
    for position, value in enumerate((engine_id, boots, time, user, digest, b"")):
        parameters.setComponentByPosition(position, value)
    scoped_pdu = ScopedPdu(b"", b"", Pdu(PduType.GET, 1))
    message = V3Message(1, 484, 4, 3, der_encoder.encode(parameters), scoped_pdu)
    text = explain(encode_message(message))
    assert "broken" not in text
    assert f"msgAuthoritativeEngineBoots: INTEGER = {boots}\n" in text
    assert f"msgAuthoritativeEngineTime: INTEGER = {time}\n" in text


@pytest.mark.parametrize(
    "packet",
    [
        # net-snmp 5.9.3's snmpd over TCP: a response with a string, Timeticks, an OID and noSuchInstance
        (
            "306902010104067075626c6963a25c02045624cf81020100020100304e301606082b06010201010600040a766563746f722d6c6162300e06"
            "082b0601020101030043021313301606082b06010201010200060a2b06010401bf0803020a300c06082b060102010107008100"
        ),
        # net-snmp 5.9.3's snmptrap over TCP: an enterprise-specific trap of SNMPv1
        (
            "303c02010004067075626c6963a42f06092b06010401bf08ce0f4004c00002070201060201114302109230123010"
            "06082b06010201010500040464657631"
        ),
        # net-snmp 5.10.pre2's snmpget inside TLS: discovery of an engine ID after RFC 5343
        (
            "30440201033012020452d6e30202047fffffff04010402010404003029040580000000060400a01e020460a4a4b2"
            "0201000201003010300e060a2b060106030a020101000500"
        ),
    ],
    ids=["response", "trap", "discovery"],
)
def test_both_read_the_same_from_a_packet_of_another_implementation(packet: str):
    data = bytes.fromhex(packet)
    message = decoded(data)
    made, rest = ber_decoder.decode(data, asn1Spec=SPECS[message.version]())
    assert rest == b""
    assert_same(from_schema(made), message)


@settings(max_examples=200)
@given(strategies.messages.map(encode_message), st.data())
def test_the_explanation_calls_broken_what_the_codec_refuses_and_nothing_else(message: bytes, data: st.DataObject):
    changed = bytearray(message)
    for _ in range(data.draw(st.integers(0, 3))):
        octet = st.sampled_from([0, 1, 2, 4, 5, 6, 0x30, 0x40, 0x46, 0x80, 0x81, 0xA4, 0xFF]) | st.integers(0, 255)
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(octet)
    packet = bytes(changed)
    summary = explain(packet).split("\n", 1)[0]
    try:
        taken = decode_message(packet)
    except DecodeError:
        assert ", broken at offset " in summary
    else:
        if isinstance(taken, V3Message) and taken.security_model == 3:
            return  # only the explanation decodes the parameters of USM
        assert "broken" not in summary


@settings(max_examples=60)
@given(strategies.messages, st.data())
def test_the_explanation_of_any_octets_is_bounded_and_prints(message: Message, data: st.DataObject):
    packet = encode_message(message)
    packet = packet[: data.draw(st.integers(0, len(packet)))] + data.draw(st.binary(max_size=30))
    for show_secrets in (False, True):
        text = explain(packet, show_secrets=show_secrets)
        assert all(line.isprintable() for line in text.split("\n"))
        assert len(text) < 4000 + 400 * len(packet)


def test_one_field_with_a_wrong_tag_is_refused_by_both():
    data = bytearray(encode_message(CommunityMessage(SnmpVersion.V2C, b"public", Pdu(PduType.GET, 1))))
    data[2] = ber.OCTET_STRING
    with pytest.raises(DecodeError):
        decode_message(bytes(data))
    with pytest.raises(Exception, match=r"not in asn1Spec|mismatch"):
        ber_decoder.decode(bytes(data), asn1Spec=schema.MessageV2c())
