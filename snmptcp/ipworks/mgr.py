"""``SNMPTCPMgr``: the documented class.

Contains: the methods' names, and accessors for every row of the tables.  Does not contain: what they do.
"""

from __future__ import annotations

import inspect
import weakref
from typing import TYPE_CHECKING, Any, NoReturn, SupportsIndex

from snmptcp.codec.pdu import PduType
from snmptcp.ipworks.coerce import to_bytes, to_int, to_str
from snmptcp.ipworks.errors import INVALID, IPWorksSNMPError
from snmptcp.ipworks.methods import Core
from snmptcp.ipworks.objects import TYPE_NAMES
from snmptcp.ipworks.octets import Octets
from snmptcp.ipworks.pump import Handlers
from snmptcp.ipworks.tables.events import EVENTS
from snmptcp.ipworks.tables.properties import PROPERTIES, RUNTIME_LICENSE

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.ipworks.objects import ObjectRow
    from snmptcp.ipworks.tables.events import Event
    from snmptcp.ipworks.tables.properties import Property

__all__ = ("SNMPTCPMgr",)


class SNMPTCPMgr:
    """A manager for SNMP agents over TCP and TLS, with blocking methods and events.

    Every property is an attribute, and has a ``get_`` and a ``set_`` method.  The object arrays are methods only, which
    take an index from 0.  Every event is an attribute that takes a function of one argument.
    """

    def __init__(self) -> None:
        self._handlers = Handlers()
        self._core = core = Core(self._handlers)
        self._store = core.store
        self._arrays = core.arrays
        weakref.finalize(self, core.dispose)

    def __repr__(self) -> str:
        state = "active" if self._store.read("active") else "not active"
        return f"<SNMPTCPMgr for {self._store.read('remote_host') or 'no agent'}, {state}>"

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        """Refuse to be copied or pickled."""
        raise TypeError(
            "an SNMPTCPMgr cannot be copied or pickled, because its connection belongs to one object in one process: "
            "make another SNMPTCPMgr and set its properties"
        )

    def config(self, configuration_string: str) -> str:
        """Read a configuration setting (``"Name"``) or set it (``"Name=Value"``)."""
        return self._store.config(to_str("the configuration string", configuration_string))

    def discover(self) -> None:
        """Discover the agent's engine ID, boots and time (SNMPv3)."""
        self._core.discover()

    def do_events(self) -> None:
        """Deliver the events that have happened; wait up to ``SelectWaitMillis`` for one."""
        self._core.do_events()

    def hash_passwords(self) -> None:
        """Hash the passwords; ``on_hash_password`` fires before and after each."""
        self._core.hash_passwords()

    def interrupt(self) -> None:
        """Interrupt the method in progress; call it from a handler or from another thread."""
        self._core.interrupt()

    def reset(self) -> None:
        """Clear the object arrays."""
        self._arrays.resize(0)

    def send_get_request(self) -> None:
        """Send a GetRequest for the objects in the arrays."""
        self._core.request(PduType.GET, self._arrays.names())

    def send_get_next_request(self) -> None:
        """Send a GetNextRequest for the objects in the arrays."""
        self._core.request(PduType.GET_NEXT, self._arrays.names())

    def send_get_bulk_request(self, non_repeaters: int, max_repetitions: int) -> None:
        """Send a GetBulkRequest for the objects in the arrays."""
        bulk = {
            # More than there are objects is as many as there are (RFC 3416 section 4.2.3).
            "non_repeaters": min(to_int("non_repeaters", non_repeaters), self._arrays.count),
            "max_repetitions": to_int("max_repetitions", max_repetitions),
        }
        self._core.request(PduType.GET_BULK, self._arrays.names(), **bulk)

    def send_set_request(self) -> None:
        """Send a SetRequest with the objects in the arrays, their types and values."""
        self._core.request(PduType.SET, self._arrays.varbinds())

    def send_inform_request(self) -> None:
        """Send an InformRequest with the objects in the arrays; sysUpTime.0 and snmpTrapOID.0 must come first."""
        self._core.request(PduType.INFORM, self._arrays.varbinds())

    def value(self, oid: str) -> str:
        """Return the value of an object in the arrays as text."""
        octets = self._arrays.find(to_str("the name", oid)).value
        return Octets(octets).decode(self._core.codec)

    def walk(self, table_oid: str) -> None:
        """Read a table; ``on_response`` fires for each object."""
        self._core.walk(to_str("the table", table_oid))

    def _write_row(self, name: str, index: int, value: object) -> None:
        arrays = self._arrays
        row = arrays.row(index)
        if name == "obj_id":
            arrays.rename(index, to_str(name, value, self._core.codec))
        elif name == "obj_value":
            row.value = to_bytes(name, value, self._core.codec)
        else:
            number = to_int(name, value)
            if number not in TYPE_NAMES:
                allowed = ", ".join(map(str, TYPE_NAMES))
                raise IPWorksSNMPError(INVALID, f"obj_type must be one of {allowed}, not {number}")
            row.type = number


# -------------------------------------------------------------------------- accessors for the tables


def _named(function: Callable[..., Any], name: str, doc: str) -> Callable[..., Any]:
    function.__name__ = name
    function.__qualname__ = f"SNMPTCPMgr.{name}"
    function.__doc__ = doc
    return function


def _row_accessors(name: str) -> tuple[Callable[..., Any], Callable[..., None]]:
    read = _ROW_READERS[name]

    def get(self: SNMPTCPMgr, index: int) -> Any:
        return read(self._arrays.row(to_int("the index", index)))

    def put(self: SNMPTCPMgr, index: int, value: object) -> None:
        self._write_row(name, to_int("the index", index), value)

    return get, put


_ROW_READERS: dict[str, Callable[[ObjectRow], Any]] = {
    "obj_id": lambda row: row.name,
    "obj_type": lambda row: row.type,
    "obj_type_string": lambda row: TYPE_NAMES.get(row.type, ""),
    "obj_value": lambda row: Octets(row.value),
}


def _value_accessors(entry: Property) -> tuple[Callable[..., Any], Callable[..., None]]:
    def get(self: SNMPTCPMgr) -> Any:
        return self._store.read(entry.name)

    def put(self: SNMPTCPMgr, value: object) -> None:
        self._store.write(entry, value)

    return get, put


def _ignoring_accessors(entry: Property) -> tuple[Callable[..., Any], Callable[..., None]]:
    def get(_: SNMPTCPMgr) -> Any:
        return entry.default

    def put(_: SNMPTCPMgr, value: object) -> None:
        """Keep nothing: the value may be a secret."""

    return get, put


def _accessors(entry: Property) -> tuple[Callable[..., Any], Callable[..., None]]:
    if entry is RUNTIME_LICENSE:
        return _ignoring_accessors(entry)
    return _row_accessors(entry.name) if entry.indexed else _value_accessors(entry)


def _add_property(entry: Property) -> None:
    name = entry.name
    get, put = _accessors(entry)
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
            raise IPWorksSNMPError(INVALID, f"{name} must be a function of one argument, not {handler!r}")
        if inspect.iscoroutinefunction(handler):
            raise IPWorksSNMPError(INVALID, f"{name} must be a function without async: nothing awaits {handler!r}")
        self._handlers[name] = handler

    setattr(SNMPTCPMgr, name, property(get, put, doc=event.doc))


for _entry in (*PROPERTIES.values(), RUNTIME_LICENSE):
    _add_property(_entry)
for _event in EVENTS.values():
    _add_event(_event)
