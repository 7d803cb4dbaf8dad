"""Devices in the style of several vendors.  Their data are made up; odd values are there on purpose.

Odd are: text that is no ASCII, strings of no octets, strings with line ends and quotes, dates of eight, eleven and
other octets, MAC addresses of none, bits and numbers without a name, negative numbers, the largest Counter64, indexes
that do not fit their INDEX, values of the wrong type, objects that no module defines.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.oid import OID
from snmptcp.values import Counter64, Gauge32, Integer32, IpAddress, Null, OctetString, Opaque, TimeTicks
from tests.support.devices.builder import (
    Device,
    addresses,
    counters,
    counters64,
    double,
    floating,
    gauges,
    integers,
    octets,
    oids,
    texts,
    ticks,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from snmptcp.mib import Mib
    from snmptcp.values import Value

__all__ = ("DEVICES", "device")

MAC = "001a2b3c4d"
MOST = 2**32 - 1
V4 = bytes((172, 16, 0, 1)), bytes((192, 0, 2, 255))
V6 = bytes.fromhex("fd420000000000000000000000000001")
LINK_LOCAL = bytes.fromhex("fe80000000000000021a2bfffe3c4d5e")
ZONE = bytes((0, 0, 0, 7))


def _system(device: Device, description: str | bytes, enterprise: str, name: str | bytes = "core-1") -> None:
    device.scalars(
        sysDescr=OctetString(description),
        sysObjectID=OID(enterprise),
        sysUpTime=TimeTicks(123456789),
        sysContact=OctetString("Zoë Ångström <noc@example.com>"),
        sysName=OctetString(name),
        sysLocation=OctetString(""),
        sysServices=Integer32(78),
        sysORLastChange=TimeTicks(0),
        snmpInPkts=counters(4711)[0],
        snmpEnableAuthenTraps=Integer32(2),
    )
    device.table(
        [(row,) for row in range(1, 5)],
        sysORID=oids("1.3.6.1.6.3.1", "1.3.6.1.6.3.16.2.2.1", "1.3.6.1.2.1.49", "0.0"),
        sysORDescr=texts("The MIB module for SNMPv2 entities", 'said "hello"', "two\nlines", ""),
        sysORUpTime=ticks(0, 100, 8640000, MOST),
    )


#: Scalars of IP, ICMP, TCP, UDP and SNMP.
_COUNTERS = (
    "ipInReceives ipInHdrErrors ipInAddrErrors ipForwDatagrams ipInUnknownProtos ipInDiscards ipInDelivers "
    "ipOutRequests ipOutDiscards ipOutNoRoutes ipReasmReqds ipReasmOKs ipReasmFails ipFragOKs ipFragFails "
    "ipFragCreates icmpInMsgs icmpInErrors icmpInDestUnreachs icmpInTimeExcds icmpInEchos icmpInEchoReps icmpOutMsgs "
    "icmpOutErrors icmpOutDestUnreachs icmpOutEchos icmpOutEchoReps tcpActiveOpens tcpPassiveOpens tcpAttemptFails "
    "tcpEstabResets tcpInSegs tcpOutSegs tcpRetransSegs tcpInErrs tcpOutRsts udpInDatagrams udpNoPorts udpInErrors "
    "udpOutDatagrams snmpOutPkts snmpInBadVersions snmpInBadCommunityNames snmpInASNParseErrs snmpInTotalReqVars "
    "snmpInGetRequests snmpInGetNexts snmpOutGetResponses snmpOutTraps snmpSilentDrops snmpUnknownSecurityModels "
    "snmpInvalidMsgs usmStatsUnknownUserNames usmStatsWrongDigests usmStatsNotInTimeWindows"
)


def _statistics(device: Device) -> None:
    """Add counters of the protocols."""
    device.scalars(
        ipForwarding=Integer32(1),
        ipDefaultTTL=Integer32(64),
        tcpRtoAlgorithm=Integer32(4),
        tcpMaxConn=Integer32(-1),
        tcpCurrEstab=Gauge32(17),
        tcpHCInSegs=Counter64(2**63),
        **dict(zip(_COUNTERS.split(), counters(0, 7, 77777, MOST) * 20, strict=False)),
    )


def _interfaces(device: Device, names: list[str], first: int = 1) -> None:
    rows = [(first + number,) for number in range(len(names))]
    device.scalars(ifNumber=Integer32(len(names)), ifTableLastChange=TimeTicks(5))
    device.table(
        rows,
        ifIndex=integers(*range(first, first + len(names))),
        ifDescr=texts(*names),
        ifType=integers(6, 24, 53, 161, 131, 9999),
        ifMtu=integers(1500, 65536, 0, -1),
        ifSpeed=gauges(1000000000, MOST, 0),
        ifPhysAddress=octets(f"{MAC}5e", "", "ffffffffffff", "00"),
        ifAdminStatus=integers(1, 2, 3),
        ifOperStatus=integers(1, 2, 7, 6, 0),
        ifLastChange=ticks(0, 4752, 17280001),
        ifInOctets=counters(0, MOST, 12345),
        ifInErrors=counters(0),
        ifOutOctets=counters(1, 2, 3),
        ifSpecific=oids("0.0", "1.3.6.1.2.1.10.7"),
    )
    device.table(
        rows,
        ifName=texts(*(name[:3] for name in names)),
        ifHCInOctets=counters64(0, 2**64 - 1, 2**63, 987654321),
        ifHCOutOctets=counters64(1),
        ifLinkUpDownTrapEnable=integers(1, 2),
        ifHighSpeed=gauges(1000, 0, 40000),
        ifPromiscuousMode=integers(1, 2, 3),
        ifConnectorPresent=integers(2, 1),
        ifAlias=texts("", "uplink: «Süd»", "to \\\\srv\\c$"),
        ifCounterDiscontinuityTime=ticks(0),
    )


def _lldp(device: Device) -> None:
    device.scalars(
        lldpLocChassisIdSubtype=Integer32(4),
        lldpLocChassisId=octets(f"{MAC}00")[0],
        lldpLocSysCapSupported=octets("28")[0],
        lldpLocSysCapEnabled=octets("2800")[0],
    )
    device.table(
        [(0, port, 1) for port in range(1, 5)],
        lldpRemChassisIdSubtype=integers(4, 5, 7, 99),
        lldpRemChassisId=[*octets(f"{MAC}01", "01ac100001"), *texts("neighbour", "")],
        lldpRemPortIdSubtype=integers(3, 5, 1),
        lldpRemPortId=[*octets(f"{MAC}02"), *texts("Gi1/0/1")],
        lldpRemSysName=texts("sw-β", "router"),
        lldpRemSysCapSupported=octets("", "80", "00ff", "28"),
    )
    device.table(
        [(4000000000, 2, 1, 1, V4[0]), (0, 2, 1, 2, V6), (0, 2, 1, 6, bytes.fromhex(f"{MAC}03"))],
        lldpRemManAddrIfSubtype=integers(1, 2, 3),
        lldpRemManAddrIfId=integers(0, 1001),
        lldpRemManAddrOID=oids("0.0", "1.3.6.1.2.1.2.2.1.1", "1.0.8802.1.1.2.1.4"),
    )


def switch(device: Device) -> None:
    """A switch in Cisco's style: bridge, VLANs, entities, sensors, LLDP, RMON, Ethernet."""
    _system(device, "Acme IOS Software, Version 15.2(4)E10\r\nCopyright (c) by Acme\r\n", "1.3.6.1.4.1.9.1.1208")
    _interfaces(device, ["Vlan1", *(f"GigabitEthernet1/0/{port}" for port in range(1, 9)), "Port-channel1"], 10101)
    _lldp(device)
    device.scalars(
        dot1dBaseBridgeAddress=octets(f"{MAC}00")[0],
        dot1dBaseNumPorts=Integer32(9),
        dot1dStpDesignatedRoot=octets(f"8001{MAC}00")[0],
        dot1dStpTimeSinceTopologyChange=TimeTicks(4711),
        dot1dStpHelloTime=Integer32(200),
    )
    device.table(
        [(port,) for port in range(1, 7)],
        dot1dBasePortCircuit=oids("0.0", "1.3.6.1.2.1.2.2.1.1.10102"),
        dot1dStpPortState=integers(5, 1, 6, 0),
        dot1dStpPortDesignatedBridge=octets(f"8001{MAC}00", ""),
        dot1dStpPortDesignatedPort=octets("8001", "8002"),
        dot1dTpPortInFrames=counters(0, MOST),
        dot1qPvid=gauges(1, 4094),
        dot3StatsDuplexStatus=integers(3, 2, 1),
        pethMainPsePower=gauges(370),
        pethMainPseUsageThreshold=integers(80),
    )
    device.table(
        [(bytes.fromhex(f"{MAC}{last:02x}"),) for last in (0, 1, 0x20, 0x7F, 0xFF)],
        dot1dTpFdbPort=integers(0, 1, 2),
        dot1dTpFdbStatus=integers(3, 4, 1, 8),
    )
    device.table(
        [(vlan, bytes.fromhex(f"41424344{vlan:04x}")) for vlan in (1, 100, 4094)],
        dot1qTpFdbPort=integers(0, 24),
        dot1qTpFdbStatus=integers(3, 2),
    )
    device.table(
        [(time, vlan) for time in (0, 123456) for vlan in (1, 100)],
        dot1qVlanCurrentEgressPorts=octets("ff80", "00" * 20, ""),
        dot1qVlanStatus=integers(1, 2, 3),
        dot1qVlanCreationTime=ticks(0, 100),
    )
    device.table([(1,), (100,)], dot1qVlanStaticName=texts("default", "Büro\n"), dot1qVlanStaticRowStatus=integers(1))
    device.table(
        [(number,) for number in (1, 1001, 1002, 2001)],
        entPhysicalDescr=texts("Chassis", "Sensor °C", "Power supply"),
        entPhysicalVendorType=oids("1.3.6.1.4.1.9.12.3.1.3.1", "0.0"),
        entPhysicalContainedIn=integers(0, 1),
        entPhysicalClass=integers(3, 8, 6, 12),
        entPhysicalIsFRU=integers(1, 2),
        entPhysicalMfgDate=octets("07e8020d0a1e0000", "07e8020d0a1e00002b0200", "0000000000000000", ""),
        entPhysicalUris=texts("urn:x:1", ""),
    )
    device.table(
        [(1001,), (1002,)],
        entPhySensorType=integers(8, 99),
        entPhySensorScale=integers(9, 8),
        entPhySensorPrecision=integers(1, -8),
        entPhySensorValue=integers(-425, 2**31 - 1),
        entPhySensorUnitsDisplay=texts("celsius", ""),
        entPhySensorValueTimeStamp=ticks(100),
        entStateOper=integers(3, 2),
        entStateAlarm=octets("80", "01"),
    )
    device.table(
        [(1,), (2,)],
        etherStatsDataSource=oids("1.3.6.1.2.1.2.2.1.1.10102"),
        etherStatsOctets=counters(1, MOST),
        etherStatsOwner=texts("monitor", ""),
        etherStatsStatus=integers(1, 4),
        alarmVariable=oids("1.3.6.1.2.1.2.2.1.10.10102", "0.0"),
        alarmSampleType=integers(2, 1),
        eventLastTimeSent=ticks(0),
    )
    device.at(
        {
            "1.3.6.1.4.1.9.2.1.58.0": Integer32(7),
            "1.3.6.1.4.1.9.9.46.1.3.1.1.4.1.1": OctetString("default"),
            "1.3.6.1.4.1.9.9.109.1.1.1.1.8.1": Gauge32(3),
            "dot1dTpFdbPort.0.26.43": Integer32(1),
            "dot1qTpFdbPort.1.0.26.43.60.77.300": Integer32(1),
            "ifDescr.10102.1": OctetString("too long an index"),
            "ifEntry.99.10102": Integer32(0),
            "ifTable.2.3": Null(),
            "dot1dStpHelloTime.7": OctetString(b"\0"),
        }
    )


def router(device: Device) -> None:
    """A router in Juniper's style: addresses of all kinds in indexes, BGP, OSPF, VRRP, TCP and UDP."""
    _system(device, "Acme Networks, Inc. mx240 internet router, kernel JUNOS 21.4R3", "1.3.6.1.4.1.2636.1.1.1.2.29")
    _statistics(device)
    _interfaces(device, ["lo0", "ge-0/0/0.0", "xe-1/0/0", "irb.4094", "st0"], 500)
    internet: list[tuple[int, bytes]] = [(1, V4[0]), (1, V4[1]), (2, V6), (3, V4[0] + ZONE), (4, LINK_LOCAL + ZONE)]
    device.table(
        [*internet, (16, b"a.example"), (0, b"")],
        ipAddressIfIndex=integers(500, 501),
        ipAddressType=integers(1, 2, 3),
        ipAddressPrefix=oids("1.3.6.1.2.1.4.32.1.5.500.1.4.10.0.0.0.8", "0.0"),
        ipAddressOrigin=integers(2, 4, 5, 9),
        ipAddressStatus=integers(1, 7),
        ipAddressCreated=ticks(0, 4752),
    )
    device.table(
        [(500, 1, V4[0], 8), (501, 2, V6, 64)],
        ipAddressPrefixOrigin=integers(2),
        ipAddressPrefixAdvPreferredLifetime=gauges(MOST, 604800),
    )
    device.table(
        [(501, *address) for address in internet[:3]],
        ipNetToPhysicalPhysAddress=octets(f"{MAC}5e", ""),
        ipNetToPhysicalType=integers(3, 4),
        ipNetToPhysicalState=integers(1, 2),
    )
    device.table(
        [(501, V4[0]), (501, V4[1])],
        ipNetToMediaPhysAddress=octets(f"{MAC}5e"),
        ipNetToMediaNetAddress=addresses("10.0.0.1", "192.0.2.255"),
        ipNetToMediaType=integers(3, 2),
    )
    device.table(
        [
            (1, bytes(4), 0, OID.fragment((0, 0)), 1, V4[0]),
            (1, V4[0], 32, OID("1.3.6.1.2.1.2.2.1.1"), 0, b""),
            (2, V6, 64, OID.fragment((0, 0, 501)), 4, LINK_LOCAL + ZONE),
        ],
        inetCidrRouteIfIndex=integers(501, 500),
        inetCidrRouteType=integers(4, 3),
        inetCidrRouteProto=integers(14, 2, 3),
        inetCidrRouteMetric1=integers(-1, 0),
    )
    device.table(
        [(V4[0], bytes((255, 0, 0, 0)), 0, V4[1])],
        ipCidrRouteIfIndex=integers(501),
        ipCidrRouteInfo=oids("0.0"),
    )
    device.table(
        [(V4[0],), (V4[1],)],
        bgpPeerState=integers(6, 1),
        bgpPeerRemoteAddr=addresses("10.0.0.1"),
        bgpPeerLastError=octets("0000", "0602"),
        bgpPeerInUpdateElapsedTime=gauges(77),
    )
    device.table(
        [(bytes((198, 51, 100, 0)), 24, V4[0])],
        bgp4PathAttrOrigin=integers(2),
        bgp4PathAttrASPathSegment=octets("0202fde8fde9"),
        bgp4PathAttrMultiExitDisc=integers(-1),
    )
    device.scalars(ospfRouterId=IpAddress("10.0.0.1"), ospfAdminStat=Integer32(1), bgpVersion=octets("10")[0])
    device.table(
        [(V4[0], 0), (V4[1], 3)],
        ospfNbrState=integers(8, 1),
        ospfNbrRtrId=addresses("10.0.0.9"),
        ospfNbrOptions=integers(2),
    )
    device.table([(bytes(4),)], ospfAreaBdrRtrCount=gauges(1), ospfAuthType=integers(0))
    device.table(
        [(501, 1), (501, 255)],
        vrrpOperState=integers(3, 9),
        vrrpOperMasterIpAddr=addresses("10.0.0.1"),
        vrrpOperVirtualMacAddr=octets("00005e000101"),
    )
    device.table(
        [(1, V4[0], 179, 1, V4[1], 49152), (2, V6, 22, 2, V6, 65535), (0, b"", 0, 0, b"", 0)],
        tcpConnectionState=integers(5, 2, 11),
        tcpConnectionProcess=gauges(0, 4711),
    )
    device.table([(V4[0], 22, bytes(4), 0)], tcpConnState=integers(2))
    device.table([(1, V4[0], 161, 0, b"", 0, 1)], udpEndpointProcess=gauges(1))
    device.table(
        [(1,), (2,)],
        ipv6IfDescr=texts("ge-0/0/0", "lo0"),
        ipv6IfIdentifier=octets("021a2bfffe3c4d5e", ""),
        ipv6IfOperStatus=integers(1, 5),
    )
    device.table([(1, V6, 64)], ipv6AddrPrefixOnLinkFlag=integers(1))
    device.at(
        {
            "1.3.6.1.4.1.2636.3.1.2.0": OctetString("Juniper MX240"),
            "1.3.6.1.4.1.2636.3.1.13.1.7.9.1.0.0": Gauge32(31),
            "ipAddressIfIndex.1.4.10.0.0": Integer32(1),
            "ipAddressIfIndex.2.4.10.0.0.1": Integer32(1),
            "ipAddressIfIndex.1.4.10.0.0.1.9": Integer32(1),
            "ipAddressIfIndex.1.4.10.0.0.256": Integer32(1),
            "ipAddressIfIndex.99.2.65.66": Integer32(1),
            "bgpPeerState.10.0.0": Integer32(6),
            "inetCidrRouteIfIndex.1.4.10.0.0.0": Integer32(6),
            "tcpConnState.10.0.0.1.22.300.0.0.1.0": Integer32(5),
            "ipForward.3.0": Integer32(5),
            "ospfRouterId.1": OctetString(V4[0]),
        }
    )


def firewall(device: Device) -> None:
    """A firewall in Fortinet's style: its own module, and who may see what (VACM, USM, targets, communities)."""
    _system(device, "", "1.3.6.1.4.1.9998.7.1", 'FG100F"lab"')
    _interfaces(device, ["wan1", "port1", "port2", "ssl.root"])
    _vendor_table(device)
    device.table(
        [(1, "public"), (2, "private"), (3, ""), (99, "Zoë")],
        vacmGroupName=texts("readers", "writers", ""),
        vacmSecurityToGroupStorageType=integers(2, 3, 4),
        vacmSecurityToGroupStatus=integers(1, 3),
    )
    device.table(
        [("readers", "", 0, 1), ("readers", "ctx", 3, 3), ('a"b', "", 2, 2)],
        vacmAccessContextMatch=integers(1, 2),
        vacmAccessReadViewName=texts("all", ""),
        vacmAccessStatus=integers(1),
    )
    device.table(
        [("all", OID("1.3")), ("all", OID("1.3.6.1.2.1.2.2.1")), ("none", OID("0.0"))],
        vacmViewTreeFamilyMask=octets("", "ffa0"),
        vacmViewTreeFamilyType=integers(1, 2),
    )
    engine = bytes.fromhex("80001f8880e9bd4c1d12667a51")
    device.table(
        [(engine, "monitor"), (engine, "a'b"), (b"", "")],
        usmUserSecurityName=texts("monitor", ""),
        usmUserCloneFrom=oids("0.0"),
        usmUserAuthProtocol=oids("1.3.6.1.6.3.10.1.1.2", "1.3.6.1.6.3.10.1.1.5", "1.3.6.1.6.3.10.1.1.1"),
        usmUserPrivProtocol=oids("1.3.6.1.6.3.10.1.2.4", "1.3.6.1.6.3.10.1.2.1", "1.3.6.1.4.1.14832.1.1"),
        usmUserPublic=octets("", "00ff", "6869"),
        usmUserStatus=integers(1, 2),
    )
    device.table(
        [("noc",), ("tls peer",), ("x.y",)],
        snmpTargetAddrTDomain=oids("1.3.6.1.6.1.1", "1.3.6.1.6.1.8", "1.3.6.1.2.1.100.1.1"),
        snmpTargetAddrTAddress=[*octets("ac10000100a2"), *texts("noc.example:10162"), *octets("")],
        snmpTargetAddrTimeout=integers(1500),
        snmpTargetAddrTagList=texts("noc tls", ""),
        snmpCommunityName=texts("public", "", b"\xff"),
        snmpCommunityContextEngineID=[OctetString(engine)],
        snmpNotifyType=integers(1, 2),
    )
    device.table([("noc", OID("1.3.6.1.4.1"))], snmpNotifyFilterMask=octets("f0"), snmpNotifyFilterType=integers(1))
    device.scalars(
        snmpEngineID=OctetString(engine), snmpEngineBoots=Integer32(7), snmpTrapAddress=IpAddress("10.0.0.9")
    )
    device.table(
        [(1,), (2,)],
        snmpTlstmCertToTSNFingerprint=octets("04" + "ab" * 32, "0200"),
        snmpTlstmCertToTSNMapType=oids("1.3.6.1.2.1.198.1.1.1", "0.0"),
    )
    device.at(
        {
            "vacmGroupName.2.3.97.98": OctetString("short index"),
            "vacmGroupName.2.2.97.300": OctetString("no octet"),
            "snmpTargetAddrTDomain.0": OID("0.0"),
            "vacmViewTreeFamilyMask.1.97.200.1.3": OctetString("x"),
            "1.3.6.1.4.1.12356.101.4.1.1.0": OctetString("v7.2.5,build1517,230605 (GA.F)"),
            "1.3.6.1.4.1.12356.101.13.2.1.1.3.1": Gauge32(5),
        }
    )


def _vendor_table(device: Device) -> None:
    """Add all objects of ACME-DEVICE-MIB, each with several values, and its tables with indexes of every kind."""
    device.table(
        [(row,) for row in (1, 2, 3, -1, 2**31 - 1)],
        acdNumber=integers(0, -1, 2**31 - 1, -(2**31)),
        acdTenths=integers(215, -5, 0, 7),
        acdHex=gauges(255, 0, MOST),
        acdOctal=integers(8, -1),
        acdBinary=integers(5, -1),
        acdMode=integers(0, 1, -1, 1000, 7),
        acdGauge=gauges(0, MOST),
        acdUnsigned=gauges(7, MOST),
        acdCounter=counters(0, MOST),
        acdCounter64=[Counter64(2**64 - 1), Opaque(b"\x9f\x76\x01\x05"), Counter64(0)],
        acdTicks=ticks(0, 99, 8640001, 17280001, MOST),
        acdAddress=addresses("0.0.0.0", "255.255.255.255"),
        acdOctets=texts("", "text", b"\0\xff", 'said "hi"\\', b"x" * 40, b"\xff" * 33, "two\nlines"),
        acdText=texts("", "caf\u00e9", 'said "hi"\\', b'nul\0 "', "two\nlines\r\n", "tab\t"),
        acdName=texts("\u65e5\u672c", "", "plain"),
        acdMac=octets(f"{MAC}5e", "", "00", "ff" * 8),
        acdPhys=octets("", f"{MAC}5e", "0102"),
        acdDate=octets("07e8020d0a1e0000", "07e8020d0a1e00002b0200", "07e8020d0a1e00092d0b1e", "07e8", ""),
        acdPairs=octets("01020304", "", "00010000"),
        acdDotted=octets("0a000001", "00", ""),
        acdCounted=octets("02010203040506", "00ff", ""),
        acdWord=octets("414243440102", "4142", ""),
        acdOid=oids("0.0", "1.3.6.1.4.1.9998.7.1.1.1.3", "1.3.6.1.4.1.9998", "1.2.840.113549", "2.5.4.3", "1.0.8802.1"),
        acdPointer=oids("1.3.6.1.2.1.2.2.1.1.7", "1.3.6.1.6.3.16.1.2.1.3.2.3.97.98.99"),
        acdBits=octets("80", "c080", "", "00", "ff8001", "000040"),
        acdOpaque=[
            floating(1.5),
            double(-1 / 3),
            Opaque(b"\x9f\x7a\x01\xff"),
            Opaque(b"\x9f\x7b\x01\x7f"),
            Opaque(b"\x04\x02hi"),
        ],
        acdTruth=integers(1, 2, 0),
        acdInet=[*map(OctetString, (V4[0], V6, b"host.example", b""))],
        acdInet4=[*map(OctetString, V4)],
        acdInet6=[OctetString(V6)],
        acdInet6z=[OctetString(LINK_LOCAL + ZONE)],
        acdRow=integers(1, 6, 0),
        acdHidden=texts("", "secret", b"\x80"),
        acdLong=texts(""),
        acdKeyword=integers(2, 3),
        acdGaps=octets("", "c040", "0001"),
        acdKind=integers(1, 2, 99),
        acdSettled=integers(7),
        acdForgotten=integers(7),
    )
    ip = IpAddress("192.0.2.1")
    indexes: dict[int, list[tuple[int | str | bytes | OID, ...]]] = {
        1: [("",), ('a"b',), ("x.y z",), ("\n",)],
        2: [("ab", -5)],
        3: [("implied",), ("a'b",)],
        4: [(bytes.fromhex(f"{MAC}5e"),), (b"abcdef",)],
        5: [(b"", 1), (b"\0\1\2", MOST)],
        6: [(0, 1), (-1, 2), (1000, 2)],
        7: [(ip, 7), (ip, -1)],
        8: [(OID("1.3.6.1.2.1.1"),), (OID.fragment((1, 3, 6, 1, 4, 1, 9998, 5)),)],
        9: [(OID("1.3.6.1.2.1.2.2.1.1.3"),)],
        10: [(bytes.fromhex("07e8020d0a1e0000"),), (bytes.fromhex("07e8020d0a1e00002b0200"),)],
        11: [(TimeTicks(8640001), 1), (TimeTicks(0), 0)],
        12: [(b"\xc0",)],
        13: [(b"", b"\xff"), (b"ab", b"")],
        14: [(V4[0], V6)],
        15: [(V4[0], V6[:4])],
        16: [(99, b"ab")],
    }
    for number, rows in indexes.items():
        device.table(rows, **{f"acdValue{number}": gauges(number)})
    device.at(
        {
            "acdNumber.1.2": OctetString("wrong type, and too long an index"),
            "acdTicks.9": Integer32(9),
            "acdAddress.9": OctetString(V4[0]),
            "acdBits.9": Integer32(9),
            "acdCounter.9": Gauge32(9),
            "acdCounter64.9": Null(),
            "acdOid.9": IpAddress("10.0.0.1"),
            "acdText.9": OID("1.3.6.1.4.1.9998"),
            "acdDate.9": Opaque(b"\0"),
            "acdOpaque.9": TimeTicks(9),
            "acdGauge.9": Counter64(9),
            "acdEntry.77.1": Integer32(1),
            "acdTable.5.1": Integer32(1),
            "acmeDevice.7": Integer32(1),
            "1.3.6.1.4.1.9998.3.1": Integer32(1),
            "1.3.6.1.4.1.9998.7": Integer32(1),
            "acdValue1.200.1": Gauge32(1),
            "acdValue4.1.2.3": Gauge32(1),
            "acdValue6.4294967295.7": Gauge32(1),
            "acdValue7.10.0.0": Gauge32(1),
            "acdValue8.9.1.3": Gauge32(1),
            "acdValue12.1.192.5": Gauge32(1),
            "acdValue14.4.10.0.0.1": Gauge32(1),
        }
    )


def access_point(device: Device) -> None:
    """An access point in MikroTik's style: host resources with dates, a bridge, many objects without a module."""
    _system(device, "RouterOS RB4011iGS+", "1.3.6.1.4.1.14988.1", b"Mikro\tTik")
    _statistics(device)
    _interfaces(device, ["ether1", "ether2", "wlan1", "bridge", "<pppoe-ünal>"])
    device.scalars(
        hrSystemUptime=TimeTicks(MOST),
        hrSystemDate=octets("07ea0b1d0d1e0000")[0],
        hrSystemInitialLoadParameters=OctetString(""),
        hrSystemNumUsers=Gauge32(0),
        hrMemorySize=Integer32(1048576),
    )
    _storage(device, [(65536,), (131073,)])
    device.table([(row,) for row in range(1, 5)], hrProcessorFrwID=oids("0.0"), hrProcessorLoad=integers(0, 100, 3))
    device.scalars(dot1dBaseBridgeAddress=octets(f"{MAC}00")[0])
    device.table(
        [(bytes.fromhex(f"{MAC}{last:02x}"),) for last in range(0x30, 0x40)],
        dot1dTpFdbPort=integers(1, 2, 3),
        dot1dTpFdbStatus=integers(3),
    )
    for column, values in {
        2: octets(f"{MAC}5e"),
        3: integers(-61, -85),
        4: gauges(0, 130000000),
        8: texts("5Ghz-N/AC", "wlan «Gäste»"),
        11: ticks(90000),
        12: counters(5),
        19: counters64(2**40),
        20: addresses("192.0.2.1"),
        21: oids("1.3.6.1.4.1.14988.1.1.1.2"),
        22: [Null(), floating(0.25), *octets("")],
    }.items():
        for row in range(1, 13):
            name = f"1.3.6.1.4.1.14988.1.1.1.2.1.{column}.{row}"
            device.at({name: values[row % len(values)]})


def _storage(device: Device, rows: list[tuple[int]]) -> None:
    """Add disks and memory."""
    device.table(
        rows,
        hrStorageIndex=integers(1),
        hrStorageType=oids("1.3.6.1.2.1.25.2.1.4", "1.3.6.1.2.1.25.2.1.2", "1.3.6.1.2.1.25.2.1.99"),
        hrStorageDescr=texts("/", "C:\\ Label:Ürün", "main memory"),
        hrStorageAllocationUnits=integers(4096, 1024, 0),
        hrStorageSize=integers(2**31 - 1, 1048576, -1),
        hrStorageUsed=integers(1, 0),
        hrStorageAllocationFailures=counters(0),
    )


def nas(device: Device) -> None:
    """A file server in Synology's style: disks, programs, and the floats of net-snmp's agent without its modules."""
    _system(device, "Linux DiskStation 4.4.302+ #69057 SMP x86_64", "1.3.6.1.4.1.8072.3.2.10", "Größe")
    _statistics(device)
    _interfaces(device, ["lo", "eth0", "eth1", "sit0"])
    _storage(device, [(row,) for row in (1, 3, 6, 31, 51)])
    device.table(
        [(196608,), (262145,), (393232,)],
        hrDeviceType=oids("1.3.6.1.2.1.25.3.1.3", "1.3.6.1.2.1.25.3.1.4", "1.3.6.1.2.1.25.3.1.6"),
        hrDeviceDescr=texts("GenuineIntel: Celeron(R)", "network interface lo", "SATA /dev/sda"),
        hrDeviceID=oids("0.0"),
        hrDeviceStatus=integers(2, 5, 0),
        hrDeviceErrors=counters(0),
    )
    device.table(
        [(1,), (2,)],
        hrFSMountPoint=texts("/", "/volume1/\xe4"),
        hrFSRemoteMountPoint=texts("", "nas:/x"),
        hrFSType=oids("1.3.6.1.2.1.25.3.9.23", "1.3.6.1.2.1.25.3.9.1"),
        hrFSAccess=integers(1, 2),
        hrFSBootable=integers(1, 2),
        hrFSLastFullBackupDate=octets("0000010100000000", "07e8021e17133b09"),
    )
    device.table(
        [(row,) for row in (1, 4711, 2**31 - 1)],
        hrSWRunName=texts("init", "python3 -c 'print(\"x\")'"),
        hrSWRunPath=texts("/sbin/init", ""),
        hrSWRunParameters=texts("", "--all --now"),
        hrSWRunType=integers(4, 2),
        hrSWRunStatus=integers(1, 4, 5),
        hrSWRunPerfCPU=integers(0, 12345),
        hrSWRunPerfMem=integers(1024),
        hrSWInstalledDate=octets("07e8020d0a1e00002b0200", "07e8020d0a1e0000"),
    )
    device.at({f"1.3.6.1.4.1.2021.10.1.6.{row}": floating(row / 7) for row in (1, 2, 3)})
    device.at(
        {
            "1.3.6.1.4.1.2021.10.1.7.1": double(-1e-7),
            "1.3.6.1.4.1.2021.4.3.0": Integer32(2097148),
            "1.3.6.1.4.1.2021.11.50.0": counters(4711)[0],
            "1.3.6.1.4.1.6574.1.1.0": Integer32(1),
            "1.3.6.1.4.1.6574.1.5.1.0": OctetString("DS918+"),
            "1.3.6.1.4.1.6574.2.1.1.2.0": OctetString("Disk 1 "),
            "1.3.6.1.4.1.6574.2.1.1.6.0": Integer32(-128),
            "1.3.6.1.4.1.6574.102.1.1.3.1": Opaque(bytes(range(14, 54))),
            "1.3.6.1.4.1.6574.102.1.1.4.1": OctetString(bytes(range(14, 256))),
            "1.3.6.1.4.1.6574.102.1.1.5.1": OctetString("a" * 300),
            "hrStorageDescr.0": OctetString("x"),
            "host.9.1": Integer32(1),
        }
    )


def ups(device: Device) -> None:
    """A power supply in APC's style: UPS-MIB, and a module in SMIv1."""
    _system(device, "APC Web/SNMP Management Card (MB:v4.1.0 PF:v6.5.0)", "1.3.6.1.4.1.318.1.3.27")
    _statistics(device)
    _interfaces(device, ["veth0", "lo", "unused"])
    device.scalars(
        upsIdentManufacturer=OctetString("Acme\x00"),
        upsBatteryStatus=Integer32(2),
        upsSecondsOnBattery=Integer32(0),
        upsEstimatedMinutesRemaining=Integer32(-1),
        upsBatteryVoltage=Integer32(545),
        upsBatteryTemperature=Integer32(-40),
        upsAlarmsPresent=Gauge32(2),
        upsTestStartTime=TimeTicks(4752),
        upsTestId=OID("1.3.6.1.2.1.33.1.7.7.1"),
        upsOutputFrequency=Integer32(500),
        oldModel=OctetString("Smart-UPS 1500"),
        oldLabel=OctetString("Kühlraum"),
        oldPhys=octets(f"{MAC}5e")[0],
        oldCount=counters(MOST)[0],
        oldLoad=Gauge32(42),
        oldState=Integer32(2),
    )
    device.table(
        [(1,), (2,), (3,)],
        upsInputFrequency=integers(499, 0),
        upsInputVoltage=integers(230),
        upsInputCurrent=integers(-1, 12),
        upsOutputPercentLoad=integers(17, 200),
        upsAlarmDescr=oids("1.3.6.1.2.1.33.1.6.3.3", "1.3.6.1.2.1.33.1.6.3.99", "0.0"),
        upsAlarmTime=ticks(1),
    )
    device.table(
        [(IpAddress("10.0.0.1"), "ab"), (IpAddress("192.0.2.1"), "")],
        oldNet=addresses("10.0.0.1"),
        oldName=texts("ab", b"\0"),
        oldSpeed=gauges(1, MOST),
    )
    for row in range(1, 60):
        value: Value = Integer32(row) if row % 3 else OctetString(f"value {row}")
        device.at({f"1.3.6.1.4.1.318.1.1.1.{row}.{row % 5}.0": value})
    device.at(
        {
            "oldSpeed.2.10.0.0.1.1.97": Gauge32(1),
            "oldSpeed.1.10.0": Gauge32(1),
            "oldState.0.1": Integer32(9),
            "oldNet.1.10.0.0.9.1.97": Integer32(9),
            "upsInputVoltage.0": OctetString("none"),
            "1.3.6.1.2.1.33.1.7.7.8": Integer32(1),
        }
    )


def printer(device: Device) -> None:
    """A printer in HP's style: supplies with negative numbers, text in several character sets."""
    _system(device, "HP ETHERNET MULTI-ENVIRONMENT,ROM none,JETDIRECT", "1.3.6.1.4.1.11.2.3.9.1", "NPI5E")
    _statistics(device)
    _interfaces(device, ["HP ETHERNET\0", "lo", "wlan0"])
    device.table(
        [(1,)],
        prtGeneralReset=integers(3),
        prtGeneralSerialNumber=[*texts("CNB1234567")],
        prtGeneralPrinterName=texts("Drucker im Büro"),
        prtConsoleNumberOfDisplayLines=integers(4),
    )
    device.table(
        [(1, row) for row in range(1, 6)],
        prtMarkerSuppliesClass=integers(3, 4),
        prtMarkerSuppliesType=integers(3, 9, 4, 10),
        prtMarkerSuppliesDescription=texts("Black Cartridge HP CF410A", b"K\xe4rtchen\0", ""),
        prtMarkerSuppliesSupplyUnit=integers(19, 13, 7),
        prtMarkerSuppliesMaxCapacity=integers(100, -2),
        prtMarkerSuppliesLevel=integers(42, -3, -2, -1),
        prtInputCurrentLevel=integers(-3, 250),
        prtInputStatus=integers(0, 9, 16),
        prtInputName=texts("Tray 1", ""),
        prtConsoleDisplayBufferText=texts("Ready", "\u6e96\u5099"),
        prtAlertSeverityLevel=integers(3, 5),
        prtAlertCode=integers(8, 1104, 4),
        prtAlertDescription=texts("Tray 2 empty {40103}", "Füllstand niedrig"),
        prtAlertTime=ticks(4752),
    )
    device.table([(1, 1), (1, 2)], prtCoverDescription=texts("Front door", ""), prtCoverStatus=integers(3, 4))
    device.table(
        [(1,)], hrPrinterStatus=integers(3), hrPrinterDetectedErrorState=octets("0041"), hrDeviceErrors=counters(1)
    )
    for row in range(14, 60):
        device.at({f"1.3.6.1.4.1.11.2.3.9.4.2.1.{row}.1.0": OctetString(bytes((row, row * 3 % 256)) + b" pages")})


#: The devices by their names.
DEVICES: Mapping[str, Callable[[Device], None]] = {
    kind.__name__: kind for kind in (switch, router, firewall, access_point, nas, ups, printer)
}


def device(name: str, mib: Mib) -> dict[OID, Value]:
    """Return the variables of a device.

    Args:
        name: its name in :data:`DEVICES`.
        mib: the standard modules, and those of :mod:`tests.support.devices.modules`.
    """
    built = Device(mib)
    DEVICES[name](built)
    return built.variables
