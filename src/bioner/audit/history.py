"""The code of a version in git: the commit, its place in the history, its objects, and what they say of what ran."""

from __future__ import annotations

import hashlib
import json
import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bioner.audit.findings import RESTORE, Finding
from bioner.audit.subject import Subject
from bioner.git import run_git
from bioner.lineage.kept import artifact
from bioner.lineage.pipeline import File

_CLEAN = "clean"
_UNSIGNED, _BAD = "N", {"B": "bad", "R": "made with a revoked key"}
_REWRITTEN = "fetch the commit from another clone; if the history was rewritten, bring it back"


def check_history(subject: Subject) -> Iterator[Finding]:
    """The commit that the version names, and what was kept and run against the content of that commit."""
    tags = subject.version.tags
    commit = tags.get("bioner.git.commit", "none")
    git = Git(subject.project)
    if commit == "none" or git.text("rev-parse", "--git-dir") is None:
        yield Finding.unchecked("git", "commit", "the version names none, or there is no git here")
        return
    commits = {commit, subject.run.data.tags.get("bioner.git.commit", commit)} - {"none"}
    missing = [name for name in sorted(commits) if git.text("cat-file", "-t", name) != "commit"]
    for name in missing:
        yield Finding.wrong("git", f"commit {name}", "this repository does not have it", _REWRITTEN)
    for name in sorted(commits - set(missing)):
        yield from _in_history(git, name)
    broken = git.damage()
    yield Finding.judged(
        "git", "objects", holds=not broken, what=broken, mend="fetch the repository anew from another clone"
    )
    if commit in missing or broken:
        return
    if tags.get("bioner.git.state") != _CLEAN:
        yield Finding.unchecked("git", "code", f"tracked files differed from commit {commit} when the version was made")
        return
    tree = git.tree(commit)
    yield from _files(subject, git, tree)
    yield from _code(subject, git, tree)
    yield from _registered_code(subject, git, tree)


def _in_history(git: Git, commit: str) -> Iterator[Finding]:
    holds = bool(git.text("for-each-ref", "--count=1", f"--contains={commit}")) or (
        git.text("merge-base", "--is-ancestor", commit, "HEAD") is not None
    )
    what = "no branch or tag holds it any more: the history was rewritten, and git will drop it"
    yield Finding.judged("git", f"commit {commit}", holds=holds, what=what, mend=_REWRITTEN)
    signature = git.text("log", "-1", "--format=%G?", commit) or _UNSIGNED
    if signature in _BAD:
        yield Finding.wrong("git", f"signature of {commit}", f"it is {_BAD[signature]}", "find out who made the commit")
    elif signature == _UNSIGNED:
        yield Finding.unchecked("git", f"signature of {commit}", "the commit is not signed")


def _files(subject: Subject, git: Git, tree: dict[str, str]) -> Iterator[Finding]:
    """The pipeline's own files as they were kept, against those of the commit; a profile has the project's dvc.yaml."""
    folder = subject.workspace.relative_to(subject.project).as_posix()
    for name in ("dvc.yaml", "params.yaml", "dvc.lock"):
        file = subject.file(name)
        if file is None:
            continue
        blob = git.blobs([file])[file]
        path = posixpath.normpath(f"{folder}/{name}")
        expected = tree.get(path) or (tree.get(name) if name == "dvc.yaml" else None)
        if name == "dvc.lock":  # the run writes it, so a later commit has it
            if git.text("cat-file", "-t", blob) == "blob":
                yield Finding.right("git", name)
            else:
                yield Finding.unchecked("git", name, "the dvc.lock of this version was not committed")
        elif expected is None:
            yield Finding.unchecked("git", path, "the commit does not have it")
        else:
            what = f"the one kept with the version is not {path} of the commit"
            yield Finding.judged("git", name, holds=blob == expected, what=what, mend=RESTORE)


def _code(subject: Subject, git: Git, tree: dict[str, str]) -> Iterator[Finding]:
    """The code that the stages ran, which `dvc.lock` has by hash."""
    folder = subject.workspace.relative_to(subject.project).as_posix()
    items = sorted({file for stage in subject.stages for file in stage.code}, key=lambda file: file.path)
    inside = {file: posixpath.normpath(f"{folder}/{file.path}") for file in items}
    contents = git.hashes({blob for path, blob in tree.items() if any(_within(path, root) for root in inside.values())})
    for file, path in inside.items():
        found = _dvc_hash({name: contents[blob] for name, blob in tree.items() if _within(name, path)}, path, file)
        what = f"the stages ran {file.hash} (dvc.lock), the commit has {found}"
        mend = "find the code that ran: it was never committed, or dvc.lock was changed"
        yield Finding.judged("git", f"code {path}", holds=found == file.hash, what=what, mend=mend)


def _within(path: str, root: str) -> bool:
    return path == root or path.startswith(f"{root}/")


def _dvc_hash(files: dict[str, str], root: str, file: File) -> str:
    """DVC's hash of a file, or of a folder of files, given the MD5 of each."""
    if not file.hash.endswith(".dir"):
        return files.get(root, "nothing")
    listing = [{"md5": files[name], "relpath": posixpath.relpath(name, root)} for name in sorted(files)]
    return hashlib.md5(json.dumps(listing, sort_keys=True).encode(), usedforsecurity=False).hexdigest() + ".dir"


def _registered_code(subject: Subject, git: Git, tree: dict[str, str]) -> Iterator[Finding]:
    """The Python files that the registered model brings along, each of which has to be one of the commit."""
    folder = artifact(subject.client, subject.version.source)
    if folder is None:
        return
    files = [file for file in sorted(folder.rglob("*.py")) if file.relative_to(folder).parts[0] != "artifacts"]
    blobs, known = git.blobs(files), set(tree.values())
    wrong = [file.relative_to(folder).as_posix() for file in files if blobs[file] not in known]
    for name in wrong:
        yield Finding.wrong("registry", f"model code {name}", "it is no file of the commit of this version", RESTORE)
    if not wrong:
        yield Finding.right("registry", "model code")


@dataclass(frozen=True, slots=True)
class Git:
    """A repository, read as it is: replacements that someone set up are not followed."""

    folder: Path

    def run(self, *arguments: str, given: bytes = b"") -> bytes | None:
        """The output of a git command; `None` if it fails."""
        done = run_git(self.folder, *arguments, given=given, variables={"GIT_NO_REPLACE_OBJECTS": "1", "LC_ALL": "C"})
        return done.stdout if done and done.returncode == 0 else None

    def text(self, *arguments: str) -> str | None:
        """The same as text, without blanks around it."""
        out = self.run(*arguments)
        return None if out is None else out.decode("utf-8", "replace").strip()

    def damage(self) -> str:
        """What git finds wrong with its own objects; empty if nothing."""
        done = run_git(self.folder, "fsck", "--full", "--no-progress", "--no-dangling")
        if done is None:
            return "git is not installed"
        lines = done.stderr.decode("utf-8", "replace").splitlines() or ["git fsck fails"]
        return lines[0] if done.returncode else ""

    def tree(self, commit: str) -> dict[str, str]:
        """Path -> object of every file of a commit."""
        listed = (self.run("ls-tree", "-r", "-z", commit) or b"").decode("utf-8", "surrogateescape")
        entries = (entry.split("\t", 1) for entry in listed.split("\0") if entry)
        return {path: about.split()[2] for about, path in entries}

    def hashes(self, blobs: set[str]) -> dict[str, str]:
        """The MD5 of the content of each object."""
        names = sorted(blobs)
        out = self.run("cat-file", "--batch", given="".join(f"{name}\n" for name in names).encode()) or b""
        found, place = {}, 0
        for name in names:
            end = out.index(b"\n", place)
            size = int(out[place:end].split()[2])
            found[name] = hashlib.md5(out[end + 1 : end + 1 + size], usedforsecurity=False).hexdigest()
            place = end + size + 2
        return found

    def blobs(self, files: Sequence[Path]) -> dict[Path, str]:
        """The name that git gives to the content of each file."""
        names = "".join(f"{file}\n" for file in files).encode()
        out = self.run("hash-object", "--no-filters", "--stdin-paths", given=names) or b""
        return dict(zip(files, out.decode().split(), strict=True))
