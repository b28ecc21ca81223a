"""How fast a GLiNER annotates: against stock `gliner` (`inference`) with the same weights, threads and texts.

Stock runs at the best of its batch sizes and packing settings, with the texts in their order or sorted by length, found
first. The head is untrained, at its low prior, and the threshold high: what is decoded is little on all sides. Long
documents are cut for stock, in the best of several sizes, since it would cut off what is over its limit: into pieces of
whole sentences, of which it is told where they end; and for a second result into our windows, which are told nothing
and lose no entity at a cut. Ours has windows of the best of the same sizes. The encoder of `transformers` alone,
without any head, on the batches that ours makes (padded), shows how much there is left to win. With 100 types, ours as
a bi-encoder stands against the uni-encoder: that of stock, and ours.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any
from unittest.mock import patch

from common import Result, Side, compare, options, seconds, show
from gliner_common import corpus, profile, start, stock, variant, workplace
from many_types import semantic_types, short_types

from bioner.documents import Document
from bioner.entity_types import EntityTypes
from bioner.files import write_json
from bioner.windows import Limits, sentence_starts, slide
from bioner.words import Words

_THREADS = 2
_CORPUS = "bc5cdr"
LABELS = ["chemical", "disease"]
_WORDS = 3000  # of a long document
_PIECES = (100, 200, 300)  # words of a long document that are read at once
_THRESHOLD = 0.99
_TRIED = 9_000  # characters on which the settings of stock are tried
_BATCHES = (8, 4, 16, 32)
_ENTERED = 2  # ways that are tried with all batch sizes: the best with the first
_FINAL = 3  # of these, those that are tried on all texts, twice


Texts = Callable[[int], list[str]]  # so many of them


@dataclass(frozen=True, slots=True)
class Task:
    """What is read.

    Attributes:
        texts: where the texts are from, and `number`, how many.
        cut: makes pieces of so many words of long texts, for stock; none where each text is read whole.
    """

    name: str
    texts: Texts
    number: int
    cut: Callable[[list[str], int], list[str]] | None = None


def main() -> None:
    """Measure the three tasks, and print."""
    chosen = options(__doc__ or "", ("sentences", "long", "types"))
    sentences, rounds = (96, 2) if chosen.quick else (240, 5)
    results = []
    with workplace() as name:
        folder = Path(name)
        for kind, settings in (("uni", variant()), ("bi", variant(labels_encoder=variant().encoder))):
            (folder / kind).mkdir()
            start(folder / kind, settings, EntityTypes.of_words(LABELS), _THRESHOLD)
        if "sentences" in chosen.tasks:
            task = Task(f"{sentences} BC5CDR sentences", sentences_of, sentences)
            results.append(_against_stock(task, folder, rounds))
        if "long" in chosen.tasks:
            for known, cut in (("sentences known to stock", _lines), ("sentences unknown", _windows)):
                task = Task(f"a document of {_WORDS:,} words, {known}", long_texts, 1, cut)
                results.append(_against_stock(task, folder, rounds))
        if "types" in chosen.tasks:
            number = sentences * 5 // 8
            for names, labels in (("semantic types of the UMLS", semantic_types()), ("short types", short_types())):
                task = Task(f"{number} BC5CDR sentences, {len(labels)} {names}", sentences_of, number)
                results += [_against_uni(task, folder, side, labels, rounds) for side in ("stock", "our")]
    if chosen.json:
        write_json(chosen.json, [asdict(result) for result in results])


def _against_stock(task: Task, folder: Path, rounds: int) -> Result:
    sides = {
        "stock": Side(partial(_stock, folder / "uni", task, LABELS), _THREADS),
        "bioner": Side(partial(_ours, folder / "uni", task, LABELS), _THREADS),
        "the encoder alone": Side(partial(_encoder, folder / "uni", task), _THREADS),
    }
    return _measured(task, sides, rounds)


def _against_uni(task: Task, folder: Path, side: str, labels: list[str], rounds: int) -> Result:
    uni = _stock if side == "stock" else _ours
    sides = {
        f"{side} uni-encoder": Side(partial(uni, folder / "uni", task, labels), _THREADS),
        "our bi-encoder": Side(partial(_ours, folder / "bi", task, labels), _THREADS),
    }
    return _measured(task, sides, rounds)


def _measured(task: Task, sides: dict[str, Side], rounds: int) -> Result:
    result = compare(task.name, sides, rounds)
    show(result, None)
    return result


def sentences_of(number: int) -> list[str]:
    """Some sentences of BC5CDR."""
    return [document.text for document in corpus(profile(_CORPUS), _CORPUS, "test")[:number]]


def long_texts(number: int) -> list[str]:
    """Documents of many sentences, one a line."""
    found: list[list[str]] = [[]]
    for text in (document.text for document in corpus(profile(_CORPUS), _CORPUS, "test")):
        if sum(len(sentence.split()) for sentence in found[-1]) > _WORDS:
            found.append([])
        found[-1].append(text)
    return ["\n".join(sentences) for sentences in found[:number]]


def _ours(folder: Path, task: Task, labels: list[str]) -> Callable[[], object]:
    return _best(reader(folder, task.texts(task.number), labels), task)


def reader(folder: Path, texts: list[str], labels: list[str]) -> Callable[[int], object]:
    """What reads texts with ours, in windows of at most so many words."""
    from bioner.gliner.predictor import load_gliner

    predictor, types = load_gliner(folder), EntityTypes.of_words(labels)
    documents = [Document(str(n), text, "en") for n, text in enumerate(texts)]

    def read(words: int) -> int:
        limits = replace(predictor.model.limits, words=words)
        sized = replace(predictor, model=replace(predictor.model, limits=limits))
        return sum(1 for _ in sized.predict(documents, types))

    return read


def _encoder(folder: Path, task: Task) -> Callable[[], object]:
    """The encoder alone on the batches that ours makes of texts."""
    import torch

    from bioner.gliner import predictor
    from bioner.gliner.inputs import Batch, make_batch

    encoder = predictor.load_gliner(folder).model.network.token_rep_layer.bert_layer.model
    read, made = reader(folder, task.texts(task.number), LABELS), defaultdict(list)

    def batches(words: int) -> list[Batch]:
        def keep(*given: Any) -> Batch:
            made[words].append(make_batch(*given))
            return made[words][-1]

        if words not in made:
            with patch.object(predictor, "make_batch", keep):
                read(words)
        return made[words]

    @torch.inference_mode()
    def run(words: int) -> int:
        return sum(len(encoder(batch.input_ids, batch.attention_mask).last_hidden_state) for batch in batches(words))

    return _best(run, task)


def _best(read: Callable[[int], object], task: Task) -> Callable[[], object]:
    """The task with windows of the size that is fastest, where texts are longer than one."""
    if task.cut is None:
        return partial(read, _PIECES[0])
    for words in _PIECES:
        read(words)  # the first time takes longer
    return partial(read, min(_PIECES, key=lambda words: seconds(partial(read, words))))


def _stock(folder: Path, task: Task, labels: list[str]) -> Callable[[], object]:
    from gliner import InferencePackingConfig

    model = stock(folder)
    _mend_packing(model)
    whole = task.texts(task.number)
    given = [task.cut(whole, size) for size in _PIECES] if task.cut else [whole, sorted(whole, key=len)]
    packings = [None, *(InferencePackingConfig(max_length=512, streams_per_batch=streams) for streams in (1, 4))]
    cost = partial(_cost, model, labels)
    entered = sorted(product(given, packings), key=lambda way: cost((*way, _BATCHES[0])))[:_ENTERED]
    final = sorted(((*way, size) for way in entered for size in _BATCHES), key=cost)[:_FINAL]
    best = min(final, key=lambda way: min(seconds(partial(_infer, model, labels, way)) for _ in range(2)))
    texts_given, packing, size = best
    longest = max(len(text.split()) for text in texts_given)
    print(f"stock at its best: batches of {size}, {packing}, texts of up to {longest} words", flush=True)
    return partial(_infer, model, labels, best)


def _infer(model: Any, labels: list[str], way: tuple[list[str], Any, int]) -> object:
    texts, packing, size = way
    return model.inference(texts, labels, threshold=_THRESHOLD, batch_size=size, packing_config=packing)


def _cost(model: Any, labels: list[str], way: tuple[list[str], Any, int]) -> float:
    """Seconds a character, on a part of the texts from all over the list."""
    texts, packing, size = way
    some = texts[:: max(1, sum(map(len, texts)) // _TRIED)]
    return seconds(lambda: _infer(model, labels, (some, packing, size))) / sum(map(len, some))


def _mend_packing(model: Any) -> None:
    """Packing of `gliner` 0.2.29 loses the input of BERT encoders on its way to them; here it arrives."""
    layer = model.model.token_rep_layer.bert_layer
    usual = layer.forward

    def forward(input_ids: Any, pair_attention_mask: Any = None, **more: Any) -> Any:
        if pair_attention_mask is None:
            return usual(input_ids, **more)
        masks = layer._prepare_pair_attention_masks(pair_attention_mask, more["attention_mask"], input_ids, None)
        return layer.model(input_ids, attention_mask=masks["extended_mask"])[0]

    layer.forward = forward


def _lines(texts: list[str], words: int) -> list[str]:
    """Texts cut after lines, into pieces of at most so many words."""
    pieces: list[str] = []
    for text in texts:
        size = words + 1
        for line in text.split("\n"):
            size += len(line.split())
            if size > words:
                pieces.append(line)
                size = len(line.split())
            else:
                pieces[-1] += " " + line
    return pieces


def _windows(texts: list[str], words: int) -> list[str]:
    """Texts in the windows that ours makes, which overlap by the width of an entity."""
    pieces: list[str] = []
    for text in texts:
        found = Words.of(text)
        windows = slide([1] * len(found), sentence_starts(text, found), Limits(words, words, variant().max_width))
        pieces += [text[found.offsets[one.start][0] : found.offsets[one.end - 1][1]] for one in windows]
    return pieces


if __name__ == "__main__":
    main()
