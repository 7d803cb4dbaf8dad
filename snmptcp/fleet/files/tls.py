"""The tables ``[tls.NAME]`` of a fleet's file: the options of TLS, under the names of :class:`snmptcp.TlsOptions`.

Contains: from a table to options.  Does not contain: what the options do (:mod:`snmptcp.net.tls`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from snmptcp.errors import ConfigurationError
from snmptcp.fleet.files.fields import FLAG, PATH, PATHS, TEXT, WORDS, Field, read_table, text_of
from snmptcp.fleet.files.secrets import take_secrets, with_places
from snmptcp.net.tls.options import CrlCheck, TlsOptions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from snmptcp.fleet.files.mistakes import Place

__all__ = ("TLS_FIELDS", "has_password", "read_tls")

_PASSWORD = ("password",)


def _authorities(value: object, place: Place) -> Path:
    path = place.file(text_of(value))
    if not path.exists():
        raise ConfigurationError(f"there is no file or folder {path}")
    return path


def _reload(value: object, _: Place) -> bool | float:
    if not isinstance(value, bool | int | float):
        raise ValueError  # noqa: TRY004 - the field makes the error that is shown
    return value


def _crl_check(value: object, _: Place) -> CrlCheck:
    if not isinstance(value, str) or value not in {"leaf", "chain"}:
        raise ValueError
    return CrlCheck[value.upper()]


#: The keys of such a table.
TLS_FIELDS: Mapping[str, Field] = {
    "ca": Field("the name of a file with authorities, or of a folder of them", _authorities),
    "certificate": PATH,
    "key": PATH,
    "pkcs12": PATH,
    **with_places(_PASSWORD),
    "server_name": TEXT,
    "check_host_name": FLAG,
    "accept_common_name": FLAG,
    "verify": FLAG,
    "fingerprints": WORDS,
    "accepted_certificates": PATHS,
    "minimum_version": TEXT,
    "maximum_version": TEXT,
    "ciphers": TEXT,
    "crl": PATH,
    "crl_check": Field('"leaf" or "chain"', _crl_check),
    "reuse_sessions": FLAG,
    "reload_on_change": Field("true, false or a number of seconds", _reload),
    "key_log": TEXT,
}


def read_tls(table: Mapping[str, object], place: Place) -> TlsOptions | None:
    """Return the options of a table; ``None`` after a mistake.

    Args:
        table: what the file says.
        place: the table; takes what is wrong, also with the contents of certificates and keys.
    """
    if (values := read_table(table, TLS_FIELDS, place)) is None:
        return None
    before = len(place.mistakes)
    secrets = take_secrets(values, _PASSWORD, place)
    if len(place.mistakes) > before:
        return None
    with place.noting():
        return _made({**values, **secrets}, place)
    return None


def _made(values: dict[str, Any], place: Place) -> TlsOptions:
    """Return the options, once it is known that they work.

    Raises:
        ConfigurationError: they contradict each other, or a file has no certificate or key.
    """
    from snmptcp.net.tls.session import ClientTls  # noqa: PLC0415 - a file without TLS needs no OpenSSL

    if (authorities := values.pop("ca", None)) is not None:
        values["ca_directory" if authorities.is_dir() else "ca_file"] = authorities
    if "key_log" in values:
        values["key_log"] = place.file(values["key_log"])
    options = TlsOptions(**values)
    ClientTls(options, "agent")  # reads the files
    return options


def has_password(table: Mapping[str, object]) -> bool:
    """Whether a table has a password itself, not the name of a place that has it."""
    return "password" in table
