"""The options of ``snmptcp certs``, for :mod:`snmptcp.cli.parser`.

What may live here: what the words may be.  What may not: certificates; importing what makes them takes longer
than a GET.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, TypeAlias

from snmptcp.cli.options.words import checked
from snmptcp.errors import ConfigurationError

if TYPE_CHECKING:
    import argparse

__all__ = ("DEFAULT_CLIENT", "DEFAULT_HOSTS", "HostName", "add_cert_options", "client_name", "days", "host_name")

HostName: TypeAlias = str | ipaddress.IPv4Address | ipaddress.IPv6Address

DEFAULT_HOSTS = ("localhost", "127.0.0.1", "::1")
DEFAULT_CLIENT = "manager"
DEFAULT_DAYS = 365

_LABELS = re.compile(r"(\*\.)?[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_CLIENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,31}")


def add_cert_options(parser: argparse.ArgumentParser) -> None:
    """Add the arguments: ``directory``, ``hosts``, ``clients``, ``days``."""
    parser.add_argument("directory", metavar="DIR", help="where to write them; nothing is overwritten")
    parser.add_argument(
        "--host",
        dest="hosts",
        metavar="NAME",
        action="append",
        type=checked(host_name),
        help=f"a name or address of the server; can be repeated (default: {', '.join(DEFAULT_HOSTS)})",
    )
    parser.add_argument(
        "--client",
        dest="clients",
        metavar="NAME",
        action="append",
        type=checked(client_name),
        help=f"the name of a client; can be repeated (default: {DEFAULT_CLIENT})",
    )
    parser.add_argument(
        "--days",
        metavar="N",
        type=checked(days),
        default=DEFAULT_DAYS,
        help=f"how long they are valid (default {DEFAULT_DAYS})",
    )


def host_name(text: str) -> HostName:
    """Read a name or address of a server.

    Raises:
        ConfigurationError: neither.
    """
    try:
        return ipaddress.ip_address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        pass
    try:
        name = text.removesuffix(".").encode("idna").decode().lower()
    except UnicodeError:
        name = ""
    if not _LABELS.fullmatch(name):
        raise ConfigurationError(f"a host is a name or an address, not {text!r}")
    return name


def client_name(text: str) -> str:
    """Read the name of a client: its common name, and the security name that it can be mapped to.

    Raises:
        ConfigurationError: not 1 to 32 characters (RFC 6353 section 7) that shells, configuration files and
            file systems leave alone.
    """
    if not _CLIENT.fullmatch(text):
        raise ConfigurationError(
            f"the name of a client has 1 to 32 characters (a-z, 0-9, and _ . @ - inside), not {text!r}"
        )
    if text.lower() in {"ca", "server"}:
        raise ConfigurationError(f"{text} is the name of other files")
    return text


def days(text: str) -> int:
    """Read how long certificates are valid.

    Raises:
        ConfigurationError: no number of days, or more than a century.
    """
    if not re.fullmatch("[0-9]{1,5}", text) or not 1 <= int(text) <= 36500:
        raise ConfigurationError(f"a number of days is one from 1 to 36500, not {text!r}")
    return int(text)
