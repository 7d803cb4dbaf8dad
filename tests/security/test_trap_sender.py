"""The message around a trap, in each version and security model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp.codec.message import CommunityMessage, V3Message, decode_message
from snmptcp.codec.pdu import Pdu, PduType, TrapV1Pdu
from snmptcp.credentials import Community, SnmpVersion, Tsm, UsmUser
from snmptcp.errors import ConfigurationError
from snmptcp.protocol.notification import notification_request, to_v1
from snmptcp.security.engine_clock import EngineInfo
from snmptcp.security.trap_sender import TrapSender
from snmptcp.values import IpAddress, TimeTicks
from tests.support.senders import ALICE, CONFIG_CHANGED, SENDER_ENGINE, open_usm

if TYPE_CHECKING:
    from snmptcp.values import VarBind

MESSAGE_ID = 0x23456789
REQUEST_ID = b"\x12\x34\x56\x78"
OTHER_ENGINE = SENDER_ENGINE + b"2"
TAIL = notification_request(PduType.TRAP_V2, CONFIG_CHANGED, (), TimeTicks(7)).tail


def sender(credentials: Community | UsmUser | Tsm) -> TrapSender:
    """Return a sender whose engine had boots 3 and time 1000 at the time 100."""
    return TrapSender(credentials, 8192, EngineInfo(SENDER_ENGINE, 3, 1000), 100.0)


def trap(credentials: Community | UsmUser | Tsm, now: float = 100.0) -> bytes:
    return sender(credentials).protect(MESSAGE_ID, REQUEST_ID, TAIL, now)


def check(pdu: object) -> None:
    assert isinstance(pdu, Pdu)
    assert (pdu.type, pdu.request_id, pdu.varbinds[1].value) == (PduType.TRAP_V2, 0x12345678, CONFIG_CHANGED)


def test_a_community_trap_has_the_community() -> None:
    message = decode_message(trap(Community("public")))
    assert isinstance(message, CommunityMessage)
    assert (message.version, message.community) == (SnmpVersion.V2C, b"public")
    check(message.pdu)


def test_a_usm_trap_has_the_senders_engine_boots_and_time() -> None:
    opened = open_usm(trap(ALICE, now=142.0), ALICE)
    assert opened.parameters[:4] == (SENDER_ENGINE, 3, 1042, b"alice")
    check(opened.pdu)


@pytest.mark.parametrize(
    ("credentials", "engine_id", "name"),
    [
        (Tsm(), SENDER_ENGINE, b""),
        (Tsm("side"), SENDER_ENGINE, b"side"),
        (Tsm(context_engine_id=OTHER_ENGINE), OTHER_ENGINE, b""),
    ],
)
def test_a_tsm_trap_has_no_security_parameters_and_the_context(credentials: Tsm, engine_id: bytes, name: bytes) -> None:
    message = decode_message(trap(credentials))
    assert isinstance(message, V3Message)
    assert (message.msg_id, message.msg_max_size, message.msg_flags) == (MESSAGE_ID, 8192, 3)  # not reportable
    assert (message.security_model, message.security_parameters) == (4, b"")
    assert message.scoped_pdu is not None
    assert message.scoped_pdu[:2] == (engine_id, name)
    check(message.scoped_pdu.pdu)


def test_an_snmpv1_trap_needs_a_community() -> None:
    varbinds: tuple[VarBind, ...] = ()
    pdu = to_v1(CONFIG_CHANGED, varbinds, TimeTicks(7), IpAddress("192.0.2.1"))
    message = decode_message(sender(Community("public", "1")).protect_v1(pdu))
    assert isinstance(message, CommunityMessage)
    assert isinstance(message.pdu, TrapV1Pdu)
    assert (message.version, message.community, message.pdu) == (SnmpVersion.V1, b"public", pdu)
    for credentials in (ALICE, Tsm()):
        with pytest.raises(ConfigurationError, match="needs a Community"):
            sender(credentials).protect_v1(pdu)


def test_the_engine_id_is_the_senders() -> None:
    assert sender(ALICE).engine_id == SENDER_ENGINE
