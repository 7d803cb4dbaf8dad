"""Samples and polls: what they tell of themselves."""

from __future__ import annotations

from snmptcp import OID, Community, Counter64, OctetString
from snmptcp.fleet import Poll, Sample, Target
from snmptcp.values import Value

TARGET = Target("192.0.2.1", credentials=Community("public"))
NAME = OID("1.3.6.1.2.1.31.1.1.1.6.3")


def sample(name: str, index: str, value: Value) -> Sample:
    return Sample(TARGET, "interfaces", NAME, name, index, value, 1.0, 2.0)


def test_a_sample_tells_the_name_of_its_instance_and_the_type_of_its_value() -> None:
    named = sample("ifHCInOctets", "3", Counter64(7))
    assert (named.instance, named.type, named.rate) == ("ifHCInOctets.3", "Counter64", None)
    bare = sample(str(NAME), "", OctetString(b"x"))
    assert (bare.instance, bare.type) == (str(NAME), "STRING")


def test_a_poll_that_starts_in_time_is_not_late() -> None:
    assert Poll(TARGET, "a", due_at=10.0, started_at=12.5, ended_at=13.0).lateness == 2.5
    assert Poll(TARGET, "a", due_at=10.0, started_at=9.999, ended_at=13.0).lateness == 0.0
