"""Reading and writing of properties and settings: checks, frozen rows, the text of ``config``."""

from __future__ import annotations

import pytest

from snmptcp.ipworks import IPWorksSNMPError
from snmptcp.ipworks.store import Store, Values
from snmptcp.ipworks.tables.properties import PROPERTIES
from snmptcp.ipworks.tables.settings import SETTINGS
from tests.ipworks.proofs import proves
from tests.ipworks.support import (
    ask,
    values,
)
from tests.support.mibs import SYS_NAME


@proves("config")
def test_config_ignores_case_and_blanks(idle) -> None:
    assert idle.config("SelectWaitMillis") == "20"
    assert idle.config("  selectwaitmillis =  30 ") == ""
    assert idle.config("SELECTWAITMILLIS") == "30"
    assert idle.config("TimeoutInMilliseconds=true") == ""
    assert idle.config("TimeoutInMilliseconds") == "True"


@pytest.mark.parametrize("text", ["NoSuchSetting", "NoSuchSetting=1", "=1", "", "SelectWaitMillis=soon", "BuildInfo=x"])
def test_config_refuses_unknown_settings_and_impossible_values(text, idle) -> None:
    with pytest.raises(IPWorksSNMPError) as caught:
        idle.config(text)
    assert caught.value.code == 10022


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("timeout", "soon"),
        ("timeout", -1),
        ("remote_port", 65536),
        ("snmp_version", 4),
        ("snmp_version", None),
        ("authentication_protocol", 0),
        ("encryption_algorithm", 6),
        ("store_walk_objects", "perhaps"),
        ("store_walk_objects", None),
        ("community", 1.5),
        ("local_engine_id", 1.5),
        ("obj_count", -1),
        ("request_id", 0),
    ],
)
def test_impossible_values_are_errors(name, given, idle) -> None:
    before = getattr(idle, name)
    with pytest.raises(IPWorksSNMPError, match=name) as caught:
        setattr(idle, name, given)
    assert caught.value.code == 10022
    assert getattr(idle, name) == before


@pytest.mark.parametrize(("name", "value", "code"), [("local_host", "127.0.0.1", 107), ("local_port", 1620, 106)])
def test_the_local_address_cannot_be_changed_while_active(name, value, code, idle) -> None:
    idle.active = True
    with pytest.raises(IPWorksSNMPError, match="active") as caught:
        setattr(idle, name, value)
    assert caught.value.code == code
    idle.active = False
    setattr(idle, name, value)
    assert getattr(idle, name) == value


@pytest.mark.parametrize("entry", [e for e in SETTINGS.values() if not e.writable], ids=lambda entry: entry.name)
def test_a_read_only_setting_cannot_be_set(entry, idle) -> None:
    with pytest.raises(IPWorksSNMPError, match="read-only"):
        idle.config(f"{entry.name}=1")


@pytest.mark.parametrize(
    "text",
    [
        "MsgMaxSize=483",
        "UseIPv6=3",
        "UseIPv6=Yes",
        "FirewallType=4",
        "FirewallPort=65536",
        "SSLCheckCRL=3",
        "SSLSecurityFlags=-2147483649",
    ],
)
def test_a_number_out_of_its_range_is_an_error(text, idle) -> None:
    with pytest.raises(IPWorksSNMPError, match=text.partition("=")[0]) as caught:
        idle.config(text)
    assert caught.value.code == 10022


@pytest.mark.parametrize(
    ("text", "number"), [("UseIPv6=True", 1), ("useipv6 = false", 0), ("SSLCheckCRL=TRUE", 1), ("UseIPv6=2", 2)]
)
def test_numbers_that_were_true_or_false_in_earlier_editions_may_be_so(text, number, idle) -> None:
    idle.config(text)
    assert idle.config(text.partition("=")[0]) == str(number)


@pytest.mark.parametrize(("kind", "port"), [(0, 0), (1, 80), (2, 1080), (3, 1080), (10, 1080)])
def test_the_firewalls_port_is_that_of_its_type_unless_it_is_set(kind, port, idle) -> None:
    idle.config(f"FirewallType={kind}")
    assert idle.config("FirewallPort") == str(port)
    idle.config("FirewallPort=3128")
    idle.config("FirewallType=1")
    assert idle.config("FirewallPort") == "3128"


def test_a_licence_key_is_accepted_and_never_shown(idle) -> None:
    key = "31504E4641444E5852465A41"
    assert idle.config(f"RuntimeLicense={key}") == ""
    idle.set_runtime_license(key)
    idle.runtime_license = key
    assert (idle.config("RuntimeLicense"), idle.get_runtime_license(), idle.runtime_license) == ("", "", "")
    assert key not in repr(vars(idle)) + repr(idle)


@proves("MaxLineLength")
def test_the_line_length_cuts_no_message_and_is_frozen_while_connected(mgr, agent) -> None:
    mgr.config("MaxLineLength=256")
    agent.call(lambda: agent.agent.mib.__setitem__(SYS_NAME, b"x" * 5000))
    ask(mgr, SYS_NAME)
    mgr.send_get_request()
    assert values(mgr) == [b"x" * 5000]
    with pytest.raises(IPWorksSNMPError) as caught:
        mgr.config("MaxLineLength=512")
    assert caught.value.code == 112
    with pytest.raises(IPWorksSNMPError, match="at least 256"):
        mgr.config("MaxLineLength=255")


@proves("LocalHost", "LocalPort")
def test_the_settings_of_the_local_address_are_the_properties(mgr, agent) -> None:
    mgr.config("LocalHost=127.0.0.9")
    assert mgr.local_host == "127.0.0.9"
    mgr.send_get_request()
    peers = agent.call(lambda: [connection.peer[0] for connection in agent.agent._server.connections])
    assert peers == ["127.0.0.9"]
    assert mgr.config("LocalPort") == str(mgr.local_port) != "0"
    with pytest.raises(IPWorksSNMPError) as caught:
        mgr.config("LocalPort=1620")
    assert caught.value.code == 106


@pytest.fixture
def parts():
    """Values, a store of them with a hook and a reader, and what they were called with."""
    values = Values()
    called: list[tuple[object, object]] = []

    def hook(part: object, value: object) -> None:
        assert part == "a part"
        if value == "impossible":
            raise IPWorksSNMPError(10022, "no")
        called.append((values["user"], value))

    readers = {"local_host": lambda part: f"actual, of {part}"}
    store = Store(values, "a part", readers, {"user": hook}, is_active=lambda _: False, is_connected=lambda _: False)
    return values, store, called


def test_a_hook_is_called_before_its_value_is_stored(parts) -> None:
    values, store, called = parts
    store.write(PROPERTIES["user"], "first")
    store.write(PROPERTIES["user"], "second")
    assert called == [("", "first"), ("first", "second")]
    assert values["user"] == store.read("user") == "second"


def test_a_hook_that_raises_leaves_the_old_value(parts) -> None:
    values, store, _ = parts
    store.write(PROPERTIES["user"], "first")
    with pytest.raises(IPWorksSNMPError):
        store.write(PROPERTIES["user"], "impossible")
    assert values["user"] == "first"


def test_a_row_with_a_reader_is_stored_all_the_same(parts) -> None:
    values, store, _ = parts
    store.write(PROPERTIES["local_host"], "127.0.0.1")
    assert values["local_host"] == "127.0.0.1"
    assert store.read("local_host") == store.config("LocalHost") == "actual, of a part"


def test_values_that_do_not_exist_cannot_be_stored() -> None:
    with pytest.raises(KeyError):
        Values().put("no_such_property", 1)


@pytest.mark.parametrize(
    ("timeout", "milliseconds", "connection", "expected"),
    [(10, False, 0, (10, 10)), (500, True, 0, (0.5, 0.5)), (0, False, 0, (0, 60)), (10, False, 3, (10, 3))],
)
def test_timeouts_are_in_seconds_and_connecting_always_has_one(timeout, milliseconds, connection, expected) -> None:
    values = Values()
    values.put("timeout", timeout)
    values.put("TimeoutInMilliseconds", milliseconds)
    values.put("ConnectionTimeout", connection)
    assert (values.timeout, values.connect_timeout) == expected
