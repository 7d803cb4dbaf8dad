"""Answers and rows of tables that are found by name."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

from snmptcp.mib.answers import NamedRow
from snmptcp.oid import OID
from snmptcp.values import Integer32, OctetString, VarBind, VarBinds

if TYPE_CHECKING:
    from snmptcp.mib import Mib
    from snmptcp.values import Value


def gate_row(mib: Mib, index: str = "1.4.10.0.0.1.0.1.2.3.4.5.97.98") -> NamedRow:
    names = mib.table_names("acmeGateTable")
    assert names is not None
    cells: dict[int, Value] = {5: Integer32(2), 6: OctetString(bytes(15) + b"\x01"), 7: Integer32(2), 99: Integer32(1)}
    return NamedRow(OID.fragment(index), cells, names)


def test_variable_bindings_are_found_by_name(acme_mib: Mib) -> None:
    answer = acme_mib.answer([VarBind(OID("1.3.6.1.2.1.1.1.0"), OctetString(b"a switch"))])
    assert answer["sysDescr.0"] == answer["1.3.6.1.2.1.1.1.0"] == answer[0].value == b"a switch"
    assert answer.get("SNMPv2-MIB::sysDescr.0") == b"a switch"
    assert (answer.get("sysName.0"), answer.get("sysName.0", 7)) == (None, 7)
    present: object = "sysDescr.0"
    missing: object = "sysName.0"
    assert present in answer
    assert missing not in answer
    with pytest.raises(KeyError):
        answer["sysName.0"]


def test_a_pickled_answer_has_the_same_variable_bindings(acme_mib: Mib) -> None:
    answer = acme_mib.answer([VarBind(OID("1.3.6.1.2.1.1.1.0"), OctetString(b"a switch"))])
    copy = pickle.loads(pickle.dumps(answer))
    assert (type(copy), copy) == (VarBinds, answer)


def test_the_columns_of_a_row_are_found_by_name_and_by_number(acme_mib: Mib) -> None:
    row = gate_row(acme_mib)
    assert row["acmeGateState"] == row["ACME-MIB::acmeGateState"] == row[7] == 2
    assert str(row["acmeGateState"]) == str(row[7]) == "on"
    present: list[object] = ["acmeGateState", "ACME-MIB::acmeGateState", "acmeGateName", 7]
    present += ["ACME-MIB::acmeGateMac"]
    missing: list[object] = ["acmeGateColor", "IF-MIB::acmeGateState", "IF-MIB::acmeGateMac", 8]
    assert all(column in row for column in present)
    assert not any(column in row for column in missing)
    with pytest.raises(KeyError, match="has no column acmeGateColor"):
        row["acmeGateColor"]
    with pytest.raises(KeyError):
        row[8]


def test_the_objects_of_the_index_are_typed_values(acme_mib: Mib) -> None:
    row = gate_row(acme_mib)
    assert {name: str(value) for name, value in row.indexes.items()} == {
        "acmeGateType": "ipv4",
        "acmeGateAddress": "10.0.0.1",
        "acmeGateMac": "0:1:2:3:4:5",
        "acmeGateName": "ab",
    }
    assert row["acmeGateMac"] == bytes(range(6))
    assert list(row.named) == [*row.indexes, "acmeGatePeerType", "acmeGatePeer", "acmeGateState"]


def test_an_address_is_shown_by_the_type_before_it(acme_mib: Mib) -> None:
    assert str(gate_row(acme_mib)["acmeGatePeer"]) == "::1"


def test_a_row_whose_index_does_not_fit_has_its_columns(acme_mib: Mib) -> None:
    row = gate_row(acme_mib, "1.4.10")
    assert row.indexes == {}
    assert row["acmeGateState"] == 2
    with pytest.raises(KeyError):
        row["acmeGateName"]


def test_a_row_is_equal_to_one_without_names(acme_mib: Mib) -> None:
    row = gate_row(acme_mib)
    assert row == gate_row(acme_mib)
    assert dict(row) == {5: 2, 6: bytes(15) + b"\x01", 7: 2, 99: 1}
    assert "acmeGateState" in repr(row)
