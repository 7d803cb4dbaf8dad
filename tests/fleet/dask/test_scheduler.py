"""The scheduler of a fleet on dask: its address, its TLS, and what is missing."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from distributed import Client, LocalCluster, Security

from snmptcp import ConfigurationError, SecurityWarning
from snmptcp.cautions import forget
from snmptcp.fleet.dask.scheduler import address_of, dask_distributed, packed

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.anyio


def test_without_dask_a_sentence_tells_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ConfigurationError) as caught:
        dask_distributed()
    assert str(caught.value) == "distributed fleets need dask.distributed: pip install 'snmptcp[dask]'"


@pytest.fixture
def unwarned() -> Iterator[None]:
    forget()
    yield
    forget()


def test_credentials_that_leave_the_machine_in_the_clear_are_warned_of(unwarned: None) -> None:
    address = "tcp://scheduler.example:8786"
    with pytest.warns(SecurityWarning) as caught:
        address_of(address, None)
    (warning,) = caught
    assert str(warning.message) == (
        f"the credentials of all targets are sent to {address} and its workers in the clear: give the cluster TLS "
        "(distributed.Security)"
    )


@pytest.mark.parametrize(
    "address", ["tls://scheduler.example:8786", "tcp://127.0.0.1:1", "tcp://[::1]:1", "inproc://1/2"]
)
@pytest.mark.filterwarnings("error::snmptcp.SecurityWarning")
def test_tls_and_this_machine_are_not_warned_of(address: str, unwarned: None) -> None:
    address_of(address, None)


def test_an_address_has_the_tls_that_is_given_with_it() -> None:
    security = Security(require_encryption=True)
    assert address_of("tls://192.0.2.1:8786", security) == ("tls://192.0.2.1:8786", security)


async def test_a_client_and_a_cluster_have_their_own_tls(anyio_backend: object) -> None:
    async with (
        LocalCluster(
            n_workers=0,
            processes=False,
            asynchronous=True,
            protocol="tls://",
            host="127.0.0.1",
            security=Security.temporary(),
            dashboard_address="127.0.0.1:0",
            silence_logs=50,
        ) as cluster,
        Client(cluster, asynchronous=True, set_as_default=False) as client,
    ):
        assert address_of(cluster, None) == (cluster.scheduler_address, cluster.security)
        assert address_of(client, None) == (cluster.scheduler_address, cluster.security)


def test_functions_without_a_module_can_be_packed() -> None:
    import pickle

    assert pickle.loads(packed(lambda: 7))() == 7
