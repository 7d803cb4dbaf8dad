"""What authenticates a request: a community, a user, or a certificate.

Contains: the choice between the three, and the options for it.  Does not contain: the options of users
(:mod:`~snmptcp.cli.options.users`) and of certificates (:mod:`~snmptcp.cli.options.tls`).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from snmptcp.cli.options.users import NEEDS_USER, add_user_options, read_user_options
from snmptcp.cli.options.words import version
from snmptcp.credentials import Community, SecurityLevel, Tsm
from snmptcp.errors import ConfigurationError

if TYPE_CHECKING:
    import argparse

    from snmptcp.cli.options.users import UserOptions
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

    Raises:
        ConfigurationError: options that exclude each other, or a missing one.
    """
    user = read_user_options(arguments)
    given: str | None = arguments.community
    by_certificate = uses_tls and user.keys.name is None and given is None
    number = arguments.snmp_version or ("3" if user.asks_for_v3 or by_certificate else "2c")
    if number == "3":
        return _read_v3(user, uses_tls=uses_tls, by_certificate=by_certificate), user.engine()
    if user.asks_for_v3:
        raise ConfigurationError(f"-u and -l need SNMPv3, but -v is {number}")
    if by_certificate and COMMUNITY_VARIABLE not in os.environ:
        raise ConfigurationError(f"-v {number} needs a community with TLS, too: -c COMMUNITY")
    return Community(community_name(given), number), None


def _read_v3(user: UserOptions, *, uses_tls: bool, by_certificate: bool) -> Credentials:
    if by_certificate:
        return _read_tsm(user)
    if uses_tls and user.keys.name is None:
        raise ConfigurationError(
            "-c is for SNMPv1 and SNMPv2c; for SNMPv3 give -u USER, or omit -c to use certificates"
        )
    return user.user()


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
