"""Names for numbers: MIB modules, compiled, in both directions.

::

    mib = Mib()
    mib.oid("IF-MIB::ifDescr.1")          # OID('1.3.6.1.2.1.2.2.1.2.1')
    mib.name("1.3.6.1.2.1.2.2.1.2.1")     # 'IF-MIB::ifDescr.1'
    mib.value("ifAdminStatus.1", "down")  # Integer32(2)

Compiling needs the extra ``mib`` (``pip install 'snmptcp[mib]'``); what has been compiled does not.
"""

from typing import TYPE_CHECKING

from snmptcp.lazy import lazy_names

if TYPE_CHECKING:
    from snmptcp.mib.answers import NamedRow, NamedVarBinds, TableNames
    from snmptcp.mib.descriptions import Description, NotificationDescription
    from snmptcp.mib.mib import Mib
    from snmptcp.mib.objects import AvailableModule, IndexPart, Module, Node, NodeKind, Problem, Syntax
    from snmptcp.mib.text import TextFormatter, TextStyle, Tree

__all__ = (
    "AvailableModule",
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

# Commands print without names, too, and need nothing of the room but its text then.
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        **dict.fromkeys(("NamedRow", "NamedVarBinds", "TableNames"), "snmptcp.mib.answers"),
        **dict.fromkeys(("Description", "NotificationDescription"), "snmptcp.mib.descriptions"),
        "Mib": "snmptcp.mib.mib",
        **dict.fromkeys(
            ("AvailableModule", "IndexPart", "Module", "Node", "NodeKind", "Problem", "Syntax"), "snmptcp.mib.objects"
        ),
        **dict.fromkeys(("TextFormatter", "TextStyle", "Tree"), "snmptcp.mib.text"),
    },
)
