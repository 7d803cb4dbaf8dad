"""Who asks: a community, a user, or a certificate; one of them, out of everything that was given.

What may live here: which of the three it is, and what is wrong with them together.  What may not: the options of
users (:mod:`~snmptcp.cli.options.users`) and of certificates (:mod:`~snmptcp.cli.options.tls`).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from snmptcp.cli.options.users import finish_user, gives_keys, gives_user_options
from snmptcp.credentials import SecurityLevel, Tsm
from snmptcp.errors import ConfigurationError

if TYPE_CHECKING:
    import argparse

__all__ = ("COMMUNITY_VARIABLE", "finish_community", "finish_credentials", "finish_optional_user")

#: Where the community comes from when ``-c`` is not given: other users of a machine can read arguments.
COMMUNITY_VARIABLE = "SNMPTCP_COMMUNITY"


def finish_credentials(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Find out who asks: a user, somebody whose certificate says it, or a community."""
    arguments.usm_user = arguments.tsm = None
    by_certificate = arguments.uses_tls and arguments.user is None and arguments.community is None
    if arguments.snmp_version is None:
        arguments.snmp_version = "3" if gives_user_options(arguments) or by_certificate else "2c"
    version = arguments.snmp_version
    if version == "3":
        if by_certificate:
            arguments.tsm = _finish_tsm(parser, arguments)
        elif arguments.uses_tls and arguments.user is None:
            parser.error("-c is for SNMPv1 and SNMPv2c, and this is SNMPv3: a user (-u), or none of both")
        else:
            arguments.usm_user = finish_user(parser, arguments)
        return
    if gives_user_options(arguments):
        parser.error(f"-u and -l are for SNMPv3, and -v says {version}")
    if by_certificate and COMMUNITY_VARIABLE not in os.environ:
        parser.error(f"certificates are in the place of communities in SNMPv3 alone: with -v {version}, give -c, too")
    finish_community(arguments)


def _finish_tsm(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> Tsm:
    """Return what is in the place of a user where certificates say who is who (RFC 5591)."""
    if gives_keys(arguments):
        parser.error("whose keys are these? -u USER (or none of both: a certificate says who you are)")
    if getattr(arguments, "level", None) not in {None, SecurityLevel.authPriv}:
        parser.error("with certificates the security level is always authPriv")
    try:
        return Tsm(
            os.fsencode(getattr(arguments, "context", "")),
            context_engine_id=getattr(arguments, "context_engine_id", None),
        )
    except ConfigurationError as error:
        parser.error(str(error))


def finish_community(arguments: argparse.Namespace) -> None:
    """Complete the community."""
    if arguments.community is None:
        arguments.community = os.environ.get(COMMUNITY_VARIABLE, "public")
    arguments.community = os.fsencode(arguments.community)  # the very octets of the command line


def finish_optional_user(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Find out who the user is, where there may be none."""
    if arguments.user is None and gives_keys(arguments):
        parser.error("whose keys are these? -u USER")
    arguments.usm_user = None if arguments.user is None else finish_user(parser, arguments)
