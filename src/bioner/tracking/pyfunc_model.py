"""The model script of MLflow (models from code): wraps a model folder of this project as a pyfunc model.

MLflow runs this file when it logs or loads a model, with this project's package beside it; it is the one module
that does something when it is run, because `set_model` is how a script names its model.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas  # MLflow reads the annotations of `predict`: their names have to exist
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel, PythonModelContext

if TYPE_CHECKING:
    from bioner.documents import Document


class Annotator(PythonModel):  # type: ignore[misc]
    """Finds entities in the `text` of each row; the columns and params are in `bioner.tracking.pyfunc.signature`."""

    _predictor: Any  # a `bioner.predictors.Predictor` that is a dataclass with a `threshold`

    def load_context(self, context: PythonModelContext) -> None:
        """Load the model folder."""
        from bioner.predictors import load_predictor
        from bioner.tracking.pyfunc import MODEL

        self._predictor = load_predictor(f"path:{context.artifacts[MODEL]}")

    def predict(
        self,
        context: PythonModelContext,  # noqa: ARG002
        model_input: pandas.DataFrame,
        params: dict[str, Any] | None = None,
    ) -> list[list[dict[str, Any]]]:
        """The entities of each row, in the order of the text."""
        from bioner.entity_types import EntityTypes

        given = params or {}
        types = EntityTypes.of_words(given["labels"]) if given.get("labels") else None
        predictor = replace(self._predictor, threshold=given["threshold"]) if "threshold" in given else self._predictor
        return [_entities(document) for document in predictor.predict(_documents(model_input), types)]


def _documents(rows: pandas.DataFrame) -> list[Document]:
    from bioner.documents import Document
    from bioner.words import language_of

    texts = [str(text) for text in rows["text"]]
    languages = list(rows["language"]) if "language" in rows else [None] * len(texts)
    return [
        Document(str(number), text, language if isinstance(language, str) and language else language_of(text))
        for number, (text, language) in enumerate(zip(texts, languages, strict=True))
    ]


def _entities(document: Document) -> list[dict[str, Any]]:
    spans = sorted(document.spans, key=lambda span: (span.start, -span.end, span.label))
    return [
        {
            "start": span.start,
            "end": span.end,
            "fragments": [list(fragment) for fragment in span.fragments],
            "text": span.mention(document.text),
            "label": span.label,
            "score": span.score,
        }
        for span in spans
    ]


set_model(Annotator())
