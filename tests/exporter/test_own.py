"""The exporter's own metrics."""

from __future__ import annotations

import math

from snmptcp.exporter.own import Histogram, OwnMetrics
from tests.support.exporter import samples_of, value


def test_a_histogram_counts_up_to_each_bound() -> None:
    histogram = Histogram((1, 2))
    for number in (0.5, 1, 1.5, 9):
        histogram.observe(number)
    assert histogram.buckets() == {1: 2, 2: 3, math.inf: 4}
    assert histogram.total == 12


def test_all_is_text_that_prometheus_reads() -> None:
    own = OwnMetrics()
    own.know_modules(["if_mib", "system"])
    own.count_request(2, 0.00015)
    own.count_request(1, None)
    own.count_unexpected()
    own.count_scrape("if_mib", 0.02, failed=True)
    own.count_scrape("if_mib", 0.02, failed=False)
    own.count_scrape("gone", 1, failed=False)
    text = own.render(3)
    assert value(text, "snmp_packets_total") == 3
    assert value(text, "snmp_packet_retries_total") == 1
    assert value(text, "snmp_unexpected_pdu_type_total") == 1
    assert value(text, "snmptcp_exporter_agents") == 3
    assert value(text, "snmp_packet_duration_seconds_bucket", le="0.0001") == 0
    assert value(text, "snmp_packet_duration_seconds_bucket", le="0.0002") == 1
    assert value(text, "snmp_packet_duration_seconds_count") == 1
    assert value(text, "snmp_collection_duration_seconds_count", module="if_mib") == 2
    assert value(text, "snmp_collection_duration_seconds_bucket", module="if_mib", le="0.025") == 2
    assert value(text, "snmp_collection_duration_seconds_count", module="system") == 0
    assert value(text, "snmptcp_exporter_scrape_failures_total", module="if_mib") == 1
    assert value(text, "process_start_time_seconds") > 1.7e9
    names = {name for name, _ in samples_of(text)}
    assert {"snmp_request_errors_total", "snmp_request_in_flight", "snmptcp_exporter_build_info"} <= names
    assert not any("gone" in str(labels) for _, labels in samples_of(text))


def test_the_configuration_is_told_when_it_was_read() -> None:
    own = OwnMetrics()
    name = "snmptcp_exporter_config_last_reload_success"
    assert value(own.render(0), f"{name}ful") == 0
    own.accept_configuration()
    assert value(own.render(0), f"{name}ful") == 1
    assert value(own.render(0), f"{name}_timestamp_seconds") > 1.7e9


def test_modules_that_stay_keep_their_counts() -> None:
    own = OwnMetrics()
    own.know_modules(["a", "b"])
    own.count_scrape("a", 1, failed=True)
    own.know_modules(["a", "c"])
    assert value(own.render(0), "snmp_collection_duration_seconds_count", module="a") == 1
    assert own.failures == {"a": 1, "c": 0}
