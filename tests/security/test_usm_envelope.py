"""Envelopes: whatever the sizes and in whatever order, the messages are those of the general encoder.

Sources: RFC 3412 section 6, RFC 3414 sections 2.4 and 3.1.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snmptcp.codec import ber
from snmptcp.codec.message import MsgFlags, V3Message, encode_message, read_v3_header, read_version
from snmptcp.credentials import UsmUser
from snmptcp.errors import ConfigurationError
from snmptcp.security.usm_envelope import Envelope
from snmptcp.security.usm_keys import UserKeys, user_keys
from snmptcp.security.usm_message import open_scoped_pdu, read_usm_parameters, verify_digest
from tests.support.usm import AUTH_USER, ENGINE_ID, PLAIN_USER, PRIV_USER, encode_parameters

DES_USER = UsmUser("shades", "SHA-256", "authpass123", "DES", "privpass123")

users = pytest.mark.parametrize(
    "user", [PLAIN_USER, AUTH_USER, PRIV_USER, DES_USER], ids=lambda user: user.name.decode()
)

#: Around each size at which a length takes an octet more.
SIZES = [2, 40, *range(100, 135), *range(225, 262), 1000, *range(65400, 65550, 10), 70_000]


def envelope_of(user: UsmUser, boots: int = 7, time: int = 1000) -> tuple[Envelope, UserKeys]:
    keys = user_keys(user, ENGINE_ID)
    mac_size = 0 if keys.authenticator is None else keys.authenticator.mac_size
    return Envelope(ENGINE_ID, boots, time, user.name, 65507, int(user.security_level), mac_size), keys


def scoped_pdu(size: int) -> bytes:
    """Return a ScopedPDU of about that size, with an octet string in the place of its PDU."""
    return ber.tlv(ber.SEQUENCE, ber.tlv(ber.OCTET_STRING, ENGINE_ID) + b"\x04\0" + ber.tlv(0xA0, bytes(size)))


def encoded_generally(message: bytes) -> bytes:
    """Return what the general encoder makes of the contents of a message."""
    version, offset, end = read_version(message)
    header = read_v3_header(message, offset, end)
    start, stop = ber.read_tagged(message, header.security_start, header.security_stop, ber.SEQUENCE, "parameters")
    assert stop == header.security_stop
    assert version == 3
    parameters = read_usm_parameters(message, header.security_start, header.security_stop)
    data = message[header.security_stop : end]
    encoded = encode_parameters(parameters)
    assert ber.tlv(ber.SEQUENCE, message[start:stop]) == encoded
    if header.msg_flags & MsgFlags.PRIV:
        start, stop = ber.read_tagged(data, 0, len(data), ber.OCTET_STRING, "encryptedPDU")
        assert stop == len(data)
        return encode_message(
            V3Message(header.msg_id, header.msg_max_size, header.msg_flags, 3, encoded, None, data[start:stop])
        )
    whole = encode_message(V3Message(header.msg_id, header.msg_max_size, header.msg_flags, 3, encoded, None, b""))
    _, offset, end = read_version(whole)
    return ber.tlv(ber.SEQUENCE, whole[offset - 3 : end - 2] + data)


@users
def test_a_sealed_message_is_what_the_general_encoder_makes_of_its_contents(user: UsmUser) -> None:
    envelope, keys = envelope_of(user)
    for size in (*SIZES, *reversed(SIZES)):
        pdu = scoped_pdu(size)
        message = envelope.seal(b"\x12\x34\x56\x78", pdu, keys)

        assert encoded_generally(message) == message
        _, offset, end = read_version(message)
        header = read_v3_header(message, offset, end)
        parameters = read_usm_parameters(message, header.security_start, header.security_stop)
        assert header[:4] == (0x12345678, 65507, int(user.security_level), 3)
        assert parameters[:4] == (ENGINE_ID, 7, 1000, user.name)
        if keys.authenticator is not None:
            verify_digest(message, parameters, keys.authenticator)
        plain = open_scoped_pdu(message, header, parameters, keys.privacy)
        assert plain.data[plain.start : plain.stop] == ber.tlv(0xA0, bytes(size))


@settings(max_examples=30)
@given(
    boots=st.integers(0, 0x7FFFFFFF),
    time=st.integers(0, 0x7FFFFFFF),
    max_size=st.integers(484, 0x7FFFFFFF),
    name=st.binary(max_size=32),
    engine_id=st.binary(min_size=1, max_size=255),
    msg_id=st.integers(0, 0x7FFFFFFF),
)
def test_all_numbers_and_names_are_encoded_in_their_shortest_form(
    boots: int, time: int, max_size: int, name: bytes, engine_id: bytes, msg_id: int
) -> None:
    octets = ber.encode_integer(msg_id)[2:]
    envelope = Envelope(engine_id, boots, time, name, max_size, 0, 0, len(octets))

    message = envelope.seal(octets, scoped_pdu(30), UserKeys(None, None))

    assert encoded_generally(message) == message
    _, offset, end = read_version(message)
    header = read_v3_header(message, offset, end)
    assert header[:2] == (msg_id, max_size)
    assert read_usm_parameters(message, header.security_start, header.security_stop)[:4] == (
        engine_id,
        boots,
        time,
        name,
    )


@pytest.mark.parametrize("user", [AUTH_USER, PRIV_USER], ids=lambda user: user.name.decode())
def test_a_message_is_not_sealed_without_the_keys_that_its_level_needs(user: UsmUser) -> None:
    envelope, keys = envelope_of(user)
    lacking = UserKeys(None, None) if user is AUTH_USER else keys._replace(privacy=None)

    with pytest.raises(ConfigurationError, match="the user has no keys"):
        envelope.seal(b"\x12\x34\x56\x78", scoped_pdu(30), lacking)


def test_each_message_has_its_own_salt_and_digest() -> None:
    envelope, keys = envelope_of(PRIV_USER)

    messages = {envelope.seal(b"\x12\x34\x56\x78", scoped_pdu(30), keys) for _ in range(100)}

    assert len(messages) == 100
