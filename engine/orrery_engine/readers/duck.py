"""How DuckDB reads CSV and JSON: from strict to lenient, with limits on time, room and width."""

from __future__ import annotations

import csv
import gzip
import re
import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from orrery_engine.quoting import sql_name, sql_text
from orrery_engine.schemas import ColumnType, Job
from orrery_wire.errors import Invalid

# What DuckDB says of a file that is not what it was taken for.
REFUSALS = (
    duckdb.InvalidInputException,
    duckdb.ConversionException,
    duckdb.BinderException,
    duckdb.CatalogException,
)
# What pandas takes for missing, too.
_ABSENT = ("", "#N/A", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null")
_MOST_COLUMNS = 20_000
_FIRST_LINE = 16 * 2**20
_LEVELS = 8
_OBJECT = 64 * 2**20
_SPARE = 256 * 2**20
_LINES = 100  # that are looked at to see whether they have the same fields
_SHORT = 2**16
_DELIMITERS = ",;\t|"
_MARKS = re.compile(rb"[,;\t|]")
_GENERATED_NAME = re.compile(r"column\d+|\.\.\.\d+")
_NUMBER = re.compile(rb"[+-]?[0-9.]+")


@dataclass
class ReadAttempt:
    """One attempt at reading: options of DuckDB's reader, and what to say if it works."""

    options: dict[str, str] = field(default_factory=dict)
    note: str = ""


def csv_attempts(path: Path) -> list[ReadAttempt]:
    """From strict to lenient."""
    absent = "[" + ", ".join(sql_text(item) for item in _ABSENT) + "]"
    base = {"nullstr": absent, "max_line_size": str(_FIRST_LINE)}
    line = first_line(path)
    if line[:2] in (b"\xff\xfe", b"\xfe\xff"):
        base["encoding"] = "'utf-16'"
    lenient = {"strict_mode": "false", "null_padding": "true", "sample_size": "-1"}
    if _names(line):
        # Where lines have different lengths, DuckDB does not see which one holds the names.
        lenient["header"] = "true"
    latin = {"encoding": "'latin-1'"}
    return [
        ReadAttempt(base),
        ReadAttempt(base | {"sample_size": "-1"}),
        ReadAttempt(base | lenient, "Some lines have too few or too many fields."),
        ReadAttempt(base | latin | lenient, "The file is no valid UTF-8; it was read as Latin-1."),
        ReadAttempt(
            base | latin | lenient | {"ignore_errors": "true", "all_varchar": "true"},
            "The file is not regular: every column was read as text, and lines that fit nowhere were left out.",
        ),
    ]


def _names(line: bytes) -> bool:
    """Whether a first line seems to hold names: none of its fields is a number, and it is no comment."""
    fields = [item.strip() for item in _MARKS.split(line)]
    return line[:1] != b"#" and not any(_NUMBER.fullmatch(item) for item in fields)


def made_up(names: Sequence[str]) -> bool:
    """Whether all names are DuckDB's own."""
    return all(_GENERATED_NAME.fullmatch(name) for name in names)


def refuse_lost_names(path: Path, names: Sequence[str]) -> None:
    """DuckDB drops the first lines without a word if later ones have another number of fields.

    Raises:
        duckdb.InvalidInputException: it did.
    """
    if made_up(names) and _names(first_line(path)):
        raise duckdb.InvalidInputException("Not all lines have as many fields as the first one.")


def unsplit(path: Path, names: Sequence[str]) -> str:
    """What to say where DuckDB takes whole lines for values though the first one looks like several names.

    Raises:
        duckdb.InvalidInputException: most lines have as many fields as the first one, so that a lenient way splits them.
    """
    lines = _beginning(path)
    if len(names) != 1 or len(lines) < 2 or lines[0] != names[0]:
        return ""
    mark = max(_DELIMITERS, key=lines[0].count)
    try:
        fields = [len(item) for item in csv.reader(lines, delimiter=mark)]
    except csv.Error:
        return ""
    if fields[0] < 2:
        return ""
    alike = fields.count(fields[0]) - 1
    if alike * 2 >= len(fields) - 1:
        raise duckdb.InvalidInputException("Not all lines have as many fields as the first one.")
    return "Each line was read as one value: the lines do not have the same number of fields."


def width(path: Path) -> int:
    """The fields of the first line of a CSV file."""
    line = first_line(path)
    return max(line.count(mark.encode()) for mark in _DELIMITERS) + 1


def _beginning(path: Path) -> list[str]:
    """The first lines, unpacked; what is no text is none."""
    with gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb") as file:
        lines = [file.readline(_SHORT) for _ in range(_LINES)]
    try:
        return [line.decode("utf-8-sig").rstrip("\r\n") for line in lines if line]
    except UnicodeDecodeError:
        return []


def json_attempts() -> list[ReadAttempt]:
    """From strict to lenient."""
    base = {"maximum_depth": str(_LEVELS), "maximum_object_size": str(_OBJECT)}
    return [
        ReadAttempt(base | {"sample_size": "20480"}),
        ReadAttempt(base | {"sample_size": "-1"}),
        ReadAttempt(
            base | {"sample_size": "-1", "format": "'newline_delimited'", "ignore_errors": "true"},
            "Some lines are no JSON: they count as rows without values.",
        ),
        ReadAttempt(
            base | {"records": "false", "columns": "{value: 'JSON'}"},
            "The values are no records of one kind; each is one value.",
        ),
    ]


def first_line(path: Path) -> bytes:
    """The beginning of the first line, unpacked."""
    if path.suffix.lower() == ".gz":
        with gzip.open(path, "rb") as packed:
            return packed.readline(_FIRST_LINE)
    with path.open("rb") as plain:
        return plain.readline(_FIRST_LINE)


def refuse_wide(path: Path) -> None:
    """So many columns that reading them would take hours."""
    try:
        line = first_line(path)
    except (OSError, EOFError) as problem:
        raise Invalid(
            "The packed file is damaged.", reason=str(problem), remedy="Fetch it again."
        ) from problem
    most = max(line.count(mark.encode()) for mark in _DELIMITERS) + 1
    if most > _MOST_COLUMNS:
        raise Invalid(
            f"The first line has {most:,} columns.",
            reason=f"At most {_MOST_COLUMNS:,} columns of a CSV file can be profiled.",
            remedy="Turn the table so that these are rows, or keep it as Parquet.",
        )


def connected(job: Job) -> duckdb.DuckDBPyConnection:
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


def call(format: str, files: Sequence[Path], attempt: ReadAttempt) -> str:
    """The call of DuckDB's reader; paths are ours and quoted, options are constants."""
    reader = "read_csv" if format == "csv" else "read_json"
    options = dict(attempt.options)
    if len(files) > 1:
        options["union_by_name"] = "true"
    if files[0].suffix in (".gz", ".zst"):
        options["compression"] = "'gzip'" if files[0].suffix == ".gz" else "'zstd'"
    paths = "[" + ", ".join(sql_text(str(file)) for file in files) + "]"
    return f"{reader}({paths}, {', '.join(f'{key} = {text}' for key, text in options.items())})"


def query(called: str, names: Sequence[str], dtypes: Sequence[str]) -> str:
    """A query for all columns of the source ``called``; each is named by its index."""
    return f"SELECT {_columns(names, dtypes)} FROM {called}"  # noqa: S608 - names and paths are quoted


def _columns(names: Sequence[str], dtypes: Sequence[str]) -> str:
    """The select list of all columns; JSON without a type of its own is read as text."""
    selections = []
    for place, (name, dtype) in enumerate(zip(names, dtypes, strict=True)):
        column = sql_name(name)
        selections.append(f'{column + "::VARCHAR" if dtype == "JSON" else column} AS "{place}"')
    return ", ".join(selections)


def copied(connection: duckdb.DuckDBPyConnection, query: str, out: Path, seconds: float) -> bool:
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


def header(path: Path, attempt: ReadAttempt, names: Sequence[str]) -> Sequence[str]:
    """The names as they stand in the file: DuckDB makes different ones of equal ones."""
    encoding = attempt.options.get("encoding", "'utf-8'").strip("'")
    try:
        text = first_line(path).decode(encoding).lstrip("\ufeff").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        return names
    for mark in _DELIMITERS:
        if mark not in text:
            continue
        try:
            result = next(csv.reader([text], delimiter=mark), [])
        except csv.Error:
            continue
        if len(result) == len(names) and _renamed(result, names):
            return result
    return names


def _renamed(read_names: Sequence[str], names: Sequence[str]) -> bool:
    """Whether DuckDB's names are the found ones, made different."""
    return all(
        name == own or not own.strip() or name.lower().startswith(own.strip().lower())
        for own, name in zip(read_names, names, strict=True)
    )


def refuse_void(connection: duckdb.DuckDBPyConnection, out: Path, dtypes: Sequence[str]) -> None:
    """A line that is no JSON is a row without values to DuckDB; so is every line of what is no JSON at all.

    Raises:
        duckdb.InvalidInputException: there are rows, but not one value.
    """
    counted = ", ".join(f'count("{place}")' for place in range(len(dtypes)))
    result = connection.execute(
        f"SELECT count(*), {counted} FROM read_parquet({sql_text(str(out))})"  # noqa: S608 - a path of ours
    ).fetchone()
    if result and result[0] and not any(result[1:]):
        raise duckdb.InvalidInputException("No line is JSON with a value.")


def json_types(
    connection: duckdb.DuckDBPyConnection, out: Path, dtypes: Sequence[str]
) -> dict[int, ColumnType]:
    """Columns of JSON whose values are of several kinds are mixed; of one kind, nested."""
    result: dict[int, ColumnType] = {}
    for place, dtype in enumerate(dtypes):
        if dtype != "JSON":
            continue
        kinds: list[Any] = connection.execute(
            f'SELECT DISTINCT json_type("{place}") FROM read_parquet({sql_text(str(out))})'  # noqa: S608 - a path of ours
            f' WHERE "{place}" IS NOT NULL'
        ).fetchall()
        result[place] = "mixed" if len(kinds) > 1 else "text"
    return result
