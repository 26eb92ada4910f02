"""The result of a run: an overview with its alerts, a comparison, or the results of checks."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from orrery_engine.schemas.reading import ReaderOptions
from orrery_engine.schemas.runs import Check, Run, Sampling
from orrery_engine.schemas.vocabulary import (
    AlertCode,
    ColumnType,
    DriftMeasure,
    Level,
    Measure,
    Value,
)
from orrery_wire.schemas import Shape


class Association(Shape):
    """How much two columns tell of each other."""

    a: int
    b: int
    measure: Measure
    value: float = Field(ge=-1, le=1)
    rows: int


class MissingPattern(Shape):
    """Columns that are missing together, and in how many rows exactly these are."""

    columns: tuple[int, ...]
    rows: int


class Duplicates(Shape):
    """Rows that repeat an earlier one."""

    rows: int
    examples: tuple[tuple[Value, ...], ...] = ()
    error: float = Field(default=0.0, description="Relative standard error; 0 is an exact count.")


class Group(Shape):
    """A part of the rows, and the target there."""

    label: str
    rows: int
    share: float | None = Field(default=None, description="Of the target's rarest or true value.")
    mean: float | None = Field(default=None, description="Of a numeric target.")


class TargetEffect(Shape):
    """How the target moves with a column."""

    column: int
    measure: Measure
    value: float
    groups: tuple[Group, ...] = ()


class Scatter(Shape):
    """Two numeric columns against each other, counted in a grid; row by row from the lowest y.

    Edges of times are seconds since 1970, those of durations seconds.
    """

    a: int
    b: int
    x_edges: tuple[float, ...]
    y_edges: tuple[float, ...]
    counts: tuple[tuple[int, ...], ...]


class Alert(Shape):
    """Something that the person should know before he uses the data."""

    id: str = Field(
        description="`<code>:<index>[-<index>]`, or `<code>:<level>` of many columns that share an alert; the same in every"
        " run on the same data."
    )
    code: AlertCode
    level: Level
    columns: tuple[int, ...]
    names: tuple[str, ...]
    message: str
    evidence: str
    value: float | None = Field(default=None, description="What it is ranked by, mostly a share.")
    fixes: tuple[str, ...] = Field(
        default=(), description="Labels of its quick fixes, the best first."
    )


class Overview(Shape):
    """The table as a whole, without its columns."""

    rows: int | None = None
    columns: int = 0
    bytes: int | None = Field(
        default=None, description="In memory or on disk, as the source counts."
    )
    missing: int | None = None
    duplicates: Duplicates | None = None
    sampling: Sampling | None = None
    head: tuple[tuple[Value, ...], ...] = Field(default=(), description="The first rows.")
    names: tuple[str, ...] = Field(default=(), description="The columns of `head`.")
    associations: tuple[Association, ...] = ()
    scatters: tuple[Scatter, ...] = ()
    patterns: tuple[MissingPattern, ...] = ()
    target: int | None = None
    effects: tuple[TargetEffect, ...] = ()
    alerts: tuple[Alert, ...] = ()
    notes: tuple[str, ...] = Field(
        default=(), description="What was assumed or left out in reading, and why."
    )
    reading: ReaderOptions | None = Field(
        default=None,
        description="How the source was read, chosen or found out; files of text and sheets only.",
    )
    sheet: str = Field(default="", description="Excel: the sheet that was read.")


class Drift(Shape):
    """What became of a column from the reference to the source."""

    name: str
    change: Literal["same", "drifted", "added", "removed", "type", "unread"] = Field(
        description="`unread`: one side could not be read, so whether it changed is not known."
    )
    level: Level
    type_before: ColumnType | None = None
    type_after: ColumnType | None = None
    measure: DriftMeasure = "none"
    value: float | None = None
    missing_before: float | None = None
    missing_after: float | None = None
    mean_before: float | None = None
    mean_after: float | None = None
    distinct_before: int | None = None
    distinct_after: int | None = None
    edges: tuple[float, ...] = Field(default=(), description="Of both histograms.")
    whole: bool = Field(default=False, description="As for a histogram.")
    labels: tuple[str, ...] = Field(default=(), description="Of both counts, if not numbers.")
    before: tuple[int, ...] = ()
    after: tuple[int, ...] = ()
    fresh: tuple[str, ...] = Field(
        default=(), description="Some values that were not there before."
    )
    note: str = ""


class Comparison(Shape):
    """Two tables side by side; `before` is the reference."""

    rows_before: int | None = None
    rows_after: int | None = None
    drifts: tuple[Drift, ...] = ()
    shared_rows: int | None = Field(
        default=None, description="Rows of the source that are in the reference as they are."
    )
    alerts: tuple[Alert, ...] = ()


class CheckResult(Shape):
    """What became of a check."""

    check: Check
    passed: bool
    broken: int = Field(default=0, ge=0, description="Rows that break it.")
    rows: int = Field(default=0, ge=0)
    examples: tuple[Value, ...] = ()
    message: str


class CheckResults(Shape):
    """What became of a suite."""

    name: str
    rows: int | None = None
    results: tuple[CheckResult, ...] = ()


class Result(Shape):
    """What a run has found, so far; columns come in pages."""

    run: Run
    overview: Overview | None = None
    comparison: Comparison | None = None
    checks: CheckResults | None = None
