"""One snmpd for all interop tests that do not stop it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.snmpd import Snmpd

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def snmpd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snmpd]:
    agent = Snmpd(tmp_path_factory.mktemp("snmpd"))
    agent.start()
    yield agent
    agent.stop()
