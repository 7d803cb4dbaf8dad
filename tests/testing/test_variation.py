"""Variables that behave as snmpsim's variation modules say."""

from __future__ import annotations

import random
from math import inf

import pytest

from snmptcp import (
    AgentError,
    Community,
    Manager,
    NotificationListener,
    OctetString,
    RequestTimeout,
    SnmpVersion,
)
from snmptcp.errors import ErrorStatus
from snmptcp.oid import OID
from snmptcp.testing import Agent, Effects, load_recording
from snmptcp.testing.recording import read_recording
from snmptcp.testing.variation import World
from snmptcp.values import Counter32, Counter64, Gauge32, Integer32, IpAddress, NoSuchInstance, TimeTicks

NAME = "1.3.6.1.2.1.1.1.0"


class Clock:
    def __init__(self, now=1000.0):
        self.now = now

    def __call__(self):
        return self.now


def variable(fields, now=None, seed=1):
    recording = load_recording([f"{NAME}|{fields}"], strict=True, seed=seed, now=now or Clock())
    found = recording.variables.variable(OID(NAME))
    assert found is not None
    return found


def read(fields, now=None):
    return variable(fields, now).binding(Effects()).value


def failure(fields, value=None):
    """Return the error-status of a read, or of a write."""
    effects = Effects()
    with pytest.raises(AgentError) as caught:
        if value is None:
            variable(fields).binding(effects)
        else:
            variable(fields).assign(value, effects)
    return caught.value.status


@pytest.mark.parametrize(
    ("fields", "value"),
    [
        ("4:writecache|value=Port 1 Description", OctetString("Port 1 Description")),
        ("4:writecache|value=", OctetString()),
        ("4:writecache|value=a, b", OctetString("a, b")),
        ("4:writecache|value=a,, b=c,,op=get", OctetString("a")),
        ("4:writecache|value==a=b", OctetString("a=b")),
        ("2:writecache|value=0", Integer32(0)),
        ("4:writecache|", NoSuchInstance()),
        ("64x:writecache|value=0a110019", IpAddress("10.17.0.25")),
        ("4:delay|hexvalue=00127962f940,wait=0.8", OctetString(b"\0\x12yb\xf9@")),
        ("67:delay|value=5", TimeTicks(5)),
        ("2:error|op=set,status=noaccess,value=1", Integer32(1)),
        ("4:notification|op=set,host=h,value=x", OctetString("x")),
        ("2:numeric|min=1,max=2,initial=2,wrap=1", Integer32(2)),
        ("66:numeric|offset=12.5,rate=2", Gauge32(12)),
        ("65:numeric|rate=4", Counter32(0)),
        ("66:numeric|scale=95,function=cos", Gauge32(95)),
        ("66:numeric|function=pow%<time>%2,offset=100", Gauge32(100)),
        ("4:numeric|initial=1.5", OctetString("1.50")),
    ],
)
def test_a_variable_has_its_value_at_first(fields, value):
    found = read(fields)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ("4:error|nonsense", "options like name=value"),
        ("4:error|status=sleepy", "unknown status 'sleepy'"),
        ("4:error|op=put,status=generror", "op is get, set or any"),
        ("2:error|vlist=gt:2", "triples"),
        ("2:error|vlist=ne:2:noaccess", "an operator of vlist is eq, lt or gt"),
        ("2:error|vlist=gt:x:noaccess", "not a whole number"),
        ("2:error|vlist=gt:2:sleepy", "unknown status"),
        ("2:writecache|value=x", "not a whole number"),
        ("2:delay|value=1,wait=long", "wait is a number"),
        ("2:delay|value=1,deviation=nan", "deviation is a number"),
        ("2:delay|value=1,vlist=eq:1:soon", "a time is a number"),
        ("64:numeric|rate=1", "numeric is for numbers"),
        ("2:numeric|rate=fast", "rate is a number"),
        ("2:numeric|function=system", "unknown function"),
        ("2:numeric|function=pow", "does not take 1 arguments"),
        ("2:numeric|function=pow%x%2", "an argument of pow is a number"),
        ("4:notification|op=get", "needs the option host"),
        ("4:notification|host=h,port=0", "a port is"),
        ("4:notification|host=h,ntftype=postcard", "ntftype is trap or inform"),
        ("4:notification|host=h,version=4", "version is 1, 2c or 3"),
        ("4:notification|host=h,version=3", "needs the option user"),
        ("4:notification|host=h,version=3,user=u,authkey=short", "at least"),
        ("4:notification|host=h,version=1,ntftype=inform", "SNMPv1 has no informs"),
        ("4:notification|host=h,varbinds=1.3.6.1:s", "triples"),
        ("4:notification|host=h,varbinds=1.3.6.1:z:1", "unknown letter 'z'"),
        ("4:notification|host=h,trapoid=x", "not an object identifier"),
        ("99:writecache|value=1", "needs the tag of an SNMP type"),
        (":writecache|value=1", "needs the tag of an SNMP type"),
    ],
)
def test_options_that_cannot_be_honoured_are_a_bad_line(fields, problem):
    (bad,) = read_recording([f"{NAME}|{fields}", "1.3.6.1.1|2|1"]).skipped
    assert problem in bad.reason


# -------------------------------------------------------------------------------- error, writecache


@pytest.mark.parametrize("module", ["error", "writecache"])
def test_an_error_is_for_the_operations_that_op_names(module):
    assert failure(f"2:{module}|op=get,status=authorizationError,value=1") is ErrorStatus.authorizationError
    assert failure(f"2:{module}|status=genErr,value=1") is ErrorStatus.genErr
    assert failure(f"2:{module}|status=generror,value=1", Integer32(5)) is ErrorStatus.genErr
    assert failure(f"2:{module}|op=set,status=commitfailed,value=1", Integer32(5)) is ErrorStatus.commitFailed
    written = variable(f"2:{module}|op=get,status=noaccess,value=1")
    written.assign(Integer32(7), Effects())
    assert written.read() == 7


def test_an_error_can_depend_on_the_value_that_is_set():
    fields = "2:writecache|value=42,vlist=lt:40:wrongvalue:gt:50:noaccess:eq:45:inconsistentvalue"
    assert failure(fields, Integer32(39)) is ErrorStatus.wrongValue
    assert failure(fields, Integer32(51)) is ErrorStatus.noAccess
    assert failure(fields, Integer32(45)) is ErrorStatus.inconsistentValue
    changed = variable(fields)
    changed.assign(Integer32(44), Effects())
    assert changed.binding(Effects()).value == 44


def test_the_exceptions_of_snmpv2_are_values():
    assert read("2:error|op=get,status=nosuchinstance,value=1") is NoSuchInstance()
    assert failure("2:error|status=nosuchobject,value=1", Integer32(5)) is ErrorStatus.noSuchName


@pytest.mark.anyio
async def test_a_written_value_stays_and_a_failed_request_takes_all_back():
    lines = [
        "1.3.6.1.1|4:writecache|",
        "1.3.6.1.2|2:writecache|value=1",
        "1.3.6.1.3|2:error|op=set,status=commitfailed,value=3",
        "1.3.6.1.4|65:numeric|initial=5,rate=0",
    ]
    async with (
        Agent.from_recording(lines) as agent,
        Manager(agent.host, agent.port, credentials=Community("private")) as manager,
    ):
        await manager.set(("1.3.6.1.1", "new"))
        with pytest.raises(AgentError, match="commitFailed"):
            await manager.set(("1.3.6.1.2", 9), ("1.3.6.1.3", 9))
        with pytest.raises(AgentError, match="wrongType"):
            await manager.set(("1.3.6.1.2", "text"))
        with pytest.raises(AgentError, match="notWritable"):
            await manager.set(("1.3.6.1.4", Counter32(1)))
        found = [(str(varbind.oid), varbind.value) async for varbind in manager.walk("1.3.6.1")]
    assert found == [("1.3.6.1.1", b"new"), ("1.3.6.1.2", 1), ("1.3.6.1.3", 3), ("1.3.6.1.4", 5)]


@pytest.mark.anyio
async def test_a_variable_without_a_value_is_skipped_by_a_walk():
    async with (
        Agent.from_recording(["1.3.6.1.1|4:writecache|", "1.3.6.1.2|2|5"]) as agent,
        Manager(agent.host, agent.port, credentials=Community("public")) as manager,
    ):
        assert [str(varbind.oid) async for varbind in manager.walk("1.3.6.1")] == ["1.3.6.1.2"]


# -------------------------------------------------------------------------------------------- delay


def delay(fields, value=None, now=None):
    effects = Effects()
    found = variable(fields, now)
    if value is None:
        found.binding(effects)
    else:
        found.assign(value, effects)
    return effects.delay


def test_a_delay_is_half_a_second_or_what_wait_says():
    assert delay("2:delay|value=1") == 0.5
    assert delay("2:delay|value=1,wait=100") == 0.1
    assert delay("2:delay|value=1,wait=0") == 0
    assert delay("2:delay|value=1,wait=-5") == 0
    assert delay("2:delay|value=1,wait=1000000") == inf


def test_a_delay_deviates_by_random_numbers_that_a_seed_repeats():
    def delays(seed):
        found = variable("2:delay|value=6,wait=100,deviation=50", seed=seed)
        every = []
        for _ in range(20):
            effects = Effects()
            found.binding(effects)
            every.append(effects.delay)
        return every

    assert delays(1) == delays(1)
    assert delays(1) != delays(2)
    assert all(0.05 <= each <= 0.15 for each in delays(3))


def test_a_delay_can_depend_on_the_value_that_is_set_and_on_the_time():
    fields = "2:delay|vlist=eq:0:100:gt:300:1000000,value=1"
    assert delay(fields, Integer32(0)) == 0.1
    assert delay(fields, Integer32(301)) == inf
    assert delay(fields, Integer32(5)) == 0.5
    assert delay("2:delay|tlist=gt:1364860800:2000:eq:5:7,value=1", now=Clock(1364860801.0)) == 2
    assert delay("2:delay|tlist=gt:1364860800:2000:eq:5:7,value=1", now=Clock(5.5)) == 0.007
    assert delay("2:delay|tlist=gt:1364860800:2000:eq:5:7,value=1", now=Clock(6.0)) == 0.5


@pytest.mark.anyio
async def test_a_delayed_response_comes_and_one_that_never_comes_does_not():
    lines = [
        "1.3.6.1.1|2:delay|value=1,wait=30",
        "1.3.6.1.2|2:delay|value=2,wait=1000000",
        "1.3.6.1.3|2|3",
        "1.3.6.1.4|2:delay|value=4,wait=3600000",
    ]
    async with (
        Agent.from_recording(lines) as agent,
        Manager(agent.host, agent.port, credentials=Community("public"), timeout=30) as manager,
    ):
        assert await manager.get("1.3.6.1.1", "1.3.6.1.3") == await manager.get("1.3.6.1.1", "1.3.6.1.3")
        with pytest.raises(RequestTimeout):
            await manager.get("1.3.6.1.2", timeout=0.1)
        with pytest.raises(RequestTimeout):
            await manager.get("1.3.6.1.4", timeout=0.1)
        (varbind,) = await manager.get("1.3.6.1.3")
        assert varbind.value == 3


# ------------------------------------------------------------------------------------------ numeric


def test_a_number_grows_with_the_time():
    clock = Clock()
    ticks = variable("67:numeric|rate=100,initial=123", clock)
    assert ticks.read() == 123
    clock.now += 2.5
    assert ticks.read() == 373


def test_a_cumulative_number_never_shrinks_and_reading_for_other_reasons_does_not_count():
    clock = Clock()
    counter = variable("65:numeric|scale=10,offset=1,deviation=5,function=cos,cumulative=1", clock)
    last = 0
    for _ in range(50):
        clock.now += 1
        value = counter.binding(Effects()).value
        assert isinstance(value, Counter32)
        assert value >= last
        last = int(value)
    assert last > 0
    state = counter.source.__dict__["_last"]
    counter.read()
    assert counter.source.__dict__["_last"] == state


def test_a_number_stays_in_its_limits_or_wraps():
    clock = Clock()
    bounded, wrapping, typed, big = (
        variable(fields, clock)
        for fields in (
            "66:numeric|min=10,max=20",
            "66:numeric|min=0,max=20,wrap=1",
            "2:numeric|rate=1000000000",
            "70:numeric|rate=1000000000000000000000",
        )
    )
    clock.now += 25
    assert (bounded.read(), wrapping.read(), typed.read()) == (20, 5, 2**31 - 1)
    assert big.read() == Counter64(2**64 - 1)


def test_a_function_without_a_value_gives_a_limit_instead_of_an_error():
    clock = Clock()
    root, power = variable("66:numeric|function=log,min=3", clock), variable("66:numeric|function=exp,max=9", clock)
    assert root.read() == 3
    clock.now += 100_000
    assert power.read() == 9


def test_the_absolute_time_can_be_asked_for():
    assert read("66:numeric|atime=1", Clock(1234.5)) == 1234


def test_random_numbers_are_repeated_by_a_seed():
    def numbers(seed):
        found = variable("66:numeric|initial=1000,rate=0,deviation=100", seed=seed)
        return [found.binding(Effects()).value for _ in range(5)]

    assert numbers(4) == numbers(4)
    assert numbers(4) != numbers(5)
    assert World(Clock(), random.Random(4), 0).random.random() == random.Random(4).random()


# ------------------------------------------------------------------------------------- notification


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("options", "version"),
    [
        ("version=2c", SnmpVersion.V2C),
        ("version=2c,ntftype=inform", SnmpVersion.V2C),
        ("version=1,agentaddress=192.0.2.9,enterprise=1.3.6.1.4.1.9", SnmpVersion.V1),
        ("", SnmpVersion.V2C),
    ],
)
async def test_a_notification_leaves_when_its_variable_is_read(options, version):
    async with NotificationListener(
        "127.0.0.1", 0, credentials=[Community("heard"), Community("heard", "1")]
    ) as listener:
        lines = [
            f"{NAME}|4:notification|op=get,community=heard,host=127.0.0.1,port={listener.port},proto=tcp,"
            f"trapoid=1.3.6.1.6.3.1.1.5.3,uptime=77,varbinds=1.3.6.1.2.1.2.2.1.1.7:i:7,value=seen,{options}".rstrip(",")
        ]
        async with (
            Agent.from_recording(lines) as agent,
            Manager(agent.host, agent.port, credentials=Community("public")) as manager,
        ):
            (varbind,) = await manager.get(NAME)
            notification = await anext(listener)
    assert varbind.value == b"seen"
    assert notification.version is version
    assert notification.is_inform is ("inform" in options)
    assert (str(notification.trap_oid), notification.uptime) == ("1.3.6.1.6.3.1.1.5.3", 77)
    assert (OID("1.3.6.1.2.1.2.2.1.1.7"), 7) in [(each.oid, each.value) for each in notification.varbinds]


@pytest.mark.parametrize(
    ("options", "value", "leaves"),
    [
        ("op=set", "x", True),
        ("op=get", "x", False),
        ("op=any", "x", True),
        ("vlist=eq:on", "on", True),
        ("vlist=eq:on", "off", False),
    ],
)
def test_a_notification_can_depend_on_the_value_that_is_set(options, value, leaves):
    effects = Effects()
    changed = variable(f"4:notification|{options},host=h,value=old")
    changed.assign(OctetString(value), effects)
    assert bool(effects.actions) is leaves
    assert changed.read() == value.encode()
