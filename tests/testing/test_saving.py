"""Recordings are written whole, or with a note that they are not."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from snmptcp.oid import OID
from snmptcp.testing import Mib, load_recording, save_recording
from snmptcp.testing.saving import RecordingWriter
from snmptcp.values import Integer32, OctetString

VARIABLES = {OID("1.3.6.1.1"): Integer32(1), OID("1.3.6.1.2"): OctetString(b"\0\xff"), OID("1.3.6.1.3"): OID("1.3")}


@pytest.mark.parametrize(
    ("name", "magic"),
    [
        ("a.snmprec", b"1.3.6"),
        ("a.snmprec.gz", b"\x1f\x8b"),
        ("a.snmprec.bz2", b"BZh"),
        ("a.snmprec.xz", b"\xfd7zXZ"),
        ("a", b"1.3.6"),
    ],
)
def test_the_end_of_the_name_compresses(tmp_path, name, magic):
    path = tmp_path / name
    save_recording(path, VARIABLES)
    assert path.read_bytes().startswith(magic)
    recording = load_recording(path, strict=True)
    assert dict(recording.variables) == VARIABLES
    assert list(tmp_path.iterdir()) == [path]


def test_getters_and_variable_bindings_are_written(tmp_path):
    path = tmp_path / "a.snmprec"
    save_recording(str(path), Mib({"1.3.6.1.2": lambda: 7, "1.3.6.1.1": 5}))
    assert path.read_text() == "1.3.6.1.1|2|5\n1.3.6.1.2|2|7\n"
    save_recording(path, [("1.3.6.1.9", "x")])
    assert path.read_text() == "1.3.6.1.9|4|x\n"


def test_a_file_keeps_its_old_content_until_the_new_one_is_complete(tmp_path):
    path = tmp_path / "a.snmprec"
    path.write_text("old")
    with RecordingWriter(path) as writer:
        writer.write(OID("1.3.6.1.1"), Integer32(1))
        assert path.read_text() == "old"
    assert path.read_text() == "1.3.6.1.1|2|1\n"


def test_what_came_before_an_exception_is_kept_with_a_note(tmp_path):
    path = tmp_path / "a.snmprec.gz"
    with pytest.raises(ZeroDivisionError), RecordingWriter(path) as writer:
        writer.write(OID("1.3.6.1.1"), Integer32(1))
        raise ZeroDivisionError("no\nanswer")
    assert dict(load_recording(path, strict=True).variables) == {OID("1.3.6.1.1"): 1}
    assert list(tmp_path.iterdir()) == [path]


def test_without_any_variable_an_exception_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.snmprec"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt), RecordingWriter(path):
        raise KeyboardInterrupt
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_missing_is_an_oserror(tmp_path):
    with pytest.raises(FileNotFoundError):
        save_recording(tmp_path / "none" / "a.snmprec", VARIABLES)


@pytest.mark.parametrize(
    ("error", "note"),
    [
        (KeyboardInterrupt(), "interrupted"),
        (SystemExit(143), "interrupted"),
        (OSError("no\nanswer"), "no\\nanswer"),
        (ValueError(), "ValueError"),
    ],
)
def test_the_note_tells_why_in_one_line(tmp_path, error, note):
    path = tmp_path / "a.snmprec"
    with pytest.raises(type(error)), RecordingWriter(path) as writer:
        writer.write(OID("1.3.6.1.1"), Integer32(1))
        raise error
    assert path.read_text() == f"1.3.6.1.1|2|1\n# incomplete: {note}\n"


def test_a_link_stays_one_and_the_mode_of_a_file_too(tmp_path):
    path, link = tmp_path / "a.snmprec", tmp_path / "link"
    path.write_text("old")
    path.chmod(0o600)
    link.symlink_to(path.name)
    save_recording(link, VARIABLES)
    assert link.is_symlink()
    assert dict(load_recording(path, strict=True).variables) == VARIABLES
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(tmp_path.iterdir()) == [path, link]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes")
def test_a_pipe_is_written_to_and_not_replaced(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with ThreadPoolExecutor(1) as reader:
        text = reader.submit(path.read_text)
        save_recording(path, {"1.3.6.1.1": 5})
        assert text.result(30) == "1.3.6.1.1|2|5\n"
    assert path.is_fifo()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="only Linux has /dev/full")
@pytest.mark.parametrize("size", [1, 60_000])
def test_a_full_disk_is_an_oserror_with_the_name_of_the_file(tmp_path, size):
    link = tmp_path / "full.snmprec"
    link.symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left") as caught:
        save_recording(link, {"1.3.6.1.1": "x" * size})
    assert caught.value.filename == str(link)
    assert list(tmp_path.iterdir()) == [link]
