"""Connecting through a proxy: HTTP CONNECT (RFC 9110 section 9.3.6), SOCKS4, SOCKS4A, SOCKS5 (RFC 1928, 1929).

Contains: choosing the proxy, the hosts that bypass it, its handshake on a connected socket.  Does not contain:
connecting to the proxy (:mod:`snmptcp.net.dialing`).

python-socks speaks SOCKS (the extra ``snmptcp[proxy]``).  HTTP CONNECT is implemented here: the answer must be read to
its last octet and no further, and the request may have the caller's headers.

Every failure is a :class:`snmptcp.errors.ProxyFailed` with the reason.
"""

from __future__ import annotations

import asyncio
import base64
import enum
import fnmatch
import importlib
import ipaddress
import os
import re
import socket
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote, urlsplit

from snmptcp.arguments import INTEGER, TEXT, Kind, check_arguments, optional
from snmptcp.errors import ConfigurationError, ProxyFailed
from snmptcp.printable import printable

if TYPE_CHECKING:
    from typing import Self

__all__ = ("Proxy", "ProxyKind", "tunnel")


class ProxyKind(enum.Enum):
    """A proxy's protocol; the value is the scheme of its URL."""

    HTTP = "http"
    SOCKS4 = "socks4"
    SOCKS4A = "socks4a"
    SOCKS5 = "socks5"


_KINDS: Final = {kind.value: kind for kind in ProxyKind} | {
    "socks": ProxyKind.SOCKS5,
    "socks5h": ProxyKind.SOCKS5,  # curl's name for letting the proxy resolve names, which we always do
    "connect": ProxyKind.HTTP,
}

_DEFAULT_PORTS: Final = {ProxyKind.HTTP: 80}
_DEFAULT_SOCKS_PORT = 1080

#: The longest answer to CONNECT, status line and headers together, in octets.
_MAX_HTTP_HEAD = 16 * 1024

#: In seconds: the caller has a time limit, and python-socks uses its own if it gets none.
_NO_LIMIT = 10_000_000.0

#: The values of REP (RFC 1928 section 6).
_SOCKS5_REPLIES: Final = {
    1: "general failure of the proxy",
    2: "its rules do not allow it",
    3: "network unreachable",
    4: "host unreachable",
    5: "connection refused",
    6: "TTL expired",
    7: "it does not support the command CONNECT",
    8: "it does not support this type of address",
}

_SOCKS4_REPLIES: Final = {
    91: "rejected, or the connection failed",
    92: "rejected: the proxy cannot ask the identd of this host",
    93: "rejected: the identd of this host names another user",
}

#: What can be shown of a text that should be the scheme of a proxy.
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,9}")

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


# ------------------------------------------------------------------------------------------ proxies


def _are_pairs(value: object) -> bool:
    """Whether a value is a mapping or a list of pairs of text."""
    pairs = value.items() if isinstance(value, Mapping) else value
    if not isinstance(pairs, Collection) or isinstance(pairs, str | bytes):
        return False
    return all(isinstance(pair, tuple | list) and len(pair) == 2 for pair in pairs)


#: What the arguments of a proxy may be; its kind has a check of its own.
_ARGUMENTS = {
    "host": TEXT,
    "port": INTEGER,
    "user": optional(TEXT),
    "password": optional(TEXT),
    "headers": Kind("a mapping of names to values, or pairs of them", _are_pairs),
    "bypass": TEXT,
}


@dataclass(frozen=True)
class Proxy:
    """A proxy to connect through.

    Args:
        kind: its protocol.
        host: its name or address.
        port: its TCP port; 0 for the default, 80 for HTTP and 1080 for SOCKS.
        user: the user name; with SOCKS4 and 4A the user id.  Optional.
        password: the password.  Never shown.
        headers: additional header fields for HTTP CONNECT, as a mapping or as pairs.
        bypass: hosts to connect to without the proxy: names, addresses, CIDR prefixes, with ``*`` for any characters,
            separated by semicolons or commas.

    Raises:
        ConfigurationError: the protocol cannot carry a value.
    """

    kind: ProxyKind
    host: str
    port: int = 0
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    bypass: str = ""

    def __init__(
        self,
        kind: ProxyKind | str,
        host: str,
        port: int = 0,
        *,
        user: str | None = None,
        password: str | None = None,
        headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
        bypass: str = "",
    ) -> None:
        check_arguments(_ARGUMENTS, locals())
        known = _KINDS.get(kind.lower()) if isinstance(kind, str) else kind
        if not isinstance(known, ProxyKind):
            kinds = ", ".join(each.value for each in ProxyKind)
            shown = (
                repr(kind) if isinstance(kind, str) and _SCHEME.fullmatch(kind) else "the given text"
            )  # it may be a URL with a password
            raise ConfigurationError(f"a proxy must be one of {kinds}, not {shown}")
        pairs = headers.items() if isinstance(headers, Mapping) else headers
        put = object.__setattr__
        put(self, "kind", known)
        put(self, "host", host)
        put(self, "port", port or _DEFAULT_PORTS.get(known, _DEFAULT_SOCKS_PORT))
        put(self, "user", user or None)
        put(self, "password", password or None)
        put(self, "headers", tuple((str(name), str(value)) for name, value in pairs))
        put(self, "bypass", bypass)
        self._check()

    def _check(self) -> None:
        """Refuse values that the protocol cannot carry."""
        if not self.host:
            raise ConfigurationError("a proxy needs a host")
        if re.search(r"[@/\s]", self.host):  # not shown: it may have a password
            raise ConfigurationError("a proxy's host must be a name or an address, without @ and /; see Proxy.from_url")
        if not 0 < self.port <= 0xFFFF:
            raise ConfigurationError(f"a proxy's port must be from 1 to 65535, not {self.port}")
        if self.password is not None and self.user is None:
            raise ConfigurationError("a proxy's password needs a user")
        if self.kind is ProxyKind.HTTP:
            self._check_http()
        else:
            self._check_socks()

    def _check_http(self) -> None:
        if ":" in (self.user or ""):
            raise ConfigurationError("a user name for HTTP cannot have a colon (RFC 7617)")
        for name, value in self.headers:
            if not _TOKEN.fullmatch(name):
                shown = repr(re.split(r"[:\s]", name, maxsplit=1)[0])  # the rest may be the field's value
                raise ConfigurationError(f"{shown} is not a valid name of a header field")
            if any((ord(octet) < 0x20 and octet != "\t") or octet == "\x7f" for octet in value):
                raise ConfigurationError(f"the value of the header field {name} has a control character")

    def _check_socks(self) -> None:
        if self.headers:
            raise ConfigurationError("header fields are only possible for an HTTP proxy")
        for what, text in (("user name", self.user), ("password", self.password)):
            if text is not None and not (text.isascii() and len(text) <= 255 and "\0" not in text):
                raise ConfigurationError(f"a SOCKS proxy's {what} must have 1 to 255 ASCII characters")
        if self.kind is ProxyKind.SOCKS5:
            if (self.user is None) != (self.password is None):
                raise ConfigurationError("SOCKS5 needs both a user and a password, or neither (RFC 1929)")
        elif self.password is not None:
            raise ConfigurationError(f"{self.kind.name} has no passwords, only a user id")

    @classmethod
    def from_url(
        cls,
        url: str,
        *,
        headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
        bypass: str = "",
    ) -> Self:
        """Return the proxy of a URL such as ``socks5://user:password@host:1080``.

        Args:
            url: its scheme is http (the default), socks4, socks4a, socks5, socks5h or socks (5).  User and password may
                be percent-encoded.
            headers: see the class.
            bypass: see the class.

        Raises:
            ConfigurationError: the URL is wrong; the text does not repeat it, since it may have a password.
        """
        if "://" not in url:
            url = f"http://{url}"
        scheme = url.partition("://")[0].lower()
        if scheme == "https":
            raise ConfigurationError("TLS connections to the proxy itself (https://) are not supported")
        if scheme not in _KINDS:
            shown = repr(scheme) if _SCHEME.fullmatch(scheme) else "the text before ://"  # it may be a password
            raise ConfigurationError(f"{shown} is not the scheme of a proxy")
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port or 0
        except ValueError:
            raise ConfigurationError("the proxy's URL has no valid host and port") from None
        if parts.path not in ("", "/") or parts.query or parts.fragment:
            raise ConfigurationError("a proxy's URL must end after its host and port")
        user, password = (unquote(text) if text else None for text in (parts.username, parts.password))
        return cls(_KINDS[scheme], host, port, user=user, password=password, headers=headers, bypass=bypass)

    @classmethod
    def from_environment(cls, host: str, port: int | None = None) -> Self | None:
        """Return the environment's proxy for a host; ``None`` for none.

        It is the first that is set of all_proxy, https_proxy and http_proxy, each in lower case before upper case.
        no_proxy (NO_PROXY) lists the exceptions, with curl's rules: a name includes its subdomains, a leading dot or
        ``*.`` changes nothing, ``*`` means every host, addresses may be CIDR prefixes, and ``:port`` may follow.
        HTTP_PROXY is ignored in a CGI program, where the client sets it with a header field (httpoxy, CVE-2016-5385).

        Args:
            host: the name or address to connect to.
            port: its port, for exceptions with a port.

        Raises:
            ConfigurationError: a variable is not the URL of a proxy; the text has the variable's name.
        """
        exceptions = _variable("no_proxy")[1]
        if any(_names(entry, host, port, with_subdomains=True) for entry in _entries(exceptions)):
            return None
        for name in ("all_proxy", "https_proxy", "http_proxy"):
            variable, url = _variable(name)
            if url:
                try:
                    return cls.from_url(url)
                except ConfigurationError as error:
                    raise ConfigurationError(f"the environment's {variable}: {error}") from None
        return None

    def covers(self, host: str, port: int | None = None) -> bool:
        """Whether a host is reached through the proxy: it is not among the exceptions."""
        return not any(_names(entry, host, port, with_subdomains=False) for entry in _entries(self.bypass))

    def check(self, host: str) -> None:
        """Check what can be checked before connecting to the proxy.

        Raises:
            ConfigurationError: python-socks is not installed, or the protocol cannot carry the host.
        """
        if self.kind is not ProxyKind.HTTP:
            _python_socks()
        if self.kind in (ProxyKind.SOCKS4, ProxyKind.SOCKS4A) and ":" in host:
            raise ConfigurationError(f"{self.kind.name} does not support IPv6 addresses: {host}")
        if "%" in host:
            raise ConfigurationError(f"an address with a zone cannot be reached through a proxy: {host}")
        if _address(host) is None:
            _idna(host)

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __str__(self) -> str:
        return f"{self.kind.name} proxy {_authority(self.host, self.port)}"


def _variable(name: str) -> tuple[str, str]:
    """Return the spelling and the value of an environment variable, in lower case or else in upper case."""
    for spelling in (name, name.upper()):
        value = os.environ.get(spelling, "").strip()
        if value and not (spelling == "HTTP_PROXY" and "REQUEST_METHOD" in os.environ):
            return spelling, value
    return name, ""


# --------------------------------------------------------------------------------------- exceptions


def _entries(text: str) -> list[str]:
    """Return the entries of a list of exceptions."""
    return [entry for entry in re.split(r"[;,\s]+", text) if entry]


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return a text's address, IPv4 if it is an IPv4-mapped IPv6 address; ``None`` for a name."""
    try:
        address = ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _names(entry: str, host: str, port: int | None, *, with_subdomains: bool) -> bool:
    """Whether an exception matches a host; no name is resolved."""
    entry, wanted_port = _split_port(entry.lower())
    if wanted_port is not None and wanted_port != port:
        return False
    host = host.lower().rstrip(".")
    address = _address(host)
    if address is not None:
        try:
            return address in ipaddress.ip_network(entry.strip("[]"), strict=False)
        except ValueError:  # a name, or a pattern for addresses (10.*)
            return "*" in entry and fnmatch.fnmatchcase(str(address), _pattern(entry))
    entry = entry.rstrip(".")
    if with_subdomains:
        domain = entry.removeprefix("*").removeprefix(".")
        if "*" not in domain:
            return not domain or host == domain or host.endswith(f".{domain}")
    return fnmatch.fnmatchcase(host, _pattern(entry))


def _pattern(entry: str) -> str:
    """Escape every special character of a pattern but the asterisk."""
    return entry.replace("[", "[[]").replace("?", "[?]")


def _split_port(entry: str) -> tuple[str, int | None]:
    """Split an exception into host and port."""
    host, colon, port = entry.rpartition(":")
    if colon and port.isdecimal() and (":" not in host or host.endswith("]")):
        return host, int(port)
    return entry, None


# ------------------------------------------------------------------------------------------- tunnel


async def tunnel(sock: socket.socket, proxy: Proxy, host: str, port: int) -> None:
    """Let a proxy connect to a peer; the socket is a connection to the peer afterwards.

    Safe to cancel.  The caller owns the socket, and must close it after a failure.

    Args:
        sock: non-blocking, and connected to the proxy.
        proxy: the proxy, with user and password.
        host: the peer's address, or its name, which the proxy resolves (for SOCKS4 it is resolved here).
        port: the peer's TCP port.

    Raises:
        ProxyFailed: with the proxy's reason.
        ConfigurationError: see :meth:`Proxy.check`.
    """
    proxy.check(host)
    try:
        if proxy.kind is ProxyKind.HTTP:
            await _connect_by_http(sock, proxy, host, port)
        else:
            await _connect_by_socks(sock, proxy, host, port)
    except _Refused as error:
        raise ProxyFailed(f"the {proxy} does not connect to {_authority(host, port)}: {error}") from error
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror or str(error)
        raise ProxyFailed(f"the {proxy} was lost: {reason}") from error


class _Refused(Exception):
    """The reason why a proxy does not connect."""


def _authority(host: str, port: int) -> str:
    """Return a host and a port in HTTP's format."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _idna(host: str) -> str:
    """Return a name in ASCII.

    Raises:
        ConfigurationError: it is not a valid name.
    """
    try:
        name = host.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise ConfigurationError(f"{host!r} is not a valid host name: {error}") from error
    if not name or len(name) > 255 or any(octet <= " " or octet in "/@?#\x7f" for octet in name):
        raise ConfigurationError(f"{host!r} is not a valid host name")
    return name


# --------------------------------------------------------------------------------------------- HTTP


async def _connect_by_http(sock: socket.socket, proxy: Proxy, host: str, port: int) -> None:
    """Send CONNECT and read the answer's head, but nothing after it."""
    target = _authority(host if _address(host) is not None else _idna(host), port)
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if proxy.user is not None:
        secret = base64.b64encode(f"{proxy.user}:{proxy.password or ''}".encode()).decode()
        lines.append(f"Proxy-Authorization: Basic {secret}")
    lines += [f"{name}: {value}" for name, value in proxy.headers]
    await asyncio.get_running_loop().sock_sendall(sock, "\r\n".join((*lines, "", "")).encode())
    head = await _read_head(sock)
    status, *fields = head.splitlines()
    found = re.fullmatch(r"HTTP/\d(?:\.\d)? (\d{3})(?: (.*))?", status.rstrip())
    if found is None:
        raise _Refused(f"it does not speak HTTP; its answer begins {status[:40]!r}")
    code = int(found[1])
    if 200 <= code <= 299:
        return
    if code == 407:
        raise _Refused(_authentication_problem(proxy, fields))
    raise _Refused(printable(f"{code} {found[2] or ''}".strip()))


async def _read_head(sock: socket.socket) -> str:
    """Read up to the empty line that ends the head, and no octet more: the following ones are the peer's."""
    loop = asyncio.get_running_loop()
    head = bytearray()
    while not head.endswith((b"\r\n\r\n", b"\n\n")):
        # At least two more octets are missing, or one after the end of a line; read no more than that.
        missing = 1 if head.endswith((b"\n", b"\n\r")) else 2
        octets = await loop.sock_recv(sock, missing)
        if not octets:
            raise _Refused(f"it closed the connection{' in the middle of its answer' if head else ''}")
        head += octets
        if not b"HTTP/".startswith(head[:5]) and not head.startswith(b"HTTP/"):
            raise _Refused(f"it does not speak HTTP; its answer begins {bytes(head[:5])!r}")
        if len(head) > _MAX_HTTP_HEAD:
            raise _Refused(f"the head of its answer is longer than {_MAX_HTTP_HEAD} octets")
    return head.decode("latin-1")


def _authentication_problem(proxy: Proxy, fields: list[str]) -> str:
    """Return the reason of a 407."""
    if proxy.user is None:
        return "407: it needs a user and a password"
    offers = [
        text for name, _, text in (line.partition(":") for line in fields) if name.lower() == "proxy-authenticate"
    ]
    schemes = [offer.split()[0] for offer in offers if offer.split()]
    if schemes and not any(scheme.lower() == "basic" for scheme in schemes):
        return f"407: it needs {printable(' or '.join(schemes))} authentication; only Basic is supported"
    return "407: it refuses the user or the password"


# -------------------------------------------------------------------------------------------- SOCKS


def _python_socks() -> Any:
    """Return python-socks.

    Raises:
        ConfigurationError: it is not installed.
    """
    try:
        importlib.import_module("python_socks.async_.asyncio")
        return importlib.import_module("python_socks")
    except ImportError as error:
        raise ConfigurationError("SOCKS proxies need python-socks: pip install 'snmptcp[proxy]'") from error


class _Connected:
    """Gives python-socks our connection; it takes this for another proxy before the proxy."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    async def connect(self, **_: object) -> socket.socket:
        """Return the connection."""
        return self._sock


async def _connect_by_socks(sock: socket.socket, proxy: Proxy, host: str, port: int) -> None:
    """Let python-socks do the handshake on our socket."""
    library = _python_socks()
    kind = library.ProxyType.SOCKS5 if proxy.kind is ProxyKind.SOCKS5 else library.ProxyType.SOCKS4
    if _address(host) is None:
        host = await _ipv4_address_of(host) if proxy.kind is ProxyKind.SOCKS4 else _idna(host)
    through = library.async_.asyncio.Proxy(
        kind,
        proxy.host,
        proxy.port,
        username=proxy.user,
        password=proxy.password,
        rdns=True,
        forward=_Connected(sock),
        loop=asyncio.get_running_loop(),
    )
    try:
        await through.connect(host, port, timeout=_NO_LIMIT)
    except library.ProxyError as error:
        raise _Refused(printable(_socks_problem(proxy, error.error_code, str(error)))) from None


async def _ipv4_address_of(host: str) -> str:
    """Return the best IPv4 address of a name, for SOCKS4, which carries nothing else."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, None, family=socket.AF_INET, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise _Refused(f"{error.strerror or error} (SOCKS4 proxies do not resolve names; SOCKS4A ones do)") from error
    return str(found[0][4][0])


def _socks_problem(proxy: Proxy, code: int | None, text: str) -> str:
    """Return the reason why a SOCKS proxy refuses; a text without code is python-socks'."""
    if code is not None:
        known = _SOCKS5_REPLIES if proxy.kind is ProxyKind.SOCKS5 else _SOCKS4_REPLIES
        return known.get(int(code), text)
    if text.startswith("Connection closed"):
        return "it closed the connection"
    if text.startswith("No acceptable authentication"):
        wants = "it accepts none of the offered authentication methods"
        return f"{wants}; no user and password are given" if proxy.user is None else wants
    if text.startswith("Username and password"):
        return "it refuses the user or the password"
    return f"it does not speak {proxy.kind.name}: {text}"
