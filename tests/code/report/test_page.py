"""The page: whole, self-contained, harmless whatever the texts hold, and honest about what is missing."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from html_page import Element, parse

from bioner.config import Corpus
from bioner.documents import Document, Span
from bioner.entity_types import EntityTypes, TypeName
from bioner.evaluation.analysis import analyse
from bioner.evaluation.score import score_documents
from bioner.report.inputs import Inputs
from bioner.report.page import render
from bioner.report.rivals import Rival
from bioner.validation.quarantine import REASONS
from bioner.validation.rows import INVALID

HOSTILE = (
    "</p></style><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"> & 'x' \"y\""
)


def inputs(word: str = "aspirin") -> Inputs:
    """A run of one model on two documents, with `word` wherever a user or a file can put a string."""
    names = {"en": TypeName(name=word, definition=word)}
    text = f"{word} 引起 {word}"
    gold = [
        Document(f"{word}/1", text, word, (Span.of(0, len(word), word), Span(((0, 2), (4, 6)), "drug"))),
        Document("zh/2", "肝素测定", "zh", (Span.of(0, 4, "drug"), Span.of(0, 2, word))),
    ]
    predicted = [gold[0].with_spans([Span.of(0, 3, word, 0.5)]), gold[1]]
    scores = score_documents(gold, predicted, resamples=50)
    meta = {REASONS: [word], INVALID: [{"span": word, "problem": word}]}
    return Inputs(
        types=EntityTypes({word: names, "drug": {"en": TypeName(name="drug")}}),
        corpora={word: Corpus(path="p", format="text", language=word, splits={}, licence=word, source=word)},
        metrics={
            "curate": {word: word, "kept": 2, "dropped": {word: 3}, "deep": {word: {word: [word]}}},
            f"ingest/{word}": {"test": {"documents": 2, "entities": 4}},
            word: {"table": {word: {word: word}, "b": {word: 2}}},
        },
        scores={word: scores},
        corpus_scores={word: {word: scores}},
        curves={word: [(0, 2.0), (1, 1.0)], "tagger": []},
        gold=gold,
        predictions={word: predicted},
        analyses={word: analyse(gold, predicted)},
        rivals={word: Rival(word, [gold[0], gold[1].with_spans([Span.of(0, 2, word)])])},
        quarantined=[Document(word, text, word, (Span.of(0, 3, word, 0.1),), word, meta)],
        worst=5,
        examples=3,
    )


def empty() -> Inputs:
    """A project whose stages have not run."""
    types = EntityTypes({"drug": {"en": TypeName(name="drug")}})
    return Inputs(types, {}, {}, {}, {}, {}, [], {}, {}, {}, None, 5, 3)


@pytest.fixture(scope="module")
def page() -> Element:
    return parse(render(inputs()))


def test_equal_inputs_give_equal_bytes() -> None:
    assert render(inputs()) == render(inputs())


def test_every_part_is_linked_and_there(page: Element) -> None:
    anchors = [link.attributes["href"] for link in page.all("nav")[0].all("a")]
    names = ("scores", "errors", "confidence", "champion", "training", "data", "quarantine", "glossary")
    assert anchors == [f"#{name}" for name in names]
    assert all(page.all("section", id=anchor[1:]) for anchor in anchors)
    identities = [e.attributes["id"] for e in page.all() if "id" in e.attributes]
    assert len(identities) == len(set(identities))


def test_nothing_is_fetched_and_nothing_can_run(page: Element) -> None:
    links = [e.attributes[key] for e in page.all() for key in ("src", "href") if key in e.attributes]
    assert all(link.startswith(("#", "data:")) for link in links)
    (style,) = page.all("style")
    assert "url(" not in style.text and "@import" not in style.text
    (policy,) = page.all("meta", **{"http-equiv": "Content-Security-Policy"})
    assert policy.attributes["content"].startswith("default-src 'none'")


def test_headline_shows_the_score_with_its_interval(page: Element) -> None:
    score = inputs().scores["aspirin"].schemes["strict"].micro
    assert score.f1 and score.interval
    row = page.all("table", class_="headline")[0].all("tbody")[0].all("tr")[0].text
    assert f"{score.f1:.3f}" in row and f"{score.interval[0]:.3f}–{score.interval[1]:.3f}" in row


def test_marked_text_reads_as_the_document_does(page: Element) -> None:
    marked = [paragraph.text for paragraph in page.all("section", id="errors")[0].all("p", class_="marked")]
    assert "aspirin 引起 aspirin" in marked


def test_error_names_its_kind_and_both_sides(page: Element) -> None:
    errors = [" ".join(item.text.split()) for item in page.all("ul", class_="mistakes")[0].all("li")]
    assert "wrong boundary expected aspirin, aspirin; found asp, aspirin (score 0.50)" in errors


def test_analysis_of_a_model_is_shown(page: Element) -> None:
    confusion = page.all("table", class_="confusion")[0]
    rows = [[cell.text for cell in row.children] for row in confusion.all("tbody")[0].all("tr")]
    assert rows == [
        ["aspirin", "2", "0", "0"],
        ["drug", "0", "1", "1"],
        ["no mention there", "0", "0", ""],
    ]
    cells = [[cell.text.strip() for cell in row.children] for row in page.all("section", id="errors")[0].all("tr")]
    assert ["right, too short", "1", "0", "0", "0", "0", "1", "irin 1"] in cells
    assert ["aspirin in drug", "1", "1", "0", "0", "0"] in cells
    assert ["as ri", "drug", "1 of 1"] in cells  # missed, by its fragments


def test_models_stand_beside_their_champion(page: Element) -> None:
    section = page.all("section", id="champion")[0]
    rows = [[cell.text for cell in row.children] for row in section.all("tbody")[0].all("tr")]
    assert rows == [
        ["gold mentions found", "1", "2", "1", "0"],
        ["documents without an error", "0", "1", "1", "0"],
        ["wrong predictions made", "0", "0", "1", "–"],
    ]
    assert len(section.all("details")) == 2


def test_missing_champion_is_said_with_its_reason() -> None:
    made = inputs()
    page = parse(render(replace(made, rivals={"aspirin": Rival("bioner-gliner", None, "no champion yet")})))
    assert "Left out: no champion yet." in [p.text for p in page.all("p", class_="empty")]


def test_same_predictions_are_no_comparison() -> None:
    made = inputs()
    rivals = {"aspirin": Rival("bioner-gliner", made.predictions["aspirin"])}
    assert "Both predict exactly the same" in render(replace(made, rivals=rivals))


def test_predictions_without_scores_say_so() -> None:
    made = inputs()
    page = parse(render(replace(made, analyses={"aspirin": analyse(made.gold, made.gold)})))
    assert "The predictions of this model have no scores." in [p.text for p in page.all("p", class_="empty")]


def test_page_works_without_eyes_or_mouse(page: Element) -> None:
    first_link = page.all("body")[0].all("a")[0]
    assert first_link.attributes["href"] == "#content" and page.all("main", id="content")
    charts = [svg for svg in page.all("svg") if "aria-hidden" not in svg.attributes and "viewbox" not in svg.attributes]
    assert charts and all(svg.attributes["role"] == "img" and svg.attributes["aria-label"] for svg in charts)
    assert all(region.attributes["tabindex"] == "0" for region in page.all("div", class_="scroll"))
    assert all(table.all("caption") for table in page.all("table"))
    assert all(details.children[0].tag == "summary" for details in page.all("details"))
    levels = [int(e.tag[1]) for e in page.all() if re.fullmatch("h[1-6]", e.tag)]
    assert levels[0] == 1 and all(b - a <= 1 for a, b in pairwise(levels))


def test_hostile_strings_are_only_text() -> None:
    page = parse(render(inputs(HOSTILE)))
    assert not page.all("script") and not page.all("img")
    assert not [e for e in page.all() if any(name.startswith("on") for name in e.attributes)]
    assert f"{HOSTILE} 引起 {HOSTILE}" in [p.text for p in page.all("p", class_="marked")]


def test_sets_of_the_suite_have_a_table_of_their_own() -> None:
    facts = {"kind": "model", "cross_corpus": True, "scores": inputs().scores["aspirin"].to_record()}
    record = {
        "corpus": "ward",
        "language": "en",
        "protocol": "zero-shot",
        "k": None,
        "documents": 2,
        "systems": {"gliner-mini": facts},
    }
    section = parse(render(replace(inputs(), metrics={"suite/ward": record}))).all("section", id="scores")[0]
    (row,) = section.all("tbody")[-1].all("tr")
    assert row.children[0].text == "wardzero-shot, cross-corpus" and row.children[1].text == "gliner-mini"


def test_missing_parts_are_named() -> None:
    page = parse(render(empty()))
    said = " ".join(p.text for p in page.all("p", class_="empty"))
    for stage in ("evaluate", "training", "curate", "distill", "validate"):
        assert stage in said


def test_empty_quarantine_and_faultless_model_say_so() -> None:
    made = inputs()
    page = parse(render(replace(made, quarantined=[], predictions={"aspirin": made.gold})))
    said = [p.text for p in page.all("p", class_="empty")]
    assert "No row was quarantined." in said and "No error in any document." in said


def test_demonstration_is_stated_only_where_its_data_is_used() -> None:
    made = inputs()
    shown = {name: corpus.model_copy(update={"demonstration": True}) for name, corpus in made.corpora.items()}
    assert "Demonstration data" in render(replace(made, corpora=shown))
    assert "Demonstration data" not in render(made)


def test_figures_of_an_unknown_stage_are_shown() -> None:
    metrics = {"brand_new": {"some_figure": 12345}}
    page = parse(render(replace(empty(), metrics=metrics)))
    assert "some figure" in page.text and "12,345" in page.text
