"""The page: whole, self-contained, harmless whatever the texts hold, and honest about what is missing."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from html_page import Element, parse

from bioner.config import Corpus
from bioner.documents import Document, Span
from bioner.entity_types import EntityTypes, TypeName
from bioner.evaluation.score import score_documents
from bioner.report.inputs import Inputs
from bioner.report.page import render
from bioner.validation.quarantine import REASONS
from bioner.validation.rows import INVALID

HOSTILE = (
    "</p></style><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"> & 'x' \"y\""
)
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


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
        quarantined=[Document(word, text, word, (Span.of(0, 3, word, 0.1),), word, meta)],
        worst=5,
        examples=3,
    )


def empty() -> Inputs:
    """A project whose stages have not run."""
    types = EntityTypes({"drug": {"en": TypeName(name="drug")}})
    return Inputs(types, {}, {}, {}, {}, {}, [], {}, None, 5, 3)


@pytest.fixture(scope="module")
def page() -> Element:
    return parse(render(inputs()))


def test_equal_inputs_give_equal_bytes() -> None:
    assert render(inputs()) == render(inputs())


def test_every_part_is_linked_and_there(page: Element) -> None:
    anchors = [link.attributes["href"] for link in page.all("nav")[0].all("a")]
    assert anchors == ["#scores", "#errors", "#training", "#data", "#quarantine", "#glossary"]
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


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: escaping is checked by the parser test alone")
def test_hostile_page_runs_nothing_in_a_browser(tmp_path: Path) -> None:
    """Without the policy of the page, so that the escaping has to hold by itself."""
    text = re.sub('<meta http-equiv="Content-Security-Policy"[^>]*>', "", render(inputs(HOSTILE)))
    (tmp_path / "page.html").write_text(text, encoding="utf-8")
    (tmp_path / "control.html").write_text(f"<title>safe</title><p>{HOSTILE}</p>", encoding="utf-8")
    assert "<title>owned</title>" in _dom(tmp_path / "control.html", tmp_path)
    assert "<title>BioNER Foundry report</title>" in _dom(tmp_path / "page.html", tmp_path)


def _dom(file: Path, home: Path) -> str:
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
    flags += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
    command = [str(CHROMIUM), *flags, f"--user-data-dir={home / 'profile'}", "--dump-dom", file.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
