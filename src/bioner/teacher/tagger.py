"""The trained tagger as a teacher: its manifest, and the check that it is still the model of that manifest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

from bioner.config.teacher import SelfConsistency
from bioner.entity_types import EntityTypes
from bioner.errors import ModelError
from bioner.files import hash_tree
from bioner.predictors import MANIFEST, Predictor, load_predictor, read_manifest
from bioner.seeds import seed_torch
from bioner.teacher.annotation import Annotation, Answered
from bioner.teacher.budget import Spent
from bioner.teacher.chunks import Text, documents_of
from bioner.teacher.manifest import TeacherManifest, hash_code

BACKEND = "tagger"
_CODE = ("tagger", "words.py")  # below src/bioner: what turns the model and a text into annotations


def describe_tagger(
    reference: str, types: EntityTypes, min_score: float, sampling: SelfConsistency | None = None
) -> TeacherManifest:
    """The manifest of a tagger as it lies on disk.

    Args:
        sampling: how often each line is written, and at which temperature; by default once, the most probable.

    Raises:
        ModelError: nothing is there, it is not a tagger, or it does not say what it was made of.
    """
    folder, model = read_manifest(reference)
    if model.get("family") != BACKEND:
        what = f"the teacher has to be a tagger, and {reference!r} is of the family {model.get('family')!r}"
        raise ModelError(what, where=str(folder), mend="name a backend that fits, or train the tagger")
    if not {"base", "prompt"} <= model.keys():
        what = "the tagger does not say which base and which prompt it was trained with"
        raise ModelError(what, where=str(folder / MANIFEST), mend="train it again: bioner run --force tagger")
    return TeacherManifest(
        backend=BACKEND,
        model=reference,
        content=hash_tree(folder),
        base=model["base"],
        prompt=model["prompt"],
        code=hash_code(_CODE),
        min_score=min_score,
        types=types,
        sampling=sampling.model_dump() if sampling else {},
    )


def check_tagger(manifest: TeacherManifest) -> None:
    """Make sure that the model is the one that the manifest was written for.

    Raises:
        ModelError: the model is gone, or its files have changed.
    """
    folder, _ = read_manifest(manifest.model)
    if hash_tree(folder) != manifest.content:
        raise ModelError(
            "the teacher's model is not the one that its manifest was written for",
            where=str(folder),
            mend="describe it anew with `bioner run`, or restore the model with `dvc checkout`",
        )


def open_tagger(manifest: TeacherManifest, seed: int, threads: int) -> Predictor:
    """Load the model of a manifest, and make what it says repeatable."""
    seed_torch(seed, threads)
    predictor = load_predictor(manifest.model)
    if not manifest.sampling:
        return predictor
    from bioner.tagger.sampling import Sampling

    sampling = Sampling(manifest.sampling["samples"], manifest.sampling["temperature"], seed)
    return cast(Predictor, replace(cast(Any, predictor), sampling=sampling))  # a tagger: `describe_tagger` saw to it


class PredictorTeacher:
    """A model of this machine as a teacher; each chunk is one call, so that texts share batches in one way only.

    Args:
        batch_size: what is passed on to the model.
    """

    spent = None

    def __init__(self, predictor: Predictor, types: EntityTypes, batch_size: int) -> None:
        self._predictor = predictor
        self._types = types
        self._batch_size = batch_size

    def heed(self, others: Spent) -> None:
        """It costs nothing."""

    def answers(self, chunks: Iterator[Sequence[Text]]) -> Iterator[list[Answered]]:
        """Annotate chunk by chunk: scores depend on the batches, so that a chunk is stored as one."""
        for texts in chunks:
            found = self._predictor.predict(documents_of(texts), self._types, batch_size=self._batch_size)
            yield [
                Answered(text, Annotation(tuple(sorted(said.spans, key=lambda span: (span.fragments, span.label)))))
                for text, said in zip(texts, found, strict=True)
            ]
