"""What is wrong before anything is sent: exit code 2, and a line that says what."""

from __future__ import annotations

import pytest

from snmptcp import __version__
from snmptcp.cli import main
from snmptcp.cli.addresses import Address
from snmptcp.cli.parser import MIB_2, parse_arguments

SYS_DESCR = "1.3.6.1.2.1.1.1.0"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("", "COMMAND"),
        ("put", "invalid choice: 'put'"),
        ("get", "HOST, OID"),
        ("get h", "OID"),
        ("walk", "required: HOST"),
        ("get h sysDescr.0", "names need MIB files, and snmptcp reads none"),
        ("get h 1.3.6.1.4294967296", "4294967296"),
        ("get h 1.3.x", "dotted numbers"),
        ("get h 1", "cannot be sent"),
        ("getnext h 1", "cannot be sent"),
        ("get udp:h 1.3", "only tcp:"),
        ("get h:0 1.3", "a port is a number from 1 to 65535, not '0'"),
        ("get --port x h 1.3", "a port is a number"),
        ("get --port 161 h:162 1.3", "two ports: 162 and 161"),
        ("get -v 4 h 1.3", "a version is 1, 2c or 3, not '4'"),
        ("get -t 0 h 1.3", "above 0"),
        ("get -t nan h 1.3", "above 0"),
        ("get -t inf h 1.3", "above 0"),
        ("get -t soon h 1.3", "above 0"),
        ("get -r -1 h 1.3", "-r"),
        ("get -r x h 1.3", "retries is a number from 0 on, not 'x'"),
        ("get -Os h 1.3", "'s' is unknown, or needs MIB files"),
        ("get -Cr5 h 1.3", "-Cr5"),
        ("get --unknown h 1.3", "--unknown"),
        ("get --time=5 h 1.3", "--time=5"),
        ("getbulk -v1 h 1.3", "SNMPv1 has no GETBULK"),
        ("getbulk -Cn2 h 1.3", "2 non-repeaters, and only 1 names"),
        ("getbulk -Cr h 1.3", "-Cr needs a number right behind it"),
        ("getbulk -Crx h 1.3", "-Cr needs a number right behind it"),
        ("getbulk -Cr9999999999 h 1.3", "-Cr needs a number right behind it"),
        ("getbulk -Cc h 1.3", "-Cc is unknown here: -Cr, -Cn"),
        ("getbulk --max-repetitions -1 h 1.3", "--max-repetitions"),
        ("getbulk --max-repetitions 2147483648 h 1.3", "max-repetitions is a number"),
        ("walk -Cc5 h", "-Cc takes no number"),
        ("walk -Cn1 h", "-Cn has no meaning in a walk"),
        ("walk --limit 0 h", "a limit is a number from 1 on, not '0'"),
        ("walk h 1.3 x", "dotted numbers"),
        ("table h", "OID"),
        ("table h 1.3 1.4", "1.4"),
        ("table --columns 1,x h 1.3", "as in 2,5,10, not '1,x'"),
        ("table --columns , h 1.3", "columns are numbers"),
        ("table --width 0 h 1.3", "a width is a number"),
        ("set h 1.3.6", "1 words"),
        ("set h 1.3.6 = 5", "reads none"),
        ("set h 1.3.6 i 5 1.3.7 i", "5 words"),
        ("set h 1.3.6 i 2147483648", "1.3.6: Integer32 is a number"),
        ("agent --port 65536", "a port is a number from 0 to 65535, not 65536"),
        ("agent --port 1 --listen h:2", "two ports: 2 and 1"),
        ("agent --listen udp:h", "only tcp:"),
        ("demo now", "now"),
    ],
)
def test_wrong_usage_is_said_and_exits_with_2(words: str, complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words.split()) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("usage: snmptcp")
    last = captured.err.splitlines()[-1]
    assert last.startswith("snmptcp")
    assert complaint in last
    assert "Traceback" not in captured.err


def test_a_community_behind_the_wrong_letter_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["walk", "-Cxsecret", "h"]) == 2
    assert "secret" not in capsys.readouterr().err


@pytest.mark.parametrize("words", ["-V", "--version", "get -V", "demo --version"])
def test_the_version_is_told(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words.split()) == 0
    assert capsys.readouterr().out == f"snmptcp {__version__}\n"


@pytest.mark.parametrize(
    "command", ["", "get", "getnext", "getbulk", "walk", "table", "set", "discover", "agent", "demo", "explain"]
)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command.split(), "-h"]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith(f"usage: snmptcp {command}".rstrip())
    assert captured.err == ""


def test_options_are_read_as_net_snmp_reads_them() -> None:
    arguments = parse_arguments(
        ["getbulk", "-v2c", "-cthese", "-t1.5", "-r", "3", "-Cn1r50", "-On", "-Oq", "tcp:h:1161", "1.3.6", ".1.3.7"]
    )
    assert arguments.agent == Address("h", 1161)
    assert (arguments.snmp_version, arguments.community) == ("2c", b"these")
    assert (arguments.timeout, arguments.retries) == (1.5, 3)
    assert (arguments.non_repeaters, arguments.max_repetitions) == (1, 50)
    assert (arguments.style.quick, arguments.style.equals_sign) == (True, False)
    assert [str(oid) for oid in arguments.oids] == ["1.3.6", "1.3.7"]


@pytest.mark.parametrize(
    "words",
    ["-v1 -Cc -Ci -Cp h 1.3.6 1.3.7", "h 1.3.6 1.3.7 -v1 -Cc -Ci -Cp", "h -v1 -Cc 1.3.6 -Ci 1.3.7 -Cp"],
    ids=["before", "behind", "between"],
)
def test_options_may_stand_before_behind_and_between_the_names(words: str) -> None:
    arguments = parse_arguments(["walk", *words.split()])
    assert arguments.agent.host == "h"
    assert [str(oid) for oid in arguments.oids] == ["1.3.6", "1.3.7"]
    assert arguments.snmp_version == "1"
    assert arguments.tolerate_non_increasing
    assert arguments.include_root
    assert arguments.print_count
    assert not arguments.exclude_root


def test_what_is_not_given_has_sane_values() -> None:
    arguments = parse_arguments(["walk", "::1"])
    assert arguments.agent == Address("::1", 161)
    assert (arguments.snmp_version, arguments.community) == ("2c", b"public")
    assert (arguments.timeout, arguments.retries) == (5.0, 1)
    assert arguments.oids == [MIB_2]


def test_the_port_can_be_an_option() -> None:
    assert parse_arguments(["get", "--port", "1161", "h", "1.3"]).agent == Address("h", 1161)
    assert parse_arguments(["get", "--port", "1161", "h:1161", "1.3"]).agent == Address("h", 1161)


def test_the_community_comes_from_the_environment_unless_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SNMPTCP_COMMUNITY", "quiet")
    assert parse_arguments(["get", "h", "1.3"]).community == b"quiet"
    assert parse_arguments(["get", "-c", "loud", "h", "1.3"]).community == b"loud"


def test_a_community_keeps_octets_that_are_no_text() -> None:
    assert parse_arguments(["get", "-c", "\udcff", "h", "1.3"]).community == b"\xff"


def test_a_negative_number_can_be_set_as_it_is() -> None:
    (varbind,) = parse_arguments(["set", "h", "1.3.6", "i", "-5"]).varbinds
    assert varbind.value == -5


def test_the_words_of_a_process_are_its_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["snmptcp", "get", "h", "1.3"])
    assert parse_arguments().command == "get"


@pytest.mark.parametrize("words", ["-Cq -- h 1.3.6 s -foo", "h -Cq -- 1.3.6 s -foo"])
def test_a_value_that_looks_like_an_option_can_be_set_behind_two_minuses(words: str) -> None:
    (varbind,) = parse_arguments(["set", *words.split()]).varbinds
    assert varbind.value == b"-foo"
