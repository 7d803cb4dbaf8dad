"""What a compiled module was made of."""

from __future__ import annotations

from snmptcp.mib.basis import Basis


def test_a_fingerprint_changes_with_each_text_and_with_the_places_of_symbols() -> None:
    basis = Basis(("A-MIB", "B-MIB"), ("x",))
    digests = {"A-MIB": "00", "B-MIB": ""}
    places = {"x": ["C-MIB"]}
    found = [basis.fingerprint(digests.__getitem__, places.__getitem__)]
    digests["B-MIB"] = "11"
    found.append(basis.fingerprint(digests.__getitem__, places.__getitem__))
    places["x"] = []
    found.append(basis.fingerprint(digests.__getitem__, places.__getitem__))
    assert len(set(found)) == 3
    assert basis.fingerprint(digests.__getitem__, places.__getitem__) == found[-1]
    assert Basis(("A-MIB",)).fingerprint(digests.__getitem__, places.__getitem__) not in found
