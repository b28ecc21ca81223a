"""How a version came to have its alias: its decision against its reasons and the ledger, and the ledger itself."""

from __future__ import annotations

from collections.abc import Iterator

from bioner.audit.findings import RESTORE, Finding
from bioner.audit.subject import Subject
from bioner.audit.values import mapping
from bioner.errors import RegistryError
from bioner.tracking.ledger_store import Ledger
from bioner.tracking.ledger_verify import verify
from bioner.tracking.policy_rules import Rule
from bioner.tracking.registry import DECISION, REASONS
from bioner.tracking.store import Store

_LONGEST = 1000  # characters of a decision that the ledger keeps


def check_decision(subject: Subject) -> Iterator[Finding]:
    """The ledger's own verification, and whether tags and description say what was decided."""
    store = Store(subject.client, subject.client.tracking_uri, subject.run.info.experiment_id, subject.workspace.name)
    verified = verify(store)
    for problem in verified.problems:
        model, at, _ = problem.what.partition("@")
        if at and " " not in model and model != subject.version.name:
            yield Finding.unchecked("ledger", problem.what, "it is about another model")
        else:
            yield Finding.wrong("ledger", problem.what, "the ledger or the registry was changed", problem.mend)
    if not verified.problems:
        yield Finding.right("ledger", f"{verified.entries} entries")
    for change in verified.outside:
        yield Finding.unchecked("ledger", change, "it was made without the ledger, and recorded when it was found")
    yield from _decision(subject, _decisions(subject, store))


def _decisions(subject: Subject, store: Store) -> set[str]:
    """Every sentence that the ledger has about the model; none if it is broken, which is a finding of its own."""
    try:
        entries = Ledger(store).entries()
    except RegistryError:
        return set()
    return {entry.change.decision for entry in entries if entry.change.model == subject.version.name}


def _decision(subject: Subject, known: set[str]) -> Iterator[Finding]:
    """Decision and rules are written twice, as tags and as the description; a rollback writes the decision anew."""
    tags = subject.version.tags
    if DECISION not in tags or REASONS not in tags:
        yield Finding.unchecked("registry", f"tag {DECISION}", "no decision was made on this version")
        return
    decided = (subject.version.description or "").partition("\n\n")[0]  # the card follows, in short
    first, *lines = decided.split("\n")
    rules = mapping(tags[REASONS]).get("rules", [])
    try:
        written = [f"- {Rule(**rule)}" for rule in rules]
    except TypeError:
        written = ["rules that cannot be read"]
    what = f"the tag gives {written}, the description {lines}"
    holds = "\n".join(written) == "\n".join(lines)
    yield Finding.judged("registry", f"tag {REASONS} and description", holds=holds, what=what, mend=RESTORE)
    decision = tags[DECISION]
    for item, said, others in ((f"tag {DECISION}", decision, {first}), ("description", first, {decision})):
        what = f"it says {said!r}; neither {next(iter(others))!r} nor the ledger does"
        holds = said in others or said[:_LONGEST] in known
        yield Finding.judged("registry", item, holds=holds, what=what, mend=RESTORE)
