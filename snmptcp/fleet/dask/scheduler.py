"""What a fleet needs of dask before it connects: the library, the scheduler's address and its TLS, and pickling.

Contains: the sentences for what is missing or wrong.  Does not contain: connections.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from snmptcp.arguments import Kind, check_arguments
from snmptcp.cautions import caution
from snmptcp.errors import ConfigurationError

if TYPE_CHECKING:
    from distributed import Client, Security
    from distributed.deploy.cluster import Cluster

__all__ = ("address_of", "dask_distributed", "packed")


def packed(value: object) -> bytes:
    """Return a value pickled as dask does, with the functions of the main module."""
    octets: bytes = importlib.import_module("distributed.protocol.pickle").dumps(value)
    return octets


def dask_distributed() -> Any:
    """Return dask.distributed.

    Raises:
        ConfigurationError: it is not installed.
    """
    try:
        return importlib.import_module("distributed")
    except ImportError as error:
        raise ConfigurationError("distributed fleets need dask.distributed: pip install 'snmptcp[dask]'") from error


def address_of(scheduler: str | Client | Cluster, security: Security | None) -> tuple[str, Security | None]:
    """Return the address of a scheduler, and the cluster's TLS.

    Args:
        scheduler: the address, or a client or a cluster of dask.
        security: the TLS; by default that of the client or the cluster.

    Raises:
        ArgumentTypeError: it is neither an address, nor a client, nor a cluster.
        ConfigurationError: the address is no URL.
    """
    distributed = dask_distributed()
    kind = Kind(
        "the address of dask's scheduler, a distributed.Client or a cluster",
        lambda value: isinstance(value, str | distributed.Client | distributed.deploy.Cluster),
    )
    check_arguments({"scheduler": kind}, {"scheduler": scheduler})
    if isinstance(scheduler, str):
        address = scheduler
        if "://" not in address:
            raise ConfigurationError(f"scheduler is an address such as tcp://host:8786, not {address!r}")
    elif isinstance(scheduler, distributed.Client):
        address, security = scheduler.scheduler.address, security or scheduler.security
    else:
        address, security = scheduler.scheduler_address, security or scheduler.security
    _caution_about(address)
    return address, security


def _caution_about(address: str) -> None:
    """Warn of credentials that would be sent in the clear."""
    scheme, _, rest = address.partition("://")
    host = rest.rpartition(":")[0].strip("[]")
    if scheme in ("tcp", "ws") and host != "localhost" and not host.startswith("127.") and host != "::1":
        caution(
            "dask",
            address,
            f"the credentials of all targets are sent to {address} and its workers in the clear: give the cluster TLS "
            "(distributed.Security)",
        )
