"""What the counter in a report says about the request that it answers (RFC 3412 section 7.2 step 11).

What may live here: the reports that every security model knows, and how a report becomes an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.errors import SecurityError, UnknownContext
from snmptcp.oid import OID

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ("DISPATCHER_REPORTS", "UNKNOWN_PDU_HANDLERS", "report_error")

#: snmpUnknownPDUHandlers: nobody there answers for the contextEngineID.
UNKNOWN_PDU_HANDLERS = OID("1.3.6.1.6.3.11.2.1.3.0")

#: RFC 3412 section 5 and RFC 3413 section 5.
DISPATCHER_REPORTS: dict[OID, tuple[type[SecurityError], str]] = {
    OID("1.3.6.1.6.3.11.2.1.1.0"): (SecurityError, "the agent does not know the security model"),
    OID("1.3.6.1.6.3.11.2.1.2.0"): (SecurityError, "the agent calls the request an invalid message"),
    UNKNOWN_PDU_HANDLERS: (SecurityError, "the agent has nobody to handle such a request"),
    OID("1.3.6.1.6.3.12.1.4.0"): (UnknownContext, "the context is not available now"),
    OID("1.3.6.1.6.3.12.1.5.0"): (UnknownContext, "the agent does not know the context"),
}


def report_error(counter: OID | None, reports: Mapping[OID, tuple[type[SecurityError], str]]) -> SecurityError:
    """Return what a report means, as an error.

    Args:
        counter: the name of its first variable binding; ``None`` where it has none.
        reports: what the security model knows.
    """
    if counter is None:
        return SecurityError("a report without a counter")
    kind, text = reports.get(counter, (SecurityError, f"the agent reports {counter}"))
    return kind(text)
