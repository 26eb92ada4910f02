"""Runs code on data before it is offered, in the worker process, and says how its result differs from what was read."""

from __future__ import annotations

import ast
import json
import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from orrery_engine import patterns
from orrery_engine.readers import duck
from orrery_engine.schemas import ColumnType, Dialect
from orrery_engine.stats.values import column_type

_EXACT: frozenset[ColumnType] = frozenset({"integer", "float", "decimal"})
_TEXTS: frozenset[ColumnType] = frozenset({"text", "category"})
_TIMES: frozenset[ColumnType] = frozenset({"date", "datetime"})
_CLOSE = 1e-9  # relative distance of two ways to read the same digits
_DAY = pl.Datetime("us")
_NUMBERS = (int, float, Decimal)


@dataclass(frozen=True)
class Table:
    """A table as a list of columns: names may occur twice."""

    names: tuple[str, ...]
    columns: tuple[pl.Series, ...]

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(self.columns[0]) if self.columns else 0


class RowNamesError(ValueError):
    """A dataframe of pandas took a column for the names of its rows."""


@dataclass(frozen=True)
class Difference:
    """How the result of code differs from what was read; without any it is what was read.

    Attributes:
        error: what the code raised.
        rows: the number of rows, if it is another one.
        names: whether names or the number of columns are others.
        columns: places of columns with other values or of another type.
    """

    error: str = ""
    rows: int | None = None
    names: bool = False
    columns: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.error or self.names or self.columns or self.rows is not None)

    def text(self, names: Sequence[str]) -> str:
        """The same for a person."""
        if self.error:
            return f"It fails: {self.error}."
        if self.rows is not None:
            return f"It gives {self.rows:,} rows."
        if self.names:
            return "It gives other columns."
        listed = ", ".join(repr(names[place]) for place in sorted(self.columns)[:3])
        return f"It gives other values of {listed}."


def reason(problem: BaseException) -> str:
    """The first line of what a library says, without the point at its end."""
    lines = [line.strip() for line in str(problem).splitlines() if line.strip()]
    return (lines or [type(problem).__name__])[0][:120].rstrip(".")


def run(code: str, names: Mapping[str, object]) -> tuple[object, dict[str, Any]]:
    """Run code that was written here; the value of its last line, and all variables."""
    scope: dict[str, Any] = {**names}
    tree = ast.parse(code)
    last = tree.body[-1] if tree.body else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if not isinstance(last, ast.Expr):
            exec(compile(tree, "cell", "exec"), scope)  # noqa: S102 - code of ours, with literals only
            return None, scope
        tree.body.pop()
        exec(compile(tree, "cell", "exec"), scope)  # noqa: S102 - as above
        return eval(compile(ast.Expression(last.value), "cell", "eval"), scope), scope  # noqa: S307 - as above


def loaded(code: str, dialect: Dialect, frame: str, location: str) -> Table:
    """The table that a loading cell binds to the variable; DuckDB opens nothing but its file."""
    if dialect not in ("duckdb", "sql"):
        return as_table(run(code, {})[1][frame])
    place = Path(location)
    fixed = patterns.fixed_part(place)
    files = [item.resolve() for item in _files(place, fixed)]
    connection = duck.caged([fixed.resolve()] if fixed.is_dir() else [], files)
    with duck.as_default(connection):
        if dialect == "sql":
            connection.execute(code)
            return as_table(connection.table(frame))
        return as_table(run(code, {})[1][frame])


def _files(place: Path, fixed: Path) -> Iterator[Path]:
    """The files that a path, a folder or a pattern leads to; a link may lead elsewhere."""
    if place.is_file():
        yield place
    elif fixed.is_dir():
        yield from (item for item in fixed.rglob("*") if item.is_symlink() and item.is_file())


def as_table(value: Any, *, has_row_names: bool = False) -> Table:
    """The columns of a table of any dialect; ``has_row_names``: rows of pandas may have been left out.

    Raises:
        RowNamesError: it has names of rows.
        ValueError: it is no table.
    """
    if isinstance(value, pl.LazyFrame):
        value = value.collect()
    if isinstance(value, pl.DataFrame):
        return Table(tuple(value.columns), tuple(value.iter_columns()))
    if isinstance(value, pa.Table):
        return Table(
            tuple(value.column_names),
            tuple(pl.Series(pl.from_arrow(column)) for column in value.columns),
        )
    if type(value).__module__.partition(".")[0] == "pandas":
        return _from_pandas(value.reset_index(drop=True) if has_row_names else value)
    reader = getattr(value, "to_arrow_table", None)
    if reader is None:
        raise ValueError(f"{type(value).__name__} is no table")
    return as_table(reader())


def _from_pandas(value: Any) -> Table:
    if value.index.names != [None] or list(value.index) != list(range(len(value))):
        raise RowNamesError("rows have names")
    columns = []
    for place in range(value.shape[1]):
        column = value.iloc[:, place]
        if str(column.dtype) == "category":
            column = column.astype(object).map(str, na_action="ignore")
        try:
            array = pa.Array.from_pandas(column)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            # Values of several kinds: each as JSON has it, so that "1", 1 and true stay three values.
            array = pa.array([_as_json(item) for item in column], pa.large_string())
        columns.append(pl.Series(pl.from_arrow(array)))
    return Table(tuple(map(str, value.columns)), tuple(columns))


def _as_json(item: object) -> str | None:
    """A Python object of pandas as JSON has it; what JSON has no kind for is its text."""
    if isinstance(item, np.generic):
        item = item.item()
    if item is None or item != item:
        return None
    return json.dumps(item, default=_as_text, ensure_ascii=False)


def _as_text(item: object) -> str:
    return item.isoformat() if isinstance(item, datetime | date | time) else str(item)


def compare(
    result: Table, expected: Table, types: Sequence[ColumnType], dialect: Dialect
) -> Difference:
    """How a result differs from what was read.

    Args:
        result: of the code.
        expected: what was read.
        types: of the columns; those of ``expected`` may be of a part of the data.
        dialect: some have no days, or no names that occur twice.
    """
    if len(result.names) != len(expected.names):
        return Difference(names=True)
    doubled = len(set(expected.names)) < len(expected.names)
    can_double = dialect in ("pandas", "pyarrow")
    names = result.names != expected.names and not (doubled and not can_double)
    if result.rows != expected.rows:
        return Difference(rows=result.rows, names=names)
    different = frozenset(
        place
        for place, (left, right) in enumerate(zip(result.columns, expected.columns, strict=True))
        if not _is_same(left, right, types[place], dialect)
    )
    return Difference(names=names, columns=different)


def _is_same(left: pl.Series, right: pl.Series, type: ColumnType, dialect: Dialect) -> bool:
    """Whether two columns hold the same values, of the kind that the profile says."""
    left, right = _present(left), _present(right)
    if left.null_count() != right.null_count() or (left.is_null() != right.is_null()).any():
        return False
    if left.null_count() == len(left):
        return True
    if not _is_kind(column_type(left.dtype), type, dialect):
        return False
    if not _is_kind(column_type(right.dtype), type, dialect):
        return True  # the part that was read looks otherwise than the whole
    left, right = left.drop_nulls(), right.drop_nulls()
    try:
        return _are_equal(left, right, type)
    except (pl.exceptions.PolarsError, TypeError, ValueError, OverflowError):
        return False


def _present(series: pl.Series) -> pl.Series:
    """What is not a number is missing; without the name, which polars may take for an expression."""
    series = series.alias("")
    return series.fill_nan(None) if series.dtype.is_float() else series


def _is_kind(kind: ColumnType, type: ColumnType, dialect: Dialect) -> bool:
    if kind == type or (kind in _TEXTS and type in _TEXTS):
        return True
    if dialect == "pandas" and kind in _TIMES and type in _TIMES:
        return True
    return type in ("mixed", "null", "nested", "binary")


def _are_equal(left: pl.Series, right: pl.Series, type: ColumnType) -> bool:
    if type in _TEXTS or type == "boolean":
        return bool((left.cast(pl.String) == right.cast(pl.String)).all())
    if type in _TIMES:
        return bool((_moments(left) == _moments(right)).all())
    if type in ("integer", "decimal") and not left.dtype.is_float():
        return bool((left.cast(pl.Decimal(38, 12)) == right.cast(pl.Decimal(38, 12))).all())
    if type in _EXACT:
        numbers, others = left.cast(pl.Float64), right.cast(pl.Float64)
        near = (numbers - others).abs() <= _CLOSE * others.abs()
        return bool((near | (numbers == others)).all())
    if type in ("time", "duration"):
        return bool((left.cast(pl.Int64) == right.cast(pl.Int64)).all())
    if type in ("mixed", "nested") and right.dtype == pl.String:
        return _are_equal_kinds(left, right)
    return True


def _are_equal_kinds(left: pl.Series, right: pl.Series) -> bool:
    """Whether values of several kinds, which were read as texts of JSON, are the same and of the same kinds."""
    if left.dtype == pl.String and (left == right).all():
        return True
    pairs = zip(left.to_list(), right.to_list(), strict=True)
    return all(
        own == other or _is_same_json(_parsed(own, None), _parsed(other, other))
        for own, other in pairs
    )


def _parsed(item: Any, otherwise: Any) -> Any:
    """A value of JSON from its text, or ``otherwise`` if it is none; what is no text is a value already."""
    if not isinstance(item, str):
        return item
    try:
        return json.loads(item, parse_float=Decimal)
    except ValueError:
        return otherwise


def _is_same_json(left: object, right: object) -> bool:
    """Whether values are equal and of the same kind; a key without a value is the same as no key."""
    if isinstance(left, dict) and isinstance(right, dict):
        keys = left.keys() | right.keys()
        return all(_is_same_json(left.get(key), right.get(key)) for key in keys)
    if isinstance(left, list | tuple) and isinstance(right, list | tuple):
        pairs = zip(left, right, strict=False)
        return len(left) == len(right) and all(_is_same_json(*pair) for pair in pairs)
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, _NUMBERS) and isinstance(right, _NUMBERS):
        return left == right or math.isclose(left, right, rel_tol=_CLOSE)
    if isinstance(left, datetime | date | time) and isinstance(right, str):
        return left.isoformat() == right
    return type(left) is type(right) and bool(left == right)


def _moments(series: pl.Series) -> pl.Series:
    """Points in time, those with a zone in UTC."""
    if isinstance(series.dtype, pl.Datetime) and series.dtype.time_zone:
        series = series.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return series.cast(_DAY)
