"""``orrery ownerless-projects`` on the database of this machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from orrery_hub.app import open_database
from orrery_hub.audit.schemas import AuditQuery
from orrery_hub.audit.service import AuditService
from orrery_hub.base import people
from orrery_hub.settings import Settings
from orrery_hub.standalone.ownerless import ownerless_projects
from tests.hub.services import Service


def run(*words: str, **more: str) -> Result:
    return CliRunner().invoke(ownerless_projects, list(words), **more)  # type: ignore[arg-type]


def test_a_project_whose_owner_is_gone_is_given_to_somebody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORRERY_HOME", str(tmp_path))
    assert "There is no hub yet" in run("list").output
    database = open_database(Settings(home=tmp_path, default_project=""))
    service = Service(tmp_path, database, default_project="")
    try:
        eve, ann = service.client("eve"), service.client("ann")
        for client in (eve, ann):
            client.get("/me").raise_for_status()
        eve.post("/projects", json={"slug": "p", "name": "Plan"}).raise_for_status()
        assert run("list").output == "Every project has an owner who has an account.\n"
        refused = run("recover", "p", "ann", "--yes")
        assert (refused.exit_code, "has an owner" in refused.output) == (1, True)
        with database.write() as session:
            people.end(session, people.find(session, "eve"))  # type: ignore[arg-type]
        assert run("list").output.splitlines() == [
            "p  Plan  1 member",
            "To give one to somebody: orrery ownerless-projects recover SLUG USER",
        ]
        assert run("recover", "p", "ann", input="n\n").exit_code == 1
        assert run("recover", "p", "nobody", "--yes").exit_code == 1
        assert run("recover", "p", "ann", "--yes").output == "ann owns p from now on.\n"
        assert ann.get("/projects/p").json()["role"] == "owner"
        (entry,) = AuditService(database).page(AuditQuery(what="projects.recover")).items
        assert (entry.who, entry.on) == ("orrery", "p/ann")
    finally:
        service.loop.stop()
        database.close()
