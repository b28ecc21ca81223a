"""The report in a real browser: it needs nothing else, fits a phone, and can be read by keyboard in either colours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from browser import Page, open_browser
from report_material import inputs

from bioner.documents import Span
from bioner.evaluation.analysis import analyse
from bioner.report.inputs import Inputs
from bioner.report.page import render

pytestmark = pytest.mark.slow

HOSTILE = "</p></style><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\"> & 'x'"
MOST = 10 << 20  # bytes of a page

_OPEN = "document.querySelectorAll('details').forEach(d => d.open = true)"
_WIDER = """
(() => {
  const wide = document.documentElement.clientWidth;
  const boxed = e => e.closest('.scroll, nav ul, .skip-link, svg') !== null;
  return [...document.querySelectorAll('main *, header *, footer *')]
    .filter(e => !boxed(e) && e.getBoundingClientRect().right > wide + 1)
    .map(e => e.tagName + '.' + e.className + ': ' + e.textContent.slice(0, 60));
})()
"""
_FAINT = """
(() => {
  const canvas = document.createElement('canvas'); canvas.width = canvas.height = 1;
  const brush = canvas.getContext('2d', {willReadFrequently: true});
  const known = new Map();
  const parts = colour => {
    if (!known.has(colour)) {
      brush.clearRect(0, 0, 1, 1); brush.fillStyle = colour; brush.fillRect(0, 0, 1, 1);
      known.set(colour, brush.getImageData(0, 0, 1, 1).data);
    }
    return known.get(colour);
  };
  const over = (top, below) => [0, 1, 2].map(i => (top[i] * top[3] + below[i] * (255 - top[3])) / 255);
  const behind = element => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) layers.unshift(parts(getComputedStyle(e).backgroundColor));
    return layers.reduce((below, top) => over(top, below), [255, 255, 255]);
  };
  const light = colour => [0.2126, 0.7152, 0.0722].map((weight, i) => {
    const c = colour[i] / 255;
    return weight * (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  }).reduce((a, b) => a + b);
  const faint = new Map();
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || e.closest('svg') || !e.checkVisibility()) continue;
    const paper = behind(e), style = getComputedStyle(e);
    const [high, low] = [light(over(parts(style.color), paper)), light(paper)].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize), bold = parseInt(style.fontWeight) >= 700;
    const least = size >= 24 || (bold && size >= 18.66) ? 3 : 4.5;
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < least) faint.set(e.tagName + '.' + e.className, ratio.toFixed(2) + ' ' + e.textContent.slice(0, 30));
  }
  return [...faint].map(pair => pair.join(': '));
})()
"""
_FOCUSED = "document.activeElement.closest('section')?.id"


@pytest.fixture(scope="module")
def report() -> Inputs:
    return inputs()


@pytest.fixture(scope="module")
def file(report: Inputs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(render(report), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with open_browser(tmp_path_factory.mktemp("browser")) as page:
        yield page


@pytest.fixture
def page(browser: Page, file: Path) -> Page:
    browser.colours("light")
    browser.resize(1280)
    browser.load(file)
    return browser


def test_page_asks_for_nothing_and_complains_of_nothing(page: Page, file: Path) -> None:
    page.run(_OPEN)
    assert page.requests == [file.as_uri()]
    assert page.complaints == []


@pytest.mark.parametrize("width", [1280, 768, 360])
def test_page_fits_the_window(page: Page, width: int) -> None:
    page.resize(width)
    for _ in range(2):  # as it opens, and then with all details open
        assert page.run("document.documentElement.scrollWidth") <= width
        assert page.run(_WIDER) == []
        page.run(_OPEN)


def test_keyboard_reaches_every_section(page: Page) -> None:
    page.press("Tab")
    assert page.run("document.activeElement.className") == "skip-link"
    assert page.run("document.activeElement.getBoundingClientRect().left") >= 0
    sections = page.run("[...document.querySelectorAll('main > section')].map(s => s.id)")
    for name in sections:
        page.press("Tab")
        assert page.run("document.activeElement.getAttribute('href')") == f"#{name}"
        assert page.run("getComputedStyle(document.activeElement).outlineStyle") != "none"
    reached = []
    for _ in range(500):
        page.press("Tab")
        reached.append(page.run(_FOCUSED))
        if reached[-1] == sections[-2]:
            break
    assert list(dict.fromkeys(filter(None, reached))) == sections[:-1]  # the glossary has nothing to operate


@pytest.mark.parametrize("name", ["errors", "champion"])
def test_section_is_shown_below_the_bar_that_leads_to_it(page: Page, name: str) -> None:
    page.run(f"document.querySelector('nav a[href=\"#{name}\"]').focus()")
    page.press("Enter")
    top = page.run(f"document.querySelector('#{name}').getBoundingClientRect().top")
    assert page.run("document.querySelector('nav').getBoundingClientRect().bottom") - 1 <= top <= 400


def test_details_open_by_key(page: Page) -> None:
    page.run("window.chosen = document.querySelector('#champion details'); chosen.querySelector('summary').focus()")
    for opened in (True, False):
        page.press("Enter" if opened else " ")
        assert page.run("chosen.open") is opened


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_paper(page: Page, scheme: str) -> None:
    page.colours(scheme)
    page.run(_OPEN)
    assert page.run(_FAINT) == []


def test_page_of_many_documents_is_small() -> None:
    assert len(render(inputs(times=5)).encode()) < MOST


def test_hostile_text_runs_nothing(browser: Page, report: Inputs, tmp_path: Path) -> None:
    """Without the policy of the page, so that the escaping has to hold by itself."""
    first, *others = report.gold
    document = replace(first, text=HOSTILE, spans=(Span.of(0, 9, "drug"),))
    predictions = {"gliner-mini": [document.with_spans([Span.of(3, 40, HOSTILE, 0.5)]), *others]}
    gold = [document, *others]
    analyses = {"gliner-mini": analyse(gold, predictions["gliner-mini"])}
    hostile = replace(report, gold=gold, predictions=predictions, analyses=analyses, rivals={}, worst=500)
    text = re.sub('<meta http-equiv="Content-Security-Policy"[^>]*>', "", render(hostile))
    for name, html in (("page", text), ("control", f"<title>safe</title><p>{HOSTILE}</p>")):
        (tmp_path / f"{name}.html").write_text(html, encoding="utf-8")
    browser.load(tmp_path / "control.html")
    browser.run("new Promise(done => setTimeout(done, 200))")
    assert browser.run("document.title") == "owned"
    browser.load(tmp_path / "page.html")
    browser.run("new Promise(done => setTimeout(done, 200))")
    assert HOSTILE in browser.run("document.body.innerText")
    assert browser.run("document.title") == "BioNER Foundry report"
