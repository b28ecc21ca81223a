"""Data Docs: whole pages that need no network, say what was found, hold no text, and are equal for equal results."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from planted_defects import Batch, first

from bioner.config import Validate
from bioner.validation.datadocs import write_docs
from bioner.validation.gate import Reference, Verdict, validate

pytestmark = pytest.mark.slow

TOTALS = {"documents": 24, "accepted": 23}
VOID = {"meta", "br", "hr", "link", "img", "input"}


class Page(HTMLParser):
    """The elements that are open and not closed, where links go, and the words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in {"href", "src"}]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.words += f" {' '.join(data.split())}"


def pages(folder: Path, verdict: Verdict) -> dict[str, str]:
    write_docs(folder, verdict.suites, verdict.failures, TOTALS)
    return {file.name: file.read_text(encoding="utf-8") for file in sorted(folder.iterdir())}


def spoilt(good: Batch, reference: Reference, limits: Validate) -> Verdict:
    batch = [first(good[0], label="Drug"), replace(good[1], language="<img src=x>"), *good[2:]]
    return validate(batch, reference, limits.model_copy(update={"min_rows": 23}))


def test_the_pages_say_what_was_judged_and_what_failed(
    good: Batch, reference: Reference, limits: Validate, tmp_path: Path
) -> None:
    verdict = spoilt(good, reference, limits)
    found = pages(tmp_path / "docs", verdict)
    assert list(found) == ["annotations.html", "batch.html", "documents.html", "index.html"]
    index = Page(found["index.html"])
    for outcome in (*verdict.rows, *verdict.batch):
        assert f" {outcome.rule.name} {outcome.rule.breach} " in re.sub(" +", " ", index.words)
    assert "accepted_rows is 22 (at least 23)" in index.words
    assert "unknown_labels" in Page(found["annotations.html"]).words
    words = Page(found["documents.html"]).words
    assert "values must belong to this set" in words
    assert "<img src=x>" in words, "a value of the data is shown, and is no element of the page"


def test_the_pages_are_whole_need_no_network_and_run_nothing(
    good: Batch, reference: Reference, limits: Validate, tmp_path: Path
) -> None:
    found = pages(tmp_path / "docs", spoilt(good, reference, limits))
    for name, text in found.items():
        page = Page(text)
        assert not page.open, name
        assert not page.tags & {"script", "link", "img", "iframe"}, name
        assert all(link.startswith("#") or link in found for link in page.links), name
        assert "http" not in text and "@import" not in text and str(tmp_path) not in text
        assert not any(document.text in text for document in good), "the pages hold figures, not texts"


def test_equal_results_give_equal_pages_in_place_of_the_old_ones(
    good: Batch, reference: Reference, limits: Validate, tmp_path: Path
) -> None:
    one = pages(tmp_path / "one", spoilt(good, reference, limits))
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "old.html").write_text("old")
    assert pages(tmp_path / "two", spoilt(good, reference, limits)) == one
