"""Budgets of people who are merged, who leave, and who ask why they may not do something."""

from __future__ import annotations

from typing import Any

import httpx
from sqlalchemy import select

from orrery_hub.budgets import ledger_store
from orrery_hub.pools.store import LeaseRow
from orrery_hub.queue.store import TicketRow
from tests.hub.budgets.offices import Office, clock, office

__all__ = ["clock", "office"]


def give(office: Office, verb: str) -> None:
    """An administrator gives what is ann's to ben, or makes both accounts one person's."""
    target = {"to": office.person("ben")}
    office.root.post(f"/people/{office.person('ann')}/{verb}", json=target).raise_for_status()


def limits(office: Office) -> set[tuple[str, str, int]]:
    items = office.root.get("/budgets").json()["items"]
    return {(b["person"], b["resource"], b["limit"]) for b in items}


def used(office: Office, user: str, resource: str = "device") -> int:
    """Minutes of a person in the present month, by the ledger."""
    with office.database.read() as session:
        sums = ledger_store.sums(session, "person", None, 0)
    return sums.get(office.person(user), ledger_store.Amounts()).of("device")


def own_limits(office: Office) -> None:
    office.budget(subject="person", project=None, person="ann", limit=5)
    office.budget(subject="person", project=None, person="ann", resource="cpu", limit=5)
    office.budget(subject="person", project=None, person="ben", limit=7)


def test_no_limit_cost_lease_or_notice_changes_hands_between_two_people(office: Office) -> None:
    own_limits(office)
    office.budget(subject="everyone", project=None, limit=600)
    before = limits(office)
    mine, other = office.start("ann"), office.start("ben")
    waits = office.ann.post(
        "/tickets", json={"options": {"profile": "gpu-small"}, "server_name": ""}
    )
    office.go(600)
    give(office, "transfer")
    assert limits(office) == before
    office.go(600)
    assert (used(office, "ann"), used(office, "ben")) == (40, 40)
    with office.database.read() as session:
        owners = {id_: session.get_one(LeaseRow, id_).person_id for id_ in (mine, other)}
        tickets = session.scalars(select(TicketRow.person_id)).all()
    assert owners == {mine: office.person("ann"), other: office.person("ben")}
    assert waits.status_code == 201
    assert tickets == [office.person("ann")]


def test_two_accounts_of_one_person_have_one_limit_and_have_used_it_together(
    office: Office,
) -> None:
    own_limits(office)
    first, second = office.start("ann"), office.start("ben")
    office.go(600)
    give(office, "merge")
    assert limits(office) == {("ben", "device", 7), ("ben", "cpu", 5)}
    assert used(office, "ben") == 40
    office.go(600)  # a running server is not charged anew for what was charged before
    assert used(office, "ben") == 80
    for lease in (first, second):
        office.farm.stop(lease, office.clock.moment)
    office.go(120)
    assert used(office, "ben") == 80


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
