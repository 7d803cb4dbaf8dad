"""A small HTTP service in front of one SNMP agent: how to embed snmptcp in aiohttp.

* ``app.py``: the application and its handlers;
* ``errors.py``: which HTTP status an SNMP error becomes, and the middleware that says so;
* ``login.py``: a login in front of everything;
* ``values.py``: SNMP values as JSON, and back;
* ``__main__.py``: ``python -m examples.aiohttp_service --agent HOST:PORT``.
"""
