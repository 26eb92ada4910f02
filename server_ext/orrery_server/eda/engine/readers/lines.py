"""CSV and JSON: read once by DuckDB into Parquet in the scratch folder, then column by column from there."""

from __future__ import annotations

import csv
import gzip
import shutil
import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from orrery_server.eda.engine import sampling
from orrery_server.eda.engine.readers.parquet import ParquetTable
from orrery_server.eda.quoting import sql_name, sql_text
from orrery_server.eda.schemas import ColumnType, Job
from orrery_server.errors import Invalid

# What pandas takes for missing, too.
_ABSENT = ("", "#N/A", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null")
_MOST_COLUMNS = 20_000
_FIRST_LINE = 16 * 2**20
_SHARE = 0.45  # Of the budget of time, before only the first rows are read.
_CUT_CELLS = 20_000_000
_LEVELS = 8
_OBJECT = 64 * 2**20
_SPARE = 256 * 2**20


@dataclass
class Way:
    """One attempt at reading: options of DuckDB's reader, and what to say if it works."""

    options: dict[str, str] = field(default_factory=dict)
    note: str = ""


class LinesTable(ParquetTable):
    """What DuckDB read; the names and types are those of the source."""

    def __init__(self, path: Path, size: int) -> None:
        super().__init__([lambda: path], size)
        self._path = path

    def retold(
        self, names: Sequence[str], dtypes: Sequence[str], types: dict[int, ColumnType]
    ) -> None:
        """Say what the source says."""
        self.names, self.dtypes = tuple(names), tuple(dtypes)
        self.types = tuple(types.get(place, one) for place, one in enumerate(self.types))

    def close(self) -> None:
        super().close()
        self._path.unlink(missing_ok=True)


class _Nothing(ParquetTable):
    """A file without a column."""

    def __init__(self) -> None:
        self.bytes = 0
        self._files, self._metadata = [], {}
        self._local = threading.local()
        self._describe([], [])


def open_lines(format: str, paths: Sequence[Path], job: Job, size: int) -> ParquetTable:
    """The table that some files of text make.

    Raises:
        Invalid: DuckDB cannot make rows of them.
    """
    if not any(path.stat().st_size for path in paths):
        return _Nothing()
    scratch = Path(job.scratch)
    linked = _links(paths, scratch)
    try:
        attempts = _csv_ways(paths[0]) if format == "csv" else _json_ways()
        if format == "csv":
            _refuse_wide(paths[0])
        return _first_that_works(format, linked, attempts, job, size)
    finally:
        for one in linked:
            one.unlink(missing_ok=True)


def _links(paths: Sequence[Path], scratch: Path) -> list[Path]:
    """The files under names in which nothing is a pattern or tells of the person."""
    linked = []
    for path in paths:
        pack = path.suffix.lower() if path.suffix.lower() in (".gz", ".zst") else ""
        link = scratch / f"in-{uuid.uuid4().hex}{pack}"
        link.symlink_to(path.resolve())
        linked.append(link)
    return linked


def _opened(path: Path) -> bytes:
    """The beginning of the first line, unpacked."""
    if path.suffix.lower() == ".gz":
        with gzip.open(path, "rb") as packed:
            return packed.readline(_FIRST_LINE)
    with path.open("rb") as plain:
        return plain.readline(_FIRST_LINE)


def _refuse_wide(path: Path) -> None:
    """So many columns that reading them would take hours."""
    try:
        line = _opened(path)
    except (OSError, EOFError) as problem:
        raise Invalid(
            "The packed file is damaged.", reason=str(problem), remedy="Fetch it again."
        ) from problem
    most = max(line.count(mark) for mark in (b",", b";", b"\t", b"|")) + 1
    if most > _MOST_COLUMNS:
        raise Invalid(
            f"The first line has {most:,} columns.",
            reason=f"At most {_MOST_COLUMNS:,} columns of a CSV file can be profiled.",
            remedy="Turn the table so that these are rows, or keep it as Parquet.",
        )


def _csv_ways(path: Path) -> list[Way]:
    """From strict to lenient."""
    absent = "[" + ", ".join(sql_text(one) for one in _ABSENT) + "]"
    base = {"nullstr": absent, "max_line_size": str(_FIRST_LINE)}
    begin = path.open("rb").read(2) if path.suffix.lower() not in (".gz", ".zst") else b""
    if begin in (b"\xff\xfe", b"\xfe\xff"):
        base["encoding"] = "'utf-16'"
    lenient = {"strict_mode": "false", "null_padding": "true", "sample_size": "-1"}
    latin = {"encoding": "'latin-1'"}
    return [
        Way(base),
        Way(base | {"sample_size": "-1"}),
        Way(base | lenient, "Some lines have too few or too many fields."),
        Way(base | latin | lenient, "The file is no valid UTF-8; it was read as Latin-1."),
        Way(
            base | latin | lenient | {"ignore_errors": "true", "all_varchar": "true"},
            "The file is not regular: every column was read as text, and lines that fit nowhere were left out.",
        ),
    ]


def _json_ways() -> list[Way]:
    """From strict to lenient."""
    base = {"maximum_depth": str(_LEVELS), "maximum_object_size": str(_OBJECT)}
    return [
        Way(base | {"sample_size": "20480"}),
        Way(base | {"sample_size": "-1"}),
        Way(
            base | {"sample_size": "-1", "format": "'newline_delimited'", "ignore_errors": "true"},
            "Lines that are no JSON were left out.",
        ),
        Way(
            base | {"records": "false", "columns": "{value: 'JSON'}"},
            "The values are no records of one kind; each is one value.",
        ),
    ]


def _first_that_works(
    format: str, linked: Sequence[Path], ways: Sequence[Way], job: Job, size: int
) -> ParquetTable:
    problems = []
    for way in ways:
        with _connected(job) as connection:
            try:
                return _read(connection, format, linked, way, job, size)
            except (duckdb.InvalidInputException, duckdb.ConversionException) as problem:
                problems.append(problem)
            except (duckdb.BinderException, duckdb.CatalogException) as problem:
                problems.append(problem)
    said = [line for line in str(problems[0]).splitlines() if line.strip()]
    raise Invalid(
        f"The {format.upper()} could not be read.",
        reason=_without(" ".join(said[:3]), linked),
        remedy="Check that it is whole and that its lines have the same fields.",
    )


def _without(text: str, linked: Sequence[Path]) -> str:
    for one in linked:
        text = text.replace(str(one), "the file")
    return text


def _connected(job: Job) -> duckdb.DuckDBPyConnection:
    """DuckDB that loads nothing from elsewhere and spills into the scratch folder."""
    scratch = Path(job.scratch)
    return duckdb.connect(
        config={
            "memory_limit": f"{max(job.memory // 3, 256 * 2**20) // 2**20}MiB",
            "temp_directory": str(scratch / "spill"),
            "threads": "2",
            "autoinstall_known_extensions": "false",
            "preserve_insertion_order": "true",
        }
    )


def _read(
    connection: duckdb.DuckDBPyConnection,
    format: str,
    linked: Sequence[Path],
    way: Way,
    job: Job,
    size: int,
) -> ParquetTable:
    """The files as Parquet; the first rows only, if all take too long or too much room."""
    reader = "read_csv" if format == "csv" else "read_json"
    options = dict(way.options)
    if len(linked) > 1:
        options["union_by_name"] = "true"
    if linked[0].suffix in (".gz", ".zst"):
        options["compression"] = "'gzip'" if linked[0].suffix == ".gz" else "'zstd'"
    files = "[" + ", ".join(sql_text(str(one)) for one in linked) + "]"
    call = f"{reader}({files}, {', '.join(f'{key} = {said}' for key, said in options.items())})"
    described = connection.execute(f"DESCRIBE SELECT * FROM {call}").fetchall()
    names, dtypes = [row[0] for row in described], [row[1] for row in described]
    query = f"SELECT {_columns(names, dtypes)} FROM {call}"  # noqa: S608 - names and paths are quoted
    out = Path(job.scratch) / f"read-{uuid.uuid4().hex}.parquet"
    whole = _copied(connection, query, out, job.options.seconds * _SHARE)
    if not whole:
        limit = max(10_000, _CUT_CELLS // max(1, len(names)))
        _copied(connection, f"{query} LIMIT {limit}", out, job.options.seconds)
    table = LinesTable(out, size)
    real = _header(linked[0], way, names) if format == "csv" else names
    table.retold(real, dtypes, _json_types(connection, out, dtypes))
    table.notes += (way.note,) if way.note else ()
    if not whole:
        table.sampling = sampling.state(
            table.rows or 0, None, "The first rows: reading all of them would exceed the budget."
        )
        table.rows = None
    return table


def _columns(names: Sequence[str], dtypes: Sequence[str]) -> str:
    """All columns; JSON of no single kind as text."""
    told = []
    for place, (name, dtype) in enumerate(zip(names, dtypes, strict=True)):
        column = sql_name(name)
        told.append(f'{column + "::VARCHAR" if dtype == "JSON" else column} AS "{place}"')
    return ", ".join(told)


def _copied(connection: duckdb.DuckDBPyConnection, query: str, out: Path, seconds: float) -> bool:
    """Write the rows; false if it was stopped because of the time or the room."""
    stopped = threading.Event()

    def stop() -> None:
        stopped.set()
        connection.interrupt()

    watch = _Watch(out.parent, seconds, stop)
    watch.start()
    try:
        connection.execute(f"COPY ({query}) TO {sql_text(str(out))} (FORMAT parquet)")
    except duckdb.InterruptException:
        out.unlink(missing_ok=True)
        if not stopped.is_set():
            raise
        return False
    finally:
        watch.over.set()
        watch.join()
    return True


class _Watch(threading.Thread):
    """Stops a copy when the time is over or the disk is nearly full."""

    def __init__(self, folder: Path, seconds: float, stop: Callable[[], None]) -> None:
        super().__init__(daemon=True, name="copy watch")
        self.over = threading.Event()
        self._folder, self._left, self._stop = folder, seconds, stop

    def run(self) -> None:
        while not self.over.wait(0.2):
            self._left -= 0.2
            if self._left <= 0 or shutil.disk_usage(self._folder).free < _SPARE:
                self._stop()
                return


def _header(path: Path, way: Way, names: Sequence[str]) -> Sequence[str]:
    """The names as they stand in the file: DuckDB makes different ones of equal ones."""
    encoding = way.options.get("encoding", "'utf-8'").strip("'")
    try:
        text = _opened(path).decode(encoding).lstrip("\ufeff").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        return names
    for mark in ",;\t|":
        if mark not in text:
            continue
        try:
            found = next(csv.reader([text], delimiter=mark), [])
        except csv.Error:
            continue
        if len(found) == len(names) and _renamed(found, names):
            return found
    return names


def _renamed(found: Sequence[str], names: Sequence[str]) -> bool:
    """Whether DuckDB's names are the found ones, made different."""
    return all(
        name == own or not own.strip() or name.lower().startswith(own.strip().lower())
        for own, name in zip(found, names, strict=True)
    )


def _json_types(
    connection: duckdb.DuckDBPyConnection, out: Path, dtypes: Sequence[str]
) -> dict[int, ColumnType]:
    """Columns of JSON whose values are of several kinds are mixed; of one kind, nested."""
    found: dict[int, ColumnType] = {}
    for place, dtype in enumerate(dtypes):
        if dtype != "JSON":
            continue
        kinds: list[Any] = connection.execute(
            f'SELECT DISTINCT json_type("{place}") FROM read_parquet({sql_text(str(out))})'  # noqa: S608 - a path of ours
            f' WHERE "{place}" IS NOT NULL'
        ).fetchall()
        found[place] = "mixed" if len(kinds) > 1 else "text"
    return found
