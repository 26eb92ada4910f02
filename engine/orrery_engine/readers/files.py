"""Files, prefixes and globs, here or in an object store, as one table."""

from __future__ import annotations

import glob
import re
import shutil
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePath
from typing import IO, Any, Protocol
from urllib.parse import unquote

from orrery_engine import patterns
from orrery_engine.formats import FileFormat, endings_of, format_of, with_compressions
from orrery_engine.readers import damage
from orrery_engine.readers.base import Table
from orrery_engine.readers.columns import ArrowColumns
from orrery_engine.regular import open_regular, require_regular
from orrery_engine.schemas import Job, ResolvedSource
from orrery_wire.errors import Invalid, NotFound, StorageFull

_MAX_FILES = 10_000
_RESERVE_BYTES = 256 * 2**20
_CHUNK = 1 << 20
_LOOKED_AT = 1_000  # files, to see which one is damaged
_NO_PARTITION = "__HIVE_DEFAULT_PARTITION__"
_STORES = frozenset(
    {"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "wasb", "wasbs", "oci", "hdfs"}
    | {"http", "https"}
)
# How files begin that are not what they may be called.
_SIGNATURES = {
    b"7z\xbc\xaf": ("a 7z archive", "Unpack it first."),
    b"SQLite format 3": ("an SQLite database", "Profile its tables as a database."),
}
_BEGIN_BYTES = 512
_PICKLES = (b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")


class FileStore(Protocol):
    """Where files are."""

    def files(self, location: str, endings: Sequence[str]) -> list[FileEntry]:
        """The files of a path, folder or pattern with one of the endings, sorted by path."""

    def local(self, file: FileEntry, folder: Path, number: int) -> Path:
        """The file on this machine; fetched into the folder if it is elsewhere."""

    def open(self, file: FileEntry) -> Path | IO[bytes]:
        """The file, to be read at any place of it."""


@dataclass(frozen=True)
class FileEntry:
    """Path and size, in bytes, of one file."""

    path: str
    size: int


class LocalFiles:
    """This machine."""

    def files(self, location: str, endings: Sequence[str]) -> list[FileEntry]:
        """The files of a path, folder or pattern with one of the endings, sorted by path."""
        path = Path(location)
        if path.is_dir():
            inside = (
                item for item in path.rglob("*") if item.name.lower().endswith(tuple(endings))
            )
            chosen = sorted(item for item in inside if _is_visible(item.relative_to(path)))
        elif path.is_file() or not glob.has_magic(location):
            # A name with a star in it that is there is that file.
            chosen = [path]
        else:
            chosen = sorted(map(Path, patterns.matches(path)))
        for item in chosen:
            require_regular(item)
        return [
            FileEntry(str(column), column.stat().st_size)
            for column in chosen
            if not column.is_dir()
        ]

    def local(self, file: FileEntry, folder: Path, number: int) -> Path:
        """The file itself."""
        return Path(file.path)

    def open(self, file: FileEntry) -> Path | IO[bytes]:
        """The file itself."""
        return Path(file.path)


class ObjectStore:
    """An object store, by fsspec; the credentials are those of the environment."""

    def __init__(self, location: str, options: dict[str, str]) -> None:
        import fsspec

        protocol = location.split("://", 1)[0].lower()
        if "::" in location or protocol not in _STORES:
            raise Invalid(
                "This kind of address cannot be read.",
                reason=f"Known are {', '.join(sorted(_STORES))}.",
                remedy="Use the address of an object store.",
            )
        self._system: Any = fsspec.filesystem(protocol, **options)

    def files(self, location: str, endings: Sequence[str]) -> list[FileEntry]:
        """The files of a path, folder or pattern with one of the endings, sorted by path."""
        system = self._system
        path = system._strip_protocol(location)
        if glob.has_magic(path) and not system.exists(path):
            result = system.glob(path, detail=True).values()
        elif system.isdir(path):
            result = system.find(path, detail=True).values()
            result = [item for item in result if item["name"].lower().endswith(tuple(endings))]
            root = path.rstrip("/") + "/"
            result = [item for item in result if _is_visible(Path(item["name"].removeprefix(root)))]
        else:
            result = [system.info(path)]
        files = [item for item in result if item.get("type") != "directory"]
        return sorted(
            (FileEntry(item["name"], int(item.get("size") or 0)) for item in files),
            key=lambda file: file.path,
        )

    def local(self, file: FileEntry, folder: Path, number: int) -> Path:
        """A copy of the file in the folder."""
        name = "".join(Path(file.path.lower()).suffixes[-2:])[-20:]
        path = folder / f"fetched-{number}{name}"
        if file.size + _RESERVE_BYTES > shutil.disk_usage(folder).free:
            raise StorageFull(
                "There is no room to fetch the file.",
                reason=f"It has {file.size:,} bytes.",
                remedy="Free some space, or keep the data as Parquet, of which only parts are read.",
            )
        with self._system.open(file.path, "rb") as source, path.open("wb") as copy:
            shutil.copyfileobj(source, copy, _CHUNK)
        return path

    def open(self, file: FileEntry) -> Path | IO[bytes]:
        """The file, of which only what is read is fetched."""
        opened: IO[bytes] = self._system.open(file.path, "rb", block_size=4 * _CHUNK)
        return opened


def partitions(location: str, files: Sequence[FileEntry]) -> list[dict[str, str | None]]:
    """For each file the columns that its folders below a location are named after, as in ``year=2024/x.parquet``."""
    fixed = re.split(r"[*?\[]", location, maxsplit=1)[0].partition("://")
    above = (fixed[2] or fixed[0]).rstrip("/")
    return [_partition(file.path.partition(above)[2] if above else file.path) for file in files]


def _partition(path: str) -> dict[str, str | None]:
    columns: dict[str, str | None] = {}
    for part in path.split("/")[:-1]:
        name, sign, value = part.partition("=")
        if sign and name:
            columns[unquote(name)] = None if value == _NO_PARTITION else unquote(value)
    return columns


def _is_visible(path: Path) -> bool:
    """Whether no part of the path is hidden or a mark of a writer, such as ``_SUCCESS``."""
    return not any(part.startswith((".", "_")) for part in path.parts)


def open_files(resolved: ResolvedSource, job: Job) -> Table:
    """The table that some files make.

    Raises:
        NotFound: there is none.
        Invalid: they are not what they are said to be.
    """
    store: FileStore = (
        ObjectStore(resolved.location, resolved.options)
        if "://" in resolved.location
        else LocalFiles()
    )
    endings = endings_of(resolved.format) if resolved.format != "database" else ()
    files = store.files(resolved.location, with_compressions(endings))
    if not files:
        raise NotFound(
            "There are no files to profile.",
            reason=f"No file ends with {', '.join(endings)}.",
            remedy="Check the folder or the pattern.",
        )
    if len(files) > _MAX_FILES:
        raise Invalid(
            f"There are {len(files):,} files.",
            reason=f"At most {_MAX_FILES:,} are read together.",
            remedy="Choose a folder or a pattern with fewer.",
        )
    files, notes = _without_empty(files)
    _refuse_unreadable(store, files[0])
    try:
        table = _open(resolved, job, store, files)
        if isinstance(table, ArrowColumns):
            table.limit(job.options, job.memory)
    except damage.DAMAGE as problem:
        if not damage.is_of_file(problem):
            raise
        raise _damaged(resolved, store, files, problem) from problem
    table.source_notes = (*notes, *_other_formats(resolved))
    return table


def _without_empty(files: list[FileEntry]) -> tuple[list[FileEntry], tuple[str, ...]]:
    """The files that hold something, and what to say of the others; the first one if none does."""
    filled = [file for file in files if file.size]
    empty = len(files) - len(filled)
    if not filled or not empty:
        return files[:1] if not filled else files, ()
    what = "1 file is empty and was" if empty == 1 else f"{empty:,} files are empty and were"
    return filled, (f"{what} left out.",)


def _other_formats(resolved: ResolvedSource) -> tuple[str, ...]:
    """What to say of a folder that holds tables of other formats too."""
    folder = Path(resolved.location)
    if "://" in resolved.location or not folder.is_dir():
        return ()
    counts = Counter(
        format_of(item.name)
        for item in folder.rglob("*")
        if item.is_file() and _is_visible(item.relative_to(folder))
    )
    others = [
        f"{count:,} {kind}"
        for kind, count in sorted(counts.items(), key=lambda item: str(item[0]))
        if kind not in (None, resolved.format)
    ]
    return (
        (f"Files of other formats in the folder were not read: {', '.join(others)}.",)
        if others
        else ()
    )


def _damaged(
    resolved: ResolvedSource, store: FileStore, files: Sequence[FileEntry], problem: BaseException
) -> Invalid:
    """The error for files of which one cannot be read; it is named if its ends show it."""
    file_format: FileFormat = resolved.format if resolved.format != "database" else "csv"

    def ends(file: FileEntry) -> damage.Ends:
        try:
            source = store.open(file)
            with open_regular(source) if isinstance(source, Path) else source as opened:
                return damage.ends(opened)
        except OSError:
            return damage.Ends(0, b"", b"")

    shown = [(file, ends(file)) for file in files[:_LOOKED_AT]]
    file, own = next((item for item in shown if damage.fault(file_format, item[1])), shown[0])
    name = PurePath(file.path).name
    if len(files) > 1 and not damage.fault(file_format, own):
        name = f"among {len(files):,}"
    return damage.refusal(file_format, name, own, problem)


def _refuse_unreadable(store: FileStore, file: FileEntry) -> None:
    """What is surely no table, whatever its name; above all a pickle, which is a program."""
    source = store.open(file)
    with open_regular(source) if isinstance(source, Path) else source as opened:
        begin = opened.read(_BEGIN_BYTES)
    if begin[:2] in _PICKLES:
        raise Invalid(
            "The file is a pickle, and pickles are never opened.",
            reason="Reading one runs whatever program it holds.",
            remedy="Load it where you trust it, and write it as Parquet.",
        )
    if begin[8:12] == b"DUCK":
        raise Invalid(
            "The file cannot be read.",
            reason="It is a DuckDB database.",
            remedy="Profile its tables as a database.",
        )
    if begin and not begin.strip(b"\0"):
        raise Invalid(
            "The file cannot be read.",
            reason="It begins with nothing but zero bytes, as a file does whose content was lost.",
            remedy="Fetch or write it again.",
        )
    for mark, (what, remedy) in _SIGNATURES.items():
        if begin.startswith(mark):
            raise Invalid("The file cannot be read.", reason=f"It is {what}.", remedy=remedy)


def _open(resolved: ResolvedSource, job: Job, store: FileStore, files: list[FileEntry]) -> Table:
    """Open the files with the reader of their format."""
    size = sum(file.size for file in files)
    scratch = Path(job.scratch)
    if resolved.format == "parquet":
        from orrery_engine.readers.parquet import ParquetTable

        openers = [partial(store.open, file) for file in files]
        return ParquetTable(openers, size, partitions(resolved.location, files))
    paths = [store.local(file, scratch, number) for number, file in enumerate(files)]
    if resolved.format == "csv":
        from orrery_engine.readers.text.table import TextTable

        return TextTable(paths, resolved.reading, job, size, partitions(resolved.location, files))
    if resolved.format == "json":
        from orrery_engine.readers.json.table import JsonTable

        return JsonTable(paths, resolved.reading, job, size, partitions(resolved.location, files))
    if len(paths) > 1:
        raise Invalid(
            f"There are {len(paths)} files of this kind.",
            reason="Of Arrow and Excel one file at a time is read.",
            remedy="Choose one, or keep the data as Parquet.",
        )
    if resolved.format == "excel":
        from orrery_engine.readers.excel import ExcelTable

        return ExcelTable(paths[0], resolved.sheet, resolved.reading, job.memory)
    from orrery_engine.readers.arrow import ArrowTable

    return ArrowTable(paths[0], job.memory)
