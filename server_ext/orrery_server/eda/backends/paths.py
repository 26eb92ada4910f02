"""Paths that a person may name: those below the folder that the lab shows, and those of the project's lake."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from orrery_engine import patterns
from orrery_engine.formats import FORMATS, ending
from orrery_engine.regular import require_regular
from orrery_engine.resolve import walk
from orrery_engine.schemas import SourceKind
from orrery_server.eda.schemas import Source
from orrery_wire.errors import Forbidden, Invalid, NotFound

# A text file may be a table, but most are none.
_LISTED = frozenset(FORMATS) - {".txt"}
_MAX_FILES = 20_000


def confine(location: str, base: Path, allowed: Sequence[Path]) -> Path:
    """The path that a location below ``base`` leads to; links are followed, and must end in one of the allowed folders.

    Raises:
        Invalid: it is no path.
        Forbidden: it leads elsewhere.
        NotFound: there is nothing, or it is hidden.
    """
    parts = PurePosixPath(location.replace("\\", "/")).parts
    if "\x00" in location or ".." in parts:
        raise Invalid("This is no path", remedy="Name a file below the folder that the lab shows.")
    if any(part.startswith((".", "~")) for part in parts):
        raise _missing(location)
    plain = base.joinpath(*(part for part in parts if part != "/"))
    try:
        fixed = patterns.fixed_part(plain)
        real = fixed.resolve(strict=True)
    except (OSError, RuntimeError):
        raise _missing(location) from None
    if not any(real.is_relative_to(folder) for folder in allowed):
        raise _elsewhere(location)
    require_regular(real)
    if fixed == plain and real.is_file():
        return real
    path = real if fixed == plain else real / plain.relative_to(fixed)
    _require_all_inside(path, location, allowed)
    return path


def way_from(root: Path, folder: str | None, location: str) -> str:
    """The way from a folder to a file or a pattern of files, as code in a notebook of that folder names it.

    Args:
        root: the folder that the lab shows.
        folder: below it, where the notebook lies; None if that is not known.
        location: an absolute path; another location, such as an address, stays as it is.

    Returns:
        A relative path. Or the location, if no folder is known or the lab shows no way to it.
    """
    if folder is None or not location.startswith("/"):
        return location
    path = _shown_below(root, Path(location))
    if path is None:
        return location
    way = os.path.relpath(path, root / folder.lstrip("/"))
    return f"{way}/" if location.endswith("/") else way


def _shown_below(root: Path, path: Path) -> Path | None:
    """The path below the root that leads to another one, through a link in the root or in a folder of it."""
    real = root.resolve()
    if path.is_relative_to(real):
        return root / path.relative_to(real)
    for entry in (*root.glob("*"), *root.glob("*/*")):
        if entry.is_symlink() and path.is_relative_to(target := entry.resolve()):
            return entry / path.relative_to(target)
    return None


def _require_all_inside(path: Path, location: str, allowed: Sequence[Path]) -> None:
    """Refuse a folder or pattern in which a link leads elsewhere."""
    pattern = not path.is_dir()
    files = patterns.matches(path) if pattern else map(str, path.rglob("*"))
    for number, file in enumerate(files):
        if number > _MAX_FILES:
            raise Invalid(
                f"There are more than {_MAX_FILES:,} files in {path.name}",
                remedy="Choose a folder or a pattern with fewer.",
            )
        real = os.path.realpath(file)
        if real != file and not any(Path(real).is_relative_to(folder) for folder in allowed):
            raise _elsewhere(location)


def _elsewhere(location: str) -> Forbidden:
    return Forbidden(
        f"{PurePosixPath(location).name} is not in this project",
        reason="The path leads out of the folder that the lab shows, and out of the project's lake.",
        remedy="Switch to the project that it belongs to, or copy it here.",
    )


def _missing(location: str) -> NotFound:
    return NotFound(
        f"There is no {PurePosixPath(location).name or 'such file'}",
        reason="It is not there, or it is hidden.",
        remedy="Check the path; it begins at the folder that the lab shows.",
    )


def list_tables(
    folder: Path,
    kind: SourceKind,
    q: str,
    limit: int,
    *,
    allowed: Sequence[Path],
    excluded: Path | None = None,
) -> tuple[Source, ...]:
    """The tables below a folder whose path has all the words."""
    words = q.casefold().split()
    tables: list[Source] = []
    for path in walk(folder, allowed, excluded):
        relative = path.relative_to(folder).as_posix()
        if ending(path.name) not in _LISTED:
            continue
        if not all(word in relative.casefold() for word in words):
            continue
        try:
            status = path.stat()
        except OSError:
            continue
        tables.append(
            Source(
                kind=kind,
                location=relative,
                name=path.name,
                size=status.st_size,
                changed=datetime.fromtimestamp(status.st_mtime, UTC),
            )
        )
        if len(tables) >= limit:
            break
    return tuple(tables)
