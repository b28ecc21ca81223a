"""Atomic writes under every failure that can be made to happen, and hashes that see every change."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioner.files import (
    atomic_directory,
    atomic_path,
    atomic_write,
    hash_file,
    hash_tree,
    hash_value,
    read_json,
    write_json,
)

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def write_file(path: Path, text: str) -> None:
    with atomic_write(path) as out:
        out.write(text)


def write_directory(path: Path, text: str) -> None:
    with atomic_directory(path) as folder:
        (folder / "inner").mkdir()
        (folder / "inner" / "file").write_text(text, encoding="utf-8")


def content(path: Path) -> str:
    return (path / "inner" / "file" if path.is_dir() else path).read_text(encoding="utf-8")


both = pytest.mark.parametrize("write", [write_file, write_directory])
Write = Callable[[Path, str], None]


@both
def test_what_is_written_replaces_what_was_there(tmp_path: Path, write: Write) -> None:
    target = tmp_path / "new" / "folders" / "x"
    write(target, "one")
    write(target, "二")
    assert content(target) == "二"
    assert list(target.parent.iterdir()) == [target]


def test_a_directory_may_replace_a_file_and_loses_files_it_no_longer_has(tmp_path: Path) -> None:
    target = tmp_path / "x"
    target.write_text("a file", encoding="utf-8")
    write_directory(target, "one")
    (target / "extra").touch()
    write_directory(target, "two")
    assert [file.name for file in target.rglob("*")] == ["inner", "file"]


def test_an_error_in_the_block_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "x"
    write_file(target, "old")
    with pytest.raises(KeyError), atomic_write(target) as out:
        out.write("new" * 100_000)
        raise KeyError
    with pytest.raises(KeyboardInterrupt), atomic_path(target) as aside:
        aside.write_text("new", encoding="utf-8")
        raise KeyboardInterrupt
    assert content(target) == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_an_error_in_the_block_leaves_the_old_directory(tmp_path: Path) -> None:
    target = tmp_path / "x"
    write_directory(target, "old")
    with pytest.raises(KeyError), atomic_directory(target) as folder:
        (folder / "half").write_text("new", encoding="utf-8")
        raise KeyError
    assert content(target) == "old"
    assert list(tmp_path.iterdir()) == [target]


@both
def test_a_kill_leaves_the_old_and_the_next_write_clears_up(tmp_path: Path, write: Write) -> None:
    target = tmp_path / "x [1]"
    write(target, "old")
    maker = "atomic_directory" if write is write_directory else "atomic_write"
    script = f"""
import os, signal
from pathlib import Path
from bioner.files import {maker}
with {maker}(Path({str(target)!r})) as out:
    (out / "half").write_text("half") if isinstance(out, Path) else out.write("half" * 100_000)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", script]).returncode == -signal.SIGKILL
    assert content(target) == "old"
    assert len(list(tmp_path.iterdir())) == 2
    write(target, "new")
    assert content(target) == "new"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("delay", [0.01, 0.02])
def test_a_kill_while_a_large_directory_is_replaced_leaves_no_half_of_it(tmp_path: Path, delay: float) -> None:
    target, size = tmp_path / "x", 4_000
    target.mkdir()
    for number in range(size):
        (target / str(number)).touch()
    script = f"""
from pathlib import Path
from bioner.files import atomic_directory
with atomic_directory(Path({str(target)!r})) as folder:
    (folder / "only").touch()
    print("now", flush=True)
"""
    victim = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert victim.stdout is not None
    victim.stdout.readline()
    time.sleep(delay)
    victim.kill()
    victim.wait()
    assert not target.exists() or len(list(target.iterdir())) in {1, size}
    write_directory(target, "after")
    assert list(tmp_path.iterdir()) == [target]


def test_what_a_live_process_writes_is_left_alone(tmp_path: Path) -> None:
    other = tmp_path / f".x.new-{os.getppid()}.part"
    other.touch()
    write_file(tmp_path / "x", "mine")
    assert other.exists()


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", folder], capture_output=True)
    if done.returncode:
        pytest.skip("mounting a file system needs root")
    yield folder
    subprocess.run(["umount", folder], check=True)


@both
def test_a_full_disk_leaves_the_old(full_disk: Path, write: Write) -> None:
    target = full_disk / "x"
    write(target, "old")
    with pytest.raises(OSError, match="No space left"):
        write(target, "new" * 100_000)
    assert content(target) == "old"
    assert list(full_disk.iterdir()) == [target]
    write(target, "after")
    assert content(target) == "after"


def test_a_limit_on_the_size_of_files_leaves_the_old(tmp_path: Path) -> None:
    target = tmp_path / "x"
    write_file(target, "old")
    script = f"""
import resource
from pathlib import Path
from bioner.files import write_json
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
write_json(Path({str(target)!r}), ["new"] * 100_000)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "File too large" in done.stderr
    assert content(target) == "old"
    assert list(tmp_path.iterdir()) == [target]


@settings(max_examples=25)
@given(_JSON)
def test_json_reads_back_with_its_keys_in_their_order(tmp_path_factory: pytest.TempPathFactory, value: Any) -> None:
    file = tmp_path_factory.mktemp("json") / "a"
    write_json(file, value)
    assert json.dumps(read_json(file)) == json.dumps(value)
    assert hash_value(value) == hash_value(json.loads(json.dumps(value, sort_keys=True)))


def test_json_has_no_nan(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "x", {"f1": float("nan")})
    assert not list(tmp_path.iterdir())


def test_the_hash_of_a_value_ignores_the_order_of_keys_only() -> None:
    assert hash_value({"a": 1, "b": 2}) == hash_value({"b": 2, "a": 1})
    assert len({hash_value(value) for value in ([1, 2], [2, 1], {"a": 1}, {"a": "1"}, "1", 1, None)}) == 7


_TREE = st.dictionaries(
    st.sampled_from(["a", "b", "ab", "sub/a", "sub/b", "sub2/a"]), st.binary(max_size=3), max_size=4
)


@settings(max_examples=40)
@given(_TREE, _TREE)
def test_trees_hash_alike_just_when_names_and_contents_are_alike(
    tmp_path_factory: pytest.TempPathFactory, one: dict[str, bytes], two: dict[str, bytes]
) -> None:
    assert (_grow(tmp_path_factory, one) == _grow(tmp_path_factory, two)) == (one == two)
    assert _grow(tmp_path_factory, one) == _grow(tmp_path_factory, dict(reversed(one.items())))


def _grow(factory: pytest.TempPathFactory, tree: dict[str, bytes]) -> str:
    root = factory.mktemp("tree")
    for name, data in tree.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(data)
    return hash_tree(root)


def test_the_hash_of_a_file_is_that_of_its_bytes(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(b"x" * (3 << 20))
    assert hash_tree(file) == hash_file(file) != hash_value("x" * (3 << 20))
    expected = subprocess.run(["sha256sum", file], capture_output=True, text=True, check=True).stdout.split()[0]
    assert hash_file(file) == expected
