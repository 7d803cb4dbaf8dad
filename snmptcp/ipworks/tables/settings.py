"""Every configuration setting of ``config()``, as data.

What may live here: names, types, defaults, which values work here, and why others cannot.  What may not: behaviour.
"""

from __future__ import annotations

from dataclasses import dataclass

from snmptcp.ipworks.errors import MAX_LINE_LENGTH_FROZEN

__all__ = ("SETTINGS", "Setting")

_NUMBER = 0x7FFFFFFF


@dataclass(frozen=True)
class Setting:
    """One setting.

    Attributes:
        name: its name.
        kind: ``bool``, ``int`` or ``str``.
        default: its value in a new object.
        doc: what it does here.
        writable: whether it can be set.
        property_name: the property that it is another name of.
        least: the smallest number.
        most: the greatest number.
        choices: the values that work here, where that is not a range.
        otherwise: why other values do not work here.
        frozen: the number of the error that setting it while active raises; 0 where it may be set at any time.
    """

    name: str
    kind: str
    default: object
    doc: str
    writable: bool = True
    property_name: str = ""
    least: int | None = None
    most: int | None = None
    choices: tuple[object, ...] = ()
    otherwise: str = ""
    frozen: int = 0


_ONE_LIBRARY = "there is one TLS library on this platform, OpenSSL"
_NO_SUCH_API = "Python's ssl module cannot choose them"


def _s(name: str, kind: str, default: object, doc: str, **facts: object) -> Setting:
    return Setting(name, kind, default, doc, **facts)  # type: ignore[arg-type]  # each has its own type


_SNMP = (
    _s(
        "CheckMessageOrigin",
        "bool",
        True,
        "A response is only taken on the connection of its request, so it can only come from the host that was asked. That holds for True and False.",
    ),
    _s(
        "CompatibilityMode",
        "int",
        0,
        "How the keys of AES192 and AES256 are made long enough: 0 as most network devices do (Reeder), 1 as SNMP4J and net-snmp do (Blumenthal).",
        choices=(0, 1),
    ),
    _s(
        "ContextEngineId",
        "str",
        "",
        "The contextEngineID of SNMPv3 requests: text, or octets in hex after 0x. Empty: the agent's engine ID.",
    ),
    _s("ContextName", "str", "", "The contextName of SNMPv3 requests."),
    _s("DecryptLogPackets", "bool", False, "Whether on_packet_trace is given SNMPv3 packets decrypted."),
    _s("ForceLocalPort", "bool", True, "True: a local_port that is busy is an error. False: another port is taken."),
    _s(
        "MsgMaxSize",
        "int",
        65507,
        "The longest message that is accepted, in octets, told to agents as msgMaxSize (SNMPv3). At least 8192 (RFC 3430).",
        least=8192,
        most=_NUMBER,
    ),
    _s("SourceAddress", "str", "", "The address that the last packet came from.", writable=False),
    _s("SourcePort", "int", 0, "The port that the last packet came from.", writable=False),
    _s("TimeoutInMilliseconds", "bool", False, "Whether timeout counts milliseconds instead of seconds."),
    _s(
        "WalkInsideRange",
        "bool",
        True,
        "True: a walk ends with its table. False: it goes on to the end of what the agent has.",
    ),
    _s("WalkStartOID", "str", "", "Where inside the table a walk starts: after this name."),
)
_TCP = (
    _s(
        "ConnectionTimeout",
        "int",
        0,
        "How many seconds connecting may take, beside timeout; within it with AbsoluteTimeout. 0: as long as timeout.",
        least=0,
        most=_NUMBER,
    ),
    _s(
        "FirewallAutoDetect",
        "bool",
        False,
        "Whether the proxy that the environment names (ALL_PROXY, HTTPS_PROXY, NO_PROXY) is used.",
    ),
    _s("FirewallHost", "str", "", "The firewall through which connections are made."),
    _s("FirewallUser", "str", "", "The user name for the firewall."),
    _s("FirewallPassword", "str", "", "The password for the firewall."),
    _s("FirewallPort", "int", 0, "The firewall's port. 0: 80 for a tunnel, 1080 for SOCKS.", least=0, most=0xFFFF),
    _s(
        "FirewallType",
        "int",
        0,
        "0 none, 1 tunnel (HTTP CONNECT), 2 SOCKS4, 3 SOCKS5, 10 SOCKS4A.",
        choices=(0, 1, 2, 3, 10),
    ),
    _s(
        "KeepAliveTime",
        "int",
        0,
        "Milliseconds of silence before the first keep-alive probe; setting it turns TCPKeepAlive on. 0: the system's default.",
        least=0,
        most=_NUMBER,
    ),
    _s(
        "KeepAliveInterval",
        "int",
        0,
        "Milliseconds between keep-alive probes; setting it turns TCPKeepAlive on. 0: the system's default.",
        least=0,
        most=_NUMBER,
    ),
    _s("TCPKeepAlive", "bool", False, "Whether the sockets have SO_KEEPALIVE."),
    _s(
        "Linger",
        "bool",
        True,
        "True: what was sent is delivered before a connection closes. False: closing throws it away (RST).",
    ),
    _s(
        "LingerTime",
        "int",
        0,
        "How many seconds closing waits for delivery (SO_LINGER). 0: the system's default.",
        least=0,
        most=32767,
    ),
    _s("LocalHost", "str", "", "Another name of the property local_host.", property_name="local_host"),
    _s("LocalPort", "int", 0, "Another name of the property local_port.", property_name="local_port"),
    _s(
        "MaxLineLength",
        "int",
        2048,
        "SNMP has no lines: the number is checked and kept, and no message is cut by it.",
        least=256,
        most=_NUMBER,
        frozen=MAX_LINE_LENGTH_FROZEN,
    ),
    _s(
        "MaxTransferRate",
        "int",
        0,
        "How many bytes per second are sent to an agent at most, and as many received from it. 0: any number.",
        least=0,
        most=_NUMBER,
    ),
    _s(
        "ProxyExceptionsList",
        "str",
        "",
        "Hosts that are connected to without the firewall, separated by semicolons; * stands for anything.",
    ),
    _s("TcpNoDelay", "bool", False, "Whether the sockets have TCP_NODELAY: small packets leave at once."),
    _s("UseIPv6", "int", 0, "0: IPv4 only. 1: IPv6 only. 2: either.", choices=(0, 1, 2)),
)
_TLS = (
    _s(
        "LogSSLPackets",
        "bool",
        False,
        "False. TLS records cannot be logged here.",
        choices=(False,),
        otherwise="Python's ssl module does not show TLS records; on_packet_trace shows what is in them",
    ),
    _s(
        "OpenSSLCADir",
        "str",
        "",
        "A directory of trusted authorities and revocation lists, named by hash as c_rehash does.",
    ),
    _s("OpenSSLCAFile", "str", "", "A PEM file of trusted authorities and revocation lists."),
    _s(
        "OpenSSLCipherList",
        "str",
        "",
        "The ciphers of TLS 1.2 and older, in OpenSSL's words. Empty: OpenSSL's default.",
    ),
    _s("OpenSSLPrngSeedData", "str", "", "Text that is mixed into OpenSSL's random numbers when it is set."),
    _s("ReuseSSLSession", "bool", False, "Whether a connection to the same agent takes up the last TLS session."),
    _s(
        "SSLCACertFilePaths",
        "str",
        "",
        "PEM files of trusted authorities, separated by semicolons. Empty: those of the system.",
    ),
    _s("SSLCACerts", "str", "", "Authorities of clients' certificates, PEM texts; for listening."),
    _s("SSLServerCACerts", "str", "", "Authorities of servers' certificates, PEM texts."),
    _s(
        "SSLCheckCRL",
        "int",
        0,
        "0: revocation is not looked up. 1: it must be. 2: where a list is at hand (OpenSSLCADir, OpenSSLCAFile).",
        choices=(0, 1, 2),
    ),
    _s("SSLCipherStrength", "int", 0, "The least number of bits of a cipher's key; 0 for any.", least=0, most=256),
    _s(
        "SSLEnabledCipherSuites",
        "str",
        "*",
        "The cipher suites that may be negotiated, separated by semicolons, by OpenSSL's or the standards' names; * for all. Python cannot withhold single suites of TLS 1.3: one that is not enabled is refused when it has been negotiated, before anything is sent.",
    ),
    _s(
        "SSLEnabledProtocols",
        "int",
        15360,
        "The sum of the versions: TLS 1.3 12288, TLS 1.2 3072, TLS 1.1 768, TLS 1.0 192. SSL 2 and 3 do not exist any more.",
    ),
    _s("SSLEnableRenegotiation", "bool", False, "Whether a TLS 1.2 peer may renegotiate."),
    _s(
        "SSLIncludeCertChain",
        "bool",
        False,
        "Whether cert_encoded of on_ssl_server_authentication holds the whole chain.",
    ),
    _s("SSLNegotiatedCipher", "str", "", "The cipher of the last connection to an agent.", writable=False),
    _s("SSLNegotiatedCipherStrength", "int", 0, "The bits of its key.", writable=False),
    _s("SSLNegotiatedCipherSuite", "str", "", "The cipher suite of the last connection to an agent.", writable=False),
    _s("SSLNegotiatedKeyExchange", "str", "", "The key exchange of the last connection to an agent.", writable=False),
    _s(
        "SSLNegotiatedKeyExchangeStrength",
        "int",
        0,
        "The bits of its key exchange, where OpenSSL tells them; 0 otherwise.",
        writable=False,
    ),
    _s("SSLNegotiatedVersion", "str", "", "The TLS version of the last connection to an agent.", writable=False),
    _s(
        "SSLProvider",
        "str",
        "*",
        "* or OpenSSL, which are the same.",
        choices=("*", "", "OpenSSL"),
        otherwise=_ONE_LIBRARY,
    ),
    _s(
        "SSLSecurityFlags",
        "int",
        0,
        "What is forgiven to a server's certificate: 0x1 expired or not yet valid, 0x10 unknown authority, 0xF00 unknown revocation, 0x80000000 another host's name. 0x20 (wrong usage) is an error: OpenSSL cannot be talked out of it. 0x2, 0x4, 0x4000 and 0x8000 forgive what OpenSSL does not object to.",
        least=0,
        most=0xFFFFFFFF,
    ),
    _s("TLS12SignatureAlgorithms", "str", "", "Empty: OpenSSL's.", choices=("",), otherwise=_NO_SUCH_API),
    _s("TLS12SupportedGroups", "str", "", "One elliptic curve, ecdhe_secp256r1 for instance. Empty: OpenSSL's."),
    _s(
        "TLS13KeyShareGroups",
        "str",
        "",
        "Empty: OpenSSL's, which follow the supported groups.",
        choices=("",),
        otherwise=_NO_SUCH_API,
    ),
    _s("TLS13SignatureAlgorithms", "str", "", "Empty: OpenSSL's.", choices=("",), otherwise=_NO_SUCH_API),
    _s("TLS13SupportedGroups", "str", "", "One group, ecdhe_x25519 for instance. Empty: OpenSSL's."),
)
_BASE = (
    _s(
        "AbsoluteTimeout",
        "bool",
        False,
        "False: whatever is received starts the timeout anew. True: timeout is the most that a method takes.",
    ),
    _s("FirewallData", "str", "", "Header lines that are added to the firewall's CONNECT request."),
    _s(
        "InBufferSize",
        "int",
        0,
        "The size of the sockets' receive buffer (SO_RCVBUF), in bytes. 0: the system's default.",
        least=0,
        most=_NUMBER,
    ),
    _s(
        "OutBufferSize",
        "int",
        0,
        "The size of the sockets' send buffer (SO_SNDBUF), in bytes. 0: the system's default.",
        least=0,
        most=_NUMBER,
    ),
    _s("BuildInfo", "str", "", "The library, its version, Python's and OpenSSL's.", writable=False),
    _s("CodePage", "int", 65001, "The code page by which text is made octets and back; 65001 is UTF-8."),
    _s("LicenseInfo", "str", "", "The licence of this library.", writable=False),
    _s(
        "ProcessIdleEvents",
        "bool",
        False,
        "False. Nothing is delivered while the program does something else: call do_events().",
        choices=(False,),
        otherwise="there is no thread that could deliver events while the program is idle; call do_events()",
    ),
    _s(
        "SelectWaitMillis",
        "int",
        20,
        "How many milliseconds do_events() waits where nothing has happened.",
        least=0,
        most=_NUMBER,
    ),
    _s("UseInternalSecurityAPI", "bool", False, "False: TLS is OpenSSL's.", choices=(False,), otherwise=_ONE_LIBRARY),
)

#: All settings by their names.
SETTINGS: dict[str, Setting] = {entry.name: entry for entry in (*_SNMP, *_TCP, *_TLS, *_BASE)}
