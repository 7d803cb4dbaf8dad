"""Initial vectors: R21 (salts of several processes)."""

from __future__ import annotations

import multiprocessing
import tempfile
from array import array
from pathlib import Path
from typing import TYPE_CHECKING

from snmptcp.credentials import AuthProtocol, PrivProtocol, UsmUser
from snmptcp.security.usm_keys import user_keys
from tests.scorecard.row import Figure, Outcome, Row, Scale

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

PROCESSES = 8
ENGINE_ID = bytes.fromhex("80001f8804") + b"salts"
BOOTS, TIME = 3, 1000


def _write_salts(count: int, file: Path, priv: str) -> None:
    """Encrypt as often, always at one time of one engine, and write the salts."""
    user = UsmUser("salts", AuthProtocol.SHA_256, "authentic!", PrivProtocol(priv), "privately!")
    privacy = user_keys(user, ENGINE_ID).privacy
    assert privacy is not None
    salts = array("Q")
    for _ in range(count):
        salts.append(int.from_bytes(privacy.encrypt(b"\0", BOOTS, TIME)[1], "big"))
    with file.open("wb") as out:
        salts.tofile(out)


def _salts_of(count: int, folder: Path, priv: str) -> list[array[int]]:
    """Return the salts of processes, half of which are forks of this one after it has made salts itself."""
    _write_salts(1, folder / "own", priv)
    files = [folder / f"{priv}-{number}" for number in range(PROCESSES)]
    forks, others = multiprocessing.get_context("fork"), multiprocessing.get_context("spawn")
    processes: list[BaseProcess] = [forks.Process(target=_write_salts, args=(count, file, priv)) for file in files[::2]]
    processes += [others.Process(target=_write_salts, args=(count, file, priv)) for file in files[1::2]]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    found = []
    for file in files:
        salts: array[int] = array("Q")
        with file.open("rb") as source:
            salts.fromfile(source, count)
        found.append(salts)
    return found


def _repeats(*salts: array[int]) -> int:
    return sum(map(len, salts)) - len(set().union(*salts))


def repeated_salts(scale: Scale) -> Outcome:
    """R21: salts of AES among all processes, and of DES, which has 32 bits for them, in each process."""
    aes = scale.count(1_000_000, least=100_000) // PROCESSES
    des = aes // 4
    with tempfile.TemporaryDirectory() as folder:
        of_aes = _salts_of(aes, Path(folder), "AES")
        of_des = _salts_of(des, Path(folder), "DES")
    return Outcome(
        (
            Figure("processes", PROCESSES),
            Figure("salts of AES", aes * PROCESSES),
            Figure("repeats among all processes", _repeats(*of_aes), most=0),
            Figure("salts of DES", des * PROCESSES),
            Figure("repeats within a process", sum(map(_repeats, of_des)), most=0),
        )
    )


ROWS = (
    Row(
        "R21",
        "encrypting again and again, in several processes, some of them forks",
        "no initial vector twice",
        repeated_salts,
        limit=240,
    ),
)
