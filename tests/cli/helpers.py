"""What tests of several commands share: parsing, peers, and the options to reach them."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from snmptcp import Community, NotificationListener, OctetString, TlsOptions, Tsm, UsmUser
from snmptcp.cli.parser import parse_command
from snmptcp.cli.reading import ReadCommand
from snmptcp.net.tls import CertificateMap, MapType
from snmptcp.testing import Agent

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator
    from pathlib import Path

    from snmptcp.listener import Notification
    from tests.support.certificates import Certificates, Issued

T = TypeVar("T")

SYS_NAME = "1.3.6.1.2.1.1.5.0"

ENGINE_ID = bytes.fromhex("80001f8804") + b"shelf"
AUTH, PRIV = "Ein Passwort", "noch eins, länger"
BERT = UsmUser("bert", "SHA-256", AUTH, "AES", PRIV)
ERNIE = UsmUser("ernie", "SHA", AUTH)
NOBODY = UsmUser("nobody")
KEYS = ("-A", AUTH, "-X", PRIV)

#: What ``get -Oqv`` prints for an agent of :func:`tls_agent`.
ANSWER = (0, '"sw1"\n', "")


def parsed(kind: type[T], *words: str) -> T:
    """Parse a command line, and return the command's dataclass."""
    command = parse_command(words).command
    assert isinstance(command, kind)
    return command


def parsed_get(*words: str) -> ReadCommand:
    """Parse the options of a get."""
    return parsed(ReadCommand, "get", *words, "h", "1.3")


def where(peer: Agent | NotificationListener, transport: str = "") -> str:
    """Return the address of a peer, as HOST."""
    host = peer.host if isinstance(peer, Agent) else "127.0.0.1"
    return f"{transport}{host}:{peer.port}"


def own(files: Path) -> tuple[str, ...]:
    """Return the options with which an agent of :func:`tls_agent` accepts a client."""
    return ("--tls-ca", f"{files}/ca.pem", "--tls-cert", f"{files}/client.pem")


@asynccontextmanager
async def tls_agent(certificates: Certificates, issued: Issued | None = None, **more: Any) -> AsyncIterator[Agent]:
    """Run an agent over TLS; the client's certificate has the security name ``boss``."""
    issued = issued or certificates.server
    options = TlsOptions(
        ca_pem=certificates.ca_pem,
        certificate=issued.chain_pem,
        key=issued.key_pem,
        certificate_maps=(CertificateMap(certificates.client.fingerprint, MapType.SPECIFIED, "boss"),),
    )
    variables = {SYS_NAME: OctetString("sw1")}
    async with Agent(variables, **{"tls": options, "tsm_names": ["boss"], **more}) as agent:
        yield agent


async def start(*words: object, program: tuple[str, ...] = ("-m", "snmptcp")) -> Process:
    """Start the command as a process."""
    return await asyncio.create_subprocess_exec(
        sys.executable, *program, *map(str, words), stdin=DEVNULL, stdout=PIPE, stderr=PIPE
    )


SENDER = UsmUser("bert", "SHA-256", "authentic", "AES", "privately")
SENDER_KEYS = ("-u", "bert", "-A", "authentic", "-X", "privately")


@asynccontextmanager
async def receiver(*credentials: Any, **more: Any) -> AsyncIterator[NotificationListener]:
    """Listen for notifications of the community ``public`` and of a user."""
    credentials = credentials or (Community("public", "1"), Community("public"), SENDER)
    async with NotificationListener("127.0.0.1", 0, credentials=credentials, **more) as listener:
        yield listener


@asynccontextmanager
async def tls_receiver(certificates: Certificates, *credentials: Any) -> AsyncIterator[NotificationListener]:
    """Listen over TLS; the security names are the common names of the authority's certificates."""
    options = TlsOptions(
        ca_pem=certificates.ca_pem,
        certificate=certificates.server.chain_pem,
        key=certificates.server.key_pem,
        certificate_maps=(CertificateMap(certificates.authority.fingerprint, MapType.COMMON_NAME),),
    )
    async with receiver(*(credentials or (Tsm(),)), tls=options) as listener:
        yield listener


async def next_of(listener: NotificationListener) -> Notification:
    """Return the next notification."""
    async with asyncio.timeout(30):
        return await anext(aiter(listener))
