"""Verbs that only read change nothing: not a byte of a person's files, not a row of the hub's database."""

from __future__ import annotations

import hashlib
import re
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx

from tests.security.examples import SUITE, body_of, tail
from tests.security.labs import Lab
from tests.security.routes import Route

TABLE = {"kind": "file", "location": "reads.csv", "name": "reads"}
# What Jupyter itself writes while it runs, and the caches of libraries that a worker imports, such as Matplotlib's list of
# fonts.
_NOT_OURS = re.compile(
    r"/(runtime|ipython|__pycache__)/|/\.(cache|config)(/|$)|/(lab\.log|routes\.json|nbsignatures\.db)$"
)


def contents(home: Path) -> dict[str, str]:
    """Every file below a home with what is in it, and every folder."""
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        for path in sorted(home.rglob("*"))
        if not _NOT_OURS.search(str(path))
    }


def objects(person: httpx.Client, lab: Lab) -> Iterator[tuple[str, dict[str, str]]]:
    """One object of each kind: the words that an address of it holds, and its names."""
    made = person.post("orrery/snippets", json={"name": "Read me", "cells": [{"source": "1"}]})
    yield "snippets", {"id": made.json()["id"], "name": "bundled", "number": "1"}
    project = {"slug": "reads", "name": "Reads"}
    assert person.post("orrery/projects", json=project).status_code in (201, 409)
    yield "projects", {"slug": "reads", "user": "nobody"}
    (lab.work / "reads.csv").write_text("a,b\n1,x\n2,y\n")
    run = person.post("orrery/eda/runs", json={"task": "profile", "source": TABLE})
    assert run.status_code == 202, run.text
    id_ = run.json()["id"]
    until = time.monotonic() + 60
    while person.get(f"orrery/eda/runs/{id_}").json()["run"]["state"] in ("queued", "running"):
        assert time.monotonic() < until
        time.sleep(0.1)
    yield "eda", {"id": id_}
    files = [{"name": "x.code-snippets", "content": '{"P": {"prefix": "p", "body": "print(1)"}}'}]
    started = person.post("orrery/snippets/import", json={"files": files})
    assert started.status_code == 202, started.text
    job = started.json()["id"]
    while person.get(f"orrery/snippets/imports/{job}").json()["state"] in ("queued", "running"):
        assert time.monotonic() < until
        time.sleep(0.1)
    yield "snippets/imports", {"id": job}
    connection = {"name": "reads", "kind": "folder", "spec": {"path": str(lab.work)}}
    stored = person.post("orrery/data/connections", json=connection)
    listed = person.get("orrery/data/connections", params={"name": "reads"}).json()["items"]
    assert stored.status_code in (201, 409), stored.text
    query = person.post("orrery/data/queries", json={"statement": "SELECT 1 AS a"}).json()["id"]
    person.get(f"orrery/data/queries/{query}", params={"wait": 20})
    yield "data", {"number": str(listed[0]["id"]), "execution": query}


def reading(routes: list[Route]) -> Iterator[tuple[str, Route]]:
    """Every verb that says it only reads."""
    for route in routes:
        for verb in sorted(route.reads | ({"HEAD"} if "GET" in route.reads else set())):
            yield verb, route


BODIES: Mapping[str, dict[str, object]] = {
    "eda/code": {"source": TABLE},
    "eda/runs/{}/code": {"what": "load"},
    "eda/checks": {"suite": SUITE, "format": "sql"},
}
_FILE = {"location": "files", "path": "reads.csv"}
QUERIES: Mapping[str, dict[str, str]] = {
    "data/code": _FILE,
    "data/content": _FILE,
    "data/download": _FILE,
    "data/entries": {"location": "files"},
    "data/entry": _FILE,
    "data/explain": _FILE,
}


# What a lab without a hub has none of; tests/server/compute/test_contract.py asks a hub for it.
ONLY_AT_A_HUB = frozenset({"compute/tickets/{}"})


def bodies(verb: str, route: Route) -> Iterator[dict[str, Any]]:
    """What is sent with a verb: nothing, or the example of the shape and what gets an answer."""
    if verb in ("GET", "HEAD"):
        yield {}
        if tail(route) in QUERIES:
            yield {"params": QUERIES[tail(route)]}
    else:
        yield from (
            {"json": body} for body in (body_of(verb, route), BODIES.get(tail(route))) if body
        )


def test_what_reads_changes_no_file_of_a_lab(lab: Lab, lab_routes: list[Route]) -> None:
    cases = list(reading(lab_routes))
    assert {verb for verb, _ in cases} == {"GET", "HEAD", "POST"}
    answered = set()
    with lab.person() as person:
        known = defaultdict(dict, objects(person, lab))
        # Settled: what a change does afterwards is over.
        before = contents(lab.home)
        for verb, route in cases:
            name = tail(route)
            kind = name.partition("/")[0]
            address = lab.address.rstrip("/")
            for values in ({}, known.get(name.rpartition("/{}")[0] or name, known[kind])):
                for sent in bodies(verb, route):
                    answer = person.request(verb, address + route.path(values), **sent)
                    assert answer.status_code < 500, (verb, route, answer.text)
                    if answer.is_success:
                        answered.add((verb, name))
        after = contents(lab.home)
        changed = {
            path for path in before.keys() | after.keys() if before.get(path) != after.get(path)
        }
        assert not changed
    silent = {(verb, tail(route)) for verb, route in cases} - answered
    silent -= {(verb, name) for verb, name in silent if name in ONLY_AT_A_HUB}
    assert not silent, "never asked in a way that gets an answer"
