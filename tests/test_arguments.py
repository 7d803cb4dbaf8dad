"""Arguments of a wrong type: every public constructor and function refuses them by name, and shows no value."""

from __future__ import annotations

import inspect
import socket
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import snmptcp
from snmptcp import (
    OID,
    Community,
    ConfigurationError,
    EngineInfo,
    KnownEngines,
    Manager,
    NotificationListener,
    Proxy,
    SocketOptions,
    TlsOptions,
    Tsm,
    UsmUser,
    values,
)
from snmptcp.arguments import INTEGER, SECONDS, check_arguments, optional, several_of
from snmptcp.errors import ArgumentTypeError
from snmptcp.explain import explain
from snmptcp.exporter import Exporter, Options, Scrape, app, load_config
from snmptcp.fleet import ask_all, asking
from snmptcp.fleet.sinks import NdjsonSink, OtlpSink, ParquetSink, PrometheusSink, SqliteSink
from snmptcp.instrumentation import OpenTelemetry
from snmptcp.manager import CountedIds
from snmptcp.mib import Mib
from snmptcp.sync import SyncManager
from snmptcp.testing import Agent, Drop, load_recording, load_snmprec
from snmptcp.usm import UserTable

if TYPE_CHECKING:
    from collections.abc import Callable

PUBLIC = Community("public")
SECRET = "top-secret"


class Odd:
    """No argument may be one of these; its text must not be shown."""

    def __repr__(self) -> str:
        return SECRET

    __str__ = __repr__


#: What makes an object of each class that takes arguments, and the parameters that take anything.
CONSTRUCTORS: list[tuple[Callable[..., object], dict[str, Any], set[str]]] = [
    (Manager, {"host": "192.0.2.1", "credentials": PUBLIC}, set()),
    (SyncManager, {"host": "192.0.2.1", "credentials": PUBLIC}, set()),
    (NotificationListener, {"credentials": PUBLIC}, set()),
    (Mib, {"standard": False}, set()),
    (SqliteSink, {"path": "a.db"}, set()),
    (ParquetSink, {"folder": "a"}, set()),
    (NdjsonSink, {"output": "a.ndjson"}, set()),
    (PrometheusSink, {}, set()),
    (Agent, {}, set()),
    (Community, {}, set()),
    (UsmUser, {"name": "monitor"}, set()),
    (Tsm, {}, set()),
    (TlsOptions, {}, set()),
    (SocketOptions, {}, set()),
    (Proxy, {"kind": "HTTP", "host": "192.0.2.9"}, set()),
    (KnownEngines, {}, set()),
    (UserTable, {"manager": Manager("192.0.2.1", credentials=PUBLIC)}, set()),
    (OpenTelemetry, {}, set()),
    (OtlpSink, {}, set()),
    (Options, {}, set()),
    (Scrape, {"target": "a"}, set()),
    (load_config, {"files": "none.yml"}, set()),
    (Exporter, {"files": "none.yml"}, set()),
    (app, {"files": "none.yml"}, set()),
    (OID, {}, set()),
    (values.Integer32, {}, set()),
    (values.Counter32, {}, set()),
    (values.Gauge32, {}, set()),
    (values.TimeTicks, {}, set()),
    (values.Counter64, {}, set()),
    (values.OctetString, {}, set()),
    (values.Opaque, {}, set()),
    (values.IpAddress, {}, set()),
]

PARAMETERS = [
    pytest.param(make, right, name, id=f"{make.__name__}-{name}")
    for make, right, anything in CONSTRUCTORS
    for name, parameter in inspect.signature(make).parameters.items()
    if name not in anything and parameter.kind is not parameter.VAR_KEYWORD
]


def call(make: Callable[..., object], right: dict[str, Any], name: str, value: object) -> object:
    """Call with one argument more; OIDs and values take theirs by position."""
    if isinstance(make, type) and (make is OID or make.__module__ == "snmptcp.values"):
        return make(value)
    return make(**{**right, name: value})


@pytest.mark.parametrize(("make", "right", "name"), PARAMETERS)
def test_every_parameter_of_every_constructor_refuses_what_it_cannot_be(
    make: Callable[..., object], right: dict[str, Any], name: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        call(make, right, name, Odd())

    assert SECRET not in str(caught.value)
    assert SECRET not in repr(caught.value)


#: One wrong value for each kind of argument, and what the error must say.
WRONG: list[tuple[Callable[..., object], dict[str, Any], str]] = [
    (Manager, {"host": 5, "credentials": PUBLIC}, r"^host must be text \(str\), not int$"),
    (Manager, {"host": None, "credentials": PUBLIC}, r"^host must be text \(str\), not NoneType$"),
    (Manager, {"host": "a", "port": "161", "credentials": PUBLIC}, "^port must be an int, not str$"),
    (Manager, {"host": "a", "port": True, "credentials": PUBLIC}, "^port must be an int, not bool$"),
    (Manager, {"host": "a", "port": 161.0, "credentials": PUBLIC}, "^port must be an int, not float$"),
    (Manager, {"host": "a", "credentials": "public"}, "^credentials must be a Community, UsmUser or Tsm, not str$"),
    (Manager, {"host": "a", "credentials": None}, "^credentials must be a Community"),
    (Manager, {"host": "a", "credentials": Community}, "^credentials must be .* not type$"),
    (Manager, {"host": "a", "credentials": PUBLIC, "timeout": "5"}, "^timeout must be a number of seconds .* not str$"),
    (
        Manager,
        {"host": "a", "credentials": PUBLIC, "timeout": True},
        "^timeout must be a number of seconds .* not bool",
    ),
    (Manager, {"host": "a", "credentials": PUBLIC, "timeout": Decimal(5)}, "^timeout must be .* not Decimal$"),
    (Manager, {"host": "a", "credentials": PUBLIC, "connect_timeout": "5"}, "^connect_timeout must be a number"),
    (Manager, {"host": "a", "credentials": PUBLIC, "retries": 1.5}, "^retries must be an int, not float$"),
    (Manager, {"host": "a", "credentials": PUBLIC, "retries": True}, "^retries must be an int, not bool$"),
    (Manager, {"host": "a", "credentials": PUBLIC, "tls": "ca.pem"}, "^tls must be True, TlsOptions, .* not str$"),
    (
        Manager,
        {"host": "a", "credentials": PUBLIC, "engine": b"\x80\0\0\0\1"},
        "^engine must be an EngineInfo, or None",
    ),
    (Manager, {"host": "a", "credentials": PUBLIC, "local_address": ("a", "1")}, "^local_address must be an address"),
    (Manager, {"host": "a", "credentials": PUBLIC, "proxy": "http://a"}, "^proxy must be a Proxy, or None, not str$"),
    (Manager, {"host": "a", "credentials": PUBLIC, "observer": 1}, "^observer must be an Observer, or None, not int$"),
    (Manager, {"host": "a", "credentials": PUBLIC, "volatile_engine": 1}, "^volatile_engine must be True or False"),
    (Community, {"name": 5}, "^a community must be str or bytes, not int$"),
    (UsmUser, {"name": 5}, "^a user name must be bytes, not int$"),
    (UsmUser, {"name": "a", "auth_password": 12345678}, "^the authentication password must be bytes, not int$"),
    (UserTable, {"manager": "192.0.2.1"}, "^manager must be a Manager, not str$"),
    (UsmUser, {"name": "a", "auth_key": SECRET}, "^the authentication key must be bytes, not str$"),
    (TlsOptions, {"verify": "no"}, "^verify must be True or False, not str$"),
    (TlsOptions, {"ca_file": 5}, "^ca_file must be the name of a file"),
    (SocketOptions, {"keep_alive_idle": "15"}, "^keep_alive_idle must be a number"),
    (SocketOptions, {"no_delay": 1}, "^no_delay must be True or False, not int$"),
    (Proxy, {"kind": "HTTP", "host": "a", "port": "80"}, "^port must be an int, not str$"),
    (Proxy, {"kind": "HTTP", "host": "a", "headers": [SECRET]}, "^headers must be a mapping of names to values"),
    (NotificationListener, {"credentials": "public"}, "^credentials must be a Community, .* not str$"),
    (NotificationListener, {"credentials": [PUBLIC, "x"]}, "^credentials must be a Community, .* not str$"),
    (NotificationListener, {"credentials": PUBLIC, "host": 5}, r"^host must be an address or a name \(str\)"),
    (NotificationListener, {"credentials": PUBLIC, "host": [("a", "1")]}, "^host must be .* pair"),
    (NotificationListener, {"credentials": PUBLIC, "port": "162"}, "^port must be an int, or None, not str$"),
    (Exporter, {"files": 5}, r"^files must be the name of a file \(str or Path\), or several, not int$"),
    (Exporter, {"files": ["a.yml", 5]}, r"^files must be the name of a file \(str or Path\), not int$"),
    (Options, {"idle_time": "5m"}, "^idle_time must be a number of seconds .* not str$"),
    (Options, {"tls": "ca.pem"}, "^tls must be True, TlsOptions or an ssl.SSLContext, not str$"),
    (Options, {"local_address": 5}, "^local_address must be an address"),
    (Scrape, {"target": "a", "modules": "if_mib"}, r"^modules must be several names: a tuple of str, not str$"),
    (Agent, {"users": UsmUser("a")}, "^users must be several of a UsmUser, not UsmUser$"),
    (Agent, {"tsm_names": "name"}, "^tsm_names must be several of a name, not str$"),
]


@pytest.mark.parametrize(("make", "given", "text"), WRONG, ids=[f"{row[0].__name__}-{row[2]}" for row in WRONG])
def test_the_error_says_which_argument_what_was_given_and_what_is_right(
    make: Callable[..., object], given: dict[str, Any], text: str
) -> None:
    with pytest.raises(ArgumentTypeError, match=text) as caught:
        make(**given)

    assert isinstance(caught.value, TypeError)
    assert SECRET not in str(caught.value)


def test_what_counts_as_a_number_or_a_name_of_another_kind_is_taken() -> None:
    """Numbers of other packages have ``__index__``; a file's name may be a Path."""

    class Whole:
        def __index__(self) -> int:
            return 161

    class Seconds(float):
        pass

    check_arguments({"port": INTEGER}, {"port": Whole()})
    check_arguments({"port": optional(INTEGER), "timeout": SECONDS}, {"port": None, "timeout": Seconds(1)})
    assert TlsOptions(ca_file=Path("ca.pem")).ca_file == Path("ca.pem")
    assert SocketOptions(family=socket.AF_INET).family == socket.AF_INET
    assert Manager("a", 161, credentials=PUBLIC, timeout=5, request_ids=CountedIds(1)).timeout == 5


def test_an_iterator_is_not_read_to_look_at_its_items() -> None:
    users = iter((UsmUser("a"), UsmUser("b")))
    check_arguments({"users": several_of("a UsmUser", UsmUser)}, {"users": users})
    assert len(list(users)) == 2


@pytest.mark.parametrize(
    ("host", "text"),
    [
        ("127.0.0.1:161", r"give the port apart: '127\.0\.0\.1', port=161$"),
        ("switch.example.net:1161", r"give the port apart: 'switch\.example\.net', port=1161$"),
        ("[::1]:161", "give the address without brackets, and its port apart: port=161$"),
        ("[::1]", "give the address without brackets$"),
        ("udp:10.0.0.1", "this library speaks SNMP over TCP and TLS; give the host alone$"),
        ("udp6:[::1]", "this library speaks SNMP over TCP"),
        ("snmp://10.0.0.1", "this library speaks SNMP over TCP"),
        ("tcp:10.0.0.1", "give the host alone, and port= and tls= for the rest$"),
        ("tcp:10.0.0.1:161", "give the host alone"),
        ("tlstcp:10.0.0.1:10161", "give the host alone"),
        ("10.0.0.1/24", "give the host alone"),
        ("", "the host of the agent is empty"),
    ],
)
def test_a_host_with_a_port_or_a_protocol_says_how_to_give_them(host: str, text: str) -> None:
    with pytest.raises(ConfigurationError, match=text):
        Manager(host, credentials=PUBLIC)


@pytest.mark.parametrize("host", ["::1", "fe80::1%eth0", "2001:db8::1", "::ffff:10.0.0.1", "localhost", "192.0.2.1"])
def test_every_form_of_an_address_is_a_host(host: str) -> None:
    assert Manager(host, credentials=PUBLIC).host == host


@pytest.mark.parametrize(
    ("info", "text"),
    [
        (EngineInfo("80001f8804"), "^engine_id must be bytes, not str$"),  # type: ignore[arg-type]
        (EngineInfo(b"\x80\0\x1f\x88\4", "1"), "^boots must be an int, not str$"),  # type: ignore[arg-type]
        (EngineInfo(b"\x80\0\x1f\x88\4", 1, 2.5), "^time must be an int, not float$"),  # type: ignore[arg-type]
    ],
)
def test_an_engine_of_wrong_types_is_refused_where_it_is_given(info: EngineInfo, text: str) -> None:
    with pytest.raises(ArgumentTypeError, match=text):
        Manager("192.0.2.1", credentials=UsmUser("monitor"), engine=info)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5, r"^an OID is text \('1\.3\.6\.1'\), a sequence of int arcs, or an OID, not int$"),
        (None, "not NoneType$"),
        (1.3, "not float$"),
        (b"\x2b\x06", "not bytes$"),
        ((1, 3, "6"), "not a tuple of str: give several names one by one$"),
        (["1.3.6.1", "1.3.6.2"], "not a list of str: give several names one by one$"),
        ([OID("1.3")], "not a list of OID: give several names one by one$"),
        ((1, 3.0), "not a tuple with a float$"),
    ],
    ids=str,
)
def test_what_is_no_oid_says_what_is_one(value: Any, text: str) -> None:
    for make in (OID, OID.fragment):
        with pytest.raises(ArgumentTypeError, match=text):
            make(value)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("ask", "text"),
    [
        (lambda manager: manager.get(["1.3.6.1", "1.3.6.2"]), "give several names one by one"),
        (lambda manager: manager.get("1.3.6.1", None), "an OID is text .* not NoneType"),
        (lambda manager: manager.get_next(5), "an OID is text"),
        (lambda manager: manager.get("1.3", timeout="5"), "timeout must be a number of seconds"),
        (lambda manager: manager.get("1.3", timeout=True), "timeout must be a number of seconds .* not bool"),
        (lambda manager: manager.get_bulk("1.3", max_repetitions="25"), "max_repetitions must be an int, not str"),
        (lambda manager: manager.get_bulk("1.3", max_repetitions=2.5), "max_repetitions must be an int, not float"),
        (lambda manager: manager.get_bulk("1.3", non_repeaters=True), "non_repeaters must be an int, not bool"),
        (lambda manager: manager.set(("1.3.6.1.0", 1.5)), "no SNMP type for float"),
        (lambda manager: manager.set("1.3.6.1.0", 5), r"a pair \(name, value\), not str"),
        (lambda manager: manager.set(("1.3.6.1.0", 5, 6)), r"a pair \(name, value\), not tuple of 3"),
        (lambda manager: manager.set({"1.3.6.1.0": 5}), r"a pair \(name, value\), not dict"),
        (lambda manager: manager.send_trap(5), "an OID is text"),
        (lambda manager: manager.inform("1.3.6.1", "1.3.6.2"), r"a pair \(name, value\), not str"),
        (lambda manager: manager.send_trap("1.3.6.1", uptime="1"), "TimeTicks takes an int, not str"),
        (
            lambda manager: anext(manager.walk("1.3.6", max_repetitions="25")),
            "max_repetitions must be an int, or None, not str",
        ),
        (lambda manager: anext(manager.walk("1.3.6", limit=1.5)), "limit must be an int, or None, not float"),
        (lambda manager: anext(manager.walk(["1.3.6"])), "give several names one by one"),
        (lambda manager: anext(manager.table("1.3.6", 2)), "columns must be several"),
        (lambda manager: anext(manager.table("1.3.6", max_columns="9")), "max_columns must be an int, not str"),
        (lambda manager: manager.exchange("get", [("1.3.6", 1)]), "kind must be a PduType, not str"),
        (lambda manager: manager.exchange(snmptcp.manager.PduType.GET, "1.3.6"), "varbinds must be several"),
        (
            lambda manager: manager.exchange(snmptcp.manager.PduType.GET, [("1.3.6", 1)], request_id=1.5),
            "request_id must be an int, or None, not float",
        ),
        (lambda manager: anext(manager.walk("1.3.6", skip_broken="no")), "skip_broken must be True or False, not str"),
        (lambda manager: anext(manager.walk("1.3.6", instance=0)), "instance must be True or False, not int"),
        (
            lambda manager: anext(manager.table("1.3.6", tolerate_non_increasing=1)),
            "tolerate_non_increasing must be True or False, not int",
        ),
        (lambda manager: manager.discover(afresh="yes"), "afresh must be True or False, not str"),
        (lambda manager: anext(manager.notifications(queue_size="9")), "queue_size must be an int, not str"),
        (lambda manager: anext(manager.notifications(queue_octets="9")), "queue_octets must be an int, or None"),
        (lambda manager: anext(manager.notifications(on_refused=9)), "on_refused must be a plain function, or None"),
        (lambda manager: setattr(manager, "timeout", "5"), "timeout must be a number of seconds"),
    ],
)
async def test_every_method_refuses_what_its_arguments_cannot_be(manager: Manager, ask: Any, text: str) -> None:
    with pytest.raises(ArgumentTypeError, match=text) as caught:
        await ask(manager)

    assert caught.value.peer == f"{manager.host}:{manager.port}"
    assert manager.statistics.requests == 0


def test_other_credentials_must_be_some(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ArgumentTypeError, match="credentials must be a Community, UsmUser or Tsm, not str"):
        Manager("192.0.2.1", credentials=PUBLIC).use(SECRET)  # type: ignore[arg-type]


def test_what_the_test_kit_and_explanations_cannot_take_is_refused() -> None:
    given: Any = 5
    contents: Any = b"1.3.6.1.2.1.1.3.0|67|1"
    for load in (load_recording, load_snmprec, Agent.from_recording):
        for source in (given, contents):
            with pytest.raises(ArgumentTypeError, match="the recording must be a path, an open file, or lines, not "):
                load(source)
    text: Any = "1.3.6"
    for variables in (given, contents, text):
        with pytest.raises(ArgumentTypeError, match="names to values, or pairs of them, not "):
            Agent(variables)
    with pytest.raises(ArgumentTypeError, match="times must be an int, or None, not Drop"):
        Agent({}).inject(Drop(), Drop())  # type: ignore[arg-type]
    with pytest.raises(ArgumentTypeError, match="packet must be str or bytes, not int"):
        explain(given)
    with pytest.raises(ArgumentTypeError, match="users must be several of a UsmUser, not int"):
        explain(b"", users=given)
    with pytest.raises(ArgumentTypeError, match="frozen_clock must be True, False, or several of an engine ID"):
        NotificationListener(credentials=PUBLIC, frozen_clock=[given])


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("status", {"name": 1}),
        ("create", {"name": None}),
        ("create", {"name": "a", "clone_from": 1}),
        ("create", {"name": "a", "wait": 1}),
        ("create", {"name": "a", "public": 1}),
        ("create", {"name": "a", "public": "é" * 17}),
        ("clone", {"name": "a", "clone_from": None}),
        ("activate", {"name": 1}),
        ("deactivate", {"name": ""}),
        ("delete", {"name": b"x" * 33}),
        ("change_passwords", {"user": "a", "auth_password": "authentic"}),
        ("change_passwords", {"user": UsmUser("a", "SHA", "maplesyrup"), "auth_password": 12345678}),
        ("change_keys", {"old": UsmUser("a"), "new": "a"}),
        ("change_keys", {"old": UsmUser("a"), "new": UsmUser("a"), "own": 1}),
    ],
)
async def test_the_table_of_users_refuses_what_its_arguments_cannot_be(
    manager: Manager, method: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(ConfigurationError):
        await getattr(UserTable(manager, engine_id=b"12345"), method)(**arguments)


async def test_the_table_of_users_names_the_argument_that_it_refuses(manager: Manager) -> None:
    table = UserTable(manager, engine_id=b"12345")
    with pytest.raises(ArgumentTypeError, match="^clone_from must be str or bytes, not int$"):
        await table.clone("a", 5)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="^public must have at most 32 octets, not 34$"):
        await table.create("a", public="é" * 17)


async def test_a_fleet_refuses_what_its_arguments_cannot_be(manager: Manager) -> None:
    with pytest.raises(ArgumentTypeError, match="limit must be an int, not str"):
        await ask_all([manager], lambda each: each.get("1.3"), limit="5")  # type: ignore[arg-type]
    with pytest.raises(ArgumentTypeError, match="question must be a function, not str"):
        await ask_all([manager], "1.3")  # type: ignore[arg-type]
    with pytest.raises(ArgumentTypeError, match="managers must be several: a list of managers, not Manager"):
        async with asking(manager, lambda each: each.get("1.3")):  # type: ignore[arg-type]
            pass


# ------------------------------------------------------------------------------------------ no loop


def step(coroutine: Any) -> None:
    """Run a coroutine without asyncio, as trio would, up to where it waits."""
    try:
        coroutine.send(None)
    finally:
        coroutine.close()


@pytest.mark.parametrize(
    "ask",
    [
        lambda manager: manager.get("1.3.6.1"),
        lambda manager: manager.set(("1.3.6.1.0", 5)),
        lambda manager: manager.connect(),
        lambda manager: anext(manager.walk("1.3.6")).__await__(),
        lambda manager: anext(manager.table("1.3.6")).__await__(),
        lambda manager: manager.discover(),
        lambda manager: manager.send_trap("1.3.6.1"),
        lambda _: NotificationListener(port=0, credentials=PUBLIC).start(),
        lambda _: Agent().start(),
    ],
    ids=["get", "set", "connect", "walk", "table", "discover", "send_trap", "listener", "agent"],
)
def test_without_a_loop_of_asyncio_a_call_says_what_is_missing(ask: Any) -> None:
    manager = Manager("192.0.2.1", credentials=UsmUser("monitor"))
    with pytest.raises(ConfigurationError, match="no asyncio event loop is running here.*SyncManager"):
        step(ask(manager))


async def _coroutine_function(_: object) -> None: ...


@pytest.mark.anyio
@pytest.mark.parametrize(
    "make",
    [
        lambda: NotificationListener(credentials=PUBLIC, on_refused=_coroutine_function),
        lambda: Manager("192.0.2.1", credentials=PUBLIC).notifications(on_refused=_coroutine_function),
        lambda: Manager("192.0.2.1", credentials=PUBLIC).notifications(on_refused="print"),  # type: ignore[arg-type]
        lambda: Manager("192.0.2.1", credentials=PUBLIC, on_unsolicited=_coroutine_function),  # type: ignore[arg-type]
        lambda: Manager("192.0.2.1", credentials=PUBLIC, packet_trace=_coroutine_function),  # type: ignore[arg-type]
    ],
    ids=["listener", "stream", "text", "unsolicited", "trace"],
)
async def test_a_callback_that_is_not_awaited_is_no_coroutine_function(make: Callable[[], object]) -> None:
    with pytest.raises(ArgumentTypeError, match=r"must be a plain function, or None, not (function|str)"):
        make()


@pytest.mark.anyio
async def test_the_limits_of_a_stream_are_numbers() -> None:
    with pytest.raises(ArgumentTypeError, match="queue_size must be an int, not str"):
        Manager("192.0.2.1", credentials=PUBLIC).notifications(queue_size="5")  # type: ignore[arg-type]
