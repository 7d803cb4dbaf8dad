"""net-snmp's configuration files: ``snmp.conf`` of the system and of the user, as the command line's defaults.

Contains: finding and reading the files, the tokens, and what they say as typed data.  Does not contain: argparse
(:mod:`snmptcp.cli.options.snmp_conf`), and what a command makes of the values.
"""
