"""Each row of docs/compatibility.md has tests that exist, and each name in it does."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest

from snmptcp import Manager, NotificationListener, errors
from snmptcp.protocol.oddities import Oddity

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "compatibility.md").read_text(encoding="utf-8")

#: The tests of each row, by the row's first cell up to the first parenthesis.
TESTS: dict[str, dict[str, list[str]]] = {
    "agents that check the user first": {
        "protocol/test_session_usm.py": ["test_any_report_that_answers_the_probe_and_names_an_engine_teaches_it"],
        "security/test_tsm.py": ["test_whatever_answers_the_probe_tells_the_engine_by_its_context_unless_strictly"],
    },
    "agents that do not tell their clock": {
        "manager/test_leniency.py": [
            "test_an_agent_that_cannot_authenticate_its_time_is_asked_and_written_to",
            "test_a_set_to_an_agent_that_cannot_authenticate_its_time_waits_for_its_proof",
            "test_a_discovery_afresh_forgets_the_clock",
        ],
    },
    "old SDKs, cloned machines": {
        "manager/test_leniency.py": ["test_an_odd_engine_id_serves_reads_writes_and_walks_and_is_logged_once"],
        "listener/test_listener_oddities.py": ["test_an_odd_engine_id_is_logged_once"],
    },
    "controllers without a clock": {
        "manager/test_frozen_clocks.py": [
            "test_such_an_agent_is_read_and_written_for_hours",
            "test_by_default_the_time_window_of_the_rfc_is_kept",
        ],
    },
    "agents that restart, change their boots or are replaced": {
        "attacks/test_identity.py": [
            "test_a_set_after_a_restart_of_the_agent_is_carried_out_once_and_needs_no_second_call"
        ],
    },
    "SNMPv1 agents with 64-bit counters": {
        "protocol/test_session_answers.py": ["test_what_version_1_cannot_carry_is_read"],
        "manager/test_leniency.py": ["test_a_walk_may_end_with_any_exception_in_any_version"],
    },
    "agents with one bad variable": {
        "manager/test_leniency.py": [
            "test_a_walk_yields_what_comes_before_a_broken_variable_and_names_it",
            "test_a_walk_goes_on_past_broken_variables_on_request",
            "test_a_table_yields_the_rows_before_a_broken_variable_and_all_others_on_request",
            "test_the_error_of_a_get_has_the_values_that_could_be_read",
            "test_the_error_of_a_read_in_parts_has_all_values_that_could_be_read",
            "test_a_broken_variable_behind_the_subtree_does_not_concern_a_walk",
        ],
    },
    "encoders with fixed widths": {
        "codec/test_ber.py": ["test_padding_of_sub_identifiers_is_taken_out"],
        "codec/test_pdu.py": ["test_any_integer_is_read_back_on_both_paths_padded_or_not"],
    },
    "transmitters": {
        "manager/test_leniency.py": ["test_octets_behind_the_variables_or_the_pdu_are_ignored"],
    },
    "printers": {"manager/test_leniency.py": ["test_an_answer_in_another_community_is_taken_on_request"]},
    "agents that count badly": {
        "manager/test_leniency.py": ["test_a_getbulk_answer_with_rows_too_many_is_cut_and_goes_on_with_getbulk"],
    },
    "agents with wide counters": {"codec/test_pdu.py": ["test_docs_leniency_values_are_read_as_the_page_says"]},
    "agents with opaque numbers": {
        "test_values.py": ["test_an_opaque_float_or_double_gives_its_number", "test_an_opaque_integer_gives_its_number"]
    },
    "agents that answer late": {"manager/test_leniency.py": ["test_a_stale_answer_is_the_reason_of_the_timeout"]},
    "agents that list rows in order of creation": {
        "manager/test_walks.py": [
            "test_a_table_out_of_order_is_read_if_that_is_tolerated",
            "test_a_table_that_repeats_itself_ends_whatever_is_tolerated",
        ],
    },
    "agents without GETBULK, or with a small message limit": {
        "properties/test_walk_terminates.py": ["test_failures_of_get_bulk_alone_never_lose_a_name"],
    },
    "scripts that walk one instance": {"manager/test_walks.py": ["test_a_walk_of_an_instance_reads_it"]},
    "small embedded agents": {
        "manager/test_limits.py": [
            "test_gets_in_parallel_of_an_agent_that_takes_one_at_a_time",
            "test_tables_and_walks_of_an_agent_that_takes_one_at_a_time",
        ],
    },
    "agents that serve one request a connection": {
        "manager/test_limits.py": [
            "test_gets_of_an_agent_that_closes_after_each_answer",
            "test_sets_of_an_agent_that_closes_after_each_answer_leave_once_and_arrive",
            "test_a_set_by_snmpv3_reaches_an_agent_that_closes_after_each_answer_once",
        ],
    },
    "agents that take few names": {
        "manager/test_names.py": [
            "test_an_agent_that_takes_few_names_is_asked_for_fewer",
            "test_no_read_has_more_names_than_allowed",
        ],
    },
    "net-snmp's snmpd, as it is installed": {
        "manager/test_failures.py": ["test_a_refused_connection_says_how_net_snmp_listens_on_tcp"]
    },
    "snmpd with TLS": {
        "interop/test_notifications.py": [
            "test_an_inform_right_behind_a_trap_is_acknowledged_by_a_receiver_that_has_just_started"
        ],
    },
    "a TLS port asked without TLS, or a plain port with TLS": {
        "manager/test_failures.py": ["test_a_plain_request_to_an_agent_that_speaks_tls_says_so"],
        "manager/test_tls.py": ["test_tls_at_an_agent_without_it_is_told_as_such"],
    },
    "alert programs": {"listener/test_listener_oddities.py": ["test_an_odd_inform_is_delivered_and_acknowledged"]},
    "libraries for small boards": {
        "listener/test_listener_oddities.py": ["test_an_odd_inform_is_delivered_and_acknowledged"]
    },
    "devices that mix versions": {
        "protocol/test_reading.py": [
            "test_a_trap_of_version_1_in_another_version",
            "test_a_notification_of_version_2_in_version_1",
        ],
    },
    "SNMPv1 agents of IPv6 hosts": {
        "listener/test_listener_oddities.py": ["test_an_odd_trap_of_version_1_is_delivered"],
    },
    "switches that cut the message": {
        "interop/test_odd_notifications.py": ["test_the_listener_takes_all_that_snmptrapd_takes_and_more"]
    },
    "senders with one bad variable": {
        "listener/test_listener_oddities.py": ["test_an_odd_inform_is_delivered_and_acknowledged"],
    },
    "fleets that share a user name": {
        "listener/test_listener_oddities.py": ["test_senders_with_one_user_name_and_two_passwords_are_accepted"],
    },
    "senders with unsigned request-ids": {
        "protocol/test_reading.py": ["test_the_acknowledgement_repeats_the_request_id_as_it_came"],
    },
    "senders that die, or announce more than they send": {
        "listener/test_listener_oddities.py": ["test_the_hook_is_told_of_a_message_in_which_its_connection_ends"],
    },
    "senders with a frozen clock": {
        "listener/test_listener_oddities.py": [
            "test_traps_of_a_frozen_clock_are_accepted_on_request",
            "test_a_clock_that_stands_still_is_refused_by_default",
        ],
    },
    "LibreNMS's and snmpsim's recordings": {
        "testing/test_recording.py": [
            "test_a_form_is_told_by_its_content_however_the_file_was_written",
            "test_bad_lines_are_skipped_counted_and_named",
            "test_lines_in_any_order_are_sorted_and_the_last_of_a_name_counts",
        ],
    },
    "net-snmp's walks, snmpsim's `.sapwalk` and `.dump`": {
        "testing/test_walk_text.py": ["test_a_text_is_read_as_its_value"],
        "testing/test_foreign.py": ["test_a_line_is_read_as_its_value"],
    },
    "snmpsim's variation modules": {
        "testing/test_variation.py": ["test_a_variable_has_its_value_at_first"],
        "testing/test_recording.py": ["test_modules_that_need_a_program_are_refused_by_name"],
    },
    "output of tcpdump, Wireshark, xxd, hexdump, `snmpget -d`": {
        "explain/test_dumps.py": ["test_a_form_is_read_as_its_octets"],
        "explain/test_pasted.py": ["test_a_message_is_found_whatever_surrounds_it"],
    },
    "pcap and pcapng files": {
        "explain/test_captures.py": ["test_a_capture_has_its_frames"],
        "explain/test_pasted.py": ["test_captures_have_messages_of_tcp_and_udp"],
    },
    "scripts for net-snmp's tools": {
        "cli/options/test_literal.py": ["test_they_come_as_they_stand"],
        "cli/options/test_foreign.py": ["test_each_is_refused_with_or_without_a_value"],
    },
    "machines that are set up for net-snmp's tools": {
        "cli/options/test_snmp_conf_of_netsnmp.py": ["test_the_same_message_leaves"],
    },
    "`get -v1` of several names, one of them missing": {
        "cli/test_partial.py": ["test_get_shows_the_others_as_snmpget_does"]
    },
    "notebooks and other programs with a running event loop": {
        "test_sync.py": ["test_in_a_notebook_where_a_loop_is_running_already_calls_work"]
    },
    "programs that fork": {
        "test_sync.py": [
            "test_parent_and_child_each_have_a_connection_of_their_own",
            "test_a_child_that_closes_or_collects_the_manager_does_not_harm_the_parent",
        ],
    },
}


def first_cells() -> list[str]:
    lines = [line for line in PAGE.splitlines() if line.startswith("| ")]
    cells = [line.removeprefix("| ").split(" | ")[0] for line in lines]
    return [re.split(r" \(", cell)[0] for cell in cells if cell not in {"met", "---"}]


def functions_of(module: str) -> set[str]:
    tree = ast.parse((ROOT / "tests" / module).read_text(encoding="utf-8"))
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {function.name for function in functions if function.name.startswith("test_")}


def test_each_row_has_its_tests_and_each_list_of_tests_its_row() -> None:
    assert first_cells() == list(TESTS)


@pytest.mark.parametrize("row", TESTS)
def test_the_tests_of_a_row_exist(row: str) -> None:
    assert TESTS[row]
    for module, names in TESTS[row].items():
        assert names, module
        assert set(names) <= functions_of(module), module


def test_each_option_of_the_page_is_one_of_managers_or_listeners() -> None:
    options = set(re.findall(r"`(\w+)=\w*`", PAGE))
    takers = (Manager, NotificationListener, Manager.walk)
    known = {name for taker in takers for name in inspect.signature(taker).parameters}
    assert options
    assert options - known == set()


def test_each_mark_of_the_page_is_an_oddity_and_each_error_exists() -> None:
    marks = set(re.findall(r"`([A-Z]+(?:_[A-Z0-9]+)+)`", PAGE))
    assert marks
    assert marks <= set(Oddity.__members__)
    for name in re.findall(r"`((?:Broken|Connect|Oid)\w+)`", PAGE):
        assert issubclass(getattr(errors, name), errors.SnmpError)
