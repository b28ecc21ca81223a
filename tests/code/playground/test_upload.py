"""Uploads: what is taken, and how names, sizes and contents that are not are refused."""

from __future__ import annotations

import json

import pytest

from bioner.documents import Document, Span
from bioner.playground.upload import read_upload
from bioner.serving.limits import Limits
from bioner.serving.refusal import RefusedError

LIMITS = Limits(documents=3, characters=20)


def lines(*documents: Document) -> bytes:
    """Documents as JSON Lines."""
    return "".join(json.dumps(document.to_record()) + "\n" for document in documents).encode()


def test_a_text_is_one_document_with_the_name_of_the_file() -> None:
    (found,) = read_upload("a letter.TXT", "患者发热".encode(), LIMITS)
    assert (found.id, found.text, found.language) == ("a letter.TXT", "患者发热", "zh")


def test_documents_come_without_annotations_and_empty_ones_are_left_out() -> None:
    raw = lines(Document("a", "aspirin", "en", (Span.of(0, 7, "drug"),)), Document("b", " \n", "en"))
    assert read_upload("x.jsonl", raw, LIMITS) == [Document("a", "aspirin", "en")]


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.txt", "/etc/passwd.txt", r"C:\secret\passwd.txt", "x/..//passwd.txt"]
)
def test_a_path_is_no_name(name: str) -> None:
    assert read_upload(name, b"fever", LIMITS)[0].id == "passwd.txt"


@pytest.mark.parametrize("name", ["<b>\0\n.txt", "é" * 5000 + ".txt", "%2e%2e%2fx.txt"])
def test_a_strange_name_becomes_a_plain_one(name: str) -> None:
    found = read_upload(name, b"fever", LIMITS)[0].id
    assert len(found) <= 100
    assert not set(found) & set("<>\0\n/%")


@pytest.mark.parametrize(
    ("name", "raw", "status", "reason"),
    [
        ("x.exe", b"MZ", 415, "plain text"),
        ("", b"text", 415, "plain text"),
        ("x.txt.gz", b"text", 415, "plain text"),
        ("x.txt", b"\xff\xfe", 422, "not UTF-8"),
        ("x.txt", b" \n", 422, "no text in the file"),
        ("x.txt", b"a\0b", 422, "NUL"),
        ("x.txt", b"a" * 21, 413, "21 characters"),
        ("x.jsonl", b"{", 422, "x.jsonl:1: not JSON"),
        ("x.jsonl", b'{"id": 1}', 422, "x.jsonl:1"),
        ("x.jsonl", b"[" * 100_000, 422, "x.jsonl:1"),
        ("x.jsonl", lines(*(Document(str(n), "a", "en") for n in range(4))), 413, "4 documents"),
        ("x.jsonl", lines(Document("a", "a", "en"), Document("a", "b", "en")), 422, "already used"),
        ("x.jsonl", b'{"id": "a", "text": "a\\ud800", "language": "en"}', 422, "surrogate"),
    ],
)
def test_what_is_refused(name: str, raw: bytes, status: int, reason: str) -> None:
    with pytest.raises(RefusedError) as caught:
        read_upload(name, raw, LIMITS)
    assert caught.value.status == status
    assert reason in caught.value.reason
    assert "upload." not in caught.value.reason
