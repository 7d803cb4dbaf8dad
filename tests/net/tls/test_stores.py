"""Certificate stores: opened, listed, searched, and good enough for a TLS handshake."""

from __future__ import annotations

import base64
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from snmptcp.errors import ConfigurationError
from snmptcp.net.tls.stores import CertificateStore, StoredCertificate, StoreType, open_store
from tests.support.stores import DER, PEM, proves_good_for_tls, subjects

if TYPE_CHECKING:
    from collections.abc import Callable

PASSWORD = "a pass"
LIFETIME = dt.datetime(2020, 1, 1, tzinfo=dt.UTC), dt.datetime(2099, 1, 1, tzinfo=dt.UTC)
PKCS8, TRADITIONAL = serialization.PrivateFormat.PKCS8, serialization.PrivateFormat.TraditionalOpenSSL
PLAIN = serialization.NoEncryption()
SEALED = serialization.BestAvailableEncryption(PASSWORD.encode())


def name_of(**fields: str) -> x509.Name:
    """Return a name with its fields in the usual order of certificates, the country first."""
    return x509.Name([x509.NameAttribute(getattr(NameOID, field), value) for field, value in fields.items()])


class Identity(NamedTuple):
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(PEM)

    def key_pem(self, layout: Any = PKCS8, encryption: Any = PLAIN) -> bytes:
        return self.key.private_bytes(PEM, layout, encryption)


def issue(subject: x509.Name, issuer: Identity | None = None) -> Identity:
    key = ec.generate_private_key(ec.SECP256R1())
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    return Identity(builder.sign(key if issuer is None else issuer.key, hashes.SHA256()), key)


ROOT = issue(name_of(COUNTRY_NAME="DE", ORGANIZATION_NAME="Lab, Inc.", COMMON_NAME="Root"))
MIDDLE = issue(name_of(COUNTRY_NAME="DE", ORGANIZATION_NAME="Lab, Inc.", COMMON_NAME="Middle"), ROOT)
AGENT = issue(
    name_of(
        COUNTRY_NAME="DE",
        STATE_OR_PROVINCE_NAME="Berlin",
        LOCALITY_NAME="Mitte",
        ORGANIZATION_NAME="Lab, Inc.",
        ORGANIZATIONAL_UNIT_NAME="Routers",
        COMMON_NAME="agent.example.com",
        EMAIL_ADDRESS="agent@example.com",
    ),
    MIDDLE,
)
OTHER = issue(name_of(COMMON_NAME="agent"))
AGENT_SUBJECT = 'E=agent@example.com, CN=agent.example.com, OU=Routers, O="Lab, Inc.", L=Mitte, S=Berlin, C=DE'


def pfx(*, encryption: Any = SEALED) -> bytes:
    issuers = [ROOT.certificate, MIDDLE.certificate]
    return pkcs12.serialize_key_and_certificates(b"my agent", AGENT.key, AGENT.certificate, issuers, encryption)


def pem(layout: Any = PKCS8, encryption: Any = PLAIN) -> bytes:
    return b"some words\n" + AGENT.key_pem(layout, encryption) + AGENT.pem + ROOT.pem + MIDDLE.pem


def p7b(encoding: Any = DER) -> bytes:
    return pkcs7.serialize_certificates([AGENT.certificate, MIDDLE.certificate, ROOT.certificate], encoding)


# --------------------------------------------------------------------------------------- every kind


STORES: list[tuple[StoreType, StoreType, Callable[[], bytes], str, bool]] = [
    (StoreType.PFX_FILE, StoreType.PFX_BLOB, pfx, PASSWORD, True),
    (StoreType.PFX_FILE, StoreType.PFX_BLOB, lambda: pfx(encryption=PLAIN), "", True),
    (StoreType.PEM_KEY_FILE, StoreType.PEM_KEY_BLOB, pem, "", True),
    (StoreType.PEM_KEY_FILE, StoreType.PEM_KEY_BLOB, lambda: pem(encryption=SEALED), PASSWORD, True),
    (StoreType.PEM_KEY_FILE, StoreType.PEM_KEY_BLOB, lambda: pem(TRADITIONAL), "", True),
    (StoreType.PEM_KEY_FILE, StoreType.PEM_KEY_BLOB, lambda: pem(TRADITIONAL, SEALED), PASSWORD, True),
    (StoreType.P7B_FILE, StoreType.P7B_BLOB, p7b, "", False),
    (StoreType.P7B_FILE, StoreType.P7B_BLOB, lambda: p7b(PEM), "", False),
    (StoreType.PUBLIC_KEY_FILE, StoreType.PUBLIC_KEY_BLOB, lambda: AGENT.pem + MIDDLE.pem + ROOT.pem, "", False),
]
STORE_IDS = ["PFX", "PFX plain", "PEM", "PEM sealed", "PEM old", "PEM old sealed", "P7B", "P7B in PEM", "public"]

every_store = pytest.mark.parametrize(("file", "blob", "make", "password", "has_key"), STORES, ids=STORE_IDS)


@every_store
@pytest.mark.parametrize("way", ["file", "path", "blob", "base64", "auto file", "auto blob", "auto base64"])
def test_a_store_is_opened_however_it_is_given(
    tmp_path: Path,
    file: StoreType,
    blob: StoreType,
    make: Callable[[], bytes],
    password: str,
    has_key: bool,
    way: str,
) -> None:
    octets = make()
    path = tmp_path / "a store"
    path.write_bytes(octets)
    kind: int = StoreType.AUTO if way.startswith("auto") else file if way in ("file", "path") else blob
    source: Any = {
        "file": str(path).encode(),
        "path": path,
        "blob": octets,
        "base64": base64.encodebytes(octets).decode(),
        "auto file": str(path),
        "auto blob": octets,
        "auto base64": base64.b64encode(octets),
    }[way]

    store = open_store(kind, source, password)

    assert subjects(store) == {AGENT_SUBJECT, 'CN=Middle, O="Lab, Inc.", C=DE', 'CN=Root, O="Lab, Inc.", C=DE'}
    entry = store.find(AGENT_SUBJECT)
    assert entry is not None
    assert entry.certificate == AGENT.certificate
    assert entry.chain == (MIDDLE.certificate, ROOT.certificate)
    assert entry.issuer == 'CN=Middle, O="Lab, Inc.", C=DE'
    assert (entry.private_key is not None) is has_key
    if has_key:
        proves_good_for_tls(entry, tmp_path)
    else:
        assert entry.key_pem is None


def test_a_single_certificate_in_der_is_a_public_key_store() -> None:
    octets = AGENT.certificate.public_bytes(DER)
    for kind in (StoreType.PUBLIC_KEY_BLOB, StoreType.AUTO):
        (entry,) = open_store(kind, octets)
        assert entry.certificate == AGENT.certificate
        assert entry.chain == ()


def test_a_pfx_store_tells_its_alias() -> None:
    assert open_store(StoreType.PFX_BLOB, pfx(), PASSWORD)[0].alias == "my agent"


def test_each_key_of_a_pem_store_goes_to_its_own_certificate() -> None:
    octets = OTHER.key_pem() + AGENT.pem + OTHER.pem + AGENT.key_pem()
    store = open_store(StoreType.PEM_KEY_BLOB, octets)

    for entry, identity in zip(store, (AGENT, OTHER), strict=True):
        assert entry.private_key is not None
        assert entry.private_key.public_key() == identity.key.public_key()


def test_a_certificate_that_vouches_for_itself_has_no_chain() -> None:
    for entry in open_store(StoreType.PEM_KEY_BLOB, OTHER.pem + OTHER.key_pem() + ROOT.pem):
        assert entry.chain == ()
        assert entry.chain_pem == entry.certificate_pem


def test_certificates_that_vouch_for_each_other_make_a_chain_that_ends() -> None:
    first, second = issue(name_of(COMMON_NAME="first")), issue(name_of(COMMON_NAME="second"))
    crossed = issue(first.certificate.subject, second), issue(second.certificate.subject, first)
    store = open_store(StoreType.PUBLIC_KEY_BLOB, crossed[0].pem + crossed[1].pem)

    assert store[0].chain == (crossed[1].certificate,)
    assert store[1].chain == (crossed[0].certificate,)


def test_a_rsa_key_works_too(tmp_path: Path) -> None:
    key = rsa.generate_private_key(65537, 2048)
    now = dt.datetime.now(dt.UTC)
    name = name_of(COMMON_NAME="rsa")
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    octets = pkcs12.serialize_key_and_certificates(None, key, certificate, None, SEALED)
    (entry,) = open_store(StoreType.PFX_BLOB, octets, PASSWORD)

    proves_good_for_tls(entry, tmp_path)


def test_no_secret_is_shown() -> None:
    store = open_store(StoreType.PEM_KEY_BLOB, pem())

    assert "key" not in repr(store[0]).lower()
    assert repr(store).startswith("<CertificateStore of ['E=agent@example.com, ")
    assert len(store[0:2]) == 2


# ------------------------------------------------------------------------------------------ finding


@pytest.fixture(scope="module")
def store() -> CertificateStore:
    pem_store = ROOT.pem + OTHER.pem + MIDDLE.pem + AGENT.pem + AGENT.key_pem()
    return open_store(StoreType.PEM_KEY_BLOB, pem_store)


@pytest.mark.parametrize(
    ("subject", "found"),
    [
        ("*", AGENT),  # the one with a key
        ("CN=agent", OTHER),  # exactly, before agent.example.com which only contains it
        ("cn=AGENT", OTHER),
        ("CN = agent", OTHER),
        ("CN=agent.example.com", AGENT),
        ("agent.example", AGENT),
        ("agent", AGENT),  # a part of both: the one with a key
        (AGENT_SUBJECT, AGENT),
        ('C=DE, O="Lab, Inc.", CN=Root', ROOT),
        ('CN=Middle,O="Lab, Inc.",C=DE', MIDDLE),
        (
            'emailAddress=agent@example.com, ST=Berlin, L=Mitte, C=DE, O="Lab, Inc.", OU=Routers, CN=agent.example.com',
            AGENT,
        ),
        ('CN=Middle,O="Lab, Inc."', MIDDLE),
        ("O=Lab, Inc.", None),  # a comma that is not quoted separates fields
        ('O="Lab, Inc."', AGENT),
        ("OU=Routers", AGENT),
        ("CN=nobody", None),
        ("", None),
        ("   ", None),
        ("CN=Root, O=Lab", None),
        ("S=Berlin", AGENT),
        ("ST=Berlin", AGENT),
    ],
)
def test_certificates_are_found_by_their_subject(store: CertificateStore, subject: str, found: Identity | None) -> None:
    entry = store.find(subject)

    assert (entry and entry.certificate) == (found and found.certificate)


def test_the_first_of_equals_is_found() -> None:
    twins = [issue(name_of(COMMON_NAME="twin")) for _ in range(2)]
    octets = b"".join(twin.pem for twin in twins)
    entry = open_store(StoreType.PUBLIC_KEY_BLOB, octets).find("CN=twin")

    assert entry is not None
    assert entry.certificate == twins[0].certificate


def test_nothing_is_found_in_no_certificates() -> None:
    assert CertificateStore([]).find("*") is None


values = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0x17F, exclude_characters="\x7f"), min_size=1, max_size=20
)


@given(values, values)
@settings(max_examples=150, deadline=None)
def test_every_certificate_is_found_by_the_subject_that_it_shows(organization: str, name: str) -> None:
    subject = name_of(ORGANIZATION_NAME=organization, COMMON_NAME=name)
    certificate = x509.CertificateBuilder(subject, subject, OTHER.key.public_key(), 1, *LIFETIME).sign(
        OTHER.key, hashes.SHA256()
    )
    entry = StoredCertificate(certificate)

    assert CertificateStore([entry]).find(entry.subject) is entry


# ----------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("kind", "source", "password", "reason"),
    [
        (StoreType.USER, b"MY", "", r"type 0 \(USER\) are not supported"),
        (StoreType.MACHINE, b"MY", "", r"type 1 \(MACHINE\) are not supported"),
        (StoreType.PPK_BLOB, b"x", "", r"type 15 \(PPK_BLOB\) are not supported"),
        (StoreType.BCFKS_FILE, b"x", "", "PFX, JKS, PEM, public key and P7B files and blobs are"),
        (23, b"x", "", "23 is not the number of a certificate store type"),
        (StoreType.PFX_FILE, "/no/such/file", "", "/no/such/file cannot be read: No such file"),
        (StoreType.PFX_FILE, "a\0b", "", "cannot be read: embedded null"),
        (StoreType.PFX_BLOB, b"nothing", "", "not a PFX"),
        (StoreType.PFX_BLOB, pfx(), "wrong", "password.* is wrong"),
        (StoreType.PFX_BLOB, pfx(), "", "password.* is wrong"),
        (StoreType.JKS_BLOB, b"nothing", "", "not a JKS key store"),
        (StoreType.PEM_KEY_BLOB, b"nothing", "", "has no certificate"),
        (StoreType.PEM_KEY_BLOB, AGENT.key_pem(), "", "a key, but no certificate"),
        (StoreType.PEM_KEY_BLOB, AGENT.key_pem() + OTHER.pem, "", "fits none of its certificates"),
        (StoreType.PEM_KEY_BLOB, pem(encryption=SEALED), "", "encrypted, and no password is given"),
        (StoreType.PEM_KEY_BLOB, pem(encryption=SEALED), "wrong", "password.* is wrong"),
        (StoreType.PEM_KEY_BLOB, pem(TRADITIONAL, SEALED), "wrong", "password.* is wrong"),
        (
            StoreType.PEM_KEY_BLOB,
            b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "",
            "a certificate that cannot be read",
        ),
        (
            StoreType.PEM_KEY_BLOB,
            b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
            "",
            "cannot be read",
        ),
        (StoreType.PUBLIC_KEY_BLOB, b"nothing", "", "a certificate that cannot be read"),
        (StoreType.PUBLIC_KEY_BLOB, AGENT.key_pem(), "", "no certificate in PEM"),
        (StoreType.P7B_BLOB, b"nothing", "", "not a P7B"),
        (StoreType.P7B_BLOB, AGENT.pem, "", "not a P7B"),
        (StoreType.AUTO, "no such file, no blob", "", "neither a file nor a blob"),
        (StoreType.AUTO, b"\x30\x03\x02\x01\x00", "", "not a PFX"),
        (StoreType.PFX_BLOB, "ä", "", "octets, base64 or PEM"),
        (StoreType.PFX_BLOB, Path("x"), "", "not a path"),
        (StoreType.PFX_BLOB, b"", "", "not a PFX"),
    ],
    ids=lambda value: value.name if isinstance(value, StoreType) else "",
)
def test_what_cannot_be_opened_tells_why(kind: int, source: Any, password: str, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        open_store(kind, source, password)


def test_no_other_type_is_opened_than_those_that_are_told() -> None:
    refused = []
    for kind in StoreType:
        with pytest.raises(ConfigurationError) as caught:
            open_store(kind, b"/no such store")
        if "not supported" in str(caught.value):
            refused.append(kind.value)

    assert refused == [0, 1, 10, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22]
