"""Engine IDs: every format of RFC 3411 section 5, and octets that are no engine ID."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.codec.engine_id import LOCAL_ENGINE_ID, EngineIdParts, read_engine_id


@pytest.mark.parametrize(
    ("engine_id", "parts"),
    [
        ("80001f8801c0000207", (8072, "net-snmp", "IPv4", "192.0.2.7")),
        ("80001f880220010db8000000000000000000000001", (8072, "net-snmp", "IPv6", "2001:db8::1")),
        ("8000000903aabbccddeeff", (9, "Cisco", "MAC", "aa:bb:cc:dd:ee:ff")),
        ("80001f8804766563746f726c6162", (8072, "net-snmp", "text", "vectorlab")),
        ("80001f8805ff00", (8072, "net-snmp", "octets", "ff00")),
        ("80001f88800bbdbc008ce4026b00000000", (8072, "net-snmp", "own format", "0bbdbc008ce4026b00000000")),
        ("80001f8880", (8072, "net-snmp", "own format", "")),
        ("000000090102030405060708", (9, "Cisco", "own format", "0102030405060708")),
        ("8000270f0401", (9999, "", "format 4", "01")),  # a control character is no text
        ("8000270f04", (9999, "", "format 4", "")),
        ("8000270f01c00002", (9999, "", "format 1", "c00002")),  # three octets are no IPv4 address
        ("8000270f7f61", (9999, "", "format 127", "61")),
    ],
)
def test_an_engine_id_has_an_enterprise_a_format_and_a_value(engine_id: str, parts: tuple[int, str, str, str]) -> None:
    assert read_engine_id(bytes.fromhex(engine_id)) == EngineIdParts(*parts)


@pytest.mark.parametrize(
    ("engine_id", "text"),
    [
        ("80001f8801c0000207", "enterprise 8072 (net-snmp), IPv4 192.0.2.7"),
        ("80001f8804766563746f726c6162", 'enterprise 8072 (net-snmp), text "vectorlab"'),
        ("8000270f05ff", "enterprise 9999, octets ff"),
        ("80001f8880", "enterprise 8072 (net-snmp), own format"),
        ("8000000006", "localEngineID"),
    ],
)
def test_the_text_names_the_known_enterprises_and_quotes_text(engine_id: str, text: str) -> None:
    assert str(read_engine_id(bytes.fromhex(engine_id))) == text


def test_the_local_engine_id_of_rfc_5343_is_recognized() -> None:
    parts = read_engine_id(LOCAL_ENGINE_ID)
    assert parts is not None
    assert parts.format == "localEngineID"


@pytest.mark.parametrize("size", [0, 1, 4, 33, 100])
def test_other_than_5_to_32_octets_are_no_engine_id(size: int) -> None:
    assert read_engine_id(bytes(size)) is None


@given(st.binary(min_size=5, max_size=32))
def test_any_5_to_32_octets_have_parts_whose_text_is_printable(engine_id: bytes) -> None:
    parts = read_engine_id(engine_id)
    assert parts is not None
    assert parts.enterprise == int.from_bytes(engine_id[:4], "big") & 0x7FFFFFFF
    assert str(parts).isprintable()
