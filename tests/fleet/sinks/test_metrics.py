"""Polls as metrics, read back by the parser of Prometheus' own Python library."""

from __future__ import annotations

import struct
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from snmptcp import OID, Community, Counter32, Counter64, Gauge32, Integer32, OctetString, Opaque, TimeTicks
from snmptcp.errors import ConnectFailed
from snmptcp.fleet import Get, Poll, Sample, Target
from snmptcp.fleet.sinks.metrics import LatestMetrics
from snmptcp.mib.values import named_value
from tests.support.polls import IN_OCTETS, NOON, make_poll, make_sample, make_target

if TYPE_CHECKING:
    from snmptcp.values import Value

OF_POLLS = ("snmp_up", "snmp_poll_duration_seconds", "snmp_poll_timestamp_seconds")


def metrics_of(*polls: Poll, texts: bool = True) -> LatestMetrics:
    metrics = LatestMetrics(900.0, texts=texts)
    for poll in polls:
        metrics.take(poll)
    return metrics


def lines_of(metrics: LatestMetrics) -> list[str]:
    """Return the lines of samples, without those of polls."""
    return [line for line in metrics.text().splitlines() if not line.startswith(("#", *OF_POLLS))]


def test_numbers_have_the_name_of_their_object_and_labels_for_target_and_index() -> None:
    polls = [
        make_poll(make_sample(Counter64(2**64 - 1))),
        make_poll(make_sample(Gauge32(5), name="ifSpeed"), target=make_target("switch-2"), job="b"),
    ]
    assert metrics_of(*polls).text() == (
        "# TYPE ifHCInOctets counter\n"
        'ifHCInOctets{target="switch-1",index="3",site="Lyon"} 18446744073709551615\n'
        "# TYPE ifSpeed gauge\n"
        'ifSpeed{target="switch-2",index="3"} 5\n'
        "# HELP snmp_poll_duration_seconds How long the last poll of a job took.\n"
        "# TYPE snmp_poll_duration_seconds gauge\n"
        'snmp_poll_duration_seconds{target="switch-1",snmp_job="interfaces",site="Lyon"} 0.5\n'
        'snmp_poll_duration_seconds{target="switch-2",snmp_job="b"} 0.5\n'
        "# HELP snmp_poll_timestamp_seconds When the last poll of a job ended, in seconds since 1970.\n"
        "# TYPE snmp_poll_timestamp_seconds gauge\n"
        'snmp_poll_timestamp_seconds{target="switch-1",snmp_job="interfaces",site="Lyon"} 1795953600.0\n'
        'snmp_poll_timestamp_seconds{target="switch-2",snmp_job="b"} 1795953600.0\n'
        "# HELP snmp_up Whether the last poll of a job succeeded.\n"
        "# TYPE snmp_up gauge\n"
        'snmp_up{target="switch-1",snmp_job="interfaces",site="Lyon"} 1\n'
        'snmp_up{target="switch-2",snmp_job="b"} 1\n'
    )


@pytest.mark.parametrize(
    ("value", "line"),
    [
        (Integer32(-5), 'x{target="switch-1",index="3",site="Lyon"} -5'),
        (named_value(None, Integer32(2), "down"), 'x{target="switch-1",index="3",site="Lyon"} 2'),
        (TimeTicks(4711), 'x{target="switch-1",index="3",site="Lyon"} 4711'),
        (Opaque(b"\x9f\x78\x04" + struct.pack(">f", 0.5)), 'x{target="switch-1",index="3",site="Lyon"} 0.5'),
        (
            Opaque(b"\x9f\x78\x04" + struct.pack(">f", float("nan"))),
            'x{target="switch-1",index="3",site="Lyon"} NaN',
        ),
        (OctetString('a "b"\n\\'), r'x{target="switch-1",index="3",site="Lyon",x="a \"b\"\n\\"} 1'),
        (OctetString(b"\0\xff"), 'x{target="switch-1",index="3",site="Lyon",x="0x00ff"} 1'),
    ],
)
def test_every_value_has_a_line_that_prometheus_reads(value: Any, line: str) -> None:
    assert lines_of(metrics_of(make_poll(make_sample(value, name="x")))) == [line]


def test_values_that_are_no_numbers_can_be_left_out() -> None:
    polls = make_poll(make_sample(OctetString("a"), name="x"), make_sample(Integer32(1), name="y"))
    assert [line.split("{")[0] for line in lines_of(metrics_of(polls, texts=False))] == ["y"]


def test_without_names_there_are_three_metrics_with_the_oid_as_a_label() -> None:
    values: list[Value] = [Counter32(1), Integer32(2), OctetString("a")]
    samples = [
        make_sample(value, row, name=str(IN_OCTETS + row), target=make_target()) for row, value in enumerate(values, 1)
    ]
    bare = [Sample(s.target, s.job, s.oid, s.name, "", s.value, NOON, NOON) for s in samples]
    assert lines_of(metrics_of(make_poll(*bare, target=make_target()))) == [
        f'snmp_counter{{target="switch-1",oid="{IN_OCTETS}.1"}} 1',
        f'snmp_gauge{{target="switch-1",oid="{IN_OCTETS}.2"}} 2',
        f'snmp_text{{target="switch-1",oid="{IN_OCTETS}.3",text="a"}} 1',
    ]


def test_what_the_last_poll_of_a_job_did_not_read_is_gone() -> None:
    metrics = metrics_of(make_poll(Counter64(1), Counter64(2)), make_poll(Counter64(5), job="other"))
    assert len(lines_of(metrics)) == 2  # both jobs have read row 1
    metrics.take(make_poll(Counter64(3), at=NOON + 60, error=ConnectFailed("refused")))
    assert lines_of(metrics) == ['ifHCInOctets{target="switch-1",index="1",site="Lyon"} 3']
    assert 'snmp_up{target="switch-1",snmp_job="interfaces",site="Lyon"} 0' in metrics.text()
    metrics.take(make_poll(at=NOON + 120, error=ConnectFailed("refused")))
    assert lines_of(metrics) == ['ifHCInOctets{target="switch-1",index="1",site="Lyon"} 5']


def twice(every: float, **options: Any) -> list[Poll]:
    """Return two polls, the last of which ends at noon or at another time."""
    at = options.pop("at", NOON)
    return [make_poll(Counter64(1), at=at - every, **options), make_poll(Counter64(1), at=at, **options)]


def test_a_target_that_is_polled_no_more_disappears() -> None:
    other = make_target("switch-2")
    metrics = metrics_of(*twice(60), *twice(60, target=other, at=NOON + 500))
    assert not metrics.drop_stale(NOON + 900)
    assert metrics.drop_stale(NOON + 901)
    assert "switch-1" not in metrics.text()
    assert "switch-2" in metrics.text()
    assert metrics.drop_stale(NOON + 1401)
    assert metrics.text() == ""


def test_jobs_that_run_seldom_stay_for_longer() -> None:
    told = Target("192.0.2.9", credentials=Community("public"), jobs=[Get("1.3.6", name="b", interval=7200)])
    metrics = metrics_of(*twice(3600, job="a"), make_poll(Counter64(1), job="b", target=told), make_poll(job="once"))
    for name, seconds in (("a", 4 * 3600), ("b", 4 * 7200), ("once", 86400)):
        assert not metrics.drop_stale(NOON + seconds)
        assert f'snmp_job="{name}"' in metrics.text()
        assert metrics.drop_stale(NOON + seconds + 1)
        assert f'snmp_job="{name}"' not in metrics.text()


def test_a_target_whose_failures_make_ever_longer_pauses_stays() -> None:
    failures = [make_poll(at=NOON + seconds, error=ConnectFailed("refused")) for seconds in (0, 60, 600, 3000)]
    metrics = metrics_of(*failures)
    assert not metrics.drop_stale(NOON + 3000 + 4 * 2400)
    assert 'snmp_up{target="switch-1",snmp_job="interfaces",site="Lyon"} 0' in metrics.text()


def test_labels_follow_their_target_and_give_way_to_our_own() -> None:
    metrics = metrics_of(make_poll(Counter64(1)))
    metrics.take(make_poll(Counter64(1), target=make_target(labels={"index": "a", "my site": "b", "__name__": "c"})))
    assert lines_of(metrics) == [
        'ifHCInOctets{target="switch-1",index="1",_name__="c",exported_index="a",my_site="b"} 1'
    ]
    site = make_poll(make_sample(OctetString("x"), name="site"))
    assert lines_of(metrics_of(site)) == ['site{target="switch-1",index="3",site="Lyon",site_text="x"} 1']


def test_a_metric_that_is_a_counter_here_and_a_gauge_there_has_no_type() -> None:
    other = make_target("switch-2")
    same = make_poll(make_sample(Counter32(1), name="x"), make_sample(Gauge32(1), 4, name="x"))
    apart = [
        make_poll(make_sample(Counter32(1), name="x")),
        make_poll(make_sample(Gauge32(1), name="x"), target=other),
    ]
    for metrics in (metrics_of(same), metrics_of(*apart)):
        assert "# TYPE x untyped\n" in metrics.text()


values = st.one_of(
    st.integers(0, 2**64 - 1).map(Counter64),
    st.binary(max_size=8).map(OctetString),
    st.binary(max_size=8).map(Opaque),
    st.just(OID("1.3.6")),
    st.text(max_size=5).map(lambda text: named_value(None, OctetString(b"\xff"), text)),
)


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.text(max_size=4), values), max_size=4),
    st.dictionaries(st.text(max_size=4), st.text(max_size=4), max_size=3),
    st.text(min_size=1, max_size=4),
)
def test_whatever_an_agent_answers_makes_a_page_that_prometheus_reads(
    answers: list[tuple[str, Any]], labels: dict[str, str], name: str
) -> None:
    target = make_target(name, labels)
    samples = [make_sample(value, row, name=text, target=target) for row, (text, value) in enumerate(answers)]
    text = metrics_of(make_poll(*samples, target=target)).text()
    text.encode()
    found = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    series = Counter((sample.name, tuple(sorted(sample.labels.items()))) for sample in found)
    assert len(found) == len(answers) + len(OF_POLLS)
    assert set(series.values()) == {1}
