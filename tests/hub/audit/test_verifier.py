"""Verifying the chain for somebody who looks at the page."""

from __future__ import annotations

import time
from typing import Any

import httpx
from sqlalchemy import text

from tests.hub.services import Service


def finished(admin: httpx.Client) -> dict[str, Any]:
    """What the verification said."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        state = admin.get("/audit/verification").json()
        if state["state"] != "running":
            return dict(state)
        time.sleep(0.02)
    raise AssertionError("it does not end")


def test_a_whole_chain_and_a_broken_one(service: Service) -> None:
    admin = service.client("root", admin=True)
    assert admin.get("/audit/verification").json()["state"] == "unknown"
    admin.post("/projects", json={"slug": "p", "name": "P"}).raise_for_status()
    assert admin.post("/audit/verification").json()["state"] == "running"
    state = finished(admin)
    assert (state["state"], state["problem_count"]) == ("intact", 0)
    assert state["checked"] >= state["total"] > 0
    assert state["anchor"].startswith(f"{state['checked']}:")
    with service.database.write() as session:
        session.execute(text("UPDATE audit SET who = 'eve' WHERE id = 1"))
    admin.post("/audit/verification").raise_for_status()
    state = finished(admin)
    assert state["state"] == "broken"
    assert state["problems"] == ["entry 1 was changed, or the one before it"]
