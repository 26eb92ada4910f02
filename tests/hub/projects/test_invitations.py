"""Invitations to projects: nobody becomes a member unasked, and nobody learns who exists."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from orrery_hub import scopes
from orrery_hub.base.db import now
from orrery_hub.projects.invitations import InvitationRow
from tests.hub.services import PREFIX, Service


@pytest.fixture
def owner(service: Service) -> httpx.Client:
    client = service.client("owner")
    client.post("/projects", json={"slug": "one", "name": "One"}).raise_for_status()
    return client


def visitor(service: Service, name: str) -> httpx.Client:
    """Somebody who has been here: the name alone may be another test's."""
    client = service.client(name)
    client.get("/me").raise_for_status()
    return client


def invite(client: httpx.Client, user: str, role: str = "viewer") -> httpx.Response:
    return client.post("/projects/one/invitations", json={"user": user, "role": role})


def received(client: httpx.Client) -> list[tuple[str, str, str]]:
    items = client.get("/invitations").json()["items"]
    return [(item["slug"], item["role"], item["invited_by"]) for item in items]


def test_who_is_invited_accepts_and_is_a_member(service: Service, owner: httpx.Client) -> None:
    ann = visitor(service, "ann")
    assert invite(owner, "ann", "editor").status_code == 201
    assert ann.get("/projects/one").status_code == 404
    assert received(ann) == [("one", "editor", "owner")]
    assert ann.post("/invitations/one/accept").json()["role"] == "editor"
    assert ann.get("/projects/one").json()["role"] == "editor"
    assert received(ann) == []
    assert ann.post("/invitations/one/accept").status_code == 404
    assert invite(owner, "ann").status_code == 409
    admin = service.client("root", admin=True)
    entries = admin.get("/audit", params={"project": "one", "outcome": "done"}).json()["items"]
    assert [(entry["who"], entry["what"], entry["on"]) for entry in entries[:2]] == [
        ("ann", "projects.invitation.accept", "one/ann"),
        ("owner", "projects.invitation.send", "one/ann"),
    ]


def test_who_declines_and_who_is_no_longer_invited_is_no_member(
    service: Service, owner: httpx.Client
) -> None:
    ann, bob = visitor(service, "ann"), visitor(service, "bob")
    for name in ("ann", "bob"):
        invite(owner, name).raise_for_status()
    listed = owner.get("/projects/one/invitations").json()
    assert [item["user"] for item in listed["items"]] == ["ann", "bob"]
    assert ann.post("/invitations/one/decline").status_code == 204
    for _ in range(2):
        assert owner.delete("/projects/one/invitations/bob").status_code == 204
    for client in (ann, bob):
        assert received(client) == []
        assert client.post("/invitations/one/accept").status_code == 404
        assert client.get("/projects/one").status_code == 404


def test_the_answer_says_nothing_about_who_exists(service: Service, owner: httpx.Client) -> None:
    service.client("real").get("/me").raise_for_status()
    answers = [invite(owner, name).json() for name in ("real", "nobody-of-this-name")]
    shapes = [{k: v for k, v in answer.items() if k in ("slug", "role")} for answer in answers]
    assert shapes[0] == shapes[1]
    assert answers[0].keys() == answers[1].keys()
    # Whoever gets the name later finds the invitation.
    late = service.client("nobody-of-this-name")
    assert [slug for slug, _, _ in received(late)] == ["one"]


def test_a_second_invitation_replaces_the_first_and_an_old_one_ends(
    service: Service, owner: httpx.Client
) -> None:
    ann = visitor(service, "ann")
    for role in ("viewer", "owner"):
        invite(owner, "ann", role).raise_for_status()
    assert received(ann) == [("one", "owner", "owner")]
    with service.database.write() as session:
        (row,) = session.query(InvitationRow).all()
        row.expires = now() - timedelta(seconds=1)
    assert received(ann) == []
    assert ann.post("/invitations/one/accept").status_code == 404
    assert owner.get("/projects/one/invitations").json()["total"] == 0


def test_a_deleted_project_invites_nobody(service: Service, owner: httpx.Client) -> None:
    ann = visitor(service, "ann")
    invite(owner, "ann").raise_for_status()
    owner.delete("/projects/one").raise_for_status()
    assert received(ann) == []
    assert ann.post("/invitations/one/accept").status_code == 404
    owner.post("/projects/one/undelete").raise_for_status()
    assert received(ann) == [("one", "viewer", "owner")]
    owner.delete("/projects/one").raise_for_status()
    owner.post("/projects/one/purge").raise_for_status()
    assert received(ann) == []


def test_who_is_a_member_already_keeps_the_role(service: Service, owner: httpx.Client) -> None:
    ann = visitor(service, "ann")
    invite(owner, "ann", "viewer").raise_for_status()
    owner.put("/projects/one/members/ann", json={"role": "editor"}).raise_for_status()
    assert ann.post("/invitations/one/accept").json()["role"] == "editor"


def test_a_merged_person_has_the_invitations_of_both(service: Service, owner: httpx.Client) -> None:
    ann, new = service.client("ann"), service.client("new")
    for client in (ann, new):
        client.get("/me").raise_for_status()
    invite(owner, "ann").raise_for_status()
    root = service.client("root", admin=True)
    ids = {item["name"]: item["id"] for item in root.get("/people").json()["items"]}
    root.post(f"/people/{ids['ann']}/merge", json={"to": ids["new"]}).raise_for_status()
    assert [slug for slug, _, _ in received(new)] == ["one"]


def test_invitations_are_answered_on_a_page_after_a_step_up(
    service: Service, owner: httpx.Client
) -> None:
    ann = visitor(service, "ann")
    invite(owner, "ann", "editor").raise_for_status()
    path, browser = f"{PREFIX}/invitations", service.browser()
    asked = parse_qs(urlsplit(browser.get(path).headers["location"]).query)
    assert asked["scope"] == [f"{scopes.ACCESS} {scopes.PROJECTS_WRITE}"]
    token = service.hub.add("ann")
    back = {"code": token, "state": asked["state"][0]}
    browser.get(f"{PREFIX}/oauth_callback", params=back)
    page = browser.get(path)
    assert "owner invites you as editor" in page.text
    forms = re.findall(r'<form method="post" action="([^"]+)">', page.text)
    accept, decline = (unescape(form) for form in forms)
    assert ("accept" in accept, "decline" in decline) == (True, True)
    assert browser.post(path + accept.replace("key=", "key=x")).status_code == 403
    assert browser.post(path + accept.replace("accept", "other")).status_code == 400
    assert ann.get("/projects/one").status_code == 404
    assert browser.post(path + accept).status_code == 303
    assert ann.get("/projects/one").json()["role"] == "editor"
    assert browser.post(path + decline).status_code == 404
    assert "Nobody has invited you" in browser.get(path).text
    admin = service.client("root", admin=True)
    query = {"what": "projects.invitation.accept"}
    (entry,) = admin.get("/audit", params=query).json()["items"]
    assert (entry["who"], entry["permission"]) == ("ann", scopes.PROJECTS_WRITE)


def test_invitations_that_wait_are_bounded(
    service: Service, owner: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orrery_hub.projects.invitations._MAX_WAITING", 2)
    for name in ("ann", "nobody-yet", "ann"):
        assert invite(owner, name, "editor").status_code == 201
    refused = invite(owner, "ben")
    assert refused.status_code == 409
    assert refused.json()["details"]["limit"] == 2
    assert owner.delete("/projects/one/invitations/nobody-yet").status_code == 204
    assert invite(owner, "ben").status_code == 201
