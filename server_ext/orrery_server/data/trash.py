"""Deleting with undo where the store can: a folder on a disk moves what was deleted, an object store has no such place."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from contextlib import suppress

from orrery_engine.lake.local import LocalStore
from orrery_engine.lake.names import checked_path, child
from orrery_engine.lake.opening import Store
from orrery_server.data.schemas import Deleted
from orrery_wire.errors import Conflict, Invalid, NotFound, OrreryError

# Hidden, inside the location: a rename there costs nothing and cannot fail for want of space.
FOLDER = ".orrery-trash"
_BATCH = 1_000


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
    undo = secrets.token_hex(16)
    moved = []
    for number, path in enumerate(paths):
        name = f"{FOLDER}/{undo}/{number}"
        await store.stat(path)
        await store.write(f"{name}.path", path.encode())
        await store.make_folder(name)
        await store.rename(path, child(name, path.rpartition("/")[2]))
        moved.append(path)
    return Deleted(paths=tuple(moved), undo=undo)


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
