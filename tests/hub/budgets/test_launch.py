"""A start that a budget does not allow is refused where servers are started, and allowed once there is more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from orrery_hub.queue.dispatcher import Dispatcher
from orrery_hub.queue.launch_queue import TicketQueue
from tests.hub.services import Service

HOUR = 3_600_000_000


class Site:
    """A service with a pool of two devices, a project, and the process that starts servers."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.root = service.client("root", admin=True)
        self.ann = service.client("ann")
        self.launcher = service.anonymous()
        self.launcher.headers["Authorization"] = f"Bearer {service.settings.launcher_token()}"
        self.ann.post("/projects", json={"slug": "p", "name": "P"}).raise_for_status()
        for path, body in (
            ("/device-types", {"slug": "a100", "name": "A100", "count": 2}),
            (
                "/pools",
                {
                    "slug": "gpu",
                    "name": "GPU",
                    "device_type": "a100",
                    "devices": 2,
                    "for_everyone": True,
                },
            ),
            ("/profiles", {"slug": "gpu", "pool": "gpu", "name": "GPU", "devices": 1}),
            ("/profiles", {"slug": "plain", "pool": "gpu", "name": "Plain", "devices": 0}),
            ("/budgets/rates", {"pool": "gpu", "device": HOUR}),
        ):
            self.root.post(path, json=body).raise_for_status()

    def ask(
        self, path: str, *, user: str = "ann", server: str = "", **options: str
    ) -> httpx.Response:
        body = {
            "user": user,
            "created": self.service.hub.account(user).isoformat(),
            "server": server,
            "options": options,
        }
        return self.launcher.post(f"/launch/{path}", json=body)

    def end(self, launch: httpx.Response) -> None:
        report = {"user": "ann", "lease": launch.json()["lease"], "at": "2100-01-01T00:00:00Z"}
        self.launcher.post("/launch/ended", json=report).raise_for_status()

    def report(self, lease: int, *, user: str = "ann", server: str = "") -> None:
        """The server of a lease runs."""
        body = {"user": user, "server": server, "lease": lease}
        self.launcher.post("/launch/started", json=body).raise_for_status()

    def dispatcher(self) -> Dispatcher:
        """Another process that looks at the queue."""
        context = self.service.app.state.context
        assert isinstance(context.queue, TicketQueue)
        return Dispatcher(
            context.database,
            context.leases,
            context.queue.view,
            context.queue.transitions,
            gates=context.gates,
            advisors=context.advisors,
        )

    def choice(self, slug: str) -> dict[str, Any]:
        profiles = self.ask("choices").raise_for_status().json()["profiles"]
        return next(dict(profile) for profile in profiles if profile["slug"] == slug)


@pytest.fixture
def site(service: Service) -> Site:
    return Site(service)


def by_limit(site: Site, budget: int) -> None:
    """The limit is raised."""
    site.root.patch(f"/budgets/{budget}", json={"limit": 10**12}).raise_for_status()


def by_request(site: Site, budget: int) -> None:
    """The person asks for more, and an administrator grants it."""
    body = {"budget": budget, "amount": 10**12, "reason": "the last epochs"}
    request = site.ann.post("/budgets/requests", json=body).raise_for_status().json()["id"]
    site.root.post(f"/budgets/requests/{request}/approve", json={}).raise_for_status()


def by_removal(site: Site, budget: int) -> None:
    """The budget is removed."""
    site.root.delete(f"/budgets/{budget}").raise_for_status()


@pytest.mark.parametrize(
    ("more", "project", "relief"),
    [
        ({"subject": "person", "person": "ann", "resource": "device"}, "", by_request),
        ({"subject": "everyone", "resource": "money"}, "", by_limit),
        ({"subject": "project", "project": "p", "resource": "device"}, "p", by_removal),
    ],
)
def test_a_start_waits_for_its_budget(
    site: Site, more: dict[str, str], project: str, relief: Callable[[Site, int], None]
) -> None:
    budget = site.root.post("/budgets", json={"limit": 0} | more).raise_for_status().json()["id"]
    options = {"profile": "gpu"} | ({"project": project} if project else {})
    refused = site.ask("leases", **options)
    assert refused.status_code == 409
    body = refused.json()
    assert body["details"] == {"cause": "budget", "budget": budget}
    assert "does not allow this server" in body["message"]
    assert "used up" in body["reason"]
    assert "Ask for more" in body["remedy"]
    assert site.root.get("/leases").json()["total"] == 0
    items = site.root.get("/audit", params={"who": "ann"}).json()["items"]
    assert ("POST /launch/leases", "conflict") in {(i["what"], i["outcome"]) for i in items}
    # What takes nothing of the budget starts, and so does what counts in another.
    site.end(site.ask("leases", profile="plain").raise_for_status())
    if project:
        site.end(site.ask("leases", profile="gpu").raise_for_status())
    else:
        shown = site.choice("gpu")
        assert shown["cause"] == "budget"
        assert "does not allow this server" in shown["reason"]
        assert shown["may_queue"] is False
        assert shown["remedy"]
    assert site.choice("plain")["cause"] == ""
    relief(site, budget)
    site.end(site.ask("leases", **options).raise_for_status())


def test_the_page_before_a_start_says_what_an_hour_costs_and_what_is_left(site: Site) -> None:
    body = {"subject": "person", "person": "ann", "resource": "money", "limit": 10 * HOUR}
    site.root.post("/budgets", json=body).raise_for_status()
    shown = site.choice("gpu")
    assert (shown["price_micros"], shown["currency"]) == (HOUR, "EUR")
    assert (shown["budget_left_micros"], shown["cause"]) == (10 * HOUR, "")
    assert site.choice("plain")["price_micros"] == 0


def test_a_request_for_devices_waits_for_its_budget(site: Site) -> None:
    dispatcher = site.dispatcher()
    body = {"subject": "person", "person": "ann", "resource": "device", "limit": 0}
    budget = site.root.post("/budgets", json=body).raise_for_status().json()["id"]
    request = {"options": {"profile": "gpu"}, "server_name": ""}
    path = f"/tickets/{site.ann.post('/tickets', json=request).raise_for_status().json()['id']}"
    dispatcher.tick()
    ticket = site.ann.get(path).json()
    assert (ticket["state"], ticket["cause"]["kind"]) == ("waiting", "budget")
    assert "Ask for more" in ticket["cause"]["remedy"]
    by_request(site, budget)
    dispatcher.tick()
    assert site.ann.get(path).json()["state"] == "offered"


# A limit that one server of a device may be started with and two may not, for five minutes each.
FOR_ONE = [
    {"subject": "person", "person": "ann", "resource": "device", "limit": 9},
    {"subject": "everyone", "resource": "device", "limit": 9},
    {"subject": "everyone", "resource": "money", "limit": 9 * HOUR // 60},
    {"subject": "project", "project": "p", "resource": "device", "limit": 9},
]


@pytest.mark.parametrize("budget", FOR_ONE, ids=["own", "everyone's", "money", "project"])
@pytest.mark.parametrize("has_started", [False, True], ids=["starts", "runs"])
def test_servers_side_by_side_do_not_each_take_the_same_rest(
    site: Site, budget: dict[str, Any], has_started: bool
) -> None:
    site.root.post("/budgets", json=budget).raise_for_status()
    options = {"profile": "gpu"} | ({"project": "p"} if budget["subject"] == "project" else {})
    first = site.ask("leases", server="one", **options).raise_for_status()
    if has_started:
        site.report(first.json()["lease"], server="one")
    refused = site.ask("leases", server="two", **options)
    assert refused.status_code == 409
    assert refused.json()["details"]["cause"] == "budget"
    # Its own place is no other's: it may be started again, and what takes nothing may start.
    site.ask("leases", server="one", **options).raise_for_status()
    site.ask("leases", server="three", profile="plain").raise_for_status()
    if budget["subject"] != "project":
        others = site.ask("leases", user="ben", server="one", **options)
        assert others.status_code == 200, others.text
        return
    site.ann.put("/projects/p/members/ben", json={"role": "editor"}).raise_for_status()
    assert site.ask("leases", user="ben", server="one", **options).status_code == 409


def test_the_queue_offers_no_more_than_the_budget_has(site: Site) -> None:
    site.root.post("/budgets", json=FOR_ONE[0]).raise_for_status()
    site.root.post("/pools/gpu/drain", json={"reason": ""}).raise_for_status()
    tickets = []
    for server in ("one", "two"):
        body = {"options": {"profile": "gpu"}, "server_name": server}
        tickets.append(site.ann.post("/tickets", json=body).raise_for_status().json()["id"])
    site.root.post("/pools/gpu/resume").raise_for_status()
    for _ in range(2):
        site.dispatcher().tick()
        states = [site.ann.get(f"/tickets/{id_}").json() for id_ in tickets]
        assert [ticket["state"] for ticket in states] == ["offered", "waiting"]
    assert states[1]["cause"]["kind"] == "budget"
    site.ann.delete(f"/tickets/{tickets[0]}").raise_for_status()
    site.dispatcher().tick()
    assert site.ann.get(f"/tickets/{tickets[1]}").json()["state"] == "offered"
