"""Making SSL contexts from options.

Contains: reading files, and everything that OpenSSL gets before a handshake.  Does not contain: handshakes.

OpenSSL reads keys with their certificates, and revocation lists, only from files.  Data in memory is written to a file
without a name if the system has such files, or else to a private one that is removed at once.  Keys in it are encrypted
with a random password.
"""

from __future__ import annotations

import binascii
import contextlib
import os
import re
import secrets
import ssl
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from snmptcp.cautions import caution_about_file
from snmptcp.errors import ConfigurationError
from snmptcp.net.tls.options import ClientCertificates, CrlCheck, Source, TlsOptions, is_text
from snmptcp.security.tls_names import Fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

__all__ = ("NO_CHECK_TIME", "accepted_fingerprints", "client_context", "server_context")

#: What an error must not show as a file's name: a key in another form than PEM was taken for one.
_NO_NAME = re.compile(r".*\n.*|[A-Za-z0-9+/=]{100,}|.{1025,}", re.DOTALL)

_KEY = re.compile(rb"-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----.*?-----END \1-----", re.DOTALL)
_CERTIFICATE = re.compile(rb"-----BEGIN (?:X509 )?CERTIFICATE-----(.*?)-----END", re.DOTALL)
_HASHED_NAME = re.compile(r"[0-9a-f]{8}\.[0-9]+")

#: X509_V_FLAG_NO_CHECK_TIME of OpenSSL's x509_vfy.h, which Python has no name for.
NO_CHECK_TIME = 0x200000

_Context = TypeVar("_Context", bound=ssl.SSLContext)


def client_context(options: TlsOptions, context: _Context) -> _Context:
    """Set up a context for connections to servers, and return it.

    Args:
        options: the caller's options.
        context: a new one, made for ``PROTOCOL_TLS_CLIENT``.

    Raises:
        ConfigurationError: a file cannot be read, or has the wrong content.
    """
    if options.verify and (options.has_authorities or not options.is_pinned):
        context.check_hostname = options.check_host_name
        # OpenSSL takes the common name for a host name if there is no subjectAltName; RFC 9525 section 2 forbids that.
        context.hostname_checks_common_name = options.accept_common_name
        context.verify_mode = ssl.CERT_REQUIRED
        _load_authorities(context, options)
        _load_crl(context, options)
    else:  # pinned certificates are checked after the handshake
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    _set_up(context, options)
    return context


def server_context(options: TlsOptions) -> ssl.SSLContext:
    """Return a context for connections from clients.

    Raises:
        ConfigurationError: a file cannot be read or has the wrong content, or there is no certificate.
    """
    if options.certificate is None and options.pkcs12 is None:
        raise ConfigurationError("a server needs a certificate")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    clients = options.clients
    if clients is not ClientCertificates.NOT_ASKED:
        required = clients is ClientCertificates.REQUIRED
        context.verify_mode = ssl.CERT_REQUIRED if required else ssl.CERT_OPTIONAL
        # OpenSSL does not verify the certificate of a resumed session, which may have expired or been revoked.
        context.options |= ssl.OP_NO_TICKET
        context.num_tickets = 0
        _load_client_authorities(context, options)
        _load_crl(context, options)
    _set_up(context, options)
    return context


def accepted_fingerprints(options: TlsOptions) -> tuple[Fingerprint, ...]:
    """Return the fingerprints of pinned certificates; none if authorities alone decide."""
    given = tuple(Fingerprint.of(der) for source in options.accepted for der in _certificates(source))
    return options.pins + given


# -------------------------------------------------------------------------------------------- parts


def _set_up(context: ssl.SSLContext, options: TlsOptions) -> None:
    """Set what is the same for both sides."""
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    # Python before 3.11.3 sets this option: a session that is cut off without close_notify looks like one that ended.
    context.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", ssl.Options(0))
    # Maximum first: OpenSSL complains if there is no version between minimum and maximum, even for a moment.
    context.maximum_version = ssl.TLSVersion.MAXIMUM_SUPPORTED
    context.minimum_version = options.oldest
    context.maximum_version = options.newest
    if options.ciphers is not None:
        try:
            context.set_ciphers(f"{options.ciphers}:!aNULL:!eNULL")
        except ssl.SSLError:
            raise ConfigurationError(
                f"no TLS 1.2 cipher with encryption and authentication matches {options.ciphers!r}"
            ) from None
    _load_identity(context, options)
    if options.key_log is not None:
        _start_key_log(context, os.fspath(options.key_log))


def _load_authorities(context: ssl.SSLContext, options: TlsOptions) -> None:
    if not options.has_authorities:
        context.load_default_certs(
            ssl.Purpose.SERVER_AUTH if context.protocol == ssl.PROTOCOL_TLS_CLIENT else ssl.Purpose.CLIENT_AUTH
        )
        return
    # Trust each given certificate, intermediate authorities too.
    context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    if options.ca_file is not None:
        _add_authorities(context, _read(options.ca_file), os.fspath(options.ca_file))
    if options.ca_pem is not None:
        text = options.ca_pem.encode() if isinstance(options.ca_pem, str) else options.ca_pem
        _add_authorities(context, text, "ca_pem")
    if options.ca_directory is not None:
        _add_directory(context, Path(options.ca_directory))


def _add_authorities(context: ssl.SSLContext, data: bytes, where: str) -> None:
    """Trust certificates, in PEM or DER.

    OpenSSL alone reads them: :mod:`cryptography` warns of authorities in the systems' own bundles.
    """
    try:
        found = [binascii.a2b_base64(text) for text in _CERTIFICATE.findall(data)] if b"-----BEGIN" in data else [data]
        if not any(found):
            raise ConfigurationError(f"{where}: no certificate")
        context.load_verify_locations(cadata=b"".join(found))
    except (ssl.SSLError, binascii.Error):
        raise ConfigurationError(f"{where}: no certificate, or one that OpenSSL cannot read") from None


def _add_directory(context: ssl.SSLContext, directory: Path) -> None:
    """Use a directory of hashed names as OpenSSL does; read any other directory file by file."""
    try:
        names = sorted(directory.iterdir())
    except OSError as error:
        raise ConfigurationError(f"{directory}: {error.strerror}") from None
    if any(_HASHED_NAME.fullmatch(path.name) for path in names):
        context.load_verify_locations(capath=str(directory))
        return
    files = [path for path in names if path.suffix.lower() in {".pem", ".crt", ".cer"}]
    if not files:
        raise ConfigurationError(f"{directory}: no certificates (*.pem, *.crt, *.cer) in this directory")
    for path in files:
        _add_authorities(context, _read(path), str(path))


def _load_client_authorities(context: ssl.SSLContext, options: TlsOptions) -> None:
    """Load what clients' certificates are verified with; OpenSSL does it during the handshake."""
    if options.has_authorities:
        _load_authorities(context, options)
        return
    if not options.verify:
        raise ConfigurationError("a server that asks for certificates must verify them: verify=False is not possible")
    if options.pins and not options.accepted:
        raise ConfigurationError(
            "a server cannot accept clients by fingerprint alone: give their certificates, or their authority"
        )
    if not options.accepted:
        _load_authorities(context, options)
        return
    context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN | ssl.VerifyFlags(NO_CHECK_TIME)
    for source in options.accepted:
        context.load_verify_locations(cadata=b"".join(_certificates(source)))


def _load_crl(context: ssl.SSLContext, options: TlsOptions) -> None:
    check = options.crl_check or (CrlCheck.LEAF if options.crl is not None else None)
    if check is None:
        return
    context.verify_flags |= (
        ssl.VerifyFlags.VERIFY_CRL_CHECK_LEAF if check is CrlCheck.LEAF else ssl.VerifyFlags.VERIFY_CRL_CHECK_CHAIN
    )
    if options.crl is None:  # the lists are in ca_directory
        return
    data = _read(options.crl)
    where = _name(options.crl, "crl")
    if b"-----BEGIN" not in data:
        try:
            data = x509.load_der_x509_crl(data).public_bytes(serialization.Encoding.PEM)
        except ValueError:
            raise ConfigurationError(f"{where}: no revocation list") from None
    if b"-----BEGIN X509 CRL-----" not in data:
        raise ConfigurationError(f"{where}: no revocation list")
    with _as_file(data) as path:
        try:
            context.load_verify_locations(cafile=path)
        except ssl.SSLError as error:
            raise ConfigurationError(f"{where}: {_words(error)}") from None


def _start_key_log(context: ssl.SSLContext, path: str) -> None:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600))  # its secrets decrypt every session
        caution_about_file(path, "the secrets of TLS sessions in")
        context.keylog_filename = path
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}") from None


# ------------------------------------------------------------------------------------------- identity


def _load_identity(context: ssl.SSLContext, options: TlsOptions) -> None:
    """Load our certificate, its chain and its key."""
    password = _password(options)
    if options.pkcs12 is not None:
        where = _name(options.pkcs12, "pkcs12")
        key, chain = _from_pkcs12(_read_secret(options.pkcs12), password, where)
    elif options.certificate is not None:
        where = _name(options.certificate, "certificate")
        data = _read(options.certificate)
        chain = [x509.load_der_x509_certificate(der) for der in _certificates(data, where)]
        if options.key is not None:
            key = _private_key(_read_secret(options.key), password, _name(options.key, "key"))
        else:
            key = _private_key(_read_secret(options.certificate), password, where)
    else:
        return
    once = secrets.token_hex(16).encode()
    text = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(once),
    ) + b"".join(certificate.public_bytes(serialization.Encoding.PEM) for certificate in chain)
    with _as_file(text) as path:
        try:
            context.load_cert_chain(path, password=once)
        except ssl.SSLError as error:
            if error.reason in {"KEY_VALUES_MISMATCH", "KEY_TYPE_MISMATCH"}:
                raise ConfigurationError(f"{where}: the key does not belong to the certificate") from None
            raise ConfigurationError(f"{where}: {_words(error)}") from None


def _password(options: TlsOptions) -> bytes | None:
    try:
        return options.password.encode() if isinstance(options.password, str) else options.password
    except UnicodeEncodeError:  # it would show the password
        raise ConfigurationError("password has a character that UTF-8 cannot encode (a surrogate)") from None


def _private_key(data: bytes, password: bytes | None, where: str) -> PrivateKeyTypes:
    found = _KEY.search(data)
    if found is None and b"-----BEGIN" in data:
        raise ConfigurationError(f"{where}: no private key")
    load = serialization.load_der_private_key if found is None else serialization.load_pem_private_key
    octets = data if found is None else found[0] + b"\n"
    try:
        return _without_needless_password(load, octets, password)
    except TypeError:
        raise ConfigurationError(f"{where}: the key is encrypted, and no password is given") from None
    except (ValueError, UnsupportedAlgorithm):
        problem = "no private key" if password is None else "no private key, or the password is wrong"
        raise ConfigurationError(f"{where}: {problem}") from None


def _without_needless_password(
    load: Callable[..., PrivateKeyTypes], octets: bytes, password: bytes | None
) -> PrivateKeyTypes:
    try:
        return load(octets, password)
    except TypeError:  # the password is missing, or the key is not encrypted
        if password is None:
            raise
        return load(octets, None)


def _from_pkcs12(data: bytes, password: bytes | None, where: str) -> tuple[PrivateKeyTypes, list[x509.Certificate]]:
    try:
        found = pkcs12.load_pkcs12(data, password)
    except ValueError:
        raise ConfigurationError(f"{where}: no PKCS#12, or the password is wrong") from None
    if found.key is None or found.cert is None:
        raise ConfigurationError(f"{where}: no private key with a certificate")
    others = [additional.certificate for additional in found.additional_certs]
    return found.key, _in_order(found.cert.certificate, others)


def _in_order(leaf: x509.Certificate, others: list[x509.Certificate]) -> list[x509.Certificate]:
    """Return a chain, each certificate before that of its issuer (RFC 5246 section 7.4.2)."""
    chain = [leaf]
    while chain[-1].issuer != chain[-1].subject:
        issuer = next((other for other in others if other.subject == chain[-1].issuer and other not in chain), None)
        if issuer is None:
            break
        chain.append(issuer)
    return chain


# --------------------------------------------------------------------------------------------- files


def _read(source: Source) -> bytes:
    """Return the content of a source."""
    if isinstance(source, bytes):
        return source
    if is_text(source):
        return str(source).encode()
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{_name(source, 'the source')}: {error.strerror}") from None
    except ValueError:  # a NUL
        raise ConfigurationError("a text that is neither PEM nor the name of a file") from None


def _read_secret(source: Source) -> bytes:
    """Return the content of a source with a private key; warn if others can read the file."""
    data = _read(source)
    if not is_text(source):
        caution_about_file(os.fsdecode(source), "the private key")
    return data


def _name(source: Source, what: str) -> str:
    """Return a source's name for error texts, never its content."""
    if is_text(source):
        return what
    name = str(os.fspath(source))
    return f"{what} (neither PEM nor the name of a file)" if _NO_NAME.fullmatch(name) else name


def _certificates(source: Source, where: str | None = None) -> list[bytes]:
    """Return the certificates in a source, in DER."""
    data = _read(source)
    where = where or _name(source, "certificate")
    try:
        if b"-----BEGIN" in data:
            found = x509.load_pem_x509_certificates(data)
        else:
            found = [x509.load_der_x509_certificate(data)]
    except ValueError:
        raise ConfigurationError(f"{where}: no certificate") from None
    return [certificate.public_bytes(serialization.Encoding.DER) for certificate in found]


@contextlib.contextmanager
def _as_file(data: bytes) -> Iterator[str]:
    """Give octets a path while OpenSSL reads them."""
    with contextlib.ExitStack() as stack:
        yield _nameless_file(data, stack) or _private_file(data, stack)


def _nameless_file(data: bytes, stack: contextlib.ExitStack) -> str | None:
    """Make a file that exists only in memory, if the system has such files and gives them a path."""
    if not hasattr(os, "memfd_create"):
        return None
    descriptor = os.memfd_create("tls")
    file = stack.enter_context(os.fdopen(descriptor, "wb"))
    path = f"/proc/self/fd/{descriptor}"
    if not Path(path).exists():
        return None
    file.write(data)
    file.flush()
    return path


def _private_file(data: bytes, stack: contextlib.ExitStack) -> str:
    """Make a file that only this user can read; the stack removes it."""
    descriptor, path = tempfile.mkstemp(prefix="snmptcp-")  # mode 0600
    stack.callback(os.unlink, path)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
    return path


def _words(error: ssl.SSLError) -> str:
    return error.reason.lower().replace("_", " ") if error.reason else str(error)
