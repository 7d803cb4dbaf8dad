"""The options that decide what is read of snmp.conf."""

from __future__ import annotations

import argparse

import pytest

from snmptcp.cli.configuration.conf import SnmpConf
from snmptcp.cli.options.snmp_conf import add_names_conf_option, add_snmp_conf_options, snmp_conf
from tests.cli.configuration.helpers import ConfFiles


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_snmp_conf_options(parser)
    return parser.parse_args(words)


def test_the_files_are_read_once_and_what_is_wrong_is_told_once(
    conf_files: ConfFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    path = conf_files.write("timeout 3", "zork 1")
    arguments = parsed()
    assert snmp_conf(arguments).timeout == 3
    conf_files.write("timeout 4")
    assert snmp_conf(arguments).timeout == 3
    assert capsys.readouterr().err == f"snmptcp: {path}: line 2: Warning: Unknown token: zork.\n"


def test_settings_of_the_command_line_override_the_files(conf_files: ConfFiles) -> None:
    conf_files.write("timeout 3", "retries 3")
    conf = snmp_conf(parsed("-Y", "timeout=4", "-Ytimeout 5"))
    assert (conf.timeout, conf.retries) == (5, 3)


def test_no_file_has_to_be_read(conf_files: ConfFiles) -> None:
    conf_files.write("timeout 3", "zork 1")
    assert snmp_conf(parsed("--no-config", "-Yretries=2")) == SnmpConf(retries=2)


def test_a_command_without_these_options_has_no_values(conf_files: ConfFiles) -> None:
    conf_files.write("timeout 3", "zork 1")
    assert snmp_conf(argparse.Namespace()) == SnmpConf()


def test_the_tokens_are_listed(conf_files: ConfFiles, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        parsed("-H")
    assert end.value.code == 0
    lines = capsys.readouterr().out.splitlines()
    assert f"  {conf_files.user}" in lines
    assert "  defVersion               1|2c|3" in lines


def test_a_command_can_take_modules_and_printing_alone(
    conf_files: ConfFiles, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = argparse.ArgumentParser()
    add_names_conf_option(parser)
    conf_files.write("defCommunity private", "mibs +ACME-MIB", "quickPrinting yes", "defVersion 7")
    conf = snmp_conf(parser.parse_args([]))
    assert (conf.community, conf.mib.mibs, conf.printing.quick) == (None, ("+ACME-MIB",), True)
    assert "defVersion: a version is 1, 2c or 3" in capsys.readouterr().err
    assert snmp_conf(parser.parse_args(["--no-config"])).mib.mibs == ()
