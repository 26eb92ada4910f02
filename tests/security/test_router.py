"""Every rule that Orrery adds to a server is one of its base's, names a permission, and changes no other rule."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import APIHandler, JupyterHandler
from starlette.responses import Response
from starlette.routing import Mount, Route
from tornado.routing import PathMatches, Rule
from tornado.web import RequestHandler

from orrery_hub.app import public_routes
from orrery_hub.base.auth import require_scopes
from orrery_server.base.handlers import NotFoundHandler, OrreryHandler, RouteHandler
from tests.security.labs import Lab
from tests.security.router import findings
from tests.security.serve import told

KWARGS = {"capability": "toy"}


@pytest.fixture(scope="module")
def without_orrery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What a lab without Orrery writes down of itself."""
    bare = Lab(tmp_path_factory.mktemp("bare"), token="of-the-person", orrery=False)
    bare.start()
    try:
        yield json.loads(bare.dump.read_text())
    finally:
        bare.stop()


def test_nothing_but_the_bases_own_rules_are_added(
    lab: Lab, without_orrery: dict[str, Any]
) -> None:
    facts = json.loads(lab.dump.read_text())
    assert len(without_orrery["routes"]) > 80
    assert len(facts["routes"]) > len(without_orrery["routes"]) + 25
    assert findings(facts["routes"], without_orrery["routes"]) == []
    assert facts["settings"] == without_orrery["settings"]


class Raw(RequestHandler):
    """Knows nothing of Jupyter."""

    def get(self) -> None:
        """Answers everybody."""


class OwnJupyter(APIHandler):
    """One of Jupyter's, and not of the base's."""

    def get(self) -> None:
        """Answers."""


class Open(OrreryHandler):
    """One of the base's that lets strangers in."""

    @allow_unauthenticated
    def get(self) -> None:
        """Answers everybody."""


class Unmarked(OrreryHandler):
    """One of the base's that does not say whether strangers may come in."""

    def get(self) -> None:
        """Answers."""


class OwnPrepare(RouteHandler):
    """Asks nobody who is there."""

    async def prepare(self) -> None:
        """Lets everybody in."""


JUPYTER = [("/api/me", JupyterHandler), ("/api/contents", APIHandler)]

PLANTED: dict[str, tuple[str, type[RequestHandler], dict[str, str]]] = {
    "not one of the base's": ("/orrery/raw", Raw, {}),
    "base's": ("/orrery/toy", OwnJupyter, {}),
    "outside": ("/toy", NotFoundHandler, KWARGS),
    "outside /orrery": ("/api/orrery/toy", NotFoundHandler, KWARGS),
    "strangers may GET": ("/orrery/toy", Open, KWARGS),
    "strangers may": ("/orrery/toy", Unmarked, KWARGS),
    "in its own way": ("/orrery/toy", OwnPrepare, KWARGS),
    "names no permission": ("/orrery/toy", NotFoundHandler, {}),
}


def rules(*added: tuple[str, type[RequestHandler], dict[str, str]]) -> list[dict[str, Any]]:
    jupyter = [Rule(PathMatches(path), handler, {}) for path, handler in JUPYTER]
    return told([Rule(PathMatches(path), handler, kw) for path, handler, kw in added] + jupyter)


@pytest.mark.parametrize("problem", PLANTED)
def test_a_planted_rule_is_noticed(problem: str) -> None:
    (finding,) = (one for one in findings(rules(PLANTED[problem]), rules()) if problem in one)
    assert PLANTED[problem][0] in finding


def test_a_rule_of_jupyter_that_is_replaced_or_moved_is_noticed() -> None:
    good = ("/orrery/toy", NotFoundHandler, KWARGS)
    assert findings(rules(good), rules()) == []
    before = rules()
    replaced = rules()
    replaced[0]["handler"] = "toy.Handler"
    assert any("is gone" in one for one in findings(replaced, before))
    assert any("another order" in one for one in findings(before[::-1], before))
    assert any("one address" in one for one in findings(rules(good, good), before))


def _get(app: FastAPI) -> None:
    @app.get("/services/orrery/api/toy")
    def toy() -> None: ...


def _post_at_a_public_address(app: FastAPI) -> None:
    @app.post("/services/orrery/api/health")
    def toy() -> None: ...


def _websocket(app: FastAPI) -> None:
    @app.websocket("/services/orrery/api/toy")
    async def toy() -> None: ...


def _mount(app: FastAPI) -> None:
    app.mount("/services/orrery/toy", Response("x"))


def _raw(app: FastAPI) -> None:
    app.router.routes.append(Route("/services/orrery/api/health", lambda _: Response("x")))


def _static(app: FastAPI) -> None:
    app.router.routes.append(Mount("/services/orrery/api/docs", Response("x")))


@pytest.mark.parametrize(
    "plant", [_get, _post_at_a_public_address, _websocket, _mount, _raw, _static]
)
def test_the_hub_service_does_not_start_with_a_route_that_names_no_permission(
    plant: Any,
) -> None:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    public = public_routes("/services/orrery")
    require_scopes(app, public)
    plant(app)
    with pytest.raises(RuntimeError, match="declares no scope"):
        require_scopes(app, public)
