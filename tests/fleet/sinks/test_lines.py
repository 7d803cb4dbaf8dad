"""Whole lines: files that are rotated, torn, full or gone, and pipes whose readers are slow or gone."""

from __future__ import annotations

import io
import os
import shutil
import threading
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from snmptcp.fleet.sinks import files
from snmptcp.fleet.sinks.lines import open_file, open_stream

if TYPE_CHECKING:
    from pathlib import Path

GO_ON = threading.Event()


def test_lines_are_appended_behind_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old\n")
    with closing(open_file(path, GO_ON)) as lines:
        lines.write([b"1\n", b"2\n"])
        lines.write([b"3\n"])
    assert path.read_bytes() == b"old\n1\n2\n3\n"


def test_a_torn_line_of_another_program_gets_an_end_first(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b'{"kind": "sam')
    with closing(open_file(path, GO_ON)) as lines:
        lines.write([b"1\n"])
    assert path.read_bytes() == b'{"kind": "sam\n1\n'


def test_a_file_that_was_moved_away_is_made_again(tmp_path: Path) -> None:
    path, old = tmp_path / "a", tmp_path / "a.1"
    with closing(open_file(path, GO_ON)) as lines:
        lines.write([b"1\n"])
        path.rename(old)
        lines.write([b"2\n"])
    assert (old.read_bytes(), path.read_bytes()) == (b"1\n", b"2\n")


def test_a_file_that_was_truncated_goes_on_at_its_new_end(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with closing(open_file(path, GO_ON)) as lines:
        lines.write([b"1\n"])
        os.truncate(path, 0)
        lines.write([b"2\n"])
    assert path.read_bytes() == b"2\n"


def test_a_folder_that_is_gone_is_told_and_may_come_back(tmp_path: Path) -> None:
    path = tmp_path / "data" / "a"
    path.parent.mkdir()
    with closing(open_file(path, GO_ON)) as lines:
        lines.write([b"1\n"])
        shutil.rmtree(path.parent)
        with pytest.raises(FileNotFoundError, match=f"samples cannot be written to {path}: No such file or directory$"):
            lines.write([b"2\n"])
        path.parent.mkdir()
        lines.write([b"2\n"])
    assert path.read_bytes() == b"2\n"


def test_a_batch_that_does_not_fit_on_the_disk_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, write, room = tmp_path / "a", os.write, 10

    def write_on_a_small_disk(descriptor: int, octets: memoryview) -> int:
        left = room - os.fstat(descriptor).st_size
        if not left:
            raise OSError(28, "No space left on device")
        return write(descriptor, octets[:left])

    with closing(open_file(path, GO_ON)) as lines:
        monkeypatch.setattr(os, "write", write_on_a_small_disk)
        lines.write([b"123\n"])
        with pytest.raises(OSError, match=f"samples cannot be written to {path}: No space left on device$"):
            lines.write([b"456\n", b"789\n"])
        assert path.read_bytes() == b"123\n"
        room = 100
        lines.write([b"456\n", b"789\n"])
    assert path.read_bytes() == b"123\n456\n789\n"


def test_several_programs_append_one_after_the_other(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with closing(open_file(path, GO_ON)) as lines, path.open("rb") as other:
        assert files.lock(other.fileno())
        writing = threading.Thread(target=lines.write, args=([b"1\n"],))
        writing.start()
        assert path.read_bytes() == b""
        files.unlock(other.fileno())
        writing.join()
    assert path.read_bytes() == b"1\n"


def test_a_folder_in_the_place_of_a_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError, match=f"samples cannot be written to {tmp_path}: Is a directory$"):
        open_file(tmp_path, GO_ON)


# --------------------------------------------------------------------------------- pipes and streams


def test_a_named_pipe_without_a_reader_is_told(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(OSError, match=f"samples cannot be written to {path}: No such device or address$"):
        open_file(path, GO_ON)


def test_a_named_pipe_takes_more_than_it_holds_if_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    batch = [b"%d\n" % number * 30 for number in range(5000)]
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(reader, True)
    with closing(open_file(path, GO_ON)) as lines, os.fdopen(reader, "rb") as file:
        writing = threading.Thread(target=lines.write, args=(batch,))
        writing.start()
        assert file.read(len(b"".join(batch))) == b"".join(batch)
        writing.join()


def test_a_pipe_that_nobody_reads_does_not_hold_up_the_end() -> None:
    reader, writer = os.pipe()
    end = threading.Event()
    with os.fdopen(reader, "rb"), os.fdopen(writer, "wb") as stream:
        lines = open_stream(stream, end)
        end.set()
        with pytest.raises(TimeoutError, match="its reader does not read$"):
            lines.write([b"x" * 1000 + b"\n"] * 1000)


def test_a_pipe_whose_reader_is_gone_is_told() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as stream:
        lines = open_stream(stream, GO_ON)
        with pytest.raises(BrokenPipeError, match=r"^\[Errno 32\] samples cannot be written to \d+: Broken pipe$"):
            lines.write([b"1\n"])


def test_a_line_that_is_longer_than_a_pipe_takes_at_once_is_whole() -> None:
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as file:
        with os.fdopen(writer, "wb") as stream:
            open_stream(stream, GO_ON).write([b"1\n", b"x" * 9000 + b"\n", b"2\n"])
        assert file.read() == b"1\n" + b"x" * 9000 + b"\n2\n"


def test_what_a_program_has_written_to_its_stream_comes_first() -> None:
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as file:
        with os.fdopen(writer, "w") as stream:
            stream.write("heading\n")
            open_stream(stream, GO_ON).write([b"1\n"])
        assert file.read() == b"heading\n1\n"


def test_streams_of_text_and_of_octets_are_written_and_left_open() -> None:
    for stream, expected in ((io.StringIO(), "1\n2\n"), (io.BytesIO(), b"1\n2\n")):
        lines = open_stream(stream, GO_ON)
        lines.write([b"1\n", b"2\n"])
        lines.close()
        assert stream.getvalue() == expected


def test_a_minus_is_standard_output(capfd: pytest.CaptureFixture[str]) -> None:
    open_stream("-", GO_ON).write([b"1\n"])
    assert capfd.readouterr().out == "1\n"


def test_a_file_of_the_program_is_written_like_a_stream(tmp_path: Path) -> None:
    path = tmp_path / "a"
    with path.open("w") as stream:
        open_stream(stream, GO_ON).write([b"1\n"])
        assert path.read_bytes() == b"1\n"
