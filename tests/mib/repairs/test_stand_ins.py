"""Stand-ins for words that the compiler cannot read."""

from __future__ import annotations

from snmptcp.mib.repairs.lexer import INNER_QUOTE
from snmptcp.mib.repairs.stand_ins import StandIns
from snmptcp.mib.repairs.words import is_label, is_name


def test_words_are_put_back_wherever_they_are() -> None:
    stand_ins = StandIns()
    originals = [f"a/{number}" for number in range(12)]
    words = [stand_ins.name(original) for original in originals]
    kind = stand_ins.type("a/1")

    assert all(map(is_label, words))
    assert is_name(kind)
    assert len({*words, kind}) == 13
    assert stand_ins.name("a/1") == words[1]
    assert stand_ins.restore(("enumSpec", [(words[11], 1), (kind, None)])) == ("enumSpec", [("a/11", 1), ("a/1", None)])
    assert stand_ins.restore(f"{INNER_QUOTE}x") == '"x'
    assert stand_ins.shown(f"{{ {words[11]}(1), {words[1]}(2) }}") == "{ a/11(1), a/1(2) }"
