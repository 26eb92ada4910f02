"""The hub service looks for secrets itself, whatever the lab says, and in bounded time."""

from __future__ import annotations

import time

import pytest

from orrery_hub.snippets import secret_check
from tests.hub.services import Service
from tests.loops import each
from tests.wire.test_secret_scan import SECRETS

SECRET = 'password = "hunter2asdf"'


def body(source: str, **more: object) -> dict[str, object]:
    return {"name": "n", "cells": [{"source": source}], **more}


@each("line, secret", SECRETS.items())
def test_each_kind_of_secret_is_refused_and_confirmed(
    service: Service, line: str, secret: str
) -> None:
    with service.client("ann") as ann:
        for sent in (body(line), body("x = 1", description=line)):
            refused = ann.post("/snippets", json=sent)
            assert (refused.status_code, refused.json()["code"]) == (422, "secret_found")
            assert secret not in refused.text
            assert refused.json()["details"]["findings"][0]["line"] == 1
            assert ann.post("/snippets", json=sent | {"allow_secrets": True}).status_code == 201


def test_a_change_and_a_batch_are_looked_through_too(service: Service) -> None:
    with service.client("ann") as ann:
        id_ = ann.post("/snippets", json=body("x = 1")).json()["id"]
        assert ann.put(f"/snippets/{id_}", json=body(SECRET)).status_code == 422
        contents = (body("y = 1"), body(SECRET), body(SECRET, allow_secrets=True))
        items = [{"action": "save", "content": content} for content in contents]
        results = ann.post("/snippets/batch", json={"items": items}).json()["items"]
        codes = [result["failure"] and result["failure"]["code"] for result in results]
        assert codes == [None, "secret_found", None]
        assert len(ann.get("/snippets/changes").json()["upserts"]) == 3


def test_it_ends_in_time(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secret_check, "CHECK_SECONDS", 0.05)
    long = body("x = 1 + y\n" * 19_000)
    items = [{"action": "save", "content": long} for _ in range(15)]
    with service.client("ann") as ann:
        before = time.monotonic()
        results = ann.post("/snippets/batch", json={"items": items}).json()["items"]
        assert time.monotonic() - before < 5
        assert {result["failure"]["code"] for result in results} == {"timed_out"}
        alone = ann.post("/snippets", json=long)
        assert (alone.status_code, alone.json()["code"]) == (504, "timed_out")
        assert alone.json()["remedy"]
        assert ann.post("/snippets", json=long | {"allow_secrets": True}).status_code == 201
