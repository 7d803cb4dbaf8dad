"""The object's own certificate: from every type of store, by subject, or assigned."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from snmptcp.ipworks import IPWorksSNMPError
from snmptcp.net.tls import ClientCertificates, TlsOptions
from tests.ipworks.proofs import proves
from tests.ipworks.support import answered, refused, trust
from tests.support.certificates import PASSWORD, certificates

ALL = certificates()


VECTORS = Path(__file__).parents[2] / "vectors" / "jks"


def with_clients(**options) -> TlsOptions:
    return TlsOptions(
        certificate=ALL.server.chain_pem,
        key=ALL.server.key_pem,
        ca_pem=ALL.ca_pem,
        client_certificates=ClientCertificates.REQUIRED,
        **options,
    )


def shown_to(agent) -> bytes | None:
    certificate: bytes | None = agent.call(lambda: agent.agent._server.connections[0].tls.peer_certificate)
    return certificate


@proves("ssl_cert_store", "ssl_cert_store_password", "ssl_cert_store_type", "ssl_cert_subject")
@pytest.mark.parametrize("blob", [False, True])
@pytest.mark.parametrize("kind", ["pfx", "pem", "auto"])
def test_the_own_certificate_comes_from_a_store(kind, blob, serve, idle, tmp_path) -> None:
    agent = serve(with_clients())
    trust(idle)
    refused(idle, 281)
    content = ALL.client.pem.encode() if kind == "pem" else ALL.client.pkcs12()
    path = tmp_path / "store"
    path.write_bytes(content)
    idle.ssl_cert_store_type = {"pfx": 2, "pem": 6, "auto": 99}[kind] + (blob and kind != "auto")
    idle.ssl_cert_store = content if blob else str(path)
    idle.ssl_cert_store_password = "" if kind == "pem" else PASSWORD
    idle.ssl_cert_subject = "*"
    assert idle.ssl_cert_subject == "CN=manager"
    answered(idle)
    assert shown_to(agent) == ALL.client.der


def test_a_subject_is_searched_exactly_and_then_in_part(idle, tmp_path) -> None:
    idle.ssl_cert_store_type = 3
    idle.ssl_cert_store = ALL.client.pkcs12()
    idle.ssl_cert_store_password = PASSWORD
    for subject, found in (
        ("CN=manager", "CN=manager"),
        ("anag", "CN=manager"),
        ("CN=nobody", ""),
        ("*", "CN=manager"),
    ):
        idle.ssl_cert_subject = subject
        assert idle.ssl_cert_subject == found
    assert idle.ssl_cert_encoded == ALL.client.certificate_pem.encode()
    idle.ssl_cert_store = ""
    assert idle.ssl_cert_subject == ""
    assert idle.ssl_cert_encoded == b""


def test_the_other_types_of_stores(idle) -> None:
    idle.ssl_cert_store_type = 5
    idle.ssl_cert_store = base64.b64decode(json.loads((VECTORS / "keytool.json").read_text())["store.jks"])
    idle.ssl_cert_store_password = "changeit"
    idle.ssl_cert_subject = "*"
    assert idle.ssl_cert_subject == "CN=agent.test, OU=lab, O=snmptcp, C=DE"
    idle.ssl_cert_store_type = 9
    idle.ssl_cert_store = ALL.client.certificate_pem
    idle.ssl_cert_subject = "*"
    assert idle.ssl_cert_subject == "CN=manager"
    idle.ssl_cert_store_type = 12
    from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

    idle.ssl_cert_store = pkcs7.serialize_certificates([ALL.client.certificate], Encoding.PEM)
    idle.ssl_cert_subject = "*"
    assert idle.ssl_cert_subject == "CN=manager"


@pytest.mark.parametrize("number", [1, 10, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 50])
def test_stores_that_are_not_available_are_an_error(number, idle) -> None:
    with pytest.raises(IPWorksSNMPError, match="not available") as caught:
        idle.ssl_cert_store_type = number
    assert caught.value.code == 10045


def test_the_default_type_of_store_may_be_set_and_cannot_be_searched(idle) -> None:
    idle.ssl_cert_store_type = 0
    idle.ssl_cert_subject = ""
    with pytest.raises(IPWorksSNMPError, match="stores of type 0 .* are not supported") as caught:
        idle.ssl_cert_subject = "*"
    assert caught.value.code == 271


@pytest.mark.parametrize(("store", "password", "code"), [("/nowhere/at.all", "", 302), ("pfx", "wrong", 271)])
def test_a_store_that_cannot_be_opened_is_an_error(store, password, code, idle, tmp_path) -> None:
    idle.ssl_cert_store_type = 2
    if store == "pfx":
        path = tmp_path / "store.pfx"
        path.write_bytes(ALL.client.pkcs12())
        store = str(path)
    idle.ssl_cert_store = store
    idle.ssl_cert_store_password = password
    with pytest.raises(IPWorksSNMPError) as caught:
        idle.ssl_cert_subject = "*"
    assert caught.value.code == code


@proves("ssl_cert_encoded")
def test_the_own_certificate_may_be_assigned(serve, idle) -> None:
    agent = serve(with_clients())
    trust(idle)
    idle.ssl_cert_encoded = ALL.client.pem
    assert idle.ssl_cert_encoded == ALL.client.certificate_pem.encode()
    assert idle.ssl_cert_subject == "CN=manager"
    answered(idle)
    assert shown_to(agent) == ALL.client.der
    idle.ssl_cert_encoded = ALL.client.certificate_pem
    refused(idle, 271, "no private key")
    idle.ssl_cert_encoded = ""
    assert idle.ssl_cert_encoded == b""
