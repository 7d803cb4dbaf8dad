"""SNMP over TCP for asyncio: ``await`` requests, ``async for`` over walks."""

__version__ = "0.1.0"
