"""Community messages: requests are as the codec writes them, and replies are checked.

Sources: RFC 1157 section 4.1, RFC 1901 section 3, RFC 3417 section 8 (lengths need not be minimal).
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.codec import ber
from snmptcp.codec.message import decode_message, encode_message
from snmptcp.codec.pdu import Pdu, PduType, TrapV1Pdu, encode_pdu
from snmptcp.credentials import Community, SnmpVersion
from snmptcp.errors import DecodeError, SecurityError, WrongCommunity, WrongVersion
from snmptcp.oid import OID
from snmptcp.protocol.request import get_request
from snmptcp.security.community import CommunitySecurity
from snmptcp.security.model import NO_EXCHANGE_ID, Opened, Refused
from snmptcp.values import IpAddress, Null, OctetString, TimeTicks, VarBind
from tests.support import wire

V1, V2C = SnmpVersion.V1, SnmpVersion.V2C
FOUR_OCTET_IDS = st.integers(0x01000000, 0x7FFFFFFF)


def request_pdu(request_id: int, *names: str) -> Pdu:
    return Pdu(PduType.GET, request_id, 0, 0, tuple(VarBind(OID(name), Null()) for name in names))


def pdu_of(opened: Opened) -> bytes:
    """Return the PDU of an opened reply; communities have no msgID and no reports."""
    assert opened.message_id is None
    assert opened.origin is None
    return opened.data[opened.start : opened.stop]


def refusal_of(security: CommunitySecurity, reply: bytes) -> Refused:
    with pytest.raises(Refused) as caught:
        security.open(reply)
    return caught.value


def message_of(body: bytes) -> bytes:
    return ber.tlv(ber.SEQUENCE, body)


# ------------------------------------------------------------------------------------------ protect


@given(
    community=st.binary(max_size=300),
    version=st.sampled_from(["1", "2c"]),
    request_id=FOUR_OCTET_IDS,
    size=st.integers(1, 80),
)
def test_a_protected_request_is_what_the_codec_would_have_written(
    community: bytes, version: str, request_id: int, size: int
) -> None:
    security = CommunitySecurity(Community(community, version))
    names = tuple(f"1.3.6.1.2.1.{number}.0" for number in range(size))
    pdu = request_pdu(request_id, *names)

    protected = security.protect(PduType.GET, 0, request_id.to_bytes(4, "big"), get_request(names).tail, 0.0)

    assert protected == wire.message(pdu, community=community, version=security.version)


@pytest.mark.parametrize("tail_length", [0, 1, 121, 122, 127, 128, 200, 249, 250, 255, 256, 65520, 65535, 65536, 70000])
def test_the_lengths_are_right_around_every_size_where_they_need_another_octet(tail_length: int) -> None:
    security = CommunitySecurity(Community("public"))
    protected = security.protect(PduType.GET, 0, b"\x12\x34\x56\x78", bytes(tail_length), 0.0)

    start, end = ber.read_tagged(protected, 0, len(protected), ber.SEQUENCE, "message")
    assert end == len(protected)
    pdu_offset = start + len(b"\x02\x01\x01\x04\x06public")
    pdu_start, pdu_end = ber.read_tagged(protected, pdu_offset, end, PduType.GET, "PDU")
    assert pdu_end == end
    assert protected[pdu_start:pdu_end] == b"\x02\x04\x12\x34\x56\x78" + bytes(tail_length)


def test_a_second_request_of_the_same_length_differs_in_its_id_and_tail_alone() -> None:
    security = CommunitySecurity(Community("public"))
    first = security.protect(PduType.GET, 0, b"\x11\x11\x11\x11", b"first", 0.0)
    second = security.protect(PduType.GET, 0, b"\x22\x22\x22\x22", b"other", 0.0)

    assert first == second.replace(b"\x22\x22\x22\x22other", b"\x11\x11\x11\x11first")


def test_requests_of_one_length_and_different_types_do_not_share_a_head() -> None:
    security = CommunitySecurity(Community("public"))
    tail = get_request(("1.3.6.1.2.1.1.1.0",)).tail

    for pdu_type in (PduType.GET, PduType.GET_NEXT, PduType.SET, PduType.GET):
        decoded = decode_message(security.protect(pdu_type, 0, b"\x12\x34\x56\x78", tail, 0.0))
        assert decoded == decode_message(
            wire.response(0x12345678, wire.varbinds(("1.3.6.1.2.1.1.1.0", Null())), pdu_type=pdu_type)
        )


def test_the_heads_that_are_kept_are_bounded_and_stay_right() -> None:
    security = CommunitySecurity(Community("public"))
    for length in [*range(1500), 0, 700, 1499]:
        protected = security.protect(PduType.GET, 0, b"\x12\x34\x56\x78", b"\0" * length, 0.0)
        assert ber.read_header(protected, 0, len(protected))[2] == len(protected)
        assert protected.endswith(b"\x02\x04\x12\x34\x56\x78" + b"\0" * length)

    assert len(security._heads) <= 512


# --------------------------------------------------------------------------------------------- open


@pytest.mark.parametrize("version", [V1, V2C])
@pytest.mark.parametrize("community", [b"", b"public", b"\x00\xff", b"c" * 127, b"c" * 128, b"c" * 300])
def test_the_pdu_of_a_trusted_reply_is_found(version: SnmpVersion, community: bytes) -> None:
    security = CommunitySecurity(Community(community, version))
    pdu = Pdu(PduType.RESPONSE, 5, 0, 0, wire.varbinds(("1.3.6.1.2.1.1.1.0", OctetString(b"x" * 90))))
    reply = wire.message(pdu, community=community, version=version)

    assert pdu_of(security.open(reply)) == encode_pdu(pdu)


@pytest.mark.parametrize("length_octets", [1, 2, 3, 4])
def test_a_message_length_that_is_longer_than_need_be_is_taken(length_octets: int) -> None:
    pdu = encode_pdu(Pdu(PduType.RESPONSE, 5))
    body = b"\x02\x01\x01\x04\x06public" + pdu
    reply = b"\x30" + bytes((0x80 | length_octets,)) + len(body).to_bytes(length_octets, "big") + body

    assert pdu_of(CommunitySecurity(Community("public")).open(reply)) == pdu


@pytest.mark.parametrize(
    "header",
    [
        b"\x02\x02\x00\x01\x04\x06public",
        b"\x02\x04\x00\x00\x00\x01\x04\x06public",
        b"\x02\x81\x01\x01\x04\x06public",
        b"\x02\x01\x01\x04\x81\x06public",
        b"\x02\x01\x01\x04\x84\x00\x00\x00\x06public",
    ],
)
def test_an_envelope_in_longer_forms_than_ours_is_taken(header: bytes) -> None:
    pdu = encode_pdu(Pdu(PduType.RESPONSE, 5))
    reply = message_of(header + pdu)

    assert pdu_of(CommunitySecurity(Community("public")).open(reply)) == pdu


@pytest.mark.parametrize("community", [b"", b"publi", b"publicc", b"Public", b"public\0", b"private", b"p" * 300])
def test_another_community_is_refused(community: bytes) -> None:
    reply = wire.response(5, community=community)

    refused = refusal_of(CommunitySecurity(Community("public")), reply)

    assert isinstance(refused.reason, WrongCommunity)
    assert isinstance(refused.reason, SecurityError)
    assert refused.exchange_id == 5


@pytest.mark.parametrize(("ours", "theirs"), [("1", V2C), ("2c", V1)])
def test_the_other_community_version_is_refused_with_both_numbers(ours: str, theirs: SnmpVersion) -> None:
    security = CommunitySecurity(Community("public", ours))
    reply = wire.response(5, version=theirs)

    refused = refusal_of(security, reply)

    assert isinstance(refused.reason, WrongVersion)
    assert (refused.reason.expected, refused.reason.found) == (security.version, theirs)
    assert refused.exchange_id == 5


@pytest.mark.parametrize(("community", "theirs"), [(b"private", V2C), (b"public", V1), (b"private", V1)])
def test_a_refused_trap_of_version_1_names_no_exchange(community: bytes, theirs: SnmpVersion) -> None:
    trap = TrapV1Pdu(OID("1.3.6.1.4.1.9999"), IpAddress("192.0.2.1"), 6, 1, TimeTicks(5))

    refused = refusal_of(
        CommunitySecurity(Community("public")), wire.message(trap, community=community, version=theirs)
    )

    assert refused.exchange_id == NO_EXCHANGE_ID


@pytest.mark.parametrize("number", [b"\x02\x01\x02", b"\x02\x01\xff", b"\x02\x04\x7f\xff\xff\xff"])
def test_a_version_that_does_not_exist_is_refused(number: bytes) -> None:
    reply = message_of(number + b"\x04\x06public" + encode_pdu(Pdu(PduType.RESPONSE, 5)))

    refused = refusal_of(CommunitySecurity(Community("public")), reply)

    assert isinstance(refused.reason, WrongVersion)
    assert refused.reason.found == ber.read_integer(number, 2, len(number))
    assert refused.exchange_id is None


def test_a_wrong_version_is_told_before_a_wrong_community() -> None:
    reply = wire.response(5, community=b"other", version=V1)

    assert isinstance(refusal_of(CommunitySecurity(Community("public")), reply).reason, WrongVersion)


def test_no_refusal_shows_either_community() -> None:
    reply = wire.response(5, community=b"theirsecret")

    refused = refusal_of(CommunitySecurity(Community("oursecret")), reply)

    assert "secret" not in f"{refused} {refused!r} {refused.reason} {refused.reason!r}"


def test_the_security_of_a_community_does_not_show_it() -> None:
    assert "secret" not in repr(CommunitySecurity(Community("secret")))


@pytest.mark.parametrize(
    "reply",
    [
        b"\x30\x00",
        b"\x30\x03\x02\x01\x01",
        b"\x30\x05\x02\x01\x01\x04\x06",
        b"\x30\x05\x04\x03abc",
        b"\x30\x07\x02\x01\x01\x24\x02\x04\x00",
        b"\x30\x04\x02\x80\x01\x00",
        b"\x30\x02\x02\x00",
    ],
    ids=lambda reply: reply.hex(),
)
def test_an_unsound_envelope_is_a_decode_error(reply: bytes) -> None:
    with pytest.raises(DecodeError):
        CommunitySecurity(Community("public")).open(reply)


def test_a_version_3_message_is_not_taken_for_ours() -> None:
    # The noAuthNoPriv discovery request of RFC 3414 section 4, with empty security parameters.
    security_parameters = ber.tlv(ber.OCTET_STRING, bytes.fromhex("300e0400020100020100040004000400"))
    scoped_pdu = ber.tlv(ber.SEQUENCE, b"\x04\x00\x04\x00" + encode_pdu(Pdu(PduType.REPORT, 5)))
    reply = message_of(
        b"\x02\x01\x03" + bytes.fromhex("300d020105020205dc040100020103") + security_parameters + scoped_pdu
    )

    refused = refusal_of(CommunitySecurity(Community("public")), reply)

    assert isinstance(refused.reason, WrongVersion)
    assert (refused.reason.expected, refused.reason.found) == (1, 3)
    assert refused.exchange_id is None


@given(octets=st.binary(max_size=60))
def test_no_framed_octets_raise_anything_but_a_decode_error_or_a_refusal(octets: bytes) -> None:
    security = CommunitySecurity(Community("public"))
    reply = message_of(octets)
    try:
        opened = security.open(reply)
    except (DecodeError, Refused):
        return
    assert opened.data is reply
    assert 2 <= opened.start <= opened.stop == len(reply)


@given(community=st.binary(max_size=40), version=st.sampled_from(["1", "2c"]), other=st.binary(max_size=40))
def test_a_reply_is_trusted_exactly_if_version_and_community_are_ours(
    community: bytes, version: str, other: bytes
) -> None:
    security = CommunitySecurity(Community(community, version))

    for theirs in (community, other):
        for number in (V1, V2C):
            reply = encode_message(decode_message(wire.response(5, community=theirs, version=number)))
            if theirs == community and number == security.version:
                assert pdu_of(security.open(reply)) == encode_pdu(Pdu(PduType.RESPONSE, 5))
            else:
                assert refusal_of(security, reply).exchange_id == 5
