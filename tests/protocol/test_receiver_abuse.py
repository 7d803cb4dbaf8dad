"""Peers that try to make a receiver derive keys, keep memory or send too long answers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from snmptcp import Community, UsmUser, VarBind
from snmptcp.codec.pdu import Pdu, PduType
from snmptcp.errors import ErrorStatus
from snmptcp.listener import NotificationListener
from snmptcp.oid import OID
from snmptcp.protocol.receiver import Receiver, Reply
from snmptcp.security import keys
from snmptcp.values import Null
from tests.support.rawclient import RawClient
from tests.support.senders import (
    CAROL,
    RECEIVER_ENGINE,
    SENDER_ENGINE,
    UsmSender,
    open_usm,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


pytestmark = pytest.mark.anyio

HERE = "127.0.0.1"
#: Its privacy key is made of another password's derivation at each engine.
DAVE = UsmUser("dave", "SHA", "authentic dave", "AES-256-C", "private dave")


def listen(**options: Any) -> NotificationListener:
    return NotificationListener(HERE, 0, **{"credentials": Community("public"), **options})


def sender(listener: NotificationListener) -> RawClient:
    return RawClient(*listener.addresses[0])


def receiver(*users: UsmUser, **options: Any) -> Receiver:
    made = Receiver(users, **{"max_message_size": 65507, **options})
    made.start(0.0)
    return made


async def until(condition: Callable[[], object]) -> None:
    """Let the loop run until something is so; the test's own time limit ends it otherwise."""
    while not condition():
        await asyncio.sleep(0)


# ----------------------------------------------------------------------------------- made-up engines


def test_no_privacy_key_is_derived_for_an_engine_that_has_proved_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    derived: list[bytes] = []
    derive = keys.localize_priv_key

    def counting(*arguments: Any) -> bytes:
        derived.append(arguments[-1])
        return derive(*arguments)

    monkeypatch.setattr("snmptcp.security.usm_keys.localize_priv_key", counting)
    messages = [UsmSender(user=DAVE, engine_id=SENDER_ENGINE + bytes((n,)), keys_at=SENDER_ENGINE) for n in range(20)]
    octets = [message.trap() for message in messages]
    honest = UsmSender(user=DAVE).trap()
    derived.clear()
    here = receiver(DAVE)
    for message in octets:
        here.receive(message, 1.0)
    assert here.statistics.refused == {"wrong_digests": 20}
    assert derived == []
    here.receive(honest, 1.0)
    assert here.statistics.notifications == 1
    assert derived == [SENDER_ENGINE]


@pytest.mark.parametrize("engine_id", [SENDER_ENGINE * 1000, SENDER_ENGINE.ljust(33, b"x")])
def test_an_engine_id_that_can_be_none_is_kept_nowhere(engine_id: bytes) -> None:
    message = UsmSender(user=DAVE, engine_id=engine_id, keys_at=SENDER_ENGINE).trap()
    here = receiver(DAVE)
    before = keys.localize_key.cache_info()
    here.receive(message, 1.0)
    assert here.statistics.refused == {"unknown_engine_ids": 1}
    assert keys.localize_key.cache_info() == before


# ------------------------------------------------------------------------------------------- answers


def test_an_answer_to_a_question_that_its_sender_does_not_accept_so_long_is_too_big() -> None:
    here = receiver(CAROL, engine_id=RECEIVER_ENGINE)
    varbinds = tuple(VarBind(OID((1, 3, 6, 1, each)), Null()) for each in range(100))
    asker = UsmSender(user=CAROL, engine_id=RECEIVER_ENGINE, context_engine_id=RECEIVER_ENGINE, max_size=484)
    reply = here.receive(asker.message(Pdu(PduType.GET, 5, 0, 0, varbinds)), 1.0)
    assert isinstance(reply, Reply)
    assert len(reply.octets) <= 484
    assert open_usm(reply.octets, CAROL).pdu == Pdu(PduType.RESPONSE, 5, ErrorStatus.tooBig)


# ------------------------------------------------------------------------------------------- handlers


# ------------------------------------------------------------------------------------------- the end


# -------------------------------------------------------------------------------------------- memory


# --------------------------------------------------------------------------------------- engine file


# -------------------------------------------------------------------------------------- command line
