"""Names for numbers: MIB modules, compiled, in both directions.

::

    mib = Mib()
    mib.oid("IF-MIB::ifDescr.1")          # OID('1.3.6.1.2.1.2.2.1.2.1')
    mib.name("1.3.6.1.2.1.2.2.1.2.1")     # 'IF-MIB::ifDescr.1'
    mib.value("ifAdminStatus.1", "down")  # Integer32(2)

Compiling needs the extra ``mib`` (``pip install 'snmptcp[mib]'``); what has been compiled does not.
"""

from snmptcp.mib.answers import NamedRow, NamedVarBinds, TableNames
from snmptcp.mib.descriptions import Description, NotificationDescription
from snmptcp.mib.mib import Mib
from snmptcp.mib.objects import IndexPart, Module, Node, NodeKind, Problem, Syntax
from snmptcp.mib.text import TextFormatter, TextStyle, Tree

__all__ = (
    "Description",
    "IndexPart",
    "Mib",
    "Module",
    "NamedRow",
    "NamedVarBinds",
    "Node",
    "NodeKind",
    "NotificationDescription",
    "Problem",
    "Syntax",
    "TableNames",
    "TextFormatter",
    "TextStyle",
    "Tree",
)
