"""What the fixtures of the pytest plugin do; tests/testing/test_pytest_plugin.py runs pytest with them."""

from __future__ import annotations

import threading

import pytest

from snmptcp import Community, OctetString
from snmptcp.errors import ConfigurationError, RequestTimeout, TransportError
from snmptcp.sync import SyncManager
from snmptcp.testing import Drop, FailWith, Mib, load_recording
from snmptcp.testing.fixtures import Stage
from tests.support.mibs import SYS_DESCR, SYS_NAME


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "near").mkdir()
    (tmp_path / "switch.snmprec").write_text(f"{SYS_DESCR}|4|a switch\n{SYS_NAME}|4|recorded\n")
    return tmp_path


@pytest.fixture
def stage(folder):
    stage = Stage((folder / "near", folder))
    yield stage
    stage.close()


def value_of(agent, name=SYS_NAME, **options):
    with SyncManager(agent.host, agent.port, credentials=Community("public")) as manager:
        return manager.get_value(name, **options)


def test_a_recording_is_found_in_the_nearest_folder(stage, folder):
    assert value_of(stage.start_agent(recording="switch.snmprec")) == b"recorded"
    (folder / "near" / "switch.snmprec").write_text(f"{SYS_NAME}|4|near\n")
    assert value_of(stage.start_agent(recording="switch.snmprec")) == b"near"
    assert value_of(stage.start_agent(recording=folder / "switch.snmprec")) == b"recorded"


def test_variables_replace_those_of_the_recording(stage, folder):
    whole = load_recording(folder / "switch.snmprec")
    for recording in ("switch.snmprec", whole, [f"{SYS_DESCR}|4|a switch"]):
        for mib in ({SYS_NAME: "edge"}, Mib({SYS_NAME: "edge"}), [(SYS_NAME, "edge")]):
            agent = stage.start_agent(recording=recording, mib=mib)
            assert {str(name): value for name, value in agent.mib.items()} == {
                SYS_DESCR: OctetString("a switch"),
                SYS_NAME: OctetString("edge"),
            }
    assert whole.variables.read(SYS_NAME) == b"recorded"


def test_no_agent_changes_the_variables_of_another(stage):
    shared = Mib({SYS_NAME: "core"})
    first = stage.start_agent(mib=shared)
    first.mib[SYS_NAME] = "changed"
    assert value_of(stage.start_agent(mib=shared)) == b"core"


def test_faults_are_injected_in_order(stage):
    only_descr = lambda request: request.pdu.varbinds[0].oid == SYS_DESCR  # noqa: E731
    faults = [(FailWith(2), None, only_descr), Drop()]
    agent = stage.start_agent(mib={SYS_NAME: "core", SYS_DESCR: "a switch"}, faults=faults)
    with pytest.raises(RequestTimeout):
        value_of(agent, timeout=0.05)
    assert value_of(agent) == b"core"
    assert value_of(agent, SYS_DESCR, default=None) is None


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"mibs": {}}, "an agent has no option 'mibs'; its options are clock, .*, faults, .*, recording, "),
        ({"recording": "none.snmprec"}, "no recording 'none.snmprec' in the folder of the test or above it: .*near, "),
        ({"faults": Drop()}, r"faults=\[Drop\(...\)\]"),
        ({"faults": [()]}, r"FAULT, \(FAULT, times\)"),
        ({"faults": [(Drop(), 0)]}, "times must be at least 1"),
        ({"port": -1}, "port"),
    ],
)
def test_a_wrong_option_of_an_agent_is_told(stage, options, text):
    with pytest.raises((ConfigurationError, TransportError), match=text):
        stage.start_agent(**options)
    assert stage.sections(full=False) == []


def test_a_wrong_fault_is_a_type_error(stage):
    with pytest.raises(TypeError, match="a fault is"):
        stage.start_agent(faults=["Drop"])


def test_a_wrong_option_of_a_listener_is_told(stage):
    with pytest.raises(ConfigurationError, match="a listener has no option 'mib'"):
        stage.start_listener(mib={})


def test_all_are_closed_together_and_their_conversations_stay(folder):
    before = threading.active_count()
    stage = Stage((folder,))
    agent, listener = stage.start_agent(mib={SYS_NAME: "core"}), stage.start_listener()
    value_of(agent)
    stage.close()
    stage.close()
    assert threading.active_count() == before
    assert [title for title, _ in stage.sections(full=False)] == [
        f"SNMP conversation with agent 127.0.0.1:{agent.port}",
        f"SNMP conversation with listener 127.0.0.1:{listener.port}",
    ]
    assert 'sysName.0) = "core"' in stage.sections(full=False)[0][1]
    assert "variable-bindings: SEQUENCE OF" in stage.sections(full=True)[0][1]
