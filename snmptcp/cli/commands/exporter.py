"""``snmptcp exporter``: serves agents' variables to Prometheus, and generates what it reads.

Contains: the arguments, the server's addresses and signals.  Does not contain: what is served
(:mod:`snmptcp.exporter`), generating (:mod:`snmptcp.cli.generating`).

Options are snmp_exporter's wherever it has them, so that its service files work.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import functools
import logging
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snmptcp.cli.configuration.conf import TlsConf
from snmptcp.cli.generating import (
    GenerateCommand,
    add_generate_arguments,
    generate_configuration,
    read_generate_arguments,
)
from snmptcp.cli.options.addresses import Address, parse_listen_address
from snmptcp.cli.options.tls import add_client_tls_options, read_client_tls, tls_options
from snmptcp.cli.options.words import checked, seconds, whole_number
from snmptcp.cli.output.report import report
from snmptcp.cli.stopping import hangups, stop_signals
from snmptcp.errors import ConfigurationError, TransportError
from snmptcp.net.server import listen_failure
from snmptcp.printable import quoted

if TYPE_CHECKING:
    import argparse

    from aiohttp import web

    from snmptcp.cli.options.tls_words import TlsWords
    from snmptcp.exporter import Exporter, Options

__all__ = ("ServeCommand", "add_arguments", "read_arguments", "run")

#: Where Prometheus' exporters of SNMP listen.
DEFAULT_PORT = 9116

#: snmp_exporter's names for levels.
_LOG_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warn": logging.WARNING, "error": logging.ERROR}

#: How long requests that are under way may take after SIGTERM, in seconds.
_GRACE = 0.3


@dataclass(frozen=True, slots=True)
class ServeCommand:
    """The arguments of the server.

    Attributes:
        files: the files with the configuration.
        addresses: hosts and ports to listen on.
        telemetry_path: the path of its own metrics.
        timeout_offset: how long before the end of Prometheus' patience a scrape ends, in seconds.
        options: how it works, apart from TLS.
        tls: TLS for targets with ``tls://``.
        dry_run: whether to read the configuration only.
        log_level: from which level on the log is shown.
    """

    files: tuple[str, ...]
    addresses: tuple[tuple[str, int], ...]
    telemetry_path: str
    timeout_offset: float
    options: Options
    tls: TlsWords | None
    dry_run: bool
    log_level: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.usage = (
        "snmptcp exporter [OPTIONS]\n"
        "       snmptcp exporter generate [OPTIONS] GENERATOR.YML\n"
        "       snmptcp exporter generate [OPTIONS] NAME..."
    )
    parser.add_argument(
        "words",
        metavar="generate",
        nargs="*",
        help="generate GENERATOR.YML or generate NAME...: write an snmp.yml from the definitions of MIB objects",
    )
    parser.add_argument(
        "--config.file",
        dest="files",
        metavar="FILE",
        action="append",
        help="the configuration, in the format of snmp_exporter; * ? and [] stand for several files; can be repeated "
        "(default: snmp.yml)",
    )
    parser.add_argument(
        "--config.expand-environment-variables",
        dest="expand",
        action="store_true",
        help="$NAME and ${NAME} in username, password and priv_password are environment variables",
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="read the configuration, and the certificates it names, say whether all is right, and end",
    )
    parser.add_argument(
        "--log.level",
        dest="log_level",
        metavar="LEVEL",
        choices=_LOG_LEVELS,
        default="warn",
        help="what is told on stderr: debug, info, warn or error (default: warn)",
    )
    group = parser.add_argument_group("HTTP")
    group.add_argument(
        "--web.listen-address",
        dest="addresses",
        metavar="[HOST]:PORT",
        action="append",
        type=checked(parse_listen_address),
        help=f"where to listen; port 0 for a free one; can be repeated (default: :{DEFAULT_PORT}, at all addresses)",
    )
    group.add_argument(
        "--web.telemetry-path",
        dest="telemetry_path",
        metavar="PATH",
        default="/metrics",
        help="the path of the exporter's own metrics (default: /metrics)",
    )
    group.add_argument(
        "--web.timeout-offset",
        dest="timeout_offset",
        metavar="SECONDS",
        type=seconds,
        default=0.5,
        help="how long before the end of Prometheus' scrape_timeout a scrape ends (default 0.5)",
    )
    _add_snmp_options(parser)
    add_generate_arguments(parser)
    add_client_tls_options(parser, "Used for targets with tls://, unless their auth has its own.")


def _add_snmp_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("SNMP")
    group.add_argument(
        "--snmp.module-concurrency",
        dest="module_concurrency",
        metavar="N",
        type=whole_number(1, "module-concurrency"),
        default=1,
        help="how many modules of one scrape are read at once (default 1)",
    )
    group.add_argument(
        "--snmp.wrap-large-counters",
        dest="wrap",
        action="store_true",
        default=True,
        help="wrap 64-bit counters at 2**53, so that no double rounds them (the default)",
    )
    group.add_argument(
        "--no-snmp.wrap-large-counters", dest="wrap", action="store_false", help="give 64-bit counters as they are"
    )
    group.add_argument(
        "--snmp.source-address", dest="source", metavar="ADDRESS", help="the address to connect from (default: any)"
    )
    group.add_argument(
        "--snmp.idle-time",
        dest="idle_time",
        metavar="SECONDS",
        type=seconds,
        default=300.0,
        help="how long the connection to an agent is kept after a scrape (default 300)",
    )
    group.add_argument(
        "--snmp.max-idle",
        dest="most_idle",
        metavar="N",
        type=whole_number(0, "max-idle"),
        default=1000,
        help="to how many agents unused connections are kept (default 1000)",
    )
    group.add_argument(
        "--snmp.max-scrapes",
        dest="max_scrapes",
        metavar="N",
        type=whole_number(1, "max-scrapes"),
        default=1000,
        help="how many scrapes are under way at once; others wait (default 1000)",
    )
    group.add_argument(
        "--snmp.max-variables",
        dest="max_variables",
        metavar="N",
        type=whole_number(1, "max-variables"),
        default=500_000,
        help="how many variables one module may read from one agent (default 500000)",
    )


def read_arguments(arguments: argparse.Namespace) -> ServeCommand | GenerateCommand:
    """Return the parsed arguments; ConfigurationError is wrong usage."""
    words: list[str] = arguments.words or []
    if words[:1] == ["generate"]:
        return read_generate_arguments(arguments, words[1:])
    if words:
        raise ConfigurationError(f"the word behind exporter is generate, or none, not {quoted(words[0])}")
    if arguments.output or arguments.module or arguments.lookups:
        raise ConfigurationError("-o, --module and --lookup are for generate")
    from snmptcp.exporter.options import Options  # noqa: PLC0415 - loads the manager, which other commands do not need

    tls = read_client_tls(arguments, Address("", None, True), TlsConf())  # noqa: FBT003
    if not arguments.telemetry_path.startswith("/"):
        raise ConfigurationError(f"--web.telemetry-path begins with /, not as {quoted(arguments.telemetry_path)}")
    return ServeCommand(
        files=tuple(arguments.files or ("snmp.yml",)),
        addresses=tuple(arguments.addresses or (("", DEFAULT_PORT),)),
        telemetry_path=arguments.telemetry_path,
        timeout_offset=arguments.timeout_offset,
        options=Options(
            expand_environment=arguments.expand,
            module_concurrency=arguments.module_concurrency,
            wrap_large_counters=arguments.wrap,
            idle_time=arguments.idle_time,
            most_idle=arguments.most_idle,
            max_scrapes=arguments.max_scrapes,
            max_variables=arguments.max_variables,
            local_address=arguments.source,
        ),
        tls=tls if tls is not None and tls.given else None,
        dry_run=arguments.dry_run,
        log_level="debug" if arguments.debug else arguments.log_level,
    )


def run(command: ServeCommand | GenerateCommand) -> int:
    """Serve until a signal stops it, or generate; return the exit code."""
    if isinstance(command, GenerateCommand):
        return generate_configuration(command)
    from snmptcp.exporter.auths import RELOAD_INTERVAL, check_tls_files  # noqa: PLC0415 - not for generate
    from snmptcp.exporter.loading import load_config  # noqa: PLC0415 - reads YAML

    tls = tls_options(command.tls)
    if tls:
        from snmptcp.net.tls.session import ClientTls  # noqa: PLC0415 - few have options

        ClientTls(tls, "localhost", warn=False)  # what cannot work is an error now, not at the first scrape
        tls = dataclasses.replace(tls, reload_on_change=RELOAD_INTERVAL)
    if command.dry_run:
        config = load_config(command.files, expand_environment=command.options.expand_environment)
        check_tls_files(config.auths)
        print(f"the configuration is right: {len(config.modules)} modules, {len(config.auths)} auths")
        return 0
    logging.getLogger("snmptcp").setLevel(_LOG_LEVELS[command.log_level])
    asyncio.run(_serve(command, dataclasses.replace(command.options, tls=tls) if tls else command.options))
    return 0


async def _serve(command: ServeCommand, options: Options) -> None:
    from snmptcp.exporter.web import EXPORTER, app, web  # noqa: PLC0415 - needs the extra

    application = app(
        command.files, options, telemetry_path=command.telemetry_path, timeout_offset=command.timeout_offset
    )
    # A scrape ends when Prometheus does not wait any more.
    runner = web.AppRunner(application, handler_cancellation=True, access_log=None, shutdown_timeout=_GRACE)
    reloads: set[asyncio.Task[None]] = set()
    with stop_signals() as stop, hangups(functools.partial(_reload, application[EXPORTER], reloads)):
        await runner.setup()
        try:
            for host, port in command.addresses:
                try:
                    await web.TCPSite(runner, host or None, port).start()
                except OSError as error:
                    raise TransportError(listen_failure(host, port, error)) from None
            config = application[EXPORTER].config
            what = f"{len(config.modules)} modules, {len(config.auths)} auths"
            print(f"serving {what} at {_where(runner)} (Ctrl-C ends it)", file=sys.stderr, flush=True)
            await stop.wait()
        finally:
            for task in reloads:
                task.cancel()
            await runner.cleanup()


def _where(runner: web.AppRunner) -> str:
    """Return where a server listens, as URLs."""
    places = [f"http://{Address(address[0], address[1])}" for address in runner.addresses]
    return ", ".join(dict.fromkeys(places))


def _reload(exporter: Exporter, reloads: set[asyncio.Task[None]]) -> None:
    """Read the configuration again, in a task of its own."""
    task = asyncio.ensure_future(_read_again(exporter))
    reloads.add(task)
    task.add_done_callback(reloads.discard)


async def _read_again(exporter: Exporter) -> None:
    with contextlib.suppress(asyncio.CancelledError):
        try:
            await exporter.reload()
        except ConfigurationError as error:
            report(f"the configuration was not read again, and the old one stays in force: {error}")
        else:
            report("the configuration was read again")
