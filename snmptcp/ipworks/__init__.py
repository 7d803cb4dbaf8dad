"""``SNMPTCPMgr``: the documented synchronous, event-driven API, on top of the asynchronous library.

::

    from snmptcp.ipworks import *

    mgr = SNMPTCPMgr()
    mgr.remote_host = "192.0.2.1"
    mgr.obj_count = 1
    mgr.set_obj_id(0, "1.3.6.1.2.1.1.1.0")
    mgr.send_get_request()
    print(mgr.get_obj_value(0))

``docs/ipworks.md`` lists every property, method, event and setting.
"""

from __future__ import annotations

from snmptcp.ipworks.errors import IPWorksSNMPError
from snmptcp.ipworks.mgr import SNMPTCPMgr
from snmptcp.ipworks.octets import Octets as Octets  # for annotations; programs with a star import do not get it
from snmptcp.ipworks.tables.events import EVENT_CLASSES
from snmptcp.ipworks.unhonoured import NotHonouredWarning

globals().update({kind.__name__: kind for kind in EVENT_CLASSES.values()})

__all__ = (  # noqa: PLE0604
    "IPWorksSNMPError",
    "NotHonouredWarning",
    "SNMPTCPMgr",
    *sorted(kind.__name__ for kind in EVENT_CLASSES.values()),
)
