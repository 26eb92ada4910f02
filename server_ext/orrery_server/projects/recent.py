"""The notebooks and files that were changed last below some folders, within limits of depth, number and time."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from orrery_server.base.schemas import Recent
from orrery_server.projects.workspace import CLONE_STAMP

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
    """The newest first; only what the lab can open, so what lies below ``root``.

    What came with the clone of a project and was not changed since is not recent: nobody worked on it here.
    """
    seen: dict[str, float] = {}
    until = time.monotonic() + _SECONDS
    for number, (entry, cloned) in enumerate(_walked(folders)):
        if number >= _ENTRIES or time.monotonic() > until:
            break
        path = Path(entry.path)
        if path.suffix.lower() in _KINDS and path.is_relative_to(root):
            changed = entry.stat(follow_symlinks=False).st_mtime
            if changed > cloned:
                seen[str(path.relative_to(root))] = changed
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


def _walked(folders: Iterable[Path]) -> Iterator[tuple[os.DirEntry[str], float]]:
    """Every file, the nearer ones first, with the time of the clone that it lies in (0 outside of one).

    Links are not followed: a lake may be vast.
    """
    level = [(str(folder), 0.0) for folder in folders]
    for _ in range(_DEPTH):
        below: list[tuple[str, float]] = []
        for folder, around in level:
            try:
                entries = list(os.scandir(folder))
            except OSError:
                continue
            is_clone = any(entry.name == ".git" for entry in entries)
            cloned = _cloned(folder) if is_clone else around
            for entry in entries:
                if entry.name.startswith(".") or entry.name in _SKIPPED:
                    continue
                try:
                    if entry.is_dir(follow_symlinks=False):
                        below.append((entry.path, cloned))
                    elif entry.is_file(follow_symlinks=False):
                        yield entry, cloned
                except OSError:
                    continue
        level = below


def _cloned(folder: str) -> float:
    """When Orrery made a clone, in seconds since 1970; 0 for a clone of the person's own."""
    try:
        return Path(folder, CLONE_STAMP).stat().st_mtime
    except OSError:
        return 0.0


async def newest(
    folders: Iterable[Path], root: Path, count: int, items: Iterable[Recent]
) -> tuple[Recent, ...]:
    """The newest of some items and of the files in folders below ``root``, at most ``count``."""
    files = await asyncio.to_thread(recent_files, folders, root, count)
    return tuple(sorted([*files, *items], key=lambda item: item.when, reverse=True)[:count])
