"""Shapes that only the lab's server exchanges: queries of lists, handovers of dataframes, documents."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from orrery_engine.schemas import (
    ChecksFormat,
    ColumnType,
    Dialect,
    FrameName,
    ReportFormat,
    Run,
    RunId,
    SourceIn,
    SourceKind,
    State,
    Suite,
    Task,
)
from orrery_wire.schemas import Page, PageQuery, Shape


class Source(SourceIn):
    """Something that can be profiled, or was."""

    size: int | None = Field(default=None, ge=0, description="Bytes.")
    changed: datetime | None = None
    profiled: datetime | None = Field(default=None, description="When it was profiled last.")
    by: str = Field(default="", description="Who profiled it last.")
    run: str | None = Field(default=None, description="The newest run on it that is done.")


class SourceQuery(PageQuery):
    """Which sources, which page."""

    q: str = Field(default="", max_length=400)
    kind: SourceKind | None = None


class HandoverIn(Shape):
    """A table of a kernel that is about to be written to a file for the worker."""

    name: str = Field(min_length=1, max_length=400, description="The variable's name.")
    dialect: Dialect = "pandas"
    rows: int = Field(ge=0, strict=True)
    bytes: int = Field(ge=0, strict=True, description="About how large it is in memory.")


class Handover(Shape):
    """Where the kernel writes an Arrow IPC file; only the person's own processes can reach it."""

    id: RunId
    path: str


class RunQuery(PageQuery):
    """Which runs, newest first, which page."""

    q: str = Field(default="", max_length=400)
    task: Task | None = None
    state: State | None = None


class WatchQuery(Shape):
    """Wait for news of a run: answered when there is some, or when the time is over."""

    after: int = Field(default=-1, ge=-1, description="The revision that is known.")
    wait: float = Field(default=0.0, ge=0, le=25, description="Seconds.")
    lean: bool = Field(
        default=False, description="Leave out of the answer what has not changed since `after`."
    )


class ColumnQuery(PageQuery):
    """Which columns of a result, which page."""

    q: str = Field(default="", max_length=400, description="Part of the name.")
    index: tuple[int, ...] = Field(
        default=(), max_length=200, description="Only the columns at these places of the table."
    )
    type: ColumnType | None = None
    alerts: bool = Field(default=False, description="Only columns with alerts.")
    side: Literal["source", "against"] = "source"
    sort: Literal["position", "name", "missing", "association"] = "position"


class LoadIn(Shape):
    """A source to write loading code for, whether it was profiled or not."""

    source: SourceIn
    dialect: Dialect = "pandas"
    frame: FrameName = Field(default="df", description="The variable that is to hold the table.")
    folder: str | None = Field(
        default=None,
        max_length=4_096,
        description="The notebook's folder below the lab's root; files are named by their way from there.",
    )


class ReportQuery(Shape):
    """The format of a report, and whether it is brief."""

    format: ReportFormat = "html"
    brief: bool = Field(
        default=False, description="Only what fits into a notebook's output, without a style sheet."
    )


class ChecksQuery(Shape):
    """As what to write the checks that a profile suggests."""

    format: ChecksFormat = "json"


class RenderIn(Shape):
    """A suite to write as code."""

    suite: Suite
    format: ChecksFormat = "pandera"
    table: str = Field(default="data", max_length=400)
    database: Literal["duckdb", "sqlite", "postgresql"] = Field(
        default="duckdb", description="`sql`: whose words to use."
    )


RunPage = Page[Run]
