"""Secrets: R32 (none in logs, reprs, errors, tracebacks and pickles)."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import io
import logging
import pickle
import traceback
from typing import TYPE_CHECKING

from snmptcp import Community, Manager, Proxy, SnmpError, TlsOptions, UsmUser
from snmptcp.errors import ConfigurationError
from snmptcp.listener import NotificationListener
from snmptcp.security.keys import localize_key, localize_priv_key, password_to_key
from snmptcp.testing import Agent, CutMac, Drop, Garbage, WrongRequestId
from tests.attacks.test_disclosure import MARK, MISTAKES, _facades
from tests.scorecard.row import Figure, Outcome, Row, Scale
from tests.support.certificates import certificates
from tests.support.mibs import SYS_NAME, small_mib
from tests.support.rawclient import RawClient
from tests.support.senders import trap

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snmptcp.security.choose import Credentials

HERE = "127.0.0.1"
PRIVATE = f"{MARK}-2"
USER = UsmUser("someone", "SHA-256", MARK, "AES", PRIVATE)
SECRETIVE: tuple[Credentials, ...] = (Community(MARK), Community(MARK, "1"), USER)
FAULTS = (Drop(), Garbage(), WrongRequestId(), CutMac(4))


class _Told:
    """Everything that was told: log records of every level, errors with their causes, reprs, and pickles."""

    def __init__(self) -> None:
        self.log = io.StringIO()
        self.texts: list[str] = []
        self.octets: list[bytes] = []

    def keep(self, thing: object) -> None:
        """Keep what a thing shows of itself."""
        self.texts += [repr(thing), str(thing), ascii(thing)]

    def keep_error(self, error: BaseException) -> None:
        """Keep an error with its causes, and its pickle."""
        self.keep(error)
        self.texts += ["".join(traceback.format_exception(error)), repr(error.args)]
        with contextlib.suppress(pickle.PicklingError, TypeError, AttributeError):  # some causes cannot be pickled
            self.octets.append(pickle.dumps(error))

    def occurrences(self, secrets: Iterable[bytes]) -> int:
        """Return how often secrets occur, plain, in hex and in base64."""
        everything = "\n".join([self.log.getvalue(), *self.texts]).encode(errors="surrogateescape")
        everything = b"\n".join([everything, *self.octets]).lower()
        forms = {form.lower() for secret in secrets for form in _forms(secret)}
        return sum(everything.count(form) for form in forms)


def _forms(secret: bytes) -> list[bytes]:
    encoded = base64.b64encode(secret).rstrip(b"=")[:-1]  # its end depends on what follows
    return [secret, secret.hex().encode(), secret.hex(" ").encode(), secret.hex(":").encode(), encoded]


def _keys(engine_id: bytes) -> list[bytes]:
    """Return the user's keys for an engine, and those that they are made of."""
    auth, priv = USER.auth_protocol, USER.priv_protocol
    masters = [password_to_key(auth, word.encode()) for word in (MARK, PRIVATE)]
    return [*masters, localize_key(auth, masters[0], engine_id), localize_priv_key(auth, priv, masters[1], engine_id)]


async def _conversations(told: _Told, turns: int) -> list[bytes]:
    """Let requests succeed and fail in every way, with credentials that hold the secret; return keys of the user."""
    keys: list[bytes] = []
    for credentials in SECRETIVE:
        async with Agent(
            small_mib(), users=[USER], read_community=MARK, write_community=None, engine_id=b"\x80\0\0\0\4secret"
        ) as agent:
            keys = _keys(agent.engine_id)
            for fault in (None, *FAULTS):
                async with Manager(HERE, agent.port, credentials=credentials, timeout=0.1, retries=0) as manager:
                    agent.clear_faults()
                    if fault is not None:
                        agent.inject(fault, times=None)
                    for _ in range(turns):
                        await _told_by(told, manager.get(SYS_NAME))
                    await _told_by(told, manager.set((SYS_NAME, 1)))
                    for thing in (
                        manager,
                        manager.statistics,
                        manager.engine,
                        credentials,
                        agent,
                        list(agent.requests),
                    ):
                        told.keep(thing)
    wrong = UsmUser("someone", "SHA-256", f"{MARK} is wrong", "AES", PRIVATE)
    async with Agent(users=[USER]) as agent:
        for credentials in (wrong, UsmUser("nobody", "SHA-256", MARK), Community(f"{MARK} is wrong")):
            async with Manager(HERE, agent.port, credentials=credentials, timeout=0.2) as manager:
                await _told_by(told, manager.get(SYS_NAME))
    return keys


async def _told_by(told: _Told, call: object) -> None:
    try:
        told.keep(await call)  # type: ignore[misc]
    except SnmpError as error:
        told.keep_error(error)


async def _other_ends(told: _Told) -> None:
    """Let a listener refuse messages, and proxies and TLS fail, with secrets in their options."""
    async with NotificationListener(HERE, 0, credentials=[Community(MARK), USER], on_refused=told.keep) as listener:
        async with RawClient(*listener.addresses[0]) as client:
            client.send(trap() + b"\x30\x03abc")
            while listener.statistics.messages < 2:
                await asyncio.sleep(0.01)
        told.keep(listener)
        told.keep(listener.statistics)
    made = certificates()
    for options in (
        {"proxy": Proxy("http", HERE, 1, user="u", password=MARK, headers={"X-Token": MARK})},
        {"proxy": Proxy("socks5", HERE, 1, user="u", password=MARK)},
        {"tls": TlsOptions(certificate=made.server.certificate_pem, key=made.server.encrypted_key_pem, password=MARK)},
    ):
        told.keep(options)
        try:
            async with Manager(HERE, 1, credentials=Community(MARK), timeout=0.2, **options) as manager:
                told.keep(manager)
                await _told_by(told, manager.get(SYS_NAME))
        except ConfigurationError as error:
            told.keep_error(error)


def _mistakes(told: _Told) -> int:
    """Make every wrong use of a credential; return how many."""
    for mistake in MISTAKES.values():
        try:
            mistake()
        except Exception as error:
            told.keep_error(error)
    while _facades:
        _facades.pop().active = False
    return len(MISTAKES)


def secrets_told(scale: Scale) -> Outcome:
    """R32: wrong uses of credentials, and conversations that succeed and fail, at the log level DEBUG."""
    told = _Told()
    logging.basicConfig(stream=told.log, level=logging.DEBUG, force=True)
    mistakes = _mistakes(told)

    async def run() -> list[bytes]:
        keys = await _conversations(told, scale.count(3))
        await _other_ends(told)
        return keys

    keys = asyncio.run(run(), debug=True)
    secrets = [MARK.encode(), PRIVATE.encode(), *keys]
    occurrences = told.occurrences(secrets)
    control = _Told()
    control.texts += [MARK, MARK.encode().hex(), base64.b64encode(f"x{MARK}".encode()[1:]).decode()]
    return Outcome(
        (
            Figure("wrong uses of credentials", mistakes),
            Figure("texts, reprs and tracebacks", len(told.texts)),
            Figure("lines of the log", len(told.log.getvalue().splitlines()), least=1),
            Figure("pickles", len(told.octets), least=1),
            Figure("secrets in them", occurrences, most=0),
            Figure("secrets that the search finds where there are three", control.occurrences(secrets), least=3),
        )
    )


ROWS = (
    Row(
        "R32",
        "secrets: passwords, communities, keys",
        "none in logs of any level, errors with their causes, tracebacks, reprs and pickles of errors",
        secrets_told,
    ),
)
