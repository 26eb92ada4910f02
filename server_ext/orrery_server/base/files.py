"""Files that are either as they were or as they should be, whatever happens in between."""

from __future__ import annotations

import errno
import json
import os
import secrets
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from orrery_wire.errors import OrreryError, StorageFull

try:
    import fcntl
except ImportError:  # no such locks there; one person seldom runs two servers at once
    fcntl = None  # type: ignore[assignment]

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_SYNC_THREADS = 16
_CLOSED = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})


def storage_error(problem: OSError, path: Path) -> OrreryError:
    """The error for a write that the operating system refused."""
    if problem.errno in _FULL:
        return StorageFull(
            "There is no space left to save",
            reason=f"Writing {path.name} failed: {problem.strerror}. What was there before is untouched.",
            remedy="Free some space in your home directory and save again.",
        )
    if problem.errno in _CLOSED:
        return StorageFull(
            "The place to save in cannot be written",
            reason=f"Writing {path.name} failed: {problem.strerror}. What was there before is untouched.",
            remedy="Make your Jupyter data directory writable and save again.",
        )
    return StorageFull(
        "Saving failed",
        reason=f"Writing {path.name} failed: {problem.strerror}. What was there before is untouched.",
        remedy="Try again; if it stays, have the disk looked at.",
    )


def sync_folder(folder: Path) -> None:
    """Make renames in a folder, or the content of a file, last through a power failure."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write(path: Path, data: bytes) -> None:
    """Put a file in place of an older one, whole and for good, or change nothing.

    Raises:
        StorageFull: it could not be written; the older one is untouched.
    """
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        sync_folder(path.parent)
    except OSError as problem:
        with suppress(OSError):
            fresh.unlink()
        raise storage_error(problem, path) from problem


def write_all(contents: Mapping[Path, bytes]) -> None:
    """``write`` for many files, which share the waiting for the disk; each is whole, whatever happens.

    Raises:
        StorageFull: one could not be written. Before the first was replaced, none is.
    """
    fresh = {path: path.with_name(f".{path.name}.{secrets.token_hex(6)}.tmp") for path in contents}
    path = Path()
    try:
        for path, data in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(fresh[path], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
        _sync_all(fresh.values())
        for path in contents:
            fresh[path].replace(path)
        _sync_all({path.parent for path in contents})
    except OSError as problem:
        for leftover in fresh.values():
            with suppress(OSError):
                leftover.unlink()
        raise storage_error(problem, path) from problem


def _sync_all(paths: Collection[Path]) -> None:
    # The disk takes those that wait at the same time in one go.
    with ThreadPoolExecutor(_SYNC_THREADS) as pool:
        for _ in pool.map(sync_folder, paths):
            pass


def write_json(path: Path, value: object) -> None:
    """Write a value as JSON, like ``write``."""
    write(path, json.dumps(value, ensure_ascii=False, indent=1).encode())


def move_all(moves: Mapping[Path, Path]) -> None:
    """Move files that are there, for good; StorageFull if one cannot be, and those before it are moved."""
    path = Path()
    try:
        for path, to in moves.items():
            to.parent.mkdir(parents=True, exist_ok=True)
            path.replace(to)
        _sync_all({path.parent for pair in moves.items() for path in pair})
    except OSError as problem:
        raise storage_error(problem, path) from problem


def move(path: Path, to: Path) -> None:
    """Move a file within a disk, for good or not at all; StorageFull if it cannot be."""
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        path.replace(to)
        sync_folder(to.parent)
        sync_folder(path.parent)
    except FileNotFoundError:
        raise
    except OSError as problem:
        raise storage_error(problem, path) from problem


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock that other processes of the person respect; StorageFull if there can be none."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as problem:
        raise storage_error(problem, path) from problem
    try:
        if fcntl is not None:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def set_aside(path: Path, folder: Path) -> Path | None:
    """Move a file that cannot be used out of the way; its new place, or None if it must stay."""
    stem = f"{path.name}.{secrets.token_hex(4)}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.replace(folder / stem)
    except OSError:
        return None
    return folder / stem
