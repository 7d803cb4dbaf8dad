"""Which MIB modules a command uses, by its options, the environment and snmp.conf."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import pytest

from snmptcp.cli.options import mibs
from snmptcp.cli.options.mibs import InputStyle, MibOptions, add_mib_options, read_mib_options, read_names
from snmptcp.cli.options.snmp_conf import add_snmp_conf_options
from snmptcp.cli.options.spelling import spell_options
from snmptcp.errors import ConfigurationError
from tests.cli.configuration.helpers import ConfFiles


@pytest.fixture(autouse=True)
def no_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MIBS", raising=False)
    monkeypatch.delenv("MIBDIRS", raising=False)
    monkeypatch.setattr(mibs, "DEFAULT_FOLDERS", ("/nonexistent",))


def arguments(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_snmp_conf_options(parser)
    add_mib_options(parser)
    return parser.parse_args(spell_options(words))


def parse(*words: str) -> MibOptions:
    return read_mib_options(arguments(*words))


def chosen(*words: str) -> tuple[bool, tuple[str, ...], bool]:
    options = parse(*words)
    return options.standard, options.modules, options.asked


@pytest.mark.parametrize(
    ("words", "standard", "modules", "asked"),
    [
        ((), True, (), False),
        (("-m", "A-MIB:B-MIB"), False, ("A-MIB", "B-MIB"), True),
        (("-m", "+A-MIB:B-MIB:A-MIB"), True, ("A-MIB", "B-MIB"), True),
        (("-m", "-A-MIB"), True, ("A-MIB",), True),
        (("-m", "all"), True, ("ALL",), True),
        (("-m", "+"), True, (), False),
        (("-m", "+A-MIB", "-m", "+B-MIB"), True, ("B-MIB",), True),
    ],
)
def test_modules_are_added_or_take_the_place_of_the_standard_ones(
    words: tuple[str, ...], standard: bool, modules: tuple[str, ...], asked: bool
) -> None:
    assert chosen(*words) == (standard, modules, asked)
    assert not parse(*words).off


@pytest.mark.parametrize("nothing", ["", ":"])
def test_nothing_as_a_list_turns_names_off(nothing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert parse("-m", nothing).off
    monkeypatch.setenv("MIBS", nothing)
    assert parse().off
    assert chosen("-m", "+A-MIB") == (True, ("A-MIB",), True)
    assert chosen("-m", "A-MIB") == (False, ("A-MIB",), True)


def test_an_empty_list_in_a_file_leaves_the_standard_modules(conf_files: ConfFiles) -> None:
    conf_files.write("mibs :")
    assert chosen() == (True, (), False)


def test_each_place_adds_to_the_one_before_or_replaces_it(
    conf_files: ConfFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    conf_files.write("mibs +A-MIB", folder=conf_files.system)
    conf_files.write("mibs +B-MIB", "mibfile /x/c.mib")
    assert chosen() == (True, ("A-MIB", "B-MIB"), True)
    assert parse().files == (Path("/x/c.mib"),)
    monkeypatch.setenv("MIBS", "+D-MIB")
    assert chosen("-m", "+E-MIB") == (True, ("A-MIB", "B-MIB", "D-MIB", "E-MIB"), True)
    monkeypatch.setenv("MIBS", "D-MIB")
    assert chosen("-m", "+E-MIB") == (False, ("D-MIB", "E-MIB"), True)
    assert parse().files == ()
    assert chosen("-m", "E-MIB") == (False, ("E-MIB",), True)
    assert chosen("--no-config") == (False, ("D-MIB",), True)


def test_a_word_with_a_slash_is_a_file() -> None:
    options = parse("-m", "+./a.mib:A-MIB")
    assert (options.files, options.modules, options.standard) == ((Path("a.mib"),), ("A-MIB",), True)
    assert not parse("-m", "./a.mib").off


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path, Path]:
    """Return three folders; the first is the default."""
    made = (tmp_path / "a", tmp_path / "b", tmp_path / "c")
    for folder in made:
        folder.mkdir()
    monkeypatch.setattr(mibs, "DEFAULT_FOLDERS", (str(made[0]), "/nonexistent"))
    return made


def test_folders_add_to_the_default_ones_or_take_their_place(
    folders: tuple[Path, Path, Path], conf_files: ConfFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b, c = folders
    assert parse().folders == (a,)
    assert parse("-M", f"{b}:{c}").folders == (b, c)
    assert parse("-M", f"+{b}").folders == (a, b)
    assert parse("-M", f"-{b}").folders == (b, a)
    assert parse("-M", "").folders == ()
    conf_files.write(f"mibdirs +{b}:/nonexistent")
    assert parse("-M", f"+{c}").folders == (a, b, c)
    monkeypatch.setenv("MIBDIRS", f"{c}:/nonexistent")
    assert parse().folders == (c,)
    assert parse("-M", f"+{b}").folders == (c, b)


def test_a_folder_of_an_option_must_exist(folders: tuple[Path, Path, Path]) -> None:
    with pytest.raises(ConfigurationError, match="-M: there is no folder /nonexistent that can be read"):
        parse("-M", f"+{folders[1]}{os.pathsep}/nonexistent")


def test_a_file_of_compiled_modules_takes_the_place_of_all_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIBS", "+A-MIB")
    path = tmp_path / "names.mib"
    with pytest.raises(ConfigurationError, match=r"there is no file .*names\.mib; snmptcp mib compile -o FILE writes"):
        parse("--mib-file", str(path))
    path.touch()
    options = parse("--mib-file", str(path))
    assert (options.compiled, options.modules, options.asked, options.off) == (path, (), True, False)
    for words in (("-m", ""), ("-M", "+/x")):
        with pytest.raises(ConfigurationError, match="omit -m and -M"):
            parse("--mib-file", str(path), *words)


@pytest.mark.parametrize(
    ("words", "style"),
    [
        ((), InputStyle()),
        (("-Ib",), InputStyle(best_match=True)),
        (("-Iru", "-Ih"), InputStyle(check_ranges=False, relative=True, use_hints=False)),
        (("-Irr", "-IR"), InputStyle()),
        (("-Is.0", "-Ib"), InputStyle(suffix=".0", best_match=True)),
        (("-Is", "0", "-IS", "system."), InputStyle(suffix="0", prefix="system.")),
    ],
)
def test_letters_tell_how_names_are_read(words: tuple[str, ...], style: InputStyle) -> None:
    assert parse(*words).input == style


def test_snmp_conf_has_two_of_these_letters_which_options_toggle(conf_files: ConfFiles) -> None:
    conf_files.write("noRangeCheck yes", "noDisplayHint yes")
    assert parse().input == InputStyle(check_ranges=False, use_hints=False)
    assert parse("-Ir").input == InputStyle(use_hints=False)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("-Ix",), "-I takes the letters b, h, r, R, u, s, S, not 'x'"),
        (("-Irs",), "-Is needs text directly after it"),
        (("-Pez",), "-P takes the letters u, c, d, e, w, W, R, not 'z'"),
    ],
)
def test_an_unknown_letter_is_wrong_usage(words: tuple[str, ...], text: str) -> None:
    with pytest.raises(argparse.ArgumentError, match=text):
        arguments(*words)


def test_a_letter_of_p_keeps_modules_that_cannot_be_read_untold() -> None:
    assert parse("-PucdwWR").tell_problems
    assert not parse("-Pe").tell_problems
    assert parse("-Pe", "-Pe").tell_problems


def test_a_command_line_has_its_names_once() -> None:
    given = arguments("-m", "")
    assert read_names(given) is read_names(given)
    assert read_names(given).mib is None


def test_a_default_folder_that_cannot_even_be_looked_at_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    too_long = "/" + "x" * 1000  # fails as a folder below one that is closed does, and for root, too
    with pytest.raises(OSError, match="too long"):
        Path(too_long).is_dir()
    monkeypatch.setattr(mibs, "DEFAULT_FOLDERS", (too_long,))
    assert parse().folders == ()
