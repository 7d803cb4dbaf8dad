"""The attacks' message builder is independent of the library, agrees with published packets, and with the library."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import Any

import pytest

from snmptcp import Community, Manager, UsmUser
from snmptcp.listener import NotificationListener
from tests.support import attacker
from tests.support.attacker import (
    AUTH,
    COUNTERS,
    DIGESTS,
    END_OF_MIB_VIEW,
    ENGINE_A,
    ENGINE_B,
    GET,
    PRIV,
    REPORT,
    REPORTABLE,
    RESPONSE,
    TRAP_V2,
    HostileEngine,
    HostileServer,
    RawConnection,
    User,
)
from tests.support.vectors import exchanges, load

NAME = "1.3.6.1.2.1.1.3.0"

#: The algorithms as usm_vectors.json names them.
SHORT = {name.replace("-", ""): name for name in DIGESTS} | {"SHA1": "SHA"}

USERS = {
    "noAuthNoPriv": User("plain"),
    "authNoPriv MD5": User("md5", "MD5", "authpass123"),
    "authNoPriv SHA": User("sha", "SHA", "authpass123"),
    "authNoPriv SHA-224": User("sha224", "SHA-224", "authpass123"),
    "authNoPriv SHA-384": User("sha384", "SHA-384", "authpass123"),
    "authNoPriv SHA-512": User("sha512", "SHA-512", "authpass123"),
    "authPriv SHA-256 AES": User("shaaes", "SHA-256", "authpass123", "AES", "privpass123"),
    "authPriv MD5 DES": User("md5des", "MD5", "authpass123", "DES", "privpass123"),
    "authPriv SHA AES-256": User("shaaes256", "SHA", "authpass123", "AES-256", "privpass123"),
    "authPriv SHA AES-256-C": User("shaaes256c", "SHA", "authpass123", "AES-256-C", "privpass123"),
}


def credentials(user: User) -> UsmUser:
    """Return the library's credentials of a user."""
    optional: dict[str, Any] = {}
    if user.priv:
        optional = {"priv_protocol": user.priv, "priv_password": user.priv_password}
    if not user.auth:
        return UsmUser(user.name)
    return UsmUser(user.name, auth_protocol=user.auth, auth_password=user.auth_password, **optional)


# ------------------------------------------------------------------------------------ independence


def test_the_builder_imports_only_the_standard_library_and_cryptography() -> None:
    tree = ast.parse(Path(attacker.__file__).read_text(encoding="utf-8"))
    imported: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import"
            imported.add(node.module or "")
    packages = {name.partition(".")[0] for name in imported}
    assert packages - sys.stdlib_module_names == {"cryptography"}


# --------------------------------------------------------------------------------------------- BER


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (attacker.integer(0), "020100"),
        (attacker.integer(127), "02017f"),
        (attacker.integer(128), "02020080"),
        (attacker.integer(-128), "020180"),
        (attacker.integer(-129), "0202ff7f"),
        (attacker.counter32(2**32 - 1), "410500ffffffff"),
        (attacker.counter64(2**64 - 1), "460900ffffffffffffffff"),
        (attacker.oid("1.3.6.1.4.1.8072.3.2.10"), "060a2b06010401bf0803020a"),
        (attacker.oid("2.999.3"), "0603883703"),
        (attacker.null(END_OF_MIB_VIEW), "8200"),
        (attacker.tlv(4, b"x", length_octets=3), "048300000178"),
        (attacker.tlv(4, b"x", claimed=0x7FFFFFFF), "04847fffffff78"),
        (attacker.tlv(4, b"x", length_octets=0), "048078"),
        (attacker.tlv(4, bytes(200))[:3], "0481c8"),
    ],
)
def test_elements_are_encoded_as_x690_says(octets: bytes, expected: str) -> None:
    assert octets.hex() == expected


@pytest.mark.parametrize("number", [0, 1, -1, 127, 128, -128, -129, 2**31 - 1, -(2**31), 2**63, 2**64 - 1])
def test_numbers_are_read_as_they_were_written(number: int) -> None:
    element, end = attacker.read_tlv(attacker.integer(number))
    assert element.number == number
    assert end == len(element.octets)


@pytest.mark.parametrize("text", ["0.0", "1.3.6.1", "2.999.3", "1.3.4294967295.0.128", "2.4294967295"])
def test_names_are_read_as_they_were_written(text: str) -> None:
    element, _ = attacker.read_tlv(attacker.oid(text))
    assert element.oid == text


def test_a_stream_is_cut_into_messages() -> None:
    first, second = attacker.tlv(0x30, b"a"), attacker.tlv(0x30, bytes(300))
    assert attacker.split(first + second + b"\x30\x82\x01") == ([first, second], b"\x30\x82\x01")


# -------------------------------------------------------------------------------- published vectors


@pytest.mark.parametrize("vector", load("usm/usm_vectors.json")["password_to_key"], ids=lambda vector: vector["auth"])
def test_keys_of_passwords_are_those_of_rfc_3414_a3_and_others(vector: dict[str, Any]) -> None:
    auth = SHORT[vector["auth"]]
    key = attacker.password_to_key(auth, vector["password"].encode())
    assert key.hex() == vector["Ku"]
    assert attacker.localize(auth, key, bytes.fromhex(vector["engineID"])).hex() == vector["Kul"]


@pytest.mark.parametrize(
    "vector",
    [vector for vector in load("usm/usm_vectors.json")["key_extension"] if vector["length"] in (24, 32)],
    ids=lambda vector: f"{vector['auth']}-{vector['scheme']}-{vector['length']}-{vector['source'][:8]}",
)
def test_extended_keys_are_those_of_the_drafts(vector: dict[str, Any]) -> None:
    auth, engine_id = SHORT[vector["auth"]], bytes.fromhex(vector["engineID"])
    key = attacker.localize(auth, attacker.password_to_key(auth, vector["password"].encode()), engine_id)
    cipher = f"AES-{8 * vector['length']}" + ("-C" if vector["scheme"] == "reeder" else "")
    assert attacker.extend(auth, cipher, key, engine_id).hex() == vector["key"]


@pytest.mark.parametrize("vector", load("usm/usm_vectors.json")["messages"], ids=lambda vector: vector["name"])
def test_captured_messages_are_verified_and_decrypted(vector: dict[str, Any]) -> None:
    octets = bytes.fromhex(vector["hex"])
    name = attacker.read_message(octets).user.decode()
    user = User(name, SHORT[vector["auth"]], vector["auth_pass"], vector["priv"] or "", vector["priv_pass"] or "")
    message = attacker.read_message(octets, [user])
    assert message.digest_is_right
    assert message.engine_id.hex() == vector["engineID"]
    assert (message.boots, message.time) == (vector["boots"], vector["time"])
    if vector["priv"] or not message.flags & PRIV:
        assert message.pdu is not None
    else:
        assert message.pdu is None
    if vector["scopedPDU_plain"]:
        padding = bytes.fromhex(vector["scopedPDU_plain"]).removeprefix(message.scoped_pdu)
        assert len(padding) < 16  # some senders pad for AES, too


def test_a_message_with_another_octet_has_a_wrong_digest() -> None:
    user = USERS["authPriv SHA-256 AES"]
    octets = HostileEngine(users=(user,)).send(attacker.pdu(TRAP_V2, 1), user)
    assert attacker.read_message(octets, [user]).digest_is_right
    assert attacker.read_message(octets[:-1] + bytes([octets[-1] ^ 1]), [replace_priv(user)]).digest_is_right is False


def replace_priv(user: User) -> User:
    """Return a user without its privacy key."""
    return User(user.name, user.auth, user.auth_password)


@pytest.mark.parametrize(
    "exchange",
    [case for case in exchanges("netsnmp-tcp/manager_agent.json") if "usm" in case.record],
    ids=lambda exchange: exchange.name,
)
def test_messages_of_net_snmp_are_rebuilt_octet_for_octet(exchange: Any) -> None:
    record = exchange.record["usm"]
    user = User(
        record["user"],
        record.get("auth") or "",
        record.get("auth_pass") or "",
        record.get("priv") or "",
        record.get("priv_pass") or "",
    )
    for octets in exchange.client + exchange.server:
        message = attacker.read_message(octets, [user])
        if message.user != user.name.encode() or message.pdu is None:
            continue
        flags = message.flags
        rebuilt = attacker.usm_message(
            message.scoped_pdu,
            message_id=message.message_id,
            flags=flags,
            engine_id=message.engine_id,
            boots=message.boots,
            time=message.time,
            user=user,
            max_size=message.max_size,
            salt=message.salt,
        )
        again = attacker.read_message(rebuilt, [user])
        assert again.pdu == message.pdu
        if message.digest_is_right and user.priv != "DES":  # whose padding may be any octets
            assert rebuilt == octets


# --------------------------------------------------------------------------------------- round trip


@pytest.mark.parametrize("version", ["1", "2c"])
@pytest.mark.anyio
async def test_a_manager_takes_the_answer_to_a_community_request(version: str) -> None:
    engine = HostileEngine()
    seen: list[attacker.Message] = []

    def script(_: RawConnection, octets: bytes) -> bytes:
        seen.append(engine.read(octets))
        return engine.answer(octets, value=attacker.time_ticks(4711))

    async with (
        HostileServer(script) as server,
        Manager(server.host, server.port, credentials=Community("public", version)) as manager,
    ):
        ((_, value),) = await manager.get(NAME)
    assert value == 4711
    (request,) = seen
    assert request.community == b"public"
    assert request.opened.kind == GET
    assert request.opened.names == (NAME,)


@pytest.mark.parametrize("user", USERS.values(), ids=USERS)
@pytest.mark.anyio
async def test_a_manager_takes_the_answer_to_a_request_of_every_level(user: User) -> None:
    engine = HostileEngine(users=(user,))
    async with (
        HostileServer(lambda _, octets: engine.honest(octets, attacker.octet_string(b"held"))) as server,
        Manager(server.host, server.port, credentials=credentials(user)) as manager,
    ):
        ((_, value),) = await manager.get(NAME)
        assert value == b"held"
    requests = [engine.read(octets) for octets in server.received]
    assert requests[0].engine_id == b""
    assert requests[-1].flags == user.flags | REPORTABLE
    assert requests[-1].opened.names == (NAME,)
    assert requests[-1].digest_is_right is (True if user.auth else None)


@pytest.mark.parametrize("user", USERS.values(), ids=USERS)
@pytest.mark.anyio
async def test_a_listener_takes_a_trap_of_every_level(user: User) -> None:
    engine = HostileEngine(users=(user,))
    trap = attacker.pdu(TRAP_V2, 1, attacker.notification("1.3.6.1.6.3.1.1.5.3", (NAME, attacker.integer(-5))))
    async with (
        NotificationListener("127.0.0.1", 0, credentials=credentials(user)) as listener,
        await RawConnection.open("127.0.0.1", listener.port) as sender,
    ):
        sender.send(engine.send(trap, user))
        received = await anext(aiter(listener))
    assert str(received.trap_oid) == "1.3.6.1.6.3.1.1.5.3"


def test_any_field_can_be_chosen() -> None:
    user = USERS["authPriv SHA-256 AES"]
    engine = HostileEngine(users=(user,))
    request = engine.read(engine.send(attacker.pdu(GET, 17, attacker.names(NAME)), user, message_id=99))
    changed = engine.read(
        engine.answer(
            request,
            message_id=5,
            request_id=6,
            engine_id=ENGINE_B,
            boots=2**31 - 1,
            time=0,
            max_size=484,
            user_name=b"shaaes",
        )
    )
    assert (changed.message_id, changed.request_id, changed.engine_id) == (5, 6, ENGINE_B)
    assert (changed.boots, changed.time, changed.max_size) == (2**31 - 1, 0, 484)
    assert changed.digest_is_right
    assert changed.opened.kind == RESPONSE


@pytest.mark.parametrize("counter", COUNTERS)
@pytest.mark.parametrize("flags", [0, AUTH])
def test_a_report_carries_any_counter(counter: str, flags: int) -> None:
    user = USERS["authPriv SHA-256 AES"]
    engine = HostileEngine(users=(user,))
    request = engine.read(engine.send(attacker.pdu(GET, 17), user))
    report = engine.read(engine.report(request, counter, 3, flags=flags))
    assert report.opened.kind == REPORT
    ((name, value),) = report.opened.bindings
    assert (name, value.number) == (COUNTERS[counter], 3)
    assert report.flags == flags
    assert report.digest_is_right is (True if flags else None)


def test_stolen_localized_keys_are_good_for_one_engine() -> None:
    user = USERS["authPriv SHA-256 AES"]
    stolen = user.localized(ENGINE_A)
    assert stolen.auth_key(ENGINE_A) == user.auth_key(ENGINE_A)
    assert stolen.priv_key(ENGINE_A) == user.priv_key(ENGINE_A)
    assert stolen.auth_key(ENGINE_B) != user.auth_key(ENGINE_B)


@pytest.mark.anyio
async def test_a_server_records_plays_back_and_sends_any_octets() -> None:
    def script(connection: RawConnection, octets: bytes) -> list[bytes]:
        return [*connection.received, b"\x30\x00", octets]

    async with (
        HostileServer(script, on_connect=b"\x30\x01\x05") as server,
        await RawConnection.open(server.host, server.port) as client,
    ):
        client.send(b"\x30\x02")
        client.send(b"\x05\x00")
        assert [await client.message() for _ in range(4)] == [
            b"\x30\x01\x05",
            b"\x30\x02\x05\x00",
            b"\x30\x00",
            b"\x30\x02\x05\x00",
        ]
        server.connections[0].close()
        await client.closed()
    assert server.received == [b"\x30\x02\x05\x00"]


@pytest.mark.anyio
async def test_a_failure_of_a_script_fails_the_test() -> None:
    def script(connection: RawConnection, octets: bytes) -> None:
        raise LookupError("no answer")

    with pytest.raises(LookupError):
        async with HostileServer(script) as server, await RawConnection.open(server.host, server.port) as client:
            client.send(b"\x30\x00")
            await client.closed()
