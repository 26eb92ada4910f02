"""The service under a real JupyterHub: logins, rights, groups, labs, and what survives what."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx
import psutil
import pytest

from orrery_hub import scopes
from tests.hub.hubs import Hub

SNIPPET = {"name": "s", "cells": [{"source": "1"}], "scope": "project", "project": "team"}


def eventually(condition: Callable[[], Any], seconds: float = 15) -> Any:
    """What is true in the end, within some seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with suppress(httpx.HTTPError, AssertionError, KeyError, ValueError):
            if result := condition():
                return result
        time.sleep(0.1)
    return condition()


def group(hub: Hub, slug: str, role: str) -> list[str]:
    """The members of a project's group; the name of the group has the project's storage key."""
    pattern = re.compile(rf"orrery-project-{slug}-[0-9a-f]{{12}}-{role}")
    (match,) = (g for g in hub.call("GET", "/groups").json() if pattern.fullmatch(g["name"]))
    return sorted(match["users"])


def lab(hub: Hub, user: str) -> tuple[int, dict[str, str]]:
    """The process id and the environment of a user's running lab."""
    server = hub.call("GET", f"/users/{user}").json()["servers"][""]
    for process in hub.children():
        with suppress(psutil.Error):
            environment = process.environ()
            if "stub_lab.py" in " ".join(process.cmdline()) and environment.get("USER") == user:
                assert server["ready"]
                return process.pid, environment
    raise AssertionError(f"no lab of {user} runs")


def spawn(hub: Hub, user: str) -> tuple[int, dict[str, str]]:
    hub.call("POST", f"/users/{user}")
    assert hub.call("POST", f"/users/{user}/server").status_code in (201, 202)
    return eventually(lambda: lab(hub, user))


def test_two_members_share_and_a_stranger_sees_nothing(hub: Hub) -> None:
    with hub.client("ann") as ann, hub.client("bob") as bob, hub.client("dan") as dan:
        assert ann.post("/projects", json={"slug": "team", "name": "Team"}).status_code == 201
        assert ann.put("/projects/team/members/bob", json={"role": "viewer"}).status_code == 200
        snippet = ann.post("/snippets", json=SNIPPET).json()

        (visible,) = bob.get("/snippets/changes").json()["upserts"]
        assert (visible["id"], visible["writable"]) == (snippet["id"], False)
        assert bob.put(f"/snippets/{snippet['id']}", json=SNIPPET).status_code == 403
        ann.put("/projects/team/members/bob", json={"role": "editor"})
        edit = SNIPPET | {"cells": [{"source": "2"}], "base_version": 1}
        assert bob.put(f"/snippets/{snippet['id']}", json=edit).json()["version"] == 2

        assert dan.get("/snippets/changes").json()["upserts"] == []
        for verb, path, body in (
            ("GET", "/projects/team", None),
            ("GET", "/projects/team/members", None),
            ("PUT", f"/snippets/{snippet['id']}", SNIPPET),
            ("GET", f"/snippets/{snippet['id']}/versions", None),
            ("POST", "/snippets", SNIPPET),
        ):
            assert dan.request(verb, path, json=body).status_code == 404

        assert eventually(lambda: group(hub, "team", "editor") == ["bob"])
        assert group(hub, "team", "owner") == ["ann"]
        ann.delete("/projects/team/members/bob")
        assert bob.get("/snippets/changes").json()["upserts"] == []
        assert eventually(lambda: group(hub, "team", "editor") == [])


def test_a_member_who_never_logged_in_is_mirrored_later(hub: Hub) -> None:
    with hub.client("ann") as ann:
        ann.post("/projects", json={"slug": "later", "name": "Later"})
        ann.put("/projects/later/members/not-yet", json={"role": "viewer"})
        ann.put("/projects/later/members/dan", json={"role": "viewer"})
        hub.token("dan")
        ann.put("/projects/later/members/dan", json={"role": "viewer"})
        assert eventually(lambda: group(hub, "later", "viewer") == ["dan"])
        with hub.client("not-yet") as late:
            assert [p["slug"] for p in late.get("/projects").json()["items"]] == ["later", "sample"]
        assert eventually(lambda: group(hub, "later", "viewer") == ["dan", "not-yet"])


def test_a_person_is_the_account_and_not_the_name(hub: Hub) -> None:
    """Deleted: out within 5 s. Given again: nothing is inherited. Renamed: everything is kept."""
    with hub.client("leaver") as leaver:
        leaver.post("/projects", json={"slug": "left", "name": "Left"}).raise_for_status()
        leaver.post("/snippets", json={"name": "private", "cells": [{"source": "1"}]})
        hub.call("DELETE", "/users/leaver").raise_for_status()
        deleted = time.monotonic()
        assert eventually(lambda: leaver.get("/me").status_code == 401)
        assert time.monotonic() - deleted < 5
    with hub.client("leaver") as heir:
        assert [p["slug"] for p in heir.get("/projects").json()["items"]] == ["sample"]
        assert heir.get("/snippets/changes").json()["upserts"] == []
        heir.post("/projects", json={"slug": "kept", "name": "Kept"}).raise_for_status()
        hub.call("PATCH", "/users/leaver", json={"name": "renamed"}).raise_for_status()
        assert eventually(lambda: heir.get("/me").json()["name"] == "renamed")
    with hub.client("renamed") as renamed:
        assert {"slug": "kept", "role": "owner"} in renamed.get("/me").json()["projects"]
        members = renamed.get("/projects/kept/members").json()["items"]
        assert [member["user"] for member in members] == ["renamed"]
        assert eventually(lambda: group(hub, "kept", "owner") == ["renamed"])
    with hub.client("root", [scopes.ACCESS, scopes.PLATFORM_ADMIN]) as root:
        ownerless = root.get("/ownerless-projects").json()["items"]
        assert "left" in [project["slug"] for project in ownerless]


def test_an_administrator_owns_the_sample_project(hub: Hub) -> None:
    with hub.client("root") as root, hub.client("ann") as ann:
        assert {"slug": "sample", "role": "owner"} in root.get("/me").json()["projects"]
        assert {"slug": "sample", "role": "editor"} in ann.get("/me").json()["projects"]
        assert (root.get("/me").json()["admin"], ann.get("/me").json()["admin"]) == (True, False)


def test_a_narrow_token_is_narrow(hub: Hub) -> None:
    with hub.client("ann", [scopes.ACCESS, "custom:orrery:snippets:read"]) as reader:
        assert reader.get("/snippets/changes").status_code == 200
        assert reader.post("/snippets", json={"name": "x", "cells": [{}]}).status_code == 403
    with hub.client("ann", ["custom:orrery:snippets:read"]) as outside:
        assert outside.get("/snippets/changes").status_code == 401


def test_a_service_is_not_a_person(hub: Hub) -> None:
    from tests.hub.hubs import ADMIN_TOKEN

    headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
    assert httpx.get(f"{hub.service}/me", headers=headers, trust_env=False).status_code == 401


def test_metrics_are_for_administrators_and_for_the_token_on_disk(hub: Hub) -> None:
    everything = [scopes.ACCESS, *scopes.carried_by("admin")]
    token = (hub.home / "secrets" / "metrics_token").read_text().strip()
    headers = {"Authorization": f"Bearer {token}"}
    with hub.client("root", everything) as root, hub.client("ann") as ann:
        assert "orrery_hub_request_seconds_bucket" in root.get("/metrics").text
        assert ann.get("/metrics").status_code == 403
        scraped = httpx.get(f"{hub.service}/metrics", headers=headers, trust_env=False)
        assert 'route="/metrics",status="200"' in root.get("/metrics").text
    assert scraped.status_code == 200


def test_a_lab_gets_the_address_and_a_token_that_works(hub: Hub) -> None:
    _, environment = spawn(hub, "lab-user")
    assert environment["ORRERY_HUB_URL"] == hub.service
    headers = {"Authorization": f"Bearer {environment['JUPYTERHUB_API_TOKEN']}"}
    me = httpx.get(f"{hub.service}/me", headers=headers, trust_env=False).json()
    assert me["name"] == "lab-user"
    assert set(me["scopes"]) >= set(scopes.carried_by("user"))
    assert environment["HOME"] == str(hub.home / "users" / "lab-user")


def test_an_administrators_lab_cannot_operate_the_platform(hub: Hub) -> None:
    _, environment = spawn(hub, "root")
    headers = {"Authorization": f"Bearer {environment['JUPYTERHUB_API_TOKEN']}"}
    response = httpx.get(f"{hub.service}/audit", headers=headers, trust_env=False)
    assert response.status_code == 403


def test_the_audit_tells_who_did_what(hub: Hub) -> None:
    with (
        hub.client("ann") as ann,
        hub.client("root", [scopes.ACCESS, scopes.PLATFORM_ADMIN]) as root,
    ):
        response = ann.post("/projects", json={"slug": "audited", "name": "A"})
        (entry,) = [
            e
            for e in root.get("/audit", params={"who": "ann", "limit": 200}).json()["items"]
            if e["on"] == "audited"
        ]
    assert (entry["what"], entry["address"]) == ("projects.create", "127.0.0.1")
    assert entry["request_id"] == response.headers["x-request-id"]


def test_a_browser_logs_in_through_the_hub(hub: Hub) -> None:
    origins = {
        "/hub/": hub.api.removesuffix("/hub/api"),
        "/services/": hub.service[: -len("/services/orrery/api")],
    }

    def go(browser: httpx.Client, path: str, **more: Any) -> httpx.Response:
        """One step, as through the proxy that both sides are behind."""
        origin = next(o for prefix, o in origins.items() if path.startswith(prefix))
        return browser.request(more.pop("verb", "GET"), origin + path, **more)

    password = (hub.home / "secrets" / "user_password").read_text().strip()
    with httpx.Client(trust_env=False, timeout=30) as browser:
        path = "/services/orrery/api/docs"
        response = go(browser, path)
        for _ in range(8):
            if response.status_code != 302:
                break
            path = response.headers["location"]
            if path.startswith("/hub/login"):
                go(browser, path)
                form = {"username": "web", "password": password, "_xsrf": browser.cookies["_xsrf"]}
                response = go(browser, path, verb="POST", data=form)
                continue
            response = go(browser, path)
        assert response.status_code == 200
        assert path == "/services/orrery/api/docs"
        assert "/snippets/changes" in response.text
        assert "<script" not in response.text
        cookie = next(c for c in browser.cookies.jar if c.name == "service-orrery-token")
        assert cookie.path == "/services/orrery/"
        assert cookie.has_nonstandard_attr("HttpOnly")
        fetched = go(browser, path, headers={"Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"})
        assert fetched.status_code == 302
    assert password not in hub.log.read_text()
    assert "code=" not in "".join(
        line for line in hub.log.read_text().splitlines() if line.startswith("{")
    )


def test_the_log_is_json_without_tokens(hub: Hub) -> None:
    import json

    with hub.client("ann") as ann:
        token = ann.headers["authorization"].split()[1]
        response = ann.get("/snippets/changes", params={"cursor": "canary-1234"})

    def entries_of_request() -> list[dict[str, Any]]:
        lines = hub.log.read_text().splitlines(keepends=True)
        entries = [json.loads(line) for line in lines if line[0] == "{" and line[-1] == "\n"]
        return [e for e in entries if e.get("request_id") == response.headers["x-request-id"]]

    # It is written after the answer has gone out.
    (entry,) = eventually(entries_of_request)
    log = hub.log.read_text()
    assert (entry["user"], entry["path"], entry["status"]) == (
        "ann",
        "/services/orrery/api/snippets/changes",
        200,
    )
    assert token not in log
    assert "canary-1234" not in log


def test_a_killed_hub_keeps_its_labs_and_a_stopped_one_stops_them(own_hub: Hub) -> None:
    pid, _ = spawn(own_hub, "ann")
    with own_hub.client("ann") as ann:
        snippet_id = ann.post(
            "/snippets", json={"name": "kept", "cells": [{"source": "1"}]}
        ).json()["id"]
        own_hub.kill()
        assert psutil.pid_exists(pid)
        own_hub.start()
        assert eventually(lambda: lab(own_hub, "ann"))[0] == pid
        assert [s["id"] for s in ann.get("/snippets/changes").json()["upserts"]] == [snippet_id]
    services = [p for p in own_hub.children() if "orrery_hub.app" in " ".join(p.cmdline())]
    assert len(services) == 1
    own_hub.stop()
    assert eventually(lambda: not psutil.pid_exists(pid))
    assert eventually(lambda: not own_hub.children())


def test_without_jupyterhub_the_service_says_so_and_loses_no_membership(hub: Hub) -> None:
    assert hub.process
    with hub.client("ann") as ann, hub.client("ann") as unknown, hub.client("bob"):
        ann.post("/projects", json={"slug": "suspended", "name": "Suspended"})
        parent = psutil.Process(hub.process.pid)
        parent.suspend()
        try:
            with pytest.raises(httpx.TimeoutException):
                unknown.get("/me", timeout=0.5)
            assert ann.get("/me").status_code == 200  # its token is still cached
            assert httpx.get(f"{hub.service}/health", trust_env=False).json()["status"] == "ok"
        finally:
            parent.resume()
        path = "/projects/suspended/members/bob"
        assert ann.put(path, json={"role": "viewer"}).status_code == 200
        assert eventually(lambda: group(hub, "suspended", "viewer") == ["bob"])
