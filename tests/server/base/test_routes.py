"""Declared routes: what annotations say, what is refused when the server starts, and every kind of response."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from importlib.metadata import EntryPoints
from pathlib import Path
from typing import Annotated, Any

import pytest
from jupyter_server.serverapp import ServerApp
from pydantic import StringConstraints
from tornado.httpclient import AsyncHTTPClient, HTTPResponse
from tornado.simple_httpclient import HTTPTimeoutError

from orrery_server.app import OrreryApp
from orrery_server.base import installed, respond
from orrery_server.base.installed import capabilities
from orrery_server.base.manifest import Capability
from orrery_server.base.openapi import document
from orrery_server.base.routes import Download, Event, LastEventId, Route, RouteError, resolve
from orrery_server.base.service import Service
from orrery_wire.errors import Conflict
from orrery_wire.schemas import Page, Shape

Word = Annotated[str, StringConstraints(pattern=r"^[a-z]{1,8}$")]
Ask = Callable[..., Awaitable[HTTPResponse]]


class Greeting(Shape):
    """Words for a person."""

    text: str
    times: int = 1


class GreetingIn(Shape):
    """A greeting to keep."""

    text: str


class GreetingQuery(Shape):
    """How to greet."""

    loud: bool = False
    to: tuple[str, ...] = ()


class ToyService(Service):
    """Greets."""

    closed: asyncio.Event

    async def greet(self, name: Word, query: GreetingQuery) -> Greeting:
        """Words for one person."""
        text = " ".join(("hello", name, *query.to))
        return Greeting(text=text.upper() if query.loud else text)

    async def repeat(self, number: int) -> Greeting:
        """Words several times."""
        return Greeting(text="hello", times=number)

    async def keep(self, greeting: GreetingIn, name: Word | None = None) -> Greeting:
        """Keep a greeting."""
        return Greeting(text=f"{name}: {greeting.text}")

    async def find(self, query: GreetingQuery) -> Greeting | None:
        """A greeting, if there is one."""
        return Greeting(text="found") if query.loud else None

    async def forget(self, name: Word) -> None:
        """Forget a greeting."""

    async def list(self) -> Page[Greeting]:
        """Every greeting."""
        return Page[Greeting](items=(Greeting(text="a"),), total=1, offset=0, limit=1)

    async def book(self) -> Download:
        """Every greeting as a file."""
        return Download((b"x" * 1_000 for _ in range(3)), name="grüße.csv")

    async def picture(self) -> Download:
        """A greeting as a picture."""
        return Download(Path(__file__))

    async def long(self) -> Greeting:
        """More words than one write should have."""
        return Greeting(text="ä\n" * 2**20)

    async def ticks(
        self, query: GreetingQuery, after: LastEventId
    ) -> AsyncIterator[Event[Greeting]]:
        """Greetings as they come."""
        try:
            for number in range(int(after or 0) + 1, 4):
                await asyncio.sleep(0.15)
                yield Event(Greeting(text="tick", times=number), id=str(number))
            if query.loud:
                raise Conflict("Too loud")
            if query.to:
                await asyncio.sleep(60)
        finally:
            self.closed.set()


TOY = Capability(
    name="toy",
    title="Toy",
    service=ToyService,
    routes=(
        Route("GET", "toy/{name}", ToyService.greet),
        Route("GET", "toy/number/{number}", ToyService.repeat),
        Route("PUT", "toy/{name}", ToyService.keep, max_body=100),
        Route("POST", "toy", ToyService.keep, name="make", status=201),
        Route("GET", "toy", ToyService.list),
        Route("POST", "toy/find", ToyService.find, scope="read"),
        Route("DELETE", "toy/{name}", ToyService.forget),
        Route("GET", "toy/book", ToyService.book, media="text/csv"),
        Route("GET", "toy/picture", ToyService.picture, media="image/png"),
        Route("GET", "toy/long", ToyService.long),
        Route("GET", "toy/ticks", ToyService.ticks),
    ),
)


@pytest.fixture(autouse=True)
def with_toy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orrery_server.app.capabilities", lambda: (*capabilities(), TOY))


@pytest.fixture
def toy(with_toy: None, jp_serverapp: ServerApp) -> ToyService:
    app = jp_serverapp.web_app.settings["orrery"]
    assert isinstance(app, OrreryApp)
    service = app.services["toy"]
    assert isinstance(service, ToyService)
    service.closed = asyncio.Event()
    return service


@pytest.fixture
def ask(
    toy: ToyService, jp_serverapp: ServerApp, http_server_client: AsyncHTTPClient, jp_base_url: str
) -> Ask:
    async def ask(method: str, path: str, body: object = None, **options: Any) -> HTTPResponse:
        headers = {"Authorization": f"token {jp_serverapp.identity_provider.token}"}
        return await http_server_client.fetch(
            f"{jp_base_url}orrery/{path}",
            method=method,
            body=None if body is None else json.dumps(body),
            headers=headers | options.pop("headers", {}),
            allow_nonstandard_methods=True,
            raise_error=False,
            **options,
        )

    return ask


async def test_what_a_request_holds_fills_the_parameters(ask: Ask) -> None:
    greeting = await ask("GET", "toy/ann?loud=true&to=a&to=b")
    assert json.loads(greeting.body) == {"text": "HELLO ANN A B", "times": 1}
    assert json.loads((await ask("GET", "toy/number/7")).body)["times"] == 7
    saved = await ask("POST", "toy", {"text": "x"})
    assert (saved.code, json.loads(saved.body)["text"]) == (201, "None: x")
    assert json.loads((await ask("PUT", "toy/ann", {"text": "x"})).body)["text"] == "ann: x"
    assert json.loads((await ask("GET", "toy")).body)["total"] == 1
    assert (await ask("DELETE", "toy/ann")).code == 204
    assert (await ask("POST", "toy/find")).code == 204
    assert (await ask("POST", "toy/find?loud=1")).code == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "toy/ANN", None, 400),
        ("GET", "toy/number/x", None, 404),
        ("GET", "toy/number/9999999999", None, 404),
        ("GET", "toy/ann?other=1", None, 400),
        ("PUT", "toy/ann", {"text": "x", "more": 1}, 400),
        ("PUT", "toy/ann", {"text": "x" * 200}, 413),
        ("POST", "toy/ann", {}, 405),
    ],
)
async def test_what_no_parameter_can_hold_is_refused(
    ask: Ask, method: str, path: str, body: object, status: int
) -> None:
    assert (await ask(method, path, body)).code == status


async def test_head_is_get_without_its_body_and_options_says_the_methods(ask: Ask) -> None:
    head, get = await ask("HEAD", "toy/ann"), await ask("GET", "toy/ann")
    assert (head.code, head.body) == (200, b"")
    assert head.headers["Content-Length"] == get.headers["Content-Length"]
    assert (await ask("HEAD", "toy/find")).code == 405
    options = await ask("OPTIONS", "toy/ann")
    assert options.headers["Allow"] == "GET, PUT, DELETE, HEAD, OPTIONS"


async def test_a_file_has_a_name_and_a_type(ask: Ask) -> None:
    book = await ask("GET", "toy/book")
    assert book.body == b"x" * 3_000
    assert book.headers["Content-Type"] == "text/csv"
    assert book.headers["Content-Disposition"] == "attachment; filename*=UTF-8''gr%C3%BC%C3%9Fe.csv"
    picture = await ask("GET", "toy/picture")
    assert picture.body == Path(__file__).read_bytes()
    assert "Content-Disposition" not in picture.headers
    assert picture.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_long_text_arrives_whole(ask: Ask) -> None:
    long = await ask("GET", "toy/long")
    assert long.headers["Content-Type"] == "application/json"
    assert json.loads(long.body) == {"times": 1, "text": "ä\n" * 2**20}


async def test_events_arrive_with_ids_and_go_on_after_the_last_one(ask: Ask) -> None:
    everything = await ask("GET", "toy/ticks")
    assert everything.headers["Content-Type"] == "text/event-stream"
    assert everything.body.decode().count("data: ") == 3
    rest = await ask("GET", "toy/ticks", headers={"Last-Event-ID": "2"})
    assert rest.body == b'id: 3\ndata: {"text":"tick","times":3}\n\n'


async def test_a_quiet_stream_has_a_heart_beat(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(respond, "HEARTBEAT_SECONDS", 0.05)
    assert b":\n\n" in (await ask("GET", "toy/ticks", headers={"Last-Event-ID": "2"})).body


async def test_a_stream_that_fails_says_so_in_its_place(ask: Ask) -> None:
    late = (await ask("GET", "toy/ticks?loud=1", headers={"Last-Event-ID": "2"})).body.decode()
    assert "id: 3" in late
    assert late.partition("event: error\ndata: ")[2].startswith('{"code": "conflict"')
    early = await ask("GET", "toy/ticks?loud=1", headers={"Last-Event-ID": "3"})
    assert (early.code, json.loads(early.body)["code"]) == (409, "conflict")


async def test_a_client_that_goes_ends_its_stream(ask: Ask, toy: ToyService) -> None:
    first = asyncio.Event()

    def seen(_chunk: bytes) -> None:
        first.set()

    gone = asyncio.ensure_future(
        ask("GET", "toy/ticks?to=a", streaming_callback=seen, request_timeout=1)
    )
    await first.wait()
    with pytest.raises(HTTPTimeoutError):
        await gone
    await asyncio.wait_for(toy.closed.wait(), 5)


class Wrong(Service):
    """What cannot be declared."""

    async def bare(self, name) -> None:  # type: ignore[no-untyped-def]
        """A parameter without an annotation."""

    async def unfilled(self, number: int) -> None:
        """A parameter that nothing fills."""

    async def twice(self, one: GreetingIn, other: GreetingIn) -> None:
        """Two bodies."""

    async def silent(self, name: str):  # type: ignore[no-untyped-def]
        """No return annotation."""

    async def odd(self, name: str) -> dict[str, int]:
        """A response that is no shape."""

    async def lists(self, name: tuple[str, ...]) -> None:
        """A path of many."""

    async def unknown(self, name: Nowhere) -> None:  # type: ignore[name-defined]  # noqa: F821
        """An annotation that names nothing."""

    async def fine(self, name: str) -> None:
        """Nothing wrong."""


@pytest.mark.parametrize(
    ("route", "words"),
    [
        (Route("GET", "wrong/{name}", Wrong.bare), "no annotation"),
        (Route("GET", "wrong", Wrong.unfilled), "fills the parameter 'number'"),
        (Route("POST", "wrong", Wrong.twice), "both its body"),
        (Route("GET", "wrong/{name}", Wrong.silent), "return annotation"),
        (Route("GET", "wrong/{name}", Wrong.odd), "not a response"),
        (Route("GET", "wrong/{name}", Wrong.lists), "neither str nor int"),
        (Route("GET", "wrong/{name}", Wrong.unknown), "Nowhere"),
        (Route("GET", "wrong/{other}", Wrong.fine), "'name'"),
        (Route("GET", "wrong/{name}/{other}", Wrong.fine), "no parameter 'other'"),
        (Route("FETCH", "wrong/{name}", Wrong.fine), "method is not one of"),  # type: ignore[arg-type]
        (Route("GET", "wrong/{name}", Wrong.fine, scope="all"), "scope 'all'"),  # type: ignore[arg-type]
    ],
)
def test_a_route_that_cannot_be_served_fails_when_the_server_starts(
    route: Route, words: str
) -> None:
    with pytest.raises(RouteError, match=words) as caught:
        resolve("wrong", route)
    assert route.path in str(caught.value)


def test_two_routes_cannot_share_an_address_or_a_name() -> None:
    for routes in (
        (Route("GET", "toy/{name}", Wrong.fine), Route("GET", "toy/{name}", Wrong.fine, name="b")),
        (Route("GET", "toy/{name}", Wrong.fine), Route("GET", "toy/x/{name}", Wrong.fine)),
    ):
        with pytest.raises(RouteError, match="same"):
            _ = Capability("toy", "Toy", Wrong, routes).endpoints


def test_a_server_without_any_capability_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(installed, "installed", EntryPoints)
    with pytest.raises(RouteError, match="install jupyter-orrery again"):
        installed.load_installed.__wrapped__()


def test_a_capability_is_named_by_letters() -> None:
    with pytest.raises(RouteError, match="small letters"):
        Capability("To-y", "Toy", Wrong, ())


def test_the_document_says_what_each_route_takes_and_gives() -> None:
    paths = document((TOY,), "1")["paths"]
    greet = paths["/toy/{name}"]["get"]
    assert [one["name"] for one in greet["parameters"]] == ["name", "loud", "to"]
    assert greet["parameters"][0]["schema"]["pattern"] == "^[a-z]{1,8}$"
    assert greet["x-orrery-scope"] == "orrery:toy:read"
    assert set(paths["/toy/find"]["post"]["responses"]) == {"200", "204", "default"}
    assert set(paths["/toy/ticks"]["get"]["responses"]["200"]["content"]) == {"text/event-stream"}
    body = paths["/toy"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body == {"$ref": "#/components/schemas/GreetingIn"}
    assert set(paths["/toy/{name}"]["delete"]["responses"]) == {"204", "default"}
