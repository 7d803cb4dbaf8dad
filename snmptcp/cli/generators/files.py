"""The generated files: where they are in the source tree, and what makes them.

``python -m snmptcp.cli.generators.files`` writes them all.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from snmptcp.cli.commands.completion import SCRIPTS
from snmptcp.cli.generators.bash_zsh import bash_script, zsh_script
from snmptcp.cli.generators.fish import fish_script
from snmptcp.cli.generators.manual import manual_page
from snmptcp.cli.parser import full_parser

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ("FILES", "write_files")

_COMMAND_LINE = Path(__file__).parents[1]
_DOCS = _COMMAND_LINE.parents[1] / "docs"

#: What makes each file.
FILES: Mapping[Path, Callable[[], str]] = {
    _COMMAND_LINE / "completion" / SCRIPTS["bash"]: lambda: bash_script(full_parser()),
    _COMMAND_LINE / "completion" / SCRIPTS["zsh"]: lambda: zsh_script(full_parser()),
    _COMMAND_LINE / "completion" / SCRIPTS["fish"]: lambda: fish_script(full_parser()),
    _DOCS / "man" / "snmptcp.1": lambda: manual_page(full_parser(), (_DOCS / "cli.md").read_text(encoding="utf-8")),
}


def write_files() -> None:
    """Write all generated files."""
    for path, text in FILES.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    write_files()
