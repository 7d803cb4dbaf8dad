"""The choice of the security model for credentials."""

from __future__ import annotations

from typing import Any

import pytest

from snmptcp.credentials import Community, SnmpVersion, Tsm, UsmUser
from snmptcp.errors import ConfigurationError
from snmptcp.security.choose import security_of
from snmptcp.security.community import CommunitySecurity
from snmptcp.security.remote_engine import Engine
from snmptcp.security.tsm import TsmSecurity
from snmptcp.security.usm import UsmSecurity


@pytest.mark.parametrize(
    ("credentials", "kind", "version"),
    [
        (Community("public", "1"), CommunitySecurity, SnmpVersion.V1),
        (Community("public"), CommunitySecurity, SnmpVersion.V2C),
        (UsmUser("alice"), UsmSecurity, SnmpVersion.V3),
        (Tsm(), TsmSecurity, SnmpVersion.V3),
    ],
)
def test_each_kind_of_credentials_has_its_model(credentials: Any, kind: type, version: SnmpVersion) -> None:
    security = security_of(credentials, Engine(), 65507)

    assert isinstance(security, kind)
    assert security.version is version


def test_a_community_needs_no_engine() -> None:
    assert security_of(Community("public"), None, 65507).ready


@pytest.mark.parametrize(
    ("credentials", "engine"), [(UsmUser("alice"), None), (Tsm(), None), ("secret", Engine()), (None, Engine())]
)
def test_other_objects_and_snmpv3_without_an_engine_are_refused(credentials: Any, engine: Engine | None) -> None:
    with pytest.raises(ConfigurationError, match="credentials must be") as caught:
        security_of(credentials, engine, 65507)

    assert "secret" not in str(caught.value)
