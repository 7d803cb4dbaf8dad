"""The scripts for completion in bash and zsh, by shtab.

Contains: what shtab does not know: names with colons, file names with blanks, and arguments that repeat.
Does not contain: the script for fish (:mod:`snmptcp.cli.generators.fish`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import shtab

from snmptcp.cli.generators.values import Kind, is_hidden, subcommands_of, takes_value, values_of

if TYPE_CHECKING:
    import argparse

__all__ = ("bash_script", "zsh_script")

#: Functions that complete a kind of values.  shtab tells bash that values are files if the function's name ends so.
_FUNCTIONS = {
    Kind.FILE: {"bash": "_snmptcp_complete_file", "zsh": "_files"},
    Kind.FOLDER: {"bash": "_snmptcp_complete_dir", "zsh": "_files -/"},
    Kind.HOST: {"bash": "_snmptcp_complete_host", "zsh": "_hosts"},
    Kind.NAME: {"bash": "_snmptcp_complete_name", "zsh": "_snmptcp_names"},
}

#: The values of an argument if they are unknown.  Without it zsh shows the argument's help, and completes no option.
_UNKNOWN = {"zsh": "( )"}

_BASH_BEFORE = r"""
_snmptcp_without_quotes() {
  local word=${1#[\"\']}
  word=${word//\\/}
  case $word in \~/*) word=$HOME${word#\~} ;; esac
  printf '%s' "$word"
}

_snmptcp_complete_file() { compgen -f -- "$(_snmptcp_without_quotes "$1")"; }

_snmptcp_complete_dir() { compgen -d -- "$(_snmptcp_without_quotes "$1")"; }

_snmptcp_complete_host() { compgen -A hostname -- "$1"; }

# The program lists the names that it knows.
_snmptcp_complete_name() { "${_snmptcp_program:-snmptcp}" completion --names "$1" 2>/dev/null; }
"""

_BASH_AFTER = r"""
# bash ends words at colons and equals signs, which are parts of ours: complete whole words.
_snmptcp() {
  local _snmptcp_program=${1-} rest=${COMP_LINE-} word spaceless position last=-1 current=0
  local -a whole=()
  for position in "${!COMP_WORDS[@]}"; do
    word=${COMP_WORDS[position]}
    spaceless=${rest#"${rest%%[![:space:]]*}"}
    if [[ $last -ge 0 && $spaceless == "$rest" && ( $word == [:=]* || ${whole[last]} == *[:=] ) ]]; then
      whole[last]+=$word
    else
      last=$((last + 1))
      whole[last]=$word
    fi
    rest=${spaceless#"$word"}
    [[ $position -eq $COMP_CWORD ]] && current=$last
  done
  word=${whole[current]}
  local before=${word%"${word##*[:=]}"}  # readline leaves this, and replaces the rest
  case $word in
    --*=*) whole[current]=${word%%=*} current=$((current + 1)) whole[current]=${word#*=} before=${before#*=} ;;
  esac
  local -a COMP_WORDS=("${whole[@]}")
  local COMP_CWORD=$current
  _shtab_snmptcp
  # Behind a module comes the rest of its name.
  [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *:: ]] && compopt -o nospace 2>/dev/null
  [[ ${COMP_WORDBREAKS-} == *:* ]] || return 0
  for position in "${!COMPREPLY[@]}"; do
    COMPREPLY[position]=${COMPREPLY[position]#"$before"}
  done
}

complete -o bashdefault -F _snmptcp snmptcp
"""

_ZSH_BEFORE = r"""
_snmptcp_names() {
  local -a names=(${(f)"$(snmptcp completion --names "$PREFIX" 2>/dev/null)"})
  compadd -S '' -- ${(M)names:#*::}  # behind a module comes the rest of its name
  compadd -- ${names:#*::}
}
"""


def bash_script(parser: argparse.ArgumentParser) -> str:
    """Return the script for bash.

    Args:
        parser: the parser with all commands; it cannot parse afterwards.
    """
    _mark(parser)
    script = shtab.complete(parser, "bash", preamble=_BASH_BEFORE)
    own, call, _ = script.rpartition("complete -o bashdefault -F _shtab_snmptcp snmptcp")
    if not call:
        raise ValueError("shtab's script ends otherwise than expected")
    return f"{own.rstrip()}\n{_BASH_AFTER}"


def zsh_script(parser: argparse.ArgumentParser) -> str:
    """Return the script for zsh.

    Args:
        parser: the parser with all commands; it cannot parse afterwards.
    """
    _mark(parser)
    _adapt_to_zsh(parser)
    script = shtab.complete(parser, "zsh", preamble=_ZSH_BEFORE)
    # shtab's form of an argument that repeats completes its first value only.
    return script.replace('\n  "(*)::', '\n  "*:').replace('\n  "(*):', '\n  "*:').rstrip() + "\n"


def _mark(parser: argparse.ArgumentParser) -> None:
    """Tell shtab the values of each argument, and leave out hidden ones."""
    actions = parser._actions  # noqa: SLF001 - argparse has no public way to read a parser
    for action in actions:
        values = values_of(action)
        if isinstance(values, Kind):
            cast("Any", action).complete = _FUNCTIONS[values]
        elif values is not None:
            action.choices = values if action.choices is None else action.choices
    actions[:] = [action for action in actions if not is_hidden(action)]
    for _, command in subcommands_of(parser).values():
        _mark(command)


def _adapt_to_zsh(parser: argparse.ArgumentParser) -> None:
    """Name options as zsh does for values in the same word, ``-v2c``, ``--tls-ca=ca.pem``; mark unknown values."""
    for action in parser._actions:  # noqa: SLF001
        if not action.option_strings and values_of(action) is None:
            cast("Any", action).complete = _UNKNOWN
        if takes_value(action):
            action.option_strings = [f"{name}{'=' if name.startswith('--') else '+'}" for name in action.option_strings]
    for _, command in subcommands_of(parser).values():
        _adapt_to_zsh(command)
