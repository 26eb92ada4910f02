"""Patterns of files: a part of a path that is there as it is written is no pattern, whatever signs it has."""

from __future__ import annotations

import glob
from collections.abc import Iterator
from pathlib import Path


def fixed_part(path: Path) -> Path:
    """The part of a path in front of its pattern; the whole of it if there is none."""
    for number, part in enumerate(path.parts):
        if glob.has_magic(part) and not Path(*path.parts[: number + 1]).exists():
            return Path(*path.parts[:number])
    return path


def matches(path: Path) -> Iterator[str]:
    """What a pattern leads to."""
    fixed = fixed_part(path)
    rest = path.relative_to(fixed)
    pattern = str(Path(glob.escape(str(fixed))) / rest) if path != fixed else glob.escape(str(path))
    return glob.iglob(pattern, recursive=True)  # noqa: PTH207 - the whole path is the pattern
