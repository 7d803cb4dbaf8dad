"""Which lines of which files are for us, and in which order."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.cli.configuration.files import (
    SYSTEM_FOLDERS,
    Line,
    Place,
    Problem,
    folders,
    read_host_lines,
    read_inline,
    read_lines,
)

if TYPE_CHECKING:
    from tests.cli.configuration.helpers import ConfFiles


def settings() -> list[tuple[str, str]]:
    """Return token and value of each setting; no line is a problem."""
    found = list(read_lines())
    assert [one for one in found if isinstance(one, Problem)] == []
    return [(one.token, one.value) for one in found if isinstance(one, Line)]


def problems() -> list[str]:
    """Return what is wrong, without the folders."""
    return [
        f"{Path(one.place.file).name}:{one.place.line}: {one.text}" for one in read_lines() if isinstance(one, Problem)
    ]


def test_a_line_is_a_token_and_the_rest(conf_files: ConfFiles) -> None:
    conf_files.write("# a comment", "", "  \t# another", "\tdefCommunity \t a # b  ", "timeout 5\r", "retries\t2")
    assert settings() == [("defCommunity", "a # b"), ("timeout", "5"), ("retries", "2")]


def test_the_last_line_needs_no_end(conf_files: ConfFiles) -> None:
    (conf_files.user / "snmp.conf").write_bytes(b"\xef\xbb\xbftimeout 5")
    assert settings() == [("timeout", "5")]


def test_blanks_are_those_of_ascii(conf_files: ConfFiles) -> None:
    conf_files.write("\v defCommunity\f\u00a0x\u2003 ", "retries\u00a01 2")
    assert settings() == [("defCommunity", "\u00a0x\u2003"), ("retries\u00a01", "2")]


def test_octets_that_are_no_text_are_kept(conf_files: ConfFiles) -> None:
    conf_files.write("defCommunity \udcff")
    assert [os.fsencode(value) for _, value in settings()] == [b"\xff"]


def test_files_are_read_in_net_snmps_order(conf_files: ConfFiles) -> None:
    for number, (folder, name) in enumerate(
        (
            (conf_files.system, "snmp.conf"),
            (conf_files.system, "snmp.local.conf"),
            (conf_files.user, "snmp.conf"),
            (conf_files.user, "snmp.local.conf"),
            (conf_files.system, "snmpapp.conf"),
            (conf_files.user, "snmpapp.local.conf"),
            (conf_files.system, "snmptcp.conf"),
            (conf_files.user, "snmptcp.conf"),
        )
    ):
        conf_files.write(f"[snmp] timeout {number + 1}", folder=folder, name=name)
    conf_files.write("timeout 99", name="snmpd.conf")
    assert settings() == [("timeout", str(number)) for number in range(1, 9)]


def test_lines_belong_to_sections(conf_files: ConfFiles) -> None:
    conf_files.write(
        "timeout 1",
        "[snmpd]",
        "timeout 2",
        "rocommunity",
        "[snmp] timeout 3",
        "timeout 4",
        "[snmp]  # ours again",
        "timeout 5",
        "[snmpapp] timeout 6",
        "[snmptcp] timeout 7",
        "[SNMP] timeout 8",
    )
    assert settings() == [("timeout", value) for value in "1357"]


def test_the_file_of_all_tools_has_their_own_settings_and_ours_in_a_section(conf_files: ConfFiles) -> None:
    conf_files.write("engineID x", "timeout 1", "[snmp]", "timeout 2", name="snmpapp.conf")
    assert settings() == [("timeout", "2")]


def test_a_broken_line_prevents_no_other(conf_files: ConfFiles) -> None:
    conf_files.write("timeout", "retries # 5", "[snmp", "[ snmp ] timeout 1", "[snmp]timeout 2", "[]", "timeout 3")
    assert problems() == [
        "snmp.conf:1: timeout has no value",
        "snmp.conf:2: retries has no value",
        "snmp.conf:3: no ']' behind [snmp: a section is [TYPE]",
        "snmp.conf:4: no ']' behind [: a section is [TYPE]",
        "snmp.conf:5: no ']' behind [snmp: a section is [TYPE]",
        "snmp.conf:6: no ']' behind [: a section is [TYPE]",
    ]
    assert [one for one in read_lines() if isinstance(one, Line)] == [
        Line("timeout", "3", Place(f"{conf_files.user}/snmp.conf", 7))
    ]


@given(st.binary(max_size=200))
def test_any_octets_can_be_read(octets: bytes) -> None:
    line = read_inline(os.fsdecode(octets))
    assert line is None or line.place == Place("-Y", 0)


# ------------------------------------------------------------------------------------------ folders


def test_the_folders_of_the_system_come_first_then_the_users(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SNMPCONFPATH")
    monkeypatch.setenv("HOME", "/home/bert")
    monkeypatch.setenv("SNMP_PERSISTENT_DIR", "/var/else")
    assert folders() == (*SYSTEM_FOLDERS, "/home/bert/.snmp", "/var/else")


def test_a_user_without_a_home_has_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SNMPCONFPATH")
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    assert all("~" not in folder for folder in folders())


@pytest.mark.parametrize(("path", "expected"), [("", ()), ("/a::/b/", ("/a", "/b/")), ("~/x", ("~/x",))])
def test_snmpconfpath_replaces_the_folders(
    path: str, expected: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SNMPCONFPATH", path)
    assert folders() == expected


def test_what_is_no_file_is_not_read(conf_files: ConfFiles) -> None:
    (conf_files.system / "snmp.conf").mkdir()
    os.mkfifo(conf_files.user / "snmp.conf")
    conf_files.write("x" * (1 << 20), name="snmp.local.conf")
    assert settings() == []


# ------------------------------------------------------------------------------------------ including


def test_files_are_included(conf_files: ConfFiles, tmp_path: Path) -> None:
    conf_files.write("timeout 2", "includeFile deeper/two", name="parts/one")
    conf_files.write("timeout 3", name="parts/deeper/two")
    conf_files.write("timeout 5", name="found.conf", folder=conf_files.system)
    conf_files.write("timeout 6", name="found.local.conf")
    for name in ("b.conf", "a.conf", "c.txt"):
        conf_files.write(f"timeout {name}", name=f"all/{name}")
    conf_files.write(
        "timeout 1",
        "includeFile parts/one",
        f"INCLUDEFILE {conf_files.user}/parts/deeper/two",
        "includeSearch found",
        "includeSearch found.conf",
        f"includeDir {conf_files.user}/all/",
        "timeout 7",
    )
    (tmp_path / "empty").mkdir()
    conf_files.write(f"includeDir {tmp_path}/empty", name="snmp.local.conf")
    assert [value for _, value in settings()] == ["1", "2", "3", "3", "5", "6", "5", "6", "a.conf", "b.conf", "7"]


def test_a_section_goes_into_an_included_file_and_not_out_of_it(conf_files: ConfFiles) -> None:
    conf_files.write("timeout 1", "[snmp]", "timeout 2", "[snmpd]", name="part")
    conf_files.write("[snmpd]", "includeFile part", "timeout 3", "[snmp] includeFile part", "[snmp]", "timeout 4")
    assert [value for _, value in settings()] == ["2", "1", "2", "4"]


def test_what_cannot_be_included_is_told(conf_files: ConfFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(conf_files.user)
    (conf_files.user / "relative").mkdir()
    conf_files.write(
        "includeFile nothing",
        "includeSearch nothing",
        "includeDir /nonexistent",
        "includeDir relative",
        "includeDir",
        "includeFile a\0b",
        "includeDir /a\0b",
        "[snmpd] includeDir /nonexistent",
    )
    assert problems() == [
        "snmp.conf:1: the file nothing is not there, or cannot be read",
        "snmp.conf:2: the file nothing is not there, or cannot be read",
        "snmp.conf:3: /nonexistent is no folder, or its name does not begin with /",
        "snmp.conf:4: relative is no folder, or its name does not begin with /",
        "snmp.conf:5: includeDir has no value",
        "snmp.conf:6: the file a\0b is not there, or cannot be read",
        "snmp.conf:7: /a\0b is no folder, or its name does not begin with /",
    ]


def test_a_file_that_includes_itself_ends(conf_files: ConfFiles) -> None:
    conf_files.write("includeFile snmp.conf", "timeout 1")
    assert problems() == ["snmp.conf:1: more than 16 files include each other"]
    assert sum(isinstance(one, Line) for one in read_lines()) == 17


def test_a_file_that_includes_itself_twice_ends_soon(conf_files: ConfFiles) -> None:
    conf_files.write("timeout 1", "includeFile snmp.conf", "includeFile snmp.conf")
    assert set(problems()) == {
        "snmp.conf:2: more than 16 files include each other",
        "snmp.conf:3: more than 16 files include each other",
        "snmp.conf:2: files include others more than 1000 times",
        "snmp.conf:3: files include others more than 1000 times",
    }
    assert sum(isinstance(one, Line) for one in read_lines()) == 1001


# ------------------------------------------------------------------------------------------ hosts, -Y


def test_an_agent_can_have_files_of_its_own(conf_files: ConfFiles) -> None:
    conf_files.write("timeout 1", name="hosts/core.conf", folder=conf_files.system)
    conf_files.write("timeout 2", name="hosts/core.local.conf")
    conf_files.write("timeout 3", name="outside.conf")
    assert [one.value for one in read_host_lines("core") if isinstance(one, Line)] == ["1", "2"]
    assert list(read_host_lines("other")) == []
    assert list(read_host_lines("../outside")) == []


@pytest.mark.parametrize(
    "text", ["timeout=5", "timeout 5", " timeout=5 ", "[snmp] timeout=5", "[snmp] timeout 5", "timeout  5"]
)
def test_an_option_has_one_setting(text: str) -> None:
    assert read_inline(text) == Line("timeout", "5", Place("-Y", 0))


def test_the_value_of_an_option_may_have_an_equals_sign() -> None:
    assert read_inline("defCommunity=a=b") == Line("defCommunity", "a=b", Place("-Y", 0))
    assert read_inline("defCommunity a=b") == Line("defCommunity", "a=b", Place("-Y", 0))


def test_an_option_of_another_section_is_no_setting() -> None:
    assert read_inline("[snmpd] timeout=5") is None
    assert read_inline("# timeout=5") is None


def test_an_option_includes_nothing(conf_files: ConfFiles) -> None:
    conf_files.write("timeout 5", name="part")
    problem = Problem(Place("-Y", 0), "includeFile is for files, not for -Y")
    assert read_inline(f"includeFile={conf_files.user}/part") == problem
    assert read_inline("timeout") == Problem(Place("-Y", 0), "timeout has no value")


def test_a_place_is_shown_as_net_snmp_shows_it() -> None:
    assert str(Problem(Place("/etc/snmp/snmp.conf", 3), "Unknown token: foo.", unknown=True)) == (
        "/etc/snmp/snmp.conf: line 3: Warning: Unknown token: foo."
    )
    assert str(Problem(Place("-Y", 0), "timeout has no value")) == "-Y: Error: timeout has no value"
