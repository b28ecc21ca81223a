"""Registering what changed and applying the promotion policy: who is champion, and why."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bioner.config import Params, Registered
from bioner.tracking.evidence import Evidence, basis, find_evidence
from bioner.tracking.ledger import Action, Change, Move
from bioner.tracking.ledger_changes import change, settle
from bioner.tracking.policy import Decision
from bioner.tracking.policy_judge import judge
from bioner.tracking.policy_rules import Rule
from bioner.tracking.registry import (
    BASIS,
    CHALLENGER,
    CHAMPION,
    DECISION,
    REASONS,
    alias_map,
    families,
    register,
)
from bioner.tracking.store import Store, connect, registry_errors

if TYPE_CHECKING:
    from mlflow.entities.model_registry import ModelVersion

_LONGEST = 1000  # characters of a sentence in the ledger
_DESCRIPTION = 5000  # characters that MLflow keeps of a version's description


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
        RegistryError: the model was not trained and evaluated yet, or somebody else changed the aliases meanwhile.
    """
    settle(store)
    evidence = find_evidence(workspace, params, entry.model)
    scores = evidence.scores(params)
    version, created = register(store, workspace, entry, evidence, scores)
    aliases = alias_map(store, entry.name)
    candidate = _Candidate(version, created, evidence, aliases.get(CHAMPION))
    if candidate.champion == candidate.number:
        return _known(candidate, CHAMPION)
    if aliases.get(CHALLENGER) != candidate.number:
        move = Move(CHALLENGER, aliases.get(CHALLENGER), candidate.number)
        change(store, Change(entry.name, (move,), "registered", "registered with its evidence", evidence=evidence.id))
    if version.tags.get(BASIS) == basis(evidence, params.promotion, candidate.champion):
        return _known(candidate, CHALLENGER)
    decision = judge(store, params, version, evidence, scores, champion=candidate.champion)
    sentence = _sentence(decision, candidate.champion)
    write_reasons(store, version, sentence, decision)
    if decision.promote:
        make_champion(store, version, candidate.champion, action="promoted", sentence=sentence, evidence=evidence.id)
    note_basis(store, version, basis(evidence, params.promotion, candidate.champion))
    alias = CHAMPION if decision.promote else CHALLENGER
    return Outcome(entry.name, candidate.number, created, alias, sentence, tuple(map(str, decision.rules)))


def _known(candidate: _Candidate, alias: str) -> Outcome:
    """The outcome of a decision that was made before and stands."""
    tags = candidate.version.tags
    rules = tuple(str(Rule(**rule)) for rule in json.loads(tags[REASONS])["rules"]) if REASONS in tags else ()
    sentence = tags.get(DECISION, f"{alias} by hand")
    return Outcome(candidate.name, candidate.number, candidate.created, alias, sentence, rules)


def write_reasons(store: Store, version: ModelVersion, sentence: str, decision: Decision) -> None:
    """Write a decision on the version; a kill before the alias is moved is mended by deciding again."""
    client, name, number = store.client, version.name, str(version.version)
    client.set_model_version_tag(name, number, DECISION, sentence)
    client.set_model_version_tag(name, number, REASONS, json.dumps(decision.to_record(), ensure_ascii=False))
    described = "\n".join((sentence, *(f"- {rule}" for rule in decision.rules)))
    client.update_model_version(name, number, described[:_DESCRIPTION])  # the tag has all of it


def make_champion(
    store: Store,
    version: ModelVersion,
    champion: str | None,
    *,
    action: Action,
    sentence: str,
    evidence: str,
    reason: str = "",
) -> None:
    """Give a version the alias `champion`, and take `challenger` from it if it has that.

    Args:
        champion: the version that had the alias when the decision was made.

    Raises:
        RegistryError: somebody else changed it meanwhile.
    """
    name, number = str(version.name), str(version.version)
    moves = [Move(CHAMPION, champion, number)]
    if alias_map(store, name).get(CHALLENGER) == number:
        moves.append(Move(CHALLENGER, number, None))
    change(store, Change(name, tuple(moves), action, sentence[:_LONGEST], reason, evidence))


def note_basis(store: Store, version: ModelVersion, present: str) -> None:
    """Note what a decision was made from: while that stays, the decision does."""
    store.client.set_model_version_tag(version.name, str(version.version), BASIS, present)


def _sentence(decision: Decision, champion: str | None) -> str:
    if decision.promote:
        return f"promoted to champion over version {champion}" if champion else "promoted: the first champion"
    failed = next(rule for rule in decision.rules if not rule.passed)
    return f"stays challenger: {failed.name}: {failed.figures}"
