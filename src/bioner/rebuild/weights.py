"""Two model folders file by file: other bytes, and how far apart tensors are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_WEIGHTS = ".safetensors"


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs between two model folders.

    Attributes:
        file: the file, relative to the folders.
        tensor: its tensor; empty for a whole file.
        what: how they differ, in words.
        largest: the largest difference of two values; `None` where there are none to compare.
    """

    file: str
    tensor: str
    what: str
    largest: float | None = None

    def __str__(self) -> str:
        return f"{self.file}{f', tensor {self.tensor}' if self.tensor else ''}: {self.what}"


def compare_folders(made: Path, registered: Path) -> tuple[Difference, ...]:
    """Every file that is not the same byte by byte, and every tensor of it that is not."""
    names = {
        path.relative_to(root).as_posix() for root in (made, registered) for path in root.rglob("*") if path.is_file()
    }
    return tuple(found for name in sorted(names) for found in _file(name, made / name, registered / name))


def _file(name: str, made: Path, registered: Path) -> Iterator[Difference]:
    if not made.is_file() or not registered.is_file():
        yield Difference(name, "", "it is not there" if registered.is_file() else "only the rebuilt model has it")
    elif made.read_bytes() != registered.read_bytes():
        yield from (
            _tensors(name, made, registered) if name.endswith(_WEIGHTS) else [Difference(name, "", "other bytes")]
        )


def _tensors(name: str, made: Path, registered: Path) -> Iterator[Difference]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(made, "pt") as one, safe_open(registered, "pt") as other:
            keys = set(one.keys()) | set(other.keys())
            common = set(one.keys()) & set(other.keys())
            found = [Difference(name, key, "only one of the two has it") for key in sorted(keys - common)]
            for key in sorted(common):
                found += _values(name, key, one.get_tensor(key), other.get_tensor(key))
    except SafetensorError:
        found = [Difference(name, "", "other bytes, and not both are safetensors")]
    yield from found or [Difference(name, "", "other bytes around the same tensors")]


def _values(name: str, key: str, one: Any, other: Any) -> Iterator[Difference]:
    if one.shape != other.shape or one.dtype != other.dtype:
        kinds = (f"{str(t.dtype).removeprefix('torch.')} {list(t.shape)}" for t in (one, other))
        yield Difference(name, key, "is {}, was {}".format(*kinds))
        return
    apart = (one.double() - other.double()).abs().nan_to_num(nan=float("inf"))
    apart[one.isnan() & other.isnan()] = 0.0
    largest = float(apart.max()) if apart.numel() else 0.0
    if largest:
        yield Difference(name, key, f"the largest difference is {largest:.3g}", largest)
