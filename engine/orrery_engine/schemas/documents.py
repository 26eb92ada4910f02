"""What is written from a result: code, reports and checks."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from orrery_engine.schemas.columns import ColumnProfile
from orrery_engine.schemas.results import Alert
from orrery_engine.schemas.runs import SourceIn, Suite
from orrery_engine.schemas.vocabulary import ChecksFormat, Dialect, FrameName, Statistic, Value
from orrery_wire.schemas import Shape


class CodeIn(Shape):
    """What to write code for."""

    what: Literal["load", "column", "value", "statistic", "fix"]
    column: int | None = Field(default=None, ge=0)
    value: Value = None
    statistic: Statistic | None = None
    alert: str = Field(default="", max_length=200, description="`fix`: the alert's id.")
    fix: int = Field(default=0, ge=0, description="`fix`: which of its quick fixes, from 0.")
    dialect: Dialect = "pandas"
    frame: FrameName = Field(default="df", description="The variable that holds the table.")
    folder: str | None = Field(
        default=None,
        max_length=4_096,
        description="The notebook's folder below the lab's root; files are named by their way from there.",
    )


class Code(Shape):
    """Code for a cell."""

    code: str


class CodeJob(Shape):
    """Code that a worker writes, and runs on the data before it is offered."""

    request: CodeIn
    source: SourceIn
    location: str = Field(
        default="", description="Where the kernel finds the source, if not where it says."
    )
    columns: tuple[ColumnProfile, ...] = ()
    alerts: tuple[Alert, ...] = ()


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
