"""The promises of datasets at the hub, over both databases: who may what, versions that stay, and what is known of them."""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from orrery_hub.base.contracts import RecordChange
from orrery_hub.base.db import Database, now
from orrery_hub.base.user import User
from orrery_hub.datasets import service as service_module
from orrery_hub.datasets import store, uses
from orrery_hub.datasets import versions as versions_module
from orrery_hub.datasets.context import DatasetContext
from orrery_hub.datasets.feature_sets import FeatureSetService
from orrery_hub.datasets.service import DatasetService
from orrery_hub.datasets.tables import DatasetRow, ParentRow, UseRow, VersionRow
from orrery_hub.datasets.uses import CheckService, UseService
from orrery_hub.datasets.versions import VersionService
from orrery_hub.projects.locations import Locations
from orrery_hub.projects.service import ProjectService
from orrery_hub.projects.store import ProjectRow, memberships
from orrery_wire import datasets as shapes
from orrery_wire.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    OrreryError,
    SecretFound,
    TooLarge,
    TooMany,
)
from orrery_wire.projects import ProjectIn
from orrery_wire.schemas import PageQuery
from tests.effort import examples
from tests.hub.services import make_user

OWNER, EDITOR, VIEWER, STRANGER = (make_user(n) for n in ("ann", "bob", "cat", "dan"))
PEOPLE = {"owner": OWNER, "editor": EDITOR, "viewer": VIEWER, "stranger": STRANGER}
ALL = shapes.DatasetQuery(limit=200)
SCRATCH = {"kind": "scratch"}


class Datasets:
    """The services of datasets on one database, with a project whose members have a role each."""

    def __init__(self, database: Database, folder: Path, **more: Any) -> None:
        self.database = database
        self.audit: list[tuple[str, str]] = []
        self.context = DatasetContext(database, memberships, self._record, **more)
        self.datasets = DatasetService(self.context)
        self.versions = VersionService(self.context)
        self.uses = UseService(self.context)
        self.checks = CheckService(self.context)
        self.feature_sets = FeatureSetService(self.context)
        self.projects = ProjectService(database, Locations(folder, "lake://{slug}", "git://{slug}"))
        for slug in ("p", "q"):
            self.projects.create(OWNER, ProjectIn(slug=slug, name=slug.upper()))
        self.projects.set_role(OWNER, "p", "bob", "editor")
        self.projects.set_role(OWNER, "p", "cat", "viewer")

    @property
    def _record(self) -> RecordChange:
        def record(_session: object, who: str, what: str, _on: str, /, **_: object) -> None:
            self.audit.append((who, what))

        return record

    def create(self, name: str = "d", who: User = OWNER, **more: Any) -> int:
        more = {"audience": "project", "project": "p"} | more
        return self.datasets.create(who, shapes.DatasetIn(name=name, **more)).id

    def own(self, name: str = "d", who: User = OWNER) -> int:
        return self.create(name, who, audience="person", project=None)

    def add(self, target: int, content: str = "a", who: User = OWNER, **more: Any) -> int:
        return self.versions.add(who, target, version_in(content, **more)).number


def part(content: str, path: str = "data.parquet") -> dict[str, Any]:
    return {"path": path, "size_bytes": len(content), "digest": f"etag:{content or '0'}"}


def version_in(content: str = "a", **more: Any) -> shapes.DatasetVersionIn:
    body = {"source": SCRATCH, "parts": [part(content)]} | more
    return shapes.DatasetVersionIn.model_validate(body)


def features_in(column: str = "k", **more: Any) -> shapes.FeatureSetIn:
    spec = {"keys": ["k"], "features": [{"name": "f", "column": column}]}
    return shapes.FeatureSetIn.model_validate({"spec": spec} | more)


@pytest.fixture
def hub(database: Database, tmp_path: Path) -> Datasets:
    return Datasets(database, tmp_path)


@pytest.fixture
def lite(sqlite: Database, tmp_path: Path) -> Datasets:
    """For what is the same on every database."""
    return Datasets(sqlite, tmp_path)


def outcome(call: Callable[[], object]) -> type[OrreryError] | None:
    try:
        call()
    except OrreryError as problem:
        return type(problem)
    return None


def test_members_see_and_editors_change(hub: Datasets) -> None:
    target = hub.create()
    hub.add(target)
    use = shapes.DatasetUseIn(kind="run", ref="r")
    wrote = shapes.DatasetUseIn(kind="run", ref="r", direction="write")
    check = shapes.DatasetCheckIn.model_validate(
        {"name": "c", "items": [{"code": "unique", "is_passed": True}]}
    )
    reads: list[Callable[[User], object]] = [
        lambda who: hub.datasets.get(who, target),
        lambda who: hub.versions.get(who, target, 1),
        lambda who: hub.versions.list(who, target, shapes.DatasetVersionQuery()),
        lambda who: hub.versions.parts(who, target, 1, PageQuery()),
        lambda who: hub.uses.add(who, target, 1, use),
        lambda who: hub.uses.of_version(who, target, 1, shapes.DatasetUseQuery()),
        lambda who: hub.checks.list(who, target, 1, PageQuery()),
        lambda who: hub.feature_sets.list(who, target, PageQuery()),
    ]
    changes: list[Callable[[User], object]] = [
        lambda who: hub.datasets.update(who, target, shapes.DatasetPatch(description=who.name)),
        lambda who: hub.versions.add(who, target, version_in(who.name)),
        lambda who: hub.versions.publish(who, target, 1),
        lambda who: hub.versions.archive(who, target, 1),
        lambda who: hub.versions.restore(who, target, 1),
        lambda who: hub.versions.save_profile(who, target, 1, shapes.DatasetProfile(profile={})),
        lambda who: hub.uses.add(who, target, 1, wrote),
        lambda who: hub.checks.add(who, target, 1, check),
        lambda who: hub.feature_sets.save(who, target, "f", features_in()),
    ]
    faults = []
    for role, who in PEOPLE.items():
        for number, call in enumerate((*reads, *changes)):
            is_change = number >= len(reads)
            expected = NotFound if role == "stranger" else None
            if role == "viewer" and is_change:
                expected = Forbidden
            if (actual := outcome(lambda call=call, who=who: call(who))) is not expected:
                faults.append((role, number, actual))
        listed = {item.id for item in hub.datasets.list(who, ALL).items}
        assert (target in listed) == (role != "stranger")
    assert faults == []


def test_a_dataset_of_ones_own_is_nobody_elses(hub: Datasets) -> None:
    target = hub.own(who=VIEWER)
    assert hub.datasets.get(VIEWER, target).may_write
    for who in (OWNER, EDITOR, STRANGER):
        assert outcome(lambda who=who: hub.datasets.get(who, target)) is NotFound
        assert outcome(lambda who=who: hub.add(target, who=who)) is NotFound
    # The name is taken for that person only.
    hub.own(who=OWNER)
    with pytest.raises(Conflict):
        hub.own(who=VIEWER)
    with pytest.raises(Invalid):
        hub.datasets.update(VIEWER, target, shapes.DatasetPatch(owner="ann"))


def test_nobody_changes_what_is_in_an_archived_project(lite: Datasets) -> None:
    target = lite.create()
    with lite.database.write() as session:
        session.scalars(select(ProjectRow).where(ProjectRow.slug == "p")).one().archived = now()
    for who in (OWNER, EDITOR):
        assert not lite.datasets.get(who, target).may_write
        assert outcome(lambda who=who: lite.add(target, who=who)) is Forbidden


def test_the_life_of_a_dataset(hub: Datasets) -> None:
    target = hub.create(tags=["a", "b", "a"], description="Of last year")
    assert hub.datasets.get(OWNER, target).tags == ("a", "b")
    with pytest.raises(Conflict):
        hub.create(who=EDITOR)
    number = hub.add(target)
    assert outcome(lambda: hub.datasets.purge_now(OWNER, target)) is Conflict
    hub.datasets.delete(EDITOR, target)
    for call in (hub.datasets.get, hub.datasets.delete):
        assert outcome(lambda call=call: call(OWNER, target)) is NotFound
    shown = {
        role: hub.datasets.list(who, shapes.DatasetQuery(deleted=True)).total
        for role, who in PEOPLE.items()
    }
    assert shown == {"owner": 1, "editor": 1, "viewer": 0, "stranger": 0}
    assert outcome(lambda: hub.datasets.undelete(VIEWER, target)) is NotFound
    second = hub.create()
    assert outcome(lambda: hub.datasets.undelete(OWNER, target)) is Conflict
    hub.datasets.delete(OWNER, second)
    for _ in range(2):
        assert hub.datasets.undelete(OWNER, target).deleted is None
    assert hub.versions.get(OWNER, target, number).digest
    hub.datasets.purge_now(OWNER, second)
    assert outcome(lambda: hub.datasets.undelete(OWNER, second)) is NotFound
    assert hub.create("e") > second
    assert [what for _, what in hub.audit].count("datasets.undelete") == 1


def test_what_was_deleted_long_ago_is_removed_with_all_of_it(hub: Datasets) -> None:
    target = hub.create()
    child = hub.create("child")
    hub.add(target)
    hub.add(child, source={"kind": "parents"}, parents=[{"dataset": target, "number": 1}])
    hub.uses.add(OWNER, target, 1, shapes.DatasetUseIn(kind="model", ref="m"))
    hub.feature_sets.save(OWNER, target, "f", features_in())
    hub.datasets.delete(OWNER, target)
    hub.datasets.purge(now() - timedelta(days=1))
    assert hub.datasets.undelete(OWNER, target).name == "d"
    hub.datasets.delete(OWNER, target)
    hub.datasets.purge(now() + timedelta(days=1))
    with hub.database.read() as session:
        assert session.scalars(select(DatasetRow.id)).all() == [child]
        assert session.scalars(select(UseRow)).all() == []
        assert [row.parent_id for row in session.scalars(select(ParentRow))] == [None]
    (parent,) = hub.versions.get(OWNER, child, 1).parents
    assert (parent.dataset, parent.name, parent.number) == (None, "", 1)
    assert parent.digest == version_in().content_digest


def test_a_project_that_is_removed_takes_its_datasets(hub: Datasets) -> None:
    target = hub.create()
    hub.own("mine")
    with hub.database.read() as session:
        key = memberships(session, OWNER.person_id)[0][0]
        assert store.count_in_project(session, key) == {"datasets": 1}
    hub.projects.delete(OWNER, "p")
    assert outcome(lambda: hub.datasets.get(OWNER, target)) is NotFound
    hub.datasets.purge(now() + timedelta(days=1))
    with hub.database.read() as session:
        assert session.scalars(select(DatasetRow.name)).all() == ["mine"]


def test_a_version_says_all_that_was_sent(hub: Datasets) -> None:
    target = hub.create()
    columns = [{"name": "ü;\"'", "type": "int64", "is_nullable": False, "description": "key"}]
    made = hub.versions.add(
        EDITOR,
        target,
        version_in(
            mode="remote",
            source={"kind": "objects", "connection": "lake", "prefix": "a/", "patterns": ["*.csv"]},
            location={"connection": "lake", "path": "/a/"},
            columns=columns,
            row_count=2**40,
            note="First",
        ),
    )
    assert made == hub.versions.get(VIEWER, target, made.number)
    assert (made.number, made.state, made.created_by) == (1, "draft", "bob")
    assert [column.model_dump() for column in made.columns] == columns
    assert (made.column_count, made.row_count, made.size_bytes, made.part_count) == (1, 2**40, 1, 1)
    assert made.source.kind == "objects"
    (listed,) = hub.versions.list(VIEWER, target, shapes.DatasetVersionQuery()).items
    assert listed.model_dump() == made.model_dump(exclude={"columns", "parents"})
    assert hub.versions.parts(VIEWER, target, 1, PageQuery()).items == tuple(
        version_in().parts or ()
    )


def test_the_same_content_from_the_same_source_is_no_new_version(hub: Datasets) -> None:
    target = hub.create()
    assert [hub.add(target), hub.add(target), hub.add(target, who=EDITOR)] == [1, 1, 1]
    assert hub.add(target, source={"kind": "url", "url": "https://example.org/a.csv"}) == 2
    assert hub.add(target, "b") == 3
    # What it was before the last one is another step, not the same one.
    assert hub.add(target, "a") == 4
    hub.versions.archive(OWNER, target, 4)
    assert hub.add(target, "a") == 5
    versions = hub.versions.list(OWNER, target, shapes.DatasetVersionQuery(limit=200)).items
    digests = {version.number: version.digest for version in versions}
    assert digests[1] == digests[2] == digests[4] == digests[5] != digests[3]
    query = shapes.DatasetQuery(digest=digests[3])
    assert [item.id for item in hub.datasets.list(VIEWER, query).items] == [target]
    assert hub.datasets.list(STRANGER, query).total == 0


def test_too_many_files_are_not_listed(hub: Datasets) -> None:
    target = hub.create()
    digest = version_in("x").content_digest
    made = hub.versions.add(
        OWNER, target, version_in(parts=None, digest=digest, part_count=3_000_000_000)
    )
    assert (made.digest, made.part_count, made.has_parts) == (digest, 3_000_000_000, False)
    with pytest.raises(NotFound, match="not stored here"):
        hub.versions.parts(OWNER, target, 1, PageQuery())
    many = [part("x", f"{number:05}.parquet") for number in range(500)]
    hub.versions.add(OWNER, target, version_in(parts=many[::-1]))
    page = hub.versions.parts(OWNER, target, 2, PageQuery(offset=490, limit=20))
    assert (page.total, [item.path for item in page.items]) == (
        500,
        [f"{number:05}.parquet" for number in range(490, 500)],
    )


def test_states_of_versions(hub: Datasets) -> None:
    target = hub.create()
    for content in "abc":
        hub.add(target, content)

    def summary() -> tuple[int | None, int | None]:
        dataset = hub.datasets.get(VIEWER, target)
        return dataset.latest, dataset.published

    assert summary() == (3, None)
    for _ in range(2):
        assert hub.versions.publish(OWNER, target, 2).state == "published"
    assert summary() == (3, 2)
    for _ in range(2):
        assert hub.versions.archive(OWNER, target, 3).state == "archived"
    assert summary() == (2, 2)
    with pytest.raises(Conflict, match="archived"):
        hub.versions.publish(OWNER, target, 3)
    hub.versions.archive(OWNER, target, 2)
    assert summary() == (1, None)
    assert hub.versions.restore(OWNER, target, 2).state == "published"
    assert hub.versions.restore(OWNER, target, 3).state == "draft"
    assert summary() == (3, 2)
    counts = {
        state: hub.versions.list(OWNER, target, shapes.DatasetVersionQuery(state=state)).total
        for state in ("draft", "published", "archived")
    }
    assert counts == {"draft": 2, "published": 1, "archived": 0}
    done = [
        what for _, what in hub.audit if what.split(".")[1] in ("publish", "archive", "restore")
    ]
    assert done == ["datasets.publish", *["datasets.archive"] * 2, *["datasets.restore"] * 2]


def test_an_archived_dataset_gets_no_versions(hub: Datasets) -> None:
    target = hub.create()
    hub.add(target)
    hub.datasets.update(OWNER, target, shapes.DatasetPatch(archived=True))
    assert hub.datasets.list(OWNER, ALL).total == 0
    assert hub.datasets.list(OWNER, shapes.DatasetQuery(archived=True)).total == 1
    with pytest.raises(Conflict, match="archived"):
        hub.add(target, "b")
    assert hub.add(target) == 1
    hub.datasets.update(OWNER, target, shapes.DatasetPatch(archived=False))
    assert hub.add(target, "b") == 2


def test_a_profile_is_stored_once(hub: Datasets) -> None:
    target = hub.create()
    hub.add(target)
    assert outcome(lambda: hub.versions.profile(OWNER, target, 1)) is NotFound
    profile = shapes.DatasetProfile(profile={"rows": 3, "columns": [{"name": "ä", "mean": 1.5}]})
    for _ in range(2):
        assert hub.versions.save_profile(OWNER, target, 1, profile).has_profile
    assert hub.versions.profile(VIEWER, target, 1) == profile
    with pytest.raises(Conflict, match="profile already"):
        hub.versions.save_profile(OWNER, target, 1, shapes.DatasetProfile(profile={"rows": 4}))
    assert [what for _, what in hub.audit].count("datasets.profile") == 1


def test_parents_are_shown_to_who_sees_them(hub: Datasets) -> None:
    secret = hub.create("secret-name", project="q")
    hub.add(secret, "s")
    shared = hub.create("shared")
    hub.add(shared, "t")
    target = hub.create()
    both = [{"dataset": secret, "number": 1}, {"dataset": shared, "number": 1}]
    combined = {"kind": "parents", "operation": "combine"}
    with pytest.raises(NotFound):
        hub.add(target, "u", who=EDITOR, source=combined, parents=both)
    hub.add(target, "u", source=combined, parents=both)

    def seen(who: User) -> list[tuple[int | None, str]]:
        return [(p.dataset, p.name) for p in hub.versions.get(who, target, 1).parents]

    assert seen(OWNER) == [(secret, "secret-name"), (shared, "shared")]
    assert seen(EDITOR) == [(None, ""), (shared, "shared")]
    assert "secret-name" not in hub.versions.get(EDITOR, target, 1).model_dump_json()
    hub.datasets.delete(OWNER, shared)
    assert seen(EDITOR) == [(None, "")] * 2


def test_uses_are_noted_once_an_hour(hub: Datasets, monkeypatch: pytest.MonkeyPatch) -> None:
    target = hub.create()
    hub.add(target)
    moment = now().replace(minute=10)
    read = shapes.DatasetUseIn(kind="notebook", ref="a/b.ipynb")
    for minutes, who in ((0, OWNER), (5, EDITOR), (60, EDITOR), (61, VIEWER)):
        monkeypatch.setattr(
            uses, "now", lambda minutes=minutes: moment + timedelta(minutes=minutes)
        )
        use = hub.uses.add(who, target, 1, read)
    assert (use.hour_count, use.user) == (2, "bob")
    assert (use.first, use.last) == (moment, moment + timedelta(minutes=60))
    assert [what for _, what in hub.audit].count("datasets.use") == 2
    hub.uses.add(EDITOR, target, 1, read.model_copy(update={"direction": "write"}))
    hub.uses.add(EDITOR, target, 1, shapes.DatasetUseIn(kind="run", ref="r-1"))
    page = hub.uses.of_version(VIEWER, target, 1, shapes.DatasetUseQuery())
    assert page.total == 3
    for query, total in (
        ({"kind": "run"}, 1),
        ({"ref": "a/b.ipynb"}, 2),
        ({"ref": "a/b.ipynb", "direction": "write"}, 1),
        ({"ref": "%"}, 0),
    ):
        assert hub.uses.of_all(VIEWER, shapes.DatasetUseQuery(**query)).total == total  # type: ignore[arg-type]
    assert hub.uses.of_all(STRANGER, shapes.DatasetUseQuery()).total == 0
    monkeypatch.setattr(uses, "PER_VERSION", 3)
    with pytest.raises(TooMany):
        hub.uses.add(OWNER, target, 1, shapes.DatasetUseIn(kind="run", ref="r-2"))
    assert hub.uses.add(OWNER, target, 1, read).hour_count == 2


def test_results_of_checks_are_stored_the_newest_of_them(
    hub: Datasets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uses, "CHECKS_PER_VERSION", 3)
    target = hub.create()
    hub.add(target)
    for number in range(5):
        items = [
            {"code": "unique", "column": "k", "is_passed": True},
            {
                "code": "in_range",
                "column": "v",
                "is_passed": number % 2 == 0,
                "failed_count": number,
            },
        ]
        body = {"name": f"suite {number}", "items": items}
        made = hub.checks.add(EDITOR, target, 1, shapes.DatasetCheckIn.model_validate(body))
        assert made.is_passed == (number % 2 == 0)
    page = hub.checks.list(VIEWER, target, 1, PageQuery())
    assert [item.name for item in page.items] == ["suite 4", "suite 3", "suite 2"]
    assert page.items[0] == made


def test_feature_sets_are_checked_against_the_columns(hub: Datasets) -> None:
    target = hub.create()
    assert hub.feature_sets.save(OWNER, target, "early", features_in("anything")).revision == 1
    hub.add(target, columns=[{"name": "k", "type": "int64"}, {"name": "v", "type": "double"}])
    for bad in ({"column": "w"}, {"number": 2}):
        assert outcome(
            lambda bad=bad: hub.feature_sets.save(OWNER, target, "f", features_in(**bad))
        )
    made = hub.feature_sets.save(OWNER, target, "f", features_in("v", number=1))
    assert (made.number, made.revision, made.updated_by) == (1, 1, "ann")
    made = hub.feature_sets.save(EDITOR, target, "f", features_in("k", base_revision=1))
    assert (made.number, made.revision, made.updated_by) == (None, 2, "bob")
    with pytest.raises(Conflict, match="meanwhile"):
        hub.feature_sets.save(OWNER, target, "f", features_in("k", base_revision=1))
    names = [item.name for item in hub.feature_sets.list(VIEWER, target, PageQuery()).items]
    assert names == ["early", "f"]
    hub.feature_sets.delete(OWNER, target, "f")
    assert outcome(lambda: hub.feature_sets.delete(OWNER, target, "f")) is NotFound


def test_lists_are_filtered_sorted_and_cut(hub: Datasets) -> None:
    for number, name in enumerate(("b-1", "a-2", "c-3")):
        hub.create(name, tags=[f"t{number}", "é", "x"][number : number + 1], description="100%")
    hub.own("z-4", who=OWNER)

    def names(**query: Any) -> list[str]:
        page = hub.datasets.list(OWNER, shapes.DatasetQuery(**query))
        return [item.name for item in page.items]

    assert names() == ["a-2", "b-1", "c-3", "z-4"]
    assert names(limit=2, offset=1) == ["b-1", "c-3"]
    assert names(sort="created", descending=True) == ["z-4", "c-3", "a-2", "b-1"]
    for query, expected in (
        ({"q": "100% A-"}, ["a-2"]),
        ({"q": "_"}, []),
        ({"name": "c-3"}, ["c-3"]),
        ({"tag": "t0"}, ["b-1"]),
        ({"tag": "t"}, []),
        ({"tag": "é"}, ["a-2"]),
        ({"audience": "person"}, ["z-4"]),
        ({"project": "p"}, ["a-2", "b-1", "c-3"]),
        ({"project": "q"}, []),
        ({"project": "none"}, []),
        ({"owner": "ann"}, ["a-2", "b-1", "c-3", "z-4"]),
        ({"owner": "bob"}, []),
    ):
        assert names(**query) == expected, query  # type: ignore[arg-type]


def test_tags_are_compared_as_a_whole(hub: Datasets) -> None:
    tags = ("é", 'a"b', "a\\b", "100%", "a_b", "😀")
    for number, tag in enumerate(tags):
        hub.create(f"d{number}", tags=[tag])
    for number, tag in enumerate(tags):
        page = hub.datasets.list(OWNER, shapes.DatasetQuery(tag=tag))
        assert [item.name for item in page.items] == [f"d{number}"], tag


def test_an_owner_is_somebody_who_may_change_it(hub: Datasets) -> None:
    target = hub.create()
    assert hub.datasets.update(OWNER, target, shapes.DatasetPatch(owner="bob")).owner == "bob"
    for name in ("cat", "dan", "nobody-at-all"):
        with pytest.raises(NotFound, match="cannot be the owner"):
            hub.datasets.update(OWNER, target, shapes.DatasetPatch(owner=name))


def test_people_who_leave_or_give_away(hub: Datasets) -> None:
    mine, theirs, shared = hub.own("d"), hub.own("d", EDITOR), hub.create()
    deleted = hub.own("e")
    hub.datasets.delete(OWNER, deleted)
    hub.add(shared)
    hub.uses.add(OWNER, shared, 1, shapes.DatasetUseIn(kind="run", ref="r"))
    with hub.database.write() as session:
        (item,) = store.leave(session, OWNER.person_id)
        assert (item.number, item.is_left) == (1, True)
        store.transfer(session, OWNER.person_id, EDITOR.person_id)
        (item,) = store.leave(session, OWNER.person_id)
        assert item.number == 0
    own = hub.datasets.list(EDITOR, shapes.DatasetQuery(audience="person")).items
    assert {item.id for item in own} == {mine, theirs}
    assert len({item.name for item in own}) == 2
    assert hub.datasets.undelete(EDITOR, deleted).name == "e"
    assert hub.datasets.get(EDITOR, shared).owner == "bob"
    assert hub.versions.get(EDITOR, shared, 1).created_by == "bob"
    (use,) = hub.uses.of_all(EDITOR, shapes.DatasetUseQuery()).items
    assert use.user == "bob"


def test_limits_are_said(lite: Datasets, monkeypatch: pytest.MonkeyPatch) -> None:
    target = lite.create()
    lite.add(target)
    monkeypatch.setattr(service_module, "PER_OWNER", 1)
    monkeypatch.setattr(versions_module, "PER_DATASET", 1)
    with pytest.raises(Conflict, match="no more datasets"):
        lite.create("e")
    lite.own("e")
    with pytest.raises(Conflict, match="no more versions"):
        lite.add(target, "b")


def test_what_is_known_of_versions_takes_no_more_than_it_may(
    database: Database, tmp_path: Path
) -> None:
    hub = Datasets(database, tmp_path, person_bytes=2_000, project_bytes=3_000)
    mine, shared = hub.own(), hub.create()
    profile = shapes.DatasetProfile(profile={"text": "x" * 1_500})
    for target in (mine, shared):
        hub.add(target)
        hub.versions.save_profile(OWNER, target, 1, profile)
        assert hub.add(target, "b") == 2
    big = shapes.DatasetProfile(profile={"text": "x" * 800})
    with pytest.raises(TooLarge, match="no room"):
        hub.versions.save_profile(OWNER, mine, 2, big)
    hub.versions.save_profile(OWNER, shared, 2, big)
    with pytest.raises(TooLarge):
        hub.add(shared, "c", note="x" * 800)
    assert hub.datasets.get(OWNER, shared).version_count == 2
    # Others have their own room, and what is removed for good makes room.
    hub.add(hub.own(who=EDITOR), note="x" * 1_000, who=EDITOR)
    hub.datasets.delete(OWNER, mine)
    hub.datasets.purge_now(OWNER, mine)
    hub.add(hub.own("f"), note="x" * 1_000)


def test_sql_with_a_secret_is_not_stored_unasked(lite: Datasets) -> None:
    target = lite.create()
    sql = "SELECT 1; -- token ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    source = {"kind": "query", "connection": "db", "sql": sql}
    with pytest.raises(SecretFound) as problem:
        lite.add(target, source=source)
    assert "a1B2c3D4e5F6" not in json.dumps(problem.value.body())
    assert lite.add(target, source=source, allow_secrets=True) == 1
    assert lite.add(target, "b", source=source | {"sql": "SELECT * FROM t WHERE a = $a"}) == 2


def test_versions_that_are_added_at_once_have_numbers_of_their_own(hub: Datasets) -> None:
    target = hub.create()
    numbers: list[int] = []
    threads = [
        threading.Thread(target=lambda n=n: numbers.append(hub.add(target, f"c{n}")))
        for n in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(numbers) == [1, 2, 3, 4, 5, 6]


def test_uses_that_are_noted_at_once_are_one(hub: Datasets) -> None:
    target = hub.create()
    hub.add(target)
    use = shapes.DatasetUseIn(kind="pipeline", ref="same")
    results: list[object] = []
    people = (OWNER, EDITOR, VIEWER)
    threads = [
        threading.Thread(target=lambda who=who: results.append(hub.uses.add(who, target, 1, use)))
        for who in people
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 3
    assert hub.uses.of_version(OWNER, target, 1, shapes.DatasetUseQuery()).total == 1


Steps = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *("add", "publish", "archive", "restore", "profile", "use", "check", "features"),
                *("patch", "delete", "transfer"),
            ]
        ),
        st.integers(1, 4),
        st.sampled_from("abc"),
    ),
    max_size=12,
)


def frozen(hub: Datasets, target: int, number: int) -> dict[str, object]:
    """All of a version that never changes."""
    changing = {"state", "published", "archived", "has_profile", "created_by"}
    version = hub.versions.get(OWNER, target, number)
    parts = hub.versions.parts(OWNER, target, number, PageQuery())
    return version.model_dump(exclude=changing) | {"listed": parts.items}


def test_a_version_never_changes(sqlite: Database, tmp_path: Path) -> None:
    """Whatever is done with a dataset, in whatever order: each version stays as it was, and none is lost."""
    hub = Datasets(sqlite, tmp_path)
    names = iter(range(10_000))

    @given(Steps)
    @settings(max_examples=examples(60), suppress_health_check=[HealthCheck.too_slow])
    def run(steps: list[tuple[str, int, str]]) -> None:
        target = hub.create(f"d{next(names)}")
        known: dict[int, dict[str, object]] = {}
        profiles: dict[int, shapes.DatasetProfile] = {}
        for step, number, content in steps:
            outcome(functools.partial(do, hub, target, step, number, content))
            newest = hub.datasets.get(OWNER, target).version_count
            assert newest >= len(known)
            for present in range(1, newest + 1):
                state = frozen(hub, target, present)
                assert known.setdefault(present, state) == state
                if hub.versions.get(OWNER, target, present).has_profile:
                    profile = hub.versions.profile(OWNER, target, present)
                    assert profiles.setdefault(present, profile) == profile
        with hub.database.read() as session:
            query = select(VersionRow.number).where(VersionRow.dataset_id == target)
            assert sorted(session.scalars(query)) == sorted(known)

    run()


def do(hub: Datasets, target: int, step: str, number: int, content: str) -> None:
    """One thing that somebody may do with a dataset."""
    if step == "add":
        hub.add(target, content, note=content)
    elif step in ("publish", "archive", "restore"):
        getattr(hub.versions, step)(OWNER, target, number)
    elif step == "profile":
        profile = shapes.DatasetProfile(profile={"content": content})
        hub.versions.save_profile(OWNER, target, number, profile)
    elif step == "use":
        hub.uses.add(OWNER, target, number, shapes.DatasetUseIn(kind="run", ref=content))
    elif step == "check":
        items = (shapes.CheckItem(code="unique", is_passed=content == "a"),)
        hub.checks.add(OWNER, target, number, shapes.DatasetCheckIn(name=content, items=items))
    elif step == "features":
        hub.feature_sets.save(OWNER, target, content, features_in(number=number))
    elif step == "patch":
        patch = shapes.DatasetPatch(description=content, tags=(content,), archived=content == "c")
        hub.datasets.update(OWNER, target, patch)
    elif step == "delete":
        hub.datasets.delete(OWNER, target)
        hub.datasets.undelete(OWNER, target)
    else:
        with hub.database.write() as session:
            store.transfer(session, EDITOR.person_id, OWNER.person_id)
