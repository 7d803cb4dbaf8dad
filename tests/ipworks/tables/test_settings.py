"""The table of settings: defaults."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import pytest

from snmptcp.ipworks import NotHonouredWarning
from snmptcp.ipworks.tables.settings import SETTINGS
from tests.support.certificates import certificates

if TYPE_CHECKING:
    from pathlib import Path

#: Values that programs written for the class set, by setting.  ``{0}`` is a folder with ``ca.pem``.
DOCUMENTED = {
    "CheckMessageOrigin": ("True", "False"),
    "CompatibilityMode": ("0", "1"),
    "ContextEngineId": ("MyContext", "0x800000000102", ""),
    "ContextName": ("lab", ""),
    "DecryptLogPackets": ("True", "False"),
    "ForceLocalPort": ("False", "True"),
    "MsgMaxSize": ("484", "1500", "65507"),
    "TimeoutInMilliseconds": ("True", "False"),
    "WalkInsideRange": ("True", "False"),
    "WalkStartOID": ("1.3.6.1.2.1.2.2.1.2", ""),
    "ConnectionTimeout": ("0", "10"),
    "FirewallAutoDetect": ("True", "False"),
    "FirewallHost": ("proxy.example.com", "192.0.2.1", ""),
    "FirewallUser": ("me", ""),
    "FirewallPassword": ("secret", ""),
    "FirewallPort": ("80", "1080", "65535"),
    "FirewallType": ("0", "1", "2", "3", "10"),
    "KeepAliveTime": ("7200000", "0"),
    "KeepAliveInterval": ("1000", "0"),
    "TCPKeepAlive": ("True", "False"),
    "Linger": ("True", "False"),
    "LingerTime": ("0", "5"),
    "LocalHost": ("127.0.0.1", ""),
    "LocalPort": ("0", "1162"),
    "MaxLineLength": ("256", "2048", "65536"),
    "MaxTransferRate": ("0", "100000"),
    "ProxyExceptionsList": ("localhost;127.0.0.1;*.example.com", ""),
    "TcpNoDelay": ("True", "False"),
    "UseIPv6": ("0", "1", "2"),
    "LogSSLPackets": ("True", "False"),
    "OpenSSLCADir": ("{0}", ""),
    "OpenSSLCAFile": ("{0}/ca.pem", ""),
    "OpenSSLCipherList": ("ALL:!ADH:!LOW:!EXP:!MD5:@STRENGTH", "DEFAULT", ""),
    "OpenSSLPrngSeedData": ("some noise", ""),
    "ReuseSSLSession": ("True", "False"),
    "SSLCACertFilePaths": ("{0}/ca.pem;{0}/ca.pem", ""),
    "SSLCACerts": (certificates().ca_pem.strip(), ""),
    "SSLServerCACerts": (certificates().ca_pem.strip(), ""),
    "SSLCheckCRL": ("0", "1", "2"),
    "SSLCipherStrength": ("0", "128", "256"),
    "SSLEnabledCipherSuites": (
        "*",
        "TLS_AES_256_GCM_SHA384",
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384;TLS_DHE_RSA_WITH_AES_128_CBC_SHA;TLS_RSA_WITH_RC4_128_MD5",
    ),
    "SSLEnabledProtocols": ("12288", "15360", "3072", "4032", "4080", "4092", "16320"),
    "SSLEnableRenegotiation": ("True", "False"),
    "SSLIncludeCertChain": ("True", "False"),
    "SSLProvider": ("*", "", "OpenSSL", "Internal", "Platform"),
    "SSLSecurityFlags": ("0", "1", "2", "4", "16", "32", "256", "512", "1024", "2048", "16384", "32768", "-2147483648"),
    "TLS12SignatureAlgorithms": ("rsa-sha512,rsa-sha384,rsa-sha256,ecdsa-sha512,ecdsa-sha256", ""),
    "TLS12SupportedGroups": ("ecdhe_secp256r1,ecdhe_secp384r1,ecdhe_secp521r1", ""),
    "TLS13KeyShareGroups": ("ecdhe_x25519,ecdhe_secp256r1,ecdhe_secp384r1", ""),
    "TLS13SignatureAlgorithms": ("ed25519,ed448,ecdsa_secp256r1_sha256,rsa_pss_rsae_sha256", ""),
    "TLS13SupportedGroups": (
        "ecdhe_x25519,ecdhe_x448,ecdhe_secp256r1,ecdhe_secp384r1,ecdhe_secp521r1,ffdhe_2048,ffdhe_3072",
        "",
    ),
    "AbsoluteTimeout": ("True", "False"),
    "FirewallData": ("X-Site: lab", ""),
    "InBufferSize": ("0", "65536"),
    "OutBufferSize": ("0", "65536"),
    "CodePage": ("65001", "1252", "28591", "20127"),
    "ProcessIdleEvents": ("True", "False"),
    "SelectWaitMillis": ("0", "20", "1000"),
    "UseInternalSecurityAPI": ("True", "False"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("authorities")
    (path / "ca.pem").write_text(certificates().ca_pem)
    return path


def test_the_table_of_documented_values_has_every_writable_setting() -> None:
    assert set(DOCUMENTED) == {name for name, entry in SETTINGS.items() if entry.writable}


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_setting_takes_every_documented_value_and_reads_it_back(name, idle, folder) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotHonouredWarning)
        for value in (text.format(folder) for text in DOCUMENTED[name]):
            assert idle.config(f"{name}={value}") == ""
            assert idle.config(name) == value
