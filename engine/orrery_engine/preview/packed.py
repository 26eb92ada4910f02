"""Packed content, unpacked as far as it is read: what a few bytes unpack to is never held as a whole."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Sequence
from typing import IO

import pyarrow as pa

from orrery_engine.preview.sparse import SparseFile, Stream
from orrery_wire.errors import Invalid

_BUFFER = 64 * 1024
_MARKS: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"BZh", "bz2"),
    (b"PK\x03\x04", "zip"),
)
_LARGEST_LIST = 100_000
# What unpackers raise of content that is damaged or cut short.
DAMAGE = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError, OSError)


def packing(begin: bytes) -> str:
    """How content is packed, by its first bytes: "" if it is not."""
    for mark, name in _MARKS:
        if begin.startswith(mark):
            is_bz2 = begin[4:8] in (b"1AY&", b"\x17rE8")
            return name if name != "bz2" or is_bz2 else ""
    return ""


def opened(file: SparseFile, kind: str) -> IO[bytes]:
    """The content from its beginning on.

    Raises:
        Invalid: an archive holds no file or several, or is encrypted.
    """
    stream = Stream(file)
    file.seek(0)
    if not kind:
        return io.BufferedReader(stream, _BUFFER)
    if kind == "zip":
        return _member(file)
    raw = io.BufferedReader(stream, _BUFFER)
    if kind == "zstd":
        content: IO[bytes] = pa.CompressedInputStream(pa.PythonFile(raw, mode="r"), "zstd")
        return content
    if kind == "gzip":
        return io.BufferedReader(gzip.GzipFile(fileobj=raw, mode="rb"))
    return bz2.BZ2File(raw) if kind == "bz2" else lzma.LZMAFile(raw)


def _member(file: SparseFile) -> IO[bytes]:
    archive = zipfile.ZipFile(io.BufferedReader(file, _BUFFER))
    members = archive.infolist()
    if len(members) > _LARGEST_LIST:
        raise Invalid(f"The archive holds {len(members):,} files", remedy="Unpack it.")
    names = [item for item in members if not item.is_dir() and not _is_hidden(item.filename)]
    if len(names) != 1:
        raise Invalid(
            f"The archive holds {len(names):,} files",
            reason=_listed([item.filename for item in names]),
            remedy="Unpack it, and choose a file.",
        )
    if names[0].flag_bits & 0x1:
        raise Invalid("The archive is encrypted", remedy="Unpack it with its password first.")
    return archive.open(names[0])


def _is_hidden(name: str) -> bool:
    return name.startswith(("__MACOSX/", "."))


def _listed(names: Sequence[str]) -> str:
    if not names:
        return "It is empty."
    more = f" and {len(names) - 5:,} more" if len(names) > 5 else ""
    return f"It holds {', '.join(name[:80] for name in names[:5])}{more}."
