"""net-snmp's options for a user of SNMPv3: its keys, its context and the engine.

Contains: options and environment variables to a :class:`~snmptcp.credentials.UsmUser`, and what is known of the
engine.  Does not contain: the choice between a user, a certificate and a community
(:mod:`~snmptcp.cli.options.credentials`).

No error text shows an option's value: it may be a password typed after the wrong letter.
"""

from __future__ import annotations

import argparse
import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from snmptcp.cli.configuration.conf import KeyConf
from snmptcp.cli.configuration.tokens import LEVELS, parse_hex, parse_key
from snmptcp.cli.options.snmp_conf import snmp_conf
from snmptcp.cli.options.words import checked
from snmptcp.credentials import (
    AuthProtocol,
    PrivProtocol,
    SecurityLevel,
    UsmUser,
    parse_auth_protocol,
    parse_priv_protocol,
)
from snmptcp.errors import ConfigurationError
from snmptcp.security.engine_clock import MAX_BOOTS, EngineInfo, check_peer_engine_id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = (
    "KEY_OPTIONS",
    "NEEDS_USER",
    "KeyOptions",
    "UserOptions",
    "add_key_options",
    "add_level_option",
    "add_sender_engine_option",
    "add_user_options",
    "parse_engine_id",
    "read_key_options",
    "read_optional_user",
    "read_user_options",
)

#: These hold passwords, because other users of a machine can see a process's arguments.
AUTH_PASSWORD_VARIABLE = "SNMPTCP_AUTH_PASSWORD"  # noqa: S105 - the name of a variable
PRIV_PASSWORD_VARIABLE = "SNMPTCP_PRIV_PASSWORD"  # noqa: S105 - the name of a variable

NEEDS_USER = "a password or key needs a user: -u USER"

#: net-snmp's letters for keys, and our options: if argparse knew "-3m", it would take the number -3 for the start of an
#: option.
KEY_OPTIONS = {
    "-3m": "--auth-key",
    "-3M": "--priv-key",
    "-3k": "--auth-localized-key",
    "-3K": "--priv-localized-key",
}

_KEY_MEANINGS = {
    "--auth-key": "authentication master key",
    "--priv-key": "privacy master key",
    "--auth-localized-key": "authentication key localized to the agent's engine",
    "--priv-localized-key": "privacy key localized to the agent's engine",
}


@dataclass(frozen=True, slots=True)
class Secret:
    """The options for one of a user's two keys; at most one should be given."""

    password: bytes | None = field(default=None, repr=False)
    key: bytes | None = field(default=None, repr=False)
    localized_key: bytes | None = field(default=None, repr=False)

    @property
    def given(self) -> bool:
        """Whether any of the options was given."""
        return self != Secret()

    def or_from(self, variable: str) -> Secret:
        """Return this, or the password in the environment if no option was given."""
        password = os.environ.get(variable)
        return self if self.given or not password else Secret(os.fsencode(password))

    def or_else(self, passwords: Sequence[bytes | None], key: bytes | None, localized_key: bytes | None) -> Secret:
        """Return this, or the first of snmp.conf's values if nothing else was given; the order is net-snmp's."""
        password = next(filter(None, passwords), None)
        if self.given:
            return self
        if key is not None:
            return Secret(key=key)
        return Secret(localized_key=localized_key) if password is None else Secret(password)


@dataclass(frozen=True, slots=True)
class KeyOptions:
    """The options that name a user and give its keys.

    Attributes:
        name: ``-u``.
        auth_protocol: ``-a``.
        auth: ``-A`` and its alternatives; without the environment.
        priv_protocol: ``-x``.
        priv: ``-X`` and its alternatives; without the environment.
        conf: what snmp.conf says of these.
    """

    name: str | None
    auth_protocol: AuthProtocol | None
    auth: Secret
    priv_protocol: PrivProtocol | None
    priv: Secret
    conf: KeyConf = field(default_factory=KeyConf)

    @property
    def gives_keys(self) -> bool:
        """Whether an option gives a key."""
        return self.auth.given or self.priv.given

    @property
    def least_level(self) -> SecurityLevel:
        """The level that the keys of options and environment are for."""
        if self.priv.or_from(PRIV_PASSWORD_VARIABLE).given:
            return SecurityLevel.authPriv
        auth = self.auth.or_from(AUTH_PASSWORD_VARIABLE).given
        return SecurityLevel.authNoPriv if auth else SecurityLevel.noAuthNoPriv

    def user(
        self, level: SecurityLevel | None = None, context_name: bytes = b"", context_engine_id: bytes | None = None
    ) -> UsmUser:
        """Return the user that these options, the environment, snmp.conf and the arguments describe.

        Raises:
            ConfigurationError: no user name, or keys that do not fit the level or the protocols.
        """
        if self.name is None:
            raise ConfigurationError("SNMPv3 needs a user (-u USER) or certificates (tlstcp:HOST)")
        conf = self.conf
        auth = self.auth.or_from(AUTH_PASSWORD_VARIABLE).or_else(
            (conf.auth_passphrase, conf.passphrase), conf.auth_key, conf.auth_localized_key
        )
        priv = self.priv.or_from(PRIV_PASSWORD_VARIABLE).or_else(
            (conf.priv_passphrase, conf.passphrase), conf.priv_key, conf.priv_localized_key
        )
        if level is not None:
            _check_level(level, auth, priv)
            # Like net-snmp, do not even check a key that the level does not use.
            auth = auth if level >= SecurityLevel.authNoPriv else Secret()
            priv = priv if level == SecurityLevel.authPriv else Secret()
        elif priv.given and not auth.given:
            if self.least_level is SecurityLevel.authPriv:
                raise ConfigurationError(f"privacy needs authentication: -A, or {AUTH_PASSWORD_VARIABLE}")
            priv = Secret()  # of snmp.conf, for other users
        return UsmUser(
            os.fsencode(self.name),
            self.auth_protocol or conf.auth_protocol or AuthProtocol.SHA_256,
            auth.password,
            self.priv_protocol or conf.priv_protocol or PrivProtocol.AES,
            priv.password,
            context_name,
            context_engine_id=context_engine_id,
            auth_key=auth.key,
            auth_localized_key=auth.localized_key,
            priv_key=priv.key,
            priv_localized_key=priv.localized_key,
        )


@dataclass(frozen=True, slots=True)
class UserOptions:
    """All options for SNMPv3 that a request has.

    Attributes:
        keys: the user and its keys.
        level: ``-l``.
        context_name: ``-n``.
        context_engine_id: ``-E``.
        engine_id: ``-e``.
        boots_time: ``-Z``.
    """

    keys: KeyOptions
    level: SecurityLevel | None
    context_name: bytes
    context_engine_id: bytes | None
    engine_id: bytes | None
    boots_time: tuple[int, int] | None

    @property
    def asks_for_v3(self) -> bool:
        """Whether an option was given that implies SNMPv3."""
        return self.keys.name is not None or self.level is not None

    def user(self) -> UsmUser:
        """Return the user.

        Raises:
            ConfigurationError: no user name, or keys that do not fit the level or the protocols.
        """
        return self.keys.user(self.level, self.context_name, self.context_engine_id)

    def engine(self) -> EngineInfo | None:
        """Return the engine of ``-e`` and ``-Z``; ``None`` to discover it.

        Raises:
            ConfigurationError: ``-Z`` without ``-e``.
        """
        if self.engine_id is None:
            if self.boots_time is not None:
                raise ConfigurationError("-Z needs -e, the engine whose boots and time these are")
            return None
        return EngineInfo(self.engine_id, *(self.boots_time or ()))


def _check_level(level: SecurityLevel, auth: Secret, priv: Secret) -> None:
    if level >= SecurityLevel.authNoPriv and not auth.given:
        raise ConfigurationError(f"{level.name} needs an authentication password: -A, or {AUTH_PASSWORD_VARIABLE}")
    if level == SecurityLevel.authPriv and not priv.given:
        raise ConfigurationError(f"{level.name} needs a privacy password: -X, or {PRIV_PASSWORD_VARIABLE}")


# ------------------------------------------------------------------------------------------- options


def add_key_options(group: argparse._ArgumentGroup) -> None:
    """Add the options that name a user and give its keys."""
    group.add_argument("-u", dest="user", metavar="USER", help="user name")
    group.add_argument(
        "-a",
        dest="auth_protocol",
        metavar="PROTOCOL",
        type=_auth_protocol,
        help=f"authentication protocol: {', '.join(map(str, AuthProtocol))} (default SHA-256)",
    )
    group.add_argument(
        "-A",
        dest="auth_password",
        metavar="PASSWORD",
        help=f"authentication password (default: the environment variable {AUTH_PASSWORD_VARIABLE})",
    )
    group.add_argument(
        "-x",
        dest="priv_protocol",
        metavar="PROTOCOL",
        type=_priv_protocol,
        help=f"privacy protocol: {', '.join(map(str, PrivProtocol))} (default AES)",
    )
    group.add_argument(
        "-X",
        dest="priv_password",
        metavar="PASSWORD",
        help=f"privacy password (default: the environment variable {PRIV_PASSWORD_VARIABLE})",
    )
    for letter, option in KEY_OPTIONS.items():
        meaning = f"{_KEY_MEANINGS[option]}; {letter} means the same"
        group.add_argument(option, metavar="HEX", type=checked(parse_key), help=meaning)


def add_level_option(group: argparse._ArgumentGroup) -> None:
    """Add ``-l``."""
    group.add_argument(
        "-l",
        dest="level",
        metavar="LEVEL",
        type=_level,
        help="security level: noAuthNoPriv, authNoPriv, authPriv, or nanp, anp, ap (default: the highest that the "
        "keys allow)",
    )


def add_user_options(
    group: argparse._ArgumentGroup, engine: str = "engine ID of the agent (default: discovered)"
) -> None:
    """Add all options for SNMPv3 that a request has.

    Args:
        group: where to add them.
        engine: whose engine ``-e`` names, for its help text.
    """
    add_level_option(group)
    add_key_options(group)
    group.add_argument("-n", dest="context", metavar="CONTEXT", help="context name (default: none)")
    group.add_argument(
        "-E",
        dest="context_engine_id",
        metavar="HEX",
        type=parse_engine_id,
        help="engine ID of the context (default: the agent's)",
    )
    group.add_argument("-e", dest="engine_id", metavar="HEX", type=parse_engine_id, help=engine)
    group.add_argument(
        "--frozen-clock",
        action="store_true",
        help="the engine's time may stand still, run at another speed or fall back: check its boots alone",
    )
    group.add_argument(
        "-Z", dest="boots_time", metavar="BOOTS,TIME", type=_boots_time, help="boots and time of the engine of -e"
    )


def add_sender_engine_option(group: argparse._ArgumentGroup) -> None:
    """Add the option that limits a user's traps to one sending engine."""
    group.add_argument(
        "-e",
        dest="engine_id",
        metavar="HEX",
        type=parse_engine_id,
        help="accept traps from this engine only (default: from any)",
    )


# ------------------------------------------------------------------------------------------- reading


def read_key_options(arguments: argparse.Namespace) -> KeyOptions:
    """Return the options that :func:`add_key_options` added."""
    return KeyOptions(
        arguments.user,
        arguments.auth_protocol,
        _secret(arguments.auth_password, arguments.auth_key, arguments.auth_localized_key),
        arguments.priv_protocol,
        _secret(arguments.priv_password, arguments.priv_key, arguments.priv_localized_key),
        snmp_conf(arguments).keys,
    )


def read_user_options(arguments: argparse.Namespace) -> UserOptions:
    """Return the options that :func:`add_user_options` added, with the context of snmp.conf if there is no ``-n``."""
    context: str | None = arguments.context
    return UserOptions(
        read_key_options(arguments),
        arguments.level,
        snmp_conf(arguments).context or b"" if context is None else os.fsencode(context),
        arguments.context_engine_id,
        arguments.engine_id,
        arguments.boots_time,
    )


def read_optional_user(arguments: argparse.Namespace, level: SecurityLevel | None = None) -> UsmUser | None:
    """Return the user of the options that :func:`add_key_options` added; ``None`` if no user was given.

    Args:
        arguments: the parsed arguments.
        level: the level of ``-l``; by default the highest that the keys allow.

    Raises:
        ConfigurationError: keys without a user, or keys that do not fit the protocols.
    """
    keys = read_key_options(arguments)
    if keys.name is None and keys.gives_keys:
        raise ConfigurationError(NEEDS_USER)
    if keys.name is None and level not in {None, SecurityLevel.noAuthNoPriv}:
        raise ConfigurationError(f"-l {level.name if level else ''} needs a user: -u USER")
    return None if keys.name is None else keys.user(level)


def _secret(password: str | None, key: bytes | None, localized_key: bytes | None) -> Secret:
    # The same octets as on the command line.
    return Secret(None if password is None else os.fsencode(password), key, localized_key)


def _level(text: str) -> SecurityLevel:
    level = LEVELS.get(text.lower())
    if level is None:
        raise argparse.ArgumentTypeError("a security level is noAuthNoPriv, authNoPriv or authPriv (nanp, anp, ap)")
    return level


def _protocol(parse: Callable[[str], Any], what: str, kinds: type[AuthProtocol | PrivProtocol]) -> Callable[[str], Any]:
    def parse_protocol(text: str) -> Any:
        try:
            return parse(text)
        except ConfigurationError:
            raise argparse.ArgumentTypeError(f"{what} protocol is one of {', '.join(map(str, kinds))}") from None

    return parse_protocol


_auth_protocol = _protocol(parse_auth_protocol, "an authentication", AuthProtocol)
_priv_protocol = _protocol(parse_priv_protocol, "a privacy", PrivProtocol)


def parse_engine_id(text: str) -> bytes:
    """Convert an engine ID in hex."""
    engine_id = parse_hex(text.replace(":", ""))
    if engine_id is None:
        raise argparse.ArgumentTypeError("an engine ID is given in hex, two digits for each octet")
    try:
        return check_peer_engine_id(engine_id)
    except ConfigurationError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _boots_time(text: str) -> tuple[int, int]:
    match = re.fullmatch("([0-9]{1,10}),([0-9]{1,10})", text)
    numbers = tuple(map(int, match.groups())) if match else ()
    if len(numbers) != 2 or max(numbers) > MAX_BOOTS:
        raise argparse.ArgumentTypeError("boots and time are numbers from 0 to 2147483647, as in 12,3456")
    return numbers
