"""``orrery access`` and ``orrery explain`` on the database of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click
import httpx
import pytest
from click.testing import CliRunner, Result

from orrery_hub import app
from orrery_hub.app import open_database
from orrery_hub.settings import Settings
from orrery_hub.standalone.access import access, explain
from tests.hub.services import Service

WRITE = "custom:orrery:snippets:write"


def run(command: click.Command, *words: str) -> Result:
    return CliRunner().invoke(command, list(words))


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("ORRERY_HOME", str(tmp_path))
    assert "There is no hub yet" in run(access, "roles").output
    database = open_database(Settings(home=tmp_path))
    service = Service(tmp_path, database)
    client = httpx.AsyncClient

    def mocked(**more: object) -> httpx.AsyncClient:
        return client(**more | {"transport": httpx.MockTransport(service.hub.answer)})  # type: ignore[arg-type]

    monkeypatch.setattr(app.httpx, "AsyncClient", mocked)
    yield service
    service.loop.stop()
    database.close()


def test_roles_and_permissions_are_listed_given_and_taken(service: Service) -> None:
    ann = service.client("ann")
    ann.get("/me").raise_for_status()
    lines = run(access, "roles").output.splitlines()
    (line,) = [line for line in lines if line.startswith(WRITE)]
    assert line.endswith("admin, data-scientist, ml-engineer")
    assert lines[-1] == "Who has no role is data-scientist."
    assert run(access, "allow", "viewer", WRITE).output == f"viewer has {WRITE} from now on.\n"
    assert "viewer" in run(access, "roles").output.split(WRITE)[1].splitlines()[0]
    assert "does not have" in run(access, "deny", "viewer", WRITE).output
    refused = run(access, "allow", "viewer", "custom:orrery:platform:admin")
    assert (refused.exit_code, "cannot be changed" in refused.output) == (1, True)
    number = run(access, "people", "ann").output.split()[0]
    assert run(access, "give", number, "viewer").output == "ann is viewer from now on.\n"
    assert "ann  viewer (assigned)" in run(access, "people", "--role", "viewer").output
    assert run(access, "take", number, "viewer").output == "ann is data-scientist from now on.\n"


def test_groups_are_mapped_and_unmapped(service: Service) -> None:
    assert "To begin" in run(access, "mappings").output
    service.client("ann").post("/projects", json={"slug": "one", "name": "One"})
    mapped = run(access, "map", "group", "/team/dev", "editor", "--project", "one").output
    assert mapped == "1  group /team/dev: editor in the project one  0 people\n"
    assert run(access, "mappings").output == mapped
    wrong = run(access, "map", "group", "/team/dev", "ml-engineer", "--project", "one")
    assert (wrong.exit_code, "is none in the project" in wrong.output) == (1, True)
    assert "cannot be mapped" in run(access, "map", "role", "", "viewer").output
    assert run(access, "unmap", "1").output.startswith("Ended.")


def test_it_is_explained_with_the_answer_as_exit_code(service: Service) -> None:
    ann = service.client("ann")
    ann.post("/projects", json={"slug": "one", "name": "One"}).raise_for_status()
    assert "projects.update  PATCH /projects/{slug}" in run(access, "actions").output
    yes = run(explain, "ann", "projects.update", "one")
    assert yes.exit_code == 0, yes.output
    assert yes.output.splitlines()[0] == "ann may do projects.update to one."
    service.client("bob").get("/me").raise_for_status()
    no = run(explain, "bob", "projects.update", "one")
    assert (no.exit_code, "  NO   is a member of" in no.output) == (1, True)
    assert '"is_allowed": false' in run(explain, "bob", "projects.update", "one", "--json").output
    service.hub.away = True
    away = run(explain, "bob", "projects.update", "one")
    assert (away.exit_code, "JupyterHub did not answer" in away.output) == (1, True)
