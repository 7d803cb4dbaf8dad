"""Settings that are accepted although they cannot be honoured here: each is warned of once, and the program goes on."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import pytest

from snmptcp import cautions
from snmptcp.ipworks import NotHonouredWarning, SNMPTCPMgr
from tests.ipworks.proofs import proves
from tests.ipworks.support import answered, trust

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def nothing_is_given_yet() -> Iterator[None]:
    cautions.forget()
    yield
    cautions.forget()


#: Settings with values that cannot be honoured, or not in full, and what the warning says.
ACCEPTED = [
    ("UseInternalSecurityAPI=True", "OpenSSL is the only TLS library"),
    ("SSLProvider=Internal", "OpenSSL is the only TLS library"),
    ("SSLProvider=Microsoft Unified Security Protocol Provider", "OpenSSL is the only TLS library"),
    ("ProcessIdleEvents=True", "do_events"),
    ("SSLEnabledProtocols=4080", "does not have SSL 2 and 3"),
    ("SSLEnabledProtocols=16380", "does not have SSL 2 and 3"),
    ("SSLSecurityFlags=0x20", "0x20 has no effect"),
    ("SSLSecurityFlags=-2147483616", "0x20 has no effect"),
    ("SSLSecurityFlags=0x4000", "there is no test root"),
    ("MsgMaxSize=484", "484 counts as 8192"),
    ("TLS12SignatureAlgorithms=rsa-sha512,rsa-sha384,ecdsa-sha256", "OpenSSL chooses"),
    ("TLS13SignatureAlgorithms=ed25519,ecdsa_secp256r1_sha256", "OpenSSL chooses"),
    ("TLS13KeyShareGroups=ecdhe_secp384r1,ecdhe_secp256r1", "OpenSSL chooses its key shares"),
    (
        "SSLEnabledCipherSuites=TLS_AES_256_GCM_SHA384;TLS_RSA_WITH_RC4_128_MD5",
        "named TLS_RSA_WITH_RC4_128_MD5; the",
    ),
]


@proves(
    "ProcessIdleEvents",
    "SSLProvider",
    "TLS12SignatureAlgorithms",
    "TLS13KeyShareGroups",
    "TLS13SignatureAlgorithms",
    "UseInternalSecurityAPI",
)
@pytest.mark.parametrize(("text", "why"), ACCEPTED)
def test_a_value_that_cannot_be_honoured_is_stored_and_warned_of_once(text, why, idle) -> None:
    name, _, value = text.partition("=")
    with pytest.warns(NotHonouredWarning, match=f"^{name}: .*{why}") as told:
        assert idle.config(text) == ""
    assert told[0].filename == __file__
    assert idle.config(name) == (str(int(value, 16)) if value.startswith("0x") else value)
    idle.config(text)  # warnings are errors here: there is no second one
    SNMPTCPMgr().config(text)


def test_an_agent_is_asked_with_all_of_these_settings(serve, idle) -> None:
    serve()
    trust(idle)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NotHonouredWarning)
        for text, _ in ACCEPTED:
            if not text.startswith("SSLEnabledCipherSuites"):
                idle.config(text)
    answered(idle)


def test_a_warning_that_is_an_error_leaves_the_old_value(idle) -> None:
    for _ in range(2):
        with pytest.raises(NotHonouredWarning):
            idle.config("UseInternalSecurityAPI=True")
    assert idle.config("UseInternalSecurityAPI") == "False"


@pytest.mark.parametrize(
    "text",
    [
        "UseInternalSecurityAPI=False",
        "SSLProvider=*",
        "SSLProvider=OpenSSL",
        "SSLProvider=",
        "ProcessIdleEvents=False",
        "SSLEnabledProtocols=4032",
        "SSLSecurityFlags=-2147483648",
        "SSLSecurityFlags=0xF16",
        "MsgMaxSize=8192",
        "UseIPv6=True",
        "UseIPv6=2",
        "SSLCheckCRL=True",
        "LogSSLPackets=True",
        "TLS12SignatureAlgorithms=",
        "TLS13KeyShareGroups=",
        "TLS13SupportedGroups=ecdhe_secp384r1,ecdhe_secp256r1",
        "SSLEnabledCipherSuites=*",
    ],
)
def test_what_is_honoured_is_not_warned_of(text, idle) -> None:
    idle.config(text)


def test_a_firewall_without_type_is_warned_of_when_connecting(mgr, agent) -> None:
    mgr.config("FirewallHost=127.0.0.1")  # programs set FirewallHost before FirewallType
    with pytest.warns(NotHonouredWarning, match="FirewallHost: .* while FirewallType is 0"):
        mgr.send_get_request()
    assert len(agent.requests) == 1


def test_the_warnings_can_be_silenced_after_the_star_import() -> None:
    program = """
from snmptcp.ipworks import *
import warnings
warnings.simplefilter("error")
warnings.filterwarnings("ignore", category=NotHonouredWarning)
SNMPTCPMgr().config("UseInternalSecurityAPI=True")
"""
    with warnings.catch_warnings():
        exec(program, {})
    assert NotHonouredWarning.__module__ == "snmptcp.ipworks"
