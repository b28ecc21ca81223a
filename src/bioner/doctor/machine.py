"""Checks of the machine: Python, memory, disk, open files and GPU."""

from __future__ import annotations

import os
import platform
import resource
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil

from bioner.doctor.finding import Finding, by_size, failure, good, warning
from bioner.project import STATE

_GIB = 1 << 30
_PYTHON = (3, 11)
_MEMORY = (2, 4)  # GiB: the sample's stages take up to 1.5 each, and two run side by side
_DISK = (2, 20)  # GiB: a run of the sample, and a few trainings with their checkpoints
_INODES = (10_000, 100_000)  # the DVC cache has a file for each version of each output
_FILES = (256, 1024)  # open at a time: DVC and servers keep many
_CGROUP = Path("/sys/fs/cgroup/memory.max")


def python(_project: Path) -> Iterator[Finding]:
    """The version of Python."""
    what = f"Python {platform.python_version()} on {platform.machine()}"
    wanted = ".".join(map(str, _PYTHON))
    yield good(what) if sys.version_info >= _PYTHON else failure(what, f"install Python {wanted} or newer")


def memory(_project: Path) -> Iterator[Finding]:
    """Memory that is free, within the limit of a container."""
    found = psutil.virtual_memory()
    limit = _container_limit()
    free = min(found.available, limit) if limit else found.available
    whole = min(found.total, limit) if limit else found.total
    what = f"{free / _GIB:.1f} of {whole / _GIB:.1f} GiB of memory free"
    yield by_size(free / _GIB, *_MEMORY, what, "end other processes, or give the machine or container more")


def _container_limit() -> int | None:
    """What a container may use; `None` where there is no limit."""
    text = _CGROUP.read_text().strip() if _CGROUP.is_file() else "max"
    return int(text) if text.isdecimal() else None


def disk(project: Path) -> Iterator[Finding]:
    """Room where models, caches and temporary files lie, each disk once."""
    places = {"project": project, "DVC cache": project / ".dvc" / "cache", "state": project / STATE}
    places["temporary files"] = Path(tempfile.gettempdir())
    disks: dict[int, list[str]] = {}
    for name, place in places.items():
        if place.exists():
            disks.setdefault(place.stat().st_dev, []).append(name)
    for names in disks.values():
        place = places[names[0]]
        free, nodes = shutil.disk_usage(place).free, os.statvfs(place)
        of = " and ".join(names)
        mend = "make room: `dvc gc --workspace` drops what no present file needs"
        yield by_size(free / _GIB, *_DISK, f"{free / _GIB:.0f} GiB free for {of}", mend)
        if nodes.f_files:  # some file systems have no limit
            yield by_size(nodes.f_favail, *_INODES, f"{nodes.f_favail:,} files more for {of}", mend)


def open_files(_project: Path) -> Iterator[Finding]:
    """How many files a process may have open."""
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    known = limit if limit != resource.RLIM_INFINITY else sys.maxsize
    what = "no limit" if known == sys.maxsize else f"{limit} files may be open at a time"
    yield by_size(known, *_FILES, what, "raise it with `ulimit -n 4096`, or in the service's unit")


def gpu(_project: Path) -> Iterator[Finding]:
    """The GPUs that torch can use, and whether they work."""
    import torch

    if not torch.cuda.is_available():
        driver = shutil.which("nvidia-smi")
        if driver:
            mend = "install a build of torch for the CUDA version that `nvidia-smi` shows"
            yield warning(f"torch {torch.__version__} sees no GPU, though {driver} is there", mend)
        else:
            yield good(f"no GPU; torch {torch.__version__} uses {torch.get_num_threads()} threads")
        return
    for number in range(torch.cuda.device_count()):
        known = torch.cuda.get_device_properties(number)
        with torch.cuda.device(number):
            square = torch.ones(64, 64, device="cuda")
            works = float((square @ square).sum()) == 64.0**3
            bf16 = torch.cuda.is_bf16_supported()
        what = f"{known.name}, {known.total_memory / _GIB:.0f} GiB, CUDA {torch.version.cuda}"
        if not works:
            yield failure(f"{what}: it computes wrongly", "run `nvidia-smi`, and take it out of use")
        elif not bf16:
            yield warning(f"{what}, without bf16", "train with `precision: fp32`")
        else:
            yield good(f"{what}, with bf16")
