"""``--no-progress``: whether commands that take long show progress.

Contains: the option.  Does not contain: when and how progress is shown (:mod:`snmptcp.cli.progress`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

__all__ = ("add_progress_option",)


def add_progress_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--no-progress``, which sets ``progress`` to false."""
    parser.add_argument(
        "--no-progress",
        dest="progress",
        action="store_false",
        help="show no progress on a terminal",
    )
