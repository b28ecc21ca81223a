"""The model registry: versions by content, their training runs, their evidence, and what is registered already."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bioner.config import Params, Registered
from bioner.evaluation.scores import Scores
from bioner.tracking.evidence import Evidence, Tested, basis, find_evidence, gather
from bioner.tracking.provenance import git_state, lock_hash
from bioner.tracking.pyfunc import log_model
from bioner.tracking.runs import BASE, OUTPUT, base_of
from bioner.tracking.store import Store, connect, registry_errors

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

CHAMPION = "champion"
CHALLENGER = "challenger"

CONTENT = "bioner.content"  # hash of the model folder
TEST = "bioner.test"  # hash of the test documents that the predictions were made on
SIZE = "bioner.bytes"  # of the model folder
EVIDENCE = "bioner.evidence"  # artifact folder of the run, named by the hash of the evidence
SCORES = "bioner.scores"
DECISION = "bioner.decision"
REASONS = "bioner.reasons"
BASIS = "bioner.basis"  # hash of what the decision was made from


@dataclass(frozen=True, slots=True)
class Version:
    """A registered version, as `bioner status` shows it.

    Attributes:
        strict_f1: micro-F1 on its test documents; `None` without evidence.
        decision: what the promotion policy said, and the reason.
    """

    name: str
    version: str
    aliases: tuple[str, ...]
    strict_f1: float | None
    decision: str


def versions(name: str, start: Path | None = None) -> list[Version]:
    """All versions of a registered model, the newest first; none if it is not registered.

    Args:
        start: a folder in the project; the current one by default.

    Raises:
        RegistryError: the registry cannot be reached.
    """
    store = connect(start or Path.cwd())
    with registry_errors(f"the versions of {name} cannot be listed"):
        found = store.client.search_model_versions(f"name = '{name}'")
        aliases = alias_map(store, name)
    newest = sorted(found, key=lambda version: int(version.version), reverse=True)
    return [
        _version(item, tuple(a for a, number in sorted(aliases.items()) if number == str(item.version)))
        for item in newest
    ]


def _version(item: ModelVersion, aliases: tuple[str, ...]) -> Version:
    scores = json.loads(item.tags.get(SCORES, "{}"))
    strict = scores["schemes"]["strict"]["micro"]["f1"] if scores else None
    return Version(item.name, str(item.version), aliases, strict, item.tags.get(DECISION, ""))


def alias_map(store: Store, name: str) -> dict[str, str]:
    """Alias -> version of a registered model; empty if it is not registered."""
    from mlflow.exceptions import MlflowException

    try:
        model = store.client.get_registered_model(name)
    except MlflowException as error:
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            return {}
        raise
    return {alias: str(version) for alias, version in model.aliases.items()}


def version_of(store: Store, name: str, content: str) -> ModelVersion | None:
    """The newest version of this content, if any."""
    found = store.client.search_model_versions(f"name = '{name}' and tags.`{CONTENT}` = '{content}'")
    return max(found, key=lambda version: int(version.version), default=None)


def families(params: Params) -> dict[str, Registered]:
    """Family -> its entry in `registry` of the params."""
    return {"gliner": params.registry.gliner, "tagger": params.registry.tagger}


def registered_in_step(workspace: Path, params: Params) -> bool:
    """Whether every model is registered with its present evidence and was judged by the present policy.

    Raises:
        RegistryError: the registry cannot be reached, or a model was not made yet.
    """
    store = connect(workspace)
    with registry_errors("the registry cannot be read"):
        return all(_in_step(store, workspace, params, entry) for entry in families(params).values())


def _in_step(store: Store, workspace: Path, params: Params, entry: Registered) -> bool:
    evidence = find_evidence(workspace, params, entry.model)
    version, aliases = version_of(store, entry.name, evidence.content), alias_map(store, entry.name)
    if version is None or version.tags.get(EVIDENCE) != evidence_folder(evidence):
        return False
    if str(version.version) == aliases.get(CHAMPION):
        return True
    decided = version.tags.get(BASIS) == basis(evidence, params.promotion, aliases.get(CHAMPION))
    return decided and str(version.version) == aliases.get(CHALLENGER)


def evidence_folder(evidence: Tested) -> str:
    """Where the evidence lies among the artifacts of the version's run."""
    return f"evidence/{evidence.id[:16]}"


def register(
    store: Store, workspace: Path, entry: Registered, evidence: Evidence, scores: Scores
) -> tuple[ModelVersion, bool]:
    """Register a model folder with its evidence, unless its content is registered already.

    Returns:
        The version, and whether it is new. An old version gets new evidence if there is any.
    """
    known = version_of(store, entry.name, evidence.content)
    if known is not None and known.tags.get(EVIDENCE) == evidence_folder(evidence):
        return known, False
    run = str(known.run_id) if known else _training_run(store, evidence)
    with tempfile.TemporaryDirectory() as place:
        gather(evidence, workspace, Path(place))
        store.client.log_artifacts(run, place, evidence_folder(evidence))
    tags = _evidence_tags(workspace, evidence, scores)
    if known:
        for key, value in tags.items():
            store.client.set_model_version_tag(known.name, str(known.version), key, value)
        return store.client.get_model_version(known.name, str(known.version)), False
    tags |= {CONTENT: evidence.content, BASE: base_of(evidence.folder)}
    tags |= {"bioner.model": evidence.model, "bioner.workspace": store.workspace}
    return _create(store, entry, evidence, run, tags), True


def _create(store: Store, entry: Registered, evidence: Evidence, run: str, tags: Mapping[str, str]) -> ModelVersion:
    if not store.client.search_registered_models(f"name = '{entry.name}'"):
        store.client.create_registered_model(entry.name)
    logged = log_model(store, run, evidence.model, evidence.folder, {CONTENT: evidence.content})
    return store.client.create_model_version(
        entry.name, logged.artifact_location, run, tags=dict(tags), model_id=logged.model_id
    )


def _training_run(store: Store, evidence: Evidence) -> str:
    """The run that wrote the model; one of its own for a model that came without (from DVC's cache, say)."""
    experiments = [experiment.experiment_id for experiment in store.client.search_experiments()]
    query = f"tags.`{OUTPUT}` = '{evidence.content}' and attributes.status = 'FINISHED'"
    found = store.client.search_runs(experiments, query, max_results=1, order_by=["attributes.start_time DESC"])
    if found:
        return str(found[0].info.run_id)
    tags = {
        "bioner.stage": "register",
        "bioner.workspace": store.workspace,
        "bioner.note": "the model was not trained under this store: DVC restored it, or the store is new",
        OUTPUT: evidence.content,
    }
    run: str = store.client.create_run(store.experiment, tags=tags, run_name=f"register-{evidence.model}").info.run_id
    store.client.set_terminated(run)
    return run


def _evidence_tags(workspace: Path, evidence: Evidence, scores: Scores) -> dict[str, str]:
    git = git_state(workspace)
    return {
        TEST: evidence.test,
        EVIDENCE: evidence_folder(evidence),
        SIZE: str(evidence.size),
        SCORES: json.dumps(_summary(scores), ensure_ascii=False),
        "bioner.lock": lock_hash(workspace),
        "bioner.git.commit": git["bioner.git.commit"],
        "bioner.git.state": git["bioner.git.state"],
    }


def _summary(scores: Scores) -> dict[str, Any]:
    """Micro scores with interval, and F1 per type and language, of every scheme."""
    schemes = {
        mode: {
            "micro": scheme.micro.to_record(),
            "types": {key: score.f1 for key, score in scheme.types.items()},
            "languages": {key: score.f1 for key, score in scheme.languages.items()},
        }
        for mode, scheme in scores.schemes.items()
    }
    return {"documents": scores.documents, "confidence": scores.confidence, "schemes": schemes}
