"""Files as lines: compression by content, marks, and what is missing."""

from __future__ import annotations

import bz2
import io

import pytest

from snmptcp.errors import ConfigurationError
from snmptcp.testing.reading import lines_of


def read(source):
    with lines_of(source) as lines:
        return list(lines)


def test_lines_end_at_line_feeds_only(tmp_path):
    path = tmp_path / "lines"
    path.write_bytes(b"one\r\ntwo\x0b\x85\rstill two\nthree")
    assert read(path) == [b"one\r\n", b"two\x0b\x85\rstill two\n", b"three"]
    path.write_bytes("one\u2028\nzwei ü\n".encode("utf-16"))
    assert read(path) == ["one\u2028\n".encode(), "zwei ü\n".encode()]


def test_a_compressed_file_is_told_by_its_content_and_may_have_a_mark(tmp_path):
    path = tmp_path / "named.txt"
    path.write_bytes(bz2.compress(b"\xef\xbb\xbfone\ntwo\n"))
    assert read(str(path)) == [b"one\n", b"two\n"]


def test_an_open_raw_file_and_one_without_a_type_are_read(tmp_path):
    path = tmp_path / "lines"
    path.write_bytes(b"one\n")
    with path.open("rb", buffering=0) as raw:
        assert read(raw) == [b"one\n"]
    assert read(io.StringIO("caf\udce9\n")) == [b"caf\xe9\n"]


def test_zstandard_without_its_module_says_what_helps(tmp_path, monkeypatch):
    path = tmp_path / "lines.zst"
    path.write_bytes(b"\x28\xb5\x2f\xfd rest")

    def no_module(name):
        raise ImportError(name)

    monkeypatch.setattr("snmptcp.testing.reading.importlib.import_module", no_module)
    with pytest.raises(ConfigurationError, match="Python 3.14"):
        read(path)
