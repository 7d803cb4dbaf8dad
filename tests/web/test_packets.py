"""The packets of one request, explained without secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp import Community, ConfigurationError, Manager, UsmUser
from snmptcp.testing import Agent
from snmptcp.web.packets import Packet, Recorder, explained
from tests.web.making import SYSTEM, device

if TYPE_CHECKING:
    from snmptcp.security.choose import Credentials

pytestmark = pytest.mark.anyio

BERT = UsmUser("bert", "SHA-256", "a password of bert", "AES", "another of bert")


@pytest.mark.parametrize("credentials", [Community("public"), BERT], ids=["community", "user"])
async def test_each_packet_is_explained_without_secrets(credentials: Credentials) -> None:
    recorder = Recorder()
    async with (
        Agent(device("sw-secretive"), users=[BERT]) as agent,
        Manager(agent.host, agent.port, credentials=credentials, observer=recorder) as manager,
    ):
        assert await recorder.record(manager.get(f"{SYSTEM}.5.0")) is None
    packets = explained(recorder.packets, credentials, None)
    assert {packet["direction"] for packet in packets} == {"sent", "received"}
    text = "\n".join(str(packet["text"]) for packet in packets)
    assert "sw-secretive" in text  # decrypted
    assert "public" not in text
    assert all(line.isprintable() for line in text.splitlines())


async def test_a_request_that_fails_has_its_error_and_one_that_is_wrong_is_refused() -> None:
    recorder = Recorder()
    async with Manager("127.0.0.1", 1, credentials=Community("public"), observer=recorder) as manager:
        assert str(await recorder.record(manager.get(f"{SYSTEM}.5.0"))).startswith("ConnectFailed: ")
        with pytest.raises(ConfigurationError):
            await recorder.record(manager.get("no such name"))
    assert recorder.packets == []


def test_very_many_and_very_long_packets_are_counted_and_told() -> None:
    recorder = Recorder()
    for _ in range(60):
        recorder.message_sent(b"\x30\x00")
    assert (len(recorder.packets), recorder.omitted) == (50, 10)
    (told,) = explained([Packet("received", 1.0, bytes(9000))], Community("public"), None)
    assert told["text"] == "9,000 octets are too many to explain here"


def test_octets_that_are_no_message_are_explained_as_such() -> None:
    (told,) = explained([Packet("received", 1.0, b"\xff\xff\x1b")], Community("public"), None)
    assert isinstance(told["text"], str)
    assert told["size"] == 3
