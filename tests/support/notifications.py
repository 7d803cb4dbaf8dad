"""net-snmp's senders and receiver of notifications: snmptrap, snmpinform and snmptrapd."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tests.support.netsnmp import Daemon, environment, free_port, require_program, run
from tests.support.sid import require_sid, tls_environment, tls_lines
from tests.support.snmpd import AUTH_PASSWORD, PRIV_PASSWORD

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterable
    from pathlib import Path

    from tests.support.sid import CertificateTree
    from tests.support.snmpd import SnmpdUser


def as_community(version: str, community: str = "public") -> list[str]:
    """Return a tool's options for version 1 or 2c."""
    return [f"-v{version}", f"-c{community}"]


def as_user(user: SnmpdUser, engine_id: bytes | None = None, *, boots: int = 0, time: int = 0) -> list[str]:
    """Return a tool's options for version 3, at the user's highest level.

    Args:
        user: the user.
        engine_id: the authoritative engine: the tool's own for a trap, the receiver's for an inform.  Optional; by
            default the tool invents one for a trap and discovers it for an inform.
        boots: snmpEngineBoots.
        time: snmpEngineTime.
    """
    level = {"noauth": "noAuthNoPriv", "auth": "authNoPriv", "priv": "authPriv"}[user.level]
    words = ["-v3", f"-u{user.name}", f"-l{level}"]
    words += [f"-a{user.auth}", f"-A{AUTH_PASSWORD}"] if user.auth else []
    words += [f"-x{user.priv}", f"-X{PRIV_PASSWORD}"] if user.priv else []
    words += [f"-e0x{engine_id.hex()}"] if engine_id is not None else []
    words += [f"-Z{boots},{time}"] if boots or time else []
    return words


class Notifiers:
    """The system's snmptrap and snmpinform.

    Args:
        directory: an empty folder for their persistent data.
    """

    def __init__(self, directory: Path) -> None:
        self._environment = environment(directory / "persist")

    def trap(self, session: Iterable[str], address: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run snmptrap.

        Args:
            session: what :func:`as_community` or :func:`as_user` returns.
            address: the receiver, as in ``tcp:127.0.0.1:162``.
            arguments: ``ENTERPRISE AGENT GENERIC SPECIFIC UPTIME`` in version 1, else ``UPTIME TRAP-OID``; then a
                name, a letter for the type and a value for each variable binding.
        """
        return run([require_program("snmptrap", "snmp"), *session, address, *arguments], self._environment)

    def inform(self, session: Iterable[str], address: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run snmpinform; its exit status is 0 after an acknowledgement.  Arguments as for :meth:`trap`."""
        return run([require_program("snmpinform", "snmp"), *session, address, *arguments], self._environment)


class Received(NamedTuple):
    """A notification as snmptrapd prints it.

    Attributes:
        version: "1", "2c" or "3".
        security_model: the number; empty if there is none.
        name: the community or the security name.
        engine_id: the context engine ID; empty before version 3.
        source: the addresses of the connection.
        kind: the message and its credentials: ``TRAP2, SNMP v2c, community public``.
        varbinds: the values by their names, which begin with a dot.
        agent_address: in version 1, else empty.
        enterprise: in version 1, else empty.
        generic: in version 1, else empty.
        specific: in version 1, with a dot before it, else empty.
        uptime: in version 1, in hundredths of a second, else empty.
    """

    version: str
    security_model: str
    name: str
    engine_id: bytes
    source: str
    kind: str
    varbinds: dict[str, str]
    agent_address: str = ""
    enterprise: str = ""
    generic: str = ""
    specific: str = ""
    uptime: str = ""


_BEGIN, _FIELD, _VARBIND, _END = "<<<notification", "<|>", "<&>", ">>>"
_COMMON = ("%s", "%S", "%u", "%E", "%b", "%P")
_FORMAT_1 = _FIELD.join((_BEGIN, *_COMMON, "%a", "%N", "%w", "%q", "%T", f"%V{_VARBIND}%v", _END))
_FORMAT_2 = _FIELD.join((_BEGIN, *_COMMON, f"%V{_VARBIND}%v", _END))


class Snmptrapd:
    """One running snmptrapd, which acknowledges informs and logs everything that it accepts.

    Args:
        directory: an empty folder for its configuration, log and persistent data.
        communities: accepted in versions 1 and 2c.
        users: accepted as senders of informs; snmptrapd is the authoritative engine.
        senders: accepted as senders of traps, each with the sender's engine ID.
        extra: more configuration lines.
    """

    def __init__(
        self,
        directory: Path,
        *,
        communities: Iterable[str] = ("public",),
        users: Iterable[SnmpdUser] = (),
        senders: Iterable[tuple[bytes, SnmpdUser]] = (),
        extra: str = "",
    ) -> None:
        self.host = "127.0.0.1"
        self.port = free_port()
        self._program = self._find()
        self._directory = directory
        self._configuration = directory / "snmptrapd.conf"
        self._daemon = Daemon(directory / "snmptrapd.log", "NET-SNMP version")
        lines = [f"authCommunity log {community}" for community in communities]
        lines += [_create(user) for user in users]
        lines += [_create(user, f"-e 0x{engine_id.hex()} ") for engine_id, user in senders]
        everybody = {user.name: user.level for user in (*users, *(user for _, user in senders))}
        lines += [f"authUser log {name} {level}" for name, level in everybody.items()]
        lines += [f"format1 {_FORMAT_1}\\n", f"format2 {_FORMAT_2}\\n", extra, ""]
        self._configuration.write_text("\n".join(lines))

    @property
    def address(self) -> str:
        """The address as net-snmp's tools take it."""
        return f"tcp:{self.host}:{self.port}"

    @property
    def log(self) -> str:
        """The log since the last start."""
        return self._daemon.log

    @property
    def received(self) -> list[Received]:
        """The notifications since the last start, in order."""
        whole = (part.partition(_FIELD + _END) for part in self.log.split(_BEGIN + _FIELD)[1:])
        return [_read(text.split(_FIELD)) for text, end, _ in whole if end]

    def start(self) -> None:
        """Start it and wait until it listens."""
        log = str(self._directory / "snmptrapd.log")
        options = ("-f", "-n", "-On", "-X", "-C", "-c", str(self._configuration), "-Lf", log)
        self._daemon.start([*self._program, *options, *self._addresses()], self._environment())

    def stop(self) -> None:
        """Stop it; all its connections end."""
        self._daemon.stop()

    def wait_for(self, count: int) -> list[Received]:
        """Wait until it has received this many since the last start, and return all of them."""
        self._daemon.wait_for(lambda: len(self.received) >= count)
        return self.received

    def has(self, count: int, seconds: float = 0.5) -> bool:
        """Wait at most this long until it has received this many since the last start; return whether it has."""
        return self._daemon.comes_to(lambda: len(self.received) >= count, seconds)

    def _find(self) -> list[str]:
        return [require_program("snmptrapd", "snmptrapd")]

    def _addresses(self) -> list[str]:
        return [self.address]

    def _environment(self) -> dict[str, str]:
        return environment(self._directory / "persist")


class TlsSnmptrapd(Snmptrapd):
    """The snmptrapd of Debian sid: on one port over TCP, and on another over TLS.

    Args:
        directory: an empty folder for its configuration, log and persistent data.
        tree: the certificates it knows.
        identity: the name of its own certificate.
        trusted: the names of the trusted certificates.
        names: its maps from certificates to security names, as for a :class:`~tests.support.sid.TlsSnmpd`.
        accepted: the accepted security names.
        lowest: the lowest version of TLS.
        extra: more configuration lines.
    """

    def __init__(
        self,
        directory: Path,
        tree: CertificateTree,
        *,
        identity: str,
        trusted: Iterable[str],
        names: dict[str, str],
        accepted: Iterable[str],
        lowest: str = "TLSv1.2",
        extra: str = "",
    ) -> None:
        self._sid = require_sid()
        lines = tls_lines(identity, trusted, names)
        lines += [f"authUser log -s tsm {name} authpriv" for name in accepted]
        super().__init__(directory, extra="\n".join([*lines, extra]))
        self.tls_port = free_port()
        self._tls_environment = tls_environment(directory, tree, lowest)

    @property
    def tls_address(self) -> str:
        """The address over TLS as net-snmp's tools take it."""
        return f"tlstcp:{self.host}:{self.tls_port}"

    def _find(self) -> list[str]:
        return self._sid.words("snmptrapd")

    def _addresses(self) -> list[str]:
        return [*super()._addresses(), self.tls_address]

    def _environment(self) -> dict[str, str]:
        return self._tls_environment


def _create(user: SnmpdUser, where: str = "") -> str:
    auth = f" {user.auth} {AUTH_PASSWORD}" if user.auth else ""
    priv = f" {user.priv} {PRIV_PASSWORD}" if user.priv else ""
    return f"createUser {where}{user.name}{auth}{priv}"


def _read(fields: list[str]) -> Received:
    version, model, name, engine_id, source, kind, *more, varbinds = fields
    pairs = (varbind.partition(" = ") for varbind in varbinds.split(_VARBIND) if varbind)
    values = {name: value for name, _, value in pairs}
    engine = bytes.fromhex("".join(engine_id.split()))
    return Received({"0": "1", "1": "2c"}.get(version, version), model, name, engine, source, kind, values, *more)
