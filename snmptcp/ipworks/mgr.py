"""``SNMPTCPMgr``: the documented class, made of the tables.

What may live here: the methods' names, and accessors for every row of the tables.  What may not: what they do.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any

from snmptcp.codec.pdu import PduType
from snmptcp.ipworks.coerce import to_bytes, to_int, to_str
from snmptcp.ipworks.errors import INVALID, IPWorksSNMPError
from snmptcp.ipworks.methods import Core
from snmptcp.ipworks.objects import TYPE_NAMES
from snmptcp.ipworks.pump import Handlers
from snmptcp.ipworks.tables.events import EVENTS
from snmptcp.ipworks.tables.properties import PROPERTIES

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.ipworks.tables.events import Event
    from snmptcp.ipworks.tables.properties import Property

__all__ = ("SNMPTCPMgr",)


class SNMPTCPMgr:
    """A manager for SNMP agents over TCP and TLS, with blocking methods and events.

    Every property is an attribute, with a ``get_`` and a ``set_`` method beside it; the object arrays are methods that
    take an index, from 0.  Every event is an attribute that takes a function of one argument.
    """

    def __init__(self) -> None:
        self._handlers = Handlers()
        self._core = Core(self._handlers)
        weakref.finalize(self, self._core.dispose)

    def __repr__(self) -> str:
        state = "active" if self._core.read("active") else "not active"
        return f"<SNMPTCPMgr for {self._core.read('remote_host') or 'nobody'}, {state}>"

    def config(self, configuration_string: str) -> str:
        """Read a configuration setting (``"Name"``) or set it (``"Name=Value"``)."""
        return self._core.config(to_str("the configuration string", configuration_string))

    def discover(self) -> None:
        """Find out the agent's engine ID, boots and time (SNMPv3)."""
        self._core.discover()

    def do_events(self) -> None:
        """Deliver the events that have happened; wait up to ``SelectWaitMillis`` for one."""
        self._core.do_events()

    def hash_passwords(self) -> None:
        """Make keys of the passwords; ``on_hash_password`` tells before and after."""
        self._core.hash_passwords()

    def interrupt(self) -> None:
        """Interrupt the method in progress; from a handler or from another thread."""
        self._core.pump.interrupt()

    def reset(self) -> None:
        """Clear the object arrays."""
        self._core.arrays.resize(0)

    def send_get_request(self) -> None:
        """Send a GetRequest for the objects in the arrays."""
        self._core.request(PduType.GET, self._core.arrays.names())

    def send_get_next_request(self) -> None:
        """Send a GetNextRequest for the objects in the arrays."""
        self._core.request(PduType.GET_NEXT, self._core.arrays.names())

    def send_get_bulk_request(self, non_repeaters: int, max_repetitions: int) -> None:
        """Send a GetBulkRequest for the objects in the arrays."""
        bulk = {
            "non_repeaters": to_int("non_repeaters", non_repeaters),
            "max_repetitions": to_int("max_repetitions", max_repetitions),
        }
        self._core.request(PduType.GET_BULK, self._core.arrays.names(), **bulk)

    def send_set_request(self) -> None:
        """Send a SetRequest of the objects in the arrays, with their types and values."""
        self._core.request(PduType.SET, self._core.arrays.varbinds())

    def send_inform_request(self) -> None:
        """Send an InformRequest of the objects in the arrays; sysUpTime.0 and snmpTrapOID.0 come first."""
        self._core.request(PduType.INFORM, self._core.arrays.varbinds())

    def value(self, oid: str) -> str:
        """Return the value of an object in the arrays as text."""
        return self._core.text(self._core.arrays.find(to_str("the name", oid)).value)

    def walk(self, table_oid: str) -> None:
        """Read a table; each object is told by ``on_response``."""
        self._core.walk(to_str("the table", table_oid))


# ------------------------------------------------------------------------------------- object arrays


def _read_row(core: Core, name: str, index: int) -> Any:
    row = core.arrays.row(to_int("the index", index))
    return {
        "obj_id": row.name,
        "obj_type": row.type,
        "obj_type_string": TYPE_NAMES.get(row.type, ""),
        "obj_value": row.value,
    }[name]


def _write_row(core: Core, name: str, index: int, value: object) -> None:
    row = core.arrays.row(to_int("the index", index))
    if name == "obj_id":
        row.name = to_str(name, value, core.codec)
    elif name == "obj_value":
        row.value = to_bytes(name, value, core.codec)
    else:
        kind = to_int(name, value)
        if kind not in TYPE_NAMES:
            raise IPWorksSNMPError(INVALID, f"obj_type is one of {', '.join(map(str, TYPE_NAMES))}, not {kind}")
        row.type = kind


# -------------------------------------------------------------------------- accessors for the tables


def _named(function: Callable[..., Any], name: str, doc: str) -> Callable[..., Any]:
    function.__name__ = name
    function.__qualname__ = f"SNMPTCPMgr.{name}"
    function.__doc__ = doc
    return function


def _row_accessors(name: str) -> tuple[Callable[..., Any], Callable[..., None]]:
    def get(self: SNMPTCPMgr, index: int) -> Any:
        return _read_row(self._core, name, index)

    def put(self: SNMPTCPMgr, index: int, value: object) -> None:
        _write_row(self._core, name, index, value)

    return get, put


def _value_accessors(entry: Property) -> tuple[Callable[..., Any], Callable[..., None]]:
    def get(self: SNMPTCPMgr) -> Any:
        return self._core.read(entry.name)

    def put(self: SNMPTCPMgr, value: object) -> None:
        self._core.write(entry, value)

    return get, put


def _add_property(entry: Property) -> None:
    name = entry.name
    get, put = _row_accessors(name) if entry.indexed else _value_accessors(entry)
    setattr(SNMPTCPMgr, f"get_{name}", _named(get, f"get_{name}", entry.doc))
    if entry.writable:
        setattr(SNMPTCPMgr, f"set_{name}", _named(put, f"set_{name}", entry.doc))
    if not entry.indexed:
        setattr(SNMPTCPMgr, name, property(get, put if entry.writable else None, doc=entry.doc))


def _add_event(event: Event) -> None:
    name = event.name

    def get(self: SNMPTCPMgr) -> Callable[[Any], object] | None:
        return self._handlers.get(name)

    def put(self: SNMPTCPMgr, handler: Callable[[Any], object] | None) -> None:
        if handler is not None and not callable(handler):
            raise IPWorksSNMPError(INVALID, f"{name} takes a function of one argument, not {handler!r}")
        self._handlers[name] = handler

    setattr(SNMPTCPMgr, name, property(get, put, doc=event.doc))


for _entry in PROPERTIES.values():
    _add_property(_entry)
for _event in EVENTS.values():
    _add_event(_event)
