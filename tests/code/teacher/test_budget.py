"""The budget: tokens and money add up, requests in flight are reckoned with, and the error says what to raise."""

from __future__ import annotations

import pytest

from bioner.config.teacher import Budget, Prices
from bioner.errors import GateError
from bioner.teacher.budget import Purse, Spent
from bioner.teacher.chat import Reply

REPLY = Reply("", "stop", 100, 20, "m")
PRICES = Prices(prompt=2.0, completion=10.0)


def purse(budget: Budget, spent: Spent | None = None) -> Purse:
    return Purse(budget, PRICES, spent or Spent(), "http://here")


def test_costs_add_up() -> None:
    spent = Spent().plus(REPLY).plus(REPLY)
    assert spent == Spent(2, 200, 40)
    assert spent.tokens == 240
    assert spent.money(PRICES) == pytest.approx(0.0008)


@pytest.mark.parametrize(
    ("budget", "name"), [(Budget(tokens=240), "tokens"), (Budget(money=0.0008), "money")], ids=["tokens", "money"]
)
def test_stops_when_it_is_used_up(budget: Budget, name: str) -> None:
    mine = purse(budget)
    for _ in range(2):
        with mine.request():
            mine.pay(REPLY)
    with pytest.raises(GateError, match=name) as caught, mine.request():
        pytest.fail("a request was let through")
    assert f"budget.{name}" in caught.value.mend
    assert mine.spent.replies == 2


def test_what_earlier_runs_spent_counts() -> None:
    with pytest.raises(GateError), purse(Budget(tokens=100), Spent(1, 90, 10)).request():
        pass


def test_requests_in_flight_are_reckoned_at_the_mean() -> None:
    mine = purse(Budget(tokens=480), Spent(2, 200, 40))
    with mine.request(), mine.request(), pytest.raises(GateError), mine.request():
        pass
    with mine.request():
        pass


def test_what_others_spend_and_have_in_flight_is_reckoned_with() -> None:
    mine = Purse(Budget(tokens=480), PRICES, Spent(1, 100, 20), "http://here", workers=2)
    with mine.request(), mine.request():
        pass
    mine.heed(Spent(1, 100, 20))
    with mine.request(), pytest.raises(GateError), mine.request():
        pass
    mine.heed(Spent(3, 300, 60))
    with pytest.raises(GateError, match="480 of 480 tokens in 4 answers"), mine.request():
        pass
    assert mine.spent == Spent(1, 100, 20)


def test_others_are_reckoned_to_spend_as_much_as_oneself_until_they_are_heard_of() -> None:
    mine = Purse(Budget(tokens=480), PRICES, Spent(1, 100, 20), "http://here", workers=2)
    for _ in range(2):
        with mine.request():
            mine.pay(REPLY)
    with pytest.raises(GateError, match="360 of 480 tokens in 3 answers"), mine.request():
        pass
    mine.heed(Spent())
    with mine.request():
        pass


def test_without_a_budget_nothing_stops() -> None:
    with purse(Budget(), Spent(10**9, 10**12, 10**12)).request():
        pass
