"""The playground in a real browser: from a text to the review queue by keyboard, two models, a phone, Chinese."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path

import pytest
from browser import Page, open_browser
from tiny_gliner import Running, running

from bioner.documents import Document, Span, read_documents, write_documents

pytestmark = pytest.mark.slow

TEXT = "Metformin 😀 was stopped <b>because</b> of lactic acidosis."
_FOUND = "[...document.querySelectorAll('.side')].every(s => /\\d/.test(s.querySelector('.status').textContent))"
_SHOWN = "document.querySelectorAll('.marked').length == {count} && " + _FOUND
_TAGS = "document.querySelectorAll('.tag').length"
_WORDS = "[...document.querySelectorAll('.marked')].map(p => p.textContent)"
_OUTCOME = "document.querySelector('.outcome').textContent"
_WIDER = """
[...document.querySelectorAll('body *')]
  .filter(e => !e.closest('.marked') && e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map(e => e.tagName + '.' + e.className)
"""

_SELECT = """
(() => {  // the words "😀 was stop", which lie over several elements
  const box = document.querySelector('.marked'), walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
  const start = box.textContent.indexOf('😀'), end = box.textContent.indexOf('ped <b>');
  const range = document.createRange();
  let passed = 0;
  for (let node; (node = walker.nextNode()); passed += node.length) {
    if (passed <= start && start < passed + node.length) range.setStart(node, start - passed);
    if (passed < end && end <= passed + node.length) range.setEnd(node, end - passed);
  }
  document.getSelection().removeAllRanges();
  document.getSelection().addRange(range);
})()
"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with open_browser(tmp_path_factory.mktemp("browser")) as page:
        yield page


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    """A project without a registry."""
    root = tmp_path_factory.mktemp("project")
    (root / ".dvc").mkdir()
    for name in ("params.yaml", "dvc.yaml"):
        shutil.copy(repository / name, root)
    return root


@contextmanager
def started(root: Path, models: list[Path]) -> Iterator[Running]:
    """The playground of the project with these models."""
    named = [part for folder in models for part in ("--model", f"path:{folder}")]
    with chdir(root), running(root / "log", "playground", *named) as page:
        yield page


@pytest.fixture(scope="module")
def playground(root: Path, tiny_models: list[Path]) -> Iterator[Running]:
    """The playground for all tests that leave it running."""
    with started(root, tiny_models) as page:
        yield page


@pytest.fixture
def page(browser: Page, playground: Running) -> Page:
    browser.colours("light")
    browser.resize(1280)
    browser.load(f"http://{playground.host}:{playground.port}/?lang=en")
    return browser


def reach(page: Page, selector: str) -> None:
    """Go to an element by the key Tab alone."""
    page.run("document.activeElement.blur()")
    for _ in range(200):
        page.press("Tab")
        if page.run(f"document.activeElement === document.querySelector({json.dumps(selector)})"):
            return
    raise AssertionError(f"the keyboard does not reach {selector}")


def ask(page: Page, text: str, *, second: bool = False) -> None:
    """Write a text, choose one model or both, and wait for what is found."""
    reach(page, "#text")
    page.run("document.activeElement.select()")
    page.write(text)
    page.run(f"document.querySelector('#second').selectedIndex = {2 if second else 0}")
    reach(page, "#question button")
    page.press("Enter")
    page.wait(_SHOWN.format(count=2 if second else 1))


def test_from_a_text_to_the_review_queue_by_keyboard(page: Page, root: Path) -> None:
    ask(page, TEXT)
    assert page.run(_WORDS) == [TEXT]
    before = page.run(_TAGS)
    assert before > 2
    lanes = page.run("[...new Set([...document.querySelectorAll('.tag')].map(t => t.dataset.style))].length")
    assert lanes > 1  # nested mentions lie in lanes of their own
    tops = page.run("[...document.querySelectorAll('.tag')].map(t => Math.round(t.getBoundingClientRect().top))")
    assert len(set(tops)) > 1

    reach(page, ".tag")
    removed = page.run("document.activeElement.dataset.tag")
    page.press("Delete")
    page.wait(f"{_TAGS} == {before - 1}")
    page.wait("document.activeElement.className.includes('tag')")

    page.press("Enter")  # the next mention gets the other type
    page.wait("!document.querySelector('.changing').hidden")
    page.run("(t => t.selectedIndex = 1 - t.selectedIndex)(document.querySelector('.type'))")
    reach(page, ".change")
    page.press("Enter")
    page.wait("document.querySelectorAll('.tag:not([aria-label*=score])').length == 1")

    reach(page, ".words")
    page.write("lact")  # a part of a word, which no model finds
    page.press("Enter")
    page.wait("document.querySelectorAll('.tag:not([aria-label*=score])').length == 2")

    reach(page, ".send")
    page.press("Enter")
    page.wait(f"{_OUTCOME}.includes('reviews/playground.jsonl')")
    *_, document = read_documents(root / "reviews" / "playground.jsonl")
    assert document.text == TEXT
    mentions = [document.text[start:end] for one in document.meta["added"] for start, end in one["fragments"]]
    assert "lact" in mentions
    assert any(removed.startswith(one["label"]) for one in document.meta["removed"])
    assert document.meta["model"]["reference"].startswith("path:")
    assert page.complaints == []


def test_words_that_are_selected_in_the_text_become_a_mention(page: Page, root: Path) -> None:
    ask(page, TEXT)
    page.run(_SELECT)
    page.wait("document.querySelector('.words').value == '😀 was stop'")
    page.run("document.querySelector('.add').click()")
    page.wait("document.querySelectorAll('.tag:not([aria-label*=score])').length == 1")
    page.run("document.querySelector('.send').click()")
    page.wait(f"{_OUTCOME} != ''")
    *_, document = read_documents(root / "reviews" / "playground.jsonl")
    assert [one["fragments"] for one in document.meta["added"]] == [[[10, 20]]]


def test_two_models_side_by_side_with_their_differences(page: Page) -> None:
    ask(page, TEXT, second=True)
    page.wait("document.querySelector('#differences tbody') !== null")
    left, right = page.run("[...document.querySelectorAll('.side')].map(s => s.getBoundingClientRect().left)")
    assert left < right
    alone = page.run("document.querySelectorAll('.lone').length")
    assert alone > 0
    rows = page.run("document.querySelectorAll('#differences tbody tr').length")
    assert alone / 2 <= rows <= alone
    page.resize(390)
    tops = page.run("[...document.querySelectorAll('.side')].map(s => s.getBoundingClientRect().top)")
    assert tops[0] < tops[1]
    assert page.complaints == []


@pytest.mark.parametrize("width", [1280, 768, 390, 320])
def test_the_page_fits_the_window(page: Page, width: int) -> None:
    page.resize(width)
    for text in (TEXT, "患者因胸痛入院，予阿司匹林治疗。" * 5):
        ask(page, text, second=True)
        assert page.run("document.documentElement.scrollWidth") <= width
        assert page.run(_WIDER) == []


def test_files_are_read_and_wrong_ones_told(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "two.jsonl"
    write_documents(file, [Document("a", "Fever.", "en", (Span.of(0, 5, "x"),)), Document("b", "患者发热。", "zh")])
    page.choose("#file", file)
    page.wait("document.querySelector('#text').value == 'Fever.'")
    page.run("(d => { d.value = 1; d.dispatchEvent(new Event('change')); })(document.querySelector('#document'))")
    assert page.run("[document.querySelector('#text').value, document.querySelector('#language').value]") == [
        *("患者发热。", "zh")
    ]
    wrong = tmp_path / "wrong.txt"
    wrong.write_bytes(b"\xff")
    page.choose("#file", wrong)
    page.wait("document.querySelector('#trouble').textContent.includes('not UTF-8')")
    assert page.run("document.querySelector('#text').value") == "患者发热。"


def test_the_page_speaks_chinese_and_asks_nobody_else(page: Page, playground: Running) -> None:
    page.load(f"http://{playground.host}:{playground.port}/?lang=zh")
    assert page.run("document.querySelector('h1').textContent") == "试用台"
    ask(page, "患者发热。")
    assert page.run("document.querySelector('.status').textContent.includes('处实体')")
    assert page.run("[...document.querySelector('.type').options].map(o => o.text)") == ["疾病", "药物"]
    assert page.run("[...document.querySelectorAll('.tag')].every(t => /^(疾病|药物) /.test(t.dataset.tag))")
    assert all(address.startswith(f"http://{playground.host}:{playground.port}/") for address in page.requests)
    assert page.complaints == []


def test_what_the_server_refuses_is_told(browser: Page, root: Path, tiny_models: list[Path]) -> None:
    with started(root, tiny_models[:1]) as own:
        browser.load(f"http://{own.host}:{own.port}/?lang=en")
        browser.run("document.querySelector('#labels').value = 'drug, drug'")
        browser.run("document.querySelector('#question').requestSubmit()")
        browser.wait("document.querySelector('.status.trouble')?.textContent.includes('repeated')")
        own.process.terminate()
        own.process.wait()
    browser.run("document.querySelector('#question').requestSubmit()")
    browser.wait("document.querySelector('.status.trouble')?.textContent.includes('stopped')")
