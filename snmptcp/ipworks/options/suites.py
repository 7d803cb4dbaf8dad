"""Cipher suites: their two names, and those that the settings enable.

Contains: names, and the checks of ``SSLEnabledCipherSuites``.  Does not contain: TLS contexts.
"""

from __future__ import annotations

import functools
import re
import ssl

from snmptcp.ipworks.errors import INVALID, IPWorksSNMPError
from snmptcp.ipworks.unhonoured import not_honoured

__all__ = (
    "check_cipher_suites",
    "enabled_suites",
    "is_tls13_suite",
    "known_suites",
    "openssl_suite_name",
    "standard_suite_name",
)


def openssl_suite_name(name: str) -> str:
    """Return OpenSSL's name of a cipher suite for either of its names."""
    if not name.startswith("TLS_") or "_WITH_" not in name:
        return name
    exchange, _, cipher = name.removeprefix("TLS_").partition("_WITH_")
    cipher = re.sub(r"AES_(\d+)", r"AES\1", cipher).replace("_CBC", "").replace("_CCM_8", "_CCM8")
    if cipher.startswith("CHACHA20"):
        cipher = "CHACHA20_POLY1305"
    elif "CCM" in cipher:
        cipher = cipher.removesuffix("_SHA256")
    prefix = "" if exchange == "RSA" else f"{exchange}-"
    return f"{prefix}{cipher}".replace("_", "-")


def standard_suite_name(name: str) -> str:
    """Return the standard name of a cipher suite (RFC 5246 appendix C) for OpenSSL's."""
    if is_tls13_suite(name):
        return name
    words = re.sub(r"AES(\d+)", r"AES_\1", name).replace("CCM8", "CCM-8").replace("-", "_")
    found = re.fullmatch(r"((?:(?:ECDHE|DHE|ECDH|DH|RSA|ECDSA|DSS|PSK|SRP|ADH|AECDH)_)*)(.*)", words)
    exchange, cipher = (found[1].rstrip("_"), found[2]) if found else ("", words)
    if not re.search(r"GCM|CCM|CHACHA|RC4|NULL|CBC", cipher):
        cipher = re.sub(r"_(SHA\d*|MD5)$", r"_CBC_\1", cipher)
    if cipher == "CHACHA20_POLY1305":
        cipher += "_SHA256"
    return f"TLS_{exchange or 'RSA'}_WITH_{cipher}"


def is_tls13_suite(name: str) -> bool:
    """Whether a suite, by OpenSSL's name, is one of TLS 1.3."""
    return name.startswith("TLS_")


def enabled_suites(text: str) -> list[str] | None:
    """Return the suites of SSLEnabledCipherSuites that OpenSSL has, by its names; ``None`` for all."""
    names = _named_suites(text)
    return [found for found in map(openssl_suite_name, names) if found in known_suites()] if names else None


def _named_suites(text: str) -> list[str]:
    """Return the names in SSLEnabledCipherSuites; none for all."""
    names = [name.strip() for name in re.split(r"[;,]", text) if name.strip()]
    return [] if names == ["*"] else names


@functools.cache
def known_suites() -> dict[str, int]:
    """Return the bits of every suite that OpenSSL has, weak ones included, by its name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers("ALL:!aNULL:!eNULL:@SECLEVEL=0")
    return {str(suite["name"]): int(suite["strength_bits"]) for suite in context.get_ciphers()}


def check_cipher_suites(text: str) -> None:
    """Warn of suites that OpenSSL does not have.

    Raises:
        IPWorksSNMPError: it has none of them.
    """
    named = _named_suites(text)
    unknown = [name for name in named if openssl_suite_name(name) not in known_suites()]
    if not unknown:
        return
    why = f"OpenSSL has no cipher suite named {', '.join(unknown)}"
    if len(unknown) == len(named):
        raise IPWorksSNMPError(INVALID, f"SSLEnabledCipherSuites: {why}")
    not_honoured("SSLEnabledCipherSuites", f"{why}; the others are enabled")
