"""Variable bindings and notifications as the page shows them: text, never HTML.

Contains: names, types and texts, with escapes for characters that are not printable.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from snmptcp.mib import TextFormatter, TextStyle
from snmptcp.mib.json_values import json_type
from snmptcp.printable import printable

if TYPE_CHECKING:
    from snmptcp.listener import Notification
    from snmptcp.mib import Mib
    from snmptcp.oid import OID
    from snmptcp.values import VarBind

__all__ = ("Texts",)

#: How many characters of a value, and how many variable bindings of a notification are shown.
_MOST_OF_VALUE = 2000
_MOST_VARBINDS = 50


#: Values as ``snmptcp walk -Oq`` prints them.
_STYLE = TextStyle(quick=True, wrong_types=False, hex_length=0)


class Texts:
    """The texts of names and values.

    Args:
        mib: the names of MIB modules; ``None`` for numbers.
    """

    def __init__(self, mib: Mib | None) -> None:
        self._formatter = None if mib is None else TextFormatter(mib, _STYLE)

    def name(self, oid: OID) -> str:
        """Return the name of an OID."""
        return str(oid) if self._formatter is None else printable(self._formatter.name(oid), _MOST_OF_VALUE)

    def varbind(self, varbind: VarBind) -> dict[str, object]:
        """Return a variable binding for JSON: ``oid``, ``name``, ``type`` and ``text``."""
        oid, value = varbind
        text = str(value) if self._formatter is None else self._formatter.value(value, oid)
        return {
            "oid": str(oid),
            "name": self.name(oid),
            "type": json_type(value),
            "text": printable(text, _MOST_OF_VALUE),
        }

    def notification(self, notification: Notification, number: int) -> dict[str, object]:
        """Return a notification for JSON, without its community, which is a secret.

        Args:
            notification: the notification.
            number: its number in the order of arrival, from 1 on.
        """
        varbinds = tuple(notification.varbinds)
        return {
            "number": number,
            "at": time.time(),
            "source": None if notification.source is None else str(notification.source),
            "agent": notification.agent,
            "version": str(notification.version),
            "inform": notification.is_inform,
            "oid": str(notification.trap_oid),
            "name": self.name(notification.trap_oid),
            "uptime": int(notification.uptime) / 100,
            "varbinds": [self.varbind(varbind) for varbind in varbinds[:_MOST_VARBINDS]],
            "omitted": max(0, len(varbinds) - _MOST_VARBINDS),
        }
