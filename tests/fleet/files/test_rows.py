"""Targets of CSV files."""

from __future__ import annotations

import csv
import io
import ssl
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp import Community, ConfigurationError, SecurityWarning, cautions
from snmptcp.fleet import Get, Target
from snmptcp.fleet.files.rows import read_rows
from snmptcp.fleet.files.targets import Collected, Known
from tests.fleet.files.helpers import place

if TYPE_CHECKING:
    from pathlib import Path

PUBLIC, UPTIME, IFS = Community("public"), Get("1.3.6", name="uptime"), Get("1.3.6.1", name="ifs")
KNOWN = Known({"public": PUBLIC, "ops": Community("ops")}, {"uptime": UPTIME, "ifs": IFS})
DEFAULTS = {"credentials": PUBLIC, "jobs": (UPTIME,), "labels": {"site": "Lyon"}}


def rows(folder: Path, octets: bytes) -> list[Target]:
    """Read a file; its mistakes are without the name of the folder."""
    path = folder / "d.csv"
    path.write_bytes(octets)
    here, collected = place(folder), Collected()
    read_rows(here, path, DEFAULTS, KNOWN, collected)
    try:
        here.mistakes.tell()
    except ConfigurationError as error:
        raise ConfigurationError(str(error).replace(f"{folder}/", "")) from None
    return collected.targets


def target(host: str, **more: object) -> Target:
    return Target(host, **{"credentials": PUBLIC, "jobs": [UPTIME], "labels": {"site": "Lyon"}, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize("separator", [b",", b";", b"\t"])
def test_each_line_is_a_target_with_its_labels(separator: bytes, tmp_path: Path) -> None:
    text = b"""\
# devices of two sites
Host,port,name,credentials,jobs,site,Rack,labels.timeout,timeout

10.0.0.1,1161,core,ops,uptime ifs,Paris,3,long,2.5
# 10.0.0.3
::1,,,,,,,,
"""
    assert rows(tmp_path, b"\xef\xbb\xbf" + text.replace(b",", separator)) == [
        target(
            "10.0.0.1",
            port=1161,
            name="core",
            credentials=Community("ops"),
            jobs=[UPTIME, IFS],
            labels={"site": "Paris", "Rack": "3", "timeout": "long"},
            timeout=2.5,
        ),
        target("::1"),
    ]


def test_a_cell_in_quotes_can_have_separators_and_line_ends(tmp_path: Path) -> None:
    text = b'host,jobs,note\r\na,"uptime,ifs","one, ""two""\nthree"\r\nb,,x\r\nc,,,\r\n'
    found = rows(tmp_path, text)
    assert [each.host for each in found] == ["a", "b", "c"]
    assert [job.name for job in found[0].jobs] == ["uptime", "ifs"]
    assert found[0].labels["note"] == 'one, "two"\nthree'


def test_tls_is_true_false_or_a_name(tmp_path: Path) -> None:
    found = rows(tmp_path, b"host,tls\na,true\nb,False\n")
    assert isinstance(found[0].options["tls"], ssl.SSLContext)
    assert found[1].options == {"tls": False}
    with pytest.raises(
        ConfigurationError, match=r"^d\.csv, line 2, column tls: there is no table \[tls\.lab\]; there is none$"
    ):
        rows(tmp_path, b"host,tls\na,lab\n")


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        (b"", "d.csv, line 1: the first line names the columns, and one of them is host"),
        (b"name,site\na,b\n", "d.csv, line 1: the first line names the columns, and one of them is host"),
        (
            b"host,prot\na,1\n",
            "d.csv, line 1: did you mean 'port' by the column 'prot'? For a label, call it labels.prot",
        ),
        (b"host,site,site\na,1,2\n", "d.csv, line 1: two columns are called 'site'"),
        (b"host,\na,1\n", "d.csv, line 1: a column has no name"),
        (b"host,site\na,1,2\n", "d.csv, line 2: there are 3 cells for 2 columns; quote cells with commas"),
        (b"host,port\n\na,x\n", "d.csv, line 3, column port: a port from 1 to 65535 is right, not 'x'"),
        (
            b"host,jobs\na,nothing\n",
            "d.csv, line 2, column jobs: there is no table [jobs.nothing]; there are uptime, ifs",
        ),
        (b"site,host\nx,\n", "d.csv, line 2: a target needs a host"),
        (b'host,site\na,"b\n', "d.csv: line 2: unexpected end of data"),
        (b"host\na\nb\na\n", "d.csv, line 4: a target is called 'a' already (d.csv, line 2): give each a name"),
        (b"host\n\xff\n", "d.csv: line 2: is not text in UTF-8"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_column(text: bytes, mistake: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        rows(tmp_path, text)
    assert str(caught.value) == mistake


def test_passwords_in_a_file_that_others_can_read_are_warned_of(tmp_path: Path) -> None:
    cautions.forget()
    with pytest.warns(SecurityWarning, match=r"other users can read the passwords in .*d\.csv"):
        (found,) = rows(tmp_path, b"host,proxy\na,http://me:secret@proxy.test\n")
    assert found.options["proxy"].password == "secret"
    cautions.forget()


def test_names_of_files_are_relative_to_the_file_that_has_them(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "proxy").write_text("http://proxy.test:8080\n")
    (tmp_path / "deep" / "d.csv").write_text("host,proxy_file\na,proxy\n")
    here, collected = place(tmp_path), Collected()
    read_rows(here, tmp_path / "deep" / "d.csv", DEFAULTS, KNOWN, collected)
    here.mistakes.tell()
    assert collected.targets[0].options["proxy"].port == 8080


def test_rows_are_checked_even_if_the_defaults_are_wrong(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("host,port\na,x\nb,5\n")
    here, collected = place(tmp_path), Collected()
    read_rows(here, tmp_path / "d.csv", None, KNOWN, collected)
    assert (len(here.mistakes), collected.targets) == (1, [])


@given(octets=st.binary(max_size=200))
def test_no_octets_raise_anything_but_mistakes(octets: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(b"host,port,jobs,tls,site\n" + octets)
    read_rows(place(), path, DEFAULTS, KNOWN, Collected())


@given(
    table=st.lists(
        st.lists(st.text(st.characters(codec="utf-8"), max_size=6), min_size=1, max_size=4), min_size=1, max_size=4
    )
)
def test_no_cells_raise_anything_but_mistakes(table: list[list[str]], tmp_path_factory: pytest.TempPathFactory) -> None:
    text = io.StringIO()
    csv.writer(text).writerows(table)
    path = tmp_path_factory.getbasetemp() / "cells.csv"
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    read_rows(place(), path, DEFAULTS, KNOWN, Collected())
