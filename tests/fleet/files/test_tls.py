"""Options of TLS of a fleet's file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import TlsOptions
from snmptcp.errors import ConfigurationError
from snmptcp.fleet.files.tls import has_password, read_tls
from snmptcp.net.tls import CrlCheck
from tests.fleet.files.helpers import place
from tests.support.certificates import certificates

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def files(tmp_path: Path) -> Path:
    certificates().write(tmp_path)
    return tmp_path


def test_a_table_becomes_options_with_files_beside_it(files: Path) -> None:
    here = place(files)
    table = {
        "ca": "ca.pem",
        "certificate": "client.pem",
        "key": "client.key",
        "server_name": "agent.test",
        "minimum_version": "1.3",
        "reload_on_change": 60,
        "key_log": "keys.log",
    }
    assert read_tls(table, here) == TlsOptions(
        ca_file=files / "ca.pem",
        certificate=files / "client.pem",
        key=files / "client.key",
        server_name="agent.test",
        minimum_version="1.3",
        reload_on_change=60,
        key_log=files / "keys.log",
    )
    (files / "authorities").mkdir()
    (files / "ca.pem").rename(files / "authorities" / "ca.pem")
    table = {"ca": "authorities", "crl_check": "chain", "fingerprints": "ab" * 32}
    assert read_tls(table, here) == TlsOptions(
        ca_directory=files / "authorities", crl_check=CrlCheck.CHAIN, fingerprints="ab" * 32
    )
    here.mistakes.tell()


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ({"ca": "nowhere.pem"}, "here.ca: there is no file or folder"),
        ({"ca_file": "ca.pem"}, "there is no key 'ca_file'"),
        ({"ca": "server.key"}, "server.key"),
        ({"certificate": "client.pem", "key": "server.key"}, "here: "),
        ({"key": "client.key"}, "key= needs certificate="),
        ({"fingerprints": ["ab"]}, "here: "),
        ({"minimum_version": "1.1"}, "a TLS version must be '1.2' or '1.3'"),
        ({"reload_on_change": "x"}, "true, false or a number of seconds is right"),
        ({"crl_check": "all"}, '"leaf" or "chain" is right'),
        ({"verify": False, "ca": "ca.pem"}, "verify=False accepts every peer"),
    ],
)
def test_options_that_cannot_work_are_refused_when_the_file_is_read(
    table: dict[str, Any], text: str, files: Path
) -> None:
    here = place(files)
    assert read_tls(table, here) is None
    with pytest.raises(ConfigurationError) as caught:
        here.mistakes.tell()
    assert text in str(caught.value)


def test_a_password_in_the_table_is_a_secret() -> None:
    assert has_password({"password": "x"})
    assert not has_password({"password_env": "x"})
