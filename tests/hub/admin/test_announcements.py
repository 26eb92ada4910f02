"""Announcements: where and when they are shown; maintenance: from when to when no server starts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from orrery_hub.admin.announcements import spawn_refusal
from orrery_hub.base.db import now
from tests.hub.services import Service


@pytest.fixture
def admin(service: Service) -> httpx.Client:
    return service.client("root", admin=True)


def moment(hours: float) -> str:
    return (now() + timedelta(hours=hours)).isoformat()


def texts(service: Service, place: str) -> list[str]:
    """What a stranger's page of the hub shows."""
    response = service.anonymous().get("/announcements", params={"place": place})
    assert response.status_code == 200
    return [item["text"] for item in response.json()]


def announce(admin: httpx.Client, text: str, *places: str, **more: Any) -> dict[str, Any]:
    response = admin.post("/admin/announcements", json={"text": text, "places": places, **more})
    assert response.status_code == 201, response.text
    return dict(response.json())


def test_each_is_shown_in_its_places_while_it_lasts(service: Service, admin: httpx.Client) -> None:
    announce(admin, "at log-in", "login")
    announce(admin, "in labs", "lab")
    announce(admin, "everywhere", "login", "spawn", "lab", level="warning")
    announce(admin, "later", "login", starts=moment(1))
    short = announce(admin, "short", "login", ends=moment(1))
    assert texts(service, "login") == ["short", "everywhere", "at log-in"]
    assert texts(service, "spawn") == ["everywhere"]
    assert service.anonymous().get("/announcements", params={"place": "lab"}).status_code == 400
    over = {"text": "over", "places": ["login"], "starts": moment(-2), "ends": moment(-1)}
    response = admin.put(f"/admin/announcements/{short['id']}", json=over)
    assert response.json()["is_shown"] is False
    assert "over" not in texts(service, "login")
    page = admin.get("/admin/announcements").json()
    assert (page["total"], page["items"][0]["text"]) == (5, "later")
    assert admin.delete(f"/admin/announcements/{short['id']}").status_code == 204
    assert admin.get("/admin/announcements").json()["total"] == 4


def in_lab(client: httpx.Client) -> list[tuple[str, str, str]]:
    """What a lab of a person shows: kind, level and text."""
    items = client.get("/notices").raise_for_status().json()["items"]
    return [(item["kind"], item["level"], item["message"]) for item in items]


def test_labs_show_what_is_for_them(service: Service, admin: httpx.Client) -> None:
    ann = service.client("ann")
    announce(admin, "at log-in", "login", "spawn")
    announce(admin, "later", "lab", starts=moment(1))
    number = announce(admin, "in labs", "lab", level="warning")["id"]
    assert in_lab(ann) == [("message", "warning", "in labs")]
    (notice,) = ann.get("/notices").json()["items"]
    assert ann.delete(f"/notices/{notice['id']}").status_code == 204
    assert in_lab(ann) == []
    change = {"text": "in labs, now", "places": ["lab"]}
    admin.put(f"/admin/announcements/{number}", json=change).raise_for_status()
    assert in_lab(ann) == [("message", "info", "in labs, now")]
    admin.delete(f"/admin/announcements/{number}")
    assert in_lab(ann) == []


def test_labs_are_told_of_maintenance_before_and_while_it_lasts(
    service: Service, admin: httpx.Client
) -> None:
    ann = service.client("ann")

    def maintain(**more: Any) -> list[dict[str, Any]]:
        body = {"blocks_spawns": True, "message": "New disks."} | more
        admin.put("/admin/maintenance", json=body).raise_for_status()
        return list(ann.get("/notices").json()["items"])

    starts, ends = moment(1), moment(2)
    (planned,) = maintain(starts=starts, ends=ends)
    assert (planned["kind"], planned["level"]) == ("maintenance", "warning")
    assert "begins" in planned["message"]
    assert planned["deadline"][:16] == starts[:16]
    assert planned["reason"].startswith("New disks. It is to end at")
    (active,) = maintain(ends=ends)
    assert (active["message"], active["deadline"]) == (
        "Maintenance: no new server starts now",
        None,
    )
    assert maintain(blocks_spawns=False) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": ""},
        {"text": "\x00"},
        {"places": []},
        {"places": ["roof"]},
        {"level": "fatal"},
        {"starts": moment(2), "ends": moment(1)},
        {"ends": moment(-1)},
        {"starts": "2026-01-01T00:00:00"},
    ],
)
def test_what_cannot_be_announced_is_refused(admin: httpx.Client, wrong: dict[str, Any]) -> None:
    body = {"text": "x", "places": ["login"]} | wrong
    response = admin.post("/admin/announcements", json=body)
    assert response.status_code == 400, response.text
    assert response.json()["reason"]


def test_the_audit_has_no_text_of_it(admin: httpx.Client) -> None:
    number = announce(admin, "canary-hunter2", "login")["id"]
    admin.delete(f"/admin/announcements/{number}")
    admin.put("/admin/maintenance", json={"blocks_spawns": True, "message": "canary-hunter2"})
    text = admin.get("/audit").text
    assert "canary-hunter2" not in text
    for what in ("admin.announce", "admin.announce.delete", "admin.maintenance"):
        assert f'"{what}"' in text


def test_no_server_starts_during_maintenance_whoever_asks(
    service: Service, admin: httpx.Client
) -> None:
    """The process that starts servers asks before each, also where no pool is declared."""
    launcher = service.anonymous()
    launcher.headers["Authorization"] = f"Bearer {service.settings.launcher_token()}"
    service.client("ann").get("/me").raise_for_status()
    launch = {"user": "ann", "server": "", "options": {}, "created": None}
    body = launch | {"created": service.hub.account("ann").isoformat()}
    assert launcher.post("/launch/leases", json=body).status_code == 200
    admin.put("/admin/maintenance", json={"blocks_spawns": True, "message": "New disks."})
    response = launcher.post("/launch/leases", json=body)
    assert response.status_code == 409
    assert response.json()["reason"] == "New disks."
    admin.put("/admin/maintenance", json={"blocks_spawns": False})
    assert launcher.post("/launch/leases", json=body).status_code == 200


def test_maintenance_blocks_from_its_start_to_its_end(
    service: Service, admin: httpx.Client
) -> None:
    def refusal() -> str | None:
        with service.database.read() as session:
            return spawn_refusal(session)

    assert refusal() is None
    assert admin.get("/admin/maintenance").json()["is_active"] is False
    cases = (
        ({}, True),
        ({"starts": moment(1)}, False),
        ({"starts": moment(-1), "ends": moment(1)}, True),
        ({"starts": moment(-2), "ends": moment(2), "message": "New disks."}, True),
    )
    for times, is_active in cases:
        body = {"blocks_spawns": True, **times}
        assert admin.put("/admin/maintenance", json=body).json()["is_active"] is is_active
        assert (refusal() is not None) is is_active
    assert str(refusal()).startswith("No new server starts now. New disks. It is to end at ")
    # Whoever wants to start a server reads why that does not work.
    assert texts(service, "spawn") == [refusal()]
    assert admin.put("/admin/maintenance", json={"blocks_spawns": False}).status_code == 200
    assert refusal() is None
    assert texts(service, "spawn") == []
