"""What authenticates a request: a community, a user, or a certificate.

Contains: the choice between the three, and the options for it.  Does not contain: the options of users
(:mod:`~snmptcp.cli.options.users`) and of certificates (:mod:`~snmptcp.cli.options.tls`).
"""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING

from snmptcp.cli.options.snmp_conf import snmp_conf
from snmptcp.cli.options.users import NEEDS_USER, add_user_options, read_user_options
from snmptcp.cli.options.words import version
from snmptcp.credentials import Community, SecurityLevel, Tsm
from snmptcp.errors import ConfigurationError

if TYPE_CHECKING:
    import argparse

    from snmptcp.cli.configuration.conf import SnmpConf
    from snmptcp.cli.options.users import UserOptions
    from snmptcp.credentials import UsmUser
    from snmptcp.security.choose import Credentials
    from snmptcp.security.engine_clock import EngineInfo

__all__ = ("COMMUNITY_VARIABLE", "add_credential_options", "community_name", "read_credentials")

#: Holds the community, because other users of a machine can see a process's arguments.
COMMUNITY_VARIABLE = "SNMPTCP_COMMUNITY"


def add_credential_options(parser: argparse.ArgumentParser, engine: str | None = None) -> None:
    """Add the options for the version, the community and the user.

    Args:
        parser: the command's parser.
        engine: whose engine ``-e`` names, for its help text; by default the agent's.
    """
    group = parser.add_argument_group("version and community")
    group.add_argument(
        "-v",
        dest="snmp_version",
        metavar="1|2c|3",
        type=version,
        help="SNMP version (default 2c; 3 if -u or -l is given, or with TLS unless -c is given)",
    )
    group.add_argument(
        "-c",
        "--community",
        metavar="COMMUNITY",
        help=f"community (default: the environment variable {COMMUNITY_VARIABLE}, or else public)",
    )
    group = parser.add_argument_group("SNMPv3 user")
    if engine is None:
        add_user_options(group)
    else:
        add_user_options(group, engine)


def read_credentials(arguments: argparse.Namespace, *, uses_tls: bool) -> tuple[Credentials, EngineInfo | None]:
    """Return what authenticates a request, and the engine of ``-e`` if it is SNMPv3.

    What no option says comes from the environment, or else from snmp.conf.

    Raises:
        ConfigurationError: options that exclude each other, or a missing one.
    """
    conf = snmp_conf(arguments)
    user = read_user_options(arguments)
    given: str | None = arguments.community
    by_certificate = uses_tls and user.keys.name is None and given is None
    number = arguments.snmp_version or _default_version(user, given, conf, uses_tls=uses_tls)
    _check_version(number, conf)
    if number == "3":
        return _read_v3(user, conf, uses_tls=uses_tls, by_certificate=by_certificate), user.engine()
    if user.asks_for_v3:
        raise ConfigurationError(f"-u and -l need SNMPv3, but -v is {number}")
    unnamed = given is None and COMMUNITY_VARIABLE not in os.environ
    if by_certificate and unnamed and conf.community is None:
        chosen = f"-v {number}" if arguments.snmp_version else f"defVersion {number} in snmp.conf"
        raise ConfigurationError(f"{chosen} needs a community with TLS, too: -c COMMUNITY")
    if unnamed and conf.community is not None:
        return Community(conf.community, number), None
    return Community(community_name(given), number), None


def _default_version(user: UserOptions, community: str | None, conf: SnmpConf, *, uses_tls: bool) -> str:
    """Return the version without ``-v``: what the options are for, what snmp.conf says, or what the values are for."""
    if user.asks_for_v3:
        return "3"
    if community is not None:
        return "1" if conf.version == "1" else "2c"
    if conf.version is not None:
        return conf.version
    return "3" if uses_tls or conf.user is not None else "2c"


def _check_version(number: str, conf: SnmpConf) -> None:
    disabled = {"1": conf.disable_v1, "2c": conf.disable_v2c, "3": conf.disable_v3}
    if disabled[number]:
        raise ConfigurationError(f"disableSNMPv{number} in snmp.conf excludes SNMPv{number}: give another version, -v")


def _read_v3(user: UserOptions, conf: SnmpConf, *, uses_tls: bool, by_certificate: bool) -> Credentials:
    if user.keys.name is None and conf.user is not None and (not uses_tls or conf.security_model == "usm"):
        return _read_configured(user, conf)
    if by_certificate:
        return _read_tsm(user)
    if uses_tls and user.keys.name is None:
        raise ConfigurationError(
            "-c is for SNMPv1 and SNMPv2c; for SNMPv3 give -u USER, or omit -c to use certificates"
        )
    return _read_configured(user, conf)


def _read_configured(user: UserOptions, conf: SnmpConf) -> UsmUser:
    """Return the user, with the name and the level of snmp.conf if no option gives them."""
    keys = user.keys
    if keys.name is None:
        keys = dataclasses.replace(keys, name=conf.user)
    level = user.level
    if level is None and conf.level is not None:
        # A password of the command line is used in any case: it must not be without effect in silence.
        level = max(conf.level, keys.least_level)
    return dataclasses.replace(user, keys=keys, level=level).user()


def _read_tsm(user: UserOptions) -> Tsm:
    """Return the credentials of RFC 5591: the certificate is the identity."""
    if user.keys.gives_keys:
        raise ConfigurationError(f"{NEEDS_USER}; without one, the certificate authenticates")
    if user.level not in {None, SecurityLevel.authPriv}:
        raise ConfigurationError("with certificates the security level is always authPriv: omit -l")
    return Tsm(user.context_name, context_engine_id=user.context_engine_id)


def community_name(given: str | None) -> bytes:
    """Return the octets of a community: the one given, the environment's, or ``public``."""
    return os.fsencode(os.environ.get(COMMUNITY_VARIABLE, "public") if given is None else given)
