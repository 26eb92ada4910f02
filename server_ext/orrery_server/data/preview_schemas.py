"""Shapes of previews and of statements."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StrictBool, StringConstraints

from orrery_engine.preview.shapes import PreviewColumn, WindowRequest
from orrery_engine.schemas.vocabulary import Value
from orrery_server.data.schemas import LocationId, Path, Problem
from orrery_wire.schemas import Shape

QueryState = Literal["running", "done", "failed", "cancelled"]
QueryId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
# A statement over files of stores names no database.
QueryLocation = Annotated[str, StringConstraints(pattern=r"^(|connection-[1-9][0-9]{0,8})$")]
Statement = Annotated[str, StringConstraints(min_length=1, max_length=200_000)]


class PreviewIn(Shape):
    """What is shown, and which rows and columns of it."""

    location: LocationId
    path: Path = ""
    is_folder: StrictBool = Field(default=False, description="Whether the table is a folder.")
    window: WindowRequest = WindowRequest()


class QueryIn(Shape):
    """A statement to run: over a database, or by DuckDB over files (`lake://`, `files://`, `store://connection/`)."""

    location: QueryLocation = ""
    statement: Statement
    parameters: dict[str, Value] = Field(
        default={}, max_length=100, description="Values of `:name` in the statement."
    )
    max_rows: int = Field(default=10_000, ge=1, le=1_000_000)
    seconds: float = Field(default=60.0, gt=0, le=3_600)
    max_bytes: int = Field(
        default=2 * 2**30, ge=1, le=2**42, description="That it may read of stores."
    )


class Query(Shape):
    """A statement that ran or runs."""

    id: QueryId
    location: QueryLocation
    statement: str
    state: QueryState
    started: datetime
    seconds: float
    row_count: int = 0
    is_cut: bool = Field(
        default=False, description="Whether there are more rows than were fetched."
    )
    has_rows: bool = Field(default=False, description="Whether the rows can be had still.")
    columns: tuple[PreviewColumn, ...] = ()
    scanned_bytes: int = 0
    notes: tuple[str, ...] = ()
    problem: Problem | None = None


class Queries(Shape):
    """The statements of this server since it started, the last first."""

    items: tuple[Query, ...]


class QueryWaitQuery(Shape):
    """How long an answer may wait for the end of a statement."""

    wait: float = Field(default=0.0, ge=0, le=30)


class QueryRowsQuery(Shape):
    """Which rows of a result."""

    offset: int = Field(default=0, ge=0, le=1_000_000)
    limit: int = Field(default=200, ge=1, le=5_000)


class QueryRows(Shape):
    """Rows of a result."""

    rows: tuple[tuple[Value, ...], ...]
    offset: int
    total: int


class StatementIn(Shape):
    """A text of SQL, and for which database."""

    location: QueryLocation = ""
    statement: Statement


class StatementText(Shape):
    """A text of SQL, its statements, and the names of its parameters."""

    text: str
    statements: tuple[str, ...]
    parameters: tuple[str, ...]


class Estimate(Shape):
    """What a statement would read of stores, at most."""

    bytes: int | None = Field(description="Null for a database, which does not say.")
    files: int = 0
    text: str
