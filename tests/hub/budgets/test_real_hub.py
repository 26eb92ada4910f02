"""A real JupyterHub stops a server over its budget, within a minute, and its lab was told before."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from typing import Any

import pytest

from tests.hub.hubs import Hub

# What a server holds is written where the pools keep it, for no pool is declared at this hub.
_HOLD = "UPDATE lease SET devices = 1, started_at = coalesce(started_at, reserved_at)"


def server(hub: Hub, user: str) -> dict[str, Any] | None:
    servers = hub.call("GET", f"/users/{user}").json()["servers"]
    return servers.get("")


@pytest.mark.slow
def test_a_server_over_its_budget_is_stopped_within_a_minute(hub: Hub) -> None:
    user = "over-budget"
    with hub.client(user) as person, hub.client("root") as root:
        person.get("/me").raise_for_status()
        assert hub.call("POST", f"/users/{user}/server").status_code in (201, 202)
        file = hub.home / "state" / "orrery.sqlite"
        until = time.monotonic() + 90
        held = 0
        while not held and time.monotonic() < until:
            time.sleep(1)
            with closing(sqlite3.connect(file, timeout=10)) as database:
                held = database.execute(
                    f"{_HOLD} WHERE ended_at IS NULL AND account_id ="
                    " (SELECT id FROM person WHERE hub_name = ?)",
                    (user,),
                ).rowcount
                database.commit()
        assert held == 1
        assert server(hub, user)
        budget = {"subject": "person", "person": user, "resource": "device", "limit": 0}
        response = root.post("/budgets", json=budget)
        assert response.status_code == 201, response.text
        limited = time.monotonic()
        kinds: set[str] = set()
        while server(hub, user) and time.monotonic() < limited + 90:
            kinds |= {item["kind"] for item in person.get("/notices").json()["items"]}
            time.sleep(0.5)
        assert time.monotonic() - limited <= 60
        assert "budget_stop" in kinds
        audit = root.get("/audit", params={"what": "budgets.stop"}).json()["items"]
        assert [entry["on"] for entry in audit] == [f"{user}/"]
