"""How fast a GLiNER annotates: against stock `gliner` (`inference`) with the same weights, threads and texts.

Stock runs at the best of its batch sizes and packing settings, with the texts in their order or sorted by length, found
first. The head is untrained, at its low prior, and the threshold high: what is decoded is little on all sides. Long
documents are cut for stock into pieces of whole sentences, of the best of several sizes, since it would cut off what is
over its limit; ours has windows of the best of the same sizes. With 100 types, ours as a bi-encoder stands against ours
as a uni-encoder: no other side reads so many types at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from common import Result, Side, compare, options, seconds, show
from gliner_common import corpus, profile, start, stock, variant, workplace

from bioner.documents import Document
from bioner.entity_types import EntityTypes
from bioner.files import write_json

_THREADS = 2
_CORPUS = "bc5cdr"
_LABELS = ["chemical", "disease"]
_MANY = 100  # types
_WORDS = 3000  # of a long document
_PIECES = (100, 200, 300)  # words of a long document that are read at once
_THRESHOLD = 0.99
_TRIED = 64  # texts on which the settings of stock are tried


def main() -> None:
    """Measure the three tasks, and print."""
    chosen = options(__doc__ or "")
    sentences, documents, rounds = (96, 1, 2) if chosen.quick else (600, 4, 5)
    results = []
    with workplace() as name:
        folder = Path(name)
        for kind, settings in (("uni", variant()), ("bi", variant(labels_encoder=variant().encoder))):
            (folder / kind).mkdir()
            start(folder / kind, settings, EntityTypes.of_words(_LABELS), _THRESHOLD)
        tasks = {f"{sentences} BC5CDR sentences": (_sentences, sentences)}
        tasks[f"{documents} documents of {_WORDS:,} words"] = (_long, documents)
        for task, (texts, number) in tasks.items():
            sides = {
                "stock": Side(partial(_stock, folder / "uni", texts, number), _THREADS),
                "bioner": Side(partial(_ours, folder / "uni", texts, number, _LABELS), _THREADS),
            }
            results.append(_measured(task, sides, rounds))
        types = [f"{word} {number}" for number in range(_MANY // 4) for word in ("gene", "drug", "cell", "virus")]
        sides = {
            f"{kind}-encoder": Side(partial(_ours, folder / kind, _sentences, sentences // 4, types), _THREADS)
            for kind in ("uni", "bi")
        }
        results.append(_measured(f"{sentences // 4} BC5CDR sentences, {_MANY} types", sides, rounds))
    if chosen.json:
        write_json(chosen.json, [asdict(result) for result in results])


def _measured(task: str, sides: dict[str, Side], rounds: int) -> Result:
    result = compare(task, sides, rounds)
    show(result, None)
    return result


def _sentences(number: int) -> list[str]:
    return [document.text for document in corpus(profile(_CORPUS), _CORPUS, "test")[:number]]


def _long(number: int) -> list[str]:
    """Documents of many sentences, one a line."""
    found: list[list[str]] = [[]]
    for text in (document.text for document in corpus(profile(_CORPUS), _CORPUS, "test")):
        if sum(len(sentence.split()) for sentence in found[-1]) > _WORDS:
            found.append([])
        found[-1].append(text)
    return ["\n".join(sentences) for sentences in found[:number]]


def _ours(folder: Path, texts: Callable[[int], list[str]], number: int, labels: list[str]) -> Callable[[], object]:
    from bioner.gliner.predictor import load_gliner

    predictor, types = load_gliner(folder), EntityTypes.of_words(labels)
    documents = [Document(str(n), text, "en") for n, text in enumerate(texts(number))]

    def read(words: int) -> int:
        limits = replace(predictor.model.limits, words=words)
        sized = replace(predictor, model=replace(predictor.model, limits=limits))
        return sum(1 for _ in sized.predict(documents, types))

    best = min(_PIECES, key=lambda words: seconds(partial(read, words))) if texts is _long else _PIECES[0]
    return partial(read, best)


def _stock(folder: Path, texts: Callable[[int], list[str]], number: int) -> Callable[[], object]:
    from gliner import InferencePackingConfig

    model = stock(folder)
    _mend_packing(model)
    whole = texts(number)
    given = [_cut(whole, size) for size in _PIECES] if texts is _long else [whole, sorted(whole, key=len)]
    packings = [None, *(InferencePackingConfig(max_length=512, streams_per_batch=streams) for streams in (1, 4))]
    ways = [
        (texts_given, {"batch_size": batch_size, "packing_config": packing})
        for texts_given in given
        for batch_size in (4, 8, 16, 32)
        for packing in packings
    ]
    texts_given, settings = min(ways, key=lambda way: _cost(model, *way))
    print("stock at its best:", settings, flush=True)
    return partial(model.inference, texts_given, _LABELS, threshold=_THRESHOLD, **settings)


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


def _cost(model: Any, texts: list[str], settings: dict[str, Any]) -> float:
    """Seconds a character, on a part of the texts from all over the list."""
    some = texts[:: max(1, len(texts) // _TRIED)]
    return seconds(lambda: model.inference(some, _LABELS, threshold=_THRESHOLD, **settings)) / sum(map(len, some))


def _cut(texts: list[str], words: int) -> list[str]:
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


if __name__ == "__main__":
    main()
