"""What every benchmark shares: its options, alternating rounds, the hardware, and one form of result."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bioner.files import write_json


@dataclass(frozen=True, slots=True)
class Spread:
    """Median, least and most of repeated measurements."""

    median: float
    min: float
    max: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """The spread of at least one value, to four significant digits."""
        return cls(*(float(f"{f(values):.4g}") for f in (statistics.median, min, max)))

    def __str__(self) -> str:
        return f"{self.median:g} ({self.min:g} to {self.max:g})"


@dataclass(frozen=True, slots=True)
class Result:
    """A comparison of ours with a baseline, on one task.

    Attributes:
        name: the task.
        hardware: where it ran.
        rounds: how often each side ran, in turn.
        baseline: seconds a round.
        ours: seconds a round.
        ratio: baseline over ours, each round for itself; above 1 ours is faster.
        also: other measurements, in seconds.
        peak_gib: the most memory that each side held, where it had a process of its own.
    """

    name: str
    hardware: str
    rounds: int
    baseline: Spread
    ours: Spread
    ratio: Spread
    also: Mapping[str, Spread] = field(default_factory=dict)
    peak_gib: Mapping[str, float] = field(default_factory=dict)


def options(description: str, tasks: Sequence[str] = ()) -> argparse.Namespace:
    """The options of every benchmark: `quick` (small, to see that it runs) and `json` (a file for the result).

    Args:
        tasks: those of the benchmark, where it has several: then `tasks` chooses some of them.
    """
    parser = argparse.ArgumentParser(description=description)
    if tasks:
        parser.add_argument("tasks", nargs="*", default=list(tasks), metavar="TASK", help=f"of: {', '.join(tasks)}")
    parser.add_argument("--quick", action="store_true", help="a small task and few rounds: shows that it runs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result to this file as well")
    return parser.parse_args()


def hardware() -> str:
    """Processor, usable cores, machine and Python, in one line."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    processor = names[0] if names else platform.processor() or "unknown processor"
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{processor}, {cores} cores, {platform.machine()}, Python {platform.python_version()}"


def peak_gib() -> float:
    """The most memory that this process has held, in GiB.

    From Linux's `VmHWM`, not from `getrusage`: a child's figure there begins with what its parent held.
    """
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) / 2**20 for line in status.splitlines() if line.startswith("VmHWM:"))


def seconds(task: Callable[[], object]) -> float:
    """How long a task takes."""
    began = time.perf_counter()
    task()
    return time.perf_counter() - began


class Side:
    """One side of a comparison in a process of its own, whose memory is that of this side alone.

    Args:
        prepare: what is done once and not measured; it returns the task. A function of a module, or a partial of one.
        threads: of torch; fewer where the process may use fewer cores.
    """

    def __init__(self, prepare: Callable[[], Callable[[], object]], threads: int) -> None:
        spawn = multiprocessing.get_context("spawn")
        usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else threads
        self._pool = ProcessPoolExecutor(1, spawn, initializer=_begin, initargs=(prepare, min(threads, usable)))

    def __call__(self) -> object:
        """Run the task once more, and return what it returns."""
        return self._pool.submit(_again).result()

    def peak_gib(self) -> float:
        """The most memory that the process has held."""
        return round(self._pool.submit(peak_gib).result(), 2)


def _begin(prepare: Callable[[], Callable[[], object]], threads: int) -> None:
    import torch

    torch.set_num_threads(threads)
    _TASK.append(prepare())


def _again() -> object:
    return _TASK[0]()


_TASK: list[Callable[[], object]] = []  # of a side's process


def compare(name: str, sides: Mapping[str, Side], rounds: int) -> Result:
    """Measure sides in turn; the first is the baseline, the second is ours."""
    (first, baseline), (second, ours), *rest = sides.items()
    result = alternate(name, baseline, ours, rounds, dict(rest))
    peaks = {"baseline": baseline.peak_gib(), "ours": ours.peak_gib()} | {task: side.peak_gib() for task, side in rest}
    return replace(result, name=f"{name}: {second} against {first}", peak_gib=peaks)


def alternate(
    name: str,
    baseline: Callable[[], object],
    ours: Callable[[], object],
    rounds: int,
    also: Mapping[str, Callable[[], object]] | None = None,
) -> Result:
    """Measure both sides in turn, so that what else the machine does meets both; one unmeasured round comes first."""
    tasks = {"baseline": baseline, "ours": ours} | dict(also or {})
    times: dict[str, list[float]] = {task: [] for task in tasks}
    for number in range(rounds + 1):
        for task, run in tasks.items():
            took = seconds(run)
            if number:
                times[task].append(took)
    ratios = [before / after for before, after in zip(times["baseline"], times["ours"], strict=True)]
    rest = {task: Spread.of(found) for task, found in times.items() if task in (also or {})}
    spreads = (Spread.of(values) for values in (times["baseline"], times["ours"], ratios))
    return Result(name, hardware(), rounds, *spreads, rest)


def show(result: Result, file: Path | None) -> None:
    """Print a result as a table, and write it to a file if one is given."""
    table = Table("", "seconds, median (least to most)", "peak GiB", title=result.name, caption=result.hardware)
    for label, spread in {"baseline": result.baseline, "ours": result.ours, **result.also}.items():
        table.add_row(label, str(spread), str(result.peak_gib.get(label, "")))
    table.add_row("baseline / ours", str(result.ratio))
    Console().print(table)
    if file:
        write_json(file, asdict(result))
