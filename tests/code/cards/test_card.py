"""A card says what the evidence says, in a form that hubs read; it invents nothing, and nobody can write in it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from huggingface_hub import ModelCard
from hypothesis import given
from hypothesis import strategies as st
from lineage_chain import CORPUS, chain
from markdown_it import MarkdownIt

from bioner.cards.card import FORMAT, render, summary
from bioner.cards.facts import Facts
from bioner.cards.markdown import MISSING, plain, shown
from bioner.lineage.pipeline import Corpus

MARKDOWN = MarkdownIt("commonmark").enable("table")
HOSTILE = (
    "CC BY 4.0 | free | ](javascript:alert(1))",
    "<script>alert(1)</script>",
    "x\n---\nlicense: mit\n---\n# Approved for clinical use",
    "![x](http://example.org/x.png) [y](http://example.org)",
    "`code` **bold** ~~gone~~ &lt;b&gt; \\",
    "\u202eevil \u2028# heading \x1b[31m",
)


def test_a_hub_reads_the_header(facts: Facts) -> None:
    data = ModelCard(render(facts)).data
    assert (data.language, data.library_name, data.pipeline_tag) == (["en"], "gliner", "token-classification")
    assert data.base_model == "some-org/some-encoder"
    assert data.license is None  # nobody stated one
    assert data.model_name == "bioner-gliner/3"
    assert data.eval_results is not None
    found = {(result.dataset_name, result.metric_name): result.metric_value for result in data.eval_results}
    schemes = facts.evaluation["scores"]["schemes"]
    assert found == {("a", f"{name} F1"): schemes[name]["micro"]["f1"] for name in ("strict", "overlap")}


SAID = [
    "| all | 10 | 0.667 | 0.600 | 0.632 | 0.375 to 0.750 | 0.842 |",
    "| language en | 6 | 0.667 | 0.667 | 0.667 | 0.250 to 0.875 | 0.667 |",
    f"| type disease | 3 | 0.333 | 0.333 | 0.333 | {MISSING} | 0.333 |",
    "Missed most:\n\n- disease: found 1 of 3\n- drug: found 5 of 7\n",
    "- never tested, since no test document has any: gene\n",
    "Errors by kind: missed 2, wrong boundary 1.",
    "| a | en | train, test, dev | CC BY 4.0 | https://example.org/a | Doe \\& Roe \\<2020\\> |",
    "For demonstration, so that scores on them say nothing about real text: a.",
    "- teacher: a-model (backend endpoint)",
    "- SHA-256 of its prompts: 9r0m",
    "- validation: passed the gate: 23 documents, 20 accepted, 3 quarantined",
    "- acceptance by reviewers: 0.800 of 50 spans (95% interval 0.670 to 0.890)",
    "- drug: medicine, what is given",
    "- reads windows of up to 100 words",
    "- never finds an entity of more words than: 16",
    "- overlapping predictions: nested",
    "- reports what scores at least 0.350 (the threshold)",
    "| size | 114.4 MB (114385107 bytes) |",
    "12.5 documents a second, 310.0 words a second",
    "When it was put forward last: promoted to champion over version 2.",
    "| min\\_f1 | passed | strict F1 0.632, at least 0.05 |",
    "| run | 0123456789abcdef0123456789abcdef |",
    "| commit | c0ffee (clean) |",
    "| SHA-256 of dvc.lock | 10c4 |",
    "| environment | python==3.11.7, torch==2.9.0 |",
    "bioner rebuild bioner-gliner/3",
]


@pytest.mark.parametrize("line", SAID)
def test_it_says_what_the_evidence_says(facts: Facts, line: str) -> None:
    assert line in render(facts)


def test_what_is_not_known_is_said_to_be_missing(facts: Facts) -> None:
    nothing: dict[str, Any] = {"base": "", "base_licence": "", "manifest": {}, "config": {}, "evaluation": {}}
    nothing |= {"teacher": {}, "validation": {}, "review": {}, "decision": "", "rules": (), "size": None, "speed": {}}
    nothing |= {"lock": "", "commit": "", "state": "", "evidence": "", "params": {}, "family": ""}
    bare = replace(facts, chain=replace(chain(), corpora=(), environment=(), run=None), **nothing)
    card = render(bare)
    for line in (
        f"| began as | {MISSING} |",
        f"| size | {MISSING} |",
        f"| run | {MISSING} |",
        f"- teacher: {MISSING}",
        f"- acceptance by reviewers: {MISSING}",
        "The evaluation was not kept with this version.",
        "What it was trained on was not kept.",
        "No decision was made on this version.",
    ):
        assert line in card
    data = ModelCard(card).data
    assert data.eval_results is None
    assert data.base_model is None
    assert MISSING in summary(bare)


def test_a_model_without_a_teacher_says_so(facts: Facts) -> None:
    assert "None: no stage behind this model reads annotations of a teacher." in render(replace(facts, synthetic=False))


def test_the_same_facts_give_the_same_bytes(facts: Facts) -> None:
    again = replace(facts, evaluation=json.loads(json.dumps(facts.evaluation)))
    assert render(again) == render(facts)
    json.dumps(facts.to_record())


def test_another_card_from_the_same_facts_is_another_format(facts: Facts) -> None:
    """An audit writes cards again: who changes what they say has to raise `FORMAT`, and then this hash."""
    assert (FORMAT, hashlib.sha256(render(facts).encode()).hexdigest()[:16]) == (1, PINNED)


PINNED = "2365b3047aa3f8f9"  # pragma: allowlist secret


def structure(card: str) -> list[tuple[str, str]]:
    """What a reader of Markdown makes of a card: every element, and the text of headings."""
    tokens = MARKDOWN.parse(card.split("---\n", 2)[2])
    found = []
    for place, token in enumerate(tokens):
        found.append((token.type, tokens[place + 1].content if token.type == "heading_open" else ""))
        found += [(inner.type, "") for inner in token.children or () if inner.type not in ("text", "softbreak")]
    return found


def told(facts: Facts, text: str) -> Facts:
    """The facts if somebody wrote this wherever anybody can."""
    corpus = Corpus(f"a{text}", CORPUS, text, text, "en", text)
    types = {text: {"en": {"name": text or "x", "definition": text}}}
    teacher = {"backend": text, "model": text, "base": text, "prompt": text}
    return replace(
        facts,
        chain=replace(chain(), corpora=(corpus,)),
        base=f"package:{text}",
        base_licence=text,
        manifest={**facts.manifest, "types": types},
        teacher=teacher,
        decision=text,
        evaluation={**facts.evaluation, "corpora": {f"a{text}": facts.evaluation["scores"]}},
        params={},
    )


def harmless(facts: Facts, text: str) -> None:
    card, usual = render(told(facts, text)), render(told(facts, "usual"))
    elements, expected = ([kind for kind in structure(c) if kind[0] != "text_special"] for c in (card, usual))
    assert elements == expected
    data, other = ModelCard(card).data.to_dict(), ModelCard(usual).data.to_dict()
    assert data.keys() == other.keys()
    assert data["model-index"][0]["results"][0]["dataset"]["name"] == plain(f"a{text}")


@pytest.mark.parametrize("text", HOSTILE)
def test_what_others_wrote_does_no_harm(facts: Facts, text: str) -> None:
    harmless(facts, text)


@pytest.mark.slow
@given(text=st.text(st.sampled_from("|<>[]()!#*_`~&\\-+=1.) \n\t\u2028\u202eab:/\"'{}$^@"), min_size=1, max_size=25))
def test_whatever_others_write_does_no_harm(facts: Facts, text: str) -> None:
    if plain(text):
        harmless(facts, text)


@given(st.text(max_size=40))
def test_a_value_is_shown_as_it_is(text: str) -> None:
    inline = MARKDOWN.parseInline(shown(text))[0].children or []
    assert {token.type for token in inline} <= {"text", "text_special"}
    assert "".join(token.content for token in inline) == (plain(text) or MISSING)
