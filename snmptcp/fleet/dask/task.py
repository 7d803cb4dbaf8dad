"""The dask task of a shard, and the workers' remote procedure that takes the client's orders.

Contains: what runs on workers and knows dask.  The task is a coroutine on the worker's event loop: it takes no thread
of the worker, and any number of them run at once.
"""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import snmptcp
from snmptcp.errors import ConfigurationError
from snmptcp.fleet.dask.host import Host
from snmptcp.fleet.dask.messages import OPERATION

if TYPE_CHECKING:
    from distributed import Worker

    from snmptcp.fleet.dask.messages import Order, Settings

__all__ = ("run_shard",)

#: The hosts of this process, by the address of the worker and the coordinator.
_hosts: dict[tuple[str, str], Host] = {}


async def run_shard(key: str, version: str, settings: bytes, run: str, shard: int) -> None:
    """Poll a shard on this worker until the client lets it end, or is not heard any more.

    Args:
        key: the key of the dask task.
        version: the client's version of this library.
        settings: a :class:`snmptcp.fleet.dask.messages.Settings`, pickled.
        run: the name of this run of the shard.
        shard: the number of the shard.

    Raises:
        ConfigurationError: the worker has another version of this library.
        Exception: the settings cannot be unpickled here, as for a module that is missing.
    """
    from distributed import get_worker  # noqa: PLC0415 - workers alone have it

    worker = get_worker()
    if version != snmptcp.__version__:
        raise ConfigurationError(
            f"worker {worker.name} has snmptcp {snmptcp.__version__}, the client {version}: install the same version"
        )
    _leave_threads(worker, key)
    worker.handlers.setdefault(OPERATION, _receiver(worker.address))
    unpacked: Settings = pickle.loads(settings)  # noqa: S301 - dask's own tasks come the same way
    id_of_host = worker.address, unpacked.coordinator
    host = _hosts.get(id_of_host)
    if host is None:
        host = _hosts[id_of_host] = Host(
            unpacked, str(worker.name), lambda report: worker.log_event(unpacked.topic, report), pickle.loads
        )
    try:
        await host.run(run, shard)
    finally:
        if host.is_empty and _hosts.get(id_of_host) is host:
            del _hosts[id_of_host]


def _leave_threads(worker: Worker, key: str) -> None:
    """Tell the worker that a task takes none of its threads, as ``distributed.secede`` does for tasks with threads."""
    from distributed.worker_state_machine import SecedeEvent  # noqa: PLC0415 - workers alone have it

    worker.handle_stimulus(SecedeEvent(key=key, compute_duration=0.0, stimulus_id=f"secede-{key}"))


def _receiver(address: str) -> Any:
    """Return the remote procedure of a worker."""

    def take_order(order: bytes) -> dict[str, str]:
        told: Order = pickle.loads(order)  # noqa: S301 - dask's own orders come the same way
        host = _hosts.get((address, told.coordinator))
        if host is not None:
            host.take(told)
        return {"status": "OK"}

    return take_order
