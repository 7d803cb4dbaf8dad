"""For tests and demonstrations: an embedded agent, and everything that can go wrong with one.

This module is the public door of the room: users import from here, and nothing lives here.
"""

from __future__ import annotations

from snmptcp.testing.agent import Agent
from snmptcp.testing.bookkeeping import Request, Statistics
from snmptcp.testing.faults import (
    Close,
    CloseAfter,
    Cycle,
    Delay,
    DeliveryFault,
    Drip,
    Drop,
    Duplicate,
    EmptyVarbinds,
    ExtraVarbind,
    FailWith,
    Fault,
    Garbage,
    Hold,
    Indefinite,
    LyingLength,
    MessageFault,
    MissingVarbind,
    NonIncreasing,
    OctetFault,
    Outlet,
    Prepend,
    Reorder,
    Reset,
    Truncate,
    WrongCommunity,
    WrongNames,
    WrongRequestId,
    WrongVersion,
)
from snmptcp.testing.mib import Computed, Mib
from snmptcp.testing.snmprec import dump_snmprec, load_snmprec

__all__ = (
    "Agent",
    "Close",
    "CloseAfter",
    "Computed",
    "Cycle",
    "Delay",
    "DeliveryFault",
    "Drip",
    "Drop",
    "Duplicate",
    "EmptyVarbinds",
    "ExtraVarbind",
    "FailWith",
    "Fault",
    "Garbage",
    "Hold",
    "Indefinite",
    "LyingLength",
    "MessageFault",
    "Mib",
    "MissingVarbind",
    "NonIncreasing",
    "OctetFault",
    "Outlet",
    "Prepend",
    "Reorder",
    "Request",
    "Reset",
    "Statistics",
    "Truncate",
    "WrongCommunity",
    "WrongNames",
    "WrongRequestId",
    "WrongVersion",
    "dump_snmprec",
    "load_snmprec",
)
