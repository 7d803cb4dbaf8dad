"""Recordings: every form to the same variables, what is skipped, and what an agent makes of them."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import logging
import lzma
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp import Community, Manager
from snmptcp.cli.output.varbinds import PLAIN, format_varbind_json
from snmptcp.errors import ConfigurationError
from snmptcp.oid import OID
from snmptcp.testing import Agent, BadLine, RecordingForm, load_recording, load_snmprec
from snmptcp.testing.recording import read_recording
from snmptcp.values import (
    Counter32,
    Counter64,
    Gauge32,
    Integer32,
    IpAddress,
    NsapAddress,
    Null,
    OctetString,
    Opaque,
    TimeTicks,
    UInteger32,
    VarBind,
)

if TYPE_CHECKING:
    from collections.abc import Callable

#: The same four variables in each form.
VARIABLES = {
    OID("1.3.6.1.2.1.1.1.0"): OctetString("a switch"),
    OID("1.3.6.1.2.1.1.2.0"): OID("1.3.6.1.4.1.9"),
    OID("1.3.6.1.2.1.1.3.0"): TimeTicks(12345),
    OID("1.3.6.1.2.1.2.2.1.10.300"): Counter32(7),
}

SNMPREC = """\
1.3.6.1.2.1.1.1.0|4|a switch
1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.9
1.3.6.1.2.1.1.3.0|67|12345
1.3.6.1.2.1.2.2.1.10.300|65|7
"""

FORMS = {
    RecordingForm.SNMPREC: SNMPREC,
    RecordingForm.WALK: """\
.1.3.6.1.2.1.1.1.0 = STRING: "a switch"
.1.3.6.1.2.1.1.2.0 = OID: .1.3.6.1.4.1.9
.1.3.6.1.2.1.1.3.0 = Timeticks: (12345) 0:02:03.45
.1.3.6.1.2.1.2.2.1.10.300 = Counter32: 7
""",
    RecordingForm.SAPWALK: """\
1.3.6.1.2.1.1.1.0             , OctetString , a switch
1.3.6.1.2.1.1.2.0             , ObjectID    , 1.3.6.1.4.1.9
1.3.6.1.2.1.1.3.0             , TimeTicks   , 12345
1.3.6.1.2.1.2.2.1.10.300      , Counter     , 7
""",
    RecordingForm.DUMP: """\
1.3.6.1.2.1.1.1.0|6|"a switch"
1.3.6.1.2.1.1.2.0|5|1.3.6.1.4.1.9
1.3.6.1.2.1.1.3.0|7|12345
1.3.6.1.2.1.2.2.1.10.300|8|7
""",
    RecordingForm.JSON: """\
{"oid": "1.3.6.1.2.1.1.1.0", "type": "OctetString", "value": "a switch"}
{"oid": "1.3.6.1.2.1.1.2.0", "type": "ObjectIdentifier", "value": "1.3.6.1.4.1.9"}
{"oid": "1.3.6.1.2.1.1.3.0", "type": "TimeTicks", "value": 12345}
{"oid": "1.3.6.1.2.1.2.2.1.10.300", "type": "Counter32", "value": 7}
""",
}

WRITERS: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda octets: octets,
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "windows": lambda octets: octets.replace(b"\n", b"\r\n"),
    "utf-8 mark": lambda octets: b"\xef\xbb\xbf" + octets,
    "utf-16": lambda octets: octets.decode().encode("utf-16"),
    "utf-16 big": lambda octets: b"\xfe\xff" + octets.decode().encode("utf-16-be"),
    "no end": lambda octets: octets.removesuffix(b"\n"),
}


def typed(mib):
    return [(oid, type(mib.read(oid)), mib.read(oid)) for oid in mib]


EXPECTED = [(oid, type(value), value) for oid, value in VARIABLES.items()]


@pytest.mark.parametrize("writer", WRITERS)
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.value)
def test_a_form_is_told_by_its_content_however_the_file_was_written(tmp_path, form, writer):
    path = tmp_path / "device"
    path.write_bytes(WRITERS[writer](FORMS[form].encode()))
    recording = load_recording(path, strict=True)
    assert typed(recording.variables) == EXPECTED
    assert (recording.form, recording.skipped, recording.duplicates) == (form, (), 0)


@pytest.mark.parametrize(
    "open_it", [io.BytesIO, lambda octets: io.StringIO(octets.decode()), lambda octets: octets.decode().splitlines()]
)
def test_open_files_and_lines_are_read_too(open_it):
    assert typed(load_recording(open_it(SNMPREC.encode()), strict=True).variables) == EXPECTED


def test_an_open_file_may_be_compressed(tmp_path):
    path = tmp_path / "device.snmprec.bz2"
    path.write_bytes(bz2.compress(SNMPREC.encode()))
    with path.open("rb") as file:
        assert typed(load_recording(file).variables) == EXPECTED


def test_the_name_decides_between_forms_that_look_the_same(tmp_path):
    line = "1.3.6.1.1.1|2|5\n1.3.6.1.1.2|4|\n"
    for name, kind in (("a.snmprec", OctetString), ("a.dump", Null), ("a", OctetString), ("a.dump.bak", Null)):
        path = tmp_path / name
        path.write_text(line)
        assert type(load_recording(path).variables["1.3.6.1.1.2"]) is kind


@pytest.mark.parametrize("name", ["a.snmprec", "a.snmprec.txt", "a", "a.txt"])
def test_one_bad_tag_does_not_make_another_form_of_a_recording(tmp_path, name):
    path = tmp_path / name
    path.write_text("1.3.6.1.1.1|4|text\n1.3.6.1.1.2|1|1\n1.3.6.1.1.3|67|5\n1.3.6.1.1.4|4x|00\n1.3.6.1.1.5|65|7\n")
    recording = load_recording(path)
    assert [bad.reason for bad in recording.skipped] == ["no SNMP type has tag 1"]
    assert recording.variables["1.3.6.1.1.1"] == b"text"
    assert len(recording.variables) == 4


def test_a_form_can_be_given(tmp_path):
    assert load_recording(["1.3.6.1.1.2|4|"], form="dump").variables["1.3.6.1.1.2"] is Null()
    with pytest.raises(ValueError, match="xml"):
        load_recording([], form="xml")


def test_bad_lines_are_skipped_counted_and_named(tmp_path, caplog):
    path = tmp_path / "device.snmprec"
    path.write_text(
        "# a comment\n\n1.3.6.1.1.1|2|1\nnonsense\n1.3.6.1.1.2|2|\n1.3.6.1.1.3|99|1\n"
        "1.3.6.1.1.4|4:sql|x\n  # indented\n1.3.6.1.1.5|2|5\n"
    )
    recording = load_recording(path)
    assert list(recording.variables) == [OID("1.3.6.1.1.1"), OID("1.3.6.1.1.5")]
    assert recording.skipped == (
        BadLine(4, r"'nonsense\n'", "a record is oid|tag|value, not 'nonsense'"),
        BadLine(5, r"'1.3.6.1.1.2|2|\n'", "not a whole number: ''"),
        BadLine(6, r"'1.3.6.1.1.3|99|1\n'", "no SNMP type has tag 99"),
        BadLine(7, r"'1.3.6.1.1.4|4:sql|x\n'", "the variation module 'sql' is not supported"),
    )
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage().startswith(
        f"{path}: skipped 4 lines: line 4: a record is oid|tag|value, not 'nonsense'; line 5:"
    )
    assert record.getMessage().endswith("; and 1 more")


@pytest.mark.parametrize("module", ["sql", "redis", "multiplex", "subprocess", "zabbix", "external"])
def test_modules_that_need_a_program_are_refused_by_name(module):
    recording = read_recording([f"1.3.6.1.2|4:{module}|x", f"1.3.6.1.3|:{module}|x", "1.3.6.1.4|2|1"])
    assert len(recording.variables) == 1
    assert [bad.reason for bad in recording.skipped] == [f"the variation module {module!r} is not supported"] * 2


def test_with_strict_the_first_bad_line_is_an_error(tmp_path):
    path = tmp_path / "device.snmprec"
    path.write_text("1.3.6.1.1.1|2|1\nnonsense\nmore\n")
    with pytest.raises(ConfigurationError, match=f"^{re.escape(str(path))}, line 2: a record is"):
        load_recording(path, strict=True)
    with pytest.raises(ConfigurationError, match="line 2"):
        Agent.from_recording(path, strict=True)


def test_a_file_without_one_readable_line_is_an_error_and_an_empty_one_is_not(tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe0 not a recording\n")
    with pytest.raises(ConfigurationError, match=r"photo\.jpg, line 1: a record is oid\|tag\|value"):
        load_recording(path)
    path.write_bytes(b"")
    assert len(load_recording(path).variables) == 0


@pytest.mark.parametrize("ending", [".gz", ".bz2", ".xz"])
def test_a_broken_compression_is_an_oserror_that_names_the_file(tmp_path, ending):
    whole = WRITERS[{".gz": "gzip", ".bz2": "bzip2", ".xz": "xz"}[ending]](SNMPREC.encode() * 100)
    path = tmp_path / f"device.snmprec{ending}"
    path.write_bytes(whole[:-20])
    with pytest.raises(OSError, match=r"device\.snmprec|CRC|data"):
        load_recording(path)


def test_a_walk_without_types_says_so(tmp_path):
    for line in (".1.3.6.1.2.1.1.7.0 6", ".1.3.6.1.2.1.1.7.0 = 6"):
        with pytest.raises(ConfigurationError, match="without the types of its values"):
            load_recording([line, line])


def test_a_walk_with_quoted_strings_but_without_types_says_so_too():
    lines = ['.1.3.6.1.2.1.1.5.0 = "name"', ".1.3.6.1.2.1.2.2.1.10.1 = 2679377933"]
    with pytest.raises(ConfigurationError, match="without the types of its values"):  # -OQ; no TimeTicks
        load_recording(lines)
    typed_lines = [*lines, ".1.3.6.1.2.1.1.7.0 = INTEGER: 6"]  # -Ot
    assert len(load_recording(typed_lines, strict=True).variables) == 3
    assert dict(load_recording(lines[:1], strict=True).variables) == {OID("1.3.6.1.2.1.1.5.0"): b"name"}


def test_names_of_mibs_are_refused_with_what_helps():
    recording = read_recording(["SNMPv2-MIB::sysName.0 = STRING: x", ".1.3.6.1.2.1.1.7.0 = INTEGER: 6"])
    assert [bad.reason for bad in recording.skipped] == [
        "not an object identifier in numbers: 'SNMPv2-MIB::sysName.0': record with -On"
    ]


def test_lines_in_any_order_are_sorted_and_the_last_of_a_name_counts():
    recording = load_recording(
        ["1.3.6.10|2|1", "1.3.6.9|2|2", ".1.3.6.9.1|2|3", "1.3.6.10|2|4", "1.3.6.200|2|5", "1.3.6.20000|2|6"]
    )
    assert [(str(oid), value) for oid, value in recording.variables.items()] == [
        ("1.3.6.9", 2),
        ("1.3.6.9.1", 3),
        ("1.3.6.10", 4),
        ("1.3.6.200", 5),
        ("1.3.6.20000", 6),
    ]
    assert recording.duplicates == 1


def test_a_string_keeps_its_octets_whatever_their_encoding(tmp_path):
    path = tmp_path / "device.snmprec"
    path.write_bytes(
        b"1.3.6.1.1|4|caf\xe9\n1.3.6.1.2|4|one\x85line\xa0\n1.3.6.1.3|4|\xe7\xbb\xbf\x85\n1.3.6.1.4|4e|\\x00\xff\n"
    )
    assert list(load_recording(path).variables.values()) == [
        b"caf\xe9",
        b"one\x85line\xa0",
        b"\xe7\xbb\xbf\x85",
        b"\0\xff",
    ]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("1.3.6.1.x", "not an object identifier in numbers"),
        ("1.3.6.1.", "not an object identifier in numbers"),
        ("1.3..6", "not an object identifier"),
        ("9.3.6.1", "not an object identifier"),
        ("1.3.6.4294967296", "not an object identifier in numbers"),
        ("1.3.6.99999999999.1", "not an object identifier in numbers"),
        ("1", "not a whole object identifier"),
        (".".join(["1"] * 129), "at most 128 arcs"),
        ("sysName.0", "record with -On"),
    ],
)
def test_a_name_that_is_none_is_refused(name, problem):
    with pytest.raises(ConfigurationError, match=problem):
        load_snmprec([f"{name}|2|1"])


def test_names_of_any_length_are_read():
    longest = ".".join(["1"] * 128)
    for name in ("1.3", "0.0", "2.999.4294967295", "1.3.4294967295.1", longest, f".{longest}"):
        (oid,) = load_snmprec([f"{name}|2|1"])
        assert str(oid) == name.removeprefix(".")


def test_progress_is_told_in_octets_of_the_file(tmp_path):
    path = tmp_path / "device.snmprec"
    path.write_text("".join(f"1.3.6.1.{number}|2|1\n" for number in range(30_000)))
    told: list[tuple[int, int]] = []
    load_recording(path, progress=lambda done, total: told.append((done, total)))
    size = path.stat().st_size
    assert [total for _, total in told] == [size] * len(told)
    assert len(told) > 2
    assert told == sorted(told)
    assert told[-1] == (size, size)


oids = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=8).map(lambda arcs: OID((1, 3, *arcs)))
texts = st.text(st.sampled_from('ab" \\\n\t.1=STRING:'), max_size=30).map(OctetString)
values = st.one_of(
    st.integers(-(2**31), 2**31 - 1).map(Integer32),
    st.integers(0, 2**32 - 1).map(Counter32),
    st.integers(0, 2**32 - 1).map(Gauge32),
    st.integers(0, 2**32 - 1).map(TimeTicks),
    st.integers(0, 2**32 - 1).map(UInteger32),
    st.integers(0, 2**64 - 1).map(Counter64),
    st.binary(max_size=40).map(OctetString),
    texts,
    st.binary(max_size=40).map(lambda octets: Opaque(b"\x04" + octets)),
    st.binary(max_size=20).map(NsapAddress),
    st.binary(min_size=4, max_size=4).map(IpAddress),
    st.just(Null()),
    oids,
)


@given(st.dictionaries(oids, values, min_size=1, max_size=10), st.sampled_from([PLAIN.varbind, format_varbind_json]))
def test_what_our_own_walk_prints_loads_as_the_same(variables, printed):
    lines = "\n".join(printed(VarBind(oid, value)) for oid, value in variables.items())
    try:
        recording = load_recording(io.BytesIO(lines.encode()), strict=True)
    except ConfigurationError as error:  # TimeTicks alone could be any numbers
        pytest.fail(str(error))
    assert typed(recording.variables) == [(oid, type(variables[oid]), variables[oid]) for oid in sorted(variables)]


@pytest.mark.anyio
async def test_an_agent_serves_a_recording_of_any_form(tmp_path):
    path = tmp_path / "device.snmpwalk"
    path.write_text(FORMS[RecordingForm.WALK])
    async with (
        Agent.from_recording(path, read_community="shown") as agent,
        Manager(agent.host, agent.port, credentials=Community("shown")) as manager,
    ):
        assert {varbind.oid: varbind.value async for varbind in manager.walk("1.3")} == VARIABLES


@pytest.mark.anyio
async def test_a_recorded_variable_can_be_written_and_others_added(tmp_path):
    async with (
        Agent(load_recording(SNMPREC.splitlines()).variables, read_community=None, write_community="rw") as agent,
        Manager(agent.host, agent.port, credentials=Community("rw")) as manager,
    ):
        await manager.set(("1.3.6.1.2.1.1.1.0", "renamed"))
        agent.mib["1.3.6.1.2.1.1.2.1"] = 5
        del agent.mib["1.3.6.1.2.1.1.3.0"]
        found = [(str(varbind.oid), varbind.value) async for varbind in manager.walk("1.3.6.1.2.1.1")]
    assert found == [
        ("1.3.6.1.2.1.1.1.0", b"renamed"),
        ("1.3.6.1.2.1.1.2.0", OID("1.3.6.1.4.1.9")),
        ("1.3.6.1.2.1.1.2.1", 5),
    ]


@pytest.mark.anyio
async def test_communities_and_contexts_have_variables_of_their_own():
    one, two = (load_recording([f"1.3.6.1.2.1.1.5.0|4|{name}"]).variables for name in ("one", "two"))
    communities = {"one": one, "two": two}
    async with Agent(one, read_community=None, communities=communities, writable_communities=["two"]) as agent:
        for name, errors in (("one", "noAccess"), ("two", None)):
            async with Manager(agent.host, agent.port, credentials=Community(name)) as manager:
                (varbind,) = await manager.get("1.3.6.1.2.1.1.5.0")
                assert varbind.value == name.encode()
                if errors is None:
                    await manager.set(("1.3.6.1.2.1.1.5.0", "new"))
                else:
                    with pytest.raises(Exception, match=errors):
                        await manager.set(("1.3.6.1.2.1.1.5.0", "new"))
    assert (one["1.3.6.1.2.1.1.5.0"], two["1.3.6.1.2.1.1.5.0"]) == (b"one", b"new")


def test_json_lines_that_are_none_are_named():
    lines = [
        json.dumps({"oid": "1.3.6.1.1", "type": "Integer32", "value": 1}),
        "{broken",
        json.dumps({"oid": "1.3.6.1.2", "type": "Integer32", "value": "1"}),
        json.dumps({"oid": "1.3.6.1.3", "type": "Integer32", "value": 2**40}),
        json.dumps({"oid": "1.3.6.1.3", "type": "NoSuchInstance", "value": None}),
        json.dumps({"oid": 5}),
    ]
    recording = read_recording(lines)
    assert (len(recording.variables), [bad.line for bad in recording.skipped]) == (1, [2, 3, 4, 6])
