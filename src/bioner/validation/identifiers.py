"""Personal identifiers: numbers and addresses in a text that may lead to one person, found by their form.

What is looked for has a form of its own, or a word before it that says what it is. Names, birthdays and postal
addresses have neither and are not found: that takes a model. What only looks like an identifier costs one row.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import date

from bioner.config import IDENTIFIERS, Identifier

_HIDDEN = "•"
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # full-width forms -> ASCII, character by character

# Patterns are read as ASCII: a Chinese character is no part of a word, and may stand beside a number without a blank.
_PHONE = (
    r"(?<![\w+])\+[1-9](?:[ ().-]{0,2}\d){8,14}(?!\d)",  # international: a plus and 9 to 15 digits
    r"(?<![\w.+-])1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![\w-])(?!\.\d)",  # a Chinese mobile
    r"(?<![\w.+-])0\d{2,3}-\d{7,8}(?![\w-])",  # a Chinese landline
    r"(?<![\w.+-])(?:\([2-9]\d\d\) ?|[2-9]\d\d[.-])[2-9]\d\d[.-]\d{4}(?![\w-])",  # North American
    r"(?i:\b(?:(?:tele)?phone|tel|mobile|fax)(?: number| no)?|电话|手机号?码?)"
    r"[:. 为是]{0,3}\+?\(?\d(?:[ ().-]{0,2}\d){5,14}(?!\d)",  # anywhere, where the word says so
)
_RECORD = (
    r"(?i:\b(?:MRN|(?:medical record|hospital|patient|insurance)(?: number| no| id)))[:.# ]{0,3}[A-Z]{0,3}-?\d{5,}",
    r"\bNHS(?: number| no)?[:. ]{0,3}\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)",
    r"(?:病历|病案|住院|门诊|就诊卡|身份证|医保|社保|患者)(?:号码?|编号|ID)[: 为是]{0,3}[A-Za-z]{0,3}-?\d{4,}",
)
_FORMS: Mapping[Identifier, tuple[str, ...]] = {
    "email": (r"(?<![\w.%+-])[\w.%+-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}",),
    "phone": _PHONE,
    "resident_id": (r"(?<!\w)\d{17}[\dXx](?!\w)",),
    "social_security": (r"(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d\d-(?!0000)\d{4}(?![\w-])",),
    "record_number": _RECORD,
}
_PATTERNS = {kind: re.compile("|".join(forms), re.ASCII) for kind, forms in _FORMS.items()}


def find_identifiers(text: str, kinds: Collection[Identifier]) -> list[tuple[Identifier, int, int]]:
    """What may identify a person: its kind and its offsets in the text; what is of two kinds is found twice."""
    plain = text.translate(_WIDE)
    return [
        (kind, *match.span())
        for kind in kinds
        for match in _PATTERNS[kind].finditer(plain)
        if kind != "resident_id" or _is_resident_id(match.group())
    ]


def masked(text: str) -> str:
    """The text with every character of an identifier of any kind hidden; offsets stay."""
    characters = list(text)
    for _, start, end in find_identifiers(text, IDENTIFIERS):
        characters[start:end] = _HIDDEN * (end - start)
    return "".join(characters)


def _is_resident_id(number: str) -> bool:
    """Whether 18 characters hold a birthday and end with their check character (GB 11643-1999, ISO 7064 MOD 11-2)."""
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    weighted = sum(int(digit) * pow(2, 17 - place, 11) for place, digit in enumerate(number[:17]))
    return "10X98765432"[weighted % 11] == number[17].upper()
