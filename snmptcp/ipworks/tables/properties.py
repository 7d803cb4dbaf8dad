"""Every property of the class, as data.

Contains: names, types, defaults, ranges, what freezes them, and what they do.  Does not contain: code that does it.
"""

from __future__ import annotations

from dataclasses import dataclass

from snmptcp.ipworks.errors import LOCAL_HOST_FROZEN, LOCAL_PORT_FROZEN
from snmptcp.ipworks.tables.row import PORT, POSITIVE, Row

__all__ = ("PROPERTIES", "RUNTIME_LICENSE", "Property")


@dataclass(frozen=True)
class Property(Row):
    """One property; it is frozen while the object is active.

    Attributes:
        indexed: whether it belongs to the object arrays: a pair of methods that take an index.
    """

    indexed: bool = False


def _p(name: str, kind: str, default: object, doc: str, **facts: object) -> Property:
    return Property(name, kind, default, doc, **facts)  # type: ignore[arg-type]  # each has its own type


PROPERTIES: dict[str, Property] = {
    entry.name: entry
    for entry in (
        _p(
            "accept_data",
            "bool",
            True,
            "Whether data from peers is read. While it is False, TCP holds the data.",
        ),
        _p(
            "active",
            "bool",
            False,
            "Whether the object sends and receives. True also listens, if local_port is set; False closes everything.",
        ),
        _p("authentication_password", "str", "", "The SNMPv3 authentication password. Empty: no authentication."),
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
        _p("encryption_password", "str", "", "The SNMPv3 privacy password. Empty: no encryption."),
        _p("error_description", "str", "", "The text of error_status.", writable=False),
        _p(
            "error_index",
            "int",
            0,
            "The index in the arrays of the object that the last error_status is about: 0 for the first object, -1 if the agent names none. Without meaning, and 0, if error_status is 0. The events have the agent's number, which is one more.",
            writable=False,
        ),
        _p("error_status", "int", 0, "The error-status of the last response.", writable=False),
        _p(
            "local_engine_id",
            "bytes",
            b"",
            "This object's engine ID, sent in answer to discovery requests. Empty: a random one.",
        ),
        _p(
            "local_host",
            "str",
            "",
            "The local address to connect from and to listen on. While connected or listening, it reads as the actual one.",
            frozen=LOCAL_HOST_FROZEN,
        ),
        _p(
            "local_port",
            "int",
            0,
            "The port to listen on while active; 0 to not listen. While connected or listening, it reads as the actual "
            "local port.",
            frozen=LOCAL_PORT_FROZEN,
            least=0,
            most=PORT,
        ),
        _p("obj_count", "int", 0, "The number of objects in the arrays. New objects are NULL.", least=0, most=100_000),
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
            "An object's value: the decimal text of a number, the dotted text of a name or an address, the octets of a string.",
            indexed=True,
        ),
        _p("remote_engine_boots", "int", 0, "The agent's engine boots (SNMPv3).", least=0, most=POSITIVE),
        _p(
            "remote_engine_id",
            "bytes",
            b"",
            "The agent's engine ID (SNMPv3): discovered, or set by the program to skip discovery.",
        ),
        _p(
            "remote_engine_time",
            "int",
            0,
            "The agent's engine time (SNMPv3), advanced by the local clock.",
            least=0,
            most=POSITIVE,
        ),
        _p("remote_host", "str", "", "The agent's name or address. A change makes another connection."),
        _p("remote_port", "int", 161, "The agent's TCP port.", least=0, most=PORT),
        _p(
            "request_id",
            "int",
            1,
            "The request-id of the next packet. Each packet increments it.",
            least=1,
            most=POSITIVE,
        ),
        _p("snmp_version", "int", 2, "1 for SNMPv1, 2 for SNMPv2c, 3 for SNMPv3.", choices=(1, 2, 3)),
        _p(
            "ssl_accept_server_cert_encoded", "bytes", b"", "A server certificate (PEM) to accept without verification."
        ),
        _p(
            "ssl_authenticate_clients",
            "bool",
            False,
            "Whether peers that connect to this object are asked for their certificate.",
        ),
        _p(
            "ssl_cert_encoded",
            "bytes",
            b"",
            "This object's certificate (PEM). Set it to a certificate with its private key to use it.",
        ),
        _p("ssl_cert_store", "bytes", b"MY", "The certificate store: the name of a file, or the content of a store."),
        _p("ssl_cert_store_password", "str", "", "The password of the certificate store."),
        _p(
            "ssl_cert_store_type",
            "int",
            0,
            "The type of the certificate store: 2 and 3 PFX file and blob, 4 and 5 JKS, 6 and 7 PEM key, 8 and 9 "
            "public key, 11 and 12 P7B, 99 to detect the type. Setting another type is an error, but for 0, in which searching is one: there is no store of Windows here.",
        ),
        _p(
            "ssl_cert_subject",
            "str",
            "",
            "The subject of this object's certificate. Setting it searches the store for this subject, then for a subject "
            "that contains it; * finds any. It then reads as the subject found, or as empty.",
        ),
        _p("ssl_enabled", "bool", False, "Whether connections use TLS."),
        _p(
            "ssl_server_cert_encoded",
            "bytes",
            b"",
            "The certificate (PEM) of the server of the last connection.",
            writable=False,
        ),
        _p(
            "store_walk_objects",
            "bool",
            True,
            "Whether the arrays hold all objects after walk(). False: objects are only available in on_response.",
        ),
        _p(
            "timeout",
            "int",
            60,
            "How many seconds a method waits. 0: it returns at once, and on_response delivers the answer.",
            least=0,
            most=POSITIVE,
        ),
        _p("user", "str", "", "The SNMPv3 user."),
        _p("walk_limit", "int", 0, "How many objects walk() reads at most. 0: all.", least=0, most=POSITIVE),
    )
}

#: The property in which programs give the documented class its licence key.  It belongs to no table: it does nothing.
RUNTIME_LICENSE = _p(
    "runtime_license",
    "str",
    "",
    "A licence key, which this library does not need: it is accepted, and neither kept nor shown.",
)
