"""What the extra installs."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

from snmptcp.exporter.extra import missing_extra


def test_the_error_names_the_library_and_what_to_install() -> None:
    text = str(missing_extra("the exporter", "aiohttp"))
    assert text == "the exporter needs aiohttp, which is not installed: pip install 'snmptcp[exporter]'"


def test_the_extra_has_what_the_errors_name() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    names = {requirement.partition(">")[0] for requirement in project["optional-dependencies"]["exporter"]}
    assert names == {"aiohttp", "google-re2", "PyYAML"}


def test_without_aiohttp_the_import_says_what_to_install() -> None:
    code = """if True:
        import sys
        sys.modules["aiohttp"] = None
        from snmptcp.exporter import load_config
        try:
            from snmptcp.exporter import app
        except ValueError as error:
            print(error)
    """
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "the exporter needs aiohttp, which is not installed: pip install 'snmptcp[exporter]'\n"
