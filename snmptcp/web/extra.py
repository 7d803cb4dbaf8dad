"""What the extra ``web`` installs, and the sentence that says so where it is missing.

Contains: the error.  Does not contain: imports of what may be missing.
"""

from __future__ import annotations

from snmptcp.errors import ConfigurationError

__all__ = ("missing_extra",)


def missing_extra() -> ConfigurationError:
    """Return the error that the page needs a library that is not installed."""
    return ConfigurationError("the page needs aiohttp, which is not installed: pip install 'snmptcp[web]'")
