"""The snippet files of a bare repository, read out of its object store within limits."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

from orrery_server.base import git
from orrery_server.snippets import formats
from orrery_server.snippets.schemas import SnippetFile
from orrery_wire.errors import Invalid
from orrery_wire.snippets import SnippetContent

_SUFFIXES = (".code-snippets", ".json")
_FILE_BYTES = 2_000_000
_FILES = 2_000
_ALL_BYTES = 20_000_000
_SNIPPETS = 20_000


async def read_snippets(bare: Path, folder: str) -> tuple[SnippetContent, ...]:
    """Every snippet below a folder of the newest commit; Invalid if there are too many."""
    listing = await git.run("ls-tree", "-r", "-l", "-z", "--full-tree", "HEAD", cwd=bare)
    chosen = _chosen(listing, folder)
    feed = "".join(f"{key}\n" for _, key in chosen).encode()
    blobs = await git.run("cat-file", "--batch", cwd=bare, feed=feed) if chosen else b""
    return await asyncio.to_thread(_read, _parted([name for name, _ in chosen], blobs))


def _chosen(listing: bytes, folder: str) -> list[tuple[str, str]]:
    """Name and key of each snippet file. Links and submodules are no files; neither is what is too large."""
    chosen: list[tuple[str, str]] = []
    total = 0
    for line in listing.decode("utf-8", "replace").split("\0"):
        about, _, name = line.partition("\t")
        if not about.startswith("100") or not name.endswith(_SUFFIXES):
            continue
        key, size = about.split()[2:4]
        if int(size) > _FILE_BYTES or not (not folder or name.startswith(folder + "/")):
            continue
        total += int(size)
        if len(chosen) == _FILES or total > _ALL_BYTES:
            raise Invalid(
                "There are too many snippet files in the repository",
                reason=f"At most {_FILES:,} files and {_ALL_BYTES / 1e6:.0f} MB are read.",
                remedy="Name a folder of it.",
            )
        chosen.append((name, key))
    return chosen


def _parted(names: list[str], blobs: bytes) -> list[SnippetFile]:
    """The files in what ``git cat-file --batch`` printed: a line that ends in the size, then the bytes, for each."""
    contents = []
    at = 0
    for name in names:
        end = blobs.index(b"\n", at)
        begin, size = end + 1, int(blobs[at:end].split()[2])
        with suppress(UnicodeDecodeError):
            text = blobs[begin : begin + size].decode()
            contents.append(SnippetFile(name=name[-255:], content=text))
        at = begin + size + 1
    return contents


def _read(files: list[SnippetFile]) -> tuple[SnippetContent, ...]:
    contents: list[SnippetContent] = []
    for file in files:
        contents += formats.read(file)[0]
        if len(contents) > _SNIPPETS:
            raise Invalid(
                "There are too many snippets in the repository",
                reason=f"At most {_SNIPPETS:,} are read.",
                remedy="Name a folder of it.",
            )
    return tuple(contents)
