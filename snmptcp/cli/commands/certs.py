"""``snmptcp certs``: a small authority with a server's and clients' certificates, for trying TLS out.

What may live here: making them, and writing them where nothing is.  What may not: anything that a real
authority needs (revocation, serial numbers that are remembered, a key that is kept elsewhere).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from snmptcp.cli.options.certs import DEFAULT_CLIENT, DEFAULT_HOSTS, host_name
from snmptcp.errors import ConfigurationError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping, Sequence

    from snmptcp.cli.options.certs import HostName

__all__ = ("run",)

#: Clocks that are a little behind accept the certificates, too.
_SLACK = dt.timedelta(hours=1)


@dataclass(frozen=True)
class _Party:
    """Somebody with a key and a certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def certificate_pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.certificate.public_bytes(serialization.Encoding.DER)).hexdigest()


def run(arguments: argparse.Namespace) -> int:
    """Make the certificates, write them, and say what to do with them; return the exit code."""
    directory = Path(arguments.directory)
    hosts: Sequence[HostName] = arguments.hosts or [host_name(host) for host in DEFAULT_HOSTS]
    clients: Sequence[str] = list(dict.fromkeys(arguments.clients or [DEFAULT_CLIENT]))
    names = ["ca", "server", *clients]
    _refuse_to_overwrite(directory, [f"{name}.{suffix}" for name in names for suffix in ("pem", "key")])

    parties = _make(hosts, clients, dt.timedelta(days=arguments.days))
    directory.mkdir(parents=True, exist_ok=True)
    for name, party in parties.items():
        _write(directory / f"{name}.key", party.key_pem, 0o600)
        _write(directory / f"{name}.pem", party.certificate_pem, 0o644)
    _tell(directory, hosts, parties)
    return 0


# ------------------------------------------------------------------------------------------- making


def _make(hosts: Sequence[HostName], clients: Sequence[str], validity: dt.timedelta) -> Mapping[str, _Party]:
    """Return the authority, the server and the clients, by the names of their files."""
    authority = _authority(validity)
    common_name = str(hosts[0])[:64]  # RFC 5280 appendix A: ub-common-name
    names = [x509.DNSName(host) if isinstance(host, str) else x509.IPAddress(host) for host in hosts]
    alternative = x509.SubjectAlternativeName(names)
    server = _issue(authority, common_name, ExtendedKeyUsageOID.SERVER_AUTH, validity, alternative)
    parties = {"ca": authority, "server": server}
    for client in clients:
        parties[client] = _issue(authority, client, ExtendedKeyUsageOID.CLIENT_AUTH, validity)
    return parties


def _authority(validity: dt.timedelta) -> _Party:
    key = ec.generate_private_key(ec.SECP256R1())
    # A name of its own, so that the authorities of several directories are not taken for each other.
    name = _name(f"snmptcp certs {os.urandom(4).hex()}")
    builder = _builder(name, name, key, validity)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(authority=True), critical=True)
    return _Party(key, builder.sign(key, hashes.SHA256()))


def _issue(
    authority: _Party,
    common_name: str,
    usage: x509.ObjectIdentifier,
    validity: dt.timedelta,
    names: x509.SubjectAlternativeName | None = None,
) -> _Party:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _builder(_name(common_name), authority.certificate.subject, key, validity)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(authority=False), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key())
    builder = builder.add_extension(identifier, critical=False)
    if names is not None:
        builder = builder.add_extension(names, critical=False)
    return _Party(key, builder.sign(authority.key, hashes.SHA256()))


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, validity: dt.timedelta
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC).replace(microsecond=0)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    return builder.not_valid_before(now - _SLACK).not_valid_after(now + validity)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


# ------------------------------------------------------------------------------------------ writing


def _refuse_to_overwrite(directory: Path, names: Sequence[str]) -> None:
    there = [name for name in names if os.path.lexists(directory / name)]
    if there:
        raise ConfigurationError(f"nothing is overwritten, and {directory} has {', '.join(there)} already")


def _write(path: Path, octets: bytes, mode: int) -> None:
    """Write a file that is not there yet; it never has a wider mode, not even for a moment."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(octets)


def _tell(directory: Path, hosts: Sequence[HostName], parties: Mapping[str, _Party]) -> None:
    """Say what there is now, and how it is used."""
    client = next(name for name in parties if name not in {"ca", "server"})
    width = max(map(len, parties)) + 4
    print(f"Written to {directory}; each certificate (.pem) has its private key (.key) beside it:\n")
    for name, party in parties.items():
        print(f"  {name + '.pem':{width}}  {_purpose(name, hosts)}")
        print(f"  {'':{width}}  SHA-256 {party.fingerprint}")
    until = next(iter(parties.values())).certificate.not_valid_after_utc
    print(f"\nThey are valid until {until:%Y-%m-%d}. They are for trying things out: keep ca.key to yourself.")
    ca, cert, key = (str(directory / name) for name in ("ca.pem", f"{client}.pem", f"{client}.key"))
    server, server_key = shlex.quote(str(directory / "server.pem")), shlex.quote(str(directory / "server.key"))
    quoted_ca = shlex.quote(ca)
    options = f"--tls-ca {quoted_ca} --tls-cert {shlex.quote(cert)} --tls-key {shlex.quote(key)}"
    servers = f"--tls-ca {quoted_ca} --tls-cert {server} --tls-key {server_key} --tls-map {quoted_ca}=cn"
    host = hosts[0]
    where = f"[{host}]" if isinstance(host, ipaddress.IPv6Address) else str(host)
    # An agent listens for its own machine alone, unless it is told where else.
    listen = "" if str(host) in DEFAULT_HOSTS else f" --listen {where}"
    print(f"""
Be an agent, and ask it, with this library's command:

  snmptcp agent {servers} --tsm-name {client}{listen}
  snmptcp get {options} tlstcp:{where}:10161 1.3.6.1.2.1.1.1.0

Receive notifications, and send some:

  snmptcp listen {servers}
  snmptcp trap {options} tlstcp:{where}:10162 '' 1.3.6.1.6.3.1.1.5.1
  snmptcp inform {options} tlstcp:{where}:10162 '' 1.3.6.1.6.3.1.1.5.1

Ask in Python:

  tls = TlsOptions(ca_file={ca!r}, certificate={cert!r}, key={key!r})
  async with Manager({str(host)!r}, 10161, credentials=Tsm(), tls=tls) as manager: ...

Let net-snmp's snmpd be the agent; it looks for certificates in the folder tls of its configuration. (Where
another agent has just been at its port, it says for a minute that the address is in use.)

  install -D -m 644 {quoted_ca} /etc/snmp/tls/ca-certs/ca.crt
  install -D -m 644 {server} /etc/snmp/tls/certs/server.crt
  install -D -m 600 {server_key} /etc/snmp/tls/private/server.key
  install -D -m 644 {shlex.quote(cert)} /etc/snmp/tls/certs/{client}.crt

and in snmpd.conf:

  agentAddress tlstcp:10161
  [snmp] localCert server
  [snmp] trustCert ca
  certSecName 10 {client} --cn
  rouser -s tsm {client} authPriv""")


def _purpose(name: str, hosts: Sequence[HostName]) -> str:
    if name == "ca":
        return "the authority: what both sides trust"
    if name == "server":
        return f"the agent at {', '.join(map(str, hosts))}"
    return f"a client; its common name, and so its security name, is {name}"
