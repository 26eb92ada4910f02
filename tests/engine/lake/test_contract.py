"""The contract of a store, kept by every kind of it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from orrery_wire.errors import Conflict, Invalid, NotFound
from tests.engine.lake.stores import Place, paths

run = asyncio.run
TREE = {
    "a.csv": b"1",
    "b b/c.csv": b"22",
    "b b/d/e.csv": b"333",
    "b b/d/f.csv": b"4444",
    "ü/日本.txt": b"5",
    "z?#%+&=.txt": b"6",
}


def test_a_folder_lists_its_files_and_folders(place: Place) -> None:
    place.put(TREE)
    store = place.open()
    assert sorted(paths(store)) == ["a.csv", "b b/", "z?#%+&=.txt", "ü/"]
    assert sorted(paths(store, "b b")) == ["b b/c.csv", "b b/d/"]
    assert sorted(paths(store, "/b b/d/")) == ["b b/d/e.csv", "b b/d/f.csv"]
    assert paths(store, "ü") == ["ü/日本.txt"]
    page = run(store.page("b b"))
    (file,) = [entry for entry in page.entries if entry.kind == "file"]
    assert (file.name, file.size, file.problem) == ("c.csv", 2, "")
    assert file.etag
    assert file.modified
    assert abs(datetime.now(UTC) - file.modified) < timedelta(hours=1)


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_pages_together_are_the_folder_each_entry_once(place: Place, limit: int) -> None:
    names = [f"f{number:03}" for number in range(20)]
    folders = ["a", "f005a", "f0100", "g"]
    place.put({f"x/{name}": b"" for name in names} | {f"x/{name}/h": b"" for name in folders})
    store = place.open()
    want = sorted([f"x/{name}" for name in names] + [f"x/{name}/" for name in folders])
    assert sorted(paths(store, "x", limit=limit)) == want
    # Whoever opens the store anew goes on where another ended, at each place.
    seen: list[str] = []
    token = ""
    while True:
        page = run(place.open().page("x", limit=limit, token=token))
        seen += [f"{one.path}/" if one.kind == "folder" else one.path for one in page.entries]
        token = page.next
        if not token:
            break
    assert sorted(seen) == want


def test_a_prefix_jumps_and_a_filter_is_asked_of_each(place: Place) -> None:
    place.put({f"x/{name}": b"" for name in ("aa", "ab", "ba", "bb/c")} | {"xa": b""})
    store = place.open()
    assert paths(store, "x", prefix="a") == ["x/aa", "x/ab"]
    assert paths(store, "x", prefix="b") == ["x/bb/", "x/ba"]
    assert paths(store, "x", prefix="zz") == []
    assert paths(store, "", prefix="x") == ["x/", "xa"]
    assert paths(store, "x", matches=lambda entry: entry.name.endswith("a"), limit=1) == [
        "x/aa",
        "x/ba",
    ]
    assert sorted(paths(store, "", is_recursive=True, limit=2)) == [
        "x/aa",
        "x/ab",
        "x/ba",
        "x/bb/c",
        "xa",
    ]


def test_nothing_is_an_empty_list_or_said(place: Place) -> None:
    store = place.open()
    assert paths(store) == []
    for call in (store.stat("none"), store.read("none"), store.read("none/deeper")):
        with pytest.raises(NotFound) as caught:
            run(call)
        assert "none" in caught.value.message
        assert caught.value.remedy


def test_bytes_are_read_by_ranges(place: Place) -> None:
    place.put({"digits": b"0123456789"})
    store = place.open()
    for start, length, want in [
        (0, None, b"0123456789"),
        (0, 4, b"0123"),
        (3, 4, b"3456"),
        (8, 100, b"89"),
        (-3, None, b"789"),
        (5, 0, b""),
        (10, 5, b""),
        (99, 5, b""),
    ]:
        assert run(store.read("digits", start, length)) == want, (start, length)


def test_what_has_changed_since_it_was_listed_is_not_mixed(place: Place) -> None:
    place.put({"a": b"old"})
    store = place.open()
    (entry,) = run(store.page("")).entries
    assert run(store.read("a", etag=entry.etag)) == b"old"
    place.put({"a": b"newer"})
    with pytest.raises(Conflict) as caught:
        run(store.read("a", etag=entry.etag))
    assert "changed" in caught.value.message


def test_a_large_file_is_written_and_read_in_pieces(place: Place) -> None:
    store = place.open()
    block = bytes(range(256)) * 4096

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield block

    async def both() -> str:
        await store.write("big/file.bin", pieces())
        seen = hashlib.sha256()
        async for piece in store.chunks("big/file.bin"):
            seen.update(piece)
        return seen.hexdigest()

    assert run(both()) == hashlib.sha256(block * 20).hexdigest()
    assert run(store.stat("big/file.bin")).size == len(block) * 20

    async def rest() -> int:
        return sum([len(piece) async for piece in store.chunks("big/file.bin", 15 * len(block))])

    assert run(rest()) == 5 * len(block)


def test_a_write_that_breaks_leaves_what_was_there(place: Place) -> None:
    place.put({"a": b"before"})
    store = place.open()

    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * (12 * 1024 * 1024)
        raise ConnectionResetError("cut")

    for target in ("a", "new"):
        with pytest.raises(Exception, match=r"cut|cannot be"):
            run(store.write(target, broken(), replaces=True))
    assert run(store.read("a")) == b"before"
    assert paths(store) == ["a"]


def test_nothing_is_replaced_that_is_not_said_to_be(place: Place) -> None:
    place.put({"a": b"1", "b": b"2"})
    store = place.open()

    async def piece() -> AsyncIterator[bytes]:
        yield b"3"

    for work in (
        lambda: store.write("a", b"3"),
        lambda: store.write("a", piece()),
        lambda: store.copy("b", "a"),
    ):
        with pytest.raises(Conflict):
            run(work())
    assert run(store.read("a")) == b"1"
    run(store.copy("b", "a", replaces=True))
    assert run(store.read("a")) == b"2"
    run(store.copy("b", "deep/er/c"))
    assert run(store.read("deep/er/c")) == b"2"


def test_files_are_deleted_and_folders_made(place: Place) -> None:
    place.put({"a": b"1", "b": b"2", "c": b"3"})
    store = place.open()
    run(store.delete(["a", "b", "none"]))
    assert paths(store) == ["c"]
    run(store.make_folder("new one"))
    assert sorted(paths(store)) == ["c", "new one/"]
    assert paths(store, "new one") == []


@pytest.mark.parametrize(
    "path", ["..", "../x", "a/../../x", "a/./b", "a//b", "\0", "a\0b", "x" * 2000, "a/..", "\ud800"]
)
def test_no_path_leaves_the_store(place: Place, path: str) -> None:
    place.put({"a/b": b"1"})
    store = place.open()
    for work in (
        lambda: store.page(path),
        lambda: store.stat(path),
        lambda: store.read(path),
        lambda: store.write(path, b""),
        lambda: store.copy(path, "c"),
        lambda: store.copy("a/b", path),
        lambda: store.delete([path]),
        lambda: store.make_folder(path),
    ):
        with pytest.raises(Invalid) as caught:
            run(work())
        assert caught.value.reason


def test_a_read_only_location_takes_no_change(place: Place) -> None:
    place.put({"a": b"1"})
    store = place.open(is_read_only=True)
    for work in (
        lambda: store.write("b", b""),
        lambda: store.write("a", b"", replaces=True),
        lambda: store.copy("a", "b"),
        lambda: store.delete(["a"]),
        lambda: store.make_folder("b"),
    ):
        with pytest.raises(Invalid, match="read-only"):
            run(work())
    assert paths(store) == ["a"]


@pytest.mark.parametrize("token", ["x", "e30=", "W10=", "WyJhIiwtMV0=", "WzEsMl0=", "\xe9"])
def test_a_place_in_a_list_that_none_gave_is_refused(place: Place, token: str) -> None:
    with pytest.raises(Invalid, match="place in the list"):
        run(place.open().page("", token=token))


def test_a_root_is_where_the_store_begins(place: Place) -> None:
    place.put({"in/side/a": b"1", "in/b": b"2", "out": b"3"})
    store = place.open(root="in")
    assert sorted(paths(store)) == ["b", "side/"]
    assert paths(store, "side") == ["side/a"]
    assert run(store.read("side/a")) == b"1"
    run(store.write("side/n", b"9"))
    assert run(place.open().read("in/side/n")) == b"9"
