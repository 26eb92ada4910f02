"""What projects mean on this server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from orrery_server.base.context import LabContext
from orrery_server.base.schemas import Recent
from orrery_server.projects.backends.local import LocalProjects
from orrery_server.projects.service import ProjectService
from orrery_server.projects.workspace import ProjectFolders
from orrery_wire.errors import BackendUnavailable
from orrery_wire.projects import Current, CurrentIn, MemberIn, ProjectIn, ProjectPatch

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
        assert [(link.label, link.path) for link in home.links] == [("Lake", "p/lake")]
        assert {one.kind for one in home.recent} == {"snippet", "notebook"}
        await service.delete("p")
        assert (tmp_path / "home" / "p" / "a.ipynb").exists()

    assert run(test) == [("projects", a) for a in ("create", "switch", "delete")]


def test_home_links_to_what_is_there(
    run: Callable[..., list[tuple[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5000")

    async def test(service: ProjectService) -> None:
        links = {link.label: link.url for link in (await service.home_page()).links}
        assert links["MLflow"] == "http://127.0.0.1:5000"
        assert links["Documentation"] == "https://example.org/docs"

    run(test, docs_url="https://example.org/docs")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "file:///mlruns")

    async def without(service: ProjectService) -> None:
        assert "MLflow" not in {link.label for link in (await service.home_page()).links}

    run(without)


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

    actions = ("create", "change", "delete", "undelete")
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
