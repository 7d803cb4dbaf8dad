"""Certificates for tests: an agent's and its clients', of an authority that exists only in this process.

Contains: the TLS options of both sides.
Does not contain: making keys and certificates (:mod:`snmptcp.net.tls.authority`).
"""

from __future__ import annotations

import datetime as dt
from ipaddress import ip_address
from typing import TYPE_CHECKING

from snmptcp.errors import ConfigurationError
from snmptcp.net.tls import CertificateMap, MapType, TlsOptions
from snmptcp.net.tls.authority import make_parties

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snmptcp.net.tls.authority import HostName

__all__ = ("TlsOfTests",)

_HOSTS = ("localhost", "127.0.0.1", "::1")

#: How long the certificates are valid: longer than any run of tests.
_VALIDITY = dt.timedelta(days=30)


class TlsOfTests:
    """The TLS of an agent and its clients.

    Args:
        host: the address or name of the agent; its certificate is also for those of the loopback interface.
        names: the security names of clients (RFC 6353): each gets a certificate, and the agent then accepts no client
            without one.  Without names, clients need no certificate.

    Attributes:
        server: the options of the agent.

    Raises:
        ConfigurationError: a name is not text that a certificate can have.
    """

    def __init__(self, host: str, names: Iterable[str | bytes] = ()) -> None:
        self._names = tuple(_text(name) for name in names)
        hosts = dict.fromkeys((*_HOSTS, host))
        parties = make_parties([_host_name(each) for each in hosts], self._names, _VALIDITY)
        authority, server = parties["ca"], parties["server"]
        self._authority = authority.certificate_pem
        self._clients = {name: (parties[name].certificate_pem, parties[name].key_pem) for name in self._names}
        maps = (CertificateMap(authority.fingerprint, MapType.COMMON_NAME),)
        self.server = TlsOptions(
            ca_pem=self._authority if self._names else None,
            certificate=server.certificate_pem,
            key=server.key_pem,
            certificate_maps=maps if self._names else (),
        )

    def client(self, name: str | None = None) -> TlsOptions:
        """Return the options of a client, which trusts the agent's authority alone.

        Args:
            name: its security name; optional, default the first one, if there are any.

        Raises:
            ConfigurationError: there is no such name.
        """
        if name is None and self._names:
            name = self._names[0]
        if name is None:
            return TlsOptions(ca_pem=self._authority)
        if name not in self._clients:
            known = ", ".join(map(repr, self._names)) or "none: give tsm_names="
            raise ConfigurationError(f"no client has the security name {name!r}; the names are {known}")
        certificate, key = self._clients[name]
        return TlsOptions(ca_pem=self._authority, certificate=certificate, key=key)


def _text(name: str | bytes) -> str:
    text = name if isinstance(name, str) else name.decode("utf-8", "replace")
    if not 1 <= len(text.encode()) <= 32 or not text.isprintable() or text in {"ca", "server"}:
        raise ConfigurationError(
            f"a client of a test has a name of 1 to 32 printable octets, other than 'ca' and 'server', not {text!r}"
        )
    return text


def _host_name(host: str) -> HostName:
    try:
        return ip_address(host)
    except ValueError:
        return host
