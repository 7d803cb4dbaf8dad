"""The options of ``snmptcp listen``: where it listens, and who may notify.

What may live here: options, and what is wrong with them together.  What may not: listening.
"""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING

from snmptcp.cli.options.addresses import Address, parse_address
from snmptcp.cli.options.credentials import COMMUNITY_VARIABLE
from snmptcp.cli.options.tls import add_server_tls_options, finish_server_tls
from snmptcp.cli.options.users import add_key_options, add_remote_engine_option, finish_user, gives_keys
from snmptcp.cli.options.words import checked, whole_number
from snmptcp.credentials import Community, Tsm

if TYPE_CHECKING:
    import argparse

__all__ = ("add_listen_options",)

#: RFC 3430 section 2.5, RFC 6353 section 9.
DEFAULT_PORT = 162
DEFAULT_TLS_PORT = 10162


def add_listen_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument(
        "addresses",
        metavar="ADDRESS",
        nargs="*",
        type=checked(parse_address),
        help="ADDRESS, ADDRESS:PORT or [IPV6]:PORT to listen on; tcp: or tlstcp: may stand before it "
        "(default: every address of this machine)",
    )
    parser.add_argument(
        "--port",
        metavar="PORT",
        type=whole_number(0, "a port"),
        help=f"TCP port of addresses without one (default {DEFAULT_PORT}; {DEFAULT_TLS_PORT} with TLS); "
        "0 for a free one",
    )
    parser.add_argument("--limit", metavar="N", type=whole_number(1, "a limit"), help="stop after so many")
    group = parser.add_argument_group("who may notify")
    group.add_argument(
        "-c",
        "--community",
        dest="communities",
        metavar="COMMUNITY",
        action="append",
        help="community, in SNMPv1 and SNMPv2c; may be given several times "
        f"(default: the environment variable {COMMUNITY_VARIABLE}, or else public; nobody where -u or TLS is given)",
    )
    group = parser.add_argument_group("who may notify in SNMPv3")
    add_key_options(group)
    add_remote_engine_option(group)
    group.add_argument(
        "--engine-file",
        metavar="FILE",
        help="where our engine ID and boots are kept, for informs (default: another engine ID each time)",
    )
    add_server_tls_options(parser)
    parser.set_defaults(finish=functools.partial(_finish, parser))


def _finish(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    addresses: list[Address] = arguments.addresses or [Address("")]
    arguments.uses_tls = finish_server_tls(parser, arguments, addresses)
    if arguments.port is None:
        arguments.port = DEFAULT_TLS_PORT if arguments.uses_tls else DEFAULT_PORT
    if arguments.port > 0xFFFF:
        parser.error(f"a port is a number from 0 to 65535, not {arguments.port}")
    arguments.addresses = [
        (address.host, arguments.port if address.port is None else address.port) for address in addresses
    ]
    if arguments.user is None and (gives_keys(arguments) or arguments.engine_id is not None):
        parser.error("whose keys are these? -u USER")
    names = arguments.communities
    if names is None:
        names = (
            [] if arguments.user is not None or arguments.uses_tls else [os.environ.get(COMMUNITY_VARIABLE, "public")]
        )
    # The very octets of the command line.
    arguments.credentials = [Community(os.fsencode(name), version) for name in names for version in ("1", "2c")]
    if arguments.user is not None:
        user = finish_user(parser, arguments)
        arguments.credentials.append(user if arguments.engine_id is None else (user, arguments.engine_id))
    if arguments.tls_maps:
        arguments.credentials.append(Tsm())
    if not arguments.credentials:
        parser.error("whom to believe inside TLS? certificates (--tls-map WHOSE=HOW), communities (-c), or a user (-u)")
