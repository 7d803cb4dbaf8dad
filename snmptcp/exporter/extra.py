"""What the extra ``exporter`` installs, and the sentence that says so where it is missing.

Contains: the error.  Does not contain: imports of what may be missing.
"""

from __future__ import annotations

from snmptcp.errors import ConfigurationError

__all__ = ("missing_extra",)


def missing_extra(what: str, library: str) -> ConfigurationError:
    """Return the error that something needs a library that is not installed.

    Args:
        what: what needs it.
        library: its name.
    """
    return ConfigurationError(f"{what} needs {library}, which is not installed: pip install 'snmptcp[exporter]'")
