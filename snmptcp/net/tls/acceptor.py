"""The accepting side's TLS, between a socket's transport and the protocol that takes messages.

Contains: the handshake, records in and octets out, every end of a session.  Does not contain: the checks of a client
(:mod:`snmptcp.net.tls.session`), SNMP.

This replaces asyncio's TLS, which lacks three things that an operator needs: a refused client gets an alert with the
reason, a client that speaks plain SNMP is reported as such, and a truncated session is not taken for a closed one.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
from typing import TYPE_CHECKING, Any, cast

from snmptcp.errors import TlsFailed, TlsFailure, TransportError
from snmptcp.net.tls.failure import tls_failed
from snmptcp.net.tls.records import WatchedObject

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.net.tls.session import ServerTls, TlsSession

__all__ = ("LINGER_RESET", "TlsAcceptor", "TlsServerTransport")

#: The first octet of a TLS record that begins a handshake, and of an SNMP message.
_HANDSHAKE_RECORD = 0x16
_SEQUENCE = 0x30

#: How long a refused client may take to read the alert, in seconds.
LINGER = 1.0

#: SO_LINGER on, with zero seconds: closing the socket sends RST instead of FIN.
LINGER_RESET = struct.pack("ii", 1, 0)


class TlsAcceptor(asyncio.Protocol):
    """One accepted socket: a handshake, then records.

    Args:
        tls: the accepted clients.
        upper: gets the octets; its ``connection_made`` is called when the session is established.
        timeout: the longest time for the handshake, in seconds.
        on_open: called when the socket is accepted; if it returns ``False``, the socket is reset.
        on_established: called after the handshake, before ``upper.connection_made``.
        on_failed: called once if the handshake fails.

    Attributes:
        peer: the client's address and port.
        ended_empty: whether the client has closed the connection without sending an octet.
        is_aborted: whether :meth:`abort` was called.
    """

    def __init__(
        self,
        tls: ServerTls,
        upper: asyncio.BufferedProtocol,
        *,
        timeout: float,
        on_open: Callable[[TlsAcceptor], bool],
        on_established: Callable[[TlsAcceptor, TlsSession], None],
        on_failed: Callable[[TlsAcceptor, TlsFailed], None],
    ) -> None:
        self.peer = "unknown"
        self.address: object = None  # the peer's, as the socket names it
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.ended_empty = False
        self.is_aborted = False
        self._tls = tls
        self._upper = upper
        self._timeout = timeout
        self._on_open = on_open
        self._on_established = on_established
        self._on_failed = on_failed
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._ssl: ssl.SSLObject | None = None
        self._raw: asyncio.Transport | None = None
        self._transport: TlsServerTransport | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._silent = True  # nothing was received
        self._failed = False  # there will be no session
        self._read_paused = False
        self._ended = False  # close_notify was received
        self._broken: Exception | None = None

    # ------------------------------------------------------------------------- what the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the socket's transport and wait for the client; asyncio's contract."""
        self._raw = cast("asyncio.Transport", transport)
        self.address = transport.get_extra_info("peername")
        self.peer = _peer_name(self.address)
        if not self._on_open(self):
            self._failed = True
            self.reset()
            return
        self._ssl = self._tls.next_context().wrap_bio(self._incoming, self._outgoing, server_side=True)
        if isinstance(self._ssl, WatchedObject):
            self._ssl.peer = self.address
        self._timer = asyncio.get_running_loop().call_later(self._timeout, self._too_late)

    def data_received(self, data: bytes) -> None:
        """Process received records; asyncio's contract."""
        if self._failed:
            return  # the client still sends while the alert is on its way
        if self._silent:
            self._silent = False
            if data[0] != _HANDSHAKE_RECORD:
                spoken = "SNMP without TLS" if data[0] == _SEQUENCE else "another protocol"
                self._fail(TlsFailed(self.peer, TlsFailure.NOT_TLS, f"it speaks {spoken}"))
                return
        self._incoming.write(data)
        self._advance()

    def eof_received(self) -> bool | None:
        """Process the peer's FIN; asyncio's contract."""
        if self._failed:
            return False
        self._incoming.write_eof()
        if self._transport is None:
            self.ended_empty = self._silent
            self._fail(tls_failed(EOFError(), self.peer, answered=not self._silent))
            return False
        self._advance()
        return True  # do not close yet: answers and our close_notify may still have to leave

    def pause_writing(self) -> None:
        """Pass it on to the upper protocol; asyncio's contract."""
        if self._transport is not None:
            self._upper.pause_writing()

    def resume_writing(self) -> None:
        """Pass it on to the upper protocol; asyncio's contract."""
        if self._transport is not None:
            self._upper.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Report the end to the upper protocol, or a failed handshake; asyncio's contract."""
        self._stop_timer()
        if self._transport is not None:
            self._upper.connection_lost(self._broken or exc)
            self._transport = None  # breaks a reference cycle: OpenSSL's memory would wait for the collector
        elif not self._failed:
            self._failed = True
            self.ended_empty = self._silent and not self.is_aborted
            self._on_failed(self, tls_failed(exc or EOFError(), self.peer, answered=not self._silent))
        if not self.closed.done():
            self.closed.set_result(None)

    # -------------------------------------------------------------------------------------------- steps

    def _advance(self) -> None:
        """Go on as far as the received octets allow."""
        if self._transport is None and not self._handshake():
            return
        self._read()
        self._flush()

    def _handshake(self) -> bool:
        """Go on with the handshake; return whether the session is established."""
        session_object = self._session_object
        try:
            session_object.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
            return False
        except ssl.SSLError as error:
            self._fail(self._tls.failure(error, self.peer))
            return False
        try:
            session = self._tls.established(session_object, self.peer)
        except TlsFailed as failed:
            self._announce_end()
            self._fail(failed)
            return False
        self._stop_timer()
        self._flush()
        self._transport = TlsServerTransport(self, self._raw_transport)
        self._on_established(self, session)
        self._upper.connection_made(self._transport)
        return True

    def _read(self) -> None:
        """Pass decrypted octets on, unless reading is paused."""
        while not self._read_paused and not self._ended and not self._raw_transport.is_closing():
            buffer = cast("memoryview", self._upper.get_buffer(-1))
            try:
                # With a buffer, read() returns a number of octets.
                count = cast("int", self._session_object.read(len(buffer), cast("bytearray", buffer)))
            except ssl.SSLWantReadError:
                return
            except ssl.SSLZeroReturnError:
                count = 0
            except ssl.SSLError as error:
                self._break(error)
                return
            if not count:  # close_notify (RFC 8446 section 6.1)
                self._ended = True
                if not self._upper.eof_received():
                    # In the next turn of the loop: callbacks may collect what they send in this one.
                    asyncio.get_running_loop().call_soon(self.close)
                return
            self._upper.buffer_updated(count)

    def _break(self, error: ssl.SSLError) -> None:
        """End a broken session: truncated, refused by the client, or not decipherable."""
        self._flush()  # the alert
        failed = self._tls.failure(error, self.peer)
        if failed.failure is TlsFailure.CLOSED:
            self._broken = TransportError(
                f"{self.peer} closed the connection without close_notify: the TLS session may be truncated"
            )
        else:
            self._broken = TransportError(f"the TLS session with {self.peer} broke: {failed.detail}")
        self._broken.__cause__ = error
        self._raw_transport.close()

    def _fail(self, failed: TlsFailed) -> None:
        """Send the alert and give the client time to read it, then close."""
        self._failed = True
        self._stop_timer()
        self._on_failed(self, failed)
        raw = self._raw_transport
        if raw.is_closing():
            return
        self._flush()
        # With unread octets in the socket, close() would send RST, which can destroy the alert on its way.
        if raw.can_write_eof():
            raw.write_eof()
        self._timer = asyncio.get_running_loop().call_later(LINGER, raw.abort)

    def _too_late(self) -> None:
        self._fail(TlsFailed(self.peer, TlsFailure.TIMEOUT, f"the handshake took longer than {self._timeout:g} s"))

    def _flush(self) -> None:
        if self._outgoing.pending and not self._raw_transport.is_closing():
            self._raw_transport.write(self._outgoing.read())

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    @property
    def _raw_transport(self) -> asyncio.Transport:
        if self._raw is None:
            raise RuntimeError("there is no connection yet")
        return self._raw

    @property
    def _session_object(self) -> ssl.SSLObject:
        if self._ssl is None:
            raise RuntimeError("there is no connection yet")
        return self._ssl

    # ----------------------------------------------------------------------- what TlsServerTransport calls

    @property
    def ssl_object(self) -> ssl.SSLObject | None:
        """OpenSSL's session."""
        return self._ssl

    def write(self, data: bytes) -> None:
        """Encrypt octets and send them."""
        view = memoryview(data)
        while view:
            view = view[self._session_object.write(view) :]
        self._flush()

    def close(self) -> None:
        """Send what was written and close_notify, then close."""
        if self._raw_transport.is_closing():
            return
        self._announce_end()
        self._flush()
        self._raw_transport.close()

    def _announce_end(self) -> None:
        """Write close_notify; do not wait for the client's (RFC 8446 section 6.1)."""
        with contextlib.suppress(ssl.SSLError):  # "want read": the client's close_notify
            self._session_object.unwrap()

    def abort(self) -> None:
        """Close at once."""
        self.is_aborted = True
        if self._raw is not None:
            self._raw.abort()

    def reset(self) -> None:
        """Close at once with RST."""
        sock = self._raw_transport.get_extra_info("socket")
        if sock is not None and sock.fileno() >= 0:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_RESET)
        self._raw_transport.abort()

    def pause_reading(self) -> None:
        """Stop reading."""
        self._read_paused = True
        self._raw_transport.pause_reading()

    def resume_reading(self) -> None:
        """Read again; octets that OpenSSL already has come first."""
        self._read_paused = False
        self._raw_transport.resume_reading()
        asyncio.get_running_loop().call_soon(self._go_on)

    def _go_on(self) -> None:
        if not self._raw_transport.is_closing():
            self._advance()


class TlsServerTransport(asyncio.Transport):
    """The transport that the upper protocol sees."""

    def __init__(self, acceptor: TlsAcceptor, raw: asyncio.Transport) -> None:
        super().__init__()
        self._acceptor = acceptor
        self._raw = raw

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return a fact about the socket, or ``"ssl_object"``; asyncio's contract."""
        return self._acceptor.ssl_object if name == "ssl_object" else self._raw.get_extra_info(name, default)

    def is_closing(self) -> bool:
        """Whether nothing more can be sent; asyncio's contract."""
        return self._raw.is_closing()

    def close(self) -> None:
        """Close gracefully; asyncio's contract."""
        self._acceptor.close()

    def abort(self) -> None:
        """Close at once; asyncio's contract."""
        self._acceptor.abort()

    def write(self, data: bytes | bytearray | memoryview[Any]) -> None:
        """Send octets; asyncio's contract."""
        if not self.is_closing():
            self._acceptor.write(bytes(data))

    def get_write_buffer_size(self) -> int:
        """Return the number of encrypted octets that are not sent yet; asyncio's contract."""
        return self._raw.get_write_buffer_size()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Set when ``pause_writing`` is called; asyncio's contract."""
        self._raw.set_write_buffer_limits(high, low)

    def is_reading(self) -> bool:
        """Whether the socket is read; asyncio's contract."""
        return self._raw.is_reading()

    def pause_reading(self) -> None:
        """Stop reading; asyncio's contract."""
        self._acceptor.pause_reading()

    def resume_reading(self) -> None:
        """Read again; asyncio's contract."""
        self._acceptor.resume_reading()

    def can_write_eof(self) -> bool:
        """Return ``False``: one direction of a TLS session cannot be closed alone; asyncio's contract."""
        return False


def _peer_name(address: Any) -> str:
    if not isinstance(address, tuple):
        return str(address or "unknown")
    return f"[{address[0]}]:{address[1]}" if ":" in address[0] else f"{address[0]}:{address[1]}"
