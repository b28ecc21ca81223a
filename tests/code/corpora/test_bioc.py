"""Tests of BioC, in XML and JSON: the same records in both forms."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioner.corpora import bioc_json, bioc_xml
from bioner.corpora.bioc import PASSAGES
from bioner.corpora.reading import DROPPED, Reading
from bioner.documents import Document, Span
from bioner.errors import DataError

Json = dict[str, Any]
FORMS = (bioc_xml, bioc_json)
OFFSETS = ("offset", "length")


def _annotation(text: str | None, *locations: tuple[int, int], label: str | None = "Organ", **infons: str) -> Json:
    named = infons if label is None else {**infons, "type": label}
    places = [dict(zip(OFFSETS, location, strict=True)) for location in locations]
    return {"id": "T1", "infons": named, "locations": places} | ({} if text is None else {"text": text})


def _passage(offset: int, text: str, *annotations: Json, **infons: str) -> Json:
    return {"infons": infons, "offset": offset, "text": text, "annotations": list(annotations)}


def _document(*passages: Json, **more: Any) -> Json:
    return {"id": "1", "infons": {}, "passages": list(passages), **more}


def _xml(records: Iterable[Json]) -> str:
    documents = "\n".join(f"<document>{_element(record)}</document>" for record in records)
    head = '<?xml version="1.0"?>\n<!DOCTYPE collection SYSTEM "BioC.dtd">\n'
    return f"{head}<collection><source>s</source><date/><key>k</key>\n{documents}</collection>"


def _element(record: Json) -> str:
    out = []
    for key, value in record.items():
        if key == "infons":
            out += [f"<infon key={quoteattr(name)}>{escape(text)}</infon>" for name, text in value.items()]
        elif key == "locations":
            out += [f'<location offset="{item["offset"]}" length="{item["length"]}"/>' for item in value]
        elif isinstance(value, list):
            out += [f"<{key[:-1]}>{_element(item)}</{key[:-1]}>" for item in value]
        else:
            out.append(f"<{key}>{escape(str(value))}</{key}>")
    return "".join(out)


def _json(records: Iterable[Json]) -> str:
    return json.dumps({"source": "s", "date": "", "key": "k", "infons": {}, "documents": list(records)})


Read = Callable[..., tuple[list[Document], Reading]]


@pytest.fixture(params=["xml", "json"])
def read(request: pytest.FixtureRequest, tmp_path: Path) -> Read:
    """Reads records that were written in the form that is tested."""
    form, dump = (bioc_xml, _xml) if request.param == "xml" else (bioc_json, _json)

    def run(*records: Json, on_error: str = "fail") -> tuple[list[Document], Reading]:
        file = tmp_path / "file"
        file.write_text(dump(records), encoding="utf-8")
        reading = Reading(file, "en", "mine", on_error)  # type: ignore[arg-type]
        return list(form.read(reading)), reading

    return run


def test_passages_stand_at_their_offsets_and_the_gaps_are_filled(read: Read) -> None:
    title = _passage(0, "Toxic liver.", _annotation("liver", (6, 5)), type="title")
    body = _passage(13, "Aspirin <harms> it.", _annotation("Aspirin", (13, 7), label="Chemical"), type="abstract")
    end = _passage(35, "End", _annotation("End", (35, 3), label="End"))
    (document,), reading = read(_document(title, body, end))
    assert document.text == "Toxic liver.\nAspirin <harms> it.  \nEnd"
    assert document.spans == (Span.of(6, 11, "Organ"), Span.of(13, 20, "Chemical"), Span.of(35, 38, "End"))
    assert document.meta == {
        PASSAGES: [[0, 12, {"type": "title"}], [13, 32, {"type": "abstract"}], [35, 38, {}]],
    }
    assert (document.id, document.source, reading.touched, reading.noticed) == ("1", "mine", [], [])


def test_sentences_of_a_passage_are_joined_by_blanks(read: Read) -> None:
    sentences = [_passage(4, "One."), _passage(9, "A liver.", _annotation("liver", (11, 5)))]
    (document,), _ = read(_document({"infons": {}, "offset": 4, "sentences": sentences}))
    assert document.text == "   \nOne. A liver."
    assert document.spans[0].mention(document.text) == "liver"
    assert document.meta[DROPPED] == {"sentence": 2}


def test_an_empty_passage_adds_nothing(read: Read) -> None:
    (document,), _ = read(_document(_passage(0, "Title"), _passage(6, "", type="abstract")))
    assert document.text == "Title"
    assert document.meta[PASSAGES] == [[0, 5, {}], [5, 5, {"type": "abstract"}]]


def test_several_locations_are_fragments_in_the_order_of_the_text(read: Read) -> None:
    text = "left and right kidney"
    annotation = _annotation("left kidney", (15, 6), (0, 4))
    (document,), _ = read(_document(_passage(0, text, annotation)))
    assert document.spans == (Span(((0, 4), (15, 21)), "Organ"),)


def test_what_the_data_model_cannot_hold_is_counted_and_infons_of_documents_are_kept(read: Read) -> None:
    annotations = (
        _annotation("liver", (0, 5), identifier="X1"),
        _annotation(None, (2, 0)),
        _annotation("everything"),
        _annotation(None, (0, 5), label="Other"),
    )
    relation = {"id": "R1", "infons": {"type": "near"}}
    passage = _passage(0, "liver", *annotations) | {"relations": [relation]}
    record = _document(passage, relations=[relation, relation], colour="red") | {"infons": {"year": "1999"}}
    (document,), _ = read(record)
    assert document.spans == (Span.of(0, 5, "Organ"), Span.of(0, 5, "Other"))
    dropped = dict(document.meta[DROPPED])
    unknown = next(key for key in dropped if "colour" in key)
    assert dropped.pop(unknown) == 1
    assert dropped == {"relation": 3, "infon 'identifier'": 1, "empty extent": 1, "annotation without a location": 1}
    assert document.meta["year"] == "1999"


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (_annotation("kidney", (0, 5)), "the mention 'kidney' is not at [0, 5]: the text has 'liver'"),
        (_annotation("liver", (3, 5)), "outside the text of 5 characters"),
        (_annotation("liver", (-5, 5)), "outside the text"),
        (_annotation("liver", (0, 3), (2, 3)), "overlaps"),
        (_annotation("liver", (0, 5), label=None), "'type' is missing"),
        (_annotation("liver", (0, 5), label=""), "type is empty"),
    ],
)
def test_a_wrong_annotation_is_named_and_left_out_on_repair(read: Read, annotation: Json, words: str) -> None:
    record = _document(_passage(0, "liver", _annotation("liv", (0, 3), label="Part"), annotation))
    with pytest.raises(DataError) as caught:
        read(record)
    assert words in caught.value.what
    assert "record 1, annotation T1" in caught.value.where
    assert caught.value.mend
    (document,), reading = read(record, on_error="repair")
    assert document.spans == (Span.of(0, 3, "Part"),)
    assert [touched.done for touched in reading.touched] == ["left out the annotation"]
    (other,), skipped = read(record, {**_document(_passage(0, "x")), "id": "2"}, on_error="skip")
    assert (other.id, len(skipped.touched)) == ("2", 1)


@pytest.mark.parametrize("passages", [[(0, "liver"), (3, "kidney")], [(9, "liver"), (0, "kidney")], [(10**12, "x")]])
def test_an_offset_that_goes_backwards_or_beyond_any_text_is_an_error(read: Read, passages: list[Any]) -> None:
    with pytest.raises(DataError, match="a passage begins at"):
        read(_document(*(_passage(offset, text) for offset, text in passages)))


@pytest.mark.parametrize(("encoding", "unit", "name"), [("utf-8", 1, "UTF-8 bytes"), ("utf-16-le", 2, "UTF-16 units")])
def test_offsets_in_other_units_are_errors_and_can_be_repaired(read: Read, encoding: str, unit: int, name: str) -> None:
    text = "Über 🧬 liver\nMore 🧬 kidney"
    title, body = text.split("\n")

    def size(part: str) -> int:
        return len(part.encode(encoding)) // unit

    begin = size(title) + 1
    annotations = _annotation("liver", (size("Über 🧬 "), 5)), _annotation("🧬 kidney", (begin + 5, size("🧬 kidney")))
    record = _document(_passage(0, title, annotations[0]), _passage(begin, body, annotations[1]))
    with pytest.raises(DataError, match="'liver' is not at"):
        read(record)
    (document,), reading = read(record, on_error="repair")
    assert document.text == text
    assert [span.mention(text) for span in document.spans] == ["liver", "🧬 kidney"]
    assert [touched.done for touched in reading.touched] == [f"read the offsets as {name}"]


def test_blanks_at_the_ends_of_a_mention_are_ignored_and_noticed(read: Read) -> None:
    (document,), reading = read(_document(_passage(0, "liver", _annotation("liver  ", (0, 5)))))
    assert (len(document.spans), len(reading.noticed)) == (1, 1)


@pytest.mark.parametrize("change", [{"id": None}, {"passages": None}])
def test_a_record_needs_an_id_and_passages(read: Read, change: Json) -> None:
    record = {key: value for key, value in _document(_passage(0, "x")).items() if key not in change}
    with pytest.raises(DataError, match=f"{next(iter(change))!r} is missing"):
        read(record)


def _file(folder: Path, text: str) -> Reading:
    file = folder / "file"
    file.write_text(text, encoding="utf-8")
    return Reading(file, "en", "mine")


BOMB = '<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
OUTSIDE = '<!ENTITY b SYSTEM "file:///etc/passwd">'


@pytest.mark.parametrize("declaration", [BOMB, OUTSIDE, '<!ENTITY % b SYSTEM "http://localhost/x"> %b;'])
def test_entities_are_refused(tmp_path: Path, declaration: str) -> None:
    passage = "<passage><offset>0</offset><text>&b;</text></passage>"
    document = f"<document><id>1</id>{passage}</document>"
    with pytest.raises(DataError, match="refused"):
        list(bioc_xml.read(_file(tmp_path, f"<!DOCTYPE c [{declaration}]><collection>{document}</collection>")))


@pytest.mark.parametrize(
    ("inner", "words"),
    [
        ("<document><id>1</id><passage><offset>0</offset><text>a<i>b</i></text></passage></document>", "inside <text>"),
        ("<document><id>1</id><passage><offset>x</offset><text/></passage></document>", "offset 'x' is not a number"),
        (f"<document><id>1</id><passage><offset>{'1' * 5000}</offset></passage></document>", "is not a number"),
        ("<document><id>1</id><id>2</id></document>", "'id' occurs twice"),
        ("<PubmedArticle/>", "no element <PubmedArticle>"),
        ("<document><id>&nothing;</id></document>", "not XML"),
        ("<document><id>1</id>", "not XML"),
    ],
)
def test_xml_that_is_not_bioc_is_an_error_with_its_line(tmp_path: Path, inner: str, words: str) -> None:
    reading = _file(tmp_path, f"<collection>\n{inner}\n</collection>")
    with pytest.raises(DataError) as caught:
        list(bioc_xml.read(reading))
    assert words in caught.value.what
    assert caught.value.where.startswith(f"{reading.path}:")
    assert len(str(caught.value)) < 500


def test_of_a_value_that_occurs_twice_the_first_is_kept_on_repair(tmp_path: Path) -> None:
    infons = '<infon key="a">1</infon><infon key="a">2</infon>'
    text = f"<collection><document><id>1</id>{infons}<passage><offset>0</offset></passage></document></collection>"
    reading = Reading(_file(tmp_path, text).path, "en", "mine", "repair")
    (document,) = bioc_xml.read(reading)
    assert (document.meta["a"], reading.touched[0].done) == ("1", "kept the first")


RECORDS = [{**_document(_passage(0, '{liver} \\" x')), "id": str(number)} for number in range(3)]
ONE, TWO, THREE = map(json.dumps, RECORDS)
COLLECTION = '{"source": "s", "infons": {"a": "b"}, "documents": [%s], "version": {"x": [1, {"y": null}]}}'


@pytest.mark.parametrize(
    "text",
    [
        COLLECTION % f"{ONE},{TWO},{THREE}",
        COLLECTION % f"\n{ONE},\n{TWO}\n,{THREE}\n",
        json.dumps({"documents": RECORDS}, indent=1),
        json.dumps({"documents": RECORDS}).replace("[", "\n[", 1),
        f"[{COLLECTION % ONE}, {COLLECTION % f'{TWO}, {THREE}'}]",
        f"{ONE}\n{TWO}\n{THREE}\n",
        f"[{ONE}, {TWO}, {THREE}]",
    ],
)
def test_json_may_be_collections_or_documents_in_any_layout(tmp_path: Path, text: str) -> None:
    found = list(bioc_json.read(_file(tmp_path, text)))
    assert [document.id for document in found] == ["0", "1", "2"]
    assert {document.text for document in found} == {'{liver} \\" x'}


@pytest.mark.parametrize(
    ("text", "kept", "left_out"),
    [
        (COLLECTION % f"{ONE}, {TWO.replace(':', '', 1)}, {THREE}", 2, 1),
        ((COLLECTION % f"{ONE}, {TWO}, {THREE}")[:-120], 2, 1),
        (COLLECTION % f"{ONE}, nonsense and more, {TWO}, {THREE}", 3, 1),
        (f"{ONE}\n{TWO}]\n{THREE}", 3, 1),
        ("[" * 200, 0, 2),
        ("nonsense", 0, 1),
        ("5", 0, 1),
        ('{"documents": 5}', 0, 1),
    ],
)
def test_malformed_json_loses_no_more_than_the_record(tmp_path: Path, text: str, kept: int, left_out: int) -> None:
    reading = _file(tmp_path, text)
    with pytest.raises(DataError):
        list(bioc_json.read(reading))
    skipping = Reading(reading.path, "en", "mine", "skip")
    assert (len(list(bioc_json.read(skipping))), len(skipping.touched)) == (kept, left_out)


def test_a_line_that_cannot_be_read_spoils_the_documents_that_have_a_part_of_it(tmp_path: Path) -> None:
    file = tmp_path / "file"
    indented = json.dumps(RECORDS[1], indent=1).encode().replace(b"liver", b"li\xffver")
    file.write_bytes(b'{"documents": [\n' + ONE.encode() + b",\n" + indented + b",\n" + THREE.encode() + b"]\n}\xff")
    skipping = Reading(file, "en", "mine", "skip")
    assert [document.id for document in bioc_json.read(skipping)] == ["0", "2"]
    assert len(skipping.touched) == 2  # the second document, and the last line
    repairing = Reading(file, "en", "mine", "repair")
    assert "li\xffver" in [document.text[1:7] for document in bioc_json.read(repairing)]


_TEXTS = st.text(st.one_of(st.sampled_from(' \n\r\t<&>"]🧬\x85\u2028'), st.characters(exclude_categories=["Cs", "Cc"])))
_FREE = st.text(st.characters(exclude_categories=["Cs"]))


@st.composite
def _documents(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> list[Document]:
    made = []
    for _ in range(draw(st.integers(0, 3))):
        text = draw(texts)
        spans = []
        for _ in range(draw(st.integers(0, 3)) if text else 0):
            cuts = sorted(draw(st.sets(st.integers(0, len(text)), min_size=2, max_size=6)))
            label = draw(texts.filter(bool))
            spans.append(Span(tuple(zip(cuts[::2], cuts[1::2], strict=False)), label))
        keys = texts.filter(lambda key: key not in (DROPPED, PASSAGES))
        meta = draw(st.dictionaries(keys, texts, max_size=2)) | {PASSAGES: [[0, len(text), {}]]}
        made.append(Document(draw(texts), text, "en", tuple(spans), "mine", meta))
    return made


def _round(form: Any, folder: Path, documents: Iterable[Document]) -> tuple[list[Document], dict[str, int]]:
    lost = form.write(folder / "out", documents)
    return list(form.read(Reading(folder / "out", "en", "mine"))), dict(lost)


@pytest.mark.slow
@given(_documents(_TEXTS.map(lambda text: text.replace("\ufffe", "").replace("\uffff", ""))))
def test_reading_xml_that_was_written_gives_the_same(
    tmp_path_factory: pytest.TempPathFactory, given: list[Document]
) -> None:
    assert _round(bioc_xml, tmp_path_factory.mktemp("xml"), given) == (given, {})


@pytest.mark.slow
@given(_documents(_FREE))
def test_reading_json_that_was_written_gives_the_same(
    tmp_path_factory: pytest.TempPathFactory, given: list[Document]
) -> None:
    assert _round(bioc_json, tmp_path_factory.mktemp("json"), given) == (given, {})


@pytest.mark.parametrize("form", FORMS)
def test_passages_are_written_as_they_were_read(read: Read, form: Any, tmp_path: Path) -> None:
    title = _passage(2, "Toxic liver.", _annotation("liver", (8, 5)), type="title")
    body = _passage(20, "It harms.", _annotation("It", (20, 2)), _annotation("liver.     \nIt", (8, 14)))
    (document,), _ = read(_document(title, body, _passage(40, "")))
    (again,), lost = _round(form, tmp_path, [document])
    assert (again.text, again.meta, lost) == (document.text, document.meta, {})
    assert sorted(again.spans, key=str) == sorted(document.spans, key=str)


@pytest.mark.parametrize("noted", [None, [], 5, [[0, 3]], [[0, 3, {}]], [["a", 2, {}]], [[4, 9, {}], [0, 3, {}]]])
@pytest.mark.parametrize("form", FORMS)
def test_a_text_whose_passages_are_not_known_is_one_passage(form: Any, tmp_path: Path, noted: Any) -> None:
    document = Document("a", "Toxic liver", "en", (Span.of(6, 11, "Organ"),), "mine", {PASSAGES: noted})
    (again,), _ = _round(form, tmp_path, [document])
    assert (again.text, again.spans, again.meta) == (document.text, document.spans, {PASSAGES: [[0, 11, {}]]})


def test_what_a_form_cannot_hold_is_counted(tmp_path: Path) -> None:
    meta = {"year": 1999, "journal": "x", DROPPED: {"relation": 3}}
    document = Document("a\0", "a\x0cb", "en", (Span.of(0, 3, "Gene", 0.5),), "mine", meta)
    (from_json,), lost = _round(bioc_json, tmp_path, [document])
    assert (from_json.text, from_json.id, from_json.meta["year"], lost) == ("a\x0cb", "a\0", 1999, {"score": 1})
    (from_xml,), lost = _round(bioc_xml, tmp_path, [document])
    assert lost == {"score": 1, "meta": 1, "characters written as blanks": 3}
    assert (from_xml.text, from_xml.id, from_xml.spans) == ("a b", "a ", (Span.of(0, 3, "Gene"),))
    assert from_xml.meta["journal"] == "x"
