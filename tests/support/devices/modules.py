"""Two vendor modules of our own: ACME-DEVICE-MIB with objects and indexes of every kind, ACME-OLD-MIB in SMIv1."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ("VENDOR_MODULES", "write_vendor_modules")

#: Objects of the table acdTable: its name, its syntax, and more clauses.
_COLUMNS = (
    ("acdNumber", "Integer32", 'UNITS "volts"'),
    ("acdTenths", "AcdTenths", 'UNITS "degrees Celsius"'),
    ("acdHex", "AcdHex", ""),
    ("acdOctal", "AcdOctal", ""),
    ("acdBinary", "AcdBinary", ""),
    ("acdMode", "INTEGER { off(0), slow-start(1), on(2), broken(-1), far(1000) }", 'UNITS "modes"'),
    ("acdGauge", "Gauge32", 'UNITS "packets per second"'),
    ("acdUnsigned", "Unsigned32", ""),
    ("acdCounter", "Counter32", 'UNITS "packets"'),
    ("acdCounter64", "Counter64", 'UNITS "octets"'),
    ("acdTicks", "TimeTicks", 'UNITS "hundredths"'),
    ("acdAddress", "IpAddress", 'UNITS "hosts"'),
    ("acdOctets", "OCTET STRING", 'UNITS "octets"'),
    ("acdText", "DisplayString", 'UNITS "letters"'),
    ("acdName", "SnmpAdminString", ""),
    ("acdMac", "MacAddress", ""),
    ("acdPhys", "PhysAddress", ""),
    ("acdDate", "DateAndTime", ""),
    ("acdPairs", "AcdPairs", ""),
    ("acdDotted", "AcdDotted", ""),
    ("acdCounted", "AcdCounted", ""),
    ("acdWord", "AcdWord", ""),
    ("acdOid", "OBJECT IDENTIFIER", ""),
    ("acdPointer", "RowPointer", ""),
    ("acdBits", "BITS { fans(0), lamp(1), horn(2), door(3), bell(4), gate(5), pump(6), fuse(7), lock(8) }", ""),
    ("acdOpaque", "Opaque", 'UNITS "grams"'),
    ("acdTruth", "TruthValue", ""),
    ("acdInet", "InetAddress", ""),
    ("acdInet4", "InetAddressIPv4", ""),
    ("acdInet6", "InetAddressIPv6", ""),
    ("acdInet6z", "InetAddressIPv6z", ""),
    ("acdRow", "RowStatus", ""),
    ("acdHidden", "OCTET STRING (SIZE (0..8))", ""),
    ("acdLong", "AcdLong", ""),
    ("acdKeyword", "INTEGER { current(1), old(2) }", ""),
    ("acdGaps", "BITS { first(0), second(1), far(9) }", ""),
    ("acdKind", "InetAddressType", ""),
    ("acdSettled", "AcdSettled", ""),
    ("acdForgotten", "StorageType", ""),
)

#: Tables of one column: the objects of their INDEX.
INDEXES = (
    "acdText",
    "acdText, acdNumber",
    "IMPLIED acdName",
    "acdMac",
    "acdPhys, acdUnsigned",
    "acdMode, acdTruth",
    "acdAddress, acdNumber",
    "acdOid",
    "IMPLIED acdPointer",
    "acdDate",
    "acdTicks, acdGauge",
    "acdBits",
    "acdHidden, acdOctets",
    "acdInet4, acdInet6",
    "acdDotted, acdPairs",
    "acdKind, acdInet",
)

_HEAD = """
ACME-DEVICE-MIB DEFINITIONS ::= BEGIN
IMPORTS
    MODULE-IDENTITY, OBJECT-TYPE, NOTIFICATION-TYPE, Integer32, Unsigned32, Gauge32, Counter32, Counter64, TimeTicks,
    IpAddress, Opaque, enterprises FROM SNMPv2-SMI
    TEXTUAL-CONVENTION, DisplayString, MacAddress, PhysAddress, DateAndTime, RowPointer, TruthValue, RowStatus
        FROM SNMPv2-TC
    SnmpAdminString FROM SNMP-FRAMEWORK-MIB
    InetAddressType, InetAddress, InetAddressIPv4, InetAddressIPv6, InetAddressIPv6z FROM INET-ADDRESS-MIB;

acmeDevice MODULE-IDENTITY
    LAST-UPDATED "202601010000Z" ORGANIZATION "Acme" CONTACT-INFO "none" DESCRIPTION "Devices of Acme."
    ::= { enterprises acme(9998) products(7) 1 }
"""

_CONVENTIONS = (
    ("AcdTenths", "d-1", "Integer32"),
    ("AcdHex", "x", "Unsigned32"),
    ("AcdOctal", "o", "Integer32"),
    ("AcdBinary", "b", "Integer32"),
    ("AcdPairs", "2x:", "OCTET STRING"),
    ("AcdDotted", "1d.", "OCTET STRING"),
    ("AcdCounted", "*1x:/1d-", "OCTET STRING"),
    ("AcdWord", "4a-2d", "OCTET STRING"),
    ("AcdLong", "16x", "OCTET STRING"),
    ("AcdSettled", "", "TruthValue"),
)


def _object(name: str, syntax: str, more: str, place: str) -> str:
    clauses = 'MAX-ACCESS read-write STATUS current DESCRIPTION "It is so."'
    clauses = f"{clauses} {more}" if more.startswith("INDEX") else f"{more} {clauses}"
    return f"{name} OBJECT-TYPE SYNTAX {syntax} {clauses} ::= {{ {place} }}"


def _device_module() -> str:
    lines = [_HEAD]
    for name, hint, syntax in _CONVENTIONS:
        shown = f'DISPLAY-HINT "{hint}"' if hint else ""
        lines.append(f'{name} ::= TEXTUAL-CONVENTION {shown} STATUS current DESCRIPTION "So." SYNTAX {syntax}')
    lines += [
        _object("acdTable", "SEQUENCE OF AcdEntry", "", "acmeDevice 1"),
        _object("acdEntry", "AcdEntry", "INDEX { acdNumber }", "acdTable 1"),
        f"AcdEntry ::= SEQUENCE {{ {', '.join(f'{name} {_plain(syntax)}' for name, syntax, _ in _COLUMNS)} }}",
    ]
    lines += [_object(*column, f"acdEntry {number}") for number, column in enumerate(_COLUMNS, 1)]
    for number, index in enumerate(INDEXES, 1):
        lines += [
            _object(f"acdTable{number}", f"SEQUENCE OF AcdEntry{number}", "", f"acmeDevice 2 {number}"),
            _object(f"acdEntry{number}", f"AcdEntry{number}", f"INDEX {{ {index} }}", f"acdTable{number} 1"),
            f"AcdEntry{number} ::= SEQUENCE {{ acdValue{number} Gauge32 }}",
            _object(f"acdValue{number}", "Gauge32", "", f"acdEntry{number} 1"),
        ]
    alarm = 'NOTIFICATION-TYPE OBJECTS { acdMode } STATUS current DESCRIPTION "Too hot."'
    return "\n".join([*lines, f"acdAlarm {alarm} ::= {{ acmeDevice 0 1 }}", "END", ""])


def _plain(syntax: str) -> str:
    return syntax.split(" {", maxsplit=1)[0].split(" (", maxsplit=1)[0]


_OLD_MODULE = """
ACME-OLD-MIB DEFINITIONS ::= BEGIN
IMPORTS
    enterprises, Counter, Gauge, TimeTicks, IpAddress, NetworkAddress FROM RFC1155-SMI
    OBJECT-TYPE FROM RFC-1212
    DisplayString, PhysAddress FROM RFC1213-MIB
    TRAP-TYPE FROM RFC-1215;

acmeOld OBJECT IDENTIFIER ::= { enterprises 9997 }
AcmeLabel ::= DisplayString (SIZE (0..20))

oldModel OBJECT-TYPE SYNTAX DisplayString ACCESS read-only STATUS mandatory DESCRIPTION "." ::= { acmeOld 1 }
oldLabel OBJECT-TYPE SYNTAX AcmeLabel ACCESS read-write STATUS mandatory DESCRIPTION "." ::= { acmeOld 2 }
oldPhys OBJECT-TYPE SYNTAX PhysAddress ACCESS read-only STATUS mandatory DESCRIPTION "." ::= { acmeOld 3 }
oldCount OBJECT-TYPE SYNTAX Counter ACCESS read-only STATUS mandatory DESCRIPTION "." ::= { acmeOld 4 }
oldLoad OBJECT-TYPE SYNTAX Gauge ACCESS read-only STATUS mandatory DESCRIPTION "." ::= { acmeOld 5 }
oldState OBJECT-TYPE SYNTAX INTEGER { onLine(1), onBattery(2) } ACCESS read-only STATUS mandatory
    DESCRIPTION "." ::= { acmeOld 6 }
oldTable OBJECT-TYPE SYNTAX SEQUENCE OF OldEntry ACCESS not-accessible STATUS mandatory DESCRIPTION "."
    ::= { acmeOld 7 }
oldEntry OBJECT-TYPE SYNTAX OldEntry ACCESS not-accessible STATUS mandatory DESCRIPTION "."
    INDEX { oldNet, oldName } ::= { oldTable 1 }
OldEntry ::= SEQUENCE { oldNet NetworkAddress, oldName DisplayString, oldSpeed Gauge }
oldNet OBJECT-TYPE SYNTAX NetworkAddress ACCESS read-only STATUS mandatory DESCRIPTION "." ::= { oldEntry 1 }
oldName OBJECT-TYPE SYNTAX DisplayString ACCESS read-only STATUS mandatory DESCRIPTION "." ::= { oldEntry 2 }
oldSpeed OBJECT-TYPE SYNTAX Gauge ACCESS read-only STATUS mandatory DESCRIPTION "." ::= { oldEntry 3 }
oldAlarm TRAP-TYPE ENTERPRISE acmeOld VARIABLES { oldState } DESCRIPTION "." ::= 3
END
"""

#: The text of each module by its name.
VENDOR_MODULES = {"ACME-DEVICE-MIB": _device_module(), "ACME-OLD-MIB": _OLD_MODULE}


def write_vendor_modules(folder: Path) -> None:
    """Write the modules into a folder, one file each."""
    for name, text in VENDOR_MODULES.items():
        (folder / name).write_text(text)
