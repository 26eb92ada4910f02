"""What snippets mean, told to the service itself: no HTTP here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from traitlets import TraitError

from orrery_server.base.context import LabContext
from orrery_server.snippets.backends.files import FileSnippets
from orrery_server.snippets.schemas import (
    ExportQuery,
    ImportIn,
    ImportReport,
    LibraryIn,
    LibraryQuery,
    ScanIn,
    SnippetQuery,
)
from orrery_server.snippets.service import SnippetService
from orrery_wire.errors import (
    BackendUnavailable,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    SecretFound,
    StorageFull,
)
from orrery_wire.snippets import Changes, Marks, SnippetIn, StoredSnippet

Test = Callable[[SnippetService], Awaitable[None]]
MINE = SnippetQuery(scope="mine")


@pytest.fixture
def told() -> list[tuple[str, dict[str, Any]]]:
    """The events that were emitted."""
    return []


@pytest.fixture
def run(told: list[tuple[str, dict[str, Any]]]) -> Callable[[Test], None]:
    def run(test: Test) -> None:
        async def held() -> None:
            context = LabContext(emit=lambda capability, data: told.append((capability, data)))
            service = SnippetService(context=context, refresh_seconds=0)
            await service.start()
            try:
                await test(service)
            finally:
                await service.stop()

        asyncio.run(held())

    return run


def test_what_is_saved_is_found_at_once(
    run: Callable[[Test], None], draft: Callable[..., SnippetIn]
) -> None:
    async def test(service: SnippetService) -> None:
        saved = await service.save(draft("Own", "import numpy\nprint(1)"))
        assert saved.requires == ("numpy",)
        assert saved.library is None
        page = await service.list(SnippetQuery(q="own", scope="mine"))
        assert [one.id for one in page.items] == [saved.id]
        assert page.items[0].requires == ("numpy",)
        assert await service.get(saved.id) == saved
        changed = await service.save(draft("Own", "import pandas", base_version=1), saved.id)
        assert changed.requires == ("pandas",)
        assert (await service.get(saved.id)).version == 2

    run(test)


def test_the_library_is_listed_and_cannot_be_changed(
    run: Callable[[Test], None], draft: Callable[..., SnippetIn]
) -> None:
    async def test(service: SnippetService) -> None:
        page = await service.list(SnippetQuery(scope="library", limit=200))
        assert page.total >= 40
        one = page.items[0]
        assert one.library == "orrery"
        assert one.id.startswith("library:orrery:")
        assert not one.writable
        for refused in (
            service.save(draft(), one.id),
            service.delete(one.id),
            service.undelete(one.id),
            service.versions(one.id),
            service.restore(one.id, 1),
        ):
            with pytest.raises(Forbidden) as caught:
                await refused
            assert "Duplicate" in caught.value.remedy

    run(test)


def test_marks_on_a_library_are_the_persons_own_and_stay(run: Callable[[Test], None]) -> None:
    async def test(service: SnippetService) -> None:
        one = (await service.list(SnippetQuery(scope="library"))).items[-1]
        await service.mark(one.id, Marks(favourite=True, used=True))
        other = SnippetService()
        first = (await other.list(SnippetQuery(scope="library"))).items[0]
        assert (first.id, first.favourite, first.uses) == (one.id, True, 1)
        assert [found.id for found in await other.recent_items(5)] == [one.id]
        await other.stop()
        with pytest.raises(NotFound):
            await service.mark("library:orrery:none", Marks(favourite=True))

    run(test)


def test_a_secret_is_not_saved_unless_it_is_allowed(
    run: Callable[[Test], None], draft: Callable[..., SnippetIn]
) -> None:
    secret = 'password = "hunter2asdf"'

    async def test(service: SnippetService) -> None:
        with pytest.raises(SecretFound) as caught:
            await service.save(draft(source=f"x = 1\n{secret}"))
        (finding,) = caught.value.details["findings"]
        assert (finding["cell"], finding["line"]) == (0, 2)
        assert "hunter2" not in str(caught.value.body())
        with pytest.raises(SecretFound):
            await service.save(draft(description=secret))
        assert (await service.list(MINE)).total == 0
        found = await service.scan(ScanIn.model_validate({"cells": [{"source": secret}]}))
        assert len(found.findings) == 1
        saved = await service.save(draft(source=secret, allow_secrets=True))
        assert saved.version == 1

    run(test)


def test_a_deleted_snippet_comes_back_with_its_history(
    run: Callable[[Test], None], draft: Callable[..., SnippetIn]
) -> None:
    async def test(service: SnippetService) -> None:
        one = await service.save(draft(source="one"))
        await service.save(draft(source="two"), one.id)
        await service.delete(one.id)
        with pytest.raises(NotFound):
            await service.get(one.id)
        assert (await service.list(MINE)).total == 0
        back = await service.undelete(one.id)
        assert back.version == 2
        assert (await service.list(MINE)).total == 1
        restored = await service.restore(one.id, 1)
        assert (restored.version, restored.cells[0].source) == (3, "one")
        assert [v.version for v in (await service.versions(one.id)).items] == [3, 2, 1]
        with pytest.raises(NotFound):
            await service.restore(one.id, 9)

    run(test)


def test_every_change_is_told_and_no_text_with_it(
    run: Callable[[Test], None],
    draft: Callable[..., SnippetIn],
    told: list[tuple[str, dict[str, Any]]],
) -> None:
    async def test(service: SnippetService) -> None:
        one = await service.save(draft("Hush", "print('hush')"))
        await service.save(draft("Hush", "print('hush 2')", scope="everyone"), one.id)
        await service.delete(one.id)
        await service.undelete(one.id)
        await service.restore(one.id, 1)
        file = {"name": "a.json", "content": '{"Hush": {"body": "hush"}}'}
        await service.import_files(ImportIn.model_validate({"files": [file]}))

    run(test)
    assert [data["action"] for _, data in told] == [
        *("save", "share", "delete", "undelete", "restore", "save", "import")
    ]
    assert {capability for capability, _ in told} == {"snippets"}
    assert "hush" not in str(told).lower()


async def imported(service: SnippetService, wanted: dict[str, Any]) -> ImportReport:
    job = await service.import_files(ImportIn.model_validate(wanted))
    assert job.state == "done"
    assert job.report is not None
    return job.report


def files(*names: str, body: str = "x") -> list[dict[str, str]]:
    entries = ", ".join(f'"{name}": {{"body": "{body}"}}' for name in names)
    return [{"name": "some.code-snippets", "content": f"{{{entries}}}"}]


@pytest.mark.parametrize(
    ("on_duplicate", "names", "skipped", "replaced"),
    [
        ("skip", ["A", "B"], ["A"], []),
        ("copy", ["A", "A (2)", "B"], [], []),
        ("replace", ["A", "B"], [], ["A"]),
    ],
)
def test_an_import_does_with_duplicates_as_told(
    run: Callable[[Test], None],
    draft: Callable[..., SnippetIn],
    on_duplicate: str,
    names: list[str],
    skipped: list[str],
    replaced: list[str],
) -> None:
    async def test(service: SnippetService) -> None:
        await service.save(draft("A", "old"))
        wanted = {"files": files("A", "B"), "on_duplicate": on_duplicate}
        report = await imported(service, wanted)
        assert [one.name for one in report.skipped] == skipped
        assert [one.name for one in report.replaced] == replaced
        assert report.failed == ()
        page = await service.list(SnippetQuery(scope="mine", sort="name"))
        assert [one.name for one in page.items] == names
        (first, *_) = [one for one in page.items if one.name == "A"]
        assert first.cells[0].source == ("x" if replaced else "old")

    run(test)


def test_an_import_tells_what_failed_and_goes_on(run: Callable[[Test], None]) -> None:
    async def test(service: SnippetService) -> None:
        secret = files("Secret", body="password = 'hunter2asdf'")
        wanted = {"files": [{"name": "bad", "content": "{"}, *secret, *files("Good")]}
        report = await imported(service, wanted)
        assert [one.name for one in report.created] == ["Good"]
        assert [(one.file, one.name) for one in report.failed] == [
            ("bad", ""),
            ("some.code-snippets", "Secret"),
        ]
        assert "hunter2" not in report.model_dump_json()
        wanted["allow_secrets"] = True
        again = await imported(service, wanted)
        assert [one.name for one in again.created] == ["Secret"]

    run(test)


def test_a_full_disk_stops_an_import(
    run: Callable[[Test], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> StoredSnippet:
        raise StorageFull("full")

    monkeypatch.setattr(FileSnippets, "_save_all", full)
    monkeypatch.setattr(FileSnippets, "_save", full)

    async def test(service: SnippetService) -> None:
        job = await service.import_files(ImportIn.model_validate({"files": files("A", "B")}))
        assert (job.state, job.error) == ("failed", "full.")
        assert job.report is not None
        assert job.report.created == ()

    run(test)


def test_an_export_is_of_some_or_of_all(
    run: Callable[[Test], None], draft: Callable[..., SnippetIn]
) -> None:
    async def test(service: SnippetService) -> None:
        one = await service.save(draft("Own"))
        some = await service.export(ExportQuery(id=(one.id, one.id)))
        assert '"Own"' in some.files[0].content
        assert some.files[0].content.count('"body"') == 1
        every = await service.export(ExportQuery(format="elyra"))
        assert len(every.files) == (await service.list(SnippetQuery())).total
        with pytest.raises(NotFound):
            await service.export(ExportQuery(id=("none",)))

    run(test)


def test_libraries_are_paged_and_the_shipped_one_stays(run: Callable[[Test], None]) -> None:
    async def test(service: SnippetService) -> None:
        page = await service.list_libraries(LibraryQuery())
        assert [one.name for one in page.items] == ["orrery"]
        assert (await service.list_libraries(LibraryQuery(offset=5))).items == ()
        with pytest.raises(Invalid):
            await service.remove_library("orrery")
        with pytest.raises(Invalid):
            await service.refresh_library("orrery")
        await service.cancel_library("orrery")
        with pytest.raises(Conflict):
            await service.add_library(LibraryIn(name="orrery", url="https://example.org/a"))
        for asked in (service.remove_library, service.refresh_library, service.cancel_library):
            with pytest.raises(NotFound):
                await asked("none")

    run(test)


def test_a_library_that_was_added_is_found_and_one_that_was_removed_is_not(
    run: Callable[[Test], None], tmp_path: Path
) -> None:
    from tests.server.snippets.test_git import SNIPPET, Repository

    repository = Repository(tmp_path / "repository")
    repository.commit(a_json=SNIPPET)

    async def test(service: SnippetService) -> None:
        await service.add_library(LibraryIn(name="team", url=repository.url))
        async with asyncio.timeout(30):
            while (await service.list_libraries(LibraryQuery())).items[1].state != "ready":
                await asyncio.sleep(0.05)
        found = await service.get("library:team:loop")
        assert found.library == "team"
        await service.remove_library("team")
        with pytest.raises(NotFound):
            await service.get("library:team:loop")

    run(test)


def test_a_store_that_is_away_leaves_what_is_known_with_a_notice(
    run: Callable[[Test], None],
    draft: Callable[..., SnippetIn],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def away(*_: object) -> Changes:
        raise BackendUnavailable("The hub cannot be reached", remedy="Wait.")

    async def test(service: SnippetService) -> None:
        one = await service.save(draft())
        assert (await service.list(MINE)).notices == ()
        monkeypatch.setattr(FileSnippets, "changes", away)
        monkeypatch.setattr(FileSnippets, "save", away)
        page = await service.list(MINE)
        assert [found.id for found in page.items] == [one.id]
        (notice,) = page.notices
        assert notice.level == "warning"
        assert "cannot be reached" in notice.message
        assert notice.remedy == "Wait."
        with pytest.raises(BackendUnavailable):
            await service.save(draft("Other"))
        monkeypatch.undo()

    run(test)


def test_of_others_changes_one_is_told_until_one_has_seen_them(
    run: Callable[[Test], None],
    draft: Callable[..., SnippetIn],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def test(service: SnippetService) -> None:
        one = await service.save(draft(source="one"))
        assert not one.unseen
        await service.mark(one.id, Marks(seen=True))
        monkeypatch.setattr("getpass.getuser", lambda: "somebody")
        other = FileSnippets()
        await other.save(draft(source="two"), one.id)
        changed = (await service.list(MINE)).items[0]
        assert changed.updated_by == "somebody"
        assert changed.unseen
        assert not (await service.mark(one.id, Marks(seen=True))).unseen

    run(test)


def test_a_backend_that_nobody_installed_is_refused_with_the_names_of_those_there_are() -> None:
    with pytest.raises(TraitError, match="files"):
        SnippetService(backend="nonsense")
    with pytest.raises(TraitError, match="bundled"):
        SnippetService(libraries=["nonsense"])
    assert "`files`" in str(SnippetService.class_traits()["backend"].help)
