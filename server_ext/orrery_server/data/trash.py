"""Deleting with undo where the store can: a folder on a disk moves what was deleted, an object store has no such place."""

from __future__ import annotations

import asyncio
import math
import re
import secrets
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from orrery_engine.lake.local import LocalStore
from orrery_engine.lake.names import checked_path, child
from orrery_engine.lake.opening import Store
from orrery_server.data.schemas import Deleted
from orrery_wire.errors import Conflict, Invalid, NotFound, OrreryError

# Hidden, inside the location: a rename there costs nothing and cannot fail for want of space.
FOLDER = ".orrery-trash"
# How long a deletion can be undone.
UNDO_TIME = timedelta(days=7)
_BATCH = 1_000
# Of the name of a deletion: the second in which it was made, as eight hexadecimal digits; the rest is chance.
_MOMENT_DIGITS = 8


async def delete(store: Store, paths: Sequence[str], *, is_final: bool) -> Deleted:
    """Delete files and folders with all that is in them.

    Raises:
        Conflict: nothing brings it back in such a store, and that was not asked for.
    """
    inner = tuple(dict.fromkeys(checked_path(path) for path in paths))
    if "" in inner:
        raise Invalid("The location itself cannot be deleted", remedy="Choose something in it.")
    if isinstance(store, LocalStore) and not is_final:
        return await _move(store, inner)
    if not is_final:
        raise Conflict(
            "This store does not bring back what is deleted",
            reason="It stores no earlier versions that could be restored from here.",
            remedy="Delete for good, if that is meant.",
            details={"final": True},
        )
    for path in inner:
        await _delete_all(store, path)
    return Deleted(paths=inner)


async def restore(store: Store, undo: str) -> Deleted:
    """Bring back what a deletion moved.

    Raises:
        NotFound: it is not there any more.
        Conflict: something else has one of the names by now; what was not brought back stays where it is.
    """
    if not isinstance(store, LocalStore):
        raise NotFound("Nothing brings this back", reason="Such a store does not move it.")
    top = f"{FOLDER}/{undo}"
    restored = []
    for number in range(_BATCH):
        name = f"{top}/{number}"
        try:
            (original,) = (await store.page(name, limit=2)).entries
        except (NotFound, ValueError):
            break
        target = (await store.read(f"{name}.path")).decode()
        await store.rename(original.path, target)
        await store.delete([f"{name}.path", name])
        restored.append(target)
    if not restored:
        raise NotFound("What was deleted is not there any more", remedy="Refresh the list.")
    with suppress(OrreryError):
        await store.delete([top])
    return Deleted(paths=tuple(restored))


async def _move(store: LocalStore, paths: Sequence[str]) -> Deleted:
    await _purge(store)
    undo = f"{int(time.time()):0{_MOMENT_DIGITS}x}{secrets.token_hex(12)}"
    moved = []
    try:
        for number, path in enumerate(paths):
            name = f"{FOLDER}/{undo}/{number}"
            await store.stat(path)
            await store.write(f"{name}.path", path.encode())
            await store.make_folder(name)
            await store.rename(path, child(name, path.rpartition("/")[2]))
            moved.append(path)
    except OrreryError:
        # All or nothing: of half a deletion nobody would know how to undo it.
        if moved:
            await restore(store, undo)
        raise
    return Deleted(paths=tuple(moved), undo=undo)


async def _purge(store: LocalStore) -> None:
    """Remove for good what was deleted long ago; what cannot be removed now is tried again next time."""
    before = time.time() - UNDO_TIME.total_seconds()
    with suppress(OrreryError):
        for entry in (await store.page(FOLDER, limit=_BATCH)).entries:
            if entry.kind == "folder" and _moment(entry.name) < before:
                await _delete_tree(store, entry.path)


def _moment(name: str) -> float:
    """When a deletion was made, by its name; what has another name is not ours, and never old."""
    if not re.fullmatch("[0-9a-f]{32}", name):
        return math.inf
    return int(name[:_MOMENT_DIGITS], 16)


async def _delete_all(store: Store, path: str) -> None:
    """Delete a file, and what is in a folder of that name."""
    entry = await store.stat(path)
    if entry.kind == "file":
        await store.delete([path])
        return
    if isinstance(store, LocalStore):
        await _delete_tree(store, path)
        return
    while True:
        page = await store.page(path, limit=_BATCH, is_recursive=True)
        if not page.entries:
            break
        await store.delete([item.path for item in page.entries])
        await asyncio.sleep(0)
    # What stands for an empty folder.
    await store.delete([f"{path}/"])


async def _delete_tree(store: LocalStore, path: str) -> None:
    while (page := await store.page(path, limit=_BATCH)).entries:
        for entry in page.entries:
            if entry.kind == "folder":
                await _delete_tree(store, entry.path)
            else:
                await store.delete([entry.path])
    await store.delete([path])
