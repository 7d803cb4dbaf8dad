"""Passwords and keys as words, in the environment, and typed."""

from __future__ import annotations

import asyncio
import signal

import pytest

from snmptcp.cli.options.key_words import KeyWord, ask_for, parse_key_word
from snmptcp.errors import ConfigurationError


def test_hex_is_a_key_only_if_keys_are_allowed() -> None:
    assert parse_key_word("0x0011223344", "OLD", localized=True) == KeyWord(localized_key=b"\x00\x11\x22\x33\x44")
    assert parse_key_word("0x0011223344", "OLD", localized=False) == KeyWord(b"0x0011223344")
    assert parse_key_word("pässword", "OLD", localized=True) == KeyWord("pässword".encode())
    with pytest.raises(ConfigurationError, match="NEW: a key is given in hex"):
        parse_key_word("0xzz", "NEW", localized=True)


def test_nothing_shows_a_password() -> None:
    assert "secret" not in repr(KeyWord(b"secret-one"))
    with pytest.raises(ConfigurationError) as caught:
        parse_key_word("secret", "OLD", localized=False)
    assert "secret" not in str(caught.value)


def test_two_different_entries_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = iter(("password-1", "password-2"))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(entries))
    with pytest.raises(ConfigurationError, match="the two entries of the new privacy password of wes are different"):
        ask_for("priv", "NEW", "wes")


def test_the_end_of_the_input_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def at_the_end(prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", at_the_end)
    with pytest.raises(ConfigurationError, match="no present privacy password of wes: the input has ended"):
        ask_for("priv", "OLD", "wes")


def test_ctrl_c_ends_the_prompt_at_once_inside_an_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = []

    def interrupted(prompt: str) -> str:
        signal.raise_signal(signal.SIGINT)
        typed.append("password-1")
        return "password-1"

    async def ask() -> KeyWord:
        return ask_for("priv", "OLD", "wes")

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", interrupted)
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(ask())
    assert not typed


def test_the_environment_comes_before_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SNMPTCP_OLD_AUTH_PASSWORD", "from-outside")
    assert ask_for("auth", "OLD", "wes") == KeyWord(b"from-outside")
    monkeypatch.setenv("SNMPTCP_OLD_AUTH_PASSWORD", "short")
    with pytest.raises(ConfigurationError, match="SNMPTCP_OLD_AUTH_PASSWORD: a password needs at least 8"):
        ask_for("auth", "OLD", "wes")
