"""Fleets on many processes and machines, by dask.distributed (``pip install 'snmptcp[dask]'``).

::

    def sinks(place):
        return [ParquetSink(f"/data/shard-{place.shard:03}")]

    async with DistributedFleet("tcp://scheduler:8786", targets, jobs=jobs, sinks=sinks) as fleet:
        await fleet.wait_stopped()

``docs/scale.md`` tells when one process is enough, and how this works.
"""

from snmptcp.fleet.dask.fleet import DistributedFleet
from snmptcp.fleet.dask.health import ClusterHealth, WorkerHealth
from snmptcp.fleet.dask.messages import Place

__all__ = ("ClusterHealth", "DistributedFleet", "Place", "WorkerHealth")
