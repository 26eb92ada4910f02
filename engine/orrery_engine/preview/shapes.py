"""What is asked of a preview, and what it answers."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field, StrictBool

from orrery_engine.schemas.reading import ReaderOptions
from orrery_engine.schemas.vocabulary import ColumnType, Value
from orrery_wire.schemas import Shape

PreviewFormat = Literal[
    "parquet",
    "csv",
    "json",
    "arrow",
    "orc",
    "avro",
    "excel",
    "delta",
    "iceberg",
    "parts",
    "table",
    "text",
    "notebook",
    "image",
    "pdf",
    "binary",
]
FilterOperator = Literal[
    "eq", "ne", "lt", "le", "gt", "ge", "contains", "begins", "in", "null", "not_null"
]
CountKind = Literal["exact", "estimate", "unknown"]
Encoding = Literal["cells", "arrow"]

MAX_ROWS = 10_000
MAX_COLUMNS = 1_000
MAX_CELLS = 400_000


class SortKey(Shape):
    """A column that rows are ordered by."""

    column: int = Field(ge=0, description="Its place among the columns of the source, from 0.")
    is_descending: StrictBool = False


class Filter(Shape):
    """What the value of a column has to be."""

    column: int = Field(ge=0, description="Its place among the columns of the source, from 0.")
    operator: FilterOperator
    value: Value = Field(default=None, description="Compared as the column's type; text for `in`.")
    values: tuple[Value, ...] = Field(
        default=(), max_length=1_000, description="`in`: any of these."
    )


class WindowRequest(Shape):
    """Which rows and columns of a source are shown, and how they are read."""

    format: PreviewFormat | None = Field(
        default=None, description="How the source is read; without it, its content and name say."
    )
    offset: int = Field(default=0, ge=0, le=10**12)
    limit: int = Field(default=100, ge=0, le=MAX_ROWS)
    first_column: int = Field(default=0, ge=0)
    column_count: int = Field(default=200, ge=1, le=MAX_COLUMNS)
    sort: tuple[SortKey, ...] = Field(default=(), max_length=8)
    filters: tuple[Filter, ...] = Field(default=(), max_length=32)
    reading: ReaderOptions | None = None
    sheet: str = Field(default="", max_length=200)
    snapshot: str = Field(
        default="", max_length=40, description="Of a Delta or Iceberg table; the current if empty."
    )
    etag: str = Field(
        default="", max_length=200, description="The content has to be this one still."
    )
    statistics: StrictBool = Field(
        default=False, description="Compute statistics of the columns from the rows that are read."
    )


class ColumnStatistics(Shape):
    """What is known of the values of a column.

    Attributes:
        rows: of how many rows.
        is_whole: whether these are all rows of the source.
    """

    rows: int
    is_whole: bool
    nulls: int | None = None
    distinct: int | None = None
    min: Value = None
    max: Value = None
    mean: float | None = None
    counts: tuple[int, ...] = Field(
        default=(), description="A histogram of numbers or times: values per bin, of equal width."
    )


class PreviewColumn(Shape):
    """A column of what is shown."""

    index: int
    name: str
    type: str = Field(description="The source's own word for its type.")
    kind: ColumnType
    is_guessed: bool = Field(
        default=False, description="Whether the kind is that of the first rows only, as in text."
    )
    statistics: ColumnStatistics | None = None


class Snapshot(Shape):
    """A state of a Delta or Iceberg table."""

    id: str
    at: datetime | None = None
    operation: str = ""
    rows: int | None = None
    changes_schema: bool = False


class Cell(Shape):
    """A cell of a notebook, as text."""

    kind: Literal["code", "markdown", "raw"]
    source: str
    output: str = ""


class Transfer(Shape):
    """What was read of the store for an answer."""

    bytes: int = 0
    requests: int = 0
    round_trips: int = 0
    seconds: float = 0.0


class Preview(Shape):
    """A window of a source, or the content of what is no table."""

    format: PreviewFormat
    columns: tuple[PreviewColumn, ...] = ()
    column_count: int = Field(default=0, description="Of the source.")
    rows: tuple[tuple[Value, ...], ...] = ()
    row_count: int = Field(default=0, description="Of this window; also where rows come as Arrow.")
    offset: int = 0
    has_more: bool = False
    total: int | None = None
    total_kind: CountKind = "unknown"
    searched: int | None = Field(
        default=None, description="How many rows a filter or an order looked at; of all if none."
    )
    is_whole: bool = Field(
        default=True, description="Whether what a filter or an order looked at are all rows."
    )
    cut_cells: int = Field(default=0, description="How many values are shown cut.")
    notes: tuple[str, ...] = ()
    reading: ReaderOptions | None = None
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    snapshot: str = ""
    snapshots: tuple[Snapshot, ...] = ()
    schema_changed: bool = Field(
        default=False,
        description="Whether the columns are others than those of the first snapshot.",
    )
    partitions: tuple[str, ...] = ()
    text: str = ""
    cells: tuple[Cell, ...] = ()
    media: str = ""
    width: int | None = None
    height: int | None = None
    size: int | None = None
    etag: str = ""
    modified: datetime | None = None
    transfer: Transfer = Transfer()


def label(preview: Preview) -> str:
    """What part of the source is shown, in words."""
    count = preview.row_count
    if not preview.columns:
        return ""
    begin = preview.offset + 1
    rows = f"rows {begin:,} to {preview.offset + count:,}" if preview.offset else f"first {count:,}"
    if not count:
        rows = "no rows"
    if preview.searched is not None and not preview.is_whole:
        return f"{rows} of those that match among the first {preview.searched:,} rows"
    matching = " that match" if preview.searched is not None else ""
    if preview.total is None:
        return rows if preview.has_more else f"all {preview.offset + count:,} rows{matching}"
    if preview.total_kind == "exact" and not preview.offset and count == preview.total:
        return f"all {count:,} rows{matching}"
    about = "about " if preview.total_kind == "estimate" else ""
    return f"{rows} of {about}{preview.total:,} rows{matching}"
