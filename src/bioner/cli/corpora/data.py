"""Bringing a corpus' files into the project under DVC: copied, unpacked, or imported from a URL; all or nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bioner.corpora.archive import is_archive, unpack
from bioner.errors import DataError
from bioner.files import atomic_directory

FOLDER = Path("data/corpora")  # in the project: a folder a corpus


@dataclass
class Arrived:
    """Files of a corpus.

    Attributes:
        at: where they lie while the block runs.
        origin: what the user called them, for messages.
        final: where they lie in the end: a folder, or the one file of an imported URL.
        track: puts them under DVC, once they are there, and returns their hash.
    """

    at: Path
    origin: str
    final: Path
    track: Callable[[], str] = field(default=str)


def is_url(source: str) -> bool:
    """Whether a source is a URL."""
    return "://" in source


@contextmanager
def arriving(project: Path, name: str, source: str) -> Iterator[Arrived]:
    """Bring the files aside; they take their place when the block ends well, and vanish when it does not.

    `track` of what is yielded may be called after the block.

    Raises:
        DataError: the source cannot be had, or is an archive that is not taken.
    """
    target = project / FOLDER / name
    _begin(project, name)
    try:
        if is_url(source) and not _names_archive(source):
            file = target / source.rstrip("/").rpartition("/")[2].partition("?")[0]
            target.mkdir(parents=True)
            _dvc(project, "import-url", source, str(file.relative_to(project)))
            yield Arrived(file, source, file, lambda: _hash(file))
        else:
            with atomic_directory(target) as aside:
                _fetch(project, source, aside)
                yield Arrived(aside, source, target, lambda: _add(project, target))
    except BaseException:
        forget(project, name)
        raise


def _begin(project: Path, name: str) -> None:
    """Note that the corpus is being added; remove what an `add` that was killed left of it, and nothing else.

    Raises:
        DataError: there is something of that name, which no `add` left.
    """
    target, note = project / FOLDER / name, _note(project, name)
    if note.exists():
        forget(project, name)
    for there in (target, target.with_name(f"{name}.dvc")):
        if there.exists():
            mend = "choose another --name, or remove it"
            raise DataError("there is something in the place of the corpus", where=str(there), mend=mend)
    note.parent.mkdir(parents=True, exist_ok=True)
    note.touch()


def finish(project: Path, name: str) -> None:
    """Note that the corpus has its entry: from now on the files are the user's."""
    _note(project, name).unlink(missing_ok=True)


def forget(project: Path, name: str) -> None:
    """Remove the files of a corpus that is being added, and what DVC wrote beside them."""
    target = project / FOLDER / name
    if target.exists():
        shutil.rmtree(target)
    target.with_name(f"{name}.dvc").unlink(missing_ok=True)
    ignored = target.with_name(".gitignore")
    if ignored.is_file():
        lines = [line for line in ignored.read_text(encoding="utf-8").splitlines() if line != f"/{name}"]
        if lines:
            ignored.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        else:
            ignored.unlink()
    finish(project, name)


def _note(project: Path, name: str) -> Path:
    return project / FOLDER / f".{name}.adding.part"  # a name that git and DVC ignore


def _add(project: Path, target: Path) -> str:
    _dvc(project, "add", str(target.relative_to(project)))
    return _hash(target)


def _hash(tracked: Path) -> str:
    """The hash that DVC has written down."""
    import yaml

    outs = yaml.safe_load(Path(f"{tracked}.dvc").read_text(encoding="utf-8"))["outs"]
    return f"md5:{outs[0]['md5']}"


def _fetch(project: Path, source: str, aside: Path) -> None:
    if is_url(source):
        archive = aside.with_name(f"{aside.name}.download.part")
        try:
            _dvc(project, "get-url", source, str(archive))
            _unpack(archive, aside, source)
        finally:
            archive.unlink(missing_ok=True)
        return
    path = Path(source)
    if path.is_dir():
        _copy_folder(path, aside)
    elif not path.is_file():
        raise DataError("there is no such file or folder", where=source, mend="check the path")
    elif is_archive(path):
        unpack(path, aside)
    else:
        shutil.copyfile(path, aside / path.name)


def _unpack(archive: Path, aside: Path, source: str) -> None:
    if not is_archive(archive):
        raise DataError("the archive is none", where=source, mend="download it, look at it, and add the file")
    unpack(archive, aside)


def _names_archive(url: str) -> bool:
    return url.partition("?")[0].endswith((".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz"))


def _copy_folder(source: Path, aside: Path) -> None:
    for folder, folders, files in os.walk(source):
        here = Path(folder)
        for name in (*folders, *files):
            path = here / name
            if path.is_symlink() or not (path.is_dir() or path.is_file()):
                mend = "copy what it points at into the folder, or leave it out"
                raise DataError("the folder holds a link or a device", where=str(path), mend=mend)
        (aside / here.relative_to(source)).mkdir(exist_ok=True)
        for name in files:
            shutil.copyfile(here / name, aside / here.relative_to(source) / name)


def _dvc(project: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "dvc", "--quiet", *arguments]
    done = subprocess.run(command, cwd=project, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[-1]
        mend = "mend that, and run the same command again"
        raise DataError(f"DVC: {reason.removeprefix('ERROR: ')}", where=f"dvc {' '.join(arguments)}", mend=mend)
