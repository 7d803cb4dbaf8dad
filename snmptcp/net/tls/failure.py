"""Why a handshake failed: maps OpenSSL's codes and asyncio's exceptions to :class:`~snmptcp.errors.TlsFailure`.

Contains: the mapping.  Does not contain: state.
"""

from __future__ import annotations

import os
import re
import ssl

from snmptcp.errors import TlsFailed, TlsFailure

__all__ = ("tls_failed",)

#: X509_V_ERR_... of OpenSSL's x509_vfy.h.
_VERIFY_CODES = {
    2: TlsFailure.UNKNOWN_CA,  # unable to get issuer certificate
    3: TlsFailure.NO_CRL,  # unable to get certificate CRL
    9: TlsFailure.NOT_YET_VALID,
    10: TlsFailure.EXPIRED,
    11: TlsFailure.NO_CRL,  # CRL is not yet valid
    12: TlsFailure.NO_CRL,  # CRL has expired
    18: TlsFailure.SELF_SIGNED,
    19: TlsFailure.UNKNOWN_CA,  # self-signed certificate in chain: the authority was sent along, and is unknown
    20: TlsFailure.UNKNOWN_CA,  # unable to get local issuer certificate
    21: TlsFailure.UNKNOWN_CA,  # unable to verify the first certificate
    23: TlsFailure.REVOKED,
    27: TlsFailure.UNKNOWN_CA,  # certificate not trusted
    33: TlsFailure.NO_CRL,  # unable to get CRL issuer certificate
    35: TlsFailure.NO_CRL,  # key usage does not include CRL signing
    44: TlsFailure.NO_CRL,  # different CRL scope
    62: TlsFailure.HOST_NAME,
    64: TlsFailure.HOST_NAME,  # IP address mismatch
}

#: Alerts (RFC 8446 section 6.2) by which a peer refuses our certificate, or asks for one that we have not sent.
_CERTIFICATE_ALERTS = frozenset(
    {
        "ACCESS_DENIED",
        "BAD_CERTIFICATE",
        "CERTIFICATE_EXPIRED",
        "CERTIFICATE_REQUIRED",
        "CERTIFICATE_REVOKED",
        "CERTIFICATE_UNKNOWN",
        "DECRYPT_ERROR",
        "NO_CERTIFICATE",
        "UNKNOWN_CA",
        "UNSUPPORTED_CERTIFICATE",
    }
)

_ALERTS = {
    **dict.fromkeys(_CERTIFICATE_ALERTS, TlsFailure.REFUSED_BY_PEER),
    "INSUFFICIENT_SECURITY": TlsFailure.CIPHER,
    "PROTOCOL_VERSION": TlsFailure.VERSION,
}

#: SSL_R_... of OpenSSL's sslerr.h, other than alerts.
_REASONS = {
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": TlsFailure.NO_CERTIFICATE,
    "UNSUPPORTED_PROTOCOL": TlsFailure.VERSION,
    "NO_PROTOCOLS_AVAILABLE": TlsFailure.VERSION,
    "WRONG_SSL_VERSION": TlsFailure.VERSION,
    "VERSION_TOO_LOW": TlsFailure.VERSION,
    "VERSION_TOO_HIGH": TlsFailure.VERSION,
    "NO_SHARED_CIPHER": TlsFailure.CIPHER,
    "NO_CIPHERS_AVAILABLE": TlsFailure.CIPHER,
    "NO_SUITABLE_SIGNATURE_ALGORITHM": TlsFailure.CIPHER,
    "NO_SUITABLE_GROUPS": TlsFailure.CIPHER,
    "NO_SUITABLE_KEY_SHARE": TlsFailure.CIPHER,
    "DH_KEY_TOO_SMALL": TlsFailure.CIPHER,
    "WRONG_CIPHER_RETURNED": TlsFailure.CIPHER,
    "WRONG_VERSION_NUMBER": TlsFailure.NOT_TLS,
    "RECORD_LAYER_FAILURE": TlsFailure.NOT_TLS,  # the same, from OpenSSL 3.2 on
    "UNKNOWN_PROTOCOL": TlsFailure.NOT_TLS,
    "HTTP_REQUEST": TlsFailure.NOT_TLS,
    "HTTPS_PROXY_REQUEST": TlsFailure.NOT_TLS,
    "PACKET_LENGTH_TOO_LONG": TlsFailure.NOT_TLS,
    "UNEXPECTED_EOF_WHILE_READING": TlsFailure.CLOSED,
}


def tls_failed(error: Exception, peer: str, *, answered: bool | None = None, renegotiable: bool = False) -> TlsFailed:
    """Return the failure of a handshake, or of a session that the peer refuses later (RFC 8446 section 6.2).

    Args:
        error: what the handshake or the connection ended with.
        peer: the peer, for error texts.
        answered: whether the peer has chosen a cipher: before that, a ``handshake_failure`` is about ciphers,
            afterwards about certificates.  ``None`` if it is not known.
        renegotiable: whether a session of TLS 1.2 was established, which a peer can only renegotiate: our refusal
            (RFC 5246 section 7.2.2, no_renegotiation) leaves it without the handshake that it asked for.
    """
    if isinstance(error, TlsFailed):
        return error
    failure, detail = _classify(error, answered=answered)
    if renegotiable and _is_about_a_handshake(error):
        failure = TlsFailure.RENEGOTIATION
    failed = TlsFailed(peer, failure, detail)
    failed.__cause__ = error
    return failed


def _is_about_a_handshake(error: Exception) -> bool:
    reason = _reason(error)
    return "ALERT_HANDSHAKE_FAILURE" in reason or "NO_RENEGOTIATION" in reason


def _reason(error: Exception) -> str:
    """Return OpenSSL's name for an error, or else its text, in the form of names."""
    return str(getattr(error, "reason", None) or error).upper().replace(" ", "_")


def _classify(error: Exception, *, answered: bool | None) -> tuple[TlsFailure, str]:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _VERIFY_CODES.get(error.verify_code, TlsFailure.BAD_CERTIFICATE), error.verify_message or str(error)
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return _closed("", answered=answered)
    if isinstance(error, ssl.SSLError):
        return _classify_reason(error, answered=answered)
    if isinstance(error, TimeoutError) or "handshake is taking longer" in str(error):  # asyncio's own limit
        return TlsFailure.TIMEOUT, ""
    if isinstance(error, ConnectionError | EOFError):
        return _closed(_system_words(error), answered=answered)
    return TlsFailure.OTHER, _system_words(error) or type(error).__name__


def _classify_reason(error: ssl.SSLError, *, answered: bool | None) -> tuple[TlsFailure, str]:
    named: str | None = getattr(error, "reason", None)  # OpenSSL's name for it, if Python knows it
    reason = _reason(error)
    words = named.lower().replace("_", " ") if named else str(error)
    alert = re.search(r"ALERT_([A-Z_]+)", reason)
    if alert is None:
        failure = _REASONS.get(reason, TlsFailure.OTHER)
        return _closed("", answered=answered) if failure is TlsFailure.CLOSED else (failure, words)
    name = alert[1].strip("_")
    if name == "HANDSHAKE_FAILURE":
        if answered is None:
            return TlsFailure.OTHER, f"{words}: no cipher in common, or the peer asks for a certificate"
        return (TlsFailure.REFUSED_BY_PEER if answered else TlsFailure.CIPHER), words
    return _ALERTS.get(name, TlsFailure.OTHER), words


def _closed(words: str, *, answered: bool | None) -> tuple[TlsFailure, str]:
    if answered is False:
        return TlsFailure.CLOSED, "it has sent no TLS record; does this port speak TLS?"
    return TlsFailure.CLOSED, words


def _system_words(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno is not None and error.errno > 0:
        return os.strerror(error.errno)
    return str(error)
