"""Tests that real files are read, written and read again without a change; and what other formats lose of them.

The files lie beside the repository, in `../shared/corpora`, and are no part of it: the tests are skipped without them.
"""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bioner.config import Format
from bioner.corpora.losses import CROSSING, ID, META, NESTED, OFF_TOKENS, SPACING
from bioner.corpora.reading import DROPPED, Reading
from bioner.corpora.registry import FORMATS
from bioner.documents import Document, Span

CORPORA = Path(__file__).parents[3] / "shared/corpora"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CORPORA.is_dir(), reason=f"the real corpora are not at {CORPORA}"),
]

NCBI = "ncbi_disease/pubtator/NCBIdevelopset_corpus.txt"
CDR = "bc5cdr/pubtator/CDR_DevelopmentSet.PubTator.txt"
IOB = "ncbi_disease/conll/devel.tsv"
JNLPBA = "jnlpba/conll/devel.tsv"
LAYERS = "genia_nested/iob2_columns/genia.dev.iob2"
GENIA = "genia_nested/span_jsonlines/dev.jsonlines"
V1 = "cmeee/chip2020_v1/val_data.txt"
V1_TRAIN = "cmeee/chip2020_v1/train_data.txt"
V2 = "cmeee/v2_json/CMeEE-V2_dev.json"
ANSWERS = "llmner_samples/data_train-allinone.json"
CRITERIA = "unlabelled_zh/cmedtc/dev.txt"

FILES: dict[str, tuple[Format, str]] = {
    NCBI: ("pubtator", "en"),
    CDR: ("pubtator", "en"),
    IOB: ("conll", "en"),
    JNLPBA: ("conll", "en"),
    LAYERS: ("conll_layers", "en"),
    GENIA: ("token_spans", "en"),
    V1: ("cmeee_v1", "zh"),
    V1_TRAIN: ("cmeee_v1", "zh"),
    V2: ("cmeee_v2", "zh"),
    ANSWERS: ("llmner", "en"),
    CRITERIA: ("text", "zh"),
}
SLOW = (CDR, JNLPBA, V1_TRAIN, V2)


def _case(*values: Any) -> Any:
    return pytest.param(*values, id=" ".join(map(str, values[:2])), marks=[pytest.mark.slow] * (values[0] in SLOW))


@cache
def _read(file: str) -> tuple[Document, ...]:
    form, language = FILES[file]
    return tuple(FORMATS[form].read(Reading(CORPORA / file, language, "corpus")))


def _converted(file: str, form: Format, folder: Path) -> tuple[list[Document], Counter[str]]:
    write = FORMATS[form].write
    assert write is not None
    lost = write(folder / "written", iter(_read(file)))
    return list(FORMATS[form].read(Reading(folder / "written", FILES[file][1], "corpus"))), lost


def _content(documents: Any) -> list[tuple[str, Counter[Span]]]:
    return [(document.text, Counter(document.spans)) for document in documents]


@pytest.mark.parametrize("file", [_case(file) for file in FILES])
def test_a_real_file_is_read_written_and_read_again_as_it_was(file: str, tmp_path: Path) -> None:
    found, lost = _converted(file, FILES[file][0], tmp_path)
    assert _content(found) == _content(_read(file))
    assert not set(lost) - {ID}
    if not lost:
        assert [document.id for document in found] == [document.id for document in _read(file)]
        metas = [{key: value for key, value in d.meta.items() if key != DROPPED} for d in _read(file)]
        assert [dict(document.meta) for document in found] == metas


@pytest.mark.parametrize(
    ("file", "form"),
    [
        _case(file, form)
        for file in (NCBI, CDR, LAYERS, V1, V2)
        for form in ("documents", "pubtator", "cmeee_v2", "character_spans", "llmner")
        if (file, form) not in ((NCBI, "llmner"), (CDR, "llmner"))  # a newline, and brackets of their own
    ],
)
def test_formats_of_characters_hold_each_other(file: str, form: Format, tmp_path: Path) -> None:
    found, lost = _converted(file, form, tmp_path)
    assert _content(found) == _content(_read(file))
    assert not set(lost) - {META}
    assert [document.id for document in found] == [document.id for document in _read(file)]


@pytest.mark.parametrize(
    ("file", "form"),
    [
        *(_case(file, form) for file in (IOB, LAYERS, GENIA) for form in ("conll_layers", "token_spans", "gliner")),
        _case(JNLPBA, "conll_layers"),
    ],
)
def test_formats_of_tokens_hold_each_other_with_their_tokens(file: str, form: Format, tmp_path: Path) -> None:
    found, lost = _converted(file, form, tmp_path)
    assert _content(found) == _content(_read(file))
    assert [document.meta["tokens"] for document in found] == [document.meta["tokens"] for document in _read(file)]
    assert not set(lost) - {ID, META}


@pytest.mark.parametrize(
    ("file", "form", "expected"),
    [
        _case(GENIA, "conll", (NESTED, CROSSING)),
        _case(V1, "gliner", (OFF_TOKENS,)),
        _case(NCBI, "conll", ()),
        _case(JNLPBA, "gliner", ()),  # whose documents are of several sentences, which a list of tokens does not part
    ],
)
def test_what_a_format_cannot_hold_of_a_real_file_is_counted(
    file: str, form: Format, expected: tuple[str, ...], tmp_path: Path
) -> None:
    found, lost = _converted(file, form, tmp_path)
    before, after = (sum(len(document.spans) for document in documents) for documents in (_read(file), found))
    assert before - after == sum(lost[reason] for reason in (NESTED, CROSSING, OFF_TOKENS))
    assert set(lost) - {ID, META, SPACING} <= set(expected)
    assert all(lost[reason] for reason in expected[:1])
    differing = sum(old.text != new.text for old, new in zip(_read(file), found, strict=True))
    assert differing == lost[SPACING]
