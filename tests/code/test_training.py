"""The training loop: interrupted anywhere it ends at the same weights, bit for bit."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from bioner.seeds import generator, seed_torch
from bioner.stopping import Stopping
from bioner.training import Plan, Point, forget, rate_at, train

STEPS = 12


class _InterruptedError(Exception):
    pass


class Task:
    """A tiny model with dropout and a frozen layer, batches derived from the step, and a record of what was asked."""

    def __init__(self, seed: int = 1, stop_at: int | None = None, dropout: float = 0.3) -> None:
        seed_torch(seed, 1)
        self.frozen = nn.Linear(4, 8)
        self.frozen.requires_grad_(False)
        self.model = nn.Sequential(self.frozen, nn.Dropout(dropout), nn.LayerNorm(8), nn.Linear(8, 2))
        self.stop_at = stop_at
        self.asked: list[int] = []

    def batch_at(self, step: int) -> Tensor:
        if step == self.stop_at:
            raise _InterruptedError
        self.asked.append(step)
        numbers = generator(7, str(step))
        return torch.tensor([[numbers.random() for _ in range(4)] for _ in range(3)])

    def loss_of(self, batch: Tensor) -> Tensor:
        return (self.model(batch)[:, 0] - batch.sum(1)).square().mean()

    def train(
        self, plan: Plan, on_step: Callable[[Point], None] = lambda _point: None, stopping: Stopping | None = None
    ) -> list[Point]:
        body, head = self.model[2].parameters(), self.model[3].parameters()
        groups = [{"params": list(body), "lr": 1e-2}, {"params": list(head), "lr": 5e-2}]
        return train(
            self.model,
            groups,
            self.batch_at,
            self.loss_of,
            plan,
            description="training",
            on_step=on_step,
            stopping=stopping,
        )

    def weights(self) -> list[Tensor]:
        return [value.clone() for value in self.model.state_dict().values()]


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return Plan(STEPS, 0.2, tmp_path / "state" / "checkpoint.pt", "identity", checkpoint_every=0)


def undisturbed(tmp_path: Path, seed: int = 1) -> tuple[list[Tensor], list[Point]]:
    task = Task(seed)
    curve = task.train(Plan(STEPS, 0.2, tmp_path / "undisturbed.pt", "identity"))
    return task.weights(), curve


def same(one: list[Tensor], two: list[Tensor]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one, two, strict=True))


@pytest.mark.parametrize("stop_at", [1, 5, STEPS - 1])
def test_resumed_training_ends_at_the_same_weights_and_curve(tmp_path: Path, plan: Plan, stop_at: int) -> None:
    first = Task(stop_at=stop_at)
    with pytest.raises(_InterruptedError):
        first.train(plan)
    second = Task()
    torch.manual_seed(999)  # the state of the generator has to come from the checkpoint
    points: list[Point] = []
    curve = second.train(plan, points.append)
    weights, whole = undisturbed(tmp_path)
    assert same(second.weights(), weights)
    assert curve == points == whole
    assert first.asked + second.asked == list(range(STEPS))


def test_training_may_be_interrupted_many_times(tmp_path: Path, plan: Plan) -> None:
    for stop_at in (2, 3, 7, 10):
        with pytest.raises(_InterruptedError):
            Task(stop_at=stop_at).train(plan)
    last = Task()
    last.train(plan)
    assert same(last.weights(), undisturbed(tmp_path)[0])


def test_a_checkpoint_of_another_training_is_not_used(tmp_path: Path, plan: Plan) -> None:
    with pytest.raises(_InterruptedError):
        Task(seed=2, stop_at=5).train(replace(plan, identity="another identity"))
    task = Task()
    task.train(plan)
    assert task.asked == list(range(STEPS))
    assert same(task.weights(), undisturbed(tmp_path)[0])


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.9, 1.0])
def test_a_torn_checkpoint_is_told_of_and_training_starts_anew(
    tmp_path: Path, plan: Plan, kept: float, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(_InterruptedError):
        Task(stop_at=5).train(plan)
    data = plan.checkpoint.read_bytes()
    plan.checkpoint.write_bytes(data[: int(kept * len(data))] if kept < 1 else b"no checkpoint at all")
    task = Task()
    task.train(plan)
    assert task.asked == list(range(STEPS))
    assert same(task.weights(), undisturbed(tmp_path)[0])
    assert f"the checkpoint {plan.checkpoint} cannot be read, training starts anew" in capsys.readouterr().err


def test_nothing_is_left_beside_the_checkpoint_and_forgetting_removes_it(plan: Plan) -> None:
    Task().train(plan)
    assert list(plan.checkpoint.parent.iterdir()) == [plan.checkpoint]
    forget(plan)
    forget(plan)
    assert not list(plan.checkpoint.parent.iterdir())


def test_only_what_is_to_be_trained_changes_and_the_loss_falls(plan: Plan) -> None:
    task = Task()
    before = task.weights()
    longer = replace(plan, steps=150, warmup=0.1)
    curve = task.train(longer)
    assert torch.equal(before[0], task.frozen.weight)
    assert not torch.equal(before[-2], task.model[3].weight)
    assert not task.model.training
    assert sum(point.loss for point in curve[-20:]) < sum(point.loss for point in curve[:20]) / 2


def test_the_curve_gives_steps_and_rates(plan: Plan) -> None:
    points: list[Point] = []
    curve = Task().train(plan, points.append)
    assert points == curve
    assert [point.step for point in curve] == list(range(STEPS))
    assert [point.learning_rate for point in curve] == pytest.approx([1e-2 * rate_at(s, plan) for s in range(STEPS)])


@pytest.mark.parametrize("accumulate", [2, 3, 5])
def test_micro_batches_compute_the_update_of_the_whole_batch(tmp_path: Path, plan: Plan, accumulate: int) -> None:
    at_once, in_parts = Task(dropout=0), Task(dropout=0)  # three examples a batch: 2 and 1, or 1, 1 and 1
    whole = at_once.train(Plan(STEPS, 0.2, tmp_path / "whole.pt", "identity"))
    parts = in_parts.train(replace(plan, accumulate=accumulate))
    assert [point.loss for point in parts] == pytest.approx([point.loss for point in whole], rel=1e-5)
    for one, two in zip(at_once.weights(), in_parts.weights(), strict=True):
        torch.testing.assert_close(one, two, rtol=1e-4, atol=1e-6)


def test_half_precision_is_for_the_forward_pass_only(plan: Plan) -> None:
    task, exact = Task(dropout=0), Task(dropout=0)
    seen: list[torch.dtype] = []
    task.model[3].register_forward_hook(lambda _module, _inputs, output: seen.append(output.dtype))
    half = task.train(replace(plan, precision="bf16"))
    forget(plan)
    full = exact.train(plan)
    assert set(seen) == {torch.bfloat16}
    assert {weight.dtype for weight in task.weights()} == {torch.float32}
    assert [point.loss for point in half] == pytest.approx([point.loss for point in full], rel=0.05)
    assert half != full


class Judge:
    """Gives scores in turn, and remembers the weights that it saw."""

    def __init__(self, task: Task, scores: list[float], asked: int = 0) -> None:
        self.task, self.scores, self.asked = task, scores, asked
        self.seen: list[list[Tensor]] = []

    def __call__(self) -> float:
        assert not self.task.model.training
        self.seen.append(self.task.weights())
        self.asked += 1
        return self.scores[self.asked - 1]


@pytest.mark.parametrize(
    ("scores", "best", "ends"),
    [
        ([0.1, 0.3, 0.3, 0.2, 0.9, 0.9], 1, 8),  # an equal score is no gain
        ([0.0, 0.1, 0.0, 0.2, 0.1, 0.3], 5, 12),
        ([0.3, 0.1, 0.4, 0.1, 0.2], 2, 10),
    ],
)
def test_training_stops_when_it_no_longer_helps_and_keeps_the_best(
    plan: Plan, scores: list[float], best: int, ends: int
) -> None:
    task = Task()
    judge = Judge(task, scores)
    curve = task.train(plan, stopping=Stopping(judge, every=2, patience=2))
    assert len(curve) == ends
    assert [point.score for point in curve] == [scores[number // 2] if number % 2 else None for number in range(ends)]
    assert same(task.weights(), judge.seen[best])
    assert not task.model.training


def test_the_last_step_is_evaluated_too(plan: Plan) -> None:
    task = Task()
    judge = Judge(task, [0.1, 0.1, 0.2])
    curve = task.train(plan, stopping=Stopping(judge, every=5, patience=3))
    assert [point.step for point in curve if point.score is not None] == [4, 9, 11]
    assert same(task.weights(), judge.seen[2])


@pytest.mark.parametrize("stop_at", [2, 5, 6, 9])
def test_interrupted_it_stops_early_at_the_same_weights(tmp_path: Path, plan: Plan, stop_at: int) -> None:
    scores = [0.1, 0.5, 0.2, 0.3, 0.4, 0.9]
    whole = Task()
    judged = Stopping(Judge(whole, scores), every=2, patience=3)
    curve = whole.train(Plan(STEPS, 0.2, tmp_path / "undisturbed.pt", "identity"), stopping=judged)
    assert len(curve) == 10
    first, second = Task(stop_at=stop_at), Task()
    with pytest.raises(_InterruptedError):
        first.train(plan, stopping=Stopping(Judge(first, scores), every=2, patience=3))
    torch.manual_seed(999)
    again = Judge(second, scores, asked=stop_at // 2)
    assert second.train(plan, stopping=Stopping(again, every=2, patience=3)) == curve
    assert same(second.weights(), whole.weights())


def test_throughput_is_told_but_is_no_part_of_the_result(plan: Plan) -> None:
    points: list[Point] = []
    Task().train(plan, points.append)
    assert all(point.throughput > 0 for point in points)
    assert points[0] == replace(points[0], throughput=0.0)


@given(st.integers(1, 300), st.floats(0, 1))
def test_the_rate_rises_to_one_and_then_falls(steps: int, warmup: float) -> None:
    rates = [rate_at(step, Plan(steps, warmup, Path(), "")) for step in range(steps)]
    peak = rates.index(max(rates))
    assert all(0 < rate <= 1 for rate in rates)
    assert max(rates) == 1
    assert rates[: peak + 1] == sorted(rates[: peak + 1])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert peak + 1 == max(1, round(warmup * steps))


_SCRIPT = """
import sys, time
from pathlib import Path
import torch
from torch import nn
from bioner import training
from bioner.seeds import seed_torch
seed_torch(1, 1)
model = nn.Sequential(nn.Linear(64, 64), nn.Dropout(0.2), nn.Linear(64, 1))
def batch_at(step):
    time.sleep(float(sys.argv[2]))
    return torch.randn(4, 64, generator=torch.Generator().manual_seed(step))
groups = [{"params": list(model.parameters()), "lr": 1e-3}]
plan = training.Plan(60, 0.1, Path(sys.argv[1]), "identity", checkpoint_every=0)
curve = training.train(model, groups, batch_at, lambda b: (model(b) - b.sum(1, True)).square().mean(), plan,
                       description="training")
training.forget(plan)
print(sum(p.double().abs().sum().item() for p in model.parameters()).hex(), curve[-1].loss.hex())
"""


@pytest.mark.slow
def test_a_killed_training_goes_on_and_ends_the_same(tmp_path: Path) -> None:
    checkpoint = tmp_path / "checkpoint.pt"
    for _ in range(2):
        victim = subprocess.Popen([sys.executable, "-c", _SCRIPT, checkpoint, "0.02"], stderr=subprocess.DEVNULL)
        before = checkpoint.stat().st_mtime if checkpoint.exists() else 0.0
        while not checkpoint.exists() or checkpoint.stat().st_mtime == before:
            assert victim.poll() is None
            time.sleep(0.01)
        time.sleep(0.15)
        victim.kill()
        assert victim.wait() == -9
    ends = [
        subprocess.run([sys.executable, "-c", _SCRIPT, file, "0"], capture_output=True, text=True, check=True)
        for file in (checkpoint, tmp_path / "undisturbed.pt")
    ]
    assert ends[0].stdout == ends[1].stdout
    assert "2/60" not in ends[0].stderr
    assert list(tmp_path.iterdir()) == []
