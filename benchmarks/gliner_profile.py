"""Where the time of a GLiNER training goes: the share of each operation of torch, over some steps on BC5CDR."""

from __future__ import annotations

from pathlib import Path

from common import hardware
from gliner_common import ROOT, corpus, profile, start, variant, workplace
from rich.console import Console
from rich.table import Table

_STEPS = 20
_SHOWN = 12  # operations
_SENTENCES = 200


def main() -> None:
    """Train once to warm up and once under the profiler, and print."""
    import torch
    from torch.profiler import ProfilerActivity

    from bioner.config import load_params
    from bioner.gliner.fit import fit
    from bioner.gliner.folder import read_folder
    from bioner.training import Plan

    params = profile("bc5cdr")
    torch.set_num_threads(params.threads)
    documents = [document for document in corpus(params, "bc5cdr", "train") if document.spans][:_SENTENCES]
    phase = load_params(ROOT / "params.yaml").finetune
    with workplace() as folder:
        start(Path(folder), variant(), params.entity_types)
        model, _ = read_folder(Path(folder))

        def train(steps: int) -> None:
            plan = Plan(steps, phase.warmup, Path(folder) / "checkpoint.pt", "profile")
            fit(model, documents, params.entity_types, phase, plan=plan, seed=1, description="profile")

        train(2)
        with torch.profiler.profile(activities=[ProfilerActivity.CPU]) as found:
            train(_STEPS)
    events = sorted(found.key_averages(), key=lambda event: -event.self_cpu_time_total)
    total = sum(event.self_cpu_time_total for event in events)
    table = Table("operation", "share", "calls a step", title=f"{_STEPS} training steps", caption=hardware())
    for event in events[:_SHOWN]:
        table.add_row(event.key, f"{event.self_cpu_time_total / total:.1%}", f"{event.count / _STEPS:.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
