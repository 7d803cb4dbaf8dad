"""The pytest plugin of snmptcp: agents and listeners as fixtures, and conversations in the reports of failed tests.

Every run of pytest in an environment with snmptcp imports this module, whatever it tests.  So it is no part of the
package, whose import costs more than an empty run can bear, and it imports the package in its fixtures alone.

Contains: fixtures, markers and the sections of reports.
Does not contain: what the fixtures do (``snmptcp.testing.fixtures``), and the agents (``snmptcp.testing``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    import pluggy

    from snmptcp.testing import ThreadedAgent, ThreadedListener
    from snmptcp.testing.fixtures import Stage

__all__ = ("snmp_agent", "snmp_agent_factory", "snmp_listener", "snmp_listener_factory")

T = TypeVar("T")

_AGENT_MARKER = (
    "snmp_agent(mib=, recording=, users=, faults=, tls=, ...): options of the fixture snmp_agent, those of "
    "snmptcp.testing.Agent and two more; on a module, a class or a function: option by option, the nearest counts"
)
_LISTENER_MARKER = (
    "snmp_listener(credentials=, tls=, ...): options of the fixture snmp_listener, those of "
    "snmptcp.NotificationListener"
)

_STAGE: pytest.StashKey[Stage] = pytest.StashKey()


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Have pytest import the package as any other, before a conftest.py imports it.

    pytest rewrites the assertions of everything that is installed together with a plugin.  For a package of 400 modules
    this costs much: where Python may not keep bytecode, as in many containers, its import takes four times as long.
    """
    marked = getattr(early_config.pluginmanager.rewrite_hook, "_must_rewrite", None)  # there is no public way
    if isinstance(marked, set):
        marked.discard("snmptcp")


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers."""
    config.addinivalue_line("markers", _AGENT_MARKER)
    config.addinivalue_line("markers", _LISTENER_MARKER)


@pytest.fixture
def _snmp_stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    """Close what the other fixtures have started, and keep it for the report."""
    from snmptcp.testing.fixtures import Stage  # noqa: PLC0415 - only tests that use the plugin load the package

    folder, root = request.path.parent, request.config.rootpath
    above = [each for each in folder.parents if each == root or root in each.parents]
    stage = request.node.stash[_STAGE] = Stage((folder, *above))
    try:
        yield stage
    finally:
        stage.close()


@pytest.fixture
def snmp_agent_factory(_snmp_stage: Stage) -> Callable[..., ThreadedAgent]:
    """Start agents: each call returns one, with the options of the marker snmp_agent; the test's end closes them."""
    return _snmp_stage.start_agent


@pytest.fixture
def snmp_listener_factory(_snmp_stage: Stage) -> Callable[..., ThreadedListener]:
    """Start listeners: each call returns one, with the options of the marker snmp_listener."""
    return _snmp_stage.start_listener


@pytest.fixture
def snmp_agent(request: pytest.FixtureRequest, snmp_agent_factory: Callable[..., ThreadedAgent]) -> ThreadedAgent:
    """An SNMP agent in a thread of its own, with the options of the markers snmp_agent; see docs/testing.md."""
    return _start("snmp_agent", request, snmp_agent_factory)


@pytest.fixture
def snmp_listener(
    request: pytest.FixtureRequest, snmp_listener_factory: Callable[..., ThreadedListener]
) -> ThreadedListener:
    """A receiver of traps and informs in a thread of its own, with the options of the markers snmp_listener."""
    return _start("snmp_listener", request, snmp_listener_factory)


def _start(marker: str, request: pytest.FixtureRequest, start: Callable[..., T]) -> T:
    """Start what a fixture returns, with the options of its markers; a wrong option ends the test with one line."""
    from snmptcp.errors import SnmpError  # noqa: PLC0415 - only tests that use the plugin load the package

    options: dict[str, Any] = {}
    for mark in reversed(list(request.node.iter_markers(marker))):  # the nearest comes first there
        if mark.args:
            pytest.fail(f"@pytest.mark.{marker} takes its options by name, as in mib={{...}}", pytrace=False)
        options |= mark.kwargs
    problem = ""
    try:
        return start(**options)
    except (SnmpError, TypeError, OSError) as error:
        problem = str(error)
    pytest.fail(f"@pytest.mark.{marker}: {problem}", pytrace=False)  # here, so that it is not told with its cause


@pytest.hookimpl(hookwrapper=True)  # the older form: this module is loaded by whatever pytest there is
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pluggy.Result[pytest.TestReport], None]:
    """Add the conversations to the report of a failed test."""
    outcome = yield
    if call.excinfo is None or _STAGE not in item.stash:
        return
    report = outcome.get_result()
    if report.failed:
        report.sections += item.stash[_STAGE].sections(full=item.config.option.verbose >= 2)
