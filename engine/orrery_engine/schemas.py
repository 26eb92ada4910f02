"""Every shape of a profile that crosses a border: to the browser, to a kernel, and to the worker process."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StrictBool, StringConstraints

from orrery_wire.schemas import Shape

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
    "empty",
    "drift",
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

RunId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
# A whole number beyond 2**53, a decimal, a time and a text are strings; inf and nan never stand here.
Value = str | int | float | bool | None


class SourceIn(Shape):
    """What to profile."""

    kind: SourceKind
    location: str = Field(
        min_length=1,
        max_length=4_000,
        description="`file`: a path below the folder that the lab shows. `lake`: a path in the project's lake."
        " `url`: an object-store address, a prefix or a glob. `table`: an SQLAlchemy address whose secrets"
        " are `${NAME}` of the environment. `frame`: the id of a handover.",
    )
    table: str = Field(
        default="", max_length=400, description="`table`: its name, with its schema."
    )
    sheet: str = Field(
        default="", max_length=200, description="Excel: the sheet; the first if empty."
    )
    name: str = Field(default="", max_length=400, description="What a person calls it.")


class Options(Shape):
    """How to profile."""

    sections: tuple[Section, ...] = Field(
        default=("preliminary", "univariate", "bivariate", "multivariate", "text"),
        min_length=1,
        max_length=5,
    )
    nulls: Nulls = Field(
        default="skip",
        description="What stands for a missing value in the relations between columns: nothing, the"
        " column's mean, its most frequent value, or a line between its neighbours.",
    )
    target: str | None = Field(
        default=None, max_length=5_000, description="The column to be predicted."
    )
    seconds: float = Field(
        default=120.0, gt=0, le=86_400, description="Budget of time; sampled if it demands that."
    )
    sample: int | None = Field(
        default=None, ge=1, description="Look at so many rows at random, however large the source."
    )
    cluster: StrictBool = Field(
        default=False,
        description="`report`: by Spark as the environment describes it, for tables no machine holds.",
    )


class Check(Shape):
    """One promise that data can keep or break."""

    code: CheckCode
    column: str | None = Field(default=None, max_length=5_000)
    type: ColumnType | None = None
    minimum: Value = None
    maximum: Value = None
    values: tuple[Value, ...] = Field(default=(), max_length=1_000)
    pattern: str = Field(default="", max_length=2_000)
    allowed: float = Field(
        default=0.0, ge=0, le=1, description="The share of rows that may break it."
    )
    why: str = Field(default="", max_length=1_000, description="What the profile showed.")


class Suite(Shape):
    """Checks that belong together."""

    name: str = Field(default="checks", max_length=400)
    checks: tuple[Check, ...] = Field(max_length=20_000)


class RunIn(Shape):
    """A run to start."""

    task: Task = "profile"
    source: SourceIn
    against: SourceIn | None = Field(
        default=None,
        description="`comparison`: the older or reference side, as it is now; without it, what `parent` kept.",
    )
    suite: Suite | None = Field(default=None, description="`checks`: what to check.")
    parent: RunId | None = Field(
        default=None,
        description="The profile that a `report` or `checks` come from, or that a `comparison` compares with.",
    )
    newer: RunId | None = Field(
        default=None,
        description="`comparison` with what `parent` kept: the profile whose kept values are the newer side; without"
        " it, `source` is read.",
    )
    options: Options = Field(default_factory=Options)


class Failure(Shape):
    """Why a run did not end well: the body of an error."""

    code: str
    message: str
    reason: str = ""
    remedy: str = ""


class Sampling(Shape):
    """That only a part was looked at, and what that means."""

    rows: int = Field(ge=0, description="Rows looked at.")
    of: int | None = Field(default=None, ge=0, description="Rows in all; unknown if none.")
    why: str
    margin: float = Field(
        ge=0, description="95 % margin of a share of one half, as a share: 0.01 is one point."
    )


class Timing(Shape):
    """How long a stage took."""

    stage: Stage
    seconds: float = Field(ge=0)


class Run(Shape):
    """A run and how it is; its result is asked for by itself."""

    id: RunId
    task: Task
    source: SourceIn
    against: SourceIn | None = None
    options: Options
    parent: str | None = None
    newer: str | None = None
    project: str = ""
    by: str
    state: State
    stage: Stage = "reading"
    progress: float = Field(default=0.0, ge=0, le=1)
    revision: int = Field(default=0, ge=0, description="Grows whenever there is more to see.")
    waiting: int = Field(default=0, ge=0, description="How many are before it in the queue.")
    created: datetime
    finished: datetime | None = None
    rows: int | None = None
    columns: int | None = None
    alerts: int = 0
    failing: int | None = Field(default=None, description="`checks`: how many were broken.")
    bytes: int = Field(default=0, ge=0, description="What is kept of it on disk.")
    peak: int = Field(default=0, ge=0, description="The worker's largest resident memory in bytes.")
    timings: tuple[Timing, ...] = ()
    sampling: Sampling | None = None
    error: Failure | None = None


class Quantile(Shape):
    """A value below which a share of the values lies."""

    share: float = Field(ge=0, le=1)
    value: Value


class Top(Shape):
    """A frequent value."""

    value: Value
    count: int = Field(ge=0)


class Histogram(Shape):
    """Equal bins; a value on an edge belongs to the bin on its right, the last edge to the last bin."""

    edges: tuple[float, ...] = Field(
        description="One more than counts; seconds since 1970 for times."
    )
    counts: tuple[int, ...]
    whole: bool = Field(
        default=False,
        description="Every bin is of as many whole numbers, and its edges lie half a step beside them.",
    )


class TextProfile(Shape):
    """How the texts of a column look."""

    shortest: int
    longest: int
    mean_length: float
    lengths: Histogram | None = None
    blank: int = Field(description="Empty, or nothing but white space.")
    mean_words: float = 0.0
    words: tuple[Top, ...] = Field(default=(), description="The most frequent words.")
    patterns: tuple[Top, ...] = Field(
        default=(),
        description="The most frequent forms: A a letter in capitals, a a small one, 9 a digit.",
    )
    looks_like: str = Field(
        default="",
        description="email, url, uuid, ip_address, phone, credit_card, iban, postcode, person_name, json, date, number, or nothing.",
    )
    looks_like_share: float = 0.0


class TimeProfile(Shape):
    """How the times of a column lie."""

    granularity: str = Field(description="second, minute, hour, day, month, or year.")
    zone: str = ""
    typical_step: float | None = Field(default=None, description="Median distance in seconds.")
    gaps: int = Field(default=0, description="Distances of over three typical ones.")
    largest_gap: float | None = Field(default=None, description="Seconds.")
    weekdays: tuple[int, ...] = Field(default=(), description="Rows from Monday to Sunday.")
    hours: tuple[int, ...] = Field(default=(), description="Rows of each hour of the day.")
    future: int = 0


class Outliers(Shape):
    """Values beyond Tukey's fences, 1.5 interquartile ranges from the quartiles."""

    low: int
    high: int
    fence_low: float
    fence_high: float


class ColumnProfile(Shape):
    """All that is known of a column, so far."""

    index: int = Field(ge=0, description="Its place; names may occur twice.")
    name: str
    type: ColumnType
    dtype: str = Field(description="The source's own word for its type.")
    stage: Stage = "summary"
    count: int = Field(default=0, ge=0, description="Rows looked at.")
    missing: int = Field(default=0, ge=0, description="Nulls and not-a-numbers.")
    nan: int = Field(default=0, ge=0, description="Not-a-numbers among the missing.")
    infinite: int = Field(default=0, ge=0)
    distinct: int | None = Field(
        default=None, ge=0, description="Different values, without missing."
    )
    distinct_error: float = Field(
        default=0.0, ge=0, description="Relative standard error; 0 is an exact count."
    )
    singles: int | None = Field(default=None, description="Values that occur once.")
    zeros: int = 0
    negatives: int = 0
    trues: int | None = None
    minimum: Value = None
    maximum: Value = None
    total: float | None = None
    mean: float | None = Field(
        default=None, description="Of the finite values, as all that follow."
    )
    std: float | None = Field(default=None, description="Sample standard deviation, divisor n - 1.")
    skewness: float | None = Field(default=None, description="Adjusted Fisher-Pearson, as pandas.")
    kurtosis: float | None = Field(default=None, description="Excess, adjusted, as pandas.")
    quantiles: tuple[Quantile, ...] = Field(
        default=(), description="Linear between neighbours, as pandas."
    )
    quantile_error: float = Field(default=0.0, ge=0, description="In rank; 0 is exact.")
    histogram: Histogram | None = None
    top: tuple[Top, ...] = ()
    monotonic: Literal["", "increasing", "decreasing"] = ""
    outliers: Outliers | None = None
    text: TextProfile | None = None
    time: TimeProfile | None = None
    association: float | None = Field(default=None, description="With the target, 0 to 1.")
    note: str = Field(default="", description="Why something is not told.")


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
    """Two numeric columns against each other, counted in a grid; row by row from the lowest y."""

    a: int
    b: int
    x_edges: tuple[float, ...]
    y_edges: tuple[float, ...]
    counts: tuple[tuple[int, ...], ...]


class Alert(Shape):
    """Something that the person should know before he uses the data."""

    id: str = Field(
        description="`<code>:<index>[-<index>]`; the same in every run on the same data."
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
    notes: tuple[str, ...] = Field(default=(), description="What was left out, and why.")


class Drift(Shape):
    """What became of a column from the reference to the source."""

    name: str
    change: Literal["same", "drifted", "added", "removed", "type"]
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


class CodeIn(Shape):
    """What to write code for."""

    what: Literal["load", "column", "value", "statistic", "fix"]
    column: int | None = Field(default=None, ge=0)
    value: Value = None
    statistic: Statistic | None = None
    alert: str = Field(default="", max_length=200, description="`fix`: the alert's id.")
    fix: int = Field(default=0, ge=0, description="`fix`: which of its quick fixes, from 0.")
    dialect: Dialect = "pandas"
    frame: str = Field(
        default="df",
        pattern=r"^[^\W\d]\w{0,127}$",
        description="The variable that holds the table.",
    )


class Code(Shape):
    """Code for a cell."""

    code: str


class Report(Shape):
    """A report to keep, or to show in a frame that may not run scripts of ours."""

    name: str = Field(description="A file name for it.")
    type: str = Field(description="Its media type.")
    content: str
    scripts: bool = Field(
        default=False, description="It needs scripts of its own: the full report does."
    )


class Checks(Shape):
    """Checks, and the same as code or a file."""

    suite: Suite
    format: ChecksFormat
    name: str
    content: str


class ResolvedSource(Shape):
    """How the worker reaches a source; it never leaves this machine and is never kept."""

    reader: Literal["files", "table", "arrow"]
    location: str = Field(description="An absolute path, an address, a glob, or an SQLAlchemy URL.")
    format: Literal["parquet", "csv", "json", "arrow", "excel", "database"]
    table: str = ""
    sheet: str = ""
    name: str = ""
    options: dict[str, str] = Field(default_factory=dict, description="For the file system.")
    secrets: tuple[str, ...] = Field(
        default=(), description="What must be taken out of every message about it."
    )


class ProfileSnapshot(Shape):
    """A profile that was kept, as one side of a comparison."""

    name: str
    rows: int | None = None
    columns: tuple[ColumnProfile, ...]


class Job(Shape):
    """What the worker is told to do."""

    id: str
    task: Task
    source: ResolvedSource | None = None
    against: ResolvedSource | None = None
    before_profile: str = Field(
        default="", description="The file with the profile to compare with, in the scratch folder."
    )
    after_profile: str = Field(
        default="",
        description="The file with the profile that is compared with it, if no source is.",
    )
    suite: Suite | None = None
    options: Options = Field(default_factory=Options)
    memory: int = Field(description="Bytes that the process may hold.")
    scratch: str = Field(description="A private folder for what does not fit.")


class WorkerEvent(Shape):
    """What the worker says, one line of JSON each."""

    event: Literal[
        "stage",
        "progress",
        "overview",
        "columns",
        "comparison",
        "checks",
        "report",
        "done",
        "failed",
    ]
    stage: Stage | None = None
    progress: float | None = None
    overview: Overview | None = None
    side: Literal["source", "against"] = "source"
    columns: tuple[ColumnProfile, ...] = ()
    comparison: Comparison | None = None
    checks: CheckResults | None = None
    path: str = Field(
        default="", description="`report`: the file that holds it, in the scratch folder."
    )
    error: Failure | None = None
