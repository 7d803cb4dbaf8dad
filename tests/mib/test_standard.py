"""The modules that are loaded without being asked for."""

from snmptcp.mib import Mib
from snmptcp.mib.standard import STANDARD_MODULES


def test_all_standard_modules_are_loaded_and_none_is_broken() -> None:
    mib = Mib()
    assert [module.name for module in mib.modules] == list(STANDARD_MODULES)
    assert mib.problems == ()
