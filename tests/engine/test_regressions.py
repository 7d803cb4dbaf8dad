"""Each of these fails on the code of 19:35."""
import itertools
import pytest
from snmptcp.codec import ber
from snmptcp.codec.pdu import PduType
from snmptcp.credentials import SnmpVersion, Community
from snmptcp.engine.request import get_request
from snmptcp.engine.session import Session
from snmptcp.engine.table import ColumnSearch, RowMerger, TableRow
from snmptcp.engine.walk import WalkCursor
from snmptcp.engine.correlator import Correlator, Statistics
from snmptcp.errors import *
from snmptcp.oid import OID
from snmptcp.values import *
from tests.support.wire import *

TABLE = OID("1.3.6.1.2.1.2.2")
V2C = SnmpVersion.V2C

@pytest.mark.parametrize("index", [3, 5, 33, 34])
def test_column_search_never_ends_on_no_such_name_with_index_above_1(index):
    search = ColumnSearch(TABLE)
    for _ in range(200):
        if search.finished: return
        search.request()
        if not search.failed(NoSuchName(2, index)): return
    pytest.fail("never ends")

def test_error_index_makes_the_next_request_as_large_as_the_agent_likes():
    search = ColumnSearch(TABLE); search.request()
    search.failed(NoSuchName(2, 100000))
    assert len(search.request().names) <= 33

def test_a_column_number_near_the_top_raises_configuration_error():
    search = ColumnSearch(TABLE)
    names = search.request().names
    search.receive(tuple(VarBind(TABLE + 1 + 4294967290 + 1, Integer32(1)) if i else VarBind(OID("1.3.6.1.2.1.3.1"), Integer32(1)) for i, _ in enumerate(names)))
    if not search.finished: search.request()

def test_rows_of_columns_at_different_depths_get_a_wrong_index():
    a, b = OID("1.3.6.1.2.1.2.2.1.2"), OID("1.3.6.1.2.1.31.1.1.1.1")  # ifDescr, ifName (AUGMENTS ifTable)
    merger = RowMerger([a, b])
    merger.feed(0, [VarBind(a + 7, OctetString(b"eth0"))]); merger.feed(1, [VarBind(b + 7, OctetString(b"eth0"))])
    (row,) = merger.rows([True, True])
    assert row.index == OID.fragment("7")

def test_two_columns_of_one_number_overwrite_each_other():
    a, b = OID("1.3.6.1.2.1.2.2.1.2"), OID("1.3.6.1.2.1.31.1.1.1.2")
    merger = RowMerger([a, b])
    merger.feed(0, [VarBind(a + 7, OctetString(b"eth0"))]); merger.feed(1, [VarBind(b + 7, Counter32(1))])
    (row,) = merger.rows([True, True])
    assert len(row) == 2

def test_equal_rows_hash_equal():
    x = TableRow(OID.fragment("1"), {1: Integer32(1), 2: Integer32(2)})
    y = TableRow(OID.fragment("1"), {2: Integer32(2), 1: Integer32(1)})
    assert x == y and hash(x) == hash(y)

def test_a_failed_request_is_not_sent_again_unchanged():
    cursor = WalkCursor(OID("1.3.6.1.2"), V2C, max_repetitions=1000, limit=1)
    asked = []
    while not cursor.finished:
        request = cursor.request()
        asked.append((request.type, request.max_repetitions))
        cursor.failed(TooBig(1))
    assert len(set(asked)) == len(asked), asked

def test_v3_reply_is_wrong_version():
    session = new_session()
    e = session.start(get_request(("1.3.6.1.2.1.1.1.0",)), 0.0, 5.0); session.data_to_send()
    header = bytes.fromhex("020103300d020105020205dc040100020103")
    scoped = ber.tlv(0x30, b"\x04\x00\x04\x00\xa8\x0b\x02\x01\x05\x02\x01\x00\x02\x01\x00\x30\x00")
    session.receive_data(ber.tlv(0x30, header + b"\x04\x00" + scoped), 1.0)
    session.handle_timer(5.0)
    assert isinstance(e.error.reason, WrongVersion), e.error
    assert session.statistics.refused == 1

def test_an_answer_to_a_request_that_has_not_left_is_unknown():
    session = new_session()
    e = session.start(get_request(("1.3.6.1.2.1.1.1.0",)), 0.0, 5.0)
    session.receive_data(response(e.request_id, varbinds(("1.3.6.1.2.1.1.1.0", Integer32(1)))), 0.0)
    assert not e.ended

def test_a_closed_error_is_shared():
    session = new_session()
    es = [session.start(get_request(("1.3.6.1.2.1.1.1.0",)), 0.0, 5.0) for _ in range(2)]
    session.receive_eof(ClosedError("closed"))
    assert es[0].error is not es[1].error

def test_a_single_arc_start_is_refused_or_works():
    try:
        cursor = WalkCursor(OID("1"), V2C, start=OID("1"))
    except ConfigurationError:
        return
    cursor.request()

def test_a_fragment_root_is_refused_when_the_cursor_is_made():
    with pytest.raises(ConfigurationError):
        WalkCursor(OID.fragment("5.6.7"), V2C)

def test_what_ended_before_it_left_is_kept_while_writing_is_paused():
    session = new_session()
    for n in range(1000):
        session.start(get_request(("1.3.6.1.2.1.1.1.0",)), float(n), 0.5)
        session.handle_timer(n + 0.6)
    assert len(session.unsent) < 100

def test_v1_trap_in_another_community_is_refused():
    from snmptcp.codec.pdu import TrapV1Pdu
    session = new_session("1")
    session.receive_data(message(TrapV1Pdu(OID("1.3.6.1"), IpAddress("192.0.2.1"), 6, 1, TimeTicks(5)), community=b"x", version=SnmpVersion.V1), 0.0)
    assert session.statistics.refused == 1

def test_unsent_requests_get_no_refusal():
    session = new_session()
    e = session.start(get_request(("1.3.6.1.2.1.1.1.0",)), 0.0, 5.0)
    session.receive_data(b"\x30\x00", 0.0)
    assert e.refusal is None

def test_never_sent_id_is_unknown():
    session = new_session()
    e = session.start(get_request(("1.3.6.1.2.1.1.1.0",)), 0.0, 5.0)
    session.abandon(e)
    session.receive_data(response(e.request_id), 0.0)
    assert session.statistics.duplicates == 0

@pytest.mark.parametrize("first", [1, 0x80000000])
def test_first_id_out_of_range_is_refused(first):
    with pytest.raises(ConfigurationError):
        new_session(first_request_id=first)

def test_backwards_out_of_subtree():
    cursor = WalkCursor(OID("1.3.6.1.2.1.2"), V2C)
    cursor.receive(varbinds(("1.3.6.1.2.1.2.1.0", Integer32(1)), ("1.3.6.1.2.1.1.1.0", Integer32(1))))
    assert isinstance(cursor.fault, OidNotIncreasing)

def test_split_by_size_of_nothing():
    assert split_by_size((), 10) == []
from snmptcp.engine.request import split_by_size

def test_half_a_reply_is_told_in_the_timeout():
    session = new_session()
    e = session.start(get_request(("1.3.6.1.2.1.1.1.0",)), 0.0, 5.0)
    (octets,) = session.data_to_send()
    session.receive_data(answer(octets)[:20], 1.0)
    session.handle_timer(5.0)
    assert e.error.reason is not None
