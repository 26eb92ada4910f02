"""DuckDB as a reader: how it reads JSON, from strict to lenient, and how rows are written within limits of time and room."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from orrery_engine.quoting import sql_name, sql_text
from orrery_engine.schemas import ColumnType, Job

# What DuckDB says of a file that is not what it was taken for.
REFUSALS = (
    duckdb.InvalidInputException,
    duckdb.ConversionException,
    duckdb.BinderException,
    duckdb.CatalogException,
)
_LEVELS = 8
_OBJECT = 64 * 2**20
_SPARE = 256 * 2**20


@dataclass
class ReadAttempt:
    """One attempt at reading: options of DuckDB's reader, and what to say if it works."""

    options: dict[str, str] = field(default_factory=dict)
    note: str = ""


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


def call(files: Sequence[Path], attempt: ReadAttempt) -> str:
    """The call of DuckDB's reader of JSON; paths are ours and quoted, options are constants."""
    options = dict(attempt.options)
    if len(files) > 1:
        options["union_by_name"] = "true"
    if files[0].suffix in (".gz", ".zst"):
        options["compression"] = "'gzip'" if files[0].suffix == ".gz" else "'zstd'"
    paths = "[" + ", ".join(sql_text(str(file)) for file in files) + "]"
    return f"read_json({paths}, {', '.join(f'{key} = {text}' for key, text in options.items())})"


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
