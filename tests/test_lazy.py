"""Names of a package that are imported on first use."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import types

import pytest

from snmptcp.cli.parser import COMMANDS
from snmptcp.lazy import lazy_names
from snmptcp.mib import Mib
from snmptcp.testing import ThreadedAgent


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """Return a package with one name of its own and one lazy name."""
    module = types.ModuleType("lazy_package")
    monkeypatch.setitem(sys.modules, "lazy_package", module)
    module.own = 1  # type: ignore[attr-defined]
    module.__getattr__, list_names = lazy_names("lazy_package", {"OrderedDict": "collections"})  # type: ignore[method-assign]
    module.__dir__ = list_names  # type: ignore[method-assign]
    return module


def test_a_name_is_imported_on_first_use_and_kept(package: types.ModuleType) -> None:
    assert "OrderedDict" not in vars(package)
    assert package.OrderedDict is sys.modules["collections"].OrderedDict
    assert vars(package)["OrderedDict"] is package.OrderedDict


def test_a_name_that_the_package_does_not_have_is_an_attribute_error(package: types.ModuleType) -> None:
    with pytest.raises(AttributeError, match="module 'lazy_package' has no attribute 'Missing'"):
        _ = package.Missing


def test_dir_lists_lazy_names_before_they_are_imported(package: types.ModuleType) -> None:
    assert {"own", "OrderedDict"} <= set(dir(package))
    assert dir(package) == sorted(dir(package))
    assert "OrderedDict" not in vars(package)


def test_commands_without_an_agent_load_neither_event_loops_nor_tls() -> None:
    code = """if True:
        import sys
        from snmptcp.cli.parser import parse_command
        for line in ("completion bash", "translate -On 1.3", "mib list", "explain 3000"):
            parse_command(line.split())
        print(sorted({"asyncio", "ssl", "snmptcp.manager.manager"} & set(sys.modules)))
    """
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"


def loaded_beside(first: str, then: str, names: set[str]) -> list[str]:
    """Return which modules some code loads, of those that take long, beside those that other code has loaded."""
    code = f"""if True:
        import sys
        {first}
        before = set(sys.modules)
        {then}
        print(sorted(set(sys.modules) - before & {names!r}), file=sys.stderr)
    """
    environment = {name: value for name, value in os.environ.items() if name != "MIBS"}  # names are read and shown
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert found.returncode == 0, found.stderr
    after: list[str] = ast.literal_eval(found.stderr.splitlines()[-1])
    return after


#: What a program of SNMPv2c over TCP has no use for.  Each takes a millisecond or more of a start.
FOREIGN = {
    "cryptography",
    "datetime",
    "encodings.idna",
    "fnmatch",
    "hashlib",
    "hmac",
    "ipaddress",
    "pathlib",
    "random",
    "secrets",
    "urllib.parse",
    "uuid",
    "xml",
}
OURS = {
    "snmptcp.fleet",
    "snmptcp.listener",
    "snmptcp.manager.notifications",
    "snmptcp.manager.telling",
    "snmptcp.mib",
    "snmptcp.net.proxy",
    "snmptcp.net.server",
    "snmptcp.net.tls",
    "snmptcp.security.privacy",
    "snmptcp.security.tsm",
    "snmptcp.security.usm",
    "snmptcp.security.usm_keys",
    "snmptcp.testing",
}


def test_the_package_itself_loads_no_event_loop_and_no_room_but_values_and_credentials() -> None:
    rooms = {f"snmptcp.{name}" for name in ("manager", "net", "protocol", "security")}
    assert loaded_beside("", "import snmptcp", FOREIGN | OURS | rooms | {"asyncio", "logging", "ssl"}) == []


@pytest.mark.parametrize("manager", ["from snmptcp import Manager", "from snmptcp.sync import SyncManager"])
def test_a_manager_loads_neither_tls_nor_ciphers_nor_what_few_managers_need(manager: str) -> None:
    assert loaded_beside("import asyncio", manager, FOREIGN | OURS) == []


def test_the_first_read_with_a_community_loads_nothing_of_snmpv3_and_tls() -> None:
    with ThreadedAgent() as agent:
        read = f"""
        async def read():
            async with Manager({agent.host!r}, {agent.port}, credentials=Community("public")) as manager:
                await manager.get("1.3.6.1.2.1.1.3.0")
        asyncio.run(read())"""
        assert loaded_beside("import asyncio; from snmptcp import Community, Manager", read, FOREIGN | OURS) == []


def test_the_command_get_loads_one_command_and_neither_tls_nor_ciphers() -> None:
    others = {f"snmptcp.cli.commands.{name}" for name in COMMANDS if name != "get"}
    unused = OURS - {"snmptcp.mib", "snmptcp.net.proxy"} | others | {"cryptography", "difflib", "hashlib", "random"}
    Mib()  # compiles the standard modules, if that has not been done yet
    with ThreadedAgent() as agent:
        words = ["snmptcp", "get", "-v2c", "-c", "public", f"{agent.host}:{agent.port}", "sysUpTime.0"]
        command = f"sys.argv = {words!r}; from snmptcp.cli.main import main; assert main() == 0"
        assert loaded_beside("", command, unused) == []


@pytest.mark.parametrize("word", ["--version", "--help"])
def test_what_needs_no_command_loads_none_of_their_options(word: str) -> None:
    command = f"from snmptcp.cli.main import main; main([{word!r}])"
    unused = {"asyncio", "ssl", "snmptcp.cli.options", "snmptcp.cli.configuration", "snmptcp.mib"}
    assert loaded_beside("", command, unused) == []
