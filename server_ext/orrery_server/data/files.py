"""Routes of files: read by ranges, written whole, folders made, deleted and brought back."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import AsyncIterator, Iterator

from orrery_engine.lake.names import checked_path
from orrery_engine.lake.opening import Store
from orrery_server.base.routes import Download
from orrery_server.data import listing, trash
from orrery_server.data.core import DataCore
from orrery_server.data.locations import Place
from orrery_server.data.schemas import (
    ContentQuery,
    Deleted,
    DeleteIn,
    Entry,
    FolderIn,
    UndoIn,
    UploadIn,
)
from orrery_wire.common_errors import too_large
from orrery_wire.errors import Forbidden, Invalid

# What is held in memory at once; larger files come in several ranges, or as a stream.
RANGE_BYTES = 32 * 2**20
UPLOAD_BYTES = 32 * 2**20


class FileRoutes(DataCore):
    """What can be done with files of stores and folders."""

    async def content(self, query: ContentQuery) -> Download:
        """Bytes of a file from a place on, a few mebibytes at most."""
        place, store = await self._locations.store(query.location)
        length = RANGE_BYTES if query.length is None else query.length
        if length > RANGE_BYTES:
            raise too_large(RANGE_BYTES, length)
        with place.masked():
            return Download(await store.read(query.path, query.start, length, etag=query.etag))

    async def download(self, query: ContentQuery) -> Download:
        """A file as a whole, for the browser to save."""
        place, store = await self._locations.store(query.location)
        name = checked_path(query.path).rpartition("/")[2]
        with place.masked():
            entry = await store.stat(query.path)
            if entry.kind == "folder":
                raise Invalid(f'"{name}" is a folder', remedy="Download the files in it.")
            pieces = store.chunks(query.path, etag=query.etag)
            # The first piece says whether it can be read at all, while an error can still be sent.
            first = await anext(pieces, b"")
        self._emit_event("download", location=query.location)
        return Download(_pieces(first, pieces, asyncio.get_running_loop()), name)

    async def upload(self, request: UploadIn) -> Entry:
        """Store a small file: whole, or not at all."""
        place, store = await self._writable(request.location)
        try:
            content = base64.b64decode(request.content, validate=True)
        except (binascii.Error, ValueError):
            raise Invalid("The content is no base64", remedy="Send the file again.") from None
        if len(content) > UPLOAD_BYTES:
            raise too_large(UPLOAD_BYTES, len(content))
        with place.masked():
            await store.write(request.path, content, replaces=request.replaces)
            entry = listing.file_entry(await store.stat(request.path))
        self._emit_event("upload", location=request.location)
        return entry

    async def make_folder(self, request: FolderIn) -> Entry:
        """Make an empty folder."""
        place, store = await self._writable(request.location)
        with place.masked():
            await store.make_folder(request.path)
        self._emit_event("make-folder", location=request.location)
        path = checked_path(request.path)
        return Entry(path=path, name=path.rpartition("/")[2], kind="folder", has_children=True)

    async def delete_files(self, request: DeleteIn) -> Deleted:
        """Delete files and folders; of a folder on a disk it can be undone, of a store only if that was asked for."""
        place, store = await self._writable(request.location)
        with place.masked():
            deleted = await trash.delete(store, request.paths, is_final=request.is_final)
        self._emit_event("delete", location=request.location)
        return deleted

    async def undo_delete(self, request: UndoIn) -> Deleted:
        """Bring back what was deleted."""
        place, store = await self._writable(request.location)
        with place.masked():
            restored = await trash.restore(store, request.undo)
        self._emit_event("undo-delete", location=request.location)
        return restored

    async def _writable(self, location: str) -> tuple[Place, Store]:
        """A location with files that the person may change.

        Raises:
            Forbidden: it is for reading alone.
        """
        place, store = await self._locations.store(location)
        if store.spec.is_read_only:
            raise Forbidden(
                "This location is read-only",
                reason="Its connection was set up for reading.",
                remedy="Choose another location, or ask whoever set it up.",
            )
        return place, store


def _pieces(
    first: bytes, rest: AsyncIterator[bytes], loop: asyncio.AbstractEventLoop
) -> Iterator[bytes]:
    """An asynchronous stream as one that a thread reads."""

    async def following() -> bytes | None:
        return await anext(rest, None)

    yield first
    while (piece := asyncio.run_coroutine_threadsafe(following(), loop).result()) is not None:
        yield piece
