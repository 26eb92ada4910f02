"""Budgets over HTTP: who may see and change what, requests with their history, rates, costs, starts that are refused."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import delete

from orrery_hub.base.contracts import LaunchRequest
from orrery_hub.budgets import store
from orrery_hub.budgets.launch import advise
from orrery_hub.budgets.ledger_store import LedgerRow
from tests.hub.budgets.offices import DEVICE_HOUR, Office, clock, office
from tests.hub.leases import BEGIN, GIB
from tests.loops import each

__all__ = ["clock", "office"]


def mine(client: httpx.Client, **query: str) -> dict[str, Any]:
    return dict(client.get("/budgets/mine", params=query).raise_for_status().json())


def test_everybody_sees_what_bears_on_the_own_servers(office: Office) -> None:
    office.budget()
    office.budget(subject="person", project=None, person="ben", resource="cpu", limit=600)
    office.budget(subject="everyone", project=None, resource="memory", period="total")
    office.rate().raise_for_status()
    office.start("ben", server_name="gpu")
    office.go(600)
    body = mine(office.ben)
    assert [(b["subject"], b["resource"], b["used"]) for b in body["budgets"]] == [
        ("project", "device", 20),
        ("person", "cpu", 80),
        ("everyone", "memory", 320),
    ]
    (server,) = body["servers"]
    assert (server["server"], server["pool"], server["project"]) == ("gpu", "gpu", "p")
    assert abs(server["price_per_hour"] - 2 * DEVICE_HOUR) < 60
    assert server["money"] == server["price_per_hour"] // 60 * 10
    # Of another server only what bears on it, and who is in no project sees nothing of it.
    assert {b["subject"] for b in mine(office.ben, server="other")["budgets"]} == {
        "person",
        "everyone",
    }
    assert [b["subject"] for b in mine(office.cleo)["budgets"]] == ["everyone"]
    assert mine(office.cleo)["servers"] == []


def test_lists_are_for_administrators_and_owners(office: Office) -> None:
    office.budget()
    office.budget(subject="person", project=None, person="ben", limit=60)
    counts = {
        name: getattr(office, name).get("/budgets").json()["total"]
        for name in ("root", "ann", "ben", "cleo")
    }
    assert counts == {"root": 2, "ann": 1, "ben": 0, "cleo": 0}
    page = office.root.get("/budgets", params={"q": "ben", "sort": "limit"}).json()
    assert [item["person"] for item in page["items"]] == ["ben"]


@each(
    "body, status",
    [
        ({"subject": "person"}, 400),
        ({"subject": "person", "person": "ann", "project": "p"}, 400),
        ({"subject": "everyone", "person": "ann"}, 400),
        ({"subject": "project", "project": "none"}, 404),
        ({"subject": "person", "person": "nobody"}, 404),
        ({"subject": "project", "project": "p", "limit": -1}, 400),
        ({"subject": "project", "project": "p", "limit": True}, 400),
        ({"subject": "project", "project": "p", "resource": "time"}, 400),
        ({"subject": "project", "project": "p"}, 409),
    ],
)
def test_a_budget_that_makes_no_sense_is_refused(
    office: Office, body: dict[str, Any], status: int
) -> None:
    if not office.root.get("/budgets").json()["total"]:
        office.budget()
    response = office.root.post("/budgets", json={"resource": "device", "limit": 1} | body)
    assert response.status_code == status, response.text


def test_a_request_is_asked_for_decided_and_stays_as_history(office: Office) -> None:
    id_ = office.budget(limit=100)["id"]

    def ask(client: httpx.Client, **more: Any) -> httpx.Response:
        return client.post("/budgets/requests", json={"budget": id_, "amount": 50} | more)

    assert ask(office.cleo).status_code == 404
    assert ask(office.ben, amount=0).status_code == 400
    first = ask(office.ben, reason="the deadline").raise_for_status().json()
    second, third = (ask(office.ben).json()["id"] for _ in range(2))
    assert ask(office.ben).status_code == 409
    path = f"/budgets/requests/{first['id']}"
    assert office.ann.post(f"{path}/approve", json={}).status_code == 403
    assert office.ann.delete(path).status_code == 404
    approved = office.root.post(f"{path}/approve", json={"answer": "good luck"}).json()
    assert (approved["state"], approved["decided_by"]) == ("approved", "root")
    # Without a time it is until the period ends.
    assert approved["until"].startswith("2026-12-01T00:00:00")
    assert office.root.post(f"{path}/refuse", json={}).status_code == 409
    refused = office.root.post(f"/budgets/requests/{second}/refuse", json={"answer": "no"})
    assert refused.json()["state"] == "refused"
    assert office.ben.delete(f"/budgets/requests/{third}").json()["state"] == "withdrawn"
    (budget,) = mine(office.ben)["budgets"]
    assert (budget["limit"], budget["granted"]) == (100, 50)
    history = office.ben.get("/budgets/requests").json()
    assert [item["state"] for item in history["items"]] == ["withdrawn", "refused", "approved"]
    assert office.ann.get("/budgets/requests").json()["total"] == 3  # the owner of the project
    assert office.cleo.get("/budgets/requests").json()["total"] == 0
    messages = [n["message"] for n in office.ben.get("/notices").json()["items"]]
    assert {message.rsplit(" ", 1)[1] for message in messages} == {"approved", "refused"}
    # Nothing that a person wrote is in the audit, and each act is.
    entries = office.root.get("/audit", params={"limit": 50}).json()["items"]
    acts = [
        e["what"] for e in entries if e["what"].startswith("budgets.") and e["outcome"] == "done"
    ]
    assert acts[::-1] == [
        "budgets.create",
        "budgets.ask",
        "budgets.ask",
        "budgets.ask",
        "budgets.approve",
        "budgets.refuse",
        "budgets.withdraw",
    ]
    assert "deadline" not in str(entries)
    assert "good luck" not in str(entries)
    # When the month is over, the grant is too.
    office.clock.go(30 * 24 * 3600)
    assert mine(office.ben)["budgets"][0]["granted"] == 0


def test_values_that_nothing_can_store_are_refused(office: Office) -> None:
    id_ = office.budget()["id"]
    request = office.ben.post("/budgets/requests", json={"budget": id_, "amount": 1}).json()["id"]
    for moment in (
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-01:00",
        1800000000,
        "2027-01-01",
    ):
        ask = {"budget": id_, "amount": 1, "until": moment}
        assert office.ben.post("/budgets/requests", json=ask).status_code == 400, moment
        approval = office.root.post(f"/budgets/requests/{request}/approve", json={"until": moment})
        assert approval.status_code == 400, moment
        assert office.rate(valid_from=moment).status_code == 400, moment
    for words in ("\x00", "x" * 1_001):
        ask = {"budget": id_, "amount": 1, "reason": words}
        assert office.ben.post("/budgets/requests", json=ask).status_code == 400
        answer = office.root.post(f"/budgets/requests/{request}/refuse", json={"answer": words})
        assert answer.status_code == 400
    for day in ("1800000000", "2027-13-01", "yesterday"):
        assert office.root.get("/budgets/costs", params={"since": day}).status_code == 400
    for number in (2**63, 10**15 + 1, 1.5, True):
        assert office.root.patch(f"/budgets/{id_}", json={"limit": number}).status_code == 400


def test_the_largest_limits_together_are_not_too_large(office: Office) -> None:
    most = 10**15
    for subject, names in (
        ("everyone", {}),
        ("project", {"project": "p"}),
        ("person", {"person": "ben"}),
    ):
        for period in ("month", "quarter", "year", "total"):
            given = {"project": None, "resource": "memory", "limit": most, "period": period}
            office.budget(subject=subject, **given | names)
    ids = [item["id"] for item in mine(office.ben)["budgets"] if item["subject"] == "project"]
    for _ in range(12):
        ask = {"budget": ids[0], "amount": most}
        path = f"/budgets/requests/{office.ben.post('/budgets/requests', json=ask).json()['id']}"
        office.root.post(f"{path}/approve", json={}).raise_for_status()
    granted = next(item for item in mine(office.ben)["budgets"] if item["id"] == ids[0])["granted"]
    assert granted == 12 * most
    with office.database.read() as session:
        before = store.fingerprint(session, office.clock.moment)
    office.root.patch(f"/budgets/{ids[0]}", json={"limit": most - 1}).raise_for_status()
    with office.database.read() as session:
        assert store.fingerprint(session, office.clock.moment) != before


def test_rates_begin_now_or_later_and_keep_what_was_charged(office: Office) -> None:
    first = office.rate().raise_for_status().json()
    assert (first["currency"], first["is_removable"]) == ("EUR", False)
    office.start("ann")
    office.go(3600)
    yesterday = (office.clock.moment - timedelta(days=1)).isoformat()
    assert office.rate(valid_from=yesterday).status_code == 400
    assert office.rate(pool="none").status_code == 404
    later = (office.clock.moment + timedelta(hours=1)).isoformat()
    second = office.rate(device=0, valid_from=later).raise_for_status().json()
    assert office.rate(valid_from=later).status_code == 409
    office.go(7200)
    cost = office.root.get("/budgets/costs").json()["items"][0]
    assert abs(cost["money"] - 2 * 2 * DEVICE_HOUR) < 200
    assert office.root.delete(f"/budgets/rates/{second['id']}").status_code == 409
    assert office.ann.get("/budgets/rates").status_code == 403  # pools of others have names
    pages = office.root.get("/budgets/rates", params={"pool": "gpu"}).json()
    assert next(item["valid_until"] for item in pages["items"]) is None
    third = office.rate(valid_from=(office.clock.moment + timedelta(days=1)).isoformat()).json()
    assert office.root.delete(f"/budgets/rates/{third['id']}").status_code == 204
    assert office.root.delete(f"/budgets/rates/{third['id']}").status_code == 404


def test_costs_are_summed_by_what_is_asked_for(office: Office) -> None:
    office.rate(cpu=60_000).raise_for_status()
    office.start("ann")
    office.start("ben", profile="plain")
    office.start("ben", project=False, profile="small")
    office.go(3600)
    by_person = office.root.get("/budgets/costs", params={"by": "person,project"}).json()
    rows = {(r["person"], r["project"]): r for r in by_person["items"]}
    assert {key: row["device_minutes"] for key, row in rows.items()} == {
        ("ann", "p"): 120,
        ("ben", "p"): 0,
        ("ben", ""): 60,
    }
    assert rows["ben", "p"]["cpu_minutes"] == 120
    assert rows["ann", "p"]["memory_gib_minutes"] == 32 * 60
    assert by_person["items"][0]["person"] == "ann"  # the dearest first
    month = office.root.get("/budgets/costs", params={"by": "month,pool"}).json()["items"]
    assert [(r["month"], r["pool"], r["device_minutes"]) for r in month] == [
        ("2026-11", "gpu", 180)
    ]
    filtered = {"by": "person", "person": "ben", "since": "2026-11-02", "until": "2026-11-03"}
    assert office.root.get("/budgets/costs", params=filtered).json()["total"] == 1
    assert office.root.get("/budgets/costs", params={"until": "2026-11-02"}).json()["total"] == 0
    # An owner sees the project, everybody the own.
    seen = {
        name: {
            (r["person"], r["project"])
            for r in getattr(office, name)
            .get("/budgets/costs", params={"by": "person,project"})
            .json()["items"]
        }
        for name in ("ann", "ben", "cleo")
    }
    assert seen == {
        "ann": {("ann", "p"), ("ben", "p")},
        "ben": {("ben", "p"), ("ben", "")},
        "cleo": set(),
    }
    for bad in ("", "person,", "lease", "person;project"):
        assert office.root.get("/budgets/costs", params={"by": bad}).status_code == 400


def test_costs_as_csv_are_the_same_sums(office: Office) -> None:
    office.rate().raise_for_status()
    office.start("ann")
    office.go(5400)
    text = office.ann.get("/budgets/costs/export", params={"by": "person,month"}).text
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["person"], row["month"], row["device_hours"]) == ("ann", "2026-11", "3.00")
    money = office.ann.get("/budgets/costs", params={"by": "person"}).json()["items"][0]["money"]
    whole, _, parts = row["money"].partition(".")
    assert int(whole) * 1_000_000 + int(parts) == money


def test_costs_stay_when_the_project_is_gone(office: Office) -> None:
    office.start("ann")
    office.go(600)
    office.ann.delete("/projects/p").raise_for_status()
    office.ann.post("/projects/p/purge").raise_for_status()
    (row,) = office.root.get("/budgets/costs").json()["items"]
    assert row["project"].startswith("(removed project")
    assert row["device_minutes"] == 20


@each(
    "limit, used_seconds, resource, is_refused",
    [
        (100, 0, "device", False),
        (9, 0, "device", True),  # not five minutes of two devices
        (10, 0, "device", False),
        (30, 600, "device", False),
        (29, 600, "device", True),
        (10**6, 600, "cpu", False),
        (0, 0, "memory", True),
        (5, 0, "money", True),
    ],
)
def test_a_start_that_the_budget_does_not_allow_is_refused_with_words(
    office: Office, limit: int, used_seconds: int, resource: str, is_refused: bool
) -> None:
    office.root.post("/budgets/rates", json={"pool": "gpu", "device": DEVICE_HOUR})
    budget = office.budget(limit=limit, resource=resource)
    lease = office.start("ben")
    office.go(used_seconds)
    office.farm.stop(lease, office.clock.moment)
    advice = _advise(office)
    assert (advice.refusal is not None) == is_refused
    if advice.refusal:
        assert "project 'p'" in advice.refusal.message
        assert advice.refusal.remedy
        assert advice.refusal.details["cause"] == "budget"
    assert advice.price_micros is not None
    assert (advice.budget_left_micros is None) == (resource != "money")
    office.root.delete(f"/budgets/{budget['id']}").raise_for_status()
    with office.database.write() as session:
        session.execute(delete(LedgerRow))


def _advise(office: Office) -> Any:
    request = LaunchRequest(
        person_id=office.person("ann"),
        account_id=office.person("ann"),
        server_name="",
        project_id=office.project(),
        pool_id=office.farm.pool_id,
        profile_id=office.farm.profiles["large"],
        devices=2,
        cpu=8.0,
        memory_bytes=32 * GIB,
        is_spot=False,
    )
    with office.database.read() as session:
        return advise(session, request)


def test_times_are_in_utc(office: Office) -> None:
    budget = office.budget()
    assert datetime.fromisoformat(budget["starts"]) == BEGIN.replace(day=1, hour=0)
