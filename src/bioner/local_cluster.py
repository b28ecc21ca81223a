"""Clusters of Ray and Dask that we start on this machine: whoever would hand them work needs a secret of this run."""

from __future__ import annotations

import os
import secrets
from typing import Any


def ray_options(workers: int) -> dict[str, Any]:
    """Arguments of `ray.init`: for the cluster that `RAY_ADDRESS` names, else for one of this machine.

    Ray listens on every interface, and nothing tells it not to. It asks for a token (unless `RAY_AUTH_MODE` says
    otherwise), which it would keep where all may read it, in `~/.ray`: this process and what it starts have one of
    their own, in their environment.
    """
    options: dict[str, Any] = {"include_dashboard": False, "log_to_driver": False}
    if "RAY_ADDRESS" in os.environ:  # it has its cores, and its token
        return options
    os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    return options | {"num_cpus": workers}


def dask_options(workers: int) -> dict[str, Any]:
    """Arguments of Dask's `LocalCluster`: on loopback, and in TLS with a certificate that both sides must show."""
    return {
        "n_workers": workers,
        "threads_per_worker": 1,
        "memory_limit": 0,
        "dashboard_address": None,
        "protocol": "tls",
        "security": True,
    }
