"""Clusters of this machine: work is taken from whoever has the secret of the run, and from nobody else."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bioner.local_cluster import dask_options, ray_options

pytestmark = pytest.mark.slow

_GUEST = """
import sys
import ray
ray.init(address=sys.argv[1], log_to_driver=False)
print(ray.get(ray.remote(lambda: "done").remote()))
"""


def test_ray_takes_work_with_its_token_alone() -> None:
    import ray

    address = ray.init(**ray_options(1)).address_info["gcs_address"]
    assert len(os.environ["RAY_AUTH_TOKEN"]) == 64

    def knocks(**variables: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", _GUEST, address]
        environment = dict(os.environ) | variables
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    try:
        ours = knocks()
        strangers = [knocks(RAY_AUTH_TOKEN="0" * 64), knocks(RAY_AUTH_MODE="disabled", RAY_AUTH_TOKEN="")]
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
    from distributed.security import Security

    with LocalCluster(**dask_options(1)) as cluster:
        assert cluster.scheduler_address.startswith("tls://127.0.0.1:")
        with Client(cluster) as client:
            assert client.submit(sum, [1, 2]).result() == 3
        for stranger in (None, Security.temporary()):
            with pytest.raises((OSError, TypeError)):
                Client(cluster.scheduler_address, security=stranger, timeout=3)
