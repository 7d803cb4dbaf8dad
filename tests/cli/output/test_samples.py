"""Samples as lines of text."""

from __future__ import annotations

from snmptcp import OID, Counter64, RequestTimeout
from snmptcp.cli.output.samples import format_sample, poll_failure
from snmptcp.cli.output.varbinds import PLAIN
from tests.cli.polling.making import poll, sample


def test_a_sample_is_its_target_and_what_net_snmp_prints() -> None:
    shown = format_sample(sample(value=Counter64(5), oid=OID("1.3.6.1"), target="core\x1b1"), PLAIN)
    assert shown == "core\\x1b1: .1.3.6.1 = Counter64: 5"


def test_a_failure_is_its_target_its_job_and_the_reason() -> None:
    assert poll_failure(poll("core", error=RequestTimeout(5.0))).startswith("core, job uptime: no answer within 5")
