"""The agent's authoritative engine without I/O: which messages it accepts, and how it reports the others."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from snmptcp.codec.message import (
    CommunityMessage,
    MsgFlags,
    ScopedPdu,
    V3Message,
    decode_message,
    encode_message,
    encode_scoped_pdu,
    read_v3_header,
    read_version,
)
from snmptcp.codec.pdu import Pdu, PduType, decode_pdu
from snmptcp.credentials import SecurityLevel, SnmpVersion, UsmUser
from snmptcp.errors import ConfigurationError, DecodeError
from snmptcp.oid import OID
from snmptcp.security.authority import SecureRequest, random_engine_id
from snmptcp.security.reports import LocalCounter, NotAccepted, ReportCounter
from snmptcp.security.usm_keys import UserKeys, user_keys
from snmptcp.security.usm_message import (
    MessageHeader,
    UsmParameters,
    encode_usm_message,
    open_scoped_pdu,
    read_usm_parameters,
    verify_digest,
)
from snmptcp.testing import Statistics
from snmptcp.testing.usm_engine import AgentEngine, SecuredReply
from snmptcp.values import Counter32, Null, VarBind

ENGINE_ID = bytes.fromhex("80007ed904") + b"engine"
LOCAL = bytes.fromhex("8000000006")
ALICE = UsmUser("alice", "SHA-256", "authentic alice", "AES", "private alice")
BOB = UsmUser("bob", "SHA", "authentic bob")
CAROL = UsmUser("carol")
NO_KEYS = UserKeys(None, None)
AUTH, PRIV, REPORTABLE = MsgFlags.AUTH, MsgFlags.PRIV, MsgFlags.REPORTABLE
GET = Pdu(PduType.GET, 4711, 0, 0, (VarBind(OID("1.3.6.1.2.1.1.5.0"), Null()),))


@dataclass
class Asker:
    """A manager's message; every field can be wrong."""

    user: UsmUser = ALICE
    flags: int = AUTH | PRIV | REPORTABLE
    engine_id: bytes = ENGINE_ID
    boots: int = 3
    time: int = 1000
    context_engine_id: bytes = ENGINE_ID
    context_name: bytes = b""
    pdu: Pdu = GET
    keys_of: UsmUser | None = None
    max_size: int = 65507

    def message(self) -> bytes:
        keys = user_keys(self.keys_of or self.user, ENGINE_ID)
        parameters = UsmParameters(self.engine_id, self.boots, self.time, self.user.name)
        scoped = encode_scoped_pdu(ScopedPdu(self.context_engine_id, self.context_name, self.pdu))
        # What there is no key for can only be claimed.
        honest = self.flags & ~((0 if keys.authenticator else AUTH) | (0 if keys.privacy else PRIV))
        message = encode_usm_message(MessageHeader(99, self.max_size, honest), parameters, scoped, keys)
        return message.replace(bytes((4, 1, honest, 2, 1, 3)), bytes((4, 1, self.flags, 2, 1, 3)), 1)


@pytest.fixture
def statistics():
    return Statistics()


@pytest.fixture
def engine(statistics):
    engine = AgentEngine(
        [ALICE, BOB, CAROL],
        statistics,
        {b"", b"side"},
        engine_id=ENGINE_ID,
        boots=3,
        max_message_size=8192,
    )
    engine.start(0)
    return engine


def refused(engine: AgentEngine, asker: Asker, now: float = 1000) -> SecuredReply:
    found = engine.receive(asker.message(), now)
    assert isinstance(found, SecuredReply)
    return found


def accepted(engine: AgentEngine, asker: Asker, now: float = 1000) -> SecureRequest:
    found = engine.receive(asker.message(), now)
    assert isinstance(found, SecureRequest)
    return found


def dropped(engine: AgentEngine, message: bytes) -> ReportCounter | LocalCounter:
    """Return the counter of a message that is dropped without a report; the engine's caller counts it."""
    with pytest.raises(NotAccepted) as caught:
        engine.receive(message, 1000)
    return caught.value.counter


# ---------------------------------------------------------------------------------- what is accepted


@pytest.mark.parametrize(
    ("user", "level"),
    [
        (ALICE, SecurityLevel.authPriv),
        (ALICE, SecurityLevel.authNoPriv),
        (ALICE, SecurityLevel.noAuthNoPriv),
        (BOB, SecurityLevel.authNoPriv),
        (CAROL, SecurityLevel.noAuthNoPriv),
    ],
)
def test_a_request_of_a_user_is_accepted_at_any_level_that_its_keys_allow(engine, statistics, user, level):
    found = accepted(engine, Asker(user, int(level) | REPORTABLE))
    assert (found.user, found.level, found.pdu) == (user, level, GET)
    assert statistics == Statistics()


@pytest.mark.parametrize("seconds", [-150, -1, 0, 150])
def test_a_request_within_150_seconds_is_accepted(engine, seconds):
    accepted(engine, Asker(time=1000 + seconds))


@pytest.mark.parametrize("engine_id", [ENGINE_ID, LOCAL])
@pytest.mark.parametrize("name", [b"", b"side"])
def test_the_context_is_this_engines_by_either_of_its_names(engine, engine_id, name):
    found = accepted(engine, Asker(context_engine_id=engine_id, context_name=name))
    assert (found.context_engine_id, found.context_name) == (engine_id, name)


def test_without_authentication_the_time_does_not_matter(engine):
    accepted(engine, Asker(CAROL, REPORTABLE, boots=0, time=0))


# ---------------------------------------------------------------------------------- what is reported

WRONG = UsmUser("alice", "SHA-256", "authentic bob 1", "AES", "private alice")
WRONG_PRIVACY = UsmUser("alice", "SHA-256", "authentic alice", "AES", "private bob 1")
GREEDY = UsmUser("bob", "SHA", "authentic bob", "AES", "private bob")

REPORTED = {
    "no engine": (Asker(UsmUser("x"), REPORTABLE, engine_id=b""), "unknown_engine_ids", 4),
    "another engine": (Asker(engine_id=ENGINE_ID + b"2"), "unknown_engine_ids", 4),
    "an engine ID that is too long": (Asker(engine_id=bytes(40)), "unknown_engine_ids", 4),
    "an unknown user": (
        Asker(UsmUser("mallory", "SHA", "authentic mallory"), AUTH | REPORTABLE),
        "unknown_user_names",
        3,
    ),
    "auth without a key": (Asker(CAROL, AUTH | REPORTABLE), "unsupported_sec_levels", 1),
    "priv without a key": (Asker(BOB, keys_of=GREEDY), "unsupported_sec_levels", 1),
    "a wrong key": (Asker(keys_of=WRONG), "wrong_digests", 5),
    "no digest": (Asker(keys_of=CAROL, flags=AUTH | REPORTABLE), "wrong_digests", 5),
    "another user's digest": (Asker(keys_of=BOB, flags=AUTH | REPORTABLE), "wrong_digests", 5),
    "a wrong privacy key": (Asker(keys_of=WRONG_PRIVACY), "decryption_errors", 6),
    "151 s early": (Asker(time=849), "not_in_time_windows", 2),
    "151 s late": (Asker(time=1151), "not_in_time_windows", 2),
    "boots before": (Asker(boots=2), "not_in_time_windows", 2),
    "boots to come": (Asker(boots=4), "not_in_time_windows", 2),
    "nothing known of time": (Asker(boots=0, time=0), "not_in_time_windows", 2),
}


@pytest.mark.parametrize(("asker", "counter", "arc"), REPORTED.values(), ids=REPORTED)
def test_what_is_not_accepted_is_counted_and_reported_at_the_right_level(engine, statistics, asker, counter, arc):
    for count in (1, 2):
        report = refused(engine, asker)
        assert getattr(statistics, counter) == count
        message = decode_message(report.encode())
        assert isinstance(message, V3Message)
        authentic = counter == "not_in_time_windows"
        assert message.msg_flags == (AUTH if authentic else 0)
        assert message.msg_id == 99
        assert message.msg_max_size == 8192
        assert message.security_model == 3
        assert message.scoped_pdu is not None
        assert message.scoped_pdu[:2] == (ENGINE_ID, b"")
        # The request-id of a message that was not decrypted is unknown: 0.
        request_id = 0 if asker.flags & PRIV and (counter != "unsupported_sec_levels" or asker.keys_of) else 4711
        varbinds = (VarBind(OID(f"1.3.6.1.6.3.15.1.1.{arc}.0"), Counter32(count)),)
        assert message.scoped_pdu.pdu == Pdu(PduType.REPORT, request_id, 0, 0, varbinds)
        parameters = read_usm_parameters(message.security_parameters, 0, len(message.security_parameters))
        assert parameters[:4] == (ENGINE_ID, 3, 1000, asker.user.name)
        assert len(parameters.auth_parameters) == (24 if authentic else 0)
        assert parameters.priv_parameters == b""


def test_the_digest_of_a_report_of_time_is_right(engine):
    octets = refused(engine, Asker(boots=0, time=0)).encode()
    _, offset, end = read_version(octets)
    header = read_v3_header(octets, offset, end)
    parameters = read_usm_parameters(octets, header.security_start, header.security_stop)
    authenticator = user_keys(ALICE, ENGINE_ID).authenticator
    assert authenticator is not None
    verify_digest(octets, parameters, authenticator)


@pytest.mark.parametrize(
    ("asker", "counter", "oid"),
    [
        (Asker(context_name=b"nowhere"), "unknown_contexts", "1.3.6.1.6.3.12.1.5.0"),
        (Asker(context_engine_id=b"elsewhere"), "unknown_pdu_handlers", "1.3.6.1.6.3.11.2.1.3.0"),
        (Asker(context_engine_id=b""), "unknown_pdu_handlers", "1.3.6.1.6.3.11.2.1.3.0"),
    ],
)
def test_an_unknown_context_is_reported_under_the_requests_id(engine, statistics, asker, counter, oid):
    report = refused(engine, asker)
    assert getattr(statistics, counter) == 1
    assert report.header == MessageHeader(99, 8192, 0)
    assert report.scoped_pdu.pdu == Pdu(PduType.REPORT, 4711, 0, 0, (VarBind(OID(oid), Counter32(1)),))


def test_latched_boots_accept_nothing_authenticated(engine, statistics):
    engine.boots = 2147483647
    report = refused(engine, Asker(boots=2147483647))
    assert report.parameters.boots == 2147483647
    assert statistics.not_in_time_windows == 1
    accepted(engine, Asker(CAROL, REPORTABLE))


# --------------------------------------------------------------------------- what is not even reported

CONFIRMED = [PduType.GET, PduType.GET_NEXT, PduType.GET_BULK, PduType.SET, PduType.INFORM]
UNCONFIRMED = [PduType.RESPONSE, PduType.REPORT, PduType.TRAP_V2]


@pytest.mark.parametrize("kind", CONFIRMED)
@pytest.mark.parametrize("flag", [0, REPORTABLE])
def test_a_pdu_of_the_confirmed_class_is_reported_whatever_the_flag_says(engine, kind, flag):
    refused(engine, Asker(CAROL, flag, engine_id=b"", pdu=GET._replace(type=kind)))


@pytest.mark.parametrize("kind", UNCONFIRMED)
@pytest.mark.parametrize("flag", [0, REPORTABLE])
def test_a_pdu_of_another_class_is_never_reported(engine, statistics, kind, flag):
    asker = Asker(CAROL, flag, engine_id=b"", pdu=GET._replace(type=kind))
    assert dropped(engine, asker.message()) is ReportCounter.usmStatsUnknownEngineIDs
    assert statistics == Statistics()


def test_what_cannot_be_read_is_reported_only_if_the_message_is_reportable(engine, statistics):
    asker = Asker(keys_of=WRONG)
    refused(engine, asker)
    asker.flags &= ~REPORTABLE
    assert dropped(engine, asker.message()) is ReportCounter.usmStatsWrongDigests
    assert statistics.wrong_digests == 1  # of the first


def test_privacy_without_authentication_is_dropped(engine):
    assert dropped(engine, Asker(flags=PRIV | REPORTABLE).message()) is ReportCounter.snmpInvalidMsgs


def test_another_security_model_is_dropped(engine):
    message = decode_message(Asker(CAROL, REPORTABLE).message())
    assert isinstance(message, V3Message)
    other = encode_message(message._replace(security_model=4))
    assert dropped(engine, other) is ReportCounter.snmpUnknownSecurityModels


def test_every_truncation_of_a_request_is_unsound_or_reported(engine):
    octets = Asker().message()
    for stop in range(len(octets)):
        with pytest.raises(DecodeError):
            engine.receive(octets[:stop], 1000)


@pytest.mark.parametrize("position", range(0, 200, 3))
def test_a_changed_octet_is_never_accepted(engine, position):
    octets = bytearray(Asker().message())
    octets[position % len(octets)] ^= 0x55
    try:
        found = engine.receive(bytes(octets), 1000)
    except (DecodeError, NotAccepted):
        return
    assert not isinstance(found, SecureRequest)


# --------------------------------------------------------------------------------------- time and engine


def test_time_goes_on_by_itself_and_jumps_as_told(engine):
    assert [engine.time(now) for now in (0, 0.9, 1, 1000)] == [0, 0, 1, 1000]
    engine.jump(500, 1000)
    assert engine.time(1000) == 1500
    engine.jump(-1400, 1000)
    assert engine.time(1001) == 101
    engine.jump(-1000, 1001)
    assert engine.time(1001) == 0


def test_a_reboot_counts_and_starts_from_0(engine):
    engine.reboot(5000)
    assert (engine.boots, engine.time(5001)) == (4, 1)
    engine.boots = 2147483646
    engine.reboot(6000)
    engine.reboot(7000)
    assert engine.boots == 2147483647


def test_time_that_has_run_out_is_a_start_of_its_own(engine):
    assert engine.time(2147483647) == 2147483647
    assert engine.time(2147483648) == 0
    assert engine.boots == 4


def test_another_engine_has_another_id_and_its_users_other_keys(engine):
    engine.replace(None, 2000)
    assert engine.engine_id != ENGINE_ID
    assert (engine.boots, engine.time(2000)) == (1, 0)
    assert refused(engine, Asker(), 2000).parameters.engine_id == engine.engine_id
    asker = Asker(engine_id=engine.engine_id, boots=1, time=0)  # signed with the keys for the old one
    assert refused(engine, asker, 2000).scoped_pdu.pdu.varbinds[0].oid == ReportCounter.usmStatsWrongDigests.value


def test_engine_ids_of_ones_own_making_are_possible_and_differ():
    engine_ids = {random_engine_id() for _ in range(100)}
    assert len(engine_ids) == 100
    assert {len(engine_id) for engine_id in engine_ids} == {13}
    assert all(engine_id[0] & 0x80 for engine_id in engine_ids)


@pytest.mark.parametrize("engine_id", [b"", b"1234", bytes(12), b"\xff" * 12, bytes(33)])
def test_an_impossible_engine_id_is_refused(statistics, engine_id):
    with pytest.raises(ConfigurationError, match="engine ID"):
        AgentEngine([CAROL], statistics, engine_id=engine_id, max_message_size=8192)


@pytest.mark.parametrize("boots", [-1, 2147483648])
def test_impossible_boots_are_refused(statistics, boots):
    with pytest.raises(ConfigurationError, match="boots"):
        AgentEngine([CAROL], statistics, boots=boots, max_message_size=8192)


def test_two_users_of_one_name_are_refused(statistics):
    with pytest.raises(ConfigurationError, match="two users"):
        AgentEngine([CAROL, UsmUser("carol", "SHA", "authentic carol")], statistics, max_message_size=8192)


# -------------------------------------------------------------------------------------- what goes back


@pytest.mark.parametrize("level", SecurityLevel)
def test_a_response_has_the_requests_level_msg_id_and_context(engine, level):
    request = accepted(engine, Asker(flags=int(level) | REPORTABLE, context_engine_id=LOCAL, context_name=b"side"))
    answer = GET._replace(type=PduType.RESPONSE)
    octets = engine.seal(request, encode_scoped_pdu(ScopedPdu(LOCAL, b"side", answer)), 1007)
    _, offset, end = read_version(octets)
    header = read_v3_header(octets, offset, end)
    assert header[:4] == (99, 8192, int(level), 3)
    parameters = read_usm_parameters(octets, header.security_start, header.security_stop)
    assert parameters[:4] == (ENGINE_ID, 3, 1007, b"alice")
    keys = user_keys(ALICE, ENGINE_ID)
    if level:
        assert keys.authenticator is not None
        verify_digest(octets, parameters, keys.authenticator)
    plain = open_scoped_pdu(octets, header, parameters, keys.privacy)
    assert plain[:2] == (LOCAL, b"side")
    assert decode_pdu(plain.data, plain.start, plain.stop) == answer
    draft = engine.reply(request, answer, b"", 1007)
    assert len(draft.encode()) == len(octets)


@pytest.mark.parametrize("size", [484, 1000, 8192, 65507])
@pytest.mark.parametrize("level", SecurityLevel)
def test_a_scoped_pdu_that_fills_its_room_fits_into_both_sides_limits(engine, level, size):
    request = accepted(engine, Asker(flags=int(level), max_size=size))
    room = engine.room(request)
    header = engine.scope(request)
    longest = min(size, 8192)
    octets = engine.seal(request, b"\x30\x82" + (room - 4).to_bytes(2, "big") + header.ljust(room - 4, b"\0"), 1000)
    assert longest - 30 <= len(octets) <= longest


def test_no_engine_reads_communities(engine):
    octets = encode_message(CommunityMessage(SnmpVersion.V2C, b"public", GET))
    with pytest.raises(DecodeError):
        engine.receive(octets, 1000)
