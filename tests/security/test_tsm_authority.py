"""TSM's authoritative side: which messages it accepts, drops or reports, and the responses to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp.codec.engine_id import LOCAL_ENGINE_ID
from snmptcp.codec.message import (
    MsgFlags,
    ScopedPdu,
    V3Message,
    decode_message,
    encode_message,
    encode_scoped_pdu,
    read_v3_header,
    read_version,
)
from snmptcp.codec.pdu import Pdu, PduType
from snmptcp.credentials import SecurityLevel
from snmptcp.errors import DecodeError
from snmptcp.security.authority import AuthoritativeEngine
from snmptcp.security.reports import LocalCounter, NotAccepted, ReportCounter, SecurityCounters
from snmptcp.security.tsm_authority import TsmAuthority, TsmReport, TsmRequest
from snmptcp.values import Counter32, VarBind
from tests.support.senders import tsm_message

if TYPE_CHECKING:
    from collections.abc import Container

ENGINE_ID = bytes.fromhex("80001f8804") + b"agent"
OTHER_ENGINE_ID = bytes.fromhex("80001f8804") + b"another"
CONFIRMED = [PduType.GET, PduType.GET_NEXT, PduType.GET_BULK, PduType.SET, PduType.INFORM]
UNCONFIRMED = [PduType.TRAP_V2, PduType.RESPONSE, PduType.REPORT]


def authority(*, accepts: Container[PduType] = (), prefix: bool = False) -> tuple[TsmAuthority, SecurityCounters]:
    counters = SecurityCounters()
    engine = AuthoritativeEngine((), counters, engine_id=ENGINE_ID, max_message_size=8192)
    tsm = TsmAuthority(engine, (b"", b"side"), accepts=accepts, max_message_size=8192, prefix=prefix)
    return tsm, counters


def receive(tsm: TsmAuthority, message: bytes, name: bytes | None = b"boss") -> TsmRequest | TsmReport:
    return tsm.receive(message, read_v3_header(message, *read_version(message)[1:]), name)


def accepted(tsm: TsmAuthority, message: bytes) -> TsmRequest:
    found = receive(tsm, message)
    assert isinstance(found, TsmRequest)
    return found


def dropped(tsm: TsmAuthority, message: bytes, name: bytes | None = b"boss") -> ReportCounter | LocalCounter:
    with pytest.raises(NotAccepted) as caught:
        receive(tsm, message, name)
    return caught.value.counter


def decoded(octets: bytes) -> V3Message:
    message = decode_message(octets)
    assert isinstance(message, V3Message)
    assert (message.msg_id, message.security_model, message.security_parameters) == (77, 4, b"")
    return message


def request(kind: PduType = PduType.GET) -> Pdu:
    return Pdu(kind, 4711)


@pytest.mark.parametrize("engine_id", [ENGINE_ID, LOCAL_ENGINE_ID])
@pytest.mark.parametrize("name", [b"", b"side"])
def test_a_request_for_one_of_its_contexts_is_accepted(engine_id: bytes, name: bytes) -> None:
    tsm, counters = authority()
    found = accepted(tsm, tsm_message(request(), context_engine_id=engine_id, context_name=name))
    assert found[1:4] == (SecurityLevel.authPriv, b"boss", request())
    assert (found.context_engine_id, found.context_name) == (engine_id, name)
    assert counters == SecurityCounters()


def test_with_a_prefix_the_security_name_begins_with_it() -> None:
    tsm, _ = authority(prefix=True)
    assert accepted(tsm, tsm_message(request(), context_engine_id=ENGINE_ID)).security_name == b"tls:boss"


@pytest.mark.parametrize("name", [None, b""])
def test_without_a_security_name_a_message_is_dropped(name: bytes | None) -> None:
    tsm, counters = authority()
    assert dropped(tsm, tsm_message(request()), name) is ReportCounter.snmpTsmInvalidCaches
    assert counters == SecurityCounters()  # its caller counts it


def test_privacy_without_authentication_is_dropped() -> None:
    tsm, _ = authority()
    assert dropped(tsm, tsm_message(request(), flags=MsgFlags.PRIV)) is ReportCounter.snmpInvalidMsgs


def test_security_parameters_are_malformed() -> None:
    tsm, _ = authority()
    message = encode_message(decoded(tsm_message(request()))._replace(security_parameters=b"x"))
    with pytest.raises(DecodeError, match="msgSecurityParameters"):
        receive(tsm, message)


@pytest.mark.parametrize("kind", CONFIRMED)
@pytest.mark.parametrize(
    ("engine_id", "name", "counter"),
    [
        (OTHER_ENGINE_ID, b"", ReportCounter.snmpUnknownPDUHandlers),
        (ENGINE_ID, b"nowhere", ReportCounter.snmpUnknownContexts),
    ],
)
def test_a_request_for_another_context_is_counted_and_reported(
    kind: PduType, engine_id: bytes, name: bytes, counter: ReportCounter
) -> None:
    tsm, counters = authority()
    for count in (1, 2):
        report = receive(tsm, tsm_message(request(kind), context_engine_id=engine_id, context_name=name))
        assert isinstance(report, TsmReport)
        assert report.counter is counter
        message = decoded(report.octets)
        assert message.msg_flags == 0  # RFC 3412 section 7.1 step 3: noAuthNoPriv, and not reportable
        pdu = Pdu(PduType.REPORT, 4711, 0, 0, (VarBind(counter.value, Counter32(count)),))
        assert message.scoped_pdu == ScopedPdu(ENGINE_ID, b"", pdu)
        assert getattr(counters, counter.field) == count


@pytest.mark.parametrize("kind", UNCONFIRMED)
def test_an_unconfirmed_pdu_is_not_reported(kind: PduType) -> None:
    """RFC 3412 section 7.1 step 3: reports are for the Confirmed Class; two engines must not report to each other."""
    tsm, _ = authority()
    accepted(tsm, tsm_message(request(kind), context_engine_id=OTHER_ENGINE_ID, context_name=b"nowhere"))


def test_a_pdu_type_can_be_accepted_for_any_context() -> None:
    tsm, _ = authority(accepts=(PduType.INFORM,))
    for kind, expected in ((PduType.INFORM, TsmRequest), (PduType.GET, TsmReport)):
        assert isinstance(receive(tsm, tsm_message(request(kind), context_engine_id=OTHER_ENGINE_ID)), expected)


@pytest.mark.parametrize("level", SecurityLevel)
def test_a_response_has_the_context_and_the_level_of_its_request(level: SecurityLevel) -> None:
    tsm, _ = authority()
    flags = level | MsgFlags.REPORTABLE
    found = accepted(tsm, tsm_message(request(), flags=flags, context_engine_id=ENGINE_ID, context_name=b"side"))
    scoped_pdu = ScopedPdu(ENGINE_ID, b"side", request(PduType.RESPONSE))
    octets = tsm.seal_pdu(found, scoped_pdu.pdu)
    message = decoded(octets)
    assert (message.msg_flags, message.msg_max_size, message.scoped_pdu) == (level, 8192, scoped_pdu)
    assert tsm.seal(found, encode_scoped_pdu(scoped_pdu)) == octets
    assert tsm.scope(found) in octets


@pytest.mark.parametrize(("max_size", "limit"), [(484, 484), (65507, 8192)])
def test_a_scoped_pdu_that_fills_the_room_fits_into_the_message(max_size: int, limit: int) -> None:
    tsm, _ = authority()
    found = accepted(tsm, tsm_message(request(), context_engine_id=ENGINE_ID, max_size=max_size))
    assert limit - 30 <= tsm.room(found) <= limit
    assert len(tsm.seal(found, bytes(tsm.room(found)))) <= limit
