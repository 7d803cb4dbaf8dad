"""The public names: what users import is pinned here, and every module says what it offers."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import snmptcp
from snmptcp import errors

MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(snmptcp.__path__, "snmptcp.")
    if not module.ispkg and module.name != "snmptcp.__main__"
)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_offers_what_it_has_and_lists_it_in_order(name: str) -> None:
    module = importlib.import_module(name)

    assert isinstance(module.__all__, tuple)
    assert len(set(module.__all__)) == len(module.__all__)
    assert [listed for listed in module.__all__ if not hasattr(module, listed)] == []


def test_the_package_offers_every_exception_that_it_raises() -> None:
    raised = {name for name in errors.__all__ if isinstance(getattr(errors, name), type)}

    assert raised - set(snmptcp.__all__) == set()


def test_the_package_offers_the_names_that_the_design_promises() -> None:
    promised = {
        *("Manager", "Community", "UsmUser", "EngineInfo", "KnownEngines", "OID", "VarBind", "TableRow", "Value"),
        *("Integer32", "OctetString", "ObjectIdentifier", "IpAddress", "Counter32", "Gauge32", "Unsigned32"),
        *("TimeTicks", "Opaque", "Counter64", "Null", "NoSuchObject", "NoSuchInstance", "EndOfMibView", "SnmpError"),
    }

    assert promised - set(snmptcp.__all__) == set()
    assert all(hasattr(snmptcp, name) for name in snmptcp.__all__)
    assert snmptcp.ObjectIdentifier is snmptcp.OID


def test_importing_the_package_imports_neither_pyasn1_nor_the_test_kit() -> None:
    import subprocess
    import sys

    seen = "print([name for name in sys.modules if name.startswith(('pyasn1', 'snmptcp.testing', 'snmptcp.cli'))])"
    loaded = subprocess.run(
        [sys.executable, "-c", f"import sys, snmptcp; {seen}"], capture_output=True, text=True, check=True
    )

    assert loaded.stdout.strip() == "[]"
