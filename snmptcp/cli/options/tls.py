"""The options of TLS, and which of them exclude or need each other.

Contains: argparse's part, and the checks.  Does not contain: files and certificates
(:mod:`~snmptcp.cli.options.tls_files`), which a GET without TLS does not load.

Wrong combinations are wrong usage.  Files are opened when the command runs: an unreadable file is a failure.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import re
from typing import TYPE_CHECKING, Literal

from snmptcp.cli.options.tls_words import KEY_PASSWORD_VARIABLE, TlsWords, TransportWords, is_pkcs12
from snmptcp.cli.options.words import checked
from snmptcp.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from snmptcp.cli.configuration.conf import TlsConf
    from snmptcp.cli.options.addresses import Address
    from snmptcp.cli.options.tls_words import NameMap
    from snmptcp.net.tls import TlsOptions
    from snmptcp.security.tls_names import Fingerprint

__all__ = (
    "add_client_tls_options",
    "add_server_tls_options",
    "read_client_tls",
    "read_server_tls",
    "tls_options",
)

#: net-snmp's words for -T, with its synonyms.
_TRANSPORT_WORDS = {
    "our_identity": "our_identity",
    "localCert": "our_identity",
    "their_identity": "their_identity",
    "peerCert": "their_identity",
    "trust_cert": "trust_cert",
    "trustCert": "trust_cert",
    "their_hostname": "their_hostname",
    "peerHostname": "their_hostname",
}

#: The comma between two assignments; file names may contain commas, too.
_NEXT_WORD = re.compile(rf",(?=(?:{'|'.join(_TRANSPORT_WORDS)})=)")

# ------------------------------------------------------------------------------------------- options


def add_client_tls_options(
    parser: argparse.ArgumentParser,
    when: str = "Used for tlstcp:HOST, and for HOST if any of these options is given.",
) -> None:
    """Add the options of commands that connect.

    Args:
        parser: the command's parser.
        when: when they are used, for help texts.
    """
    group = parser.add_argument_group("TLS", when)
    _add_common_options(group)
    group.add_argument(
        "--tls-fingerprint",
        dest="tls_fingerprints",
        metavar="HEX",
        action="append",
        type=checked(_pin),
        help="accept the agent's certificate by its SHA-256 (or 384, 512); repeat it to accept several",
    )
    group.add_argument(
        "--tls-insecure", action="store_true", help="accept any certificate: encrypted, but the peer is not verified"
    )
    group.add_argument(
        "--tls-server-name", metavar="NAME", help="the name that the agent's certificate must have (default: HOST)"
    )
    group.add_argument(
        "--tls-common-name",
        action="store_true",
        help="accept the common name of a certificate without subjectAltName as the agent's name",
    )
    _add_transport_option(group, "our_identity, their_identity, trust_cert, their_hostname")


def add_server_tls_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of commands that listen."""
    group = parser.add_argument_group("TLS", "Used if a certificate is given.")
    _add_common_options(group)
    group.add_argument(
        "--tls-map",
        dest="tls_maps",
        metavar="WHOSE=HOW",
        action="append",
        type=checked(_map),
        help="derive a client's security name: WHOSE is its certificate or its authority's (a fingerprint, file or "
        "name), HOW is sn:NAME, cn, dns, ip, rfc822 or any; can be repeated, the first match wins",
    )
    _add_transport_option(group, "our_identity, their_identity, trust_cert")


def _add_common_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--tls-ca", metavar="FILE|DIR", help="the trusted authorities, in PEM (default: the system's)")
    group.add_argument("--tls-cert", metavar="FILE", help="our own certificate, in PEM or PKCS#12 (.p12, .pfx)")
    group.add_argument("--tls-key", metavar="FILE", help="its key (default: in the same file, or beside it in .key)")
    group.add_argument(
        "--tls-key-password",
        metavar="PASSWORD",
        help=f"the password of an encrypted key (default: the environment variable {KEY_PASSWORD_VARIABLE})",
    )
    group.add_argument("--tls-key-password-file", metavar="FILE", help="the same, from the first line of a file")
    group.add_argument("--tls-version", metavar="1.2|1.3", type=_version, help="use this version only")


def _add_transport_option(group: argparse._ArgumentGroup, words: str) -> None:
    group.add_argument(
        "-T",
        dest="transport_options",
        metavar="WORD=VALUE",
        action="append",
        type=_assignments,
        help=f"as in net-snmp: {words}; certificates are files, fingerprints, or names in net-snmp's folders",
    )


def _version(text: str) -> str:
    if text not in {"1.2", "1.3"}:
        raise argparse.ArgumentTypeError(f"a version of TLS is 1.2 or 1.3, not {text!r}")
    return text


def _assignments(text: str) -> list[tuple[str, str]]:
    return [_assignment(part) for part in _NEXT_WORD.split(text)]


def _assignment(text: str) -> tuple[str, str]:
    word, equals, value = text.partition("=")
    known = _TRANSPORT_WORDS.get(word)
    if known is None:
        words = ", ".join(dict.fromkeys(_TRANSPORT_WORDS.values()))
        raise argparse.ArgumentTypeError(f"-T takes {words}, not {word!r}")
    if not equals or not value:
        raise argparse.ArgumentTypeError(f"-T {word} needs a value: {word}=VALUE")
    return known, value


# ------------------------------------------------------------------------------------------- reading


def read_client_tls(arguments: argparse.Namespace, address: Address, conf: TlsConf) -> TlsWords | None:
    """Return what the options say, or ``None`` for plain TCP.

    TLS is used if the address starts with ``tlstcp:``, or if any option is given and the address names no transport.

    Args:
        arguments: the parsed arguments.
        address: the peer.
        conf: what snmp.conf says, for what no option says; it does not decide whether TLS is used.

    Raises:
        ConfigurationError: options that exclude each other.
    """
    words = TlsWords(
        connects=True,
        ca=arguments.tls_ca,
        cert=arguments.tls_cert,
        key=arguments.tls_key,
        key_password=arguments.tls_key_password,
        key_password_file=arguments.tls_key_password_file,
        fingerprints=tuple(arguments.tls_fingerprints or ()),
        insecure=arguments.tls_insecure,
        server_name=arguments.tls_server_name,
        common_name=arguments.tls_common_name,
        version=arguments.tls_version,
        transport=_transport(arguments.transport_options or ()),
    )
    if address.tls is False and words.given:
        raise ConfigurationError(f"{words.given[0]} needs TLS, but the address starts with tcp: (use tlstcp:)")
    if not (address.tls or words.given):
        return None
    words = _or_configured(words, conf)
    _check(words)
    return words


def _or_configured(words: TlsWords, conf: TlsConf) -> TlsWords:
    """Return options with what snmp.conf says in the place of those that are not given."""
    transport = words.transport
    if not words.has_identity:
        transport = dataclasses.replace(transport, our_identity=conf.our_identity)
    if not words.decides_trust:
        transport = dataclasses.replace(transport, their_identity=conf.their_identity)
    trusted = () if words.decides_trust else conf.trust_certs
    words = dataclasses.replace(words, transport=transport, trusted=trusted, ciphers=conf.algorithms)
    return dataclasses.replace(words, crl=conf.crl_file if words.uses_authorities else None)


def read_server_tls(
    arguments: argparse.Namespace, addresses: Sequence[Address], *, needing: Sequence[str] = ()
) -> TlsWords | None:
    """Return what the options say, or ``None`` for plain TCP.

    TLS is used, at all addresses, if any option is given.

    Args:
        arguments: the parsed arguments.
        addresses: where the command listens.
        needing: other options that were given and need TLS.

    Raises:
        ConfigurationError: options or addresses that exclude each other.
    """
    words = TlsWords(
        connects=False,
        ca=arguments.tls_ca,
        cert=arguments.tls_cert,
        key=arguments.tls_key,
        key_password=arguments.tls_key_password,
        key_password_file=arguments.tls_key_password_file,
        version=arguments.tls_version,
        maps=tuple(arguments.tls_maps or ()),
        transport=_transport(arguments.transport_options or ()),
    )
    given = (*words.given, *needing)
    asked = [address for address in addresses if address.tls]
    plain = [address for address in addresses if address.tls is False]
    if plain and given:
        raise ConfigurationError(f"{given[0]} needs TLS, but the address {plain[0]} starts with tcp: (use tlstcp:)")
    if asked and len(asked) != len(addresses):
        other = next(address for address in addresses if not address.tls)
        raise ConfigurationError(f"TLS is for all addresses or for none: {other} does not start with tlstcp:")
    if not asked and not given:
        return None
    _check(words)
    if not words.has_identity:
        raise ConfigurationError("listening with TLS needs a certificate: --tls-cert FILE")
    if words.transport.their_hostname is not None:
        raise ConfigurationError("-T their_hostname is for commands that connect")
    return words


def _transport(options: Sequence[Sequence[tuple[str, str]]]) -> TransportWords:
    values: dict[str, str] = {}
    for word, value in (pair for pairs in options for pair in pairs):
        if word in values:
            raise ConfigurationError(f"-T {word} is given twice")
        values[word] = value
    return TransportWords(**values)


def _check(words: TlsWords) -> None:
    """Check what holds for both sides."""
    transport = words.transport
    for given, option, other, word in (
        (words.cert, "--tls-cert", transport.our_identity, "our_identity"),
        (words.ca, "--tls-ca", transport.trust_cert, "trust_cert"),
        (words.server_name, "--tls-server-name", transport.their_hostname, "their_hostname"),
        (words.fingerprints, "--tls-fingerprint", transport.their_identity, "their_identity"),
    ):
        if given and other:
            raise ConfigurationError(f"{option} and -T {word} mean the same: give one of them")
    _check_key(words)
    if words.insecure:
        verified = [option for option in words.given if option in {"--tls-ca", "--tls-fingerprint"}]
        verified += ["-T their_identity"] if transport.their_identity else []
        verified += ["-T trust_cert"] if transport.trust_cert else []
        verified += ["--tls-common-name"] if words.common_name else []
        if verified:
            raise ConfigurationError(f"--tls-insecure accepts any certificate and excludes {verified[0]}")


def _check_key(words: TlsWords) -> None:
    if words.key is not None and words.cert is None:
        raise ConfigurationError("--tls-key needs --tls-cert")
    password = next((option for option in words.given if option.startswith("--tls-key-password")), None)
    if password is not None and not words.has_identity:
        raise ConfigurationError(f"{password} needs --tls-cert")
    if words.key is not None and words.cert is not None and is_pkcs12(words.cert):
        raise ConfigurationError("a PKCS#12 file contains its key: omit --tls-key")
    if words.key_password is not None and words.key_password_file is not None:
        raise ConfigurationError("give --tls-key-password or --tls-key-password-file, not both")


# ----------------------------------------------------------------------------------- loaded on demand


def tls_options(words: TlsWords | None) -> TlsOptions | Literal[False]:
    """Return the options that a manager, a listener or an agent takes for its ``tls``.

    Raises:
        ConfigurationError: a missing certificate, or a file that is not one.
        OSError: a file cannot be read.
    """
    if words is None:
        return False
    options: TlsOptions = _files().read_options(words)
    return options


def _pin(text: str) -> Fingerprint:
    pin: Fingerprint = _files().parse_pin(text)
    return pin


def _map(text: str) -> NameMap:
    name_map: NameMap = _files().parse_map(text)
    return name_map


def _files() -> ModuleType:
    """Load what handles certificates: this takes as long as a whole GET without TLS."""
    return importlib.import_module("snmptcp.cli.options.tls_files")
