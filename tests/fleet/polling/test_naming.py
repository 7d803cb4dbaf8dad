"""Names of samples: by MIB modules, or by numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp import OID, ConfigurationError, Integer32
from snmptcp.fleet.polling.naming import Naming

if TYPE_CHECKING:
    from snmptcp.mib import Mib

STATUS = OID("1.3.6.1.2.1.2.2.1.8.3")


def test_without_modules_an_object_is_called_by_its_numbers() -> None:
    naming = Naming(None)
    assert naming.locate(STATUS) == (str(STATUS), "", None)
    assert naming.oid("1.3.6.1") == OID("1.3.6.1")
    assert str(naming.typed(None, Integer32(2))) == "2"
    with pytest.raises(ConfigurationError, match="ifDescr"):
        naming.oid("ifDescr.1")


def test_with_modules_an_object_has_its_name_and_its_index(acme_mib: Mib) -> None:
    naming = Naming(acme_mib)
    name, arcs, node = naming.locate(STATUS)
    assert (name, arcs) == ("ifOperStatus", "3")
    assert str(naming.typed(node, Integer32(2))) == "down"
    assert naming.oid("ifOperStatus.3") == STATUS


def test_what_no_module_defines_is_called_by_its_numbers(acme_mib: Mib) -> None:
    unknown = OID("1.3.6.1.4.1.99999.1.2")
    name, arcs, node = Naming(acme_mib).locate(unknown)
    assert (name, arcs, node) == ("1.3.6.1.4.1.99999.1.2", "", None)
