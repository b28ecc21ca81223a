"""Promotion and rollback by a person: any version judged by the policy or forced, and one step back."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bioner.config import Params
from bioner.errors import ConfigError, RegistryError
from bioner.registered import resolve
from bioner.tracking.evidence import basis
from bioner.tracking.kept import kept_evidence
from bioner.tracking.ledger import Author, Change, Entry, Move
from bioner.tracking.ledger_changes import adopt, change, settle
from bioner.tracking.ledger_state import champions
from bioner.tracking.ledger_store import Ledger
from bioner.tracking.policy import Decision
from bioner.tracking.policy_judge import judge
from bioner.tracking.promotion import make_champion, note_basis, write_reasons
from bioner.tracking.registry import CHALLENGER, CHAMPION, DECISION, alias_map
from bioner.tracking.store import connect, registry_errors

if TYPE_CHECKING:
    from mlflow import MlflowClient


@dataclass(frozen=True, slots=True)
class Judgement:
    """What came of putting a version forward.

    Attributes:
        champion: the version that was champion before, if any.
        promoted: whether the version is champion now, or was already.
        decision: what the policy said of each rule; `None` of what is champion already.
        sentence: what was done, and why.
    """

    name: str
    version: str
    champion: str | None
    promoted: bool
    decision: Decision | None
    sentence: str

    def to_record(self) -> dict[str, Any]:
        """The judgement as a JSON object."""
        return {
            "name": self.name,
            "version": self.version,
            "champion": self.champion,
            "promoted": self.promoted,
            "decision": self.sentence,
            "rules": self.decision.to_record()["rules"] if self.decision else [],
        }


def promote_version(
    workspace: Path, params: Params, reference: str, *, dry_run: bool = False, force: bool = False, reason: str = ""
) -> Judgement:
    """Judge a registered version against the present champion, and make it champion if it passes or is forced.

    Args:
        reference: the version, as `bioner-gliner/3` or `bioner-gliner@challenger`.
        dry_run: only judge.
        force: promote whatever the policy says; this and the reason are recorded.

    Raises:
        ConfigError: force without a reason.
        ModelError: there is no such version, or a champion that has to be run cannot be.
        RegistryError: the version has no evidence, or somebody else changed the aliases meanwhile.
    """
    if force and not reason.strip():
        raise ConfigError("a forced promotion needs a reason", mend="add --reason TEXT; it is kept in the ledger")
    store = connect(workspace)
    with registry_errors(f"{reference} cannot be promoted"), tempfile.TemporaryDirectory() as place:
        version = resolve(store.client, reference.removeprefix("mlflow:"))
        name, number = str(version.name), str(version.version)
        champion = alias_map(store, name).get(CHAMPION)
        if champion == number:
            return Judgement(name, number, champion, True, None, "is the champion already")
        evidence = kept_evidence(store, workspace, params, version, Path(place))
        decision = judge(store, params, version, evidence, evidence.scores(params), champion=champion)
        promoted = not dry_run and (force or decision.promote)
        sentence = _sentence(decision, champion, dry_run=dry_run, force=force, reason=reason)
        if promoted:
            write_reasons(store, version, sentence, decision)
            make_champion(
                store,
                version,
                champion,
                action="promoted" if decision.promote else "forced",
                sentence=sentence,
                evidence=evidence.id,
                reason=reason,
            )
            note_basis(store, version, basis(evidence, params.promotion, champion))
        return Judgement(name, number, champion, promoted, decision, sentence)


def _sentence(decision: Decision, champion: str | None, *, dry_run: bool, force: bool, reason: str) -> str:
    over = f"over version {champion}" if champion else "as the first champion"
    failed = ", ".join(dict.fromkeys(rule.name for rule in decision.rules if not rule.passed))
    if dry_run:
        return f"would be refused: {failed}" if failed else f"would be promoted {over}"
    if failed and force:
        return f"forced {over} by {Author.here()} against {failed}: {reason}"
    return f"refused: {failed}" if failed else f"promoted {over} by {Author.here()}"


def rollback(workspace: Path, name: str, reason: str = "") -> Entry:
    """Make the champion before the present one champion again; the present one becomes challenger if there is none.

    Only aliases move: nothing is loaded, judged or copied.

    Returns:
        The entry of the ledger.

    Raises:
        RegistryError: there is no champion before, it is gone, or somebody else changed the aliases meanwhile.
    """
    store = connect(workspace)
    with registry_errors(f"{name} cannot be rolled back"):
        settle(store)
        adopt(store, name)
        line, aliases = champions(Ledger(store).entries(), name), alias_map(store, name)
        if len(line) < 2:
            raise RegistryError(
                f"{name} has no champion before the present one, as far as the ledger goes back",
                mend="list the versions with `bioner status`, and name one: bioner promote NAME/VERSION",
            )
        before, present = line[-2], line[-1]
        _check_there(store.client, name, before)
        moves = [Move(CHAMPION, present, before)]
        if aliases.get(CHALLENGER) == before:
            moves.append(Move(CHALLENGER, before, None))
        elif CHALLENGER not in aliases:
            moves.append(Move(CHALLENGER, None, present))
        sentence = f"rolled back to version {before} by {Author.here()}{f': {reason}' if reason else ''}"
        done = change(store, Change(name, tuple(moves), "rolled back", sentence, reason))
        store.client.set_model_version_tag(name, present, DECISION, sentence)
        return done


def _check_there(client: MlflowClient, name: str, version: str) -> None:
    from mlflow.exceptions import MlflowException

    try:
        client.get_model_version(name, version)
    except MlflowException as error:
        mend = "choose another version: bioner promote NAME/VERSION --force --reason TEXT"
        raise RegistryError(f"the champion before, {name}/{version}, is gone", mend=mend) from error
