"""Two model folders, tensor by tensor."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file

from bioner.rebuild.weights import compare_folders

Tensors = dict[str, torch.Tensor]


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    made, registered = tmp_path / "made", tmp_path / "registered"
    for folder in (made, registered):
        (folder / "inner").mkdir(parents=True)
        (folder / "inner/tokenizer.json").write_text("{}", encoding="utf-8")
        save_file({"a": torch.ones(2, 3), "b": torch.zeros(4, dtype=torch.bfloat16)}, folder / "w.safetensors")
    return made, registered


def said(folders: tuple[Path, Path], tensors: Tensors | None = None) -> list[str]:
    if tensors is not None:
        save_file(tensors, folders[0] / "w.safetensors")
    return [str(found) for found in compare_folders(*folders)]


def test_equal_folders_differ_in_nothing(folders: tuple[Path, Path]) -> None:
    assert said(folders) == []


def test_each_tensor_that_differs_is_named_with_its_largest_difference(folders: tuple[Path, Path]) -> None:
    other = {"a": torch.ones(2, 3), "b": torch.tensor([0, 0, 0.5, 0.25], dtype=torch.bfloat16)}
    assert said(folders, other) == ["w.safetensors, tensor b: the largest difference is 0.5"]
    assert compare_folders(*folders)[0].largest == 0.5


def test_shapes_types_and_missing_tensors_are_named(folders: tuple[Path, Path]) -> None:
    assert said(folders, {"a": torch.ones(3, 2), "c": torch.ones(1)}) == [
        "w.safetensors, tensor b: only one of the two has it",
        "w.safetensors, tensor c: only one of the two has it",
        "w.safetensors, tensor a: is float32 [3, 2], was float32 [2, 3]",
    ]


def test_a_value_that_is_no_number_differs_without_end_unless_both_have_it(folders: tuple[Path, Path]) -> None:
    none = torch.full((2, 3), float("nan"))
    assert "inf" in said(folders, {"a": none, "b": torch.zeros(4, dtype=torch.bfloat16)})[0]
    save_file({"a": none, "b": torch.ones(4, dtype=torch.bfloat16)}, folders[1] / "w.safetensors")
    assert said(folders) == ["w.safetensors, tensor b: the largest difference is 1"]


def test_other_files_differ_by_their_bytes(folders: tuple[Path, Path]) -> None:
    made, registered = folders
    (made / "inner/tokenizer.json").write_text("[]", encoding="utf-8")
    (made / "new.txt").touch()
    (registered / "old.txt").touch()
    (made / "w.safetensors").write_bytes(b"torn")
    assert said(folders) == [
        "inner/tokenizer.json: other bytes",
        "new.txt: only the rebuilt model has it",
        "old.txt: it is not there",
        "w.safetensors: other bytes, and not both are safetensors",
    ]


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=5), st.data())
def test_the_largest_difference_is_that_of_the_values(
    tmp_path_factory: pytest.TempPathFactory, values: list[float], data: st.DataObject
) -> None:
    others = data.draw(st.lists(st.floats(-1e6, 1e6, width=32), min_size=len(values), max_size=len(values)))
    root = tmp_path_factory.mktemp("folders")
    for name, numbers in (("made", values), ("registered", others)):
        (root / name).mkdir()
        save_file({"a": torch.tensor(numbers)}, root / name / "w.safetensors")
    found = compare_folders(root / "made", root / "registered")
    expected = max(abs(one - other) for one, other in zip(values, others, strict=True))
    assert (found[0].largest if found and found[0].largest else 0.0) == expected
