"""B16: reading text, and what it costs to compare what was read with what is there."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.csv

from orrery_engine.readers.text import sniffing, strays, tallies
from orrery_engine.readers.text.absent import ABSENT, AbsentWords
from orrery_engine.schemas import ReaderOptions
from tests.bench.method import SEED, Goal, Result, Sample, finish, median
from tests.bench.profile import columns, ours

ROWS = 1_000_000
COLUMNS = 10
SAMPLES = 5
BEGINNING = 1 << 20
WHOLE, GUARD, PEER = "Orrery, CSV", "the guard alone", "DuckDB read_csv (peer)"


def write(path: Path, rows: int = ROWS) -> Path:
    """The table of the profile's bench, as text."""
    pyarrow.csv.write_csv(pa.table(columns(rows, COLUMNS, SEED)), path)
    return path


def staged(path: Path) -> Path:
    """The texts as the reader keeps them, under the names of their places."""
    out = path.with_name("staged.parquet")
    table = pyarrow.csv.read_csv(path)
    names = [str(place) for place in range(table.num_columns)]
    with duckdb.connect() as connection:
        connection.register("texts", table.rename_columns(names))
        connection.execute(f"COPY texts TO '{out}' (FORMAT parquet)")
    return out


def guard(path: Path, written: Path) -> Sample:
    """Counting the records, and the search for words that stand for missing values and for rows that are no data."""
    with path.open(encoding="utf-8") as file:
        dialect = sniffing.sniff(file.read(BEGINNING), False, ReaderOptions())
    begun = time.perf_counter()
    count = tallies.count(path, dialect)
    AbsentWords(ABSENT).search(path, dialect)
    with duckdb.connect(config={"threads": "2"}) as connection:
        strays.of_table(connection, written, dialect.names, True, whole=True)
    milliseconds = (time.perf_counter() - begun) * 1000
    if count != ROWS:
        raise RuntimeError(f"{count} records were counted")
    return {"ms": milliseconds}


def peer(path: Path) -> Sample:
    """The same file by DuckDB's own reader, written as Parquet."""
    out = path.with_suffix(".parquet")
    begun = time.perf_counter()
    with duckdb.connect(config={"threads": "2"}) as connection:
        connection.execute(f"COPY (SELECT * FROM read_csv('{path}')) TO '{out}' (FORMAT parquet)")
    milliseconds = (time.perf_counter() - begun) * 1000
    out.unlink()
    return {"ms": milliseconds}


def run(*, force: bool, load: float) -> Result:
    """Measure."""
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / "usual.csv")
        written = staged(path)
        sides = {
            WHOLE: lambda: ours(path, COLUMNS),
            GUARD: lambda: guard(path, written),
            PEER: lambda: peer(path),
        }
        series = {name: [dict(side()) for _ in range(SAMPLES)] for name, side in sides.items()}
    return finish(
        Result(
            "reading",
            "B16 Reading text",
            f"CSV of {ROWS:,} rows and {COLUMNS} columns from a fixed seed. The profile is that of a new process in which"
            " everything is imported before the clock starts. The guard counts the records without a parser, and looks"
            " for words that stand for missing values and for rows that are no data; its time is within that of the profile.",
            series,
            [
                Goal("share of the guard in a profile", median(series[GUARD]) / median(series[WHOLE]), 0.1, ""),
            ],
        ),
        force=force,
        load=load,
    )  # fmt: skip
