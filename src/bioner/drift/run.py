"""A whole check: draw from both sides, let the model read some, compare."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bioner.config import Params
from bioner.documents import Document
from bioner.drift.check import Check, Material, measure, unknown_words
from bioner.drift.draw import draw
from bioner.drift.observe import Observed, observe_all
from bioner.drift.reference import Reference
from bioner.errors import DataError
from bioner.predictors import Predictor, load_predictor
from bioner.progress import track
from bioner.seeds import generator

_LEAST = 2  # documents of the reference: half of them say which words are known


def check(new: Iterable[Document], name: str, reference: Reference, params: Params, model: str | None) -> Check:
    """Compare new text with a reference.

    Args:
        new: read once.
        name: what the new text is called.
        model: the reference of the model that reads both; `None` leaves out what needs one.

    Raises:
        DataError: either side has no text.
        ModelError: the model cannot be loaded.
    """
    settings = params.drift
    judged, documents = draw(new, settings.documents, generator(params.seed, "drift", "new"))
    if not judged:
        raise DataError("there is no new text", where=name, mend="give a file or folder with text in it")
    drawn, _ = draw(
        reference.documents(reference.text), settings.documents, generator(params.seed, "drift", "reference")
    )
    observed = observe_all(drawn)
    if len(observed) < _LEAST:
        raise DataError("there is too little text to compare with", where=reference.described, mend="use --against")
    generator(params.seed, "drift", "halves").shuffle(observed)  # those of many sentences were met first
    half = len(observed) // 2
    held_out: Sequence[Observed] = ()
    read: Sequence[Observed] = ()
    if model:
        predictor = load_predictor(model)
        kept, _ = draw(
            reference.documents(reference.held_out), settings.predicted, generator(params.seed, "drift", "held out")
        )
        held_out = _read(predictor, kept or drawn[: settings.predicted], "the model reads the reference", params)
        read = _read(predictor, judged[: settings.predicted], "the model reads the new text", params)
    material = Material(observed[:half], observed[half:], observe_all(judged), held_out, read)
    measures, left_out = measure(material, settings, params.seed)
    return Check(
        new=name,
        reference=reference.described,
        model=model or "",
        documents=documents,
        significance=settings.significance,
        measures=measures,
        unknown=unknown_words(material),
        left_out=left_out,
    )


def _read(predictor: Predictor, documents: Sequence[Document], what: str, params: Params) -> list[Observed]:
    predicted = predictor.predict(documents, batch_size=params.evaluate.batch_size)
    return observe_all(track(predicted, what, len(documents)))
