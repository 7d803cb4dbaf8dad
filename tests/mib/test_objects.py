"""What MIB modules define, as typed data."""

from snmptcp.mib import Module, Node, NodeKind, Problem, Syntax
from snmptcp.oid import OID


def test_a_node_is_shown_with_its_module() -> None:
    node = Node(
        "ACME-MIB",
        "acmeFans",
        OID("1.3.6.1.4.1.9999.1"),
        NodeKind.SCALAR,
        Syntax("INTEGER", "INTEGER", labels={1: "on"}),
    )
    assert str(node) == "ACME-MIB::acmeFans"
    assert node.description == node.reference == ""
    assert {node: "as a key"}[node]


def test_the_texts_of_a_node_are_read_when_they_are_asked_for() -> None:
    read = []

    def read_texts() -> tuple[str, str]:
        read.append(True)
        return "Fans that turn.", "The manual."

    node = Node("ACME-MIB", "acmeFans", OID("1.3.6.1.4.1.9999.1"), NodeKind.SCALAR, _read_texts=read_texts)
    assert not read
    assert (node.description, node.reference) == ("Fans that turn.", "The manual.")


def test_a_problem_is_one_line_with_file_and_line() -> None:
    assert str(Problem("ACME-MIB", "acme.mib", 12, "';' is missing")) == "acme.mib:12: ACME-MIB: ';' is missing"
    assert str(Problem("ACME-MIB", "acme.mib", 0, "it is no text")) == "acme.mib: ACME-MIB: it is no text"
    assert str(Problem("ACME-MIB", "", 0, "no file has it")) == "ACME-MIB: no file has it"


def test_the_text_of_a_problem_has_escapes_for_what_no_log_or_terminal_takes() -> None:
    assert str(Problem("A-MIB", "a\udcff.mib", 1, "bad grammar near '\x1b'")) == (
        "a\\udcff.mib:1: A-MIB: bad grammar near '\\x1b'"
    )


def test_a_module_is_shown_by_its_name() -> None:
    assert str(Module("IF-MIB", "if.mib", "00")) == "IF-MIB"


def test_a_string_of_one_length_has_a_fixed_size() -> None:
    assert Syntax("MacAddress", "OCTET STRING", sizes=((6, 6),)).fixed_size == 6
    assert Syntax("DisplayString", "OCTET STRING", sizes=((0, 255),)).fixed_size is None
    assert Syntax("DateAndTime", "OCTET STRING", sizes=((8, 8), (11, 11))).fixed_size is None
    assert Syntax("OCTET STRING", "OCTET STRING").fixed_size is None
