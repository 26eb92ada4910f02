"""Refusals of changes are in the audit: at once while they are few, counted when they are many."""

from __future__ import annotations

import asyncio
from contextvars import copy_context
from dataclasses import replace
from pathlib import Path

import pytest

from orrery_hub.audit.budget import LimitedRecord
from orrery_hub.audit.refusals import Refusals
from orrery_hub.audit.schemas import AuditQuery, Entry
from orrery_hub.audit.service import AuditService, record
from orrery_hub.base.db import Database
from orrery_hub.base.request_context import RequestContext, request_context
from orrery_hub.scopes import PLATFORM_ADMIN
from orrery_wire.errors import TooMany
from tests.hub.services import Service


def entries(database: Database) -> list[Entry]:
    return list(AuditService(database).page(AuditQuery(limit=200)).items)


def test_a_refusal_says_who_what_where_and_how(service: Service) -> None:
    ann, ben = service.client("ann"), service.client("ben")
    ann.post("/projects", json={"slug": "p", "name": "P"}).raise_for_status()
    added = ann.put("/projects/p/members/ben", json={"role": "viewer"})
    assert added.is_success, added.text
    headers = {"x-request-id": "bens-own-id-1"}
    answer = ben.delete("/projects/p", headers=headers)
    again = ann.post("/projects", json={"slug": "p", "name": "P"})
    assert (answer.status_code, again.status_code) == (403, 409)
    conflict, refusal = entries(service.database)[:2]
    assert (refusal.who, refusal.what, refusal.on) == ("ben", "DELETE /projects/{slug}", "/projects/p")  # fmt: skip
    assert (refusal.project, refusal.outcome) == ("p", "forbidden")
    assert refusal.permission == "custom:orrery:projects:write"
    assert refusal.request_id == answer.headers["x-request-id"] != "bens-own-id-1"
    assert (refusal.client_request_id, refusal.address) == ("bens-own-id-1", "127.0.0.1")
    assert (conflict.who, conflict.what, conflict.outcome) == ("ann", "POST /projects", "conflict")
    assert AuditService(service.database).verify().problems == []


def test_what_changes_nothing_and_what_is_not_there_is_no_refusal(service: Service) -> None:
    ann = service.client("ann")
    assert ann.get("/audit").status_code == 403
    assert ann.delete("/projects/nothing").status_code == 404
    assert service.anonymous().delete("/projects/p").status_code == 401
    assert [entry.outcome for entry in entries(service.database) if entry.outcome != "done"] == []


def test_a_flood_of_refusals_is_counted(sqlite: Database) -> None:
    refusals = Refusals(sqlite)

    async def flood() -> None:
        request_context.set(RequestContext("0123456789abcdef", "192.0.2.7", "ann"))
        for _ in range(300):
            await refusals.add(403, "DELETE /projects/{slug}", "/projects/p", "p")
        for _ in range(40):
            await refusals.add(429, "POST /snippets", "/snippets", "")
        await refusals.add(200, "POST /snippets", "/snippets", "")

    asyncio.run(flood())
    single = len(entries(sqlite))
    assert 50 <= single < 100
    refusals.flush()
    newest = {entry.outcome: entry for entry in entries(sqlite)[:2]}
    assert newest["too_many"].after == {"count": 40}
    assert newest["forbidden"].after == {"count": 300 - single}
    assert newest["forbidden"].request_id == "0123456789abcdef"
    refusals.flush()
    assert len(entries(sqlite)) == single + 2


def test_refusals_of_too_many_kinds_are_counted_together(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orrery_hub.audit.refusals._MAX_KINDS", 3)
    refusals = Refusals(sqlite)

    async def flood() -> None:
        for number in range(10):
            await refusals.add(429, "POST /snippets", f"/{number}", "")

    asyncio.run(flood())
    refusals.flush()
    newest = entries(sqlite)[0]
    assert (newest.what, newest.after) == ("audit.overflow", {"count": 7})
    assert len(entries(sqlite)) == 4


def test_too_much_at_once_is_recorded_by_the_service(tmp_path: Path, sqlite: Database) -> None:
    service = Service(tmp_path / "home", sqlite, person_writes_per_second=0.1)
    try:
        ann = service.client("ann")
        for slug in ("p", "q", "r"):
            answer = ann.post("/projects", json={"slug": slug, "name": "P"})
        assert answer.status_code == 429

        async def live() -> None:
            async with service.app.router.lifespan_context(service.app):
                await asyncio.sleep(0)

        asyncio.run(live())
        (refusal,) = [entry for entry in entries(sqlite) if entry.outcome == "too_many"]
        assert (refusal.who, refusal.what, refusal.after) == ("ann", "POST /projects", {"count": 2})
    finally:
        service.loop.stop()


def test_a_days_refusals_of_one_person_are_bounded(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paths are made up by who asks, so each could be a kind of its own; what is left out is counted."""
    monkeypatch.setattr("orrery_hub.audit.refusals._PER_DAY", 30)
    refusals = Refusals(sqlite)

    async def flood(user: str) -> None:
        request_context.set(RequestContext("0123456789abcdef", "192.0.2.7", user))
        for number in range(100):
            await refusals.add(403, "DELETE /projects/{slug}", f"/projects/p{number}", f"p{number}")
        for number in range(100):
            await refusals.add(429, "DELETE /projects/{slug}", f"/projects/q{number}", f"q{number}")

    asyncio.run(flood("ann"))
    refusals.flush()
    assert len(entries(sqlite)) == 30
    asyncio.run(flood("ben"))
    refusals.flush(is_last=True)
    written = entries(sqlite)
    summaries = [entry for entry in written if entry.what == "requests"]
    assert {(entry.who, entry.outcome) for entry in summaries} == {
        (who, outcome) for who in ("ann", "ben") for outcome in ("forbidden", "too_many")
    }
    assert len(written) == 60 + len(summaries)
    counted = [(entry.after or {}).get("count", 1) for entry in written]
    assert sum(map(int, map(str, counted))) == 400


def test_changes_of_one_person_in_a_day_are_bounded(tmp_path: Path, sqlite: Database) -> None:
    service = Service(tmp_path / "home", sqlite, person_changes_per_day=3)
    try:
        ann = service.client("ann")
        for number in range(3):
            ann.post("/projects", json={"slug": f"p{number}", "name": "P"}).raise_for_status()
        refused = ann.post("/projects", json={"slug": "p3", "name": "P"})
        assert refused.status_code == 429
        assert "3 changes within a day" in refused.json()["reason"]
        assert int(refused.headers["retry-after"]) > 60
        assert ann.get("/projects/p3").status_code == 404
        service.client("ben").post("/projects", json={"slug": "b", "name": "B"}).raise_for_status()
    finally:
        service.loop.stop()


def test_what_an_administrator_does_for_others_is_not_limited(sqlite: Database) -> None:
    limited = LimitedRecord(record, 2)

    def change(who: str, context: RequestContext) -> None:
        request_context.set(context)
        with sqlite.write() as session:
            for number in range(5):
                limited(session, who, "projects.undelete", f"p{number}")

    ann = RequestContext("0123456789abcdef", "192.0.2.7", "ann", person_id=1_000)
    for who, current in (
        ("ann", replace(ann, permission=PLATFORM_ADMIN)),
        ("orrery", ann),
        ("ann", RequestContext()),
    ):
        copy_context().run(change, who, current)
    assert len(entries(sqlite)) == 15
    with pytest.raises(TooMany):
        copy_context().run(change, "ann", ann)
    assert len(entries(sqlite)) == 15
