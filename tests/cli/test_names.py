"""The names that a command's options ask for."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from snmptcp import OID, Integer32, VarBind
from snmptcp.cli.names import Names
from snmptcp.cli.options.mibs import InputStyle, MibOptions
from snmptcp.errors import ConfigurationError, MibError
from snmptcp.mib import Mib, TextStyle, compiler, library
from tests.mib.acme import ACME

if TYPE_CHECKING:
    from pathlib import Path

STATUS = VarBind(OID("1.3.6.1.2.1.2.2.1.8.3"), Integer32(2))
NUMERIC = TextStyle(names="numeric")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with ACME-MIB in a file of another name, and with a module that cannot be compiled."""
    made = tmp_path / "mibs"
    made.mkdir()
    (made / "machines.txt").write_text(ACME)
    (made / "bad.txt").write_text("BAD-MIB DEFINITIONS ::= BEGIN\nbad OBJECT IDENTIFIER ::= { nowhere ( }\nEND\n")
    return made


@pytest.fixture
def no_compiler(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Have neither the compiler nor compiled modules."""
    monkeypatch.setattr(library, "_seen_compiler", lambda: "")
    monkeypatch.setattr(compiler, "_installed", lambda distribution: None)
    monkeypatch.setenv("SNMPTCP_MIB_CACHE", str(tmp_path / "empty.sqlite"))


def standard(**style: object) -> Names:
    return Names(MibOptions(input=InputStyle(**style)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("style", "text", "oid"),
    [
        ({}, "sysDescr.0", "1.3.6.1.2.1.1.1.0"),
        ({}, "IF-MIB::ifDescr.3", "1.3.6.1.2.1.2.2.1.2.3"),
        ({}, "IF-MIB:ifDescr.3", "1.3.6.1.2.1.2.2.1.2.3"),
        ({}, ".system.sysDescr.0", "1.3.6.1.2.1.1.1.0"),
        ({}, "iso.3.6.1", "1.3.6.1"),
        ({}, "1.1.0", "1.1.0"),
        ({"relative": True}, "1.1.0", "1.3.6.1.2.1.1.1.0"),
        ({"relative": True}, ".1.3.6", "1.3.6"),
        ({"relative": True}, "sysDescr.0", "1.3.6.1.2.1.1.1.0"),
        ({"suffix": "0"}, "sysDescr", "1.3.6.1.2.1.1.1.0"),
        ({"suffix": ".0"}, ".1.3.6.1.2.1.1.1", "1.3.6.1.2.1.1.1.0"),
        ({"prefix": "system.", "suffix": "0"}, "sysDescr", "1.3.6.1.2.1.1.1.0"),
        ({"best_match": True}, "^sysdes", "1.3.6.1.2.1.1.1"),
        ({"best_match": True}, "PHYS.*ess$", "1.3.6.1.2.1.2.2.1.6"),
        ({"best_match": True}, "1.3.6", "1.3.6"),
    ],
)
def test_names_are_read_as_the_letters_tell(style: dict[str, object], text: str, oid: str) -> None:
    assert standard(**style).oid(text) == OID(oid)


@pytest.mark.parametrize(
    ("style", "text", "why"),
    [
        ({}, "sysdescr.0", "no loaded MIB module defines sysdescr; there is SNMPv2-MIB::sysDescr"),
        ({}, "NO-SUCH-MIB::x", "there is no MIB module NO-SUCH-MIB"),
        ({}, "ifDescr.lo", "'ifDescr.lo': ifIndex: 'lo' does not fit .* 'd': a decimal number should be there"),
        ({"best_match": True}, "^nothing$", r"defines a label that matches '\^nothing\$'"),
        ({"best_match": True}, "if(", r"'if\(' is no regular expression"),
    ],
)
def test_a_name_that_no_module_defines_is_an_error(style: dict[str, object], text: str, why: str) -> None:
    with pytest.raises(MibError, match=why):
        standard(**style).oid(text)


def test_an_impossible_number_below_mib_2_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match="not an object identifier in dotted numbers"):
        standard(relative=True).oid("1." + "9" * 5000)


def test_without_options_there_are_numbers_alone() -> None:
    names = Names()
    assert names.oid(".1.3.6") == OID("1.3.6")
    assert names.formatter().varbind(STATUS) == ".1.3.6.1.2.1.2.2.1.8.3 = INTEGER: 2"
    with pytest.raises(MibError, match=r"'sysDescr\.0'.*names are turned off"):
        names.oid("sysDescr.0")
    with pytest.raises(MibError, match="there are no MIB modules: names are turned off"):
        names.required()


def test_a_module_of_a_folder_is_found_when_it_is_named(folder: Path) -> None:
    names = Names(MibOptions(folders=(folder,)))
    assert names.oid("ACME-MIB::acmeState.0") == OID("1.3.6.1.4.1.9999.1.1.0")
    assert names.formatter().name(OID("1.3.6.1.4.1.9999.1.1.0")) == "ACME-MIB::acmeState.0"
    assert Names(MibOptions(files=(folder / "machines.txt",))).oid("acmeState.0") == OID("1.3.6.1.4.1.9999.1.1.0")


def test_modules_that_cannot_be_read_are_told_in_a_line_each_and_the_others_are_loaded(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    options = MibOptions(
        modules=("BAD-MIB", "ACME-MIB", "NO-SUCH-MIB"), files=(folder / "missing",), folders=(folder,), asked=True
    )
    assert Names(options).oid("acmeState.0") == OID("1.3.6.1.4.1.9999.1.1.0")
    out, err = capsys.readouterr()
    assert out == ""
    missing, bad, unknown = err.splitlines()
    assert missing.startswith(f"snmptcp: cannot use '{folder}/missing'")
    assert bad.startswith(f"snmptcp: {folder}/bad.txt")
    assert ": BAD-MIB: " in bad
    assert unknown.startswith("snmptcp: NO-SUCH-MIB: ")
    silent = MibOptions(standard=False, modules=("BAD-MIB", "NO-SUCH-MIB"), folders=(folder,), tell_problems=False)
    assert Names(silent).mib is not None
    assert capsys.readouterr().err == ""
    monkeypatch.setenv("SNMPTCP_MIB_CACHE", str(folder / "bad.txt"))  # a warning that is not about a module
    assert Names(silent).mib is not None
    assert capsys.readouterr().err.count("a new file takes its place") == 1


@pytest.mark.parametrize("terminal", [True, False])
def test_compiling_is_told_on_a_terminal(
    terminal: bool, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SNMPTCP_MIB_CACHE", str(tmp_path / "mib.sqlite"))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    (folder / "one.txt").write_text(
        "ONE-MIB DEFINITIONS ::= BEGIN\nIMPORTS enterprises FROM SNMPv2-SMI;\n"
        "oneThing OBJECT IDENTIFIER ::= { enterprises 9998 }\nEND\n"
    )
    options = MibOptions(standard=False, files=(folder / "one.txt",), asked=True)
    assert Names(options).oid("oneThing") == OID("1.3.6.1.4.1.9998")
    assert ("compiling 1 MIB module, which" in capsys.readouterr().err) == terminal


def test_a_file_of_compiled_modules_is_all_there_is(folder: Path, tmp_path: Path) -> None:
    mib = Mib(standard=False, folders=[folder])
    mib.load("ACME-MIB")
    mib.save(tmp_path / "acme.mib")
    names = Names(MibOptions(compiled=tmp_path / "acme.mib", folders=(folder,), asked=True))
    assert names.oid("ACME-MIB::acmeState.0") == OID("1.3.6.1.4.1.9999.1.1.0")
    with pytest.raises(MibError, match="BAD-MIB"):
        names.oid("BAD-MIB::bad")


def test_a_file_that_is_none_is_told_and_names_cannot_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "other").write_text("no database at all, and long enough to be looked at " * 50)
    names = Names(MibOptions(compiled=tmp_path / "other", asked=True))
    assert names.mib is None
    assert "other" in capsys.readouterr().err
    with pytest.raises(MibError, match="give numbers"):
        names.oid("sysDescr.0")


@pytest.mark.usefixtures("no_compiler")
def test_without_compiler_and_cache_output_is_numbers_and_a_name_tells_what_to_install(
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = Names(MibOptions())
    assert names.formatter().varbind(STATUS) == ".1.3.6.1.2.1.2.2.1.8.3 = INTEGER: 2"
    assert names.oid("1.3.6") == OID("1.3.6")
    with pytest.raises(MibError, match=r"'sysDescr\.0'.*pip install 'snmptcp\[mib\]'.*give numbers"):
        names.oid("sysDescr.0")
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("no_compiler")
def test_without_compiler_modules_that_an_option_names_are_told_as_missing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert Names(MibOptions(modules=("ACME-MIB",), asked=True)).mib is None
    only = Names(MibOptions(standard=False, modules=("IF-MIB",), asked=True))
    assert only.formatter().varbind(STATUS) == ".1.3.6.1.2.1.2.2.1.8.3 = INTEGER: 2"
    with pytest.raises(MibError, match=r"the MIB module IF-MIB has not been compiled: .*pip install"):
        only.oid("IF-MIB::ifDescr")
    first, second = capsys.readouterr().err.splitlines()
    assert "pip install" in first
    assert "pip install" in second


@pytest.mark.parametrize(("tell", "said"), [(True, "needs MIB modules; give numbers"), (False, "modules: the file of")])
def test_a_file_that_cannot_be_used_is_told_once(
    tell: bool, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text").write_text("no compiled modules")
    names = Names(MibOptions(compiled=tmp_path / "text", asked=True, tell_problems=tell))
    with pytest.raises(MibError, match=said):
        names.oid("sysDescr.0")
    assert capsys.readouterr().err.count("cannot be used") == tell


@pytest.mark.parametrize(
    ("names", "line"),
    [
        (Names(MibOptions()), "IF-MIB::ifOperStatus.3 = INTEGER: down(2)"),
        (Names(MibOptions(standard=False)), ".1.3.6.1.2.1.2.2.1.8.3 = INTEGER: 2"),
    ],
)
def test_output_has_names_where_modules_are(names: Names, line: str) -> None:
    assert names.formatter().varbind(STATUS) == line


def test_numbers_open_modules_only_if_an_option_names_them_or_a_name_has_opened_them() -> None:
    plain, named = ".1.3.6.1.2.1.2.2.1.8.3 = INTEGER: 2", ".1.3.6.1.2.1.2.2.1.8.3 = INTEGER: down(2)"
    names = Names(MibOptions())
    assert names.formatter(NUMERIC).varbind(STATUS) == plain
    names.oid("ifTable")
    assert names.formatter(NUMERIC).varbind(STATUS) == named
    asked = Names(MibOptions(standard=False, modules=("IF-MIB",), asked=True))
    assert asked.formatter(NUMERIC).varbind(STATUS) == named


def test_numbers_import_nothing_that_knows_modules() -> None:
    code = (
        "import sys\n"
        "from snmptcp.cli.names import Names\n"
        "from snmptcp.cli.options.mibs import MibOptions\n"
        "from snmptcp.mib.text import NUMERIC\n"
        "names = Names(MibOptions())\n"
        "print(names.formatter(NUMERIC).name(names.oid('1.3')), 'snmptcp.mib.mib' in sys.modules)\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == ".1.3 False\n"


def test_modules_that_would_have_to_be_compiled_are_not_at_hand(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert Names(MibOptions()).at_hand is not None
    assert Names().at_hand is None
    monkeypatch.setenv("SNMPTCP_MIB_CACHE", str(tmp_path / "none.sqlite"))
    assert Names(MibOptions()).at_hand is None
    assert not (tmp_path / "none.sqlite").exists()
    (tmp_path / "none.sqlite").write_bytes(b"no database")
    assert Names(MibOptions()).at_hand is None


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("noAccess for 1.3.6.1.2.1.2.2.1.7.3 (3)", "noAccess for IF-MIB::ifAdminStatus.3 (3)"),
        ("behind .1.3.6.1.2.1.1.5.0.", "behind .1.3.6.1.2.1.1.5.0."),
        ("1.3.6.1.2.1.1.5.0: 192.0.2.1:161", "SNMPv2-MIB::sysName.0: 192.0.2.1:161"),
        ("1.99.1.1.1.1 and 1.3.6.1.4.1.4294967296", "1.99.1.1.1.1 and 1.3.6.1.4.1.4294967296"),
        ("version 1.2.3.4.5.6.7-beta", "version 1.2.3.4.5.6.7-beta"),
    ],
)
def test_oids_in_an_error_have_names_and_nothing_else_changes(text: str, named: str) -> None:
    assert Names(MibOptions()).in_text(text) == named
    assert Names(MibOptions(), NUMERIC).in_text(text) == text
