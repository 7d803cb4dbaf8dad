"""The pytest plugin: fixtures and markers for every kind of test, reports of failed tests, and its cost.

Each test runs pytest once more, in this process if it can, with no plugin but those that it names.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import subprocess
import sys
import threading
import tomllib
from pathlib import Path

import anyio.pytest_plugin
import pytest

import pytest_snmptcp
import snmptcp.testing.fixtures
from snmptcp.explain import explain

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]

#: Loaded before pytest runs once more: what it imports itself, it would import anew each time.
_ = (anyio.pytest_plugin, explain, pytest_snmptcp, snmptcp.testing.fixtures)

OPTIONS = ("-p", "pytest_snmptcp", "-p", "no:cacheprovider", "--strict-markers", "-W", "error")

HEAD = """
import asyncio
import threading

import pytest

from snmptcp import Community, Manager, UsmUser
from snmptcp.sync import SyncManager
from snmptcp.testing import Drop, Hold

NAME = "1.3.6.1.2.1.1.5.0"
ALICE = UsmUser("alice", "SHA-256", "open sesame 1", "AES", "open sesame 2")


def value_of(agent, credentials=Community("public"), **options):
    with SyncManager(agent.host, agent.port, credentials=credentials) as manager:
        return manager.get_value(NAME, **options)


async def avalue_of(agent):
    async with Manager(agent.host, agent.port, credentials=Community("public")) as manager:
        return await manager.get_value(NAME)
"""


@pytest.fixture
def run(pytester, monkeypatch):
    """Return what runs pytest on the code of one test module."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)

    def run(code, *options, here=True, **more):
        pytester.makepyfile(HEAD + code)
        # Modules that are there already cannot have their assertions rewritten, which pytest warns of.
        plain = ("-W", "ignore::pytest.PytestAssertRewriteWarning")
        method = pytester.runpytest_inprocess if here else pytester.runpytest_subprocess
        return method(*OPTIONS, *plain, *options, **more)

    return run


def lines_of(result, title="SNMP conversation with agent"):
    """Return the lines of a section of the report, without times."""
    lines = result.outlines
    begin = next(number for number, line in enumerate(lines, 1) if title in line)
    end = next(number for number in range(begin, len(lines)) if lines[number].startswith(("---", "===", "___")))
    return [line[13:].strip() for line in lines[begin:end]]


# ---------------------------------------------------------------------------------------------- fixtures


def test_the_nearest_marker_counts_option_by_option(run):
    result = run("""
pytestmark = pytest.mark.snmp_agent(mib={NAME: "module"}, users=[ALICE])


def test_module(snmp_agent):
    assert value_of(snmp_agent) == value_of(snmp_agent, ALICE) == b"module"


@pytest.mark.snmp_agent(mib={NAME: "class"})
class TestClass:
    def test_class(self, snmp_agent):
        assert value_of(snmp_agent, ALICE) == b"class"

    @pytest.mark.snmp_agent(read_community="other")
    @pytest.mark.snmp_agent(mib={NAME: "function"}, faults=[Drop()])
    def test_function(self, snmp_agent):
        with pytest.raises(TimeoutError):
            value_of(snmp_agent, Community("other"), timeout=0.05)
        assert value_of(snmp_agent, Community("other")) == b"function"


@pytest.mark.parametrize("name", [pytest.param("p", marks=pytest.mark.snmp_agent(mib={NAME: "parameter"}))])
def test_parameter(snmp_agent, name):
    assert value_of(snmp_agent) == b"parameter"
""")
    result.assert_outcomes(passed=4)


def test_blocking_code_anyio_and_loops_of_ones_own_are_answered(run):
    result = run(
        """
pytestmark = pytest.mark.snmp_agent(mib={NAME: "core"})


@pytest.fixture(params=["asyncio", ("asyncio", {"use_uvloop": True})], ids=["asyncio", "uvloop"])
def anyio_backend(request):
    return request.param


def test_blocking(snmp_agent):
    assert value_of(snmp_agent) == b"core"
    snmp_agent.wait_for_requests(1)


def test_a_loop_of_its_own(snmp_agent):
    assert asyncio.run(avalue_of(snmp_agent)) == b"core"


@pytest.mark.anyio
async def test_anyio(snmp_agent, snmp_listener):
    asked = asyncio.create_task(snmp_agent.wait_for_requests_async(1))
    assert await avalue_of(snmp_agent) == b"core"
    await asked
    async with Manager(snmp_listener.host, snmp_listener.port, credentials=Community("public")) as sender:
        await sender.send_trap("1.3.6.1.6.3.1.1.5.3")
        [trap] = await snmp_listener.wait_for_async(1)
    assert trap.trap_oid == "1.3.6.1.6.3.1.1.5.3"
""",
        "-p",
        "anyio.pytest_plugin",
    )
    result.assert_outcomes(passed=4)


@pytest.mark.parametrize("others", [(), ("-p", "anyio.pytest_plugin")], ids=["alone", "with anyio"])
def test_pytest_asyncio_runs_tests_with_the_fixtures(run, others):
    pytest.importorskip("pytest_asyncio.plugin")
    result = run(
        """
@pytest.mark.snmp_agent(mib={NAME: "core"})
@pytest.mark.asyncio
async def test_asyncio(snmp_agent):
    assert await avalue_of(snmp_agent) == b"core"
    await snmp_agent.wait_for_requests_async(1)
""",
        *("-p", "pytest_asyncio.plugin", "-o", "asyncio_default_fixture_loop_scope=function", *others),
    )
    result.assert_outcomes(passed=1)


def test_unittest_has_the_fixtures(run):
    result = run("""
import unittest


@pytest.mark.snmp_agent(mib={NAME: "core"})
class TestOld(unittest.TestCase):
    @pytest.fixture(autouse=True)
    def take(self, snmp_agent):
        self.agent = snmp_agent

    def test_old(self):
        self.assertEqual(value_of(self.agent), b"core")
""")
    result.assert_outcomes(passed=1)


def test_tests_share_neither_agents_nor_variables(run):
    result = run("""
SHARED = {NAME: "core"}
pytestmark = pytest.mark.snmp_agent(mib=SHARED)


@pytest.mark.parametrize("number", range(2))
def test_change(snmp_agent, number):
    assert value_of(snmp_agent) == b"core"
    assert len(snmp_agent.requests) == 1
    snmp_agent.mib[NAME] = "changed"
""")
    result.assert_outcomes(passed=2)


def test_a_factory_starts_several_agents_and_listeners(run):
    result = run("""
@pytest.fixture
def core(snmp_agent_factory):
    return snmp_agent_factory(mib={NAME: "core"})


def test_several(core, snmp_agent_factory, snmp_listener_factory, snmp_agent):
    edge = snmp_agent_factory(mib={NAME: "edge"})
    listeners = [snmp_listener_factory(), snmp_listener_factory(credentials=ALICE)]
    assert (value_of(core), value_of(edge)) == (b"core", b"edge")
    assert len({each.port for each in (core, edge, snmp_agent, *listeners)}) == 5
""")
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("marker", "text"),
    [
        ("snmp_agent({})", "@pytest.mark.snmp_agent takes its options by name, as in mib={...}"),
        ("snmp_agent(mibs={})", "@pytest.mark.snmp_agent: an agent has no option 'mibs'; its options are clock, *"),
        ("snmp_agent(recording='x.snmprec')", "@pytest.mark.snmp_agent: no recording 'x.snmprec' in the folder of *"),
        ("snmp_agent(mib={NAME: object()})", "@pytest.mark.snmp_agent: *object*"),
        ("snmp_listener(mib={})", "@pytest.mark.snmp_listener: a listener has no option 'mib'; its options are *"),
    ],
)
def test_a_wrong_option_is_one_line_without_a_traceback(run, marker, text):
    result = run(f"""
@pytest.mark.{marker}
def test(snmp_agent, snmp_listener):
    raise AssertionError("not reached")
""")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([text])
    result.stdout.no_fnmatch_line("*fixtures.py*")
    result.stdout.no_fnmatch_line("During handling*")


def test_the_markers_are_listed(pytester, run):
    result = run("", "--markers")
    result.stdout.fnmatch_lines(["@pytest.mark.snmp_agent(mib=, *", "@pytest.mark.snmp_listener(credentials=, *"])


# ------------------------------------------------------------------------------------------------ reports


def test_a_failed_test_shows_the_conversation_decrypted_and_without_secrets(run):
    result = run("""
@pytest.mark.snmp_agent(mib={NAME: "core"}, users=[ALICE])
def test_v3(snmp_agent):
    assert value_of(snmp_agent, ALICE) == b"edge"


@pytest.mark.snmp_agent(mib={NAME: "core"}, read_community="hidden")
def test_v2c(snmp_agent):
    with pytest.raises(TimeoutError):
        value_of(snmp_agent, Community("hidding"), timeout=0.05)
    value_of(snmp_agent, Community("hidden"), timeout=0.05)
    assert snmp_agent.requests == []
""")
    result.assert_outcomes(failed=2)
    lines = lines_of(result)
    assert lines[0].startswith("#1    connection from 127.0.0.1:")
    value = lines.index('1.3.6.1.2.1.1.5.0 (sysName.0) = "core"')
    assert lines[value - 1].startswith('#1    sent: SNMPv3 get-response, authPriv, user "alice", decrypted, 1 variable')
    result.stdout.fnmatch_lines(["*s  #1    dropped it: unknown community"])
    said = "\n".join(line for line in result.outlines if "s  #" in line or line.startswith(" " * 19))
    assert not [secret for secret in ("sesame", "hidden", "hidding") if secret in said]


def test_each_message_is_explained_field_by_field_when_pytest_is_told_to_say_all(run):
    result = run(
        """
@pytest.mark.snmp_agent(mib={NAME: "core"})
def test_it(snmp_agent):
    assert value_of(snmp_agent) == b"edge"
""",
        "-vv",
    )
    result.stdout.fnmatch_lines(["*SNMP conversation with agent 127.0.0.1:*", '*value: OCTET STRING = "core"'])


def test_passed_skipped_and_expected_failures_show_nothing(run):
    result = run(
        """
pytestmark = pytest.mark.snmp_agent(mib={NAME: "core"})


def test_passed(snmp_agent):
    value_of(snmp_agent)


def test_skipped(snmp_agent):
    value_of(snmp_agent)
    pytest.skip("no reason")


@pytest.mark.xfail
def test_expected(snmp_agent):
    assert value_of(snmp_agent) == b"edge"


def test_without_an_agent():
    assert 1 == 2
""",
        "-rA",
    )
    result.assert_outcomes(passed=1, skipped=1, xfailed=1, failed=1)
    result.stdout.no_fnmatch_line("*SNMP conversation*")


def test_a_failed_fixture_and_a_failed_teardown_show_the_conversation(run):
    result = run("""
pytestmark = pytest.mark.snmp_agent(mib={NAME: "core"})


@pytest.fixture
def before(snmp_agent):
    assert value_of(snmp_agent) == b"edge"


@pytest.fixture
def after(snmp_agent):
    yield
    assert value_of(snmp_agent) == b"edge"


def test_before(before):
    pass


def test_after(after):
    pass
""")
    result.assert_outcomes(errors=2, passed=1)
    assert sum("SNMP conversation with agent" in line for line in result.outlines) == 2


def test_all_agents_and_listeners_of_a_test_are_shown(run):
    result = run("""
def test_it(snmp_agent_factory, snmp_listener):
    value_of(snmp_agent_factory(mib={NAME: "core"}))
    snmp_agent_factory()
    assert snmp_listener.wait_for(timeout=0.01)
""")
    result.assert_outcomes(failed=1)
    assert sum("SNMP conversation with agent" in line for line in result.outlines) == 2
    assert "has received 0 notifications and not 1 in 0.01 s" in result.stdout.str()
    result.stdout.fnmatch_lines(["*SNMP conversation with listener*", "nobody has connected"])


# ------------------------------------------------------------------------------------------------ the end


def left_open():
    """Return the threads and the listening sockets of agents and listeners in this process."""
    gc.collect()
    sockets = [each for each in gc.get_objects() if type(each) is socket.socket and each.fileno() >= 0]
    listening = [each for each in sockets if each.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)]
    return [thread for thread in threading.enumerate() if "127.0.0.1" in thread.name], listening


@pytest.mark.parametrize(
    ("ending", "outcome"),
    [("assert False", {"failed": 1}), ("pytest.exit('enough')", {}), ("raise KeyboardInterrupt", {})],
)
def test_threads_and_sockets_end_with_the_test_however_it_ends(run, ending, outcome):
    before = left_open()
    result = run(
        f"""
@pytest.mark.snmp_agent(mib={{NAME: "core"}})
def test_it(snmp_agent, snmp_listener):
    value_of(snmp_agent)
    {ending}
""",
        no_reraise_ctrlc=True,
    )
    result.assert_outcomes(**outcome)
    assert left_open() == before
    assert "Warning" not in result.stdout.str() + result.stderr.str()


def test_workers_of_xdist_show_conversations_also_of_tests_that_run_out_of_time(run):
    result = run(
        """
pytestmark = pytest.mark.snmp_agent(mib={NAME: "core"})


def test_passed(snmp_agent):
    assert value_of(snmp_agent) == b"core"


@pytest.mark.timeout(0.3)
def test_failed(snmp_agent):
    snmp_agent.inject(Hold())
    assert value_of(snmp_agent, timeout=50) == b"core"
""",
        *("-p", "xdist.plugin", "-n", "1", "-p", "pytest_timeout"),
        here=False,
    )
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*Timeout*", "*SNMP conversation with agent*", "*fault in the next response: Hold()"])
    assert "Warning" not in result.stdout.str() + result.stderr.str()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_ctrl_c_ends_a_test_that_waits(pytester, run):
    pytester.makepyfile("""
        def test_it(snmp_agent):
            print("waiting", flush=True)
            snmp_agent.wait_for_requests(1, timeout=50)
    """)
    process = subprocess.Popen(
        [sys.executable, "-m", "pytest", *OPTIONS, "-s"],
        cwd=pytester.path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )
    assert process.stdout is not None
    said = ""
    with process:
        for line in process.stdout:
            said += line
            if "waiting" in line:
                process.send_signal(signal.SIGINT)
    assert process.returncode == 2
    assert "KeyboardInterrupt" in said
    assert "Warning" not in said


# ------------------------------------------------------------------------------------------------- the cost


@pytest.fixture
def installed(pytester, monkeypatch):
    """Install the plugin as a wheel does: an entry point, and the list of the files that came with it."""
    folder = pytester.mkdir("site-packages")
    facts = folder / "snmptcp_of_a_test-1.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: snmptcp-of-a-test\nVersion: 1\n")
    (facts / "entry_points.txt").write_text("[pytest11]\nsnmptcp = pytest_snmptcp\n")
    files = ("pytest_snmptcp.py", "snmptcp/__init__.py", "snmptcp/oid.py")
    (facts / "RECORD").write_text("".join(f"{name},,\n" for name in files))
    monkeypatch.setenv("PYTHONPATH", f"{folder}{os.pathsep}{ROOT}")
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    monkeypatch.syspath_prepend(folder)


def test_a_run_without_agents_imports_the_plugin_alone_and_others_import_the_package_as_it_is(pytester, installed):
    """pytest would rewrite the assertions of the whole package, because it was installed together with a plugin."""
    pytester.makepyfile("def test_nothing(): pass")
    pytester.makeconftest("""
        import sys

        def pytest_sessionfinish():
            print("loaded:", sorted(name for name in sys.modules if "snmptcp" in name))
            import snmptcp
            print("loader:", type(snmptcp.__spec__.loader).__name__)
    """)
    others = ("anyio", "asyncio", "hypothesispytest", "timeout", "xdist", "xdist.looponfail")
    without = [word for name in others for word in ("-p", f"no:{name}")]
    result = pytester.runpytest_subprocess("-s", "-p", "no:cacheprovider", "-W", "error", *without)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*loaded: [[]'pytest_snmptcp'[]]", "loader: SourceFileLoader"])


def test_the_plugin_can_be_switched_off(pytester, installed):
    pytester.makepyfile("def test_it(snmp_agent): pass")
    options = ("-p", "no:cacheprovider", "-p", "no:asyncio")
    pytester.runpytest_inprocess(*options).assert_outcomes(passed=1)
    result = pytester.runpytest_inprocess(*options, "-p", "no:snmptcp")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*fixture 'snmp_agent' not found"])


def test_plain_assertions_are_no_obstacle(run):
    run("def test_nothing(): pass", "--assert=plain").assert_outcomes(passed=1)


def test_the_entry_point_and_the_wheel_name_the_module():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["entry-points"]["pytest11"] == {"snmptcp": pytest_snmptcp.__name__}
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["only-include"] == ["snmptcp", "pytest_snmptcp.py"]
