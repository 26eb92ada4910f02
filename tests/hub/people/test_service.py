"""What an administrator does with people: list, transfer, merge; and projects that have lost their owner."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from orrery_hub.base.db import Database, now
from orrery_hub.people.service import PeopleService
from orrery_hub.projects import store as projects
from orrery_hub.snippets import store as snippets
from orrery_wire.errors import BackendUnavailable, Conflict
from tests.hub.services import CREATED, Service, make_user

SNIPPET = {"name": "s", "cells": [{"source": "1"}]}


class Office:
    """The service in this process, with an administrator."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.admin = service.client("root", admin=True)

    def person(self, name: str) -> dict[str, Any]:
        items = self.admin.get("/people", params={"q": name, "limit": 200}).json()["items"]
        (person,) = (item for item in items if item["name"] == name)
        return dict(person)

    def give(self, verb: str, giver: str, taker: str) -> httpx.Response:
        path = f"/people/{self.person(giver)['id']}/{verb}"
        return self.admin.post(path, json={"to": self.person(taker)["id"]})

    def recreate(self, name: str) -> httpx.Client:
        """The account of a name deleted, and given to somebody else."""
        tokens = [t for t, m in self.service.hub.models.items() if m["name"] == name]
        for token in tokens:
            del self.service.hub.models[token]
        self.service.hub.created[name] = CREATED + timedelta(days=len(self.service.hub.models))
        return self.service.client(name)

    def disguised(self, name: str) -> httpx.Client:
        """Somebody whom JupyterHub let in under a name that it should not have."""
        client = self.service.client("disguised")
        token = client.headers["Authorization"].removeprefix("Bearer ")
        self.service.hub.models[token]["name"] = name
        return client

    def audited(self) -> list[tuple[str, str]]:
        items = self.admin.get("/audit", params={"limit": 200}).json()["items"]
        return [(i["who"], i["what"]) for i in items if i["outcome"] == "done"][::-1]


@pytest.fixture
def office(service: Service) -> Office:
    return Office(service)


def feed(client: httpx.Client) -> dict[str, dict[str, Any]]:
    changes = client.get("/snippets/changes").raise_for_status().json()
    return {snippet["name"]: snippet for snippet in changes["upserts"]}


def slugs(client: httpx.Client) -> set[str]:
    return {item["slug"] for item in client.get("/projects").json()["items"]} - {"sample"}


def work(client: httpx.Client, name: str) -> None:
    """A private snippet, a project with a snippet, the project as the current one."""
    client.post("/snippets", json=SNIPPET | {"name": f"private-{name}"}).raise_for_status()
    client.post("/projects", json={"slug": name, "name": name}).raise_for_status()
    shared = SNIPPET | {"name": f"shared-{name}", "scope": "project", "project": name}
    id_ = client.post("/snippets", json=shared).raise_for_status().json()["id"]
    client.patch(f"/snippets/{id_}/marks", json={"favourite": True}).raise_for_status()
    client.put("/projects/current", json={"slug": name}).raise_for_status()


def test_who_gets_a_name_again_inherits_nothing(office: Office) -> None:
    old = office.service.client("eve")
    work(old, "eve")
    office.service.client("ann").get("/me")
    new = office.recreate("eve")
    assert slugs(new) == set()
    assert feed(new) == {}
    assert new.get("/projects/current").json()["project"]["slug"] == "sample"
    assert new.get("/me").json()["projects"] == [{"slug": "sample", "role": "editor"}]
    assert new.get("/projects/eve").status_code == 404
    # The project is listed as having no owner, and goes to whom the administrator says.
    page = office.admin.get("/ownerless-projects").json()
    listed = [(p["slug"], p["members"], p["deleted"]) for p in page["items"]]
    assert listed == [("eve", 1, None), ("sample", 2, None)]
    for name, status in (("nobody", 404), ("ann", 200), ("eve", 409)):
        response = office.admin.put("/ownerless-projects/eve", json={"user": name})
        assert response.status_code == status, name
    ann = office.service.client("ann")
    assert slugs(ann) == {"eve"}
    members = {m["user"]: m["role"] for m in ann.get("/projects/eve/members").json()["items"]}
    (gone,) = members.keys() - {"ann"}
    assert gone.startswith("eve (deleted ")
    assert ann.delete(f"/projects/eve/members/{gone}").status_code == 204
    assert ("root", "projects.recover") in office.audited()


def test_everything_of_a_person_goes_to_another(office: Office) -> None:
    ann, bob = office.service.client("ann"), office.service.client("bob")
    work(ann, "ann")
    work(bob, "bob")
    ann.put("/projects/ann/members/bob", json={"role": "viewer"})
    cursor = bob.get("/snippets/changes").json()["cursor"]
    assert office.give("transfer", "ann", "bob").json()["name"] == "bob"
    assert slugs(bob) == {"ann", "bob"}
    assert bob.get("/projects/ann").json()["role"] == "owner"
    assert bob.get("/projects/ann").json()["members"] == 1
    snippets = feed(bob)
    assert snippets.keys() == {"private-ann", "shared-ann", "private-bob", "shared-bob"}
    assert (snippets["private-ann"]["created_by"], snippets["private-ann"]["writable"]) == (
        "bob",
        True,
    )
    assert snippets["shared-ann"]["favourite"] is True
    assert bob.get("/snippets/changes", params={"cursor": cursor}).json()["upserts"]
    assert bob.get("/projects/current").json()["project"]["slug"] == "bob"
    # Who gave it away is still there, with nothing.
    assert (slugs(ann), feed(ann)) == (set(), {})
    assert office.person("ann")["merged_into"] is None
    assert ("root", "people.transfer") in office.audited()


def test_two_accounts_become_one_person(office: Office) -> None:
    ann, bob = office.service.client("ann"), office.service.client("bob")
    work(ann, "ann")
    bob.get("/me")
    assert office.give("merge", "ann", "bob").status_code == 200
    for client in (ann, bob):
        assert slugs(client) == {"ann"}
        assert feed(client).keys() == {"private-ann", "shared-ann"}
    ann.post("/snippets", json=SNIPPET | {"name": "later"}).raise_for_status()
    assert feed(bob)["later"]["created_by"] == "bob"
    # An invitation by either name is the one person's.
    assert bob.put("/projects/ann/members/ann", json={"role": "owner"}).json()["user"] == "bob"
    for pair in (("ann", "bob"), ("bob", "ann")):
        assert office.give("merge", *pair).status_code == 409


def test_a_person_who_lost_the_account_is_found_and_given_back(office: Office) -> None:
    work(office.service.client("eve"), "eve")
    new = office.recreate("eve")
    new.get("/me")
    page = office.admin.get("/people", params={"ended": True}).json()
    (gone,) = page["items"]
    assert (page["total"], gone["name"]) == (1, f"eve (deleted {gone['id']})")
    target = {"to": office.person("eve")["id"]}
    assert office.admin.post(f"/people/{gone['id']}/merge", json=target).status_code == 200
    assert slugs(new) == {"eve"}
    assert feed(new).keys() == {"private-eve", "shared-eve"}
    page = office.admin.get("/ownerless-projects").json()
    assert [item["slug"] for item in page["items"]] == ["sample"]


@pytest.mark.parametrize("verb", ["transfer", "merge"])
def test_what_makes_no_sense_is_refused(office: Office, verb: str) -> None:
    office.service.client("ann").get("/me")
    id_ = office.person("ann")["id"]
    work(office.service.client("eve"), "eve")
    office.recreate("eve").get("/me")
    # A worker's database has the people of other tests too, whose accounts are none of this hub's.
    ended = office.admin.get("/people", params={"ended": True, "q": "eve (deleted"}).json()
    (gone,) = ended["items"]
    before = office.audited()
    for source, target, status in (
        (id_, id_, 409),
        (id_, 999_999, 404),
        (999_999, id_, 404),
        (id_, gone["id"], 409),
        (id_, 0, 400),
        (id_, 2**40, 400),
        (2**40, id_, 400),
        (id_, "x", 400),
    ):
        response = office.admin.post(f"/people/{source}/{verb}", json={"to": target})
        assert response.status_code == status, (source, target)
    assert office.audited() == before


@pytest.mark.parametrize("verb", ["transfer", "merge"])
def test_an_invitation_gets_nothing(office: Office, verb: str) -> None:
    ann = office.service.client("ann")
    work(ann, "ann")
    ann.put("/projects/ann/members/nobody-yet", json={"role": "viewer"})
    refused = office.give(verb, "ann", "nobody-yet")
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert "invitation" in refused.json()["reason"]
    assert slugs(ann) == {"ann"}
    # What was meant for the invited name goes to a person all the same.
    assert office.give(verb, "nobody-yet", "ann").status_code == 200
    office.service.client("late").get("/me")
    assert office.give("transfer", "ann", "late").status_code == 200


def test_transfers_and_merges_both_ways_at_once_end(database: Database) -> None:
    """Two administrators name the same two people in opposite directions."""
    both = (projects.transfer, snippets.transfer)
    service = PeopleService(database, transfers=both, merges=both)
    for turn in range(3):
        pair = [make_user(f"pair-{turn}-{side}").person_id for side in "ab"]
        outcomes: list[str] = []
        barrier = threading.Barrier(4)

        def act(
            verb: str,
            source: int,
            target: int,
            barrier: threading.Barrier = barrier,
            outcomes: list[str] = outcomes,
        ) -> None:
            barrier.wait()
            try:
                getattr(service, verb)("root", source, target)
                outcomes.append("done")
            except (Conflict, BackendUnavailable) as problem:
                outcomes.append(problem.code)

        threads = [
            threading.Thread(target=act, args=(verb, *order))
            for verb in ("merge", "transfer")
            for order in (pair, pair[::-1])
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(outcomes) == 4
        assert "done" in outcomes


class TestOwners:
    """A project is not handed over to nobody."""

    def test_an_owner_without_an_account_is_no_other_owner(self, office: Office) -> None:
        ann = office.service.client("ann")
        work(ann, "ann")
        ann.put("/projects/ann/members/nobody-yet", json={"role": "owner"})
        for verb, body in (("DELETE", None), ("PUT", {"role": "viewer"})):
            response = ann.request(verb, "/projects/ann/members/ann", json=body)
            assert response.status_code == 409
            assert "has an account" in response.json()["reason"]
        office.service.client("nobody-yet").get("/me")
        assert ann.delete("/projects/ann/members/ann").status_code == 204

    def test_an_owner_whose_account_is_gone_is_no_other_owner(self, office: Office) -> None:
        ann, eve = office.service.client("ann"), office.service.client("eve")
        work(ann, "ann")
        eve.get("/me")
        ann.put("/projects/ann/members/eve", json={"role": "owner"})
        office.recreate("eve").get("/me")
        assert ann.delete("/projects/ann/members/ann").status_code == 409


class TestTrash:
    def test_a_purged_name_is_free_and_its_places_are_not(
        self, office: Office, sqlite: Database
    ) -> None:
        ann, bob = office.service.client("ann"), office.service.client("bob")
        work(ann, "p")
        places = {ann.get("/projects/p").json()[name] for name in ("lake", "repository")}
        assert ann.post("/projects/p/purge").status_code == 409
        ann.delete("/projects/p")
        assert bob.post("/projects", json={"slug": "p", "name": "P"}).status_code == 409
        assert ann.post("/projects/p/undelete").json()["lake"] in places
        ann.delete("/projects/p")
        assert bob.post("/projects/p/purge").status_code == 404
        assert ann.post("/projects/p/purge").status_code == 204
        assert ann.post("/projects/p/purge").status_code == 404
        assert ann.post("/projects/p/undelete").status_code == 404
        assert feed(ann).keys() == {"private-p"}
        again = bob.post("/projects", json={"slug": "p", "name": "P"}).json()
        assert not places & {again["lake"], again["repository"]}
        changes = [what for _, what in office.audited() if what.startswith("projects.")]
        assert [what for what in changes if what not in ("projects.choose", "projects.join")] == [
            "projects.create",
            "projects.delete",
            "projects.undelete",
            "projects.delete",
            "projects.purge",
            "projects.create",
        ]

    def test_the_default_project_does_not_get_its_former_places_either(
        self, office: Office, sqlite: Database
    ) -> None:
        root = office.admin
        root.get("/me")
        lake = root.get("/projects/sample").json()["lake"]
        assert lake.endswith("/projects/sample/lake")
        root.delete("/projects/sample")
        assert root.post("/projects/sample/purge").status_code == 204
        ann = office.service.client("ann")
        ann.get("/me")
        again = ann.get("/projects/sample").json()["lake"]
        assert again != lake

    def test_old_ones_are_purged_and_audited(self, office: Office, sqlite: Database) -> None:
        from orrery_hub.audit.service import record
        from orrery_hub.projects.locations import Locations
        from orrery_hub.projects.service import ProjectService

        ann = office.service.client("ann")
        work(ann, "p")
        ann.delete("/projects/p")
        places = Locations(office.service.settings.home, "", "")
        ProjectService(sqlite, places, record=record).purge(now() + timedelta(seconds=1))
        assert office.audited()[-1] == ("orrery", "projects.purge")


HIDDEN = ["bob ", " bob", "bob\u200b", "\u202ebob", "b\u2066ob", "bo\u00adb", "bob\ufeff", "bob\n", "\u3164", "..", "b\x00b"]  # fmt: skip


class TestNames:
    """A name that is written in another way is the same person, or is refused."""

    def test_capitals_are_the_same_person(self, office: Office) -> None:
        ann, bob = office.service.client("ann"), office.service.client("bob")
        work(ann, "p")
        bob.get("/me")
        for name in ("Bob", "BOB", "bOb"):
            added = ann.put(f"/projects/p/members/{name}", json={"role": "owner"})
            assert added.json()["user"] == "bob"
            assert bob.get("/projects/p").json()["role"] == "owner"
            assert ann.get("/projects/p").json()["members"] == 2
            bob.delete(f"/projects/p/members/{name}")
            assert ann.get("/projects/p").json()["members"] == 1

    def test_what_cannot_be_seen_is_refused(self, office: Office) -> None:
        ann = office.service.client("ann")
        work(ann, "p")
        for name in HIDDEN:
            path = f"/projects/p/members/{quote(name, safe='').replace('.', '%2E')}"
            for verb, body in (("PUT", {"role": "viewer"}), ("DELETE", None)):
                assert ann.request(verb, path, json=body).status_code in (400, 404), name
            owner = office.admin.put("/ownerless-projects/p", json={"user": name})
            assert owner.status_code == 400, name
            # Whom JupyterHub lets in under such a name is not let in here.
            assert office.disguised(name).get("/me").status_code == 403, name
        assert ann.get("/projects/p").json()["members"] == 1
