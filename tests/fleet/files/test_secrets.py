"""Secrets: in the file, in the environment, or in a file of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import SecurityWarning, cautions
from snmptcp.errors import ConfigurationError
from snmptcp.fleet.files.fields import read_table
from snmptcp.fleet.files.secrets import take_secrets, with_places
from tests.fleet.files.helpers import place

if TYPE_CHECKING:
    from pathlib import Path

    from snmptcp.fleet.files.mistakes import Place

NAMES = ("password", "key")


def taken(table: dict[str, object], here: Place, **more: Any) -> dict[str, Any] | None:
    values = read_table(table, with_places(NAMES), here)
    return None if values is None else take_secrets(values, NAMES, here, **more)


def test_a_secret_comes_from_the_file_the_environment_or_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = place(tmp_path)
    monkeypatch.setenv("A_PASSWORD", "of the environment")
    (tmp_path / "secret").write_text("of a file\r\nand more\n")
    assert taken({"password": "here"}, here) == {"password": "here"}
    assert taken({"password_env": "A_PASSWORD"}, here) == {"password": "of the environment"}
    assert taken({"password_file": "secret"}, here) == {"password": "of a file"}
    assert taken({"key": "80 00"}, here, in_hex=("key",)) == {"key": b"\x80\x00"}
    assert taken({}, here) == {}
    here.mistakes.tell()


@pytest.mark.parametrize(
    ("table", "text"),
    [
        (
            {"password_env": "NOT_THERE"},
            "here.password_env: the environment has no variable 'NOT_THERE', or it is empty",
        ),
        ({"password_env": "A=B"}, "here.password_env: the environment has no variable 'A=B', or it is empty"),
        ({"password": "a", "password_env": "PATH"}, "here: give only one of password and password_env"),
        ({"password_file": "no"}, "no cannot be read: No such file or directory"),
        ({"password_file": "empty"}, "is the password, and it is empty"),
        ({"password_file": "octets"}, "is no text in UTF-8"),
        ({"password_file": "long"}, "the file is too long"),
        ({"key": "secret"}, "here.key: octets in hexadecimal digits is right, not a text"),
    ],
)
def test_a_secret_that_cannot_be_used_is_told_without_showing_it(
    table: dict[str, object], text: str, tmp_path: Path
) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "octets").write_bytes(b"\xff\n")
    (tmp_path / "long").write_bytes(bytes(70_000))
    here = place(tmp_path)
    taken(table, here, in_hex=("key",))
    with pytest.raises(ConfigurationError) as caught:
        here.mistakes.tell()
    assert text in str(caught.value)


def test_a_file_of_a_secret_that_others_can_read_is_warned_of(tmp_path: Path) -> None:
    cautions.forget()
    (tmp_path / "secret").write_text("of a file")
    (tmp_path / "secret").chmod(0o644)
    with pytest.warns(SecurityWarning, match=r"other users can read the password in .*secret \(mode 0644\)"):
        taken({"password_file": "secret"}, place(tmp_path))
    cautions.forget()
