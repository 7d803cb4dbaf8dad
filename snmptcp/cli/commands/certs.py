"""``snmptcp certs``: a small authority with certificates for a server and for clients, to try TLS.

Contains: arguments, writing files, and instructions.  Does not contain: making certificates
(:mod:`snmptcp.net.tls.authority`).
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from snmptcp.cli.options.words import checked
from snmptcp.errors import ConfigurationError
from snmptcp.net.tls.authority import HostName, make_parties

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    from snmptcp.net.tls.authority import Party

__all__ = ("CertsCommand", "add_arguments", "read_arguments", "run")

DEFAULT_HOSTS = ("localhost", "127.0.0.1", "::1")
DEFAULT_CLIENT = "manager"
DEFAULT_DAYS = 365

_LABELS = re.compile(r"(\*\.)?[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_CLIENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.@-]{0,31}")


@dataclass(frozen=True, slots=True)
class CertsCommand:
    """The arguments of the command.

    Attributes:
        directory: where to write the files.
        hosts: the names and addresses of the server.
        clients: the names of the clients.
        days: how long the certificates are valid.
    """

    directory: Path
    hosts: tuple[HostName, ...]
    clients: tuple[str, ...]
    days: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("directory", metavar="DIR", help="where to write the files; none is overwritten")
    parser.add_argument(
        "--host",
        dest="hosts",
        metavar="NAME",
        action="append",
        type=checked(_host_name),
        help=f"a name or an address of the server; can be repeated (default: {', '.join(DEFAULT_HOSTS)})",
    )
    parser.add_argument(
        "--client",
        dest="clients",
        metavar="NAME",
        action="append",
        type=checked(_client_name),
        help=f"the name of a client; can be repeated (default: {DEFAULT_CLIENT})",
    )
    parser.add_argument(
        "--days",
        metavar="N",
        type=checked(_days),
        default=DEFAULT_DAYS,
        help=f"how long the certificates are valid (default {DEFAULT_DAYS})",
    )


def read_arguments(arguments: argparse.Namespace) -> CertsCommand:
    """Return the parsed arguments."""
    return CertsCommand(
        Path(arguments.directory),
        tuple(arguments.hosts or map(_host_name, DEFAULT_HOSTS)),
        tuple(dict.fromkeys(arguments.clients or [DEFAULT_CLIENT])),
        arguments.days,
    )


def _host_name(text: str) -> HostName:
    """Convert a name or an address of the server.

    Raises:
        ConfigurationError: neither a name nor an address.
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


def _client_name(text: str) -> str:
    """Convert the name of a client: its common name, which a map can turn into its security name.

    Raises:
        ConfigurationError: not 1 to 32 characters (RFC 6353 section 7), or characters that are special in shells,
            configuration files or file systems.
    """
    if not _CLIENT.fullmatch(text):
        raise ConfigurationError(
            f"the name of a client has 1 to 32 characters (a-z, 0-9, and _ . @ - inside), not {text!r}"
        )
    if text.lower() in {"ca", "server"}:
        raise ConfigurationError(f"{text} is reserved for the authority or the server")
    return text


def _days(text: str) -> int:
    """Convert a number of days.

    Raises:
        ConfigurationError: not a number, or more than a century.
    """
    if not re.fullmatch("[0-9]{1,5}", text) or not 1 <= int(text) <= 36500:
        raise ConfigurationError(f"days is a number from 1 to 36500, not {text!r}")
    return int(text)


def run(command: CertsCommand) -> int:
    """Make the certificates, write them, and print how to use them; return the exit code."""
    directory = command.directory
    names = ["ca", "server", *command.clients]
    _refuse_to_overwrite(directory, [f"{name}.{suffix}" for name in names for suffix in ("pem", "key")])

    parties = make_parties(command.hosts, command.clients, dt.timedelta(days=command.days))
    directory.mkdir(parents=True, exist_ok=True)
    for name, party in parties.items():
        _write(directory / f"{name}.key", party.key_pem, 0o600)
        _write(directory / f"{name}.pem", party.certificate_pem, 0o644)
    _tell(directory, command.hosts, parties)
    return 0


# ------------------------------------------------------------------------------------------ writing


def _refuse_to_overwrite(directory: Path, names: Sequence[str]) -> None:
    there = [name for name in names if os.path.lexists(directory / name)]
    if there:
        raise ConfigurationError(f"{directory} already contains {', '.join(there)}: certs overwrites no files")


def _write(path: Path, octets: bytes, mode: int) -> None:
    """Create a file, with its final mode from the beginning."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(octets)


def _tell(directory: Path, hosts: Sequence[HostName], parties: Mapping[str, Party]) -> None:
    """Print what was written, and how to use it."""
    client = next(name for name in parties if name not in {"ca", "server"})
    width = max(map(len, parties)) + 4
    print(f"Written to {directory}, each certificate (.pem) with its private key (.key):\n")
    for name, party in parties.items():
        print(f"  {name + '.pem':{width}}  {_purpose(name, hosts)}")
        print(f"  {'':{width}}  SHA-256 {party.fingerprint}")
    until = next(iter(parties.values())).certificate.not_valid_after_utc
    print(f"\nThey are valid until {until:%Y-%m-%d}. Use them for tests only, and keep ca.key secret.")
    ca, cert, key = (str(directory / name) for name in ("ca.pem", f"{client}.pem", f"{client}.key"))
    server, server_key = shlex.quote(str(directory / "server.pem")), shlex.quote(str(directory / "server.key"))
    quoted_ca = shlex.quote(ca)
    options = f"--tls-ca {quoted_ca} --tls-cert {shlex.quote(cert)} --tls-key {shlex.quote(key)}"
    servers = f"--tls-ca {quoted_ca} --tls-cert {server} --tls-key {server_key} --tls-map {quoted_ca}=cn"
    host = hosts[0]
    where = f"[{host}]" if isinstance(host, ipaddress.IPv6Address) else str(host)
    # Without --listen, the agent accepts connections from its own machine only.
    listen = "" if str(host) in DEFAULT_HOSTS else f" --listen {where}"
    print(f"""
Run an agent, and query it, with this library's command:

  snmptcp agent {servers} --tsm-name {client}{listen}
  snmptcp get {options} tlstcp:{where}:10161 1.3.6.1.2.1.1.1.0

Receive and send notifications:

  snmptcp listen {servers}
  snmptcp trap {options} tlstcp:{where}:10162 '' 1.3.6.1.6.3.1.1.5.1
  snmptcp inform {options} tlstcp:{where}:10162 '' 1.3.6.1.6.3.1.1.5.1

Query it in Python:

  tls = TlsOptions(ca_file={ca!r}, certificate={cert!r}, key={key!r})
  async with Manager({str(host)!r}, 10161, credentials=Tsm(), tls=tls) as manager: ...

Use net-snmp's snmpd (5.9.5 or newer) as the agent; it looks for certificates in the folder tls of its configuration.
(If another agent has just used its port, snmpd reports for a minute that the address is in use.)

  install -D -m 644 {quoted_ca} /etc/snmp/tls/ca-certs/ca.crt
  install -D -m 644 {server} /etc/snmp/tls/certs/server.crt
  install -D -m 600 {server_key} /etc/snmp/tls/private/server.key
  install -D -m 644 {shlex.quote(cert)} /etc/snmp/tls/certs/{client}.crt

and in snmpd.conf:

  agentAddress tlstcp:10161
  [snmp] localCert server
  [snmp] trustCert ca
  certSecName 10 {client} --cn
  rouser -s tsm {client} authPriv""")


def _purpose(name: str, hosts: Sequence[HostName]) -> str:
    if name == "ca":
        return "the authority that both sides trust"
    if name == "server":
        return f"the agent at {', '.join(map(str, hosts))}"
    return f"a client; its common name, and so its security name, is {name}"
