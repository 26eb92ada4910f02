"""Budgets of people who are merged, who leave, and who ask why they may not do something."""

from __future__ import annotations

from typing import Any

import httpx

from tests.hub.budgets.offices import Office, clock, office

__all__ = ["clock", "office"]


def test_budgets_follow_their_person_to_another(office: Office) -> None:
    office.budget(subject="person", project=None, person="ann", limit=5)
    office.budget(subject="person", project=None, person="ann", resource="cpu", limit=5)
    office.budget(subject="person", project=None, person="ben", limit=7)
    target = {"to": office.person("ben")}
    office.root.post(f"/people/{office.person('ann')}/transfer", json=target).raise_for_status()
    items = office.root.get("/budgets").json()["items"]
    assert {(b["person"], b["resource"], b["limit"]) for b in items} == {
        ("ben", "device", 7),
        ("ben", "cpu", 5),
    }


def test_who_leaves_asks_for_nothing_more_and_the_own_budgets_are_named(office: Office) -> None:
    own = office.budget(subject="person", project=None, person="ben")["id"]
    shared = office.budget()["id"]
    asked = [
        office.ben.post("/budgets/requests", json={"budget": budget, "amount": 60}).json()["id"]
        for budget in (own, shared, shared)
    ]
    office.root.post(f"/budgets/requests/{asked[0]}/refuse", json={}).raise_for_status()
    path = f"/people/{office.person('ben')}/offboarding"
    for verb, state in (("GET", "planned"), ("POST", "done")):
        response = office.root.request(verb, path, json={} if verb == "POST" else None)
        items = {item["what"]: item for item in response.raise_for_status().json()["items"]}
        assert (items["budget requests"]["count"], items["budget requests"]["state"]) == (2, state)
        assert (items["budgets"]["count"], items["budgets"]["state"]) == (1, "left")
        states = {r["id"]: r["state"] for r in requests(office.root)}
        later = "open" if state == "planned" else "withdrawn"
        assert states == dict(zip(asked, ("refused", later, later), strict=True))
    late = office.root.post(f"/budgets/requests/{asked[1]}/approve", json={})
    assert late.status_code == 409
    assert len(office.root.get("/budgets").json()["items"]) == 2


def requests(client: httpx.Client) -> list[dict[str, Any]]:
    return list(client.get("/budgets/requests").raise_for_status().json()["items"])


def test_explain_says_whose_budget_and_whose_request_it_is(office: Office) -> None:
    shared = office.budget()["id"]
    own = office.budget(subject="person", project=None, person="cleo")["id"]
    asked = office.ben.post("/budgets/requests", json={"budget": shared, "amount": 60}).json()["id"]
    office.start("ben", server_name="gpu")
    for user, action, target, is_allowed in (
        ("ben", "budgets.ask", shared, True),
        ("cleo", "budgets.ask", shared, False),
        ("cleo", "budgets.ask", own, True),
        ("root", "budgets.ask", own, False),
        ("ben", "budgets.ask", "", False),
        ("ben", "budgets.ask", 2**40, False),
        ("ben", "budgets.withdraw", asked, True),
        ("ann", "budgets.withdraw", asked, False),
        ("ben", "culling.extend", "gpu", True),
        ("ben", "culling.extend", "", False),
        ("ben", "culling.extend", "g\x00u", False),
        ("ann", "culling.extend", "gpu", False),
        ("ann", "budgets.create", "", False),
        ("root", "budgets.create", "", True),
    ):
        query = {"user": user, "action": action, "object": str(target)}
        body = office.root.get("/access/explain", params=query).raise_for_status().json()
        assert body["is_allowed"] is is_allowed, (user, action, target, body)
        assert all(step["what"] and step["why"] for step in body["steps"])
