"""Octets that programs use as text, without ``decode()``."""

from __future__ import annotations

import copy
import json
import pickle
import subprocess
import sys

import pytest

from snmptcp.ipworks.coerce import to_bytes
from snmptcp.ipworks.octets import Octets, OctetText
from tests.ipworks.support import put
from tests.support.mibs import SYS_DESCR

ENGINE_ID = b"\x80\x00\x1f\x88\x04ab"
TEXT = "\\x80\0\x1f\\x88\x04ab"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (lambda octets: "ID: " + octets, f"ID: {TEXT}"),
        (lambda octets: octets + " is the ID", f"{TEXT} is the ID"),
        (lambda octets: "ID: " + octets + "!", f"ID: {TEXT}!"),
        (lambda octets: "ID: " + octets[-2:] + "!", "ID: ab!"),
        (lambda octets: "ID: %s" % octets, f"ID: {TEXT}"),  # noqa: UP031 - as programs do
        (lambda octets: f"ID: {octets}", f"ID: {TEXT}"),
        (lambda octets: f"{octets[5:]:>5}|{octets!s:<3}", f"   ab|{TEXT}"),
        (lambda octets: "{} and {!r}".format(octets, octets), f"{TEXT} and {ENGINE_ID!r}"),  # noqa: UP032
        (str, TEXT),
        (lambda octets: octets.decode(), TEXT),
        (lambda octets: octets.decode("utf-8"), TEXT),
        (lambda octets: octets.decode("latin-1"), ENGINE_ID.decode("latin-1")),
        (lambda octets: octets.decode(errors="replace"), ENGINE_ID.decode(errors="replace")),
        (repr, repr(ENGINE_ID)),
    ],
)
def test_octets_are_used_as_text(text, expected) -> None:
    assert text(Octets(ENGINE_ID)) == expected
    expected.encode("utf-8")  # it can be printed


def test_a_text_grows_by_octets_and_octets_by_octets() -> None:
    text = "ID: "
    text += Octets(b"ab")
    assert text == "ID: ab"
    octets = Octets(b"ab")
    octets += b"cd"
    assert octets == b"abcd"
    assert octets + "!" == "abcd!"


def test_octets_are_equal_to_bytes_and_found_as_bytes() -> None:
    octets = Octets(ENGINE_ID)
    assert octets == ENGINE_ID
    assert ENGINE_ID.__eq__(octets)
    assert hash(octets) == hash(ENGINE_ID)
    assert {ENGINE_ID: 1}[octets] == 1
    assert octets in {ENGINE_ID, b"another"}
    assert isinstance(octets, bytes)
    assert int(Octets(b"42")) == 42
    assert (octets[0], len(octets), list(octets)) == (0x80, 7, list(ENGINE_ID))


@pytest.mark.parametrize(
    ("sum_of", "kind"),
    [
        (lambda octets: octets + b"!", Octets),
        (lambda octets: octets + bytearray(b"!"), Octets),
        (lambda octets: octets + memoryview(b"!"), Octets),
        (lambda octets: octets[:] + Octets(b"!"), Octets),
        (lambda octets: bytearray(octets) + b"!", bytearray),
    ],
)
def test_octets_and_bytes_are_octets(sum_of, kind) -> None:
    total = sum_of(Octets(b"ab"))
    assert (type(total), total) == (kind, b"ab!")


def test_octets_come_behind_bytes() -> None:
    assert b"!" + Octets(b"ab") == b"!ab"
    assert bytearray(b"!") + Octets(b"ab") == bytearray(b"!ab")
    assert b"".join((Octets(b"a"), Octets(b"b"))) == b"ab"


@pytest.mark.parametrize("wrong", [lambda octets: octets + 1, lambda octets: 1 + octets, lambda octets: octets + None])
def test_octets_and_a_number_are_a_type_error(wrong) -> None:
    with pytest.raises(TypeError):
        wrong(Octets(b"ab"))


def test_decoding_is_strict_if_the_program_says_so() -> None:
    with pytest.raises(UnicodeDecodeError):
        Octets(ENGINE_ID).decode("utf-8", "strict")
    with pytest.raises(LookupError):
        Octets(ENGINE_ID).decode("no-such-codec")


def test_copies_and_pickles_are_bytes() -> None:
    octets = Octets(ENGINE_ID)
    others = [copy.copy(octets), copy.deepcopy(octets)]
    others += [pickle.loads(pickle.dumps(octets, protocol)) for protocol in range(pickle.HIGHEST_PROTOCOL + 1)]
    assert [(type(other), other) for other in others] == [(bytes, ENGINE_ID)] * len(others)


def test_a_pickle_is_read_without_this_package() -> None:
    program = "import pickle, sys; print(pickle.load(sys.stdin.buffer)); assert 'snmptcp' not in sys.modules"
    pickled = pickle.dumps({"engine": Octets(ENGINE_ID)})
    done = subprocess.run([sys.executable, "-I", "-c", program], input=pickled, capture_output=True, check=True)
    assert done.stdout.decode().strip() == repr({"engine": ENGINE_ID})


def test_json_has_the_text_if_the_program_asks_for_str() -> None:
    assert json.dumps({"name": Octets(b"a switch")}, default=str) == '{"name": "a switch"}'


def test_properties_rows_and_events_give_octets(mgr) -> None:
    told = []
    mgr.on_packet_trace = lambda e: told.append("packet: " + e.packet[:0])
    mgr.send_get_request()
    mgr.set_remote_engine_id(ENGINE_ID)
    mgr.local_engine_id = "MyEngineID"
    assert "sysDescr is " + mgr.get_obj_value(0) == "sysDescr is a switch"
    assert "Agent's engine: " + mgr.get_remote_engine_id().decode("utf-8") == f"Agent's engine: {TEXT}"
    assert mgr.remote_engine_id + "" == TEXT
    assert f"{mgr.local_engine_id}" == "MyEngineID"
    assert mgr.ssl_cert_store + "" == "MY"
    assert told == ["packet: "] * 2


def test_octets_can_be_assigned_again(mgr) -> None:
    put(mgr, SYS_DESCR, 4, ENGINE_ID)
    mgr.set_obj_value(0, mgr.get_obj_value(0))
    mgr.remote_engine_id = mgr.get_obj_value(0)
    assert (mgr.get_obj_value(0), mgr.remote_engine_id) == (ENGINE_ID, ENGINE_ID)


@pytest.mark.parametrize("octets", [ENGINE_ID, b"C:\\temp", b"\\x80", b"\\", b"a\xff\\xff"])
def test_a_text_is_assigned_as_its_octets(octets, mgr) -> None:
    text = Octets(octets).decode("utf-8")
    put(mgr, SYS_DESCR, 4, text)
    assert mgr.get_obj_value(0) == octets
    mgr.community = text
    assert to_bytes("community", mgr.community) == octets
    assert text + "" == str(text)
    if len(octets) >= 5:
        mgr.remote_engine_id = text
        assert mgr.remote_engine_id == octets


def test_a_text_that_the_program_changes_is_assigned_as_it_is(idle) -> None:
    put(idle, SYS_DESCR, 4, Octets(b"a\xff").decode() + "!")
    assert idle.get_obj_value(0) == b"a\\xff!"


def test_text_that_has_no_other_octets_is_str_and_the_other_is_copied_as_str() -> None:
    assert type(Octets(b"a switch").decode()) is str
    text = Octets(ENGINE_ID).decode()
    assert isinstance(text, OctetText)
    others = [copy.copy(text), copy.deepcopy(text), pickle.loads(pickle.dumps(text))]
    assert [(type(other), other) for other in others] == [(str, TEXT)] * 3
    assert (hash(text), text) == (hash(TEXT), TEXT)
