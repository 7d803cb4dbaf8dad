"""Perl's Net::SNMP: a manager of other authors, over TCP."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from tests.support.netsnmp import missing, require_program

if TYPE_CHECKING:
    from snmptcp.testing import Agent

_PROGRAM = r"""
use Net::SNMP;
my ($host, $port, $root, @options) = @ARGV;
my ($session, $error) = Net::SNMP->session(
    -hostname => $host, -port => $port, -domain => 'tcp/ipv4', -timeout => 10, -translate => 0, @options);
die $error unless $session;
my $table = $session->get_table(-baseoid => $root) or die $session->error();
print "$_ $table->{$_}\n" for keys %$table;
"""


def get_table(agent: Agent, root: str, *options: str) -> dict[str, str]:
    """Return the variables below a name as Net::SNMP reads them, as text; none if it fails.

    Args:
        agent: the agent.
        root: the name.
        options: further arguments of Net::SNMP's ``session``, such as ``-version``, ``2c``.
    """
    perl = require_program("perl", "perl")
    if subprocess.run([perl, "-MNet::SNMP", "-e", "1"], capture_output=True, check=False).returncode:
        missing("Perl's Net::SNMP is not installed (Debian: apt-get install libnet-snmp-perl)")
    ended = subprocess.run(
        [perl, "-e", _PROGRAM, agent.host, str(agent.port), root, *options],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return dict(line.split(" ", 1) for line in ended.stdout.splitlines()) if ended.returncode == 0 else {}
