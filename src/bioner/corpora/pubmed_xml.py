"""PubMed baseline and update files (XML, also gzip): the title and the abstract of every article, unannotated.

The text is the title and the sections of the abstract, a line each; their labels and places are in
`meta["sections"]`, the language of the article itself (its abstract is in English) in `meta["language"]`. Abstracts in
other languages or for lay readers (`OtherAbstract`) are counted as dropped. The list of deleted citations at the end
of update files holds no article.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from bioner.corpora.reading import Reading
from bioner.corpora.sections import SECTIONS, joined, squeezed
from bioner.corpora.xml_records import Record, name, read_records
from bioner.documents import Document
from bioner.errors import DataError

_ROOT_OF_TEXT = {"PubmedArticle": "MedlineCitation/Article", "PubmedBookArticle": "BookDocument"}
_PMID = {"PubmedArticle": "MedlineCitation/PMID", "PubmedBookArticle": "BookDocument/PMID"}
_NO_ARTICLE = "DeleteCitation"


def read(reading: Reading) -> Iterator[Document]:
    """One document an article or book chapter; its id is the PMID.

    Raises:
        DataError: the file cannot be read or is not XML, or a record is no article, with file and line.
    """
    records = (record for record in read_records(reading) if name(record.element) != _NO_ARTICLE)
    return reading.each(records, lambda record: _document(record, reading))


def _document(record: Record, reading: Reading) -> Document:
    kind, where = name(record.element), reading.at(record.line)
    if kind not in _PMID:
        mend = "PubMed files hold PubmedArticle and PubmedBookArticle"
        raise DataError(f"the element {kind!r} is no article", where=where, mend=mend)
    pmid = squeezed(_text(record.element.find(_PMID[kind])))
    article = record.element.find(_ROOT_OF_TEXT[kind])
    if not pmid.isdecimal() or article is None:
        mend = f"an article has {_PMID[kind]} and {_ROOT_OF_TEXT[kind]}"
        raise DataError("the article has no PMID or no content", where=where, mend=mend)
    sections = [("TITLE", squeezed(_text(article.find("ArticleTitle"))))]
    sections += [
        (part.get("Label", "ABSTRACT"), squeezed(_text(part))) for part in article.iterfind("Abstract/AbstractText")
    ]
    text, places = joined(sections)
    language = squeezed(_text(article.find("Language")))
    meta = {SECTIONS: places} | ({"language": language} if language else {})
    others = [f"abstract of type {other.get('Type', '?')!r}" for other in record.element.iter("OtherAbstract")]
    return reading.document(pmid, text, (), where=where, meta=meta, dropped=others)


def _text(element: Element | None) -> str:
    """The text of an element with that of all within it, such as subscripts."""
    return "" if element is None else "".join(element.itertext())
