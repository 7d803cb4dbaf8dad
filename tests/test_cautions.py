"""Warnings about settings that protect little: each once, at the program's line, in a class of its own."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
import warnings
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import Community, Manager, SecurityWarning, TlsOptions, UsmUser, cautions
from snmptcp.cli.main import main
from snmptcp.ipworks import SNMPTCPMgr
from snmptcp.listener.engine_file import start_engine
from snmptcp.net.tls import ServerTls
from snmptcp.net.tls.stores import StoreType, open_store
from tests.support.certificates import certificates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

C = certificates()
ONLY_POSIX = pytest.mark.skipif(os.name != "posix", reason="there are no such modes")


@pytest.fixture(autouse=True)
def nothing_is_given_yet() -> Iterator[None]:
    cautions.forget()
    yield
    cautions.forget()


def _twice(use: Callable[[], object]) -> None:
    use()
    use()


def unverified(**options: Any) -> Manager:
    return Manager("h.test", credentials=Community("public"), **options)


def own_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@pytest.mark.parametrize(
    ("use", "words"),
    [
        (lambda: UsmUser("bob", "MD5", "a long password"), "'bob' authenticates with MD5"),
        (lambda: UsmUser("bob", "SHA", "a long password", "DES", "a long password"), "'bob' encrypts with DES"),
        (lambda: unverified(tls=TlsOptions(verify=False)), "certificates of agents are not verified"),
        (lambda: unverified(tls=own_context()), "certificates of agents are not verified"),
        (lambda: ServerTls(TlsOptions(certificate=C.server.pem, verify=False)), "clients are not verified"),
    ],
)
def test_what_protects_little_warns_once_at_the_programs_line(use: Callable[[], object], words: str) -> None:
    with pytest.warns(SecurityWarning, match=words) as warned:
        _twice(use)
    assert [each.filename for each in warned] == [__file__]


@pytest.mark.parametrize(
    "use",
    [
        lambda: UsmUser("bob", "MD5"),
        lambda: UsmUser("bob", "SHA", "a long password", "DES"),
        lambda: UsmUser("bob", "SHA", "a long password", "3DES", "a long password"),
        lambda: unverified(tls=TlsOptions(fingerprints="ab" * 32)),
        lambda: unverified(tls=True),
        lambda: ServerTls(TlsOptions(certificate=C.server.pem)),
        SNMPTCPMgr,
    ],
)
def test_what_protects_enough_or_is_not_used_does_not_warn(use: Callable[[], object]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        use()


def test_each_user_and_peer_is_told() -> None:
    with pytest.warns(SecurityWarning) as warned:
        [UsmUser(name, "MD5", "a long password") for name in ("bob", "eve", "bob")]
    assert len(warned) == 2


def test_a_fleet_that_verifies_nothing_is_told_once() -> None:
    with pytest.warns(SecurityWarning) as warned:
        [Manager(f"h{n}.test", credentials=Community("x"), tls=TlsOptions(verify=False)) for n in range(100)]
    assert len(warned) == 1


def test_of_very_many_users_only_some_are_told() -> None:
    with pytest.warns(SecurityWarning) as warned:
        [UsmUser(f"user{n}", "MD5", "a long password") for n in range(cautions.MOST_OF_A_KIND * 2)]
    assert len(warned) == cautions.MOST_OF_A_KIND
    assert str(warned[-1].message).endswith("(further warnings of this kind are not shown)")


def test_a_program_silences_the_class() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", category=SecurityWarning)
        UsmUser("bob", "MD5", "a long password")


def write(path: Path, content: bytes | str, mode: int) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    path.chmod(mode)
    return path


def files(folder: Path, mode: int) -> dict[str, Callable[[], object]]:
    """Return every way to use a file with secrets, whose mode this is."""
    key = write(folder / "own.key", C.server.key_pem, mode)
    both = write(folder / "both.pem", C.server.pem, mode)
    pfx = write(folder / "own.p12", C.server.pkcs12(None), mode)
    log = write(folder / "keys.log", "", mode)
    return {
        "own.key": lambda: ServerTls(TlsOptions(certificate=C.server.chain_pem, key=key)),
        "both.pem": lambda: ServerTls(TlsOptions(certificate=both)),
        "own.p12": lambda: ServerTls(TlsOptions(pkcs12=pfx)),
        "own.p12 ": lambda: open_store(StoreType.PFX_FILE, pfx),
        "keys.log": lambda: ServerTls(TlsOptions(certificate=C.server.pem, key_log=log)),
    }


FILES = ["own.key", "both.pem", "own.p12", "own.p12 ", "keys.log"]


@ONLY_POSIX
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
@pytest.mark.parametrize("which", FILES)
def test_a_file_with_secrets_that_others_can_read_warns_once(tmp_path: Path, which: str, mode: int) -> None:
    use = files(tmp_path, mode)[which]
    words = rf"other users can read .*{which.strip()} \(mode {mode:04o}\)"
    with pytest.warns(SecurityWarning, match=words) as warned:
        _twice(use)
    assert len(warned) == 1


@ONLY_POSIX
@pytest.mark.parametrize("which", FILES)
def test_a_file_with_secrets_that_only_its_owner_can_read_does_not_warn(tmp_path: Path, which: str) -> None:
    use = files(tmp_path, 0o600)[which]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        use()


@ONLY_POSIX
@pytest.mark.parametrize(("mode", "count"), [(0o600, 0), (0o644, 0), (0o620, 1), (0o602, 1), (0o666, 1)])
def test_an_engine_file_is_no_secret_but_others_must_not_write_to_it(tmp_path: Path, mode: int, count: int) -> None:
    engine = write(tmp_path / "engine", '{"engine_id": "80007ed90401", "boots": 1}', mode)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        start_engine(engine)
    assert [str(each.message) for each in warned] == [
        f"other users can write to the engine's boots in {engine} (mode {mode:04o}): chmod 600"
    ] * count


@ONLY_POSIX
def test_a_certificate_without_its_key_may_be_read_by_all(tmp_path: Path) -> None:
    public = write(tmp_path / "public.pem", C.server.chain_pem, 0o644)
    private = write(tmp_path / "private.key", C.server.key_pem, 0o600)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ServerTls(TlsOptions(certificate=public, key=private, ca_file=public))
        open_store(StoreType.PUBLIC_KEY_FILE, public)


def test_the_command_line_shows_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        main("get -u bob -a MD5 -A password1 --timeout 1 --retries 0 127.0.0.1:1 1.3".split())  # noqa: SIM905
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "snmptcp: warning: user 'bob' authenticates with MD5, which is weak: use SHA-256 or more"
    assert len(lines) == 2


def test_a_program_sees_the_warning_by_default() -> None:
    text = "from snmptcp import UsmUser\nfor _ in range(3):\n    UsmUser('bob', 'MD5', 'a long password')\n"
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert done.stderr.count("SecurityWarning") == 1
    assert "<string>:3:" in done.stderr
