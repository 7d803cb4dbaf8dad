"""What may stand where in a packet: types by tag, and their names in the RFCs."""

from __future__ import annotations

import pytest

from snmptcp.codec import ber
from snmptcp.codec.pdu import PduType
from snmptcp.credentials import SnmpVersion
from snmptcp.explain import schema
from snmptcp.explain.types import (
    MESSAGES,
    PDU_KINDS,
    PDU_NAMES,
    VALUE_KINDS,
    components_of,
    kinds_of,
    tag_text,
    type_name,
)


def test_a_field_of_one_type_has_one_tag() -> None:
    assert list(kinds_of(schema.Integer32)) == [ber.INTEGER]
    assert list(kinds_of(schema.MessageV1)) == [ber.SEQUENCE]


def test_a_choice_has_the_tags_of_all_its_alternatives_however_deep() -> None:
    kinds = kinds_of(schema.ScopedPduData)
    assert {tag: kind.name for tag, kind in kinds.items()} == {
        ber.SEQUENCE: "plaintext",
        ber.OCTET_STRING: "encryptedPDU",
    }
    assert set(VALUE_KINDS) == {2, 4, 5, 6, *range(0x40, 0x48), 0x80, 0x81, 0x82}


def test_the_answer_is_kept() -> None:
    assert kinds_of(schema.Pdus) is kinds_of(schema.Pdus)


def test_every_pdu_has_a_kind_and_a_name() -> None:
    assert set(PDU_KINDS) == set(PDU_NAMES) == set(PduType)


def test_every_version_has_its_message() -> None:
    assert set(MESSAGES) == set(SnmpVersion)


def test_components_come_in_the_order_of_the_rfc() -> None:
    assert [name for name, _ in components_of(schema.MessageV1)] == ["version", "community", "data"]


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        (PduType.GET, "GetRequest-PDU"),
        (PduType.RESPONSE, "Response-PDU"),
        (PduType.TRAP_V1, "Trap-PDU"),
        (PduType.TRAP_V2, "SNMPv2-Trap-PDU"),
        (PduType.REPORT, "Report-PDU"),
    ],
)
def test_a_pdu_is_named_as_the_rfcs_write_it(tag: int, name: str) -> None:
    assert type_name(tag, PDU_KINDS[tag]) == name


@pytest.mark.parametrize(
    ("tag", "name"), [(0x02, "INTEGER"), (0x41, "Counter32"), (0x43, "TimeTicks"), (0x80, "noSuchObject")]
)
def test_a_value_is_named_as_the_rfcs_write_it(tag: int, name: str) -> None:
    assert type_name(tag, VALUE_KINDS[tag]) == name


def test_a_list_of_variable_bindings_is_named_with_its_element() -> None:
    [kind] = kinds_of(schema.VarBindList).values()
    assert type_name(ber.SEQUENCE, kind) == "SEQUENCE OF VarBind"


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        (0x02, " (INTEGER)"),
        (0x30, " (SEQUENCE)"),
        (0x41, " (Counter32)"),
        (0xA2, " (get-response)"),
        (0x4F, ""),
        (0x24, ""),
    ],
)
def test_an_unexpected_tag_is_named_if_snmp_has_it(tag: int, text: str) -> None:
    assert tag_text(tag) == text
