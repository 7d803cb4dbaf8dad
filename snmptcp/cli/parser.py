"""The command line's grammar: commands, options, and what they may be.

What may live here: everything that is wrong before anything is done (exit code 2).  What may not: doing it.

Options are net-snmp's where it has them, so that what is in the fingers and in old scripts works.
"""

from __future__ import annotations

import argparse
import functools
import os
import sys
from typing import TYPE_CHECKING, Any

from snmptcp import __version__
from snmptcp.cli.options.addresses import Address, parse_address, parse_port
from snmptcp.cli.options.assignments import LETTERS, parse_assignments, parse_name, parse_oid
from snmptcp.cli.options.certs import add_cert_options
from snmptcp.cli.options.credentials import (
    COMMUNITY_VARIABLE,
    finish_community,
    finish_credentials,
    finish_optional_user,
)
from snmptcp.cli.options.listen import add_listen_options
from snmptcp.cli.options.tls import add_client_tls_options, add_server_tls_options, finish_client_tls, finish_server_tls
from snmptcp.cli.options.trap import add_inform_words, add_trap_words, read_trap_words
from snmptcp.cli.options.users import (
    add_key_options,
    add_user_options,
    finish_engine,
    spell_key_options,
)
from snmptcp.cli.options.words import ApplicationOption, OutputOption, checked, columns, seconds, version, whole_number
from snmptcp.cli.output.varbinds import OUTPUT_LETTERS, PLAIN
from snmptcp.credentials import Tsm
from snmptcp.errors import ConfigurationError
from snmptcp.net.proxy import Proxy
from snmptcp.oid import OID
from snmptcp.protocol.walk import DEFAULT_MAX_REPETITIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ("DEFAULT_AGENT_PORT", "MIB_2", "parse_arguments")

#: Where the proxy comes from when ``--proxy`` is not given: its URL may hold a password.
PROXY_VARIABLE = "SNMPTCP_PROXY"

#: Where agents are, without TLS and with it (RFC 3430 section 2.2, RFC 6353 section 9), and where notifications go.
REQUEST_PORTS = (161, 10161)
NOTIFICATION_PORTS = (162, 10162)

#: Where ``snmptcp agent`` listens: above the ports that only root may have.
DEFAULT_AGENT_PORT = 1161
DEFAULT_AGENT_TLS_PORT = 10161

MIB_2 = OID("1.3.6.1.2.1")

_TRAP_USAGE = """snmptcp trap [OPTIONS] HOST UPTIME TRAP-OID [OID TYPE VALUE ...]
       snmptcp trap -v1 [OPTIONS] HOST ENTERPRISE AGENT GENERIC SPECIFIC UPTIME [OID TYPE VALUE ...]"""

_R = {"r": ("max_repetitions", True)}
_N = {"n": ("non_repeaters", True)}
_WALK_LETTERS = {
    **_R,
    **_N,
    "c": ("tolerate_non_increasing", False),
    "i": ("include_root", False),
    "I": ("exclude_root", False),
    "p": ("print_count", False),
}

# ------------------------------------------------------------------------------------------ parents


def _common_options() -> argparse.ArgumentParser:
    parent = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parent.add_argument("--debug", action="store_true", help="show the log, and the traceback of an error")
    _add_version(parent)
    return parent


def _add_version(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-V", "--version", action="version", version=f"snmptcp {__version__}", help="show the version and exit"
    )


def _peer_options(whom: str, ports: tuple[int, int]) -> argparse.ArgumentParser:
    """Return the options of every command that connects to somebody, whatever the version."""
    parent = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    parent.set_defaults(ports=ports)
    parent.add_argument(
        "agent",
        metavar="HOST",
        type=checked(parse_address),
        help=f"{whom}: HOST, HOST:PORT or [IPV6]:PORT; tcp: or tlstcp: may stand before it",
    )
    group = parent.add_argument_group(whom)
    group.add_argument(
        "--port", metavar="PORT", type=checked(parse_port), help=f"TCP port (default {ports[0]}; {ports[1]} with TLS)"
    )
    group.add_argument(
        "-t",
        "--timeout",
        metavar="SECONDS",
        type=seconds,
        default=5.0,
        help="how long one request may take (default 5)",
    )
    group.add_argument(
        "-r",
        "--retries",
        metavar="RETRIES",
        type=whole_number(0, "retries"),
        default=1,
        help="how often a read is repeated on a fresh connection when its connection is lost (default 1)",
    )
    group.add_argument(
        "-d", "--dump", action="store_true", help="explain every packet on stderr (no community or password is shown)"
    )
    group.add_argument(
        "--proxy",
        metavar="URL",
        type=checked(_proxy),
        help=f"connect through http://, socks5://, socks4a:// or socks4://[USER:PASSWORD@]HOST:PORT (default: "
        f"the environment variable {PROXY_VARIABLE}, or else none)",
    )
    add_client_tls_options(parent)
    return parent


def _proxy(url: str) -> Proxy | str:
    return Proxy.from_url(url) if url else ""  # "" is for none, whatever the environment says


def _credential_options() -> argparse.ArgumentParser:
    """Return the options that say who asks."""
    parent = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    group = parent.add_argument_group("who asks")
    group.add_argument(
        "-v",
        dest="snmp_version",
        metavar="1|2c|3",
        type=version,
        help="SNMP version (default 2c; 3 where -u or -l is given, or with TLS where -c is not)",
    )
    group.add_argument(
        "-c",
        "--community",
        metavar="COMMUNITY",
        help=f"community (default: the environment variable {COMMUNITY_VARIABLE}, or else public)",
    )
    add_user_options(parent.add_argument_group("who asks in SNMPv3"))
    return parent


def _output_options() -> argparse.ArgumentParser:
    parent = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    group = parent.add_argument_group("output")
    letters = "; ".join(f"{letter} {meaning}" for letter, meaning in OUTPUT_LETTERS.items())
    group.add_argument("-O", dest="style", metavar="LETTERS", action=OutputOption, default=PLAIN, help=letters)
    _add_json(group)
    return parent


def _add_json(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--json", action="store_true", help="one JSON object on each line")


def _add_application_option(
    parser: argparse.ArgumentParser, letters: Mapping[str, tuple[str, bool]], text: str
) -> None:
    parser.add_argument("-C", metavar="LETTERS", action=ApplicationOption, letters=letters, help=text)


def _add_max_repetitions(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--max-repetitions",
        metavar="N",
        type=whole_number(0, "max-repetitions"),
        default=DEFAULT_MAX_REPETITIONS,
        help=f"how many names to ask for at once (default {DEFAULT_MAX_REPETITIONS}); -CrN means the same",
    )


# ----------------------------------------------------------------------------------------- commands


def parse_arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the arguments of a command, checked and completed.

    Args:
        argv: the words; ``None`` for those of the process.

    Raises:
        SystemExit: with 2 for wrong usage, which has been explained on stderr; with 0 after help.
    """
    words = spell_key_options(sys.argv[1:] if argv is None else list(argv))
    parser, commands = _build_parsers()
    if not words or words[0] not in commands:
        return parser.parse_args(words)  # help, the version, or a complaint
    command = commands[words[0]]
    # Intermixed, so that options may stand between the names; but that way forgets what stands behind "--".
    parse = command.parse_args if "--" in words else command.parse_intermixed_args
    arguments = parse(words[1:])
    arguments.command = words[0]
    if "finish" in arguments:
        arguments.finish(arguments)
    return arguments


def _build_parsers() -> tuple[argparse.ArgumentParser, Mapping[str, argparse.ArgumentParser]]:
    """Return the parser of the whole command line, and those of the commands."""
    common = _common_options()
    parser = argparse.ArgumentParser(
        prog="snmptcp",
        allow_abbrev=False,
        description="SNMP over TCP: ask an agent, or be one.",
        epilog="Try `snmptcp demo` first: it needs no agent and no network.",
    )
    _add_version(parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def add(name: str, summary: str, *parents: argparse.ArgumentParser, **options: Any) -> argparse.ArgumentParser:
        return commands.add_parser(
            name,
            parents=[*parents, common],
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
            allow_abbrev=False,
            **options,
        )

    credentials, output = _credential_options(), _output_options()
    requests = (_peer_options("the agent", REQUEST_PORTS), credentials, output)
    notifications = (_peer_options("the receiver", NOTIFICATION_PORTS), credentials)
    _add_oids(add("get", "read variables", *requests))
    _add_oids(add("getnext", "read the variables that come after names", *requests))
    _add_getbulk(add("getbulk", "read many variables that come after names", *requests))
    _add_walk(add("walk", "read whole subtrees", *requests))
    _add_table(add("table", "read a table, its columns side by side", *requests[:2]))
    types = ", ".join(f"{letter} {meaning}" for letter, meaning in LETTERS.items())
    _add_set(add("set", "write variables, all or none", *requests, epilog=f"TYPE is one of: {types}."))
    _add_discover(add("discover", "ask an agent who its SNMPv3 engine is, and what time it has", requests[0]))
    _add_trap(add("trap", "send a trap: nobody tells whether it has arrived", *notifications, usage=_TRAP_USAGE))
    _add_inform(add("inform", "send an inform, and wait until it is acknowledged", *notifications))
    add_listen_options(add("listen", "print traps and informs as they come, until Ctrl-C", output))
    _add_agent(add("agent", "answer like a recorded device until Ctrl-C"))
    add("demo", "show what this can do, with the recording of a switch")
    add_cert_options(add("certs", "make a small authority with certificates, to try TLS out"))
    _add_explain(add("explain", "explain packets, given in hex"))
    return parser, commands.choices


def _add_oids(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("oids", metavar="OID", nargs="+", type=checked(parse_name), help="1.3.6.1.2.1.1.1.0")
    _finish_with(parser, _finish_request)


def _add_getbulk(parser: argparse.ArgumentParser) -> None:
    _add_max_repetitions(parser)
    parser.add_argument(
        "--non-repeaters",
        metavar="N",
        type=whole_number(0, "non-repeaters"),
        default=0,
        help="how many of the names to answer only once (default 0); -CnN means the same",
    )
    _add_application_option(parser, {**_R, **_N}, "rN max-repetitions, nN non-repeaters")
    _add_oids(parser)
    _finish_with(parser, _finish_getbulk)


def _add_walk(parser: argparse.ArgumentParser) -> None:
    _add_max_repetitions(parser)
    parser.add_argument(
        "--limit", metavar="N", type=whole_number(1, "a limit"), help="stop after so many variable bindings"
    )
    _add_application_option(
        parser,
        _WALK_LETTERS,
        "rN max-repetitions; c do not insist on increasing names; i read the given name itself first; "
        "I do not read it, not even when nothing is below it; p print how many variables there were",
    )
    parser.set_defaults(
        non_repeaters=0, tolerate_non_increasing=False, include_root=False, exclude_root=False, print_count=False
    )
    parser.add_argument(
        "oids",
        metavar="OID",
        nargs="*",
        default=None,
        type=checked(parse_oid),
        help=f"the subtrees (default: mib-2, {MIB_2})",
    )
    _finish_with(parser, _finish_walk)


def _add_table(parser: argparse.ArgumentParser) -> None:
    _add_max_repetitions(parser)
    parser.add_argument("--columns", metavar="N,N,...", type=columns, help="columns to read (default: all)")
    parser.add_argument(
        "--width",
        metavar="N",
        type=whole_number(1, "a width"),
        help="fold the table to so many characters (default: those of the terminal; no folding in a pipe)",
    )
    _add_application_option(parser, _R, "rN max-repetitions")
    _add_json(parser.add_argument_group("output"))
    parser.set_defaults(style=PLAIN)
    parser.add_argument("oid", metavar="OID", type=checked(parse_name), help="the table: 1.3.6.1.2.1.2.2 is ifTable")
    _finish_with(parser, _finish_request)


def _add_set(parser: argparse.ArgumentParser) -> None:
    _add_application_option(parser, {"q": ("quiet", False)}, "q do not print the answer")
    parser.set_defaults(quiet=False)
    parser.add_argument(
        "words", metavar="OID TYPE VALUE", nargs="+", help="put -- before HOST when a value begins with a minus"
    )
    _finish_with(parser, _finish_set)


def _add_trap(parser: argparse.ArgumentParser) -> None:
    add_trap_words(parser)
    _add_application_option(parser, {"i": ("is_inform", False)}, "i send an inform instead")
    _finish_with(parser, _finish_notification)


def _add_inform(parser: argparse.ArgumentParser) -> None:
    add_inform_words(parser)
    _finish_with(parser, _finish_notification)


def _add_discover(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("who asks", "Nobody has to: every agent of SNMPv3 tells who it is.")
    group.add_argument("-v", dest="snmp_version", metavar="3", type=version, help="SNMP version; only 3 has engines")
    add_key_options(group)
    parser.add_argument_group("output").add_argument("--json", action="store_true", help="a JSON object on one line")
    _finish_with(parser, _finish_discover)


def _add_agent(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE.snmprec", nargs="?", help="the recording (default: that of a switch)")
    parser.add_argument(
        "--listen",
        "--host",
        metavar="ADDRESS",
        type=checked(parse_address),
        default=Address("127.0.0.1"),
        help="ADDRESS or ADDRESS:PORT to listen on (default 127.0.0.1: this machine only)",
    )
    parser.add_argument(
        "--port",
        metavar="PORT",
        type=whole_number(0, "a port"),
        help=f"TCP port to listen on (default {DEFAULT_AGENT_PORT}; {DEFAULT_AGENT_TLS_PORT} with TLS); "
        "0 for a free one",
    )
    parser.add_argument(
        "-c",
        "--community",
        metavar="COMMUNITY",
        help=f"who may read (default: the environment variable {COMMUNITY_VARIABLE}, or else public; "
        "nobody where --tsm-name is given)",
    )
    add_key_options(parser.add_argument_group("who else may read, in SNMPv3"))
    add_server_tls_options(parser)
    parser.add_argument(
        "--tsm-name",
        dest="tsm_names",
        metavar="NAME",
        action="append",
        help="a security name that may read, in SNMPv3 over TLS; --tls-map makes them; can be repeated",
    )
    _finish_with(parser, _finish_agent)


def _add_explain(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--show-secrets", action="store_true", help="show communities, too (never passwords or keys)")
    add_key_options(parser.add_argument_group("whose packets of SNMPv3 to decrypt, and whose digests to check"))
    parser.add_argument(
        "words",
        metavar="HEX",
        nargs="*",
        default=None,
        help="octets; blanks, line ends, colons and 0x are skipped (default: stdin)",
    )
    _finish_with(parser, finish_optional_user)


# ------------------------------------------------------------------- what argparse cannot check itself


def _finish_with(
    parser: argparse.ArgumentParser, finish: Callable[[argparse.ArgumentParser, argparse.Namespace], None]
) -> None:
    """Let a command's arguments be checked together, and completed, once all of them are known."""
    parser.set_defaults(finish=functools.partial(finish, parser))


def _finish_request(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Complete the address, and find out who asks."""
    _finish_address(parser, arguments)
    finish_credentials(parser, arguments)
    arguments.engine = finish_engine(parser, arguments) if arguments.snmp_version == "3" else None


def _finish_address(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Complete the address, find out whether TLS is spoken there, and which way leads there."""
    address: Address = arguments.agent
    if address.port is not None and arguments.port not in {None, address.port}:
        parser.error(f"two ports: {address.port} and {arguments.port}")
    arguments.uses_tls = finish_client_tls(parser, arguments)
    port = address.port or arguments.port or arguments.ports[arguments.uses_tls]
    arguments.agent = Address(address.host, port)
    if arguments.proxy is None:
        try:
            arguments.proxy = _proxy(os.environ.get(PROXY_VARIABLE, ""))
        except ConfigurationError as error:
            parser.error(f"the environment's {PROXY_VARIABLE}: {error}")


def _finish_getbulk(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    if arguments.snmp_version == "1":
        parser.error("SNMPv1 has no GETBULK: -v 2c")
    if arguments.non_repeaters > len(arguments.oids):
        parser.error(f"{arguments.non_repeaters} non-repeaters, and only {len(arguments.oids)} names")
    _finish_request(parser, arguments)


def _finish_walk(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    if arguments.non_repeaters:
        parser.error("-Cn has no meaning in a walk, where every name is asked for again")
    arguments.oids = arguments.oids or [MIB_2]
    _finish_request(parser, arguments)


def _finish_set(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    try:
        arguments.varbinds = parse_assignments(arguments.words)
    except ConfigurationError as error:
        parser.error(str(error))
    _finish_request(parser, arguments)


def _finish_notification(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Complete the address, find out who notifies, and read what of."""
    _finish_request(parser, arguments)
    if arguments.is_inform and arguments.snmp_version == "1":
        parser.error("SNMPv1 has no informs: -v 2c")
    if arguments.engine_file is not None and (arguments.is_inform or arguments.snmp_version != "3"):
        parser.error("--engine-file is for traps of SNMPv3")
    if arguments.engine_file is not None and arguments.boots_time is not None:
        parser.error("--engine-file keeps the boots that -Z gives: one of them")
    try:
        arguments.trap = read_trap_words(arguments.words, arguments.snmp_version)
    except ConfigurationError as error:
        parser.error(str(error))


def _finish_discover(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    if arguments.snmp_version not in {None, "3"}:
        parser.error("only SNMPv3 has engines")
    _finish_address(parser, arguments)
    arguments.engine = arguments.tsm = None
    finish_optional_user(parser, arguments)
    if arguments.uses_tls and arguments.usm_user is None:
        arguments.tsm = Tsm()


def _finish_agent(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    arguments.uses_tls = finish_server_tls(parser, arguments, [arguments.listen])
    if arguments.tsm_names and not arguments.tls_maps:
        parser.error("--tsm-name is whose certificate's? --tls-map WHOSE=HOW")
    if arguments.tls_maps and not arguments.tsm_names:
        parser.error("--tls-map makes security names, and none of them may read: --tsm-name NAME")
    if arguments.port is None:
        arguments.port = arguments.listen.port or (DEFAULT_AGENT_TLS_PORT if arguments.uses_tls else DEFAULT_AGENT_PORT)
    elif arguments.port > 0xFFFF:
        parser.error(f"a port is a number from 0 to 65535, not {arguments.port}")
    elif arguments.listen.port not in {None, arguments.port}:
        parser.error(f"two ports: {arguments.listen.port} and {arguments.port}")
    if arguments.community is not None or not arguments.tsm_names:
        finish_community(arguments)
    finish_optional_user(parser, arguments)
