"""UNITS of MIB objects as UCUM, the units that OpenTelemetry wants.

Contains: the texts that the standard modules have.  Does not contain: where they come from.
"""

from __future__ import annotations

import re

__all__ = ("ucum",)

#: What MIB modules write, in lower case, and the unit.
_KNOWN = {
    "bits": "bit",
    "bits per second": "bit/s",
    "bits/second": "bit/s",
    "bytes": "By",
    "centi-seconds": "cs",
    "centiseconds": "cs",
    "days": "d",
    "degrees celsius": "Cel",
    "hours": "h",
    "hundredths of a second": "cs",
    "k-octets": "kBy",
    "kbytes": "kBy",
    "kilobits per second": "kbit/s",
    "microseconds": "us",
    "milli-seconds": "ms",
    "milliseconds": "ms",
    "minutes": "min",
    "octets": "By",
    "percent": "%",
    "percentage": "%",
    "seconds": "s",
    "volts": "V",
    "watts": "W",
}

_NO_ANNOTATION = re.compile(r"[^!-z|~ ]|[{}]")

#: The longest unit that OpenTelemetry's instruments may have.
_LONGEST = 63


def ucum(units: str) -> str:
    """Return a unit for the UNITS of an object.

    A text that is not known becomes an annotation, which UCUM allows for what is counted: ``{packets}``.

    Args:
        units: the text; ``""`` if the object has none.
    """
    text = " ".join(units.split())
    known = _KNOWN.get(text.lower())
    if known is not None or not text:
        return known or ""
    return f"{{{_NO_ANNOTATION.sub('', text)[: _LONGEST - 2]}}}"
