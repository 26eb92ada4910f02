"""Words that fields of the shapes take."""

from __future__ import annotations

import keyword
from typing import Annotated, Literal

from pydantic import AfterValidator, StringConstraints

SourceKind = Literal["file", "frame", "lake", "table", "url"]

State = Literal["queued", "running", "done", "cancelled", "failed"]

Stage = Literal["reading", "summary", "relations", "checks", "report", "finished"]

Task = Literal["profile", "comparison", "checks", "report"]

Section = Literal["preliminary", "univariate", "bivariate", "multivariate", "text"]

Nulls = Literal["skip", "mean", "mode", "interpolate"]

Level = Literal["info", "warning", "serious"]

ColumnType = Literal[
    "boolean",
    "integer",
    "float",
    "decimal",
    "text",
    "category",
    "datetime",
    "date",
    "time",
    "duration",
    "binary",
    "nested",
    "null",
    "mixed",
]

Measure = Literal["pearson", "spearman", "cramers_v", "correlation_ratio"]

DriftMeasure = Literal["population_stability", "jensen_shannon", "none"]

AlertCode = Literal[
    "missing",
    "all_missing",
    "constant",
    "high_cardinality",
    "unique",
    "skewed",
    "zeros",
    "infinite",
    "outliers",
    "imbalance",
    "duplicates",
    "correlated",
    "mixed_types",
    "leakage",
    "train_test_skew",
    "personal_data",
    "join_key",
    "blank",
    "placeholder",
    "spelling",
    "unread",
    "empty",
    "drift",
    "row_count",
    "schema_change",
]

CheckCode = Literal[
    "column_exists",
    "type",
    "not_null",
    "unique",
    "between",
    "in_set",
    "matches",
    "length_between",
    "row_count_between",
    "no_duplicates",
]

ReportFormat = Literal["html", "json", "markdown"]

ChecksFormat = Literal["pandera", "sql", "great_expectations", "json"]

Dialect = Literal["pandas", "polars", "pyarrow", "duckdb", "spark", "sql"]

Statistic = Literal[
    "missing",
    "distinct",
    "mean",
    "std",
    "min",
    "max",
    "quantiles",
    "histogram",
    "top",
    "outliers",
    "skewness",
    "duplicates",
    "associations",
]


def _is_variable(name: str) -> str:
    """The name, if Python takes it for a variable."""
    if keyword.iskeyword(name) or not name.isidentifier():
        raise ValueError(
            f"{name!r} cannot name a variable: it is a word or a sign of Python's own; choose another"
        )
    return name


FrameName = Annotated[
    str, StringConstraints(pattern=r"^[^\W\d]\w{0,127}$"), AfterValidator(_is_variable)
]
RunId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]

# A whole number beyond 2**53, a decimal, a time and a text are strings; inf and nan never stand here.
Value = str | int | float | bool | None
