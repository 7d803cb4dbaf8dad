"""Credentials: communities, USM users and TSM, as a manager presents them and an agent or a listener knows them.

All are immutable, validated on creation, and show no secret in ``repr``.

Contains: credentials, and the protocols, levels and versions that they name.
Does not contain: keys and messages (:mod:`snmptcp.security`).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import NamedTuple

from snmptcp.arguments import FLAG, check_arguments
from snmptcp.cautions import caution
from snmptcp.errors import ArgumentTypeError, ConfigurationError

__all__ = (
    "MIN_PASSWORD_LENGTH",
    "AuthProtocol",
    "Community",
    "PrivProtocol",
    "SecurityLevel",
    "SnmpVersion",
    "Tsm",
    "UsmUser",
    "parse_auth_protocol",
    "parse_priv_protocol",
)


class SnmpVersion(enum.IntEnum):
    """The version field of a message (RFC 1157, RFC 3417, RFC 3412)."""

    V1 = 0
    V2C = 1
    V3 = 3

    def __str__(self) -> str:
        return _VERSION_TEXT[self]


_VERSION_TEXT = {SnmpVersion.V1: "1", SnmpVersion.V2C: "2c", SnmpVersion.V3: "3"}

_COMMUNITY_VERSIONS = {
    "1": SnmpVersion.V1,
    "2": SnmpVersion.V2C,
    "2c": SnmpVersion.V2C,
}


@dataclass(frozen=True, slots=True)
class Community:
    """A community string, for SNMPv1 or SNMPv2c (RFC 1157, RFC 1901).

    Args:
        name: the community; text is encoded as UTF-8.
        version: ``"2c"`` or ``"1"``, as net-snmp spells them, or an :class:`SnmpVersion`.

    Raises:
        ConfigurationError: another version, or a community of more than 65535 octets.
    """

    name: bytes = field(repr=False)
    version: SnmpVersion

    def __init__(self, name: str | bytes = b"public", version: str | SnmpVersion = SnmpVersion.V2C) -> None:
        if not isinstance(name, str | bytes | bytearray):
            raise ArgumentTypeError(f"a community must be str or bytes, not {type(name).__name__}")
        octets = _octets("a community", name)
        if len(octets) > 0xFFFF:
            raise ConfigurationError(f"a community has at most 65535 octets, not {len(octets)}")
        known = _COMMUNITY_VERSIONS.get(str(version).lower().removeprefix("v"))
        # A plain number would be ambiguous: 1 means SNMPv1 to a person, and SNMPv2c on the wire.
        if known is None or not isinstance(version, str | SnmpVersion):
            # Nothing that can have the community in it, which may be in the wrong place.
            given: object = version
            if given is None or isinstance(given, int | float):
                shown = repr(given)
            elif isinstance(given, str | bytes):
                shown = repr(given) if len(given) < 2 else "the given text"
            else:
                shown = f"a {type(given).__name__}"
            raise ConfigurationError(f"the version of a community must be '1' or '2c', not {shown}")
        object.__setattr__(self, "name", octets)
        object.__setattr__(self, "version", known)


# --------------------------------------------------------------------------------------------- USM

#: The shortest password, in octets (RFC 3414 section 11.2).
MIN_PASSWORD_LENGTH = 8


class AuthProtocol(enum.Enum):
    """An authentication protocol; the value is net-snmp's spelling of it."""

    MD5 = "MD5"
    SHA = "SHA"
    SHA_224 = "SHA-224"
    SHA_256 = "SHA-256"
    SHA_384 = "SHA-384"
    SHA_512 = "SHA-512"

    hash_name: str
    key_size: int
    mac_size: int

    def __str__(self) -> str:
        return str(self.value)


class PrivProtocol(enum.Enum):
    """A privacy protocol; the value is net-snmp's spelling of it."""

    DES = "DES"
    DES3 = "3DES"
    AES = "AES"
    AES_192 = "AES-192"
    AES_256 = "AES-256"
    AES_192_C = "AES-192-C"
    AES_256_C = "AES-256-C"

    key_size: int
    extension: str

    def __str__(self) -> str:
        return str(self.value)


# The hash, the octets of its digest, and how many of them a message carries (RFC 3414 6.3, 7.3; RFC 7860 4).
for _auth, _hash, _digest, _mac in (
    (AuthProtocol.MD5, "md5", 16, 12),
    (AuthProtocol.SHA, "sha1", 20, 12),
    (AuthProtocol.SHA_224, "sha224", 28, 16),
    (AuthProtocol.SHA_256, "sha256", 32, 24),
    (AuthProtocol.SHA_384, "sha384", 48, 32),
    (AuthProtocol.SHA_512, "sha512", 64, 48),
):
    _auth.hash_name, _auth.key_size, _auth.mac_size = _hash, _digest, _mac

# The octets of key material, with those for the initial vector, and how a short key is extended.
for _priv, _size, _extension in (
    (PrivProtocol.DES, 16, ""),
    (PrivProtocol.DES3, 32, "reeder"),
    (PrivProtocol.AES, 16, ""),
    (PrivProtocol.AES_192, 24, "blumenthal"),
    (PrivProtocol.AES_256, 32, "blumenthal"),
    (PrivProtocol.AES_192_C, 24, "reeder"),
    (PrivProtocol.AES_256_C, 32, "reeder"),
):
    _priv.key_size, _priv.extension = _size, _extension

_AUTH_NAMES = {str(protocol).replace("-", ""): protocol for protocol in AuthProtocol} | {"SHA1": AuthProtocol.SHA}
_PRIV_NAMES = {str(protocol).replace("-", ""): protocol for protocol in PrivProtocol} | {
    "AES128": PrivProtocol.AES,
    "DES3": PrivProtocol.DES3,
    "3DESEDE": PrivProtocol.DES3,
}


#: Ends an error about a protocol.  The error does not show the text: it may be a password in the wrong place.
_SWAPPED = ": give passwords as auth_password= and priv_password="


def parse_auth_protocol(name: str | AuthProtocol) -> AuthProtocol:
    """Return the authentication protocol of a name such as ``SHA-256``, ``sha256`` or ``SHA1``.

    Raises:
        ConfigurationError: an unknown name.
    """
    protocol = name if isinstance(name, AuthProtocol) else _AUTH_NAMES.get(_folded(name))
    if protocol is None:
        raise ConfigurationError(
            f"an authentication protocol is one of {', '.join(map(str, AuthProtocol))}, not the given text{_SWAPPED}"
        )
    return protocol


def parse_priv_protocol(name: str | PrivProtocol) -> PrivProtocol:
    """Return the privacy protocol of a name such as ``AES``, ``AES-128``, ``aes256c`` or ``3DES``.

    Raises:
        ConfigurationError: an unknown name.
    """
    protocol = name if isinstance(name, PrivProtocol) else _PRIV_NAMES.get(_folded(name))
    if protocol is None:
        raise ConfigurationError(
            f"a privacy protocol is one of {', '.join(map(str, PrivProtocol))}, not the given text{_SWAPPED}"
        )
    return protocol


def _folded(name: str) -> str:
    return str(name).upper().replace("-", "").replace("_", "")


class SecurityLevel(enum.IntEnum):
    """The protection of a message (RFC 3411 section 3.4.3); the value is that of the two lowest bits of msgFlags."""

    noAuthNoPriv = 0
    authNoPriv = 1
    authPriv = 3


class _KeySource(NamedTuple):
    """The source of a key: a password, a master key or a localized key; or none of them."""

    password: bytes | None = None
    key: bytes | None = None
    localized_key: bytes | None = None

    @property
    def known(self) -> bool:
        """Whether there is a key; what mypyc compiles must ask this, since it takes every named tuple for true."""
        return self != _NO_KEY

    def __bool__(self) -> bool:
        return self.known

    def __repr__(self) -> str:
        return "***" if self else "None"


_NO_KEY = _KeySource()


@dataclass(frozen=True, slots=True)
class UsmUser:
    """A user of the User-based Security Model of SNMPv3 (RFC 3414).

    Its security level follows from its keys: noAuthNoPriv without keys, authNoPriv with an authentication key,
    authPriv with a privacy key too.

    Args:
        name: the user name (securityName), 1 to 32 octets; text is encoded as UTF-8.
        auth_protocol: MD5, SHA, SHA-224, SHA-256, SHA-384 or SHA-512.
        auth_password: at least eight characters.
        priv_protocol: DES, 3DES, AES, AES-192, AES-256 (keys extended as net-snmp does), AES-192-C or
            AES-256-C (as Cisco does); messages do not tell which of the two an agent uses.
        priv_password: at least eight characters.
        context_name: the contextName of requests.
        context_engine_id: the contextEngineID of requests; optional; default the agent's engine ID.
        auth_key: the master key, instead of the password.
        auth_localized_key: the key localized to the agent's engine, instead of the password.
        priv_key: the master key, instead of the privacy password.
        priv_localized_key: the localized key, instead of the privacy password.

    Raises:
        ConfigurationError: a password that is too short, a key of a wrong length, two sources for one key, privacy
            without authentication, or an unknown protocol.
    """

    name: bytes
    auth_protocol: AuthProtocol
    priv_protocol: PrivProtocol
    context_name: bytes
    context_engine_id: bytes | None
    auth: _KeySource
    priv: _KeySource

    def __init__(  # noqa: PLR0917 - the order is that of net-snmp's -u -a -A -x -X -n
        self,
        name: str | bytes,
        auth_protocol: str | AuthProtocol = AuthProtocol.SHA_256,
        auth_password: str | bytes | None = None,
        priv_protocol: str | PrivProtocol = PrivProtocol.AES,
        priv_password: str | bytes | None = None,
        context_name: str | bytes = b"",
        *,
        context_engine_id: bytes | None = None,
        auth_key: bytes | None = None,
        auth_localized_key: bytes | None = None,
        priv_key: bytes | None = None,
        priv_localized_key: bytes | None = None,
    ) -> None:
        octets = _octets("a user name", name)
        if not 1 <= len(octets) <= 32:
            raise ConfigurationError(f"a user name has 1 to 32 octets, not {len(octets)}")
        auth_kind, priv_kind = parse_auth_protocol(auth_protocol), parse_priv_protocol(priv_protocol)
        auth = _key_source("authentication", auth_password, auth_key, auth_localized_key)
        priv = _key_source("privacy", priv_password, priv_key, priv_localized_key)
        _check_size("an authentication key", auth.key, auth_kind.key_size, auth_kind.key_size)
        _check_size("a localized authentication key", auth.localized_key, auth_kind.key_size, auth_kind.key_size)
        _check_size("a privacy key", priv.key, auth_kind.key_size, auth_kind.key_size)
        longest = max(priv_kind.key_size, auth_kind.key_size)
        _check_size("a localized privacy key", priv.localized_key, priv_kind.key_size, longest)
        if priv and not auth:
            raise ConfigurationError("privacy needs authentication: give an authentication password or key too")
        context, context_engine_id = _context(context_name, context_engine_id)
        shown = octets.decode(errors="backslashreplace")
        if auth and auth_kind is AuthProtocol.MD5:
            caution("MD5", repr(octets), f"user {shown!r} authenticates with MD5, which is weak: use SHA-256 or more")
        if priv and priv_kind is PrivProtocol.DES:
            caution("DES", repr(octets), f"user {shown!r} encrypts with DES, whose keys can be searched: use AES")
        for attribute, value in (
            ("name", octets),
            ("auth_protocol", auth_kind),
            ("priv_protocol", priv_kind),
            ("context_name", context),
            ("context_engine_id", context_engine_id),
            ("auth", auth),
            ("priv", priv),
        ):
            object.__setattr__(self, attribute, value)

    @property
    def is_localized(self) -> bool:
        """Whether a key belongs to one engine."""
        return self.auth.localized_key is not None or self.priv.localized_key is not None

    def in_context(self, context_name: str | bytes, context_engine_id: bytes | None = None) -> UsmUser:
        """Return the same user with another context.

        Args:
            context_name: the contextName of requests.
            context_engine_id: the contextEngineID of requests; optional; default the agent's engine ID.

        Raises:
            ConfigurationError: an invalid context.
        """
        return UsmUser(
            self.name,
            self.auth_protocol,
            self.auth.password,
            self.priv_protocol,
            self.priv.password,
            context_name,
            context_engine_id=context_engine_id,
            auth_key=self.auth.key,
            auth_localized_key=self.auth.localized_key,
            priv_key=self.priv.key,
            priv_localized_key=self.priv.localized_key,
        )

    def with_keys(
        self,
        *,
        auth_password: str | bytes | None = None,
        priv_password: str | bytes | None = None,
        auth_key: bytes | None = None,
        auth_localized_key: bytes | None = None,
        priv_key: bytes | None = None,
        priv_localized_key: bytes | None = None,
    ) -> UsmUser:
        """Return the same user with other keys, such as after a change of a password.

        Args:
            auth_password: the other authentication password; optional; a key that is not given stays as it is.
            priv_password: the other privacy password; optional.
            auth_key: the other authentication master key; optional.
            auth_localized_key: the other localized authentication key; optional.
            priv_key: the other privacy master key; optional.
            priv_localized_key: the other localized privacy key; optional.

        Raises:
            ConfigurationError: as for a new user.
        """
        auth = self.auth if auth_password is auth_key is auth_localized_key is None else _NO_KEY
        priv = self.priv if priv_password is priv_key is priv_localized_key is None else _NO_KEY
        return UsmUser(
            self.name,
            self.auth_protocol,
            auth.password if auth else auth_password,
            self.priv_protocol,
            priv.password if priv else priv_password,
            self.context_name,
            context_engine_id=self.context_engine_id,
            auth_key=auth.key if auth else auth_key,
            auth_localized_key=auth.localized_key if auth else auth_localized_key,
            priv_key=priv.key if priv else priv_key,
            priv_localized_key=priv.localized_key if priv else priv_localized_key,
        )

    @property
    def security_level(self) -> SecurityLevel:
        """The security level that the user's keys allow."""
        if self.priv:
            return SecurityLevel.authPriv
        return SecurityLevel.authNoPriv if self.auth else SecurityLevel.noAuthNoPriv


@dataclass(frozen=True, slots=True)
class Tsm:
    """SNMPv3 with the Transport Security Model: TLS authenticates both sides (RFC 5591, RFC 6353).

    There are no users and passwords: each side derives a security name from the other's certificate
    (:class:`snmptcp.net.tls.TlsOptions`).  The security level is always authPriv,
    which needs a verified peer: from one that is not verified (``verify=False``) no notification is accepted.

    Args:
        context_name: the contextName of requests.
        context_engine_id: the contextEngineID of requests; optional; default the agent's engine ID.
        prefix: whether the security names of notification senders begin with ``tls:`` (RFC 5591 section 5.2,
            snmpTsmConfigurationUsePrefix).  It does not affect requests.

    Raises:
        ConfigurationError: an invalid context.
    """

    context_name: bytes
    context_engine_id: bytes | None
    prefix: bool

    def __init__(
        self, context_name: str | bytes = b"", *, context_engine_id: bytes | None = None, prefix: bool = False
    ) -> None:
        context, context_engine_id = _context(context_name, context_engine_id)
        object.__setattr__(self, "context_name", context)
        object.__setattr__(self, "context_engine_id", context_engine_id)
        check_arguments({"prefix": FLAG}, {"prefix": prefix})
        object.__setattr__(self, "prefix", prefix)

    @property
    def security_level(self) -> SecurityLevel:
        """Always authPriv."""
        return SecurityLevel.authPriv


def _context(name: str | bytes, engine_id: bytes | None) -> tuple[bytes, bytes | None]:
    """Return a valid contextName and contextEngineID."""
    context = _octets("a context name", name)
    if len(context) > 255:
        raise ConfigurationError(f"a context name has at most 255 octets, not {len(context)}")
    if engine_id is not None:
        engine_id = _raw("an engine ID", engine_id)
        if not 5 <= len(engine_id) <= 32:
            raise ConfigurationError(f"an engine ID has 5 to 32 octets, not {len(engine_id)}")
    return context, engine_id


def _octets(what: str, value: str | bytes | bytearray) -> bytes:
    if isinstance(value, str):
        try:
            return value.encode()
        except UnicodeEncodeError:  # it would show the text
            raise ConfigurationError(f"{what} has a character that UTF-8 cannot encode (a surrogate)") from None
    return _raw(what, value)


def _raw(what: str, value: bytes | bytearray) -> bytes:
    # bytes(5) would return five zero octets.
    if not isinstance(value, bytes | bytearray):
        raise ArgumentTypeError(f"{what} must be bytes, not {type(value).__name__}")
    return bytes(value)


def _key_source(what: str, password: str | bytes | None, key: bytes | None, localized: bytes | None) -> _KeySource:
    if sum(source is not None for source in (password, key, localized)) > 1:
        raise ConfigurationError(f"give only one of {what} password, key and localized key")
    secret = None if password is None else _octets(f"the {what} password", password)
    if secret is not None and len(secret) < MIN_PASSWORD_LENGTH:
        raise ConfigurationError(
            f"the {what} password needs at least {MIN_PASSWORD_LENGTH} characters, not {len(secret)}"
        )
    master, local = (None if octets is None else _raw(f"the {what} key", octets) for octets in (key, localized))
    return _KeySource(secret, master, local)


def _check_size(what: str, key: bytes | None, least: int, most: int) -> None:
    if key is not None and not least <= len(key) <= most:
        raise ConfigurationError(f"{what} for these protocols needs {least} octets, not {len(key)}")
