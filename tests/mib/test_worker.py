"""The child's answers, asked directly."""

from __future__ import annotations

from snmptcp.mib.worker import Worker

TEXT = """A-MIB DEFINITIONS ::= BEGIN
IMPORTS mgmt FROM SNMPv2-SMI;
a OBJECT IDENTIFIER ::= { iso 9 }
END
"""


def test_a_module_is_parsed_and_then_generated() -> None:
    worker = Worker()

    parsed = worker.answer({"parse": "A-MIB", "text": TEXT})
    generated = worker.answer({"generate": "A-MIB"})

    assert parsed["parsed"] == "A-MIB"
    assert parsed["imports"] == {"SNMPv2-SMI": ["mgmt"]}
    assert parsed["defines"] == ("a",)
    assert "SNMPv2-SMI" in parsed["needs"]
    assert generated["document"]["a"]["oid"] == "1.9"


def test_a_text_that_is_not_the_module_is_refused_and_the_next_is_read_from_its_first_line() -> None:
    worker = Worker()

    assert worker.answer({"parse": "B-MIB", "text": TEXT})["failed"] == "it is not in its text"
    assert worker.answer({"parse": "A-MIB", "text": "A-MIB DEFINITIONS"})["failed"]
    assert worker.answer({"parse": "A-MIB", "text": "\n\nA-MIB DEFINITIONS ::= BEGIN a ::= ]"})["line"] == 3
    assert worker.answer({"parse": "A-MIB", "text": TEXT})["parsed"] == "A-MIB"


def test_what_is_missing_is_told_and_then_taken_from_where_the_parent_says() -> None:
    worker = Worker()
    text = (
        "A-MIB DEFINITIONS ::= BEGIN IMPORTS c FROM C-MIB;\n"
        "a OBJECT IDENTIFIER ::= { b 9 }\nd OBJECT IDENTIFIER ::= { c 1 }\nEND"
    )
    other = "B-MIB DEFINITIONS ::= BEGIN b OBJECT IDENTIFIER ::= { iso 3 } c OBJECT IDENTIFIER ::= { iso 4 } END"
    worker.answer({"parse": "B-MIB", "text": other})

    parsed = worker.answer({"parse": "A-MIB", "text": text})
    linked = worker.answer({"link": "A-MIB", "from": {"b": "B-MIB", "c": "B-MIB", "other": "B-MIB"}})
    generated = worker.answer({"generate": "A-MIB"})

    assert (parsed["missing"], parsed["needs"]) == (("b",), ("C-MIB",))
    assert linked["missing"] == ()
    assert linked["imports"] == {"B-MIB": ["b", "c"]}
    assert linked["repairs"] == [
        [2, "b is taken from B-MIB, although it is not imported"],
        [1, "c is taken from B-MIB, not from C-MIB"],
    ]
    assert {key: generated["document"][key]["oid"] for key in "ad"} == {"a": "1.3.9", "d": "1.4.1"}


def test_what_is_missing_for_good_is_done_without() -> None:
    worker = Worker()
    text = "A-MIB DEFINITIONS ::= BEGIN\na OBJECT IDENTIFIER ::= { b 9 }\nd OBJECT IDENTIFIER ::= { iso 1 }\nEND"

    assert worker.answer({"parse": "A-MIB", "text": text})["missing"] == ("b",)
    assert worker.answer({"link": "A-MIB", "from": {}})["repairs"] == [[2, "a is left out: b is not defined"]]
    assert "a" not in worker.answer({"generate": "A-MIB"})["document"]


def test_a_module_all_of_which_hangs_on_what_is_missing_fails_in_the_words_of_the_compiler() -> None:
    worker = Worker()

    worker.answer({"parse": "A-MIB", "text": "A-MIB DEFINITIONS ::= BEGIN a OBJECT IDENTIFIER ::= { b 9 } END"})

    assert worker.answer({"link": "A-MIB", "from": {}}) == {"failed": "Unknown parent symbol: b", "line": 1}
