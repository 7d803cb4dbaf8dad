"""What makes names, values and pairs of octets that have been checked: the constructors of the base classes.

Contains: these constructors, as Python has them.  ``makers.pxd`` has the same as functions in C, which compiled modules
call in their place.  Does not contain: checks.
"""

from __future__ import annotations

import functools

__all__ = ("new_bytes", "new_int", "new_oid", "new_tuple", "read_signed", "read_unsigned")

#: An OID without octets, of its class.
new_oid = object.__new__

new_int = int.__new__
new_bytes = bytes.__new__
new_tuple = tuple.__new__

#: The number in octets, the highest first.
read_unsigned = int.from_bytes
read_signed = functools.partial(int.from_bytes, byteorder="big", signed=True)
