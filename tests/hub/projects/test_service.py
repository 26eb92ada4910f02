"""The promises of projects, over both databases."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from orrery_hub.base.counters import CounterRow
from orrery_hub.base.db import Database, now
from orrery_hub.base.user import User
from orrery_hub.projects import store
from orrery_hub.projects.locations import Locations
from orrery_hub.projects.service import ProjectService
from orrery_hub.settings import Settings
from orrery_hub.snippets.service import SnippetService
from orrery_wire.errors import Conflict, Forbidden, Invalid, NotFound
from orrery_wire.projects import ProjectIn, ProjectPatch, ProjectQuery
from orrery_wire.snippets import ChangesQuery, SnippetCell, SnippetIn
from tests.hub.services import make_user

ANN, BOB, CAT, DAN = (make_user(n) for n in ("ann", "bob", "cat", "dan"))
ADA = make_user("ada", admin=True)
ALL = ProjectQuery()


@pytest.fixture
def projects(database: Database, tmp_path: Path) -> ProjectService:
    return ProjectService(database, Locations(tmp_path, "lake://{slug}", "git://{slug}"))


@pytest.fixture
def team(projects: ProjectService) -> ProjectService:
    """A project `p` with an owner, an editor and a viewer."""
    projects.create(ANN, ProjectIn(slug="p", name="P"))
    projects.set_role(ANN, "p", "bob", "editor")
    projects.set_role(ANN, "p", "cat", "viewer")
    return projects


def slugs(projects: ProjectService, who: User, **query: object) -> list[str]:
    page = projects.list(who, ProjectQuery(**query))  # type: ignore[arg-type]
    return [p.slug for p in page.items]


class TestProjects:
    def test_who_creates_one_owns_it(self, projects: ProjectService) -> None:
        project = projects.create(ANN, ProjectIn(slug="p", name=" P ", description="d"))
        assert (project.name, project.role, project.members) == ("P", "owner", 1)
        key = project.lake.removeprefix("lake://")
        assert re.fullmatch("p-[0-9a-f]{12}", key)
        assert project.repository == f"git://{key}"
        assert projects.get(ANN, "p") == project

    def test_a_slug_is_given_once(self, team: ProjectService) -> None:
        with pytest.raises(Conflict):
            team.create(DAN, ProjectIn(slug="p", name="Mine"))
        team.delete(ANN, "p")
        with pytest.raises(Conflict):
            team.create(DAN, ProjectIn(slug="p", name="Mine"))
        team.purge(now() + timedelta(seconds=1))
        assert team.create(DAN, ProjectIn(slug="p", name="Mine")).role == "owner"

    def test_an_owner_brings_a_deleted_project_back(self, team: ProjectService) -> None:
        team.set_role(ANN, "p", "dan", "owner")
        team.delete(ANN, "p")
        for who in (BOB, CAT):
            assert slugs(team, who, deleted=True) == []
            with pytest.raises(Forbidden):
                team.undelete(who, "p")
        with pytest.raises(NotFound):
            team.undelete(ADA, "p")
        (deleted,) = team.list(DAN, ProjectQuery(deleted=True)).items
        assert deleted.deleted is not None
        assert deleted.purge_after == deleted.deleted + timedelta(days=30)
        back = team.undelete(DAN, "p")
        assert (back.deleted, back.role, back.members) == (None, "owner", 4)
        assert slugs(team, BOB) == ["p"]
        assert slugs(team, ANN, deleted=True) == []
        assert team.undelete(ANN, "p").updated == back.updated

    def test_what_is_purged_does_not_come_back(self, team: ProjectService) -> None:
        team.delete(ANN, "p")
        team.purge(now() + timedelta(seconds=1))
        with pytest.raises(NotFound):
            team.undelete(ANN, "p")

    def test_two_who_create_at_once(self, projects: ProjectService) -> None:
        outcomes: list[str] = []

        def create() -> None:
            try:
                projects.create(ANN, ProjectIn(slug="p", name="P"))
                outcomes.append("made")
            except Conflict:
                outcomes.append("conflict")

        racers = [threading.Thread(target=create) for _ in range(6)]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
        assert sorted(outcomes) == ["conflict"] * 5 + ["made"]

    @pytest.mark.parametrize("slug", ["current", "home"])
    def test_words_of_addresses_are_no_slugs(self, projects: ProjectService, slug: str) -> None:
        with pytest.raises(Invalid):
            projects.create(ANN, ProjectIn(slug=slug, name="P"))

    def test_a_stranger_learns_nothing(self, team: ProjectService) -> None:
        errors = set()
        for slug in ("p", "q"):
            for act in (
                lambda s=slug: team.get(DAN, s),
                lambda s=slug: team.update(DAN, s, ProjectPatch(name="x")),
                lambda s=slug: team.delete(DAN, s),
                lambda s=slug: team.members(DAN, s, ALL),
                lambda s=slug: team.set_role(DAN, s, "dan", "owner"),
                lambda s=slug: team.remove_member(DAN, s, "ann"),
                lambda s=slug: team.switch(DAN, "", s),
            ):
                with pytest.raises(NotFound) as caught:
                    act()
                errors.add(str(caught.value.body()).replace(f"'{slug}'", "'?'"))
        assert len(errors) == 1
        assert slugs(team, DAN) == []

    @pytest.mark.parametrize("who", [BOB, CAT])
    def test_only_an_owner_changes_it(self, team: ProjectService, who: User) -> None:
        for act in (
            lambda: team.update(who, "p", ProjectPatch(name="x")),
            lambda: team.delete(who, "p"),
            lambda: team.set_role(who, "p", "dan", "viewer"),
            lambda: team.set_role(who, "p", who.name, "owner"),
            lambda: team.remove_member(who, "p", "ann"),
        ):
            with pytest.raises(Forbidden):
                act()
        assert team.get(who, "p").members == 3

    def test_a_change_leaves_alone_what_was_not_sent(self, team: ProjectService) -> None:
        team.update(ANN, "p", ProjectPatch(description="new"))
        changed = team.update(ANN, "p", ProjectPatch(name="Q"))
        assert (changed.name, changed.description, changed.members) == ("Q", "new", 3)

    def test_a_deleted_one_is_gone_for_all(self, team: ProjectService) -> None:
        team.delete(ANN, "p")
        for who in (ANN, BOB, CAT):
            assert slugs(team, who) == []
            with pytest.raises(NotFound):
                team.get(who, "p")

    def test_nul_is_refused_where_the_database_cannot_hold_it(self, team: ProjectService) -> None:
        with pytest.raises(ValidationError):
            ProjectIn(slug="q", name="Q", description="\x00")
        with pytest.raises(ValidationError):
            ProjectPatch(description="a\x00b")
        assert slugs(team, ANN, q="\x00") == []


class TestLists:
    def test_they_are_cut_sorted_and_filtered(self, projects: ProjectService) -> None:
        for n in range(7):
            projects.create(
                ANN, ProjectIn(slug=f"s{n}", name=f"{'Beta' if n % 2 else 'alpha'} {n}")
            )
        page = projects.list(ANN, ProjectQuery(offset=2, limit=3))
        assert ([p.slug for p in page.items], page.total) == (["s4", "s6", "s1"], 7)
        assert slugs(projects, ANN, q="BETA s3") == ["s3"]

    @pytest.mark.parametrize("q", ["%", "_", "\\", "'; drop table project; --"])
    def test_signs_of_the_database_are_only_signs(self, team: ProjectService, q: str) -> None:
        assert slugs(team, ANN, q=q) == []
        assert slugs(team, ANN) == ["p"]

    def test_every_member_sees_the_members(self, team: ProjectService) -> None:
        for who in (ANN, BOB, CAT):
            page = team.members(who, "p", ProjectQuery(limit=2))
            assert ([m.user for m in page.items], page.total) == (["ann", "bob"], 3)
        assert [m.user for m in team.members(ANN, "p", ProjectQuery(q="AT")).items] == ["cat"]


class TestMembers:
    def test_a_role_can_change(self, team: ProjectService) -> None:
        since = team.set_role(ANN, "p", "bob", "viewer").since
        assert team.get(BOB, "p").role == "viewer"
        assert team.set_role(ANN, "p", "bob", "editor").since == since

    def test_an_unknown_name_is_answered_like_a_known_one(self, team: ProjectService) -> None:
        assert team.set_role(ANN, "p", "nobody-yet", "viewer").role == "viewer"

    def test_one_may_leave(self, team: ProjectService) -> None:
        team.remove_member(CAT, "p", "cat")
        with pytest.raises(NotFound):
            team.get(CAT, "p")

    def test_who_is_out_is_out(self, team: ProjectService) -> None:
        team.remove_member(ANN, "p", "dan")
        assert team.get(ANN, "p").members == 3

    def test_the_last_owner_stays(self, team: ProjectService) -> None:
        for act in (
            lambda: team.remove_member(ANN, "p", "ann"),
            lambda: team.set_role(ANN, "p", "ann", "editor"),
        ):
            with pytest.raises(Conflict):
                act()
        team.set_role(ANN, "p", "bob", "owner")
        team.remove_member(ANN, "p", "ann")
        assert team.get(BOB, "p").role == "owner"

    def test_two_owners_cannot_leave_at_once(
        self, team: ProjectService, database: Database
    ) -> None:
        team.set_role(ANN, "p", "bob", "owner")
        barrier = threading.Barrier(2)

        def leave(who: User) -> None:
            barrier.wait()
            try:
                team.remove_member(who, "p", who.name)
            except Conflict:
                stayed.append(who.name)

        stayed: list[str] = []
        leavers = [threading.Thread(target=leave, args=(who,)) for who in (ANN, BOB)]
        for leaver in leavers:
            leaver.start()
        for leaver in leavers:
            leaver.join()
        assert len(stayed) == 1


class TestCurrent:
    def test_each_server_has_its_own(self, team: ProjectService) -> None:
        team.create(ANN, ProjectIn(slug="q", name="Q"))
        team.switch(ANN, "", "p")
        team.switch(ANN, "gpu", "q")
        projects_by_server = [team.current(ANN, server).project for server in ("", "gpu", "other")]
        assert [p.slug if p else None for p in projects_by_server] == ["p", "q", None]

    def test_it_can_be_left(self, team: ProjectService) -> None:
        team.switch(ANN, "", "p")
        assert team.switch(ANN, "", None).project is None
        assert team.current(ANN, "").project is None

    def test_it_ends_with_the_membership(self, team: ProjectService) -> None:
        team.switch(BOB, "", "p")
        team.remove_member(ANN, "p", "bob")
        assert team.current(BOB, "").project is None
        team.set_role(ANN, "p", "bob", "editor")
        assert team.current(BOB, "").project is None

    def test_it_ends_with_the_project(self, team: ProjectService) -> None:
        team.switch(BOB, "", "p")
        team.delete(ANN, "p")
        assert team.current(BOB, "").project is None


class TestNothingChanges:
    """What changes nothing is no change: not in the audit, not in `updated`, not for the groups."""

    def test_it_wakes_nobody(self, database: Database, tmp_path: Path) -> None:
        audited: list[str] = []
        woken: list[int] = []
        projects = ProjectService(
            database,
            Locations(tmp_path, "lake://{slug}", "git://{slug}"),
            record=lambda _session, _who, what, _on, **_: audited.append(what),
            on_change=lambda: woken.append(1),
        )
        made = projects.create(ANN, ProjectIn(slug="p", name="P", description="d"))
        projects.set_role(ANN, "p", "bob", "editor")
        with database.read() as session:
            queue = store.due_syncs(session)
        before = (list(audited), len(woken))
        projects.remove_member(ANN, "p", "never-was")
        projects.remove_member(ANN, "p", "NEVER-WAS")
        projects.set_role(ANN, "p", "bob", "editor")
        projects.set_role(ANN, "p", "BOB", "editor")
        projects.set_role(ANN, "p", "ann", "owner")
        for patch in (
            ProjectPatch(),
            ProjectPatch(name="P"),
            ProjectPatch(name="  P "),
            ProjectPatch(description="d"),
            ProjectPatch(name=None, description=None),
        ):
            assert projects.update(ANN, "p", patch).updated == made.updated
        projects.undelete(ANN, "p")
        assert (audited, len(woken)) == before
        with database.read() as session:
            assert store.due_syncs(session) == queue


class TestInvitation:
    def test_a_member_keeps_the_role(self, team: ProjectService) -> None:
        for name in ("ann", "Ann", "bob", "BOB", "cat"):
            for role in ("owner", "editor", "viewer"):
                with pytest.raises(Conflict) as caught:
                    team.set_role(ANN, "p", name, role, create_only=True)  # type: ignore[arg-type]
                assert caught.value.remedy
        roles = {m.user: m.role for m in team.members(ANN, "p", ALL).items}
        assert roles == {"ann": "owner", "bob": "editor", "cat": "viewer"}
        assert team.set_role(ANN, "p", "dan", "viewer", create_only=True).role == "viewer"

    def test_only_an_owner_learns_who_is_a_member(self, team: ProjectService) -> None:
        for who, problem in ((BOB, Forbidden), (CAT, Forbidden), (DAN, NotFound)):
            with pytest.raises(problem):
                team.set_role(who, "p", "ann", "editor", create_only=True)

    def test_the_name_is_the_one_of_the_log_in(self, team: ProjectService) -> None:
        grace = make_user("grace")
        assert team.set_role(ANN, "p", "Grace", "viewer").user == "grace"
        assert team.get(grace, "p").role == "viewer"
        team.remove_member(ANN, "p", "GRACE")
        assert [m.user for m in team.members(ANN, "p", ALL).items] == ["ann", "bob", "cat"]

    def test_capitals_stay_where_the_hub_keeps_them(self, team: ProjectService) -> None:
        grace = make_user("Grace")
        team.me(grace)
        assert team.set_role(ANN, "p", "Grace", "viewer").user == "Grace"
        assert team.get(grace, "p").role == "viewer"
        team.remove_member(grace, "p", "Grace")
        assert team.list(grace, ALL).items == ()


class TestRoom:
    """How many projects a person may own."""

    @pytest.fixture
    def few(self, database: Database, tmp_path: Path) -> ProjectService:
        locations = Locations(tmp_path, "lake://{slug}", "git://{slug}")
        return ProjectService(database, locations, projects_per_person=2)

    def test_deleted_projects_count_until_they_are_purged(self, few: ProjectService) -> None:
        few.create(ANN, ProjectIn(slug="p", name="P"))
        few.create(ANN, ProjectIn(slug="q", name="Q"))
        few.delete(ANN, "q")
        with pytest.raises(Conflict) as caught:
            few.create(ANN, ProjectIn(slug="r", name="R"))
        assert "may own 2" in caught.value.reason
        assert "ORRERY_PROJECTS_PER_PERSON" in caught.value.remedy
        few.create(BOB, ProjectIn(slug="r", name="R"))
        few.purge_now(ANN, "q")
        few.create(ANN, ProjectIn(slug="s", name="S"))

    def test_handing_over_is_no_way_around(self, few: ProjectService) -> None:
        for slug in ("p", "q"):
            few.create(BOB, ProjectIn(slug=slug, name="P"))
        few.create(ANN, ProjectIn(slug="r", name="R"))
        with pytest.raises(Conflict) as caught:
            few.set_role(ANN, "r", "bob", "owner")
        assert caught.value.message == "'bob' cannot own one more project"
        assert few.set_role(ANN, "r", "bob", "editor").role == "editor"
        few.set_role(BOB, "p", "ann", "owner")
        few.remove_member(BOB, "p", "bob")
        assert few.set_role(ANN, "r", "bob", "owner").role == "owner"

    def test_two_at_once_are_not_one_too_many(self, few: ProjectService) -> None:
        few.create(ANN, ProjectIn(slug="p", name="P"))
        barrier = threading.Barrier(4)
        refused: list[str] = []

        def create(slug: str) -> None:
            barrier.wait()
            try:
                few.create(ANN, ProjectIn(slug=slug, name="P"))
            except Conflict:
                refused.append(slug)

        creators = [threading.Thread(target=create, args=(slug,)) for slug in "abcd"]
        for creator in creators:
            creator.start()
        for creator in creators:
            creator.join()
        assert len(refused) == 3


class TestTakenSlug:
    def test_only_who_may_bring_it_back_is_told_so(self, team: ProjectService) -> None:
        team.delete(ANN, "p")
        for who, is_told in ((ANN, True), (BOB, False), (CAT, False), (DAN, False), (ADA, False)):
            with pytest.raises(Conflict) as caught:
                team.create(who, ProjectIn(slug="p", name="Mine"))
            assert ("orrery projects undelete p" in caught.value.remedy) == is_told
        team.undelete(ANN, "p")
        with pytest.raises(Conflict) as caught:
            team.create(ANN, ProjectIn(slug="p", name="Mine"))
        assert "undelete" not in caught.value.remedy


class TestDefaultProject:
    @pytest.fixture
    def laptop(self, database: Database, tmp_path: Path) -> ProjectService:
        locations = Locations(
            tmp_path, "{home}/projects/{slug}/lake", "{home}/projects/{slug}/code.git"
        )
        return ProjectService(database, locations, default=("sample", "Sample project"))

    def test_everybody_joins_it_and_the_first_admin_owns_it(
        self, laptop: ProjectService, tmp_path: Path
    ) -> None:
        roles = [
            laptop.me(who).projects[0].role for who in (ANN, ADA, make_user("eve", admin=True))
        ]
        assert roles == ["editor", "owner", "editor"]
        current = laptop.current(ANN, "").project
        assert current is not None
        assert current.slug == "sample"
        assert (tmp_path / "projects/sample/lake").is_dir()
        assert (tmp_path / "projects/sample/code.git/HEAD").read_text() == "ref: refs/heads/main\n"

    def test_what_everybody_is_in_it_is_a_setting(self, sqlite: Database, tmp_path: Path) -> None:
        for role in ("viewer", "editor", "owner"):
            laptop = ProjectService(
                sqlite,
                Locations(tmp_path, "lake://{key}", "git://{key}"),
                default=(f"sample-{role}", "Sample"),
                default_role=role,  # type: ignore[arg-type]
            )
            who = make_user(f"first-visit-{role}")
            assert laptop.me(who).projects[-1].role == role
        assert Settings().default_project_role == "editor"

    def test_who_left_is_not_fetched_back(self, laptop: ProjectService, database: Database) -> None:
        laptop.me(ADA)
        laptop.me(ANN)
        laptop.remove_member(ANN, "sample", "ann")
        again = ProjectService(database, laptop._locations, default=("sample", "Sample project"))
        assert again.me(ANN).projects == ()

    @pytest.mark.parametrize("how", ["removed", "left", "deleted", "purged"])
    def test_a_lost_project_is_none_and_never_the_default(
        self, laptop: ProjectService, how: str
    ) -> None:
        laptop.me(BOB)
        laptop.create(ANN, ProjectIn(slug="p", name="P"))
        laptop.set_role(ANN, "p", "bob", "viewer")
        laptop.switch(BOB, "", "p")
        laptop.switch(BOB, "gpu", "p")
        if how == "removed":
            laptop.remove_member(ANN, "p", "bob")
        elif how == "left":
            laptop.remove_member(BOB, "p", "bob")
        else:
            laptop.delete(ANN, "p")
        if how == "purged":
            laptop.purge(now() + timedelta(seconds=1))
        for server in ("", "gpu"):
            assert laptop.current(BOB, server).project is None
        never_chose = laptop.current(DAN, "").project
        assert never_chose is not None
        assert never_chose.slug == "sample"

    def test_it_is_left_and_deleted_like_every_other(self, laptop: ProjectService) -> None:
        """As docs/projects.md says: everybody leaves, only its owner changes and deletes it."""
        for who in (ADA, ANN, BOB):
            laptop.me(who)
        for who in (ANN, BOB):
            for act in (
                lambda w=who: laptop.delete(w, "sample"),
                lambda w=who: laptop.update(w, "sample", ProjectPatch(name="x")),
                lambda w=who: laptop.set_role(w, "sample", "dan", "viewer"),
                lambda w=who: laptop.remove_member(w, "sample", "ada"),
            ):
                with pytest.raises(Forbidden):
                    act()
        laptop.remove_member(ANN, "sample", "ann")
        assert laptop.current(ANN, "").project is None
        with pytest.raises(Conflict):
            laptop.remove_member(ADA, "sample", "ada")
        laptop.delete(ADA, "sample")
        assert laptop.current(BOB, "").project is None
        assert laptop.undelete(ADA, "sample").members == 2

    def test_it_stays_deleted(self, laptop: ProjectService, database: Database) -> None:
        laptop.me(ADA)
        laptop.delete(ADA, "sample")
        again = ProjectService(database, laptop._locations, default=("sample", "Sample project"))
        assert again.me(BOB).projects == ()

    def test_many_first_visits_at_once(self, laptop: ProjectService) -> None:
        people = [make_user(f"u{n}") for n in range(6)] * 2
        visits = [threading.Thread(target=laptop.me, args=(who,)) for who in people]
        for visit in visits:
            visit.start()
        for visit in visits:
            visit.join()
        assert laptop.get(people[0], "sample").members == 6


def test_every_change_of_membership_is_noted_for_the_groups(
    team: ProjectService, database: Database
) -> None:
    with database.read() as session:
        ((key, change),) = store.due_syncs(session)
    assert (key.startswith("p-"), change) == (True, 3)
    with database.write() as session:
        store.finish_sync(session, key, change - 1)
    with database.read() as session:
        assert store.due_syncs(session) == [(key, 3)]
    with database.write() as session:
        store.postpone_sync(session, key)
    with database.read() as session:
        assert store.due_syncs(session) == []


def with_default(database: Database, tmp_path: Path, slug: str = "sample") -> ProjectService:
    return ProjectService(database, Locations(tmp_path, "", ""), default=(slug, "Sample"))


class TestDefaultProjectOwnership:
    """The project that everybody joins is one that the service made, never a person's own of the same name."""

    @pytest.mark.parametrize("has_visited", [False, True])
    def test_nobody_creates_it_first(
        self, database: Database, tmp_path: Path, has_visited: bool
    ) -> None:
        service = with_default(database, tmp_path)
        if has_visited:
            service.me(BOB)
        with pytest.raises(Conflict):
            service.create(ANN, ProjectIn(slug="sample", name="Mine"))
        for who in (ANN, BOB):
            assert [(m.slug, m.role) for m in service.me(who).projects] == [("sample", "editor")]
        assert service.me(ADA).projects[0].role == "owner"

    @pytest.mark.parametrize("is_deleted", [False, True])
    def test_a_persons_own_project_of_that_name_stays_the_persons(
        self, projects: ProjectService, database: Database, tmp_path: Path, is_deleted: bool
    ) -> None:
        projects.create(ANN, ProjectIn(slug="secret", name="S"))
        if is_deleted:
            projects.delete(ANN, "secret")
        service = with_default(database, tmp_path, "secret")
        for who in (BOB, ADA):
            assert service.me(who).projects == ()
            assert service.current(who, "").project is None
            assert slugs(service, who) == []
        assert (service.current(ANN, "").project) is None
        if is_deleted:
            service.undelete(ANN, "secret")
        assert service.get(ANN, "secret").members == 1

    def test_it_comes_again_after_a_purge_and_is_still_everybodys(
        self, database: Database, tmp_path: Path
    ) -> None:
        service = with_default(database, tmp_path)
        service.me(ADA)
        for who in (BOB, CAT):
            service.delete(ADA, "sample")
            with pytest.raises(Conflict):
                service.create(ANN, ProjectIn(slug="sample", name="Mine"))
            service.purge_now(ADA, "sample")
            with pytest.raises(Conflict):
                service.create(ANN, ProjectIn(slug="sample", name="Mine"))
            assert service.me(who).projects[0].slug == "sample"
            service = with_default(database, tmp_path)  # as after a restart
            assert service.me(ADA).projects[0].role == "owner"
            current = service.current(who, "").project
            assert current is not None
            assert current.slug == "sample"

    def test_one_of_an_older_database_is_known_by_its_key(
        self, database: Database, tmp_path: Path
    ) -> None:
        with_default(database, tmp_path).me(ANN)
        with database.write() as session:
            for row in session.query(CounterRow).filter(CounterRow.name.like("default_project%")):
                session.delete(row)
        assert with_default(database, tmp_path).me(BOB).projects[0].slug == "sample"


class TestIds:
    @pytest.mark.parametrize("how", ["purge_now", "purge"])
    def test_an_id_is_never_given_twice(
        self, projects: ProjectService, database: Database, how: str
    ) -> None:
        ids: list[int] = []
        for _ in range(4):
            projects.create(ANN, ProjectIn(slug="p", name="P"))
            with database.read() as session:
                row = store.find(session, "p")
                assert row is not None
                ids.append(row.id)
            projects.delete(ANN, "p")
            if how == "purge":
                projects.purge(now() + timedelta(seconds=1))
            else:
                projects.purge_now(ANN, "p")
        assert ids == sorted(set(ids))

    def test_the_feed_forgets_a_purged_project(
        self, projects: ProjectService, database: Database
    ) -> None:
        """A lab shows nothing of it on, when a project of the same name and members comes after it."""
        snippets = SnippetService(database, store.memberships)

        def create() -> None:
            projects.create(ANN, ProjectIn(slug="p", name="P"))
            projects.set_role(ANN, "p", "bob", "editor")

        create()
        content = SnippetIn(
            name="s", cells=(SnippetCell(source="1"),), scope="project", project="p"
        )
        snippets.save(ANN, content)
        before = snippets.changes(BOB, ChangesQuery())
        assert [item.name for item in before.upserts] == ["s"]
        projects.delete(ANN, "p")
        projects.purge_now(ANN, "p")
        create()
        after = snippets.changes(BOB, ChangesQuery(cursor=before.cursor))
        assert (after.reset, after.upserts) == (True, ())


class TestLimits:
    @pytest.fixture
    def few(self, database: Database, tmp_path: Path) -> ProjectService:
        return ProjectService(database, Locations(tmp_path, "", ""), projects_per_person=3)

    def test_what_somebody_was_made_an_owner_of_unasked_does_not_count(
        self, few: ProjectService
    ) -> None:
        for slug in ("a", "b", "c"):
            few.create(ANN, ProjectIn(slug=slug, name=slug))
            few.set_role(ANN, slug, "bob", "owner")
        few.delete(ANN, "c")
        for slug in ("x", "y"):
            few.create(BOB, ProjectIn(slug=slug, name=slug))
        # Who manages a project owns it; deleting it is no way of managing.
        few.delete(BOB, "b")
        few.update(BOB, "a", ProjectPatch(name="A of Bob"))
        with pytest.raises(Conflict) as caught:
            few.create(BOB, ProjectIn(slug="z", name="Z"))
        assert "may own 3" in caught.value.reason
        few.create(CAT, ProjectIn(slug="d", name="D"))
        with pytest.raises(Conflict):  # nobody is made an owner of one more than may be
            few.set_role(CAT, "d", "bob", "owner")

    @pytest.mark.parametrize("how", ["undelete", "add", "own role"])
    def test_who_manages_a_project_owns_it(self, few: ProjectService, how: str) -> None:
        few.create(ANN, ProjectIn(slug="a", name="A"))
        few.set_role(ANN, "a", "bob", "owner")
        for slug in ("x", "y"):
            few.create(BOB, ProjectIn(slug=slug, name=slug))
        if how == "undelete":
            few.delete(ANN, "a")
            few.undelete(BOB, "a")
        else:
            few.set_role(BOB, "a", "cat" if how == "add" else "bob", "owner")
        with pytest.raises(Conflict):
            few.create(BOB, ProjectIn(slug="z", name="Z"))

    def test_who_was_made_an_owner_leaves_deleted_projects_too(self, few: ProjectService) -> None:
        for slug in ("a", "b", "c"):
            few.create(ANN, ProjectIn(slug=slug, name=slug))
            few.set_role(ANN, slug, "bob", "owner")
            few.delete(ANN, slug)
        with pytest.raises(NotFound):
            few.remove_member(BOB, "a", "ann")
        few.remove_member(BOB, "a", "bob")
        assert few.create(BOB, ProjectIn(slug="own", name="Own")).role == "owner"
        # The last owner stays, so that somebody can bring it back.
        with pytest.raises(Conflict):
            few.remove_member(ANN, "a", "ann")

    @pytest.mark.parametrize("jump", [timedelta(0), timedelta(days=400), timedelta(days=-400)])
    def test_purging_makes_no_room_for_folders_without_end(
        self,
        few: ProjectService,
        database: Database,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        jump: timedelta,
    ) -> None:
        """Nor does a restart; and a clock that was wrong for a while keeps nobody from creating for long."""
        moment = now()
        for module in ("lifecycle", "store"):
            monkeypatch.setattr(f"orrery_hub.projects.{module}.now", lambda: moment)
        for slug in ("a", "b", "c", "a", "b", "c"):
            few.create(ANN, ProjectIn(slug=slug, name=slug))
            few.delete(ANN, slug)
            few.purge_now(ANN, slug)
        again = ProjectService(database, Locations(tmp_path, "", ""), projects_per_person=3)
        with pytest.raises(Conflict) as caught:
            again.create(ANN, ProjectIn(slug="d", name="D"))
        assert "24 hours" in caught.value.reason
        again.create(BOB, ProjectIn(slug="d", name="D"))
        moment += jump + timedelta(days=1, seconds=1)
        again.create(ANN, ProjectIn(slug="e", name="E"))

    def test_names_of_nobody_are_bounded(
        self, team: ProjectService, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("orrery_hub.base.people._MAX_NAMED", 3)
        for number in range(3):
            team.set_role(ANN, "p", f"nobody-{number}", "viewer")
            team.remove_member(ANN, "p", f"nobody-{number}")
        # The answer is the same for who exists and who does not.
        for name in ("nobody-3", "nobody-0", "dan"):
            with pytest.raises(Conflict) as caught:
                team.set_role(ANN, "p", name, "viewer")
            assert "Nobody else can be named" in caught.value.message
        assert team.set_role(ANN, "p", "bob", "viewer").role == "viewer"

    def test_made_up_servers_are_bounded(
        self, team: ProjectService, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("orrery_hub.projects.service._MAX_SERVERS", 2)
        for server in ("", "x", "x", ""):
            team.switch(ANN, server, "p")
        with pytest.raises(Conflict):
            team.switch(ANN, "y", "p")
        team.switch(ANN, "x", None)
        team.switch(BOB, "y", "p")


@pytest.mark.parametrize("number", [2, 2**31, 2**63, 2**64, 10**300])
def test_a_version_that_no_database_can_hold_is_a_conflict(database: Database, number: int) -> None:
    snippets = SnippetService(database, store.memberships)
    content = SnippetIn(name="s", cells=(SnippetCell(source="1"),))
    id_ = snippets.save(ANN, content).id
    changed = SnippetIn(name="t", cells=content.cells, base_version=number)
    with pytest.raises(Conflict) as caught:
        snippets.save(ANN, changed, id_)
    assert caught.value.details["base"] is None
