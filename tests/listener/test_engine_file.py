"""The file of an engine's boots: counted at every start, locked, replaced in one step, never restarted by mistake."""

from __future__ import annotations

import errno
import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from snmptcp import ConfigurationError
from snmptcp.listener import engine_file
from snmptcp.listener.engine_file import EngineIdentity, start_engine

posix = pytest.mark.skipif(os.name != "posix", reason="flock is a call of POSIX systems")

ENGINE = bytes.fromhex("80001f8804") + b"engine"


@pytest.fixture
def file(tmp_path):
    return tmp_path / "engine.json"


def test_the_first_start_makes_the_file(file):
    identity = start_engine(file, ENGINE)
    assert identity == EngineIdentity(ENGINE, 1)
    assert json.loads(file.read_text()) == {"engine_id": ENGINE.hex(), "boots": 1}


def test_every_start_counts_and_the_engine_id_stays(file):
    first = start_engine(file)
    assert [start_engine(file), start_engine(str(file), first.engine_id)] == [
        EngineIdentity(first.engine_id, 2),
        EngineIdentity(first.engine_id, 3),
    ]
    assert os.listdir(file.parent) == [file.name]  # noqa: PTH208 - hidden files would count, too


def test_boots_stay_at_their_end(file):
    file.write_text(json.dumps({"engine_id": ENGINE.hex(), "boots": 2147483646}))
    assert [start_engine(file).boots, start_engine(file).boots] == [2147483647, 2147483647]


def test_a_file_of_another_engine_is_refused_and_left_alone(file):
    start_engine(file, ENGINE)
    before = file.read_text()
    with pytest.raises(ConfigurationError, match=f"is the file of engine {ENGINE.hex()}"):
        start_engine(file, ENGINE + b"2")
    assert file.read_text() == before


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "7",
        "null",
        "{}",
        '{"engine_id": "80001f880465", "boots": "7"}',
        '{"engine_id": "80001f880465", "boots": true}',
        '{"engine_id": "80001f880465", "boots": -1}',
        '{"engine_id": "80001f880465", "boots": 2147483648}',
        '{"engine_id": "80001f880465"}',
        '{"engine_id": "8000", "boots": 1}',
        '{"engine_id": 5, "boots": 1}',
        '{"engine_id": "something", "boots": 1}',
        "é",
    ],
)
def test_a_file_that_cannot_be_read_does_not_begin_anew(file, text):
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="is not an engine file"):
        start_engine(file)
    assert file.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("text", "what"),
    [("{}", "it has no 'engine_id'"), ("garbage", "Expecting value: line 1 column 1 (char 0)"), ("[]", "")],
)
def test_what_is_wrong_with_a_file_is_told_in_words(file, text, what):
    file.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        start_engine(file)
    assert str(caught.value).startswith(f"{file} is not an engine file: {what}")


@posix
def test_a_pipe_is_no_engine_file_and_is_not_waited_for(file):
    os.mkfifo(file)
    with pytest.raises(ConfigurationError, match="is not an engine file: it is a pipe, a socket or a device"):
        start_engine(file)


@posix
def test_a_device_without_an_end_is_not_read(file):
    file.symlink_to("/dev/zero")
    with pytest.raises(ConfigurationError, match="is not an engine file: it is a pipe, a socket or a device"):
        engine_file._read(file)  # not in the folder of devices


def test_a_long_file_is_no_engine_file_and_is_not_read_to_its_end(file):
    file.write_text(" " * 5000)
    with pytest.raises(ConfigurationError, match="is not an engine file: it has more than 4096 octets"):
        start_engine(file)


@posix
def test_what_is_in_the_place_of_the_temporary_file_is_named(file):
    temporary = file.with_name(f".{file.name}.new")
    temporary.mkdir()
    with pytest.raises(IsADirectoryError) as caught:
        start_engine(file)
    assert str(caught.value.filename) == str(temporary)


def test_a_folder_that_is_not_there_is_told_with_the_name_that_was_given(tmp_path):
    file = tmp_path / "none" / "engine.json"
    with pytest.raises(FileNotFoundError) as caught:
        start_engine(file)
    assert caught.value.filename == str(file)


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(file, monkeypatch):
    start_engine(file, ENGINE)

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        start_engine(file)
    assert json.loads(file.read_text())["boots"] == 1
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_directory_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(FileNotFoundError):
        start_engine(tmp_path / "nowhere" / "engine.json")


@pytest.mark.parametrize("engine_id", [b"1234", bytes(12)])
def test_an_impossible_engine_id_is_refused(file, engine_id):
    with pytest.raises(ConfigurationError, match="engine ID"):
        start_engine(file, engine_id)
    assert not Path(file).exists()


def test_boots_are_counted_where_a_link_leads(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    link = tmp_path / "engine.json"
    link.symlink_to(kept / "engine.json")
    first = start_engine(link)
    assert start_engine(link) == (first.engine_id, 2)
    assert link.is_symlink()
    assert start_engine(kept / "engine.json") == (first.engine_id, 3)
    assert [each.name for each in kept.iterdir()] == ["engine.json"]


def test_a_file_that_is_nested_too_deep_is_no_engine_file(tmp_path: Path) -> None:
    file = tmp_path / "engine.json"
    file.write_text("[" * (10 * sys.getrecursionlimit()))
    with pytest.raises(ConfigurationError, match="not an engine file"):
        start_engine(file)


# ------------------------------------------------------------------------------------- several starts

#: A process that starts an engine when it is told to, and prints the result.
STARTER = """
import sys
from snmptcp.listener import start_engine
print("ready", flush=True)
sys.stdin.readline()
identity = start_engine(sys.argv[1])
print(identity.engine_id.hex(), identity.boots, flush=True)
"""

#: A process that stands still in the middle of a start, with the temporary file written and not renamed.
STANDS_STILL = """
import os, sys
from snmptcp.listener import start_engine
def fsync(descriptor):
    print("ready", flush=True)
    sys.stdin.readline()
os.fsync = fsync
start_engine(sys.argv[1])
"""


class Starter:
    """A process that runs one of these programs."""

    def __init__(self, program: str, file: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", program, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def wait_until_ready(self) -> None:
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def go(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def result(self) -> tuple[str, int]:
        printed, _ = self._process.communicate(timeout=60)
        engine_id, boots = printed.split()
        return engine_id, int(boots)

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()


def start_at_once(file: Path, count: int) -> list[tuple[str, int]]:
    starters = [Starter(STARTER, file) for _ in range(count)]
    for starter in starters:
        starter.wait_until_ready()
    for starter in starters:
        starter.go()
    return [starter.result() for starter in starters]


def names(file: Path) -> list[str]:
    return sorted(os.listdir(file.parent))  # noqa: PTH208 - hidden files count, too


def test_eight_processes_that_start_at_once_get_eight_different_boots(file):
    start_engine(file, ENGINE)
    started = start_at_once(file, 8)
    assert sorted(boots for _, boots in started) == list(range(2, 10))
    assert {engine_id for engine_id, _ in started} == {ENGINE.hex()}
    assert json.loads(file.read_text())["boots"] == 9
    assert names(file) == [file.name]


def test_four_first_starts_at_once_agree_on_one_engine_id(file):
    started = start_at_once(file, 4)
    assert len({engine_id for engine_id, _ in started}) == 1
    assert sorted(boots for _, boots in started) == [1, 2, 3, 4]
    assert names(file) == [file.name]


def test_threads_that_start_at_once_get_different_boots(file):
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.append(start_engine(file).boots)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == list(range(1, 9))
    assert names(file) == [file.name]


@posix
def test_the_file_that_a_killed_start_leaves_is_used_up_by_the_next_one(file):
    start_engine(file, ENGINE)
    starter = Starter(STANDS_STILL, file)
    starter.wait_until_ready()
    assert len(names(file)) == 2
    starter.kill()
    assert start_engine(file) == EngineIdentity(ENGINE, 2)
    assert names(file) == [file.name]


@posix
def test_waiting_for_another_start_has_an_end_and_the_error_names_the_file(file, monkeypatch):
    monkeypatch.setattr(engine_file, "LOCK_TIMEOUT", 0)
    start_engine(file, ENGINE)
    starter = Starter(STANDS_STILL, file)
    starter.wait_until_ready()
    with pytest.raises(TimeoutError, match="another process has held its lock") as caught:
        start_engine(file)
    assert caught.value.filename == str(file)
    starter.kill()
    assert start_engine(file).boots == 2


@posix
def test_a_file_system_without_locks_is_told_in_words(file, monkeypatch):
    def flock(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("fcntl.flock", flock)
    with pytest.raises(
        OSError, match="cannot lock the engine file: No locks available; keep it on a file sys"
    ) as caught:
        start_engine(file)
    assert caught.value.filename == str(file)
    assert caught.value.errno == errno.ENOLCK


@posix
def test_a_file_that_others_could_write_to_does_not_become_the_engine_file(file, tmp_path):
    theirs = tmp_path / "theirs"
    theirs.write_text("")
    os.link(theirs, tmp_path / f".{file.name}.new")
    start_engine(file, ENGINE)
    assert theirs.read_text() == ""
    assert names(file) == [file.name, "theirs"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@posix
def test_the_temporary_file_is_no_link_to_elsewhere(file, tmp_path):
    temporary = tmp_path / f".{file.name}.new"
    temporary.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match=str(temporary)):
        start_engine(file, ENGINE)
    assert not (tmp_path / "elsewhere").exists()
