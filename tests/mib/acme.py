"""A module of our own for tests: tables with indexes of many kinds, enumerations, BITS, hints, a notification."""

ACME = """
ACME-MIB DEFINITIONS ::= BEGIN

IMPORTS
    MODULE-IDENTITY, OBJECT-TYPE, NOTIFICATION-TYPE, OBJECT-IDENTITY, Integer32, Unsigned32, enterprises
        FROM SNMPv2-SMI
    TEXTUAL-CONVENTION, DisplayString, MacAddress FROM SNMPv2-TC
    InetAddressType, InetAddress FROM INET-ADDRESS-MIB
    ifEntry FROM IF-MIB;

acmeMIB MODULE-IDENTITY
    LAST-UPDATED "202601010000Z"
    ORGANIZATION "Acme"
    CONTACT-INFO "none"
    DESCRIPTION "Machines of Acme."
    ::= { enterprises 9999 }

AcmeCelsius ::= TEXTUAL-CONVENTION
    DISPLAY-HINT "d-1"
    STATUS current
    DESCRIPTION "Tenths of a degree."
    SYNTAX Integer32 (-500..1500)

AcmeState ::= TEXTUAL-CONVENTION
    STATUS current
    DESCRIPTION "How it goes."
    SYNTAX INTEGER { off(0), slow-start(1), on(2) }

acme-objects OBJECT IDENTIFIER ::= { acmeMIB 1 }

acmeState OBJECT-TYPE
    SYNTAX AcmeState
    MAX-ACCESS read-write
    STATUS current
    DESCRIPTION "Whether it runs."
    DEFVAL { on }
    ::= { acme-objects 1 }

acmeHeat OBJECT-TYPE
    SYNTAX AcmeCelsius
    UNITS "degrees Celsius"
    MAX-ACCESS read-only
    STATUS deprecated
    DESCRIPTION "How hot it is."
    REFERENCE "The manual."
    ::= { acme-objects 2 }

acmeFlags OBJECT-TYPE
    SYNTAX BITS { fans(0), lamp(1), horn(9) }
    MAX-ACCESS read-write
    STATUS current
    DESCRIPTION "What it has."
    ::= { acme-objects 3 }

acmeGateTable OBJECT-TYPE
    SYNTAX SEQUENCE OF AcmeGateEntry
    MAX-ACCESS not-accessible
    STATUS current
    DESCRIPTION "Gates."
    ::= { acme-objects 4 }

acmeGateEntry OBJECT-TYPE
    SYNTAX AcmeGateEntry
    MAX-ACCESS not-accessible
    STATUS current
    DESCRIPTION "A gate."
    INDEX { acmeGateType, acmeGateAddress, acmeGateMac, IMPLIED acmeGateName }
    ::= { acmeGateTable 1 }

AcmeGateEntry ::= SEQUENCE {
    acmeGateType InetAddressType,
    acmeGateAddress InetAddress,
    acmeGateMac MacAddress,
    acmeGateName DisplayString,
    acmeGatePeerType InetAddressType,
    acmeGatePeer InetAddress,
    acmeGateState AcmeState
}

acmeGateType OBJECT-TYPE
    SYNTAX InetAddressType MAX-ACCESS not-accessible STATUS current DESCRIPTION "." ::= { acmeGateEntry 1 }
acmeGateAddress OBJECT-TYPE
    SYNTAX InetAddress (SIZE (4|16)) MAX-ACCESS not-accessible STATUS current DESCRIPTION "." ::= { acmeGateEntry 2 }
acmeGateMac OBJECT-TYPE
    SYNTAX MacAddress MAX-ACCESS not-accessible STATUS current DESCRIPTION "." ::= { acmeGateEntry 3 }
acmeGateName OBJECT-TYPE
    SYNTAX DisplayString (SIZE (1..32)) MAX-ACCESS not-accessible STATUS current DESCRIPTION "." ::= { acmeGateEntry 4 }
acmeGatePeerType OBJECT-TYPE
    SYNTAX InetAddressType MAX-ACCESS read-only STATUS current DESCRIPTION "." ::= { acmeGateEntry 5 }
acmeGatePeer OBJECT-TYPE
    SYNTAX InetAddress MAX-ACCESS read-only STATUS current DESCRIPTION "." ::= { acmeGateEntry 6 }
acmeGateState OBJECT-TYPE
    SYNTAX AcmeState MAX-ACCESS read-only STATUS current DESCRIPTION "." ::= { acmeGateEntry 7 }

acmeIfTable OBJECT-TYPE
    SYNTAX SEQUENCE OF AcmeIfEntry
    MAX-ACCESS not-accessible
    STATUS current
    DESCRIPTION "More about interfaces."
    ::= { acme-objects 5 }

acmeIfEntry OBJECT-TYPE
    SYNTAX AcmeIfEntry
    MAX-ACCESS not-accessible
    STATUS current
    DESCRIPTION "More about an interface."
    AUGMENTS { ifEntry }
    ::= { acmeIfTable 1 }

AcmeIfEntry ::= SEQUENCE { acmeIfColor DisplayString }

acmeIfColor OBJECT-TYPE
    SYNTAX DisplayString MAX-ACCESS read-only STATUS current DESCRIPTION "." ::= { acmeIfEntry 1 }

acmeAlarm NOTIFICATION-TYPE
    OBJECTS { acmeState, acmeHeat }
    STATUS current
    DESCRIPTION "It is too hot."
    ::= { acmeMIB 0 1 }

END
"""
