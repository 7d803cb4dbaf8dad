"""Certificates by file, by fingerprint, and by name in net-snmp's folders."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from snmptcp.cli.options.cert_store import find_authority, find_certificate, find_key, read_certificates
from snmptcp.errors import ConfigurationError

if TYPE_CHECKING:
    from tests.support.certificates import Certificates
    from tests.support.sid import CertificateTree


def test_a_name_is_that_of_an_authority_or_of_an_identity(tree: CertificateTree, certificates: Certificates) -> None:
    tls = tree.directory / "tls"
    tree.add("authority", certificates.client.certificate_pem)  # of the same name
    assert find_authority("authority") == tls / "ca-certs" / "authority.crt"
    assert find_certificate("authority") == tls / "certs" / "authority.crt"
    assert find_certificate("agent.crt") == find_authority("agent") == tls / "certs" / "agent.crt"


def test_a_fingerprint_is_found_among_files_that_are_no_certificates(
    tree: CertificateTree, certificates: Certificates
) -> None:
    (tree.directory / "tls" / "certs" / "README").write_text("read me")
    assert find_certificate(certificates.client.fingerprint) == tree.directory / "tls" / "certs" / "manager.crt"
    assert find_authority(certificates.authority.fingerprint).name == "authority.crt"


def test_several_places_are_looked_at_in_their_order(
    tree: CertificateTree, certificates: Certificates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = type(tree)(tmp_path / "other")
    other.add("manager", certificates.other_client.certificate_pem)
    other.add("other", certificates.other_client.certificate_pem)
    monkeypatch.setenv("SNMPCONFPATH", f"{tree.directory}::{other.directory}")
    assert find_certificate("manager") == tree.directory / "tls" / "certs" / "manager.crt"
    assert find_certificate("other") == other.directory / "tls" / "certs" / "other.crt"


def test_without_a_path_it_is_the_user_s_own_folder(
    certificates: Certificates, tree: CertificateTree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SNMPCONFPATH")
    type(tree)(tmp_path / ".snmp").add("mine", certificates.client.certificate_pem)
    assert find_certificate("mine") == tmp_path / ".snmp" / "tls" / "certs" / "mine.crt"


def test_a_file_of_this_folder_is_found_behind_the_names(
    tree: CertificateTree, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(files)
    (files / "agent").write_text("not looked at")
    assert find_certificate("client.pem") == Path("client.pem")
    assert find_certificate("agent") == tree.directory / "tls" / "certs" / "agent.crt"


@pytest.mark.parametrize("text", ["", ".", "..", "nobody", "ab" * 32])
def test_a_missing_certificate_is_reported_with_the_directories_searched(tree: CertificateTree, text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        find_certificate(text)
    assert str(tree.directory / "tls") in str(caught.value)


def test_a_key_is_in_the_file_beside_it_or_in_net_snmp_s_folder_for_keys(
    tree: CertificateTree, files: Path, certificates: Certificates
) -> None:
    both = files / "both.pem"
    both.write_text(certificates.client.pem)
    assert find_key(both) is None
    assert find_key(files / "client.pem") == files / "client.key"
    manager = find_certificate("manager")
    assert find_key(manager) == tree.directory / "tls" / "private" / "manager.key"
    with pytest.raises(ConfigurationError, match="there is no agent.key beside it"):
        find_key(find_certificate("agent"))


def test_certificates_are_read_in_pem_and_der(files: Path, certificates: Certificates) -> None:
    (files / "one.der").write_bytes(certificates.client.certificate.public_bytes(Encoding.DER))
    assert read_certificates(files / "one.der") == read_certificates(files / "client.pem") == [certificates.client.der]
    with pytest.raises(ConfigurationError, match=r"client\.key: no certificate"):
        read_certificates(files / "client.key")
