"""TLS on the command line: its options, and what they mean together.

What may live here: what is wrong with the words.  What may not: what they name (:mod:`~snmptcp.cli.options.tls_files`).

What is wrong with the words is told when they are read.  Files are opened when the command runs, so that one that
cannot be read is a failure like any other.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snmptcp.cli.options.words import checked
from snmptcp.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import ModuleType

    from snmptcp.cli.options.addresses import Address

__all__ = (
    "KEY_PASSWORD_VARIABLE",
    "OptionsProblem",
    "add_client_tls_options",
    "add_server_tls_options",
    "finish_client_tls",
    "finish_server_tls",
    "is_pkcs12",
    "options_at_fault",
    "tls_options",
)

#: Where the key's password comes from when no option gives it: other users of a machine can read arguments.
KEY_PASSWORD_VARIABLE = "SNMPTCP_TLS_KEY_PASSWORD"  # noqa: S105 - the name of a variable

#: net-snmp's words behind -T, and its other words for the same.
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

#: Where one assignment ends and the next begins: names of files may have commas of their own.
_NEXT_WORD = re.compile(rf",(?=(?:{'|'.join(_TRANSPORT_WORDS)})=)")

_PKCS12_SUFFIXES = frozenset({".p12", ".pfx"})

#: What each attribute of the arguments is called on the command line, where it belongs to TLS alone.
_TLS_OPTIONS = {
    "tls_ca": "--tls-ca",
    "tls_cert": "--tls-cert",
    "tls_key": "--tls-key",
    "tls_key_password": "--tls-key-password",
    "tls_key_password_file": "--tls-key-password-file",
    "tls_fingerprints": "--tls-fingerprint",
    "tls_insecure": "--tls-insecure",
    "tls_server_name": "--tls-server-name",
    "tls_version": "--tls-version",
    "tls_maps": "--tls-map",
    "tsm_names": "--tsm-name",
    "transport_options": "-T",
}


class OptionsProblem(ConfigurationError):
    """What turned out to be wrong with options when the command ran; no agent has been asked yet."""


# ------------------------------------------------------------------------------------------- options


def add_client_tls_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of everything that connects."""
    group = parser.add_argument_group("TLS", "For agents at tlstcp:HOST, and for HOST where one of these is given.")
    _add_common_options(group)
    group.add_argument(
        "--tls-fingerprint",
        dest="tls_fingerprints",
        metavar="HEX",
        action="append",
        type=checked(_pin),
        help="accept the agent's certificate by its SHA-256 (or 384, 512); can be repeated, any of them will do",
    )
    group.add_argument(
        "--tls-insecure", action="store_true", help="believe anybody: encrypted, and to whom nobody knows"
    )
    group.add_argument(
        "--tls-server-name", metavar="NAME", help="the name that the agent's certificate must have (default: HOST)"
    )
    _add_transport_option(group, "our_identity, their_identity, trust_cert, their_hostname")


def add_server_tls_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of everything that listens."""
    group = parser.add_argument_group("TLS", "Spoken where a certificate is given.")
    _add_common_options(group)
    group.add_argument(
        "--tls-map",
        dest="tls_maps",
        metavar="WHOSE=HOW",
        action="append",
        type=checked(_map),
        help="the security name of a client: WHOSE certificate (its own, or its authority's: a fingerprint, file or "
        "name), and HOW it is made: sn:NAME, cn, dns, ip, rfc822 or any; can be repeated, the first that fits decides",
    )
    _add_transport_option(group, "our_identity, their_identity, trust_cert")


def _add_common_options(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--tls-ca", metavar="FILE|DIR", help="the authorities to believe, in PEM (default: the system's)"
    )
    group.add_argument("--tls-cert", metavar="FILE", help="our own certificate, in PEM or PKCS#12 (.p12, .pfx)")
    group.add_argument("--tls-key", metavar="FILE", help="its key (default: in FILE, or in FILE's sibling .key)")
    group.add_argument(
        "--tls-key-password",
        metavar="PASSWORD",
        help=f"what the key is encrypted with (default: the environment variable {KEY_PASSWORD_VARIABLE})",
    )
    group.add_argument("--tls-key-password-file", metavar="FILE", help="the same, on the first line of a file")
    group.add_argument("--tls-version", metavar="1.2|1.3", type=_version, help="speak this version alone")


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
        raise argparse.ArgumentTypeError(f"-T knows {words}, and not {word!r}")
    if not equals or not value:
        raise argparse.ArgumentTypeError(f"-T {word} needs a value: {word}=VALUE")
    return known, value


# ---------------------------------------------------------------------------- what they mean together


def finish_client_tls(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> bool:
    """Check the options of somebody who connects; return whether TLS is spoken.

    An address with ``tlstcp:`` asks for it, and so does any of the options where the address says nothing.
    """
    given = list(_given(arguments))
    address: Address = arguments.agent
    if address.tls is False and given:
        parser.error(f"{given[0]} is for TLS, and the address says tcp: (say tlstcp:)")
    _finish(parser, arguments)
    return bool(address.tls or given)


def finish_server_tls(
    parser: argparse.ArgumentParser, arguments: argparse.Namespace, addresses: Sequence[Address]
) -> bool:
    """Check the options of somebody who listens; return whether TLS is spoken, at all addresses then.

    A certificate asks for it.
    """
    given = list(_given(arguments))
    asked = [address for address in addresses if address.tls]
    plain = [address for address in addresses if address.tls is False]
    if plain and given:
        parser.error(f"{given[0]} is for TLS, and the address {plain[0]} says tcp: (say tlstcp:)")
    if asked and len(asked) != len(addresses):
        other = next(address for address in addresses if not address.tls)
        parser.error(f"TLS is spoken at all addresses or at none, and {other} has no tlstcp:")
    if not asked and not given:
        return False
    _finish(parser, arguments)
    if arguments.tls_cert is None and "our_identity" not in arguments.transport:
        parser.error("whoever listens with TLS needs a certificate: --tls-cert FILE")
    if "their_hostname" in arguments.transport:
        parser.error("their_hostname is for agents that are connected to")
    return True


def _given(arguments: argparse.Namespace) -> Iterator[str]:
    """Yield the options of TLS that were given."""
    for attribute, option in _TLS_OPTIONS.items():
        if getattr(arguments, attribute, None):
            yield option


def _finish(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> None:
    """Check what both sides have, and gather what stands behind -T."""
    transport: dict[str, str] = {}
    for word, value in (pair for pairs in arguments.transport_options or () for pair in pairs):
        if word in transport:
            parser.error(f"-T {word} is given twice")
        transport[word] = value
    arguments.transport = transport
    for attribute, word in (
        ("tls_cert", "our_identity"),
        ("tls_ca", "trust_cert"),
        ("tls_server_name", "their_hostname"),
        ("tls_fingerprints", "their_identity"),
    ):
        if getattr(arguments, attribute, None) and word in transport:
            parser.error(f"{_TLS_OPTIONS[attribute]} and -T {word} say the same thing: give one of them")
    if arguments.tls_key is not None and arguments.tls_cert is None:
        parser.error("--tls-key is the key of which certificate? --tls-cert FILE")
    if _password_option(arguments) and arguments.tls_cert is None and "our_identity" not in transport:
        parser.error(f"{_password_option(arguments)} is for the key of which certificate? --tls-cert FILE")
    if arguments.tls_key is not None and is_pkcs12(arguments.tls_cert):
        parser.error("a PKCS#12 has its key in it: no --tls-key")
    if arguments.tls_key_password is not None and arguments.tls_key_password_file is not None:
        parser.error("two passwords: --tls-key-password and --tls-key-password-file")
    if getattr(arguments, "tls_insecure", False):
        believed = [option for option in _given(arguments) if option in {"--tls-ca", "--tls-fingerprint"}]
        believed += [f"-T {word}" for word in ("their_identity", "trust_cert") if word in transport]
        if believed:
            parser.error(f"--tls-insecure believes anybody, and {believed[0]} says whom to believe")


def _password_option(arguments: argparse.Namespace) -> str | None:
    return next((option for option in _given(arguments) if option.startswith("--tls-key-password")), None)


def is_pkcs12(file: str | Path) -> bool:
    """Return whether a file is named as a PKCS#12."""
    return Path(file).suffix.lower() in _PKCS12_SUFFIXES


# ----------------------------------------------------------------------------- what is loaded on demand


@contextlib.contextmanager
def options_at_fault() -> Iterator[None]:
    """Tell a :class:`ConfigurationError` as what it is where nothing but options can be wrong."""
    try:
        yield
    except ConfigurationError as error:
        raise OptionsProblem(str(error)) from error


def tls_options(arguments: argparse.Namespace) -> Any:
    """Return the :class:`~snmptcp.TlsOptions` that the options ask for.

    Args:
        arguments: finished by :func:`finish_client_tls` or :func:`finish_server_tls`.

    Raises:
        OptionsProblem: a certificate that is not there, or a file that cannot be read.
    """
    try:
        return _files().read_options(arguments)
    except OSError as error:
        raise OptionsProblem(f"{error.filename}: {error.strerror}") from error
    except ConfigurationError as error:
        raise OptionsProblem(str(error)) from error


def _pin(text: str) -> Any:
    return _files().parse_pin(text)


def _map(text: str) -> Any:
    return _files().parse_map(text)


def _files() -> ModuleType:
    """Return what knows certificates: loading that takes as long as a GET, which may need none."""
    return importlib.import_module("snmptcp.cli.options.tls_files")
