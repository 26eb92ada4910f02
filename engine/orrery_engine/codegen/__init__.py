"""Code for a cell that loads a table, shows a part of it, or applies the quick fix of an alert."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from orrery_engine.codegen import arrow, pandas, polars, relations, spark
from orrery_engine.codegen.base import CodeTarget, Writer
from orrery_engine.codegen.quick_fixes import Fix, fixes
from orrery_engine.schemas import Alert, Code, CodeIn, ColumnProfile, Dialect, SourceIn
from orrery_wire.errors import Invalid, NotFound

__all__ = ["chosen_fix", "write"]

_WRITERS: Mapping[Dialect, Writer] = {
    "pandas": pandas.WRITER,
    "polars": polars.WRITER,
    "pyarrow": arrow.WRITER,
    "duckdb": relations.DUCKDB,
    "spark": spark.WRITER,
    "sql": relations.SQL,
}


def write(
    request: CodeIn,
    source: SourceIn,
    columns: Sequence[ColumnProfile],
    alerts: Iterable[Alert] = (),
) -> Code:
    """Code that shows or repairs a part of a table. It parses, and holds names and values of data as literals only.

    ``offers.offer`` runs it before it is shown to anybody, and writes what loads a source.

    Args:
        request: what to write.
        source: where the table is.
        columns: every column of it, as far as known.
        alerts: those of the run, to find the one to be fixed.

    Raises:
        NotFound: there is no such column, alert or quick fix.
        Invalid: the dialect or the column's type has nothing like it.
    """
    writer = _WRITERS[request.dialect]
    if request.what == "fix":
        return Code(code=_fix(request, writer, columns, alerts, source))
    if request.what == "statistic":
        if request.statistic is None:
            raise Invalid(
                "No statistic was named", remedy="Say which statistic the code should show."
            )
        target = _target(request, columns, source, request.column)
        return Code(code=writer.statistic(target, request.statistic))
    target = _target(request, columns, source, request.column)
    if target.column is None:
        raise Invalid("No column was named", remedy="Say which column the code should show.")
    code = writer.value(target, request.value) if request.what == "value" else writer.show(target)
    return Code(code=code)


def chosen_fix(
    request: CodeIn, columns: Sequence[ColumnProfile], alerts: Iterable[Alert]
) -> tuple[Fix, tuple[int, ...]]:
    """The quick fix that is asked for, and the indices of the columns that it changes or drops.

    Raises:
        NotFound: there is no such alert, or it has no such quick fix.
        Invalid: it drops other columns than the first, and there are none.
    """
    alert = next((alert for alert in alerts if alert.id == request.alert), None)
    if alert is None:
        raise NotFound("There is no such alert in this run", reason=f"Its id is {request.alert!r}.")
    column = next((item for item in columns if item.index in alert.columns[:1]), None)
    pattern = column.text.looks_like if column and column.text else ""
    offered = fixes(alert.code, column.type if column else None, pattern, many=len(alert.columns))
    if request.fix >= len(offered):
        raise NotFound("The alert has no such quick fix", reason=f"It offers {len(offered)}.")
    fix = offered[request.fix]
    if fix not in ("drop_others", "drop_columns"):
        return fix, alert.columns[:1]
    places = alert.columns if fix == "drop_columns" else alert.columns[1:]
    if not places:
        raise Invalid("This alert is about one column only", remedy="Choose another quick fix.")
    return ("drop_columns" if places[1:] else "drop_column"), places


def _fix(
    request: CodeIn,
    writer: Writer,
    columns: Sequence[ColumnProfile],
    alerts: Iterable[Alert],
    source: SourceIn,
) -> str:
    fix, places = chosen_fix(request, columns, alerts)
    target = _target(request, columns, source, places[0] if places else None)
    if fix in ("drop_columns", "drop_column"):
        dropped = tuple(column for column in columns if column.index in places)
        target = replace(target, dropped=dropped)
    return writer.fix(target, fix)


def _target(
    request: CodeIn, columns: Sequence[ColumnProfile], source: SourceIn, number: int | None
) -> CodeTarget:
    column = None
    if number is not None:
        column = next((column for column in columns if column.index == number), None)
        if column is None:
            raise NotFound("There is no such column in this run", reason=f"Its index is {number}.")
    return CodeTarget(
        frame=request.frame, columns=tuple(columns), column=column, table=source.table
    )
