"""The peer of a command that connects: address, timeout, proxy and TLS.

Contains: the options that do not depend on the version of SNMP.  Does not contain: credentials, and connecting.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from snmptcp.cli.options.addresses import Address, Alias, parse_address, parse_peer, parse_port
from snmptcp.cli.options.snmp_conf import add_snmp_conf_options, snmp_conf
from snmptcp.cli.options.tls import add_client_tls_options, read_client_tls
from snmptcp.cli.options.words import checked, seconds, whole_number
from snmptcp.cli.output.report import report
from snmptcp.errors import ConfigurationError
from snmptcp.net.proxy import Proxy

if TYPE_CHECKING:
    import argparse

    from snmptcp.cli.configuration.conf import SnmpConf
    from snmptcp.cli.options.tls_words import TlsWords

__all__ = ("NOTIFICATION_PORTS", "REQUEST_PORTS", "TargetOptions", "add_target_options", "read_target_options")

#: Holds the proxy's URL, because that may contain a password.
PROXY_VARIABLE = "SNMPTCP_PROXY"

#: The ports of agents without and with TLS (RFC 3430 section 2.2, RFC 6353 section 9), and those for notifications.
REQUEST_PORTS = (161, 10161)
NOTIFICATION_PORTS = (162, 10162)

#: Seconds for one request, and how often it is repeated after a lost connection.
DEFAULT_TIMEOUT = 5.0
DEFAULT_RETRIES = 1


@dataclass(frozen=True, slots=True)
class TargetOptions:
    """The peer, and the way to it.

    Attributes:
        host: a name or an address.
        port: the TCP port.
        tls: the options of TLS; ``None`` for plain TCP.
        timeout: seconds for one request.
        retries: how often to repeat a read after a lost connection.
        max_in_flight: how many requests may be outstanding at once; ``None`` for any number.
        max_names: how many names one request may have; ``None`` for as many as fit.
        dump: whether to explain every packet on stderr.
        proxy: the proxy, if any.
        any_community: whether answers may have any community.
        strict: whether to refuse what breaks a rule of the RFCs without harm.
    """

    host: str
    port: int
    tls: TlsWords | None
    timeout: float
    retries: int
    max_in_flight: int | None
    max_names: int | None
    dump: bool
    proxy: Proxy | None
    any_community: bool = False
    strict: bool = False

    @property
    def address(self) -> Address:
        """Host and port."""
        return Address(self.host, self.port)


def add_target_options(parser: argparse.ArgumentParser, peer: str, ports: tuple[int, int]) -> None:
    """Add HOST and its options.

    Args:
        parser: the command's parser.
        peer: what to call the peer in help texts.
        ports: the default ports, without and with TLS.
    """
    parser.add_argument(
        "agent",
        metavar="HOST",
        type=checked(parse_peer),
        help=f"{peer}: HOST, HOST:PORT or [IPV6]:PORT, optionally after tcp: or tlstcp:",
    )
    group = parser.add_argument_group(peer)
    group.add_argument(
        "--port", metavar="PORT", type=checked(parse_port), help=f"TCP port (default {ports[0]}; {ports[1]} with TLS)"
    )
    group.add_argument(
        "-t",
        "--timeout",
        metavar="SECONDS",
        type=seconds,
        help="time limit for one request (default 5)",
    )
    group.add_argument(
        "-r",
        "--retries",
        metavar="RETRIES",
        type=whole_number(0, "retries"),
        help="how often to repeat a read on a new connection after a lost connection (default 1)",
    )
    group.add_argument(
        "--max-in-flight",
        metavar="N",
        type=whole_number(1, "max-in-flight"),
        help="how many requests may be outstanding at once (default: any number); 1 for agents that take one at a time",
    )
    group.add_argument(
        "--max-names",
        metavar="N",
        type=whole_number(1, "max-names"),
        help="how many names one request may have (default: as many as fit, and fewer if the agent fails)",
    )
    group.add_argument(
        "-d", "--dump", action="store_true", help="explain every packet on stderr, without communities and passwords"
    )
    group.add_argument(
        "--proxy",
        metavar="URL",
        type=checked(_proxy),
        help=f"connect through http://, socks5://, socks4a:// or socks4://[USER:PASSWORD@]HOST:PORT (default: "
        f"the environment variable {PROXY_VARIABLE}; '' for none)",
    )
    leniency = group.add_mutually_exclusive_group()
    leniency.add_argument(
        "--any-community", action="store_true", help="take answers of SNMPv1 and SNMPv2c whatever their community"
    )
    leniency.add_argument(
        "--strict", action="store_true", help="refuse answers that break a rule of the RFCs, even if they can be read"
    )
    add_client_tls_options(parser)
    add_snmp_conf_options(parser)


def read_target_options(arguments: argparse.Namespace, ports: tuple[int, int]) -> TargetOptions:
    """Return the options that :func:`add_target_options` added.

    Raises:
        ConfigurationError: options that exclude each other, or an invalid proxy in the environment.
    """
    conf = snmp_conf(arguments)
    given = _address(arguments.agent, conf, "snmptrap" if ports == NOTIFICATION_PORTS else "snmp")
    if given.port is not None and arguments.port not in {None, given.port}:
        raise ConfigurationError(f"two ports: {given.port} and {arguments.port}")
    tls = read_client_tls(arguments, given, conf.tls)
    default_port = ports[1] if tls is not None else conf.port or ports[0]
    return TargetOptions(
        given.host,
        given.port or arguments.port or default_port,
        tls,
        _first(arguments.timeout, conf.timeout, DEFAULT_TIMEOUT),
        _first(arguments.retries, conf.retries, DEFAULT_RETRIES),
        arguments.max_in_flight,
        arguments.max_names,
        arguments.dump or bool(conf.dump),
        _read_proxy(arguments.proxy),
        arguments.any_community,
        arguments.strict,
    )


def _address(given: Address | Alias, conf: SnmpConf, application: str) -> Address:
    """Return the address of HOST: that of the alias or of the host's file, and with the transport of defDomain."""
    if isinstance(given, Alias):
        definition = dict(conf.aliases).get(given.name)
        if definition is None:
            raise ConfigurationError(f"snmp.conf has no alias {given.name!r}")
        given = _defined(f"alias {given.name} in snmp.conf", definition)
    elif conf.address is not None:
        try:
            given = _defined(f"transport of hosts/{given.host}.conf", conf.address)
        except ConfigurationError as error:  # UDP, for net-snmp's tools
            report(f"{error}; connecting to {given.host} instead")
    if given.tls is None and dict(conf.domains).get(application) == "tlstcp":
        return given._replace(tls=True)
    return given


def _defined(where: str, text: str) -> Address:
    try:
        return parse_address(text)
    except ConfigurationError as error:
        raise ConfigurationError(f"{where}: {error}") from None


def _first(*values: float | None) -> Any:
    """Return the first value that is given."""
    return next(value for value in values if value is not None)


def _proxy(url: str) -> Proxy | str:
    return Proxy.from_url(url) if url else ""  # "" overrides the environment


def _read_proxy(given: Proxy | str | None) -> Proxy | None:
    if given is None:
        try:
            given = _proxy(os.environ.get(PROXY_VARIABLE, ""))
        except ConfigurationError as error:
            raise ConfigurationError(f"the environment variable {PROXY_VARIABLE}: {error}") from None
    return given if isinstance(given, Proxy) else None
