"""The machine, and the foreign programs on it that rows use: which there are, and of which versions."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

#: How each program tells its version; it is the first line that matches.
_QUESTIONS: dict[str, tuple[list[str], str]] = {
    "snmpd": (["snmpd", "-v"], r"NET-SNMP version:\s*(\S+)"),
    "snmptrapd": (["snmptrapd", "-v"], r"NET-SNMP Version:\s*(\S+)"),
    "openssl": (["openssl", "version"], r"OpenSSL (\S+)"),
    "tshark": (["tshark", "--version"], r"TShark .*?(\d+\.\d+\.\d+)"),
    "squid": (["squid", "-v"], r"Version (\S+)"),
    "ssh": (["ssh", "-V"], r"OpenSSH_([^\s,]+)"),
    "microsocks": (["dpkg-query", "-W", "-f", "version ${Version}", "microsocks"], r"version (\S+)"),
    "danted": (["danted", "-v"], r"v(\d\S*)"),
    "tinyproxy": (["tinyproxy", "-v"], r"tinyproxy (\S+)"),
    "perl Net::SNMP": (["perl", "-MNet::SNMP", "-e", "print 'version ', Net::SNMP->VERSION"], r"version v?(\S+)"),
    "gosnmp": (["dpkg-query", "-W", "-f", "version ${Version}", "golang-github-gosnmp-gosnmp-dev"], r"version (\S+)"),
    "nft": (["nft", "--version"], r"v(\S+)"),
}

#: Where Debian keeps daemons.
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


def find_program(name: str) -> str | None:
    """Return the path of a program, also of a daemon; None if it is not on this machine."""
    return shutil.which(name, path=PATH)


def versions() -> dict[str, str]:
    """Return the version of each foreign program that is on this machine, by its name."""
    found = {name: version for name, (command, pattern) in _QUESTIONS.items() if (version := _ask(command, pattern))}
    sid = os.environ.get("SNMPTCP_SID")
    if sid and (library := next(Path(sid).glob("usr/lib/*/libnetsnmp.so.*.*"), None)):
        found["net-snmp of sid"] = _version_of_library(library)
    return found


def machine() -> str:
    """Return a line about the machine: processors, system, Python."""
    cpuinfo = Path("/proc/cpuinfo")
    models = re.findall(r"model name\s*: (.*)", cpuinfo.read_text()) if cpuinfo.exists() else []
    model = " ".join(models[0].split()) if models else platform.machine()
    system = f"{platform.system()} {platform.release()}"
    return f"{os.cpu_count()} of {model}, {system}, {platform.python_implementation()} {platform.python_version()}"


def _ask(command: list[str], pattern: str) -> str:
    path = find_program(command[0])
    if path is None:
        return ""
    answer = subprocess.run([path, *command[1:]], capture_output=True, text=True, check=False, timeout=30)
    match = re.search(pattern, answer.stdout + answer.stderr)
    return match[1] if match else ""


def _version_of_library(library: Path) -> str:
    """Return the version that net-snmp's library has in its texts."""
    match = re.search(rb"\0(5\.\d+(?:\.\d+)*)\0", library.read_bytes())
    return match[1].decode() if match else library.name
