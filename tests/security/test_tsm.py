"""TSM on the requesting side: messages, discovery, and which replies are accepted.

Sources: RFC 5591 sections 4 and 5, RFC 5343, RFC 3412 section 7.2.  Recorded frames: two messages between net-snmp
5.9.5.2 and its own tools inside TLS 1.3, after decryption of TLS.
"""

from __future__ import annotations

import pytest

from snmptcp.codec.engine_id import LOCAL_ENGINE_ID
from snmptcp.codec.message import MsgFlags, ScopedPdu, V3Message, decode_message, encode_message, encode_scoped_pdu
from snmptcp.codec.pdu import Pdu, PduType
from snmptcp.credentials import SnmpVersion, Tsm
from snmptcp.errors import (
    AuthorizationError,
    ConfigurationError,
    DecodeError,
    RequestTimeout,
    SecurityError,
    SecurityLevelTooLow,
    UnknownContext,
    UnknownEngine,
    WrongVersion,
)
from snmptcp.oid import OID
from snmptcp.protocol.ids import RandomIds
from snmptcp.protocol.request import get_request, set_request
from snmptcp.protocol.session import Session
from snmptcp.security.engine_clock import EngineInfo
from snmptcp.security.model import Opened, Refused
from snmptcp.security.remote_engine import Engine
from snmptcp.security.tsm import SNMP_ENGINE_ID, TsmSecurity, encode_tsm_message
from snmptcp.values import Counter32, Integer32, NoSuchObject, Null, OctetString, VarBind
from tests.support import wire
from tests.support.deadlines import within
from tests.support.wire import FIRST_ID, ended_exchanges, varbinds

ENGINE_ID = bytes.fromhex("80001f88802acae27519e7026b00000000")
OTHER_ENGINE_ID = bytes.fromhex("80001f88046f74686572")
NAME = "1.3.6.1.2.1.1.6.0"
SEVEN = varbinds((NAME, Integer32(7)))
MAX = 1 << 20

#: net-snmp 5.9.5.2: the answer to the discovery of its engine ID, as it answers requests that claim no protection.
RECORDED_DISCOVERY = bytes.fromhex(
    "304e020103300e020101020300ffe30401000201040400303704058000000006"
    "0400a22c0201070201000201003021301f060a2b060106030a02010100041180001f88802acae27519e7026b00000000"
)
#: And the answer to a GET of sysLocation.0.
RECORDED_RESPONSE = bytes.fromhex(
    "3052020103300e020102020300ffe30401030201040400303b041180001f88802acae27519e7026b00000000"
    "0400a2240201080201000201003019301706082b06010201010600040b7369642d746c732d6c6162"
)


def known(engine_id: bytes = ENGINE_ID) -> Engine:
    return Engine(EngineInfo(engine_id), 0.0)


def new_session(engine: Engine | None = None, credentials: Tsm | None = None, *, strict: bool = False) -> Session:
    security = TsmSecurity(credentials or Tsm(), engine or known(), MAX, strict=strict)
    return Session(security, request_ids=RandomIds(FIRST_ID), strict=strict)


def asked(octets: bytes) -> tuple[V3Message, ScopedPdu, Pdu]:
    message = decode_message(octets)
    assert isinstance(message, V3Message)
    assert message.scoped_pdu is not None
    pdu = message.scoped_pdu.pdu
    assert isinstance(pdu, Pdu)
    return message, message.scoped_pdu, pdu


def answer(
    octets: bytes,
    *found: VarBind,
    kind: PduType = PduType.RESPONSE,
    context: bytes | None = None,
    name: bytes | None = None,
    flags: int = 3,
    model: int = 4,
    parameters: bytes = b"",
) -> bytes:
    """Return an agent's response to a message."""
    message, scoped, pdu = asked(octets)
    reply = ScopedPdu(
        scoped.context_engine_id if context is None else context,
        scoped.context_name if name is None else name,
        Pdu(kind, pdu.request_id, 0, 0, tuple(found)),
    )
    return encode_message(V3Message(message.msg_id, 65507, flags, model, parameters, reply))


def test_a_request_is_plain_has_no_security_parameters_and_claims_authPriv() -> None:
    session = new_session(credentials=Tsm("bridge1"))
    session.start(get_request((NAME,)), within(5.0), 0.0)
    (octets,) = session.data_to_send()
    message, scoped, pdu = asked(octets)
    assert (message.security_model, message.security_parameters) == (4, b"")
    assert message.msg_flags == MsgFlags.AUTH | MsgFlags.PRIV | MsgFlags.REPORTABLE
    assert message.msg_max_size == MAX
    assert message.msg_id != pdu.request_id == FIRST_ID
    assert (scoped.context_engine_id, scoped.context_name) == (ENGINE_ID, b"bridge1")
    assert pdu == Pdu(PduType.GET, FIRST_ID, 0, 0, (VarBind(OID(NAME), Null()),))


def test_the_engine_is_discovered_once_for_all_waiting_requests() -> None:
    session = new_session(Engine())
    exchanges = [session.start(get_request((NAME,)), within(5.0), 0.0) for _ in range(3)]
    (probe,) = session.data_to_send()
    assert session.data_to_send() == []
    _, scoped, pdu = asked(probe)
    assert (scoped.context_engine_id, scoped.context_name) == (LOCAL_ENGINE_ID, b"")
    assert pdu.type is PduType.GET
    assert [varbind.oid for varbind in pdu.varbinds] == [SNMP_ENGINE_ID]
    session.receive_data(answer(probe, VarBind(SNMP_ENGINE_ID, OctetString(ENGINE_ID))), 0.1)
    requests = session.data_to_send()
    assert len(requests) == 3
    assert all(asked(octets)[1].context_engine_id == ENGINE_ID for octets in requests)
    for octets in requests:
        session.receive_data(answer(octets, *SEVEN), 0.2)
    assert [exchange.varbinds for exchange in ended_exchanges(session)] == [SEVEN] * 3
    assert all(exchange.ended for exchange in exchanges)
    assert session.statistics.probes == 1


@pytest.mark.parametrize(
    "found",
    [
        (VarBind(SNMP_ENGINE_ID, NoSuchObject()),),
        (VarBind(SNMP_ENGINE_ID, OctetString(b"")),),
        (VarBind(OID(NAME), OctetString(ENGINE_ID)),),
        (),
    ],
    ids=["no such object", "empty", "another name", "nothing"],
)
def test_an_agent_that_does_not_tell_its_engine_id_fails_the_request_with_that_reason(
    found: tuple[VarBind, ...],
) -> None:
    session = new_session(Engine())
    exchange = session.start(get_request((NAME,)), within(5.0), 0.0)
    (probe,) = session.data_to_send()
    session.receive_data(answer(probe, *found), 0.1)
    assert exchange.ended
    assert isinstance(exchange.error, UnknownEngine)


@pytest.mark.parametrize("engine_id", [b"1234", bytes(12), b"x" * 33])
def test_an_engine_id_that_is_not_valid_is_used_unless_strictly(engine_id: bytes) -> None:
    for strict in (False, True):
        session = new_session(Engine(), strict=strict)
        exchange = session.start(get_request((NAME,)), within(5.0), 0.0)
        (probe,) = session.data_to_send()
        session.receive_data(answer(probe, VarBind(SNMP_ENGINE_ID, OctetString(engine_id))), 0.1)
        if strict:
            assert isinstance(exchange.error, UnknownEngine)
        else:
            (octets,) = session.data_to_send()
            assert asked(octets)[1].context_engine_id == engine_id


@pytest.mark.parametrize("kind", [PduType.REPORT, PduType.RESPONSE])
@pytest.mark.parametrize(
    "found",
    [
        (VarBind(OID("1.3.6.1.6.3.11.2.1.3.0"), Counter32(1)),),
        (VarBind(OID("1.3.6.1.6.3.12.1.5.0"), Counter32(1)),),
        (VarBind(SNMP_ENGINE_ID, NoSuchObject()),),
        (),
    ],
    ids=["unknownPDUHandlers", "unknownContexts", "noSuchObject", "nothing"],
)
def test_whatever_answers_the_probe_tells_the_engine_by_its_context_unless_strictly(
    kind: PduType, found: tuple[VarBind, ...]
) -> None:
    for strict in (False, True):
        session = new_session(Engine(), strict=strict)
        exchange = session.start(get_request((NAME,)), within(5.0), 0.0)
        (probe,) = session.data_to_send()
        session.receive_data(answer(probe, *found, kind=kind, context=OTHER_ENGINE_ID), 0.1)
        if strict:
            assert exchange.error is not None
            continue
        (octets,) = session.data_to_send()
        assert asked(octets)[1].context_engine_id == OTHER_ENGINE_ID
        session.receive_data(answer(octets, *SEVEN), 0.2)
        assert exchange.varbinds == SEVEN


def test_with_a_given_context_engine_nothing_is_asked_first() -> None:
    session = new_session(Engine(), Tsm(context_engine_id=OTHER_ENGINE_ID))
    session.start(get_request((NAME,)), within(5.0), 0.0)
    (octets,) = session.data_to_send()
    assert asked(octets)[1].context_engine_id == OTHER_ENGINE_ID
    session.receive_data(answer(octets, *SEVEN), 0.1)
    (exchange,) = ended_exchanges(session)
    assert exchange.varbinds == SEVEN


@pytest.mark.parametrize(
    ("forged", "reason"),
    [
        ({"flags": 0}, SecurityLevelTooLow),
        ({"flags": 1}, SecurityLevelTooLow),
        ({"model": 3}, SecurityError),
        ({"model": 77}, SecurityError),
        ({"parameters": b"\x30\x00"}, DecodeError),
        ({"context": OTHER_ENGINE_ID}, UnknownContext),
        ({"context": b""}, UnknownContext),
        ({"name": b"other"}, UnknownContext),
    ],
)
def test_a_reply_that_is_not_as_its_request_is_dropped_and_its_reason_kept(
    forged: dict[str, object], reason: type[Exception]
) -> None:
    session = new_session()
    exchange = session.start(get_request((NAME,)), within(5.0), 0.0)
    (octets,) = session.data_to_send()
    session.receive_data(answer(octets, *SEVEN, **forged), 0.1)  # type: ignore[arg-type]
    assert not exchange.ended
    session.handle_timer(6.0)
    assert isinstance(exchange.error, RequestTimeout)
    assert isinstance(exchange.error.reason, reason)


def test_a_reply_in_another_version_is_refused() -> None:
    security = TsmSecurity(Tsm(), known(), MAX)
    with pytest.raises(Refused) as caught:
        security.open(wire.response(FIRST_ID, SEVEN))
    assert isinstance(caught.value.reason, WrongVersion)


def test_a_report_ends_its_request_with_what_it_says() -> None:
    session = new_session()
    exchange = session.start(get_request((NAME,)), within(5.0), 0.0)
    (octets,) = session.data_to_send()
    counter = VarBind(OID("1.3.6.1.6.3.12.1.5.0"), Counter32(1))
    session.receive_data(answer(octets, counter, kind=PduType.REPORT, context=OTHER_ENGINE_ID), 0.1)
    assert isinstance(exchange.error, UnknownContext)


@pytest.mark.parametrize(("writes", "again"), [(False, True), (True, False)])
def test_another_engine_behind_the_same_session_is_discovered(writes: bool, again: bool) -> None:
    session = new_session()
    request = set_request(SEVEN) if writes else get_request((NAME,))
    exchange = session.start(request, within(5.0), 0.0)
    (octets,) = session.data_to_send()
    counter = VarBind(OID("1.3.6.1.6.3.11.2.1.3.0"), Counter32(1))
    session.receive_data(answer(octets, counter, kind=PduType.REPORT, context=OTHER_ENGINE_ID), 0.1)
    assert exchange.ended is not again
    if again:
        (probe,) = session.data_to_send()
        session.receive_data(answer(probe, VarBind(SNMP_ENGINE_ID, OctetString(OTHER_ENGINE_ID))), 0.2)
        (octets,) = session.data_to_send()
        assert asked(octets)[1].context_engine_id == OTHER_ENGINE_ID
        session.receive_data(answer(octets, *SEVEN), 0.3)
        assert exchange.varbinds == SEVEN


def accept(security: TsmSecurity, message: bytes, asked_engine: bytes | None) -> Opened:
    opened = security.open(message)
    assert opened.origin is not None
    security.accept(opened.origin, asked_engine, 0.0)
    return opened


def test_the_peers_recorded_answers_are_read() -> None:
    engine = Engine()
    security = TsmSecurity(Tsm(), engine, MAX)
    with pytest.raises(SecurityLevelTooLow):  # an answer to a request that claimed nothing claims nothing either
        accept(security, RECORDED_DISCOVERY, None)
    claims_it = RECORDED_DISCOVERY.replace(bytes.fromhex("04010002010404"), bytes.fromhex("04010302010404"), 1)
    opened = accept(security, claims_it, None)
    assert opened.message_id == 1
    assert opened.origin is not None
    assert (
        security.receive_probe_answer(opened.origin, (VarBind(SNMP_ENGINE_ID, OctetString(ENGINE_ID)),), 0.0)
        is not None
    )
    assert engine.engine_id == ENGINE_ID
    opened = accept(security, RECORDED_RESPONSE, ENGINE_ID)
    assert opened.message_id == 2
    assert opened.data[opened.start] == PduType.RESPONSE
    assert security.max_request_size == 65507


def test_an_encoded_message_is_what_the_general_encoder_makes() -> None:
    scoped = ScopedPdu(ENGINE_ID, b"x", Pdu(PduType.GET, 5, 0, 0, (VarBind(OID(NAME), Null()),)))
    expected = encode_message(V3Message(5, 70000, 7, 4, b"", scoped))
    assert encode_tsm_message(5, 70000, 7, encode_scoped_pdu(scoped)) == expected


def test_what_a_request_may_be_as_long_as_is_learned_from_replies() -> None:
    session = new_session()
    session.start(get_request((NAME,)), within(5.0), 0.0)
    (octets,) = session.data_to_send()
    message, scoped, pdu = asked(octets)
    reply = ScopedPdu(scoped.context_engine_id, b"", Pdu(PduType.RESPONSE, pdu.request_id, 0, 0, SEVEN))
    small = V3Message(message.msg_id, 484, 3, 4, b"", reply)
    session.receive_data(encode_message(small), 0.1)
    ended_exchanges(session)
    exchange = session.start(
        get_request(tuple(f"1.3.6.1.2.1.2.2.1.{column}.1" for column in range(1, 60))), within(5.0, 0.2), 0.2
    )
    assert session.data_to_send() == []
    assert isinstance(exchange.error, ConfigurationError)


@pytest.mark.parametrize("bad", [{"context_engine_id": b"1234"}, {"context_name": "x" * 256}])
def test_a_context_that_cannot_be_is_refused_when_the_credentials_are_made(bad: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError):
        Tsm(**bad)  # type: ignore[arg-type]


def test_the_version_is_3_and_the_level_authPriv() -> None:
    assert TsmSecurity(Tsm(), known(), MAX).version is SnmpVersion.V3
    assert Tsm().security_level.name == "authPriv"


def test_an_agent_that_refuses_to_tell_its_engine_id_is_quoted() -> None:
    session = new_session(Engine())
    exchanges = [session.start(get_request((NAME,)), within(5.0), 0.0) for _ in range(2)]
    (probe,) = session.data_to_send()
    message, scoped, pdu = asked(probe)
    refusal = ScopedPdu(scoped.context_engine_id, b"", pdu._replace(type=PduType.RESPONSE, error_status=16))
    session.receive_data(encode_message(V3Message(message.msg_id, 65507, 3, 4, b"", refusal)), 0.1)
    assert [type(exchange.error) for exchange in exchanges] == [AuthorizationError] * 2
