"""What goes wrong with files: each mutation is a function of the bytes of a file and of a source of random numbers."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

Mutation = Callable[[bytes, random.Random], bytes]

_NUMBER = re.compile(rb"(?<![\w.])\d+(?![\w.])")
_KEY = re.compile(rb'"[A-Za-z_]+"(?=\s*:)')
_ODD_NUMBERS = (
    b"NaN",
    b"-Infinity",
    b"1e999",
    b"1.5",
    b"-0",
    b"9" * 5000,
    b"1" * 25,
    "١٢".encode(),
    b"\xc2\xb2",
    b"null",
)
_BOMB = (
    b'<!DOCTYPE x [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
    + b"]>"
)
_EXTERNAL = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


def _place(data: bytes, rng: random.Random) -> int:
    return rng.randrange(len(data) + 1)


def _lines(data: bytes, rng: random.Random) -> tuple[list[bytes], int, int]:
    """The lines, and the numbers of two of them."""
    lines = data.split(b"\n")
    return lines, rng.randrange(len(lines)), rng.randrange(len(lines))


def _insert(data: bytes, rng: random.Random, what: bytes) -> bytes:
    at = _place(data, rng)
    return data[:at] + what + data[at:]


def _number(data: bytes, rng: random.Random, change: Callable[[int], bytes]) -> bytes:
    """Change one of the whole numbers, or up to five."""
    found = list(_NUMBER.finditer(data))
    for match in sorted(rng.sample(found, min(len(found), rng.choice((1, 1, 5)))), key=lambda m: -m.start()):
        data = data[: match.start()] + change(int(match[0][:18])) + data[match.end() :]
    return data


def truncated(data: bytes, rng: random.Random) -> bytes:
    return data[: _place(data, rng)]


def headless(data: bytes, rng: random.Random) -> bytes:
    return data[_place(data, rng) :]


def bytes_flipped(data: bytes, rng: random.Random) -> bytes:
    found = bytearray(data)
    for _ in range(rng.choice((1, 3, 20)) if found else 0):
        found[rng.randrange(len(found))] ^= 1 << rng.randrange(8)
    return bytes(found)


def bytes_removed(data: bytes, rng: random.Random) -> bytes:
    start = _place(data, rng)
    return data[:start] + data[start + rng.choice((1, 10, 500)) :]


def bytes_repeated(data: bytes, rng: random.Random) -> bytes:
    start = _place(data, rng)
    return data[:start] + data[start : start + rng.choice((1, 10, 500))] + data[start:]


def random_bytes(data: bytes, rng: random.Random) -> bytes:
    return _insert(data, rng, rng.randbytes(rng.choice((1, 50))))


def lines_swapped(data: bytes, rng: random.Random) -> bytes:
    lines, one, other = _lines(data, rng)
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def line_removed(data: bytes, rng: random.Random) -> bytes:
    lines, one, _ = _lines(data, rng)
    return b"\n".join(lines[:one] + lines[one + 1 :])


def line_repeated(data: bytes, rng: random.Random) -> bytes:
    lines, one, other = _lines(data, rng)
    return b"\n".join([*lines[:other], lines[one], *lines[other:]])


def line_ends_removed(data: bytes, rng: random.Random) -> bytes:
    lines, one, _ = _lines(data, rng)
    return b"\n".join(lines[:one]) + b"".join(lines[one:])


def latin_1(data: bytes, rng: random.Random) -> bytes:
    return _insert(data.decode("utf-8", "replace").encode("latin-1", "replace"), rng, "é µ".encode("latin-1"))


def gb18030(data: bytes, rng: random.Random) -> bytes:
    return _insert(data, rng, "肝炎".encode()).decode("utf-8", "replace").encode("gb18030", "replace")


def utf_16(data: bytes, rng: random.Random) -> bytes:
    return data.decode("utf-8", "replace").encode(rng.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-32")), "replace")


def byte_order_mark(data: bytes, rng: random.Random) -> bytes:
    return b"\xef\xbb\xbf" * rng.choice((1, 2)) + data


def crlf(data: bytes, rng: random.Random) -> bytes:
    return data.replace(b"\n", rng.choice((b"\r\n", b"\r\r\n")))


def lone_cr(data: bytes, rng: random.Random) -> bytes:
    return data.replace(b"\n", b"\r", rng.choice((-1, 1, 5)))


def other_line_ends(data: bytes, rng: random.Random) -> bytes:
    return _insert(data, rng, rng.choice(("\u2028", "\x85", "\x0b", "\x0c", "\x1c", "\u3000")).encode())


def nul(data: bytes, rng: random.Random) -> bytes:
    return _insert(data, rng, b"\0" * rng.choice((1, 100)))


def long_line(data: bytes, rng: random.Random) -> bytes:
    return _insert(data, rng, rng.choice((b"x", b"x ", b"\t", b"|", b'"', b"\\", b"1")) * 50_000)


def far_offsets(data: bytes, rng: random.Random) -> bytes:
    return _number(data, rng, lambda number: b"%d" % (number + rng.choice((1, 7, 1000, 1 << 40))))


def negative_offsets(data: bytes, rng: random.Random) -> bytes:
    return _number(data, rng, lambda number: b"-%d" % (number + 1))


def zero_offsets(data: bytes, rng: random.Random) -> bytes:
    return _number(data, rng, lambda _: b"0")


def odd_numbers(data: bytes, rng: random.Random) -> bytes:
    return _number(data, rng, lambda _: rng.choice(_ODD_NUMBERS))


def swapped_offsets(data: bytes, rng: random.Random) -> bytes:
    """Two numbers that follow each other change places, so that a mention ends before it starts, or overlaps."""
    found = list(_NUMBER.finditer(data))
    if len(found) < 2:
        return data
    index = rng.randrange(len(found) - 1)
    one, two = found[index], found[index + 1]
    return data[: one.start()] + two[0] + data[one.end() : two.start()] + one[0] + data[two.end() :]


def equal_keys(data: bytes, rng: random.Random) -> bytes:
    """A key of a JSON object takes the name of another one."""
    found = list(_KEY.finditer(data))
    if not found:
        return data
    one, other = rng.choice(found), rng.choice(found)
    return data[: one.start()] + other[0] + data[one.end() :]


def other_values(data: bytes, rng: random.Random) -> bytes:
    """What follows a key of a JSON object is of another type."""
    found = list(_KEY.finditer(data))
    if not found:
        return data
    key = rng.choice(found)
    value = rng.choice((b"[]", b"{}", b"true", b"null", b'""', b'"\\ud800"', b"3", b'"\\u0000"', b"[[]]", b"[null]"))
    return data[: key.end()] + b": " + value + b', "rest"' + data[key.end() :]


def deep_nesting(data: bytes, rng: random.Random) -> bytes:
    return _insert(data, rng, rng.choice((b"[", b'{"a":', b"<a>", b"(", b"{", b'[{"a":')) * 20_000)


def stray_marks(data: bytes, rng: random.Random) -> bytes:
    for _ in range(rng.choice((1, 5))):
        mark = rng.choice(
            (b'"', b"\t", b",", b"|", b"|||", b"{", b"}", b"[", b"]", b"<", b">", b"&", b"\\", b"\n", b"\n\n")
        )
        data = _insert(data, rng, mark)
    return data


def marks_removed(data: bytes, rng: random.Random) -> bytes:
    return data.replace(rng.choice((b"\t", b" ", b'"', b",", b"|", b"-", b"<", b"\n\n")), b"", rng.choice((1, 5, -1)))


def entity_bomb(data: bytes, rng: random.Random) -> bytes:
    """Declares XML entities after the XML declaration, if there is one, and uses one in the middle."""
    at = data.find(b"?>") + 2 if data.startswith(b"<?xml") else 0
    middle = data.find(b">", _place(data, rng)) + 1
    rest = data[at:middle] + b"&a;&j;" + data[middle:] if middle > at else b"&j;" + data[at:]
    return data[:at] + rng.choice((_BOMB, _EXTERNAL)) + rest


def empty(_data: bytes, _rng: random.Random) -> bytes:
    return b""


MUTATIONS: tuple[Mutation, ...] = (
    truncated,
    headless,
    bytes_flipped,
    bytes_removed,
    bytes_repeated,
    random_bytes,
    lines_swapped,
    line_removed,
    line_repeated,
    line_ends_removed,
    latin_1,
    gb18030,
    utf_16,
    byte_order_mark,
    crlf,
    lone_cr,
    other_line_ends,
    nul,
    long_line,
    far_offsets,
    negative_offsets,
    zero_offsets,
    odd_numbers,
    swapped_offsets,
    equal_keys,
    other_values,
    deep_nesting,
    stray_marks,
    marks_removed,
    entity_bomb,
    empty,
)


def mutate(data: bytes, number: int, rng: random.Random) -> tuple[str, bytes]:
    """The `number`-th mutation of a file, and now and then a second one: their names and the bytes."""
    chosen = [MUTATIONS[number % len(MUTATIONS)], *([rng.choice(MUTATIONS)] if rng.random() < 0.25 else [])]
    for mutation in chosen:
        data = mutation(data, rng)
    return " and ".join(mutation.__name__ for mutation in chosen), data
