"""Where the texts of modules come from: folders, files with several modules, copies, encodings, the bundle."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from snmptcp.errors import MibError
from snmptcp.mib.sources import BUNDLE_PATH, Sources, decode_text


def module(name: str, *, updated: str = "", body: str = "") -> str:
    """Return the text of a small module."""
    identity = f'x MODULE-IDENTITY LAST-UPDATED "{updated}"\n' if updated else ""
    return f"{name} DEFINITIONS ::= BEGIN\n{identity}{body}\nEND\n"


def sources_of(folder: Path) -> Sources:
    return Sources([folder], bundled=False)


def test_a_module_is_found_by_the_name_in_its_text_whatever_its_file_is_called(tmp_path: Path) -> None:
    file = tmp_path / "some file.data"
    file.write_text(module("ACME-ONE-MIB"))
    (tmp_path / "ACME-TWO-MIB").write_text("nothing of the kind")

    sources = sources_of(tmp_path)

    assert sources.names() == ("ACME-ONE-MIB",)
    found = sources.find("ACME-ONE-MIB")
    assert found is not None
    assert (found.module, found.path, found.text) == ("ACME-ONE-MIB", str(file), module("ACME-ONE-MIB"))
    assert found.digest == hashlib.sha256(file.read_bytes()).hexdigest()
    assert sources.find("ACME-TWO-MIB") is None


def test_folders_within_a_folder_are_searched_but_not_hidden_ones(tmp_path: Path) -> None:
    for name, folder in (("A-MIB", "acme/switches"), ("B-MIB", ".git")):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "x.mib").write_text(module(name))

    assert sources_of(tmp_path).names() == ("A-MIB",)


@pytest.mark.parametrize(
    "header",
    [
        "A-MIB DEFINITIONS ::= BEGIN",
        "A-MIB DEFINITIONS::=BEGIN",
        "A-MIB\tDEFINITIONS\n  ::=\nBEGIN",
        "A-MIB -- the name of it\nDEFINITIONS -- here\n::= BEGIN",
        "A-MIB PIB-DEFINITIONS ::= BEGIN",
        "A-MIB { iso org(3) 6 } DEFINITIONS ::= BEGIN",
        "A-MIB DEFINITIONS IMPLICIT TAGS ::= BEGIN",
        "-- OLD-MIB DEFINITIONS ::= BEGIN\nA-MIB DEFINITIONS ::= BEGIN",
    ],
)
def test_the_first_line_of_a_module_may_be_written_in_many_ways(tmp_path: Path, header: str) -> None:
    (tmp_path / "x").write_text(f"-- a comment\n{header}\nEND\n")

    assert sources_of(tmp_path).names() == ("A-MIB",)


def test_the_text_before_the_first_line_is_left_out_and_lines_keep_their_numbers(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("It's Acme's \"module\".\n\n" + module("A-MIB"))
    found = sources_of(tmp_path).find("A-MIB")

    assert found is not None
    assert found.text.startswith("\n\nA-MIB DEFINITIONS")


def test_a_file_with_several_modules_is_split_and_its_lines_keep_their_numbers(tmp_path: Path) -> None:
    text = module("A-MIB", body="one") + "-- between\n" + module("B-MIB", body="two")
    (tmp_path / "both").write_text(text)

    sources = sources_of(tmp_path)
    first, second = sources.find("A-MIB"), sources.find("B-MIB")

    assert sources.names() == ("A-MIB", "B-MIB")
    assert first is not None
    assert second is not None
    assert "two" not in first.text
    assert "one" not in second.text
    assert second.text.split("\n").index("two") == text.split("\n").index("two")
    assert first.digest != second.digest


def test_a_file_with_several_modules_is_read_once_for_all_until_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        (tmp_path / f"f{number}").write_text(module(f"A{number}-MIB") + module(f"B{number}-MIB", body="old"))
    sources = sources_of(tmp_path)
    assert sources.names()
    read: list[str] = []
    read_bytes = Path.read_bytes

    def watched(path: Path) -> bytes:
        read.append(path.name)
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", watched)

    assert all(sources.find(f"{letter}{number}-MIB") for number in range(6) for letter in "ABA")
    assert read == [f"f{number}" for number in range(6)]

    (tmp_path / "f5").write_text(module("A5-MIB") + module("B5-MIB", body="changed"))
    found = sources.find("B5-MIB")
    assert found is not None
    assert "changed" in found.text
    (tmp_path / "f5").unlink()
    assert sources.find("B5-MIB") is None


def test_the_modules_that_define_a_symbol_are_found_however_many_are_asked_for(tmp_path: Path) -> None:
    for name in ("A-MIB", "B-MIB"):
        body = "\n".join(f"s{number} OBJECT IDENTIFIER ::= {{ iso {number} }}" for number in range(9))
        (tmp_path / name).write_text(
            module(name, body=f"{body}\n-- only OBJECT-TYPE\n{name[0].lower()} ::= {{ s1 1 }}")
        )
    sources = sources_of(tmp_path)

    assert {sources.defining(f"s{number}") for number in range(9)} == {("A-MIB", "B-MIB")}
    assert [sources.defining(symbol) for symbol in ("a", "b", "only", "s")] == [("A-MIB",), ("B-MIB",), (), ()]
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "c").write_text(module("C-MIB", body="s1 ::= { iso 1 }"))
    sources.add_folder(tmp_path / "more")
    assert sources.defining("s1") == ("A-MIB", "B-MIB", "C-MIB")


def test_a_second_module_of_one_name_in_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "x").write_text(module("A-MIB", body="one") + "\n" + module("A-MIB", body="two"))
    (found,) = sources_of(tmp_path).copies("A-MIB")

    assert "one" in found.text
    assert found.repairs == (f"{tmp_path / 'x'}:5: A-MIB: a second module of this name in the file is left out",)


def test_a_first_line_within_a_description_or_a_comment_begins_no_module(tmp_path: Path) -> None:
    body = 'a DESCRIPTION "as in\n  B-MIB DEFINITIONS ::= BEGIN\n  END"\n-- C-MIB DEFINITIONS ::= BEGIN'
    (tmp_path / "x").write_text(module("A-MIB", body=body))

    assert sources_of(tmp_path).names() == ("A-MIB",)


def test_a_quote_that_is_never_closed_does_not_hide_the_next_module(tmp_path: Path) -> None:
    (tmp_path / "x").write_text(module("A-MIB", body='"open') + module("B-MIB"))

    assert sources_of(tmp_path).names() == ("A-MIB", "B-MIB")


def test_the_newest_of_several_copies_comes_first_and_then_the_folder_added_last(tmp_path: Path) -> None:
    for folder, updated, other in (("a", "202001010000Z", "9601010000Z"), ("b", "199901010000Z", "")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "dated").write_text(module("DATED-MIB", updated=updated))
        (tmp_path / folder / "other").write_text(module("OTHER-MIB", updated=other, body=f"{folder} OBJECT"))
    sources = Sources([tmp_path / "a", tmp_path / "b"], bundled=False)

    assert [copy.path for copy in sources.copies("DATED-MIB")] == [str(tmp_path / folder / "dated") for folder in "ab"]
    assert [copy.path for copy in sources.copies("OTHER-MIB")] == [str(tmp_path / folder / "other") for folder in "ba"]


def test_copies_with_the_same_text_count_once(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).write_text(module("A-MIB"))

    assert [copy.path for copy in sources_of(tmp_path).copies("A-MIB")] == [str(tmp_path / "one")]


def test_the_bundle_has_the_standard_modules_and_an_older_copy_does_not_replace_them(tmp_path: Path) -> None:
    (tmp_path / "if").write_text(module("IF-MIB", updated="9601010000Z"))
    (tmp_path / "smi").write_text(module("SNMPv2-SMI"))
    (tmp_path / "host").write_text(module("RFC1213-MIB") + module("ACME-MIB"))
    sources = Sources([tmp_path])

    assert {"IF-MIB", "SNMPv2-MIB", "RFC1213-MIB", "HOST-RESOURCES-MIB"} < set(sources.bundled_names())
    assert sources.names() == ("ACME-MIB", "IF-MIB", "RFC1213-MIB", "SNMPv2-SMI")
    for name in ("IF-MIB", "SNMPv2-SMI", "RFC1213-MIB"):
        assert [copy.path == BUNDLE_PATH for copy in sources.copies(name)] == [True, False]
    bundled = sources.find("IF-MIB")
    assert bundled is not None
    assert len(bundled.digest) == 64
    assert sources_of(tmp_path).bundled_names() == ()


@pytest.mark.parametrize("name", ["../asn1/IF-MIB", "__init__.py", "", ".", "/etc/passwd", "NO-SUCH-MIB", "a\0b"])
def test_a_name_is_no_path_into_the_bundle(name: str) -> None:
    assert Sources().find(name) is None


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"a\r\nb\rc\nd", "a\nb\nc\nd"),
        (b"\xef\xbb\xbfA-MIB", "A-MIB"),
        ("A-MIB \u00e9".encode(), "A-MIB \u00e9"),
        ("A-MIB \u00e9".encode("latin-1"), "A-MIB \u00e9"),
        (b"it\x92s", "it\u2019s"),
        (b"\x81", "\x81"),
        ("A-MIB \u20ac\r\n".encode("utf-16"), "A-MIB \u20ac\n"),
        ("A-MIB x".encode("utf-16-le"), "A-MIB x"),
        ("A-MIB x".encode("utf-16-be"), "A-MIB x"),
        (b"", ""),
    ],
)
def test_texts_are_read_in_the_encodings_that_vendors_use(octets: bytes, text: str) -> None:
    assert decode_text(octets) == text


def test_a_folder_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MibError, match="cannot read the MIB folder .*missing"):
        Sources([tmp_path / "missing"])
    (tmp_path / "file").write_text("")
    with pytest.raises(MibError, match="Not a directory"):
        Sources().add_folder(tmp_path / "file")


def test_a_page_of_html_is_a_problem_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "ACME-MIB.txt").write_text("<!DOCTYPE html><html><title>404</title></html>")

    (problem,) = sources_of(tmp_path).problems()

    assert (problem.module, problem.line) == ("ACME-MIB", 1)
    assert "HTML" in problem.reason


def test_a_single_file_can_be_added(tmp_path: Path) -> None:
    file = tmp_path / "both"
    file.write_text(module("A-MIB") + module("B-MIB"))
    (tmp_path / "empty").write_text("hello")
    sources = Sources(bundled=False)

    assert sources.add_file(file) == ("A-MIB", "B-MIB")
    assert sources.find("B-MIB") is not None
    with pytest.raises(MibError, match="there is no MIB module in it"):
        sources.add_file(tmp_path / "empty")
    with pytest.raises(MibError, match="No such file"):
        sources.add_file(tmp_path / "missing")


def test_a_module_in_a_page_of_html_is_read_without_the_tags(tmp_path: Path) -> None:
    page = (
        "<!DOCTYPE html>\n<html><head><title>A-MIB DEFINITIONS ::= BEGIN</title>\n<style>x {\n}</style></head><body>"
        '<pre>\n<a name="1"></a>A-MIB <b>DEFINITIONS</b> ::= BEGIN\n'
        "a DESCRIPTION &quot;x &lt; y&quot;\nEND</pre></body></html>"
    )
    (tmp_path / "page").write_text(page)

    source = sources_of(tmp_path).find("A-MIB")

    assert source is not None
    assert source.text.split("\n")[4:] == ["A-MIB DEFINITIONS ::= BEGIN", 'a DESCRIPTION "x < y"', "END"]
    assert source.repairs == (f"{tmp_path / 'page'}:1: A-MIB: the tags of a page of HTML are left out",)
    assert sources_of(tmp_path).problems() == ()
