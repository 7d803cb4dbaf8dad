"""``snmptcp getnext``: reads the variables that follow names."""

from __future__ import annotations

from snmptcp.cli.reading import ReadCommand, add_read_arguments, read_and_print, read_read_arguments

__all__ = ("ReadCommand", "add_arguments", "read_arguments", "run")

add_arguments = add_read_arguments
read_arguments = read_read_arguments


def run(command: ReadCommand) -> int:
    """Send the request and print the answer; return the exit code."""
    return read_and_print(command, lambda manager: manager.get_next)
