"""The starts of claimed servers through JupyterHub's API, also while it is away or refuses."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from orrery_hub.base.metrics import Metrics
from orrery_hub.queue.dispatcher import Start
from orrery_hub.queue.starter import Starter
from orrery_wire.errors import BackendUnavailable
from orrery_wire.queue import WaitCause

CREATED = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
START = Start(7, 70, "ann b", "", {"profile": "gpu"}, is_beside=False)
MOVE = Start(8, 80, "ann b", "two", {"profile": "gpu"}, is_beside=True)


@dataclass
class Dispatcher:
    """What the starter asks the dispatcher to note."""

    starts: list[Start] = field(default_factory=list)
    failures: list[tuple[int, WaitCause, bool]] = field(default_factory=list)
    swaps: list[int] = field(default_factory=list)
    is_movable: bool = True
    is_away: bool = False

    def tick(self) -> tuple[Start, ...]:
        if self.is_away:
            raise BackendUnavailable("The hub's database is busy")
        return tuple(self.starts)

    def fail(self, start: Start, cause: WaitCause, *, is_final: bool) -> None:
        self.failures.append((start.ticket, cause, is_final))

    def may_stop(self, start: Start) -> bool:
        return self.is_movable

    def swap(self, start: Start) -> bool:
        self.swaps.append(start.ticket)
        return True


@dataclass
class Hub:
    """JupyterHub's answers, by method."""

    answers: dict[str, list[httpx.Response]]
    asked: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((request.method, request.url.raw_path.decode()))
        answers = self.answers.get(request.method, [])
        if not answers:
            raise httpx.ConnectError("nobody listens")
        return answers.pop(0) if len(answers) > 1 else answers[0]


def starter(dispatcher: Dispatcher, hub: Hub) -> Starter:
    client = httpx.AsyncClient(
        transport=httpx.MockTransport(hub), base_url="http://hub.example/hub/api"
    )
    return Starter(dispatcher, client, Metrics())  # type: ignore[arg-type]


def in_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """A test that is a coroutine, run to its end."""

    @functools.wraps(test)
    def run(*arguments: Any, **words: Any) -> None:
        asyncio.run(test(*arguments, **words))

    return run


async def settle(starter: Starter) -> None:
    for task in list(starter._tasks):
        await task


@in_loop
async def test_a_server_is_started_once_with_its_options() -> None:
    dispatcher, hub = Dispatcher([START]), Hub({"POST": [httpx.Response(202)]})
    own = starter(dispatcher, hub)
    for _ in range(3):
        await own.look()
        await settle(own)
    assert hub.asked == [("POST", "/hub/api/users/ann%20b/servers/")]
    assert dispatcher.failures == []


@pytest.mark.parametrize(
    ("answer", "is_started"),
    [
        ({"name": "ann b", "created": CREATED.isoformat()}, True),
        ({"name": "ann b", "created": (CREATED + timedelta(seconds=1)).isoformat()}, False),
        ({"name": "ann b", "created": None}, False),
        (None, False),
    ],
)
@pytest.mark.parametrize("is_beside", [True, False])
@in_loop
async def test_nothing_is_started_for_the_next_account_of_a_name(
    answer: dict[str, Any] | None, is_started: bool, is_beside: bool
) -> None:
    claimed = replace(MOVE, created=CREATED, is_beside=is_beside)
    answers = [httpx.Response(200, json=answer) if answer else httpx.Response(404)]
    no_content = [httpx.Response(204)]
    hub = Hub({"GET": answers, "POST": no_content, "DELETE": no_content})
    dispatcher = Dispatcher([claimed])
    own = starter(dispatcher, hub)
    await own.look()
    await settle(own)
    methods = {method for method, _ in hub.asked}
    assert methods - {"GET"} == (
        {"POST"} | ({"DELETE"} if is_beside else set()) if is_started else set()
    )
    assert [is_final for _, _, is_final in dispatcher.failures] == ([] if is_started else [True])


@in_loop
async def test_a_hub_that_is_away_is_asked_again() -> None:
    dispatcher, hub = Dispatcher([START]), Hub({})
    own = starter(dispatcher, hub)
    for _ in range(2):
        await own.look()
        await settle(own)
    assert len(hub.asked) == 2
    assert dispatcher.failures == []


@pytest.mark.parametrize("status", [429, 502, 503, 504])
@in_loop
async def test_what_is_too_much_now_is_tried_again(status: int) -> None:
    dispatcher, hub = Dispatcher([START]), Hub({"POST": [httpx.Response(status)]})
    own = starter(dispatcher, hub)
    for _ in range(2):
        await own.look()
        await settle(own)
    assert (len(hub.asked), dispatcher.failures) == (2, [])


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(400, json={"message": "No such profile: gpu"}), "configuration"),
        (httpx.Response(403, json={"message": "Named servers are not enabled."}), "configuration"),
        (httpx.Response(500, json={"message": "the lab ended"}), "crash"),
        (httpx.Response(500, text="<html>"), "crash"),
    ],
)
@in_loop
async def test_a_start_that_is_refused_fails_the_ticket(answer: httpx.Response, kind: str) -> None:
    dispatcher = Dispatcher([START])
    own = starter(dispatcher, Hub({"POST": [answer]}))
    await own.look()
    await settle(own)
    ((ticket, cause, is_final),) = dispatcher.failures
    assert (ticket, cause.kind, is_final) == (7, kind, kind == "configuration")
    assert cause.values["detail"]


@in_loop
async def test_a_server_that_the_person_started_meanwhile_is_no_failure() -> None:
    dispatcher = Dispatcher([START])
    answer = httpx.Response(400, json={"message": "ann b: is already running"})
    own = starter(dispatcher, Hub({"POST": [answer]}))
    await own.look()
    await settle(own)
    assert dispatcher.failures == []


@in_loop
async def test_a_move_stops_first_and_starts_when_it_has_stopped() -> None:
    dispatcher = Dispatcher([MOVE])
    stops = [httpx.Response(202), httpx.Response(202), httpx.Response(204)]
    hub = Hub({"DELETE": stops, "POST": [httpx.Response(201)]})
    own = starter(dispatcher, hub)
    for _ in range(4):
        await own.look()
        await settle(own)
    path = "/hub/api/users/ann%20b/servers/two"
    assert hub.asked == [("DELETE", path)] * 3 + [("POST", path)]
    assert dispatcher.swaps == [8]


@in_loop
async def test_a_database_that_is_away_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    dispatcher: Any = Dispatcher([START], is_away=True)
    hub = Hub({"POST": [httpx.Response(201)]})
    own = starter(dispatcher, hub)
    await own.look()
    await own.look()
    assert caplog.text.count("the queue stands still") == 1
    dispatcher.is_away = False
    await own.look()
    await settle(own)
    assert len(hub.asked) == 1
