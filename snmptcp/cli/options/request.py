"""What every command that sends a request or a notification takes: the peer, and what authenticates the request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from snmptcp.cli.names import Names
from snmptcp.cli.options.credentials import add_credential_options, read_credentials
from snmptcp.cli.options.foreign import add_foreign_options
from snmptcp.cli.options.mibs import add_mib_options, read_names
from snmptcp.cli.options.target import REQUEST_PORTS, TargetOptions, add_target_options, read_target_options
from snmptcp.credentials import Community, SnmpVersion

if TYPE_CHECKING:
    import argparse

    from snmptcp.security.choose import Credentials
    from snmptcp.security.engine_clock import EngineInfo

__all__ = ("RequestOptions", "add_request_options", "read_request_options")


@dataclass(frozen=True, slots=True)
class RequestOptions:
    """The peer, and what authenticates requests to it.

    Attributes:
        target: the peer.
        credentials: a community, a user, or a certificate.
        engine: what is known of the engine; ``None`` to discover it.
        frozen_clock: whether the engine's time may stand still, run at another speed or fall back.
        names: the names of MIB modules, for errors.
    """

    target: TargetOptions
    credentials: Credentials
    engine: EngineInfo | None = None
    frozen_clock: bool = False
    names: Names = field(default_factory=Names, compare=False)

    @property
    def version(self) -> SnmpVersion:
        """The version of SNMP."""
        return self.credentials.version if isinstance(self.credentials, Community) else SnmpVersion.V3


def add_request_options(
    parser: argparse.ArgumentParser,
    peer: str = "the agent",
    ports: tuple[int, int] = REQUEST_PORTS,
    engine: str | None = None,
) -> None:
    """Add the options.

    Args:
        parser: the command's parser.
        peer: what to call the peer in help texts.
        ports: the default ports, without and with TLS.
        engine: whose engine ``-e`` names, for its help text; by default the agent's.
    """
    add_target_options(parser, peer, ports)
    add_credential_options(parser, engine)
    add_mib_options(parser)
    add_foreign_options(parser)


def read_request_options(arguments: argparse.Namespace, ports: tuple[int, int] = REQUEST_PORTS) -> RequestOptions:
    """Return the options that :func:`add_request_options` added.

    Raises:
        ConfigurationError: options that exclude each other, or a missing one; a folder or file that does not exist.
    """
    target = read_target_options(arguments, ports)
    credentials, engine = read_credentials(arguments, uses_tls=target.tls is not None)
    return RequestOptions(target, credentials, engine, arguments.frozen_clock, read_names(arguments))
