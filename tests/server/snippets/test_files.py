"""What only files can suffer: other hands, damage, newer versions of Orrery, and ids that are paths."""

from __future__ import annotations

import asyncio
import json
import os
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orrery_server.snippets.backends.files import FileSnippets
from orrery_wire.errors import NotFound, StorageFull
from orrery_wire.snippets import Marks, StoredSnippet
from tests.server.snippets.contract import everything, wanted


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "snippets"


def saved(folder: Path, **more: object) -> StoredSnippet:
    return asyncio.run(FileSnippets(folder=str(folder)).save(wanted(**more)))


def seen(folder: Path) -> dict[str, StoredSnippet]:
    return asyncio.run(everything(FileSnippets(folder=str(folder))))


def test_a_file_is_for_people_too(folder: Path) -> None:
    one = saved(folder, source="print('é')")
    path = folder / f"{one.id}.json"
    said = json.loads(path.read_text("utf-8"))
    assert said["schema"] == 1
    assert said["content"]["cells"][0]["source"] == "print('é')"
    assert path.stat().st_mode & 0o077 == 0


def test_an_edit_by_hand_is_seen(folder: Path) -> None:
    one = saved(folder)
    store = FileSnippets(folder=str(folder))

    async def test() -> None:
        cursor = (await store.changes("")).cursor
        path = folder / f"{one.id}.json"
        path.write_text(path.read_text("utf-8").replace("print(1)", "print(22)"), "utf-8")
        (changed,) = (await store.changes(cursor)).upserts
        assert changed.cells[0].source == "print(22)"
        path.unlink()
        assert (await store.changes(cursor)).removed == (one.id,)

    asyncio.run(test())


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"[]",
        b'{"schema": 2, "new": true}',
        b'{"schema": 1}',
        b"null",
        b"[" * 100_000,
    ],
)
def test_a_file_that_cannot_be_read_is_kept_aside_and_the_rest_is_there(
    folder: Path, damage: bytes
) -> None:
    good, bad = saved(folder, name="Good"), saved(folder, name="Bad")
    (folder / f"{bad.id}.json").write_bytes(damage)
    store = FileSnippets(folder=str(folder))
    assert asyncio.run(everything(store)).keys() == {good.id}
    (aside,) = (folder / "aside").iterdir()
    assert aside.read_bytes() == damage
    (notice,) = store.notices
    assert notice.level == "warning"
    assert bad.id in notice.message
    assert str(folder / "aside") in notice.remedy
    with pytest.raises(NotFound):
        asyncio.run(store.save(wanted(), bad.id))


def test_marks_that_cannot_be_read_are_kept_aside_and_begin_anew(folder: Path) -> None:
    one = saved(folder)
    (folder / "marks.json").write_text('{"schema": 9}')
    store = FileSnippets(folder=str(folder))
    assert asyncio.run(everything(store))[one.id].favourite is False
    assert store.notices
    asyncio.run(store.mark(one.id, Marks(favourite=True)))
    assert seen(folder)[one.id].favourite is True
    assert len(list((folder / "aside").iterdir())) == 1


def test_a_damaged_snippet_keeps_its_history(folder: Path) -> None:
    one = saved(folder)
    (folder / f"{one.id}.json").write_bytes(b"{")
    seen(folder)
    assert (folder / "history" / one.id / "1.json").exists()


def test_a_link_is_not_followed(folder: Path, tmp_path: Path) -> None:
    one = saved(folder)
    elsewhere = tmp_path / "elsewhere.json"
    (folder / f"{one.id}.json").rename(elsewhere)
    (folder / "linked.json").symlink_to(elsewhere)
    assert seen(folder) == {}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.sampled_from(
        ["..", "../x", "a/../../x", "/etc/passwd", "a\x00b", ".lock", "aside/x", "", "~"]
    )
    | st.text(max_size=20)
)
def test_no_id_leads_out_of_the_folder(folder: Path, id: str) -> None:
    folder.mkdir(exist_ok=True)
    outside = folder.parent / "x.json"
    outside.write_text("untouched")
    store = FileSnippets(folder=str(folder))

    async def test() -> None:
        for asked in (
            store.save(wanted(), id),
            store.delete(id),
            store.undelete(id),
            store.versions(id),
            store.mark(id, Marks(favourite=True)),
        ):
            with pytest.raises(NotFound):
                await asked

    asyncio.run(test())
    assert outside.read_text() == "untouched"


def test_old_versions_and_old_trash_go(folder: Path) -> None:
    store = FileSnippets(folder=str(folder), keep_versions=3)

    async def test() -> StoredSnippet:
        one = await store.save(wanted(source="0"))
        for number in range(1, 6):
            await store.save(wanted(source=str(number)), one.id)
        assert [v.version for v in await store.versions(one.id)] == [6, 5, 4]
        await store.delete(one.id)
        return one

    one = asyncio.run(test())
    trash = folder / "trash" / f"{one.id}.json"
    assert seen(folder) == {}
    assert trash.exists()
    long_ago = time.time() - 91 * 86_400
    os.utime(trash, (long_ago, long_ago))
    half = folder / ".half.json.0011.tmp"
    half.write_text("half")
    os.utime(half, (long_ago, long_ago))
    assert seen(folder) == {}
    assert not trash.exists()
    assert not (folder / "history" / one.id).exists()
    assert not half.exists()


def test_a_version_that_never_became_the_present_one_is_not_shown(folder: Path) -> None:
    one = saved(folder, source="one")
    history = folder / "history" / one.id
    (history / "2.json").write_bytes((history / "1.json").read_bytes().replace(b"one", b"two"))
    store = FileSnippets(folder=str(folder))

    async def test() -> None:
        assert [v.version for v in await store.versions(one.id)] == [1]
        again = await store.save(wanted(source="three"), one.id)
        assert again.version == 2
        found = await store.versions(one.id)
        assert [v.content.cells[0].source for v in found] == ["three", "one"]

    asyncio.run(test())


def test_a_folder_that_cannot_be_written_is_told(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    store = FileSnippets(folder=str(tmp_path / "file" / "snippets"))
    with pytest.raises(StorageFull) as caught:
        asyncio.run(store.save(wanted()))
    assert caught.value.remedy


def test_ten_thousand_files_are_looked_at_quickly(folder: Path) -> None:
    one = saved(folder)
    data = (folder / f"{one.id}.json").read_bytes()
    for number in range(2_000):
        (folder / f"{number:032x}.json").write_bytes(data)
    store = FileSnippets(folder=str(folder))

    async def test() -> None:
        cursor = (await store.changes("")).cursor
        before = time.process_time()
        assert not (await store.changes(cursor)).upserts
        # 2,000 files; 10,000 are to be looked at within a quarter of a second.
        assert time.process_time() - before < 0.050

    asyncio.run(test())
