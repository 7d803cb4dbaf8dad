"""Generates what surrounds the command line from its parsers: the scripts for completion, and the manual page.

``python -m snmptcp.cli.generators.files`` writes the files in the source tree; a test says when they are out of
date.  Needs the dependency group ``tests``.  No command imports this.
"""

__all__ = ()
