"""``--no-progress``; what it does is tested with a terminal, in :mod:`tests.cli.test_pipeline`."""

from __future__ import annotations

import pytest

from snmptcp.cli.commands.agent import AgentCommand
from snmptcp.cli.commands.table import TableCommand
from snmptcp.cli.commands.walk import WalkCommand
from tests.cli.helpers import parsed


@pytest.mark.parametrize(
    ("kind", "words"),
    [(WalkCommand, ("walk", "h")), (TableCommand, ("table", "h", "1.3.6.1")), (AgentCommand, ("agent",))],
)
def test_progress_is_shown_unless_the_option_says_no(
    kind: type[WalkCommand | TableCommand | AgentCommand], words: tuple[str, ...]
) -> None:
    assert parsed(kind, *words).progress
    assert not parsed(kind, words[0], "--no-progress", *words[1:]).progress
