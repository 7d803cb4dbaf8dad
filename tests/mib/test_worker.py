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
    assert parsed["imports"] == ["SNMPv2-SMI"]
    assert "SNMPv2-SMI" in parsed["needs"]
    assert generated["document"]["a"]["oid"] == "1.9"


def test_a_text_that_is_not_the_module_is_refused_and_the_next_is_read_from_its_first_line() -> None:
    worker = Worker()

    assert worker.answer({"parse": "B-MIB", "text": TEXT})["failed"] == "it is not in its text"
    assert worker.answer({"parse": "A-MIB", "text": TEXT[:-5]})["failed"]
    assert worker.answer({"parse": "A-MIB", "text": "\n\nA-MIB DEFINITIONS ::= BEGIN a ::= ]"})["line"] == 3
    assert worker.answer({"parse": "A-MIB", "text": TEXT})["parsed"] == "A-MIB"
