"""The exporter itself: its configuration, its managers, and scrapes.

Contains: one scrape from its parameters to its text.  Does not contain: HTTP (:mod:`snmptcp.exporter.web`).
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from snmptcp.arguments import check_arguments, instance_of
from snmptcp.errors import ClosedError, ConfigurationError, ConnectFailed, LimitExceeded, SnmpError
from snmptcp.exporter.asking import Answers, ask
from snmptcp.exporter.auths import credentials_of, tls_of
from snmptcp.exporter.families import Families, one_label
from snmptcp.exporter.loading import load_config, several_files
from snmptcp.exporter.options import Options, Scrape
from snmptcp.exporter.own import OwnMetrics
from snmptcp.exporter.pool import Peer, Pool
from snmptcp.exporter.samples import Conversion, MetricTree
from snmptcp.exporter.target import parse_target
from snmptcp.exporter.traffic import Traffic, TrafficObserver, counted_in
from snmptcp.manager.manager import Manager
from snmptcp.net.limited_log import LimitedLog
from snmptcp.printable import printable, quoted
from snmptcp.security.remote_engine import KnownEngines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from snmptcp.exporter.config import Config, Module
    from snmptcp.net.tls.options import Tls

__all__ = ("BadScrape", "Exporter", "ScrapeFailed")

logger = logging.getLogger("snmptcp.exporter")

#: From so many samples on, their text is made in another thread: a million take more than a second.
_MANY = 20_000


class BadScrape(ConfigurationError):
    """The parameters of a scrape are wrong; nothing was sent."""


class ScrapeFailed(SnmpError):
    """An agent could not be scraped, by none of the modules."""


class _Outcome:
    """What has come of the modules of one scrape so far.

    Args:
        scrape: its parameters.
        until: when it must be done, by the event loop's clock; ``None`` for any time.

    Attributes:
        families: the metrics of the modules that are done.
        failures: the modules that have failed, and why.
        reason: why the first one has failed, in one word.
        unreachable: whether the agent cannot be connected to, so that other modules need not be tried.
    """

    def __init__(self, scrape: Scrape, until: float | None) -> None:
        self.scrape = scrape
        self.until = until
        self.families: list[Families] = []
        self.failures: list[str] = []
        self.reason = ""
        self.unreachable = False

    def fail(self, module: Module, text: str, reason: str, *, unreachable: bool = False) -> None:
        """Add a failure; ``unreachable`` if there is no connection."""
        self.unreachable = self.unreachable or unreachable
        self.failures.append(f"module {module.name}: {printable(text, None)}")
        self.reason = self.reason or reason

    def merged(self) -> Families:
        """Return the metrics of all modules.

        Raises:
            LimitExceeded: they are too much together.
        """
        first, *others = self.families
        for each in others:
            first.merge(each)
        return first


class Exporter:
    """Scrapes agents as snmp_exporter does, over TCP and TLS.

    It belongs to one event loop.  Use it as an async context manager, or call :meth:`aclose` when done.

    Args:
        files: the names of the files with the configuration (``snmp.yml``); wildcards stand for several.
        options: how it works.

    Attributes:
        config: the present configuration.
        own: the exporter's own metrics.

    Raises:
        ConfigurationError: a file cannot be read, or has what is wrong.
    """

    def __init__(self, files: str | Path | Iterable[str | Path], options: Options = Options()) -> None:  # noqa: B008 - frozen
        check_arguments({"options": instance_of("Options", Options)}, {"options": options})
        self.files = several_files(files)
        self.options = options
        self.own = OwnMetrics()
        self.config = self._load()
        self._trees: dict[str, tuple[Module, MetricTree]] = {}
        self._log = LimitedLog(logger, "scrapes failed")
        self._engines = KnownEngines()
        self._observer = TrafficObserver(self.own.count_request)
        self._pool = Pool(self._make_manager, idle_time=options.idle_time, most_idle=options.most_idle)
        self._room = asyncio.Semaphore(options.max_scrapes)
        self._closed = False
        self._accept(self.config)

    def _load(self) -> Config:
        return load_config(self.files, expand_environment=self.options.expand_environment)

    def _accept(self, config: Config) -> None:
        self.config = config
        self._trees = {}
        self.own.know_modules(config.modules)
        self.own.accept_configuration()

    async def reload(self) -> None:
        """Read the configuration again.  Connections are kept if their auth is the same as before.

        Safe to cancel.

        Raises:
            ConfigurationError: it cannot be read or has what is wrong; the old one stays in force.
        """
        try:
            config = await asyncio.to_thread(self._load)
        except ConfigurationError:
            self.own.reload_ok = False
            raise
        self._accept(config)

    async def aclose(self) -> None:
        """Close all connections; scrapes that are under way close theirs when they end.  May be called twice."""
        self._closed = True
        self._log.close()
        await self._pool.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    def metrics(self) -> str:
        """Return the exporter's own metrics, in Prometheus' text format."""
        return self.own.render(len(self._pool))

    # --------------------------------------------------------------------------------------- scrapes

    async def scrape(self, scrape: Scrape) -> str:
        """Scrape an agent, and return its metrics in Prometheus' text format.

        A module that fails is missing from the text, as with snmp_exporter.

        Args:
            scrape: the agent, and how.

        Raises:
            BadScrape: a parameter is wrong, or names a module or an auth that does not exist.
            ScrapeFailed: all modules have failed.
            ClosedError: the exporter is closed.

        Safe to cancel: its requests are abandoned.
        """
        check_arguments({"scrape": instance_of("a Scrape", Scrape)}, {"scrape": scrape})
        if self._closed:
            raise ClosedError("the exporter is closed")
        peer, modules = self._checked(scrape)
        until = None if scrape.timeout is None else asyncio.get_running_loop().time() + scrape.timeout
        outcome = _Outcome(scrape, until)
        at_once = asyncio.Semaphore(self.options.module_concurrency)
        try:
            async with asyncio.timeout_at(until):
                await self._room.acquire()
        except TimeoutError:
            raise ScrapeFailed(
                f"{scrape.target}: {self.options.max_scrapes} other scrapes are under way (--snmp.max-scrapes)"
            ) from None
        try:
            async with asyncio.TaskGroup() as group:
                for module in modules:
                    group.create_task(self._attempt(peer, module, outcome, at_once))
        finally:
            self._room.release()
        if outcome.failures:
            self._log.tell(
                f"scraping {printable(scrape.target)} failed: {'; '.join(outcome.failures)}",
                reason=outcome.reason,
                host=printable(scrape.target),
            )
        if len(outcome.failures) == len(modules):
            raise ScrapeFailed("\n".join(outcome.failures))
        try:
            families = outcome.merged()
        except LimitExceeded as error:
            raise ScrapeFailed(f"{peer.target}: {error}") from None
        self.own.duplicates += families.dropped
        return await asyncio.to_thread(families.render) if len(families) > _MANY else families.render()

    def _checked(self, scrape: Scrape) -> tuple[Peer, Sequence[Module]]:
        """Return what the parameters mean."""
        auth = self.config.auths.get(scrape.auth)
        if auth is None:
            raise BadScrape(f"Unknown auth '{printable(scrape.auth)}'")
        modules = []
        for name in dict.fromkeys(scrape.modules):
            module = self.config.modules.get(name)
            if module is None:
                raise BadScrape(f"Unknown module '{printable(name)}'")
            modules.append(module)
        if not modules:
            raise BadScrape("'module' parameter must contain at least one module name")
        try:
            target = parse_target(scrape.target, tls=auth.tls is not None or auth.security_model == "tsm")
            engine_id = bytes.fromhex(scrape.engine_id.removeprefix("0x")) if scrape.engine_id else None
            peer = Peer(target, auth, scrape.context, engine_id)
            credentials_of(auth, scrape.context, engine_id)
        except ConfigurationError as error:
            raise BadScrape(str(error)) from None
        except ValueError:
            raise BadScrape(f"'snmp_engineid' must be hex digits, not {quoted(scrape.engine_id)}") from None
        return peer, modules

    async def _attempt(self, peer: Peer, module: Module, outcome: _Outcome, at_once: asyncio.Semaphore) -> None:
        """Scrape a module; a failure becomes a part of the outcome."""
        async with at_once:
            if outcome.unreachable:
                outcome.fail(module, "not tried: there is no connection", "no connection")
                return
            try:
                async with asyncio.timeout_at(outcome.until):
                    families = await self._scrape_module(peer._replace(retries=module.retries), module)
                outcome.families.append(families)
            except SnmpError as error:
                outcome.fail(module, str(error), type(error).__name__, unreachable=isinstance(error, ConnectFailed))
            except TimeoutError:
                limit = f"{outcome.scrape.timeout:g} s"
                outcome.fail(module, f"{peer.target}: not done after {limit}, as long as Prometheus waits", "too slow")

    async def _scrape_module(self, peer: Peer, module: Module) -> Families:
        """Read a module, and return its samples."""
        loop = asyncio.get_running_loop()
        traffic, started, failed = Traffic(), loop.time(), True
        counted_in(traffic)
        self.own.in_flight += 1
        answers = Answers(max_variables=self.options.max_variables, max_octets=self.options.max_octets)
        try:
            async with self._pool.manager(peer) as manager:
                await ask(manager, module, answers)
            walked = loop.time()
            families = await self._convert(module, answers)
            failed = False
        finally:
            self.own.in_flight -= 1
            self.own.count_scrape(module.name, loop.time() - started, failed=failed)
        label = one_label("module", module.name)
        for name, text, number in (
            ("walk_duration_seconds", "Time SNMP walk/bulkwalk took.", walked - started),
            ("packets_sent", "Packets sent for get, bulkget, and walk; including retries.", traffic.packets),
            ("packets_retried", "Packets retried for get, bulkget, and walk.", traffic.retries),
            ("pdus_returned", "PDUs returned from get, bulkget, and walk.", answers.count),
            ("duration_seconds", "Total SNMP time scrape took (walk and processing).", loop.time() - started),
        ):
            families.add(f"snmp_scrape_{name}", text, "gauge", label, number)
        return families

    async def _convert(self, module: Module, answers: Answers) -> Families:
        known = self._trees.get(module.name)
        if known is None or known[0] is not module:  # read again meanwhile
            known = self._trees[module.name] = (module, MetricTree(module.metrics))
        conversion = Conversion(
            answers.variables, wrap=self.options.wrap_large_counters, on_unexpected=self.own.count_unexpected
        )
        families = Families()
        for _ in conversion.add_to(families, known[1]):
            await asyncio.sleep(0)
        return families

    def _make_manager(self, peer: Peer) -> Manager:
        """Return the manager of a peer."""
        target, auth = peer.target, peer.auth
        tls: Tls = False
        if target.tls:
            tls = self.options.tls if auth.tls is None else tls_of(auth.tls)
        credentials = credentials_of(auth, peer.context, peer.engine_id)
        return Manager(
            target.host,
            target.port,
            credentials=credentials,
            tls=tls,
            retries=peer.retries,
            local_address=self.options.local_address,
            proxy=self.options.proxy,
            engines=self._engines if auth.version == 3 else None,
            observer=self._observer,
        )
