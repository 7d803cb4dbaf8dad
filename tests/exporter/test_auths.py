"""Entries of auths as credentials, TLS, and environment variables in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp import Community, SecurityWarning, Tsm, UsmUser
from snmptcp.errors import ConfigurationError
from snmptcp.exporter.auths import check_tls_files, credentials_of, expanded, tls_of
from snmptcp.exporter.config import Auth, AuthTls
from snmptcp.net.tls import Fingerprint
from tests.support.certificates import Certificates, certificates_fixture

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ("certificates_fixture",)


def test_versions_1_and_2_are_communities() -> None:
    assert credentials_of(Auth(community="c")) == Community("c", "2c")
    assert credentials_of(Auth(version=1)) == Community("public", "1")


def test_version_3_is_a_user_at_its_level() -> None:
    auth = Auth(
        version=3,
        username="u",
        security_level="authPriv",
        password="authentic!",
        auth_protocol="SHA256",
        priv_protocol="AES256C",
        priv_password="privately!",
        context_name="c",
    )
    assert credentials_of(auth) == UsmUser("u", "SHA-256", "authentic!", "AES-256-C", "privately!", "c")
    assert credentials_of(auth, "d", b"12345") == UsmUser(
        "u", "SHA-256", "authentic!", "AES-256-C", "privately!", "d", context_engine_id=b"12345"
    )


def test_keys_above_the_level_are_not_used() -> None:
    auth = Auth(version=3, username="u", password="authentic!", priv_password="privately!")
    assert credentials_of(auth) == UsmUser("u", "SHA", None, "AES", None)


def test_md5_is_the_default_of_the_format_and_is_warned_of() -> None:
    auth = Auth(version=3, username="a user of its own", security_level="authNoPriv", password="authentic!")
    with pytest.warns(SecurityWarning, match="authenticates with MD5"):
        credentials_of(auth)


def test_the_transport_security_model_has_no_user() -> None:
    assert credentials_of(Auth(version=3, security_model="tsm"), "c") == Tsm("c")


def test_tls_of_an_auth_is_that_of_a_manager() -> None:
    options = tls_of(AuthTls(fingerprints=("ab" * 32,), server_name="a"))
    assert options.server_name == "a"
    assert options.fingerprints == (Fingerprint.parse("ab" * 32),)
    with pytest.raises(ConfigurationError):
        tls_of(AuthTls(fingerprints=("zz",)))


def test_variables_stand_for_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORD", "s$cret")
    given = {"username": "$WORD", "password": "a${WORD}b", "priv_password": "plain", "community": "$WORD"}
    assert expanded({**given}, "f") == {**given, "username": "s$cret", "password": "as$cretb"}
    assert expanded("no mapping", "f") == "no mapping"


def test_a_variable_that_is_not_set_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORD", raising=False)
    with pytest.raises(ConfigurationError, match="f: auths.a.password: the environment variable WORD is not set"):
        expanded({"password": "${WORD}"}, "f: auths.a")


def test_files_of_tls_that_cannot_be_used_are_errors_that_name_the_entry(
    certificates: Certificates, tmp_path: Path
) -> None:
    good = tmp_path / "ca.pem"
    good.write_text(certificates.ca_pem)
    check_tls_files({"plain": Auth(), "good": Auth(tls=AuthTls(ca_file=str(good)))})
    for name in ("none.pem", "bad.pem"):
        (tmp_path / "bad.pem").write_text("no certificate")
        with pytest.raises(ConfigurationError, match=rf"^auths\.odd\.tls: .*{name}"):
            check_tls_files({"good": Auth(), "odd": Auth(tls=AuthTls(ca_file=str(tmp_path / name)))})
