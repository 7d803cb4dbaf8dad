"""Passwords and keys of a fleet's files: written there, in the environment, or in a file of their own.

Contains: the three places of a secret.  Does not contain: what it is for.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from snmptcp.cautions import caution_about_file
from snmptcp.errors import ConfigurationError
from snmptcp.fleet.files.fields import HEX, SECRET, TEXT, Field

if TYPE_CHECKING:
    from collections.abc import Collection

    from snmptcp.fleet.files.mistakes import Place

__all__ = ("take_secrets", "with_places")

#: No password is so long, in octets: it is another file.
_MOST_OCTETS = 64 * 1024

_FROM_ENVIRONMENT, _FROM_FILE = "_env", "_file"


def _from_environment(name: object, place: Place) -> str:
    variable = TEXT.value(name, place)
    found = None if "\0" in variable or "=" in variable else os.environ.get(variable)
    if not found:
        raise ConfigurationError(f"the environment has no variable {variable!r}, or it is empty")
    return found


def _from_file(name: object, place: Place) -> str:
    path = place.file(TEXT.value(name, place))
    try:
        with path.open("rb") as file:
            octets = file.read(_MOST_OCTETS + 1)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    caution_about_file(path, "the password in")
    first = octets.partition(b"\n")[0].removesuffix(b"\r")
    if not first or len(octets) > _MOST_OCTETS:
        wrong = "the file is too long" if first else "it is empty"
        raise ConfigurationError(f"the first line of {path} is the password, and {wrong}")
    try:
        return first.decode()
    except UnicodeDecodeError:
        raise ConfigurationError(f"the first line of {path} is no text in UTF-8") from None


_PLACES = {
    _FROM_ENVIRONMENT: Field("the name of an environment variable", _from_environment),
    _FROM_FILE: Field("the name of a file", _from_file),
}


def with_places(names: Collection[str]) -> dict[str, Field]:
    """Return the fields of secrets: each by its name, and with ``_env`` and ``_file`` behind it."""
    fields = dict.fromkeys(names, SECRET)
    return fields | {f"{name}{suffix}": field for name in names for suffix, field in _PLACES.items()}


def take_secrets(
    values: dict[str, Any], names: Collection[str], place: Place, *, in_hex: Collection[str] = ()
) -> dict[str, Any]:
    """Take secrets out of the values of a table.

    Args:
        values: what :func:`~snmptcp.fleet.files.fields.read_table` has returned; the secrets are removed.
        names: their names.
        place: the table; takes what is given twice, and what is not hexadecimal.
        in_hex: the names of those that are written in hexadecimal digits.

    Returns:
        Those that are given, by their names.
    """
    found: dict[str, Any] = {}
    for name in names:
        given = {key: values.pop(key) for key in (name, *(f"{name}{suffix}" for suffix in _PLACES)) if key in values}
        if len(given) > 1:
            place.add(f"give only one of {' and '.join(given)}")
        for key, secret in given.items():
            inside = place.key(key)
            with inside.noting():
                found[name] = HEX.value(secret, inside) if name in in_hex else secret
    return found
