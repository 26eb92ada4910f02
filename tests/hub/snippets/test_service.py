"""The promises of snippets at the hub, over both databases."""

from __future__ import annotations

import itertools
import json
import math
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from orrery_hub.base.db import Database, now
from orrery_hub.base.user import User
from orrery_hub.projects.locations import Locations
from orrery_hub.projects.service import ProjectService
from orrery_hub.projects.store import memberships
from orrery_hub.snippets import service as module
from orrery_hub.snippets import store
from orrery_hub.snippets.service import SnippetService, invalidate_cursors
from orrery_wire.errors import Conflict, Forbidden, Invalid, NotFound
from orrery_wire.names import Title
from orrery_wire.projects import ProjectIn
from orrery_wire.snippets import Changes, ChangesQuery, Marks, SnippetCell, SnippetIn, StoredSnippet
from tests.effort import examples
from tests.hub.services import make_user

ANN, BOB, CAT, DAN, ADA = (
    make_user(n, admin=n == "ada") for n in ("ann", "bob", "cat", "dan", "ada")
)


def snippet_in(name: str = "load", source: str = "x = 1", **more: object) -> SnippetIn:
    return SnippetIn(name=name, cells=(SnippetCell(source=source),), **more)  # type: ignore[arg-type]


@pytest.fixture
def projects(database: Database, tmp_path: Path) -> ProjectService:
    locations = Locations(tmp_path, "lake://{slug}", "git://{slug}")
    projects = ProjectService(database, locations)
    projects.create(ANN, ProjectIn(slug="p", name="P"))
    projects.set_role(ANN, "p", "bob", "editor")
    projects.set_role(ANN, "p", "cat", "viewer")
    return projects


@pytest.fixture
def snippets(database: Database, projects: ProjectService) -> SnippetService:
    return SnippetService(database, memberships)


def feed(snippets: SnippetService, who: User, cursor: str = "", limit: int = 500) -> Changes:
    return snippets.changes(who, ChangesQuery(cursor=cursor, limit=limit))


def seen(snippets: SnippetService, who: User) -> dict[str, StoredSnippet]:
    return {s.id: s for s in feed(snippets, who).upserts}


class TestSaving:
    def test_a_new_snippet_is_version_one_and_its_authors(self, snippets: SnippetService) -> None:
        snippet = snippets.save(ANN, snippet_in(tags=("a", "b"), description="d"))
        assert (snippet.version, snippet.created_by, snippet.writable) == (1, "ann", True)
        assert seen(snippets, ANN) == {snippet.id: snippet}

    def test_a_save_makes_a_version_and_keeps_the_old_one(self, snippets: SnippetService) -> None:
        snippet = snippets.save(ANN, snippet_in(source="1"))
        again = snippets.save(ANN, snippet_in(source="2", base_version=1), snippet.id)
        assert (again.version, again.created) == (2, snippet.created)
        versions = snippets.versions(ANN, snippet.id).items
        assert [(v.version, v.content.cells[0].source) for v in versions] == [(2, "2"), (1, "1")]

    def test_saving_what_is_there_makes_no_version(self, snippets: SnippetService) -> None:
        snippet = snippets.save(ANN, snippet_in(source="1"))
        saved = snippets.save(ANN, snippet_in(source="2", base_version=1), snippet.id)
        repeated = snippets.save(ANN, snippet_in(source="2", base_version=1), snippet.id)
        assert repeated == saved

    def test_an_edit_of_an_older_version_is_a_conflict_that_tells_both(
        self, snippets: SnippetService
    ) -> None:
        snippet = snippets.save(ANN, snippet_in(source="base", scope="project", project="p"))
        theirs = snippets.save(
            BOB,
            snippet_in(source="theirs", scope="project", project="p", base_version=1),
            snippet.id,
        )
        with pytest.raises(Conflict) as caught:
            snippets.save(
                ANN,
                snippet_in(source="mine", scope="project", project="p", base_version=1),
                snippet.id,
            )
        details = caught.value.details
        assert details["base"]["cells"][0]["source"] == "base"
        current = StoredSnippet.model_validate_json(json.dumps(details["current"]))
        assert current.cells == theirs.cells
        assert current.version == 2

    def test_a_conflict_with_a_forgotten_base_says_so(
        self, database: Database, projects: ProjectService
    ) -> None:
        snippets = SnippetService(database, memberships, keep_versions=2)
        snippet = snippets.save(ANN, snippet_in(source="0"))
        for number in range(1, 5):
            snippets.save(ANN, snippet_in(source=str(number)), snippet.id)
        assert [v.version for v in snippets.versions(ANN, snippet.id).items] == [5, 4]
        with pytest.raises(Conflict) as caught:
            snippets.save(ANN, snippet_in(source="x", base_version=1), snippet.id)
        assert caught.value.details["base"] is None

    def test_two_who_save_at_once_cannot_both_win(self, snippets: SnippetService) -> None:
        snippet = snippets.save(ANN, snippet_in(source="0", scope="project", project="p"))
        outcomes: list[str] = []

        def save(who: User, source: str) -> None:
            edit = snippet_in(source=source, scope="project", project="p", base_version=1)
            try:
                snippets.save(who, edit, snippet.id)
                outcomes.append("saved")
            except Conflict:
                outcomes.append("conflict")

        racers = [
            threading.Thread(target=save, args=(who, f"new {n}"))
            for n, who in enumerate([ANN, BOB] * 4)
        ]
        for racer in racers:
            racer.start()
        for racer in racers:
            racer.join()
        assert sorted(outcomes) == ["conflict"] * 7 + ["saved"]

    @pytest.mark.parametrize("scope", ["mine", "project", "everyone"])
    def test_text_comes_back_as_it_was(self, snippets: SnippetService, scope: str) -> None:
        odd = 'a\x00b "\\u0000" \u2028 \U0001f600 é e\u0301 </script> \r\n\t ${1:x}'
        more = {"project": "p"} if scope == "project" else {}
        snippet = snippets.save(
            ADA if scope == "everyone" else ANN, snippet_in(source=odd, scope=scope, **more)
        )
        reader = ADA if scope == "everyone" else ANN
        assert seen(snippets, reader)[snippet.id].cells[0].source == odd


class TestRights:
    def test_mine_is_for_nobody_else(self, snippets: SnippetService) -> None:
        snippet = snippets.save(ANN, snippet_in())
        for who in (BOB, CAT, DAN, ADA):
            assert snippet.id not in seen(snippets, who)
            for act in (
                lambda who=who: snippets.versions(who, snippet.id),
                lambda who=who: snippets.save(who, snippet_in(source="2"), snippet.id),
                lambda who=who: snippets.delete(who, snippet.id),
                lambda who=who: snippets.undelete(who, snippet.id),
                lambda who=who: snippets.mark(who, snippet.id, Marks(seen=True)),
            ):
                with pytest.raises(NotFound):
                    act()

    def test_members_read_and_editors_write(self, snippets: SnippetService) -> None:
        snippet = snippets.save(BOB, snippet_in(scope="project", project="p"))
        assert [seen(snippets, who)[snippet.id].writable for who in (ANN, BOB, CAT)] == [
            True,
            True,
            False,
        ]
        assert snippet.id not in seen(snippets, DAN)
        edit = snippet_in(source="2", scope="project", project="p")
        with pytest.raises(Forbidden):
            snippets.save(CAT, edit, snippet.id)
        with pytest.raises(Forbidden):
            snippets.delete(CAT, snippet.id)
        with pytest.raises(NotFound):
            snippets.save(DAN, edit, snippet.id)
        assert snippets.save(ANN, edit, snippet.id).version == 2

    def test_a_strangers_project_and_no_project_are_the_same(
        self, snippets: SnippetService
    ) -> None:
        errors = []
        for slug in ("p", "q"):
            with pytest.raises(NotFound) as caught:
                snippets.save(DAN, snippet_in(scope="project", project=slug))
            errors.append(str(caught.value.body()).replace(f"'{slug}'", "'?'"))
        assert errors[0] == errors[1]

    def test_a_project_has_to_be_named(self, snippets: SnippetService) -> None:
        with pytest.raises(Invalid):
            snippets.save(ANN, snippet_in(scope="project"))

    def test_only_a_publisher_writes_for_everyone(self, snippets: SnippetService) -> None:
        snippet = snippets.save(ADA, snippet_in(scope="everyone"))
        assert seen(snippets, DAN)[snippet.id].writable is False
        with pytest.raises(Forbidden):
            snippets.save(DAN, snippet_in(scope="everyone"))
        with pytest.raises(Forbidden):
            snippets.save(DAN, snippet_in(source="2", scope="everyone"), snippet.id)

    def test_nobody_takes_a_projects_snippet_for_himself(self, snippets: SnippetService) -> None:
        snippet = snippets.save(BOB, snippet_in(scope="project", project="p"))
        with pytest.raises(Forbidden):
            snippets.save(ANN, snippet_in(source="2"), snippet.id)
        assert snippets.save(BOB, snippet_in(source="2"), snippet.id).scope == "mine"

    def test_leaving_a_project_takes_effect_at_once(
        self, snippets: SnippetService, projects: ProjectService
    ) -> None:
        snippet = snippets.save(ANN, snippet_in(scope="project", project="p"))
        cursor = feed(snippets, CAT).cursor
        projects.remove_member(ANN, "p", "cat")
        after = feed(snippets, CAT, cursor)
        assert (after.reset, after.upserts) == (True, ())
        with pytest.raises(NotFound):
            snippets.versions(CAT, snippet.id)


class TestAudienceOfVersions:
    """Who sees a snippet sees the versions that were saved for those who may see it, and no others."""

    MOVES = ("mine", "p", "q", "everyone")

    def test_no_move_shows_what_was_written_for_fewer(
        self, sqlite: Database, tmp_path: Path
    ) -> None:
        """ann is in p and q and may publish; bob is an editor of p, cat of q, dan of neither."""
        author = make_user("ann", admin=True)
        projects = ProjectService(sqlite, Locations(tmp_path, "lake://{key}", "git://{key}"))
        for slug, editor in (("p", "bob"), ("q", "cat")):
            projects.create(author, ProjectIn(slug=slug, name=slug))
            projects.set_role(author, slug, editor, "editor")
        snippets = SnippetService(sqlite, memberships)
        for moves in itertools.product(self.MOVES, repeat=3):
            id_ = None
            for number, move in enumerate(moves):
                id_ = snippets.save(author, self._at(move, f"secret-{number}"), id_).id
            assert id_
            for who in (ANN, BOB, CAT, DAN):
                self._check(snippets, who, moves, id_)
            snippets.delete(author, id_)

    def _check(self, snippets: SnippetService, who: User, moves: tuple[str, ...], id: str) -> None:
        shown_to = {"mine": {"ann"}, "p": {"ann", "bob"}, "q": {"ann", "cat"}}
        allowed = {
            number
            for number, move in enumerate(moves)
            if who.name in shown_to.get(move, {"ann", "bob", "cat", "dan"})
        }
        if len(moves) - 1 not in allowed:
            with pytest.raises(NotFound):
                snippets.versions(who, id)
            return
        versions = snippets.versions(who, id).items
        assert {v.version - 1 for v in versions} == allowed
        bodies = "".join(v.model_dump_json() for v in versions)
        bodies += feed(snippets, who).model_dump_json()
        for base in range(1, len(moves)):
            bodies += self._conflict(snippets, who, moves[-1], id, base)
        for number in range(len(moves)):
            shown = f"secret-{number}" in bodies
            assert shown == (number in allowed), (moves, who.name, number)

    def test_what_was_private_stays_so_for_who_takes_it_over(
        self, database: Database, snippets: SnippetService
    ) -> None:
        """A snippet that changes hands takes its history along, and to nobody else."""
        snippet = snippets.save(ANN, snippet_in(source="private"))
        snippets.save(ANN, snippet_in(source="shared", scope="project", project="p"), snippet.id)
        with database.write() as session:
            store.transfer(session, ANN.person_id, BOB.person_id)
        assert [v.version for v in snippets.versions(BOB, snippet.id).items] == [2, 1]
        for who in (ANN, CAT):
            assert [v.version for v in snippets.versions(who, snippet.id).items] == [2]

    @staticmethod
    def _at(move: str, source: str, **more: object) -> SnippetIn:
        where: dict[str, object] = {"scope": move}
        if move in ("p", "q"):
            where = {"scope": "project", "project": move}
        return snippet_in(source=source, **where, **more)

    def _conflict(self, snippets: SnippetService, who: User, move: str, id: str, base: int) -> str:
        try:
            snippets.save(who, self._at(move, "new", base_version=base), id)
        except (Conflict, Forbidden) as problem:
            return json.dumps(problem.body())
        raise AssertionError("a save on an old version went through")


class TestResets:
    """A feed begins anew for whom a membership changed, and for nobody else."""

    def test_one_change_of_membership_resets_one_feed(
        self, snippets: SnippetService, projects: ProjectService
    ) -> None:
        snippets.save(ANN, snippet_in(scope="project", project="p"))
        everybody = (ANN, BOB, CAT, DAN, ADA)
        for change, affected in (
            (lambda: projects.set_role(ANN, "p", "dan", "viewer"), DAN),
            (lambda: projects.set_role(ANN, "p", "dan", "editor"), DAN),
            (lambda: projects.remove_member(ANN, "p", "dan"), DAN),
            (lambda: projects.remove_member(CAT, "p", "cat"), CAT),
            (lambda: projects.create(BOB, ProjectIn(slug="q", name="Q")), BOB),
        ):
            cursors = {who.name: feed(snippets, who).cursor for who in everybody}
            change()
            resets = {w.name for w in everybody if feed(snippets, w, cursors[w.name]).reset}
            assert resets == {affected.name}


class TestFeed:
    def test_nothing_new_is_nothing(self, snippets: SnippetService) -> None:
        snippets.save(ANN, snippet_in())
        first = feed(snippets, ANN)
        second = feed(snippets, ANN, first.cursor)
        assert (second.upserts, second.removed, second.more, second.reset) == ((), (), False, False)
        assert second.cursor == first.cursor

    def test_only_what_changed_comes(self, snippets: SnippetService) -> None:
        kept = snippets.save(ANN, snippet_in("kept"))
        changed = snippets.save(ANN, snippet_in("changed"))
        cursor = feed(snippets, ANN).cursor
        snippets.save(ANN, snippet_in("changed", source="2"), changed.id)
        assert [s.id for s in feed(snippets, ANN, cursor).upserts] == [changed.id]
        assert kept.id in seen(snippets, ANN)

    def test_what_was_deleted_is_removed_and_what_came_back_returns(
        self, snippets: SnippetService
    ) -> None:
        snippet = snippets.save(ANN, snippet_in(scope="project", project="p"))
        snippets.mark(CAT, snippet.id, Marks(favourite=True))
        cursor = feed(snippets, CAT).cursor
        snippets.delete(ANN, snippet.id)
        gone = feed(snippets, CAT, cursor)
        assert (gone.upserts, gone.removed) == ((), (snippet.id,))
        snippets.undelete(ANN, snippet.id)
        (back,) = feed(snippets, CAT, gone.cursor).upserts
        assert (back.id, back.favourite, back.version) == (snippet.id, True, 1)

    def test_who_loses_sight_of_a_moved_snippet_is_told(self, snippets: SnippetService) -> None:
        snippet = snippets.save(BOB, snippet_in(scope="project", project="p"))
        cursors = {who: feed(snippets, who).cursor for who in (BOB, CAT)}
        snippets.save(BOB, snippet_in(source="2"), snippet.id)
        assert feed(snippets, CAT, cursors[CAT]).removed == (snippet.id,)
        assert [s.scope for s in feed(snippets, BOB, cursors[BOB]).upserts] == ["mine"]

    @pytest.mark.parametrize("limit", [1, 2, 7])
    def test_pages_give_everything_once(self, snippets: SnippetService, limit: int) -> None:
        ids = {snippets.save(ANN, snippet_in(str(n))).id for n in range(10)}
        snippets.delete(ANN, ids.pop())
        collected: list[str] = []
        cursor = ""
        for _ in range(40):
            page = feed(snippets, ANN, cursor, limit)
            assert len(page.upserts) + len(page.removed) <= limit
            collected += [s.id for s in page.upserts]
            cursor = page.cursor
            if not page.more:
                break
        assert set(collected) == ids

    def test_one_answer_has_a_limit_in_characters(
        self, snippets: SnippetService, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "FEED_CHARACTERS", 1_500)
        for n in range(4):
            snippets.save(ANN, snippet_in(str(n), source="x" * 1_000))
        page = feed(snippets, ANN)
        assert (len(page.upserts), page.more) == (1, True)

    @pytest.mark.parametrize(
        "cursor", ["x", "5", "-", "999999-0123456789abcdef", "0-0000000000000000", "é" * 50]
    )
    def test_a_cursor_of_another_time_begins_anew(
        self, snippets: SnippetService, cursor: str
    ) -> None:
        snippet = snippets.save(ANN, snippet_in())
        page = feed(snippets, ANN, cursor)
        assert page.reset
        assert [s.id for s in page.upserts] == [snippet.id]

    def test_after_a_restored_copy_cursors_begin_anew(
        self, snippets: SnippetService, database: Database
    ) -> None:
        snippets.save(ANN, snippet_in())
        cursor = feed(snippets, ANN).cursor
        invalidate_cursors(database)
        assert feed(snippets, ANN, cursor).reset

    def test_a_purge_makes_old_cursors_begin_anew(self, snippets: SnippetService) -> None:
        old = feed(snippets, ANN).cursor
        snippet = snippets.save(ANN, snippet_in())
        snippets.delete(ANN, snippet.id)
        recent = feed(snippets, ANN).cursor
        assert snippets.purge(now() - timedelta(days=30)) == 0
        assert snippets.undelete(ANN, snippet.id).id == snippet.id
        snippets.delete(ANN, snippet.id)
        assert snippets.purge(now() + timedelta(seconds=1)) == 1
        assert feed(snippets, ANN, old).reset
        assert feed(snippets, ANN, recent).reset
        with pytest.raises(NotFound):
            snippets.undelete(ANN, snippet.id)

    def test_a_reader_misses_nothing_while_many_write(self, snippets: SnippetService) -> None:
        written: set[str] = set()
        done = threading.Event()

        def write(who: User) -> None:
            for n in range(12):
                written.add(snippets.save(who, snippet_in(str(n), scope="project", project="p")).id)

        def read() -> None:
            nonlocal cursor
            while True:
                last = done.is_set()
                page = feed(snippets, CAT, cursor, 5)
                cursor = page.cursor
                known.update(s.id for s in page.upserts)
                if last and not page.more:
                    return

        cursor, known = "", set[str]()
        writers = [threading.Thread(target=write, args=(who,)) for who in (ANN, BOB, ANN)]
        reader = threading.Thread(target=read)
        for thread in (*writers, reader):
            thread.start()
        for thread in writers:
            thread.join()
        done.set()
        reader.join()
        assert len(written) == 36
        assert known == written


class TestMarks:
    def test_marks_are_ones_own(self, snippets: SnippetService) -> None:
        snippet = snippets.save(ANN, snippet_in(scope="project", project="p"))
        snippets.mark(CAT, snippet.id, Marks(favourite=True, position=1.5))
        used = snippets.mark(CAT, snippet.id, Marks(used=True, seen=True))
        assert (used.favourite, used.position, used.uses, used.seen_version) == (True, 1.5, 1, 1)
        assert used.used is not None
        assert seen(snippets, ANN)[snippet.id].favourite is False
        assert used.version == 1

    def test_a_field_that_is_not_sent_stays(self, snippets: SnippetService) -> None:
        snippet = snippets.save(ANN, snippet_in())
        snippets.mark(ANN, snippet.id, Marks(favourite=True, position=3))
        assert snippets.mark(ANN, snippet.id, Marks(used=True)).position == 3
        cleared = snippets.mark(ANN, snippet.id, Marks(position=None))
        assert (cleared.position, cleared.favourite) == (None, True)

    def test_a_mark_reaches_ones_other_lab(self, snippets: SnippetService) -> None:
        snippet = snippets.save(ANN, snippet_in())
        cursor = feed(snippets, ANN).cursor
        snippets.mark(ANN, snippet.id, Marks(favourite=True))
        assert [s.favourite for s in feed(snippets, ANN, cursor).upserts] == [True]

    def test_who_saves_has_seen_it(self, snippets: SnippetService) -> None:
        snippet = snippets.save(ANN, snippet_in(scope="project", project="p"))
        snippets.save(BOB, snippet_in(source="2", scope="project", project="p"), snippet.id)
        assert seen(snippets, BOB)[snippet.id].seen_version == 2
        assert seen(snippets, ANN)[snippet.id].seen_version == 1

    @pytest.mark.parametrize("position", [math.nan, math.inf, -math.inf])
    def test_a_place_is_a_number(self, position: float) -> None:
        with pytest.raises(ValidationError):
            Marks(position=position)


def is_title(text: str) -> bool:
    """Whether a snippet may be called so."""
    try:
        TypeAdapter(Title).validate_python(text)
    except ValidationError:
        return False
    return True


@settings(
    max_examples=examples(20),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    names=st.lists(
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40).filter(
            is_title
        ),
        min_size=1,
        max_size=6,
    ),
    source=st.text(st.characters(exclude_categories=["Cs"]), max_size=200),
    limit=st.integers(1, 8),
)
def test_whatever_is_saved_is_fed(
    snippets: SnippetService, names: list[str], source: str, limit: int
) -> None:
    start = feed(snippets, ANN, limit=1000).cursor
    names_by_id = {snippets.save(ANN, snippet_in(name, source)).id: name.strip() for name in names}
    got: dict[str, StoredSnippet] = {}
    page = feed(snippets, ANN, start, limit)
    got |= {s.id: s for s in page.upserts}
    while page.more:
        page = feed(snippets, ANN, page.cursor, limit)
        got |= {s.id: s for s in page.upserts}
    assert {key: s.name for key, s in got.items()} == names_by_id
    assert {s.cells[0].source for s in got.values()} == {source}
