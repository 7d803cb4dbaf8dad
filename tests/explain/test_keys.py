"""Explanations of SNMPv3 packets with and without the keys of their users."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snmptcp import Integer32, OctetString, UsmUser, VarBind
from snmptcp.codec import ber
from snmptcp.codec.message import MsgFlags, ScopedPdu, V3Message, encode_message, encode_scoped_pdu
from snmptcp.codec.pdu import Pdu, PduType
from snmptcp.explain import explain
from snmptcp.explain import packet as packets
from snmptcp.explain.keys import outline_with_keys
from snmptcp.oid import OID
from snmptcp.security.usm_keys import user_keys
from snmptcp.security.usm_message import MessageHeader, UsmParameters, encode_usm_message
from tests.support.vectors import load

if TYPE_CHECKING:
    from collections.abc import Mapping

MESSAGES: list[Mapping[str, Any]] = load("usm/usm_vectors.json")["messages"]
NAMED = [case for case in MESSAGES if case["user"]]  # for the others, only the password is recorded
ENCRYPTED = [case for case in NAMED if case["priv"]]

ENGINE_ID = bytes.fromhex("80001f8804") + b"shelf"
USER = UsmUser("bert", "SHA", "authentic!", "AES", "privately!")
SYS_NAME = OID("1.3.6.1.2.1.1.5.0")


def user_of(case: Mapping[str, Any], **changes: str) -> UsmUser:
    facts = {**case, **changes}
    return UsmUser(facts["user"], facts["auth"], facts["auth_pass"], facts["priv"] or "AES", facts["priv_pass"])


def message(
    scoped_pdu: bytes, user: UsmUser = USER, *, flags: int = MsgFlags.AUTH | MsgFlags.PRIV, engine_id: bytes = ENGINE_ID
) -> bytes:
    parameters = UsmParameters(engine_id, 7, 4711, user.name)
    return encode_usm_message(MessageHeader(1, 65507, flags), parameters, scoped_pdu, user_keys(user, engine_id))


def response(*varbinds: VarBind) -> bytes:
    return encode_scoped_pdu(ScopedPdu(ENGINE_ID, b"", Pdu(PduType.RESPONSE, 1, varbinds=varbinds)))


ANSWER = response(VarBind(SYS_NAME, OctetString("sw1")))


def summary(text: str) -> str:
    return text.splitlines()[0]


def complaints(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("!")]


# ------------------------------------------------------------------------------------ captured packets


@pytest.mark.parametrize("case", NAMED, ids=lambda case: case["name"])
def test_the_digest_of_a_captured_packet_is_found_right(case: Mapping[str, Any]) -> None:
    text = explain(bytes.fromhex(case["hex"]), users=[user_of(case)])
    assert f"\n         digest:   right for user {case['user']} (" in text
    assert complaints(text) == []


@pytest.mark.parametrize("case", ENCRYPTED, ids=lambda case: case["name"])
def test_a_captured_packet_is_decrypted(case: Mapping[str, Any]) -> None:
    text = explain(bytes.fromhex(case["hex"]), users=[user_of(case)])
    assert ", decrypted, " in summary(text)
    plain = bytes.fromhex(case["scopedPDU_plain"])
    (scoped_pdu,) = (line for line in text.splitlines() if " ScopedPDU: " in line)
    assert scoped_pdu.split()[0] == "0"
    assert bytes.fromhex(scoped_pdu[9 : 9 + 33].split("  ")[0]) == plain[: 3 if plain[1] & 0x80 else 2]
    assert "request-id: INTEGER = " in text
    assert " encrypted octets" in text  # the text still tells that it was encrypted


@pytest.mark.parametrize("case", ENCRYPTED, ids=lambda case: case["name"])
def test_without_keys_it_stays_encrypted_and_is_sound(case: Mapping[str, Any]) -> None:
    packet = bytes.fromhex(case["hex"])
    assert explain(packet) == packets.explain_message(packet)
    assert complaints(explain(packet)) == []
    assert "digest:" not in explain(packet)


@pytest.mark.parametrize("case", ENCRYPTED, ids=lambda case: case["name"])
def test_a_wrong_authentication_password_is_reported_and_the_packet_is_still_decrypted(
    case: Mapping[str, Any],
) -> None:
    text = explain(bytes.fromhex(case["hex"]), users=[user_of(case, auth_pass="wrong wrong")])
    assert ", decrypted, " in summary(text)
    assert ", wrong digest, " in summary(text)
    (complaint,) = complaints(text)
    assert complaint.startswith("!        wrong digest: the digest does not match the user's authentication key")


@pytest.mark.parametrize("case", ENCRYPTED, ids=lambda case: case["name"])
def test_a_wrong_privacy_password_is_reported(case: Mapping[str, Any]) -> None:
    text = explain(bytes.fromhex(case["hex"]), users=[user_of(case, priv_pass="wrong wrong")])
    assert ", not decrypted, " in summary(text)
    assert "digest:   right for user" in text
    (complaint,) = complaints(text)
    assert complaint.startswith("!        not decrypted: the decrypted octets are no ScopedPDU")


# ------------------------------------------------------------------------------------------ whose keys


def test_the_user_is_found_by_its_name() -> None:
    others = [UsmUser("ernie", "MD5", "somebody else"), UsmUser("bert2", "SHA", "somebody else")]
    assert ", decrypted, " in summary(explain(message(ANSWER), users=[*others, USER]))


def test_of_two_users_with_one_name_the_one_with_the_right_digest_counts() -> None:
    namesake = UsmUser("bert", "SHA", "somebody else", "AES", "privately!")
    for users in ([namesake, USER], [USER, namesake]):
        text = explain(message(ANSWER), users=users)
        assert complaints(text) == []
        assert "digest:   right for user bert (SHA)" in text


def test_a_packet_of_an_unknown_user_stays_encrypted() -> None:
    text = explain(message(ANSWER), users=[UsmUser("ernie", "SHA", "authentic!", "AES", "privately!")])
    assert complaints(text) == ["!        not decrypted: no keys were given for the user of this message"]
    assert "digest:" not in text


def test_an_authenticated_packet_of_an_unknown_user_is_explained_as_without_keys() -> None:
    packet = message(ANSWER, flags=MsgFlags.AUTH)
    assert explain(packet, users=[UsmUser("ernie")]) == explain(packet)


def test_a_user_without_a_privacy_key_has_the_digest_checked() -> None:
    text = explain(message(ANSWER), users=[UsmUser("bert", "SHA", "authentic!")])
    assert "digest:   right for user bert (SHA)" in text
    assert complaints(text) == ["!        not decrypted: the message is encrypted, but the user has no privacy key"]


def test_what_is_not_protected_needs_no_keys() -> None:
    packet = message(ANSWER, flags=0)
    assert explain(packet, users=[USER]) == explain(packet)


def test_a_digest_of_another_protocol_has_another_length() -> None:
    text = explain(message(ANSWER), users=[UsmUser("bert", "SHA-256", "authentic!", "AES", "privately!")])
    assert complaints(text)[0] == "!        wrong digest: a digest of 12 octets, not 24 (bert, SHA-256)"


def test_a_packet_that_was_changed_on_its_way_has_a_wrong_digest() -> None:
    packet = bytearray(message(ANSWER, flags=MsgFlags.AUTH))
    packet[-1] ^= 1
    assert "wrong digest" in summary(explain(bytes(packet), users=[USER]))


def test_other_versions_and_security_models_have_no_use_for_keys() -> None:
    community = bytes.fromhex("302602010104067075626c6963a01902046b8b4567020100020100300b300906052b060102010500")
    assert explain(community, users=[USER]) == explain(community)
    header = V3Message(1, 484, MsgFlags.AUTH | MsgFlags.PRIV, 4, b"", encrypted_pdu=b"sealed")
    assert explain(encode_message(header), users=[USER]) == explain(encode_message(header))


def test_a_message_that_is_in_plain_although_its_flags_deny_it_is_explained_as_it_is() -> None:
    packet = bytearray(message(ANSWER, flags=MsgFlags.AUTH))
    flags = packet.index(b"\x04\x01\x01\x02\x01\x03") + 2
    packet[flags] |= MsgFlags.PRIV
    text = explain(bytes(packet), users=[USER])
    assert "(although msgFlags says that it is encrypted)" in text
    assert ", decrypted, " not in summary(text)
    assert "sw1" in text


def test_a_message_that_is_encrypted_although_its_flags_deny_it_stays_so() -> None:
    packet = bytearray(message(ANSWER))
    flags = packet.index(b"\x04\x01\x03\x02\x01\x03") + 2
    packet[flags] = MsgFlags.AUTH
    text = explain(bytes(packet), users=[USER])
    assert "(although msgFlags says that it is not encrypted)" in text
    assert ", decrypted, " not in summary(text)


def test_a_user_without_any_key_cannot_tell_about_the_digest() -> None:
    text = explain(message(ANSWER), users=[UsmUser("bert")])
    assert "digest:" not in text
    assert complaints(text) == ["!        not decrypted: the message is encrypted, but the user has no privacy key"]


# ------------------------------------------------------------------------------------- what is inside


def test_padding_is_counted() -> None:
    text = explain(message(ANSWER, user := UsmUser("bert", "SHA", "authentic!", "DES", "privately!")), users=[user])
    assert f"padding:  {-len(ANSWER) % 8} octet" in text
    assert complaints(text) == []


def test_a_pdu_that_is_broken_inside_is_told_with_offsets_of_the_decrypted_octets() -> None:
    broken = ANSWER.replace(bytes(SYS_NAME.ber), bytes(SYS_NAME.ber)[:-1] + b"\x80")
    offset = broken.index(bytes(SYS_NAME.ber)[:-1] + b"\x80")
    text = explain(message(broken), users=[USER])
    assert summary(text).endswith(" of the decrypted octets")
    (complaint,) = complaints(text)
    assert offset <= int(complaint[1:].split()[0]) < offset + len(SYS_NAME.ber)


def test_a_pdu_that_ends_too_early_says_what_was_expected() -> None:
    cut = ber.tlv(ber.SEQUENCE, ber.tlv(ber.OCTET_STRING, ENGINE_ID) + ber.tlv(ber.OCTET_STRING, b"") + b"\xa2\x00")
    text = explain(message(cut), users=[USER])
    assert "the data ends before its request-id" in text
    assert "where:    message > encryptedPDU > ScopedPDU > data > request-id" in text


def test_an_error_and_the_variable_to_blame_are_told_as_in_plain_packets() -> None:
    pdu = Pdu(PduType.RESPONSE, 1, 17, 1, (VarBind(SYS_NAME, Integer32(1)),))
    text = explain(message(encode_scoped_pdu(ScopedPdu(ENGINE_ID, b"", pdu))), users=[USER])
    assert "notWritable at variable binding 1" in summary(text)


def test_a_community_inside_is_hidden_unless_secrets_are_shown() -> None:
    row = OID("1.3.6.1.6.3.18.1.1.1.2.1.65")  # snmpCommunityName
    packet = message(response(VarBind(row, OctetString("open sesame"))))
    hidden = explain(packet, users=[USER])
    assert "open sesame" not in hidden
    assert b"open sesame".hex()[:8] not in hidden.replace(" ", "")
    assert "open sesame" in explain(packet, users=[USER], show_secrets=True)


def test_no_password_is_ever_shown() -> None:
    text = explain(message(ANSWER), users=[USER], show_secrets=True)
    assert "authentic!" not in text
    assert "privately!" not in text


# ------------------------------------------------------------------------------------------- any octets


@settings(max_examples=150, deadline=None)
@given(
    position=st.integers(0, 150),
    octet=st.integers(0, 255),
    stop=st.integers(0, 160),
    flags=st.sampled_from((MsgFlags.AUTH, MsgFlags.AUTH | MsgFlags.PRIV)),
)
def test_any_octets_will_do(position: int, octet: int, stop: int, flags: int) -> None:
    packet = bytearray(message(ANSWER, flags=flags))
    packet[position % len(packet)] = octet
    text = explain(bytes(packet[: stop or None]), users=[USER])
    assert text
    assert len(text) < 100_000
    assert text.replace("\n", "").isprintable()


@settings(max_examples=100, deadline=None)
@given(inside=st.binary(max_size=120))
def test_any_octets_inside_will_do(inside: bytes) -> None:
    header = ber.tlv(ber.OCTET_STRING, ENGINE_ID) + ber.tlv(ber.OCTET_STRING, b"")
    text = explain(message(ber.tlv(ber.SEQUENCE, header + inside)), users=[USER])
    assert ", decrypted, " in summary(text)
    assert complaints(text) or inside[:1] in {
        b"\xa0",
        b"\xa1",
        b"\xa2",
        b"\xa3",
        b"\xa5",
        b"\xa6",
        b"\xa7",
        b"\xa8",
        b"\xa4",
    }


def test_an_outline_is_decrypted_too() -> None:
    first, value = outline_with_keys(message(ANSWER), users=(USER,))
    assert first.startswith('SNMPv3 get-response, authPriv, user "bert", decrypted, 1 variable binding, ')
    assert value == '1.3.6.1.2.1.1.5.0 (sysName.0) = "sw1"'
    first, problem = outline_with_keys(message(ANSWER), users=(UsmUser("other", "SHA", "authentic!"),))
    assert "not decrypted" in first
    assert problem == "! not decrypted: no keys were given for the user of this message"
    assert outline_with_keys(message(ANSWER))[1:] == ()
