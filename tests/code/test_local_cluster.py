"""Clusters of this machine: work is taken from whoever has the secret of the run, and from nobody else."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bioner.local_cluster import dask_options, ray_options

pytestmark = pytest.mark.slow

_RAY_GUEST = """
import sys
import ray
ray.init(address=sys.argv[1], log_to_driver=False)
print(ray.get(ray.remote(lambda: "done").remote()))
"""
_DASK_GUEST = """
import sys
from distributed import Client
from distributed.security import Security
own = {"none": None, "another": Security.temporary()}[sys.argv[2]]
print(Client(sys.argv[1], security=own, timeout=30).submit(str.lower, "DONE").result())
"""


def _knocks(guest: str, *arguments: str, **variables: str) -> subprocess.Popen[str]:
    """Somebody at the door: another process, which would hand in work."""
    command = [sys.executable, "-c", guest, *arguments]
    environment = dict(os.environ) | variables
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_ray_takes_work_with_its_token_alone() -> None:
    import ray

    address = ray.init(**ray_options(1)).address_info["gcs_address"]
    assert len(os.environ["RAY_AUTH_TOKEN"]) == 64

    try:
        ours = _knocks(_RAY_GUEST, address)
        strangers = [
            _knocks(_RAY_GUEST, address, RAY_AUTH_TOKEN="0" * 64),
            _knocks(_RAY_GUEST, address, RAY_AUTH_MODE="disabled", RAY_AUTH_TOKEN=""),
        ]
        assert "done" in ours.communicate()[0]
        for stranger in strangers:
            printed, said = stranger.communicate()
            assert "done" not in printed
            assert "Failed to connect" in said or "AuthenticationError" in said
    finally:
        ray.shutdown()


def test_a_cluster_that_is_named_keeps_its_own_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.1:6379")
    monkeypatch.setenv("RAY_AUTH_TOKEN", "theirs")
    assert "num_cpus" not in ray_options(2)
    assert os.environ["RAY_AUTH_TOKEN"] == "theirs"


def test_dask_takes_work_with_its_certificate_alone() -> None:
    from distributed import Client, LocalCluster

    with LocalCluster(**dask_options(1)) as cluster:
        assert cluster.scheduler_address.startswith("tls://127.0.0.1:")
        with Client(cluster) as client:
            assert client.submit(str.lower, "DONE").result() == "done"
        for stranger in [_knocks(_DASK_GUEST, cluster.scheduler_address, own) for own in ("none", "another")]:
            printed, said = stranger.communicate()
            assert "done" not in printed
            assert "TLS" in said
