"""SNMP credentials, made of the properties and settings, and the cache of hashed passwords.

Contains: properties to credentials, the cache that ``hash_passwords`` fills, decryption for packet traces.
Does not contain: key derivation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.codec.message import (
    V3Message,
    decode_message,
    decode_scoped_pdu,
    encode_message,
    read_v3_header,
    read_version,
)
from snmptcp.credentials import AuthProtocol, Community, PrivProtocol, SnmpVersion, UsmUser
from snmptcp.errors import ConfigurationError, SnmpError
from snmptcp.ipworks.errors import INVALID, IPWorksSNMPError
from snmptcp.security.keys import password_to_key
from snmptcp.security.usm_keys import user_keys
from snmptcp.security.usm_message import open_scoped_pdu, read_usm_parameters

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.ipworks.store import Values

__all__ = ("PasswordCache", "credentials_key", "decrypted", "engine_octets", "make_credentials", "make_user")

_AUTH_PROTOCOLS = {1: AuthProtocol.MD5, 2: AuthProtocol.SHA, 3: AuthProtocol.SHA_256, 4: AuthProtocol.SHA_512}

#: By encryption_algorithm and CompatibilityMode.
_PRIV_PROTOCOLS = {
    1: (PrivProtocol.DES, PrivProtocol.DES),
    2: (PrivProtocol.AES, PrivProtocol.AES),
    3: (PrivProtocol.DES3, PrivProtocol.DES3),
    4: (PrivProtocol.AES_192_C, PrivProtocol.AES_192),
    5: (PrivProtocol.AES_256_C, PrivProtocol.AES_256),
}

#: Credentials depend on these; a change does not need another connection.
_CREDENTIAL_VALUES = (
    "snmp_version",
    "community",
    "user",
    "authentication_password",
    "authentication_protocol",
    "encryption_password",
    "encryption_algorithm",
    "CompatibilityMode",
    "ContextEngineId",
    "ContextName",
    "CodePage",
)


class PasswordCache:
    """The hash (master key) of each password, computed once.

    Args:
        ask: called with the password, the number of its authentication protocol, and its hash in hexadecimal: first
            with an empty hash, and with the computed hash afterwards.  Returns a hash; if the first call returns one,
            it is used and nothing is computed.
    """

    def __init__(self, ask: Callable[[str, int, str], str]) -> None:
        self._ask = ask
        self._keys: dict[tuple[int, bytes], bytes] = {}
        #: Changes whenever the cache is emptied.
        self.revision = 0

    def key_of(self, name: str, values: Values) -> bytes | None:
        """Return the hash of a password; ``None`` if it is empty.

        Args:
            name: the property that holds it.
            values: the properties.

        Raises:
            IPWorksSNMPError: the handler gave a hash of the wrong length.
            ConfigurationError: the password is too short.
        """
        password = values.octets(name)
        if not password:
            return None
        try:
            return self._key(values["authentication_protocol"], password)
        except ConfigurationError as error:
            raise ConfigurationError(f"{name}: {error.text}") from error

    def _key(self, algorithm: int, password: bytes) -> bytes:
        found = self._keys.get((algorithm, password))
        if found is None:
            found = self._keys[algorithm, password] = self._hash(algorithm, password)
        return found

    def _hash(self, algorithm: int, password: bytes) -> bytes:
        protocol = _AUTH_PROTOCOLS[algorithm]
        text = password.decode("utf-8", "surrogateescape")
        known = self._ask(text, algorithm, "")
        if known:
            return _hash_of(protocol, known)
        key = password_to_key(protocol, password)
        self._ask(text, algorithm, key.hex())
        return key

    def fill(self, values: Values) -> None:
        """Hash the two passwords again.

        Raises:
            IPWorksSNMPError, ConfigurationError: as :meth:`key_of`.
        """
        self._keys.clear()
        self.revision += 1
        for name in ("authentication_password", "encryption_password"):
            self.key_of(name, values)


def _hash_of(protocol: AuthProtocol, text: str) -> bytes:
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != protocol.key_size:
        raise IPWorksSNMPError(INVALID, f"a hash for {protocol} must have {2 * protocol.key_size} hexadecimal digits")
    return key


def engine_octets(text: str) -> bytes:
    """Return the engine ID in a setting: octets in hexadecimal after ``0x``, or else the text itself."""
    if text.lower().startswith("0x"):
        try:
            return bytes.fromhex(text[2:])
        except ValueError:
            raise IPWorksSNMPError(INVALID, f"ContextEngineId must be hexadecimal after 0x, not {text!r}") from None
    return text.encode()


def credentials_key(values: Values) -> tuple[object, ...]:
    """Return every value that credentials depend on."""
    return values.pick(_CREDENTIAL_VALUES)


def make_credentials(values: Values, passwords: PasswordCache) -> Community | UsmUser:
    """Return the credentials of requests.

    Raises:
        IPWorksSNMPError, ConfigurationError: they are not possible.
    """
    version = values["snmp_version"]
    if version != 3:
        return Community(values.octets("community"), SnmpVersion.V1 if version == 1 else SnmpVersion.V2C)
    return make_user(values, passwords)


def make_user(values: Values, passwords: PasswordCache) -> UsmUser:
    """Return the SNMPv3 user, as :func:`make_credentials` does."""
    if not values["user"]:
        raise ConfigurationError("SNMPv3 needs a user name: set user")
    if values["encryption_password"] and not values["authentication_password"]:
        raise ConfigurationError("encryption_password needs authentication_password, which is empty")
    return UsmUser(
        values.octets("user"),
        _AUTH_PROTOCOLS[values["authentication_protocol"]],
        priv_protocol=_PRIV_PROTOCOLS[values["encryption_algorithm"]][bool(values["CompatibilityMode"])],
        context_name=values.octets("ContextName"),
        context_engine_id=engine_octets(values["ContextEngineId"]) or None,
        auth_key=passwords.key_of("authentication_password", values),
        priv_key=passwords.key_of("encryption_password", values),
    )


def decrypted(message: bytes, user: UsmUser) -> bytes:
    """Return an SNMPv3 message with its scoped PDU in the clear; unchanged if it cannot be decrypted."""
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
