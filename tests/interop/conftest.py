"""Real peers, shared by the interop tests that do not stop them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.certificates import Certificates, certificates_fixture
from tests.support.sid import CertificateTree, TlsSnmpd, TlsTools
from tests.support.snmpd import Snmpd, SnmpdUser

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("BERT", "certificates_fixture")

#: A user of SNMPv3 whom the agents over TLS know, too.
BERT = SnmpdUser("bert", "SHA-256", "AES")


@pytest.fixture(scope="session")
def snmpd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snmpd]:
    agent = Snmpd(tmp_path_factory.mktemp("snmpd"))
    agent.start()
    yield agent
    agent.stop()


@pytest.fixture(scope="session")
def tree(certificates: Certificates, tmp_path_factory: pytest.TempPathFactory) -> CertificateTree:
    """All certificates, in the folders that net-snmp reads."""
    tree = CertificateTree(tmp_path_factory.mktemp("tree"))
    tree.add_authority("authority", certificates.ca_pem)
    for name, issued in (
        ("agent", certificates.server),
        ("expired", certificates.expired),
        ("manager", certificates.client),
        ("stranger", certificates.other_client),
        ("selfie", certificates.self_signed),
    ):
        tree.add(name, issued.certificate_pem, issued.key_pem)
    return tree


@pytest.fixture(scope="session")
def tls_snmpd(tree: CertificateTree, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsSnmpd]:
    """An agent that maps the manager's certificate to ``boss``, with all rights."""
    agent = TlsSnmpd(
        tmp_path_factory.mktemp("tls-snmpd"),
        tree,
        identity="agent",
        trusted=["authority"],
        names={"manager": "--sn boss"},
        users=["boss"],
        extra=BERT.lines(),
    )
    agent.start()
    yield agent
    agent.stop()


@pytest.fixture(scope="session")
def tls_tools(tree: CertificateTree, tmp_path_factory: pytest.TempPathFactory) -> TlsTools:
    """net-snmp's tools with the manager's certificate."""
    return TlsTools(tmp_path_factory.mktemp("tls-tools"), tree, identity="manager", trusted="authority")
