"""USM messages: captured ones are opened and encoded again to the same octets; damaged ones are refused.

Sources: RFC 3414 sections 2.4, 3.1, 3.2, 6.3 and 7.3; RFC 7860 section 4; RFC 3412 section 6.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snmptcp.codec import ber
from snmptcp.codec.message import MsgFlags, ScopedPdu, encode_scoped_pdu, read_v3_header, read_version
from snmptcp.codec.pdu import Pdu, PduType, decode_pdu
from snmptcp.credentials import AuthProtocol, PrivProtocol, SecurityLevel, UsmUser
from snmptcp.errors import DecodeError, DecryptionFailed, WrongDigest
from snmptcp.oid import OID
from snmptcp.security import privacy as privacy_module
from snmptcp.security.usm_keys import Authenticator, UserKeys, user_keys
from snmptcp.security.usm_message import (
    MessageHeader,
    PlainPdu,
    UsmParameters,
    encode_usm_message,
    level_of,
    open_scoped_pdu,
    read_usm_parameters,
    verify_digest,
)
from snmptcp.values import Null, OctetString, VarBind
from tests.support.usm import encode_parameters, forged, forged_parameters
from tests.support.vectors import Packet, exchanges, load

if TYPE_CHECKING:
    from snmptcp.codec.message import V3Header

ENGINE_ID = bytes.fromhex("80001f8804656e67696e65")


def parts(message: bytes) -> tuple[V3Header, UsmParameters]:
    _, offset, end = read_version(message)
    header = read_v3_header(message, offset, end)
    return header, read_usm_parameters(message, header.security_start, header.security_stop)


def opened(message: bytes, keys: UserKeys) -> PlainPdu:
    """Verify and decrypt a message as its flags say."""
    header, parameters = parts(message)
    if header.msg_flags & MsgFlags.AUTH:
        assert keys.authenticator is not None
        verify_digest(message, parameters, keys.authenticator)
    return open_scoped_pdu(message, header, parameters, keys.privacy)


def written_again(message: bytes, keys: UserKeys, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Return a message encoded again from its contents and its salt."""
    header, parameters = parts(message)
    plain = opened(message, keys)
    salt = int.from_bytes(parameters.priv_parameters, "big")
    monkeypatch.setattr(privacy_module._salts, "next", lambda bits: salt & ((1 << bits) - 1))
    scoped_pdu = ber.tlv(
        ber.SEQUENCE,
        ber.tlv(ber.OCTET_STRING, plain.context_engine_id)
        + ber.tlv(ber.OCTET_STRING, plain.context_name)
        + plain.data[plain.start : plain.stop],
    )
    if header.msg_flags & MsgFlags.PRIV:
        scoped_pdu += plain.data[plain.stop :]  # a block cipher's padding is arbitrary
    wanted = MessageHeader(header.msg_id, header.msg_max_size, header.msg_flags)
    return encode_usm_message(wanted, parameters, scoped_pdu, keys)


# --------------------------------------------------------------------------------- captured messages


def captured() -> list[tuple[Packet, UsmUser]]:
    """Return the messages of net-snmp's recordings whose user is known, in both directions."""
    found = []
    for exchange in exchanges("netsnmp-tcp/manager_agent.json"):
        usm = exchange.record.get("usm")
        if usm is None:
            continue
        user = UsmUser(usm["user"], usm["auth"], usm["auth_pass"], usm.get("priv") or "AES", usm.get("priv_pass"))
        for direction, messages in (("client", exchange.client), ("server", exchange.server)):
            for number, octets in enumerate(messages):
                found.append((Packet(f"{exchange.name}/{direction}{number}", octets, exchange.record), user))
    return found


CAPTURED = captured()
AUTHENTICATED = [(packet, user) for packet, user in CAPTURED if parts(packet.octets)[0].msg_flags & MsgFlags.AUTH]


def test_the_recordings_have_every_pair_of_protocols_that_net_snmp_has() -> None:
    pairs = {(user.auth_protocol, user.priv_protocol) for _, user in AUTHENTICATED if user.priv}
    kinds = (PrivProtocol.DES, PrivProtocol.AES, PrivProtocol.AES_192, PrivProtocol.AES_256)

    assert pairs == {(auth, priv) for auth in AuthProtocol for priv in kinds}
    assert {user.auth_protocol for _, user in AUTHENTICATED if not user.priv} == set(AuthProtocol)
    assert len(AUTHENTICATED) >= 120


@pytest.mark.parametrize(("packet", "user"), AUTHENTICATED, ids=[packet.name for packet, _ in AUTHENTICATED])
def test_a_recorded_message_is_verified_decrypted_and_written_again_to_the_same_octets(
    packet: Packet, user: UsmUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    header, parameters = parts(packet.octets)
    keys = user_keys(user, parameters.engine_id)

    plain = opened(packet.octets, keys)

    assert level_of(header.msg_flags) == user.security_level
    assert parameters.user == user.name
    assert plain.context_engine_id == parameters.engine_id
    pdu = decode_pdu(plain.data, plain.start, plain.stop)
    assert pdu.type in (PduType.GET, PduType.GET_BULK, PduType.RESPONSE)
    assert written_again(packet.octets, keys, monkeypatch) == packet.octets


@pytest.mark.parametrize(("packet", "user"), AUTHENTICATED[::7], ids=[packet.name for packet, _ in AUTHENTICATED[::7]])
def test_a_recorded_message_is_refused_under_any_other_password(packet: Packet, user: UsmUser) -> None:
    _, parameters = parts(packet.octets)
    wrong = UsmUser(user.name, user.auth_protocol, "another password")
    keys = user_keys(wrong, parameters.engine_id)

    assert keys.authenticator is not None
    with pytest.raises(WrongDigest, match="does not match the user's"):
        verify_digest(packet.octets, parameters, keys.authenticator)


PUBLISHED: list[dict[str, Any]] = load("usm/usm_vectors.json")["messages"]


@pytest.mark.parametrize("record", PUBLISHED, ids=lambda record: record["name"])
def test_a_published_message_is_verified_and_decrypted(record: dict[str, Any]) -> None:
    message = bytes.fromhex(record["hex"])
    header, parameters = parts(message)
    user = UsmUser(parameters.user, record["auth"], record["auth_pass"], record["priv"] or "AES", record["priv_pass"])
    keys = user_keys(user, parameters.engine_id)

    assert (parameters.engine_id.hex(), parameters.boots, parameters.time) == (
        record["engineID"],
        record["boots"],
        record["time"],
    )
    assert keys.authenticator is not None
    verify_digest(message, parameters, keys.authenticator)
    if not header.msg_flags & MsgFlags.PRIV:
        plain = open_scoped_pdu(message, header, parameters, None)
        assert decode_pdu(plain.data, plain.start, plain.stop).varbinds is not None
    elif record["priv"]:
        plain = open_scoped_pdu(message, header, parameters, keys.privacy)
        assert plain.data.hex() == record["scopedPDU_plain"]
    else:
        with pytest.raises(DecryptionFailed, match="the user has no privacy key"):
            open_scoped_pdu(message, header, parameters, keys.privacy)


@pytest.mark.parametrize("kind", ["SHA224", "SHA512"])
def test_the_sha_2_packets_of_gosnmp_verify_with_their_localized_keys(kind: str) -> None:
    items = {item["name"]: bytes.fromhex(item["hex"]) for item in load("gosnmp/usm_sha2_packets.json")["items"]}
    auth = AuthProtocol(f"SHA-{kind[3:]}")
    authenticator = Authenticator(auth, items[f"correctKey{kind}"])
    message = items[f"packet{kind}Authenticated"]
    _, parameters = parts(message)

    assert parameters.auth_parameters == items[f"packet{kind}AuthenticationParams"]
    verify_digest(message, parameters, authenticator)
    assert authenticator.digest(items[f"packet{kind}NoAuthentication"]) == parameters.auth_parameters
    zeroed = items[f"packet{kind}NoAuthentication"]
    with pytest.raises(WrongDigest):
        verify_digest(zeroed, parts(zeroed)[1], authenticator)


# ------------------------------------------------------------------------------------------- digests


def user_of(auth: AuthProtocol, priv: PrivProtocol | None = None) -> UsmUser:
    return UsmUser("user", auth, "maplesyrup", priv or PrivProtocol.AES, "mapletree" if priv else None)


def sample(user: UsmUser, engine_id: bytes = ENGINE_ID, name: bytes | None = None, value: bytes = b"x") -> bytes:
    """Return a response to a user, at the user's security level."""
    pdu = Pdu(PduType.RESPONSE, 0x12345678, 0, 0, (VarBind(OID("1.3.6.1.2.1.1.5.0"), OctetString(value)),))
    return encode_usm_message(
        MessageHeader(0x12345678, 65507, int(user.security_level)),
        UsmParameters(engine_id, 7, 1000, user.name if name is None else name),
        encode_scoped_pdu(ScopedPdu(engine_id, b"", pdu)),
        user_keys(user, engine_id),
    )


def authenticator_of(user: UsmUser, engine_id: bytes = ENGINE_ID) -> Authenticator:
    authenticator = user_keys(user, engine_id).authenticator
    assert authenticator is not None
    return authenticator


@pytest.mark.parametrize("auth", AuthProtocol, ids=str)
def test_a_digest_of_any_length_but_the_right_one_is_refused(auth: AuthProtocol) -> None:
    user = user_of(auth)
    message = sample(user)
    digest = parts(message)[1].auth_parameters
    right = []
    for length in range(65):
        # The beginning of the digest, and the digest that would be right over the message as it then is.
        cut = forged_parameters(message, auth_parameters=digest.ljust(length, b"\0")[:length])
        zeroed = forged_parameters(message, auth_parameters=bytes(length))
        signed = authenticator_of(user).digest(zeroed).ljust(length, b"\0")[:length]
        for candidate in (cut, zeroed, forged_parameters(message, auth_parameters=signed)):
            try:
                verify_digest(candidate, parts(candidate)[1], authenticator_of(user))
            except WrongDigest as refused:
                assert length == auth.mac_size or f"{length} octets, not {auth.mac_size}" in str(refused)  # noqa: PT017
            else:
                right.append((length, candidate))

    assert right == [(auth.mac_size, message)] * 2


@pytest.mark.parametrize("auth", AuthProtocol, ids=str)
def test_every_bit_of_the_digest_counts(auth: AuthProtocol) -> None:
    message = sample(user_of(auth))
    _, parameters = parts(message)
    for position in range(auth.mac_size):
        for bit in range(8):
            at = parameters.auth_start + position
            changed = message[:at] + bytes((message[at] ^ 1 << bit,)) + message[at + 1 :]
            with pytest.raises(WrongDigest):
                verify_digest(changed, parts(changed)[1], authenticator_of(user_of(auth)))


@pytest.mark.parametrize("priv", [None, PrivProtocol.DES, PrivProtocol.AES], ids=str)
def test_every_octet_of_the_message_is_covered_by_the_digest(priv: PrivProtocol | None) -> None:
    user = user_of(AuthProtocol.SHA_256, priv)
    message = sample(user)
    for at in range(len(message)):
        changed = message[:at] + bytes((message[at] ^ 0x01,)) + message[at + 1 :]
        with pytest.raises((WrongDigest, DecodeError)):
            verify_digest(changed, parts(changed)[1], authenticator_of(user))


@pytest.mark.parametrize("where", ["engine_id", "user", "value"])
@pytest.mark.parametrize("repeat", [12, 16, 24])
def test_the_digest_is_checked_where_it_stands_though_the_same_octets_stand_elsewhere(where: str, repeat: int) -> None:
    # A search for the digest's octets in the message would blank the wrong ones: first those that a
    # fresh message has in the digest's place (zeros), then those of the digest itself.
    auth = {12: AuthProtocol.SHA, 16: AuthProtocol.SHA_224, 24: AuthProtocol.SHA_256}[repeat]
    user = user_of(auth)
    zeros = bytes(repeat)
    engine_id = b"\x80\0\0\0\x01" + zeros if where == "engine_id" else ENGINE_ID
    message = sample(user, engine_id, zeros if where == "user" else None, zeros * 2 if where == "value" else b"x")
    _, parameters = parts(message)

    verify_digest(message, parameters, authenticator_of(user, engine_id))

    digest = parameters.auth_parameters
    assert message.count(digest) == 1
    assert message[parameters.auth_start :].startswith(digest)


@pytest.mark.parametrize("auth", [AuthProtocol.MD5, AuthProtocol.SHA_256], ids=str)
def test_a_message_that_holds_its_own_digest_elsewhere_is_verified_at_the_offset(auth: AuthProtocol) -> None:
    # No message holds its own digest by design, so the one in the message is not its own: what was made to compare
    # it with tells which octets were taken for zeros.
    copied = bytes(range(1, auth.mac_size + 1))
    authenticator = Authenticator(auth, bytes(auth.key_size))
    message = sample(user_of(auth), b"\x80\0\0\0\x01" + copied[:20], copied, copied)
    message = forged_parameters(message, auth_parameters=copied)
    _, parameters = parts(message)

    with patch.object(hmac, "compare_digest", return_value=True) as compare:
        verify_digest(message, parameters, authenticator)

    start = parameters.auth_start
    zeroed = message[:start] + bytes(len(copied)) + message[start + len(copied) :]
    assert compare.call_args.args == (authenticator.digest(zeroed), copied)
    assert message.count(copied) >= 3


# --------------------------------------------------------------------------- writing and opening anything


@settings(max_examples=150, deadline=None)
@given(
    auth=st.sampled_from(AuthProtocol),
    priv=st.none() | st.sampled_from(PrivProtocol),
    engine_id=st.binary(min_size=5, max_size=32),
    boots=st.integers(0, 0x7FFFFFFF),
    time=st.integers(0, 0x7FFFFFFF),
    context=st.binary(max_size=40),
    value=st.binary(max_size=300),
    message_id=st.integers(0, 0x7FFFFFFF),
    reportable=st.booleans(),
)
def test_what_is_written_is_opened_and_says_the_same(
    auth: AuthProtocol,
    priv: PrivProtocol | None,
    engine_id: bytes,
    boots: int,
    time: int,
    context: bytes,
    value: bytes,
    message_id: int,
    reportable: bool,
) -> None:
    user = user_of(auth, priv)
    keys = user_keys(user, engine_id)
    flags = int(user.security_level) | (MsgFlags.REPORTABLE if reportable else 0)
    pdu = Pdu(PduType.GET, 5, 0, 0, (VarBind(OID("1.3.6.1"), OctetString(value)),))
    scoped = ScopedPdu(engine_id, context, pdu)

    message = encode_usm_message(
        MessageHeader(message_id, 65507, flags),
        UsmParameters(engine_id, boots, time, user.name),
        encode_scoped_pdu(scoped),
        keys,
    )

    header, parameters = parts(message)
    assert header[:4] == (message_id, 65507, flags, 3)
    assert parameters[:4] == (engine_id, boots, time, b"user")
    assert len(parameters.auth_parameters) == auth.mac_size
    assert len(parameters.priv_parameters) == (8 if priv else 0)
    plain = opened(message, keys)
    assert plain[:2] == (engine_id, context)
    assert decode_pdu(plain.data, plain.start, plain.stop) == pdu
    if priv and len(value) > 8:
        assert value not in message[header.security_stop :]


@pytest.mark.parametrize("flags", range(8))
def test_the_level_is_in_the_two_lowest_flags(flags: int) -> None:
    expected = {
        0: SecurityLevel.noAuthNoPriv,
        1: SecurityLevel.authNoPriv,
        2: None,
        3: SecurityLevel.authPriv,
    }[flags & 3]

    assert level_of(flags) is expected
    assert level_of(flags | 0xF8) is expected


# ------------------------------------------------------------------------------------ malformed parameters


def test_parameters_cut_off_anywhere_are_a_decode_error() -> None:
    data = encode_parameters(UsmParameters(ENGINE_ID, 7, 1000, b"user", bytes(12), bytes(8)))
    assert read_usm_parameters(data, 0, len(data)).user == b"user"
    for length in range(len(data)):
        with pytest.raises(DecodeError):
            read_usm_parameters(data[:length], 0, length)
        with pytest.raises(DecodeError):  # the same where the octets go on behind their container
            read_usm_parameters(data, 0, length)
        cut = ber.tlv(ber.SEQUENCE, data[2 : 2 + length])
        if length < len(data) - 2:
            with pytest.raises(DecodeError):
                read_usm_parameters(cut, 0, len(cut))


@pytest.mark.parametrize(
    ("packet", "user"), AUTHENTICATED[::25], ids=[packet.name for packet, _ in AUTHENTICATED[::25]]
)
def test_a_message_cut_off_anywhere_is_a_decode_error(packet: Packet, user: UsmUser) -> None:
    for length in range(len(packet.octets)):
        with pytest.raises(DecodeError):
            parts(packet.octets[:length])


SOUND = "0400 020100 020100 0400 0400 0400"

#: What stands inside the SEQUENCE of the parameters, and what is said of it.
MALFORMED = {
    "octets follow": (f"{SOUND} 00", "octets follow msgPrivacyParameters"),
    "a field follows": (f"{SOUND} 0400", "octets follow msgPrivacyParameters"),
    "empty": ("", "cut off"),
    "engine ID is a number": ("0200 020100 020100 0400 0400 0400", "msgAuthoritativeEngineID has tag 0x02"),
    "constructed engine ID": ("2400 020100 020100 0400 0400 0400", "msgAuthoritativeEngineID has tag 0x24"),
    "boots is a string": ("0400 040100 020100 0400 0400 0400", "msgAuthoritativeEngineBoots has tag 0x04"),
    "boots without octets": ("0400 0200 020100 0400 0400 0400", "an integer of 0 octets"),
    "negative boots": ("0400 0201ff 020100 0400 0400 0400", "msgAuthoritativeEngineBoots is -1"),
    "boots of nine octets": ("0400 0209000000000000000001 020100 0400 0400 0400", "an integer of 9 octets"),
    "time is a string": ("0400 020100 040100 0400 0400 0400", "msgAuthoritativeEngineTime has tag 0x04"),
    "negative time": ("0400 020100 020180 0400 0400 0400", "msgAuthoritativeEngineTime is -128"),
    "user is a number": ("0400 020100 020100 0200 0400 0400", "msgUserName has tag 0x02"),
    "user of 33 octets": ("0400 020100 020100 0421" + "61" * 33 + "0400 0400", "msgUserName of 33 octets"),
    "digest runs past": ("0400 020100 020100 0400 0403 0400", "a length of 3 runs past"),
    "digest is null": ("0400 020100 020100 0400 0500 0400", "msgAuthenticationParameters has tag 0x05"),
    "no digest": ("0400 020100 020100 0400", "cut off"),
    "no salt": ("0400 020100 020100 0400 0400", "cut off"),
    "salt is null": ("0400 020100 020100 0400 0400 0500", "msgPrivacyParameters has tag 0x05"),
}


@pytest.mark.parametrize(("contents", "problem"), MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_parameters_are_a_decode_error_that_tells_where(contents: str, problem: str) -> None:
    data = ber.tlv(ber.SEQUENCE, bytes.fromhex(contents.replace(" ", "")))
    with pytest.raises(DecodeError, match=problem):
        read_usm_parameters(data, 0, len(data))


@pytest.mark.parametrize(
    ("octets", "problem"),
    [
        ("", "cut off"),
        ("31 0e" + SOUND, "has tag 0x31"),
        ("30 0e" + SOUND + "00", "octets follow UsmSecurityParameters"),
        ("30 80" + SOUND + "0000", "an indefinite length"),
        ("30 0f" + SOUND, "a length of 15 runs past"),
    ],
)
def test_parameters_that_are_no_sequence_of_their_length_are_a_decode_error(octets: str, problem: str) -> None:
    data = bytes.fromhex(octets.replace(" ", ""))
    with pytest.raises(DecodeError, match=problem):
        read_usm_parameters(data, 0, len(data))


def test_a_user_name_may_have_32_octets_and_numbers_leading_zeros() -> None:
    contents = "0400 0204 00000007 0202 03e8 0420" + "61" * 32 + "0400 0400"
    data = ber.tlv(ber.SEQUENCE, bytes.fromhex(contents.replace(" ", "")))
    assert read_usm_parameters(data, 0, len(data))[:4] == (b"", 7, 1000, b"a" * 32)


@settings(max_examples=400)
@given(st.binary(max_size=80) | st.binary(max_size=60).map(lambda octets: ber.tlv(ber.SEQUENCE, octets)))
def test_any_octets_are_parameters_or_a_decode_error(data: bytes) -> None:
    try:
        parameters = read_usm_parameters(data, 0, len(data))
    except DecodeError:
        return
    assert parameters.boots >= 0
    assert parameters.time >= 0
    assert data[parameters.auth_start :].startswith(parameters.auth_parameters)


def test_the_parameters_of_a_probe_are_read() -> None:
    # RFC 3414 section 4: everything is empty or zero.
    data = bytes.fromhex("300e0400020100020100040004000400")
    assert read_usm_parameters(data, 0, len(data)) == UsmParameters(b"", 0, 0, b"", b"", b"", 14)


def test_the_inconsistent_example_of_rfc_3414_a_4_is_refused() -> None:
    # Appendix A.4 prints an engine ID of length 12 with nine octets; what follows is then read as its rest.
    data = bytes.fromhex(
        "30 39 04 0c 80 00 02 b8 05 12 34 56 78 02 01 01 02 02 01 01 04 04 62 65 72 74".replace(" ", "")
    )
    with pytest.raises(DecodeError):
        read_usm_parameters(data, 0, len(data))


# -------------------------------------------------------------------------------------- opening msgData


def test_an_encrypted_message_that_was_decrypted_to_nonsense_fails_to_decrypt() -> None:
    for kind in (PrivProtocol.DES, PrivProtocol.AES, PrivProtocol.AES_256_C):
        user = user_of(AuthProtocol.SHA_256, kind)
        wrong = UsmUser("user", AuthProtocol.SHA_256, "maplesyrup", kind, "another tree")
        message = sample(user)

        with pytest.raises(DecryptionFailed, match="check the privacy password") as caught:
            opened(message, user_keys(wrong, ENGINE_ID))
        assert "mapletree" not in str(caught.value)


@pytest.mark.parametrize("length", [0, 1, 7, 9, 16])
def test_a_message_with_a_salt_of_another_length_fails_to_decrypt(length: int) -> None:
    user = user_of(AuthProtocol.SHA, PrivProtocol.AES)
    message = forged_parameters(sample(user), priv_parameters=bytes(length))
    header, parameters = parts(message)

    with pytest.raises(DecryptionFailed, match=f"{length} octets, not 8"):
        open_scoped_pdu(message, header, parameters, user_keys(user, ENGINE_ID).privacy)


@pytest.mark.parametrize(("length", "kind"), [(0, "DES"), (7, "DES"), (0, "AES"), (3, "AES"), (0, "3DES"), (9, "3DES")])
def test_an_encrypted_pdu_of_an_impossible_length_fails_to_decrypt(length: int, kind: str) -> None:
    user = user_of(AuthProtocol.SHA, PrivProtocol(kind))
    message = forged(sample(user), encrypted_pdu=bytes(length))
    header, parameters = parts(message)

    with pytest.raises(DecryptionFailed):
        open_scoped_pdu(message, header, parameters, user_keys(user, ENGINE_ID).privacy)


def test_a_plain_pdu_under_the_flag_of_privacy_is_a_decode_error() -> None:
    message = forged(sample(user_of(AuthProtocol.SHA)), msg_flags=3)
    header, parameters = parts(message)

    with pytest.raises(DecodeError, match="encryptedPDU has tag 0x30"):
        open_scoped_pdu(
            message, header, parameters, user_keys(user_of(AuthProtocol.SHA, PrivProtocol.AES), ENGINE_ID).privacy
        )


def test_an_encrypted_pdu_without_the_flag_of_privacy_is_a_decode_error() -> None:
    user = user_of(AuthProtocol.SHA, PrivProtocol.AES)
    message = forged(sample(user), msg_flags=1)
    header, parameters = parts(message)

    with pytest.raises(DecodeError, match="ScopedPDU has tag 0x04"):
        open_scoped_pdu(message, header, parameters, user_keys(user, ENGINE_ID).privacy)


def test_no_error_of_opening_shows_a_key_or_password() -> None:
    user = user_of(AuthProtocol.SHA_256, PrivProtocol.AES)
    message = sample(user)
    errors: list[BaseException] = []
    for damaged in (
        forged_parameters(message, auth_parameters=bytes(24)),
        forged_parameters(message, auth_parameters=b""),
    ):
        with pytest.raises(WrongDigest) as caught:
            opened(damaged, user_keys(user, ENGINE_ID))
        errors.append(caught.value)
    right = parts(message)[1].auth_parameters.hex()

    for error in errors:
        assert "maple" not in f"{error} {error!r}"
        assert right not in f"{error} {error!r}"


def test_null_is_a_value_of_a_request() -> None:
    # What a manager sends, in full, without protection: the octets of net-snmp's own request (v3_noauth).
    recorded = next(
        exchange for exchange in exchanges("netsnmp-tcp/manager_agent.json") if exchange.name == "v3_noauth"
    )
    header, parameters = parts(recorded.client[1])
    pdu = Pdu(PduType.GET, 0x666AB828, 0, 0, (VarBind(OID("1.3.6.1.2.1.1.6.0"), Null()),))

    again = encode_usm_message(
        MessageHeader(header.msg_id, header.msg_max_size, header.msg_flags),
        UsmParameters(parameters.engine_id, parameters.boots, parameters.time, parameters.user),
        encode_scoped_pdu(ScopedPdu(parameters.engine_id, b"", pdu)),
        UserKeys(None, None),
    )

    assert again == recorded.client[1]
