"""The tagger's own errors are its answers on what it has not learnt from, and collecting them can be interrupted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
import torch
from tiny_lm import sentence, tagger_settings

from bioner.config import OwnErrors
from bioner.documents import Document
from bioner.entity_types import EntityTypes
from bioner.errors import ConfigError
from bioner.seeds import seed_torch
from bioner.tagger import attempts as attempts_module
from bioner.tagger import own_errors
from bioner.tagger.attempts import read_attempts
from bioner.tagger.claims import Attempt
from bioner.tagger.model import TAGGER, TaggerModel, open_base
from bioner.tagger.network import Lora
from bioner.tagger.own_errors import Folds, Trained, attempts_unread
from bioner.tagger.reading import Found, Reader, Text
from bioner.training import Plan

LORA = Lora(rank=4, alpha=8, dropout=0.0, layers=2)
TYPES = EntityTypes.of_words(["disease", "drug"])
NAMES = ("asthma", "gout", "sepsis", "lupus", "malaria", "anaemia", "rickets", "scurvy", "mumps", "rabies")
DOCUMENTS = [sentence(n, f"Case {n} had {name}.", "en", (name, "disease")) for n, name in enumerate(NAMES)]


def trained(base: Path, steps: int, documents: list[Document] = DOCUMENTS) -> Trained:
    settings = tagger_settings(f"path:{base}", LORA, steps=steps, batch_size=2, learning_rate=0.01)
    return Trained(documents, TYPES, settings, seed=7)


def texts(model: TaggerModel, attempts: list[Attempt], source: Trained) -> set[str]:
    """Which documents some windows are: each is one window."""
    known = {window.words: document.text for document in DOCUMENTS for window in source.windows(model, [document])}
    return {known[attempt.words] for attempt in attempts}


def test_unread_is_what_no_step_has_learnt_from(
    tiny: TaggerModel, tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from bioner.tagger.batches import Schedule
    from bioner.tagger.fit import fit_tagger

    learnt: set[tuple[tuple[int, ...], ...]] = set()
    at = Schedule.at

    def watched(self: Schedule, step: int) -> list[object]:
        chosen = at(self, step)
        learnt.update(one.example.words for one in chosen)
        return list(chosen)

    source = trained(tiny_base, steps=3)
    with monkeypatch.context() as patch:
        patch.setattr(Schedule, "at", watched)
        plan = Plan(3, 0.1, tmp_path / "a.pt", "")
        fit_tagger(tiny, DOCUMENTS, TYPES, source.settings, plan=plan, seed=source.seed, description="test")
    unread = source.unread(tiny)
    assert len(learnt) == 6
    assert {window.words for window in source.windows(tiny, DOCUMENTS)} - learnt == {
        window.words for window in source.windows(tiny, unread)
    }
    assert len(unread) == 4


def test_a_document_of_which_one_window_was_read_is_not_unread(tiny: TaggerModel, tiny_base: Path) -> None:
    long = [Document(f"long{n}", f"Number {n} has asthma now. " * 30, "en") for n in range(2)]
    source = trained(tiny_base, steps=1, documents=[*long, Document("empty", "", "en")])
    assert len(source.windows(tiny, long[:1])) > 2
    assert len(source.unread(tiny)) <= 1


def test_the_tagger_annotates_a_sample_of_the_unread(tiny: TaggerModel, tiny_base: Path, tmp_path: Path) -> None:
    source = trained(tiny_base, steps=2)
    unread = {document.text for document in source.unread(tiny)}
    every = attempts_unread(tiny, source, OwnErrors(sentences=50), tmp_path / "all")
    some = attempts_unread(tiny, source, OwnErrors(sentences=4), tmp_path / "some")
    assert texts(tiny, every, source) == unread
    assert len(some) == 4
    assert texts(tiny, some, source) < unread
    assert all(attempt.gold for attempt in every)
    assert any(attempt.found for attempt in every)  # the tiny tagger decides at random


def test_a_tagger_that_has_read_all_has_none(tiny: TaggerModel, tiny_base: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="every document") as caught:
        attempts_unread(tiny, trained(tiny_base, steps=5), OwnErrors(sentences=4), tmp_path)
    assert "folds" in (caught.value.where or "")


class KilledError(Exception):
    """Stands for a kill."""


def killed_after(count: int, monkeypatch: pytest.MonkeyPatch) -> list[Text]:
    """Let the reader fail after some windows; returns a list that grows with each that it reads."""
    seen: list[Text] = []
    read = Reader.read

    def failing(self: Reader, texts: Iterable[Text], batch_size: int) -> Iterator[list[Found]]:
        given = list(texts)
        for text, found in zip(given, read(self, given, batch_size), strict=True):
            if len(seen) == count:
                raise KilledError
            seen.append(text)
            yield found

    monkeypatch.setattr(Reader, "read", failing)
    return seen


def test_parts_that_are_kept_are_not_read_again(
    tiny: TaggerModel, tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts_module, "_PART", 4)
    windows = trained(tiny_base, steps=1).windows(tiny, DOCUMENTS)
    whole = read_attempts(tiny, TYPES, windows, tmp_path / "whole", "test")
    with monkeypatch.context() as patch, pytest.raises(KilledError):
        killed_after(9, patch)
        read_attempts(tiny, TYPES, windows, tmp_path / "parts", "test")
    seen = killed_after(10, monkeypatch)
    assert read_attempts(tiny, TYPES, windows, tmp_path / "parts", "test") == whole
    assert [text.words for text in seen] == [window.words for window in windows[8:]]  # of 4, 4 and 2


def folds(base: Path, folder: Path, own: OwnErrors) -> Folds:
    def new(fold: int) -> TaggerModel:
        seed_torch(fold, 1)
        return open_base(f"path:{base}", LORA)

    def plan(fold: int, steps: int) -> Plan:
        return Plan(steps, 0.1, folder / f"{fold}.pt", str(fold), checkpoint_every=0)

    folder.mkdir(exist_ok=True)
    return Folds(own, folder, new, plan)


def test_a_fold_is_annotated_by_a_tagger_of_the_others(
    tiny_base: Path, tmp_path: Path, tiny: TaggerModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, learnt = trained(tiny_base, steps=6), []
    fit = own_errors.fit_tagger

    def watched(model: TaggerModel, documents: list[Document], *given: object, **named: object) -> object:
        learnt.append((documents, named["plan"].steps))  # type: ignore[attr-defined]
        return fit(model, documents, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(own_errors, "fit_tagger", watched)
    own = OwnErrors(sentences=8, folds=3, steps=0.5)
    attempts = folds(tiny_base, tmp_path / "a", own).attempts(source)
    assert [steps for _, steps in learnt] == [3, 3, 3]
    assert len(attempts) == 8  # 3, 3 and 2
    start = 0
    for (documents, _), count in zip(learnt, (3, 3, 2), strict=True):
        held = texts(tiny, attempts[start : start + count], source)
        assert len(held) == count
        assert not held & {document.text for document in documents}
        start += count
    assert len(texts(tiny, attempts, source)) == 8


@pytest.mark.slow
def test_interrupted_folds_end_the_same(tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, own = trained(tiny_base, steps=8), OwnErrors(sentences=10, folds=2, steps=1.0)
    whole = folds(tiny_base, tmp_path / "whole", own).attempts(source)
    with monkeypatch.context() as patch, pytest.raises(KilledError):
        killed_after(7, patch)  # in the second fold, whose tagger is trained and not kept
        folds(tiny_base, tmp_path / "parts", own).attempts(source)
    assert folds(tiny_base, tmp_path / "parts", own).attempts(source) == whole
    torch.manual_seed(5)
    with monkeypatch.context() as patch:
        patch.setattr(own_errors, "fit_tagger", None)  # all is kept: nothing is trained again
        assert folds(tiny_base, tmp_path / "parts", own).attempts(source) == whole


def test_folds_are_for_one_process(tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_RANK", "0")
    with pytest.raises(ConfigError, match="one process"):
        folds(tiny_base, tmp_path, OwnErrors(sentences=4, folds=2)).attempts(trained(tiny_base, steps=2))


def test_the_adapter_of_the_tagger_reads(tiny: TaggerModel, tiny_base: Path, tmp_path: Path) -> None:
    from bioner.tagger.model import SELECTOR, add_selector

    windows = trained(tiny_base, steps=1).windows(tiny, DOCUMENTS[:4])
    expected = read_attempts(tiny, TYPES, windows, tmp_path / "before", "test")
    add_selector(tiny, LORA)
    torch.nn.init.zeros_(next(iter(tiny.network.trainable())))
    tiny.network.use(SELECTOR)
    assert read_attempts(tiny, TYPES, windows, tmp_path / "after", "test") == expected
    tiny.network.use(TAGGER)
