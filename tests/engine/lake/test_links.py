"""A folder that becomes a link between the look and the use leads out of no local store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from orrery_engine.lake.local import LocalStore
from orrery_engine.lake.spec import StoreSpec
from orrery_wire.errors import OrreryError

Work = Callable[[LocalStore], Coroutine[Any, Any, Any]]
WORKS: dict[str, Work] = {
    "read": lambda store: store.read("in/secret"),
    "peek": lambda store: store.peek("in/secret", 0, 5),
    "ranges": lambda store: store.read_ranges("in/secret", [(0, 5)]),
    "stat": lambda store: store.stat("in/secret"),
    "page": lambda store: store.page("in"),
    "write": lambda store: store.write("in/new", b"x"),
    "replace": lambda store: store.write("in/secret", b"x", replaces=True),
    "write deeper": lambda store: store.write("in/a/b/new", b"x"),
    "delete": lambda store: store.delete(["in/secret"]),
    "make": lambda store: store.make_folder("in/new"),
    "rename out": lambda store: store.rename("top", "in/new"),
    "rename in": lambda store: store.rename("in/secret", "new"),
    "copy": lambda store: store.copy("top", "in/new"),
}


class RacedStore(LocalStore):
    """Somebody exchanges the folder for a link as soon as it was looked at."""

    def _resolved(self, inner: str, *, is_new: bool = False) -> Path:
        where = super()._resolved(inner, is_new=is_new)
        folder = self._root / "in"
        if where.is_relative_to(folder) and not folder.is_symlink():
            folder.rename(self._root / "was")
            folder.symlink_to(self._root.parent / "outside")
        return where


def names(folder: Path) -> list[str]:
    """What a folder holds."""
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("name", WORKS)
def test_an_exchanged_folder_is_not_followed(tmp_path: Path, name: str) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    for folder in (root / "in", outside):
        folder.mkdir(parents=True)
        (folder / "secret").write_text(f"of {folder.name}")
    (root / "top").write_text("top")
    store = RacedStore(StoreSpec("local", str(root)))
    with pytest.raises(OrreryError) as caught:
        asyncio.run(WORKS[name](store))
    assert caught.value.code != "internal_error"
    assert (root / "in").is_symlink()
    assert names(outside) == ["secret"]
    assert (outside / "secret").read_text() == "of outside"
    assert names(root / "was") == ["secret"]


def test_links_inside_of_a_store_are_followed_as_before(tmp_path: Path) -> None:
    store = LocalStore(StoreSpec("local", str(tmp_path)))

    async def use() -> None:
        await store.write("real/a", b"1")
        (tmp_path / "folder").symlink_to("real")
        (tmp_path / "file").symlink_to("real/a")
        assert await store.read("folder/a") == await store.read("file") == b"1"
        await store.write("folder/b", b"2")
        assert (await store.stat("folder")).kind == "folder"
        await store.delete(["file"])

    asyncio.run(use())
    assert names(tmp_path / "real") == ["a", "b"]


def test_no_descriptor_stays_open(tmp_path: Path) -> None:
    store = LocalStore(StoreSpec("local", str(tmp_path)))

    async def use() -> int:
        before = len(names(Path("/proc/self/fd")))
        for number in range(5):
            await store.write(f"a/{number}", b"x")
            await store.rename(f"a/{number}", f"b/{number}")
            await store.read(f"b/{number}")
            for work in (store.write(f"b/{number}", b""), store.write("a", b""), store.read("b"), store.rename("none", "c"), store.make_folder("b")):  # fmt: skip
                with pytest.raises(OrreryError):
                    await work
            await store.delete([f"b/{number}", "none"])

            async def stopped() -> None:
                async def pieces() -> Any:
                    yield b"x"
                    await asyncio.sleep(60)

                await store.write("c", pieces())

            task = asyncio.create_task(stopped())
            await asyncio.sleep(0.01 * number)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        return len(names(Path("/proc/self/fd"))) - before

    assert asyncio.run(use()) == 0
    assert names(tmp_path) == ["a", "b"]
