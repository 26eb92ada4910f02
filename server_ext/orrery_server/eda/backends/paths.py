"""Which paths a person may name: those below the folder that the lab shows, and those of the project's lake."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from orrery_engine.schemas import ResolvedSource, SourceKind
from orrery_server.eda.schemas import Source
from orrery_wire.errors import Forbidden, Invalid, NotFound

FORMATS = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".parq": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".psv": "csv",
    ".txt": "csv",
    ".json": "json",
    ".ndjson": "json",
    ".jsonl": "json",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
    ".xlsx": "excel",
    ".xlsm": "excel",
}
_PACKED = (".gz", ".zst", ".bz2")
_OFFERED = frozenset(FORMATS) - {".txt"}
_PROGRAMS = (".pkl", ".pickle", ".joblib", ".pt", ".pth", ".npy", ".npz")
_SKIPPED = frozenset({"node_modules", "__pycache__", "site-packages", "venv"})
_MOST_LOOKED_AT = 20_000
_DEEPEST = 8


def format_of(name: str) -> str | None:
    """The format that a name's ending says; None if it says none that can be read."""
    return FORMATS.get(_ending(name))


def _ending(name: str) -> str:
    lower = name.lower()
    for packed in _PACKED:
        lower = lower.removesuffix(packed)
    return PurePosixPath(lower).suffix


def require_format(name: str) -> str:
    """The same.

    Raises:
        Invalid: nothing is known of that ending, or it is that of a program.
    """
    found = format_of(name)
    if found is None and name.lower().endswith(_PROGRAMS):
        raise Invalid(
            f"{PurePosixPath(name).name} cannot be profiled",
            reason="Reading such a file can run whatever program it holds, so Orrery never opens one.",
            remedy="Load it where you trust it, and write it as Parquet.",
        )
    if found is None:
        raise Invalid(
            f"{PurePosixPath(name).name} cannot be profiled",
            reason="Its ending says nothing of a table.",
            remedy="Files of these endings can be: " + ", ".join(sorted(FORMATS)) + ".",
        )
    return found


def inside(location: str, base: Path, doors: Sequence[Path]) -> Path:
    """The path that a location below ``base`` leads to; links are followed, and must end behind one of the doors.

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
        fixed = _without_pattern(plain)
        real = fixed.resolve(strict=True)
    except (OSError, RuntimeError):
        raise _missing(location) from None
    if not any(real.is_relative_to(door) for door in doors):
        raise _elsewhere(location)
    if fixed == plain and real.is_file():
        return real
    found = real if fixed == plain else real / plain.relative_to(fixed)
    _all_inside(found, location, doors)
    return found


def _all_inside(path: Path, location: str, doors: Sequence[Path]) -> None:
    """Refuse a folder or pattern in which a link leads elsewhere."""
    pattern = not path.is_dir()
    found = glob.iglob(str(path), recursive=True) if pattern else map(str, path.rglob("*"))  # noqa: PTH207 - the whole path is the pattern
    for number, one in enumerate(found):
        if number > _MOST_LOOKED_AT:
            raise Invalid(
                f"There are more than {_MOST_LOOKED_AT:,} files in {path.name}",
                remedy="Choose a folder or a pattern with fewer.",
            )
        real = os.path.realpath(one)
        if real != one and not any(Path(real).is_relative_to(door) for door in doors):
            raise _elsewhere(location)


def _elsewhere(location: str) -> Forbidden:
    return Forbidden(
        f"{PurePosixPath(location).name} is not in this project",
        reason="The path leads out of the folder that the lab shows, and out of the project's lake.",
        remedy="Switch to the project that it belongs to, or copy it here.",
    )


def _without_pattern(path: Path) -> Path:
    """The part of a path that is no pattern; the whole of it if it is there as it is."""
    if path.exists():
        return path
    for number, part in enumerate(path.parts):
        if any(letter in part for letter in "*?["):
            return Path(*path.parts[:number])
    return path


def _missing(location: str) -> NotFound:
    return NotFound(
        f"There is no {PurePosixPath(location).name or 'such file'}",
        reason="It is not there, or it is hidden.",
        remedy="Check the path; it begins at the folder that the lab shows.",
    )


def resolved(path: Path, name: str, sheet: str = "") -> ResolvedSource:
    """How the worker reads a file, a folder of files, or a pattern."""
    said = format_of(path.name)
    if said is None and path.is_dir():
        said = _format_inside(path)
    found = said or require_format(path.name)
    return ResolvedSource.model_validate(
        {"reader": "files", "location": str(path), "format": found, "sheet": sheet, "name": name}
    )


def _format_inside(folder: Path) -> str:
    for path in walk(folder):
        found = format_of(path.name)
        if found is not None:
            return found
    raise NotFound(
        f"There is no table in {folder.name}",
        reason="No file in it has an ending of a table.",
        remedy="Choose a file, or a folder with Parquet, CSV or JSON files.",
    )


def walk(folder: Path, doors: Sequence[Path] = (), without: Path | None = None) -> Iterator[Path]:
    """The files below a folder that are not hidden, nearest first.

    A link is followed if it ends behind one of the doors, and one to a folder only near the top.
    ``without`` is a folder that is listed elsewhere.
    """
    level, looked_at = [(folder, 0)], 0
    seen = {folder.resolve(), without}
    while level:
        at, depth = level.pop(0)
        for entry in _entries(at):
            looked_at += 1
            if looked_at > _MOST_LOOKED_AT:
                return
            path = Path(entry.path)
            real = path
            if entry.is_symlink():
                real = Path(os.path.realpath(path))
                if not any(real.is_relative_to(door) for door in doors):
                    continue
            if entry.is_dir(follow_symlinks=depth <= 1):
                if depth < _DEEPEST and entry.name not in _SKIPPED and real not in seen:
                    seen.add(real)
                    level.append((path, depth + 1))
            elif entry.is_file():
                yield path


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """What is in a folder, without what is hidden and what has no name that can be written."""
    try:
        found = sorted(os.scandir(folder), key=lambda one: one.name)
    except OSError:
        return []
    return [one for one in found if not one.name.startswith((".", "_")) and _utf8(one.name)]


def _utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def listed(
    folder: Path,
    kind: SourceKind,
    q: str,
    most: int,
    *,
    doors: Sequence[Path],
    without: Path | None = None,
) -> tuple[Source, ...]:
    """The tables below a folder whose path has all the words."""
    words = q.casefold().split()
    found: list[Source] = []
    for path in walk(folder, doors, without):
        relative = path.relative_to(folder).as_posix()
        if _ending(path.name) not in _OFFERED:
            continue
        if not all(word in relative.casefold() for word in words):
            continue
        try:
            status = path.stat()
        except OSError:
            continue
        found.append(
            Source(
                kind=kind,
                location=relative,
                name=path.name,
                size=status.st_size,
                changed=datetime.fromtimestamp(status.st_mtime, UTC),
            )
        )
        if len(found) >= most:
            break
    return tuple(found)
