"""Files as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp.errors import ConfigurationError
from snmptcp.fleet.files import reading

if TYPE_CHECKING:
    from pathlib import Path


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xef\xbb\xbfh\xc3\xb6st")
    assert reading.read_text(tmp_path / "a") == "höst"


def test_what_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"one\ntwo \xff")
    with pytest.raises(ConfigurationError, match="^line 2: is not text in UTF-8$"):
        reading.read_text(tmp_path / "a")
    with pytest.raises(ConfigurationError, match="^cannot be read: No such file or directory$"):
        reading.read_text(tmp_path / "b")
    with pytest.raises(ConfigurationError, match="^cannot be read: Is a directory$"):
        reading.read_text(tmp_path)
    with pytest.raises(ConfigurationError, match="^cannot be read: "):
        reading.read_text(tmp_path / "a\0b")
    monkeypatch.setattr(reading, "MOST_OCTETS", 3)
    with pytest.raises(ConfigurationError, match="^has more than 3 octets$"):
        reading.read_text(tmp_path / "a")
