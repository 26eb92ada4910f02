"""A source, a run on it, and the checks that a run may be about."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Self
from uuid import uuid4

from pydantic import Field, StrictBool, model_validator

from orrery_engine.schemas.reading import ReaderOptions
from orrery_engine.schemas.vocabulary import (
    CheckCode,
    ColumnType,
    Nulls,
    RunId,
    Section,
    SourceKind,
    Stage,
    State,
    Task,
    Value,
)
from orrery_wire.errors import OrreryError
from orrery_wire.schemas import Shape

TABLE_CHECKS = frozenset({"row_count_between", "no_duplicates"})


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
    reading: ReaderOptions | None = Field(
        default=None,
        description="How a file of text or a sheet is read; without it, it is found out.",
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
        default=0.0, ge=0, le=1, strict=True, description="The share of rows that may break it."
    )
    why: str = Field(default="", max_length=1_000, description="What the profile showed.")

    @model_validator(mode="after")
    def _of_table_or_column(self) -> Check:
        if (self.code in TABLE_CHECKS) != (self.column is None):
            owner = "the whole table" if self.code in TABLE_CHECKS else "one column"
            raise ValueError(f"a check {self.code!r} is about {owner}")
        return self


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

    @classmethod
    def of(cls, problem: OrreryError) -> Self:
        """The failure that an exception is; without its details."""
        return cls.model_validate({name: getattr(problem, name) for name in cls.model_fields})


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

    @classmethod
    def of(
        cls, request: RunIn, *, by: str, state: State, project: str = "", waiting: int = 0
    ) -> Self:
        """A new run of what was asked for."""
        taken = {name: getattr(request, name) for name in RunIn.model_fields if name != "suite"}
        return cls(
            **taken,
            id=uuid4().hex,
            by=by,
            state=state,
            project=project,
            waiting=waiting,
            created=datetime.now(UTC),
        )
