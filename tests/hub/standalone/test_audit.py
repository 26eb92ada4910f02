"""`orrery audit` on the hub of this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from orrery_hub.audit.service import record
from orrery_hub.base.db import Database
from orrery_hub.base.migrate import upgrade
from orrery_hub.settings import Settings
from orrery_hub.standalone.audit import audit


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setenv("ORRERY_HOME", str(tmp_path))
    (tmp_path / "state").mkdir()
    database = Database(Settings().database())
    upgrade(database)
    with database.write() as session:
        record(session, "ann", "projects.create", "p", project="p", after={"name": "P"})
        record(session, "ben", "DELETE /projects/{slug}", "/projects/p", outcome="forbidden")
    yield database
    database.close()


def run(*words: str) -> Result:
    return CliRunner().invoke(audit, list(words))


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ([], ["ann", "ben"]),
        (["--person", "ann"], ["ann"]),
        (["--outcome", "forbidden"], ["ben"]),
        (["--project", "p"], ["ann"]),
        (["--action", "projects.create", "--since", "2000-01-01"], ["ann"]),
        (["--since", "2100-01-01"], []),
    ],
)
def test_it_lists_and_exports(database: Database, words: list[str], names: list[str]) -> None:
    listed = run("list", *words)
    assert listed.exit_code == 0, listed.output
    assert [line.split()[2] for line in listed.output.splitlines()[:-1]] == names
    assert listed.output.splitlines()[-1] == f"{len(names)} of {len(names)} entries"
    exported = run("export", *words)
    assert [json.loads(line)["who"] for line in exported.output.splitlines()] == names
    assert run("export", "--format", "csv", *words).output.startswith("id,when,who,person_id,")


def test_it_verifies_and_names_what_is_wrong(database: Database) -> None:
    good = run("verify")
    assert good.exit_code == 0, good.output
    anchor = good.output.splitlines()[-1].removeprefix("Anchor: ")
    assert run("verify", "--anchor", anchor).exit_code == 0
    assert run("verify", "--anchor", "nonsense").exit_code == 1
    with database.write() as session:
        session.execute(text("UPDATE audit SET who = 'eve' WHERE id = 1"))
    wrong = run("verify")
    assert wrong.exit_code == 1
    assert "WRONG entry 1 was changed" in wrong.output


def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORRERY_SERVICE_PORT", "many")
    answer = run("list")
    assert answer.exit_code == 1
    assert answer.output.startswith("Error: ")
    assert "ORRERY_SERVICE_PORT" in answer.output


def test_without_a_hub_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORRERY_HOME", str(tmp_path))
    for command in ("list", "export", "verify"):
        answer = run(command)
        assert answer.exit_code == 1
        assert "There is no hub yet" in answer.output
