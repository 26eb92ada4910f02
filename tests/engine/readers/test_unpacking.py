"""What is packed is unpacked within limits: of its ratio, of its size, and of the room on the disk."""

from __future__ import annotations

import bz2
import gzip
import lzma
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pytest

from orrery_engine.readers.text import encodings, unpacking
from orrery_engine.readers.text.encodings import Encoding
from orrery_engine.readers.text.utf8 import Utf8Files
from orrery_wire.errors import Invalid, StorageFull
from tests.loops import each

MIB = 2**20


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def zipped(data: bytes, path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", data)


def zstd(data: bytes, path: Path) -> None:
    with pa.CompressedOutputStream(str(path), "zstd") as stream:
        stream.write(data)


PACKERS: dict[str, Callable[[bytes, Path], object]] = {
    "gz": lambda data, path: path.write_bytes(gzip.compress(data)),
    "bz2": lambda data, path: path.write_bytes(bz2.compress(data)),
    "xz": lambda data, path: path.write_bytes(lzma.compress(data)),
    "zip": zipped,
    "zst": zstd,
}


def packed(name: str, data: bytes, folder: Path) -> Path:
    path = folder / f"a.csv.{name}"
    PACKERS[name](data, path)
    return path


@each("name", list(PACKERS))
def test_what_unpacks_to_too_much_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "SMALL_BYTES", MIB)
    path = packed(name, b"a" * 8 * MIB, tmp_path)
    with pytest.raises(Invalid, match=r"holds more than 1 MiB") as refused:
        encodings.transcode(path, Encoding("utf-8"), tmp_path / "out", lambda text, final: text)
    assert f"{unpacking.MAX_RATIO} times" in refused.value.reason
    assert not (tmp_path / "out").exists()


@each("name", list(PACKERS))
def test_what_is_small_may_be_packed_as_well_as_it_likes(name: str, tmp_path: Path) -> None:
    path = packed(name, b"a" * 8 * MIB, tmp_path)
    encodings.transcode(path, Encoding("utf-8"), tmp_path / "out", lambda text, final: text)
    assert (tmp_path / "out").stat().st_size == 8 * MIB
    with encodings.unpacked(path) as lines:
        assert sum(map(len, lines)) == 8 * MIB


@each("name", list(PACKERS))
def test_the_absolute_limit_holds_for_every_ratio(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "MAX_BYTES", 2 * MIB)
    path = packed(name, b"a" * 3 * MIB, tmp_path)
    with encodings.unpacked(path) as content:
        content.read(MIB)
        with pytest.raises(Invalid, match="more than 2 MiB"):
            content.read()


@each("name", [*PACKERS, ""])
def test_a_disk_that_gets_full_while_unpacking_keeps_its_reserve(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others write meanwhile: the room before the first byte says nothing."""
    data = "ä;ö\n".encode("cp1252") * MIB
    path = packed(name, data, tmp_path) if name else tmp_path / "a.csv"
    if not name:
        path.write_bytes(data)
    free = unpacking.RESERVE_BYTES + 2 * path.stat().st_size + 10 * MIB

    def usage(folder: Path) -> Usage:
        nonlocal free
        free -= 4 * MIB
        return Usage(0, 0, free)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    scratch = tmp_path / "scratch"
    scratch.mkdir(exist_ok=True)
    with pytest.raises(StorageFull, match="no room to unpack"):
        Utf8Files(scratch).file(path, "cp1252")
    assert free > unpacking.RESERVE_BYTES - 8 * MIB
    assert list(scratch.iterdir()) == []
