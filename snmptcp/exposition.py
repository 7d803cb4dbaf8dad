"""Prometheus' text format: names, labels and numbers as its readers take them, whatever an agent has answered.

Contains: the parts of a line.  Does not contain: which metrics there are (:mod:`snmptcp.fleet.sinks.prometheus`).

The format is version 0.0.4 of https://prometheus.io/docs/instrumenting/exposition_formats/.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ("CONTENT_TYPE", "distinct_labels", "head_text", "label_name", "label_text", "metric_name", "number_text")

#: The Content-Type of a page in this format.
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_NO_NAME = re.compile(r"[^a-zA-Z0-9_]", re.ASCII)
_IN_LABEL = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})
_IN_HELP = str.maketrans({"\\": r"\\", "\n": r"\n"})


def metric_name(text: str) -> str:
    """Return a text as the name of a metric: other characters than letters, digits and ``_`` become ``_``.

    Names of MIB objects stay as they are, except for hyphens.
    """
    name = _NO_NAME.sub("_", text)
    return name if name and not name[0].isdigit() else f"_{name}"


def label_name(text: str) -> str:
    """Return a text as the name of a label: as for metrics, without ``__`` before it, which is Prometheus' own.

    A text of which nothing is left becomes ``unnamed``.
    """
    name = metric_name(text)
    bare = name.lstrip("_")
    return name if bare and not name.startswith("__") else f"_{bare}" if bare else "unnamed"


def distinct_labels(own: Iterable[str], labels: Mapping[str, str]) -> dict[str, str]:
    """Return labels under names that a line can have, all different.

    Args:
        own: the names that the line has for its own.  A label of such a name gets ``exported_`` before it, as
            Prometheus does it.
        labels: names and values.  Of names that are equal as names of labels, the second gets ``_2`` behind it.
    """
    own = frozenset(own)
    named: dict[str, str] = {}
    for text, value in labels.items():
        name = label_name(text)
        name = first = f"exported_{name}" if name in own else name
        number = 1
        while name in named or name in own:
            number += 1
            name = f"{first}_{number}"
        named[name] = value
    return named


def label_text(labels: Mapping[str, str]) -> str:
    r"""Return labels as they stand in a line: ``a="1",b="2"``, with ``\\``, ``\"`` and ``\n`` escaped.

    Args:
        labels: names, which are taken as they are, and values.
    """
    return ",".join([f'{name}="{value.translate(_IN_LABEL)}"' for name, value in labels.items()])


def number_text(value: float) -> str:
    """Return a number as it stands in a line; an ``int`` has all its digits."""
    if isinstance(value, int):
        return int.__repr__(value)
    if math.isfinite(value):
        return float.__repr__(value)
    return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"


def head_text(name: str, kind: str, description: str = "") -> str:
    """Return the lines before the first sample of a metric.

    Args:
        name: the metric.
        kind: its type: ``counter``, ``gauge`` or ``untyped``.
        description: what it is; by default there is no line for it.
    """
    text = f"# HELP {name} {description.translate(_IN_HELP)}\n" if description else ""
    return f"{text}# TYPE {name} {kind}\n"
