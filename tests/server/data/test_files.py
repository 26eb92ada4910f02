"""Files through the lab: ranges, downloads, uploads that are whole or not there, deleting and undo."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from orrery_server.base.routes import Download
from orrery_server.data import trash
from orrery_server.data.schemas import (
    ContentQuery,
    DeleteIn,
    EntryQuery,
    FolderIn,
    UndoIn,
    UploadIn,
)
from orrery_server.data.service import DataService
from orrery_wire.connections import ConnectionIn
from orrery_wire.errors import Conflict, Forbidden, Invalid, NotFound
from tests.engine.lake.stores import Place
from tests.server.contexts import Events
from tests.server.data.conftest import s3_connection


async def body(download: Download) -> bytes:
    content = download.content
    assert not isinstance(content, Path)
    if isinstance(content, bytes):
        return content
    pieces: Iterable[bytes] = content
    return await asyncio.to_thread(lambda: b"".join(pieces))


async def located(kind: str, service: DataService, bucket: Place) -> str:
    """The id of an empty location of a kind."""
    if kind == "files":
        return "files"
    made = await service.create_connection(ConnectionIn.model_validate(s3_connection(bucket)))
    return f"connection-{made.id}"


def upload(location: str, path: str, content: bytes, **more: bool) -> UploadIn:
    text = base64.b64encode(content).decode()
    return UploadIn(location=location, path=path, content=text, **more)


@pytest.mark.parametrize("kind", ["files", "s3"])
async def test_written_and_read(
    service: DataService, bucket: Place, kind: str, events: Events
) -> None:
    location = await located(kind, service, bucket)
    content = bytes(range(256)) * 20_000
    entry = await service.upload(upload(location, "d/ü x.bin", content))
    assert (entry.size, entry.path) == (len(content), "d/ü x.bin")
    whole = await service.download(ContentQuery(location=location, path="d/ü x.bin"))
    assert whole.name == "ü x.bin"
    assert await body(whole) == content
    part = await service.content(
        ContentQuery(location=location, path="d/ü x.bin", start=100, length=50, etag=entry.etag)
    )
    assert await body(part) == content[100:150]
    tail = await service.content(ContentQuery(location=location, path="d/ü x.bin", start=-4))
    assert await body(tail) == content[-4:]
    with pytest.raises(Conflict):
        await service.upload(upload(location, "d/ü x.bin", b"other"))
    await service.upload(upload(location, "d/ü x.bin", b"other", replaces=True))
    with pytest.raises(Conflict, match="has changed"):
        await service.content(
            ContentQuery(location=location, path="d/ü x.bin", length=5, etag=entry.etag)
        )
    with pytest.raises(Invalid, match="is a folder"):
        await service.download(ContentQuery(location=location, path="d"))
    with pytest.raises(NotFound):
        await service.download(ContentQuery(location=location, path="nothing"))
    with pytest.raises(Invalid, match="base64"):
        await service.upload(UploadIn(location=location, path="x", content="%%"))
    assert "ü x.bin" not in repr(events)
    await service.stop()


async def test_a_location_for_reading_takes_nothing(service: DataService, bucket: Place) -> None:
    sent = s3_connection(bucket, read_only=True)
    made = await service.create_connection(ConnectionIn.model_validate(sent))
    location = f"connection-{made.id}"
    for change in (
        service.upload(upload(location, "x", b"1")),
        service.make_folder(FolderIn(location=location, path="d")),
        service.delete_files(DeleteIn(location=location, paths=("x",), is_final=True)),
    ):
        with pytest.raises(Forbidden, match="read-only"):
            await change
    await service.stop()


async def test_what_a_disk_deletes_comes_back(service: DataService, root: Path) -> None:
    (root / "d" / "e").mkdir(parents=True)
    (root / "d" / "e" / "x").write_text("1")
    (root / "y").write_text("2")
    deleted = await service.delete_files(DeleteIn(location="files", paths=("d", "y")))
    assert sorted(path.name for path in root.iterdir()) == [".orrery-trash"]
    restored = await service.undo_delete(UndoIn(location="files", undo=deleted.undo))
    assert restored.paths == ("d", "y")
    assert (root / "d" / "e" / "x").read_text() == "1"
    assert (root / "y").read_text() == "2"
    with pytest.raises(NotFound):
        await service.undo_delete(UndoIn(location="files", undo=deleted.undo))
    again = await service.delete_files(DeleteIn(location="files", paths=("y",)))
    (root / "y").write_text("new")
    with pytest.raises(Conflict):
        await service.undo_delete(UndoIn(location="files", undo=again.undo))
    assert (root / "y").read_text() == "new"
    (root / "y").unlink()
    await service.undo_delete(UndoIn(location="files", undo=again.undo))
    assert (root / "y").read_text() == "2"
    with pytest.raises(Invalid, match="itself"):
        await service.delete_files(DeleteIn(location="files", paths=("",)))
    await service.stop()


async def test_half_a_deletion_is_undone(service: DataService, root: Path) -> None:
    for name in ("a", "b"):
        (root / name).write_text(name)
    with pytest.raises(NotFound):
        await service.delete_files(DeleteIn(location="files", paths=("a", "missing", "b")))
    assert {path.name: path.read_text() for path in root.iterdir() if path.is_file()} == {
        "a": "a",
        "b": "b",
    }
    await service.stop()


async def test_what_was_deleted_long_ago_is_removed_and_never_shown(
    service: DataService, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "old").mkdir()
    for name in ("old/x", "young", "last"):
        (root / name).write_text("1")
    moment = time.time()
    monkeypatch.setattr(trash.time, "time", lambda: moment - trash.UNDO_TIME.total_seconds() - 5)
    await service.delete_files(DeleteIn(location="files", paths=("old",)))
    monkeypatch.setattr(trash.time, "time", lambda: moment - 60)
    young = await service.delete_files(DeleteIn(location="files", paths=("young",)))
    (root / trash.FOLDER / "somebody's own").mkdir()
    monkeypatch.setattr(trash.time, "time", lambda: moment)
    await service.delete_files(DeleteIn(location="files", paths=("last",)))
    assert not list(root.rglob("old"))
    assert (root / trash.FOLDER / "somebody's own").is_dir()
    await service.undo_delete(UndoIn(location="files", undo=young.undo))
    for text in ("", ".", "trash"):
        page = await service.entries(EntryQuery(location="files", filter=text))
        assert trash.FOLDER not in {entry.name for entry in page.items}
    await service.stop()


async def test_a_store_deletes_for_good_only_if_that_is_meant(
    service: DataService, bucket: Place
) -> None:
    bucket.put({f"d/{n}": b"x" for n in range(5)} | {"keep": b"1"})
    made = await service.create_connection(ConnectionIn.model_validate(s3_connection(bucket)))
    location = f"connection-{made.id}"
    with pytest.raises(Conflict) as refused:
        await service.delete_files(DeleteIn(location=location, paths=("d",)))
    assert refused.value.details == {"final": True}
    done = await service.delete_files(DeleteIn(location=location, paths=("d",), is_final=True))
    assert done.undo == ""
    keys = bucket.client.list_objects_v2(Bucket=bucket.spec.bucket)["Contents"]
    assert [item["Key"] for item in keys] == ["keep"]
    await service.stop()


@pytest.mark.parametrize("kind", ["files", "s3"])
async def test_a_new_folder_is_listed(service: DataService, bucket: Place, kind: str) -> None:
    location = await located(kind, service, bucket)
    await service.make_folder(FolderIn(location=location, path="new"))
    page = await service.entries(EntryQuery(location=location))
    assert [(entry.name, entry.kind) for entry in page.items] == [("new", "folder")]
    await service.stop()


async def test_a_name_like_a_refused_range_hides_no_failure(
    service: DataService, bucket: Place
) -> None:
    bucket.put({"orange/416": b"12345"})
    location = await located("s3", service, bucket)
    past = await service.content(ContentQuery(location=location, path="orange/416", start=9))
    assert await body(past) == b""
    with pytest.raises(NotFound):
        await service.content(ContentQuery(location=location, path="orange/416/none", length=5))
    with pytest.raises(Conflict):
        await service.content(
            ContentQuery(location=location, path="orange/416", length=5, etag='"416"')
        )
    await service.stop()
