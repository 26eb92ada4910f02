"""Routes by path: the framework's own choice, found without trying each, and refusals that cost nothing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from unittest import mock

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlalchemy import event
from starlette.routing import Match

from orrery_hub.base.auth import declared_routes
from orrery_hub.base.route_table import RouteTable, install_dispatch
from tests.hub.services import PREFIX, Service
from tests.loops import each


def _samples(app: FastAPI) -> list[tuple[str, str]]:
    """A request for every route, and such whose values are words of other routes."""
    samples = []
    for route in declared_routes(app):
        for value in ("a-1", "current", "9"):
            path = "/".join(
                value if part.startswith("{") else part for part in route.path.split("/")
            )
            samples += [(method, path) for method in ("GET", "POST", "PUT", "PATCH", "DELETE")]
    return sorted(set(samples))


def test_the_table_chooses_as_the_framework_does(service: Service) -> None:
    contexts = list(iter_route_contexts(service.app.routes))
    table = RouteTable(declared_routes(service.app))
    samples = _samples(service.app)
    assert len(samples) > 1_000
    for method, path in samples:
        scope = {"type": "http", "method": method, "path": path}
        matches = [(context, *context.matches(dict(scope))) for context in contexts]
        full = [(context, more) for context, match, more in matches if match == Match.FULL]
        found = table.find(method, path)
        assert (found is None) == (not full), (method, path)
        if found is None:
            methods = {
                m
                for context, match, _ in matches
                if match != Match.NONE
                for m in context.methods or ()
            }
            assert table.methods(path) == sorted(methods), (method, path)
            continue
        # A path without values comes before one with values, whichever was declared first.
        chosen = next((pair for pair in full if pair[0].path == path), full[0])
        assert found.route.path == chosen[0].path, (method, path)
        assert dict(found.values) == chosen[1]["path_params"], (method, path)


def test_the_framework_looks_for_no_route(service: Service) -> None:
    ann = service.client("ann")
    ann.get("/me")  # the table is made at the first request
    with mock.patch.object(service.app.router, "routes", []):
        assert ann.get("/me").json()["name"] == "ann"
        assert ann.post("/projects", json={"slug": "p", "name": "P"}).status_code == 201
        assert ann.get("/projects/p").json()["slug"] == "p"
        assert ann.get("/projects/NOT-A-SLUG").status_code == 400
        assert service.anonymous().get("/health").status_code == 200


def test_an_application_without_a_chosen_route_looks_for_one() -> None:
    app = FastAPI()

    @app.get("/x/{value}")
    def x(value: str) -> str:
        return value

    install_dispatch(app)
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b""}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/x/1", "headers": [], "query_string": b""}
    asyncio.run(app(scope, receive, send))  # type: ignore[arg-type]
    assert (sent[0]["status"], sent[1]["body"]) == (200, b'"1"')


@each(
    "method, path",
    [
        ("BREW", "/api/me"),
        ("PROPFIND", "/api/snippets"),
        ("DELETE", "/api/health"),
        ("GET", "/api/made-up"),
        ("POST", "/api/projects/p/made-up"),
        ("PUT", "/"),
    ],
)
def test_what_no_route_takes_costs_no_turn(service: Service, method: str, path: str) -> None:
    """No application, no thread, no transaction, and nobody is asked who sends it."""
    ann = service.client("ann")
    ann.get("/me")
    begun: list[object] = []
    listen: Callable[..., None] = lambda connection: begun.append(connection)  # noqa: E731
    event.listen(service.database.engine, "begin", listen)
    threads = threading.active_count()
    questions = service.hub.question_count
    try:
        with mock.patch.object(service.app.router, "middleware_stack", side_effect=AssertionError):
            answers = [ann.request(method, f"http://testserver{PREFIX}{path}") for _ in range(20)]
    finally:
        event.remove(service.database.engine, "begin", listen)
    assert {answer.status_code for answer in answers} <= {404, 405}
    assert all((answer.status_code == 405) == ("allow" in answer.headers) for answer in answers)
    assert not begun
    assert threading.active_count() == threads
    assert service.hub.question_count == questions
