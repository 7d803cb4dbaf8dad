"""net-snmp 5.9.5 or newer of Debian sid, with TLS 1.2 and 1.3: an agent and tools over tlstcp.

``.ci/sid`` makes the folder.  Its programs run in place, with the folder's loader and libraries, so they need no
privileges and see the machine's files.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.support.netsnmp import environment, free_port, missing, run
from tests.support.snmpd import Snmpd

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterable, Mapping


class Sid(NamedTuple):
    """The folder with the programs of Debian sid.

    Attributes:
        folder: its path.
        loader: the loader of its C library.
        libraries: the folder of its shared libraries.
    """

    folder: Path
    loader: Path
    libraries: Path

    def words(self, name: str) -> list[str]:
        """Return the command that runs one of its programs."""
        path = next(path for room in ("sbin", "bin") if (path := self.folder / "usr" / room / name).exists())
        return [str(self.loader), "--argv0", name, "--library-path", str(self.libraries), str(path)]


def require_sid() -> Sid:
    """Return the folder that ``.ci/sid`` has made; skip the test if it is missing, or fail as ``missing`` does."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(os.environ.get("SNMPTCP_SID") or Path(cache) / "snmptcp" / "sid")
    loaders = sorted(folder.glob("usr/lib*/ld-linux*.so.*")) + sorted(folder.glob("usr/lib/*/ld-linux*.so.*"))
    libraries = sorted(folder.glob("usr/lib/*/libnetsnmp.so.*"))
    if not (loaders and libraries and (folder / "usr/sbin/snmpd").exists()):
        missing(f"there is no net-snmp of Debian sid in {folder} (make it with .ci/sid, which needs mmdebstrap)")
    return Sid(folder, loaders[0], libraries[0].parent)


class CertificateTree:
    """The folders in which net-snmp looks for certificates; the file's name is the certificate's name.

    Args:
        directory: an empty folder; becomes the configuration folder.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._rooms = {name: directory / "tls" / name for name in ("ca-certs", "certs", "private")}
        for room in self._rooms.values():
            room.mkdir(parents=True, exist_ok=True)

    def add_authority(self, name: str, certificate: str) -> None:
        """Add an authority's certificate (PEM)."""
        (self._rooms["ca-certs"] / f"{name}.crt").write_text(certificate)

    def add(self, name: str, certificate: str, key: str | None = None) -> None:
        """Add a certificate (PEM), and its private key if a program is to use it."""
        (self._rooms["certs"] / f"{name}.crt").write_text(certificate)
        if key is not None:
            path = self._rooms["private"] / f"{name}.key"
            path.write_text(key)
            path.chmod(0o600)


def tls_environment(directory: Path, tree: CertificateTree, lowest: str) -> dict[str, str]:
    """Return the environment in which net-snmp uses no TLS version below ``lowest``.

    net-snmp has no option for that, but OpenSSL reads its own configuration file.  (A highest version in it has no
    effect: net-snmp sets that.)
    """
    path = directory / "openssl.cnf"
    path.write_text(
        "openssl_conf = start\n[start]\nssl_conf = parts\n[parts]\nsystem_default = tls\n"
        f"[tls]\nMinProtocol = {lowest}\n"
    )
    return {**environment(directory / "persist", tree.directory), "OPENSSL_CONF": str(path)}


def tls_lines(identity: str, trusted: Iterable[str], names: Mapping[str, str]) -> list[str]:
    """Return a daemon's configuration lines for TLS; the arguments are those of :class:`TlsSnmpd`."""
    return [
        f"[snmp] localCert {identity}",
        *(f"[snmp] trustCert {name}" for name in trusted),
        *(f"certSecName {10 + number} {name} {how}" for number, (name, how) in enumerate(names.items())),
    ]


class TlsSnmpd(Snmpd):
    """The snmpd of Debian sid: on one port over TCP, like :class:`Snmpd`, and on another over TLS.

    After TLS connections it cannot listen on their port again until TIME-WAIT has ended, for a minute.  A connection
    that sends nothing blocks all others.

    Args:
        directory: an empty folder for its configuration, log and persistent data.
        tree: the certificates it knows; ``tree.directory`` is another folder.
        identity: the name of its own certificate.
        trusted: the names of the trusted certificates.
        names: the maps from certificates to security names, in order: the name of a certificate or of its issuer's,
            and ``--sn NAME``, ``--rfc822``, ``--dns``, ``--ip``, ``--cn`` or ``--any``.
        users: the security names that may read and write everything.
        lowest: the lowest version of TLS, TLSv1.2 or TLSv1.3.
        extra: more configuration lines.
    """

    def __init__(
        self,
        directory: Path,
        tree: CertificateTree,
        *,
        identity: str,
        trusted: Iterable[str],
        names: Mapping[str, str],
        users: Iterable[str],
        lowest: str = "TLSv1.2",
        extra: str = "",
    ) -> None:
        self._sid = require_sid()
        lines = tls_lines(identity, trusted, names)
        lines += [f"rwuser -s tsm {user} authpriv -V steady" for user in users]
        super().__init__(directory, "\n".join([*lines, extra, ""]))
        self.tls_port = free_port()
        self._tls_environment = tls_environment(directory, tree, lowest)

    @property
    def tls_address(self) -> str:
        """The address over TLS as net-snmp's tools take it."""
        return f"tlstcp:{self.host}:{self.tls_port}"

    def _find(self) -> list[str]:
        return self._sid.words("snmpd")

    def _addresses(self) -> list[str]:
        return [*super()._addresses(), self.tls_address]

    def _environment(self) -> dict[str, str]:
        return self._tls_environment


class TlsTools:
    """The command line tools of Debian sid over TLS.

    Args:
        directory: an empty folder for their configuration and persistent data.
        tree: the certificates they know.
        identity: the name of their own certificate; None for net-snmp's default.
        trusted: the name of the trusted certificate; None for none.
        lowest: the lowest version of TLS, TLSv1.2 or TLSv1.3.
    """

    def __init__(
        self,
        directory: Path,
        tree: CertificateTree,
        *,
        identity: str | None,
        trusted: str | None = None,
        lowest: str = "TLSv1.2",
    ) -> None:
        self._sid = require_sid()
        self._environment = tls_environment(directory, tree, lowest)
        self._identity = {"our_identity": identity, "trust_cert": trusted}

    def run(
        self,
        name: str,
        address: str,
        *arguments: str,
        their_identity: str | None = None,
        their_hostname: str | None = None,
        options: Iterable[str] = (),
    ) -> subprocess.CompletedProcess[str]:
        """Run a tool to its end, whatever its exit status.

        Args:
            name: ``snmpget``, ``snmpbulkwalk``, ``snmpset``, ``snmptrap``, ``snmpinform`` ...
            address: the peer, as in ``tlstcp:127.0.0.1:10161``.
            arguments: the words after the address.
            their_identity: the name of the peer's required certificate.
            their_hostname: the name that the peer's certificate must contain.
            options: the words before the address.
        """
        choices = {**self._identity, "their_identity": their_identity, "their_hostname": their_hostname}
        words = [f"-T{key}={value}" for key, value in choices.items() if value is not None]
        command = [*self._sid.words(name), "-v3", "-On", *words, *options, address, *arguments]
        return run(command, self._environment)


class SidSnmpd(Snmpd):
    """The snmpd of Debian sid over TCP, without certificates."""

    def _find(self) -> list[str]:
        return require_sid().words("snmpd")
