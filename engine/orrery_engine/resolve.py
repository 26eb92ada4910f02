"""From a source to what the worker opens, where no server context is needed: names are taken as they are.

The server's backends confine what a person may name first; a kernel's own process may read what it can.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

from orrery_engine import url_secrets
from orrery_engine.formats import FileFormat, format_of, require_format
from orrery_engine.reader_options import require_applicable
from orrery_engine.schemas import ReaderOptions, ResolvedSource, SourceIn
from orrery_wire.errors import Invalid, NotFound

_SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__", "site-packages", "venv"})
_MAX_ENTRIES = 20_000
_MAX_DEPTH = 8


def resolve(source: SourceIn) -> ResolvedSource:
    """What the worker opens for a source of this machine, this user and this environment.

    Raises:
        NotFound: there is no such file, or no table in the folder.
        Invalid: it cannot be profiled, only a lab knows it, or the environment lacks a variable.
    """
    if source.kind == "table":
        url, secrets = url_secrets.expand(source.location)
        return resolve_table(source, url, secrets)
    if source.kind == "frame":
        return resolve_frame(source, source.location)
    if source.kind == "url":
        return resolve_url(source, source.location)
    if source.kind == "lake":
        raise Invalid(
            "The lake is known to a lab only", remedy="Name the file by its path, or start a lab."
        )
    return resolve_path(source, Path(source.location))


def resolve_path(source: SourceIn, path: Path) -> ResolvedSource:
    """A file, a folder of files, or a pattern.

    Raises:
        NotFound: there is no such thing, or no table in the folder.
        Invalid: its ending is that of no table, or an option does not apply to its format.
    """
    file_format = format_of(path.name)
    if file_format is None and path.is_dir():
        file_format = _format_in_folder(path)
    if file_format is None and not os.path.lexists(path) and not _is_pattern(path):
        raise NotFound(f"There is no {path}", remedy="Check the path.")
    return _files(source, str(path), file_format or require_format(path.name))


def resolve_url(source: SourceIn, url: str) -> ResolvedSource:
    """An object, a prefix or a pattern of an object store; one without a known ending holds Parquet."""
    return _files(source, url, format_of(urlsplit(url).path) or "parquet")


def resolve_table(source: SourceIn, url: str, secrets: Iterable[str]) -> ResolvedSource:
    """A table of a database; ``secrets`` are taken out of every message, as written and percent-encoded.

    Raises:
        Invalid: an option of reading was given, and a database has none.
    """
    require_applicable(source, "database")
    return ResolvedSource(
        reader="table",
        location=url,
        format="database",
        table=source.table,
        name=source.name,
        secrets=tuple({form for secret in secrets for form in (secret, quote(secret, safe=""))}),
    )


def resolve_frame(source: SourceIn, path: str) -> ResolvedSource:
    """A dataframe of a kernel, written to an Arrow file.

    Raises:
        Invalid: an option of reading was given, and a dataframe has none.
    """
    require_applicable(source, "frame")
    return ResolvedSource(
        reader="arrow", location=path, format="arrow", name=source.name or "frame"
    )


def _files(source: SourceIn, location: str, format: FileFormat) -> ResolvedSource:
    require_applicable(source, format)
    return ResolvedSource(
        reader="files",
        location=location,
        format=format,
        sheet=source.sheet,
        reading=source.reading or ReaderOptions(),
        name=source.name,
    )


def _is_pattern(path: Path) -> bool:
    return any(sign in str(path) for sign in "*?[")


def _format_in_folder(folder: Path) -> FileFormat:
    for path in walk(folder):
        file_format = format_of(path.name)
        if file_format is not None:
            return file_format
    raise NotFound(
        f"There is no table in {folder.name}",
        reason="No file in it has an ending of a table.",
        remedy="Choose a file, or a folder with Parquet, CSV or JSON files.",
    )


def walk(
    folder: Path, allowed: Iterable[Path] = (), excluded: Path | None = None
) -> Iterator[Path]:
    """The files below a folder that are not hidden, breadth first; after 20,000 entries it ends.

    Args:
        folder: where to begin.
        allowed: folders that a link may lead into; a link to a folder is followed only near the top.
        excluded: a folder that is left out.
    """
    allowed = tuple(allowed)
    level, count = [(folder, 0)], 0
    visited = {folder.resolve(), excluded}
    while level:
        current, depth = level.pop(0)
        for entry in _entries(current):
            count += 1
            if count > _MAX_ENTRIES:
                return
            path = Path(entry.path)
            real = path
            if entry.is_symlink():
                real = Path(os.path.realpath(path))
                if not any(real.is_relative_to(root) for root in allowed):
                    continue
            if entry.is_dir(follow_symlinks=depth <= 1):
                if (
                    depth < _MAX_DEPTH
                    and entry.name not in _SKIPPED_FOLDERS
                    and real not in visited
                ):
                    visited.add(real)
                    level.append((path, depth + 1))
            elif entry.is_file():
                yield path


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """The entries of a folder, without hidden ones and those whose names cannot be encoded."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return []
    return [
        entry for entry in entries if not entry.name.startswith((".", "_")) and _is_utf8(entry.name)
    ]


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
