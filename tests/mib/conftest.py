"""A Mib with the standard modules and a module of our own."""

from typing import TYPE_CHECKING

import pytest

from snmptcp.mib import Mib
from tests.mib.acme import ACME

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def acme_mib(tmp_path_factory: pytest.TempPathFactory) -> Mib:
    folder: Path = tmp_path_factory.mktemp("mibs")
    (folder / "acme.txt").write_text(ACME)
    mib = Mib(folders=[folder])
    assert mib.load("ACME-MIB") == ()
    return mib
