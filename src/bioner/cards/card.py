"""The model card of a registered version: Markdown, the same bytes from the same facts."""

from __future__ import annotations

from bioner.cards.data import corpora, synthetic
from bioner.cards.facts import Facts
from bioner.cards.header import header
from bioner.cards.limits import intended, limits, out_of_scope
from bioner.cards.markdown import MISSING, number, plain, shown, table
from bioner.cards.scores import scores

FORMAT = 1  # of the card: another one from the same facts is another format
_FAMILIES = {
    "gliner": "a GLiNER: an encoder that compares words of the text with types given in words",
    "tagger": "an LLM tagger: a causal language model that copies the text with symbols around the mentions",
}
_PACKAGES = ("python", "torch", "transformers", "gliner", "peft")  # that the card names: the lineage has all


def render(facts: Facts) -> str:
    """The whole card, with its header."""
    lines = [f"# {shown(f'{facts.name}/{facts.number}')}", ""]
    for title, body in (
        ("Intended use", intended(facts)),
        ("Out of scope", out_of_scope(facts)),
        ("Model", _model(facts)),
        ("Data", corpora(facts)),
        ("Synthetic data", synthetic(facts)),
        ("Scores", scores(facts)),
        ("Limits", limits(facts)),
        ("Decision", _decision(facts)),
        ("Lineage", _lineage(facts)),
    ):
        lines += [f"## {title}", "", *body]
    return header(facts) + "\n" + "\n".join(lines).rstrip() + "\n"


def summary(facts: Facts) -> str:
    """The card in a paragraph, for a list of versions."""
    micro = facts.evaluation.get("scores", {}).get("schemes", {}).get("strict", {}).get("micro", {})
    low, high = micro.get("interval") or (None, None)
    licences = sorted({shown(corpus.licence) for corpus in facts.chain.corpora})
    return (
        f"Model card: README.md beside the model. Family {shown(facts.family)}, began as {shown(facts.base)} "
        f"(licence: {shown(facts.base_licence)}). Strict F1 {number(micro.get('f1'))} "
        f"({number(low)} to {number(high)}). Licences of its data: {', '.join(licences) or MISSING}."
    )


def _model(facts: Facts) -> list[str]:
    size = MISSING if facts.size is None else f"{facts.size / 1e6:.1f} MB ({facts.size} bytes)"
    speed = ", ".join(f"{number(value, 1)} {key.replace('_per_', ' a ')}" for key, value in facts.speed.items())
    rows = [
        ("family", _FAMILIES.get(facts.family, shown(facts.family))),
        ("began as", shown(facts.base)),
        ("licence of that", shown(facts.base_licence)),
        ("licence of this model", "not stated; mind those of what it began as and of its data"),
        ("threshold", number(facts.manifest.get("threshold"))),
        ("size", size),
        ("speed when it was evaluated", speed or MISSING),
    ]
    return table(("", ""), rows)


def _decision(facts: Facts) -> list[str]:
    if not facts.rules:
        return ["No decision was made on this version.", ""]
    verdict = {True: "passed", False: "FAILED"}
    rows = [(shown(r["name"]), verdict[bool(r["passed"])], shown(r["figures"])) for r in facts.rules]
    lines = [f"When it was put forward last: {shown(facts.decision)}. Who is champion now, `bioner ledger` says.", ""]
    return lines + table(("rule", "", "figures"), rows)


def _lineage(facts: Facts) -> list[str]:
    chain, name = facts.chain, plain(f"{facts.name}/{facts.number}")
    version, run = chain.version, chain.run
    packages = [line for line in chain.environment if line.partition("==")[0] in _PACKAGES]
    rows = [
        ("version", shown(name)),
        ("registered", shown(version.created if version else "")),
        ("run", shown(run.id if run else "")),
        ("commit", f"{shown(facts.commit)} ({shown(facts.state)})"),
        ("SHA-256 of dvc.lock", shown(facts.lock)),
        ("SHA-256 of the model", shown(version.content if version else "")),
        ("evidence", shown(facts.evidence)),
        ("environment", shown(", ".join(packages))),
    ]
    lines = table(("", ""), rows)
    commands = (f"bioner {verb} {name}" for verb in ("lineage", "audit", "rebuild"))
    return [*lines, "To follow, check and repeat all of it:", "", "```sh", *commands, "```", ""]
