"""Tests of transports that are let go of without being closed."""

from __future__ import annotations

import asyncio
import gc
import socket
import ssl
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest

from snmptcp.net.disowning import disown
from snmptcp.net.tls import ServerTls
from tests.support.tls_agents import open_options


async def _make_transport(mine: socket.socket, *, tls: bool) -> asyncio.Transport:
    context = ssl.create_default_context() if tls else None
    if context is not None:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    mine.setblocking(False)
    transport, _ = await asyncio.get_running_loop().create_connection(
        asyncio.Protocol, sock=mine, ssl=context, server_hostname="" if tls else None
    )
    return transport


def _accept(other: socket.socket, *, tls: bool) -> socket.socket:
    return ServerTls(open_options()).next_context().wrap_socket(other, server_side=True) if tls else other


@pytest.mark.parametrize("tls", [True, False])
@pytest.mark.parametrize("disowned", [True, False])
def test_a_transport_of_a_loop_that_has_ended_is_let_go_of_without_a_warning(*, disowned: bool, tls: bool) -> None:
    mine, other = socket.socketpair()
    with ThreadPoolExecutor(1) as peer:
        accepted = peer.submit(_accept, other, tls=tls)
        transport = asyncio.run(_make_transport(mine, tls=tls))
        other = accepted.result()
    mine.close()
    if disowned:
        disown(transport)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        del transport
        gc.collect()
    other.close()
    found = [str(warning.message) for warning in warned if "unclosed transport" in str(warning.message)]
    assert (found == []) is disowned
