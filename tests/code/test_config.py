"""Params: a good file is typed and frozen; every mistake is one clear message that names the key and the mend."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bioner.config import (
    Variant,
    load_params,
    merge,
    merge_all,
    parse_params,
    profile_names,
    read_overlays,
    read_yaml,
)
from bioner.config.presets import PRESETS, TAGGER_PRESETS
from bioner.errors import ConfigError

Tree = dict[str, Any]
# keys below these are the user's own
_OWN_NAMES = {"corpora", "types", "variants", "models", "labels", "limit", "splits", "quality"}


@pytest.fixture(scope="session")
def good(repository: Path) -> Tree:
    """The repository's own params."""
    return read_yaml(repository / "params.yaml")


def changed(tree: Tree, path: str, value: Any) -> Tree:
    """A copy with one key set; the path may make new keys."""
    copied = copy.deepcopy(tree)
    *sections, key = path.split(".")
    section = copied
    for name in sections:
        section = section.setdefault(name, {})
    section[key] = value
    return copied


def refused(tree: Tree) -> str:
    """The message about a tree that is not accepted."""
    with pytest.raises(ConfigError) as caught:
        parse_params(tree, "params.yaml")
    assert caught.value.where == "params.yaml"
    assert caught.value.mend
    return caught.value.what


def test_the_repositorys_params_are_good(repository: Path) -> None:
    params = load_params(repository / "params.yaml")
    assert set(params.entity_types.keys) == set(params.types)
    assert {corpus.language for corpus in params.corpora.values()} == {"en", "zh"}


def test_every_profile_is_good(repository: Path, good: Tree) -> None:
    for name in profile_names(repository):
        parse_params(merge_all(good, read_overlays(repository, name)), name)


def test_params_cannot_be_changed(good: Tree) -> None:
    params = parse_params(good, "params.yaml")
    with pytest.raises(ValidationError, match="frozen"):
        params.seed = 5
    with pytest.raises(ValidationError, match="frozen"):
        params.tagger.steps = 5


def _keys(tree: Tree, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths of all keys whose names the project chose."""
    for key, value in tree.items():
        if not path or path[-1] not in _OWN_NAMES:
            own = len(path) > 1 and path[0] == "types" and path[-1] not in _OWN_NAMES and len(path) == 2
            if not own:
                yield (*path, key)
        if isinstance(value, dict):
            yield from _keys(value, (*path, key))


def test_a_typo_in_any_key_names_it_and_suggests_the_right_one(good: Tree) -> None:
    paths = [path for path in _keys(good) if not (path[0] == "types" and len(path) == 3)]
    assert len(paths) > 80
    for *sections, key in paths:
        tree = copy.deepcopy(good)
        section = tree
        for name in sections:
            section = section[name]
        section[key + "x"] = section.pop(key)
        message = refused(tree)
        assert f"unknown key {'.'.join([*sections, key])}x (did you mean {key}?)" in message


def test_a_key_that_resembles_none_lists_the_known_ones(good: Tree) -> None:
    message = refused(changed(good, "evaluate.qqq", 1))
    assert message == "unknown key evaluate.qqq (known: batch_size, resamples, confidence)"


def test_a_wrong_key_in_a_section_that_may_be_null_is_named(good: Tree) -> None:
    message = refused(changed(good, "finetune.early_stopping", {"every": 10, "patient": 3}))
    assert "unknown key finetune.early_stopping.patient (did you mean patience?)" in message


def test_only_a_phase_that_has_dev_data_stops_early(good: Tree) -> None:
    stopping = {"every": 10, "patience": 3}
    tree = changed(good, "finetune.early_stopping", stopping)
    early = parse_params(tree, "params.yaml").finetune.early_stopping
    assert early is not None
    assert early.patience == 3
    assert "pretrain.early_stopping" in refused(changed(good, "pretrain.early_stopping", stopping))


def test_a_missing_key_is_named(good: Tree) -> None:
    tree = copy.deepcopy(good)
    del tree["tagger"]["steps"], tree["seed"]
    message = refused(tree)
    assert "the key tagger.steps is missing" in message
    assert "the key seed is missing" in message


@pytest.mark.parametrize(
    ("path", "value", "parts"),
    [
        ("tagger.steps", "many", ["tagger.steps", "integer", "'many'"]),
        ("tagger.steps", "150", ["tagger.steps", "integer", "'150'"]),
        ("tagger.steps", True, ["tagger.steps", "integer", "True"]),
        ("tagger.steps", 0, ["tagger.steps", "greater than or equal to 1", "0"]),
        ("threads", [2], ["threads", "integer", "[2]"]),
        ("tagger.learning_rate", "fast", ["tagger.learning_rate", "number", "'fast'"]),
        ("tagger.learning_rate", 1.0, ["tagger.learning_rate", "less than 1"]),
        ("curate", 5, ["curate"]),
        ("tagger.layers", 0, ["tagger.layers", "greater than or equal to 1", "'all'"]),
        ("tagger.preset", "gpt", ["tagger.preset", "'glm-4-9b-qlora'", "'gpt'"]),
        ("tagger.quantise", "int8", ["tagger.quantise", "'nf4'", "'int8'"]),
        ("tagger.language_temperature", 0, ["tagger.language_temperature", "greater than 0"]),
        ("tagger.loss", "dice", ["tagger.loss", "'decisions' or 'copy'", "'dice'"]),
        ("corpora", {}, ["corpora", "at least 1 item"]),
        ("corpora.sample-en", None, ["corpora.sample-en"]),
        ("corpora.sample-en.language", False, ["corpora.sample-en.language", "string"]),
        ("corpora.sample-en.format", "pubtatr", ["corpora.sample-en.format", "'pubtator'", "'pubtatr'"]),
        ("corpora.sample-en.splits.trian", "x", ["corpora.sample-en.splits.trian", "'train'"]),
        ("corpora.sample-en.labels", {"Chemical": "chemical"}, ["corpora.sample-en.labels", "'chemical'", "disease"]),
        ("corpora.sample-en.language", "de", ["types.disease", "'de'", "corpora.sample-en"]),
        ("corpora.a b", {"path": "x"}, ["corpora.a b", "pattern"]),
        ("gliner.variants.mini/2", {}, ["gliner.variants.mini/2", "pattern"]),
        ("types.disease.en.name", "", ["types.disease.en.name", "at least 1 character"]),
        ("types.disease.en.synonyms", ["Illness", "illness"], ["types.disease.en.synonyms", "'illness'", "already"]),
        ("types.disease.en.synonyms", ["drug"], ["types.disease.en.synonyms", "'drug'", "already"]),
        ("types.disease.en.synonyms", [""], ["types.disease.en.synonyms", "at least 1 character"]),
        ("finetune.sampling.label_dropout", 1.5, ["finetune.sampling.label_dropout", "less than or equal to 1"]),
        ("finetune.sampling.definitions", 1.1, ["finetune.sampling.definitions", "less than or equal to 1"]),
        ("selector.own_errors", {"sentences": 9, "folds": 1}, ["selector.own_errors", "one fold", "0, or 2"]),
        ("selector.own_errors", {"folds": 2}, ["selector.own_errors.sentences is missing"]),
        ("selector.aim", "recall", ["selector.aim", "'f1' or 'precision'", "'recall'"]),
        ("selector.caution", -1.0, ["selector.caution", "greater than or equal to 0"]),
        ("registry.gliner.model", "tagger", ["registry.gliner.model", "'tagger'", "gliner-mini"]),
        ("registry.tagger.model", "none", ["registry.tagger.model", "'none'"]),
        ("validate.density_ratio", [3.0, 0.3], ["validate", "3.0", "0.3"]),
    ],
)
def test_a_wrong_value_names_the_key_and_what_was_found(good: Tree, path: str, value: Any, parts: list[str]) -> None:
    message = refused(changed(good, path, value))
    assert "Value error" not in message
    for part in parts:
        assert part in message


def test_a_type_is_asked_for_by_one_wording_at_a_time(good: Tree) -> None:
    message = refused(changed(changed(good, "pretrain.sampling.synonyms", 0.7), "pretrain.sampling.definitions", 0.4))
    assert message == "pretrain.sampling: synonyms (0.7) and definitions (0.4) exceed 1 together"


def test_corpora_in_tables_name_their_column_and_only_they(good: Tree) -> None:
    table = {**good["corpora"]["sample-text-en"], "format": "csv"}
    assert "`column`" in refused(changed(good, "corpora.sample-text-en", table))
    assert "`column`" in refused(changed(good, "corpora.sample-en.column", "text"))
    for column in ("text", 2):
        params = parse_params(changed(good, "corpora.sample-text-en", {**table, "column": column}), "params.yaml")
        assert params.corpora["sample-text-en"].column == column


def test_a_name_with_a_dot_would_be_two_keys(good: Tree) -> None:
    tree = copy.deepcopy(good)
    tree["corpora"]["v1.0"] = tree["corpora"]["sample-en"]
    assert "corpora.v1.0" in refused(tree)


def test_all_mistakes_are_told_at_once(good: Tree) -> None:
    message = refused(changed(changed(good, "sead", 1), "tagger.steps", "x"))
    assert "sead (did you mean seed?)" in message
    assert "tagger.steps" in message


@pytest.mark.parametrize(
    ("content", "what"),
    [(None, "No such file"), (b"seed: [1", "not YAML"), (b"- 1\n- 2\n", "not a mapping"), (b"\xff\xfe", "not YAML")],
)
def test_a_file_that_is_no_params_file(tmp_path: Path, content: bytes | None, what: str) -> None:
    file = tmp_path / "params.yaml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError, match=what) as caught:
        load_params(file)
    assert caught.value.where == str(file)


def test_a_null_in_an_overlay_removes_a_key_also_in_what_is_new() -> None:
    base = {"corpora": {"a": {"path": "x"}, "b": {"path": "y"}}, "seed": 1}
    over = {"corpora": {"a": None, "c": {"path": "z", "labels": None}}, "none": None}
    assert merge(base, over) == {"corpora": {"b": {"path": "y"}, "c": {"path": "z"}}, "seed": 1}


def test_an_overlay_replaces_lists_and_values() -> None:
    assert merge({"a": [1, 2], "b": {"c": 1}, "d": 1}, {"a": [3], "b": 2, "d": {"e": 1}}) == {
        "a": [3],
        "b": 2,
        "d": {"e": 1},
    }


_LEAF = st.integers() | st.text(max_size=2) | st.lists(st.integers(), max_size=2)
_TREE = st.recursive(
    st.dictionaries(st.sampled_from("abc"), _LEAF, max_size=3),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner | _LEAF, max_size=3),
    max_leaves=6,
)


@given(_TREE, _TREE)
def test_merging_is_what_it_says_and_changes_neither(base: Tree, over: Tree) -> None:
    before = copy.deepcopy((base, over))
    merged = merge(base, over)
    assert (base, over) == before
    assert merge(base, {}) == merge(base, base) == base
    assert merge(merged, over) == merged
    assert {key: merged[key] for key in merged if key not in over} == {k: v for k, v in base.items() if k not in over}
    assert yaml.safe_load(yaml.safe_dump(merged)) == merged


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_is_a_variant_and_what_is_said_beside_it_holds(preset: str) -> None:
    whole = Variant.model_validate({"preset": preset})
    assert (whole.labels_encoder is not None) == preset.startswith("bi-")
    changed = Variant.model_validate({"preset": preset, "encoder": "hf:mine", "max_words": 50})
    assert changed == whole.model_copy(update={"encoder": "hf:mine", "max_words": 50})


def test_an_unknown_preset_is_named(good: Tree) -> None:
    with pytest.raises(ConfigError, match=r"gliner\.variants\.mini\.preset.*found 'tiny'"):
        parse_params(merge(good, {"gliner": {"variants": {"mini": {"preset": "tiny"}}}}), "params.yaml")


@pytest.mark.parametrize("preset", TAGGER_PRESETS)
def test_a_preset_of_the_tagger_is_whole_and_a_profile_changes_it(good: Tree, preset: str) -> None:
    told = merge(good, {"tagger": {"preset": preset}})
    tagger = parse_params(told, "params.yaml").tagger
    assert tagger.base == TAGGER_PRESETS[preset]["base"]
    assert (tagger.quantise == "nf4") == preset.endswith("qlora")
    own = parse_params(merge(told, {"tagger": {"layers": "all", "lora_rank": 2}}), "params.yaml").tagger
    assert own == tagger.model_copy(update={"layers": "all", "lora_rank": 2})


def test_the_tagger_needs_no_preset(good: Tree) -> None:
    named = {**good["tagger"], **TAGGER_PRESETS["smollm2-135m"]}
    del named["preset"]
    assert parse_params({**good, "tagger": named}, "params.yaml").tagger.preset is None
    del named["base"]
    assert "the key tagger.base is missing" in refused({**good, "tagger": named})
