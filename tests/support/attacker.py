"""Messages of an attacker, a hostile agent and a hostile manager, written from the RFCs alone.

Shares no code with the library (``tests/attacks/test_the_builder.py`` checks the imports), so that a mistake made
both in writing and in reading cannot hide.  Nothing here checks what it writes: every field can have any value.

Contains, in this order:

- BER: :func:`tlv`, :func:`integer`, :func:`octet_string`, :func:`oid`, ...; :func:`read_tlv`, :func:`children`.
- PDUs and the messages of SNMPv1 and SNMPv2c: :func:`pdu`, :func:`trap_v1`, :func:`community_message`.
- SNMPv3: :class:`User`, :func:`usm_message`, :func:`tsm_message`, :func:`v3_message`.
- Reading what a peer has sent: :func:`read_message` returns a :class:`Message`.
- :class:`HostileEngine`: answers and reports, with any field changed.
- :class:`HostileServer` and :class:`RawConnection`: TCP on loopback.

A manager in the middle of its request::

    engine = HostileEngine(users=(User("shaaes", "SHA-256", "authpass123", "AES", "privpass123"),))

    def script(connection: RawConnection, octets: bytes) -> bytes | None:
        request = engine.read(octets)
        if not request.engine_id:
            return engine.report(request, "unknownEngineIDs")
        return engine.answer(request, boots=3)

    async with HostileServer(script) as server:
        ...  # Manager(server.host, server.port, ...)

A sender of octets::

    async with await RawConnection.open(listener_host, listener_port) as connection:
        connection.send(community_message(pdu(TRAP_V2, 1, notification("1.3.6.1.6.3.1.1.5.1"))))
        connection.send(b"\\x30\\x00" * 1000)
        await connection.closed()

Sources: X.690, RFC 1157, RFC 3416, RFC 3412, RFC 3414, RFC 3826, RFC 7860, RFC 5591,
draft-blumenthal-aes-usm-04, draft-reeder-snmpv3-usm-3desede-00.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import hashlib
import hmac
import inspect
import secrets
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, Union

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

try:
    from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
    from cryptography.hazmat.decrepit.ciphers.modes import CFB
except ImportError:  # older versions
    from cryptography.hazmat.primitives.ciphers.algorithms import TripleDES
    from cryptography.hazmat.primitives.ciphers.modes import CFB

if TYPE_CHECKING:
    import ssl as ssl_module
    from typing import Self

# -------------------------------------------------------------------------------------------- BER

INTEGER, OCTET_STRING, NULL, OBJECT_IDENTIFIER, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
IP_ADDRESS, COUNTER32, GAUGE32, TIME_TICKS, OPAQUE, COUNTER64 = 0x40, 0x41, 0x42, 0x43, 0x44, 0x46
NO_SUCH_OBJECT, NO_SUCH_INSTANCE, END_OF_MIB_VIEW = 0x80, 0x81, 0x82


def length(size: int, octets: int | None = None) -> bytes:
    """Return a length field: the shortest, or the long form in exactly so many octets (0: indefinite, ``80``)."""
    if octets is None:
        if size < 0x80:
            return bytes([size])
        octets = (size.bit_length() + 7) // 8
    return bytes([0x80 + octets]) + size.to_bytes(octets, "big") if octets else b"\x80"


def tlv(tag: int, contents: bytes = b"", *, length_octets: int | None = None, claimed: int | None = None) -> bytes:
    """Return a tag, a length and contents.

    Args:
        tag: the tag octet.
        contents: the contents.
        length_octets: the long form of the length in so many octets; optional, default the shortest form.
        claimed: a length that need not be true; optional, default the true one.
    """
    return bytes([tag]) + length(len(contents) if claimed is None else claimed, length_octets) + contents


def sequence(*parts: bytes) -> bytes:
    """Return a SEQUENCE of encoded parts."""
    return tlv(SEQUENCE, b"".join(parts))


def integer(value: int, tag: int = INTEGER) -> bytes:
    """Return a signed integer of any size, in the fewest octets."""
    size = ((value if value >= 0 else ~value).bit_length() // 8) + 1
    return tlv(tag, value.to_bytes(size, "big", signed=True))


def counter32(value: int) -> bytes:
    """Return a Counter32."""
    return integer(value, COUNTER32)


def gauge32(value: int) -> bytes:
    """Return a Gauge32."""
    return integer(value, GAUGE32)


def time_ticks(value: int) -> bytes:
    """Return a TimeTicks."""
    return integer(value, TIME_TICKS)


def counter64(value: int) -> bytes:
    """Return a Counter64."""
    return integer(value, COUNTER64)


def octet_string(value: bytes, tag: int = OCTET_STRING) -> bytes:
    """Return an OCTET STRING."""
    return tlv(tag, value)


def ip_address(text: str) -> bytes:
    """Return an IpAddress, given as dotted text."""
    return tlv(IP_ADDRESS, bytes(map(int, text.split("."))))


def null(tag: int = NULL) -> bytes:
    """Return a NULL; with another tag an exception such as ``END_OF_MIB_VIEW``."""
    return tlv(tag)


def oid_contents(text: str) -> bytes:
    """Return the contents of an OBJECT IDENTIFIER, given as dotted text."""
    first, second, *rest = map(int, text.strip(".").split("."))
    return b"".join(map(_base128, [40 * first + second, *rest]))


def _base128(arc: int) -> bytes:
    octets = [arc & 0x7F]
    while arc := arc >> 7:
        octets.append(0x80 | arc & 0x7F)
    return bytes(reversed(octets))


def oid(text: str) -> bytes:
    """Return an OBJECT IDENTIFIER, given as dotted text."""
    return tlv(OBJECT_IDENTIFIER, oid_contents(text))


class Tlv(NamedTuple):
    """One element: its tag, its contents, and all its octets."""

    tag: int
    contents: bytes
    octets: bytes

    @property
    def number(self) -> int:
        """The contents as a signed integer."""
        return int.from_bytes(self.contents, "big", signed=True)

    @property
    def oid(self) -> str:
        """The contents as the dotted text of an OBJECT IDENTIFIER."""
        arcs = [0]
        for octet in self.contents:
            arcs[-1] = arcs[-1] << 7 | octet & 0x7F
            if octet < 0x80:
                arcs.append(0)
        first = min(arcs[0] // 40, 2)
        return ".".join(map(str, [first, arcs[0] - 40 * first, *arcs[1:-1]]))

    @property
    def children(self) -> list[Tlv]:
        """The elements of which the contents consist."""
        return children(self.contents)


def read_tlv(octets: bytes, offset: int = 0) -> tuple[Tlv, int]:
    """Return the element at an offset and the offset behind it; raise ValueError if it is incomplete."""
    header = message_header(octets, offset)
    if header is None or offset + sum(header) > len(octets):
        raise ValueError(f"an element is cut off at offset {offset}: {octets[offset:][:8].hex()}")
    start = offset + header[0]
    end = start + header[1]
    return Tlv(octets[offset], octets[start:end], octets[offset:end]), end


def message_header(octets: bytes, offset: int = 0) -> tuple[int, int] | None:
    """Return the sizes of an element's header and of its contents; ``None`` if the header is incomplete."""
    if len(octets) < offset + 2:
        return None
    first = octets[offset + 1]
    if first < 0x80:
        return 2, first
    count = first - 0x80
    if len(octets) < offset + 2 + count:
        return None
    return 2 + count, int.from_bytes(octets[offset + 2 : offset + 2 + count], "big")


def children(contents: bytes) -> list[Tlv]:
    """Return the elements that stand one behind the other in some octets."""
    found: list[Tlv] = []
    offset = 0
    while offset < len(contents):
        element, offset = read_tlv(contents, offset)
        found.append(element)
    return found


def split(octets: bytes) -> tuple[list[bytes], bytes]:
    """Cut a stream into its whole messages and the rest."""
    messages: list[bytes] = []
    offset = 0
    while (header := message_header(octets, offset)) and len(octets) >= offset + sum(header):
        messages.append(octets[offset : offset + sum(header)])
        offset += sum(header)
    return messages, octets[offset:]


# -------------------------------------------------------------------------------------------- PDUs

GET, GET_NEXT, RESPONSE, SET, TRAP_V1, GET_BULK, INFORM, TRAP_V2, REPORT = range(0xA0, 0xA9)

SYS_UP_TIME = "1.3.6.1.2.1.1.3.0"
SNMP_TRAP_OID = "1.3.6.1.6.3.1.1.4.1.0"

#: A variable binding to be written: a name, and an encoded value.
Binding: TypeAlias = tuple[str, bytes]


def varbind(name: str, value: bytes | None = None) -> bytes:
    """Return a variable binding; the value is encoded, and by default NULL."""
    return sequence(oid(name), null() if value is None else value)


def varbind_list(bindings: Iterable[Binding] = ()) -> bytes:
    """Return a VarBindList."""
    return sequence(*(varbind(name, value) for name, value in bindings))


def names(*texts: str) -> list[Binding]:
    """Return the bindings of a request that reads."""
    return [(text, null()) for text in texts]


def notification(trap: str, *bindings: Binding, uptime: int = 1000) -> list[Binding]:
    """Return the bindings of a trap or an inform: sysUpTime.0, snmpTrapOID.0, and further ones."""
    return [(SYS_UP_TIME, time_ticks(uptime)), (SNMP_TRAP_OID, oid(trap)), *bindings]


def pdu(
    kind: int,
    request_id: int,
    bindings: Iterable[Binding] = (),
    *,
    error_status: int = 0,
    error_index: int = 0,
    raw_list: bytes | None = None,
) -> bytes:
    """Return a PDU of any type but the v1 trap.

    Args:
        kind: the tag, such as ``GET``.
        request_id: the request-id.
        bindings: pairs of a name and an encoded value.
        error_status: error-status; in a GETBULK, non-repeaters.
        error_index: error-index; in a GETBULK, max-repetitions.
        raw_list: any octets in place of the VarBindList; optional.
    """
    variables = varbind_list(bindings) if raw_list is None else raw_list
    return tlv(kind, integer(request_id) + integer(error_status) + integer(error_index) + variables)


def trap_v1(
    enterprise: str,
    generic: int,
    specific: int = 0,
    bindings: Iterable[Binding] = (),
    *,
    agent_address: str = "127.0.0.1",
    timestamp: int = 1000,
) -> bytes:
    """Return a Trap-PDU of SNMPv1."""
    return tlv(
        TRAP_V1,
        oid(enterprise)
        + ip_address(agent_address)
        + integer(generic)
        + integer(specific)
        + time_ticks(timestamp)
        + varbind_list(bindings),
    )


def community_message(pdu: bytes, community: bytes = b"public", version: int = 1) -> bytes:
    """Return a message of SNMPv2c, or with version 0 of SNMPv1."""
    return sequence(integer(version), octet_string(community), pdu)


# ------------------------------------------------------------------------- keys, digests, ciphers

#: Names of hashlib, and octets of the digest in a message (RFC 3414 sections 6 and 7, RFC 7860).
DIGESTS = {
    "MD5": ("md5", 12),
    "SHA": ("sha1", 12),
    "SHA-224": ("sha224", 16),
    "SHA-256": ("sha256", 24),
    "SHA-384": ("sha384", 32),
    "SHA-512": ("sha512", 48),
}
#: Octets of key material; AES with ``-C`` extends a short key as the Reeder draft says, the others as Blumenthal's.
CIPHERS = {"DES": 16, "AES": 16, "AES-192": 24, "AES-256": 32, "AES-192-C": 24, "AES-256-C": 32}


@functools.cache
def password_to_key(auth: str, password: bytes) -> bytes:
    """Return the key of a password, not localized (RFC 3414 A.2)."""
    octets = (password * (1048576 // len(password) + 1))[:1048576]
    return hashlib.new(DIGESTS[auth][0], octets, usedforsecurity=False).digest()


def localize(auth: str, key: bytes, engine_id: bytes) -> bytes:
    """Return a key for one engine (RFC 3414 section 2.6)."""
    return hashlib.new(DIGESTS[auth][0], key + engine_id + key, usedforsecurity=False).digest()


def extend(auth: str, priv: str, key: bytes, engine_id: bytes) -> bytes:
    """Return a localized key in the length that a cipher needs."""
    wanted = CIPHERS[priv]
    last = key
    while len(key) < wanted:
        if priv.endswith("-C"):
            last = localize(auth, password_to_key(auth, last), engine_id)
            key += last
        else:
            key += hashlib.new(DIGESTS[auth][0], key, usedforsecurity=False).digest()
    return key[:wanted]


def mac(auth: str, localized_key: bytes, message: bytes) -> bytes:
    """Return the digest of a message whose digest field holds zeros."""
    name, size = DIGESTS[auth]
    return hmac.new(localized_key, message, name).digest()[:size]


def _cipher(priv: str, key: bytes, boots: int, time: int, salt: bytes) -> Cipher[Any]:
    if priv == "DES":
        vector = bytes(a ^ b for a, b in zip(key[8:16], salt, strict=True))
        return Cipher(TripleDES(key[:8] * 3), modes.CBC(vector))
    return Cipher(algorithms.AES(key), CFB((boots << 32 | time).to_bytes(8, "big") + salt))


def encrypt(priv: str, key: bytes, octets: bytes, boots: int, time: int, salt: bytes) -> bytes:
    """Return octets encrypted (RFC 3414 section 8, RFC 3826)."""
    encryptor = _cipher(priv, key, boots, time, salt).encryptor()
    padding = bytes(-len(octets) % 8) if priv == "DES" else b""
    return bytes(encryptor.update(octets + padding) + encryptor.finalize())


def decrypt(priv: str, key: bytes, octets: bytes, boots: int, time: int, salt: bytes) -> bytes:
    """Return octets decrypted; DES leaves its padding behind the data."""
    decryptor = _cipher(priv, key, boots, time, salt).decryptor()
    return bytes(decryptor.update(octets) + decryptor.finalize())


@dataclass(frozen=True)
class User:
    """A user of the User-based Security Model.

    Attributes:
        name: msgUserName.
        auth: one of :data:`DIGESTS`; empty for none.
        auth_password: the password.
        priv: one of :data:`CIPHERS`; empty for none.
        priv_password: the password.
        auth_localized: a localized key, in place of the password; it is used for every engine.
        priv_localized: the same for privacy.
    """

    name: str
    auth: str = ""
    auth_password: str = ""
    priv: str = ""
    priv_password: str = ""
    auth_localized: bytes = b""
    priv_localized: bytes = b""

    @property
    def flags(self) -> int:
        """The msgFlags of the user's highest security level, without reportableFlag."""
        return (AUTH if self.auth else 0) | (PRIV if self.priv else 0)

    def auth_key(self, engine_id: bytes) -> bytes:
        """Return the localized authentication key."""
        return self.auth_localized or localize(
            self.auth, password_to_key(self.auth, self.auth_password.encode()), engine_id
        )

    def priv_key(self, engine_id: bytes) -> bytes:
        """Return the localized privacy key, in the cipher's length."""
        key = self.priv_localized or localize(
            self.auth, password_to_key(self.auth, self.priv_password.encode()), engine_id
        )
        return extend(self.auth, self.priv, key, engine_id)

    def localized(self, engine_id: bytes) -> User:
        """Return what a thief of one engine's keys has: the localized keys without passwords."""
        return replace(
            self,
            auth_password="",
            priv_password="",
            auth_localized=self.auth_key(engine_id) if self.auth else b"",
            priv_localized=self.priv_key(engine_id) if self.priv else b"",
        )


# ------------------------------------------------------------------------------- SNMPv3 messages

AUTH, PRIV, REPORTABLE = 1, 2, 4
USM, TSM = 3, 4


def scoped_pdu(pdu: bytes, context_engine_id: bytes = b"", context_name: bytes = b"") -> bytes:
    """Return a ScopedPDU."""
    return sequence(octet_string(context_engine_id), octet_string(context_name), pdu)


def v3_message(
    data: bytes,
    security_parameters: bytes,
    *,
    message_id: int,
    max_size: int = 65507,
    flags: int | bytes = 0,
    model: int = USM,
) -> bytes:
    """Return a message of SNMPv3.

    Args:
        data: the ScopedPDU, or an OCTET STRING that holds it encrypted.
        security_parameters: the contents of msgSecurityParameters.
        message_id: msgID.
        max_size: msgMaxSize.
        flags: msgFlags; octets for a field of another size than one.
        model: msgSecurityModel.
    """
    flag_octets = flags if isinstance(flags, bytes) else bytes([flags])
    header = sequence(integer(message_id), integer(max_size), octet_string(flag_octets), integer(model))
    return sequence(integer(3), header, octet_string(security_parameters), data)


def usm_parameters(
    engine_id: bytes, boots: int, time: int, user: bytes, digest: bytes = b"", salt: bytes = b""
) -> bytes:
    """Return the security parameters of the User-based Security Model (RFC 3414 section 2.4)."""
    return sequence(
        octet_string(engine_id),
        integer(boots),
        integer(time),
        octet_string(user),
        octet_string(digest),
        octet_string(salt),
    )


def usm_message(
    scoped: bytes,
    *,
    message_id: int,
    flags: int = 0,
    engine_id: bytes = b"",
    boots: int = 0,
    time: int = 0,
    user: User | None = None,
    user_name: bytes | None = None,
    key_engine_id: bytes | None = None,
    max_size: int = 65507,
    digest: bytes | None = None,
    salt: bytes | None = None,
    model: int = USM,
) -> bytes:
    """Return a message of the User-based Security Model, encrypted and authenticated as its flags say.

    Args:
        scoped: the ScopedPDU, not encrypted.
        message_id: msgID.
        flags: ``AUTH``, ``PRIV`` and ``REPORTABLE``.
        engine_id: msgAuthoritativeEngineID.
        boots: msgAuthoritativeEngineBoots.
        time: msgAuthoritativeEngineTime.
        user: the user whose keys are used; needed for ``AUTH`` and ``PRIV`` (unless ``digest`` is given).
        user_name: msgUserName; optional, default the user's.
        key_engine_id: the engine for which the keys are localized; optional, default ``engine_id``.
        max_size: msgMaxSize.
        digest: msgAuthenticationParameters; optional, default the correct digest, or nothing without ``AUTH``.
        salt: msgPrivacyParameters; optional, default random, or nothing without ``PRIV``.
        model: msgSecurityModel.
    """
    name = user_name if user_name is not None else user.name.encode() if user else b""
    key_engine = engine_id if key_engine_id is None else key_engine_id
    data = scoped
    if flags & PRIV and user is not None and user.priv:
        salt = secrets.token_bytes(8) if salt is None else salt
        data = octet_string(encrypt(user.priv, user.priv_key(key_engine), scoped, boots, time, salt))

    def assembled(digest_field: bytes) -> bytes:
        parameters = usm_parameters(engine_id, boots, time, name, digest_field, salt or b"")
        return v3_message(data, parameters, message_id=message_id, max_size=max_size, flags=flags, model=model)

    if digest is not None:
        return assembled(digest)
    if not flags & AUTH or user is None or not user.auth:
        return assembled(b"")
    empty = assembled(bytes(DIGESTS[user.auth][1]))
    return assembled(mac(user.auth, user.auth_key(key_engine), empty))


def tsm_message(
    scoped: bytes,
    *,
    message_id: int,
    flags: int = AUTH | PRIV,
    max_size: int = 65507,
    security_parameters: bytes = b"",
    model: int = TSM,
) -> bytes:
    """Return a message of the Transport Security Model (RFC 5591): TLS protects it, so it is not encrypted."""
    return v3_message(scoped, security_parameters, message_id=message_id, max_size=max_size, flags=flags, model=model)


# ----------------------------------------------------------------------------------------- reading


@dataclass(frozen=True)
class ReadPdu:
    """A PDU as it was read; of a v1 trap only ``kind`` and ``octets``."""

    kind: int
    octets: bytes
    request_id: int = 0
    error_status: int = 0
    error_index: int = 0
    #: Pairs of a name and a value; ``value.octets`` is what :func:`varbind` takes.
    bindings: tuple[tuple[str, Tlv], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its variables."""
        return tuple(name for name, _ in self.bindings)


def read_pdu(octets: bytes) -> ReadPdu:
    """Read a PDU."""
    element, _ = read_tlv(octets)
    if element.tag == TRAP_V1:
        return ReadPdu(element.tag, element.octets)
    request_id, first, second, variables = element.children
    pairs = [binding.children for binding in variables.children]
    bindings = tuple((name.oid, value) for name, value in pairs)
    return ReadPdu(element.tag, element.octets, request_id.number, first.number, second.number, bindings)


@dataclass(frozen=True)
class Message:
    """A message as it was read.

    Attributes:
        octets: the whole message.
        version: 0 for SNMPv1, 1 for SNMPv2c, 3 for SNMPv3.
        community: the community; empty in SNMPv3, whose fields follow.
        message_id: msgID.
        max_size: msgMaxSize.
        flags: msgFlags.
        model: msgSecurityModel.
        engine_id: msgAuthoritativeEngineID.
        boots: msgAuthoritativeEngineBoots.
        time: msgAuthoritativeEngineTime.
        user: msgUserName.
        digest: msgAuthenticationParameters.
        salt: msgPrivacyParameters.
        digest_is_right: ``None`` if the message is not authenticated or the user has no key here.
        scoped_pdu: the octets of the ScopedPDU, decrypted; empty if that was not possible.
        context_engine_id: contextEngineID.
        context_name: contextName.
        pdu: ``None`` if it is encrypted and the user has no key here.
    """

    octets: bytes
    version: int
    community: bytes = b""
    message_id: int = 0
    max_size: int = 0
    flags: int = 0
    model: int = 0
    engine_id: bytes = b""
    boots: int = 0
    time: int = 0
    user: bytes = b""
    digest: bytes = b""
    salt: bytes = b""
    digest_is_right: bool | None = None
    scoped_pdu: bytes = b""
    context_engine_id: bytes = b""
    context_name: bytes = b""
    pdu: ReadPdu | None = None

    @property
    def opened(self) -> ReadPdu:
        """The PDU; an AssertionError if it could not be decrypted."""
        assert self.pdu is not None, f"the message of {self.user!r} could not be decrypted"
        return self.pdu

    @property
    def request_id(self) -> int:
        """The request-id of the PDU."""
        return self.opened.request_id


def read_message(octets: bytes, users: Sequence[User] = ()) -> Message:
    """Read a message; the keys of the users, localized for the engine in the message, check and decrypt it."""
    outer, end = read_tlv(octets)
    version, *rest = outer.children
    if version.number != 3:
        community, body = rest
        return Message(octets[:end], version.number, community.contents, pdu=read_pdu(body.octets))
    header, parameters, data = rest
    message_id, max_size, flags, model = header.children
    found = Message(
        octets[:end],
        3,
        message_id=message_id.number,
        max_size=max_size.number,
        flags=flags.contents[0],
        model=model.number,
    )
    if found.model == USM:
        found = _with_usm(found, parameters.contents, users)
    if data.tag == OCTET_STRING:
        user = next((user for user in users if user.name.encode() == found.user and user.priv), None)
        if user is None:
            return found
        key = user.priv_key(found.engine_id)
        plain = decrypt(user.priv, key, data.contents, found.boots, found.time, found.salt)
        data, _ = read_tlv(plain)
    context_engine_id, context_name, body = data.children
    return replace(
        found,
        scoped_pdu=data.octets,
        context_engine_id=context_engine_id.contents,
        context_name=context_name.contents,
        pdu=read_pdu(body.octets),
    )


def _with_usm(found: Message, parameters: bytes, users: Sequence[User]) -> Message:
    (fields,) = children(parameters)
    engine_id, boots, time, name, digest, salt = fields.children
    right: bool | None = None
    user = next((user for user in users if user.name.encode() == name.contents and user.auth), None)
    if found.flags & AUTH and user is not None:
        tail = len(digest.contents) + len(salt.octets)
        zeroed_fields = fields.octets[:-tail] + bytes(len(digest.contents)) + salt.octets
        zeroed = found.octets.replace(fields.octets, zeroed_fields, 1)
        right = mac(user.auth, user.auth_key(engine_id.contents), zeroed) == digest.contents
    return replace(
        found,
        engine_id=engine_id.contents,
        boots=boots.number,
        time=time.number,
        user=name.contents,
        digest=digest.contents,
        salt=salt.contents,
        digest_is_right=right,
    )


# ------------------------------------------------------------------------------------------ engine

#: The counters that a report can carry (RFC 3414 section 5, RFC 3412, RFC 3413, RFC 5591).
COUNTERS = {
    "unsupportedSecLevels": "1.3.6.1.6.3.15.1.1.1.0",
    "notInTimeWindows": "1.3.6.1.6.3.15.1.1.2.0",
    "unknownUserNames": "1.3.6.1.6.3.15.1.1.3.0",
    "unknownEngineIDs": "1.3.6.1.6.3.15.1.1.4.0",
    "wrongDigests": "1.3.6.1.6.3.15.1.1.5.0",
    "decryptionErrors": "1.3.6.1.6.3.15.1.1.6.0",
    "unknownSecurityModels": "1.3.6.1.6.3.11.2.1.1.0",
    "invalidMsgs": "1.3.6.1.6.3.11.2.1.2.0",
    "unknownPDUHandlers": "1.3.6.1.6.3.11.2.1.3.0",
    "unavailableContexts": "1.3.6.1.6.3.12.1.4.0",
    "unknownContexts": "1.3.6.1.6.3.12.1.5.0",
    "tsmInvalidCaches": "1.3.6.1.2.1.190.1.1.1.0",
    "tsmInadequateSecurityLevels": "1.3.6.1.2.1.190.1.1.2.0",
}

ENGINE_A = bytes.fromhex("80001f88046174746163")
ENGINE_B = bytes.fromhex("80001f88046f74686572")


@dataclass
class HostileEngine:
    """Speaks as an SNMP engine, honestly or not.  It has no clock: ``time`` is what the test sets.

    Attributes:
        engine_id: its snmpEngineID.
        users: the users whose keys it has.
        boots: its snmpEngineBoots.
        time: its snmpEngineTime.
        max_size: its msgMaxSize.
        community: of the notifications that :meth:`send` builds without a user.
    """

    engine_id: bytes = ENGINE_A
    users: tuple[User, ...] = ()
    boots: int = 7
    time: int = 5000
    max_size: int = 65507
    community: bytes = b"public"

    def read(self, octets: bytes) -> Message:
        """Read a message of the peer."""
        return read_message(octets, self.users)

    def user(self, name: bytes) -> User | None:
        """Return the user with a name."""
        return next((user for user in self.users if user.name.encode() == name), None)

    # ---- answers

    def answer(
        self,
        request: Message | bytes,
        bindings: Iterable[Binding] | None = None,
        *,
        value: bytes | None = None,
        kind: int = RESPONSE,
        request_id: int | None = None,
        error_status: int = 0,
        error_index: int = 0,
        **changes: Any,
    ) -> bytes:
        """Return the response to a request of any version.

        Args:
            request: the request, as read or as octets.
            bindings: the variables; optional, default the request's names with ``value``.
            value: an encoded value for all names; optional, default the INTEGER 7.
            kind: the PDU's tag.
            request_id: another request-id; optional, default the request's.
            error_status: error-status.
            error_index: error-index.
            changes: of the message, see :meth:`seal`.
        """
        asked = self.read(request) if isinstance(request, bytes) else request
        if bindings is None:
            bindings = [(name, integer(7) if value is None else value) for name in asked.opened.names]
        number = asked.request_id if request_id is None else request_id
        answer = pdu(kind, number, bindings, error_status=error_status, error_index=error_index)
        return self.seal(asked, answer, **changes)

    def report(
        self,
        request: Message | bytes,
        counter: str,
        count: int = 1,
        *,
        flags: int = 0,
        bindings: Iterable[Binding] | None = None,
        request_id: int | None = None,
        **changes: Any,
    ) -> bytes:
        """Return a report; by default not authenticated.

        Args:
            request: the request, as read or as octets.
            counter: a name of :data:`COUNTERS`, or an OID.
            count: the counter's value.
            flags: ``AUTH`` for an authenticated report.
            bindings: other variables; optional.
            request_id: another request-id; optional, default the request's, or 0 if it cannot be decrypted.
            changes: of the message, see :meth:`seal`.
        """
        asked = self.read(request) if isinstance(request, bytes) else request
        if bindings is None:
            bindings = [(COUNTERS.get(counter, counter), counter32(count))]
        if request_id is None:
            request_id = asked.pdu.request_id if asked.pdu else 0
        changes.setdefault("context_engine_id", self.engine_id)
        return self.seal(asked, pdu(REPORT, request_id, bindings), flags=flags, **changes)

    def seal(
        self,
        asked: Message,
        pdu: bytes,
        *,
        flags: int | None = None,
        user: User | None = None,
        context_engine_id: bytes | None = None,
        context_name: bytes | None = None,
        community: bytes | None = None,
        **changes: Any,
    ) -> bytes:
        """Return any PDU in a message that answers a request, with a correct digest over all changes.

        Args:
            asked: the request.
            pdu: the PDU.
            flags: msgFlags; optional, default the request's without reportableFlag.
            user: the user whose keys are used; optional, default the request's.
            context_engine_id: contextEngineID; optional, default the request's, or the engine's own if that is empty.
            context_name: contextName; optional, default the request's.
            community: the community; optional, default the request's.
            changes: any argument of :func:`usm_message` or :func:`tsm_message`: ``message_id``, ``engine_id``,
                ``boots``, ``time``, ``user_name``, ``key_engine_id``, ``max_size``, ``digest``, ``salt``, ``model``.
        """
        if asked.version != 3:
            return community_message(pdu, asked.community if community is None else community, asked.version)
        scoped = scoped_pdu(
            pdu,
            (asked.context_engine_id or self.engine_id) if context_engine_id is None else context_engine_id,
            asked.context_name if context_name is None else context_name,
        )
        fields: dict[str, Any] = {
            "message_id": asked.message_id,
            "max_size": self.max_size,
            "flags": asked.flags & ~REPORTABLE if flags is None else flags,
        }
        if asked.model == TSM:
            return tsm_message(scoped, **(fields | changes))
        fields |= {
            "engine_id": self.engine_id,
            "boots": self.boots,
            "time": self.time,
            "user": self.user(asked.user) if user is None else user,
            "user_name": asked.user if user is None else None,
        }
        return usm_message(scoped, **(fields | changes))

    def honest(self, octets: bytes, value: bytes | None = None) -> bytes | None:
        """Answer as RFC 3414 section 3.2 says: reports for discovery and faults, else a response.

        ``None`` for what needs no answer.
        """
        asked = self.read(octets)
        if asked.pdu is not None and asked.pdu.kind in (TRAP_V1, TRAP_V2, RESPONSE, REPORT):
            return None
        if asked.version != 3 or asked.model == TSM:
            return self.answer(asked, value=value)
        if asked.engine_id != self.engine_id:
            return self.report(asked, "unknownEngineIDs")
        user = self.user(asked.user)
        if user is None:
            return self.report(asked, "unknownUserNames")
        if asked.flags & 3 & ~user.flags:
            return self.report(asked, "unsupportedSecLevels")
        if asked.flags & AUTH:
            if not asked.digest_is_right:
                return self.report(asked, "wrongDigests")
            if asked.boots != self.boots or abs(asked.time - self.time) > 150:
                return self.report(asked, "notInTimeWindows", flags=AUTH)
        return self.answer(asked, value=value)

    # ---- messages of its own

    def send(
        self,
        pdu: bytes,
        user: User | None = None,
        *,
        message_id: int | None = None,
        flags: int | None = None,
        context_engine_id: bytes | None = None,
        context_name: bytes = b"",
        **changes: Any,
    ) -> bytes:
        """Return a message that answers nothing, such as a trap: of SNMPv3 with a user, else of SNMPv2c.

        Args:
            pdu: the PDU.
            user: the sender; optional, default SNMPv2c.
            message_id: msgID; optional, default random.
            flags: msgFlags; optional, default the user's highest level.
            context_engine_id: contextEngineID; optional, default the engine's own.
            context_name: contextName.
            changes: any argument of :func:`usm_message`.  An inform and a request name the receiver's engine:
                ``engine_id=...``, ``boots=...``, ``time=...``.
        """
        if user is None:
            return community_message(pdu, self.community)
        scoped = scoped_pdu(pdu, self.engine_id if context_engine_id is None else context_engine_id, context_name)
        fields: dict[str, Any] = {
            "message_id": secrets.randbelow(2**31) if message_id is None else message_id,
            "max_size": self.max_size,
            "flags": user.flags if flags is None else flags,
            "engine_id": self.engine_id,
            "boots": self.boots,
            "time": self.time,
            "user": user,
        }
        return usm_message(scoped, **(fields | changes))


# --------------------------------------------------------------------------------------------- TCP

HOST = "127.0.0.1"


class RawConnection:
    """One TCP connection: sends any octets, cuts what arrives into messages, and records both.

    Attributes:
        received: the messages that arrived, in order.
        octets: all octets that arrived.
        sent: all octets given to :meth:`send`, one entry a call.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.received: list[bytes] = []
        self.octets = b""
        self.sent: list[bytes] = []
        self._rest = b""
        self._waiting: list[bytes] = []

    @classmethod
    async def open(cls, host: str, port: int, **options: Any) -> Self:
        """Connect; options are those of ``asyncio.open_connection``, such as ``ssl`` and ``local_addr``."""
        return cls(*await asyncio.open_connection(host, port, **options))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()
        await self.wait_closed()

    def send(self, octets: bytes) -> None:
        """Write octets without waiting."""
        self.sent.append(octets)
        self.writer.write(octets)

    async def drain(self) -> None:
        """Wait until the peer takes more octets."""
        await self.writer.drain()

    async def message(self) -> bytes:
        """Return the next whole message; raise EOFError if the connection ends before it."""
        while not self._waiting:
            data = await self.reader.read(65536)
            if not data:
                raise EOFError("the peer closed the connection")
            self._take(data)
        return self._waiting.pop(0)

    def _take(self, data: bytes) -> None:
        self.octets += data
        messages, self._rest = split(self._rest + data)
        self.received += messages
        self._waiting += messages

    async def closed(self) -> None:
        """Read and record until the peer has closed or reset the connection."""
        with contextlib.suppress(ConnectionError):
            while data := await self.reader.read(65536):
                self._take(data)

    def close(self) -> None:
        """Close the connection."""
        self.writer.close()

    def abort(self) -> None:
        """Reset the connection."""
        with contextlib.suppress(AttributeError):  # of Python 3.11.2, whose TLS transport was closed twice
            self.writer.transport.abort()

    async def wait_closed(self) -> None:
        """Wait until the connection is closed on this side."""
        with contextlib.suppress(ConnectionError, TimeoutError):
            await self.writer.wait_closed()


#: What a script returns: octets to send, several, or nothing.
Reply: TypeAlias = Union[bytes, Iterable[bytes], None]
#: Is called with a connection and one message; may be a coroutine function.
Script: TypeAlias = Callable[[RawConnection, bytes], Union[Reply, Awaitable[Reply]]]


@dataclass
class HostileServer:
    """A TCP server on loopback that calls a script for each message; use it as an async context manager.

    An exception of the script closes the connection and is raised again when the context ends.

    Attributes:
        script: returns what to send, or sends by ``connection.send``; ``None`` for a server that stays silent.
        on_connect: octets to send to each new connection before it has sent anything.
        ssl: of a TLS server; optional.
        connections: all connections so far.
    """

    script: Script | None = None
    on_connect: bytes = b""
    ssl: ssl_module.SSLContext | None = None
    host: str = HOST
    port: int = 0
    connections: list[RawConnection] = field(default_factory=list)
    failures: list[BaseException] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def received(self) -> list[bytes]:
        """All messages of all connections."""
        return [message for connection in self.connections for message in connection.received]

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self.host, 0, ssl=self.ssl)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, kind: object, *_: object) -> None:
        self._server.close()
        for connection in self.connections:
            connection.abort()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()
        if self.failures and kind is None:
            raise self.failures[0]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        connection = RawConnection(reader, writer)
        self.connections.append(connection)
        try:
            if self.on_connect:
                connection.send(self.on_connect)
            while True:
                await self._handle(connection, await connection.message())
        except (EOFError, ConnectionError, asyncio.CancelledError):
            pass
        except Exception as error:  # raised again in __aexit__
            self.failures.append(error)
        finally:
            connection.close()
            await connection.wait_closed()
            self._tasks.discard(task)

    async def _handle(self, connection: RawConnection, message: bytes) -> None:
        if self.script is None:
            return
        reply = self.script(connection, message)
        if inspect.isawaitable(reply):
            reply = await reply
        if reply is None:
            return
        for octets in [reply] if isinstance(reply, bytes) else reply:
            connection.send(octets)
