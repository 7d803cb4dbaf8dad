"""The declarations match the RFCs; test_codec_and_schema_agree decodes packets with them."""

from __future__ import annotations

import pytest
from pyasn1.codec.ber import decoder
from pyasn1.error import PyAsn1Error
from pyasn1.type import univ

from snmptcp import values
from snmptcp.codec.pdu import PduType
from snmptcp.errors import ErrorStatus
from snmptcp.explain import schema


def octet(asn1_type: object) -> int:
    """Return the tag octet of a type."""
    tag_class, tag_format, number = asn1_type.tagSet[-1]  # type: ignore[attr-defined]
    return int(tag_class | tag_format | number)


def components(choice: type[univ.Choice]) -> list[tuple[str, object]]:
    return list(choice.componentType.items())


@pytest.mark.parametrize(
    ("declared", "ours"),
    [
        (schema.Integer32, values.Integer32),
        (schema.BoundedOctetString, values.OctetString),
        (schema.IpAddress, values.IpAddress),
        (schema.Counter32, values.Counter32),
        (schema.Gauge32, values.Gauge32),
        (schema.TimeTicks, values.TimeTicks),
        (schema.Opaque, values.Opaque),
        (schema.NsapAddress, values.NsapAddress),
        (schema.Counter64, values.Counter64),
        (schema.UInteger32, values.UInteger32),
        (schema.NoSuchObject, values.NoSuchObject),
        (schema.NoSuchInstance, values.NoSuchInstance),
        (schema.EndOfMibView, values.EndOfMibView),
        (univ.Null, values.Null),
    ],
    ids=lambda declared: declared.__name__,
)
def test_a_declared_type_has_the_tag_of_our_type(declared, ours):
    assert octet(declared) == ours.tag


@pytest.mark.parametrize(
    ("declared", "ours"),
    [
        (schema.Integer32, values.Integer32),
        (schema.Counter32, values.Counter32),
        (schema.Gauge32, values.Gauge32),
        (schema.TimeTicks, values.TimeTicks),
        (schema.Counter64, values.Counter64),
        (schema.UInteger32, values.UInteger32),
    ],
    ids=lambda declared: declared.__name__,
)
def test_a_declared_number_has_the_range_of_our_type(declared, ours):
    assert int(declared(ours.minimum)) == ours.minimum
    assert int(declared(ours.maximum)) == ours.maximum
    for outside in (ours.minimum - 1, ours.maximum + 1):
        with pytest.raises(PyAsn1Error):
            declared(outside)


def test_the_pdus_of_snmpv2_are_all_there_but_the_obsolete_one():
    tags = {octet(alternative) for _, alternative in components(schema.Pdus)}
    assert tags == set(PduType) - {PduType.TRAP_V1}


def test_the_pdus_of_snmpv1_are_the_first_five():
    tags = [octet(alternative) for _, alternative in components(schema.PdusV1)]
    assert tags == [PduType.GET, PduType.GET_NEXT, PduType.RESPONSE, PduType.SET, PduType.TRAP_V1]


def test_error_statuses_have_the_names_and_numbers_of_ours():
    assert dict(schema.ErrorStatus.namedValues.items()) == {status.name: status.value for status in ErrorStatus}


def test_error_statuses_of_snmpv1_end_with_gen_err():
    assert dict(schema.ErrorStatusV1.namedValues.items()) == {
        status.name: status.value for status in ErrorStatus if status <= ErrorStatus.genErr
    }


def test_snmpv1_has_neither_counter64_nor_exceptions():
    for value in ("460105", "8000", "8100", "8200"):
        varbind = bytes.fromhex(f"30{5 + len(value) // 2:02x}06032b0601{value}")
        assert decoder.decode(varbind, asn1Spec=schema.VarBind())[1] == b""
        with pytest.raises(PyAsn1Error):
            decoder.decode(varbind, asn1Spec=schema.VarBindV1())


@pytest.mark.parametrize(
    ("declared", "bad"),
    [
        (schema.MsgMaxSize, 483),
        (schema.MsgSecurityModel, 0),
        (schema.MsgFlags, b"\x01\x02"),
        (schema.IpAddress, b"\x01\x02\x03"),
        (schema.MsgUserName, b"u" * 33),
        (schema.MaxBindings, -1),
    ],
    ids=lambda declared: getattr(declared, "__name__", ""),
)
def test_a_value_outside_its_constraint_is_refused(declared, bad):
    with pytest.raises(PyAsn1Error):
        declared(bad)


def test_a_usm_header_is_read_by_the_names_of_rfc_3414():
    # The security parameters of a report from net-snmp 5.9.3's snmpd
    octets = bytes.fromhex("301c040e80001f8804766563746f726c616202010102013404000400") + b"\x04\x00"
    parameters, rest = decoder.decode(octets, asn1Spec=schema.UsmSecurityParameters())
    assert rest == b""
    assert bytes(parameters["msgAuthoritativeEngineID"])[5:] == b"vectorlab"
    assert int(parameters["msgAuthoritativeEngineBoots"]) == 1
    assert int(parameters["msgAuthoritativeEngineTime"]) == 52
    assert bytes(parameters["msgUserName"]) == b""
