"""Fixtures that run commands in this process, while an agent answers on the test's event loop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from snmptcp import OctetString
from snmptcp.cli.main import main
from snmptcp.testing import Agent
from tests.cli.configuration.helpers import ConfFiles
from tests.cli.helpers import BERT, ENGINE_ID, ERNIE, NOBODY, SYS_NAME
from tests.support.certificates import Certificates, certificates_fixture
from tests.support.sid import CertificateTree

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

__all__ = ("Cli", "Outcome", "certificates_fixture")


class Outcome(NamedTuple):
    """The exit code and the output of a command."""

    code: int
    out: str
    err: str


Cli = Callable[..., Coroutine[Any, Any, Outcome]]


@pytest.fixture(autouse=True)
def nothing_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("COMMUNITY", "AUTH_PASSWORD", "PRIV_PASSWORD", "TLS_KEY_PASSWORD", "PROXY"):
        monkeypatch.delenv(f"SNMPTCP_{name}", raising=False)
    monkeypatch.setenv("SNMPCONFPATH", "/nonexistent")


@pytest.fixture
def conf_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ConfFiles:
    """Return the only two folders in which snmp.conf is read, ``system`` and then ``user``."""
    folder = tmp_path / "configuration"
    folder.mkdir()
    found = ConfFiles(folder)
    monkeypatch.setenv("SNMPCONFPATH", f"{found.system}:{found.user}")
    return found


@pytest.fixture
def files(certificates: Certificates, tmp_path: Path) -> Path:
    """Return a folder with ca.pem, server.pem, .key, .p12 and client.pem, .key, .p12."""
    folder = tmp_path / "certificates"
    folder.mkdir()
    certificates.write(folder)
    return folder


@pytest.fixture
def tree(certificates: Certificates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CertificateTree:
    """Return net-snmp's folders, with the certificates ``authority``, ``agent`` and ``manager`` in them."""
    tree = CertificateTree(tmp_path / "net-snmp")
    tree.add_authority("authority", certificates.ca_pem)
    tree.add("agent", certificates.server.certificate_pem)
    tree.add("manager", certificates.client.certificate_pem, certificates.client.key_pem)
    monkeypatch.setenv("SNMPCONFPATH", str(tree.directory))
    return tree


@contextlib.contextmanager
def silent_peers() -> Iterator[None]:
    """Keep what agents and receivers in this process log out of the output of a command: they are its peers."""
    with contextlib.ExitStack() as stack:
        for name in ("snmptcp.net.server", "snmptcp.listener.listener", "snmptcp.testing.agent"):
            logger = logging.getLogger(name)
            stack.callback(setattr, logger, "disabled", logger.disabled)
            logger.disabled = True
        yield


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str]) -> Cli:
    """Return a coroutine function that runs a command in a thread, on an event loop of its own."""

    async def run(*words: object) -> Outcome:
        with silent_peers() if words[:1] not in (("agent",), ("demo",), ("listen",)) else contextlib.nullcontext():
            code = await asyncio.to_thread(main, [str(word) for word in words])
        return Outcome(code, *capsys.readouterr())

    return run


@pytest.fixture
async def v3_agent(anyio_backend: object) -> AsyncIterator[Agent]:
    """Run an agent with three users, one for each security level."""
    contexts = {"vlan-7": {SYS_NAME: OctetString("the seventh")}}
    async with Agent(
        {SYS_NAME: OctetString("sw1")},
        users=(BERT, ERNIE, NOBODY),
        contexts=contexts,
        engine_id=ENGINE_ID,
        engine_boots=12,
    ) as agent:
        yield agent
