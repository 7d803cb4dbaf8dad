"""The options of ``snmptcp delta``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from snmptcp.cli.commands.delta import DeltaCommand
from snmptcp.cli.options.deltas import read_names_file
from snmptcp.cli.output.deltas import DeltaStyle
from snmptcp.errors import ConfigurationError
from tests.cli.helpers import parsed

if TYPE_CHECKING:
    from tests.cli.conftest import Cli

pytestmark = pytest.mark.anyio


def delta(*words: str) -> DeltaCommand:
    return parsed(DeltaCommand, "delta", *words)


def test_letters_take_their_number_glued_or_behind_them() -> None:
    for words in (("-Cp", "5", "-CP", "3", "-Cv", "10"), ("-Cp5", "-CP3", "-Cv10"), ("-Cp5P3v10",)):
        command = delta(*words, "h", "1.3")
        assert (command.options.style, command.request.target.max_names) == (DeltaStyle(5, samples=3), 10)
    assert delta("--period", "0.25", "h", "1.3").options.style.period == 0.25
    assert delta("h", "1.3").options.style == DeltaStyle(1.0)


def test_letters_are_those_of_snmpdelta() -> None:
    options = delta("-CstSmkf", "-CT", "h", "1.3").options
    assert options.style == DeltaStyle(1.0, stamps=True, rates=True, total=True, maxima=True, keep_seconds=True)
    assert (options.form, options.give_up) == ("tabs", True)
    files = delta("-ClS", "-CL", "sums", "h", "1.3").options
    assert (files.to_files, files.sum_file) == (True, Path("sums"))
    assert delta("--watch", "h", "1.3").options.form == "table"


def test_names_of_interfaces_are_no_oids() -> None:
    command = delta("--interfaces", "h", "eth*", "1.3", "--count", "3")
    assert (command.patterns, command.oids, command.options.count) == (("eth*", "1.3"), (), 3)


def test_names_come_from_words_and_a_file_each_once(tmp_path: Path) -> None:
    file = tmp_path / "names"
    file.write_text("# counters\n\n  .1.3.6.1.2.1.2.2.1.10.1 \n1.3.6.1.2.1.2.2.1.16.1\n")
    command = delta("-CF", str(file), "h", "1.3.6.1.2.1.2.2.1.16.1")
    assert [str(oid) for oid in command.oids] == ["1.3.6.1.2.1.2.2.1.16.1", "1.3.6.1.2.1.2.2.1.10.1"]
    with pytest.raises(ConfigurationError, match=r"-CF: .*missing: No such file or directory"):
        read_names_file(tmp_path / "missing")
    file.write_bytes(b"\xff")
    with pytest.raises(ConfigurationError, match="not text in UTF-8"):
        read_names_file(file)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("h",), "what to watch? Give OIDs, or --interfaces"),
        (("-CT", "--json", "h", "1.3"), "-CT and --json exclude each other"),
        (("-Cl", "--watch", "h", "1.3"), "-Cl and --watch exclude each other"),
        (("-CL", "f", "h", "1.3"), "-CL names the file for the sum: it needs -ClS"),
        (("-Cp", "5", "--period", "6", "h", "1.3"), "-Cp and --period are the same"),
        (("-Cp", "0", "h", "1.3"), "a period is a number from 1 on"),
        (("-Cp0", "h", "1.3"), "take numbers from 1 on"),
        (("-Cp", "h", "1.3"), "a period is a number from 1 on, not 'h'"),
        (("--interfaces", "-Ct", "h"), "-Ct is for variables: it has no meaning with --interfaces"),
        (("--interfaces", "-CP2", "h"), "-CP is for variables"),
        (("-Cz", "h", "1.3"), "-Cz is unknown"),
        (("--period", "0", "h", "1.3"), "a time is a number of seconds above 0"),
    ],
)
async def test_what_does_not_fit_is_wrong_usage(cli: Cli, words: tuple[str, ...], said: str) -> None:
    outcome = await cli("delta", *words)
    assert outcome.code == 2
    assert said in outcome.err
