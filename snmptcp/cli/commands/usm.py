"""``snmptcp usm``: shows and changes the users of an agent's SNMPv3 engine, as net-snmp's snmpusm does.

Contains: the words of the command line, and changes of rows.
Does not contain: changes of passwords (:mod:`snmptcp.cli.passwords`).
"""

from __future__ import annotations

import asyncio
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snmptcp.cli.manager import open_manager
from snmptcp.cli.options.addresses import Address, Alias, parse_peer
from snmptcp.cli.options.application import add_application_option
from snmptcp.cli.options.key_words import KeyWord, parse_key_word
from snmptcp.cli.options.printing import add_json_option
from snmptcp.cli.options.request import RequestOptions, add_request_options, read_request_options
from snmptcp.cli.options.users import parse_engine_id
from snmptcp.cli.output.cells import octets_on_one_line
from snmptcp.cli.output.layout import Column, lay_out, terminal_width
from snmptcp.cli.passwords import NotChanged, PasswordChange, change_passwords
from snmptcp.credentials import Community, UsmUser
from snmptcp.errors import ConfigurationError
from snmptcp.usm import UserTable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from snmptcp.cli.options.key_words import KeyKind
    from snmptcp.usm import UserEntry

__all__ = ("ACTIONS", "UsmCommand", "add_arguments", "read_arguments", "run")

#: The words behind each action: how many there may be, and what they are.
ACTIONS = {
    "passwd": (0, 3, "[OLD NEW] [USER]"),
    "create": (1, 2, "USER [CLONE-FROM]"),
    "cloneFrom": (2, 2, "USER CLONE-FROM"),
    "activate": (1, 1, "USER"),
    "deactivate": (1, 1, "USER"),
    "delete": (1, 1, "USER"),
    "list": (0, 0, ""),
}

#: Other names of actions, in lower case.
_ALIASES = {**{name.lower(): name for name in ACTIONS}, "clone": "cloneFrom"}

_LETTERS = {
    "a": ("auth_key_only", False),
    "x": ("priv_key_only", False),
    "k": ("localized", False),
    "w": ("wait", False),
}

#: What is said after each action, as by snmpusm.
_DONE = {
    "passwd": "SNMPv3 Key(s) successfully changed.",
    "create": "User successfully created.",
    "cloneFrom": "User successfully cloned.",
    "activate": "User successfully activated.",
    "deactivate": "User successfully deactivated.",
    "delete": "User successfully deleted.",
}

_NO_DIFFIE_HELLMAN = (
    "changekey needs the Diffie-Hellman objects of RFC 2786, which hardly any agent has, and snmptcp does not: "
    "passwd changes passwords"
)


@dataclass(frozen=True, slots=True)
class UsmCommand:
    """The arguments of the command.

    Attributes:
        request: the agent, and the credentials.
        action: one of :data:`ACTIONS`.
        user: the user; ``None`` for the one of the credentials.
        clone_from: the user whose keys another one gets.
        kinds: which keys to change; empty for all.
        old: the present password or key, if it is a word.
        new: the new password or key, if it is a word.
        wait: whether to leave a new user inactive.
        public: the usmUserPublic of a new user.
        engine_id: the engine that the users' keys are for; ``None`` for the agent's.
        unchecked: whether to change passwords without checking them.
        json: whether to print JSON.
    """

    request: RequestOptions
    action: str
    user: bytes | None
    clone_from: bytes | None
    kinds: tuple[KeyKind, ...]
    old: KeyWord | None
    new: KeyWord | None
    wait: bool
    public: bytes | None
    engine_id: bytes | None
    unchecked: bool
    json: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.epilog = (
        "Passwords that are no words of the command line come from the environment variables SNMPTCP_NEW_AUTH_PASSWORD "
        "and SNMPTCP_NEW_PRIV_PASSWORD (for the present ones of another user SNMPTCP_OLD_...), or are asked for."
    )
    add_request_options(parser)
    add_application_option(
        parser,
        _LETTERS,
        "a change the authentication key alone; x the privacy key alone; k OLD and NEW may be localized keys in hex "
        "behind 0x; w create an inactive user",
    )
    parser.add_argument(
        "-CE",
        dest="user_engine_id",
        metavar="HEX",
        type=parse_engine_id,
        help="the engine that the users' keys are for (default: that of -E, or else the agent's)",
    )
    parser.add_argument("-Cp", dest="public", metavar="STRING", help="usmUserPublic of a new user")
    parser.add_argument(
        "--unchecked",
        action="store_true",
        help="change passwords without trying the present and the new ones: a wrong present one locks the user out",
    )
    add_json_option(parser, "list: one JSON object per line")
    parser.add_argument(
        "words",
        metavar="ACTION",
        nargs="+",
        help="; ".join(f"{name} {words}".rstrip() for name, (_, _, words) in ACTIONS.items())
        + "; ACTION may also stand before HOST",
    )


def read_arguments(arguments: argparse.Namespace) -> UsmCommand:
    """Return the parsed arguments; ConfigurationError is wrong usage."""
    action, words = _read_action(arguments)
    request = read_request_options(arguments)
    if isinstance(request.credentials, Community):
        raise ConfigurationError("users can be changed with SNMPv3 alone: give -u USER, or a certificate")
    least, most, meaning = ACTIONS[action]
    if not least <= len(words) <= most:
        raise ConfigurationError(f"{action} takes {meaning or 'no words'}, not {len(words)} words")
    names = _read_names(action, words)
    old, new = _read_key_words(arguments, action, words)
    context_engine_id = request.credentials.context_engine_id
    return UsmCommand(
        request,
        action,
        names[0] if names else None,
        names[1] if len(names) > 1 else None,
        _read_kinds(arguments),
        old,
        new,
        arguments.wait,
        None if arguments.public is None else os.fsencode(arguments.public),
        arguments.user_engine_id or context_engine_id,
        arguments.unchecked,
        arguments.json,
    )


def _is_action(word: str) -> bool:
    return word.lower() in {*_ALIASES, "changekey"}


def _read_action(arguments: argparse.Namespace) -> tuple[str, list[str]]:
    """Return the action and the words behind it; it may stand before HOST or behind it."""
    given: Address | Alias = arguments.agent
    words: list[str] = arguments.words
    if isinstance(given, Address) and given == Address(given.host) and _is_action(given.host):
        arguments.agent = parse_peer(words[0])
        words = [given.host, *words[1:]]
    if words[0].lower() == "changekey":
        raise ConfigurationError(_NO_DIFFIE_HELLMAN)
    action = _ALIASES.get(words[0].lower())
    if action is None:
        # The word is not shown: it may be a password.
        raise ConfigurationError(f"the action is one of {', '.join(ACTIONS)}")
    return action, words[1:]


def _read_names(action: str, words: Sequence[str]) -> list[bytes]:
    """Return the users among the words: of passwd, the third one, or a single one."""
    if action == "passwd":
        words = words[2:] if len(words) > 1 else words
    return [UsmUser(os.fsencode(word)).name for word in words]


def _read_key_words(
    arguments: argparse.Namespace, action: str, words: Sequence[str]
) -> tuple[KeyWord | None, KeyWord | None]:
    localized: bool = arguments.localized
    if localized and arguments.auth_key_only == arguments.priv_key_only:
        raise ConfigurationError("-Ck needs one of -Ca and -Cx: a localized key is for one of the two")
    if action != "passwd" or len(words) < 2:
        return None, None
    old, new = (
        parse_key_word(word, what, localized=localized) for word, what in zip(words, ("OLD", "NEW"), strict=False)
    )
    return old, new


def _read_kinds(arguments: argparse.Namespace) -> tuple[KeyKind, ...]:
    kinds: list[KeyKind] = []
    if arguments.auth_key_only:
        kinds.append("auth")
    if arguments.priv_key_only:
        kinds.append("priv")
    return tuple(kinds)


# ------------------------------------------------------------------------------------------- running


def run(command: UsmCommand) -> int:
    """Carry out the action; return the exit code."""
    if command.action == "list":
        _print_users(asyncio.run(_list(command)), command)
        return 0
    asyncio.run(_act(command))
    print(_DONE[command.action])
    return 0


async def _list(command: UsmCommand) -> tuple[UserEntry, ...]:
    async with open_manager(command.request) as manager:
        return await UserTable(manager).users()


async def _act(command: UsmCommand) -> None:
    if command.action == "passwd":
        await change_passwords(
            PasswordChange(
                command.request,
                command.user,
                command.kinds,
                command.old,
                command.new,
                command.engine_id,
                command.unchecked,
            )
        )
        return
    user, clone_from = command.user or b"", command.clone_from or b""
    async with open_manager(command.request) as manager:
        table = UserTable(manager, engine_id=command.engine_id)
        if command.action == "create":
            await table.create(user, command.clone_from, wait=command.wait, public=command.public)
            return
        # An agent takes it for done to delete a user that it does not have.
        if await table.status(user) is None:
            raise NotChanged(f"nothing was changed: the agent shows no user {octets_on_one_line(user)}")
        if command.action == "cloneFrom":
            await table.clone(user, clone_from)
        elif command.action == "delete":
            await table.delete(user)
        elif command.action == "activate":
            await table.activate(user)
        else:
            await table.deactivate(user)


def _print_users(users: Sequence[UserEntry], command: UsmCommand) -> None:
    if command.engine_id is not None:
        users = [entry for entry in users if entry.engine_id == command.engine_id]
    for line in map(_as_json, users) if command.json else _as_text(users):
        print(line)


def _as_text(users: Sequence[UserEntry]) -> Iterator[str]:
    """Yield a table; the engine stands in it if there is more than one."""
    columns = [
        Column("user", [octets_on_one_line(entry.name) for entry in users]),
        Column("auth", [_shown(entry.auth_protocol) for entry in users]),
        Column("priv", [_shown(entry.priv_protocol) for entry in users]),
        Column("status", [_shown(entry.status and entry.status.name) for entry in users]),
    ]
    if len({entry.engine_id for entry in users}) > 1:
        columns.append(Column("engine", [f"0x{entry.engine_id.hex()}" for entry in users]))
    if any(entry.security_name != entry.name for entry in users):
        columns.append(Column("security name", [octets_on_one_line(entry.security_name) for entry in users]))
    return lay_out((), columns, terminal_width())


def _shown(fact: object) -> str:
    return "-" if fact is None else str(fact)


def _as_json(entry: UserEntry) -> str:
    return json.dumps(
        {
            "user": octets_on_one_line(entry.name),
            "security_name": octets_on_one_line(entry.security_name),
            "engine_id": entry.engine_id.hex(),
            "auth_protocol": None if entry.auth_protocol is None else str(entry.auth_protocol),
            "priv_protocol": None if entry.priv_protocol is None else str(entry.priv_protocol),
            "status": None if entry.status is None else entry.status.name,
        }
    )
