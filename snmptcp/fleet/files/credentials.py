"""The tables ``[credentials.NAME]`` of a fleet's file: communities, users of SNMPv3, and TSM.

Contains: from a table to credentials.  Does not contain: where their secrets are (:mod:`snmptcp.fleet.files.secrets`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from snmptcp.credentials import (
    AuthProtocol,
    Community,
    PrivProtocol,
    Tsm,
    UsmUser,
    parse_auth_protocol,
    parse_priv_protocol,
)
from snmptcp.errors import ConfigurationError
from snmptcp.fleet.files.fields import FLAG, HEX, TEXT, Field, read_table, text_of
from snmptcp.fleet.files.mistakes import alternatives
from snmptcp.fleet.files.secrets import take_secrets, with_places

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from snmptcp.fleet.files.mistakes import Place
    from snmptcp.security.choose import Credentials

__all__ = ("CREDENTIAL_FIELDS", "has_secrets", "read_credentials")

_KEYS = ("auth_key", "auth_localized_key", "priv_key", "priv_localized_key")
_PASSWORDS = ("auth_password", "priv_password")
_COMMUNITY = ("community",)

_CONTEXT = {"context": TEXT, "context_engine_id": HEX}


def _one_of(protocols: type[AuthProtocol | PrivProtocol], parse: Callable[[str], object]) -> Field:
    """Return the field of a protocol; its errors show no value, which may be a password in the wrong place."""

    def read(value: object, _: Place) -> object:
        try:
            return parse(text_of(value))
        except ConfigurationError:
            raise ValueError from None

    return Field(f"one of {', '.join(map(str, protocols))}", read, secret=True)


#: The fields of each kind of credentials.
_OF_A_COMMUNITY: Mapping[str, Field] = {**with_places(_COMMUNITY), "version": TEXT}
_OF_A_USER: Mapping[str, Field] = {
    "user": TEXT,
    "auth": _one_of(AuthProtocol, parse_auth_protocol),
    "priv": _one_of(PrivProtocol, parse_priv_protocol),
    **with_places(_PASSWORDS + _KEYS),
    **_CONTEXT,
}
_OF_TSM: Mapping[str, Field] = {"tsm": FLAG, **_CONTEXT}

#: Every key that such a table can have.
CREDENTIAL_FIELDS: Mapping[str, Field] = {**_OF_A_COMMUNITY, **_OF_A_USER, **_OF_TSM}

#: The community that everyone knows: no secret.
_KNOWN_TO_ALL = "public"


def read_credentials(table: Mapping[str, object], place: Place) -> Credentials | None:
    """Return the credentials of a table; ``None`` after a mistake.

    Args:
        table: what the file says.
        place: the table; takes what is wrong.
    """
    fields = _fields_of(table, place)
    if fields is None or (values := read_table(table, fields, place)) is None:
        return None
    before = len(place.mistakes)
    names = [name for name in _COMMUNITY + _PASSWORDS + _KEYS if name in fields]
    secrets = take_secrets(values, names, place, in_hex=_KEYS)
    if len(place.mistakes) > before:
        return None
    with place.noting():
        return _made(values, secrets)
    return None


def _fields_of(table: Mapping[str, object], place: Place) -> Mapping[str, Field] | None:
    """Return the fields of the kind of credentials that a table has."""
    kinds = {
        "community": _OF_A_COMMUNITY,
        "community_env": _OF_A_COMMUNITY,
        "community_file": _OF_A_COMMUNITY,
        "user": _OF_A_USER,
        "tsm": _OF_TSM,
    }
    given = [key for key in kinds if key in table]
    found = [kinds[key] for key in given]
    if found and all(each is found[0] for each in found):
        return found[0]
    if found:
        place.add(f"give one of community, user and tsm, not {' and '.join(given)}")
    else:
        unknown = next((key for key in table if key not in CREDENTIAL_FIELDS), None)
        hint = (
            "" if unknown is None else f"; there is no key {unknown[:60]!r}{alternatives(unknown, CREDENTIAL_FIELDS)}"
        )
        place.add(f"give community, user or tsm = true{hint}")
    return None


def _made(values: dict[str, Any], secrets: dict[str, Any]) -> Credentials:
    """Return the credentials of values that are right one by one.

    Raises:
        ConfigurationError: they do not fit together.
    """
    if "community" in secrets:
        return Community(secrets["community"], values.get("version", "2c"))
    context: dict[str, Any] = {"context_engine_id": values.get("context_engine_id")}
    if "tsm" in values:
        if not values["tsm"]:
            raise ConfigurationError("tsm = true is right; give community or user for other credentials")
        return Tsm(values.get("context", ""), **context)
    protocols: dict[str, Any] = {f"{kind}_protocol": values[kind] for kind in ("auth", "priv") if kind in values}
    return UsmUser(values["user"], context_name=values.get("context", ""), **protocols, **secrets, **context)


def has_secrets(table: Mapping[str, object]) -> bool:
    """Whether a table has a password, a key or a community itself, not the name of a place that has it."""
    return any(name in table for name in _PASSWORDS + _KEYS) or table.get("community", _KNOWN_TO_ALL) != _KNOWN_TO_ALL
