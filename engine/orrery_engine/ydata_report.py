"""The full report of fg-data-profiling, as a job: progress while it works, HTML when it is done."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import re
import time
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orrery_engine.readers.base import Table
from orrery_engine.schemas import Options, ResolvedSource
from orrery_wire.errors import BackendUnavailable, Invalid, TimedOut

_CELLS_EXPLORATIVE = 500_000
_CELLS_FULL = 10_000_000
_COLUMNS_FULL = 60
_TITLE = "Full report"

_ANGLE = "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}"
_LONG = 200
_BEGIN = re.compile(
    r"\s*<!doctype[^>]*>(?:\s*<html[^>]*>)?(?:\s*<head[^>]*>)?(?:\s*<meta charset=[^>]*>)?",
    re.IGNORECASE,
)

if TYPE_CHECKING:
    import polars as pl

Progress = Callable[[float], None]


def warm(*, rehearse: bool = False) -> None:
    """Import what the report needs, so that the first one does not wait for it; much is imported on first use only.

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
            install="'jupyter-orrery[lab]'",
        )
    with _silent():
        import data_profiling  # noqa: F401 - what it imports is what takes the time
        from data_profiling.report.presentation.flavours import HTMLReport  # noqa: F401
    if rehearse:
        import pandas as pd

        few = pd.DataFrame({"number": [1.5, 2.5, 4.0], "text": ["a", "b", None]})
        _html(few, {"explorative": True})
        _own_scripts()


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
    resolved: ResolvedSource, options: Options, out: Path, progress: Progress = lambda share: None
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
    if resolved.format not in ("parquet", "csv", "json"):
        raise Invalid(
            f"Spark does not read a source of format {resolved.format}",
            remedy="Choose a file of Parquet, CSV or JSON, or make the report without Spark.",
        )
    with _silent():
        from pyspark.sql import SparkSession

        session = SparkSession.builder.getOrCreate()
        reader = session.read
        if resolved.format == "csv":
            reader = reader.option("header", "true").option("inferSchema", "true")
        frame = _tame_frame(reader.format(resolved.format).load(resolved.location))
    progress(0.05)
    _write(frame, out, {}, progress, until)


def kind(rows: int, columns: int) -> str:
    """``explorative``, ``full`` or ``minimal``: how much the library is asked for, by the table's size."""
    cells = rows * columns
    if columns > _COLUMNS_FULL or cells > _CELLS_FULL:
        return "minimal"
    return "explorative" if cells <= _CELLS_EXPLORATIVE else "full"


def as_pandas(table: Table) -> Any:
    """The table, or its sample, for pandas; a name that is empty or occurs twice gets a number.

    The library puts texts of data into its page as they are, so no text that it gets can begin a tag.
    """
    import pandas as pd

    columns: dict[str, Any] = {}
    for index, name in enumerate(table.names):
        unique = _tame(name)
        if not unique or unique in columns:
            unique = f"{unique} (column {index + 1})".strip()
        while unique in columns:
            unique += "'"
        columns[unique] = _tame_series(table.column(index)).to_pandas()
    return pd.DataFrame(columns, copy=False)


def _tame(text: str) -> str:
    return text.replace("<", _ANGLE)


def _tame_series(series: pl.Series) -> pl.Series:
    """The column without angles; lists and the like as short texts."""
    import polars as pl

    if series.dtype.is_nested() or series.dtype in (pl.Binary, pl.Object):
        texts = [None if value is None else _tame(str(value)[:_LONG]) for value in series]
        return pl.Series(texts, dtype=pl.String)
    named = isinstance(series.dtype, pl.Categorical | pl.Enum)
    texts_only = series.cast(pl.String) if named else series
    if texts_only.dtype != pl.String or not texts_only.str.contains("<", literal=True).any():
        return series
    tame = texts_only.str.replace_all("<", _ANGLE, literal=True)
    return tame.cast(pl.Categorical) if named else tame


def _tame_frame(frame: Any) -> Any:
    """Replace ``<`` in the texts of a DataFrame of Spark."""
    from pyspark.sql import functions

    columns = []
    for name, kind in frame.dtypes:
        column = functions.col("`" + name.replace("`", "``") + "`")
        column = functions.regexp_replace(column, "<", _ANGLE) if kind == "string" else column
        columns.append(column.alias(_tame(name)))
    return frame.select(*columns)


def _write(frame: Any, out: Path, flags: dict[str, bool], progress: Progress, until: float) -> None:
    with _watched(progress, until):
        html = guarded(_html(frame, flags))
    part = out.with_name(out.name + ".part")
    part.write_text(html, encoding="utf-8")
    part.replace(out)
    progress(1.0)


def _html(frame: Any, flags: dict[str, bool]) -> str:
    with _silent():
        from data_profiling import ProfileReport

        return str(ProfileReport(frame, title=_TITLE, progress_bar=False, **flags).to_html())


def guarded(page: str) -> str:
    """The page with a policy that lets only the library's own scripts run, and asks no other host for anything."""
    policy = (
        f"default-src 'none'; script-src {' '.join(_own_scripts())}; style-src 'unsafe-inline';"
        " img-src data:; font-src data:; base-uri 'none'; form-action 'none'"
    )
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    # The page is minified: it may do without the tags of its head.
    result = _BEGIN.match(page)
    begin = result.end() if result else 0
    return page[:begin] + meta + page[begin:]


@cache
def _own_scripts() -> tuple[str, ...]:
    """The hashes of the library's scripts, as they stand in every page of it."""
    import minify_html
    from data_profiling.report.presentation.flavours.html.templates import template

    written = template("wrapper/javascript.html").render(offline=True, inline=True)
    written = minify_html.minify(written, keep_comments=False)
    scripts = re.findall(r"<script>(.*?)</script>", written, re.DOTALL)
    hashes = (hashlib.sha256(item.replace("\r\n", "\n").encode()).digest() for item in scripts)
    return tuple(f"'sha256-{base64.b64encode(item).decode()}'" for item in hashes)


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
    from data_profiling.model.pandas import summary_pandas
    from data_profiling.report.structure import report as structure
    from tqdm import tqdm

    spans = {describe: (0.05, 0.75), structure: (0.75, 0.9), profile_report: (0.9, 0.99)}
    reached = [0.0]

    def tell(share: float) -> None:
        reached[0] = max(reached[0], share)
        progress(reached[0])
        if time.monotonic() > until:
            raise TimedOut(
                "The full report took too long",
                reason="Its time limit was reached.",
                remedy="Give it more time, or look at a sample of the rows.",
            )

    def meter(begin: float, end: float) -> Any:
        class Meter(tqdm):  # type: ignore[misc]
            """Counts, and draws nothing."""

            done = 0

            def update(self, n: float | None = 1) -> None:
                self.done += int(n or 0)
                tell(begin + (end - begin) * min(1.0, self.done / max(self.total or 1, 1)))

        return Meter

    originals = {module: module.tqdm for module in (*spans, summary_pandas)}
    try:
        for module, (begin, end) in spans.items():
            module.tqdm = meter(begin, end)
        # Its bar goes around another one, and knows nothing that the other does not.
        summary_pandas.tqdm = lambda items, **more: items
        yield
    finally:
        for module, former in originals.items():
            module.tqdm = former
