"""What projects mean on this server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest

from orrery_server.base.context import LabContext
from orrery_server.base.schemas import Recent
from orrery_server.projects.backends.local import LocalProjects
from orrery_server.projects.service import ProjectService
from orrery_server.projects.workspace import ProjectFolders
from orrery_wire.errors import BackendUnavailable, NotFound
from orrery_wire.projects import (
    Current,
    CurrentIn,
    MemberIn,
    Project,
    ProjectIn,
    ProjectPatch,
    ProjectQuery,
)
from orrery_wire.schemas import Shape

NOW = datetime.now(UTC)
Test = Callable[[ProjectService], Awaitable[None]]


async def one_snippet(_limit: int) -> list[Recent]:
    return [Recent(kind="snippet", label="Loop", id="a", when=NOW)]


async def unavailable(_limit: int) -> list[Recent]:
    raise BackendUnavailable("away")


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., list[tuple[str, Any]]]:
    def run(test: Test, **more: Any) -> list[tuple[str, Any]]:
        told: list[tuple[str, Any]] = []

        async def held() -> None:
            context = LabContext(
                user="ann",
                root=tmp_path / "home",
                emit=lambda capability, data: told.append((capability, data["action"])),
            )
            context.recent_sources = [one_snippet, unavailable]
            service = ProjectService(context=context, **more)
            await service.start()
            try:
                await test(service)
            finally:
                await service.stop()

        asyncio.run(held())
        return told

    return run


def test_a_project_that_becomes_current_is_seen_in_the_home(
    run: Callable[..., list[tuple[str, Any]]], tmp_path: Path
) -> None:
    async def test(service: ProjectService) -> None:
        await service.create(ProjectIn(slug="p", name="P"))
        current = await service.switch(CurrentIn(slug="p"))
        assert current.project is not None
        assert (tmp_path / "home" / "p" / "lake").is_symlink()
        (tmp_path / "home" / "p" / "a.ipynb").write_text("{}")
        home = await service.home_page()
        assert (home.user, home.hub, home.project) == ("ann", False, current.project)
        assert [(link.kind, link.path) for link in home.links] == [("lake", "p/lake")]
        assert {one.kind for one in home.recent} == {"snippet", "notebook"}
        await service.delete("p")
        assert (tmp_path / "home" / "p" / "a.ipynb").exists()

    assert run(test) == [("projects", a) for a in ("create", "switch", "delete")]


def test_home_links_to_what_is_there(
    run: Callable[..., list[tuple[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5000")

    async def test(service: ProjectService) -> None:
        links = {link.kind: link.url for link in (await service.home_page()).links}
        assert links["mlflow"] == "http://127.0.0.1:5000/#/experiments"
        assert links["documentation"] == "https://example.org/docs"

    run(test, docs_url="https://example.org/docs")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "file:///mlruns")

    async def without(service: ProjectService) -> None:
        assert "mlflow" not in {link.kind for link in (await service.home_page()).links}

    run(without)


def test_no_address_of_a_project_leaves_with_what_opens_it(
    run: Callable[..., list[tuple[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://me:canaryPW@127.0.0.1:5000")
    shape = LocalProjects._shape

    def with_secrets(self: LocalProjects, stored: Any) -> Project:
        update = {
            "lake": "s3://key:canaryPW@bucket/p",
            "repository": "https://me:canaryPW@host/r.git",
        }
        return shape(self, stored).model_copy(update=update)

    monkeypatch.setattr(LocalProjects, "_shape", with_secrets)

    async def test(service: ProjectService) -> None:
        answers: list[Shape] = [
            await service.create(ProjectIn(slug="p", name="P")),
            await service.switch(CurrentIn(slug="p")),
            await service.current(),
            await service.get("p"),
            await service.update("p", ProjectPatch(name="Q")),
            await service.list(ProjectQuery()),
            await service.storage("p"),
            await service.home_page(),
        ]
        await service.delete("p")
        answers.append(await service.undelete("p"))
        for answer in answers:
            assert "canaryPW" not in answer.model_dump_json(), answer
        # Who reads the data needs the whole address.
        await service.switch(CurrentIn(slug="p"))
        project = await service.current_project()
        assert project is not None
        assert "canaryPW" in project.lake

    run(test, docs_url="https://me:canaryPW@example.org/docs")


def test_home_without_the_hub_is_home_all_the_same(
    run: Callable[..., list[tuple[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> Current:
        raise BackendUnavailable("away")

    monkeypatch.setattr(LocalProjects, "current", away)

    async def test(service: ProjectService) -> None:
        home = await service.home_page()
        assert home.project is None
        assert [one.kind for one in home.recent] == ["snippet"]

    run(test)


def test_a_slow_clone_does_not_hold_the_switch_up(
    run: Callable[..., list[tuple[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(*_: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(ProjectFolders, "make", slow)

    async def test(service: ProjectService) -> None:
        before = time.monotonic()
        current = await service.current()
        assert current.project is not None
        await service.prepare(current.project, seconds=0.2)
        assert time.monotonic() - before < 2

    run(test)


def test_members_are_told_as_shared(
    run: Callable[..., list[tuple[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def done(*_: object) -> None:
        return None

    monkeypatch.setattr(LocalProjects, "set_role", done)
    monkeypatch.setattr(LocalProjects, "remove_member", done)

    async def test(service: ProjectService) -> None:
        await service.set_role("personal", "ben", MemberIn(role="viewer"))
        await service.remove_member("personal", "ben")
        await service.remove_member("personal", "ann")

    assert run(test) == [("projects", action) for action in ("share", "share", "leave")]


def test_a_change_and_a_way_back_are_told(run: Callable[..., list[tuple[str, Any]]]) -> None:
    async def test(service: ProjectService) -> None:
        await service.create(ProjectIn(slug="p", name="P"))
        await service.update("p", ProjectPatch(name="Q"))
        await service.delete("p")
        assert (await service.undelete("p")).name == "Q"
        await service.delete("p")
        await service.purge("p")

    actions = ("create", "change", "delete", "undelete", "delete", "purge")
    assert run(test) == [("projects", action) for action in actions]


def test_storage_names_the_folder_that_the_file_browser_shows(
    run: Callable[..., list[tuple[str, Any]]], tmp_path: Path
) -> None:
    async def test(service: ProjectService) -> None:
        project = await service.create(ProjectIn(slug="p", name="P"))
        (lake,) = (await service.storage("p")).places
        assert (lake.kind, lake.location, lake.path) == ("lake", project.lake, None)
        await service.switch(CurrentIn(slug="p"))
        (lake,) = (await service.storage("p")).places
        assert lake.path == "p/lake"

    run(test)


class Membership(LocalProjects):
    """A hub's projects, in which the person is a member of what the test says."""

    slugs: ClassVar[set[str]] = set()
    lake_folder: ClassVar[str] = ""
    away: ClassVar[bool] = False
    asked: ClassVar[list[str]] = []

    async def get(self, slug: str) -> Project:
        self.asked.append(slug)
        if self.away:
            raise BackendUnavailable("away")
        if slug not in self.slugs:
            raise NotFound("none")
        return Project(
            slug=slug, name=slug, role="viewer", lake=self.lake_folder, created=NOW, updated=NOW
        )

    async def current(self) -> Current:
        return Current(project=await self.get("x") if "x" in self.slugs else None)

    async def switch(self, choice: CurrentIn) -> Current:
        return Current(project=await self.get(str(choice.slug)))

    async def remove_member(self, slug: str, user: str) -> None:
        self.slugs.discard(slug)


@pytest.fixture
def membership(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> type[Membership]:
    monkeypatch.setattr(Membership, "slugs", {"x", "y"})
    monkeypatch.setattr(Membership, "away", False)
    monkeypatch.setattr(Membership, "asked", [])
    monkeypatch.setattr(Membership, "lake_folder", str(tmp_path / "the-lake"))
    monkeypatch.setattr(
        "orrery_server.base.backend.BackendName.backend_class", lambda _: Membership
    )
    monkeypatch.setattr(ProjectService, "at_hub", True)
    return Membership


async def until(fits: Callable[[], bool]) -> None:
    for _ in range(300):
        if fits():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not become so")


def test_links_go_when_the_lab_learns_that_the_membership_ended(
    run: Callable[..., list[tuple[str, Any]]], tmp_path: Path, membership: type[Membership]
) -> None:
    """However it learns of it: by the current project, by a question, by leaving, and when it starts."""
    link = tmp_path / "home" / "x" / "lake"

    def back() -> None:
        membership.slugs.add("x")

    async def test(service: ProjectService) -> None:
        async def removed(learn: Callable[[], Awaitable[object]]) -> None:
            back()
            await service.switch(CurrentIn(slug="x"))
            await until(link.is_symlink)
            membership.slugs.discard("x")
            await learn()
            await until(lambda: not link.parent.exists())

        await removed(service.current)
        await removed(service.home_page)
        await removed(lambda: service.remove_member("x", "ann"))

        async def asks() -> None:
            service._memberships.changed()
            assert not await service.is_member("x")

        await removed(asks)
        back()
        await service.switch(CurrentIn(slug="x"))
        await until(link.is_symlink)

    run(test)
    membership.slugs.discard("x")

    async def starts(_: ProjectService) -> None:
        await until(lambda: not link.parent.exists())

    run(starts)


def test_links_stay_while_the_hub_is_away(
    run: Callable[..., list[tuple[str, Any]]], tmp_path: Path, membership: type[Membership]
) -> None:
    async def test(service: ProjectService) -> None:
        await service.switch(CurrentIn(slug="x"))
        membership.away = True
        service._memberships.tidy_soon()
        assert service._memberships._tidying is not None
        await service._memberships._tidying
        assert (tmp_path / "home" / "x" / "lake").is_symlink()

    run(test)


def test_a_membership_is_remembered_for_a_while(
    run: Callable[..., list[tuple[str, Any]]],
    membership: type[Membership],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def test(service: ProjectService) -> None:
        membership.asked.clear()
        assert [await service.is_member(slug) for slug in ("x", "x", "z", "z")] == [
            True,
            True,
            False,
            False,
        ]
        assert membership.asked == ["x", "z"]
        monkeypatch.setattr("orrery_server.projects.membership._MEMBER_SECONDS", 0.0)
        membership.away = True
        # What was known last; nothing was ever known of a third.
        assert [await service.is_member(slug) for slug in ("x", "z", "y")] == [True, False, False]

    run(test)
