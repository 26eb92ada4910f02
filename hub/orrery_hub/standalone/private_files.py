"""Files that only their owner can read, and that are there as a whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def write_private(file: Path, text: str, *, is_new: bool = False) -> None:
    """Write a file for its owner alone; one that is there is replaced, unless it has to be new.

    Raises:
        FileExistsError: it has to be new, and is there.
    """
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    try:
        if is_new:
            os.link(fresh, file)
        else:
            fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
