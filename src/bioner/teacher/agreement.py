"""Agreement: span-level votes over several annotations of one text: samples of one teacher, or several teachers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bioner.documents import Document, Span
from bioner.errors import DataError


def votes(annotations: Sequence[Iterable[Span]]) -> tuple[Span, ...]:
    """The spans of several annotations of one text, in the order of the text, each with the share that holds it.

    Two spans are the same if extent and label are. What one annotation says twice is one vote, and the scores that the
    spans come with do not count.
    """
    held = Counter(vote for spans in annotations for vote in {(span.fragments, span.label) for span in spans})
    return tuple(Span(*vote, count / len(annotations)) for vote, count in sorted(held.items()))


@dataclass(frozen=True, slots=True)
class Agreed:
    """What several teachers say together.

    Attributes:
        documents: those that all of them annotated, each span with the share of the teachers that hold it; in the
            order of the first one. `teachers` in their meta names who was asked.
        aligned: for each teacher the same documents as it annotated them.
        partial: how many documents were left out, because some teacher has no answer for them: to have none is not to
            say that there is no entity.
    """

    documents: list[Document]
    aligned: Mapping[str, list[Document]]
    partial: int


def agree(teachers: Mapping[str, Sequence[Document]]) -> Agreed:
    """Let teachers vote on the documents that they all annotated.

    Args:
        teachers: name -> its documents, in any order; at least two.

    Raises:
        DataError: two teachers have another text or language under one id, or no document in common.
    """
    every = {name: {document.id: document for document in documents} for name, documents in teachers.items()}
    first, *others = every.values()
    common = [key for key in first if all(key in other for other in others)]
    if not common:
        mend = "give annotations of the same documents, with the same ids"
        raise DataError("the teachers have no document in common", where=", ".join(every), mend=mend)
    for name, documents in every.items():
        for key in common:
            if (documents[key].text, documents[key].language) != (first[key].text, first[key].language):
                what = f"the document {key!r} has another text or language than in {next(iter(every))}"
                raise DataError(what, where=name, mend="give annotations of the same texts")
    aligned = {name: [documents[key] for key in common] for name, documents in every.items()}
    together = [_together(dict(zip(aligned, one, strict=True))) for one in zip(*aligned.values(), strict=True)]
    return Agreed(together, aligned, len(set[str]().union(*every.values())) - len(common))


def _together(said: Mapping[str, Document]) -> Document:
    document = next(iter(said.values()))
    meta = {key: value for key, value in document.meta.items() if key != "teacher"}
    meta["teachers"] = [one.meta.get("teacher", name) for name, one in said.items()]
    return replace(document, spans=votes([one.spans for one in said.values()]), meta=meta)
