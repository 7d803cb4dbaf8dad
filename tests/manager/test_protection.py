"""Which engine the security model of a manager begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp import Community, ConfigurationError, EngineInfo, KnownEngines, TlsOptions, UsmUser
from snmptcp.manager.protection import Protection
from snmptcp.net.options import ConnectionOptions
from snmptcp.net.tls.session import ClientTls
from snmptcp.security.usm import UsmSecurity

if TYPE_CHECKING:
    from snmptcp.security.remote_engine import Engine

USER = UsmUser("monitor", "SHA-256", "authentic!")
OTHER = UsmUser("other", "SHA-256", "authentic!")
PLAIN = UsmUser("plain")
GIVEN = EngineInfo(b"\x80\x00\x1f\x88\x80engine", 3, 500)
OPTIONS = ConnectionOptions(host="192.0.2.1", port=161)


def protection(engines: KnownEngines | None = None, **options: bool) -> Protection:
    flags = {"volatile_engine": False, "frozen_clock": False, "any_community": False} | options
    return Protection(USER, engines, **flags)


def engine_of(model: object) -> Engine:
    assert isinstance(model, UsmSecurity)
    return model.engine


def test_an_engine_that_was_given_stays_the_agents_until_it_is_forgotten() -> None:
    ours = protection()
    given = engine_of(ours.use(USER, OPTIONS, GIVEN))
    assert given.engine_id == GIVEN.engine_id
    assert engine_of(ours.use(OTHER, OPTIONS, None)) is given
    ours.forget_given()
    assert engine_of(ours.use(OTHER, OPTIONS, None)).engine_id is None


def test_a_volatile_engine_that_was_given_is_only_the_first() -> None:
    ours = protection(volatile_engine=True)
    assert engine_of(ours.use(USER, OPTIONS, GIVEN)).engine_id == GIVEN.engine_id
    assert engine_of(ours.use(USER, OPTIONS, None)).engine_id is None


def test_engines_are_shared_by_those_that_are_protected_alike() -> None:
    engines = KnownEngines()
    known = engine_of(protection(engines).use(USER, OPTIONS, None))
    assert engine_of(protection(engines).use(OTHER, OPTIONS, None)) is known
    assert engine_of(protection(engines).use(PLAIN, OPTIONS, None)) is not known


def test_tls_that_verifies_the_agent_shares_nothing_with_tls_that_does_not() -> None:
    verified = ClientTls(TlsOptions(), "192.0.2.1")
    unverified = ClientTls(TlsOptions(verify=False), "192.0.2.1")
    assert protection().is_shared_alike(verified, None)  # nothing is shared
    assert protection(KnownEngines()).is_shared_alike(None, unverified)
    assert not protection(KnownEngines()).is_shared_alike(verified, unverified)


def test_credentials_that_are_none_change_nothing() -> None:
    ours = protection()
    with pytest.raises(ConfigurationError):
        ours.use("public", OPTIONS, None)  # type: ignore[arg-type]
    assert ours.credentials is USER


def test_a_community_has_no_engine() -> None:
    assert not hasattr(protection().use(Community("public"), OPTIONS, None), "engine")
