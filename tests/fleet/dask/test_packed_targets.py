"""Targets by shards, as octets: what can be sent, and what has changed."""

from __future__ import annotations

import pickle
import ssl

import pytest

from snmptcp import Community, ConfigurationError, Proxy, TlsOptions, Tsm, UsmUser
from snmptcp.fleet import Get, Table, Target, Walk
from snmptcp.fleet.dask.packed_targets import PackedTargets
from tests.fleet.making import target

pytestmark = pytest.mark.anyio


def packed_targets(shards: int = 4) -> PackedTargets:
    return PackedTargets(shards, pickle.dumps)


def targets_in(packed_targets: PackedTargets, shards: int = 4) -> dict[str, Target]:
    found = [
        each
        for shard in range(shards)
        if packed_targets[shard].octets
        for each in pickle.loads(packed_targets[shard].octets)
    ]
    assert len(found) == packed_targets.count
    return {each.name: each for each in found}


EVERYTHING = [
    Target("192.0.2.1", credentials=Community("public", "1"), labels={"site": "Lyon"}),
    Target("192.0.2.2", 1161, credentials=UsmUser("u", "SHA-256", "12345678"), timeout=2.5),
    Target("192.0.2.3", credentials=UsmUser("u", "SHA-512", "12345678", "AES-256", "87654321", "vlan-7")),
    Target("192.0.2.4", credentials=Tsm(), tls=TlsOptions(verify=False), name="tls"),
    target("jobs", jobs=[Get("1.3.6.1", "sysName.0"), Walk("1.3"), Table("1.4", 1, 2)]),
    Target("192.0.2.6", credentials=Community("public"), proxy=Proxy.from_url("socks5://user:pw@192.0.2.7")),
]


async def test_whatever_a_target_has_arrives_as_it_was() -> None:
    made = packed_targets()
    changes = await made.replace(EVERYTHING)
    assert set(changes.added) == {each.name for each in EVERYTHING}
    assert targets_in(made) == {each.name: each for each in EVERYTHING}


async def test_what_has_changed_is_told_and_only_its_shards_are_sent_again() -> None:
    made = packed_targets()
    names = [f"t{number}" for number in range(40)]
    await made.replace([target(name) for name in names])
    before = [made[shard] for shard in range(4)]

    changes = await made.replace([target(name) for name in names])
    assert changes == ((), (), ())
    assert [made[shard] for shard in range(4)] == before

    others = [target(name) for name in names[2:]]
    changes = await made.replace([*others, target("t1", labels={"a": "b"}), target("new")])
    assert changes == (("new",), ("t0",), ("t1",))
    touched = [shard for shard in range(4) if made[shard] is not before[shard]]
    assert 1 <= len(touched) <= 3
    assert all(made[shard].revision == before[shard].revision + 1 for shard in touched)
    assert set(targets_in(made)) == {*names[1:], "new"}


async def test_two_targets_of_one_name_are_refused_and_nothing_changes() -> None:
    made = packed_targets()
    await made.replace([target("a")])
    with pytest.raises(ConfigurationError, match="two targets are called 'b': give one of them another name="):
        await made.replace([target("b"), target("b")])
    assert set(targets_in(made)) == {"a"}


async def test_an_ssl_context_is_refused_with_what_to_give_instead() -> None:
    context = ssl.create_default_context()
    agents = [target("a"), Target("192.0.2.4", credentials=Tsm(), tls=context, name="b")]
    with pytest.raises(ConfigurationError) as caught:
        await packed_targets(1).replace(agents)
    assert str(caught.value) == (
        "the target b cannot be sent to workers: its tls is an ssl.SSLContext, which stays in its process: "
        "give a TlsOptions"
    )


async def test_anything_else_that_stays_in_its_process_is_refused_with_the_reason() -> None:
    with pytest.raises(ConfigurationError, match="^the target b cannot be sent to workers: .*lambda"):
        await packed_targets(1).replace([target("a"), target("b", packet_trace=lambda *_: None)])
