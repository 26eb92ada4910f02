"""The notebooks and files that were changed last below some folders, within limits of depth, number and time."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from orrery_server.base.schemas import Recent

_DEPTH = 4
_ENTRIES = 5_000
_SECONDS = 0.5
_SKIPPED = frozenset({"node_modules", "__pycache__", "venv", "site-packages", "build", "dist"})
_KINDS = {
    ".ipynb": "notebook",
    **dict.fromkeys(
        (".py", ".md", ".csv", ".parquet", ".sql", ".r", ".jl", ".json", ".txt"), "file"
    ),
}


def recent_files(folders: Iterable[Path], root: Path, most: int) -> list[Recent]:
    """The newest first; only what the lab can open, so what lies below ``root``."""
    seen: dict[str, float] = {}
    until = time.monotonic() + _SECONDS
    for number, entry in enumerate(_walked(folders)):
        if number >= _ENTRIES or time.monotonic() > until:
            break
        path = Path(entry.path)
        if path.suffix.lower() in _KINDS and path.is_relative_to(root):
            seen[str(path.relative_to(root))] = entry.stat(follow_symlinks=False).st_mtime
    newest = sorted(seen.items(), key=lambda pair: -pair[1])[:most]
    return [
        Recent(
            kind="notebook" if path.endswith(".ipynb") else "file",
            label=Path(path).name,
            path=path,
            when=datetime.fromtimestamp(when, UTC),
        )
        for path, when in newest
    ]


def _walked(folders: Iterable[Path]) -> Iterator[os.DirEntry[str]]:
    """Every file, the nearer ones first. Links are not followed: a lake may be vast."""
    level = [str(folder) for folder in folders]
    for _ in range(_DEPTH):
        below: list[str] = []
        for folder in level:
            try:
                entries = list(os.scandir(folder))
            except OSError:
                continue
            for entry in entries:
                if entry.name.startswith(".") or entry.name in _SKIPPED:
                    continue
                try:
                    if entry.is_dir(follow_symlinks=False):
                        below.append(entry.path)
                    elif entry.is_file(follow_symlinks=False):
                        yield entry
                except OSError:
                    continue
        level = below


async def newest(
    folders: Iterable[Path], root: Path, count: int, items: Iterable[Recent]
) -> tuple[Recent, ...]:
    """The newest of some items and of the files in folders below ``root``, at most ``count``."""
    files = await asyncio.to_thread(recent_files, folders, root, count)
    return tuple(sorted([*files, *items], key=lambda item: item.when, reverse=True)[:count])
