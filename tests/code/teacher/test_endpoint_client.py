"""The client against a real server that misbehaves: what passes is asked again, what does not is one clear error."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest
from misbehaving import MODEL, PASSING, faulty, serve
from pydantic import SecretStr

from bioner.config.teacher import Budget, Endpoint, Limits, Prices
from bioner.errors import GateError, ModelError
from bioner.teacher.budget import Purse, Spent
from bioner.teacher.chat import Reply, Request, RequestError
from bioner.teacher.endpoint_client import Client

T = TypeVar("T")

KEY = "sk-invented-and-secret-0123456789"
QUICK: dict[str, Any] = {"timeout": 30.0, "wait": 0.01, "longest_wait": 0.5, "probe_every": 0.05, "patience": 20.0}


def settings(url: str, limits: dict[str, Any] | None = None, **changes: Any) -> Endpoint:
    return Endpoint(url=url, model=MODEL, limits=Limits(**{**QUICK, **(limits or {})}), **changes)


def with_client(endpoint: Endpoint, use: Callable[[Client], Awaitable[T]]) -> T:
    async def run() -> T:
        purse = Purse(endpoint.budget, endpoint.prices, Spent(), endpoint.url)
        async with Client(endpoint, SecretStr(KEY), purse) as client:
            return await use(client)

    return asyncio.run(run())


def about(text: str) -> Request:
    return Request((("user", f"Text:\n{text}"),))


def ask(endpoint: Endpoint, *texts: str) -> list[Any]:
    """The reply, or the error, for each text; all are asked for at once."""

    async def use(client: Client) -> list[Any]:
        return await asyncio.gather(*(client.ask(about(text)) for text in texts), return_exceptions=True)

    return with_client(endpoint, use)


@pytest.mark.parametrize("fault", PASSING)
def test_what_passes_is_asked_again(fault: str) -> None:
    with serve(str.upper, fault=lambda _, time: fault if time < 2 else None) as server:
        (reply,) = ask(settings(server.url, {"timeout": 1.0 if fault == "hang" else 30.0}), "a text")
    assert reply == Reply("A TEXT", "stop", 100, 20, MODEL)
    assert server.log.asked["a text"] == 3


@pytest.mark.parametrize("status", ["408", "409", "425", "500", "502", "503", "504", "529"])
def test_statuses_that_pass(status: str) -> None:
    with serve(str.upper, fault=lambda _, time: status if time < 1 else None) as server:
        assert ask(settings(server.url), "x")[0].text == "X"


@pytest.mark.parametrize("fault", ["429", "malformed", "half"])
def test_what_does_not_pass_in_time_has_failed(fault: str) -> None:
    with serve(str.upper, fault=lambda text, _: fault if text == "bad" else None) as server:
        bad, good = ask(settings(server.url, {"tries": 3}), "bad", "good")
    assert isinstance(bad, RequestError)
    assert good.text == "GOOD"
    assert server.log.asked == {"bad": 3, "good": 1}


@pytest.mark.parametrize("status", ["400", "413", "422"])
def test_what_cannot_be_answered_is_not_asked_again(status: str) -> None:
    with serve(str.upper, fault=lambda text, _: status if text == "bad" else None) as server:
        bad, good = ask(settings(server.url), "bad", "good")
    assert isinstance(bad, RequestError)
    assert bad.reason == f"HTTP {status} (invented_code)"
    assert server.log.asked == {"bad": 1, "good": 1}
    assert good.text == "GOOD"


@pytest.mark.parametrize(
    ("status", "message", "mend"),
    [
        ("401", "MY_KEY", "MY_KEY"),
        ("403", "MY_KEY", MODEL),
        ("404", MODEL, "/v1"),
        ("307", "not followed", "url"),
        ("402", "payment", "account"),
    ],
)
def test_what_no_request_can_pass_is_one_clear_error(status: str, message: str, mend: str) -> None:
    with serve(str.upper, fault=lambda *_: status) as server:
        errors = ask(settings(server.url, {"concurrency": 1}, api_key_env="MY_KEY"), *"abcdef")
    assert len({str(error) for error in errors}) == 1
    assert isinstance(errors[0], ModelError)
    assert message in errors[0].what
    assert mend in errors[0].mend
    assert server.url in errors[0].where
    assert server.log.asked.total() == 1, "it went on asking"


def test_the_key_goes_to_the_endpoint_and_nowhere_else(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    for fault in ("400", "401", "404", "500", "307", "hang", "reset", "half", "malformed", None):
        with serve(str.upper, fault=lambda *_, fault=fault: fault) as server:
            endpoint = settings(server.url, {"tries": 1, "timeout": 0.1}, api_key_env="MY_KEY")
            (said,) = ask(endpoint, "text")
            assert server.log.headers[0]["Authorization"] == f"Bearer {KEY}"
        shown = [repr(said), str(said), repr(vars(said)) if isinstance(said, Exception) else "", repr(endpoint)]
        assert KEY not in "".join(shown)
        assert not isinstance(said, Exception) or KEY not in repr(said.__cause__)

    async def shown_client(client: Client) -> str:
        return repr(client) + str(client)

    assert KEY not in with_client(endpoint, shown_client)
    assert KEY not in caplog.text
    assert KEY not in "".join(capfd.readouterr())


def test_no_more_requests_at_a_time_than_allowed() -> None:
    with serve(str.upper, latency=0.02) as server:
        began = time.monotonic()
        replies = ask(settings(server.url, {"concurrency": 4}), *map(str, range(40)))
    assert [reply.text for reply in replies] == [str(number) for number in range(40)]
    assert server.log.most == 4
    assert time.monotonic() - began >= 10 * 0.02


def test_no_more_requests_in_a_minute_than_allowed() -> None:
    with serve(str.upper) as server:
        ask(settings(server.url, {"requests_per_minute": 1200}), *map(str, range(9)))
    gaps = [later - before for before, later in zip(server.log.times, server.log.times[1:], strict=False)]
    assert sum(gaps) >= 8 * 0.05 - 0.02


@pytest.mark.parametrize("fault", ["429 9", "503 9"])
def test_waits_as_long_as_it_is_asked_to_within_bounds(fault: str) -> None:
    with serve(str.upper, fault=lambda text, time: fault if text == "first" and time < 1 else None) as server:

        async def use(client: Client) -> None:
            first = asyncio.create_task(client.ask(about("first")))
            await asyncio.sleep(0.1)
            await asyncio.gather(first, *(client.ask(about(str(number))) for number in range(5)))

        with_client(settings(server.url, {"longest_wait": 0.4}), use)
    refused, *others = server.log.times
    assert len(others) == 6
    assert min(others) - refused >= 0.39, "others were sent while it was to be left alone"
    assert max(others) - refused < 9


def test_an_endpoint_that_is_dead_for_a_while_loses_nothing() -> None:
    async def use(client: Client) -> list[Reply]:
        async def revive() -> None:
            await asyncio.sleep(0.6)
            server.dead = False

        replies, _ = await asyncio.gather(asyncio.gather(*(client.ask(about(str(n))) for n in range(60))), revive())
        return replies

    with serve(str.upper, dead=True) as server:
        replies = with_client(settings(server.url, {"failures": 1, "tries": 1, "concurrency": 2}), use)
    assert [reply.text for reply in replies] == [str(number) for number in range(60)]
    probes = server.log.asked.total() - 60
    assert probes < 2 * 0.6 / QUICK["probe_every"], "it was hammered while it was down"


@pytest.mark.parametrize("fault", ["500", "reset"])
def test_texts_that_an_endpoint_fails_on_are_not_taken_for_its_death(fault: str) -> None:
    with serve(str.upper, fault=lambda text, _: fault if text.startswith("bad") else None) as server:
        limits = {"failures": 2, "tries": 3, "concurrency": 2, "probe_every": 0.01}
        *bad, good = ask(settings(server.url, limits), "bad", "bad too", "bad as well", "good")
    assert [type(outcome) for outcome in bad] == [RequestError] * 3
    assert good.text == "GOOD"
    assert [server.log.asked[text] for text in ("bad", "bad too", "bad as well", "good")] == [3, 3, 3, 1]


def test_an_endpoint_that_stays_dead_ends_it(unused_port: int) -> None:
    endpoint = settings(f"http://127.0.0.1:{unused_port}/v1", {"failures": 2, "patience": 0.3})
    errors = ask(endpoint, *"abcd")
    assert {type(error) for error in errors} == {ModelError}
    assert "no connection" in str(errors[0])


@pytest.mark.parametrize("budget", [Budget(tokens=1200), Budget(money=0.0012)], ids=["tokens", "money"])
def test_a_budget_stops_it(budget: Budget) -> None:
    with serve(str.upper, latency=0.01) as server:
        endpoint = settings(server.url, {"concurrency": 4}, budget=budget, prices=Prices(prompt=1.0, completion=1.0))
        outcomes = ask(endpoint, *map(str, range(50)))
    replies = [outcome for outcome in outcomes if isinstance(outcome, Reply)]
    assert len(replies) == 10 == server.log.asked.total(), "10 answers of 120 tokens fit"
    assert {type(outcome) for outcome in outcomes} == {Reply, GateError}


def test_an_answer_of_any_size_is_not_read() -> None:
    with serve(lambda _: "x" * 100_000) as server:
        (error,) = ask(settings(server.url, {"max_bytes": 10_000}), "text")
    assert isinstance(error, RequestError)
    assert "too many bytes" in error.reason
    assert server.log.asked.total() == 1


def test_redirects_are_not_followed() -> None:
    with serve(str.upper) as other, serve(str.upper, fault=lambda *_: "301") as server:
        ask(settings(server.url), "text")
    assert not other.log.asked


def test_many_texts_with_every_failure_are_all_accounted_for() -> None:
    texts = [f"text {number}" for number in range(300)]
    with serve(str.upper, fault=faulty(7, 0.3)) as server:
        replies = ask(settings(server.url, {"concurrency": 32, "tries": 4, "timeout": 2.0}), *texts)
        assert [reply.text for reply in replies] == [text.upper() for text in texts]
        del server.log.answered[""]  # probes
        assert server.log.answered.total() == 300, "an answer was paid for twice"
        assert server.log.asked.total() > 350, "the server hardly misbehaved: the test shows little"


@pytest.mark.parametrize(("models", "expected"), [([MODEL, "b"], [MODEL, "b"]), ([], []), (404, None), (405, None)])
def test_the_list_of_models(models: Any, expected: list[str] | None) -> None:
    with serve(str.upper, models=models) as server:
        assert with_client(settings(server.url), Client.models) == expected


@pytest.mark.parametrize(("models", "message"), [(401, "refuses the key"), (500, "HTTP 500")])
def test_a_list_that_is_refused(models: int, message: str) -> None:
    with serve(str.upper, models=models) as server, pytest.raises(ModelError, match=message):
        with_client(settings(server.url, {"tries": 2}, api_key_env="MY_KEY"), Client.models)  # pragma: allowlist secret


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
