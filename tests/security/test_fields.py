"""Sets D, F and K: hostile texts in every part of an address and every field of a body."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.effort import trials
from tests.hub.hubs import Hub
from tests.security.examples import SNIPPET, at, body_of, with_text, with_text_everywhere
from tests.security.hostile.collisions import pairs
from tests.security.hostile.expansions import EXPANSIONS
from tests.security.hostile.paths import CANARY, SAID, paths
from tests.security.labs import Lab, error_body
from tests.security.routes import Route

# What may appear while routes are attacked: databases, logs, and what a service keeps below its own names.
_KNOWN = re.compile(
    r"\.(sqlite[^/]*|log)$|/(state|run|runtime|data/orrery|ipython|__pycache__)(/|$)"
)
# Folders of projects, which are made under the names that were checked.
_MADE = re.compile(r"/projects(/[a-z0-9-]+(/|$)|$)")


def files(root: Path) -> set[str]:
    """Every file and folder below a root that no part is expected to write."""
    found = (str(path) for path in root.rglob("*"))
    return {path for path in found if not _KNOWN.search(path)}


def raw(text: str) -> str:
    """A text as one segment of an address, as an attacker would send it: not tidied by any client."""
    return quote(text.encode("utf-8", "surrogatepass"), safe="~!$&'()*+,;=:@%")


def segments(text: str) -> Iterator[str]:
    """The text as it is (its slashes make new segments) and hidden in one segment."""
    yield raw(text).replace("%2F", "/")
    yield quote(text.encode("utf-8", "surrogatepass"), safe="")


@pytest.fixture(scope="module")
def canaries(lab: Lab, hub: Hub) -> Iterator[list[Path]]:
    """A file in each place that a path could lead to by mistake."""
    places = [lab.home, lab.home.parent, lab.work, hub.home, hub.home.parent, hub.home / "state"]
    written = [place / CANARY for place in places]
    for path in written:
        path.write_text(SAID)
    yield written
    for path in written:
        path.unlink()


def no_harm(answer: httpx.Response, what: object) -> None:
    """Nothing was read from outside, and a refusal is a proper one."""
    assert answer.status_code < 500, (what, answer.status_code, answer.text[:500])
    assert SAID not in answer.text, what
    assert "root:x:0:0" not in answer.text, what
    if answer.status_code >= 400:
        error_body(answer)


@pytest.mark.parametrize("part", ["lab", "hub"])
def test_no_text_in_an_address_leads_outside(
    lab: Lab, hub: Hub, hub_routes: list[Route], canaries: list[Path], part: str
) -> None:
    client = lab.person() if part == "lab" else hub.client("alice")
    routes = lab.routes if part == "lab" else hub_routes
    root = lab.home if part == "lab" else hub.home
    asked = 0
    with client:
        base = str(client.base_url)
        targets = _targets(routes, refused(client, routes))
        before = files(root)
        for verb, route, target in targets:
            answer = client.request(
                verb,
                base,
                json=body_of(verb, route) if verb in ("PUT", "PATCH") else None,
                extensions={"target": target},
            )
            asked += 1
            no_harm(answer, (verb, target))
    assert asked > 1_000
    assert files(root) - before == set(), "something was written"
    for canary in canaries:
        assert canary.read_text() == SAID


def refused(client: httpx.Client, routes: list[Route]) -> frozenset[tuple[str, str]]:
    """Verbs and patterns of what a person of the hub may not do at all: a good request is refused too."""
    return frozenset(
        (verb, route.pattern)
        for route in routes
        for verb in sorted(route.verbs & {"GET", "POST", "DELETE", "PUT", "PATCH"})
        if route.part == "hub" and (route.names or verb in route.bodies)
        if send(client, verb, route, body_of(verb, route)).status_code == httpx.codes.FORBIDDEN
    )


def _targets(
    routes: list[Route], forbidden: frozenset[tuple[str, str]]
) -> Iterator[tuple[str, Route, bytes]]:
    """Every part of every address, with every text in it; in ``make test`` with every fourth, each text in a quarter.

    Where the person may do nothing, the address is not looked at: every text is in some of those then, not in a quarter.
    """
    texts = tuple(paths())
    places = [
        (verb, route, route.path({name: "MARKED"}))
        for route in routes
        for name in route.names
        for verb in sorted(route.verbs & {"GET", "DELETE", "PUT", "PATCH"})
    ]
    for number, (verb, route, marked) in enumerate(places):
        every = trials(1, 16 if (verb, route.pattern) in forbidden else 4)
        for text in texts[number % every :: every]:
            for segment in segments(text):
                yield verb, route, marked.replace("MARKED", segment).encode()


@pytest.mark.parametrize("part", ["lab", "hub"])
def test_no_path_in_a_field_leads_outside(
    lab: Lab, hub: Hub, hub_routes: list[Route], canaries: list[Path], part: str
) -> None:
    client = lab.person() if part == "lab" else hub.client("alice")
    routes = lab.routes if part == "lab" else hub_routes
    root = lab.home if part == "lab" else hub.home
    with client:
        cases = list(_cases(routes, tuple(paths()), refused(client, routes)))
        for is_data in (False, True):
            before = files(root)
            for verb, route, field, _, body in cases:
                if field in ("url", "ref", "folder"):
                    continue  # these start Git: test_git_libraries.py
                if route.pattern.startswith("/orrery/data/") is is_data:
                    no_harm(send(client, verb, route, body), (verb, route, field))
            new = {path for path in files(root) - before if not _MADE.search(path)}
            if is_data:  # it makes files and folders of the lab's own
                new = {path for path in new if not Path(path).is_relative_to(lab.work)}
            assert new == set(), "something was written"
    for canary in canaries:
        assert canary.read_text() == SAID


def _cases(
    routes: list[Route], texts: tuple[str, ...], forbidden: frozenset[tuple[str, str]]
) -> Iterator[tuple[str, Route, str, str, dict[str, Any]]]:
    """Every field of every body, with every text in it; in ``make test`` with every fourth, each text in a quarter.

    Where the person may do nothing, no field keeps another from being looked at, and one body has the text in all.
    """
    every = trials(1, 4)
    for place, route in enumerate(routes):
        for verb in sorted(route.verbs & {"POST", "PUT", "PATCH"}):
            if (example := body_of(verb, route)) is None:
                continue
            if (verb, route.pattern) in forbidden:
                for text in texts[place % every :: every]:
                    yield verb, route, "all fields", text, with_text_everywhere(example, text)
                continue
            for number, text in enumerate(texts):
                for field, body in islice(with_text(example, text), number % every, None, every):
                    yield verb, route, field, text, body


def send(client: httpx.Client, verb: str, route: Route, body: object) -> httpx.Response:
    """The request with a body that no client tidies: a lone surrogate goes as JSON's escape."""
    import json

    return client.request(
        verb,
        str(client.base_url.copy_with(raw_path=route.path().encode())),
        content=json.dumps(body).encode(),
        headers={"content-type": "application/json"},
    )


@pytest.mark.parametrize("part", ["lab", "hub"])
def test_texts_stay_as_they_were_written(
    lab: Lab, hub: Hub, hub_routes: list[Route], part: str
) -> None:
    """Nothing is expanded, evaluated or run: what is accepted comes back letter by letter."""
    client = lab.person() if part == "lab" else hub.client("bob")
    routes = lab.routes if part == "lab" else hub_routes
    accepted = 0
    with client:
        cases = _cases(routes, EXPANSIONS, refused(client, routes))
        for verb, route, field, text, body in cases:
            if field in ("url", "ref", "folder"):
                continue
            answer = send(client, verb, route, body)
            no_harm(answer, (verb, route, field, text))
            if answer.status_code == 201 and field.partition(".")[0] in answer.json():
                accepted += 1
                assert at(answer.json(), field) in (text, text.strip()), (route, field)
    assert accepted > trials(100, 25)


def test_names_that_look_alike_stay_two(lab: Lab) -> None:
    """Two snippets are never taken for one another, whatever their names fold to."""
    with lab.person() as person:
        for one, other in pairs():
            made = []
            for name in (one, other):
                answer = person.post("orrery/snippets", json=SNIPPET | {"name": name})
                if answer.status_code == 400:
                    break  # a name that may not be
                assert answer.status_code == 201, answer.text
                made.append(answer.json())
            if len(made) == 2:
                assert made[0]["id"] != made[1]["id"]
                assert [m["name"] for m in made] == [one.strip(), other.strip()]
            for snippet in made:
                assert person.delete(f"orrery/snippets/{snippet['id']}").status_code == 204


def test_people_whose_names_look_alike_stay_two(hub: Hub) -> None:
    """Membership is given to the name that was written, in small letters as JupyterHub has it, and to no look-alike."""
    with hub.client("owner") as owner:
        assert owner.post("/projects", json={"slug": "k", "name": "K"}).status_code == 201
        for one, other in pairs():
            path = f"/projects/k/members/{quote(one, safe='')}"
            put = owner.put(path, json={"role": "viewer"})
            if put.status_code == 400:
                continue
            assert put.status_code == 200, put.text
            assert put.json()["user"] == one.lower()
            members = owner.get("/projects/k/members", params={"limit": 200}).json()["items"]
            names = {member["user"] for member in members}
            assert one.lower() in names
            assert other not in names or other == one.lower(), (one, other)
            assert owner.delete(path).status_code == 204


@pytest.mark.parametrize("name", ["ALICE", "alice ", "alice\u200b", "\u0430lice", "\uff41lice"])
def test_a_name_that_folds_to_another_does_not_log_in_as_him(hub: Hub, name: str) -> None:
    """Membership of `alice` is not had by somebody whom the hub calls otherwise."""
    with hub.client("owner2") as owner:
        owner.post("/projects", json={"slug": "k2", "name": "K"})
        owner.put("/projects/k2/members/alice", json={"role": "editor"})
    folded = unicodedata.normalize("NFKC", name).strip().lower()
    made = hub.call("POST", f"/users/{quote(name, safe='')}")
    if made.status_code >= 400:
        return assert_refused(made)
    real = made.json()["name"]
    assert real != "alice" or folded == "alice"
    token = hub.call("POST", f"/users/{quote(name, safe='')}/tokens", json={}).json()["token"]
    me = httpx.get(
        f"{hub.service}/me", headers={"authorization": f"Bearer {token}"}, trust_env=False
    ).json()
    assert ("k2" in [p["slug"] for p in me["projects"]]) == (me["name"] == "alice")
    return None


def assert_refused(answer: httpx.Response) -> None:
    """The hub has the name already, or takes no such name."""
    assert answer.status_code in (400, 409), answer.text
