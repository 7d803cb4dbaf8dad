"""Security names from certificates (RFC 6353 section 7, snmpTlstmCertToTSNTable)."""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtensionOID, NameOID
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.errors import ConfigurationError
from snmptcp.security.tls_names import CertificateMap, Fingerprint, MapType, security_name
from tests.support.certificates import DAY, certificates

KEY = ec.generate_private_key(ec.SECP256R1())
C = certificates()


def certificate(*names: x509.GeneralName, common_names: tuple[str, ...] = ()) -> bytes:
    now = dt.datetime.now(dt.UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name) for name in common_names])
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(KEY.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + dt.timedelta(days=1))
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(KEY, hashes.SHA256()).public_bytes(Encoding.DER)


def named(der: bytes, *rows: tuple[MapType, str]) -> bytes | None:
    """Map a certificate by its own fingerprint."""
    return security_name([CertificateMap(Fingerprint.of(der), kind, name) for kind, name in rows], der)


EMAIL = x509.RFC822Name("FooBar@Example.COM")
DNS = x509.DNSName("Agent.Example.COM")
IPV4 = x509.IPAddress(ipaddress.ip_address("192.0.2.1"))
IPV6 = x509.IPAddress(ipaddress.ip_address("2001:db8::A"))


@pytest.mark.parametrize(
    ("names", "kind", "expected"),
    [
        ((EMAIL,), MapType.SAN_RFC822_NAME, b"FooBar@example.com"),  # the RFC's own example
        ((DNS,), MapType.SAN_DNS_NAME, b"agent.example.com"),
        ((IPV4,), MapType.SAN_IP_ADDRESS, b"192.0.2.1"),
        ((IPV6,), MapType.SAN_IP_ADDRESS, b"20010db800000000000000000000000a"),
        ((DNS, EMAIL), MapType.SAN_ANY, b"agent.example.com"),
        ((EMAIL, DNS), MapType.SAN_ANY, b"FooBar@example.com"),
        ((x509.UniformResourceIdentifier("snmp://x"), IPV4, DNS), MapType.SAN_ANY, b"192.0.2.1"),
        ((DNS, EMAIL), MapType.SAN_RFC822_NAME, b"FooBar@example.com"),
        ((DNS, x509.DNSName("second.example")), MapType.SAN_DNS_NAME, b"agent.example.com"),
        ((DNS,), MapType.SAN_RFC822_NAME, None),
        ((x509.UniformResourceIdentifier("snmp://x"),), MapType.SAN_ANY, None),
        ((), MapType.SAN_ANY, None),
        ((), MapType.COMMON_NAME, None),
    ],
)
def test_a_name_is_made_as_its_map_type_says(names, kind, expected):
    assert named(certificate(*names), (kind, "not looked at")) == expected


def test_the_common_name_is_the_name_in_utf_8():
    assert named(certificate(common_names=("Müller",)), (MapType.COMMON_NAME, "")) == "Müller".encode()


def test_of_several_common_names_the_most_specific_is_taken():
    assert named(certificate(common_names=("company", "joe")), (MapType.COMMON_NAME, "")) == b"joe"


def test_a_specified_name_is_given_as_it_is():
    assert named(certificate(DNS), (MapType.SPECIFIED, "Operator")) == b"Operator"


def test_the_first_row_that_yields_a_name_wins():
    der = certificate(DNS)
    rows = [
        (MapType.SAN_RFC822_NAME, ""),
        (MapType.COMMON_NAME, ""),
        (MapType.SAN_DNS_NAME, ""),
        (MapType.SPECIFIED, "no"),
    ]
    assert named(der, *rows) == b"agent.example.com"


def test_a_name_longer_than_32_octets_is_passed_over():
    long = x509.DNSName("a" * 29 + ".com")
    der = certificate(long)
    assert named(der, (MapType.SAN_DNS_NAME, "")) is None
    assert named(der, (MapType.SAN_DNS_NAME, ""), (MapType.SPECIFIED, "short")) == b"short"
    assert named(certificate(x509.DNSName("a" * 28 + ".com")), (MapType.SAN_DNS_NAME, "")) == b"a" * 28 + b".com"


def test_an_ipv6_address_is_just_as_long_as_a_name_may_be():
    name = named(certificate(IPV6), (MapType.SAN_IP_ADDRESS, ""))
    assert name is not None
    assert len(name) == 32


def test_a_row_for_another_certificate_does_not_match():
    der = certificate(DNS)
    other = Fingerprint.of(certificate(EMAIL))
    assert security_name([CertificateMap(other, MapType.SPECIFIED, "no")], der) is None
    assert security_name([], der) is None


def test_a_row_for_an_authority_matches_what_was_verified_with_it():
    everybody = certificates()
    row = CertificateMap(everybody.authority.fingerprint, MapType.SAN_ANY)
    chain = (everybody.client.der, everybody.authority.der)
    assert security_name([row], everybody.client.der, chain) == b"Manager@example.com"
    assert security_name([row], everybody.client.der) is None
    assert security_name([row], everybody.client.der, (everybody.other_authority.der,)) is None


def test_a_certificate_that_cannot_be_read_has_no_name_but_a_specified_one():
    der = b"\x30\x03\x02\x01\x00"
    assert named(der, (MapType.SAN_ANY, "")) is None
    assert named(der, (MapType.SPECIFIED, "joe")) == b"joe"


@pytest.mark.parametrize("name", ["", "x" * 33, "ü" * 17, b"\xff"])
def test_a_specified_name_that_access_control_cannot_use_is_refused(name):
    with pytest.raises(ConfigurationError, match="1 to 32 octets"):
        CertificateMap("ab" * 32, MapType.SPECIFIED, name)


SHA256 = hashlib.sha256(b"x").hexdigest()


@pytest.mark.parametrize(
    "spelled",
    [
        SHA256,
        SHA256.upper(),
        ":".join(SHA256[i : i + 2] for i in range(0, 64, 2)),
        f"SHA256 Fingerprint={SHA256}",
        f"sha256 Fingerprint={SHA256}",
        f"SHA-256: {SHA256}",
        f"  {SHA256}\n",
        f"04:{SHA256}",
        bytes.fromhex(SHA256),
        b"\x04" + bytes.fromhex(SHA256),
    ],
)
def test_a_fingerprint_is_read_in_every_usual_spelling(spelled):
    assert Fingerprint.parse(spelled) == Fingerprint(4, bytes.fromhex(SHA256))


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ("", "0 octets"),
        ("abc", "hexadecimal"),
        ("g" * 64, "hexadecimal"),
        ("ab" * 31, "31 octets"),
        ("07" + "ab" * 64, "65 octets"),
        ("05" + "ab" * 32, "33 octets"),
        ("sha1:" + "ab" * 32, "not of sha1"),
    ],
)
def test_what_is_no_fingerprint_is_refused(wrong, complaint):
    with pytest.raises(ConfigurationError, match=complaint):
        Fingerprint.parse(wrong)


@pytest.mark.parametrize(("algorithm", "digest"), [(0, b""), (7, b""), (4, b"x" * 31)])
def test_an_impossible_hash_is_refused(algorithm, digest):
    with pytest.raises(ConfigurationError):
        Fingerprint(algorithm, digest)


@given(st.sampled_from(range(1, 7)), st.binary(max_size=40), st.binary(max_size=40))
def test_a_fingerprint_survives_its_own_spellings_and_finds_its_certificate_alone(algorithm, one, other):
    found = Fingerprint.of(one, algorithm)
    assert Fingerprint.parse(bytes(found)) == found
    assert Fingerprint.parse(bytes(found).hex(":")) == found
    assert Fingerprint.parse(str(found)) == found
    assert found.matches(one)
    assert found.matches(other) == (one == other)


def _with_alternative_names(der: bytes) -> bytes:
    """Return a certificate of our authority whose subjectAltName is any octets."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = C.client.certificate.not_valid_before_utc
    builder = x509.CertificateBuilder().subject_name(C.client.certificate.subject).issuer_name(C.authority.name)
    builder = builder.public_key(key.public_key()).serial_number(5)
    builder = builder.not_valid_before(now).not_valid_after(now + 2 * DAY)
    builder = builder.add_extension(
        x509.UnrecognizedExtension(ExtensionOID.SUBJECT_ALTERNATIVE_NAME, der), critical=False
    )
    return builder.sign(C.authority.private_key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(bytes.fromhex("a300"), id="x400Address"),
        pytest.param(bytes.fromhex("a505a1030c0178"), id="ediPartyName"),
        pytest.param(bytes.fromhex("8202fffe"), id="dNSName that is not ASCII"),
        pytest.param(bytes.fromhex("87053132333435"), id="iPAddress of five octets"),
        pytest.param(bytes.fromhex("ab00"), id="unknown kind"),
    ],
)
def test_a_certificate_with_unreadable_names_gets_the_name_of_a_later_row(name: bytes) -> None:
    certificate = _with_alternative_names(bytes((0x30, len(name))) + name)
    fingerprint = hashes_of(certificate)
    rows = (CertificateMap(fingerprint, MapType.SAN_ANY), CertificateMap(fingerprint, MapType.SPECIFIED, "later"))

    assert security_name(rows, certificate) == b"later"


def hashes_of(certificate: bytes) -> str:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(certificate)
    return digest.finalize().hex()
