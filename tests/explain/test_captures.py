"""Capture files: their frames, and files that are broken."""

from __future__ import annotations

import contextlib
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.errors import ConfigurationError
from snmptcp.explain import captures
from snmptcp.explain.captures import is_capture, read_frames
from tests.support.pasted import ethernet, ipv4_udp, pcap, pcapng

pytest.importorskip("dpkt")

FRAMES = [ethernet(ipv4_udp(b"one")), ethernet(ipv4_udp(b"two"))]

FILES = {
    "pcap": pcap(FRAMES),
    "big-endian": pcap(FRAMES, order=">"),
    "nanoseconds": pcap(FRAMES, magic=0xA1B23C4D),
    "pcapng": pcapng(FRAMES),
}


@pytest.mark.parametrize("name", FILES)
def test_a_capture_has_its_frames(name):
    assert is_capture(FILES[name])
    assert list(read_frames(FILES[name])) == [(1, frame) for frame in FRAMES]


@pytest.mark.parametrize("name", FILES)
def test_a_capture_that_is_cut_off_has_the_frames_before(name):
    assert [frame for _, frame in read_frames(FILES[name][:-3])][:1] == FRAMES[:1]


def test_a_message_is_no_capture():
    assert not is_capture(b"\x30\x26\x02\x01\x01")
    assert not is_capture(b"")


def test_a_broken_header_is_refused():
    with pytest.raises(ConfigurationError, match="a broken capture"):
        list(read_frames(FILES["pcap"][:10]))


def test_without_dpkt_the_extra_is_named(monkeypatch):
    def no_module(name):
        raise ImportError(name)

    monkeypatch.setattr(captures, "importlib", SimpleNamespace(import_module=no_module))
    with pytest.raises(ConfigurationError, match=r"pip install 'snmptcp\[pcap\]'"):
        list(read_frames(FILES["pcap"]))


@given(st.sampled_from(sorted(FILES)), st.lists(st.tuples(st.integers(4, 200), st.integers(0, 255)), max_size=8))
def test_a_damaged_capture_ends_early_or_is_refused(name, changes):
    octets = bytearray(FILES[name])
    for at, octet in changes:
        octets[at % len(octets)] = octet
    with contextlib.suppress(ConfigurationError):
        assert len(list(read_frames(bytes(octets)))) < 1000
