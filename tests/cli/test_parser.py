"""Whole command lines: what is wrong usage (exit code 2, with a line that says why), and what options mean."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys
from dataclasses import is_dataclass

import pytest

from snmptcp import Community, SnmpVersion, __version__
from snmptcp.cli import commands
from snmptcp.cli.commands.getbulk import GetBulkCommand
from snmptcp.cli.commands.walk import MIB_2, WalkCommand
from snmptcp.cli.main import main
from snmptcp.cli.options.addresses import Address
from snmptcp.cli.options.printing import OutputOptions
from snmptcp.cli.parser import COMMANDS, parse_command
from snmptcp.cli.reading import ReadCommand
from snmptcp.mib.text import TextStyle
from tests.cli.helpers import parsed


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("", "COMMAND"),
        ("put", "invalid choice: 'put'"),
        ("get", "HOST, OID"),
        ("get h", "OID"),
        ("walk", "required: HOST"),
        ("get h sysDescr.0", "'sysDescr.0' needs MIB modules: names are turned off (-m '' or MIBS)"),
        ("get h 1.3.6.1.4294967296", "4294967296"),
        ("get h 1.3.x", "'1.3.x' needs MIB modules"),
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
        ("get -Cr5 h 1.3", "-Cr is unknown; this command takes -Cf"),
        ("get -Oz h 1.3", "-O takes the letters n, s, S, f"),
        ("get -M /nonexistent h 1.3", "-M: there is no folder /nonexistent that can be read"),
        ("walk h 1.3 -m", "-m: expected one argument"),
        ("set -Pz h 1.3.6 i 5", "-P takes the letters u, c, d, e, w, W, R, not 'z'"),
        ("get -Ix h 1.3", "-I takes the letters b, h, r, R, u, s, S, not 'x'"),
        ("get --mib-file /nonexistent h 1.3", "--mib-file: there is no file /nonexistent"),
        ("table -p 161 h 1.3.6", "-p is not supported: give the port with the address, HOST:PORT, or as --port PORT"),
        ("discover -Lo h", "-L is not supported: errors are on stderr"),
        ("trap -DALL h '' 1.3", "-D is not supported: --debug shows the log"),
        ("get -Y zork=1 h 1.3", "-Y: Unknown token: zork."),
        ("get 1.3.6.1.2.1.1.5.0 h", "'1.3.6.1.2.1.1.5.0' is a name, not an address: HOST comes first"),
        ("get .1.3.6.1 h", "'.1.3.6.1' is a name, not an address: HOST comes first"),
        ("walk iso.3.6.1.2 h", "'iso.3.6.1.2' is a name, not an address: HOST comes first"),
        ("get h 192.0.2.1", "'192.0.2.1' looks like an address: HOST comes first, then the names"),
        ("get h tcp:g:161", "'tcp:g:161' looks like an address: HOST comes first"),
        ("get h [::1]:161", "'[::1]:161' looks like an address: HOST comes first"),
        ("get --max-names 0 h 1.3", "max-names is a number from 1 on"),
        ("get --max-in-flight 0 h 1.3", "max-in-flight is a number from 1 on"),
        ("set h", "required: OID TYPE VALUE"),
        ("inform h", "required: UPTIME TRAP-OID"),
        ("discover -l authPriv h", "-l authPriv needs a user: -u USER"),
        ("discover -l authNoPriv -u bert h", "authNoPriv needs an authentication password"),
        ("get --unknown h 1.3", "--unknown"),
        ("get --time=5 h 1.3", "--time=5"),
        ("getbulk -v1 h 1.3", "SNMPv1 has no GETBULK"),
        ("getbulk -Cn2 h 1.3", "2 non-repeaters, but only 1 names"),
        ("getbulk -Cr h 1.3", "-Cr needs a number directly after it"),
        ("getbulk -Crx h 1.3", "-Cr needs a number directly after it"),
        ("getbulk -Cr9999999999 h 1.3", "-Cr takes a number of nine digits at most"),
        ("table -Cx h 1.3", "-CB, -Cw, -Cf"),
        ("mib check", "check needs names of modules, files or folders"),
        ("getbulk -Cc h 1.3", "-Cc is unknown; this command takes -Cr, -Cn"),
        ("getbulk --max-repetitions -1 h 1.3", "--max-repetitions"),
        ("getbulk --max-repetitions 2147483648 h 1.3", "max-repetitions is a number"),
        ("walk -Cc5 h", "-Cc takes no number"),
        ("walk -Cn1 h", "-Cn is for getbulk"),
        ("walk --limit 0 h", "a limit is a number from 1 on, not '0'"),
        ("walk h 1.3 x", "'x' needs MIB modules"),
        ("table h", "OID"),
        ("table h 1.3 1.4", "1.4"),
        ("table --columns 1, h 1.3", "as in ifDescr,8, not ''"),
        ("table --columns x h 1.3", "'x' needs MIB modules"),
        ("table --columns , h 1.3", "columns are names or numbers"),
        ("table --width 0 h 1.3", "a width is a number"),
        ("set h 1.3.6", "1 words"),
        ("set h -v2c 1.3.6 i 5", "options stand before HOST"),
        ("set h 1.3.6 i 5 -c private", "options stand before HOST"),
        ("set h 1.3.6 --debug i 5", "options stand before HOST"),
        ("set h -1.3 i 5", "'-1.3'"),
        ("trap h -c public 5 1.3.6", "options stand before HOST"),
        ("trap h 5 1.3.6 -c public", "options stand before HOST"),
        ("inform h 5 -u bert", "options stand before HOST"),
        ("trap -v1 h 1.3.6 192.0.2.1 6 1 5 -Cq", "options stand before HOST"),
        ("-v2c get h 1.3.6", "the command comes first, then its options"),
        ("--debug get h 1.3.6", "the command comes first, then its options"),
        ("set h 1.3.6 = 5", "1.3.6: there are no MIB modules: names are turned off"),
        ("set h 1.3.6 i 5 1.3.7 i", "5 words"),
        ("set h 1.3.6 i 2147483648", "1.3.6: Integer32 is a number"),
        ("agent --port 65536", "a port is a number from 0 to 65535, not 65536"),
        ("agent --port 1 --listen h:2", "two ports: 2 and 1"),
        ("agent --listen udp:h", "only tcp:"),
        ("demo now", "now"),
        ("get -v3 h 1.3", "SNMPv3 needs a user (-u USER) or certificates (tlstcp:HOST)"),
        ("get --tls-ca f tcp:h 1.3", "--tls-ca needs TLS, but the address starts with tcp: (use tlstcp:)"),
        ("walk -T trust_cert=f tcp6:h", "-T needs TLS, but the address starts with tcp:"),
        ("get -v1 tlstcp:h 1.3", "-v 1 needs a community with TLS, too: -c COMMUNITY"),
        ("get -v2c --tls-ca f h 1.3", "-v 2c needs a community with TLS, too"),
        ("get -v3 -c x tlstcp:h 1.3", "-c is for SNMPv1 and SNMPv2c; for SNMPv3 give -u USER"),
        ("get -l authNoPriv tlstcp:h 1.3", "with certificates the security level is always authPriv"),
        (
            "get -A authentic tlstcp:h 1.3",
            "needs a user: -u USER; without one, the certificate authenticates",
        ),
        ("get -v2c -u bert tlstcp:h 1.3", "-u and -l need SNMPv3, but -v is 2c"),
        ("get --tls-key k tlstcp:h 1.3", "--tls-key needs --tls-cert"),
        ("get --tls-cert c.p12 --tls-key k tlstcp:h 1.3", "a PKCS#12 file contains its key: omit --tls-key"),
        ("get --tls-version 1.1 tlstcp:h 1.3", "a version of TLS is 1.2 or 1.3, not '1.1'"),
        ("get --tls-fingerprint xyz tlstcp:h 1.3", "a fingerprint is written in hexadecimal digits, not 'xyz'"),
        (f"get --tls-fingerprint {'ab' * 20} tlstcp:h 1.3", "must be SHA-256, SHA-384 or SHA-512, not sha1"),
        ("get --tls-insecure --tls-ca f tlstcp:h 1.3", "--tls-insecure accepts any certificate and excludes --tls-ca"),
        (f"get --tls-insecure --tls-fingerprint {'ab' * 32} h 1.3", "any certificate and excludes --tls-fingerprint"),
        ("get --tls-insecure -T trust_cert=f h 1.3", "any certificate and excludes -T trust_cert"),
        (
            "get --tls-cert c --tls-key-password x --tls-key-password-file f h 1.3",
            "password-file, not both",
        ),
        (
            "get -T identity=f tlstcp:h 1.3",
            "-T takes our_identity, their_identity, trust_cert, their_hostname, not",
        ),
        ("get -T our_identity tlstcp:h 1.3", "-T our_identity needs a value"),
        ("get -T our_identity= tlstcp:h 1.3", "-T our_identity needs a value"),
        ("get -T trust_cert=a,trustCert=b tlstcp:h 1.3", "-T trust_cert is given twice"),
        ("get -T our_identity=a --tls-cert b h 1.3", "--tls-cert and -T our_identity mean the same: give one of them"),
        ("get -T their_hostname=a --tls-server-name b h 1.3", "--tls-server-name and -T their_hostname mean the same"),
        ("get --proxy ftp://h h 1.3", "'ftp' is not the scheme of a proxy"),
        ("discover -v1 tlstcp:h", "only SNMPv3 has engines"),
        ("trap h", "UPTIME TRAP-OID"),
        ("trap h 5", "a notification needs UPTIME ('' for this machine's) and TRAP-OID after HOST"),
        ("trap h soon 1.3.6", "UPTIME is a number from 0 to 4294967295, not 'soon'"),
        ("trap h 4294967296 1.3.6", "UPTIME is a number"),
        ("trap h 5 linkDown", "'linkDown' needs MIB modules"),
        ("trap h 5 1.3.6 1.3.6.1 i", "OID TYPE VALUE must come in threes, not 2 words"),
        ("trap h 5 1.3.6 1.3.6.1 i x", "1.3.6.1: not a whole number"),
        ("trap -v1 h 5 1.3.6", "an SNMPv1 trap needs ENTERPRISE AGENT GENERIC SPECIFIC UPTIME after HOST"),
        ("trap -v1 h 1.3.6 nobody 6 1 5", "AGENT is an IPv4 address or '', not 'nobody'"),
        ("trap -v1 h 1.3.6 ::1 6 1 5", "AGENT is an IPv4 address"),
        ("trap -v1 h 1.3.6 192.0.2.1 7 1 5", "generic-trap is a number from 0 to 6, not '7'"),
        ("trap -v1 h 1.3.6 192.0.2.1 6 -1 5", "specific-trap is a number from 0 to 2147483647, not '-1'"),
        ("trap -v1 h 1.3.6 192.0.2.1 2 1 5", "SPECIFIC must be 0 unless GENERIC is 6, not 1"),
        ("trap -v1 -Ci h 1.3.6 192.0.2.1 2 0 5", "SNMPv1 has no informs: use -v 2c"),
        ("trap -Cx h 5 1.3.6", "-Cx is unknown; this command takes -Ci"),
        ("trap --engine-file f h 5 1.3.6", "--engine-file is for SNMPv3 traps only"),
        (
            "trap -u bert --engine-file f -e 8000000001020304 -Z 1,2 h 5 1.3.6",
            "contains the boots: omit -Z",
        ),
        ("trap -u bert -Z 1,2 h 5 1.3.6", "-Z needs -e"),
        ("trap udp:h 5 1.3.6", "only tcp:"),
        ("inform -v1 h 5 1.3.6", "SNMPv1 has no informs: use -v 2c"),
        ("inform -Ci h 5 1.3.6", "-Ci"),
        ("agent --tls-key k", "--tls-key needs --tls-cert"),
        ("agent --tls-ca f", "listening with TLS needs a certificate: --tls-cert FILE"),
        ("agent --listen tlstcp:h", "listening with TLS needs a certificate: --tls-cert FILE"),
        ("agent --listen tcp:h --tls-cert f", "--tls-cert needs TLS, but the address h starts with tcp:"),
        ("agent --tls-cert f --tsm-name x", "--tsm-name needs --tls-map"),
        ("agent --tsm-name x", "listening with TLS needs a certificate"),
        ("agent --tls-cert f --tls-map ca=cn", "--tls-map needs --tsm-name: otherwise no security name may read"),
        ("agent --tls-cert f --tls-map ca", "a map is WHOSE=HOW, and HOW is sn:NAME, rfc822, dns, ip, any, cn: 'ca'"),
        ("agent --tls-cert f --tls-map ca=sn", "a security name has 1 to 32 octets"),
        ("agent --tls-cert f --tls-map ca=cn:x", "cn takes the name from the certificate, so no :NAME"),
        ("agent --tls-cert f -T their_hostname=h", "-T their_hostname is for commands that connect"),
        ("listen --tls-ca f", "listening with TLS needs a certificate"),
        ("listen tlstcp:h", "listening with TLS needs a certificate"),
        ("listen --tls-cert f tlstcp:h tcp:g", "--tls-cert needs TLS, but the address g starts with tcp:"),
        ("listen --tls-cert f tlstcp:h g", "TLS is for all addresses or for none: g does not start with tlstcp:"),
        (
            "listen --tls-cert f",
            "with TLS, give the accepted senders: certificates (--tls-map WHOSE=HOW), communit",
        ),
    ],
)
def test_wrong_usage_is_said_and_exits_with_2(words: str, complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words.split()) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("usage: snmptcp")
    assert captured.err.count("\n") == 2  # one line of usage, and what is wrong
    last = captured.err.splitlines()[-1]
    assert last.startswith("snmptcp")
    assert complaint in last
    assert "Traceback" not in captured.err


def test_a_community_behind_the_wrong_letter_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["walk", "-Cxsecret", "h"]) == 2
    assert "secret" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "usage"),
    [
        ("get", "snmptcp get [OPTIONS] HOST OID..."),
        ("walk", "snmptcp walk [OPTIONS] HOST [OID...]"),
        ("set h", "snmptcp set [OPTIONS] HOST OID TYPE VALUE..."),
        ("trap h", "snmptcp trap [OPTIONS] HOST UPTIME TRAP-OID [OID TYPE VALUE ...]"),
        ("discover", "snmptcp discover [OPTIONS] HOST"),
        ("agent --port x", "snmptcp agent [OPTIONS]"),
        ("put", "snmptcp COMMAND [OPTIONS] ..."),
    ],
)
def test_the_usage_is_one_line(words: str, usage: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words.split()) == 2
    assert capsys.readouterr().err.startswith(f"usage: {usage}")


@pytest.mark.parametrize("words", ["-V", "--version", "get -V", "demo --version"])
def test_the_version_is_printed(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words.split()) == 0
    assert capsys.readouterr().out == f"snmptcp {__version__}\n"


@pytest.mark.parametrize(
    "command",
    [
        *("", "get", "getnext", "getbulk", "walk", "table", "set", "discover", "trap", "inform"),
        *("listen", "agent", "demo", "certs", "explain"),
    ],
)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command.split(), "-h"]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith(f"usage: snmptcp {command}".rstrip())
    assert captured.err == ""


def test_options_are_read_as_net_snmp_reads_them() -> None:
    command = parsed(
        GetBulkCommand,
        *("getbulk", "-v2c", "-cthese", "-t1.5", "-r", "3", "-Cn1r50", "-On", "-Oq", "tcp:h:1161", "1.3.6", ".1.3.7"),
    )
    target = command.request.target
    assert (target.host, target.port, target.tls) == ("h", 1161, None)
    assert command.request.credentials == Community("these")
    assert (target.timeout, target.retries) == (1.5, 3)
    assert (command.non_repeaters, command.max_repetitions) == (1, 50)
    assert command.output == OutputOptions(TextStyle(names="numeric", quick=True, equals_sign=False))
    assert [str(oid) for oid in command.oids] == ["1.3.6", "1.3.7"]


@pytest.mark.parametrize(
    "words",
    ["-v1 -Cc -Ci -Cp h 1.3.6 1.3.7", "h 1.3.6 1.3.7 -v1 -Cc -Ci -Cp", "h -v1 -Cc 1.3.6 -Ci 1.3.7 -Cp"],
    ids=["before", "behind", "between"],
)
def test_options_may_stand_before_behind_and_between_the_names(words: str) -> None:
    command = parsed(WalkCommand, "walk", *words.split())
    assert command.request.target.host == "h"
    assert [str(oid) for oid in command.oids] == ["1.3.6", "1.3.7"]
    assert command.request.version is SnmpVersion.V1
    assert command.tolerate_non_increasing
    assert command.include_root
    assert command.print_count
    assert not command.exclude_root


def test_what_is_not_given_has_sane_values() -> None:
    command = parsed(WalkCommand, "walk", "::1")
    target = command.request.target
    assert target.address == Address("::1", 161)
    assert command.request.credentials == Community("public")
    assert (target.timeout, target.retries, target.dump, target.proxy) == (5.0, 1, False, None)
    assert command.oids == (MIB_2,)
    assert command.output == OutputOptions()


def test_the_words_of_a_process_are_its_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["snmptcp", "get", "h", "1.3"])
    assert isinstance(parse_command().command, ReadCommand)


@pytest.mark.parametrize("words", ["-- get h 1.3", "-- get"])
def test_the_command_comes_first(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words.split()) == 2
    assert capsys.readouterr().err.startswith("usage: snmptcp COMMAND [OPTIONS]")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_declares_its_arguments_and_its_run(name: str) -> None:
    module = importlib.import_module(f"snmptcp.cli.commands.{name}")
    assert {"add_arguments", "read_arguments", "run"} <= set(module.__all__)
    (kind,) = (getattr(module, each) for each in module.__all__ if each.endswith("Command"))
    assert is_dataclass(kind)
    assert {"__slots__", "__hash__"} <= set(vars(kind))  # frozen dataclasses can be hashed


def test_every_module_of_commands_is_a_command() -> None:
    assert {module.name for module in pkgutil.iter_modules(commands.__path__)} == set(COMMANDS)


def test_a_command_does_not_load_the_others() -> None:
    program = (
        "import sys; from snmptcp.cli.parser import parse_command; parse_command(['set', 'h', '1.3.6', 'i', '5']); "
        "print([name for name in sys.modules if name.startswith('snmptcp.cli.commands.')])"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert loaded.stdout == "['snmptcp.cli.commands.set']\n"


@pytest.mark.parametrize(
    "words",
    [
        "get -c geheim h 1.3",
        "get -u bert -A geheim-auth -X geheim-priv h 1.3",
        "get --tls-cert c --tls-key-password geheim h 1.3",
        "get --proxy http://me:geheim@proxy h 1.3",
        "listen -c geheim",
        "agent -c geheim -u bert -A geheim-auth",
    ],
)
def test_no_secret_is_in_the_repr_of_a_command(words: str) -> None:
    assert "geheim" not in repr(parse_command(words.split()).command)
