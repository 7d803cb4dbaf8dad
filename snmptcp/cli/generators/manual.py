"""The manual page ``snmptcp(1)``.

Contains: what the parsers say, each option once, and the examples and exit codes of ``docs/cli.md``.
Does not contain: roff (:mod:`snmptcp.cli.generators.roff`).

(``argparse-manpage`` repeats all options for each command, on 2,000 lines, and loses lines that begin with a quote.)
"""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from snmptcp import __version__
from snmptcp.cli.generators.roff import Page, bold, italic, with_markdown
from snmptcp.cli.generators.values import all_commands, help_of, is_hidden
from snmptcp.cli.parser import usage_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ("manual_page",)

#: When the page was last read through.
DATE = "2026-11-29"

#: Variables that no option's help names.
_ENVIRONMENT = {
    "SNMPCONFPATH": "net-snmp's folders for certificates, separated by colons, instead of ~/.snmp and /etc/snmp.",
}

#: Other words for argparse's own groups.
_TITLES = {"positional arguments": "Arguments", "options": "General"}

_SEE_ALSO = ("snmpcmd", "snmpget", "snmpwalk", "snmptable", "snmpset", "snmptrap", "snmp.conf")


@dataclass(slots=True)
class _Shared:
    """An option or an argument, and the commands that have it with the same meaning."""

    action: argparse.Action
    group: str
    commands: list[str] = field(default_factory=list)


def manual_page(parser: argparse.ArgumentParser, guide: str) -> str:
    """Return the page.

    Args:
        parser: the parser with all commands.
        guide: the text of ``docs/cli.md``.
    """
    page = Page("SNMPTCP", 1, DATE, f"snmptcp {__version__}", "User Commands")
    shared = [option for option in _options(parser) if len(option.commands) > 1]
    page.section("NAME")
    page.paragraph("snmptcp \\- query SNMP agents over TCP and TLS, or be one", escaped=True)
    page.section("SYNOPSIS")
    page.paragraph(f"{bold('snmptcp')} {italic('COMMAND')} [{italic('OPTIONS')}] {italic('...')}", escaped=True)
    page.section("DESCRIPTION")
    page.paragraph(with_markdown(_introduction(guide)), escaped=True)
    page.paragraph(
        "Options may stand anywhere behind the command. In set, trap and inform, nothing behind HOST is one."
    )
    page.section("COMMANDS")
    _add_commands(page, parser, shared)
    page.section("OPTIONS")
    page.paragraph("What only one command has is told there.")
    _add_shared(page, shared)
    page.section("ENVIRONMENT")
    for variable, meaning in sorted(_environment(parser).items()):
        page.item(bold(variable), meaning)
    page.section("EXIT STATUS")
    for code, meaning in _table(guide, "Exit codes"):
        page.item(bold(code), with_markdown(meaning), escaped=True)
    page.section("EXAMPLES")
    page.example(_first_example(guide))
    page.section("SEE ALSO")
    page.paragraph(", ".join(f"{bold(name)}({5 if '.' in name else 1})" for name in _SEE_ALSO), escaped=True)
    return page.text()


# ---------------------------------------------------------------------------------- from the parsers


def _options(parser: argparse.ArgumentParser) -> list[_Shared]:
    """Return the options and arguments of all commands."""
    found: dict[tuple[str, ...], _Shared] = {}
    for path, command in all_commands(parser):
        for group in command._action_groups:  # noqa: SLF001 - argparse has no public way to read a parser
            for action in group._group_actions:  # noqa: SLF001
                if path and not is_hidden(action):
                    option = found.setdefault(_identity(action), _Shared(action, group.title or "options"))
                    option.commands.append(path)
    return list(found.values())


def _identity(action: argparse.Action) -> tuple[str, ...]:
    """Return what is the same for an option of several commands."""
    return (*action.option_strings, str(action.metavar), help_of(action))


def _add_commands(page: Page, parser: argparse.ArgumentParser, shared: Sequence[_Shared]) -> None:
    everywhere = {_identity(option.action) for option in shared}
    for path, command in all_commands(parser):
        if not path:
            continue
        page.subsection(f"snmptcp {path}")
        for line in _usage(path, command):
            page.line(line)
        if command.description:
            page.paragraph(command.description)
        for action in command._actions:  # noqa: SLF001
            own = _identity(action) not in everywhere and not is_hidden(action)
            if own and not isinstance(action, argparse._SubParsersAction):  # noqa: SLF001
                page.item(_heading(action), _sentence(help_of(action)))
        if command.epilog:
            page.paragraph(command.epilog)


def _usage(path: str, command: argparse.ArgumentParser) -> Iterator[str]:
    """Yield the lines that show the words of a command."""
    if command.usage is not None:
        lines = [line.strip() for line in command.usage.splitlines()]
    else:
        words = " ".join(map(usage_of, filter(_is_positional, command._actions)))  # noqa: SLF001
        lines = [f"snmptcp {path} [OPTIONS] {words}"]
    for line in lines:
        start = f"snmptcp {path}"
        yield f"{bold(start)}{italic(line.removeprefix(start).rstrip())}"


def _is_positional(action: argparse.Action) -> bool:
    return not action.option_strings and not is_hidden(action)


def _heading(action: argparse.Action) -> str:
    """Return the names of an option and its value, or the name of an argument."""
    value = action.metavar if isinstance(action.metavar, str) else action.dest.upper()
    if not action.option_strings:
        return italic(value)
    names = ", ".join(map(bold, action.option_strings))
    return names if action.nargs == 0 else f"{names} {italic(value)}"


def _sentence(text: str) -> str:
    """Return a text of help as a sentence."""
    whole = f"{text}." if text[-1:].isalpha() or text.endswith((")", "...")) else text
    word = whole.split(maxsplit=1)[0] if whole else ""
    return f"{whole[:1].upper()}{whole[1:]}" if re.fullmatch("[a-z]{2,}[,:;.]?|a", word) else whole


def _add_shared(page: Page, shared: Sequence[_Shared]) -> None:
    """Add the options of several commands, by their groups and by the commands that have them."""
    groups: dict[str, dict[tuple[str, ...], list[argparse.Action]]] = {}
    most = max((len(option.commands) for option in shared), default=0)
    for option in shared:
        groups.setdefault(option.group, {}).setdefault(tuple(option.commands), []).append(option.action)
    for title, parts in groups.items():
        page.subsection(_TITLES.get(title, f"{title[0].upper()}{title[1:]}"))
        for commands, actions in parts.items():
            page.paragraph("All commands:" if len(commands) == most else f"In {', '.join(commands)}:")
            for action in actions:
                page.item(_heading(action), _sentence(help_of(action)))


def _environment(parser: argparse.ArgumentParser) -> dict[str, str]:
    """Return the environment variables that help names, each with the option whose default it is."""
    found = dict(_ENVIRONMENT)
    for option in _options(parser):
        variable = re.search(r"environment variable ([A-Z_]+)", help_of(option.action))
        if variable is not None:
            names = ", ".join(option.action.option_strings)
            found.setdefault(
                variable[1], f"The default of {names}. Other users cannot see it, as they can see arguments."
            )
    return found


# --------------------------------------------------------------------------------- from the guide


def _introduction(guide: str) -> str:
    """Return the paragraph below the title."""
    return guide.split("\n\n")[1].replace("\n", " ")


def _first_example(guide: str) -> list[str]:
    """Return the lines of the first example, without prompts."""
    found = re.search(r"^```console\n(.*?)^```", guide, re.DOTALL | re.MULTILINE)
    return [line.removeprefix("$ ") for line in found[1].splitlines()] if found else []


def _table(guide: str, title: str) -> Iterator[tuple[str, str]]:
    """Yield the rows of the table in a section, as Markdown."""
    section = guide.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    for line in section.splitlines():
        cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)]
        if len(cells) == 4 and cells[1] != "code" and set(cells[1]) != {"-"}:
            yield cells[1], cells[2]
