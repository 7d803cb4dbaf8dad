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


#: Key exchanges that OpenSSL calls otherwise, by their standard names.
_EXCHANGES = {
    "RSA": "",
    "DH_anon": "ADH",
    "ECDH_anon": "AECDH",
    "PSK_DHE": "DHE-PSK",  # the standard calls it so in two suites only
    "SRP_SHA": "SRP",
    "SRP_SHA_RSA": "SRP-RSA",
    "SRP_SHA_DSS": "SRP-DSS",
}
_STANDARD_EXCHANGES = {openssl: standard for standard, openssl in _EXCHANGES.items() if standard != "PSK_DHE"}

#: How OpenSSL's name of a suite begins: words of its key exchange.
_EXCHANGE = re.compile(r"(?:(?:ECDHE|DHE|ECDH|DH|RSA|ECDSA|DSS|PSK|SRP|ADH|AECDH)(?:-|$))*")


def openssl_suite_name(name: str) -> str:
    """Return OpenSSL's name of a cipher suite for either of its names."""
    if is_tls13_suite(name) and "_WITH_" in name:
        exchange, _, cipher = name.removeprefix("TLS_").partition("_WITH_")
        prefix = _EXCHANGES.get(exchange, exchange.replace("_", "-"))
        if prefix == "ECDHE-RSA" and cipher.startswith("ARIA"):
            prefix = "ECDHE"
        return f"{prefix}-{_openssl_cipher(prefix, cipher)}".removeprefix("-")
    return name


def _openssl_cipher(prefix: str, cipher: str) -> str:
    """Return OpenSSL's name of what encrypts and authenticates records."""
    if cipher.startswith("CHACHA20"):
        return "CHACHA20-POLY1305"
    if "CCM" in cipher:
        cipher = cipher.removesuffix("_SHA256").replace("CCM_8", "CCM8")
    if not prefix.startswith("SRP"):
        cipher = re.sub(r"(AES|ARIA|CAMELLIA)_(\d+)", r"\1\2", cipher)
    if not _names_cbc(prefix, cipher):
        cipher = cipher.replace("3DES_EDE_CBC", "DES_CBC3").replace("_CBC_", "_")
    return cipher.replace("_", "-")


def _names_cbc(prefix: str, cipher: str) -> bool:
    """Whether OpenSSL's name of a suite with CBC says so: those of PSK and SRP do, except with Camellia."""
    return ("PSK" in prefix or "SRP" in prefix) and "CAMELLIA" not in cipher


def standard_suite_name(name: str) -> str:
    """Return the standard name of a cipher suite (RFC 5246 appendix C) for OpenSSL's."""
    if is_tls13_suite(name):
        return name
    found = _EXCHANGE.match(name)
    prefix = found[0] if found else ""
    cipher = name[len(prefix) :]
    prefix = prefix.rstrip("-")
    exchange = _STANDARD_EXCHANGES.get(prefix, prefix.replace("-", "_"))
    if prefix == "ECDHE":  # with ARIA alone
        exchange = "ECDHE_RSA"
    elif prefix == "DHE-PSK" and cipher.endswith("CCM8"):
        exchange = "PSK_DHE"
    return f"TLS_{exchange}_WITH_{_standard_cipher(cipher)}"


def _standard_cipher(cipher: str) -> str:
    """Return the standard's name of what encrypts and authenticates records."""
    if cipher == "CHACHA20-POLY1305":
        return "CHACHA20_POLY1305_SHA256"
    cipher = re.sub(r"(AES|ARIA|CAMELLIA)-?(\d+)", r"\1_\2", cipher).replace("CCM8", "CCM-8")
    cipher = cipher.replace("DES-CBC3", "3DES-EDE-CBC").replace("-", "_")
    if not re.search(r"GCM|CCM|RC4|NULL|CBC", cipher):
        cipher = re.sub(r"_(SHA\d*|MD5)$", r"_CBC_\1", cipher)
    return cipher


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
