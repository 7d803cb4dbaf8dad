"""Variable bindings and notifications as their modules describe them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp import Integer32, Notification, SnmpVersion, TimeTicks, VarBind, VarBinds
from snmptcp.codec.pdu import Pdu, PduType
from snmptcp.oid import OID

if TYPE_CHECKING:
    from snmptcp.mib import Mib

HEAT = VarBind(OID("1.3.6.1.4.1.9999.1.2.0"), Integer32(995))
UNKNOWN = VarBind(OID("1.3.6.1.4.1.9.9.0"), Integer32(1))


def alarm(oid: str = "1.3.6.1.4.1.9999.0.1") -> Notification:
    return Notification(
        trap_oid=OID(oid),
        uptime=TimeTicks(5),
        varbinds=VarBinds([HEAT, UNKNOWN]),
        version=SnmpVersion.V2C,
        pdu=Pdu(PduType.TRAP_V2, 1),
    )


def test_a_notification_has_its_name_and_its_objects_by_name(acme_mib: Mib) -> None:
    told = acme_mib.describe(alarm())
    assert told.name == "ACME-MIB::acmeAlarm"
    assert told.node is not None
    assert told.node.description == "It is too hot."
    assert told.values == {"acmeHeat": 995}
    assert str(told.values["acmeHeat"]) == "99.5"
    assert [varbind.name for varbind in told.varbinds] == ["ACME-MIB::acmeHeat.0", "SNMPv2-SMI::enterprises.9.9.0"]


def test_the_objects_that_a_notification_lacks_are_told(acme_mib: Mib) -> None:
    assert acme_mib.describe(alarm()).missing == ("ACME-MIB::acmeState",)


def test_a_notification_that_no_module_defines_has_its_variables(acme_mib: Mib) -> None:
    told = acme_mib.describe(alarm("1.3.6.1.4.1.9.0.1"))
    assert (told.node, told.missing) == (None, ())
    assert told.name == "SNMPv2-SMI::enterprises.9.0.1"
    assert told.values == {"acmeHeat": 995}


def test_a_notification_is_shown_in_one_line(acme_mib: Mib) -> None:
    text = "ACME-MIB::acmeAlarm, ACME-MIB::acmeHeat.0 = 99.5 degrees Celsius, SNMPv2-SMI::enterprises.9.9.0 = 1"
    assert str(acme_mib.describe(alarm())) == f"{acme_mib.describe(alarm())}" == text


def test_a_variable_binding_is_printed_as_by_net_snmp(acme_mib: Mib) -> None:
    assert acme_mib.format(acme_mib.varbind("acmeState.0", "on")) == "ACME-MIB::acmeState.0 = INTEGER: on(2)"
    assert acme_mib.format(HEAT) == "ACME-MIB::acmeHeat.0 = INTEGER: 99.5 degrees Celsius"
    assert acme_mib.format(("1.3.6.1.4.1.9.9.0", Integer32(1))) == "SNMPv2-SMI::enterprises.9.9.0 = INTEGER: 1"
