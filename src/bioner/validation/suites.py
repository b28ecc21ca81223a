"""The suites: what has to hold of documents, of annotations and of a batch, with the limits of `params.yaml`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bioner.config import Validate
from bioner.validation.figures import (
    ACCEPTED,
    ANSWERED,
    DENSITY,
    LABEL_DRIFT,
    LENGTH_DRIFT,
    QUARANTINED,
    TYPES,
    YIELD,
)
from bioner.validation.rule import Rule

DOCUMENTS, ANNOTATIONS, BATCH = "documents", "annotations", "batch"

BREACHES: Mapping[str, str] = {
    "id": "the document has no id",
    "unique_id": "another document has the same id",
    "text": "the text is blank",
    "language_code": "the entity types have no names in this language",
    "source": "the document does not say where its text came from",
    "duplicate": "an earlier row has the same text",
    "language": "the text is not written in its language's script",
    "leakage": "the text occurs, or nearly, in a dev or test set, or shares a run of words with one",
    "identifier": "the text holds what may identify a person, such as a phone number",
    "offsets": "a span does not fit the text",
    "boundaries": "a span begins or ends within a word",
    "mention": "a span holds neither a letter nor a digit",
    "repeated": "a span is given twice",
    "crossing": "two spans of one type cross each other",
    "length": "a span has too many words",
    "label": "a label is none of the entity types",
    "density": "too many spans for so few words",
    "agreement": "the teacher was not sure of its spans",
}
"""Rule of a row -> what is wrong with a row that breaks it."""


def document_rules(limits: Validate, languages: Iterable[str]) -> tuple[Rule, ...]:
    """The rules of a text and what is said of it, on the columns of `bioner.validation.rows.frame`.

    Args:
        limits: of the params.
        languages: those that the entity types have names in.
    """
    says = BREACHES
    return (
        Rule.filled("id", "id", says["id"]),
        Rule.unique("unique_id", "id", says["unique_id"]),
        Rule.filled("text", "text", says["text"]),
        Rule.one_of("language_code", "language", says["language_code"], languages),
        Rule.filled("source", "source", says["source"]),
        _most("duplicate", "earlier_copies", 0),
        Rule.values("language", "script_share", says["language"], low=limits.min_script_share),
        _most("leakage", "judged_texts", 0),
        _most("identifier", "identifiers", 0),
    )


def annotation_rules(limits: Validate) -> tuple[Rule, ...]:
    """The rules of a text's spans, on the columns of `bioner.validation.rows.frame`.

    Spans may nest, also those of one type. Spans of one type that cross are refused: neither the output of the tagger
    nor the decoding of a GLiNER can hold them.
    """
    return (
        _most("offsets", "invalid_spans", 0),
        _most("boundaries", "off_words", 0),
        _most("mention", "without_letters", 0),
        _most("repeated", "repeated", 0),
        _most("crossing", "crossing", 0),
        _most("length", "longest", limits.max_entity_words),
        _most("label", "unknown_labels", 0),
        _most("density", "density", limits.max_spans_per_word),
        Rule.values("agreement", "mean_score", BREACHES["agreement"], low=limits.min_score),
    )


def _most(name: str, column: str, high: float) -> Rule:
    return Rule.values(name, column, BREACHES[name], high=high)


def batch_rules(limits: Validate, compared: Mapping[str, Iterable[str]]) -> tuple[Rule, ...]:
    """The rules of a batch, on the figures of `bioner.validation.figures`.

    Args:
        limits: of the params.
        compared: for each figure that compares with gold data, the languages that can be compared; empty for a batch
            of examples with free labels. There not every text has an example, no type has to occur, and gold data has
            nothing like it: only what is left of the batch is judged.
    """
    low, high = limits.density_ratio
    answered = Rule.figure(
        ANSWERED, "too many of the texts that were to be annotated are missing", low=limits.min_answered
    )
    left = (
        Rule.figure(ACCEPTED, "too few rows are left", low=limits.min_rows),
        Rule.figure(QUARANTINED, "too many rows were quarantined", high=limits.max_quarantined),
        *([answered] if compared else []),
        Rule.figure(YIELD, "too few of the accepted texts have any entity", low=limits.min_yield),
    )
    if not compared:
        return left
    return (
        *left,
        Rule.figure(TYPES, "too few of the entity types occur", low=limits.min_types),
        *(
            Rule.figure(name, "entities are much rarer or more frequent than in the gold data", low=low, high=high)
            for name in names(DENSITY, compared)
        ),
        *(
            Rule.figure(name, "other types than in the gold data prevail", high=limits.max_label_drift)
            for name in names(LABEL_DRIFT, compared)
        ),
        *(
            Rule.figure(name, "entities are longer or shorter than in the gold data", high=limits.max_length_drift)
            for name in names(LENGTH_DRIFT, compared)
        ),
    )


def names(figure: str, compared: Mapping[str, Iterable[str]]) -> list[str]:
    """The names of a figure in each language; without any, its plain name, so that it is judged and found missing."""
    return [f"{figure}_{language}" for language in compared[figure]] or [figure]
