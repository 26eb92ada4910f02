"""Two people, two projects: what one is not in does not exist for one, not even as a number."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import httpx
import pytest

from orrery_hub.scopes import LAUNCH, PLATFORM_ADMIN
from tests.hub.hubs import Hub
from tests.security.examples import body_of
from tests.security.labs import error_body
from tests.security.routes import Route

# Words that occur in project Q alone; whoever finds one of them in an answer has found a leak.
SECRET = "zweitprojekt"
WORDS = (f"{SECRET}-name", f"{SECRET}-tag", f"{SECRET}_code", f"{SECRET}-words", f"{SECRET}-prefix")


@dataclass
class World:
    """Anna is in project P, Bert in project Q; Carl was in Q until just now."""

    hub: Hub
    snippet: str = ""
    people: dict[str, httpx.Client] = field(default_factory=dict)

    def make(self) -> World:
        for name in ("anna", "bert", "carl"):
            self.people[name] = self.hub.client(name)
        anna, bert = self.people["anna"], self.people["bert"]
        _ok(anna.post("/projects", json={"slug": "project-p", "name": "P"}), 201)
        q = {"slug": f"{SECRET}-q", "name": WORDS[0], "description": WORDS[3]}
        _ok(bert.post("/projects", json=q), 201)
        _ok(bert.put(f"/projects/{SECRET}-q/members/carl", json={"role": "owner"}), 200)
        wanted = {
            "name": WORDS[0],
            "description": WORDS[3],
            "tags": [WORDS[1]],
            "prefix": WORDS[4],
            "language": "r",
            "cells": [{"source": f"{WORDS[2]} = 1"}],
            "scope": "project",
            "project": f"{SECRET}-q",
        }
        self.snippet = _ok(bert.post("/snippets", json=wanted), 201).json()["id"]
        _ok(self.people["carl"].get(f"/projects/{SECRET}-q"), 200)
        _ok(self.people["carl"].get(f"/snippets/{self.snippet}/versions"), 200)
        _ok(bert.delete(f"/projects/{SECRET}-q/members/carl"), 204)
        return self

    @property
    def values(self) -> dict[str, str]:
        """What a stranger would have to guess, guessed."""
        return {"slug": f"{SECRET}-q", "id": self.snippet, "user": "bert", "name": f"{SECRET}-q"}

    def close(self) -> None:
        for client in self.people.values():
            client.close()


def _ok(answer: httpx.Response, status: int) -> httpx.Response:
    assert answer.status_code == status, answer.text
    return answer


@pytest.fixture(scope="module")
def world(hub: Hub) -> Iterator[World]:
    one = World(hub).make()
    yield one
    one.close()


def aimed(verb: str, route: Route, world: World) -> object:
    """The example body of a route, aimed at the other project."""
    body = body_of(verb, route)
    if body is None:
        return None
    if "cells" in body and "name" in body:
        body |= {"scope": "project", "project": f"{SECRET}-q"}
    if set(body) == {"slug"}:
        body["slug"] = f"{SECRET}-q"
    return body


@pytest.mark.parametrize("who", ["anna", "carl"])
def test_nobody_reaches_another_project_by_any_route(
    world: World, hub_routes: list[Route], who: str
) -> None:
    origin = world.hub.service.removesuffix("/services/orrery/api")
    client = world.people[who]
    checks = 0
    for route in hub_routes:
        for verb in sorted(route.verbs & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
            wanted = aimed(verb, route, world)
            for at in (world.values, {}):
                answer = client.request(verb, origin + route.path(at), json=wanted)
                checks += 1
                assert answer.status_code < 500, (verb, route, answer.text)
                said = _without_what_was_asked(answer)
                assert SECRET not in said, (verb, route, said)
                assert world.snippet not in said, (verb, route, said)
            if {"slug", "id"} & set(route.names) or SECRET in json.dumps(wanted):
                real = client.request(verb, origin + route.path(world.values), json=wanted)
                guess = client.request(verb, origin + route.path({}), json=_unreal(wanted))
                if route.pattern.startswith("/services/orrery/publish/"):
                    # The page asks who it is first, before it looks for anything.
                    refusal = 302 if verb == "GET" else 401
                    assert real.status_code == guess.status_code == refusal, (verb, real.text)
                    continue
                refusal = 403 if route.scope in (PLATFORM_ADMIN, LAUNCH) else 404
                assert real.status_code == guess.status_code == refusal, (verb, route, real.text)
                assert _shape(real) == _shape(guess), (verb, route)
    assert checks > 30
    left = world.people["bert"].get(f"/projects/{SECRET}-q").json()
    assert left["members"] == 1
    assert left["name"] == WORDS[0]
    feed = world.people["bert"].get("/snippets/changes").json()
    (kept,) = (one for one in feed["upserts"] if one["id"] == world.snippet)
    assert kept["version"] == 1


def _unreal(wanted: object) -> object:
    return json.loads(json.dumps(wanted).replace(f"{SECRET}-q", "no-such-project"))


def _without_what_was_asked(answer: httpx.Response) -> str:
    """The answer without the words that the question itself held."""
    said = answer.text
    for asked in (f"{SECRET}-q",):
        if asked in answer.request.url.path or asked.encode() in answer.request.content:
            said = said.replace(asked, "")
    return said


def _shape(answer: httpx.Response) -> tuple[object, ...]:
    body = error_body(answer)
    plain = json.dumps([body["message"], body["reason"], body["remedy"], body["details"]])
    return body["code"], plain.replace(f"{SECRET}-q", "X").replace("no-such-project", "X")


@pytest.mark.parametrize("who", ["anna", "carl"])
def test_lists_searches_and_counts_know_nothing_of_it(
    world: World, hub_routes: list[Route], who: str
) -> None:
    """Every list of the service, with every query that it takes set to every word of the other project."""
    client = world.people[who]
    described = client.get("/openapi.json").json()
    for path, operations in described["paths"].items():
        for parameter in operations.get("get", {}).get("parameters", ()):
            if parameter["in"] != "query":
                continue
            for word in (*WORDS, SECRET, "%", "_", "*", "."):
                answer = client.get(
                    world.hub.service.removesuffix("/services/orrery/api")
                    + re.sub(r"\{\w+\}", "x", path.replace("{slug}", "project-p")),
                    params={parameter["name"]: word},
                )
                assert answer.status_code < 500
                assert SECRET not in answer.text.replace(word, "") or SECRET in word
                is_table = answer.headers["Content-Type"].startswith("text/csv")
                body = {} if is_table else answer.json()
                searched = parameter["name"] == "q" and word in (*WORDS, SECRET)
                if searched and answer.status_code == 200 and "total" in body:
                    assert body["total"] == 0, (path, word, body)
    me = client.get("/me").json()
    assert SECRET not in json.dumps(me)
    projects = client.get("/projects").json()
    assert projects["total"] == len(projects["items"])


def test_leaving_is_at_once_and_the_feed_says_so(world: World) -> None:
    bert, dora = world.people["bert"], world.hub.client("dora")
    with dora:
        _ok(bert.put(f"/projects/{SECRET}-q/members/dora", json={"role": "viewer"}), 200)
        feed = dora.get("/snippets/changes").json()
        assert world.snippet in [one["id"] for one in feed["upserts"]]
        while feed["more"]:
            feed = dora.get("/snippets/changes", params={"cursor": feed["cursor"]}).json()
        _ok(bert.delete(f"/projects/{SECRET}-q/members/dora"), 204)
        after = dora.get("/snippets/changes", params={"cursor": feed["cursor"]}).json()
        assert world.snippet in after["removed"] or after["reset"]
        assert SECRET not in json.dumps(after["upserts"])
        assert dora.get(f"/projects/{SECRET}-q").status_code == 404


def test_a_deleted_name_does_not_come_back_with_its_things(world: World) -> None:
    """A project of the same slug, a person of the same name: nothing of the old one is theirs."""
    bert, anna = world.people["bert"], world.people["anna"]
    _ok(bert.post("/projects", json={"slug": "reused", "name": "Old"}), 201)
    made = bert.post(
        "/snippets",
        json={"name": "old", "cells": [{"source": "old"}], "scope": "project", "project": "reused"},
    )
    _ok(made, 201)
    _ok(bert.delete("/projects/reused"), 204)
    again = anna.post("/projects", json={"slug": "reused", "name": "New"})
    assert again.status_code in (201, 409)
    feed = anna.get("/snippets/changes").json()
    assert made.json()["id"] not in [one["id"] for one in feed["upserts"]]
    assert anna.get(f"/snippets/{made.json()['id']}/versions").status_code == 404


def test_the_marks_of_one_are_not_seen_by_another(world: World) -> None:
    anna, bert = world.people["anna"], world.people["bert"]
    wanted = {"name": "m", "cells": [{"source": "1"}], "scope": "project", "project": "project-p"}
    made = _ok(anna.post("/snippets", json=wanted), 201).json()
    _ok(anna.put("/projects/project-p/members/bert", json={"role": "viewer"}), 200)
    marks = {"favourite": True, "position": 7.5, "used": True}
    _ok(anna.patch(f"/snippets/{made['id']}/marks", json=marks), 200)
    feed = bert.get("/snippets/changes").json()["upserts"]
    (seen,) = (one for one in feed if one["id"] == made["id"])
    assert (seen["favourite"], seen["position"], seen["uses"]) == (False, None, 0)
    assert seen["writable"] is False
    _ok(anna.delete("/projects/project-p/members/bert"), 204)
