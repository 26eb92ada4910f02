"""How many bytes a person and a project may store, on both databases: history and deleted snippets count."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, update

from orrery_hub.base.db import Database, now
from orrery_hub.projects.locations import Locations
from orrery_hub.projects.service import ProjectService
from orrery_hub.projects.store import memberships
from orrery_hub.snippets import quota as module
from orrery_hub.snippets import store
from orrery_hub.snippets.quota import Quota
from orrery_hub.snippets.service import SnippetService
from orrery_wire.errors import Conflict, TooLarge
from orrery_wire.projects import ProjectIn
from orrery_wire.snippets import SnippetCell, SnippetIn, SnippetWrite, StoredSnippet, WritesIn
from tests.hub.services import Service, make_user

ANN, BEN = make_user("ann", admin=True), make_user("ben", admin=True)
KB = 1_000


@pytest.fixture
def snippets(database: Database, tmp_path: Path) -> SnippetService:
    """A person stores 10 kB, a project 20 kB; ann owns the project p, and ben is an editor of it."""
    projects = ProjectService(database, Locations(tmp_path, "lake://{slug}", "git://{slug}"))
    projects.create(ANN, ProjectIn(slug="p", name="P"))
    projects.set_role(ANN, "p", "ben", "editor")
    quota = Quota(person_bytes=10 * KB, project_bytes=20 * KB)
    return SnippetService(database, memberships, keep_versions=3, quota=quota)


def snippet_in(size: int, sign: str = "x", **more: object) -> SnippetIn:
    """A snippet whose content takes that many bytes as JSON, and 400 at most besides."""
    cells = (SnippetCell(source=sign * (size // len(sign.encode()))),)
    return SnippetIn(name="n", cells=cells, **more)  # type: ignore[arg-type]


def in_p(size: int, sign: str = "x") -> SnippetIn:
    return snippet_in(size, sign, scope="project", project="p")


@pytest.fixture
def sums(database: Database) -> Iterator[list[str]]:
    """The statements that add up bytes."""
    seen: list[str] = []

    def note(_c: object, _k: object, statement: str, *_: object) -> None:
        if "sum(" in statement.lower():
            seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield seen
    event.remove(database.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("scope", ["mine", "everyone"])
def test_a_person_has_so_much_room_with_history_and_deleted_snippets(
    snippets: SnippetService, scope: str
) -> None:
    saved = snippets.save(ANN, snippet_in(3 * KB, "x", scope=scope))
    snippets.save(ANN, snippet_in(3 * KB, "y", scope=scope), saved.id)
    snippets.delete(ANN, saved.id)
    with pytest.raises(TooLarge) as caught:
        snippets.save(ANN, snippet_in(4 * KB, scope=scope))
    problem = caught.value
    assert "You store 6." in problem.reason
    assert "10.0 kB" in problem.reason
    assert "ORRERY_PERSON_STORED_BYTES" in problem.remedy
    assert problem.details["limit_bytes"] == 10 * KB
    assert (
        snippets.undelete(ANN, saved.id).version == 2
    )  # nothing was changed, nothing more is stored
    # Others have room of their own, and so has the project.
    snippets.save(BEN, snippet_in(8 * KB))
    snippets.save(ANN, in_p(8 * KB))


def test_a_project_has_so_much_room_whoever_writes(snippets: SnippetService) -> None:
    snippets.save(ANN, in_p(9 * KB))
    snippets.save(BEN, in_p(9 * KB))
    for who in (ANN, BEN):
        with pytest.raises(TooLarge) as caught:
            snippets.save(who, in_p(3 * KB))
        assert "The project 'p' stores 18." in caught.value.reason
        snippets.save(who, snippet_in(9 * KB))


def test_bytes_count_not_characters(snippets: SnippetService) -> None:
    snippets.save(ANN, snippet_in(6 * KB, "ä"))
    with pytest.raises(TooLarge):
        snippets.save(ANN, snippet_in(6 * KB, "€"))


def test_what_is_pruned_or_purged_makes_room(snippets: SnippetService, database: Database) -> None:
    saved = snippets.save(ANN, snippet_in(2 * KB, "0"))
    for sign in "123456789":  # three versions are kept
        snippets.save(ANN, snippet_in(2 * KB, sign), saved.id)
    with pytest.raises(TooLarge):
        snippets.save(ANN, snippet_in(4 * KB))
    snippets.delete(ANN, saved.id)
    with database.write() as session:
        session.execute(update(store.SnippetRow).values(deleted=now() - timedelta(days=2)))
    snippets.purge(now() - timedelta(days=1))
    snippets.save(ANN, snippet_in(9 * KB))


def test_a_move_counts_what_it_stores_anew(snippets: SnippetService) -> None:
    """The version in the project is the project's; what was private before stays the person's."""
    saved = snippets.save(ANN, snippet_in(6 * KB))
    moved = snippets.save(ANN, in_p(6 * KB), saved.id)
    assert moved.version == 2
    with pytest.raises(TooLarge):
        snippets.save(ANN, snippet_in(6 * KB))


def test_a_save_adds_nothing_up_and_a_refusal_does_once(
    snippets: SnippetService, sums: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        snippets.save(ANN, snippet_in(KB))
    assert len(sums) == 1
    for _ in range(5):
        with pytest.raises(TooLarge):
            snippets.save(ANN, snippet_in(9 * KB))
    assert len(sums) == 1  # counted a moment ago
    monkeypatch.setattr(module, "_RECOUNT_SECONDS", 0.0)
    with pytest.raises(TooLarge):
        snippets.save(ANN, snippet_in(9 * KB))
    assert len(sums) == 2
    snippets.save(ANN, snippet_in(KB))
    assert len(sums) == 2


def test_what_failed_is_not_counted_for_long(
    snippets: SnippetService, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A save that is undone leaves the estimate too high, and the database corrects it."""
    monkeypatch.setattr(module, "_RECOUNT_SECONDS", 0.0)
    monkeypatch.setattr(snippets, "_record", _fail)
    for _ in range(5):
        with pytest.raises(Conflict):
            snippets.save(ANN, snippet_in(4 * KB))
    monkeypatch.undo()
    monkeypatch.setattr(module, "_RECOUNT_SECONDS", 0.0)
    snippets.save(ANN, snippet_in(9 * KB))


def _fail(*_: object, **__: object) -> None:
    raise Conflict("no")


def test_in_a_batch_the_rest_is_saved(snippets: SnippetService) -> None:
    writes = [
        SnippetWrite(action="save", content=snippet_in(size * KB)) for size in (4, 9, 4, 9, 1)
    ]
    items = snippets.write_many(ANN, WritesIn(items=tuple(writes))).items
    codes = [item.failure.code if item.failure else "" for item in items]
    assert codes == ["", "too_large", "", "too_large", ""]
    stored = [item.snippet for item in items if isinstance(item.snippet, StoredSnippet)]
    assert [len(snippet.cells[0].source) for snippet in stored] == [4 * KB, 4 * KB, KB]


def test_who_is_asked_over_http_reads_what_to_do(tmp_path: Path, sqlite: Database) -> None:
    service = Service(tmp_path / "home", sqlite, person_stored_bytes=5 * KB)
    try:
        with service.client("ann") as ann:
            body = {"name": "n", "cells": [{"source": "x" * 4 * KB}]}
            assert ann.post("/snippets", json=body).status_code == 201
            refused = ann.post("/snippets", json=body)
            assert (refused.status_code, refused.json()["code"]) == (413, "too_large")
            assert refused.json()["remedy"]
    finally:
        service.loop.stop()
