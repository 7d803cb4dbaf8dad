"""Whether the files of TLS options have changed, and when to read them again."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import ConfigurationError, TlsOptions
from snmptcp.net.tls.watch import RETRY, FileWatch
from tests.support.certificates import certificates

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

C = certificates()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "authorities").mkdir()
    for name in ("a.pem", "a.key", "a.p12", "a.crl", "accepted.pem", "ca.pem", "authorities/one.pem"):
        (tmp_path / name).write_text("old")
    return tmp_path


def watch(folder: Path, *, changing: bool | float = True, **options: Any) -> FileWatch:
    names = {"certificate": "a.pem", "key": "a.key", "crl": "a.crl", "ca_directory": "authorities", **options}
    files = {option: folder / name for option, name in names.items() if name is not None}
    return FileWatch(TlsOptions(**files, reload_on_change=changing))


def renew(file: Path) -> None:
    new = file.with_suffix(".new")
    new.write_text("new")
    new.replace(file)


CHANGES: dict[str, Callable[[Path], object]] = {
    "a certificate is renewed": lambda folder: renew(folder / "a.pem"),
    "a key is written over": lambda folder: (folder / "a.key").write_text("longer than before"),
    "a list is touched": lambda folder: os.utime(folder / "a.crl", (1, 1)),
    "a list is missing": lambda folder: (folder / "a.crl").unlink(),
    "an authority is added": lambda folder: (folder / "authorities" / "two.pem").write_text("new"),
    "an authority is removed": lambda folder: (folder / "authorities" / "one.pem").unlink(),
    "an authority is renewed": lambda folder: renew(folder / "authorities" / "one.pem"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_every_change_is_seen(folder: Path, change: str) -> None:
    watching = watch(folder)
    assert not watching.is_due(0)
    CHANGES[change](folder)
    assert watching.is_due(0)


@pytest.mark.parametrize(
    "options",
    [
        {"certificate": None, "key": None, "pkcs12": "a.p12"},
        {"ca_directory": None, "ca_file": "ca.pem"},
        {"ca_directory": None, "crl": None, "accepted_certificates": "accepted.pem"},
    ],
)
def test_every_option_with_a_file_is_watched(folder: Path, options: dict[str, Any]) -> None:
    watching = watch(folder, **options)
    (changed,) = (name for name in options.values() if name is not None)
    renew(folder / changed)
    assert watching.is_due(0)


def test_nothing_is_watched_unless_asked_for(folder: Path) -> None:
    watching = watch(folder, changing=False)
    renew(folder / "a.pem")
    assert not watching.is_due(0)


def test_texts_are_no_files() -> None:
    options = TlsOptions(certificate=C.server.pem, ca_pem=C.ca_pem, crl=C.crl_pem, reload_on_change=True)
    assert not FileWatch(options).is_due(0)


def test_files_are_looked_at_no_more_often_than_asked_for(folder: Path) -> None:
    watching = watch(folder, changing=10)
    assert not watching.is_due(100)
    renew(folder / "a.pem")
    assert not watching.is_due(109)
    assert watching.is_due(110)


def test_what_could_not_be_used_is_due_again_when_it_changes_further_or_after_a_while(folder: Path) -> None:
    watching = watch(folder)
    renew(folder / "a.pem")
    assert watching.is_due(0)
    assert watching.failed(0)
    assert not watching.is_due(1)
    renew(folder / "a.key")
    assert watching.is_due(2)
    assert watching.failed(2)
    assert not watching.is_due(2 + RETRY / 2)
    assert watching.is_due(2 + RETRY)
    assert not watching.failed(2 + RETRY)  # no news


@pytest.mark.parametrize("value", [-1, "yes", None, float("nan")])
def test_an_impossible_interval_is_refused(value: Any) -> None:
    with pytest.raises(ConfigurationError, match="reload_on_change"):
        TlsOptions(reload_on_change=value)
