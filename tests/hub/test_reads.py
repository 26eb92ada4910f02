"""Verbs that only read change no row of the hub service's database."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tests.hub.services import ADMIN, USER, Service
from tests.security.routes import of_hub


def rows(service: Service) -> list[str]:
    """The whole database as SQL."""
    file = service.database.file
    assert file
    with sqlite3.connect(Path(file)) as connection:
        dump = list(connection.iterdump())
    connection.close()
    return dump


def test_what_reads_changes_no_row(service: Service) -> None:
    with service.client("ann", admin=True, holds=ADMIN | USER) as ann:
        assert ann.get("/me").status_code == 200
        project = ann.post("/projects", json={"slug": "p", "name": "P"})
        snippet = ann.post("/snippets", json={"name": "s", "cells": [{"source": "1"}]})
        known = {"slug": project.json()["slug"], "id": snippet.json()["id"], "user": "ann"}
        routes = [route for route in of_hub(service.app) if "GET" in route.verbs and route.scope]
        assert len(routes) > 8
        before = rows(service)
        answered = 0
        for route in routes:
            for values in ({}, known):
                path = route.path(values).partition("/api")[2]
                for verb in ("GET", "HEAD", "OPTIONS"):
                    answer = ann.request(verb, path)
                    assert answer.status_code < 500, (verb, path, answer.text)
                    answered += verb == "GET" and answer.is_success
        assert answered >= len(routes), answered
        assert rows(service) == before
