"""The first inputs of each fuzz target: the vectors, and messages of an attacker's.

Contains: which control octets precede which messages.
Does not contain: packets; those are in ``tests/vectors``, or are built by ``tests/support/attacker.py``.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from snmptcp.codec.pdu import PduType
from tests.fuzz.targets import BOOTS, ENGINE_ID, MESSAGE_ID, REQUEST_ID, TIME, USERS
from tests.support import attacker, odd
from tests.support.attacker import AUTH, PRIV, REPORTABLE
from tests.support.pasted import ethernet, ipv4_tcp, pasted_forms, pcap
from tests.support.vectors import all_messages, exchanges, must_fail_messages

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Longer vectors are left out: a fuzzer learns nothing from them that shorter ones do not teach.
MAX_SIZE = 4096

_NAME = "1.3.6.1.2.1.1.3.0"
_OTHER = "1.3.6.1.2.1.2"
_TRAP = "1.3.6.1.6.3.1.1.5.3"


def _vectors() -> Iterator[bytes]:
    for packet in itertools.chain(all_messages(), must_fail_messages()):
        if len(packet.octets) <= MAX_SIZE:
            yield packet.octets


def _usm(pdu: bytes, user: attacker.User, flags: int, *, message_id: bytes = MESSAGE_ID, **fields: bytes) -> bytes:
    """Return a message whose digest holds zeros and whose PDU is plain text, for the targets to repair."""
    engine_id = fields.get("engine_id", ENGINE_ID)
    scoped = attacker.scoped_pdu(pdu, ENGINE_ID)
    data = scoped
    if flags & PRIV:
        data = attacker.octet_string(scoped + bytes(-len(scoped) % 8 if user.priv == "DES" else 0))
    parameters = attacker.usm_parameters(
        engine_id,
        BOOTS,
        TIME,
        user.name.encode(),
        bytes(attacker.DIGESTS[user.auth][1]) if flags & AUTH else b"",
        b"saltsalt" if flags & PRIV else b"",
    )
    return attacker.v3_message(data, parameters, message_id=int.from_bytes(message_id, "big"), flags=flags)


def _id(base: bytes, number: int) -> bytes:
    return base[:3] + bytes([base[3] + number])


def _answers(number: int) -> Iterator[bytes]:
    """Yield PDUs that answer the request that left as a given number."""
    request_id = int.from_bytes(_id(REQUEST_ID, number), "big")
    yield attacker.pdu(attacker.RESPONSE, request_id, [(_NAME, attacker.integer(5))])
    yield attacker.pdu(
        attacker.RESPONSE,
        request_id,
        [(_NAME + ".1", attacker.octet_string(b"text")), (_OTHER + ".1", attacker.null(attacker.END_OF_MIB_VIEW))],
    )
    yield attacker.pdu(attacker.RESPONSE, request_id, attacker.names(_NAME), error_status=5, error_index=1)
    for counter in ("notInTimeWindows", "unknownEngineIDs", "unknownUserNames", "unsupportedSecLevels"):
        yield attacker.pdu(attacker.REPORT, request_id, [(attacker.COUNTERS[counter], attacker.counter32(3))])


def _notifications() -> Iterator[bytes]:
    """Yield the PDUs of a trap and an inform, and of a request for the engine ID."""
    bindings = attacker.notification(_TRAP, (_NAME, attacker.integer(-5)), (_OTHER, attacker.octet_string(b"eth0")))
    yield attacker.pdu(attacker.TRAP_V2, 4711, bindings)
    yield attacker.pdu(attacker.INFORM, 4711, bindings)
    yield attacker.pdu(attacker.GET, 4711, attacker.names("1.3.6.1.6.3.10.2.1.1.0"))


# ----------------------------------------------------------------------------------------- targets


def decoder() -> Iterator[bytes]:
    """Yield the vectors, and all PDUs alone."""
    yield from _vectors()
    yield from _answers(0)
    yield from _notifications()
    yield attacker.trap_v1(_TRAP, 6, 17, attacker.names(_NAME))


def framer() -> Iterator[bytes]:
    """Yield streams: recorded conversations, and what is no message."""
    for exchange in exchanges("netsnmp-tcp/manager_agent.json")[::8]:
        for chunk in (0, 7):
            yield bytes([chunk, 255]) + b"".join(exchange.server)[:MAX_SIZE]
    yield b"\x00\xff\x30\x00\x30\x00\x30\x83\x00\x00\x01\x05"
    yield b"\x03\x01\x30\x82\x01\x00"
    yield b"\x03\x01\x30\x84\x7f\xff\xff\xff"
    yield b"\x01\x10\x30\x80\x00\x00"
    yield b"\x01\x10\x31\x00"


def usm_open() -> Iterator[bytes]:
    """Yield replies of every level, with right and wrong digests; and the vectors."""
    for number, user in enumerate(USERS):
        for control in (8, 0):
            for pdu in _answers(0):
                for flags in {0, user.flags & AUTH, user.flags}:
                    yield bytes([control | number]) + _usm(pdu, user, flags)
    for octets in _vectors():
        if octets[4:5] == b"\x03" or b"\x02\x01\x03\x30" in octets[:12]:
            yield b"\x02" + octets


def usm_manager() -> Iterator[bytes]:
    """Yield replies of every level, with right and wrong digests, to a manager that knows the engine or not."""
    for number, user in enumerate(USERS):
        for control in (0, 8, 16, 24):
            for pdu in _answers(0):
                for flags in {0, user.flags & AUTH, user.flags}:
                    yield bytes([control | number]) + _usm(pdu, user, flags)
                    yield bytes([control | number]) + _usm(pdu, user, flags, engine_id=attacker.ENGINE_B)


def usm_authority() -> Iterator[bytes]:
    """Yield requests of every level, good ones and some for another engine; and the vectors."""
    for user in USERS:
        for kind in (attacker.GET, attacker.SET, attacker.INFORM, attacker.TRAP_V2):
            pdu = attacker.pdu(kind, 1, attacker.names(_NAME))
            for flags in {0, user.flags & AUTH, user.flags}:
                for control in (b"\x08", b"\x00"):
                    yield control + _usm(pdu, user, flags | REPORTABLE)
                yield b"\x08" + _usm(pdu, user, flags | REPORTABLE, engine_id=b"") * 2
    for octets in _vectors():
        yield b"\x00" + octets


def session() -> Iterator[bytes]:
    """Yield what agents answer to a session's four requests, one after the other."""
    for kind, flags in itertools.product((0, 1), (0, 4, 8)):
        for chunk, step in ((0, 0), (5, 4), (0, 60)):
            stream = b"".join(
                attacker.community_message(pdu, version=1 - kind) for number in range(4) for pdu in _answers(number)
            )
            yield bytes([kind, chunk, flags, step]) + stream
    for pdu in _answers(0):
        yield b"\0\0\0\0" + attacker.community_message(pdu)
    for number, user in enumerate(USERS):
        for flags in (1, 3, 2, 7, 11):
            messages = [
                _usm(pdu, user, level, message_id=_id(MESSAGE_ID, request))
                for request in range(4)
                for pdu in _answers(request)
                for level in {0, user.flags}
            ]
            yield bytes([2 + number, 0, flags, 0]) + b"".join(messages)[:MAX_SIZE]
            for message in messages[:14]:
                yield bytes([2 + number, 0, flags, 1]) + message
    for flags in (1, 3):
        for request in range(3):
            for pdu in (*_answers(request), *_notifications()):
                scoped = attacker.scoped_pdu(pdu, ENGINE_ID)
                message_id = int.from_bytes(_id(MESSAGE_ID, request), "big")
                yield bytes([7, 0, flags, 0]) + attacker.tsm_message(scoped, message_id=message_id)
    for exchange in exchanges("netsnmp-tcp/manager_agent.json")[::6]:
        yield b"\0\0\0\0" + b"".join(exchange.server)[:MAX_SIZE]


def receiver() -> Iterator[bytes]:
    """Yield notifications of every version and level; and the vectors."""
    for pdu in _notifications():
        yield b"\x00" + attacker.community_message(pdu) * 2
        yield b"\x02" + attacker.tsm_message(attacker.scoped_pdu(pdu, ENGINE_ID), message_id=5)
        for user in USERS:
            for flags in {0, user.flags & AUTH, user.flags}:
                for control in (b"\x01", b"\x00"):
                    yield control + _usm(pdu, user, flags)
                    yield control + _usm(pdu, user, flags | REPORTABLE)
                    yield control + _usm(pdu, user, flags, engine_id=attacker.ENGINE_B) * 2
                yield b"\x05" + _usm(pdu, user, flags, engine_id=attacker.ENGINE_B)
    yield b"\x00" + attacker.community_message(attacker.trap_v1(_TRAP, 6, 17, attacker.names(_NAME)), version=0)
    for case in odd.ODD.values():
        for kind in (PduType.TRAP_V2, PduType.INFORM):
            yield b"\x00" + odd.community(case.make(kind))
            yield b"\x0a" + odd.tsm(case.make(kind))
    for octets, _, _ in odd.ODD_V1.values():
        yield b"\x10" + odd.community(octets, "1") + odd.community(octets)
    for exchange in exchanges("netsnmp-tcp/notifications.json"):
        yield b"\x00" + b"".join(exchange.client)[:MAX_SIZE]
    for octets in _vectors():
        yield b"\x00" + octets


def explain() -> Iterator[bytes]:
    """Yield the vectors, with and without keys, messages whose keys are given, and messages as text and in captures."""
    request = bytes.fromhex("302602010104067075626c6963a01902046b8b4567020100020100300b300906052b060102010500")
    for text in pasted_forms(request).values():
        yield b"\x04" + text.encode()
    yield b"\x00" + pcap([ethernet(ipv4_tcp(request))])
    for octets in _vectors():
        yield b"\x00" + octets
    for octets in itertools.islice(_vectors(), 0, None, 20):
        yield b"\x03" + octets
    for user in USERS:
        for pdu in _answers(0):
            for flags in {0, user.flags}:
                yield b"\x09" + _usm(pdu, user, flags)


SEEDS = {
    seeds.__name__: seeds
    for seeds in (decoder, framer, usm_open, usm_manager, usm_authority, session, receiver, explain)
}
