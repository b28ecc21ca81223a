"""The check of Prefect: does its server answer and let us in, is it of our version, and do workers wait for runs."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bioner.config import read_yaml
from bioner.doctor.finding import Finding, State, failure, good, warning
from bioner.doctor.pages import ask, clock, guarded
from bioner.pipeline.prefect_settings import settle

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

_DEPLOYMENTS = "prefect.yaml"
_LOGIN = "set PREFECT_API_AUTH_STRING to what the server has as PREFECT_SERVER_API_AUTH_STRING"


def prefect(project: Path) -> Iterator[Finding]:
    """Prefect, as `PREFECT_API_URL` or its profile names it."""
    settle(project)
    from prefect.client.orchestration import get_client
    from prefect.settings import get_current_settings

    url = get_current_settings().api.url
    if not url:
        yield good("no Prefect server is named: each run starts one of its own, and nothing is scheduled")
        return
    answer = ask(f"{url.rstrip('/')}/health")
    if answer.status != HTTPStatus.OK:
        said = answer.problem or f"it says {answer.status}"
        yield failure(f"Prefect does not answer at {url}: {said}", "start its server, or correct PREFECT_API_URL")
        return
    yield from clock("Prefect", answer)
    yield from guarded("Prefect", url, "/admin/version", "set PREFECT_SERVER_API_AUTH_STRING for its server")
    with get_client(sync_client=True) as client:
        finding = _its_version(client, url)
        yield finding
        if finding.state is not State.FAILURE:
            for pool in pools(project):
                yield _pool(client, pool)


def pools(project: Path) -> list[str]:
    """The work pools that the deployments of the project name."""
    file = project / _DEPLOYMENTS
    deployments: list[dict[str, Any]] = read_yaml(file).get("deployments") or [] if file.is_file() else []
    return sorted({found["work_pool"]["name"] for found in deployments if (found.get("work_pool") or {}).get("name")})


def _its_version(client: SyncPrefectClient, url: str) -> Finding:
    from prefect.exceptions import PrefectHTTPStatusError

    try:
        theirs, ours = client.api_version(), version("prefect")
    except PrefectHTTPStatusError as error:
        status = error.response.status_code
        known = status not in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
        mend = "look at the log of the server" if known else _LOGIN
        return failure(f"Prefect at {url} does not let us in ({status})", mend)
    if theirs.split(".")[:2] != ours.split(".")[:2]:
        return warning(f"Prefect at {url} is {theirs}, here it is {ours}", "install the same version on both")
    return good(f"Prefect {theirs} answers at {url}")


def _pool(client: SyncPrefectClient, name: str) -> Finding:
    """Whether a work pool is there, is not paused, and has a worker that is alive."""
    from prefect.client.schemas.objects import WorkerStatus
    from prefect.exceptions import ObjectNotFound

    try:
        pool = client.read_work_pool(name)
    except ObjectNotFound:
        return failure(f"Prefect has no work pool {name!r}", f"prefect work-pool create {name} --type process")
    if pool.is_paused:
        return warning(f"the work pool {name!r} is paused: nothing starts", f"prefect work-pool resume {name}")
    alive = [w for w in client.read_workers_for_work_pool(name) if w.status == WorkerStatus.ONLINE]
    if not alive:
        return warning(f"no worker of the work pool {name!r} is alive", f"prefect worker start --pool {name}")
    return good(f"the work pool {name!r} has {len(alive)} workers alive")
