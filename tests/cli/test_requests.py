"""``get``, ``getnext``, ``getbulk`` and ``set`` against an agent, and everything that can go wrong there."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import TYPE_CHECKING

import pytest

from snmptcp import Counter64, Integer32, NoSuchInstance, OctetString, SnmpError, TimeTicks
from snmptcp.cli.output.hints import describe_error
from snmptcp.cli.parser import parse_arguments
from snmptcp.codec.pdu import PduType
from snmptcp.errors import AuthorizationError, ConnectionLost
from snmptcp.testing import Agent, Close, Drop, EmptyVarbinds, FailWith, Garbage, Hold, WrongNames, WrongRequestId

if TYPE_CHECKING:
    from snmptcp.testing import Fault

    from .conftest import Cli

pytestmark = pytest.mark.anyio

SYS_DESCR = "1.3.6.1.2.1.1.1.0"
SYS_UP_TIME = "1.3.6.1.2.1.1.3.0"
SYS_NAME = "1.3.6.1.2.1.1.5.0"
BIG = "1.3.6.1.2.1.1.99.0"

VARIABLES = {
    SYS_DESCR: OctetString("a switch"),
    SYS_UP_TIME: TimeTicks(4752),
    SYS_NAME: OctetString("sw1"),
    BIG: Counter64(2**40),
}


def where(agent: Agent) -> str:
    return f"{agent.host}:{agent.port}"


@pytest.mark.parametrize("port", [10161, 10162])
def test_a_connection_lost_at_a_port_of_tls_hints_at_tls(port: int) -> None:
    lost = ConnectionLost(f"192.0.2.1:{port} closed the connection")
    plain = parse_arguments(["get", f"192.0.2.1:{port}", SYS_NAME])
    assert describe_error(lost, plain) == f"{lost} (what is spoken at that port is TLS: tlstcp:192.0.2.1:{port})"
    for words in (f"tlstcp:192.0.2.1:{port}", "192.0.2.1"):
        assert describe_error(lost, parse_arguments(["get", words, SYS_NAME])) == str(lost)


def test_a_certificate_without_rights_is_told_what_they_depend_on() -> None:
    refused = AuthorizationError()
    text = describe_error(refused, parse_arguments(["get", "tlstcp:192.0.2.1", SYS_NAME]))
    assert text == f"{refused} (what you may see depends on the security name that your certificate has there)"
    assert describe_error(refused, parse_arguments(["get", "-c", "x", "tlstcp:192.0.2.1", SYS_NAME])) == str(refused)


async def test_get_prints_the_values_in_the_order_of_the_names(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli("get", where(agent), SYS_NAME, SYS_DESCR, SYS_UP_TIME)
    assert outcome == (
        0,
        (
            '.1.3.6.1.2.1.1.5.0 = STRING: "sw1"\n'
            '.1.3.6.1.2.1.1.1.0 = STRING: "a switch"\n'
            ".1.3.6.1.2.1.1.3.0 = Timeticks: (4752) 0:00:47.52\n"
        ),
        "",
    )


async def test_get_tells_what_is_not_there(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli("get", where(agent), "1.3.6.1.2.1.1.1.5", "1.3.6.1.9.9.0")
    assert outcome == (
        0,
        (
            ".1.3.6.1.2.1.1.1.5 = No Such Instance currently exists at this OID\n"
            ".1.3.6.1.9.9.0 = No Such Object available on this agent at this OID\n"
        ),
        "",
    )


async def test_getnext_prints_what_comes_after_each_name(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli("getnext", "-Oq", where(agent), SYS_DESCR, BIG)
    assert outcome == (
        0,
        (
            ".1.3.6.1.2.1.1.3.0 0:0:00:47.52\n"
            ".1.3.6.1.2.1.1.99.0 No more variables left in this MIB View (It is past the end of the MIB tree)\n"
        ),
        "",
    )


async def test_getbulk_sends_non_repeaters_and_max_repetitions(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli("getbulk", "-Cn1", "-Cr2", "-Oqv", where(agent), SYS_DESCR, SYS_DESCR)
        (request,) = agent.requests
    assert outcome == (0, '0:0:00:47.52\n0:0:00:47.52\n"sw1"\n', "")
    assert (request.pdu.type, request.pdu.non_repeaters, request.pdu.max_repetitions) == (PduType.GET_BULK, 1, 2)


async def test_version_and_community_are_those_of_the_options(cli: Cli) -> None:
    async with Agent(VARIABLES, read_community="hidden") as agent:
        outcome = await cli("get", "-v1", "-c", "hidden", where(agent), SYS_NAME)
        (request,) = agent.requests
    assert outcome == (0, '.1.3.6.1.2.1.1.5.0 = STRING: "sw1"\n', "")
    assert (str(request.version), request.community) == ("1", b"hidden")


async def test_json_is_one_object_on_each_line(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli("get", "--json", where(agent), SYS_NAME, BIG)
    assert outcome.code == 0
    assert [json.loads(line) for line in outcome.out.splitlines()] == [
        {"oid": SYS_NAME, "type": "OctetString", "value": "sw1"},
        {"oid": BIG, "type": "Counter64", "value": 2**40},
    ]


async def test_set_writes_and_prints_the_answer(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli("set", "-c", "private", where(agent), SYS_NAME, "s", "sw2", SYS_UP_TIME, "t", "1")
        assert agent.mib.read(agent.requests[0].pdu.varbinds[0].oid) == OctetString("sw2")
    assert outcome == (
        0,
        '.1.3.6.1.2.1.1.5.0 = STRING: "sw2"\n.1.3.6.1.2.1.1.3.0 = Timeticks: (1) 0:00:00.01\n',
        "",
    )


async def test_set_can_be_quiet(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli("set", "-Cq", "-c", "private", where(agent), SYS_NAME, "s", "sw2")
    assert outcome == (0, "", "")


# -------------------------------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("set", "-c", "private", "{}", SYS_DESCR, "s", "x", SYS_NAME, "i", "5"), f"wrongType (7) for {SYS_NAME}"),
        (("set", "-c", "private", "{}", "1.3.6.1.9.0", "i", "5"), "noCreation (11) for 1.3.6.1.9.0"),
        (("set", "{}", SYS_NAME, "s", "x"), f"noAccess (6) for {SYS_NAME}"),
        (("set", "-v1", "-c", "private", "{}", SYS_NAME, "i", "5"), f"badValue (3) for {SYS_NAME}"),
        (("set", "-v1", "-c", "private", "{}", BIG, "C", "5"), f"SNMPv1 cannot carry the Counter64 for {BIG}"),
        (("get", "-v1", "{}", SYS_DESCR, "1.3.6.1.9.0"), "noSuchName (2) for 1.3.6.1.9.0"),
        (("getnext", "-v1", "{}", BIG), f"noSuchName (2) for {BIG}"),
    ],
)
async def test_an_error_status_names_the_variable_to_blame(cli: Cli, words: tuple[str, ...], complaint: str) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli(*(word.format(where(agent)) for word in words))
        assert outcome.err.startswith(f"snmptcp: {where(agent)}: {complaint}")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (1, "", 1)
    assert "private" not in outcome.err


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        (FailWith(5), "genErr (5)"),
        (FailWith(99), "unknown error-status (99)"),
        (EmptyVarbinds(), "0 variable bindings in the response, 1 requested"),
        (WrongNames(), f"in the place of {SYS_NAME}"),
        (Close(), "closed the connection"),
        (Garbage(), "a message begins with 0x30, not 0xde"),
        (Drop(), "no answer within 2 s"),
        (WrongRequestId(), "no answer within 2 s"),
    ],
    ids=lambda case: type(case).__name__ if not isinstance(case, str) else "",
)
async def test_a_faulty_answer_is_one_line_on_stderr(cli: Cli, fault: Fault, complaint: str) -> None:
    async with Agent(VARIABLES) as agent:
        agent.inject(fault, times=None)
        outcome = await cli("get", "-t", "2", "-r0", "-c", "public", where(agent), SYS_NAME)
        assert (outcome.code, outcome.out) == (1, "")
        assert outcome.err.startswith(f"snmptcp: {where(agent)}")
        assert outcome.err.count(where(agent)) == 1
    assert complaint in outcome.err
    assert outcome.err.count("\n") == 1
    assert "public" not in outcome.err


async def test_a_wrong_community_is_silence_and_the_silence_is_explained(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli("get", "-t", "2", "-c", "guessed", where(agent), SYS_NAME)
        assert outcome.err == (
            f"snmptcp: {where(agent)}: no answer within 2 s "
            "(agents say nothing about a community or a version that they do not accept)\n"
        )
        assert agent.statistics.bad_communities == 1
    assert outcome.code == 1


async def test_a_read_is_repeated_on_a_fresh_connection(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        agent.inject(Close(), times=2)
        outcome = await cli("get", "-r", "2", where(agent), SYS_NAME)
        assert agent.statistics.connections == 3
    assert outcome == (0, '.1.3.6.1.2.1.1.5.0 = STRING: "sw1"\n', "")


async def test_nobody_there_is_one_line_on_stderr(cli: Cli) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        port = taken.getsockname()[1]
        outcome = await cli("get", f"127.0.0.1:{port}", SYS_NAME)
    assert outcome == (1, "", f"snmptcp: cannot connect to 127.0.0.1:{port}: Connection refused\n")


async def test_debug_shows_the_log_and_the_traceback(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli("get", "--debug", "-v1", "-c", "public", where(agent), "1.3.6.1.9.0")
        assert f"snmptcp.connection: {where(agent)}: connected\n" in outcome.err
    assert "Traceback" in outcome.err
    assert "NoSuchName" in outcome.err
    assert "public" not in outcome.err
    assert outcome.code == 1


async def test_debug_leaves_no_trace_in_this_process(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        await cli("get", "--debug", where(agent), SYS_NAME)
        outcome = await cli("get", where(agent), SYS_NAME)
    assert outcome == (0, '.1.3.6.1.2.1.1.5.0 = STRING: "sw1"\n', "")


async def test_a_control_character_in_an_error_is_written_as_an_escape(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise SnmpError("a\nb\x1b[31m\udcff")

    monkeypatch.setattr("snmptcp.cli.commands.requests._ask", fail)
    outcome = await cli("get", "h", SYS_NAME)
    assert outcome == (1, "", "snmptcp: h:161: a\\nb\\x1b[31m\\udcff\n")


async def test_an_operating_system_s_error_is_one_line_too(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("snmptcp.cli.commands.requests._ask", fail)
    assert await cli("get", "h", SYS_NAME) == (1, "", "snmptcp: No space left on device\n")


async def test_an_answer_that_comes_late_is_still_an_answer(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        agent.inject(Hold())
        command = asyncio.create_task(cli("get", where(agent), SYS_NAME))
        await agent.wait_for_requests(1)
        assert agent.release() == 1
        outcome = await command
    assert outcome == (0, '.1.3.6.1.2.1.1.5.0 = STRING: "sw1"\n', "")


# ------------------------------------------------------------------------------------------- the dump


async def test_d_explains_every_packet_without_the_community(cli: Cli) -> None:
    async with Agent(VARIABLES, read_community="confidential") as agent:
        outcome = await cli("get", "-d", "-c", "confidential", where(agent), SYS_NAME, "1.3.6.1.2.1.1.1.5")
    assert outcome.code == 0
    assert outcome.out.count("\n") == 2
    assert "-- sent " in outcome.err
    assert "-- received " in outcome.err
    assert outcome.err.index("get-request") < outcome.err.index("get-response")
    assert "confidential" not in outcome.err
    assert b"confidential".hex() not in outcome.err.replace(" ", "")


async def test_d_goes_on_over_broken_messages_and_fresh_connections(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        agent.inject(Garbage())
        outcome = await cli("get", "-d", where(agent), SYS_NAME)
    assert outcome.code == 0
    assert outcome.err.count("-- sent ") == 2
    assert "that are no messages" in outcome.err
    assert "get-response" in outcome.err


async def test_what_a_getter_hides_is_shown_as_missing(cli: Cli) -> None:
    async with Agent({SYS_NAME: NoSuchInstance(), SYS_DESCR: Integer32(1)}) as agent:
        outcome = await cli("get", "-Ov", where(agent), SYS_NAME, SYS_DESCR)
    assert outcome == (0, "No Such Instance currently exists at this OID\nINTEGER: 1\n", "")
