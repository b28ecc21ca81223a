"""No tool reports home or chatters: one function that every entry point calls before it imports any of them."""

from __future__ import annotations

import os

_SWITCHES = {
    "DO_NOT_TRACK": "true",  # Hugging Face Hub, MLflow, Prefect's client
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DVC_NO_ANALYTICS": "true",
    "GX_ANALYTICS_ENABLED": "false",
    "RAY_USAGE_STATS_ENABLED": "0",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "GIT_PYTHON_REFRESH": "quiet",  # MLflow imports GitPython, which complains where git is not installed
}


def silence() -> None:
    """Switch the telemetry of every tool off, for this process and its children; what the user has set stays."""
    for name, value in _SWITCHES.items():
        os.environ.setdefault(name, value)
