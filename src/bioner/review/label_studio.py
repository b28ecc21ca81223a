"""The form of Label Studio: tasks with pre-annotations, and the labelling configuration.

Its format is described in its guide (labelstud.io/guide/task_format, labelstud.io/guide/predictions), the tags in
labelstud.io/tags. Offsets of the tag `Text` are code points, as ours are: since the end of 2021 (issues 1008 and 1347
of HumanSignal/label-studio) its front end converts what the browser counts in UTF-16.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

from bioner.documents import Document, Span
from bioner.entity_types import EntityTypes
from bioner.errors import ConfigError
from bioner.files import hash_value
from bioner.review.choose import Sample

LABELS, TEXT = "label", "text"  # the names of the two tags; the second one also of the field that holds the text
_KEPT_BLANKS = ".htx-text { white-space: pre-wrap; }"  # else blanks are trimmed, and results with them


def config(types: EntityTypes, language: str) -> str:
    """The labelling configuration: the names of the types in a language, with their definitions as hints.

    Raises:
        ConfigError: two types have one name in this language.
    """
    view = ElementTree.Element("View")
    ElementTree.SubElement(view, "Style").text = _KEPT_BLANKS
    labels = ElementTree.SubElement(view, "Labels", name=LABELS, toName=TEXT)
    names = label_names(types, language)
    for key, definition in types.definitions(language).items():
        hint = {"hint": definition} if definition else {}
        ElementTree.SubElement(labels, "Label", {"value": names[key], **hint})
    ElementTree.SubElement(view, "Text", name=TEXT, value=f"${TEXT}", granularity="symbol")
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding="unicode") + "\n"


def label_names(types: EntityTypes, language: str) -> dict[str, str]:
    """Key -> the label that people see.

    Raises:
        ConfigError: two types have one name in this language.
    """
    names = types.names(language)
    for name, times in Counter(names.values()).items():
        if times > 1:
            what = f"two types are called {name!r} in {language!r}: their labels cannot be told apart"
            raise ConfigError(what, where="types", mend="give each type a name of its own")
    return names


def can_show(span: Span, keys: Collection[str]) -> bool:
    """Whether Label Studio can show a span: its regions are contiguous, and its labels are those of the types."""
    return span.contiguous and span.label in keys


def task(document: Document, samples: Sequence[Sample], names: Mapping[str, str]) -> dict[str, Any]:
    """A document as a task whose prediction is what the teacher found, where that can be shown.

    Args:
        samples: why it is reviewed.
        names: key of a type -> its label.
    """
    shown = [span for span in document.spans if can_show(span, names)]
    scores = [span.score for span in shown if span.score is not None]
    prediction = {
        "model_version": str(document.meta.get("teacher", "teacher"))[:16],
        "result": [_region(number, span, document.text, names) for number, span in enumerate(shown)],
    } | ({"score": min(scores)} if scores else {})
    data = {
        TEXT: document.text,
        "document": document.id,
        "language": document.language,
        "samples": list(samples),
        "shown": fingerprint(document),
    }
    return {"data": data, "predictions": [prediction]}


def _region(number: int, span: Span, text: str, names: Mapping[str, str]) -> dict[str, Any]:
    value = {
        "start": span.start,
        "end": span.end,
        "text": text[span.start : span.end],
        "labels": [names[span.label]],
    }
    region = {"id": f"span-{number}", "from_name": LABELS, "to_name": TEXT, "type": "labels", "value": value}
    return region | ({} if span.score is None else {"score": span.score})


def fingerprint(document: Document) -> str:
    """SHA-256 of a text with its annotations, scores left out: of what the reviewer is shown."""
    spans = sorted([[list(part) for part in span.fragments], span.label] for span in document.spans)
    return hash_value([document.language, document.text, spans])
