"""What the extra installs."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

from snmptcp.web.extra import missing_extra


def test_the_error_names_the_library_and_what_to_install() -> None:
    assert str(missing_extra()) == "the page needs aiohttp, which is not installed: pip install 'snmptcp[web]'"


def test_the_extra_has_what_the_error_names() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    assert [each.partition(">")[0] for each in project["optional-dependencies"]["web"]] == ["aiohttp"]


def test_without_aiohttp_jobs_are_there_and_the_page_says_what_to_install() -> None:
    code = """if True:
        import sys
        sys.modules["aiohttp"] = None
        from snmptcp.web import interface_jobs
        try:
            from snmptcp.web import app
        except ValueError as error:
            print(error)
    """
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "the page needs aiohttp, which is not installed: pip install 'snmptcp[web]'\n"
