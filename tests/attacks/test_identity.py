"""Attacks on who answers and when: replayed sessions, forged engines, and SETs that are to be carried out twice."""

from __future__ import annotations

import asyncio
import random
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import Community, EngineInfo, KnownEngines, Manager, UsmUser
from snmptcp.errors import NotInTimeWindow, RequestTimeout, UnknownEngine, WrongDigest
from snmptcp.ipworks import IPWorksSNMPError, SNMPTCPMgr
from tests.support.attacker import (
    AUTH,
    ENGINE_A,
    ENGINE_B,
    GET,
    INFORM,
    SET,
    TRAP_V2,
    HostileEngine,
    HostileServer,
    RawConnection,
    User,
    read_message,
)

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.anyio

NAME = "1.3.6.1.2.1.1.3.0"
WRITTEN = "1.3.6.1.2.1.1.6.0"
TRAP = "1.3.6.1.6.3.1.1.5.1"
VICTIM = User("victim", "SHA-256", "authentic!", "AES", "privately!")
CREDENTIALS = UsmUser("victim", "SHA-256", "authentic!", "AES", "privately!")
#: Long enough for every answer on loopback, on a busy machine too; a test that waits for it waits that long.
SHORT = 0.5
LONG = 20.0


def honest(engine_id: bytes = ENGINE_A, **fields: Any) -> HostileEngine:
    return HostileEngine(engine_id, (VICTIM,), **fields)


def serving(engine: HostileEngine) -> HostileServer:
    return HostileServer(lambda _, message: engine.honest(message))


def asking(server: HostileServer, credentials: UsmUser = CREDENTIALS, **options: Any) -> Manager:
    return Manager(server.host, server.port, credentials=credentials, **({"timeout": LONG} | options))


def sets_of(server: HostileServer, engine: HostileEngine) -> int:
    """Return how many SETs have arrived."""
    read = [engine.read(message) for message in server.received]
    return sum(message.pdu is not None and message.pdu.kind == SET for message in read)


def engines_asked(server: HostileServer) -> set[bytes]:
    """Return the engines that authenticated messages were protected for."""
    read = [read_message(message) for message in server.received]
    return {message.engine_id for message in read if message.flags & AUTH}


# ---------------------------------------------------------------------------------- S1: recorded sessions


async def use(manager: Manager) -> None:
    await manager.get(NAME)
    await manager.set((WRITTEN, "changed"))


async def recorded() -> list[bytes]:
    """Return what an agent has answered to a manager's session, message by message."""
    async with serving(honest()) as server, asking(server) as manager:
        await use(manager)
        return list(server.connections[0].sent)


def replaying(recording: list[bytes]) -> HostileServer:
    """Return a server that answers each message by the recorded answer to the message in that place."""

    def script(connection: RawConnection, _: bytes) -> bytes | None:
        number = len(connection.sent)
        return recording[number] if number < len(recording) else None

    return HostileServer(script)


async def test_a_recorded_session_is_no_answer_to_a_later_one_that_begins_alike() -> None:
    random.seed(1)
    recording = await recorded()
    assert len(recording) == 3  # discovery, the GET and the SET

    random.seed(1)
    async with replaying(recording) as server, asking(server, timeout=SHORT) as manager:
        with pytest.raises(RequestTimeout):
            await manager.get(NAME)
        with pytest.raises(RequestTimeout):
            await manager.set((WRITTEN, "changed"))
        assert manager.statistics.responses == 0


async def test_a_recorded_session_does_not_set_the_clock_of_a_later_one() -> None:
    recording = await recorded()
    engine = honest(boots=9, time=100)
    old_answer = recording[1]

    def script(_: RawConnection, message: bytes) -> list[bytes]:
        return [old_answer, engine.honest(message) or b""]

    async with HostileServer(script) as server, asking(server) as manager:
        await manager.get(NAME)
        assert manager.engine is not None
        assert manager.engine.boots == 9
        assert manager.statistics.unknown > 0


async def test_msg_ids_are_random_and_apart_from_request_ids_in_every_message() -> None:
    engine = honest()
    async with serving(engine) as server, asking(server) as manager:
        await use(manager)
        await manager.inform(TRAP)
        await manager.send_trap(TRAP)
        await manager.get(NAME)
        read = [read_message(message, [VICTIM]) for message in server.received]

    ours = [message for message in read if message.pdu is not None]
    assert {message.opened.kind for message in ours} >= {GET, SET, INFORM, TRAP_V2}
    for message in ours:
        assert message.message_id != message.request_id
    numbers = [message.message_id for message in ours]
    assert len({after - before for before, after in pairwise(numbers)}) == len(numbers) - 1


def facade(server: HostileServer, timeout: int) -> SNMPTCPMgr:
    mgr = SNMPTCPMgr()
    mgr.remote_host, mgr.remote_port, mgr.timeout = server.host, server.port, timeout
    mgr.snmp_version, mgr.user = 3, "victim"
    mgr.authentication_protocol, mgr.authentication_password = 3, "authentic!"
    mgr.encryption_algorithm, mgr.encryption_password = 2, "privately!"
    mgr.obj_count = 1
    mgr.set_obj_id(0, NAME)
    return mgr


def get_and_set(mgr: SNMPTCPMgr) -> None:
    try:
        mgr.send_get_request()
        mgr.set_obj_type(0, 2)
        mgr.set_obj_value(0, b"5")
        mgr.send_set_request()
    finally:
        mgr.active = False


async def test_a_recorded_session_of_the_facade_is_no_answer_to_a_later_one() -> None:
    engine = honest()
    async with serving(engine) as server:
        mgr = facade(server, 20)
        await asyncio.to_thread(get_and_set, mgr)
        recording = list(server.connections[0].sent)
        asked = [engine.read(message) for message in server.received[1:]]
    assert [message.request_id for message in asked] == [1, 2]  # the user's own numbers
    assert [message.opened.kind for message in asked] == [GET, SET]
    assert all(message.message_id not in (1, 2) for message in asked)

    async with replaying(recording) as server:
        with pytest.raises(IPWorksSNMPError) as caught:
            await asyncio.to_thread(get_and_set, facade(server, 1))
        assert caught.value.code == 201
        assert sets_of(server, engine) == 0


# -------------------------------------------------------------------------------- S2: an old time or start


@pytest.mark.parametrize("old", [{"boots": 3}, {"boots": 8, "time": 9000}, {"time": 4000}])
async def test_boots_and_time_that_were_given_are_a_floor_for_answers(old: dict[str, int]) -> None:
    engine = honest(boots=9, time=5000)
    server = HostileServer(lambda _, message: engine.answer(message, **old))  # type: ignore[arg-type]
    async with server, asking(server, engine=EngineInfo(ENGINE_A, 9, 5000), timeout=SHORT) as manager:
        with pytest.raises(RequestTimeout) as caught:
            await manager.get(NAME)
        assert isinstance(caught.value.reason, NotInTimeWindow)


# -------------------------------------------------------------------------------------- S3: another engine


def misleading(engine: HostileEngine, named: HostileEngine) -> Callable[[RawConnection, bytes], bytes]:
    """Return a script that claims to be another engine, and answers requests to it as that engine."""

    def script(_: RawConnection, message: bytes) -> bytes:
        asked = engine.read(message)
        if asked.engine_id == named.engine_id:
            return named.answer(named.read(message))
        return named.report(asked, "unknownEngineIDs")

    return script


async def ask_and_write(manager: Manager) -> list[BaseException | None]:
    """Read and write at once, twice, and return why each failed; ``None`` if it did not."""
    outcomes: list[BaseException | None] = []
    for _ in range(2):
        calls = manager.get(NAME), manager.set((WRITTEN, "the secret"))
        for outcome in await asyncio.gather(*calls, return_exceptions=True):
            reason = outcome.reason if isinstance(outcome, RequestTimeout) else outcome
            outcomes.append(reason if isinstance(reason, BaseException) else None)
    return outcomes


@pytest.mark.parametrize("info", [EngineInfo(ENGINE_A), EngineInfo(ENGINE_A, 7, 5000)])
@pytest.mark.parametrize("user", [VICTIM, User("open")], ids=["authPriv", "noAuthNoPriv"])
async def test_an_engine_that_was_given_is_not_left_for_a_forged_report(info: EngineInfo, user: User) -> None:
    attacker = HostileEngine(ENGINE_B, (VICTIM.localized(ENGINE_B), User("open")))
    credentials = CREDENTIALS if user is VICTIM else UsmUser("open")
    server = HostileServer(misleading(HostileEngine(users=(VICTIM, User("open"))), attacker))
    async with server, asking(server, credentials, engine=info, timeout=SHORT) as manager:
        outcomes = await ask_and_write(manager)

    assert all(isinstance(outcome, UnknownEngine) for outcome in outcomes)
    assert ENGINE_B not in {read_message(message).engine_id for message in server.received}
    assert sets_of(server, honest()) == 0 or user is not VICTIM


async def test_an_engine_that_has_authenticated_itself_is_not_left_for_a_forged_report() -> None:
    true, attacker = honest(), HostileEngine(ENGINE_B, (VICTIM.localized(ENGINE_B),))
    script = misleading(true, attacker)
    hostile = False
    server = HostileServer(lambda link, message: script(link, message) if hostile else true.honest(message))
    async with server, asking(server, timeout=LONG) as manager:
        await manager.get(NAME)
        hostile, manager.timeout = True, SHORT
        outcomes = await ask_and_write(manager)
        assert all(isinstance(outcome, UnknownEngine) for outcome in outcomes)
        assert engines_asked(server) == {ENGINE_A}

        hostile, manager.timeout = False, LONG
        await use(manager)


async def test_the_first_engine_of_a_localized_key_is_not_left_for_a_forged_report() -> None:
    keys = VICTIM.localized(ENGINE_A)
    credentials = UsmUser(
        "victim",
        "SHA-256",
        auth_localized_key=keys.auth_key(ENGINE_A),
        priv_localized_key=keys.priv_key(ENGINE_A),
    )
    attacker = HostileEngine(ENGINE_B, (VICTIM.localized(ENGINE_B),))
    script = misleading(honest(), attacker)

    def discovered_first(connection: RawConnection, message: bytes) -> bytes:
        asked = read_message(message)
        return script(connection, message) if asked.engine_id else honest().report(asked, "unknownEngineIDs")

    async with HostileServer(discovered_first) as server, asking(server, credentials, timeout=SHORT) as manager:
        outcomes = await ask_and_write(manager)

    assert all(isinstance(outcome, UnknownEngine) for outcome in outcomes)
    assert engines_asked(server) == {ENGINE_A}


async def test_a_replaced_agent_is_found_when_the_program_asks_for_it() -> None:
    engine = honest()
    server = HostileServer(lambda _, message: engine.honest(message))
    async with server, asking(server, engine=EngineInfo(ENGINE_A)) as manager:
        await manager.get(NAME)
        engine.engine_id = ENGINE_B

        assert (await manager.discover(afresh=True)).engine_id == ENGINE_B
        await use(manager)


async def test_a_manager_without_authentication_does_not_mislead_one_that_shares_its_known_engines() -> None:
    true = HostileEngine(users=(VICTIM, User("open")))
    attacker = HostileEngine(ENGINE_B, (VICTIM.localized(ENGINE_B), User("open")))
    script = misleading(true, attacker)
    hostile = True
    server = HostileServer(lambda link, message: script(link, message) if hostile else true.honest(message))
    engines = KnownEngines()
    async with server:
        async with asking(server, UsmUser("open"), engines=engines) as careless:
            await careless.get(NAME)
        hostile = False
        async with asking(server, engines=engines) as careful:
            await use(careful)
            assert careful.engine is not None
            assert careful.engine.engine_id == ENGINE_A

    assert engines_asked(server) == {ENGINE_A}


async def test_the_first_claim_to_one_manager_does_not_mislead_one_with_localized_keys() -> None:
    true, attacker = honest(), HostileEngine(ENGINE_B)
    engines, keys = KnownEngines(), VICTIM.localized(ENGINE_A)
    localized = UsmUser(
        "victim", "SHA-256", auth_localized_key=keys.auth_key(ENGINE_A), priv_localized_key=keys.priv_key(ENGINE_A)
    )

    def claim(_: RawConnection, message: bytes) -> bytes | None:
        asked = attacker.read(message)
        return None if asked.engine_id else attacker.report(asked, "unknownEngineIDs")

    hostile = True
    server = HostileServer(lambda link, message: claim(link, message) if hostile else true.honest(message))
    async with server:
        async with asking(server, engines=engines, timeout=SHORT) as misled:
            with pytest.raises(RequestTimeout):
                await misled.get(NAME)
        hostile = False
        async with asking(server, localized, engines=engines) as manager:
            await use(manager)


async def test_what_a_manager_hears_without_tls_does_not_mislead_one_with_tls_that_shares_its_known_engines() -> None:
    attacker, engines = HostileEngine(ENGINE_B, (User("open"),)), KnownEngines()
    async with serving(attacker) as server:
        verified = asking(server, UsmUser("open"), engines=engines, tls=True)
        async with asking(server, UsmUser("open"), engines=engines, tls=True) as careless:
            careless.use_tls(False)
            await careless.get(NAME)
            assert careless.engine is not None
            assert careless.engine.engine_id == ENGINE_B
        assert verified.engine is None


@pytest.mark.parametrize("first", [CREDENTIALS, UsmUser("open"), UsmUser("victim", "SHA-256", "authentic!")])
async def test_an_engine_that_was_given_is_not_left_for_a_forged_report_to_other_credentials(first: UsmUser) -> None:
    true = HostileEngine(users=(VICTIM, User("open")))
    attacker = HostileEngine(ENGINE_B, (VICTIM.localized(ENGINE_B),))
    script = misleading(true, attacker)
    server = HostileServer(script)
    async with server, asking(server, first, engine=EngineInfo(ENGINE_A), timeout=SHORT) as manager:
        manager.use(Community("public"))
        manager.use(CREDENTIALS)
        outcomes = await ask_and_write(manager)

    assert all(isinstance(outcome, UnknownEngine) for outcome in outcomes)
    assert engines_asked(server) == {ENGINE_A}


async def test_a_discovery_does_not_tell_an_engine_that_the_agent_denies_to_be() -> None:
    other = HostileEngine(ENGINE_B, (User("open"),))
    async with serving(other) as server, asking(server, UsmUser("open"), engine=EngineInfo(ENGINE_A)) as manager:
        with pytest.raises(UnknownEngine):
            await manager.discover()


@pytest.mark.parametrize("again", ["the same connection", "a new connection"])
async def test_a_claim_to_a_user_of_the_facade_is_not_given_to_the_next_one(again: str) -> None:
    true = HostileEngine(users=(VICTIM, User("open")))
    attacker = HostileEngine(ENGINE_B, (VICTIM.localized(ENGINE_B), User("open")))
    script = misleading(true, attacker)
    hostile = True
    server = HostileServer(lambda link, message: script(link, message) if hostile else true.honest(message))

    def work() -> bytes:
        nonlocal hostile
        mgr = facade(server, 20)
        try:
            mgr.user, mgr.authentication_password, mgr.encryption_password = "open", "", ""
            mgr.send_get_request()
            assert mgr.remote_engine_id == ENGINE_B
            hostile = False
            if again == "a new connection":
                mgr.active = False
            mgr.user, mgr.authentication_password, mgr.encryption_password = "victim", "authentic!", "privately!"
            get_and_set(mgr)
            return bytes(mgr.remote_engine_id)
        finally:
            mgr.active = False

    async with server:
        assert await asyncio.to_thread(work) == ENGINE_A
    assert engines_asked(server) == {ENGINE_A}


async def test_an_engine_that_the_facade_has_authenticated_is_not_left_on_its_next_connection() -> None:
    true, attacker = honest(), HostileEngine(ENGINE_B, (VICTIM.localized(ENGINE_B),))
    script = misleading(true, attacker)
    hostile = False
    server = HostileServer(lambda link, message: script(link, message) if hostile else true.honest(message))

    def work() -> None:
        nonlocal hostile
        mgr = facade(server, 20)
        get_and_set(mgr)
        hostile, mgr.timeout = True, 1
        with pytest.raises(IPWorksSNMPError):
            get_and_set(mgr)

    async with server:
        await asyncio.to_thread(work)
    assert engines_asked(server) == {ENGINE_A}


async def test_a_set_leaves_only_for_an_engine_that_has_the_users_key() -> None:
    # The first contact: nothing is known of the engine, and the attacker, who has no key, answers the discovery.
    attacker = HostileEngine(ENGINE_B)

    def script(_: RawConnection, message: bytes) -> bytes | None:
        asked = attacker.read(message)
        return None if asked.engine_id else attacker.report(asked, "unknownEngineIDs")

    async with HostileServer(script) as server, asking(server, timeout=SHORT) as manager:
        with pytest.raises(RequestTimeout):
            await manager.set((WRITTEN, "the secret"))

    kinds = {message.pdu.kind for octets in server.received if (message := read_message(octets, [VICTIM])).pdu}
    assert kinds == {GET}


# ------------------------------------------------------------------------------ S4: another engine's answer


async def test_only_the_engine_that_was_asked_may_answer() -> None:
    # The manager has heard of engine B by a forged report, while its first request to A is under way.
    true, other = honest(), honest(ENGINE_B)
    questions: list[bytes] = []

    def script(_: RawConnection, message: bytes) -> list[bytes]:
        asked = true.read(message)
        if not asked.engine_id:
            return [true.report(asked, "unknownEngineIDs")]
        questions.append(message)
        if len(questions) == 1:
            return []  # the first one is answered when the second one is here
        first = questions[0]
        return [
            true.report(message, "unknownEngineIDs", engine_id=ENGINE_B),
            other.answer(first, user=VICTIM, context_engine_id=ENGINE_A),
            other.answer(first, user=VICTIM, context_engine_id=ENGINE_B),
            true.answer(first, value=b"\x43\x01\x2a"),
        ]

    async with HostileServer(script) as server, asking(server, retries=0) as manager:
        first = asyncio.ensure_future(manager.get(NAME))
        while not questions:
            await asyncio.sleep(0)
        second = asyncio.ensure_future(manager.get(NAME))
        assert (await first)[0].value == 42
        assert manager.statistics.refused == 2
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)


# ----------------------------------------------------------------------------------- S5: a SET leaves once


@pytest.mark.parametrize("again", [1, 3])
async def test_an_authentic_report_of_the_time_does_not_make_a_set_leave_again(again: int) -> None:
    # The attacker has had the agent carry the SET out, waited, and had it refused as too old.
    engine = honest()

    def script(_: RawConnection, message: bytes) -> bytes | None:
        asked = engine.read(message)
        if asked.pdu is not None and asked.pdu.kind == SET:
            return engine.report(asked, "notInTimeWindows", flags=AUTH) * again
        return engine.honest(message)

    async with HostileServer(script) as server, asking(server) as manager:
        with pytest.raises(NotInTimeWindow):
            await manager.set((WRITTEN, "changed"))
        assert sets_of(server, engine) == 1


@pytest.mark.parametrize(("boots", "time"), [(6, 1), (8, 5), (2147483646, 1)])
async def test_a_forged_report_of_the_time_stops_no_read_and_makes_no_set_leave_again(boots: int, time: int) -> None:
    # Before each true answer comes a report that the attacker has made.
    engine = honest()

    def script(_: RawConnection, message: bytes) -> list[bytes] | bytes | None:
        asked = engine.read(message)
        answer = engine.honest(message)
        if not asked.engine_id or answer is None:
            return answer
        return [engine.report(asked, "notInTimeWindows", boots=boots, time=time), answer]

    given = EngineInfo(engine.engine_id, 7, 5000)  # a floor that the report with boots 6 may not lower
    async with HostileServer(script) as server, asking(server, engine=given) as manager:
        await manager.set((WRITTEN, "changed"))
        await manager.get(NAME)
        assert manager.engine is not None
        assert manager.engine.boots == 7
    assert sets_of(server, engine) == 1


async def test_with_a_grace_a_forged_report_can_end_a_request_and_the_error_says_that_nothing_proves_it() -> None:
    """The attacker drops the agent's answers, and says that the password is wrong."""
    engine = honest()
    hostile = False

    def script(_: RawConnection, message: bytes) -> list[bytes] | bytes | None:
        asked, answer = engine.read(message), engine.honest(message)
        if not hostile or not asked.engine_id:
            return answer
        return engine.report(asked, "wrongDigests")

    async with HostileServer(script) as server, asking(server, timeout=LONG, report_grace=0) as manager:
        await manager.get(NAME)  # the engine has proved itself
        hostile = True
        with pytest.raises(WrongDigest) as read:
            await manager.get(NAME)
        with pytest.raises(WrongDigest) as written:
            await manager.set((WRITTEN, "changed"))
        hostile = False
        await manager.get(NAME)

    assert (read.value.unproved, read.value.uncertain) == (True, False)
    assert (written.value.unproved, written.value.uncertain) == (True, True)
    assert sets_of(server, engine) == 1


async def test_with_a_grace_a_forged_report_beside_the_true_answer_changes_nothing() -> None:
    engine = honest()

    def script(_: RawConnection, message: bytes) -> list[bytes] | bytes | None:
        asked, answer = engine.read(message), engine.honest(message)
        if not asked.engine_id or answer is None:
            return answer
        return [engine.report(asked, "unknownUserNames"), answer]

    async with HostileServer(script) as server, asking(server, timeout=LONG, report_grace=LONG) as manager:
        await manager.set((WRITTEN, "changed"))
        await manager.get(NAME)
    assert sets_of(server, engine) == 1


async def test_a_set_after_a_restart_of_the_agent_is_carried_out_once_and_needs_no_second_call() -> None:
    engine = honest()
    async with serving(engine) as server, asking(server) as manager:
        await manager.get(NAME)
        engine.boots, engine.time = 8, 3
        server.connections[0].abort()
        while manager.connected:
            await asyncio.sleep(0)

        await manager.set((WRITTEN, "changed"))

        assert sets_of(server, engine) == 1


async def test_a_set_after_a_restart_with_another_engine_is_carried_out_once_by_the_engine_that_is_there_now() -> None:
    engine = honest()
    async with serving(engine) as server, asking(server, volatile_engine=True) as manager:
        await manager.get(NAME)
        engine.engine_id, engine.boots, engine.time = ENGINE_B, 1, 3
        server.connections[0].abort()
        while manager.connected:
            await asyncio.sleep(0)

        await manager.set((WRITTEN, "changed"))

        assert sets_of(server, engine) == 1
        assert manager.statistics.probes == 3  # discovery, and a proof of each engine


async def test_a_set_is_not_sent_again_on_a_new_connection() -> None:
    engine = honest()

    def script(connection: RawConnection, message: bytes) -> bytes | None:
        asked = engine.read(message)
        if asked.pdu is not None and asked.pdu.kind == SET:
            connection.abort()
            return None
        return engine.honest(message)

    async with HostileServer(script) as server, asking(server, retries=3) as manager:
        with pytest.raises(Exception, match="lost|closed"):
            await manager.set((WRITTEN, "changed"))
        await manager.get(NAME)
        assert sets_of(server, engine) == 1
