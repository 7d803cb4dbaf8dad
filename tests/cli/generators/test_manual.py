"""The manual page: what it has, and that programs for manual pages find nothing wrong with it."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from snmptcp.cli.generators.files import FILES
from snmptcp.cli.generators.manual import manual_page
from snmptcp.cli.generators.values import all_commands, is_hidden
from snmptcp.cli.parser import COMMANDS, full_parser
from tests.support.shells import require_program

if TYPE_CHECKING:
    from pathlib import Path

GUIDE = """\
# Title

What it is, in `code` and [a link](page.md).

```console
$ snmptcp get 'h'   # comment
```

## Exit codes

| code | meaning |
|---|---|
| 0 | done |
| 141 | closed (`walk \\| head`) |
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with the page."""
    (text,) = (make() for path, make in FILES.items() if path.suffix == ".1")
    file = tmp_path_factory.mktemp("manual") / "snmptcp.1"
    file.write_text(text)
    return file


def output_of(*words: str) -> str:
    finished = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert finished.stderr == ""
    return finished.stdout


def test_mandoc_has_nothing_to_say(page: Path) -> None:
    assert output_of(require_program("mandoc", "mandoc"), "-Tlint", str(page)) == ""


def test_groff_warns_of_nothing_and_shows_what_was_meant(page: Path) -> None:
    text = output_of(require_program("groff", "groff-base"), "-man", "-ww", "-Tutf8", "-P-cbou", str(page))
    words = " ".join(text.split())
    assert "snmptcp walk [OPTIONS] HOST [OID...]" in words
    assert "--tls-key-password PASSWORD" in words
    assert "snmptcp inform 192.0.2.9 '' IF-MIB::linkDown" in words
    assert "143 SIGHUP or SIGTERM ended walk --record" in words


def test_each_option_of_each_command_is_told_once_or_with_its_command() -> None:
    page = manual_page(full_parser(), GUIDE).replace("\\-", "-")
    actions = [action for _, command in all_commands(full_parser()) for action in command._actions]
    shown = {name for action in actions if not is_hidden(action) for name in action.option_strings}
    hidden = {name for action in actions if is_hidden(action) for name in action.option_strings}
    for name in shown | hidden:  # what one command refuses may be an option of another
        assert (f"\\fB{name}\\fR" in page) == (name in shown), name
    assert page.count(".TP\n\\fB--tls-ca\\fR") == 1
    assert page.count(".TP\n\\fIHOST\\fR") == 2  # the agent, and the receiver


def test_the_page_has_all_commands_and_what_the_guide_says() -> None:
    page = manual_page(full_parser(), GUIDE)
    assert re.findall(r"^\.SS snmptcp (.*)", page, re.MULTILINE)[: len(COMMANDS)] == list(COMMANDS)
    assert "What it is, in \\fBcode\\fR and a link." in page
    assert "\nsnmptcp get \\(aqh\\(aq   # comment\n" in page
    assert ".TP\n\\fB141\\fR\nclosed (\\fBwalk | head\\fR)\n" in page


def test_the_page_has_each_environment_variable_that_help_names() -> None:
    page = manual_page(full_parser(), GUIDE)
    for name in ("COMMUNITY", "AUTH_PASSWORD", "PRIV_PASSWORD", "TLS_KEY_PASSWORD", "PROXY"):
        assert f".TP\n\\fBSNMPTCP_{name}\\fR" in page
