"""For tests and demonstrations: an embedded agent, and the faults that it can make.

Contains: the public names; import them from here.
Does not contain: code.
"""

from __future__ import annotations

from snmptcp.codec.message import CommunityMessage, ScopedPdu
from snmptcp.codec.pdu import Pdu, PduType, TrapV1Pdu
from snmptcp.security.reports import ReportCounter
from snmptcp.security.usm_keys import UserKeys
from snmptcp.security.usm_message import MessageHeader, UsmParameters
from snmptcp.testing.agent import Agent
from snmptcp.testing.bookkeeping import Request, Statistics
from snmptcp.testing.conversation import Conversation
from snmptcp.testing.faults import (
    BrokenValue,
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
    Forgery,
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
from snmptcp.testing.forgeries import (
    CutCiphertext,
    CutMac,
    ForgedReport,
    GarbageCiphertext,
    LongMac,
    LowerLevel,
    NotAReport,
    OldTime,
    PrivWithoutAuth,
    Replay,
    WrongContext,
    WrongEngineId,
    WrongMac,
    WrongMsgId,
    WrongSalt,
    WrongUser,
)
from snmptcp.testing.mib import Binding, Computed, Effects, Mib, Source, Variable, Variables, Variation
from snmptcp.testing.notifier import Credentials
from snmptcp.testing.reading import Progress
from snmptcp.testing.recording import (
    BadLine,
    Recording,
    RecordingForm,
    RecordingSource,
    load_recording,
    load_snmprec,
)
from snmptcp.testing.saving import save_recording
from snmptcp.testing.snmprec import dump_snmprec
from snmptcp.testing.threaded_agent import ThreadedAgent, ThreadedMib
from snmptcp.testing.threaded_listener import ThreadedListener
from snmptcp.testing.usm_engine import SecuredReply

__all__ = (
    "Agent",
    "BadLine",
    "Binding",
    "BrokenValue",
    "Close",
    "CloseAfter",
    "CommunityMessage",
    "Computed",
    "Conversation",
    "Credentials",
    "CutCiphertext",
    "CutMac",
    "Cycle",
    "Delay",
    "DeliveryFault",
    "Drip",
    "Drop",
    "Duplicate",
    "Effects",
    "EmptyVarbinds",
    "ExtraVarbind",
    "FailWith",
    "Fault",
    "ForgedReport",
    "Forgery",
    "Garbage",
    "GarbageCiphertext",
    "Hold",
    "Indefinite",
    "LongMac",
    "LowerLevel",
    "LyingLength",
    "MessageFault",
    "MessageHeader",
    "Mib",
    "MissingVarbind",
    "NonIncreasing",
    "NotAReport",
    "OctetFault",
    "OldTime",
    "Outlet",
    "Pdu",
    "PduType",
    "Prepend",
    "PrivWithoutAuth",
    "Progress",
    "Recording",
    "RecordingForm",
    "RecordingSource",
    "Reorder",
    "Replay",
    "ReportCounter",
    "Request",
    "Reset",
    "ScopedPdu",
    "SecuredReply",
    "Source",
    "Statistics",
    "ThreadedAgent",
    "ThreadedListener",
    "ThreadedMib",
    "TrapV1Pdu",
    "Truncate",
    "UserKeys",
    "UsmParameters",
    "Variable",
    "Variables",
    "Variation",
    "WrongCommunity",
    "WrongContext",
    "WrongEngineId",
    "WrongMac",
    "WrongMsgId",
    "WrongNames",
    "WrongRequestId",
    "WrongSalt",
    "WrongUser",
    "WrongVersion",
    "dump_snmprec",
    "load_recording",
    "load_snmprec",
    "save_recording",
)
