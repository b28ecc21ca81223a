"""The facts of a model card: what the registry kept of a version, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from bioner.lineage.collect import of_version
from bioner.lineage.kept import artifact, evidence_file, model_path, read_mapping
from bioner.lineage.records import Lineage
from bioner.predictors import MANIFEST
from bioner.tracking.evidence import TEACHER
from bioner.tracking.registry import EVIDENCE, REASONS, SIZE, TEST
from bioner.tracking.runs import BASE

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

LICENCE = "bioner.base.licence"  # tag: licence of the base, as its package or repository says
_CONFIG = "gliner_config.json"  # of stock `gliner`, in the model folder
_SPEED = ("documents_per_second", "words_per_second")


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that a card says; what is not known is empty or `None`.

    Attributes:
        chain: the lineage, with corpora, stages, run and code.
        family: `gliner` or `tagger`.
        base: the reference of the model that it began as, and its licence.
        manifest: what the model folder says of itself; of a GLiNER, `config` is that of its network.
        params: the `params.yaml` that was kept.
        evaluation: the figures of the evaluation that was kept.
        teacher: the manifest of the teacher, if synthetic data was trained on; likewise validation and review.
        decision: what was decided when it was put forward last, and each rule with its figures.
        size: bytes of the model folder.
        speed: of the first run that evaluated it.
        lock: SHA-256 of `dvc.lock`; `commit` and `state` likewise are those of the registration.
        evidence: the folder of the evidence.
    """

    chain: Lineage
    name: str
    number: str
    family: str
    base: str
    base_licence: str
    manifest: Mapping[str, Any]
    config: Mapping[str, Any]
    params: Mapping[str, Any]
    evaluation: Mapping[str, Any]
    synthetic: bool
    teacher: Mapping[str, Any]
    validation: Mapping[str, Any]
    review: Mapping[str, Any]
    decision: str
    rules: tuple[Mapping[str, Any], ...]
    size: int | None
    speed: Mapping[str, float]
    lock: str
    commit: str
    state: str
    evidence: str

    def to_record(self) -> dict[str, Any]:
        """The facts as a JSON object."""
        return asdict(self)

    def section(self, *keys: str) -> Mapping[str, Any]:
        """A part of the params; empty if they lack it."""
        value: Any = self.params
        for key in keys:
            value = value.get(key) if isinstance(value, Mapping) else None
        return value if isinstance(value, Mapping) else {}


def collect(client: MlflowClient, version: ModelVersion, start: Path) -> Facts:
    """Read what was kept with a version.

    Args:
        start: a folder in the project.
    """
    run = client.get_run(version.run_id)
    tags = version.tags

    def kept(name: str) -> Mapping[str, Any]:
        return read_mapping(evidence_file(client, version, run, name))

    chain = of_version(client, version, start)
    params = kept("params.yaml")
    path = model_path(version, params)
    folder = f"{version.source}/artifacts/{PurePosixPath(path).name}"
    manifest, config = (read_mapping(artifact(client, f"{folder}/{name}")) for name in (MANIFEST, _CONFIG))
    synthetic = any(stage.name == "validate" for stage in chain.stages)
    return Facts(
        chain=chain,
        name=str(version.name),
        number=str(version.version),
        family=str(manifest.get("family", "")),
        base=tags.get(BASE, ""),
        base_licence=tags.get(LICENCE, ""),
        manifest=manifest,
        config=config if manifest.get("family") == "gliner" else {},
        params=params,
        evaluation=kept("evaluation.json"),
        synthetic=synthetic,
        teacher=kept(Path(TEACHER).name) if synthetic else {},
        validation=kept("validate.json") if synthetic else {},
        review=kept("review.json") if synthetic else {},
        decision=(version.description or "").split("\n", 1)[0],
        rules=tuple(json.loads(tags.get(REASONS, "{}")).get("rules", ())),
        size=int(tags[SIZE]) if tags.get(SIZE, "").isdecimal() else None,
        speed=_speed(client, version, run.info.experiment_id, _hash_of(chain, path)),
        lock=tags.get("bioner.lock", ""),
        commit=tags.get("bioner.git.commit", ""),
        state=tags.get("bioner.git.state", ""),
        evidence=tags.get(EVIDENCE, ""),
    )


def _hash_of(chain: Lineage, path: str) -> str:
    """The hash of the registered output in `dvc.lock`; empty if none was kept."""
    return next((file.hash for stage in chain.stages for file in stage.writes if file.path == path), "")


def _speed(client: MlflowClient, version: ModelVersion, experiment: str, model: str) -> dict[str, float]:
    """How fast the first run was that evaluated this very model: later ones must not change the card."""
    tags = version.tags
    query = (
        f"tags.`bioner.stage` = 'evaluate' and tags.`bioner.item` = '{tags.get('bioner.model', '')}' and "
        f"tags.`{TEST}` = '{tags.get(TEST, '')}' and attributes.status = 'FINISHED'"
    )
    for run in client.search_runs([experiment], query, max_results=1000, order_by=["attributes.start_time ASC"]):
        if run.inputs and model in {item.dataset.digest for item in run.inputs.dataset_inputs}:
            return {key: run.data.metrics[key] for key in _SPEED if key in run.data.metrics}
    return {}
