"""A TLS server that renegotiates, which Python's ssl module cannot; pyOpenSSL can."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from typing import TYPE_CHECKING, Any

from OpenSSL import SSL

from tests.support.certificates import certificates

if TYPE_CHECKING:
    from pathlib import Path

#: Tags of a GetRequest and a Response.
_GET, _RESPONSE = b"\xa0", b"\xa2"


class RenegotiatingAgent(threading.Thread):
    """An agent over TLS 1.2 that asks for renegotiation before it answers.  Its answer is the request itself.

    Args:
        folder: where it keeps its certificate.
        connections: how many connections it serves, one after the other.

    Attributes:
        port: its port.
        renegotiations: how often a client has agreed to renegotiation.
    """

    def __init__(self, folder: Path, connections: int) -> None:
        super().__init__(daemon=True)
        path = folder / "renegotiating.pem"
        path.write_text(certificates().server.chain_pem + certificates().server.key_pem)
        self._context = SSL.Context(SSL.TLS_SERVER_METHOD)
        self._context.set_max_proto_version(SSL.TLS1_2_VERSION)
        self._context.use_certificate_chain_file(str(path))
        self._context.use_privatekey_file(str(path))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._connections = connections
        self.port: int = self._listener.getsockname()[1]
        self.renegotiations = 0

    def run(self) -> None:
        with self._listener:
            for _ in range(self._connections):
                accepted, _ = self._listener.accept()
                with accepted, contextlib.suppress(SSL.Error):
                    accepted.settimeout(None)
                    self._serve(SSL.Connection(self._context, accepted), accepted)

    def _serve(self, connection: Any, accepted: socket.socket) -> None:
        connection.set_accept_state()
        connection.do_handshake()
        request = connection.recv(1000)
        first = connection.client_random()
        connection.renegotiate()
        connection.do_handshake()  # sends the question
        accepted.setblocking(False)
        while connection.client_random() == first or b"success" not in connection.get_state_string():
            select.select([accepted], [], [], 1)
            with contextlib.suppress(SSL.WantReadError):
                connection.recv(1000)  # takes part in the handshake
        self.renegotiations += 1
        connection.send(request.replace(_GET, _RESPONSE, 1))
