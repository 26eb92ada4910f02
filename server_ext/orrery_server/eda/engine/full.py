"""The full report of fg-data-profiling, as a job: progress while it works, HTML when it is done."""

from __future__ import annotations

import contextlib
import os
import time
import warnings
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from orrery_server.eda.engine.readers.base import Table
from orrery_server.eda.schemas import Opening, Options
from orrery_server.errors import BackendUnavailable, Invalid, TimedOut

_CELLS_EXPLORATIVE = 500_000
_CELLS_FULL = 10_000_000
_COLUMNS_FULL = 60
_TITLE = "Full report"

Progress = Callable[[float], None]


def warm() -> None:
    """Import what the report needs, so that the first one does not wait for it.

    Raises:
        BackendUnavailable: it is not installed.
    """
    # The library would tell its makers about every report.
    os.environ["YDATA_PROFILING_NO_ANALYTICS"] = "1"
    os.environ.setdefault("MPLBACKEND", "Agg")
    if find_spec("data_profiling") is None:
        raise BackendUnavailable(
            "The full report cannot be made here",
            reason="fg-data-profiling is not installed.",
            install="fg-data-profiling",
        )
    with _silent():
        import data_profiling  # noqa: F401 - what it imports is what takes the time
        from data_profiling.report.presentation.flavours import HTMLReport  # noqa: F401


def report(
    table: Table, options: Options, out: Path, progress: Progress = lambda share: None
) -> None:
    """Write the report of a table to ``out``, when it is complete and not before.

    Small tables get the library's explorative report, large or wide ones its minimal one.

    Raises:
        BackendUnavailable: the library is not installed.
        Invalid: the table has nothing to report on.
        TimedOut: it took longer than ``options.seconds``; looked at between the library's steps.
    """
    until = time.monotonic() + options.seconds
    warm()
    if not table.names or table.rows == 0:
        raise Invalid(
            "There is nothing to report on",
            reason="The table has no rows, or no columns.",
            remedy="Choose a table with data.",
        )
    progress(0.01)
    frame = as_pandas(table)
    progress(0.05)
    mode = kind(len(frame), len(table.names))
    flags = {"minimal": mode == "minimal", "explorative": mode == "explorative"}
    _write(frame, out, flags, progress, until)


def cluster(
    opening: Opening, options: Options, out: Path, progress: Progress = lambda share: None
) -> None:
    """Write the report of a file by Spark, for tables that no single machine holds.

    The session is the one that the environment describes (``SPARK_REMOTE``, ``spark-defaults.conf``).

    Raises:
        BackendUnavailable: pyspark is not installed.
        Invalid: Spark does not read such a source.
        TimedOut: as for ``report``.
    """
    until = time.monotonic() + options.seconds
    if find_spec("pyspark") is None:
        raise BackendUnavailable(
            "The report cannot be made by Spark here",
            reason="pyspark is not installed.",
            install="pyspark",
        )
    warm()
    if opening.format not in ("parquet", "csv", "json"):
        raise Invalid(
            f"Spark does not read a source of format {opening.format}",
            remedy="Choose a file of Parquet, CSV or JSON, or make the report without Spark.",
        )
    with _silent():
        from pyspark.sql import SparkSession

        session = SparkSession.builder.getOrCreate()
        reader = session.read
        if opening.format == "csv":
            reader = reader.option("header", "true").option("inferSchema", "true")
        frame = reader.format(opening.format).load(opening.location)
    progress(0.05)
    _write(frame, out, {}, progress, until)


def kind(rows: int, columns: int) -> str:
    """``explorative``, ``full`` or ``minimal``: how much the library is asked for, by the table's size."""
    cells = rows * columns
    if columns > _COLUMNS_FULL or cells > _CELLS_FULL:
        return "minimal"
    return "explorative" if cells <= _CELLS_EXPLORATIVE else "full"


def as_pandas(table: Table) -> Any:
    """The table, or its sample, for pandas; a name that is empty or occurs twice gets a number."""
    import pandas as pd

    columns: dict[str, Any] = {}
    for index, name in enumerate(table.names):
        unique = name if name and name not in columns else f"{name} (column {index + 1})".strip()
        while unique in columns:
            unique += "'"
        columns[unique] = table.column(index).to_pandas()
    return pd.DataFrame(columns, copy=False)


def _write(frame: Any, out: Path, flags: dict[str, bool], progress: Progress, until: float) -> None:
    with _silent(), _watched(progress, until):
        from data_profiling import ProfileReport

        made = ProfileReport(frame, title=_TITLE, progress_bar=False, **flags)
        html = str(made.to_html())
    part = out.with_name(out.name + ".part")
    part.write_text(html, encoding="utf-8")
    part.replace(out)
    progress(1.0)


@contextlib.contextmanager
def _silent() -> Iterator[None]:
    """What the library warns of is about itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def _watched(progress: Progress, until: float) -> Iterator[None]:
    """The library counts its steps for a progress bar; count them instead, and stop when the time is over."""
    from data_profiling import profile_report
    from data_profiling.model import describe
    from data_profiling.report.structure import report as structure
    from tqdm import tqdm

    spans = {describe: (0.05, 0.75), structure: (0.75, 0.9), profile_report: (0.9, 0.99)}

    def meter(begin: float, end: float) -> type[Any]:
        class Meter(tqdm):  # type: ignore[misc, type-arg, unused-ignore]
            """Counts, and draws nothing."""

            done = 0

            def update(self, n: float | None = 1) -> bool | None:
                self.done += int(n or 0)
                share = min(1.0, self.done / max(self.total or 1, 1))
                progress(begin + (end - begin) * share)
                if time.monotonic() > until:
                    raise TimedOut(
                        "The full report took too long",
                        reason="Its time limit was reached.",
                        remedy="Give it more time, or look at a sample of the rows.",
                    )
                return None

        return Meter

    kept = {module: module.tqdm for module in spans}
    try:
        for module, (begin, end) in spans.items():
            module.tqdm = meter(begin, end)
        yield
    finally:
        for module, former in kept.items():
            module.tqdm = former
