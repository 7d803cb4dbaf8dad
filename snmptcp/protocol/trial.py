"""A trial of a large answer: does it have the same names as small ones?

Contains: the comparison.  Does not contain: sending, and what follows from it
(:mod:`snmptcp.protocol.answer_sizes`).

One switch skips rows when it is asked for more than 55 at once (prometheus/snmp_exporter pull 13).  An answer alone
does not show that.  So before a walk takes a larger answer, one is asked for beside the small ones, and only compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.protocol.request import bulk_request
from snmptcp.values import EndOfMibView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snmptcp.oid import OID
    from snmptcp.protocol.answer_sizes import AnswerSizes
    from snmptcp.protocol.request import Request
    from snmptcp.values import VarBind

__all__ = ("Trial",)


class Trial:
    """A large answer beside the small ones of a walk.

    Args:
        sizes: what is told of the outcome.
        name: the name after which the answer begins; the walk's next small answer begins there, too.
        size: how many names to ask for.

    Attributes:
        ended: whether its outcome is known.
        silent: whether the agent has not answered it, not even by an error; it may still be busy with it.
    """

    __slots__ = ("_answer", "_asked", "_name", "_seen", "_sizes", "ended", "silent")

    def __init__(self, sizes: AnswerSizes, name: OID, size: int) -> None:
        sizes.trying = True
        self._sizes = sizes
        self._name = name
        self._asked = size
        self._answer: list[bytes] | None = None
        self._seen: list[bytes] = []  # the names of the walk
        self.ended = False
        self.silent = True

    def request(self) -> Request:
        """Return the request of the large answer."""
        return bulk_request((self._name,), 0, self._asked)

    @property
    def answered(self) -> bool:
        """Whether the large answer has come, and is good so far."""
        return self._answer is not None and not self.ended

    def follow(self, varbinds: Sequence[VarBind]) -> None:
        """Compare with the next small answer of the walk."""
        if self.ended:
            return
        self._seen.extend(_keys(varbinds))
        if self._answer is not None:
            self._compare()
        elif len(self._seen) >= self._asked:  # it takes longer than the small ones
            self._fail(again=False)

    def receive(self, varbinds: Sequence[VarBind], seconds: float) -> None:
        """Take the large answer.

        Args:
            varbinds: its variable bindings.
            seconds: how long it took.
        """
        self.silent = False
        if self.ended:
            return
        self._answer = _keys(varbinds)
        if self._answer and not self._sizes.is_worth_it(len(varbinds), seconds):
            self._fail(again=True)
        else:
            self._compare()

    def refuse(self, *, again: bool) -> None:
        """Take an error in place of the large answer.

        Args:
            again: whether that is an answer of the agent, which may be asked for a smaller one.
        """
        self.silent = self.silent and not again
        if not self.ended:
            self._fail(again=again)

    def crowd_out(self) -> None:
        """Take note that another request was not answered in time: if the large answer has not come, it is to blame."""
        if self.silent and not self.ended:
            self._sizes.crowded()
            self._fail(again=False)

    def leave(self) -> None:
        """Take note that the walk has ended: what was compared counts."""
        if not self.ended:
            self.ended = True
            self._sizes.tried(self._asked, 0 if self._answer is None else min(len(self._seen), len(self._answer)))

    def _compare(self) -> None:
        answer, seen = self._answer or [], self._seen
        count = min(len(answer), len(seen))
        if answer[:count] != seen[:count]:
            self._fail(again=True)
        elif count == len(answer):
            self.ended = True
            self._sizes.tried(self._asked, count)

    def _fail(self, *, again: bool) -> None:
        self.ended = True
        self._sizes.tried_in_vain(self._asked, again=again)


def _keys(varbinds: Sequence[VarBind]) -> list[bytes]:
    """Return the names; behind the end of the MIB there are none."""
    return [oid.key for oid, value in varbinds if not isinstance(value, EndOfMibView)]
