"""A lineage as OpenLineage events (https://openlineage.io, specification 2-0-2): a run a stage, a data set a file."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bioner import __version__
from bioner.errors import ConfigError, RegistryError
from bioner.files import atomic_write, hash_value
from bioner.lineage.pipeline import File, Stage
from bioner.lineage.records import Lineage
from bioner.lineage.tree import validation_lines

if TYPE_CHECKING:
    from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent

KEY = "OPENLINEAGE_API_KEY"  # environment variable; sent as `Authorization: Bearer ...`
_PRODUCER = f"urn:bioner-foundry:{__version__}"
_TIMEOUT = 10.0  # seconds for an event
_TRIES: dict[str, Any] = {
    "total": 2,
    "backoff_factor": 0.2,
    "status_forcelist": [502, 503, 504],
    "allowed_methods": ["POST"],
}
_VALIDATE = "data/synthetic.jsonl"  # the data set that the gate's verdict is about


def send(chain: Lineage, target: str, now: datetime) -> int:
    """Write the events to a file, one a line, or post them to the address of a service; return how many there were.

    Args:
        target: a path, or an address that begins with http:// or https:// (its `api/v1/lineage` gets the events).
        now: the time of what has none of its own.

    Raises:
        ConfigError: the address is none, or may hold a secret.
        RegistryError: the service does not take them.
    """
    found = list(events(chain, now))
    if target.startswith(("http://", "https://")):
        _post(found, target)
    else:
        with atomic_write(Path(target)) as out:
            out.writelines(f"{json.dumps(event, ensure_ascii=False)}\n" for event in map(to_record, found))
    return len(found)


def to_record(event: RunEvent) -> dict[str, Any]:
    """An event as a JSON object."""
    from openlineage.client.serde import Serde

    return Serde.to_dict(event)


def _post(found: Iterable[RunEvent], target: str) -> None:
    from openlineage.client.transport.http import ApiKeyTokenProvider, HttpConfig, HttpTransport, TokenProvider
    from requests import RequestException

    parts = urlsplit(target)
    if "@" in parts.netloc or parts.query or not parts.hostname:
        what = "the address of the service names a host, and has no name, password or query"
        raise ConfigError(what, mend=f"as in http://127.0.0.1:5000; a key comes from the variable {KEY}")
    key = os.environ.get(KEY)
    auth = ApiKeyTokenProvider({"api_key": key}) if key else TokenProvider({})
    transport = HttpTransport(HttpConfig(url=target, timeout=_TIMEOUT, auth=auth, retry=_TRIES))
    try:
        for event in found:
            transport.emit(event)
    except RequestException as error:
        status = getattr(error.response, "status_code", None)
        reason = f"it answers {status}" if status else type(error).__name__
        mend = f"check the address and the key in {KEY}; events that came through may be sent again"
        raise RegistryError(f"the events were not all taken: {reason}", where=target, mend=mend) from None
    finally:
        transport.close()


def events(chain: Lineage, now: datetime) -> Iterator[RunEvent]:
    """START and COMPLETE of each stage, the sources first, then of the registration.

    DVC does not keep when a stage ran. The stage of the known run has its times, all others that of the registration.
    """
    from openlineage.client.event_v2 import RunEvent, RunState

    version, run = chain.version, chain.run
    space = f"bioner://{run.workspace if run else 'main'}"
    otherwise = version.created if version else run.ended or run.started if run else ""
    otherwise = otherwise or now.isoformat(timespec="seconds")
    for number, stage in enumerate((*reversed(chain.stages), *([_registration(chain)] if version else []))):
        known = run is not None and number == len(chain.stages) - 1
        times = (run.started, run.ended or otherwise) if run and known else (otherwise, otherwise)
        runs = _run(chain, stage, run.id if run and known else "")
        parts: dict[str, Any] = {
            "run": runs,
            "job": _job(chain, stage, space),
            "inputs": [_input(chain, file, space) for file in stage.reads],
            "outputs": [_output(file, space) for file in stage.writes],
            "producer": _PRODUCER,
        }
        for state, time in zip((RunState.START, RunState.COMPLETE), times, strict=True):
            yield RunEvent(eventTime=time, eventType=state, **parts)


def _registration(chain: Lineage) -> Stage:
    """The step from the model folder to the registered version."""
    made = (
        tuple(file for file in chain.stages[0].writes if not file.path.startswith("metrics/")) if chain.stages else ()
    )
    version = chain.version
    target = File(f"models:/{version.name}/{version.version}", version.content) if version else File("", "")
    return Stage("register", "bioner run", {}, (), made, (target,), ())


def _run(chain: Lineage, stage: Stage, known: str) -> Run:
    """A run of a stage: that of MLflow where it is known, else one whose id follows from what the stage was."""
    from openlineage.client.event_v2 import Run
    from openlineage.client.facet_v2 import processing_engine_run, tags_run

    content = hash_value(
        [stage.name, stage.command, [[f.path, f.hash] for f in (*stage.code, *stage.reads, *stage.writes)]]
    )
    identity = uuid.UUID(known) if known else uuid.uuid5(uuid.NAMESPACE_URL, f"{_PRODUCER}:{content}")
    python = next((line.partition("==")[2] for line in chain.environment if line.startswith("python==")), "not kept")
    facets: dict[str, Any] = {
        "processing_engine": processing_engine_run.ProcessingEngineRunFacet(
            version=python, name="Python", producer=_PRODUCER
        )
    }
    values = {f"param {key}": json.dumps(value, ensure_ascii=False) for key, value in stage.params.items()}
    if stage.name == "register" and chain.version:
        version = chain.version
        values |= {"decision": version.decision, "aliases": ", ".join(version.aliases)}
        values |= {"environment": " ".join(chain.environment)}
    if values:
        fields = [tags_run.TagsRunFacetFields(key, value, "BIONER") for key, value in values.items()]
        facets["tags"] = tags_run.TagsRunFacet(tags=fields, producer=_PRODUCER)
    return Run(runId=str(identity), facets=facets)


def _job(chain: Lineage, stage: Stage, space: str) -> Job:
    from openlineage.client.event_v2 import Job
    from openlineage.client.facet_v2 import documentation_job, job_type_job, tags_job

    code = {"git commit": chain.code.commit, "git state": chain.code.state}
    code |= {f"code {file.path}": file.hash for file in stage.code}
    fields = [tags_job.TagsJobFacetFields(key, value, "BIONER") for key, value in code.items()]
    facets: dict[str, Any] = {
        "documentation": documentation_job.DocumentationJobFacet(description=stage.command, producer=_PRODUCER),
        "jobType": job_type_job.JobTypeJobFacet("BATCH", "BIONER", "STAGE", producer=_PRODUCER),
        "tags": tags_job.TagsJobFacet(tags=fields, producer=_PRODUCER),
    }
    return Job(namespace=space, name=stage.name, facets=facets)


def _facets(file: File, tags: Mapping[str, str]) -> dict[str, Any]:
    from openlineage.client.facet_v2 import dataset_version_dataset, tags_dataset

    facets: dict[str, Any] = {
        "version": dataset_version_dataset.DatasetVersionDatasetFacet(file.hash, producer=_PRODUCER)
    }
    if tags:
        fields = [tags_dataset.TagsDatasetFacetFields(key, value, "BIONER") for key, value in tags.items()]
        facets["tags"] = tags_dataset.TagsDatasetFacet(tags=fields, producer=_PRODUCER)
    return facets


def _input(chain: Lineage, file: File, space: str) -> InputDataset:
    """A file that a stage read: a corpus with its licence and source, the teacher with its prompt and sampling."""
    from openlineage.client.event_v2 import InputDataset
    from openlineage.client.facet_v2 import data_quality_assertions_dataset as quality

    corpus = next((c for c in chain.corpora if c.file == file), None)
    keys = ("name", "language", "licence", "citation", "source")
    tags = {key: str(getattr(corpus, key)) for key in keys} if corpus else {}
    if file.path.endswith("teacher.json"):
        tags = {k: v if isinstance(v, str) else json.dumps(v, ensure_ascii=False) for k, v in chain.teacher.items()}
    checks: dict[str, Any] = {}
    if file.path == _VALIDATE and chain.validation:
        checks["dataQualityAssertions"] = quality.DataQualityAssertionsDatasetFacet(
            assertions=[
                quality.Assertion(assertion=line, success=bool(chain.validation.get("passed")))
                for line in validation_lines(chain.validation)
            ],
            producer=_PRODUCER,
        )
    return InputDataset(namespace=space, name=file.path, facets=_facets(file, tags), inputFacets=checks)


def _output(file: File, space: str) -> OutputDataset:
    from openlineage.client.event_v2 import OutputDataset

    return OutputDataset(namespace=space, name=file.path, facets=_facets(file, {}))
