"""The contract of `ProjectBackend`, kept by every place that knows projects."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from orrery_server.projects.backend import ProjectBackend
from orrery_server.projects.backends.hub import HubProjects
from orrery_server.projects.backends.local import LocalProjects
from orrery_wire.errors import Conflict, Invalid, NotFound
from orrery_wire.project_labels import ServiceLink, ShelfPatch
from orrery_wire.projects import (
    CurrentIn,
    MemberIn,
    MemberQuery,
    ProjectIn,
    ProjectPatch,
    ProjectQuery,
)
from tests.server.served import Served

LINK = ServiceLink(title="Board", url="https://board.example/1")


@pytest.fixture(params=["local", "hub"])
def backend(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    jp_asyncio_loop: asyncio.AbstractEventLoop,
) -> Iterator[ProjectBackend]:
    """An empty place of each kind, asked by one person."""
    if request.param == "local":
        place: ProjectBackend = LocalProjects(folder=str(tmp_path), lake="/data")
    else:
        served: Served = request.getfixturevalue("served")
        monkeypatch.setenv("ORRERY_HUB_URL", served.url)
        monkeypatch.setenv("JUPYTERHUB_USER", "ann")
        monkeypatch.setenv("JUPYTERHUB_API_TOKEN", served.service.hub.add("ann"))
        place = HubProjects()
    yield place
    jp_asyncio_loop.run_until_complete(place.close())


async def slugs(backend: ProjectBackend, **query: object) -> list[str]:
    return [project.slug for project in (await backend.list(ProjectQuery(**query))).items]


async def test_a_project_is_created_found_and_refused_twice(backend: ProjectBackend) -> None:
    created = await backend.create(ProjectIn(slug="alpha", name="Alpha", description="First"))
    assert (created.role, created.members, created.deleted) == ("owner", 1, None)
    assert await backend.get("alpha") == created
    assert await slugs(backend, q="alp") == ["alpha"]
    assert await slugs(backend, q="alpha none") == []
    with pytest.raises(Conflict):
        await backend.create(ProjectIn(slug="alpha", name="Again"))
    for slug in ("current", "home"):
        with pytest.raises(Invalid):
            await backend.create(ProjectIn(slug=slug, name="A"))


async def test_name_and_description_change_each_alone(backend: ProjectBackend) -> None:
    created = await backend.create(ProjectIn(slug="alpha", name="Alpha", description="First"))
    renamed = await backend.update("alpha", ProjectPatch(name="Omega"))
    assert (renamed.name, renamed.description, renamed.slug) == ("Omega", "First", "alpha")
    assert renamed.updated > created.updated
    described = await backend.update("alpha", ProjectPatch(description=""))
    assert (described.name, described.description) == ("Omega", "")
    assert await backend.get("alpha") == described
    assert await backend.update("alpha", ProjectPatch()) == await backend.get("alpha")
    with pytest.raises(NotFound):
        await backend.update("beta", ProjectPatch(name="B"))


async def test_a_deleted_project_is_gone_and_comes_back_whole(backend: ProjectBackend) -> None:
    created = await backend.create(ProjectIn(slug="alpha", name="Alpha"))
    await backend.delete("alpha")
    for call in (
        backend.get("alpha"),
        backend.members("alpha", MemberQuery()),
        backend.update("alpha", ProjectPatch(name="B")),
        backend.delete("alpha"),
        backend.switch(CurrentIn(slug="alpha")),
    ):
        with pytest.raises(NotFound):
            await call
    assert "alpha" not in await slugs(backend)
    (deleted,) = (await backend.list(ProjectQuery(deleted=True))).items
    assert deleted.slug == "alpha"
    assert deleted.deleted is not None
    assert deleted.purge_after == deleted.deleted + timedelta(days=30)
    with pytest.raises(Conflict):
        await backend.create(ProjectIn(slug="alpha", name="Heir"))
    await backend.undelete("alpha")
    back = await backend.get("alpha")
    assert (back.name, back.created, back.deleted) == (created.name, created.created, None)
    assert await slugs(backend, deleted=True) == []
    assert [member.role for member in (await backend.members("alpha", MemberQuery())).items] == [
        "owner"
    ]


async def test_only_a_deleted_project_is_removed_for_good(backend: ProjectBackend) -> None:
    created = await backend.create(ProjectIn(slug="alpha", name="Alpha"))
    await backend.switch(CurrentIn(slug="alpha"))
    with pytest.raises(Conflict) as caught:
        await backend.purge("alpha")
    assert caught.value.remedy
    await backend.delete("alpha")
    await backend.purge("alpha")
    assert await slugs(backend, deleted=True) == []
    for attempt in (backend.undelete("alpha"), backend.purge("alpha"), backend.purge("beta")):
        with pytest.raises(NotFound):
            await attempt
    heir = await backend.create(ProjectIn(slug="alpha", name="Heir"))
    assert (heir.name, heir.created > created.created) == ("Heir", True)
    assert (await backend.current()).project is None


async def test_what_is_in_use_needs_no_undelete_and_what_never_was_has_none(
    backend: ProjectBackend,
) -> None:
    await backend.create(ProjectIn(slug="alpha", name="Alpha"))
    await backend.undelete("alpha")
    assert "alpha" in await slugs(backend)
    with pytest.raises(NotFound):
        await backend.undelete("beta")


async def test_the_current_project_follows_a_deletion(backend: ProjectBackend) -> None:
    await backend.create(ProjectIn(slug="alpha", name="Alpha"))
    chosen = await backend.switch(CurrentIn(slug="alpha"))
    assert chosen.project == await backend.get("alpha")
    assert await backend.current() == chosen
    await backend.delete("alpha")
    assert (await backend.current()).project is None
    await backend.undelete("alpha")
    assert (await backend.current()).project == await backend.get("alpha")
    assert (await backend.switch(CurrentIn(slug=None))).project is None


async def test_a_change_of_nothing_changes_nothing(backend: ProjectBackend) -> None:
    made = await backend.create(ProjectIn(slug="alpha", name="Alpha", description="d"))
    for patch in (ProjectPatch(), ProjectPatch(name=" Alpha "), ProjectPatch(description="d")):
        assert await backend.update("alpha", patch) == made


async def test_who_deleted_a_project_is_told_how_it_comes_back(backend: ProjectBackend) -> None:
    await backend.create(ProjectIn(slug="alpha", name="Alpha"))
    with pytest.raises(Conflict) as caught:
        await backend.create(ProjectIn(slug="alpha", name="New"))
    assert "undelete" not in caught.value.remedy
    await backend.delete("alpha")
    with pytest.raises(Conflict) as caught:
        await backend.create(ProjectIn(slug="alpha", name="New"))
    assert "orrery projects undelete alpha" in caught.value.remedy


async def test_the_last_owner_stays(backend: ProjectBackend) -> None:
    await backend.create(ProjectIn(slug="alpha", name="Alpha"))
    (me,) = (await backend.members("alpha", MemberQuery())).items
    for change in (
        backend.set_role("alpha", me.user, MemberIn(role="editor")),
        backend.remove_member("alpha", me.user),
    ):
        with pytest.raises((Conflict, Invalid)) as caught:
            await change
        assert caught.value.remedy
    assert (await backend.get("alpha")).role == "owner"


async def test_projects_are_sorted_pinned_and_archived(backend: ProjectBackend) -> None:
    for slug in ("alpha", "beta"):
        await backend.create(ProjectIn(slug=slug, name=slug.title()))
    before = await slugs(backend)
    patch = ProjectPatch(category="Churn", labels=("eu", "eu"), links=(LINK,))
    changed = await backend.update("beta", patch)
    assert (changed.category, changed.labels, changed.links) == ("Churn", ("eu",), (LINK,))
    assert await slugs(backend, category="Churn") == await slugs(backend, label="eu") == ["beta"]
    assert (await backend.update("beta", ProjectPatch(category=""))).category is None
    assert (await backend.shelve("beta", ShelfPatch(pinned=True))).pinned
    own = [slug for slug in await slugs(backend) if slug in ("alpha", "beta")]
    assert own == ["beta", "alpha"]
    await backend.switch(CurrentIn(slug="beta"))
    archived = await backend.shelve("beta", ShelfPatch(archived=True))
    assert archived.archived
    assert archived.pinned
    assert (await backend.current()).project is None
    with pytest.raises(Conflict):
        await backend.switch(CurrentIn(slug="beta"))
    assert await slugs(backend, archived=True) == ["beta"]
    restored = await backend.shelve("beta", ShelfPatch(archived=False, pinned=False))
    assert (restored.archived, restored.pinned) == (None, False)
    assert await slugs(backend) == before
    assert await backend.shelve("beta", ShelfPatch()) == restored
    with pytest.raises(NotFound):
        await backend.shelve("none", ShelfPatch(pinned=True))
