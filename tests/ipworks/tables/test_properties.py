"""The table of properties: defaults and types."""

from __future__ import annotations

import pytest

from snmptcp.ipworks.coerce import COERCIONS
from snmptcp.ipworks.tables.properties import PROPERTIES
from tests.support.certificates import certificates

SCALARS = [entry for entry in PROPERTIES.values() if not entry.indexed]


#: Values of properties, as programs set them: as numbers, as text from the command line, as octets.
DOCUMENTED: dict[str, tuple[object, ...]] = {
    "accept_data": (True, 0, "True"),
    "active": (False,),
    "authentication_password": ("authpass123", b"authpass123", ""),
    "authentication_protocol": (1, 2, 3, 4, "2"),
    "community": ("public", b"private", ""),
    "encryption_algorithm": (1, 2, 3, 4, 5),
    "encryption_password": ("privpass123", ""),
    "local_engine_id": ("MyEngineID", b"\x80\0\0\0\1\2", ""),
    "local_host": ("127.0.0.1", ""),
    "local_port": (0, "162", 1162),
    "obj_count": (0, 3, "5"),
    "remote_engine_boots": (0, 7),
    "remote_engine_id": (b"\x80\0\0\0\1\2", "0123456789", b""),
    "remote_engine_time": (0, 1234),
    "remote_host": ("192.0.2.1", "switch.example.com", ""),
    "remote_port": (161, "10161", 65535),
    "request_id": (1, 99),
    "snmp_version": (1, 2, 3, "2"),
    "ssl_accept_server_cert_encoded": (certificates().server.certificate_pem, ""),
    "ssl_authenticate_clients": (True, False),
    "ssl_cert_encoded": (certificates().server.certificate_pem, ""),
    "ssl_cert_store": ("store.pfx", b"MY", ""),
    "ssl_cert_store_password": ("secret", ""),
    "ssl_cert_store_type": (0, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 99),
    "ssl_cert_subject": ("",),
    "ssl_enabled": (True, False),
    "store_walk_objects": (False, True),
    "timeout": (0, 10, "60"),
    "user": ("me", b"me", ""),
    "walk_limit": (0, 100),
}


@pytest.mark.parametrize("entry", SCALARS, ids=lambda entry: entry.name)
def test_a_new_object_has_the_documented_defaults(entry, idle) -> None:
    assert getattr(idle, entry.name) == entry.default
    assert getattr(idle, f"get_{entry.name}")() == entry.default
    assert type(getattr(idle, entry.name)).__name__ == {"bytes": "Octets"}.get(entry.kind, entry.kind)


@pytest.mark.parametrize("entry", [e for e in SCALARS if not e.writable], ids=lambda entry: entry.name)
def test_what_is_read_only_has_no_setter(entry, idle) -> None:
    assert not hasattr(idle, f"set_{entry.name}")
    with pytest.raises(AttributeError):
        setattr(idle, entry.name, entry.default)


def test_the_table_of_documented_values_has_every_writable_property() -> None:
    assert set(DOCUMENTED) == {entry.name for entry in SCALARS if entry.writable}


@pytest.mark.parametrize("name", DOCUMENTED)
def test_a_property_takes_every_documented_value_in_both_ways(name, idle) -> None:
    for value in DOCUMENTED[name]:
        expected = COERCIONS[PROPERTIES[name].kind](name, value)
        setattr(idle, name, value)
        assert getattr(idle, name) == expected
        getattr(idle, f"set_{name}")(value)
        assert getattr(idle, f"get_{name}")() == expected
