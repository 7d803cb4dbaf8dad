"""The OTLP sink: a fleet's samples at a collector, arguments, and failures."""

from __future__ import annotations

import asyncio
import re
import ssl
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from snmptcp import Community, ConfigurationError, Counter64, Integer32
from snmptcp.fleet import Fleet, Get, Table, Target
from snmptcp.fleet.sinks import OtlpSink
from tests.support.certificates import certificates
from tests.support.clock import skip, until
from tests.support.collector import Collector, attributes_of, number_of
from tests.support.mibs import IF_TABLE
from tests.support.polls import make_poll, make_sample

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from snmptcp.fleet.jobs import Job
    from snmptcp.mib import Mib
    from snmptcp.testing import Agent

pytestmark = pytest.mark.anyio

C = certificates()


@pytest.fixture
async def collector(anyio_backend: object) -> AsyncIterator[Collector]:
    async with Collector() as collector:
        yield collector


async def test_a_fleet_sends_what_it_reads_with_names_and_units(
    collector: Collector, agent: Agent, acme_mib: Mib
) -> None:
    agent.mib[acme_mib.oid("acmeHeat.0")] = Integer32(215)
    target = Target(agent.host, agent.port, credentials=Community("public"), name="core", labels={"site": "Lyon"})
    jobs: list[Job] = [
        Table("ifTable", "ifInOctets", "ifDescr", interval=60.0),
        Get("sysUpTime.0", "acmeHeat.0", interval=60.0),
    ]
    sink = OtlpSink(collector.url, mib=acme_mib, timeout=20.0)
    async with Fleet([target], jobs=jobs, sinks=[sink], mib=acme_mib, first_within=0.0) as fleet:
        await until(lambda: fleet.health().polls == 2)
    found = {}
    for request in collector.requests:
        for metric in request.resource_metrics[0].scope_metrics[0].metrics:
            found[metric.name] = metric
    octets = found["ifInOctets"]
    assert (octets.unit, octets.sum.is_monotonic) == ("", True), "IF-MIB has no UNITS for it"
    assert found["acmeHeat"].unit == "Cel"
    rows = {attributes_of(point)["index"]: attributes_of(point) for point in octets.sum.data_points}
    assert rows["1"] == {"target": "core", "site": "Lyon", "index": "1"}
    assert found["sysUpTime"].unit == "cs"
    (descr, *_) = found["ifDescr"].gauge.data_points
    assert attributes_of(descr)["ifDescr"] == str(agent.mib[f"{IF_TABLE}.1.2.1"])
    assert {number_of(point) for point in found["snmp.up"].gauge.data_points} == {1}


async def test_a_batch_that_the_collector_does_not_take_comes_again(collector: Collector, agent: Agent) -> None:
    collector.answers += [web.Response(status=503), web.Response(status=503)]
    target = Target(agent.host, agent.port, credentials=Community("public"))
    sink = OtlpSink(collector.url, timeout=20.0)
    job = Get("1.3.6.1.2.1.1.3.0", interval=3600.0)
    async with Fleet([target], jobs=[job], sinks=[sink], first_within=0.0) as fleet:
        for failures in (1, 2):
            await until(lambda failures=failures: fleet.health().sinks[0].failures == failures)  # type: ignore[misc]
            assert "answered 503 Service Unavailable" in str(fleet.health().sinks[0].error)
            skip(60.0)
        await until(lambda: fleet.health().sinks[0].written == 1)
        assert fleet.health().sinks[0].error is None
    (point,) = collector.metrics["snmp.gauge"].gauge.data_points
    assert attributes_of(point)["oid"] == "1.3.6.1.2.1.1.3.0"
    assert len(collector.requests) == 1


async def test_a_collector_that_hangs_holds_up_neither_polls_nor_the_end_of_the_fleet(
    collector: Collector, agent: Agent
) -> None:
    collector.hangs = True
    target = Target(agent.host, agent.port, credentials=Community("public"))
    sink = OtlpSink(collector.url, timeout=1.0)
    job = Get("1.3.6.1.2.1.1.3.0", interval=10.0)
    async with Fleet([target], jobs=[job], sinks=[sink], first_within=0.0, grace=0.01) as fleet:
        await collector.asked.wait()
        for polls in (2, 3):
            skip(10.0)
            await until(lambda polls=polls: fleet.health().polls >= polls)  # type: ignore[misc]
    assert fleet.health().sinks[0].written == 0
    assert fleet.health().sinks[0].dropped >= 3


async def test_what_was_sent_before_a_failure_is_sent_again_unchanged(collector: Collector) -> None:
    sink = OtlpSink(collector.url, timeout=20.0)
    await sink.open()
    collector.answers.append(web.Response(status=503))
    polls = [make_poll(make_sample(Counter64(7)))]
    with pytest.raises(ConnectionError):
        await sink.write(polls)
    await sink.write(polls)
    (point,) = collector.metrics["ifHCInOctets"].sum.data_points
    assert (number_of(point), point.start_time_unix_nano) == (7, point.time_unix_nano)
    assert sink.refused == 0
    await sink.aclose()


async def test_without_an_endpoint_that_of_the_environment_is_used(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url.removesuffix("/v1/metrics"))
    sink = OtlpSink()
    await sink.open()
    await sink.write([make_poll()])
    assert set(collector.metrics) == {"snmp.up", "snmp.poll.duration"}
    await sink.aclose()


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"endpoint": "collector:4318"}, "endpoint is a URL such as http://collector:4318/v1/metrics"),
        ({"endpoint": "http://"}, "endpoint is a URL"),
        ({"endpoint": "http://a:x/"}, "endpoint is a URL"),
        ({"endpoint": 5}, "endpoint must be text (str), or None, not int"),
        ({"timeout": 0}, "timeout is a number of seconds above 0, not 0"),
        ({"compression": "brotli"}, "compression is one of none, gzip, deflate, not 'brotli'"),
        ({"headers": [("a", 1)]}, "headers must be a mapping of names to text, or None, not list"),
        ({"resource": 5}, "resource must be a mapping of names to text, or None, not int"),
        ({"client_key_file": "/nonexistent"}, "a client_key_file needs a client_certificate_file"),
        ({"certificate_file": "/nonexistent"}, "the certificate_file /nonexistent does not exist or cannot be read"),
    ],
)
def test_wrong_arguments_are_refused(given: dict[str, Any], text: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        OtlpSink(**given)
    assert text in str(refused.value)


def test_a_password_in_a_url_that_is_none_is_not_shown() -> None:
    with pytest.raises(ConfigurationError) as refused:
        OtlpSink("ftp://user:secret@collector/")
    assert "secret" not in str(refused.value)


async def test_a_collector_with_tls_is_verified_and_sees_our_certificate(
    anyio_backend: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    C.write(tmp_path)
    others = tmp_path / "others.pem"
    others.write_text(C.self_signed_and_expired.pem)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(others))  # requests prefers it to what a session has
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=tmp_path / "ca.pem")
    tls.load_cert_chain(tmp_path / "server.pem", tmp_path / "server.key")
    tls.verify_mode = ssl.CERT_REQUIRED
    async with Collector(tls) as collector:
        mine: dict[str, Any] = {
            "client_certificate_file": tmp_path / "client.pem",
            "client_key_file": tmp_path / "client.key",
        }
        sink = OtlpSink(collector.url, certificate_file=tmp_path / "ca.pem", timeout=20.0, **mine)
        await sink.write([make_poll()])
        assert set(collector.metrics) == {"snmp.up", "snmp.poll.duration"}
        await sink.aclose()
        stranger = OtlpSink(collector.url, timeout=20.0)
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)  # the server's handshake fails, too
        with pytest.raises(ConnectionError, match="cannot be reached: .*certificate verify failed"):
            await stranger.write([make_poll()])
        await stranger.aclose()


def test_the_sinks_on_the_page_about_fleets_can_be_made() -> None:
    page = (Path(__file__).parents[3] / "docs" / "fleets.md").read_text(encoding="utf-8")
    (block,) = re.findall(
        r"^```python\n(.*?)^```$", page[page.index("### OTLP") : page.index("### A sink")], re.DOTALL | re.MULTILINE
    )
    names: dict[str, Any] = {}
    exec(compile(block, "fleets.md", "exec"), names)
    assert [type(names[name]) for name in ("to_this_machine", "to_a_collector")] == [OtlpSink] * 2


def test_without_the_exporter_the_error_says_what_to_install() -> None:
    code = """if True:
        import sys
        sys.modules["opentelemetry"] = None
        import snmptcp, snmptcp.fleet.sinks
        try:
            snmptcp.fleet.sinks.OtlpSink()
        except snmptcp.ConfigurationError as error:
            print(error)
    """
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "the OTLP sink needs OpenTelemetry's exporter: pip install 'snmptcp[otlp]'\n"
