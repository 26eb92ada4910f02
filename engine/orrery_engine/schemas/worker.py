"""What a worker is told, and what it says; these shapes never leave this machine."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from orrery_engine.schemas.columns import ColumnProfile
from orrery_engine.schemas.documents import Code, CodeJob
from orrery_engine.schemas.reading import ReaderOptions
from orrery_engine.schemas.results import CheckResults, Comparison, Overview
from orrery_engine.schemas.runs import Failure, Options, Suite
from orrery_engine.schemas.vocabulary import Stage, Task
from orrery_wire.schemas import Shape


class ResolvedSource(Shape):
    """How the worker reaches a source; it never leaves this machine and is never kept."""

    reader: Literal["files", "table", "arrow"]
    location: str = Field(description="An absolute path, an address, a glob, or an SQLAlchemy URL.")
    format: Literal["parquet", "csv", "json", "arrow", "excel", "database"]
    table: str = ""
    sheet: str = ""
    reading: ReaderOptions = Field(default_factory=ReaderOptions)
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
    task: Task | Literal["code"]
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
    code: CodeJob | None = None
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
        "code",
        "report",
        "log",
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
    code: Code | None = None
    path: str = Field(
        default="", description="`report`: the file that holds it, in the scratch folder."
    )
    error: Failure | None = None
    text: str = Field(
        default="", description="`log`: what a library says, for those who run the lab."
    )
