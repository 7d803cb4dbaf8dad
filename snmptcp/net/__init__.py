"""The rooms that touch sockets and the event loop.  What SNMP means is decided elsewhere."""
