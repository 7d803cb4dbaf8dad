"""A real agent: net-snmp's snmpd on a free loopback port, started and stopped by the test that needs it."""

from __future__ import annotations

import shutil
import socket
from typing import TYPE_CHECKING, NamedTuple

from snmptcp import UsmUser
from tests.support.netsnmp import Daemon, environment, free_port, require_program

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

#: Subtrees that snmpd hides: their tables grow with the host, such as the TCP connections in TIME-WAIT (thousands
#: on a machine that runs these tests) and the installed packages: the TCP and UDP groups, hrSWRunTable,
#: hrSWRunPerfTable and hrSWInstalledTable.
HIDDEN = ("1.3.6.1.2.1.6", "1.3.6.1.2.1.7", "1.3.6.1.2.1.25.4", "1.3.6.1.2.1.25.5", "1.3.6.1.2.1.25.6")

CONFIGURATION = "\n".join(
    (
        "rocommunity public 127.0.0.1 -V steady",
        "rwcommunity private 127.0.0.1 -V steady",
        "rocommunity6 public ::1 -V steady",
        "view steady included .1",
        *(f"view steady excluded .{subtree}" for subtree in HIDDEN),
        "maxGetbulkResponses 20000",
        "dontLogTCPWrappersConnects yes",
        "sysLocation a shelf in the lab",
        "sysContact nobody@example.com",
        "",
    )
)

AUTH_PASSWORD = "authpass123"
PRIV_PASSWORD = "privpass123"


class SnmpdUser(NamedTuple):
    """A user for snmpd to create; all users have the same passwords.

    Attributes:
        name: the user name.
        auth: the authentication protocol as net-snmp spells it; empty for none.
        priv: the privacy protocol; empty for none.
        least: the lowest level that has access; optional, default the highest that the user's keys allow.
        context: the prefix of the contexts that the user may see; empty for the default context only.
    """

    name: str
    auth: str = ""
    priv: str = ""
    least: str = ""
    context: str = ""

    @property
    def level(self) -> str:
        """The highest level that the user's keys allow, as snmpd.conf spells it."""
        return "priv" if self.priv else "auth" if self.auth else "noauth"

    def lines(self) -> str:
        """Return the configuration lines that create the user and let it read and write."""
        auth = f" {self.auth} {AUTH_PASSWORD}" if self.auth else ""
        priv = f" {self.priv} {PRIV_PASSWORD}" if self.priv else ""
        scope = f" -V steady {self.context}*" if self.context else " -V steady"
        return f"createUser {self.name}{auth}{priv}\nrwuser {self.name} {self.least or self.level}{scope}\n"

    def credentials(self, context_name: str = "") -> UsmUser:
        """Return what a manager asks with as this user, at the highest level."""
        return UsmUser(
            self.name,
            self.auth or "SHA",
            AUTH_PASSWORD if self.auth else None,
            self.priv or "AES",
            PRIV_PASSWORD if self.priv else None,
            context_name,
        )


class Snmpd:
    """One running snmpd.

    After a restart it is the same engine with one more boot, unless :meth:`forget` was called.

    Args:
        directory: an empty folder for its configuration, log and persistent data.
        extra: more configuration lines.
        users: the users to create.
    """

    def __init__(self, directory: Path, extra: str = "", users: Iterable[SnmpdUser] = ()) -> None:
        self.host = "127.0.0.1"
        self.port = free_port()
        self._program = self._find()
        self._log = directory / "snmpd.log"
        self._persistent = directory / "persist"
        self._configuration = directory / "snmpd.conf"
        self._configuration.write_text(CONFIGURATION + "".join(user.lines() for user in users) + extra)
        self._daemon = Daemon(self._log, "NET-SNMP version")

    @property
    def address(self) -> str:
        """The address as net-snmp's tools take it."""
        return f"tcp:{self.host}:{self.port}"

    @property
    def log(self) -> str:
        """What it has logged since it was started."""
        return self._daemon.log

    def start(self) -> None:
        """Start it and wait until it answers connections."""
        # With -C it does not read its persistent data by itself, and would be a new engine after each start.
        configuration = ",".join(str(path) for path in (self._configuration, self._kept) if path.exists())
        options = ("-f", "-I", "-smux", "-C", "-c", configuration, "-Lf", str(self._log), *self._options())
        self._daemon.start([*self._program, *options, *self._addresses()], self._environment())

    def stop(self) -> None:
        """Stop it; all its connections end."""
        self._daemon.stop()

    def forget(self) -> None:
        """Remove its persistent data while it is stopped; after the next start it is another engine."""
        shutil.rmtree(self._persistent)

    def keep_users(self) -> None:
        """Create no users at the next start, while it is stopped: they are in its persistent data."""
        lines = self._configuration.read_text().splitlines(keepends=True)
        self._configuration.write_text("".join(line for line in lines if not line.startswith("createUser ")))

    def knows(self, user: SnmpdUser) -> bool:
        """Whether its build has the user's protocols; otherwise it did not create the user."""
        return f' "{user.name}" "{user.name}" ' in self._kept.read_text()

    def _find(self) -> list[str]:
        """The command that runs the program."""
        return [require_program("snmpd", "snmpd")]

    def _options(self) -> list[str]:
        """Further options on its command line."""
        return []

    def _addresses(self) -> list[str]:
        """The addresses to listen on."""
        return [self.address, *([f"tcp6:[::1]:{self.port}"] if _has_ipv6() else [])]

    def _environment(self) -> dict[str, str]:
        return environment(self._persistent)

    @property
    def _kept(self) -> Path:
        """The file with engine ID, boots and users; it is written before the log says that snmpd is up."""
        return self._persistent / "snmpd.conf"


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True
