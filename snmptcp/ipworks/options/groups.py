"""Groups of the key exchange in TLS: those that the settings enable, and what was negotiated.

Contains: names, checks when the settings are set, which groups each attempt offers, and the negotiated group's facts.
Does not contain: attempts (:mod:`snmptcp.ipworks.securing`).

OpenSSL has one list for all versions of TLS, and Python sets it from version 3.15 on.  Before, Python sets one group,
so that several are offered in as many attempts.
"""

from __future__ import annotations

import functools
import re
import ssl
from typing import TYPE_CHECKING, Any, NamedTuple

from snmptcp.ipworks.errors import INVALID, UNSUPPORTED, IPWorksSNMPError
from snmptcp.ipworks.options.certificates import rsa_bits
from snmptcp.ipworks.options.suites import standard_suite_name
from snmptcp.ipworks.unhonoured import not_honoured

if TYPE_CHECKING:
    from collections.abc import Mapping

    from snmptcp.net.tls.session import TlsSession

__all__ = (
    "allows_group",
    "check_groups",
    "check_key_shares",
    "exchange_bits",
    "exchange_name",
    "group_offers",
    "offer_groups",
    "warn_of_one_group",
)

#: Whether Python can offer several groups at once.
_SEVERAL = hasattr(ssl.SSLContext, "set_groups")

_TLS_1_3 = 0x3000
_BEFORE_TLS_1_3 = 0x0FC0


class _Group(NamedTuple):
    """One group.

    Attributes:
        openssl: its name for OpenSSL.
        name: its name in IANA's registry.
        bits: the bits of its keys.
    """

    openssl: str
    name: str
    bits: int


#: By their documented names.
_GROUPS = {
    "ecdhe_x25519": _Group("X25519", "x25519", 253),
    "ecdhe_x448": _Group("X448", "x448", 448),
    "ecdhe_secp256r1": _Group("prime256v1", "secp256r1", 256),
    "ecdhe_secp384r1": _Group("secp384r1", "secp384r1", 384),
    "ecdhe_secp521r1": _Group("secp521r1", "secp521r1", 521),
    "ffdhe_2048": _Group("ffdhe2048", "ffdhe2048", 2048),
    "ffdhe_3072": _Group("ffdhe3072", "ffdhe3072", 3072),
    "ffdhe_4096": _Group("ffdhe4096", "ffdhe4096", 4096),
    "ffdhe_6144": _Group("ffdhe6144", "ffdhe6144", 6144),
    "ffdhe_8192": _Group("ffdhe8192", "ffdhe8192", 8192),
}

#: The bits of every group that can be negotiated, by its name in lower case; of a hybrid, those of its curve.
_BITS = {group.name: group.bits for group in _GROUPS.values()} | {
    "brainpoolp256r1": 256,
    "brainpoolp384r1": 384,
    "brainpoolp512r1": 512,
    "brainpoolp256r1tls13": 256,
    "brainpoolp384r1tls13": 384,
    "brainpoolp512r1tls13": 512,
    "x25519mlkem768": 253,
    "secp256r1mlkem768": 256,
    "secp384r1mlkem1024": 384,
}


# -------------------------------------------------------------------------------------- the settings


def check_groups(setting: str, text: str) -> None:
    """Check a list of groups, and warn of those that Python's ssl module cannot offer.

    Args:
        setting: its name.
        text: its value: documented names, separated by commas or semicolons.

    Raises:
        IPWorksSNMPError: a name is not a documented one, or none of the groups can be offered.
    """
    names = _named(text)
    unknown = [name for name in names if name not in _GROUPS]
    if unknown:
        raise IPWorksSNMPError(INVALID, f"{setting} has groups of {', '.join(_GROUPS)}; not {', '.join(unknown)}")
    missing = [name for name in names if not _has(_GROUPS[name].openssl)]
    if missing and len(missing) == len(names):
        raise IPWorksSNMPError(UNSUPPORTED, f"{setting}: this Python cannot offer {', '.join(missing)}")
    if missing:
        not_honoured(setting, f"this Python cannot offer {', '.join(missing)}; the other groups are offered")


def check_key_shares(text: str) -> None:
    """Check TLS13KeyShareGroups as :func:`check_groups` does; it only sets an order here, which is told.

    Raises:
        IPWorksSNMPError: as of :func:`check_groups`.
    """
    check_groups("TLS13KeyShareGroups", text)
    if text:
        not_honoured("TLS13KeyShareGroups", "OpenSSL chooses its key shares; these groups come first where enabled")


def group_offers(settings: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Return the groups of each attempt to connect, by OpenSSL's names; one attempt without groups leaves the choice.

    A version of TLS without a list has the groups of the other's: OpenSSL has one list for both.
    """
    lists = _lists(settings)
    offered = [name for enabled in lists for name in enabled]
    first = _enabled(settings["TLS13KeyShareGroups"])
    names = sorted(
        dict.fromkeys(offered),
        # Groups for all versions come first, so that no attempt leaves a version out without need.
        key=lambda name: (not all(name in enabled for enabled in lists), name not in first),
    )
    if _SEVERAL or not names:
        return [tuple(_GROUPS[name].openssl for name in names)]
    return [(_GROUPS[name].openssl,) for name in names]


def offer_groups(context: ssl.SSLContext, groups: tuple[str, ...]) -> None:
    """Have a context offer groups; the order is that of preference."""
    if len(groups) == 1:
        context.set_ecdh_curve(groups[0])
    elif groups:
        context.set_groups(":".join(groups))  # type: ignore[attr-defined]  # Python 3.15


def allows_group(settings: Mapping[str, Any], session: TlsSession) -> bool:
    """Return whether the list of the negotiated version has the negotiated group.

    A group that is not known is allowed: that of a resumed session of TLS 1.2, whose group was checked when it began.
    """
    name = "TLS13SupportedGroups" if session.version == "TLSv1.3" else "TLS12SupportedGroups"
    enabled = {_GROUPS[group].name for group in _enabled(settings[name])}
    group = (session.group or "").lower()
    return not enabled or not group or group in enabled or group.startswith("dh")  # DHE of TLS 1.2 is a suite's


def warn_of_one_group(settings: Mapping[str, Any]) -> None:
    """Warn that a listening port has only the first of several groups."""
    offers = group_offers(settings)
    if len(offers) > 1:
        name = "TLS13SupportedGroups" if settings["TLS13SupportedGroups"] else "TLS12SupportedGroups"
        why = f"the listening port takes {offers[0][0]} only: before version 3.15, Python sets one group"
        not_honoured(f"{name} while listening", why)


def _lists(settings: Mapping[str, Any]) -> list[list[str]]:
    """Return the lists of the enabled versions that have one."""
    protocols = settings["SSLEnabledProtocols"]
    versions = (("TLS13SupportedGroups", _TLS_1_3), ("TLS12SupportedGroups", _BEFORE_TLS_1_3))
    return [_enabled(settings[name]) for name, bits in versions if settings[name] and protocols & bits]


def _enabled(text: str) -> list[str]:
    """Return the groups of a list that can be offered."""
    return [name for name in _named(text) if _has(_GROUPS[name].openssl)]


def _named(text: str) -> list[str]:
    return [name.strip().lower() for name in re.split("[,;]", text) if name.strip()]


@functools.cache
def _has(openssl_name: str) -> bool:
    """Return whether Python's ssl module can offer a group: OpenSSL has it, and Python knows how to choose it.

    The first versions of Python 3.11, Debian 12's 3.11.2 among them, can choose curves of the NIST and Brainpool only:
    neither X25519 and X448 nor finite fields.
    """
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).set_ecdh_curve(openssl_name)
    except (ValueError, ssl.SSLError):
        return False
    return True


# ------------------------------------------------------------------------------- what was negotiated


def exchange_name(session: TlsSession) -> str:
    """Return the key exchange of a session; empty if it is not known."""
    if session.version != "TLSv1.3":
        suite = standard_suite_name(session.cipher)
        return session.key_exchange or suite.removeprefix("TLS_").partition("_")[0]
    group = (session.group or "").lower()
    if not group:
        return ""
    if "mlkem" in group:
        return session.group or ""
    return "DHE" if group.startswith("ffdhe") else "ECDHE"


def exchange_bits(session: TlsSession) -> int:
    """Return the bits of a session's key exchange; 0 if they are not known."""
    group = (session.group or "").lower()
    if group.startswith("dh"):
        return int(group.removeprefix("dh"))
    if exchange_name(session) == "RSA":
        return rsa_bits(session.peer_certificate)
    return _BITS.get(group, 0)
