"""Identifiers: what is one is found and hidden; the numbers that biomedical texts are full of are not taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bioner.config import IDENTIFIERS, Identifier
from bioner.validation.identifiers import find_identifiers, masked


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("Write to j.doe+study@clinic.example.org.", "email", "j.doe+study@clinic.example.org"),
        ("邮箱zhang_3@example.cn，", "email", "zhang_3@example.cn"),
        ("Ring +44 20 7946 0958 now", "phone", "+44 20 7946 0958"),
        ("from (212) 555-0147.", "phone", "(212) 555-0147"),
        ("from 212-555-0147", "phone", "212-555-0147"),
        ("telephone number: 5550 1470", "phone", "telephone number: 5550 1470"),
        ("联系13800138000，", "phone", "13800138000"),
        ("联系１３８００１３８０００", "phone", "１３８００１３８０００"),
        ("手机号为 138-0013-8000", "phone", "手机号为 138-0013-8000"),
        ("热线010-12345678", "phone", "010-12345678"),
        ("身份证11010519491231002x，", "resident_id", "11010519491231002x"),
        ("440524188001010014", "resident_id", "440524188001010014"),
        ("her number 078-05-1120", "social_security", "078-05-1120"),
        ("MRN 123456", "record_number", "MRN 123456"),
        ("(Hospital no. A-884213)", "record_number", "Hospital no. A-884213"),
        ("patient ID: 0088421", "record_number", "patient ID: 0088421"),
        ("NHS number 943 476 5919", "record_number", "NHS number 943 476 5919"),
        ("病历号：A004512", "record_number", "病历号：A004512"),
        ("患者编号为20231", "record_number", "患者编号为20231"),
    ],
)
def test_an_identifier_is_found_by_its_kind(text: str, kind: Identifier, found: str) -> None:
    assert [text[start:end] for _, start, end in find_identifiers(text, [kind])] == [found]
    assert masked(text) == text.replace(found, "•" * len(found))


@pytest.mark.parametrize(
    "text",
    [
        "Aspirin (CAS 50-78-2) at 100-200 mg, 1.5-2.5 h, P = 0.0012.",
        "Trials NCT01234567, ChiCTR1900021234 and ISRCTN12345678; grant 5R01-CA123456-03.",
        "From 2010-2015, 12 345 patients of 1,234,567 had 3.2 x 10^9 cells; 13.8 and 18612345.6789.",
        "doi 10.1016/j.cell.2019.05.031, PMID 31178118, rs1333049 at chr9:22125503-22125913",
        "The patient number rose to 12000; NHS 2019-2020; hospital no 12; telephone interviews in 2009.",
        "The 18-digit code 110105194912310021 fails its check, and 110105199913310029 has no such month.",
        "Ca2+ 100 200 300 400, +12 kg, [M+H]+ 345.1234, EC 1.14.14.1, and 900-12-3456",
        "体温38.5℃，血压120/80mmHg，2019年12月31日入院，住院号码表共12页，患者编号。",
        "mobile 3 days later; fax; tel-eN-3; @home user@localhost",
        "",
    ],
)
def test_other_numbers_are_none(text: str) -> None:
    assert find_identifiers(text, IDENTIFIERS) == []
    assert masked(text) == text


def test_only_the_kinds_asked_for_are_looked_for() -> None:
    text = "a@example.org or 212-555-0147"
    assert [kind for kind, _, _ in find_identifiers(text, ["phone"])] == ["phone"]
    assert find_identifiers(text, []) == []


@given(st.text("0123456789-+(). @aX年：０", max_size=40))
def test_offsets_lie_in_the_text_and_masking_keeps_them(text: str) -> None:
    assert len(masked(text)) == len(text)
    for _, start, end in find_identifiers(text, IDENTIFIERS):
        assert 0 <= start < end <= len(text)
        assert masked(text)[start:end] == "•" * (end - start)


def test_a_long_line_takes_no_time() -> None:
    for unit in ("a", "1", "1 ", "+1", "(2", "tel 1", "病历号"):
        assert find_identifiers(unit * (20_000 // len(unit)), IDENTIFIERS) is not None
