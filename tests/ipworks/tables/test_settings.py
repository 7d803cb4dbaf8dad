"""The table of settings: defaults."""

from __future__ import annotations

import pytest

from snmptcp.ipworks.tables.settings import SETTINGS


@pytest.mark.parametrize("entry", SETTINGS.values(), ids=lambda entry: entry.name)
def test_a_setting_reads_as_its_default_first(entry, idle) -> None:
    if entry.name in ("BuildInfo", "LicenseInfo"):
        assert idle.config(entry.name)
    else:
        assert idle.config(entry.name) == str(entry.default)


@pytest.mark.parametrize("entry", [e for e in SETTINGS.values() if e.writable], ids=lambda entry: entry.name)
def test_a_setting_takes_its_own_default(entry, idle) -> None:
    assert idle.config(f"{entry.name}={entry.default}") == ""
    assert idle.config(entry.name) == str(entry.default)
