"""Names that begin with a text, for completion in shells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.mib import Mib, library
from snmptcp.mib.completion import names_like

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("prefix", "names"),
    [
        ("ifDe", ["ifDescr"]),
        ("ifStackT", ["ifStackTable"]),
        ("linkD", ["linkDown"]),
        ("sysDe", ["sysDescr.0"]),
        ("sysDescr.", ["sysDescr.0"]),
        ("IF-MIB::ifDe", ["IF-MIB::ifDescr"]),
        ("RFC1213-MIB::sysDe", ["RFC1213-MIB::sysDescr.0"]),
        ("ACME-MIB::acmeGateP", ["ACME-MIB::acmeGatePeer", "ACME-MIB::acmeGatePeerType"]),  # of no standard module
        ("ACME-MIB::acmeIfEntry.", ["ACME-MIB::acmeIfEntry.acmeIfColor"]),
        ("system.sysU", ["system.sysUpTime.0"]),
        (".iso.org.", [".iso.org.dod"]),
        ("UDP-M", ["UDP-MIB::"]),
        ("ifGen", []),  # groups alone
        ("acmeGateP", []),
        ("IFDE", []),
        ("NO-SUCH-MIB::x", []),
        ("nothing.of", []),
        ("1.3.6.1", []),
        ("ifDescr.1", []),
        ("%_'\"", []),
        ("", []),
    ],
)
def test_names_that_begin_with_a_text_are_found(acme_mib: Mib, prefix: str, names: list[str]) -> None:
    assert names_like(prefix) == names


def test_modules_may_be_others_than_the_standard_ones(acme_mib: Mib) -> None:
    assert names_like("acmeHea", ["ACME-MIB", "NO-SUCH-MIB"]) == ["acmeHeat.0"]
    assert names_like("acmeHea", ["ALL"]) == ["acmeHeat.0"]
    assert names_like("ifDe", ["ACME-MIB"], standard=False) == []
    assert names_like("ifDe", ["IF-MIB"], standard=False) == ["ifDescr"]


def test_all_objects_of_a_module_follow_its_name(acme_mib: Mib) -> None:
    names = names_like("ACME-MIB::")
    assert {"ACME-MIB::acmeHeat.0", "ACME-MIB::acmeAlarm", "ACME-MIB::acmeGateTable"} <= set(names)
    assert names == sorted(names)


@given(st.text(max_size=12))
def test_any_text_has_names_or_none(acme_mib: Mib, text: str) -> None:
    assert all(name.startswith(text) for name in names_like(text))


def test_nothing_is_compiled_or_written_for_the_sake_of_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library.Library, "_compile", lambda *_: pytest.fail("compiles"))
    path = tmp_path / "none.sqlite"
    assert names_like("ifDe", path=path) == []
    assert not path.exists()
    path.write_bytes(b"no database at all")
    assert names_like("ifDe", path=path) == []
    assert path.read_bytes() == b"no database at all"
    path.unlink()
    Mib(standard=False, cache=path)  # without a module
    assert names_like("ifDe", path=path) == []


def test_a_file_that_cannot_be_written_is_read(acme_mib: Mib, tmp_path: Path) -> None:
    path = tmp_path / "saved.sqlite"
    acme_mib.save(path)
    path.chmod(0o400)
    assert names_like("IF-MIB::ifDe", path=path) == ["IF-MIB::ifDescr"]
