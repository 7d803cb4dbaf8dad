"""Every configuration setting of ``config()``, as data.

Contains: names, types, defaults, which values are available here, and why others are not.
Does not contain: code that honours them.
"""

from __future__ import annotations

from dataclasses import dataclass

from snmptcp.ipworks.errors import MAX_LINE_LENGTH_FROZEN
from snmptcp.ipworks.tables.row import PORT, POSITIVE, Row

__all__ = ("SETTINGS", "Setting")


@dataclass(frozen=True)
class Setting(Row):
    """One setting; it is frozen while the object is connected.

    Attributes:
        property_name: the property that it is another name of; empty if it is not.
        constant: whether it is a text about the library, which has no default.
    """

    property_name: str = ""
    constant: bool = False


_ONE_LIBRARY = "OpenSSL is the only TLS library here"
_ONE_GROUP = "before Python 3.15, each group is an attempt of its own to connect, and the listening port takes the first one only"
_NO_SUCH_API = "OpenSSL chooses them: Python's ssl module cannot, before version 3.15"


def _s(name: str, kind: str, default: object, doc: str, **facts: object) -> Setting:
    return Setting(name, kind, default, doc, **facts)  # type: ignore[arg-type]  # each has its own type


_SNMP = (
    _s(
        "CheckMessageOrigin",
        "bool",
        True,
        "Whether a response must come from the address that its request was sent to. Both values are accepted and stored.",
        without_effect="over TCP a response comes on the connection of its request, so always from that address",
    ),
    _s(
        "CompatibilityMode",
        "int",
        0,
        "How keys for AES192 and AES256 are extended: 0 as most network devices do (Reeder), 1 as SNMP4J and net-snmp do (Blumenthal).",
        choices=(0, 1),
    ),
    _s(
        "ContextEngineId",
        "str",
        "",
        "The contextEngineID of SNMPv3 requests: text, or hexadecimal after 0x. Empty: the agent's engine ID.",
    ),
    _s("ContextName", "str", "", "The contextName of SNMPv3 requests."),
    _s("DecryptLogPackets", "bool", False, "Whether on_packet_trace shows SNMPv3 packets decrypted."),
    _s(
        "ForceLocalPort",
        "bool",
        True,
        "What happens if local_port is in use. True: an error. False: another port is used.",
    ),
    _s(
        "MsgMaxSize",
        "int",
        65507,
        "The longest message accepted, in octets; also sent as msgMaxSize (SNMPv3). From 484.",
        least=484,
        most=POSITIVE,
        partly="less than 8192 counts as 8192, the least over TCP (RFC 3430)",
    ),
    _s("SourceAddress", "str", "", "The source address of the last packet received.", writable=False),
    _s("SourcePort", "int", 0, "The source port of the last packet received.", writable=False),
    _s("TimeoutInMilliseconds", "bool", False, "Whether timeout is in milliseconds instead of seconds."),
    _s(
        "WalkInsideRange",
        "bool",
        True,
        "True: a walk ends with its table. False: it ends with the agent's MIB.",
    ),
    _s("WalkStartOID", "str", "", "The name after which a walk of the table starts. Empty: at the table's beginning."),
)
_TCP = (
    _s(
        "ConnectionTimeout",
        "int",
        0,
        "How many seconds connecting may take, in addition to timeout; with AbsoluteTimeout, as part of it. 0: as long as timeout. If timeout is 0: how many seconds each request may take in all; 0: 60.",
        least=0,
        most=POSITIVE,
    ),
    _s(
        "FirewallAutoDetect",
        "bool",
        False,
        "Whether to use the proxy named by the environment (ALL_PROXY, HTTPS_PROXY, NO_PROXY).",
    ),
    _s(
        "FirewallHost",
        "str",
        "",
        "The firewall (proxy) to connect through. Without effect, with a warning, while FirewallType is 0.",
    ),
    _s("FirewallUser", "str", "", "The user name for the firewall."),
    _s("FirewallPassword", "str", "", "The password for the firewall."),
    _s(
        "FirewallPort",
        "int",
        0,
        "The firewall's port. 0: that of FirewallType, 80 for HTTP CONNECT and 1080 for SOCKS; it then reads so.",
        least=0,
        most=PORT,
    ),
    _s(
        "FirewallType",
        "int",
        0,
        "0 none, 1 HTTP CONNECT, 2 SOCKS4, 3 SOCKS5, 10 SOCKS4A.",
        choices=(0, 1, 2, 3, 10),
    ),
    _s(
        "KeepAliveTime",
        "int",
        0,
        "Milliseconds of inactivity before the first keep-alive probe. Setting it also sets TCPKeepAlive. 0: the system's default.",
        least=0,
        most=POSITIVE,
    ),
    _s(
        "KeepAliveInterval",
        "int",
        0,
        "Milliseconds between keep-alive probes. Setting it also sets TCPKeepAlive. 0: the system's default.",
        least=0,
        most=POSITIVE,
    ),
    _s("TCPKeepAlive", "bool", False, "Whether sockets use TCP keep-alive (SO_KEEPALIVE)."),
    _s(
        "Linger",
        "bool",
        True,
        "True: closing a connection delivers pending data first. False: closing discards it (RST).",
    ),
    _s(
        "LingerTime",
        "int",
        0,
        "How many seconds closing waits for the delivery of pending data (SO_LINGER). 0: the system's default.",
        least=0,
        most=32767,
    ),
    _s("LocalHost", "str", "", "Another name of the property local_host.", property_name="local_host"),
    _s("LocalPort", "int", 0, "Another name of the property local_port.", property_name="local_port"),
    _s(
        "MaxLineLength",
        "int",
        2048,
        "The longest line without an end that is kept. The value is checked and stored.",
        without_effect="SNMP has no lines; MsgMaxSize limits messages",
        least=256,
        most=POSITIVE,
        frozen=MAX_LINE_LENGTH_FROZEN,
    ),
    _s(
        "MaxTransferRate",
        "int",
        0,
        "The most bytes per second to send to an agent, and to receive from it. 0: no limit.",
        least=0,
        most=POSITIVE,
    ),
    _s(
        "ProxyExceptionsList",
        "str",
        "",
        "Hosts to connect to without the firewall, separated by semicolons; * matches any text.",
    ),
    _s("TcpNoDelay", "bool", False, "Whether sockets send small packets at once (TCP_NODELAY)."),
    _s("UseIPv6", "int", 0, "0 or False: IPv4 only. 1 or True: IPv6 only. 2: either.", choices=(0, 1, 2), words=True),
)
_TLS = (
    _s(
        "LogSSLPackets",
        "bool",
        False,
        "Whether on_ssl_status tells of each TLS record that is sent or received: its type, version and length.",
    ),
    _s(
        "OpenSSLCADir",
        "str",
        "",
        "A directory of trusted authorities and revocation lists, with names as c_rehash gives.",
    ),
    _s("OpenSSLCAFile", "str", "", "A PEM file of trusted authorities and revocation lists."),
    _s(
        "OpenSSLCipherList",
        "str",
        "",
        "The ciphers of TLS 1.2 and older, in OpenSSL's format. Empty: OpenSSL's default.",
    ),
    _s("OpenSSLPrngSeedData", "str", "", "Text to add to OpenSSL's random generator, when it is set."),
    _s("ReuseSSLSession", "bool", False, "Whether a new connection to the same agent resumes the last TLS session."),
    _s(
        "SSLCACertFilePaths",
        "str",
        "",
        "PEM files of trusted authorities, separated by semicolons. Empty: the system's authorities.",
    ),
    _s("SSLCACerts", "str", "", "Trusted authorities of peers that connect (PEM)."),
    _s("SSLServerCACerts", "str", "", "Trusted authorities of servers (PEM)."),
    _s(
        "SSLCheckCRL",
        "int",
        0,
        "Whether to check revocation. 0 or False: no. 1 or True: yes. 2: only if a list is available (OpenSSLCADir, OpenSSLCAFile).",
        choices=(0, 1, 2),
        words=True,
    ),
    _s("SSLCipherStrength", "int", 0, "The minimum bits of a cipher's key. 0: any.", least=0, most=256),
    _s(
        "SSLEnabledCipherSuites",
        "str",
        "*",
        "The enabled cipher suites, by OpenSSL's or the standard names, separated by semicolons; * for all. Python cannot disable single suites of TLS 1.3: if one that is not enabled is negotiated, the connection fails before any data is sent.",
        partly="suites that OpenSSL does not have are left out; none at all is an error",
    ),
    _s(
        "SSLEnabledProtocols",
        "int",
        15360,
        "The sum of the enabled versions: TLS 1.3 12288, TLS 1.2 3072, TLS 1.1 768, TLS 1.0 192. TLS 1.1 and 1.0 need OpenSSL's security level 0, which takes short keys and SHA-1 in every version.",
        partly="OpenSSL does not have SSL 3 (48) and SSL 2 (12): alone they are an error",
    ),
    _s("SSLEnableRenegotiation", "bool", False, "Whether a TLS 1.2 peer may renegotiate."),
    _s(
        "SSLIncludeCertChain",
        "bool",
        False,
        "Whether cert_encoded of on_ssl_server_authentication contains the whole chain.",
    ),
    _s("SSLNegotiatedCipher", "str", "", "The cipher of the last connection to an agent.", writable=False),
    _s(
        "SSLNegotiatedCipherStrength",
        "int",
        0,
        "The bits of the cipher's key of the last connection to an agent.",
        writable=False,
    ),
    _s("SSLNegotiatedCipherSuite", "str", "", "The cipher suite of the last connection to an agent.", writable=False),
    _s(
        "SSLNegotiatedKeyExchange",
        "str",
        "",
        "The key exchange of the last connection to an agent: ECDHE, DHE or RSA, or the name of a post-quantum hybrid.",
        writable=False,
    ),
    _s(
        "SSLNegotiatedKeyExchangeStrength",
        "int",
        0,
        "The bits of the key exchange of the last connection to an agent: of its curve, its prime, or the RSA key. 0 for a resumed session of TLS 1.2.",
        writable=False,
    ),
    _s("SSLNegotiatedVersion", "str", "", "The TLS version of the last connection to an agent.", writable=False),
    _s(
        "SSLProvider",
        "str",
        "*",
        "The TLS library: * or OpenSSL, which mean the same.",
        choices=("*", "", "OpenSSL"),
        otherwise=_ONE_LIBRARY,
    ),
    _s(
        "SSLSecurityFlags",
        "int",
        0,
        "Faults of a server's certificate to ignore: 0x1 expired or not yet valid, 0x10 unknown authority, 0xF00 unknown revocation status, 0x80000000 another host name. 0x2 and 0x4 need nothing: OpenSSL does not check what they ignore. A negative number has the same bits.",
        least=-0x80000000,
        most=0xFFFFFFFF,
        partly="0x20 (wrong usage) is never ignored, as OpenSSL always checks it; 0x4000 and 0x8000 are about Windows",
    ),
    _s("TLS12SignatureAlgorithms", "str", "", "Empty: OpenSSL's algorithms.", choices=("",), otherwise=_NO_SUCH_API),
    _s(
        "TLS12SupportedGroups",
        "str",
        "",
        "The groups (curves) of TLS 1.2, separated by commas, of ecdhe_x25519, ecdhe_x448, ecdhe_secp256r1, ecdhe_secp384r1, ecdhe_secp521r1, ffdhe_2048, ffdhe_3072, ffdhe_4096, ffdhe_6144, ffdhe_8192. Empty: those of TLS13SupportedGroups, or OpenSSL's.",
        partly=_ONE_GROUP,
    ),
    _s(
        "TLS13KeyShareGroups",
        "str",
        "",
        "The groups to offer first, of those in TLS13SupportedGroups.",
        partly="OpenSSL chooses for which groups it sends key shares",
    ),
    _s("TLS13SignatureAlgorithms", "str", "", "Empty: OpenSSL's algorithms.", choices=("",), otherwise=_NO_SUCH_API),
    _s(
        "TLS13SupportedGroups",
        "str",
        "",
        "The groups of TLS 1.3, as those of TLS 1.2. Empty: those of TLS12SupportedGroups, or OpenSSL's.",
        partly=_ONE_GROUP,
    ),
)
_BASE = (
    _s(
        "AbsoluteTimeout",
        "bool",
        False,
        "False: each packet from the agent restarts timeout. True: timeout limits the whole method.",
    ),
    _s("FirewallData", "str", "", "Header lines to add to the CONNECT request to the firewall."),
    _s(
        "InBufferSize",
        "int",
        0,
        "The size of the sockets' receive buffer (SO_RCVBUF), in bytes. 0: the system's default.",
        least=0,
        most=POSITIVE,
    ),
    _s(
        "OutBufferSize",
        "int",
        0,
        "The size of the sockets' send buffer (SO_SNDBUF), in bytes. 0: the system's default.",
        least=0,
        most=POSITIVE,
    ),
    _s("BuildInfo", "str", "", "The versions of the library, Python and OpenSSL.", writable=False, constant=True),
    _s("CodePage", "int", 65001, "The code page that converts text to octets and back; 65001 is UTF-8."),
    _s("LicenseInfo", "str", "", "The licence of this library.", writable=False, constant=True),
    _s(
        "ProcessIdleEvents",
        "bool",
        False,
        "Whether events are delivered while the program is idle: call do_events() instead.",
        choices=(False,),
        otherwise="no thread delivers events while the program is idle; call do_events()",
    ),
    _s(
        "SelectWaitMillis",
        "int",
        20,
        "How many milliseconds do_events() waits if there are no events.",
        least=0,
        most=POSITIVE,
    ),
    _s(
        "UseInternalSecurityAPI",
        "bool",
        False,
        "False: OpenSSL implements TLS.",
        choices=(False,),
        otherwise=_ONE_LIBRARY,
    ),
)

#: All settings by their names.
SETTINGS: dict[str, Setting] = {entry.name: entry for entry in (*_SNMP, *_TCP, *_TLS, *_BASE)}
