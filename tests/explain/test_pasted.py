"""What people have of a conversation: to messages, and to explanations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.errors import ConfigurationError
from snmptcp.explain import explain, find_packets, pasted
from tests.support.pasted import ethernet, ipv4, ipv4_tcp, ipv4_udp, ipv6_udp, pasted_forms, pcap, pcapng, tcp

REQUEST = bytes.fromhex("302602010104067075626c6963a01902046b8b4567020100020100300b300906052b060102010500")
ANSWER = bytes.fromhex("302702010104067075626c6963a21a02046b8b4567020100020100300c300a06052b06010201020105")


def octets_of(source):
    return [message.octets for message in find_packets(source).messages]


@pytest.mark.parametrize("form", pasted_forms(REQUEST))
@pytest.mark.parametrize(
    "wrap",
    [bytes, ipv4_udp, ipv4_tcp, lambda octets: ethernet(ipv4_tcp(octets)), ipv6_udp, lambda octets: octets + ANSWER],
)
def test_a_message_is_found_whatever_surrounds_it(form, wrap):
    assert octets_of(pasted_forms(wrap(REQUEST))[form])[0] == REQUEST


@pytest.mark.parametrize("form", ["tcpdump -x", "tcpdump -X", "wireshark", "hexdump -C"])
def test_a_stream_in_several_packets_of_a_dump_is_put_together(form):
    packets = [ipv4_tcp(REQUEST[:25], 100), ipv4_tcp(REQUEST[25:] + REQUEST, 125), ipv4(tcp(ANSWER, 9, 161, 40000), 6)]
    found = find_packets("\n".join(pasted_forms(packet)[form] for packet in packets))
    assert [message.octets for message in found.messages] == [REQUEST, REQUEST, ANSWER]
    assert found.form == "a dump with offsets, with 3 packets"
    assert found.messages[0].where == "packet 1, TCP 192.0.2.1:40000 > 192.0.2.2:161"


@pytest.mark.parametrize("make", [pcap, pcapng])
def test_captures_have_messages_of_tcp_and_udp(make):
    pytest.importorskip("dpkt")
    file = make(
        [
            ethernet(ipv4_tcp(b"", 99, 2)),
            ethernet(ipv4_tcp(REQUEST[:25], 100)),
            ethernet(ipv4_udp(ANSWER)),
            ethernet(ipv4_tcp(REQUEST[25:], 125)),
            ethernet(b"\0" * 28, 0x0806),
        ]
    )
    found = find_packets(file)
    assert [(message.octets, message.packet) for message in found.messages] == [(REQUEST, 2), (ANSWER, 3)]
    assert (found.form, found.notes) == ("a capture of 5 packets", ("1 packet without TCP or UDP",))
    text = explain(file)
    assert text.startswith("# a capture of 5 packets: 2 messages\n# 1 packet without TCP or UDP\n# packet 2, TCP ")
    assert "get-request" in text
    assert "public" not in text


def test_tls_in_a_dump_is_told():
    hello = ipv4(tcp(b"\x16\x03\x01\x00\x05hello", 1, 40000, 10161), 6)
    found = find_packets(pasted_forms(hello)["tcpdump -x"])
    assert found.messages == ()
    assert "TLS between" in found.notes[0]


def test_octets_beside_a_message_are_counted():
    found = find_packets((b"junk" + REQUEST).hex())
    assert [message.octets for message in found.messages] == [REQUEST]
    assert found.notes == ("4 octets beside the messages skipped",)


def test_octets_that_are_no_message_are_kept_as_they_are():
    for octets in (b"GET / HTTP/1.1", b"\x30\x05\x02\x01\x07", REQUEST[1:]):
        assert octets_of(octets.hex()) == [octets]
    assert octets_of(REQUEST + b"\x01\x02") == [REQUEST, b"\x01\x02"]
    assert octets_of(REQUEST + REQUEST[:9]) == [REQUEST, REQUEST[:9]]
    assert octets_of(b"\xff\xfe\xfd") == [b"\xff\xfe\xfd"]


def test_a_file_of_text_is_text_whatever_its_encoding():
    text = pasted_forms(REQUEST)["wireshark"]
    for octets in (text.encode(), text.encode("utf-8-sig"), text.encode("utf-16"), text.replace("\n", "\r\n").encode()):
        assert octets_of(octets) == [REQUEST]


def test_an_explanation_of_text_says_what_was_understood():
    assert explain(REQUEST.hex()) == explain(REQUEST)
    text = explain(pasted_forms(REQUEST)["xxd"])
    assert text == f"# a dump with offsets: 1 message\n{explain(REQUEST)}"
    assert explain("no octets at all!") == (
        "! not octets in hex: the text contains other characters than hexadecimal digits"
    )
    assert "public" in explain(pasted_forms(REQUEST)["xxd"], show_secrets=True)


def test_the_length_of_an_explanation_is_bounded(monkeypatch):
    monkeypatch.setattr(pasted, "MAX_TEXT", 3000)
    text = explain((REQUEST * 500).hex())
    assert len(text) < 6000
    assert text.endswith("more messages, not shown")
    monkeypatch.setattr(pasted, "MAX_INPUT", 1000)
    with pytest.raises(ConfigurationError, match="at most"):
        find_packets(REQUEST * 500)


@given(
    st.one_of(
        st.text(max_size=100), st.binary(max_size=200), st.binary(max_size=200).map(lambda octets: pcap([]) + octets)
    )
)
def test_nothing_raises(source):
    assert isinstance(explain(source), str)
