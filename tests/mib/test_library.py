"""Modules found, compiled, kept and loaded."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp.errors import ArgumentTypeError, MibError
from snmptcp.mib import AvailableModule, Mib, NodeKind, compiler, library
from snmptcp.mib.compiler import compile_modules, compiler_version
from snmptcp.mib.library import cache_path
from tests.mib.acme import ACME

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def small(folder: Path, cache: Path) -> Mib:
    """Return a Mib that compiles little."""
    return Mib(folders=[folder], standard=False, cache=cache)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "mibs"
    made.mkdir()
    (made / "one.mib").write_text(module("ONE-MIB", "oneThing", 1))
    return made


def module(name: str, thing: str, arc: int, more: str = "") -> str:
    return (
        f"{name} DEFINITIONS ::= BEGIN\nIMPORTS enterprises FROM SNMPv2-SMI {more};\n"
        f"{thing} OBJECT IDENTIFIER ::= {{ enterprises 9998 {arc} }}\nEND\n"
    )


def test_what_was_compiled_is_kept_for_the_next_time(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache" / "mib.sqlite"
    first = small(folder, cache)
    assert first.load("ONE-MIB") == ()
    database = sqlite3.connect(cache)
    written = database.execute("SELECT id, name FROM module ORDER BY id").fetchall()
    second = small(folder, cache)
    assert second.load("ONE-MIB") == ()
    assert second.oid("oneThing") == "1.3.6.1.4.1.9998.1"
    assert database.execute("SELECT id, name FROM module ORDER BY id").fetchall() == written
    database.close()


def test_a_module_that_has_changed_is_compiled_again(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "mib.sqlite"
    small(folder, cache).load("ONE-MIB")
    (folder / "one.mib").write_text(module("ONE-MIB", "oneThing", 7))
    mib = small(folder, cache)
    mib.load("ONE-MIB")
    assert mib.oid("oneThing") == "1.3.6.1.4.1.9998.7"


def test_a_module_is_loaded_with_what_it_imports_from(folder: Path, tmp_path: Path) -> None:
    (folder / "two.mib").write_text(module("TWO-MIB", "twoThing", 2, "oneThing FROM ONE-MIB"))
    mib = small(folder, tmp_path / "mib.sqlite")
    mib.load("TWO-MIB")
    assert {"ONE-MIB", "TWO-MIB", "SNMPv2-SMI"} == {loaded.name for loaded in mib.modules}
    assert mib.oid("oneThing") == "1.3.6.1.4.1.9998.1"


def test_a_module_is_available_before_it_is_compiled_and_counted_afterwards(folder: Path, tmp_path: Path) -> None:
    mib = small(folder, tmp_path / "mib.sqlite")
    found = {module.name: module for module in mib.available()}
    path = str(folder / "one.mib")
    assert found["ONE-MIB"] == AvailableModule("ONE-MIB", path, "", is_compiled=False)
    assert found["IF-MIB"] == AvailableModule("IF-MIB", "pysnmp-pysmi", "2000-06-14", is_compiled=False)
    mib.load("ONE-MIB")
    found = {module.name: module for module in mib.available()}
    assert (found["ONE-MIB"].is_compiled, dict(found["ONE-MIB"].counts)) == (True, {NodeKind.NODE: 1})
    mib.save(tmp_path / "saved.mib")
    assert [module.name for module in Mib.from_file(tmp_path / "saved.mib").available()] == ["ONE-MIB", "SNMPv2-SMI"]


def test_a_module_that_was_compiled_from_another_file_has_its_own_path(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "mib.sqlite"
    small(folder, cache).load("ONE-MIB")
    other = folder.rename(tmp_path / "other")
    mib = small(other, cache)
    mib.load("ONE-MIB")
    assert [module.path for module in mib.modules] == [f"{other}/one.mib", "pysnmp-pysmi"]
    assert [module.path for module in mib.available() if module.name == "ONE-MIB"] == [f"{other}/one.mib"]


def test_the_modules_of_a_file_are_loaded_whatever_its_folder_has(folder: Path, tmp_path: Path) -> None:
    file = folder / "one.mib"
    file.write_text(file.read_text() + module("TWO-MIB", "twoThing", 2, "oneThing FROM ONE-MIB"))
    mib = Mib(standard=False, cache=tmp_path / "mib.sqlite")
    assert mib.add_file(file) == ("ONE-MIB", "TWO-MIB")
    seen: list[tuple[int, int]] = []
    assert mib.load("ONE-MIB", "TWO-MIB", on_progress=lambda done, total: seen.append((done, total))) == ()
    assert seen == [(0, 2), (1, 2)]
    assert mib.oid("twoThing") == "1.3.6.1.4.1.9998.2"
    mib.save(tmp_path / "saved.mib")
    with pytest.raises(MibError, match="no file can be added"):
        Mib.from_file(tmp_path / "saved.mib").add_file(file)


def test_a_broken_module_is_a_problem_and_affects_no_other(folder: Path, tmp_path: Path) -> None:
    (folder / "bad.mib").write_text(
        "BAD-MIB DEFINITIONS ::= BEGIN\nIMPORTS enterprises FROM SNMPv2-SMI;\n\nx !! y\nEND\n"
    )
    mib = small(folder, tmp_path / "mib.sqlite")
    (problem,) = mib.load("BAD-MIB", "ONE-MIB")
    assert (problem.module, problem.line) == ("BAD-MIB", 4)
    assert problem.path.endswith("bad.mib")
    assert mib.problems == (problem,)
    assert mib.oid("oneThing") == "1.3.6.1.4.1.9998.1"
    with pytest.raises(MibError, match="bad.mib:4: BAD-MIB"):
        mib.oid("BAD-MIB::x")


def test_a_file_that_cannot_be_read_is_a_problem_of_all_and_of_its_own_name(folder: Path, tmp_path: Path) -> None:
    (folder / "PAGE-MIB.txt").write_text("<!DOCTYPE html><html>404</html>")
    assert small(folder, tmp_path / "mib.sqlite").load("ONE-MIB") == ()
    for name in ("ALL", "PAGE-MIB"):
        mib = small(folder, tmp_path / "mib.sqlite")
        (problem,) = mib.load(name)
        assert (problem.module, problem.path) == ("PAGE-MIB", str(folder / "PAGE-MIB.txt"))
        assert "HTML" in problem.reason
        assert mib.problems == (problem,)
        assert ("ONE-MIB" in {loaded.name for loaded in mib.modules}) == (name == "ALL")


def test_a_module_that_nobody_has_is_a_problem(folder: Path, tmp_path: Path) -> None:
    mib = small(folder, tmp_path / "mib.sqlite")
    found = mib.load("NO-SUCH-MIB", "one-mib", "IFMIB", "IF-MIB, IP-MIB", "IF-\udcff-MIB", "")
    nowhere = f"it is not in {folder}, and does not come with the compiler"
    no_name = "no module can have this name: such names have letters, digits, hyphens, dots and underscores only"
    assert [(problem.module, problem.reason) for problem in found] == [
        ("NO-SUCH-MIB", nowhere),
        ("one-mib", f"{nowhere}; there is ONE-MIB"),
        ("IFMIB", f"{nowhere}; there is IF-MIB"),
        ("IF-MIB, IP-MIB", no_name),
        ("IF-\udcff-MIB", no_name),
        ("", no_name),
    ]


def test_paths_that_are_not_utf_8_can_be_used(tmp_path: Path) -> None:
    folder = tmp_path / "mibs\udcff"
    folder.mkdir()
    for name, text in {
        "one\udcff": module("ONE-MIB", "oneThing", 1),
        "bad\udcff": "BAD-MIB DEFINITIONS ::= BEGIN\nfoo OBJECT ::= ;\nEND\n",
        "page\udcff": "<!DOCTYPE html><html>404</html>",
    }.items():
        (folder / name).write_text(text)
    for _ in ("compiled", "from the cache"):
        mib = small(folder, tmp_path / "cache\udcff")
        assert {problem.module for problem in mib.load("ALL")} == {"BAD-MIB", "page\udcff"}
        assert {module.path for module in mib.modules if module.name == "ONE-MIB"} == {str(folder / "one\udcff")}
    mib.save(tmp_path / "saved\udcff")
    assert Mib.from_file(tmp_path / "saved\udcff").oid("oneThing") == "1.3.6.1.4.1.9998.1"


def test_all_modules_of_the_folders_are_loaded_at_once(folder: Path, tmp_path: Path) -> None:
    (folder / "two.mib").write_text(module("TWO-MIB", "twoThing", 2))
    mib = small(folder, tmp_path / "mib.sqlite")
    assert mib.load("ALL") == ()
    assert {"ONE-MIB", "TWO-MIB"} < {loaded.name for loaded in mib.modules}


def test_a_folder_can_be_added_later(folder: Path, tmp_path: Path) -> None:
    mib = Mib(standard=False, cache=tmp_path / "mib.sqlite")
    mib.add_folder(folder)
    assert mib.oid("ONE-MIB::oneThing") == "1.3.6.1.4.1.9998.1"


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MibError):
        Mib(folders=[tmp_path / "missing"], standard=False, cache=tmp_path / "mib.sqlite")


def test_a_broken_cache_is_set_aside(folder: Path, tmp_path: Path) -> None:
    cache = tmp_path / "mib.sqlite"
    cache.write_text("this is no database, and long enough to be looked at " * 20)
    mib = small(folder, cache)
    mib.load("ONE-MIB")
    assert mib.oid("oneThing") == "1.3.6.1.4.1.9998.1"
    assert (tmp_path / "mib.broken").is_file()


def test_a_cache_that_cannot_be_written_is_replaced_by_memory(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("")
    mib = small(folder, tmp_path / "file" / "below" / "mib.sqlite")
    mib.load("ONE-MIB")
    assert mib.oid("oneThing") == "1.3.6.1.4.1.9998.1"
    assert caplog.messages[0] == (
        "compiled MIB modules are not kept, and each start compiles them again: "
        f"{tmp_path / 'file' / 'below'}: Not a directory; name another file in SNMPTCP_MIB_CACHE"
    )


def test_what_is_compiled_stays_in_memory_when_the_disk_is_full(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "two.mib").write_text(module("TWO-MIB", "twoThing", 2))
    (folder / "bad.mib").write_text("BAD-MIB DEFINITIONS ::= BEGIN\n?\nEND\n")
    mib = small(folder, tmp_path / "mib.sqlite")
    mib.load("ONE-MIB")
    pages = mib._library.store._database.execute("PRAGMA page_count").fetchone()[0]
    mib._library.store._database.execute(f"PRAGMA max_page_count = {pages}")
    (folder / "two.mib").write_text(module("TWO-MIB", "t" + "o" * 9000, 2))

    assert [problem.module for problem in mib.load("BAD-MIB", "TWO-MIB")] == ["BAD-MIB"]
    assert mib.oid("t" + "o" * 9000) == "1.3.6.1.4.1.9998.2"
    assert mib.name("1.3.6.1.4.1.9998.1") == "ONE-MIB::oneThing"
    assert "compiled MIB modules are not kept" in caplog.text
    assert small(folder, tmp_path / "mib.sqlite").oid("ONE-MIB::oneThing") == "1.3.6.1.4.1.9998.1"


def test_the_users_cache_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SNMPTCP_MIB_CACHE", str(tmp_path / "x"))
    assert cache_path() == tmp_path / "x"
    monkeypatch.delenv("SNMPTCP_MIB_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    assert cache_path().parent == tmp_path / "snmptcp"


def test_our_own_module_compiles(tmp_path: Path, folder: Path) -> None:
    (folder / "acme.mib").write_text(ACME)
    assert small(folder, tmp_path / "mib.sqlite").load("ACME-MIB") == ()


def test_the_compiler_is_seen_without_its_metadata() -> None:
    assert library._seen_compiler() == library._installed_compiler() == compiler_version()


def test_a_module_that_cannot_be_compiled_is_tried_once(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "bad.mib").write_text("BAD-MIB DEFINITIONS ::= BEGIN\nx !! y\nEND\n")
    mib = small(folder, tmp_path / "mib.sqlite")
    assert [problem.module for problem in mib.load("BAD-MIB")] == ["BAD-MIB"]
    tried: list[object] = []

    def compile_nothing(sources: Iterable[object], *_: object, **__: object) -> Iterable[object]:
        tried.extend(sources)
        return ()

    monkeypatch.setattr("snmptcp.mib.compiler.compile_modules", compile_nothing)
    for _ in range(3):
        with pytest.raises(MibError, match="BAD-MIB"):
            mib.oid("BAD-MIB::x")
    assert [problem.module for problem in mib.load("BAD-MIB")] == ["BAD-MIB"]
    assert tried == []
    (folder / "bad.mib").write_text("BAD-MIB DEFINITIONS ::= BEGIN\nx !!! y\nEND\n")  # another text
    mib.load("BAD-MIB")
    assert len(tried) == 1


def test_a_locked_cache_is_not_set_aside(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "mib.sqlite"
    small(folder, cache).load("ONE-MIB")

    connect: Any = sqlite3.connect

    def connect_to_others(path: object, **options: Any) -> sqlite3.Connection:
        if path == cache:
            raise sqlite3.OperationalError("database is locked")
        connection: sqlite3.Connection = connect(path, **options)
        return connection

    with monkeypatch.context() as patch:
        patch.setattr("sqlite3.connect", connect_to_others)
        mib = small(folder, cache)
    mib.load("ONE-MIB")
    assert mib.oid("oneThing") == "1.3.6.1.4.1.9998.1"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mib.sqlite", "mibs"]


def test_a_cache_that_can_only_be_read_is_read(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = tmp_path / "mib.sqlite"
    small(folder, cache).load("ONE-MIB")
    (folder / "two.mib").write_text(module("TWO-MIB", "twoThing", 2))
    octets = cache.read_bytes()
    monkeypatch.setattr("os.access", lambda path, _: path != cache)
    mib = small(folder, cache)
    assert mib.load("ONE-MIB", "TWO-MIB") == ()
    assert mib.oid("oneThing") == "1.3.6.1.4.1.9998.1"
    assert mib.oid("twoThing") == "1.3.6.1.4.1.9998.2"
    assert cache.read_bytes() == octets


def test_a_file_that_cannot_be_written_is_told(folder: Path, tmp_path: Path) -> None:
    mib = small(folder, tmp_path / "mib.sqlite")
    with pytest.raises(MibError, match="cannot write .*saved: there is no folder .*missing$"):
        mib.save(tmp_path / "missing" / "saved")


def test_the_name_of_a_module_is_text(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ArgumentTypeError, match="a module's name must be text \\(str\\), not int"):
        small(folder, tmp_path / "mib.sqlite").load("ONE-MIB", 5)  # type: ignore[arg-type]


def compiled_in(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list to which the name of each module is added that the compiler is given."""
    found: list[str] = []

    def counted(sources: Any, *arguments: Any, **options: Any) -> Any:
        found.extend(source.module for source in sources)
        return compile_modules(sources, *arguments, **options)

    monkeypatch.setattr(compiler, "compile_modules", counted)
    return found


TYPES = (
    "TYPES-MIB DEFINITIONS ::= BEGIN\nThing ::= INTEGER {{ {labels} }}\nroot OBJECT IDENTIFIER ::= {{ iso {arc} }}\nEND"
)
USER = (
    "USER-MIB DEFINITIONS ::= BEGIN\nIMPORTS Thing, root FROM TYPES-MIB;\n"
    "thing OBJECT-TYPE SYNTAX Thing ACCESS read-only STATUS mandatory ::= { root 1 }\n"
    "other OBJECT IDENTIFIER ::= { iso 9 }\nEND"
)


def test_a_module_is_compiled_again_if_an_import_changes_or_is_found(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "mib.sqlite"
    given = compiled_in(monkeypatch)
    (folder / "user").write_text(USER)
    mib = small(folder, cache)
    assert mib.load("USER-MIB") == ()
    assert str(mib.oid("other")) == "1.9"
    (module,) = [module for module in mib.modules if module.name == "USER-MIB"]
    assert [line.partition(": USER-MIB: ")[2] for line in module.repairs] == [
        "thing is left out: TYPES-MIB cannot be read, or is not at hand"
    ]

    for labels, arc in (("one(1)", 5), ("one(1), two(2)", 5), ("two(2)", 6)):
        (folder / "types").write_text(TYPES.format(labels=labels, arc=arc))
        for _ in range(2):
            mib = small(folder, cache)
            assert mib.load("USER-MIB") == ()
            syntax = mib.node("thing").syntax
            assert syntax is not None
            assert (str(mib.oid("thing")), len(syntax.labels)) == (f"1.{arc}.1", labels.count("("))
    assert given == ["USER-MIB"] * 4


def test_a_module_is_compiled_again_if_a_symbol_that_it_does_not_import_is_defined_elsewhere(
    folder: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "mib.sqlite"
    (folder / "user").write_text(USER.replace("IMPORTS Thing, root FROM TYPES-MIB;", ""))
    small(folder, cache).load("USER-MIB")
    (folder / "types").write_text(TYPES.format(labels="one(1)", arc=5))

    mib = small(folder, cache)

    assert mib.load("USER-MIB") == ()
    assert str(mib.oid("thing")) == "1.5.1"


def test_a_module_that_cannot_be_compiled_is_not_tried_again_by_the_next_process(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "mib.sqlite"
    given = compiled_in(monkeypatch)
    (folder / "bad").write_text("BAD-MIB DEFINITIONS ::= BEGIN\nx !! y\nEND\n")
    (folder / "user").write_text(USER.replace("other OBJECT IDENTIFIER ::= { iso 9 }", ""))
    first = small(folder, cache).load("BAD-MIB", "USER-MIB")
    assert [problem.module for problem in first] == ["BAD-MIB", "USER-MIB"]
    assert given == ["BAD-MIB", "USER-MIB"]

    for _ in range(2):
        mib = small(folder, cache)
        assert [str(problem) for problem in mib.load("BAD-MIB", "USER-MIB")] == [str(problem) for problem in first]
        with pytest.raises(MibError, match="bad:2: BAD-MIB"):
            mib.oid("BAD-MIB::x")
    assert given == ["BAD-MIB", "USER-MIB"]

    small(folder, cache).load("BAD-MIB", "USER-MIB", again=True)
    assert given == ["BAD-MIB", "USER-MIB"] * 2

    (folder / "types").write_text(TYPES.format(labels="one(1)", arc=5))
    (problem,) = small(folder, cache).load("BAD-MIB", "USER-MIB")
    assert problem.module == "BAD-MIB"
    assert given == ["BAD-MIB", "USER-MIB"] * 2 + ["USER-MIB"]

    (folder / "bad").write_text(module("BAD-MIB", "good", 1))
    assert small(folder, cache).load("BAD-MIB") == ()
    with pytest.raises(ArgumentTypeError):
        small(folder, cache).load("BAD-MIB", again="yes")  # type: ignore[arg-type]


def test_the_standard_modules_are_those_of_the_bundle_whatever_a_folder_has(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "STANDARD_MODULES", ("SNMPv2-SMI", "SNMPv2-TC", "IF-MIB"))
    (folder / "if").write_text(
        'IF-MIB DEFINITIONS ::= BEGIN\nifMIB MODULE-IDENTITY LAST-UPDATED "209901010000Z" ORGANIZATION ""'
        ' CONTACT-INFO "" DESCRIPTION "" ::= { mib-2 31 }\nEND'
    )
    mib = Mib(folders=[folder], cache=tmp_path / "mib.sqlite")
    assert str(mib.oid("ifDescr")) == "1.3.6.1.2.1.2.2.1.2"
    assert {module.path for module in mib.modules} == {"pysnmp-pysmi"}


@pytest.mark.parametrize("lasting", [True, False])
def test_a_module_whose_compiler_was_killed_is_tried_again_but_not_one_that_never_ends(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, lasting: bool
) -> None:
    cache = tmp_path / "mib.sqlite"
    given = compiled_in(monkeypatch)
    ask = compiler._Child.ask

    def ended(child: Any, request: Any) -> Any:
        if request.get("generate") == "ONE-MIB":
            raise compiler._ChildEnded("it takes more than 30 seconds", lasting=lasting)
        return ask(child, request)

    with monkeypatch.context() as patch:
        patch.setattr(compiler._Child, "ask", ended)
        (problem,) = small(folder, cache).load("ONE-MIB")
        assert problem.reason == "it takes more than 30 seconds"

    assert len(small(folder, cache).load("ONE-MIB")) == int(lasting)
    assert given == (["ONE-MIB"] if lasting else ["ONE-MIB"] * 2)
