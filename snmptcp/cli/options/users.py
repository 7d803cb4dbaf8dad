"""Who asks in SNMPv3: net-snmp's options for a user, its keys and its context.

What may live here: options and environment variables to a :class:`~snmptcp.credentials.UsmUser` and what is
known of the engine.  What may not: using them.

No complaint shows what an option was given: it may be a password behind the wrong letter.
"""

from __future__ import annotations

import argparse
import os
import re
from typing import TYPE_CHECKING, Any

from snmptcp.credentials import (
    AuthProtocol,
    PrivProtocol,
    SecurityLevel,
    UsmUser,
    parse_auth_protocol,
    parse_priv_protocol,
)
from snmptcp.errors import ConfigurationError
from snmptcp.security.engine_clock import MAX_BOOTS, EngineInfo, check_engine_id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = (
    "AUTH_PASSWORD_VARIABLE",
    "PRIV_PASSWORD_VARIABLE",
    "add_key_options",
    "add_remote_engine_option",
    "add_user_options",
    "finish_engine",
    "finish_user",
    "gives_keys",
    "gives_user_options",
    "spell_key_options",
)

#: Where passwords come from when no option gives a key: other users of a machine can read arguments.
AUTH_PASSWORD_VARIABLE = "SNMPTCP_AUTH_PASSWORD"  # noqa: S105 - the name of a variable
PRIV_PASSWORD_VARIABLE = "SNMPTCP_PRIV_PASSWORD"  # noqa: S105 - the name of a variable

#: net-snmp's spellings, in lower case.
_LEVELS = {
    "noauthnopriv": SecurityLevel.noAuthNoPriv,
    "noauth": SecurityLevel.noAuthNoPriv,
    "nanp": SecurityLevel.noAuthNoPriv,
    "1": SecurityLevel.noAuthNoPriv,
    "authnopriv": SecurityLevel.authNoPriv,
    "auth": SecurityLevel.authNoPriv,
    "anp": SecurityLevel.authNoPriv,
    "2": SecurityLevel.authNoPriv,
    "authpriv": SecurityLevel.authPriv,
    "priv": SecurityLevel.authPriv,
    "ap": SecurityLevel.authPriv,
    "3": SecurityLevel.authPriv,
}

#: net-snmp's letters for keys.  To argparse, ``-3m`` would make the number -3 a prefix of options.
_KEY_OPTIONS = {
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

# ------------------------------------------------------------------------------------------- options


def spell_key_options(words: Sequence[str]) -> list[str]:
    """Return the words of a command line with net-snmp's letters for keys spelled out."""
    end = words.index("--") if "--" in words else len(words)
    return [*(_KEY_OPTIONS.get(word, word) for word in words[:end]), *words[end:]]


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
    for letter, option in _KEY_OPTIONS.items():
        group.add_argument(option, metavar="HEX", type=_key, help=f"{_KEY_MEANINGS[option]}; {letter} means the same")


def add_user_options(group: argparse._ArgumentGroup) -> None:
    """Add all options of SNMPv3 that a request has."""
    group.add_argument(
        "-l",
        dest="level",
        metavar="LEVEL",
        type=_level,
        help="security level: noAuthNoPriv, authNoPriv, authPriv, or nanp, anp, ap (default: what the keys allow)",
    )
    add_key_options(group)
    group.add_argument("-n", dest="context", metavar="CONTEXT", default="", help="context name")
    group.add_argument(
        "-E", dest="context_engine_id", metavar="HEX", type=_engine_id, help="engine ID of the context, if another's"
    )
    group.add_argument(
        "-e", dest="engine_id", metavar="HEX", type=_engine_id, help="engine ID of the agent (default: discovered)"
    )
    group.add_argument(
        "-Z", dest="boots_time", metavar="BOOTS,TIME", type=_boots_time, help="boots and time of the engine of -e"
    )


def add_remote_engine_option(group: argparse._ArgumentGroup) -> None:
    """Add the option that says at which engine a user is whose traps are received."""
    group.add_argument(
        "-e", dest="engine_id", metavar="HEX", type=_engine_id, help="take traps of that engine only (default: of any)"
    )


def _level(text: str) -> SecurityLevel:
    level = _LEVELS.get(text.lower())
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


def _hex(text: str) -> bytes | None:
    digits = re.sub(r"^0[xX]", "", text)
    if not re.fullmatch("(?:[0-9a-fA-F]{2})+", digits):
        return None
    return bytes.fromhex(digits)


def _key(text: str) -> bytes:
    key = _hex(text)
    if key is None:
        raise argparse.ArgumentTypeError("a key is given in hex, two digits for each octet")
    return key


def _engine_id(text: str) -> bytes:
    engine_id = _hex(text.replace(":", ""))
    if engine_id is None:
        raise argparse.ArgumentTypeError("an engine ID is given in hex, two digits for each octet")
    try:
        return check_engine_id(engine_id)
    except ConfigurationError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _boots_time(text: str) -> tuple[int, int]:
    match = re.fullmatch("([0-9]{1,10}),([0-9]{1,10})", text)
    numbers = tuple(map(int, match.groups())) if match else ()
    if len(numbers) != 2 or max(numbers) > MAX_BOOTS:
        raise argparse.ArgumentTypeError("boots and time are numbers from 0 to 2147483647, as in 12,3456")
    return numbers


# ---------------------------------------------------------------------------------- what they mean


def gives_user_options(arguments: argparse.Namespace) -> bool:
    """Whether something is given that only SNMPv3 has a use for."""
    return arguments.user is not None or getattr(arguments, "level", None) is not None


def gives_keys(arguments: argparse.Namespace) -> bool:
    """Whether a key is given by an option."""
    return any(
        getattr(arguments, f"{which}_{kind}") is not None
        for which in ("auth", "priv")
        for kind in ("password", "key", "localized_key")
    )


def finish_user(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> UsmUser:
    """Return the user that the options and the environment describe; end the process for one that cannot be."""
    if arguments.user is None:
        parser.error("SNMPv3 needs a user (-u USER), or certificates (tlstcp:HOST)")
    level = getattr(arguments, "level", None)
    auth = _secrets(arguments, "auth", AUTH_PASSWORD_VARIABLE)
    priv = _secrets(arguments, "priv", PRIV_PASSWORD_VARIABLE)
    if level is not None:
        _check_level(parser, level, auth=bool(auth), priv=bool(priv))
        # A key that the level has no use for is not even looked at, as in net-snmp.
        auth = auth if level >= SecurityLevel.authNoPriv else {}
        priv = priv if level == SecurityLevel.authPriv else {}
    elif priv and not auth:
        parser.error(f"there is no privacy without authentication: -A, or {AUTH_PASSWORD_VARIABLE}")
    try:
        return UsmUser(
            os.fsencode(arguments.user),
            arguments.auth_protocol or AuthProtocol.SHA_256,
            priv_protocol=arguments.priv_protocol or PrivProtocol.AES,
            context_name=os.fsencode(getattr(arguments, "context", "")),
            context_engine_id=getattr(arguments, "context_engine_id", None),
            **auth,
            **priv,
        )
    except ConfigurationError as error:
        parser.error(str(error))


def _secrets(arguments: argparse.Namespace, which: str, variable: str) -> dict[str, Any]:
    """Return the secrets that are given for one key; the environment is asked where no option gives any."""
    names = (f"{which}_password", f"{which}_key", f"{which}_localized_key")
    given = {name: getattr(arguments, name) for name in names if getattr(arguments, name) is not None}
    if not given and os.environ.get(variable):
        given[names[0]] = os.environ[variable]
    if names[0] in given:
        given[names[0]] = os.fsencode(given[names[0]])  # the very octets of the command line
    return given


def _check_level(parser: argparse.ArgumentParser, level: SecurityLevel, *, auth: bool, priv: bool) -> None:
    if level >= SecurityLevel.authNoPriv and not auth:
        parser.error(f"{level.name} needs an authentication password: -A, or {AUTH_PASSWORD_VARIABLE}")
    if level == SecurityLevel.authPriv and not priv:
        parser.error(f"{level.name} needs a privacy password: -X, or {PRIV_PASSWORD_VARIABLE}")


def finish_engine(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> EngineInfo | None:
    """Return what is told of the agent's engine; ``None`` where it is to be discovered."""
    if arguments.engine_id is None:
        if arguments.boots_time is not None:
            parser.error("-Z tells the time of the engine that -e names: -e HEX")
        return None
    return EngineInfo(arguments.engine_id, *(arguments.boots_time or ()))
