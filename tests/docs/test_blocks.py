"""Every block of code on every page runs in a test, or a comment above it says why not."""

from __future__ import annotations

import ast
import re
import shlex
import tomllib
from typing import TYPE_CHECKING

import pytest

from snmptcp import Community, NotificationListener, UsmUser
from snmptcp.cli.main import main
from snmptcp.cli.parser import COMMANDS, parse_command
from tests.support.certificates import certificates
from tests.support.pages import ROOT, Block, blocks, pages
from tests.support.threaded import LoopThread, ThreadedAgent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from snmptcp import Notification
    from snmptcp.mib import Mib

BLOCKS = [block for page in pages() for block in blocks(page)]

#: The tests that run the Python of a page, each block of it.
RUN_BY = {
    "README.md": "tests/examples/test_readme.py",
    "docs/embedding.md": "tests/docs/test_programs.py",
    "docs/exporter.md": "tests/docs/test_programs.py",
    "docs/fleets.md": "tests/docs/test_programs.py, tests/examples/test_fleets_page_sinks.py",
    "docs/index.md": "tests/docs/test_programs.py",
    "docs/ipworks.md": "tests/docs/test_programs.py",
    "docs/mibs.md": "tests/test_mib_page.py",
    "docs/migrating-from-easysnmp.md": "tests/test_migration_pages.py",
    "docs/migrating-from-gufo-snmp.md": "tests/test_migration_pages.py",
    "docs/migrating-from-netsnmp-python.md": "tests/test_migration_pages.py",
    "docs/migrating-from-pysnmp.md": "tests/test_migration_pages.py",
    "docs/notifications.md": "tests/examples/test_notifications_page.py",
    "docs/observing.md": "tests/examples/test_observing_page.py",
    "docs/sans-io.md": "tests/docs/test_programs.py",
    "docs/scale.md": "tests/examples/test_scale_page.py",
    "docs/snmpv3.md": "tests/examples/test_snmpv3_page.py",
    "docs/testing.md": "tests/testing/test_docs.py",
    "docs/tls.md": "tests/examples/test_tls_page.py",
    "docs/tutorial.md": "tests/docs/test_tutorial.py",
    "docs/web.md": "tests/docs/test_programs.py",
    "examples/README.md": "tests/docs/test_programs.py",
}

#: Commands that are only parsed here, and the tests that run them.
RUN_ELSEWHERE = {
    "agent": "tests/cli/commands/test_agent.py",
    "delta": "tests/cli/commands/test_delta.py",
    "demo": "tests/cli/commands/test_demo.py",
    "df": "tests/cli/commands/test_df.py",
    "exporter": "tests/cli/commands/test_exporter.py",
    "listen": "tests/cli/commands/test_listen.py",
    "mib": "tests/cli/commands/test_mib.py",
    "poll": "tests/cli/commands/test_poll.py",
    "usm": "tests/cli/commands/test_usm.py",
    "web": "tests/cli/commands/test_web.py",
}


def test_a_block_is_read_with_the_reason_above_it() -> None:
    text = (
        "a\n\n<!-- not run: it needs\na device -->\n```python\nprint(1)\n```\n\n1. b\n\n   ```console\n   $ c\n   ```\n"
    )
    assert blocks("x.md", text) == [
        Block("x.md", 5, "python", "print(1)\n", "it needs\na device"),
        Block("x.md", 11, "console", "$ c\n", ""),
    ]


@pytest.mark.parametrize("block", [block for block in BLOCKS if block.language in {"python", "py"}], ids=str)
def test_a_block_of_python_is_python(block: Block) -> None:
    compile(block.code, str(block), "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT | ast.PyCF_ONLY_AST)


def test_code_of_other_libraries_says_why_it_is_not_run() -> None:
    assert [str(block) for block in BLOCKS if block.language == "py" and not block.reason] == []


def test_the_python_of_every_page_is_run_by_tests_that_read_the_page() -> None:
    run = {block.page for block in BLOCKS if block.language == "python" and not block.reason}
    assert run == set(RUN_BY), "name the test that runs the page's blocks, or say above each why it is not run"
    for page, tests in RUN_BY.items():
        for test in tests.split(", "):
            name = re.sub(r"^docs/(migrating-from-)?|\.md$", "", page)
            assert name in (ROOT / test).read_text(encoding="utf-8"), f"{test} does not read {page}"


def test_a_block_with_a_prompt_is_marked_as_console() -> None:
    prompts = [str(block) for block in BLOCKS if re.match(r"\$ snmptcp", block.code) and block.language != "console"]
    assert prompts == []


# ------------------------------------------------------------------------------------ command lines

MONITOR = UsmUser("monitor", "SHA-256", "authentic!", "AES", "privately!")
VARIABLES = {
    "1.3.6.1.2.1.1.1.0": "a switch",
    "1.3.6.1.2.1.1.2.0": "1.3.6.1.4.1.9999",
    "1.3.6.1.2.1.1.3.0": 4711,
    "1.3.6.1.2.1.1.5.0": "sw1",
    **{f"1.3.6.1.2.1.2.2.1.{column}.{row}": value for row in (2, 3) for column, value in ((1, row), (7, 1), (8, 1))},
    **{f"1.3.6.1.2.1.2.2.1.2.{row}": f"eth{row}" for row in (2, 3)},
    **{f"1.3.6.1.2.1.31.1.1.1.{column}.3": name for column, name in ((1, "eth3"), (18, "uplink"))},
}


def commands(block: Block) -> list[list[str]]:
    """Return the words of each command of a block, up to a pipe or a redirection."""
    found = []
    for line in re.findall(r"^\$ (.*)$", block.code, re.MULTILINE):
        words = shlex.split(line, comments=True)
        end = next((position for position, word in enumerate(words) if word in {"|", ">"}), len(words))
        found.append(words[:end])
    return found


CONSOLE = [block for block in BLOCKS if block.language == "console" and block.page != "docs/tutorial.md"]


@pytest.fixture(scope="module")
def agent() -> Iterator[ThreadedAgent]:
    with ThreadedAgent(VARIABLES, users=[MONITOR], write_community="private") as found:
        yield found


@pytest.fixture(scope="module")
def receiver() -> Iterator[NotificationListener]:
    async def forget(_: Notification) -> None:
        pass

    thread = LoopThread()
    who: list[Community | UsmUser] = [Community("public"), UsmUser("monitor")]
    listener = thread.call(lambda: NotificationListener("127.0.0.1", 0, credentials=who, handler=forget))
    thread.run(listener.start())
    yield listener
    thread.run(listener.aclose())
    thread.close()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the present folder, with the files that command lines name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MIBS", raising=False)
    monkeypatch.setenv("SNMPCONFPATH", "/nonexistent")
    certificates().write(tmp_path)
    for name in ("pem", "key"):
        (tmp_path / f"me.{name}").write_bytes((tmp_path / f"client.{name}").read_bytes())
    return tmp_path


@pytest.mark.parametrize("block", [block for block in CONSOLE if not block.reason], ids=str)
def test_the_commands_of_a_block_work(
    block: Block,
    agent: ThreadedAgent,
    receiver: NotificationListener,
    folder: Path,
    acme_folder: Path,
    acme_mib: Mib,
    capsys: pytest.CaptureFixture[str],
) -> None:
    places = {
        "192.0.2.1": f"{agent.host}:{agent.port}",
        "192.0.2.9": f"127.0.0.1:{receiver.port}",
        **{name: str(acme_folder) for name in ("vendor-mibs", "/usr/share/vendor-mibs")},
        "+/opt/mibs": f"+{acme_folder}",
        **{word: f"{word}-password" for word in ("OLD", "NEW")},
    }
    if "acme.mib" in block.code:
        acme_mib.save(folder / "acme.mib")
    for program, *words in commands(block):
        if program == "pip":
            check_extras(words)
        if program in {"pip", "curl"}:
            continue
        assert program == "snmptcp", f"{program} cannot be run here: say so above the block"
        line = [places.get(word, word) for word in words]
        if words[0] in RUN_ELSEWHERE or any(word in {"-M", "--mib-file"} or "tls" in word for word in words):
            parse_command(line)  # ends the process if something is wrong
        else:
            assert main(line) == 0, f"{shlex.join(words)}: {capsys.readouterr().err}"


def check_extras(words: list[str]) -> None:
    """Check that what `pip install` names exists."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert words[0] == "install"
    for extras in re.findall(r"\[(.*?)\]", " ".join(words)):
        assert set(extras.split(",")) <= set(project["optional-dependencies"])


def test_what_is_run_elsewhere_exists() -> None:
    assert set(RUN_ELSEWHERE) <= set(COMMANDS)
    assert [path for path in RUN_ELSEWHERE.values() if not (ROOT / path).exists()] == []
    assert [path for paths in RUN_BY.values() for path in paths.split(", ") if not (ROOT / path).exists()] == []
