"""The budget of a teacher: what its answers took, in tokens and in money, and whether another may be asked for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bioner.config.teacher import Budget, Prices
from bioner.errors import GateError
from bioner.teacher.chat import Reply

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Spent:
    """What answers took.

    Attributes:
        replies: how many there were.
        prompt_tokens: tokens of what was asked.
        completion_tokens: tokens of the answers.
    """

    replies: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    @property
    def tokens(self) -> int:
        """All tokens."""
        return self.prompt_tokens + self.completion_tokens

    def money(self, prices: Prices) -> float:
        """What it cost."""
        return (self.prompt_tokens * prices.prompt + self.completion_tokens * prices.completion) / _MILLION

    def plus(self, reply: Reply) -> Spent:
        """With one more answer."""
        return Spent(
            self.replies + 1,
            self.prompt_tokens + reply.prompt_tokens,
            self.completion_tokens + reply.completion_tokens,
        )

    def and_of(self, other: Spent) -> Spent:
        """With what another spent."""
        return Spent(
            self.replies + other.replies,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
        )

    def minus(self, other: Spent) -> Spent:
        """What was spent since another state."""
        return Spent(
            self.replies - other.replies,
            self.prompt_tokens - other.prompt_tokens,
            self.completion_tokens - other.completion_tokens,
        )


class Purse:
    """Says before each request whether the budget allows it.

    Requests in flight are reckoned at the mean of the answers so far, so that the budget is met but for the spread of
    their lengths, and at the very start, when no length is known, for the first answers.

    Args:
        spent: what earlier runs took.
        where: the endpoint, for the error.
        workers: how many share the budget: each reckons that the others have as much in flight as itself, and have
            spent as much as itself since it last heard of them.

    Attributes:
        spent: what earlier runs took, and the answers here.
    """

    def __init__(self, budget: Budget, prices: Prices, spent: Spent, where: str, workers: int = 1) -> None:
        self._budget = budget
        self._prices = prices
        self._where = where
        self._workers = workers
        self._in_flight = 0
        self._others = Spent()
        self._heard = spent
        self.spent = spent

    @contextmanager
    def request(self) -> Iterator[None]:
        """Around one request.

        Raises:
            GateError: the budget is used up.
        """
        self._check()
        self._in_flight += 1
        try:
            yield
        finally:
            self._in_flight -= 1

    def pay(self, reply: Reply) -> None:
        """Count an answer."""
        self.spent = self.spent.plus(reply)

    def heed(self, others: Spent) -> None:
        """Hear what others have spent of the same budget."""
        self._others = others
        self._heard = self.spent

    def _check(self) -> None:
        spent = self.spent.and_of(self._others)
        replies = spent.replies
        unheard = (self._workers - 1) * self.spent.minus(self._heard).replies
        share = (replies + unheard + self._workers * self._in_flight) / replies if replies else 1.0
        limits = (
            ("tokens", self._budget.tokens, spent.tokens, ",.0f"),
            ("money", self._budget.money, spent.money(self._prices), ",.4f"),
        )
        for name, limit, used, form in limits:
            if limit is not None and used * share >= limit:
                raise GateError(
                    f"the teacher's budget is used up: {used:{form}} of {limit:{form}} {name} in {replies} answers",
                    where=self._where,
                    mend=f"raise teacher.endpoint.budget.{name} and run again: what was answered is kept",
                )
