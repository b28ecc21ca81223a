"""Registering what changed and applying the promotion policy: who is champion, and why."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bioner.config import Params, Registered
from bioner.documents import Document, read_documents
from bioner.evaluation.pairing import pool, read_pool
from bioner.evaluation.scores import Scores
from bioner.registered import fetch
from bioner.tracking.evidence import PREDICTIONS, Evidence, basis, find_evidence
from bioner.tracking.policy import Decision, Rule, decide
from bioner.tracking.registry import (
    BASIS,
    CHALLENGER,
    CHAMPION,
    DECISION,
    EVIDENCE,
    REASONS,
    TEST,
    alias_map,
    families,
    register,
)
from bioner.tracking.store import Store, connect, registry_errors

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one family's model.

    Attributes:
        name: the registered model.
        version: its version.
        created: whether the version is new; an unchanged model makes none.
        alias: the alias it has now.
        decision: what the policy said, in a sentence.
        reasons: every rule of the policy with its figures.
    """

    name: str
    version: str
    created: bool
    alias: str
    decision: str
    reasons: tuple[str, ...]


def register_and_promote(workspace: Path, params: Params) -> list[Outcome]:
    """Register the model of each family if it is new, and decide whether it becomes champion.

    Raises:
        RegistryError: the registry cannot be reached, or a model was not trained and evaluated yet.
    """
    store = connect(workspace)
    outcomes = []
    for entry in families(params).values():
        with registry_errors(f"{entry.name} cannot be registered"):
            outcomes.append(promote(store, workspace, params, entry))
    return outcomes


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A registered version, what speaks for it, and the version number of the champion it is up against."""

    version: ModelVersion
    created: bool
    evidence: Evidence
    scores: Scores
    champion: str | None

    @property
    def name(self) -> str:
        return str(self.version.name)

    @property
    def number(self) -> str:
        return str(self.version.version)


def promote(store: Store, workspace: Path, params: Params, entry: Registered) -> Outcome:
    """Register one model if it is new, and decide whether it becomes champion; what was decided before stands.

    Raises:
        RegistryError: the model was not trained and evaluated yet.
    """
    evidence = find_evidence(workspace, params, entry.model)
    scores = evidence.scores(params)
    version, created = register(store, workspace, entry, evidence, scores)
    aliases = alias_map(store, entry.name)
    candidate = _Candidate(version, created, evidence, scores, aliases.get(CHAMPION))
    if candidate.champion == candidate.number:
        if aliases.get(CHALLENGER) == candidate.number:  # a promotion that was killed half way
            store.client.delete_registered_model_alias(entry.name, CHALLENGER)
        return _known(candidate, CHAMPION)
    if aliases.get(CHALLENGER) != candidate.number:
        store.client.set_registered_model_alias(entry.name, CHALLENGER, candidate.number)
    if version.tags.get(BASIS) == basis(evidence, params.promotion, candidate.champion):
        return _known(candidate, CHALLENGER)
    decision = _decide(store, params, candidate)
    _apply(store, params, candidate, decision)
    alias = CHAMPION if decision.promote else CHALLENGER
    rules = tuple(str(rule) for rule in decision.rules)
    return Outcome(entry.name, candidate.number, created, alias, _sentence(decision, candidate.champion), rules)


def _known(candidate: _Candidate, alias: str) -> Outcome:
    """The outcome of a decision that was made before and stands."""
    tags = candidate.version.tags
    rules = tuple(str(Rule(**rule)) for rule in json.loads(tags[REASONS])["rules"]) if REASONS in tags else ()
    sentence = tags.get(DECISION, f"{alias} by hand")
    return Outcome(candidate.name, candidate.number, candidate.created, alias, sentence, rules)


def _decide(store: Store, params: Params, candidate: _Candidate) -> Decision:
    test = None
    if candidate.champion is not None:
        champion = store.client.get_model_version(candidate.name, candidate.champion)
        predicted = _champion_predictions(store, params, champion, candidate.evidence)
        test = candidate.evidence.test_against(predicted, params)
    return decide(params.promotion, candidate.scores.schemes[params.promotion.metric], test)


def _champion_predictions(store: Store, params: Params, champion: ModelVersion, evidence: Evidence) -> list[Document]:
    """What the champion predicts on the test documents of the evidence: as it was kept, or predicted anew.

    A champion that was tested on other documents, or asked for other types, is run again.

    Raises:
        ModelError: the champion has to be run, but is no model of this project.
    """
    if champion.tags.get(TEST) == evidence.test:
        with tempfile.TemporaryDirectory() as place:
            folder = f"{champion.tags[EVIDENCE]}/{PREDICTIONS}"
            return read_pool(Path(store.client.download_artifacts(champion.run_id, folder, place)))
    from bioner.predictors import load_predictor
    from bioner.seeds import seed_torch

    seed_torch(params.seed, params.threads)
    predictor = load_predictor(f"path:{fetch(store.client, champion)}")
    bare = {file.stem: [d.with_spans(()) for d in read_documents(file)] for file in evidence.gold.glob("*.jsonl")}
    size = params.evaluate.batch_size
    return pool({name: predictor.predict(part, params.entity_types, batch_size=size) for name, part in bare.items()})


def _apply(store: Store, params: Params, candidate: _Candidate, decision: Decision) -> None:
    """Write the reasons, then move the alias, then note that the decision stands.

    A kill in between is mended by deciding again.
    """
    client, name, number = store.client, candidate.name, candidate.number
    sentence = _sentence(decision, candidate.champion)
    client.set_model_version_tag(name, number, DECISION, sentence)
    client.set_model_version_tag(name, number, REASONS, json.dumps(decision.to_record(), ensure_ascii=False))
    client.update_model_version(name, number, "\n".join((sentence, *(f"- {rule}" for rule in decision.rules))))
    if decision.promote:
        client.set_registered_model_alias(name, CHAMPION, number)
        client.delete_registered_model_alias(name, CHALLENGER)
    present = basis(candidate.evidence, params.promotion, candidate.champion)
    client.set_model_version_tag(name, number, BASIS, present)


def _sentence(decision: Decision, champion: str | None) -> str:
    if decision.promote:
        return f"promoted to champion over version {champion}" if champion else "promoted: the first champion"
    failed = next(rule for rule in decision.rules if not rule.passed)
    return f"stays challenger: {failed.name}: {failed.figures}"
