"""What the server's own process holds for previews: bounded by what lists and footers say, before anything is read."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orrery_engine.lake.entries import Entry
from orrery_engine.lake.local import LocalStore
from orrery_engine.preview.budget import Budget
from orrery_engine.preview.channel import ASKED_BYTES
from orrery_engine.preview.shapes import WindowRequest
from orrery_engine.preview.source import HEAD_BYTES, Limits, Meter, Source
from orrery_engine.preview.sparse import SparseFile
from orrery_wire.errors import Invalid, OrreryError
from tests.engine.lake.stores import Place
from tests.engine.preview import files
from tests.engine.preview.conftest import Previews

MIB = 2**20


class CountingStore(LocalStore):
    """A store that notes how many bytes each call gives."""

    def __init__(self, place: Place) -> None:
        super().__init__(place.spec)
        self.given: list[int] = []

    def _note(self, blobs: Sequence[bytes]) -> None:
        self.given.append(sum(map(len, blobs)))

    async def read(self, *args: Any, **more: Any) -> bytes:
        data = await super().read(*args, **more)
        self._note([data])
        return data

    async def peek(self, *args: Any, **more: Any) -> tuple[bytes, Entry]:
        data, entry = await super().peek(*args, **more)
        self._note([data])
        return data, entry

    async def read_ranges(self, *args: Any, **more: Any) -> list[bytes]:
        blobs = await super().read_ranges(*args, **more)
        self._note(blobs)
        return blobs


def sparse(place: Place, name: str, begin: bytes, size: int) -> None:
    """A file that takes no space on the disk."""
    path = Path(place.spec.bucket, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(begin)
        file.truncate(size)


def refused(previews: Previews, store: LocalStore, path: str, **more: Any) -> OrreryError:
    request = WindowRequest.model_validate(more.pop("request", {}))
    with pytest.raises(OrreryError) as caught:
        previews.run(previews.previewer.preview(store, path, request, key="limits", **more))
    return caught.value


@pytest.mark.parametrize("size", [3 * MIB, 64 * MIB, 2**40])
def test_a_log_is_refused_by_the_sizes_of_its_list(
    folder: Place, previews: Previews, size: int
) -> None:
    for number in range(24):
        sparse(folder, f"t/_delta_log/{number:020}.json", b"{}", size)
    store = CountingStore(folder)
    problem = refused(previews, store, "t", is_folder=True)
    assert "log of the table is too large" in problem.message
    assert sum(store.given) == 0


def test_many_files_that_are_read_whole_hold_their_beginnings_alone(
    folder: Place, previews: Previews
) -> None:
    names = [f"{number}.{kind}" for number in range(6) for kind in ("xlsx", "ipynb")]
    for name in names:
        sparse(folder, name, b"PK\x03\x04" if name.endswith("xlsx") else b'{"cells"', 40 * MIB)
    store = CountingStore(folder)

    async def look() -> None:
        sources = [Source(store, name, Meter(), Limits(), is_folder=False) for name in names]
        await asyncio.gather(*(source.look(WindowRequest()) for source in sources))

    tracemalloc.start()
    try:
        previews.run(look())
        assert tracemalloc.get_traced_memory()[1] < 2 * len(names) * HEAD_BYTES
    finally:
        tracemalloc.stop()
    assert max(store.given) <= HEAD_BYTES


def huge_parquet(place: Place, name: str, value: int, rows: int) -> None:
    """One page of one column, as large as all its values."""
    table = pa.table({"a": pa.array([b"\0" * value] * rows)})
    pq.write_table(
        table,
        Path(place.spec.bucket, name),
        compression="none",
        use_dictionary=False,
        data_page_size=2**31 - 1,
        write_statistics=False,
    )


def test_a_large_part_comes_in_pieces(folder: Place, previews: Previews) -> None:
    huge_parquet(folder, "a.parquet", MIB, 40)
    store = CountingStore(folder)
    request = WindowRequest.model_validate({"offset": 39})
    shown = previews.run(previews.previewer.preview(store, "a.parquet", request, key="pieces"))
    assert shown.row_count == 1
    assert max(store.given) <= ASKED_BYTES
    assert sum(store.given) > 40 * MIB


class NoFetcher:
    """A store that fails a test which reads of it."""

    def fetch(self, path: str, ranges: Sequence[tuple[int, int]]) -> list[memoryview]:
        """Nothing."""
        raise AssertionError((path, ranges))


@pytest.mark.parametrize("ranges", [[(0, 900 * MIB)], [(n * 2**30, 100 * MIB) for n in range(4)]])
def test_no_part_is_read_that_no_worker_can_hold(ranges: list[tuple[int, int]]) -> None:
    file = SparseFile(NoFetcher(), "a", 2**40, Budget(2**40, 60))
    with pytest.raises(Invalid, match="more memory than a preview may use") as caught:
        file.prefetch(ranges)
    assert "MiB" in caught.value.reason


@pytest.mark.slow
def test_a_part_that_is_too_large_is_said_and_not_read(folder: Place, previews: Previews) -> None:
    """The file is whole: nobody is told that it is damaged."""
    huge_parquet(folder, "b.parquet", MIB, 400)
    store = CountingStore(folder)
    problem = refused(previews, store, "b.parquet", request={"offset": 399})
    assert "more memory than a preview may use" in problem.message
    assert "damaged" not in str(problem)
    assert sum(store.given) < 2 * MIB


@pytest.mark.parametrize(
    "question",
    [
        {"ask": "ranges", "path": "t/a", "ranges": [(0, 65 * MIB)]},
        {"ask": "ranges", "path": "t/a", "ranges": [(0, MIB)] * 65},
        {"ask": "ranges", "path": "t/a", "ranges": [(0, 2 * MIB), (0, -MIB)]},
        {"ask": "ranges", "path": "other", "ranges": [(0, 1)]},
        {"ask": "ranges", "path": "", "ranges": [(0, 1)]},
        {"ask": "ranges", "path": "tt/a", "ranges": [(0, 1)]},
        {"ask": "end", "path": "other", "length": 1},
        {"ask": "files", "paths": ["t/a", "other"], "most": 10},
        {"ask": "files", "paths": ["t/a"] * 70, "most": 2**40},
        {"ask": "list", "path": "", "recursive": True, "most": 10},
        {"ask": "anything", "path": "t/a"},
    ],
)
def test_what_a_worker_may_not_ask_is_not_read(
    folder: Place, previews: Previews, question: dict[str, Any]
) -> None:
    sparse(folder, "t/a", b"x", MIB)
    sparse(folder, "other", b"x", MIB)
    sparse(folder, "tt/a", b"x", MIB)
    store = CountingStore(folder)
    source = Source(store, "t", Meter(), Limits(), is_folder=True)
    with pytest.raises(Invalid):
        previews.run(source.answer(question))
    assert sum(store.given) == 0


def test_what_an_answer_may_read_is_counted_here_too(folder: Place, previews: Previews) -> None:
    sparse(folder, "a", b"x", 3 * MIB)
    source = Source(CountingStore(folder), "a", Meter(), Limits(bytes=5 * MIB), is_folder=False)
    question = {"ask": "ranges", "path": "a", "ranges": [(0, 3 * MIB)]}
    previews.run(source.answer(question))
    with pytest.raises(Invalid, match="more of the file"):
        previews.run(source.answer(question))


def webp(kind: bytes, body: bytes) -> bytes:
    return b"RIFF\0\0\0\0WEBP" + kind + b"\0\0\0\0" + body + b"\0" * 40


SEGMENT = b"\xff\xe1\xff\xff" + b"\0" * 65_533
SIZE = b"\xff\xff\xff\xff"
FRAME = b"\xff\xc0\x00\x11\x08"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("near.jpg", b"\xff\xd8" + FRAME + SIZE + b"\x03" * 20),
        ("far.jpg", b"\xff\xd8" + SEGMENT * 9 + FRAME + SIZE + b"\x03" * 20),
        ("filled.jpg", b"\xff\xd8" + b"\xff" * 50 + FRAME[1:] + SIZE + b"\x03" * 20),
        ("progressive.jpg", b"\xff\xd8\xff\xc2\x00\x11\x08" + SIZE + b"\x03" * 20),
        ("lossless.webp", webp(b"VP8L", b"\x2f\xff\xff\xff\x0f")),
        ("lossy.webp", webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + SIZE)),
        ("wide.webp", webp(b"VP8X", b"\0\0\0\0" + b"\xff" * 6)),
        ("a.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\x7f\xff\xff\xff" * 2 + b"\0" * 30),
        ("a.gif", b"GIF89a" + SIZE + b"\0" * 30),
        ("new.bmp", b"BM" + b"\0" * 12 + b"\x28\0\0\0" + b"\xff\xff\0\0" * 2 + b"\0" * 30),
        ("old.bmp", b"BM" + b"\0" * 12 + b"\x0c\0\0\0" + SIZE + b"\0" * 30),
    ],
)  # fmt: skip
def test_no_picture_is_drawn_that_unpacks_to_too_much(
    folder: Place, previews: Previews, name: str, content: bytes
) -> None:
    folder.put({name: content})
    problem = refused(previews, CountingStore(folder), name, request={"format": "image"})
    assert "too large to be shown" in problem.message


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cut.jpg", b"\xff\xd8" + SEGMENT[:100]),
        ("endless.jpg", b"\xff\xd8" + b"\xff\xe1\0\0" * 20_000),
        ("later.jpg", b"\xff\xd8" + FRAME + b"\0\0\xff\xff" + b"\x03" * 20),
        ("other.jpg", b"\xff\xd8\xff\xe1\0\x02no marker"),
        ("other.webp", webp(b"VP9 ", SIZE)),
        ("cut.png", b"\x89PNG\r\n\x1a\n\0\0\0"),
    ],
)
def test_a_picture_that_says_no_size_is_not_drawn(
    folder: Place, previews: Previews, name: str, content: bytes
) -> None:
    folder.put({name: content})
    problem = refused(previews, CountingStore(folder), name)
    assert "does not say how large" in problem.reason


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jpg", b"\xff\xd8" + SEGMENT * 9 + FRAME + b"\0\x05\0\x07" + b"\x03" * 20),
        ("a.webp", webp(b"VP8L", b"\x2f\x06\x00\x01\x00")),
        ("b.webp", webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a\x07\0\x05\0")),
        ("a.gif", b"GIF89a\x07\0\x05\0" + b"\0" * 30),
    ],
)
def test_pictures_are_shown_with_their_sizes(
    folder: Place, previews: Previews, name: str, content: bytes
) -> None:
    folder.put({name: content})
    shown = previews(folder, name)
    assert (shown.width, shown.height) == (7, 5)


def test_workbooks_and_notebooks_are_read_to_their_ends(folder: Place, previews: Previews) -> None:
    folder.put({"a.xlsx": files.all_files(files.table(200))["a.xlsx"]})
    assert previews(folder, "a.xlsx").row_count == 100
    text = '{"cells": [{"cell_type": "raw", "source": "' + "x" * (3 * HEAD_BYTES) + '"}]}'
    folder.put({"a.ipynb": text.encode()})
    assert len(previews(folder, "a.ipynb").cells or ()) == 1
