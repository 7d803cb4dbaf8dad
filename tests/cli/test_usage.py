"""What is wrong before anything is sent: exit code 2, and a line that says what."""

from __future__ import annotations

import pytest

from snmptcp import Tsm, __version__
from snmptcp.cli.main import main
from snmptcp.cli.options.addresses import Address
from snmptcp.cli.parser import MIB_2, parse_arguments
from snmptcp.net.proxy import Proxy

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
        ("get -v3 h 1.3", "SNMPv3 needs a user (-u USER), or certificates (tlstcp:HOST)"),
        ("get --tls-ca f tcp:h 1.3", "--tls-ca is for TLS, and the address says tcp: (say tlstcp:)"),
        ("walk -T trust_cert=f tcp6:h", "-T is for TLS, and the address says tcp:"),
        ("get -v1 tlstcp:h 1.3", "certificates are in the place of communities in SNMPv3 alone: with -v 1, give -c"),
        ("get -v2c --tls-ca f h 1.3", "with -v 2c, give -c"),
        ("get -v3 -c x tlstcp:h 1.3", "-c is for SNMPv1 and SNMPv2c, and this is SNMPv3"),
        ("get -l authNoPriv tlstcp:h 1.3", "with certificates the security level is always authPriv"),
        ("get -A authentic tlstcp:h 1.3", "whose keys are these?"),
        ("get -v2c -u bert tlstcp:h 1.3", "-u and -l are for SNMPv3"),
        ("get --tls-key k tlstcp:h 1.3", "--tls-key is the key of which certificate?"),
        ("get --tls-cert c.p12 --tls-key k tlstcp:h 1.3", "a PKCS#12 has its key in it"),
        ("get --tls-version 1.1 tlstcp:h 1.3", "a version of TLS is 1.2 or 1.3, not '1.1'"),
        ("get --tls-fingerprint xyz tlstcp:h 1.3", "a fingerprint is written in hexadecimal digits, not 'xyz'"),
        (f"get --tls-fingerprint {'ab' * 20} tlstcp:h 1.3", "by its SHA-256 (or longer), not by sha1"),
        ("get --tls-insecure --tls-ca f tlstcp:h 1.3", "--tls-insecure believes anybody, and --tls-ca says whom"),
        (f"get --tls-insecure --tls-fingerprint {'ab' * 32} h 1.3", "anybody, and --tls-fingerprint says whom"),
        ("get --tls-insecure -T trust_cert=f h 1.3", "anybody, and -T trust_cert says whom"),
        ("get --tls-cert c --tls-key-password x --tls-key-password-file f h 1.3", "two passwords"),
        (
            "get -T identity=f tlstcp:h 1.3",
            "-T knows our_identity, their_identity, trust_cert, their_hostname, and not",
        ),
        ("get -T our_identity tlstcp:h 1.3", "-T our_identity needs a value"),
        ("get -T our_identity= tlstcp:h 1.3", "-T our_identity needs a value"),
        ("get -T trust_cert=a,trustCert=b tlstcp:h 1.3", "-T trust_cert is given twice"),
        ("get -T our_identity=a --tls-cert b h 1.3", "--tls-cert and -T our_identity say the same thing"),
        ("get -T their_hostname=a --tls-server-name b h 1.3", "--tls-server-name and -T their_hostname say"),
        ("get --proxy ftp://h h 1.3", "no kind of proxy has the scheme 'ftp'"),
        ("discover -v1 tlstcp:h", "only SNMPv3 has engines"),
        ("trap h", "UPTIME TRAP-OID"),
        ("trap h 5", "a notification needs UPTIME ('' for ours) and TRAP-OID behind HOST"),
        ("trap h soon 1.3.6", "UPTIME is a number from 0 to 4294967295, not 'soon'"),
        ("trap h 4294967296 1.3.6", "UPTIME is a number"),
        ("trap h 5 linkDown", "names need MIB files"),
        ("trap h 5 1.3.6 1.3.6.1 i", "OID TYPE VALUE come in threes, and here are 2 words"),
        ("trap h 5 1.3.6 1.3.6.1 i x", "1.3.6.1: not a whole number"),
        ("trap -v1 h 5 1.3.6", "a trap of SNMPv1 needs ENTERPRISE AGENT GENERIC SPECIFIC UPTIME behind HOST"),
        ("trap -v1 h 1.3.6 nobody 6 1 5", "AGENT is an IPv4 address, or '' for none, not 'nobody'"),
        ("trap -v1 h 1.3.6 ::1 6 1 5", "AGENT is an IPv4 address"),
        ("trap -v1 h 1.3.6 192.0.2.1 7 1 5", "generic-trap is a number from 0 to 6, not '7'"),
        ("trap -v1 h 1.3.6 192.0.2.1 6 -1 5", "specific-trap is a number from 0 to 2147483647, not '-1'"),
        ("trap -v1 h 1.3.6 192.0.2.1 2 1 5", "SPECIFIC belongs to GENERIC 6; with 2 it is 0"),
        ("trap -v1 -Ci h 1.3.6 192.0.2.1 2 0 5", "SNMPv1 has no informs: -v 2c"),
        ("trap -Cx h 5 1.3.6", "-Cx is unknown here: -Ci"),
        ("trap --engine-file f h 5 1.3.6", "--engine-file is for traps of SNMPv3"),
        ("trap -u bert --engine-file f -e 8000000001020304 -Z 1,2 h 5 1.3.6", "--engine-file keeps the boots that -Z"),
        ("trap -u bert -Z 1,2 h 5 1.3.6", "-Z tells the time of the engine that -e names"),
        ("trap udp:h 5 1.3.6", "only tcp:"),
        ("inform -v1 h 5 1.3.6", "SNMPv1 has no informs: -v 2c"),
        ("inform -Ci h 5 1.3.6", "-Ci"),
        ("agent --tls-key k", "--tls-key is the key of which certificate?"),
        ("agent --tls-ca f", "whoever listens with TLS needs a certificate: --tls-cert FILE"),
        ("agent --listen tlstcp:h", "whoever listens with TLS needs a certificate: --tls-cert FILE"),
        ("agent --listen tcp:h --tls-cert f", "--tls-cert is for TLS, and the address h says tcp:"),
        ("agent --tls-cert f --tsm-name x", "--tsm-name is whose certificate's? --tls-map WHOSE=HOW"),
        ("agent --tsm-name x", "whoever listens with TLS needs a certificate"),
        ("agent --tls-cert f --tls-map ca=cn", "none of them may read: --tsm-name NAME"),
        ("agent --tls-cert f --tls-map ca", "a map is WHOSE=HOW, and HOW is sn:NAME, rfc822, dns, ip, any, cn: 'ca'"),
        ("agent --tls-cert f --tls-map ca=sn", "a security name has 1 to 32 octets"),
        ("agent --tls-cert f --tls-map ca=cn:x", "cn is made of the certificate, and takes no name"),
        ("agent --tls-cert f -T their_hostname=h", "their_hostname is for agents that are connected to"),
        ("listen --tls-ca f", "whoever listens with TLS needs a certificate"),
        ("listen tlstcp:h", "whoever listens with TLS needs a certificate"),
        ("listen --tls-cert f tlstcp:h tcp:g", "--tls-cert is for TLS, and the address g says tcp:"),
        ("listen --tls-cert f tlstcp:h g", "TLS is spoken at all addresses or at none, and g has no tlstcp:"),
        ("listen --tls-cert f", "whom to believe inside TLS? certificates (--tls-map WHOSE=HOW), communities (-c)"),
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


def test_tls_has_a_port_of_its_own_and_certificates_in_the_place_of_users() -> None:
    arguments = parse_arguments(["get", "-n", "side", "-E", "8000000001020304", "tlstcp:h", "1.3"])
    assert arguments.agent == Address("h", 10161)
    assert arguments.tsm == Tsm("side", context_engine_id=bytes.fromhex("8000000001020304"))
    assert (arguments.snmp_version, arguments.usm_user, arguments.uses_tls) == ("3", None, True)
    assert parse_arguments(["get", "--tls-ca", "f", "h", "1.3"]).agent == Address("h", 10161)
    assert parse_arguments(["get", "tlstcp:h:161", "1.3"]).agent == Address("h", 161)
    assert parse_arguments(["get", "-l", "authPriv", "tlstcp:h", "1.3"]).tsm == Tsm()
    assert parse_arguments(["inform", "tlstcp:h", "5", "1.3"]).agent == Address("h", 10162)
    assert parse_arguments(["trap", "h", "5", "1.3"]).agent == Address("h", 162)
    assert parse_arguments(["listen", "--tls-cert", "f", "-c", "x"]).addresses == [("", 10162)]
    assert parse_arguments(["agent", "--tls-cert", "f"]).port == 10161


@pytest.mark.parametrize(
    ("words", "version"),
    [("-c x", "2c"), ("-v1 -c x", "1"), ("-v 2c -c x", "2c"), ("-u bert", "3")],
)
def test_every_version_can_be_wrapped_in_tls(words: str, version: str) -> None:
    arguments = parse_arguments(["get", *words.split(), "tlstcp:h", "1.3"])
    assert (arguments.snmp_version, arguments.tsm, arguments.uses_tls) == (version, None, True)
    assert arguments.agent == Address("h", 10161)


def test_a_community_of_the_environment_asks_for_nothing_but_can_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SNMPTCP_COMMUNITY", "quiet")
    assert parse_arguments(["get", "tlstcp:h", "1.3"]).tsm == Tsm()
    assert parse_arguments(["get", "-v2c", "tlstcp:h", "1.3"]).community == b"quiet"


def test_the_proxy_comes_from_the_environment_unless_it_is_given(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SNMPTCP_PROXY", "socks5://me:hidden@proxy.example")
    proxy = Proxy.from_url("socks5://me:hidden@proxy.example:1080")
    assert parse_arguments(["get", "h", "1.3"]).proxy == proxy
    assert parse_arguments(["get", "--proxy", "http://other:8080", "h", "1.3"]).proxy.host == "other"
    assert not parse_arguments(["get", "--proxy", "", "h", "1.3"]).proxy
    monkeypatch.setenv("SNMPTCP_PROXY", "ftp://me:hidden@proxy.example")
    assert main(["get", "h", "1.3"]) == 2
    said = capsys.readouterr().err
    assert "the environment's SNMPTCP_PROXY: no kind of proxy" in said
    assert "hidden" not in said
