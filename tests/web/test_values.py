"""The texts of values: with names and without, and never anything that is not printable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp import OID, Integer32, OctetString, TimeTicks, VarBind, VarBinds
from snmptcp.codec.pdu import Pdu, PduType
from snmptcp.credentials import SnmpVersion
from snmptcp.listener import Notification, Source
from snmptcp.web.values import Texts
from tests.web.making import IF_ENTRY, SYSTEM

if TYPE_CHECKING:
    from snmptcp.mib import Mib

LINK_DOWN = OID("1.3.6.1.6.3.1.1.5.3")


def notification(*varbinds: VarBind) -> Notification:
    return Notification(
        trap_oid=LINK_DOWN,
        uptime=TimeTicks(150),
        varbinds=VarBinds(varbinds),
        version=SnmpVersion.V2C,
        source=Source("192.0.2.7", 4000),
        community=b"secret",
        pdu=Pdu(PduType.TRAP_V2, 1, 0, 0, ()),
    )


def test_without_modules_names_are_numbers() -> None:
    shown = Texts(None).varbind(VarBind(OID(f"{IF_ENTRY}.8.1"), Integer32(2)))
    assert shown == {"oid": f"{IF_ENTRY}.8.1", "name": f"{IF_ENTRY}.8.1", "type": "Integer32", "text": "2"}


def test_with_modules_names_and_values_are_theirs(acme_mib: Mib) -> None:
    texts = Texts(acme_mib)
    shown = texts.varbind(VarBind(OID(f"{IF_ENTRY}.8.1"), Integer32(2)))
    assert (shown["name"], shown["text"]) == ("IF-MIB::ifOperStatus.1", "down")
    assert texts.varbind(VarBind(OID(f"{SYSTEM}.3.0"), TimeTicks(150)))["text"] == "0:0:00:01.50"


@pytest.mark.parametrize("octets", [b"\x1b[31m\r\n", b"\xff\x00", "\u202e".encode(), b"<script>"])
def test_texts_are_printable(octets: bytes, acme_mib: Mib) -> None:
    for mib in (None, acme_mib):
        text = Texts(mib).varbind(VarBind(OID(f"{SYSTEM}.1.0"), OctetString(octets)))["text"]
        assert isinstance(text, str)
        assert text.isprintable()


def test_a_long_value_is_cut() -> None:
    text = Texts(None).varbind(VarBind(OID(f"{SYSTEM}.1.0"), OctetString("x" * 50_000)))["text"]
    assert isinstance(text, str)
    assert len(text) < 2100


def test_a_notification_is_shown_without_its_community() -> None:
    shown = Texts(None).notification(notification(VarBind(OID(f"{SYSTEM}.5.0"), OctetString("sw1"))), 7)
    assert "secret" not in str(shown)
    assert (shown["number"], shown["name"], shown["source"]) == (7, str(LINK_DOWN), "192.0.2.7:4000")
    assert (shown["uptime"], shown["version"], shown["inform"], shown["omitted"]) == (1.5, "2c", False, 0)
    assert [each["text"] for each in shown["varbinds"]] == ["sw1"]  # type: ignore[attr-defined]


def test_of_very_many_variable_bindings_the_first_are_shown() -> None:
    many = [VarBind(OID(f"{SYSTEM}.9.{number}"), Integer32(number)) for number in range(1, 61)]
    shown = Texts(None).notification(notification(*many), 1)
    assert len(shown["varbinds"]) == 50  # type: ignore[arg-type]
    assert shown["omitted"] == 10
