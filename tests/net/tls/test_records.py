"""TLS records as they pass: their headers, and the group of the key exchange, on either side."""

from __future__ import annotations

import gc
import ssl
import weakref

import pytest

from snmptcp.net.tls import ServerTls, TlsOptions
from snmptcp.net.tls.records import CAN_WATCH, WatchedObject, record_text, watch_records
from tests.support.certificates import certificates

C = certificates()


def can_choose(group: str) -> bool:
    """Whether Python can choose a group; its first versions 3.11 know some curves only."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).set_ecdh_curve(group)
    except ssl.SSLError:
        return False
    return True


NEEDS_CHOICE = pytest.mark.skipif(not can_choose("X25519"), reason="this Python cannot choose every group of OpenSSL")


def contexts(version: ssl.TLSVersion, group: str = "") -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return a client's and a server's context."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    client.minimum_version = client.maximum_version = version
    if group:
        client.set_ecdh_curve(group)
    return client, ServerTls(TlsOptions(certificate=C.server.pem)).context


def handshake(client: ssl.SSLContext, server: ssl.SSLContext, session: ssl.SSLSession | None = None):
    """Shake hands in memory; return both ends."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = (
        client.wrap_bio(to_client, to_server, session=session),
        server.wrap_bio(to_server, to_client, server_side=True),
    )
    done: set[ssl.SSLObject] = set()
    while len(done) < 2:
        for end in ends:
            try:
                end.do_handshake()
                done.add(end)
            except ssl.SSLWantReadError:
                pass
    ends[1].write(b"abc")
    assert ends[0].read(3) == b"abc"  # and the session's tickets
    return ends


def test_this_version_of_python_shows_records() -> None:
    assert CAN_WATCH


@pytest.mark.parametrize(
    ("version", "group", "name"),
    [
        pytest.param(ssl.TLSVersion.TLSv1_3, "X25519", "x25519", marks=NEEDS_CHOICE),
        (ssl.TLSVersion.TLSv1_3, "prime256v1", "secp256r1"),
        pytest.param(ssl.TLSVersion.TLSv1_3, "ffdhe2048", "ffdhe2048", marks=NEEDS_CHOICE),
        (ssl.TLSVersion.TLSv1_2, "prime256v1", "secp256r1"),
    ],
)
def test_both_ends_know_the_group(version, group, name) -> None:
    client, server = contexts(version, group)
    watch_records(client, None)
    watch_records(server, None)
    mine, theirs = handshake(client, server)
    assert isinstance(mine, WatchedObject)
    assert isinstance(theirs, WatchedObject)
    assert (mine.group(), theirs.group()) == (name, name)


def test_the_group_after_a_retry_is_that_of_the_second_hello() -> None:
    client, server = contexts(ssl.TLSVersion.TLSv1_3)
    server.set_ecdh_curve("secp521r1")
    watch_records(client, None)
    mine, _ = handshake(client, server)
    assert isinstance(mine, WatchedObject)
    assert mine.group() == "secp521r1"


def test_a_resumed_session_of_tls_1_2_has_no_group_and_one_of_tls_1_3_has() -> None:
    for version, group in ((ssl.TLSVersion.TLSv1_2, None), (ssl.TLSVersion.TLSv1_3, "x25519")):
        client, server = contexts(version)
        watch_records(client, None)
        first, _ = handshake(client, server)
        again, _ = handshake(client, server, first.session)
        assert again.session_reused
        assert isinstance(again, WatchedObject)
        assert again.group() == group


@pytest.mark.parametrize(
    ("message", "cipher", "group"),
    [
        (bytes.fromhex("0c000100 0300ff"), "ECDHE-RSA-AES128-GCM-SHA256", "group 255"),
        (bytes.fromhex("0c000100 010017"), "ECDHE-RSA-AES128-GCM-SHA256", None),
        (bytes.fromhex("0c000100 0100") + b"\xff" * 256, "DHE-RSA-AES128-GCM-SHA256", "dh2048"),
        (bytes.fromhex("0c000100 0080") + b"\0" + b"\x7f" * 127, "DHE-RSA-AES128-GCM-SHA256", "dh1015"),
        (bytes.fromhex("0c000100"), "DHE-RSA-AES128-GCM-SHA256", "dh0"),
        (bytes.fromhex("0c000100"), "ECDHE-RSA-AES128-GCM-SHA256", None),
        (bytes.fromhex("0c000100 030017"), "AES128-GCM-SHA256", None),
        (b"", "ECDHE-RSA-AES128-GCM-SHA256", None),
    ],
)
def test_a_key_exchange_is_read_as_far_as_it_can_be(message, cipher, group, monkeypatch) -> None:
    watched = WatchedObject.__new__(WatchedObject)
    watched._shared = message
    monkeypatch.setattr(WatchedObject, "version", lambda self: "TLSv1.2")
    monkeypatch.setattr(WatchedObject, "cipher", lambda self: (cipher, "TLSv1.2", 128))
    assert watched.group() == group


@pytest.mark.parametrize("cut", range(0, 163, 7))
def test_a_hello_that_is_cut_off_has_no_group_or_its_own(cut, monkeypatch) -> None:
    client, server = contexts(ssl.TLSVersion.TLSv1_3, "prime256v1")
    watch_records(client, None)
    mine, _ = handshake(client, server)
    assert isinstance(mine, WatchedObject)
    mine._shared = mine._shared[:cut]
    assert mine.group() in {None, "secp256r1"}


def test_every_record_is_told_with_its_direction_and_header() -> None:
    told: list[tuple[object, str]] = []
    client, server = contexts(ssl.TLSVersion.TLSv1_2)
    watch_records(client, lambda end, sent, header: told.append((end, record_text(header, sent=sent))))
    mine, _ = handshake(client, server)
    assert {end for end, _ in told} == {mine}
    lines = [line for _, line in told]
    assert lines[0].startswith("TLS record sent: Handshake, TLS 1.0, ")
    assert lines[1].startswith("TLS record received: Handshake, TLS 1.2, ")
    assert "TLS record sent: ChangeCipherSpec, TLS 1.2, 1 bytes" in lines
    assert lines[-1].startswith("TLS record received: ApplicationData, TLS 1.2, ")


@pytest.mark.parametrize(
    ("header", "line"),
    [
        ("1503030002", "TLS record sent: Alert, TLS 1.2, 2 bytes"),
        ("1803030010", "TLS record sent: type 24, TLS 1.2, 16 bytes"),
        ("1609990000", "TLS record sent: Handshake, version 0x0999, 0 bytes"),
    ],
)
def test_a_header_is_shown_as_a_line(header, line) -> None:
    assert record_text(bytes.fromhex(header), sent=True) == line


def test_nothing_is_called_after_the_handshake_if_only_the_group_is_of_interest() -> None:
    client, server = contexts(ssl.TLSVersion.TLSv1_3)
    watch_records(client, None)
    assert client._msg_callback is None  # type: ignore[attr-defined]
    mine, _ = handshake(client, server)
    assert client._msg_callback is None  # type: ignore[attr-defined]
    assert isinstance(mine, WatchedObject)
    assert mine.group()


def test_a_watched_context_is_freed() -> None:
    client, server = contexts(ssl.TLSVersion.TLSv1_3)
    watch_records(client, None)
    mine, theirs = handshake(client, server)
    gone = weakref.ref(client)
    del client, mine, theirs, server
    gc.collect()
    assert gone() is None
