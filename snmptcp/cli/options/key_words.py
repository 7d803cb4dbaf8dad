"""Present and new passwords or keys of a user: words of the command line, the environment, or a prompt.

Contains: where each of them comes from.  Does not contain: what is done with them (:mod:`snmptcp.cli.commands.usm`).

No error text shows a password or a key.
"""

from __future__ import annotations

import getpass
import os
import re
import sys
from dataclasses import dataclass, field
from typing import Literal

from snmptcp.cli.stopping import interrupting
from snmptcp.credentials import MIN_PASSWORD_LENGTH
from snmptcp.errors import ConfigurationError

__all__ = ("KeyKind", "KeyWord", "ask_for", "parse_key_word")

KeyKind = Literal["auth", "priv"]

_NAMES: dict[KeyKind, str] = {"auth": "authentication", "priv": "privacy"}


@dataclass(frozen=True, slots=True)
class KeyWord:
    """A password, or a localized key."""

    password: bytes | None = field(default=None, repr=False)
    localized_key: bytes | None = field(default=None, repr=False)

    def arguments(self, kind: KeyKind) -> dict[str, bytes | None]:
        """Return the arguments of :meth:`UsmUser.with_keys <snmptcp.credentials.UsmUser.with_keys>` for this key."""
        return {f"{kind}_password": self.password, f"{kind}_localized_key": self.localized_key}


def parse_key_word(text: str, what: str, *, localized: bool) -> KeyWord:
    """Parse a word of the command line.

    Args:
        text: the word.
        what: which word it is, for the error.
        localized: whether ``0x`` begins a localized key in hex.

    Raises:
        ConfigurationError: not a password and not a key.
    """
    if localized and text.lower().startswith("0x"):
        if not re.fullmatch("0[xX](?:[0-9a-fA-F]{2})+", text):
            raise ConfigurationError(f"{what}: a key is given in hex, two digits for each octet, behind 0x")
        return KeyWord(localized_key=bytes.fromhex(text[2:]))
    return KeyWord(_checked(os.fsencode(text), what))


def ask_for(kind: KeyKind, age: Literal["OLD", "NEW"], user: str) -> KeyWord:
    """Return a password of the environment, or of the terminal.

    Args:
        kind: which of the user's two.
        age: ``OLD`` for the present one, ``NEW`` for the one to come, which is asked for twice.
        user: the user, for the prompt.

    Raises:
        ConfigurationError: there is none, the two are different, or it is too short.
        KeyboardInterrupt: Ctrl-C at the prompt.
    """
    variable = f"SNMPTCP_{age}_{kind.upper()}_PASSWORD"
    what = f"{'present' if age == 'OLD' else 'new'} {_NAMES[kind]} password of {user}"
    given = os.environ.get(variable)
    if given:
        return KeyWord(_checked(os.fsencode(given), variable))
    if not sys.stdin.isatty():
        raise ConfigurationError(f"no {what}: give it in the environment variable {variable}, or use a terminal")
    typed = _prompt(what)
    password = _checked(os.fsencode(typed), f"the {what}")
    if age == "NEW" and _prompt(f"{what}, once more") != typed:
        raise ConfigurationError(f"the two entries of the {what} are different: nothing was changed")
    return KeyWord(password)


def _prompt(what: str) -> str:
    try:
        with interrupting():
            return getpass.getpass(f"{what}: ")
    except EOFError:
        raise ConfigurationError(f"no {what}: the input has ended; nothing was changed") from None


def _checked(password: bytes, what: str) -> bytes:
    if len(password) < MIN_PASSWORD_LENGTH:
        raise ConfigurationError(
            f"{what}: a password needs at least {MIN_PASSWORD_LENGTH} characters, not {len(password)}"
        )
    return password
