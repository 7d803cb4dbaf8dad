"""Files that tell a fleet what to poll: TOML, and CSV for many targets.

::

    file = load("fleet.toml")
    async with Fleet(file.targets, sinks=file.make_sinks(), **file.settings) as fleet:
        ...
"""

from snmptcp.fleet.files.document import FleetFile, load
from snmptcp.fleet.files.lists import targets_from_csv, targets_from_toml
from snmptcp.fleet.files.names import check_names
from snmptcp.fleet.files.settings import MibModules
from snmptcp.fleet.files.sinks import SinkDescription

__all__ = (
    "FleetFile",
    "MibModules",
    "SinkDescription",
    "check_names",
    "load",
    "targets_from_csv",
    "targets_from_toml",
)
