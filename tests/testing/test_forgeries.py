"""Each SNMPv3 forgery is wrong in one point and right in all others."""

from __future__ import annotations

import pytest

from snmptcp.codec.message import MsgFlags, ScopedPdu, V3Header, encode_scoped_pdu, read_v3_header, read_version
from snmptcp.codec.pdu import Pdu, PduType, decode_pdu
from snmptcp.credentials import SecurityLevel, UsmUser
from snmptcp.errors import ConfigurationError, DecryptionFailed, WrongDigest
from snmptcp.oid import OID
from snmptcp.security.usm_keys import user_keys
from snmptcp.security.usm_message import (
    MessageHeader,
    UsmParameters,
    encode_usm_message,
    open_scoped_pdu,
    read_usm_parameters,
    verify_digest,
)
from snmptcp.testing import (
    CutCiphertext,
    CutMac,
    ForgedReport,
    Forgery,
    GarbageCiphertext,
    LongMac,
    LowerLevel,
    NotAReport,
    OldTime,
    PrivWithoutAuth,
    Replay,
    ReportCounter,
    SecuredReply,
    WrongContext,
    WrongEngineId,
    WrongMac,
    WrongMsgId,
    WrongSalt,
    WrongUser,
)
from snmptcp.values import Counter32, OctetString, VarBind

ENGINE_ID = bytes.fromhex("80007ed904") + b"forge"
OTHER = bytes.fromhex("80007ed904") + b"elsewhere"
USERS = {
    "AES": UsmUser("alice", "SHA-256", "authentic alice", "AES", "private alice"),
    "DES": UsmUser("alice", "MD5", "authentic alice", "DES", "private alice"),
    "signed": UsmUser("alice", "SHA-512", "authentic alice"),
    "plain": UsmUser("alice"),
}
ANSWER = Pdu(PduType.RESPONSE, 4711, 0, 0, (VarBind(OID("1.3.6.1.2.1.1.5.0"), OctetString(b"core")),))


def reply_to(user: UsmUser, *, msg_id: int = 99, earlier: bytes = b"") -> SecuredReply:
    return SecuredReply(
        MessageHeader(msg_id, 8192, int(user.security_level)),
        UsmParameters(ENGINE_ID, 3, 1000, b"alice"),
        ScopedPdu(ENGINE_ID, b"side", ANSWER),
        user_keys(user, ENGINE_ID),
        earlier=earlier,
    )


@pytest.fixture(params=USERS)
def reply(request):
    return reply_to(USERS[request.param])


@pytest.fixture(params=["AES", "DES", "signed"])
def authentic(request):
    return reply_to(USERS[request.param])


@pytest.fixture(params=["AES", "DES"])
def encrypted(request):
    return reply_to(USERS[request.param])


def read(octets: bytes) -> tuple[V3Header, UsmParameters]:
    _, offset, end = read_version(octets)
    header = read_v3_header(octets, offset, end)
    return header, read_usm_parameters(octets, header.security_start, header.security_stop)


def opened(reply: SecuredReply, octets: bytes) -> tuple[bytes, bytes, object]:
    """Return the contents of a message; if its flags announce a digest, that must be right."""
    header, parameters = read(octets)
    if header.msg_flags & MsgFlags.AUTH:
        assert reply.keys.authenticator is not None
        verify_digest(octets, parameters, reply.keys.authenticator)
    plain = open_scoped_pdu(octets, header, parameters, reply.keys.privacy)
    return plain.context_engine_id, plain.context_name, decode_pdu(plain.data, plain.start, plain.stop)


RIGHT = (ENGINE_ID, b"side", ANSWER)


def test_a_reply_without_forgery_is_right(reply):
    octets = reply.encode()
    assert opened(reply, octets) == RIGHT
    assert read(octets)[0][:3] == (99, 8192, reply.header.flags)


@pytest.mark.parametrize(
    ("forgery", "field", "value"),
    [
        (WrongUser(b"mallory"), "user", b"mallory"),
        (WrongEngineId(OTHER), "engine_id", OTHER),
        (OldTime(), "time", 849),
        (OldTime(5000), "time", 0),
        (OldTime(0, boots=1), "boots", 2),
        (OldTime(0, boots=9), "boots", 0),
    ],
    ids=repr,
)
def test_a_wrong_parameter_under_a_right_digest(reply, forgery, field, value):
    octets = forgery.forge(reply)
    assert opened(reply, octets) == RIGHT
    parameters = read(octets)[1]
    assert getattr(parameters, field) == value
    assert parameters._replace(**{field: getattr(reply.parameters, field)})[:4] == reply.parameters[:4]


@pytest.mark.parametrize(
    ("forgery", "expected"),
    [
        (WrongContext(), (ENGINE_ID, b"other")),
        (WrongContext(b"x", OTHER), (OTHER, b"x")),
        (WrongContext(None, OTHER), (OTHER, b"side")),
    ],
)
def test_a_wrong_context_under_a_right_digest(reply, forgery, expected):
    assert opened(reply, forgery.forge(reply)) == (*expected, ANSWER)


@pytest.mark.parametrize(("offset", "found"), [(1, 100), (-1, 98), (-100, 0x7FFFFFFF)])
def test_a_wrong_msg_id_under_a_right_digest(reply, offset, found):
    octets = WrongMsgId(offset).forge(reply)
    assert opened(reply, octets) == RIGHT
    assert read(octets)[0].msg_id == found


@pytest.mark.parametrize("size", range(12))
def test_a_cut_digest_is_right_as_far_as_it_goes(authentic, size):
    octets = CutMac(size).forge(authentic)
    parameters = read(octets)[1]
    authenticator = authentic.keys.authenticator
    zeroed = octets[: parameters.auth_start] + bytes(size) + octets[parameters.auth_start + size :]
    assert parameters.auth_parameters == authenticator.digest(zeroed)[:size]
    with pytest.raises(WrongDigest, match=f"a digest of {size} octets"):
        verify_digest(octets, parameters, authenticator)


def test_a_long_digest_begins_with_the_right_one(authentic):
    octets = LongMac(3).forge(authentic)
    parameters = read(octets)[1]
    authenticator = authentic.keys.authenticator
    size = authenticator.mac_size + 3
    zeroed = octets[: parameters.auth_start] + bytes(size) + octets[parameters.auth_start + size :]
    assert parameters.auth_parameters == authenticator.digest(zeroed) + bytes(3)


@pytest.mark.parametrize("bit", [0, 7, 95])
def test_a_wrong_digest_differs_in_one_bit(authentic, bit):
    octets = WrongMac(bit).forge(authentic)
    parameters = read(octets)[1]
    authenticator = authentic.keys.authenticator
    size = authenticator.mac_size
    zeroed = octets[: parameters.auth_start] + bytes(size) + octets[parameters.auth_start + size :]
    difference = int.from_bytes(parameters.auth_parameters, "big") ^ int.from_bytes(authenticator.digest(zeroed), "big")
    assert difference == 1 << bit


def test_a_lower_level_is_plain_and_without_digest(reply):
    octets = LowerLevel().forge(reply)
    header, parameters = read(octets)
    assert (header.msg_flags, parameters.auth_parameters, parameters.priv_parameters) == (0, b"", b"")
    assert opened(reply, octets) == RIGHT


def test_a_lower_level_may_keep_its_digest(authentic):
    octets = LowerLevel(keep_mac=True).forge(authentic)
    header, parameters = read(octets)
    assert header.msg_flags == 0
    assert len(parameters.auth_parameters) == authentic.keys.authenticator.mac_size
    assert opened(authentic, octets) == RIGHT


def test_signed_in_place_of_encrypted(encrypted):
    octets = LowerLevel(SecurityLevel.authNoPriv).forge(encrypted)
    assert read(octets)[0].msg_flags == MsgFlags.AUTH
    assert opened(encrypted, octets) == RIGHT


def test_privacy_without_authentication_is_still_encrypted(encrypted):
    octets = PrivWithoutAuth().forge(encrypted)
    header, parameters = read(octets)
    assert header.msg_flags == MsgFlags.PRIV
    assert parameters.auth_parameters == b""
    assert opened(encrypted, octets) == RIGHT


@pytest.mark.parametrize("forgery", [GarbageCiphertext(), CutCiphertext(), WrongSalt(7), WrongSalt(0), WrongSalt(9)])
def test_what_cannot_be_decrypted_has_a_right_digest(encrypted, forgery):
    octets = forgery.forge(encrypted)
    header, parameters = read(octets)
    verify_digest(octets, parameters, encrypted.keys.authenticator)
    with pytest.raises(DecryptionFailed):
        open_scoped_pdu(octets, header, parameters, encrypted.keys.privacy)


@pytest.mark.parametrize("user", ["signed", "plain"])
@pytest.mark.parametrize("forgery", [GarbageCiphertext(), CutCiphertext(), WrongSalt()], ids=repr)
def test_what_is_not_encrypted_stays_as_it_is(user, forgery):
    reply = reply_to(USERS[user])
    assert forgery.forge(reply) == reply.encode()


@pytest.mark.parametrize("forgery", [CutMac(), CutMac(5), LongMac(0), WrongMac()], ids=repr)
def test_what_is_not_signed_stays_as_it_is(forgery):
    reply = reply_to(USERS["plain"])
    assert forgery.forge(reply) == reply.encode()


def test_a_replay_is_the_earlier_response_octet_by_octet(authentic):
    earlier = authentic.encode()
    later = reply_to(USERS["AES"], msg_id=100, earlier=earlier)
    assert Replay().forge(later) == earlier
    assert opened(authentic, Replay().forge(authentic)) == RIGHT  # nothing to replay yet


def test_a_renumbered_replay_has_the_digest_of_the_earlier_response(authentic):
    earlier = authentic.encode()
    octets = Replay(renumber=True).forge(reply_to(USERS["AES"], msg_id=100, earlier=earlier))
    header, parameters = read(octets)
    assert header.msg_id == 100
    assert parameters == read(earlier)[1]
    with pytest.raises(WrongDigest):
        verify_digest(octets, parameters, authentic.keys.authenticator)


@pytest.mark.parametrize("counter", ReportCounter)
def test_a_forged_report_is_unprotected_and_carries_the_given_counter(reply, counter):
    octets = ForgedReport(counter, OTHER, boots=2147483646, time=5).forge(reply)
    header, parameters = read(octets)
    assert header[:3] == (99, 8192, 0)
    assert parameters[:6] == (OTHER, 2147483646, 5, b"alice", b"", b"")
    report = Pdu(PduType.REPORT, 4711, 0, 0, (VarBind(counter.value, Counter32(1)),))
    assert opened(reply, octets) == (OTHER, b"", report)


def test_a_forged_report_is_the_true_engines_unless_told_otherwise(reply):
    assert read(ForgedReport().forge(reply))[1][:4] == (ENGINE_ID, 3, 1000, b"alice")


def test_what_should_be_a_report_is_a_response():
    reply = reply_to(USERS["plain"]).with_pdu(ANSWER._replace(type=PduType.REPORT))
    assert opened(reply, NotAReport().forge(reply)) == RIGHT


def test_nothing_cut_off_is_no_fault():
    with pytest.raises(ConfigurationError):
        CutCiphertext(0)


def test_encode_is_what_the_codec_makes_of_the_same_fields():
    reply = reply_to(USERS["signed"])
    scoped = encode_scoped_pdu(reply.scoped_pdu)
    assert reply.encode() == encode_usm_message(reply.header, reply.parameters, scoped, reply.keys)


def test_a_forgery_is_abstract():
    with pytest.raises(TypeError):
        Forgery()  # type: ignore[abstract]
