"""Projects of one person: the personal one is always there, others are kept in one file."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from orrery_server.projects.backends.local import LocalProjects
from orrery_wire.errors import Conflict, Forbidden, Invalid, NotFound, StorageFull
from orrery_wire.projects import CurrentIn, MemberIn, MemberQuery, ProjectIn, ProjectQuery


@pytest.fixture
def local(tmp_path: Path) -> LocalProjects:
    return LocalProjects(folder=str(tmp_path / "orrery"), lake="/data")


def again(local: LocalProjects) -> LocalProjects:
    return LocalProjects(folder=local.folder, lake=local.lake)


async def slugs(local: LocalProjects, **query: object) -> list[str]:
    return [one.slug for one in (await local.list(ProjectQuery(**query))).items]


def test_the_personal_project_is_there_from_the_start(local: LocalProjects) -> None:
    async def test() -> None:
        (one,) = (await local.list(ProjectQuery())).items
        assert (one.slug, one.role, one.members, one.lake) == ("personal", "owner", 1, "/data")
        assert (await local.current()).project == one
        with pytest.raises(Forbidden):
            await local.delete("personal")

    asyncio.run(test())


@pytest.mark.parametrize("days", [0, 1])
def test_a_deleted_project_comes_back_for_so_many_days(local: LocalProjects, days: int) -> None:
    async def test() -> None:
        local.undelete_days = days
        await local.create(ProjectIn(slug="b", name="Beta"))
        await local.delete("b")
        if days:
            assert (await local.undelete("b")).slug == "b"
        else:
            with pytest.raises(NotFound):
                await local.undelete("b")

    asyncio.run(test())


def test_a_project_is_made_found_chosen_and_taken_away(local: LocalProjects) -> None:
    async def test() -> None:
        made = await local.create(ProjectIn(slug="b", name="Beta", description="Second"))
        await local.create(ProjectIn(slug="a", name="Alpha"))
        assert made.lake.endswith("/projects/b/lake")
        assert await slugs(again(local)) == ["personal", "a", "b"]
        assert await slugs(local, q="second") == ["b"]
        assert await slugs(local, offset=1, limit=1) == ["a"]
        assert (await local.switch(CurrentIn(slug="b"))).project == made
        assert (await again(local).current()).project == made
        assert (await local.switch(CurrentIn(slug=None))).project is None
        await local.switch(CurrentIn(slug="b"))
        await local.delete("b")
        assert (await again(local).current()).project is None
        for asked in (
            local.get("b"),
            local.delete("b"),
            local.switch(CurrentIn(slug="b")),
        ):
            with pytest.raises(NotFound):
                await asked

    asyncio.run(test())


@pytest.mark.parametrize("slug", ["current", "home"])
def test_a_name_with_another_meaning_is_refused(local: LocalProjects, slug: str) -> None:
    with pytest.raises(Invalid):
        asyncio.run(local.create(ProjectIn(slug=slug, name="A")))


@pytest.mark.parametrize("slug", ["personal", "a"])
def test_a_name_that_is_taken_is_a_conflict(local: LocalProjects, slug: str) -> None:
    async def test() -> None:
        await local.create(ProjectIn(slug="a", name="A"))
        with pytest.raises(Conflict):
            await local.create(ProjectIn(slug=slug, name="B"))

    asyncio.run(test())


def test_the_only_member_is_the_person(local: LocalProjects, me: str) -> None:
    async def test() -> None:
        (member,) = (await local.members("personal", MemberQuery())).items
        assert (member.user, member.role) == (me, "owner")
        assert (await local.members("personal", MemberQuery(q="nobody"))).total == 0
        with pytest.raises(Invalid) as caught:
            await local.set_role("personal", "ann", MemberIn(role="editor"))
        assert "orrery up" in caught.value.remedy
        with pytest.raises(NotFound):
            await local.members("none", MemberQuery())

    asyncio.run(test())


@pytest.mark.parametrize("damage", ["", "{", '{"schema": 2}', "[]"])
def test_a_file_that_cannot_be_read_is_kept_aside(local: LocalProjects, damage: str) -> None:
    path = Path(local.folder) / "projects.json"
    path.parent.mkdir(parents=True)
    path.write_text(damage)
    assert asyncio.run(slugs(local)) == ["personal"]
    (aside,) = (path.parent / "aside").iterdir()
    assert aside.read_text() == damage


def test_a_failed_write_leaves_the_old_file(
    local: LocalProjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(local.create(ProjectIn(slug="a", name="A")))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(StorageFull):
        asyncio.run(local.create(ProjectIn(slug="b", name="B")))
    monkeypatch.undo()
    kept = json.loads((Path(local.folder) / "projects.json").read_text())
    assert [one["slug"] for one in kept["projects"]] == ["a"]


def test_two_servers_at_once_lose_nothing(local: LocalProjects) -> None:
    async def test() -> None:
        servers = [again(local) for _ in range(8)]
        await asyncio.gather(
            *(one.create(ProjectIn(slug=f"p{n}", name="P")) for n, one in enumerate(servers))
        )
        assert len(await slugs(local)) == 9

    asyncio.run(test())
