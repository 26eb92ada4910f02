"""``orrery people`` on the database of this machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from orrery_hub.app import open_database
from orrery_hub.audit.schemas import AuditQuery
from orrery_hub.audit.service import AuditService
from orrery_hub.settings import Settings
from orrery_hub.standalone.people import people
from tests.hub.services import Service


def run(*words: str, **more: str) -> Result:
    return CliRunner().invoke(people, list(words), **more)  # type: ignore[arg-type]


def test_a_deleted_person_is_merged_into_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORRERY_HOME", str(tmp_path))
    assert "There is no hub yet" in run("list").output
    database = open_database(Settings(home=tmp_path))
    service = Service(tmp_path, database)
    try:
        old = service.client("eve")
        old.post("/projects", json={"slug": "p", "name": "P"}).raise_for_status()
        service.hub.created["eve"] = service.hub.account("another")
        new = service.client("eve")
        assert "p" not in new.get("/projects").text.split('"')

        lines = run("list", "--deleted").output.splitlines()
        assert lines[-1] == "1 person"
        source = lines[0].split()[0]
        assert "eve (deleted" in lines[0]
        assert "account gone since" in lines[0]
        target = next(
            line.split()[0] for line in run("list").output.splitlines() if " eve  20" in line
        )
        assert run("merge", source, target, input="n\n").exit_code == 1
        merged = run("merge", source, target, "--yes")
        assert merged.output == f"Person {source} is eve from now on.\n"
        assert new.get("/projects/p").json()["role"] == "owner"
        again = run("merge", source, target, "--yes")
        assert (again.exit_code, again.output.startswith("Error: These are not two")) == (1, True)
        assert f"is person {target}" in run("list", "deleted").output
        newest = AuditService(database).page(AuditQuery(what="people.merge")).items[0]
        assert (newest.who, newest.on) == ("orrery", f"{source}/{target}")
    finally:
        service.loop.stop()
        database.close()
