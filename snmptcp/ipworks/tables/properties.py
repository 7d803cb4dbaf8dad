"""Every property of the class, as data.

What may live here: names, types, defaults, ranges, what freezes them, and what they are.  What may not: behaviour.
"""

from __future__ import annotations

from dataclasses import dataclass

from snmptcp.ipworks.errors import LOCAL_HOST_FROZEN, LOCAL_PORT_FROZEN

__all__ = ("PROPERTIES", "Property")

_PORT = 0xFFFF
_NUMBER = 0x7FFFFFFF


@dataclass(frozen=True)
class Property:
    """One property.

    Attributes:
        name: its Python name.
        kind: ``bool``, ``int``, ``str`` or ``bytes``: what reading it gives.
        default: its value in a new object; of an indexed one, in a new row.
        doc: what it is.
        writable: whether it can be set.
        indexed: whether it is one of the object arrays, and so a pair of methods that take an index.
        frozen: the number of the error that setting it while active raises; 0 where it may be set at any time.
        least: the smallest number.
        most: the greatest number.
        choices: the numbers that are allowed, where that is not a range.
    """

    name: str
    kind: str
    default: object
    doc: str
    writable: bool = True
    indexed: bool = False
    frozen: int = 0
    least: int | None = None
    most: int | None = None
    choices: tuple[int, ...] = ()


def _p(name: str, kind: str, default: object, doc: str, **facts: object) -> Property:
    return Property(name, kind, default, doc, **facts)  # type: ignore[arg-type]  # each has its own type


PROPERTIES: dict[str, Property] = {
    entry.name: entry
    for entry in (
        _p(
            "accept_data",
            "bool",
            True,
            "Whether what peers send is read. False stops reading; TCP holds the data until it is True again.",
        ),
        _p(
            "active",
            "bool",
            False,
            "Whether the object sends and receives. True listens if there is a local_port; False closes everything.",
        ),
        _p("authentication_password", "str", "", "The SNMPv3 authentication password; empty for no authentication."),
        _p(
            "authentication_protocol",
            "int",
            1,
            "The SNMPv3 authentication protocol: 1 HMAC-MD5-96, 2 HMAC-SHA-96, 3 HMAC-192-SHA-256, 4 HMAC-384-SHA-512.",
            choices=(1, 2, 3, 4),
        ),
        _p("community", "str", "public", "The community of SNMPv1 and SNMPv2c messages."),
        _p(
            "encryption_algorithm",
            "int",
            1,
            "The SNMPv3 privacy protocol: 1 DES, 2 AES, 3 3DES, 4 AES192, 5 AES256.",
            choices=(1, 2, 3, 4, 5),
        ),
        _p("encryption_password", "str", "", "The SNMPv3 privacy password; empty for no encryption."),
        _p("error_description", "str", "", "The text of error_status.", writable=False),
        _p(
            "error_index",
            "int",
            0,
            "The error-index of the last response as it was on the wire: 1 for the first object, 0 for none.",
            writable=False,
        ),
        _p("error_status", "int", 0, "The error-status of the last packet received.", writable=False),
        _p("local_engine_id", "bytes", b"", "This manager's own engine ID, which answers discovery requests."),
        _p(
            "local_host",
            "str",
            "",
            "The local address to connect from and to listen on; the actual one while there is one.",
            frozen=LOCAL_HOST_FROZEN,
        ),
        _p(
            "local_port",
            "int",
            0,
            "The local port. If it is not 0, the object listens on it while active. Otherwise reading it gives the "
            "port of the outgoing connection, once there is one.",
            frozen=LOCAL_PORT_FROZEN,
            least=0,
            most=_PORT,
        ),
        _p("obj_count", "int", 0, "The number of objects in the arrays. New ones are NULL.", least=0, most=100_000),
        _p("obj_id", "str", "", "The dotted name of an object.", indexed=True),
        _p(
            "obj_type",
            "int",
            5,
            "The type of an object's value: 2 Integer, 4 OctetString, 5 Null, 6 ObjectId, 64 IPAddress, 65 Counter32, "
            "66 Gauge32, 67 TimeTicks, 68 Opaque, 69 NSAP, 70 Counter64, 71 UnsignedInteger32, 128 NoSuchObject, "
            "129 NoSuchInstance, 130 EndOfMibView.",
            indexed=True,
            choices=(2, 4, 5, 6, 64, 65, 66, 67, 68, 69, 70, 71, 128, 129, 130),
        ),
        _p("obj_type_string", "str", "Null", "The name of an object's type.", indexed=True, writable=False),
        _p(
            "obj_value",
            "bytes",
            b"",
            "An object's value: the decimal text of a number, dotted text of a name or an address, a string's octets.",
            indexed=True,
        ),
        _p("remote_engine_boots", "int", 0, "The agent's engine boots (SNMPv3).", least=0, most=_NUMBER),
        _p("remote_engine_id", "bytes", b"", "The agent's engine ID: discovered, or set to skip discovery (SNMPv3)."),
        _p(
            "remote_engine_time",
            "int",
            0,
            "The agent's engine time as it should be now (SNMPv3).",
            least=0,
            most=_NUMBER,
        ),
        _p("remote_host", "str", "", "The agent's name or address. Another one means another connection."),
        _p("remote_port", "int", 161, "The agent's TCP port.", least=0, most=_PORT),
        _p("request_id", "int", 1, "The id of the next packet; counts up by one for each.", least=1, most=_NUMBER),
        _p("snmp_version", "int", 2, "1 for SNMPv1, 2 for SNMPv2c, 3 for SNMPv3.", choices=(1, 2, 3)),
        _p(
            "ssl_accept_server_cert_encoded", "bytes", b"", "A certificate (PEM) of a server that is accepted as it is."
        ),
        _p(
            "ssl_authenticate_clients",
            "bool",
            False,
            "Whether peers that connect to this object are asked for a certificate.",
        ),
        _p(
            "ssl_cert_encoded",
            "bytes",
            b"",
            "The own certificate (PEM). Setting it loads that certificate, and its key.",
        ),
        _p("ssl_cert_store", "bytes", b"MY", "The certificate store: a file's name, or a store's content."),
        _p("ssl_cert_store_password", "str", "", "The password of the certificate store."),
        _p(
            "ssl_cert_store_type",
            "int",
            0,
            "The type of the certificate store: 2 and 3 PFX file and blob, 4 and 5 JKS, 6 and 7 PEM key, 8 and 9 "
            "public key, 11 and 12 P7B, 99 to find out. The other types are not available on this platform.",
        ),
        _p(
            "ssl_cert_subject",
            "str",
            "",
            "The subject of the own certificate. Setting it searches the store: for exactly this subject, then for one "
            "that contains it; * takes any. It reads as the whole subject found, or as empty.",
        ),
        _p("ssl_enabled", "bool", False, "Whether connections are TLS."),
        _p(
            "ssl_server_cert_encoded",
            "bytes",
            b"",
            "The certificate (PEM) of the server last connected to.",
            writable=False,
        ),
        _p(
            "store_walk_objects",
            "bool",
            True,
            "Whether the arrays hold all objects when walk() is done; otherwise they come only by on_response.",
        ),
        _p(
            "timeout",
            "int",
            60,
            "How many seconds a method waits. 0: it returns at once, and answers come by on_response.",
            least=0,
            most=_NUMBER,
        ),
        _p("user", "str", "", "The SNMPv3 user."),
        _p("walk_limit", "int", 0, "How many objects walk() reads at most; 0 for all.", least=0, most=_NUMBER),
    )
}
