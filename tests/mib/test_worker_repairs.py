"""Quirks of vendors' modules: a module of our own is damaged in each way, and keeps all that was not damaged."""

from __future__ import annotations

from typing import Any

import pytest

from snmptcp.mib.sources import Sources
from snmptcp.mib.worker import Worker
from tests.mib.acme import ACME

IMPORTED = ("SNMPv2-SMI", "SNMPv2-TC", "SNMPv2-CONF", "INET-ADDRESS-MIB", "IANAifType-MIB", "SNMPv2-MIB", "IF-MIB")
DESCRIPTION = 'DESCRIPTION "Whether it runs."'
STATE = "SYNTAX INTEGER { off(0), slow-start(1), on(2) }"

#: What is damaged, how, and what is said of it; ``""`` if the compiler takes it as it is.
DAMAGES = {
    "a comma is missing in an enumeration": ("slow-start(1), on", "slow-start(1) on", ""),
    "a comma too many in an enumeration": ("on(2) }", "on(2), }", ""),
    "two commas in an enumeration": ("off(0), slow", "off(0),, slow", ""),
    "a bracket is missing in an enumeration": (
        "off(0), slow",
        "off(0, slow",
        "SYNTAX is read as INTEGER { off(0), slow",
    ),
    "the brace of an enumeration is missing": (
        "on(2) }\n",
        "on(2)\n",
        "SYNTAX is read as INTEGER { off(0), slow-start(1)",
    ),
    "a comma is missing in IMPORTS": (
        "OBJECT-TYPE, NOTI",
        "OBJECT-TYPE NOTI",
        "a comma is missing before NOTIFICATION-TYPE",
    ),
    "a comma too many in IMPORTS": ("enterprises\n", "enterprises,\n", ""),
    "the semicolon is missing": ("FROM IF-MIB;", "FROM IF-MIB", "the semicolon behind IMPORTS is missing"),
    "a semicolon too many": ("FROM SNMPv2-TC\n", "FROM SNMPv2-TC;\n", "a semicolon within IMPORTS is left out"),
    "a comma is missing in a SEQUENCE": ("acmeGateMac MacAddress,", "acmeGateMac MacAddress", "it is read as SEQUENCE"),
    "a comma too many in a SEQUENCE": ("AcmeState\n}", "AcmeState,\n}", ""),
    "a comma is missing in an INDEX": (
        "acmeGateType, acmeGateAdd",
        "acmeGateType acmeGateAdd",
        "INDEX is read as { acmeGateType, acme",
    ),
    "a comma is missing in OBJECTS": (
        "{ acmeState, acmeHeat }",
        "{ acmeState acmeHeat }",
        "OBJECTS is read as { acmeState, acmeHeat }",
    ),
    "a comma too many in OBJECTS": ("{ acmeState, acmeHeat }", "{ acmeState, acmeHeat, }", "OBJECTS is read as"),
    "text behind a closing quote": (
        DESCRIPTION,
        f"{DESCRIPTION} See the manual.",
        "the text behind a closing quote is left out",
    ),
    "a quote is not closed": (DESCRIPTION, DESCRIPTION[:-1], "a text without its closing quote ends here"),
    "hyphens in a line": (f"    {DESCRIPTION}", f"-----\n------- - --\n    {DESCRIPTION}", ""),
    "a second -- ends a comment": (DESCRIPTION, f"-- what -- {DESCRIPTION}", "a second '--' in a line ends a comment"),
    "a label behind a comment": ("off(0), slow", "off(0), -- no -- slow", "a second '--' in a line ends a comment"),
    "Ctrl-Z after END": ("\nEND\n", "\nEND\n\x1a", ""),
    "text after END": ("\nEND\n", '\nEND\nThe "end.\n', "what stands behind END is left out"),
    "no END": ("\nEND\n", "\n", "the module has no END"),
    "a tab in OBJECT IDENTIFIER": ("OBJECT IDENTIFIER", "OBJECT\tIDENTIFIER", ""),
    "no OBJECT IDENTIFIER": (
        "acme-objects OBJECT IDENTIFIER ::=",
        "acme-objects ::=",
        "its OID is read as { acmeMIB 1 }",
    ),
    "an assignment with one colon": (
        f"{DESCRIPTION}\n    DEFVAL {{ on }}\n    ::=",
        f"{DESCRIPTION}\n    DEFVAL {{ on }}\n    :=",
        "':=' is read as '::='",
    ),
    "no assignment": (
        'horn(9) }\n    MAX-ACCESS read-write\n    STATUS current\n    DESCRIPTION "What it has."\n    ::=',
        'horn(9) }\n    MAX-ACCESS read-write\n    STATUS current\n    DESCRIPTION "What it has."\n   ',
        "'::=' is missing",
    ),
    "dots in an OID": (
        "::= { enterprises 9999 }",
        "::= { enterprises.9999 }",
        "its OID is read as { enterprises 9999 }",
    ),
    "an OID from the root": (
        "{ enterprises 9999 }",
        "{ iso org(3) dod(6) internet(1) private(4) enterprises(1) 9999 }",
        "",
    ),
    "an OID in two braces": ("::= { acmeMIB 1 }", "::= { acmeMIB 1 } }", "is no definition, and is left out"),
    "a date that is none": ('"202601010000Z"', '"201506080000A"', ""),
    "a date without quotes": ('"202601010000Z"', "202601010000Z", 'LAST-UPDATED is read as "202601010000Z"'),
    "another order": (
        'UNITS "degrees Celsius"\n    MAX-ACCESS read-only',
        'MAX-ACCESS read-only\n    UNITS "degrees Celsius"',
        "its clauses are put into the order",
    ),
    "a clause that is missing": ("STATUS deprecated\n", "\n", "STATUS is missing"),
    "a status with a capital": ("STATUS deprecated\n", "STATUS Deprecated\n", "STATUS is read as deprecated"),
    "an access of two words": (
        "MAX-ACCESS read-only\n    STATUS deprecated",
        "MAX-ACCESS read only\n    STATUS deprecated",
        "MAX-ACCESS is read as read-only",
    ),
    "a misspelt clause": ("REFERENCE", "REFRENCE", "its clauses are put into the order of the grammar"),
    "a clause without its hyphen": (
        "MAX-ACCESS read-only\n    STATUS deprecated",
        "MAXACCESS read-only\n    STATUS deprecated",
        "its clauses are",
    ),
    "a misspelt macro": (
        "acmeHeat OBJECT-TYPE",
        "acmeHeat Object_Type",
        "its clauses are put into the order of the grammar",
    ),
    "three dots in a range": ("(-500..1500)", "(-500...1500)", "SYNTAX is read as Integer32 (-500..1500)"),
    "a range to MAX": ("(SIZE (1..32))", "(SIZE (1..MAX))", ""),
    "a range in hex": ("(-500..1500)", "('0'h..'7fffffff'h)", ""),
    "a range with a word": ("(-500..1500)", "(least..1500)", "SYNTAX is read as Integer32, without (least..1500)"),
    "a size in one bracket": ("(SIZE (1..32))", "SIZE (1..32)", "SYNTAX is read as DisplayString (SIZE (1..32))"),
    "a default that cannot be": ("DEFVAL { on }", "DEFVAL { of }", ""),
    "a default without a value": ("DEFVAL { on }", "DEFVAL { on off # }", "DEFVAL cannot be read, and is left out"),
    "a character that has no meaning": ("UNITS", "@ UNITS", "SYNTAX is read as AcmeCelsius, without @"),
    "a space that is none": ("STATUS deprecated", "STATUS\u00a0deprecated", "the character U+00A0 is read as a space"),
    "a text with octets that are not ASCII": ('"A gate."', '"A g\u00e4te."', ""),
    "text between definitions": (
        "acmeHeat OBJECT-TYPE",
        "Acme Inc. [2]\n\nacmeHeat OBJECT-TYPE",
        "is no definition, and is left out",
    ),
    "the lines between two pages": (
        "slow-start(1),",
        "slow-start(1),\nAcme Inc.     [Page 2]\n\x0c\nRFC 9999    A module    May 2020\n",
        "the lines between two pages are left out",
    ),
    "a macro": (
        "acmeHeat OBJECT-TYPE",
        'OBJECT-TYPE MACRO ::= BEGIN TYPE NOTATION ::= "SYNTAX" END\nacmeHeat OBJECT-TYPE',
        "",
    ),
    "exports": ("BEGIN\n", "BEGIN EXPORTS acmeState, acmeHeat;\n", ""),
    "exports without an end": ("BEGIN\n", "BEGIN EXPORTS acmeState, acmeHeat\n", ""),
    "an import from itself": (
        "FROM IF-MIB;",
        "FROM IF-MIB\n    acmeState FROM ACME-MIB;",
        "the module imports from itself",
    ),
    "a definition that is there twice": (
        "acme-objects OBJECT",
        "acme-objects OBJECT IDENTIFIER ::= { acmeMIB 1 }\nacme-objects OBJECT",
        "acme-objects is defined twice; the first definition counts",
    ),
    "a column that its SEQUENCE writes with a capital": (
        "acmeGateMac MacAddress,",
        "AcmeGateMac MacAddress,",
        "it is read as SEQUENCE",
    ),
    "a type that its SEQUENCE writes in another way": (
        "acmeGateMac MacAddress,",
        "acmeGateMac OCTET STRING (SIZE (6)),",
        "",
    ),
    "quotes of a word processor": (
        '"Whether it runs."',
        "\u201cWhether it runs.\u201d",
        "the quotes of a word processor are read as quotes",
    ),
}


def compiled(worker: Worker, text: str) -> dict[str, Any]:
    """Return the child's answer for the module, with all repairs."""
    parsed = worker.answer({"parse": "ACME-MIB", "text": text})
    assert "failed" not in parsed, parsed
    repairs = list(parsed["repairs"])
    if parsed["missing"]:
        parsed = worker.answer({"link": "ACME-MIB", "from": {}})
        repairs += parsed["repairs"]
    generated = worker.answer({"generate": "ACME-MIB"})
    assert "failed" not in generated, generated
    return {**generated, "repairs": [*repairs, *generated["repairs"]]}


@pytest.fixture(scope="module")
def worker() -> Worker:
    made, sources = Worker(), Sources()
    for name in IMPORTED:
        source = sources.find(name)
        assert source is not None
        assert "parsed" in made.answer({"parse": name, "text": source.text})
    return made


@pytest.fixture(scope="module")
def clean(worker: Worker) -> dict[str, Any]:
    answer = compiled(worker, ACME)
    assert answer["repairs"] == []
    found: dict[str, Any] = answer["document"]
    return found


def damaged(old: str, new: str) -> str:
    assert ACME.count(old) >= 1, old
    return ACME.replace(old, new, 1)


@pytest.mark.parametrize(("old", "new", "said"), DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_module_keeps_its_names_and_texts(
    worker: Worker, clean: dict[str, Any], old: str, new: str, said: str
) -> None:
    answer = compiled(worker, damaged(old, new))

    document, repairs = answer["document"], answer["repairs"]
    assert {key: entry.get("oid") for key, entry in document.items()} == {
        key: entry.get("oid") for key, entry in clean.items()
    }
    assert sum(entry.get("description") != clean[key].get("description") for key, entry in document.items()) <= 1
    assert [text for _, text in repairs if said in text] or not said
    assert all(text.count("\n") == 0 for _, text in repairs)


LABELS = {
    "packet/attack": "packet/attack",
    "10GBase-T": "10GBase-T",
    '"on"': "on",
    "ON": "ON",
    "INDEX": "INDEX",
    "TRUE": "TRUE",
    "END": "END",
    "on-": "on",
    "not on": "not-on",
    "on_off": "on_off",
    "2.5GHz": "2.5GHz",
    "on+": "on+",
}


@pytest.mark.parametrize(("written", "label"), LABELS.items())
def test_a_name_of_a_number_stays_as_the_vendor_wrote_it(worker: Worker, written: str, label: str) -> None:
    answer = compiled(worker, damaged(" on(2)", f" {written}(2)"))
    assert answer["document"]["AcmeState"]["type"]["constraints"]["enumeration"] == {
        "off": 0,
        "slow-start": 1,
        label: 2,
    }
    answer = compiled(worker, damaged("lamp(1)", f"{written}(1)"))
    assert answer["document"]["acmeFlags"]["syntax"]["bits"] == {"fans": 0, label: 1, "horn": 9}


@pytest.mark.parametrize(
    "text",
    [
        "foo OBJECT IDENTIFIER ::= { bar 1 }\nEND\nIMPORTS a FROM B;\nx OBJECT-TYPE SYNTAX { -- \n ::= ",
        "He said ''no'' -- {{ and -- left.",
        '"on" and ""off""',
        'The "test" is\n   noTest OBJECT IDENTIFIER ::= { 0 0 }.\n More of it.',
        "a 'B' (c) [d] \u00e9 \t\n\n  indented",
    ],
)
@pytest.mark.parametrize("damage", ["", "acmeHeat", "same"])
def test_a_text_is_never_changed(worker: Worker, text: str, damage: str) -> None:
    module = damaged("Whether it runs.", text)
    if damage == "acmeHeat":
        module = module.replace("STATUS deprecated", "STATUS Deprecated")
    elif damage == "same":
        module = module.replace("DEFVAL { on }", "DEFVAL { on, # }")
    document = compiled(worker, module)["document"]
    assert document["acmeState"]["description"] == text
    assert document["acmeHeat"]["oid"] == "1.3.6.1.4.1.9999.1.2"


def test_a_repair_has_its_line(worker: Worker) -> None:
    text = damaged("STATUS deprecated", "STATUS Deprecated")
    text = text.replace("lamp(1)", "lamp/light(1)").replace(
        "OBJECTS { acmeState, acmeHeat }", "OBJECTS { acmeState acmeHeat }"
    )
    lines = text.split("\n")
    for line, said in compiled(worker, text)["repairs"]:
        assert said.split(": ")[1].split(" ")[0] in lines[line - 1]


@pytest.mark.parametrize(
    ("old", "new", "line", "said", "kept"),
    [
        ("SYNTAX AcmeCelsius", "SYNTAX 5 # &", 40, "SYNTAX cannot be read, and is left out", {"status": "deprecated"}),
        ("SYNTAX AcmeCelsius", "", 39, "SYNTAX is missing", {"status": "deprecated", "units": "degrees Celsius"}),
        ("acmeHeat OBJECT-TYPE", "acmeHeat MODULE-COMPLIANCE", 40, "cannot be read but for its name and OID", {}),
    ],
)
def test_what_cannot_be_read_costs_no_more_than_itself(
    worker: Worker, clean: dict[str, Any], old: str, new: str, line: int, said: str, kept: dict[str, str]
) -> None:
    answer = compiled(worker, damaged(old, new))
    document = answer["document"]
    assert {key: entry.get("oid") for key, entry in document.items()} == {
        key: entry.get("oid") for key, entry in clean.items()
    }
    assert [place for place, text in answer["repairs"] if "acmeHeat" in text and said in text] == [line]
    assert {key: document["acmeHeat"][key] for key in kept} == kept


def test_a_definition_without_an_oid_is_left_out_with_all_below_it(worker: Worker, clean: dict[str, Any]) -> None:
    answer = compiled(worker, damaged("::= { acme-objects 4 }", "::= { 4.x # }"))
    gone = {key for key in clean if key not in answer["document"]}
    assert gone == {key for key in clean if key.startswith("acmeGate")}
    texts = [text for _, text in answer["repairs"]]
    assert any(text.startswith("acmeGateTable cannot be read, and is left out: ") for text in texts)
    assert "acmeGateEntry is left out: acmeGateTable is not defined" in texts
    assert any("and 2 more are left out: acmeGateEntry is not defined" in text for text in texts)


def test_a_name_that_is_defined_twice_is_there_twice(worker: Worker) -> None:
    answer = compiled(
        worker,
        damaged("acmeIfTable OBJECT-TYPE", "acmeHeat OBJECT IDENTIFIER ::= { acmeMIB 7 }\nacmeIfTable OBJECT-TYPE"),
    )
    assert answer["document"]["acmeHeat"]["oid"] == "1.3.6.1.4.1.9999.1.2"
    assert answer["document"]["acmeHeat_2"]["oid"] == "1.3.6.1.4.1.9999.7"
    assert "acmeHeat is defined twice; the second is called acmeHeat_2" in [text for _, text in answer["repairs"]]


def test_types_that_are_made_of_one_another_end(worker: Worker) -> None:
    circle = (
        "AcmeA ::= AcmeB\nAcmeB ::= AcmeA\nacmeRound OBJECT-TYPE SYNTAX AcmeA ACCESS read-only STATUS mandatory\n"
        "::= { acmeRounder 1 }\nacmeRounder OBJECT IDENTIFIER ::= { acmeRound 1 }\nacmeHeat OBJECT-TYPE"
    )
    answer = compiled(worker, damaged("acmeHeat OBJECT-TYPE", circle))
    texts = " ".join(text for _, text in answer["repairs"])
    assert "AcmeA" in texts
    assert "comes back to itself" in texts
    assert answer["document"]["acmeHeat"]["oid"] == "1.3.6.1.4.1.9999.1.2"


def test_nothing_at_all_is_a_failure_in_the_words_of_the_compiler(worker: Worker) -> None:
    failed = worker.answer({"parse": "B-MIB", "text": "B-MIB DEFINITIONS ::= BEGIN\nx ]\ny !! z\nEND\n"})
    assert failed == {"failed": "bad grammar near ]", "line": 2}


@pytest.mark.parametrize("seed", range(40))
def test_a_text_that_is_cut_or_stirred_never_raises(worker: Worker, seed: int) -> None:
    """Every answer is a document or a reason."""
    place = (seed * 7919) % len(ACME)
    pieces = (
        ACME[:place],
        ACME[place:] + ACME[:place],
        ACME[:place] + '"' + ACME[place:],
        ACME.replace(ACME[place], ""),
    )
    text = "ACME-MIB DEFINITIONS ::= BEGIN\n" + pieces[seed % 4]
    answer = worker.answer({"parse": "ACME-MIB", "text": text})
    if answer.get("missing"):
        answer = worker.answer({"link": "ACME-MIB", "from": {}})
    if "parsed" in answer:
        answer = worker.answer({"generate": "ACME-MIB"})
    assert isinstance(answer.get("document", answer.get("failed")), dict | str)
