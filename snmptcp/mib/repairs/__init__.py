"""Repairs of MIB modules whose text breaks the rules: what vendors wrote is read as they meant it, where that is safe.

A text that can be read as it is costs nothing here.  Otherwise it is taken apart (:mod:`snmptcp.mib.repairs.outline`)
into its imports and its definitions.  Each definition that cannot be read is repaired by itself
(:mod:`snmptcp.mib.repairs.definitions`), so that no repair touches what is well written, and no odd definition costs
the others.  Strings and comments are tokens (:mod:`snmptcp.mib.repairs.lexer`): no repair changes the text of a
DESCRIPTION.

Contains: texts and tokens.  Does not contain: the compiler (:mod:`snmptcp.mib.worker`).
"""
