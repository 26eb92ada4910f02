"""Code for a cell that loads a table, shows a part of it, or applies the quick fix of an alert."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from orrery_engine.codegen import arrow, pandas, polars, relations, spark
from orrery_engine.codegen.base import CodeTarget, Writer
from orrery_engine.codegen.loading import load
from orrery_engine.codegen.quick_fixes import fixes
from orrery_engine.schemas import Alert, Code, CodeIn, ColumnProfile, Dialect, SourceIn
from orrery_wire.errors import Invalid, NotFound

__all__ = ["write"]

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
    location: str = "",
) -> Code:
    """The code that was asked for. It parses, and holds names and values of data as literals only.

    Args:
        asked: what to write.
        source: where the table is.
        columns: every column of it, as far as known.
        alerts: those of the run, to find the one to be fixed.
        location: where the kernel finds the source, if not where the source says.

    Raises:
        NotFound: there is no such column, alert or quick fix.
        Invalid: the dialect or the column's type has nothing like it.
    """
    if request.what == "load":
        result = source if not location else source.model_copy(update={"location": location})
        return Code(code=load(result, request.dialect, request.frame))
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


def _fix(
    request: CodeIn,
    writer: Writer,
    columns: Sequence[ColumnProfile],
    alerts: Iterable[Alert],
    source: SourceIn,
) -> str:
    alert = next((alert for alert in alerts if alert.id == request.alert), None)
    if alert is None:
        raise NotFound("There is no such alert in this run", reason=f"Its id is {request.alert!r}.")
    number = alert.columns[0] if alert.columns else None
    target = _target(request, columns, source, number)
    column = target.column
    pattern = column.text.looks_like if column and column.text else ""
    offered = fixes(alert.code, column.type if column else None, pattern, many=len(alert.columns))
    if request.fix >= len(offered):
        raise NotFound("The alert has no such quick fix", reason=f"It offers {len(offered)}.")
    fix = offered[request.fix]
    if fix in ("drop_others", "drop_columns"):
        places = alert.columns if fix == "drop_columns" else alert.columns[1:]
        if not places:
            raise Invalid("This alert is about one column only", remedy="Choose another quick fix.")
        dropped = tuple(column for column in columns if column.index in places)
        target = replace(target, column=dropped[0], dropped=dropped)
        fix = "drop_columns" if dropped[1:] else "drop_column"
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
