"""Converters from one word of the command line to a value.

Contains: converters for argparse.  Does not contain: which command takes which option.
"""

from __future__ import annotations

import argparse
import math
import re
from typing import TYPE_CHECKING, Any

from snmptcp.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ("checked", "seconds", "version", "whole_number")

MAX_INTEGER = 0x7FFFFFFF  # RFC 3416 section 3: max-bindings, the largest max-repetitions


def checked(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return ``parse`` as a converter for argparse, which then shows the text of a ConfigurationError."""

    def parse_argument(text: str) -> Any:
        try:
            return parse(text)
        except ConfigurationError as error:
            raise argparse.ArgumentTypeError(str(error)) from None

    return parse_argument


def whole_number(least: int, what: str) -> Callable[[str], int]:
    """Return a converter for numbers of at least ``least``."""

    def parse(text: str) -> int:
        if not re.fullmatch("[0-9]{1,10}", text) or not least <= int(text) <= MAX_INTEGER:
            raise argparse.ArgumentTypeError(f"{what} is a number from {least} on, not {text!r}")
        return int(text)

    return parse


def seconds(text: str) -> float:
    """Convert a duration."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"a time is a number of seconds above 0, not {text!r}")
    return number


def version(text: str) -> str:
    """Convert a version of SNMP, in net-snmp's spelling."""
    spelled = text.lower()
    if spelled in {"1", "2c", "3"}:
        return spelled
    raise argparse.ArgumentTypeError(f"a version is 1, 2c or 3, not {text!r}")
