"""Who asks: credentials made of the properties, and the passwords' keys.

What may live here: properties to credentials, and the cache of keys that ``hash_passwords`` fills.
What may not: the derivation of keys.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from snmptcp.codec.message import (
    V3Message,
    decode_message,
    decode_scoped_pdu,
    encode_message,
    read_v3_header,
    read_version,
)
from snmptcp.credentials import AuthProtocol, Community, PrivProtocol, SnmpVersion, UsmUser
from snmptcp.errors import SnmpError
from snmptcp.ipworks.errors import INVALID, IPWorksSNMPError
from snmptcp.ipworks.tables.events import EVENT_CLASSES
from snmptcp.security.keys import password_to_key
from snmptcp.security.usm_keys import user_keys
from snmptcp.security.usm_message import open_scoped_pdu, read_usm_parameters

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.ipworks.tables.events import EventParams

__all__ = ("AUTH_PROTOCOLS", "PasswordCache", "decrypted", "engine_octets", "make_credentials", "make_user")

AUTH_PROTOCOLS = {1: AuthProtocol.MD5, 2: AuthProtocol.SHA, 3: AuthProtocol.SHA_256, 4: AuthProtocol.SHA_512}

#: By encryption_algorithm and CompatibilityMode.
_PRIV_PROTOCOLS = {
    1: (PrivProtocol.DES, PrivProtocol.DES),
    2: (PrivProtocol.AES, PrivProtocol.AES),
    3: (PrivProtocol.DES3, PrivProtocol.DES3),
    4: (PrivProtocol.AES_192_C, PrivProtocol.AES_192),
    5: (PrivProtocol.AES_256_C, PrivProtocol.AES_256),
}

_HashPassword = EVENT_CLASSES["on_hash_password"]


class PasswordCache:
    """The keys of passwords, each made once and told to ``on_hash_password`` before and after.

    Args:
        tell: delivers the event at once.
    """

    def __init__(self, tell: Callable[[EventParams], None]) -> None:
        self._tell = tell
        self._keys: dict[tuple[int, bytes], bytes] = {}
        #: Changes whenever keys may become others.
        self.revision = 0

    def key(self, algorithm: int, password: bytes) -> bytes:
        """Return the master key of a password.

        Raises:
            IPWorksSNMPError: the handler gave a hash that cannot be one.
            ConfigurationError: the password is too short.
        """
        found = self._keys.get((algorithm, password))
        if found is None:
            found = self._keys[algorithm, password] = self._hash(algorithm, password)
        return found

    def _hash(self, algorithm: int, password: bytes) -> bytes:
        protocol = AUTH_PROTOCOLS[algorithm]
        text = password.decode("utf-8", "surrogateescape")
        question = _HashPassword(password=text, auth_algorithm=algorithm)
        self._tell(question)
        known: str = question.hash  # type: ignore[attr-defined]  # made of the table of events
        if known:
            try:
                key = bytes.fromhex(known)
            except ValueError:
                key = b""
            if len(key) != protocol.key_size:
                raise IPWorksSNMPError(INVALID, f"a hash of {protocol} is {2 * protocol.key_size} hexadecimal digits")
            return key
        key = password_to_key(protocol, password)
        self._tell(_HashPassword(password=text, auth_algorithm=algorithm, hash=key.hex()))
        return key

    def forget(self) -> None:
        """Hash everything anew."""
        self._keys.clear()
        self.revision += 1


def engine_octets(text: str) -> bytes:
    """Return the engine ID that a setting's text means: octets in hex after ``0x``, or the text's own octets."""
    if text.lower().startswith("0x"):
        try:
            return bytes.fromhex(text[2:])
        except ValueError:
            raise IPWorksSNMPError(INVALID, f"not hexadecimal: {text!r}") from None
    return text.encode()


def make_credentials(
    read: Callable[[str], Any],
    setting: Callable[[str], Any],
    octets: Callable[[str, object], bytes],
    passwords: PasswordCache,
) -> Community | UsmUser:
    """Return who asks.

    Args:
        read: a property's value.
        setting: a setting's value.
        octets: text in the code page.
        passwords: the keys of passwords.

    Raises:
        IPWorksSNMPError, ConfigurationError: they cannot be used.
    """
    version = read("snmp_version")
    if version != 3:
        return Community(octets("community", read("community")), SnmpVersion.V1 if version == 1 else SnmpVersion.V2C)
    return make_user(read, setting, octets, passwords)


def make_user(
    read: Callable[[str], Any],
    setting: Callable[[str], Any],
    octets: Callable[[str, object], bytes],
    passwords: PasswordCache,
) -> UsmUser:
    """Return the user of SNMPv3; the arguments are those of :func:`make_credentials`."""
    auth = octets("authentication_password", read("authentication_password"))
    priv = octets("encryption_password", read("encryption_password"))
    algorithm, encryption = read("authentication_protocol"), read("encryption_algorithm")
    return UsmUser(
        octets("user", read("user")),
        AUTH_PROTOCOLS[algorithm],
        priv_protocol=_PRIV_PROTOCOLS[encryption][bool(setting("CompatibilityMode"))],
        context_name=octets("ContextName", setting("ContextName")),
        context_engine_id=engine_octets(setting("ContextEngineId")) or None,
        auth_key=passwords.key(algorithm, auth) if auth else None,
        priv_key=passwords.key(algorithm, priv) if priv else None,
    )


def decrypted(message: bytes, user: UsmUser) -> bytes:
    """Return a message of SNMPv3 as it was before its encryption; one that cannot be decrypted as it is."""
    try:
        decoded = decode_message(message)
        if not isinstance(decoded, V3Message) or decoded.encrypted_pdu is None:
            return message
        _, offset, end = read_version(message)
        header = read_v3_header(message, offset, end)
        parameters = read_usm_parameters(message, header.security_start, header.security_stop)
        plain = open_scoped_pdu(message, header, parameters, user_keys(user, parameters.engine_id).privacy)
        scoped_pdu, _ = decode_scoped_pdu(plain.data, 0, len(plain.data))
    except SnmpError:
        return message
    return encode_message(decoded._replace(encrypted_pdu=None, scoped_pdu=scoped_pdu))
