"""docs/fleets.md: its file is right, and it names every key."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from snmptcp import Tsm, UsmUser
from snmptcp.fleet.files import load
from snmptcp.fleet.files.credentials import CREDENTIAL_FIELDS
from snmptcp.fleet.files.document import FILES_FIELDS, TABLES
from snmptcp.fleet.files.jobs import JOB_FIELDS
from snmptcp.fleet.files.settings import BACK_OFF_FIELDS, FLEET_FIELDS, MIB_FIELDS
from snmptcp.fleet.files.sinks import SINKS
from snmptcp.fleet.files.targets import TARGET_FIELDS
from snmptcp.fleet.files.tls import TLS_FIELDS
from tests.support.certificates import certificates

if TYPE_CHECKING:
    from collections.abc import Iterable

PAGE = (Path(__file__).parents[3] / "docs" / "fleets.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("## Targets of a file\n")[2].partition("\n## ")[0]


def block(language: str, start: str) -> str:
    """Return the first block that begins with a text."""
    found = re.search(rf"^```{language}\n({re.escape(start)}.*?)^```", SECTION, re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


def test_the_file_of_the_page_says_what_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPS_AUTH", "authentic")
    certificates().write(tmp_path)
    for name in ("pem", "key"):
        (tmp_path / f"client.{name}").rename(tmp_path / f"manager.{name}")
    (tmp_path / "ops.priv").write_text("privately\n")
    (tmp_path / "devices-1.csv").write_text(block("", "host,port,name"))
    (tmp_path / "fleet.toml").write_text(block("toml", "[fleet]"))
    file = load(tmp_path / "fleet.toml")
    assert [target.name for target in file.targets] == ["192.0.2.1", "core", "core-1", "192.0.2.11:1161"]
    assert file.targets[0].labels == {"site": "Lyon"}
    assert file.targets[1].credentials == Tsm()
    assert file.targets[2].credentials == UsmUser("ops", "SHA-256", "authentic", "AES", "privately")
    assert file.targets[2].labels == {"site": "Paris", "rack": "3"}
    assert len(file.sinks) == 1


@pytest.mark.parametrize(
    "keys",
    [
        *(
            FLEET_FIELDS,
            BACK_OFF_FIELDS,
            MIB_FIELDS,
            JOB_FIELDS,
            TARGET_FIELDS,
            FILES_FIELDS,
            TLS_FIELDS,
            SINKS,
            TABLES,
        ),
        CREDENTIAL_FIELDS,
    ],
)
def test_every_key_is_on_the_page(keys: Iterable[str]) -> None:
    names = {re.sub("_(env|file)$", "", key) for key in keys}
    assert [name for name in sorted(names) if not re.search(rf"[`\[\".]{name}[`\]\".]", SECTION)] == []
